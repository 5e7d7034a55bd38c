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

/* A pack or a parameter set is named by its id, or by a file of its own, which ends with ".json". */
bool pack_facts_is_file(const char *id);

/* The file of an id: folder/sub/<id>.json (sub "" is the folder itself), or itself if it is a file's name already.
 * False if it is neither a plain name nor a file's, or too long. */
bool pack_facts_path(const char *folder, const char *sub, const char *id, char *out, size_t size);

/* Is that file there? */
bool pack_facts_exists(const char *folder, const char *sub, const char *id);

/* "available: bali48, jk48v100pro" for a message. */
void pack_facts_ids(const char *folder, const char *sub, char *out, size_t size);

#endif
