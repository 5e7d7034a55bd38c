/* An NTC in a divider: pull-up to the reference, NTC to ground, read by an ADC against the same reference.
 *
 * Beta model: R(T) = R25 exp(B (1/T - 1/298.15 K)). The reading is a clamped 0.1 degC code: cold (or an open wire) is
 * the upper rail of the ADC and reads NTC_OPEN_ddegC, hot (or a short) is the lower rail and reads NTC_SHORT_ddegC.
 * Pure functions, SI doubles. */
#ifndef MODEL_NTC_H
#define MODEL_NTC_H

#include <stdint.h>

#define NTC_OPEN_ddegC (-400)
#define NTC_SHORT_ddegC 1200

struct ntc_params {
    double r25_Ohm;    /* > 0 */
    double b_K;        /* > 0 */
    double pullup_Ohm; /* > 0 */
    double vref_V;     /* > 0 */
    int adc_bits;      /* 8..24; codes 0..2^bits - 1, round to nearest */
};

/* 10 kOhm, B 3435 K, 10 kOhm pull-up, 3.3 V, 12 bits (assumed: a common battery sensor and a microcontroller's ADC). */
extern const struct ntc_params ntc_default;

/* Total: below absolute zero it is infinite. */
double ntc_resistance_Ohm(const struct ntc_params *p, double temperature_degC);
/* resistance 0 .. infinity gives 0 .. vref. */
double ntc_voltage_V(const struct ntc_params *p, double resistance_Ohm);
/* 0 .. 2^bits - 1, saturating. */
int32_t ntc_adc_code(const struct ntc_params *p, double voltage_V);
/* What firmware makes of a code: 0.1 degC, NTC_OPEN_ddegC .. NTC_SHORT_ddegC, rails included. */
int16_t ntc_code_ddegC(const struct ntc_params *p, int32_t code);
/* The whole chain for a body at this temperature. */
int16_t ntc_reading_ddegC(const struct ntc_params *p, double temperature_degC);

#endif
