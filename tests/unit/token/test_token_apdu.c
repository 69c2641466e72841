/* SPDX-License-Identifier: Apache-2.0 */
/* Recorded and faulty answers against the exchange of APDUs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "token/token_apdu.h"

enum { STEPS_MAX = 8 };

/* What the card must be sent, and what it answers. n == 0: nothing comes, `code` is why. */
struct step {
    const char *sent;
    size_t sent_n;
    const char *answer;
    size_t n;
    enum token_code code;
};
#define STEP(s, a)                                                                                                     \
    {                                                                                                                  \
        .sent = (s), .sent_n = sizeof(s) - 1, .answer = (a), .n = sizeof(a) - 1, .code = TOKEN_OK                      \
    }
#define STEP_FAILS(s, c)                                                                                               \
    {                                                                                                                  \
        .sent = (s), .sent_n = sizeof(s) - 1, .code = (c)                                                              \
    }

struct script {
    const struct step *steps;
    size_t at;
};

static enum token_code play(void *ctx, struct span command, uint8_t *answer, size_t cap, size_t *ret_n)
{
    struct script *s = ctx;
    const struct step *step = &s->steps[s->at];

    assert_non_null(step->sent); /* else one command too many */
    s->at++;
    if (!span_eq(command, span_make(step->sent, step->sent_n))) {
        fail_msg("step %zu: %zu bytes, not those of the script", s->at, command.left);
    }
    assert_true(step->n <= cap);
    memcpy(answer, step->n > 0 ? step->answer : "", step->n);
    *ret_n = step->n;
    return step->code;
}

#define GET      "\x00\xcb\x3f\xff\x01\x5c"
#define GET_LE   GET "\x00"
#define REST(le) "\x00\xc0\x00\x00" le

static const struct row {
    const char *name;
    struct step steps[STEPS_MAX];
    bool t0;
    enum token_code want;
    unsigned sw;
    const char *data;
} rows[] = {
    {"data at once", {STEP(GET_LE, "ab\x90\x00")}, false, TOKEN_OK, 0x9000, "ab"},
    {"a refusal", {STEP(GET_LE, "\x6a\x82")}, false, TOKEN_OK, 0x6a82, ""},
    {"more", {STEP(GET_LE, "ab\x61\x02"), STEP(REST("\x02"), "cd\x90\x00")}, false, TOKEN_OK, 0x9000, "abcd"},
    {"much more",
     {STEP(GET_LE, "ab\x61\x00"), STEP(REST("\x00"), "cd\x61\x01"), STEP(REST("\x01"), "e\x90\x00")},
     false,
     TOKEN_OK,
     0x9000,
     "abcde"},
    {"more without data at first",
     {STEP(GET_LE, "\x61\x02"), STEP(REST("\x02"), "cd\x90\x00")},
     false,
     TOKEN_OK,
     0x9000,
     "cd"},
    {"more, then refused", {STEP(GET_LE, "ab\x61\x02"), STEP(REST("\x02"), "\x6f\x00")}, false, TOKEN_OK, 0x6f00, "ab"},
    {"another Le", {STEP(GET_LE, "\x6c\x02"), STEP(GET "\x02", "ab\x90\x00")}, false, TOKEN_OK, 0x9000, "ab"},
    {"another Le for the rest",
     {STEP(GET_LE, "ab\x61\x05"), STEP(REST("\x05"), "\x6c\x02"), STEP(REST("\x02"), "cd\x90\x00")},
     false,
     TOKEN_OK,
     0x9000,
     "abcd"},
    {"another Le twice", {STEP(GET_LE, "\x6c\x02"), STEP(GET "\x02", "\x6c\x03")}, false, TOKEN_FAILED, 0, NULL},
    {"another Le, but data", {STEP(GET_LE, "x\x6c\x02")}, false, TOKEN_FAILED, 0, NULL},
    {"T=0: no Le behind data", {STEP(GET, "\x61\x02"), STEP(REST("\x02"), "ab\x90\x00")}, true, TOKEN_OK, 0x9000, "ab"},
    {"T=0: no Le to change", {STEP(GET, "\x6c\x02")}, true, TOKEN_FAILED, 0, NULL},
    {"nothing", {STEP(GET_LE, "")}, false, TOKEN_FAILED, 0, NULL},
    {"one byte", {STEP(GET_LE, "\x90")}, false, TOKEN_FAILED, 0, NULL},
    {"gone", {STEP_FAILS(GET_LE, TOKEN_REMOVED)}, false, TOKEN_REMOVED, 0, NULL},
    {"gone in the middle",
     {STEP(GET_LE, "ab\x61\x02"), STEP_FAILS(REST("\x02"), TOKEN_READER)},
     false,
     TOKEN_READER,
     0,
     NULL},
};

static void answer_rows(void **state)
{
    const struct token_apdu apdu = {.ins = 0xcb, .p1 = 0x3f, .p2 = 0xff, .data = SPAN_LIT("\x5c")};
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script s = {.steps = rows[i].steps};
        const struct token_link link = {.transmit = play, .ctx = &s, .t0 = rows[i].t0};
        AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
        uint16_t sw = 7;
        const enum token_code got = token_apdu_exchange(&link, &apdu, &answer, &sw);
        if (got != rows[i].want || sw != (got == TOKEN_OK ? rows[i].sw : 7)) {
            fail_msg("%s: %s %04x", rows[i].name, token_code_word(got), sw);
        }
        if (got == TOKEN_OK && !span_is(wr_span(&answer), rows[i].data)) {
            fail_msg("%s: %.*s", rows[i].name, (int)answer.len, (const char *)answer.p);
        }
        assert_null(rows[i].steps[s.at].sent); /* all of it was played */
    }
}

/* --- commands in parts --- */

struct chain {
    uint8_t data[TOKEN_APDU_DATA_MAX];
    size_t len;
    unsigned parts;
    unsigned refuse_at; /* 0: none */
    bool early;         /* says something before the command is whole */
    bool ended;
};

static enum token_code collect(void *ctx, struct span command, uint8_t *answer, size_t cap, size_t *ret_n)
{
    struct chain *c = ctx;
    const size_t n = command.p[4];

    assert_false(c->ended);
    assert_true(command.p[0] == 0x10 || command.p[0] == 0);
    c->ended = command.p[0] == 0;
    assert_int_equal(command.left, 5 + n + (c->ended ? 1u : 0u));
    assert_true(n == 255 || c->ended);
    memcpy(c->data + c->len, command.p + 5, n);
    c->len += n;
    c->parts++;
    assert_true(cap >= 3);
    const bool refused = c->parts == c->refuse_at;
    answer[0] = 'x';
    answer[1] = refused ? 0x68 : 0x90;
    answer[2] = refused ? 0x84 : 0x00;
    *ret_n = 3;
    if (!c->early && !c->ended) {
        memmove(answer, answer + 1, 2);
        *ret_n = 2;
    }
    return TOKEN_OK;
}

static enum token_code send_long(struct chain *c, size_t n, uint16_t *sw)
{
    static uint8_t data[TOKEN_APDU_DATA_MAX + 1];
    const struct token_link link = {.transmit = collect, .ctx = c};
    const struct token_apdu apdu = {.ins = 0x87, .p1 = 0x07, .p2 = 0x9c, .data = span_make(data, n)};
    AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);

    for (size_t i = 0; i < n; i++) {
        data[i] = (uint8_t)(i * 7 + i / 255);
    }
    const enum token_code code = token_apdu_exchange(&link, &apdu, &answer, sw);
    assert_memory_equal(c->data, data, c->len);
    return code;
}

static void commands_in_parts(void **state)
{
    static const struct {
        size_t n;
        unsigned parts;
    } lengths[] = {{1, 1}, {255, 1}, {256, 2}, {510, 2}, {511, 3}, {TOKEN_APDU_DATA_MAX, 5}};
    (void)state;

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct chain c = {.len = 0};
        uint16_t sw = 0;
        assert_int_equal(send_long(&c, lengths[i].n, &sw), TOKEN_OK);
        assert_int_equal(sw, 0x9000);
        assert_int_equal(c.parts, lengths[i].parts);
        assert_int_equal(c.len, lengths[i].n);
    }
}

static void a_part_that_is_refused_is_the_last(void **state)
{
    struct chain c = {.refuse_at = 2};
    uint16_t sw = 0;
    (void)state;

    assert_int_equal(send_long(&c, 600, &sw), TOKEN_OK);
    assert_int_equal(sw, 0x6884);
    assert_int_equal(c.parts, 2);
}

static void chain_limits(void **state)
{
    struct chain early = {.early = true};
    struct chain untouched = {.len = 0};
    uint16_t sw = 0;
    (void)state;

    assert_int_equal(send_long(&early, 600, &sw), TOKEN_FAILED); /* data before all was said */
    assert_int_equal(send_long(&untouched, TOKEN_APDU_DATA_MAX + 1, &sw), TOKEN_FAILED);
    assert_int_equal(untouched.parts, 0);
}

/* --- a card that goes on and on --- */

struct flood {
    size_t bytes; /* in each answer */
    unsigned rounds;
};

static enum token_code flood(void *ctx, struct span command, uint8_t *answer, size_t cap, size_t *ret_n)
{
    struct flood *f = ctx;

    (void)command;
    assert_true(f->bytes + 2 <= cap);
    memset(answer, 'x', f->bytes);
    answer[f->bytes] = 0x61;
    answer[f->bytes + 1] = 0xff;
    *ret_n = f->bytes + 2;
    f->rounds++;
    return TOKEN_OK;
}

static void endless_answers_end(void **state)
{
    static const size_t bytes[] = {0, 1, 256};
    const struct token_apdu apdu = {.ins = 0xcb};
    (void)state;

    for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
        struct flood f = {.bytes = bytes[i]};
        const struct token_link link = {.transmit = flood, .ctx = &f};
        AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
        uint16_t sw = 7;
        assert_int_equal(token_apdu_exchange(&link, &apdu, &answer, &sw), TOKEN_FAILED);
        assert_int_equal(sw, 7);
        assert_true(f.rounds <= TOKEN_APDU_ROUNDS_MAX + 1);
        assert_true(answer.len <= TOKEN_APDU_TOTAL_MAX);
        assert_int_equal(f.rounds, bytes[i] == 256 ? TOKEN_APDU_TOTAL_MAX / 256 + 1 : TOKEN_APDU_ROUNDS_MAX + 1);
    }
}

/* A driver that says it wrote more than there is room for. */
static enum token_code boast(void *ctx, struct span command, uint8_t *answer, size_t cap, size_t *ret_n)
{ /* NOLINT(readability-non-const-parameter): a link's */
    (void)ctx;
    (void)command;
    (void)answer;
    *ret_n = cap + 1;
    return TOKEN_OK;
}

static void an_answer_longer_than_its_room(void **state)
{
    const struct token_link link = {.transmit = boast};
    const struct token_apdu apdu = {.ins = 0xcb};
    AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
    uint16_t sw = 7;
    (void)state;

    assert_int_equal(token_apdu_exchange(&link, &apdu, &answer, &sw), TOKEN_FAILED);
    assert_int_equal(sw, 7);
}

/* VERIFY without a PIN: no length byte but in T=0, which always has one. */
static void empty_commands(void **state)
{
    static const struct step t1[] = {STEP("\x00\x20\x00\x80", "\x63\xc3"), {0}};
    static const struct step t0[] = {STEP("\x00\x20\x00\x80\x00", "\x63\xc3"), {0}};
    const struct token_apdu apdu = {.ins = 0x20, .p2 = 0x80, .wants_nothing = true};
    (void)state;

    for (unsigned i = 0; i < 2; i++) {
        struct script s = {.steps = i == 0 ? t1 : t0};
        const struct token_link link = {.transmit = play, .ctx = &s, .t0 = i == 1};
        AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
        uint16_t sw = 0;
        assert_int_equal(token_apdu_exchange(&link, &apdu, &answer, &sw), TOKEN_OK);
        assert_int_equal(sw, 0x63c3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_rows),
        cmocka_unit_test(commands_in_parts),
        cmocka_unit_test(a_part_that_is_refused_is_the_last),
        cmocka_unit_test(chain_limits),
        cmocka_unit_test(endless_answers_end),
        cmocka_unit_test(an_answer_longer_than_its_room),
        cmocka_unit_test(empty_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
