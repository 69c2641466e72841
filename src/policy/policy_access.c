/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_access.h"

#include "model/model_state_review.h"
#include "policy/policy_directory.h"
#include "policy/policy_tokens.h"

static const struct span officer = {(const uint8_t *)"officer", 7};

struct verdict policy_access_review_may(const struct state *s, const struct access_review_content *c)
{
    if (s->policy->doc.access_review.every_s == 0) {
        return VERDICT_DENY(REASON_NO_ACCESS_REVIEW);
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct state_person *p = state_person_find(s, c->item[i].person);
        for (size_t k = 0; k < c->item[i].role_count; k++) {
            if (p == NULL || !state_person_given_role(p, c->item[i].roles[k])) {
                return VERDICT_CAUSE(REASON_ROSTER_INVALID, CS_FAIL_AT(CS_E_REFUSED, "content.entitlements", i));
            }
        }
    }
    return VERDICT_ALLOW;
}

static uint64_t later(uint64_t from_ms, uint64_t s)
{
    const uint64_t most = (UINT64_MAX - from_ms) / 1000;
    return s < most ? from_ms + s * 1000 : UINT64_MAX;
}

static uint64_t newest(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* When its time is over, and for which of the two causes. UINT64_MAX: never. */
static uint64_t due_ms(const struct state *s, const struct state_entitlement *e, bool *ret_unused)
{
    const struct policy_review *r = &s->policy->doc.access_review;
    *ret_unused = false;
    if (r->every_s == 0) {
        return UINT64_MAX;
    }
    const uint64_t base = newest(newest(e->granted_ms, e->reviewed_ms), s->review_from_ms);
    const uint64_t unreviewed = later(base, r->every_s);
    const uint64_t unused = r->unused_s != 0 ? later(newest(base, e->used_ms), r->unused_s) : UINT64_MAX;
    *ret_unused = unused < unreviewed;
    return *ret_unused ? unused : unreviewed;
}

uint64_t policy_role_due(const struct state *s, const struct state_entitlement *e)
{
    bool unused = false;
    return due_ms(s, e, &unused);
}

static bool is_due(const struct state *s, const struct state_entitlement *e, uint64_t now_ms, bool *ret_unused)
{
    return e->lapsed_index == 0 && due_ms(s, e, ret_unused) <= now_ms;
}

/* How many officers who can sign may still go. */
static size_t officers_to_spare(const struct state *s)
{
    const size_t have = policy_role_holders(&s->policy->doc, s, officer);
    const size_t least = (size_t)s->policy->doc.officers_threshold + 1;
    return have > least ? have - least : 0;
}

/* Does the lapse of this role cost an officer who can sign? */
static bool costs(const struct state *s, const struct state_person *p, struct span role)
{
    return span_eq(role, officer) && policy_role_holder(&s->policy->doc, s, p, officer);
}

static int lapsed_cmp(const struct lapsed *a, const struct lapsed *b)
{
    const int c = span_cmp(a->person, b->person);
    return c != 0 ? c : span_cmp(a->role, b->role);
}

/* In order; of more than there is room for, the last is left to the next entry. */
static void add(struct lapse *x, const struct lapsed *item)
{
    size_t at = x->count;

    while (at > 0 && lapsed_cmp(&x->item[at - 1], item) > 0) {
        at--;
    }
    if (at == MODEL_LAPSED_MAX) {
        return;
    }
    const size_t kept = x->count < MODEL_LAPSED_MAX ? x->count : (size_t)MODEL_LAPSED_MAX - 1;
    memmove(&x->item[at + 1], &x->item[at], (kept - at) * sizeof(x->item[0]));
    x->item[at] = *item;
    x->count = kept + 1;
}

/* A person while their roles are gone through. */
struct look {
    const struct state *s;
    uint64_t now_ms;
    size_t spare;
    struct lapse *x;
};

static void look_at(struct look *l, const struct state_person *p)
{
    for (size_t i = 0; !p->removed && i < p->role_count; i++) {
        struct lapsed x = {.person = p->id, .role = p->roles[i]};
        x.unlisted = policy_officer_unlisted(l->s, &p->entitlements[i], x.role);
        if (!x.unlisted && !is_due(l->s, &p->entitlements[i], l->now_ms, &x.unused)) {
            continue;
        }
        const bool cost = costs(l->s, p, x.role);
        if (!cost || l->spare > 0) {
            l->spare -= cost ? 1U : 0U;
            add(l->x, &x);
        }
    }
}

/* Can anything lapse by this policy? */
static bool lapses_at_all(const struct policy_doc *doc)
{
    return doc->access_review.every_s != 0 || model_policy_directory_governs(doc, officer);
}

bool policy_lapses(const struct state *s, uint64_t now_ms, struct lapse *ret_lapse)
{
    struct look l = {.s = s, .now_ms = now_ms, .spare = officers_to_spare(s), .x = ret_lapse};
    size_t at = 0;
    const struct state_person *p = NULL;

    ret_lapse->count = 0;
    ret_lapse->prev = s->roster_index;
    while (lapses_at_all(&s->policy->doc) && (p = map_next(&s->people, &at)) != NULL) {
        look_at(&l, p);
    }
    return ret_lapse->count > 0;
}

/* Is the role of this officer among what lapses now? */
static bool officer_lapses(const struct state *s, const struct state_person *p, uint64_t now_ms)
{
    struct lapse x;
    bool among = false;

    if (policy_lapses(s, now_ms, &x)) {
        for (size_t i = 0; i < x.count && !among; i++) {
            among = span_eq(x.item[i].person, p->id) && span_eq(x.item[i].role, officer);
        }
    }
    return among;
}

bool policy_role_overdue(const struct state *s, const struct state_person *p, struct span role, uint64_t now_ms)
{
    const struct state_entitlement *e = state_entitlement_find(p, role);
    bool unused = false;

    if (s->partial || e == NULL) {
        return false;
    }
    return span_eq(role, officer) ? officer_lapses(s, p, now_ms) : is_due(s, e, now_ms, &unused);
}

bool policy_role_counts(const struct state *s, const struct state_person *p, struct span role, uint64_t now_ms)
{
    return state_person_has_role(p, role) &&
           (s == NULL || (!policy_role_overdue(s, p, role, now_ms) && !policy_directory_late(s, role, now_ms)));
}

/* May this one lapse, for this reason? Whom it is about is returned. */
static enum policy_reason one_may(const struct state *s, const struct lapsed *x, uint64_t now_ms,
                                  const struct state_person **ret_person)
{
    const struct state_person *p = state_person_find(s, x->person);
    const struct state_entitlement *e = p != NULL && !p->removed ? state_entitlement_find(p, x->role) : NULL;
    bool unused = false;

    *ret_person = p;
    if (e == NULL || (x->unlisted ? e->bar != BAR_NONE : e->lapsed_index != 0)) {
        return REASON_WRONG_EFFECT;
    }
    if (x->unlisted) {
        return policy_officer_unlisted(s, e, x->role) ? REASON_OK : REASON_NOT_DUE;
    }
    const bool due = s->partial || (is_due(s, e, now_ms, &unused) && unused == x->unused);
    return due ? REASON_OK : REASON_NOT_DUE;
}

struct verdict policy_lapse_may(const struct state *s, const struct lapse *x, uint64_t now_ms)
{
    size_t spare = officers_to_spare(s);

    for (size_t i = 0; i < x->count; i++) {
        const struct state_person *p = NULL;
        const enum policy_reason r = one_may(s, &x->item[i], now_ms, &p);
        if (r != REASON_OK) {
            return VERDICT_DENY(r);
        }
        const bool cost = costs(s, p, x->item[i].role);
        if (cost && spare == 0) {
            return VERDICT_DENY(REASON_TOO_FEW_OFFICERS);
        }
        spare -= cost ? 1U : 0U;
    }
    return VERDICT_ALLOW;
}

uint64_t policy_lapse_next(const struct state *s, uint64_t now_ms)
{
    uint64_t next = UINT64_MAX;
    size_t at = 0;
    const struct state_person *p = NULL;

    while (s->policy->doc.access_review.every_s != 0 && (p = map_next(&s->people, &at)) != NULL) {
        for (size_t i = 0; !p->removed && i < p->role_count; i++) {
            bool unused = false;
            const uint64_t due = due_ms(s, &p->entitlements[i], &unused);
            next = p->entitlements[i].lapsed_index == 0 && due > now_ms && due < next ? due : next;
        }
    }
    return next;
}

size_t policy_officers_overdue(const struct state *s, uint64_t now_ms)
{
    size_t n = 0;
    size_t at = 0;
    const struct state_person *p = NULL;

    while ((p = map_next(&s->people, &at)) != NULL) {
        const struct state_entitlement *e = state_entitlement_find(p, officer);
        bool unused = false;
        n += !p->removed && e != NULL && is_due(s, e, now_ms, &unused) ? 1U : 0U;
    }
    return n;
}
