#include "tests/support/plant_bed.h"

#include <math.h>
#include <string.h>

void plant_bed_cell(struct cell_params *cell, double low_V, double slope_V, double ohm)
{
    const double soc[2] = { 0.0, 1.0 }, ocv[2] = { low_V, low_V + slope_V }, r[2] = { ohm, ohm };
    const double zero[2] = { 0.0, 0.0 };
    const double ends[2] = { low_V - 0.1 * slope_V, low_V + 1.08 * slope_V };

    memset(cell, 0, sizeof *cell);
    cell->nominal_Ah = cell->capacity_Ah = 100.0;
    cell->reference_degC = 25.0;
    (void)cell_grid_init(&cell->grid, 0.01);
    for (int t = 0; t < CELL_TABLES; t++) {
        (void)cell_table_fill(&cell->grid, (enum cell_table)t, 2, soc, zero, NULL);
    }
    (void)cell_table_fill(&cell->grid, CELL_OCV, 2, soc, ocv, ends);
    (void)cell_table_fill(&cell->grid, CELL_R_DISCHARGE, 2, soc, r, NULL);
    (void)cell_table_fill(&cell->grid, CELL_R_CHARGE, 2, soc, r, NULL);
    cell->coulombic_efficiency = 1.0;
    cell->leak_Ohm = INFINITY;
    cell->over_V = 100.0;
    cell->under_V = cell->under_cold_V = -100.0;
    cell->core_J_K = 1e12; /* isothermal */
}

void bed_pack(struct pack_params *pack, const struct cell_params *cell, int cells)
{
    memset(pack, 0, sizeof *pack);
    pack->cell = cell;
    pack->cells = cells;
    pack->terminal_F = 1e-9;
    pack->snubber_Ohm = 1.0;
    pack->terminal_Ohm = 100e3;
    pack->bleed_Ohm = 41.25;
    pack->fet = (struct fet_params){ .rds_per_K = 0.005,
                                     .diode_V = 0.6,
                                     .diode_log_V = 0.05,
                                     .diode_log_A = 10.0,
                                     .diode_Ohm = 1e-3,
                                     .diode_V_per_K = -2e-3,
                                     .avalanche_V = 100.0,
                                     .precharge_Ohm = 50.0,
                                     .limiter_Ohm = 50.0 };
    pack->breaker = (struct breaker_params){ 125.0, 380.0, 1.30, 1312.5, 5e-3 };
    pack->charger = (struct charger_params){ 5e-3, 5e-3, 200.0 };
    pack->inverter = (struct pack_inverter){ 10e-3, 10e-3, 10e3, 50.0 };
    pack->thermal = (struct thermal_params){ .cells = cells,
                                             .core_J_K = 1e12,
                                             .box_J_K = 9000.0,
                                             .box_ambient_W_K = 5.8,
                                             .board_J_K = 60.0,
                                             .board_box_W_K = 0.8,
                                             .junction_J_K = 0.1,
                                             .junction_board_K_W = 0.05 };
    pack->ntc_count = 2;
    pack->ntc[0] = (struct pack_ntc){ PACK_SPOT_CELL, 0 };
    pack->ntc[1] = (struct pack_ntc){ PACK_SPOT_BOARD, 0 };
    pack->ntc_tau_s = 15.0;
}

void bed_wire(struct pack_params *pack)
{
    pack->link_Ohm = 80e-6;
    pack->shunt_Ohm = 250e-6;
    pack->breaker_Ohm = 500e-6;
    pack->path_H = 0.5e-6;
    pack->cable_Ohm = 3.9e-3;
    pack->cable_H = 2.1e-6;
    pack->lead_Ohm = 2.6e-3;
    pack->lead_H = 1.4e-6;
    pack->terminal_F = 1e-6;
    pack->quiescent_A = 0.03;
    pack->fet.rds_Ohm[FET_CHARGE] = pack->fet.rds_Ohm[FET_DISCHARGE] = 300e-6;
    pack->fet.leak_A = 50e-6;
}

void plant_bed_start(struct plant_bed *bed, int packs)
{
    const struct pack_params *params[PLANT_PACKS_MAX];

    for (int k = 0; k < packs; k++) {
        params[k] = &bed->pack;
    }
    plant_init(&bed->plant, packs, params, 25.0);
}

long plant_bed_run(struct plant *p, double t_s)
{
    int64_t left_ns = (int64_t)llround(t_s * 1e9);
    long segments = 0;

    for (; left_ns > 0; segments++) {
        const int64_t length_ns = plant_plan(p, left_ns);

        plant_commit(p, length_ns);
        left_ns -= length_ns;
    }
    return segments;
}

void bed_gates(struct plant *p, int pack, bool charge, bool discharge)
{
    plant_set_gate(p, pack, PLANT_CHARGE_GATE, charge);
    plant_set_gate(p, pack, PLANT_DISCHARGE_GATE, discharge);
}

double bed_read(struct plant *p, enum plant_signal signal, int pack, int index)
{
    (void)plant_plan(p, 1);
    return plant_read(p, signal, pack, index, 0);
}
