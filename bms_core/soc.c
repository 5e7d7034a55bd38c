#include "bms_core/soc.h"

#define PPM INT64_C(1000000)
#define SECOND_us UINT64_C(1000000)
#define COUNT_MAX_us INT64_C(3600000000) /* longest stretch counted with one current: keeps products in 64 bits */
#define OCV_POINTS 8
#define CAPACITY_LOW_ppm 500000 /* a learnt capacity outside these parts of the nominal one is not believed */
#define CAPACITY_HIGH_ppm 1200000

static int64_t capacity_mAus(const struct soc *s)
{
    return s->capacity_mAh * SOC_mAus_PER_mAh;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    if (x < low) {
        return low;
    }
    return x > high ? high : x;
}

uint32_t soc_ppm(const struct soc *s)
{
    return (uint32_t)(s->charge_mAus / (capacity_mAus(s) / PPM));
}

void soc_init(struct soc *s, const struct bms_params *p, uint64_t now_us)
{
    *s = (struct soc){ .capacity_mAh = p->value[BMS_PARAM_PACK_NOMINAL], .counted_us = now_us, .rest_us = now_us };
    s->charge_mAus = capacity_mAus(s) / PPM * p->value[BMS_PARAM_SOC_BOOT];
    s->shown_ppm = soc_ppm(s);
}

/* A part of each mA s that is charged is lost; what is not yet a mA s waits for more, so no rounding adds up. */
static int64_t effective(struct soc *s, const struct bms_params *p, int64_t charge_mAus)
{
    const int64_t waiting_mAus = s->waiting_mAus + charge_mAus;

    s->waiting_mAus = waiting_mAus % PPM;
    return charge_mAus - waiting_mAus / PPM * (PPM - p->value[BMS_PARAM_SOC_EFFICIENCY]);
}

static void count_cycles(struct soc *s, int64_t taken_mAus)
{
    s->taken_mAus += taken_mAus;
    s->discharged_mAus += taken_mAus;
    while (s->discharged_mAus >= capacity_mAus(s)) {
        s->discharged_mAus -= capacity_mAus(s);
        s->cycles++;
    }
}

static int32_t magnitude(int32_t x)
{
    return x < 0 ? -x : x;
}

/* What flowed since the last time flowed until now. */
static void count(struct soc *s, const struct bms_params *p, uint64_t now_us)
{
    int64_t charge_mAus = s->current_mA * clamp((int64_t)(now_us - s->counted_us), 0, COUNT_MAX_us);

    s->counted_us = now_us;
    if (magnitude(s->current_mA) > p->value[BMS_PARAM_SOC_REST_CURRENT]) {
        s->rest_us = now_us;
    }
    s->second_mAus += charge_mAus;
    if (charge_mAus > 0) {
        charge_mAus = effective(s, p, charge_mAus);
    } else {
        count_cycles(s, -charge_mAus);
    }
    s->learning_mAus -= charge_mAus;
    s->charge_mAus = clamp(s->charge_mAus + charge_mAus, 0, capacity_mAus(s));
}

void soc_current(struct soc *s, const struct bms_params *p, int32_t current_mA, uint64_t now_us)
{
    count(s, p, now_us);
    s->current_mA = current_mA - s->offset_mA;
}

/* The offset is looked for in a new window. */
static void begin_zero(struct soc *s, uint64_t now_us)
{
    s->zero_us = s->second_us = now_us;
    s->zero_mAus = s->second_mAus = 0;
}

void soc_boot_zero(struct soc *s, const struct bms_params *p, int32_t current_mA, uint64_t now_us)
{
    if (magnitude(current_mA) <= p->value[BMS_PARAM_ZERO_BOOT]) {
        s->offset_mA = current_mA;
    }
    soc_current(s, p, current_mA, now_us);
    begin_zero(s, now_us);
}

/* Charge at a rest voltage, by straight lines between the set's points; the outermost go on. */
static int64_t rest_ppm(const struct bms_params *p, int32_t rest_mV)
{
    const int32_t *mV = &p->value[BMS_PARAM_OCV_1], *ppm = &p->value[BMS_PARAM_OCV_SOC_1];
    int i = 1;

    while (i < OCV_POINTS - 1 && rest_mV > mV[i]) {
        i++;
    }
    const int64_t rise_ppm = (int64_t)(ppm[i] - ppm[i - 1]) * (rest_mV - mV[i - 1]) / (mV[i] - mV[i - 1]);

    return clamp(ppm[i - 1] + rise_ppm, 0, PPM);
}

/* Long rest, outside the plateau where the voltage says nothing. */
static void rest_anchor(struct soc *s, const struct bms_params *p, const struct measure *m, uint64_t now_us)
{
    const int32_t mean_mV = measure_mean_mV(m);
    const bool telling = mean_mV <= p->value[BMS_PARAM_SOC_REST_LOW] || mean_mV >= p->value[BMS_PARAM_SOC_REST_HIGH];

    if (telling && now_us - s->rest_us >= (uint64_t)p->value[BMS_PARAM_SOC_REST_TIME] * SECOND_us) {
        s->charge_mAus = capacity_mAus(s) / PPM * rest_ppm(p, mean_mV);
    }
}

/* The mean of old and new, if the new one can be true. */
static void learn(struct soc *s, const struct bms_params *p, int64_t found_mAh)
{
    const int64_t nominal_mAh = p->value[BMS_PARAM_PACK_NOMINAL];

    if (found_mAh * PPM >= nominal_mAh * CAPACITY_LOW_ppm && found_mAh * PPM <= nominal_mAh * CAPACITY_HIGH_ppm) {
        s->capacity_mAh = (int32_t)((s->capacity_mAh + found_mAh) / 2);
    }
}

/* Every cell high and the current small for a while; one cell at its limit is not full. */
static void full_anchor(struct soc *s, const struct bms_params *p, const struct measure *m, uint64_t now_us)
{
    const bool tail = m->cell.min >= p->value[BMS_PARAM_SOC_FULL] &&
                      s->current_mA <= p->value[BMS_PARAM_SOC_FULL_CURRENT] &&
                      s->current_mA >= -p->value[BMS_PARAM_SOC_REST_CURRENT];

    if (!tail) {
        s->in_tail = false;
        return;
    }
    if (!s->in_tail) {
        s->in_tail = true;
        s->tail_us = now_us;
    }
    if (now_us - s->tail_us >= (uint64_t)p->value[BMS_PARAM_SOC_FULL_TIME] * SECOND_us) {
        learn(s, p, s->found_mAh);
        s->found_mAh = 0;
        s->charge_mAus = capacity_mAus(s);
        s->full = true;
        s->learning = true;
        s->learning_mAus = 0;
    }
}

/* Rest is verified, second by second: either no current can flow, or so little does, for so long, that a load would be
 * a smaller error than the drift. What flowed in a second counts, not what flows at its end: a load that is cut between
 * two looks is no offset. A charger ends the window: its last trickle is real. */
static void track_zero(struct soc *s, const struct bms_params *p, const struct soc_scene *scene, uint64_t now_us)
{
    const int32_t limit_mA = p->value[scene->gates_open ? BMS_PARAM_ZERO_BOOT : BMS_PARAM_ZERO_TRACK];
    const int64_t most_mAus = limit_mA * clamp((int64_t)(now_us - s->second_us), 0, COUNT_MAX_us);
    const uint64_t passed_us = now_us - s->zero_us;

    s->zero_mAus += s->second_mAus;
    if (s->second_mAus > most_mAus || -s->second_mAus > most_mAus || (scene->charger && !scene->gates_open)) {
        begin_zero(s, now_us);
    } else if (passed_us >= (uint64_t)p->value[BMS_PARAM_ZERO_TIME] * SECOND_us) {
        const int32_t drift_mA = (int32_t)(s->zero_mAus / (int64_t)passed_us);

        s->offset_mA += drift_mA;
        s->current_mA -= drift_mA;
        begin_zero(s, now_us);
    } else {
        s->second_us = now_us;
        s->second_mAus = 0;
    }
}

/* Shown: never rises while discharging, never falls while charging. */
static void show(struct soc *s, const struct bms_params *p)
{
    const uint32_t ppm = soc_ppm(s);
    const int32_t rest_mA = p->value[BMS_PARAM_SOC_REST_CURRENT];

    if ((s->current_mA < -rest_mA && ppm > s->shown_ppm) || (s->current_mA > rest_mA && ppm < s->shown_ppm)) {
        return;
    }
    s->shown_ppm = ppm;
}

void soc_tick(struct soc *s, const struct bms_params *p, const struct measure *m, const struct soc_scene *scene,
              uint64_t now_us)
{
    count(s, p, now_us);
    track_zero(s, p, scene, now_us);
    if (scene->trusted) {
        rest_anchor(s, p, m, now_us);
        full_anchor(s, p, m, now_us);
    } else {
        s->in_tail = false;
        s->learning = false;
        s->found_mAh = 0;
    }
    if (soc_ppm(s) < (uint32_t)p->value[BMS_PARAM_SOC_FULL_CLEAR]) {
        s->full = false;
    }
    show(s, p);
}

void soc_empty(struct soc *s, const struct bms_params *p, const struct measure *m)
{
    const bool gentle = magnitude(s->current_mA) <= p->value[BMS_PARAM_SOC_EMPTY_CURRENT];
    const bool warm = m->cell_temp.known && m->cell_temp.min >= p->value[BMS_PARAM_SOC_EMPTY_COLD];

    if (!gentle || !warm || m->bad_wires != 0) {
        return;
    }
    if (s->learning && p->value[BMS_PARAM_SOC_LEARN_CYCLE] != 0) {
        s->found_mAh = (int32_t)(s->learning_mAus / SOC_mAus_PER_mAh); /* once it has been charged full again */
    } else if (s->learning) {
        learn(s, p, s->learning_mAus / SOC_mAus_PER_mAh);
    }
    s->learning = false;
    s->charge_mAus = 0;
}

void soc_resize(struct soc *s, int32_t nominal_mAh)
{
    const int64_t ppm = soc_ppm(s);

    s->capacity_mAh = nominal_mAh;
    s->charge_mAus = capacity_mAus(s) / PPM * ppm;
    s->learning = false;
}
