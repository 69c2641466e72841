/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "note/note_client_data.h"

static void the_text_is_exact(void **state)
{
    AUTO_WRITER w = wr_heap(NOTE_CLIENT_DATA_MAX);
    (void)state;

    assert_int_equal(
        note_client_data_write(&w, NOTE_WEBAUTHN_GET, SPAN_LIT("\xfb\xff\x00"), SPAN_LIT("approval.example")).code,
        CS_OK);
    assert_true(span_is(wr_span(&w), "{\"type\":\"webauthn.get\",\"challenge\":\"-_8A\",\"origin\":"
                                     "\"https://approval.example\",\"crossOrigin\":false}"));
    w.len = 0;
    assert_int_equal(note_client_data_write(&w, NOTE_WEBAUTHN_CREATE, SPAN_LIT("a"), SPAN_LIT("x")).code, CS_OK);
    assert_true(span_is(wr_span(&w), "{\"type\":\"webauthn.create\",\"challenge\":\"YQ\",\"origin\":\"https://x\","
                                     "\"crossOrigin\":false}"));
}

static void largest_inputs_fit(void **state)
{
    static uint8_t challenge[NOTE_CHALLENGE_MAX + 1];
    static char rp[NOTE_RP_ID_MAX + 1];
    uint8_t buf[NOTE_CLIENT_DATA_MAX];
    struct writer w = wr_fixed(buf, sizeof(buf));
    (void)state;

    memset(rp, 'a', sizeof(rp));
    assert_int_equal(note_client_data_write(&w, NOTE_WEBAUTHN_CREATE, span_make(challenge, NOTE_CHALLENGE_MAX),
                                            span_make(rp, NOTE_RP_ID_MAX))
                         .code,
                     CS_OK);
    assert_int_equal(note_client_data_write(&w, NOTE_WEBAUTHN_GET, SPAN_OF(challenge), SPAN_LIT("x")).code, CS_E_RANGE);
    assert_int_equal(note_client_data_write(&w, NOTE_WEBAUTHN_GET, SPAN_NONE, SPAN_LIT("x")).code, CS_E_RANGE);
    assert_int_equal(note_rp_id_check(span_make(rp, NOTE_RP_ID_MAX + 1), "rp").code, CS_E_RANGE);
}

static void rp_ids_are_plain_domains(void **state)
{
    static const char *const bad[] = {"",     "A.example", "a..example", ".example", "example.", "a b",
                                      "a\"b", "a\\b",      "a/b",        "a:443",    "\xc3\xa9", "a_b"};
    static const char *const good[] = {"x", "a-b.example", "xn--9ca.example", "1.example"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (note_rp_id_check(span_str(bad[i]), "rp").code == CS_OK) {
            fail_msg("accepted %s", bad[i]);
        }
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(note_rp_id_check(span_str(good[i]), "rp").code, CS_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_exact),
        cmocka_unit_test(largest_inputs_fit),
        cmocka_unit_test(rp_ids_are_plain_domains),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
