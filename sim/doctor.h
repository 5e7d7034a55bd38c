/* Is this machine fit to run each kind of target? Each check looks at one thing and says what it found and, where
 * something lacks, the command that mends it. Nothing is changed, and no port is opened that could start a device. */
#ifndef SIM_DOCTOR_H
#define SIM_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

#define DOCTOR_FINDINGS_MAX 40
#define DOCTOR_TEXT_SIZE 256

enum doctor_state {
    DOCTOR_FINE,  /* as it should be */
    DOCTOR_WORSE, /* the target runs, but less well: slower, less exact, not for everyone */
    DOCTOR_LACKS, /* the target cannot run */
};

struct doctor_finding {
    enum doctor_state state;
    char what[DOCTOR_TEXT_SIZE], mend[DOCTOR_TEXT_SIZE]; /* mend: a command, or "" */
};

struct doctor_report {
    struct doctor_finding finding[DOCTOR_FINDINGS_MAX];
    size_t count;
};

struct doctor_place {   /* where to look */
    const char *system; /* "" or a folder in which /sys, /proc and /dev stand: for tests */
    const char *build;  /* where firmware images lie: "build" */
};

struct doctor_target {
    const char *name, *meaning;
    void (*look)(struct doctor_report *report, const struct doctor_place *place);
};

extern const struct doctor_target doctor_table[];
extern const size_t doctor_count;

/* Worst finding of a report. */
enum doctor_state doctor_worst(const struct doctor_report *report);

/* ---- for the checks -------------------------------------------------------------------------------------------- */

/* Adds a finding, printf-like; the report drops what has no room. Returns it, for doctor_mend(). */
struct doctor_finding *doctor_add(struct doctor_report *report, enum doctor_state state, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void doctor_mend(struct doctor_finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds that a program is in PATH, or lacks and how to get it. */
bool doctor_program(struct doctor_report *report, const char *program, const char *mend);
/* First line of a file below place->system, without its end. False: not there, text is "". */
bool doctor_line(const struct doctor_place *place, const char *path, char *text, size_t size);

void doctor_look_serial(struct doctor_report *report, const struct doctor_place *place);
void doctor_look_can(struct doctor_report *report, const struct doctor_place *place);
void doctor_look_paced(struct doctor_report *report, const struct doctor_place *place);

#endif
