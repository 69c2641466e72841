/* SPDX-License-Identifier: Apache-2.0 */
/* PIV cards over the years: roots that go, devices, renewals, lists that pile up, and what is said of an approval by
 * cards when it is used. Requirements D2, 2.1, 5.1. */
#include "cards_bed.h"

#include "model/model_state_roster.h"

/* Another authority of the same name, or the same one with a new key: an issuer with these roots. */
static struct roster_change issuer_with(struct author_log *l, const char *id, const struct cardpki_der *first,
                                        const struct cardpki_der *second)
{
    struct roster_change put;
    author_log_issuer(l, &put);
    put.id = put.issuer.id = span_str(id);
    put.issuer.roots[0] = span_make(first->p, first->len);
    put.issuer.root_count = 1;
    if (second != NULL) {
        put.issuer.roots[put.issuer.root_count++] = span_make(second->p, second->len);
    }
    return put;
}

static void put_roots(struct author_log *l, const char *id, const struct cardpki_der *first,
                      const struct cardpki_der *second)
{
    const struct roster_change put = issuer_with(l, id, first, second);
    changed(l, &put, 1);
}

/* A root whose key was stolen is taken away, and with it every card that it signed for. */
static void a_card_goes_with_its_root(void **state)
{
    struct author_log *l = *state;
    static const struct roster_change gone = {.op = CHANGE_REMOVE_ISSUER, .id = {(const uint8_t *)"corp", 4}};
    const struct cardpki *pki = author_log_pki(l);
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_P256});
    const struct sha256 root = digest_sha256(span_make(pki->ca.p, pki->ca.len));
    assert_true(sha256_eq(&card_of(l, "tom")->card->facts.root_sha256, &root));
    const uint64_t id = opened(l, "Release");
    const uint64_t early = opened(l, "Early");
    expect(author_log_decide(l, "tom", early, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");

    put_roots(l, "corp", &pki->other, &pki->ca);
    assert_true(state_credential_counts(card_of(l, "tom")));
    put_roots(l, "corp", &pki->other, NULL);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CERT_CHAIN,
           "its root is gone");
    /* nor does what he signed before hold its seat */
    expect(author_log_decide(l, "bea", early, "production/business", DECISION_APPROVE, NULL, NULL), REASON_OK, "bea");
    assert_int_equal(state_request_find(state_of(l), early)->status, STATUS_ELIGIBLE);

    changed(l, &gone, 1);
    put_roots(l, "corp", &pki->other, NULL);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CERT_CHAIN,
           "the issuer came back with another root");
    changed(l, &gone, 1);
    allow_corp(l);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK,
           "the issuer came back with the same root");
}

/* A roster change cannot take so many roots away that too few officers are left. */
static void roots_leave_enough_officers(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    uint64_t id = 0;
    (void)state;
    assert_non_null(l);
    author_log_begin_with_cards(l);
    const struct roster_change swapped = issuer_with(l, "corp", &author_log_pki(l)->other, NULL);
    expect(asked(l, &swapped, 1, &id), REASON_TOO_FEW_OFFICERS, "without the root");
    const struct roster_change both = issuer_with(l, "corp", &author_log_pki(l)->other, &author_log_pki(l)->ca);
    expect(asked(l, &both, 1, &id), REASON_OK, "with both");
    author_log_free(l);
}

/* A device has several slots; in each may be a key of its own. */
static void one_device_is_one_persons(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan five = {.device = 5};
    static const struct cardpki_plan six = {.device = 6};
    struct arena a;
    static struct roster_change two[2];
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_RSA2048, .attestation = &five});
    assert_int_equal(
        author_log_card(l, "bea", &(struct author_card){.kind = CARDPKI_P384, .attestation = &five}, &a, two).code,
        CS_OK);
    expect(asked(l, two, 1, &id), REASON_CREDENTIAL_TAKEN, "tom's device for bea");
    assert_int_equal(
        author_log_card(l, "tom", &(struct author_card){.kind = CARDPKI_P384, .attestation = &five}, &a, two).code,
        CS_OK);
    expect(asked(l, two, 1, &id), REASON_OK, "another slot of tom's");
    assert_int_equal(
        author_log_card(l, "bea", &(struct author_card){.kind = CARDPKI_P384, .attestation = &six}, &a, &two[0]).code,
        CS_OK);
    assert_int_equal(
        author_log_card(l, "bill", &(struct author_card){.kind = CARDPKI_P256, .attestation = &six}, &a, &two[1]).code,
        CS_OK);
    expect(asked(l, two, 1, &id), REASON_OK, "her own");
    expect(asked(l, two, 2, &id), REASON_CREDENTIAL_TAKEN, "one device for two, in one list");
    /* what is switched off for good never counts again, so its device may go to somebody else */
    assert_int_equal(
        author_log_card(l, "tom", &(struct author_card){.kind = CARDPKI_RSA2048, .attestation = &five}, &a, two).code,
        CS_OK);
    const struct roster_change off = {.op = CHANGE_REVOKE_CREDENTIAL,
                                      .credential_sha256 = card_of(l, "tom")->id_sha256};
    assert_int_equal(
        author_log_card(l, "bea", &(struct author_card){.kind = CARDPKI_P384, .attestation = &five}, &a, two).code,
        CS_OK);
    two[1] = off;
    expect(asked(l, two, 2, &id), REASON_CREDENTIAL_TAKEN, "not yet");
    changed(l, &off, 1);
    expect(asked(l, two, 1, &id), REASON_OK, "afterwards");
    arena_release(&a);
}

static enum policy_reason renewal(struct author_log *l, const char *person, const struct author_card *how)
{
    struct arena a;
    struct roster_change add;
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    assert_int_equal(author_log_card(l, person, how, &a, &add).code, CS_OK);
    const enum policy_reason r = asked(l, &add, 1, &id).reason;
    arena_release(&a);
    return r;
}

/* The same key with a later certificate: the card goes on, with all that the new one says. */
static void a_certificate_is_renewed(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan first = {.serial = 71, .not_after = "20260106090000Z"};
    static const struct cardpki_plan earlier = {.serial = 72, .not_after = "20260106080000Z"};
    static const struct cardpki_plan later = {.serial = 73};
    static const struct cardpki_plan last = {.serial = 74, .not_after = "20360101000000Z"};
    static const struct cardpki_plan other = {.serial = 73, .other_issuer_key = true};
    static const struct cardpki_plan tinas = {.serial = 75};
    static const uint64_t of_the_first[] = {71};
    static const uint64_t of_the_later[] = {73};
    struct arena a;
    static struct roster_change two[2];
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.certificate = &first});
    const size_t credentials = state_of(l)->credentials.count;
    assert_int_equal(renewal(l, "tom", &(struct author_card){.certificate = &first}), REASON_CREDENTIAL_TAKEN);
    assert_int_equal(renewal(l, "tom", &(struct author_card){.certificate = &earlier}), REASON_CREDENTIAL_TAKEN);
    assert_int_equal(renewal(l, "tom", &(struct author_card){.certificate = &other}), REASON_CERT_CHAIN);
    assert_int_equal(renewal(l, "tom", &(struct author_card){.certificate = &later, .bad_proof = true}),
                     REASON_CARD_PROOF);
    author_log_advance(l, 2 * (uint64_t)DAY_MS);
    const uint64_t q = opened(l, "Release");
    expect(author_log_decide(l, "tom", q, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CERT_EXPIRED, "old");
    give_card(l, "tom", &(struct author_card){.certificate = &later});
    assert_int_equal(state_of(l)->credentials.count, credentials);
    expect(author_log_decide(l, "tom", q, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "new");
    /* a list that names the certificate before says nothing of this one */
    list_in_force(l, &(struct cardpki_list){.number = 5, .serials = of_the_first, .count = 1});
    assert_true(state_credential_counts(card_of(l, "tom")));

    /* what is revoked is not renewed, by whomever; nor in the same list */
    assert_int_equal(author_log_card(l, "tom", &(struct author_card){.certificate = &last}, &a, &two[0]).code, CS_OK);
    two[1] = (struct roster_change){.op = CHANGE_REVOKE_CREDENTIAL, .credential_sha256 = card_of(l, "tom")->id_sha256};
    expect(asked(l, two, 2, &id), REASON_ROSTER_INVALID, "renewed and revoked");
    expect(asked(l, two, 1, &id), REASON_OK, "renewed");
    list_in_force(l, &(struct cardpki_list){.number = 6, .serials = of_the_later, .count = 1});
    expect(asked(l, two, 1, &id), REASON_CREDENTIAL_TAKEN, "revoked by a list");
    give_card(l, "tina", &(struct author_card){.kind = CARDPKI_P384, .certificate = &tinas});
    const struct roster_change off = {.op = CHANGE_REVOKE_CREDENTIAL,
                                      .credential_sha256 = card_of(l, "tina")->id_sha256};
    changed(l, &off, 1);
    assert_int_equal(renewal(l, "tina", &(struct author_card){.kind = CARDPKI_P384, .certificate = &last}),
                     REASON_CREDENTIAL_TAKEN);
    arena_release(&a);
}

/* Otherwise its device would be free for another person. */
static void a_renewal_keeps_the_attestation(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan later = {.serial = 73, .not_after = "20360101000000Z"};
    static const struct cardpki_plan five = {.device = 5};
    static const struct cardpki_plan six = {.device = 6};
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_P256, .attestation = &five});
    assert_int_equal(renewal(l, "tom", &(struct author_card){.certificate = &later}), REASON_CARD_ATTESTATION);
    assert_int_equal(renewal(l, "tom", &(struct author_card){.certificate = &later, .attestation = &six}),
                     REASON_CARD_ATTESTATION);
    give_card(l, "tom", &(struct author_card){.certificate = &later, .attestation = &five});
    assert_true(card_of(l, "tom")->card->facts.attested);
}

/* Whatever a later list leaves out, and whenever the card comes. */
static void a_certificate_that_was_listed_never_gets_in(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan toms = {.serial = 71};
    static const uint64_t serials[] = {71};
    static const uint64_t others[] = {70, 72};
    const struct cardpki *pki = author_log_pki(l);
    allow_corp(l);
    list_in_force(l, &(struct cardpki_list){.number = 5, .serials = serials, .count = 1});
    list_in_force(l, &(struct cardpki_list){.number = 6, .serials = others, .count = 2});
    list_in_force(l, &(struct cardpki_list){.number = 7});
    const struct sha256 name = state_issuer_find(state_of(l), SPAN_LIT("corp"))->crls[0].authority;
    for (uint8_t serial = 69; serial <= 73; serial++) {
        const struct card_number n = {.b = {[MODEL_NUMBER_BYTES - 1] = serial}};
        assert_true(state_cert_revoked(state_of(l), &name, &n) == (serial >= 70 && serial <= 72));
    }
    assert_int_equal(renewal(l, "tom", &(struct author_card){.certificate = &toms}), REASON_CERT_REVOKED);
    /* nor by way of another issuer with the same authority, or when the first one is gone */
    static const struct roster_change gone = {.op = CHANGE_REMOVE_ISSUER, .id = {(const uint8_t *)"corp", 4}};
    put_roots(l, "corp2", &pki->ca, NULL);
    changed(l, &gone, 1);
    assert_int_equal(renewal(l, "tom", &(struct author_card){.certificate = &toms, .issuer = "corp2"}),
                     REASON_CERT_REVOKED);
}

/* An authority may be the root of two issuers: its list is about its certificates, not about an issuer. */
static void a_list_revokes_for_every_issuer(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan toms = {.serial = 71};
    static const uint64_t serials[] = {71};
    struct arena a;
    static struct roster_change both[2];
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    allow_corp(l);
    put_roots(l, "corp2", &author_log_pki(l)->ca, NULL);
    assert_int_equal(
        author_log_card(l, "tom", &(struct author_card){.certificate = &toms, .issuer = "corp2"}, &a, &both[1]).code,
        CS_OK);
    both[0] = list_of(l, &(struct cardpki_list){.number = 5, .serials = serials, .count = 1}, &a);
    expect(asked(l, both, 2, &id), REASON_ROSTER_INVALID, "a list of one and a card of the other in one");
    give_card(l, "tom", &(struct author_card){.certificate = &toms, .issuer = "corp2"});
    list_in_force(l, &(struct cardpki_list){.number = 5, .serials = serials, .count = 1});
    const uint64_t q = opened(l, "Release");
    expect(author_log_decide(l, "tom", q, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CERT_REVOKED, "tom");
    arena_release(&a);
}

/* All serials are kept; the list that would be one too many is refused, and what was known stays known. */
static void a_list_too_many_is_refused(void **state)
{
    struct author_log *l = *state;
    struct judge *j = author_log_judge(l);
    static struct card_number serials[MODEL_CRL_SERIALS_MAX];
    struct arena a;
    allow_corp(l);
    list_in_force(l, &(struct cardpki_list){.number = 1});
    struct crl_facts facts = {.authority = state_issuer_find(&j->state, SPAN_LIT("corp"))->crls[0].authority,
                              .serial = serials,
                              .serial_count = MODEL_CRL_SERIALS_MAX};
    for (uint32_t n = 0; n < STATE_CRL_SERIALS_MAX / MODEL_CRL_SERIALS_MAX; n++) {
        for (uint32_t i = 0; i < MODEL_CRL_SERIALS_MAX; i++) {
            struct writer w = wr_fixed(&serials[i].b[MODEL_NUMBER_BYTES - 4], 4);
            wr_u32(&w, 1000 + i * 256 + n); /* woven into those before */
        }
        assert_int_equal(state_crl_put(&j->state, SPAN_LIT("corp"), &facts, 1).code, CS_OK);
    }
    const struct state_crl *l1 = state_issuer_crl(state_issuer_find(&j->state, SPAN_LIT("corp")), &facts.authority);
    assert_int_equal(l1->serial_count, STATE_CRL_SERIALS_MAX);
    for (size_t i = 1; i < l1->serial_count; i++) {
        assert_true(card_number_cmp(&l1->serials[i - 1], &l1->serials[i]) < 0);
    }
    facts.number = (struct card_number){.b = {1}};
    facts.this_update_ms = UINT64_MAX;
    arena_init(&a, 1 << 20);
    struct roster_change put = list_of(l, &(struct cardpki_list){.number = 9}, &a);
    const struct roster_changes one = {.item = &put, .count = 1};
    const struct change_facts known = {.crl = &facts};
    expect(policy_roster_fits(&j->state, &j->state.policy->doc, &one, &known), REASON_OK, "all of them again");
    serials[0] = (struct card_number){.b = {0}};
    expect(policy_roster_fits(&j->state, &j->state.policy->doc, &one, &known), REASON_CRL_FULL, "one more");
    assert_int_equal(state_crl_put(&j->state, SPAN_LIT("corp"), &facts, 1).code, CS_E_STATE);
    assert_int_equal(l1->serial_count, STATE_CRL_SERIALS_MAX);
    arena_release(&a);
}

/* What is said of an approval when it is used. */
static bool outcome_says(struct author_log *l, uint64_t request, const char *words)
{
    const struct sha256 head = {.b = {0}};
    const struct judge_place at = {.seq = state_of(l)->size, .head = &head, .time_ms = author_log_now(l)};
    struct arena a;
    AUTO_WRITER w = wr_heap(65536);
    arena_init(&a, 1 << 20);
    assert_int_equal(judge_outcome_payload(state_of(l), state_request_find(state_of(l), request), &at, &a, &w).code,
                     CS_OK);
    arena_release(&a);
    return memmem(w.p, w.len, words, strlen(words)) != NULL;
}

static uint64_t approved_by(struct author_log *l, const char *tech, const char *business)
{
    const uint64_t id = opened(l, tech);
    expect(author_log_decide(l, tech, id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, tech);
    expect(author_log_decide(l, business, id, "production/business", DECISION_APPROVE, NULL, NULL), REASON_OK,
           business);
    assert_int_equal(state_request_find(state_of(l), id)->status, STATUS_APPROVED);
    return id;
}

static void an_outcome_says_what_signed(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan attested = {0};
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_P256, .attestation = &attested});
    give_card(l, "bea", &(struct author_card){.kind = CARDPKI_RSA2048});
    static const struct {
        const char *tech;
        const char *business;
        bool key;
        bool card;
        bool hardware;
    } rows[] = {{"tina", "bill", true, false, true},
                {"tom", "bill", true, true, true},
                {"tina", "bea", true, true, false},
                {"tom", "bea", false, true, false}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint64_t id = approved_by(l, rows[i].tech, rows[i].business);
        if (outcome_says(l, id, "\"method\":\"fido2-uv\"") != rows[i].key ||
            outcome_says(l, id, "\"method\":\"piv-pin\"") != rows[i].card ||
            outcome_says(l, id, "\"HW_KEY_UV\"") != rows[i].hardware) {
            fail_msg("%s and %s", rows[i].tech, rows[i].business);
        }
        assert_false(outcome_says(l, id, "\"roster\"")); /* as the request and its decisions name it */
        expect(author_log_redeem(l, id, false), REASON_OK, "used");
    }
}

/* A sparse judge that is shown the first `before` entries, and then the last one. */
static struct verdict without_what_is_between(struct author_log *l, uint64_t before)
{
    struct judge j;
    assert_int_equal(judge_init(&j, JUDGE_PROVE, CAP_BYTES).code, CS_OK);
    j.sparse = true;
    for (uint64_t i = 0; i < before; i++) {
        expect(judge_entry(&j, author_log_leaf(l, i), NULL), REASON_OK, "leaf");
    }
    assert_int_equal(judge_skip(&j, author_log_size(l) - 1).code, CS_OK);
    const struct verdict v = judge_entry(&j, author_log_leaf(l, author_log_size(l) - 1), NULL);
    judge_release(&j);
    return v;
}

/* Between the last signature and the use somebody's card is revoked: the use names the roster that it stands on. */
static void a_use_cannot_leave_a_list_out(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan toms = {.serial = 71};
    static const struct cardpki_plan tinas = {.serial = 72};
    static const uint64_t serials[] = {72};
    static const uint64_t all[] = {71, 72};
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.certificate = &toms});
    give_card(l, "tina", &(struct author_card){.certificate = &tinas});
    const uint64_t id = approved_by(l, "tom", "bea");
    const uint64_t his = approved_by(l, "tom", "bill");
    const uint64_t before = author_log_size(l);
    list_in_force(l, &(struct cardpki_list){.number = 5, .serials = serials, .count = 1});
    assert_true(outcome_says(l, id, "\"roster\":{\"index\":"));
    expect(author_log_redeem(l, id, false), REASON_OK, "used");
    expect(without_what_is_between(l, author_log_size(l) - 1), REASON_OK, "with the list");
    expect(without_what_is_between(l, before), REASON_ENVELOPE, "without the list");
    list_in_force(l, &(struct cardpki_list){.number = 6, .serials = all, .count = 2});
    expect(author_log_redeem(l, his, false), REASON_TOO_FEW_SIGNED, "his card is revoked");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_card_goes_with_its_root, set_up, tear_down),
        cmocka_unit_test(roots_leave_enough_officers),
        cmocka_unit_test_setup_teardown(one_device_is_one_persons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_certificate_is_renewed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_renewal_keeps_the_attestation, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_certificate_that_was_listed_never_gets_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_revokes_for_every_issuer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_too_many_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_outcome_says_what_signed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_use_cannot_leave_a_list_out, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
