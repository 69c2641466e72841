/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge_cards.h"

#include "judge/judge_facts.h"

static enum policy_reason card_reason(enum crypt_card c)
{
    switch (c) {
    case CRYPT_CARD_HOLDS:
        return REASON_OK;
    case CRYPT_CARD_KEY:
        return REASON_CARD_KEY;
    case CRYPT_CARD_PROOF:
        return REASON_CARD_PROOF;
    case CRYPT_CARD_CERT_KEY:
        return REASON_CERT_KEY;
    case CRYPT_CARD_CERT_EXPIRED:
        return REASON_CERT_EXPIRED;
    case CRYPT_CARD_CERT_NOT_YET:
        return REASON_CERT_NOT_YET;
    case CRYPT_CARD_CERT_CHAIN:
    case CRYPT_CARD_ROOT:
        return REASON_CERT_CHAIN;
    case CRYPT_CARD_ATTEST_NONE:
    case CRYPT_CARD_ATTEST_FORM:
    case CRYPT_CARD_ATTEST_KEY:
    case CRYPT_CARD_ATTEST_CA:
    case CRYPT_CARD_ATTEST_SLOT:
    case CRYPT_CARD_ATTEST_EXTENSION:
    case CRYPT_CARD_ATTEST_EXPIRED:
    case CRYPT_CARD_ATTEST_NOT_YET:
    case CRYPT_CARD_ATTEST_CHAIN:
        return REASON_CARD_ATTESTATION;
    case CRYPT_CARD_CRL:
    case CRYPT_CARD_CRL_NUMBER:
    case CRYPT_CARD_CRL_LONG:
    case CRYPT_CARD_CRL_NOT_YET:
    case CRYPT_CARD_CRL_SIGNATURE:
        return REASON_CRL_INVALID;
    case CRYPT_CARD_NO_ROOM:
        return REASON_NO_ROOM;
    case CRYPT_CARD_NOT_CHECKED:
    case CRYPT_CARD_CERTIFICATE:
    case CRYPT_CARD_CERT_VERSION:
    case CRYPT_CARD_CERT_CA:
    case CRYPT_CARD_CERT_USAGE:
    case CRYPT_CARD_COUNT:
        break;
    }
    return REASON_CERT_INVALID;
}

static struct verdict said(enum crypt_card c)
{
    return c == CRYPT_CARD_HOLDS ? VERDICT_ALLOW
                                 : VERDICT_CAUSE(card_reason(c), CS_FAIL(CS_E_REFUSED, crypt_card_text(c)));
}

/* What is trusted of an issuer: as the same changes put it, or as the state has it. */
struct anchors {
    const struct span *roots;
    size_t root_count;
    const struct span *attestation_roots;
    size_t attestation_root_count;
};

static bool find_anchors(const struct state *s, const struct roster_changes *changes, struct span id,
                         struct anchors *ret_anchors)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct card_issuer *x = &changes->item[i].issuer;
        if (changes->item[i].op == CHANGE_PUT_ISSUER && span_eq(x->id, id)) {
            *ret_anchors = (struct anchors){x->roots, x->root_count, x->attestation_roots, x->attestation_root_count};
            return true;
        }
    }
    const struct state_issuer *x = state_issuer_find(s, id);
    if (x == NULL || x->removed) {
        return false;
    }
    *ret_anchors = (struct anchors){x->roots, x->root_count, x->attestation_roots, x->attestation_root_count};
    return true;
}

/* The root that the certificate leads to stands in the facts; zero if it leads to none. */
static struct verdict find_root(const struct judge_enrolment *at, const struct roster_changes *changes,
                                const struct card *card, struct card_facts *f)
{
    struct anchors a = {0};
    size_t root = 0;

    if (!find_anchors(at->state, changes, card->issuer, &a)) {
        return VERDICT_ALLOW; /* to be refused for it */
    }
    const struct crypt_card_in in = {
        .certificate = card->certificate, .roots = a.roots, .root_count = a.root_count, .time_s = at->time_ms / 1000};
    const enum crypt_card c = crypt_card_root(&in, &root);
    if (c == CRYPT_CARD_NO_ROOM) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    if (c == CRYPT_CARD_HOLDS) {
        f->root_sha256 = digest_sha256(a.roots[root]);
    }
    return VERDICT_ALLOW;
}

/* An attestation must say what was declared, or the roster would say less than is known. */
static struct verdict card_facts(struct judge *j, const struct card *card, struct card_facts **ret_facts)
{
    struct card_facts *f = NULL;
    const struct verdict v = said(judge_card_facts(card, &j->scratch, &f));

    if (!v.allow) {
        return v;
    }
    if (f->pin != card->pin || f->touch != card->touch) {
        return VERDICT_CAUSE(REASON_CARD_ATTESTATION, CS_FAIL(CS_E_MISMATCH, "card.declared"));
    }
    *ret_facts = f;
    return VERDICT_ALLOW;
}

static bool speaks_of_cards(const struct roster_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->item[i].op == CHANGE_ADD_CARD || changes->item[i].op == CHANGE_PUT_CRL) {
            return true;
        }
    }
    return false;
}

struct verdict judge_facts(struct judge *j, const struct judge_enrolment *at, const struct roster_changes *changes,
                           const struct change_facts **ret_facts)
{
    if (!speaks_of_cards(changes)) {
        *ret_facts = NULL;
        return VERDICT_ALLOW;
    }
    struct change_facts *facts = arena_array(&j->scratch, changes->count, sizeof(*facts));
    if (facts == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    for (size_t i = 0; i < changes->count; i++) {
        const struct roster_change *c = &changes->item[i];
        struct verdict v = VERDICT_ALLOW;
        if (c->op == CHANGE_ADD_CARD) {
            struct card_facts *f = NULL;
            v = card_facts(j, &c->card, &f);
            v = v.allow ? find_root(at, changes, &c->card, f) : v;
            facts[i].card = f;
        } else if (c->op == CHANGE_PUT_CRL) {
            v = said(judge_crl_facts(c->crl, &j->scratch, &facts[i].crl));
        }
        if (!v.allow) {
            return v;
        }
    }
    *ret_facts = facts;
    return VERDICT_ALLOW;
}

static struct verdict card_holds(const struct judge_enrolment *at, const struct roster_changes *changes,
                                 const struct roster_change *c)
{
    uint8_t message[MODEL_REGISTER_MESSAGE_BYTES];
    struct writer w = wr_fixed(message, sizeof(message));
    struct anchors a = {0};

    if (!find_anchors(at->state, changes, c->card.issuer, &a)) {
        return VERDICT_DENY(REASON_ISSUER_UNKNOWN);
    }
    const struct cs_result r = model_register_message(at->origin, c->id, c->card.nonce, &w);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_CARD_PROOF, r);
    }
    const struct crypt_card_in in = {.key = c->card.key,
                                     .certificate = c->card.certificate,
                                     .message = wr_span(&w),
                                     .sig = c->card.sig,
                                     .x5c = c->card.x5c,
                                     .x5c_count = c->card.x5c_count,
                                     .roots = a.roots,
                                     .root_count = a.root_count,
                                     .attestation_roots = a.attestation_roots,
                                     .attestation_root_count = a.attestation_root_count,
                                     .time_s = at->time_ms / 1000};
    return said(crypt_card_check(&in));
}

static struct verdict issuer_holds(const struct card_issuer *x)
{
    enum crypt_card c = CRYPT_CARD_HOLDS;

    for (size_t i = 0; c == CRYPT_CARD_HOLDS && i < x->root_count; i++) {
        c = crypt_card_root_check(x->roots[i]);
    }
    for (size_t i = 0; c == CRYPT_CARD_HOLDS && i < x->attestation_root_count; i++) {
        c = crypt_card_root_check(x->attestation_roots[i]);
    }
    if (c == CRYPT_CARD_HOLDS) {
        return VERDICT_ALLOW;
    }
    return VERDICT_CAUSE(c == CRYPT_CARD_NO_ROOM ? REASON_NO_ROOM : REASON_ISSUER_INVALID,
                         CS_FAIL(CS_E_REFUSED, crypt_card_text(c)));
}

static struct verdict crl_holds(const struct judge_enrolment *at, const struct roster_changes *changes,
                                const struct roster_change *c)
{
    struct anchors a = {0};

    if (!find_anchors(at->state, changes, c->id, &a)) {
        return VERDICT_DENY(REASON_ISSUER_UNKNOWN);
    }
    return said(crypt_crl_check(c->crl, a.roots, a.root_count, at->time_ms / 1000));
}

struct verdict judge_cards_hold(const struct judge_enrolment *at, const struct roster_changes *changes)
{
    struct verdict v = VERDICT_ALLOW;

    for (size_t i = 0; v.allow && i < changes->count; i++) {
        const struct roster_change *c = &changes->item[i];
        if (c->op == CHANGE_ADD_CARD) {
            v = card_holds(at, changes, c);
        } else if (c->op == CHANGE_PUT_CRL) {
            v = crl_holds(at, changes, c);
        } else if (c->op == CHANGE_PUT_ISSUER) {
            v = issuer_holds(&c->issuer);
        }
    }
    return v;
}

struct verdict judge_cards_valid(const struct roster_changes *changes, const struct change_facts *facts,
                                 uint64_t time_ms)
{
    for (size_t i = 0; facts != NULL && i < changes->count; i++) {
        if (facts[i].card != NULL && time_ms >= facts[i].card->not_after_ms) {
            return VERDICT_DENY(REASON_CERT_EXPIRED);
        }
    }
    return VERDICT_ALLOW;
}
