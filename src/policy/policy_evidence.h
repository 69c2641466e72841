/* SPDX-License-Identifier: Apache-2.0 */
/* What the policy asks of files, what a line makes of them, and who may waive it. Pure. Source:
 * docs/formats/evidence.md. */
#ifndef POLICY_EVIDENCE_H
#define POLICY_EVIDENCE_H

#include "policy/policy_sheet.h"

/* What the policy that a request was opened under and the one in force ask under one name, "RULE/ID". */
struct evidence_asked {
    const struct policy_evidence *item[2];
    size_t count;
};
struct evidence_asked policy_evidence_asked(const struct sheet_input *in, struct span line);
/* Does a file of this kind count for one of them? */
bool policy_evidence_wanted(const struct evidence_asked *a, enum report_kind file);
/* All that the line asks, in words: two that ask the same have the same words. At most EVIDENCE_WORDS_MAX bytes. */
enum { EVIDENCE_WORDS_MAX = 4096 };
void policy_evidence_words(const struct policy_evidence *e, struct writer *w);
/* Is what ran there before part of one of them? */
bool policy_evidence_compares(const struct evidence_asked *a);

/* What ran last there, as this line sees it: made by the core, and made again by the judge. CS_E_NOMEM. */
CS_RESULT policy_evidence_baseline(const struct sheet_input *in, struct span line, const struct report *r,
                                   struct arena *arena, struct report_baseline *ret_baseline);

/* Is a file for `line`, "RULE/ID", one of this line of a sheet, whose id ends in a version where another policy has
 * such a line, too? */
bool policy_evidence_is_of(struct span rule, struct span id, struct span line);

/* The findings of what ran there when the file came that the file has not any more, sorted by id. None of them once it
 * is forgotten what that said: then only their number is known, x->baseline.fixed. In the arena. CS_E_NOMEM. */
CS_RESULT policy_evidence_fixed(const struct state *s, const struct evidence_note *x, struct arena *arena,
                                const struct report_finding ***ret_findings, size_t *ret_count);

/* Over what people sign of all files: when it changes, the signatures given before hold no seat any more. */
struct sha256 policy_evidence_says(const struct sheet *sheet);

/* Is there any line that somebody may waive? */
bool policy_waives(const struct policy_doc *doc);
/* Does a waiver that took effect still let this line pass, its end aside? As long as the line is for the owner's role
 * to waive, and the owner is on the roster, not suspended, has the role and is kept apart by no rule. */
bool policy_waiver_counts(const struct sheet_input *in, const struct policy_evidence *e,
                          const struct waiver_content *c);
/* Who may let the waiver's line pass, and the newest evidence entry that it stands on. */
struct waiver_ground {
    struct span role;
    uint64_t stood;
};
/* May such a waiver stand now? It is about a deployment that is open or approved (deploy is what it says), a line that
 * somebody may waive, findings that are there; its owner is on the roster. Who signs is not asked. */
struct verdict policy_waiver_may(const struct state *s, const struct waiver_content *c,
                                 const struct deploy_content *deploy, uint64_t now_ms, struct arena *arena,
                                 struct waiver_ground *ret_ground);

#endif
