/* Plays a tape to mutants: play TAPE N... prints, for each mutant, "N same", or "N differs" (an answer that is not the
 * sound core's, a crash, or no end within SECONDS). */
#include "tests/mutation/mutant.h"
#include "tests/mutation/tape.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 60U

struct reader {
    const unsigned char *at, *end;
};

static struct {
    struct bms bms;
    uint64_t last[TAPE_SAMPLE_WORDS];
} stream[TAPE_STREAMS];
static unsigned char nvm[BMS_STORAGE_PAGES * BMS_PAGE_SIZE];

static bool take(struct reader *r, void *out, size_t size)
{
    if ((size_t)(r->end - r->at) < size) {
        return false;
    }
    memcpy(out, r->at, size);
    r->at += size;
    return true;
}

static bool play_init(struct reader *r, const struct tape_entry *e)
{
    struct bms_params params;
    uint16_t page = 0;

    memset(nvm, 0xFF, sizeof nvm);
    if (!take(r, &params, sizeof params)) {
        return false;
    }
    while (take(r, &page, sizeof page) && page != TAPE_PAGES_END) {
        if (page >= BMS_STORAGE_PAGES || !take(r, nvm + (size_t)page * BMS_PAGE_SIZE, BMS_PAGE_SIZE)) {
            return false;
        }
    }
    memset(&stream[e->stream], 0, sizeof stream[e->stream]);
    bms_init(&stream[e->stream].bms, &params, e->value > 0 ? nvm : NULL, (uint32_t)e->value, e->now_us);
    return true;
}

static bool take_sample(struct reader *r, uint64_t last[], struct bms_sample *sample)
{
    uint64_t mask = 0;

    if (!take(r, &mask, sizeof mask)) {
        return false;
    }
    for (unsigned k = 0; k < TAPE_SAMPLE_WORDS; k++) {
        if ((mask >> k & 1U) != 0 && !take(r, &last[k], sizeof last[k])) {
            return false;
        }
    }
    memcpy(sample, last, sizeof *sample);
    return true;
}

/* 0: the answer is the same, 1: it differs, 2: the tape is broken. */
static int play_entry(struct reader *r, const struct tape_entry *e)
{
    struct bms *const b = &stream[e->stream % TAPE_STREAMS].bms;
    struct bms_sample sample;
    struct bms_command command;

    switch (e->op) {
    case TAPE_INIT:
        return play_init(r, e) ? 0 : 2;
    case TAPE_PARAM:
        return (uint64_t)bms_set_param(b, e->id, e->value) != e->answer;
    case TAPE_STEP:
        break;
    default:
        return 2;
    }
    const bool shown = (e->id & TAPE_NO_SAMPLE) == 0;

    if (shown && !take_sample(r, stream[e->stream % TAPE_STREAMS].last, &sample)) {
        return 2;
    }
    memset(&command, 0, sizeof command);
    const uint64_t due_us = bms_step(b, shown ? &sample : NULL, e->now_us, &command);

    return tape_answer(&command, due_us) != e->answer;
}

static int play(struct reader r)
{
    struct tape_entry e;
    int verdict = 0;

    while (verdict == 0 && r.at < r.end) {
        verdict = take(&r, &e, sizeof e) ? play_entry(&r, &e) : 2;
    }
    return verdict;
}

/* In a process of its own: a mutant may crash, or never end. */
static int play_to(unsigned n, struct reader r)
{
    const pid_t child = fork();
    int status = 0;

    if (child == 0) {
        (void)alarm(SECONDS);
        mutant_apply(n);
        _exit(play(r));
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("play");
        exit(2);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    const int fd = argc > 2 ? open(argv[1], O_RDONLY) : -1;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)fputs("usage: play TAPE N...\n", stderr);
        return 2;
    }
    const size_t size = (size_t)st.st_size;
    const unsigned char *const data = size == 0 ? NULL : mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

    if (data == MAP_FAILED) {
        perror(argv[1]);
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        const unsigned n = (unsigned)strtoul(argv[i], NULL, 10);
        const int verdict = play_to(n, (struct reader){ data, data + size });

        if (verdict > 1) {
            (void)fprintf(stderr, "play: %s is not a whole tape of this build\n", argv[1]);
            return 2;
        }
        (void)printf("%u %s\n", n, verdict == 0 ? "same" : "differs");
    }
    return 0;
}
