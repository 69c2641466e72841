/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the fold that keeps people, credentials, clients and token models. Pure. */
#ifndef MODEL_STATE_ROSTER_H
#define MODEL_STATE_ROSTER_H

#include "model/model_state.h"

/* Applies checked changes in order; index is the entry that carries them. CS_E_NOMEM, or CS_E_STATE for a change about
 * somebody who is not there. */
CS_RESULT state_roster_apply(struct state *s, const struct roster_changes *changes, uint64_t index);

/* The signature counter inside authenticator data; 0 if it is too short to hold one. */
uint32_t state_auth_counter(struct span auth_data);

#endif
