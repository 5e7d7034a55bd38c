#include "sim/storage.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <string.h>

static struct storage memory;
static struct bms_command command;

static void setup(void)
{
    storage_init(&memory, 1);
    memset(&command, 0, sizeof command);
}

static void erase(uint16_t page, int64_t now_ns)
{
    command.storage_op = BMS_STORAGE_ERASE;
    command.storage_seq++;
    command.storage_page = page;
    storage_request(&memory, &command, now_ns);
}

static void program(uint16_t page, uint16_t offset, uint16_t size, uint8_t byte, int64_t now_ns)
{
    command.storage_op = BMS_STORAGE_PROGRAM;
    command.storage_seq++;
    command.storage_page = page;
    command.storage_offset = offset;
    command.storage_size = size;
    memset(command.storage_data, byte, sizeof command.storage_data);
    storage_request(&memory, &command, now_ns);
}

static uint8_t at(int page, int offset)
{
    return memory.image[page * BMS_PAGE_SIZE + offset];
}

START_TEST(a_new_memory_is_all_ones_and_idle)
{
    for (int i = 0; i < STORAGE_SIZE; i++) {
        ck_assert_uint_eq(memory.image[i], 0xFF);
    }
    ck_assert_int_eq(memory.status, BMS_STORAGE_IDLE);
    ck_assert_int_eq(storage_next(&memory), STORAGE_NEVER);
    storage_finish(&memory, 1000);
    ck_assert_int_eq(memory.status, BMS_STORAGE_IDLE);
}
END_TEST

START_TEST(a_program_is_busy_until_its_latency_and_not_one_ns_longer)
{
    program(3, 10, 4, 0x5A, 1000);
    ck_assert_int_eq(memory.status, BMS_STORAGE_BUSY);
    ck_assert_uint_eq(memory.seq, 1);
    ck_assert_int_eq(storage_next(&memory), 1000 + memory.program_ns);
    storage_finish(&memory, 1000 + memory.program_ns - 1);
    ck_assert_int_eq(memory.status, BMS_STORAGE_BUSY);
    ck_assert_uint_eq(at(3, 10), 0xFF);
    storage_finish(&memory, 1000 + memory.program_ns);
    ck_assert_int_eq(memory.status, BMS_STORAGE_DONE);
    ck_assert_int_eq(storage_next(&memory), STORAGE_NEVER);
    ck_assert_uint_eq(at(3, 9), 0xFF);
    ck_assert_uint_eq(at(3, 10), 0x5A);
    ck_assert_uint_eq(at(3, 13), 0x5A);
    ck_assert_uint_eq(at(3, 14), 0xFF);
}
END_TEST

START_TEST(programming_clears_bits_and_only_an_erase_sets_them)
{
    program(0, 0, 1, 0xF0, 0);
    storage_finish(&memory, storage_next(&memory));
    program(0, 0, 1, 0x3C, 0);
    storage_finish(&memory, storage_next(&memory));
    ck_assert_uint_eq(at(0, 0), 0x30);
    program(1, 0, 1, 0x00, 0);
    storage_finish(&memory, storage_next(&memory));
    erase(0, 5);
    ck_assert_int_eq(storage_next(&memory), 5 + memory.erase_ns);
    storage_finish(&memory, storage_next(&memory));
    ck_assert_uint_eq(at(0, 0), 0xFF);
    ck_assert_uint_eq(at(1, 0), 0x00);
}
END_TEST

START_TEST(the_same_number_is_the_same_request)
{
    program(0, 0, 1, 0x00, 0);
    storage_request(&memory, &command, 100);
    ck_assert_int_eq(storage_next(&memory), memory.program_ns);
    storage_finish(&memory, storage_next(&memory));
    storage_request(&memory, &command, 200);
    ck_assert_int_eq(memory.status, BMS_STORAGE_DONE);
    command.storage_op = BMS_STORAGE_NONE;
    command.storage_seq++;
    storage_request(&memory, &command, 300);
    ck_assert_uint_eq(memory.seq, 1);
}
END_TEST

START_TEST(a_request_out_of_range_fails_at_once_and_touches_nothing)
{
    static const struct {
        uint8_t op;
        uint16_t page, offset, size;
        bool taken;
    } row[] = {
        { BMS_STORAGE_PROGRAM, STORAGE_PAGES - 1, 0, 64, true },
        { BMS_STORAGE_PROGRAM, STORAGE_PAGES, 0, 64, false },
        { BMS_STORAGE_PROGRAM, 0, 192, 64, true },
        { BMS_STORAGE_PROGRAM, 0, 193, 64, false },
        { BMS_STORAGE_PROGRAM, 0, 255, 1, true },
        { BMS_STORAGE_PROGRAM, 0, 256, 1, false },
        { BMS_STORAGE_PROGRAM, 0, 0, 0, false },
        { BMS_STORAGE_PROGRAM, 0, 0, 65, false },
        { BMS_STORAGE_PROGRAM, 0, 65535, 64, false },
        { BMS_STORAGE_ERASE, STORAGE_PAGES - 1, 0, 0, true },
        { BMS_STORAGE_ERASE, STORAGE_PAGES, 0, 0, false },
        { 9, 0, 0, 1, false },
    };

    command.storage_op = row[_i].op;
    command.storage_page = row[_i].page;
    command.storage_offset = row[_i].offset;
    command.storage_size = row[_i].size;
    command.storage_seq = 7;
    storage_request(&memory, &command, 0);
    ck_assert_int_eq(memory.status, row[_i].taken ? BMS_STORAGE_BUSY : BMS_STORAGE_FAILED);
    ck_assert_uint_eq(memory.seq, 7);
    ck_assert_int_eq(storage_next(&memory) == STORAGE_NEVER, !row[_i].taken);
}
END_TEST

START_TEST(a_request_while_another_is_in_work_is_refused_and_the_other_still_ends)
{
    program(2, 0, 1, 0x11, 0);
    program(2, 1, 1, 0x22, 10);
    ck_assert_int_eq(memory.status, BMS_STORAGE_FAILED);
    ck_assert_uint_eq(memory.seq, 2);
    storage_finish(&memory, memory.program_ns);
    ck_assert_int_eq(memory.status, BMS_STORAGE_FAILED);
    ck_assert_uint_eq(at(2, 0), 0x11);
    ck_assert_uint_eq(at(2, 1), 0xFF);
    program(2, 1, 1, 0x33, memory.program_ns);
    storage_finish(&memory, storage_next(&memory));
    ck_assert_int_eq(memory.status, BMS_STORAGE_DONE);
    ck_assert_uint_eq(at(2, 1), 0x33);
}
END_TEST

START_TEST(a_failing_memory_reports_it_after_the_latency_and_keeps_its_bytes)
{
    memory.fails = true;
    program(0, 0, 8, 0x00, 0);
    ck_assert_int_eq(memory.status, BMS_STORAGE_BUSY);
    storage_finish(&memory, memory.program_ns);
    ck_assert_int_eq(memory.status, BMS_STORAGE_FAILED);
    ck_assert_uint_eq(at(0, 0), 0xFF);
    erase(0, memory.program_ns);
    storage_power_off(&memory, memory.program_ns + 1);
    ck_assert_uint_eq(at(0, 0), 0xFF);
}
END_TEST

START_TEST(a_torn_program_is_whole_to_a_byte_and_nothing_beyond)
{
    program(0, 0, 64, 0x00, 0);
    storage_power_off(&memory, memory.program_ns / 2);
    for (int i = 0; i < 64; i++) {
        if (i < 32) {
            ck_assert_uint_eq(at(0, i), 0x00);
        } else if (i > 32) {
            ck_assert_uint_eq(at(0, i), 0xFF);
        }
    }
    ck_assert_int_eq(memory.status, BMS_STORAGE_IDLE);
    ck_assert_uint_eq(memory.seq, 0);
    ck_assert_int_eq(storage_next(&memory), STORAGE_NEVER);
}
END_TEST

START_TEST(a_torn_erase_leaves_a_share_of_the_bits_as_they_were)
{
    int ones = 0;

    memset(memory.image, 0, BMS_PAGE_SIZE);
    erase(0, 0);
    storage_power_off(&memory, memory.erase_ns / 4);
    for (int i = 0; i < BMS_PAGE_SIZE * 8; i++) {
        ones += at(0, i / 8) >> (i % 8) & 1;
    }
    ck_assert_int_gt(ones, 430); /* 512 of 2048, 4 sigma = 78 */
    ck_assert_int_lt(ones, 594);
    ck_assert_uint_eq(at(1, 0), 0xFF);
}
END_TEST

START_TEST(tearing_depends_on_the_seed_alone)
{
    static struct storage first;

    memset(memory.image, 0, BMS_PAGE_SIZE);
    erase(0, 0);
    first = memory;
    storage_power_off(&first, 1500000);
    struct storage *const again = &memory;

    storage_power_off(again, 1500000);
    ck_assert_int_eq(memcmp(first.image, memory.image, sizeof memory.image), 0);
    storage_init(&memory, 2);
    memset(memory.image, 0, BMS_PAGE_SIZE);
    command.storage_seq = 0;
    erase(0, 0);
    storage_power_off(&memory, 1500000);
    ck_assert_int_ne(memcmp(first.image, memory.image, sizeof memory.image), 0);
}
END_TEST

START_TEST(power_that_fails_at_the_end_of_an_operation_tears_nothing)
{
    program(0, 0, 64, 0x00, 0);
    storage_power_off(&memory, memory.program_ns);
    ck_assert_uint_eq(at(0, 63), 0x00);
    setup();
    program(0, 0, 64, 0x00, 0);
    storage_power_off(&memory, 0);
    ck_assert_uint_eq(at(0, 0), 0xFF);
}
END_TEST

int main(void)
{
    Suite *const suite = suite_create("storage");
    TCase *const tc = tcase_create("storage");

    tcase_add_checked_fixture(tc, setup, NULL);
    tcase_add_test(tc, a_new_memory_is_all_ones_and_idle);
    tcase_add_test(tc, a_program_is_busy_until_its_latency_and_not_one_ns_longer);
    tcase_add_test(tc, programming_clears_bits_and_only_an_erase_sets_them);
    tcase_add_test(tc, the_same_number_is_the_same_request);
    tcase_add_loop_test(tc, a_request_out_of_range_fails_at_once_and_touches_nothing, 0, 12);
    tcase_add_test(tc, a_request_while_another_is_in_work_is_refused_and_the_other_still_ends);
    tcase_add_test(tc, a_failing_memory_reports_it_after_the_latency_and_keeps_its_bytes);
    tcase_add_test(tc, a_torn_program_is_whole_to_a_byte_and_nothing_beyond);
    tcase_add_test(tc, a_torn_erase_leaves_a_share_of_the_bits_as_they_were);
    tcase_add_test(tc, tearing_depends_on_the_seed_alone);
    tcase_add_test(tc, power_that_fails_at_the_end_of_an_operation_tears_nothing);
    suite_add_tcase(suite, tc);

    return check_run(suite);
}
