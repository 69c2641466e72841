/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_dsse.h"

#include "base/base_text.h"

CS_RESULT note_dsse_pae(struct span type, struct span body, struct writer *w)
{
    wr_text(w, "DSSEv1 ");
    wr_dec(w, type.left);
    wr_u8(w, ' ');
    wr_bytes(w, type);
    wr_u8(w, ' ');
    wr_dec(w, body.left);
    wr_u8(w, ' ');
    wr_bytes(w, body);
    return wr_end(w, "dsse.pae");
}

CS_RESULT note_dsse_write(struct span type, struct span payload, struct span spki, struct span sig, struct writer *w)
{
    for (size_t i = 0; i < type.left; i++) {
        const uint8_t c = type.p[i];
        ENSURE(c > 0x20 && c < 0x7f && c != '"' && c != '\\', CS_E_SYNTAX, "dsse.type");
    }
    const struct sha256 id = digest_sha256(spki);

    wr_text(w, "{\"payload\":\"");
    wr_base64(w, payload);
    wr_text(w, "\",\"payloadType\":\"");
    wr_bytes(w, type);
    wr_text(w, "\",\"signatures\":[{\"keyid\":\"");
    wr_hex(w, sha256_span(&id));
    wr_text(w, "\",\"sig\":\"");
    wr_base64(w, sig);
    wr_text(w, "\"}]}");
    return wr_end(w, "dsse");
}

static CS_RESULT take_text(const struct json_value *object, const char *key, struct span *ret_text)
{
    const struct json_value *v = json_tree_member(object, key);

    ENSURE(v != NULL, CS_E_MISSING, "dsse");
    ENSURE(v->kind == JSON_STRING, CS_E_TYPE, "dsse");
    *ret_text = v->text;
    return CS_SUCCESS;
}

static struct span without_padding(struct span text)
{
    size_t n = text.left;
    while (text.left % 4 == 0 && n > 0 && text.left - n < 2 && text.p[n - 1] == '=') {
        n--;
    }
    return span_make(text.p, n);
}

/* RFC 4648 §4, or §5 with or without padding: verifiers must take either. */
static CS_RESULT take_base64(const struct json_value *object, const char *key, struct arena *arena,
                             struct span *ret_bytes)
{
    struct span text = SPAN_NONE;

    TRY(take_text(object, key, &text));
    const size_t room = text.left / 4 * 3 + 3;
    uint8_t *p = arena_alloc(arena, room);
    ENSURE(p != NULL, CS_E_NOMEM, "dsse");
    struct writer w = wr_fixed(p, room);
    if (text_base64_decode(text, &w, "dsse").code != CS_OK) {
        w = wr_fixed(p, room);
        TRY(text_base64url_decode(without_padding(text), &w, "dsse"));
    }
    *ret_bytes = wr_span(&w);
    return CS_SUCCESS;
}

static CS_RESULT take_signature(const struct json_value *v, struct arena *arena, struct note_dsse_signature *ret_sig)
{
    ENSURE(v->kind == JSON_OBJECT, CS_E_TYPE, "dsse.signature");
    if (json_tree_member(v, "keyid") != NULL) {
        TRY(take_text(v, "keyid", &ret_sig->keyid));
    }
    return take_base64(v, "sig", arena, &ret_sig->sig);
}

CS_RESULT note_dsse_decode(struct span text, struct arena *arena, struct note_dsse *ret_envelope)
{
    const struct json_value *top = NULL;
    struct note_dsse e = {.signature_count = 0};

    ENSURE(text.left <= NOTE_DSSE_BYTES_MAX, CS_E_RANGE, "dsse");
    TRY(json_tree_parse_foreign(text, arena, &top));
    ENSURE(top->kind == JSON_OBJECT, CS_E_TYPE, "dsse");
    TRY(take_text(top, "payloadType", &e.type));
    TRY(take_base64(top, "payload", arena, &e.payload));
    const struct json_value *list = json_tree_member(top, "signatures");
    ENSURE(list != NULL, CS_E_MISSING, "dsse.signatures");
    ENSURE(list->kind == JSON_ARRAY, CS_E_TYPE, "dsse.signatures");
    ENSURE(list->count >= 1 && list->count <= NOTE_DSSE_SIGNATURES_MAX, CS_E_RANGE, "dsse.signatures");
    for (const struct json_value *v = list->child; v != NULL; v = v->next) {
        TRY(take_signature(v, arena, &e.signature[e.signature_count]));
        e.signature_count++;
    }
    *ret_envelope = e;
    return CS_SUCCESS;
}
