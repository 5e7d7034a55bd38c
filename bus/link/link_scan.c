#include "bus/link/link.h"

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
