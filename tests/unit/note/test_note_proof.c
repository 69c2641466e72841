/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "note/note_proof.h"
#include "note_vectors.h"

#define HEAD  "c2sp.org/tlog-proof@v1\n"
#define HASH1 "J0ebarMh0u5HdFLwi6UndI6GPK/o+9HfK/idFXDRtpc=\n"
#define HASH2 "LyelCCwdQq/0iKw1Cp/EOQwITxT3Hs3/Ce2WkLdCm0c=\n"

static void a_proof_is_read_and_written(void **state)
{
    struct note_proof p;
    AUTO_WRITER w = wr_heap(4096);
    (void)state;

    assert_int_equal(note_proof_decode(SPAN_LIT(HEAD "extra AAE=\nindex 2\n" HASH1 HASH2 "\n" V_NOTE), &p).code, CS_OK);
    assert_int_equal(p.index, 2);
    assert_int_equal(p.proof.count, 2);
    assert_int_equal(p.proof.hash[0].b[0], 0x27);
    assert_int_equal(p.proof.hash[1].b[0], 0x2f);
    assert_true(span_is(p.extra, "AAE="));
    assert_true(span_is(p.checkpoint, V_NOTE));
    assert_int_equal(note_proof_write(&w, SPAN_LIT("\x00\x01"), p.index, &p.proof, p.checkpoint).code, CS_OK);
    assert_true(span_is(wr_span(&w), HEAD "extra AAE=\nindex 2\n" HASH1 HASH2 "\n" V_NOTE));
    w.len = 0;
    p.proof.count = 0;
    assert_int_equal(note_proof_write(&w, SPAN_NONE, 0, &p.proof, p.checkpoint).code, CS_OK);
    assert_true(span_is(wr_span(&w), HEAD "index 0\n\n" V_NOTE));
    assert_int_equal(note_proof_decode(wr_span(&w), &p).code, CS_OK);
    assert_int_equal(p.extra.left, 0);
    assert_int_equal(p.proof.count, 0);
}

#define R(x, c)                                                                                                        \
    {                                                                                                                  \
        {(const uint8_t *)(x), sizeof(x) - 1}, c                                                                       \
    }

static void other_forms_are_refused(void **state)
{
    static const struct {
        struct span in;
        enum cs_code want;
    } rows[] = {
        R("", CS_E_SHORT),
        R("c2sp.org/tlog-proof@v2\nindex 2\n\n" V_NOTE, CS_E_SYNTAX),
        R("c2sp.org/tlog-proof@v1 \nindex 2\n\n" V_NOTE, CS_E_SYNTAX),
        R(HEAD "\nindex 2\n\n" V_NOTE, CS_E_SYNTAX),
        R(HEAD "extra \nindex 2\n\n" V_NOTE, CS_E_SYNTAX),
        R(HEAD "extra A\nindex 2\n\n" V_NOTE, CS_E_SYNTAX),
        R(HEAD "extra AA==\nextra AA==\nindex 2\n\n" V_NOTE, CS_E_SYNTAX),
        R(HEAD "index 02\n\n" V_NOTE, CS_E_SYNTAX),
        R(HEAD "index\n\n" V_NOTE, CS_E_SYNTAX),
        R(HEAD "index 9223372036854775807\n\n" V_NOTE, CS_E_RANGE),
        R(HEAD "index 2\nextra AA==\n\n" V_NOTE, CS_E_SYNTAX),
        R(HEAD "index 2\n" HASH1 V_NOTE, CS_E_SYNTAX),
        R(HEAD "index 2\nJ0ebarMh0u5HdFLwi6UndI6GPK/o+9HfK/idFXDRtpe=\n\n" V_NOTE, CS_E_ORDER),
        R(HEAD "index 2\n" HASH1 "\n", CS_E_SYNTAX),
        R(HEAD "index 2\n" HASH1, CS_E_SHORT),
        R(HEAD "index 2\n\n" V_TEXT, CS_E_SYNTAX),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct note_proof p;
        const struct cs_result r = note_proof_decode(rows[i].in, &p);
        if (r.code != rows[i].want) {
            fail_msg("row %zu: %s %s", i, r.msg, cs_code_name(r.code));
        }
    }
}

static void at_most_sixty_three_hashes(void **state)
{
    AUTO_WRITER w = wr_heap(8192);
    struct note_proof p;
    (void)state;

    for (unsigned n = MERKLE_LEVELS; n <= MERKLE_LEVELS + 1; n++) {
        w.len = 0;
        wr_text(&w, HEAD "index 2\n");
        for (unsigned i = 0; i < n; i++) {
            wr_text(&w, HASH1);
        }
        wr_text(&w, "\n" V_NOTE);
        assert_int_equal(note_proof_decode(wr_span(&w), &p).code, n <= MERKLE_LEVELS ? CS_OK : CS_E_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proof_is_read_and_written),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(at_most_sixty_three_hashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
