/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "token/token_report.h"

enum { ARENA_BYTES = 1 << 17 };

static struct token_outcome gave(void)
{
    static const uint8_t id[SHA256_BYTES] = {1, 2, 3};

    return (struct token_outcome){.code = TOKEN_OK,
                                  .kind = TOKEN_KIND_PIV,
                                  .credential = SPAN_OF(id),
                                  .sig = SPAN_LIT("sig"),
                                  .key = SPAN_LIT("key"),
                                  .certificate = SPAN_LIT("certificate"),
                                  .x5c = {SPAN_LIT("slot"), SPAN_LIT("maker")},
                                  .x5c_count = 2,
                                  .pin_policy = TOKEN_ASKS_ALWAYS,
                                  .touch_policy = TOKEN_ASKS_CACHED};
}

static void an_end_both_ways(void **state)
{
    const struct token_outcome out = gave();
    AUTO_WRITER w = wr_heap(TOKEN_REPORT_MAX);
    AUTO_WRITER again = wr_heap(TOKEN_REPORT_MAX);
    struct token_report r;
    struct arena a;
    (void)state;

    arena_init(&a, ARENA_BYTES);
    assert_int_equal(token_report_done(&out, true, 0x00200105, &w).code, CS_OK);
    assert_int_equal(token_report_decode(wr_span(&w), &a, &r).code, CS_OK);
    assert_int_equal(r.kind, TOKEN_REPORT_DONE);
    assert_true(r.denied);
    assert_int_equal(r.channel, 0x00200105);
    assert_int_equal(r.outcome.kind, TOKEN_KIND_PIV);
    assert_true(span_eq(r.outcome.certificate, out.certificate));
    assert_int_equal(token_report_done(&r.outcome, r.denied, r.channel, &again).code, CS_OK);
    assert_true(span_eq(wr_span(&again), wr_span(&w)));
    arena_release(&a);
}

static void stages_and_readers(void **state)
{
    static struct token_reader readers[TOKEN_READERS_MAX + 1];
    struct token_report r;
    struct arena a;
    (void)state;

    arena_init(&a, ARENA_BYTES);
    for (unsigned s = 0; s <= TOKEN_STAGE_COUNT; s++) {
        AUTO_WRITER w = wr_heap(TOKEN_REPORT_MAX);
        assert_int_equal(token_report_stage((enum token_stage)s, &w).code, CS_OK);
        const struct cs_result got = token_report_decode(wr_span(&w), &a, &r);
        assert_int_equal(got.code, s < TOKEN_STAGE_COUNT ? CS_OK : CS_E_RANGE);
        assert_true(got.code != CS_OK || r.stage == (enum token_stage)s);
    }
    for (unsigned i = 0; i < TOKEN_READERS_MAX; i++) {
        memset(readers[i].name, 'a' + (int)i, TOKEN_PLACE_MAX); /* the longest */
        readers[i].insertion = (uint16_t)(i * 1000);
        readers[i].channel = i;
    }
    AUTO_WRITER w = wr_heap(TOKEN_REPORT_MAX);
    assert_int_equal(token_report_readers(7, readers, TOKEN_READERS_MAX + 1, &w).code, CS_E_RANGE);
    assert_int_equal(token_report_readers(7, readers, TOKEN_READERS_MAX, &w).code, CS_OK);
    assert_int_equal(token_report_decode(wr_span(&w), &a, &r).code, CS_OK);
    assert_int_equal(r.epoch, 7);
    assert_int_equal(r.reader_count, TOKEN_READERS_MAX);
    assert_memory_equal(r.readers, readers, TOKEN_READERS_MAX * sizeof(readers[0]));
    arena_release(&a);
}

static const struct row {
    const char *name;
    const char *in;
    size_t n;
    enum cs_code want;
} rows[] = {
#define ROW(name, lit, code)                                                                                           \
    {                                                                                                                  \
        (name), (lit), sizeof(lit) - 1, (code)                                                                         \
    }
    ROW("nothing", "", CS_E_SHORT),
    ROW("kind 0", "\x00", CS_E_UNKNOWN),
    ROW("kind 4", "\x04\x00", CS_E_UNKNOWN),
    ROW("stage and more", "\x01\x00\x00", CS_E_TRAILING),
    ROW("refusal",
        "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        CS_OK),
    ROW("ok without a credential",
        "\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        CS_E_MISSING),
    ROW("no such code",
        "\x02\x7f\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        CS_E_RANGE),
    ROW("half a truth",
        "\x02\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        CS_E_RANGE),
    ROW("no such policy",
        "\x02\x00\x00\x00\x00\x05\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        CS_E_RANGE),
    ROW("credential too long",
        "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x21",
        CS_E_RANGE),
    ROW("credential cut",
        "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x20x",
        CS_E_SHORT),
    ROW("five certificates",
        "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x05",
        CS_E_RANGE),
    ROW("empty certificate",
        "\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
        "\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00",
        CS_E_RANGE),
    ROW("no readers", "\x03\x00\x00\x00\x01\x00", CS_OK),
    ROW("seventeen readers", "\x03\x00\x00\x00\x01\x11", CS_E_RANGE),
    ROW("reader without a name", "\x03\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00", CS_E_RANGE),
    ROW("reader's name too long", "\x03\x00\x00\x00\x01\x01\x81", CS_E_RANGE),
    ROW("reader's name with a NUL",
        "\x03\x00\x00\x00\x01\x01\x02"
        "a\0"
        "\x00\x00\x00\x00\x00\x00",
        CS_E_RANGE),
};

static void decode_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct token_report r;
        struct token_report before;
        struct arena a;
        memset(&r, 0x5a, sizeof(r));
        memcpy(&before, &r, sizeof(r));
        arena_init(&a, ARENA_BYTES);
        const struct cs_result got = token_report_decode(span_make(rows[i].in, rows[i].n), &a, &r);
        if (got.code != rows[i].want) {
            fail_msg("%s: %s %s", rows[i].name, got.msg, cs_code_name(got.code));
        }
        if (got.code != CS_OK) {
            assert_memory_equal(&r, &before, sizeof(r));
        }
        arena_release(&a);
    }
}

static void memory_sweep(void **state)
{
    const struct token_outcome out = gave();
    AUTO_WRITER w = wr_heap(TOKEN_REPORT_MAX);
    bool done = false;
    (void)state;

    assert_int_equal(token_report_done(&out, false, 0, &w).code, CS_OK);
    for (size_t cap = 0; !done; cap += 16) {
        struct token_report r;
        struct arena a;
        arena_init(&a, cap);
        const struct cs_result got = token_report_decode(wr_span(&w), &a, &r);
        done = got.code == CS_OK;
        assert_true(done || got.code == CS_E_NOMEM);
        assert_true(cap < 65536);
        arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_both_ways),
        cmocka_unit_test(stages_and_readers),
        cmocka_unit_test(decode_rows),
        cmocka_unit_test(memory_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
