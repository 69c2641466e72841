/* SPDX-License-Identifier: Apache-2.0 */
/* The member `rollback` of a deployment's content; private to this room. Pure. Source: docs/formats/entry.md. */
#ifndef MODEL_ROLLBACK_H
#define MODEL_ROLLBACK_H

#include "model/model_request.h"
#include "model/model_walk.h"

/* In the walk's arena; NULL after a fault, or without memory. */
const struct deploy_rollback *model_rollback_walk(struct walk *w, const struct json_value *v,
                                                  const struct walk_member *m);
/* It goes back to something else than what is deployed, and one statement can name all of both. */
void model_rollback_fits(struct walk *w, const struct deploy_content *c);
/* Nothing when there is none. */
void model_rollback_put(struct json_out *o, const struct deploy_rollback *r);

#endif
