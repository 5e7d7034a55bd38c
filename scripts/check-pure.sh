#!/bin/sh
# Who may include and call whom: the rules of the house, checked. Usage: check-pure.sh BUILD (after "make").
# Includes of each folder, undefined symbols of the core and the model, no floating point in the core, and each header alone.
set -eu
build=$1
bad=$build/pure.txt
: >"$bad"

freestanding='<(float|iso646|limits|stdalign|stdarg|stdbool|stddef|stdint|stdnoreturn|string)\.h>'
# ISO C without heap, files, processes, clock and locale.
hosted='<(assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|math|stdalign|stdarg|stdbool|stddef|stdint|stdnoreturn|string|tgmath)\.h>'

# includes WHY ALLOWED FILE...: each include of the files must match ALLOWED
includes() {
    why=$1 allowed=$2
    shift 2
    grep -nE '^[[:space:]]*#[[:space:]]*include' "$@" /dev/null | grep -vE "include[[:space:]]+($allowed)" |
        sed "s|\$|    ($why)|" >>"$bad" || :
}

# files PATTERN...: those that exist
files() {
    for f; do
        if [ -f "$f" ]; then printf '%s\n' "$f"; fi
    done
}

# The files of sim/ whose job needs more than the rest may have: the in-process core and its parameters by name; JSON, in
# and (list) out. Whoever reads JSON does it through json_doc.h.
core_door='^sim/(target_core\.c|params_[a-z]+\.[ch])$'
json_door='^sim/(json_[a-z_]+|cmd_list)\.[ch]$'

# shellcheck disable=SC2046 # file names of this project have no blanks
check_includes() {
    includes 'bms_core: freestanding headers and itself' "\"bms_core/|$freestanding" \
        $(files bms_core/*.[ch] bms_core/params/*.[ch])
    includes 'ports: the core, the link, freestanding headers' "\"bms_core/|\"bus/link/|$freestanding" \
        $(files bms_core/ports/*.[ch] bms_core/ports/cortex_m/*.[ch])
    includes 'ports: the core, bus and the system' "\"bms_core/|\"bus/|<[a-z]" $(files bms_core/ports/posix/*.[ch])
    includes 'model: libc without I/O and heap, and itself' "\"model/|$hosted" $(files model/*.[ch])
    includes 'bus/link: freestanding headers, bms_io.h and itself' "\"bus/link/|\"bms_core/bms_io\.h\"|$freestanding" \
        $(files bus/link/*.[ch])
    includes 'bus/wire: freestanding headers and itself' "\"bus/wire/|$freestanding" $(files bus/wire/*.[ch])
    includes 'bus: the system and itself' '"bus/|<[a-z]' $(files bus/*.[ch])
    for f in $(files sim/*.[ch]); do
        allowed='"(sim|model|bus)/|"bms_core/bms_io\.h"|<([abd-z]|c[a-ik-z])'
        if echo "$f" | grep -qE "$core_door"; then allowed="$allowed|\"bms_core/"; fi
        if echo "$f" | grep -qE "$json_door"; then allowed="$allowed|<cjson/cJSON\.h>"; fi
        includes 'sim: of the core only bms_io.h, cJSON only where JSON is read' "$allowed" "$f"
    done
}

# calls WHY ALLOWED ARCHIVE: symbols that the archive needs from outside
calls() {
    [ -f "$3" ] || { echo "$3 is missing" >>"$bad"; return; }
    defined=$(nm -g --defined-only "$3" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
    nm -u "$3" 2>/dev/null | awk 'NF == 2 { print $2 }' | sort -u | grep -vxF -e "${defined:-none}" |
        grep -vxE "$2" | sed "s|^|$3 calls |; s|\$|    ($1)|" >>"$bad" || :
}

check_calls() {
    memory='mem(cpy|move|set|cmp)'
    math='(a?(sin|cos|tan)h?|atan2|exp2?|expm1|log(2|10|1p)?|pow|sqrt|cbrt|hypot|f(abs|mod|min|max|dim|ma)|floor|ceil|trunc'
    math="$math|l?l?(round|rint)|nearbyint|copysign|ldexp|frexp|modf|scalbn|nextafter|remainder|erfc?|tgamma|lgamma)f?"
    # __cpu_*: the choice among clones of a function for wider vectors.
    calls 'bms_core: memory functions only' "$memory" "$build/libbms_core.a"
    calls 'model: memory, strings and mathematics only' "$memory|str(cmp|ncmp|len)|$math|__assert_fail|_GLOBAL_OFFSET_TABLE_|__cpu_(indicator_init|model)" \
        "$build/libmodel.a"
}

# x86 without floating-point registers refuses float and double even where no library call shows them.
check_integers() {
    for f in $(files bms_core/*.c bms_core/params/*.c); do
        gcc -std=c11 -I. -ffreestanding -DNDEBUG -O1 -mgeneral-regs-only -c "$f" -o /dev/null >>"$bad" 2>&1 || :
    done
}

check_headers() {
    strict='-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror -I.'
    for h in $(files bms_core/*.h bms_core/params/*.h bms_core/ports/*.h bms_core/ports/cortex_m/*.h model/*.h bus/*.h bus/link/*.h bus/wire/*.h sim/*.h tests/support/*.h); do
        case $h in
        bms_core/*) own=-ffreestanding ;;
        model/*) own=-Wno-psabi ;; # as the Makefile
        *) own=-D_POSIX_C_SOURCE=200809L ;;
        esac
        for cc in gcc clang; do
            # clang only if it is here: make pure needs no more than make does.
            command -v "$cc" >/dev/null || continue
            # The declaration is for headers that hold only macros: an empty unit is an error.
            # shellcheck disable=SC2086 # lists of options
            printf '#include "%s"\nextern int alone;\n' "$h" | $cc $strict $own -fsyntax-only -x c - >>"$bad" 2>&1 ||
                echo "$h does not compile alone ($cc)" >>"$bad"
        done
    done
}

check_includes
check_calls
[ "$(uname -m)" != x86_64 ] || check_integers
check_headers

if [ -s "$bad" ]; then
    cat "$bad" >&2
    exit 1
fi
echo 'pure: includes, calls and headers keep to the rules'
