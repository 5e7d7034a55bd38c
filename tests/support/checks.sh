# What the shell tests share. From the root of the checkout:
#     . tests/support/checks.sh
#     ...
#     summary
# Gives $bench (PACKBENCH, or the built one), $firmware (the posix one beside it), a folder $tmp that is gone at the end, and the
# checks below; all count. Whoever has more to clear away defines at_end.
# shellcheck shell=sh disable=SC2034,SC2317
set -u
bench=${PACKBENCH:-build/packbench}
firmware=$(dirname "$bench")/bms_posix
tmp=$(mktemp -d) || exit 1
passed=0 failed=0
at_end() { :; }
trap 'at_end; rm -rf "$tmp"' EXIT
trap 'exit 143' INT TERM

ok() { passed=$((passed + 1)); }
no() {
    failed=$((failed + 1))
    echo "FAILED: $*"
}
# check SENTENCE STATUS
check() { if [ "$2" -eq 0 ]; then ok; else no "$1"; fi; }
# same SENTENCE WANTED GOT
same() { if [ "$2" = "$3" ]; then ok; else no "$1: expected '$2', got '$3'"; fi; }
# code WANTED SENTENCE COMMAND...: runs it, output in $tmp/out and $tmp/err
code() {
    wanted=$1 sentence=$2
    shift 2
    "$@" >"$tmp/out" 2>"$tmp/err"
    got=$?
    if [ "$got" -eq "$wanted" ]; then
        ok
    else
        no "$sentence: exit $got, not $wanted"
        tail -n 5 "$tmp/out" "$tmp/err"
    fi
}
# says out|err WORDS, lacks out|err WORDS: of the newest command
says() {
    if grep -q -e "$2" "$tmp/$1"; then
        ok
    else
        no "$1 does not say '$2'"
        cat "$tmp/$1"
    fi
}
lacks() { if grep -q -e "$2" "$tmp/$1"; then no "$1 says '$2'"; else ok; fi; }

# skip SENTENCE: a failure where the rigs are insisted on
skip() {
    echo "$1"
    [ "${PACKBENCH_RIGS-}" = required ] && exit 1
    exit 77
}
# needs_rig can-vm|cortex-m ...: skips without
needs_rig() {
    [ "${PACKBENCH_RIGS-}" != no ] || skip "PACKBENCH_RIGS=no: not asked for"
    for rig; do
        case $rig in
        can-vm) ready=$(scripts/can-vm --check 2>&1) || skip "$ready" ;;
        cortex-m)
            image=$(dirname "$bench")/bms_cortex_m.elf
            command -v qemu-system-arm >/dev/null || skip 'skipped: no qemu-system-arm here: scripts/setup --rigs'
            [ -f "$image" ] || skip "skipped: no $image here: scripts/setup --rigs, then make"
            ;;
        *) echo "needs_rig: no rig is called $rig" && exit 1 ;;
        esac
    done
}

# The last line of a test, and its exit status.
summary() {
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
