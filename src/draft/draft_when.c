/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions as written (`any`, `all`, `not`, bounds) to conditions as judged: all of a list, each one of alternatives
 * (docs/adr/0061). `not` goes inward, `any` over `all` is multiplied out, what another condition implies is left out.
 */
#include "base/base_text.h"
#include "draft/draft_parts.h"

enum { NESTED_MAX = 8, BOUND_MAX_OFF = 2 };

/* Alternatives: canonical tests, sorted, distinct. */
struct clause {
    struct span test[POLICY_FIELDS_MAX];
    size_t count;
};

/* All of them; none: always. One without alternatives: never. */
struct shape {
    struct clause clause[POLICY_FIELDS_MAX];
    size_t count;
};

/* One for a document, because a shape is large. */
struct draft_room {
    struct shape sum[NESTED_MAX];
    struct shape product; /* for multiplying */
    struct shape one;     /* a test */
};

/* A map or list on the way down. */
struct frame {
    const struct draft_node *next;
    bool list;
    bool negate;
    bool any; /* after negation: alternatives */
    struct shape *sum;
};

struct walk {
    struct draft_ctx *c;
    struct frame frame[NESTED_MAX];
    size_t depth;
    struct draft_room *room;
    const struct draft_node *top;
    bool widens; /* it must hold for sure: nothing is added */
    bool earns;  /* likewise, and only how things went counts */
    bool too_large;
};

/* --- shapes --- */

static void add_test(struct walk *w, struct clause *cl, struct span test)
{
    size_t i = cl->count;

    while (i > 0 && span_cmp(cl->test[i - 1], test) > 0) {
        i--;
    }
    if (i > 0 && span_eq(cl->test[i - 1], test)) {
        return;
    }
    if (cl->count == POLICY_FIELDS_MAX) {
        w->too_large = true;
        return;
    }
    memmove(&cl->test[i + 1], &cl->test[i], (cl->count - i) * sizeof(cl->test[0]));
    cl->test[i] = test;
    cl->count++;
}

/* Is each alternative of a one of b's? Then b follows from a. */
static bool within(const struct clause *a, const struct clause *b)
{
    for (size_t i = 0; i < a->count; i++) {
        size_t k = 0;
        while (k < b->count && !span_eq(a->test[i], b->test[k])) {
            k++;
        }
        if (k == b->count) {
            return false;
        }
    }
    return true;
}

static void add_clause(struct walk *w, struct shape *s, const struct clause *cl)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->count; i++) {
        if (within(&s->clause[i], cl)) {
            return;
        }
    }
    for (size_t i = 0; i < s->count; i++) {
        if (!within(cl, &s->clause[i])) {
            if (kept != i) {
                s->clause[kept] = s->clause[i];
            }
            kept++;
        }
    }
    s->count = kept;
    if (s->count == POLICY_FIELDS_MAX) {
        w->too_large = true;
        return;
    }
    s->clause[s->count++] = *cl;
}

static void put_and(struct walk *w, struct shape *sum, const struct shape *more)
{
    for (size_t i = 0; i < more->count; i++) {
        add_clause(w, sum, &more->clause[i]);
    }
}

static void put_or(struct walk *w, struct shape *sum, const struct shape *more)
{
    w->room->product.count = 0;
    for (size_t i = 0; i < sum->count; i++) {
        for (size_t k = 0; k < more->count; k++) {
            struct clause both = sum->clause[i];
            for (size_t t = 0; t < more->clause[k].count; t++) {
                add_test(w, &both, more->clause[k].test[t]);
            }
            add_clause(w, &w->room->product, &both);
        }
    }
    memcpy(sum, &w->room->product, sizeof(*sum));
}

static void combine(struct walk *w, struct frame *f, const struct shape *more)
{
    if (f->any) {
        put_or(w, f->sum, more);
    } else {
        put_and(w, f->sum, more);
    }
}

/* --- tests --- */

/* YAML is UTF-8; the core counts bytes, four for a letter. */
static size_t letters(struct span t)
{
    size_t n = 0;
    for (size_t i = 0; i < t.left; i++) {
        n += (t.p[i] & 0xc0U) != 0x80U ? 1U : 0U;
    }
    return n;
}

static bool value_fits(struct walk *w, const struct draft_node *v)
{
    if (v->kind != DRAFT_SCALAR) {
        draft_fault(w->c->d, v->at, "a single value belongs here");
    } else if (draft_is_odd(v)) {
        draft_fault(w->c->d, v->at,
                    "`%s` means different things to different readers; write true, false, a whole number, "
                    "or put it in quotes",
                    draft_show(v->text).text);
    } else if (v->text.left == 0 || letters(v->text) > MODEL_TITLE_MAX) {
        draft_fault(w->c->d, v->at, "a value has from 1 to %d characters", MODEL_TITLE_MAX);
    } else {
        return true;
    }
    return false;
}

static bool is_declared(struct draft_names names, struct span value, bool glob)
{
    size_t i = 0;
    while (i < names.count && !(glob ? model_glob(value, names.item[i]) : span_eq(value, names.item[i]))) {
        i++;
    }
    return i < names.count;
}

static void check_values(struct walk *w, struct span name, const struct draft_set *set, bool glob)
{
    const bool environment = span_is(name, "environment");
    const bool closed = environment || span_is(name, "change_type");
    const struct draft_names names = environment ? w->c->environments : w->c->change_types;

    for (size_t i = 0; i < set->count; i++) {
        const struct draft_node *v = set->item[i].node;
        if (!value_fits(w, v)) {
            continue;
        }
        if (glob && !model_policy_is_pattern(v->text)) {
            draft_fault(w->c->d, v->at, "a pattern has a star that stands for any text, and no two together");
        } else if (closed && !is_declared(names, v->text, glob)) {
            draft_fault(w->c->d, v->at, "`%s` does not have `%s`%s", environment ? "environments" : "change_types",
                        draft_show(v->text).text, draft_hint_names(v->text, names).text);
        }
    }
}

/* The test's one spelling. */
static void write_test(struct walk *w, const char *form, const struct draft_set *set, int64_t bound, struct span name,
                       uint64_t window_s)
{
    AUTO_WRITER text = wr_heap(DRAFT_TEXT_MAX);
    struct json_out o = json_out_make(&text);
    struct clause *cl = &w->room->one.clause[0];

    json_put_object(&o, NULL);
    if (set != NULL) {
        json_put_array(&o, form);
        for (size_t i = 0; i < set->count; i++) {
            json_put_str(&o, NULL, set->item[i].node->text);
        }
        json_put_close(&o);
    } else {
        json_put_int(&o, form, bound);
    }
    json_put_str(&o, "name", name);
    if (window_s != 0) {
        json_put_uint(&o, "window_s", window_s);
    }
    json_put_close(&o);
    w->room->one.count = 1;
    cl->count = 1;
    if (json_out_end(&o, "when").code != CS_OK ||
        arena_copy(w->c->d->arena, wr_span(&text), &cl->test[0]).code != CS_OK) {
        w->c->d->no_room = w->c->d->no_room || draft_good(w->c->d); /* after a fault the text may be none */
        cl->test[0] = SPAN_NONE;
    }
}

/* `change_type` is one of these. */
static void write_names(struct walk *w, struct draft_names names)
{
    struct draft_node *node = arena_array(w->c->d->arena, names.count, sizeof(*node));
    struct draft_item *item = arena_array(w->c->d->arena, names.count, sizeof(*item));
    size_t n = 0;

    for (; node != NULL && item != NULL && n < names.count; n++) {
        size_t at = n;
        node[n] = (struct draft_node){.kind = DRAFT_SCALAR, .text = names.item[n]};
        for (; at > 0 && span_cmp(item[at - 1].node->text, names.item[n]) > 0; at--) {
            item[at] = item[at - 1];
        }
        item[at].node = &node[n];
    }
    w->c->d->no_room = w->c->d->no_room || n < names.count;
    write_test(w, "is", &(struct draft_set){.item = item, .count = n}, 0, SPAN_LIT("change_type"), 0);
}

/* What only emergencies name is a change like any other, until the condition itself names it: whoever calls a change so
 * avoids no rule. */
static void add_emergency_types(struct walk *w, const struct draft_set *set, bool glob)
{
    const struct draft_names more = {.item = w->c->change_types.item + w->c->declared_types,
                                     .count = w->c->change_types.count - w->c->declared_types};
    struct clause *cl = &w->room->one.clause[0];
    const struct span own = cl->test[0];

    for (size_t i = 0; i < set->count; i++) {
        if (is_declared(more, set->item[i].node->text, glob)) {
            return;
        }
    }
    if (more.count == 0) {
        return;
    }
    write_names(w, more);
    add_test(w, cl, own);
}

static void take_values(struct walk *w, struct frame *f, const struct draft_node *v, struct span name, bool glob)
{
    const struct draft_set set = draft_take_set(w->c, v, POLICY_NAMES_MAX, "a list of values");

    check_values(w, name, &set, glob);
    write_test(w, glob ? (f->negate ? "glob_not" : "glob") : (f->negate ? "is_not" : "is"), &set, 0, name, 0);
    if (!f->negate && !w->widens && span_is(name, "change_type")) {
        add_emergency_types(w, &set, glob);
    }
}

static const struct bound_form {
    const char *key;
    bool least; /* a bound from below */
    int64_t off;
} bounds[] = {{"ge", true, 0}, {"gt", true, 1}, {"le", false, 0}, {"lt", false, -1}};

static void take_bound(struct walk *w, struct frame *f, const struct draft_node *v, struct span name,
                       const struct bound_form *form)
{
    int64_t n = 0;

    if (!draft_integer(v, &n) || n > JSON_INT_MAX - BOUND_MAX_OFF || n < -(JSON_INT_MAX - BOUND_MAX_OFF)) {
        draft_fault(w->c->d, v->at, "`%s` is a whole number", form->key);
    }
    if (!span_starts(name, SPAN_LIT("attributes."))) {
        draft_fault(w->c->d, v->at, "only attributes have numbers, `%s` does not", draft_show(name).text);
    }
    n += form->off;
    if (f->negate) {
        n += form->least ? -1 : 1;
    }
    write_test(w, form->least != f->negate ? "ge" : "le", NULL, n, name, 0);
}

/* All of them, or under `not` one of their opposites. */
static void take_history(struct walk *w, const struct draft_node *v)
{
    struct frame *f = &w->frame[w->depth - 1];
    struct frame g = {.negate = f->negate, .any = f->negate};

    if (w->depth == NESTED_MAX) {
        draft_fault(w->c->d, v->at, "conditions nested more than %d deep", NESTED_MAX);
        return;
    }
    g.sum = &w->room->sum[w->depth];
    g.sum->clause[0].count = 0;
    g.sum->count = g.any ? 1 : 0;
    const struct draft_history h = draft_history_read(w->c, v);
    for (size_t i = 0; i < h.count; i++) {
        const struct draft_measure *m = &h.item[i];
        const int64_t off = f->negate ? (m->least ? -1 : 1) : 0;
        write_test(w, m->least != f->negate ? "ge" : "le", NULL, m->bound + off, m->name, h.window_s);
        combine(w, &g, &w->room->one);
    }
    combine(w, f, g.sum);
}

/* One of `{ ge: 2000, lt: 3000 }`. False for an unknown one. */
static bool take_form(struct walk *w, struct frame *f, const struct draft_node *v, struct span name)
{
    static const char *const words[] = {"ge", "glob", "gt", "le", "lt"};

    if (span_is(v->key->text, "glob")) {
        take_values(w, f, v, name, true);
        return true;
    }
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
        if (span_is(v->key->text, bounds[i].key)) {
            take_bound(w, f, v, name, &bounds[i]);
            return true;
        }
    }
    draft_fault(w->c->d, v->key->at, "`%s` is no comparison: ge, glob, gt, le and lt are%s",
                draft_show(v->key->text).text,
                draft_hint_words(v->key->text, words, sizeof(words) / sizeof(words[0])).text);
    return false;
}

static void take_name(struct walk *w, const struct draft_node *v)
{
    static const char *const words[] = {"all", "any",     "change_type", "environment",       "history", "initiator",
                                        "not", "service", "source.ref",  "source.repository", "trigger"};
    const struct span name = v->key->text;

    if (span_is(name, "history")) {
        take_history(w, v);
        return;
    }
    if (w->earns) {
        draft_fault(w->c->d, v->key->at, "only `history` earns anything, not what a request says of itself");
        return;
    }
    if (!model_policy_is_condition(name) || model_history_is_name(name) || name.left > MODEL_ACCOUNT_MAX) {
        draft_fault(w->c->d, v->key->at, "no condition can ask for `%s`%s", draft_show(name).text,
                    draft_hint_words(name, words, sizeof(words) / sizeof(words[0])).text);
        return;
    }
    struct frame *f = &w->frame[w->depth - 1];
    if (v->kind != DRAFT_MAP) {
        take_values(w, f, v, name, false);
        combine(w, f, &w->room->one);
        return;
    }
    if (v->count != 1) {
        draft_fault(w->c->d, v->at, "one comparison belongs here; put several under `all` or `any`");
        return;
    }
    if (take_form(w, f, v->child, name)) {
        combine(w, f, &w->room->one);
    }
}

/* --- the walk --- */

static void push(struct walk *w, const struct draft_node *v, bool negate, bool any)
{
    const bool list = v->kind == DRAFT_LIST;

    if (v->count == 0 || v->kind == DRAFT_SCALAR) {
        draft_fault(w->c->d, v->at, "a condition belongs here, such as { environment: production }");
        return;
    }
    if (w->depth == NESTED_MAX) {
        draft_fault(w->c->d, v->at, "conditions nested more than %d deep", NESTED_MAX);
        return;
    }
    struct frame *f = &w->frame[w->depth];
    *f = (struct frame){.next = v->child, .list = list, .negate = negate, .any = any != negate};
    f->sum = &w->room->sum[w->depth];
    f->sum->clause[0].count = 0;
    f->sum->count = f->any ? 1 : 0; /* never, to which alternatives are added; or always */
    w->depth++;
}

static void step(struct walk *w, const struct draft_node *v)
{
    const struct frame *f = &w->frame[w->depth - 1];
    const bool any = !f->list && span_is(v->key->text, "any");
    const bool all = !f->list && span_is(v->key->text, "all");

    if (f->list) {
        if (draft_is(w->c, v, DRAFT_MAP, "a condition belongs here, such as { environment: production }")) {
            push(w, v, f->negate, false);
        }
    } else if (any || all) {
        if (draft_is(w->c, v, DRAFT_LIST, "a list of conditions belongs here")) {
            push(w, v, f->negate, any);
        }
    } else if (span_is(v->key->text, "not")) {
        if (draft_is(w->c, v, DRAFT_MAP, "one condition belongs here, such as { environment: production }")) {
            push(w, v, !f->negate, false);
        }
    } else {
        take_name(w, v);
    }
}

/* The whole condition, in w->frame[0].sum. */
static void run(struct walk *w)
{
    push(w, w->top, false, false);
    while (w->depth > 0 && !w->too_large) {
        struct frame *f = &w->frame[w->depth - 1];
        if (f->next != NULL) {
            const struct draft_node *v = f->next;
            f->next = v->next;
            step(w, v);
        } else {
            w->depth--;
            if (w->depth > 0) {
                combine(w, &w->frame[w->depth - 1], f->sum);
            }
        }
    }
}

static int clause_cmp(const void *va, const void *vb)
{
    const struct clause *a = va;
    const struct clause *b = vb;

    for (size_t i = 0; i < a->count && i < b->count; i++) {
        const int order = span_cmp(a->test[i], b->test[i]);
        if (order != 0) {
            return order;
        }
    }
    return a->count < b->count ? -1 : (a->count > b->count ? 1 : 0);
}

static void write_shape(struct draft_ctx *c, const char *member, struct shape *s)
{
    if (s->count > 1) {
        qsort(s->clause, s->count, sizeof(s->clause[0]), clause_cmp);
    }
    json_put_array(c->o, member);
    for (size_t i = 0; i < s->count; i++) {
        const struct clause *cl = &s->clause[i];
        if (cl->count > 1) {
            json_put_object(c->o, NULL);
            json_put_array(c->o, "any");
        }
        for (size_t k = 0; k < cl->count; k++) {
            json_put_raw(c->o, NULL, cl->test[k]);
        }
        if (cl->count > 1) {
            json_put_close(c->o);
            json_put_close(c->o);
        }
    }
    json_put_close(c->o);
}

void draft_put_when(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (c->room == NULL) {
        c->room = arena_alloc(c->d->arena, sizeof(*c->room));
    }
    if (c->room == NULL) {
        c->d->no_room = true;
        return;
    }
    struct walk w = {.c = c,
                     .top = v,
                     .room = c->room,
                     .widens = row->otherwise == DRAFT_WHEN_WIDENS,
                     .earns = row->otherwise == DRAFT_WHEN_EARNS};
    if (!draft_is(c, v, DRAFT_MAP, "a condition is a map, such as { environment: production }")) {
        return;
    }
    run(&w);
    if (w.too_large) {
        draft_fault(c->d, v->at, "multiplied out this has more than %d conditions or alternatives; write several rules",
                    POLICY_FIELDS_MAX);
    } else if (draft_good(c->d)) {
        write_shape(c, row->member, &c->room->sum[0]);
    }
}
