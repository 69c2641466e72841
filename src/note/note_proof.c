/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_proof.h"

#include "base/base_text.h"

#define HEAD "c2sp.org/tlog-proof@v1"

enum { EXTRA_MAX = 65536 };

/* After its word and a space, the rest of the line. */
static CS_RESULT take_field(struct reader *r, struct span word, struct span *ret_value)
{
    struct span line = SPAN_NONE;

    TRY(rd_until(r, '\n', &line, "proof"));
    ENSURE(span_starts(line, word), CS_E_SYNTAX, "proof");
    *ret_value = span_from(line, word.left);
    return CS_SUCCESS;
}

static CS_RESULT take_extra(struct reader *r, struct span *ret_extra)
{
    AUTO_WRITER w = wr_heap(EXTRA_MAX);

    TRY(take_field(r, SPAN_LIT("extra "), ret_extra));
    ENSURE(ret_extra->left > 0, CS_E_SYNTAX, "proof.extra");
    return text_base64_decode(*ret_extra, &w, "proof.extra");
}

static CS_RESULT take_hash(struct span line, struct merkle_proof *proof)
{
    struct sha256 h;
    struct writer w = wr_fixed(h.b, sizeof(h.b));

    ENSURE(line.left == 44, CS_E_SYNTAX, "proof.hash");
    TRY(text_base64_decode(line, &w, "proof.hash"));
    ENSURE(w.len == SHA256_BYTES, CS_E_SYNTAX, "proof.hash");
    ENSURE(proof->count < MERKLE_LEVELS, CS_E_RANGE, "proof.hash");
    proof->hash[proof->count] = h;
    proof->count++;
    return CS_SUCCESS;
}

static CS_RESULT take_hashes(struct reader *r, struct merkle_proof *proof)
{
    struct span line = SPAN_NONE;

    TRY(rd_until(r, '\n', &line, "proof.hash"));
    while (line.left > 0) {
        TRY(take_hash(line, proof));
        TRY(rd_until(r, '\n', &line, "proof.hash"));
    }
    return CS_SUCCESS;
}

CS_RESULT note_proof_decode(struct span bytes, struct note_proof *ret_proof)
{
    struct reader r = rd_make(bytes);
    struct note_proof p = {.index = 0};
    struct span value = SPAN_NONE;
    struct note note;

    TRY(take_field(&r, SPAN_LIT(HEAD), &value));
    ENSURE(value.left == 0, CS_E_SYNTAX, "proof");
    if (span_starts(r.rest, SPAN_LIT("extra "))) {
        TRY(take_extra(&r, &p.extra));
    }
    TRY(take_field(&r, SPAN_LIT("index "), &value));
    TRY(text_dec_decode(value, &p.index, "proof.index"));
    ENSURE(p.index < MERKLE_SIZE_MAX, CS_E_RANGE, "proof.index");
    TRY(take_hashes(&r, &p.proof));
    TRY(note_decode(r.rest, &note));
    p.checkpoint = r.rest;
    *ret_proof = p;
    return CS_SUCCESS;
}

CS_RESULT note_proof_write(struct writer *w, struct span extra, uint64_t index, const struct merkle_proof *proof,
                           struct span checkpoint)
{
    wr_text(w, HEAD "\n");
    if (extra.left > 0) {
        wr_text(w, "extra ");
        wr_base64(w, extra);
        wr_u8(w, '\n');
    }
    wr_text(w, "index ");
    wr_dec(w, index);
    wr_u8(w, '\n');
    for (size_t i = 0; i < proof->count; i++) {
        wr_base64(w, sha256_span(&proof->hash[i]));
        wr_u8(w, '\n');
    }
    wr_u8(w, '\n');
    wr_bytes(w, checkpoint);
    return wr_end(w, "proof");
}
