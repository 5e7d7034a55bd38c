/* Who shows what: from faults, mode and state of charge to LEDs, buzzer and dry contacts. */
#include "bms_core/bms_inner.h"

#include <string.h>

#define BIT(row) (UINT32_C(1) << (row))
#define SOC_LEDS(bars) ((BIT(bars) - 1U) * (uint32_t)BMS_LED_SOC)

#define LOW_FOR_BUZZER 0x80U

struct contact_source { /* ids of a contact's parameters */
    uint16_t trips, alarms, soc, rest;
};

static const struct contact_source contact_table[BMS_CONTACTS_MAX] = {
    { BMS_PARAM_CONTACT_1_TRIPS, BMS_PARAM_CONTACT_1_ALARMS, BMS_PARAM_CONTACT_1_SOC, BMS_PARAM_CONTACT_1_REST },
    { BMS_PARAM_CONTACT_2_TRIPS, BMS_PARAM_CONTACT_2_ALARMS, BMS_PARAM_CONTACT_2_SOC, BMS_PARAM_CONTACT_2_REST },
};

_Static_assert(BMS_PARAM_LED_RUN_FAULT == BMS_PARAM_LED_RUN_IDLE + PANEL_FAULT, "a parameter for each row of RUN");
_Static_assert(BMS_PARAM_LED_ALM_FAULT == BMS_PARAM_LED_ALM_IDLE + PANEL_FAULT, "a parameter for each row of ALM");
_Static_assert(sizeof(struct panel_cause) == 16, "no padding: causes are compared as bytes");

/* ---- the state of charge ------------------------------------------------------------------------------------------
 */

static unsigned fitted_bars(const struct bms *b)
{
    unsigned count = 0;

    for (uint32_t left = (uint32_t)b->params.value[BMS_PARAM_LED_FITTED] & SOC_LEDS(BMS_SOC_LEDS_MAX); left != 0;
         left &= left - 1) {
        count++;
    }
    return count;
}

/* The lowest LED is lit at 0 %, each further one from its bound on, and off again a little below it. */
static uint8_t soc_bars(const struct bms *b, uint8_t before)
{
    const int32_t *p = b->params.value;
    const unsigned fitted = fitted_bars(b);
    const int32_t shown_ppm = (int32_t)b->soc.shown_ppm;
    unsigned bars = 1; /* of none fitted none is shown */

    while (bars < fitted) {
        const int32_t bound_ppm = (int32_t)bars * p[BMS_PARAM_LED_SOC_STEP];

        if (shown_ppm < (bars < before ? bound_ppm - p[BMS_PARAM_LED_SOC_BACK] : bound_ppm)) {
            break;
        }
        bars++;
    }
    return (uint8_t)bars;
}

static bool is_low(const struct bms *b, int32_t level_ppm, bool before)
{
    const int32_t back_ppm = before ? b->params.value[BMS_PARAM_CONTACT_SOC_BACK] : 0;

    return level_ppm != 0 && (int32_t)b->soc.shown_ppm <= level_ppm + back_ppm;
}

static uint8_t soc_low(const struct bms *b, uint8_t before)
{
    const int32_t *p = b->params.value;
    uint8_t low = is_low(b, p[BMS_PARAM_BUZZER_SOC], (before & LOW_FOR_BUZZER) != 0) ? LOW_FOR_BUZZER : 0;

    for (unsigned i = 0; i < BMS_CONTACTS_MAX; i++) {
        if (is_low(b, p[contact_table[i].soc], ((unsigned)before >> i & 1U) != 0)) {
            low = (uint8_t)(low | 1U << i);
        }
    }
    return low;
}

/* ---- the row of the table -----------------------------------------------------------------------------------------
 */

/* Protections that concern what the pack does: while it charges or discharges, those of that direction. */
static uint32_t concerning(const struct bms *b, const struct panel_cause *c)
{
    const int32_t way = c->mode == BMS_MODE_CHARGE      ? BMS_BLOCKS_CHARGE
                        : c->mode == BMS_MODE_DISCHARGE ? BMS_BLOCKS_DISCHARGE
                                                        : BMS_BLOCKS_CHARGE | BMS_BLOCKS_DISCHARGE;
    uint32_t rows = c->tripped & BIT(BMS_FAULT_OC_LOCK); /* blocks what its events blocked */

    for (unsigned i = 0; i < BMS_FAULT_COUNT; i++) {
        if ((c->tripped & BIT(i)) != 0 && (bms_param_fault(&b->params, i, BMS_FIELD_BLOCKS) & way) != 0) {
            rows |= BIT(i);
        }
    }
    return rows;
}

static uint32_t of_tally(uint32_t faults, enum bms_tally tally)
{
    uint32_t rows = 0;

    for (unsigned i = 0; i < BMS_FAULT_COUNT; i++) {
        rows |= (faults & BIT(i)) != 0 && bms_fault_kinds[i].tally == tally ? BIT(i) : 0;
    }
    return rows;
}

static uint8_t row_of(const struct bms *b, const struct panel_cause *c)
{
    const uint32_t faults = concerning(b, c);
    const uint32_t over = of_tally(faults, BMS_TALLY_OVER), under = of_tally(faults, BMS_TALLY_UNDER);
    const bool alarm = (c->alarmed & (uint32_t)b->params.value[BMS_PARAM_LED_ALARMS]) != 0;

    if (c->mode == BMS_MODE_FAULT) {
        return PANEL_FAULT;
    }
    if ((faults & ~(over | under)) != 0) {
        return PANEL_STOPPED;
    }
    if (faults != 0) {
        return under != 0 ? PANEL_OVERDISCHARGED : PANEL_OVERCHARGED;
    }
    switch (c->mode) {
    case BMS_MODE_CHARGE:
        return alarm ? PANEL_CHARGE_ALARM : PANEL_CHARGE;
    case BMS_MODE_DISCHARGE:
        return alarm ? PANEL_DISCHARGE_ALARM : PANEL_DISCHARGE;
    default:
        return alarm ? PANEL_IDLE_ALARM : PANEL_IDLE;
    }
}

/* ---- what is shown ------------------------------------------------------------------------------------------------
 */

static uint8_t buzzer_pattern(const struct bms *b, const struct panel_cause *c)
{
    const int32_t *p = b->params.value;
    const uint32_t tripped = c->tripped & (uint32_t)p[BMS_PARAM_BUZZER_TRIPS];

    if (p[BMS_PARAM_BUZZER_ON] == 0) {
        return BLINK_OFF;
    }
    if (tripped != 0) {
        return (uint8_t)p[c->mode == BMS_MODE_FAULT ? BMS_PARAM_BUZZER_FAULT : BMS_PARAM_BUZZER_TRIP];
    }
    return (c->alarmed & (uint32_t)p[BMS_PARAM_BUZZER_ALARMS]) != 0 || (c->low & LOW_FOR_BUZZER) != 0
               ? (uint8_t)p[BMS_PARAM_BUZZER_ALARM]
               : BLINK_OFF;
}

static bool is_dark(const struct panel_cause *c)
{
    return c->power == BMS_POWER_SLEEP || c->power == BMS_POWER_OFF;
}

static void choose_patterns(struct bms *b, uint64_t now_us)
{
    struct panel *panel = &b->panel;
    const struct panel_cause *c = &panel->cause;
    const int32_t *p = b->params.value;
    const bool shown = p[BMS_PARAM_LED_ON] != 0 && !is_dark(c);

    panel->row = row_of(b, c);
    blink_set(&panel->lamp[PANEL_LAMP_RUN], shown ? (uint8_t)p[BMS_PARAM_LED_RUN_IDLE + panel->row] : BLINK_OFF,
              now_us);
    blink_set(&panel->lamp[PANEL_LAMP_ALM], shown ? (uint8_t)p[BMS_PARAM_LED_ALM_IDLE + panel->row] : BLINK_OFF,
              now_us);
    blink_set(&panel->lamp[PANEL_LAMP_SOC],
              c->mode == BMS_MODE_CHARGE ? (uint8_t)p[BMS_PARAM_LED_SOC_CHARGE] : BLINK_ON, now_us);
    blink_set(&panel->lamp[PANEL_LAMP_LINK],
              (c->links & BMS_LINK_PACKS) == 0 ? BLINK_OFF : (uint8_t)p[BMS_PARAM_LED_LINK], now_us);
    blink_set(&panel->lamp[PANEL_LAMP_BLUETOOTH],
              (uint8_t)p[(c->links & BMS_LINK_BLUETOOTH) != 0 ? BMS_PARAM_LED_PAIRED : BMS_PARAM_LED_UNPAIRED], now_us);
    blink_set(&panel->lamp[PANEL_LAMP_BUZZER], is_dark(c) ? BLINK_OFF : buzzer_pattern(b, c), now_us);
}

static uint8_t contacts(const struct bms *b)
{
    const struct panel_cause *c = &b->panel.cause;
    const int32_t *p = b->params.value;
    uint8_t energised = 0;

    for (unsigned i = 0; i < BMS_CONTACTS_MAX && !is_dark(c); i++) {
        const struct contact_source *from = &contact_table[i];
        const bool called = (c->tripped & (uint32_t)p[from->trips]) != 0 ||
                            (c->alarmed & (uint32_t)p[from->alarms]) != 0 || (c->low >> i & 1U) != 0;

        if (called == (p[from->rest] == 0)) {
            energised = (uint8_t)(energised | 1U << i);
        }
    }
    return energised;
}

static uint32_t leds(const struct bms *b)
{
    const struct panel *panel = &b->panel;
    const struct panel_cause *c = &panel->cause;
    const int32_t *p = b->params.value;
    uint32_t lit = BMS_LED_ON_OFF;

    if (is_dark(c)) {
        return 0;
    }
    if (c->all_on != 0 || c->testing != 0) {
        return (uint32_t)p[BMS_PARAM_LED_FITTED];
    }
    lit |= panel->lamp[PANEL_LAMP_RUN].lit ? (uint32_t)BMS_LED_RUN : 0;
    lit |= panel->lamp[PANEL_LAMP_ALM].lit ? (uint32_t)BMS_LED_ALM : 0;
    lit |= panel->lamp[PANEL_LAMP_LINK].lit ? (uint32_t)BMS_LED_LINK : 0;
    lit |= panel->lamp[PANEL_LAMP_BLUETOOTH].lit ? (uint32_t)BMS_LED_BLUETOOTH : 0;
    if (p[BMS_PARAM_LED_ON] != 0 && (panel->row != PANEL_FAULT || p[BMS_PARAM_LED_SOC_FAULT] != 0)) {
        lit |= SOC_LEDS(panel->lamp[PANEL_LAMP_SOC].lit ? c->bars : c->bars - 1U);
    }
    return lit & (uint32_t)p[BMS_PARAM_LED_FITTED];
}

/* ---- in time ------------------------------------------------------------------------------------------------------
 */

static void show(struct bms *b)
{
    struct panel *panel = &b->panel;

    panel->due_us = panel->test_end_us;
    for (unsigned i = 0; i < PANEL_LAMPS; i++) {
        panel->due_us = panel->lamp[i].edge_us < panel->due_us ? panel->lamp[i].edge_us : panel->due_us;
    }
    b->command.leds = leds(b);
    b->command.buzzer = panel->lamp[PANEL_LAMP_BUZZER].lit;
    b->command.dry_contacts = contacts(b);
}

/* The LEDs are tested at each start: power-on and wake. */
static void start_test(struct bms *b, uint64_t now_us)
{
    const int32_t test_ms = b->params.value[BMS_PARAM_LED_TEST];

    b->panel.test_end_us = now_us + (uint64_t)test_ms * 1000U;
    b->panel.cause.testing = test_ms != 0;
}

void panel_init(struct bms *b, uint64_t now_us)
{
    for (unsigned i = 0; i < PANEL_LAMPS; i++) {
        blink_init(&b->panel.lamp[i]);
    }
    start_test(b, now_us);
    panel_soc(b);
}

void panel_soc(struct bms *b)
{
    b->panel.bars = soc_bars(b, b->panel.bars);
    b->panel.low = soc_low(b, b->panel.low);
}

void panel_settle(struct bms *b, uint64_t now_us)
{
    struct panel *panel = &b->panel;
    struct panel_cause cause = {
        .tripped = b->engine.tripped,
        .alarmed = b->engine.alarmed,
        .mode = b->command.mode,
        .power = b->command.power,
        .bars = panel->bars,
        .low = panel->low,
        .all_on = panel->all_on,
        .params = panel->params,
        .testing = panel->cause.testing,
        .links = (uint8_t)b->sample.links,
    };

    if (now_us >= panel->due_us) {
        cause.testing = now_us >= panel->test_end_us ? 0 : cause.testing;
        panel->test_end_us = cause.testing ? panel->test_end_us : BLINK_NEVER_us;
        for (unsigned i = 0; i < PANEL_LAMPS; i++) {
            blink_step(&panel->lamp[i], now_us);
        }
    } else if (memcmp(&cause, &panel->cause, sizeof cause) == 0) {
        return;
    }
    const bool woke = is_dark(&panel->cause) && !is_dark(&cause);

    panel->cause = cause;
    if (woke) {
        start_test(b, now_us);
    }
    choose_patterns(b, now_us);
    show(b);
}
