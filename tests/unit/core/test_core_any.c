/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever the HTTP front, the operator and a kiosk in wrong hands send, in any order, while time goes on: nothing is
 * approved, used, granted, waived, thawed or changed unless a person's key signed it. Every command of each peer's rows
 * of the permit table, under generated policies. Requirements 2.1, 6.6, 8.5, D8. Afterwards the auditor's replay of
 * what was written ends where the core is. `test_core_any SEED ROUND` repeats one run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/random.h>

#include "core_any.h"

enum {
    ROUNDS = 10,
    COMMANDS = 1000,
    TEXT_BYTES = 32768,
    TRIES_MOST = 200,
    HOUR_MS = 3600000,
    ARENA_BYTES = 64 << 20,
};

static uint64_t seed;
static uint64_t only = UINT64_MAX; /* this round alone */

/* --- what must not be --- */

static bool is_beyond(enum request_status s)
{
    static const bool beyond[STATUS_COUNT] = {
        [STATUS_APPROVED] = true,    [STATUS_REDEEMED] = true, [STATUS_SUCCEEDED] = true,
        [STATUS_FAILED] = true,      [STATUS_APPLIED] = true,  [STATUS_VOID] = true,
        [STATUS_ROLLED_BACK] = true, [STATUS_LAPSED] = true,   [STATUS_REJECTED] = true,
    };
    return beyond[s];
}

static const char *wrong(const struct play *p)
{
    const struct state *s = state_of(p);

    for (size_t i = s->request_count; i > 0 && s->requests[i - 1]->index >= p->before; i--) {
        const struct state_request *q = s->requests[i - 1];
        if (is_beyond(q->status) || q->decision_count > 0 || q->grant != NULL) {
            return request_status_text(q->status);
        }
    }
    return s->policy_index != p->policy || s->emergency_count > 0 ? "policy or emergency" : NULL;
}

static void pass_time(struct play *p)
{
    static const uint64_t ms[] = {1, 10, 1000, 60000, HOUR_MS, 30 * (uint64_t)HOUR_MS};
    const uint64_t k = chance(&p->c, 60);
    const uint64_t by = ms[k < 6 ? k : 0];

    p->w->core.real_ms += by;
    p->w->core.mono_ms += by;
    inside_commit(p->w);
    assert_int_equal(core_tick(&p->w->core).code, CS_OK);
}

/* What the wire would not carry is not a command. */
static bool carried(const struct wire_command *c)
{
    AUTO_WRITER w = wr_heap(1 << 20);
    return wire_command_encode(c, &w).code == CS_OK;
}

/* One that the peer has a row for; a follower only reads. */
static enum wire_cmd any_cmd(struct play *p, enum core_peer_kind peer)
{
    uint64_t cmd = chance_once(&p->c, 3) ? (peer == CORE_HTTP ? WIRE_REQUEST : WIRE_PROPOSE) : WIRE_FOLLOW;

    while (cmd == WIRE_FOLLOW || !core_permits(peer, (enum wire_cmd)cmd)) {
        cmd = chance(&p->c, WIRE_CMD_COUNT);
    }
    return (enum wire_cmd)cmd;
}

static enum core_peer_kind any_peer(struct play *p)
{
    static const enum core_peer_kind peers[] = {CORE_HTTP, CORE_HTTP, CORE_HTTP, CORE_KIOSK, CORE_KIOSK, CORE_OPERATOR};
    return peers[chance(&p->c, sizeof(peers) / sizeof(peers[0]))];
}

static void send_one(struct play *p)
{
    const enum core_peer_kind peer = any_peer(p);
    struct wire_command c = {.cmd = peer == CORE_OPERATOR ? WIRE_PROPOSE : any_cmd(p, peer), .id = 1};
    const struct core_call call = {.peer = peer, .c = &c};
    struct wire_answer a;

    core_any_fill(p, peer, &c);
    if (c.cmd == WIRE_NONE || !carried(&c)) {
        return;
    }
    if (core_log_full(&p->w->core.log)) {
        inside_commit(p->w);
    }
    assert_int_equal(core_act(&p->w->core, &call, &a).code, CS_OK);
    (void)snprintf(p->last, sizeof(p->last), "%s of %s", wire_cmd_text(c.cmd), core_peer_name(peer));
    p->taken[c.cmd] += span_is(a.code, "ok") ? 1U : 0U;
    arena_reset(&p->arena);
}

/* --- before --- */

static bool officers_sign(struct play *p, uint64_t request)
{
    static const char *const both[] = {"ada", "bob"};

    for (size_t i = 0; i < 2; i++) {
        const struct wire_command begin = {.cmd = WIRE_BEGIN};
        const struct wire_answer b = inside_act(p->w, CORE_KIOSK, &begin, "ok");
        const struct cast_visit v = {.person = both[i],
                                     .request = request,
                                     .seat = "officers/officers",
                                     .word = DECISION_APPROVE,
                                     .nonce = b.nonce,
                                     .issued_ms = b.time_ms};
        struct wire_command *c = &p->old[p->old_count < PLAY_OLD ? p->old_count++ : PLAY_OLD - 1];
        *c = (struct wire_command){.cmd = WIRE_DECISION, .kiosk = SPAN_LIT(CAST_KIOSK), .port = SPAN_LIT("1-1")};
        cast_decide(&p->w->cast, &p->w->core.judge, &v, &c->decision);
        (void)inside_act(p->w, CORE_KIOSK, c, "ok");
    }
    return state_request_find(state_of(p), request)->status == STATUS_APPLIED;
}

/* Asked for by the operator and signed by both who did not ask. */
static bool adopt(struct play *p, enum request_kind kind, struct span content)
{
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = kind, .content = content}};
    const struct core_call call = {.peer = CORE_OPERATOR, .c = &c};
    struct wire_answer a;

    assert_int_equal(core_act(&p->w->core, &call, &a).code, CS_OK);
    const bool asked = span_is(a.code, "ok") && a.has_index;
    return asked && officers_sign(p, a.index);
}

/* Everybody whom a generated policy needs, and a client that may send whatever clients send. */
static void more_people(struct play *p)
{
    static const struct {
        const char *id;
        const char *roles[3];
    } rows[] = {{"dan", {"duty", "owner", "tech"}},
                {"eve", {"duty", "security", "tech"}},
                {"fay", {"business", "owner", "security"}}};
    struct roster_change *items = arena_array(&p->arena, 4, sizeof(*items));
    const struct roster_content x = {.changes = {.item = items, .count = 4},
                                     .initiator = SPAN_LIT("cyd"),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Roster")};
    AUTO_WRITER w = wr_heap(TEXT_BYTES);

    assert_non_null(items);
    items[0] = (struct roster_change){.op = CHANGE_PUT_CLIENT, .id = SPAN_LIT("ci")};
    items[0].client = (struct client){.id = items[0].id, .tokens = {digest_sha256(items[0].id)}, .token_count = 1};
    for (unsigned s = 1; s < SCOPE_COUNT; s++) {
        items[0].client.scopes |= 1U << s;
    }
    for (size_t i = 0; i < 3; i++) {
        items[1 + i] = (struct roster_change){.op = CHANGE_PUT_PERSON, .id = span_str(rows[i].id)};
        items[1 + i].person.id = items[1 + i].id;
        for (size_t k = 0; k < 3; k++) {
            items[1 + i].person.roles[items[1 + i].person.role_count++] = span_str(rows[i].roles[k]);
        }
    }
    assert_int_equal(model_roster_content_encode(&x, &w).code, CS_OK);
    assert_true(adopt(p, KIND_ROSTER, wr_span(&w)));
}

/* A policy with all roles first, so that people can have them. */
static void begin(struct play *p)
{
    static const char roles[] =
        "{\"change_types\":[\"normal\"],\"environments\":[\"staging\"],\"name\":\"base\",\"officers\":{"
        "\"sign_by_s\":86400,\"threshold\":2},\"roles\":[\"business\",\"duty\",\"officer\",\"owner\","
        "\"security\",\"tech\"],\"rules\":[],\"v\":1,\"version\":2}";
    const struct policy_content x = {.initiator = SPAN_LIT("cyd"),
                                     .policy = SPAN_LIT(roles),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Policy")};
    AUTO_WRITER w = wr_heap(TEXT_BYTES);
    size_t tries = 0;

    assert_int_equal(model_policy_content_encode(&x, &w).code, CS_OK);
    assert_true(adopt(p, KIND_POLICY, wr_span(&w)));
    more_people(p);
    do {
        assert_true(tries++ < TRIES_MOST);
        w.len = 0;
        core_any_policy(p, &w);
    } while (!adopt(p, KIND_POLICY, wr_span(&w)));
    p->before = state_of(p)->size;
    p->policy = state_of(p)->policy_index;
}

/* --- afterwards --- */

struct reading {
    struct judge judge;
    bool holds;
};

static struct cs_result read_leaf(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    struct reading *r = ctx;
    (void)idx;
    (void)hash;
    r->holds = r->holds && judge_entry(&r->judge, leaf, NULL).allow;
    return CS_SUCCESS;
}

/* Every signature verified, from genesis on, as the auditor does. */
static void auditor_agrees(struct play *p)
{
    struct reading r = {.holds = true};

    inside_commit(p->w);
    assert_int_equal(judge_init(&r.judge, JUDGE_PROVE, CORE_BED_STATE_BYTES).code, CS_OK);
    assert_int_equal(core_log_each(&p->w->core.log, 0, state_of(p)->size, read_leaf, &r).code, CS_OK);
    const struct sha256 core = state_digest(state_of(p));
    const struct sha256 read = state_digest(&r.judge.state);
    if (!r.holds || !sha256_eq(&core, &read)) {
        fail_msg("the auditor reads something else (seed %llu, round %llu)", (unsigned long long)seed,
                 (unsigned long long)p->round);
    }
    judge_release(&r.judge);
}

static void nothing_comes_of_it(struct inside *w, uint64_t round, size_t taken[WIRE_CMD_COUNT])
{
    struct play *p = calloc(1, sizeof(*p));

    assert_non_null(p);
    p->w = w;
    p->c = chance_of(seed, round);
    p->round = round;
    arena_init(&p->arena, ARENA_BYTES);
    begin(p);
    for (size_t i = 0; i < COMMANDS; i++) {
        pass_time(p);
        send_one(p);
        const char *what = wrong(p);
        if (what != NULL) {
            fail_msg("%s after %s (seed %llu, round %llu, command %zu)", what, p->last, (unsigned long long)seed,
                     (unsigned long long)round, i);
        }
    }
    for (size_t k = 0; k < WIRE_CMD_COUNT; k++) {
        taken[k] += p->taken[k];
    }
    auditor_agrees(p);
    arena_release(&p->arena);
    free(p);
    cast_forget(&w->cast);
}

static void nobody_signs_and_nothing_is_approved(void **state)
{
    size_t taken[WIRE_CMD_COUNT] = {0};
    (void)state;
    for (uint64_t round = only != UINT64_MAX ? only : 0; round < (only != UINT64_MAX ? only + 1 : ROUNDS); round++) {
        void *bed = NULL;
        assert_int_equal(core_bed_begun(&bed), 0);
        nothing_comes_of_it(bed_core(&bed), round, taken);
        assert_int_equal(core_bed_tear_down(&bed), 0);
    }
    print_message("%zu requests taken, %zu proposals, %zu freezes\n", taken[WIRE_REQUEST], taken[WIRE_PROPOSE],
                  taken[WIRE_FREEZE]);
    assert_true(only != UINT64_MAX || (taken[WIRE_REQUEST] > 0 && taken[WIRE_PROPOSE] > 0 && taken[WIRE_FREEZE] > 0));
    assert_int_equal(taken[WIRE_REDEEM] + taken[WIRE_OUTCOME] + taken[WIRE_DECISION] + taken[WIRE_GENESIS], 0);
}

/* What is looked for would be seen. */
static void a_person_who_signs_is_seen(void **state)
{
    struct inside *w = bed_core(state);
    static struct play p; /* too large for the stack */
    struct sha256 artifact;
    struct wire_command c;

    p.w = w;
    p.before = state_of(&p)->size;
    p.policy = state_of(&p)->policy_index;
    const uint64_t id = inside_request(w, &artifact);
    assert_null(wrong(&p));
    inside_decision(w, id, &c);
    (void)inside_act(w, CORE_KIOSK, &c, "ok");
    assert_string_equal(wrong(&p), "approved");
    inside_redeem(id, &artifact, &c);
    (void)inside_act(w, CORE_HTTP, &c, "ok");
    assert_string_equal(wrong(&p), "redeemed");
    cast_forget(&w->cast);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CORE_BEGUN(a_person_who_signs_is_seen),
        cmocka_unit_test(nobody_signs_and_nothing_is_approved),
    };
    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 10);
    } else if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return 1;
    }
    only = argc > 2 ? strtoull(argv[2], NULL, 10) : only;
    (void)printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
