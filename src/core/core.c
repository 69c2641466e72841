/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core.h"

#include "core/core_make.h"
#include "core/core_watch.h"

CS_RESULT core_init(struct core *c, size_t state_cap_bytes)
{
    memset(c, 0, sizeof(*c)); /* too large to be copied over the stack */
    c->version = "";
    arena_init(&c->scratch, CORE_SCRATCH_BYTES);
    c->leaf = wr_heap(MODEL_LEAF_MAX + 4096);
    core_log_init(&c->log);
    core_steps_init(&c->steps);
    return judge_init(&c->judge, JUDGE_PROVE, state_cap_bytes);
}

void core_release(struct core *c)
{
    core_log_release(&c->log);
    core_steps_release(&c->steps);
    judge_release(&c->judge);
    wr_release(&c->upload.bytes);
    wr_release(&c->given.bytes);
    arena_release(&c->scratch);
    wr_release(&c->leaf);
}

/* Is there anything that an emergency asks for or gave, and nobody has used yet? */
static bool emergency_waits(const struct state *s)
{
    for (size_t i = 0; i < s->live_count; i++) {
        if (s->live[i]->kind == KIND_EMERGENCY || s->live[i]->grant != NULL) {
            return true;
        }
    }
    return false;
}

/* Where the policy lets people act under a clock that is back, time goes on by the steady one: so that what they grant
 * runs out, and that they are there together means something. */
static bool runs_steadily(const struct core *c)
{
    const struct state *s = &c->judge.state;
    return s->clock_back && c->line_known && s->policy->doc.emergency != NULL &&
           s->policy->doc.emergency->untrusted_clock;
}

uint64_t core_time_ms(const struct core *c)
{
    const struct state *s = &c->judge.state;
    const uint64_t now = c->real_ms > s->time_ms ? c->real_ms : s->time_ms;
    const uint64_t steady = core_steady_ms(c);
    /* what has passed until the clock was seen to be back has passed */
    const bool by_steady = s->clock_back ? runs_steadily(c) : c->real_ms + CORE_CLOCK_SLACK_MS < steady;
    return by_steady && steady > now ? steady : now;
}

/* --- attempts --- */

static CS_RESULT write_attempt(struct core *c, const struct core_attempt *t)
{
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    TRY(core_body_writer(c, &body));
    TRY(model_access_encode(&t->note, &body));
    const struct core_draft d = {.type = ENTRY_ACCESS, .actor = t->actor, .origin = t->origin, .body = wr_span(&body)};
    return core_append(c, &d, &v, &index); /* a refused one has nowhere to be told */
}

CS_RESULT core_attempted(struct core *c, const struct core_attempt *t)
{
    if (c->log.sealed || !c->judge.state.begun || !core_access_add(&c->access, t, c->mono_ms)) {
        return CS_SUCCESS;
    }
    return write_attempt(c, t);
}

static CS_RESULT write_attempts(struct core *c, bool all)
{
    struct core_attempt t;

    while (!core_log_full(&c->log) && core_access_due(&c->access, c->mono_ms, all, &t)) {
        arena_reset(&c->scratch);
        TRY(write_attempt(c, &t));
    }
    return CS_SUCCESS;
}

/* --- commands --- */

static CS_RESULT do_begin(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    (void)call;
    if (!c->judge.state.begun || (c->judge.state.clock_back && !runs_steadily(c))) {
        core_refuse(c, a, VERDICT_DENY(c->judge.state.begun ? REASON_CLOCK : REASON_NO_GENESIS));
        return CS_SUCCESS;
    }
    TRY(c->random(a->nonce, sizeof(a->nonce)));
    if (core_nonces_issue(&c->nonces, a->nonce, core_time_ms(c), &a->expires_ms).code != CS_OK) {
        core_refuse(c, a, VERDICT_DENY(REASON_BUSY));
        return CS_SUCCESS;
    }
    a->code = span_str(policy_reason_code(REASON_OK));
    a->has_begin = true;
    a->time_ms = core_time_ms(c);
    return CS_SUCCESS;
}

/* Withdrawals and outcomes: the body is the command's, the judge knows the rest. */
static CS_RESULT do_plain(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    const bool withdraw = call->c->cmd == WIRE_WITHDRAW;
    struct core_draft d = {.type = withdraw ? ENTRY_WITHDRAW : ENTRY_OUTCOME, .origin = core_origin(call)};
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    if (call->peer == CORE_KIOSK) {
        d.actor = SPAN_LIT("system:kiosk");
    } else {
        TRY(core_actor(c, "client:", call->c->client, &d.actor));
    }
    TRY(core_body_writer(c, &body));
    const struct cs_result r =
        withdraw ? model_withdraw_encode(&call->c->withdraw, &body) : model_outcome_encode(&call->c->outcome, &body);
    if (r.code != CS_OK) {
        core_refuse(c, a, VERDICT_CAUSE(REASON_INVALID_REQUEST, r));
        return CS_SUCCESS;
    }
    d.body = wr_span(&body);
    TRY(core_append(c, &d, &v, &index));
    if (v.allow) {
        core_done(a, index);
    } else {
        core_refuse(c, a, v);
    }
    return CS_SUCCESS;
}

static CS_RESULT do_access(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    const struct core_attempt t = {
        .actor = call->c->access.actor, .origin = core_origin(call), .note = call->c->access.note};

    if (!c->judge.state.begun) {
        core_refuse(c, a, VERDICT_DENY(REASON_NO_GENESIS));
        return CS_SUCCESS;
    }
    a->code = span_str(policy_reason_code(REASON_OK)); /* without an index: it may be counted with others */
    return core_attempted(c, &t);
}

static struct cs_result (*const acts[WIRE_CMD_COUNT])(struct core *, const struct core_call *, struct wire_answer *) = {
    [WIRE_REQUEST] = core_do_request,   [WIRE_WITHDRAW] = do_plain,
    [WIRE_REDEEM] = core_do_redeem,     [WIRE_OUTCOME] = do_plain,
    [WIRE_FREEZE] = core_do_freeze,     [WIRE_DIRECTORY] = core_do_directory,
    [WIRE_ACCESS] = do_access,          [WIRE_BEGIN] = do_begin,
    [WIRE_DECISION] = core_do_decision, [WIRE_PROPOSE] = core_do_propose,
    [WIRE_PROPOSAL] = core_do_proposal, [WIRE_GENESIS] = core_do_genesis,
    [WIRE_BLOB] = core_do_blob,         [WIRE_EVIDENCE] = core_do_evidence,
    [WIRE_FETCH] = core_do_fetch,
};

/* A client that reached for more than it has; and whatever the people at a kiosk asked for in vain. */
static bool is_attempt(const struct core_call *call, enum policy_reason reason)
{
    if (call->c->client.left > 0) {
        return reason == REASON_UNKNOWN_CLIENT || reason == REASON_NO_SCOPE || reason == REASON_NOT_YOURS ||
               reason == REASON_NOT_APPROVED;
    }
    const bool asks = call->c->cmd == WIRE_PROPOSE || call->c->cmd == WIRE_WITHDRAW;
    return call->peer == CORE_KIOSK && asks && reason != REASON_OK && reason != REASON_SAME_REQUEST &&
           reason != REASON_BUSY;
}

/* A refused call is logged like a refused touch. */
static CS_RESULT note_denied(struct core *c, const struct core_call *call, const struct wire_answer *a)
{
    const enum policy_reason reason = policy_reason_of(a->code);

    if (!is_attempt(call, reason)) {
        return CS_SUCCESS;
    }
    struct core_attempt t = {.actor = SPAN_LIT("system:kiosk"),
                             .origin = core_origin(call),
                             .note = {.code = span_str(policy_reason_code(reason)), .count = 1}};
    if (call->c->client.left > 0) {
        TRY(core_actor(c, "client:", call->c->client, &t.actor));
    }
    return core_attempted(c, &t);
}

CS_RESULT core_act(struct core *c, const struct core_call *call, struct wire_answer *ret_answer)
{
    arena_reset(&c->scratch);
    *ret_answer = (struct wire_answer){.id = call->c->id};
    if (c->log.sealed) {
        core_refuse(c, ret_answer, VERDICT_DENY(REASON_SEALED));
        return CS_SUCCESS;
    }
    ENSURE((size_t)call->c->cmd < WIRE_CMD_COUNT && acts[call->c->cmd] != NULL, CS_E_STATE, "core.cmd");
    TRY(acts[call->c->cmd](c, call, ret_answer));
    return note_denied(c, call, ret_answer);
}

/* --- time passing --- */

static CS_RESULT note_clock(struct core *c, uint64_t time_ms, uint64_t back_ms)
{
    const struct clock_note n = {.back_ms = back_ms};
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    TRY(core_body_writer(c, &body));
    TRY(model_clock_encode(&n, &body));
    const struct core_draft d = {.type = ENTRY_CLOCK,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body),
                                 .time_ms = time_ms};
    return core_append(c, &d, &v, &index);
}

CS_RESULT core_boot(struct core *c)
{
    const struct boot b = {.version = span_str(c->version)};
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    if (!c->judge.state.begun || c->log.sealed) {
        return CS_SUCCESS;
    }
    TRY(core_body_writer(c, &body));
    TRY(model_boot_encode(&b, &body));
    const struct core_draft d = {.type = ENTRY_BOOT,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body)};
    TRY(core_append(c, &d, &v, &index));
    /* nobody counted while it was off: what was signed before is not from now */
    const uint64_t last_ms = c->judge.state.time_ms;
    return c->judge.state.clock_back && c->real_ms < last_ms ? note_clock(c, last_ms, last_ms - c->real_ms)
                                                             : CS_SUCCESS;
}

/* Past the last entry again; and nothing waits whose time the clock would give back. */
static bool clock_is_right_again(const struct core *c)
{
    const struct state *s = &c->judge.state;
    const bool caught_up = c->real_ms + CORE_CLOCK_SLACK_MS >= core_steady_ms(c);
    return c->real_ms >= s->time_ms && (caught_up || !runs_steadily(c) || !emergency_waits(s));
}

/*
 * The clock went back, or is past the last entry again. It is back when it is behind what the steady clock has counted
 * since the entries of this process, so that no step back hides what has passed since the last one.
 */
static CS_RESULT watch_clock(struct core *c)
{
    const struct state *s = &c->judge.state;

    if (s->clock_back) {
        return clock_is_right_again(c) ? note_clock(c, c->real_ms, 0) : CS_SUCCESS;
    }
    const uint64_t steady = core_steady_ms(c);
    const uint64_t passed = steady > s->time_ms ? steady : s->time_ms;
    if (c->real_ms + CORE_CLOCK_SLACK_MS >= passed) {
        return CS_SUCCESS;
    }
    return note_clock(c, passed, passed - c->real_ms);
}

static uint64_t next_due(struct core *c)
{
    const struct state *s = &c->judge.state;

    if (c->due_size != s->size) {
        if (state_next_due(s, &c->due_ms) == NULL) {
            c->due_ms = UINT64_MAX;
        }
        c->due_size = s->size;
    }
    return c->due_ms;
}

static CS_RESULT expire_one(struct core *c, bool *ret_done)
{
    uint64_t due_ms = 0;
    const struct state_request *q = state_next_due(&c->judge.state, &due_ms);
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    *ret_done = true;
    if (q == NULL || due_ms > core_time_ms(c)) {
        return CS_SUCCESS;
    }
    const struct expire x = {.request = q->index};
    arena_reset(&c->scratch);
    TRY(core_body_writer(c, &body));
    TRY(model_expire_encode(&x, &body));
    const struct core_draft d = {.type = ENTRY_EXPIRE,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body)};
    TRY(core_append(c, &d, &v, &index));
    *ret_done = !v.allow;
    return CS_SUCCESS;
}

static uint64_t next_overdue(const struct core *c)
{
    uint64_t due_ms = UINT64_MAX;
    return state_next_overdue(&c->judge.state, &due_ms) != NULL ? due_ms : UINT64_MAX;
}

/* A review that is not there in time: from now on the log says so. */
static CS_RESULT call_overdue(struct core *c, bool *ret_done)
{
    uint64_t due_ms = 0;
    const struct state_emergency *m = state_next_overdue(&c->judge.state, &due_ms);
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    *ret_done = true;
    if (m == NULL || due_ms > core_time_ms(c)) {
        return CS_SUCCESS;
    }
    const struct overdue x = {.emergency = m->index, .prev = c->judge.state.emergency_index};
    arena_reset(&c->scratch);
    TRY(core_body_writer(c, &body));
    TRY(model_overdue_encode(&x, &body));
    const struct core_draft d = {.type = ENTRY_OVERDUE,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body)};
    TRY(core_append(c, &d, &v, &index));
    *ret_done = !v.allow;
    return CS_SUCCESS;
}

/* Nobody came for long enough: somebody else may. A clock that is back tells nothing about that. */
static CS_RESULT escalate_one(struct core *c, bool *ret_done)
{
    const struct state *s = &c->judge.state;
    struct policy_escalation next = {.due_ms = UINT64_MAX};
    struct state_loaded l = {0};
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t due_ms = 0;
    uint64_t index = 0;

    *ret_done = true;
    TRY(core_steps_due(&c->steps, s, &due_ms));
    const struct state_request *q = core_steps_first(&c->steps, s);
    if (q == NULL || s->clock_back || due_ms > core_time_ms(c)) {
        return CS_SUCCESS;
    }
    arena_reset(&c->scratch);
    TRY(state_load(q, &c->scratch, &l));
    if (!policy_next_escalation(s, q, l.deploy, &next)) {
        return CS_SUCCESS;
    }
    const struct escalate x = {.request = q->index, .rule = next.rule, .to = next.to};
    TRY(core_body_writer(c, &body));
    TRY(model_escalate_encode(&x, &body));
    const struct core_draft d = {.type = ENTRY_ESCALATE,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body)};
    TRY(core_append(c, &d, &v, &index));
    *ret_done = !v.allow;
    return CS_SUCCESS;
}

CS_RESULT core_tick(struct core *c)
{
    if (c->log.sealed || !c->judge.state.begun) {
        return CS_SUCCESS;
    }
    arena_reset(&c->scratch);
    TRY(watch_clock(c));
    bool done = next_due(c) > core_time_ms(c);
    while (!done && !core_log_full(&c->log)) {
        TRY(expire_one(c, &done));
    }
    done = next_overdue(c) > core_time_ms(c);
    while (!done && !core_log_full(&c->log)) {
        TRY(call_overdue(c, &done));
    }
    TRY(core_watch_roles(c));
    TRY(core_watch_alarms(c));
    done = false;
    while (!done && !core_log_full(&c->log)) {
        TRY(escalate_one(c, &done));
    }
    return write_attempts(c, false);
}

CS_RESULT core_finish(struct core *c)
{
    if (c->log.sealed || !c->judge.state.begun) {
        return CS_SUCCESS;
    }
    return write_attempts(c, true);
}

static uint64_t left(uint64_t at_ms, uint64_t now_ms)
{
    return at_ms > now_ms ? at_ms - now_ms : 0;
}

/* While it is back: when it may be right again, or the steady clock brings something about. */
static uint64_t back_wake_in_ms(const struct core *c, uint64_t first_ms)
{
    const uint64_t time_ms = c->judge.state.time_ms;
    const bool held =
        c->real_ms >= time_ms && !clock_is_right_again(c); /* until somebody sets it, or what waits ends */
    const uint64_t right = held ? UINT64_MAX : left(time_ms, c->real_ms);
    const uint64_t due = runs_steadily(c) ? left(first_ms, core_time_ms(c)) : UINT64_MAX;
    return due < right ? due : right;
}

uint64_t core_wake_in_ms(struct core *c)
{
    const struct state *s = &c->judge.state;

    if (c->log.sealed || !s->begun) {
        return UINT64_MAX;
    }
    const uint64_t attempts = left(core_access_wake_ms(&c->access), c->mono_ms);
    const uint64_t soonest = next_due(c) < next_overdue(c) ? next_due(c) : next_overdue(c);
    uint64_t first = core_watch_next(c) < soonest ? core_watch_next(c) : soonest;
    uint64_t step = UINT64_MAX;
    if (!s->clock_back && core_steps_due(&c->steps, s, &step).code != CS_OK) {
        return 0; /* the tick says so */
    }
    first = step < first ? step : first;
    const uint64_t due = s->clock_back ? back_wake_in_ms(c, first) : left(first, c->real_ms);
    return due < attempts ? due : attempts;
}
