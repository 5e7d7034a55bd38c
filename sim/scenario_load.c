#include "sim/scenario.h"

#include "sim/scenario_load.h"
#include "sim/sweep.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t load_ns(double seconds)
{
    return llround(seconds * LOAD_NS_PER_S);
}

bool load_expr(struct load *l, const cJSON *node, enum expr_want want, const struct quantity *req, struct expr *out,
               char **text)
{
    const struct expr_context context = { .limits = l->limits, .nominal_Ah = l->nominal_Ah, .req = req };
    const char *source = NULL;
    char error[200];
    size_t at = 0;

    if (node == NULL || !json_string(l->r.doc, node, &source, l->r.d)) {
        l->r.ok = l->r.ok && node == NULL;
        return false;
    }
    if (!expr_parse(source, strlen(source), want, &context, out, error, sizeof error, &at)) {
        format_error_in(&l->r, node, at, NULL, "%s", error);
        return false;
    }
    if (text != NULL) {
        *text = format_copy(&l->r, source);
    }
    return true;
}

bool load_label(struct load *l, const cJSON *node, size_t *step)
{
    const char *labels[64], *name = NULL, *nearest;
    char hint[120];
    size_t count = 0;

    if (!json_string(l->r.doc, node, &name, l->r.d) || name == NULL) {
        l->r.ok = false;
        return false;
    }
    for (size_t i = 0; i < l->s->step_count; i++) {
        const char *label = l->s->step[i].label;

        if (label != NULL && strcmp(label, name) == 0) {
            *step = i;
            return true;
        }
        if (label != NULL && count < sizeof labels / sizeof labels[0]) {
            labels[count++] = label;
        }
    }
    nearest = diag_nearest(name, labels, count);
    (void)snprintf(hint, sizeof hint, "did you mean \"%s\"?", nearest != NULL ? nearest : "");
    format_error(&l->r, node, nearest != NULL ? hint : NULL, "no step has the label \"%s\"", name);
    return false;
}

static void copy_text(struct load *l, const struct format_node *top, const char *name, char **out)
{
    const char *text = NULL;

    if (format_text(top, name, &text)) {
        *out = format_copy(&l->r, text);
    }
}

/* A pack or a parameter set: an id, or a file that is looked for beside the scenario. */
static void copy_name(struct load *l, const struct format_node *top, const char *name, char **out)
{
    const char *file = l->r.doc->file, *slash = strrchr(file, '/');
    char path[1024];

    copy_text(l, top, name, out);
    if (*out == NULL || !pack_facts_is_file(*out) || (*out)[0] == '/' || slash == NULL) {
        return;
    }
    if (snprintf(path, sizeof path, "%.*s/%s", (int)(slash - file), file, *out) >= (int)sizeof path) {
        format_error(&l->r, format_member(top, name), NULL, "the path is too long");
        return;
    }
    free(*out);
    *out = format_copy(&l->r, path);
}

static void load_tags(struct load *l, const struct format_node *top)
{
    const cJSON *tags = format_member(top, "tags"), *tag = NULL;

    if (tags == NULL || !json_array(l->r.doc, tags, 0, 100, l->r.d)) {
        l->r.ok = l->r.ok && tags == NULL;
        return;
    }
    l->s->tag = format_array(&l->r, (size_t)cJSON_GetArraySize(tags), sizeof *l->s->tag);
    cJSON_ArrayForEach(tag, tags)
    {
        const char *text = NULL;

        if (!json_string(l->r.doc, tag, &text, l->r.d)) {
            l->r.ok = false;
        } else if (l->s->tag != NULL) {
            l->s->tag[l->s->tag_count++] = format_copy(&l->r, text);
        }
    }
}

static void load_settings(struct load *l, const struct format_node *top)
{
    struct scenario *s = l->s;
    int64_t seed = 1;
    double phase_s = 0, end_s = NAN;
    int word = 0;

    copy_text(l, top, "title", &s->title);
    copy_name(l, top, "pack", &s->pack_id);
    copy_name(l, top, "bms", &s->bms_id);
    (void)json_string(l->r.doc, format_member(top, "about"), &(const char *){ NULL }, l->r.d);
    load_tags(l, top);
    (void)format_integer(top, "seed", &seed);
    s->seed = (uint64_t)seed;
    s->cold_boot = format_word(top, "boot", &word) && word == 1;
    word = 0;
    (void)format_word(top, "contacts", &word);
    s->contacts_rest_closed = word == 1;
    word = 0;
    (void)format_word(top, "front_end", &word);
    s->ideal_front_end = word == 1;
    s->noise = word == 2;
    (void)format_quantity(top, "phase", &phase_s);
    s->phase_ns = load_ns(phase_s);
    s->end_ns = format_quantity(top, "end", &end_s) ? load_ns(end_s) : -1;
}

/* The facts of the scenario's pack, from the cache or its file. */
static bool find_facts(struct load *l, struct pack_facts *out)
{
    struct load_cache *c = l->cache;

    if (c->pack_id == NULL || strcmp(c->pack_id, l->s->pack_id) != 0) {
        free(c->pack_id);
        c->pack_id = NULL;
        if (!pack_facts_find(l->world->model_folder, l->s->pack_id, &c->facts, l->r.d)) {
            return false;
        }
        c->pack_id = format_copy(&l->r, l->s->pack_id);
    }
    *out = c->facts;
    return true;
}

/* Looks the pack and the parameter set up; with an unknown pack the widest limits let the rest be checked too. */
static void load_world(struct load *l, const struct format_node *top)
{
    const cJSON *packs = format_member(top, "packs");
    struct pack_facts facts = { SCENARIO_CELLS_MAX, SCENARIO_TEMPS_MAX, 100.0 };
    char hint[300];

    l->s->pack_count = 1;
    if (packs != NULL && !json_array(l->r.doc, packs, 1, SCENARIO_PACKS_MAX, l->r.d)) {
        l->r.ok = false;
    } else if (packs != NULL) {
        l->s->pack_count = cJSON_GetArraySize(packs);
    }
    if (l->s->pack_id != NULL && pack_facts_exists(l->world->model_folder, "packs", l->s->pack_id)) {
        l->r.ok = find_facts(l, &facts) && l->r.ok;
    } else if (l->s->pack_id != NULL) {
        pack_facts_ids(l->world->model_folder, "packs", hint, sizeof hint);
        format_error(&l->r, format_member(top, "pack"), hint, "no pack \"%s\"", l->s->pack_id);
    }
    if (l->s->bms_id != NULL && !pack_facts_exists(l->world->params_folder, "", l->s->bms_id)) {
        pack_facts_ids(l->world->params_folder, "", hint, sizeof hint);
        format_error(&l->r, format_member(top, "bms"), hint, "no parameter set \"%s\"", l->s->bms_id);
    }
    l->limits = (struct signal_limits){ l->s->pack_count, facts.cells, facts.temps };
    l->nominal_Ah = facts.nominal_Ah;
}

/* One case; the tree is the document's, with every ${name} replaced. */
static bool load_case(struct json_doc *doc, const cJSON *tree, struct scenario *s, struct load_cache *cache,
                      const struct scenario_world *world, struct diag *d)
{
    struct load l = { .r = { doc, d, true }, .world = world, .s = s, .cache = cache };
    struct format_node top;
    char *printed;

    if (!format_open(&l.r, tree, FORMAT_SCENARIO, &top)) {
        return false;
    }
    load_settings(&l, &top);
    load_world(&l, &top);
    doc->nominal_Ah = l.nominal_Ah;
    load_initial(&l, &top);
    load_parameters(&l, &top);
    load_steps(&l, &top);
    load_expectations(&l, &top);
    if (l.r.ok) {
        load_check(&l);
    }
    printed = cJSON_Print(tree);
    s->resolved = printed != NULL ? format_copy(&l.r, printed) : NULL;
    cJSON_free(printed);
    return l.r.ok && s->resolved != NULL;
}

/* "scenarios/x/cell_over_voltage.json" -> "cell_over_voltage" */
static char *stem_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *stem = strdup(strcmp(path, "-") == 0 ? "stdin" : slash != NULL ? slash + 1 : path);
    char *dot = stem != NULL ? strrchr(stem, '.') : NULL;

    if (dot != NULL && dot != stem) {
        *dot = '\0';
    }
    return stem;
}

static void free_point(struct point *p)
{
    free(p->text);
}

static void free_scenario(struct scenario *s)
{
    for (size_t i = 0; i < s->step_count; i++) {
        free(s->step[i].until_text);
        free(s->step[i].label);
        free(s->step[i].action);
    }
    for (size_t i = 0; i < s->expect_count; i++) {
        free(s->expect[i].requirement);
        free(s->expect[i].what_text);
        free(s->expect[i].on_text);
        free_point(&s->expect[i].trigger);
        free_point(&s->expect[i].from);
        free_point(&s->expect[i].until);
    }
    for (size_t i = 0; i < s->tag_count; i++) {
        free(s->tag[i]);
    }
    free(s->file);
    free(s->stem);
    free(s->case_name);
    free(s->title);
    free(s->pack_id);
    free(s->bms_id);
    free(s->tag);
    free(s->parameter);
    free(s->step);
    free(s->expect);
    free(s->resolved);
}

void scenario_list_keep(struct scenario_list *list, size_t from, size_t number)
{
    const size_t end = list->count;

    list->count = from;
    for (size_t i = from; i < end; i++) {
        if (i + 1 == from + number) {
            list->item[list->count++] = list->item[i];
        } else {
            free_scenario(&list->item[i]);
        }
    }
}

void scenario_list_free(struct scenario_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free_scenario(&list->item[i]);
    }
    free(list->item);
    *list = (struct scenario_list){ 0 };
}

/* Into the next free place of the list. */
static bool load_one(struct scenario_list *list, const char *path, struct json_doc *doc, const struct sweep *sweep,
                     size_t i, struct load_cache *cache, const struct scenario_world *world, struct diag *d)
{
    struct scenario *s = &list->item[list->count++];
    cJSON *tree;
    bool ok = false;

    *s = (struct scenario){ .file = strdup(doc->file), .stem = stem_of(path), .end_ns = -1 };
    tree = sweep_case(sweep, i, &s->case_name, d);
    if (tree != NULL && s->file != NULL && s->stem != NULL) {
        ok = load_case(doc, tree, s, cache, world, d);
    }
    if (!ok && sweep->count > 1) {
        diag_plain(d, DIAG_WARNING, doc->file, NULL, "this is what is wrong with case %zu of %zu%s%s", i + 1,
                   sweep->count, s->case_name != NULL ? ": " : "", s->case_name != NULL ? s->case_name : "");
    }
    cJSON_Delete(tree);
    return ok;
}

static bool load_cases(struct scenario_list *list, const char *path, struct json_doc *doc,
                       const struct scenario_world *world, struct diag *d)
{
    const size_t before = list->count;
    struct load_cache cache = { 0 };
    struct scenario *grown;
    struct sweep sweep;
    bool ok = true;

    if (!cJSON_IsObject(doc->root)) {
        return json_object(doc, doc->root, d);
    }
    if (!sweep_open(&sweep, doc, d)) {
        return false;
    }
    grown = realloc(list->item, (before + sweep.count) * sizeof *grown);
    if (grown == NULL) {
        diag_plain(d, DIAG_ERROR, path, NULL, "out of memory");
        return false;
    }
    list->item = grown;
    for (size_t i = 0; i < sweep.count && ok; i++) {
        ok = load_one(list, path, doc, &sweep, i, &cache, world, d);
    }
    if (!ok) {
        scenario_list_keep(list, before, 0);
    }
    free(cache.pack_id);
    free(cache.bms_id);
    params_set_free(cache.params);
    return ok;
}

bool scenario_load(struct scenario_list *list, const char *path, const struct scenario_world *world, struct diag *d)
{
    struct json_doc doc;
    bool ok;

    if (!json_doc_load(&doc, path, d)) {
        return false;
    }
    ok = load_cases(list, path, &doc, world, d);
    json_doc_free(&doc);
    return ok;
}

bool scenario_parse(struct scenario_list *list, const char *name, const char *text, size_t size,
                    const struct scenario_world *world, struct diag *d)
{
    struct json_doc doc;
    bool ok;

    if (!json_doc_parse(&doc, name, text, size, d)) {
        return false;
    }
    ok = load_cases(list, name, &doc, world, d);
    json_doc_free(&doc);
    return ok;
}
