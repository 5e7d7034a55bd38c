/* The table of signals. */
#include "sim/signal.h"

#include "sim/signal_read.h"

#include <stddef.h>

static const char *const mode_words[] = { "idle", "charge", "discharge", "fault", NULL };
static const char *const power_words[] = { "run", "standby", "sleep", "off", "restart", NULL };
static const char *const wake_words[] = { "power_on", "key", "charger", "brown_out", "watchdog",
                                          "reset",    "bus", "load",    NULL };
static const char *const write_words[] = { "none",   "ok",     "unknown", "range", "contradiction",
                                           "access", "locked", "state",   NULL };
static const char *const access_words[] = { "none", "user", "service", "factory", NULL };

#define ALONE SIGNAL_NO_INDEX
#define CELL SIGNAL_CELL_INDEX
#define TEMP SIGNAL_TEMP_INDEX
#define LAMP SIGNAL_LED_INDEX
#define CONTACT SIGNAL_CONTACT_INDEX
#define LINE SIGNAL_LINE_INDEX
#define FAULT SIGNAL_FAULT_NAME
#define ROW(n, d, i, p, c, w, lo, hi, r, m)                                                                            \
    { .name = (n),                                                                                                     \
      .dim = DIM_##d,                                                                                                  \
      .index = (i),                                                                                                    \
      .of_pack = (p),                                                                                                  \
      .continuous = (c),                                                                                               \
      .words = (w),                                                                                                    \
      .plausible_min = (lo),                                                                                           \
      .plausible_max = (hi),                                                                                           \
      .meaning = (m),                                                                                                  \
      .read = (r) },
#define TEXT_ROW(n, i, r, t, m)                                                                                        \
    { .name = (n), .dim = DIM_TEXT, .index = (i), .of_pack = true, .meaning = (m), .read = (r), .text = (t) },

const struct signal_info signal_table[] = {
#include "sim/signal_rows.inc"
};

const size_t signal_count = sizeof signal_table / sizeof signal_table[0];
