#!/bin/sh
# The posix firmware on a pty gives the same commands at the same virtual times as the core in this process, and the same verdicts
# with the same measured values, those of windows that end between two calls of the firmware too: the first case of each
# scenario of a cover (each key, fault and signal once), and the cases that are compared on every wire (tests/test_rig_wires.sh).
# All cases of all scenarios: make same-all.
. tests/support/checks.sh

# run NAME ARGUMENT...
run() {
    name=$1
    shift
    "$bench" run "$@" --commands --trace off --out "$tmp/$name" >"$tmp/$name.txt" || { tail -n 20 "$tmp/$name.txt"; exit 1; }
}
# compare ARGUMENT...
compare() {
    rm -rf "$tmp/core" "$tmp/posix"
    run core "$@"
    run posix "$@" --target "exec:$firmware"
    grep '^target' "$tmp/posix.txt"
    if diff "$tmp/core/results.jsonl" "$tmp/posix/results.jsonl" >"$tmp/verdicts"; then
        ok
    else
        no 'other verdicts or measured values:'
        head -n 4 "$tmp/verdicts"
    fi
    scripts/same-commands "$tmp/core" "$tmp/posix" >"$tmp/same.txt"
    cat "$tmp/same.txt"
    counts=$(tail -n 1 "$tmp/same.txt")
    passed=$((passed + ${counts%% *}))
    counts=${counts#*, }
    failed=$((failed + ${counts%% *}))
}
# shellcheck disable=SC2046 # paths without blanks
compare $(scripts/covering-set scenarios) --first
# shellcheck disable=SC2046
compare $(scripts/covering-set --cases scenarios tests/data/wires) tests/data/wires

# Those cases move every field of the command, but for one that no firmware here moves.
sed -n '/define BMS_COMMAND_FIELDS/,/^$/s/^ *[SA]([a-z0-9_]*, *\([a-zA-Z_]*\),.*/\1/p' bms_core/bms_io.h | sort >"$tmp/fields"
cut -d, -f3- "$tmp"/posix/cases/*/commands.csv | tr ' ' '\n' | cut -d= -f1 | cut -d'[' -f1 | sort -u >"$tmp/moved"
same 'fields of the command that never moved' precharge "$(comm -23 "$tmp/fields" "$tmp/moved" | paste -sd' ')"

summary
