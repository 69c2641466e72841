/* SPDX-License-Identifier: Apache-2.0 */
/* signature, assertion, dsse: one signature by one key. */
#include "audit_spot.h"

#include "base/base_text.h"
#include "crypt/crypt_assertion.h"
#include "crypt/crypt_dsse.h"
#include "note/note_client_data.h"
#include "note/note_sshsig.h"

enum { ARENA_BYTES = 1 << 26 };

static enum audit_exit run_signature(const struct audit_args *args)
{
    AUTO_WRITER spki = wr_heap(AUDIT_FILE_MAX);
    AUTO_WRITER sig = wr_heap(AUDIT_FILE_MAX);
    AUTO_WRITER file = wr_heap(AUDIT_FILE_MAX);
    AUTO_CRYPT_KEY *key = NULL;
    const char *name = NULL;
    enum crypt_alg alg = CRYPT_ES256;

    AUDIT_TRY(audit_need(args, "--alg", &name));
    if (crypt_alg_decode(span_str(name), &alg).code != CS_OK) {
        return AUDIT_MISUSE("--alg is es256, es384, rs256, rs512 or ed25519");
    }
    AUDIT_TRY(audit_load_option(args, "--key", &spki));
    AUDIT_TRY(audit_load_option(args, "--sig", &sig));
    AUDIT_TRY(audit_load(args->word[0], &file));
    struct cs_result r = crypt_key_open(wr_span(&spki), &key);
    r = r.code == CS_OK ? crypt_verify(key, alg, wr_span(&file), wr_span(&sig)) : r;
    if (r.code != CS_OK) {
        return audit_refuse_result(r);
    }
    return AUDIT_OK("the %s signature verifies", name);
}

/* The challenge's bytes, from base64url text. */
static CS_RESULT challenge_of(struct span text, struct writer *w)
{
    if (text.left > 0 && text.p[text.left - 1] == '\n') {
        text.left--; /* of a file written by an editor or by echo */
    }
    return text_base64url_decode(text, w, "challenge");
}

/* --challenge TEXT, --challenge @FILE or --statement FILE, exactly one of them. */
static enum audit_exit load_challenge(const struct audit_args *args, struct writer *file, struct span *ret_text)
{
    const char *value = NULL;

    if (audit_option_given(args, "--statement") == audit_option_given(args, "--challenge")) {
        return AUDIT_MISUSE("either --challenge or --statement");
    }
    if (audit_option_given(args, "--statement")) {
        return audit_load_option(args, "--statement", file);
    }
    AUDIT_TRY(audit_need(args, "--challenge", &value));
    *ret_text = span_str(value);
    if (value[0] == '@') {
        AUDIT_TRY(audit_load(value + 1, file));
        *ret_text = wr_span(file);
    }
    return AUDIT_HOLDS;
}

struct assertion_files {
    struct writer spki;
    struct writer challenge;
    struct writer client_data;
    struct writer auth_data;
    struct writer sig;
};

static void release(struct assertion_files *f)
{
    wr_release(&f->spki);
    wr_release(&f->challenge);
    wr_release(&f->client_data);
    wr_release(&f->auth_data);
    wr_release(&f->sig);
}

static enum audit_exit load_files(const struct audit_args *args, struct assertion_files *f)
{
    AUDIT_TRY(audit_load_option(args, "--key", &f->spki));
    AUDIT_TRY(audit_load_option(args, "--client-data", &f->client_data));
    AUDIT_TRY(audit_load_option(args, "--auth-data", &f->auth_data));
    return audit_load_option(args, "--sig", &f->sig);
}

static enum audit_exit check_assertion(const struct assertion_files *f, struct span rp_id, struct span challenge)
{
    AUTO_CRYPT_KEY *key = NULL;
    uint32_t counter = 0;
    const struct crypt_assertion_in in = {
        .rp_id = rp_id,
        .challenge = challenge,
        .client_data = wr_span(&f->client_data),
        .auth_data = wr_span(&f->auth_data),
        .sig = wr_span(&f->sig),
    };

    const struct cs_result r = crypt_key_open(wr_span(&f->spki), &key);
    if (r.code != CS_OK) {
        return audit_refuse_result(r);
    }
    if (in.client_data.left == 0) {
        return AUDIT_REFUSE("%s", crypt_assertion_text(CRYPT_ASSERTION_CLIENT_DATA));
    }
    const enum crypt_assertion a = crypt_assertion_check(key, &in, &counter);
    if (a != CRYPT_ASSERTION_HOLDS) {
        return AUDIT_REFUSE("%s", crypt_assertion_text(a));
    }
    return AUDIT_OK("the assertion holds, counter %u", counter);
}

static enum audit_exit run_assertion(const struct audit_args *args)
{
    __attribute__((cleanup(release))) struct assertion_files f = {
        .spki = wr_heap(AUDIT_FILE_MAX),
        .challenge = wr_heap(AUDIT_FILE_MAX),
        .client_data = wr_heap(AUDIT_FILE_MAX),
        .auth_data = wr_heap(AUDIT_FILE_MAX),
        .sig = wr_heap(AUDIT_FILE_MAX),
    };
    uint8_t bytes[NOTE_CHALLENGE_MAX];
    struct writer challenge = wr_fixed(bytes, sizeof(bytes));
    const char *rp_id = NULL;
    struct span text = SPAN_NONE;

    AUDIT_TRY(audit_need(args, "--rp-id", &rp_id));
    AUDIT_TRY(load_challenge(args, &f.challenge, &text));
    AUDIT_TRY(load_files(args, &f));
    if (audit_option_given(args, "--statement")) {
        const struct note_tosign t = note_sshsig_tosign(wr_span(&f.challenge));
        return check_assertion(&f, span_str(rp_id), SPAN_OF(t.b));
    }
    const struct cs_result r = challenge_of(text, &challenge);
    if (r.code != CS_OK) {
        return audit_refuse_result(r);
    }
    return check_assertion(&f, span_str(rp_id), wr_span(&challenge));
}

static CS_RESULT check_dsse(struct span spki, struct span file, const char *type, struct arena *arena,
                            struct note_dsse *ret_envelope)
{
    AUTO_CRYPT_KEY *key = NULL;

    TRY(crypt_key_open(spki, &key));
    TRY(note_dsse_decode(file, arena, ret_envelope));
    TRY(crypt_dsse_verify(key, ret_envelope));
    ENSURE(type == NULL || span_is(ret_envelope->type, type), CS_E_MISMATCH, "dsse.payloadType");
    return CS_SUCCESS;
}

static enum audit_exit run_dsse(const struct audit_args *args)
{
    AUTO_WRITER spki = wr_heap(AUDIT_FILE_MAX);
    AUTO_WRITER file = wr_heap(AUDIT_FILE_MAX);
    struct arena arena;
    struct note_dsse e;
    const char *type = NULL;

    if (audit_option_given(args, "--payload-type")) {
        AUDIT_TRY(audit_need(args, "--payload-type", &type));
    }
    AUDIT_TRY(audit_load_option(args, "--key", &spki));
    AUDIT_TRY(audit_load(args->word[0], &file));
    arena_init(&arena, ARENA_BYTES);
    const struct cs_result r = check_dsse(wr_span(&spki), wr_span(&file), type, &arena, &e);
    const struct sha256 d = r.code == CS_OK ? digest_sha256(e.payload) : (struct sha256){{0}};
    arena_release(&arena);
    if (r.code != CS_OK) {
        return audit_refuse_result(r);
    }
    return AUDIT_OK("the envelope is signed, payload %s", audit_hex(&d).text);
}

static const char *const signature_options[] = {"--alg", "--key", "--sig", NULL};
const struct audit_command audit_signature = {
    .name = "signature",
    .synopsis = "--alg es256|es384|rs256|rs512|ed25519 --key SPKI.der --sig FILE FILE",
    .options = signature_options,
    .words_min = 1,
    .words_max = 1,
    .run = run_signature,
};

static const char *const assertion_options[] = {"--key",         "--rp-id",     "--challenge", "--statement",
                                                "--client-data", "--auth-data", "--sig",       NULL};
const struct audit_command audit_assertion = {
    .name = "assertion",
    .synopsis = "--key SPKI.der --rp-id ID (--challenge BASE64URL|@FILE | --statement FILE) --client-data FILE "
                "--auth-data FILE --sig FILE",
    .options = assertion_options,
    .words_min = 0,
    .words_max = 0,
    .run = run_assertion,
};

static const char *const dsse_options[] = {"--key", "--payload-type", NULL};
const struct audit_command audit_dsse = {
    .name = "dsse",
    .synopsis = "--key SPKI.der [--payload-type TYPE] FILE",
    .options = dsse_options,
    .words_min = 1,
    .words_max = 1,
    .run = run_dsse,
};
