#!/bin/sh
# A bad wire between bench and firmware: what it does to frames is noticed, mended and changes no command; where it is too
# bad the rig is not fit to judge, and no requirement fails. And a firmware that starts anew in the middle of a trip.
# shellcheck disable=SC2015 # "a && ok || no": ok never fails
. tests/support/checks.sh
on_wire() { "$bench" run --target "exec:$firmware" "$@" >"$tmp/out" 2>"$tmp/err"; }

# scenario FILE FAULT: an overcurrent with its release, and a fault in force from 2 s on
scenario() {
    cat >"$1" <<JSON
{
  "title": "An overcurrent trips after 1 s and releases after 60 s, whatever the wire does",
  "pack": "jk48v100pro", "bms": "jk48v100pro", "initial": { "soc": "60 %" },
  "steps": [
    { "at": "2 s", "load": { "current": "20 A" }$2 },
    { "at": "5 s", "load": { "current": "160 A" }, "label": "over" },
    { "after": "2 s", "load": "off" },
    { "until": "discharge.allowed is true", "timeout": "80 s", "label": "released" },
    { "after": "2 s" }
  ],
  "expect": [
    { "after": "over", "then": "discharge.allowed is false", "within": "1.15 s", "not before": "0.99 s" },
    { "after": "over", "then": "discharge.allowed becomes true", "within": "70 s", "not before": "60 s" }
  ]
}
JSON
}
mkdir -p "$tmp/good/wire" "$tmp/bad/wire"
scenario "$tmp/good/wire/case.json" ''
"$bench" run "$tmp/good/wire/case.json" --commands --out "$tmp/core" >"$tmp/out" || { cat "$tmp/out"; exit 1; }

# ---- faults that the link mends: the same commands at the same times
while IFS='|' read -r kind value; do
    scenario "$tmp/bad/wire/case.json" ", \"fault\": { \"kind\": \"$kind\", \"value\": \"$value\" }"
    if on_wire "$tmp/bad/wire/case.json" --commands --out "$tmp/$kind"; then ok; else no "$kind: exit $?"; tail -n 5 "$tmp/out"; fi
    scripts/same-commands "$tmp/core" "$tmp/$kind" >"$tmp/same" && ok || { no "$kind changes commands"; cat "$tmp/same"; }
    grep -q '^on the line: ' "$tmp/out" && ok || { no "$kind goes unnoticed"; cat "$tmp/out"; }
    printf '%-20s %s\n' "$kind" "$(grep '^on the line: ' "$tmp/out")"
done <<'FAULTS'
wire bit errors|0.05 %
wire frames lost|5 %
wire frames doubled|20 %
wire frames late|5 %
wire babble|10 %
wire silent|0.7 s
FAULTS

# ---- a line that is stuck: an error of the rig, and the next case runs
scenario "$tmp/bad/wire/case.json" ', "fault": { "kind": "wire stuck" }'
on_wire "$tmp/bad/wire/case.json" "$tmp/good/wire/case.json"
[ $? -eq 3 ] && ok || no 'a stuck line is no rig error'
grep -q 'has not answered for' "$tmp/out" && ok || { no 'a stuck line is not said'; cat "$tmp/out"; }
grep -q '^FAIL' "$tmp/out" && no 'a stuck line fails a requirement' || ok
grep -q '^pass' "$tmp/out" && ok || { no 'the case after a stuck line does not run'; cat "$tmp/out"; }

# ---- a target without a wire skips
"$bench" run "$tmp/bad/wire/case.json" >"$tmp/out" 2>&1
[ $? -eq 77 ] && ok || no 'the core has a wire'
grep -q 'no wire that could be disturbed' "$tmp/out" && ok || no 'the skip has no reason'

# ---- the firmware starts anew 500 ms into the overcurrent: the same on both targets, and the load is off in the end
cat >"$tmp/good/wire/reset.json" <<'JSON'
{
  "title": "A watchdog in the middle of an overcurrent leaves the load off",
  "pack": "jk48v100pro", "bms": "jk48v100pro", "initial": { "soc": "60 %" },
  "steps": [
    { "at": "2 s", "load": { "current": "160 A" } },
    { "after": "500 ms", "fault": { "kind": "target reset" }, "label": "reset" },
    { "after": "10 s" }
  ],
  "expect": [ { "after": "reset", "then": "discharge.current below 1 A", "within": "2.5 s" } ]
}
JSON
"$bench" run "$tmp/good/wire/reset.json" --commands --out "$tmp/core-reset" >"$tmp/out" && ok || { no 'a reset on the core'; cat "$tmp/out"; }
on_wire "$tmp/good/wire/reset.json" --commands --out "$tmp/posix-reset" && ok || { no 'a reset of the firmware'; cat "$tmp/out"; }
scripts/same-commands "$tmp/core-reset" "$tmp/posix-reset" >"$tmp/same" && ok || { no 'a reset differs'; cat "$tmp/same"; }

summary
