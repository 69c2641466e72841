/* SPDX-License-Identifier: Apache-2.0 */
/* Cards, their issuers, and lists of revoked ones, in the fold. */
#include "model/model_state_roster.h"

struct state_issuer *state_issuer_find(const struct state *s, struct span id)
{
    const struct sha256 d = digest_sha256(id);
    return map_get(&s->issuers, &d);
}

static struct state_crl *crl_of(const struct state_issuer *x, const struct sha256 *authority)
{
    for (size_t i = 0; i < x->crl_count; i++) {
        if (sha256_eq(&x->crls[i].authority, authority)) {
            return &x->crls[i];
        }
    }
    return NULL;
}

const struct state_crl *state_issuer_crl(const struct state_issuer *x, const struct sha256 *authority)
{
    return crl_of(x, authority);
}

static bool lists(const struct state_crl *l, const struct card_number *serial)
{
    size_t lo = 0;
    size_t hi = l->serial_count;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const int order = card_number_cmp(&l->serials[mid], serial);
        if (order == 0) {
            return true;
        }
        lo = order < 0 ? mid + 1 : lo;
        hi = order < 0 ? hi : mid;
    }
    return false;
}

bool state_cert_revoked(const struct state *s, const struct sha256 *authority, const struct card_number *serial)
{
    size_t at = 0;
    const struct state_issuer *x = NULL;

    while ((x = map_next(&s->issuers, &at)) != NULL) {
        const struct state_crl *l = crl_of(x, authority);
        if (l != NULL && lists(l, serial)) {
            return true;
        }
    }
    return false;
}

bool state_issuer_has_root(const struct state_issuer *x, const struct sha256 *root_sha256)
{
    for (size_t i = 0; i < x->root_count; i++) {
        if (sha256_eq(&x->root_sha256[i], root_sha256)) {
            return true;
        }
    }
    return false;
}

/* When one of two sorted runs is through: what is left comes first. */
static int left_over(bool of_the_first)
{
    return of_the_first ? -1 : 1;
}

size_t state_crl_union(const struct state_crl *have, const struct crl_facts *more, struct card_number *ret)
{
    const size_t before = have != NULL ? have->serial_count : 0;
    size_t i = 0;
    size_t k = 0;
    size_t n = 0;

    while (i < before || k < more->serial_count) {
        const bool both = i < before && k < more->serial_count;
        const int order = both ? card_number_cmp(&have->serials[i], &more->serial[k]) : left_over(i < before);
        if (ret != NULL) {
            ret[n] = order <= 0 ? have->serials[i] : more->serial[k];
        }
        n++;
        i += order <= 0 ? 1U : 0U;
        k += order >= 0 ? 1U : 0U;
    }
    return n;
}

CS_RESULT state_issuer_put(struct state *s, const struct card_issuer *x)
{
    struct state_issuer *have = NULL;
    struct span id = SPAN_NONE;

    TRY(state_find_or_make(s, &s->issuers, x->id, sizeof(*have), (void **)&have, &id));
    have->id = id;
    have->removed = false;
    TRY(pool_copy(&s->pool, x->name, &have->name));
    TRY(pool_copy(&s->pool, x->certification, &have->certification));
    TRY(state_copy_list(s, x->roots, x->root_count, &have->roots));
    have->root_sha256 = pool_alloc(&s->pool, x->root_count * sizeof(*have->root_sha256));
    ENSURE(have->root_sha256 != NULL, CS_E_NOMEM, "state.issuer");
    for (size_t i = 0; i < x->root_count; i++) {
        have->root_sha256[i] = digest_sha256(x->roots[i]);
    }
    have->root_count = x->root_count;
    TRY(state_copy_list(s, x->attestation_roots, x->attestation_root_count, &have->attestation_roots));
    have->attestation_root_count = x->attestation_root_count;
    return CS_SUCCESS;
}

/* The same key with a later certificate: all that certificates say of it is new. */
static CS_RESULT renew(struct state *s, struct state_credential *have, const struct card *c,
                       const struct card_facts *facts)
{
    struct state_card *card = have->card;

    ENSURE(have->kind == CREDENTIAL_PIV && !have->revoked && !card->cert_revoked, CS_E_STATE, "add_card");
    card->issuer = state_issuer_find(s, c->issuer);
    card->facts = *facts;
    pool_free_copy(&s->pool, &have->nickname);
    return pool_copy(&s->pool, c->nickname, &have->nickname);
}

CS_RESULT state_card_add(struct state *s, struct span person, const struct card *c, const struct card_facts *facts,
                         uint64_t index)
{
    struct state_person *p = state_person_find(s, person);
    struct state_issuer *issuer = state_issuer_find(s, c->issuer);
    const struct sha256 id = model_card_id(c->key);
    const struct sha256 d = digest_sha256(sha256_span(&id));

    struct state_credential *have = map_get(&s->credentials, &d);
    ENSURE(p != NULL && issuer != NULL && (have == NULL || have->person == p), CS_E_STATE, "add_card");
    if (have != NULL) {
        return renew(s, have, c, facts);
    }
    have = pool_alloc(&s->pool, sizeof(*have));
    struct state_card *card = pool_alloc(&s->pool, sizeof(*card));
    ENSURE(have != NULL && card != NULL, CS_E_NOMEM, "state.credential");
    card->issuer = issuer;
    card->facts = *facts;
    have->kind = CREDENTIAL_PIV;
    have->card = card;
    have->id_sha256 = d;
    have->person = p;
    have->enrolled_index = index;
    TRY(pool_copy(&s->pool, sha256_span(&id), &have->id));
    TRY(pool_copy(&s->pool, c->key, &have->key));
    TRY(pool_copy(&s->pool, c->nickname, &have->nickname));
    return map_put(&s->credentials, &s->pool, &d, have);
}

/* Once revoked, a certificate stays so: a later list may leave it out because it expired, or to hide something. The
 * authority is known by its name, so it does not matter which issuer's roots a card came by. */
static void mark_revoked(const struct state *s, const struct state_crl *l, uint64_t index)
{
    size_t at = 0;
    const struct state_credential *c = NULL;

    while ((c = map_next(&s->credentials, &at)) != NULL) {
        struct state_card *card = c->card;
        const bool theirs =
            c->kind == CREDENTIAL_PIV && !card->cert_revoked && sha256_eq(&card->facts.authority, &l->authority);
        if (theirs && lists(l, &card->facts.serial)) {
            card->cert_revoked = true;
            card->cert_revoked_index = index;
        }
    }
}

CS_RESULT state_crl_put(struct state *s, struct span issuer, const struct crl_facts *facts, uint64_t index)
{
    struct state_issuer *x = state_issuer_find(s, issuer);

    ENSURE(x != NULL, CS_E_STATE, "put_crl");
    struct state_crl *l = crl_of(x, &facts->authority);
    const size_t count = state_crl_union(l, facts, NULL);
    ENSURE(count <= STATE_CRL_SERIALS_MAX, CS_E_STATE, "put_crl");
    struct card_number *serials = pool_alloc(&s->pool, count * sizeof(*serials));
    ENSURE(serials != NULL, CS_E_NOMEM, "state.crl");
    (void)state_crl_union(l, facts, serials);
    if (l == NULL) {
        TRY(pool_grow(&s->pool, (void **)&x->crls, x->crl_count, &x->crl_cap, sizeof(*x->crls)));
        l = &x->crls[x->crl_count++];
        *l = (struct state_crl){.authority = facts->authority};
    } else {
        pool_free(&s->pool, l->serials, l->serial_count * sizeof(*l->serials));
    }
    l->number = facts->number;
    l->this_update_ms = facts->this_update_ms;
    l->serials = serials;
    l->serial_count = count;
    mark_revoked(s, l, index);
    return CS_SUCCESS;
}

static bool decided_by(const struct state_request *q, const struct state_credential *c)
{
    for (size_t i = 0; i < q->decision_count; i++) {
        if (q->decisions[i].credential == c) {
            return true;
        }
    }
    return false;
}

static int by_index(const void *va, const void *vb)
{
    const struct state_request *const *a = va;
    const struct state_request *const *b = vb;
    return (*a)->index < (*b)->index ? -1 : (*a)->index > (*b)->index;
}

CS_RESULT state_live_decided_by(const struct state *s, const struct state_credential *c, struct arena *arena,
                                const struct state_request ***ret_requests, size_t *ret_count)
{
    const struct state_request **found = arena_array(arena, s->live_count, sizeof(struct state_request *));
    size_t n = 0;

    ENSURE(found != NULL, CS_E_NOMEM, "state.live");
    for (size_t i = 0; i < s->live_count; i++) {
        if (decided_by(s->live[i], c)) {
            found[n++] = s->live[i];
        }
    }
    if (n > 1) {
        qsort(found, n, sizeof(struct state_request *), by_index);
    }
    *ret_requests = found;
    *ret_count = n;
    return CS_SUCCESS;
}
