/* SPDX-License-Identifier: Apache-2.0 */
/* From the summary of a file to the report that an entry holds (docs/formats/evidence.md §1): the same file gives the
 * same bytes, in the front that took it in and at the auditor who reads the blob again. Pure. */
#ifndef EVIDENCE_REPORT_H
#define EVIDENCE_REPORT_H

#include "evidence/evidence.h"
#include "model/model_evidence.h"

/* What a file of this format is called in policies and entries. */
enum report_kind evidence_report_kind(enum evidence_format format);
/* The formats of a file of this kind; false for none. */
bool evidence_report_format(struct span kind, enum evidence_format *ret_format);

/* came_ms stands for `produced` where the file does not say it. Texts live in the arena. CS_E_NOMEM, CS_E_FULL. */
CS_RESULT evidence_report(const struct evidence_summary *s, uint64_t came_ms, struct arena *arena,
                          struct report *ret_report);

#endif
