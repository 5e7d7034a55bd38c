/* Packs with numbers that closed forms are known for: cells of constant voltage and resistance, ideal switches. */
#ifndef TESTS_SUPPORT_PLANT_BED_H
#define TESTS_SUPPORT_PLANT_BED_H

#include "model/plant.h"

struct plant_bed {
    struct cell_params cell;
    struct pack_params pack;
    struct plant plant;
};

/* A plant of equal packs with cells of low_V + slope_V x soc (see plant_bed_cell), gates off, at 25 degC. Change bed->pack or
 * bed->cell before. */
void plant_bed_start(struct plant_bed *bed, int packs);

/* A cell of 100 Ah with open circuit voltage low_V + slope_V x soc between 0 and 1, and one series resistance. */
void plant_bed_cell(struct cell_params *cell, double low_V, double slope_V, double ohm);

/* A pack of cells in series with no resistance, inductance or leakage of its own beyond what a circuit needs; FETs,
 * breaker, charger, thermal network as in the shipped pack. */
void bed_pack(struct pack_params *pack, const struct cell_params *cell, int cells);

/* The same with wiring: shunt, breaker, cable, inductances, terminal capacitance, leakage as in a 48 V pack. */
void bed_wire(struct pack_params *pack);

/* Runs to t_s after now; returns the number of segments. */
long plant_bed_run(struct plant *p, double t_s);

/* Both gates of a pack. */
void bed_gates(struct plant *p, int pack, bool charge, bool discharge);

/* A signal at the present instant, planning if need be. */
double bed_read(struct plant *p, enum plant_signal signal, int pack, int index);

#endif
