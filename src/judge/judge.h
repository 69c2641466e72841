/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one judge: daemon before it appends, followers while they fold, auditor over a whole log. The same bytes give the
 * same verdict everywhere. Pure: the only time is the time inside the entries. docs/policy.md.
 */
#ifndef JUDGE_JUDGE_H
#define JUDGE_JUDGE_H

#include "merkle/merkle_tree.h"
#include "policy/policy_sheet.h"

enum judge_depth {
    JUDGE_PROVE, /* everything, signatures included: daemon and auditor */
    JUDGE_FOLD,  /* all but signatures and attestations: followers of a core that proved them */
};

struct judge_keys;   /* cache of opened credential keys */
struct judge_recent; /* cache of decoded requests */

struct judge {
    struct state state;
    struct merkle_frontier tree; /* over every leaf so far */
    struct arena scratch;        /* reset at each entry */
    struct judge_keys *keys;
    struct judge_recent *recent;
    enum judge_depth depth;
    bool sparse; /* a receipt: entries are left out, so heads cannot be computed; see judge_skip */
};

/* state_cap_bytes bounds what a log can make the state hold. CS_E_NOMEM. */
CS_RESULT judge_init(struct judge *j, enum judge_depth depth, size_t state_cap_bytes);
void judge_release(struct judge *j);

/*
 * Judges the next leaf and, if allowed, applies it: afterwards j->state.size is one more. If it is refused nothing
 * changed, except after REASON_NO_ROOM, which ends the judge. ret_entry may be NULL; its spans borrow from leaf and
 * scratch until the next call.
 */
struct verdict judge_entry(struct judge *j, struct span leaf, struct entry *ret_entry);

/* The same without applying: would this leaf be allowed now? */
struct verdict judge_would(struct judge *j, struct span leaf);

/* Root of the tree so far. */
struct sha256 judge_root(const struct judge *j);

/*
 * For receipts: the next leaf to be judged stands at `index`, entries before it are not at hand. Heads are then taken
 * from the leaves themselves; the caller proves each leaf's inclusion. Only forward.
 */
CS_RESULT judge_skip(struct judge *j, uint64_t index);

/*
 * The in-toto statement (canonical JSON) that a redeem entry at index `seq`, head `head` and time `time_ms` must carry
 * for this approved request. The core signs it; the judge rebuilds and compares it. docs/formats/entry.md.
 */
struct judge_place {
    uint64_t seq;
    const struct sha256 *head;
    uint64_t time_ms;
};
CS_RESULT judge_outcome_payload(const struct state *s, const struct state_request *q, const struct judge_place *at,
                                struct arena *scratch, struct writer *w);
/* A request that is not in the status that an entry needs: why. */
enum policy_reason judge_why_not_open(const struct state_request *q);
/* Is what the pipeline presents exactly what was approved? If not, the redeem entry carries no envelope and ends the
 * approval. */
bool judge_presents(const struct redeem *r, const struct deploy_content *d);
/*
 * May this actor ("client:ID") use what r names, at this time? Says everything that the judge will say of the entry but
 * whether its envelope is right: *ret_same, only where it is allowed, is whether one is due. Uses the judge's scratch.
 */
struct verdict judge_may_redeem(struct judge *j, const struct redeem *r, struct span actor, uint64_t time_ms,
                                bool *ret_same);
#define JUDGE_OUTCOME_TYPE "application/vnd.in-toto+json"

#endif
