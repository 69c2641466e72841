/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/crypt_dsse.h"

static CS_RESULT alg_of(enum note_spki_kind kind, enum crypt_alg *ret_alg)
{
    switch (kind) {
    case NOTE_SPKI_P256:
        *ret_alg = CRYPT_ES256;
        return CS_SUCCESS;
    case NOTE_SPKI_P384:
        *ret_alg = CRYPT_ES384;
        return CS_SUCCESS;
    case NOTE_SPKI_ED25519:
        *ret_alg = CRYPT_ED25519;
        return CS_SUCCESS;
    case NOTE_SPKI_RSA:
        break;
    }
    return CS_FAIL(CS_E_TYPE, "dsse.key");
}

CS_RESULT crypt_dsse_verify(struct crypt_key *key, const struct note_dsse *envelope)
{
    AUTO_WRITER pae = wr_heap((size_t)2 * NOTE_DSSE_BYTES_MAX);
    enum crypt_alg alg = CRYPT_ES256;
    struct cs_result r = CS_FAIL(CS_E_BADSIG, "dsse.signature");

    TRY(alg_of(crypt_key_kind(key), &alg));
    TRY(note_dsse_pae(envelope->type, envelope->payload, &pae));
    for (size_t i = 0; i < envelope->signature_count && r.code == CS_E_BADSIG; i++) {
        r = crypt_verify(key, alg, wr_span(&pae), envelope->signature[i].sig);
    }
    return r;
}
