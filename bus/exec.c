/* A firmware that is a process: started on a pty of its own, ended with the port. */
#include "bus/fd_port.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_ms 200 /* from the end of its pty to the end of the process */
#define COMMAND_MAX 1024

static struct bus_fd_port *fd_of(struct bus_port *p)
{
    return (struct bus_fd_port *)p;
}

int bus_exec_pid(const struct bus_port *p)
{
    return ((const struct bus_fd_port *)p)->pid;
}

/* Waits up to that time for the process to end by itself. True: it has, *status says how. */
static bool ended(int pid, int *status, int wait_ms)
{
    const struct timespec pause = { .tv_nsec = 1000000 };

    for (int ms = 0; waitpid(pid, status, WNOHANG) == 0; ms++) {
        if (ms == wait_ms) {
            return false;
        }
        (void)nanosleep(&pause, NULL);
    }
    return true;
}

static void exec_close(struct bus_port *p)
{
    const int pid = fd_of(p)->pid;
    int status;

    if (pid > 0) {
        (void)kill(-pid, SIGTERM);
    }
    bus_fd_close(p);
    if (pid > 0 && !ended(pid, &status, GRACE_ms)) {
        (void)kill(-pid, SIGKILL); /* its group: a script may have started others */
        (void)waitpid(pid, &status, 0);
    }
}

/* Why the pty has no other end any more. */
static void say_how_it_ended(struct bus_fd_port *f)
{
    int status = 0;

    if (f->pid <= 0 || !ended(f->pid, &status, GRACE_ms)) {
        return;
    }
    f->pid = 0;
    if (WIFSIGNALED(status)) {
        (void)snprintf(f->port.error, sizeof f->port.error, "%s: the firmware's process was ended by signal %d",
                       f->name, WTERMSIG(status));
    } else if (WEXITSTATUS(status) == 127 || WEXITSTATUS(status) == 126) {
        (void)snprintf(f->port.error, sizeof f->port.error, "%s: cannot be started: is the path right?", f->name);
    } else {
        (void)snprintf(f->port.error, sizeof f->port.error, "%s: the firmware's process ended with exit status %d",
                       f->name, WEXITSTATUS(status));
    }
}

static int exec_read(struct bus_port *p, uint8_t *bytes, size_t room, int64_t timeout_us)
{
    const int n = bus_fd_read(p, bytes, room, timeout_us);

    if (n < 0) {
        say_how_it_ended(fd_of(p));
    }
    return n;
}

static bool exec_write(struct bus_port *p, const uint8_t *bytes, size_t size)
{
    if (bus_fd_write(p, bytes, size)) {
        return true;
    }
    say_how_it_ended(fd_of(p));
    return false;
}

static const struct bus_port_ops exec_ops = {
    .kind = "pty", .write = exec_write, .read = exec_read, .close = exec_close
};

/* In the child: the pty is its standard input and output, and the terminal of its own session, whose end ends it. */
static void become(const char *terminal, const char *line)
{
    const int fd = setsid() < 0 ? -1 : open(terminal, O_RDWR | O_CLOEXEC);

    if (fd >= 0 && dup2(fd, STDIN_FILENO) >= 0 && dup2(fd, STDOUT_FILENO) >= 0) {
        (void)execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    }
    _exit(127);
}

/* The master of a new pty and the name of its other end; -1: none can be had. */
static int open_master(char *terminal, size_t size)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* ptsname() has one buffer */
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master < 0) {
        return -1;
    }
    (void)pthread_mutex_lock(&mutex);
    const char *name = grantpt(master) == 0 && unlockpt(master) == 0 ? ptsname(master) : NULL;

    if (name != NULL) {
        (void)snprintf(terminal, size, "%s", name);
    }
    (void)pthread_mutex_unlock(&mutex);
    if (name == NULL) {
        (void)close(master);
        return -1;
    }
    return master;
}

struct bus_port *bus_exec_open(const char *command, char *error)
{
    char terminal[BUS_NAME_SIZE] = "", line[COMMAND_MAX];
    const int master = open_master(terminal, sizeof terminal);

    if (master < 0) {
        (void)snprintf(error, BUS_ERROR_SIZE, "no pty can be had: %s", strerror(errno));
        return NULL;
    }
    if (snprintf(line, sizeof line, "exec %s", command) >= (int)sizeof line) {
        (void)snprintf(error, BUS_ERROR_SIZE, "the command of the firmware is longer than %d characters", COMMAND_MAX);
        (void)close(master);
        return NULL;
    }
    struct bus_fd_port *f = bus_tty_new(&exec_ops, master, command, error); /* raw before anyone writes to it */

    if (f == NULL) {
        return NULL;
    }
    f->pid = fork();
    if (f->pid == 0) {
        become(terminal, line);
    }
    if (f->pid < 0) {
        (void)snprintf(error, BUS_ERROR_SIZE, "%.100s: cannot be started: %s", command, strerror(errno));
        f->pid = 0;
        f->port.ops->close(&f->port);
        return NULL;
    }
    return &f->port;
}
