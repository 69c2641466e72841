/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_attestation.h"

#include "token/token_cbor.h"

enum { MEMBERS_MAX = 3, NAME_MAX_BYTES = 8, SIG_MAX = 1024 };
enum { EXTENSIONS_MAX = 8, EXTENSION_NAME_MAX = 32, FLAG_EXTENSIONS = 0x80 };
enum { RP_HASH_BYTES = 32, COUNTER_BYTES = 4, COSE_ES256_BYTES = 77 }; /* a P-256 key has one canonical spelling */

struct statement {
    bool alg;
    struct span sig;
    struct span x5c[TOKEN_CHAIN_MAX];
    size_t x5c_count;
};

static CS_RESULT read_alg(struct reader *r, struct statement *s)
{
    enum token_cbor_kind kind = TOKEN_CBOR_SIMPLE;
    uint64_t n = 0;

    ENSURE(!s->alg, CS_E_DUPLICATE, "attestation.alg");
    TRY(token_cbor_head(r, &kind, &n, "attestation.alg"));
    ENSURE(kind == TOKEN_CBOR_UINT || kind == TOKEN_CBOR_NEGATIVE, CS_E_TYPE, "attestation.alg");
    s->alg = true; /* which one follows from the leaf's key, for whoever checks the signature */
    return CS_SUCCESS;
}

static CS_RESULT read_x5c(struct reader *r, struct statement *s)
{
    uint64_t count = 0;

    ENSURE(s->x5c_count == 0, CS_E_DUPLICATE, "attestation.x5c");
    TRY(token_cbor_expect(r, TOKEN_CBOR_ARRAY, TOKEN_CHAIN_MAX, &count, "attestation.x5c"));
    ENSURE(count > 0, CS_E_RANGE, "attestation.x5c");
    for (size_t i = 0; i < count; i++) {
        TRY(token_cbor_string(r, TOKEN_CBOR_BYTES, TOKEN_CERT_MAX, &s->x5c[i], "attestation.certificate"));
    }
    s->x5c_count = (size_t)count;
    return CS_SUCCESS;
}

static CS_RESULT read_member(struct reader *r, struct statement *s)
{
    struct span name;

    TRY(token_cbor_string(r, TOKEN_CBOR_TEXT, NAME_MAX_BYTES, &name, "attestation.name"));
    if (span_is(name, "alg")) {
        return read_alg(r, s);
    }
    if (span_is(name, "sig")) {
        ENSURE(s->sig.p == NULL, CS_E_DUPLICATE, "attestation.sig");
        return token_cbor_string(r, TOKEN_CBOR_BYTES, SIG_MAX, &s->sig, "attestation.sig");
    }
    if (span_is(name, "x5c")) {
        return read_x5c(r, s);
    }
    return CS_FAIL(CS_E_UNKNOWN, "attestation.name");
}

static CS_RESULT read_statement(struct span cbor, struct statement *s)
{
    struct reader r = rd_make(cbor);
    uint64_t count = 0;

    TRY(token_cbor_expect(&r, TOKEN_CBOR_MAP, MEMBERS_MAX, &count, "attestation"));
    for (uint64_t i = 0; i < count; i++) {
        TRY(read_member(&r, s));
    }
    TRY(rd_end(&r, "attestation"));
    ENSURE(s->alg && s->sig.p != NULL && s->x5c_count > 0, CS_E_MISSING, "attestation");
    return CS_SUCCESS;
}

CS_RESULT token_attestation_decode(struct span cbor, struct arena *arena, struct token_outcome *out)
{
    struct statement s = {.alg = false};
    struct span copies[TOKEN_CHAIN_MAX];
    struct span sig;

    TRY(read_statement(cbor, &s));
    TRY(arena_copy(arena, s.sig, &sig));
    for (size_t i = 0; i < s.x5c_count; i++) {
        TRY(arena_copy(arena, s.x5c[i], &copies[i]));
    }
    out->sig = sig;
    memcpy(out->x5c, copies, s.x5c_count * sizeof(copies[0]));
    out->x5c_count = s.x5c_count;
    return CS_SUCCESS;
}

static CS_RESULT read_extension(struct reader *r, uint64_t *level)
{
    enum token_cbor_kind kind = TOKEN_CBOR_MAP;
    struct span name;
    uint64_t value = 0;

    TRY(token_cbor_string(r, TOKEN_CBOR_TEXT, EXTENSION_NAME_MAX, &name, "auth_data.extension"));
    TRY(token_cbor_head(r, &kind, &value, "auth_data.extension"));
    ENSURE(kind == TOKEN_CBOR_UINT || kind == TOKEN_CBOR_SIMPLE, CS_E_TYPE, "auth_data.extension");
    if (span_is(name, "credProtect")) {
        ENSURE(kind == TOKEN_CBOR_UINT, CS_E_TYPE, "auth_data.cred_protect");
        *level = value;
    }
    return CS_SUCCESS;
}

CS_RESULT token_protection_decode(struct span auth_data, uint64_t *ret_level)
{
    struct reader r = rd_make(auth_data);
    struct span skipped;
    uint8_t flags = 0;
    uint16_t id_bytes = 0;
    uint64_t count = 0;
    uint64_t level = 0;

    TRY(rd_take(&r, RP_HASH_BYTES, &skipped, "auth_data.rp"));
    TRY(rd_u8(&r, &flags, "auth_data.flags"));
    TRY(rd_take(&r, COUNTER_BYTES + TOKEN_AAGUID_BYTES, &skipped, "auth_data.aaguid"));
    TRY(rd_u16(&r, &id_bytes, "auth_data.id"));
    TRY(rd_take(&r, id_bytes, &skipped, "auth_data.id"));
    TRY(rd_take(&r, COSE_ES256_BYTES, &skipped, "auth_data.key"));
    if ((flags & FLAG_EXTENSIONS) != 0) {
        TRY(token_cbor_expect(&r, TOKEN_CBOR_MAP, EXTENSIONS_MAX, &count, "auth_data.extensions"));
    }
    for (uint64_t i = 0; i < count; i++) {
        TRY(read_extension(&r, &level));
    }
    TRY(rd_end(&r, "auth_data"));
    *ret_level = level;
    return CS_SUCCESS;
}
