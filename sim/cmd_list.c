#include "sim/cmd_scenarios.h"

#include <cjson/cJSON.h>
#include <string.h>

/* Is row i's id cited for the first time in the file's first case? Cases differ in numbers, not in rows, unless the row
 * itself is swept: then every case is looked at. */
static bool is_first(const struct scenario_list *list, size_t item, size_t expectation)
{
    const char *id = list->item[item].expect[expectation].requirement;

    for (size_t i = 0; i <= item; i++) {
        const size_t end = i == item ? expectation : list->item[i].expect_count;

        for (size_t k = 0; k < end; k++) {
            const char *other = list->item[i].expect[k].requirement;

            if (other != NULL && strcmp(other, id) == 0) {
                return false;
            }
        }
    }
    return true;
}

/* Calls each with every id that the file cites, once. */
static void each_row(const struct scenario_list *list, void (*each)(const char *id, void *self), void *self)
{
    for (size_t i = 0; i < list->count; i++) {
        for (size_t k = 0; k < list->item[i].expect_count; k++) {
            if (list->item[i].expect[k].requirement != NULL && is_first(list, i, k)) {
                each(list->item[i].expect[k].requirement, self);
            }
        }
    }
}

static void print_id(const char *id, void *self)
{
    bool *first = self;

    printf("%s%s", *first ? "" : ", ", id);
    *first = false;
}

static void add_id(const char *id, void *self)
{
    cJSON_AddItemToArray(self, cJSON_CreateString(id));
}

static void print_json(const struct scenario_list *list)
{
    const struct scenario *s = &list->item[0];
    cJSON *object = cJSON_CreateObject(), *tags, *rows;
    char *text;

    cJSON_AddStringToObject(object, "file", s->file);
    cJSON_AddStringToObject(object, "title", s->title);
    cJSON_AddNumberToObject(object, "cases", (double)list->count);
    tags = cJSON_AddArrayToObject(object, "tags");
    for (size_t i = 0; i < s->tag_count; i++) {
        cJSON_AddItemToArray(tags, cJSON_CreateString(s->tag[i]));
    }
    rows = cJSON_AddArrayToObject(object, "rows");
    each_row(list, add_id, rows);
    text = cJSON_PrintUnformatted(object);
    if (text != NULL) {
        puts(text);
    }
    cJSON_free(text);
    cJSON_Delete(object);
}

static void visit(const struct scenario_list *list, const struct cmd_args *args)
{
    const struct scenario *s = &list->item[0];
    bool first = true;

    if (cmd_option(args, "json") != NULL) {
        print_json(list);
        return;
    }
    printf("%s  %zu case%s  %s\n    ", s->file, list->count, list->count == 1 ? "" : "s", s->title);
    each_row(list, print_id, &first);
    puts(first ? "(no rows)" : "");
}

int cmd_list(int argc, char **argv)
{
    struct cmd_args args;
    int code = CMD_USAGE;

    if (cmd_parse(&args, argc, argv)) {
        code = cmd_scenarios_each(&args, true, visit);
        cmd_args_free(&args);
    }
    return code;
}
