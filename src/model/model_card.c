/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_card.h"

#include "model/model_take.h"

/* How many items a struct has room for. */
#define ROOM(member) (sizeof(member) / sizeof((member)[0]))

enum { REGISTER_TEXT_MAX = 1024 };

int card_number_cmp(const struct card_number *a, const struct card_number *b)
{
    return memcmp(a->b, b->b, sizeof(a->b));
}

struct sha256 model_card_id(struct span key)
{
    return digest_sha256(key);
}

static CS_RESULT take_use(struct json_in *in, const char *what, enum card_use *ret_use)
{
    struct span word = SPAN_NONE;
    TRY(json_get_str(in, what, MODEL_ID_MAX, &word));
    return card_use_decode(word, ret_use, what);
}

/* A PIN is not cached for some seconds, a touch not asked for once a session. */
static CS_RESULT take_declared(struct json_in *in, struct card *c)
{
    TRY(json_get_object(in, "card.declared"));
    TRY(take_use(in, "declared.pin_policy", &c->pin));
    ENSURE(c->pin != CARD_USE_CACHED, CS_E_UNKNOWN, "declared.pin_policy");
    TRY(take_use(in, "declared.touch_policy", &c->touch));
    ENSURE(c->touch != CARD_USE_ONCE, CS_E_UNKNOWN, "declared.touch_policy");
    return json_close(in, "card.declared");
}

static CS_RESULT take_attestation(struct json_in *in, struct card *c)
{
    const struct model_ders chain = {.min = 1, .max = ROOM(c->x5c)};

    if (!json_next_is(in, "card.attestation")) {
        return CS_SUCCESS;
    }
    TRY(json_get_object(in, "card.attestation"));
    TRY(model_take_ders(in, "attestation.x5c", chain, c->x5c, &c->x5c_count));
    return json_close(in, "card.attestation");
}

static CS_RESULT take_proof(struct json_in *in, struct card *c)
{
    TRY(json_get_object(in, "card.proof"));
    TRY(model_take_bytes(in, "proof.nonce", MODEL_NONCE_BYTES, MODEL_NONCE_BYTES, &c->nonce));
    TRY(model_take_bytes(in, "proof.sig", MODEL_SIG_LEAST, MODEL_SIG_MAX, &c->sig));
    return json_close(in, "card.proof");
}

CS_RESULT model_card_get(struct json_in *in, struct card *ret_card)
{
    struct card c = {0};

    TRY(json_get_object(in, "change.card"));
    TRY(take_attestation(in, &c));
    TRY(model_take_bytes(in, "card.certificate", 1, MODEL_CERTIFICATE_MAX, &c.certificate));
    TRY(take_declared(in, &c));
    TRY(json_get_id(in, "card.issuer", MODEL_ID_MAX, &c.issuer));
    TRY(model_take_bytes(in, "card.key", MODEL_CARD_KEY_LEAST, MODEL_CARD_KEY_MAX, &c.key));
    TRY(model_take_printable(in, "card.nickname", 0, MODEL_ID_MAX, &c.nickname));
    TRY(take_proof(in, &c));
    TRY(json_close(in, "change.card"));
    *ret_card = c;
    return CS_SUCCESS;
}

void model_card_put(struct json_out *o, const struct card *c)
{
    json_put_object(o, "card");
    if (c->x5c_count > 0) {
        json_put_object(o, "attestation");
        model_put_ders(o, "x5c", c->x5c, c->x5c_count);
        json_put_close(o);
    }
    json_put_bytes(o, "certificate", c->certificate);
    json_put_object(o, "declared");
    json_put_text(o, "pin_policy", card_use_text(c->pin));
    json_put_text(o, "touch_policy", card_use_text(c->touch));
    json_put_close(o);
    json_put_str(o, "issuer", c->issuer);
    json_put_bytes(o, "key", c->key);
    json_put_str(o, "nickname", c->nickname);
    json_put_object(o, "proof");
    json_put_bytes(o, "nonce", c->nonce);
    json_put_bytes(o, "sig", c->sig);
    json_put_close(o);
    json_put_close(o);
}

CS_RESULT model_issuer_get(struct json_in *in, struct card_issuer *ret_issuer)
{
    const struct model_ders some = {.min = 1, .max = MODEL_ISSUER_ROOTS_MAX};
    struct card_issuer x = {0};

    TRY(json_get_object(in, "change.issuer"));
    if (json_next_is(in, "issuer.attestation_roots")) {
        TRY(model_take_ders(in, "issuer.attestation_roots", some, x.attestation_roots, &x.attestation_root_count));
    }
    TRY(model_take_id_if(in, "issuer.certification", MODEL_ID_MAX, &x.certification));
    TRY(json_get_id(in, "issuer.id", MODEL_ID_MAX, &x.id));
    TRY(model_take_printable(in, "issuer.name", 1, MODEL_ID_MAX, &x.name));
    TRY(model_take_ders(in, "issuer.roots", some, x.roots, &x.root_count));
    TRY(json_close(in, "change.issuer"));
    *ret_issuer = x;
    return CS_SUCCESS;
}

void model_issuer_put(struct json_out *o, const struct card_issuer *x)
{
    json_put_object(o, "issuer");
    if (x->attestation_root_count > 0) {
        model_put_ders(o, "attestation_roots", x->attestation_roots, x->attestation_root_count);
    }
    model_put_id_if(o, "certification", x->certification);
    json_put_str(o, "id", x->id);
    json_put_str(o, "name", x->name);
    model_put_ders(o, "roots", x->roots, x->root_count);
    json_put_close(o);
}

static void put_string(struct writer *w, struct span s)
{
    wr_u32(w, (uint32_t)s.left);
    wr_bytes(w, s);
}

CS_RESULT model_register_message(struct span origin, struct span person, struct span nonce, struct writer *w)
{
    uint8_t bytes[REGISTER_TEXT_MAX];
    struct writer text = wr_fixed(bytes, sizeof(bytes));
    uint8_t digest[SHA512_BYTES];

    wr_text(&text, "countersign-register-v1");
    wr_u8(&text, 0);
    wr_bytes(&text, origin);
    wr_u8(&text, 0);
    wr_bytes(&text, person);
    wr_u8(&text, 0);
    wr_bytes(&text, nonce);
    TRY(wr_end(&text, "register.message"));
    digest_sha512(wr_span(&text), digest);

    wr_text(w, "SSHSIG");
    put_string(w, SPAN_LIT("countersign-register"));
    put_string(w, SPAN_NONE);
    put_string(w, SPAN_LIT("sha512"));
    put_string(w, SPAN_OF(digest));
    return wr_end(w, "register.message");
}
