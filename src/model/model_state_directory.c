/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_state_directory.h"

#include "model/model_state_review.h"

static const struct span officer = {(const uint8_t *)"officer", 7};

enum state_bar state_directory_bar(const struct state_person *p, struct span role)
{
    const struct state_entitlement *e = state_entitlement_find(p, role);
    return e != NULL ? e->bar : BAR_NONE;
}

uint64_t state_directory_total(const struct state *s)
{
    uint64_t n = 0;
    size_t at = 0;
    const struct state_person *p = NULL;

    while ((p = map_next(&s->people, &at)) != NULL) {
        for (size_t i = 0; !p->removed && i < p->role_count; i++) {
            n += p->entitlements[i].listed ? 1U : 0U;
        }
    }
    return n;
}

void state_directory_forget(struct state_person *p)
{
    for (size_t i = 0; i < p->role_count; i++) {
        p->entitlements[i].listed = false;
    }
}

/* Of officers enough must stay, so theirs ends by an entry of its own, which says which ones (state_lapse). */
static enum state_bar bar_of(const struct state *s, struct span role, const struct state_entitlement *e)
{
    if (span_eq(role, officer)) {
        return e->listed ? BAR_NONE : e->bar;
    }
    if (s->directory.read_ms == 0 || s->directory.stale) {
        return BAR_STALE;
    }
    return e->listed ? BAR_NONE : BAR_UNLISTED;
}

void state_directory_settle(struct state *s)
{
    const struct policy_doc *doc = s->policy != NULL ? &s->policy->doc : NULL;
    const bool governs = doc != NULL && doc->directory.max_stale_s != 0;
    size_t at = 0;
    struct state_person *p = NULL;

    if (!governs && !s->directory.governs) {
        return; /* nothing to take back either */
    }
    s->directory.governs = governs;
    while ((p = map_next(&s->people, &at)) != NULL) {
        for (size_t i = 0; i < p->role_count; i++) {
            struct state_entitlement *e = &p->entitlements[i];
            const bool governed = model_policy_directory_governs(doc, p->roles[i]);
            e->listed = governed && e->listed;
            e->bar = governed ? bar_of(s, p->roles[i], e) : BAR_NONE;
        }
    }
}

void state_directory_policy(struct state *s, const struct policy_doc *doc)
{
    const struct policy_directory *before = s->policy != NULL ? &s->policy->doc.directory : &doc->directory;
    const bool governed = s->policy != NULL && model_policy_directory_governs(&s->policy->doc, officer);
    size_t at = 0;
    struct state_person *p = NULL;

    if (!governed && model_policy_directory_governs(doc, officer)) {
        s->directory.officers_ms = s->time_ms;
    }
    if (doc->directory.max_stale_s != 0 && span_eq(before->source, doc->directory.source)) {
        return;
    }
    s->directory.read_ms = 0;
    s->directory.stale = false;
    while ((p = map_next(&s->people, &at)) != NULL) {
        state_directory_forget(p);
    }
}

/* Does it change what was listed? */
static bool list_person(struct state_person *p, const struct entitlement *x)
{
    bool changed = false;

    for (size_t i = 0; i < p->role_count; i++) {
        const bool listed = span_among(p->roles[i], x->roles, x->role_count);
        changed = changed || p->entitlements[i].listed != listed;
        p->entitlements[i].listed = listed;
    }
    return changed;
}

/* One that changes nothing only says that the others are fresh: no receipt needs it, so it is not in the chain. */
CS_RESULT state_apply_directory(struct state *s, const struct entry *e, const struct directory_note *x)
{
    bool changed = x->stale || (x->total_set && (s->directory.stale || s->directory.read_ms == 0));

    for (size_t i = 0; i < x->count; i++) {
        struct state_person *p = state_person_find(s, x->item[i].person);
        ENSURE(p != NULL, CS_E_STATE, "directory.person");
        changed = list_person(p, &x->item[i]) || changed;
    }
    if (x->stale) {
        s->directory.stale = true;
    } else if (x->total_set) {
        s->directory.read_ms = e->time_ms - x->age_ms;
        s->directory.stale = false;
    }
    if (changed) {
        s->roster_index = e->seq;
        state_directory_settle(s);
    }
    return CS_SUCCESS;
}
