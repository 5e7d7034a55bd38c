/* Bytes from a wire, whatever they are: frames, messages with a good CRC and no sense, CAN frames, answers to the
 * bench. */
#include "bms_core/ports/link_core.h"
#include "bus/link/link_can.h"
#include "bus/link/link_client.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct link_core core;
static struct link_device device;
static struct link_client client;
static struct link_uart uart;
static struct link_can can;
static uint8_t image[BMS_STORAGE_PAGES * BMS_PAGE_SIZE];
static const struct link_scan scan[LINK_SCANS] = { { 5000, 100000, 3000, 16 },
                                                   { 5000, 10000, 0, 1 },
                                                   { 5000, 1000000, 0, 1 } };

/* Sends the client's request to the device, and its answer back. */
static void ask(void)
{
    struct link_answer answer;
    const size_t size = link_device_take(&device, client.request, client.size);

    if (size > 0) {
        (void)link_client_take(&client, device.answer, size, &answer);
    }
}

static void start(void)
{
    link_core_init(&core, "fuzzed", image, sizeof image);
    link_device_init(&device, &link_core_ops, &core);
    link_client_init(&client);
    link_client_hello(&client, 1);
    ask();
    link_client_select(&client, "jk48v100pro");
    ask();
    link_client_boot(&client, 0, 10000, scan);
    ask();
}

/* A request with the right number: all of its body is the fuzzer's. */
static void as_request(const uint8_t *data, size_t size)
{
    uint8_t message[LINK_REQUEST_MAX] = { 0 };
    const uint16_t next = link_next(device.sequence);

    if (size < 1 || size + 2 > sizeof message) {
        return;
    }
    message[0] = data[0];
    message[1] = (uint8_t)next;
    message[2] = (uint8_t)(next >> 8);
    memcpy(message + 3, data + 1, size - 1);
    if (link_device_take(&device, message, size + 2) > sizeof device.answer) {
        abort();
    }
}

/* An answer to a step that is in flight. */
static void as_answer(const uint8_t *data, size_t size)
{
    static const struct bms_sample sample;
    struct link_answer answer;
    uint8_t message[LINK_ANSWER_MAX] = { 0 };

    link_client_step(&client, &sample, client.shown_us + 10000, true);
    if (size + 3 > sizeof message) {
        return;
    }
    message[0] = LINK_STEP | LINK_ANSWER;
    message[1] = (uint8_t)client.sequence;
    message[2] = (uint8_t)(client.sequence >> 8);
    memcpy(message + 3, data, size);
    (void)link_client_take(&client, message, size + 3, &answer);
}

/* Several requests, each with its length before it. */
static void as_conversation(const uint8_t *data, size_t size)
{
    while (size > 1) {
        const size_t length = data[0] < size - 1 ? data[0] : size - 1;

        as_request(data + 1, length);
        data += 1 + length;
        size -= 1 + length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct link_answer answer;

    start();
    link_uart_init(&uart);
    link_can_init(&can);
    for (size_t i = 0; i < size; i++) {
        const size_t got = link_uart_take(&uart, data[i]);

        if (got > 0) {
            (void)link_device_take(&device, uart.body, got);
            (void)link_client_take(&client, uart.body, got, &answer);
        }
    }
    for (size_t at = 0; at < size; at += 8) {
        (void)link_can_take(&can, data + at, size - at < 8 ? size - at : 8, (at & 8U) != 0);
    }
    as_answer(data, size);
    as_conversation(data, size);
    return 0;
}
