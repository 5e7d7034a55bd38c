#!/bin/sh
# The CORE scenarios are what scripts/core-scenarios makes of each parameter set, and they notice a step of one code or two ticks.
# PACKBENCH names the program; from the root of the checkout.
. tests/support/checks.sh

grep -v '^#' scenarios/core/systems >"$tmp/systems"
for file in bms_core/params/*.json; do
    set=$(basename "$file" .json)
    pack=$(awk -v s="$set" '$1 == s { print $2 }' "$tmp/systems")
    [ -n "$pack" ]
    check "$set stands in scenarios/core/systems" $?
    scripts/core-scenarios "$file" "$pack" "$tmp/made" && diff -r "$tmp/made/core/$set" "scenarios/core/$set" &&
        diff "$tmp/made/requirements/core-$set.json" "scenarios/requirements/core-$set.json"
    check "the scenarios of $set are what scripts/core-scenarios makes" $?
done

# A set that is off by one step, in a root of its own; the scenarios and their rows stay.
mkdir -p "$tmp/root/bms_core" "$tmp/root/scenarios"
cp -r model "$tmp/root/"
cp -r scenarios/requirements "$tmp/root/scenarios/"
off() { # field of the levels or delays, step: all enabled faults of the BALI48 are changed by it
    rm -rf "$tmp/root/bms_core/params" && cp -r bms_core/params "$tmp/root/bms_core/params"
    python3 - "$1" "$2" "$tmp/root/bms_core/params/bali48.json" <<'EOF'
import json, re, sys
field, step, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
with open(path) as f:
    document = json.load(f)
for name, entry in document["values"].items():
    if re.search(rf"\.({field})_(mV|mA|ddegC|ms)$", name) and name.split(".")[0] + ".enable" in document["values"]:
        entry["value"] = max(entry["value"] + step, 0) if name.endswith("_ms") else entry["value"] + step
with open(path, "w") as f:
    json.dump(document, f)
EOF
}

fails() { # scenario file, cases that must fail, cases in all
    "$bench" run --root "$tmp/root" "scenarios/core/bali48/$1.json" >"$tmp/out" 2>&1
    [ "$(grep -c '^FAIL' "$tmp/out")" -eq "$2" ] && [ "$(grep -c '^FAIL\|^pass' "$tmp/out")" -eq "$3" ]
}

codes=$(grep -c '"case":' scenarios/core/bali48/codes-are-exact.json)
alarms=$(grep -c '"case": "alarm' scenarios/core/bali48/codes-are-exact.json)
trips=$((codes - alarms))
for step in 1 -1; do
    off release "$step"
    fails codes-are-exact "$trips" "$codes"
    check "releases off by $step" $?
    off alarm_release "$step"
    fails codes-are-exact "$alarms" "$codes"
    check "ends of alarms off by $step" $?
    off 'trip|alarm' "$step"
    fails codes-are-exact "$codes" "$codes"
    check "levels off by $step" $?
    fails codes-of-timed-releases-are-exact 2 2
    check "levels of faults that release by time off by $step" $?
done
for step in 20 -10; do
    off '[a-z_]*delay' "$step"
    for name in codes-are-exact delays-of-readings-are-exact delays-of-the-current-are-exact every-cell-and-sensor-is-watched; do
        cases=$(grep -c '"case":' "scenarios/core/bali48/$name.json")
        fails "$name" "$cases" "$cases"
        check "delays off by $step ms: $name" $?
    done
done

summary
