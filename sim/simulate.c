#include "sim/simulate.h"

#include <math.h>
#include <stdint.h>

#define FIT_LOW 0.05
#define FIT_HIGH 0.95
#define NO_STEP 1e-9 /* part of a step that is rounding, not time */

static double mean_soc(const struct string *s)
{
    double sum = 0.0;

    for (int k = 0; k < s->cells; k++) {
        sum += s->charge_C[k] * s->per_C[k];
    }
    return sum / s->cells;
}

static double hottest(const struct string *s)
{
    double most = s->core_degC[0];

    for (int k = 1; k < s->cells; k++) {
        most = fmax(most, s->core_degC[k]);
    }
    return most;
}

static void take_temperatures(struct simulation *s)
{
    string_set_temperatures(&s->string, s->thermal.now.core_degC, s->isothermal ? NULL : s->thermal.inflow_W,
                            s->thermal.params.core_J_K);
    string_prepare(&s->string);
}

static void take_ambient(struct simulation *s, double degC)
{
    if (s->isothermal) {
        for (int k = 0; k < s->string.cells; k++) {
            thermal_set_cell(&s->thermal, k, degC);
        }
    }
    thermal_set_ambient(&s->thermal, degC, 0.0);
    take_temperatures(s);
}

void simulation_init(struct simulation *s, const struct cell_params *params, int cells, double links_Ohm,
                     const struct thermal_params *network, const struct profile *profile, double soc, double hysteresis,
                     double longest_s)
{
    const struct thermal_params none = { .cells = cells, .core_J_K = params->core_J_K };
    const double degC = profile->row[0].ambient_degC;

    string_init(&s->string, params, cells);
    thermal_init(&s->thermal, network != NULL ? network : &none, degC);
    s->isothermal = network == NULL;
    s->longest_s = longest_s;
    for (int k = 0; k < cells; k++) {
        string_set_cell(&s->string, k, soc, degC, hysteresis);
    }
    for (int k = 0; k + 1 < cells; k++) {
        string_set_link(&s->string, k, links_Ohm);
    }
    take_temperatures(s);
}

static void move(struct simulation *s, double span_s, double amps)
{
    struct thermal_heat heat = { .box_W = 0.0 };
    double left_s = span_s;

    while (left_s > 0.0) {
        double h = string_step_limit(&s->string, amps, 0.0);

        if (h >= left_s * (1.0 - NO_STEP)) {
            h = left_s;
        }
        string_commit(&s->string, h, amps, 0.0, heat.cell_W);
        if (!s->isothermal) {
            thermal_commit(&s->thermal, h, &heat);
        }
        take_temperatures(s);
        left_s -= h;
    }
}

static bool write_row(const struct simulation *s, FILE *out, double time_s, double amps, double volts,
                      const struct profile *profile, const struct profile_row *measured)
{
    const int written =
        fprintf(out, "%.9g,%.9g,%.7f,%.7f,%.6f", time_s, amps, volts, mean_soc(&s->string), hottest(&s->string));

    if (profile->has_voltage && measured != NULL) {
        return written > 0 && fprintf(out, ",%.9g\n", measured->voltage_V) > 0;
    }
    if (profile->has_voltage) {
        return written > 0 && fputs(",\n", out) != EOF;
    }
    return written > 0 && fputc('\n', out) != EOF;
}

static void compare(struct simulation_fit *fit, double soc, double off_V)
{
    if (!isnan(off_V) && soc > FIT_LOW && soc < FIT_HIGH) {
        fit->rows++;
        fit->rmse_V += off_V * off_V; /* the sum of squares, until the end */
        fit->largest_V = fmax(fit->largest_V, fabs(off_V));
    }
}

/* Rows between two of the profile stand without a measured value: the column stays empty. */
static bool write_between(struct simulation *s, const struct profile *profile, size_t n, FILE *out)
{
    const struct profile_row *const row = &profile->row[n];
    const double span_s = row[1].time_s - row->time_s;
    const double steps = fmax(1.0, ceil(span_s / s->longest_s - NO_STEP)), h = span_s / steps;

    for (int64_t done = 0; (double)done < steps; done++) {
        const double k = (double)(done + 1);

        move(s, h, row->current_A);
        if (k < steps) {
            const double volts = string_voltage(&s->string, 0.0, row->current_A, row->current_A, NULL);

            if (!write_row(s, out, row->time_s + k * h, row->current_A, volts, profile, NULL)) {
                return false;
            }
        }
    }
    return true;
}

bool simulation_run(struct simulation *s, const struct profile *profile, FILE *out, struct simulation_fit *fit)
{
    *fit = (struct simulation_fit){ .rows = 0 };
    if (fprintf(out, "time_s,current_A,voltage_V,soc,temperature_degC%s\n", profile->has_voltage ? ",measured_V" : "") <
        0) {
        return false;
    }
    for (size_t n = 0; n < profile->count; n++) {
        const struct profile_row *const row = &profile->row[n];

        take_ambient(s, row->ambient_degC);
        const double volts = string_voltage(&s->string, 0.0, row->current_A, row->current_A, NULL);

        if (!write_row(s, out, row->time_s, row->current_A, volts, profile, row)) {
            return false;
        }
        compare(fit, mean_soc(&s->string), volts - row->voltage_V);
        if (n + 1 < profile->count && !write_between(s, profile, n, out)) {
            return false;
        }
    }
    fit->rmse_V = fit->rows > 0 ? sqrt(fit->rmse_V / (double)fit->rows) : NAN;
    return fflush(out) == 0 && !ferror(out);
}
