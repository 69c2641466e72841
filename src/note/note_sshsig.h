/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSHSIG: what people sign, and the files with which stock `ssh-keygen -Y verify -n countersign` checks it. OpenSSH
 * PROTOCOL.sshsig, PROTOCOL.u2f; RFC 4253 §6.6, RFC 5656 §3, RFC 8332; docs/formats/sshsig.md. Pure.
 */
#ifndef NOTE_SSHSIG_H
#define NOTE_SSHSIG_H

#include "base/base_digest.h"
#include "base/base_writer.h"

#define NOTE_SSHSIG_NAMESPACE "countersign"

/* "SSHSIG" string(namespace) string("") string("sha512") string(SHA-512): always this long. */
enum { NOTE_TOSIGN_BYTES = 6 + 4 + 11 + 4 + 4 + 6 + 4 + SHA512_BYTES };
struct note_tosign {
    uint8_t b[NOTE_TOSIGN_BYTES];
};

/* The bytes a token signs for this statement (a FIDO2 key as the WebAuthn challenge). */
struct note_tosign note_sshsig_tosign(struct span statement);

enum note_ssh_kind {
    NOTE_SSH_WEBAUTHN, /* sk-ecdsa-sha2-nistp256@openssh.com, signed as webauthn-sk-ecdsa-sha2-nistp256@openssh.com */
    NOTE_SSH_P256,     /* ecdsa-sha2-nistp256 */
    NOTE_SSH_P384,     /* ecdsa-sha2-nistp384 */
    NOTE_SSH_RSA,      /* ssh-rsa, signed as rsa-sha2-512 */
};

/* A public key as SSH knows it; borrows from the SPKI it was read from. */
struct note_ssh_key {
    enum note_ssh_kind kind;
    struct span point; /* 04 || x || y of an EC key */
    struct span n;     /* of an RSA key: INTEGER contents */
    struct span e;
    struct span application; /* the rp id of a FIDO2 key */
};

/*
 * rp_id is the application of a FIDO2 credential, which must be P-256, and empty for any other key. CS_E_TYPE for a key
 * that no person signs with, and the errors of note_spki_decode.
 */
CS_RESULT note_ssh_key_decode(struct span spki, struct span rp_id, struct note_ssh_key *ret_key);
/* The SSH wire form of the key. */
CS_RESULT note_ssh_key_write(struct writer *w, const struct note_ssh_key *key);
/* One allowed_signers line: `<principal> namespaces="countersign" <type> <base64>`. The principal is an identifier of
 * at most 128 bytes (text_id_check). */
CS_RESULT note_allowed_signer_write(struct writer *w, struct span principal, const struct note_ssh_key *key);

/* What the token answered. client_data and auth_data (37 bytes) only of a FIDO2 key. */
struct note_ssh_signature {
    struct span sig; /* DER ECDSA-Sig-Value, or the RSA signature */
    struct span auth_data;
    struct span client_data;
    struct span origin; /* "https://<rp id>" */
};
/* The armored file. CS_E_RANGE, CS_E_SYNTAX…: the signature has not this key's form. Nothing is verified. */
CS_RESULT note_sshsig_write(struct writer *w, const struct note_ssh_key *key, const struct note_ssh_signature *sig);

#endif
