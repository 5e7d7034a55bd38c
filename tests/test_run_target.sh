#!/bin/sh
# packbench run --target: what is wrong with a target is said, a firmware that goes ends the run with an error of the rig,
# never with a failed requirement, and what was judged before is on disk.
# shellcheck disable=SC2015 # "a && ok || no": ok never fails
. tests/support/checks.sh
data=tests/data/bench
started=
at_end() { for p in $started; do kill "$p" 2>/dev/null; done; }
on() { target=$1; shift; "$bench" run --target "$target" "$@"; }

# ---- what can be wrong with the option
for bad in nothing exec: serial:ttyUSB0 serial:/dev/x@fast tcp:host tcp:host:99999 can: can:can0:64 core:x; do
    code 2 "--target $bad is refused" on "$bad" "$data/passes.json"
    says err '^packbench run: --target: '
done
code 2 'the targets are named' on usb "$data/passes.json"
says err 'core, exec:PROGRAM, serial:DEVICE'

# ---- a firmware that works, and one that cannot be
code 0 'a scenario that holds gives 0' on "exec:$firmware" "$data/passes.json" --out "$tmp/pass"
says out '^pass  bench/passes '
says out '^target exec:.* exchanges'
grep -q '"name": "bms_posix"' "$tmp/pass/run.json" && ok || no 'run.json does not name the firmware'
code 1 'a scenario that fails gives 1' on "exec:$firmware" "$data/fails.json"
code 3 'no such program' on exec:/no/such/program "$data/passes.json"
says out 'cannot be started'
lacks out 'FAIL'
code 3 'no such port' on serial:/dev/no-such-port "$data/passes.json"
says out 'there is no such port'
code 3 'nobody listens' on tcp:localhost:1 "$data/passes.json"
says out 'refused'
code 3 'a program that says nothing that makes sense' on 'exec:cat /dev/zero' "$data/passes.json"
code 3 'a program that ends at once' on 'exec:true' "$data/passes.json"
says out 'ended with exit status 0'

# ---- paced: on a machine that is busy a verdict may be inconclusive, never wrong
on "exec:$firmware" "$data/passes.json" --pace 5 --out "$tmp/paced" >"$tmp/out" 2>"$tmp/err"
case $? in 0 | 3) ok ;; *) no 'a paced run'; cat "$tmp/out" ;; esac
says out '^paced at 5 times real time: 1[67][0-9][0-9] calls'
lacks out '^FAIL'
grep -q '"pace": { "speed": 5' "$tmp/paced/run.json" && ok || no 'run.json has no lateness'
code 2 'a pace that is none' on core "$data/passes.json" --pace quick

# ---- a firmware on a port: a null modem of two ptys, one bench at a time
if command -v socat >/dev/null; then
    socat -d "pty,raw,echo=0,link=$tmp/a" "pty,raw,echo=0,link=$tmp/b" 2>/dev/null &
    modem=$!
    started="$started $modem"
    i=0
    while [ ! -e "$tmp/b" ] && [ "$i" -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
    "$firmware" --serial "$tmp/b" &
    started="$started $!"
    code 0 'a firmware on a serial port' on "serial:$tmp/a" "$data/passes.json"
    code 77 'two BMSs need two ports' on "serial:$tmp/a" scenarios/jk48v100pro/two-packs-apart-even-out-in-peace.json
    says out 'the scenario has 2 BMSs, --target names 1'
    # A long run holds the port; a second bench is told so, then the cable is pulled.
    on "serial:$tmp/a" scenarios/jk48v100pro/state-of-charge-holds-against-a-drift-of-the-shunt.json --out "$tmp/pulled" \
        >"$tmp/long" 2>&1 &
    long=$!
    sleep 1
    code 3 'a second bench on one port' on "serial:$tmp/a" "$data/passes.json"
    says out 'in use by another program: packbench, process [0-9]'
    kill "$modem"
    began=$(date +%s%N)
    wait "$long"
    got=$?
    took_ms=$((($(date +%s%N) - began) / 1000000))
    [ "$got" -eq 3 ] && ok || no "a pulled cable: exit $got, not 3"
    [ "$took_ms" -lt 1500 ] && ok || no "a pulled cable ends the run after $took_ms ms"
    grep -q 'the other end is gone' "$tmp/long" && ok || { no 'a pulled cable is not said to be one'; cat "$tmp/long"; }
    grep -q '"verdict": "error"' "$tmp/pulled/results.jsonl" && ok || no 'a pulled cable is no verdict on disk'
else
    echo 'without socat: no null modem to try'
fi

# ---- kill -9 of the firmware in the middle of a run; what was judged before stays
cat >"$tmp/firmware" <<EOF
#!/bin/sh
echo \$\$ >"$tmp/pid"
exec "$firmware"
#!/bin/sh
echo \$\$ >"$tmp/pid"
exec "$firmware"
EOF
chmod +x "$tmp/firmware"
long_one=scenarios/jk48v100pro/state-of-charge-holds-against-a-drift-of-the-shunt.json
# wait_for_first DIR: until the first case of a run is on disk
wait_for_first() {
    i=0
    while ! grep -q passes "$1/results.jsonl" 2>/dev/null && [ "$i" -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
}
on "exec:$tmp/firmware" "$data/passes.json" "$long_one" "$data/fails.json" --out "$tmp/killed" >"$tmp/out" 2>"$tmp/err" &
long=$!
wait_for_first "$tmp/killed"
sleep 0.5
kill -9 "$(cat "$tmp/pid")"
began=$(date +%s%N)
wait "$long"
got=$?
took_ms=$((($(date +%s%N) - began) / 1000000))
[ "$got" -eq 3 ] && ok || no "a killed firmware: exit $got, not 3"
[ "$took_ms" -lt 1500 ] && ok || no "a killed firmware ends the run after $took_ms ms"
says out 'ended by signal 9'
says err 'the target is gone: the run ends after 2 of 3 cases'
grep -q '"scenario": "bench/passes".*"verdict": "pass"' "$tmp/killed/results.jsonl" && ok || no 'the case before the kill is lost'
grep -q '"verdict": "fail"' "$tmp/killed/results.jsonl" && no 'a killed firmware fails a requirement' || ok

# ---- paced, with a firmware that is held up for 0.3 s: nothing of the run is worth a verdict; never a failed requirement. The
# processors are busy besides.
for _ in 1 2 3; do timeout 4 sh -c 'while :; do :; done' & done
rm -f "$tmp/pid"
on "exec:$tmp/firmware" "$data/passes.json" --pace 5 --out "$tmp/held" >"$tmp/out" 2>"$tmp/err" &
long=$!
i=0
while [ ! -s "$tmp/pid" ] && [ "$i" -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
sleep 1.5
kill -STOP "$(cat "$tmp/pid")"
sleep 0.3
kill -CONT "$(cat "$tmp/pid")"
wait "$long"
[ $? -eq 3 ] && ok || { no 'a firmware that was held up is judged'; cat "$tmp/out"; }
says out 'ms late (p99.9), more than its tick'
says out '^paced at 5 times .* [1-9][0-9]* overruns'
lacks out '^FAIL'
lacks out '^pass'

# ---- why a write was refused is told over the link too: password, state, contradiction
for refused in calibration-needs-the-password-and-a-true-value one-click-presets-and-what-they-refuse; do
    "$bench" run --quiet --target "exec:$tmp/firmware" "scenarios/jkb2a8s20p/$refused.json" >/dev/null 2>&1 && ok || no "$refused: not as in this process"
done

# ---- what a firmware cannot do is learnt from its hello: the scenario is skipped, with the reason
mkdir -p "$tmp/restore"
cat >"$tmp/restore/case.json" <<'JSON'
{
  "title": "A factory reset brings back the delay as delivered",
  "pack": "jk48v100pro", "bms": "jk48v100pro", "initial": { "soc": "60 %" },
  "steps": [
    { "at": "1 s", "parameter": { "dsg_oc.trip_delay_ms": "5 s" } },
    { "after": "1 s", "parameter": { "action.factory_reset": 1 } },
    { "after": "10 s", "load": { "current": "160 A" }, "label": "over" },
    { "after": "2 s" }
  ],
  "expect": [ { "after": "over", "then": "discharge.allowed is false", "within": "1.15 s", "not before": "0.9 s" } ]
}
JSON
code 0 'a factory reset' on "exec:$firmware" "$tmp/restore/case.json"
while IFS='|' read -r what scenario reason; do
    code 77 "a firmware without $what" on "exec:$firmware --without $what" --first "$scenario"
    says out "$reason"
    lacks out '^FAIL'
done <<LESS
write|scenarios/jk48v100pro/short-circuit-time-is-a-parameter.json|takes no parameters, the scenario changes some
restart|scenarios/jk48v100pro/brown-out-during-a-short-keeps-the-output-safe.json|cannot be restarted while it runs, the scenario needs it
restore|$tmp/restore/case.json|has no factory reset, the scenario needs it
LESS

# ---- the BMS's log, read over the link at the end: the same as in this process, and nothing lacks in the memory
on "exec:$firmware" scenarios/jk48v100pro/third-overcurrent-in-a-row-locks-until-a-charger-comes.json --first --out "$tmp/log-link" >"$tmp/out" 2>&1
on core scenarios/jk48v100pro/third-overcurrent-in-a-row-locks-until-a-charger-comes.json --first --out "$tmp/log-core" >"$tmp/out" 2>&1
cmp "$tmp"/log-link/cases/*/records.csv "$tmp"/log-core/cases/*/records.csv && ok || no 'other records over the link'
sed 's/,/ /g' "$tmp"/log-link/cases/*/records.csv | awk '$2 == "memory" || $2 == "waiting" { newest = $3; n++ } $2 == "made" { made = $3 }
    $2 == "dropped" && $3 == 0 { whole = 1 } END { exit !(n > 5 && newest == made && n == made && whole) }' &&
    ok || { no 'the memory lacks what the BMS has recorded'; cat "$tmp"/log-link/cases/*/records.csv; }
on "exec:$firmware --without records" "$data/passes.json" --out "$tmp/log-none" >"$tmp/out" 2>&1
grep -q ',made,' "$tmp"/log-none/cases/*/records.csv && no 'a firmware without records told of them' || ok

# ---- kill -9 of the bench: the firmware ends too, what was judged is on disk
"$bench" run --target "exec:$tmp/firmware" "$data/passes.json" "$long_one" --out "$tmp/bench" >/dev/null 2>&1 &
long=$!
wait_for_first "$tmp/bench"
kill -9 "$long"
wait "$long" 2>/dev/null
i=0
while kill -0 "$(cat "$tmp/pid")" 2>/dev/null && [ "$i" -lt 20 ]; do sleep 0.1; i=$((i + 1)); done
[ "$i" -lt 20 ] && ok || no 'the firmware lives on after its bench'
grep -q '"verdict": "pass"' "$tmp/bench/results.jsonl" && ok || no 'what was judged before the kill is lost'

summary
