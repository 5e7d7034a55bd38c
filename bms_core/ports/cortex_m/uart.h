/* The UART of the link: interrupts on one side of two rings, the program on the other. 115200 baud, 8N1. */
#ifndef BMS_CORE_PORTS_CORTEX_M_UART_H
#define BMS_CORE_PORTS_CORTEX_M_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart_counters {
    uint32_t overruns; /* bytes lost: the hardware's FIFO or the ring was full */
    uint32_t broken;   /* framing and parity errors, breaks: these bytes are dropped */
};

void uart_open(void);

/* False: none has come. */
bool uart_read(uint8_t *byte);

/* Waits for room where the ring is full: a frame is never cut. */
void uart_write(const uint8_t *bytes, size_t size);

bool uart_idle(void); /* nothing to read */
struct uart_counters uart_counters(void);

#endif
