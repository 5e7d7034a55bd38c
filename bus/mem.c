/* Two ports in memory: what one writes the other reads. For tests: no time passes in it, and it never blocks. */
#include "bus/port.h"

#include <stdlib.h>
#include <string.h>

#define MEM_SIZE 65536

struct mem_port {
    struct bus_port port;    /* first: a port is cast back */
    struct mem_port *other;  /* NULL: closed */
    uint8_t bytes[MEM_SIZE]; /* to be read here */
    size_t size;
};

static struct mem_port *mem_of(struct bus_port *p)
{
    return (struct mem_port *)p;
}

static bool mem_write(struct bus_port *p, const uint8_t *bytes, size_t size)
{
    struct mem_port *to = mem_of(p)->other;

    if (to == NULL) {
        return bus_port_fail(p, "mem: the other end is gone", 0);
    }
    if (size > MEM_SIZE - to->size) {
        return bus_port_fail(p, "mem: the other end does not read", 0);
    }
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
    p->written += size;
    return true;
}

static int mem_read(struct bus_port *p, uint8_t *bytes, size_t room, int64_t timeout_us)
{
    struct mem_port *m = mem_of(p);
    const size_t size = m->size < room ? m->size : room;

    (void)timeout_us;
    if (size == 0 && m->other == NULL) {
        (void)bus_port_fail(p, "mem: the other end is gone", 0);
        return -1;
    }
    memcpy(bytes, m->bytes, size);
    m->size -= size;
    memmove(m->bytes, m->bytes + size, m->size);
    p->read += size;
    return (int)size;
}

static void mem_close(struct bus_port *p)
{
    struct mem_port *m = mem_of(p);

    if (m->other != NULL) {
        m->other->other = NULL;
    }
    free(m);
}

static const struct bus_port_ops mem_ops = { .kind = "mem", .write = mem_write, .read = mem_read, .close = mem_close };

bool bus_mem_pair(struct bus_port *end[2])
{
    struct mem_port *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);

    if (a == NULL || b == NULL) {
        free(a);
        free(b);
        return false;
    }
    a->port.ops = b->port.ops = &mem_ops;
    a->other = b;
    b->other = a;
    end[0] = &a->port;
    end[1] = &b->port;
    return true;
}
