/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_client_data.h"

static bool is_label_byte(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

CS_RESULT note_rp_id_check(struct span rp_id, const char *what)
{
    bool dot = true; /* a label must follow: not at the start, not after a dot, not at the end */

    ENSURE(rp_id.left >= 1 && rp_id.left <= NOTE_RP_ID_MAX, CS_E_RANGE, what);
    for (size_t i = 0; i < rp_id.left; i++) {
        const bool is_dot = rp_id.p[i] == '.';
        ENSURE(is_dot ? !dot : is_label_byte(rp_id.p[i]), CS_E_SYNTAX, what);
        dot = is_dot;
    }
    ENSURE(!dot, CS_E_SYNTAX, what);
    return CS_SUCCESS;
}

CS_RESULT note_client_data_write(struct writer *w, enum note_ceremony ceremony, struct span challenge,
                                 struct span rp_id)
{
    ENSURE(challenge.left >= 1 && challenge.left <= NOTE_CHALLENGE_MAX, CS_E_RANGE, "client_data.challenge");
    TRY(note_rp_id_check(rp_id, "client_data.rp_id"));
    wr_text(w, "{\"type\":\"");
    wr_text(w, ceremony == NOTE_WEBAUTHN_CREATE ? "webauthn.create" : "webauthn.get");
    wr_text(w, "\",\"challenge\":\"");
    wr_base64url(w, challenge);
    wr_text(w, "\",\"origin\":\"https://");
    wr_bytes(w, rp_id);
    wr_text(w, "\",\"crossOrigin\":false}");
    return wr_end(w, "client_data");
}
