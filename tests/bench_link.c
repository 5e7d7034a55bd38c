/* Speed of the bench link: its codec alone, and steps per second of each firmware that can be had here. One figure a
 * line: name value unit. */
#include "bms_core/ports/link_core.h"
#include "bus/link/link_client.h"
#include "bus/link/link_uart.h"
#include "bus/link_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEPS 20000
#define STEPS_SLOW 3000 /* of what is emulated */

static const struct link_scan scan[LINK_SCANS] = { { 5000, 100000, 3000, 16 },
                                                   { 5000, 10000, 0, 1 },
                                                   { 5000, 1000000, 0, 1 } };

static double now_s(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The step number k of a pack under load: the current and two cells move at each. */
static struct bms_sample sample_at(int k)
{
    struct bms_sample s;

    memset(&s, 0, sizeof s);
    for (int i = 0; i < 16; i++) {
        s.cell_mV[i] = (int16_t)(3300 - (i % 8 == k % 8 ? k / 200 + 1 : k / 200));
    }
    for (int i = 0; i < 6; i++) {
        s.temp_ddegC[i] = 250;
    }
    s.stack_mV = s.terminal_mV = 52800;
    s.current_mA = -20000 - k % 7;
    s.cell_count = 16;
    link_scans_apply(scan, (uint64_t)(k + 1) * 10000, &s);
    return s;
}

/* ---- both ends in this process, frames and all ----------------------------------------------------------------------
 */

static struct link_core core;
static struct link_device device;
static struct link_uart uart;
static uint8_t image[BMS_STORAGE_PAGES * BMS_PAGE_SIZE];

/* One way: a message as a frame, byte by byte into the other end. Returns the frame's size. */
static size_t carry(const uint8_t *message, size_t size, size_t *got)
{
    uint8_t frame[LINK_UART_MAX];
    const size_t length = link_uart_frame(message, size, frame, sizeof frame);

    for (size_t i = 0; i < length; i++) {
        *got = link_uart_take(&uart, frame[i]);
    }
    return length;
}

static size_t ask_here(struct link_client *c)
{
    struct link_answer answer;
    size_t got = 0;
    size_t bytes = carry(c->request, c->size, &got);
    const size_t back = link_device_take(&device, uart.body, got);

    bytes += carry(device.answer, back, &got);
    (void)link_client_take(c, uart.body, got, &answer);
    return bytes;
}

static void bench_codec(void)
{
    static struct link_client client;
    size_t bytes = 0;

    link_core_init(&core, "bench", image, sizeof image);
    link_device_init(&device, &link_core_ops, &core);
    link_uart_init(&uart);
    link_client_init(&client);
    link_client_hello(&client, 1);
    (void)ask_here(&client);
    link_client_select(&client, "jk48v100pro");
    (void)ask_here(&client);
    link_client_boot(&client, 0, 10000, scan);
    (void)ask_here(&client);
    const double t0 = now_s();

    for (int k = 0; k < STEPS; k++) {
        const struct bms_sample s = sample_at(k);

        link_client_step(&client, &s, (uint64_t)(k + 1) * 10000, false);
        bytes += ask_here(&client);
    }
    (void)printf("link_codec_step %.2f us\n", (now_s() - t0) * 1e6 / STEPS);
    (void)printf("link_bytes_step %.1f byte\n", (double)bytes / STEPS);
}

/* ---- a firmware elsewhere -------------------------------------------------------------------------------------------
 */

/* Steps per second of the firmware at the other end, one exchange for each: what a scenario costs whose codes never
 * rest. */
static void bench_firmware(const char *figure, struct bus_channel *channel, int steps)
{
    struct link_session s;

    if (!link_session_open(&s, channel, INT64_C(10000000))) {
        (void)fprintf(stderr, "bench_link: %s: %s\n", figure, s.error);
        return;
    }
    link_client_select(&s.client, "jk48v100pro");
    bool good = link_session_ask(&s);

    link_client_boot(&s.client, 0, 10000, scan);
    good = good && link_session_ask(&s);
    const double t0 = now_s();

    for (int k = 0; k < steps && good; k++) {
        const struct bms_sample sample = sample_at(k);

        link_client_step(&s.client, &sample, (uint64_t)(k + 1) * 10000, false);
        good = link_session_ask(&s);
    }
    if (good) {
        (void)printf("%s %.0f steps/s\n", figure, steps / (now_s() - t0));
        (void)fflush(stdout);
    } else {
        (void)fprintf(stderr, "bench_link: %s: %s\n", figure, s.error);
    }
    link_session_close(&s);
}

static void bench_process(const char *figure, const char *command, int steps)
{
    char error[BUS_ERROR_SIZE] = "";
    struct bus_port *port = bus_exec_open(command, error);

    if (port == NULL) {
        (void)fprintf(stderr, "bench_link: %s: %s\n", command, error);
    } else {
        bench_firmware(figure, bus_channel_uart(port), steps);
    }
}

static void bench_can(const char *interface)
{
    char error[BUS_ERROR_SIZE] = "";
    struct bus_channel *channel = bus_channel_can(interface, 0, false, error);

    if (channel == NULL) {
        (void)fprintf(stderr, "bench_link: %s\n", error);
    } else {
        bench_firmware("link_posix_vcan", channel, STEPS_SLOW);
    }
}

/* Without arguments: codec, process on a pty, and the Cortex-M elf in QEMU where both are. "can INTERFACE": the
 * firmware at node 0 there. */
int main(int argc, char **argv)
{
    char command[1024], elf[512];
    const char *slash = strstr(argv[0], "/tests/"); /* build/tests/bench_link: beside it lies build/bms_posix */
    const int folder = slash != NULL ? (int)(slash - argv[0]) : 1;
    const char *const build = slash != NULL ? argv[0] : ".";

    if (argc == 3 && strcmp(argv[1], "can") == 0) {
        bench_can(argv[2]);
        return 0;
    }
    bench_codec();
    (void)snprintf(command, sizeof command, "%.*s/bms_posix", folder, build);
    bench_process("link_posix_pty", command, STEPS);
    (void)snprintf(elf, sizeof elf, "%.*s/bms_cortex_m.elf", folder, build);
    (void)snprintf(command, sizeof command, "scripts/firmware-qemu %s", elf);
    if (access(elf, R_OK) == 0) {
        bench_process("link_cortex_m_qemu", command, STEPS_SLOW);
    }
    return 0;
}
