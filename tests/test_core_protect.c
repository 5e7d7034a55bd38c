#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>

static struct core_bed *bed;

static void setup(void)
{
    bed = calloc(1, sizeof *bed);
    ck_assert_ptr_nonnull(bed);
    bed_start(bed);
}

static void teardown(void)
{
    free(bed);
}

/* ---- every protection of the set, at its levels -------------------------------------------------------------------
 */

enum way { CELL, STACK, CHARGE, DISCHARGE, CELL_TEMP, MOS_TEMP, AMBIENT };

#define IN BMS_BLOCKS_CHARGE
#define OUT BMS_BLOCKS_DISCHARGE

/* The numbers of the manual, written again on purpose: a test that takes them from the set would prove nothing. */
/* clang-format off */
static const struct {
    enum bms_fault fault;
    enum way way;
    int below;   /* 1: trips below */
    int normal, alarm, trip, release;
    int alarm_ms, trip_ms, release_ms;
    int blocks;
} rows[] = {
    { BMS_FAULT_CELL_OV, CELL,      0,  3300,   3600,   3700,   3380, 1000, 1000,  1000, IN },
    { BMS_FAULT_PACK_OV, STACK,     0, 52800,  57600,  59200,  54080, 1000, 1000,  1000, IN },
    { BMS_FAULT_CELL_UV, CELL,      1,  3300,   2800,   2500,   2900, 1000, 1000,  1000, OUT },
    { BMS_FAULT_PACK_UV, STACK,     1, 52800,  44800,  40000,  46400, 1000, 1000,  1000, OUT },
    { BMS_FAULT_CHG_OC,  CHARGE,    0,     0, 125000, 130000, 123000, 1000, 1000, 60000, IN },
    { BMS_FAULT_DSG_OC,  DISCHARGE, 0,     0, 125000, 130000, 123000, 1000, 1000, 60000, OUT },
    { BMS_FAULT_CHG_OT,  CELL_TEMP, 0,   250,    550,    550,    500, 2000, 2000,  2000, IN },
    { BMS_FAULT_CHG_UT,  CELL_TEMP, 1,   250,      0,    -50,      0, 2000, 2000,  2000, IN },
    { BMS_FAULT_DSG_OT,  CELL_TEMP, 0,   250,    600,    650,    600, 2000, 2000,  2000, OUT },
    { BMS_FAULT_DSG_UT,  CELL_TEMP, 1,   250,   -150,   -200,   -150, 2000, 2000,  2000, OUT },
    { BMS_FAULT_MOS_OT,  MOS_TEMP,  0,   250,    900,   1100,    850, 2000, 2000,  2000, IN | OUT },
    { BMS_FAULT_AMB_OT,  AMBIENT,   0,   250,    650,    700,    500, 2000, 2000,  2000, IN | OUT },
    { BMS_FAULT_AMB_UT,  AMBIENT,   1,   250,   -200,   -200,      0, 2000, 2000,  2000, IN | OUT },
};
/* clang-format on */

#define ROWS (sizeof rows / sizeof rows[0])

/* One quantity at the front end's pins. One cell or one sensor only: the extreme must be found, whichever it is. */
static void put(unsigned row, int value)
{
    const unsigned which = (unsigned)rows[row].fault % 4;

    switch (rows[row].way) {
    case CELL:
        bed->sample.cell_mV[2 + 3 * which] = (int16_t)value; /* the stack's reading stays: pack rows are others */
        break;
    case STACK:
        bed->sample.stack_mV = value;
        break;
    case CHARGE:
        bed->sample.current_mA = value;
        break;
    case DISCHARGE:
        bed->sample.current_mA = -value;
        break;
    case CELL_TEMP:
        bed->sample.temp_ddegC[which] = (int16_t)value;
        break;
    case MOS_TEMP:
        bed->sample.temp_ddegC[4] = (int16_t)value;
        break;
    case AMBIENT:
        bed->sample.temp_ddegC[5] = (int16_t)value;
        break;
    }
}

/* The level and the code just before it. */
static int before(unsigned row, int level)
{
    return rows[row].below ? level + 1 : level - 1;
}

/* One call at an instant. */
static void at(uint64_t now_us)
{
    bed->now_us = now_us;
    bed_call(bed);
}

/* Calls often enough for the data to stay fresh, up to but not at an instant. */
static void keep_alive(uint64_t until_us)
{
    while (bed->now_us + 500000 < until_us) {
        at(bed->now_us + 500000);
    }
}

static void quiet_plausibility(void)
{
    /* One cell or the stack alone is moved here: the checks of one against the other have their own tests. */
    bed_init(bed);
    bed->params.value[BMS_PARAM_STACK_ENABLE] = 0;
    bed->params.value[BMS_PARAM_CELL_DIFF_ENABLE] = 0;
    bed->params.value[BMS_PARAM_FET_ENABLE] = 0;
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
}

START_TEST(a_protection_trips_at_its_level_after_its_delay_and_blocks_its_direction)
{
    const unsigned r = (unsigned)_i;
    /* The limits of discharging lie beyond those of charging. */
    const bool both = rows[r].fault == BMS_FAULT_DSG_OT || rows[r].fault == BMS_FAULT_DSG_UT;
    const int blocks = both ? IN | OUT : rows[r].blocks;
    uint64_t t0 = 0;

    quiet_plausibility();
    put(r, before(r, rows[r].trip));
    bed_run(bed, 10 * BED_SECOND_us);
    ck_assert(!bed_tripped(bed, rows[r].fault));

    t0 = bed->now_us;
    put(r, rows[r].trip);
    at(t0);
    keep_alive(t0 + (uint64_t)rows[r].trip_ms * 1000);
    at(t0 + (uint64_t)rows[r].trip_ms * 1000 - 1);
    ck_assert(!bed_tripped(bed, rows[r].fault));
    at(t0 + (uint64_t)rows[r].trip_ms * 1000);
    ck_assert(bed_tripped(bed, rows[r].fault));
    ck_assert_uint_eq(bed->command.charge_allowed, (blocks & IN) == 0);
    ck_assert_uint_eq(bed->command.discharge_allowed, (blocks & OUT) == 0);
    ck_assert_uint_eq(bed->command.charge_limit_mA == 0, (blocks & IN) != 0);
}
END_TEST

START_TEST(a_protection_releases_at_its_level_after_its_delay)
{
    const unsigned r = (unsigned)_i;
    const bool by_time = rows[r].way == CHARGE || rows[r].way == DISCHARGE;
    uint64_t tripped_us = 0, t0 = 0;

    quiet_plausibility();
    put(r, rows[r].trip);
    t0 = bed->now_us;
    at(t0);
    keep_alive(t0 + (uint64_t)rows[r].trip_ms * 1000);
    tripped_us = t0 + (uint64_t)rows[r].trip_ms * 1000;
    at(tripped_us);
    ck_assert(bed_tripped(bed, rows[r].fault));

    put(r, rows[r].below ? rows[r].release - 1 : rows[r].release + 1);
    keep_alive(tripped_us + 100 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, rows[r].fault));

    t0 = bed->now_us + 10000;
    put(r, rows[r].release);
    at(t0);
    if (by_time) { /* the time counts from the trip: it is long over */
        ck_assert(!bed_tripped(bed, rows[r].fault));
        return;
    }
    keep_alive(t0 + (uint64_t)rows[r].release_ms * 1000);
    at(t0 + (uint64_t)rows[r].release_ms * 1000 - 1);
    ck_assert(bed_tripped(bed, rows[r].fault));
    at(t0 + (uint64_t)rows[r].release_ms * 1000);
    ck_assert(!bed_tripped(bed, rows[r].fault));
    ck_assert_uint_eq(bed->command.discharge_allowed, 1);
    put(r, rows[r].normal);
    bed_run(bed, 3 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.charge_allowed, 1);
}
END_TEST

START_TEST(an_alarm_comes_at_its_level_and_blocks_nothing)
{
    const unsigned r = (unsigned)_i;
    const uint32_t bit = UINT32_C(1) << rows[r].fault;

    quiet_plausibility();
    put(r, before(r, rows[r].alarm));
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.alarms & bit, 0);
    if (rows[r].alarm != rows[r].trip) {
        put(r, rows[r].alarm);
        bed_run(bed, (uint64_t)rows[r].alarm_ms * 1000);
        ck_assert_uint_eq(bed->command.alarms & bit, 0);
        bed_run(bed, BED_TICK_us);
        ck_assert_uint_eq(bed->command.alarms & bit, bit);
        bed_run(bed, 5 * BED_SECOND_us);
        ck_assert_uint_eq(bed->command.protections & bit, 0);
        ck_assert_uint_eq(bed->command.discharge_allowed, 1);
    }
}
END_TEST

START_TEST(what_is_beyond_a_limit_at_boot_never_closes_its_gate)
{
    const unsigned r = (unsigned)_i;

    if (rows[r].way == CHARGE || rows[r].way == DISCHARGE) {
        return; /* gates are open: no current */
    }
    bed_init(bed);
    put(r, rows[r].trip);
    bed_boot(bed);
    for (int i = 0; i < 300; i++) {
        bed_run(bed, BED_TICK_us);
        ck_assert(((rows[r].blocks & IN) != 0 && bed->command.charge_fet) == 0);
        ck_assert(((rows[r].blocks & OUT) != 0 && bed->command.discharge_fet) == 0);
    }
    ck_assert(bed_tripped(bed, rows[r].fault));
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_protect");
    TCase *tc = tcase_create("protect");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_loop_test(tc, a_protection_trips_at_its_level_after_its_delay_and_blocks_its_direction, 0, ROWS);
    tcase_add_loop_test(tc, a_protection_releases_at_its_level_after_its_delay, 0, ROWS);
    tcase_add_loop_test(tc, an_alarm_comes_at_its_level_and_blocks_nothing, 0, ROWS);
    tcase_add_loop_test(tc, what_is_beyond_a_limit_at_boot_never_closes_its_gate, 0, ROWS);
    suite_add_tcase(s, tc);

    return check_run(s);
}
