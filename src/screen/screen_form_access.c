/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An access review: which of the roles that people have they keep. Listed are those that were not looked at for the
 * longest, lapsed ones first; what is left out runs on, and lapses in its time. Officers sign it.
 */
#include "screen/screen_form_in.h"

#include "policy/policy_access.h"
#include "policy/policy_tokens.h"
#include "model/model_state_review.h"

enum { REVIEW_WHO, REVIEW_WHICH, REVIEW_WHY, REVIEW_COUNT };

static const struct span officer = {(const uint8_t *)"officer", 7};

/* One role of one person. */
struct held {
    const struct state_person *person;
    const struct state_entitlement *now;
    struct span role;
    uint64_t looked_ms; /* when somebody last looked at it: as good as granted; 0: it has lapsed */
};

static int held_cmp(const struct held *a, const struct held *b)
{
    if (a->looked_ms != b->looked_ms) {
        return a->looked_ms < b->looked_ms ? -1 : 1;
    }
    const int c = span_cmp(a->person->id, b->person->id);
    return c != 0 ? c : span_cmp(a->role, b->role);
}

static void insert(struct held *items, size_t *n, const struct held *x)
{
    size_t at = *n;
    while (at > 0 && held_cmp(&items[at - 1], x) > 0) {
        at--;
    }
    if (at == FORM_OPTIONS_MAX) {
        return;
    }
    const size_t kept = *n < FORM_OPTIONS_MAX ? *n : (size_t)FORM_OPTIONS_MAX - 1;
    memmove(&items[at + 1], &items[at], (kept - at) * sizeof(*items));
    items[at] = *x;
    *n = kept + 1;
}

/* The first that should be looked at. Its order is of the roster alone: nobody's signature moves it while it is shown.
 */
static size_t list(const struct state *s, struct held ret_items[FORM_OPTIONS_MAX])
{
    const struct state_person *p = NULL;
    size_t cursor = 0;
    size_t n = 0;

    while ((p = map_next(&s->people, &cursor)) != NULL) {
        for (size_t i = 0; !p->removed && i < p->role_count; i++) {
            const struct state_entitlement *e = &p->entitlements[i];
            const uint64_t looked = e->reviewed_ms > e->granted_ms ? e->reviewed_ms : e->granted_ms;
            insert(ret_items, &n,
                   &(struct held){
                       .person = p, .now = e, .role = p->roles[i], .looked_ms = e->lapsed_index != 0 ? 0 : looked});
        }
    }
    return n;
}

static void find(const struct turn *t, size_t at)
{
    if (at == REVIEW_WHO) {
        form_find_people(t);
    }
}

static bool question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    struct held items[FORM_OPTIONS_MAX];
    const struct question questions[REVIEW_COUNT] = {
        [REVIEW_WHO] = {.kind = QUESTION_ONE,
                        .title = "Who asks for the review?",
                        .hint = "Whose key or card is in. They cannot sign it: other officers do.",
                        .options = f->form.found_count},
        [REVIEW_WHICH] = {.kind = QUESTION_SET,
                          .title = "Who keeps which role?",
                          .hint =
                              "Mark what you looked at, and stays. What is not marked lapses in its time. Lapsed ones "
                              "come first, then what waits longest.",
                          .options = at == REVIEW_WHICH ? list(w->state, items) : 0},
        [REVIEW_WHY] = {.kind = QUESTION_TEXT,
                        .title = "What did you look at?",
                        .hint = "The officers read it, and it is signed.",
                        .least = 1},
    };
    if (at >= REVIEW_COUNT) {
        return false;
    }
    *q = questions[at];
    return true;
}

/* The day is enough here. */
static void write_used(const struct state_entitlement *e, struct form_choice *o)
{
    uint8_t room[32];
    struct writer w = wr_fixed(room, sizeof(room));
    screen_write_minute(&w, e->used_ms);
    if (e->used_ms == 0 || w.len < 10) {
        wr_text(&o->below, "never used");
        return;
    }
    wr_text(&o->below, "used ");
    wr_bytes(&o->below, span_make(room, 10));
}

static void write_held(const struct flow_world *w, const struct held *x, struct form_choice *o)
{
    const uint64_t due = policy_role_due(w->state, x->now);
    wr_bytes(&o->title, x->person->id);
    wr_text(&o->title, ": ");
    wr_bytes(&o->title, x->role);
    if (x->now->lapsed_index != 0) {
        wr_text(&o->below, "LAPSED, ");
    } else if (due != UINT64_MAX) {
        wr_text(&o->below, due > w->clock_ms ? "lapses in " : "over its time, ");
        if (due > w->clock_ms) {
            screen_write_span(&o->below, due - w->clock_ms);
            wr_text(&o->below, ", ");
        }
    }
    write_used(x->now, o);
}

static void option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    struct held items[FORM_OPTIONS_MAX];
    if (at == REVIEW_WHO) {
        form_write_person(f, i, o);
    } else if (at == REVIEW_WHICH && i < list(w->state, items)) {
        write_held(w, &items[i], o);
    }
}

/* ---- what it comes to */

static struct entitlement *of_person(struct access_review_content *c, const struct state_person *p)
{
    size_t at = c->count;
    while (at > 0 && span_cmp(c->item[at - 1].person, p->id) >= 0) {
        at--;
    }
    if (at < c->count && span_eq(c->item[at].person, p->id)) {
        return &c->item[at];
    }
    memmove(&c->item[at + 1], &c->item[at], (c->count - at) * sizeof(*c->item));
    c->item[at] = (struct entitlement){.person = p->id};
    c->count++;
    return &c->item[at];
}

/* items has room for FORM_OPTIONS_MAX. */
static void take(const struct flow *f, const struct flow_world *w, struct entitlement *items,
                 struct access_review_content *ret_content)
{
    struct held listed[FORM_OPTIONS_MAX];
    const struct form_answer *a = f->form.answer;
    const size_t n = list(w->state, listed);
    struct access_review_content c = {.item = items, .initiator = a[REVIEW_WHO].text, .reason = a[REVIEW_WHY].text};

    for (size_t i = 0; i < n; i++) {
        if ((a[REVIEW_WHICH].set & UINT64_C(1) << i) != 0) {
            struct entitlement *e = of_person(&c, listed[i].person);
            e->roles[e->role_count++] = listed[i].role; /* at most the roles that they have */
            form_sort(e->roles, e->role_count);
        }
    }
    *ret_content = c;
}

/* Officers who may sign it: neither who asks, nor those whose roles are in it. */
static size_t signers(const struct flow_world *w, const struct access_review_content *c)
{
    const struct policy_doc *doc = &w->state->policy->doc;
    const struct state_person *p = NULL;
    size_t cursor = 0;
    size_t n = 0;

    while ((p = map_next(&w->state->people, &cursor)) != NULL) {
        bool apart = state_person_is(p, c->initiator);
        for (size_t i = 0; i < c->count && !apart; i++) {
            apart = span_eq(c->item[i].person, p->id);
        }
        n += !apart && policy_role_holder(doc, w->state, p, officer) ? 1U : 0U;
    }
    return n;
}

static void end(const struct turn *t)
{
    struct flow *f = t->f;
    struct access_review_content c;
    bool fits = false;
    struct entitlement *items = arena_array(&f->step, FORM_OPTIONS_MAX, sizeof(*items));
    if (items == NULL) {
        flow_say(f, WORD_NO_MEMORY);
        return;
    }
    take(f, t->w, items, &c);
    if (signers(t->w, &c) < t->w->state->policy->doc.officers_threshold) {
        flow_say(f, WORD_TOO_FEW_LEFT);
        return;
    }
    if (screen_access_review_fits(&c, t->w->state, &f->step, &fits).code != CS_OK || !fits) {
        flow_say(f, WORD_TOO_LONG);
        return;
    }
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_propose(t, KIND_ACCESS_REVIEW, model_access_review_content_encode(&c, &w), &w);
}

const struct form_script form_access = {
    .find = find, .question = question, .option = option, .refuse = form_accepts, .end = end, .of_roster = true};
