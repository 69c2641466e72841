/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_signed.h"

#include "base/base_text.h"

enum { CHUNK = 64 };

static const struct span dash = {(const uint8_t *)"\xe2\x80\x94 ", 4};

/* Strict base64 of any length, looked at without room for all of it. */
static CS_RESULT check_base64(struct span text)
{
    uint8_t scratch[CHUNK];

    while (text.left > 0) {
        const bool last = text.left <= CHUNK;
        const struct span part = span_make(text.p, last ? text.left : (size_t)CHUNK);
        struct writer w = wr_fixed(scratch, sizeof(scratch));
        ENSURE(last || memchr(part.p, '=', part.left) == NULL, CS_E_SYNTAX, "note.signature");
        TRY(text_base64_decode(part, &w, "note.signature"));
        text = span_from(text, part.left);
    }
    return CS_SUCCESS;
}

static CS_RESULT read_key_id(struct span base64, uint32_t *ret_id)
{
    uint8_t b[6];
    struct writer w = wr_fixed(b, sizeof(b));

    TRY(text_base64_decode(span_make(base64.p, 8), &w, "note.signature"));
    ENSURE(w.len >= 5, CS_E_RANGE, "note.signature"); /* key id and at least one byte */
    *ret_id = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
    return CS_SUCCESS;
}

CS_RESULT note_signature_next(struct reader *r, struct note_signature *ret_sig)
{
    struct span line = SPAN_NONE;
    struct note_signature sig = {.key_id = 0};

    TRY(rd_until(r, '\n', &line, "note.signature"));
    ENSURE(span_starts(line, dash), CS_E_SYNTAX, "note.signature");
    struct reader in = rd_make(span_from(line, dash.left));
    ENSURE(rd_until(&in, ' ', &sig.name, "note.signature").code == CS_OK, CS_E_SYNTAX, "note.signature");
    TRY(note_name_check(sig.name, "note.signature.name"));
    sig.base64 = in.rest;
    ENSURE(sig.base64.left >= 8 && sig.base64.left <= NOTE_SIGNATURE_BYTES_MAX, CS_E_RANGE, "note.signature");
    TRY(check_base64(sig.base64));
    TRY(read_key_id(sig.base64, &sig.key_id));
    *ret_sig = sig;
    return CS_SUCCESS;
}

CS_RESULT note_signature_bytes(const struct note_signature *sig, uint8_t *ret_bytes, size_t n)
{
    uint8_t bytes[4 + NOTE_COSIGNATURE_BYTES];
    struct writer w = wr_fixed(bytes, sizeof(bytes));

    ENSURE(n <= sizeof(bytes) - 4, CS_E_RANGE, "note.signature");
    TRY(text_base64_decode(sig->base64, &w, "note.signature"));
    ENSURE(w.len == 4 + n, CS_E_RANGE, "note.signature");
    memcpy(ret_bytes, bytes + 4, n);
    return CS_SUCCESS;
}

static CS_RESULT check_characters(struct span bytes)
{
    TRY(text_utf8_check(bytes, "note"));
    for (size_t i = 0; i < bytes.left; i++) {
        if (bytes.p[i] < 0x20 && bytes.p[i] != '\n') {
            return CS_FAIL_AT(CS_E_SYNTAX, "note", i);
        }
    }
    return CS_SUCCESS;
}

/* The text may hold empty lines; the signatures come after the last one. */
static size_t last_blank_line(struct span bytes)
{
    size_t i = bytes.left;
    while (i >= 2 && (bytes.p[i - 1] != '\n' || bytes.p[i - 2] != '\n')) {
        i--;
    }
    return i >= 2 ? i - 1 : 0;
}

CS_RESULT note_decode(struct span bytes, struct note *ret_note)
{
    ENSURE(bytes.left <= NOTE_BYTES_MAX, CS_E_RANGE, "note");
    TRY(check_characters(bytes));
    const size_t text_len = last_blank_line(bytes);
    ENSURE(text_len > 0, CS_E_SYNTAX, "note.text");
    struct note n = {.text = span_make(bytes.p, text_len), .lines = span_from(bytes, text_len + 1)};
    struct reader r = rd_make(n.lines);

    ENSURE(r.rest.left > 0, CS_E_SHORT, "note.signature");
    while (r.rest.left > 0) {
        struct note_signature sig;
        TRY(note_signature_next(&r, &sig));
        n.signature_count++;
        ENSURE(n.signature_count <= NOTE_SIGNATURES_MAX, CS_E_RANGE, "note.signatures");
    }
    *ret_note = n;
    return CS_SUCCESS;
}

void note_write_text(struct writer *w, struct span text)
{
    wr_bytes(w, text);
    wr_u8(w, '\n');
}

void note_write_signature(struct writer *w, const struct note_key *key, struct span sig)
{
    uint8_t bytes[4 + NOTE_COSIGNATURE_BYTES];
    struct writer blob = wr_fixed(bytes, sizeof(bytes));

    wr_u32(&blob, key->id);
    wr_bytes(&blob, sig);
    if (blob.fail != CS_OK) { /* longer than any signature that is made here */
        w->fail = w->fail == CS_OK ? CS_E_RANGE : w->fail;
        return;
    }
    wr_bytes(w, dash);
    wr_bytes(w, key->name);
    wr_u8(w, ' ');
    wr_base64(w, wr_span(&blob));
    wr_u8(w, '\n');
}

CS_RESULT note_checkpoint_decode(struct span text, struct note_checkpoint *ret_checkpoint)
{
    struct reader r = rd_make(text);
    struct note_checkpoint c = {.size = 0};
    struct span line = SPAN_NONE;
    struct writer w = wr_fixed(c.root.b, sizeof(c.root.b));

    TRY(rd_until(&r, '\n', &c.origin, "checkpoint.origin"));
    TRY(note_name_check(c.origin, "checkpoint.origin"));
    TRY(rd_until(&r, '\n', &line, "checkpoint.size"));
    TRY(text_dec_decode(line, &c.size, "checkpoint.size"));
    ENSURE(c.size <= MERKLE_SIZE_MAX, CS_E_RANGE, "checkpoint.size");
    TRY(rd_until(&r, '\n', &line, "checkpoint.root"));
    ENSURE(line.left == 44, CS_E_RANGE, "checkpoint.root");
    TRY(text_base64_decode(line, &w, "checkpoint.root"));
    ENSURE(w.len == SHA256_BYTES, CS_E_RANGE, "checkpoint.root");
    TRY(rd_end(&r, "checkpoint.extension"));
    const struct sha256 empty = merkle_empty();
    ENSURE(c.size > 0 || sha256_eq(&c.root, &empty), CS_E_MISMATCH, "checkpoint.root");
    *ret_checkpoint = c;
    return CS_SUCCESS;
}

void note_checkpoint_write(struct writer *w, const struct note_checkpoint *c)
{
    wr_bytes(w, c->origin);
    wr_u8(w, '\n');
    wr_dec(w, c->size);
    wr_u8(w, '\n');
    wr_base64(w, sha256_span(&c->root));
    wr_u8(w, '\n');
}

void note_cosignature_message(struct writer *w, uint64_t time_s, struct span text)
{
    wr_text(w, "cosignature/v1\ntime ");
    wr_dec(w, time_s);
    wr_u8(w, '\n');
    wr_bytes(w, text);
}
