/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the fold share; private to this room. Pure. */
#ifndef MODEL_STATE_IN_H
#define MODEL_STATE_IN_H

#include "model/model_state.h"

/* Moves the request by next[][]; CS_E_STATE for a cell that is not there. */
CS_RESULT state_move(struct state *s, struct state_request *q, enum state_event event, const struct entry *e);
/* The same for what ends an approval without its use: what an emergency gave once more is then what it was before. */
CS_RESULT state_end_unused(struct state *s, struct state_request *q, enum state_event event, const struct entry *e);
/* from_ms and s seconds; a deadline that would pass the end of time stays at it. */
uint64_t state_later(uint64_t from_ms, uint64_t s);
/* q->open is there: among the live ones from now on. */
CS_RESULT state_enter_live(struct state *s, struct state_request *q);
void state_forget_open(struct state *s, struct state_open *o);

/* q is redeemed: keeps what it is, and forgets the oldest of its place. CS_E_NOMEM. */
CS_RESULT state_ran(struct state *s, struct state_request *q, const struct deploy_content *d);
/* For history: a use began, or its outcome was reported. CS_E_NOMEM. */
CS_RESULT state_history_began(struct state *s, struct state_run *r);
CS_RESULT state_history_ended(struct state *s, const struct state_run *r, enum request_status result);
/* It did not succeed, so nothing goes back to it. */
void state_ran_badly(struct state *s, struct state_request *q);

/* The place, made when it is new. CS_E_NOMEM. */
CS_RESULT state_place_at(struct state *s, struct span service, struct span environment, struct state_place **ret_place);
/* q is redeemed, and its artifacts run there from now on. CS_E_NOMEM. */
CS_RESULT state_run_begin(struct state *s, struct state_request *q, const struct deploy_content *d,
                          const struct entry *e);
/* q failed, and its rollback may be used from now on: keeps what state_ran kept. CS_E_NOMEM. */
CS_RESULT state_arm(struct state *s, struct state_request *q, const struct entry *e);
/* Its rollback is redeemed. CS_E_NOMEM. */
CS_RESULT state_fall_back(struct state *s, struct state_request *q, const struct deploy_content *d,
                          const struct entry *e);
/* How its last use went. CS_E_NOMEM. */
CS_RESULT state_run_end(struct state *s, struct state_request *q, enum request_status result, const struct entry *e);

CS_RESULT state_apply_grant(struct state *s, const struct entry *e, const struct emergency_grant *g);
CS_RESULT state_apply_overdue(struct state *s, const struct entry *e, const struct overdue *x);
CS_RESULT state_apply_freeze(struct state *s, const struct entry *e, const struct freeze *f);
CS_RESULT state_apply_thaw(struct state *s, const struct entry *e, const struct thaw *x);
CS_RESULT state_apply_escalate(struct state *s, const struct entry *e, const struct escalate *x);
CS_RESULT state_apply_review(struct state *s, const struct entry *e, const struct review_effect *x);
CS_RESULT state_apply_evidence(struct state *s, const struct entry *e, const struct evidence_note *x,
                               const struct state_facts *facts);
CS_RESULT state_apply_waiver(struct state *s, const struct entry *e, const struct waiver_effect *x,
                             const struct state_facts *facts);
void state_forget_evidence(struct state *s, struct state_open *o);

#endif
