/* SPDX-License-Identifier: Apache-2.0 */
/* PIV cards: how they enter the roster, what they sign, and every way in which they stop counting. Requirements
 * D2, 2.1, 5.1. */
#include "cards_bed.h"
#include "policy/policy_tokens.h"

static void every_kind_of_card_decides(void **state)
{
    struct author_log *l = *state;
    static const struct {
        enum cardpki_kind kind;
        const char *person;
        const char *seat;
    } rows[] = {{CARDPKI_P256, "tom", "production/tech"},
                {CARDPKI_P384, "tina", "production/tech"},
                {CARDPKI_RSA2048, "bea", "production/business"},
                {CARDPKI_RSA3072, "bill", "production/business"},
                {CARDPKI_RSA4096, "tom", "production/tech"}};
    allow_corp(l);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        give_card(l, rows[i].person, &(struct author_card){.kind = rows[i].kind});
        const uint64_t id = opened(l, rows[i].person);
        expect(author_log_decide(l, rows[i].person, id, rows[i].seat, DECISION_APPROVE, NULL,
                                 &(struct author_wrong){.bad_signature = true}),
               REASON_SIGNATURE, "a bit of the signature");
        expect(author_log_decide(l, rows[i].person, id, rows[i].seat, DECISION_APPROVE, NULL,
                                 &(struct author_wrong){.with_auth_data = true}),
               REASON_SIGNATURE, "authenticator data of a card");
        expect(author_log_decide(l, rows[i].person, id, rows[i].seat, DECISION_APPROVE, NULL, NULL), REASON_OK,
               rows[i].person);
        expect(author_log_decide(l, rows[i].person, id, rows[i].seat, DECISION_APPROVE, NULL, NULL),
               REASON_ALREADY_SIGNED, "again");
        assert_int_equal(card_of(l, rows[i].person)->counter, 0);
    }
}

static void wrong_decisions(void **state)
{
    struct author_log *l = *state;
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_P256});
    give_card(l, "tina", &(struct author_card){.kind = CARDPKI_P256});
    const uint64_t id = opened(l, "Release");
    static const struct {
        const char *name;
        struct author_wrong wrong;
        enum policy_reason want;
    } rows[] = {
        {"another's card, own credential", {.key_of = "tina"}, REASON_SIGNATURE},
        {"another's card", {.credential_of = "tina"}, REASON_WRONG_PERSON},
        {"too old", {.age_ms = MODEL_STATEMENT_LIFE_MS + 1}, REASON_STATEMENT_EXPIRED},
        {"other anchor", {.other_anchor = true}, REASON_ANCHOR},
        {"other sheet", {.other_sheet = true}, REASON_SHEET_CHANGED},
        {"other policy", {.other_policy = true}, REASON_POLICY_CHANGED},
        {"other artifact", {.other_subject = true}, REASON_STATEMENT},
        {"other environment", {.environment = "staging"}, REASON_STATEMENT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        author_log_advance(l, 200000);
        expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, &rows[i].wrong), rows[i].want,
               rows[i].name);
    }
    expect(author_log_decide(l, "tom", id, "production/business", DECISION_APPROVE, NULL, NULL), REASON_NO_ROLE,
           "not this role");
    /* a key does not become a card by leaving its authenticator data out */
    author_log_use_card(l, "tina", false);
    expect(author_log_decide(l, "tina", id, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.without_auth_data = true}),
           REASON_SIGNATURE, "a key without authenticator data");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "right");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.nonce = author_log_last_nonce(l)}),
           REASON_NONCE_USED, "replayed");
}

/* Each row: a card that does not enter the roster. */
static void cards_that_are_refused(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan good = {0};
    static const struct cardpki_plan ca = {.ca = true};
    static const struct cardpki_plan encipher = {.encipher_only = true};
    static const struct cardpki_plan version1 = {.version1 = true};
    static const struct cardpki_plan negative = {.negative_serial = true};
    static const struct cardpki_plan other = {.other_issuer_key = true};
    static const struct cardpki_plan expired = {.not_after = "20260105080000Z"};
    static const struct cardpki_plan not_yet = {.not_before = "20260601000000Z"};
    static const struct cardpki_plan once = {.pin = 2};
    static const struct cardpki_plan untouched = {.touch = 1};
    static const struct cardpki_plan short_policy = {.policy_short = true};
    static const struct cardpki_plan old = {.not_after = "20260105080000Z"};
    static const struct cardpki_plan by_other = {.other_issuer_key = true};
    static const struct cardpki_plan attested_ca = {.ca = true};
    static const struct {
        const char *name;
        struct author_card how;
        enum policy_reason want;
    } rows[] = {
        {"RSA-1024", {.kind = CARDPKI_RSA1024}, REASON_CARD_KEY},
        {"no proof", {.bad_proof = true}, REASON_CARD_PROOF},
        {"a proof for another", {.proof_of = "tom"}, REASON_CARD_PROOF},
        {"unknown issuer", {.issuer = "elsewhere"}, REASON_ISSUER_UNKNOWN},
        {"PIN once", {.pin = CARD_USE_ONCE}, REASON_CARD_PIN},
        {"PIN never", {.pin = CARD_USE_NEVER}, REASON_CARD_PIN},
        {"PIN unknown", {.pin = CARD_USE_UNKNOWN}, REASON_CARD_PIN},
        {"PIN once, as attested", {.attestation = &once}, REASON_CARD_PIN},
        {"PIN once, declared, always, attested", {.pin = CARD_USE_ONCE, .attestation = &good}, REASON_CARD_ATTESTATION},
        {"PIN always, declared, once, attested",
         {.pin = CARD_USE_ALWAYS, .attestation = &once},
         REASON_CARD_ATTESTATION},
        {"touch always, declared, never, attested",
         {.touch = CARD_USE_ALWAYS, .attestation = &untouched},
         REASON_CARD_ATTESTATION},
        {"touch never, declared, always, attested",
         {.touch = CARD_USE_NEVER, .attestation = &good},
         REASON_CARD_ATTESTATION},
        {"as attested", {.attestation = &untouched}, REASON_OK},
        {"certificate of a CA", {.certificate = &ca}, REASON_CERT_INVALID},
        {"for key management", {.certificate = &encipher}, REASON_CERT_INVALID},
        {"version 1", {.certificate = &version1}, REASON_CERT_INVALID},
        {"negative serial", {.certificate = &negative}, REASON_CERT_INVALID},
        {"another authority", {.certificate = &other}, REASON_CERT_CHAIN},
        {"expired", {.certificate = &expired}, REASON_CERT_EXPIRED},
        {"not yet valid", {.certificate = &not_yet}, REASON_CERT_NOT_YET},
        {"attestation, short", {.attestation = &short_policy}, REASON_CARD_ATTESTATION},
        {"attestation, expired", {.attestation = &old}, REASON_CARD_ATTESTATION},
        {"attestation, another CA", {.attestation = &by_other}, REASON_CARD_ATTESTATION},
        {"attestation, CA:TRUE", {.attestation = &attested_ca}, REASON_CARD_ATTESTATION},
        {"right", {.certificate = &good}, REASON_OK},
    };
    allow_corp(l);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a;
        struct roster_change add;
        uint64_t id = 0;
        arena_init(&a, 1 << 20);
        assert_int_equal(author_log_card(l, "tina", &rows[i].how, &a, &add).code, CS_OK);
        expect(asked(l, &add, 1, &id), rows[i].want, rows[i].name);
        arena_release(&a);
    }
}

static void a_certificate_is_for_the_card(void **state)
{
    struct author_log *l = *state;
    struct arena a;
    static struct roster_change two[2];
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    allow_corp(l);
    assert_int_equal(author_log_card(l, "tom", &(struct author_card){.kind = CARDPKI_P256}, &a, &two[0]).code, CS_OK);
    assert_int_equal(author_log_card(l, "tina", &(struct author_card){.kind = CARDPKI_P256}, &a, &two[1]).code, CS_OK);
    const struct span mine = two[0].card.certificate;
    two[0].card.certificate = two[1].card.certificate;
    expect(asked(l, two, 1, &id), REASON_CERT_KEY, "tina's certificate");
    two[0].card.certificate = span_make(mine.p, mine.left - 1);
    expect(asked(l, two, 1, &id), REASON_CERT_INVALID, "a byte short");
    two[0].card.certificate = mine;
    expect(asked(l, two, 1, &id), REASON_OK, "his own");
    arena_release(&a);
}

/* A synced passkey can be copied: it is told apart when it is enrolled, and again whenever it signs. */
static void a_synced_passkey_never_counts(void **state)
{
    struct author_log *l = *state;
    static const char *const roles[] = {"tech"};
    static struct roster_change add[2];
    struct arena a;
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    for (unsigned flag = 0x08; flag <= 0x10; flag <<= 1) { /* backup-eligible, backed up */
        assert_int_equal(author_log_person(l, "carl", roles, 1, &a, add).code, CS_OK);
        struct span data = SPAN_NONE;
        assert_int_equal(arena_copy(&a, add[1].credential.attestation.auth_data, &data).code, CS_OK);
        AUTO_WRITER w = wr_heap(1024);
        wr_bytes(&w, data);
        w.p[32] |= (uint8_t)flag;
        add[1].credential.attestation.auth_data = wr_span(&w);
        expect(asked(l, add, 2, &id), REASON_BACKUP, "enrolled");
    }
    const uint64_t q = opened(l, "Release");
    expect(author_log_decide(l, "tom", q, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.backup = true}),
           REASON_BACKUP, "signed");
    arena_release(&a);
}

static void one_key_is_one_persons(void **state)
{
    struct author_log *l = *state;
    struct arena a;
    struct roster_change two[2];
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_RSA2048});
    assert_int_equal(author_log_card(l, "tina", &(struct author_card){.kind = CARDPKI_RSA2048}, &a, &two[0]).code,
                     CS_OK);
    expect(asked(l, two, 1, &id), REASON_CREDENTIAL_TAKEN, "tom's card for tina");
    assert_int_equal(author_log_card(l, "tom", &(struct author_card){.kind = CARDPKI_RSA2048}, &a, &two[0]).code,
                     CS_OK);
    expect(asked(l, two, 1, &id), REASON_CREDENTIAL_TAKEN, "tom's card again");
    assert_int_equal(author_log_card(l, "tina", &(struct author_card){.kind = CARDPKI_RSA3072}, &a, &two[0]).code,
                     CS_OK);
    assert_int_equal(author_log_card(l, "bill", &(struct author_card){.kind = CARDPKI_RSA3072}, &a, &two[1]).code,
                     CS_OK);
    expect(asked(l, two, 2, &id), REASON_CREDENTIAL_TAKEN, "one card for two, in one list");
    author_log_use_card(l, "bea", false);
    const struct sha256 bea = author_log_credential(l, "bea");
    two[0].card.key = state_credential_find(state_of(l), &bea)->key;
    expect(asked(l, two, 1, &id), REASON_CREDENTIAL_TAKEN, "the key in bea's FIDO2 key");
    two[0].id = SPAN_LIT("nobody");
    expect(asked(l, two, 1, &id), REASON_ROSTER_INVALID, "a card for nobody");
    arena_release(&a);
}

static void issuers_are_authorities(void **state)
{
    struct author_log *l = *state;
    struct roster_change put;
    struct roster_change gone = {.op = CHANGE_REMOVE_ISSUER, .id = SPAN_LIT("corp")};
    static struct roster_change twice[2];
    uint64_t id = 0;
    author_log_issuer(l, &put);
    const struct roster_change good = put;
    put.issuer.roots[0] = SPAN_LIT("no certificate");
    expect(asked(l, &put, 1, &id), REASON_ISSUER_INVALID, "no certificate");
    put = good;
    put.issuer.attestation_roots[0] = SPAN_LIT("no certificate");
    expect(asked(l, &put, 1, &id), REASON_ISSUER_INVALID, "no certificate to attest");
    expect(asked(l, &gone, 1, &id), REASON_ROSTER_INVALID, "not there");
    twice[0] = good;
    twice[1] = gone;
    expect(asked(l, twice, 2, &id), REASON_ROSTER_INVALID, "put and removed");
    expect(asked(l, &good, 1, &id), REASON_OK, "good");
}

static void a_card_goes_with_its_issuer(void **state)
{
    struct author_log *l = *state;
    const struct roster_change gone = {.op = CHANGE_REMOVE_ISSUER, .id = SPAN_LIT("corp")};
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_P256});
    const uint64_t id = opened(l, "Release");
    changed(l, &gone, 1);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_REVOKED, "tom");
    allow_corp(l);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK,
           "allowed again");
}

static void a_certificate_runs_out(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan short_lived = {.not_after = "20260106090000Z"};
    struct arena a;
    struct roster_change add;
    uint64_t waits = 0;
    arena_init(&a, 1 << 20);
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.certificate = &short_lived});
    assert_int_equal(author_log_card(l, "tina", &(struct author_card){.certificate = &short_lived}, &a, &add).code,
                     CS_OK);
    expect(asked(l, &add, 1, &waits), REASON_OK, "tina's card waits");
    const uint64_t before = opened(l, "Before");
    expect(author_log_decide(l, "tom", before, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "in time");
    author_log_advance(l, DAY_MS - 3600000);
    const uint64_t at = opened(l, "At the end");
    author_log_advance(l, 1767690000000 - author_log_now(l) - 1); /* 2026-01-06T09:00:00Z, less 1 ms */
    expect(author_log_decide(l, "tom", at, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "just in time");
    const uint64_t after = opened(l, "After");
    expect(author_log_decide(l, "tom", after, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CERT_EXPIRED,
           "too late");
    /* a signature that was given in time stays */
    expect(author_log_decide(l, "bea", at, "production/business", DECISION_APPROVE, NULL, NULL), REASON_OK, "bea");
    assert_int_equal(state_request_find(state_of(l), at)->status, STATUS_APPROVED);
    /* what waited for its signatures too long is not enrolled any more */
    author_log_use_card(l, "omar", false);
    expect(author_log_decide(l, "odette", waits, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK,
           "odette");
    expect(author_log_decide(l, "omar", waits, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "omar");
    expect(author_log_effect(l, ENTRY_ROSTER, waits), REASON_CERT_EXPIRED, "tina");
    arena_release(&a);
}

static void a_list_revokes(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan toms = {.serial = 71};
    static const struct cardpki_plan tinas = {.serial = 72};
    static const uint64_t serials[] = {71};
    const struct state_request **live = NULL;
    struct arena a;
    struct roster_change add;
    size_t n = 0;
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.certificate = &toms});
    give_card(l, "tina", &(struct author_card){.certificate = &tinas});
    const uint64_t one = opened(l, "One");
    const uint64_t two = opened(l, "Two");
    const uint64_t three = opened(l, "Three");
    expect(author_log_decide(l, "tom", two, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    expect(author_log_decide(l, "tom", one, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    const struct state_credential *tom = card_of(l, "tom");
    list_in_force(l, &(struct cardpki_list){.number = 5, .serials = serials, .count = 1});

    assert_false(state_credential_counts(tom));
    assert_true(state_credential_counts(card_of(l, "tina")));
    assert_int_equal(state_live_decided_by(state_of(l), tom, &a, &live, &n).code, CS_OK);
    assert_int_equal(n, 2);
    assert_true(live[0]->index == one && live[1]->index == two);
    expect(author_log_decide(l, "tom", three, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CERT_REVOKED,
           "tom signs on");
    /* the seat that he held is empty again */
    expect(author_log_decide(l, "bea", one, "production/business", DECISION_APPROVE, NULL, NULL), REASON_OK, "bea");
    assert_int_equal(state_request_find(state_of(l), one)->status, STATUS_ELIGIBLE);
    expect(author_log_decide(l, "tina", one, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tina");
    assert_int_equal(state_request_find(state_of(l), one)->status, STATUS_APPROVED);
    /* nor does a card on the list get in */
    assert_int_equal(author_log_card(l, "bill", &(struct author_card){.certificate = &toms}, &a, &add).code, CS_OK);
    expect(asked(l, &add, 1, &id), REASON_CERT_REVOKED, "bill");
    /* a later list does not bring him back */
    list_in_force(l, &(struct cardpki_list){.number = 6});
    expect(author_log_decide(l, "tom", three, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CERT_REVOKED,
           "left out of the next list");
    arena_release(&a);
}

static void a_list_never_goes_back(void **state)
{
    struct author_log *l = *state;
    static const uint64_t serials[] = {71};
    static const struct {
        const char *name;
        struct cardpki_list list;
        enum policy_reason want;
    } rows[] = {
        {"the same number", {.number = 256, .this_update = "20260102000000Z"}, REASON_CRL_OLD},
        {"a lower number", {.number = 255, .this_update = "20260102000000Z"}, REASON_CRL_OLD},
        {"an earlier time", {.number = 257, .this_update = "20251231000000Z"}, REASON_CRL_OLD},
        {"of the same time", {.number = 257}, REASON_OK},
        {"no number", {.number = 0}, REASON_CRL_INVALID},
        {"another authority", {.number = 300, .other_key = true}, REASON_CRL_INVALID},
        {"SHA-1", {.number = 300, .sha1 = true}, REASON_CRL_INVALID},
        {"from the future", {.number = 300, .this_update = "20270101000000Z"}, REASON_CRL_INVALID},
        {"of a part", {.number = 300, .critical = true}, REASON_CRL_INVALID},
        {"with a serial", {.number = 300, .serials = serials, .count = 1}, REASON_OK},
    };
    assert_int_equal(list_asked(l, &rows[3].list), REASON_ISSUER_UNKNOWN);
    allow_corp(l);
    list_in_force(l, &(struct cardpki_list){.number = 256});
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (list_asked(l, &rows[i].list) != rows[i].want) {
            fail_msg("%s", rows[i].name);
        }
    }
    struct arena a;
    uint64_t id = 0;
    struct roster_change both[2];
    arena_init(&a, 1 << 20);
    both[0] = list_of(l, &rows[3].list, &a);
    assert_int_equal(author_log_card(l, "tom", &(struct author_card){.kind = CARDPKI_P256}, &a, &both[1]).code, CS_OK);
    expect(asked(l, both, 2, &id), REASON_ROSTER_INVALID, "a card and a list of its issuer in one");
    both[1] = both[0];
    expect(asked(l, both, 2, &id), REASON_ROSTER_INVALID, "two lists in one");
    both[1] = (struct roster_change){.op = CHANGE_REMOVE_ISSUER, .id = SPAN_LIT("corp")};
    expect(asked(l, both, 2, &id), REASON_ROSTER_INVALID, "a list and its issuer's end in one");
    arena_release(&a);
}

static void nobody_decides_about_their_own_card(void **state)
{
    struct author_log *l = *state;
    struct arena a;
    struct roster_change add;
    uint64_t id = 0;
    arena_init(&a, 1 << 20);
    allow_corp(l);
    assert_int_equal(author_log_card(l, "olga", &(struct author_card){.kind = CARDPKI_P256}, &a, &add).code, CS_OK);
    author_log_use_card(l, "olga", false);
    expect(asked(l, &add, 1, &id), REASON_OK, "asked for");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_IS_SUBJECT,
           "olga");
    expect(in_force(l, ENTRY_ROSTER, id), REASON_OK, "the others");
    arena_release(&a);
}

/* Revoking may take officers away, but not so many that nobody could ever decide again. */
static void a_list_leaves_enough_officers(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    static const uint64_t serial[] = {4711}; /* of both cards of the ceremony */
    (void)state;
    assert_non_null(l);
    author_log_begin_with_cards(l);
    assert_int_equal(list_asked(l, &(struct cardpki_list){.number = 1, .serials = serial, .count = 1}),
                     REASON_TOO_FEW_OFFICERS);
    assert_int_equal(list_asked(l, &(struct cardpki_list){.number = 1}), REASON_OK);
    author_log_free(l);
}

/* ---- which keys the policy lets sign ---- */

static struct verdict policy_asked(struct author_log *l, const char *tokens, uint64_t *ret_id)
{
    const struct span text = state_of(l)->policy->text;
    static uint8_t policy[16384];
    struct writer w = wr_fixed(policy, sizeof(policy));
    const uint8_t *end = memmem(text.p, text.left, ",\"v\":1,\"version\":", 17);
    assert_non_null(end);
    wr_bytes(&w, span_make(text.p, (size_t)(end - text.p)));
    wr_text(&w, ",\"tokens\":[");
    wr_text(&w, tokens);
    wr_text(&w, "],\"v\":1,\"version\":9}");
    const struct policy_content p = {.initiator = SPAN_LIT("olga"),
                                     .policy = wr_span(&w),
                                     .reason = SPAN_LIT("which keys"),
                                     .title = SPAN_LIT("Keys")};
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_policy_content_encode(&p, &content).code, CS_OK);
    return author_log_propose(l, KIND_POLICY, wr_span(&content), ret_id);
}

static void keys_by_role(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan attested = {0};
    static const struct {
        const char *name;
        const char *tokens;
        bool fido;
        bool declared; /* bea's card, which was not attested and asks for no touch */
        bool attested; /* bill's */
    } rows[] = {
        {"cards only", "{\"issuers\":[\"corp\"],\"role\":\"business\"}", false, true, true},
        {"attested", "{\"attested\":true,\"role\":\"business\"}", true, false, true},
        {"touch", "{\"role\":\"business\",\"touch\":true}", true, false, true},
        {"certified", "{\"certification\":\"fips-140-3-2\",\"role\":\"business\"}", false, true, true},
        {"otherwise certified", "{\"certification\":\"cc-eal4\",\"role\":\"business\"}", false, false, false},
        {"of a model", "{\"models\":[\"00112233445566778899aabbccddeeff\"],\"role\":\"business\"}", false, false,
         false},
        {"of another issuer", "{\"issuers\":[\"other\"],\"role\":\"business\"}", false, false, false},
        {"another role", "{\"attested\":true,\"role\":\"tech\"}", true, true, true},
    };
    allow_corp(l);
    const struct sha256 key_id = author_log_credential(l, "bea");
    const struct state_credential *fido = state_credential_find(state_of(l), &key_id);
    give_card(l, "bea", &(struct author_card){.kind = CARDPKI_RSA2048});
    give_card(l, "bill", &(struct author_card){.kind = CARDPKI_P384, .attestation = &attested});
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a;
        struct policy_doc doc;
        static uint8_t text[16384];
        struct writer w = wr_fixed(text, sizeof(text));
        const struct span start = state_of(l)->policy->text;
        const uint8_t *end = memmem(start.p, start.left, ",\"v\":1,", 7);
        assert_non_null(end);
        arena_init(&a, 1 << 20);
        wr_bytes(&w, span_make(start.p, (size_t)(end - start.p)));
        wr_text(&w, ",\"tokens\":[");
        wr_text(&w, rows[i].tokens);
        wr_text(&w, "],\"v\":1,\"version\":9}");
        assert_int_equal(model_policy_decode(wr_span(&w), &a, &doc).code, CS_OK);
        const struct policy_key keys[] = {policy_key_of(fido), policy_key_of(card_of(l, "bea")),
                                          policy_key_of(card_of(l, "bill"))};
        const struct span role = SPAN_LIT("business");
        if (policy_key_fits(&doc, role, &keys[0]) != rows[i].fido ||
            policy_key_fits(&doc, role, &keys[1]) != rows[i].declared ||
            policy_key_fits(&doc, role, &keys[2]) != rows[i].attested) {
            fail_msg("%s", rows[i].name);
        }
        arena_release(&a);
    }
}

static void only_an_allowed_key_fills_a_seat(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan attested = {0};
    uint64_t id = 0;
    allow_corp(l);
    expect(policy_asked(l, "{\"issuers\":[\"corp\"],\"role\":\"tech\"}", &id), REASON_UNFILLABLE_SEAT,
           "nobody has a card");
    expect(policy_asked(l, "{\"attested\":true,\"role\":\"nobody\"}", &id), REASON_POLICY_INVALID, "no such role");
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_P256, .attestation = &attested});
    expect(policy_asked(l, "{\"issuers\":[\"corp\"],\"role\":\"officer\"}", &id), REASON_TOO_FEW_OFFICERS,
           "no officer has a card");
    const uint64_t before = opened(l, "Before");
    expect(author_log_decide(l, "tina", before, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tina");
    expect(policy_asked(l, "{\"issuers\":[\"corp\"],\"role\":\"tech\"}", &id), REASON_OK, "tom has one");
    expect(in_force(l, ENTRY_POLICY, id), REASON_OK, "cards for tech");

    const uint64_t after = opened(l, "After");
    expect(author_log_decide(l, "tina", after, "production/tech", DECISION_APPROVE, NULL, NULL),
           REASON_TOKEN_NOT_ALLOWED, "tina's key");
    author_log_use_card(l, "tom", false);
    expect(author_log_decide(l, "tom", after, "production/tech", DECISION_APPROVE, NULL, NULL),
           REASON_TOKEN_NOT_ALLOWED, "tom's key");
    author_log_use_card(l, "tom", true);
    expect(author_log_decide(l, "tom", after, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK,
           "tom's card");
    /* tina's signature no longer holds the seat of the request that was open before */
    expect(author_log_decide(l, "bea", before, "production/business", DECISION_APPROVE, NULL, NULL), REASON_OK, "bea");
    assert_int_equal(state_request_find(state_of(l), before)->status, STATUS_ELIGIBLE);
    expect(author_log_decide(l, "tom", before, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    assert_int_equal(state_request_find(state_of(l), before)->status, STATUS_APPROVED);
}

/* Followers fold without proving, and come to the same state. */
static void a_follower_sees_the_same(void **state)
{
    struct author_log *l = *state;
    static const struct cardpki_plan attested = {.pin = 3, .touch = 3};
    static const uint64_t serials[] = {4711};
    struct judge follower;
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_P384, .attestation = &attested});
    const uint64_t id = opened(l, "Release");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    list_in_force(l, &(struct cardpki_list){.number = 1, .serials = serials, .count = 1});
    const struct card_facts *f = &card_of(l, "tom")->card->facts;
    const struct sha256 device = digest_sha256(SPAN_LIT("12345678"));
    assert_true(f->attested && f->has_device && f->touch == CARD_USE_CACHED);
    assert_true(sha256_eq(&f->device_sha256, &device));

    assert_int_equal(judge_init(&follower, JUDGE_FOLD, CAP_BYTES).code, CS_OK);
    for (uint64_t i = 0; i < author_log_size(l); i++) {
        expect(judge_entry(&follower, author_log_leaf(l, i), NULL), REASON_OK, "folded");
    }
    const struct sha256 mine = state_digest(state_of(l));
    const struct sha256 theirs = state_digest(&follower.state);
    assert_true(sha256_eq(&mine, &theirs));
    judge_release(&follower);
}

/* Under any cap a card's entry is applied or refused for want of room; what was applied is what there is with room. */
static void a_state_without_room_says_so(void **state)
{
    struct author_log *l = *state;
    static const uint64_t serials[] = {9, 4711};
    unsigned full = 0;
    unsigned whole = 0;
    allow_corp(l);
    give_card(l, "tom", &(struct author_card){.kind = CARDPKI_RSA4096});
    list_in_force(l, &(struct cardpki_list){.number = 1, .serials = serials, .count = 2, .filler = 500});
    list_in_force(l, &(struct cardpki_list){.number = 2, .serials = serials, .count = 2, .filler = 600});
    for (size_t cap = (size_t)STATE_HEADS_KEPT * SHA256_BYTES; whole < 2; cap += 3000) {
        struct judge j;
        struct verdict v = VERDICT_ALLOW;
        if (judge_init(&j, JUDGE_FOLD, cap).code != CS_OK) {
            full++;
            continue;
        }
        for (uint64_t i = 0; v.allow && i < author_log_size(l); i++) {
            v = judge_entry(&j, author_log_leaf(l, i), NULL);
        }
        assert_true(v.allow || v.reason == REASON_NO_ROOM);
        full += v.allow ? 0U : 1U;
        whole += v.allow ? 1U : 0U;
        if (v.allow) {
            const struct sha256 mine = state_digest(state_of(l));
            const struct sha256 theirs = state_digest(&j.state);
            assert_true(sha256_eq(&mine, &theirs));
        }
        judge_release(&j);
    }
    assert_true(full > 10);
}

static void a_log_begins_with_cards(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    (void)state;
    assert_non_null(l);
    author_log_begin_with_cards(l);
    assert_int_equal(author_log_size(l), 1);
    assert_int_equal(card_of(l, "olga")->card->facts.pin, CARD_USE_ALWAYS);
    assert_true(card_of(l, "olga")->card->facts.attested);
    assert_false(card_of(l, "omar")->card->facts.attested);
    author_log_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_kind_of_card_decides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_decisions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cards_that_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_certificate_is_for_the_card, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_synced_passkey_never_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_key_is_one_persons, set_up, tear_down),
        cmocka_unit_test_setup_teardown(issuers_are_authorities, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_card_goes_with_its_issuer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_certificate_runs_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_revokes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_list_never_goes_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_decides_about_their_own_card, set_up, tear_down),
        cmocka_unit_test(a_list_leaves_enough_officers),
        cmocka_unit_test_setup_teardown(keys_by_role, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_an_allowed_key_fills_a_seat, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_follower_sees_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_state_without_room_says_so, set_up, tear_down),
        cmocka_unit_test(a_log_begins_with_cards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
