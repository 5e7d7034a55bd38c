#include "tests/support/test_world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void test_world_open(struct root *root)
{
    struct diag d;

    diag_init(&d);
    if (!root_open(root, TEST_ROOT, &d)) {
        diag_print(&d, stderr);
        ck_abort_msg("the tables of " TEST_ROOT " are unsound");
    }
    diag_free(&d);
}

char *test_read_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    char *text = calloc(1, 1U << 16U);

    ck_assert_msg(in != NULL && text != NULL, "%s cannot be read", path);
    ck_assert_uint_gt(fread(text, 1, (1U << 16U) - 1, in), 0);
    (void)fclose(in);
    return text;
}

char *test_replace(const char *text, const char *from, const char *to)
{
    const char *found = strstr(text, from);
    const size_t size = strlen(text) + strlen(to) + 1;
    char *out = malloc(size);

    ck_assert_msg(found != NULL && out != NULL, "no \"%s\" in the text", from);
    (void)snprintf(out, size, "%.*s%s%s", (int)(found - text), text, to, found + strlen(from));
    return out;
}

char *test_messages(const struct diag *d)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    ck_assert_ptr_nonnull(out);
    diag_print(d, out);
    (void)fclose(out);
    return text;
}
