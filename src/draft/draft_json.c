/* SPDX-License-Identifier: Apache-2.0 */
#include "draft/draft_json.h"

#include "draft/draft_rows.h"

/* A list or map on the way down; a map's members by key. */
struct level {
    struct draft_item *item;
    size_t count;
    size_t at;
    bool map;
};

static int by_key(const void *va, const void *vb)
{
    const struct draft_item *a = va;
    const struct draft_item *b = vb;
    return span_cmp(a->node->key->text, b->node->key->text);
}

static CS_RESULT open_level(struct draft *d, const struct draft_node *v, struct json_out *o, struct level *ret_level)
{
    struct level l = {.map = v->kind == DRAFT_MAP};

    l.item = arena_array(d->arena, v->count + 1, sizeof(*l.item));
    ENSURE(l.item != NULL, CS_E_NOMEM, "request");
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        l.item[l.count++].node = m;
    }
    if (l.map && l.count > 1) {
        qsort(l.item, l.count, sizeof(l.item[0]), by_key);
    }
    if (l.map) {
        json_put_object(o, NULL);
    } else {
        json_put_array(o, NULL);
    }
    *ret_level = l;
    return CS_SUCCESS;
}

static void put_scalar(const struct draft_node *v, struct json_out *o)
{
    int64_t n = 0;

    if (draft_integer(v, &n)) {
        json_put_int(o, NULL, n);
    } else if (v->plain && (span_is(v->text, "true") || span_is(v->text, "false"))) {
        json_put_bool(o, NULL, span_is(v->text, "true"));
    } else {
        json_put_str(o, NULL, v->text);
    }
}

static bool is_key(struct span key)
{
    bool good = key.left >= 1 && key.left <= JSON_KEY_MAX && key.p[0] >= 'a' && key.p[0] <= 'z';
    for (size_t i = 1; good && i < key.left; i++) {
        const uint8_t c = key.p[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    return good;
}

static void put_key(struct draft *d, const struct draft_node *v, struct json_out *o)
{
    if (!is_key(v->key->text)) {
        draft_fault(d, v->key->at, "`%s` is no key: lower-case letters, digits and _ only",
                    draft_show(v->key->text).text);
    }
    json_put_key(o, v->key->text);
}

CS_RESULT draft_json(struct draft *d, const struct draft_node *v, struct writer *w)
{
    struct level level[DRAFT_DEPTH_MAX];
    struct json_out o = json_out_make(w);
    size_t depth = 0;

    if (v->kind == DRAFT_SCALAR) {
        put_scalar(v, &o);
    } else {
        TRY(open_level(d, v, &o, &level[depth++]));
    }
    while (depth > 0) {
        struct level *l = &level[depth - 1];
        if (l->at == l->count) {
            json_put_close(&o);
            depth--;
            continue;
        }
        const struct draft_node *m = l->item[l->at++].node;
        if (l->map) {
            put_key(d, m, &o);
        }
        if (m->kind == DRAFT_SCALAR) {
            put_scalar(m, &o);
        } else {
            ENSURE(depth < DRAFT_DEPTH_MAX, CS_E_DEPTH, "request"); /* the loader kept it */
            TRY(open_level(d, m, &o, &level[depth++]));
        }
    }
    ENSURE(!d->no_room, CS_E_NOMEM, "request");
    ENSURE(draft_good(d), CS_E_REFUSED, "request");
    return json_out_end(&o, "request");
}
