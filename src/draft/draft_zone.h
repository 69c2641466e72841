/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A time zone of the system's database, for the years that calendars know. Pure. Source: RFC 9636 (TZif, version 2 and
 * later).
 */
#ifndef DRAFT_ZONE_H
#define DRAFT_ZONE_H

#include "model/model_calendar.h"

enum { DRAFT_ZONE_FILE_MAX = 64 * 1024 };

struct draft_zone {
    struct zone_shift shift[ZONE_SHIFTS_MAX];
    size_t count;
};

/*
 * From the bytes of a TZif file. What stands after its last transition is worked out from its footer, so that files
 * with and without the far years give the same.
 *
 * Errors: CS_E_SYNTAX, CS_E_SHORT  no TZif file of version 2 or later
 *         CS_E_RANGE               more transitions than a policy may have, or an offset that there is not
 *         CS_E_UNKNOWN             it counts leap seconds, or has a rule that is not of the form Mm.w.d
 */
CS_RESULT draft_zone_decode(struct span file, struct draft_zone *ret_zone);

#endif
