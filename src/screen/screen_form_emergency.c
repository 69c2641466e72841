/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of who breaks the glass: who, which kind, which deployment, what it points to, why it cannot wait. */
#include "screen/screen_form_in.h"

#include "model/model_emergency.h"

enum { ASK_WHO, ASK_KIND, ASK_OF, ASK_ANCHOR, ASK_VOUCHER, ASK_WHY, ASK_COUNT };

static const struct policy_emergency *rules(const struct flow_world *w)
{
    return w->state->policy->doc.emergency;
}

/* NULL before one was chosen. */
static const struct policy_emergency_kind *kind_of(const struct flow *f, const struct flow_world *w)
{
    const struct policy_emergency *e = rules(w);
    const size_t chosen = f->form.answer[ASK_KIND].chosen;
    return e != NULL && chosen > 0 && chosen <= e->kind_count ? &e->kinds[chosen - 1] : NULL;
}

/* ---- which deployment: one that waits, or to go back to one that ran */

static bool of_kind(const struct policy_emergency_kind *k, const struct state_request *q, struct arena *scratch)
{
    struct state_loaded l = {0};
    const bool ran = q->status == STATUS_SUCCEEDED && q->kept != NULL;
    const bool waits = q->status == STATUS_ELIGIBLE && q->open != NULL;
    if (q->kind != KIND_DEPLOY || (!ran && !waits) || state_load(q, scratch, &l).code != CS_OK || l.deploy == NULL) {
        return false;
    }
    const struct span type = ran ? SPAN_LIT("rollback") : l.deploy->change_type;
    return span_among(l.deploy->environment, k->environments, k->environment_count) &&
           span_among(type, k->change_types, k->change_type_count);
}

/* The newest first: what is on fire is seldom old. */
static void find_deployments(const struct turn *t)
{
    struct flow_form *m = &t->f->form;
    const struct policy_emergency_kind *k = kind_of(t->f, t->w);
    const struct state *s = t->w->state;
    for (size_t i = s->request_count; k != NULL && i > 0 && m->found_count < FORM_OPTIONS_MAX; i--) {
        const struct state_request *q = s->requests[i - 1];
        struct arena scratch;
        arena_init(&scratch, FORM_SCRATCH_BYTES);
        if (of_kind(k, q, &scratch)) {
            m->found[m->found_count++] = q->index;
        }
        arena_release(&scratch);
    }
}

/* ---- vouchers that fit what was answered so far; the judge looks again */

static bool voucher_fits(const struct turn *t, const struct voucher_content *v, const struct deploy_content *d)
{
    const struct flow_form *m = &t->f->form;
    const struct policy_emergency_kind *k = kind_of(t->f, t->w);
    const struct state_person *p = state_person_find(t->w->state, m->answer[ASK_WHO].text);
    const bool whom = p != NULL && (v->person.left > 0 ? span_eq(v->person, p->id) : state_person_has_role(p, v->role));
    return whom && k != NULL && span_among(k->id, v->kinds, v->kind_count) &&
           span_among(d->environment, v->environments, v->environment_count) &&
           (v->service_count == 0 || span_among(d->service, v->services, v->service_count));
}

static void find_vouchers(const struct turn *t)
{
    struct flow_form *m = &t->f->form;
    const struct state *s = t->w->state;
    const struct state_request *of = state_request_find(s, m->answer[ASK_OF].number);
    struct state_loaded d = {0};
    struct arena scratch;
    m->found[m->found_count++] = 0; /* none */
    arena_init(&scratch, FORM_SCRATCH_BYTES);
    const bool loaded = of != NULL && state_load(of, &scratch, &d).code == CS_OK && d.deploy != NULL;
    for (size_t i = 0; loaded && i < s->live_count && m->found_count < FORM_OPTIONS_MAX; i++) {
        const struct state_request *q = s->live[i];
        struct state_loaded v = {0};
        if (q->kind == KIND_VOUCHER && q->status == STATUS_APPROVED && t->w->clock_ms < q->use_by_ms &&
            state_load(q, &scratch, &v).code == CS_OK && voucher_fits(t, v.voucher, d.deploy)) {
            m->found[m->found_count++] = q->index;
        }
    }
    arena_release(&scratch);
}

static void emergency_find(const struct turn *t, size_t at)
{
    if (at == ASK_WHO) {
        form_find_people(t);
    } else if (at == ASK_OF) {
        find_deployments(t);
    } else if (at == ASK_VOUCHER) {
        find_vouchers(t);
    }
}

/* ---- the questions */

static const char *anchor_question(enum policy_anchor a)
{
    static const char *const words[] = {
        [ANCHOR_NONE] = "What does it point to?",
        [ANCHOR_CVE] = "Which CVE? Like CVE-2026-12345",
        [ANCHOR_DATE] = "By which date? Like 2026-11-30",
        [ANCHOR_INCIDENT] = "Which incident? Its number",
    };
    return (size_t)a < sizeof(words) / sizeof(words[0]) ? words[a] : words[ANCHOR_NONE];
}

static bool emergency_question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const struct policy_emergency *e = rules(w);
    const struct policy_emergency_kind *k = kind_of(f, w);
    const struct question questions[ASK_COUNT] = {
        [ASK_WHO] = {.kind = QUESTION_ONE, .title = "Who asks?", .hint = form_who_hint, .options = f->form.found_count},
        [ASK_KIND] = {.kind = QUESTION_ONE,
                      .title = "What kind of emergency is it?",
                      .hint = "Only these go around the ordinary rules. All else waits for its signatures.",
                      .options = e != NULL ? e->kind_count : 0,
                      .always = true},
        [ASK_OF] = {.kind = QUESTION_ONE,
                    .title = "Which deployment?",
                    .hint =
                        "One that waits, or one that ran and is gone back to. Nothing else can be deployed by this.",
                    .options = f->form.found_count,
                    .always = true},
        [ASK_ANCHOR] = {.kind = QUESTION_TEXT,
                        .title = anchor_question(k != NULL ? k->anchor : ANCHOR_NONE),
                        .hint = "It is written into the log and looked at afterwards.",
                        .least = 1},
        [ASK_VOUCHER] = {.kind = QUESTION_ONE,
                         .title = "Use a voucher?",
                         .hint = "A voucher stands in for one person who signed it before. It can be used once.",
                         .options = f->form.found_count},
        [ASK_WHY] = {.kind = QUESTION_TEXT,
                     .title = "Why can it not wait?",
                     .hint = "The second person reads it, and everybody whose signature is skipped.",
                     .least = e != NULL ? e->justification_min : 1},
    };
    if (e == NULL || at >= ASK_COUNT) {
        return false;
    }
    *q = questions[at];
    return true;
}

static void write_kind(const struct policy_emergency_kind *k, struct form_choice *o)
{
    wr_bytes(&o->title, k->id);
    for (size_t i = 0; i < k->change_type_count; i++) {
        wr_text(&o->below, i > 0 ? ", " : "");
        wr_bytes(&o->below, k->change_types[i]);
    }
    for (size_t i = 0; i < k->environment_count; i++) {
        wr_text(&o->below, i > 0 ? ", " : " in ");
        wr_bytes(&o->below, k->environments[i]);
    }
}

static void write_deployment(const struct state_request *q, struct form_choice *o)
{
    struct state_loaded l = {0};
    struct arena scratch;
    arena_init(&scratch, FORM_SCRATCH_BYTES);
    if (q != NULL && (q->open != NULL || q->kept != NULL) && state_load(q, &scratch, &l).code == CS_OK &&
        l.deploy != NULL) {
        wr_bytes(&o->title, l.deploy->title);
        wr_text(&o->below, q->status == STATUS_SUCCEEDED ? "GO BACK to request " : "request ");
        wr_dec(&o->below, q->index);
        wr_text(&o->below, ", ");
        wr_bytes(&o->below, l.deploy->service);
        wr_text(&o->below, " in ");
        wr_bytes(&o->below, l.deploy->environment);
    } else {
        wr_text(&o->title, "(no longer open)");
    }
    arena_release(&scratch);
}

static void emergency_option(const struct flow *f, const struct flow_world *w, size_t at, size_t i,
                             struct form_choice *o)
{
    const struct policy_emergency *e = rules(w);
    if (at == ASK_WHO) {
        form_write_person(f, i, o);
    } else if (at == ASK_KIND && e != NULL && i < e->kind_count) {
        write_kind(&e->kinds[i], o);
    } else if (at == ASK_OF && i < f->form.found_count) {
        write_deployment(state_request_find(w->state, f->form.found[i]), o);
    } else if (at == ASK_VOUCHER && i < f->form.found_count) {
        if (f->form.found[i] == 0) {
            wr_text(&o->title, "No: everybody is here");
        } else {
            form_write_voucher(w, f->form.found[i], o);
        }
    }
}

static enum screen_word emergency_refuse(const struct flow *f, const struct flow_world *w, size_t at)
{
    const struct policy_emergency_kind *k = kind_of(f, w);
    const bool bad =
        at == ASK_ANCHOR && (k == NULL || !model_anchor_fits(k->anchor, f->form.answer[at].text, w->clock_ms));
    return bad ? WORD_ANCHOR : WORD_NONE;
}

static void emergency_end(const struct turn *t)
{
    const struct form_answer *a = t->f->form.answer;
    const struct policy_emergency_kind *k = kind_of(t->f, t->w);
    const struct emergency_content c = {.anchor = a[ASK_ANCHOR].text,
                                        .initiator = a[ASK_WHO].text,
                                        .justification = a[ASK_WHY].text,
                                        .kind = k != NULL ? k->id : SPAN_NONE,
                                        .request = a[ASK_OF].number,
                                        .has_voucher = a[ASK_VOUCHER].number != 0,
                                        .voucher = a[ASK_VOUCHER].number};
    AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
    form_propose(t, KIND_EMERGENCY, model_emergency_content_encode(&c, &w), &w);
}

const struct form_script form_emergency = {.find = emergency_find,
                                           .question = emergency_question,
                                           .option = emergency_option,
                                           .refuse = emergency_refuse,
                                           .end = emergency_end};
