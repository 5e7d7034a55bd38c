/* What a board gives to the Cortex-M port. Another board is another file that defines these, and a linker script. */
#ifndef BMS_CORE_PORTS_CORTEX_M_BOARD_H
#define BMS_CORE_PORTS_CORTEX_M_BOARD_H

#include <stdint.h>

#define BOARD_TICK_ms 10U

/* Why the firmware runs. */
enum board_start { BOARD_POWER_ON, BOARD_WATCHDOG, BOARD_CRASH };

/* Once, before anything else: clocks, tick, watchdog, UART. */
void board_start(void);

/* Milliseconds since board_start(), in steps of the tick; wraps after 49.7 days. */
uint32_t board_ms(void);

/* How often the firmware has started since power-on, and why it last did. */
uint32_t board_starts(void);
enum board_start board_cause(void);

/* Sleeps until an interrupt has happened, unless nothing_to_do() has become false: asked with interrupts masked, so
 * that none slips in between. */
void board_sleep(int (*nothing_to_do)(void));

/* The watchdog resets after half a second without this. */
void board_watchdog_feed(void);

#endif
