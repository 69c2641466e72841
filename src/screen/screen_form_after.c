/* SPDX-License-Identifier: Apache-2.0 */
/* What comes before and after an emergency: the voucher that an executive signs beforehand, the review that is owed. */
#include "screen/screen_form_in.h"

#include "model/model_emergency.h"

static const struct policy_emergency *rules(const struct flow_world *w)
{
    return w->state->policy->doc.emergency;
}

/* ---- the voucher */

enum { ASK_WHICH, ASK_WHO, ASK_SEAT, ASK_KINDS, ASK_PLACES, ASK_WHOM, ASK_LIFE, ASK_WHY, ASK_COUNT };

static const struct {
    uint64_t s;
    const char *words;
} lives[] = {{3600, "1 hour"}, {14400, "4 hours"}, {43200, "12 hours"},
             {86400, "1 day"}, {259200, "3 days"}, {604800, "1 week"}};
enum { LIVES = sizeof(lives) / sizeof(lives[0]) };

/* A very short allowance is itself the one choice. */
static size_t lives_within(const struct policy_emergency *e)
{
    size_t n = 0;
    while (n < LIVES && lives[n].s <= e->voucher_life_s) {
        n++;
    }
    return n > 0 ? n : 1;
}

static uint64_t life_at(const struct policy_emergency *e, size_t i)
{
    return lives[i % LIVES].s <= e->voucher_life_s ? lives[i % LIVES].s : e->voucher_life_s;
}

/* Given by somebody who is here, and not used yet: it can be looked at, and taken back. */
static bool given_here(const struct turn *t, const struct state_request *q)
{
    struct state_loaded l = {0};
    struct arena scratch;
    bool here = false;
    if (q->kind != KIND_VOUCHER || q->status != STATUS_APPROVED || t->w->clock_ms >= q->use_by_ms) {
        return false;
    }
    arena_init(&scratch, FORM_SCRATCH_BYTES);
    const bool loaded = state_load(q, &scratch, &l).code == CS_OK && l.voucher != NULL;
    for (size_t i = 0; loaded && i < t->f->token.devices; i++) {
        const struct state_person *p = flow_device_person(&t->f->token.device[i], t->w->state);
        here = here || (p != NULL && span_eq(p->id, l.voucher->initiator));
    }
    arena_release(&scratch);
    return here;
}

static void find_given(const struct turn *t)
{
    struct flow_form *m = &t->f->form;
    const struct state *s = t->w->state;
    m->found[m->found_count++] = 0; /* a new one */
    for (size_t i = 0; i < s->live_count && m->found_count < FORM_OPTIONS_MAX; i++) {
        if (given_here(t, s->live[i])) {
            m->found[m->found_count++] = s->live[i]->index;
        }
    }
}

static void voucher_find(const struct turn *t, size_t at)
{
    struct flow_form *m = &t->f->form;
    const struct policy_emergency *e = rules(t->w);
    if (at == ASK_WHICH) {
        find_given(t);
        return;
    }
    if (at == ASK_WHO) {
        form_find_people(t);
        return;
    }
    for (size_t i = 0; at == ASK_SEAT && e != NULL && i < e->seats.count; i++) {
        if (e->seats.item[i].voucher) {
            m->found[m->found_count++] = i;
        }
    }
    for (size_t i = 0; at == ASK_WHOM && e != NULL && i < e->seats.count; i++) {
        if (!e->seats.item[i].voucher) { /* whoever sits beside it is who may use it */
            m->found[m->found_count++] = i;
        }
    }
}

static bool voucher_question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const struct policy_emergency *e = rules(w);
    const struct question questions[ASK_COUNT] = {
        [ASK_WHICH] = {.kind = QUESTION_ONE,
                       .title = "Which voucher?",
                       .hint = "One that was given can be read, and taken back by who gave it.",
                       .options = f->form.found_count},
        [ASK_WHO] = {.kind = QUESTION_ONE,
                     .title = "Who gives it?",
                     .hint = form_who_hint,
                     .options = f->form.found_count},
        [ASK_SEAT] = {.kind = QUESTION_ONE,
                      .title = "Which seat does it fill?",
                      .hint = "You sign now for this seat of one emergency to come.",
                      .options = f->form.found_count},
        [ASK_KINDS] = {.kind = QUESTION_SET,
                       .title = "For which kinds of emergency?",
                       .hint = "It cannot be used for any other.",
                       .options = e != NULL ? e->kind_count : 0},
        [ASK_PLACES] = {.kind = QUESTION_SET,
                        .title = "For which environments?",
                        .hint = "It cannot be used for any other.",
                        .options = w->state->policy->doc.environment_count},
        [ASK_WHOM] = {.kind = QUESTION_ONE,
                      .title = "Who may use it?",
                      .hint = "Anyone with this role, together with their own signature.",
                      .options = f->form.found_count},
        [ASK_LIFE] = {.kind = QUESTION_ONE,
                      .title = "How long does it hold?",
                      .hint = "From your signature on. It is used up by one emergency.",
                      .options = e != NULL ? lives_within(e) : 0,
                      .always = true},
        [ASK_WHY] = {.kind = QUESTION_TEXT,
                     .title = "Why do you give it?",
                     .hint = "It is signed with it.",
                     .least = 1},
    };
    if (e == NULL || at >= ASK_COUNT || (at > ASK_WHICH && f->form.answer[ASK_WHICH].number != 0)) {
        return false;
    }
    *q = questions[at];
    q->options = q->options < FORM_OPTIONS_MAX ? q->options : FORM_OPTIONS_MAX;
    return true;
}

static void write_seat(const struct flow *f, const struct policy_emergency *e, size_t i, struct form_choice *o)
{
    if (i < f->form.found_count && f->form.found[i] < e->seats.count) {
        wr_bytes(&o->title, e->seats.item[f->form.found[i]].id);
        wr_bytes(&o->below, e->seats.item[f->form.found[i]].role);
    }
}

void form_write_voucher(const struct flow_world *w, uint64_t index, struct form_choice *o)
{
    const struct state_request *q = state_request_find(w->state, index);
    struct state_loaded l = {0};
    struct arena scratch;
    arena_init(&scratch, FORM_SCRATCH_BYTES);
    wr_text(&o->title, "Voucher ");
    wr_dec(&o->title, index);
    if (q != NULL && q->open != NULL && state_load(q, &scratch, &l).code == CS_OK && l.voucher != NULL) {
        wr_text(&o->title, " of ");
        wr_bytes(&o->title, l.voucher->initiator);
        wr_text(&o->below, "not used yet, until ");
        screen_write_minute(&o->below, q->use_by_ms);
    }
    arena_release(&scratch);
}

static void write_given(const struct flow *f, const struct flow_world *w, size_t i, struct form_choice *o)
{
    const uint64_t index = i < f->form.found_count ? f->form.found[i] : 0;
    if (index != 0) {
        form_write_voucher(w, index, o);
    } else {
        wr_text(&o->title, "A new one");
    }
}

static void voucher_option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    const struct policy_emergency *e = rules(w);
    const struct policy_doc *doc = &w->state->policy->doc;
    if (e == NULL) {
        return;
    }
    if (at == ASK_WHICH) {
        write_given(f, w, i, o);
    } else if (at == ASK_WHO) {
        form_write_person(f, i, o);
    } else if (at == ASK_SEAT || at == ASK_WHOM) {
        write_seat(f, e, i, o);
        if (at == ASK_WHOM) { /* who may use it is a role */
            o->title = o->below;
            o->below.len = 0;
        }
    } else if (at == ASK_KINDS && i < e->kind_count) {
        wr_bytes(&o->title, e->kinds[i].id);
    } else if (at == ASK_PLACES && i < doc->environment_count) {
        wr_bytes(&o->title, doc->environments[i]);
    } else if (at == ASK_LIFE) {
        const bool own = lives[i % LIVES].s > e->voucher_life_s;
        wr_text(&o->title, own ? "As long as the policy allows" : lives[i % LIVES].words);
    }
}

static void read_given(const struct turn *t, uint64_t index)
{
    flow_form_drop(t->f);
    flow_read_open(t, index);
    if (t->f->state != FLOW_READ) { /* it was used meanwhile; words say so */
        (void)flow_go(t, FLOW_EV_LEAVE);
    }
}

static void voucher_end(const struct turn *t)
{
    const struct form_answer *a = t->f->form.answer;
    if (a[ASK_WHICH].number != 0) {
        read_given(t, a[ASK_WHICH].number);
        return;
    }
    const struct policy_emergency *e = rules(t->w);
    const struct policy_doc *doc = &t->w->state->policy->doc;
    struct span kinds[POLICY_KINDS_MAX];
    struct span chosen[FORM_OPTIONS_MAX];
    struct span places[FORM_OPTIONS_MAX];
    if (e == NULL || a[ASK_SEAT].number >= e->seats.count || a[ASK_WHOM].number >= e->seats.count) {
        flow_say(t->f, WORD_RULES_CHANGED); /* the policy changed while it was answered */
        return;
    }
    for (size_t i = 0; i < e->kind_count; i++) {
        kinds[i] = e->kinds[i].id;
    }
    const struct voucher_content c = {
        .environments = places,
        .environment_count = form_picked(a[ASK_PLACES].set, doc->environments, doc->environment_count, places),
        .initiator = a[ASK_WHO].text,
        .kinds = chosen,
        .kind_count = form_picked(a[ASK_KINDS].set, kinds, e->kind_count, chosen),
        .life_s = life_at(e, a[ASK_LIFE].chosen - 1),
        .reason = a[ASK_WHY].text,
        .role = e->seats.item[a[ASK_WHOM].number].role,
        .seat = e->seats.item[a[ASK_SEAT].number].id};
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_propose(t, KIND_VOUCHER, model_voucher_content_encode(&c, &w), &w);
}

const struct form_script form_voucher = {.find = voucher_find,
                                         .question = voucher_question,
                                         .option = voucher_option,
                                         .refuse = form_accepts,
                                         .end = voucher_end,
                                         .of_roster = true};

/* ---- the review */

enum { REVIEW_WHO, REVIEW_OF, REVIEW_FIELDS };

/* Soonest to be due first. */
static void review_find(const struct turn *t, size_t at)
{
    struct flow_form *m = &t->f->form;
    const struct state *s = t->w->state;
    if (at == REVIEW_WHO) {
        form_find_people(t);
    }
    for (size_t i = 0; at == REVIEW_OF && i < s->emergency_count && m->found_count < FORM_OPTIONS_MAX; i++) {
        if (s->emergencies[i]->review_index == 0) {
            m->found[m->found_count++] = s->emergencies[i]->index;
        }
    }
}

/* What the policy asks that it was granted under; in its order. */
static const struct policy_emergency *asks_of(const struct flow *f, const struct flow_world *w)
{
    const struct state_emergency *x = state_emergency_find(w->state, f->form.answer[REVIEW_OF].number);
    return x != NULL ? x->under->doc.emergency : NULL;
}

static bool review_question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const struct policy_emergency *e = asks_of(f, w);
    const size_t fields = e != NULL ? e->review_field_count : 0;
    if (at == REVIEW_WHO || at == REVIEW_OF) {
        *q = (struct question){.kind = QUESTION_ONE,
                               .title = at == REVIEW_WHO ? "Who writes?" : "Which emergency?",
                               .hint = at == REVIEW_WHO ? form_who_hint : "These still owe their review.",
                               .options = f->form.found_count,
                               .always = at == REVIEW_OF};
        return true;
    }
    if (at - REVIEW_FIELDS >= fields) {
        return false;
    }
    *q = (struct question){.kind = QUESTION_TEXT,
                           .title = "Review of an emergency",
                           .hint = "Who signs the review reads it, and so does everybody whose signature was skipped.",
                           .about = e->review_fields[at - REVIEW_FIELDS],
                           .least = 1};
    return true;
}

static void review_option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    if (at == REVIEW_WHO) {
        form_write_person(f, i, o);
        return;
    }
    const struct state_emergency *x = i < f->form.found_count ? state_emergency_find(w->state, f->form.found[i]) : NULL;
    if (x == NULL) {
        return;
    }
    wr_bytes(&o->title, x->kind);
    wr_text(&o->title, " for ");
    wr_bytes(&o->title, x->service);
    wr_text(&o->below, "entry ");
    wr_dec(&o->below, x->index);
    if (x->due_ms > w->clock_ms) {
        wr_text(&o->below, ", due in ");
        screen_write_span(&o->below, x->due_ms - w->clock_ms);
    } else {
        wr_text(&o->below, ", OVERDUE");
    }
}

static int pair_order(const void *a, const void *b)
{
    const struct text_pair *x = a;
    const struct text_pair *y = b;
    return span_cmp(x->key, y->key);
}

static void review_end(const struct turn *t)
{
    const struct form_answer *a = t->f->form.answer;
    const struct policy_emergency *e = asks_of(t->f, t->w);
    struct review_content c = {.emergency = a[REVIEW_OF].number, .initiator = a[REVIEW_WHO].text};
    for (size_t i = 0; e != NULL && i < e->review_field_count && i < MODEL_DOCS_MAX; i++) {
        c.fields[c.field_count++] = (struct text_pair){.key = e->review_fields[i], .value = a[REVIEW_FIELDS + i].text};
    }
    qsort(c.fields, c.field_count, sizeof(c.fields[0]), pair_order);
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_propose(t, KIND_REVIEW, model_review_content_encode(&c, &w), &w);
}

const struct form_script form_review = {.find = review_find,
                                        .question = review_question,
                                        .option = review_option,
                                        .refuse = form_accepts,
                                        .end = review_end};
