/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF's rules, which may stand after the results that name them. Private to this room. */
#ifndef EVIDENCE_SARIF_IN_H
#define EVIDENCE_SARIF_IN_H

#include "evidence/evidence_in.h"

enum sarif_level { SARIF_ERROR, SARIF_WARNING, SARIF_NOTE, SARIF_NONE, SARIF_UNSET };
enum sarif_rated { SARIF_UNRATED, SARIF_RATED, SARIF_ODD /* what stands there is no number */ };

struct sarif_rule {
    uint64_t key; /* of its id */
    uint8_t level;
    uint8_t rated;
    uint8_t severity;
};

/* Of the run that is open. */
struct sarif_rules {
    struct sarif_rule *rule;
    size_t count;
    size_t cap;
    size_t driver_first;
    size_t driver_count;
};

/* CS_E_FULL "sarif.rules", CS_E_NOMEM. */
CS_RESULT sarif_rule_add(struct evidence *e, struct sarif_rules *rules, const struct sarif_rule *rule);
uint64_t sarif_rule_key(struct span id);
/* Gives the findings from `first` on their severity and counts their levels; the rules are out of order afterwards. */
void sarif_resolve(struct evidence *e, struct sarif_rules *rules, size_t first);

#endif
