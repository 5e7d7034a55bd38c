/* From reset to main(): vectors, memory, stack limit. */
#include "bms_core/ports/cortex_m/musca_b1.h"

#include <stddef.h>
#include <string.h>

/* The linker script's. */
extern uint32_t stack_top[], stack_bottom[], data_begin[], data_end[], bss_begin[], bss_end[];
extern const uint32_t data_image[];

void start(void);
int main(void);

static void hang(void)
{
    board_crash();
    for (;;) {
    }
}

void start(void)
{
    /* A stack that grows beyond its place is a fault, not a silent overwriting (ARMv8-M). */
    __asm volatile("msr msplim, %0" ::"r"(stack_bottom));
    memcpy(data_begin, data_image, (size_t)(data_end - data_begin) * sizeof *data_begin);
    memset(bss_begin, 0, (size_t)(bss_end - bss_begin) * sizeof *bss_begin);
    (void)main();
    hang();
}

typedef void (*vector)(void);

/* The order is the processor's. What is missing here is never enabled; should it come all the same, the jump to nowhere
 * is a fault. */
struct vectors {
    const uint32_t *stack;
    vector reset, nmi, hard_fault, memory_fault, bus_fault, usage_fault, secure_fault, reserved[3], supervisor_call,
        debug, reserved_too, pendable_call, tick, irq[IRQ_COUNT];
};

extern const struct vectors vectors;
__attribute__((section(".vectors"), used)) const struct vectors vectors = {
    .stack = stack_top,
    .reset = start,
    .nmi = board_bite,
    .hard_fault = hang,
    .memory_fault = hang,
    .bus_fault = hang,
    .usage_fault = hang,
    .secure_fault = hang,
    .tick = board_tick,
    .irq = { [UART0_IRQ] = uart0_irq },
};
