/* SPDX-License-Identifier: Apache-2.0 */
/* Entry `directory`: who is in which role by a directory outside. Pure. Source: docs/formats/entry.md. */
#ifndef MODEL_DIRECTORY_H
#define MODEL_DIRECTORY_H

#include "model/model_people.h"
#include "model/model_request.h"

/* Of a client: what the directory says of these people, in the place of what it said of them before. Of the core: that
 * nothing newer came in time. In the roster's chain by prev. */
struct directory_note {
    bool stale;               /* of the core; then there is prev besides, and nothing else */
    uint64_t age_ms;          /* how long before the entry the reading began */
    struct entitlement *item; /* in the arena, sorted by person, distinct; without roles: in none of them */
    size_t count;             /* 0..MODEL_LISTED_MAX */
    uint64_t prev;
    struct span source;
    bool total_set; /* with it the reading is whole: so many roles of people are listed then. Without: more follow. */
    uint64_t total;
};
CS_RESULT model_directory_decode(struct span body, struct arena *arena, struct directory_note *ret_note);
CS_RESULT model_directory_encode(const struct directory_note *x, struct writer *w);

/* As clients send it; never stale. CS_E_REFUSED with every fault, or json_tree's error. */
CS_RESULT model_directory_from_body(struct span body, struct arena *arena, struct directory_note *ret_note,
                                    struct content_faults *ret_faults);

#endif
