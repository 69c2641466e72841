/* SPDX-License-Identifier: Apache-2.0 */
/* Named users of the system. */
#ifndef CAGE_USER_H
#define CAGE_USER_H

#include <sys/types.h>

#include "base/base_result.h"

/* CS_E_MISSING if there is no such user, CS_E_IO if the user database cannot be read. Look peers up before cage_enter.
 */
CS_RESULT cage_user_find(const char *name, uid_t *ret_uid, gid_t *ret_gid);

/**
 * Become `name` with the groups the system gives it, and nobody else ever again. Without root: a no-op if we already
 * are.
 *
 * Errors: CS_E_MISSING  no such user
 *         CS_E_REFUSED  we are somebody else and not root, `name` is root, or root could be taken back
 *         CS_E_IO       the kernel refused
 */
CS_RESULT cage_user_become(const char *name, bool *ret_changed);

#endif
