/* Firmware with nothing but the link for a front end: the core, the bench link, a UART. */
#include "bms_core/ports/cortex_m/board.h"
#include "bms_core/ports/cortex_m/uart.h"
#include "bms_core/ports/link_core.h"
#include "bus/link/link_uart.h"

/* The non-volatile image stands where a board has its memory-mapped FRAM or flash. */
static uint8_t image[BMS_STORAGE_PAGES * BMS_PAGE_SIZE] __attribute__((section(".image")));

static struct link_core core;
static struct link_device device;
static struct link_uart line;
static uint8_t frame[LINK_UART_MAX];

int main(void);

static int nothing_to_do(void)
{
    return uart_idle();
}

static void send(size_t size)
{
    uart_write(frame, link_uart_frame(device.answer, size, frame, sizeof frame));
}

/* A message may ask for hundreds of steps ahead: each is a sign of life. */
static uint64_t step_alive(void *self, const struct bms_sample *sample, uint64_t now_us, struct bms_command *command)
{
    board_watchdog_feed();
    return link_core_ops.step(self, sample, now_us, command);
}

static void serve(uint8_t byte)
{
    const size_t size = link_uart_take(&line, byte);

    if (size > 0) {
        const size_t back = link_device_take(&device, line.body, size);

        if (back > 0) {
            send(back);
        }
    }
}

int main(void)
{
    struct link_device_ops ops = link_core_ops;
    uint8_t byte;

    ops.step = step_alive;
    board_start();
    link_core_init(&core, "bms_cortex_m", image, sizeof image);
    core.starts = board_starts();
    link_device_init(&device, &ops, &core);
    link_uart_init(&line);
    send(link_device_greet(&device));
    for (;;) {
        while (uart_read(&byte)) {
            serve(byte);
        }
        board_watchdog_feed();
        board_sleep(nothing_to_do);
    }
}
