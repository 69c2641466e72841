/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_grant.h"

#include "policy/policy_emergency.h"
#include "policy/policy_freeze.h"
#include "policy/policy_tokens.h"

/* The seat of this id, without the version that tells it from another policy's. */
static const struct policy_seat *find_seat(const struct policy_seats *seats, struct span id)
{
    for (size_t i = 0; i < seats->count; i++) {
        const struct span have = seats->item[i].id;
        if (span_starts(id, have) && (id.left == have.left || id.p[have.left] == '/')) {
            return &seats->item[i];
        }
    }
    return NULL;
}

/* "emergency/operator" is "operator"; a voucher's "voucher/endorse" is "endorse". */
static struct span seat_id(struct span name)
{
    size_t at = 0;
    while (at < name.left && name.p[at] != '/') {
        at++;
    }
    return at < name.left ? span_from(name, at + 1) : name;
}

static bool may_sit(const struct state *s, const struct state_decision *d, struct span role)
{
    const struct policy_key key = policy_key_of(d->credential);
    return state_person_has_role(d->person, role) && policy_key_fits(&s->policy->doc, role, &key);
}

/* Does this signature still count: in the role that it was given in, under the policy in force? */
static bool stands(const struct state *s, const struct policy_emergency *then, const struct state_decision *d)
{
    const struct span id = seat_id(d->seat);
    const struct policy_seat *seat = find_seat(&then->seats, id);

    seat = seat != NULL ? seat : find_seat(&then->over, id);
    return seat != NULL && state_credential_counts(d->credential) && state_person_counts(d->person) &&
           policy_emergency_lists(s->policy->doc.emergency, d->person->id) && may_sit(s, d, seat->role);
}

/* What carried the grant: the emergency's decisions, and its voucher's. */
struct carried {
    const struct state_request *by[2];
};

static bool all_stand(const struct state *s, const struct policy_emergency *then, const struct carried *c)
{
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; c->by[k] != NULL && i < c->by[k]->decision_count; i++) {
            const struct state_decision *d = &c->by[k]->decisions[i];
            if (d->counted && !stands(s, then, d)) {
                return false;
            }
        }
    }
    return true;
}

static uint64_t people_in(const struct state *s, const struct carried *c, const struct policy_seat *seat)
{
    uint64_t n = 0;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; c->by[k] != NULL && i < c->by[k]->decision_count; i++) {
            const struct state_decision *d = &c->by[k]->decisions[i];
            n += d->counted && span_eq(seat_id(d->seat), seat->id) && may_sit(s, d, seat->role) ? 1U : 0U;
        }
    }
    return n;
}

static bool seats_filled(const struct state *s, const struct carried *c)
{
    const struct policy_seats *seats = &s->policy->doc.emergency->seats;
    for (size_t i = 0; i < seats->count; i++) {
        if (people_in(s, c, &seats->item[i]) < seats->item[i].count) {
            return false;
        }
    }
    return true;
}

static enum policy_reason kind_stands(const struct policy_emergency *e, const struct state_emergency *m,
                                      const struct deploy_content *d, bool again)
{
    const struct policy_emergency_kind *k = NULL;
    for (size_t i = 0; i < e->kind_count; i++) {
        k = span_eq(e->kinds[i].id, m->kind) ? &e->kinds[i] : k;
    }
    if (k == NULL) {
        return REASON_EMERGENCY_KIND;
    }
    if (!span_among(d->environment, k->environments, k->environment_count)) {
        return REASON_EMERGENCY_ENVIRONMENT;
    }
    const struct span type = again ? SPAN_LIT(POLICY_ROLLBACK) : d->change_type;
    return span_among(type, k->change_types, k->change_type_count) ? REASON_OK : REASON_EMERGENCY_CHANGE_TYPE;
}

struct verdict policy_grant_stands(const struct state *s, const struct state_request *q, const struct deploy_content *d,
                                   const struct sheet *sheet)
{
    const struct policy_emergency *e = s->policy->doc.emergency;
    const struct state_emergency *m = state_emergency_find(s, q->grant->index);
    const struct policy_emergency *then = m != NULL ? m->under->doc.emergency : NULL;
    const struct carried c = {{q->grant->emergency, q->grant->voucher}};
    const bool again = q->grant->outcome_index != 0;

    if (e == NULL || then == NULL) {
        return VERDICT_DENY(REASON_NO_EMERGENCIES);
    }
    const enum policy_reason r = kind_stands(e, m, d, again);
    if (r != REASON_OK) {
        return VERDICT_DENY(r);
    }
    if (!all_stand(s, then, &c) || !seats_filled(s, &c)) {
        return VERDICT_DENY(REASON_TOO_FEW_SIGNED);
    }
    const enum policy_reason held = policy_frozen_granted(s, d, q->grant);
    if (held != REASON_OK) {
        return VERDICT_DENY(held);
    }
    return again ? VERDICT_ALLOW : policy_sheet_said(sheet); /* what ran before is not asked for fields of today */
}

bool policy_grant_signed(const struct state_emergency *m, const struct state_person *p)
{
    const struct state_request *by[] = {m->signed_by, m->voucher};

    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; by[k] != NULL && i < by[k]->decision_count; i++) {
            if (by[k]->decisions[i].counted && by[k]->decisions[i].person == p) {
                return true;
            }
        }
    }
    return false;
}

bool policy_review_early(const struct state *s, const struct state_emergency *m, uint64_t now_ms)
{
    const struct state_request *q = state_request_find(s, m->grants);
    const bool its_own = q != NULL && q->grant != NULL && q->grant->index == m->index;
    return its_own && now_ms < m->due_ms && (q->status == STATUS_APPROVED || q->status == STATUS_REDEEMED);
}
