/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_x509.h"

/* DER is written from its end to its start, so that each length is known when its header is written. */
struct der {
    uint8_t buf[SOFTKEY_X509_MAX];
    size_t at; /* the first byte written so far */
    bool full;
};

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BITS = 0x03,
    DER_OCTETS = 0x04,
    DER_OID = 0x06,
    DER_UTF8 = 0x0c,
    DER_PRINTABLE = 0x13,
    DER_UTC_TIME = 0x17,
    DER_GENERAL_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_TAG_0 = 0xa0,
    DER_TAG_3 = 0xa3,
};

static void raw(struct der *d, const void *bytes, size_t len)
{
    if (len > d->at) {
        d->full = true;
        return;
    }
    d->at -= len;
    memcpy(d->buf + d->at, bytes, len);
}

static void byte(struct der *d, uint8_t value)
{
    raw(d, &value, 1);
}

/* Closes what was written since `end`: its length and its tag. */
static void close_at(struct der *d, uint8_t tag, size_t end)
{
    const size_t len = end - d->at;

    byte(d, (uint8_t)(len & 0xffu));
    if (len > 0xff) {
        byte(d, (uint8_t)(len >> 8));
        byte(d, 0x82);
    } else if (len > 0x7f) {
        byte(d, 0x81);
    }
    byte(d, tag);
}

static void item(struct der *d, uint8_t tag, const void *bytes, size_t len)
{
    const size_t end = d->at;
    raw(d, bytes, len);
    close_at(d, tag, end);
}

static const uint8_t oid_country[] = {0x55, 0x04, 0x06};
static const uint8_t oid_org[] = {0x55, 0x04, 0x0a};
static const uint8_t oid_unit[] = {0x55, 0x04, 0x0b};
static const uint8_t oid_name[] = {0x55, 0x04, 0x03};
static const uint8_t oid_basic[] = {0x55, 0x1d, 0x13};
static const uint8_t oid_usage[] = {0x55, 0x1d, 0x0f};
static const uint8_t oid_subject_id[] = {0x55, 0x1d, 0x0e};
static const uint8_t oid_issuer_id[] = {0x55, 0x1d, 0x23};
static const uint8_t oid_ecdsa_sha256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};

static void name_part(struct der *d, const uint8_t oid[3], uint8_t tag, const char *text)
{
    const size_t end = d->at;
    item(d, tag, text, strlen(text));
    item(d, DER_OID, oid, 3);
    close_at(d, DER_SEQUENCE, end);
    close_at(d, DER_SET, end);
}

static void name(struct der *d, const struct softkey_name *who)
{
    const size_t end = d->at;
    name_part(d, oid_name, DER_UTF8, who->common);
    if (who->unit != NULL) {
        name_part(d, oid_unit, DER_UTF8, who->unit);
    }
    if (!who->alone) {
        name_part(d, oid_org, DER_UTF8, "Countersign Tests");
        name_part(d, oid_country, DER_PRINTABLE, "SE");
    }
    close_at(d, DER_SEQUENCE, end);
}

/* One extension; `d` already holds what its OCTET STRING holds, written since `end`. */
static void extension_at(struct der *d, const uint8_t *oid, size_t oid_len, bool critical, size_t end)
{
    close_at(d, DER_OCTETS, end);
    if (critical) {
        item(d, DER_BOOLEAN, "\xff", 1);
    }
    item(d, DER_OID, oid, oid_len);
    close_at(d, DER_SEQUENCE, end);
}

void softkey_x509_key_id(const void *bits, size_t len, uint8_t ret_id[SOFTKEY_KEY_ID_BYTES])
{
    uint8_t hash[SOFTKEY_HASH_BYTES];
    softkey_sha256(bits, len, hash);
    memcpy(ret_id, hash, SOFTKEY_KEY_ID_BYTES);
}

static void key_ids(struct der *d, const struct softkey_x509 *x)
{
    uint8_t id[SOFTKEY_KEY_ID_BYTES];

    size_t end = d->at;
    softkey_x509_key_id(softkey_ec_point(x->issuer_key), SOFTKEY_POINT_BYTES, id);
    item(d, 0x80, id, sizeof(id));
    close_at(d, DER_SEQUENCE, end);
    extension_at(d, oid_issuer_id, sizeof(oid_issuer_id), false, end);

    end = d->at;
    item(d, DER_OCTETS, x->subject_id, sizeof(x->subject_id));
    extension_at(d, oid_subject_id, sizeof(oid_subject_id), false, end);
}

static void extensions(struct der *d, const struct softkey_x509 *x)
{
    const size_t all = d->at;

    key_ids(d, x);
    for (size_t i = x->more_count; i > 0; i--) {
        const struct softkey_extension *e = &x->more[i - 1];
        const size_t end = d->at;
        raw(d, e->value, e->value_len);
        extension_at(d, e->oid, e->oid_len, e->critical, end);
    }
    size_t end = d->at;
    if (x->is_ca) {
        item(d, DER_BITS, "\x01\x06", 2); /* keyCertSign, cRLSign */
        extension_at(d, oid_usage, sizeof(oid_usage), true, end);
        end = d->at;
        item(d, DER_BOOLEAN, "\xff", 1);
    }
    close_at(d, DER_SEQUENCE, end);
    extension_at(d, oid_basic, sizeof(oid_basic), true, end);

    close_at(d, DER_SEQUENCE, all);
    close_at(d, DER_TAG_3, all);
}

static void moment(struct der *d, const char *text)
{
    /* RFC 5280 §4.1.2.5: two digits of year until 2049, four after */
    if (strncmp(text, "2050", 4) < 0) {
        item(d, DER_UTC_TIME, text + 2, strlen(text) - 2);
    } else {
        item(d, DER_GENERAL_TIME, text, strlen(text));
    }
}

static void algorithm(struct der *d)
{
    const size_t end = d->at;
    item(d, DER_OID, oid_ecdsa_sha256, sizeof(oid_ecdsa_sha256));
    close_at(d, DER_SEQUENCE, end);
}

static void to_be_signed(struct der *d, const struct softkey_x509 *x)
{
    const size_t end = d->at;

    extensions(d, x);
    raw(d, x->spki, x->spki_len);
    name(d, x->subject);
    const size_t validity = d->at;
    moment(d, x->not_after);
    moment(d, x->not_before);
    close_at(d, DER_SEQUENCE, validity);
    name(d, x->issuer);
    algorithm(d);
    item(d, DER_INTEGER, x->serial, x->serial_len);
    item(d, DER_TAG_0, "\x02\x01\x02", 3); /* version 3 */
    close_at(d, DER_SEQUENCE, end);
}

bool softkey_x509_make(const struct softkey_x509 *x, uint8_t *ret_der, size_t cap, size_t *ret_len)
{
    struct der tbs = {.at = SOFTKEY_X509_MAX};
    struct der d = {.at = SOFTKEY_X509_MAX};
    uint8_t digest[SOFTKEY_HASH_BYTES];
    struct softkey_sig sig;

    to_be_signed(&tbs, x);
    softkey_sha256(tbs.buf + tbs.at, SOFTKEY_X509_MAX - tbs.at, digest);
    if (tbs.full || !softkey_ec_sign(x->issuer_key, digest, &sig)) {
        return false;
    }
    raw(&d, sig.der, sig.len);
    byte(&d, 0);
    close_at(&d, DER_BITS, SOFTKEY_X509_MAX);
    algorithm(&d);
    raw(&d, tbs.buf + tbs.at, SOFTKEY_X509_MAX - tbs.at);
    close_at(&d, DER_SEQUENCE, SOFTKEY_X509_MAX);
    const size_t len = SOFTKEY_X509_MAX - d.at;
    if (d.full || len > cap) {
        return false;
    }
    memcpy(ret_der, d.buf + d.at, len);
    *ret_len = len;
    return true;
}
