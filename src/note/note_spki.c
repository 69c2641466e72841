/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_spki.h"

#include "note/note_der.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096 };

/* SPKI up to and with the "no unused bits" byte of its BIT STRING. */
static const uint8_t p256[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                               0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
static const uint8_t p384[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
                               0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};
static const uint8_t ed25519[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
/* AlgorithmIdentifier rsaEncryption with NULL parameters. */
static const uint8_t rsa[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

static size_t bits_of(struct span integer)
{
    const struct span s = integer.p[0] == 0 ? span_from(integer, 1) : integer;
    return s.left == 0 ? 0 : s.left * 8 - (size_t)(__builtin_clz(s.p[0]) - 24);
}

static CS_RESULT rsa_numbers(struct span s, struct note_spki *key)
{
    struct reader r = rd_make(s);

    TRY(note_der_uint(&r, RSA_BITS_MAX / 8 + 1, &key->n, "spki.rsa.n"));
    TRY(note_der_uint(&r, 9, &key->e, "spki.rsa.e"));
    TRY(rd_end(&r, "spki.rsa"));
    ENSURE(bits_of(key->n) >= RSA_BITS_MIN && bits_of(key->n) <= RSA_BITS_MAX, CS_E_RANGE, "spki.rsa.n");
    ENSURE(bits_of(key->e) >= 17 && bits_of(key->e) <= 64, CS_E_RANGE, "spki.rsa.e");
    ENSURE((key->e.p[key->e.left - 1] & 1U) != 0, CS_E_RANGE, "spki.rsa.e");
    return CS_SUCCESS;
}

/* SEQUENCE { AlgorithmIdentifier, BIT STRING { SEQUENCE { n, e } } } */
static CS_RESULT rsa_key(struct span der, struct note_spki *key)
{
    struct reader r = rd_make(der);
    struct span s = SPAN_NONE;

    key->kind = NOTE_SPKI_RSA;
    TRY(note_der_take(&r, NOTE_DER_SEQUENCE, &s, "spki"));
    TRY(rd_end(&r, "spki"));
    ENSURE(span_starts(s, SPAN_OF(rsa)), CS_E_TYPE, "spki.algorithm");
    r = rd_make(span_from(s, sizeof(rsa)));
    TRY(note_der_take(&r, NOTE_DER_BITS, &s, "spki.key"));
    TRY(rd_end(&r, "spki"));
    ENSURE(s.left > 1 && s.p[0] == 0, CS_E_SYNTAX, "spki.key");
    r = rd_make(span_from(s, 1));
    TRY(note_der_take(&r, NOTE_DER_SEQUENCE, &s, "spki.rsa"));
    TRY(rd_end(&r, "spki.key"));
    return rsa_numbers(s, key);
}

static bool has_fixed_form(struct span der, struct span prefix, size_t key_bytes)
{
    return der.left == prefix.left + key_bytes && span_starts(der, prefix);
}

CS_RESULT note_spki_decode(struct span der, struct note_spki *ret_key)
{
    struct note_spki key = {.kind = NOTE_SPKI_P256};

    if (has_fixed_form(der, SPAN_OF(p256), 65)) {
        key.point = span_from(der, sizeof(p256));
    } else if (has_fixed_form(der, SPAN_OF(p384), 97)) {
        key.kind = NOTE_SPKI_P384;
        key.point = span_from(der, sizeof(p384));
    } else if (has_fixed_form(der, SPAN_OF(ed25519), NOTE_ED25519_BYTES)) {
        key.kind = NOTE_SPKI_ED25519;
        key.point = span_from(der, sizeof(ed25519));
    } else {
        TRY(rsa_key(der, &key));
    }
    const bool ec = key.kind == NOTE_SPKI_P256 || key.kind == NOTE_SPKI_P384;
    ENSURE(!ec || key.point.p[0] == 0x04, CS_E_TYPE, "spki.point");
    *ret_key = key;
    return CS_SUCCESS;
}

void note_spki_write_p256(struct writer *w, struct span point)
{
    wr_bytes(w, SPAN_OF(p256));
    wr_bytes(w, point);
}

void note_spki_write_ed25519(struct writer *w, struct span key)
{
    wr_bytes(w, SPAN_OF(ed25519));
    wr_bytes(w, key);
}
