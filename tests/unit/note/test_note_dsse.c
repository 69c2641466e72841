/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base_text.h"
#include "note/note_dsse.h"

static void pae_is_the_published_one(void **state)
{
    AUTO_WRITER w = wr_heap(4096);
    struct sha256 want;
    (void)state;

    assert_int_equal(note_dsse_pae(SPAN_LIT("application/vnd.in-toto+json"),
                                   SPAN_LIT("{\"_type\":\"https://in-toto.io/Statement/v1\"}"), &w)
                         .code,
                     CS_OK);
    const struct sha256 got = digest_sha256(wr_span(&w));
    assert_int_equal(
        text_hex_decode(SPAN_LIT("57dd565335c70baa2e9fc48a46e80907434e3c6ea2342ef806dad983891349cd"), want.b, 32, "v")
            .code,
        CS_OK);
    assert_true(sha256_eq(&got, &want));
    AUTO_WRITER example = wr_heap(4096); /* of the DSSE protocol text */
    assert_int_equal(note_dsse_pae(SPAN_LIT("http://example.com/HelloWorld"), SPAN_LIT("hello world"), &example).code,
                     CS_OK);
    assert_true(span_is(wr_span(&example), "DSSEv1 29 http://example.com/HelloWorld 11 hello world"));
}

static void an_envelope_has_one_spelling(void **state)
{
    AUTO_WRITER w = wr_heap(4096);
    (void)state;

    assert_int_equal(note_dsse_write(SPAN_LIT("t/x"), SPAN_LIT("ab"), SPAN_NONE, SPAN_LIT("\x01\x02\x03"), &w).code,
                     CS_OK);
    assert_true(span_is(wr_span(&w), "{\"payload\":\"YWI=\",\"payloadType\":\"t/x\",\"signatures\":[{\"keyid\":"
                                     "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
                                     "\"sig\":\"AQID\"}]}"));
    assert_int_equal(note_dsse_write(SPAN_LIT("t\"x"), SPAN_NONE, SPAN_NONE, SPAN_NONE, &w).code, CS_E_SYNTAX);
    assert_int_equal(note_dsse_write(SPAN_LIT("t x"), SPAN_NONE, SPAN_NONE, SPAN_NONE, &w).code, CS_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pae_is_the_published_one),
        cmocka_unit_test(an_envelope_has_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
