/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_cert.h"
#include "softkey_fault.h"

/* DER is written from its end to its start, so that each length is known when its header is written. */
struct der {
    uint8_t buf[SOFTKEY_CERT_MAX];
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
static const uint8_t oid_aaguid[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04};

static void name_part(struct der *d, const uint8_t oid[3], uint8_t tag, const char *text)
{
    const size_t end = d->at;
    item(d, tag, text, strlen(text));
    item(d, DER_OID, oid, 3);
    close_at(d, DER_SEQUENCE, end);
    close_at(d, DER_SET, end);
}

struct name {
    const char *unit;
    const char *common;
};

static const struct name root_name = {"Soft Key Attestation Root", "Countersign Soft Key Root"};

static void name(struct der *d, const struct name *who)
{
    const size_t end = d->at;
    name_part(d, oid_name, DER_UTF8, who->common);
    name_part(d, oid_unit, DER_UTF8, who->unit);
    name_part(d, oid_org, DER_UTF8, "Countersign Tests");
    name_part(d, oid_country, DER_PRINTABLE, "SE");
    close_at(d, DER_SEQUENCE, end);
}

/* One extension; `d` already holds the DER of its value, written since `end`. */
static void extension_at(struct der *d, const uint8_t *oid, size_t oid_len, bool critical, size_t end)
{
    close_at(d, DER_OCTETS, end);
    if (critical) {
        item(d, DER_BOOLEAN, "\xff", 1);
    }
    item(d, DER_OID, oid, oid_len);
    close_at(d, DER_SEQUENCE, end);
}

struct body {
    const struct name *subject;
    const struct softkey_ec *subject_key;
    const struct softkey_ec *issuer_key;
    const uint8_t *aaguid; /* NULL: no such extension */
    const char *not_before;
    const char *not_after;
    uint8_t serial;
    bool is_ca;
};

static void key_id(const struct softkey_ec *key, uint8_t ret_id[20])
{
    uint8_t hash[SOFTKEY_HASH_BYTES];
    softkey_sha256(softkey_ec_point(key), SOFTKEY_POINT_BYTES, hash);
    memcpy(ret_id, hash, 20);
}

static void extensions(struct der *d, const struct body *b)
{
    const size_t all = d->at;
    uint8_t id[20];

    size_t end = d->at;
    key_id(b->issuer_key, id);
    item(d, 0x80, id, sizeof(id));
    close_at(d, DER_SEQUENCE, end);
    extension_at(d, oid_issuer_id, sizeof(oid_issuer_id), false, end);

    end = d->at;
    key_id(b->subject_key, id);
    item(d, DER_OCTETS, id, sizeof(id));
    extension_at(d, oid_subject_id, sizeof(oid_subject_id), false, end);

    if (b->aaguid != NULL) {
        end = d->at;
        item(d, DER_OCTETS, b->aaguid, SOFTKEY_AAGUID_BYTES);
        extension_at(d, oid_aaguid, sizeof(oid_aaguid), false, end);
    }
    if (b->is_ca) {
        end = d->at;
        item(d, DER_BITS, "\x01\x06", 2); /* keyCertSign, cRLSign */
        extension_at(d, oid_usage, sizeof(oid_usage), true, end);
    }
    end = d->at;
    if (b->is_ca) {
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

static void to_be_signed(struct der *d, const struct body *b)
{
    uint8_t spki[SOFTKEY_SPKI_BYTES];
    const size_t end = d->at;

    extensions(d, b);
    softkey_ec_spki(b->subject_key, spki);
    raw(d, spki, sizeof(spki));
    name(d, b->subject);
    const size_t validity = d->at;
    moment(d, b->not_after);
    moment(d, b->not_before);
    close_at(d, DER_SEQUENCE, validity);
    name(d, &root_name);
    algorithm(d);
    item(d, DER_INTEGER, &b->serial, 1);
    item(d, DER_TAG_0, "\x02\x01\x02", 3); /* version 3 */
    close_at(d, DER_SEQUENCE, end);
}

static bool certificate(const struct body *b, struct softkey_cert *ret_cert)
{
    struct der tbs = {.at = SOFTKEY_CERT_MAX};
    struct der d = {.at = SOFTKEY_CERT_MAX};
    uint8_t digest[SOFTKEY_HASH_BYTES];
    struct softkey_sig sig;

    to_be_signed(&tbs, b);
    softkey_sha256(tbs.buf + tbs.at, SOFTKEY_CERT_MAX - tbs.at, digest);
    if (tbs.full || !softkey_ec_sign(b->issuer_key, digest, &sig)) {
        return false;
    }
    raw(&d, sig.der, sig.len);
    byte(&d, 0);
    close_at(&d, DER_BITS, SOFTKEY_CERT_MAX);
    algorithm(&d);
    raw(&d, tbs.buf + tbs.at, SOFTKEY_CERT_MAX - tbs.at);
    close_at(&d, DER_SEQUENCE, SOFTKEY_CERT_MAX);
    if (d.full) {
        return false;
    }
    memset(ret_cert, 0, sizeof(*ret_cert));
    ret_cert->len = SOFTKEY_CERT_MAX - d.at;
    memcpy(ret_cert->der, d.buf + d.at, ret_cert->len);
    return true;
}

bool softkey_cert_root(const struct softkey_ec *root_key, struct softkey_cert *ret_cert)
{
    const struct body b = {
        .subject = &root_name,
        .subject_key = root_key,
        .issuer_key = root_key,
        .not_before = "20200101000000Z",
        .not_after = "20991231235959Z",
        .serial = 1,
        .is_ca = true,
    };
    return certificate(&b, ret_cert);
}

bool softkey_cert_leaf(const struct softkey_ec *root_key, const struct softkey_ec *leaf_key,
                       const uint8_t aaguid[SOFTKEY_AAGUID_BYTES], uint32_t faults, struct softkey_cert *ret_cert)
{
    const struct name subject = {
        softkey_has(faults, SOFTKEY_FAULT_WRONG_OU) ? "Authenticator Decoration" : "Authenticator Attestation",
        "Countersign Soft Key",
    };
    const struct body b = {
        .subject = &subject,
        .subject_key = leaf_key,
        .issuer_key = root_key,
        .aaguid = softkey_has(faults, SOFTKEY_FAULT_NO_AAGUID_EXT) ? NULL : aaguid,
        .not_before = softkey_has(faults, SOFTKEY_FAULT_FUTURE_CERT) ? "20980101000000Z" : "20200101000000Z",
        .not_after = softkey_has(faults, SOFTKEY_FAULT_EXPIRED_CERT) ? "20200201000000Z" : "20981231235959Z",
        .serial = 2,
        .is_ca = softkey_has(faults, SOFTKEY_FAULT_CA_TRUE),
    };
    return certificate(&b, ret_cert);
}
