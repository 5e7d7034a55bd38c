#include "sim/cmd_scenarios.h"

static void visit(const struct scenario_list *list, const struct cmd_args *args)
{
    (void)args;
    printf("%s: ok, %zu case%s\n", list->item[0].file, list->count, list->count == 1 ? "" : "s");
}

int cmd_check(int argc, char **argv)
{
    struct cmd_args args;
    int code = CMD_USAGE;

    if (cmd_parse(&args, argc, argv)) {
        code = cmd_scenarios_each(&args, false, visit);
        cmd_args_free(&args);
    }
    return code;
}
