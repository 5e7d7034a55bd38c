#!/bin/sh
# packbench trace: who cites what, what came of it, coverage and its threshold, CSV and page. PACKBENCH names the program.
# shellcheck disable=SC2015 # "a && ok || no": ok never fails
. tests/support/checks.sh

root=$tmp/root
mkdir -p "$root/model/packs" "$root/scenarios/requirements" "$root/scenarios/a" "$root/tests/deep"
cat >"$root/scenarios/requirements/a.json" <<'END'
{ "system": "alpha", "rows": [
  { "id": "A-1", "quantity": "one", "group": "limits", "check": "bench", "status": "printed", "text": "Less than <one> & \"two\"",
    "limit": { "value": "3.7 V", "tolerance": "20 mV", "basis": "assumed", "reading": "why, so" }, "note": "a note" },
  { "id": "A-2", "quantity": "two", "group": "limits", "check": "bench" },
  { "id": "A-3", "quantity": "three", "group": "key", "check": "bench" },
  { "id": "A-4", "quantity": "four", "group": "comm", "check": "wire" },
  { "id": "A-5", "quantity": "five", "group": "comm", "check": "inspection", "why not": "the reason of five" } ] }
END
cat >"$root/scenarios/requirements/b.json" <<'END'
{ "system": "beta", "of": ["nobody", "beta_fa"], "rows": [ { "id": "B-1", "quantity": "one", "check": "bench" }, { "id": "B-2", "quantity": "two", "check": "bench" } ] }
END
cat >"$root/scenarios/requirements/cross.json" <<'END'
{ "system": "cross-system", "of": ["all"], "rows": [ { "id": "X-1", "quantity": "for all", "check": "bench" } ] }
END
# One file on both systems; B-1 is cited on alpha only, B-2 on a variant of beta, A-2 by a report only, A-3 by nobody.
cat >"$root/scenarios/a/both.json" <<'END'
{ "title": "Both", "pack": "${system}", "bms": "x",
  "cases": [ { "system": "alpha", "row": "A-1", "other": "B-1" }, { "system": "beta_fast", "row": "B-2", "other": "X-1" } ],
  "expect": [ { "requirement": "${row}", "always": "true" },
              { "requirement": "${other}", "always": "true" },
              { "requirement": "A-2", "report": "time", "at": "x" } ] }
END
echo '# checks A-4 but not A-40, and A-1 is for a bench' >"$root/tests/deep/test_wire.sh"
echo 'A-5' >"$root/tests/notes.txt"

code 0 'a plain trace' "$bench" trace --root "$root"
says out '^8 requirements of 3 tables, 1 scenarios'
says out '^alpha  *3  *1  *0  *0  *2  *33.3%  *1/1  *1$'
says out '^beta  *2  *1  *0  *0  *1  *50.0%  *0/0  *0$'
says out '^cross-system  *1  *1 .* 100.0%'
says out '^all  *6  *3  *0  *0  *3  *50.0%'
says out '^bench rows  *(none)  *key  *limits$'
says out '^alpha  *-  *0/1  *1/2$'
says out '^  A-2  *not cited  *two'
says out '^  A-3  *not cited'
says out '^  B-1  *cited on another system only  *one'
lacks out '^  A-1 '
lacks out '^  A-4 '
lacks out '^  A-5 '
code 0 'a brief trace' "$bench" trace --brief --root "$root"
says out '^all '
lacks out 'A-2'

# ---- the threshold, of all and of each system
code 0 'at the threshold' "$bench" trace --root "$root" --min 33
code 1 'one system below' "$bench" trace --root "$root" --min 40%
says err 'alpha: 1 of 3 bench rows are covered, less than 40 %'
lacks err 'beta'
lacks err 'all systems'
code 1 'all below' "$bench" trace --root "$root" --min 100
says err 'all systems: 3 of 6'
for min in -1 101 nan x '' 5x; do
    code 2 "--min '$min'" "$bench" trace --root "$root" --min "$min"
done

# ---- results
verdict() {
    printf '{"scenario": "a/both", "case": "", "requirement": "%s", "verb": "%s", "verdict": "%s"}\n' "$1" "$2" "$3"
}
mkdir "$tmp/results"
{
    verdict A-1 trip pass
    verdict A-1 always fail
    verdict B-2 always pass
    verdict B-2 always inconclusive
    verdict A-2 report pass
    verdict A-3 always pass
    verdict '' always fail
} >"$tmp/results/results.jsonl"
code 0 'with results' "$bench" trace --root "$root" --results "$tmp/results"
says out '^alpha  *3  *0  *1  *0  *2  *0.0%'
says out '^beta  *2  *0  *0  *1  *1  *0.0%'
says out '^  A-1  *failed'
says out '^  B-2  *inconclusive'
says out '^  X-1  *not run'
says out '^1 verdicts of the results are on rows that their scenario does not cite'
{
    verdict A-1 trip pass
    verdict X-1 trip skip
    verdict B-2 trip pass
} >"$tmp/results/results.jsonl"
code 0 'with good results' "$bench" trace --root "$root" --results "$tmp/results/results.jsonl"
says out '^alpha  *3  *1  *0  *0  *2  *33.3%'
says out '^  X-1  *skipped'
code 2 'no results there' "$bench" trace --root "$root" --results "$tmp/nothing"
says err 'No such file'
echo '{"scenario": 5}' >"$tmp/bad.jsonl"
code 2 'no verdict there' "$bench" trace --root "$root" --results "$tmp/bad.jsonl"
says err 'this is no verdict'
echo 'nonsense' >"$tmp/bad.jsonl"
code 2 'no JSON there' "$bench" trace --root "$root" --results "$tmp/bad.jsonl"

# ---- CSV: the same number of fields in each line
code 0 'CSV' "$bench" trace --csv --root "$root" --results "$tmp/results"
says out '^"alpha","A-1",.*"Less than <one> & ""two""","3.7 V +-20 mV",assumed,.*,passed,"a/both",yes,1,0,0,0,0$'
says out '^"alpha","A-4",.*,cited,"tests/deep/test_wire.sh",yes,'
says out '^"alpha","A-5",.*"the reason of five",by inspection,'
says out '^"beta","B-1",.*,cited on another system only,"a/both",no,'
if command -v python3 >/dev/null; then
    python3 -c 'import csv, sys; assert len({len(r) for r in csv.reader(sys.stdin)}) == 1' <"$tmp/out" && ok || no 'CSV lines differ'
fi

# ---- the page
code 0 'page' "$bench" trace --html "$tmp/page.html" --root "$root" --results "$tmp/results"
cp "$tmp/page.html" "$tmp/page"
says page 'Less than &lt;one&gt; &amp; &quot;two&quot;'
says page 'data-system="alpha" data-group="limits" data-check="bench" data-state="passed" data-basis="assumed'
says page 'why, so'
says page 'a note'
says page 'the reason of five'
says page '1 pass'
lacks page 'https\{0,1\}:'
code 3 'a page that cannot be written' "$bench" trace --html "$tmp/no/page.html" --root "$root"
if command -v chromium >/dev/null; then
    chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --user-data-dir="$tmp/browser" --dump-dom "file://$tmp/page.html" \
        >"$tmp/dom" 2>/dev/null
    says dom '8 of 8 rows'
    says dom '<option value="cited on another system only">'
else
    echo 'skipped: the page in a browser (chromium is missing)'
fi

# ---- ids that no table has
cat >"$root/scenarios/a/stray.json" <<'END'
{ "title": "Stray", "pack": "alpha", "bms": "alpha",
  "expect": [ { "requirement": "A-33", "always": "true" } ] }
END
code 1 'an unknown id' "$bench" trace --root "$root"
says out 'stray.json:2: A-33 (did you mean A-'
echo '{ "title": }' >"$root/scenarios/a/broken.json"
code 2 'a broken scenario' "$bench" trace --root "$root"
says err 'broken.json:1:'

summary
