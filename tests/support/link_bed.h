/* Both ends of the bench link with a line between them that can be bad: a client, and the core behind a device. */
#ifndef TESTS_SUPPORT_LINK_BED_H
#define TESTS_SUPPORT_LINK_BED_H

#include "bms_core/ports/link_core.h"
#include "bus/link/link_client.h"
#include "bus/link/link_uart.h"

#define LINK_BED_IMAGE (BMS_STORAGE_PAGES * BMS_PAGE_SIZE)

struct link_bed {
    struct link_client client;
    struct link_device device;
    struct link_core core;
    struct link_uart to_device, to_bench;
    struct link_answer answer;
    uint64_t random;
    uint32_t one_in;  /* one frame in so many is lost, one doubled, one damaged; 0: a good line */
    uint32_t repeats; /* requests that had to be sent again */
    uint64_t bytes;   /* on the line, both ways */
    uint64_t steps_of_core;
    uint8_t late[LINK_UART_MAX]; /* a frame that comes again later */
    size_t late_size;
    uint8_t image[LINK_BED_IMAGE];
};

void link_bed_init(struct link_bed *bed);
/* Sends the client's request until its answer is in bed->answer. */
void link_bed_ask(struct link_bed *bed);
/* Hello, parameter set, reset, boot at now with the front end's usual scans. */
void link_bed_start(struct link_bed *bed, uint64_t now_us);
extern const struct link_scan link_bed_scan[LINK_SCANS];

#endif
