/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base_text.h"
#include "note/note_der.h"
#include "note/note_spki.h"
#include "note/note_vkey.h"
#include "note_vectors.h"

static void published_keys_are_read_and_written(void **state)
{
    static const struct {
        const char *text;
        const char *name;
        const char *key;
        uint32_t id;
        enum note_key_type type;
    } rows[] = {
        {V_LOG_VKEY, "approval.example/log1", "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8",
         0x2b010405, NOTE_KEY_ED25519},
        {V_WITNESS_VKEY, "witness.example/w1", "29acbae141bccaf0b22e1a94d34d0bc7361e526d0bfe12c89794bc9322966dd7",
         0x20324abe, NOTE_KEY_COSIGNATURE},
        /* of golang.org/x/mod/sumdb: the Go checksum database */
        {"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "sum.golang.org",
         "ce3372d75ad1ee5ecdaf8727293d4b111d87eb37531d7c86d4d3003f0eb809fc", 0x033de0ae, NOTE_KEY_ED25519},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct note_key k;
        uint8_t key[32];
        AUTO_WRITER w = wr_heap(NOTE_VKEY_MAX);
        const struct cs_result r = note_vkey_decode(span_str(rows[i].text), &k);
        if (r.code != CS_OK) {
            fail_msg("%s: %s %s", rows[i].text, r.msg, cs_code_name(r.code));
        }
        assert_true(span_is(k.name, rows[i].name));
        assert_int_equal(k.id, rows[i].id);
        assert_int_equal(k.type, rows[i].type);
        assert_int_equal(text_hex_decode(span_str(rows[i].key), key, 32, "k").code, CS_OK);
        assert_memory_equal(key, k.key, 32);
        note_vkey_write(&w, &k);
        assert_true(span_is(wr_span(&w), rows[i].text));
    }
}

#define K "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"

static void other_keys_are_refused(void **state)
{
    static const struct {
        const char *text;
        enum cs_code want;
    } rows[] = {
        {"", CS_E_SHORT},
        {"name", CS_E_SHORT},
        {"name+2b010405", CS_E_SHORT},
        {"+2b010405+" K, CS_E_RANGE},
        {"a name+2b010405+" K, CS_E_SYNTAX},
        {"a\xc2\xa0name+2b010405+" K, CS_E_SYNTAX},
        {"a\xe3\x80\x80name+2b010405+" K, CS_E_SYNTAX},
        {"a\nname+2b010405+" K, CS_E_SYNTAX},
        {"a\xffname+2b010405+" K, CS_E_UTF8},
        {"approval.example/log1+2B010405+" K, CS_E_SYNTAX},
        {"approval.example/log1+2b01040+" K, CS_E_RANGE},
        {"approval.example/log1+2b010406+" K, CS_E_MISMATCH},
        {"approval.example/log2+2b010405+" K, CS_E_MISMATCH},
        {"approval.example/log1+2b010405+" K "\n", CS_E_SYNTAX},
        {"approval.example/log1+2b010405+", CS_E_RANGE},
        {"approval.example/log1+2b010405+AQ==", CS_E_RANGE},
        {"approval.example/log1+2b010405+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTE=", CS_E_RANGE},
        {"approval.example/log1+2b010405+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4AA==", CS_E_RANGE},
        {"approval.example/log1+2b010405+AQOhB7_zzhC-HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", CS_E_SYNTAX},
        {"approval.example/log1+2b010405+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", CS_E_TYPE},
        {"approval.example/log1+2b010405+BgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", CS_E_TYPE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct note_key k;
        struct note_key before;
        memset(&k, 0x5a, sizeof(k));
        memcpy(&before, &k, sizeof(k));
        const struct cs_result r = note_vkey_decode(span_str(rows[i].text), &k);
        if (r.code != rows[i].want) {
            fail_msg("%s: %s %s", rows[i].text, r.msg, cs_code_name(r.code));
        }
        assert_memory_equal(&k, &before, sizeof(k));
    }
}

static void names_have_a_limit(void **state)
{
    char name[NOTE_NAME_MAX + 1];
    (void)state;
    memset(name, 'a', sizeof(name));
    assert_int_equal(note_name_check(span_make(name, NOTE_NAME_MAX), "n").code, CS_OK);
    assert_int_equal(note_name_check(span_make(name, NOTE_NAME_MAX + 1), "n").code, CS_E_RANGE);
}

#define ROW(lit, c)                                                                                                    \
    {                                                                                                                  \
        {(const uint8_t *)(lit), sizeof(lit) - 1}, c                                                                   \
    }

static void der_is_minimal_or_refused(void **state)
{
    static const struct {
        struct span der;
        enum cs_code want;
    } rows[] = {
        ROW("\x30\x06\x02\x01\x01\x02\x01\x7f", CS_OK),
        ROW("\x30\x07\x02\x02\x00\x80\x02\x01\x01", CS_OK),
        ROW("", CS_E_SHORT),
        ROW("\x31\x06\x02\x01\x01\x02\x01\x7f", CS_E_TYPE),
        ROW("\x30\x06\x02\x01\x01\x02\x01", CS_E_SHORT),
        ROW("\x30\x06\x02\x01\x01\x02\x01\x7f\x00", CS_E_TRAILING),
        ROW("\x30\x07\x02\x01\x01\x02\x01\x7f\x00", CS_E_TRAILING),
        ROW("\x30\x81\x06\x02\x01\x01\x02\x01\x7f", CS_E_SYNTAX),
        ROW("\x30\x80\x02\x01\x01\x02\x01\x7f\x00\x00", CS_E_SYNTAX),
        ROW("\x30\x82\x00\x06\x02\x01\x01\x02\x01\x7f", CS_E_SYNTAX),
        ROW("\x30\x83\x00\x00\x06\x02\x01\x01\x02\x01\x7f", CS_E_RANGE),
        ROW("\x30\x06\x02\x01\x81\x02\x01\x7f", CS_E_RANGE),
        ROW("\x30\x07\x02\x02\x00\x01\x02\x01\x7f", CS_E_SYNTAX),
        ROW("\x30\x05\x02\x00\x02\x01\x7f", CS_E_RANGE),
        ROW("\x30\x03\x02\x01\x01", CS_E_SHORT),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct note_ecdsa sig;
        const struct cs_result r = note_ecdsa_decode(rows[i].der, 32, &sig);
        if (r.code != rows[i].want) {
            fail_msg("row %zu: %s %s", i, r.msg, cs_code_name(r.code));
        }
    }
    uint8_t wide[40] = {0x30, 38, 0x02, 33, 0x01, [37] = 0x02, [38] = 0x01, [39] = 0x01};
    struct note_ecdsa sig;
    assert_int_equal(note_ecdsa_decode(SPAN_OF(wide), 32, &sig).code, CS_OK);
    assert_int_equal(note_ecdsa_decode(SPAN_OF(wide), 31, &sig).code, CS_E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_keys_are_read_and_written),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(names_have_a_limit),
        cmocka_unit_test(der_is_minimal_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
