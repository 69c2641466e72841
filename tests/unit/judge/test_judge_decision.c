/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which a person's decision does not count. Requirements D2, D3, 2.2, 2.3, 4.3, 4.6. */
#include "judge_bed.h"

#include "softkey/softkey_author.h"
#include "softkey/softkey_cert.h"

static uint64_t opened_as(struct author_log *l, const struct author_request *q)
{
    uint64_t id = 0;
    const struct verdict v = author_log_request(l, q, &id);
    if (!v.allow) {
        fail_msg("request: %s (%s)", policy_reason_code(v.reason), v.cause.msg);
    }
    return id;
}

struct wrong_row {
    const char *name;
    const char *person;
    const char *seat;
    struct author_wrong wrong;
    enum policy_reason want;
};

static void other_revision(struct statement *st)
{
    st->request_revision++;
}

static void other_leaf(struct statement *st)
{
    st->request_leaf_sha256.b[0] ^= 1;
}

static void other_origin(struct statement *st)
{
    st->origin = SPAN_LIT("approval.example/log2");
}

static void other_kiosk(struct statement *st)
{
    st->kiosk = SPAN_LIT("attic");
}

static void other_roster(struct statement *st)
{
    st->roster_index++;
}

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
        {"other revision", "tom", "production/tech", {.bend = other_revision}, REASON_STATEMENT},
        {"other request leaf", "tom", "production/tech", {.bend = other_leaf}, REASON_STATEMENT},
        {"other log", "tom", "production/tech", {.bend = other_origin}, REASON_STATEMENT},
        {"other kiosk", "tom", "production/tech", {.bend = other_kiosk}, REASON_STATEMENT},
        {"other roster", "tom", "production/tech", {.bend = other_roster}, REASON_POLICY_CHANGED},
        {"no such seat", "tom", "production/cab", {0}, REASON_UNKNOWN_SEAT},
        {"not this role", "tom", "production/business", {0}, REASON_NO_ROLE},
        {"an officer", "olga", "production/tech", {0}, REASON_NO_ROLE},
    };
    struct author_log *l = *state;
    const uint64_t id = opened_as(l, &(struct author_request){.title = "Release"});
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
    const uint64_t id = opened_as(l, &(struct author_request){.title = "Release"});
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    uint8_t nonce[MODEL_NONCE_BYTES];
    memcpy(nonce, author_log_last_nonce(l), sizeof(nonce));
    const uint64_t other = opened_as(l, &(struct author_request){.title = "Another"});
    expect(author_log_decide(l, "tom", other, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.nonce = nonce}),
           REASON_NONCE_USED, "replayed nonce");
    /* the very same decision entry again: its place is taken */
    expect(author_log_append_leaf(l, author_log_leaf(l, id + 1)), REASON_WRONG_SEQ, "replayed entry");
}

static void counters_go_up(void **state)
{
    struct author_log *l = *state;
    const uint64_t one = opened_as(l, &(struct author_request){.title = "One"});
    const uint64_t two = opened_as(l, &(struct author_request){.title = "Two"});
    expect(author_log_decide(l, "tom", one, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.counter_back = true}),
           REASON_COUNTER, "the counter of the registration");
    expect(author_log_decide(l, "tom", one, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "first");
    expect(author_log_decide(l, "tom", two, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.counter_back = true}),
           REASON_COUNTER, "the same counter again");
    expect(author_log_decide(l, "tom", two, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "next");
}

static void people_are_counted_not_keys(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened_as(l, &(struct author_request){.title = "Release"});
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_ALREADY_SIGNED,
           "tom again");
    expect(author_log_decide(l, "tina", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_SEAT_FULL,
           "tina too late");
}

static void who_asked_or_wrote_cannot_decide(void **state)
{
    struct author_log *l = *state;
    const uint64_t asked = opened_as(l, &(struct author_request){.title = "Mine", .initiator = "gitlab:tom"});
    expect(author_log_decide(l, "tom", asked, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "requester approves");
    expect(author_log_decide(l, "tom", asked, "production/tech", DECISION_REJECT, "I changed my mind", NULL),
           REASON_IS_REQUESTER, "requester rejects");
    const uint64_t named = opened_as(l, &(struct author_request){.title = "Mine", .initiator = "person:tom"});
    expect(author_log_decide(l, "tom", named, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "by person id");
    const uint64_t shouted = opened_as(l, &(struct author_request){.title = "Mine", .initiator = "GitLab:Tom"});
    expect(author_log_decide(l, "tom", shouted, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "in another case");
    const uint64_t also = opened_as(l, &(struct author_request){.title = "Mine", .initiator = "Person:TOM"});
    expect(author_log_decide(l, "tom", also, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "person id in another case");
    const uint64_t wrote = opened_as(l, &(struct author_request){.title = "Ours", .author = "gitlab:tina"});
    expect(author_log_decide(l, "tina", wrote, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_IS_AUTHOR,
           "author approves");
    expect(author_log_decide(l, "tom", wrote, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK,
           "somebody else");
}

static void reasons_are_part_of_what_is_signed(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened_as(l, &(struct author_request){.title = "Release"});
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
    const uint64_t id = opened_as(l, &(struct author_request){.title = "Staging", .environment = "staging"});
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
    const uint64_t id = opened_as(l, &(struct author_request){.title = "Release"});
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
    const uint64_t id = opened_as(l, &(struct author_request){.title = "Release"});
    const uint64_t approved = opened_as(l, &(struct author_request){.title = "Approved"});
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
    const uint64_t open = opened_as(l, &(struct author_request){.title = "Release"});
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

static void as_policy(struct statement *st)
{
    st->kind = KIND_POLICY;
}

static bool says(struct span text, const char *word)
{
    return memmem(text.p, text.left, word, strlen(word)) != NULL;
}

static void revoke(struct author_log *l, const char *person)
{
    const struct state *s = &author_log_judge(l)->state;
    size_t at = 0;
    const struct state_credential *k = NULL;
    while ((k = map_next(&s->credentials, &at)) != NULL && !span_is(k->person->id, person)) {
    }
    assert_non_null(k);
    struct roster_change change = {.op = CHANGE_REVOKE_CREDENTIAL, .credential_sha256 = k->id_sha256};
    const struct roster_content c = {.changes = {.item = &change, .count = 1},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("lost"),
                                     .title = SPAN_LIT("Revoke")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    uint64_t id = 0;
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_OK, "propose");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.bend = as_policy}),
           REASON_STATEMENT, "signed as another kind");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "olga");
    expect(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "omar");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "in effect");
}

/* The outcome names who carried the approval, and nobody whose key was switched off before it was whole. */
static void the_outcome_names_who_counted(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened_as(l, &(struct author_request){.title = "Release"});
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    revoke(l, "tom");
    expect(author_log_decide(l, "tina", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tina");
    expect(author_log_decide(l, "bea", id, "production/business", DECISION_APPROVE, "go", NULL), REASON_OK, "bea");

    const struct judge *j = author_log_judge(l);
    const struct sha256 head = judge_root(j);
    const struct judge_place at = {.seq = j->state.size, .head = &head, .time_ms = j->state.time_ms};
    struct arena a;
    arena_init(&a, 4 << 20);
    AUTO_WRITER payload = wr_heap(MODEL_LEAF_MAX);
    const struct state_request *q = state_request_find(&j->state, id);
    assert_int_equal(judge_outcome_payload(&j->state, q, &at, &a, &payload).code, CS_OK);
    arena_release(&a);
    assert_false(says(wr_span(&payload), "\"person\":\"tom\""));
    assert_true(says(wr_span(&payload), "\"person\":\"tina\""));
    assert_true(says(wr_span(&payload), "\"person\":\"bea\""));
    assert_true(says(wr_span(&payload), "DUAL_CONTROL"));
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
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
                                     .initiator = SPAN_LIT("system:operator"),
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
    const struct policy_content c = {.initiator = SPAN_LIT("oscar"),
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
                                     .initiator = SPAN_LIT("system:operator"),
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
                               .initiator = SPAN_LIT("system:operator"),
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

static enum policy_reason tried(struct author_log *l, struct roster_change *items, size_t n, const char *initiator)
{
    const struct roster_content c = {.changes = {.item = items, .count = n},
                                     .initiator = span_str(initiator),
                                     .reason = SPAN_LIT("try"),
                                     .title = SPAN_LIT("Try")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    return author_log_propose(l, KIND_ROSTER, wr_span(&text), &id).reason;
}

static enum policy_reason tried_list(struct author_log *l, const struct roster_change *const list[3], struct arena *a)
{
    struct roster_change *items = arena_array(a, 3, sizeof(*items));
    size_t n = 0;
    assert_non_null(items);
    for (; n < 3 && list[n] != NULL; n++) {
        items[n] = *list[n];
    }
    return tried(l, items, n, "system:operator");
}

/* Nothing in one list takes away what the list gives: its order must not decide. */
static void one_list_does_not_contradict_itself(void **state)
{
    static const char *const tech[] = {"tech"};
    struct author_log *l = *state;
    struct arena a;
    arena_init(&a, 16 << 20);
    struct roster_change *carl = arena_array(&a, 2, sizeof(*carl));
    struct roster_change *tom = arena_array(&a, 2, sizeof(*tom));
    struct roster_change *gone = arena_array(&a, 2, sizeof(*gone));
    assert_true(carl != NULL && tom != NULL && gone != NULL);
    assert_int_equal(author_log_person(l, "carl", tech, 1, &a, carl).code, CS_OK);
    assert_int_equal(author_log_person(l, "tommy", tech, 1, &a, tom).code, CS_OK);
    tom[0].id = SPAN_LIT("tom"); /* a new key for him */
    tom[0].person.id = tom[0].id;
    tom[1].id = tom[0].id;
    gone[0] = (struct roster_change){.op = CHANGE_REMOVE_PERSON, .id = tom[0].id};
    gone[1] = (struct roster_change){.op = CHANGE_REMOVE_MODEL, .id = carl[1].credential.aaguid};

    const struct roster_change *const lists[][3] = {
        {&carl[0], &carl[1], &gone[1]}, {&gone[0], &tom[1], NULL}, {&tom[1], &gone[0], NULL},
        {&tom[0], &gone[0], NULL},      {&gone[0], &tom[0], NULL}, {&gone[0], &gone[0], NULL},
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        assert_int_equal(tried_list(l, lists[i], &a), REASON_ROSTER_INVALID);
    }
    for (size_t i = 0; i < 2; i++) {
        gone[i] = (struct roster_change){.op = CHANGE_PUT_CLIENT, .id = i == 0 ? SPAN_LIT("one") : SPAN_LIT("two")};
        gone[i].client = (struct client){.id = gone[i].id, .scopes = 1U << SCOPE_READ, .token_count = 1};
        gone[i].client.tokens[0] = digest_sha256(SPAN_LIT("same token"));
    }
    assert_int_equal(tried(l, gone, 2, "system:operator"), REASON_ROSTER_INVALID);
    assert_int_equal(tried(l, gone, 1, "system:operator"), REASON_OK);
    arena_release(&a);
}

static void who_asks_is_somebody(void **state)
{
    struct author_log *l = *state;
    struct roster_change no_tom = {.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("tom")};
    static const char *const nobody[] = {"mallory", "person:mallory", "system:kiosk", "system:core", "tom@elsewhere"};
    static const char *const somebody[] = {"system:operator", "olga", "person:olga", "gitlab:omar"};
    for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
        assert_int_equal(tried(l, &no_tom, 1, nobody[i]), REASON_UNKNOWN_INITIATOR);
    }
    for (size_t i = 0; i < sizeof(somebody) / sizeof(somebody[0]); i++) {
        assert_int_equal(tried(l, &no_tom, 1, somebody[i]), REASON_OK);
    }
    const struct state_policy *p = author_log_judge(l)->state.policy;
    const struct policy_content c = {.initiator = SPAN_LIT("system:operator"),
                                     .policy = p->text,
                                     .reason = SPAN_LIT("a policy has an editor"),
                                     .title = SPAN_LIT("Nobody's")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_policy_content_encode(&c, &text).code, CS_OK);
    uint8_t *version = memmem(text.p, text.len, "\"version\":2", 11);
    assert_non_null(version);
    version[10] = '3';
    uint64_t id = 0;
    expect(author_log_propose(l, KIND_POLICY, wr_span(&text), &id), REASON_UNKNOWN_INITIATOR, "nobody's policy");
}

/* A model's roots that change while an enrolment waits hold for it too. */
static void attestation_holds_when_it_takes_effect(void **state)
{
    struct author_log *l = *state;
    const uint64_t waits = enrolment(l, "carl", "tech");
    const struct state *s = &author_log_judge(l)->state;
    struct softkey_ec *other = softkey_ec_from_seed(judge_root(author_log_judge(l)).b, "another maker");
    struct softkey_cert root;
    assert_non_null(other);
    assert_true(softkey_cert_root(other, &root));
    softkey_ec_free(other);
    struct roster_change roots = {.op = CHANGE_PUT_MODEL, .id = span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES)};
    roots.model = (struct token_model){
        .aaguid = roots.id, .name = SPAN_LIT("soft key"), .roots = {span_make(root.der, root.len)}, .root_count = 1};
    const struct roster_content c = {.changes = {.item = &roots, .count = 1},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("another maker"),
                                     .title = SPAN_LIT("Roots")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    const uint64_t change = proposed(l, KIND_ROSTER, wr_span(&text));
    officer_signs(l, "olga", change);
    officer_signs(l, "omar", change);
    expect(author_log_effect(l, ENTRY_ROSTER, change), REASON_OK, "other roots");
    officer_signs(l, "olga", waits);
    officer_signs(l, "omar", waits);
    expect(author_log_effect(l, ENTRY_ROSTER, waits), REASON_ATTESTATION, "carl");
    assert_null(state_person_find(s, SPAN_LIT("carl")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_assertions_and_statements, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_statement_counts_once, begin_standard, end),
        cmocka_unit_test_setup_teardown(counters_go_up, begin_standard, end),
        cmocka_unit_test_setup_teardown(people_are_counted_not_keys, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_asked_or_wrote_cannot_decide, begin_standard, end),
        cmocka_unit_test_setup_teardown(reasons_are_part_of_what_is_signed, begin_standard, end),
        cmocka_unit_test_setup_teardown(in_sequence_each_signs_over_the_one_before, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_reject_ends_it, begin_standard, end),
        cmocka_unit_test_setup_teardown(nobody_signs_while_the_clock_is_wrong, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_lost_key_is_switched_off, begin_standard, end),
        cmocka_unit_test_setup_teardown(an_effect_meets_the_threshold_of_its_moment, begin_standard, end),
        cmocka_unit_test_setup_teardown(nobody_decides_about_themselves, begin_standard, end),
        cmocka_unit_test_setup_teardown(roster_changes_that_do_not_fit, begin_standard, end),
        cmocka_unit_test_setup_teardown(one_list_does_not_contradict_itself, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_asks_is_somebody, begin_standard, end),
        cmocka_unit_test_setup_teardown(attestation_holds_when_it_takes_effect, begin_standard, end),
        cmocka_unit_test_setup_teardown(the_outcome_names_who_counted, begin_standard, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
