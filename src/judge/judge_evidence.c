/* SPDX-License-Identifier: Apache-2.0 */
/* Files about a deployment, and waivers of what they say. docs/formats/evidence.md. */
#include "judge/judge_recent.h"
#include "judge/judge_rules.h"
#include "policy/policy_evidence.h"

/* An open or approved deployment that an entry is about, and its sheet now. */
struct about {
    const struct state_request *q;
    const struct state_loaded *l;
    struct sheet sheet;
};

static struct verdict open_deployment(const struct judge_case *c, uint64_t request, struct about *a)
{
    a->q = state_request_find(&c->j->state, request);
    if (a->q == NULL || a->q->kind != KIND_DEPLOY) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (!state_is_live(a->q->status)) {
        return VERDICT_DENY(judge_why_not_open(a->q));
    }
    const bool approved = a->q->status == STATUS_APPROVED;
    if (c->e.time_ms >= (approved ? a->q->use_by_ms : a->q->sign_by_ms)) {
        return VERDICT_DENY(approved ? REASON_LAPSED : REASON_EXPIRED);
    }
    if (a->q->evidence != NULL && a->q->evidence->count >= REPORT_ENTRIES_MAX) {
        return VERDICT_DENY(REASON_EVIDENCE_FULL);
    }
    struct cs_result r = judge_recent_load(c->j->recent, a->q, &a->l);
    r = r.code == CS_OK ? policy_sheet_at(&c->j->state, a->q, a->l, c->e.time_ms, &c->j->scratch, &a->sheet) : r;
    return r.code == CS_OK ? VERDICT_ALLOW : VERDICT_CAUSE(REASON_NO_ROOM, r);
}

/* Exactly the request's: a file about a part of it says nothing about the rest. */
static bool same_artifacts(const struct evidence_note *x, const struct deploy_content *d)
{
    for (size_t i = 0; i < d->artifact_count; i++) {
        size_t k = 0;
        while (k < x->artifact_count && !sha256_eq(&x->artifacts[k], &d->artifacts[i].sha256)) {
            k++;
        }
        if (k == x->artifact_count) {
            return false;
        }
    }
    for (size_t k = 0; k < x->artifact_count; k++) {
        size_t i = 0;
        while (i < d->artifact_count && !sha256_eq(&x->artifacts[k], &d->artifacts[i].sha256)) {
            i++;
        }
        if (i == d->artifact_count) {
            return false;
        }
    }
    return true;
}

/* A plan is the one that the request binds. */
static bool same_plan(const struct evidence_note *x, const struct deploy_content *d)
{
    return x->report.kind != REPORT_PLAN || !d->has_plan || sha256_eq(&x->sha256, &d->plan_sha256);
}

/* The entry as it must be, with what ran there as the state knows it. A receipt does not have that, and takes the
 * entry's word: docs/formats/receipt.md §5. */
static struct verdict baseline_right(const struct judge_case *c, const struct about *a)
{
    const struct evidence_note *x = &c->body->evidence;
    struct evidence_note *want = arena_alloc(&c->j->scratch, sizeof(*want));
    uint8_t *p = arena_alloc(&c->j->scratch, MODEL_LEAF_MAX);

    if (want == NULL || p == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    if (c->j->sparse) {
        const struct evidence_asked asked = policy_evidence_asked(&a->sheet.in, x->line);
        const bool may = !x->baseline.present || policy_evidence_compares(&asked);
        return may ? VERDICT_ALLOW : VERDICT_DENY(REASON_EVIDENCE_BASELINE);
    }
    *want = *x;
    struct writer w = wr_fixed(p, MODEL_LEAF_MAX);
    struct cs_result r = policy_evidence_baseline(&a->sheet.in, x->line, &x->report, &c->j->scratch, &want->baseline);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    r = model_evidence_encode(want, &w);
    const bool same = r.code == CS_OK && span_eq(wr_span(&w), c->e.body);
    return same ? VERDICT_ALLOW : VERDICT_DENY(REASON_EVIDENCE_BASELINE);
}

/* Once more with the entry applied to the request alone: what do people sign then? */
static struct verdict lapses(struct judge_case *c, const struct about *a, const struct state_evidence *more)
{
    struct state_request q = *a->q;
    struct state_open o = *a->q->open;
    struct sheet *after = arena_alloc(&c->j->scratch, sizeof(*after));
    struct state_evidence *all = arena_array(&c->j->scratch, o.evidence_count + 1, sizeof(*all));
    size_t n = 0;

    if (after == NULL || all == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    bool placed = false;
    for (size_t i = 0; i < o.evidence_count; i++) {
        const bool same = !more->waiver && !o.evidence[i].waiver && o.evidence[i].kind == more->kind &&
                          span_eq(o.evidence[i].line, more->line);
        all[n++] = same ? *more : o.evidence[i];
        placed = placed || same;
    }
    if (!placed) {
        all[n++] = *more;
    }
    o.evidence = all;
    o.evidence_count = n;
    q.open = &o;
    const struct cs_result r = policy_sheet_at(&c->j->state, &q, a->l, c->e.time_ms, &c->j->scratch, after);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    const struct sha256 was = policy_evidence_says(&a->sheet);
    const struct sha256 is = policy_evidence_says(after);
    c->facts.lapses = !sha256_eq(&was, &is);
    return VERDICT_ALLOW;
}

struct verdict judge_evidence(struct judge_case *c)
{
    const struct evidence_note *x = &c->body->evidence;
    struct about *a = arena_alloc(&c->j->scratch, sizeof(*a));

    if (a == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    struct verdict v = judge_client(c, model_evidence_scope(x->report.kind));
    v = v.allow ? open_deployment(c, x->request, a) : v;
    if (!v.allow) {
        return v;
    }
    const struct evidence_asked asked = policy_evidence_asked(&a->sheet.in, x->line);
    if (asked.count == 0) {
        return VERDICT_DENY(REASON_EVIDENCE_LINE);
    }
    if (!policy_evidence_wanted(&asked, x->report.kind)) {
        return VERDICT_DENY(REASON_EVIDENCE_KIND);
    }
    if (!same_artifacts(x, a->l->deploy) || !same_plan(x, a->l->deploy)) {
        return VERDICT_DENY(REASON_EVIDENCE_ARTIFACT);
    }
    if (x->report.produced_ms > c->e.time_ms + REPORT_LATE_MS) {
        return VERDICT_DENY(REASON_EVIDENCE_TIME);
    }
    if (x->prev != state_evidence_last(a->q)) {
        return VERDICT_DENY(REASON_WRONG_EFFECT);
    }
    v = baseline_right(c, a);
    const struct state_evidence more = {.index = c->e.seq,
                                        .time_ms = c->e.time_ms,
                                        .kind = x->report.kind,
                                        .source = model_actor_client(c->e.actor),
                                        .line = x->line,
                                        .body = c->e.body};
    return v.allow ? lapses(c, a, &more) : v;
}

/* --- waivers --- */

struct verdict judge_waiver_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    struct waiver_content *x = arena_alloc(&c->j->scratch, sizeof(*x));
    struct waiver_ground g;

    if (x == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    struct cs_result r = model_waiver_content_decode(q->content, &c->j->scratch, x);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    r = policy_sheet_waiver(&c->j->state, x, c->e.time_ms, &c->j->scratch, in);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    return policy_waiver_may(&c->j->state, x, in->deploy, c->e.time_ms, &c->j->scratch, &g);
}

struct verdict judge_waiver(struct judge_case *c)
{
    const struct waiver_effect *x = &c->body->waiver;
    const struct state_request *q = NULL;
    struct about *a = arena_alloc(&c->j->scratch, sizeof(*a));
    struct sheet sheet;
    struct waiver_ground g = {.stood = 0};

    if (a == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    struct verdict v = judge_approved(c, x->request, KIND_WAIVER, &q, &sheet);
    v = v.allow ? open_deployment(c, x->waives, a) : v;
    v = v.allow ? policy_waiver_may(&c->j->state, sheet.in.waiver, sheet.in.deploy, c->e.time_ms, &c->j->scratch, &g)
                : v;
    if (!v.allow) {
        return v;
    }
    const bool same =
        sheet.in.waiver->request == x->waives && g.stood == x->evidence && state_evidence_last(a->q) == x->prev;
    const struct state_evidence more = {.index = c->e.seq,
                                        .time_ms = c->e.time_ms,
                                        .waiver = true,
                                        .of = x->request,
                                        .evidence = x->evidence,
                                        .line = sheet.in.waiver->line,
                                        .body = sheet.in.content};
    return same ? lapses(c, a, &more) : VERDICT_DENY(REASON_WRONG_EFFECT);
}
