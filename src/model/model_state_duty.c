/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_state_duty.h"

#include "model/model_state_roster.h"

const struct state_duty *state_duty_find(const struct state *s, struct span id)
{
    const struct sha256 d = digest_sha256(id);
    return map_get(&s->duties, &d);
}

/* A roster is put anew again and again over the years: what it was is given back. */
static void drop_shifts(struct state *s, struct state_duty *d)
{
    for (size_t i = 0; i < d->shift_count; i++) {
        struct state_shift *x = &d->shifts[i];
        pool_free(&s->pool, x->people, x->person_count * sizeof(struct state_person *));
    }
    pool_free(&s->pool, d->shifts, d->shift_count * sizeof(*d->shifts));
    d->shifts = NULL;
    d->shift_count = 0;
}

static CS_RESULT copy_shift(struct state *s, const struct duty_shift *from, uint64_t hand_over_s,
                            struct state_shift *ret_shift)
{
    struct state_person **people = pool_alloc(&s->pool, from->person_count * sizeof(struct state_person *));
    ENSURE(people != NULL, CS_E_NOMEM, "state.duty");
    for (size_t i = 0; i < from->person_count; i++) {
        people[i] = state_person_find(s, from->people[i]);
        ENSURE(people[i] != NULL, CS_E_STATE, "put_duty");
    }
    *ret_shift = (struct state_shift){.from_ms = from->from_ms,
                                      .until_ms = from->until_ms + hand_over_s * 1000,
                                      .people = people,
                                      .person_count = from->person_count};
    return CS_SUCCESS;
}

CS_RESULT state_duty_put(struct state *s, const struct duty_roster *d, uint64_t index)
{
    struct state_duty *have = NULL;
    struct span id = SPAN_NONE;

    TRY(state_find_or_make(s, &s->duties, d->id, sizeof(*have), (void **)&have, &id));
    drop_shifts(s, have);
    have->id = id;
    have->index = index;
    have->hand_over_s = d->hand_over_s;
    pool_free_copy(&s->pool, &have->zone);
    TRY(pool_copy(&s->pool, d->zone, &have->zone));
    have->shifts = pool_alloc(&s->pool, d->shift_count * sizeof(*have->shifts));
    ENSURE(have->shifts != NULL, CS_E_NOMEM, "state.duty");
    for (size_t i = 0; i < d->shift_count; i++) {
        TRY(copy_shift(s, &d->shifts[i], d->hand_over_s, &have->shifts[i]));
        have->shift_count++;
    }
    return CS_SUCCESS;
}

static bool covers(const struct state_shift *x, uint64_t at_ms)
{
    return x->from_ms <= at_ms && at_ms < x->until_ms;
}

static bool among(const struct state_shift *x, const struct state_person *p)
{
    size_t i = 0;
    while (i < x->person_count && x->people[i] != p) {
        i++;
    }
    return i < x->person_count;
}

/* In a shift before this one that is on, too. */
static bool seen_before(const struct state_duty *d, size_t shift, uint64_t at_ms, const struct state_person *p)
{
    size_t i = 0;
    while (i < shift && !(covers(&d->shifts[i], at_ms) && among(&d->shifts[i], p))) {
        i++;
    }
    return i < shift;
}

/* People of all shifts, one after the other, are counted through; *at is the next of them. */
const struct state_person *state_duty_each(const struct state_duty *d, uint64_t at_ms, size_t *at)
{
    size_t before = 0;

    for (size_t i = 0; i < d->shift_count && d->shifts[i].from_ms <= at_ms; i++) {
        const struct state_shift *x = &d->shifts[i];
        for (size_t k = 0; covers(x, at_ms) && k < x->person_count; k++) {
            if (before + k >= *at && !seen_before(d, i, at_ms, x->people[k])) {
                *at = before + k + 1;
                return x->people[k];
            }
        }
        before += x->person_count;
    }
    return NULL;
}

bool state_on_duty(const struct state *s, struct span id, const struct state_person *p, uint64_t at_ms)
{
    const struct state_duty *d = state_duty_find(s, id);

    for (size_t i = 0; d != NULL && i < d->shift_count && d->shifts[i].from_ms <= at_ms; i++) {
        if (covers(&d->shifts[i], at_ms) && among(&d->shifts[i], p)) {
            return true;
        }
    }
    return false;
}

static uint64_t sooner(uint64_t have, uint64_t at_ms, uint64_t moment)
{
    return moment > at_ms && moment < have ? moment : have;
}

uint64_t state_duty_next(const struct state *s, uint64_t at_ms)
{
    uint64_t next = UINT64_MAX;
    size_t at = 0;
    const struct state_duty *d = NULL;

    while ((d = map_next(&s->duties, &at)) != NULL) {
        for (size_t i = 0; i < d->shift_count; i++) {
            next = sooner(next, at_ms, d->shifts[i].from_ms);
            next = sooner(next, at_ms, d->shifts[i].until_ms);
        }
    }
    return next;
}
