/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_cards.h"

const struct card_facts *policy_plan_card(const struct policy_plan *p, size_t at)
{
    return p->facts != NULL ? p->facts[at].card : NULL;
}

const struct crl_facts *policy_plan_crl(const struct policy_plan *p, size_t at)
{
    return p->facts != NULL ? p->facts[at].crl : NULL;
}

static bool gone_for_good(const struct state_credential *k)
{
    return k->revoked || (k->kind == CREDENTIAL_PIV && k->card->cert_revoked);
}

const struct state_credential *policy_renewed(const struct state *s, const struct policy_plan *p, size_t at)
{
    const struct roster_change *x = &p->changes->item[at];
    const struct card_facts *facts = policy_plan_card(p, at);

    if (x->op != CHANGE_ADD_CARD || facts == NULL) {
        return NULL;
    }
    const struct sha256 id = model_card_id(x->card.key);
    const struct sha256 d = digest_sha256(sha256_span(&id));
    const struct state_credential *k = state_credential_find(s, &d);
    const bool theirs = k != NULL && k->kind == CREDENTIAL_PIV && span_eq(k->person->id, x->id) && !gone_for_good(k);
    return theirs && facts->not_after_ms > k->card->facts.not_after_ms ? k : NULL;
}

static bool same_device(const struct card_facts *a, const struct card_facts *b)
{
    return a != NULL && b != NULL && a->has_device && b->has_device && sha256_eq(&a->device_sha256, &b->device_sha256);
}

/* One device, one person: it has several slots, and a key in each. What was switched off for good no longer counts. */
static bool device_taken(const struct state *s, const struct policy_plan *p, size_t at)
{
    const struct card_facts *facts = policy_plan_card(p, at);
    const struct span person = p->changes->item[at].id;

    for (size_t i = 0; i < at; i++) {
        if (same_device(policy_plan_card(p, i), facts) && !span_eq(p->changes->item[i].id, person)) {
            return true;
        }
    }
    size_t n = 0;
    const struct state_credential *k = NULL;
    while ((k = map_next(&s->credentials, &n)) != NULL) {
        const bool held = k->kind == CREDENTIAL_PIV && same_device(&k->card->facts, facts) && !gone_for_good(k);
        if (held && !span_eq(k->person->id, person)) {
            return true;
        }
    }
    return false;
}

/* A renewal that left the attestation out would let its device be enrolled for somebody else. */
static bool keeps_attestation(const struct state_credential *renewed, const struct card_facts *now)
{
    const struct card_facts *before = renewed != NULL ? &renewed->card->facts : NULL;

    if (before == NULL || !before->attested) {
        return true;
    }
    return now->attested && (!before->has_device || same_device(before, now));
}

enum policy_reason policy_card_fits(const struct state *s, const struct policy_plan *p, size_t at)
{
    const struct card_facts *facts = policy_plan_card(p, at);

    if (facts == NULL) {
        return REASON_ROSTER_INVALID;
    }
    if (device_taken(s, p, at)) {
        return REASON_CREDENTIAL_TAKEN;
    }
    if (!keeps_attestation(policy_renewed(s, p, at), facts)) {
        return REASON_CARD_ATTESTATION;
    }
    if (facts->pin != CARD_USE_ALWAYS) {
        return REASON_CARD_PIN;
    }
    return state_cert_revoked(s, &facts->authority, &facts->serial) ? REASON_CERT_REVOKED : REASON_OK;
}

enum policy_reason policy_crl_fits(const struct state *s, const struct policy_plan *p, size_t at)
{
    const struct crl_facts *facts = policy_plan_crl(p, at);
    const struct state_issuer *issuer = state_issuer_find(s, p->changes->item[at].id);

    if (facts == NULL) {
        return REASON_ROSTER_INVALID;
    }
    const struct state_crl *have = issuer != NULL ? state_issuer_crl(issuer, &facts->authority) : NULL;
    const bool newer = have == NULL || (card_number_cmp(&facts->number, &have->number) > 0 &&
                                        facts->this_update_ms >= have->this_update_ms);
    if (!newer) {
        return REASON_CRL_OLD;
    }
    return state_crl_union(have, facts, NULL) <= STATE_CRL_SERIALS_MAX ? REASON_OK : REASON_CRL_FULL;
}

static bool on_list(const struct crl_facts *l, const struct card_facts *card)
{
    if (l == NULL || !sha256_eq(&l->authority, &card->authority)) {
        return false;
    }
    for (size_t i = 0; i < l->serial_count; i++) {
        if (card_number_cmp(&l->serial[i], &card->serial) == 0) {
            return true;
        }
    }
    return false;
}

static bool keeps_root(const struct card_issuer *x, const struct sha256 *root_sha256)
{
    for (size_t i = 0; i < x->root_count; i++) {
        const struct sha256 d = digest_sha256(x->roots[i]);
        if (sha256_eq(&d, root_sha256)) {
            return true;
        }
    }
    return false;
}

bool policy_takes_card(const struct policy_plan *p, size_t at, const struct state_card *card)
{
    const struct roster_change *x = &p->changes->item[at];

    if (x->op == CHANGE_PUT_CRL) {
        return on_list(policy_plan_crl(p, at), &card->facts);
    }
    if (!span_eq(x->id, card->issuer->id)) {
        return false;
    }
    return x->op == CHANGE_REMOVE_ISSUER ||
           (x->op == CHANGE_PUT_ISSUER && !keeps_root(&x->issuer, &card->facts.root_sha256));
}
