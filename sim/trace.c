#include "sim/trace.h"

#include "sim/number.h"

#include <stdarg.h>
#include <string.h>

#define SECOND_ns INT64_C(1000000000)
#define ROW_SIZE 16384             /* TRACE_COLUMNS_MAX values of at most 14 characters, and two words for each pack */
#define DENSE_ns INT64_C(10000000) /* how long after an event that switched something rows stand densely */

static const char *const bus_columns[] = { "bus.voltage", "charger.current", "load.current", "ambient.temperature" };

static const char *const pack_columns[] = {
    "pack.current",     "terminal.voltage",     "pack.voltage",         "pack.soc",          "cell.voltage.max",
    "cell.voltage.min", "cell.temperature.max", "cell.temperature.min", "fet.junction",      "fet.charge",
    "fet.discharge",    "afe.current",          "charge.allowed",       "discharge.allowed", "bms.mode",
    "bms.soc",          "bms.charge.limit",     "bms.discharge.limit",  "bms.balance.count", "bms.locked",
};

static void add_column(struct trace *t, const struct rig *rig, const char *name)
{
    const struct signal_limits limits = { rig->packs, rig->board[0].afe_config.cells, rig->board[0].afe_config.temps };
    char error[128];

    if (t->columns < TRACE_COLUMNS_MAX &&
        signal_find(name, strlen(name), &limits, &t->column[t->columns], error, sizeof error)) {
        const char *unit = dim_unit(signal_table[t->column[t->columns].id].dim);

        (void)fprintf(t->file, ",%s_%s", name, unit[0] != '\0' ? unit : "1");
        t->columns++;
    }
}

/* What is no plain number; these columns of all packs stand after the signals of all packs. */
static void add_bits(const struct trace *t, const struct rig *rig, int pack)
{
    char prefix[24] = "";

    if (rig->packs > 1) {
        (void)snprintf(prefix, sizeof prefix, "pack[%d].", pack + 1);
    }
    (void)fprintf(t->file, ",%sprotections_bits,%salarms_bits,%sleds_bits,%sbuzzer_bool,%scontacts_bits,%sdisplay_text",
                  prefix, prefix, prefix, prefix, prefix, prefix);
}

static void add_pack(struct trace *t, const struct rig *rig, int pack)
{
    char prefix[24] = "", name[64];

    if (rig->packs > 1) {
        (void)snprintf(prefix, sizeof prefix, "pack[%d].", pack + 1);
    }
    for (size_t i = 0; i < sizeof pack_columns / sizeof pack_columns[0]; i++) {
        (void)snprintf(name, sizeof name, "%s%s", prefix, pack_columns[i]);
        add_column(t, rig, name);
    }
    for (int k = 0; k < rig->board[pack].afe_config.cells; k++) {
        (void)snprintf(name, sizeof name, "%scell[%d].voltage", prefix, k + 1);
        add_column(t, rig, name);
    }
    for (int k = 0; k < rig->board[pack].afe_config.temps; k++) {
        (void)snprintf(name, sizeof name, "%sntc[%d].temperature", prefix, k + 1);
        add_column(t, rig, name);
    }
}

bool trace_open(struct trace *t, const char *path, const struct rig *rig, double every_s)
{
    *t = (struct trace){ .every_ns = (int64_t)(every_s * 1e9), .events = rig->events - 1 };
    if (path == NULL) {
        return true;
    }
    t->file = fopen(path, "w");
    if (t->file == NULL) {
        return false;
    }
    (void)fputs("time_s", t->file);
    for (size_t i = 0; i < sizeof bus_columns / sizeof bus_columns[0]; i++) {
        add_column(t, rig, bus_columns[i]);
    }
    for (int pack = 0; pack < rig->packs; pack++) {
        add_pack(t, rig, pack);
    }
    for (int pack = 0; pack < rig->packs; pack++) {
        add_bits(t, rig, pack);
    }
    (void)fputc('\n', t->file);
    return true;
}

/* Appends to a row of ROW_SIZE; what does not fit leaves the row full. */
__attribute__((format(printf, 3, 4))) static void put(char row[], size_t *used, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(row + *used, ROW_SIZE - *used, format, args);

    va_end(args);
    *used = n < 0 || *used + (size_t)n >= ROW_SIZE ? ROW_SIZE - 1 : *used + (size_t)n;
}

static void put_char(char row[], size_t *used, char c)
{
    if (*used + 1 < ROW_SIZE) {
        row[(*used)++] = c;
    }
}

/* A comma and a value. */
static void put_value(char row[], size_t *used, double value)
{
    char text[NUMBER_SIZE];
    const size_t size = number_print(text, value);

    if (*used + 1 + size < ROW_SIZE) {
        row[(*used)++] = ',';
        memcpy(row + *used, text, size + 1);
        *used += size;
    } else {
        *used = ROW_SIZE - 1;
    }
}

/* The lines of a display that is awake, in quotes, a bar between them; blanks at their ends are left out. */
static void put_display(char row[], size_t *used, const char display[])
{
    bool blank = true;

    for (int i = 0; i < BMS_LINES_MAX * BMS_LINE_SIZE; i++) {
        blank = blank && (display[i] == ' ' || display[i] == '\0');
    }
    for (int line = 0; !blank && line < BMS_LINES_MAX; line++) {
        const char *text = display + (size_t)line * BMS_LINE_SIZE;
        int size = BMS_LINE_SIZE;

        while (size > 0 && (text[size - 1] == ' ' || text[size - 1] == '\0')) {
            size--;
        }
        put_char(row, used, line == 0 ? '"' : '|');
        for (int i = 0; i < size; i++) {
            if (text[i] == '"') {
                put_char(row, used, '"');
            }
            put_char(row, used, text[i]);
        }
    }
    if (!blank) {
        put_char(row, used, '"');
    }
}

static size_t make_row(const struct trace *t, const struct rig *rig, int64_t offset_ns, char row[])
{
    const int64_t time_ns = rig_time_ns(rig) + offset_ns;
    size_t used = 0;

    put(row, &used, "%lld.%09lld", (long long)(time_ns / SECOND_ns), (long long)(time_ns % SECOND_ns));
    for (int i = 0; i < t->columns; i++) {
        const struct signal_ref *c = &t->column[i];
        const struct signal_info *info = &signal_table[c->id];

        put_value(row, &used, info->read(rig, c->pack, c->index, offset_ns) * dim_scale(info->dim));
    }
    for (int pack = 0; pack < rig->packs; pack++) {
        const struct bms_command *view = &rig->board[pack].view;

        put(row, &used, ",0x%x,0x%x,0x%x,%d,0x%x,", (unsigned)view->protections, (unsigned)view->alarms,
            (unsigned)view->leds, view->buzzer, (unsigned)view->dry_contacts);
        put_display(row, &used, view->display);
    }
    put_char(row, &used, '\n');
    return used;
}

/* One row for an instant, the first that is asked for. Nothing comes after a row that did not fit. */
static void write_row(struct trace *t, const struct rig *rig, int64_t offset_ns)
{
    const int64_t time_ns = rig_time_ns(rig) + offset_ns;
    char row[ROW_SIZE];

    if (time_ns < 0 || (t->begun && time_ns <= t->last_ns)) {
        return;
    }
    t->begun = true;
    t->last_ns = time_ns;
    if (t->dropped > 0) { /* of a month most rows are: they need not be worked out */
        t->dropped++;
        return;
    }
    const size_t size = make_row(t, rig, offset_ns, row);

    if (t->size + size > TRACE_SIZE_MAX) {
        t->dropped++;
        return;
    }
    t->failed = fwrite(row, 1, size, t->file) != size;
    t->size += size;
}

static int64_t next_multiple(int64_t t_ns, int64_t every_ns)
{
    return (t_ns / every_ns + 1) * every_ns;
}

/* When the next row is due after last_ns. */
static int64_t next_row(const struct trace *t)
{
    const int64_t since = t->last_ns - t->event_ns;
    const int64_t steady = next_multiple(t->last_ns, t->every_ns);
    int64_t dense;

    if (since >= SECOND_ns) {
        return steady;
    }
    if (since >= DENSE_ns || !t->window) {
        dense = next_multiple(t->last_ns, RIG_TICK_ns);
    } else {
        dense = t->last_ns + (since / 250 > 1000 ? since / 250 : 1000);
    }
    return dense < steady ? dense : steady;
}

void trace_look(struct trace *t, const struct rig *rig, int64_t from_ns, int64_t to_ns)
{
    const int64_t t0 = rig_time_ns(rig);

    if (t->file == NULL || t->failed) {
        return;
    }
    for (int64_t due = next_row(t); t->begun && from_ns < to_ns && due <= t0 + to_ns; due = next_row(t)) {
        if (due > t0 + from_ns) {
            write_row(t, rig, due - t0);
        }
        t->last_ns = due;
    }
    if (rig->events != t->events) {
        t->events = rig->events;
        t->event_ns = t0 + to_ns;
        t->window = plant_is_fast(&rig->plant);
        write_row(t, rig, to_ns);
    }
}

bool trace_close(struct trace *t)
{
    if (t->file == NULL) {
        return true;
    }
    const bool flushed = fclose(t->file) == 0;

    t->file = NULL;
    return flushed && !t->failed;
}
