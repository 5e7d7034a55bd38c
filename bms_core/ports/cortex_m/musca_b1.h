/* Arm Musca-B1 (Cortex-M33, SSE-200), as far as the port uses it: addresses of the secure world, in which it starts. */
#ifndef BMS_CORE_PORTS_CORTEX_M_MUSCA_B1_H
#define BMS_CORE_PORTS_CORTEX_M_MUSCA_B1_H

#include <stdint.h>

#define CPU_Hz 40000000U
#define UART_Hz 40000000U
#define SLOW_Hz 32000U /* watchdog */

#define UART0_IRQ 44U /* all of its interrupts together */
#define IRQ_COUNT 64U

struct pl011 { /* Arm PrimeCell UART, TRM DDI 0183 */
    volatile uint32_t data, status_clear, reserved0[4], flags, reserved1, irda, baud_whole, baud_64ths, line, control,
        fifo_levels, irq_mask, irq_raw, irq_masked, irq_clear;
};

struct cmsdk_watchdog { /* Arm CMSDK APB watchdog, TRM DDI 0479 */
    volatile uint32_t load, value, control, irq_clear, irq_raw, irq_masked, reserved[762], lock;
};

struct systick {
    volatile uint32_t control, reload, value;
};

/* NOLINTBEGIN(performance-no-int-to-ptr): registers are where the manual puts them */
#define UART0 ((struct pl011 *)0x50105000U)
#define WATCHDOG ((struct cmsdk_watchdog *)0x5002E000U) /* on the slow clock; first time out: NMI, second: reset */
#define SYSTICK ((struct systick *)0xE000E010U)
#define NVIC_ENABLE ((volatile uint32_t *)0xE000E100U)
#define VECTOR_TABLE (*(volatile uint32_t *)0xE000ED08U)
#define RESET_CONTROL (*(volatile uint32_t *)0xE000ED0CU)
/* NOLINTEND(performance-no-int-to-ptr) */

#define RESET_REQUEST 0x05FA0004U

void uart0_irq(void); /* uart_pl011.c */
void board_tick(void);
void board_bite(void);
void board_crash(void);

#endif
