/* What a front end is made of: channels, scan schedule, comparator and driver timing. Constant during a run.
 *
 * Plain data; SI units unless the name says otherwise. Sources of the defaults are beside them in afe_config.c. */
#ifndef MODEL_AFE_CONFIG_H
#define MODEL_AFE_CONFIG_H

#include "model/ntc.h"

#include <stdbool.h>
#include <stdint.h>

#define AFE_CELLS_MAX 16
#define AFE_TEMPS_MAX 8

enum afe_comparator { AFE_SCD, AFE_OCD, AFE_OCC, AFE_COMPARATORS }; /* bit 1 << n of enum afe_alert is its alert */

struct afe_channel { /* code = round((value (1 + gain) + offset + noise) / lsb), in [low, high]; V, or A for current */
    double lsb;      /* > 0 */
    double gain, offset; /* errors: 0 is perfect */
    double noise;        /* one sigma of each conversion, >= 0 */
    double low, high;    /* range of the converter */
};

struct afe_config {
    int cells;  /* 1..AFE_CELLS_MAX */
    int temps;  /* 0..AFE_TEMPS_MAX */
    bool ideal; /* codes are the value rounded to mV, mA, 0.1 degC: no lsb, gain, offset, noise, divider or ADC range */
    int64_t phase_ns;                   /* 0 or more: first scan after power-up */
    int64_t cell_scan_ns, cell_skew_ns; /* cell k at start + k skew, the stack at start + cells skew; fits in a scan */
    int64_t current_scan_ns;            /* current and, at the same instant, terminal voltage */
    int64_t temp_scan_ns;               /* all channels at one instant */
    struct afe_channel cell[AFE_CELLS_MAX], stack, terminal, current;
    struct ntc_params ntc;
    double temp_offset_K[AFE_TEMPS_MAX], temp_noise_K;
    uint64_t seed; /* with the pack number, the identity of the noise */
    uint32_t pack;
    int64_t filter_ns, grid_ns[AFE_COMPARATORS]; /* a comparator fires filter + delay (rounded up to its grid) late */
    int64_t gate_off_ns, gate_on_ns;             /* driver: command to conduction change */
    int32_t charger_rise_mV, charger_mA; /* a charger shows by terminal above stack, or charging current, by more ... */
    int64_t charger_ns;                  /* ... for this long */
    int32_t load_mV;                     /* a load shows by a terminal below this while the discharge gate is open */
};

/* The typical front end: 100 ms cell scan with 3 ms skew, 10 ms current, 1 s temperatures, no errors, no noise. */
void afe_config_default(struct afe_config *c, int cells, int temps);
/* Draws each cell's offset and the current's gain from the seed and the pack number: one sigma each. */
void afe_config_spread(struct afe_config *c, double cell_offset_sigma_V, double current_gain_sigma);
/* NULL if sound, else what is wrong (for a message). */
const char *afe_config_flaw(const struct afe_config *c);

#endif
