#include "bms_core/record.h"
#include "tests/support/check_run.h"
#include "tests/support/core_bed.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

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

static const uint8_t *slot(unsigned i)
{
    return bed->nvm + (size_t)i * BMS_RECORD_SIZE;
}

/* A log on its own with the bed's memory: makes one record and lets it be written. */
static void write_one(struct record_log *log, uint8_t fault)
{
    struct bms_record r = { .cause = BMS_CAUSE_TRIP, .fault = fault, .soc_ppm = 123456 };

    record_add(log, &r);
    for (int i = 0; i < 4; i++) {
        record_step(log, bed->sample.storage_status, bed->sample.storage_seq, bed->now_us, &bed->command);
        const struct bms_command *c = &bed->command;
        uint8_t *const page = bed->nvm + (size_t)c->storage_page * BMS_PAGE_SIZE;

        if (c->storage_op == BMS_STORAGE_ERASE) {
            memset(page, 0xFF, BMS_PAGE_SIZE);
        } else if (c->storage_op == BMS_STORAGE_PROGRAM) {
            for (unsigned k = 0; k < c->storage_size; k++) {
                page[c->storage_offset + k] &= c->storage_data[k];
            }
        }
        bed->sample.storage_seq = c->storage_seq;
        bed->sample.storage_status = BMS_STORAGE_DONE;
    }
}

static void new_memory(struct record_log *log)
{
    struct bms_counters counters;

    memset(bed->nvm, 0xFF, sizeof bed->nvm);
    memset(&bed->command, 0, sizeof bed->command);
    bed->sample.storage_seq = 0;
    ck_assert(!record_boot(log, bed->nvm, sizeof bed->nvm, &counters));
}

START_TEST(a_record_comes_back_as_it_was_made)
{
    const struct bms_record r = { .sequence = 0xDEADBEEF,
                                  .time_us = UINT64_C(0x56789ABCDEF0), /* 48 bits are kept */
                                  .clock_s = 0xFEDCBA98,
                                  .cause = BMS_CAUSE_TRIP,
                                  .fault = BMS_FAULT_CHG_UT,
                                  .min_index = 7,
                                  .max_index = 16,
                                  .min_mV = -5,
                                  .max_mV = 3700,
                                  .stack_mV = 52800,
                                  .current_mA = -130000,
                                  .temp_ddegC = { -400, 1200, -1, 0, 250, 300, 0, 0 },
                                  .soc_ppm = 999999,
                                  .protections = 0x80000001,
                                  .alarms = 5,
                                  .state = 13,
                                  .wake = BMS_WAKE_CHARGER };
    uint8_t bytes[BMS_RECORD_SIZE], again[BMS_RECORD_SIZE];
    struct bms_record back;

    record_encode(&r, bytes);
    ck_assert(record_decode(bytes, &back));
    record_encode(&back, again);
    ck_assert_mem_eq(bytes, again, sizeof bytes);
    ck_assert_int_eq(back.current_mA, -130000);
    ck_assert_int_eq(back.temp_ddegC[0], -400);
    ck_assert_uint_eq(back.sequence, 0xDEADBEEF);
    ck_assert_uint_eq(back.time_us, r.time_us);
    ck_assert_uint_eq(back.clock_s, 0xFEDCBA98);
    ck_assert_int_eq(back.stack_mV, 52800);
}
END_TEST

START_TEST(the_checksum_is_crc_32)
{
    /* IEEE 802.3: the CRC of a whole block with its own CRC behind it leaves the fixed residue. */
    const struct bms_counters c = { .sequence = 1, .charge_mAh = 50000, .trips = { 1, 2, 3, 4, 5, 6, 7 } };
    uint8_t bytes[BMS_RECORD_SIZE];
    uint32_t crc = UINT32_MAX;

    record_encode_counters(&c, bytes);
    for (unsigned i = 0; i < sizeof bytes; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc & 1U) != 0 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
        }
    }
    ck_assert_uint_eq(crc, 0xDEBB20E3U);
}
END_TEST

START_TEST(any_flipped_bit_makes_a_block_invalid)
{
    uint8_t bytes[BMS_RECORD_SIZE];
    struct bms_record back;

    record_encode(&(struct bms_record){ .sequence = 9, .cause = BMS_CAUSE_TRIP }, bytes);
    for (unsigned bit = 0; bit < sizeof bytes * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        ck_assert(!record_decode(bytes, &back));
        bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    ck_assert(record_decode(bytes, &back));
}
END_TEST

START_TEST(a_trip_leaves_a_record_with_cause_and_snapshot)
{
    struct bms_record r;

    bed_cell(bed, 6, 3712);
    bed_cell(bed, 2, 3290);
    bed->sample.current_mA = 20000;
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert(bed_tripped(bed, BMS_FAULT_CELL_OV));
    ck_assert_uint_eq(bed->command.records, bed->bms.log.made);
    ck_assert_uint_ge(bed->bms.log.made, 3); /* boot, alarm, trip */
    ck_assert(record_decode(slot(0), &r));
    ck_assert_uint_eq(r.cause, BMS_CAUSE_BOOT);
    for (unsigned i = 1; i < bed->bms.log.made; i++) {
        ck_assert(record_decode(slot(i), &r));
        if (r.cause == BMS_CAUSE_TRIP) {
            break;
        }
    }
    ck_assert_uint_eq(r.cause, BMS_CAUSE_TRIP);
    ck_assert_uint_eq(r.fault, BMS_FAULT_CELL_OV);
    ck_assert_uint_eq(r.max_index, 7);
    ck_assert_int_eq(r.max_mV, 3712);
    ck_assert_uint_eq(r.min_index, 3);
    ck_assert_int_eq(r.min_mV, 3290);
    ck_assert_int_eq(r.current_mA, 20000);
    ck_assert_int_eq(r.temp_ddegC[0], 250);
    ck_assert_uint_eq(r.protections, UINT32_C(1) << BMS_FAULT_CELL_OV);
}
END_TEST

START_TEST(at_least_a_thousand_records_are_kept_in_order)
{
    struct record_log log;
    struct bms_record r;
    uint32_t newest = 0, kept = 0;

    new_memory(&log);
    for (int i = 0; i < 2500; i++) {
        write_one(&log, (uint8_t)(i % 20));
    }
    for (unsigned i = 0; i < BMS_RECORD_PAGES * BMS_RECORDS_PER_PAGE; i++) {
        if (record_decode(slot(i), &r)) {
            newest = r.sequence > newest ? r.sequence : newest;
            kept++;
        }
    }
    ck_assert_uint_eq(newest, 2500);
    ck_assert_uint_ge(kept, 1000);
    for (unsigned i = 0; i < BMS_RECORD_PAGES * BMS_RECORDS_PER_PAGE; i++) {
        if (record_decode(slot(i), &r)) {
            ck_assert_uint_gt(r.sequence, 2500 - kept);
            ck_assert_uint_eq(r.fault, (r.sequence - 1) % 20);
        }
    }
}
END_TEST

/* A power cut after each byte of a record: the torn one is left out, none of the others is lost, and the next goes on.
 */
/* F-48 */
START_TEST(a_torn_record_is_passed_over)
{
    struct record_log log;
    struct bms_counters counters;
    struct bms_record r;
    uint8_t whole[BMS_RECORD_SIZE];
    const unsigned place = 5 + (unsigned)_i; /* once within a page, once at its end, once at its begin */

    new_memory(&log);
    for (unsigned i = 0; i < place; i++) {
        write_one(&log, 1);
    }
    record_encode(&(struct bms_record){ .sequence = place + 1, .cause = BMS_CAUSE_TRIP }, whole);
    for (unsigned torn = 1; torn < BMS_RECORD_SIZE; torn++) {
        uint8_t *const target = bed->nvm + (size_t)place * BMS_RECORD_SIZE;

        memset(target, 0xFF, (size_t)BMS_RECORD_SIZE * 8);
        memcpy(target, whole, torn);
        bed->sample.storage_seq = 0;
        memset(&bed->command, 0, sizeof bed->command);
        record_boot(&log, bed->nvm, sizeof bed->nvm, &counters);
        ck_assert_uint_eq(log.made, place);
        write_one(&log, 2);
        record_boot(&log, bed->nvm, sizeof bed->nvm, &counters);
        ck_assert_uint_eq(log.made, place + 1);
        for (unsigned i = 0; i < place; i++) {
            ck_assert_msg(record_decode(slot(i), &r) && r.sequence == i + 1, "byte %u slot %u", torn, i);
        }
    }
}
END_TEST

START_TEST(a_memory_that_is_missing_small_or_garbage_is_a_new_one)
{
    struct record_log log;
    struct bms_counters counters;
    uint64_t state = 8;

    ck_assert(!record_boot(&log, NULL, 0, &counters));
    ck_assert(!record_boot(&log, bed->nvm, 64, &counters));
    for (size_t i = 0; i < sizeof bed->nvm; i++) {
        bed->nvm[i] = (uint8_t)bed_random(&state, 256);
    }
    ck_assert(!record_boot(&log, bed->nvm, sizeof bed->nvm, &counters));
    ck_assert_uint_eq(log.made, 0);
}
END_TEST

START_TEST(the_charge_and_the_counters_survive_a_restart)
{
    bed->sample.current_mA = -100000;
    bed_run(bed, 360 * BED_SECOND_us);
    bed->sample.current_mA = 0;
    bed->sample.alerts = BMS_ALERT_SCD;
    bed_run(bed, BED_TICK_us);
    bed->sample.alerts = 0;
    bed_run(bed, 5 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.remaining_mAh, 40000);
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.remaining_mAh, 40000);
    ck_assert_uint_eq(bed->bms.trips[BMS_TALLY_SHORT], 1);
    ck_assert_uint_eq(bed->bms.boots, 2);
    ck_assert_uint_eq(bed->command.records, 3); /* boot, trip, boot */
}
END_TEST

START_TEST(counters_that_cannot_be_true_are_not_believed)
{
    static const struct bms_counters wrong[] = {
        { .sequence = 1, .charge_mAh = 100001, .capacity_mAh = 100000 },
        { .sequence = 1, .charge_mAh = 10000, .capacity_mAh = 49999 },
        { .sequence = 1, .charge_mAh = 10000, .capacity_mAh = 120001 },
    };

    memset(bed->nvm, 0xFF, sizeof bed->nvm);
    record_encode_counters(&wrong[_i], bed->nvm + (size_t)BMS_RECORD_PAGES * BMS_PAGE_SIZE);
    bed_boot(bed);
    bed_run(bed, 2 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.remaining_mAh, 50000);
    ck_assert_uint_eq(bed->command.capacity_mAh, 100000);
}
END_TEST

START_TEST(a_memory_that_fails_raises_an_alarm_and_is_not_hammered)
{
    bed->storage_fails = _i == 0;
    bed->storage_silent = _i == 1;
    bed_cell(bed, 6, 3712);
    bed_run(bed, 30 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.alarms >> BMS_FAULT_STORAGE & 1U, 1);
    ck_assert_uint_eq(bed->command.discharge_allowed, 1);
    ck_assert_uint_lt(bed->command.storage_seq, 40);
    bed->storage_fails = bed->storage_silent = false;
    bed_run(bed, 30 * BED_SECOND_us);
    ck_assert_uint_eq(bed->command.alarms >> BMS_FAULT_STORAGE & 1U, 0);
    ck_assert_uint_eq(bed->bms.log.waiting, 0);
}
END_TEST

START_TEST(more_records_than_the_queue_holds_lose_the_oldest_waiting_ones)
{
    struct record_log log;

    new_memory(&log);
    for (uint8_t i = 1; i <= BMS_RECORD_QUEUE + 3; i++) {
        record_add(&log, &(struct bms_record){ .fault = i });
    }
    ck_assert_uint_eq(log.dropped, 3);
    ck_assert_uint_eq(log.waiting, BMS_RECORD_QUEUE);
    ck_assert_uint_eq(log.queue[log.head].fault, 1); /* it may be on its way */
    ck_assert_uint_eq(log.queue[(log.head + 1) % BMS_RECORD_QUEUE].fault, 5);
    ck_assert_uint_eq(log.queue[(log.head + BMS_RECORD_QUEUE - 1) % BMS_RECORD_QUEUE].fault, BMS_RECORD_QUEUE + 3);
}
END_TEST

/* A record that comes while the counters' page is being erased must not land in it. */
START_TEST(an_erase_is_followed_by_what_it_was_made_for)
{
    struct record_log log;
    struct bms_command *const c = &bed->command;

    new_memory(&log);
    record_counters(&log, &(struct bms_counters){ .charge_mAh = 1 });
    record_step(&log, BMS_STORAGE_IDLE, 0, 0, c);
    ck_assert_uint_eq(c->storage_op, BMS_STORAGE_ERASE);
    ck_assert_uint_eq(c->storage_page, BMS_RECORD_PAGES);
    record_add(&log, &(struct bms_record){ .cause = BMS_CAUSE_TRIP });
    record_counters(&log, &(struct bms_counters){ .charge_mAh = 2 });
    record_step(&log, BMS_STORAGE_DONE, c->storage_seq, 0, c);
    ck_assert_uint_eq(c->storage_op, BMS_STORAGE_PROGRAM);
    ck_assert_uint_eq(c->storage_page, BMS_RECORD_PAGES);
    ck_assert_uint_eq(c->storage_data[0], 'C');
    record_counters(&log, &(struct bms_counters){ .charge_mAh = 3 }); /* too late for this block: another follows */
    record_step(&log, BMS_STORAGE_DONE, c->storage_seq, 0, c);
    ck_assert_uint_eq(c->storage_op, BMS_STORAGE_ERASE);
    ck_assert_uint_eq(c->storage_page, 0);
    record_step(&log, BMS_STORAGE_DONE, c->storage_seq, 0, c);
    record_step(&log, BMS_STORAGE_DONE, c->storage_seq, 0, c);
    ck_assert_uint_eq(c->storage_page, BMS_RECORD_PAGES);
    ck_assert_uint_eq(c->storage_offset, BMS_RECORD_SIZE);
    ck_assert_uint_eq(c->storage_data[8], 3);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("core_record");
    TCase *tc = tcase_create("record");

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, a_record_comes_back_as_it_was_made);
    tcase_add_test(tc, the_checksum_is_crc_32);
    tcase_add_test(tc, any_flipped_bit_makes_a_block_invalid);
    tcase_add_test(tc, a_trip_leaves_a_record_with_cause_and_snapshot);
    tcase_add_test(tc, at_least_a_thousand_records_are_kept_in_order);
    tcase_add_loop_test(tc, a_torn_record_is_passed_over, 0, 4);
    tcase_add_test(tc, a_memory_that_is_missing_small_or_garbage_is_a_new_one);
    tcase_add_test(tc, the_charge_and_the_counters_survive_a_restart);
    tcase_add_loop_test(tc, counters_that_cannot_be_true_are_not_believed, 0, 3);
    tcase_add_loop_test(tc, a_memory_that_fails_raises_an_alarm_and_is_not_hammered, 0, 2);
    tcase_add_test(tc, more_records_than_the_queue_holds_lose_the_oldest_waiting_ones);
    tcase_add_test(tc, an_erase_is_followed_by_what_it_was_made_for);
    suite_add_tcase(s, tc);

    return check_run(s);
}
