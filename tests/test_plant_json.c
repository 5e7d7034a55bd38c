/* The shipped pack loads, and an unsound file is refused with a reason. */
#include "model/plant.h"
#include "sim/pack_json.h"
#include "tests/support/check_run.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACK "model/packs/jk48v100pro.json"
#define CELL "model/cells/lfp100.json"
#define SIZE_MAX_OF_FILE (1 << 18)

static struct cell_params cell;
static struct pack_params pack;
static struct plant plant;
static struct diag messages;

static void load_shipped(void)
{
    diag_init(&messages);
    const bool loaded = pack_json_load(&pack, &cell, "model", "jk48v100pro", &messages);

    if (!loaded) {
        diag_print(&messages, stderr);
    }
    diag_free(&messages);
    ck_assert(loaded);
}

static void run(double t_s)
{
    int64_t left_ns = (int64_t)llround(t_s * 1e9);

    while (left_ns > 0) {
        const int64_t length_ns = plant_plan(&plant, left_ns);

        plant_commit(&plant, length_ns);
        left_ns -= length_ns;
    }
}

START_TEST(the_shipped_pack_has_the_numbers_of_its_file)
{
    load_shipped();
    ck_assert_int_eq(pack.cells, 16);
    ck_assert_int_eq(pack.ntc_count, 6);
    ck_assert_int_eq(pack.ntc[2].spot, PACK_SPOT_CELL);
    ck_assert_int_eq(pack.ntc[2].cell, 10);
    ck_assert_int_eq(pack.ntc[4].spot, PACK_SPOT_BOARD);
    ck_assert_int_eq(pack.ntc[5].spot, PACK_SPOT_BOX);
    ck_assert_double_eq_tol(pack.breaker.magnetic_A, 1312.5, 1e-9);
    ck_assert_double_eq_tol(pack.path_H + pack.cable_H, 2.6e-6, 1e-12);
    ck_assert_double_eq(pack.fet.avalanche_V, 100.0);
    ck_assert_ptr_eq(pack.cell, &cell);
    ck_assert_double_gt(pack.thermal.core_J_K, 100.0);
}
END_TEST

START_TEST(a_board_may_have_its_own_grid_of_the_short_circuit_delay)
{
    load_shipped();
    ck_assert_double_eq(pack.short_grid_s, 15e-6);
    diag_init(&messages);
    ck_assert(pack_json_load(&pack, &cell, "model", "jkpb", &messages));
    ck_assert_double_eq(pack.short_grid_s, 5e-6);
    diag_free(&messages);
}
END_TEST

/* 25.0 mOhm on paper for 16 x 1.40 mOhm and the box, without cables; series resistance alone is less. */
START_TEST(the_shipped_pack_carries_a_load_and_a_short)
{
    const struct pack_params *params[1] = { &pack };

    load_shipped();
    plant_init(&plant, 1, params, 25.0);
    for (int k = 0; k < 16; k++) {
        plant_set_cell(&plant, 0, k, 0.6, 25.0, 0.0);
    }
    plant_set_gate(&plant, 0, PLANT_CHARGE_GATE, true);
    plant_set_gate(&plant, 0, PLANT_DISCHARGE_GATE, true);
    run(1.0);
    (void)plant_plan(&plant, 1);
    const double rest_V = plant_read(&plant, PLANT_TERMINAL_VOLTAGE_V, 0, 0, 0);

    ck_assert_double_eq_tol(rest_V, 16.0 * 3.317, 0.05);
    plant_set_load(&plant, PLANT_LOAD_CURRENT, 100.0);
    run(600.0);
    (void)plant_plan(&plant, 1);
    const double drop_V = rest_V - plant_read(&plant, PLANT_TERMINAL_VOLTAGE_V, 0, 0, 0);

    ck_assert_double_gt(drop_V, 100.0 * 0.018);
    ck_assert_double_lt(drop_V, 100.0 * 0.040);
    plant_set_load(&plant, PLANT_LOAD_OFF, 0.0);
    run(60.0);
    plant_set_short(&plant, true, SHORT_AT_BUS, 0, 5e-3);
    run(300e-6);
    plant_set_gate(&plant, 0, PLANT_DISCHARGE_GATE, false);
    run(1e-3);
    (void)plant_plan(&plant, 1);
    ck_assert_double_gt(plant_read(&plant, PLANT_CURRENT_PEAK_A, 0, 0, 0), 1500.0);
    ck_assert_double_gt(plant_read(&plant, PLANT_AVALANCHE_J, 0, 0, 0), 1.0);
    ck_assert_double_eq_tol(plant_read(&plant, PLANT_PACK_CURRENT_A, 0, 0, 0), 0.0, 1e-4);
}
END_TEST

/* ---- unsound files ---- */

static char text[SIZE_MAX_OF_FILE];

static void read_file(const char *path)
{
    FILE *file = fopen(path, "rb");

    ck_assert_ptr_nonnull(file);
    const size_t size = fread(text, 1, sizeof text - 1, file);

    ck_assert_int_eq(fclose(file), 0);
    text[size] = '\0';
}

static void write_file(const char *path)
{
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, strlen(text), file), strlen(text));
    ck_assert_int_eq(fclose(file), 0);
}

static void replace(const char *old, const char *with)
{
    static char rest[SIZE_MAX_OF_FILE];
    char *at = strstr(text, old);

    ck_assert_msg(at != NULL, "no %s in the shipped pack", old);
    (void)snprintf(rest, sizeof rest, "%s", at + strlen(old));
    (void)snprintf(at, sizeof text - (size_t)(at - text), "%s%s", with, rest);
}

static const struct {
    const char *old, *with, *message;
} unsound[] = {
    { "packbench-pack-1", "packbench-pack-2", "not a pack of this bench" },
    { "\"id\": \"jk48v100pro\"", "\"id\": \"jk48\"", "not the name of the file" },
    { "\"Ns\": 16", "\"Ns\": 17", "17" },
    { "\"shunt_Ohm\": 0.00025", "\"shunt_Ohm\": -1", "-1" },
    { "\"shunt_Ohm\": 0.00025", "\"shunt_ohm\": 0.00025", "shunt_ohm" },
    { "\"tau_s\": 380,", "", "tau_s" },
    { "\"assumed: 50 mV at 200 A\"", "\"50 mV at 200 A\"", "does not say what it is" },
    { "\"shunt_Ohm\": \"assumed: 50 mV at 200 A\",", "", "shunt_Ohm has no source" },
    { "\"cell 3\"", "\"cell 17\"", "no place for a sensor" },
    { "\"cell 3\", ", "", "" },
    { "\"cell\": \"lfp100\"", "\"cell\": \"../lfp100\"", "no name of a file" },
};

START_TEST(an_unsound_pack_is_refused_with_its_reason) /* _i is the row */
{
    char folder[] = "/tmp/packbench-pack-XXXXXX", path[128];
    bool found = false;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/packs", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    (void)snprintf(path, sizeof path, "%s/cells", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    read_file(CELL);
    (void)snprintf(path, sizeof path, "%s/cells/lfp100.json", folder);
    write_file(path);
    read_file(PACK);
    replace(unsound[_i].old, unsound[_i].with);
    (void)snprintf(path, sizeof path, "%s/packs/jk48v100pro.json", folder);
    write_file(path);
    diag_init(&messages);
    ck_assert(!pack_json_load(&pack, &cell, folder, "jk48v100pro", &messages));
    for (size_t n = 0; n < messages.count; n++) {
        found |= strstr(messages.message[n].text, unsound[_i].message) != NULL;
    }
    ck_assert_msg(found, "row %d: \"%s\" does not mention \"%s\"", _i,
                  messages.count > 0 ? messages.message[0].text : "", unsound[_i].message);
    diag_free(&messages);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/cells/lfp100.json", folder);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/packs", folder);
    (void)rmdir(path);
    (void)snprintf(path, sizeof path, "%s/cells", folder);
    (void)rmdir(path);
    (void)rmdir(folder);
}
END_TEST

START_TEST(a_pack_that_is_not_there_is_an_error)
{
    diag_init(&messages);
    ck_assert(!pack_json_load(&pack, &cell, "model", "none", &messages));
    ck_assert(!pack_json_load(&pack, &cell, "model", "../packs/jk48v100pro", &messages));
    ck_assert_uint_ge(messages.count, 2);
    diag_free(&messages);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("plant_json");
    TCase *t = tcase_create("plant_json");

    tcase_add_test(t, the_shipped_pack_has_the_numbers_of_its_file);
    tcase_add_test(t, a_board_may_have_its_own_grid_of_the_short_circuit_delay);
    tcase_add_test(t, the_shipped_pack_carries_a_load_and_a_short);
    tcase_add_loop_test(t, an_unsound_pack_is_refused_with_its_reason, 0, (int)(sizeof unsound / sizeof unsound[0]));
    tcase_add_test(t, a_pack_that_is_not_there_is_an_error);
    suite_add_tcase(s, t);
    return check_run(s);
}
