#include "sim/dense.h"

#include "sim/rig.h"

#include <math.h>
#include <string.h>

#define SEGMENT_MIN_ns INT64_C(100000000) /* shorter segments are read directly */
#define TRY_ns INT64_C(1000000000)        /* length of a segment's first block, where tables make kinks */
#define LONG_TRY_ns INT64_C(16000000000)  /* ... and where they do not */
#define BLOCK_MIN_ns INT64_C(20000000)    /* is taken as it is: the plant's own steps resolve what is faster */
#define INTERVALS (DENSE_KNOTS - 1)

static const struct {
    enum plant_signal signal;
    bool of_cells;
    bool less_cells; /* kept less the sum of the cells' voltages */
    double tolerance;
    int64_t try_ns;
} group_table[DENSE_GROUPS] = {
    [DENSE_VOLTAGE] = { PLANT_CELL_VOLTAGE_V, true, false, 2e-6, TRY_ns },
    [DENSE_SOC] = { PLANT_CELL_SOC, true, false, 1e-9, LONG_TRY_ns },
    [DENSE_CORE] = { PLANT_CELL_CORE_degC, true, false, 3e-5, LONG_TRY_ns },
    [DENSE_PACK_SOC] = { PLANT_PACK_SOC, false, false, 1e-9, LONG_TRY_ns },
    [DENSE_STACK] = { PLANT_STACK_VOLTAGE_V, false, true, 1e-5, LONG_TRY_ns },
    [DENSE_TERMINAL] = { PLANT_TERMINAL_VOLTAGE_V, false, true, 1e-5, LONG_TRY_ns },
    [DENSE_BUS] = { PLANT_BUS_VOLTAGE_V, false, true, 1e-5, LONG_TRY_ns },
};

static int cells_of(const struct rig *rig, int pack)
{
    return rig->board[pack].afe_config.cells;
}

static double plant_value(const struct rig *rig, enum plant_signal signal, int pack, int index, int64_t offset_ns)
{
    return rig_sound(rig, signal, pack, index, offset_ns, plant_read(&rig->plant, signal, pack, index, offset_ns));
}

static void evaluate(const struct rig *rig, int pack, enum dense_group group, int64_t offset_ns, double out[])
{
    const int cells = cells_of(rig, pack);

    if (group_table[group].of_cells) {
        for (int k = 0; k < cells; k++) {
            out[k] = plant_value(rig, group_table[group].signal, pack, k, offset_ns);
        }
        return;
    }
    out[0] = plant_value(rig, group_table[group].signal, pack, 0, offset_ns);
    for (int k = 0; k < cells && group_table[group].less_cells; k++) {
        out[0] -= plant_value(rig, PLANT_CELL_VOLTAGE_V, pack, k, offset_ns);
    }
}

static int64_t knot_ns(int64_t begin_ns, int64_t length_ns, int knot)
{
    return begin_ns + length_ns * knot / INTERVALS;
}

/* True if the parabola through the first, middle and last value misses one of the others. */
static bool bends(const double value[][DENSE_CELLS], int count, double tolerance)
{
    for (int k = 0; k < count; k++) {
        const double first = value[0][k], middle = value[2][k], last = value[4][k];
        const double before = 0.375 * first + 0.75 * middle - 0.125 * last;
        const double after = 0.375 * last + 0.75 * middle - 0.125 * first;

        if (fabs(before - value[1][k]) > tolerance || fabs(after - value[3][k]) > tolerance) {
            return true;
        }
    }
    return false;
}

/* Newton's form on equal intervals, t from 0 to 4: d0 + t (d1 + (t - 1) (d2 + (t - 2) (d3 + (t - 3) d4))). */
static void interpolate(struct dense_block *b, const double y[][DENSE_CELLS], int count)
{
    for (int k = 0; k < count; k++) {
        const double d1[] = { y[1][k] - y[0][k], y[2][k] - y[1][k], y[3][k] - y[2][k], y[4][k] - y[3][k] };
        const double d2[] = { d1[1] - d1[0], d1[2] - d1[1], d1[3] - d1[2] };
        const double d3[] = { d2[1] - d2[0], d2[2] - d2[1] };

        b->differences[0][k] = y[0][k];
        b->differences[1][k] = d1[0];
        b->differences[2][k] = d2[0] / 2.0;
        b->differences[3][k] = d3[0] / 6.0;
        b->differences[4][k] = (d3[1] - d3[0]) / 24.0;
    }
}

static double share_of(const struct dense_block *b, int64_t offset_ns)
{
    return (double)INTERVALS * ((double)(offset_ns - b->begin_ns) / (double)(b->end_ns - b->begin_ns));
}

static double value_at(const struct dense_block *b, int k, int64_t offset_ns)
{
    const double t = share_of(b, offset_ns);
    double sum = b->differences[INTERVALS][k];

    for (int n = INTERVALS - 1; n >= 0; n--) {
        sum = b->differences[n][k] + (t - n) * sum;
    }
    return sum;
}

/* The next block of the run: as long as the try, or half as often as need be. */
static void add_block(const struct rig *rig, int pack, enum dense_group group, struct dense_run *run)
{
    const int count = group_table[group].of_cells ? cells_of(rig, pack) : 1;
    const int64_t begin_ns = run->next_ns, left_ns = rig->planned_ns - begin_ns;
    struct dense_block *b = &run->block[run->count % DENSE_RECENT];
    int64_t length_ns = run->try_ns < left_ns ? run->try_ns : left_ns;
    double y[DENSE_KNOTS][DENSE_CELLS];

    for (int n = 0; n < DENSE_KNOTS; n++) {
        evaluate(rig, pack, group, knot_ns(begin_ns, length_ns, n), y[n]);
    }
    while (length_ns > BLOCK_MIN_ns && bends((const double(*)[DENSE_CELLS])y, count, group_table[group].tolerance)) {
        length_ns /= 2;
        memcpy(y[4], y[2], sizeof y[4]);
        memcpy(y[2], y[1], sizeof y[2]);
        evaluate(rig, pack, group, knot_ns(begin_ns, length_ns, 1), y[1]);
        evaluate(rig, pack, group, knot_ns(begin_ns, length_ns, 3), y[3]);
    }
    b->begin_ns = begin_ns;
    b->end_ns = begin_ns + length_ns;
    interpolate(b, (const double(*)[DENSE_CELLS])y, count);
    run->next_ns = b->end_ns;
    run->try_ns = 2 * length_ns;
    run->count++;
}

static struct dense_run *run_of(const struct rig *rig, int pack, enum dense_group group)
{
    return (struct dense_run *)&rig->dense[pack].run[group];
}

static const struct dense_block *find(const struct rig *rig, int pack, enum dense_group group, int64_t offset_ns)
{
    struct dense_run *run = run_of(rig, pack, group);

    if (run->segment == rig->segments) {
        for (int n = run->count - 1; n >= 0 && n >= run->count - DENSE_RECENT; n--) {
            const struct dense_block *b = &run->block[n % DENSE_RECENT];

            if (offset_ns >= b->begin_ns && offset_ns <= b->end_ns) {
                return b;
            }
        }
    }
    if (run->segment != rig->segments || offset_ns < run->next_ns) { /* a new segment, or too far back */
        run->segment = rig->segments;
        run->next_ns = 0;
        run->try_ns = group_table[group].try_ns;
        run->count = 0;
        run->value_ns = -1;
    }
    do {
        add_block(rig, pack, group, run);
    } while (offset_ns > run->next_ns);
    return &run->block[(run->count - 1) % DENSE_RECENT];
}

/* All lanes at once: the compiler makes vector code of the inner loop. */
static const double *cells_at(const struct rig *rig, int pack, enum dense_group group, int64_t offset_ns)
{
    struct dense_run *run = run_of(rig, pack, group);

    if (run->segment == rig->segments && run->value_ns == offset_ns) {
        return run->value;
    }
    const struct dense_block *b = find(rig, pack, group, offset_ns);
    const double t = share_of(b, offset_ns);

    memcpy(run->value, b->differences[INTERVALS], sizeof run->value);
    for (int n = INTERVALS - 1; n >= 0; n--) {
        for (int k = 0; k < DENSE_CELLS; k++) {
            run->value[k] = b->differences[n][k] + (t - n) * run->value[k];
        }
    }
    run->value_ns = offset_ns;
    return run->value;
}

static double less_cells(const struct rig *rig, int pack, enum dense_group group, int64_t offset_ns)
{
    const double *cell_V = cells_at(rig, pack, DENSE_VOLTAGE, offset_ns);
    double sum = value_at(find(rig, pack, group, offset_ns), 0, offset_ns);

    for (int k = 0; k < cells_of(rig, pack); k++) {
        sum += cell_V[k];
    }
    return sum;
}

static double cell_at(const struct rig *rig, int pack, enum dense_group group, int cell, int64_t offset_ns)
{
    const struct dense_run *run = run_of(rig, pack, group);

    if (run->segment == rig->segments && run->value_ns == offset_ns) {
        return run->value[cell];
    }
    return value_at(find(rig, pack, group, offset_ns), cell, offset_ns);
}

const double *dense_cells(const struct rig *rig, enum plant_signal signal, int pack, int64_t offset_ns)
{
    if (rig->planned_ns < SEGMENT_MIN_ns) {
        return NULL;
    }
    switch (signal) {
    case PLANT_CELL_VOLTAGE_V:
        return cells_at(rig, pack, DENSE_VOLTAGE, offset_ns);
    case PLANT_CELL_SOC:
        return cells_at(rig, pack, DENSE_SOC, offset_ns);
    case PLANT_CELL_CORE_degC:
        return cells_at(rig, pack, DENSE_CORE, offset_ns);
    default:
        return NULL;
    }
}

double dense_read(const struct rig *rig, enum plant_signal signal, int pack, int index, int64_t offset_ns)
{
    if (rig->planned_ns < SEGMENT_MIN_ns) {
        return plant_value(rig, signal, pack, index, offset_ns);
    }
    switch (signal) {
    case PLANT_CELL_VOLTAGE_V:
        return cell_at(rig, pack, DENSE_VOLTAGE, index, offset_ns);
    case PLANT_CELL_SOC:
        return cell_at(rig, pack, DENSE_SOC, index, offset_ns);
    case PLANT_CELL_CORE_degC:
        return cell_at(rig, pack, DENSE_CORE, index, offset_ns);
    case PLANT_PACK_SOC:
        return value_at(find(rig, pack, DENSE_PACK_SOC, offset_ns), 0, offset_ns);
    case PLANT_STACK_VOLTAGE_V:
        return less_cells(rig, pack, DENSE_STACK, offset_ns);
    case PLANT_TERMINAL_VOLTAGE_V:
        return less_cells(rig, pack, DENSE_TERMINAL, offset_ns);
    case PLANT_BUS_VOLTAGE_V:
        return less_cells(rig, 0, DENSE_BUS, offset_ns);
    default:
        return plant_value(rig, signal, pack, index, offset_ns);
    }
}
