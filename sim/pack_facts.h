/* The few facts about a pack that a scenario's names and units need, and which packs and parameter sets there are. */
#ifndef SIM_PACK_FACTS_H
#define SIM_PACK_FACTS_H

#include "sim/diag.h"

#include <stdbool.h>
#include <stddef.h>

struct pack_facts {
    int cells, temps;
    double nominal_Ah;
};

/* False if there is no such pack; an unsound file is reported in d, and gives false too. */
bool pack_facts_find(const char *model_folder, const char *id, struct pack_facts *out, struct diag *d);

/* Is there folder/sub/<id>.json? sub "" is the folder itself. An id is a plain name, not a path. */
bool pack_facts_exists(const char *folder, const char *sub, const char *id);

/* "available: bali48, jk48v100pro" for a message. */
void pack_facts_ids(const char *folder, const char *sub, char *out, size_t size);

#endif
