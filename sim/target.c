#include "sim/target_link.h"

#include <stdarg.h>
#include <stdio.h>

struct target *target_open(struct target_pool *pool, const struct target_wish *wish, bool *cannot, struct diag *d)
{
    *cannot = false;
    return pool != NULL ? target_link_open(pool, wish, cannot, d) : target_core_open(wish, d);
}

bool target_fail(struct target *t, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(t->error, sizeof t->error, format, args);
    va_end(args);
    return false;
}
