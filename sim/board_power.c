/* A board's power: what the firmware asks for, what wakes it, what its supply does, what it draws; and its clock. */
#include "sim/rig.h"

#include <math.h>
#include <string.h>

#define NEVER INT64_MAX
#define STARVE_ns INT64_C(1000000)    /* a supply that is low for this long is gone */
#define OUTAGE_ns INT64_C(1000000000) /* shorter: the firmware calls it a brown-out, longer: a power-on */
#define RECOVER_V 0.5                 /* it comes back this far above its minimum */
#define BUS_HYSTERESIS_V 1.0
#define LOAD_V 3.0    /* the terminals' own leak holds them above, a load pulls them below */
#define HEAVY_A 500.0 /* a current that may pull the stack down: looked at closely */

static const struct pack_params *params_of(const struct rig *rig, int pack)
{
    return rig->plant.pack[pack].params;
}

enum bms_power board_power(const struct board *b)
{
    if (!b->running || b->off) {
        return BMS_POWER_OFF;
    }
    return b->asleep ? BMS_POWER_SLEEP : (enum bms_power)b->view.power;
}

/* ---- clock --------------------------------------------------------------------------------------------------------
 */

uint32_t board_clock_s(const struct board *b, int64_t t_ns)
{
    return b->clock_lost ? 0 : (uint32_t)(RIG_CLOCK_s + b->clock_s + t_ns / INT64_C(1000000000));
}

void board_set_clock(struct board *b, int64_t clock_s, int64_t t_ns)
{
    b->clock_lost = false;
    b->clock_s = clock_s - RIG_CLOCK_s - t_ns / INT64_C(1000000000);
}

/* ---- consumption --------------------------------------------------------------------------------------------------
 */

static double mode_A(const struct board *b, const struct pack_params *p)
{
    if (!b->afe.powered) {
        return 0.0;
    }
    if (!b->running) {
        return p->off_A;
    }
    if (b->asleep) {
        return p->sleep_A;
    }
    if (b->applied.balance_from != 0) {
        return p->balancing_A;
    }
    return b->applied.power == BMS_POWER_STANDBY ? p->standby_A : p->quiescent_A;
}

void board_consume(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];
    const struct pack_params *p = params_of(rig, pack);
    const double heater_W = b->running && !b->asleep && b->applied.heater != 0 ? p->heater_W : 0.0;
    const double stack_V = fmax(b->afe.held_stack_V, 1.0);

    b->consumption_A = mode_A(b, p) + heater_W / stack_V;
    plant_set_quiescent(&rig->plant, pack, b->consumption_A);
    plant_set_heater(&rig->plant, pack, heater_W);
}

/* ---- modes --------------------------------------------------------------------------------------------------------
 */

/* Everything that the board drives lets go. */
static void let_go(struct rig *rig, int pack, int64_t t_ns)
{
    struct board *b = &rig->board[pack];

    for (int g = 0; g < AFE_GATES; g++) {
        afe_set_gate(&b->afe, (enum afe_gate)g, false, t_ns);
    }
    afe_set_balance(&b->afe, 0);
    b->bleeds = 0;
    (void)plant_set_transfer(&rig->plant, pack, -1, -1, 0.0);
    sense_set_transfer(&b->sense, -1, -1, 0.0, 0.0);
    plant_set_limiter(&rig->plant, pack, 0.0);
    board_set_bleed(rig, pack);
}

static void order_wake(struct board *b, enum bms_wake cause, int64_t t_ns)
{
    if (b->wake_ns == NEVER) {
        b->wake_ns = t_ns;
        b->wake_cause = cause;
    }
}

/* What is there when the watch begins wakes nobody: only what comes. */
static void rest(struct rig *rig, int pack, int64_t t_ns)
{
    struct board *b = &rig->board[pack];

    let_go(rig, pack, t_ns);
    afe_rest(&b->afe, true, t_ns);
    b->charger_seen = b->bus_seen = true;
    b->load_seen = true;
    if (b->key_came) {
        b->key_came = false;
        order_wake(b, BMS_WAKE_KEY, t_ns);
    }
}

void board_follow_power(struct rig *rig, int pack, const struct bms_command *c, int64_t t_ns)
{
    struct board *b = &rig->board[pack];

    if (c->power == b->applied.power) {
        return;
    }
    switch ((enum bms_power)c->power) {
    case BMS_POWER_RUN:
    case BMS_POWER_STANDBY:
        return;
    case BMS_POWER_SLEEP:
        rest(rig, pack, t_ns);
        b->asleep = true;
        break;
    case BMS_POWER_OFF:
        rest(rig, pack, t_ns);
        b->running = false;
        b->off = true;
        b->queued = 0;
        memset(&b->view, 0, sizeof b->view);
        b->view.power = BMS_POWER_OFF;
        break;
    case BMS_POWER_RESTART:
        let_go(rig, pack, t_ns);
        b->wake_ns = t_ns;
        b->wake_cause = BMS_WAKE_RESET;
        break;
    }
    rig->events++;
}

static void wake(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];
    const bool keeps_ram = b->asleep;

    b->wake_ns = NEVER;
    b->wake = (uint8_t)b->wake_cause;
    b->wakes++;
    afe_rest(&b->afe, false, rig->now_ns);
    board_make_rules(b);
    b->asleep = b->off = false;
    b->touched = true;
    if (!keeps_ram) {
        board_boot(rig, pack);
    }
    b->applied.power = BMS_POWER_RUN;
    b->due_ns = rig->now_ns;
    board_consume(rig, pack);
    rig->switched = true;
    rig->events++;
}

void board_key(struct rig *rig, int pack, uint32_t keys, bool held)
{
    struct board *b = &rig->board[pack];
    const uint32_t before = b->keys;

    b->keys = held ? b->keys | keys : b->keys & ~keys;
    b->touched = true;
    if ((b->keys & ~before & (BMS_KEY_POWER | BMS_KEY_RESET)) == 0) {
        return;
    }
    if (b->asleep || b->off) {
        order_wake(b, BMS_WAKE_KEY, rig->now_ns);
    } else { /* if the firmware has already asked for rest, it does not see this edge any more */
        b->key_came = b->view.power == BMS_POWER_SLEEP || b->view.power == BMS_POWER_OFF;
    }
}

void board_watch(struct rig *rig, int pack, int64_t offset_ns)
{
    struct board *b = &rig->board[pack];
    const struct pack_params *p = params_of(rig, pack);
    const int64_t t_ns = rig->now_ns + offset_ns;

    if (!(b->asleep || b->off)) {
        return;
    }
    const double terminal_V = dense_read(rig, PLANT_TERMINAL_VOLTAGE_V, pack, 0, offset_ns);
    const double stack_V = dense_read(rig, PLANT_STACK_VOLTAGE_V, pack, 0, offset_ns);
    const bool charger = p->wake_charger_V > 0.0 && terminal_V > stack_V + p->wake_charger_V;
    const bool bus = p->wake_bus_V > 0.0 && terminal_V > p->wake_bus_V - (b->bus_seen ? BUS_HYSTERESIS_V : 0.0);
    const bool load = p->wake_load > 0.0 && terminal_V < LOAD_V;

    if (charger && !b->charger_seen) {
        order_wake(b, BMS_WAKE_CHARGER, t_ns);
    } else if (bus && !b->bus_seen) {
        order_wake(b, BMS_WAKE_BUS, t_ns);
    } else if (load && !b->load_seen) {
        order_wake(b, BMS_WAKE_LOAD, t_ns);
    }
    b->charger_seen = charger;
    b->bus_seen = bus;
    b->load_seen = load;
}

/* ---- supply -------------------------------------------------------------------------------------------------------
 */

/* The stack feeds the board. Looked at where it can matter: near the minimum, or under a current that pulls it down. */
void board_look_at_supply(struct rig *rig, int pack, int64_t offset_ns)
{
    struct board *b = &rig->board[pack];
    const double least_V = params_of(rig, pack)->supply_V;
    double begin_A, end_A, stack_V;

    plant_current(&rig->plant, pack, &begin_A, &end_A);
    if (least_V <= 0.0 || (b->starved_ns == NEVER && fabs(end_A) < HEAVY_A && b->afe.held_stack_V > 1.2 * least_V)) {
        return;
    }
    if (!b->afe.powered && b->dead_ns == NEVER) {
        return; /* a brown-out that the scenario makes */
    }
    stack_V = dense_read(rig, PLANT_STACK_VOLTAGE_V, pack, 0, offset_ns);
    if (stack_V >= least_V + (b->dead_ns != NEVER ? RECOVER_V : 0.0)) {
        b->starved_ns = NEVER;
    } else if (b->starved_ns == NEVER) {
        b->starved_ns = rig->now_ns + offset_ns;
    }
}

static void follow_supply(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];
    if (!b->afe.powered && b->dead_ns == NEVER) {
        b->starved_ns = NEVER;
    }
    const bool gone = b->starved_ns != NEVER && rig->now_ns - b->starved_ns >= STARVE_ns;

    if (gone && b->dead_ns == NEVER) {
        (void)afe_set_fault(&b->afe, FAULT_BROWN_OUT, 0, true, 0.0, 0.0, rig->now_ns);
        board_power_off(rig, pack);
        b->dead_ns = rig->now_ns;
    } else if (b->starved_ns == NEVER && b->dead_ns != NEVER) {
        const bool brief = rig->now_ns - b->dead_ns < OUTAGE_ns;

        b->dead_ns = NEVER;
        (void)afe_set_fault(&b->afe, FAULT_BROWN_OUT, 0, false, 0.0, 0.0, rig->now_ns);
        board_power_back(rig, pack);
        b->wake = brief ? BMS_WAKE_BROWN_OUT : BMS_WAKE_POWER_ON;
    }
}

int64_t board_next_power(const struct rig *rig, int pack)
{
    const struct board *b = &rig->board[pack];
    const int64_t starve_ns = b->starved_ns == NEVER || b->dead_ns != NEVER ? NEVER : b->starved_ns + STARVE_ns;

    return b->wake_ns < starve_ns ? b->wake_ns : starve_ns;
}

void board_take_power(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];

    follow_supply(rig, pack);
    if (b->wake_ns <= rig->now_ns) {
        if (b->afe.powered) {
            wake(rig, pack);
        }
        b->wake_ns = NEVER;
    }
}
