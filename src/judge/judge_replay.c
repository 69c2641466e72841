/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge_replay.h"

struct finding judge_replay_begin(struct span note, const struct trust *t, size_t state_cap_bytes, struct replay *ret)
{
    struct checkpoint head = {0};

    const struct finding f = judge_checkpoint_open(note, t, &head);
    if (f.class != FINDING_HOLDS) {
        return f;
    }
    const struct cs_result made = judge_init(&ret->judge, JUDGE_PROVE, state_cap_bytes);
    if (made.code != CS_OK) {
        return judge_finding_of(FINDING_CANNOT_TELL, made);
    }
    ret->trust = t;
    ret->head = head;
    return FINDING_OK;
}

void judge_replay_release(struct replay *r)
{
    judge_release(&r->judge);
}

/* The root so far is that of the pinned checkpoint, if this is its size. */
static bool keeps_pin(const struct replay *r)
{
    const struct trust *t = r->trust;

    if (!t->has_checkpoint || t->checkpoint_size != r->judge.state.size) {
        return true;
    }
    const struct sha256 root = judge_root(&r->judge);
    return sha256_eq(&root, &t->checkpoint_root);
}

struct finding judge_replay_entry(struct replay *r, struct span leaf, struct entry *ret_entry)
{
    const uint64_t index = r->judge.state.size;

    if (index >= r->head.size) {
        return judge_finding_at((struct finding){.class = FINDING_FORMAT}, index);
    }
    if (index == 0) {
        const struct sha256 first = digest_sha256(leaf);
        if (!sha256_eq(&first, &r->trust->genesis_sha256)) {
            return judge_finding_at((struct finding){.class = FINDING_GENESIS}, 0);
        }
    }
    const struct verdict v = judge_entry(&r->judge, leaf, ret_entry);
    struct finding f = v.allow ? FINDING_OK : judge_finding_of_verdict(v);
    if (f.class == FINDING_HOLDS && index == 0) {
        f = judge_genesis_is_trusted(&r->judge.state, r->trust, &r->head);
    }
    if (f.class == FINDING_HOLDS && !keeps_pin(r)) {
        f = (struct finding){.class = FINDING_PINNED};
    }
    return f.class == FINDING_HOLDS ? f : judge_finding_at(f, index);
}

struct finding judge_replay_end(const struct replay *r)
{
    if (r->judge.state.size < r->head.size) {
        return judge_finding_at((struct finding){.cause = CS_FAIL(CS_E_MISSING, "export.entries")},
                                r->judge.state.size);
    }
    const struct sha256 root = judge_root(&r->judge);
    return sha256_eq(&root, &r->head.root) ? FINDING_OK : (struct finding){.class = FINDING_INCLUSION};
}
