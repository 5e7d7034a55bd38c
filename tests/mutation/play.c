/* Plays a tape to mutants: play TAPE N[@FIRST]... prints, for each mutant, "N same", "N differs" (an answer that is not
 * the sound core's, or a crash), or "N hangs" (one answer takes more than SECONDS of processor). FIRST is the first
 * entry, from 1, that sees the mutant: up to there the sound core plays, once for all.
 *
 * Built with MUTANT_COVER it is "cover TAPE": prints "same" or "differs" for the sound core, then N@FIRST for each
 * mutant that the tape sees. Exit 2 if the tape is none. */
#include "tests/mutation/mutant.h"
#include "tests/mutation/tape.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 1
#define HANGS 3 /* exit code of a child */

struct reader {
    const unsigned char *at, *end;
};

struct tape {
    struct reader r;
    size_t entries; /* played */
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
    memset(stream[e->stream].last, 0, sizeof stream[e->stream].last);
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

#ifndef MUTANT_COVER
static volatile size_t played; /* entries, for the handler below */
#endif

/* Plays on until entry number stop (SIZE_MAX: all), an answer that differs, or a broken tape. */
static int play(struct tape *t, size_t stop)
{
    struct tape_entry e;
    int verdict = 0;

    while (verdict == 0 && t->entries < stop && t->r.at < t->r.end) {
        t->entries++;
#ifdef MUTANT_COVER
        mutant_now = (unsigned)t->entries;
#else
        played = t->entries;
#endif
        verdict = take(&t->r, &e, sizeof e) ? play_entry(&t->r, &e) : 2;
    }
    return verdict;
}

#ifdef MUTANT_COVER

static int work(struct tape *t, char **argv, int argc)
{
    (void)argv;
    (void)argc;
    const int verdict = play(t, SIZE_MAX);

    (void)puts(verdict == 0 ? "same" : "differs");
    for (unsigned n = 1; n <= MUTANTS; n++) {
        if (mutant_seen[n] != 0) {
            (void)printf("%u@%u\n", n, mutant_seen[n]);
        }
    }
    return verdict;
}

#else

struct candidate {
    unsigned n;
    size_t first;
};

static int earlier(const void *a, const void *b)
{
    const struct candidate *const x = a, *const y = b;

    return x->first != y->first ? (x->first > y->first) - (x->first < y->first) : (x->n > y->n) - (x->n < y->n);
}

static void look(int signal)
{
    static size_t before = SIZE_MAX;

    (void)signal;
    if (played == before) {
        _exit(HANGS);
    }
    before = played;
}

/* In a process of its own: a mutant may crash, or never end. */
static int play_to(unsigned n, struct tape *t)
{
    const pid_t child = fork();
    int status = 0;

    if (child == 0) {
        (void)signal(SIGVTALRM, look);
        (void)setitimer(ITIMER_VIRTUAL, &(struct itimerval){ { SECONDS, 0 }, { SECONDS, 0 } }, NULL);
        mutant_apply(n);
        _exit(play(t, SIZE_MAX));
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("play");
        exit(2);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int work(struct tape *t, char **argv, int argc)
{
    struct candidate *const c = calloc((size_t)argc, sizeof *c);
    const char *const word[] = { [0] = "same", [1] = "differs", [HANGS] = "hangs" };
    int verdict = c != NULL ? 0 : 2;

    for (int i = 0; i < argc && c != NULL; i++) {
        char *end = argv[i];

        c[i].n = (unsigned)strtoul(argv[i], &end, 10);
        c[i].first = *end == '@' ? strtoul(end + 1, NULL, 10) : 0;
    }
    if (c != NULL) {
        qsort(c, (size_t)argc, sizeof *c, earlier);
    }
    for (int i = 0; i < argc && verdict != 2; i++) {
        /* The sound core, up to what first asks for the mutant. */
        verdict = c[i].first > 0 && play(t, c[i].first - 1) != 0 ? 2 : play_to(c[i].n, t);
        if (verdict != 2) {
            (void)printf("%u %s\n", c[i].n, word[verdict]);
            (void)fflush(stdout); /* the next child must not inherit it */
        }
    }
    free(c);
    return verdict == 2 ? 2 : 0;
}

#endif

int main(int argc, char **argv)
{
    const int fd = argc > 1 ? open(argv[1], O_RDONLY) : -1;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        (void)fputs("usage: play TAPE N[@FIRST]... | cover TAPE\n", stderr);
        return 2;
    }
    const size_t size = (size_t)st.st_size;
    const unsigned char *const data = size == 0 ? NULL : mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

    if (data == MAP_FAILED) {
        perror(argv[1]);
        return 2;
    }
    struct tape tape = { .r = { data, data + size } };
    const int code = work(&tape, argv + 2, argc - 2);

    if (code == 2) {
        (void)fprintf(stderr, "play: %s is not a whole tape of this build\n", argv[1]);
    }
    return code;
}
