/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/crypt_attest.h"

#include "crypt/crypt_auth_data.h"
#include "crypt/crypt_cert.h"

const char *crypt_attest_text(enum crypt_attest a)
{
#define CRYPT_ATTEST_TEXT(id, text) [id] = text,
    static const char *const texts[CRYPT_ATTEST_COUNT] = {CRYPT_ATTESTS(CRYPT_ATTEST_TEXT)};
#undef CRYPT_ATTEST_TEXT
    return (unsigned)a < CRYPT_ATTEST_COUNT ? texts[a] : "unknown";
}

/* COSE_Key of ES256 in canonical CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. RFC 9052 §7, CTAP 2.1 §8. */
static const uint8_t cose_head[] = {0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
static const uint8_t cose_y[] = {0x22, 0x58, 0x20};
/* {"credProtect": n}, n 1 to 3. CTAP 2.1 §12.1. */
static const uint8_t protect_head[] = {0xa1, 0x6b, 'c', 'r', 'e', 'd', 'P', 'r', 'o', 't', 'e', 'c', 't'};

static bool take_fixed(struct reader *r, struct span want)
{
    struct span s = SPAN_NONE;
    return rd_take(r, want.left, &s, "fixed").code == CS_OK && span_eq(s, want);
}

static bool take_cose(struct reader *r, uint8_t ret_spki[NOTE_SPKI_P256_BYTES])
{
    struct span x = SPAN_NONE;
    struct span y = SPAN_NONE;
    uint8_t point[NOTE_POINT_P256_BYTES] = {0x04};
    struct writer w = wr_fixed(ret_spki, NOTE_SPKI_P256_BYTES);

    if (!take_fixed(r, SPAN_OF(cose_head)) || rd_take(r, 32, &x, "x").code != CS_OK ||
        !take_fixed(r, SPAN_OF(cose_y)) || rd_take(r, 32, &y, "y").code != CS_OK) {
        return false;
    }
    memcpy(point + 1, x.p, 32);
    memcpy(point + 33, y.p, 32);
    note_spki_write_p256(&w, SPAN_OF(point));
    return wr_end(&w, "spki").code == CS_OK;
}

static bool take_protect(struct reader *r, unsigned *ret_level)
{
    uint8_t level = 0;

    if (!take_fixed(r, SPAN_OF(protect_head)) || rd_u8(r, &level, "level").code != CS_OK || level < 1 || level > 3) {
        return false;
    }
    *ret_level = level;
    return true;
}

static enum crypt_attest take_credential(struct reader *r, struct crypt_registration *reg)
{
    uint16_t n = 0;

    if (rd_take(r, CRYPT_AAGUID_BYTES, &reg->aaguid, "aaguid").code != CS_OK || rd_u16(r, &n, "id").code != CS_OK) {
        return CRYPT_ATTEST_AUTH_DATA;
    }
    if (n < 1 || n > CRYPT_CREDENTIAL_ID_MAX) {
        return CRYPT_ATTEST_CREDENTIAL_ID;
    }
    if (rd_take(r, n, &reg->id, "id").code != CS_OK) {
        return CRYPT_ATTEST_AUTH_DATA;
    }
    return take_cose(r, reg->spki) ? CRYPT_ATTEST_HOLDS : CRYPT_ATTEST_COSE;
}

enum crypt_attest crypt_registration_decode(struct span auth_data, struct crypt_registration *ret)
{
    struct reader r = rd_make(span_from(auth_data, CRYPT_AT_CREDENTIAL));
    struct crypt_registration reg = {.counter = 0};

    if (auth_data.left < CRYPT_AT_CREDENTIAL) {
        return CRYPT_ATTEST_AUTH_DATA;
    }
    const uint8_t flags = auth_data.p[CRYPT_AT_FLAGS];
    if ((flags & CRYPT_FLAG_AT) == 0) {
        return CRYPT_ATTEST_NO_CREDENTIAL;
    }
    if ((flags & CRYPT_FLAGS_RESERVED) != 0) {
        return CRYPT_ATTEST_RESERVED;
    }
    const enum crypt_attest a = take_credential(&r, &reg);
    if (a != CRYPT_ATTEST_HOLDS) {
        return a;
    }
    if ((flags & CRYPT_FLAG_ED) != 0 && !take_protect(&r, &reg.cred_protect)) {
        return CRYPT_ATTEST_EXTENSION;
    }
    if (r.rest.left > 0) {
        return CRYPT_ATTEST_AUTH_DATA;
    }
    reg.counter = crypt_auth_data_counter(auth_data);
    *ret = reg;
    return CRYPT_ATTEST_HOLDS;
}

static enum crypt_attest check_flags(const struct crypt_attest_in *in)
{
    const struct sha256 rp = digest_sha256(in->rp_id);
    const uint8_t flags = in->auth_data.p[CRYPT_AT_FLAGS];

    if (memcmp(in->auth_data.p, rp.b, SHA256_BYTES) != 0) {
        return CRYPT_ATTEST_RP_ID;
    }
    if ((flags & CRYPT_FLAG_UP) == 0) {
        return CRYPT_ATTEST_NO_PRESENCE;
    }
    if ((flags & CRYPT_FLAG_UV) == 0) {
        return CRYPT_ATTEST_NO_VERIFICATION;
    }
    return (flags & (CRYPT_FLAG_BE | CRYPT_FLAG_BS)) != 0 ? CRYPT_ATTEST_BACKUP : CRYPT_ATTEST_HOLDS;
}

static const struct crypt_model *find_model(const struct crypt_model *models, size_t count, struct span aaguid)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq(models[i].aaguid, aaguid)) {
            return &models[i];
        }
    }
    return NULL;
}

static enum crypt_attest check_sizes(const struct crypt_attest_in *in)
{
    if (in->x5c_count == 0) {
        return CRYPT_ATTEST_NO_CERTIFICATE;
    }
    if (in->x5c_count > CRYPT_X5C_MAX) {
        return CRYPT_ATTEST_CHAIN_LENGTH;
    }
    for (size_t i = 0; i < in->x5c_count; i++) {
        if (in->x5c[i].left > CRYPT_CERT_MAX) {
            return CRYPT_ATTEST_CHAIN_LENGTH;
        }
    }
    return CRYPT_ATTEST_HOLDS;
}

static enum crypt_attest check_signature(X509 *leaf, const struct crypt_attest_in *in)
{
    const struct sha256 client = digest_sha256(in->client_data);
    const struct span parts[2] = {in->auth_data, sha256_span(&client)};
    const struct sha256 digest = digest_sha256_parts(parts, 2);
    AUTO_CRYPT_KEY *key = NULL;

    struct cs_result r = crypt_cert_key(leaf, &key);
    if (r.code != CS_OK) {
        return r.code == CS_E_NOMEM ? CRYPT_ATTEST_NO_ROOM : CRYPT_ATTEST_CERT_KEY;
    }
    r = crypt_verify_es256_digest(key, &digest, in->sig);
    if (r.code == CS_OK) {
        return CRYPT_ATTEST_HOLDS;
    }
    return r.code == CS_E_BADSIG ? CRYPT_ATTEST_SIGNATURE : CRYPT_ATTEST_NO_ROOM;
}

static enum crypt_attest check_certificates(const struct crypt_attest_in *in, const struct crypt_model *model)
{
    enum crypt_attest a = check_sizes(in);
    if (a != CRYPT_ATTEST_HOLDS) {
        return a;
    }
    AUTO(X509) *leaf = crypt_cert_open(in->x5c[0]);
    if (leaf == NULL) {
        return crypt_cert_refusal(CRYPT_ATTEST_CERTIFICATE);
    }
    a = crypt_cert_check_leaf(leaf, model->aaguid);
    if (a != CRYPT_ATTEST_HOLDS) {
        return a;
    }
    a = check_signature(leaf, in);
    if (a != CRYPT_ATTEST_HOLDS) {
        return a;
    }
    return crypt_cert_check_chain(leaf, in, model);
}

enum crypt_attest crypt_attest_check(const struct crypt_attest_in *in, const struct crypt_model *models,
                                     size_t model_count, struct crypt_registration *ret)
{
    struct crypt_registration reg;
    AUTO_CRYPT_KEY *key = NULL;

    enum crypt_attest a = crypt_registration_decode(in->auth_data, &reg);
    if (a != CRYPT_ATTEST_HOLDS) {
        return a;
    }
    a = check_flags(in);
    if (a != CRYPT_ATTEST_HOLDS) {
        return a;
    }
    const struct cs_result opened = crypt_key_open(SPAN_OF(reg.spki), &key);
    if (opened.code != CS_OK) {
        return opened.code == CS_E_NOMEM ? CRYPT_ATTEST_NO_ROOM : CRYPT_ATTEST_KEY;
    }
    const struct crypt_model *model = find_model(models, model_count, reg.aaguid);
    if (model == NULL) {
        return CRYPT_ATTEST_MODEL;
    }
    a = check_certificates(in, model);
    if (a == CRYPT_ATTEST_HOLDS && ret != NULL) {
        *ret = reg;
    }
    return a;
}
