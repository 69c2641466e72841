/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an approval stands on, worked out from what the maker of a generated log knows: its own record of decisions,
 * people, files, uses and freezes, and its own policies. Asks nothing of the product. Where it cannot tell (history,
 * what ran before), it asks for less than the policy does.
 */
#ifndef ANY_ORACLE_H
#define ANY_ORACLE_H

#include "support/any_log.h"

enum oracle_about { ORACLE_APPROVED, ORACLE_USED, ORACLE_WENT_BACK };

/* What is wrong about an approval, or its use, that nobody granted as an emergency; NULL: nothing. Static storage. */
const char *oracle_objects(struct any_log *l, const struct any_request *r, enum oracle_about about);
/* The same of a grant: who signed the emergency, and the voucher (0: none). */
const char *oracle_objects_to_grant(struct any_log *l, uint64_t emergency, uint64_t voucher);

/* any_oracle_lines.c: the same of everything but signatures, under one policy. */
const char *oracle_lines(struct any_log *l, const struct any_request *r, const struct any_policy *p, bool used);
/* Was something about a line that the policy asks for found to be bad after this entry, and good before? */
bool oracle_changed_since(const struct any_log *l, const struct any_request *r, const struct any_policy *p,
                          uint64_t index);
/* For sure. */
bool oracle_applies(const struct any_rule *rule, const struct any_request *r);

#endif
