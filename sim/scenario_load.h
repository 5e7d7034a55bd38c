/* The parts of the scenario loader; only sim/scenario_load*.c include this. */
#ifndef SIM_SCENARIO_LOAD_H
#define SIM_SCENARIO_LOAD_H

#include "sim/format_read.h"
#include "sim/pack_facts.h"
#include "sim/params_lookup.h"
#include "sim/scenario.h"

#define LOAD_NS_PER_S 1e9
#define LOAD_TOTAL_MAX_s (366.0 * 86400.0) /* longest that a scenario may last, every timeout included */

/* What was looked up for the last case of a file; the next one mostly wants the same. */
struct load_cache {
    char *pack_id, *bms_id;
    struct pack_facts facts;
    struct params_set *params;
};

struct load {
    struct format_reader r;
    const struct scenario_world *world;
    struct scenario *s;
    struct load_cache *cache;
    struct signal_limits limits;
    double nominal_Ah;
    const cJSON *steps, *expects; /* arrays, or NULL */
};

/* Compiles an expression. req may be NULL. *text, which may be NULL, becomes a copy of it. */
bool load_expr(struct load *l, const cJSON *node, enum expr_want want, const struct quantity *req, struct expr *out,
               char **text);

/* Finds a step by its label; reports unknown ones. */
bool load_label(struct load *l, const cJSON *node, size_t *step);

int64_t load_ns(double seconds);

/* The number, from 0, that is the name of a map's entry ("7" is 6); -1 and a message if it is none of 1..count. */
int load_entry_number(struct load *l, const cJSON *entry, const char *what, int count);

/* scenario_load_initial.c: initial, packs, parameters. A parameter by name, with a quantity that fits it. */
void load_initial(struct load *l, const struct format_node *top);
void load_parameters(struct load *l, const struct format_node *top);
bool load_parameter(struct load *l, const cJSON *node, uint16_t *id, int32_t *value);
bool load_attempt(struct load *l, const cJSON *node, uint16_t *id, int32_t *value); /* out of range is allowed */

/* scenario_load_steps.c: steps and their order in time; scenario_load_acts.c: the acts of one. */
void load_steps(struct load *l, const struct format_node *top);
void load_acts(struct load *l, const struct format_node *step, struct step *out, bool *charger_known);
/* scenario_load_faults.c: index, value and rate of a fault whose kind is known. */
void load_fault(struct load *l, const struct format_node *n, struct action *act);

/* scenario_load_expect.c: expectations. */
void load_expectations(struct load *l, const struct format_node *top);

/* scenario_load_limits.c: bands, delays and basis out of the cited row. */
void load_basis(struct expectation *e, const struct req_note *note);                /* one number more is used */
void load_band(struct load *l, const struct format_node *n, struct expectation *e); /* of trip and release */
void load_row_delay(struct expectation *e, const struct req_delay *delay);
const struct req_delay *load_delay_of(const struct expectation *e);             /* of its row, or NULL */
const struct req_level *load_level_of(const struct req_row *row, bool release); /* of a row, or NULL */
/* A number in an expression that is nearly, but not quite, one of the cited row's. */
void load_literals(struct load *l, const cJSON *node, const struct expr *expr, const struct expectation *e);

/* scenario_load_check.c: what can only be seen once all is read. */
void load_check(struct load *l);

#endif
