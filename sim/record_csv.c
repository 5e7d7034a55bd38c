#include "sim/record_csv.h"

#include "bms_core/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCKS (BMS_RECORD_PAGES * BMS_RECORDS_PER_PAGE)

static const char head[] = "pack,where,sequence,time_us,clock_s,cause,fault,min_cell,max_cell,min_mV,max_mV,stack_mV,"
                           "current_mA,soc_ppm,protections,alarms,state,wake,temperatures_ddegC\n";

static void put_row(FILE *f, int pack, const char *where, const struct bms_record *r)
{
    (void)fprintf(f, "%d,%s,%" PRIu32 ",%" PRIu64 ",%" PRIu32 ",%u,%u,%u,%u,%d,%d,%" PRId32 ",%" PRId32, pack + 1,
                  where, r->sequence, r->time_us, r->clock_s, r->cause, r->fault, r->min_index, r->max_index, r->min_mV,
                  r->max_mV, r->stack_mV, r->current_mA);
    (void)fprintf(f, ",%" PRIu32 ",%" PRIu32 ",%" PRIu32 ",%u,%u,", r->soc_ppm, r->protections, r->alarms, r->state,
                  r->wake);
    for (unsigned i = 0; i < BMS_TEMPS_MAX; i++) {
        (void)fprintf(f, "%s%d", i > 0 ? " " : "", r->temp_ddegC[i]);
    }
    (void)fputc('\n', f);
}

static int by_sequence(const void *a, const void *b)
{
    const struct bms_record *const x = a, *const y = b;

    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

/* Returns the number of the newest. */
static uint32_t put_memory(FILE *f, int pack, const uint8_t *image, struct bms_record *found)
{
    size_t count = 0;

    for (size_t i = 0; i < BLOCKS; i++) {
        count += record_decode(image + i * BMS_RECORD_SIZE, &found[count]);
    }
    qsort(found, count, sizeof *found, by_sequence);
    for (size_t i = 0; i < count; i++) {
        put_row(f, pack, "memory", &found[i]);
    }
    return count > 0 ? found[count - 1].sequence : 0;
}

static void put_target(FILE *f, int pack, struct rig *rig, uint32_t newest)
{
    struct board *b = &rig->board[pack];
    struct link_records r;
    struct bms_record record;

    if (!b->running || b->off || b->target->ops->records == NULL) {
        return;
    }
    do {
        r = (struct link_records){ 0 };
        if (!b->target->ops->records(b->target, (uint64_t)rig->now_ns / 1000, newest + 1, &r)) {
            return;
        }
        for (unsigned i = 0; i < r.count; i++) {
            if (!record_decode(r.block[i], &record) || record.sequence <= newest) {
                return; /* of a firmware that does not keep to the rule */
            }
            put_row(f, pack, "waiting", &record);
            newest = record.sequence;
        }
    } while (r.count > 0);
    (void)fprintf(f, "%d,made,%" PRIu32 "\n%d,dropped,%" PRIu32 "\n", pack + 1, r.made, pack + 1, r.dropped);
}

bool record_csv_write(const char *path, struct rig *rig)
{
    struct bms_record *found = calloc(BLOCKS, sizeof *found);
    FILE *f = fopen(path, "w");

    if (f != NULL && found != NULL) {
        (void)fputs(head, f);
        for (int pack = 0; pack < rig->packs; pack++) {
            put_target(f, pack, rig, put_memory(f, pack, rig->board[pack].storage.image, found));
        }
    }
    const bool good = f != NULL && found != NULL && ferror(f) == 0;

    free(found);
    return (f == NULL || fclose(f) == 0) && good;
}
