/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_tree.h"

#include "json/json_scan.h"

/* One open container. Members are linked as they come and sorted when it closes. */
struct frame {
    struct json_value *node;
    struct json_value *last;
    bool sorted;
};

struct parser {
    struct reader r;
    struct arena *arena;
    struct span text;
    unsigned depth;
    bool foreign; /* keys may be any text */
    struct frame frame[JSON_DEPTH_MAX];
};

static bool is_container(const struct json_value *v)
{
    return v->kind == JSON_OBJECT || v->kind == JSON_ARRAY;
}

static void skip_space(struct reader *r)
{
    while (r->rest.left > 0 &&
           (r->rest.p[0] == ' ' || r->rest.p[0] == '\n' || r->rest.p[0] == '\t' || r->rest.p[0] == '\r')) {
        r->rest.p++;
        r->rest.left--;
        r->at++;
    }
}

static bool next_is(const struct parser *p, char byte)
{
    return p->r.rest.left > 0 && p->r.rest.p[0] == (uint8_t)byte;
}

static CS_RESULT scalar(struct parser *p, struct json_value *v)
{
    struct json_text t = {0};

    if (v->kind == JSON_STRING) {
        TRY(json_scan_string(&p->r, JSON_FREE, "json", &t));
        return json_scan_decode(t, p->arena, "json", &v->text);
    }
    if (v->kind == JSON_INT) {
        return json_scan_int(&p->r, JSON_FREE, "json", &v->number);
    }
    return json_scan_word(&p->r, "json", &v->kind, &v->flag);
}

static CS_RESULT open_node(struct parser *p, struct json_value *v)
{
    if (p->depth >= JSON_DEPTH_MAX) {
        return CS_FAIL_AT(CS_E_DEPTH, "json", p->r.at);
    }
    TRY(json_scan_byte(&p->r, v->kind == JSON_ARRAY ? '[' : '{', "json"));
    p->frame[p->depth] = (struct frame){.node = v, .last = NULL, .sorted = true};
    p->depth++;
    return CS_SUCCESS;
}

/* A new value, linked under the open container, with the member's key already taken if there is one. */
static CS_RESULT new_value(struct parser *p, struct span key, struct json_value **ret_value)
{
    struct json_value *v = arena_alloc(p->arena, sizeof(*v));
    ENSURE(v != NULL, CS_E_NOMEM, "json");
    v->key = key;
    v->text = SPAN_LIT("");
    v->kind = json_scan_kind(p->r.rest);
    if (p->depth > 0) {
        struct frame *f = &p->frame[p->depth - 1];
        if (f->last == NULL) {
            f->node->child = v;
        } else {
            f->sorted = f->sorted && span_cmp(f->last->key, key) < 0;
            f->last->next = v;
        }
        f->last = v;
        f->node->count++;
    }
    *ret_value = v;
    return CS_SUCCESS;
}

/* Takes the smaller head of two sorted lists. */
static struct json_value *take_least(struct json_value **a, struct json_value **b)
{
    struct json_value **from = *b == NULL || (*a != NULL && span_cmp((*a)->key, (*b)->key) <= 0) ? a : b;
    struct json_value *v = *from;
    *from = v->next;
    return v;
}

/* Cuts the first n values off the list. */
static struct json_value *cut(struct json_value **list, size_t n)
{
    struct json_value *head = *list;
    struct json_value *v = head;

    for (size_t i = 1; v != NULL && i < n; i++) {
        v = v->next;
    }
    if (v == NULL) {
        *list = NULL;
        return head;
    }
    *list = v->next;
    v->next = NULL;
    return head;
}

/* Bottom-up merge sort: n log n for any order an outsider sends. */
static struct json_value *sort_by_key(struct json_value *list, size_t count)
{
    for (size_t run = 1; run < count; run *= 2) {
        struct json_value *rest = list;
        struct json_value **tail = &list;
        while (rest != NULL) {
            struct json_value *a = cut(&rest, run);
            struct json_value *b = cut(&rest, run);
            while (a != NULL || b != NULL) {
                *tail = take_least(&a, &b);
                tail = &(*tail)->next;
            }
        }
        *tail = NULL;
    }
    return list;
}

static CS_RESULT close_node(struct parser *p)
{
    p->depth--;
    const struct frame *f = &p->frame[p->depth];
    const bool array = f->node->kind == JSON_ARRAY;

    TRY(json_scan_byte(&p->r, array ? ']' : '}', "json"));
    if (array || f->sorted) {
        return CS_SUCCESS;
    }
    f->node->child = sort_by_key(f->node->child, f->node->count);
    for (const struct json_value *v = f->node->child; v->next != NULL; v = v->next) {
        if (span_eq(v->key, v->next->key)) {
            /* a key of the profile stands in the text itself; an unescaped foreign one may not */
            return CS_FAIL_AT(CS_E_DUPLICATE, "json", p->foreign ? p->r.at : (size_t)(v->next->key.p - p->text.p));
        }
    }
    return CS_SUCCESS;
}

static CS_RESULT take_key(struct parser *p, struct span *ret_key)
{
    struct json_text t = {0};

    if (!p->foreign) {
        return json_scan_key(&p->r, "json", ret_key);
    }
    TRY(json_scan_string(&p->r, JSON_FREE, "json", &t));
    return json_scan_decode(t, p->arena, "json", ret_key);
}

/* Ends every container that ends here; then, if one is still open, takes the comma and the key of its next value. */
static CS_RESULT step(struct parser *p, struct span *ret_key)
{
    *ret_key = SPAN_NONE;
    skip_space(&p->r);
    while (p->depth > 0 && next_is(p, p->frame[p->depth - 1].node->kind == JSON_ARRAY ? ']' : '}')) {
        TRY(close_node(p));
        skip_space(&p->r);
    }
    if (p->depth == 0) {
        return CS_SUCCESS;
    }
    const struct frame *f = &p->frame[p->depth - 1];
    if (f->last != NULL) {
        TRY(json_scan_byte(&p->r, ',', "json"));
        skip_space(&p->r);
    }
    if (f->node->kind == JSON_OBJECT) {
        TRY(take_key(p, ret_key));
        skip_space(&p->r);
        TRY(json_scan_byte(&p->r, ':', "json"));
        skip_space(&p->r);
    }
    return CS_SUCCESS;
}

static CS_RESULT parse(struct span text, bool foreign, struct arena *arena, const struct json_value **ret_top)
{
    struct parser p = {.r = {.rest = text, .at = 0}, .arena = arena, .text = text, .foreign = foreign};
    struct json_value *top = NULL;
    struct span key = SPAN_NONE;

    skip_space(&p.r);
    do {
        struct json_value *v = NULL;
        TRY(new_value(&p, key, &v));
        if (is_container(v)) {
            TRY(open_node(&p, v));
        } else {
            TRY(scalar(&p, v));
        }
        top = top == NULL ? v : top;
        TRY(step(&p, &key));
    } while (p.depth > 0);
    TRY(rd_end(&p.r, "json"));
    *ret_top = top;
    return CS_SUCCESS;
}

CS_RESULT json_tree_parse(struct span text, struct arena *arena, const struct json_value **ret_top)
{
    return parse(text, false, arena, ret_top);
}

CS_RESULT json_tree_parse_foreign(struct span text, struct arena *arena, const struct json_value **ret_top)
{
    return parse(text, true, arena, ret_top);
}

/* A scalar, or the opening of a container. */
static void write_start(const struct json_value *v, struct json_out *o)
{
    switch (v->kind) {
    case JSON_STRING:
        json_put_str(o, NULL, v->text);
        break;
    case JSON_INT:
        json_put_int(o, NULL, v->number);
        break;
    case JSON_BOOL:
        json_put_bool(o, NULL, v->flag);
        break;
    case JSON_NULL:
        json_put_null(o, NULL);
        break;
    case JSON_OBJECT:
        json_put_object(o, NULL);
        break;
    case JSON_ARRAY:
        json_put_array(o, NULL);
        break;
    case JSON_BAD:
        o->w->fail = o->w->fail == CS_OK ? CS_E_STATE : o->w->fail; /* no parse makes it */
        break;
    }
}

/* Containers that are being written, outermost first. */
struct path {
    unsigned depth;
    const struct json_value *node[JSON_DEPTH_MAX];
};

/* The value that is written after `at`, closing what ends before it; NULL at the very end. */
static const struct json_value *write_next(const struct json_value *at, struct path *p, struct json_out *o)
{
    const struct json_value *next = p->depth > 0 ? at->next : NULL;

    if (is_container(at)) {
        p->node[p->depth++] = at;
        next = at->child;
    }
    while (next == NULL && p->depth > 0) {
        json_put_close(o);
        p->depth--;
        next = p->depth > 0 ? p->node[p->depth]->next : NULL;
    }
    return next;
}

void json_tree_write(const struct json_value *v, struct json_out *o, const char *key)
{
    struct path p = {.depth = 0};

    if (key != NULL) {
        json_put_key(o, span_str(key));
    }
    while (v != NULL) {
        if (p.depth > 0 && p.node[p.depth - 1]->kind == JSON_OBJECT) {
            json_put_key(o, v->key);
        }
        write_start(v, o);
        if (o->w->fail != CS_OK) {
            return; /* too deep is among the reasons, so p.node below has room */
        }
        v = write_next(v, &p, o);
    }
}

const struct json_value *json_tree_member(const struct json_value *v, const char *key)
{
    if (v == NULL || v->kind != JSON_OBJECT) {
        return NULL;
    }
    const struct json_value *m = v->child;
    while (m != NULL && !span_is(m->key, key)) {
        m = m->next;
    }
    return m;
}
