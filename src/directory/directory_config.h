/* SPDX-License-Identifier: Apache-2.0 */
/* What to ask of which directory: a JSON file that operators write. Pure. Source: docs/man/countersign.1. */
#ifndef DIRECTORY_CONFIG_H
#define DIRECTORY_CONFIG_H

#include "json/json_tree.h"

enum {
    DIRECTORY_CONFIG_MAX = 256 << 10,
    DIRECTORY_TEXT_MAX = 4096,  /* bytes of an address, name or filter */
    DIRECTORY_GROUPS_MAX = 256, /* searches */
    DIRECTORY_ENTRIES_MAX = 100000,
    DIRECTORY_ENTRIES_USUAL = 20000,
};

/* Whoever this search finds has the role. */
struct directory_group {
    struct span role;
    char *base;      /* where it begins; the whole subtree */
    char *filter;    /* RFC 4515 */
    char *attribute; /* whose values are names of people */
};

/* Texts are NUL-terminated, in the arena. */
struct directory_config {
    char *uri;     /* ldaps://, ldap:// (then StartTLS comes before anything else), or ldapi:// */
    char *ca;      /* PEM of who may have signed the server's certificate; NULL: the system's */
    char *bind_dn; /* with password_file; NULL: as nobody */
    char *password_file;
    struct span source;
    struct span prefix; /* of accounts on the roster that are names there; empty: none */
    uint64_t most;      /* entries that one search may find */
    struct directory_group *groups;
    size_t group_count;
};

/* CS_E_RANGE, CS_E_MISSING, CS_E_UNKNOWN, CS_E_TYPE with the member's name in msg; json_tree's errors; CS_E_NOMEM. */
CS_RESULT directory_config_decode(struct span text, struct arena *arena, struct directory_config *ret_config);
/* Does the configuration say who has the role? */
bool directory_config_has(const struct directory_config *c, struct span role);

#endif
