/* SPDX-License-Identifier: Apache-2.0 */
/* Using an approval, and reporting how the deployment went. */
#include "judge/judge_recent.h"
#include "judge/judge_rules.h"
#include "policy/policy_delegate.h"
#include "policy/policy_grant.h"
#include "policy/policy_tokens.h"

#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define PREDICATE_TYPE "https://countersign.invalid/attestation/deployment-approval/v1"

enum { PAYLOAD_MAX = 65536 };

static void put_constraint(struct json_out *o, const char *type, bool have, const struct sha256 *d)
{
    if (have) {
        json_put_object(o, NULL);
        json_put_text(o, "type", type);
        json_put_hex(o, "value", sha256_span(d));
        json_put_close(o);
    }
}

/* What is used: who signed it counts where they hold a seat by now, which somebody who could not sign in between may
 * not. Those of an emergency all do: policy_grant_stands. */
struct used {
    const struct state *s;
    const struct state_request *q;
    const struct deploy_content *d;
    const bool *held; /* of each decision of q; NULL where an emergency granted it */
};

static bool counts(const struct used *u, const struct state_request *by, size_t i)
{
    return by->decisions[i].counted && (by != u->q || u->held[i]);
}

static void put_decisions(struct json_out *o, const struct used *u, const struct state_request *by)
{
    for (size_t i = 0; i < by->decision_count; i++) {
        const struct state_decision *d = &by->decisions[i];
        if (!counts(u, by, i)) {
            continue;
        }
        json_put_object(o, NULL);
        if (d->delegation != NULL) {
            json_put_str(o, "delegator", d->delegation->by->id);
        }
        json_put_uint(o, "index", d->index);
        json_put_text(o, "method", d->credential->kind == CREDENTIAL_PIV ? "piv-pin" : "fido2-uv");
        json_put_str(o, "person", d->person->id);
        json_put_str(o, "seat", d->seat);
        json_put_close(o);
    }
}

/* Of what was granted by an emergency, its people are named, and nobody else. */
static void put_approvals(struct json_out *o, const struct used *u)
{
    const struct state_grant *g = u->q->grant;

    json_put_array(o, "approvals");
    put_decisions(o, u, g != NULL ? g->emergency : u->q);
    if (g != NULL && g->voucher != NULL) {
        put_decisions(o, u, g->voucher);
    }
    json_put_close(o);
}

/* One person has one seat at most. That the key is in hardware and asked for its PIN is proved by an attestation only;
 * of another card officers said so. */
static size_t people_in(const struct used *u, const struct state_request *by, bool *attested)
{
    size_t people = 0;
    for (size_t i = 0; by != NULL && i < by->decision_count; i++) {
        const struct policy_key key = policy_key_of(by->decisions[i].credential);
        people += counts(u, by, i) ? 1U : 0U;
        *attested = *attested && (key.attested || !counts(u, by, i));
    }
    return people;
}

static void put_emergency(struct json_out *o, const struct state_request *q)
{
    if (q->grant == NULL) {
        return;
    }
    json_put_object(o, "emergency");
    json_put_uint(o, "index", q->grant->index);
    json_put_hex(o, "leaf_sha256", sha256_span(&q->grant->emergency->leaf_sha256));
    json_put_uint(o, "request", q->grant->emergency->index);
    json_put_close(o);
}

/* What is used is the rollback of what failed: then its artifacts are the subjects. The state before the entry says so.
 */
static bool goes_back(const struct state_request *q)
{
    return q->status == STATUS_FAILED;
}

static void put_rollback(struct json_out *o, const struct state_request *q)
{
    if (goes_back(q)) {
        json_put_object(o, "rollback");
        json_put_uint(o, "outcome", q->fallback->outcome_index);
        json_put_close(o);
    }
}

static void put_constraints(struct json_out *o, const struct state_request *q, const struct deploy_content *d)
{
    const bool back = goes_back(q);

    json_put_array(o, "constraints");
    put_constraint(o, "config_sha256", back ? d->rollback->has_config : d->has_config,
                   back ? &d->rollback->config_sha256 : &d->config_sha256);
    put_constraint(o, "plan_sha256", back ? d->rollback->has_plan : d->has_plan,
                   back ? &d->rollback->plan_sha256 : &d->plan_sha256);
    json_put_close(o);
}

static void put_properties(struct json_out *o, const struct used *u)
{
    const struct state_grant *g = u->q->grant;
    bool attested = true;
    const size_t people = g != NULL ? people_in(u, g->emergency, &attested) + people_in(u, g->voucher, &attested)
                                    : people_in(u, u->q, &attested);
    json_put_array(o, "properties");
    if (g != NULL) {
        json_put_text(o, NULL, "BREAK_GLASS");
    }
    if (people >= 2) {
        json_put_text(o, NULL, "DISTINCT_PERSONS_2");
        json_put_text(o, NULL, "DUAL_CONTROL");
    }
    if (attested) {
        json_put_text(o, NULL, "HW_KEY_UV");
    }
    if (goes_back(u->q)) {
        json_put_text(o, NULL, "ROLLBACK");
    }
    json_put_close(o);
}

/* The request names the roster that it was opened under, its decisions the one they were made under. Whatever changed
 * people or keys since is part of whether the approval still stands, so it is named, and a receipt that leaves out the
 * last roster entry does not reproduce these bytes. */
static void put_roster(struct json_out *o, const struct state *s, const struct state_request *q)
{
    if (s->roster_index > q->index) {
        json_put_object(o, "roster");
        json_put_uint(o, "index", s->roster_index);
        json_put_close(o);
    }
}

/* Files and waivers are a chain, and this is its end: a receipt that leaves out the last does not reproduce these
 * bytes. */
static void put_evidence(struct json_out *o, const struct state_request *q)
{
    if (state_evidence_last(q) > 0) {
        json_put_object(o, "evidence");
        json_put_uint(o, "index", state_evidence_last(q));
        json_put_close(o);
    }
}

/* Whether an incident held it is part of whether it could be used, so the last entry about that is named likewise. */
static void put_freeze(struct json_out *o, const struct state *s)
{
    if (s->freeze_index > 0) {
        json_put_object(o, "freeze");
        json_put_uint(o, "index", s->freeze_index);
        json_put_close(o);
    }
}

static void put_predicate(struct json_out *o, const struct used *u, const struct judge_place *at)
{
    const struct state *s = u->s;
    const struct state_request *q = u->q;
    const struct deploy_content *d = u->d;

    json_put_object(o, NULL);
    put_approvals(o, u);
    put_constraints(o, q, d);
    put_emergency(o, q);
    json_put_str(o, "environment", d->environment);
    put_evidence(o, q);
    put_freeze(o, s);
    json_put_object(o, "log");
    json_put_str(o, "origin", s->origin);
    json_put_bytes(o, "root", sha256_span(at->head));
    json_put_uint(o, "size", at->seq);
    json_put_close(o);
    json_put_time(o, "not_after", goes_back(q) ? q->fallback->until_ms : q->use_by_ms);
    json_put_time(o, "not_before", q->approved_ms);
    put_properties(o, u);
    json_put_object(o, "request");
    json_put_uint(o, "index", q->index);
    json_put_hex(o, "leaf_sha256", sha256_span(&q->leaf_sha256));
    json_put_uint(o, "revision", q->revision);
    json_put_close(o);
    put_rollback(o, q);
    put_roster(o, s, q);
    json_put_str(o, "service", d->service);
    json_put_time(o, "time_created", at->time_ms);
    json_put_text(o, "verification_result", "PASSED");
    json_put_object(o, "verifier");
    json_put_str(o, "id", s->origin);
    json_put_array(o, "policies");
    json_put_object(o, NULL);
    json_put_uint(o, "index", s->policy->index);
    json_put_hex(o, "sha256", sha256_span(&s->policy->sha256));
    json_put_close(o);
    json_put_close(o);
    json_put_close(o);
    json_put_close(o);
}

static CS_RESULT write_subject(struct writer *w, const struct named_digest *a)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_object(&o, "digest");
    json_put_hex(&o, "sha256", sha256_span(&a->sha256));
    json_put_close(&o);
    json_put_str(&o, "name", a->name);
    json_put_close(&o);
    return json_out_end(&o, "outcome.subject");
}

/* in-toto's member names are not of our profile's pattern, so the outer object is written by hand; its order is RFC
 * 8785's. */
static CS_RESULT write_payload(const struct used *u, const struct judge_place *at, struct writer *w)
{
    struct json_out o = json_out_make(w);
    const struct deploy_content *d = u->d;
    const struct named_digest *items = goes_back(u->q) ? d->rollback->artifacts : d->artifacts;
    const size_t count = goes_back(u->q) ? d->rollback->artifact_count : d->artifact_count;

    wr_text(w, "{\"_type\":\"" STATEMENT_TYPE "\",\"predicate\":");
    put_predicate(&o, u, at);
    TRY(json_out_end(&o, "outcome.predicate"));
    wr_text(w, ",\"predicateType\":\"" PREDICATE_TYPE "\",\"subject\":[");
    for (size_t i = 0; i < count; i++) {
        wr_text(w, i > 0 ? "," : "");
        TRY(write_subject(w, &items[i]));
    }
    wr_text(w, "]}");
    return wr_end(w, "outcome");
}

/* The statement about the use of a loaded request. */
static CS_RESULT say_used(const struct state *s, const struct state_request *q, const struct state_loaded *l,
                          const struct judge_place *at, struct arena *scratch, struct writer *w)
{
    struct used u = {.s = s, .q = q, .d = l->deploy};
    struct sheet sheet;

    if (q->grant == NULL) {
        TRY(policy_sheet_at(s, q, l, at->time_ms, scratch, &sheet));
        u.held = sheet.held;
    }
    return write_payload(&u, at, w);
}

CS_RESULT judge_outcome_payload(const struct state *s, const struct state_request *q, const struct judge_place *at,
                                struct arena *scratch, struct writer *w)
{
    struct state_loaded l = {0};

    TRY(state_load(q, scratch, &l));
    ENSURE(l.deploy != NULL, CS_E_STATE, "outcome.request");
    ENSURE(!goes_back(q) || (q->fallback != NULL && l.deploy->rollback != NULL), CS_E_STATE, "outcome.rollback");
    return say_used(s, q, &l, at, scratch, w);
}

static bool same_digest(bool have_a, const struct sha256 *a, bool have_b, const struct sha256 *b)
{
    return have_a == have_b && (!have_a || sha256_eq(a, b));
}

static bool same_artifacts(const struct redeem *r, const struct deploy_content *d)
{
    if (r->artifact_count != d->artifact_count) {
        return false;
    }
    for (size_t i = 0; i < d->artifact_count; i++) {
        if (!span_eq(r->artifacts[i].name, d->artifacts[i].name) ||
            !sha256_eq(&r->artifacts[i].sha256, &d->artifacts[i].sha256)) {
            return false;
        }
    }
    return true;
}

bool judge_presents(const struct redeem *r, const struct deploy_content *d)
{
    return same_artifacts(r, d) && same_digest(r->has_config, &r->config_sha256, d->has_config, &d->config_sha256) &&
           same_digest(r->has_plan, &r->plan_sha256, d->has_plan, &d->plan_sha256);
}

static bool asked_for_it(const struct judge_case *c, const struct state_request *q)
{
    return q->client != NULL && q->client == state_client_find(&c->j->state, model_actor_client(c->e.actor));
}

/* Approved, and in time. */
static struct verdict usable(const struct judge_case *c, const struct state_request *q)
{
    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (q->kind != KIND_DEPLOY) {
        return VERDICT_DENY(REASON_NOT_APPROVED);
    }
    /* what is presented may end an approval, so nobody but who asked for it may present anything */
    if (!asked_for_it(c, q)) {
        return VERDICT_DENY(REASON_NOT_YOURS);
    }
    if (q->status == STATUS_ELIGIBLE) {
        return VERDICT_DENY(REASON_NOT_APPROVED);
    }
    if (q->status != STATUS_APPROVED) {
        return VERDICT_DENY(judge_why_not_open(q));
    }
    if (c->j->state.clock_back && !judge_grant_without_clock(&c->j->state, q)) {
        return VERDICT_DENY(REASON_CLOCK); /* entries stand at one time, so it would never run out */
    }
    return c->e.time_ms <= q->use_by_ms ? VERDICT_ALLOW : VERDICT_DENY(REASON_LAPSED);
}

/*
 * An approval holds as long as what it stands on: nothing is used that the policy in force asks more of, or whose
 * signatures are gone because a key was switched off or a role taken away.
 */
static struct verdict still_met(const struct judge_case *c, const struct state_request *q, const struct state_loaded *l)
{
    struct sheet sheet;

    const struct cs_result r = policy_sheet_at(&c->j->state, q, l, c->e.time_ms, &c->j->scratch, &sheet);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    return q->grant != NULL ? policy_grant_stands(&c->j->state, q, l->deploy, &sheet) : policy_sheet_met(&sheet);
}

static struct verdict envelope_right(const struct judge_case *c, const struct state_request *q,
                                     const struct state_loaded *l)
{
    const struct judge_place at = {.seq = c->e.seq, .head = &c->e.head, .time_ms = c->e.time_ms};
    AUTO_WRITER w = wr_heap(PAYLOAD_MAX);

    const struct cs_result r = say_used(&c->j->state, q, l, &at, &c->j->scratch, &w);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_ENVELOPE, r);
    }
    return judge_envelope_holds(c->j, c->body->redeem.envelope, wr_span(&w));
}

/* Everything but what is presented. */
static struct verdict may_use(const struct judge_case *c, const struct state_request *q,
                              const struct state_loaded **ret_loaded)
{
    struct verdict v = judge_client(c, SCOPE_REDEEM);
    v = v.allow ? usable(c, q) : v;
    if (!v.allow) {
        return v;
    }
    const struct cs_result r = judge_recent_load(c->j->recent, q, ret_loaded);
    return r.code == CS_OK ? still_met(c, q, *ret_loaded) : VERDICT_CAUSE(REASON_NO_ROOM, r);
}

static struct verdict may_go_back(const struct judge_case *c, const struct state_request *q, const struct redeem *r,
                                  struct state_loaded *ret_loaded)
{
    const struct verdict v = judge_client(c, SCOPE_REDEEM);
    return v.allow ? judge_falls_back(c, q, r, ret_loaded) : v;
}

struct verdict judge_may_redeem(struct judge *j, const struct redeem *r, struct span actor, uint64_t time_ms,
                                bool *ret_same)
{
    const struct judge_case c = {.j = j, .e = {.actor = actor, .time_ms = time_ms}};
    const struct state_request *q = state_request_find(&j->state, r->request);
    const struct state_loaded *l = NULL;
    struct state_loaded back;

    arena_reset(&j->scratch);
    if (r->rollback) {
        const struct verdict b = may_go_back(&c, q, r, &back);
        *ret_same = b.allow; /* what differs is refused, and not logged as used */
        return b;
    }
    const struct verdict v = may_use(&c, q, &l);
    if (v.allow) {
        *ret_same = judge_presents(r, l->deploy);
    }
    return v;
}

static struct verdict redeem_back(struct judge_case *c, const struct state_request *q)
{
    const struct redeem *r = &c->body->redeem;
    struct state_loaded l = {0};

    const struct verdict v = may_go_back(c, q, r, &l);
    if (!v.allow) {
        return v;
    }
    c->facts.deploy = l.deploy;
    return r->envelope.left > 0 ? envelope_right(c, q, &l) : VERDICT_DENY(REASON_ENVELOPE);
}

struct verdict judge_redeem(struct judge_case *c)
{
    const struct redeem *r = &c->body->redeem;
    const struct state_request *q = state_request_find(&c->j->state, r->request);
    const struct state_loaded *l = NULL;

    if (r->rollback) {
        return redeem_back(c, q);
    }
    const struct verdict v = may_use(c, q, &l);
    if (!v.allow) {
        return v;
    }
    /* what differs is logged and ends the approval; what is the same must carry the envelope */
    if (!judge_presents(r, l->deploy)) {
        return r->envelope.left == 0 ? VERDICT_ALLOW : VERDICT_DENY(REASON_DRIFTED);
    }
    c->facts.deploy = l->deploy;
    return r->envelope.left > 0 ? envelope_right(c, q, l) : VERDICT_DENY(REASON_ENVELOPE);
}

struct verdict judge_outcome(struct judge_case *c)
{
    const struct outcome *o = &c->body->outcome;
    const struct state_request *q = state_request_find(&c->j->state, o->request);

    const struct verdict v = judge_client(c, SCOPE_OUTCOME);
    if (!v.allow) {
        return v;
    }
    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    /* monitoring may say that it failed, which only takes away; the rest promotes, earns, and ends an outage */
    if (o->result != STATUS_FAILED && !asked_for_it(c, q)) {
        return VERDICT_DENY(REASON_NOT_YOURS);
    }
    if (o->finished_ms < o->started_ms) {
        return VERDICT_DENY(REASON_MALFORMED);
    }
    if (q->status != STATUS_REDEEMED) {
        return VERDICT_DENY(REASON_NO_OUTCOME);
    }
    if (q->fallback != NULL && o->result == STATUS_SUCCEEDED) {
        return VERDICT_DENY(REASON_ROLLBACK_OUTCOME);
    }
    c->facts.arms = judge_arms(c, q, o);
    return VERDICT_ALLOW;
}
