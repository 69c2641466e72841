/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_author.h"

#include "softkey_cbor.h"

struct softkey_author {
    struct softkey_ca ca;
    struct softkey_ec *key;
    uint8_t id[SOFTKEY_ID_BYTES];
    uint8_t spki[SOFTKEY_SPKI_BYTES];
    uint8_t cose[SOFTKEY_COSE_BYTES];
};

static void author_seed(const char *name, uint8_t ret_seed[SOFTKEY_HASH_BYTES])
{
    softkey_sha256_two("softkey author/", 15, name, strlen(name), ret_seed);
}

struct softkey_author *softkey_author_new(const char *name)
{
    uint8_t ca_seed[SOFTKEY_HASH_BYTES];
    uint8_t seed[SOFTKEY_HASH_BYTES];
    struct softkey_author *author = calloc(1, sizeof(*author));

    if (author == NULL) {
        return NULL;
    }
    softkey_sha256("softkey author ca", 17, ca_seed);
    author_seed(name, seed);
    author->key = softkey_ec_from_seed(seed, "credential");
    if (author->key == NULL || !softkey_ca_init(&author->ca, ca_seed)) {
        softkey_ec_free(author->key);
        free(author);
        return NULL;
    }
    softkey_sha256_two(seed, sizeof(seed), "id", 2, author->id);
    softkey_ec_spki(author->key, author->spki);
    softkey_ec_cose(author->key, author->cose);
    return author;
}

void softkey_author_free(struct softkey_author *author)
{
    if (author == NULL) {
        return;
    }
    softkey_ca_release(&author->ca);
    softkey_ec_free(author->key);
    free(author);
}

const uint8_t *softkey_author_id(const struct softkey_author *author)
{
    return author->id;
}

const uint8_t *softkey_author_point(const struct softkey_author *author)
{
    return softkey_ec_point(author->key);
}

const uint8_t *softkey_author_spki(const struct softkey_author *author)
{
    return author->spki;
}

const uint8_t *softkey_author_cose(const struct softkey_author *author)
{
    return author->cose;
}

const struct softkey_cert *softkey_author_root(const struct softkey_author *author)
{
    return &author->ca.root_cert;
}

bool softkey_author_register(const struct softkey_author *author, const struct softkey_frame *frame,
                             const uint8_t client_data_hash[SOFTKEY_HASH_BYTES], uint8_t protect,
                             struct softkey_registration *ret_registration)
{
    struct softkey_registration *r = ret_registration;

    memset(r, 0, sizeof(*r));
    softkey_make_cred_data(frame, author->id, author->key, protect, &r->data);
    if (!softkey_make_attestation(&author->ca, author->key, &r->data, client_data_hash, frame->faults,
                                  &r->attestation)) {
        return false;
    }
    struct softkey_cbor w = {.p = r->object, .cap = sizeof(r->object)};
    softkey_cbor_put_map(&w, 3);
    softkey_cbor_put_text(&w, "fmt");
    softkey_cbor_put_text(&w, r->attestation.format);
    softkey_cbor_put_text(&w, "attStmt");
    softkey_cbor_put_raw(&w, r->attestation.stmt, r->attestation.stmt_len);
    softkey_cbor_put_text(&w, "authData");
    softkey_cbor_put_bytes(&w, r->data.bytes, r->data.len);
    r->object_len = w.len;
    return !w.full;
}

bool softkey_author_assert(const struct softkey_author *author, const struct softkey_frame *frame,
                           const uint8_t client_data_hash[SOFTKEY_HASH_BYTES], struct softkey_auth_data *ret_data,
                           struct softkey_sig *ret_sig)
{
    softkey_make_assert_data(frame, ret_data);
    return softkey_make_signature(author->key, ret_data, client_data_hash, frame->faults, ret_sig);
}

bool softkey_author_sign(const struct softkey_author *author, const uint8_t digest[SOFTKEY_HASH_BYTES],
                         struct softkey_sig *ret_sig)
{
    return softkey_ec_sign(author->key, digest, ret_sig);
}

/* `out` has room for four digits for each three bytes, rounded up, and the NUL. */
static void base64url(const uint8_t *in, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | in[i];
        have += 8;
        while (have >= 6) {
            have -= 6;
            out[n++] = digits[bits >> have & 63u];
        }
    }
    if (have > 0) {
        out[n++] = digits[bits << (6 - have) & 63u];
    }
    out[n] = '\0';
}

bool softkey_client_data(const char *type, const uint8_t *challenge, size_t challenge_len, const char *rp_id,
                         struct softkey_client_data *ret_data)
{
    char text[SOFTKEY_CHALLENGE_MAX / 3 * 4 + 3];

    if (challenge_len > SOFTKEY_CHALLENGE_MAX) {
        return false;
    }
    base64url(challenge, challenge_len, text);
    memset(ret_data, 0, sizeof(*ret_data));
    const int n = snprintf(ret_data->json, sizeof(ret_data->json),
                           "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"https://%s\",\"crossOrigin\":false}",
                           type, text, rp_id);
    if (n < 0 || (size_t)n >= sizeof(ret_data->json)) {
        return false;
    }
    ret_data->len = (size_t)n;
    softkey_sha256(ret_data->json, ret_data->len, ret_data->hash);
    return true;
}
