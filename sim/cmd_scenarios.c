#include "sim/cmd_scenarios.h"

bool cmd_scenarios_open(struct cmd_scenarios *c, const struct cmd_args *args, bool default_paths)
{
    struct diag d;
    bool ok;

    *c = (struct cmd_scenarios){ .tag = cmd_option(args, "tag") };
    diag_init(&d);
    ok = root_open(&c->root, cmd_option(args, "root"), &d) &&
         root_add_rows(&c->root, cmd_option(args, "requirements"), &d);
    if (ok) {
        char *const *paths = args->count == 0 && default_paths ? &c->root.scenarios : args->operand;

        c->world = root_world(&c->root);
        ok = select_paths(&c->files, paths, args->count == 0 && default_paths ? 1 : args->count, &d);
    }
    diag_print(&d, stderr);
    diag_free(&d);
    if (!ok) {
        cmd_scenarios_close(c);
    }
    return ok;
}

void cmd_scenarios_close(struct cmd_scenarios *c)
{
    select_free(&c->files);
    root_close(&c->root);
}

bool cmd_scenarios_load(const struct cmd_scenarios *c, size_t file, struct scenario_list *list)
{
    struct diag d;
    bool ok;

    *list = (struct scenario_list){ 0 };
    diag_init(&d);
    ok = select_load(&c->files.item[file], list, &c->world, &d);
    diag_print(&d, stderr);
    diag_free(&d);
    return ok;
}

void cmd_say_nothing(const struct cmd_args *args)
{
    const char *tag = cmd_option(args, "tag");

    (void)fprintf(stderr, "packbench %s: no scenario was selected%s%s%s\n", args->cmd->name,
                  tag != NULL ? ": none carries the tag \"" : "", tag != NULL ? tag : "", tag != NULL ? "\"" : "");
}

int cmd_scenarios_each(const struct cmd_args *args, bool default_paths,
                       void (*visit)(const struct scenario_list *list, const struct cmd_args *args))
{
    struct cmd_scenarios c;
    bool sound = true, visited = false;

    if (!cmd_scenarios_open(&c, args, default_paths)) {
        return CMD_USAGE;
    }
    for (size_t i = 0; i < c.files.count; i++) {
        struct scenario_list list;

        if (!cmd_scenarios_load(&c, i, &list)) {
            sound = false;
        } else if (select_has_tag(&list.item[0], c.tag)) {
            visit(&list, args);
            visited = true;
        }
        scenario_list_free(&list);
    }
    cmd_scenarios_close(&c);
    if (sound && !visited) {
        cmd_say_nothing(args);
    }
    return !sound ? CMD_USAGE : visited ? CMD_OK : CMD_NOTHING;
}
