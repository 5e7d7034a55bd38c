#include "sim/run_target.h"

#include "bus/can_beat.h"

#include <stdlib.h>
#include <string.h>

/* "real", or a number of times. A paced case has the machine for itself. */
static bool open_clock(struct run_target *t, const char *pace, int *jobs)
{
    char *end = NULL;
    const double speed = strcmp(pace, "real") == 0 ? 1.0 : strtod(pace, &end);

    if ((end != NULL && (*end != '\0' || end == pace)) || !(speed >= 0.01 && speed <= 1000.0)) {
        (void)fprintf(stderr, "packbench run: --pace takes real, or how many times faster (0.01 to 1000), not %s\n",
                      pace);
        return false;
    }
    if (*jobs > 1) {
        (void)fputs("packbench run: --pace runs one case at a time: --jobs 1\n", stderr);
        *jobs = 1;
    }
    t->clock = &t->pace;
    pace_init(t->clock, speed);
    return true;
}

static void keep_beats(void *self)
{
    const struct run_target *t = self;

    for (int i = 0; i < t->spec.places; i++) {
        if (t->beat[i] != NULL) {
            can_beat_keep(t->beat[i]);
        }
    }
}

/* A firmware on CAN with a clock of its own shall notice when this bench dies. */
static void open_beats(struct run_target *t)
{
    char error[BUS_ERROR_SIZE];

    for (int i = 0; i < t->spec.places; i++) {
        t->beat[i] = can_beat_open(t->spec.place[i].name, t->spec.place[i].node, error);
        if (t->beat[i] == NULL) {
            (void)fprintf(stderr, "packbench run: no heartbeat for the firmware: %s\n", error);
        }
    }
    t->pace.alive = keep_beats;
    t->pace.alive_self = t;
}

bool run_target_open(struct run_target *t, const char *text, const char *pace, int *jobs)
{
    char error[512];

    memset(t, 0, sizeof *t);
    if (!target_spec_parse(&t->spec, text != NULL ? text : "core", error, sizeof error)) {
        (void)fprintf(stderr, "packbench run: --target: %s\n", error);
        return false;
    }
    if (pace != NULL && !open_clock(t, pace, jobs)) {
        return false;
    }
    if (t->spec.kind == TARGET_CORE) {
        return true;
    }
    if (t->clock != NULL && t->spec.kind == TARGET_CAN) {
        open_beats(t);
    }
    t->pool = target_pool_open(&t->spec);
    if (t->pool == NULL) {
        (void)fputs("packbench run: out of memory\n", stderr);
        return false;
    }
    const int width = target_pool_width(t->pool);

    if (width > 0 && *jobs > width) {
        (void)fprintf(stderr, "packbench run: %s serves %d case at a time: --jobs %d\n", t->spec.original, width,
                      width);
        *jobs = width;
    }
    return true;
}

void run_target_close(struct run_target *t)
{
    for (int i = 0; i < t->spec.places; i++) {
        if (t->beat[i] != NULL) {
            can_beat_close(t->beat[i]);
        }
    }
    if (t->pool != NULL) {
        target_pool_close(t->pool);
        t->pool = NULL;
    }
}

static const char *const stamps[] = {
    [BUS_STAMPS_NONE] = "none", [BUS_STAMPS_KERNEL] = "kernel", [BUS_STAMPS_HARDWARE] = "hardware"
};

static void print_can(const struct bus_can_news *can, FILE *out)
{
    (void)fprintf(
        out,
        "on the bus: %llu frames of ours seen there, %u dropped by the kernel, %u restarts of the controller, "
        "longest answer after %.3g ms (time stamps: %s)\n",
        (unsigned long long)can->confirmed, can->dropped, can->restarts, (double)can->answer_max_ns * 1e-6,
        stamps[can->stamps]);
}

void run_target_print(const struct run_target *t, FILE *out)
{
    struct target_tally n;

    if (t->clock != NULL) {
        pace_print(t->clock, out);
    }
    if (t->pool == NULL) {
        return;
    }
    target_pool_tally(t->pool, &n);
    if (n.identity.name[0] == '\0') {
        return; /* nobody was there */
    }
    (void)fprintf(out, "target %s (%s %s): %llu exchanges, %llu bytes out, %llu in, longest %.3g ms\n",
                  t->spec.original, n.identity.name, n.identity.version, (unsigned long long)n.requests,
                  (unsigned long long)n.bytes_out, (unsigned long long)n.bytes_in, (double)n.trip_max_us * 1e-3);
    if (n.repeats + n.wrong_frames + n.stale + n.line_errors > 0) {
        (void)fprintf(out, "on the line: %u requests repeated, %u frames damaged, %u late or doubled, %u line errors\n",
                      n.repeats, n.wrong_frames, n.stale, n.line_errors);
    }
    if (t->spec.kind == TARGET_CAN) {
        print_can(&n.can, out);
    }
}

/* A JSON string; what comes in is printable but for what the user typed. */
static void put_string(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            (void)fputc('\\', out);
        }
        if ((unsigned char)*text >= ' ') {
            (void)fputc(*text, out);
        }
    }
    (void)fputc('"', out);
}

/* The requests by kind: has this run shown all that can travel? */
static void put_messages(const struct target_tally *n, FILE *out)
{
    static const char *const name[LINK_TYPES] = {
        [LINK_HELLO] = "hello", [LINK_SELECT] = "select", [LINK_WRITE] = "write",
        [LINK_READ] = "read",   [LINK_RESET] = "reset",   [LINK_IMAGE] = "image",
        [LINK_BOOT] = "boot",   [LINK_STEP] = "step",     [LINK_RECORDS] = "records",
    };

    (void)fputs(",\n  \"messages\": {", out);
    for (int i = LINK_HELLO; i < LINK_TYPES; i++) {
        (void)fprintf(out, "%s \"%s\": %llu", i > LINK_HELLO ? "," : "", name[i], (unsigned long long)n->of_type[i]);
    }
    (void)fputs(" }", out);
}

void run_target_json(const struct run_target *t, FILE *out)
{
    struct target_tally n;

    (void)fputs("\"target\": ", out);
    put_string(out, t->spec.original);
    if (t->clock != NULL) {
        (void)fputs(",\n  ", out);
        pace_json(t->clock, out);
    }
    if (t->pool == NULL) {
        return;
    }
    target_pool_tally(t->pool, &n);
    (void)fputs(",\n  \"firmware\": { \"name\": ", out);
    put_string(out, n.identity.name);
    (void)fputs(", \"version\": ", out);
    put_string(out, n.identity.version);
    (void)fprintf(out, ", \"layout\": \"%08lx\", \"capabilities\": %lu },\n", (unsigned long)n.identity.layout,
                  (unsigned long)n.identity.capabilities);
    (void)fprintf(out,
                  "  \"link\": { \"exchanges\": %llu, \"bytes_out\": %llu, \"bytes_in\": %llu, \"repeats\": %u,\n"
                  "    \"damaged_frames\": %u, \"late_or_doubled\": %u, \"line_errors\": %u, \"longest_us\": %lld }",
                  (unsigned long long)n.requests, (unsigned long long)n.bytes_out, (unsigned long long)n.bytes_in,
                  n.repeats, n.wrong_frames, n.stale, n.line_errors, (long long)n.trip_max_us);
    put_messages(&n, out);
    if (t->spec.kind == TARGET_CAN) {
        (void)fprintf(out,
                      ",\n  \"can\": { \"confirmed\": %llu, \"dropped\": %u, \"restarts\": %u, "
                      "\"longest_answer_us\": %.3f, \"time_stamps\": \"%s\" }",
                      (unsigned long long)n.can.confirmed, n.can.dropped, n.can.restarts,
                      (double)n.can.answer_max_ns * 1e-3, stamps[n.can.stamps]);
    }
}
