#!/bin/sh
# The virtual machine with SocketCAN and serial ports: what goes in comes out, and nothing stays behind.
# Skips where there is no QEMU or no kernel, unless PACKBENCH_RIGS=required.
. tests/support/checks.sh
needs_rig can-vm
command -v cansend >/dev/null || skip 'skipped: no can-utils here: scripts/setup --rigs'
vm=scripts/can-vm
work=$tmp

cat >"$work/guest" <<'GUEST'
echo "folder $PWD"
echo "words $#: $1, $2, $3"
echo 'this is stderr' >&2
candump -L -n 2 vcan0 >"$4/can" &
dump=$!
while ! grep -q vcan0 /proc/net/can/rcvlist_all; do sleep 0.1; done
cansend vcan0 123#1122
cansend vcan0 124##1AABBCC
wait "$dump"
sed 's/.*vcan0/can/; s/##5/##1/' "$4/can" # newer kernels set the flag FDF themselves
stty -F /dev/ttyS1 raw -echo 115200 && stty -F /dev/ttyS2 raw -echo 115200
head -c 300 /dev/ttyS2 >"$4/serial" &
reader=$!
sleep 0.3
seq 100 174 >/dev/ttyS1
wait "$reader"
echo "serial $(cksum <"$4/serial")"
i=0
while [ "$i" -lt 2000 ]; do echo "line $i"; i=$((i + 1)); done
exit 7
GUEST
"$vm" --limit 300 sh "$work/guest" 'two words' "it's" '$HOME' "$work" >"$work/out" 2>"$work/err"
same 'exit status' 7 $?
same 'the folder is the same' "folder $PWD" "$(sed -n 1p "$work/out")"
# shellcheck disable=SC2016 # unexpanded is the point
same 'arguments arrive as they are' "words 4: two words, it's, \$HOME" "$(sed -n 2p "$work/out")"
same 'a CAN frame' 'can 123#1122' "$(sed -n 3p "$work/out")"
same 'a CAN FD frame' 'can 124##1AABBCC' "$(sed -n 4p "$work/out")"
same 'the null modem' "serial $(seq 100 174 | cksum)" "$(sed -n 5p "$work/out")"
same 'all output' 'line 1999' "$(tail -n 1 "$work/out")"
same 'stderr stays apart' 'this is stderr' "$(cat "$work/err")"

"$vm" --limit 2 true >"$work/out" 2>"$work/err"
same 'a run over its limit' 124 $?

# The machine dies with the script, even if that has no chance to say so.
sh -c 'echo $$ >"$1"; exec "$2" --limit 60 sleep 50' - "$work/pid" "$vm" >/dev/null 2>&1 &
job=$!
# script -> timeout -> QEMU
until [ -s "$work/pid" ]; do sleep 0.1; done
until machine=$(pgrep -P "$(pgrep -x timeout -P "$(cat "$work/pid")")" -f '^qemu' 2>/dev/null); do
    kill -0 "$job" 2>/dev/null || break
    sleep 0.2
done
kill -9 "$(cat "$work/pid")"
wait "$job" 2>/dev/null
tries=0
while kill -0 "${machine:-0}" 2>/dev/null && [ "$tries" -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
same 'no machine outlives its script' 'gone' "$(kill -0 "${machine:-0}" 2>/dev/null && echo 'still there' || echo 'gone')"

summary
