/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is open or approved while policy and people change (docs/adr/0005). Requirements 2.2, 2.3, 4.1, 4.3: a new
 * policy that asks for more reaches what is not used yet, one that asks for less does not.
 */
#include "judge_bed.h"

#include "support/author_change.h"

#include "softkey/softkey_author.h"
#include "softkey/softkey_cert.h"

#define RULE(id, require) "{\"id\":\"" id "\",\"require\":{" require "}}"
#define SEATS(seats)      "\"seats\":[" seats "]"
#define SEAT(id, role)    "{\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"
#define BOTH              SEATS(SEAT("business", "business") "," SEAT("tech", "tech"))

static uint64_t approved(struct author_log *l, const char *title)
{
    const uint64_t id = opened(l, title);
    expect(approve(l, "tom", id, "production/tech"), REASON_OK, "tom");
    expect(approve(l, "bea", id, "production/business"), REASON_OK, "bea");
    return id;
}

static enum request_status status_of(struct author_log *l, uint64_t id)
{
    return state_request_find(&author_log_judge(l)->state, id)->status;
}

/* What a new policy asks for and the request does not say. */
static void what_lacks_something_is_never_approved(void **state)
{
    static const struct {
        const char *name;
        const char *rule;
    } rows[] = {
        {"a field", RULE("ticket", "\"fields\":[\"ticket\"]")},
        {"a digest", RULE("plan", "\"bind\":[\"plan\"]")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)begin_standard(state);
        struct author_log *l = *state;
        const uint64_t open = opened(l, "Open");
        const uint64_t half = opened(l, "Half");
        const uint64_t done = approved(l, "Done");
        expect(approve(l, "tom", half, "production/tech"), REASON_OK, rows[i].name);
        expect(author_change_policy(l, rows[i].rule), REASON_OK, rows[i].name);
        expect(approve(l, "tom", open, "production/tech"), REASON_MISSING_FIELD, rows[i].name);
        expect(approve(l, "bea", half, "production/business"), REASON_MISSING_FIELD, rows[i].name);
        expect(author_log_redeem(l, done, false), REASON_MISSING_FIELD, rows[i].name);
        assert_int_equal(status_of(l, half), STATUS_ELIGIBLE);
        assert_int_equal(status_of(l, done), STATUS_APPROVED); /* until it lapses or is replaced */
        expect(author_log_decide(l, "tom", open, "production/tech", DECISION_REJECT, "no ticket was opened", NULL),
               REASON_OK, "reject");
        (void)end(state);
    }
    *state = NULL;
}

/* An approval is used only while everything that the policy in force asks for is there. */
static void an_approval_meets_the_policy_of_its_use(void **state)
{
    struct author_log *l = *state;
    const uint64_t used = approved(l, "Used");
    const uint64_t late = approved(l, "Late");
    expect(author_change_policy(l, RULE("production", BOTH)), REASON_OK, "asks for less");
    expect(author_log_redeem(l, used, false), REASON_OK, "redeem under less");
    expect(author_change_policy(l, RULE("production", BOTH) "," RULE("second", SEATS(SEAT("tech", "tech")))), REASON_OK,
           "asks for more");
    expect(author_log_redeem(l, late, false), REASON_TOO_FEW_SIGNED, "redeem under more");
}

static void an_approval_falls_with_its_signatures(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = approved(l, "Release");
    expect(author_change_revoke(l, "bea"), REASON_OK, "switch off");
    expect(author_log_redeem(l, id, false), REASON_TOO_FEW_SIGNED, "redeem");
}

/* A seat that keeps its name and changes its meaning is needed in both meanings. */
static void a_seat_for_another_role_is_another_seat(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "tom", id, "production/tech"), REASON_OK, "tom");
    expect(author_change_policy(l, RULE("production", SEATS(SEAT("business", "business") "," SEAT("tech", "officer")))),
           REASON_OK, "tech is for officers");
    expect(approve(l, "olga", id, "production/tech"), REASON_NO_ROLE, "olga in the old seat");
    expect(approve(l, "bea", id, "production/business"), REASON_OK, "bea");
    assert_int_equal(status_of(l, id), STATUS_ELIGIBLE);
    expect(approve(l, "tina", id, "production/tech/v3"), REASON_NO_ROLE, "tina in the new seat");
    expect(approve(l, "olga", id, "production/tech/v3"), REASON_OK, "olga");
    assert_int_equal(status_of(l, id), STATUS_APPROVED);
}

static void a_seat_in_another_turn_is_another_seat(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "bea", id, "production/business"), REASON_OK, "bea");
    expect(
        author_change_policy(l, RULE("production", SEATS("{\"after\":\"tech\",\"count\":1,\"id\":\"business\",\"role\":"
                                                         "\"business\"}," SEAT("tech", "tech")))),
        REASON_OK, "business after tech");
    expect(approve(l, "bill", id, "production/business/v3"), REASON_SEAT_ORDER, "bill too early");
    expect(approve(l, "tom", id, "production/tech"), REASON_OK, "tom");
    assert_int_equal(status_of(l, id), STATUS_ELIGIBLE);
    expect(approve(l, "bill", id, "production/business/v3"), REASON_OK, "bill");
    assert_int_equal(status_of(l, id), STATUS_APPROVED);
}

/* --- who holds a seat --- */

static size_t times_in(struct span text, const char *word)
{
    size_t n = 0;
    const size_t len = strlen(word);
    for (size_t i = 0; i + len <= text.left; i++) {
        n += memcmp(text.p + i, word, len) == 0 ? 1U : 0U;
    }
    return n;
}

/* How often the outcome of an approved request would name this person. */
static size_t named(struct author_log *l, uint64_t id, const char *person)
{
    const struct judge *j = author_log_judge(l);
    const struct sha256 head = judge_root(j);
    const struct judge_place at = {.seq = j->state.size, .head = &head, .time_ms = j->state.time_ms};
    struct arena a;
    char member[64];
    AUTO_WRITER payload = wr_heap(MODEL_LEAF_MAX);

    arena_init(&a, 4 << 20);
    assert_int_equal(judge_outcome_payload(&j->state, state_request_find(&j->state, id), &at, &a, &payload).code,
                     CS_OK);
    arena_release(&a);
    (void)snprintf(member, sizeof(member), "\"person\":\"%s\"", person);
    return times_in(wr_span(&payload), member);
}

static void who_loses_the_role_loses_the_seat(void **state)
{
    struct author_log *l = *state;
    const uint64_t open = opened(l, "Open");
    const uint64_t done = approved(l, "Done");
    expect(approve(l, "tom", open, "production/tech"), REASON_OK, "tom");
    expect(author_change_roles(l, "tom", "business"), REASON_OK, "tom is moved");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "redeem");
    expect(approve(l, "bea", open, "production/business"), REASON_OK, "bea");
    assert_int_equal(status_of(l, open), STATUS_ELIGIBLE);
    expect(approve(l, "tina", open, "production/tech"), REASON_OK, "tina");
    assert_int_equal(status_of(l, open), STATUS_APPROVED);
    assert_int_equal(named(l, open, "tom"), 0);
    assert_int_equal(named(l, open, "tina"), 1);
    expect(author_log_redeem(l, open, false), REASON_OK, "redeem");
    expect(author_change_roles(l, "tom", "tech"), REASON_OK, "and back");
    expect(author_log_redeem(l, done, false), REASON_OK, "redeem");
}

/* Who did not carry the approval does not carry its use, whoever may sign by then. */
static void who_did_not_count_does_not_count_later(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "tom", id, "production/tech"), REASON_OK, "tom");
    expect(author_change_roles(l, "tom", "business"), REASON_OK, "tom is moved");
    expect(approve(l, "tina", id, "production/tech"), REASON_OK, "tina");
    expect(approve(l, "bea", id, "production/business"), REASON_OK, "bea");
    expect(author_change_roles(l, "tom", "tech"), REASON_OK, "and back");
    expect(author_change_roles(l, "tina", "business"), REASON_OK, "tina is moved");
    expect(author_log_redeem(l, id, false), REASON_TOO_FEW_SIGNED, "redeem");
}

/* The signature before is the last one that holds its seat, not the last one that was given there. */
static void one_signs_over_who_holds_the_seat(void **state)
{
    struct author_log *l = *state;
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = "In turn", .environment = "staging"}, &id),
           REASON_OK, "request");
    expect(approve(l, "tom", id, "staging/tech"), REASON_OK, "tom");
    expect(author_change_roles(l, "tom", "business"), REASON_OK, "tom is moved");
    expect(approve(l, "tina", id, "staging/tech"), REASON_OK, "tina");
    expect(author_change_roles(l, "tom", "tech"), REASON_OK, "and back");
    expect(author_change_roles(l, "tina", "business"), REASON_OK, "tina is moved");
    expect(approve(l, "bea", id, "staging/then"), REASON_OK, "bea");
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, id);
    AUTO_WRITER hex = wr_heap(128);
    wr_text(&hex, "\"previous\":\"");
    wr_hex(&hex, sha256_span(&q->decisions[0].sig_sha256));
    wr_u8(&hex, '\0');
    assert_int_equal(times_in(author_log_last_statement(l), (const char *)hex.p), 1);
}

static void an_officer_no_longer_is_none(void **state)
{
    static const char *const officer[] = {"officer"};
    struct author_log *l = *state;
    struct arena a;
    struct roster_change items[2];
    uint64_t id = 0;

    arena_init(&a, 4 << 20);
    assert_int_equal(author_log_person(l, "oscar", officer, 1, &a, items).code, CS_OK);
    expect(author_change_roster(l, items, 2), REASON_OK, "a fourth officer");
    struct roster_change gone = {.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("tom")};
    const struct roster_content c = {.changes = {.item = &gone, .count = 1},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("left"),
                                     .title = SPAN_LIT("Remove")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_OK, "propose");
    expect(approve(l, "oscar", id, "officers/officers"), REASON_OK, "oscar");
    expect(author_change_roles(l, "oscar", "tech"), REASON_OK, "oscar is moved");
    expect(approve(l, "olga", id, "officers/officers"), REASON_OK, "olga");
    assert_int_equal(status_of(l, id), STATUS_ELIGIBLE);
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_NOT_APPROVED, "one officer");
    arena_release(&a);
}

/* What came after a seat that is empty again has to come again: each signs over the signature before. */
static void a_sequence_stays_in_order(void **state)
{
    struct author_log *l = *state;
    uint64_t id = 0;
    expect(author_change_policy(
               l, RULE("r", SEATS(SEAT("tech", "tech") ",{\"after\":\"tech\",\"count\":1,\"id\":\"then\","
                                                       "\"role\":\"business\"}," SEAT("third", "business")))),
           REASON_OK, "policy");
    expect(author_log_request(l, &(struct author_request){.title = "In turn"}, &id), REASON_OK, "request");
    expect(approve(l, "tom", id, "r/tech"), REASON_OK, "tom");
    expect(approve(l, "bea", id, "r/then"), REASON_OK, "bea");
    expect(author_change_roles(l, "tom", "officer"), REASON_OK, "tom is moved");
    expect(approve(l, "bea", id, "r/then"), REASON_SEAT_ORDER, "bea too early");
    expect(approve(l, "bill", id, "r/third"), REASON_OK, "bill");
    expect(approve(l, "tina", id, "r/tech"), REASON_OK, "tina");
    assert_int_equal(status_of(l, id), STATUS_ELIGIBLE);
    expect(approve(l, "bea", id, "r/then"), REASON_OK, "bea again");
    assert_int_equal(status_of(l, id), STATUS_APPROVED);
    assert_int_equal(named(l, id, "bea"), 1);
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, id);
    AUTO_WRITER hex = wr_heap(128);
    wr_text(&hex, "\"previous\":\"");
    wr_hex(&hex, sha256_span(&q->decisions[3].sig_sha256));
    wr_u8(&hex, '\0');
    assert_int_equal(times_in(author_log_last_statement(l), (const char *)hex.p), 1);
}

/* A lost key takes the signature with it, and its person may give another one, once. */
static void with_another_key_one_signs_again(void **state)
{
    struct author_log *l = *state;
    const struct author_wrong second = {.credential_of = "tom-2"};
    expect(author_change_add_key(l, "tom", "tom-2"), REASON_OK, "a second key");
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "tom", id, "production/tech"), REASON_OK, "tom");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, &second), REASON_ALREADY_SIGNED,
           "a second key is no second person");
    expect(author_change_revoke(l, "tom"), REASON_OK, "the first is lost");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, &second), REASON_OK, "again");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, &second), REASON_ALREADY_SIGNED,
           "and again");
    expect(approve(l, "bea", id, "production/business"), REASON_OK, "bea");
    assert_int_equal(status_of(l, id), STATUS_APPROVED);
    assert_int_equal(named(l, id, "tom"), 1);
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
}

/* --- separation --- */

static void who_asks_never_decides(void **state)
{
    struct author_log *l = *state;
    uint64_t id = 0;
    expect(author_change_policy(l, RULE("production", BOTH)), REASON_OK, "no rule separates");
    expect(author_log_request(l, &(struct author_request){.title = "Mine", .initiator = "gitlab:tom"}, &id), REASON_OK,
           "request");
    expect(approve(l, "tom", id, "production/tech"), REASON_IS_REQUESTER, "approves");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_REJECT, "no", NULL), REASON_IS_REQUESTER,
           "rejects");
    expect(approve(l, "tina", id, "production/tech"), REASON_OK, "tina");
}

/* Of the policy it was opened under, and of the one in force. */
static void who_edited_the_policy_is_kept_out(void **state)
{
    struct author_log *l = *state;
    uint64_t before = 0;
    uint64_t after = 0;
    const char *const rules = RULE("every", "\"separate\":[\"policy_editor\"]") "," RULE("production", BOTH);

    expect(author_change_roles(l, "odette", "officer tech"), REASON_OK, "odette is both");
    expect(author_change_policy_by(l, "omar", rules), REASON_OK, "omar's policy");
    before = opened(l, "Opened before");
    expect(author_change_policy(l, rules), REASON_OK, "odette's policy");
    after = opened(l, "Opened after");
    expect(approve(l, "odette", before, "production/tech"), REASON_IS_POLICY_EDITOR, "of the one in force");
    expect(approve(l, "odette", after, "production/tech"), REASON_IS_POLICY_EDITOR, "of both");
    expect(author_change_policy_by(l, "omar", rules), REASON_OK, "omar's policy");
    expect(approve(l, "odette", after, "production/tech"), REASON_IS_POLICY_EDITOR, "of the one it was opened under");
    expect(approve(l, "odette", opened(l, "Opened later"), "production/tech"), REASON_OK, "of neither");
    expect(author_change_policy_by(l, "odette", RULE("production", BOTH)), REASON_OK, "no rule separates");
    expect(approve(l, "odette", opened(l, "Not separated"), "production/tech"), REASON_OK, "where no rule says so");
}

/* What was signed before does not help whom a rule keeps apart now: neither to approve nor to use. */
static void who_is_kept_apart_later_holds_no_seat(void **state)
{
    struct author_log *l = *state;
    uint64_t done = 0;
    uint64_t half = 0;
    expect(author_change_policy(l, RULE("production", BOTH)), REASON_OK, "no rule separates");
    expect(author_log_request(l, &(struct author_request){.title = "Done", .author = "gitlab:tom"}, &done), REASON_OK,
           "request");
    expect(author_log_request(l, &(struct author_request){.title = "Half", .author = "gitlab:tom"}, &half), REASON_OK,
           "request");
    expect(approve(l, "tom", done, "production/tech"), REASON_OK, "its author");
    expect(approve(l, "bea", done, "production/business"), REASON_OK, "bea");
    expect(approve(l, "tom", half, "production/tech"), REASON_OK, "its author");
    expect(author_change_policy(l, RULE("every", "\"separate\":[\"authors\"]") "," RULE("production", BOTH)), REASON_OK,
           "authors are kept apart");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "used");
    expect(approve(l, "bea", half, "production/business"), REASON_OK, "bea");
    assert_int_equal(status_of(l, half), STATUS_ELIGIBLE);
    expect(approve(l, "tina", half, "production/tech"), REASON_OK, "tina in the seat that is free");
    assert_int_equal(status_of(l, half), STATUS_APPROVED);
    expect(author_log_redeem(l, half, false), REASON_OK, "used");
}

/* --- what must not lock everybody out --- */

#define SEATS_OF(n, m)                                                                                                 \
    SEATS("{\"count\":" n ",\"id\":\"a\",\"role\":\"tech\"},{\"count\":" m ",\"id\":\"b\",\"role\":\"tech\"}")

static void a_policy_loads_only_with_enough_people(void **state)
{
    struct author_log *l = *state;
    expect(author_change_policy(l, RULE("r", SEATS_OF("1", "2"))), REASON_UNFILLABLE_SEAT, "three of two");
    expect(author_change_policy(l, RULE("r", SEATS_OF("1", "1"))), REASON_OK, "two of two");
    expect(author_change_roles(l, "tina", "business"), REASON_OK, "tina is moved");
    expect(author_change_policy(l, RULE("r", SEATS_OF("1", "1"))), REASON_UNFILLABLE_SEAT, "two of one");
    expect(author_change_revoke(l, "tom"), REASON_OK, "tom's key");
    expect(author_change_policy(l, RULE("r", SEATS(SEAT("a", "tech")))), REASON_UNFILLABLE_SEAT, "one without a key");
}

static void officers_stay_enough(void **state)
{
    struct author_log *l = *state;
    struct roster_change off[2] = {{.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("odette")},
                                   {.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("omar")}};
    uint64_t id = 0;
    const struct roster_content c = {.changes = {.item = off, .count = 2},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("two at once"),
                                     .title = SPAN_LIT("Remove")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_TOO_FEW_OFFICERS, "one of two left");
    expect(author_change_threshold(l, 3), REASON_TOO_FEW_OFFICERS, "three of three");
    expect(author_change_roster(l, off, 1), REASON_OK, "two of two left");
    expect(author_change_policy_by(l, "omar", RULE("production", BOTH)), REASON_TOO_FEW_OFFICERS,
           "a policy asks for one more");
}

/* --- time --- */

static void lives_too_long(struct statement *st)
{
    st->expires_at_ms = st->issued_at_ms + MODEL_STATEMENT_LIFE_MS + 1;
}

static void ends_before_it_begins(struct statement *st)
{
    st->expires_at_ms = st->issued_at_ms - 1;
}

static void ends_as_it_begins(struct statement *st)
{
    st->expires_at_ms = st->issued_at_ms;
}

static void lives_as_long_as_it_may(struct statement *st)
{
    st->expires_at_ms = st->issued_at_ms + MODEL_STATEMENT_LIFE_MS;
}

static void statements_live_two_minutes(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Release");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.bend = lives_too_long}),
           REASON_MALFORMED, "too long");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.bend = ends_before_it_begins}),
           REASON_MALFORMED, "backwards");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.bend = ends_as_it_begins}),
           REASON_MALFORMED, "not at all");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.bend = lives_as_long_as_it_may}),
           REASON_OK, "as long as it may");
}

static void an_effect_comes_before_use_by(void **state)
{
    enum { USE_BY_MS = 14400000 };
    struct author_log *l = *state;
    struct roster_change off = {.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("tom")};
    uint64_t id = 0;
    const struct roster_content c = {.changes = {.item = &off, .count = 1},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("left"),
                                     .title = SPAN_LIT("Remove")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_OK, "propose");
    expect(approve(l, "olga", id, "officers/officers"), REASON_OK, "olga");
    expect(approve(l, "omar", id, "officers/officers"), REASON_OK, "omar");
    author_log_advance(l, USE_BY_MS + 1);
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_LAPSED, "too late");
}

/* --- keys and their makers --- */

/* A list that replaces a model's roots and adds a key of it: the new roots say whether the key is one. */
static void new_roots_hold_for_the_keys_beside_them(void **state)
{
    struct author_log *l = *state;
    struct arena a;
    struct softkey_cert root;
    struct softkey_ec *other = softkey_ec_from_seed(judge_root(author_log_judge(l)).b, "another maker");
    struct roster_change items[2] = {{.op = CHANGE_PUT_MODEL}, {.op = CHANGE_NONE}};

    assert_non_null(other);
    assert_true(softkey_cert_root(other, &root));
    softkey_ec_free(other);
    arena_init(&a, 4 << 20);
    const struct state_model *now =
        state_model_find(&author_log_judge(l)->state, span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES));
    assert_non_null(now);
    items[0].id = now->aaguid;
    items[0].model = (struct token_model){.aaguid = now->aaguid, .name = now->name, .root_count = 1};
    assert_int_equal(author_log_key_for(l, "tom", "tom-2", &a, &items[1]).code, CS_OK);
    items[0].model.roots[0] = span_make(root.der, root.len);
    expect(author_change_roster(l, items, 2), REASON_ATTESTATION, "other roots");
    items[0].model.roots[0] = now->roots[0];
    expect(author_change_roster(l, items, 2), REASON_OK, "the same roots");
    arena_release(&a);
}

static void keys_are_of_models_that_are_allowed(void **state)
{
    static const uint8_t aaguid[MODEL_AAGUID_BYTES] = {7};
    struct author_log *l = *state;
    struct roster_change add = {.op = CHANGE_NONE};
    struct arena a;

    arena_init(&a, 4 << 20);
    assert_int_equal(author_log_key_for(l, "tom", "tom-2", &a, &add).code, CS_OK);
    add.credential.aaguid = SPAN_OF(aaguid);
    expect(author_change_roster(l, &add, 1), REASON_MODEL_UNKNOWN, "a model that nobody allowed");
    add.credential.aaguid = span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES);
    expect(author_change_roster(l, &add, 1), REASON_OK, "the model that is");
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lacks_something_is_never_approved),
        cmocka_unit_test_setup_teardown(an_approval_meets_the_policy_of_its_use, begin_standard, end),
        cmocka_unit_test_setup_teardown(an_approval_falls_with_its_signatures, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_seat_for_another_role_is_another_seat, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_seat_in_another_turn_is_another_seat, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_loses_the_role_loses_the_seat, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_did_not_count_does_not_count_later, begin_standard, end),
        cmocka_unit_test_setup_teardown(one_signs_over_who_holds_the_seat, begin_standard, end),
        cmocka_unit_test_setup_teardown(an_officer_no_longer_is_none, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_sequence_stays_in_order, begin_standard, end),
        cmocka_unit_test_setup_teardown(with_another_key_one_signs_again, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_asks_never_decides, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_edited_the_policy_is_kept_out, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_is_kept_apart_later_holds_no_seat, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_policy_loads_only_with_enough_people, begin_standard, end),
        cmocka_unit_test_setup_teardown(officers_stay_enough, begin_standard, end),
        cmocka_unit_test_setup_teardown(statements_live_two_minutes, begin_standard, end),
        cmocka_unit_test_setup_teardown(an_effect_comes_before_use_by, begin_standard, end),
        cmocka_unit_test_setup_teardown(keys_are_of_models_that_are_allowed, begin_standard, end),
        cmocka_unit_test_setup_teardown(new_roots_hold_for_the_keys_beside_them, begin_standard, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
