/* SPDX-License-Identifier: Apache-2.0 */
/* The PIV operations against a card as a function: what is signed, what is refused, and that a refusal costs no try. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_card.h"
#include "token/token_cardkey.h"

static const char message[] = "SSHSIG frame";
static struct fake_card c; /* one at a time; larger than a stack frame should be */

struct result {
    struct arena arena;
    struct token_outcome out;
    bool denied;
};

static enum token_code run_ids(enum token_cmd cmd, const char *pin, const struct span *ids, size_t n,
                               struct result *ret)
{
    const struct token_card card = fake_card_face(&c);
    const struct token_command command = {
        .cmd = cmd, .message = span_make(message, sizeof(message) - 1), .ids = ids, .id_count = n, .timeout_ms = 1000};
    struct token_secret secret = {{0}};

    memcpy(secret.text, pin, strlen(pin));
    *ret = (struct result){.denied = false};
    arena_init(&ret->arena, 1 << 18);
    c.commands = 0;
    c.stage = TOKEN_STAGE_OPEN;
    token_piv_run(&command, &secret, &card, &ret->arena, &ret->out, &ret->denied);
    return ret->out.code;
}

static enum token_code run(enum token_cmd cmd, const char *pin, struct result *ret)
{
    const struct sha256 other = {{1}};
    const struct sha256 id = c.slots[0].key != NULL ? fake_id(c.slots[0].key) : other;
    const struct span ids[] = {sha256_span(&other), sha256_span(&id)};

    return run_ids(cmd, pin, ids, cmd == TOKEN_CMD_ENROL ? 1 : 2, ret);
}

static enum token_code run_once(enum token_cmd cmd, const char *pin)
{
    struct result r;
    const enum token_code code = run(cmd, pin, &r);

    arena_release(&r.arena);
    return code;
}

static bool verified_by(EVP_PKEY *key, const EVP_MD *md, struct span sig)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool ok = EVP_DigestVerifyInit(ctx, NULL, md, NULL, key) == 1 &&
                    EVP_DigestVerify(ctx, sig.p, sig.left, (const uint8_t *)message, strlen(message)) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

static const struct kind {
    const char *name;
    const EVP_MD *(*md)(void);
} kinds[] = {{"p256", EVP_sha256},
             {"p384", EVP_sha384},
             {"rsa2048", EVP_sha512},
             {"rsa3072", EVP_sha512},
             {"rsa4096", EVP_sha512}};

/* Each kind of key signs with the hash that belongs to it, and is enrolled. */
static void every_kind_of_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        EVP_PKEY *key = fake_key(kinds[i].name);
        const struct sha256 id = fake_id(key);
        struct result r;
        fake_card_init(&c, key);
        assert_int_equal(run(TOKEN_CMD_IDENTIFY, "", &r), TOKEN_OK);
        assert_true(span_eq(r.out.credential, sha256_span(&id)));
        assert_int_equal(r.out.sig.left, 0);
        assert_int_equal(c.verifies, 0);
        arena_release(&r.arena);

        assert_int_equal(run(TOKEN_CMD_SIGN, "123456", &r), TOKEN_OK);
        assert_true(span_eq(r.out.credential, sha256_span(&id)));
        assert_true(verified_by(key, kinds[i].md(), r.out.sig));
        assert_int_equal(c.stage, TOKEN_STAGE_AFTER);
        arena_release(&r.arena);

        assert_int_equal(run(TOKEN_CMD_ENROL, "123456", &r), TOKEN_OK);
        assert_true(verified_by(key, kinds[i].md(), r.out.sig));
        const struct sha256 of_key = digest_sha256(r.out.key);
        assert_true(sha256_eq(&of_key, &id));
        assert_int_equal(r.out.certificate.left, c.slots[0].certificate.len);
        assert_int_equal(r.out.x5c_count, 0);
        assert_int_equal(r.out.pin_policy, TOKEN_ASKS_UNKNOWN);
        arena_release(&r.arena);
    }
}

static void weak_keys(void **state)
{
    static const char *const weak[] = {"rsa1024", "p521", "ed25519"};
    (void)state;

    for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++) {
        fake_card_init(&c, fake_key(weak[i]));
        for (unsigned cmd = TOKEN_CMD_IDENTIFY; cmd <= TOKEN_CMD_SIGN; cmd++) {
            assert_int_equal(run_once((enum token_cmd)cmd, "123456"), TOKEN_WEAK_KEY);
        }
        assert_int_equal(c.verifies, 0);
    }
}

/* --- rows: one fault each, and what is said of it; no signature leaves with any --- */

static void f_wrong_pin(void)
{
    memcpy(c.pin, "654321", 7);
}
static void f_two_tries(void)
{
    c.tries = 2;
    f_wrong_pin();
}
static void f_last_try(void)
{
    c.tries = 1;
}
static void f_blocked(void)
{
    c.tries = 0;
}
static void f_no_tries_in_63c0(void)
{
    c.tries_sw = 0x63c0;
}
static void f_tries_nonsense(void)
{
    c.tries_sw = 0x6d00;
}
static void f_verify_nonsense(void)
{
    c.verify_sw = 0x6f00;
}
static void f_pin_format(void)
{
    c.verify_sw = 0x6a80;
}
static void f_blocked_meanwhile(void)
{
    c.verify_sw = 0x6983;
}
static void f_forged_verify(void)
{
    c.believes_any_pin = true;
    c.slots[0].key = fake_key("other"); /* it cannot have the key it shows */
}
static void f_no_touch(void)
{
    c.sign_sw = 0x6600;
}
static void f_not_allowed(void)
{
    c.sign_sw = 0x6982;
}
static void f_sign_flipped(void)
{
    c.sign_nonsense = true;
}
static void f_sign_bare(void)
{
    c.sign_bare = true;
}
static void f_changed(void)
{
    c.same = TOKEN_CARD_CHANGED;
}
static void f_swapped(void)
{
    c.swap_to = fake_key("other");
}
static void f_removed(void)
{
    c.same = TOKEN_REMOVED;
}
static void f_no_application(void)
{
    c.no_application = true;
}
static void f_gzip(void)
{
    c.slots[0].packed = 1;
}
static void f_object_nonsense(void)
{
    c.object_nonsense = true;
}
static void f_certificate_cut(void)
{
    c.slots[0].certificate.len--;
}
static void f_certificate_long(void)
{
    c.slots[0].certificate.len++;
}
static void f_certificate_huge(void)
{
    c.slots[0].certificate.len = TOKEN_CERT_MAX + 1;
}
static void f_empty(void)
{
    c.slots[0].certificate.len = 0;
}

static const struct row {
    const char *name;
    void (*set)(void);
    enum token_code sign;
    enum token_code enrol;
    unsigned verifies; /* PINs that were tried */
    int tries;         /* told; -1: not */
} rows[] = {
    {"wrong PIN", f_wrong_pin, TOKEN_PIN_WRONG, TOKEN_PIN_WRONG, 1, 2},
    {"wrong PIN, last but one", f_two_tries, TOKEN_PIN_WRONG, TOKEN_PIN_WRONG, 1, 1},
    {"last try", f_last_try, TOKEN_PIN_LAST_TRY, TOKEN_PIN_LAST_TRY, 0, 1},
    {"blocked", f_blocked, TOKEN_PIN_BLOCKED, TOKEN_PIN_BLOCKED, 0, 0},
    {"blocked, said by a count", f_no_tries_in_63c0, TOKEN_PIN_BLOCKED, TOKEN_PIN_BLOCKED, 0, 0},
    {"does not say how many tries", f_tries_nonsense, TOKEN_FAILED, TOKEN_FAILED, 0, -1},
    {"VERIFY: nonsense", f_verify_nonsense, TOKEN_FAILED, TOKEN_FAILED, 1, -1},
    {"VERIFY: no such PIN", f_pin_format, TOKEN_BAD_REQUEST, TOKEN_BAD_REQUEST, 1, -1},
    {"VERIFY: blocked", f_blocked_meanwhile, TOKEN_PIN_BLOCKED, TOKEN_PIN_BLOCKED, 1, 0},
    {"forged VERIFY, other key", f_forged_verify, TOKEN_FAILED, TOKEN_CERT_MISMATCH, 1, -1},
    {"not touched", f_no_touch, TOKEN_TIMEOUT, TOKEN_TIMEOUT, 1, -1},
    {"not allowed", f_not_allowed, TOKEN_FAILED, TOKEN_FAILED, 1, -1},
    {"signature with another bit", f_sign_flipped, TOKEN_FAILED, TOKEN_CERT_MISMATCH, 1, -1},
    {"signature without its template", f_sign_bare, TOKEN_FAILED, TOKEN_FAILED, 1, -1},
    {"swapped after the PIN", f_changed, TOKEN_CARD_CHANGED, TOKEN_CARD_CHANGED, 1, -1},
    {"swapped unseen, after the PIN", f_swapped, TOKEN_CARD_CHANGED, TOKEN_CARD_CHANGED, 1, -1},
    {"removed after the PIN", f_removed, TOKEN_REMOVED, TOKEN_REMOVED, 1, -1},
    {"no PIV", f_no_application, TOKEN_UNSUPPORTED, TOKEN_UNSUPPORTED, 0, -1},
    {"packed certificate", f_gzip, TOKEN_UNSUPPORTED, TOKEN_UNSUPPORTED, 0, -1},
    {"object that is no TLV", f_object_nonsense, TOKEN_UNSUPPORTED, TOKEN_UNSUPPORTED, 0, -1},
    {"certificate cut", f_certificate_cut, TOKEN_UNSUPPORTED, TOKEN_UNSUPPORTED, 0, -1},
    {"certificate with a byte behind", f_certificate_long, TOKEN_UNSUPPORTED, TOKEN_UNSUPPORTED, 0, -1},
    {"certificate too large", f_certificate_huge, TOKEN_UNSUPPORTED, TOKEN_UNSUPPORTED, 0, -1},
    {"no certificate", f_empty, TOKEN_UNSUPPORTED, TOKEN_UNSUPPORTED, 0, -1},
};

static void fault_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i / 2];
        const bool enrols = i % 2 == 1;
        struct result r;
        fake_card_init(&c, fake_key("p256"));
        row->set();
        const struct sha256 id = fake_id(fake_key("p256")); /* as enrolled, whatever the card does now */
        const struct span ids[] = {sha256_span(&id)};
        const enum token_code got =
            run_ids(enrols ? TOKEN_CMD_ENROL : TOKEN_CMD_SIGN, "123456", ids, enrols ? 0 : 1, &r);
        if (got != (enrols ? row->enrol : row->sign) || c.verifies != row->verifies) {
            fail_msg("%s: %s, %u PINs", row->name, token_code_word(got), c.verifies);
        }
        if (r.out.has_tries != (row->tries >= 0) || (row->tries >= 0 && (int)r.out.tries != row->tries)) {
            fail_msg("%s: %u tries", row->name, r.out.tries);
        }
        assert_int_equal(r.out.sig.left, 0);
        assert_int_equal(r.denied, row->set == f_not_allowed);
        arena_release(&r.arena);
    }
}

/* A link that breaks at each command in turn: its reason is the answer, and a signature never leaves. */
static void gone_at_every_command(void **state)
{
    (void)state;
    for (unsigned cmd = TOKEN_CMD_IDENTIFY; cmd <= TOKEN_CMD_SIGN; cmd++) {
        enum token_code code = TOKEN_READER;
        unsigned at = 0;
        for (at = 1; code == TOKEN_READER; at++) {
            struct result r;
            fake_card_init(&c, fake_key("rsa2048"));
            c.gone = TOKEN_READER;
            c.gone_at = at;
            code = run((enum token_cmd)cmd, "123456", &r);
            assert_true(code == TOKEN_OK || code == TOKEN_READER);
            assert_int_equal(c.commands, code == TOKEN_OK ? at - 1 : at); /* none after the one that was lost */
            arena_release(&r.arena);
            assert_true(at < 50);
        }
        assert_int_equal(code, TOKEN_OK);
        assert_true(at > (cmd == TOKEN_CMD_IDENTIFY ? 5u : 8u));
    }
}

/* --- which slot --- */

static void second_slot(void **state)
{
    struct result r;
    const struct sha256 id = fake_id(fake_key("p384"));
    const struct span ids[] = {sha256_span(&id)};
    (void)state;

    fake_card_init(&c, fake_key("p256"));
    c.slots[1].key = fake_key("p384");
    fake_certificate(c.slots[1].key, 0, 0, &c.slots[1].certificate);
    assert_int_equal(run_ids(TOKEN_CMD_SIGN, "123456", ids, 1, &r), TOKEN_OK); /* 9C is another one's */
    assert_true(verified_by(fake_key("p384"), EVP_sha384(), r.out.sig));
    arena_release(&r.arena);
    assert_int_equal(run_ids(TOKEN_CMD_ENROL, "123456", ids, 1, &r), TOKEN_EXCLUDED); /* in whichever slot */
    arena_release(&r.arena);
    assert_int_equal(run_ids(TOKEN_CMD_ENROL, "123456", NULL, 0, &r), TOKEN_OK);
    assert_true(verified_by(fake_key("p256"), EVP_sha256(), r.out.sig)); /* 9C before 9A */
    arena_release(&r.arena);
    c.slots[0].certificate.len = 0;
    assert_int_equal(run_ids(TOKEN_CMD_ENROL, "123456", NULL, 0, &r), TOKEN_OK);
    assert_true(verified_by(fake_key("p384"), EVP_sha384(), r.out.sig));
    arena_release(&r.arena);
}

static void unknown_card(void **state)
{
    struct result r;
    const struct sha256 other = {{7}};
    const struct span ids[] = {sha256_span(&other), SPAN_LIT("a FIDO2 id")};
    (void)state;

    fake_card_init(&c, fake_key("p256"));
    assert_int_equal(run_ids(TOKEN_CMD_SIGN, "123456", ids, 2, &r), TOKEN_WRONG_KEY);
    arena_release(&r.arena);
    assert_int_equal(run_ids(TOKEN_CMD_IDENTIFY, "", ids, 2, &r), TOKEN_WRONG_KEY);
    arena_release(&r.arena);
    assert_int_equal(c.verifies, 0);
    assert_int_equal(c.tries, 3);
}

/* --- PIN --- */

static void pins(void **state)
{
    static const struct {
        const char *pin;
        bool fits;
    } pin_rows[] = {{"12345", false}, {"123456", true},         {"12345678", true},   {"123456789", false},
                    {"", false},      {"p\xc3\xa4sswo", false}, {"12345\x7f", false}, {"ab cd ~", true}};
    (void)state;

    for (size_t i = 0; i < sizeof(pin_rows) / sizeof(pin_rows[0]); i++) {
        fake_card_init(&c, fake_key("p256"));
        memset(c.pin, 0, sizeof(c.pin));
        memcpy(c.pin, pin_rows[i].pin, pin_rows[i].fits ? strlen(pin_rows[i].pin) : 0);
        const enum token_code want = pin_rows[i].fits ? TOKEN_OK : TOKEN_BAD_REQUEST;
        assert_int_equal(run_once(TOKEN_CMD_SIGN, pin_rows[i].pin), want);
        assert_int_equal(c.commands > 0, pin_rows[i].fits); /* the card was not even asked */
    }
}

static void nothing_to_sign(void **state)
{
    struct token_secret pin = {"123456"};
    struct token_outcome out;
    struct arena arena;
    const struct token_command cmd = {.cmd = TOKEN_CMD_SIGN};
    bool denied = true;
    (void)state;

    fake_card_init(&c, fake_key("p256"));
    arena_init(&arena, 1 << 16);
    const struct token_card card = fake_card_face(&c);
    token_piv_run(&cmd, &pin, &card, &arena, &out, &denied);
    assert_int_equal(out.code, TOKEN_BAD_REQUEST);
    assert_int_equal(c.commands, 0);
    assert_false(denied);
    arena_release(&arena);
}

/* A card that nobody has reset says that its PIN is verified: it is given the PIN all the same. */
static void left_verified(void **state)
{
    (void)state;

    fake_card_init(&c, fake_key("p256"));
    c.verified = true;
    assert_int_equal(run_once(TOKEN_CMD_SIGN, "999999"), TOKEN_PIN_WRONG);
    c.verified = true;
    assert_int_equal(run_once(TOKEN_CMD_SIGN, "123456"), TOKEN_OK);
    assert_int_equal(c.verifies, 2);
}

/* --- attestation --- */

static void attestation(void **state)
{
    static const struct {
        uint8_t pin;
        uint8_t touch;
        const char *pin_word;
        const char *touch_word;
    } policy_rows[] = {{1, 1, "never", "never"}, {2, 2, "once", "always"}, {3, 3, "always", "cached"}};
    struct result r;
    (void)state;

    for (size_t i = 0; i < sizeof(policy_rows) / sizeof(policy_rows[0]); i++) {
        fake_card_init(&c, fake_key("p256"));
        fake_certificate(fake_key("p256"), policy_rows[i].pin, policy_rows[i].touch, &c.attestation);
        fake_certificate(fake_key("rsa2048"), 0, 0, &c.maker);
        assert_int_equal(run(TOKEN_CMD_ENROL, "123456", &r), TOKEN_OK);
        assert_int_equal(r.out.x5c_count, 2);
        assert_true(span_eq(r.out.x5c[0], span_make(c.attestation.b, c.attestation.len)));
        assert_true(span_eq(r.out.x5c[1], span_make(c.maker.b, c.maker.len)));
        assert_string_equal(token_asking_word(r.out.pin_policy), policy_rows[i].pin_word);
        assert_string_equal(token_asking_word(r.out.touch_policy), policy_rows[i].touch_word);
        arena_release(&r.arena);
    }
}

static void attestation_that_is_none(void **state)
{
    static const struct {
        uint8_t pin;
        uint8_t touch;
    } says[] = {{3, 2}, {3, 2}, {3, 2}, {0, 0}, {4, 4}, {0xff, 2}, {3, 0}, {3, 4}}; /* {0, 0}: no such extension */
    struct result r;
    (void)state;

    for (unsigned i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
        fake_card_init(&c, fake_key("p256"));
        fake_certificate(fake_key("p256"), says[i].pin, says[i].touch, &c.attestation);
        fake_certificate(fake_key("rsa2048"), 0, 0, &c.maker);
        c.attestation.len -= i == 0 ? 1 : 0; /* one byte short, as a known card has it */
        c.maker.len -= i == 1 ? 1 : 0;
        c.maker.len = i == 2 ? 0 : c.maker.len;
        assert_int_equal(run(TOKEN_CMD_ENROL, "123456", &r), TOKEN_OK);
        assert_int_equal(r.out.x5c_count, 0);
        assert_int_equal(r.out.pin_policy, TOKEN_ASKS_UNKNOWN);
        assert_int_equal(r.out.touch_policy, TOKEN_ASKS_UNKNOWN);
        arena_release(&r.arena);
    }
    fake_card_init(&c, fake_key("p256"));
    fake_certificate(fake_key("other"), 3, 2, &c.attestation); /* of another key: the certificate is not this slot's */
    fake_certificate(fake_key("rsa2048"), 0, 0, &c.maker);
    assert_int_equal(run(TOKEN_CMD_ENROL, "123456", &r), TOKEN_CERT_MISMATCH);
    arena_release(&r.arena);
}

/* Every cap of memory until it suffices: nothing half done is ok. */
static void memory_sweep(void **state)
{
    bool done = false;
    (void)state;

    for (size_t cap = 0; !done; cap += 32) {
        struct token_outcome out;
        struct arena arena;
        struct token_secret pin = {"123456"};
        const struct token_command cmd = {.cmd = TOKEN_CMD_ENROL, .message = span_make(message, sizeof(message) - 1)};
        bool denied = false;
        fake_card_init(&c, fake_key("p256"));
        arena_init(&arena, cap);
        const struct token_card card = fake_card_face(&c);
        token_piv_run(&cmd, &pin, &card, &arena, &out, &denied);
        done = out.code == TOKEN_OK;
        assert_true(done || out.code == TOKEN_FAILED);
        assert_true(!done || (out.sig.left > 0 && out.key.left == 91 && out.certificate.left > 0));
        assert_true(cap < 65536);
        arena_release(&arena);
    }
}

static int free_keys(void **state)
{
    (void)state;
    fake_keys_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_key),
        cmocka_unit_test(weak_keys),
        cmocka_unit_test(fault_rows),
        cmocka_unit_test(gone_at_every_command),
        cmocka_unit_test(second_slot),
        cmocka_unit_test(unknown_card),
        cmocka_unit_test(pins),
        cmocka_unit_test(nothing_to_sign),
        cmocka_unit_test(left_verified),
        cmocka_unit_test(attestation),
        cmocka_unit_test(attestation_that_is_none),
        cmocka_unit_test(memory_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, free_keys);
}
