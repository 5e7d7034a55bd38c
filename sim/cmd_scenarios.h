/* What check, explain and list share: from a command line to loaded scenarios. */
#ifndef SIM_CMD_SCENARIOS_H
#define SIM_CMD_SCENARIOS_H

#include "sim/cmd.h"
#include "sim/root.h"
#include "sim/select.h"

struct cmd_scenarios {
    struct root root;
    struct scenario_world world;
    struct selection files;
    const char *tag; /* of --tag; NULL: any */
};

/* Opens the root and selects the files of the operands (default_paths without operands: the folder scenarios). On
 * failure prints why and returns false; nothing is then left to free. */
bool cmd_scenarios_open(struct cmd_scenarios *c, const struct cmd_args *args, bool default_paths);
void cmd_scenarios_close(struct cmd_scenarios *c);

/* Loads one file and prints what is wrong with it to stderr. False: it is unsound and list is empty. */
bool cmd_scenarios_load(const struct cmd_scenarios *c, size_t file, struct scenario_list *list);

/* Loads every file, calls visit on each sound one that has the tag, and returns the exit code: CMD_USAGE if any file is
 * unsound, CMD_NOTHING if none was visited. */
int cmd_scenarios_each(const struct cmd_args *args, bool default_paths,
                       void (*visit)(const struct scenario_list *list, const struct cmd_args *args));

/* To stderr: no scenario was selected, and by which tag. */
void cmd_say_nothing(const struct cmd_args *args);

#endif
