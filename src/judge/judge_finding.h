/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier can say about a receipt or a log: holds, broken in one named way, or cannot tell. Pure.
 * Source: docs/formats/verify.md. */
#ifndef JUDGE_FINDING_H
#define JUDGE_FINDING_H

#include "policy/policy_reason.h"

/* Name, exit code, public word, sentence. Append only. Zero is "cannot tell". */
#define JUDGE_FINDINGS(X)                                                                                              \
    X(FINDING_CANNOT_TELL, 3, "cannot_tell", "Cannot tell: something that the check needs is missing or unreadable.")  \
    X(FINDING_HOLDS, 0, "holds", "Everything holds.")                                                                  \
    X(FINDING_FORMAT, 10, "format", "This is not a receipt or an export in the known format.")                         \
    X(FINDING_CHECKPOINT, 11, "checkpoint", "The checkpoint is not signed by the log that is trusted.")                \
    X(FINDING_PINNED, 12, "pinned", "The log does not contain the checkpoint that was seen before.")                   \
    X(FINDING_INCLUSION, 13, "inclusion", "An entry is not in the log that the checkpoint describes.")                 \
    X(FINDING_GENESIS, 14, "genesis", "The log does not begin with the genesis that is trusted.")                      \
    X(FINDING_ENTRY, 15, "entry", "An entry breaks the rules it was made under.")                                      \
    X(FINDING_ANCHOR, 16, "anchor", "A person signed over a head that this log never had.")                            \
    X(FINDING_INCOMPLETE, 17, "incomplete", "An entry that belongs to the range is left out.")                         \
    X(FINDING_NOT_APPROVED, 18, "not_approved", "The request is not approved.")                                        \
    X(FINDING_ENVELOPE, 19, "envelope", "The envelope is not the one that the log holds.")                             \
    X(FINDING_SUBJECT, 20, "subject", "The approval does not name this artifact.")                                     \
    X(FINDING_ENVIRONMENT, 21, "environment", "The approval is for another environment.")                              \
    X(FINDING_EXPIRED, 22, "expired", "The approval has run out.")                                                     \
    X(FINDING_NOT_REDEEMED, 23, "not_redeemed",                                                                        \
      "The approval is not used yet: this cannot show whether it was taken back since.")                               \
    X(FINDING_SERVICE, 24, "service", "The approval is for another service.")

#define JUDGE_FINDING_ENUM(name, exit_code, word, sentence) name,
enum finding_class { JUDGE_FINDINGS(JUDGE_FINDING_ENUM) FINDING_COUNT };
#undef JUDGE_FINDING_ENUM

/* Zero is "cannot tell". index and reason say more where they can. */
struct finding {
    enum finding_class class;
    bool at_entry;
    uint64_t index;            /* entry it is about */
    enum policy_reason reason; /* of FINDING_ENTRY: the judge's */
    struct cs_result cause;
};

/* Three literals of the list above; those of FINDING_CANNOT_TELL outside of it. */
int judge_finding_exit(enum finding_class c);
const char *judge_finding_word(enum finding_class c);
const char *judge_finding_sentence(enum finding_class c);

/* Memory that ran out says nothing about the log. */
struct finding judge_finding_of(enum finding_class otherwise, struct cs_result cause);
struct finding judge_finding_at(struct finding f, uint64_t index);

#define FINDING_OK ((struct finding){.class = FINDING_HOLDS, .reason = REASON_OK})

#endif
