/* SPDX-License-Identifier: Apache-2.0 */
/* What is there for one line of evidence: its files and waivers, and the digest of what they say; private to this room.
 * Pure. Source: docs/formats/evidence.md §3. */
#ifndef POLICY_EVIDENCE_THERE_H
#define POLICY_EVIDENCE_THERE_H

#include "policy/policy_sheet.h"

struct evidence_file {
    const struct state_evidence *kept;
    struct evidence_note *x;
};

struct evidence_there {
    struct evidence_file file[REPORT_KIND_COUNT]; /* at most one of a kind */
    size_t files;
    const struct state_evidence **waivers; /* all of them, whether they count or not, and what they say */
    struct waiver_content *waives;
    size_t waiver_count;
};

/* Of the line "RULE/ID"; of files only those that e takes, or of every kind when it is NULL. o == NULL: nothing is
 * there. In the arena; borrows from o. CS_E_NOMEM. */
CS_RESULT policy_evidence_load(const struct state_open *o, struct span line, const struct policy_evidence *e,
                               struct arena *arena, struct evidence_there *ret_there);
/* Over what it says, whenever that was: files without the time they were made, and waivers whether or not they have
 * run out. CS_E_FULL or CS_E_NOMEM. */
CS_RESULT policy_evidence_digest(const struct evidence_there *there, struct sha256 *ret_says);
/* The newest entry of a file for the line, of any kind; 0: none came. */
uint64_t policy_evidence_newest(const struct state_open *o, struct span line);

#endif
