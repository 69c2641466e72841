/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask for what, and peers that break the rules, do not read, or are somebody else. R-D8 */
#include "core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const sockets[RIG_PEERS] = {"http.sock", "kiosk.sock", "operator.sock"};
static const char *const actors[RIG_PEERS] = {"system:http", "system:kiosk", "system:operator"};

static int setup(void **state)
{
    static struct rig r;
    rig_init(&r);
    rig_start(&r);
    rig_genesis(&r);
    *state = &r;
    return 0;
}

static int teardown(void **state)
{
    rig_release(*state);
    return 0;
}

static void dial(struct rig *r, enum rig_who who, struct ipc_conn *c)
{
    const struct ipc_limits limits = {.out_max_bytes = 64 << 20};
    char path[RIG_PATH_MAX];

    (void)snprintf(path, sizeof(path), "%.*s/%s", RIG_PATH_MAX - 32, r->run, sockets[who]);
    assert_int_equal(ipc_connect(path, &limits, c).code, CS_OK);
}

/* --- the permit tables --- */

#define HEX64 "abababababababababababababababababababababababababababababababab"
#define AT    "2026-01-02T03:04:05.678Z"
#define B37   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct {
    enum wire_cmd cmd;
    bool may[RIG_PEERS];
    const char *frame;
} table[] = {
    {WIRE_FOLLOW, {true, true, true}, "{\"cmd\":\"follow\",\"from\":0}"},
    {WIRE_REQUEST,
     {true, false, false},
     "{\"body\":\"{}\",\"client\":\"ci\",\"cmd\":\"request\",\"id\":1,\"ip\":\"::1\",\"key\":\"k\"}"},
    {WIRE_WITHDRAW,
     {true, false, false},
     "{\"client\":\"ci\",\"cmd\":\"withdraw\",\"id\":1,\"ip\":\"::1\",\"reason\":\"\",\"request\":5}"},
    {WIRE_WITHDRAW,
     {false, true, false},
     "{\"cmd\":\"withdraw\",\"id\":1,\"kiosk\":\"rack-3\",\"reason\":\"\",\"request\":5}"},
    {WIRE_REDEEM,
     {true, false, false},
     "{\"client\":\"ci\",\"cmd\":\"redeem\",\"id\":1,\"ip\":\"::1\",\"presented\":{\"artifacts\":[]},\"request\":5}"},
    {WIRE_OUTCOME,
     {true, false, false},
     "{\"client\":\"ci\",\"cmd\":\"outcome\",\"finished\":\"" AT "\",\"id\":1,\"incident\":\"\",\"ip\":\"::1\","
     "\"request\":5,\"result\":\"failed\",\"started\":\"" AT "\"}"},
    {WIRE_ACCESS,
     {true, false, false},
     "{\"actor\":\"client:ci\",\"cmd\":\"access\",\"code\":\"unknown_client\",\"count\":1,\"id\":1}"},
    {WIRE_ACCESS,
     {false, true, false},
     "{\"actor\":\"person:dan\",\"cmd\":\"access\",\"code\":\"pin_wrong\",\"count\":1,\"id\":1}"},
    {WIRE_ACCESS,
     {false, false, false},
     "{\"actor\":\"system:core\",\"cmd\":\"access\",\"code\":\"pin_wrong\",\"count\":1,\"id\":1}"},
    {WIRE_BEGIN, {false, true, false}, "{\"cmd\":\"begin\",\"id\":1}"},
    {WIRE_DECISION,
     {false, true, false},
     "{\"auth_data\":\"" B37 "\",\"cmd\":\"decision\",\"id\":1,\"kiosk\":\"k1\",\"port\":\"\",\"sig\":\"AQID\","
     "\"statement\":\"{}\"}"},
    {WIRE_PROPOSE, {false, true, true}, "{\"cmd\":\"propose\",\"content\":\"{}\",\"id\":1,\"kind\":\"roster\"}"},
    {WIRE_PROPOSAL, {false, true, false}, "{\"cmd\":\"proposal\",\"id\":1}"},
    {WIRE_GENESIS,
     {false, true, false},
     "{\"cmd\":\"genesis\",\"id\":1,\"kiosk\":\"k1\",\"signatures\":[],\"statement\":\"{}\"}"},
};

static void every_peer_tries_every_command(void **state)
{
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        for (size_t who = 0; who < RIG_PEERS; who++) {
            AUTO_IPC_CONN c = {0};
            struct span frame = SPAN_NONE;
            dial(r, (enum rig_who)who, &c);
            const struct cs_result res = ipc_call(&c, span_str(table[i].frame), RIG_WAIT_MS, &frame);
            if (res.code != (table[i].may[who] ? CS_OK : CS_E_GONE)) {
                fail_msg("%s on %s: %s", wire_cmd_text(table[i].cmd), sockets[who], cs_code_name(res.code));
            }
        }
    }
    rig_pump(r, 50);
    assert_true(rig_has_access(r, 0, "not_permitted", 0));
    assert_true(rig_has_access(r, 0, "pin_wrong", 0));
}

static void an_overstep_names_its_peer(void **state)
{
    struct rig *r = *state;

    for (size_t who = 0; who < RIG_PEERS; who++) {
        const uint64_t size = r->peer[RIG_KIOSK].f.judge.state.size;
        AUTO_IPC_CONN c = {0};
        struct entry e;
        dial(r, (enum rig_who)who, &c);
        assert_int_equal(ipc_send(&c, SPAN_LIT("{\"cmd\":\"approve\",\"id\":1}"), RIG_WAIT_MS).code, CS_OK);
        rig_sync(r, RIG_KIOSK, size + 1);
        rig_entry(r, size, &e);
        assert_int_equal(e.type, ENTRY_ACCESS);
        assert_true(span_is(e.actor, actors[who]));
    }
}

/* --- frames --- */

#define ROW(lit)                                                                                                       \
    {                                                                                                                  \
        (const uint8_t *)(lit), sizeof(lit) - 1                                                                        \
    }
static const struct span broken[] = {
    ROW("\0\0\0\0"),                                   /* a frame of nothing */
    ROW("\xff\xff\xff\xff"),                           /* a frame of four gigabytes */
    ROW("\0\x10\0\1"),                                 /* one byte past the longest */
    ROW("\0\0\0\1x"),                                  /* no JSON */
    ROW("\0\0\0\2[]"),                                 /* no object */
    ROW("\0\0\0\2{}"),                                 /* no command */
    ROW("\0\0\0\x16{\"id\":1,\"cmd\":\"begin\"}"),     /* members out of order */
    ROW("\0\0\0\x18{\"cmd\":\"begin\",\"id\":\"1\"}"), /* a number as text */
};

static void broken_frames_end_their_connection_only(void **state)
{
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        AUTO_IPC_CONN c = {0};
        struct span frame = SPAN_NONE;
        dial(r, RIG_KIOSK, &c);
        assert_int_equal(send(c.fd, broken[i].p, broken[i].left, 0), broken[i].left);
        const struct cs_result res = ipc_receive(&c, RIG_WAIT_MS, &frame);
        if (res.code != CS_E_GONE) {
            fail_msg("row %zu: %s", i, cs_code_name(res.code));
        }
    }
    (void)rig_begin(r); /* the kiosk of before goes on */
    assert_int_equal(r->peer[RIG_KIOSK].lost, 0);
}

static void a_cut_frame_waits(void **state)
{
    struct rig *r = *state;
    AUTO_IPC_CONN c = {0};
    struct span frame = SPAN_NONE;

    dial(r, RIG_KIOSK, &c);
    for (const char *p = "\0\0\0\x16{\"cmd\":\"begin\",\"id\":7}", *end = p + 4 + 0x16; p < end; p++) {
        assert_int_equal(send(c.fd, p, 1, 0), 1);
        (void)usleep(500);
    }
    assert_int_equal(ipc_receive(&c, RIG_WAIT_MS, &frame).code, CS_OK);
    assert_true(span_starts(frame, SPAN_LIT("{\"answer\":7,\"code\":\"ok\"")));
}

static void following_twice_ends_it(void **state)
{
    struct rig *r = *state;
    const struct wire_command c = {.cmd = WIRE_FOLLOW, .from = 0};

    (void)rig_send(r, RIG_HTTP, &c);
    rig_wait_lost(r, RIG_HTTP, 1);
    rig_sync(r, RIG_HTTP, 2); /* it comes back by itself */
}

/* --- followers --- */

static void past_the_end_is_told_the_end(void **state)
{
    struct rig *r = *state;
    AUTO_IPC_CONN c = {0};
    struct span frame = SPAN_NONE;
    struct wire_batch b = {0};
    struct arena arena;

    dial(r, RIG_OPERATOR, &c);
    arena_init(&arena, 1 << 20);
    assert_int_equal(ipc_call(&c, SPAN_LIT("{\"cmd\":\"follow\",\"from\":1000000}"), RIG_WAIT_MS, &frame).code, CS_OK);
    assert_int_equal(wire_batch_decode(frame, &arena, &b).code, CS_OK);
    assert_int_equal(b.first, 2);
    assert_int_equal(b.count, 0);
    assert_true(b.note.left > 0);
    arena_release(&arena);
}

static void the_core_shows_that_it_lives(void **state)
{
    struct rig *r = *state;
    const uint64_t before = r->peer[RIG_HTTP].f.core_time_ms;

    rig_pump(r, 5500);
    assert_true(r->peer[RIG_HTTP].f.core_time_ms >= before + 4000);
    assert_int_equal(r->peer[RIG_HTTP].f.state, FOLLOW_LIVE);
}

static size_t rss_kib(pid_t pid)
{
    char path[64];
    char line[256];
    size_t kib = 0;

    (void)snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kib = strtoul(line + 6, NULL, 10);
        }
    }
    (void)fclose(f);
    return kib;
}

/* Sends `count` requests at once and waits for the last answer. */
static void flood(struct rig *r, unsigned count)
{
    uint64_t id = 0;

    for (unsigned i = 0; i < count; i++) {
        AUTO_WRITER body = wr_heap(4096);
        char key[32];
        rig_body("staging", 1000 + i, &body);
        (void)snprintf(key, sizeof(key), "flood-%u", i);
        const struct wire_command c = {.cmd = WIRE_REQUEST,
                                       .client = SPAN_LIT("ci"),
                                       .ip = SPAN_LIT("192.0.2.7"),
                                       .request = {.body = wr_span(&body), .key = span_str(key)}};
        id = rig_send(r, RIG_HTTP, &c);
        if (i % 64 == 63) {
            (void)rig_wait(r, RIG_HTTP, id);
        }
    }
    assert_string_equal(rig_wait(r, RIG_HTTP, id).code, "ok");
}

static void a_slow_follower_holds_nobody_up(void **state)
{
    enum { MANY = 4096 };
    struct rig *r = *state;
    AUTO_IPC_CONN slow = {0};
    struct span frame = SPAN_NONE;
    uint64_t next = 0;
    uint64_t due = 0;
    struct arena arena;

    dial(r, RIG_OPERATOR, &slow);
    assert_int_equal(ipc_send(&slow, SPAN_LIT("{\"cmd\":\"follow\",\"from\":0}"), RIG_WAIT_MS).code, CS_OK);
    const size_t before = rss_kib(r->pid);
    flood(r, MANY); /* it reads nothing of it */
    rig_sync(r, RIG_KIOSK, 2 + MANY);
    if (!RIG_SANITIZED) { /* a sanitizer keeps what was freed */
        assert_true(rss_kib(r->pid) < before + (64U << 10));
    }

    arena_init(&arena, 1 << 20);
    while (next < 2 + MANY) { /* and then it reads, and nothing is missing */
        assert_int_equal(ipc_receive(&slow, RIG_WAIT_MS, &frame).code, CS_OK);
        if (due > 0) {
            due--;
            next++;
            continue;
        }
        struct wire_batch b = {0};
        assert_int_equal(wire_batch_decode(frame, &arena, &b).code, CS_OK);
        assert_int_equal(b.first, next);
        due = b.count;
        arena_reset(&arena);
    }
    arena_release(&arena);
}

static void who_never_reads_answers_is_ended(void **state)
{
    struct rig *r = *state;
    AUTO_IPC_CONN c = {0};
    struct cs_result res = CS_SUCCESS;

    dial(r, RIG_KIOSK, &c);
    for (unsigned i = 0; i < 400000 && res.code == CS_OK; i++) {
        res = ipc_send(&c, SPAN_LIT("{\"cmd\":\"proposal\",\"id\":1}"), RIG_WAIT_MS);
    }
    assert_int_equal(res.code, CS_E_GONE);
    (void)rig_begin(r);
}

static void too_many_nonces_are_busy(void **state)
{
    struct rig *r = *state;
    const struct wire_command c = {.cmd = WIRE_BEGIN};
    unsigned given = 0;

    for (unsigned i = 0; i < 1100; i++) {
        const struct rig_answer a = rig_ask(r, RIG_KIOSK, &c);
        if (strcmp(a.code, "ok") != 0) {
            assert_string_equal(a.code, "busy");
            break;
        }
        given++;
    }
    assert_int_equal(given, 1024);
}

/* --- users --- */

static int setup_other_user(void **state)
{
    static struct rig r;
    rig_init(&r);
    r.args[0] = "--http";
    r.args[1] = "nobody";
    rig_spawn(&r);
    *state = &r;
    return 0;
}

static void a_socket_is_for_its_user(void **state)
{
    struct rig *r = *state;
    AUTO_IPC_CONN c = {0};
    AUTO_IPC_CONN d = {0};
    struct span frame = SPAN_NONE;

    dial(r, RIG_HTTP, &c);
    const struct cs_result other = ipc_call(&c, SPAN_LIT("{\"cmd\":\"follow\",\"from\":0}"), RIG_WAIT_MS, &frame);
    assert_true(other.code == CS_E_GONE || other.code == CS_E_IO);
    dial(r, RIG_OPERATOR, &d);
    assert_int_equal(ipc_call(&d, SPAN_LIT("{\"cmd\":\"follow\",\"from\":0}"), RIG_WAIT_MS, &frame).code, CS_OK);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        TEST(every_peer_tries_every_command),
        TEST(an_overstep_names_its_peer),
        TEST(broken_frames_end_their_connection_only),
        TEST(a_cut_frame_waits),
        TEST(following_twice_ends_it),
        TEST(past_the_end_is_told_the_end),
        TEST(the_core_shows_that_it_lives),
        TEST(a_slow_follower_holds_nobody_up),
        TEST(who_never_reads_answers_is_ended),
        TEST(too_many_nonces_are_busy),
        cmocka_unit_test_setup_teardown(a_socket_is_for_its_user, setup_other_user, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
