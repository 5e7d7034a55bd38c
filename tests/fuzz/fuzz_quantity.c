/* Any text: read or refused in bounds. What is read prints as a text that reads back as the same double. */
#include "sim/quantity.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int sound)
{
    if (!sound) {
        abort();
    }
}

/* The bytes as a double, in a dimension chosen by the first one: printing must hold for values that no one writes. */
static void print_any(const uint8_t *data, size_t size)
{
    struct quantity q = { 0 }, again = { 0 };
    char text[80], error[120];
    size_t at = 0;

    if (size < 1 + sizeof q.value) {
        return;
    }
    q.dim = (enum dim)(data[0] % DIM_COUNT_OF);
    memcpy(&q.value, data + 1, sizeof q.value);
    quantity_print(q, text, sizeof text);
    check(strlen(text) < sizeof text - 1);
    if (q.dim == DIM_BOOL || !isfinite(q.value)) {
        return;
    }
    /* Where the unit's own scale leaves the range of doubles nothing can be read back. */
    if (!quantity_parse(text, strlen(text), &again, error, sizeof error, &at)) {
        check(fabs(q.value) < 1e-300 || fabs(q.value) > 1e300);
        return;
    }
    check(again.value == q.value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct quantity q = { 0 }, again = { 0 };
    char text[80], error[120] = "";
    size_t at = 0;

    print_any(data, size);
    if (!quantity_parse((const char *)data, size, &q, error, sizeof error, &at)) {
        check(error[0] != '\0' && strlen(error) < sizeof error && at <= size);
        return 0;
    }
    check(isfinite(q.value) && (int)q.dim >= 0 && q.dim < DIM_COUNT_OF);
    quantity_print(q, text, sizeof text);
    if (fabs(q.value) > 1e-300 && fabs(q.value) < 1e300) {
        check(quantity_parse(text, strlen(text), &again, error, sizeof error, &at));
        check(again.value == q.value && again.dim == q.dim);
    }
    return 0;
}
