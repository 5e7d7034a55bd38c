#include "sim/requirement.h"

#include "sim/format_read.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DELAY_EARLY 0.99 /* a delay that is printed without tolerance: from -1 % ... */
#define DELAY_LATE 1.10  /* ... to +10 %; a debounced trip can only be late */
#define NEAREST_MAX 2048

const char *basis_name(enum basis basis)
{
    return format_basis_words[basis];
}

const char *req_rule_name(enum release_rule rule)
{
    return format_rule_words[rule];
}

static void read_copy(const struct format_node *n, const char *name, char **out)
{
    const char *text = NULL;

    if (format_text(n, name, &text)) {
        *out = format_copy(n->r, text);
    }
}

static void read_note(const struct format_node *n, struct req_note *note)
{
    int basis = BASIS_ASSUMED;

    (void)format_word(n, "basis", &basis);
    note->basis = (enum basis)basis;
    read_copy(n, "source", &note->source);
    read_copy(n, "reading", &note->reading);
}

/* A tolerance in the unit of the value: a ratio is of the value, a temperature's is a difference. */
static void read_tolerance(const struct format_node *n, const char *name, const struct quantity *value, double *out)
{
    const enum dim wanted = value->dim == DIM_TEMPERATURE ? DIM_TEMP_DIFF : value->dim;
    struct quantity q = { 0 };
    double tolerance;

    if (!format_any_quantity(n, name, &q)) {
        return;
    }
    if (q.dim == DIM_RATIO && value->dim != DIM_RATIO && value->dim != DIM_TEMPERATURE) {
        tolerance = q.value * fabs(value->value);
    } else if (q.dim == wanted) {
        tolerance = q.value;
    } else {
        format_error(n->r, format_member(n, name), NULL, "expected a %s as of \"value\", got a %s", dim_noun(wanted),
                     dim_noun(q.dim));
        return;
    }
    if (tolerance < 0) {
        format_error(n->r, format_member(n, name), NULL, "a tolerance is not negative");
        return;
    }
    *out = tolerance;
}

static void read_level(struct format_reader *r, const cJSON *node, struct req_level *level)
{
    struct format_node n;
    int bound = -1;

    if (node == NULL || !format_open(r, node, FORMAT_LIMIT, &n)) {
        return;
    }
    level->present = format_any_quantity(&n, "value", &level->nominal);
    read_note(&n, &level->note);
    if (format_word(&n, "bound", &bound)) {
        level->is_max = bound == 0;
        level->is_min = bound == 1;
    }
    if (!level->present) {
        return;
    }
    read_tolerance(&n, "tolerance", &level->nominal, &level->tol_minus);
    level->tol_plus = level->tol_minus;
    if (format_member(&n, "tolerance") != NULL &&
        (format_member(&n, "tolerance minus") != NULL || format_member(&n, "tolerance plus") != NULL)) {
        format_error(r, format_member(&n, "tolerance"), NULL, "give tolerance, or tolerance minus and tolerance plus");
    }
    read_tolerance(&n, "tolerance minus", &level->nominal, &level->tol_minus);
    read_tolerance(&n, "tolerance plus", &level->nominal, &level->tol_plus);
}

static void read_delay(struct format_reader *r, const cJSON *node, struct req_delay *delay)
{
    struct format_node n;
    double nominal = NAN, shortest = NAN, longest = NAN;
    int word = 0;

    if (node == NULL || !format_open(r, node, FORMAT_DELAY, &n)) {
        return;
    }
    read_note(&n, &delay->note);
    (void)format_quantity(&n, "nominal", &nominal);
    (void)format_quantity(&n, "min", &shortest);
    (void)format_quantity(&n, "max", &longest);
    delay->no_latency = format_word(&n, "latency", &word);
    if (isnan(nominal) && (isnan(shortest) || isnan(longest))) {
        format_error(r, node, "for example { \"nominal\": \"1 s\", \"basis\": \"printed\" }",
                     "give nominal, or min and max");
        return;
    }
    delay->present = true;
    delay->min_s = isnan(shortest) ? nominal * DELAY_EARLY : shortest;
    delay->max_s = isnan(longest) ? nominal * DELAY_LATE : longest;
    delay->nom_s = isnan(nominal) ? delay->max_s : nominal;
    if (delay->min_s > delay->nom_s || delay->nom_s > delay->max_s) {
        format_error(r, node, NULL, "min, nominal and max are not in order");
    }
}

static void read_release(struct format_reader *r, const cJSON *node, struct req_row *row)
{
    const struct req_level *trip = &row->limit;
    struct format_node n;
    int rule = RELEASE_BY_VALUE;

    if (node == NULL || !format_open(r, node, FORMAT_RELEASE, &n)) {
        return;
    }
    row->release.present = true;
    (void)format_word(&n, "rule", &rule);
    row->release.rule = (enum release_rule)rule;
    read_level(r, format_member(&n, "limit"), &row->release.limit);
    read_delay(r, format_member(&n, "delay"), &row->release.delay);
    if (trip->present && row->release.limit.present && trip->nominal.dim != row->release.limit.nominal.dim) {
        format_error(r, json_member(format_member(&n, "limit"), "value"), NULL, "a %s, but the row's limit is a %s",
                     dim_noun(row->release.limit.nominal.dim), dim_noun(trip->nominal.dim));
    }
}

/* A time is a delay too: its tolerance says all, nothing is added for scan and tick. */
static void value_as_row(const struct req_row *row, struct req_value *value)
{
    struct req_row *as = &value->row;
    const struct req_level *level = &as->limit;

    as->id = row->id;
    as->clause = row->clause;
    as->quantity = row->quantity;
    as->text = row->text;
    as->group = row->group;
    as->status = row->status;
    as->check = row->check;
    if (level->present && level->nominal.dim == DIM_TIME) {
        as->delay = (struct req_delay){ .present = true,
                                        .min_s = level->is_max ? 0 : level->nominal.value - level->tol_minus,
                                        .nom_s = level->nominal.value,
                                        .max_s = level->is_min ? HUGE_VAL : level->nominal.value + level->tol_plus,
                                        .no_latency = true,
                                        .note = level->note };
    }
}

static void read_values(struct format_reader *r, const cJSON *map, struct req_row *row)
{
    const cJSON *node = NULL;

    if (map == NULL) {
        return;
    }
    if (!cJSON_IsObject(map) || map->child == NULL) {
        format_error(r, map, "{ \"low\": { \"value\": \"0 degC\", \"basis\": \"printed\" } }",
                     "expected an object of named numbers");
        return;
    }
    row->value = format_array(r, (size_t)cJSON_GetArraySize(map), sizeof *row->value);
    if (row->value == NULL) {
        return;
    }
    cJSON_ArrayForEach(node, map)
    {
        struct req_value *value = &row->value[row->value_count++];

        value->name = format_copy(r, node->string);
        read_level(r, node, &value->row.limit);
        value_as_row(row, value);
    }
}

static void read_row(struct format_reader *r, const cJSON *node, struct req_row *row)
{
    struct format_node n;
    int check = REQ_BENCH;

    if (!format_open(r, node, FORMAT_ROW, &n)) {
        return;
    }
    read_copy(&n, "id", &row->id);
    read_copy(&n, "clause", &row->clause);
    read_copy(&n, "quantity", &row->quantity);
    read_copy(&n, "text", &row->text);
    read_copy(&n, "group", &row->group);
    read_copy(&n, "status", &row->status);
    read_copy(&n, "note", &row->note);
    read_copy(&n, "why not", &row->why_not);
    (void)format_word(&n, "check", &check);
    row->check = (enum req_check)check;
    if (row->check == REQ_INSPECTION && format_member(&n, "why not") == NULL) {
        format_error(r, node, "say why the bench cannot show it", "an inspection row needs \"why not\"");
    }
    read_level(r, format_member(&n, "limit"), &row->limit);
    read_delay(r, format_member(&n, "delay"), &row->delay);
    read_release(r, format_member(&n, "release"), row);
    read_values(r, format_member(&n, "values"), row);
}

static void read_of(struct format_reader *r, const cJSON *list, struct req_table *table)
{
    const cJSON *node = NULL;

    if (list == NULL) {
        return;
    }
    if (!json_array(r->doc, list, 1, NEAREST_MAX, r->d)) {
        r->ok = false;
        return;
    }
    table->of = format_array(r, (size_t)cJSON_GetArraySize(list), sizeof *table->of);
    cJSON_ArrayForEach(node, list)
    {
        const char *name = NULL;

        if (!json_string(r->doc, node, &name, r->d)) {
            r->ok = false;
        } else if (table->of != NULL) {
            table->of[table->of_count++] = format_copy(r, name);
        }
    }
}

static void read_table(struct format_reader *r, const struct req_book *book, struct req_table *table)
{
    struct format_node n;
    const cJSON *rows, *row = NULL;

    if (!format_open(r, r->doc->root, FORMAT_TABLE, &n)) {
        return;
    }
    read_copy(&n, "system", &table->system);
    table->file = format_copy(r, r->doc->file);
    read_of(r, format_member(&n, "of"), table);
    rows = format_member(&n, "rows");
    if (!json_array(r->doc, rows, 1, NEAREST_MAX, r->d) || rows == NULL) {
        r->ok = false;
        return;
    }
    table->row = format_array(r, (size_t)cJSON_GetArraySize(rows), sizeof *table->row);
    if (table->row == NULL) {
        return;
    }
    cJSON_ArrayForEach(row, rows)
    {
        struct req_row *out = &table->row[table->count];

        read_row(r, row, out);
        if (out->id != NULL && req_find(book, out->id) != NULL) {
            format_error(r, json_member(row, "id"), NULL, "%s is the id of another row", out->id);
        }
        table->count++;
    }
}

static bool load_file(struct req_book *book, const char *path, struct diag *d)
{
    struct req_table *grown = realloc(book->table, (book->count + 1) * sizeof *grown);
    struct json_doc doc;
    struct format_reader r = { .doc = &doc, .d = d, .ok = true };

    if (grown == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "out of memory");
        return false;
    }
    book->table = grown;
    if (!json_doc_load(&doc, path, d)) {
        return false;
    }
    book->table[book->count] = (struct req_table){ 0 };
    book->count++; /* counted now, so that ids are unique within the table too */
    read_table(&r, book, &book->table[book->count - 1]);
    json_doc_free(&doc);
    return r.ok;
}

static int is_table(const struct dirent *entry)
{
    const size_t size = strlen(entry->d_name);

    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0 ? 1 : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

bool req_add(struct req_book *book, const char *folder, struct diag *d)
{
    struct dirent **entry = NULL;
    const int count = scandir(folder, &entry, is_table, by_name);
    bool ok = true;

    if (count < 0) {
        diag_plain(d, DIAG_ERROR, folder, NULL, "requirement tables: %s", strerror(errno));
        return false;
    }
    for (int i = 0; i < count; i++) {
        const size_t size = strlen(folder) + strlen(entry[i]->d_name) + 2;
        char *path = malloc(size);

        if (path != NULL) {
            (void)snprintf(path, size, "%s/%s", folder, entry[i]->d_name);
        }
        ok = path != NULL && load_file(book, path, d) && ok;
        free(path);
        free(entry[i]);
    }
    free(entry);
    return ok;
}

bool req_load(struct req_book *book, const char *folder, struct diag *d)
{
    *book = (struct req_book){ 0 };
    if (!req_add(book, folder, d)) {
        req_free(book);
        return false;
    }
    return true;
}

static void free_note(struct req_note *note)
{
    free(note->source);
    free(note->reading);
}

static void free_row(struct req_row *row)
{
    free(row->id);
    free(row->clause);
    free(row->quantity);
    free(row->text);
    free(row->group);
    free(row->status);
    free(row->note);
    free(row->why_not);
    for (size_t i = 0; i < row->value_count; i++) {
        free(row->value[i].name);
        free_note(&row->value[i].row.limit.note);
    }
    free(row->value);
    free_note(&row->limit.note);
    free_note(&row->delay.note);
    free_note(&row->release.limit.note);
    free_note(&row->release.delay.note);
}

void req_free(struct req_book *book)
{
    for (size_t t = 0; t < book->count; t++) {
        for (size_t i = 0; i < book->table[t].count; i++) {
            free_row(&book->table[t].row[i]);
        }
        for (size_t i = 0; i < book->table[t].of_count; i++) {
            free(book->table[t].of[i]);
        }
        free(book->table[t].of);
        free(book->table[t].row);
        free(book->table[t].system);
        free(book->table[t].file);
    }
    free(book->table);
    *book = (struct req_book){ 0 };
}

const struct req_row *req_find(const struct req_book *book, const char *id)
{
    for (size_t t = 0; t < book->count; t++) {
        for (size_t i = 0; i < book->table[t].count; i++) {
            if (book->table[t].row[i].id != NULL && strcmp(book->table[t].row[i].id, id) == 0) {
                return &book->table[t].row[i];
            }
        }
    }
    return NULL;
}

const struct req_row *req_value_find(const struct req_row *row, const char *name)
{
    for (size_t i = 0; i < row->value_count; i++) {
        if (strcmp(row->value[i].name, name) == 0) {
            return &row->value[i].row;
        }
    }
    return NULL;
}

/* Of a pack or set that is named by a file its name counts: "dir/mine.json" begins with "mine". */
static bool begins(const char *name, const char *with)
{
    const char *slash = name != NULL ? strrchr(name, '/') : NULL, *stem = slash != NULL ? slash + 1 : name;

    return stem != NULL && strncmp(stem, with, strlen(with)) == 0;
}

bool req_table_is_of(const struct req_table *table, const char *pack, const char *bms)
{
    bool is = table->of_count == 0 && (begins(pack, table->system) || begins(bms, table->system));

    for (size_t i = 0; i < table->of_count; i++) {
        is = is || strcmp(table->of[i], "all") == 0 || begins(pack, table->of[i]) || begins(bms, table->of[i]);
    }
    return is;
}

const char *req_nearest(const struct req_book *book, const char *id)
{
    const char *ids[NEAREST_MAX];
    size_t count = 0;

    for (size_t t = 0; t < book->count; t++) {
        for (size_t i = 0; i < book->table[t].count && count < NEAREST_MAX; i++) {
            if (book->table[t].row[i].id != NULL) {
                ids[count++] = book->table[t].row[i].id;
            }
        }
    }
    return diag_nearest(id, ids, count);
}
