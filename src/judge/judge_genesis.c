/* SPDX-License-Identifier: Apache-2.0 */
/* How a log begins, and how people and policy change: only by what officers signed. */
#include "judge/judge_cards.h"

#include "model/model_state_roster.h"
#include "policy/policy_tokens.h"

enum { GENESIS_STATE_BYTES = 16 * 1024 * 1024 };

static const struct span officer = {(const uint8_t *)"officer", 7};

/* What the officers of the ceremony are judged by. */
struct ceremony {
    const struct state *first; /* the roster as it will be */
    const struct policy_doc *doc;
};

/* One signature of the ceremony; *ret_person is who gave it. */
static struct verdict signature_holds(struct judge_case *c, const struct ceremony *by,
                                      const struct genesis_signature *s, const struct state_person **ret_person)
{
    const struct state_credential *k = state_credential_find(by->first, &s->credential_sha256);

    if (k == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_CREDENTIAL);
    }
    if (!span_eq(k->person->id, s->person)) {
        return VERDICT_DENY(REASON_WRONG_PERSON);
    }
    if (!state_person_has_role(k->person, officer)) {
        return VERDICT_DENY(REASON_NO_ROLE);
    }
    const struct policy_key key = policy_key_of(k);
    if (!policy_key_fits(by->doc, officer, &key)) {
        return VERDICT_DENY(REASON_TOKEN_NOT_ALLOWED);
    }
    *ret_person = k->person;
    if (c->j->depth == JUDGE_FOLD) {
        return VERDICT_ALLOW;
    }
    const struct judge_assertion a = {.kind = k->kind,
                                      .auth_data = s->auth_data,
                                      .sig = s->sig,
                                      .statement = c->body->genesis.statement,
                                      .rp_id = c->body->genesis_statement.rp_id,
                                      .key = k->key,
                                      .credential_sha256 = k->id_sha256,
                                      .counter_before = k->counter};
    return judge_assertion_holds(c->j, &a);
}

static struct verdict enough_signed(struct judge_case *c, const struct ceremony *by)
{
    const struct genesis *g = &c->body->genesis;
    const struct state_person *who[GENESIS_SIGNATURES_MAX] = {0};

    for (size_t i = 0; i < g->signature_count; i++) {
        const struct verdict v = signature_holds(c, by, &g->signatures[i], &who[i]);
        if (!v.allow) {
            return v;
        }
        for (size_t k = 0; k < i; k++) {
            if (who[k] == who[i]) {
                return VERDICT_DENY(REASON_ALREADY_SIGNED);
            }
        }
    }
    return g->signature_count >= by->doc->officers_threshold ? VERDICT_ALLOW : VERDICT_DENY(REASON_TOO_FEW_SIGNED);
}

static struct verdict first_roster(struct judge_case *c, const struct policy_doc *doc, struct state *first)
{
    const struct genesis_statement *g = &c->body->genesis_statement;
    const struct ceremony by = {.first = first, .doc = doc};
    const struct judge_enrolment at = {.state = first, .origin = g->origin, .rp_id = g->rp_id, .time_ms = c->e.time_ms};

    first->time_ms = c->e.time_ms;
    struct verdict v = judge_facts(c->j, &at, &g->changes, &c->facts.changes);
    v = v.allow ? policy_roster_fits(first, doc, &g->changes, c->facts.changes) : v;
    v = v.allow && c->j->depth == JUDGE_PROVE ? judge_changes_hold(c->j, &at, &g->changes) : v;
    if (!v.allow) {
        return v;
    }
    const struct cs_result r = state_roster_apply(first, &g->changes, c->facts.changes, 0);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_ROSTER_INVALID, r);
    }
    v = policy_loads(doc, first);
    return v.allow ? enough_signed(c, &by) : v;
}

struct verdict judge_genesis(struct judge_case *c)
{
    struct policy_doc doc;
    struct state first;

    if (c->j->state.begun || c->e.seq != 0) {
        return VERDICT_DENY(REASON_NOT_FIRST);
    }
    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    struct cs_result r = model_policy_decode(c->body->genesis_statement.policy, &c->j->scratch, &doc);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_POLICY_INVALID, r);
    }
    /* the roster is tried out beside the real state, which changes only when everything holds */
    r = state_init(&first, GENESIS_STATE_BYTES);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    const struct verdict v = first_roster(c, &doc, &first);
    state_release(&first);
    return v;
}

static struct verdict policy_effect(const struct judge_case *c, const struct state_loaded *l)
{
    const struct state *s = &c->j->state;
    const struct sha256 d = digest_sha256(l->policy->policy);
    struct policy_doc doc;

    if (c->body->effect.prev != s->policy_index || !sha256_eq(&d, &c->body->effect.sha256)) {
        return VERDICT_DENY(REASON_WRONG_EFFECT);
    }
    const struct cs_result r = model_policy_decode(l->policy->policy, &c->j->scratch, &doc);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_POLICY_INVALID, r);
    }
    if (doc.version <= s->policy->doc.version) {
        return VERDICT_DENY(REASON_POLICY_VERSION);
    }
    return policy_loads(&doc, s);
}

/* A model's roots may have changed since the request was opened; certificates are judged by the time of enrolment. */
static struct verdict roster_effect(struct judge_case *c, const struct state_request *q, const struct state_loaded *l)
{
    const struct state *s = &c->j->state;
    struct sha256 d;

    const struct cs_result r = model_changes_digest(&l->roster->changes, &c->j->scratch, &d);
    if (r.code != CS_OK || c->body->effect.prev != s->roster_index || !sha256_eq(&d, &c->body->effect.sha256)) {
        return VERDICT_CAUSE(REASON_WRONG_EFFECT, r);
    }
    const struct roster_changes *changes = &l->roster->changes;
    const struct judge_enrolment at = {.state = s, .origin = s->origin, .rp_id = s->rp_id, .time_ms = q->opened_ms};
    struct verdict v = judge_facts(c->j, &at, changes, &c->facts.changes);
    v = v.allow ? policy_roster_fits(s, &s->policy->doc, changes, c->facts.changes) : v;
    v = v.allow ? judge_cards_valid(changes, c->facts.changes, c->e.time_ms) : v;
    return v.allow && c->j->depth == JUDGE_PROVE ? judge_changes_hold(c->j, &at, changes) : v;
}

/* A policy that came into force after the last signature may ask for more officers; a key may be switched off. */
static struct verdict still_enough(const struct judge_case *c, const struct state_request *q)
{
    struct sheet sheet;

    const struct cs_result r = policy_sheet_of(&c->j->state, q, &c->j->scratch, &sheet);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    return policy_sheet_met(&sheet);
}

static bool changes_roster(enum request_kind kind)
{
    return kind == KIND_ROSTER || kind == KIND_DELEGATE || kind == KIND_ACCESS_REVIEW;
}

struct verdict judge_effect(struct judge_case *c)
{
    const struct state *s = &c->j->state;
    const struct state_request *q = state_request_find(s, c->body->effect.request);
    const bool policy = c->e.type == ENTRY_POLICY;
    struct state_loaded l = {0};

    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (policy ? q->kind != KIND_POLICY : !changes_roster(q->kind)) {
        return VERDICT_DENY(REASON_WRONG_EFFECT);
    }
    if (q->status != STATUS_APPROVED) {
        return VERDICT_DENY(REASON_NOT_APPROVED);
    }
    if (c->e.time_ms > q->use_by_ms) {
        return VERDICT_DENY(REASON_LAPSED);
    }
    const struct verdict v = still_enough(c, q);
    if (!v.allow) {
        return v;
    }
    const struct cs_result r = state_load(q, &c->j->scratch, &l);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    if (q->kind == KIND_DELEGATE || q->kind == KIND_ACCESS_REVIEW) {
        return judge_people_effect(c, &l);
    }
    return policy ? policy_effect(c, &l) : roster_effect(c, q, &l);
}
