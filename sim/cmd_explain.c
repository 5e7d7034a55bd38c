#include "sim/cmd_scenarios.h"
#include "sim/explain.h"

static void visit(const struct scenario_list *list, const struct cmd_args *args)
{
    (void)args;
    for (size_t i = 0; i < list->count; i++) {
        explain_scenario(&list->item[i], stdout);
        putchar('\n');
    }
}

int cmd_explain(int argc, char **argv)
{
    struct cmd_args args;
    int code = CMD_USAGE;

    if (cmd_parse(&args, argc, argv)) {
        code = cmd_scenarios_each(&args, false, visit);
        cmd_args_free(&args);
    }
    return code;
}
