/* What changed in a sample or a command, as bytes. Made from the field tables of bms_core/bms_io.h: a field that is
 * appended there travels without a line here.
 *
 * The fields, arrays element by element, are numbered slots in the order of the table. A token byte gives a gap (high 5
 * bits: slots that stay) and a run (low 3 bits: 1..8 slots that change); 0xFF is a gap of 31 without a run. Then each
 * changed slot: one byte as it is, or (wider) the zigzag varint of new - old in the slot's own width. A slot that is
 * sent has changed: one that would stay as it is makes the message malformed. */
#ifndef BUS_LINK_LINK_DELTA_H
#define BUS_LINK_LINK_DELTA_H

#include "bms_core/bms_io.h"
#include "bus/link/link.h"
#include "bus/link/link_bytes.h"

struct link_field {
    uint16_t offset, count; /* elements: 1 for a scalar */
    uint8_t size;           /* of an element: 1, 2, 4 or 8 bytes */
};

struct link_layout {
    const struct link_field *field;
    unsigned fields, slots;
};

extern const struct link_layout link_sample_layout, link_command_layout;

/* Identifies both tables: sizes, counts and names of all fields. Ends with different ones cannot talk. */
uint32_t link_layout_id(void);

/* base becomes equal to now in every slot. */
void link_put_delta(struct link_out *o, const struct link_layout *layout, void *base, const void *now);
/* Applies a difference that fills the rest of the message. False: it was malformed, and state is spoilt. */
bool link_get_delta(struct link_in *in, const struct link_layout *layout, void *state);

/* True if all slots are equal (padding does not count). */
bool link_equal(const struct link_layout *layout, const void *a, const void *b);

/* The longest difference: each slot with a token of its own. */
#define LINK_SLOT_SIZE(type) (1 + (sizeof(type) == 1 ? 1 : sizeof(type) == 2 ? 3 : sizeof(type) == 4 ? 5 : 10))
// NOLINTBEGIN(bugprone-macro-parentheses): terms of a sum
#define LINK_SIZE_SCALAR(type, name, unit, meaning) +LINK_SLOT_SIZE(type)
#define LINK_SIZE_ARRAY(type, name, count, unit, meaning) +LINK_SLOT_SIZE(type) * (count)
// NOLINTEND(bugprone-macro-parentheses)
#define LINK_SAMPLE_MAX (0 BMS_SAMPLE_FIELDS(LINK_SIZE_SCALAR, LINK_SIZE_ARRAY))
#define LINK_COMMAND_MAX (0 BMS_COMMAND_FIELDS(LINK_SIZE_SCALAR, LINK_SIZE_ARRAY))

/* The longest messages, without what a transport adds. Greatest of a step and a piece of the image. */
#define LINK_REQUEST_MAX                                                                                               \
    (LINK_HEADER + 12 + (LINK_SAMPLE_MAX > LINK_PIECE_MAX + 8 ? LINK_SAMPLE_MAX : LINK_PIECE_MAX + 8))
#define LINK_ANSWER_MAX (LINK_HEADER + 12 + (LINK_COMMAND_MAX > 100 ? LINK_COMMAND_MAX : 100))
#define LINK_MESSAGE_MAX (LINK_REQUEST_MAX > LINK_ANSWER_MAX ? LINK_REQUEST_MAX : LINK_ANSWER_MAX)

#endif
