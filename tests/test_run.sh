#!/bin/sh
# The run command end to end: exit codes, same bytes, interruption, bad folders, bad input. PACKBENCH names the program.
# shellcheck disable=SC2015 # "a && ok || no": ok never fails
. tests/support/checks.sh
data=tests/data/bench

# ---- exit codes
code 0 'a scenario that holds gives 0' "$bench" run "$data/passes.json" --out "$tmp/pass"
says out '^pass  bench/passes '
code 1 'a scenario that fails gives 1' "$bench" run "$data/fails.json" "$data/passes.json" "$data/never.json"
says out '^FAIL  bench/fails '
code 3 'a trigger that never comes gives 3' "$bench" run "$data/passes.json" "$data/never.json"
code 3 'an error of the rig gives 3' "$bench" run "$data/refused.json"
says out 'refused a parameter'
code 4 'nothing selected gives 4' "$bench" run "$data/passes.json" --tag no-such-tag
code 2 'an unknown option gives 2' "$bench" run --job 2 "$data/passes.json"
says err 'did you mean --jobs?'
code 2 'no operand gives 2' "$bench" run
code 2 'a file that is not there gives 2' "$bench" run "$data/missing.json"
for jobs in 0 -1 257 two '' 1.5; do
    code 2 "--jobs '$jobs' gives 2" "$bench" run --jobs "$jobs" "$data/passes.json"
done
for trace in 5 '0 s' '5 V' 1us; do
    code 2 "--trace '$trace' gives 2" "$bench" run --trace "$trace" "$data/passes.json"
done

code 0 'a run without traces' "$bench" run --trace off --out "$tmp/off" "$data/passes.json"
[ ! -e "$tmp/off/cases/bench.passes/trace.csv" ] && [ -s "$tmp/off/cases/bench.passes/scenario.json" ] && ok || no '--trace off leaves a trace, or nothing'

code 1 '--fail-fast stops after the first case that did not pass' "$bench" run --fail-fast --jobs 2 --out "$tmp/fast" \
    "$data/passes.json" "$data/fails.json" "$data/never.json"
says out '^2 cases, '
lacks out 'bench/never'

code 0 'a gain in percent reaches the shunt as one' "$bench" run "$data/gain.json"

# ---- a bad file stops everything before it begins
code 2 'a bad file gives 2' "$bench" run "$data/passes.json" "$data/wrong.json" --out "$tmp/bad"
says err 'wrong.json:[0-9]*:[0-9]*: '
lacks out pass
[ ! -e "$tmp/bad/results.jsonl" ] && ok || no 'results were left although a file was bad'

# ---- what a run leaves
for file in results.jsonl junit.xml run.json cases/bench.passes/trace.csv cases/bench.passes/scenario.json; do
    [ -s "$tmp/pass/$file" ] && ok || no "$file was not left"
done
code 0 'the scenario as resolved runs again' "$bench" run "$tmp/pass/cases/bench.passes/scenario.json"

# ---- the same bytes, whatever the number of workers and however often
suite="$data/cases.json $data/passes.json $data/fails.json $data/never.json"
# shellcheck disable=SC2086 # a list of files without blanks
{
    code 1 'one worker' "$bench" run $suite --out "$tmp/one" --jobs 1
    cp "$tmp/out" "$tmp/one.out"
    code 1 'two workers' "$bench" run $suite --out "$tmp/two" --jobs 2
    cp "$tmp/out" "$tmp/two.out"
    code 1 'once more' "$bench" run $suite --out "$tmp/again" --jobs 2
}
diff -r -x run.json "$tmp/one" "$tmp/two" >"$tmp/diff" && ok || no "one and two workers differ: $(head -n 3 "$tmp/diff")"
diff -r -x run.json "$tmp/two" "$tmp/again" >"$tmp/diff" && ok || no "two runs differ: $(head -n 3 "$tmp/diff")"
grep -v -e 'times real time$' -e '^results are in' "$tmp/one.out" >"$tmp/one.lines"
grep -v -e 'times real time$' -e '^results are in' "$tmp/two.out" | diff "$tmp/one.lines" - && ok || no 'the lines for people differ'
[ "$(find "$tmp/one/cases" -name trace.csv | wc -l)" -eq 6 ] && ok || no 'not every case left its trace'

# ---- two files of one name do not share a folder
mkdir -p "$tmp/a/same" "$tmp/b/same"
cp "$data/passes.json" "$tmp/a/same/x.json"
cp "$data/fails.json" "$tmp/b/same/x.json"
code 1 'two files of one name' "$bench" run "$tmp/a" "$tmp/b" --out "$tmp/twins"
[ -s "$tmp/twins/cases/same.x/trace.csv" ] && [ -s "$tmp/twins/cases/same.x~2/trace.csv" ] && ok || no 'a trace was overwritten'

# ---- folders, standard input
code 0 'a folder stands for the files below it' "$bench" run "$tmp/a"
says out '^pass  same/x '
code 4 'an empty folder selects nothing' sh -c "mkdir $tmp/empty; $bench run $tmp/empty"
code 0 'FILE:N is one case of it' "$bench" run "$data/cases.json:3" "$data/cases.json:2"
says out '^2 cases'
says out '^pass  bench/cases .current=100 A'
says out '^pass  bench/cases .current=50 A'
code 2 'a case that there is not' "$bench" run "$data/cases.json:4"
says err 'there is no case 4, it has 3'
code 2 'a file that there is not' "$bench" run "$data/none.json:1"
says err 'none.json:1: error: No such file'
code 0 '- is standard input' sh -c "$bench run - <$data/passes.json"
code 2 'what comes from standard input may be wrong' sh -c "echo '{' | $bench run -"

# ---- where results cannot go
code 2 'a folder that cannot be made gives 2' "$bench" run "$data/passes.json" --out /dev/null/results
says err 'cannot be made'
lacks out pass
code 3 'a full disk behind stdout is no success' sh -c "$bench run $data/passes.json >/dev/full"
if mkdir "$tmp/small" && mount -t tmpfs -o size=64k none "$tmp/small" 2>/dev/null; then
    code 3 'a full disk is no success' "$bench" run "$data/passes.json" --out "$tmp/small/out"
    says out 'disk full'
    umount "$tmp/small"
else
    echo 'skipped: no tmpfs can be mounted here, so the full disk under --out is tested on /dev/full only'
fi

# ---- an interruption: the results so far, and 3
for jobs in 1 2; do
    "$bench" run "$data/passes.json" "$data/years.json" "$data/fails.json" --out "$tmp/cut$jobs" --jobs "$jobs" \
        >"$tmp/out" 2>"$tmp/err" &
    pid=$!
    tries=0
    until grep -q '^pass  bench/passes ' "$tmp/out" || [ $tries -ge 300 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    while [ ! -d "$tmp/cut$jobs/cases/bench.years" ] || ! grep -q passes "$tmp/cut$jobs/results.jsonl"; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -INT "$pid"
    wait "$pid"
    got=$?
    if [ "$jobs" -eq 1 ]; then # with two the failing file may have been taken, and run, before
        [ "$got" -eq 3 ] && ok || no "an interrupted run gives $got, not 3"
    else
        [ "$got" -eq 3 ] || [ "$got" -eq 1 ] && ok || no "an interrupted run gives $got"
    fi
    grep -q '"scenario": "bench/passes".*"verdict": "pass"' "$tmp/cut$jobs/results.jsonl" && ok || no 'finished results were lost'
    grep -q '"scenario": "bench/years".*"verdict": "inconclusive"' "$tmp/cut$jobs/results.jsonl" && ok || no 'the cut case is missing'
    grep -q '</testsuites>' "$tmp/cut$jobs/junit.xml" && ok || no 'junit.xml has no end'
    grep -q '"interrupted": true' "$tmp/cut$jobs/run.json" && ok || no 'run.json does not say that it was interrupted'
    says out 'stopped by a signal'
done

summary
