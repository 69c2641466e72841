/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_walk.h"

#include <stddef.h>

#include "base/base_text.h"
#include "model/model_take.h"

struct walk walk_make(struct arena *arena, struct content_faults *faults)
{
    faults->count = 0;
    return (struct walk){.arena = arena, .faults = faults};
}

static const char *code_word(enum cs_code code)
{
    static const char *const words[CS_CODE_COUNT] = {
        [CS_E_SHORT] = "syntax",  [CS_E_TRAILING] = "syntax", [CS_E_RANGE] = "range",
        [CS_E_SYNTAX] = "syntax", [CS_E_UTF8] = "utf8",       [CS_E_DUPLICATE] = "duplicate",
        [CS_E_DEPTH] = "depth",   [CS_E_UNKNOWN] = "unknown", [CS_E_MISSING] = "missing",
        [CS_E_TYPE] = "type",     [CS_E_FULL] = "too_large",
    };
    const char *word = code < CS_CODE_COUNT ? words[code] : NULL;
    return word != NULL ? word : "invalid";
}

void walk_fault(struct walk *w, enum cs_code code, const char *detail)
{
    struct content_faults *f = w->faults;

    if (f->count == CONTENT_FAULTS_MAX) {
        return;
    }
    struct content_fault *fault = &f->item[f->count];
    memset(fault, 0, sizeof(*fault));
    memcpy(fault->pointer, w->path, w->path_len);
    fault->code = code_word(code);
    fault->detail = detail;
    f->count++;
}

/* Keys are at most 64 bytes and the deepest path has three parts, so nothing is cut; if it were, it would stay text. */
size_t walk_enter(struct walk *w, struct span key)
{
    const size_t mark = w->path_len;
    const size_t room = sizeof(w->path) - 1 - mark;

    if (room > key.left) {
        w->path[mark] = '/';
        memcpy(w->path + mark + 1, key.p, key.left);
        w->path_len = mark + 1 + key.left;
    }
    return mark;
}

size_t walk_enter_item(struct walk *w, size_t index)
{
    uint8_t digits[20];
    struct writer text = wr_fixed(digits, sizeof(digits));

    wr_dec(&text, index);
    return walk_enter(w, wr_span(&text));
}

void walk_leave(struct walk *w, size_t mark)
{
    w->path_len = mark;
}

bool walk_is(struct walk *w, const struct json_value *v, enum json_kind kind, const char *hint)
{
    if (v->kind != kind) {
        walk_fault(w, CS_E_TYPE, hint);
    }
    return v->kind == kind;
}

/* The sentence for a member that is not known; names the nearest known one when half of its letters agree. */
static const char *unknown_detail(struct walk *w, struct span key, const struct walk_member *members, size_t count)
{
    size_t best = 0;
    size_t best_distance = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        const size_t d = text_distance(key, span_str(members[i].name));
        if (d < best_distance) {
            best = i;
            best_distance = d;
        }
    }
    if (best_distance > strlen(members[best].name) / 2) {
        return "No such member is known here. Leave it out.";
    }
    enum { SENTENCE_MAX = 128 };
    char *sentence = arena_alloc(w->arena, SENTENCE_MAX);
    if (sentence == NULL) {
        w->no_room = true;
        return "No such member is known here.";
    }
    (void)snprintf(sentence, SENTENCE_MAX, "No such member is known here. Did you mean %s?", members[best].name);
    return sentence;
}

void walk_object(struct walk *w, const struct json_value *v, const struct walk_member *members, size_t count,
                 void *into)
{
    for (const struct json_value *child = v->child; child != NULL; child = child->next) {
        size_t i = 0;
        while (i < count && !span_is(child->key, members[i].name)) {
            i++;
        }
        const size_t mark = walk_enter(w, child->key);
        if (i < count) {
            members[i].take(w, child, &members[i], into);
        } else {
            walk_fault(w, CS_E_UNKNOWN, unknown_detail(w, child->key, members, count));
        }
        walk_leave(w, mark);
    }
    for (size_t i = 0; i < count; i++) {
        if (members[i].required && json_tree_member(v, members[i].name) == NULL) {
            const size_t mark = walk_enter(w, span_str(members[i].name));
            walk_fault(w, CS_E_MISSING, members[i].hint);
            walk_leave(w, mark);
        }
    }
}

static void *at(void *into, const struct walk_member *m)
{
    return (uint8_t *)into + m->offset;
}

void walk_id(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    if (!walk_is(w, v, JSON_STRING, m->hint)) {
        return;
    }
    const struct cs_result r = text_id_check(v->text, m->max, m->name);
    if (r.code != CS_OK) {
        walk_fault(w, r.code, m->hint);
        return;
    }
    memcpy(at(into, m), &v->text, sizeof(v->text));
}

void walk_text(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    if (!walk_is(w, v, JSON_STRING, m->hint)) {
        return;
    }
    const size_t points = model_points(v->text);
    if (points < m->min || points > m->max) {
        walk_fault(w, CS_E_RANGE, m->hint);
        return;
    }
    memcpy(at(into, m), &v->text, sizeof(v->text));
}

void walk_count(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    if (!walk_is(w, v, JSON_INT, m->hint)) {
        return;
    }
    if (v->number < 0) {
        walk_fault(w, CS_E_RANGE, m->hint);
        return;
    }
    const uint64_t n = (uint64_t)v->number;
    memcpy(at(into, m), &n, sizeof(n));
}

void walk_digest(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct sha256 d = {0};

    if (!walk_is(w, v, JSON_STRING, m->hint)) {
        return;
    }
    const struct cs_result r = text_hex_decode(v->text, d.b, SHA256_BYTES, m->name);
    if (r.code != CS_OK) {
        walk_fault(w, r.code, m->hint);
        return;
    }
    memcpy(at(into, m), &d, sizeof(d));
}

bool walk_array_fits(struct walk *w, const struct json_value *v, const struct walk_member *m)
{
    if (!walk_is(w, v, JSON_ARRAY, m->hint)) {
        return false;
    }
    if (v->count < m->min || v->count > m->max) {
        walk_fault(w, CS_E_RANGE, m->hint);
        return false;
    }
    return true;
}

static const struct walk_member digest_members[] = {
    {"name", true, walk_id, offsetof(struct named_digest, name), 1, MODEL_NAME_MAX,
     "Send the artifact's name: letters, digits and ._@+:/- only, at most 256 bytes."},
    {"sha256", true, walk_digest, offsetof(struct named_digest, sha256), 0, 0,
     "Send the SHA-256 as 64 lower-case hex digits."},
};

static int by_name(const struct named_digest *a, const struct named_digest *b)
{
    return span_cmp(a->name, b->name);
}

/* Puts items[count] in its place among the items before it; false if its name is there already. */
static bool insert_digest(struct named_digest *items, size_t count)
{
    const struct named_digest added = items[count];
    size_t i = count;

    while (i > 0 && by_name(&items[i - 1], &added) > 0) {
        i--;
    }
    const bool fresh = i == 0 || by_name(&items[i - 1], &added) != 0;
    memmove(&items[i + 1], &items[i], (count - i) * sizeof(*items));
    items[i] = added;
    return fresh;
}

size_t walk_artifacts(struct walk *w, const struct json_value *v, const struct walk_member *m,
                      struct named_digest *items)
{
    size_t n = 0;

    if (!walk_array_fits(w, v, m)) {
        return 0;
    }
    for (const struct json_value *item = v->child; item != NULL; item = item->next) {
        const size_t mark = walk_enter_item(w, n);
        struct named_digest *d = &items[n];
        if (walk_is(w, item, JSON_OBJECT, m->hint)) {
            walk_object(w, item, digest_members, sizeof(digest_members) / sizeof(digest_members[0]), d);
        }
        if (d->name.left > 0 && !insert_digest(items, n)) {
            walk_fault(w, CS_E_DUPLICATE, "Name each artifact once.");
        }
        n++;
        walk_leave(w, mark);
    }
    return n;
}

static bool insert_id(struct span *items, size_t count, struct span added)
{
    size_t i = count;

    while (i > 0 && span_cmp(items[i - 1], added) > 0) {
        i--;
    }
    const bool fresh = i == 0 || !span_eq(items[i - 1], added);
    memmove(&items[i + 1], &items[i], (count - i) * sizeof(*items));
    items[i] = added;
    return fresh;
}

size_t walk_ids(struct walk *w, const struct json_value *v, const struct walk_member *m, size_t id_max,
                struct span **ret_items)
{
    size_t n = 0;
    size_t index = 0;

    if (!walk_array_fits(w, v, m)) {
        return 0;
    }
    struct span *items = arena_array(w->arena, v->count, sizeof(*items));
    if (items == NULL) {
        w->no_room = true;
        return 0;
    }
    for (const struct json_value *item = v->child; item != NULL; item = item->next) {
        const size_t mark = walk_enter_item(w, index++);
        if (item->kind != JSON_STRING || text_id_check(item->text, id_max, m->name).code != CS_OK) {
            walk_fault(w, item->kind != JSON_STRING ? CS_E_TYPE : CS_E_SYNTAX, m->hint);
        } else if (!insert_id(items, n++, item->text)) {
            walk_fault(w, CS_E_DUPLICATE, m->hint);
        }
        walk_leave(w, mark);
    }
    *ret_items = items;
    return n;
}

CS_RESULT walk_document(struct span body, struct walk *w, const struct walk_member *members, size_t count, void *into)
{
    static const char object_hint[] = "Send one JSON object.";
    const struct json_value *top = NULL;

    const struct cs_result r = json_tree_parse(body, w->arena, &top);
    if (r.code != CS_OK) {
        walk_fault(w, r.code, "Send JSON of the profile in docs/formats/json.md.");
        return r;
    }
    if (walk_is(w, top, JSON_OBJECT, object_hint)) {
        walk_object(w, top, members, count, into);
    }
    ENSURE(!w->no_room, CS_E_NOMEM, "body");
    return CS_SUCCESS;
}
