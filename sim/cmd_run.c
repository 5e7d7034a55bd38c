/* packbench run: loads scenarios, runs their cases on several workers, reports them in order. */
#include "sim/case.h"
#include "sim/cmd.h"
#include "sim/cmd_scenarios.h"
#include "sim/results.h"
#include "sim/root.h"
#include "sim/run_target.h"
#include "sim/select.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX 256
#define NAME_SIZE 200 /* of a case's folder */

/* ENOUGH: --fail-fast has seen what it wanted; LOST: the firmware is gone, nothing more can be judged */
enum { GO_ON, INTERRUPTED, ENOUGH, LOST };
static volatile sig_atomic_t stop_flag = GO_ON;

struct run_options {
    int jobs;
    double trace_every_s;
    bool quiet, fail_fast, commands, traces;
    struct pace *clock; /* the wall clock to keep to; NULL: none */
};

struct work { /* shared by the workers */
    const struct scenario_list *list;
    const struct scenario_world *world;
    const char *folder;      /* of traces; NULL: none */
    char (*name)[NAME_SIZE]; /* of each case's folder in it; each once */
    double trace_every_s;
    bool commands, traces; /* each case leaves commands.csv, and trace.csv */
    struct pace *clock;    /* NULL: not paced */
    struct case_result *result;
    bool *done;
    size_t next;
    pthread_mutex_t mutex;
    pthread_cond_t finished;
};

static void on_signal(int number)
{
    (void)number;
    stop_flag = INTERRUPTED;
}

static void catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART; /* what is being written is written whole */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* ---- one case
 * -------------------------------------------------------------------------------------------------------- */

static bool save_resolved(const struct scenario *s, const char *folder)
{
    char path[4096];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/scenario.json", folder);
    f = fopen(path, "w");
    if (f == NULL) {
        return false;
    }
    const bool written = fputs(s->resolved != NULL ? s->resolved : "", f) >= 0 && fputc('\n', f) != EOF;

    return fclose(f) == 0 && written;
}

static void run_one(const struct work *w, size_t i)
{
    const struct scenario *s = &w->list->item[i];
    struct case_options options = {
        .world = w->world, .trace_every_s = w->trace_every_s, .clock = w->clock, .stop = &stop_flag
    };
    char trace[4096], commands[4096], records[4096];

    if (w->folder != NULL) {
        char folder[3072];

        (void)snprintf(folder, sizeof folder, "%s/cases/%s", w->folder, w->name[i]);
        (void)snprintf(trace, sizeof trace, "%s/trace.csv", folder);
        (void)snprintf(commands, sizeof commands, "%s/commands.csv", folder);
        (void)snprintf(records, sizeof records, "%s/records.csv", folder);
        if ((mkdir(folder, 0777) == 0 || errno == EEXIST) && save_resolved(s, folder)) {
            options.trace_path = trace;
            options.records_path = records;
        } else {
            options.trace_path = ""; /* cannot be created: the case says so */
        }
    }
    if (!w->traces && options.records_path != NULL) {
        options.trace_path = NULL;
    }
    options.commands_path = w->folder != NULL && w->commands ? commands : NULL;
    case_run(s, &options, &w->result[i]);
}

/* Files of the same name in two places, or names that differ in odd characters only, get folders of their own. */
static void name_cases(struct work *w)
{
    for (size_t i = 0; i < w->list->count; i++) {
        size_t same = 1;
        char own[NAME_SIZE - 24];

        results_file_name(&w->list->item[i], own, sizeof own);
        (void)snprintf(w->name[i], NAME_SIZE, "%s", own);
        for (size_t k = 0; k < i; k++) {
            if (strcmp(w->name[k], w->name[i]) == 0) {
                (void)snprintf(w->name[i], NAME_SIZE, "%s~%zu", own, ++same);
                k = (size_t)-1; /* from the first again */
            }
        }
    }
}

static void *worker(void *arg)
{
    struct work *w = arg;

    for (;;) {
        (void)pthread_mutex_lock(&w->mutex);
        const size_t i = w->next;
        const bool more = i < w->list->count && stop_flag == GO_ON;

        w->next += more;
        (void)pthread_mutex_unlock(&w->mutex);
        if (!more) {
            break;
        }
        run_one(w, i);
        if (w->world->targets != NULL && target_pool_lost(w->world->targets) && stop_flag == GO_ON) {
            stop_flag = LOST;
        }
        (void)pthread_mutex_lock(&w->mutex);
        w->done[i] = true;
        (void)pthread_cond_broadcast(&w->finished);
        (void)pthread_mutex_unlock(&w->mutex);
    }
    (void)pthread_mutex_lock(&w->mutex);
    (void)pthread_cond_broadcast(&w->finished);
    (void)pthread_mutex_unlock(&w->mutex);
    return NULL;
}

/* Waits for case i; false if no worker will take it any more. */
static bool wait_for_case(struct work *w, size_t i)
{
    (void)pthread_mutex_lock(&w->mutex);
    while (!w->done[i] && !(stop_flag != GO_ON && i >= w->next)) {
        struct timespec soon;

        (void)clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_sec += 1; /* a signal does not wake the condition */
        (void)pthread_cond_timedwait(&w->finished, &w->mutex, &soon);
    }
    const bool done = w->done[i];

    (void)pthread_mutex_unlock(&w->mutex);
    return done;
}

/* ---- all cases
 * ------------------------------------------------------------------------------------------------------- */

static void show_progress(size_t done, size_t total)
{
    if (isatty(STDERR_FILENO)) {
        (void)fprintf(stderr, "\r%zu of %zu cases%s", done, total, done == total ? "\n" : "");
    }
}

/* Runs all on their workers; adds and prints the results in the order of the list. */
static bool run_all(struct work *w, struct results *results, const struct run_options *options)
{
    pthread_t thread[JOBS_MAX];
    int started = 0;

    for (; started < options->jobs; started++) {
        if (pthread_create(&thread[started], NULL, worker, w) != 0) {
            break;
        }
    }
    if (started == 0) {
        (void)fputs("packbench run: no worker could be started\n", stderr);
        return false;
    }
    for (size_t i = 0; i < w->list->count && stop_flag != ENOUGH && wait_for_case(w, i); i++) {
        results_add(results, &w->list->item[i], &w->result[i]);
        if (options->fail_fast && w->result[i].verdict > VERDICT_SKIP) {
            stop_flag = ENOUGH;
        }
        if (!options->quiet) {
            results_print(results, &w->list->item[i], &w->result[i], stdout);
            (void)fflush(stdout);
        }
        case_result_free(&w->result[i]);
        show_progress(i + 1, w->list->count);
    }
    for (int k = 0; k < started; k++) {
        (void)pthread_join(thread[k], NULL);
    }
    for (size_t i = 0; i < w->list->count; i++) {
        case_result_free(&w->result[i]);
    }
    return true;
}

static int run_list(const struct scenario_list *list, const struct scenario_world *world, const char *folder,
                    const struct run_options *options, struct results *results)
{
    struct work w = { .list = list,
                      .world = world,
                      .folder = folder,
                      .trace_every_s = options->trace_every_s,
                      .commands = options->commands,
                      .traces = options->traces,
                      .clock = options->clock };
    struct timespec t0, t1;
    int code = CMD_INCONCLUSIVE;

    w.result = calloc(list->count, sizeof *w.result);
    w.done = calloc(list->count, sizeof *w.done);
    w.name = calloc(list->count, sizeof *w.name);
    (void)pthread_mutex_init(&w.mutex, NULL);
    (void)pthread_cond_init(&w.finished, NULL);
    (void)clock_gettime(CLOCK_MONOTONIC, &t0);
    if (w.name != NULL) {
        name_cases(&w);
    }
    if (w.result != NULL && w.done != NULL && w.name != NULL && run_all(&w, results, options)) {
        (void)clock_gettime(CLOCK_MONOTONIC, &t1);
        const double wall_s = (double)(t1.tv_sec - t0.tv_sec) + (double)(t1.tv_nsec - t0.tv_nsec) * 1e-9;

        const bool cut = stop_flag == INTERRUPTED || stop_flag == LOST;

        (void)fputs(options->quiet ? "" : "\n", stdout);
        results_summary(results, wall_s, stdout);
        if (stop_flag == LOST) {
            (void)fprintf(stderr, "packbench run: the target is gone: the run ends after %zu of %zu cases\n",
                          results->cases, list->count);
        }
        code = results_exit_code(results, cut);
        if (!results_close(results, wall_s, options->jobs, cut)) {
            (void)fputs("packbench run: not all results could be written: is the disk full?\n", stderr);
            code = code == CMD_FAILED ? code : CMD_INCONCLUSIVE;
        } else if (folder != NULL) {
            (void)fprintf(stdout, "results are in %s: results.jsonl, junit.xml, cases/*/trace.csv\n", folder);
        }
    }
    (void)pthread_cond_destroy(&w.finished);
    (void)pthread_mutex_destroy(&w.mutex);
    free(w.result);
    free(w.done);
    free(w.name);
    return code;
}

/* ---- the command
 * ----------------------------------------------------------------------------------------------------- */

/* Loads what is selected. False: at least one file is wrong (d says what), and nothing shall run. */
static bool load(struct scenario_list *list, const struct cmd_args *args, const struct scenario_world *world,
                 struct diag *d)
{
    struct selection selection;
    bool good = select_paths(&selection, args->operand, args->count, d);

    for (size_t i = 0; good && i < selection.count; i++) {
        good = select_load(&selection.item[i], list, world, d) && good;
    }
    select_free(&selection);
    return good;
}

/* Those of the list that carry the tag, as a list that borrows them; of each file only the first if that is wanted. */
static bool select_tagged(struct scenario_list *selected, const struct scenario_list *list, const char *tag, bool first)
{
    selected->item = calloc(list->count + 1, sizeof *selected->item);
    selected->count = 0;
    for (size_t i = 0; selected->item != NULL && i < list->count; i++) {
        const bool again = i > 0 && strcmp(list->item[i].file, list->item[i - 1].file) == 0;

        if (select_has_tag(&list->item[i], tag) && !(first && again)) {
            selected->item[selected->count++] = list->item[i];
        }
    }
    return selected->item != NULL;
}

/* What is left in the folder of results only is a slip without one. */
static bool needs_folder(const struct cmd_args *args, const char *option)
{
    if (cmd_option(args, option) == NULL || cmd_option(args, "out") != NULL) {
        return true;
    }
    (void)fprintf(stderr, "packbench run: --%s leaves a file: it needs --out DIR\n", option);
    return false;
}

/* --jobs: a whole number from 1; --trace: seconds, or off. False: says what is wrong. */
static bool read_numbers(const struct cmd_args *args, struct run_options *options)
{
    const char *jobs_text = cmd_option(args, "jobs"), *trace_text = cmd_option(args, "trace");
    struct quantity q;
    char error[128];
    size_t at;
    char *end;

    if (jobs_text != NULL) {
        const long n = strtol(jobs_text, &end, 10);

        if (*end != '\0' || end == jobs_text || n < 1 || n > JOBS_MAX) {
            (void)fprintf(stderr, "packbench run: --jobs takes a number from 1 to %d, not %s\n", JOBS_MAX, jobs_text);
            return false;
        }
        options->jobs = (int)n;
    }
    options->traces = trace_text == NULL || strcmp(trace_text, "off") != 0;
    if (trace_text == NULL || !options->traces) {
        return needs_folder(args, "commands");
    }
    if (!quantity_parse(trace_text, strlen(trace_text), &q, error, sizeof error, &at)) {
        (void)fprintf(stderr, "packbench run: --trace: %s\n", error);
        return false;
    }
    if (q.dim != DIM_TIME || q.value < 0.001) {
        (void)fprintf(stderr, "packbench run: --trace takes a time of at least 1 ms, such as 100ms, not %s\n",
                      trace_text);
        return false;
    }
    options->trace_every_s = q.value;
    return needs_folder(args, "trace") && needs_folder(args, "commands");
}

/* Runs the list on the target that is asked for. */
static int run_on_target(const struct scenario_list *list, const struct cmd_args *args, struct scenario_world *world,
                         struct run_options *options, struct diag *d)
{
    const char *folder = cmd_option(args, "out");
    struct results results = { 0 };
    struct run_target target;
    int code = CMD_USAGE;

    if (!run_target_open(&target, cmd_option(args, "target"), cmd_option(args, "pace"), &options->jobs)) {
        return CMD_USAGE;
    }
    world->targets = target.pool;
    options->clock = target.clock;
    if (results_open(&results, folder, d)) {
        results.target = &target;
        results.colour = results.colour && isatty(STDOUT_FILENO);
        results.verbose = cmd_option(args, "verbose") != NULL;
        catch_signals();
        code = run_list(list, world, folder, options, &results);
    }
    run_target_close(&target);
    return code;
}

static int run_command(const struct cmd_args *args, const struct root *root, struct diag *d)
{
    struct scenario_world world = root_world(root);
    struct scenario_list all = { 0 }, list = { 0 };
    struct run_options options = { .jobs = 1,
                                   .trace_every_s = 1.0,
                                   .quiet = cmd_option(args, "quiet") != NULL,
                                   .fail_fast = cmd_option(args, "fail-fast") != NULL,
                                   .commands = cmd_option(args, "commands") != NULL };
    int code = CMD_USAGE;

    if (!read_numbers(args, &options) || !load(&all, args, &world, d) ||
        !select_tagged(&list, &all, cmd_option(args, "tag"), cmd_option(args, "first") != NULL)) {
        code = CMD_USAGE;
    } else if (list.count == 0) {
        cmd_say_nothing(args);
        code = CMD_NOTHING;
    } else {
        code = run_on_target(&list, args, &world, &options, d);
    }
    free(list.item);
    scenario_list_free(&all);
    return code;
}

int cmd_run(int argc, char **argv)
{
    struct cmd_args args;
    struct root root;
    struct diag d;
    int code = CMD_USAGE;

    if (!cmd_parse(&args, argc, argv)) {
        return CMD_USAGE;
    }
    diag_init(&d);
    if (root_open(&root, cmd_option(&args, "root"), &d)) {
        if (root_add_rows(&root, cmd_option(&args, "requirements"), &d)) {
            code = run_command(&args, &root, &d);
        }
        root_close(&root);
    }
    diag_print(&d, stderr);
    diag_free(&d);
    cmd_args_free(&args);
    return code;
}
