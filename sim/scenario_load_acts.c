#include "sim/scenario_load.h"

#include "bms_core/bms_io.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ACTS_MAX 64 /* of one step */

struct acts {
    struct load *l;
    const struct format_node *n;
    struct action list[ACTS_MAX];
    size_t count;
    int pack;       /* that acts on a pack mean; -2: not said */
    bool used_pack; /* an act did mean a pack */
};

static struct ramp no_ramp(void)
{
    return (struct ramp){ false, NAN, NAN, 0 };
}

/* A new action, on the pack of the step if it is about a pack; with a message if the step names none. */
static struct action *add(struct acts *a, enum action_kind kind, const cJSON *node, bool of_pack)
{
    struct action *act = &a->list[a->count < ACTS_MAX ? a->count : ACTS_MAX - 1];

    if (a->count == ACTS_MAX) {
        format_error(&a->l->r, node, "make it two steps", "more than %d acts in one step", ACTS_MAX);
    } else {
        a->count++;
    }
    if (of_pack && a->pack == -2 && !a->used_pack) {
        format_error_key(&a->l->r, node, "add \"pack\": 1, or \"all\"", "there are %d packs: say which one",
                         a->l->s->pack_count);
    }
    a->used_pack = a->used_pack || of_pack;
    *act = (struct action){ .kind = kind,
                            .pack = of_pack && a->pack != -2 ? a->pack : 0,
                            .on = true,
                            .current = no_ramp(),
                            .voltage = no_ramp(),
                            .power = no_ramp(),
                            .resistance = no_ramp(),
                            .temperature = no_ramp(),
                            .capacitance_F = NAN,
                            .esr_Ohm = NAN,
                            .precharge_Ohm = NAN,
                            .inductance_H = NAN,
                            .bleed_Ohm = NAN,
                            .value = NAN,
                            .rate = NAN,
                            .hold_s = NAN };
    return act;
}

/* A quantity, or a ramp { from, to, over }, by the row of the key. */
static bool read_ramp(struct load *l, const cJSON *node, const struct format_key *key, struct ramp *out)
{
    struct format_node n;

    if (node == NULL) {
        return false;
    }
    *out = (struct ramp){ true, NAN, NAN, 0 };
    if (!cJSON_IsObject(node)) {
        return format_quantity_at(&l->r, node, key, &out->to);
    }
    if (!format_open(&l->r, node, FORMAT_RAMP, &n)) {
        return false;
    }
    (void)format_quantity_at(&l->r, format_member(&n, "from"), key, &out->from);
    (void)format_quantity_at(&l->r, format_member(&n, "to"), key, &out->to);
    (void)format_quantity(&n, "over", &out->over_s);
    return true;
}

static bool read_ramp_key(const struct format_node *n, struct load *l, const char *name, struct ramp *out)
{
    return read_ramp(l, format_member(n, name), format_key(n->kind, name), out);
}

/* An act that is "off" or an object: opens the object. False: off, or unsound, or not there. */
static bool open_act(struct acts *a, const char *name, enum action_kind kind, bool of_pack, struct action **act,
                     struct format_node *sub)
{
    const cJSON *node = format_member(a->n, name);

    if (node == NULL) {
        return false;
    }
    *act = add(a, kind, node, of_pack);
    if (format_is_word(a->n, name, NULL)) {
        (*act)->on = false;
        return false;
    }
    if (cJSON_IsString(node)) {
        format_error(&a->l->r, node, NULL, "expected \"off\" or an object, got \"%s\"", node->valuestring);
        return false;
    }
    return format_open(&a->l->r, node, format_key(a->n->kind, name)->sub, sub);
}

static void read_charger(struct acts *a, bool *known)
{
    struct format_node n;
    struct action *act = NULL;

    if (!open_act(a, "charger", ACT_CHARGER, false, &act, &n)) {
        return;
    }
    (void)read_ramp_key(&n, a->l, "current", &act->current);
    (void)read_ramp_key(&n, a->l, "voltage", &act->voltage);
    if (!*known && (!act->current.given || !act->voltage.given)) {
        format_error(&a->l->r, n.object, "{ \"current\": \"20 A\", \"voltage\": \"57.6 V\" }",
                     "the charger is given no %s, now or before", act->current.given ? "voltage" : "current");
    }
    *known = true;
}

static void read_load(struct acts *a)
{
    static const char *const names[] = { "current", "power", "resistance" };
    static const enum load_law laws[] = { LOAD_CURRENT, LOAD_POWER, LOAD_RESISTANCE };
    struct format_node n;
    struct action *act = NULL;
    int given = 0;

    if (!open_act(a, "load", ACT_LOAD, false, &act, &n)) {
        return;
    }
    struct ramp *ramps[] = { &act->current, &act->power, &act->resistance };

    for (size_t i = 0; i < 3; i++) {
        if (format_member(&n, names[i]) != NULL) {
            (void)read_ramp_key(&n, a->l, names[i], ramps[i]);
            act->law = laws[i];
            given++;
        }
    }
    if (given != 1) {
        format_error(&a->l->r, n.object, NULL, "a load is given by exactly one of current, power, resistance");
    }
}

static void read_short(struct acts *a)
{
    const cJSON *node = format_member(a->n, "short");
    const cJSON *place_node = json_member(node, "place");
    const bool at_pack =
        place_node == NULL || (cJSON_IsString(place_node) && strcmp(place_node->valuestring, "terminals") == 0);
    struct format_node n;
    struct action *act = NULL;
    int place = SHORT_AT_TERMINALS;

    if (!open_act(a, "short", ACT_SHORT, cJSON_IsObject(node) && at_pack, &act, &n)) {
        return;
    }
    act->resistance.given = format_quantity(&n, "resistance", &act->resistance.to);
    (void)format_word(&n, "place", &place);
    act->place = (enum short_place)place;
}

static void read_inverter(struct acts *a)
{
    struct format_node n;
    struct action *act = NULL;

    if (!open_act(a, "inverter", ACT_INVERTER, false, &act, &n)) {
        return;
    }
    (void)format_quantity(&n, "capacitance", &act->capacitance_F);
    (void)format_quantity(&n, "esr", &act->esr_Ohm);
    (void)format_quantity(&n, "bleed", &act->bleed_Ohm);
    if (format_is_word(&n, "precharge", NULL)) {
        act->precharge_Ohm = 0;
    } else {
        (void)format_quantity(&n, "precharge", &act->precharge_Ohm);
    }
}

static void read_ntc(struct acts *a)
{
    const struct format_key *key = format_key(FORMAT_STEP, "ntc");
    const cJSON *map = format_member(a->n, "ntc"), *node = NULL;

    if (map == NULL || !json_object(a->l->r.doc, map, a->l->r.d)) {
        a->l->r.ok = a->l->r.ok && map == NULL;
        return;
    }
    cJSON_ArrayForEach(node, map)
    {
        struct action *act = add(a, ACT_NTC, node, true);
        const int channel = load_entry_number(a->l, node, "ntc channel", a->l->limits.temps);

        act->index = channel >= 0 ? channel : 0;
        act->on = !(cJSON_IsString(node) && strcmp(node->valuestring, key->words[0]) == 0);
        if (act->on) {
            (void)read_ramp(a->l, node, key, &act->temperature);
        }
    }
}

static void read_fault(struct acts *a, const cJSON *node)
{
    struct action *act = add(a, ACT_FAULT, node, true);
    struct format_node n;
    int kind = 0;

    if (!format_open(&a->l->r, node, FORMAT_FAULT, &n) || !format_word(&n, "kind", &kind)) {
        return;
    }
    act->fault = (enum fault_kind)kind;
    load_fault(a->l, &n, act);
    (void)format_quantity(&n, "for", &act->hold_s);
}

static void read_faults(struct acts *a)
{
    const cJSON *fault = format_member(a->n, "fault"), *node = NULL;

    if (!cJSON_IsArray(fault)) {
        if (fault != NULL) {
            read_fault(a, fault);
        }
        return;
    }
    cJSON_ArrayForEach(node, fault)
    {
        read_fault(a, node);
    }
}

static void read_clear(struct acts *a)
{
    const cJSON *node = format_member(a->n, "clear");
    struct action *act;
    int kind = FAULT_COUNT;

    if (node == NULL) {
        return;
    }
    act = add(a, ACT_CLEAR, node, true);
    act->index = -1;
    if (!(cJSON_IsString(node) && strcmp(node->valuestring, "all") == 0) &&
        !json_word(a->l->r.doc, node, format_fault_words, &kind, a->l->r.d)) {
        a->l->r.ok = false;
    }
    act->fault = (enum fault_kind)kind;
}

static void read_keys(struct acts *a)
{
    const cJSON *node = format_member(a->n, "key");
    struct format_node n;

    if (node == NULL || !format_open(&a->l->r, node, FORMAT_KEYS, &n)) {
        return;
    }
    for (unsigned bit = 0; format_key_words[bit] != NULL; bit++) {
        const char *name = format_key_words[bit];
        int word = 0;

        if (format_member(&n, name) == NULL) {
            continue;
        }
        struct action *act = add(a, ACT_KEY, node, true);

        act->keys = 1U << bit;
        if (format_is_word(&n, name, &word)) {
            act->on = word == 0;
        } else {
            (void)format_quantity(&n, name, &act->hold_s);
        }
    }
}

static void read_writes(struct acts *a, const char *key, enum action_kind kind)
{
    const cJSON *map = format_member(a->n, key), *node = NULL;

    if (map != NULL && !json_object(a->l->r.doc, map, a->l->r.d)) {
        a->l->r.ok = false;
        return;
    }
    cJSON_ArrayForEach(node, map)
    {
        struct action *act = add(a, kind, node, true);

        if (kind == ACT_ATTEMPT) {
            (void)load_attempt(a->l, node, &act->parameter, &act->parameter_value);
        } else {
            (void)load_parameter(a->l, node, &act->parameter, &act->parameter_value);
        }
    }
}

static void read_clock(struct acts *a)
{
    const cJSON *node = format_member(a->n, "clock");
    struct action *act;

    if (node == NULL) {
        return;
    }
    act = add(a, ACT_CLOCK, node, true);
    act->value = 0.0;
    if (format_is_word(a->n, "clock", NULL)) {
        act->on = false;
    } else {
        (void)format_quantity(a->n, "clock", &act->value);
    }
}

static void read_switches(struct acts *a)
{
    struct action *act;
    int64_t dip = 0;
    int word = 0;

    if (format_word(a->n, "breaker", &word)) {
        act = add(a, ACT_BREAKER, format_member(a->n, "breaker"), true);
        act->on = word == 1;
    }
    if (format_word(a->n, "link", &word)) {
        act = add(a, ACT_LINK, format_member(a->n, "link"), true);
        act->keys = BMS_LINK_PACKS;
        act->on = word == 1;
    }
    if (format_word(a->n, "bluetooth", &word)) {
        act = add(a, ACT_LINK, format_member(a->n, "bluetooth"), true);
        act->keys = BMS_LINK_BLUETOOTH;
        act->on = word == 1;
    }
    if (format_integer(a->n, "dip", &dip)) {
        act = add(a, ACT_DIP, format_member(a->n, "dip"), true);
        act->value = (double)dip;
    }
    read_clock(a);
    read_writes(a, "parameter", ACT_PARAMETER);
    read_writes(a, "attempt", ACT_ATTEMPT);
}

static void read_pack(struct acts *a)
{
    const cJSON *node = format_member(a->n, "pack");
    int64_t pack = 1;

    a->pack = a->l->s->pack_count == 1 ? 0 : -2;
    if (format_is_word(a->n, "pack", NULL)) {
        a->pack = -1;
    } else if (!json_integer(a->l->r.doc, node, 1, a->l->s->pack_count, &pack, a->l->r.d)) {
        a->l->r.ok = false;
        a->pack = 0;
    } else if (node != NULL) {
        a->pack = (int)pack - 1;
    }
}

void load_acts(struct load *l, const struct format_node *step, struct step *out, bool *charger_known)
{
    struct acts a = { .l = l, .n = step };
    struct action ambient;

    read_pack(&a);
    read_charger(&a, charger_known);
    read_load(&a);
    read_short(&a);
    read_inverter(&a);
    if (format_member(step, "ambient") != NULL) {
        ambient = *add(&a, ACT_AMBIENT, format_member(step, "ambient"), false);
        (void)read_ramp_key(step, l, "ambient", &ambient.temperature);
        a.list[a.count - 1] = ambient;
    }
    read_ntc(&a);
    read_clear(&a); /* before the faults: a step may mend the old and break something new */
    read_faults(&a);
    read_keys(&a);
    read_switches(&a);
    if (format_member(step, "pack") != NULL && !a.used_pack) {
        format_error_key(&l->r, format_member(step, "pack"), NULL, "no act of this step is on a pack");
    }
    out->action = format_array(&l->r, a.count, sizeof *out->action);
    if (out->action != NULL && a.count > 0) {
        memcpy(out->action, a.list, a.count * sizeof *out->action);
        out->action_count = a.count;
    }
}
