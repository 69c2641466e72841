/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's side of one operation on a card, whose process is this file: it says what each row lets it say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "token/token_card.h"
#include "token/token_child.h"

enum { TIMEOUT_MS = 60, GIVE_UP_MS = 20000, ARENA_BYTES = 1 << 20 };

/* --- the process: what it says goes into a socket that the agent's side reads --- */

static int process_fd = -1;

CS_RESULT token_child_start(const struct token_child_body *body, struct token_child *ret_child)
{
    static const struct ipc_limits limits = {.frame_max_bytes = TOKEN_REPORT_MAX};
    int ends[2];

    (void)body;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    *ret_child = (struct token_child){.pid = 1};
    assert_int_equal(ipc_adopt(ends[0], &limits, &ret_child->conn).code, CS_OK);
    process_fd = ends[1];
    return CS_SUCCESS;
}

void token_child_end(struct token_child *c)
{
    ipc_close(&c->conn);
    (void)close(process_fd);
    process_fd = -1;
}

static void say(const struct writer *report)
{
    uint8_t head[4] = {0, 0, 0, (uint8_t)report->len};

    assert_true(report->len < 256);
    assert_int_equal(write(process_fd, head, sizeof(head)), sizeof(head));
    assert_int_equal(write(process_fd, report->p, report->len), (ssize_t)report->len);
}

/* --- the agent's loop: every time, there is one more report to read --- */

struct talk {
    enum token_stage stage; /* said again and again */
    unsigned ends_at;       /* 0: never */
    unsigned count;
    unsigned touches;
    uint64_t begin_ms;
};

static enum token_wake on_wait(void *ctx, int fd, uint64_t until_ms)
{
    struct talk *t = ctx;
    uint8_t room[512];
    struct writer w = wr_fixed(room, sizeof(room));
    const struct token_outcome busy = {.code = TOKEN_BUSY, .kind = TOKEN_KIND_PIV, .port = ""};

    (void)fd;
    (void)until_ms;
    if (token_clock_ms() - t->begin_ms > GIVE_UP_MS) {
        return TOKEN_WAKE_CANCEL; /* the deadline went by unseen: a row fails instead of going on for ever */
    }
    t->count++;
    const struct cs_result res =
        t->count == t->ends_at ? token_report_done(&busy, false, 0, &w) : token_report_stage(t->stage, &w);
    assert_int_equal(res.code, CS_OK);
    say(&w);
    return TOKEN_WAKE_READY;
}

static void on_touch(void *ctx)
{
    struct talk *t = ctx;
    t->touches++;
}

static CS_RESULT confine(void)
{
    return CS_SUCCESS;
}

static enum token_code run(struct talk *t)
{
    const struct token_command cmd = {.cmd = TOKEN_CMD_SIGN, .timeout_ms = TIMEOUT_MS};
    const struct token_device device = {.number = 7, .kind = TOKEN_KIND_PIV};
    const struct token_card_setup setup = {.confine = confine, .wait = {.wait = on_wait, .touch = on_touch, .ctx = t}};
    static const struct token_secret pin;
    struct token_outcome out;
    struct arena arena;

    arena_init(&arena, ARENA_BYTES);
    t->begin_ms = token_clock_ms();
    token_card_run(&cmd, &pin, &device, &setup, &arena, &out);
    assert_int_equal(out.sig.left, 0);
    arena_release(&arena);
    return out.code;
}

/* --- */

/* Reports without end keep nobody from seeing that the time is over. */
static void who_talks_without_end_is_ended(void **state)
{
    static const struct {
        enum token_stage stage;
        enum token_code want;
    } rows[] = {{TOKEN_STAGE_OPEN, TOKEN_BUSY},
                {TOKEN_STAGE_READ, TOKEN_TIMEOUT},
                {TOKEN_STAGE_PIN, TOKEN_TIMEOUT},
                {TOKEN_STAGE_SIGN, TOKEN_TIMEOUT},
                {TOKEN_STAGE_AFTER, TOKEN_TIMEOUT}};
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct talk t = {.stage = rows[i].stage};
        assert_int_equal(run(&t), rows[i].want);
        assert_true(t.count > 1);
        assert_true(token_clock_ms() - t.begin_ms >= TIMEOUT_MS);
    }
}

/* What ends in time counts, however much was said before. */
static void what_ends_in_time_counts(void **state)
{
    struct talk t = {.stage = TOKEN_STAGE_READ, .ends_at = 5};
    (void)state;

    assert_int_equal(run(&t), TOKEN_BUSY);
    assert_int_equal(t.count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_talks_without_end_is_ended),
        cmocka_unit_test(what_ends_in_time_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
