#include "bus/can_socket.h"

#include <errno.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define HARDWARE 2 /* of the three stamps of SO_TIMESTAMPING; 0 is the kernel's */

const char *can_socket_why(int number)
{
    switch (number) {
    case ENETDOWN:
        return "the interface is down: ip link set up";
    case ENODEV:
    case ENXIO:
        return "the interface is gone: was the adapter pulled?";
    case ENOBUFS:
        return "the bus takes no frames: bus-off, no other node on it, or another bitrate?";
    default:
        return strerror(number);
    }
}

/* ---- what comes with frames, and error frames ----------------------------------------------------------------------
 */

static int64_t ns_of(const struct timespec *t)
{
    return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

int64_t can_socket_control(struct msghdr *m, struct bus_can_news *news)
{
    int64_t stamp_ns = 0;

    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h != NULL; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET) {
            continue;
        }
        if (h->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&news->dropped, CMSG_DATA(h), sizeof news->dropped);
        } else if (h->cmsg_type == SO_TIMESTAMPING) {
            struct scm_timestamping all;

            memcpy(&all, CMSG_DATA(h), sizeof all);
            const bool hard = ns_of(&all.ts[HARDWARE]) != 0;

            news->stamps = hard ? BUS_STAMPS_HARDWARE : BUS_STAMPS_KERNEL;
            stamp_ns = ns_of(&all.ts[hard ? HARDWARE : 0]);
        }
    }
    return stamp_ns;
}

const char *can_socket_error(const struct canfd_frame *frame, struct bus_can_news *news)
{
    if ((frame->can_id & CAN_ERR_BUSOFF) != 0) {
        return "bus-off: too many errors on the bus. Check wiring, termination and bitrate, then restart the interface "
               "(ip link set ... type can restart)";
    }
    if ((frame->can_id & CAN_ERR_TX_TIMEOUT) != 0) {
        return "a frame could not be sent in time";
    }
    news->restarts += (frame->can_id & CAN_ERR_RESTARTED) != 0;
    return NULL;
}

/* ---- opening -------------------------------------------------------------------------------------------------------
 */

/* The adapter's own clock where it has one and we may say so, else the kernel's. */
static void want_stamps(int fd, const char *interface)
{
    const unsigned both = SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                          SOF_TIMESTAMPING_SOFTWARE;
    struct hwtstamp_config hardware = { .tx_type = HWTSTAMP_TX_ON, .rx_filter = HWTSTAMP_FILTER_ALL };
    struct ifreq request = { 0 };

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", interface);
    request.ifr_data = (void *)&hardware;
    (void)ioctl(fd, SIOCSHWTSTAMP, &request);
    (void)setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &both, sizeof both);
}

static bool set_options(int fd, const struct can_socket_wish *wish)
{
    const int on = 1;
    const can_err_mask_t errors = CAN_ERR_BUSOFF | CAN_ERR_CRTL | CAN_ERR_TX_TIMEOUT | CAN_ERR_RESTARTED;

    want_stamps(fd, wish->interface);
    (void)setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    (void)setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof on);
    return setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FILTER, wish->filter,
                      (socklen_t)(wish->filters * sizeof wish->filter[0])) == 0 &&
           setsockopt(fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof errors) == 0 &&
           setsockopt(fd, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &on, sizeof on) == 0;
}

/* Returns NULL, or what is wrong. */
static const char *bind_to(int fd, struct can_socket_wish *wish)
{
    struct ifreq request = { 0 };
    struct sockaddr_can address = { .can_family = AF_CAN };

    (void)snprintf(request.ifr_name, sizeof request.ifr_name, "%s", wish->interface);
    if (ioctl(fd, SIOCGIFINDEX, &request) != 0) {
        return "there is no such CAN interface";
    }
    address.can_ifindex = request.ifr_ifindex;
    wish->can_fd = ioctl(fd, SIOCGIFMTU, &request) == 0 && request.ifr_mtu == (int)CANFD_MTU;
    if (!set_options(fd, wish) || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        return can_socket_why(errno);
    }
    if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) == 0) {
        return can_socket_why(ENETDOWN);
    }
    return NULL;
}

int can_socket_open(struct can_socket_wish *wish, char *error)
{
    const int fd = socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC, CAN_RAW);

    if (fd < 0) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: this kernel has no CAN (%s); scripts/can-vm has", wish->interface,
                       strerror(errno));
        return -1;
    }
    const char *const wrong = bind_to(fd, wish);

    if (wrong != NULL) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%s: %s", wish->interface, wrong);
        (void)close(fd);
        return -1;
    }
    return fd;
}
