/* The named signals of a run: one table of names, dimensions and accessors. Names without a prefix are the truth of the
 * plant; "afe." is what the front end measured; "bms." is what the BMS says. Indices are 1-based:
 * pack[2].cell[7].voltage. */
#ifndef SIM_SIGNAL_H
#define SIM_SIGNAL_H

#include "sim/quantity.h"

#include <stdbool.h>
#include <stdint.h>

struct rig;

#define SIGNAL_ALL (-1) /* the index [*], only inside any(), all(), min(), max() */

enum signal_index {
    SIGNAL_NO_INDEX,
    SIGNAL_CELL_INDEX,
    SIGNAL_TEMP_INDEX,
    SIGNAL_LED_INDEX,     /* SOC LEDs, the lowest is 1 */
    SIGNAL_CONTACT_INDEX, /* dry contacts: 1 between pins 1 and 2, 2 between pins 3 and 4 */
    SIGNAL_LINE_INDEX,    /* lines of the display, from the top */
    SIGNAL_FAULT_NAME,
};

struct signal_ref {
    uint16_t id;    /* row of signal_table */
    int16_t pack;   /* from 0; SIGNAL_ALL; ignored when the signal is not of a pack */
    int16_t index;  /* from 0; SIGNAL_ALL; 0 when it has none */
};

struct signal_info {
    const char *name;        /* "cell[].voltage", "bms.protection.", "bus.voltage"; [] stands for an index */
    enum dim dim;
    enum signal_index index;
    bool of_pack;            /* may stand after pack[n]. */
    bool continuous;         /* changes between events, so crossings must be located */
    const char *const *words; /* NULL, or the words it can be compared with ("bms.mode is charge"), NULL-terminated */
    double plausible_min, plausible_max; /* a quantity compared with it must lie here; equal: anything goes */
    const char *meaning;     /* one line for `packbench help signals` */
    double (*read)(const struct rig *rig, int pack, int index, int64_t offset_ns);
    /* Of DIM_TEXT: BMS_LINE_SIZE characters, blanks or zeros at the end; read() is then a number that tells texts apart. */
    const char *(*text)(const struct rig *rig, int pack, int index);
};

extern const struct signal_info signal_table[];
extern const size_t signal_count;

/* Number of cells, temperature channels and packs that indices may reach. */
struct signal_limits {
    int packs, cells, temps;
};

/* How far indices of a kind reach, and what they count ("cells"). */
int signal_index_most(enum signal_index kind, const struct signal_limits *limits);
const char *signal_index_noun(enum signal_index kind);

/* Finds "pack[2].cell[7].voltage". On failure writes a message and, if one is near, a suggestion. */
bool signal_find(const char *name, size_t size, const struct signal_limits *limits, struct signal_ref *out,
                 char *error, size_t error_size);

#endif
