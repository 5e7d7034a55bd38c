/* The switches of a pack: charge and discharge FET banks back to back in one path, a pre-charge resistor that bridges
 * the discharge bank, and a series regulator that limits charging current.
 *
 * A bank is its channel (Rds) while its gate is on; off, it is a body diode one way and an avalanche clamp the other.
 * So each direction of current has one law, drop over magnitude, which rises and is made of up to three pieces:
 *
 *   drop = offset + Ohm |I| + log_V ln(1 + |I| / log_A)
 *
 * Body diode: Vf = 0.6 V + 0.05 V ln(1 + I/10 A) + 1 mOhm I, -2 mV/K (assumed: 0.74 V at 50 A, common for 100 V parts).
 * Junction temperatures are those of model/thermal.h, in degC; 25 degC is the reference of every number here. */
#ifndef MODEL_FET_H
#define MODEL_FET_H

#include <stdbool.h>

enum fet_bank { FET_CHARGE, FET_DISCHARGE, FET_BANKS };
enum fet_way { FET_CHARGING, FET_DISCHARGING, FET_WAYS }; /* direction of the current */

struct fet_params {
    double rds_Ohm[FET_BANKS];
    double rds_per_K;
    double diode_V, diode_log_V, diode_log_A, diode_Ohm, diode_V_per_K;
    double leak_A;      /* through a blocking bank, fully there above 1 V across it */
    double avalanche_V; /* clamp of a blocking bank */
    double precharge_Ohm;
    double limiter_Ohm; /* how stiffly the limiter holds: volts per ampere above its setting, up to avalanche_V */
};

struct fet { /* what the path is told, and what is wrong with it */
    bool gate[FET_BANKS], precharge;
    bool welded[FET_BANKS], dead[FET_BANKS];
    double limiter_A; /* 0: out of the path */
    bool open;        /* the breaker in series is open: what still flows burns in its arc */
};

#define FET_PIECES 3

struct fet_law {
    double knee_A[FET_PIECES - 1]; /* where the next piece begins, rising; INFINITY: there is none */
    double offset_V[FET_PIECES], Ohm[FET_PIECES];
    double log_V, log_A;
};

struct fet_heat { /* watts at one current */
    double bank_W[FET_BANKS], avalanche_W, precharge_W, limiter_W, arc_W;
};

#define FET_ARC_V 100.0 /* arc of a breaker that opens, assumed: quenching plates of a DC breaker */

/* True if the bank's channel conducts: gate on and not dead, or welded. */
bool fet_conducts(const struct fet *f, enum fet_bank bank);

/* The two laws at these junction temperatures. */
void fet_laws(const struct fet *f, const struct fet_params *p, const double junction_degC[FET_BANKS],
              struct fet_law law[FET_WAYS]);

/* Drop in volts at a magnitude >= 0, and its derivative in Ohm (may be NULL). At 0 the drop is that of the first
 * electron: a bank that blocks answers its clamp. */
double fet_drop(const struct fet_law *law, double magnitude_A, double *slope_Ohm);

/* The magnitude >= 0 at which drop + series_Ohm I = across_V; 0 while the law blocks. series_Ohm > 0.
 * *slope_S (may be NULL) receives its derivative with respect to across_V. */
double fet_current(const struct fet_law *law, double across_V, double series_Ohm, double *slope_S);

/* Where the heat of a signed current goes. */
struct fet_heat fet_heat(const struct fet *f, const struct fet_params *p, const double junction_degC[FET_BANKS],
                         double current_A);

#endif
