/* Any bytes as a scenario: refused with a message, or loaded, explained and, as resolved, loaded again. */
#include "sim/explain.h"
#include "sim/root.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOT "tests/data/root"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct root *world(void)
{
    static struct root root;
    struct diag d;

    if (root.model == NULL) {
        diag_init(&d);
        if (!root_open(&root, ROOT, &d)) {
            diag_print(&d, stderr);
            abort();
        }
        diag_free(&d);
    }
    return &root;
}

/* What was loaded can be said, and is a scenario of its own. */
static void use(const struct scenario_list *list, const struct scenario_world *w, struct diag *d)
{
    FILE *out = fopen("/dev/null", "w");

    for (size_t i = 0; i < list->count && i < 4 && out != NULL; i++) {
        struct scenario_list again = { 0 };

        explain_scenario(&list->item[i], out);
        if (strstr(list->item[i].resolved, "${") == NULL &&
            !scenario_parse(&again, "resolved", list->item[i].resolved, strlen(list->item[i].resolved), w, d)) {
            diag_print(d, stderr);
            abort();
        }
        scenario_list_free(&again);
    }
    if (out != NULL) {
        (void)fclose(out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct scenario_world w = root_world(world());
    struct scenario_list list = { 0 };
    struct diag d;

    diag_init(&d);
    if (scenario_parse(&list, "fuzz", (const char *)data, size, &w, &d)) {
        use(&list, &w, &d);
    } else if (d.errors == 0 || list.count != 0) {
        abort(); /* refused without a reason, or half loaded */
    }
    scenario_list_free(&list);
    diag_free(&d);
    return 0;
}
