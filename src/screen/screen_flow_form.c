/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the questions of a form, one a screen: forward, back, and its end. What they are: screen_form_*.c. */
#include "screen/screen_form_in.h"

static const struct form_script *script_of(enum form_kind what)
{
    static const struct form_script *const scripts[FORM_KIND_COUNT] = {
        [FORM_CARD] = &form_card,         [FORM_EMERGENCY] = &form_emergency,
        [FORM_REVIEW] = &form_review,     [FORM_VOUCHER] = &form_voucher,
        [FORM_FREEZE] = &form_freeze,     [FORM_THAW] = &form_thaw,
        [FORM_WAIVER] = &form_waiver,     [FORM_ASK] = &form_ask,
        [FORM_DELEGATE] = &form_delegate, [FORM_ACCESS] = &form_access,
        [FORM_DUTY] = &form_duty};
    return (size_t)what < FORM_KIND_COUNT ? scripts[what] : NULL;
}

bool form_question(const struct flow *f, const struct flow_world *w, size_t at, struct question *ret_question)
{
    const struct form_script *s = script_of(f->form.what);
    *ret_question = (struct question){.kind = QUESTION_NONE};
    return s != NULL && at < FORM_QUESTIONS_MAX && s->question(f, w, at, ret_question);
}

void form_option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    const struct form_script *s = script_of(f->form.what);
    if (s != NULL) {
        s->option(f, w, at, i, o);
    }
}

/* ---- forward and back */

/* Nothing to choose: answered by itself, and not shown. */
static bool answers_itself(const struct question *q)
{
    return q->kind == QUESTION_ONE && q->options == 1 && !q->always;
}

/* Looks for what can be chosen, then asks. */
static bool prepare(const struct turn *t, size_t at, struct question *q)
{
    struct flow *f = t->f;
    const struct form_script *s = script_of(f->form.what);
    f->form.found_count = 0;
    if (s != NULL && s->find != NULL) {
        s->find(t, at);
    }
    return form_question(f, t->w, at, q);
}

static void show(struct flow *f, size_t at)
{
    const struct span text = f->form.answer[at].text;
    f->form.at = at;
    f->form.page = 0;
    f->form.typed_len = text.left <= FORM_TEXT_MAX ? text.left : 0;
    if (f->form.typed_len > 0) {
        memcpy(f->form.typed, text.p, text.left);
    }
}

/* found does not outlive its question: what was chosen of it is kept. */
static bool keep_choice(const struct turn *t, size_t at, size_t option)
{
    struct flow *f = t->f;
    struct form_answer *a = &f->form.answer[at];
    a->chosen = option + 1;
    a->number = option < f->form.found_count ? f->form.found[option] : 0;
    for (size_t i = 0; i < f->token.devices; i++) {
        const struct flow_device *d = &f->token.device[i];
        if (a->number != 0 && d->number == a->number && d->known) {
            return arena_copy(&f->people, flow_text(&d->person), &a->text).code == CS_OK;
        }
    }
    return true;
}

/* From `at` on: the next question that somebody has to answer, or the end. */
static void go_to(const struct turn *t, size_t at)
{
    struct flow *f = t->f;
    struct question q;
    while (prepare(t, at, &q) && answers_itself(&q)) {
        if (!keep_choice(t, at, 0)) {
            (void)flow_go(t, f->state == FLOW_DECLARE ? FLOW_EV_BACK : FLOW_EV_LEAVE);
            flow_say(f, WORD_NO_MEMORY);
            return;
        }
        at++;
    }
    flow_say(f, WORD_NONE);
    if (q.kind != QUESTION_NONE) {
        show(f, at);
    } else {
        script_of(f->form.what)->end(t);
    }
}

static void go_back(const struct turn *t)
{
    struct flow *f = t->f;
    struct question q;
    for (size_t at = f->form.at; at > 0; at--) {
        if (prepare(t, at - 1, &q) && !answers_itself(&q)) {
            show(f, at - 1);
            return;
        }
    }
    (void)flow_go(t, f->state == FLOW_DECLARE ? FLOW_EV_BACK : FLOW_EV_LEAVE);
    flow_say(f, WORD_CANCELLED);
}

void flow_form_start(const struct turn *t, enum form_kind what)
{
    struct flow *f = t->f;
    memset(&f->form, 0, sizeof(f->form));
    f->form.what = what;
    f->form.policy_index = t->w->state->policy_index;
    f->form.roster_index = t->w->state->roster_index;
    if (flow_go(t, what == FORM_CARD ? FLOW_EV_DECLARE : FLOW_EV_FORM)) {
        go_to(t, 0);
    }
}

void flow_form_drop(struct flow *f)
{
    memset(&f->form, 0, sizeof(f->form));
}

/* ---- answers */

static void choose(const struct turn *t, const struct question *q, size_t option)
{
    struct flow *f = t->f;
    struct form_answer *a = &f->form.answer[f->form.at];
    if (q->kind == QUESTION_SET) {
        a->set ^= UINT64_C(1) << option;
        return;
    }
    if (!keep_choice(t, f->form.at, option)) {
        flow_say(f, WORD_NO_MEMORY);
        return;
    }
    const enum screen_word why = script_of(f->form.what)->refuse(f, t->w, f->form.at);
    if (why != WORD_NONE) {
        flow_say(f, why);
        return;
    }
    go_to(t, f->form.at + 1);
}

static void press_choice(const struct turn *t, const struct question *q, uint32_t point)
{
    struct flow *f = t->f;
    const size_t pages = (q->options + FLOW_QUEUE_ROWS - 1) / FLOW_QUEUE_ROWS;
    const size_t option = (f->form.page * FLOW_QUEUE_ROWS) + (point - '1');
    if (point >= '1' && point < '1' + FLOW_QUEUE_ROWS && option < q->options) {
        choose(t, q, option);
    } else if ((t->in->press == PRESS_PAGE_DOWN || point == 'n') && f->form.page + 1 < pages) {
        f->form.page++;
    } else if ((t->in->press == PRESS_PAGE_UP || point == 'p') && f->form.page > 0) {
        f->form.page--;
    } else if (t->in->press == PRESS_ENTER && q->kind == QUESTION_SET && f->form.answer[f->form.at].set != 0) {
        go_to(t, f->form.at + 1);
    }
}

static void take_text(const struct turn *t, const struct question *q)
{
    struct flow *f = t->f;
    const struct span text = flow_trim(span_make(f->form.typed, f->form.typed_len));
    if (flow_points(text) < q->least) {
        flow_say_count(f, q->least > 1 ? WORD_FORM_SHORT : WORD_FORM_EMPTY, q->least);
    } else if (arena_copy(&f->people, text, &f->form.answer[f->form.at].text).code != CS_OK) {
        flow_say(f, WORD_NO_MEMORY);
    } else {
        const enum screen_word why = script_of(f->form.what)->refuse(f, t->w, f->form.at);
        flow_say(f, why);
        if (why == WORD_NONE) {
            go_to(t, f->form.at + 1);
        }
    }
}

static void press_text(const struct turn *t, const struct question *q)
{
    struct flow_form *m = &t->f->form;
    if (t->in->press == PRESS_CHAR) {
        (void)flow_type(m->typed, &m->typed_len, sizeof(m->typed), t->in->point);
    } else if (t->in->press == PRESS_ERASE) {
        flow_erase(m->typed, &m->typed_len);
    } else if (t->in->press == PRESS_ENTER) {
        take_text(t, q);
    }
}

bool flow_form_fold(const struct turn *t)
{
    struct flow *f = t->f;
    const struct form_script *s = script_of(f->form.what);
    const struct state *state = t->w->state;

    if (f->state != FLOW_FORM || s == NULL) {
        return false;
    }
    /* answers are places in lists of the policy, and some in lists of people */
    const bool moved =
        f->form.policy_index != state->policy_index || (s->of_roster && f->form.roster_index != state->roster_index);
    if (!moved) {
        return false;
    }
    flow_form_start(t, f->form.what);
    flow_say(f, WORD_FORM_AGAIN);
    return true;
}

void flow_form_press(const struct turn *t)
{
    struct question q;
    if (flow_form_fold(t)) {
        return; /* what was pressed was an answer to something else */
    }
    flow_say(t->f, WORD_NONE);
    if (t->in->press == PRESS_ESC) {
        go_back(t);
    } else if (form_question(t->f, t->w, t->f->form.at, &q)) {
        if (q.kind == QUESTION_TEXT) {
            press_text(t, &q);
        } else {
            press_choice(t, &q, t->in->press == PRESS_CHAR ? t->in->point : 0);
        }
    }
}

enum screen_word form_accepts(const struct flow *f, const struct flow_world *w, size_t at)
{
    (void)f;
    (void)w;
    (void)at;
    return WORD_NONE;
}

/* ---- what forms share */

const char form_who_hint[] = "Whose key or card is in. What follows is asked in this name, and signed.";

void form_find_people(const struct turn *t)
{
    struct flow_form *m = &t->f->form;
    const struct flow_token *k = &t->f->token;
    for (size_t i = 0; i < k->devices && m->found_count < FORM_OPTIONS_MAX; i++) {
        if (flow_device_person(&k->device[i], t->w->state) != NULL) {
            m->found[m->found_count++] = k->device[i].number;
        }
    }
}

void form_write_person(const struct flow *f, size_t i, struct form_choice *o)
{
    for (size_t n = 0; i < f->form.found_count && n < f->token.devices; n++) {
        if (f->token.device[n].number == f->form.found[i]) {
            wr_bytes(&o->title, flow_text(&f->token.device[n].person));
            wr_text(&o->below, f->token.device[n].card ? "card, port " : "key, port ");
            wr_bytes(&o->below, flow_text(&f->token.device[n].port));
        }
    }
}

void form_sort(struct span *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && span_cmp(items[k], items[k - 1]) < 0; k--) {
            const struct span x = items[k];
            items[k] = items[k - 1];
            items[k - 1] = x;
        }
    }
}

void form_propose(const struct turn *t, enum request_kind kind, struct cs_result written, const struct writer *w)
{
    form_send(t, ASK_PROPOSE, kind, written, w);
}

void form_send(const struct turn *t, enum ask_kind ask, enum request_kind kind, struct cs_result written,
               const struct writer *w)
{
    struct flow *f = t->f;
    struct flow_ask *a = written.code == CS_OK ? flow_ask(f, ask) : NULL;
    if (a == NULL) {
        flow_say(f, written.code == CS_OK || written.code == CS_E_NOMEM ? WORD_NO_MEMORY : WORD_FORM_BAD);
        return;
    }
    if (w->len > MODEL_CONTENT_MAX) {
        flow_unask(f, a);
        flow_say(f, WORD_TOO_LONG);
        return;
    }
    a->request_kind = kind;
    a->content = flow_keep(f, wr_span(w));
    if (a->content.left == 0) {
        flow_unask(f, a);
        return;
    }
    f->making.send_id = a->id;
    f->making.proposed = 0;
    (void)flow_go(t, FLOW_EV_SENT);
}
