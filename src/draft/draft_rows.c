/* SPDX-License-Identifier: Apache-2.0 */
#include "draft/draft_rows.h"

#include "base/base_text.h"

enum { ID_MAX = MODEL_ID_MAX };

bool draft_is(struct draft_ctx *c, const struct draft_node *v, enum draft_kind kind, const char *hint)
{
    if (v->kind != kind) {
        draft_fault(c->d, v->at, "%s", hint);
    }
    return v->kind == kind;
}

const char *draft_nearest(struct span word, const char *const *words, size_t count)
{
    const char *best = NULL;
    size_t best_distance = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        const size_t d = text_distance(word, span_str(words[i]));
        if (words[i][0] != '\0' && d < best_distance) {
            best = words[i];
            best_distance = d;
        }
    }
    return best != NULL && best_distance <= strlen(best) / 2 ? best : NULL;
}

static struct draft_hint hint_of(const char *nearest)
{
    struct draft_hint h = {{0}};
    if (nearest != NULL) {
        (void)snprintf(h.text, sizeof(h.text), "; did you mean `%.*s`?", DRAFT_SHOWN_MAX, nearest);
    }
    return h;
}

struct draft_hint draft_hint_words(struct span word, const char *const *words, size_t count)
{
    return hint_of(draft_nearest(word, words, count));
}

struct draft_hint draft_hint_names(struct span word, struct draft_names names)
{
    struct span best = SPAN_NONE;
    size_t best_distance = SIZE_MAX;

    for (size_t i = 0; i < names.count; i++) {
        const size_t d = text_distance(word, names.item[i]);
        best = d < best_distance ? names.item[i] : best;
        best_distance = d < best_distance ? d : best_distance;
    }
    return hint_of(best_distance <= best.left / 2 ? draft_show(best).text : NULL);
}

bool draft_has(struct draft_names names, struct span word)
{
    size_t i = 0;
    while (i < names.count && !span_eq(names.item[i], word)) {
        i++;
    }
    return i < names.count;
}

static void unknown_key(struct draft_ctx *c, const struct draft_node *m, const struct draft_row *rows, size_t count,
                        const char *what)
{
    const char *nearest = NULL;
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < count; i++) {
        const size_t d = text_distance(m->key->text, span_str(rows[i].key));
        if (rows[i].key[0] != '\0' && d < best && d <= strlen(rows[i].key) / 2) {
            best = d;
            nearest = rows[i].key;
        }
    }
    draft_fault(c->d, m->key->at, "`%s` is not known in %s%s", draft_show(m->key->text).text, what,
                hint_of(nearest).text);
}

static void check_keys(struct draft_ctx *c, const struct draft_node *v, const struct draft_row *rows, size_t count,
                       const char *what)
{
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < count && !(rows[i].key[0] != '\0' && span_is(m->key->text, rows[i].key))) {
            i++;
        }
        if (i == count) {
            unknown_key(c, m, rows, count, what);
        }
    }
}

void draft_rows(struct draft_ctx *c, const struct draft_node *v, const struct draft_row *rows, size_t count,
                const char *what)
{
    check_keys(c, v, rows, count, what);
    for (size_t i = 0; i < count; i++) {
        const struct draft_row *row = &rows[i];
        const struct draft_node *m = draft_member(v, row->key);
        if (m == NULL && row->need == DRAFT_MUST) {
            draft_fault(c->d, v->at, "`%s` is missing in %s", row->key, what);
        } else if (m != NULL || row->need == DRAFT_ALWAYS) {
            row->put(c, row, m);
        }
    }
}

static int by_text(const void *va, const void *vb)
{
    const struct draft_item *a = va;
    const struct draft_item *b = vb;
    const int order = span_cmp(a->node->text, b->node->text);

    if (order != 0 || a->node == b->node) {
        return order;
    }
    return a->node->at.line < b->node->at.line ||
                   (a->node->at.line == b->node->at.line && a->node->at.column < b->node->at.column)
               ? -1
               : 1;
}

struct draft_set draft_take_set(struct draft_ctx *c, const struct draft_node *v, size_t max, const char *what)
{
    const bool one = v->kind == DRAFT_SCALAR && !draft_is_empty(v);
    struct draft_set set = {.item = arena_array(c->d->arena, v->count + 1, sizeof(*set.item))};

    if (set.item == NULL) {
        c->d->no_room = true;
        return set;
    }
    if ((v->kind != DRAFT_LIST && !one) || (v->kind == DRAFT_LIST && v->count == 0)) {
        draft_fault(c->d, v->at, "%s is a list with at least one item", what);
        return set;
    }
    if (one) {
        set.item[set.count++].node = v;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        if (draft_is(c, m, DRAFT_SCALAR, "a single word or text belongs here")) {
            set.item[set.count++].node = m;
        }
    }
    if (set.count > max) {
        draft_fault(c->d, v->at, "%s has more than %zu items", what, max);
    }
    if (set.count > 1) {
        qsort(set.item, set.count, sizeof(set.item[0]), by_text);
    }
    for (size_t i = 1; i < set.count; i++) {
        if (span_eq(set.item[i - 1].node->text, set.item[i].node->text)) {
            draft_fault(c->d, set.item[i].node->at, "`%s` stands twice in %s", draft_show(set.item[i].node->text).text,
                        what);
        }
    }
    return set;
}

void draft_put_set(struct draft_ctx *c, const char *member, const struct draft_set *set)
{
    json_put_array(c->o, member);
    for (size_t i = 0; i < set->count; i++) {
        json_put_str(c->o, NULL, set->item[i].node->text);
    }
    json_put_close(c->o);
}

/* A name that others read as a number, a date or nothing. */
static void check_text(struct draft_ctx *c, const struct draft_node *v)
{
    if (!draft_is_text(v)) {
        draft_fault(c->d, v->at, "`%s` is no text to every reader of YAML; put it in quotes", draft_show(v->text).text);
    }
}

void draft_check_name(struct draft_ctx *c, const struct draft_node *v)
{
    if (text_id_check(v->text, MODEL_ID_MAX, "name").code != CS_OK) {
        draft_fault(c->d, v->at, "`%s` is no name: letters, digits and ._@+:/- only, at most 64",
                    draft_show(v->text).text);
        return;
    }
    check_text(c, v);
}

void draft_put_id(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_SCALAR, "a name belongs here")) {
        return;
    }
    if (text_id_check(v->text, ID_MAX, row->key).code != CS_OK || memchr(v->text.p, '/', v->text.left) != NULL) {
        draft_fault(c->d, v->at, "`%s` is no name: letters, digits and ._@+:- only, at most 64, no slash",
                    draft_show(v->text).text);
        return;
    }
    check_text(c, v);
    json_put_str(c->o, row->member, v->text);
}

bool draft_integer(const struct draft_node *v, int64_t *ret_value)
{
    const bool minus = v->kind == DRAFT_SCALAR && v->text.left > 0 && v->text.p[0] == '-';
    uint64_t n = 0;

    if (v->kind != DRAFT_SCALAR || !v->plain ||
        text_dec_decode(span_from(v->text, minus ? 1 : 0), &n, "number").code != CS_OK || n > (uint64_t)JSON_INT_MAX ||
        (minus && n == 0)) {
        return false;
    }
    *ret_value = minus ? -(int64_t)n : (int64_t)n;
    return true;
}

void draft_put_int(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    int64_t n = 0;

    if (v == NULL) {
        json_put_uint(c->o, row->member, row->otherwise);
    } else if (!draft_integer(v, &n) || n < 0 || (uint64_t)n < row->min || (uint64_t)n > row->max) {
        draft_fault(c->d, v->at, "`%s` is a whole number from %llu to %llu", row->key, (unsigned long long)row->min,
                    (unsigned long long)row->max);
    } else {
        json_put_int(c->o, row->member, n);
    }
}

bool draft_millionths(struct span text, uint64_t *ret_value)
{
    uint64_t v = 0;
    size_t places = 0;
    bool point = false;

    for (size_t i = 0; i < text.left; i++) {
        const uint8_t ch = text.p[i];
        if (ch == '.' && !point && i > 0 && i + 1 < text.left) {
            point = true;
            continue;
        }
        if (ch < '0' || ch > '9' || v > (uint64_t)JSON_INT_MAX / 10 || places == 6) {
            return false;
        }
        v = v * 10 + (uint64_t)(ch - '0');
        places += point ? 1U : 0U;
    }
    for (; places < 6; places++) {
        if (v > (uint64_t)JSON_INT_MAX / 10) {
            return false;
        }
        v *= 10;
    }
    *ret_value = v;
    return text.left > 0;
}

bool draft_seconds(const struct draft_node *v, uint64_t *ret_seconds)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'y', 31536000}};
    uint64_t n = 0;

    if (v->kind != DRAFT_SCALAR || v->text.left < 2 ||
        text_dec_decode(span_make(v->text.p, v->text.left - 1), &n, "duration").code != CS_OK ||
        n > POLICY_SECONDS_MAX) {
        return false;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (v->text.p[v->text.left - 1] == (uint8_t)units[i].unit) {
            *ret_seconds = n * units[i].seconds;
            return true;
        }
    }
    return false;
}

void draft_put_duration(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const uint64_t most = row->max != 0 ? row->max : POLICY_SECONDS_MAX;
    uint64_t seconds = row->otherwise;

    if (v != NULL && !draft_seconds(v, &seconds)) {
        draft_fault(c->d, v->at, "`%s` is a time such as 30m, 24h or 90d", row->key);
    } else if (seconds < 1 || seconds > most) {
        draft_fault(c->d, v != NULL ? v->at : (struct draft_place){1, 1}, "`%s` is from 1s to %s", row->key,
                    most == POLICY_SECONDS_MAX ? "3652d" : "1h");
    } else {
        json_put_uint(c->o, row->member, seconds);
    }
}

static int by_key(const void *va, const void *vb)
{
    const struct draft_item *a = va;
    const struct draft_item *b = vb;
    return span_cmp(a->node->key->text, b->node->key->text);
}

struct draft_set draft_members(struct draft_ctx *c, const struct draft_node *v, size_t max)
{
    struct draft_set set = {.item = arena_array(c->d->arena, v->count + 1, sizeof(*set.item))};

    if (set.item == NULL) {
        c->d->no_room = true;
        return set;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        set.item[set.count++].node = m;
    }
    if (set.count < 1 || set.count > max) {
        draft_fault(c->d, v->at, "from 1 to %zu members belong here", max);
    }
    if (set.count > 1) {
        qsort(set.item, set.count, sizeof(set.item[0]), by_key);
    }
    return set;
}

bool draft_take_bool(struct draft_ctx *c, const struct draft_node *v, const char *key, bool *ret_said)
{
    const bool yes = v->kind == DRAFT_SCALAR && v->plain && span_is(v->text, "true");

    if (!yes && !(v->kind == DRAFT_SCALAR && v->plain && span_is(v->text, "false"))) {
        draft_fault(c->d, v->at, "`%s` is true or false", key);
        return false;
    }
    *ret_said = yes;
    return true;
}

void draft_put_names(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set =
        draft_take_set(c, v, row->max != 0 ? (size_t)row->max : (size_t)POLICY_NAMES_MAX, row->key);

    for (size_t i = 0; i < set.count; i++) {
        draft_check_name(c, set.item[i].node);
    }
    draft_put_set(c, row->member, &set);
}
