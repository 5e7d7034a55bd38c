/* The board: tick, watchdog, starts. Runs in QEMU (-machine musca-b1) as on the silicon. */
#include "bms_core/ports/cortex_m/board.h"
#include "bms_core/ports/cortex_m/musca_b1.h"
#include "bms_core/ports/cortex_m/uart.h"

#define WATCHDOG_ms 500U /* the first time out is a warning (NMI), the second a reset */
#define WATCHDOG_KEY 0x1ACCE551U
#define KEPT_MARK 0x5041434BU

enum { SYSTICK_ON = 7, WATCHDOG_ON = 3 };

static volatile uint32_t ticks, fed_at; /* in ticks */
static volatile uint32_t excused;       /* since it was last fed */

/* Survives a reset, not a power cut: after that the mark is missing. */
static struct {
    uint32_t mark, starts, next_cause, cause;
} kept __attribute__((section(".kept")));

static void count_start(void)
{
    if (kept.mark != KEPT_MARK) {
        kept.mark = KEPT_MARK;
        kept.starts = 0;
        kept.next_cause = BOARD_POWER_ON;
    }
    kept.starts++;
    kept.cause = kept.next_cause;
    kept.next_cause = BOARD_POWER_ON;
}

void board_start(void)
{
    count_start();
    SYSTICK->reload = CPU_Hz / 1000U * BOARD_TICK_ms - 1U;
    SYSTICK->value = 0;
    SYSTICK->control = SYSTICK_ON;
    WATCHDOG->lock = WATCHDOG_KEY;
    WATCHDOG->load = SLOW_Hz / 1000U * WATCHDOG_ms;
    WATCHDOG->control = WATCHDOG_ON;
    uart_open();
}

void board_watchdog_feed(void)
{
    fed_at = ticks;
    excused = 0;
    WATCHDOG->irq_clear = 1; /* loads it anew */
}

uint32_t board_ms(void)
{
    return ticks * BOARD_TICK_ms;
}

uint32_t board_starts(void)
{
    return kept.starts;
}

enum board_start board_cause(void)
{
    return (enum board_start)kept.cause;
}

void board_sleep(int (*nothing_to_do)(void))
{
    __asm volatile("cpsid i" ::: "memory");
    if (nothing_to_do() != 0) {
        __asm volatile("wfi" ::: "memory"); /* a pending interrupt ends it although masked */
    }
    __asm volatile("cpsie i" ::: "memory");
}

void board_tick(void)
{
    ticks = ticks + 1U;
}

/* The watchdog's warning: the program hangs. Unless time has jumped, as it does in an emulator whose host stood still:
 * then the ticks of the time since the last feeding are missing. That excuse holds once; a program that hangs with its
 * interrupts masked has no ticks either. */
void board_bite(void)
{
    if (excused == 0 && (ticks - fed_at) * BOARD_TICK_ms < WATCHDOG_ms / 2U) {
        excused = 1;
        WATCHDOG->irq_clear = 1;
        return;
    }
    kept.next_cause = BOARD_WATCHDOG;
    RESET_CONTROL = RESET_REQUEST;
}

void board_crash(void)
{
    kept.next_cause = BOARD_CRASH;
    RESET_CONTROL = RESET_REQUEST;
}
