/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Freezes: while an incident lasts, nothing is deployed where it is, but what remediates it. Pure. Source:
 * docs/formats/entry.md.
 */
#ifndef MODEL_FREEZE_H
#define MODEL_FREEZE_H

#include "model/model_request.h"

enum { MODEL_FROZEN_MAX = 64 /* environments, services and responders of one freeze */ };

/* The `freeze` entry. freeze and thaw entries are one chain by prev, 0 at its start. */
struct freeze {
    struct span *environments; /* 1..MODEL_FROZEN_MAX, sorted */
    size_t environment_count;
    struct span incident;
    uint64_t prev;
    struct span *responders; /* accounts, sorted; none: nobody may remediate yet */
    size_t responder_count;
    struct span *services; /* sorted; none: all */
    size_t service_count;
};
CS_RESULT model_freeze_decode(struct span body, struct arena *arena, struct freeze *ret_freeze);
CS_RESULT model_freeze_encode(const struct freeze *f, struct writer *w);
/* The same without prev: what is asked for. */
CS_RESULT model_freeze_content_decode(struct span content, struct arena *arena, struct freeze *ret_freeze);
CS_RESULT model_freeze_content_encode(const struct freeze *f, struct writer *w);
/* From a body as clients send it, as model_outcome_from_body. */
CS_RESULT model_freeze_from_body(struct span body, struct arena *arena, struct freeze *ret_freeze,
                                 struct content_faults *ret_faults);

/* content of kind thaw: the freezes of one incident end, up to this one. */
struct thaw_content {
    uint64_t freeze; /* index of its entry; of the incident's freezes that hold, this one and those before it end */
    struct span initiator; /* person */
    struct span reason;    /* 1..MODEL_FIELD_MAX code points */
};
CS_RESULT model_thaw_content_decode(struct span content, struct arena *arena, struct thaw_content *ret_content);
CS_RESULT model_thaw_content_encode(const struct thaw_content *c, struct writer *w);

/* The `thaw` entry: an approved request of kind thaw takes effect. */
struct thaw {
    uint64_t freeze;
    uint64_t prev;
    uint64_t request;
};
CS_RESULT model_thaw_decode(struct span body, struct arena *arena, struct thaw *ret_thaw);
CS_RESULT model_thaw_encode(const struct thaw *x, struct writer *w);

#endif
