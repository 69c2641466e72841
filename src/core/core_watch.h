/* SPDX-License-Identifier: Apache-2.0 */
/* What time brings about among people: roles that lapse, seats that nobody can fill. Inside the room only. */
#ifndef CORE_WATCH_H
#define CORE_WATCH_H

#include "core/core.h"

/* Writes what has lapsed. Where not all fits, the rest comes with the next turn. */
CS_RESULT core_watch_roles(struct core *c);
/* Says what nobody can sign, as soon as it is so, and when it is over. */
CS_RESULT core_watch_alarms(struct core *c);
/* When something of it changes next by time alone, as far as was seen; UINT64_MAX: never. */
uint64_t core_watch_next(const struct core *c);

#endif
