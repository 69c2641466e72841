/* SPDX-License-Identifier: Apache-2.0 */
/* An incident at the kiosk: holding environments, which anybody here may, and ending that, which one person signs. */
#include "screen/screen_form_in.h"

#include "base/base_text.h"
#include "model/model_freeze.h"

/* ---- holding */

enum { HOLD_INCIDENT, HOLD_PLACES, HOLD_RESPONDERS, HOLD_COUNT };

static bool freeze_question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const struct policy_doc *doc = &w->state->policy->doc;
    const size_t places = doc->environment_count < FORM_OPTIONS_MAX ? doc->environment_count : (size_t)FORM_OPTIONS_MAX;
    const struct question questions[HOLD_COUNT] = {
        [HOLD_INCIDENT] = {.kind = QUESTION_TEXT,
                           .title = "Which incident? Its number",
                           .hint = "Nothing but what remediates it is deployed until somebody ends the freeze here.",
                           .least = 1},
        [HOLD_PLACES] = {.kind = QUESTION_SET,
                         .title = "Which environments?",
                         .hint = "What waits there, and what is approved and not used, is paused.",
                         .options = places},
        [HOLD_RESPONDERS] = {.kind = QUESTION_TEXT,
                             .title = "Who may remediate? Their names, with spaces between",
                             .hint = "Only they may ask for what puts it right. Nobody: leave it empty.",
                             .least = 0},
    };
    (void)f;
    if (doc->freeze == NULL || at >= HOLD_COUNT) {
        return false;
    }
    *q = questions[at];
    return true;
}

static void freeze_option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    const struct policy_doc *doc = &w->state->policy->doc;
    (void)f;
    if (at == HOLD_PLACES && i < doc->environment_count) {
        wr_bytes(&o->title, doc->environments[i]);
    }
}

/* Sorted, each once; SIZE_MAX when there are too many. */
static size_t take_names(struct span text, struct span *ret_names)
{
    size_t n = 0;
    size_t kept = 0;

    while (text.left > 0) {
        size_t len = 0;
        while (len < text.left && text.p[len] != ' ' && text.p[len] != ',') {
            len++;
        }
        if (len > 0 && n == MODEL_FROZEN_MAX) {
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

static enum screen_word freeze_refuse(const struct flow *f, const struct flow_world *w, size_t at)
{
    struct span names[MODEL_FROZEN_MAX];
    const struct span text = f->form.answer[at].text;
    (void)w;
    if (at == HOLD_INCIDENT) {
        return text_id_check(text, MODEL_ACCOUNT_MAX, "incident").code == CS_OK ? WORD_NONE : WORD_BAD_NAME;
    }
    const size_t n = at == HOLD_RESPONDERS ? take_names(text, names) : 0;
    bool good = n <= MODEL_FROZEN_MAX;
    for (size_t i = 0; good && i < n; i++) {
        good = text_id_check(names[i], MODEL_ACCOUNT_MAX, "responder").code == CS_OK;
    }
    return good ? WORD_NONE : WORD_BAD_NAME;
}

static void freeze_end(const struct turn *t)
{
    const struct form_answer *a = t->f->form.answer;
    const struct policy_doc *doc = &t->w->state->policy->doc;
    struct span places[MODEL_FROZEN_MAX];
    struct span names[MODEL_FROZEN_MAX];
    struct freeze x = {.incident = a[HOLD_INCIDENT].text, .environments = places, .responders = names};

    for (size_t i = 0; i < doc->environment_count && i < MODEL_FROZEN_MAX; i++) {
        if ((a[HOLD_PLACES].set & UINT64_C(1) << i) != 0) {
            places[x.environment_count++] = doc->environments[i];
        }
    }
    x.responder_count = take_names(a[HOLD_RESPONDERS].text, names);
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_send(t, ASK_FREEZE, KIND_NONE, model_freeze_content_encode(&x, &w), &w);
}

const struct form_script form_freeze = {
    .find = NULL, .question = freeze_question, .option = freeze_option, .refuse = freeze_refuse, .end = freeze_end};

/* ---- ending it */

enum { END_WHO, END_WHICH, END_WHY, END_COUNT };

/* The newest first. */
static void thaw_find(const struct turn *t, size_t at)
{
    struct flow_form *m = &t->f->form;
    const struct state *s = t->w->state;
    if (at == END_WHO) {
        form_find_people(t);
    }
    for (size_t i = s->freeze_count; at == END_WHICH && i > 0 && m->found_count < FORM_OPTIONS_MAX; i--) {
        m->found[m->found_count++] = s->freezes[i - 1]->index;
    }
}

static bool thaw_question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const struct question questions[END_COUNT] = {
        [END_WHO] = {.kind = QUESTION_ONE, .title = "Who asks?", .hint = form_who_hint, .options = f->form.found_count},
        [END_WHICH] = {.kind = QUESTION_ONE,
                       .title = "Which freeze ends?",
                       .hint = "All that the same incident froze before it ends with it.",
                       .options = f->form.found_count,
                       .always = true},
        [END_WHY] = {.kind = QUESTION_TEXT, .title = "Why may it end?", .hint = "It is signed with it.", .least = 1},
    };
    (void)w;
    if (at >= END_COUNT) {
        return false;
    }
    *q = questions[at];
    return true;
}

static void thaw_option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    if (at == END_WHO) {
        form_write_person(f, i, o);
        return;
    }
    const struct state_freeze *x =
        at == END_WHICH && i < f->form.found_count ? state_freeze_find(w->state, f->form.found[i]) : NULL;
    if (x == NULL) {
        return;
    }
    wr_bytes(&o->title, x->incident);
    for (size_t k = 0; k < x->environment_count; k++) {
        wr_text(&o->below, k > 0 ? ", " : "");
        wr_bytes(&o->below, x->environments[k]);
    }
    wr_text(&o->below, ", since ");
    screen_write_minute(&o->below, x->since_ms);
}

static void thaw_end(const struct turn *t)
{
    const struct form_answer *a = t->f->form.answer;
    const struct thaw_content c = {
        .freeze = a[END_WHICH].number, .initiator = a[END_WHO].text, .reason = a[END_WHY].text};
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_propose(t, KIND_THAW, model_thaw_content_encode(&c, &w), &w);
}

const struct form_script form_thaw = {
    .find = thaw_find, .question = thaw_question, .option = thaw_option, .refuse = form_accepts, .end = thaw_end};
