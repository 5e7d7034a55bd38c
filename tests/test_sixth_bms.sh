#!/bin/sh
# A sixth BMS is a data file and its scenarios: what bms_core/params/README.md says, done with the program as it is built.
# The set, the pack, their requirement table and scenarios lie outside the checkout. PACKBENCH names the program.
. tests/support/checks.sh
dir=$tmp

check() { # name, status
    if [ "$2" -eq 0 ]; then
        ok
    else
        no "$1"
        tail -n 12 "$dir/out"
    fi
}

says() { # text: in what the last command said
    grep -q -e "$1" "$dir/out"
    check "says '$1'" $?
}

# Steps 1 and 2 of the README: copy the nearest set and pack, change what differs.
mkdir "$dir/nw24"
cp tests/data/sixth/*-*.json "$dir/nw24/"
cp -r tests/data/sixth/requirements "$dir/nw24/"
mkdir "$dir/sets" "$dir/packs"
python3 - "$dir" <<'EOF'
import json, sys
with open("bms_core/params/bali48.json") as f:
    document = json.load(f)
with open("tests/data/sixth/values.json") as f:
    changes = json.load(f)
document.update(id="nw24", title="Nordwind NW24, 8 cells, 100 Ah: invented")
for name, value in changes.items():
    document["values"][name] = {"value": value, "basis": "printed", "source": "NW24 data sheet"}
with open("model/packs/bali48.json") as f:
    pack = json.load(f)
pack.update(id="nw24", title="Nordwind NW24: 8 cells of 100 Ah, invented", Ns=8)
pack["ntc"].update(n=3, spots=["cell 2", "cell 7", "board"])
for folder, what in (("sets", document), ("packs", pack)):
    with open(f"{sys.argv[1]}/{folder}/nw24.json", "w") as f:
        json.dump(what, f, indent=1)
EOF
sed -i 's|"pack": "nw24.json"|"pack": "../packs/nw24.json"|; s|"bms": "nw24.json"|"bms": "../sets/nw24.json"|' "$dir"/nw24/*.json
mine="$dir/nw24/requirements"

# Step 3: its own requirements and scenarios.
"$bench" check --requirements "$mine" "$dir/nw24" >"$dir/out" 2>&1
check 'its scenarios are well-formed' $?
"$bench" run --requirements "$mine" "$dir/nw24" --out "$dir/results" >"$dir/out" 2>&1
check 'its scenarios pass' $?
says '^7 cases, 12 verdicts: 12 pass'
"$bench" trace --requirements "$mine" --results "$dir/results" --brief "$dir/nw24" >"$dir/out" 2>&1
says '^nw24 *3 *3 *0 *0 *0 *100.0%'
"$bench" check "$dir/nw24" >"$dir/out" 2>&1
[ $? -eq 2 ]
check 'without its table its rows are unknown' $?

# Step 4: the CORE scenarios of a set outside the checkout.
scripts/core-scenarios "$dir/sets/nw24.json" "$dir/packs/nw24.json" "$dir/core" >"$dir/out" 2>&1
check 'CORE scenarios are made' $?
"$bench" run --requirements "$dir/core/requirements" "$dir/core/core/nw24" >"$dir/out" 2>&1
check 'and pass' $?
[ "$(grep -c '^pass' "$dir/out")" -ge 80 ]
check 'there are enough of them' $?
"$bench" trace --requirements "$dir/core/requirements" --brief "$dir/core/core/nw24" >"$dir/out" 2>&1
says '^core-nw24 .* 100.0%'

# They can fail: a set that is wrong.
set_value() { # name, value: in a copy of the set that the scenarios name
    cp "$dir/sets/nw24.json" "$dir/good.json"
    python3 - "$dir/sets/nw24.json" "$1" "$2" <<'EOF'
import json, sys
with open(sys.argv[1]) as f:
    document = json.load(f)
document["values"][sys.argv[2]]["value"] = int(sys.argv[3])
with open(sys.argv[1], "w") as f:
    json.dump(document, f, indent=1)
EOF
}
set_value cell_ov.trip_mV 3690
"$bench" run --requirements "$mine" "$dir/nw24" >"$dir/out" 2>&1
[ $? -eq 1 ]
check 'a trip 40 mV too high fails' $?
says '^FAIL  nw24/overcharge-stops-charging-only'
cp "$dir/good.json" "$dir/sets/nw24.json"
set_value dsg_oc.trip_delay_ms 2500
"$bench" run --requirements "$mine" "$dir/nw24" >"$dir/out" 2>&1
[ $? -eq 1 ] && [ "$(grep -c '^FAIL  nw24/overcurrent-trips' "$dir/out")" -eq 3 ]
check 'a delay of 2.5 s fails at each phase' $?
cp "$dir/good.json" "$dir/sets/nw24.json"

# What cannot be is refused, not clamped, and named.
set_value cell_ov.release_mV 3660
"$bench" run --requirements "$mine" "$dir/nw24" >"$dir/out" 2>&1
[ $? -eq 2 ]
check 'a release beyond its trip is refused' $?
says 'cell_ov.release_mV contradicts cell_ov.trip_mV'
cp "$dir/good.json" "$dir/sets/nw24.json"
set_value pack.cells 7
"$bench" run --requirements "$mine" "$dir/nw24" >"$dir/out" 2>&1
[ $? -eq 2 ]
check 'another number of cells than the pack has is refused' $?
cp "$dir/good.json" "$dir/sets/nw24.json"
rm "$dir/packs/nw24.json"
"$bench" check --requirements "$mine" "$dir/nw24" >"$dir/out" 2>&1
[ $? -eq 2 ]
check 'a pack that is not there is refused' $?
says 'no pack "'

# Step 5: the same set as a table for firmware.
scripts/params-to-c "$dir/sets/nw24.json" >"$dir/nw24.c" 2>"$dir/out" &&
    sed -i 's|#include "bms_core/params/params.h"|#include "bms_core/bms_param.h"\nextern const struct bms_params bms_params_nw24;|' "$dir/nw24.c" &&
    ${CC:-cc} -std=c11 -Wall -Wextra -Werror -I. -ffreestanding -c "$dir/nw24.c" -o "$dir/nw24.o" >"$dir/out" 2>&1
check 'it compiles into a firmware' $?

summary
