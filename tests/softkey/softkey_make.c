/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_make.h"

#include "softkey_cbor.h"

const uint8_t softkey_aaguid[SOFTKEY_AAGUID_BYTES] = {
    0xc5, 0x0f, 0x7c, 0xe1, 0x73, 0x0e, 0x4b, 0x6b, 0x9c, 0x5d, 0x52, 0x1a, 0x8e, 0x0d, 0x64, 0x11,
};

static const uint8_t other_aaguid[SOFTKEY_AAGUID_BYTES] = {
    0x0b, 0xad, 0x0b, 0xad, 0x00, 0x00, 0x40, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0b, 0xad,
};

enum {
    FLAG_BACKUP = 0x18, /* eligible and backed up */
    FLAG_CRED_DATA = 0x40,
    FLAG_EXTENSIONS = 0x80,
};

bool softkey_ca_init(struct softkey_ca *ca, const uint8_t seed[SOFTKEY_HASH_BYTES])
{
    struct softkey_ca made = {
        .root = softkey_ec_from_seed(seed, "attestation root"),
        .other_root = softkey_ec_from_seed(seed, "another root"),
        .leaf = softkey_ec_from_seed(seed, "attestation leaf"),
    };
    if (made.root == NULL || made.other_root == NULL || made.leaf == NULL ||
        !softkey_cert_root(made.root, &made.root_cert)) {
        softkey_ca_release(&made);
        return false;
    }
    *ca = made;
    return true;
}

void softkey_ca_release(struct softkey_ca *ca)
{
    softkey_ec_free(ca->root);
    softkey_ec_free(ca->other_root);
    softkey_ec_free(ca->leaf);
    memset(ca, 0, sizeof(*ca));
}

static void add(struct softkey_auth_data *d, const void *bytes, size_t len)
{
    if (len > sizeof(d->bytes) - d->len) {
        abort(); /* the sizes are all ours */
    }
    memcpy(d->bytes + d->len, bytes, len);
    d->len += len;
}

static void start(const struct softkey_frame *frame, uint8_t more_flags, struct softkey_auth_data *ret_data)
{
    uint8_t hash[SOFTKEY_HASH_BYTES];
    uint8_t flags = (uint8_t)(frame->flags | more_flags);
    uint32_t counter = frame->counter;

    memset(ret_data, 0, sizeof(*ret_data));
    softkey_sha256_two(frame->rp_id, strlen(frame->rp_id), ".other",
                       softkey_has(frame->faults, SOFTKEY_FAULT_WRONG_RP) ? 6 : 0, hash);
    add(ret_data, hash, sizeof(hash));
    if (softkey_has(frame->faults, SOFTKEY_FAULT_NO_UP)) {
        flags &= (uint8_t)~SOFTKEY_FLAG_UP;
    }
    if (softkey_has(frame->faults, SOFTKEY_FAULT_NO_UV)) {
        flags &= (uint8_t)~SOFTKEY_FLAG_UV;
    }
    if (softkey_has(frame->faults, SOFTKEY_FAULT_BACKUP)) {
        flags |= FLAG_BACKUP;
    }
    if (softkey_has(frame->faults, SOFTKEY_FAULT_REPLAY_COUNTER) && counter > 0) {
        counter--;
    }
    const uint8_t tail[5] = {flags, (uint8_t)(counter >> 24), (uint8_t)(counter >> 16), (uint8_t)(counter >> 8),
                             (uint8_t)counter};
    add(ret_data, tail, sizeof(tail));
}

static void finish(const struct softkey_frame *frame, struct softkey_auth_data *data)
{
    if (softkey_has(frame->faults, SOFTKEY_FAULT_TRAILING)) {
        add(data, "!", 1);
    }
}

void softkey_make_assert_data(const struct softkey_frame *frame, struct softkey_auth_data *ret_data)
{
    start(frame, 0, ret_data);
    finish(frame, ret_data);
}

void softkey_make_cred_data(const struct softkey_frame *frame, const uint8_t id[SOFTKEY_ID_BYTES],
                            const struct softkey_ec *key, uint8_t protect, struct softkey_auth_data *ret_data)
{
    static const uint8_t id_len[2] = {0, SOFTKEY_ID_BYTES};
    const bool extend = protect > 0 && !softkey_has(frame->faults, SOFTKEY_FAULT_NO_CRED_PROTECT);
    const uint32_t foreign = SOFTKEY_BIT(OTHER_AAGUID) | SOFTKEY_BIT(UNKNOWN_MODEL);
    uint8_t cose[SOFTKEY_COSE_BYTES];

    start(frame, (uint8_t)(FLAG_CRED_DATA | (extend ? FLAG_EXTENSIONS : 0)), ret_data);
    add(ret_data, (frame->faults & foreign) != 0 ? other_aaguid : softkey_aaguid, SOFTKEY_AAGUID_BYTES);
    add(ret_data, id_len, sizeof(id_len));
    add(ret_data, id, SOFTKEY_ID_BYTES);
    softkey_ec_cose(key, cose);
    add(ret_data, cose, sizeof(cose));
    if (extend) {
        uint8_t ext[16];
        struct softkey_cbor w = {.p = ext, .cap = sizeof(ext)};
        softkey_cbor_put_map(&w, 1);
        softkey_cbor_put_text(&w, "credProtect");
        softkey_cbor_put_int(&w, protect);
        add(ret_data, ext, w.len);
    }
    finish(frame, ret_data);
}

bool softkey_make_signature(const struct softkey_ec *key, const struct softkey_auth_data *data,
                            const uint8_t client_data_hash[SOFTKEY_HASH_BYTES], uint32_t faults,
                            struct softkey_sig *ret_sig)
{
    uint8_t digest[SOFTKEY_HASH_BYTES];

    softkey_sha256_two(data->bytes, data->len, client_data_hash, SOFTKEY_HASH_BYTES, digest);
    if (softkey_has(faults, SOFTKEY_FAULT_BAD_SIG)) {
        digest[0] ^= 1u;
    }
    if (!softkey_has(faults, SOFTKEY_FAULT_OTHER_KEY)) {
        return softkey_ec_sign(key, digest, ret_sig);
    }
    uint8_t seed[SOFTKEY_HASH_BYTES];
    softkey_sha256(softkey_ec_point(key), SOFTKEY_POINT_BYTES, seed);
    struct softkey_ec *other = softkey_ec_from_seed(seed, "another key");
    const bool ok = other != NULL && softkey_ec_sign(other, digest, ret_sig);
    softkey_ec_free(other);
    return ok;
}

static bool make_leaf(const struct softkey_ca *ca, uint32_t faults, struct softkey_cert *ret_leaf)
{
    const struct softkey_ec *root = softkey_has(faults, SOFTKEY_FAULT_OTHER_ROOT) ? ca->other_root : ca->root;
    const uint8_t *aaguid = softkey_has(faults, SOFTKEY_FAULT_UNKNOWN_MODEL) ? other_aaguid : softkey_aaguid;

    return softkey_cert_leaf(root, ca->leaf, aaguid, faults, ret_leaf);
}

static void put_statement(struct softkey_cbor *w, const struct softkey_attestation *att)
{
    if (att->sig.len == 0) {
        softkey_cbor_put_map(w, 0);
        return;
    }
    softkey_cbor_put_map(w, att->leaf.len > 0 ? 3 : 2);
    softkey_cbor_put_text(w, "alg");
    softkey_cbor_put_int(w, -7);
    softkey_cbor_put_text(w, "sig");
    softkey_cbor_put_bytes(w, att->sig.der, att->sig.len);
    if (att->leaf.len > 0) {
        softkey_cbor_put_text(w, "x5c");
        softkey_cbor_put_array(w, 1);
        softkey_cbor_put_bytes(w, att->leaf.der, att->leaf.len);
    }
}

bool softkey_make_attestation(const struct softkey_ca *ca, const struct softkey_ec *key,
                              const struct softkey_auth_data *data, const uint8_t client_data_hash[SOFTKEY_HASH_BYTES],
                              uint32_t faults, struct softkey_attestation *ret_att)
{
    const bool none = softkey_has(faults, SOFTKEY_FAULT_NONE_ATTEST);
    const bool self = softkey_has(faults, SOFTKEY_FAULT_SELF_ATTEST);

    memset(ret_att, 0, sizeof(*ret_att));
    ret_att->format = none ? "none" : "packed";
    if (!none && !softkey_make_signature(self ? key : ca->leaf, data, client_data_hash, faults, &ret_att->sig)) {
        return false;
    }
    if (!none && !self && !make_leaf(ca, faults, &ret_att->leaf)) {
        return false;
    }
    struct softkey_cbor w = {.p = ret_att->stmt, .cap = sizeof(ret_att->stmt)};
    put_statement(&w, ret_att);
    ret_att->stmt_len = w.len;
    return !w.full;
}
