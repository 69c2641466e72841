/* SPDX-License-Identifier: Apache-2.0 */
/* The names that a directory has in each role: filled while it is read, then asked. Pure. */
#ifndef DIRECTORY_NAMES_H
#define DIRECTORY_NAMES_H

#include "base/base_arena.h"

enum { DIRECTORY_NAMES_MAX = 1000000, DIRECTORY_NAME_MAX = 128 };

struct directory_name {
    struct span role; /* borrowed */
    struct span name; /* lower case */
};
struct directory_names {
    struct arena *arena;
    struct directory_name *item; /* sorted once it is finished */
    size_t count;
    size_t cap;
};

/* A value that the directory gave; one that no person on a roster can be called is left out. CS_E_FULL past
 * DIRECTORY_NAMES_MAX, CS_E_NOMEM. */
CS_RESULT directory_names_add(struct directory_names *n, struct span role, struct span name);
void directory_names_finish(struct directory_names *n);
/* Is somebody of this name, in any letter case, in the role? After finish. */
bool directory_names_has(const struct directory_names *n, struct span role, struct span name);

#endif
