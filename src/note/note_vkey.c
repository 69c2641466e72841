/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_vkey.h"

#include "base/base_text.h"

/* White_Space of Unicode, as far as it is not a control character below U+0020. */
static bool is_space(uint32_t c)
{
    return c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

CS_RESULT note_name_check(struct span name, const char *what)
{
    ENSURE(name.left >= 1 && name.left <= NOTE_NAME_MAX, CS_E_RANGE, what);
    while (name.left > 0) {
        uint32_t c = 0;
        size_t n = 0;
        ENSURE(text_utf8_next(name, &c, &n).code == CS_OK, CS_E_UTF8, what);
        ENSURE(c >= 0x20 && c != '+' && !is_space(c), CS_E_SYNTAX, what);
        name = span_from(name, n);
    }
    return CS_SUCCESS;
}

uint32_t note_key_id(struct span name, enum note_key_type type, const uint8_t key[NOTE_KEY_BYTES])
{
    const uint8_t middle[2] = {0x0a, (uint8_t)type};
    const struct span parts[3] = {name, SPAN_OF(middle), span_make(key, NOTE_KEY_BYTES)};
    const struct sha256 d = digest_sha256_parts(parts, 3);

    return (uint32_t)d.b[0] << 24 | (uint32_t)d.b[1] << 16 | (uint32_t)d.b[2] << 8 | (uint32_t)d.b[3];
}

struct note_key note_key_make(struct span name, enum note_key_type type, const uint8_t key[NOTE_KEY_BYTES])
{
    struct note_key k = {.name = name, .type = type, .id = note_key_id(name, type, key)};
    memcpy(k.key, key, NOTE_KEY_BYTES);
    return k;
}

static CS_RESULT read_id(struct span hex, uint32_t *ret_id)
{
    uint8_t b[4];
    TRY(text_hex_decode(hex, b, sizeof(b), "vkey.id"));
    *ret_id = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
    return CS_SUCCESS;
}

CS_RESULT note_vkey_decode(struct span text, struct note_key *ret_key)
{
    struct reader r = rd_make(text);
    struct span name = SPAN_NONE;
    struct span hex = SPAN_NONE;
    uint8_t bytes[1 + NOTE_KEY_BYTES + 1];
    struct writer w = wr_fixed(bytes, sizeof(bytes));
    uint32_t id = 0;

    TRY(rd_until(&r, '+', &name, "vkey"));
    TRY(note_name_check(name, "vkey.name"));
    TRY(rd_until(&r, '+', &hex, "vkey"));
    TRY(read_id(hex, &id));
    ENSURE(r.rest.left <= NOTE_VKEY_MAX, CS_E_RANGE, "vkey.key");
    TRY(text_base64_decode(r.rest, &w, "vkey.key"));
    ENSURE(w.len >= 1, CS_E_RANGE, "vkey.key");
    ENSURE(bytes[0] == NOTE_KEY_ED25519 || bytes[0] == NOTE_KEY_COSIGNATURE, CS_E_TYPE, "vkey.type");
    ENSURE(w.len == 1 + NOTE_KEY_BYTES, CS_E_RANGE, "vkey.key");
    const struct note_key key = note_key_make(name, (enum note_key_type)bytes[0], bytes + 1);
    ENSURE(key.id == id, CS_E_MISMATCH, "vkey.id");
    *ret_key = key;
    return CS_SUCCESS;
}

void note_vkey_write(struct writer *w, const struct note_key *key)
{
    uint8_t bytes[1 + NOTE_KEY_BYTES];
    const uint8_t id[4] = {(uint8_t)(key->id >> 24), (uint8_t)(key->id >> 16), (uint8_t)(key->id >> 8),
                           (uint8_t)key->id};

    bytes[0] = (uint8_t)key->type;
    memcpy(bytes + 1, key->key, NOTE_KEY_BYTES);
    wr_bytes(w, key->name);
    wr_u8(w, '+');
    wr_hex(w, SPAN_OF(id));
    wr_u8(w, '+');
    wr_base64(w, SPAN_OF(bytes));
}
