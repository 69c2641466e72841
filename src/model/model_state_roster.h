/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the fold that keeps people, credentials, clients and token models. Pure. */
#ifndef MODEL_STATE_ROSTER_H
#define MODEL_STATE_ROSTER_H

#include "model/model_state.h"

/* Applies checked changes in order; index is the entry that carries them; facts has one for each change, or is NULL
 * when none of them is about cards or revoked ones. CS_E_NOMEM, or CS_E_STATE for a change about somebody who is not
 * there. */
CS_RESULT state_roster_apply(struct state *s, const struct roster_changes *changes, const struct change_facts *facts,
                             uint64_t index);

/* Finds the record under SHA-256(id), or makes a zeroed one of so many bytes, with its own copy of id. */
CS_RESULT state_find_or_make(struct state *s, struct map *m, struct span id, size_t bytes, void **ret_record,
                             struct span *ret_id);
CS_RESULT state_copy_list(struct state *s, const struct span *from, size_t n, struct span **ret_list);
/* Who has which role since when: model_state_route.c. The person's record is still as it was. */
CS_RESULT state_tenures_change(struct state *s, const struct state_person *p, const struct person *to, uint64_t index);
void state_tenures_end(struct state *s, const struct state_person *p, uint64_t index);
/* Cards and their issuers: model_state_card.c. */
CS_RESULT state_card_add(struct state *s, struct span person, const struct card *c, const struct card_facts *facts,
                         uint64_t index);
CS_RESULT state_issuer_put(struct state *s, const struct card_issuer *x);
CS_RESULT state_crl_put(struct state *s, struct span issuer, const struct crl_facts *facts, uint64_t index);

/* The signature counter inside authenticator data; 0 if it is too short to hold one. */
uint32_t state_auth_counter(struct span auth_data);

#endif
