/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_dsse.h"

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
