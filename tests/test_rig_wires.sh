#!/bin/sh
# Three wires against the core in this process: the Cortex-M firmware behind real 16550 ports and libserialport (emulated
# microcontrollers on this side, their UARTs led to ports of the virtual machine in which the bench runs), the posix firmware on
# SocketCAN with CAN FD, and with classic frames. The same commands at the same virtual times, bit for bit, also while each wire
# loses, doubles, delays, damages or babbles; and an error of the rig when it is stuck. A few short cases; with
# PACKBENCH_RIGS=required the covering set (every stimulus, fault and message; that every field of the command moves is
# seen by tests/test_same.sh), of which nothing is skipped.
# Skips where there is no such machine, unless PACKBENCH_RIGS=required.
. tests/support/checks.sh
needs_rig can-vm cortex-m
work=$tmp
emulators=
# shellcheck disable=SC2086 # several
at_end() { [ -z "$emulators" ] || kill $emulators 2>/dev/null; }

# ---- what is compared, and what the core commands
if [ "${PACKBENCH_RIGS-}" = required ]; then
    scripts/covering-set --cases scenarios tests/data/wires >"$work/cases" || exit 1
else
    for name in third-overcurrent-in-a-row-locks-until-a-charger-comes brown-out-during-a-short-keeps-the-output-safe \
        silent-front-end-stops-both-directions; do
        echo "scenarios/jk48v100pro/$name.json:1"
    done >"$work/cases"
    echo scenarios/bali48/host-has-address-1.json:1 >>"$work/cases" # two packs
fi
mkdir -p "$work/good/bad-wire" "$work/stuck"
# The reference has no fault: the same cases without it.
sed 's/, "fault": {.*} }/ }/' tests/data/bad-wire/faults.json >"$work/good/bad-wire/faults.json"
sed -e 's/"fault": {.*} }/"fault": { "kind": "wire stuck" } }/' tests/data/bad-wire/faults.json >"$work/stuck/faults.json"
# shellcheck disable=SC2046 # paths without blanks
"$bench" run $(cat "$work/cases") "$work/good" --commands --trace off --out "$work/core" >"$work/core.txt" 2>&1
same 'the core passes' 0 $?

# ---- the wires
cat >"$work/guest" <<'GUEST'
bench=$1 work=$2 firmware=$(dirname "$1")/bms_posix
# wire NAME TARGET
wire() {
    # shellcheck disable=SC2046 # paths without blanks
    "$bench" run $(cat "$work/cases") --commands --trace off --out "$work/$1" --target "$2" >"$work/$1.txt" 2>&1
    echo $? >"$work/$1.status"
    "$bench" run tests/data/bad-wire --commands --trace off --out "$work/$1-bad" --target "$2" >"$work/$1-bad.txt" 2>&1
    echo $? >"$work/$1-bad.status"
    "$bench" run "$work/stuck/faults.json:1" --target "$2" >"$work/$1-stuck.txt" 2>&1
    echo $? >"$work/$1-stuck.status"
}
# nodes: two firmwares on the bus
nodes() {
    for node in 5 6; do "$firmware" --can "vcan0:$node" & done
    while [ "$(grep -c vcan0 /proc/net/can/rcvlist_err)" -lt 2 ]; do sleep 0.1; done
}
wire 16550 serial:/dev/ttyS3@115200,/dev/ttyS4@115200
"$bench" doctor serial >"$work/doctor.txt"
nodes
wire can-fd can:vcan0:5,vcan0:6
# A firmware that is asked in FD frames answers so: new ones.
ip link set vcan0 down
while [ -s /proc/net/can/rcvlist_err ] && grep -q vcan0 /proc/net/can/rcvlist_err; do sleep 0.1; done
ip link set vcan0 mtu 16 && ip link set vcan0 up
nodes
wire can-classic can:vcan0:5,vcan0:6
GUEST
for port in 3 4; do
    scripts/firmware-qemu --socket "$work/uart$port" "$image" </dev/null &
    emulators="$emulators $!"
    until [ -S "$work/uart$port" ]; do kill -0 $! || exit 1; sleep 0.1; done
done
scripts/can-vm --limit 1500 --serial "unix:$work/uart3" --serial "unix:$work/uart4" sh "$work/guest" "$bench" "$work"
same 'the guest' 0 $?

# ---- what came of it
# compare NAME: the commands of one run with the core's
compare() {
    same "$1: exit status" 0 "$(cat "$work/$1.status")"
    grep -E '^(ERR|FAIL|skip|\?\?\?\?)' "$work/$1.txt" | head -n 20
    grep -E '^(target|on the line|on the bus)|simulated in' "$work/$1.txt" | sed "s/^/$1: /"
    scripts/same-commands "$work/$1" "$work/core" >"$work/same.txt"
    same "$1: the same commands at the same times" 0 $?
    sed "s/^/$1: /" "$work/same.txt"
    counts=$(tail -n 1 "$work/same.txt")
    passed=$((passed + ${counts%% *}))
    same "$1: cases that were skipped" 0 "$(grep -c '^skip' "$work/$1.txt")"
}
for wire in 16550 can-fd can-classic; do
    compare "$wire"
    same "$wire: all cases were compared" "$(wc -l <"$work/cases")" "${counts%% *}"
    compare "$wire-bad"
    same "$wire: all faults of the wire were compared" "$(grep -c '"case":' tests/data/bad-wire/faults.json)" "${counts%% *}"
    same "$wire: faults of the wire are noticed" 1 "$(grep -c '^on the line: ' "$work/$wire-bad.txt")"
    same "$wire: a line that is stuck is an error of the rig" 3 "$(cat "$work/$wire-stuck.status")"
    same "$wire: it says so" 'has not answered' "$(grep -o -m 1 'has not answered' "$work/$wire-stuck.txt")"
    same "$wire: and fails nothing" 0 "$(grep -c '^FAIL' "$work/$wire-stuck.txt")"
done
same 'doctor finds the ports' 4 "$(grep -cE 'ok +/dev/ttyS[1234]' "$work/doctor.txt")"

if [ "${PACKBENCH_RIGS-}" = required ]; then
    for wire in 16550 can-fd can-classic; do
        messages=$(grep '"messages"' "$work/$wire/run.json")
        echo "$wire: $messages"
        same "$wire: kinds of messages that were sent, of 9" 9 "$(echo "$messages" | grep -oE '": [1-9]' | wc -l)"
    done
fi

summary
