/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_walk.h"

struct step {
    uint8_t to;
    uint8_t kinds;
    bool any; /* by a "*": other members may lead to the same place */
};

static const struct step nowhere = {.to = WALK_SKIP, .kinds = 0xff};

static struct walk *walk_of(struct evidence *e)
{
    return (struct walk *)(void *)e->own;
}

/* Where a member or (key == NULL) an item of this place leads. */
static struct step step_from(const struct walk *w, unsigned place, const struct span *key)
{
    const struct walk_plan *p = w->plan;

    for (size_t i = w->first[place]; i < p->row_count && p->rows[i].from == place; i++) {
        const char *want = p->rows[i].key;
        const bool hit = key == NULL ? want == NULL : want != NULL && (span_is(*key, want) || strcmp(want, "*") == 0);
        if (hit) {
            return (struct step){
                .to = p->rows[i].to, .kinds = p->rows[i].kinds, .any = want != NULL && strcmp(want, "*") == 0};
        }
    }
    return nowhere;
}

static CS_RESULT no_member(struct evidence *e, const char *what, struct span key)
{
    static const char before[] = "The schema has no member ";
    static const char after[] = " here; leave it out.";
    char name[EVIDENCE_WORD_MAX + 1];
    struct writer w = wr_fixed(e->words, sizeof(e->words));

    _Static_assert(sizeof(before) + sizeof(name) + sizeof(after) <= sizeof(e->words), "words hold a sentence");
    evidence_clean(key, name, sizeof(name));
    wr_text(&w, before);
    wr_text(&w, name);
    wr_text(&w, after);
    wr_u8(&w, 0);
    return evidence_fail(e, CS_E_UNKNOWN, what, e->words);
}

static CS_RESULT take_key(struct evidence *e, struct walk *w, const struct json_token *t)
{
    const uint8_t place = w->place[w->depth];

    w->next = WALK_SKIP;
    w->kinds = 0xff;
    if (place == WALK_SKIP) {
        return CS_SUCCESS;
    }
    const struct step s = step_from(w, place, &t->text);
    if (s.to == WALK_SKIP) {
        return w->plan->strict ? no_member(e, w->plan->what, t->text) : CS_SUCCESS;
    }
    const uint64_t bit = (uint64_t)1 << s.to;
    if (!s.any && (w->seen[w->depth] & bit) != 0) {
        return evidence_fail(e, CS_E_DUPLICATE, w->plan->what, NULL);
    }
    w->seen[w->depth] |= bit;
    w->next = s.to;
    w->kinds = s.kinds;
    if (s.any) {
        evidence_clean(t->text, w->key, sizeof(w->key));
    }
    return CS_SUCCESS;
}

/* The place of the value that begins here. */
static struct step value_place(const struct walk *w)
{
    if (w->depth == 0 || w->array[w->depth]) {
        return step_from(w, w->place[w->depth], NULL);
    }
    return (struct step){.to = w->next, .kinds = w->kinds};
}

static CS_RESULT take_value(struct evidence *e, struct walk *w, const struct json_token *t)
{
    const struct step s = value_place(w);
    const bool container = t->kind == JSON_TOKEN_OBJECT || t->kind == JSON_TOKEN_ARRAY;

    if (((unsigned)s.kinds >> t->kind & 1U) == 0) {
        return evidence_fail(e, CS_E_TYPE, w->plan->what,
                             "A member has another type than the format's own schema says.");
    }
    if (container) {
        w->depth++;
        w->place[w->depth] = s.to;
        w->array[w->depth] = t->kind == JSON_TOKEN_ARRAY;
        w->seen[w->depth] = 0;
    }
    if (s.to == WALK_SKIP || t->kind == JSON_TOKEN_NULL) {
        return CS_SUCCESS;
    }
    w->ever |= (uint64_t)1 << s.to;
    if (!container) {
        return w->plan->value(e, s.to, t);
    }
    return w->plan->open != NULL ? w->plan->open(e, s.to) : CS_SUCCESS;
}

static CS_RESULT take_close(struct evidence *e, struct walk *w)
{
    const uint8_t place = w->place[w->depth];

    w->depth--;
    return place != WALK_SKIP && w->plan->close != NULL ? w->plan->close(e, place) : CS_SUCCESS;
}

struct walker {
    struct evidence *e;
    struct walk *w;
};

static struct cs_result take(void *user, const struct json_token *t)
{
    const struct walker *k = user;

    if (t->kind == JSON_TOKEN_KEY) {
        return take_key(k->e, k->w, t);
    }
    return t->kind == JSON_TOKEN_CLOSE ? take_close(k->e, k->w) : take_value(k->e, k->w, t);
}

void walk_begin(struct evidence *e, struct walk *w, const struct walk_plan *plan)
{
    (void)e;
    w->plan = plan;
    memset(w->first, (int)plan->row_count, sizeof(w->first));
    for (size_t i = plan->row_count; i > 0; i--) {
        w->first[plan->rows[i - 1].from] = (uint8_t)(i - 1);
    }
    w->place[0] = WALK_START;
    json_stream_begin(&w->stream, (struct json_sink){.take = take});
}

/* UTF-16, as some shells write what they are told to write into a file. */
static bool is_utf16(const struct walk *w)
{
    return w->begun && w->ever == 0 && (w->first_byte >= 0xfe || w->first_byte == 0);
}

CS_RESULT walk_feed(struct evidence *e, struct walk *w, struct span bytes)
{
    struct walker k = {.e = e, .w = w};

    if (!w->begun && bytes.left > 0) {
        w->first_byte = bytes.p[0];
        w->begun = true;
    }
    w->stream.sink.user = &k; /* for this call: the walk may be moved between two */
    const struct cs_result r = json_stream_feed(&w->stream, bytes);
    w->stream.sink.user = NULL;
    if (r.code != CS_OK && is_utf16(w)) {
        return evidence_fail(e, CS_E_UTF8, w->plan->what, "Write the file in UTF-8.");
    }
    return r.code == CS_OK ? r : CS_FAIL_AT(r.code, strcmp(r.msg, "json") == 0 ? w->plan->what : r.msg, w->stream.at);
}

CS_RESULT walk_end(struct evidence *e, struct walk *w)
{
    struct walker k = {.e = e, .w = w};

    w->stream.sink.user = &k;
    const struct cs_result r = json_stream_end(&w->stream);
    w->stream.sink.user = NULL;
    return r.code == CS_OK ? r : CS_FAIL_AT(r.code, strcmp(r.msg, "json") == 0 ? w->plan->what : r.msg, w->stream.at);
}

CS_RESULT walk_feed_own(struct evidence *e, struct span bytes)
{
    return walk_feed(e, walk_of(e), bytes);
}

uint64_t walk_line_own(const struct evidence *e)
{
    return ((const struct walk *)(const void *)e->own)->stream.line;
}

void walk_release_own(struct evidence *e)
{
    (void)e;
}
