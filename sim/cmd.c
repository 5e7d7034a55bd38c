#include "sim/cmd.h"

#include "sim/diag.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 64

/* clang-format off */
#define OPTION_ROOT { "root", "DIR", "where model/, bms_core/params and scenarios/requirements lie (also PACKBENCH_ROOT)" }
#define OPTION_ROWS { "requirements", "DIR", "requirement tables to know besides those of the root" }
#define OPTION_TAG  { "tag", "TAG", "only scenarios that carry this tag" }

const struct cmd cmd_table[] = {
    { "run", "run scenarios and judge them", "PATH...",
      "A PATH is a scenario, FILE:N for its case number N alone, a folder of scenarios, or - for standard input.", 1, -1,
      { { "out", "DIR", "leave results.jsonl, junit.xml, traces, records and the resolved scenarios here" },
        { "jobs", "N", "run N scenarios at a time (default 1); the results are the same bytes" },
        { "trace", "TIME", "a row of the trace at least this often (default 1s); off: none" },
        { "target", "TARGET",
          "core (default), exec:PROGRAM, serial:DEVICE[@BAUD], tcp:HOST:PORT or can:INTERFACE[:NODE]" },
        { "pace", "SPEED", "keep to the wall clock: real, or so many times faster; lateness is measured" },
        { "first", NULL, "of each scenario only the first case" },
        { "commands", NULL, "each case leaves commands.csv too: every change of a BMS's command" },
        { "fail-fast", NULL, "stop after the first case that did not pass" },
        { "quiet", NULL, "print the summary only" },
        { "verbose", NULL, "print every verdict, passed ones too" },
        OPTION_TAG, OPTION_ROWS, OPTION_ROOT }, cmd_run },
    { "check", "say what is wrong with scenarios, without running them", "PATH...",
      "Prints one line for each good file. Up to 20 errors are reported for each bad one.", 1, -1,
      { OPTION_TAG, OPTION_ROWS, OPTION_ROOT }, cmd_check },
    { "explain", "say in plain words what scenarios do and expect", "PATH...",
      "All limits and windows are printed as resolved, with the row, clause and basis they come from.", 1, -1,
      { OPTION_TAG, OPTION_ROWS, OPTION_ROOT }, cmd_explain },
    { "list", "list scenarios, their cases and the rows they cite", "[PATH...]",
      "Without a PATH: the folder scenarios. Columns: file, cases, title, rows.", 0, -1,
      { OPTION_TAG, { "json", NULL, "one JSON object for each file" }, OPTION_ROWS, OPTION_ROOT }, cmd_list },
    { "trace", "show which requirement is covered by which scenario", "[PATH...]",
      "Without a PATH: the folder scenarios. A bench row is covered when a scenario cites it on the row's own system and,\n"
      "with --results, every verdict on it is a pass; a wire row when a file of tests names it. An expectation that only\n"
      "reports does not count. Exit code 1: coverage below --min, or an id that is in no table.", 0, -1,
      { { "results", "DIR", "take the verdicts of this folder of run --out" },
        { "min", "PERCENT", "exit 1 if fewer of the bench rows are covered, of all or of one system" },
        { "brief", NULL, "print the coverage by system only, and unknown ids" },
        { "csv", NULL, "print one line for each row and scenario" },
        { "html", "FILE", "write one page with everything in it" }, OPTION_ROWS, OPTION_ROOT }, cmd_trace },
    { "simulate", "run the plant alone on a profile of current and temperature", "CELL_OR_PACK",
      "A name from model/cells or model/packs, or a file; CELL:VARIANT takes a variant of the cell. The profile has a row\n"
      "for each instant: time_s, current_A (charging positive), ambient_degC and, if it was measured, voltage_V: then the\n"
      "difference is reported. A row's current holds until the next. \"-\" is standard input or output.", 1, 1,
      { { "profile", "FILE.csv", "time_s, current_A, ambient_degC" }, { "out", "FILE.csv", "where the result goes" },
        { "step", "TIME", "longest step, for example 10ms (default 1s)" },
        { "soc", "PERCENT", "state of charge at the start, for example 80% (default: the cell's file, else 50%)" },
        { "hysteresis", "NUMBER", "at the start, -1 discharged to 1 charged" }, OPTION_ROOT }, cmd_simulate },
    { "doctor", "say whether this machine can run each target", "[TARGET...]",
      "Looks at what a target needs and prints the command that mends each lack; changes nothing. Exit 0: all that were asked\n"
      "for can run; 3: one cannot. Without a TARGET all are looked at: core exec cortex-m serial can can-vm paced.", 0, -1,
      { { NULL, NULL, NULL } }, cmd_doctor },
    { "help", "explain a command, the scenario format, signals or faults", "[COMMAND | format | signals | faults]",
      NULL, 0, 1, { { NULL, NULL, NULL } }, cmd_help },
    { "version", "print the version", "", NULL, 0, 0, { { NULL, NULL, NULL } }, cmd_version },
};
/* clang-format on */

const size_t cmd_count = sizeof cmd_table / sizeof cmd_table[0];

static const struct cmd *find(const char *name)
{
    for (size_t i = 0; i < cmd_count; i++) {
        if (strcmp(cmd_table[i].name, name) == 0) {
            return &cmd_table[i];
        }
    }
    return NULL;
}

static size_t option_count(const struct cmd *cmd)
{
    size_t count = 0;

    while (count < CMD_OPTIONS_MAX && cmd->option[count].name != NULL) {
        count++;
    }
    return count;
}

void cmd_print_usage(const struct cmd *cmd, FILE *out)
{
    const size_t count = option_count(cmd);

    (void)fprintf(out, "usage: packbench %s", cmd->name);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, " [--%s%s%s]", cmd->option[i].name, cmd->option[i].value != NULL ? " " : "",
                      cmd->option[i].value != NULL ? cmd->option[i].value : "");
    }
    (void)fprintf(out, "%s%s\n", cmd->operands[0] != '\0' ? " " : "", cmd->operands);
}

static bool unknown_option(const struct cmd *cmd, const char *word, size_t size)
{
    const char *names[CMD_OPTIONS_MAX];
    const size_t count = option_count(cmd);
    char name[WORDS_MAX];
    const char *nearest;

    for (size_t i = 0; i < count; i++) {
        names[i] = cmd->option[i].name;
    }
    (void)snprintf(name, sizeof name, "%.*s", (int)(size < WORDS_MAX ? size : WORDS_MAX - 1), word);
    nearest = diag_nearest(name, names, count);
    (void)fprintf(stderr, "packbench %s: unknown option --%s", cmd->name, name);
    if (nearest != NULL) {
        (void)fprintf(stderr, " (did you mean --%s?)", nearest);
    }
    (void)fputc('\n', stderr);
    return false;
}

/* Reads argv[*i], which begins with "--", and its value, which may be the next word. */
static bool read_option(struct cmd_args *args, int argc, char **argv, int *i)
{
    const char *word = argv[*i] + 2;
    const size_t size = strcspn(word, "=");
    const size_t count = option_count(args->cmd);

    for (size_t k = 0; k < count; k++) {
        const struct cmd_option *o = &args->cmd->option[k];

        if (strlen(o->name) != size || strncmp(o->name, word, size) != 0) {
            continue;
        }
        if (o->value == NULL) {
            if (word[size] == '=') {
                (void)fprintf(stderr, "packbench %s: --%s takes no value\n", args->cmd->name, o->name);
                return false;
            }
            args->value[k] = "";
        } else {
            args->value[k] = word[size] == '=' ? word + size + 1 : *i + 1 < argc ? argv[++*i] : "";
        }
        if (o->value != NULL && args->value[k][0] == '\0') {
            (void)fprintf(stderr, "packbench %s: --%s needs a value: --%s %s\n", args->cmd->name, o->name, o->name,
                          o->value);
            return false;
        }
        return true;
    }
    return unknown_option(args->cmd, word, size);
}

static bool read_words(struct cmd_args *args, int argc, char **argv)
{
    bool options = true;

    for (int i = 1; i < argc; i++) {
        if (options && strcmp(argv[i], "--") == 0) {
            options = false;
        } else if (options && strncmp(argv[i], "--", 2) == 0) {
            if (!read_option(args, argc, argv, &i)) {
                return false;
            }
        } else if (options && argv[i][0] == '-' && argv[i][1] != '\0') {
            return unknown_option(args->cmd, argv[i] + 1, strlen(argv[i] + 1));
        } else {
            args->operand[args->count++] = argv[i];
        }
    }
    if (args->count < (size_t)args->cmd->operands_min) {
        (void)fprintf(stderr, "packbench %s: %s is missing\n", args->cmd->name, args->cmd->operands);
        return false;
    }
    if (args->cmd->operands_max >= 0 && args->count > (size_t)args->cmd->operands_max) {
        (void)fprintf(stderr, "packbench %s: one word too many: %s\n", args->cmd->name, args->operand[args->count - 1]);
        return false;
    }
    return true;
}

bool cmd_parse(struct cmd_args *args, int argc, char **argv)
{
    *args = (struct cmd_args){ .cmd = find(argv[0]) };
    if (args->cmd == NULL) {
        (void)fprintf(stderr, "packbench: no command %s\n", argv[0]);
        return false;
    }
    args->operand = calloc((size_t)argc + 1, sizeof *args->operand);
    if (args->operand == NULL) {
        (void)fprintf(stderr, "packbench: out of memory\n");
        return false;
    }
    if (!read_words(args, argc, argv)) {
        cmd_print_usage(args->cmd, stderr);
        cmd_args_free(args);
        return false;
    }
    return true;
}

void cmd_args_free(struct cmd_args *args)
{
    free(args->operand);
    args->operand = NULL;
    args->count = 0;
}

const char *cmd_option(const struct cmd_args *args, const char *name)
{
    const size_t count = option_count(args->cmd);

    for (size_t i = 0; i < count; i++) {
        if (strcmp(args->cmd->option[i].name, name) == 0) {
            return args->value[i];
        }
    }
    return NULL;
}

static int unknown_command(const char *name)
{
    const char *names[WORDS_MAX];
    const char *nearest;

    for (size_t i = 0; i < cmd_count && i < WORDS_MAX; i++) {
        names[i] = cmd_table[i].name;
    }
    nearest = diag_nearest(name, names, cmd_count);
    (void)fprintf(stderr, "packbench: unknown command %s", name);
    if (nearest != NULL) {
        (void)fprintf(stderr, " (did you mean %s?)", nearest);
    }
    (void)fputs("\nusage: packbench COMMAND [OPTION...] [OPERAND...]; packbench help lists the commands\n", stderr);
    return CMD_USAGE;
}

int cmd_dispatch(int argc, char **argv)
{
    static char help[] = "help", version[] = "version";
    const struct cmd *cmd;

    if (argc < 1) {
        char *only[] = { help, NULL };

        (void)cmd_help(1, only);
        return CMD_USAGE;
    }
    if (strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        argv[0] = help;
    } else if (strcmp(argv[0], "--version") == 0) {
        argv[0] = version;
    }
    cmd = find(argv[0]);
    if (cmd == NULL) {
        return unknown_command(argv[0]);
    }
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            char *about[] = { help, argv[0], NULL };

            return cmd_help(2, about);
        }
    }
    return cmd->function(argc, argv);
}
