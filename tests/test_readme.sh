#!/bin/sh
# The README's first examples print what it says, but for times. PACKBENCH names the program; from the root of the checkout.
. tests/support/checks.sh

# What the README shows under a command, up to the end of the block.
shown() {
    awk -v command="\$ build/packbench $1" '$0 == command { on = 1; next } /^```/ { on = 0 } on' README.md
}

# Times follow the plant's smallest change, and the machine; the rest is said.
timeless() { sed -e '/ times real time$/d' -e 's/[0-9.]* s simulated)$/T s simulated)/' -e 's/triggered at .* s$/triggered at T s/'; }

# The same program, data and scenarios under the README's names.
for name in model bms_core scenarios; do ln -s "$PWD/$name" "$tmp/$name"; done
mkdir -p "$tmp/build" "$tmp/mine"
ln -s "$(realpath "$bench")" "$tmp/build/packbench"
export PACKBENCH_ROOT="$PWD"

good=scenarios/jk48v100pro/overcharge-of-one-cell-stops-charging-only.json
grep -q -F "sed '/\"steps\"/i \"parameters\": { \"cell_ov.trip_mV\": \"3.75 V\" },'" README.md
check 'the README still says how to make the failing scenario' $?
sed '/"steps"/i "parameters": { "cell_ov.trip_mV": "3.75 V" },' "$good" >"$tmp/mine/trip-too-high.json"

example() { # command line, exit code
    shown "$1" | timeless >"$tmp/wanted"
    # shellcheck disable=SC2086 # words
    (cd "$tmp" && build/packbench $1) >"$tmp/out"
    [ $? -eq "$2" ]
    check "$1 gives $2" $?
    [ -s "$tmp/wanted" ] && timeless <"$tmp/out" | diff "$tmp/wanted" -
    check "the README shows what $1 prints" $?
}
example "run $good" 0
example 'run mine/trip-too-high.json' 1

# Every folder and file that it links is there.
missing=$(grep -o '](\([^):#]*\)' README.md | sed 's/](//' | while read -r path; do [ -e "$path" ] || echo "$path"; done)
[ -z "$missing" ]
check "links lead somewhere: $missing" $?

summary
