/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire/wire_answer.h"
#include "wire/wire_batch.h"

#define AT "2026-01-02T03:04:05.678Z"

#define ROW(name, want, lit)                                                                                           \
    {                                                                                                                  \
        name, want,                                                                                                    \
        {                                                                                                              \
            (const uint8_t *)(lit), sizeof(lit) - 1                                                                    \
        }                                                                                                              \
    }
struct row {
    const char *name;
    enum cs_code want;
    struct span in;
};

static const struct row answers[] = {
    ROW("done", CS_OK, "{\"answer\":1,\"code\":\"ok\",\"index\":3}"),
    ROW("begun", CS_OK,
        "{\"answer\":1,\"code\":\"ok\",\"expires\":\"" AT "\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"time\":\"" AT
        "\"}"),
    ROW("begun without a nonce", CS_E_MISSING,
        "{\"answer\":1,\"code\":\"ok\",\"expires\":\"" AT "\",\"time\":\"" AT "\"}"),
    ROW("short nonce", CS_E_RANGE,
        "{\"answer\":1,\"code\":\"ok\",\"expires\":\"" AT "\",\"nonce\":\"AAAA\",\"time\":\"" AT "\"}"),
    ROW("nonce without its time", CS_E_UNKNOWN, "{\"answer\":1,\"code\":\"ok\",\"nonce\":\"AAAAAAAAAAAAAAAAAAAAAA\"}"),
    ROW("faults", CS_OK,
        "{\"answer\":1,\"code\":\"missing_field\",\"detail\":\"x\",\"faults\":[{\"code\":\"missing\",\"detail\":\"y\","
        "\"pointer\":\"/a\"}]}"),
    ROW("no faults at all", CS_E_RANGE, "{\"answer\":1,\"code\":\"missing_field\",\"faults\":[]}"),
    ROW("proposal", CS_OK,
        "{\"answer\":1,\"code\":\"ok\",\"log_key\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"outcome_key\":"
        "\"AAEC\",\"proposal\":\"{}\"}"),
    ROW("a piece of a file", CS_OK, "{\"answer\":1,\"code\":\"ok\",\"piece\":\"AAEC\",\"size\":3}"),
    ROW("a piece of what", CS_E_MISSING, "{\"answer\":1,\"code\":\"ok\",\"piece\":\"AAEC\"}"),
    ROW("no bytes of a file", CS_E_RANGE, "{\"answer\":1,\"code\":\"ok\",\"piece\":\"\",\"size\":3}"),
    ROW("short log key", CS_E_RANGE, "{\"answer\":1,\"code\":\"ok\",\"log_key\":\"AAAA\"}"),
    ROW("no code", CS_E_MISSING, "{\"answer\":1}"),
    ROW("more", CS_E_UNKNOWN, "{\"answer\":1,\"code\":\"ok\",\"x\":1}"),
};

static const struct row batches[] = {
    ROW("two", CS_OK, "{\"batch\":{\"count\":2,\"first\":0,\"note\":\"x\\n\"},\"sealed\":false,\"time\":\"" AT "\"}"),
    ROW("most", CS_OK, "{\"batch\":{\"count\":256,\"first\":0,\"note\":\"\"},\"sealed\":false,\"time\":\"" AT "\"}"),
    ROW("one too many", CS_E_RANGE,
        "{\"batch\":{\"count\":257,\"first\":0,\"note\":\"\"},\"sealed\":false,\"time\":\"" AT "\"}"),
    ROW("sealed", CS_OK,
        "{\"batch\":{\"count\":0,\"first\":9,\"note\":\"\"},\"sealed\":true,\"time\":\"" AT "\",\"why\":\"because\"}"),
    ROW("why without sealed", CS_E_RANGE,
        "{\"batch\":{\"count\":0,\"first\":9,\"note\":\"\"},\"sealed\":false,\"time\":\"" AT "\",\"why\":\"because\"}"),
};

static void answer_rows(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct wire_answer a = {.id = 77};
        const struct cs_result r = wire_answer_decode(answers[i].in, &arena, &a);
        if (r.code != answers[i].want) {
            fail_msg("%s: %s (%s)", answers[i].name, cs_code_name(r.code), r.msg);
        }
        assert_int_equal(a.id, r.code == CS_OK ? 1 : 77);
        if (r.code == CS_OK) {
            AUTO_WRITER w = wr_heap(4096);
            assert_int_equal(wire_answer_encode(&a, &w).code, CS_OK);
            assert_true(span_eq(wr_span(&w), answers[i].in));
            assert_true(wire_is_answer(answers[i].in));
        }
    }
    arena_release(&arena);
}

static void batch_rows(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
        struct wire_batch b = {.first = 77};
        const struct cs_result r = wire_batch_decode(batches[i].in, &arena, &b);
        if (r.code != batches[i].want) {
            fail_msg("%s: %s (%s)", batches[i].name, cs_code_name(r.code), r.msg);
        }
        if (r.code == CS_OK) {
            AUTO_WRITER w = wr_heap(4096);
            assert_int_equal(wire_batch_encode(&b, &w).code, CS_OK);
            assert_true(span_eq(wr_span(&w), batches[i].in));
            assert_false(wire_is_answer(batches[i].in));
        } else {
            assert_int_equal(b.first, 77);
        }
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answer_rows),
        cmocka_unit_test(batch_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
