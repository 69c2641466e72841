/* SPDX-License-Identifier: Apache-2.0 */
/* How a line of evidence is written for people; private to this room. Pure. */
#ifndef POLICY_EVIDENCE_WORDS_H
#define POLICY_EVIDENCE_WORDS_H

#include "policy/policy_evidence.h"

/* ", " unless nothing stands there yet. */
void policy_evidence_comma(struct writer *w);
/* A number as people write it: 0.8 for 800000 of a million where the kind counts so. */
void policy_evidence_value(struct writer *w, enum report_kind kind, struct span name, uint64_t v);

#endif
