#!/bin/sh
# The DBC file of the bench link is that of the headers, names every field of sample and command, and is well formed.
. tests/support/checks.sh
if scripts/link-dbc | diff -u bus/link/link.dbc -; then ok; else no 'run scripts/link-dbc > bus/link/link.dbc'; fi
for name in $(sed -nE 's/^ *[SA]\([a-z0-9_]+, *([a-z_A-Z0-9]+),.*/\1/p' bms_core/bms_io.h); do
    if grep -qE "^field [0-9]+: [a-z0-9_]+ $name[[ ]" bus/link/link.dbc; then ok; else no "no field $name in it"; fi
done
[ "$passed" -gt 50 ] || no "only $passed fields were looked for"
# A reader that nobody here wrote, where there is one.
if python3 -c 'import cantools' 2>/dev/null; then
    if python3 -c 'import cantools; d = cantools.database.load_file("bus/link/link.dbc"); assert len(d.messages) == 5, d'; then ok; else no 'cantools cannot read it'; fi
fi
summary
