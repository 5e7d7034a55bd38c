/* Private to string*.c: one evaluation of the string's formulas over a span of time, without changing the string. */
#ifndef MODEL_STRING_STEP_H
#define MODEL_STRING_STEP_H

#include "model/string.h"

#include <stdbool.h>

#define STRING_REFRESH_K 5e-5   /* error in temperature at which the factors follow: below 1 uV at 1 C */
#define STRING_AHEAD_MIN_s 0.05 /* shorter steps take the temperature at their start: below 1 uV at 1 C */

/* [..][cell]; index 0: at the start, 1: at the end of the span. */
struct string_move {
    /* Set by the caller. */
    double span_s, i_A[2]; /* string current */
    struct string_weights weights[CELL_RC_MAX];
    bool wants_heat;                     /* then weights must be complete */
    double shunt_A[2][STRING_CELLS_MAX]; /* what bleed and short take off */
    double end_degC[STRING_CELLS_MAX];
    const double (*end_factor)[STRING_CELLS_MAX]; /* [STRING_FACTORS] at end_degC */

    /* Results. */
    double cell_A[2][STRING_CELLS_MAX], moved_C[STRING_CELLS_MAX], charge_C[STRING_CELLS_MAX];
    double soc[2][STRING_CELLS_MAX], surface[2][STRING_CELLS_MAX];
    double hysteresis[STRING_CELLS_MAX], lag[STRING_CELLS_MAX];
    double branch[CELL_RC_MAX][STRING_CELLS_MAX];
    double r_Ohm[CELL_R_MAX][STRING_CELLS_MAX]; /* at the end */
    double cell_V[2][STRING_CELLS_MAX];
    double heat_W[STRING_CELLS_MAX];
    bool outside[STRING_CELLS_MAX / STRING_LANES]; /* group of lanes with a cell that left its table segment */
    bool crossed;                                  /* any; then patched holds the segments at the end */
    struct string_segments patched;
};

/* Gains of a branch for s/tau = x: those of the end values (g, w), and with complete those of the heat. */
struct string_weights string_weights_of(double x, bool complete);

/* Span, currents and weights; shunts, look-ahead and everything else follow in string_evaluate(). */
void string_move_init(struct string_move *m, const struct string *s, double span_s, double i0_A, double i1_A,
                      bool wants_heat);
/* Solves for the shunt currents and looks ahead in temperature where that matters, over all cells or the lanes
 * around one. */
void string_evaluate(const struct string *s, struct string_move *m, int first, int lanes_end);
/* The formulas themselves: first what depends on charge moved, then voltages and heat. */
void string_run_charge(const struct string *s, struct string_move *m, int first, int lanes_end);
void string_run_voltage(const struct string *s, struct string_move *m, int first, int lanes_end);
/* Has any cell from first on been beyond a limit of its harm counters at an end of the move? */
bool string_harms(const struct string *s, const struct string_move *m, int first);
/* Area of the positive part of a line from a to b over a unit of time. */
double string_positive_area(double a, double b);
/* The segments that hold one cell's bulk and surface state of charge. */
void string_segments_at(const struct string *s, struct string_segments *out, int cell, double soc, double surface);
/* Factors at degC[], from the expansion. */
void string_factors_at(const struct string *s, const double degC[], double out[][STRING_CELLS_MAX]);

/* Is the step one that string_commit_short() can make? Its weights must be those in s. */
bool string_is_short(const struct string *s, double span_s, double i0_A, double i1_A);
/* Moves the groups of lanes from cell 0 up to the first that needs the general run, and returns that cell; if none
 * does, a number of cells or more. heat_W as for string_commit(). */
int string_commit_short(struct string *s, double span_s, double i0_A, double i1_A, double heat_W[]);

#endif
