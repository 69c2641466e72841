/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_card.h"

static CS_RESULT kept(struct arena *arena, struct cardpki_der *der, struct span *ret)
{
    const struct cs_result r = arena_copy(arena, span_make(der->p, der->len), ret);
    cardpki_der_release(der);
    return r;
}

static CS_RESULT attest(const struct cardpki *pki, const struct cardpki_key *key, const struct author_card *how,
                        struct arena *arena, struct card *c)
{
    struct cardpki_der der;

    ENSURE(cardpki_attestation(pki, key, how->attestation, &der), CS_E_NOMEM, "attestation");
    TRY(kept(arena, &der, &c->x5c[0]));
    c->x5c[1] = span_make(pki->f9.p, pki->f9.len);
    c->x5c_count = 2;
    return CS_SUCCESS;
}

static CS_RESULT prove(const struct cardpki_key *key, const char *id, const struct author_card *how,
                       struct arena *arena, struct card *c)
{
    const struct sha256 nonce = digest_sha256_parts((const struct span[]){span_str(id), SPAN_LIT("card")}, 2);
    const struct span person = span_str(how->proof_of != NULL ? how->proof_of : id);
    uint8_t message[MODEL_REGISTER_MESSAGE_BYTES];
    struct writer w = wr_fixed(message, sizeof(message));
    struct cardpki_sig sig;

    TRY(arena_copy(arena, span_make(nonce.b, MODEL_NONCE_BYTES), &c->nonce));
    TRY(model_register_message(span_str(how->origin != NULL ? how->origin : AUTHOR_ORIGIN), person, c->nonce, &w));
    ENSURE(cardpki_sign(key, w.p, w.len, &sig), CS_E_NOMEM, "proof");
    sig.b[sig.len - 1] ^= how->bad_proof ? 1 : 0;
    return arena_copy(arena, span_make(sig.b, sig.len), &c->sig);
}

/* What the attestation will say; with none, what officers usually say. */
static enum card_use pin_of(const struct cardpki_plan *attestation)
{
    static const enum card_use said[] = {CARD_USE_ALWAYS, CARD_USE_NEVER, CARD_USE_ONCE, CARD_USE_ALWAYS};
    return attestation != NULL && attestation->pin > 0 ? said[attestation->pin & 3] : CARD_USE_ALWAYS;
}

static enum card_use touch_of(const struct cardpki_plan *attestation)
{
    static const enum card_use said[] = {CARD_USE_ALWAYS, CARD_USE_NEVER, CARD_USE_ALWAYS, CARD_USE_CACHED};
    return attestation != NULL ? said[attestation->touch & 3] : CARD_USE_NEVER;
}

CS_RESULT author_card_change(const struct cardpki *pki, const struct cardpki_key *key, const char *id,
                             const struct author_card *how, struct arena *arena, struct roster_change *ret_change)
{
    static const struct cardpki_plan good = {0};
    struct roster_change add = {.op = CHANGE_ADD_CARD};
    struct card *c = &add.card;
    struct cardpki_der der;

    TRY(arena_copy(arena, span_str(id), &add.id));
    TRY(arena_copy(arena, span_make(key->spki, key->spki_len), &c->key));
    ENSURE(cardpki_certificate(pki, key, how->certificate != NULL ? how->certificate : &good, &der), CS_E_NOMEM,
           "certificate");
    TRY(kept(arena, &der, &c->certificate));
    c->issuer = span_str(how->issuer != NULL ? how->issuer : "corp");
    c->nickname = SPAN_LIT("soft card");
    c->pin = how->pin != CARD_USE_NONE ? how->pin : pin_of(how->attestation);
    c->touch = how->touch != CARD_USE_NONE ? how->touch : touch_of(how->attestation);
    if (how->attestation != NULL) {
        TRY(attest(pki, key, how, arena, c));
    }
    TRY(prove(key, id, how, arena, c));
    *ret_change = add;
    return CS_SUCCESS;
}

struct sha256 author_card_credential(const struct cardpki_key *key)
{
    const struct sha256 id = model_card_id(span_make(key->spki, key->spki_len));
    return digest_sha256(sha256_span(&id));
}
