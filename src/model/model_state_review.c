/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_state_review.h"

#include "model/model_state_roster.h"

struct state_entitlement *state_entitlement_find(const struct state_person *p, struct span role)
{
    for (size_t i = 0; p->entitlements != NULL && i < p->role_count; i++) {
        if (span_eq(p->roles[i], role)) {
            return &p->entitlements[i];
        }
    }
    return NULL;
}

bool state_entitlement_lapsed(const struct state_person *p, struct span role)
{
    const struct state_entitlement *e = state_entitlement_find(p, role);
    return e != NULL && e->lapsed_index != 0;
}

CS_RESULT state_entitle(struct state *s, struct state_person *p, const struct span *roles, size_t count)
{
    struct state_entitlement *made = pool_alloc(&s->pool, count * sizeof(*made));
    struct span *copied = NULL;

    ENSURE(made != NULL, CS_E_NOMEM, "state.entitlements");
    for (size_t i = 0; i < count; i++) {
        const struct state_entitlement *had = p->removed ? NULL : state_entitlement_find(p, roles[i]);
        made[i] = had != NULL ? *had : (struct state_entitlement){.granted_ms = s->time_ms};
    }
    TRY(state_copy_list(s, roles, count, &copied));
    pool_free(&s->pool, p->entitlements, p->role_count * sizeof(*p->entitlements));
    p->roles = copied;
    p->entitlements = made;
    p->role_count = count;
    return CS_SUCCESS;
}

void state_entitlement_used(struct state_person *p, struct span role, uint64_t time_ms)
{
    struct state_entitlement *e = state_entitlement_find(p, role);
    if (e != NULL) {
        e->used_ms = time_ms;
    }
}

static bool sooner(uint64_t now_s, uint64_t before_s)
{
    return now_s != 0 && (before_s == 0 || now_s < before_s);
}

void state_review_from(struct state *s, const struct policy_doc *doc)
{
    static const struct policy_review none = {0};
    const struct policy_review *before = s->policy != NULL ? &s->policy->doc.access_review : &none;
    const struct policy_review *now = &doc->access_review;

    if (now->every_s == 0) {
        s->review_from_ms = 0;
    } else if (sooner(now->every_s, before->every_s) || sooner(now->unused_s, before->unused_s)) {
        s->review_from_ms = s->time_ms;
    }
}

static CS_RESULT entitlement_of(const struct state *s, struct span person, struct span role,
                                struct state_entitlement **ret_entitlement)
{
    const struct state_person *p = state_person_find(s, person);
    struct state_entitlement *e = p != NULL ? state_entitlement_find(p, role) : NULL;
    ENSURE(e != NULL, CS_E_STATE, "entitlement");
    *ret_entitlement = e;
    return CS_SUCCESS;
}

CS_RESULT state_reviewed(struct state *s, const struct access_review_content *c, uint64_t index)
{
    for (size_t i = 0; i < c->count; i++) {
        for (size_t k = 0; k < c->item[i].role_count; k++) {
            struct state_entitlement *e = NULL;
            TRY(entitlement_of(s, c->item[i].person, c->item[i].roles[k], &e));
            e->reviewed_ms = s->time_ms;
            e->lapsed_index = 0;
        }
    }
    s->roster_index = index;
    return CS_SUCCESS;
}

CS_RESULT state_lapse(struct state *s, const struct lapse *x, uint64_t index)
{
    for (size_t i = 0; i < x->count; i++) {
        struct state_entitlement *e = NULL;
        TRY(entitlement_of(s, x->item[i].person, x->item[i].role, &e));
        if (x->item[i].unlisted) {
            e->bar = BAR_UNLISTED;
        } else {
            e->lapsed_index = index;
        }
    }
    s->roster_index = index;
    return CS_SUCCESS;
}

CS_RESULT state_alarm(struct state *s, const struct alarms *x, uint64_t index)
{
    for (size_t i = 0; i < s->alarm_count; i++) {
        pool_free_copy(&s->pool, &s->alarms[i].code);
        pool_free_copy(&s->pool, &s->alarms[i].subject);
        pool_free_copy(&s->pool, &s->alarms[i].role);
    }
    pool_free(&s->pool, s->alarms, s->alarm_count * sizeof(*s->alarms));
    s->alarm_count = 0;
    s->alarms = pool_alloc(&s->pool, x->count * sizeof(*s->alarms));
    ENSURE(s->alarms != NULL, CS_E_NOMEM, "state.alarms");
    for (size_t i = 0; i < x->count; i++) {
        TRY(pool_copy(&s->pool, x->item[i].code, &s->alarms[i].code));
        TRY(pool_copy(&s->pool, x->item[i].subject, &s->alarms[i].subject));
        TRY(pool_copy(&s->pool, x->item[i].role, &s->alarms[i].role));
    }
    s->alarm_count = x->count;
    s->alarm_index = index;
    return CS_SUCCESS;
}
