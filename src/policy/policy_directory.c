/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_directory.h"

#include "model/model_state_directory.h"
#include "model/model_state_review.h"

static const struct span officer = {(const uint8_t *)"officer", 7};

static const struct policy_directory *directory_of(const struct state *s)
{
    return &s->policy->doc.directory;
}

/* Somebody on the roster, with roles of theirs that the directory governs. */
static bool person_fits(const struct state *s, const struct entitlement *x)
{
    const struct state_person *p = state_person_find(s, x->person);
    bool fits = p != NULL && !p->removed;

    for (size_t i = 0; fits && i < x->role_count; i++) {
        fits = state_person_given_role(p, x->roles[i]) && model_policy_directory_governs(&s->policy->doc, x->roles[i]);
    }
    return fits;
}

static uint64_t listed_now(const struct state *s, struct span person)
{
    const struct state_person *p = state_person_find(s, person);
    uint64_t n = 0;

    for (size_t i = 0; i < p->role_count; i++) {
        n += p->entitlements[i].listed ? 1U : 0U;
    }
    return n;
}

/* Whoever sends only who is there, and leaves out who has left, does not get past this: the sum would be another. */
static bool total_fits(const struct state *s, const struct directory_note *x)
{
    uint64_t n = state_directory_total(s);

    for (size_t i = 0; i < x->count; i++) {
        n = n - listed_now(s, x->item[i].person) + x->item[i].role_count;
    }
    return !x->total_set || n == x->total;
}

struct verdict policy_directory_may(const struct state *s, const struct directory_note *x, uint64_t now_ms)
{
    const struct policy_directory *d = directory_of(s);

    if (d->max_stale_s == 0) {
        return VERDICT_DENY(REASON_NO_DIRECTORY);
    }
    if (!span_eq(d->source, x->source)) {
        return VERDICT_DENY(REASON_DIRECTORY_SOURCE);
    }
    if (x->prev != s->roster_index) {
        return VERDICT_DENY(REASON_DIRECTORY_MOVED);
    }
    if (x->age_ms / 1000 >= d->max_stale_s || x->age_ms >= now_ms || now_ms - x->age_ms < s->directory.read_ms) {
        return VERDICT_DENY(REASON_DIRECTORY_OLD);
    }
    for (size_t i = 0; i < x->count; i++) {
        if (!person_fits(s, &x->item[i])) {
            return VERDICT_CAUSE(REASON_DIRECTORY_PERSON, CS_FAIL_AT(CS_E_REFUSED, "directory.people", i));
        }
    }
    return total_fits(s, x) ? VERDICT_ALLOW : VERDICT_DENY(REASON_DIRECTORY_TOTAL);
}

uint64_t policy_directory_next(const struct state *s)
{
    const uint64_t most_s = directory_of(s)->max_stale_s;
    const uint64_t read_ms = s->directory.read_ms;

    if (most_s == 0 || read_ms == 0 || s->directory.stale) {
        return UINT64_MAX;
    }
    return most_s < (UINT64_MAX - read_ms) / 1000 ? read_ms + most_s * 1000 : UINT64_MAX;
}

bool policy_directory_stale_due(const struct state *s, uint64_t now_ms)
{
    return policy_directory_next(s) <= now_ms;
}

struct verdict policy_directory_stale_may(const struct state *s, uint64_t now_ms)
{
    if (directory_of(s)->max_stale_s == 0) {
        return VERDICT_DENY(REASON_NO_DIRECTORY);
    }
    if (s->directory.read_ms == 0 || s->directory.stale) {
        return VERDICT_DENY(REASON_WRONG_EFFECT);
    }
    return s->partial || policy_directory_stale_due(s, now_ms) ? VERDICT_ALLOW : VERDICT_DENY(REASON_NOT_DUE);
}

bool policy_directory_silent(const struct state *s, uint64_t now_ms)
{
    return directory_of(s)->max_stale_s != 0 &&
           (s->directory.read_ms == 0 || s->directory.stale || policy_directory_stale_due(s, now_ms));
}

bool policy_directory_late(const struct state *s, struct span role, uint64_t now_ms)
{
    return s->policy != NULL && !s->partial && !span_eq(role, officer) &&
           model_policy_directory_governs(&s->policy->doc, role) && policy_directory_stale_due(s, now_ms);
}

/* A reading from before the role was given, or was asked about, says nothing about it. Where not every entry is there,
 * the newest reading may be among those that are missing. */
bool policy_officer_unlisted(const struct state *s, const struct state_entitlement *e, struct span role)
{
    return span_eq(role, officer) && model_policy_directory_governs(&s->policy->doc, officer) && !e->listed &&
           e->bar == BAR_NONE && s->directory.read_ms != 0 &&
           (s->partial || (s->directory.read_ms > e->granted_ms && s->directory.read_ms > s->directory.officers_ms));
}

size_t policy_officers_unlisted(const struct state *s)
{
    size_t n = 0;
    size_t at = 0;
    const struct state_person *p = NULL;

    while (directory_of(s)->max_stale_s != 0 && (p = map_next(&s->people, &at)) != NULL) {
        const struct state_entitlement *e = state_entitlement_find(p, officer);
        n += !p->removed && e != NULL && policy_officer_unlisted(s, e, officer) ? 1U : 0U;
    }
    return n;
}

enum policy_reason policy_bar_reason(enum state_bar bar)
{
    switch (bar) {
    case BAR_NONE:
        return REASON_OK;
    case BAR_UNLISTED:
        return REASON_NOT_IN_DIRECTORY;
    case BAR_STALE:
        break;
    }
    return REASON_DIRECTORY_STALE;
}
