/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge.h"

#include "judge/judge_keys.h"
#include "judge/judge_recent.h"
#include "judge/judge_rules.h"

enum { SCRATCH_BYTES = 64 * 1024 * 1024 };

CS_RESULT judge_init(struct judge *j, enum judge_depth depth, size_t state_cap_bytes)
{
    struct judge made = {.depth = depth};

    TRY(state_init(&made.state, state_cap_bytes));
    arena_init(&made.scratch, SCRATCH_BYTES);
    made.keys = judge_keys_new();
    made.recent = judge_recent_new();
    if (made.keys == NULL || made.recent == NULL) {
        judge_release(&made);
        return CS_FAIL(CS_E_NOMEM, "judge");
    }
    *j = made;
    j->state.pool.arena = &j->state.arena; /* the pool points into the struct, which has just moved */
    return CS_SUCCESS;
}

void judge_release(struct judge *j)
{
    judge_recent_free(j->recent);
    judge_keys_free(j->keys);
    arena_release(&j->scratch);
    state_release(&j->state);
    *j = (struct judge){0};
}

struct sha256 judge_root(const struct judge *j)
{
    return merkle_root(&j->tree);
}

CS_RESULT judge_skip(struct judge *j, uint64_t index)
{
    ENSURE(j->sparse && index >= j->state.size, CS_E_STATE, "receipt.index");
    j->state.size = index;
    return CS_SUCCESS;
}

static bool is_system(const struct judge_case *c, const char *name)
{
    return span_is(c->e.actor, name);
}

static struct verdict witnessed(const struct judge_case *c)
{
    const bool core = is_system(c, "system:core");
    switch (c->e.type) {
    case ENTRY_ACCESS:
        return VERDICT_ALLOW;
    case ENTRY_BOOT:
        return core ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_ACTOR);
    case ENTRY_CLOCK:
        if (!core) {
            return VERDICT_DENY(REASON_WRONG_ACTOR);
        }
        /* "past it again" makes sense only after "went back" */
        return c->body->clock.back_ms > 0 || c->j->state.clock_back ? VERDICT_ALLOW : VERDICT_DENY(REASON_CLOCK);
    case ENTRY_NONE:
    case ENTRY_GENESIS:
    case ENTRY_POLICY:
    case ENTRY_ROSTER:
    case ENTRY_REQUEST:
    case ENTRY_DECISION:
    case ENTRY_WITHDRAW:
    case ENTRY_EXPIRE:
    case ENTRY_REDEEM:
    case ENTRY_OUTCOME:
    case ENTRY_EMERGENCY:
    case ENTRY_OVERDUE:
    case ENTRY_REVIEW:
    case ENTRY_EVIDENCE:
    case ENTRY_WAIVER:
    case ENTRY_FREEZE:
    case ENTRY_THAW:
    case ENTRY_LAPSE:
    case ENTRY_ALARM:
    case ENTRY_ESCALATE:
    case ENTRY_DIRECTORY:
    case ENTRY_TYPE_COUNT:
        break;
    }
    return VERDICT_DENY(REASON_MALFORMED);
}

static struct verdict by_type(struct judge_case *c)
{
    switch (c->e.type) {
    case ENTRY_GENESIS:
        return judge_genesis(c);
    case ENTRY_POLICY:
    case ENTRY_ROSTER:
        return judge_effect(c);
    case ENTRY_REQUEST:
        return judge_request(c);
    case ENTRY_DECISION:
        return judge_decision(c);
    case ENTRY_WITHDRAW:
        return judge_withdraw(c);
    case ENTRY_EXPIRE:
        return judge_expire(c);
    case ENTRY_REDEEM:
        return judge_redeem(c);
    case ENTRY_OUTCOME:
        return judge_outcome(c);
    case ENTRY_EMERGENCY:
        return judge_grant(c);
    case ENTRY_OVERDUE:
        return judge_overdue(c);
    case ENTRY_REVIEW:
        return judge_review_effect(c);
    case ENTRY_EVIDENCE:
        return judge_evidence(c);
    case ENTRY_WAIVER:
        return judge_waiver(c);
    case ENTRY_FREEZE:
        return judge_freeze(c);
    case ENTRY_THAW:
        return judge_thaw(c);
    case ENTRY_LAPSE:
        return judge_lapse(c);
    case ENTRY_ALARM:
        return judge_alarm(c);
    case ENTRY_ESCALATE:
        return judge_escalate(c);
    case ENTRY_DIRECTORY:
        return judge_directory(c);
    case ENTRY_ACCESS:
    case ENTRY_BOOT:
    case ENTRY_CLOCK:
    case ENTRY_NONE:
    case ENTRY_TYPE_COUNT:
        break;
    }
    return witnessed(c);
}

/* Is the leaf well formed, and is this its place? */
static struct verdict placed(struct judge_case *c)
{
    const struct judge *j = c->j;

    if (c->e.seq != j->state.size) {
        return VERDICT_DENY(REASON_WRONG_SEQ);
    }
    if (!j->sparse) {
        const struct sha256 root = merkle_root(&j->tree);
        if (!sha256_eq(&root, &c->e.head)) {
            return VERDICT_DENY(REASON_WRONG_HEAD);
        }
    }
    if (c->e.time_ms < j->state.time_ms) {
        return VERDICT_DENY(REASON_TIME_BACK);
    }
    if (!j->state.begun && c->e.type != ENTRY_GENESIS) {
        return VERDICT_DENY(REASON_NO_GENESIS);
    }
    return VERDICT_ALLOW;
}

static struct verdict examine(struct judge_case *c)
{
    struct judge *j = c->j;

    arena_reset(&j->scratch);
    struct cs_result r = model_entry_decode(c->leaf, &j->scratch, &c->e);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_MALFORMED, r);
    }
    const struct verdict place = placed(c);
    if (!place.allow) {
        return place;
    }
    c->body = arena_alloc(&j->scratch, sizeof(*c->body));
    if (c->body == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    r = model_body_decode(&c->e, &j->scratch, c->body);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(r.code == CS_E_NOMEM ? REASON_NO_ROOM : REASON_MALFORMED, r);
    }
    return by_type(c);
}

struct verdict judge_would(struct judge *j, struct span leaf)
{
    struct judge_case c = {.j = j, .leaf = leaf};
    return examine(&c);
}

struct verdict judge_entry(struct judge *j, struct span leaf, struct entry *ret_entry)
{
    struct judge_case c = {.j = j, .leaf = leaf};
    const struct verdict v = examine(&c);

    if (!v.allow) {
        return v;
    }
    const struct cs_result applied = state_apply(&j->state, &c.e, c.body, leaf, &c.facts);
    if (applied.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, applied);
    }
    if (!j->sparse) {
        const struct sha256 hash = merkle_leaf(leaf);
        const struct cs_result grown = merkle_append(&j->tree, &hash);
        if (grown.code != CS_OK) {
            return VERDICT_CAUSE(REASON_NO_ROOM, grown);
        }
    }
    if (ret_entry != NULL) {
        *ret_entry = c.e;
    }
    return VERDICT_ALLOW;
}
