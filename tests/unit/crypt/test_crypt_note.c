/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../note/note_vectors.h"
#include "crypt/crypt_note.h"
#include "crypt_signer.h"

static struct note_key vkey(const char *text)
{
    struct note_key k;
    assert_int_equal(note_vkey_decode(span_str(text), &k).code, CS_OK);
    return k;
}

#define OTHER_LINE V_DASH "other.example/x " V_LOG_SIG "\n" /* the log's key id under another name */
#define OTHER_ID   V_DASH "approval.example/log1 AAAAABEi\n"
/* the log's line with one bit of the signature changed */
#define BAD_SIG  "KwEEBZGpHyDO8bNncPLeD4ceygourbT+JeQhuyQGn6SI5CLW7EBoZa623b+OY0Jql0dlRG1Ac7eyWgTHYdi8GaLI+A8="
#define BAD_LINE V_DASH "approval.example/log1 " BAD_SIG "\n"
/* the witness' line with the time one second later */
#define LATER_LINE                                                                                                     \
    V_DASH                                                                                                             \
    "witness.example/w1 "                                                                                              \
    "IDJKvgAAAABlU/EBleLOsbaMyKcs3kCWwWPZg9m6zQb2l9sIycnk4hO8fB1lk9CydsxzhdqusfsePpIt2J+Qi13/lZ44LIYXhhSRDg==\n"
/* the witness' id with a signature of plain length */
#define SHORT_LINE                                                                                                     \
    V_DASH "witness.example/w1 "                                                                                       \
           "IDJKvpGpHyDO8bNncPLeD4ceygourbT+JeQhuyQGn6SI5CLW7EBoZa623b+OY0Jql0dlRG1Ac7eyWgTHYdi8GaLI+A4=\n"

static void notes_by_row(void **state)
{
    static const struct {
        const char *name;
        const char *note;
        enum cs_code want;
        bool log;
        bool witness;
    } rows[] = {
        {"both", V_NOTE, CS_OK, true, true},
        {"other order", V_TEXT "\n" V_WITNESS_LINE V_LOG_LINE, CS_OK, true, true},
        {"log alone", V_TEXT "\n" V_LOG_LINE, CS_OK, true, false},
        {"witness alone", V_TEXT "\n" V_WITNESS_LINE, CS_OK, false, true},
        {"twice", V_TEXT "\n" V_LOG_LINE V_LOG_LINE, CS_OK, true, false},
        {"with unknown lines", V_TEXT "\n" OTHER_LINE OTHER_ID V_LOG_LINE, CS_OK, true, false},
        {"only unknown lines", V_TEXT "\n" OTHER_LINE OTHER_ID, CS_E_MISSING, false, false},
        {"bad", V_TEXT "\n" BAD_LINE, CS_E_BADSIG, false, false},
        {"good and bad", V_TEXT "\n" V_LOG_LINE BAD_LINE, CS_E_BADSIG, false, false},
        {"good log, bad witness", V_TEXT "\n" V_LOG_LINE LATER_LINE, CS_E_BADSIG, false, false},
        {"signature of another length", V_TEXT "\n" V_LOG_LINE SHORT_LINE, CS_E_BADSIG, false, false},
        {"other text", "x" V_TEXT "\n" V_LOG_LINE, CS_E_BADSIG, false, false},
        {"not a note", V_TEXT, CS_E_SYNTAX, false, false},
    };
    struct crypt_signer signers[2] = {{.key = vkey(V_LOG_VKEY)}, {.key = vkey(V_WITNESS_VKEY)}};
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct note n;
        const struct cs_result r = crypt_note_verify(span_str(rows[i].note), signers, 2, &n);
        if (r.code != rows[i].want) {
            fail_msg("%s: %s %s", rows[i].name, r.msg, cs_code_name(r.code));
        }
        assert_int_equal(signers[0].verified, rows[i].log);
        assert_int_equal(signers[1].verified, rows[i].witness);
        assert_int_equal(signers[1].time_s, rows[i].witness ? 1700000000 : 0);
        assert_int_equal(signers[0].time_s, 0);
    }
    crypt_signers_release(signers, 2);
}

static void without_keys_nothing_is_trusted(void **state)
{
    struct note n;
    (void)state;
    assert_int_equal(crypt_note_verify(SPAN_LIT(V_NOTE), NULL, 0, &n).code, CS_E_MISSING);
}

static void checkpoints_are_the_logs_own(void **state)
{
    const struct note_key log = vkey(V_LOG_VKEY);
    const struct note_key witness = vkey(V_WITNESS_VKEY);
    const struct note_key renamed = note_key_make(SPAN_LIT("approval.example/log2"), NOTE_KEY_ED25519, log.key);
    struct note_checkpoint c;
    (void)state;

    assert_int_equal(crypt_checkpoint_verify(SPAN_LIT(V_NOTE), &log, &c).code, CS_OK);
    assert_int_equal(c.size, 7);
    assert_int_equal(crypt_checkpoint_verify(SPAN_LIT(V_NOTE), &witness, &c).code, CS_E_MISMATCH);
    assert_int_equal(crypt_checkpoint_verify(SPAN_LIT(V_NOTE), &renamed, &c).code, CS_E_MISSING);
    assert_int_equal(crypt_checkpoint_verify(SPAN_LIT(V_TEXT "\n" BAD_LINE), &log, &c).code, CS_E_BADSIG);
    assert_int_equal(crypt_checkpoint_verify(SPAN_LIT(V_TEXT), &log, &c).code, CS_E_SYNTAX);
}

static void sixteen_witnesses_and_more(void **state)
{
    enum { WITNESSES = 20 };
    struct crypt_signer signers[WITNESSES];
    static char names[WITNESSES][24];
    AUTO_WRITER w = wr_heap(NOTE_BYTES_MAX);
    AUTO_WRITER message = wr_heap(NOTE_BYTES_MAX);
    struct note n;
    (void)state;

    note_write_text(&w, SPAN_LIT(V_TEXT));
    for (unsigned i = 0; i < WITNESSES; i++) {
        EVP_PKEY *pkey = signer_ed25519();
        const struct bytes spki = signer_spki(pkey);
        uint8_t blob[NOTE_COSIGNATURE_BYTES] = {0};
        (void)snprintf(names[i], sizeof(names[i]), "w%u.example", i);
        signers[i] = (struct crypt_signer){.key = note_key_make(span_str(names[i]), NOTE_KEY_COSIGNATURE, spki.b + 12)};
        message.len = 0;
        note_cosignature_message(&message, i, SPAN_LIT(V_TEXT));
        const struct bytes sig = signer_sign(pkey, NULL, wr_span(&message));
        blob[7] = (uint8_t)i;
        memcpy(blob + 8, sig.b, 64);
        note_write_signature(&w, &signers[i].key, SPAN_OF(blob));
        EVP_PKEY_free(pkey);
    }
    assert_int_equal(crypt_note_verify(wr_span(&w), signers, WITNESSES, &n).code, CS_OK);
    assert_int_equal(n.signature_count, WITNESSES);
    for (unsigned i = 0; i < WITNESSES; i++) {
        assert_true(signers[i].verified);
        assert_int_equal(signers[i].time_s, i);
    }
    crypt_signers_release(signers, WITNESSES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notes_by_row),
        cmocka_unit_test(without_keys_nothing_is_trusted),
        cmocka_unit_test(checkpoints_are_the_logs_own),
        cmocka_unit_test(sixteen_witnesses_and_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
