/* SPDX-License-Identifier: Apache-2.0 */
/* A rule's conditions; private to this room. Pure. Source: docs/formats/policy.md. */
#ifndef MODEL_POLICY_WHEN_H
#define MODEL_POLICY_WHEN_H

#include "model/model_policy.h"

/* Is name the prefix and then a key, [a-z][a-z0-9_]*: "attributes.KEY", "documentation.KEY"? */
bool model_is_free_member(struct span name, struct span prefix);
bool model_is_among(struct span name, const char *const *words, size_t count);

/* Notes the windows of history that the conditions ask about. CS_E_RANGE when the document has too many. */
CS_RESULT model_when_windows(struct policy_doc *doc, const struct policy_when *when, size_t count);
/* Member `when` of what stands open, if it is there; else the outputs stay. */
CS_RESULT model_when_take(struct json_in *in, const char *what, struct policy_when **ret_when, size_t *ret_count);
/* Every environment and change type that it names is declared. */
CS_RESULT model_when_check(const struct policy_doc *doc, const struct policy_when *when);

#endif
