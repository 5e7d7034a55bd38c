#include "sim/cmd.h"
#include "sim/diag.h"
#include "sim/format.h"
#include "sim/signal.h"
#include "sim/version.h"

#include "bms_core/bms_io.h"
#include "model/parts.h"

#include <string.h>

static const char *const topics[] = { "format", "signals", "faults" };

static void print_commands(void)
{
    puts("packbench: a bench for battery-management systems\n\n"
         "usage: packbench COMMAND [OPTION...] [OPERAND...]\n\ncommands:");
    for (size_t i = 0; i < cmd_count; i++) {
        printf("  %-10s %s\n", cmd_table[i].name, cmd_table[i].summary);
    }
    puts("\nOptions may stand before or after operands; -- ends them.\n"
         "packbench help COMMAND says more; help format, help signals and help faults are for authors of scenarios.\n\n"
         "exit code: 0 all passed, 1 a scenario failed, 2 usage or an invalid file, 3 inconclusive or an error of the "
         "rig,\n"
         "           4 nothing was selected, 77 everything was skipped");
}

static void print_signals(void)
{
    puts("Signals. Without a prefix: the truth of the plant; afe.: what the front end measured; bms.: what the BMS "
         "says.\n"
         "Numbers count from 1; with several packs write pack[2]. in front of signals marked with p.\n");
    for (size_t i = 0; i < signal_count; i++) {
        const struct signal_info *s = &signal_table[i];

        printf("%c %-26s %-10s %s\n", s->of_pack ? 'p' : ' ', s->name,
               s->dim == DIM_BOOL ? "true/false" : dim_unit(s->dim), s->meaning);
    }
    puts("\nNames after bms.protection. and bms.alarm.:");
#define PRINT_FAULT(identifier, name) printf(" %s", name);
    BMS_FAULTS(PRINT_FAULT)
    putchar('\n');
}

static void print_faults(void)
{
    puts("Faults: \"fault\": { \"kind\": ..., \"index\": ..., \"value\": ..., \"rate\": ..., \"for\": ... }\n");
    printf("  %-24s %-8s %-6s %s\n", "kind", "index", "value", "meaning");
#define PRINT_KIND(identifier, name, index, unit, meaning) printf("  %-24s %-8s %-6s %s\n", name, index, unit, meaning);
    PLANT_FAULTS(PRINT_KIND)
}

static int print_command(const struct cmd *cmd)
{
    cmd_print_usage(cmd, stdout);
    printf("\n%s\n", cmd->summary);
    if (cmd->details != NULL) {
        printf("\n%s\n", cmd->details);
    }
    for (size_t i = 0; i < CMD_OPTIONS_MAX && cmd->option[i].name != NULL; i++) {
        const struct cmd_option *o = &cmd->option[i];
        char name[60];

        (void)snprintf(name, sizeof name, "--%s%s%s", o->name, o->value != NULL ? " " : "",
                       o->value != NULL ? o->value : "");
        printf("%s  %-20s %s\n", i == 0 ? "\n" : "", name, o->meaning);
    }
    return CMD_OK;
}

static int print_topic(const char *topic)
{
    const char *words[64];
    const char *nearest;
    size_t count = 0;

    for (size_t i = 0; i < cmd_count; i++) {
        if (strcmp(cmd_table[i].name, topic) == 0) {
            return print_command(&cmd_table[i]);
        }
        words[count++] = cmd_table[i].name;
    }
    if (strcmp(topic, "format") == 0) {
        format_print(stdout);
    } else if (strcmp(topic, "signals") == 0) {
        print_signals();
    } else if (strcmp(topic, "faults") == 0) {
        print_faults();
    } else {
        for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
            words[count++] = topics[i];
        }
        nearest = diag_nearest(topic, words, count);
        (void)fprintf(stderr, "packbench help: nothing is known about %s", topic);
        if (nearest != NULL) {
            (void)fprintf(stderr, " (did you mean %s?)", nearest);
        }
        (void)fputc('\n', stderr);
        return CMD_USAGE;
    }
    return CMD_OK;
}

int cmd_help(int argc, char **argv)
{
    struct cmd_args args;
    int code = CMD_OK;

    if (!cmd_parse(&args, argc, argv)) {
        return CMD_USAGE;
    }
    if (args.count == 0) {
        print_commands();
    } else {
        code = print_topic(args.operand[0]);
    }
    cmd_args_free(&args);
    return code;
}

int cmd_version(int argc, char **argv)
{
    struct cmd_args args;

    if (!cmd_parse(&args, argc, argv)) {
        return CMD_USAGE;
    }
    cmd_args_free(&args);
    puts("packbench " PACKBENCH_VERSION);
    return CMD_OK;
}
