#include "sim/rig.h"

#define SWEEP_ns INT64_C(10000000000)
#define STILL_LOOK_ns INT64_C(60000000000) /* in storage */

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_event(const struct rig *rig)
{
    int64_t t = INT64_MAX;

    for (int k = 0; k < rig->packs; k++) {
        t = earlier(t, earlier(board_next_event(&rig->board[k]), board_next_power(rig, k)));
    }
    return t;
}

static void take_events(struct rig *rig)
{
    for (int k = 0; k < rig->packs; k++) {
        board_take_events(rig, k);
        board_take_power(rig, k);
    }
}

bool rig_power_on(struct rig *rig)
{
    for (int k = 0; k < rig->packs; k++) {
        board_power_on(rig, k);
    }
    rig->switched = true;
    return rig->error == NULL;
}

void rig_close(struct rig *rig)
{
    for (int k = 0; k < rig->packs; k++) {
        if (rig->board[k].target != NULL) {
            rig->board[k].target->ops->close(rig->board[k].target);
            rig->board[k].target = NULL;
        }
    }
}

/* Pack currents, which comparators and the next plan stand on, at each plan; everything else now and then. */
static bool sound(struct rig *rig)
{
    for (int k = 0; k < rig->packs; k++) {
        double begin_A, end_A;

        plant_current(&rig->plant, k, &begin_A, &end_A);
        (void)rig_sound(rig, PLANT_PACK_CURRENT_A, k, 0, 0, begin_A);
        (void)rig_sound(rig, PLANT_PACK_CURRENT_A, k, 0, rig->planned_ns, end_A);
    }
    if (rig->now_ns >= rig->sweep_ns) {
        rig->sweep_ns = rig->now_ns + SWEEP_ns;
        rig_sweep(rig, 0);
    }
    return rig->error == NULL;
}

/* Current of a pack at an offset of the planned segment: linear within it. */
static double current_at(const struct rig *rig, int pack, int64_t offset_ns)
{
    double begin_A, end_A;

    plant_current(&rig->plant, pack, &begin_A, &end_A);
    return begin_A + (end_A - begin_A) * ((double)offset_ns / (double)rig->planned_ns);
}

/* Plans up to the limit, the next event and the first comparator that fires. */
static int64_t plan(struct rig *rig, int64_t limit_ns)
{
    int64_t length = plant_plan(&rig->plant, earlier(limit_ns, next_event(rig)) - rig->now_ns);

    rig->planned_ns = length;
    rig->segments++;
    for (int k = 0; k < rig->packs; k++) {
        const int64_t fire = afe_watch(&rig->board[k].afe, rig->now_ns, rig->now_ns + rig->planned_ns,
                                       current_at(rig, k, 0), current_at(rig, k, rig->planned_ns));

        if (fire != AFE_NEVER) {
            length = earlier(length, fire - rig->now_ns);
        }
    }
    return length;
}

static void convert(struct rig *rig, int64_t offset_ns)
{
    for (int k = 0; k < rig->packs; k++) {
        board_convert(rig, k, rig->now_ns + offset_ns);
    }
}

/* True if the target has something to do at the tick t. */
static bool board_due(const struct rig *rig, int pack, int64_t t_ns)
{
    const struct board *b = &rig->board[pack];

    return board_wants_step(b, t_ns) || (rig->pace.every_tick && b->running && !b->asleep);
}

static bool wants_step(const struct rig *rig, int64_t t_ns)
{
    for (int k = 0; k < rig->packs; k++) {
        if (board_due(rig, k, t_ns)) {
            return true;
        }
    }
    return false;
}

static bool step_targets(struct rig *rig, int64_t t_ns)
{
    bool changed = false;

    for (int k = 0; k < rig->packs; k++) {
        if (board_due(rig, k, t_ns)) {
            changed |= board_step(rig, k, t_ns);
        }
    }
    return changed;
}

struct walk { /* through one planned segment */
    int64_t length, at, looked;
    bool stopped;
};

static int64_t look(struct walk *w, struct rig_observer *o, int64_t to_ns)
{
    const int64_t cut = o->look != NULL ? o->look(o->self, w->looked, to_ns) : -1;

    w->looked = to_ns;
    if (cut >= 0) {
        w->length = cut;
        w->stopped = true;
    }
    return cut;
}

/* Looks to w->at at what was there before this tick's conversions: registers move at ticks, not before. */
static int64_t look_back(struct rig *rig, struct walk *w, struct rig_observer *o, const struct afe_registers before[])
{
    struct afe_registers now[PLANT_PACKS_MAX];

    for (int k = 0; k < rig->packs; k++) {
        now[k] = rig->board[k].afe.reg;
        rig->board[k].afe.reg = before[k];
    }
    const int64_t cut = look(w, o, w->at);

    for (int k = 0; k < rig->packs; k++) {
        rig->board[k].afe.reg = now[k];
    }
    return cut;
}

/* Resting boards: what wakes one ends the segment here. */
static void watch(struct rig *rig, struct walk *w)
{
    for (int k = 0; k < rig->packs; k++) {
        board_watch(rig, k, w->at);
        if (rig->board[k].wake_ns <= rig->now_ns + w->at) {
            w->length = earlier(w->length, w->at);
        }
    }
}

/* A tick at offset w->at: conversions, then the targets that want it. */
static void tick(struct rig *rig, struct walk *w, struct rig_observer *o)
{
    const int64_t t_ns = rig->now_ns + w->at;
    struct afe_registers before[PLANT_PACKS_MAX];

    if (o->every_tick && look(w, o, w->at) >= 0) {
        return; /* before anything of this tick has happened */
    }
    for (int k = 0; k < rig->packs; k++) {
        before[k] = rig->board[k].afe.reg;
    }
    convert(rig, w->at);
    if (t_ns % RIG_WATCH_ns == 0) {
        watch(rig, w);
    }
    if (!wants_step(rig, t_ns)) {
        return;
    }
    if (w->looked < w->at && look_back(rig, w, o, before) >= 0) {
        return;
    }
    if (step_targets(rig, t_ns)) {
        w->length = earlier(w->length, next_event(rig) - rig->now_ns);
    }
    (void)look(w, o, w->at);
}

/* Without supply nothing happens at ticks: front ends do not convert, targets are not called. */
static bool any_supplied(const struct rig *rig)
{
    for (int k = 0; k < rig->packs; k++) {
        if (rig->board[k].running || rig->board[k].afe.powered) {
            return true;
        }
    }
    return false;
}

/* When observers look next, if nothing happens before: an offset into the segment. */
static int64_t next_look(const struct rig *rig, const struct walk *w, const struct rig_observer *o, int64_t look_ns)
{
    const int64_t wanted = o->wanted_ns - rig->now_ns;

    return wanted > w->looked ? earlier(wanted, w->looked + look_ns) : w->looked + look_ns;
}

/* Walks the segment from tick to tick, and looks at its end. */
static struct walk walk_segment(struct rig *rig, int64_t length_ns, struct rig_observer *o)
{
    const bool ticks = o->every_tick || any_supplied(rig);
    const int64_t look_ns = !ticks ? STILL_LOOK_ns : rig->pace.look_ns > 0 ? rig->pace.look_ns : RIG_LOOK_ns;
    struct walk w = { .length = length_ns };

    if (rig->switched) {
        rig->switched = false;
        (void)look(&w, o, 0);
    }
    while (!w.stopped && w.at < w.length) {
        const int64_t next_tick = (rig->now_ns + w.at) / RIG_TICK_ns * RIG_TICK_ns + RIG_TICK_ns - rig->now_ns;
        const int64_t look_at = next_look(rig, &w, o, look_ns);

        w.at = earlier(ticks ? earlier(next_tick, look_at) : look_at, w.length);
        if (ticks && w.at == next_tick) {
            tick(rig, &w, o);
        } else if (w.at == look_at) {
            (void)look(&w, o, w.at);
        }
    }
    if (!w.stopped && w.looked < w.length) {
        (void)look(&w, o, w.length);
    }
    return w;
}

/* Moves plant and comparators to the end of the walked segment; an alert calls its target at its instant. */
static void commit(struct rig *rig, int64_t length_ns)
{
    const int64_t t0 = rig->now_ns, t1 = t0 + length_ns;
    uint32_t alerts[PLANT_PACKS_MAX] = { 0 };

    convert(rig, length_ns);
    for (int k = 0; k < rig->packs; k++) {
        alerts[k] = afe_pass(&rig->board[k].afe, t0, t1, current_at(rig, k, 0), current_at(rig, k, length_ns));
    }
    for (int k = 0; k < rig->packs; k++) {
        board_look_at_supply(rig, k, length_ns);
    }
    plant_commit(&rig->plant, length_ns);
    rig->now_ns = t1;
    rig->planned_ns = 0;
    rig->segments++;
    for (int k = 0; k < rig->packs; k++) {
        if (alerts[k] != 0 && rig->board[k].running && !rig->board[k].asleep) {
            (void)board_step(rig, k, t1);
            rig->switched = true;
            rig->events++;
        }
    }
}

bool rig_run(struct rig *rig, int64_t end_ns, struct rig_observer *observer)
{
    while (rig->now_ns < end_ns && rig->error == NULL) {
        take_events(rig);
        const int64_t length_ns = plan(rig, end_ns);

        if (!sound(rig)) {
            break;
        }
        const struct walk w = walk_segment(rig, length_ns, observer);

        if (w.length > 0) {
            commit(rig, w.length);
        }
        if (w.stopped) {
            take_events(rig);
            return true;
        }
    }
    take_events(rig);
    return false;
}
