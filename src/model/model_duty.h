/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Duty rosters: who is on duty when. Written in UTC by whoever makes them (docs/policy.md), so that what they mean does
 * not depend on a table of time zones. Pure. Source: docs/formats/entry.md.
 */
#ifndef MODEL_DUTY_H
#define MODEL_DUTY_H

#include "json/json_out.h"
#include "model/model_names.h"

struct duty_shift {
    uint64_t from_ms;
    uint64_t until_ms;                          /* the first moment after it */
    struct span people[MODEL_SHIFT_PEOPLE_MAX]; /* ids, sorted, distinct */
    size_t person_count;
};

struct duty_roster {
    struct span id;
    uint64_t hand_over_s;      /* who leaves stays on duty that much longer */
    struct duty_shift *shifts; /* in the arena; by from, then until; those of one time are one */
    size_t shift_count;        /* 0..MODEL_SHIFTS_MAX; none: nobody is on duty */
    struct span zone;          /* in which it was thought of: told to people, never computed with */
};

/* The member "duty" of a roster change. CS_E_ORDER for shifts out of order, CS_E_RANGE for one that ends before it
 * begins. */
CS_RESULT model_duty_get(struct json_in *in, struct duty_roster *ret_duty);
void model_duty_put(struct json_out *o, const struct duty_roster *d);

#endif
