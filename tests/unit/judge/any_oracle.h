/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who must have signed, worked out from what the maker of a generated log knows: its own record of decisions, people
 * and policies. Asks nothing of the product. Where it cannot tell (history), it asks for less than the policy does.
 */
#ifndef ANY_ORACLE_H
#define ANY_ORACLE_H

#include "support/any_log.h"

/* What is wrong about an approval that nobody granted as an emergency; NULL: nothing. Static storage. */
const char *oracle_objects(struct any_log *l, const struct any_request *r);
/* The same of a grant: who signed the emergency, and the voucher (0: none). */
const char *oracle_objects_to_grant(struct any_log *l, uint64_t emergency, uint64_t voucher);

#endif
