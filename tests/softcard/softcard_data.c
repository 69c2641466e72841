/* SPDX-License-Identifier: Apache-2.0 */
/* Data objects, new keys, attestation, and what the card says about itself. Sources: SP 800-73-4 part 1 §3 and table 3,
 * part 2 §3.1.2, §3.3. */
#include <openssl/rand.h>

#include "softcard_turn.h"

enum {
    TAG_LIST = 0x5c,
    TAG_DATA = 0x53,
    TAG_DISCOVERY = 0x7e,
    TAG_CHUID = 0x5fc102,
    TAG_CAPABILITIES = 0x5fc107,
    TAG_F9 = 0x5fff01,
    SLOT_F9 = 0xf9,
    FORM_USB_A_KEYCHAIN = 1,
};

const uint8_t softcard_firmware[3] = {5, 4, 3};

bool softcard_is_slot(uint8_t slot)
{
    return (slot >= 0x9a && slot <= 0x9e && slot != 0x9b) || (slot >= 0x82 && slot <= 0x95);
}

uint32_t softcard_cert_tag(uint8_t slot)
{
    switch (slot) {
    case 0x9a:
        return 0x5fc105;
    case 0x9c:
        return 0x5fc10a;
    case 0x9d:
        return 0x5fc10b;
    case 0x9e:
        return 0x5fc101;
    case SLOT_F9:
        return TAG_F9;
    default: /* a number of the wire's */
        return slot >= 0x82 && slot <= 0x95 ? 0x5fc10du + (slot - 0x82u) : 0;
    }
}

void softcard_settle(struct softcard_key *key)
{
    if (key->pin == SOFTCARD_PIN_DEFAULT) {
        key->pin = key->slot == 0x9c ? SOFTCARD_PIN_ALWAYS : key->slot == 0x9e ? SOFTCARD_PIN_NEVER : SOFTCARD_PIN_ONCE;
    }
    if (key->touch == SOFTCARD_TOUCH_DEFAULT) {
        key->touch = SOFTCARD_TOUCH_NEVER;
    }
}

/* The tag that `5C len tag` names; 0 for none that is possible. */
static uint32_t named(struct span list)
{
    uint32_t tag = 0;

    if (list.left == 0 || list.left > 3) {
        return 0;
    }
    for (size_t i = 0; i < list.left; i++) {
        tag = tag << 8 | list.p[i];
    }
    return tag;
}

/* Fingerprints, face, iris, and what is printed on the card are the person's. */
static bool is_private(uint32_t tag)
{
    return tag == 0x5fc103 || tag == 0x5fc108 || tag == 0x5fc109 || tag == 0x5fc121;
}

uint16_t softcard_ins_get_data(struct softcard_turn *t)
{
    struct span list = SPAN_NONE;

    if (t->c->p1 != 0x3f || t->c->p2 != 0xff) {
        return SW_PARAMETERS;
    }
    if (softcard_tlv_find(t->c->data, TAG_LIST, &list).code != CS_OK) {
        return SW_DATA;
    }
    const uint32_t tag = named(list);
    if (is_private(tag) && !t->card->pin_verified) {
        return SW_SECURITY;
    }
    const struct span value = softcard_store_object(&t->card->store, tag);
    if (value.left == 0) {
        return SW_NOT_FOUND;
    }
    softcard_tlv_put(&t->out, tag == TAG_DISCOVERY ? TAG_DISCOVERY : TAG_DATA, value);
    return SW_OK;
}

uint16_t softcard_ins_put_data(struct softcard_turn *t)
{
    struct span list = SPAN_NONE;
    struct span value = SPAN_NONE;

    if (t->c->p1 != 0x3f || t->c->p2 != 0xff) {
        return SW_PARAMETERS;
    }
    if (!t->card->managed) {
        return SW_SECURITY;
    }
    if (softcard_tlv_find(t->c->data, TAG_LIST, &list).code != CS_OK || named(list) == 0 ||
        softcard_tlv_find(t->c->data, TAG_DATA, &value).code != CS_OK) {
        return SW_DATA;
    }
    return softcard_store_put_object(&t->card->store, named(list), value) ? softcard_saved(t->card) : SW_NO_ROOM;
}

/* Policy number `tag` of a GENERATE, 0 when it says nothing; `most` and a mistake are refused. */
static bool policy(struct span control, uint32_t tag, uint8_t most, uint8_t *ret_policy)
{
    struct span value = SPAN_NONE;

    *ret_policy = 0;
    if (softcard_tlv_find(control, tag, &value).code != CS_OK) {
        return true;
    }
    if (value.left != 1 || value.p[0] > most) {
        return false;
    }
    *ret_policy = value.p[0];
    return true;
}

static bool wanted(const struct softcard_turn *t, struct softcard_key *ret_key)
{
    struct span control = SPAN_NONE;
    struct span alg = SPAN_NONE;
    uint8_t pin = 0;
    uint8_t touch = 0;

    if (softcard_tlv_find(t->c->data, 0xac, &control).code != CS_OK ||
        softcard_tlv_find(control, 0x80, &alg).code != CS_OK || alg.left != 1 ||
        !policy(control, 0xaa, SOFTCARD_PIN_ALWAYS, &pin) || !policy(control, 0xab, SOFTCARD_TOUCH_CACHED, &touch)) {
        return false;
    }
    *ret_key = (struct softcard_key){
        .slot = t->c->p2,
        .alg = softcard_alg_of(alg.p[0]),
        .pin = (enum softcard_pin_policy)pin,
        .touch = (enum softcard_touch_policy)touch,
    };
    return ret_key->alg != SOFTCARD_ALG_NONE;
}

uint16_t softcard_ins_generate(struct softcard_turn *t)
{
    struct softcard_key key;
    uint8_t public[SOFTCARD_SPKI_MAX];
    struct writer w = wr_fixed(public, sizeof(public));

    if (t->c->p1 != 0 || !softcard_is_slot(t->c->p2)) {
        return SW_PARAMETERS;
    }
    if (!t->card->managed) {
        return SW_SECURITY;
    }
    if (!wanted(t, &key)) {
        return SW_DATA;
    }
    softcard_settle(&key);
    key.key = softcard_key_generate(key.alg);
    if (key.key == NULL || !softcard_store_put_key(&t->card->store, &key)) {
        EVP_PKEY_free(key.key);
        return SW_BROKEN;
    }
    if (softcard_key_public(key.key, key.alg, &w).code != CS_OK) {
        return SW_BROKEN;
    }
    softcard_tlv_put(&t->out, 0x7f49, wr_span(&w));
    return softcard_saved(t->card);
}

/* The value of a certificate object: the certificate, not compressed, no error detection code. */
static bool put_cert(struct softcard_store *store, uint8_t slot, const struct softcard_cert *cert)
{
    uint8_t value[SOFTCARD_OBJECT_MAX];
    struct writer w = wr_fixed(value, sizeof(value));

    softcard_tlv_put(&w, 0x70, span_make(cert->der, cert->len));
    softcard_tlv_put(&w, 0x71, SPAN_LIT("\0"));
    softcard_tlv_put(&w, 0xfe, SPAN_NONE);
    return softcard_store_put_object(store, softcard_cert_tag(slot), wr_span(&w));
}

static struct softkey_ec *f9_key(const struct softcard *card)
{
    return softkey_ec_from_seed(card->store.seed, "F9");
}

uint16_t softcard_ins_attest(struct softcard_turn *t)
{
    const struct softcard_key *key = softcard_store_key(&t->card->store, t->c->p1);
    uint8_t spki[SOFTCARD_SPKI_MAX];
    struct writer w = wr_fixed(spki, sizeof(spki));
    struct softcard_cert cert;

    if (t->c->p2 != 0) {
        return SW_PARAMETERS;
    }
    if (key == NULL) {
        return SW_REFERENCE;
    }
    if (key->imported || softcard_key_spki(key->key, &w).code != CS_OK) {
        return SW_DATA;
    }
    const struct softcard_claim claim = {
        .serial = t->card->store.serial,
        .firmware = {softcard_firmware[0], softcard_firmware[1], softcard_firmware[2]},
        .form_factor = FORM_USB_A_KEYCHAIN,
        .slot = key->slot,
        .pin_policy = (uint8_t)key->pin,
        .touch_policy = (uint8_t)key->touch,
    };
    struct softkey_ec *f9 = f9_key(t->card);
    const bool ok = f9 != NULL && softcard_cert_attest(f9, &claim, wr_span(&w), &cert);
    softkey_ec_free(f9);
    if (!ok) {
        return SW_BROKEN;
    }
    wr_bytes(&t->out, span_make(cert.der, cert.len));
    return SW_OK;
}

static void put_byte(struct writer *w, uint32_t tag, uint8_t first)
{
    softcard_tlv_put(w, tag, span_make(&first, 1));
}

static void put_two(struct writer *w, uint32_t tag, uint8_t first, uint8_t second)
{
    const uint8_t both[2] = {first, second};
    softcard_tlv_put(w, tag, SPAN_OF(both));
}

static uint16_t describe_key(struct softcard_turn *t, const struct softcard_key *key)
{
    uint8_t public[SOFTCARD_SPKI_MAX];
    struct writer w = wr_fixed(public, sizeof(public));

    if (softcard_key_public(key->key, key->alg, &w).code != CS_OK) {
        return SW_BROKEN;
    }
    put_byte(&t->out, 1, (uint8_t)key->alg);
    put_two(&t->out, 2, (uint8_t)key->pin, (uint8_t)key->touch);
    put_byte(&t->out, 3, key->imported ? 2 : 1);
    softcard_tlv_put(&t->out, 4, wr_span(&w));
    return SW_OK;
}

uint16_t softcard_ins_metadata(struct softcard_turn *t)
{
    const struct softcard_store *store = &t->card->store;
    const struct softcard_key *key = softcard_store_key(&t->card->store, t->c->p2);

    if (t->c->p1 != 0) {
        return SW_PARAMETERS;
    }
    if (t->c->p2 == 0x9b) {
        put_byte(&t->out, 1, store->manage_alg);
        put_two(&t->out, 2, 0, SOFTCARD_TOUCH_NEVER);
        return SW_OK;
    }
    if (t->c->p2 == 0x80 || t->c->p2 == 0x81) {
        const struct softcard_secret *secret = t->c->p2 == 0x80 ? &store->pin : &store->puk;
        put_byte(&t->out, 1, 0xff);
        put_two(&t->out, 6, secret->tries_max, secret->tries);
        return SW_OK;
    }
    return key == NULL ? SW_REFERENCE : describe_key(t, key);
}

uint16_t softcard_ins_version(struct softcard_turn *t)
{
    wr_bytes(&t->out, SPAN_OF(softcard_firmware));
    return SW_OK;
}

uint16_t softcard_ins_serial(struct softcard_turn *t)
{
    wr_u32(&t->out, t->card->store.serial);
    return SW_OK;
}

static bool put_capabilities(struct softcard_store *store)
{
    uint8_t id[21] = {0xa0, 0x00, 0x00, 0x01, 0x16, 0xff, 0x02};
    uint8_t value[96];
    struct writer w = wr_fixed(value, sizeof(value));

    if (RAND_bytes(id + 7, (int)sizeof(id) - 7) != 1) {
        return false;
    }
    softcard_tlv_put(&w, 0xf0, SPAN_OF(id));
    put_byte(&w, 0xf1, 0x21);
    put_byte(&w, 0xf2, 0x21);
    softcard_tlv_put(&w, 0xf3, SPAN_NONE);
    put_byte(&w, 0xf4, 0x00);
    put_byte(&w, 0xf5, 0x10);
    for (uint32_t tag = 0xf6; tag <= 0xfd; tag++) {
        softcard_tlv_put(&w, tag, SPAN_NONE);
    }
    softcard_tlv_put(&w, 0xfe, SPAN_NONE);
    return softcard_store_put_object(store, TAG_CAPABILITIES, wr_span(&w));
}

static bool put_chuid(struct softcard_store *store)
{
    /* a FASC-N that says: not of a federal agency */
    static const uint8_t fascn[25] = {0xd4, 0xe7, 0x39, 0xda, 0x73, 0x9c, 0xed, 0x39, 0xce, 0x73, 0x9d, 0x83, 0x68,
                                      0x58, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21, 0xc8, 0x42, 0x10, 0xc3, 0xeb};
    uint8_t guid[16];
    uint8_t value[96];
    struct writer w = wr_fixed(value, sizeof(value));

    if (RAND_bytes(guid, (int)sizeof(guid)) != 1) {
        return false;
    }
    softcard_tlv_put(&w, 0x30, SPAN_OF(fascn));
    softcard_tlv_put(&w, 0x34, SPAN_OF(guid));
    softcard_tlv_put(&w, 0x35, SPAN_LIT("20981231"));
    softcard_tlv_put(&w, 0x3e, SPAN_NONE);
    softcard_tlv_put(&w, 0xfe, SPAN_NONE);
    return softcard_store_put_object(store, TAG_CHUID, wr_span(&w));
}

bool softcard_personalize(struct softcard *card)
{
    /* the PIV card application, whose PIN is the application's own */
    static const uint8_t discovery[] = {0x4f, 0x0b, 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00,
                                        0x10, 0x00, 0x01, 0x00, 0x5f, 0x2f, 0x02, 0x40, 0x00};
    struct softcard_store *store = &card->store;
    struct softcard_cert cert;
    struct softkey_ec *f9 = f9_key(card);

    const bool ok = f9 != NULL && softcard_cert_f9(card->ca, f9, softcard_firmware, &cert) &&
                    put_cert(store, SLOT_F9, &cert) && put_chuid(store) && put_capabilities(store) &&
                    softcard_store_put_object(store, TAG_DISCOVERY, SPAN_OF(discovery)) && softcard_store_save(store);
    softkey_ec_free(f9);
    return ok;
}

/* A certificate of this kind for the key. */
static bool certify(struct softcard *card, const struct softcard_key *key, enum softcard_cert_kind kind,
                    const char *person)
{
    uint8_t spki[SOFTCARD_SPKI_MAX];
    struct writer w = wr_fixed(spki, sizeof(spki));
    EVP_PKEY *other = kind == SOFTCARD_CERT_OTHER_KEY ? softcard_key_generate(key->alg) : NULL;
    struct softcard_cert cert;

    const bool known = (kind != SOFTCARD_CERT_OTHER_KEY || other != NULL) &&
                       softcard_key_spki(other == NULL ? key->key : other, &w).code == CS_OK;
    EVP_PKEY_free(other);
    return known && softcard_cert_issue(card->ca, kind, person, wr_span(&w), &cert) &&
           put_cert(&card->store, key->slot, &cert);
}

bool softcard_issue(struct softcard *card, const struct softcard_key *wanted_key, enum softcard_cert_kind kind,
                    const char *person)
{
    struct softcard_key key = *wanted_key;

    softcard_settle(&key);
    key.key = softcard_key_generate(key.alg);
    if (!softcard_is_slot(key.slot) || key.key == NULL || !softcard_store_put_key(&card->store, &key)) {
        EVP_PKEY_free(key.key);
        return false;
    }
    const bool ok = kind == SOFTCARD_CERT_NONE
                        ? softcard_store_put_object(&card->store, softcard_cert_tag(key.slot), SPAN_NONE)
                        : certify(card, &key, kind, person);
    return ok && softcard_store_save(&card->store);
}

bool softcard_renew(struct softcard *card, uint8_t slot, const char *person)
{
    const struct softcard_key *key = softcard_store_key(&card->store, slot);

    return key != NULL && certify(card, key, SOFTCARD_CERT_ISSUED, person) && softcard_store_save(&card->store);
}
