/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "ipc/ipc_frame.h"

#define ROW(name, lit, code, frame, used)                                                                              \
    {                                                                                                                  \
        name, {(const uint8_t *)(lit), sizeof(lit) - 1}, code, frame, used                                             \
    }
static const struct row {
    const char *name;
    struct span in;
    enum cs_code want;
    const char *frame;
    size_t used;
} rows[] = {
    ROW("empty", "", CS_E_SHORT, NULL, 0),
    ROW("cut head", "\0\0\0", CS_E_SHORT, NULL, 0),
    ROW("head only", "\0\0\0\2", CS_E_SHORT, NULL, 0),
    ROW("cut payload", "\0\0\0\2{", CS_E_SHORT, NULL, 0),
    ROW("whole", "\0\0\0\2{}", CS_OK, "{}", 6),
    ROW("followed by more", "\0\0\0\2{}\0\0", CS_OK, "{}", 6),
    ROW("zero", "\0\0\0\0", CS_E_RANGE, NULL, 0),
    ROW("at the limit", "\0\0\0\10", CS_E_SHORT, NULL, 0),
    ROW("one past the limit", "\0\0\0\11", CS_E_RANGE, NULL, 0),
    ROW("high bit", "\200\0\0\1", CS_E_RANGE, NULL, 0),
};

static void split_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span frame = SPAN_LIT("untouched");
        size_t used = 77;
        const struct cs_result r = ipc_frame_split(rows[i].in, 8, &frame, &used);
        if (r.code != rows[i].want) {
            fail_msg("%s: %s", rows[i].name, cs_code_name(r.code));
        }
        const bool ok = r.code == CS_OK;
        assert_true(span_is(frame, ok ? rows[i].frame : "untouched"));
        assert_int_equal(used, ok ? rows[i].used : 77);
    }
}

static void limit_is_never_above_the_format(void **state)
{
    (void)state;
    size_t n = 5;
    assert_int_equal(ipc_frame_length(SPAN_LIT("\0\x10\0\0"), SIZE_MAX, &n).code, CS_OK);
    assert_int_equal(n, IPC_FRAME_MAX_BYTES);
    n = 5;
    assert_int_equal(ipc_frame_length(SPAN_LIT("\0\x10\0\1"), SIZE_MAX, &n).code, CS_E_RANGE);
    assert_int_equal(n, 5);
}

static void head_is_what_length_reads(void **state)
{
    (void)state;
    static const size_t lengths[] = {1, 255, 256, 65535, 65536, IPC_FRAME_MAX_BYTES};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        uint8_t head[IPC_HEAD_BYTES];
        size_t n = 0;
        assert_int_equal(ipc_frame_head(lengths[i], head).code, CS_OK);
        assert_int_equal(ipc_frame_length(SPAN_OF(head), IPC_FRAME_MAX_BYTES, &n).code, CS_OK);
        assert_int_equal(n, lengths[i]);
    }
    uint8_t head[IPC_HEAD_BYTES] = {1, 2, 3, 4};
    assert_int_equal(ipc_frame_head(0, head).code, CS_E_RANGE);
    assert_int_equal(ipc_frame_head(IPC_FRAME_MAX_BYTES + 1, head).code, CS_E_RANGE);
    assert_int_equal(head[0], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_rows),
        cmocka_unit_test(limit_is_never_above_the_format),
        cmocka_unit_test(head_is_what_length_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
