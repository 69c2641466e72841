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

static void assert_envelope(const char *text, enum cs_code want)
{
    struct arena arena;
    struct note_dsse e;
    struct note_dsse before;
    arena_init(&arena, 1U << 20);
    memset(&e, 0x5a, sizeof(e));
    memcpy(&before, &e, sizeof(e));
    const struct cs_result r = note_dsse_decode(span_str(text), &arena, &e);
    if (r.code != want) {
        fail_msg("%s: %s %s", text, r.msg, cs_code_name(r.code));
    }
    if (r.code == CS_OK) {
        assert_true(span_is(e.type, "t/x"));
        assert_true(span_eq(e.payload, SPAN_LIT("\xfb\xff")));
        assert_true(span_is(e.signature[0].sig, "s"));
    } else {
        assert_memory_equal(&e, &before, sizeof(e));
    }
    arena_release(&arena);
}

#define SIG "\"signatures\":[{\"keyid\":\"k\",\"sig\":\"cw==\"}]"

static void envelopes_of_others_are_read(void **state)
{
    static const struct {
        const char *text;
        enum cs_code want;
    } rows[] = {
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\"," SIG "}", CS_OK},
        {" {" SIG ", \"payloadType\" : \"t\\/x\", \"payload\":\"-_8\"}\n", CS_OK},
        {"{\"payload\":\"-_8=\",\"payloadType\":\"t/x\"," SIG "}", CS_OK},
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\",\"signatures\":[{\"sig\":\"cw\"}],\"X-more\":[1]}", CS_OK},
        {"{\"payload\":\"+_8=\",\"payloadType\":\"t/x\"," SIG "}", CS_E_SYNTAX},
        {"{\"payload\":\"-_8==\",\"payloadType\":\"t/x\"," SIG "}", CS_E_SYNTAX},
        {"{\"payload\":\"-_9\",\"payloadType\":\"t/x\"," SIG "}", CS_E_ORDER},
        {"{\"payload\":\"=\",\"payloadType\":\"t/x\"," SIG "}", CS_E_SYNTAX},
        {"{\"payload\":1,\"payloadType\":\"t/x\"," SIG "}", CS_E_TYPE},
        {"{\"payloadType\":\"t/x\"," SIG "}", CS_E_MISSING},
        {"{\"payload\":\"+/8=\"," SIG "}", CS_E_MISSING},
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\"}", CS_E_MISSING},
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\",\"signatures\":{}}", CS_E_TYPE},
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\",\"signatures\":[]}", CS_E_RANGE},
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\",\"signatures\":[1]}", CS_E_TYPE},
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\",\"signatures\":[{\"keyid\":\"k\"}]}", CS_E_MISSING},
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\",\"signatures\":[{\"keyid\":1,\"sig\":\"cw==\"}]}", CS_E_TYPE},
        {"{\"payload\":\"+/8=\",\"payload\":\"+/8=\",\"payloadType\":\"t/x\"," SIG "}", CS_E_DUPLICATE},
        {"[]", CS_E_TYPE},
        {"{\"payload\":\"+/8=\",\"payloadType\":\"t/x\"," SIG "}x", CS_E_TRAILING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_envelope(rows[i].text, rows[i].want);
    }
}

static void what_is_written_is_read(void **state)
{
    AUTO_WRITER w = wr_heap(4096);
    struct arena arena;
    struct note_dsse e;
    (void)state;

    arena_init(&arena, 1U << 20);
    assert_int_equal(note_dsse_write(SPAN_LIT("t/x"), SPAN_LIT("ab"), SPAN_NONE, SPAN_LIT("s"), &w).code, CS_OK);
    assert_int_equal(note_dsse_decode(wr_span(&w), &arena, &e).code, CS_OK);
    assert_true(span_is(e.payload, "ab"));
    assert_int_equal(e.signature_count, 1);
    assert_int_equal(e.signature[0].keyid.left, 64);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pae_is_the_published_one),
        cmocka_unit_test(an_envelope_has_one_spelling),
        cmocka_unit_test(envelopes_of_others_are_read),
        cmocka_unit_test(what_is_written_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
