#include "model/fet.h"

#include "model/larger.h"

#include <math.h>
#include <stddef.h>

#define REFERENCE_degC 25.0

bool fet_conducts(const struct fet *f, enum fet_bank bank)
{
    return f->welded[bank] || (f->gate[bank] && !f->dead[bank]);
}

static double channel_Ohm(const struct fet_params *p, enum fet_bank bank, double junction_degC)
{
    return p->rds_Ohm[bank] * (1.0 + p->rds_per_K * (junction_degC - REFERENCE_degC));
}

static double diode_knee_V(const struct fet_params *p, double junction_degC)
{
    return larger(0.0, p->diode_V + p->diode_V_per_K * (junction_degC - REFERENCE_degC));
}

/* The bank whose diode carries this direction, and the one that blocks it. */
static enum fet_bank diode_bank(enum fet_way way)
{
    return way == FET_CHARGING ? FET_DISCHARGE : FET_CHARGE;
}

static enum fet_bank blocking_bank(enum fet_way way)
{
    return way == FET_CHARGING ? FET_CHARGE : FET_DISCHARGE;
}

/* The piece beyond a knee: continuous there, with another slope. */
static void bend(struct fet_law *law, int piece, double knee_A, double change_Ohm)
{
    law->knee_A[piece - 1] = knee_A;
    law->Ohm[piece] = law->Ohm[piece - 1] + change_Ohm;
    law->offset_V[piece] = law->offset_V[piece - 1] - change_Ohm * knee_A;
}

static void law_of(const struct fet *f, const struct fet_params *p, const double junction_degC[FET_BANKS],
                   enum fet_way way, struct fet_law *law)
{
    const enum fet_bank diode = diode_bank(way), blocking = blocking_bank(way);
    const bool bridged = way == FET_DISCHARGING && f->precharge;

    *law = (struct fet_law){ .knee_A = { INFINITY, INFINITY }, .log_A = 1.0 };
    law->offset_V[0] = f->open ? FET_ARC_V : 0.0;
    if (fet_conducts(f, diode)) {
        law->Ohm[0] += channel_Ohm(p, diode, junction_degC[diode]);
    } else {
        law->offset_V[0] += diode_knee_V(p, junction_degC[diode]);
        law->Ohm[0] += p->diode_Ohm;
        law->log_V = p->diode_log_V;
        law->log_A = p->diode_log_A;
    }
    if (fet_conducts(f, blocking)) {
        law->Ohm[0] += channel_Ohm(p, blocking, junction_degC[blocking]);
        if (way == FET_CHARGING && f->limiter_A > 0.0) {
            bend(law, 1, f->limiter_A, p->limiter_Ohm);
            bend(law, 2, f->limiter_A + p->avalanche_V / p->limiter_Ohm, -p->limiter_Ohm);
        }
    } else if (bridged) {
        law->Ohm[0] += p->precharge_Ohm;
        bend(law, 1, p->avalanche_V / p->precharge_Ohm, -p->precharge_Ohm);
    } else {
        law->offset_V[0] += p->avalanche_V;
    }
}

void fet_laws(const struct fet *f, const struct fet_params *p, const double junction_degC[FET_BANKS],
              struct fet_law law[FET_WAYS])
{
    law_of(f, p, junction_degC, FET_CHARGING, &law[FET_CHARGING]);
    law_of(f, p, junction_degC, FET_DISCHARGING, &law[FET_DISCHARGING]);
}

double fet_drop(const struct fet_law *law, double magnitude_A, double *slope_Ohm)
{
    const int piece = (magnitude_A > law->knee_A[0]) + (magnitude_A > law->knee_A[1]);
    double drop = law->offset_V[piece] + law->Ohm[piece] * magnitude_A;
    double slope = law->Ohm[piece];

    if (law->log_V > 0.0) {
        drop += law->log_V * log1p(magnitude_A / law->log_A);
        slope += law->log_V / (law->log_A + magnitude_A);
    }
    if (slope_Ohm != NULL) {
        *slope_Ohm = slope;
    }
    return drop;
}

/* Newton from below: the law is concave, so the iterates rise towards the root without passing it. */
static double root_with_log(const struct fet_law *law, double across_V, double total_Ohm)
{
    double i = (across_V - law->log_V * log1p(across_V / total_Ohm / law->log_A)) / total_Ohm;

    i = larger(i, 0.0);
    for (int n = 0; n < 8; n++) {
        const double missing_V = across_V - total_Ohm * i - law->log_V * log1p(i / law->log_A);
        const double step_A = missing_V / (total_Ohm + law->log_V / (law->log_A + i));

        i += step_A;
        if (fabs(step_A) <= 1e-13 * (1.0 + i)) {
            break;
        }
    }
    return larger(i, 0.0);
}

static double root(const struct fet_law *law, int piece, double across_V, double series_Ohm)
{
    const double rest_V = across_V - law->offset_V[piece], total_Ohm = series_Ohm + law->Ohm[piece];

    return law->log_V > 0.0 ? root_with_log(law, rest_V, total_Ohm) : rest_V / total_Ohm;
}

double fet_current(const struct fet_law *law, double across_V, double series_Ohm, double *slope_S)
{
    double i = 0.0, slope_Ohm;

    if (across_V <= law->offset_V[0]) {
        if (slope_S != NULL) {
            *slope_S = 0.0;
        }
        return 0.0;
    }
    i = root(law, 0, across_V, series_Ohm);
    for (int n = 1; n < FET_PIECES && i > law->knee_A[n - 1]; n++) {
        i = larger(root(law, n, across_V, series_Ohm), law->knee_A[n - 1]);
    }
    if (slope_S != NULL) {
        (void)fet_drop(law, i, &slope_Ohm);
        *slope_S = 1.0 / (series_Ohm + slope_Ohm);
    }
    return i;
}

struct fet_heat fet_heat(const struct fet *f, const struct fet_params *p, const double junction_degC[FET_BANKS],
                         double current_A)
{
    const enum fet_way way = current_A > 0.0 ? FET_CHARGING : FET_DISCHARGING;
    const enum fet_bank diode = diode_bank(way), blocking = blocking_bank(way);
    const double i = fabs(current_A);
    struct fet_heat heat = { .arc_W = f->open ? FET_ARC_V * i : 0.0 };

    if (fet_conducts(f, diode)) {
        heat.bank_W[diode] = channel_Ohm(p, diode, junction_degC[diode]) * i * i;
    } else {
        heat.bank_W[diode] =
            (diode_knee_V(p, junction_degC[diode]) + p->diode_Ohm * i + p->diode_log_V * log1p(i / p->diode_log_A)) * i;
    }
    if (fet_conducts(f, blocking)) {
        heat.bank_W[blocking] = channel_Ohm(p, blocking, junction_degC[blocking]) * i * i;
        if (way == FET_CHARGING && f->limiter_A > 0.0 && i > f->limiter_A) {
            heat.limiter_W = smaller(p->limiter_Ohm * (i - f->limiter_A), p->avalanche_V) * i;
        }
    } else if (way == FET_DISCHARGING && f->precharge) {
        const double bridge_A = smaller(i, p->avalanche_V / p->precharge_Ohm);

        heat.precharge_W = p->precharge_Ohm * bridge_A * bridge_A;
        heat.avalanche_W = p->avalanche_V * (i - bridge_A);
    } else {
        heat.avalanche_W = p->avalanche_V * i;
    }
    heat.bank_W[blocking] += heat.avalanche_W;
    return heat;
}
