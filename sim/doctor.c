#include "sim/doctor.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum doctor_state doctor_worst(const struct doctor_report *report)
{
    enum doctor_state worst = DOCTOR_FINE;

    for (size_t i = 0; i < report->count; i++) {
        worst = report->finding[i].state > worst ? report->finding[i].state : worst;
    }
    return worst;
}

struct doctor_finding *doctor_add(struct doctor_report *report, enum doctor_state state, const char *format, ...)
{
    struct doctor_finding *f = &report->finding[report->count];
    va_list list;

    if (report->count == DOCTOR_FINDINGS_MAX) {
        f--; /* the last one makes room */
    } else {
        report->count++;
    }
    memset(f, 0, sizeof *f);
    f->state = state;
    va_start(list, format);
    (void)vsnprintf(f->what, sizeof f->what, format, list);
    va_end(list);
    return f;
}

void doctor_mend(struct doctor_finding *finding, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    (void)vsnprintf(finding->mend, sizeof finding->mend, format, list);
    va_end(list);
}

static bool first_line(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");

    text[0] = '\0';

    if (file == NULL) {
        return false;
    }
    const bool got = fgets(text, (int)size, file) != NULL;

    (void)fclose(file);
    text[strcspn(text, "\n")] = '\0';
    return got;
}

bool doctor_line(const struct doctor_place *place, const char *path, char *text, size_t size)
{
    char full[512];

    (void)snprintf(full, sizeof full, "%s%s", place->system, path);
    return first_line(full, text, size);
}

static bool in_path(const char *program)
{
    /* Administrators' programs are found by scripts, whatever PATH a user has. */
    static const char more[] = ":/usr/sbin:/sbin";
    const char *path = getenv("PATH");
    char all[4096], full[4096];

    (void)snprintf(all, sizeof all, "%s%s", path != NULL ? path : "/usr/bin:/bin", more);
    for (char *at = all, *next; at != NULL; at = next) {
        next = strchr(at, ':');
        if (next != NULL) {
            *next++ = '\0';
        }
        if (snprintf(full, sizeof full, "%s/%s", at, program) < (int)sizeof full && access(full, X_OK) == 0) {
            return true;
        }
    }
    return false;
}

bool doctor_program(struct doctor_report *report, const char *program, const char *mend)
{
    const bool here = in_path(program);
    struct doctor_finding *f =
        doctor_add(report, here ? DOCTOR_FINE : DOCTOR_LACKS, "%s%s", here ? "" : "no ", program);

    if (!here) {
        doctor_mend(f, "%s", mend);
    }
    return here;
}

static bool is_file(struct doctor_report *report, const char *path, const char *mend)
{
    struct stat st;
    const bool here = stat(path, &st) == 0 && S_ISREG(st.st_mode);
    struct doctor_finding *f = doctor_add(report, here ? DOCTOR_FINE : DOCTOR_LACKS, "%s%s", here ? "" : "no ", path);

    if (!here) {
        doctor_mend(f, "%s", mend);
    }
    return here;
}

/* ---- targets without hardware ------------------------------------------------------------------------------------ */

static void look_core(struct doctor_report *report, const struct doctor_place *place)
{
    (void)place;
    doctor_add(report, DOCTOR_FINE, "the core library is in this program");
}

static void look_pty(struct doctor_report *report, const struct doctor_place *place)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/dev/ptmx", place->system);
    const int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0) {
        doctor_mend(doctor_add(report, DOCTOR_LACKS, "no pseudo-terminal can be had from %s", path),
                    "sudo mount -t devpts -o ptmxmode=666 devpts /dev/pts");
        return;
    }
    (void)close(fd);
    doctor_add(report, DOCTOR_FINE, "pseudo-terminals");
}

static void look_exec(struct doctor_report *report, const struct doctor_place *place)
{
    char path[512];

    look_pty(report, place);
    (void)snprintf(path, sizeof path, "%s/bms_posix", place->build);
    (void)is_file(report, path, "make");
}

static void look_cortex_m(struct doctor_report *report, const struct doctor_place *place)
{
    char path[512];

    look_pty(report, place);
    (void)doctor_program(report, "qemu-system-arm", "scripts/setup --rigs");
    (void)doctor_program(report, "setpriv", "scripts/setup --rigs");
    (void)snprintf(path, sizeof path, "%s/bms_cortex_m.elf", place->build);
    (void)is_file(report, path, "scripts/setup --rigs && make firmware");
}

static void look_can_vm(struct doctor_report *report, const struct doctor_place *place)
{
    static const char *const needed[] = { "qemu-system-x86_64", "busybox", "cpio", "modprobe", "setpriv", "flock" };
    bool all = true;
    char version[100];

    (void)place;
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        all &= doctor_program(report, needed[i], "scripts/setup --rigs");
    }
    if (!all) {
        return;
    }
    if (first_line("build/can-vm/version", version, sizeof version)) {
        doctor_add(report, DOCTOR_FINE, "Debian's kernel %s", version);
    } else if (in_path("apt-get") && in_path("dpkg")) {
        doctor_mend(doctor_add(report, DOCTOR_WORSE, "its kernel is not here yet: the first run gets it"),
                    "scripts/can-vm --check");
    } else {
        doctor_add(report, DOCTOR_LACKS, "no kernel in build/can-vm, and no apt-get and dpkg to get Debian's");
    }
}

/* clang-format off */
const struct doctor_target doctor_table[] = {
    { "core",     "--target core: the core library in this process",                      look_core },
    { "exec",     "--target exec:PROGRAM: a firmware process on a pty",                   look_exec },
    { "cortex-m", "--target exec:scripts/firmware-qemu: the emulated microcontroller",    look_cortex_m },
    { "serial",   "--target serial:DEVICE: firmware on a serial port",                    doctor_look_serial },
    { "can",      "--target can:INTERFACE: firmware on a CAN bus",                        doctor_look_can },
    { "can-vm",   "scripts/can-vm: CAN and 16550 ports in a virtual machine",             look_can_vm },
    { "paced",    "paced runs: the wall clock sets the pace",                             doctor_look_paced },
};
/* clang-format on */

const size_t doctor_count = sizeof doctor_table / sizeof doctor_table[0];
