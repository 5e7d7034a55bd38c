#include "model/cell.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>

#define NODE_TOLERANCE 1e-6 /* of a grid step: knots must sit on nodes, or resampling would round off corners */

bool cell_grid_init(struct cell_grid *grid, double step)
{
    const double nodes = (CELL_GRID_LAST - CELL_GRID_FIRST) / step + 1.0;

    if (!(step > 0.0) || nodes > CELL_GRID_MAX || fabs(nodes - round(nodes)) > NODE_TOLERANCE ||
        fabs(0.02 / step - round(0.02 / step)) > NODE_TOLERANCE) {
        return false;
    }
    *grid = (struct cell_grid){ .step = step, .count = (int)round(nodes) };
    return true;
}

static double node_soc(const struct cell_grid *grid, int node)
{
    return ((double)node - round(-CELL_GRID_FIRST / grid->step)) * grid->step;
}

static bool on_nodes(const struct cell_grid *grid, int count, const double soc[])
{
    for (int i = 0; i < count; i++) {
        const double node = soc[i] / grid->step;

        if (!(fabs(node - round(node)) <= NODE_TOLERANCE) || soc[i] < 0.0 || soc[i] > 1.0 + NODE_TOLERANCE ||
            (i > 0 && !(soc[i] > soc[i - 1]))) {
            return false;
        }
    }
    return count > 0;
}

static double line(double x, double x0, double y0, double x1, double y1)
{
    return y0 + (y1 - y0) * ((x - x0) / (x1 - x0));
}

bool cell_table_fill(struct cell_grid *grid, enum cell_table table, int count, const double soc[], const double value[],
                     const double ends[2])
{
    int k = 0;

    if (!on_nodes(grid, count, soc)) {
        return false;
    }
    for (int n = 0; n < grid->count; n++) {
        const double z = node_soc(grid, n);
        double *out = &grid->value[table][n];

        while (k < count - 1 && z > soc[k + 1] + grid->step * 0.5) {
            k++;
        }
        if (z < soc[0] - grid->step * 0.5) {
            *out = ends ? line(z, CELL_GRID_FIRST, ends[0], soc[0], value[0]) : value[0];
        } else if (z > soc[count - 1] + grid->step * 0.5) {
            *out = ends ? line(z, soc[count - 1], value[count - 1], CELL_GRID_LAST, ends[1]) : value[count - 1];
        } else if (fabs(z - soc[k]) < grid->step * 0.5) {
            *out = value[k];
        } else {
            *out = line(z, soc[k], value[k], soc[k + 1], value[k + 1]);
        }
    }
    return true;
}

int cell_segment(const struct cell_params *p, double soc)
{
    const double place = floor((soc - CELL_GRID_FIRST) / p->grid.step);
    const double last = (double)(p->grid.count - 2);

    return place > 0.0 ? (int)(place < last ? place : last) : 0;
}

double cell_segment_start(const struct cell_params *p, int segment)
{
    return node_soc(&p->grid, segment);
}

double cell_table_at(const struct cell_params *p, enum cell_table table, double soc)
{
    const int k = cell_segment(p, soc);
    const double *v = &p->grid.value[table][k];

    return v[0] + (v[1] - v[0]) / p->grid.step * (soc - node_soc(&p->grid, k));
}

double cell_factor_at(const struct cell_factor *f, double degC, double *per_K)
{
    const double kelvin = degC + CELL_ZERO_degC;
    double slope = 0.0, ln = 0.0;

    if (f->count >= 2) {
        int k = 0;

        while (k < f->count - 2 && 1.0 / kelvin < f->per_K[k + 1]) {
            k++;
        }
        slope = (f->ln[k + 1] - f->ln[k]) / (f->per_K[k + 1] - f->per_K[k]);
        ln = f->ln[k] + slope * (1.0 / kelvin - f->per_K[k]);
    }
    if (per_K) {
        *per_K = -slope / (kelvin * kelvin);
    }
    return ln == 0.0 ? 1.0 : exp(ln);
}

void cell_factor_knots(const struct cell_factor *f, double degC, double *low_degC, double *high_degC)
{
    *low_degC = -INFINITY;
    *high_degC = INFINITY;
    for (int k = 1; k < f->count - 1; k++) { /* the end pieces go on without a bend */
        const double at = 1.0 / f->per_K[k] - CELL_ZERO_degC;

        if (at < degC) {
            *low_degC = at;
        } else {
            *high_degC = at;
            return;
        }
    }
}

struct cell_factor cell_arrhenius(double energy_J_mol)
{
    const double cold = 1.0 / (CELL_REFERENCE_K - 25.0), reference = 1.0 / CELL_REFERENCE_K;

    return (struct cell_factor){ .count = 2,
                                 .per_K = { cold, reference },
                                 .ln = { -energy_J_mol / CELL_GAS_CONSTANT * (cold - reference), 0.0 } };
}

double cell_curve_at(const struct cell_curve *c, double degC)
{
    int k = 0;

    if (c->count == 0) {
        return 1.0;
    }
    if (degC <= c->at_degC[0] || c->count == 1) {
        return c->value[0];
    }
    while (k < c->count - 2 && degC > c->at_degC[k + 1]) {
        k++;
    }
    if (degC >= c->at_degC[k + 1]) {
        return c->value[k + 1];
    }
    return line(degC, c->at_degC[k], c->value[k], c->at_degC[k + 1], c->value[k + 1]);
}

double cell_stair_at(const struct cell_curve *c, double degC)
{
    int k = 0;

    if (c->count == 0) {
        return INFINITY;
    }
    while (k < c->count - 1 && degC >= c->at_degC[k + 1]) {
        k++;
    }
    return c->value[k];
}

double cell_rest_voltage(const struct cell_params *p, double soc, double degC, double hysteresis)
{
    return cell_table_at(p, CELL_OCV, soc) + (degC - p->reference_degC) * cell_table_at(p, CELL_ENTROPY, soc) +
           hysteresis * cell_table_at(p, CELL_HYST, soc);
}

double cell_soc_at_rest(const struct cell_params *p, double voltage_V, double degC, double hysteresis)
{
    double low = CELL_GRID_FIRST, high = CELL_GRID_LAST;

    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);

        if (cell_rest_voltage(p, middle, degC, hysteresis) < voltage_V) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return 0.5 * (low + high);
}
