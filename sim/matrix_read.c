/* Where the matrix comes from: scenario files, results.jsonl, and the sources of tests. */
#include "sim/matrix_read.h"

#include "sim/json_doc.h"
#include "sim/results.h"
#include "sim/sweep.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ID_SIZE 64
#define FOLDERS_MAX 500 /* of tests; links may make a ring */
#define PATH_SIZE 4096

static bool out_of_memory(const char *file, struct diag *d)
{
    diag_plain(d, DIAG_ERROR, file, NULL, "out of memory");
    return false;
}

static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *node = json_member(object, name);

    return cJSON_IsString(node) ? node->valuestring : NULL;
}

/* ---- scenarios ---- */

static bool add_file(struct matrix *m, const char *path, const struct json_doc *doc)
{
    const struct scenario as = { .file = doc->file };
    const char *title = text_of(doc->root, "title");
    char name[256];
    struct matrix_file *grown = realloc(m->file, (m->file_count + 1) * sizeof *grown);

    if (grown == NULL) {
        return false;
    }
    m->file = grown;
    results_name(&as, name, sizeof name);
    grown[m->file_count] = (struct matrix_file){ strdup(path), strdup(name), strdup(title != NULL ? title : "") };
    m->file_count++;
    return grown[m->file_count - 1].path != NULL && grown[m->file_count - 1].name != NULL &&
           grown[m->file_count - 1].title != NULL;
}

/* A report shows a number and judges nothing: it does not count. */
static bool read_case(struct matrix *m, const struct json_doc *doc, const cJSON *tree)
{
    const struct matrix_case c = { .pack = text_of(tree, "pack"), .bms = text_of(tree, "bms") };
    const cJSON *node = NULL;

    cJSON_ArrayForEach(node, json_member(tree, "expect"))
    {
        const char *id = text_of(node, "requirement");

        if (id != NULL && json_member(node, "report") == NULL &&
            !matrix_cite_add(m, m->file_count - 1, &c, id, json_line(doc, node))) {
            return false;
        }
    }
    return true;
}

static bool read_scenario(struct matrix *m, const char *path, struct diag *d)
{
    struct json_doc doc;
    struct sweep sweep;
    bool ok;

    if (!json_doc_load(&doc, path, d)) {
        return false;
    }
    ok = add_file(m, path, &doc) || out_of_memory(path, d);
    ok = ok && sweep_open(&sweep, &doc, d);
    for (size_t i = 0; ok && i < sweep.count; i++) {
        char *name = NULL;
        cJSON *tree = sweep_case(&sweep, i, &name, d);

        ok = tree != NULL && (read_case(m, &doc, tree) || out_of_memory(path, d));
        cJSON_Delete(tree);
        free(name);
    }
    json_doc_free(&doc);
    return ok;
}

bool matrix_read_scenarios(struct matrix *m, const struct selection *files, struct diag *d)
{
    bool ok = true;

    for (size_t i = 0; i < files->count; i++) {
        ok = read_scenario(m, files->item[i].path, d) && ok;
    }
    return ok;
}

/* ---- results ---- */

static int verdict_of(const char *name)
{
    for (int v = VERDICT_PASS; name != NULL && v <= VERDICT_ERROR; v++) {
        if (strcmp(verdict_name((enum verdict)v), name) == 0) {
            return v;
        }
    }
    return -1;
}

static bool add_verdict(struct matrix *m, const struct json_doc *doc, struct diag *d)
{
    const char *scenario = text_of(doc->root, "scenario"), *id = text_of(doc->root, "requirement");
    const char *verb = text_of(doc->root, "verb");
    const int verdict = verdict_of(text_of(doc->root, "verdict"));
    const struct matrix_row *row;

    if (scenario == NULL || id == NULL || verb == NULL || verdict < 0) {
        json_error(doc, doc->root, d, "give the folder that `packbench run --out` wrote", "this is no verdict");
        return false;
    }
    if (id[0] == '\0' || strcmp(verb, "report") == 0) {
        return true;
    }
    row = matrix_find(m, id);
    for (size_t i = 0; row != NULL && i < row->cite_count; i++) {
        if (strcmp(m->file[row->cite[i].file].name, scenario) == 0) {
            row->cite[i].verdict[verdict]++;
            return true;
        }
    }
    m->outdated++;
    return true;
}

bool matrix_read_results(struct matrix *m, const char *path, struct diag *d)
{
    char file[PATH_SIZE];
    struct stat st;
    const bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    bool ok = true;

    (void)snprintf(file, sizeof file, "%s%s", path, folder ? "/results.jsonl" : "");
    FILE *in = fopen(file, "r");

    if (in == NULL) {
        diag_plain(d, DIAG_ERROR, file, "give the folder that `packbench run --out` wrote", "%s", strerror(errno));
        return false;
    }
    m->judged = true;
    while (ok && (size = getline(&line, &room, in)) > 0) {
        struct json_doc doc;

        ok = json_doc_parse(&doc, file, line, (size_t)size, d);
        if (ok) {
            ok = add_verdict(m, &doc, d);
            json_doc_free(&doc);
        }
    }
    free(line);
    (void)fclose(in);
    return ok;
}

/* ---- tests ---- */

static bool add_test(struct matrix_row *row, const char *path)
{
    char **grown;

    if (row->test_count > 0 && strcmp(row->test[row->test_count - 1], path) == 0) {
        return true;
    }
    grown = realloc(row->test, (row->test_count + 1) * sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    row->test = grown;
    grown[row->test_count] = strdup(path);
    return grown[row->test_count++] != NULL;
}

/* Words like an id: capitals, digits and hyphens. */
static bool read_words(struct matrix *m, FILE *in, const char *path)
{
    char word[ID_SIZE];
    size_t size = 0;
    bool ok = true;

    for (int c = 0; ok && c != EOF;) {
        c = fgetc(in);
        if (c != EOF && (isupper(c) != 0 || isdigit(c) != 0 || c == '-')) {
            size = size < ID_SIZE - 1 ? size : 0;
            word[size++] = (char)c;
            continue;
        }
        word[size] = '\0';
        struct matrix_row *row = size > 2 && strchr(word, '-') != NULL ? matrix_find(m, word) : NULL;

        if (row != NULL && row->row->check == REQ_WIRE) {
            ok = add_test(row, path);
        }
        size = 0;
    }
    return ok;
}

static bool read_test(struct matrix *m, const char *path, const char *shown, struct diag *d)
{
    FILE *in = fopen(path, "r");
    bool ok;

    if (in == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "%s", strerror(errno));
        return false;
    }
    ok = read_words(m, in, shown) || out_of_memory(path, d);
    (void)fclose(in);
    return ok;
}

static bool is_source(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot != NULL && (strcmp(dot, ".c") == 0 || strcmp(dot, ".sh") == 0 || strcmp(dot, ".py") == 0);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.' ? 1 : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

struct folders { /* below the one of the tests, in the order they were found */
    char path[FOLDERS_MAX][PATH_SIZE];
    size_t count;
};

/* Reads the sources of one folder and notes its folders. Paths to people begin with "tests". */
static bool read_folder(struct matrix *m, struct folders *f, const char *folder, size_t above, struct diag *d)
{
    struct dirent **entry = NULL;
    const int count = scandir(folder, &entry, is_visible, by_name);
    bool ok = true;

    for (int i = 0; i < count; i++) {
        char path[PATH_SIZE], shown[PATH_SIZE];
        struct stat st;

        (void)snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        (void)snprintf(shown, sizeof shown, "tests%s", path + above);
        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
            if (f->count < FOLDERS_MAX) {
                (void)snprintf(f->path[f->count++], PATH_SIZE, "%s", path);
            }
        } else if (is_source(entry[i]->d_name)) {
            ok = read_test(m, path, shown, d) && ok;
        }
        free(entry[i]);
    }
    free(entry);
    return ok;
}

bool matrix_read_tests(struct matrix *m, const char *folder, struct diag *d)
{
    struct folders *f = calloc(1, sizeof *f);
    bool ok = f != NULL ? read_folder(m, f, folder, strlen(folder), d) : out_of_memory(folder, d);

    for (size_t i = 0; ok && i < f->count; i++) {
        ok = read_folder(m, f, f->path[i], strlen(folder), d);
    }
    free(f);
    return ok;
}
