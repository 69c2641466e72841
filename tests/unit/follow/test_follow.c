/* SPDX-License-Identifier: Apache-2.0 */
/* A follower against a core played by the test: every way in which the stream can be right or wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <unistd.h>

#include "follow/follow.h"
#include "note/note_signed.h"
#include "support/author_log.h"

enum { STATE_BYTES = 64 << 20, STEPS = 200 };

#define SOCKET_PATH "test_follow.sock"

struct seen {
    unsigned entries;
    unsigned verified;
    unsigned lost;
    uint64_t answer;
    char code[32];
};

struct stage {
    struct author_log *log;
    int listen_fd;
    struct ipc_conn core; /* the test's side */
    struct follow f;
    struct seen seen;
    uint64_t now_ms;
};

static void on_entry(void *user, const struct entry *e, struct span leaf)
{
    struct seen *s = user;
    assert_true(leaf.left > 0);
    assert_int_equal(e->seq, s->entries);
    s->entries++;
}

static void on_verified(void *user)
{
    ((struct seen *)user)->verified++;
}

static void on_lost(void *user)
{
    ((struct seen *)user)->lost++;
}

static void on_answer(void *user, const struct wire_answer *a)
{
    struct seen *s = user;
    s->answer = a->id;
    assert_true(a->code.left < sizeof(s->code));
    memcpy(s->code, a->code.p, a->code.left);
    s->code[a->code.left] = '\0';
}

static int setup(void **state)
{
    static struct stage s;

    memset(&s, 0, sizeof(s));
    s.log = author_log_new(JUDGE_PROVE, STATE_BYTES);
    assert_non_null(s.log);
    author_log_standard(s.log);
    s.now_ms = 1000000;
    assert_int_equal(ipc_listen(SOCKET_PATH, 0600, &s.listen_fd).code, CS_OK);
    const struct follow_config config = {
        .path = SOCKET_PATH,
        .state_cap_bytes = STATE_BYTES,
        .keep_leaves = true,
        .keep_nodes = true,
        .hooks = {.entry = on_entry, .verified = on_verified, .answer = on_answer, .lost = on_lost, .user = &s.seen}};
    assert_int_equal(follow_init(&s.f, &config).code, CS_OK);
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    struct stage *s = *state;

    follow_release(&s->f);
    ipc_close(&s->core);
    (void)close(s->listen_fd);
    (void)unlink(SOCKET_PATH);
    author_log_free(s->log);
    return 0;
}

/* Steps and delivers until nothing moves any more. */
static void settle(struct stage *s)
{
    for (unsigned i = 0; i < STEPS; i++) {
        if (s->core.open) {
            const struct cs_result r = ipc_flush(&s->core);
            assert_true(r.code == CS_OK || r.code == CS_E_SHORT || r.code == CS_E_GONE);
        }
        follow_step(&s->f, s->now_ms);
    }
}

/* The follower connects and says from where it wants the log. */
static void meet(struct stage *s, uint64_t want_from)
{
    const struct ipc_limits limits = {.out_max_bytes = 64 << 20};
    struct arena arena;
    struct span frame = SPAN_NONE;
    struct wire_command c = {0};

    ipc_close(&s->core);
    follow_step(&s->f, s->now_ms);
    assert_int_equal(ipc_accept(s->listen_fd, &limits, &s->core).code, CS_OK);
    assert_int_equal(ipc_receive(&s->core, 1000, &frame).code, CS_OK);
    arena_init(&arena, 1 << 16);
    assert_int_equal(wire_command_decode(frame, &arena, &c).code, CS_OK);
    assert_int_equal(c.cmd, WIRE_FOLLOW);
    assert_int_equal(c.from, want_from);
    arena_release(&arena);
}

/* What a checkpoint says; other than the log's own on demand. */
struct says {
    uint64_t size;
    bool other_root;
    bool other_key;
    const char *origin;
};

static void checkpoint(struct stage *s, struct says says, struct writer *w)
{
    struct judge *j = author_log_judge(s->log);
    const char *origin = says.origin != NULL ? says.origin : AUTHOR_ORIGIN;
    AUTO_WRITER text = wr_heap(1024);
    uint8_t sig[64];
    uint8_t key[NOTE_KEY_BYTES];
    struct note_checkpoint c = {.origin = span_str(origin), .size = says.size};

    if (says.size == j->state.size) {
        c.root = judge_root(j);
    } else {
        c.root = *state_head(&j->state, says.size);
    }
    c.root.b[3] ^= says.other_root ? 1 : 0;
    note_checkpoint_write(&text, &c);
    assert_int_equal(author_log_sign(s->log, wr_span(&text), sig).code, CS_OK);
    sig[5] ^= says.other_key ? 1 : 0;
    memcpy(key, author_log_key(s->log).p, sizeof(key));
    const struct note_key k = note_key_make(span_str(origin), NOTE_KEY_ED25519, key);
    note_write_text(w, wr_span(&text));
    note_write_signature(w, &k, SPAN_OF(sig));
    assert_int_equal(wr_end(w, "note").code, CS_OK);
}

static void send_head(struct stage *s, const struct wire_batch *b)
{
    AUTO_WRITER w = wr_heap(1 << 16);
    assert_int_equal(wire_batch_encode(b, &w).code, CS_OK);
    assert_int_equal(ipc_queue(&s->core, wr_span(&w)).code, CS_OK);
}

static void send_leaves(struct stage *s, uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        assert_int_equal(ipc_queue(&s->core, author_log_leaf(s->log, i)).code, CS_OK);
    }
}

/* Leaves first..size-1 with a checkpoint that says this. */
static void send_batch(struct stage *s, uint64_t first, struct says says)
{
    AUTO_WRITER note = wr_heap(WIRE_NOTE_MAX);
    checkpoint(s, says, &note);
    const struct wire_batch b = {
        .count = says.size - first, .first = first, .note = wr_span(&note), .time_ms = author_log_now(s->log)};
    send_head(s, &b);
    send_leaves(s, first, says.size - first);
}

static void follows_and_believes(void **state)
{
    struct stage *s = *state;
    const uint64_t size = author_log_size(s->log);

    meet(s, 0);
    send_batch(s, 0, (struct says){.size = size});
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_LIVE);
    assert_int_equal(s->f.verified, size);
    assert_int_equal(s->seen.entries, size);
    assert_int_equal(s->seen.verified, 1);
    assert_int_equal(s->f.core_time_ms, author_log_now(s->log));
    const struct sha256 root = judge_root(&s->f.judge);
    const struct sha256 want = judge_root(author_log_judge(s->log));
    assert_true(sha256_eq(&root, &want));

    static uint8_t buf[MODEL_LEAF_MAX];
    struct span leaf = SPAN_NONE;
    assert_int_equal(follow_spool_read(&s->f.spool, size - 1, buf, sizeof(buf), &leaf).code, CS_OK);
    assert_true(span_eq(leaf, author_log_leaf(s->log, size - 1)));
    struct merkle_proof proof;
    const struct sha256 hash = merkle_leaf(leaf);
    assert_int_equal(merkle_nodes_inclusion(&s->f.nodes, size - 1, size, &proof).code, CS_OK);
    assert_int_equal(merkle_check_inclusion(size - 1, size, &hash, &proof, &want).code, CS_OK);
}

static void is_behind_until_a_checkpoint_comes(void **state)
{
    struct stage *s = *state;
    const uint64_t size = author_log_size(s->log);
    const struct wire_batch b = {.count = size - 1, .first = 0};

    meet(s, 0);
    assert_int_equal(s->f.state, FOLLOW_BEHIND);
    send_head(s, &b);
    send_leaves(s, 0, size - 1);
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_BEHIND);
    assert_int_equal(s->f.verified, 0);
    assert_int_equal(s->seen.verified, 0);
    send_batch(s, size - 1, (struct says){.size = size});
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_LIVE);
    assert_int_equal(s->f.verified, size);
}

static void an_empty_log_is_live(void **state)
{
    struct stage *s = *state;
    const struct wire_batch b = {.time_ms = 5};

    meet(s, 0);
    send_head(s, &b);
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_LIVE);
    assert_int_equal(s->f.judge.state.size, 0);
    assert_int_equal(s->seen.verified, 1);
}

static void reconnects_where_it_stopped(void **state)
{
    struct stage *s = *state;
    const uint64_t size = author_log_size(s->log);

    meet(s, 0);
    const struct wire_batch b = {.count = 5, .first = 0};
    send_head(s, &b);
    send_leaves(s, 0, 3); /* and the core dies */
    settle(s);
    ipc_close(&s->core);
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_LOST);
    assert_int_equal(follow_fd(&s->f), -1);
    assert_int_equal(s->seen.lost, 1);
    assert_true(follow_wake_ms(&s->f) > s->now_ms);
    follow_step(&s->f, s->now_ms);
    assert_int_equal(s->f.state, FOLLOW_LOST); /* not before its time */
    s->now_ms = follow_wake_ms(&s->f);
    meet(s, 3);
    send_batch(s, 3, (struct says){.size = size});
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_LIVE);
    assert_int_equal(s->seen.entries, size);
}

static void waits_longer_each_time_without_a_core(void **state)
{
    struct stage *s = *state;
    uint64_t before = 0;

    (void)close(s->listen_fd);
    (void)unlink(SOCKET_PATH);
    for (unsigned i = 0; i < 10; i++) {
        follow_step(&s->f, s->now_ms);
        const uint64_t wait = follow_wake_ms(&s->f) - s->now_ms;
        assert_true(wait >= before && wait > 0 && wait <= 5000);
        before = wait;
        s->now_ms += wait;
    }
    assert_int_equal(before, 5000);
    assert_int_equal(s->seen.lost, 0); /* nothing was there to lose */
    assert_int_equal(ipc_listen(SOCKET_PATH, 0600, &s->listen_fd).code, CS_OK);
}

static void a_silent_core_is_lost(void **state)
{
    struct stage *s = *state;

    meet(s, 0);
    settle(s);
    assert_int_not_equal(follow_fd(&s->f), -1);
    s->now_ms = follow_wake_ms(&s->f) - 1;
    follow_step(&s->f, s->now_ms);
    assert_int_equal(s->f.state, FOLLOW_BEHIND);
    s->now_ms++;
    follow_step(&s->f, s->now_ms);
    assert_int_equal(s->f.state, FOLLOW_LOST);
}

static void expect_broken(struct stage *s, const char *why)
{
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_BROKEN);
    assert_string_equal(s->f.why, why);
    assert_int_equal(s->f.verified, 0);
    assert_int_equal(s->seen.verified, 0);
    assert_int_equal(follow_fd(&s->f), -1);
    assert_true(follow_wake_ms(&s->f) == UINT64_MAX);
    uint64_t id = 0;
    const struct wire_command c = {.cmd = WIRE_BEGIN};
    assert_int_equal(follow_send(&s->f, &c, &id).code, CS_E_STATE);
}

#define NO_MATCH "the core's log does not match its checkpoint"

static void another_root_breaks(void **state)
{
    struct stage *s = *state;
    meet(s, 0);
    send_batch(s, 0, (struct says){.size = author_log_size(s->log), .other_root = true});
    expect_broken(s, NO_MATCH);
}

static void another_key_breaks(void **state)
{
    struct stage *s = *state;
    meet(s, 0);
    send_batch(s, 0, (struct says){.size = author_log_size(s->log), .other_key = true});
    expect_broken(s, NO_MATCH);
}

static void another_origin_breaks(void **state)
{
    struct stage *s = *state;
    meet(s, 0);
    send_batch(s, 0, (struct says){.size = author_log_size(s->log), .origin = "elsewhere.example/log1"});
    expect_broken(s, NO_MATCH);
}

static void a_checkpoint_of_another_size_breaks(void **state)
{
    struct stage *s = *state;
    const uint64_t size = author_log_size(s->log);
    AUTO_WRITER note = wr_heap(WIRE_NOTE_MAX);

    meet(s, 0);
    checkpoint(s, (struct says){.size = size - 1}, &note);
    const struct wire_batch b = {.count = size, .first = 0, .note = wr_span(&note)};
    send_head(s, &b);
    send_leaves(s, 0, size);
    expect_broken(s, NO_MATCH);
}

static void a_changed_leaf_breaks(void **state)
{
    struct stage *s = *state;
    const uint64_t size = author_log_size(s->log);
    AUTO_WRITER note = wr_heap(WIRE_NOTE_MAX);
    AUTO_WRITER leaf = wr_heap(MODEL_LEAF_MAX);

    meet(s, 0);
    checkpoint(s, (struct says){.size = size}, &note);
    const struct wire_batch b = {.count = size, .first = 0, .note = wr_span(&note)};
    send_head(s, &b);
    send_leaves(s, 0, size - 1);
    /* still canonical: one digit of the time is another */
    const struct span last = author_log_leaf(s->log, size - 1);
    wr_bytes(&leaf, last);
    uint8_t *at = memmem(leaf.p, leaf.len, "\"time\":\"2026-", 13);
    assert_non_null(at);
    at[8 + 20] = '9'; /* the first digit of the milliseconds */
    assert_int_equal(ipc_queue(&s->core, wr_span(&leaf)).code, CS_OK);
    expect_broken(s, NO_MATCH);
}

static void a_left_out_leaf_breaks(void **state)
{
    struct stage *s = *state;
    const uint64_t size = author_log_size(s->log);
    const struct wire_batch b = {.count = size - 1, .first = 0};

    meet(s, 0);
    send_head(s, &b);
    send_leaves(s, 0, 3);
    send_leaves(s, 4, 1);
    expect_broken(s, "the core's log holds an entry that must be refused");
    assert_int_equal(s->f.verdict.reason, REASON_WRONG_SEQ);
}

static void a_shorter_log_breaks(void **state)
{
    struct stage *s = *state;
    const uint64_t size = author_log_size(s->log);
    const struct wire_batch b = {.first = size - 1};

    meet(s, 0);
    send_batch(s, 0, (struct says){.size = size});
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_LIVE);
    ipc_close(&s->core);
    settle(s);
    s->now_ms = follow_wake_ms(&s->f);
    meet(s, size);
    send_head(s, &b);
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_BROKEN);
    assert_string_equal(s->f.why, "the core's log is shorter than what was read before");
}

static void nonsense_ends_the_connection_only(void **state)
{
    struct stage *s = *state;

    meet(s, 0);
    assert_int_equal(ipc_queue(&s->core, SPAN_LIT("{\"batch\":{")).code, CS_OK);
    settle(s);
    assert_int_equal(s->f.state, FOLLOW_LOST);
    s->now_ms = follow_wake_ms(&s->f);
    meet(s, 0);
}

static void answers_find_their_command(void **state)
{
    struct stage *s = *state;
    const struct wire_command c = {.cmd = WIRE_BEGIN};
    struct span frame = SPAN_NONE;
    uint64_t id = 0;
    uint64_t second = 0;
    AUTO_WRITER w = wr_heap(4096);

    assert_int_equal(follow_send(&s->f, &c, &id).code, CS_E_STATE); /* not connected yet */
    meet(s, 0);
    assert_int_equal(follow_send(&s->f, &c, &id).code, CS_OK);
    assert_int_equal(follow_send(&s->f, &c, &second).code, CS_OK);
    assert_int_not_equal(id, second);
    assert_true((follow_events(&s->f) & POLLOUT) != 0);
    settle(s);
    assert_int_equal(follow_events(&s->f), POLLIN);
    assert_int_equal(ipc_receive(&s->core, 1000, &frame).code, CS_OK);
    const struct wire_answer a = {.id = second, .code = SPAN_LIT("busy")};
    assert_int_equal(wire_answer_encode(&a, &w).code, CS_OK);
    assert_int_equal(ipc_queue(&s->core, wr_span(&w)).code, CS_OK);
    settle(s);
    assert_int_equal(s->seen.answer, second);
    assert_string_equal(s->seen.code, "busy");
}

static void a_sealed_core_says_why(void **state)
{
    struct stage *s = *state;
    const struct wire_batch b = {.sealed = true, .why = SPAN_LIT("The log is behind.")};

    meet(s, 0);
    send_head(s, &b);
    settle(s);
    assert_true(s->f.sealed);
    assert_string_equal(s->f.sealed_why, "The log is behind.");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(follows_and_believes),
        TEST(is_behind_until_a_checkpoint_comes),
        TEST(an_empty_log_is_live),
        TEST(reconnects_where_it_stopped),
        TEST(waits_longer_each_time_without_a_core),
        TEST(a_silent_core_is_lost),
        TEST(another_root_breaks),
        TEST(another_key_breaks),
        TEST(another_origin_breaks),
        TEST(a_checkpoint_of_another_size_breaks),
        TEST(a_changed_leaf_breaks),
        TEST(a_left_out_leaf_breaks),
        TEST(a_shorter_log_breaks),
        TEST(nonsense_ends_the_connection_only),
        TEST(answers_find_their_command),
        TEST(a_sealed_core_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
