/* SPDX-License-Identifier: Apache-2.0 */
/* What the directory takes away of what the roster gives. Pure. Source: docs/policy.md, "The directory". */
#ifndef MODEL_STATE_DIRECTORY_H
#define MODEL_STATE_DIRECTORY_H

#include "model/model_state.h"

CS_RESULT state_apply_directory(struct state *s, const struct entry *e, const struct directory_note *x);
/* A policy comes into force: what another source said, or one that is asked no more, is forgotten. Before s->policy is
 * the new one. */
void state_directory_policy(struct state *s, const struct policy_doc *doc);
/* Which roles count, again: after every change of policy, roster and directory. */
void state_directory_settle(struct state *s);
/* They leave the roster: were they to come back, the directory must say so again. */
void state_directory_forget(struct state_person *p);

/* Why this role of theirs does not count; BAR_NONE when the directory lets it, or they do not have it. */
enum state_bar state_directory_bar(const struct state_person *p, struct span role);
/* How many roles of people on the roster are listed. */
uint64_t state_directory_total(const struct state *s);

#endif
