/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/model_proposal.h"

#define PERSON "{\"op\":\"put_person\",\"person\":{\"accounts\":[],\"id\":\"olga\",\"roles\":[\"officer\"]}}"
#define REMOVE "{\"id\":\"olga\",\"op\":\"remove_person\"}"
#define TAIL   ",\"origin\":\"approval.example/log1\",\"policy\":{\"v\":1},\"rp_id\":\"approval.example\",\"v\":1}"

static const struct row {
    const char *name;
    const char *text;
    enum cs_code want;
} rows[] = {
    {"whole", "{\"changes\":[" PERSON "]" TAIL, CS_OK},
    {"a removal", "{\"changes\":[" PERSON "," REMOVE "]" TAIL, CS_E_REFUSED},
    {"no changes", "{\"origin\":\"a\",\"policy\":{\"v\":1},\"rp_id\":\"a\",\"v\":1}", CS_E_MISSING},
    {"not canonical", "{ \"changes\":[" PERSON "]" TAIL, CS_E_SYNTAX},
    {"another version", "{\"changes\":[" PERSON "],\"origin\":\"a\",\"policy\":{},\"rp_id\":\"a\",\"v\":2}",
     CS_E_RANGE},
    {"more behind", "{\"changes\":[" PERSON "]" TAIL "x", CS_E_TRAILING},
    {"a member more", "{\"changes\":[" PERSON "],\"origin\":\"a\",\"policy\":{},\"rp_id\":\"a\",\"v\":1,\"w\":1}",
     CS_E_UNKNOWN},
};

static void decode_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        arena_init(&arena, 1 << 22);
        struct proposal p = {.origin = SPAN_LIT("before")};
        const struct cs_result r = model_proposal_decode(span_str(rows[i].text), &arena, &p);
        if (r.code != rows[i].want) {
            fail_msg("%s: %s %s", rows[i].name, cs_code_name(r.code), r.msg);
        }
        assert_int_equal(span_is(p.origin, "before"), rows[i].want != CS_OK);
        arena_release(&arena);
    }
}

static void what_is_decoded_is_encoded_the_same(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 22);
    struct proposal p;
    assert_int_equal(model_proposal_decode(span_str(rows[0].text), &arena, &p).code, CS_OK);
    AUTO_WRITER w = wr_heap(1 << 16);
    assert_int_equal(model_proposal_encode(&p, &w).code, CS_OK);
    assert_true(span_is(wr_span(&w), rows[0].text));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_rows),
        cmocka_unit_test(what_is_decoded_is_encoded_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
