/* SPDX-License-Identifier: Apache-2.0 */
/* A note that is read is its text, an empty line and its lines; a checkpoint that is read is written back the same. */
#include "note/note_signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct note *n)
{
    struct reader r = rd_make(n->lines);
    size_t count = 0;

    while (r.rest.left > 0) {
        struct note_signature sig;
        uint8_t bytes[NOTE_COSIGNATURE_BYTES];
        if (note_signature_next(&r, &sig).code != CS_OK) {
            abort();
        }
        const bool plain = note_signature_bytes(&sig, bytes, NOTE_ED25519_SIG_BYTES).code == CS_OK;
        const bool timed = note_signature_bytes(&sig, bytes, NOTE_COSIGNATURE_BYTES).code == CS_OK;
        if (plain && timed) {
            abort(); /* it has one length */
        }
        count++;
    }
    if (count != n->signature_count || count == 0) {
        abort();
    }
}

static void checkpoint(struct span text)
{
    struct note_checkpoint c;
    if (note_checkpoint_decode(text, &c).code != CS_OK) {
        return;
    }
    AUTO_WRITER w = wr_heap(NOTE_BYTES_MAX);
    note_checkpoint_write(&w, &c);
    if (!span_eq(wr_span(&w), text)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = span_make(data, size);
    struct note n;

    checkpoint(in);
    if (note_decode(in, &n).code != CS_OK) {
        return 0;
    }
    walk(&n);
    checkpoint(n.text);
    AUTO_WRITER w = wr_heap(NOTE_BYTES_MAX);
    note_write_text(&w, n.text);
    wr_bytes(&w, n.lines);
    if (!span_eq(wr_span(&w), in)) {
        abort();
    }
    return 0;
}
