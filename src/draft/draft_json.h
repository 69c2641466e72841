/* SPDX-License-Identifier: Apache-2.0 */
/* A part of a document as JSON: the request of a test case. Pure. */
#ifndef DRAFT_JSON_H
#define DRAFT_JSON_H

#include "base/base_writer.h"
#include "draft/draft.h"

/*
 * Canonical JSON of the log's profile. Plain whole numbers, `true` and `false` are numbers and booleans, every other
 * scalar is text. A key that the profile does not have is a fault.
 *
 * Errors: CS_E_REFUSED  there are faults
 *         CS_E_NOMEM, CS_E_FULL
 */
CS_RESULT draft_json(struct draft *d, const struct draft_node *v, struct writer *w);

#endif
