/* SPDX-License-Identifier: Apache-2.0 */
/* Duty rosters in the state. Pure. Source: docs/formats/entry.md. */
#ifndef MODEL_STATE_DUTY_H
#define MODEL_STATE_DUTY_H

#include "model/model_state.h"

struct state_shift {
    uint64_t from_ms;
    uint64_t until_ms; /* the hand-over included */
    struct state_person **people;
    size_t person_count;
};

struct state_duty {
    struct span id;
    struct span zone;
    uint64_t index; /* roster entry that brought it */
    uint64_t hand_over_s;
    struct state_shift *shifts; /* by from */
    size_t shift_count;
};

/* Puts a roster, in the place of one of the same id. CS_E_STATE when it names somebody who was never on the roster of
 * people, CS_E_NOMEM. */
CS_RESULT state_duty_put(struct state *s, const struct duty_roster *d, uint64_t index);

/* NULL: nobody is on duty in it. */
const struct state_duty *state_duty_find(const struct state *s, struct span id);
/* Is this person on duty in the roster of this id at that moment? */
bool state_on_duty(const struct state *s, struct span id, const struct state_person *p, uint64_t at_ms);
/* Each person on duty in it at that moment, once; NULL after the last. *at is 0 at first, and goes on. */
const struct state_person *state_duty_each(const struct state_duty *d, uint64_t at_ms, size_t *at);
/* The first moment after at_ms at which a shift of any roster begins or ends; UINT64_MAX when there is none. */
uint64_t state_duty_next(const struct state *s, uint64_t at_ms);

#endif
