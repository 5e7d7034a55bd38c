#include "model/ntc.h"

#include <math.h>

#define ZERO_degC_K 273.15
#define T25_K 298.15

const struct ntc_params ntc_default = {
    .r25_Ohm = 10000.0, .b_K = 3435.0, .pullup_Ohm = 10000.0, .vref_V = 3.3, .adc_bits = 12
};

double ntc_resistance_Ohm(const struct ntc_params *p, double temperature_degC)
{
    const double temperature_K = temperature_degC + ZERO_degC_K;

    if (temperature_K <= 0.0) {
        return INFINITY;
    }
    return p->r25_Ohm * exp(p->b_K * (1.0 / temperature_K - 1.0 / T25_K));
}

double ntc_voltage_V(const struct ntc_params *p, double resistance_Ohm)
{
    /* Written by the pull-up's share, so that an infinite resistance gives the rail and not NaN. */
    return p->vref_V * (1.0 - p->pullup_Ohm / (p->pullup_Ohm + resistance_Ohm));
}

static int32_t top_code(const struct ntc_params *p)
{
    return (int32_t)((1U << p->adc_bits) - 1U);
}

int32_t ntc_adc_code(const struct ntc_params *p, double voltage_V)
{
    const double code = voltage_V / p->vref_V * (double)top_code(p);

    if (!(code > 0.0)) {
        return 0;
    }
    return code >= (double)top_code(p) ? top_code(p) : (int32_t)(code + 0.5);
}

int16_t ntc_code_ddegC(const struct ntc_params *p, int32_t code)
{
    const int32_t top = top_code(p);

    if (code >= top) {
        return NTC_OPEN_ddegC;
    }
    if (code <= 0) {
        return NTC_SHORT_ddegC;
    }
    const double resistance_Ohm = p->pullup_Ohm * (double)code / (double)(top - code);
    const double temperature_K = 1.0 / (1.0 / T25_K + log(resistance_Ohm / p->r25_Ohm) / p->b_K);
    const double reading_ddegC = 10.0 * (temperature_K - ZERO_degC_K);

    /* A hot 1/T may even turn negative at the lowest codes of a fine ADC: that too is beyond the upper end. */
    if (reading_ddegC >= NTC_SHORT_ddegC || temperature_K < 0.0) {
        return NTC_SHORT_ddegC;
    }
    if (reading_ddegC <= NTC_OPEN_ddegC) {
        return NTC_OPEN_ddegC;
    }
    const long nearest_ddegC = lround(reading_ddegC);

    return (int16_t)nearest_ddegC;
}

int16_t ntc_reading_ddegC(const struct ntc_params *p, double temperature_degC)
{
    const double resistance_Ohm = ntc_resistance_Ohm(p, temperature_degC);

    return ntc_code_ddegC(p, ntc_adc_code(p, ntc_voltage_V(p, resistance_Ohm)));
}
