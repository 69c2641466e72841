/* SPDX-License-Identifier: Apache-2.0 */
/* A public key, and a DER signature with it: n:u16 spki sig. What is read can be framed for ssh-keygen. */
#include "note/note_der.h"
#include "note/note_sshsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_make(span_make(data, size));
    uint16_t n = 0;
    struct span spki = SPAN_NONE;
    struct note_ssh_key key;
    struct note_ecdsa sig;
    AUTO_WRITER w = wr_heap(1U << 16);

    if (note_ecdsa_decode(r.rest, 48, &sig).code == CS_OK && sig.r.left + sig.s.left + 6 > size) {
        abort(); /* more than there was */
    }
    if (rd_u16(&r, &n, "n").code != CS_OK || rd_take(&r, n, &spki, "spki").code != CS_OK ||
        note_ssh_key_decode(spki, SPAN_NONE, &key).code != CS_OK) {
        return 0;
    }
    if (note_allowed_signer_write(&w, SPAN_LIT("alice"), &key).code != CS_OK) {
        abort();
    }
    const struct note_ssh_signature s = {.sig = r.rest};
    w.len = 0;
    if (note_sshsig_write(&w, &key, &s).code == CS_OK && !span_starts(wr_span(&w), SPAN_LIT("-----BEGIN SSH"))) {
        abort();
    }
    return 0;
}
