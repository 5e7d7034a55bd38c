#!/bin/sh
# The posix firmware on a pty gives the same commands at the same virtual times as the core in this process: one case of
# each scenario of a cover (each step, fault and signal once), and the same verdicts with the same measured values: those of
# windows that end between two calls of the firmware too. All cases of all scenarios: make same-all.
set -u
bench=${PACKBENCH:-build/packbench}
firmware=$(dirname "$bench")/bms_posix
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# shellcheck disable=SC2046 # paths without blanks
cover() { "$bench" run $(scripts/covering-third --brief scenarios) tests/data/wires --first --commands --trace off "$@" >"$tmp/log" || { tail -n 20 "$tmp/log"; exit 1; }; }
cover --out "$tmp/core"
cover --out "$tmp/posix" --target "exec:$firmware"
grep '^target' "$tmp/log"
if ! diff "$tmp/core/results.jsonl" "$tmp/posix/results.jsonl" >"$tmp/verdicts"; then
    echo 'other verdicts or measured values:'
    head -n 4 "$tmp/verdicts"
    exit 1
fi
scripts/same-commands "$tmp/core" "$tmp/posix"
