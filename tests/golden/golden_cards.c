/* SPDX-License-Identifier: Apache-2.0 */
/* A log whose people hold PIV cards of every kind, and every way in which a card does not get in or does not count. */
#include "golden_life.h"

enum { DAY_MS = 86400000, CHANGES = 8 };

static const char tech[] = "production/tech";
static const char business[] = "production/business";

static struct verdict approve(struct golden_life *g, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(g->l, who, id, seat, DECISION_APPROVE, NULL, NULL);
}

static struct verdict wrongly(struct golden_life *g, const char *who, uint64_t id, struct author_wrong wrong)
{
    return author_log_decide(g->l, who, id, tech, DECISION_APPROVE, NULL, &wrong);
}

static uint64_t opened(struct golden_life *g, const char *title)
{
    const struct author_request q = {.title = title};
    uint64_t id = 0;
    golden_allow(title, author_log_request(g->l, &q, &id));
    return id;
}

/* ---- the roster ---- */

static struct roster_change *changes_of(struct golden_life *g, size_t n)
{
    struct roster_change *items = arena_array(&g->arena, n, sizeof(*items));
    if (items == NULL) {
        golden_give_up("changes", VERDICT_DENY(REASON_NO_ROOM));
    }
    return items;
}

static struct verdict asked(struct golden_life *g, struct roster_change *items, size_t n, uint64_t *ret_id)
{
    const struct roster_content c = {.changes = {.item = items, .count = n},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("people and their cards"),
                                     .title = SPAN_LIT("Cards")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    golden_must("roster", model_roster_content_encode(&c, &text));
    return author_log_propose(g->l, KIND_ROSTER, wr_span(&text), ret_id);
}

static void in_force(struct golden_life *g, enum entry_type type, uint64_t id)
{
    golden_allow("olga", approve(g, "olga", id, "officers/officers"));
    golden_allow("omar", approve(g, "omar", id, "officers/officers"));
    golden_allow("effect", author_log_effect(g->l, type, id));
}

static void changed(struct golden_life *g, struct roster_change *items, size_t n)
{
    uint64_t id = 0;
    golden_allow("changes", asked(g, items, n, &id));
    in_force(g, ENTRY_ROSTER, id);
}

/* A person with one role, who holds this card instead of a key; NULL: the key. */
static void enrol(struct golden_life *g, const char *who, const char *role, const struct author_card *how)
{
    const char *const roles[] = {role};
    struct roster_change *items = changes_of(g, 2);
    golden_must(who, author_log_person(g->l, who, roles, 1, &g->arena, items));
    if (how != NULL) {
        golden_must(who, author_log_card(g->l, who, how, &g->arena, &items[1]));
    }
    changed(g, items, 2);
}

static void put_ci(struct golden_life *g)
{
    struct roster_change *put = changes_of(g, 1);
    put->op = CHANGE_PUT_CLIENT;
    put->id = SPAN_LIT("ci");
    put->client.id = put->id;
    for (unsigned k = 1; k <= SCOPE_MIRROR; k++) { /* the logs of before stay as they are */
        put->client.scopes |= 1U << k;
    }
    put->client.tokens[0] = digest_sha256(SPAN_LIT("ci-token"));
    put->client.token_count = 1;
    changed(g, put, 1);
}

static void people(struct golden_life *g)
{
    static const struct cardpki_plan attested = {.serial = 801, .touch = 3};
    static const struct cardpki_plan until_spring = {.serial = 802, .not_after = "20260107000000Z"};
    static const struct cardpki_plan tinas = {.serial = 803};
    static const struct cardpki_plan beas = {.serial = 804};
    enrol(g, "tom", "tech",
          &(struct author_card){.kind = CARDPKI_P384, .certificate = &attested, .attestation = &attested});
    enrol(g, "tina", "tech", &(struct author_card){.kind = CARDPKI_RSA3072, .certificate = &tinas});
    enrol(g, "tess", "tech", &(struct author_card){.kind = CARDPKI_P256, .certificate = &until_spring});
    enrol(g, "bea", "business", &(struct author_card){.kind = CARDPKI_RSA4096, .certificate = &beas});
    enrol(g, "bill", "business", NULL);
    put_ci(g);
}

static void policy(struct golden_life *g, const char *tokens, uint64_t version)
{
    struct policy_content p = {.initiator = SPAN_LIT("odette"),
                               .reason = SPAN_LIT("two people for production, tech with cards"),
                               .title = SPAN_LIT("Two people")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;
    golden_must("policy", author_log_policy(&g->arena, tokens, version, &p.policy));
    golden_must("policy", model_policy_content_encode(&p, &text));
    golden_allow("policy", author_log_propose(g->l, KIND_POLICY, wr_span(&text), &id));
    in_force(g, ENTRY_POLICY, id);
}

/* ---- what happens ---- */

/* Every kind of card signs, and the approval is used. */
static void releases(struct golden_life *g)
{
    const uint64_t used = opened(g, "Release 1");
    golden_refuse(g, "card_signature", REASON_SIGNATURE,
                  wrongly(g, "tom", used, (struct author_wrong){.bad_signature = true}));
    golden_refuse(g, "card_with_auth_data", REASON_SIGNATURE,
                  wrongly(g, "tom", used, (struct author_wrong){.with_auth_data = true}));
    golden_refuse(g, "card_of_another", REASON_SIGNATURE,
                  wrongly(g, "tom", used, (struct author_wrong){.key_of = "tess"}));
    golden_refuse(g, "card_wrong_person", REASON_WRONG_PERSON,
                  wrongly(g, "tom", used, (struct author_wrong){.credential_of = "tess"}));
    golden_allow("tom", approve(g, "tom", used, tech));
    golden_allow("bea", approve(g, "bea", used, business));
    golden_allow("redeem", author_log_redeem(g->l, used, false));
    golden_allow("outcome", author_log_outcome(g->l, used, STATUS_SUCCEEDED));
    golden_keep(g, "used", used, FINDING_HOLDS);

    /* whose keys both proved that they are in hardware */
    const uint64_t proved = opened(g, "Release 1b");
    golden_allow("tom", approve(g, "tom", proved, tech));
    golden_allow("bill", approve(g, "bill", proved, business));
    golden_allow("redeem", author_log_redeem(g->l, proved, false));
    golden_keep(g, "used_attested", proved, FINDING_HOLDS);

    const uint64_t approved = opened(g, "Release 2");
    golden_allow("tina", approve(g, "tina", approved, tech));
    golden_allow("bill", approve(g, "bill", approved, business));
    golden_keep(g, "approved", approved, FINDING_HOLDS);

    const uint64_t rejected = opened(g, "Release 3");
    golden_allow("tess",
                 author_log_decide(g->l, "tess", rejected, tech, DECISION_REJECT, "not today, thank you", NULL));
    golden_keep(g, "rejected", rejected, FINDING_NOT_APPROVED);
}

static void refused_card(struct golden_life *g, const char *name, const struct author_card *how,
                         enum policy_reason want)
{
    struct roster_change *add = changes_of(g, 1);
    uint64_t id = 0;
    golden_must(name, author_log_card(g->l, "bill", how, &g->arena, add));
    author_log_use_card(g->l, "bill", false);
    golden_refuse(g, name, want, asked(g, add, 1, &id));
}

static void refused_cards(struct golden_life *g)
{
    static const struct cardpki_plan ca = {.ca = true, .device = 2002};
    static const struct cardpki_plan other = {.other_issuer_key = true, .device = 2002};
    static const struct cardpki_plan never = {.touch = 1, .device = 2002};
    static const struct cardpki_plan toms = {0};
    static const struct cardpki_plan expired = {.not_after = "20260105000000Z"};
    static const struct cardpki_plan not_yet = {.not_before = "20260601000000Z"};
    static const struct cardpki_plan once = {.pin = 2, .device = 2002};
    static const struct cardpki_plan no_policy = {.pin = -1};
    refused_card(g, "card_rsa_1024", &(struct author_card){.kind = CARDPKI_RSA1024}, REASON_CARD_KEY);
    refused_card(g, "card_no_proof", &(struct author_card){.bad_proof = true}, REASON_CARD_PROOF);
    refused_card(g, "card_proof_of_another", &(struct author_card){.proof_of = "tom"}, REASON_CARD_PROOF);
    refused_card(g, "card_unknown_issuer", &(struct author_card){.issuer = "other"}, REASON_ISSUER_UNKNOWN);
    refused_card(g, "card_pin_once", &(struct author_card){.pin = CARD_USE_ONCE}, REASON_CARD_PIN);
    refused_card(g, "card_attests_pin_once", &(struct author_card){.attestation = &once}, REASON_CARD_PIN);
    refused_card(g, "card_attests_nothing", &(struct author_card){.attestation = &no_policy}, REASON_CARD_ATTESTATION);
    refused_card(g, "card_attested_by_another", &(struct author_card){.attestation = &other}, REASON_CARD_ATTESTATION);
    refused_card(g, "card_attestation_ca", &(struct author_card){.attestation = &ca}, REASON_CARD_ATTESTATION);
    refused_card(g, "card_certificate_ca", &(struct author_card){.certificate = &ca}, REASON_CERT_INVALID);
    refused_card(g, "card_other_authority", &(struct author_card){.certificate = &other}, REASON_CERT_CHAIN);
    refused_card(g, "card_expired", &(struct author_card){.certificate = &expired}, REASON_CERT_EXPIRED);
    refused_card(g, "card_not_yet_valid", &(struct author_card){.certificate = &not_yet}, REASON_CERT_NOT_YET);
    refused_card(g, "card_attests_no_touch", &(struct author_card){.attestation = &never, .touch = CARD_USE_ALWAYS},
                 REASON_CARD_ATTESTATION);
    refused_card(g, "card_device_taken", &(struct author_card){.kind = CARDPKI_RSA2048, .attestation = &toms},
                 REASON_CREDENTIAL_TAKEN);
    refused_card(g, "card_taken", &(struct author_card){.kind = CARDPKI_RSA3072}, REASON_CREDENTIAL_TAKEN);
}

static struct roster_change *list_of(struct golden_life *g, struct cardpki_list list)
{
    struct roster_change *put = changes_of(g, 1);
    struct cardpki_der der;
    put->op = CHANGE_PUT_CRL;
    put->id = SPAN_LIT("corp");
    if (!cardpki_crl(author_log_pki(g->l), &list, &der)) {
        golden_give_up("list", VERDICT_DENY(REASON_NO_ROOM));
    }
    golden_must("list", arena_copy(&g->arena, span_make(der.p, der.len), &put->crl));
    cardpki_der_release(&der);
    return put;
}

/* tess's card has a certificate that ends soon; its key gets a later one. */
static void renewed(struct golden_life *g)
{
    static const struct cardpki_plan later = {.serial = 805, .not_after = "20260107060000Z"};
    struct roster_change *add = changes_of(g, 1);
    golden_must("renewed",
                author_log_card(g->l, "tess", &(struct author_card){.kind = CARDPKI_P256, .certificate = &later},
                                &g->arena, add));
    changed(g, add, 1);
}

/* tina's certificate is revoked while a seat waits that she fills, and while an approval without her is not used yet.
 */
static void revoked(struct golden_life *g)
{
    static const uint64_t serials[] = {803};
    uint64_t ignored = 0;
    const uint64_t id = opened(g, "Release 4");
    const uint64_t others = opened(g, "Release 4b");
    golden_allow("tina", approve(g, "tina", id, tech));
    golden_allow("tom", approve(g, "tom", others, tech));
    golden_allow("bea", approve(g, "bea", others, business));
    changed(g, list_of(g, (struct cardpki_list){.number = 2, .serials = serials, .count = 1}), 1);
    golden_allow("redeem", author_log_redeem(g->l, others, false));
    golden_keep(g, "used_after_a_list", others, FINDING_HOLDS);
    golden_allow("bea", approve(g, "bea", id, business));
    golden_refuse(g, "redeem_with_revoked", REASON_NOT_APPROVED, author_log_redeem(g->l, id, false));
    const uint64_t next = opened(g, "Release 5");
    golden_refuse(g, "card_revoked", REASON_CERT_REVOKED, approve(g, "tina", next, tech));
    golden_keep(g, "seat_empty_again", id, FINDING_NOT_APPROVED);
    golden_refuse(g, "crl_old", REASON_CRL_OLD, asked(g, list_of(g, (struct cardpki_list){.number = 2}), 1, &ignored));
    golden_refuse(g, "crl_by_another", REASON_CRL_INVALID,
                  asked(g, list_of(g, (struct cardpki_list){.number = 3, .other_key = true}), 1, &ignored));
    changed(g, list_of(g, (struct cardpki_list){.number = 3}), 1);
    golden_refuse(g, "card_revoked_for_good", REASON_CERT_REVOKED, approve(g, "tina", next, tech));
}

/* Tech needs a card that asks for a touch, from now on. */
static void keys_of_a_role(struct golden_life *g)
{
    policy(g,
           "{\"attested\":true,\"certification\":\"fips-140-3-2\",\"issuers\":[\"corp\"],\"role\":\"tech\",\"touch\":"
           "true}",
           3);
    const uint64_t id = opened(g, "Release 6");
    golden_refuse(g, "card_not_for_the_role", REASON_TOKEN_NOT_ALLOWED, approve(g, "tess", id, tech));
    golden_allow("tom", approve(g, "tom", id, tech));
    author_log_advance(g->l, 2 * (uint64_t)DAY_MS);
    const uint64_t late = opened(g, "Release 7");
    golden_refuse(g, "card_expired_since", REASON_CERT_EXPIRED, approve(g, "tess", late, tech));
}

void golden_cards_make(struct golden_life *g)
{
    golden_begin(g);
    author_log_begin_with_cards(g->l);
    people(g);
    policy(g, NULL, 2);
    releases(g);
    refused_cards(g);
    renewed(g);
    revoked(g);
    keys_of_a_role(g);
    g->range_first = 10;
    g->range_count = 30;
}
