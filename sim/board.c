/* Where model and bms_core meet: front-end codes become a sample, a command becomes gates and settings. */
#include "sim/command_log.h"
#include "sim/rig.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static_assert((int)AFE_ALERT_SCD == (int)BMS_ALERT_SCD && (int)AFE_ALERT_OCD == (int)BMS_ALERT_OCD &&
                  (int)AFE_ALERT_OCC == (int)BMS_ALERT_OCC && (int)AFE_ALERT_RESET == (int)BMS_ALERT_RESET,
              "the front end's alerts are the boundary's");
static_assert((int)AFE_DETECT_CHARGER == (int)BMS_DETECT_CHARGER && (int)AFE_DETECT_LOAD == (int)BMS_DETECT_LOAD,
              "the front end's detection bits are the boundary's");
static_assert(AFE_CELLS_MAX == BMS_CELLS_MAX && AFE_TEMPS_MAX == BMS_TEMPS_MAX, "the same number of channels");

static uint64_t scan_us(int64_t scan_ns)
{
    return scan_ns < 0 ? 0 : (uint64_t)scan_ns / 1000;
}

static void fill_sample(struct board *b, int64_t t_ns)
{
    const struct afe_registers *r = &b->afe.reg;
    struct bms_sample *s = &b->sample;

    s->cell_scan_us = scan_us(r->cell_scan_ns);
    s->current_scan_us = scan_us(r->current_scan_ns);
    s->temp_scan_us = scan_us(r->temp_scan_ns);
    memcpy(s->cell_mV, r->cell_mV, sizeof s->cell_mV);
    memcpy(s->temp_ddegC, r->temp_ddegC, sizeof s->temp_ddegC);
    s->stack_mV = r->stack_mV;
    s->terminal_mV = r->terminal_mV;
    s->current_mA = r->current_mA;
    s->balance_seen = r->balance_seen;
    s->alerts = r->alerts;
    s->detect = r->detect;
    s->keys = b->keys;
    s->dip = b->dip;
    s->links = b->links;
    s->wake = b->wake;
    s->wakes = b->wakes;
    s->clock_s = board_clock_s(b, t_ns);
    s->cell_count = (uint8_t)b->afe_config.cells;
    s->storage_seq = b->storage.seq;
    s->storage_status = (uint8_t)b->storage.status;
}

/* What a target must hear of at once: codes and bits, not the instants of scans that repeat them. */
static bool codes_changed(const struct board *b)
{
    struct afe_registers now = b->afe.reg;

    now.cell_scan_ns = b->seen.cell_scan_ns;
    now.current_scan_ns = b->seen.current_scan_ns;
    now.temp_scan_ns = b->seen.temp_scan_ns;
    return memcmp(&now, &b->seen, sizeof now) != 0;
}

/* Scan instants that a target expects cost no call: they go on by the front end's rule, or stand still as they stood
 * when it was last called. A front end that falls silent, or speaks again, breaks that. */
static bool scans_surprise(const struct board *b, int64_t t_ns)
{
    const struct afe_registers *now = &b->afe.reg, *seen = &b->seen;
    const uint64_t t_us = (uint64_t)t_ns / 1000;

    if (!b->by_rule) {
        return now->cell_scan_ns != seen->cell_scan_ns || now->current_scan_ns != seen->current_scan_ns ||
               now->temp_scan_ns != seen->temp_scan_ns;
    }
    return scan_us(now->current_scan_ns) != link_scan_at(&b->scan[1], t_us) ||
           scan_us(now->cell_scan_ns) != link_scan_at(&b->scan[0], t_us) ||
           scan_us(now->temp_scan_ns) != link_scan_at(&b->scan[2], t_us);
}

bool board_wants_step(const struct board *b, int64_t t_ns)
{
    if (!b->running || b->asleep) {
        return false;
    }
    if (b->view.power == BMS_POWER_STANDBY && t_ns % RIG_STANDBY_ns != 0) {
        return t_ns >= b->due_ns || b->touched;
    }
    return t_ns >= b->due_ns || b->touched || codes_changed(b) || scans_surprise(b, t_ns);
}

/* ---- conversions --------------------------------------------------------------------------------------------------
 */

/* Moves the sense wires to t, an instant of the planned segment. */
static void settle_sense(struct rig *rig, int pack, int64_t t_ns)
{
    struct board *b = &rig->board[pack];
    double cell_V[AFE_CELLS_MAX] = { 0 };

    for (int i = 0; i < b->afe_config.cells; i++) {
        cell_V[i] = dense_read(rig, PLANT_CELL_VOLTAGE_V, pack, i, t_ns - rig->now_ns);
    }
    sense_advance(&b->sense, t_ns, cell_V);
}

/* Voltage at the front end's pins: through the sense wires, which a bleed or a bad wire makes differ from the cell. */
static double pin_voltage(struct rig *rig, int pack, const struct afe_slot *slot)
{
    struct board *b = &rig->board[pack];

    if (!sense_is_plain(&b->sense, slot->t_ns)) {
        settle_sense(rig, pack, slot->t_ns);
        return sense_reading_V(&b->sense, slot->index);
    }
    return dense_read(rig, PLANT_CELL_VOLTAGE_V, pack, slot->index, slot->t_ns - rig->now_ns);
}

static double slot_value(struct rig *rig, int pack, const struct afe_slot *slot)
{
    static const enum plant_signal signal[] = {
        [AFE_CELL] = PLANT_CELL_VOLTAGE_V,    [AFE_STACK] = PLANT_STACK_VOLTAGE_V,
        [AFE_CURRENT] = PLANT_PACK_CURRENT_A, [AFE_TERMINAL] = PLANT_TERMINAL_VOLTAGE_V,
        [AFE_TEMP] = PLANT_NTC_degC,
    };

    if (slot->kind == AFE_CELL) {
        return pin_voltage(rig, pack, slot);
    }
    return dense_read(rig, signal[slot->kind], pack, slot->index, slot->t_ns - rig->now_ns);
}

void board_convert(struct rig *rig, int pack, int64_t until_ns)
{
    struct afe *a = &rig->board[pack].afe;
    struct afe_slot slot;

    while (afe_pop_conversion(a, until_ns, &slot)) {
        afe_convert(a, &slot, slot_value(rig, pack, &slot));
    }
}

/* A command begins with what the silicon does (the power path first), goes on with permissions and faults, and ends
 * with figures. Balancing, which pauses for each scan, is no event worth dense rows of the trace. */
#define TOLD_FROM offsetof(struct bms_command, charge_allowed)
#define SWITCHING_SIZE offsetof(struct bms_command, balance)
#define TELLING_SIZE offsetof(struct bms_command, soc_ppm)

/* ---- the target ---------------------------------------------------------------------------------------------------
 */

/* Commands are compared as bytes: targets fill them whole, padding and all. */
static bool differ(const void *a, const void *b, size_t offset, size_t end)
{
    return memcmp((const char *)a + offset, (const char *)b + offset, end - offset) != 0;
}

/* Lamps, buzzer, relays and display are seen as they are commanded: a blinking LED must not split the plant's steps. */
static bool reaches_silicon(const struct bms_command *a, const struct bms_command *b)
{
    return differ(a, b, 0, offsetof(struct bms_command, leds)) ||
           differ(a, b, offsetof(struct bms_command, storage_op), offsetof(struct bms_command, display));
}

bool board_step(struct rig *rig, int pack, int64_t t_ns)
{
    struct board *b = &rig->board[pack];
    struct bms_command command;
    uint64_t due_us = UINT64_MAX;

    fill_sample(b, t_ns);
    b->seen = b->afe.reg;
    b->touched = false;
    b->steps++;
    b->by_rule = link_scans_match(b->scan, (uint64_t)t_ns / 1000, &b->sample);
    if (rig->clock != NULL) {
        pace_wait(rig->clock, t_ns);
    }
    if (!b->target->ops->step(b->target, &b->sample, (uint64_t)t_ns / 1000, !rig->pace.every_tick, &command, &due_us)) {
        board_blame_target(rig, pack);
        return false;
    }
    if (rig->clock != NULL) {
        pace_done(rig->clock, RIG_TICK_ns);
    }
    b->due_ns = due_us > (uint64_t)INT64_MAX / 1000 ? INT64_MAX : (int64_t)due_us * 1000;
    if (!differ(&command, &b->view, 0, sizeof command)) {
        return false;
    }
    const bool acts = reaches_silicon(&command, &b->view);
    const bool tells = differ(&command, &b->view, TOLD_FROM, TELLING_SIZE);

    rig->events += tells || differ(&command, &b->view, 0, SWITCHING_SIZE);
    if (rig->commands != NULL) {
        command_log_write(rig->commands, t_ns, pack, &b->view, &command);
    }
    b->view = command;
    if (acts && b->queued == RIG_QUEUE_MAX) {
        rig->error = "more commands in flight than the bench can hold";
    } else if (acts) {
        b->queue[b->queued++] = (struct board_command){ t_ns + RIG_COMMAND_ns, command };
    }
    return true;
}

/* ---- commands and edges -------------------------------------------------------------------------------------------
 */

void board_set_bleed(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];
    const uint32_t closed = (b->afe.powered && !b->afe.resting ? b->bleeds : 0) | b->stuck_bleed;

    settle_sense(rig, pack, rig->now_ns);
    plant_set_bleed(&rig->plant, pack, closed);
    sense_set_bleed(&b->sense, closed);
}

bool board_set_sense_fault(struct rig *rig, int pack, enum fault_kind kind, int wire, bool on, double value)
{
    settle_sense(rig, pack, rig->now_ns);
    return sense_set_fault(&rig->board[pack].sense, kind, wire, on, value);
}

static void apply_storage(struct board *b, int64_t t_ns)
{
    const struct bms_command *c = &b->applied;

    if (c->storage_op != BMS_STORAGE_NONE && c->storage_seq != b->storage.seq) {
        storage_request(&b->storage, c, t_ns);
        b->touched = true;
    }
}

static uint32_t cell_bit(int cell)
{
    return cell > 0 ? UINT32_C(1) << (cell - 1) : 0;
}

/* Bleeds and the active balancer; the front end marks the readings that either disturbs. */
static void set_balancing(struct rig *rig, int pack, const struct bms_command *c)
{
    struct board *b = &rig->board[pack];
    const double from_A = (double)c->balance_mA * 1e-3;
    double to_A = 0.0;

    settle_sense(rig, pack, rig->now_ns);
    to_A = plant_set_transfer(&rig->plant, pack, c->balance_from - 1, c->balance_to - 1, from_A);
    sense_set_transfer(&b->sense, c->balance_from - 1, c->balance_to - 1, to_A > 0.0 ? from_A : 0.0, to_A);
    b->bleeds = c->balance;
    afe_set_balance(&b->afe, c->balance | cell_bit(c->balance_from) | cell_bit(c->balance_to));
    board_set_bleed(rig, pack);
}

static void apply_command(struct rig *rig, int pack, const struct bms_command *c, int64_t t_ns)
{
    struct board *b = &rig->board[pack];
    const struct afe_settings settings = {
        .threshold_mA = { c->scd_threshold_mA, c->ocd_threshold_mA, c->occ_threshold_mA },
        .delay_us = { c->scd_delay_us, c->ocd_delay_us, c->occ_delay_us },
    };

    if (c->alert_clear != 0) {
        afe_clear_alerts(&b->afe, c->alert_clear, t_ns);
    }
    afe_configure(&b->afe, &settings);
    afe_set_gate(&b->afe, AFE_CHARGE_GATE, c->charge_fet != 0, t_ns);
    afe_set_gate(&b->afe, AFE_DISCHARGE_GATE, c->discharge_fet != 0, t_ns);
    afe_set_gate(&b->afe, AFE_PRECHARGE_GATE, c->precharge != 0, t_ns);
    if (c->limiter_mA != b->applied.limiter_mA) {
        plant_set_limiter(&rig->plant, pack, (double)c->limiter_mA * 1e-3);
    }
    if (c->balance != b->applied.balance || c->balance_from != b->applied.balance_from ||
        c->balance_to != b->applied.balance_to || c->balance_mA != b->applied.balance_mA) {
        set_balancing(rig, pack, c);
    }
    if (c->clock_set_s != b->applied.clock_set_s && c->clock_set_s != 0) {
        board_set_clock(b, c->clock_set_s, t_ns);
        b->touched = true; /* a clock goes on by itself; that it was set must be told */
    }
    board_follow_power(rig, pack, c, t_ns);
    b->applied = *c;
    board_consume(rig, pack);
    apply_storage(b, t_ns);
    rig->switched = true;
}

int64_t board_next_event(const struct board *b)
{
    const int64_t edge_ns = afe_next_edge(&b->afe), stored_ns = storage_next(&b->storage);
    const int64_t command_ns = b->queued > 0 ? b->queue[0].due_ns : INT64_MAX;
    const int64_t first_ns = edge_ns < stored_ns ? edge_ns : stored_ns;

    return first_ns < command_ns ? first_ns : command_ns;
}

void board_take_events(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];
    enum afe_gate which;
    bool on;

    while (b->queued > 0 && b->queue[0].due_ns <= rig->now_ns) {
        const struct board_command next = b->queue[0];

        b->queued--;
        memmove(&b->queue[0], &b->queue[1], sizeof b->queue[0] * (size_t)b->queued);
        apply_command(rig, pack, &next.command, next.due_ns);
    }
    while (afe_take_edge(&b->afe, rig->now_ns, &which, &on)) {
        static const enum plant_gate gate[AFE_GATES] = {
            [AFE_CHARGE_GATE] = PLANT_CHARGE_GATE,
            [AFE_DISCHARGE_GATE] = PLANT_DISCHARGE_GATE,
            [AFE_PRECHARGE_GATE] = PLANT_PRECHARGE_GATE,
        };

        plant_set_gate(&rig->plant, pack, gate[which], on);
        rig->switched = true;
        rig->events++;
    }
    if (storage_next(&b->storage) <= rig->now_ns) {
        storage_finish(&b->storage, rig->now_ns);
        b->touched = true;
    }
}

/* ---- power --------------------------------------------------------------------------------------------------------
 */

void board_blame_target(struct rig *rig, int pack)
{
    const struct target *t = rig->board[pack].target;

    if (rig->error == NULL) {
        rig->error = t->error[0] != '\0' ? t->error : "the target no longer answers";
        rig->cannot = t->cannot;
    }
}

/* When the front end converts, from now on and undisturbed; steps that share an instant are one. */
void board_make_rules(struct board *b)
{
    const struct afe_config *c = &b->afe_config;
    const int64_t period_ns[LINK_SCANS] = { c->cell_scan_ns, c->current_scan_ns, c->temp_scan_ns };

    for (int i = 0; i < LINK_SCANS; i++) {
        b->scan[i] = (struct link_scan){ .start_us = scan_us(b->afe.scan[i].start_ns),
                                         .period_us = (uint32_t)(period_ns[i] / 1000),
                                         .steps = i == AFE_SCAN_TEMPS && c->temps == 0 ? 0 : 1 };
    }
    b->scan[AFE_SCAN_CELLS].skew_us = (uint32_t)(c->cell_skew_ns / 1000);
    b->scan[AFE_SCAN_CELLS].steps = (uint32_t)c->cells;
    b->by_rule = false;
}

void board_boot(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];

    board_make_rules(b);
    struct target_boot how = { .nvm = b->storage.image,
                               .nvm_size = STORAGE_SIZE,
                               .now_us = (uint64_t)rig->now_ns / 1000,
                               .tick_us = (uint32_t)(RIG_TICK_ns / 1000) };

    memcpy(how.scan, b->scan, sizeof how.scan);
    b->running = b->target->ops->boot(b->target, &how);
    if (!b->running) {
        board_blame_target(rig, pack);
    }
    memset(&b->view, 0, sizeof b->view);
    memset(&b->applied, 0, sizeof b->applied);
    b->queued = 0;
    b->key_came = false;
    b->due_ns = rig->now_ns;
    b->touched = true;
}

void board_power_on(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];

    afe_init(&b->afe, &b->afe_config, rig->now_ns);
    b->wake = BMS_WAKE_POWER_ON;
    b->wake_ns = b->starved_ns = b->dead_ns = INT64_MAX;
    board_boot(rig, pack);
    board_consume(rig, pack);
}

void board_power_back(struct rig *rig, int pack)
{
    rig->board[pack].wake = BMS_WAKE_BROWN_OUT;
    board_boot(rig, pack);
    board_consume(rig, pack);
    rig->switched = true;
    rig->events++;
}

void board_reset_target(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];

    storage_power_off(&b->storage, rig->now_ns); /* what it was about to write is torn */
    afe_rest(&b->afe, false, rig->now_ns);
    b->asleep = b->off = false;
    b->wake_ns = INT64_MAX;
    b->wake = BMS_WAKE_WATCHDOG;
    board_boot(rig, pack);
    rig->switched = true;
    rig->events++;
}

void board_power_off(struct rig *rig, int pack)
{
    struct board *b = &rig->board[pack];

    storage_power_off(&b->storage, rig->now_ns);
    b->running = b->asleep = b->off = false;
    b->wake_ns = INT64_MAX;
    b->wakes = 0;
    b->queued = 0;
    memset(&b->view, 0, sizeof b->view);
    memset(&b->applied, 0, sizeof b->applied);
    b->bleeds = 0;
    (void)plant_set_transfer(&rig->plant, pack, -1, -1, 0.0);
    sense_set_transfer(&b->sense, -1, -1, 0.0, 0.0);
    plant_set_bleed(&rig->plant, pack, b->stuck_bleed);
    plant_set_limiter(&rig->plant, pack, 0.0);
    plant_set_heater(&rig->plant, pack, 0.0);
    board_consume(rig, pack);
    rig->switched = true;
    rig->events++;
}
