#!/bin/sh
# The bench link over SocketCAN, in the virtual machine that has it: the posix firmware on vcan gives the same commands at
# the same times as the core in this process, with CAN FD and with classic frames; two benches on one node, a firmware that
# goes, an interface that is down, bus-off and restart, nodes that babble, frames that are dropped. And through a real 16550 port with libserialport.
# Skips where there is no such machine, unless PACKBENCH_RIGS=required.
. tests/support/checks.sh
needs_rig can-vm
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
sockets() { grep -c raw /proc/net/can/rcvlist_err; }
# opens COMMAND...: starts it and waits until it has its socket; number in $long
opens() {
    before=$(sockets)
    "$@" >"$tmp/out" 2>&1 &
    long=$!
    i=0
    while [ "$(sockets)" -le "$before" ] && [ "$i" -lt 300 ]; do sleep 0.1; i=$((i + 1)); done
}
# of the cases that ran there
same() { if scripts/same-commands "$tmp/$1" "$tmp/core" >"$tmp/same"; then ok; else no "$1: other commands"; cat "$tmp/same"; fi; }

"$firmware" --can vcan0:5 &
one=$!
code 0 'the firmware on CAN FD' "$bench" run "$@" --first --commands --out "$tmp/fd" --target can:vcan0:5
grep -e '^target' -e '^on the bus' "$tmp/out"
says out '^on the bus: [1-9][0-9]* frames of ours seen there, 0 dropped .*time stamps: kernel'
says fd/run.json '"time_stamps": "kernel"'
same fd
code 3 'no firmware at that node' "$bench" run "$1" --first --target can:vcan0:6
says out 'has not answered'
"$bench" run scenarios/jk48v100pro/state-of-charge-holds-against-a-drift-of-the-shunt.json --target can:vcan0:5 >"$tmp/long" 2>&1 &
long=$!
sleep 2
code 3 'a second bench on one node' "$bench" run "$1" --first --target can:vcan0:5
says out 'another bench talks to this node'
wait "$long"

# ---- what the controller says, in error frames as a driver would give them
long_run() { opens "$bench" run scenarios/jk48v100pro/state-of-charge-holds-against-a-drift-of-the-shunt.json --target can:vcan0:5; }
ended() { # ended WANTED SENTENCE
    wait "$long"
    got=$?
    if [ "$got" -eq "$1" ]; then ok; else no "$2: exit $got, not $1"; tail -n 5 "$tmp/out"; fi
    if grep -q '^FAIL' "$tmp/out"; then no "$2 fails a requirement"; else ok; fi
}
long_run
cansend vcan0 20000040#0000000000000000 # bus-off
ended 3 'bus-off'
says out 'bus-off: too many errors on the bus'
code 0 'after the bus-off the next run works' "$bench" run "$2" --first --target can:vcan0:5
opens "$bench" run "$2" --first --commands --out "$tmp/restarted" --target can:vcan0:5
cansend vcan0 20000100#0000000000000000 # restarted
cansend vcan0 20000004#0010000000000000 # error-passive
ended 0 'a controller that restarts'
says out '1 restarts of the controller'
says out '^on the line: .* 2 line errors'
same restarted

# ---- a node that babbles: with identifiers of its own, with the firmware's, with the bench's
cangen vcan0 -g 2 -I 050 -L 8 &
babble=$!
code 0 'a node that babbles' "$bench" run "$2" --first --commands --out "$tmp/babble" --target can:vcan0:5
same babble
kill "$babble" || no "a babbling node fell silent"
cangen vcan0 -g 40 -I 145 -L r -D r &
babble=$!
"$bench" run "$2" --first --commands --out "$tmp/mixed" --target can:vcan0:5 >"$tmp/out" 2>&1
case $? in
0) ok; same mixed ;;
3) ok; says out 'has not answered' ;;
*) no 'a node that babbles as the firmware is no failed requirement'; tail -n 5 "$tmp/out" ;;
esac
grep '^on the line' "$tmp/out"
kill "$babble" || no "a babbling node fell silent"
cangen vcan0 -g 40 -I 105 -L r -D r &
babble=$!
code 3 'a node that babbles as the bench' "$bench" run "$2" --first --target can:vcan0:5
says out 'another bench talks to this node'
kill "$babble" || no "a babbling node fell silent"

# ---- more frames than there is room for are counted: the bench stands still meanwhile
kill "$one" 2>/dev/null # it may have seen that something answers in its place, and gone
opens "$firmware" --can vcan0:5
one=$long
opens "$bench" run "$2" --first --commands --out "$tmp/flood" --target can:vcan0:5
kill -STOP "$long"
python3 - <<'PYTHON'
import socket, struct
s = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
s.bind(("vcan0",))
for _ in range(5000):  # warnings of a controller: they are for everyone
    s.send(struct.pack("=IB3x8s", 0x20000004, 8, bytes([0, 4, 0, 0, 0, 0, 0, 0])))
PYTHON
kill -CONT "$long"
ended 0 'a flood of error frames'
same flood
says out '^on the bus: .*, [1-9][0-9]* dropped by the kernel'
grep '^on the bus' "$tmp/out"

# ---- the heartbeat of a paced bench: at its pace, an end that is said, and what a firmware does when it stops
kill "$one"
"$firmware" --can vcan0:5 2>"$tmp/firmware" &
one=$!
paced() { "$bench" run tests/data/bench/passes.json --pace "$1" --target can:vcan0:5 >"$tmp/out" 2>&1; }
# firmware_says WORDS: within 6 s
firmware_says() {
    i=0
    while ! grep -q "$1" "$tmp/firmware" && [ "$i" -lt 60 ]; do sleep 0.1; i=$((i + 1)); done
    if [ "$i" -lt 60 ]; then ok; else no "the firmware does not say '$1'"; fi
}
candump -L vcan0,705:7FF >"$tmp/beats" &
dump=$!
paced 2
case $? in 0 | 3) ok ;; *) no 'a paced run on CAN'; cat "$tmp/out" ;; esac
sleep 1
kill "$dump"
if tail -n 1 "$tmp/beats" | grep -q '705#00'; then ok; else no 'the heartbeat has no end'; tail -n 2 "$tmp/beats"; fi
# Times of the kernel, which sends them: 100 ms, on the average of all but the last.
if sed '$d; s/^(\([0-9.]*\)).*705#01$/\1/' "$tmp/beats" | awk 'NR == 1 { first = $1 } { last = $1 } END { mean = NR > 10 ? (last - first) / (NR - 1) : 0; \
    print NR, "heartbeats, each", mean, "s"; exit !(mean > 0.05 && mean < 0.15) }'; then ok; else no 'the pace of the heartbeat'; head -n 20 "$tmp/beats"; fi
[ ! -s "$tmp/firmware" ] && ok || { no 'a bench that is done was taken for dead'; cat "$tmp/firmware"; }
# beating: a paced run, once its heartbeat is on the bus
beating() {
    candump -L -n 3 vcan0,705:7FF >"$tmp/beats" &
    dump=$!
    "$bench" run tests/data/bench/passes.json --pace 1 --target can:vcan0:5 >"$tmp/out" 2>&1 &
    long=$!
    wait "$dump"
    sleep 1
}
beating
kill -9 "$long"
firmware_says 'no heartbeat of the bench for 500 ms: all gates open'
: >"$tmp/firmware"
beating
kill -STOP "$long"
firmware_says 'all gates open'
kill -CONT "$long"
ended 3 'a bench that slept'
says out 'gave this bench up for dead'

long_run
kill -9 "$one"
ended 3 'a firmware that is killed'
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
scripts/can-vm --limit 1500 sh "$tmp/guest" "$bench" "$tmp" $suite
