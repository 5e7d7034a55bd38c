/* Plays a tape to mutants: play TAPE N[@FIRST]... prints, for each mutant, "N same", "N differs FIELDS" (answers that
 * are not the sound core's, and what of the command is another; without FIELDS: a crash), or "N hangs" (one answer
 * takes more than SECONDS of processor). FIRST is the first entry, from 1, that sees the mutant: up to there the sound
 * core plays, once for all.
 *
 * Built with MUTANT_COVER it is "cover TAPE": prints "same" or "differs" for the sound core, then N@FIRST for each
 * mutant that the tape sees. Exit 2 if the tape is none. */
#include "tests/mutation/deck.h"
#include "tests/mutation/mutant.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS 1
enum { BROKEN = 2, HANGS }; /* exit codes of a child, beside 0 and 1: crashed */

#ifdef MUTANT_COVER

static int work(struct tape *t, char **argv, int argc)
{
    (void)argv;
    (void)argc;
    const enum deck_verdict verdict = deck_play(t, SIZE_MAX);

    (void)puts(verdict == DECK_SAME ? "same" : "differs");
    for (unsigned n = 1; n <= MUTANTS; n++) {
        if (mutant_seen[n] != 0) {
            (void)printf("%u@%u\n", n, mutant_seen[n]);
        }
    }
    return (int)verdict;
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
    if (deck_played == before) {
        _exit(HANGS);
    }
    before = deck_played;
}

/* What of an answer can differ: the command's fields, the instant of the next call, the result of a write. */
#define FIELD(type, name, ...)                                                                                         \
    { #name, offsetof(struct answer, command.name), sizeof(((struct bms_command *)0)->name) },

static const struct {
    const char *name;
    size_t offset, size;
} fields[] = { BMS_COMMAND_FIELDS(FIELD, FIELD){ "due", offsetof(struct answer, due_us), sizeof(uint64_t) },
               { "write", offsetof(struct answer, write), sizeof(uint32_t) } };
#define FIELDS (sizeof fields / sizeof fields[0])

static void compare(const struct answer *a, const struct answer *b, bool differs[FIELDS])
{
    for (unsigned k = 0; k < FIELDS && memcmp(a, b, sizeof *a) != 0; k++) {
        differs[k] = differs[k] || memcmp((const char *)a + fields[k].offset, (const char *)b + fields[k].offset,
                                          fields[k].size) != 0;
    }
}

/* The mutant's answers from its first one that differs on, behind its number: the sound core's are compared with them
 * in another process, since a mutant may crash, or never end, and cannot be taken back where it changed a table. */
static void tell(unsigned n, struct tape *t, FILE *to)
{
    struct answer answer;
    bool differs = false;
    enum deck_verdict verdict = DECK_SAME;

    (void)signal(SIGVTALRM, look);
    (void)setitimer(ITIMER_VIRTUAL, &(struct itimerval){ { SECONDS, 0 }, { SECONDS, 0 } }, NULL);
    mutant_apply(n);
    while (verdict != DECK_BROKEN && t->r.at < t->r.end) {
        verdict = deck_next(t, &answer);
        if (verdict == DECK_DIFFERS && !differs) {
            differs = true;
            (void)fwrite(&t->entries, sizeof t->entries, 1, to);
        }
        if (differs) {
            (void)fwrite(&answer, sizeof answer, 1, to);
        }
    }
    (void)fclose(to);
    _exit(verdict == DECK_BROKEN ? BROKEN : 0);
}

static void print_fields(struct tape *t, size_t first, FILE *from)
{
    struct answer mutant, answer;
    bool differs[FIELDS] = { false };
    bool whole = deck_play(t, first - 1) == DECK_SAME;

    while (whole && fread(&mutant, sizeof mutant, 1, from) == 1) {
        whole = deck_next(t, &answer) == DECK_SAME;
        compare(&mutant, &answer, differs);
    }
    for (unsigned k = 0; k < FIELDS; k++) {
        if (differs[k]) {
            (void)printf(" %s", fields[k].name);
        }
    }
    (void)fflush(stdout);
    _exit(whole ? 0 : BROKEN);
}

/* The exit code of a child; 1: it crashed. */
static int end_of(pid_t child)
{
    int status = 0;

    if (child < 0 || waitpid(child, &status, 0) != child) {
        return BROKEN;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* Prints the mutant's line. 2: the tape is broken, or there is no process to be had. */
static int play_to(unsigned n, struct tape *t)
{
    int end[2];
    size_t first = 0;

    if (pipe(end) != 0) {
        return BROKEN;
    }
    const pid_t mutant = fork();

    if (mutant == 0) {
        (void)close(end[0]);
        tell(n, t, fdopen(end[1], "wb"));
    }
    (void)close(end[1]);
    FILE *const from = fdopen(end[0], "rb");
    const bool differs = from != NULL && fread(&first, sizeof first, 1, from) == 1;
    int verdict = 0;

    if (differs) {
        (void)printf("%u differs", n);
        (void)fflush(stdout);
        const pid_t judge = fork();

        if (judge == 0) {
            print_fields(t, first, from);
        }
        verdict = end_of(judge);
    }
    if (from != NULL) {
        (void)fclose(from);
    }
    const int end_of_mutant = end_of(mutant);

    if (differs) {
        (void)puts(end_of_mutant == 0 ? "" : " end"); /* whatever it was, the bench would notice */
    } else {
        (void)printf("%u %s\n", n, end_of_mutant == 0 ? "same" : end_of_mutant == HANGS ? "hangs" : "differs");
    }
    (void)fflush(stdout); /* the next child must not inherit it */
    return verdict == BROKEN || end_of_mutant == BROKEN ? BROKEN : 0;
}

static int work(struct tape *t, char **argv, int argc)
{
    struct candidate *const c = calloc((size_t)argc, sizeof *c);
    int verdict = c != NULL ? 0 : BROKEN;

    for (int i = 0; i < argc && c != NULL; i++) {
        char *end = argv[i];

        c[i].n = (unsigned)strtoul(argv[i], &end, 10);
        c[i].first = *end == '@' ? strtoul(end + 1, NULL, 10) : 0;
    }
    if (c != NULL) {
        qsort(c, (size_t)argc, sizeof *c, earlier);
    }
    for (int i = 0; i < argc && verdict != BROKEN; i++) {
        /* The sound core, up to what first asks for the mutant. */
        verdict = c[i].first > 0 && deck_play(t, c[i].first - 1) != DECK_SAME ? BROKEN : play_to(c[i].n, t);
    }
    free(c);
    return verdict;
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
