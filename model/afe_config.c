#include "model/afe_config.h"

#include "model/noise.h"

#include <stddef.h>

#define US INT64_C(1000)
#define MS INT64_C(1000000)
#define S INT64_C(1000000000)

/* Channels of the draw of the errors, apart from those of the conversions. */
enum { DRAW_CELL_OFFSET = 1024, DRAW_CURRENT_GAIN = 1280 };

static struct afe_channel channel(double lsb, double low, double high)
{
    return (struct afe_channel){ .lsb = lsb, .low = low, .high = high };
}

void afe_config_default(struct afe_config *c, int cells, int temps)
{
    *c = (struct afe_config){
        .cells = cells,
        .temps = temps,
        .cell_scan_ns = 100 * MS,
        .cell_skew_ns = 3 * MS, /* TI BQ76952: one slot of its scan */
        .current_scan_ns = 10 * MS,
        .temp_scan_ns = 1 * S,
        /* 14 bits and sign at 381 uV (TI BQ769x0 family); the high-voltage dividers are assumed. */
        .stack = channel(0.005, 0.0, 105.0),
        .terminal = channel(0.005, 0.0, 105.0),
        .current = channel(0.010, -327.68, 327.67), /* 16 bits at 10 mA: assumed */
        .ntc = ntc_default,
        .filter_ns = 2 * US,                                                              /* assumed, of 1..5 us */
        .grid_ns = { [AFE_SCD] = 15 * US, [AFE_OCD] = 3300 * US, [AFE_OCC] = 3300 * US }, /* TI BQ76952 */
        .gate_off_ns = 20 * US,                                                           /* assumed: strong driver */
        .gate_on_ns = 200 * US,                                                           /* assumed: charge pump */
        .charger_rise_mV = 1000,
        .charger_mA = 1000,
        .charger_ns = 1 * S,
        .load_mV = 3000,
    };
    for (int k = 0; k < AFE_CELLS_MAX; k++) {
        c->cell[k] = channel(0.000381, -6.242304, 6.241923);
    }
}

void afe_config_spread(struct afe_config *c, double cell_offset_sigma_V, double current_gain_sigma)
{
    struct noise_key key = { .seed = c->seed, .pack = c->pack };

    for (int k = 0; k < c->cells; k++) {
        key.channel = DRAW_CELL_OFFSET + (uint32_t)k;
        c->cell[k].offset = cell_offset_sigma_V * noise_gauss(&key);
    }
    key.channel = DRAW_CURRENT_GAIN;
    c->current.gain = current_gain_sigma * noise_gauss(&key);
}

static bool channel_sound(const struct afe_channel *ch)
{
    /* The quotient bounds the code, so that a conversion cannot overflow. NaN fails each comparison. */
    return ch->lsb > 0.0 && ch->noise >= 0.0 && ch->low < ch->high && ch->low / ch->lsb > -1e9 &&
           ch->high / ch->lsb < 1e9 && ch->gain > -1.0 && ch->gain < 1.0 && ch->offset > -1e6 && ch->offset < 1e6;
}

static const char *timing_flaw(const struct afe_config *c)
{
    if (c->phase_ns < 0 || c->cell_scan_ns <= 0 || c->current_scan_ns <= 0 || c->temp_scan_ns <= 0) {
        return "a scan period must be positive, the phase 0 or more";
    }
    if (c->cell_skew_ns < 0 || c->cell_skew_ns >= c->cell_scan_ns / (c->cells + 1)) {
        return "the cells and the stack do not fit in the cell scan";
    }
    if (c->filter_ns < 0 || c->gate_off_ns < 0 || c->gate_on_ns < 0 || c->charger_ns < 0) {
        return "a delay must be 0 or more";
    }
    for (int n = 0; n < AFE_COMPARATORS; n++) {
        if (c->grid_ns[n] < 1) {
            return "the grid of a comparator's delay must be positive";
        }
    }
    return NULL;
}

const char *afe_config_flaw(const struct afe_config *c)
{
    const struct ntc_params *n = &c->ntc;

    if (c->cells < 1 || c->cells > AFE_CELLS_MAX) {
        return "the number of cells must be 1 to 16";
    }
    if (c->temps < 0 || c->temps > AFE_TEMPS_MAX) {
        return "the number of temperature channels must be 0 to 8";
    }
    for (int k = 0; k < c->cells; k++) {
        if (!channel_sound(&c->cell[k])) {
            return "a cell channel needs a positive lsb, a range, and a gain error below 1";
        }
    }
    if (!channel_sound(&c->stack) || !channel_sound(&c->terminal) || !channel_sound(&c->current)) {
        return "a stack, terminal or current channel needs a positive lsb, a range, and a gain error below 1";
    }
    if (!(n->r25_Ohm > 0.0 && n->b_K > 0.0 && n->pullup_Ohm > 0.0 && n->vref_V > 0.0) || n->adc_bits < 8 ||
        n->adc_bits > 24) {
        return "an NTC needs a positive R25, B, pull-up and reference, and 8 to 24 bits";
    }
    if (!(c->temp_noise_K >= 0.0)) {
        return "noise must be 0 or more";
    }
    return timing_flaw(c);
}
