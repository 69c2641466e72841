/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the questions of a form, one a screen: forward, back, and its end. What they are: screen_form_*.c. */
#include "screen/screen_form_in.h"

static const struct form_script *script_of(enum form_kind what)
{
    static const struct form_script *const scripts[FORM_KIND_COUNT] = {[FORM_CARD] = &form_card};
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

/* From `at` on: the next question that somebody has to answer, or the end. */
static void go_to(const struct turn *t, size_t at)
{
    struct flow *f = t->f;
    struct question q;
    while (form_question(f, t->w, at, &q) && answers_itself(&q)) {
        f->form.answer[at].chosen = 1;
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
        if (form_question(f, t->w, at - 1, &q) && !answers_itself(&q)) {
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
    a->chosen = option + 1;
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
        flow_say_count(f, WORD_FORM_SHORT, q->least);
    } else if (arena_copy(&f->people, text, &f->form.answer[f->form.at].text).code != CS_OK) {
        flow_say(f, WORD_NO_MEMORY);
    } else {
        go_to(t, f->form.at + 1);
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

void flow_form_press(const struct turn *t)
{
    struct question q;
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
