#!/bin/sh
# The Cortex-M firmware behind a real 16550 port and libserialport: an emulated microcontroller on this side, its UART led
# to the port of the virtual machine in which the bench runs. The commands are those of the core in this process, bit for
# bit, at the same virtual times. Skips where there is no such machine, unless PACKBENCH_RIGS=required.
set -u
bench=${PACKBENCH:-build/packbench}
build=$(dirname "$bench")
# A skip is a failure where the rigs are insisted on.
skip() { echo "$1"; [ "${PACKBENCH_RIGS-}" = required ] && exit 1; exit 77; }
[ "${PACKBENCH_RIGS-}" != no ] || skip "PACKBENCH_RIGS=no: not asked for"
ready=$(scripts/can-vm --check 2>&1) || skip "$ready"
command -v qemu-system-arm >/dev/null || skip 'skipped: no qemu-system-arm here: scripts/setup --rigs'
[ -f "$build/bms_cortex_m.elf" ] || skip "skipped: no $build/bms_cortex_m.elf here: scripts/setup --rigs, then make"

work=$(mktemp -d) || exit 1
emulator=
finish() {
    [ -z "$emulator" ] || kill "$emulator" 2>/dev/null
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 143' INT TERM
passed=0 failed=0

# same WHAT WANTED GOT
same() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "$1: expected '$2', got '$3'"
    fi
}

# Short scenarios, which have all that is on the wire: an exchange takes 10 ms and more there.
set_of_files='scenarios/jk48v100pro/third-overcurrent-in-a-row-locks-until-a-charger-comes.json
    scenarios/jk48v100pro/brown-out-during-a-short-keeps-the-output-safe.json
    scenarios/jk48v100pro/silent-front-end-stops-both-directions.json'
# shellcheck disable=SC2086 # paths without blanks
"$bench" run $set_of_files --first --commands --out "$work/core" >"$work/core.txt" 2>&1
same 'the core passes' 0 $?

cat >"$work/guest" <<'GUEST'
bench=$1 work=$2
shift 2
"$bench" run "$@" --first --commands --out "$work/cortex" --target serial:/dev/ttyS3@115200 >"$work/cortex.txt" 2>&1
echo $? >"$work/cortex.status"
"$bench" doctor serial >"$work/doctor.txt"
GUEST
scripts/firmware-qemu --socket "$work/uart" "$build/bms_cortex_m.elf" </dev/null &
emulator=$!
until [ -S "$work/uart" ]; do kill -0 "$emulator" || exit 1; sleep 0.1; done
# shellcheck disable=SC2086
scripts/can-vm --limit 400 --serial "unix:$work/uart" sh "$work/guest" "$bench" "$work" $set_of_files
same 'the guest' 0 $?

same 'exit status of the run' 0 "$(cat "$work/cortex.status")"
grep -E '^(ERR|FAIL|on the line|target)' "$work/cortex.txt" | head -n 20
scripts/same-commands "$work/core" "$work/cortex" >"$work/same.txt"
same 'the same commands at the same times' 0 $?
cat "$work/same.txt"
counts=$(tail -n 1 "$work/same.txt")
passed=$((passed + ${counts%% *}))
same 'doctor finds the ports' 3 "$(grep -cE 'ok +/dev/ttyS[123]' "$work/doctor.txt")"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
