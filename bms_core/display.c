/* Keys and time of the display. */
#include "bms_core/bms_inner.h"

#include <string.h>

#define NEVER_us UINT64_MAX
#define BOUNCE_us UINT64_C(50000) /* a press this soon after another edge is a bounce */

static bool is_fitted(const struct bms *b)
{
    return b->params.value[BMS_PARAM_DISPLAY_FITTED] != 0;
}

static bool is_dark(const struct bms *b)
{
    return b->command.power == BMS_POWER_SLEEP || b->command.power == BMS_POWER_OFF;
}

static void stay_awake(struct bms *b, uint64_t now_us)
{
    b->display.sleep_us = now_us + (uint64_t)b->params.value[BMS_PARAM_DISPLAY_SLEEP] * BMS_SECOND_us;
}

static void wake(struct bms *b, uint64_t now_us)
{
    struct display *d = &b->display;

    d->awake = true;
    d->stale = true;
    d->depth = 0; /* at[0] is the welcome page, number 0, for good */
    stay_awake(b, now_us);
}

static void fall_asleep(struct bms *b)
{
    b->display.awake = false;
    b->display.stale = true;
    b->display.sleep_us = NEVER_us;
}

void display_init(struct bms *b, uint64_t now_us)
{
    if (is_fitted(b)) {
        wake(b, now_us);
    }
}

/* ---- keys ---------------------------------------------------------------------------------------------------------
 */

static void enter(const struct bms *b, struct display *d)
{
    const struct display_place here = d->at[d->depth];
    const uint8_t page = display_leads_to(here.page, here.item);

    if (page != DISPLAY_WELCOME && display_items(b, page) > 0) { /* no way down is longer than DISPLAY_DEPTH_MAX */
        d->depth++;
        d->at[d->depth] = (struct display_place){ .page = page };
    }
}

/* There is no key upwards: after the last comes the first. */
static void down(const struct bms *b, struct display_place *here)
{
    const unsigned items = display_items(b, here->page);
    const unsigned next = here->item + (display_has_cursor(here->page) ? 1U : BMS_LINES_MAX);

    here->item = (uint8_t)(next < items ? next : 0);
}

static void menu(struct display *d)
{
    d->depth = 1;
    d->at[1] = (struct display_place){ .page = DISPLAY_MAIN };
}

static void press(struct bms *b, uint32_t keys)
{
    struct display *d = &b->display;

    if ((keys & BMS_KEY_MENU) != 0) {
        menu(d);
    }
    if ((keys & BMS_KEY_ENTER) != 0) {
        enter(b, d);
    }
    if ((keys & BMS_KEY_DOWN) != 0) {
        down(b, &d->at[d->depth]);
    }
    if ((keys & BMS_KEY_ESC) != 0 && d->depth > 0) {
        d->depth--;
    }
}

void display_keys(struct bms *b, uint32_t before, uint32_t now, uint64_t now_us)
{
    struct display *d = &b->display;
    const uint32_t pressed = now & ~before;
    const bool bounces = now_us - d->edge_us < BOUNCE_us;

    d->edge_us = now_us;
    if (!is_fitted(b) || pressed == 0 || bounces) {
        return;
    }
    if (!d->awake) {
        wake(b, now_us);
        return;
    }
    stay_awake(b, now_us);
    d->stale = true;
    press(b, pressed);
}

/* ---- in time ------------------------------------------------------------------------------------------------------
 */

void display_settle(struct bms *b, uint64_t now_us)
{
    struct display *d = &b->display;
    const bool dark = is_dark(b);

    if (now_us >= d->sleep_us) {
        fall_asleep(b);
    }
    if (dark != d->dark) {
        d->dark = dark;
        fall_asleep(b);
        if (!dark && is_fitted(b)) {
            wake(b, now_us);
        }
    }
    if (!d->stale) {
        return;
    }
    d->stale = false;
    memset(b->command.display, ' ', sizeof b->command.display);
    if (d->awake) {
        display_draw(b, d->at[d->depth], b->command.display);
    }
}

void display_tick(struct bms *b)
{
    b->display.stale = b->display.awake;
}
