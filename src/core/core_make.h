/* SPDX-License-Identifier: Apache-2.0 */
/* Making entries and answers; inside the room only. */
#ifndef CORE_MAKE_H
#define CORE_MAKE_H

#include "core/core.h"

struct core_draft {
    enum entry_type type;
    struct span actor;
    struct entry_origin origin;
    struct span body; /* canonical object */
    uint64_t time_ms; /* 0: core_time_ms */
};

/* What the log's time would be by the steady clock alone; 0 before this process made an entry. */
uint64_t core_steady_ms(const struct core *c);

/* Judges the entry and, if it is allowed, appends it; *ret_index (its place) only then. */
CS_RESULT core_append(struct core *c, const struct core_draft *d, struct verdict *ret_verdict, uint64_t *ret_index);

/* A writer on the scratch arena, of a size that any body fits. */
CS_RESULT core_body_writer(struct core *c, struct writer *ret_writer);
/* prefix and id in one text, in the scratch arena. */
CS_RESULT core_actor(struct core *c, const char *prefix, struct span id, struct span *ret_actor);
/* ip, kiosk and port of the command, and the peer. */
struct entry_origin core_origin(const struct core_call *call);

/* Is there memory left in the state for what clients send, so that what is open can still be decided? */
bool core_has_room(const struct core *c);

/* Fill an answer that is a refusal, or the index of what was done. */
void core_refuse(struct core *c, struct wire_answer *a, struct verdict v);
void core_done(struct wire_answer *a, uint64_t index);

/* --- one call a command; as core_act --- */
CS_RESULT core_do_request(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_propose(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_directory(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_freeze(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_redeem(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_decision(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_genesis(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_blob(struct core *c, const struct core_call *call, struct wire_answer *a);
/* May a file of so many bytes be kept where so many are free of all? What is left is the log's: a full disk ends it. */
bool core_space_allows(uint64_t free_bytes, uint64_t all_bytes, uint64_t size);
CS_RESULT core_do_evidence(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_fetch(struct core *c, const struct core_call *call, struct wire_answer *a);
CS_RESULT core_do_proposal(struct core *c, const struct core_call *call, struct wire_answer *a);

#endif
