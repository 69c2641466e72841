/* SPDX-License-Identifier: Apache-2.0 */
/* All of a summary as canonical JSON, so that tests can say what they expect in one text. Not what stands in the log.
 */
#ifndef EVIDENCE_SHOW_H
#define EVIDENCE_SHOW_H

#include "evidence/evidence.h"
#include "json/json_out.h"

enum { EVIDENCE_SHOW_MAX = 20 * 1024 };

void evidence_show(const struct evidence_summary *s, struct json_out *out, const char *key);

#endif
