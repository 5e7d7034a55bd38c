/* The display: four lines of twenty characters, four keys, pages in a tree. It sleeps after a time without a key, and
 * the key that wakes it does nothing else. display.c: keys and time; display_pages.c: what the pages show. */
#ifndef BMS_CORE_DISPLAY_H
#define BMS_CORE_DISPLAY_H

#include "bms_core/bms_io.h"

#include <stdbool.h>
#include <stdint.h>

#define DISPLAY_DEPTH_MAX 4

enum display_page {
    DISPLAY_WELCOME,
    DISPLAY_MAIN,
    DISPLAY_ANALOG,
    DISPLAY_TEMPERATURES,
    DISPLAY_CELLS,
    DISPLAY_CAPACITY,
    DISPLAY_STATUS,
    DISPLAY_RECORD,
    DISPLAY_FLAGS,
    DISPLAY_PARAMETERS,
    DISPLAY_SYSTEM,
    DISPLAY_PAGES,
};

struct display_place {
    uint8_t page, item; /* enum display_page; where the cursor stands, from 0 */
};

struct display {
    uint64_t sleep_us; /* when the screen goes to sleep; UINT64_MAX: it sleeps, or there is none */
    uint64_t edge_us;  /* newest change of a key, or the start */
    bool awake;
    bool stale;    /* the lines must be made anew */
    bool dark;     /* the whole panel was, when last looked at */
    uint8_t depth; /* of the place in the tree: at[depth] is shown */
    struct display_place at[DISPLAY_DEPTH_MAX];
};

/* display_pages.c */
struct bms;

unsigned display_items(const struct bms *b, uint8_t page);
/* The page that ENTER leads to from an item; DISPLAY_WELCOME: none, for nothing leads back there. */
uint8_t display_leads_to(uint8_t page, uint8_t item);
/* Does DOWN go through the items one by one, or a screen at a time? */
bool display_has_cursor(uint8_t page);
void display_draw(const struct bms *b, struct display_place place, char lines[BMS_LINES_MAX * BMS_LINE_SIZE]);

#endif
