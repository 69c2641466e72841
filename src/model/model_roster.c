/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_roster.h"

#include "base/base_text.h"
#include "model/model_take.h"

/* How many items a roster_change has room for. */
#define ROOM(member) (sizeof(member) / sizeof((member)[0]))

static CS_RESULT take_attestation(struct json_in *in, struct attestation *ret_attestation)
{
    struct attestation a = {0};
    const struct model_ders chain = {.min = 1, .max = ROOM(a.x5c)};

    TRY(json_get_object(in, "credential.attestation"));
    TRY(model_take_bytes(in, "attestation.auth_data", MODEL_AUTH_DATA_LEAST, MODEL_AUTH_DATA_MAX, &a.auth_data));
    TRY(model_take_bytes(in, "attestation.nonce", MODEL_NONCE_BYTES, MODEL_NONCE_BYTES, &a.nonce));
    TRY(model_take_bytes(in, "attestation.sig", MODEL_SIG_LEAST, MODEL_SIG_MAX, &a.sig));
    TRY(model_take_ders(in, "attestation.x5c", chain, a.x5c, &a.x5c_count));
    TRY(json_close(in, "credential.attestation"));
    *ret_attestation = a;
    return CS_SUCCESS;
}

static CS_RESULT take_credential(struct json_in *in, struct credential *ret_credential)
{
    struct credential c = {0};

    TRY(json_get_object(in, "change.credential"));
    TRY(model_take_hex(in, "credential.aaguid", MODEL_AAGUID_BYTES, &c.aaguid));
    TRY(take_attestation(in, &c.attestation));
    TRY(model_take_bytes(in, "credential.id", 1, MODEL_CREDENTIAL_ID_MAX, &c.id));
    TRY(model_take_bytes(in, "credential.key", MODEL_SPKI_BYTES, MODEL_SPKI_BYTES, &c.key));
    TRY(model_take_printable(in, "credential.nickname", 0, MODEL_ID_MAX, &c.nickname));
    TRY(json_close(in, "change.credential"));
    *ret_credential = c;
    return CS_SUCCESS;
}

static void put_credential(struct json_out *o, const struct credential *c)
{
    json_put_object(o, "credential");
    json_put_hex(o, "aaguid", c->aaguid);
    json_put_object(o, "attestation");
    json_put_bytes(o, "auth_data", c->attestation.auth_data);
    json_put_bytes(o, "nonce", c->attestation.nonce);
    json_put_bytes(o, "sig", c->attestation.sig);
    model_put_ders(o, "x5c", c->attestation.x5c, c->attestation.x5c_count);
    json_put_close(o);
    json_put_bytes(o, "id", c->id);
    json_put_bytes(o, "key", c->key);
    json_put_str(o, "nickname", c->nickname);
    json_put_close(o);
}

static CS_RESULT take_person(struct json_in *in, struct person *ret_person)
{
    const struct model_set accounts = {.min = 0, .max = ROOM(ret_person->accounts), .id_max = MODEL_ACCOUNT_MAX};
    const struct model_set roles = {.min = 0, .max = ROOM(ret_person->roles), .id_max = MODEL_ID_MAX};

    TRY(json_get_object(in, "change.person"));
    TRY(model_take_set(in, "person.accounts", accounts, ret_person->accounts, &ret_person->account_count));
    TRY(json_get_id(in, "person.id", MODEL_ID_MAX, &ret_person->id));
    TRY(model_take_set(in, "person.roles", roles, ret_person->roles, &ret_person->role_count));
    return json_close(in, "change.person");
}

static void put_person(struct json_out *o, const struct person *p)
{
    json_put_object(o, "person");
    model_put_set(o, "accounts", p->accounts, p->account_count);
    json_put_str(o, "id", p->id);
    model_put_set(o, "roles", p->roles, p->role_count);
    json_put_close(o);
}

/* Scopes stand sorted by their words, which is not the order of the enum. */
static CS_RESULT take_scopes(struct json_in *in, uint32_t *ret_scopes)
{
    struct span words[SCOPE_COUNT];
    const struct model_set set = {.min = 1, .max = SCOPE_COUNT, .id_max = MODEL_ID_MAX};
    size_t count = 0;
    uint32_t scopes = 0;

    TRY(model_take_set(in, "client.scopes", set, words, &count));
    for (size_t i = 0; i < count; i++) {
        enum client_scope s = SCOPE_NONE;
        TRY(client_scope_decode(words[i], &s, "client.scopes"));
        scopes |= 1U << s;
    }
    *ret_scopes = scopes;
    return CS_SUCCESS;
}

/* The scope in the set whose word comes first after `last`; SCOPE_NONE at the end. */
static enum client_scope next_scope(uint32_t scopes, struct span last)
{
    enum client_scope best = SCOPE_NONE;

    for (uint32_t s = SCOPE_NONE + 1U; s < SCOPE_COUNT; s++) {
        const struct span word = span_str(client_scope_text((enum client_scope)s));
        const bool in_set = (scopes & 1U << s) != 0 && span_cmp(word, last) > 0;
        if (in_set && (best == SCOPE_NONE || span_cmp(word, span_str(client_scope_text(best))) < 0)) {
            best = (enum client_scope)s;
        }
    }
    return best;
}

static void put_scopes(struct json_out *o, uint32_t scopes)
{
    struct span last = SPAN_NONE;

    json_put_array(o, "scopes");
    for (enum client_scope s = next_scope(scopes, last); s != SCOPE_NONE; s = next_scope(scopes, last)) {
        last = span_str(client_scope_text(s));
        json_put_str(o, NULL, last);
    }
    json_put_close(o);
}

static CS_RESULT take_tokens(struct json_in *in, struct client *c)
{
    TRY(json_get_array(in, "client.tokens"));
    while (json_more(in)) {
        struct span text = SPAN_NONE;
        ENSURE(c->token_count < ROOM(c->tokens), CS_E_RANGE, "client.tokens");
        struct sha256 *token = &c->tokens[c->token_count];
        TRY(json_item_str(in, "client.tokens", 64, &text));
        TRY(text_hex_decode(text, token->b, SHA256_BYTES, "client.tokens"));
        ENSURE(c->token_count == 0 || memcmp(token[-1].b, token->b, SHA256_BYTES) < 0, CS_E_ORDER, "client.tokens");
        c->token_count++;
    }
    return json_close_array(in, "client.tokens");
}

static CS_RESULT take_client(struct json_in *in, struct client *ret_client)
{
    const struct model_set tls = {.min = 0, .max = ROOM(ret_client->tls), .id_max = MODEL_NAME_MAX};

    TRY(json_get_object(in, "change.client"));
    TRY(json_get_id(in, "client.id", MODEL_ID_MAX, &ret_client->id));
    TRY(take_scopes(in, &ret_client->scopes));
    TRY(model_take_set(in, "client.tls", tls, ret_client->tls, &ret_client->tls_count));
    TRY(take_tokens(in, ret_client));
    return json_close(in, "change.client");
}

static void put_client(struct json_out *o, const struct client *c)
{
    json_put_object(o, "client");
    json_put_str(o, "id", c->id);
    put_scopes(o, c->scopes);
    model_put_set(o, "tls", c->tls, c->tls_count);
    json_put_array(o, "tokens");
    for (size_t i = 0; i < c->token_count; i++) {
        json_put_hex(o, NULL, sha256_span(&c->tokens[i]));
    }
    json_put_close(o);
    json_put_close(o);
}

static CS_RESULT take_model(struct json_in *in, struct token_model *ret_model)
{
    const struct model_ders roots = {.min = 1, .max = ROOM(ret_model->roots)};

    TRY(json_get_object(in, "change.model"));
    TRY(model_take_hex(in, "model.aaguid", MODEL_AAGUID_BYTES, &ret_model->aaguid));
    TRY(model_take_id_if(in, "model.certification", MODEL_ID_MAX, &ret_model->certification));
    TRY(model_take_printable(in, "model.name", 1, MODEL_ID_MAX, &ret_model->name));
    TRY(model_take_ders(in, "model.roots", roots, ret_model->roots, &ret_model->root_count));
    return json_close(in, "change.model");
}

static void put_model(struct json_out *o, const struct token_model *m)
{
    json_put_object(o, "model");
    json_put_hex(o, "aaguid", m->aaguid);
    model_put_id_if(o, "certification", m->certification);
    json_put_str(o, "name", m->name);
    model_put_ders(o, "roots", m->roots, m->root_count);
    json_put_close(o);
}

static const char *const op_words[] = {
    [CHANGE_NONE] = "none",
    [CHANGE_ADD_CREDENTIAL] = "add_credential",
    [CHANGE_PUT_CLIENT] = "put_client",
    [CHANGE_PUT_MODEL] = "put_model",
    [CHANGE_PUT_PERSON] = "put_person",
    [CHANGE_REMOVE_CLIENT] = "remove_client",
    [CHANGE_REMOVE_MODEL] = "remove_model",
    [CHANGE_REMOVE_PERSON] = "remove_person",
    [CHANGE_REVOKE_CREDENTIAL] = "revoke_credential",
    [CHANGE_ADD_CARD] = "add_card",
    [CHANGE_PUT_CRL] = "put_crl",
    [CHANGE_PUT_ISSUER] = "put_issuer",
    [CHANGE_REMOVE_ISSUER] = "remove_issuer",
    [CHANGE_PUT_DUTY] = "put_duty",
    [CHANGE_RESTORE_PERSON] = "restore_person",
    [CHANGE_SUSPEND_PERSON] = "suspend_person",
};
enum { OP_COUNT = sizeof(op_words) / sizeof(op_words[0]) };
_Static_assert(OP_COUNT == CHANGE_SUSPEND_PERSON + 1, "every op has its word");

/* `op` does not stand first among the sorted members, and says which the others are: looked up ahead. */
static CS_RESULT peek_op(const struct json_in *in, enum change_op *ret_op)
{
    struct json_in ahead = *in;
    struct span op = SPAN_NONE;
    struct span value = SPAN_NONE;
    bool more = true;

    while (more && op.p == NULL) {
        struct span key = SPAN_NONE;
        TRY(json_next_key(&ahead, "change", &more, &key));
        if (more && span_is(key, "op")) {
            TRY(json_item_str(&ahead, "change.op", MODEL_ID_MAX, &op));
        } else if (more) {
            TRY(json_item_raw(&ahead, "change", &value));
        }
    }
    ENSURE(op.p != NULL, CS_E_MISSING, "change.op");
    for (unsigned i = CHANGE_NONE + 1U; i < OP_COUNT; i++) {
        if (span_is(op, op_words[i])) {
            *ret_op = (enum change_op)i;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_UNKNOWN, "change.op");
}

static CS_RESULT take_duty(struct json_in *in, struct roster_change *c)
{
    struct duty_roster *d = arena_alloc(in->arena, sizeof(*d));

    ENSURE(d != NULL, CS_E_NOMEM, "change.duty");
    TRY(model_duty_get(in, d));
    c->duty = d;
    c->id = d->id;
    return CS_SUCCESS;
}

/* Members that sort before `op`. */
static CS_RESULT take_before_op(struct json_in *in, struct roster_change *c)
{
    switch (c->op) {
    case CHANGE_ADD_CREDENTIAL:
        return take_credential(in, &c->credential);
    case CHANGE_PUT_CLIENT:
        return take_client(in, &c->client);
    case CHANGE_PUT_MODEL:
        return take_model(in, &c->model);
    case CHANGE_ADD_CARD:
        return model_card_get(in, &c->card);
    case CHANGE_PUT_CRL:
        TRY(model_take_bytes(in, "change.crl", 1, MODEL_CRL_MAX, &c->crl));
        return json_get_id(in, "change.issuer", MODEL_ID_MAX, &c->id);
    case CHANGE_PUT_DUTY:
        return take_duty(in, c);
    case CHANGE_PUT_ISSUER:
        return model_issuer_get(in, &c->issuer);
    case CHANGE_REMOVE_CLIENT:
    case CHANGE_REMOVE_ISSUER:
    case CHANGE_REMOVE_PERSON:
    case CHANGE_RESTORE_PERSON:
    case CHANGE_SUSPEND_PERSON:
        return json_get_id(in, "change.id", MODEL_ID_MAX, &c->id);
    case CHANGE_REMOVE_MODEL:
        return model_take_hex(in, "change.aaguid", MODEL_AAGUID_BYTES, &c->id);
    case CHANGE_REVOKE_CREDENTIAL:
        return json_get_sha256(in, "change.credential", c->credential_sha256.b);
    case CHANGE_PUT_PERSON:
    case CHANGE_NONE:
        break;
    }
    return CS_SUCCESS;
}

static CS_RESULT take_change(struct json_in *in, struct roster_change *c)
{
    struct span op = SPAN_NONE;

    TRY(json_item_object(in, "changes"));
    TRY(peek_op(in, &c->op));
    TRY(take_before_op(in, c));
    TRY(json_get_str(in, "change.op", MODEL_ID_MAX, &op));
    if (c->op == CHANGE_ADD_CREDENTIAL || c->op == CHANGE_ADD_CARD) {
        TRY(json_get_id(in, "change.person", MODEL_ID_MAX, &c->id));
    } else if (c->op == CHANGE_PUT_PERSON) {
        TRY(take_person(in, &c->person));
        c->id = c->person.id;
    } else if (c->op == CHANGE_PUT_CLIENT) {
        c->id = c->client.id;
    } else if (c->op == CHANGE_PUT_MODEL) {
        c->id = c->model.aaguid;
    } else if (c->op == CHANGE_PUT_ISSUER) {
        c->id = c->issuer.id;
    }
    return json_close(in, "changes");
}

CS_RESULT model_changes_get(struct json_in *in, const char *what, struct roster_changes *ret_changes)
{
    size_t n = 0;

    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &n));
    ENSURE(n >= 1 && n <= MODEL_CHANGES_MAX, CS_E_RANGE, what);
    struct roster_change *item = arena_array(in->arena, n, sizeof(*item));
    ENSURE(item != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < n; i++) {
        TRY(take_change(in, &item[i]));
    }
    TRY(json_close_array(in, what));
    *ret_changes = (struct roster_changes){.item = item, .count = n};
    return CS_SUCCESS;
}

static void put_before_op(struct json_out *o, const struct roster_change *c)
{
    switch (c->op) {
    case CHANGE_ADD_CREDENTIAL:
        put_credential(o, &c->credential);
        break;
    case CHANGE_PUT_CLIENT:
        put_client(o, &c->client);
        break;
    case CHANGE_PUT_MODEL:
        put_model(o, &c->model);
        break;
    case CHANGE_ADD_CARD:
        model_card_put(o, &c->card);
        break;
    case CHANGE_PUT_CRL:
        json_put_bytes(o, "crl", c->crl);
        json_put_str(o, "issuer", c->id);
        break;
    case CHANGE_PUT_DUTY:
        model_duty_put(o, c->duty);
        break;
    case CHANGE_PUT_ISSUER:
        model_issuer_put(o, &c->issuer);
        break;
    case CHANGE_REMOVE_CLIENT:
    case CHANGE_REMOVE_ISSUER:
    case CHANGE_REMOVE_PERSON:
    case CHANGE_RESTORE_PERSON:
    case CHANGE_SUSPEND_PERSON:
        json_put_str(o, "id", c->id);
        break;
    case CHANGE_REMOVE_MODEL:
        json_put_hex(o, "aaguid", c->id);
        break;
    case CHANGE_REVOKE_CREDENTIAL:
        json_put_hex(o, "credential", sha256_span(&c->credential_sha256));
        break;
    case CHANGE_PUT_PERSON:
    case CHANGE_NONE:
        break;
    }
}

void model_changes_put(struct json_out *o, const char *key, const struct roster_changes *changes)
{
    json_put_array(o, key);
    for (size_t i = 0; i < changes->count; i++) {
        const struct roster_change *c = &changes->item[i];
        json_put_object(o, NULL);
        put_before_op(o, c);
        json_put_text(o, "op", op_words[c->op]);
        if (c->op == CHANGE_ADD_CREDENTIAL || c->op == CHANGE_ADD_CARD) {
            json_put_str(o, "person", c->id);
        } else if (c->op == CHANGE_PUT_PERSON) {
            put_person(o, &c->person);
        }
        json_put_close(o);
    }
    json_put_close(o);
}

CS_RESULT model_register_client_data(struct span origin, struct span rp_id, struct span person, struct span nonce,
                                     struct writer *w)
{
    const struct span nul = SPAN_LIT("\0");
    const struct span parts[] = {SPAN_LIT("countersign-register-v1"), nul, origin, nul, person, nul, nonce};
    const struct sha256 challenge = digest_sha256_parts(parts, sizeof(parts) / sizeof(parts[0]));

    wr_text(w, "{\"type\":\"webauthn.create\",\"challenge\":\"");
    wr_base64url(w, sha256_span(&challenge));
    wr_text(w, "\",\"origin\":\"https://");
    wr_bytes(w, rp_id);
    wr_text(w, "\",\"crossOrigin\":false}");
    return wr_end(w, "register.client_data");
}

CS_RESULT model_changes_digest(const struct roster_changes *changes, struct arena *scratch, struct sha256 *ret_digest)
{
    uint8_t *p = arena_alloc(scratch, MODEL_LEAF_MAX);
    ENSURE(p != NULL, CS_E_NOMEM, "changes");
    struct writer w = wr_fixed(p, MODEL_LEAF_MAX);
    struct json_out o = json_out_make(&w);

    model_changes_put(&o, NULL, changes);
    TRY(json_out_end(&o, "changes"));
    *ret_digest = digest_sha256(wr_span(&w));
    return CS_SUCCESS;
}
