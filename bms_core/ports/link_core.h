/* The core behind the bench link: what every port shares. A port adds a transport and memory for the image.
 *
 *     link_core_init(&core, "bms_posix", image, sizeof image);
 *     link_device_init(&device, &link_core_ops, &core); */
#ifndef BMS_CORE_PORTS_LINK_CORE_H
#define BMS_CORE_PORTS_LINK_CORE_H

#include "bms_core/bms.h"
#include "bus/link/link_device.h"

struct link_core {
    const char *name;    /* of the firmware */
    uint8_t *image;      /* non-volatile pages for boot; may be NULL */
    uint32_t image_size; /* bytes, a multiple of BMS_PAGE_SIZE */
    uint32_t starts;     /* of the firmware since power-on, told at hello; 0: not counted */
    bool booted;
    struct bms_params params;    /* of the selected set, with what was written or done since */
    struct bms_params delivered; /* what a factory reset goes back to: the set as it was at its first boot */
    bool fresh;                  /* the set has not been booted yet */
    struct bms bms, kept;
};

extern const struct link_device_ops link_core_ops; /* self: a struct link_core */

void link_core_init(struct link_core *c, const char *name, uint8_t *image, uint32_t image_size);

/* What a BMS says of its log; *r is all zero before. */
void link_core_records(const struct bms *bms, uint32_t first, struct link_records *r);

#endif
