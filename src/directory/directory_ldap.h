/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a directory over LDAP: TLS or a local socket, the server's certificate always checked, page by page, no
 * referrals, no settings of the user's or the system's.
 */
#ifndef DIRECTORY_LDAP_H
#define DIRECTORY_LDAP_H

#include "directory/directory_config.h"
#include "directory/directory_names.h"

enum { DIRECTORY_WHY_MAX = 256 };

/* Why it failed, for a person: the library's words and perhaps the server's, printable ASCII. */
struct directory_why {
    char text[DIRECTORY_WHY_MAX];
};

/*
 * All searches of the configuration; names are finished. password: NUL-terminated, not empty, or NULL without bind_dn.
 *
 * Errors: CS_E_IO       it cannot be reached, does not answer in time, or a search failed
 *         CS_E_BADSIG   TLS, or its certificate
 *         CS_E_REFUSED  it does not take the password
 *         CS_E_FULL     a search found more than config.most, or an answer is too long
 *         CS_E_NOMEM
 */
CS_RESULT directory_ldap_read(const struct directory_config *c, const char *password, struct directory_names *names,
                              struct directory_why *ret_why);

#endif
