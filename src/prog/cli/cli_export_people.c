/* SPDX-License-Identifier: Apache-2.0 */
/* Human signatures for tools that others wrote: NNN.sig beside NNN.statement and one allowed_signers for ssh-keygen, or
 * NNN.json with what a WebAuthn library asks for (of FIDO2 keys; a card is none). NNN is the index of the decision's
 * entry. */
#include "cli_export.h"

#include "note/note_client_data.h"
#include "note/note_spki.h"
#include "note/note_sshsig.h"

enum { TEXT_MAX = 131072, NAME_MAX_BYTES = 64, ORIGIN_MAX = 512, COSE_BYTES = 77 };

/* One decision with the key that made it. */
struct signed_entry {
    uint64_t index;
    struct decision decision;
    struct statement statement;
    const struct state_credential *key;
};

static CS_RESULT read_decision(const struct export *x, uint64_t index, struct arena *arena, bool *ret_is,
                               struct signed_entry *ret_signed)
{
    struct entry e;

    TRY(model_entry_decode(x->leaves[index], arena, &e));
    *ret_is = e.type == ENTRY_DECISION;
    if (!*ret_is) {
        return CS_SUCCESS;
    }
    TRY(model_decision_decode(e.body, arena, &ret_signed->decision));
    TRY(model_statement_decode(ret_signed->decision.statement, arena, &ret_signed->statement));
    ret_signed->index = index;
    ret_signed->key = state_credential_find(&x->judge.state, &ret_signed->statement.credential_sha256);
    ENSURE(ret_signed->key != NULL, CS_E_MISSING, "credential");
    return CS_SUCCESS;
}

static CS_RESULT client_data_of(const struct export *x, const struct signed_entry *s, struct writer *w)
{
    const struct note_tosign tosign = note_sshsig_tosign(s->decision.statement);
    return note_client_data_write(w, NOTE_WEBAUTHN_GET, SPAN_OF(tosign.b), x->judge.state.rp_id);
}

static CS_RESULT origin_of(const struct export *x, struct writer *w)
{
    wr_text(w, "https://");
    wr_bytes(w, x->judge.state.rp_id);
    return wr_end(w, "origin");
}

/* A FIDO2 key's application is the rp id; a card's key has none. */
static CS_RESULT ssh_key_of(const struct export *x, const struct state_credential *k, struct note_ssh_key *ret_key)
{
    const bool card = k->kind == CREDENTIAL_PIV;
    return note_ssh_key_decode(k->key, card ? SPAN_NONE : x->judge.state.rp_id, ret_key);
}

static CS_RESULT ssh_text(const struct export *x, const struct signed_entry *s, struct writer *w)
{
    AUTO_WRITER client_data = wr_heap(NOTE_CLIENT_DATA_MAX);
    AUTO_WRITER origin = wr_heap(ORIGIN_MAX);
    struct note_ssh_key key;

    TRY(ssh_key_of(x, s->key, &key));
    if (s->key->kind == CREDENTIAL_PIV) {
        const struct note_ssh_signature by_card = {.sig = s->decision.sig};
        return note_sshsig_write(w, &key, &by_card);
    }
    TRY(client_data_of(x, s, &client_data));
    TRY(origin_of(x, &origin));
    const struct note_ssh_signature sig = {.sig = s->decision.sig,
                                           .auth_data = s->decision.auth_data,
                                           .client_data = wr_span(&client_data),
                                           .origin = wr_span(&origin)};
    return note_sshsig_write(w, &key, &sig);
}

/* COSE_Key of an ES256 key, in its one encoding: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. RFC 9053 §2.1, §7.1.1. */
static CS_RESULT cose_of(struct span spki, uint8_t ret_cose[COSE_BYTES])
{
    static const uint8_t head[] = {0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
    static const uint8_t between[] = {0x22, 0x58, 0x20};
    struct note_spki key;
    struct writer w = wr_fixed(ret_cose, COSE_BYTES);

    TRY(note_spki_decode(spki, &key));
    ENSURE(key.kind == NOTE_SPKI_P256 && key.point.left == 65, CS_E_TYPE, "credential.key");
    wr_bytes(&w, SPAN_OF(head));
    wr_bytes(&w, span_make(key.point.p + 1, 32));
    wr_bytes(&w, SPAN_OF(between));
    wr_bytes(&w, span_make(key.point.p + 33, 32));
    return wr_end(&w, "cose");
}

/* authenticatorData's counter minus one is the highest that a library may have seen before. */
static uint32_t counter_of(struct span auth_data)
{
    uint32_t n = 0;
    for (size_t i = 33; i < 37 && i < auth_data.left; i++) {
        n = n << 8 | auth_data.p[i];
    }
    return n;
}

static void put_base64url(struct writer *w, const char *before, struct span bytes)
{
    wr_text(w, before);
    wr_base64url(w, bytes);
}

/* Its member names are WebAuthn's, so it is written by hand. Every value is base64url, a number or an identifier. */
static CS_RESULT webauthn_text(const struct export *x, const struct signed_entry *s, struct writer *w)
{
    const struct note_tosign tosign = note_sshsig_tosign(s->decision.statement);
    const uint32_t counter = counter_of(s->decision.auth_data);
    AUTO_WRITER client_data = wr_heap(NOTE_CLIENT_DATA_MAX);
    uint8_t cose[COSE_BYTES];

    TRY(client_data_of(x, s, &client_data));
    TRY(cose_of(s->key->key, cose));
    put_base64url(w, "{\"challenge\":\"", SPAN_OF(tosign.b));
    put_base64url(w, "\",\"credentialId\":\"", s->key->id);
    wr_text(w, "\",\"counterBefore\":");
    wr_dec(w, counter > 0 ? counter - 1 : 0);
    wr_text(w, ",\"origin\":\"");
    TRY(origin_of(x, w));
    wr_text(w, "\",\"person\":\"");
    wr_bytes(w, s->statement.person);
    put_base64url(w, "\",\"publicKeyCose\":\"", SPAN_OF(cose));
    put_base64url(w, "\",\"response\":{\"id\":\"", s->key->id);
    put_base64url(w, "\",\"rawId\":\"", s->key->id);
    put_base64url(w, "\",\"response\":{\"authenticatorData\":\"", s->decision.auth_data);
    put_base64url(w, "\",\"clientDataJSON\":\"", wr_span(&client_data));
    put_base64url(w, "\",\"signature\":\"", s->decision.sig);
    wr_text(w, "\"},\"clientExtensionResults\":{},\"type\":\"public-key\"},\"rpId\":\"");
    wr_bytes(w, x->judge.state.rp_id);
    wr_text(w, "\"}\n");
    return wr_end(w, "webauthn");
}

static int put_numbered(const struct pipe_options *o, uint64_t index, const char *ending, struct span bytes)
{
    char name[NAME_MAX_BYTES];
    (void)snprintf(name, sizeof(name), "%06llu%s", (unsigned long long)index, ending);
    return export_put(o, o->out, name, bytes);
}

static int put_signed(const struct pipe_options *o, const struct export *x, const struct signed_entry *s)
{
    const bool ssh = strcmp(o->format, "ssh") == 0;
    AUTO_WRITER w = wr_heap(TEXT_MAX);

    if (!ssh && s->key->kind == CREDENTIAL_PIV) {
        return CLI_OK; /* a card answers no WebAuthn library */
    }

    const struct cs_result r = ssh ? ssh_text(x, s, &w) : webauthn_text(x, s, &w);
    if (r.code != CS_OK) {
        return cli_fail(CLI_VERIFY, o->name, "entry %llu: %s %s", (unsigned long long)s->index, r.msg,
                        cs_code_text(r.code));
    }
    const int status = put_numbered(o, s->index, ssh ? ".sig" : ".json", wr_span(&w));
    return status == CLI_OK && ssh ? put_numbered(o, s->index, ".statement", s->decision.statement) : status;
}

static CS_RESULT signers_text(const struct export *x, struct writer *w)
{
    size_t at = 0;
    const struct state_credential *k = NULL;

    while ((k = map_next(&x->judge.state.credentials, &at)) != NULL) {
        struct note_ssh_key key;
        TRY(ssh_key_of(x, k, &key));
        TRY(note_allowed_signer_write(w, k->person->id, &key));
    }
    return wr_end(w, "allowed_signers");
}

static int put_signers(const struct pipe_options *o, const struct export *x)
{
    AUTO_WRITER w = wr_heap(PIPE_ANSWER_MAX);
    const struct cs_result r = signers_text(x, &w);
    if (r.code != CS_OK) {
        return cli_fail(CLI_VERIFY, o->name, "%s %s", r.msg, cs_code_text(r.code));
    }
    return export_put(o, o->out, "allowed_signers", wr_span(&w));
}

int export_people(const struct pipe_options *o, struct export *x)
{
    struct arena arena;
    int status = export_fold(o, x);

    arena_init(&arena, PIPE_ARENA);
    for (uint64_t i = 0; status == CLI_OK && i < x->size; i++) {
        struct signed_entry s;
        bool is = false;
        arena_reset(&arena);
        const struct cs_result r = read_decision(x, i, &arena, &is, &s);
        if (r.code != CS_OK) {
            status =
                cli_fail(CLI_VERIFY, o->name, "entry %llu: %s %s", (unsigned long long)i, r.msg, cs_code_text(r.code));
        } else if (is) {
            status = put_signed(o, x, &s);
        }
    }
    arena_release(&arena);
    return status == CLI_OK && strcmp(o->format, "ssh") == 0 ? put_signers(o, x) : status;
}
