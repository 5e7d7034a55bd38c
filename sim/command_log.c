#include "sim/command_log.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>

#define ROW_SCALAR(type, name, unit, meaning)                                                                          \
    { #name, offsetof(struct bms_command, name), 1, sizeof(type), (type)-1 < (type)1 },
#define ROW_ARRAY(type, name, count, unit, meaning)                                                                    \
    { #name, offsetof(struct bms_command, name), count, sizeof(type), (type)-1 < (type)1 },

struct row {
    const char *name;
    size_t offset, count, size;
    bool is_signed;
};

// NOLINTNEXTLINE(bugprone-implicit-widening-of-multiplication-result): the table's counts are small
static const struct row rows[] = { BMS_COMMAND_FIELDS(ROW_SCALAR, ROW_ARRAY) };

static int64_t value_of(const struct row *r, const void *at)
{
    switch (r->size) {
    case 1:
        return r->is_signed ? *(const int8_t *)at : *(const uint8_t *)at;
    case 2:
        return r->is_signed ? *(const int16_t *)at : *(const uint16_t *)at;
    case 4:
        return r->is_signed ? *(const int32_t *)at : (int64_t) * (const uint32_t *)at;
    default:
        return *(const int64_t *)at;
    }
}

void command_log_write(FILE *f, int64_t t_ns, int pack, const struct bms_command *before,
                       const struct bms_command *after)
{
    const char *separator = "";

    (void)fprintf(f, "%" PRId64 ",%d,", t_ns / 1000, pack + 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];

        for (size_t k = 0; k < r->count; k++) {
            const size_t offset = r->offset + k * r->size;
            const int64_t was = value_of(r, (const char *)before + offset);
            const int64_t is = value_of(r, (const char *)after + offset);

            if (was == is) {
                continue;
            }
            (void)fprintf(f, "%s%s", separator, r->name);
            if (r->count > 1) {
                (void)fprintf(f, "[%zu]", k);
            }
            (void)fprintf(f, "=%" PRId64, is);
            separator = " ";
        }
    }
    (void)fputc('\n', f);
}
