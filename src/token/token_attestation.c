/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_fido.h"

#include <cbor.h>

static inline void free_item(cbor_item_t *i)
{
    cbor_decref(&i);
}
CS_AUTO_DEFINE(cbor_item_t, free_item);

static bool bytes_of(const cbor_item_t *i, struct span *ret_bytes)
{
    if (!cbor_isa_bytestring(i) || !cbor_bytestring_is_definite(i) || cbor_bytestring_length(i) == 0) {
        return false;
    }
    *ret_bytes = span_make(cbor_bytestring_handle(i), cbor_bytestring_length(i));
    return true;
}

static bool key_is(const cbor_item_t *key, const char *name)
{
    return cbor_isa_string(key) && cbor_string_is_definite(key) &&
           span_is(span_make(cbor_string_handle(key), cbor_string_length(key)), name);
}

static CS_RESULT take_chain(const cbor_item_t *list, struct arena *arena, struct token_outcome *out)
{
    ENSURE(cbor_isa_array(list) && cbor_array_is_definite(list), CS_E_SYNTAX, "attestation.x5c");
    const size_t count = cbor_array_size(list);
    ENSURE(count >= 1 && count <= TOKEN_CHAIN_MAX, CS_E_RANGE, "attestation.x5c");
    cbor_item_t *const *certs = cbor_array_handle(list);
    for (size_t i = 0; i < count; i++) {
        struct span der;
        ENSURE(bytes_of(certs[i], &der), CS_E_SYNTAX, "attestation.certificate");
        ENSURE(der.left <= TOKEN_CERT_MAX, CS_E_RANGE, "attestation.certificate");
        TRY(arena_copy(arena, der, &out->x5c[i]));
    }
    out->x5c_count = count;
    return CS_SUCCESS;
}

static CS_RESULT take_members(const cbor_item_t *map, struct arena *arena, struct token_outcome *out)
{
    const struct cbor_pair *pairs = cbor_map_handle(map);
    struct span sig = SPAN_NONE;

    for (size_t i = 0; i < cbor_map_size(map); i++) {
        if (key_is(pairs[i].key, "sig")) {
            ENSURE(sig.p == NULL && bytes_of(pairs[i].value, &sig), CS_E_SYNTAX, "attestation.sig");
            TRY(arena_copy(arena, sig, &out->sig));
        } else if (key_is(pairs[i].key, "x5c")) {
            ENSURE(out->x5c_count == 0, CS_E_DUPLICATE, "attestation.x5c");
            TRY(take_chain(pairs[i].value, arena, out));
        }
    }
    ENSURE(sig.p != NULL && out->x5c_count > 0, CS_E_SYNTAX, "attestation");
    return CS_SUCCESS;
}

CS_RESULT token_attestation_decode(struct span cbor, struct arena *arena, struct token_outcome *out)
{
    struct cbor_load_result res = {0};

    ENSURE(cbor.p != NULL && cbor.left > 0, CS_E_SYNTAX, "attestation");
    AUTO(cbor_item_t) *map = cbor_load(cbor.p, cbor.left, &res);
    ENSURE(map != NULL && res.read == cbor.left, CS_E_SYNTAX, "attestation");
    ENSURE(cbor_isa_map(map) && cbor_map_is_definite(map), CS_E_SYNTAX, "attestation");
    return take_members(map, arena, out);
}
