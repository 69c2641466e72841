/* SPDX-License-Identifier: Apache-2.0 */
/* The member `source` of a deployment's content; private to this room. Pure. Source: docs/formats/entry.md. */
#ifndef MODEL_SOURCE_H
#define MODEL_SOURCE_H

#include "model/model_request.h"
#include "model/model_walk.h"

void model_source_walk(struct walk *w, const struct json_value *v, const struct walk_member *m,
                       struct request_source *s);
/* Nothing when there is none. */
void model_source_put(struct json_out *o, const struct request_source *s);

#endif
