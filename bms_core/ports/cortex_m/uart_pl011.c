#include "bms_core/ports/cortex_m/musca_b1.h"
#include "bms_core/ports/cortex_m/ring.h"
#include "bms_core/ports/cortex_m/uart.h"

#define BAUD 115200U

enum { /* flags, line, control, interrupts */
       RX_EMPTY = 1U << 4,
       TX_FULL = 1U << 5,
       WORDS_OF_8 = 3U << 5,
       FIFOS = 1U << 4,
       ENABLE = 1U << 0,
       TX_ENABLE = 1U << 8,
       RX_ENABLE = 1U << 9,
       IRQ_RX = 1U << 4,
       IRQ_TX = 1U << 5,
       IRQ_RX_WAITS = 1U << 6, /* bytes below the FIFO's level that nobody fetched */
       BYTE_OVERRUN = 1U << 11,
       BYTE_BROKEN = 7U << 8, /* framing, parity, break */
       ALL = 0x7FFU,
};

static struct ring received, sending;
static struct uart_counters counters;

static void fetch(void)
{
    while ((UART0->flags & RX_EMPTY) == 0) {
        const uint32_t word = UART0->data;

        if ((word & BYTE_OVERRUN) != 0) {
            counters.overruns++;
        }
        if ((word & BYTE_BROKEN) != 0) {
            counters.broken++;
        } else if (!ring_put(&received, (uint8_t)word)) {
            counters.overruns++;
        }
    }
}

void uart_open(void)
{
    const uint32_t divisor_64ths = (UART_Hz * 4U + BAUD / 2U) / BAUD;

    UART0->control = 0;
    UART0->baud_whole = divisor_64ths / 64U;
    UART0->baud_64ths = divisor_64ths % 64U;
    UART0->line = WORDS_OF_8 | FIFOS;
    UART0->fifo_levels = 2U << 3; /* receive at half full (the rest by IRQ_RX_WAITS), send at an eighth */
    UART0->irq_clear = ALL;
    UART0->irq_mask = IRQ_RX | IRQ_RX_WAITS;
    UART0->control = ENABLE | TX_ENABLE | RX_ENABLE;
    fetch(); /* bytes that came before the clearing would raise no interrupt any more, and fill the FIFO for good */
    NVIC_ENABLE[UART0_IRQ / 32U] = 1U << UART0_IRQ % 32U;
}

/* Fills the FIFO; the interrupt for more is wanted only as long as there is more. */
static void feed(void)
{
    uint8_t byte;

    while ((UART0->flags & TX_FULL) == 0 && ring_take(&sending, &byte)) {
        UART0->data = byte;
    }
    UART0->irq_mask = IRQ_RX | IRQ_RX_WAITS | (ring_waiting(&sending) > 0 ? (uint32_t)IRQ_TX : 0U);
}

void uart0_irq(void)
{
    UART0->irq_clear = IRQ_RX | IRQ_RX_WAITS | IRQ_TX;
    fetch();
    feed();
}

bool uart_read(uint8_t *byte)
{
    return ring_take(&received, byte);
}

bool uart_idle(void)
{
    return ring_waiting(&received) == 0;
}

void uart_write(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size;) {
        if (ring_put(&sending, bytes[i])) {
            i++;
            continue;
        }
        __asm volatile("cpsid i" ::: "memory"); /* feed() is the interrupt's side of the ring */
        feed();
        __asm volatile("cpsie i" ::: "memory");
    }
    __asm volatile("cpsid i" ::: "memory");
    feed();
    __asm volatile("cpsie i" ::: "memory");
}

struct uart_counters uart_counters(void)
{
    return counters;
}
