/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_sshsig.h"

#include "base/base_text.h"
#include "note/note_der.h"
#include "note/note_spki.h"

enum {
    AUTH_DATA_BYTES = 37,
    AUTH_DATA_FLAGS = 32,
    AUTH_DATA_COUNTER = 33,
    BLOB_MAX = 8192,
    TEXT_MAX = 2 * BLOB_MAX,
    LINE_COLUMNS = 70, /* as ssh-keygen breaks its own */
};

struct kind_row {
    const char *key_type;
    const char *sig_type;
    const char *curve; /* NULL for RSA */
    size_t field_bytes;
};

static const struct kind_row *row_of(enum note_ssh_kind kind)
{
    static const struct kind_row rows[] = {
        [NOTE_SSH_WEBAUTHN] = {"sk-ecdsa-sha2-nistp256@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
                               "nistp256", 32},
        [NOTE_SSH_P256] = {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "nistp256", 32},
        [NOTE_SSH_P384] = {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "nistp384", 48},
        [NOTE_SSH_RSA] = {"ssh-rsa", "rsa-sha2-512", NULL, 0},
    };
    return &rows[kind];
}

static void put_string(struct writer *w, struct span s)
{
    wr_u32(w, (uint32_t)s.left);
    wr_bytes(w, s);
}

struct note_tosign note_sshsig_tosign(struct span statement)
{
    struct note_tosign t;
    uint8_t digest[SHA512_BYTES];
    struct writer w = wr_fixed(t.b, sizeof(t.b));

    digest_sha512(statement, digest);
    wr_text(&w, "SSHSIG");
    put_string(&w, SPAN_LIT(NOTE_SSHSIG_NAMESPACE));
    put_string(&w, SPAN_NONE);
    put_string(&w, SPAN_LIT("sha512"));
    put_string(&w, SPAN_OF(digest));
    return t;
}

CS_RESULT note_ssh_key_decode(struct span spki, struct span rp_id, struct note_ssh_key *ret_key)
{
    static const enum note_ssh_kind kinds[] = {
        [NOTE_SPKI_P256] = NOTE_SSH_P256,
        [NOTE_SPKI_P384] = NOTE_SSH_P384,
        [NOTE_SPKI_RSA] = NOTE_SSH_RSA,
    };
    struct note_spki s;

    TRY(note_spki_decode(spki, &s));
    ENSURE(s.kind != NOTE_SPKI_ED25519, CS_E_TYPE, "ssh_key"); /* no person signs with one */
    ENSURE(rp_id.left == 0 || s.kind == NOTE_SPKI_P256, CS_E_TYPE, "ssh_key");
    *ret_key = (struct note_ssh_key){
        .kind = rp_id.left > 0 ? NOTE_SSH_WEBAUTHN : kinds[s.kind],
        .point = s.point,
        .n = s.n,
        .e = s.e,
        .application = rp_id,
    };
    return CS_SUCCESS;
}

CS_RESULT note_ssh_key_write(struct writer *w, const struct note_ssh_key *key)
{
    const struct kind_row *row = row_of(key->kind);

    put_string(w, span_str(row->key_type));
    if (row->curve == NULL) {
        put_string(w, key->e);
        put_string(w, key->n);
        return wr_end(w, "ssh_key");
    }
    put_string(w, span_str(row->curve));
    put_string(w, key->point);
    if (key->kind == NOTE_SSH_WEBAUTHN) {
        put_string(w, key->application);
    }
    return wr_end(w, "ssh_key");
}

CS_RESULT note_allowed_signer_write(struct writer *w, struct span principal, const struct note_ssh_key *key)
{
    uint8_t buf[BLOB_MAX / 4];
    struct writer blob = wr_fixed(buf, sizeof(buf));

    TRY(text_id_check(principal, 128, "allowed_signer.principal"));
    TRY(note_ssh_key_write(&blob, key));
    wr_bytes(w, principal);
    wr_text(w, " namespaces=\"" NOTE_SSHSIG_NAMESPACE "\" ");
    wr_text(w, row_of(key->kind)->key_type);
    wr_u8(w, ' ');
    wr_base64(w, wr_span(&blob));
    wr_u8(w, '\n');
    return wr_end(w, "allowed_signer");
}

/* The innermost part: for EC the two integers, whose DER contents are already SSH's mpint. */
static CS_RESULT put_raw_signature(struct writer *w, const struct note_ssh_key *key, struct span sig)
{
    const struct kind_row *row = row_of(key->kind);
    struct note_ecdsa ecdsa = {.r = SPAN_NONE};

    if (row->curve == NULL) {
        ENSURE(sig.left == key->n.left - 1, CS_E_RANGE, "sshsig.rsa");
        put_string(w, sig);
        return CS_SUCCESS;
    }
    TRY(note_ecdsa_decode(sig, row->field_bytes, &ecdsa));
    wr_u32(w, (uint32_t)(4 + ecdsa.r.left + 4 + ecdsa.s.left));
    put_string(w, ecdsa.r);
    put_string(w, ecdsa.s);
    return CS_SUCCESS;
}

static CS_RESULT put_signature(struct writer *w, const struct note_ssh_key *key, const struct note_ssh_signature *sig)
{
    put_string(w, span_str(row_of(key->kind)->sig_type));
    TRY(put_raw_signature(w, key, sig->sig));
    if (key->kind != NOTE_SSH_WEBAUTHN) {
        return wr_end(w, "sshsig");
    }
    ENSURE(sig->auth_data.left == AUTH_DATA_BYTES, CS_E_RANGE, "sshsig.auth_data");
    wr_u8(w, sig->auth_data.p[AUTH_DATA_FLAGS]);
    wr_bytes(w, span_from(sig->auth_data, AUTH_DATA_COUNTER));
    put_string(w, sig->origin);
    put_string(w, sig->client_data);
    put_string(w, SPAN_NONE); /* no extensions */
    return wr_end(w, "sshsig");
}

static CS_RESULT put_blob(struct writer *w, const struct note_ssh_key *key, const struct note_ssh_signature *sig)
{
    AUTO_WRITER part = wr_heap(BLOB_MAX);

    wr_text(w, "SSHSIG");
    wr_u32(w, 1);
    TRY(note_ssh_key_write(&part, key));
    put_string(w, wr_span(&part));
    put_string(w, SPAN_LIT(NOTE_SSHSIG_NAMESPACE));
    put_string(w, SPAN_NONE);
    put_string(w, SPAN_LIT("sha512"));
    part.len = 0;
    TRY(put_signature(&part, key, sig));
    put_string(w, wr_span(&part));
    return wr_end(w, "sshsig");
}

CS_RESULT note_sshsig_write(struct writer *w, const struct note_ssh_key *key, const struct note_ssh_signature *sig)
{
    AUTO_WRITER blob = wr_heap(BLOB_MAX);
    AUTO_WRITER text = wr_heap(TEXT_MAX);

    TRY(put_blob(&blob, key, sig));
    wr_base64(&text, wr_span(&blob));
    TRY(wr_end(&text, "sshsig"));
    wr_text(w, "-----BEGIN SSH SIGNATURE-----\n");
    for (struct span rest = wr_span(&text); rest.left > 0; rest = span_from(rest, LINE_COLUMNS)) {
        wr_bytes(w, span_make(rest.p, rest.left < LINE_COLUMNS ? rest.left : LINE_COLUMNS));
        wr_u8(w, '\n');
    }
    wr_text(w, "-----END SSH SIGNATURE-----\n");
    return wr_end(w, "sshsig");
}
