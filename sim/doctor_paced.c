/* Is this machine fit for the wall clock: priority, memory, clock, and how late it really wakes. */
#include "sim/doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define WAKES 200
#define PERIOD_ns 1000000
#define LATE_MAX_us 500 /* half a period of 1 kHz */

/* Tried, and taken back. */
static bool may_have_priority(void)
{
    const struct sched_param low = { .sched_priority = 1 }, none = { .sched_priority = 0 };

    if (sched_setscheduler(0, SCHED_FIFO, &low) != 0) {
        return false;
    }
    (void)sched_setscheduler(0, SCHED_OTHER, &none);
    return true;
}

static void look_rights(struct doctor_report *report)
{
    if (may_have_priority()) {
        doctor_add(report, DOCTOR_FINE, "real-time priority (SCHED_FIFO)");
    } else {
        doctor_mend(
            doctor_add(report, DOCTOR_WORSE, "no real-time priority: %s", strerror(errno)),
            "echo \"$USER - rtprio 80\" | sudo tee -a /etc/security/limits.d/packbench.conf    # then log in anew");
    }
    if (mlockall(MCL_CURRENT) == 0) {
        (void)munlockall();
        doctor_add(report, DOCTOR_FINE, "memory can be locked");
    } else {
        doctor_mend(doctor_add(report, DOCTOR_WORSE, "memory cannot be locked: %s", strerror(errno)),
                    "echo \"$USER - memlock unlimited\" | sudo tee -a /etc/security/limits.d/packbench.conf    # then "
                    "log in anew");
    }
}

static void look_clock(struct doctor_report *report, const struct doctor_place *place)
{
    static const char *const slow[] = { "hpet", "acpi_pm", "refined-jiffies", "jiffies" };
    static const char path[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    char source[40];

    if (!doctor_line(place, path, source, sizeof source)) {
        doctor_add(report, DOCTOR_WORSE, "the clock source is not known");
        return;
    }
    for (size_t i = 0; i < sizeof slow / sizeof slow[0]; i++) {
        if (strcmp(source, slow[i]) == 0) {
            doctor_mend(doctor_add(report, DOCTOR_WORSE, "clock source %s is slow to read", source),
                        "echo tsc | sudo tee %s", path);
            return;
        }
    }
    doctor_add(report, DOCTOR_FINE, "clock source %s", source);
}

static void look_governor(struct doctor_report *report, const struct doctor_place *place)
{
    char governor[40];

    if (doctor_line(place, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", governor, sizeof governor) &&
        strcmp(governor, "performance") != 0) {
        doctor_mend(doctor_add(report, DOCTOR_WORSE, "the processor may slow down (governor %s)", governor),
                    "echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor");
    }
}

static int by_size(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t ns_of(const struct timespec *t)
{
    return (int64_t)t->tv_sec * INT64_C(1000000000) + t->tv_nsec;
}

/* How late a 1 kHz loop wakes just now, without priority. */
static void look_wakes(struct doctor_report *report)
{
    int64_t late_us[WAKES];
    struct timespec due, now;

    (void)clock_gettime(CLOCK_MONOTONIC, &due);
    for (int i = 0; i < WAKES; i++) {
        due.tv_nsec += PERIOD_ns;
        if (due.tv_nsec >= 1000000000) {
            due.tv_nsec -= 1000000000;
            due.tv_sec++;
        }
        (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        late_us[i] = (ns_of(&now) - ns_of(&due)) / 1000;
    }
    qsort(late_us, WAKES, sizeof late_us[0], by_size);
    doctor_add(report, late_us[WAKES * 99 / 100] > LATE_MAX_us ? DOCTOR_WORSE : DOCTOR_FINE,
               "wakes at 1 kHz just now: %" PRId64 " us late at p50, %" PRId64 " us at p99, %" PRId64 " us at most",
               late_us[WAKES / 2], late_us[WAKES * 99 / 100], late_us[WAKES - 1]);
}

void doctor_look_paced(struct doctor_report *report, const struct doctor_place *place)
{
    look_rights(report);
    look_clock(report, place);
    look_governor(report, place);
    look_wakes(report);
}
