#include "sim/stimulus.h"

#include <math.h>
#include <string.h>

static double ramp_value(const struct stimulus_ramp *r, int64_t now_ns)
{
    if (now_ns >= r->end_ns) {
        return r->to;
    }
    return r->from + (r->to - r->from) * ((double)(now_ns - r->begin_ns) / (double)(r->end_ns - r->begin_ns));
}

static double ramp_rate(const struct stimulus_ramp *r, int64_t now_ns)
{
    return now_ns < r->end_ns ? (r->to - r->from) / ((double)(r->end_ns - r->begin_ns) * 1e-9) : 0.0;
}

static void ramp_start(struct stimulus_ramp *r, const struct ramp *wanted, int64_t now_ns)
{
    if (!wanted->given) {
        return;
    }
    const double from = isnan(wanted->from) ? ramp_value(r, now_ns) : wanted->from;

    *r = (struct stimulus_ramp){ from, wanted->to, now_ns, now_ns + (int64_t)(wanted->over_s * 1e9) };
}

static void push_charger(struct stimulus *s)
{
    const int64_t now = s->rig->now_ns;
    const bool on = s->charger_on;

    plant_set_charger(&s->rig->plant, on, ramp_value(&s->charger_A, now), ramp_value(&s->charger_V, now));
    plant_ramp_charger(&s->rig->plant, on ? ramp_rate(&s->charger_A, now) : 0.0,
                       on ? ramp_rate(&s->charger_V, now) : 0.0);
}

static void push_load(struct stimulus *s)
{
    const int64_t now = s->rig->now_ns;
    const bool on = s->law != PLANT_LOAD_OFF;

    plant_set_load(&s->rig->plant, s->law, on ? ramp_value(&s->load, now) : 0.0);
    plant_ramp_load(&s->rig->plant, on ? ramp_rate(&s->load, now) : 0.0);
}

static void push_ambient(struct stimulus *s)
{
    const int64_t now = s->rig->now_ns;

    plant_set_ambient(&s->rig->plant, ramp_value(&s->ambient, now), ramp_rate(&s->ambient, now));
}

static void push_ntc(struct stimulus *s, int pack, int channel)
{
    const int64_t now = s->rig->now_ns;
    const struct stimulus_ramp *r = &s->ntc[pack][channel];

    plant_hold_ntc(&s->rig->plant, pack, channel, s->ntc_held[pack][channel], ramp_value(r, now), ramp_rate(r, now));
}

void stimulus_begin(struct stimulus *s, struct rig *rig, double ambient_degC)
{
    *s = (struct stimulus){ .rig = rig };
    s->ambient.from = s->ambient.to = ambient_degC;
}

/* ---- faults and keys ----------------------------------------------------------------------------------------------
 */

static void brown_out(struct rig *rig, int pack, bool on)
{
    struct board *b = &rig->board[pack];

    (void)afe_set_fault(&b->afe, FAULT_BROWN_OUT, 0, on, 0.0, 0.0, rig->now_ns);
    if (on) {
        board_power_off(rig, pack);
    } else {
        board_power_back(rig, pack);
    }
}

static bool set_fault(struct rig *rig, int pack, enum fault_kind kind, int index, bool on, double value, double rate)
{
    struct board *b = &rig->board[pack];

    rig->switched = true;
    switch (kind) {
    case FAULT_SENSE_OPEN:
    case FAULT_SENSE_RESISTIVE:
    case FAULT_SENSE_SWAPPED:
        return board_set_sense_fault(rig, pack, kind, index, on, value);
    case FAULT_BROWN_OUT:
        brown_out(rig, pack, on);
        return true;
    case FAULT_BALANCE_STUCK:
        b->stuck_bleed = on ? b->stuck_bleed | 1U << index : b->stuck_bleed & ~(1U << index);
        board_set_bleed(rig, pack);
        return true;
    case FAULT_TARGET_RESET:
        if (on && b->running) {
            board_reset_target(rig, pack);
        }
        return true;
    case FAULT_WIRE_BITS:
    case FAULT_WIRE_LOST:
    case FAULT_WIRE_DOUBLED:
    case FAULT_WIRE_LATE:
    case FAULT_WIRE_BABBLE:
    case FAULT_WIRE_STUCK:
    case FAULT_WIRE_SILENT:
        if (b->target->ops->set_wire != NULL) {
            b->target->ops->set_wire(b->target, kind, on, value);
        }
        return b->target->ops->set_wire != NULL;
    case FAULT_STORAGE_FAILS:
        b->storage.fails = on;
        return true;
    default:
        return afe_set_fault(&b->afe, kind, index, on, value, rate, rig->now_ns) ||
               plant_set_fault(&rig->plant, kind, pack, index, on, value);
    }
}

/* What is done anew, or mended, does not end at its old time. */
static void forget_timed(struct stimulus *s, const struct stimulus_timed *like)
{
    int kept = 0;

    for (int i = 0; i < s->timed_count; i++) {
        struct stimulus_timed t = s->timed[i];
        const bool same = t.pack == like->pack && t.is_key == like->is_key;

        if (same && t.is_key) {
            t.keys &= ~like->keys;
        }
        if (!same || (t.is_key ? t.keys != 0 : t.fault != like->fault || t.index != like->index)) {
            s->timed[kept++] = t;
        }
    }
    s->timed_count = kept;
}

/* hold_s NAN: it does not end by itself. */
static bool hold(struct stimulus *s, struct stimulus_timed t, double hold_s)
{
    forget_timed(s, &t);
    if (isnan(hold_s)) {
        return true;
    }
    if (s->timed_count == STIMULUS_TIMED_MAX) {
        s->rig->error = "more timed faults and keys at once than the bench can hold";
        return false;
    }
    t.end_ns = s->rig->now_ns + (int64_t)(hold_s * 1e9);
    s->timed[s->timed_count++] = t;
    return true;
}

static bool apply_fault(struct stimulus *s, const struct action *a, int pack)
{
    const double rate = isnan(a->rate) ? 0.0 : a->rate, value = isnan(a->value) ? 0.0 : a->value;
    const int index = a->index < 0 ? 0 : a->index;

    if (!set_fault(s->rig, pack, a->fault, index, true, value, rate)) {
        s->rig->error = "this rig cannot inject that fault there";
        return false;
    }
    return hold(s, (struct stimulus_timed){ .pack = pack, .index = index, .fault = a->fault }, a->hold_s);
}

/* How many of a fault there can be: what `clear` without an index mends. */
static int fault_places(const struct rig *rig, int pack, enum fault_kind kind)
{
    switch (kind) {
    case FAULT_SENSE_OPEN:
    case FAULT_SENSE_RESISTIVE:
        return rig->board[pack].afe_config.cells + 1;
    case FAULT_SENSE_SWAPPED:
    case FAULT_CELL_STUCK:
    case FAULT_CELL_OFFSET:
    case FAULT_INTERNAL_SHORT:
    case FAULT_BALANCE_STUCK:
        return rig->board[pack].afe_config.cells;
    case FAULT_LINK_LOOSE:
        return rig->board[pack].afe_config.cells - 1;
    case FAULT_NTC_OPEN:
    case FAULT_NTC_SHORTED:
    case FAULT_NTC_STUCK:
    case FAULT_NTC_OFFSET:
        return rig->board[pack].afe_config.temps;
    default:
        return 1;
    }
}

static void clear_faults(struct stimulus *s, int pack, enum fault_kind kind)
{
    struct rig *rig = s->rig;

    for (int i = 0; i < fault_places(rig, pack, kind); i++) {
        forget_timed(s, &(struct stimulus_timed){ .pack = pack, .index = i, .fault = kind });
    }
    if (kind == FAULT_BROWN_OUT && rig->board[pack].afe.powered) {
        return; /* it has its supply */
    }
    for (int i = 0; i < fault_places(rig, pack, kind); i++) {
        (void)set_fault(rig, pack, kind, i, false, 0.0, 0.0);
    }
}

static void apply_clear(struct stimulus *s, const struct action *a, int pack)
{
    if (a->fault != FAULT_COUNT) {
        clear_faults(s, pack, a->fault);
        return;
    }
    for (int kind = 0; kind < FAULT_COUNT; kind++) {
        clear_faults(s, pack, (enum fault_kind)kind);
    }
}

static void press(struct rig *rig, int pack, uint32_t keys, bool held)
{
    board_key(rig, pack, keys, held);
}

static bool apply_key(struct stimulus *s, const struct action *a, int pack)
{
    press(s->rig, pack, a->keys, a->on);
    return hold(s, (struct stimulus_timed){ .pack = pack, .is_key = true, .keys = a->keys }, a->on ? a->hold_s : NAN);
}

/* ---- actions ------------------------------------------------------------------------------------------------------
 */

/* A resting BMS hears nothing. */
static bool write_parameter(struct rig *rig, int pack, const struct action *a)
{
    struct board *b = &rig->board[pack];
    const struct target_parameter p = { a->parameter, a->parameter_value };
    const bool hears = b->running && !b->asleep;
    const bool taken = hears && b->target->ops->set_parameter(b->target, p, (uint64_t)rig->now_ns / 1000);

    b->write_result = !hears ? BMS_PARAM_STATE : b->target->refusal;
    if (!taken && b->write_result == BMS_PARAM_OK) {
        b->write_result = BMS_PARAM_STATE;
    }
    b->writes++;
    b->touched = true;
    return taken;
}

static bool apply_to_pack(struct stimulus *s, const struct action *a, int pack)
{
    struct rig *rig = s->rig;
    struct board *b = &rig->board[pack];

    switch (a->kind) {
    case ACT_SHORT:
        plant_set_short(&rig->plant, a->on, a->place, pack, a->resistance.to);
        return true;
    case ACT_BREAKER:
        plant_set_breaker(&rig->plant, pack, a->on);
        return true;
    case ACT_FAULT:
        return apply_fault(s, a, pack);
    case ACT_CLEAR:
        apply_clear(s, a, pack);
        return true;
    case ACT_NTC:
        s->ntc_held[pack][a->index] = a->on;
        ramp_start(&s->ntc[pack][a->index], &a->temperature, rig->now_ns);
        push_ntc(s, pack, a->index);
        return true;
    case ACT_KEY:
        return apply_key(s, a, pack);
    case ACT_LINK:
        b->links = a->on ? b->links | a->keys : b->links & ~a->keys;
        b->touched = true;
        return true;
    case ACT_DIP:
        b->dip = (uint8_t)a->value;
        b->touched = true;
        return true;
    case ACT_PARAMETER:
        if (!write_parameter(rig, pack, a)) {
            board_blame_target(rig, pack);
            return false;
        }
        return true;
    case ACT_ATTEMPT:
        (void)write_parameter(rig, pack, a);
        return true;
    case ACT_CLOCK:
        b->clock_lost = !a->on;
        b->clock_s += a->on ? (int64_t)a->value : 0;
        b->touched = true;
        return true;
    default:
        return true;
    }
}

static void apply_load(struct stimulus *s, const struct action *a)
{
    static const enum plant_load laws[] = {
        [LOAD_OFF] = PLANT_LOAD_OFF,
        [LOAD_CURRENT] = PLANT_LOAD_CURRENT,
        [LOAD_POWER] = PLANT_LOAD_POWER,
        [LOAD_RESISTANCE] = PLANT_LOAD_RESISTANCE,
    };
    const struct ramp *value = a->law == LOAD_POWER        ? &a->power
                               : a->law == LOAD_RESISTANCE ? &a->resistance
                                                           : &a->current;

    s->law = a->on ? laws[a->law] : PLANT_LOAD_OFF;
    if (s->law == PLANT_LOAD_OFF) {
        s->load = (struct stimulus_ramp){ 0 };
    } else {
        ramp_start(&s->load, value, s->rig->now_ns);
    }
    push_load(s);
}

static double given(double value, double otherwise)
{
    return isnan(value) ? otherwise : value;
}

bool stimulus_apply(struct stimulus *s, const struct action *a)
{
    struct rig *rig = s->rig;
    const int first = a->pack < 0 ? 0 : a->pack, last = a->pack < 0 ? rig->packs - 1 : a->pack;

    rig->switched = true;
    rig->events++;
    switch (a->kind) {
    case ACT_CHARGER:
        s->charger_on = a->on;
        ramp_start(&s->charger_A, &a->current, rig->now_ns);
        ramp_start(&s->charger_V, &a->voltage, rig->now_ns);
        push_charger(s);
        return true;
    case ACT_LOAD:
        apply_load(s, a);
        return true;
    case ACT_INVERTER: /* defaults: 10 mF, 10 mOhm, 10 kOhm (assumed: a 5 kW unit) */
        plant_set_inverter(&rig->plant, a->on, given(a->capacitance_F, 0.01), given(a->esr_Ohm, 0.01),
                           given(a->precharge_Ohm, 0.0), given(a->bleed_Ohm, 1e4));
        return true;
    case ACT_AMBIENT:
        ramp_start(&s->ambient, &a->temperature, rig->now_ns);
        push_ambient(s);
        return true;
    default:
        break;
    }
    for (int pack = first; pack <= last; pack++) {
        if (!apply_to_pack(s, a, pack)) {
            return false;
        }
    }
    return true;
}

/* ---- what ends by itself ------------------------------------------------------------------------------------------
 */

static void sooner(int64_t *next, int64_t t_ns, int64_t now_ns)
{
    if (t_ns > now_ns && t_ns < *next) {
        *next = t_ns;
    }
}

int64_t stimulus_next(const struct stimulus *s)
{
    const int64_t now = s->rig->now_ns;
    int64_t next = INT64_MAX;

    sooner(&next, s->charger_A.end_ns, now);
    sooner(&next, s->charger_V.end_ns, now);
    sooner(&next, s->load.end_ns, now);
    sooner(&next, s->ambient.end_ns, now);
    for (int pack = 0; pack < s->rig->packs; pack++) {
        for (int k = 0; k < PLANT_NTC_MAX; k++) {
            sooner(&next, s->ntc[pack][k].end_ns, now);
        }
    }
    for (int i = 0; i < s->timed_count; i++) {
        sooner(&next, s->timed[i].end_ns, now);
    }
    return next;
}

void stimulus_take(struct stimulus *s)
{
    const int64_t now = s->rig->now_ns;

    if (s->charger_A.end_ns == now || s->charger_V.end_ns == now) {
        push_charger(s);
    }
    if (s->load.end_ns == now) {
        push_load(s);
    }
    if (s->ambient.end_ns == now) {
        push_ambient(s);
    }
    for (int pack = 0; pack < s->rig->packs; pack++) {
        for (int k = 0; k < PLANT_NTC_MAX; k++) {
            if (s->ntc[pack][k].end_ns == now) {
                push_ntc(s, pack, k);
            }
        }
    }
    for (int i = 0; i < s->timed_count; i++) {
        const struct stimulus_timed t = s->timed[i];

        if (t.end_ns > now) {
            continue;
        }
        memmove(&s->timed[i], &s->timed[i + 1], sizeof t * (size_t)(s->timed_count - i - 1));
        s->timed_count--;
        i--;
        if (t.is_key) {
            press(s->rig, t.pack, t.keys, false);
        } else {
            (void)set_fault(s->rig, t.pack, t.fault, t.index, false, 0.0, 0.0);
        }
    }
}
