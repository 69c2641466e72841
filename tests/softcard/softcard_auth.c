/* SPDX-License-Identifier: Apache-2.0 */
/* GENERAL AUTHENTICATE: signatures and key agreement by the keys of the slots, and the proof of the management key.
 * Source: SP 800-73-4 part 2 §3.2.4. */
#include <openssl/rand.h>

#include "softcard_turn.h"

enum { SLOT_MANAGE = 0x9b, TAG_OUTER = 0x7c, TAG_WITNESS = 0x80, TAG_CHALLENGE = 0x81, TAG_RESPONSE = 0x82 };
enum { TAG_EXPONENT = 0x85, ALG_MANAGE_OLD = 0x00 };

/* What the dynamic authentication template holds: a part that is there may be empty. */
struct template
{
    struct span value;
    bool there;
};

static struct template part(struct span body, uint32_t tag)
{
    struct template found = {0};
    found.there = softcard_tlv_find(body, tag, &found.value).code == CS_OK;
    return found;
}

static void put_outer(struct writer *out, uint32_t tag, struct span value)
{
    uint8_t inner[SOFTCARD_SIG_MAX + 8];
    struct writer w = wr_fixed(inner, sizeof(inner));

    softcard_tlv_put(&w, tag, value);
    softcard_tlv_put(out, TAG_OUTER, wr_span(&w));
}

static const EVP_CIPHER *cipher(uint8_t alg)
{
    switch (alg) {
    case SOFTCARD_MANAGE_3DES:
        return EVP_des_ede3_ecb();
    case SOFTCARD_MANAGE_AES128:
        return EVP_aes_128_ecb();
    case SOFTCARD_MANAGE_AES192:
        return EVP_aes_192_ecb();
    default: /* a number from the card's file, which is one of four */
        return EVP_aes_256_ecb();
    }
}

static size_t block_bytes(const struct softcard_store *store)
{
    return store->manage_alg == SOFTCARD_MANAGE_3DES ? 8 : 16;
}

/* One block under the management key. */
static bool encipher(const struct softcard_store *store, const uint8_t *block,
                     uint8_t ret_block[SOFTCARD_CHALLENGE_MAX])
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;

    const bool ok = ctx != NULL && EVP_EncryptInit_ex(ctx, cipher(store->manage_alg), NULL, store->manage, NULL) == 1 &&
                    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
                    EVP_EncryptUpdate(ctx, ret_block, &len, block, (int)block_bytes(store)) == 1;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

/* A new random block is remembered and sent: as it is, or encrypted. */
static uint16_t begin(struct softcard_turn *t, bool witness)
{
    struct softcard_handshake *h = &t->card->handshake;
    const size_t n = block_bytes(&t->card->store);
    uint8_t sent[SOFTCARD_CHALLENGE_MAX];

    if (RAND_bytes(h->bytes, (int)n) != 1) {
        return SW_BROKEN;
    }
    memcpy(sent, h->bytes, n);
    if (witness && !encipher(&t->card->store, h->bytes, sent)) {
        return SW_BROKEN;
    }
    h->step = witness ? SOFTCARD_WITNESS : SOFTCARD_CHALLENGE;
    put_outer(&t->out, witness ? TAG_WITNESS : TAG_CHALLENGE, span_make(sent, n));
    return SW_OK;
}

/* The host decrypted the witness; it may want to see its own challenge encrypted. */
static uint16_t end_witness(struct softcard_turn *t, struct span witness, struct template challenge)
{
    struct softcard_handshake *h = &t->card->handshake;
    const size_t n = block_bytes(&t->card->store);
    uint8_t answer[SOFTCARD_CHALLENGE_MAX];
    const bool right = h->step == SOFTCARD_WITNESS && span_eq(witness, span_make(h->bytes, n));

    h->step = SOFTCARD_QUIET;
    if (!right) {
        return SW_SECURITY;
    }
    if (challenge.there) {
        if (challenge.value.left != n) {
            return SW_DATA;
        }
        if (!encipher(&t->card->store, challenge.value.p, answer)) {
            return SW_BROKEN;
        }
        put_outer(&t->out, TAG_RESPONSE, span_make(answer, n));
    }
    t->card->managed = true;
    return SW_OK;
}

/* The host encrypted our challenge. */
static uint16_t end_challenge(struct softcard_turn *t, struct span response)
{
    struct softcard_handshake *h = &t->card->handshake;
    uint8_t want[SOFTCARD_CHALLENGE_MAX];
    const bool asked = h->step == SOFTCARD_CHALLENGE;

    h->step = SOFTCARD_QUIET;
    if (!encipher(&t->card->store, h->bytes, want)) {
        return SW_BROKEN;
    }
    t->card->managed = asked && span_eq(response, span_make(want, block_bytes(&t->card->store)));
    return t->card->managed ? SW_OK : SW_SECURITY;
}

static uint16_t prove_manager(struct softcard_turn *t, struct span body)
{
    const struct template witness = part(body, TAG_WITNESS);
    const struct template challenge = part(body, TAG_CHALLENGE);
    const struct template response = part(body, TAG_RESPONSE);
    const uint8_t alg = t->c->p1 == ALG_MANAGE_OLD ? (uint8_t)SOFTCARD_MANAGE_3DES : t->c->p1;

    t->card->managed = false;
    if (alg != t->card->store.manage_alg) {
        return SW_PARAMETERS;
    }
    if (witness.there) {
        return witness.value.left == 0 ? begin(t, true) : end_witness(t, witness.value, challenge);
    }
    if (response.there && response.value.left > 0) {
        return end_challenge(t, response.value);
    }
    return challenge.there && challenge.value.left == 0 ? begin(t, false) : SW_DATA;
}

/* SW_OK when the key may be used now; SOFTCARD_WAIT when it wants to be touched first. */
static uint16_t allowed(struct softcard_turn *t, const struct softcard_key *key)
{
    struct softcard *card = t->card;

    if ((key->pin == SOFTCARD_PIN_ONCE && !card->pin_verified) ||
        (key->pin == SOFTCARD_PIN_ALWAYS && !card->pin_fresh)) {
        return SW_SECURITY;
    }
    if (key->touch == SOFTCARD_TOUCH_NEVER ||
        (key->touch == SOFTCARD_TOUCH_CACHED && t->now_ms < card->touched_until_ms)) {
        return SW_OK;
    }
    switch (t->finger) {
    case SOFTCARD_FINGER_UNASKED:
        return SOFTCARD_WAIT;
    case SOFTCARD_FINGER_CAME:
        card->touched_until_ms = t->now_ms + SOFTCARD_CACHED_MS;
        return SW_OK;
    case SOFTCARD_FINGER_LATE:
        return SW_SECURITY;
    }
    return SW_SECURITY;
}

static uint16_t use_key(struct softcard_turn *t, const struct softcard_key *key, struct span body)
{
    const struct template challenge = part(body, TAG_CHALLENGE);
    const struct template exponent = part(body, TAG_EXPONENT);
    uint8_t made[SOFTCARD_SIG_MAX];
    struct writer w = wr_fixed(made, sizeof(made));

    if (challenge.there == exponent.there || !part(body, TAG_RESPONSE).there) {
        return SW_DATA;
    }
    const uint16_t may = allowed(t, key);
    if (may != SW_OK) {
        return may;
    }
    const struct cs_result res = challenge.there ? softcard_key_use(key->key, key->alg, challenge.value, &w)
                                                 : softcard_key_agree(key->key, key->alg, exponent.value, &w);
    if (res.code != CS_OK) {
        return res.code == CS_E_RANGE ? SW_DATA : SW_BROKEN;
    }
    t->card->signatures++;
    put_outer(&t->out, TAG_RESPONSE, wr_span(&w));
    return SW_OK;
}

uint16_t softcard_ins_authenticate(struct softcard_turn *t)
{
    struct span body = SPAN_NONE;

    if (softcard_tlv_find(t->c->data, TAG_OUTER, &body).code != CS_OK) {
        return SW_DATA;
    }
    if (t->c->p2 == SLOT_MANAGE) {
        return prove_manager(t, body);
    }
    const struct softcard_key *key = softcard_store_key(&t->card->store, t->c->p2);
    if (key == NULL) {
        return SW_REFERENCE;
    }
    return (unsigned)key->alg == t->c->p1 ? use_key(t, key, body) : SW_PARAMETERS;
}

/* A new management key: algorithm, 9B, length, key. */
uint16_t softcard_ins_manage(struct softcard_turn *t)
{
    const struct span in = t->c->data;
    struct softcard_store *store = &t->card->store;

    if (!t->card->managed) {
        return SW_SECURITY;
    }
    if (in.left < 3 || in.p[1] != SLOT_MANAGE || in.p[2] == 0 || in.p[2] != softcard_manage_bytes(in.p[0]) ||
        in.left - 3 != in.p[2]) {
        return SW_DATA;
    }
    store->manage_alg = in.p[0];
    memset(store->manage, 0, sizeof(store->manage));
    memcpy(store->manage, in.p + 3, in.p[2]);
    return softcard_saved(t->card);
}
