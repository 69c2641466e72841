/* SPDX-License-Identifier: Apache-2.0 */
/* What several forms ask for: names in a row, a time, somebody who has a role. */
#include "screen/screen_form_in.h"

#include "base/base_text.h"

/* ---- names */

size_t form_take_names(struct span text, struct span ret_names[FORM_NAMES_MAX])
{
    size_t n = 0;
    size_t kept = 0;

    while (text.left > 0) {
        size_t len = 0;
        while (len < text.left && text.p[len] != ' ' && text.p[len] != ',') {
            len++;
        }
        if (len > 0 && n == FORM_NAMES_MAX) {
            return SIZE_MAX;
        }
        if (len > 0) {
            ret_names[n++] = span_make(text.p, len);
        }
        text = span_from(text, len + 1);
    }
    form_sort(ret_names, n);
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || !span_eq(ret_names[kept - 1], ret_names[i])) {
            ret_names[kept++] = ret_names[i];
        }
    }
    return kept;
}

enum screen_word form_names_word(struct span text, size_t most_bytes)
{
    struct span names[FORM_NAMES_MAX];
    const size_t n = form_take_names(text, names);

    if (n > FORM_NAMES_MAX) {
        return WORD_FORM_MANY;
    }
    for (size_t i = 0; i < n; i++) {
        if (text_id_check(names[i], most_bytes, "name").code != CS_OK) {
            return WORD_BAD_NAME;
        }
    }
    return WORD_NONE;
}

size_t form_picked(uint64_t set, const struct span *from, size_t count, struct span ret_items[FORM_OPTIONS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < count && i < FORM_OPTIONS_MAX; i++) {
        if ((set & UINT64_C(1) << i) != 0) {
            ret_items[n++] = from[i];
        }
    }
    form_sort(ret_items, n);
    return n;
}

/* ---- times */

bool form_take_time(struct span text, uint64_t *ret_ms)
{
    enum { MINUTE_LEN = 16 }; /* 2026-12-24 08:00 */
    uint8_t room[TEXT_TIME_LEN];
    struct writer w = wr_fixed(room, sizeof(room));

    text = flow_trim(text);
    if (text.left != MINUTE_LEN || text.p[10] != ' ') {
        return false;
    }
    wr_bytes(&w, span_make(text.p, 10));
    wr_u8(&w, 'T');
    wr_bytes(&w, span_make(text.p + 11, 5));
    wr_text(&w, ":00.000Z");
    return wr_end(&w, "time").code == CS_OK && text_time_decode(wr_span(&w), ret_ms, "time").code == CS_OK;
}

void form_suggest_time(const struct turn *t, size_t at, uint64_t ms)
{
    uint8_t room[32];
    struct writer w = wr_fixed(room, sizeof(room));
    struct form_answer *a = &t->f->form.answer[at];

    screen_write_minute(&w, ms);
    const bool stands = a->text.left == 0 && wr_end(&w, "time").code == CS_OK &&
                        arena_copy(&t->f->people, wr_span(&w), &a->text).code == CS_OK;
    (void)stands; /* without it they write all of it */
}

/* ---- people */

static bool fits(const struct form_pick *pick, const struct state_person *p)
{
    bool has = false;
    for (size_t i = 0; i < pick->role_count && !has; i++) {
        has = state_person_has_role(p, pick->roles[i]);
    }
    return has && p != pick->except && !span_among(p->id, pick->among, pick->among_count);
}

size_t form_people(const struct state *s, const struct form_pick *pick,
                   const struct state_person *ret_people[FORM_OPTIONS_MAX])
{
    const struct state_person *p = NULL;
    size_t cursor = 0;
    size_t n = 0;

    while ((p = map_next(&s->people, &cursor)) != NULL) {
        if (!fits(pick, p)) {
            continue;
        }
        size_t at = n < FORM_OPTIONS_MAX ? n : FORM_OPTIONS_MAX;
        n++;
        while (at > 0 && span_cmp(ret_people[at - 1]->id, p->id) > 0) {
            if (at < FORM_OPTIONS_MAX) {
                ret_people[at] = ret_people[at - 1];
            }
            at--;
        }
        if (at < FORM_OPTIONS_MAX) {
            ret_people[at] = p;
        }
    }
    return n;
}

const struct state_person *form_picked_person(const struct state *s, const struct form_pick *pick,
                                              const struct form_answer *listed, const struct form_answer *written)
{
    const struct state_person *people[FORM_OPTIONS_MAX];
    const size_t n = form_people(s, pick, people);

    if (n > FORM_OPTIONS_MAX) {
        const struct state_person *p = state_person_find(s, written->text);
        return p != NULL && fits(pick, p) ? p : NULL;
    }
    return listed != NULL && listed->chosen > 0 && listed->chosen <= n ? people[listed->chosen - 1] : NULL;
}

void form_skip(struct question *q)
{
    *q = (struct question){.kind = QUESTION_ONE, .title = q->title, .options = 1};
}
