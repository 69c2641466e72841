/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base_writer.h"
#include "follow/follow_spool.h"

enum { MANY = 3000 };

static void leaf_of(uint64_t i, struct writer *w)
{
    wr_text(w, "leaf ");
    wr_dec(w, i);
}

static void holds_what_it_took(const char *dir)
{
    struct follow_spool s = {0};
    uint8_t buf[64];
    struct span got = SPAN_NONE;

    assert_int_equal(follow_spool_open(&s, dir).code, CS_OK);
    for (uint64_t i = 0; i < MANY; i++) {
        uint8_t text[32];
        struct writer w = wr_fixed(text, sizeof(text));
        leaf_of(i, &w);
        assert_int_equal(follow_spool_append(&s, wr_span(&w)).code, CS_OK);
    }
    for (uint64_t i = MANY; i-- > 0;) { /* not in the order of writing */
        uint8_t text[32];
        struct writer w = wr_fixed(text, sizeof(text));
        leaf_of(i, &w);
        assert_int_equal(follow_spool_read(&s, i, buf, sizeof(buf), &got).code, CS_OK);
        assert_true(span_eq(got, wr_span(&w)));
    }
    got = SPAN_LIT("untouched");
    assert_int_equal(follow_spool_read(&s, MANY, buf, sizeof(buf), &got).code, CS_E_RANGE);
    assert_int_equal(follow_spool_read(&s, 0, buf, 5, &got).code, CS_E_RANGE);
    assert_true(span_is(got, "untouched"));
    assert_int_equal(follow_spool_read(&s, 0, buf, 6, &got).code, CS_OK);
    follow_spool_close(&s);
    assert_int_equal(follow_spool_append(&s, SPAN_LIT("x")).code, CS_E_STATE);
    assert_int_equal(follow_spool_read(&s, 0, buf, sizeof(buf), &got).code, CS_E_STATE);
}

static void in_memory(void **state)
{
    (void)state;
    holds_what_it_took(NULL);
}

static void in_a_directory(void **state)
{
    (void)state;
    holds_what_it_took("."); /* the build directory of the test */
}

static void needs_its_directory(void **state)
{
    (void)state;
    struct follow_spool s = {0};
    assert_int_equal(follow_spool_open(&s, "./no such directory").code, CS_E_IO);
    assert_false(s.open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory),
        cmocka_unit_test(in_a_directory),
        cmocka_unit_test(needs_its_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
