/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/crypt_yubico.h"

#include "note/note_der.h"

enum { SLOT_TEXT_BYTES = 24 + 2, SERIAL_BYTES_MAX = 9, DECIMAL_BYTES = 20 };

/* The value of the one extension with this object identifier, not critical; an empty span otherwise. */
static enum crypt_card extension(const X509 *cert, const char *name, struct span *ret_value)
{
    AUTO(ASN1_OBJECT) *oid = OBJ_txt2obj(name, 1);
    if (oid == NULL) {
        (void)crypt_ossl_no_room();
        return CRYPT_CARD_NO_ROOM;
    }
    const int at = X509_get_ext_by_OBJ(cert, oid, -1);
    if (at < 0 || X509_get_ext_by_OBJ(cert, oid, at) >= 0) {
        return CRYPT_CARD_ATTEST_EXTENSION;
    }
    X509_EXTENSION *ext = X509_get_ext(cert, at);
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(ext);
    if (X509_EXTENSION_get_critical(ext) != 0 || ASN1_STRING_length(value) <= 0) {
        return CRYPT_CARD_ATTEST_EXTENSION;
    }
    *ret_value = span_make(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    return CRYPT_CARD_HOLDS;
}

/* .3.3, the firmware: three bytes. Every attestation has it, so one without is none. */
static enum crypt_card check_firmware(const X509 *leaf)
{
    struct span v = SPAN_NONE;
    const enum crypt_card a = extension(leaf, "1.3.6.1.4.1.41482.3.3", &v);
    return a == CRYPT_CARD_HOLDS && v.left != 3 ? CRYPT_CARD_ATTEST_EXTENSION : a;
}

/* .3.7, the serial: an INTEGER. */
static enum crypt_card take_serial(const X509 *leaf, struct crypt_card_facts *f)
{
    uint8_t text[DECIMAL_BYTES];
    struct writer w = wr_fixed(text, sizeof(text));
    struct span v = SPAN_NONE;
    struct span contents = SPAN_NONE;
    uint64_t serial = 0;

    const enum crypt_card a = extension(leaf, "1.3.6.1.4.1.41482.3.7", &v);
    if (a != CRYPT_CARD_HOLDS) {
        return a;
    }
    struct reader r = rd_make(v);
    if (note_der_uint(&r, SERIAL_BYTES_MAX, &contents, "serial").code != CS_OK || r.rest.left > 0 ||
        (contents.left == SERIAL_BYTES_MAX && contents.p[0] != 0)) {
        return CRYPT_CARD_ATTEST_EXTENSION;
    }
    for (size_t i = 0; i < contents.left; i++) {
        serial = serial << 8 | contents.p[i];
    }
    wr_dec(&w, serial);
    f->has_device = true;
    f->device = digest_sha256(wr_span(&w));
    return CRYPT_CARD_HOLDS;
}

/* .3.8, the policies: two bytes, of the PIN and of touch. */
static enum crypt_card take_policies(const X509 *leaf, struct crypt_card_facts *f)
{
    struct span v = SPAN_NONE;

    const enum crypt_card a = extension(leaf, "1.3.6.1.4.1.41482.3.8", &v);
    if (a != CRYPT_CARD_HOLDS) {
        return a;
    }
    if (v.left != 2 || v.p[0] < 1 || v.p[0] > 3 || v.p[1] < 1 || v.p[1] > 3) {
        return CRYPT_CARD_ATTEST_EXTENSION;
    }
    f->pin = v.p[0];
    f->touch = v.p[1];
    return CRYPT_CARD_HOLDS;
}

/* .3.9, the form factor: one byte. Firmware before 4.3 does not say it. */
static enum crypt_card check_form_factor(const X509 *leaf)
{
    AUTO(ASN1_OBJECT) *oid = OBJ_txt2obj("1.3.6.1.4.1.41482.3.9", 1);
    struct span v = SPAN_NONE;

    if (oid == NULL) {
        (void)crypt_ossl_no_room();
        return CRYPT_CARD_NO_ROOM;
    }
    if (X509_get_ext_by_OBJ(leaf, oid, -1) < 0) {
        return CRYPT_CARD_HOLDS;
    }
    const enum crypt_card a = extension(leaf, "1.3.6.1.4.1.41482.3.9", &v);
    return a == CRYPT_CARD_HOLDS && v.left != 1 ? CRYPT_CARD_ATTEST_EXTENSION : a;
}

/* The subject is one common name, "YubiKey PIV Attestation 9c". */
static enum crypt_card check_slot(const X509 *leaf)
{
    static const char *const slots[] = {"9a", "9c", "9d", "9e"};
    const X509_NAME *name = X509_get_subject_name(leaf);
    const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);

    if (at < 0 || X509_NAME_entry_count(name) != 1) {
        return CRYPT_CARD_ATTEST_SLOT;
    }
    const ASN1_STRING *s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    const struct span text = span_make(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
    const struct span start = SPAN_LIT("YubiKey PIV Attestation ");
    if (text.left != SLOT_TEXT_BYTES || !span_starts(text, start)) {
        return CRYPT_CARD_ATTEST_SLOT;
    }
    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        if (span_is(span_from(text, start.left), slots[i])) {
            return CRYPT_CARD_HOLDS;
        }
    }
    return CRYPT_CARD_ATTEST_SLOT;
}

static enum crypt_card read_leaf(const X509 *leaf, struct crypt_card_facts *ret)
{
    struct crypt_card_facts f = *ret;

    enum crypt_card a = check_slot(leaf);
    a = a == CRYPT_CARD_HOLDS ? check_firmware(leaf) : a;
    a = a == CRYPT_CARD_HOLDS ? take_serial(leaf, &f) : a;
    a = a == CRYPT_CARD_HOLDS ? take_policies(leaf, &f) : a;
    a = a == CRYPT_CARD_HOLDS ? check_form_factor(leaf) : a;
    if (a == CRYPT_CARD_HOLDS) {
        f.attested = true;
        *ret = f;
    }
    return a;
}

enum crypt_card crypt_yubico_read(struct span leaf, struct crypt_card_facts *ret)
{
    AUTO(X509) *cert = leaf.left <= CRYPT_CERT_MAX ? crypt_cert_open(leaf) : NULL;

    if (cert == NULL) {
        return crypt_ossl_no_room() ? CRYPT_CARD_NO_ROOM : CRYPT_CARD_ATTEST_FORM;
    }
    return read_leaf(cert, ret);
}

/* At least three certificates: the slot's, the one of slot F9 that attests it, and a root above that. */
static enum crypt_card check_chain(X509 *leaf, const struct crypt_card_in *in)
{
    static const enum crypt_card said[] = {
        [CRYPT_CHAIN_BROKEN] = CRYPT_CARD_ATTEST_CHAIN,
        [CRYPT_CHAIN_HOLDS] = CRYPT_CARD_HOLDS,
        [CRYPT_CHAIN_ROOT] = CRYPT_CARD_ROOT,
        [CRYPT_CHAIN_CERTIFICATE] = CRYPT_CARD_ATTEST_FORM,
        [CRYPT_CHAIN_EXPIRED] = CRYPT_CARD_ATTEST_EXPIRED,
        [CRYPT_CHAIN_NOT_YET] = CRYPT_CARD_ATTEST_NOT_YET,
        [CRYPT_CHAIN_NO_ROOM] = CRYPT_CARD_NO_ROOM,
    };
    const struct crypt_chain chain = {.between = in->x5c + 1,
                                      .between_count = in->x5c_count - 1,
                                      .roots = in->attestation_roots,
                                      .root_count = in->attestation_root_count,
                                      .time_s = in->time_s,
                                      .least = 3};
    return said[crypt_cert_chain(leaf, &chain)];
}

enum crypt_card crypt_yubico_check(const struct crypt_card_in *in)
{
    struct crypt_card_facts facts = {.attested = false};

    if (in->attestation_root_count == 0) {
        return CRYPT_CARD_ATTEST_NONE;
    }
    if (in->x5c_count < 2 || in->x5c_count > CRYPT_X5C_MAX) {
        return CRYPT_CARD_ATTEST_FORM;
    }
    AUTO(X509) *leaf = in->x5c[0].left <= CRYPT_CERT_MAX ? crypt_cert_open(in->x5c[0]) : NULL;
    if (leaf == NULL) {
        return crypt_ossl_no_room() ? CRYPT_CARD_NO_ROOM : CRYPT_CARD_ATTEST_FORM;
    }
    if (!crypt_cert_is_for(leaf, in->key)) {
        return crypt_ossl_no_room() ? CRYPT_CARD_NO_ROOM : CRYPT_CARD_ATTEST_KEY;
    }
    if (X509_check_ca(leaf) != 0) {
        return CRYPT_CARD_ATTEST_CA;
    }
    const enum crypt_card a = read_leaf(leaf, &facts);
    return a == CRYPT_CARD_HOLDS ? check_chain(leaf, in) : a;
}
