/* Serial ports: which there are, may they be opened, how long a USB adapter holds bytes back. */
#include "sim/doctor.h"

#include "bus/holder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LATENCY_MAX_ms 1 /* what an adapter may hold back: a step and its answer cost twice this */

/* Ports without a chip behind them have type 0; consoles and ptys have no device at all. */
static bool is_port(const struct doctor_place *place, const char *name)
{
    char path[512], type[20];

    (void)snprintf(path, sizeof path, "%s/sys/class/tty/%s/device", place->system, name);
    if (access(path, F_OK) != 0) {
        return false;
    }
    (void)snprintf(path, sizeof path, "/sys/class/tty/%s/type", name);
    return !doctor_line(place, path, type, sizeof type) || strcmp(type, "0") != 0;
}

static void look_latency(struct doctor_report *report, const struct doctor_place *place, const char *name)
{
    char path[512], text[20];

    (void)snprintf(path, sizeof path, "/sys/class/tty/%s/device/latency_timer", name);
    if (!doctor_line(place, path, text, sizeof text)) {
        return; /* only FTDI's driver has one */
    }
    const long latency_ms = strtol(text, NULL, 10);

    if (latency_ms > LATENCY_MAX_ms) {
        doctor_mend(
            doctor_add(report, DOCTOR_WORSE, "/dev/%s holds bytes back for %ld ms (latency timer)", name, latency_ms),
            "echo 1 | sudo tee %s", path);
    }
}

static bool look_port(struct doctor_report *report, const struct doctor_place *place, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/dev/%s", place->system, name);
    if (access(path, F_OK) != 0) {
        return false;
    }
    if (access(path, R_OK | W_OK) != 0) {
        doctor_mend(doctor_add(report, DOCTOR_WORSE, "/dev/%s is not yours to open", name),
                    "sudo usermod -aG dialout $USER    # then log in anew");
        return false;
    }
    char holder[64];
    const long process = bus_holder(place->system, path, holder, sizeof holder);

    if (process != 0) {
        doctor_mend(doctor_add(report, DOCTOR_WORSE, "/dev/%s is in use by %s, process %ld", name, holder, process),
                    "kill %ld    # unless it is a run that you want to end by itself", process);
        return false;
    }
    doctor_add(report, DOCTOR_FINE, "/dev/%s", name);
    look_latency(report, place, name);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a folder, sorted and owned by the caller; the last is NULL. */
static char **names_in(const char *folder)
{
    DIR *d = opendir(folder);
    char **names = calloc(1, sizeof *names);
    size_t count = 0;
    const struct dirent *entry;

    while (names != NULL && d != NULL && (entry = readdir(d)) != NULL) {
        char **more = entry->d_name[0] == '.' ? NULL : realloc(names, (count + 2) * sizeof *names);

        if (more != NULL) {
            names = more;
            names[count] = strdup(entry->d_name);
            count += names[count] != NULL;
            names[count] = NULL;
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    if (names != NULL) {
        qsort(names, count, sizeof *names, by_name);
    }
    return names;
}

void doctor_look_serial(struct doctor_report *report, const struct doctor_place *place)
{
    char folder[512];
    size_t usable = 0;

    (void)snprintf(folder, sizeof folder, "%s/sys/class/tty", place->system);
    char **names = names_in(folder);

    for (size_t i = 0; names != NULL && names[i] != NULL; i++) {
        usable += is_port(place, names[i]) && look_port(report, place, names[i]);
        free(names[i]);
    }
    free(names);
    if (usable == 0) {
        doctor_mend(doctor_add(report, DOCTOR_LACKS, "no serial port that can be opened"),
                    "plug one in, or scripts/can-vm COMMAND: there /dev/ttyS1 and /dev/ttyS2 are joined");
    }
}
