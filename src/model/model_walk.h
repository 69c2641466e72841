/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a parsed body by tables of its members, fills a struct and lists every fault on the way; private to this room.
 * The walk goes on after a fault, so that a sender learns of all of them at once. Pure.
 */
#ifndef MODEL_WALK_H
#define MODEL_WALK_H

#include "json/json_tree.h"
#include "model/model_request.h"

struct walk {
    struct arena *arena;
    struct content_faults *faults;
    char path[sizeof(((struct content_fault *)0)->pointer)]; /* JSON pointer to where the walk is */
    size_t path_len;
    bool no_room; /* the arena is full, so a sentence is missing */
};

struct walk_member {
    const char *name;
    bool required;
    /* Reads v into `into` + offset; what else it needs stands in the member. */
    void (*take)(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into);
    size_t offset;
    size_t min;
    size_t max;
    const char *hint; /* a sentence that says what to send */
};

struct walk walk_make(struct arena *arena, struct content_faults *faults);
/* Lists a fault at the walk's place. Past CONTENT_FAULTS_MAX the last one stays. */
void walk_fault(struct walk *w, enum cs_code code, const char *detail);
/* Steps into a member or an item, and back to where the path was. */
size_t walk_enter(struct walk *w, struct span key);
size_t walk_enter_item(struct walk *w, size_t index);
void walk_leave(struct walk *w, size_t mark);
/* v must be an object with these members and no others; an unknown one is refused with the nearest known one named. */
void walk_object(struct walk *w, const struct json_value *v, const struct walk_member *members, size_t count,
                 void *into);
/* False, with a fault, unless v is of this kind. */
bool walk_is(struct walk *w, const struct json_value *v, enum json_kind kind, const char *hint);

/* For walk_member.take. */
void walk_id(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into); /* span; max bytes */
void walk_text(struct walk *w, const struct json_value *v, const struct walk_member *m,
               void *into); /* span; code points */
void walk_count(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into);  /* uint64_t */
void walk_digest(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into); /* sha256 */
/* An array of m->min to m->max items. False, with a fault, for anything else. */
bool walk_array_fits(struct walk *w, const struct json_value *v, const struct walk_member *m);
/* An array of distinct identifiers of at most id_max bytes, sorted, in the arena. Their number. */
size_t walk_ids(struct walk *w, const struct json_value *v, const struct walk_member *m, size_t id_max,
                struct span **ret_items);
/* A whole body: JSON of the profile, an object with these members. json_tree's code, with a fault; CS_E_NOMEM. */
CS_RESULT walk_document(struct span body, struct walk *w, const struct walk_member *members, size_t count, void *into);
/* An array of named digests into `items`, which are zero and at least m->max; sorted by name. Their number. */
size_t walk_artifacts(struct walk *w, const struct json_value *v, const struct walk_member *m,
                      struct named_digest *items);

#endif
