/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/crypt_note.h"

static CS_RESULT open_once(struct crypt_signer *s)
{
    if (s->opened != NULL) {
        return CS_SUCCESS;
    }
    return crypt_key_open_ed25519(SPAN_OF(s->key.key), &s->opened);
}

/* A known key's signature of another length is a bad signature. */
static CS_RESULT take_signature(const struct note_signature *sig, uint8_t *bytes, size_t n)
{
    const struct cs_result r = note_signature_bytes(sig, bytes, n);
    return r.code == CS_OK ? r : CS_FAIL(CS_E_BADSIG, "note.signature");
}

static CS_RESULT verify_plain(struct crypt_signer *s, const struct note *n, const struct note_signature *sig)
{
    uint8_t bytes[NOTE_ED25519_SIG_BYTES];

    TRY(take_signature(sig, bytes, sizeof(bytes)));
    return crypt_verify(s->opened, CRYPT_ED25519, n->text, SPAN_OF(bytes));
}

static CS_RESULT verify_cosignature(struct crypt_signer *s, const struct note *n, const struct note_signature *sig)
{
    uint8_t bytes[NOTE_COSIGNATURE_BYTES];
    uint64_t time_s = 0;
    AUTO_WRITER message = wr_heap(NOTE_BYTES_MAX + 64);

    TRY(take_signature(sig, bytes, sizeof(bytes)));
    struct reader r = rd_make(SPAN_OF(bytes));
    TRY(rd_u64(&r, &time_s, "note.time"));
    ENSURE(time_s <= (uint64_t)INT64_MAX, CS_E_BADSIG, "note.time");
    note_cosignature_message(&message, time_s, n->text);
    TRY(wr_end(&message, "note"));
    TRY(crypt_verify(s->opened, CRYPT_ED25519, wr_span(&message), r.rest));
    s->time_s = time_s;
    return CS_SUCCESS;
}

static CS_RESULT verify_line(struct crypt_signer *s, const struct note *n, const struct note_signature *sig)
{
    TRY(open_once(s));
    if (s->key.type == NOTE_KEY_COSIGNATURE) {
        TRY(verify_cosignature(s, n, sig));
    } else {
        TRY(verify_plain(s, n, sig));
    }
    s->verified = true;
    return CS_SUCCESS;
}

static struct crypt_signer *find(struct crypt_signer *signers, size_t count, const struct note_signature *sig)
{
    for (size_t i = 0; i < count; i++) {
        if (signers[i].key.id == sig->key_id && span_eq(signers[i].key.name, sig->name)) {
            return &signers[i];
        }
    }
    return NULL;
}

static void forget(struct crypt_signer *signers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        signers[i].verified = false;
        signers[i].time_s = 0;
    }
}

static CS_RESULT verify_all(struct span bytes, struct crypt_signer *signers, size_t count, struct note *ret_note)
{
    struct note n;
    bool any = false;

    TRY(note_decode(bytes, &n));
    struct reader r = rd_make(n.lines);
    while (r.rest.left > 0) {
        struct note_signature sig;
        TRY(note_signature_next(&r, &sig));
        struct crypt_signer *s = find(signers, count, &sig);
        if (s != NULL) {
            TRY(verify_line(s, &n, &sig));
            any = true;
        }
    }
    ENSURE(any, CS_E_MISSING, "note.signature");
    *ret_note = n;
    return CS_SUCCESS;
}

CS_RESULT crypt_note_verify(struct span bytes, struct crypt_signer *signers, size_t count, struct note *ret_note)
{
    forget(signers, count);
    const struct cs_result r = verify_all(bytes, signers, count, ret_note);
    if (r.code != CS_OK) {
        forget(signers, count);
    }
    return r;
}

void crypt_signers_release(struct crypt_signer *signers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        crypt_key_free(signers[i].opened);
        signers[i].opened = NULL;
    }
}

static CS_RESULT checkpoint_by(struct span bytes, struct crypt_signer *signer, struct note_checkpoint *ret)
{
    struct note n;
    struct note_checkpoint c;

    TRY(crypt_note_verify(bytes, signer, 1, &n));
    TRY(note_checkpoint_decode(n.text, &c));
    ENSURE(span_eq(c.origin, signer->key.name), CS_E_MISMATCH, "checkpoint.origin");
    *ret = c;
    return CS_SUCCESS;
}

CS_RESULT crypt_checkpoint_verify(struct span bytes, const struct note_key *log_key, struct note_checkpoint *ret)
{
    struct crypt_signer signer = {.key = *log_key};

    const struct cs_result r = checkpoint_by(bytes, &signer, ret);
    crypt_signers_release(&signer, 1);
    return r;
}
