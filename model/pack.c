#include "model/pack.h"

void pack_use_cell(struct pack_params *pack, const struct cell_params *cell)
{
    pack->cell = cell;
    pack->thermal.cells = pack->cells;
    pack->thermal.core_J_K = cell->core_J_K;
    pack->thermal.surface_J_K = cell->surface_J_K;
    pack->thermal.core_surface_W_K = cell->core_surface_W_K;
    pack->thermal.neighbour_W_K = cell->neighbour_W_K;
}
