#!/bin/sh
# Replays the measured drive cycles of an A123 26650 cell through "packbench simulate", from the shipped files alone.
# The errors are those of the identification of the parameter set (MIT data; 5 % < state of charge < 95 %).
. tests/support/checks.sh

# replay VARIANT EXPECTED_mV: the root mean square error must agree within 0.05 mV
replay() {
    said=$("$bench" simulate "a123_26650:$1" --profile "tests/data/a123/drive_$1.csv" --out "$tmp/$1.csv" 2>&1)
    if printf '%s\n' "$said" | awk -v want="$2" '/rmse/ { sub(/.*rmse /, ""); off = $1 - want; good = off > -0.05 && off < 0.05 } END { exit !good }'; then
        ok
    else
        no "$1: expected $2 mV, got: $said"
    fi
}

replay n25 16.63
replay n05 3.11
replay p25 2.39
replay p45 2.43
summary
