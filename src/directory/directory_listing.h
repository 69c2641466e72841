/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the server says is listed (docs/api/listed.json), and what of it the directory says otherwise. Pure.
 */
#ifndef DIRECTORY_LISTING_H
#define DIRECTORY_LISTING_H

#include "directory/directory_config.h"
#include "directory/directory_names.h"
#include "model/model_directory.h"

enum { DIRECTORY_PEOPLE_MAX = 200000, DIRECTORY_BODY_MAX = 24 << 10 };

struct directory_person {
    struct span id;
    struct span accounts[MODEL_ROLES_MAX];
    size_t account_count;
    struct span roles[MODEL_ROLES_MAX]; /* that the directory governs, sorted */
    bool listed[MODEL_ROLES_MAX];
    size_t role_count;
};

struct directory_listing {
    struct directory_person **person; /* sorted by id once it is finished */
    size_t count;
    size_t cap;
    uint64_t prev;
    struct span source;
    bool begun;
    bool more;     /* another page follows, */
    uint64_t next; /* from here on */
};

/* One page, in order; copied into the arena. CS_E_STATE: it does not belong to those before, so begin anew. CS_E_TYPE,
 * CS_E_MISSING, CS_E_RANGE: not what a server says. json_tree's errors; CS_E_FULL, CS_E_NOMEM. */
CS_RESULT directory_listing_add(struct directory_listing *l, struct span page, struct arena *arena);

/* What the directory has. In the order of the person's roles; returns how many. */
size_t directory_listing_wanted(const struct directory_person *p, const struct directory_config *c,
                                const struct directory_names *n, bool ret_wanted[MODEL_ROLES_MAX]);
/* Somebody's role that the configuration says nothing about; empty: none. */
struct span directory_listing_unsaid(const struct directory_listing *l, const struct directory_config *c);
/* How many roles of people are listed when all is said. */
uint64_t directory_listing_total(const struct directory_listing *l, const struct directory_config *c,
                                 const struct directory_names *n);
/*
 * The next entry's worth of differences, from person *at on: into note, with items in the arena. The last has the
 * total. True when there is something to send: always the first time.
 */
CS_RESULT directory_listing_next(const struct directory_listing *l, const struct directory_config *c,
                                 const struct directory_names *n, struct arena *arena, size_t *at,
                                 struct directory_note *ret_note);

#endif
