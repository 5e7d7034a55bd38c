/* What the inverter is told: how much current and up to which voltage. Tapers are straight lines; the smallest holds.
 */
#include "bms_core/bms_inner.h"

#define PPM INT64_C(1000000)
#define STEP_mA 100 /* limits move in steps of this, so that they do not chatter */

/* 0 at and beyond `none`, 1000000 at and beyond `all`, a line between. */
static int64_t taper_ppm(int32_t value, int32_t none, int32_t all)
{
    const int64_t part_ppm = (int64_t)(value - none) * PPM / (all - none);

    if (part_ppm < 0) {
        return 0;
    }
    return part_ppm > PPM ? PPM : part_ppm;
}

static int64_t lower(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Of an extreme cell; no cell that is believed allows no current. */
static int64_t voltage_ppm(const struct bms *b, int32_t cell_mV, enum bms_param none, enum bms_param all)
{
    const int32_t *p = b->params.value;

    return b->measure.cell.known ? taper_ppm(cell_mV, p[none], p[all]) : 0;
}

/* cold and hot point at rows <zero>, <full> and <full>, <zero>. */
static int64_t temperature_ppm(const struct bms *b, enum bms_param cold, enum bms_param hot)
{
    const int32_t *p = b->params.value;
    const struct measure_range *t = &b->measure.cell_temp;

    if (!t->known) {
        return 0;
    }
    return lower(taper_ppm(t->min, p[cold], p[cold + 1]), taper_ppm(t->max, p[hot + 1], p[hot]));
}

static uint32_t limit_mA(int32_t most_mA, int64_t part_ppm)
{
    return (uint32_t)(most_mA * part_ppm / PPM / STEP_mA * STEP_mA);
}

void limits_tick(struct bms *b)
{
    const int32_t *p = b->params.value;
    const struct measure_range *cell = &b->measure.cell;
    struct bms_command *c = &b->command;
    int64_t charge_ppm = temperature_ppm(b, BMS_PARAM_LIMIT_CHG_COLD_0, BMS_PARAM_LIMIT_CHG_HOT_1);
    int64_t discharge_ppm = temperature_ppm(b, BMS_PARAM_LIMIT_DSG_COLD_0, BMS_PARAM_LIMIT_DSG_HOT_1);

    charge_ppm = lower(charge_ppm, voltage_ppm(b, cell->max, BMS_PARAM_LIMIT_FULL_TO, BMS_PARAM_LIMIT_FULL_FROM));
    discharge_ppm =
        lower(discharge_ppm, voltage_ppm(b, cell->min, BMS_PARAM_LIMIT_EMPTY_TO, BMS_PARAM_LIMIT_EMPTY_FROM));
    c->charge_limit_mA = c->charge_allowed ? limit_mA(p[BMS_PARAM_LIMIT_CHARGE], charge_ppm) : 0;
    if (c->limiter_mA != 0 && c->limiter_mA < c->charge_limit_mA) {
        c->charge_limit_mA = c->limiter_mA;
    }
    c->discharge_limit_mA = c->discharge_allowed ? limit_mA(p[BMS_PARAM_LIMIT_DISCHARGE], discharge_ppm) : 0;
    c->charge_limit_mV = p[BMS_PARAM_LIMIT_CHARGE_V];
    c->discharge_limit_mV = p[BMS_PARAM_LIMIT_DISCHARGE_V];
}
