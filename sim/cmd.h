/* The commands of packbench: one table drives dispatch, help and the reading of options.
 *
 * Results go to stdout, talk to stderr. Options may stand before or after operands; "--" ends them. */
#ifndef SIM_CMD_H
#define SIM_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CMD_OPTIONS_MAX 16

/* Exit codes. When several apply the first of 2, 1, 3, 77, 0 that does is given. */
enum cmd_exit {
    CMD_OK = 0,           /* all passed */
    CMD_FAILED = 1,       /* a scenario failed */
    CMD_USAGE = 2,        /* usage, or an invalid file */
    CMD_INCONCLUSIVE = 3, /* inconclusive, or an error of the rig */
    CMD_NOTHING = 4,      /* nothing was selected */
    CMD_SKIPPED = 77,     /* everything was skipped */
};

struct cmd_option {
    const char *name;    /* without its dashes; NULL ends a list */
    const char *value;   /* what its value is called in help; NULL: a flag */
    const char *meaning; /* one line */
};

struct cmd {
    const char *name;
    const char *summary;            /* one line */
    const char *operands;           /* "PATH..." */
    const char *details;            /* paragraphs for `packbench help NAME`; may be NULL */
    int operands_min, operands_max; /* max < 0: any number */
    struct cmd_option option[CMD_OPTIONS_MAX];
    int (*function)(int argc, char **argv); /* argv[0] is the command's name; returns an exit code */
};

extern const struct cmd cmd_table[];
extern const size_t cmd_count;

struct cmd_args {
    const struct cmd *cmd;
    char **operand; /* argv put in order: borrowed pointers in a list that cmd_args_free frees */
    size_t count;
    const char *value[CMD_OPTIONS_MAX]; /* by row of cmd->option; a flag's is ""; NULL: not given */
};

/* Reads the options of the command argv[0] by its table row. On an unknown option, a missing value or a wrong number of
 * operands says so on stderr, with the usage line, and returns false: the command then returns CMD_USAGE. */
bool cmd_parse(struct cmd_args *args, int argc, char **argv);
void cmd_args_free(struct cmd_args *args);

/* The value of an option of the table ("" for a flag), or NULL if it was not given. The last one given wins. */
const char *cmd_option(const struct cmd_args *args, const char *name);

/* Everything after the program's name; returns the exit code. */
int cmd_dispatch(int argc, char **argv);

void cmd_print_usage(const struct cmd *cmd, FILE *out);

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_trace(int argc, char **argv);
int cmd_simulate(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_help(int argc, char **argv);
int cmd_version(int argc, char **argv);

#endif
