#include "bus/link/link.h"

#define SECOND_us UINT64_C(1000000)

uint64_t link_scan_at(const struct link_scan *scan, uint64_t now_us)
{
    if (scan->steps == 0 || scan->period_us == 0 || now_us < scan->start_us) {
        return 0;
    }
    const uint64_t within_us = (now_us - scan->start_us) % scan->period_us;
    const uint64_t begin_us = now_us - within_us;
    uint64_t step = scan->skew_us == 0 ? 0 : within_us / scan->skew_us;

    if (step > scan->steps - 1) {
        step = scan->steps - 1;
    }
    return begin_us + step * scan->skew_us;
}

void link_clock_apply(uint64_t from_us, uint64_t to_us, struct bms_sample *sample)
{
    if (sample->clock_s != 0) {
        sample->clock_s += (uint32_t)(to_us / SECOND_us - from_us / SECOND_us);
    }
}

void link_scans_apply(const struct link_scan scan[LINK_SCANS], uint64_t now_us, struct bms_sample *sample)
{
    sample->cell_scan_us = link_scan_at(&scan[0], now_us);
    sample->current_scan_us = link_scan_at(&scan[1], now_us);
    sample->temp_scan_us = link_scan_at(&scan[2], now_us);
}

bool link_scans_match(const struct link_scan scan[LINK_SCANS], uint64_t now_us, const struct bms_sample *sample)
{
    return sample->cell_scan_us == link_scan_at(&scan[0], now_us) &&
           sample->current_scan_us == link_scan_at(&scan[1], now_us) &&
           sample->temp_scan_us == link_scan_at(&scan[2], now_us);
}
