/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "note/note_dsse.h"
#include "note/note_signed.h"
#include "seal/seal_key.h"

enum { SECURE_HEAP_BYTES = 32 << 10, SECURE_HEAP_UNIT_BYTES = 32, ECDSA_SIG_MAX_BYTES = 72, PAE_MAX_BYTES = 4 << 20 };

CS_AUTO_DEFINE(EVP_MD_CTX, EVP_MD_CTX_free);

struct seal {
    EVP_PKEY *log;
    EVP_PKEY *outcome;
    struct merkle_frontier last; /* of the last head that was signed, or of where the log stood at the start */
    bool resumed;
    uint8_t log_public[NOTE_KEY_BYTES];
    uint8_t spki[SEAL_OUTCOME_SPKI_BYTES];
    uint8_t origin[NOTE_NAME_MAX];
    size_t origin_len;
};

static CS_RESULT load_or_create(const char *dir, const char *name, enum seal_kind kind, bool may_create,
                                EVP_PKEY **ret_key)
{
    const struct cs_result r = seal_key_load(dir, name, kind, ret_key);
    if (r.code != CS_E_MISSING || !may_create) {
        return r;
    }
    TRY(seal_key_create(dir, name, kind));
    return seal_key_load(dir, name, kind, ret_key); /* what is on the disk is what counts */
}

static CS_RESULT read_public(struct seal *s)
{
    size_t n = sizeof(s->log_public);
    ENSURE(EVP_PKEY_get_raw_public_key(s->log, s->log_public, &n) == 1 && n == sizeof(s->log_public), CS_E_CRYPTO,
           "seal.log");
    uint8_t *der = NULL;
    const int der_len = i2d_PUBKEY(s->outcome, &der);
    const bool fits = der_len == (int)sizeof(s->spki);
    if (fits) {
        memcpy(s->spki, der, sizeof(s->spki));
    }
    OPENSSL_free(der);
    ENSURE(fits, CS_E_CRYPTO, "seal.outcome");
    return CS_SUCCESS;
}

CS_RESULT seal_open(const char *dir, struct span origin, bool may_create, struct seal **ret_seal)
{
    TRY(note_name_check(origin, "seal.origin"));
    TRY(seal_dir_check(dir));
    if (CRYPTO_secure_malloc_initialized() == 0) {
        (void)CRYPTO_secure_malloc_init(SECURE_HEAP_BYTES, SECURE_HEAP_UNIT_BYTES); /* locked memory, where allowed */
    }
    AUTO_SEAL *s = calloc(1, sizeof(*s));
    ENSURE(s != NULL, CS_E_NOMEM, "seal");
    memcpy(s->origin, origin.p, origin.left);
    s->origin_len = origin.left;
    TRY(load_or_create(dir, "log.key", SEAL_ED25519, may_create, &s->log));
    TRY(load_or_create(dir, "outcome.key", SEAL_P256, may_create, &s->outcome));
    TRY(read_public(s));
    *ret_seal = s;
    s = NULL;
    return CS_SUCCESS;
}

void seal_close(struct seal *s)
{
    if (s == NULL) {
        return;
    }
    EVP_PKEY_free(s->log); /* wipes */
    EVP_PKEY_free(s->outcome);
    free(s);
}

static struct span origin_of(const struct seal *s)
{
    return span_make(s->origin, s->origin_len);
}

struct note_key seal_log_key(const struct seal *s)
{
    return note_key_make(origin_of(s), NOTE_KEY_ED25519, s->log_public);
}

struct span seal_outcome_spki(const struct seal *s)
{
    return span_make(s->spki, sizeof(s->spki));
}

CS_RESULT seal_resume(struct seal *s, const struct merkle_frontier *verified)
{
    ENSURE(!s->resumed, CS_E_STATE, "seal.resume");
    s->last = *verified;
    s->resumed = true;
    return CS_SUCCESS;
}

/* *len: the room in sig, then the signature's length. */
static CS_RESULT sign(EVP_PKEY *key, const EVP_MD *digest, struct span message, uint8_t *sig, size_t *len)
{
    const size_t room = *len;
    AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();
    ENSURE(ctx != NULL, CS_E_NOMEM, "seal.sign");
    ENSURE(EVP_DigestSignInit(ctx, NULL, digest, NULL, key) == 1, CS_E_CRYPTO, "seal.sign");
    ENSURE(EVP_DigestSign(ctx, sig, len, message.p, message.left) == 1, CS_E_CRYPTO, "seal.sign");
    ENSURE(*len <= room, CS_E_NOMEM, "seal.sign"); /* without memory, libcrypto's ECDSA says 1 and a length of -1 */
    return CS_SUCCESS;
}

static CS_RESULT extend(const struct seal *s, const struct sha256 *leaves, size_t count,
                        struct merkle_frontier *ret_next)
{
    struct merkle_frontier next = s->last;
    for (size_t i = 0; i < count; i++) {
        TRY(merkle_append(&next, &leaves[i]));
    }
    *ret_next = next;
    return CS_SUCCESS;
}

CS_RESULT seal_checkpoint(struct seal *s, const struct sha256 *leaves, size_t count, uint64_t size,
                          const struct sha256 *root, struct writer *w)
{
    struct merkle_frontier next;
    uint8_t text[NOTE_NAME_MAX + 128];
    uint8_t sig[NOTE_ED25519_SIG_BYTES];
    size_t sig_len = sizeof(sig);

    ENSURE(s->resumed, CS_E_STATE, "seal.resume");
    TRY(extend(s, leaves, count, &next));
    const struct note_checkpoint head = {.origin = origin_of(s), .size = next.size, .root = merkle_root(&next)};
    ENSURE(size == head.size, CS_E_MISMATCH, "seal.size");
    ENSURE(sha256_eq(root, &head.root), CS_E_MISMATCH, "seal.root");

    struct writer t = wr_fixed(text, sizeof(text));
    note_checkpoint_write(&t, &head);
    TRY(wr_end(&t, "seal.checkpoint"));
    TRY(sign(s->log, NULL, wr_span(&t), sig, &sig_len));
    ENSURE(sig_len == sizeof(sig), CS_E_CRYPTO, "seal.sign");

    const struct note_key key = seal_log_key(s);
    note_write_text(w, wr_span(&t));
    note_write_signature(w, &key, SPAN_OF(sig));
    TRY(wr_end(w, "seal.checkpoint"));
    s->last = next;
    return CS_SUCCESS;
}

CS_RESULT seal_outcome(struct seal *s, struct span payload_type, struct span payload, struct writer *w)
{
    uint8_t sig[ECDSA_SIG_MAX_BYTES];
    size_t sig_len = sizeof(sig);
    AUTO_WRITER pae = wr_heap(PAE_MAX_BYTES);

    TRY(note_dsse_pae(payload_type, payload, &pae));
    TRY(sign(s->outcome, EVP_sha256(), wr_span(&pae), sig, &sig_len));
    return note_dsse_write(payload_type, payload, seal_outcome_spki(s), span_make(sig, sig_len), w);
}
