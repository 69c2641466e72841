/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which a person's decision does not count. Requirements D2, D3, 2.2, 2.3, 4.3, 4.6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/author_log.h"

enum { CAP_BYTES = 64 << 20 };

static int begin(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    assert_non_null(l);
    author_log_standard(l);
    *state = l;
    return 0;
}

static int end(void **state)
{
    author_log_free(*state);
    return 0;
}

static uint64_t opened(struct author_log *l, const struct author_request *q)
{
    uint64_t id = 0;
    const struct verdict v = author_log_request(l, q, &id);
    if (!v.allow) {
        fail_msg("request: %s (%s)", policy_reason_code(v.reason), v.cause.msg);
    }
    return id;
}

static void expect(struct verdict v, enum policy_reason want, const char *what)
{
    if (v.reason != want || v.allow != (want == REASON_OK)) {
        fail_msg("%s: %s (%s), wanted %s", what, policy_reason_code(v.reason), v.cause.msg, policy_reason_code(want));
    }
}

struct wrong_row {
    const char *name;
    const char *person;
    const char *seat;
    struct author_wrong wrong;
    enum policy_reason want;
};

static void wrong_assertions_and_statements(void **state)
{
    static const struct wrong_row rows[] = {
        {"wrong rp id", "tom", "production/tech", {.rp_id = "evil.example"}, REASON_RP_ID},
        {"not touched", "tom", "production/tech", {.no_presence = true}, REASON_NO_PRESENCE},
        {"no PIN", "tom", "production/tech", {.no_verification = true}, REASON_NO_VERIFICATION},
        {"synced key", "tom", "production/tech", {.backup = true}, REASON_BACKUP},
        {"bad signature", "tom", "production/tech", {.bad_signature = true}, REASON_SIGNATURE},
        {"another key", "tom", "production/tech", {.key_of = "tina"}, REASON_SIGNATURE},
        {"key not enrolled", "tom", "production/tech", {.credential_of = "mallory"}, REASON_UNKNOWN_CREDENTIAL},
        {"somebody else's key", "tom", "production/tech", {.credential_of = "tina"}, REASON_WRONG_PERSON},
        {"stale", "tom", "production/tech", {.age_ms = 120001}, REASON_STATEMENT_EXPIRED},
        {"other head", "tom", "production/tech", {.other_anchor = true}, REASON_ANCHOR},
        {"other sheet", "tom", "production/tech", {.other_sheet = true}, REASON_SHEET_CHANGED},
        {"other policy", "tom", "production/tech", {.other_policy = true}, REASON_POLICY_CHANGED},
        {"other artifact", "tom", "production/tech", {.other_subject = true}, REASON_STATEMENT},
        {"other environment", "tom", "production/tech", {.environment = "staging"}, REASON_STATEMENT},
        {"no such seat", "tom", "production/cab", {0}, REASON_UNKNOWN_SEAT},
        {"not this role", "tom", "production/business", {0}, REASON_NO_ROLE},
        {"an officer", "olga", "production/tech", {0}, REASON_NO_ROLE},
    };
    struct author_log *l = *state;
    const uint64_t id = opened(l, &(struct author_request){.title = "Release"});
    const uint64_t size = author_log_size(l);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        author_log_advance(l, 200000); /* so that no row leans on the one before */
        expect(author_log_decide(l, rows[i].person, id, rows[i].seat, DECISION_APPROVE, NULL, &rows[i].wrong),
               rows[i].want, rows[i].name);
    }
    assert_int_equal(author_log_size(l), size);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "right");
}

static void a_statement_counts_once(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, &(struct author_request){.title = "Release"});
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    uint8_t nonce[MODEL_NONCE_BYTES];
    memcpy(nonce, author_log_last_nonce(l), sizeof(nonce));
    const uint64_t other = opened(l, &(struct author_request){.title = "Another"});
    expect(author_log_decide(l, "tom", other, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.nonce = nonce}),
           REASON_NONCE_USED, "replayed nonce");
    /* the very same decision entry again: its place is taken */
    expect(author_log_append_leaf(l, author_log_leaf(l, id + 1)), REASON_WRONG_SEQ, "replayed entry");
}

static void counters_go_up(void **state)
{
    struct author_log *l = *state;
    const uint64_t one = opened(l, &(struct author_request){.title = "One"});
    const uint64_t two = opened(l, &(struct author_request){.title = "Two"});
    expect(author_log_decide(l, "tom", one, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "first");
    expect(author_log_decide(l, "tom", two, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.counter_back = true}),
           REASON_COUNTER, "the same counter again");
    expect(author_log_decide(l, "tom", two, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "next");
}

static void people_are_counted_not_keys(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, &(struct author_request){.title = "Release"});
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_ALREADY_SIGNED,
           "tom again");
    expect(author_log_decide(l, "tina", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_SEAT_FULL,
           "tina too late");
}

static void who_asked_or_wrote_cannot_decide(void **state)
{
    struct author_log *l = *state;
    const uint64_t asked = opened(l, &(struct author_request){.title = "Mine", .initiator = "gitlab:tom"});
    expect(author_log_decide(l, "tom", asked, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "requester approves");
    expect(author_log_decide(l, "tom", asked, "production/tech", DECISION_REJECT, "I changed my mind", NULL),
           REASON_IS_REQUESTER, "requester rejects");
    const uint64_t named = opened(l, &(struct author_request){.title = "Mine", .initiator = "person:tom"});
    expect(author_log_decide(l, "tom", named, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "by person id");
    const uint64_t shouted = opened(l, &(struct author_request){.title = "Mine", .initiator = "GitLab:Tom"});
    expect(author_log_decide(l, "tom", shouted, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "in another case");
    const uint64_t also = opened(l, &(struct author_request){.title = "Mine", .initiator = "Person:TOM"});
    expect(author_log_decide(l, "tom", also, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "person id in another case");
    const uint64_t wrote = opened(l, &(struct author_request){.title = "Ours", .author = "gitlab:tina"});
    expect(author_log_decide(l, "tina", wrote, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_AUTHOR,
           "author approves");
    expect(author_log_decide(l, "tom", wrote, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK,
           "somebody else");
}

static void reasons_are_part_of_what_is_signed(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, &(struct author_request){.title = "Release"});
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_REJECT, "no", NULL), REASON_REASON_SHORT,
           "too short");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_REJECT,
                             "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
                             "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
                             NULL),
           REASON_REASON_SHORT, "characters count, not bytes");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_REJECT, "canary is red on eu", NULL), REASON_OK,
           "long enough");
    assert_int_equal(state_request_find(&author_log_judge(l)->state, id)->status, STATUS_REJECTED);
}

static void in_sequence_each_signs_over_the_one_before(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, &(struct author_request){.title = "Staging", .environment = "staging"});
    expect(author_log_decide(l, "bea", id, "staging/then", DECISION_APPROVE, NULL, NULL), REASON_SEAT_ORDER,
           "out of turn");
    expect(author_log_decide(l, "tom", id, "staging/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "first");
    expect(author_log_decide(l, "bea", id, "staging/then", DECISION_APPROVE, NULL, NULL), REASON_OK, "then");
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, id);
    assert_int_equal(q->status, STATUS_APPROVED);
    /* the second statement names the first signature */
    const struct span st = author_log_last_statement(l);
    AUTO_WRITER hex = wr_heap(128);
    wr_text(&hex, "\"previous\":\"");
    wr_hex(&hex, sha256_span(&q->decisions[0].sig_sha256));
    assert_non_null(memmem(st.p, st.left, hex.p, hex.len));
}

static void a_reject_ends_it(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, &(struct author_request){.title = "Release"});
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    expect(author_log_decide(l, "bea", id, "production/business", DECISION_REJECT, "not in the freeze week", NULL),
           REASON_OK, "bea");
    assert_int_equal(state_request_find(&author_log_judge(l)->state, id)->status, STATUS_REJECTED);
    expect(author_log_redeem(l, id, false), REASON_NOT_OPEN, "redeem");
}

static void append_clock(struct author_log *l, uint64_t back_ms, enum policy_reason want)
{
    const struct clock_note c = {.back_ms = back_ms};
    AUTO_WRITER body = wr_heap(256);
    assert_int_equal(model_clock_encode(&c, &body).code, CS_OK);
    expect(author_log_append(l, ENTRY_CLOCK, "system:core", wr_span(&body)), want, "clock");
}

static void nobody_signs_while_the_clock_is_wrong(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, &(struct author_request){.title = "Release"});
    const uint64_t approved = opened(l, &(struct author_request){.title = "Approved"});
    expect(author_log_decide(l, "tom", approved, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    expect(author_log_decide(l, "bea", approved, "production/business", DECISION_APPROVE, "go", NULL), REASON_OK,
           "bea");
    append_clock(l, 0, REASON_CLOCK); /* nothing to clear */
    append_clock(l, 5000, REASON_OK);
    expect(author_log_redeem(l, approved, false), REASON_CLOCK, "redeem while it is back");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CLOCK, "back");
    append_clock(l, 0, REASON_OK);
    expect(author_log_redeem(l, approved, false), REASON_OK, "redeem");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "again");
}

/* Revocation works at once, needs two officers, and nobody decides about themselves (D3, 2.6). */
static void a_lost_key_is_switched_off(void **state)
{
    struct author_log *l = *state;
    const uint64_t open = opened(l, &(struct author_request){.title = "Release"});
    const struct state *s = &author_log_judge(l)->state;
    size_t at = 0;
    const struct state_credential *tom = NULL;
    while ((tom = map_next(&s->credentials, &at)) != NULL && !span_is(tom->person->id, "tom")) {
    }
    assert_non_null(tom);
    struct roster_change revoke = {.op = CHANGE_REVOKE_CREDENTIAL, .credential_sha256 = tom->id_sha256};
    const struct roster_content c = {.changes = {.item = &revoke, .count = 1},
                                     .initiator = SPAN_LIT("person:omar"),
                                     .reason = SPAN_LIT("lost on the train"),
                                     .title = SPAN_LIT("Revoke")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    uint64_t id = 0;
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_OK, "propose");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_NOT_APPROVED, "not yet");
    expect(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "the proposer");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "olga");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_NOT_APPROVED, "one is not two");
    expect(author_log_decide(l, "odette", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "odette");
    expect(author_log_effect(l, ENTRY_POLICY, id), REASON_WRONG_EFFECT, "as a policy");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "in effect");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_NOT_APPROVED, "once");
    expect(author_log_decide(l, "tom", open, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_REVOKED,
           "the lost key");
    expect(author_log_decide(l, "tina", open, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tina");
}

static uint64_t proposed(struct author_log *l, enum request_kind kind, struct span content)
{
    uint64_t id = 0;
    expect(author_log_propose(l, kind, content, &id), REASON_OK, "propose");
    return id;
}

static void officer_signs(struct author_log *l, const char *person, uint64_t id)
{
    expect(author_log_decide(l, person, id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, person);
}

static uint64_t enrolment(struct author_log *l, const char *id, const char *role)
{
    struct arena a;
    struct roster_change items[2];
    const struct roster_content c = {.changes = {.item = items, .count = 2},
                                     .initiator = SPAN_LIT("system:kiosk"),
                                     .reason = SPAN_LIT("joins"),
                                     .title = SPAN_LIT("Enrol")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);

    arena_init(&a, 4 << 20);
    assert_int_equal(author_log_person(l, id, &role, 1, &a, items).code, CS_OK);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    arena_release(&a);
    return proposed(l, KIND_ROSTER, wr_span(&text));
}

/* The policy in force, with a threshold of three. */
static uint64_t higher_threshold(struct author_log *l)
{
    const struct state_policy *p = author_log_judge(l)->state.policy;
    AUTO_WRITER changed = wr_heap(MODEL_LEAF_MAX);
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);

    wr_bytes(&changed, p->text);
    char *threshold = memmem(changed.p, changed.len, "\"threshold\":2", 13);
    char *version = memmem(changed.p, changed.len, "\"version\":2", 11);
    assert_non_null(threshold);
    assert_non_null(version);
    threshold[12] = '3';
    version[10] = '3';
    const struct policy_content c = {.initiator = SPAN_LIT("system:operator"),
                                     .policy = wr_span(&changed),
                                     .reason = SPAN_LIT("more care"),
                                     .title = SPAN_LIT("Three officers")};
    assert_int_equal(model_policy_content_encode(&c, &text).code, CS_OK);
    return proposed(l, KIND_POLICY, wr_span(&text));
}

/* What two officers approved cannot be kept back until three are asked for, and then take effect. */
static void an_effect_meets_the_threshold_of_its_moment(void **state)
{
    struct author_log *l = *state;
    const uint64_t fourth = enrolment(l, "oscar", "officer");
    officer_signs(l, "olga", fourth);
    officer_signs(l, "omar", fourth);
    expect(author_log_effect(l, ENTRY_ROSTER, fourth), REASON_OK, "a fourth officer");
    const uint64_t kept_back = enrolment(l, "carl", "tech");
    officer_signs(l, "olga", kept_back);
    officer_signs(l, "omar", kept_back);
    const uint64_t policy = higher_threshold(l);
    officer_signs(l, "olga", policy);
    officer_signs(l, "omar", policy);
    expect(author_log_effect(l, ENTRY_POLICY, policy), REASON_NOT_APPROVED, "two of three");
    officer_signs(l, "odette", policy);
    expect(author_log_effect(l, ENTRY_POLICY, policy), REASON_OK, "three");
    expect(author_log_effect(l, ENTRY_ROSTER, kept_back), REASON_TOO_FEW_SIGNED, "kept back");
}

static void nobody_decides_about_themselves(void **state)
{
    struct author_log *l = *state;
    struct roster_change put = {.op = CHANGE_PUT_PERSON, .id = SPAN_LIT("olga")};
    put.person.id = put.id;
    put.person.roles[0] = SPAN_LIT("officer");
    put.person.roles[1] = SPAN_LIT("tech");
    put.person.role_count = 2;
    const struct roster_content c = {.changes = {.item = &put, .count = 1},
                                     .initiator = SPAN_LIT("system:kiosk"),
                                     .reason = SPAN_LIT("more work"),
                                     .title = SPAN_LIT("Role")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    uint64_t id = 0;
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_OK, "propose");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_IS_SUBJECT,
           "olga about olga");
    expect(author_log_decide(l, "tom", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_NO_ROLE,
           "no officer");
}

static void roster_changes_that_do_not_fit(void **state)
{
    struct author_log *l = *state;
    struct arena a;
    arena_init(&a, 4 << 20);
    static const char *const cook[] = {"cook"};
    static const char *const tech[] = {"tech"};
    struct roster_change items[2];
    uint64_t id = 0;
    struct roster_content c = {.changes = {.item = items, .count = 2},
                               .initiator = SPAN_LIT("system:kiosk"),
                               .reason = SPAN_LIT("try"),
                               .title = SPAN_LIT("Try")};

    assert_int_equal(author_log_person(l, "carl", cook, 1, &a, items).code, CS_OK);
    AUTO_WRITER one = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &one).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&one), &id), REASON_UNKNOWN_ROLE, "role");

    assert_int_equal(author_log_person(l, "tom", tech, 1, &a, items).code, CS_OK);
    AUTO_WRITER two = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &two).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&two), &id), REASON_CREDENTIAL_TAKEN, "enrolled already");

    assert_int_equal(author_log_person(l, "carl", tech, 1, &a, items).code, CS_OK);
    items[1].credential.attestation.nonce = SPAN_LIT("0123456789abcdef");
    AUTO_WRITER three = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &three).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&three), &id), REASON_ATTESTATION, "another ceremony's nonce");
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_assertions_and_statements, begin, end),
        cmocka_unit_test_setup_teardown(a_statement_counts_once, begin, end),
        cmocka_unit_test_setup_teardown(counters_go_up, begin, end),
        cmocka_unit_test_setup_teardown(people_are_counted_not_keys, begin, end),
        cmocka_unit_test_setup_teardown(who_asked_or_wrote_cannot_decide, begin, end),
        cmocka_unit_test_setup_teardown(reasons_are_part_of_what_is_signed, begin, end),
        cmocka_unit_test_setup_teardown(in_sequence_each_signs_over_the_one_before, begin, end),
        cmocka_unit_test_setup_teardown(a_reject_ends_it, begin, end),
        cmocka_unit_test_setup_teardown(nobody_signs_while_the_clock_is_wrong, begin, end),
        cmocka_unit_test_setup_teardown(a_lost_key_is_switched_off, begin, end),
        cmocka_unit_test_setup_teardown(an_effect_meets_the_threshold_of_its_moment, begin, end),
        cmocka_unit_test_setup_teardown(nobody_decides_about_themselves, begin, end),
        cmocka_unit_test_setup_teardown(roster_changes_that_do_not_fit, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
