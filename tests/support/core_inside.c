/* SPDX-License-Identifier: Apache-2.0 */
#include "support/core_inside.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { TEXT_MAX = 4096 };

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "core inside: %s\n", what);
        abort();
    }
}

static void ok(struct cs_result r)
{
    must(r.code == CS_OK, r.msg);
}

static struct cs_result nonce_bytes(uint8_t *bytes, size_t n)
{
    static uint64_t count;

    memset(bytes, 0, n);
    count++;
    memcpy(bytes, &count, sizeof(count));
    return CS_SUCCESS;
}

void inside_start(struct inside *w, size_t state_cap_bytes)
{
    const struct core_files files = {.log = w->log, .keys = w->state};

    ok(core_init(&w->core, state_cap_bytes));
    w->core.version = "inside";
    w->core.random = nonce_bytes;
    w->core.real_ms = INSIDE_START_MS;
    w->core.proposal = wr_span(&w->proposal);
    ok(core_open(&w->core, &files));
    ok(core_load(&w->core, false));
    must(!w->core.log.sealed, w->core.log.why);
    w->core.real_ms = core_time_ms(&w->core);
}

void inside_stop(struct inside *w)
{
    core_release(&w->core);
}

void inside_init(struct inside *w, const char *state, size_t state_cap_bytes)
{
    memset(w, 0, sizeof(*w));
    must(snprintf(w->state, sizeof(w->state), "%s", state) < (int)sizeof(w->state), "directory");
    (void)snprintf(w->log, sizeof(w->log), "%s/log.db", w->state);
    (void)mkdir(w->state, 0700);
    w->proposal = wr_heap(CAST_TEXT_MAX);
    cast_init(&w->cast);
    cast_proposal(&w->cast, &w->proposal);
    inside_start(w, state_cap_bytes);
}

void inside_release(struct inside *w)
{
    inside_stop(w);
    cast_release(&w->cast);
    wr_release(&w->proposal);
}

void inside_commit(struct inside *w)
{
    ok(core_log_commit(&w->core.log, &w->core.judge.tree, core_time_ms(&w->core)));
}

struct wire_answer inside_act(struct inside *w, enum core_peer_kind peer, const struct wire_command *c,
                              const char *code)
{
    const struct core_call call = {.peer = peer, .c = c};
    struct wire_answer a;

    if (core_log_full(&w->core.log)) {
        inside_commit(w);
    }
    ok(core_act(&w->core, &call, &a));
    if (!span_is(a.code, code)) {
        (void)fprintf(stderr, "%s: %.*s: %.*s\n", wire_cmd_text(c->cmd), (int)a.code.left, (const char *)a.code.p,
                      (int)a.detail.left, (const char *)a.detail.p);
        abort();
    }
    return a;
}

void inside_genesis(struct inside *w)
{
    const struct note_key key = seal_log_key(w->core.log.seal);
    const struct cast_ceremony how = {.proposal = wr_span(&w->proposal),
                                      .log_key = SPAN_OF(key.key),
                                      .outcome_key = seal_outcome_spki(w->core.log.seal),
                                      .now_ms = w->core.real_ms,
                                      .signers = 2};
    struct wire_command c = {.cmd = WIRE_GENESIS, .kiosk = SPAN_LIT(CAST_KIOSK)};

    cast_genesis(&w->cast, &how, &c.genesis);
    (void)inside_act(w, CORE_KIOSK, &c, "ok");
    inside_commit(w);
    cast_forget(&w->cast);
}

void inside_body(struct inside *w, struct writer *body, struct sha256 *ret_artifact)
{
    char title[64];

    w->flows++;
    (void)snprintf(title, sizeof(title), "Release %llu of the payments service", (unsigned long long)w->flows);
    *ret_artifact = digest_sha256(span_str(title));
    wr_text(body, "{\"title\":\"");
    wr_text(body, title);
    wr_text(body, "\",\"service\":\"payments\",\"environment\":\"staging\",\"change_type\":\"normal\","
                  "\"initiator\":\"gitlab:7\",\"artifacts\":[{\"name\":\"api\",\"sha256\":\"");
    wr_hex(body, sha256_span(ret_artifact));
    wr_text(body, "\"}],\"documentation\":{\"backout_plan\":\"Deploy the version before; no migration is involved.\","
                  "\"customer_impact\":\"None.\"},\"ticket\":\"OPS-4711\"}");
    ok(wr_end(body, "body"));
}

uint64_t inside_request(struct inside *w, struct sha256 *ret_artifact)
{
    AUTO_WRITER body = wr_heap(TEXT_MAX);
    char key[32];

    inside_body(w, &body, ret_artifact);
    (void)snprintf(key, sizeof(key), "key-%llu", (unsigned long long)w->flows);
    const struct wire_command c = {.cmd = WIRE_REQUEST,
                                   .client = SPAN_LIT("ci"),
                                   .ip = SPAN_LIT("192.0.2.7"),
                                   .request = {.body = wr_span(&body), .key = span_str(key)}};
    return inside_act(w, CORE_HTTP, &c, "ok").index;
}

void inside_decision(struct inside *w, uint64_t request, struct wire_command *ret_command)
{
    const struct wire_command begin = {.cmd = WIRE_BEGIN};
    const struct wire_answer b = inside_act(w, CORE_KIOSK, &begin, "ok");
    const struct cast_visit visit = {.person = "dan",
                                     .request = request,
                                     .seat = "staging/tech",
                                     .word = DECISION_APPROVE,
                                     .nonce = b.nonce,
                                     .issued_ms = b.time_ms};

    *ret_command = (struct wire_command){.cmd = WIRE_DECISION, .kiosk = SPAN_LIT(CAST_KIOSK), .port = SPAN_LIT("1-1")};
    cast_decide(&w->cast, &w->core.judge, &visit, &ret_command->decision);
}

void inside_redeem(uint64_t request, const struct sha256 *artifact, struct wire_command *ret_command)
{
    *ret_command = (struct wire_command){.cmd = WIRE_REDEEM, .client = SPAN_LIT("ci"), .ip = SPAN_LIT("192.0.2.7")};
    ret_command->redeem.request = request;
    ret_command->redeem.artifact_count = 1;
    ret_command->redeem.artifacts[0] = (struct named_digest){.name = SPAN_LIT("api"), .sha256 = *artifact};
}
