/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_any.h"

enum { TEXT_BYTES = 32768, HOUR_MS = 3600000 };

/* --- what is sent --- */

static struct span some(struct play *p, const char *const *words, size_t n)
{
    return span_str(chance_word(&p->c, words, n));
}
#define SOME(p, words) some((p), (words), sizeof(words) / sizeof((words)[0]))

static const char *const clients[] = {"ci", "ci", "ci", "watch", "nobody"};
static const char *const people[] = {"ada", "bob", "cyd", "dan", "eve", "fay", "gus", "nobody"};
static const char *const versions[] = {"v1", "v2"};

static uint64_t any_index(struct play *p)
{
    const struct state *s = state_of(p);
    const bool there = s->request_count > 0 && !chance_once(&p->c, 8);

    return there
               ? s->requests[s->request_count - 1 - chance(&p->c, s->request_count < 12 ? s->request_count : 12)]->index
               : chance(&p->c, s->size + 2);
}

static struct writer text_of(struct play *p)
{
    void *room = arena_alloc(&p->arena, TEXT_BYTES);
    assert_non_null(room);
    return wr_fixed(room, TEXT_BYTES);
}

static void put_digest(struct writer *w, const char *name, const char *of)
{
    const struct sha256 d = digest_sha256(span_str(of));
    wr_text(w, name);
    wr_hex(w, sha256_span(&d));
    wr_text(w, "\"");
}

static void send_request(struct play *p, struct wire_command *c)
{
    static const char *const types[] = {"normal", "normal", "emergency", "rollback"};
    static const char *const more[] = {"", ",\"attributes\":{\"data\":\"pii\"}",
                                       ",\"attributes\":{\"data\":\"none\",\"lines\":7}"};
    struct writer w = text_of(p);
    struct writer key = text_of(p);

    wr_text(&w,
            "{\"title\":\"Release\",\"service\":\"payments\",\"initiator\":\"gitlab:7\",\"ticket\":\"OPS-1\","
            "\"ticket_system\":\"jira\",\"ticket_state\":\"scheduled\",\"documentation\":{\"backout_plan\":\"Back.\"}");
    wr_text(&w,
            ",\"source\":{\"repository\":\"payments/api\",\"commit\":\"0123456789abcdef0123456789abcdef01234567\","
            "\"ref\":\"refs/heads/main\",\"since\":\"v4\",\"authors\":[\"gitlab:9\"],\"commits\":1,\"files_changed\":"
            "1,\"lines_added\":1,\"lines_removed\":0}");
    wr_bytes(&w, SOME(p, more));
    wr_text(&w, ",\"environment\":\"");
    wr_text(&w, CHANCE_WORD(&p->c, any_environments));
    wr_text(&w, "\",\"change_type\":\"");
    wr_bytes(&w, SOME(p, types));
    wr_text(&w, "\",\"artifacts\":[{\"name\":\"api\",");
    put_digest(&w, "\"sha256\":\"", CHANCE_WORD(&p->c, versions));
    wr_text(&w, "}],");
    put_digest(&w, "\"config_sha256\":\"", "config");
    put_digest(&w, ",\"plan_sha256\":\"", "plan");
    if (chance_once(&p->c, 10)) {
        wr_text(&w, ",\"revises\":");
        wr_dec(&w, any_index(p));
    }
    wr_text(&w, "}");
    wr_text(&key, "key-");
    wr_dec(&key, chance_once(&p->c, 8) ? 1 : state_of(p)->size);
    c->client = SOME(p, clients);
    c->ip = SPAN_LIT("192.0.2.7");
    c->request = (struct wire_request){.body = wr_span(&w), .key = wr_span(&key)};
}

static void send_withdraw(struct play *p, struct wire_command *c)
{
    const bool kiosk = c->client.left == 0;
    c->ip = kiosk ? SPAN_NONE : c->ip;
    c->withdraw = (struct withdraw){.request = any_index(p), .reason = SPAN_LIT("no")};
}

static void send_redeem(struct play *p, struct wire_command *c)
{
    c->redeem = (struct redeem){.request = any_index(p),
                                .artifacts = {{.name = SPAN_LIT("api"), .sha256 = digest_sha256(SOME(p, versions))}},
                                .artifact_count = 1,
                                .has_config = true,
                                .config_sha256 = digest_sha256(SPAN_LIT("config")),
                                .has_plan = true,
                                .plan_sha256 = digest_sha256(SPAN_LIT("plan")),
                                .rollback = chance_once(&p->c, 4)};
}

static void send_outcome(struct play *p, struct wire_command *c)
{
    static const enum request_status results[] = {STATUS_SUCCEEDED, STATUS_FAILED, STATUS_ROLLED_BACK};
    c->outcome = (struct outcome){.request = any_index(p),
                                  .result = results[chance(&p->c, 3)],
                                  .started_ms = p->w->core.real_ms,
                                  .finished_ms = p->w->core.real_ms};
}

static void send_freeze(struct play *p, struct wire_command *c)
{
    struct writer w = text_of(p);
    wr_text(&w, "{\"environments\":[\"");
    wr_text(&w, CHANCE_WORD(&p->c, any_environments));
    wr_text(&w, "\"],\"incident\":\"INC-1\",\"responders\":[\"gitlab:7\"]}");
    c->freeze.content = wr_span(&w);
}

static void send_access(struct play *p, struct wire_command *c)
{
    static const char *const actors[] = {"client:ci", "person:dan", "system:http", "system:kiosk"};
    c->access = (struct wire_access){.actor = SOME(p, actors),
                                     .note = {.code = SPAN_LIT("no_scope"), .count = 1 + chance(&p->c, 3)}};
}

/* Most often whole. */
static void send_blob(struct play *p, struct wire_command *c)
{
    const struct span file = SPAN_LIT("<testsuite/>");
    const struct span piece = chance_once(&p->c, 4) ? span_make(file.p, 3) : file;
    c->blob = (struct wire_blob){
        .at = chance_once(&p->c, 6) ? 3 : 0, .bytes = piece, .sha256 = digest_sha256(file), .size = file.left};
}

static void send_evidence(struct play *p, struct wire_command *c)
{
    static const char *const lines[] = {"r0/junit", "r1/sast", "r2/built", "r1/iac"};
    struct writer w = text_of(p);
    wr_text(
        &w,
        "{\"findings\":[],\"kind\":\"junit\",\"more\":false,\"numbers\":[{\"name\":\"pass_ppm\",\"value\":1000000}],"
        "\"produced\":\"2027-01-15T08:00:00.000Z\",\"texts\":{}}");
    c->evidence = (struct wire_evidence){.artifacts = {digest_sha256(SOME(p, versions))},
                                         .artifact_count = 1,
                                         .line = SOME(p, lines),
                                         .report = wr_span(&w),
                                         .request = any_index(p),
                                         .sha256 = digest_sha256(SPAN_LIT("<testsuite/>")),
                                         .size = 12};
}

static void send_fetch(struct play *p, struct wire_command *c)
{
    c->fetch = (struct wire_fetch){.at = chance(&p->c, 20), .sha256 = digest_sha256(SPAN_LIT("<testsuite/>"))};
}

/* --- a kiosk in wrong hands --- */

static void other_word(struct statement *st)
{
    st->decision = DECISION_REJECT;
}

/* Somebody's decision, as it would be but for the key: no key signed it, another person's did, or it is an old one. */
static void send_decision(struct play *p, struct wire_command *c)
{
    static const char *const seats[] = {"r0/a",
                                        "r1/a",
                                        "officers/officers",
                                        "waiver/owner",
                                        "thaw/commander",
                                        "delegation/delegator",
                                        "emergency/operator",
                                        "voucher/endorse"};
    const struct state_request *q = state_request_find(state_of(p), any_index(p));
    const struct wire_command begin = {.cmd = WIRE_BEGIN};
    const struct wire_answer b = inside_act(p->w, CORE_KIOSK, &begin, "ok");
    const char *person = chance_word(&p->c, people, 6);

    c->port = SPAN_LIT("1-1");
    if (p->old_count > 0 && (q == NULL || q->open == NULL || chance_once(&p->c, 4))) {
        c->decision = p->old[chance(&p->c, p->old_count)].decision;
        return;
    }
    if (q == NULL || q->open == NULL) {
        c->cmd = WIRE_NONE;
        return;
    }
    struct cast_visit v = {.person = person,
                           .request = q->index,
                           .seat = CHANCE_WORD(&p->c, seats),
                           .word = DECISION_APPROVE,
                           .reason = "said by nobody",
                           .nonce = b.nonce,
                           .issued_ms = b.time_ms,
                           .key_of = strcmp(person, "gus") != 0 ? "gus" : "dan", /* his is not enrolled */
                           .bend = chance_once(&p->c, 8) ? other_word : NULL};
    cast_decide(&p->w->cast, &p->w->core.judge, &v, &c->decision);
}

/* --- what is proposed at the kiosk and by the operator --- */

static bool wrote(struct cs_result r)
{
    return r.code == CS_OK;
}

static bool propose_emergency(struct play *p, struct writer *w)
{
    const struct emergency_content x = {.anchor = SPAN_LIT("INC-1"),
                                        .initiator = SOME(p, people),
                                        .justification = SPAN_LIT("Payments are down."),
                                        .kind = SPAN_LIT("outage"),
                                        .request = any_index(p)};
    return wrote(model_emergency_content_encode(&x, w));
}

static bool propose_thaw(struct play *p, struct writer *w)
{
    const struct thaw_content x = {
        .freeze = state_of(p)->freeze_index, .initiator = SOME(p, people), .reason = SPAN_LIT("over")};
    return wrote(model_thaw_content_encode(&x, w));
}

static bool propose_delegate(struct play *p, struct writer *w)
{
    const uint64_t now_ms = core_time_ms(&p->w->core);
    const struct delegate_content x = {.from_ms = now_ms,
                                       .initiator = SOME(p, people),
                                       .reason = SPAN_LIT("away"),
                                       .role = SPAN_LIT("tech"),
                                       .to = SOME(p, people),
                                       .until_ms = now_ms + HOUR_MS};
    return wrote(model_delegate_content_encode(&x, w));
}

static bool propose_waiver(struct play *p, struct writer *w)
{
    const struct waiver_content x = {.evidence = any_index(p),
                                     .expires_ms = core_time_ms(&p->w->core) + HOUR_MS,
                                     .initiator = SOME(p, people),
                                     .line = SPAN_LIT("r0/sast"),
                                     .reason = SPAN_LIT("fine"),
                                     .request = any_index(p)};
    return wrote(model_waiver_content_encode(&x, w));
}

static bool propose_voucher(struct play *p, struct writer *w)
{
    struct span environment = SPAN_LIT("production");
    struct span kind = SPAN_LIT("outage");
    const struct voucher_content x = {.environments = &environment,
                                      .environment_count = 1,
                                      .initiator = SOME(p, people),
                                      .kinds = &kind,
                                      .kind_count = 1,
                                      .life_s = 3600,
                                      .reason = SPAN_LIT("away"),
                                      .role = SPAN_LIT("tech"),
                                      .seat = SPAN_LIT("endorse")};
    return wrote(model_voucher_content_encode(&x, w));
}

static bool propose_roster(struct play *p, struct writer *w)
{
    struct roster_change item = {.op = CHANGE_PUT_PERSON, .id = SPAN_LIT("mallory")};
    const struct roster_content x = {.changes = {.item = &item, .count = 1},
                                     .initiator = SOME(p, people),
                                     .reason = SPAN_LIT("me"),
                                     .title = SPAN_LIT("Roster")};

    item.person = (struct person){.id = item.id, .roles = {SPAN_LIT("officer"), SPAN_LIT("tech")}, .role_count = 2};
    return wrote(model_roster_content_encode(&x, w));
}

static bool propose_review(struct play *p, struct writer *w)
{
    struct entitlement item = {.person = SOME(p, people), .roles = {SPAN_LIT("tech")}, .role_count = 1};
    const struct access_review_content x = {
        .item = &item, .count = 1, .initiator = SPAN_LIT("system:operator"), .reason = SPAN_LIT("looked at")};
    return wrote(model_access_review_content_encode(&x, w));
}

void core_any_policy(struct play *p, struct writer *w)
{
    struct any_policy *policy = calloc(1, sizeof(*policy));
    AUTO_WRITER document = wr_heap(MODEL_CONTENT_MAX);

    assert_non_null(policy);
    any_policy_make(&p->c, (unsigned)state_of(p)->policy->doc.version + 1, state_of(p)->outcome_key, policy);
    any_policy_compile(policy, false, &document);
    free(policy);
    const struct policy_content x = {.initiator = SPAN_LIT("cyd"),
                                     .policy = wr_span(&document),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Policy")};
    assert_int_equal(model_policy_content_encode(&x, w).code, CS_OK);
}

static bool propose_policy(struct play *p, struct writer *w)
{
    core_any_policy(p, w);
    return true;
}

static void send_propose(struct play *p, struct wire_command *c, enum core_peer_kind peer)
{
    static bool (*const ways[KIND_COUNT])(struct play *, struct writer *) = {
        [KIND_POLICY] = propose_policy,     [KIND_ROSTER] = propose_roster,        [KIND_EMERGENCY] = propose_emergency,
        [KIND_VOUCHER] = propose_voucher,   [KIND_WAIVER] = propose_waiver,        [KIND_THAW] = propose_thaw,
        [KIND_DELEGATE] = propose_delegate, [KIND_ACCESS_REVIEW] = propose_review,
    };
    const uint64_t drawn = chance(&p->c, KIND_COUNT);
    const enum request_kind proposed = (enum request_kind)drawn;
    struct writer w = text_of(p);

    if (ways[proposed] == NULL || !core_permits_kind(peer, proposed) || !ways[proposed](p, &w)) {
        c->cmd = WIRE_NONE; /* there is nothing to review: nothing was granted */
        return;
    }
    c->kiosk = peer == CORE_KIOSK ? SPAN_LIT(CAST_KIOSK) : SPAN_NONE;
    c->propose = (struct wire_propose){.kind = proposed, .content = wr_span(&w)};
}

/* --- any of them --- */

static void send_genesis(struct play *p, struct wire_command *c)
{
    const struct note_key key = seal_log_key(p->w->core.log.seal);
    const struct cast_ceremony how = {.proposal = wr_span(&p->w->proposal),
                                      .log_key = SPAN_OF(key.key),
                                      .outcome_key = seal_outcome_spki(p->w->core.log.seal),
                                      .now_ms = p->w->core.real_ms,
                                      .signers = 2};
    cast_genesis(&p->w->cast, &how, &c->genesis);
}

void core_any_fill(struct play *p, enum core_peer_kind peer, struct wire_command *c)
{
    static void (*const ways[WIRE_CMD_COUNT])(struct play *, struct wire_command *) = {
        [WIRE_REQUEST] = send_request,   [WIRE_WITHDRAW] = send_withdraw, [WIRE_REDEEM] = send_redeem,
        [WIRE_OUTCOME] = send_outcome,   [WIRE_FREEZE] = send_freeze,     [WIRE_ACCESS] = send_access,
        [WIRE_BLOB] = send_blob,         [WIRE_EVIDENCE] = send_evidence, [WIRE_FETCH] = send_fetch,
        [WIRE_DECISION] = send_decision, [WIRE_GENESIS] = send_genesis,
    };

    c->client = peer == CORE_HTTP ? SOME(p, clients) : SPAN_NONE;
    c->ip = peer == CORE_HTTP ? SPAN_LIT("192.0.2.7") : SPAN_NONE;
    c->kiosk = peer == CORE_KIOSK ? SPAN_LIT(CAST_KIOSK) : SPAN_NONE;
    if (c->cmd == WIRE_PROPOSE) {
        send_propose(p, c, peer);
    } else if (ways[c->cmd] != NULL) {
        ways[c->cmd](p, c);
    }
}
