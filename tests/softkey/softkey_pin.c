/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_pin.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum subcommand {
    SUB_RETRIES = 1,
    SUB_KEY_AGREEMENT = 2,
    SUB_SET = 3,
    SUB_CHANGE = 4,
    SUB_TOKEN = 5,
    SUB_TOKEN_WITH_PERMISSIONS = 9,
};

enum {
    KEY_PROTOCOL = 1,
    KEY_SUBCOMMAND = 2,
    KEY_AGREEMENT = 3,
    KEY_PARAM = 4,
    KEY_NEW_PIN = 5,
    KEY_PIN_HASH = 6,
    KEY_PERMISSIONS = 9,
    KEY_RP_ID = 10,

    PADDED_PIN_BYTES = 64,
    PIN_CODE_POINTS_MIN = 4,
    MISSES_MAX = 3,
    BLOCK = 16,
};

static void random_bytes(uint8_t *ret_bytes, size_t len)
{
    if (RAND_bytes(ret_bytes, (int)len) != 1) {
        abort();
    }
}

static void new_agreement(struct softkey_pin *pin, size_t which)
{
    uint8_t seed[SOFTKEY_HASH_BYTES];

    random_bytes(seed, sizeof(seed));
    softkey_ec_free(pin->agreement[which]);
    pin->agreement[which] = softkey_ec_from_seed(seed, "key agreement");
    if (pin->agreement[which] == NULL) {
        abort();
    }
}

void softkey_pin_power(struct softkey_pin *pin)
{
    for (size_t i = 0; i < SOFTKEY_PIN_PROTOCOLS; i++) {
        new_agreement(pin, i);
        random_bytes(pin->token[i], sizeof(pin->token[i]));
    }
    pin->permissions = 0;
    pin->rp_id[0] = '\0';
    pin->misses = 0;
}

void softkey_pin_release(struct softkey_pin *pin)
{
    for (size_t i = 0; i < SOFTKEY_PIN_PROTOCOLS; i++) {
        softkey_ec_free(pin->agreement[i]);
        pin->agreement[i] = NULL;
    }
}

/* What platform and key share: in protocol 1 both halves are the same. */
struct secret {
    int64_t protocol;
    uint8_t mac_key[32];
    uint8_t aes_key[32];
};

static void derive(const uint8_t z[32], int64_t protocol, struct secret *ret_secret)
{
    static const uint8_t salt[32] = {0};
    uint8_t prk[32];

    ret_secret->protocol = protocol;
    if (protocol == 1) {
        softkey_sha256(z, 32, ret_secret->mac_key);
        memcpy(ret_secret->aes_key, ret_secret->mac_key, 32);
        return;
    }
    /* HKDF-SHA-256 of one block each; the literals end in the block's number 1 */
    softkey_hmac(salt, sizeof(salt), z, 32, prk);
    softkey_hmac(prk, sizeof(prk), "CTAP2 HMAC key\x01", 15, ret_secret->mac_key);
    softkey_hmac(prk, sizeof(prk), "CTAP2 AES key\x01", 14, ret_secret->aes_key);
}

static enum softkey_status take_bytes(struct softkey_span map, int64_t key, struct softkey_span *ret_bytes)
{
    struct softkey_span item;

    if (!softkey_cbor_by_int(map, key, &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    return softkey_cbor_bytes(item, ret_bytes) ? CTAP_OK : CTAP_CBOR_UNEXPECTED_TYPE;
}

static enum softkey_status agree(const struct softkey_pin *pin, struct softkey_span params, int64_t protocol,
                                 struct secret *ret_secret)
{
    struct softkey_span cose;
    struct softkey_span x;
    struct softkey_span y;
    uint8_t point[SOFTKEY_POINT_BYTES] = {0x04};
    uint8_t z[32];
    uint64_t pairs = 0;

    if (!softkey_cbor_by_int(params, KEY_AGREEMENT, &cose)) {
        return CTAP_MISSING_PARAMETER;
    }
    if (!softkey_cbor_map(cose, &pairs) || take_bytes(cose, -2, &x) != CTAP_OK || take_bytes(cose, -3, &y) != CTAP_OK ||
        x.len != 32 || y.len != 32) {
        return CTAP_INVALID_PARAMETER;
    }
    memcpy(point + 1, x.p, 32);
    memcpy(point + 33, y.p, 32);
    if (!softkey_ec_shared_x(pin->agreement[protocol - 1], point, z)) {
        return CTAP_INVALID_PARAMETER;
    }
    derive(z, protocol, ret_secret);
    return CTAP_OK;
}

static bool mac_matches(const uint8_t key[32], int64_t protocol, struct softkey_span msg, struct softkey_span mac)
{
    uint8_t want[SOFTKEY_HASH_BYTES];
    const size_t len = protocol == 1 ? 16 : 32;

    softkey_hmac(key, 32, msg.p, msg.len, want);
    return mac.len == len && CRYPTO_memcmp(want, mac.p, len) == 0;
}

static bool cbc(const struct secret *secret, const uint8_t iv[BLOCK], bool encrypt, struct softkey_span in,
                uint8_t *ret_out)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;

    const bool ok = ctx != NULL && in.len % BLOCK == 0 && in.len <= 256 &&
                    EVP_CipherInit_ex(ctx, EVP_aes_256_cbc(), NULL, secret->aes_key, iv, encrypt ? 1 : 0) == 1 &&
                    EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
                    EVP_CipherUpdate(ctx, ret_out, &len, in.p, (int)in.len) == 1 && (size_t)len == in.len;
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

/* Decrypts to exactly `len` bytes, or fails. */
static bool open_sealed(const struct secret *secret, struct softkey_span in, size_t len, uint8_t *ret_out)
{
    uint8_t iv[BLOCK] = {0};

    if (secret->protocol == 2) {
        if (in.len < BLOCK) {
            return false;
        }
        memcpy(iv, in.p, BLOCK);
        in.p += BLOCK;
        in.len -= BLOCK;
    }
    return in.len == len && cbc(secret, iv, false, in, ret_out);
}

static bool put_sealed(const struct secret *secret, const uint8_t *bytes, size_t len, struct softkey_cbor *out)
{
    uint8_t sealed[BLOCK + 64] = {0};

    if (secret->protocol == 2) {
        random_bytes(sealed, BLOCK);
    }
    if (len > 64 || !cbc(secret, sealed, true, (struct softkey_span){bytes, len}, sealed + BLOCK)) {
        return false;
    }
    const size_t skip = secret->protocol == 2 ? 0 : BLOCK;
    softkey_cbor_put_bytes(out, sealed + skip, BLOCK - skip + len);
    return true;
}

static enum softkey_status store_pin(struct softkey_store *store, const struct secret *secret,
                                     struct softkey_span sealed)
{
    uint8_t padded[PADDED_PIN_BYTES];
    uint8_t hash[SOFTKEY_HASH_BYTES];
    size_t points = 0;

    if (!open_sealed(secret, sealed, sizeof(padded), padded)) {
        return CTAP_INVALID_PARAMETER;
    }
    const size_t len = strnlen((const char *)padded, sizeof(padded));
    for (size_t i = 0; i < len; i++) {
        points += (padded[i] & 0xc0u) != 0x80u ? 1u : 0u;
    }
    if (len == sizeof(padded) || points < PIN_CODE_POINTS_MIN) {
        return CTAP_PIN_POLICY_VIOLATION;
    }
    softkey_sha256(padded, len, hash);
    memcpy(store->pin_hash, hash, sizeof(store->pin_hash));
    store->pin_set = true;
    store->retries = SOFTKEY_PIN_RETRIES;
    return softkey_store_save(store) ? CTAP_OK : CTAP_OTHER;
}

/* The try is counted before the PIN is looked at. */
static enum softkey_status check_pin(struct softkey_pin *pin, struct softkey_store *store, const struct secret *secret,
                                     struct softkey_span sealed)
{
    uint8_t hash[SOFTKEY_PIN_HASH_BYTES];

    store->retries--;
    if (!softkey_store_save(store)) {
        return CTAP_OTHER;
    }
    if (open_sealed(secret, sealed, sizeof(hash), hash) && CRYPTO_memcmp(hash, store->pin_hash, sizeof(hash)) == 0) {
        store->retries = SOFTKEY_PIN_RETRIES;
        pin->misses = 0;
        return softkey_store_save(store) ? CTAP_OK : CTAP_OTHER;
    }
    new_agreement(pin, (size_t)secret->protocol - 1);
    pin->misses++;
    if (store->retries == 0) {
        return CTAP_PIN_BLOCKED;
    }
    return pin->misses >= MISSES_MAX ? CTAP_PIN_AUTH_BLOCKED : CTAP_PIN_INVALID;
}

static enum softkey_status may_try(const struct softkey_pin *pin, const struct softkey_store *store)
{
    if (!store->pin_set) {
        return CTAP_PIN_NOT_SET;
    }
    if (store->retries == 0) {
        return CTAP_PIN_BLOCKED;
    }
    return pin->misses >= MISSES_MAX ? CTAP_PIN_AUTH_BLOCKED : CTAP_OK;
}

static void forget_tokens(struct softkey_pin *pin)
{
    for (size_t i = 0; i < SOFTKEY_PIN_PROTOCOLS; i++) {
        random_bytes(pin->token[i], sizeof(pin->token[i]));
    }
    pin->permissions = 0;
    pin->rp_id[0] = '\0';
}

static enum softkey_status set_pin(struct softkey_pin *pin, struct softkey_store *store, struct softkey_span params,
                                   int64_t protocol)
{
    struct softkey_span sealed = {NULL, 0};
    struct softkey_span param = {NULL, 0};
    struct secret secret;

    enum softkey_status status = agree(pin, params, protocol, &secret);
    if (status == CTAP_OK) {
        status = take_bytes(params, KEY_NEW_PIN, &sealed);
    }
    if (status == CTAP_OK) {
        status = take_bytes(params, KEY_PARAM, &param);
    }
    if (status != CTAP_OK) {
        return status;
    }
    if (store->pin_set || !mac_matches(secret.mac_key, protocol, sealed, param)) {
        return CTAP_PIN_AUTH_INVALID;
    }
    return store_pin(store, &secret, sealed);
}

/* The parameters of a change: the MAC is over newPinEnc || pinHashEnc. */
static enum softkey_status check_change(const struct secret *secret, struct softkey_span params,
                                        struct softkey_span *ret_new_pin, struct softkey_span *ret_pin_hash)
{
    uint8_t both[2 * BLOCK + PADDED_PIN_BYTES + SOFTKEY_PIN_HASH_BYTES];
    struct softkey_span param = {NULL, 0};

    enum softkey_status status = take_bytes(params, KEY_NEW_PIN, ret_new_pin);
    if (status == CTAP_OK) {
        status = take_bytes(params, KEY_PIN_HASH, ret_pin_hash);
    }
    if (status == CTAP_OK) {
        status = take_bytes(params, KEY_PARAM, &param);
    }
    if (status != CTAP_OK) {
        return status;
    }
    if (ret_new_pin->len > BLOCK + PADDED_PIN_BYTES || ret_pin_hash->len > BLOCK + SOFTKEY_PIN_HASH_BYTES) {
        return CTAP_INVALID_PARAMETER;
    }
    memcpy(both, ret_new_pin->p, ret_new_pin->len);
    memcpy(both + ret_new_pin->len, ret_pin_hash->p, ret_pin_hash->len);
    const struct softkey_span msg = {both, ret_new_pin->len + ret_pin_hash->len};
    return mac_matches(secret->mac_key, secret->protocol, msg, param) ? CTAP_OK : CTAP_PIN_AUTH_INVALID;
}

static enum softkey_status change_pin(struct softkey_pin *pin, struct softkey_store *store, struct softkey_span params,
                                      int64_t protocol)
{
    struct softkey_span new_pin = {NULL, 0};
    struct softkey_span pin_hash = {NULL, 0};
    struct secret secret;

    enum softkey_status status = may_try(pin, store);
    if (status == CTAP_OK) {
        status = agree(pin, params, protocol, &secret);
    }
    if (status == CTAP_OK) {
        status = check_change(&secret, params, &new_pin, &pin_hash);
    }
    if (status == CTAP_OK) {
        status = check_pin(pin, store, &secret, pin_hash);
    }
    if (status == CTAP_OK) {
        status = store_pin(store, &secret, new_pin);
        forget_tokens(pin);
    }
    return status;
}

struct grant {
    int64_t permissions;
    struct softkey_span rp_id;
};

static enum softkey_status read_grant(struct softkey_span params, bool with_permissions, struct grant *ret_grant)
{
    const int64_t known = CTAP_PERMIT_MAKE | CTAP_PERMIT_ASSERT;
    struct softkey_span item;

    *ret_grant = (struct grant){.permissions = known};
    if (!with_permissions) {
        return softkey_cbor_by_int(params, KEY_PERMISSIONS, &item) || softkey_cbor_by_int(params, KEY_RP_ID, &item)
                   ? CTAP_INVALID_PARAMETER
                   : CTAP_OK;
    }
    if (!softkey_cbor_by_int(params, KEY_PERMISSIONS, &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    if (!softkey_cbor_int(item, &ret_grant->permissions)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    if (ret_grant->permissions <= 0) {
        return CTAP_INVALID_PARAMETER;
    }
    if ((ret_grant->permissions & ~known) != 0) {
        return CTAP_UNAUTHORIZED_PERMISSION;
    }
    if (!softkey_cbor_by_int(params, KEY_RP_ID, &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    if (!softkey_cbor_text(item, &ret_grant->rp_id)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    return ret_grant->rp_id.len <= SOFTKEY_RP_ID_MAX ? CTAP_OK : CTAP_INVALID_LENGTH;
}

static enum softkey_status check_token_request(struct softkey_pin *pin, struct softkey_store *store,
                                               struct softkey_span params, int64_t protocol, struct secret *ret_secret)
{
    struct softkey_span pin_hash = {NULL, 0};

    enum softkey_status status = may_try(pin, store);
    if (status == CTAP_OK) {
        status = agree(pin, params, protocol, ret_secret);
    }
    if (status == CTAP_OK) {
        status = take_bytes(params, KEY_PIN_HASH, &pin_hash);
    }
    return status == CTAP_OK ? check_pin(pin, store, ret_secret, pin_hash) : status;
}

static enum softkey_status give_token(struct softkey_pin *pin, struct softkey_store *store, struct softkey_span params,
                                      const struct grant *grant, struct softkey_cbor *out)
{
    struct softkey_span item;
    struct secret secret;
    int64_t protocol = 0;

    if (!softkey_cbor_by_int(params, KEY_PROTOCOL, &item) || !softkey_cbor_int(item, &protocol)) {
        return CTAP_MISSING_PARAMETER;
    }
    const enum softkey_status status = check_token_request(pin, store, params, protocol, &secret);
    if (status != CTAP_OK) {
        return status;
    }
    forget_tokens(pin);
    pin->permissions = (uint8_t)grant->permissions;
    if (grant->rp_id.len > 0) {
        memcpy(pin->rp_id, grant->rp_id.p, grant->rp_id.len);
        pin->rp_id[grant->rp_id.len] = '\0';
    }
    softkey_cbor_put_map(out, 1);
    softkey_cbor_put_int(out, 2);
    return put_sealed(&secret, pin->token[protocol - 1], SOFTKEY_PIN_TOKEN_BYTES, out) ? CTAP_OK : CTAP_OTHER;
}

static void put_agreement(const struct softkey_pin *pin, int64_t protocol, struct softkey_cbor *out)
{
    const uint8_t *point = softkey_ec_point(pin->agreement[protocol - 1]);

    softkey_cbor_put_map(out, 1);
    softkey_cbor_put_int(out, 1);
    softkey_cbor_put_map(out, 5);
    softkey_cbor_put_int(out, 1);
    softkey_cbor_put_int(out, 2); /* kty: EC2 */
    softkey_cbor_put_int(out, 3);
    softkey_cbor_put_int(out, -25); /* alg: ECDH-ES + HKDF-256 */
    softkey_cbor_put_int(out, -1);
    softkey_cbor_put_int(out, 1); /* crv: P-256 */
    softkey_cbor_put_int(out, -2);
    softkey_cbor_put_bytes(out, point + 1, 32);
    softkey_cbor_put_int(out, -3);
    softkey_cbor_put_bytes(out, point + 33, 32);
}

static void put_retries(const struct softkey_pin *pin, const struct softkey_store *store, struct softkey_cbor *out)
{
    const bool power_cycle = pin->misses >= MISSES_MAX;

    softkey_cbor_put_map(out, power_cycle ? 2 : 1);
    softkey_cbor_put_int(out, 3);
    softkey_cbor_put_int(out, store->retries);
    if (power_cycle) {
        softkey_cbor_put_int(out, 4);
        softkey_cbor_put_bool(out, true);
    }
}

static enum softkey_status token_request(struct softkey_pin *pin, struct softkey_store *store,
                                         struct softkey_span params, bool with_permissions, struct softkey_cbor *out)
{
    struct grant grant;
    const enum softkey_status status = read_grant(params, with_permissions, &grant);

    return status == CTAP_OK ? give_token(pin, store, params, &grant, out) : status;
}

static enum softkey_status read_number(struct softkey_span params, int64_t key, int64_t *ret_value)
{
    struct softkey_span item;

    if (!softkey_cbor_by_int(params, key, &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    return softkey_cbor_int(item, ret_value) ? CTAP_OK : CTAP_CBOR_UNEXPECTED_TYPE;
}

enum softkey_status softkey_pin_request(struct softkey_pin *pin, struct softkey_store *store,
                                        struct softkey_span params, unsigned allowed, struct softkey_cbor *out)
{
    int64_t subcommand = 0;
    int64_t protocol = 0;

    enum softkey_status status = read_number(params, KEY_SUBCOMMAND, &subcommand);
    if (status != CTAP_OK) {
        return status;
    }
    if (subcommand == SUB_RETRIES) {
        put_retries(pin, store, out);
        return CTAP_OK;
    }
    status = read_number(params, KEY_PROTOCOL, &protocol);
    if (status != CTAP_OK) {
        return status;
    }
    if (protocol < 1 || protocol > SOFTKEY_PIN_PROTOCOLS || (allowed >> protocol & 1u) == 0) {
        return CTAP_INVALID_PARAMETER;
    }
    switch (subcommand) {
    case SUB_KEY_AGREEMENT:
        put_agreement(pin, protocol, out);
        return CTAP_OK;
    case SUB_SET:
        return set_pin(pin, store, params, protocol);
    case SUB_CHANGE:
        return change_pin(pin, store, params, protocol);
    case SUB_TOKEN:
    case SUB_TOKEN_WITH_PERMISSIONS:
        return token_request(pin, store, params, subcommand == SUB_TOKEN_WITH_PERMISSIONS, out);
    default: /* a number of the wire */
        return CTAP_INVALID_SUBCOMMAND;
    }
}

enum softkey_status softkey_pin_verify(struct softkey_pin *pin, const struct softkey_pin_claim *claim)
{
    if (!mac_matches(pin->token[claim->protocol - 1], claim->protocol, claim->message, claim->param) ||
        (pin->permissions & claim->permission) == 0) {
        return CTAP_PIN_AUTH_INVALID;
    }
    if (pin->rp_id[0] == '\0') {
        (void)snprintf(pin->rp_id, sizeof(pin->rp_id), "%s", claim->rp_id);
    }
    return strcmp(pin->rp_id, claim->rp_id) == 0 ? CTAP_OK : CTAP_PIN_AUTH_INVALID;
}

void softkey_pin_used(struct softkey_pin *pin)
{
    pin->permissions = 0;
}
