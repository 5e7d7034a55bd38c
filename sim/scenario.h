/* A scenario as plain data: what JSON says, resolved (limits looked up, expressions compiled, sweeps expanded). */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include "model/parts.h"
#include "sim/diag.h"
#include "sim/expr.h"
#include "sim/requirement.h"

#include <stdbool.h>
#include <stdint.h>

#define SCENARIO_PACKS_MAX 16
#define SCENARIO_CELLS_MAX 16
#define SCENARIO_TEMPS_MAX 8
#define SCENARIO_TIMEOUT_S 3600 /* of an `until` that gives none */

enum history { HISTORY_NONE, HISTORY_CHARGED, HISTORY_DISCHARGED };

/* NAN: not given, the next wider default holds (cell -> pack -> scenario -> 50 %, 25 degC). */
struct initial {
    double soc;            /* fraction */
    double rest_voltage_V; /* solved for the charge */
    double temperature_degC;
    enum history history;
    double bms_soc;        /* what the BMS believes; NAN: the truth */
    double spread;         /* of the cells, in sigmas of their file; NAN: not said */
    struct {
        double soc, rest_voltage_V, temperature_degC, capacity_factor, resistance_factor, leak_Ohm;
    } cell[SCENARIO_CELLS_MAX];
};

struct ramp { /* from NAN: the present value. over_s 0: a step */
    bool given;
    double from, to, over_s;
};

enum action_kind {
    ACT_CHARGER, ACT_LOAD, ACT_SHORT, ACT_INVERTER, ACT_AMBIENT, ACT_BREAKER, ACT_FAULT, ACT_CLEAR, ACT_NTC, ACT_KEY,
    ACT_DIP, ACT_LINK, ACT_PARAMETER, ACT_ATTEMPT, ACT_CLOCK,
};

enum load_law { LOAD_OFF, LOAD_CURRENT, LOAD_POWER, LOAD_RESISTANCE };
/* enum short_place { SHORT_AT_TERMINALS, SHORT_AT_BUS, SHORT_AT_LOAD } and enum fault_kind come from model/parts.h */

struct action {
    enum action_kind kind;
    int pack;                /* from 0; -1: every pack */
    bool on;                 /* charger, load, short, inverter, breaker (closed), key (held) */
    enum load_law law;
    struct ramp current, voltage, power, resistance, temperature; /* those that the kind uses */
    double capacitance_F, esr_Ohm, precharge_Ohm, inductance_H, bleed_Ohm; /* NAN: the pack's or part's default */
    enum short_place place;
    enum fault_kind fault;
    int index;               /* cell, wire, channel; from 0; -1: all */
    double value, rate, hold_s; /* the fault's size; how fast it grows; how long a key or a fault lasts (NAN: for good);
                                 * ACT_DIP: value is the switch, ACT_CLOCK: seconds that it is moved by (on: not lost), ACT_CLEAR: fault FAULT_COUNT is all of them */
    uint32_t keys; /* of ACT_LINK: bits of enum bms_link */
    uint16_t parameter;
    int32_t parameter_value;
};

enum timing { STEP_AT, STEP_AFTER, STEP_UNTIL };

struct step {
    enum timing timing;
    int64_t time_ns;         /* of at and after */
    struct expr until;
    char *until_text;
    int64_t timeout_ns;
    char *label;             /* NULL: none */
    struct action *action;
    size_t action_count;
    unsigned line;
};

enum verb {
    VERB_TRIP, VERB_RELEASE, /* an event judged against a band of `on` and a delay */
    VERB_THEN,               /* trigger (after/when), then an event or condition: within, not before, hold */
    VERB_STAYS,              /* trigger, then a condition that must hold for a time */
    VERB_ALWAYS, VERB_NEVER, /* between from and until */
    VERB_REPORT,             /* measured and shown, not judged */
};

enum measure { MEASURE_LEVEL, MEASURE_DELAY };

struct point { /* a moment: a label, a time, or the start or end of the run */
    enum { POINT_START, POINT_END, POINT_LABEL, POINT_TIME, POINT_EVENT } kind;
    size_t step;       /* of the label */
    int64_t time_ns;
    struct expr event; /* of `when` */
    char *text;        /* label, time or event as written; NULL: start or end */
};

struct expectation {
    char *requirement;        /* id or NULL */
    const struct req_row *row; /* borrowed from the book, or NULL */
    enum basis basis;         /* the weakest that this verdict uses */
    bool basis_used;          /* it comes from numbers of the row, not from the row as a whole */
    enum verb verb;
    enum measure measure;
    struct expr what;         /* event or condition that is judged */
    char *what_text;
    struct expr on;           /* trip, release: the signal */
    char *on_text;
    bool rising;
    double low, high;         /* the band of `on`, resolved; either may be infinite */
    enum dim dim;
    double delay_min_s, delay_nom_s, delay_max_s; /* NAN: none */
    bool row_delay;           /* they are the row's */
    bool no_latency;
    struct point trigger;     /* after / when */
    struct point from, until; /* the window; whole run by default */
    double within_s, not_before_s, hold_s, for_s; /* NAN: not given */
    bool within_is_req;       /* "within": "req": within_s is delay_max_s, and latency counts unless no_latency */
    int times;                /* how often the trigger must come: 0 means at least once */
    unsigned line;
};

struct scenario {
    char *file, *stem, *case_name; /* case_name "" when nothing was swept */
    char *title, *pack_id, *bms_id;
    char **tag;
    size_t tag_count;
    uint64_t seed;
    bool cold_boot;
    int64_t phase_ns;              /* of the front end against the firmware's tick */
    bool ideal_front_end, noise;
    bool contacts_rest_closed; /* the relays of the dry contacts are wired normally closed */
    int64_t end_ns;                /* NAN-like -1: the last step plus a second */
    struct initial initial;
    struct initial pack[SCENARIO_PACKS_MAX]; /* what single packs change */
    int pack_count;
    struct {
        uint16_t id;
        int32_t value;
    } *parameter;
    size_t parameter_count;
    struct step *step;
    size_t step_count;
    struct expectation *expect;
    size_t expect_count;
    char *resolved; /* the JSON text of this case after sweep, owned */
};

struct scenario_list {
    struct scenario *item;
    size_t count;
};

/* What the loader must know about packs and parameter sets to resolve names and units. */
struct target_pool; /* sim/target_pool.h */

struct scenario_world {
    const struct req_book *book;
    const char *model_folder;  /* holds cells/ and packs/ */
    const char *params_folder; /* bms_core/params */
    struct target_pool *targets; /* where devices under test come from; NULL: the core in this process */
};

/* Appends the cases of one file. On failure adds messages and appends nothing. */
bool scenario_load(struct scenario_list *list, const char *path, const struct scenario_world *world, struct diag *d);
/* The same from memory; name stands in messages. */
bool scenario_parse(struct scenario_list *list, const char *name, const char *text, size_t size,
                    const struct scenario_world *world, struct diag *d);
/* Of the cases from number `from` (from 0) on only the number-th (from 1) stays; 0: none. */
void scenario_list_keep(struct scenario_list *list, size_t from, size_t number);
void scenario_list_free(struct scenario_list *list);

#endif
