#include "sim/cmd.h"
#include "sim/doctor.h"

#include <stdlib.h>
#include <string.h>

static const struct doctor_target *find(const char *name)
{
    for (size_t i = 0; i < doctor_count; i++) {
        if (strcmp(doctor_table[i].name, name) == 0) {
            return &doctor_table[i];
        }
    }
    return NULL;
}

static bool known(const struct cmd_args *args)
{
    for (size_t i = 0; i < args->count; i++) {
        if (find(args->operand[i]) == NULL) {
            (void)fprintf(stderr, "packbench doctor: no target %s; there are", args->operand[i]);
            for (size_t k = 0; k < doctor_count; k++) {
                (void)fprintf(stderr, " %s", doctor_table[k].name);
            }
            (void)fputc('\n', stderr);
            return false;
        }
    }
    return true;
}

/* Prints what was found; true if the target can run. */
static bool examine(const struct doctor_target *t, const struct doctor_place *place)
{
    static const char *const verdict[] = { "can run", "can run, not at its best", "cannot run" };
    static const char *const word[] = { "ok", "worse", "LACKS" };
    struct doctor_report report = { .count = 0 };

    t->look(&report, place);
    printf("%-9s %s  (%s)\n", t->name, verdict[doctor_worst(&report)], t->meaning);
    for (size_t i = 0; i < report.count; i++) {
        const struct doctor_finding *f = &report.finding[i];

        printf("    %-6s %s\n", word[f->state], f->what);
        if (f->mend[0] != '\0') {
            printf("           mend: %s\n", f->mend);
        }
    }
    return doctor_worst(&report) != DOCTOR_LACKS;
}

int cmd_doctor(int argc, char **argv)
{
    const char *system = getenv("PACKBENCH_SYSTEM"), *build = getenv("BUILD");
    const struct doctor_place place = { .system = system != NULL ? system : "",
                                        .build = build != NULL ? build : "build" };
    struct cmd_args args;
    bool all = true;

    if (!cmd_parse(&args, argc, argv)) {
        return CMD_USAGE;
    }
    if (!known(&args)) {
        cmd_args_free(&args);
        return CMD_USAGE;
    }
    for (size_t i = 0; i < args.count; i++) {
        all &= examine(find(args.operand[i]), &place);
    }
    for (size_t i = 0; args.count == 0 && i < doctor_count; i++) {
        all &= examine(&doctor_table[i], &place);
    }
    cmd_args_free(&args);
    return all ? CMD_OK : CMD_INCONCLUSIVE;
}
