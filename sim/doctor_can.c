/* SocketCAN: does the kernel have it, and which interfaces are up. */
#include "sim/doctor.h"

#include <dirent.h>
#include <errno.h>
#include <linux/can.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#define IS_CAN "280"    /* ARPHRD_CAN, as /sys/class/net/<name>/type has it */
#define CAN_FD_BYTES 72 /* mtu of an interface that takes CAN FD frames */

static bool module_here(const struct doctor_place *place, const char *name)
{
    struct utsname system;
    char path[512];

    if (uname(&system) != 0) {
        return false;
    }
    for (int packed = 0; packed < 2; packed++) {
        (void)snprintf(path, sizeof path, "%s/lib/modules/%s/kernel/net/can/%s.ko%s", place->system, system.release,
                       name, packed != 0 ? ".xz" : "");
        if (access(path, F_OK) == 0) {
            return true;
        }
    }
    return false;
}

/* One protocol of the family; false: the kernel has it not. */
static bool look_protocol(struct doctor_report *report, const struct doctor_place *place, int type, int protocol,
                          const char *name)
{
    const int fd = socket(PF_CAN, type | SOCK_CLOEXEC, protocol);

    if (fd >= 0) {
        (void)close(fd);
        doctor_add(report, DOCTOR_FINE, "%s", name);
        return true;
    }
    struct doctor_finding *f = doctor_add(report, DOCTOR_LACKS, "no %s in this kernel: %s", name, strerror(errno));

    if (module_here(place, name)) {
        doctor_mend(f, "sudo modprobe %s", name);
    } else {
        doctor_mend(f, "scripts/can-vm COMMAND    # runs COMMAND where there is CAN");
    }
    return false;
}

static bool look_interface(struct doctor_report *report, const struct doctor_place *place, const char *name)
{
    char path[512], text[40], flags[40];

    (void)snprintf(path, sizeof path, "/sys/class/net/%s/type", name);
    if (!doctor_line(place, path, text, sizeof text) || strcmp(text, IS_CAN) != 0) {
        return false;
    }
    (void)snprintf(path, sizeof path, "/sys/class/net/%s/flags", name);
    if (!doctor_line(place, path, flags, sizeof flags) || (strtoul(flags, NULL, 16) & 1U) == 0) {
        struct doctor_finding *f = doctor_add(report, DOCTOR_WORSE, "%s is down", name);

        if (strncmp(name, "vcan", 4) == 0) {
            doctor_mend(f, "sudo ip link set %s up", name);
        } else {
            doctor_mend(f, "sudo ip link set %s up type can bitrate 500000 restart-ms 100", name);
        }
        return false;
    }
    (void)snprintf(path, sizeof path, "/sys/class/net/%s/mtu", name);
    (void)doctor_line(place, path, text, sizeof text);
    doctor_add(report, DOCTOR_FINE, "%s is up%s", name, strtol(text, NULL, 10) >= CAN_FD_BYTES ? ", with CAN FD" : "");
    return true;
}

void doctor_look_can(struct doctor_report *report, const struct doctor_place *place)
{
    char folder[512];
    bool up = false;

    if (!look_protocol(report, place, SOCK_RAW, CAN_RAW, "can-raw")) {
        return;
    }
    (void)look_protocol(report, place, SOCK_DGRAM, CAN_BCM, "can-bcm");
    (void)snprintf(folder, sizeof folder, "%s/sys/class/net", place->system);
    DIR *d = opendir(folder);
    const struct dirent *entry;

    while (d != NULL && (entry = readdir(d)) != NULL) {
        up |= look_interface(report, place, entry->d_name);
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    if (!up) {
        doctor_mend(doctor_add(report, DOCTOR_LACKS, "no CAN interface is up"),
                    "sudo ip link add vcan0 type vcan && sudo ip link set vcan0 mtu 72 up");
    }
}
