#include "sim/rig_cells.h"

#include "model/noise.h"

#include <math.h>
#include <stddef.h>

#define DRAW_CELLS 1536 /* channels of the noise from here on: beside those of conversions and of the front end */

double rig_first_given(double a, double b, double c, double otherwise)
{
    return !isnan(a) ? a : !isnan(b) ? b : !isnan(c) ? c : otherwise;
}

static double hysteresis_of(enum history history)
{
    return history == HISTORY_CHARGED ? 1.0 : history == HISTORY_DISCHARGED ? -1.0 : 0.0;
}

/* What production made of a cell: a number of sigmas, the same for one seed, pack, cell and property whatever else is
 * drawn. */
static double draw(const struct scenario *s, int pack, int cell, uint32_t property)
{
    const struct noise_key key = {
        .seed = s->seed, .pack = (uint32_t)pack, .channel = DRAW_CELLS + property, .index = (uint64_t)cell
    };

    return noise_gauss(&key);
}

/* A factor around 1 that is never negative. */
static double factor(double sigmas)
{
    return exp(sigmas);
}

/* A charge given nearer to the cell beats a rest voltage given further away. Only a cell whose own charge is not given
 * has some of its own. */
void rig_set_cell(struct plant *p, const struct scenario *s, const struct cell_params *kind, int pack, int cell)
{
    const struct initial *own = &s->pack[pack], *all = &s->initial;
    const enum history history = own->history != HISTORY_NONE ? own->history : all->history;
    const double hysteresis = hysteresis_of(history);
    const double degC = rig_first_given(own->cell[cell].temperature_degC, all->cell[cell].temperature_degC,
                                        own->temperature_degC, rig_first_given(all->temperature_degC, NAN, NAN, 25.0));
    const double soc[] = { own->cell[cell].soc, all->cell[cell].soc, own->soc, all->soc };
    const double rest_V[] = { own->cell[cell].rest_voltage_V, all->cell[cell].rest_voltage_V, own->rest_voltage_V,
                              all->rest_voltage_V };
    /* What a scenario gives as leak lies beside the cell's own self-discharge. */
    const double added_Ohm = rig_first_given(own->cell[cell].leak_Ohm, all->cell[cell].leak_Ohm, NAN, INFINITY);
    const double spread = rig_first_given(own->spread, all->spread, NAN, 0.0);
    const struct cell_spread *sigma = &kind->spread;
    double charge = 0.5;
    size_t given = 0; /* how near to the cell the charge is given: 0 and 1 are its own */

    plant_set_cell_spread(
        p, pack, cell,
        rig_first_given(own->cell[cell].capacity_factor, all->cell[cell].capacity_factor, NAN,
                        factor(spread * sigma->capacity * draw(s, pack, cell, 0))),
        rig_first_given(own->cell[cell].resistance_factor, all->cell[cell].resistance_factor, NAN,
                        factor(spread * sigma->resistance * draw(s, pack, cell, 1))),
        1.0 / (factor(spread * sigma->leak * draw(s, pack, cell, 2)) / kind->leak_Ohm + 1.0 / added_Ohm));
    while (given < sizeof soc / sizeof soc[0] && isnan(soc[given]) && isnan(rest_V[given])) {
        given++;
    }
    if (given < sizeof soc / sizeof soc[0]) {
        charge = !isnan(soc[given]) ? soc[given] : plant_soc_at_rest(p, pack, rest_V[given], degC, hysteresis);
    }
    if (given > 1) {
        charge += spread * sigma->soc * draw(s, pack, cell, 3);
    }
    plant_set_cell(p, pack, cell, charge, degC, hysteresis);
}
