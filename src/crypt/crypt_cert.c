/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/crypt_cert.h"

enum { AUTH_LEVEL = 2, CHAIN_DEPTH = CRYPT_X5C_MAX + 1 }; /* 112 bits: no SHA-1, no RSA below 2048 */

enum crypt_attest crypt_cert_refusal(enum crypt_attest why)
{
    return crypt_ossl_no_room() ? CRYPT_ATTEST_NO_ROOM : why;
}

X509 *crypt_cert_open(struct span der)
{
    const uint8_t *p = der.p;
    AUTO(X509) *cert = d2i_X509(NULL, &p, (long)der.left);

    if (cert == NULL || p != der.p + der.left) {
        return NULL;
    }
    X509 *ret = cert;
    cert = NULL;
    return ret;
}

/* The one value of this part of the subject; empty when it is missing, or stands twice. */
static struct span subject_part(const X509_NAME *name, int nid)
{
    const int at = X509_NAME_get_index_by_NID(name, nid, -1);

    if (at < 0 || X509_NAME_get_index_by_NID(name, nid, at) >= 0) {
        return SPAN_NONE;
    }
    const ASN1_STRING *s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    const int n = ASN1_STRING_length(s);
    return n > 0 ? span_make(ASN1_STRING_get0_data(s), (size_t)n) : SPAN_NONE;
}

static enum crypt_attest check_subject(const X509 *leaf)
{
    const X509_NAME *name = X509_get_subject_name(leaf);

    if (subject_part(name, NID_countryName).left != 2 || subject_part(name, NID_organizationName).left == 0 ||
        subject_part(name, NID_commonName).left == 0) {
        return CRYPT_ATTEST_CERT_SUBJECT;
    }
    const struct span unit = subject_part(name, NID_organizationalUnitName);
    return span_is(unit, "Authenticator Attestation") ? CRYPT_ATTEST_HOLDS : CRYPT_ATTEST_CERT_UNIT;
}

static bool is_marked_not_ca(const X509 *leaf)
{
    AUTO(BASIC_CONSTRAINTS) *bc = X509_get_ext_d2i(leaf, NID_basic_constraints, NULL, NULL);
    return bc != NULL && bc->ca == 0;
}

/* Extension id-fido-gen-ce-aaguid: OCTET STRING of the 16 bytes, once, not critical. A root may attest many models, so
 * without it the certificate says nothing about this one. */
static enum crypt_attest check_aaguid(const X509 *leaf, struct span aaguid)
{
    AUTO(ASN1_OBJECT) *oid = OBJ_txt2obj("1.3.6.1.4.1.45724.1.1.4", 1);
    if (oid == NULL) {
        (void)crypt_ossl_no_room();
        return CRYPT_ATTEST_NO_ROOM;
    }
    const int at = X509_get_ext_by_OBJ(leaf, oid, -1);
    if (at < 0) {
        return CRYPT_ATTEST_CERT_NO_AAGUID;
    }
    X509_EXTENSION *ext = X509_get_ext(leaf, at);
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(ext);
    const struct span v = span_make(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    const bool same =
        v.left == 2 + CRYPT_AAGUID_BYTES && span_starts(v, SPAN_LIT("\x04\x10")) && span_eq(span_from(v, 2), aaguid);
    const bool once = X509_get_ext_by_OBJ(leaf, oid, at) < 0;
    const bool quiet = X509_EXTENSION_get_critical(ext) == 0;
    return same && once && quiet ? CRYPT_ATTEST_HOLDS : CRYPT_ATTEST_CERT_AAGUID;
}

enum crypt_attest crypt_cert_check_leaf(X509 *leaf, struct span aaguid)
{
    if (X509_get_version(leaf) != X509_VERSION_3) {
        return CRYPT_ATTEST_CERT_VERSION;
    }
    const enum crypt_attest subject = check_subject(leaf);
    if (subject != CRYPT_ATTEST_HOLDS) {
        return subject;
    }
    if (!is_marked_not_ca(leaf)) {
        return crypt_cert_refusal(CRYPT_ATTEST_CERT_CA);
    }
    return check_aaguid(leaf, aaguid);
}

CS_RESULT crypt_cert_key(X509 *leaf, struct crypt_key **ret_key)
{
    uint8_t der[NOTE_SPKI_P256_BYTES];
    uint8_t *p = der;
    const X509_PUBKEY *pub = X509_get_X509_PUBKEY(leaf);

    ENSURE(i2d_X509_PUBKEY(pub, NULL) == NOTE_SPKI_P256_BYTES, CS_E_TYPE, "attest.key");
    ENSURE(i2d_X509_PUBKEY(pub, &p) == NOTE_SPKI_P256_BYTES, CS_E_NOMEM, "attest.key");
    return crypt_key_open(SPAN_OF(der), ret_key);
}

static void free_stack(STACK_OF(X509) * *stack)
{
    sk_X509_pop_free(*stack, X509_free);
}

/* The certificates as one stack; NULL when one is malformed or memory is out. */
static STACK_OF(X509) * open_all(const struct span *der, size_t count)
{
    __attribute__((cleanup(free_stack))) STACK_OF(X509) *stack = sk_X509_new_null();

    for (size_t i = 0; stack != NULL && i < count; i++) {
        AUTO(X509) *cert = der[i].left <= CRYPT_CERT_MAX ? crypt_cert_open(der[i]) : NULL;
        if (cert == NULL || sk_X509_push(stack, cert) == 0) {
            return NULL;
        }
        cert = NULL;
    }
    STACK_OF(X509) *ret = stack;
    stack = NULL;
    return ret;
}

static enum crypt_chain_said chain_refusal(int error)
{
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return CRYPT_CHAIN_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return CRYPT_CHAIN_NOT_YET;
    case X509_V_ERR_OUT_OF_MEM:
        return CRYPT_CHAIN_NO_ROOM;
    default:
        return CRYPT_CHAIN_BROKEN;
    }
}

/* The anchors are exactly the given roots, self-signed or not; the system's store is never asked. */
static void set_rules(X509_STORE_CTX *ctx, STACK_OF(X509) * roots, uint64_t time_s)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);

    X509_STORE_CTX_set0_trusted_stack(ctx, roots);
    X509_VERIFY_PARAM_set_time(param, (time_t)time_s);
    X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH);
    X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
    (void)X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
    (void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
}

static enum crypt_chain_said or_no_room(enum crypt_chain_said why)
{
    return crypt_ossl_no_room() ? CRYPT_CHAIN_NO_ROOM : why;
}

enum crypt_chain_said crypt_cert_chain(X509 *leaf, const struct crypt_chain *c)
{
    __attribute__((cleanup(free_stack))) STACK_OF(X509) *roots = open_all(c->roots, c->root_count);
    if (roots == NULL) {
        return or_no_room(CRYPT_CHAIN_ROOT);
    }
    __attribute__((cleanup(free_stack))) STACK_OF(X509) *between = open_all(c->between, c->between_count);
    if (between == NULL) {
        return or_no_room(CRYPT_CHAIN_CERTIFICATE);
    }
    AUTO(X509_STORE_CTX) *ctx = X509_STORE_CTX_new();
    if (ctx == NULL || X509_STORE_CTX_init(ctx, NULL, leaf, between) != 1) {
        (void)crypt_ossl_no_room();
        return CRYPT_CHAIN_NO_ROOM;
    }
    set_rules(ctx, roots, c->time_s);
    if (X509_verify_cert(ctx) != 1) {
        return or_no_room(chain_refusal(X509_STORE_CTX_get_error(ctx)));
    }
    return sk_X509_num(X509_STORE_CTX_get0_chain(ctx)) >= (int)c->least ? CRYPT_CHAIN_HOLDS : CRYPT_CHAIN_BROKEN;
}

enum crypt_attest crypt_cert_check_chain(X509 *leaf, const struct crypt_attest_in *in, const struct crypt_model *model)
{
    static const enum crypt_attest said[] = {
        [CRYPT_CHAIN_BROKEN] = CRYPT_ATTEST_CHAIN,    [CRYPT_CHAIN_HOLDS] = CRYPT_ATTEST_HOLDS,
        [CRYPT_CHAIN_ROOT] = CRYPT_ATTEST_ROOT,       [CRYPT_CHAIN_CERTIFICATE] = CRYPT_ATTEST_CERTIFICATE,
        [CRYPT_CHAIN_EXPIRED] = CRYPT_ATTEST_EXPIRED, [CRYPT_CHAIN_NOT_YET] = CRYPT_ATTEST_NOT_YET,
        [CRYPT_CHAIN_NO_ROOM] = CRYPT_ATTEST_NO_ROOM,
    };
    const struct crypt_chain chain = {.between = in->x5c + 1,
                                      .between_count = in->x5c_count - 1,
                                      .roots = model->roots,
                                      .root_count = model->root_count,
                                      .time_s = in->time_s,
                                      .least = 1};
    return said[crypt_cert_chain(leaf, &chain)];
}
