/* SPDX-License-Identifier: Apache-2.0 */
/* What a card cannot say of itself, and the officers therefore declare and sign: who issued it, what it asks for. */
#include "screen/screen_form_in.h"

enum { ASK_ISSUER, ASK_PIN, ASK_TOUCH, ASK_COUNT };

static const struct {
    enum card_use use;
    const char *words;
} touches[] = {
    {CARD_USE_ALWAYS, "Yes, at every signature"},
    {CARD_USE_CACHED, "Yes, and then not for some seconds"},
    {CARD_USE_NEVER, "No"},
    {CARD_USE_UNKNOWN, "Nobody here knows"},
};
enum { TOUCHES = sizeof(touches) / sizeof(touches[0]) };

/* ---- issuers that are allowed: by the roster, or at the ceremony by the proposal */

struct issuer {
    struct span id;
    struct span name;
    bool attests; /* cards of it can: it names roots for that */
};

static bool from_proposal(const struct flow_making *m, size_t i, struct issuer *ret_issuer)
{
    for (size_t at = 0; at < m->proposal.changes.count; at++) {
        if (m->item[at].op == CHANGE_PUT_ISSUER && i-- == 0) {
            const struct card_issuer *x = &m->item[at].issuer;
            *ret_issuer = (struct issuer){.id = x->id, .name = x->name, .attests = x->attestation_root_count > 0};
            return true;
        }
    }
    return false;
}

/* The i-th by id, so that a number means the same issuer as long as the roster does not change. */
static bool from_roster(const struct state *s, size_t i, struct issuer *ret_issuer)
{
    const struct state_issuer *last = NULL;
    for (size_t n = 0; n <= i; n++) {
        const struct state_issuer *best = NULL;
        size_t at = 0;
        for (const struct state_issuer *x = map_next(&s->issuers, &at); x != NULL; x = map_next(&s->issuers, &at)) {
            const bool after = last == NULL || span_cmp(last->id, x->id) < 0;
            if (!x->removed && after && (best == NULL || span_cmp(x->id, best->id) < 0)) {
                best = x;
            }
        }
        if (best == NULL) {
            return false;
        }
        last = best;
    }
    *ret_issuer = (struct issuer){.id = last->id, .name = last->name, .attests = last->attestation_root_count > 0};
    return true;
}

static bool issuer_at(const struct flow *f, const struct flow_world *w, size_t i, struct issuer *ret_issuer)
{
    return w->state->begun ? from_roster(w->state, i, ret_issuer) : from_proposal(&f->making, i, ret_issuer);
}

size_t flow_issuers(const struct flow *f, const struct flow_world *w)
{
    struct issuer x;
    size_t n = 0;
    while (n < FORM_OPTIONS_MAX && issuer_at(f, w, n, &x)) {
        n++;
    }
    return n;
}

static bool chosen_issuer(const struct flow *f, const struct flow_world *w, struct issuer *ret_issuer)
{
    const size_t chosen = f->form.answer[ASK_ISSUER].chosen;
    return chosen > 0 && issuer_at(f, w, chosen - 1, ret_issuer);
}

/* ---- the questions */

/* An attestation says something only where the issuer names who may end its chain: else it is as good as none. */
static bool is_attested(const struct flow *f, const struct flow_world *w)
{
    struct issuer x;
    return f->making.pending.card.x5c_count > 0 && chosen_issuer(f, w, &x) && x.attests;
}

static bool card_question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const bool attested = is_attested(f, w);
    if (at >= (attested ? (size_t)ASK_PIN : (size_t)ASK_COUNT)) {
        return false;
    }
    *q = (struct question){.kind = QUESTION_ONE, .always = true};
    if (at == ASK_ISSUER) {
        q->always = false;
        q->title = "Who issued this card?";
        q->hint = "Its certificate must lead to a root of this issuer.";
        q->options = flow_issuers(f, w);
    } else if (at == ASK_PIN) {
        q->title = "Does it ask for its PIN at every signature?";
        q->hint = "The card cannot prove it. The officers sign what you say here.";
        q->options = 2;
    } else {
        q->title = "Does it ask to be touched?";
        q->hint = "The card cannot prove it. The officers sign what you say here.";
        q->options = TOUCHES;
    }
    return true;
}

static void card_option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    struct issuer x;
    if (at == ASK_ISSUER && issuer_at(f, w, i, &x)) {
        wr_bytes(&o->title, x.name);
        wr_bytes(&o->below, x.id);
    } else if (at == ASK_PIN) {
        wr_text(&o->title, i == 0 ? "Yes, always" : "No, or nobody here knows");
    } else if (at == ASK_TOUCH && i < TOUCHES) {
        wr_text(&o->title, touches[i].words);
    }
}

/* A card that signs on without its PIN is no proof of a person. */
static enum screen_word card_refuse(const struct flow *f, const struct flow_world *w, size_t at)
{
    (void)w;
    return at == ASK_PIN && f->form.answer[at].chosen != 1 ? WORD_CARD_PIN : WORD_NONE;
}

static void card_end(const struct turn *t)
{
    struct flow *f = t->f;
    struct roster_change *c = &f->making.pending;
    const struct form_answer *a = f->form.answer;
    struct issuer x = {.id = SPAN_NONE};
    if (!chosen_issuer(f, t->w, &x) || arena_copy(&f->people, x.id, &c->card.issuer).code != CS_OK) {
        flow_say(f, WORD_NO_MEMORY);
        (void)flow_go(t, FLOW_EV_BACK);
        return;
    }
    if (!is_attested(f, t->w)) {
        c->card.x5c_count = 0;
        c->card.pin = CARD_USE_ALWAYS;
        c->card.touch = touches[(a[ASK_TOUCH].chosen - 1) % TOUCHES].use;
    }
    flow_form_drop(f); /* its questions are over: the next thing written is a reason */
    flow_key_made(t);
}

const struct form_script form_card = {
    .question = card_question, .option = card_option, .refuse = card_refuse, .end = card_end};
