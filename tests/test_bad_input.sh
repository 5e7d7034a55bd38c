#!/bin/sh
# What a user can get wrong, through the program: files, quantities, scenarios that cannot end or cannot fail, options. Each
# is answered with its exit code and a message that says where (file:line:col: path) and, where there is one, a hint; never with
# a crash and never with a pass. PACKBENCH names the program; from the root of the checkout. Interruption, folders that cannot
# be written and full disks of `run` are in test_run.sh.
. tests/support/checks.sh
here=$PWD
case $bench in /*) ;; *) bench=$here/$bench ;; esac
cd "$tmp" || exit 1 # messages name the files as they were given
export PACKBENCH_ROOT="$here"

# wants CODE WORDS COMMAND...: exit code, and what stdout or stderr must say (a fixed string; "" nothing to look for)
wants() {
    code=$1 says=$2
    shift 2
    timeout 60 "$@" >out 2>err </dev/null
    got=$?
    if [ "$got" -eq "$code" ] && { [ -z "$says" ] || cat out err | grep -q -F -e "$says"; }; then
        ok
    else
        no "$*: exit $got (wanted $code), wanted: $says"
        head -n 4 err
    fi
}

# scenario WHERE KEYS EXPECTATIONS [STEPS]: one of the shipped pack, line 2 the keys, line 3 the steps, line 4 the expectations
scenario() {
    printf '{ "title": "a test", "pack": "jk48v100pro", "bms": "jk48v100pro",\n%s\n  "steps": [ %s ],\n  "expect": [ %s ] }\n' \
        "${2:+  $2,}" "${4:-{ \"at\": \"1 s\", \"label\": \"on\" \}, { \"after\": \"10 s\", \"label\": \"end\" \}}" "$3" >"$1"
}
sound='{ "always": "discharge.allowed is true" }'

# refused WORDS KEYS EXPECTATIONS [STEPS]: check gives 2 and says so; run does too, before anything ran
refused() {
    words=$1
    shift
    scenario x.json "$@"
    wants 2 "$words" "$bench" check x.json
    wants 2 "$words" "$bench" run x.json --out never
    [ ! -e never/results.jsonl ] || no "results of what was refused: $words"
}

# ---- files
scenario good.json '' "$sound"
wants 0 'good.json: ok, 1 case' "$bench" check good.json
for command in check run explain list; do
    wants 2 'missing.json: error: No such file or directory' "$bench" $command missing.json
done
: >empty.json
wants 2 'good.json: error: there is no case 2, it has 1' "$bench" run good.json:2
for number in 0 x 1x 99999999999999999999 ''; do
    wants 2 'hint: what follows the colon is the number of a case, from 1' "$bench" run "good.json:$number"
done
wants 2 'hint: only a file has numbered cases: this is a folder' "$bench" run .:1
wants 2 'missing.json:1: error: No such file or directory' "$bench" run missing.json:1
wants 2 'empty.json:1:1: error: the file is empty' "$bench" check empty.json
printf ' \n\n' >blank.json
wants 2 'error: the file is empty' "$bench" check blank.json
{ head -c 40 good.json; printf '\000\001\377'; } >binary.json
wants 2 'binary.json:1:41: error: a NUL byte: not a JSON text' "$bench" check binary.json
wants 2 'hint: is this a binary file?' "$bench" check binary.json
wants 2 'error: ' "$bench" check "$bench"
head -c 120 good.json >truncated.json
wants 2 'truncated.json:3:' "$bench" check truncated.json
head -c 15 good.json >string.json
wants 2 'string.json:1:12: error: the string never ends' "$bench" check string.json
wants 2 'hint: a closing quote (") is missing on this line' "$bench" check string.json
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "[" }' >deep.json
wants 2 'deep.json:1:65: error: nested deeper than 64 levels' "$bench" check deep.json
awk 'BEGIN { for (i = 0; i < 5000; i++) printf "{\"title\":" }' >deeper.json
wants 2 'error: nested deeper than 64 levels' "$bench" check deeper.json
{ printf '{ "title": "'; head -c 5000000 /dev/zero | tr '\000' x; printf '" }'; } >huge.json
wants 2 'huge.json: error: larger than 4 MiB' "$bench" check huge.json
wants 2 '/dev/zero: error: larger than 4 MiB' "$bench" check /dev/zero
printf '\377\376{\000}\000' >utf16.json
wants 2 'utf16.json: error: the file is UTF-16' "$bench" check utf16.json
printf '{ "title": "\344" }' >latin.json
wants 2 'latin.json:1:13: error: byte 0xE4 is not UTF-8' "$bench" check latin.json
{ cat good.json; echo '{}'; } >twice.json
wants 2 'twice.json:5:1: error: text after the end' "$bench" check twice.json
echo '[]' >array.json
wants 2 'array.json:1:1: error: expected an object, got an array' "$bench" check array.json
sed 's/] }$/], }/' good.json >comma.json
wants 2 'error: a comma after the last element' "$bench" check comma.json
mkdir -p void
wants 4 'no scenario was selected' "$bench" check void

# ---- keys
refused 'x.json:2:14: error: key "seed" stands twice in the same object' '"seed": 1, "seed": 2' "$sound"
refused 'hint: remove one of the two, or rename it' '"seed": 1, "seed": 2' "$sound"
refused 'unknown key "sed"' '"sed": 1' "$sound"
refused 'hint: did you mean "seed"?' '"sed": 1' "$sound"
refused 'no step has the label "of"' '' '{ "after": "of", "then": "charge.allowed is false", "within": "1 s" }'
refused 'did you mean "cell.voltage.max"?' '' '{ "always": "cell.voltge.max below 4 V" }'
refused 'x.json:4:32: expect[0].requirement: error: no requirement "JKP-OVP-2"' '' '{ "requirement": "JKP-OVP-2", "always": "discharge.allowed is true" }'

# ---- quantities
for bad in 'nan %' 'inf %' '-inf %'; do
    refused 'x.json:2:24: initial.soc: error: a quantity must be a finite number' "\"initial\": { \"soc\": \"$bad\" }" "$sound"
done
refused 'error: the number is too large' '"initial": { "soc": "1e999 %" }' "$sound"
refused 'expected a value, got NaN' '"initial": { "soc": NaN }' "$sound"
refused 'hint: JSON has none' '"initial": { "soc": NaN }' "$sound"
refused 'JSON has no number that is not finite' '"initial": { "soc": -Infinity }' "$sound"
refused 'initial.temperature: error: expected a temperature, got "25 V", a voltage' '"initial": { "temperature": "25 V" }' "$sound"
refused 'expected a ratio with its unit, got 50' '"initial": { "soc": 50 }' "$sound"
refused 'hint: write "50 %"' '"initial": { "soc": 50 }' "$sound"
refused 'x.json:2:50: initial.cells.3.rest voltage: error: 3650 V is out of range: 0 V to 5 V' \
    '"initial": { "cells": { "3": { "rest voltage": "3650 V" } } }' "$sound"
refused 'hint: was 3.65 V meant?' '"initial": { "cells": { "3": { "rest voltage": "3650 V" } } }' "$sound"
refused 'out of the range of cell_ov.trip_mV: 1.2 V to 4.5 V' '"parameters": { "cell_ov.trip_mV": "3650 V" }' "$sound"
refused 'x.json:4:51: expect[0].always: error: 3650 V is not plausible for cell.voltage.max' '' '{ "always": "cell.voltage.max below 3650 V" }'
refused 'there is no cell "17": 1 to 16' '"initial": { "cells": { "17": { "soc": "1 %" } } }' "$sound"
refused 'expect[0].always: error: division by zero' '' '{ "always": "pack.voltage / 0 above 3 V" }'

# ---- a release beyond its trip
refused 'cell_ov.release_mV contradicts cell_ov.trip_mV' '"parameters": { "cell_ov.release_mV": "3.9 V" }' "$sound"
refused 'x.json:4:15: expect[0]: error: the release at 3.78 V lies beyond the trip at 3.62 V (line 5)' '' \
    '{ "release": "charge.allowed becomes true", "on": "cell.voltage.max", "falling": "3.8 V", "tolerance": "20 mV", "delay": "1 s" },
    { "trip": "charge.allowed becomes false", "on": "cell.voltage.max", "rising": "3.6 V", "tolerance": "20 mV", "delay": "1 s" }'

# ---- what could never end
refused 'x.json:3:63: steps[0].timeout: error: 400 d is out of range: 0 s to 366 d' '' "$sound" \
    '{ "until": "charge.allowed is false", "timeout": "400 d" }'
refused '366 d' '' "$sound" '{ "until": "charge.allowed is false", "timeout": "300 d" }, { "until": "charge.allowed is true", "timeout": "300 d" }'
refused 'steps[0].after: error: a quantity must be a finite number' '' "$sound" '{ "after": "inf s" }'
refused 'end: error: ' '"end": "1e12 s"' "$sound"
scenario hour.json '' "$sound" '{ "until": "charge.allowed is false" }'
wants 0 'wait until charge.allowed is false, at most 1 h' "$bench" explain hour.json
scenario wait.json '' "$sound" '{ "until": "charge.allowed is false", "timeout": "2 s" }'
wants 3 'line 3: waited 2 s for: charge.allowed is false' "$bench" run wait.json

# ---- what cannot fail, or cannot be decided
refused 'no signal is read: this never changes' '' '{ "always": "1 V below 2 V" }'
refused 'both sides are the same: it is the same whatever happens' '' '{ "always": "bms.locked is bms.locked" }'
refused 'charge.current lies between 0 A and 20 kA: this cannot fail' '' '{ "always": "charge.current at least 0 A" }'
refused 'charge.current lies between 0 A and 20 kA: this cannot fail' '' '{ "never": "charge.current below 0 A" }'
refused 'bms.soc lies between 0 % and 100 %: this cannot fail' '' '{ "always": "bms.soc at most 100 %" }'
refused '"then" without "within" can hardly fail' '' '{ "after": "on", "then": "charge.allowed is true" }'
refused 'hint: add "within": "1 s"' '' '{ "after": "on", "then": "charge.allowed is true" }'
refused 'the run goes on for 11 s at most after "on": this can never fail' '' '{ "after": "on", "then": "charge.allowed is true", "within": "11 s" }'
refused 'the run goes on for 11 s at most after "on": this can never be decided' '' '{ "after": "on", "stays": "charge.allowed is true", "for": "12 s" }'
refused 'the window ends at on, not after its begin end: it is empty' '' '{ "always": "charge.allowed is true", "from": "end", "until": "on" }'
refused '"within" ends before "not before"' '' '{ "after": "on", "then": "charge.allowed is true", "within": "1 s", "not before": "2 s" }'
refused '"on" is a label: it comes once' '' '{ "after": "on", "then": "charge.allowed is true", "within": "1 s", "times": 2 }'
refused 'only reports: nothing here can fail' '' '{ "report": "pack.soc", "at": "on" }'
refused 'expect: error: ' '' ''

# ---- what was not tested is no pass
inconclusive() { # WORDS EXPECTATIONS
    scenario x.json '' "$2"
    wants 3 "$1" "$bench" run x.json
    if grep -q '^pass ' out; then no "a pass: $2"; fi
}
inconclusive 'its trigger never came, so nothing was tested' '{ "when": "charge.allowed becomes false", "then": "bms.protected is true", "within": "1 s" }'
inconclusive 'its trigger never came, so nothing was tested' \
    '{ "trip": "charge.allowed becomes false", "on": "cell.voltage.max", "rising": "3.7 V", "tolerance": "20 mV", "delay": "1 s" }'
scenario x.json '' '{ "when": "discharge.current rises above 1 A", "then": "load.current above 1 A", "within": "1 s", "times": 2 }' \
    '{ "at": "1 s", "load": { "current": "2 A" } }, { "after": "5 s" }'
wants 3 'the trigger came 1 times, not 2' "$bench" run x.json
inconclusive 'its expression has no value at 0 s: zero divided by zero' '{ "always": "short.current / short.current above 50 %" }'

# ---- options of every command
for command in run check explain list trace simulate doctor version help; do
    wants 2 "packbench $command: unknown option --nonsense" "$bench" $command --nonsense
    wants 2 'usage: packbench ' "$bench" $command --nonsense
done
for command in run check explain simulate; do
    wants 2 "is missing" "$bench" $command
done
for option in out jobs trace target pace tag requirements root; do
    wants 2 "packbench run: --$option needs a value" "$bench" run good.json --$option
    wants 2 "packbench run: --$option needs a value" "$bench" run good.json --$option ''
    wants 2 "packbench run: --$option needs a value" "$bench" run good.json --$option=
done
wants 2 '--fail-fast takes no value' "$bench" run good.json --fail-fast=1
for jobs in 0 -1 257 two 1.5 99999999999999999999; do
    wants 2 "--jobs takes a number from 1 to 256, not $jobs" "$bench" run good.json --jobs "$jobs"
done
for pace in 0 -1 nan inf fast; do
    wants 2 "--pace takes real, or how many times faster (0.01 to 1000), not $pace" "$bench" run good.json --pace $pace
done
wants 2 '--trace takes a time of at least 1 ms' "$bench" run good.json --trace 1us
wants 2 'packbench run: --trace leaves a file: it needs --out DIR' "$bench" run good.json --trace 1s
wants 2 'packbench run: --commands leaves a file: it needs --out DIR' "$bench" run good.json --commands
wants 2 'no such target: plc. There are: core, exec:PROGRAM' "$bench" run good.json --target plc
wants 2 'the program to start is missing' "$bench" run good.json --target exec:
wants 3 '/nonexistent: cannot be started' "$bench" run good.json --target exec:/nonexistent
wants 3 'there is no such port' "$bench" run good.json --target serial:/dev/nonexistent
wants 2 'not HOST:PORT' "$bench" run good.json --target tcp:localhost:99999
for command in run check explain list; do
    wants 4 "packbench $command: no scenario was selected: none carries the tag \"nothing\"" "$bench" $command good.json --tag nothing
done
wants 2 'no folder model/packs in it' "$bench" check good.json --root /nonexistent
wants 2 '/nonexistent: error: requirement tables' "$bench" check good.json --requirements /nonexistent
wants 2 'unknown command chek (did you mean check?)' "$bench" chek good.json
for min in -1 101 abc; do
    wants 2 "--min takes a percentage from 0 to 100, not $min" "$bench" trace --min $min
done
wants 2 'hint: give the folder that' "$bench" trace good.json --results void
wants 3 '/nonexistent/x.html: No such file or directory' "$bench" trace good.json --html /nonexistent/x.html
wants 3 '/dev/full: the page is not complete: is the disk full?' "$bench" trace good.json --html /dev/full
wants 2 'no target plc; there are core' "$bench" doctor plc
wants 2 'nothing is known about plc' "$bench" help plc

# ---- simulate
printf 'time_s,current_A,ambient_degC\n0,1,25\n10,1,25\n' >p.csv
wants 0 '' "$bench" simulate lfp100 --profile p.csv --out r.csv
wants 2 'simulate needs --profile and --out' "$bench" simulate lfp100
wants 2 'no cell and no pack is called "lfp10"' "$bench" simulate lfp10 --profile p.csv --out r.csv
wants 2 'no variant "x"' "$bench" simulate lfp100:x --profile p.csv --out r.csv
wants 2 '--step: error: wants a time from 1 us to 1 d, not 0' "$bench" simulate lfp100 --profile p.csv --out r.csv --step 0
wants 2 '--soc: error: wants a ratio from -10 % to 108 %, not 500%' "$bench" simulate lfp100 --profile p.csv --out r.csv --soc 500%
wants 2 '--hysteresis: error: wants a number from -1 to 1, not 5' "$bench" simulate lfp100 --profile p.csv --out r.csv --hysteresis 5
wants 2 'p.csv is the profile: it would be overwritten' "$bench" simulate lfp100 --profile p.csv --out ./p.csv
wants 0 '' grep -q '^10,1,25$' p.csv
wants 2 '/dev/null: error: the profile is empty' "$bench" simulate lfp100 --profile /dev/null --out r.csv
wants 3 '/dev/full: error: the result is not complete' "$bench" simulate lfp100 --profile p.csv --out /dev/full
printf 'time_s,current_A,ambient_degC\n0,1,25\n1,nan,25\n' >nan.csv
wants 2 'nan.csv:3:3: error: current_A is no plain finite number' "$bench" simulate lfp100 --profile nan.csv --out r.csv
printf 'time_s,current_A,ambient_degC\n1,1,25\n0,1,25\n' >back.csv
wants 2 'back.csv:3:1: error: time_s must rise from row to row' "$bench" simulate lfp100 --profile back.csv --out r.csv

summary
