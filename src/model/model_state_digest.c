/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_state_delegate.h"
#include "model/model_state_duty.h"

/* A running digest: each item is hashed with what came before, so nothing has to be held. */
static void mix(struct sha256 *d, struct span x)
{
    uint8_t len[8];
    struct writer w = wr_fixed(len, sizeof(len));
    wr_u64(&w, x.left);
    const struct span parts[] = {sha256_span(d), SPAN_OF(len), x};
    *d = digest_sha256_parts(parts, 3);
}

static void mix_u64(struct sha256 *d, uint64_t v)
{
    uint8_t b[8];
    struct writer w = wr_fixed(b, sizeof(b));
    wr_u64(&w, v);
    mix(d, SPAN_OF(b));
}

static void mix_list(struct sha256 *d, const struct span *list, size_t n)
{
    mix_u64(d, n);
    for (size_t i = 0; i < n; i++) {
        mix(d, list[i]);
    }
}

static void mix_card(struct sha256 *d, const struct state_card *c)
{
    mix(d, c->issuer->id);
    mix(d, sha256_span(&c->facts.authority));
    mix(d, sha256_span(&c->facts.root_sha256));
    mix(d, SPAN_OF(c->facts.serial.b));
    mix_u64(d, c->facts.not_before_ms);
    mix_u64(d, c->facts.not_after_ms);
    mix_u64(d, c->facts.attested ? 1 : 0);
    mix_u64(d, (uint64_t)c->facts.pin);
    mix_u64(d, (uint64_t)c->facts.touch);
    mix(d, c->facts.has_device ? sha256_span(&c->facts.device_sha256) : SPAN_NONE);
    mix_u64(d, c->cert_revoked ? c->cert_revoked_index : 0);
}

/* Nothing when there are none: a log without cards has the digest that it always had. */
static void mix_issuers(struct sha256 *d, const struct state *s)
{
    size_t at = 0;
    const struct state_issuer *x = NULL;
    while ((x = map_next(&s->issuers, &at)) != NULL) {
        mix(d, x->id);
        mix(d, x->certification);
        mix_list(d, x->roots, x->root_count);
        mix_list(d, x->attestation_roots, x->attestation_root_count);
        mix_u64(d, x->removed ? 1 : 0);
        mix_u64(d, x->crl_count);
        for (size_t i = 0; i < x->crl_count; i++) {
            const struct state_crl *l = &x->crls[i];
            mix(d, sha256_span(&l->authority));
            mix(d, SPAN_OF(l->number.b));
            mix_u64(d, l->this_update_ms);
            mix(d, span_make(l->serials, l->serial_count * sizeof(*l->serials)));
        }
    }
}

/* Nothing when there are none. */
static void mix_duties(struct sha256 *d, const struct state *s)
{
    size_t at = 0;
    const struct state_duty *x = NULL;
    while ((x = map_next(&s->duties, &at)) != NULL) {
        mix(d, SPAN_LIT("duty"));
        mix(d, x->id);
        mix_u64(d, x->index);
        mix_u64(d, x->shift_count);
        for (size_t i = 0; i < x->shift_count; i++) {
            mix_u64(d, x->shifts[i].from_ms);
            mix_u64(d, x->shifts[i].until_ms);
            mix_u64(d, x->shifts[i].person_count);
            for (size_t k = 0; k < x->shifts[i].person_count; k++) {
                mix(d, x->shifts[i].people[k]->id);
            }
        }
    }
}

static void mix_clients_and_models(struct sha256 *d, const struct state *s)
{
    size_t at = 0;
    const struct state_client *k = NULL;
    while ((k = map_next(&s->clients, &at)) != NULL) {
        mix(d, k->id);
        mix_u64(d, k->scopes);
        mix_list(d, k->tls, k->tls_count);
        mix(d, span_make(k->tokens, k->token_count * sizeof(*k->tokens)));
        mix_u64(d, k->removed ? 1 : 0);
    }
    at = 0;
    const struct state_model *m = NULL;
    while ((m = map_next(&s->models, &at)) != NULL) {
        mix(d, m->aaguid);
        mix_list(d, m->roots, m->root_count);
        mix_u64(d, m->removed ? 1 : 0);
        if (m->certification.left > 0) {
            mix(d, m->certification);
        }
    }
}

/* Where the policy asks for reviews all of it matters; a lapse does so also afterwards. */
static void mix_entitlements(struct sha256 *d, const struct state *s, const struct state_person *p)
{
    for (size_t i = 0; i < p->role_count; i++) {
        if (s->review_from_ms == 0 && p->entitlements[i].lapsed_index == 0) {
            continue;
        }
        if (s->review_from_ms == 0) {
            mix(d, p->roles[i]); /* of which the others are left out */
        }
        mix_u64(d, p->entitlements[i].granted_ms);
        mix_u64(d, p->entitlements[i].reviewed_ms);
        mix_u64(d, p->entitlements[i].used_ms);
        mix_u64(d, p->entitlements[i].lapsed_index);
    }
}

/* Nothing before the directory has said anything. */
static void mix_listed(struct sha256 *d, const struct state_person *p)
{
    for (size_t i = 0; i < p->role_count; i++) {
        const struct state_entitlement *e = &p->entitlements[i];
        if (e->listed || e->bar != BAR_NONE) {
            mix(d, p->roles[i]);
            mix_u64(d, e->listed ? 1 : 0);
            mix_u64(d, (uint64_t)e->bar);
        }
    }
}

static void mix_roster(struct sha256 *d, const struct state *s)
{
    size_t at = 0;
    const struct state_person *p = NULL;
    while ((p = map_next(&s->people, &at)) != NULL) {
        mix(d, p->id);
        mix_list(d, p->roles, p->role_count);
        mix_list(d, p->accounts, p->account_count);
        mix_u64(d, p->removed ? 1 : 0);
        if (p->suspended) {
            mix(d, SPAN_LIT("suspended"));
        }
        mix_entitlements(d, s, p);
        mix_listed(d, p);
    }
    at = 0;
    const struct state_credential *c = NULL;
    while ((c = map_next(&s->credentials, &at)) != NULL) {
        mix(d, c->id);
        mix(d, c->key);
        mix(d, c->person->id);
        mix_u64(d, c->counter);
        mix_u64(d, c->revoked ? c->revoked_index : 0);
        if (c->card != NULL) {
            mix_card(d, c->card);
        }
    }
    mix_clients_and_models(d, s);
    mix_issuers(d, s);
    mix_duties(d, s);
}

static void mix_grants(struct sha256 *d, const struct state_grant *g)
{
    for (; g != NULL; g = g->before) {
        mix_u64(d, g->index);
        mix_u64(d, g->emergency->index);
        mix_u64(d, g->redeem_index);
        mix_u64(d, g->outcome_index);
        if (g->ended_index != 0) {
            mix_u64(d, g->ended_index);
        }
    }
}

static void mix_request(struct sha256 *d, const struct state_request *q)
{
    mix_u64(d, q->index);
    mix_u64(d, (uint64_t)q->status);
    mix_u64(d, q->revision);
    mix_u64(d, q->successor);
    mix_u64(d, q->sign_by_ms);
    mix_u64(d, q->use_by_s);
    mix_u64(d, q->use_by_ms);
    mix_u64(d, q->last_index);
    mix(d, sha256_span(&q->leaf_sha256));
    for (size_t i = 0; i < q->decision_count; i++) {
        const struct state_decision *x = &q->decisions[i];
        mix_u64(d, x->index);
        mix_u64(d, (uint64_t)x->word);
        mix_u64(d, x->counted ? 1 : 0);
        mix(d, x->person->id);
        mix(d, x->seat);
        mix(d, sha256_span(&x->sig_sha256));
        if (x->port != 0) {
            mix_u64(d, x->port);
        }
        if (x->lapsed) {
            mix(d, SPAN_LIT("lapsed"));
        }
        if (x->delegation != NULL) {
            mix(d, SPAN_LIT("for"));
            mix_u64(d, x->delegation->request);
        }
    }
    for (size_t i = 0; q->evidence != NULL && i < q->evidence->count; i++) {
        mix_u64(d, q->evidence->item[i]);
    }
    for (size_t i = 0; i < q->step_count; i++) {
        mix_u64(d, q->steps[i].index);
        mix(d, q->steps[i].rule);
        mix(d, q->steps[i].to);
    }
    mix_grants(d, q->grant);
    mix_grants(d, q->unused);
    if (q->fallback != NULL) {
        mix_u64(d, q->fallback->outcome_index);
        mix_u64(d, q->fallback->until_ms);
        mix_u64(d, q->fallback->redeem_index);
        mix_u64(d, q->fallback->open != NULL ? 1 : 0);
    }
}

/* Nothing when there are none. */
static void mix_delegations(struct sha256 *d, const struct state *s)
{
    for (size_t i = 0; i < s->delegation_count; i++) {
        const struct state_delegation *g = s->delegations[i];
        mix(d, SPAN_LIT("delegation"));
        mix_u64(d, g->request);
        mix_u64(d, g->index);
        mix(d, g->by->id);
        mix(d, g->to->id);
        mix(d, g->role);
        mix_list(d, g->environments, g->environment_count);
        mix_list(d, g->services, g->service_count);
        mix_u64(d, g->from_ms);
        mix_u64(d, g->until_ms);
        mix_u64(d, g->ended_index);
    }
}

/* Logs from before there were emergencies keep their digest. */
static void mix_emergencies(struct sha256 *d, const struct state *s)
{
    for (size_t i = 0; i < s->emergency_count; i++) {
        const struct state_emergency *x = s->emergencies[i];
        mix_u64(d, x->index);
        mix_u64(d, x->grants);
        mix_u64(d, x->granted_ms);
        mix_u64(d, x->due_ms);
        mix(d, x->service);
        mix_u64(d, x->over_budget ? 1 : 0);
        mix_u64(d, x->overdue_index);
        mix_u64(d, x->review_index);
    }
    if (s->emergency_index != 0) {
        mix_u64(d, s->emergency_index);
    }
}

/* What ran where decides something only once a policy has asked for it; other logs keep their digest. */
static void mix_trails(struct sha256 *d, const struct state *s)
{
    size_t at = 0;
    const struct state_trail *t = NULL;
    while (s->gated && (t = map_next(&s->trails, &at)) != NULL) {
        for (const struct state_run *r = t->last; r != NULL; r = r->before) {
            mix_u64(d, r->of->index);
            mix(d, r->place->environment);
            mix_u64(d, r->redeem_index);
            mix_u64(d, r->outcome_index);
            mix_u64(d, r->outcome_ms);
            mix_u64(d, r->good ? 1 : 0);
            mix_u64(d, r->left_index);
            mix_u64(d, r->left_ms);
        }
    }
}

/* Likewise for freezes. */
static void mix_freezes(struct sha256 *d, const struct state *s)
{
    for (size_t i = 0; i < s->freeze_count; i++) {
        const struct state_freeze *x = s->freezes[i];
        mix_u64(d, x->index);
        mix(d, x->incident);
        mix_list(d, x->environments, x->environment_count);
        mix_list(d, x->responders, x->responder_count);
        mix_list(d, x->services, x->service_count);
    }
    if (s->freeze_index != 0) {
        mix_u64(d, s->freeze_index);
    }
}

/* Nothing before the first. */
static void mix_alarms(struct sha256 *d, const struct state *s)
{
    if (s->alarm_index != 0) {
        mix_u64(d, s->alarm_index);
    }
    for (size_t i = 0; i < s->alarm_count; i++) {
        mix(d, s->alarms[i].code);
        mix(d, s->alarms[i].subject);
        mix(d, s->alarms[i].role);
    }
}

static bool groups_vote(const struct state *s)
{
    bool any = s->policy != NULL && s->policy->doc.has_quorum;
    for (size_t i = 0; !any && i < s->live_count; i++) {
        any = s->live[i]->open != NULL && s->live[i]->open->opened_under->doc.has_quorum;
    }
    return any;
}

/* Only where groups vote, now or on what was opened before, does anything rest on it. */
static void mix_tenures(struct sha256 *d, const struct state *s)
{
    const bool any = groups_vote(s);
    size_t at = 0;
    const struct state_role *r = NULL;

    while (any && (r = map_next(&s->roles, &at)) != NULL) {
        for (size_t i = 0; i < r->count; i++) {
            mix(d, r->tenure[i].person->id);
            mix_u64(d, r->tenure[i].from);
            mix_u64(d, r->tenure[i].until);
        }
    }
}

struct sha256 state_digest(const struct state *s)
{
    struct sha256 d = {{0}};

    mix_u64(&d, s->size);
    mix_u64(&d, s->time_ms);
    mix_u64(&d, s->clock_back ? 1 : 0);
    mix(&d, s->origin);
    mix(&d, s->rp_id);
    mix(&d, SPAN_OF(s->log_key));
    mix(&d, s->outcome_key);
    mix_u64(&d, s->policy_index);
    mix_u64(&d, s->roster_index);
    if (s->policy != NULL) {
        mix(&d, sha256_span(&s->policy->sha256));
    }
    mix_roster(&d, s);
    for (size_t i = 0; i < s->request_count; i++) {
        mix_request(&d, s->requests[i]);
    }
    mix_emergencies(&d, s);
    mix_trails(&d, s);
    mix_freezes(&d, s);
    mix_delegations(&d, s);
    if (s->review_from_ms != 0) {
        mix_u64(&d, s->review_from_ms);
    }
    if (s->directory.read_ms != 0) {
        mix_u64(&d, s->directory.read_ms);
        mix_u64(&d, s->directory.stale ? 1 : 0);
        if (s->directory.officers_ms != 0) {
            mix_u64(&d, s->directory.officers_ms);
        }
    }
    mix_alarms(&d, s);
    mix_tenures(&d, s);
    return d;
}
