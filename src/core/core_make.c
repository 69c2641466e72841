/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_make.h"

enum { DETAIL_MAX = 512, BODY_MAX = 2 * MODEL_LEAF_MAX };

uint64_t core_steady_ms(const struct core *c)
{
    return c->line_known ? c->line_ms + (c->mono_ms - c->line_mono_ms) : 0;
}

/* The line follows what is ahead of it, and is let down only where the log says that the clock is right again: many
 * small steps back are one large step. */
static void keep_line(struct core *c, const struct entry *e)
{
    const bool right_again = e->type == ENTRY_CLOCK && !c->judge.state.clock_back;

    if (right_again || e->time_ms >= core_steady_ms(c)) {
        c->line_known = true;
        c->line_ms = e->time_ms;
        c->line_mono_ms = c->mono_ms;
    }
}

CS_RESULT core_append(struct core *c, const struct core_draft *d, struct verdict *ret_verdict, uint64_t *ret_index)
{
    const struct entry e = {.seq = c->judge.state.size,
                            .head = judge_root(&c->judge),
                            .time_ms = d->time_ms != 0 ? d->time_ms : core_time_ms(c),
                            .type = d->type,
                            .actor = d->actor,
                            .origin = d->origin,
                            .body = d->body};
    c->leaf.len = 0;
    c->leaf.fail = CS_OK;
    const struct cs_result written = model_entry_encode(&e, &c->leaf);
    if (written.code != CS_OK) {
        ENSURE(written.code != CS_E_NOMEM, CS_E_NOMEM, "core.leaf");
        *ret_verdict = VERDICT_CAUSE(REASON_INVALID_REQUEST, written); /* too large, or text that cannot stand there */
        return CS_SUCCESS;
    }
    const struct span leaf = wr_span(&c->leaf);
    const struct verdict v = judge_entry(&c->judge, leaf, NULL);
    ENSURE(v.reason != REASON_NO_ROOM, CS_E_NOMEM, "core.state"); /* the fold may be half done */
    if (v.allow) {
        TRY(core_log_append(&c->log, e.seq, leaf));
        keep_line(c, &e);
        *ret_index = e.seq;
    }
    *ret_verdict = v;
    return CS_SUCCESS;
}

CS_RESULT core_body_writer(struct core *c, struct writer *ret_writer)
{
    uint8_t *p = arena_alloc(&c->scratch, BODY_MAX);
    ENSURE(p != NULL, CS_E_NOMEM, "core.scratch");
    *ret_writer = wr_fixed(p, BODY_MAX);
    return CS_SUCCESS;
}

CS_RESULT core_actor(struct core *c, const char *prefix, struct span id, struct span *ret_actor)
{
    const struct span head = span_str(prefix);
    uint8_t *p = arena_alloc(&c->scratch, head.left + id.left);
    ENSURE(p != NULL, CS_E_NOMEM, "core.scratch");
    struct writer w = wr_fixed(p, head.left + id.left);
    wr_bytes(&w, head);
    wr_bytes(&w, id);
    *ret_actor = wr_span(&w);
    return CS_SUCCESS;
}

struct entry_origin core_origin(const struct core_call *call)
{
    return (struct entry_origin){.ip = call->c->ip,
                                 .kiosk = call->c->kiosk,
                                 .peer = span_str(core_peer_name(call->peer)),
                                 .port = call->c->port,
                                 .presence_switch = call->c->presence_switch};
}

void core_refuse(struct core *c, struct wire_answer *a, struct verdict v)
{
    uint8_t *p = arena_alloc(&c->scratch, DETAIL_MAX);
    struct writer w = wr_fixed(p, p != NULL ? DETAIL_MAX : 0);

    a->code = span_str(policy_reason_code(v.reason));
    wr_text(&w, policy_reason_sentence(v.reason));
    if (v.cause.code != CS_OK) {
        wr_text(&w, " (");
        wr_text(&w, v.cause.msg);
        wr_text(&w, " ");
        wr_text(&w, cs_code_text(v.cause.code));
        wr_text(&w, ")");
    }
    a->detail = wr_span(&w); /* without room: no detail, the code says it all */
}

void core_done(struct wire_answer *a, uint64_t index)
{
    a->code = span_str(policy_reason_code(REASON_OK));
    a->has_index = true;
    a->index = index;
}
