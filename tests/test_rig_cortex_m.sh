#!/bin/sh
# The Cortex-M firmware in its emulated microcontroller gives the commands of the core in this process, bit for bit, at the
# same virtual times; and the emulator leaves nothing behind. One case each of a few scenarios; with
# PACKBENCH_RIGS=required of the covering set (each stimulus, fault and message), and nothing may be skipped.
. tests/support/checks.sh
needs_rig cortex-m
work=$tmp
qemu="scripts/firmware-qemu $image"

# ---- commands
cases='scenarios/jk48v100pro/short-circuit-opens-within-300-us.json:1 scenarios/jk48v100pro/two-packs-apart-even-out-in-peace.json:1
    scenarios/jk48v100pro/brown-out-during-a-short-keeps-the-output-safe.json:1'
[ "${PACKBENCH_RIGS-}" != required ] || cases=$(scripts/covering-set --cases scenarios tests/data/wires) || exit 1
# shellcheck disable=SC2086 # paths without blanks
run() { "$bench" run $cases --jobs 2 --commands --trace off --out "$work/$1" --target "$2" >"$work/$1.txt" 2>&1; }
run core core
same 'the core passes' 0 $?
run cortex "exec:$qemu"
status=$?
same 'the firmware passes' 0 "$status"
[ "$status" -eq 0 ] || grep -v '^pass' "$work/cortex.txt" | head -n 20
tail -n 2 "$work/cortex.txt"
scripts/same-commands "$work/core" "$work/cortex" >"$work/same.txt"
same 'the same commands at the same times' 0 $?
cat "$work/same.txt"
counts=$(tail -n 1 "$work/same.txt")
passed=$((passed + ${counts%% *}))

# ---- the firmware dies in a run: a rig error, no failed requirement, and soon
"$bench" run scenarios/jk48v100pro/balancing-evens-out-a-spread.json --target "exec:sh -c 'echo \$\$ >$work/pid; exec $qemu'" \
    >"$work/dead.txt" 2>&1 &
run=$!
until [ -s "$work/pid" ]; do sleep 0.05; done
sleep 1
kill -9 "$(cat "$work/pid")"
wait "$run"
same 'the exit status when the firmware is killed' 3 $?
same 'failed requirements then' 0 "$(grep -c '^ *fail:' "$work/dead.txt")"

# ---- the firmware lives as long as its pty, not as long as the thread that started it
cat >"$work/thread.py" <<'PYTHON'
import os, pty, subprocess, sys, threading, time
master, slave = pty.openpty()
started = []
def start():
    started.append(subprocess.Popen(["setsid", "-c", *sys.argv[1:]], stdin=slave, stdout=slave))
    time.sleep(1)  # the thread ends when the emulator runs
thread = threading.Thread(target=start)
thread.start()
thread.join()
time.sleep(2)
print("outlives its thread" if started[0].poll() is None else "ended with its thread")
os.close(slave)
os.close(master)
try:
    started[0].wait(5)
    print("ends with its pty")
except subprocess.TimeoutExpired:
    started[0].kill()
    print("outlives its pty")
PYTHON
# shellcheck disable=SC2086
same 'the end of the firmware' 'outlives its thread, ends with its pty' \
    "$(python3 "$work/thread.py" $qemu 2>/dev/null | paste -sd, | sed 's/,/, /')"

# ---- nothing stays behind
sh -c 'echo $$ >"$1"; scripts/firmware-qemu --socket "$2" "$3" & echo $! >"$4"; sleep 60 & wait' - "$work/shell" "$work/uart" "$image" "$work/pid" \
    >/dev/null 2>&1 &
until [ -S "$work/uart" ]; do sleep 0.1; done
kill -9 "$(cat "$work/shell")"
wait
tries=0
while kill -0 "$(cat "$work/pid")" 2>/dev/null && [ "$tries" -lt 30 ]; do tries=$((tries + 1)); sleep 0.1; done
same 'an emulator whose parent was killed' gone "$(kill -0 "$(cat "$work/pid")" 2>/dev/null && echo there || echo gone)"

scripts/firmware-qemu --pty "$image" >"$work/pty" &
script=$!
until [ -s "$work/pty" ]; do sleep 0.1; done
"$bench" run scenarios/jk48v100pro/short-circuit-opens-within-300-us.json --quiet --target "serial:$(cat "$work/pty")" >"$work/pty.txt" 2>&1
same 'a run over the pty that firmware-qemu names' 0 $?
machine=$(pgrep -P "$script" -f '^qemu')
kill "$script"
wait "$script"
same 'firmware-qemu when told to end' 143 $?
same 'its emulator then' gone "$(kill -0 "$machine" 2>/dev/null && echo there || echo gone)"

summary
