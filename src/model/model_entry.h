/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of the log: the leaf's envelope. Pure. Source: docs/formats/entry.md §1. */
#ifndef MODEL_ENTRY_H
#define MODEL_ENTRY_H

#include "base/base_digest.h"
#include "json/json_out.h"
#include "model/model_names.h"

/* Where an entry came from. Every part may be empty; all are identifiers or short printable ASCII. */
struct entry_origin {
    struct span ip;
    struct span kiosk;
    struct span peer;            /* "http", "kiosk", "operator" or "core" */
    struct span port;            /* USB port path of the token */
    struct span presence_switch; /* "on": the kiosk's presence switch was on; written as `switch` */
};

struct entry {
    uint64_t seq;       /* index of the entry */
    struct sha256 head; /* root of the tree of size seq */
    uint64_t time_ms;
    enum entry_type type;
    struct span actor; /* "person:ID", "client:ID" or "system:NAME" */
    struct entry_origin origin;
    struct span body; /* canonical JSON object, decoded by the type's own file */
};

/*
 * The whole leaf is checked canonical; spans borrow from leaf or arena. Errors are json_in's, plus CS_E_FULL above
 * MODEL_LEAF_MAX, CS_E_UNKNOWN for a type outside the list, CS_E_RANGE for v != 1.
 */
CS_RESULT model_entry_decode(struct span leaf, struct arena *arena, struct entry *ret_entry);
/* e->body is copied as it stands. CS_E_FULL above MODEL_LEAF_MAX. */
CS_RESULT model_entry_encode(const struct entry *e, struct writer *w);

/* The part of actor after "person:" or "client:"; empty when actor is of another kind. */
struct span model_actor_person(struct span actor);
struct span model_actor_client(struct span actor);

#endif
