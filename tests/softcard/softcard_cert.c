/* SPDX-License-Identifier: Apache-2.0 */
#include "softcard_cert.h"

/* 1.3.6.1.4.1.41482.3.n; the values are what YubiKeys put there: bare bytes, but for the serial number. */
#define OID_YUBICO(n)                                                                                                  \
    {                                                                                                                  \
        0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xc4, 0x0a, 0x03, (n)                                                      \
    }
static const uint8_t oid_firmware[] = OID_YUBICO(3);
static const uint8_t oid_serial[] = OID_YUBICO(7);
static const uint8_t oid_policy[] = OID_YUBICO(8);
static const uint8_t oid_form_factor[] = OID_YUBICO(9);

static const struct softkey_name issuer_name = {.unit = "Soft Card People", .common = "Countersign Soft Card CA"};
static const struct softkey_name attester_name = {.unit = "Soft Card Attestation Root",
                                                  .common = "Countersign Soft Card Root"};
static const struct softkey_name f9_name = {.common = "Soft Card PIV Attestation"};

static const char always[] = "20200101000000Z";
static const char never[] = "20981231235959Z";
static const char soon[] = "20961231235959Z"; /* sooner than that */

static bool make(const struct softkey_x509 *x, struct softcard_cert *ret_cert)
{
    memset(ret_cert, 0, sizeof(*ret_cert));
    return softkey_x509_make(x, ret_cert->der, sizeof(ret_cert->der), &ret_cert->len);
}

/* A serial number that is another one for another key or another person. */
static void number(struct softkey_x509 *x)
{
    uint8_t hash[SOFTKEY_HASH_BYTES];

    softkey_sha256_two(x->spki, x->spki_len, x->subject->common, strlen(x->subject->common), hash);
    hash[0] = (uint8_t)((hash[0] & 0x3fu) | 0x40u);
    memcpy(x->serial, hash, SOFTCARD_SERIAL_BYTES);
    x->serial_len = SOFTCARD_SERIAL_BYTES;
}

/* The certificate of one of our own P-256 keys. */
static bool make_own(struct softkey_x509 *x, const struct softkey_ec *key, struct softcard_cert *ret_cert)
{
    uint8_t spki[SOFTKEY_SPKI_BYTES];

    softkey_ec_spki(key, spki);
    softkey_x509_key_id(softkey_ec_point(key), SOFTKEY_POINT_BYTES, x->subject_id);
    x->spki = spki;
    x->spki_len = sizeof(spki);
    number(x);
    const bool ok = make(x, ret_cert);
    x->spki = NULL; /* it was ours */
    return ok;
}

static bool make_root(const struct softkey_name *name, const struct softkey_ec *key, struct softcard_cert *ret_cert)
{
    struct softkey_x509 x = {
        .issuer = name,
        .subject = name,
        .issuer_key = key,
        .not_before = always,
        .not_after = "20991231235959Z",
        .is_ca = true,
    };
    return make_own(&x, key, ret_cert);
}

bool softcard_ca_init(struct softcard_ca *ca, const uint8_t seed[32])
{
    struct softcard_ca made = {
        .issuer = softkey_ec_from_seed(seed, "card issuer"),
        .other_issuer = softkey_ec_from_seed(seed, "another card issuer"),
        .attester = softkey_ec_from_seed(seed, "card attestation root"),
    };
    if (made.issuer == NULL || made.other_issuer == NULL || made.attester == NULL ||
        !make_root(&issuer_name, made.issuer, &made.issuer_cert) ||
        !make_root(&attester_name, made.attester, &made.attester_cert)) {
        softcard_ca_release(&made);
        return false;
    }
    *ca = made;
    return true;
}

void softcard_ca_release(struct softcard_ca *ca)
{
    softkey_ec_free(ca->issuer);
    softkey_ec_free(ca->other_issuer);
    softkey_ec_free(ca->attester);
    memset(ca, 0, sizeof(*ca));
}

bool softcard_cert_issue(const struct softcard_ca *ca, enum softcard_cert_kind kind, const char *person,
                         struct span spki, struct softcard_cert *ret_cert)
{
    const struct softkey_name subject = {.unit = "Soft Card", .common = person};
    struct softkey_x509 x = {
        .issuer = &issuer_name,
        .subject = &subject,
        .issuer_key = kind == SOFTCARD_CERT_OTHER_ROOT ? ca->other_issuer : ca->issuer,
        .spki = spki.p,
        .spki_len = spki.left,
        .not_before = kind == SOFTCARD_CERT_FUTURE ? "20980101000000Z" : always,
        .not_after = kind == SOFTCARD_CERT_EXPIRED ? "20200201000000Z" : (kind == SOFTCARD_CERT_SOON ? soon : never),
        .is_ca = kind == SOFTCARD_CERT_CA_TRUE,
    };

    softkey_x509_key_id(spki.p, spki.left, x.subject_id);
    number(&x);
    x.serial[SOFTCARD_SERIAL_BYTES - 1] ^= kind == SOFTCARD_CERT_SOON ? 1 : 0; /* its renewal is another certificate */
    return make(&x, ret_cert);
}

bool softcard_cert_f9(const struct softcard_ca *ca, const struct softkey_ec *f9, const uint8_t firmware[3],
                      struct softcard_cert *ret_cert)
{
    const struct softkey_extension more = {oid_firmware, sizeof(oid_firmware), firmware, 3, false};
    struct softkey_x509 x = {
        .issuer = &attester_name,
        .subject = &f9_name,
        .issuer_key = ca->attester,
        .more = &more,
        .more_count = 1,
        .not_before = always,
        .not_after = never,
        .is_ca = true,
    };
    return make_own(&x, f9, ret_cert);
}

/* An INTEGER that is not negative. */
static size_t integer(uint32_t value, uint8_t ret_der[7])
{
    const uint8_t bytes[5] = {0, (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    size_t skip = 0;

    while (skip < 4 && bytes[skip] == 0 && (bytes[skip + 1] & 0x80u) == 0) {
        skip++;
    }
    ret_der[0] = 0x02;
    ret_der[1] = (uint8_t)(sizeof(bytes) - skip);
    memcpy(ret_der + 2, bytes + skip, sizeof(bytes) - skip);
    return 2 + sizeof(bytes) - skip;
}

bool softcard_cert_attest(const struct softkey_ec *f9, const struct softcard_claim *claim, struct span spki,
                          struct softcard_cert *ret_cert)
{
    const uint8_t policy[2] = {claim->pin_policy, claim->touch_policy};
    uint8_t serial[7];
    const struct softkey_extension more[] = {
        {oid_firmware, sizeof(oid_firmware), claim->firmware, sizeof(claim->firmware), false},
        {oid_serial, sizeof(oid_serial), serial, integer(claim->serial, serial), false},
        {oid_policy, sizeof(oid_policy), policy, sizeof(policy), false},
        {oid_form_factor, sizeof(oid_form_factor), &claim->form_factor, 1, false},
    };
    char common[40];
    const struct softkey_name subject = {.common = common, .alone = true}; /* which slot it is, says nothing else */
    struct softkey_x509 x = {
        .issuer = &f9_name,
        .subject = &subject,
        .issuer_key = f9,
        .spki = spki.p,
        .spki_len = spki.left,
        .more = more,
        .more_count = sizeof(more) / sizeof(more[0]),
        .not_before = always,
        .not_after = never,
    };

    (void)snprintf(common, sizeof(common), "YubiKey PIV Attestation %02x", (unsigned)claim->slot);
    softkey_x509_key_id(spki.p, spki.left, x.subject_id);
    number(&x);
    return make(&x, ret_cert);
}
