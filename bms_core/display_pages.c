/* The pages of the display as tables (JK48V100PRO manual 2.7.2). Figures are cut, never rounded: 20.96 Ah show as 20.9.
 * A reading that is too old or cannot be believed shows as dashes, so that it is not taken for a measurement; zeros and
 * -40.0 degrees are what a pack locked against theft shows (5). */
#include "bms_core/bms_inner.h"

#include <string.h>

#define BIT(row) (UINT32_C(1) << (row))

struct text {
    char *at;
    unsigned used;
};

struct item {
    const char *label;
    void (*show)(struct text *t, const struct bms *b, unsigned arg); /* NULL: the label alone */
    const char *unit;
    uint16_t arg;
    uint8_t page; /* where ENTER leads; DISPLAY_WELCOME: nowhere */
};

enum look { LOOK_CURSOR, LOOK_LIST, LOOK_PLAIN }; /* ">>" at the cursor and "--" elsewhere; "--" everywhere; no marks */

struct page {
    const struct item *item;
    uint8_t items; /* of a list: one item, shown as often as there are cells or sensors */
    uint8_t look;  /* enum look */
};

/* ---- text ---------------------------------------------------------------------------------------------------------
 */

static void put(struct text *t, char c)
{
    if (t->used < BMS_LINE_SIZE) {
        t->at[t->used++] = c;
    }
}

static void put_text(struct text *t, const char *s)
{
    for (; *s != '\0'; s++) {
        put(t, *s);
    }
}

/* value / 10^decimals, with a digit before the point at least. */
static void put_number(struct text *t, int64_t value, unsigned decimals)
{
    char digit[24];
    unsigned count = 0;
    uint64_t rest = (uint64_t)(value < 0 ? -value : value);

    if (value < 0) {
        put(t, '-');
    }
    for (; rest != 0 || count <= decimals; rest /= 10) {
        digit[count++] = (char)('0' + rest % 10);
    }
    while (count > 0) {
        count--;
        put(t, digit[count]);
        if (count == decimals && decimals > 0) {
            put(t, '.');
        }
    }
}

static void put_reading(struct text *t, bool known, int32_t value, unsigned decimals)
{
    if (known) {
        put_number(t, value, decimals);
    } else {
        put_text(t, "----");
    }
}

/* ---- what is shown ------------------------------------------------------------------------------------------------
 */

static bool is_locked(const struct bms *b)
{
    return b->params.value[BMS_PARAM_THEFT_LOCK] != 0;
}

static bool is_fresh(const struct bms *b, enum bms_scan scan)
{
    return b->started && !b->age[scan].stale;
}

static void show_pack(struct text *t, const struct bms *b, unsigned arg)
{
    (void)arg;
    put_reading(t, is_locked(b) || is_fresh(b, BMS_SCAN_CELLS), is_locked(b) ? 0 : b->measure.stack_mV / 10, 2);
}

static void show_current(struct text *t, const struct bms *b, unsigned arg)
{
    (void)arg;
    put_reading(t, is_locked(b) || is_fresh(b, BMS_SCAN_CURRENT), is_locked(b) ? 0 : b->measure.current_mA / 10, 2);
}

static void show_temperature(struct text *t, const struct bms *b, unsigned channel)
{
    const bool known = is_fresh(b, BMS_SCAN_TEMPS) && (b->measure.bad_temps & BIT(channel)) == 0;

    put_reading(t, is_locked(b) || known, is_locked(b) ? BMS_TEMP_OPEN_ddegC : b->measure.temp_ddegC[channel], 1);
}

static void show_cell(struct text *t, const struct bms *b, unsigned cell)
{
    const bool known = is_fresh(b, BMS_SCAN_CELLS) && (b->measure.bad_wires & BIT(cell)) == 0;

    put_reading(t, is_locked(b) || known, is_locked(b) ? 0 : b->measure.cell_mV[cell], 0);
}

static void show_soc(struct text *t, const struct bms *b, unsigned arg)
{
    (void)arg;
    put_number(t, is_locked(b) ? 0 : b->command.soc_ppm / 100, 2);
}

static void show_capacity(struct text *t, const struct bms *b, unsigned arg)
{
    (void)arg;
    put_number(t, is_locked(b) ? 0 : b->command.capacity_mAh / 100, 1);
}

static void show_nominal(struct text *t, const struct bms *b, unsigned arg)
{
    (void)arg;
    put_number(t, b->params.value[BMS_PARAM_PACK_NOMINAL] / 100, 1);
}

static void show_remaining(struct text *t, const struct bms *b, unsigned arg)
{
    (void)arg;
    put_number(t, is_locked(b) ? 0 : b->command.remaining_mAh / 100, 1);
}

static void show_cycles(struct text *t, const struct bms *b, unsigned arg)
{
    (void)arg;
    put_number(t, is_locked(b) ? 0 : b->command.cycles, 0);
}

static void show_status(struct text *t, const struct bms *b, unsigned arg)
{
    static const char *const word[] = {
        [BMS_MODE_IDLE] = "Idle",
        [BMS_MODE_CHARGE] = "Charge",
        [BMS_MODE_DISCHARGE] = "Discharge",
        [BMS_MODE_FAULT] = "Fault",
    };

    (void)arg;
    put_text(t, word[b->command.mode]);
}

static void show_tally(struct text *t, const struct bms *b, unsigned tally)
{
    put_number(t, b->trips[tally], 0);
}

static void put_flag(struct text *t, bool yes)
{
    put(t, yes ? 'Y' : 'N');
}

/* Is one of these faults of the class, or with BMS_TALLY_COUNT: a failure? */
static bool has_class(uint32_t faults, unsigned tally)
{
    for (unsigned i = 0; i < BMS_FAULT_COUNT; i++) {
        const struct fault_kind *kind = &bms_fault_kinds[i];

        if ((faults & BIT(i)) != 0 && (tally == BMS_TALLY_COUNT ? kind->failure : kind->tally == tally)) {
            return true;
        }
    }
    return false;
}

static void show_alarm(struct text *t, const struct bms *b, unsigned tally)
{
    put_flag(t, has_class(b->engine.alarmed, tally));
}

static void show_trip(struct text *t, const struct bms *b, unsigned tally)
{
    put_flag(t, has_class(b->engine.tripped, tally));
}

static void show_parameter(struct text *t, const struct bms *b, unsigned id)
{
    unsigned decimals = 0;

    for (int32_t scale = bms_param_table[id].scale; scale >= 10; scale /= 10) {
        decimals++;
    }
    put_number(t, b->params.value[id], decimals);
}

static void show_switch(struct text *t, const struct bms *b, unsigned id)
{
    put_flag(t, b->params.value[id] != 0);
}

static void show_address(struct text *t, const struct bms *b, unsigned arg)
{
    (void)arg;
    put_number(t, b->sample.dip, 0);
}

/* ---- pages --------------------------------------------------------------------------------------------------------
 */

#define VALUE(label, show, arg, unit)                                                                                  \
    {                                                                                                                  \
        label, show, unit, arg, DISPLAY_WELCOME                                                                        \
    }
#define LEADS(label, page)                                                                                             \
    {                                                                                                                  \
        label, NULL, "", 0, page                                                                                       \
    }

/* clang-format off */
static const struct item welcome_items[] = {
    VALUE("Battery ", show_nominal, 0, "AH"), VALUE("Cells: ", show_parameter, BMS_PARAM_PACK_CELLS, ""),
    VALUE("", NULL, 0, ""), VALUE("Welcome: press MENU", NULL, 0, ""),
};
static const struct item main_items[] = {
    LEADS("Analog Info", DISPLAY_ANALOG), LEADS("BMS Status", DISPLAY_STATUS),
    LEADS("Para Setting", DISPLAY_PARAMETERS), LEADS("Sys Setting", DISPLAY_SYSTEM),
};
static const struct item analog_items[] = {
    VALUE("PackV: ", show_pack, 0, " V"), VALUE("Im: ", show_current, 0, " A"),
    LEADS("Temperature", DISPLAY_TEMPERATURES), LEADS("Cell Voltage", DISPLAY_CELLS), LEADS("CellCapacity", DISPLAY_CAPACITY),
};
static const struct item temperature_item[] = { VALUE("T", show_temperature, 0, " C") };
static const struct item cell_item[] = { VALUE("Cell", show_cell, 0, " mV") };
static const struct item capacity_items[] = {
    VALUE("SOC: ", show_soc, 0, " %"), VALUE("FCC: ", show_capacity, 0, "AH"),
    VALUE("Rm : ", show_remaining, 0, "AH"), VALUE("CC : ", show_cycles, 0, ""),
};
static const struct item status_items[] = {
    VALUE("Status: ", show_status, 0, ""), LEADS("Record", DISPLAY_RECORD), LEADS("BMS Status", DISPLAY_FLAGS),
};
static const struct item record_items[] = {
    VALUE("SCP: ", show_tally, BMS_TALLY_SHORT, ""), VALUE("O/UTP: ", show_tally, BMS_TALLY_TEMPERATURE, ""),
    VALUE("OCP: ", show_tally, BMS_TALLY_CURRENT, ""), VALUE("UVP: ", show_tally, BMS_TALLY_UNDER, ""),
    VALUE("OVP: ", show_tally, BMS_TALLY_OVER, ""),
};
static const struct item flag_items[] = {
    VALUE("OT : ", show_alarm, BMS_TALLY_TEMPERATURE, ""), VALUE("OTP: ", show_trip, BMS_TALLY_TEMPERATURE, ""),
    VALUE("OV: ", show_alarm, BMS_TALLY_OVER, ""), VALUE("OVP: ", show_trip, BMS_TALLY_OVER, ""),
    VALUE("UV : ", show_alarm, BMS_TALLY_UNDER, ""), VALUE("UVP: ", show_trip, BMS_TALLY_UNDER, ""),
    VALUE("OC: ", show_alarm, BMS_TALLY_CURRENT, ""), VALUE("OCP: ", show_trip, BMS_TALLY_CURRENT, ""),
    VALUE("SCP: ", show_trip, BMS_TALLY_SHORT, ""), VALUE("Failure: ", show_trip, BMS_TALLY_COUNT, ""),
};
static const struct item parameter_items[] = {
    VALUE("OVP: ", show_parameter, BMS_PARAM_CELL_OV_TRIP, " V"), VALUE("UVP: ", show_parameter, BMS_PARAM_CELL_UV_TRIP, " V"),
    VALUE("Chg OCP: ", show_parameter, BMS_PARAM_CHG_OC_TRIP, " A"), VALUE("Dsg OCP: ", show_parameter, BMS_PARAM_DSG_OC_TRIP, " A"),
};
static const struct item system_items[] = {
    VALUE("Address: ", show_address, 0, ""), VALUE("LED: ", show_switch, BMS_PARAM_LED_ON, ""),
    VALUE("Buzzer: ", show_switch, BMS_PARAM_BUZZER_ON, ""), VALUE("Sleep: ", show_parameter, BMS_PARAM_DISPLAY_SLEEP, " s"),
};

#define PAGE(items, look) { (items), sizeof(items) / sizeof((items)[0]), (look) }

static const struct page page_table[DISPLAY_PAGES] = {
    [DISPLAY_WELCOME] = PAGE(welcome_items, LOOK_PLAIN),
    [DISPLAY_MAIN] = PAGE(main_items, LOOK_CURSOR),
    [DISPLAY_ANALOG] = PAGE(analog_items, LOOK_CURSOR),
    [DISPLAY_TEMPERATURES] = PAGE(temperature_item, LOOK_LIST),
    [DISPLAY_CELLS] = PAGE(cell_item, LOOK_LIST),
    [DISPLAY_CAPACITY] = PAGE(capacity_items, LOOK_PLAIN),
    [DISPLAY_STATUS] = PAGE(status_items, LOOK_CURSOR),
    [DISPLAY_RECORD] = PAGE(record_items, LOOK_CURSOR),
    [DISPLAY_FLAGS] = PAGE(flag_items, LOOK_CURSOR),
    [DISPLAY_PARAMETERS] = PAGE(parameter_items, LOOK_CURSOR),
    [DISPLAY_SYSTEM] = PAGE(system_items, LOOK_CURSOR),
};
/* clang-format on */

static unsigned sensors(const struct bms *b)
{
    unsigned count = 0;

    for (unsigned i = 0; i < BMS_TEMPS_MAX; i++) {
        count = b->params.value[BMS_PARAM_TEMP_ROLE_1 + i] != BMS_ROLE_NONE ? i + 1 : count;
    }
    return count;
}

unsigned display_items(const struct bms *b, uint8_t page)
{
    if (page_table[page].look != LOOK_LIST) {
        return page_table[page].items;
    }
    return page == DISPLAY_CELLS ? (unsigned)b->params.value[BMS_PARAM_PACK_CELLS] : sensors(b);
}

uint8_t display_leads_to(uint8_t page, uint8_t item)
{
    return page_table[page].item[page_table[page].look == LOOK_LIST ? 0 : item].page;
}

bool display_has_cursor(uint8_t page)
{
    return page_table[page].look == LOOK_CURSOR;
}

static void draw_item(struct text *t, const struct bms *b, struct display_place place, uint8_t index)
{
    const struct page *page = &page_table[place.page];
    const struct item *item = &page->item[page->look == LOOK_LIST ? 0 : index];

    if (page->look != LOOK_PLAIN) {
        put_text(t, page->look == LOOK_CURSOR && index == place.item ? ">>" : "--");
    }
    put_text(t, item->label);
    if (page->look == LOOK_LIST) { /* numbered: T1, Cell01 */
        if (place.page == DISPLAY_CELLS && index < 9) {
            put(t, '0');
        }
        put_number(t, index + 1, 0);
        put_text(t, ": ");
    }
    if (item->show != NULL) {
        item->show(t, b, page->look == LOOK_LIST ? index : item->arg);
        put_text(t, item->unit);
    }
    if (item->page != DISPLAY_WELCOME) {
        put_text(t, ">>");
    }
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through struct text */
void display_draw(const struct bms *b, struct display_place place, char lines[BMS_LINES_MAX * BMS_LINE_SIZE])
{
    const unsigned items = display_items(b, place.page), first = place.item / BMS_LINES_MAX * BMS_LINES_MAX;

    for (unsigned i = 0; i < BMS_LINES_MAX && first + i < items; i++) {
        struct text t = { .at = &lines[(size_t)i * BMS_LINE_SIZE], .used = 0 };

        draw_item(&t, b, place, (uint8_t)(first + i));
    }
}
