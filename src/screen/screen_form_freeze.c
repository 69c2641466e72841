/* SPDX-License-Identifier: Apache-2.0 */
/* An incident at the kiosk: holding environments, which anybody here may, and ending that, which one person signs. */
#include "screen/screen_form_in.h"

#include "base/base_text.h"
#include "model/model_freeze.h"

_Static_assert((int)FORM_NAMES_MAX <= (int)MODEL_FROZEN_MAX && (int)FORM_OPTIONS_MAX <= (int)MODEL_FROZEN_MAX,
               "they fit a freeze");

/* ---- holding */

enum { HOLD_INCIDENT, HOLD_PLACES, HOLD_SERVICES, HOLD_RESPONDERS, HOLD_COUNT };

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
        [HOLD_SERVICES] = {.kind = QUESTION_TEXT,
                           .title = "Only some services? Which?",
                           .hint = "Their names, with spaces between. All of them: leave it empty.",
                           .least = 0},
        [HOLD_RESPONDERS] =
            {.kind = QUESTION_TEXT,
             .title = "Who may remediate?",
             .hint =
                 "Their names, with spaces between. Only they may ask for what puts it right. Nobody: leave it empty.",
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

static enum screen_word freeze_refuse(const struct flow *f, const struct flow_world *w, size_t at)
{
    const struct span text = f->form.answer[at].text;
    (void)w;
    if (at == HOLD_INCIDENT) {
        return text_id_check(text, MODEL_ACCOUNT_MAX, "incident").code == CS_OK ? WORD_NONE : WORD_BAD_NAME;
    }
    if (at == HOLD_SERVICES) {
        return form_names_word(text, MODEL_ID_MAX);
    }
    return at == HOLD_RESPONDERS ? form_names_word(text, MODEL_ACCOUNT_MAX) : WORD_NONE;
}

static void freeze_end(const struct turn *t)
{
    const struct form_answer *a = t->f->form.answer;
    const struct policy_doc *doc = &t->w->state->policy->doc;
    struct span places[FORM_OPTIONS_MAX];
    struct span services[FORM_NAMES_MAX];
    struct span names[FORM_NAMES_MAX];
    const struct freeze x = {.incident = a[HOLD_INCIDENT].text,
                             .environments = places,
                             .environment_count =
                                 form_picked(a[HOLD_PLACES].set, doc->environments, doc->environment_count, places),
                             .services = services,
                             .service_count = form_take_names(a[HOLD_SERVICES].text, services),
                             .responders = names,
                             .responder_count = form_take_names(a[HOLD_RESPONDERS].text, names)};
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_send(t, ASK_FREEZE, KIND_NONE, model_freeze_content_encode(&x, &w), &w);
}

const struct form_script form_freeze = {.find = NULL,
                                        .question = freeze_question,
                                        .option = freeze_option,
                                        .refuse = freeze_refuse,
                                        .end = freeze_end,
                                        .of_roster = true};

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
