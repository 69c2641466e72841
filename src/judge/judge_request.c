/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, withdrawing and expiring requests. */
#include "judge/judge_cards.h"
#include "judge/judge_recent.h"
#include "policy/policy_gates.h"
#include "policy/policy_route.h"

struct verdict judge_client(const struct judge_case *c, enum client_scope scope)
{
    const struct span id = model_actor_client(c->e.actor);
    const struct state_client *client = id.left > 0 ? state_client_find(&c->j->state, id) : NULL;

    if (client == NULL || client->removed) {
        return VERDICT_DENY(REASON_UNKNOWN_CLIENT);
    }
    return (client->scopes & 1U << (unsigned)scope) != 0 ? VERDICT_ALLOW : VERDICT_DENY(REASON_NO_SCOPE);
}

enum policy_reason judge_why_not_open(const struct state_request *q)
{
    switch (q->status) {
    case STATUS_APPROVED:
    case STATUS_APPLIED:
        return REASON_QUORUM_MET;
    case STATUS_EXPIRED:
        return REASON_EXPIRED;
    case STATUS_LAPSED:
        return REASON_LAPSED;
    case STATUS_REDEEMED:
    case STATUS_SUCCEEDED:
    case STATUS_FAILED:
    case STATUS_ROLLED_BACK:
        return REASON_REDEEMED;
    case STATUS_NONE:
    case STATUS_ELIGIBLE:
    case STATUS_REJECTED:
    case STATUS_WITHDRAWN:
    case STATUS_SUPERSEDED:
    case STATUS_VOID:
    case STATUS_BLOCKED:
    case STATUS_PAUSED:
    case STATUS_COUNT:
        break;
    }
    return REASON_NOT_OPEN;
}

/* Deployments are asked for by clients over the network; policy, people and delegations only from inside the box;
 * emergencies, and what belongs to them, only by people who stand at it. */
static struct verdict may_ask(const struct judge_case *c, enum request_kind kind)
{
    if (kind == KIND_DEPLOY) {
        return judge_client(c, SCOPE_REQUEST);
    }
    const bool written =
        kind == KIND_POLICY || kind == KIND_ROSTER || kind == KIND_DELEGATE || kind == KIND_ACCESS_REVIEW;
    const bool inside = (written && span_is(c->e.actor, "system:operator")) || span_is(c->e.actor, "system:kiosk");
    return inside ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_ACTOR);
}

/*
 * Who asks for a change of policy or people is named, so that separation has somebody to keep apart. A roster change
 * may be the place's own (an enrolment at the kiosk); a policy always has an editor.
 */
static struct verdict initiator_known(const struct judge_case *c, enum request_kind kind, struct span initiator)
{
    if (kind == KIND_ROSTER && span_eq(initiator, c->e.actor)) {
        return VERDICT_ALLOW;
    }
    size_t at = 0;
    const struct state_person *p = NULL;
    while ((p = map_next(&c->j->state.people, &at)) != NULL) {
        if (!p->removed && state_person_is(p, initiator)) {
            return p->suspended ? VERDICT_DENY(REASON_SUSPENDED) : VERDICT_ALLOW;
        }
    }
    return VERDICT_DENY(REASON_UNKNOWN_INITIATOR);
}

static struct verdict fresh(const struct judge_case *c, const struct request *q)
{
    const struct state *s = &c->j->state;
    const struct state_request *same = state_idempotent(s, c->e.actor, q->idempotency_key);

    if (same != NULL) {
        return VERDICT_DENY(sha256_eq(&same->body_sha256, &q->body_sha256) ? REASON_SAME_REQUEST
                                                                           : REASON_IDEMPOTENCY_MISMATCH);
    }
    if (q->policy != s->policy_index || q->roster != s->roster_index) {
        return VERDICT_DENY(REASON_POLICY_CHANGED);
    }
    if (!q->revises_set) {
        return q->revision == 1 ? VERDICT_ALLOW : VERDICT_DENY(REASON_CANNOT_REVISE);
    }
    const struct state_request *old = state_request_find(s, q->revises);
    if (old == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (old->client == NULL || old->client != state_client_find(s, model_actor_client(c->e.actor))) {
        return VERDICT_DENY(REASON_NOT_YOURS);
    }
    const bool fits = state_is_live(old->status) && old->kind == q->kind && q->revision == old->revision + 1;
    return fits ? VERDICT_ALLOW : VERDICT_DENY(REASON_CANNOT_REVISE);
}

/* It has been so when it was opened, and stays so for it. A receipt need not hold what ran: there the log is believed.
 */
static bool history_is_so(const struct judge_case *c, const struct request *q, const struct deploy_content *d)
{
    const struct policy_doc *doc = &c->j->state.policy->doc;
    bool so = q->history_count == doc->window_count;

    for (size_t i = 0; so && i < q->history_count; i++) {
        const struct history_window *have = &q->history[i];
        const struct history_window is = state_history(&c->j->state, d, doc->windows[i], c->e.time_ms);
        so = have->window_s == is.window_s &&
             (c->j->sparse ||
              (have->deployments == is.deployments && have->failed == is.failed && have->recovery_s == is.recovery_s));
    }
    return so;
}

static struct verdict deploy_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    const struct policy_doc *doc = &c->j->state.policy->doc;
    struct deploy_content *d = arena_alloc(&c->j->scratch, sizeof(*d));
    if (d == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    const struct cs_result r = model_deploy_decode(q->content, &c->j->scratch, d);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    if (!model_policy_has_environment(doc, d->environment)) {
        return VERDICT_DENY(REASON_UNKNOWN_ENVIRONMENT);
    }
    if (!model_policy_has_change_type(doc, d->change_type)) {
        return VERDICT_DENY(REASON_UNKNOWN_CHANGE_TYPE);
    }
    if (d->rollback != NULL && !policy_goes_back(&c->j->state, d)) {
        return VERDICT_DENY(REASON_NEVER_DEPLOYED);
    }
    if (!history_is_so(c, q, d)) {
        return VERDICT_DENY(REASON_HISTORY);
    }
    d->history = q->history;
    d->history_count = q->history_count;
    in->deploy = d;
    return VERDICT_ALLOW;
}

static struct verdict policy_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    const struct state *s = &c->j->state;
    struct policy_content *p = arena_alloc(&c->j->scratch, sizeof(*p));
    struct policy_doc doc;
    if (p == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    struct cs_result r = model_policy_content_decode(q->content, &c->j->scratch, p);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    r = model_policy_decode(p->policy, &c->j->scratch, &doc);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_POLICY_INVALID, r);
    }
    if (doc.version <= s->policy->doc.version) {
        return VERDICT_DENY(REASON_POLICY_VERSION);
    }
    in->policy = p;
    const struct verdict v = initiator_known(c, KIND_POLICY, p->initiator);
    return v.allow ? policy_loads(&doc, s) : v;
}

static struct verdict roster_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    const struct state *s = &c->j->state;
    struct roster_content *p = arena_alloc(&c->j->scratch, sizeof(*p));
    if (p == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    const struct cs_result r = model_roster_content_decode(q->content, &c->j->scratch, p);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    in->roster = p;
    const struct judge_enrolment at = {.state = s, .origin = s->origin, .rp_id = s->rp_id, .time_ms = c->e.time_ms};
    const struct change_facts *facts = NULL;
    struct verdict v = initiator_known(c, KIND_ROSTER, p->initiator);
    v = v.allow ? judge_facts(c->j, &at, &p->changes, &facts) : v;
    v = v.allow ? policy_roster_fits(s, &s->policy->doc, &p->changes, facts) : v;
    return v.allow && c->j->depth == JUDGE_PROVE ? judge_changes_hold(c->j, &at, &p->changes) : v;
}

static struct verdict access_review_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    const struct verdict v = judge_access_review_content(c, q, in);
    return v.allow ? initiator_known(c, KIND_ROSTER, in->access_review->initiator) : v;
}

static struct verdict content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    switch (q->kind) {
    case KIND_DEPLOY:
        return deploy_content(c, q, in);
    case KIND_POLICY:
        return policy_content(c, q, in);
    case KIND_ROSTER:
        return roster_content(c, q, in);
    case KIND_EMERGENCY:
        return judge_emergency_content(c, q, in);
    case KIND_REVIEW:
        return judge_review_content(c, q, in);
    case KIND_VOUCHER:
        return judge_voucher_content(c, q, in);
    case KIND_WAIVER:
        return judge_waiver_content(c, q, in);
    case KIND_THAW:
        return judge_thaw_content(c, q, in);
    case KIND_DELEGATE:
        return judge_delegate_content(c, q, in);
    case KIND_ACCESS_REVIEW:
        return access_review_content(c, q, in);
    case KIND_NONE:
    case KIND_COUNT:
        break;
    }
    return VERDICT_DENY(REASON_INVALID_REQUEST);
}

static bool has_seat(const struct sheet *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->lines[i].kind == SHEET_SEAT) {
            return true;
        }
    }
    return false;
}

struct verdict judge_request(struct judge_case *c)
{
    const struct request *q = &c->body->request;
    struct sheet sheet;
    struct sheet_input in = {.kind = q->kind};

    struct verdict v = may_ask(c, q->kind);
    v = v.allow ? fresh(c, q) : v;
    v = v.allow ? content(c, q, &in) : v;
    if (!v.allow) {
        return v;
    }
    in.opened_under = c->j->state.policy;
    in.in_force = c->j->state.policy;
    in.state = &c->j->state;
    in.now_ms = c->e.time_ms;
    const struct cs_result r = policy_sheet(&in, &c->j->scratch, &sheet);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    v = policy_sheet_said(&sheet);
    if (!v.allow) {
        return v;
    }
    if (!has_seat(&sheet)) {
        return VERDICT_DENY(REASON_NO_SEATS);
    }
    if (!sha256_eq(&sheet.digest, &q->sheet_sha256)) {
        return VERDICT_DENY(REASON_SHEET_CHANGED);
    }
    c->facts.sign_by_s = sheet.sign_by_s;
    c->facts.use_by_s = sheet.use_by_s;
    c->facts.gates = in.deploy != NULL && in.deploy->rollback != NULL;
    return VERDICT_ALLOW;
}

struct verdict judge_withdraw(struct judge_case *c)
{
    const struct state *s = &c->j->state;
    const struct state_request *q = state_request_find(s, c->body->withdraw.request);

    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (q->kind == KIND_DEPLOY) {
        const struct verdict v = judge_client(c, SCOPE_REQUEST);
        if (!v.allow) {
            return v;
        }
        if (q->client != state_client_find(s, model_actor_client(c->e.actor))) {
            return VERDICT_DENY(REASON_NOT_YOURS);
        }
    } else if (!span_is(c->e.actor, "system:operator") && !span_is(c->e.actor, "system:kiosk")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    if (state_next(q->status, EVENT_WITHDRAWN) == STATUS_NONE) {
        return VERDICT_DENY(judge_why_not_open(q));
    }
    return VERDICT_ALLOW;
}

struct verdict judge_expire(struct judge_case *c)
{
    const struct state_request *q = state_request_find(&c->j->state, c->body->expire.request);

    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (!state_is_live(q->status)) {
        return VERDICT_DENY(judge_why_not_open(q));
    }
    const uint64_t due = q->status == STATUS_APPROVED ? q->use_by_ms : q->sign_by_ms;
    return c->e.time_ms >= due ? VERDICT_ALLOW : VERDICT_DENY(REASON_NOT_DUE);
}

/* Nobody came: the policy says who else may, and when. How many must is not its to change. */
struct verdict judge_escalate(struct judge_case *c)
{
    const struct state *s = &c->j->state;
    const struct state_request *q = state_request_find(s, c->body->escalate.request);
    const struct state_loaded *loaded = NULL;

    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (q->status != STATUS_ELIGIBLE || q->kind != KIND_DEPLOY) {
        return VERDICT_DENY(q->kind == KIND_DEPLOY ? judge_why_not_open(q) : REASON_WRONG_EFFECT);
    }
    if (c->e.time_ms >= q->sign_by_ms) {
        return VERDICT_DENY(REASON_EXPIRED);
    }
    if (s->clock_back) {
        return VERDICT_DENY(REASON_CLOCK); /* whether it is due is what the clock says */
    }
    const struct cs_result r = judge_recent_load(c->j->recent, q, &loaded);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    const enum policy_reason why = policy_escalates(s, q, loaded->deploy, &c->body->escalate, c->e.time_ms);
    return why == REASON_OK ? VERDICT_ALLOW : VERDICT_DENY(why);
}
