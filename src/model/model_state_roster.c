/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_state_roster.h"

#include "model/model_state_directory.h"
#include "model/model_state_duty.h"
#include "model/model_state_review.h"

struct state_person *state_person_find(const struct state *s, struct span id)
{
    const struct sha256 d = digest_sha256(id);
    return map_get(&s->people, &d);
}

struct state_credential *state_credential_find(const struct state *s, const struct sha256 *id_sha256)
{
    return map_get(&s->credentials, id_sha256);
}

struct state_client *state_client_find(const struct state *s, struct span id)
{
    const struct sha256 d = digest_sha256(id);
    return map_get(&s->clients, &d);
}

struct state_model *state_model_find(const struct state *s, struct span aaguid)
{
    const struct sha256 d = digest_sha256(aaguid);
    return map_get(&s->models, &d);
}

/* Forges and mail hosts do not tell accounts apart by case, so nobody may slip past a separation by it. */
bool state_same_name(struct span a, struct span b)
{
    bool same = a.left == b.left;
    for (size_t i = 0; same && i < a.left; i++) {
        const uint8_t x = a.p[i] >= 'A' && a.p[i] <= 'Z' ? (uint8_t)(a.p[i] | 0x20U) : a.p[i];
        const uint8_t y = b.p[i] >= 'A' && b.p[i] <= 'Z' ? (uint8_t)(b.p[i] | 0x20U) : b.p[i];
        same = x == y;
    }
    return same;
}

bool state_person_has_role(const struct state_person *p, struct span role)
{
    return state_person_counts(p) && span_among(role, p->roles, p->role_count) && !state_entitlement_lapsed(p, role) &&
           state_directory_bar(p, role) == BAR_NONE;
}

bool state_person_keeps_role(const struct state_person *p, struct span role)
{
    const bool officers = span_is(role, "officer");
    return state_person_counts(p) && span_among(role, p->roles, p->role_count) && !state_entitlement_lapsed(p, role) &&
           (!officers || state_directory_bar(p, role) == BAR_NONE);
}

bool state_person_given_role(const struct state_person *p, struct span role)
{
    return !p->removed && span_among(role, p->roles, p->role_count);
}

bool state_person_counts(const struct state_person *p)
{
    return !p->removed && !p->suspended;
}

bool state_person_is(const struct state_person *p, struct span account)
{
    const struct span prefix = SPAN_LIT("person:");
    const bool prefixed = account.left > prefix.left && state_same_name(span_make(account.p, prefix.left), prefix);
    const struct span id = prefixed ? span_from(account, prefix.left) : account;
    bool is = account.left > 0 && state_same_name(p->id, id);
    for (size_t i = 0; !is && i < p->account_count; i++) {
        is = state_same_name(p->accounts[i], account);
    }
    return is;
}

static enum credential_standing card_standing(const struct state_card *card)
{
    if (card->issuer->removed) {
        return STANDING_ISSUER_REMOVED;
    }
    if (card->cert_revoked) {
        return STANDING_CERT_REVOKED;
    }
    return state_issuer_has_root(card->issuer, &card->facts.root_sha256) ? STANDING_COUNTS : STANDING_ROOT_REMOVED;
}

enum credential_standing state_credential_standing(const struct state_credential *c)
{
    if (c->person->removed) {
        return STANDING_PERSON_REMOVED;
    }
    if (c->revoked) {
        return STANDING_REVOKED;
    }
    switch (c->kind) {
    case CREDENTIAL_FIDO2:
        return c->model->removed ? STANDING_MODEL_REMOVED : STANDING_COUNTS;
    case CREDENTIAL_PIV:
        return card_standing(c->card);
    case CREDENTIAL_NONE:
    case CREDENTIAL_KIND_COUNT:
        break;
    }
    return STANDING_NONE;
}

bool state_credential_counts(const struct state_credential *c)
{
    return state_credential_standing(c) == STANDING_COUNTS;
}

bool state_credential_counts_at(const struct state_credential *c, uint64_t time_ms)
{
    if (!state_credential_counts(c)) {
        return false;
    }
    return c->kind != CREDENTIAL_PIV ||
           (c->card->facts.not_before_ms <= time_ms && time_ms < c->card->facts.not_after_ms);
}

struct span state_credential_certification(const struct state_credential *c)
{
    return c->kind == CREDENTIAL_PIV ? c->card->issuer->certification : c->model->certification;
}

CS_RESULT state_copy_list(struct state *s, const struct span *from, size_t n, struct span **ret_list)
{
    struct span *list = pool_alloc(&s->pool, n * sizeof(*list));
    ENSURE(list != NULL, CS_E_NOMEM, "state.list");
    for (size_t i = 0; i < n; i++) {
        TRY(pool_copy(&s->pool, from[i], &list[i]));
    }
    *ret_list = list;
    return CS_SUCCESS;
}

CS_RESULT state_find_or_make(struct state *s, struct map *m, struct span id, size_t bytes, void **ret_record,
                             struct span *ret_id)
{
    const struct sha256 d = digest_sha256(id);
    void *record = map_get(m, &d);
    if (record == NULL) {
        record = pool_alloc(&s->pool, bytes);
        ENSURE(record != NULL, CS_E_NOMEM, "state.roster");
        TRY(map_put(m, &s->pool, &d, record));
    }
    TRY(pool_copy(&s->pool, id, ret_id));
    *ret_record = record;
    return CS_SUCCESS;
}

static CS_RESULT put_person(struct state *s, const struct person *p, uint64_t index)
{
    struct state_person *have = NULL;
    struct span id = SPAN_NONE;
    TRY(state_find_or_make(s, &s->people, p->id, sizeof(*have), (void **)&have, &id));
    have->id = id;
    TRY(state_tenures_change(s, have, p, index));
    TRY(state_entitle(s, have, p->roles, p->role_count)); /* who was gone begins anew */
    have->removed = false;
    TRY(state_copy_list(s, p->accounts, p->account_count, &have->accounts));
    have->account_count = p->account_count;
    return CS_SUCCESS;
}

static CS_RESULT put_client(struct state *s, const struct client *c)
{
    struct state_client *have = NULL;
    struct span id = SPAN_NONE;
    TRY(state_find_or_make(s, &s->clients, c->id, sizeof(*have), (void **)&have, &id));
    have->id = id;
    have->removed = false;
    have->scopes = c->scopes;
    TRY(state_copy_list(s, c->tls, c->tls_count, &have->tls));
    have->tls_count = c->tls_count;
    have->tokens = pool_alloc(&s->pool, c->token_count * sizeof(*have->tokens));
    ENSURE(have->tokens != NULL, CS_E_NOMEM, "state.client");
    memcpy(have->tokens, c->tokens, c->token_count * sizeof(*have->tokens));
    have->token_count = c->token_count;
    return CS_SUCCESS;
}

static CS_RESULT put_model(struct state *s, const struct token_model *m)
{
    struct state_model *have = NULL;
    struct span aaguid = SPAN_NONE;
    TRY(state_find_or_make(s, &s->models, m->aaguid, sizeof(*have), (void **)&have, &aaguid));
    have->aaguid = aaguid;
    have->removed = false;
    TRY(pool_copy(&s->pool, m->name, &have->name));
    TRY(pool_copy(&s->pool, m->certification, &have->certification));
    TRY(state_copy_list(s, m->roots, m->root_count, &have->roots));
    have->root_count = m->root_count;
    return CS_SUCCESS;
}

/* The counter stands at offset 33 of authenticatorData, behind rpIdHash and flags (WebAuthn §6.1). */
uint32_t state_auth_counter(struct span auth_data)
{
    struct reader r = rd_make(auth_data);
    struct span skip = SPAN_NONE;
    uint32_t counter = 0;

    if (rd_take(&r, 33, &skip, "auth_data").code != CS_OK || rd_u32(&r, &counter, "auth_data").code != CS_OK) {
        return 0;
    }
    return counter;
}

static CS_RESULT add_credential(struct state *s, struct span person, const struct credential *c, uint64_t index)
{
    struct state_person *p = state_person_find(s, person);
    struct state_model *m = state_model_find(s, c->aaguid);
    const struct sha256 d = digest_sha256(c->id);
    ENSURE(p != NULL && m != NULL && map_get(&s->credentials, &d) == NULL, CS_E_STATE, "add_credential");
    struct state_credential *have = pool_alloc(&s->pool, sizeof(*have));
    ENSURE(have != NULL, CS_E_NOMEM, "state.credential");
    have->kind = CREDENTIAL_FIDO2;
    have->id_sha256 = d;
    have->person = p;
    have->model = m;
    have->counter = state_auth_counter(c->attestation.auth_data);
    have->enrolled_index = index;
    TRY(pool_copy(&s->pool, c->id, &have->id));
    TRY(pool_copy(&s->pool, c->key, &have->key));
    TRY(pool_copy(&s->pool, c->nickname, &have->nickname));
    return map_put(&s->credentials, &s->pool, &d, have);
}

static void revoke(const struct state *s, struct state_credential *c, uint64_t index)
{
    if (!c->revoked) {
        c->revoked = true;
        c->revoked_index = index;
        c->revoked_ms = s->time_ms;
    }
}

static CS_RESULT remove_person(struct state *s, struct span id, uint64_t index)
{
    struct state_person *p = state_person_find(s, id);
    ENSURE(p != NULL, CS_E_STATE, "remove_person");
    state_tenures_end(s, p, index);
    p->removed = true;
    state_directory_forget(p);
    size_t at = 0;
    struct state_credential *c = NULL;
    while ((c = map_next(&s->credentials, &at)) != NULL) {
        if (c->person == p) {
            revoke(s, c, index);
        }
    }
    return CS_SUCCESS;
}

static CS_RESULT set_suspended(struct state *s, struct span id, bool suspended)
{
    struct state_person *p = state_person_find(s, id);
    ENSURE(p != NULL, CS_E_STATE, "suspend_person");
    p->suspended = suspended;
    return CS_SUCCESS;
}

static CS_RESULT remove_thing(struct state *s, const struct roster_change *c)
{
    if (c->op == CHANGE_REMOVE_CLIENT) {
        struct state_client *client = state_client_find(s, c->id);
        ENSURE(client != NULL, CS_E_STATE, "remove_client");
        client->removed = true;
    } else if (c->op == CHANGE_REMOVE_MODEL) {
        struct state_model *model = state_model_find(s, c->id);
        ENSURE(model != NULL, CS_E_STATE, "remove_model");
        model->removed = true;
    } else {
        struct state_issuer *issuer = state_issuer_find(s, c->id);
        ENSURE(issuer != NULL, CS_E_STATE, "remove_issuer");
        issuer->removed = true;
    }
    return CS_SUCCESS;
}

static CS_RESULT revoke_credential(struct state *s, const struct sha256 *id_sha256, uint64_t index)
{
    struct state_credential *credential = state_credential_find(s, id_sha256);
    ENSURE(credential != NULL, CS_E_STATE, "revoke_credential");
    revoke(s, credential, index);
    return CS_SUCCESS;
}

static CS_RESULT apply_one(struct state *s, const struct roster_change *c, const struct change_facts *facts,
                           uint64_t index)
{
    switch (c->op) {
    case CHANGE_ADD_CREDENTIAL:
        return add_credential(s, c->id, &c->credential, index);
    case CHANGE_PUT_CLIENT:
        return put_client(s, &c->client);
    case CHANGE_PUT_MODEL:
        return put_model(s, &c->model);
    case CHANGE_PUT_PERSON:
        return put_person(s, &c->person, index);
    case CHANGE_REMOVE_CLIENT:
    case CHANGE_REMOVE_ISSUER:
    case CHANGE_REMOVE_MODEL:
        return remove_thing(s, c);
    case CHANGE_REMOVE_PERSON:
        return remove_person(s, c->id, index);
    case CHANGE_RESTORE_PERSON:
    case CHANGE_SUSPEND_PERSON:
        return set_suspended(s, c->id, c->op == CHANGE_SUSPEND_PERSON);
    case CHANGE_REVOKE_CREDENTIAL:
        return revoke_credential(s, &c->credential_sha256, index);
    case CHANGE_ADD_CARD:
        ENSURE(facts->card != NULL, CS_E_STATE, "add_card");
        return state_card_add(s, c->id, &c->card, facts->card, index);
    case CHANGE_PUT_CRL:
        ENSURE(facts->crl != NULL, CS_E_STATE, "put_crl");
        return state_crl_put(s, c->id, facts->crl, index);
    case CHANGE_PUT_DUTY:
        return state_duty_put(s, c->duty, index);
    case CHANGE_PUT_ISSUER:
        return state_issuer_put(s, &c->issuer);
    case CHANGE_NONE:
        break;
    }
    return CS_FAIL(CS_E_UNKNOWN, "change.op");
}

CS_RESULT state_roster_apply(struct state *s, const struct roster_changes *changes, const struct change_facts *facts,
                             uint64_t index)
{
    static const struct change_facts none = {0};

    for (size_t i = 0; i < changes->count; i++) {
        TRY(apply_one(s, &changes->item[i], facts != NULL ? &facts[i] : &none, index));
    }
    s->roster_index = index;
    state_directory_settle(s);
    return CS_SUCCESS;
}
