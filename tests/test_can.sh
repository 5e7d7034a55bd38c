#!/bin/sh
# The bench link over SocketCAN, in the virtual machine that has it: the posix firmware on vcan gives the same commands at
# the same times as the core in this process, with CAN FD and with classic frames; two benches on one node, a firmware that
# goes, an interface that is down. And through a real 16550 port with libserialport.
# Skips where there is no such machine, unless PACKBENCH_RIGS=required.
set -u
bench=${PACKBENCH:-build/packbench}
vm=scripts/can-vm
skip() { echo "$1"; [ "${PACKBENCH_RIGS-}" = required ] && exit 1; exit 77; }
[ "${PACKBENCH_RIGS-}" != no ] || skip "PACKBENCH_RIGS=no: not asked for"
ready=$("$vm" --check 2>&1) || skip "$ready"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
# Everything that is on the wire, in scenarios that are short: the machine is emulated.
suite='scenarios/jk48v100pro/third-overcurrent-in-a-row-locks-until-a-charger-comes.json
    scenarios/jk48v100pro/brown-out-during-a-short-keeps-the-output-safe.json
    scenarios/jk48v100pro/silent-front-end-stops-both-directions.json scenarios/jk48v100pro/short-circuit-time-is-a-parameter.json'
# shellcheck disable=SC2086 # paths without blanks
"$bench" run $suite --first --commands --out "$tmp/core" >"$tmp/log" || { cat "$tmp/log"; exit 1; }

cat >"$tmp/guest" <<'GUEST'
# shellcheck disable=SC2086,SC2317
bench=$1 tmp=$2 firmware=$(dirname "$1")/bms_posix
shift 2
passed=0 failed=0
ok() { passed=$((passed + 1)); }
no() { failed=$((failed + 1)); echo "FAILED: $*"; }
# code WANTED SENTENCE COMMAND...
code() {
    wanted=$1 sentence=$2
    shift 2
    "$@" >"$tmp/out" 2>"$tmp/err"
    got=$?
    if [ "$got" -eq "$wanted" ]; then ok; else no "$sentence: exit $got, not $wanted"; tail -n 5 "$tmp/out" "$tmp/err"; fi
}
says() { if grep -q -e "$2" "$tmp/$1"; then ok; else no "$1 does not say '$2'"; tail -n 5 "$tmp/$1"; fi; }
# of the cases that ran there
same() { if scripts/same-commands "$tmp/$1" "$tmp/core" >"$tmp/same"; then ok; else no "$1: other commands"; cat "$tmp/same"; fi; }

"$firmware" --can vcan0:5 &
one=$!
code 0 'the firmware on CAN FD' "$bench" run "$@" --first --commands --out "$tmp/fd" --target can:vcan0:5
grep '^target' "$tmp/out"
same fd
code 3 'no firmware at that node' "$bench" run "$1" --first --target can:vcan0:6
says out 'has not answered'
"$bench" run scenarios/jk48v100pro/state-of-charge-holds-against-a-drift-of-the-shunt.json --target can:vcan0:5 >"$tmp/long" 2>&1 &
long=$!
sleep 2
code 3 'a second bench on one node' "$bench" run "$1" --first --target can:vcan0:5
says out 'another bench talks to this node'
wait "$long"
"$bench" run scenarios/jk48v100pro/state-of-charge-holds-against-a-drift-of-the-shunt.json --target can:vcan0:5 >"$tmp/out" 2>&1 &
long=$!
sleep 2
kill -9 "$one"
wait "$long"
[ $? -eq 3 ] && ok || no 'a firmware that is killed is no rig error'
says out 'has not answered'

ip link set vcan0 down && ip link set vcan0 mtu 16 && ip link set vcan0 up
"$firmware" --can vcan0 &
code 0 'the firmware on classic CAN' "$bench" run "$1" "$3" --first --commands --out "$tmp/classic" --target can:vcan0
grep '^target' "$tmp/out"
same classic
ip link set vcan0 down
code 3 'an interface that is down' "$bench" run "$1" --first --target can:vcan0
says out 'the interface is down'
code 3 'no such interface' "$bench" run "$1" --first --target can:can7
says out 'there is no such CAN interface'

"$firmware" --serial /dev/ttyS2@115200 &
sleep 0.2
code 0 'the firmware on a 16550 port' "$bench" run "$1" "$2" --first --commands --out "$tmp/serial" --target serial:/dev/ttyS1@115200
grep '^target' "$tmp/out"
same serial
echo "$passed passed, $failed failed"
GUEST
# shellcheck disable=SC2086
"$vm" --limit 900 sh "$tmp/guest" "$bench" "$tmp" $suite
