/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/crypt_assertion.h"

#include "crypt/crypt_auth_data.h"
#include "note/note_client_data.h"

const char *crypt_assertion_text(enum crypt_assertion a)
{
#define CRYPT_ASSERTION_TEXT(id, text) [id] = text,
    static const char *const texts[CRYPT_ASSERTION_COUNT] = {CRYPT_ASSERTIONS(CRYPT_ASSERTION_TEXT)};
#undef CRYPT_ASSERTION_TEXT
    return (unsigned)a < CRYPT_ASSERTION_COUNT ? texts[a] : "unknown";
}

/* The frame of the authenticator data, before anything in it is believed. */
static enum crypt_assertion check_form(struct span auth_data)
{
    const uint8_t flags = auth_data.left > CRYPT_AT_FLAGS ? auth_data.p[CRYPT_AT_FLAGS] : 0;

    if (auth_data.left >= CRYPT_AUTH_DATA_BYTES && (flags & (CRYPT_FLAG_AT | CRYPT_FLAG_ED)) != 0) {
        return CRYPT_ASSERTION_EXTENDED;
    }
    if (auth_data.left != CRYPT_AUTH_DATA_BYTES) {
        return CRYPT_ASSERTION_AUTH_DATA;
    }
    return (flags & CRYPT_FLAGS_RESERVED) != 0 ? CRYPT_ASSERTION_RESERVED : CRYPT_ASSERTION_HOLDS;
}

static enum crypt_assertion check_flags(const struct crypt_assertion_in *in)
{
    const struct sha256 rp = digest_sha256(in->rp_id);
    const uint8_t flags = in->auth_data.p[CRYPT_AT_FLAGS];

    if (memcmp(in->auth_data.p, rp.b, SHA256_BYTES) != 0) {
        return CRYPT_ASSERTION_RP_ID;
    }
    if ((flags & CRYPT_FLAG_UP) == 0) {
        return CRYPT_ASSERTION_NO_PRESENCE;
    }
    if ((flags & CRYPT_FLAG_UV) == 0) {
        return CRYPT_ASSERTION_NO_VERIFICATION;
    }
    return (flags & (CRYPT_FLAG_BE | CRYPT_FLAG_BS)) != 0 ? CRYPT_ASSERTION_BACKUP : CRYPT_ASSERTION_HOLDS;
}

static enum crypt_assertion check_signature(struct crypt_key *key, const struct crypt_assertion_in *in,
                                            const struct sha256 *client_data_hash)
{
    const struct span parts[2] = {in->auth_data, sha256_span(client_data_hash)};
    const struct sha256 digest = digest_sha256_parts(parts, 2);
    const struct cs_result r = crypt_verify_es256_digest(key, &digest, in->sig);

    if (r.code == CS_OK) {
        return CRYPT_ASSERTION_HOLDS;
    }
    return r.code == CS_E_BADSIG ? CRYPT_ASSERTION_SIGNATURE : CRYPT_ASSERTION_NO_ROOM;
}

enum crypt_assertion crypt_assertion_check(struct crypt_key *key, const struct crypt_assertion_in *in,
                                           uint32_t *ret_counter)
{
    uint8_t text[NOTE_CLIENT_DATA_MAX];
    struct writer w = wr_fixed(text, sizeof(text));

    if (note_client_data_write(&w, NOTE_WEBAUTHN_GET, in->challenge, in->rp_id).code != CS_OK) {
        return CRYPT_ASSERTION_INPUT;
    }
    if (in->client_data.left > 0 && !span_eq(in->client_data, wr_span(&w))) {
        return CRYPT_ASSERTION_CLIENT_DATA;
    }
    enum crypt_assertion a = check_form(in->auth_data);
    if (a != CRYPT_ASSERTION_HOLDS) {
        return a;
    }
    if (ret_counter != NULL) {
        *ret_counter = crypt_auth_data_counter(in->auth_data);
    }
    a = check_flags(in);
    if (a != CRYPT_ASSERTION_HOLDS) {
        return a;
    }
    if (crypt_key_kind(key) != NOTE_SPKI_P256) {
        return CRYPT_ASSERTION_KEY;
    }
    const struct sha256 hash = digest_sha256(wr_span(&w));
    return check_signature(key, in, &hash);
}
