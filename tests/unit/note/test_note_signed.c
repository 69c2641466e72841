/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base_text.h"
#include "note/note_signed.h"
#include "note_vectors.h"

static void the_published_note_is_read(void **state)
{
    struct note n;
    struct note_signature sig;
    uint8_t bytes[NOTE_COSIGNATURE_BYTES];
    (void)state;

    assert_int_equal(note_decode(SPAN_LIT(V_NOTE), &n).code, CS_OK);
    assert_true(span_is(n.text, V_TEXT));
    assert_true(span_is(n.lines, V_LOG_LINE V_WITNESS_LINE));
    assert_int_equal(n.signature_count, 2);
    struct reader r = rd_make(n.lines);
    assert_int_equal(note_signature_next(&r, &sig).code, CS_OK);
    assert_true(span_is(sig.name, "approval.example/log1"));
    assert_int_equal(sig.key_id, 0x2b010405);
    assert_int_equal(note_signature_bytes(&sig, bytes, 64).code, CS_OK);
    assert_int_equal(bytes[0], 0x91);
    assert_int_equal(bytes[63], 0x0e);
    assert_int_equal(note_signature_bytes(&sig, bytes, 63).code, CS_E_RANGE);
    assert_int_equal(note_signature_bytes(&sig, bytes, 72).code, CS_E_RANGE);
    assert_int_equal(note_signature_next(&r, &sig).code, CS_OK);
    assert_true(span_is(sig.name, "witness.example/w1"));
    assert_int_equal(note_signature_bytes(&sig, bytes, 72).code, CS_OK);
    assert_int_equal(r.rest.left, 0);
}

static void the_published_note_is_written(void **state)
{
    struct note_key log;
    struct note n;
    struct note_signature sig;
    struct note_checkpoint c;
    uint8_t bytes[64];
    AUTO_WRITER w = wr_heap(4096);
    AUTO_WRITER text = wr_heap(4096);
    (void)state;

    assert_int_equal(note_vkey_decode(SPAN_LIT(V_LOG_VKEY), &log).code, CS_OK);
    assert_int_equal(note_decode(SPAN_LIT(V_NOTE), &n).code, CS_OK);
    assert_int_equal(note_checkpoint_decode(n.text, &c).code, CS_OK);
    assert_true(span_is(c.origin, "approval.example/log1"));
    assert_int_equal(c.size, 7);
    struct sha256 root;
    assert_int_equal(text_hex_decode(SPAN_LIT(V_ROOT7), root.b, 32, "root").code, CS_OK);
    assert_true(sha256_eq(&root, &c.root));
    note_checkpoint_write(&text, &c);
    assert_true(span_is(wr_span(&text), V_TEXT));
    struct reader r = rd_make(n.lines);
    assert_int_equal(note_signature_next(&r, &sig).code, CS_OK);
    assert_int_equal(note_signature_bytes(&sig, bytes, 64).code, CS_OK);
    note_write_text(&w, wr_span(&text));
    note_write_signature(&w, &log, SPAN_OF(bytes));
    assert_true(span_is(wr_span(&w), V_TEXT "\n" V_LOG_LINE));
    AUTO_WRITER message = wr_heap(4096);
    note_cosignature_message(&message, 1700000000, wr_span(&text));
    assert_true(span_is(wr_span(&message), "cosignature/v1\ntime 1700000000\n" V_TEXT));
    uint8_t long_sig[80] = {0};
    note_write_signature(&w, &log, SPAN_OF(long_sig));
    assert_int_equal(wr_end(&w, "w").code, CS_E_RANGE);
}

#define S V_DASH "a AAAAAAAA\n"
#define R(x, c)                                                                                                        \
    {                                                                                                                  \
        x, {(const uint8_t *)(x), sizeof(x) - 1}, c                                                                    \
    }

static const struct row {
    const char *name;
    struct span in;
    enum cs_code want;
} rows[] = {
    R("text\n\n" S, CS_OK),
    R("\n\n" S, CS_OK), /* a text of one empty line */
    R("text\n\nmore\n\n" S, CS_OK),
    R("text\n\n\n" S, CS_OK),
    R("text\n\n" V_DASH "\xc3\xa9 AAAAAAAA\n", CS_OK),
    R("", CS_E_SYNTAX),
    R("text\n", CS_E_SYNTAX),
    R("\n" S, CS_E_SYNTAX),
    R("text\n" S, CS_E_SYNTAX),
    R("text\n\n", CS_E_SHORT),
    R("text\n\n" S "\n", CS_E_SHORT), /* the last empty line ends the text, and nothing signs it */
    R("text\n\n" S "x", CS_E_SHORT),
    R("text\n\n" V_DASH "a AAAAAAAA", CS_E_SHORT),
    R("text\r\n\n" S, CS_E_SYNTAX),
    R("te\txt\n\n" S, CS_E_SYNTAX),
    R("te\0xt\n\n" S, CS_E_SYNTAX),
    R("te\x7fxt\n\n" S, CS_OK),
    R("te\xffxt\n\n" S, CS_E_UTF8),
    R("text\n\n- a AAAAAAAA\n", CS_E_SYNTAX),
    R("text\n\n\xe2\x80\x93 a AAAAAAAA\n", CS_E_SYNTAX),
    R("text\n\n\xe2\x80\x94"
      "a AAAAAAAA\n",
      CS_E_SYNTAX),
    R("text\n\n" V_DASH " AAAAAAAA\n", CS_E_RANGE),
    R("text\n\n" V_DASH "a\n", CS_E_SYNTAX),
    R("text\n\n" V_DASH "a \n", CS_E_RANGE),
    R("text\n\n" V_DASH "a+b AAAAAAAA\n", CS_E_SYNTAX),
    R("text\n\n" V_DASH "a\xc2\x85"
      "b AAAAAAAA\n",
      CS_E_SYNTAX),
    R("text\n\n" V_DASH "a b AAAAAAAA\n", CS_E_SYNTAX),
    R("text\n\n" V_DASH "a  AAAAAAAA\n", CS_E_SYNTAX),
    R("text\n\n" V_DASH "a AAAAAAAA \n", CS_E_SYNTAX),
    R("text\n\n" V_DASH "a AAAAAA==\n", CS_E_RANGE), /* only a key id */
    R("text\n\n" V_DASH "a AAAAAAA=\n", CS_OK),
    R("text\n\n" V_DASH "a AAAAAAB=\n", CS_E_ORDER), /* spare bits */
    R("text\n\n" V_DASH "a AAAAAAA\n", CS_E_RANGE),
    R("text\n\n" V_DASH "a AAAAAAA=AAAA\n", CS_E_SYNTAX),
    R("text\n\n" V_DASH "a AAAAAA-_\n", CS_E_SYNTAX),
    R("text\n\n" V_DASH "a AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=AAAA\n", CS_E_SYNTAX),
};

static void notes_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct note n;
        struct note before;
        memset(&n, 0x5a, sizeof(n));
        memcpy(&before, &n, sizeof(n));
        const struct cs_result r = note_decode(rows[i].in, &n);
        if (r.code != rows[i].want) {
            fail_msg("row %zu %s: %s %s", i, rows[i].name, r.msg, cs_code_name(r.code));
        }
        if (r.code != CS_OK) {
            assert_memory_equal(&n, &before, sizeof(n));
        }
    }
}

static void the_last_empty_line_splits(void **state)
{
    struct note n;
    (void)state;
    assert_int_equal(note_decode(SPAN_LIT("text\n\nmore\n\n\n" S), &n).code, CS_OK);
    assert_true(span_is(n.text, "text\n\nmore\n\n"));
}

static void limits_hold(void **state)
{
    AUTO_WRITER w = wr_heap((size_t)2 * NOTE_BYTES_MAX);
    struct note n;
    (void)state;

    wr_text(&w, "text\n\n");
    for (unsigned i = 0; i < NOTE_SIGNATURES_MAX; i++) {
        wr_text(&w, S);
    }
    assert_int_equal(note_decode(wr_span(&w), &n).code, CS_OK);
    assert_int_equal(n.signature_count, NOTE_SIGNATURES_MAX);
    wr_text(&w, S);
    assert_int_equal(note_decode(wr_span(&w), &n).code, CS_E_RANGE);

    AUTO_WRITER big = wr_heap((size_t)2 * NOTE_BYTES_MAX);
    const struct span tail = SPAN_LIT("\n\n" S);
    uint8_t *fill = wr_room(&big, NOTE_BYTES_MAX - tail.left);
    assert_non_null(fill);
    memset(fill, 'x', NOTE_BYTES_MAX - tail.left);
    wr_bytes(&big, tail);
    assert_int_equal(note_decode(wr_span(&big), &n).code, CS_OK);
    wr_u8(&big, 'x');
    assert_int_equal(note_decode(wr_span(&big), &n).code, CS_E_RANGE);
}

#define ROOT "kTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0=\n"

static void checkpoints_by_row(void **state)
{
    static const struct row texts[] = {
        R("o\n7\n" ROOT, CS_OK),
        R("o\n9223372036854775807\n" ROOT, CS_OK),
        R("o\n9223372036854775808\n" ROOT, CS_E_RANGE),
        R("o\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", CS_OK),
        R("o\n0\n" ROOT, CS_E_MISMATCH),
        R("o\n07\n" ROOT, CS_E_SYNTAX),
        R("o\n+7\n" ROOT, CS_E_SYNTAX),
        R("o\n-7\n" ROOT, CS_E_SYNTAX),
        R("o\n\n" ROOT, CS_E_RANGE),
        R("o\n7 \n" ROOT, CS_E_SYNTAX),
        R("\n7\n" ROOT, CS_E_RANGE),
        R("o o\n7\n" ROOT, CS_E_SYNTAX),
        R("o\n7\n", CS_E_SHORT),
        R("o\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0=", CS_E_SHORT),
        R("o\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF1=\n", CS_E_ORDER),
        R("o\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc_NpDnMWF0=\n", CS_E_SYNTAX),
        R("o\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWA==\n", CS_E_RANGE),
        R("o\n7\n" ROOT "extension\n", CS_E_TRAILING),
        R("o\n7\n" ROOT "\n", CS_E_TRAILING),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct note_checkpoint c;
        struct note_checkpoint before;
        memset(&c, 0x5a, sizeof(c));
        memcpy(&before, &c, sizeof(c));
        const struct cs_result r = note_checkpoint_decode(texts[i].in, &c);
        if (r.code != texts[i].want) {
            fail_msg("row %zu: %s %s", i, r.msg, cs_code_name(r.code));
        }
        if (r.code != CS_OK) {
            assert_memory_equal(&c, &before, sizeof(c));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_note_is_read),
        cmocka_unit_test(the_published_note_is_written),
        cmocka_unit_test(notes_by_row),
        cmocka_unit_test(the_last_empty_line_splits),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(checkpoints_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
