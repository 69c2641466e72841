/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A delegation, by whoever gives it and with their key in: which of their roles, to whom of those whom the policy lets
 * stand in, from when until when, where. Or one of theirs that ends. They sign it then, with their own key.
 */
#include "screen/screen_form_in.h"

#include "base/base_text.h"
#include "policy/policy_delegate.h"

enum {
    LEND_WHO,
    LEND_WHICH, /* a new one, or the end of one */
    LEND_ROLE,
    LEND_TO,
    LEND_NAME, /* where there are too many to be listed */
    LEND_FROM,
    LEND_UNTIL,
    LEND_WHERE,
    LEND_PLACES,
    LEND_SERVICES,
    LEND_WHY,
    LEND_COUNT
};
enum { SOME_PLACES = 2, DAY_MS = 86400000 };

static const struct state_person *lender(const struct flow *f, const struct flow_world *w)
{
    return state_person_find(w->state, f->form.answer[LEND_WHO].text);
}

/* The roles of theirs that the policy lets them lend; how many. */
static size_t lendable(const struct flow *f, const struct flow_world *w,
                       const struct policy_delegation *ret_items[FORM_OPTIONS_MAX])
{
    const struct policy_doc *doc = &w->state->policy->doc;
    const struct state_person *by = lender(f, w);
    size_t n = 0;

    for (size_t i = 0; by != NULL && i < doc->delegation_count && n < FORM_OPTIONS_MAX; i++) {
        if (state_person_has_role(by, doc->delegations[i].role)) {
            ret_items[n++] = &doc->delegations[i];
        }
    }
    return n;
}

static const struct policy_delegation *rule_of(const struct flow *f, const struct flow_world *w)
{
    const struct policy_delegation *items[FORM_OPTIONS_MAX];
    const size_t n = lendable(f, w, items);
    const size_t chosen = f->form.answer[LEND_ROLE].chosen;
    return chosen > 0 && chosen <= n ? items[chosen - 1] : NULL;
}

static struct form_pick stand_ins(const struct flow *f, const struct flow_world *w)
{
    const struct policy_delegation *d = rule_of(f, w);
    return (struct form_pick){
        .roles = d != NULL ? d->to : NULL, .role_count = d != NULL ? d->to_count : 0, .except = lender(f, w)};
}

static bool too_many(const struct flow *f, const struct flow_world *w)
{
    const struct state_person *people[FORM_OPTIONS_MAX];
    const struct form_pick pick = stand_ins(f, w);
    return form_people(w->state, &pick, people) > FORM_OPTIONS_MAX;
}

/* ---- what can be chosen */

/* A new one, then those of theirs that are not over, newest first. */
static void find_given(const struct turn *t)
{
    struct flow_form *m = &t->f->form;
    const struct state *s = t->w->state;
    const struct policy_delegation *items[FORM_OPTIONS_MAX];

    if (lendable(t->f, t->w, items) > 0) {
        m->found[m->found_count++] = 0;
    }
    for (size_t i = s->delegation_count; i > 0 && m->found_count < FORM_OPTIONS_MAX; i--) {
        const struct state_delegation *g = s->delegations[i - 1];
        if (g->by == lender(t->f, t->w) && g->ended_index == 0 && g->until_ms > t->w->clock_ms) {
            m->found[m->found_count++] = g->request;
        }
    }
}

static void find(const struct turn *t, size_t at)
{
    const struct policy_delegation *d = rule_of(t->f, t->w);
    uint64_t from_ms = 0;

    if (at == LEND_WHO) {
        form_find_people(t);
    } else if (at == LEND_WHICH) {
        find_given(t);
    } else if (at == LEND_FROM) {
        form_suggest_time(t, at, t->w->clock_ms);
    } else if (at == LEND_UNTIL && d != NULL && form_take_time(t->f->form.answer[LEND_FROM].text, &from_ms)) {
        form_suggest_time(t, at, from_ms + (d->most_s < DAY_MS / 1000 ? d->most_s * 1000 : (uint64_t)DAY_MS));
    }
}

/* Is there nothing to ask at this place, for what was answered before? */
static bool passes(const struct flow *f, const struct flow_world *w, size_t at)
{
    const bool ends = f->form.answer[LEND_WHICH].number != 0;
    if (at == LEND_TO || at == LEND_NAME) {
        return ends || too_many(f, w) != (at == LEND_NAME);
    }
    if (at == LEND_PLACES) {
        return ends || f->form.answer[LEND_WHERE].chosen != SOME_PLACES;
    }
    return ends && at > LEND_WHICH && at < LEND_WHY;
}

static const char *const titles[LEND_COUNT] = {
    [LEND_WHO] = "Who is away?",
    [LEND_WHICH] = "Which delegation?",
    [LEND_ROLE] = "In which of your roles?",
    [LEND_TO] = "Who signs for you?",
    [LEND_NAME] = "Who signs for you? Write their name",
    [LEND_FROM] = "From when? In UTC",
    [LEND_UNTIL] = "Until when? In UTC",
    [LEND_WHERE] = "Where may they sign for you?",
    [LEND_PLACES] = "In which environments?",
    [LEND_SERVICES] = "Only some services? Which?",
    [LEND_WHY] = "Why?",
};
static const char *const hints[LEND_COUNT] = {
    [LEND_WHO] = form_who_hint,
    [LEND_WHICH] = "One that was given can be taken back, before its time is over.",
    [LEND_ROLE] = "What the policy lets you lend, how long, and to whom.",
    [LEND_TO] = "Only deployments, one signature for you both, and never passed on.",
    [LEND_NAME] = "As the roster has it. They need a role that may stand in for yours.",
    [LEND_FROM] = "As it stands there: from now on. Erase it to write another time.",
    [LEND_UNTIL] = "The first minute in which they no longer sign for you.",
    [LEND_WHERE] = "You sign this too.",
    [LEND_PLACES] = "They sign for you nowhere else.",
    [LEND_SERVICES] = "Their names, with spaces between. All of them: leave it empty.",
    [LEND_WHY] = "It is signed with it, and stands in the log.",
};

static bool question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const struct policy_delegation *items[FORM_OPTIONS_MAX];
    const struct state_person *people[FORM_OPTIONS_MAX];
    const struct policy_doc *doc = &w->state->policy->doc;
    if (at >= LEND_COUNT) {
        return false;
    }
    *q = (struct question){.kind = QUESTION_ONE, .title = titles[at], .hint = hints[at]};
    if (passes(f, w, at)) {
        form_skip(q);
        return true;
    }
    if (at == LEND_WHO || at == LEND_WHICH) {
        q->options = f->form.found_count;
        q->hint = q->options > 0 ? q->hint : "The policy lets nobody sign in your roles, and nobody does.";
    } else if (at == LEND_ROLE) {
        q->options = lendable(f, w, items);
        q->always = true;
    } else if (at == LEND_TO) {
        const struct form_pick pick = stand_ins(f, w);
        q->options = form_people(w->state, &pick, people);
        q->always = true;
    } else if (at == LEND_WHERE) {
        q->options = SOME_PLACES;
    } else if (at == LEND_PLACES) {
        q->kind = QUESTION_SET;
        q->options = doc->environment_count < FORM_OPTIONS_MAX ? doc->environment_count : (size_t)FORM_OPTIONS_MAX;
    } else {
        q->kind = QUESTION_TEXT;
        q->least = at == LEND_SERVICES ? 0 : 1;
    }
    return true;
}

/* ---- options in words */

static void write_given(const struct flow_world *w, uint64_t request, struct form_choice *o)
{
    const struct state_delegation *g = request != 0 ? state_delegation_find(w->state, request) : NULL;
    if (g == NULL) {
        wr_text(&o->title, "A new one");
        return;
    }
    wr_text(&o->title, "Take back: ");
    wr_bytes(&o->title, g->role);
    wr_text(&o->title, " to ");
    wr_bytes(&o->title, g->to->id);
    wr_text(&o->below, "until ");
    screen_write_minute(&o->below, g->until_ms);
}

static void write_role(const struct policy_delegation *d, struct form_choice *o)
{
    wr_bytes(&o->title, d->role);
    wr_text(&o->below, "at most ");
    screen_write_span(&o->below, d->most_s * 1000);
    for (size_t i = 0; i < d->to_count; i++) {
        wr_text(&o->below, i == 0 ? ", to " : " or ");
        wr_bytes(&o->below, d->to[i]);
    }
}

static void option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    const struct policy_delegation *items[FORM_OPTIONS_MAX];
    const struct state_person *people[FORM_OPTIONS_MAX];
    const struct policy_doc *doc = &w->state->policy->doc;
    if (at == LEND_WHO) {
        form_write_person(f, i, o);
    } else if (at == LEND_WHICH && i < f->form.found_count) {
        write_given(w, f->form.found[i], o);
    } else if (at == LEND_ROLE && i < lendable(f, w, items)) {
        write_role(items[i], o);
    } else if (at == LEND_TO) {
        const struct form_pick pick = stand_ins(f, w);
        if (i < form_people(w->state, &pick, people)) {
            wr_bytes(&o->title, people[i]->id);
        }
    } else if (at == LEND_WHERE) {
        wr_text(&o->title, i + 1 == SOME_PLACES ? "Only in some environments" : "Wherever you may");
    } else if (at == LEND_PLACES && i < doc->environment_count) {
        wr_bytes(&o->title, doc->environments[i]);
    }
}

/* ---- what it comes to */

struct lent {
    struct delegate_content content;
    struct span places[FORM_OPTIONS_MAX];
    struct span services[FORM_NAMES_MAX];
};

/* As far as it was answered. */
static void take(const struct flow *f, const struct flow_world *w, struct lent *x)
{
    const struct form_answer *a = f->form.answer;
    const struct policy_doc *doc = &w->state->policy->doc;
    const struct policy_delegation *d = rule_of(f, w);
    const struct form_pick pick = stand_ins(f, w);
    const struct state_person *to = form_picked_person(w->state, &pick, &a[LEND_TO], &a[LEND_NAME]);

    x->content = (struct delegate_content){.initiator = a[LEND_WHO].text, .reason = a[LEND_WHY].text};
    if (a[LEND_WHICH].number != 0) {
        x->content.revokes_set = true;
        x->content.revokes = a[LEND_WHICH].number;
        return;
    }
    x->content.role = d != NULL ? d->role : SPAN_NONE;
    x->content.to = to != NULL ? to->id : SPAN_NONE;
    (void)(form_take_time(a[LEND_FROM].text, &x->content.from_ms) &&
           form_take_time(a[LEND_UNTIL].text, &x->content.until_ms)); /* zero is refused */
    x->content.environments = x->places;
    x->content.environment_count =
        a[LEND_WHERE].chosen == SOME_PLACES
            ? form_picked(a[LEND_PLACES].set, doc->environments, doc->environment_count, x->places)
            : 0;
    x->content.services = x->services;
    x->content.service_count = form_take_names(a[LEND_SERVICES].text, x->services);
}

/* The policy's own answer to what stands there so far. */
static enum screen_word until_word(const struct flow *f, const struct flow_world *w)
{
    struct lent x;
    take(f, w, &x);
    if (x.content.until_ms <= x.content.from_ms) {
        return WORD_DELEGATE_TIME;
    }
    const struct verdict v = policy_delegate_may(w->state, &x.content, w->clock_ms);
    const enum screen_word word = screen_word_of_reason(v.reason);
    return v.allow ? WORD_NONE : (word != WORD_NONE ? word : WORD_FORM_BAD);
}

static enum screen_word refuse(const struct flow *f, const struct flow_world *w, size_t at)
{
    const struct form_answer *a = &f->form.answer[at];
    const struct form_pick pick = stand_ins(f, w);
    uint64_t ms = 0;
    if (at == LEND_NAME) {
        return form_picked_person(w->state, &pick, NULL, a) != NULL ? WORD_NONE : WORD_DELEGATE_TO;
    }
    if ((at == LEND_FROM || at == LEND_UNTIL) && !form_take_time(a->text, &ms)) {
        return WORD_FORM_TIME;
    }
    if (at == LEND_UNTIL) {
        return until_word(f, w);
    }
    return at == LEND_SERVICES ? form_names_word(a->text, MODEL_ID_MAX) : WORD_NONE;
}

static void end(const struct turn *t)
{
    struct lent x;
    take(t->f, t->w, &x);
    if (!x.content.revokes_set && t->f->form.answer[LEND_WHERE].chosen == SOME_PLACES &&
        x.content.environment_count == 0) { /* never everywhere by mistake */
        flow_say(t->f, WORD_FORM_BAD);
        return;
    }
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_propose(t, KIND_DELEGATE, model_delegate_content_encode(&x.content, &w), &w);
}

const struct form_script form_delegate = {
    .find = find, .question = question, .option = option, .refuse = refuse, .end = end, .of_roster = true};
