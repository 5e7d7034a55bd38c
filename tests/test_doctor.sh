#!/bin/sh
# packbench doctor: exit codes, and findings in systems made up for it (folders that stand for /sys and /dev).
# shellcheck disable=SC2015 # "a && ok || no": ok never fails
. tests/support/checks.sh
# code WANTED SENTENCE OPERAND...
code() {
    wanted=$1 sentence=$2
    shift 2
    "$bench" doctor "$@" >"$tmp/out" 2>"$tmp/err"
    got=$?
    [ "$got" -eq "$wanted" ] && ok || { no "$sentence: exit $got, not $wanted"; cat "$tmp/out" "$tmp/err"; }
}
says() { grep -qF -e "$2" "$tmp/$1" && ok || { no "$1 does not say '$2'"; cat "$tmp/$1"; }; }
silent() { grep -qF -e "$1" "$tmp/out" && no "out says '$1'" || ok; }

code 0 'the core runs anywhere' core
says out 'core      can run'
silent 'exec'
code 2 'a target that there is not' core nonsense
says err 'no target nonsense; there are core exec'
"$bench" doctor >"$tmp/out" 2>&1
for target in core exec cortex-m serial can can-vm paced; do says out "$target  "; done

# ---- programs and images
mkdir -p "$tmp/images" "$tmp/bin"
BUILD=$tmp/nowhere code 3 'no firmware process' exec
says out "LACKS  no $tmp/nowhere/bms_posix"
says out 'mend: make'
touch "$tmp/images/bms_cortex_m.elf"
for program in qemu-system-arm setpriv; do
    printf '#!/bin/sh\n' >"$tmp/bin/$program"
    chmod +x "$tmp/bin/$program"
done
BUILD=$tmp/images PATH=$tmp/bin:$PATH code 0 'image and emulator are there' cortex-m
says out 'ok     qemu-system-arm'
[ -x /usr/bin/qemu-system-arm ] || {
    BUILD=$tmp/images code 3 'no emulator' cortex-m
    says out 'mend: scripts/setup --rigs'
}
PACKBENCH_SYSTEM=$tmp BUILD=$tmp/images PATH=$tmp/bin:$PATH code 3 'no ptys' cortex-m
says out 'no pseudo-terminal'

# ---- serial ports: a chip-less ttyS0, a USB adapter that holds bytes back, one that does not
# port NAME TYPE [LATENCY]
port() {
    mkdir -p "$tmp/sys/class/tty/$1/device" "$tmp/dev"
    echo "$2" >"$tmp/sys/class/tty/$1/type"
    [ -z "${3-}" ] || echo "$3" >"$tmp/sys/class/tty/$1/device/latency_timer"
    touch "$tmp/dev/$1"
}
PACKBENCH_SYSTEM=$tmp code 3 'no port at all' serial
says out 'no serial port that can be opened'
port ttyS0 0
PACKBENCH_SYSTEM=$tmp code 3 'a port without a chip' serial
port ttyUSB0 4 16
port ttyUSB1 4 1
mkdir -p "$tmp/sys/class/tty/tty1"
touch "$tmp/dev/tty1"
PACKBENCH_SYSTEM=$tmp code 0 'ports that can be opened' serial
says out 'serial    can run, not at its best'
says out 'ok     /dev/ttyUSB1'
says out '/dev/ttyUSB0 holds bytes back for 16 ms'
says out 'mend: echo 1 | sudo tee /sys/class/tty/ttyUSB0/device/latency_timer'
silent '/dev/ttyUSB1 holds'
silent ttyS0
silent tty1
# A port that a program has open, through whatever name.
mkdir -p "$tmp/proc/4321/fd" "$tmp/proc/77/fd" "$tmp/proc/self"
echo minicom >"$tmp/proc/4321/comm"
ln -s "$(realpath "$tmp/dev/ttyUSB1")" "$tmp/proc/4321/fd/5"
ln -s /dev/null "$tmp/proc/77/fd/0"
PACKBENCH_SYSTEM=$tmp code 0 'one of two ports is in use' serial
says out '/dev/ttyUSB1 is in use by minicom, process 4321'
says out 'mend: kill 4321'
silent 'ttyUSB0 is in use'
silent 'ok     /dev/ttyUSB1'
rm -r "$tmp/proc"
if [ "$(id -u)" -ne 0 ]; then # root may open everything
    chmod 000 "$tmp/dev/ttyUSB0" "$tmp/dev/ttyUSB1"
    PACKBENCH_SYSTEM=$tmp code 3 'ports of others' serial
    says out 'mend: sudo usermod -aG dialout $USER'
fi

# ---- clocks
mkdir -p "$tmp/sys/devices/system/clocksource/clocksource0" "$tmp/sys/devices/system/cpu/cpu0/cpufreq"
echo hpet >"$tmp/sys/devices/system/clocksource/clocksource0/current_clocksource"
echo powersave >"$tmp/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
PACKBENCH_SYSTEM=$tmp code 0 'a slow clock is no lack' paced
says out 'paced     can run, not at its best'
says out 'clock source hpet is slow'
says out 'governor powersave'
says out 'wakes at 1 kHz just now:'
echo tsc >"$tmp/sys/devices/system/clocksource/clocksource0/current_clocksource"
PACKBENCH_SYSTEM=$tmp code 0 'a good clock' paced
says out 'ok     clock source tsc'
silent 'tee /sys/devices/system/clocksource'

# ---- CAN interfaces, where the kernel has CAN
if "$bench" doctor can | grep -q 'LACKS  no can-raw'; then
    "$bench" doctor can >"$tmp/out"
    grep -qE 'mend: (sudo modprobe can-raw|scripts/can-vm)' "$tmp/out" && ok || no 'no way to CAN is told'
else
    # interface NAME TYPE FLAGS MTU
    interface() {
        mkdir -p "$tmp/sys/class/net/$1"
        echo "$2" >"$tmp/sys/class/net/$1/type"
        echo "$3" >"$tmp/sys/class/net/$1/flags"
        echo "$4" >"$tmp/sys/class/net/$1/mtu"
    }
    interface eth0 1 0x1003 1500
    interface can0 280 0x40080 16
    PACKBENCH_SYSTEM=$tmp code 3 'no CAN interface is up' can
    says out 'mend: sudo ip link set can0 up type can bitrate 500000 restart-ms 100'
    silent eth0
    interface vcan0 280 0x400c1 72
    PACKBENCH_SYSTEM=$tmp code 0 'one CAN interface is up' can
    says out 'ok     vcan0 is up, with CAN FD'
fi

summary
