/* Any text as an expression, over a small table of signals. What is accepted evaluates without undefined behaviour, a
 * condition gives 0 or 1 (or nothing, where it divides by zero), and the sides of a single comparison give the same
 * verdict as the whole. */
#include "sim/expr.h"

#include "tests/support/stub_signals.h"

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

static struct rig some_rig(double cell_V, double mode)
{
    struct rig rig = { .bus_V = 52, .bus_V_per_s = -1 };

    for (int i = 0; i < STUB_PACKS; i++) {
        for (int k = 0; k < STUB_CELLS; k++) {
            rig.pack[i].cell_V[k] = cell_V + 0.01 * k;
        }
        rig.pack[i].mode = mode + i;
        rig.pack[i].allowed = i;
        rig.pack[i].protections = 5U;
    }
    return rig;
}

static void evaluate(const struct expr *e, const struct rig *rig)
{
    const double value = expr_eval(e, rig, 1000);

    if (e->dim == DIM_BOOL && e->event != EXPR_CHANGES && e->count > 1) {
        check(value == 0 || value == 1 || (e->divides && isnan(value)));
    }
    if (e->split > 0) {
        struct expr sides = { .count = 3, .divides = e->divides };

        sides.op[0].value = expr_eval_part(e, 0, e->split, rig, 1000);
        sides.op[1].value = expr_eval_part(e, e->split, (uint16_t)(e->count - 1), rig, 1000);
        sides.op[2] = e->op[e->count - 1];
        const double joined = expr_eval(&sides, rig, 1000);

        check(joined == value || (isnan(joined) && isnan(value)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct quantity req = { .value = 3.7, .dim = DIM_VOLTAGE };

    if (size < 1) {
        return 0;
    }
    const struct expr_context context = { .limits = { data[0] & 4U ? 2 : 1, STUB_CELLS, STUB_TEMPS },
                                          .nominal_Ah = data[0] & 8U ? 100 : 0,
                                          .req = data[0] & 16U ? &req : NULL };
    const enum expr_want want = (enum expr_want)(data[0] & 3U);
    char error[160] = "";
    size_t at = 0;
    struct expr e;

    if (!expr_parse((const char *)data + 1, size - 1, want, &context, &e, error, sizeof error, &at)) {
        check(error[0] != '\0' && strlen(error) < sizeof error && at <= size - 1);
        return 0;
    }
    check(e.count > 0 && e.count <= EXPR_OPS_MAX - 2 && e.split < e.count);
    const struct rig high = some_rig(3.5, 0), low = some_rig(-1, 2), none = some_rig(NAN, NAN);

    evaluate(&e, &high);
    evaluate(&e, &low);
    evaluate(&e, &none);
    return 0;
}
