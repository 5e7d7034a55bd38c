#include "sim/rig_build.h"

#include "sim/pack_json.h"
#include "sim/params_lookup.h"
#include "sim/rig_cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Noise of a front end that has some, one sigma of each conversion: assumed, from the data sheets of 14-bit AFEs. */
#define NOISE_CELL_V 0.0003
#define NOISE_STACK_V 0.005
#define NOISE_CURRENT_A 0.02
#define NOISE_NTC_K 0.1

struct rig_parts {
    struct pack_params pack;
    struct cell_params cell;
    const struct pack_params *of_pack[PLANT_PACKS_MAX];
};

static void configure_front_end(struct board *b, const struct scenario *s, const struct pack_params *params, int pack)
{
    struct afe_config *c = &b->afe_config;

    afe_config_default(c, params->cells, params->ntc_count);
    c->grid_ns[AFE_SCD] = llround(params->short_grid_s * 1e9);
    c->phase_ns = s->phase_ns;
    b->contacts_rest_closed = s->contacts_rest_closed;
    c->ideal = s->ideal_front_end;
    c->seed = s->seed;
    c->pack = (uint32_t)pack;
    if (s->noise) {
        for (int k = 0; k < params->cells; k++) {
            c->cell[k].noise = NOISE_CELL_V;
        }
        c->stack.noise = c->terminal.noise = NOISE_STACK_V;
        c->current.noise = NOISE_CURRENT_A;
        c->temp_noise_K = NOISE_NTC_K;
    }
}

static void wire_senses(struct rig *rig, const struct pack_params *params, int pack)
{
    struct sense_params sense;
    double cell_V[SENSE_CELLS_MAX] = { 0 };

    sense_params_default(&sense, params->cells);
    for (int k = 0; k < params->cells; k++) {
        sense.bleed_Ohm[k] = params->bleed_Ohm;
        cell_V[k] = plant_read(&rig->plant, PLANT_CELL_VOLTAGE_V, pack, k, 0);
    }
    sense_init(&rig->board[pack].sense, &sense, cell_V, 0);
}

/* A scenario that disturbs the wire needs a target that has one. */
static bool needs_wire(const struct scenario *s)
{
    for (size_t i = 0; i < s->step_count; i++) {
        for (size_t k = 0; k < s->step[i].action_count; k++) {
            const struct action *a = &s->step[i].action[k];

            if (a->kind == ACT_FAULT && a->fault >= FAULT_WIRE_BITS && a->fault <= FAULT_WIRE_SILENT) {
                return true;
            }
        }
    }
    return false;
}

/* The device under test with the scenario's parameters, and the state of charge that it shall believe in. */
static bool open_target(struct rig *rig, const struct scenario *s, const struct scenario_world *world, int pack,
                        unsigned cells, struct diag *d)
{
    const double told = rig_first_given(s->pack[pack].bms_soc, s->initial.bms_soc, NAN,
                                        plant_read(&rig->plant, PLANT_PACK_SOC, pack, 0, 0));
    struct target_parameter *change = calloc(s->parameter_count + 1, sizeof *change);
    struct params_row boot_soc;
    size_t count = 0;

    if (change == NULL) {
        return false;
    }
    if (world->targets == NULL && needs_wire(s)) {
        rig->cannot = true;
        diag_plain(d, DIAG_ERROR, s->file, NULL, "this target has no wire that could be disturbed");
        free(change);
        return false;
    }
    if (params_lookup("soc.boot_ppm", &boot_soc)) {
        change[count++] = (struct target_parameter){ boot_soc.id, (int32_t)lround(fmin(fmax(told, 0.0), 1.0) * 1e6) };
    }
    for (size_t i = 0; i < s->parameter_count; i++) {
        change[count++] = (struct target_parameter){ s->parameter[i].id, s->parameter[i].value };
    }
    const struct target_wish wish = { .set = s->bms_id,
                                      .folder = world->params_folder,
                                      .change = change,
                                      .count = count,
                                      .cells = cells,
                                      .pack = pack,
                                      .packs = rig->packs };

    rig->board[pack].target = target_open(world->targets, &wish, &rig->cannot, d);
    free(change);
    return rig->board[pack].target != NULL;
}

static bool build(struct rig_built *built, const struct scenario *s, const struct scenario_world *world, struct diag *d)
{
    struct rig *rig = built->rig;
    const struct pack_params *params = &built->parts->pack;

    if (!pack_json_load(&built->parts->pack, &built->parts->cell, world->model_folder, s->pack_id, d)) {
        return false;
    }
    rig->packs = s->pack_count;
    for (int k = 0; k < rig->packs; k++) {
        built->parts->of_pack[k] = params;
    }
    plant_init(&rig->plant, rig->packs, built->parts->of_pack,
               rig_first_given(s->initial.temperature_degC, NAN, NAN, 25.0));
    for (int k = 0; k < rig->packs; k++) {
        struct board *b = &rig->board[k];

        for (int cell = 0; cell < params->cells; cell++) {
            rig_set_cell(&rig->plant, s, params->cell, k, cell);
        }
        configure_front_end(b, s, params, k);
        storage_init(&b->storage, s->seed + (uint64_t)k);
        b->keys = params->key_latching > 0.0 ? BMS_KEY_POWER : 0;
    }
    (void)plant_plan(&rig->plant, 1);
    for (int k = 0; k < rig->packs; k++) {
        wire_senses(rig, params, k);
        if (!open_target(rig, s, world, k, (unsigned)params->cells, d)) {
            return false;
        }
    }
    if (!rig_power_on(rig)) {
        diag_plain(d, DIAG_ERROR, s->file, NULL, "%s", rig->error);
        return false;
    }
    return true;
}

bool rig_build(struct rig_built *built, const struct scenario *s, const struct scenario_world *world, struct diag *d)
{
    built->rig = calloc(1, sizeof *built->rig);
    built->parts = calloc(1, sizeof *built->parts);
    if (built->rig != NULL && built->parts != NULL && build(built, s, world, d)) {
        return true;
    }
    const bool cannot = built->rig != NULL && built->rig->cannot;

    rig_built_free(built);
    built->cannot = cannot;
    return false;
}

void rig_built_free(struct rig_built *built)
{
    if (built->rig != NULL) {
        rig_close(built->rig);
    }
    free(built->rig);
    free(built->parts);
    *built = (struct rig_built){ 0 };
}
