/* Is the plant fit to be judged by? A value that is no finite number is the rig's error, with its name and time. */
#include "sim/rig.h"

#include <math.h>
#include <stdio.h>

#define UNSOUND "a value of the plant is no finite number"

enum per { PER_BUS, PER_PACK, PER_CELL, PER_NTC };

static const struct {
    const char *name;
    enum per per;
} signals[PLANT_SIGNAL_COUNT] = {
#define SIGNAL_ROW(identifier, per) [PLANT_##identifier] = { #identifier, PER_##per },
    PLANT_SIGNALS(SIGNAL_ROW)
#undef SIGNAL_ROW
};

double rig_sound(const struct rig *rig, enum plant_signal signal, int pack, int index, int64_t offset_ns, double value)
{
    if (isfinite(value)) {
        return value;
    }
    if (!rig->unsound.found) {
        struct rig *spoilt = (struct rig *)rig; /* whoever reads may find it */

        spoilt->unsound = (struct rig_unsound){ true, signal, pack, index, rig->now_ns + offset_ns, value };
        if (rig->error == NULL) {
            spoilt->error = UNSOUND;
        }
    }
    return 0.0;
}

static int count_of(const struct board *b, enum per per)
{
    return per == PER_CELL ? b->afe_config.cells : per == PER_NTC ? b->afe_config.temps : 1;
}

void rig_sweep(struct rig *rig, int64_t offset_ns)
{
    for (int s = 0; s < PLANT_SIGNAL_COUNT; s++) {
        for (int pack = 0; pack < (signals[s].per == PER_BUS ? 1 : rig->packs); pack++) {
            for (int k = 0; k < count_of(&rig->board[pack], signals[s].per); k++) {
                const double value = plant_read(&rig->plant, (enum plant_signal)s, pack, k, offset_ns);

                (void)rig_sound(rig, (enum plant_signal)s, pack, k, offset_ns, value);
            }
        }
    }
}

void rig_unsound_text(const struct rig *rig, char *out, size_t size)
{
    const struct rig_unsound *u = &rig->unsound;
    char where[64] = "";

    out[0] = '\0';
    if (!u->found) {
        return;
    }
    switch (signals[u->signal].per) {
    case PER_BUS:
        break;
    case PER_PACK:
        (void)snprintf(where, sizeof where, " of pack %d", u->pack + 1);
        break;
    case PER_CELL:
    case PER_NTC:
        (void)snprintf(where, sizeof where, " of %s %d of pack %d",
                       signals[u->signal].per == PER_CELL ? "cell" : "sensor", u->index + 1, u->pack + 1);
        break;
    }
    (void)snprintf(out, size, "%s%s is %s at %.9g s", signals[u->signal].name, where,
                   isnan(u->value) ? "not a number" : "infinite", (double)(u->t_ns - rig->zero_ns) * 1e-9);
}
