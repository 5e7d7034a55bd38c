/* LEDs, buzzer, dry contacts and display, as signals. */
#include "sim/rig.h"
#include "sim/signal_read.h"

/* A reader for one LED. */
#define LED(function, led)                                                                                             \
    READER(function)                                                                                                   \
    {                                                                                                                  \
        UNUSED_TRUTH;                                                                                                  \
        return (rig->board[pack].view.leds & (uint32_t)(led)) != 0;                                                    \
    }

LED(read_led_run, BMS_LED_RUN)
LED(read_led_alm, BMS_LED_ALM)
LED(read_led_on_off, BMS_LED_ON_OFF)
LED(read_led_link, BMS_LED_LINK)
LED(read_led_bluetooth, BMS_LED_BLUETOOTH)
VIEW(read_buzzer, buzzer, 1.0)

READER(read_led_soc)
{
    (void)offset_ns;
    return (rig->board[pack].view.leds & (uint32_t)BMS_LED_SOC << index) != 0;
}

READER(read_led_soc_count)
{
    double count = 0;

    UNUSED_INDEX;
    for (int k = 0; k < BMS_SOC_LEDS_MAX; k++) {
        count += read_led_soc(rig, pack, k, offset_ns);
    }
    return count;
}

READER(read_led_count)
{
    UNUSED_TRUTH;
    return __builtin_popcount(rig->board[pack].view.leds);
}

READER(read_relay)
{
    (void)offset_ns;
    return rig->board[pack].view.dry_contacts >> index & 1U;
}

/* Between its pins: a relay without current is at rest, whatever else happened to the BMS. */
READER(read_contact)
{
    return (read_relay(rig, pack, index, offset_ns) != 0) != rig->board[pack].contacts_rest_closed;
}

const char *line_text(const struct rig *rig, int pack, int index)
{
    return rig->board[pack].view.display + (size_t)index * BMS_LINE_SIZE;
}

/* FNV-1a: one number for one text, to see it change. */
READER(read_line)
{
    const char *line = line_text(rig, pack, index);
    uint32_t hash = 2166136261U;

    (void)offset_ns;
    for (int i = 0; i < BMS_LINE_SIZE; i++) {
        hash = (hash ^ (unsigned char)line[i]) * 16777619U;
    }
    return hash;
}
