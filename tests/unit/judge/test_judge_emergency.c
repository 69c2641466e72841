/* SPDX-License-Identifier: Apache-2.0 */
/* Break-glass: each way in which it is refused, and what holds when it is granted. D4, 6.1, 6.2, 6.3, 6.4, 6.5, 6.6 */
#include "judge_bed_receipt.h"

#include "support/author_glass.h"

static struct author_log *begin(const struct glass_policy *how)
{
    struct author_log *l = standard_log();
    glass_policy(l, how);
    return l;
}

static const struct glass_policy plain = {.version = 3};

static enum request_status status(struct author_log *l, uint64_t id)
{
    return state_request_find(state_of(l), id)->status;
}

static uint64_t opened_about(struct author_log *l, uint64_t request)
{
    uint64_t id = 0;
    expect(glass_open(l, &(struct glass_ask){.request = request}, &id), REASON_OK, "open");
    return id;
}

/* Replayed from its first entry, and folded without signatures, the log gives the same state. */
static void replays(struct author_log *l)
{
    struct judge prove;
    struct judge fold;
    const struct sha256 want = state_digest(state_of(l));

    assert_int_equal(judge_init(&prove, JUDGE_PROVE, CAP_BYTES).code, CS_OK);
    assert_int_equal(judge_init(&fold, JUDGE_FOLD, CAP_BYTES).code, CS_OK);
    for (uint64_t i = 0; i < author_log_size(l); i++) {
        expect(judge_entry(&prove, author_log_leaf(l, i), NULL), REASON_OK, "replay");
        expect(judge_entry(&fold, author_log_leaf(l, i), NULL), REASON_OK, "fold");
    }
    const struct sha256 a = state_digest(&prove.state);
    const struct sha256 b = state_digest(&fold.state);
    assert_true(sha256_eq(&a, &want));
    assert_true(sha256_eq(&b, &want));
    judge_release(&prove);
    judge_release(&fold);
}

static bool contains(struct span text, const char *word)
{
    return memmem(text.p, text.left, word, strlen(word)) != NULL;
}

/* What the envelope of its use will say: the emergency, and its people instead of the ordinary ones. */
static void says_break_glass(struct author_log *l, uint64_t request)
{
    const struct state *s = state_of(l);
    const struct sha256 head = {{0}};
    const struct judge_place at = {.seq = s->size, .head = &head, .time_ms = s->time_ms};
    AUTO_WRITER w = wr_heap(65536);
    struct arena a;

    arena_init(&a, 16 << 20);
    assert_int_equal(judge_outcome_payload(s, state_request_find(s, request), &at, &a, &w).code, CS_OK);
    assert_true(contains(wr_span(&w), "\"properties\":[\"BREAK_GLASS\",\"DISTINCT_PERSONS_2\",\"DUAL_CONTROL\","));
    assert_true(contains(wr_span(&w), "\"emergency\":{\"index\":"));
    assert_true(contains(wr_span(&w), "emergency/operator"));
    assert_false(contains(wr_span(&w), "production/"));
    arena_release(&a);
}

/* --- the whole way --- */

static void two_people_together_grant_it_once(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    const uint64_t m = opened_about(l, q);
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    assert_int_equal(status(l, m), STATUS_ELIGIBLE);
    expect(author_log_redeem(l, q, true), REASON_NOT_APPROVED, "one signature is none");
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_OK, "endorse");
    assert_int_equal(status(l, m), STATUS_APPROVED);
    assert_int_equal(status(l, q), STATUS_ELIGIBLE); /* nothing is granted without the entry that says so */
    expect(author_log_redeem(l, q, true), REASON_NOT_APPROVED, "before the grant");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    const uint64_t grant = author_log_size(l) - 1;
    assert_int_equal(status(l, m), STATUS_APPLIED);
    assert_int_equal(status(l, q), STATUS_APPROVED);
    const struct state_emergency *x = state_emergency_find(state_of(l), grant);
    assert_non_null(x);
    assert_int_equal(x->grants, q);
    assert_true(x->due_ms == x->granted_ms + 86400000);
    says_break_glass(l, q);
    expect(author_log_redeem(l, q, false), REASON_OK, "redeem");
    expect(author_log_redeem(l, q, true), REASON_REDEEMED, "once");
    expect(author_log_outcome(l, q, STATUS_SUCCEEDED), REASON_OK, "outcome");
    glass_pay(l, grant);
    assert_true(x->review_index != 0);
    replays(l);
    receipt_holds(l, q);
    author_log_free(l);
}

static void lower_case(struct emergency_grant *g)
{
    g->use_by_ms += 1;
}
static void cheaper(struct emergency_grant *g)
{
    g->used = 0;
}
static void quiet(struct emergency_grant *g)
{
    g->bypassed_count = 0;
}
static void unchained(struct emergency_grant *g)
{
    g->prev = 7;
}
static void of_another(struct emergency_grant *g)
{
    g->artifacts[0].sha256.b[0] ^= 1;
}

static void a_grant_says_what_was_signed(void **state)
{
    static void (*const bends[])(struct emergency_grant *) = {lower_case, cheaper, quiet, unchained, of_another};
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t m = opened_about(l, glass_request(l, "Hotfix", NULL));
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    expect(author_log_grant(l, m, NULL), REASON_NOT_APPROVED, "half signed");
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_OK, "endorse");
    for (size_t i = 0; i < sizeof(bends) / sizeof(bends[0]); i++) {
        expect(author_log_grant(l, m, bends[i]), REASON_WRONG_EFFECT, "bent");
    }
    expect(author_log_grant(l, m, NULL), REASON_OK, "straight");
    author_log_free(l);
}

/* --- who, where, what --- */

static void what_is_not_listed_is_refused(void **state)
{
    static const struct {
        const char *what;
        struct glass_ask ask;
        enum policy_reason want;
    } rows[] = {
        {"kind", {.kind = "boredom"}, REASON_EMERGENCY_KIND},
        {"incident in words", {.kind = "patch", .anchor = "INC-4711"}, REASON_EMERGENCY_ANCHOR},
        {"CVE", {.kind = "patch", .anchor = "CVE-2026-12345"}, REASON_OK},
        {"yesterday", {.kind = "deadline", .anchor = "2026-01-04"}, REASON_EMERGENCY_ANCHOR},
        {"today", {.kind = "deadline", .anchor = "2026-01-05"}, REASON_OK},
        {"short", {.justification = "It is urgent, well."}, REASON_REASON_SHORT},
        {"nobody", {.initiator = "nemo"}, REASON_UNKNOWN_INITIATOR},
        {"an officer, who has no seat", {.initiator = "olga"}, REASON_EMERGENCY_PERSON},
        {"no such voucher", {.voucher = 2}, REASON_VOUCHER_UNKNOWN},
    };
    struct author_log *l = begin(&plain);
    uint64_t id = 0;
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct glass_ask ask = rows[i].ask;
        ask.request = q;
        expect(glass_open(l, &ask, &id), rows[i].want, rows[i].what);
    }
    expect(glass_open(l, &(struct glass_ask){.request = 1}, &id), REASON_UNKNOWN_REQUEST, "a request of officers");
    expect(glass_open(l, &(struct glass_ask){.request = 9999}, &id), REASON_UNKNOWN_REQUEST, "no request");
    uint64_t other = 0;
    expect(author_log_request(l, &(struct author_request){.title = "S", .environment = "staging"}, &other), REASON_OK,
           "s");
    expect(glass_open(l, &(struct glass_ask){.request = other}, &id), REASON_EMERGENCY_ENVIRONMENT, "staging");
    expect(author_log_request(l, &(struct author_request){.title = "E", .change_type = "emergency"}, &other), REASON_OK,
           "e");
    expect(glass_open(l, &(struct glass_ask){.request = other}, &id), REASON_EMERGENCY_CHANGE_TYPE, "change type");
    expect(author_log_withdraw(l, q, "client:ci"), REASON_OK, "withdraw");
    expect(glass_open(l, &(struct glass_ask){.request = q}, &id), REASON_NOT_OPEN, "withdrawn");
    author_log_free(l);

    l = begin(&(struct glass_policy){.version = 3, .none = true});
    expect(glass_open(l, &(struct glass_ask){.request = glass_request(l, "Hotfix", NULL)}, &id), REASON_NO_EMERGENCIES,
           "a policy without");
    author_log_free(l);
}

static void it_begins_at_the_kiosk(void **state)
{
    static const char *const actors[] = {"system:operator", "client:ci", "system:core", "person:tina"};
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t m = opened_about(l, glass_request(l, "Hotfix", NULL));
    struct arena a;
    struct entry e;
    arena_init(&a, 1 << 20);
    assert_int_equal(model_entry_decode(author_log_leaf(l, m), &a, &e).code, CS_OK);
    for (size_t i = 0; i < sizeof(actors) / sizeof(actors[0]); i++) {
        const struct verdict v = author_log_append(l, ENTRY_REQUEST, actors[i], e.body);
        assert_false(v.allow);
        assert_true(v.reason == REASON_WRONG_ACTOR);
    }
    arena_release(&a);
    author_log_free(l);
}

static void presence_is_each_their_own_port(void **state)
{
    struct author_log *l = begin(&(struct glass_policy){.version = 3, .presence_switch = true});
    const struct author_wrong off = {.port = "1-1"};
    const struct author_wrong half = {.port = "1-1", .presence_switch = "off"};
    const struct author_wrong one = {.port = "1-1", .presence_switch = "on"};
    const struct author_wrong two = {.port = "1-2", .presence_switch = "on"};
    const struct author_wrong out = {.port = "3-4", .presence_switch = "on"};
    const struct author_wrong nowhere = {.presence_switch = "on"};
    (void)state;
    const uint64_t m = opened_about(l, glass_request(l, "Hotfix", NULL));
#define SIGN(who, seat, how) author_log_decide(l, who, m, "emergency/" seat, DECISION_APPROVE, NULL, &(how))
    expect(SIGN("tina", "operator", off), REASON_PRESENCE_SWITCH, "no switch");
    expect(SIGN("tina", "operator", half), REASON_PRESENCE_SWITCH, "switch off");
    expect(SIGN("tina", "operator", out), REASON_PRESENCE_PORT, "another port");
    expect(SIGN("tina", "operator", nowhere), REASON_PRESENCE_PORT, "no port");
    expect(SIGN("tina", "operator", one), REASON_OK, "operator");
    expect(SIGN("bea", "endorse", one), REASON_PRESENCE_PORT, "the same port");
    expect(SIGN("tina", "endorse", two), REASON_NO_ROLE, "the same person");
    expect(SIGN("tina", "operator", two), REASON_ALREADY_SIGNED, "the same person again");
    struct author_wrong borrowed = two;
    borrowed.key_of = "tina";
    expect(SIGN("bea", "endorse", borrowed), REASON_SIGNATURE, "one token twice");
    struct author_wrong no_pin = two;
    no_pin.no_verification = true;
    expect(SIGN("bea", "endorse", no_pin), REASON_NO_VERIFICATION, "touch without PIN");
    expect(SIGN("bea", "endorse", two), REASON_OK, "endorse");
#undef SIGN
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    author_log_free(l);
}

static void a_stale_first_signature_is_none(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t m = opened_about(l, glass_request(l, "Hotfix", NULL));
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    author_log_advance(l, 120000); /* with the entry's own millisecond one too many */
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-1"), REASON_OK, "endorse, in the port that is free again");
    assert_int_equal(status(l, m), STATUS_ELIGIBLE);
    expect(author_log_grant(l, m, NULL), REASON_NOT_APPROVED, "not together");
    struct arena a;
    struct sheet sheet;
    arena_init(&a, 16 << 20);
    assert_int_equal(policy_sheet_of(state_of(l), state_request_find(state_of(l), m), &a, &sheet).code, CS_OK);
    assert_int_equal(policy_sheet_seat(&sheet, SPAN_LIT("emergency/operator"))->reason, REASON_PRESENCE_WINDOW);
    arena_release(&a);
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-2"), REASON_OK, "operator again");
    assert_int_equal(status(l, m), STATUS_APPROVED);
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    replays(l);
    author_log_free(l);
}

static void the_window_ends_on_its_millisecond(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t m = opened_about(l, glass_request(l, "Hotfix", NULL));
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    author_log_advance(l, 119999);
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_OK, "endorse");
    assert_int_equal(status(l, m), STATUS_APPROVED);
    author_log_free(l);
}

static void what_changes_between_empties_the_seat(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t first = opened_about(l, glass_request(l, "Hotfix", NULL));
    expect(glass_sign(l, "tina", first, "emergency/operator", "1-1"), REASON_OK, "operator");
    (void)glass_break(l, glass_request(l, "Another", NULL)); /* the budget counts on, so the sheet is another */
    expect(glass_sign(l, "bea", first, "emergency/endorse", "1-2"), REASON_OK, "endorse");
    assert_int_equal(status(l, first), STATUS_ELIGIBLE);
    glass_policy(l, &(struct glass_policy){.version = 4});
    expect(glass_sign(l, "tina", first, "emergency/operator", "1-1"), REASON_OK, "operator under another policy");
    assert_int_equal(status(l, first), STATUS_ELIGIBLE);
    expect(glass_sign(l, "bea", first, "emergency/endorse", "1-2"), REASON_OK, "endorse");
    expect(author_log_grant(l, first, NULL), REASON_OK, "grant");
    replays(l);
    author_log_free(l);
}

static void only_listed_people(void **state)
{
    struct author_log *l = begin(&(struct glass_policy){.version = 3, .people = "[\"bea\",\"olga\",\"tina\"]"});
    uint64_t id = 0;
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    expect(glass_open(l, &(struct glass_ask){.request = q, .initiator = "tom"}, &id), REASON_EMERGENCY_PERSON,
           "tom asks");
    const uint64_t m = opened_about(l, q);
    expect(glass_sign(l, "tom", m, "emergency/operator", "1-1"), REASON_EMERGENCY_PERSON, "tom signs");
    expect(glass_sign(l, "bill", m, "emergency/endorse", "1-1"), REASON_EMERGENCY_PERSON, "bill signs");
    expect(glass_voucher(l, &(struct glass_voucher){.initiator = "bill"}, &id), REASON_EMERGENCY_PERSON,
           "bill's voucher");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "tina");
    author_log_free(l);
}

static struct verdict proposed(struct author_log *l, const struct glass_policy *how)
{
    AUTO_WRITER policy = wr_heap(MODEL_LEAF_MAX);
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    glass_policy_text(how, &policy);
    const struct policy_content p = {
        .initiator = SPAN_LIT("odette"), .policy = wr_span(&policy), .title = SPAN_LIT("Emergencies")};
    assert_int_equal(model_policy_content_encode(&p, &text).code, CS_OK);
    return author_log_propose(l, KIND_POLICY, wr_span(&text), &id);
}

static void a_policy_whose_people_are_not_there_does_not_load(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    expect(proposed(l, &(struct glass_policy){.version = 4, .people = "[\"bea\",\"nemo\"]"}), REASON_UNFILLABLE_SEAT,
           "nobody of that name");
    expect(proposed(l, &(struct glass_policy){.version = 4, .people = "[\"bea\",\"tina\"]"}), REASON_UNFILLABLE_SEAT,
           "no officer for the seat past the budget");
    expect(proposed(l, &(struct glass_policy){.version = 4, .people = "[\"bea\",\"bill\",\"olga\"]"}),
           REASON_UNFILLABLE_SEAT, "nobody for operator");
    expect(proposed(l, &(struct glass_policy){.version = 4, .people = "[\"bea\",\"olga\",\"tina\"]"}), REASON_OK,
           "one for each");
    author_log_free(l);
}

/* --- rollback --- */

static void a_rollback_goes_to_what_ran_there(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t id = 0;
    (void)state;
    const uint64_t old = glass_request(l, "Release 1", NULL);
    expect(glass_open(l, &(struct glass_ask){.request = glass_request(l, "Back", "Release 1")}, &id),
           REASON_NEVER_DEPLOYED, "it is not even approved");
    expect(author_log_decide(l, "tom", old, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    expect(author_log_decide(l, "bill", old, "production/business", DECISION_APPROVE, NULL, NULL), REASON_OK, "bill");
    expect(glass_open(l, &(struct glass_ask){.request = old}, &id), REASON_QUORUM_MET, "approved needs no emergency");
    expect(author_log_redeem(l, old, false), REASON_OK, "redeem");
    expect(glass_open(l, &(struct glass_ask){.request = glass_request(l, "Back again", "Release 1")}, &id),
           REASON_NEVER_DEPLOYED, "nobody knows how it went");
    expect(author_log_outcome(l, old, STATUS_SUCCEEDED), REASON_OK, "outcome");

    const uint64_t back = glass_request(l, "Back to 1", "Release 1");
    expect(glass_open(l, &(struct glass_ask){.request = glass_request(l, "Back to 2", "Release 2")}, &id),
           REASON_NEVER_DEPLOYED, "another digest");
    const uint64_t grant = glass_break(l, back);
    glass_use(l, back);
    receipt_holds(l, back);

    /* without any request: the old approval itself, once more */
    const uint64_t again = glass_break(l, old);
    assert_int_equal(status(l, old), STATUS_APPROVED);
    glass_use(l, old);
    assert_int_equal(status(l, old), STATUS_SUCCEEDED);
    receipt_holds(l, old);
    glass_pay(l, grant);
    glass_pay(l, again);
    replays(l);
    author_log_free(l);
}

static void what_failed_is_nothing_to_go_back_to(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t id = 0;
    (void)state;
    const uint64_t old = glass_request(l, "Release 1", NULL);
    (void)glass_break(l, old);
    expect(author_log_redeem(l, old, false), REASON_OK, "redeem");
    expect(author_log_outcome(l, old, STATUS_FAILED), REASON_OK, "outcome");
    expect(glass_open(l, &(struct glass_ask){.request = old}, &id), REASON_NOT_OPEN, "failed");
    expect(glass_open(l, &(struct glass_ask){.request = glass_request(l, "Back", "Release 1")}, &id),
           REASON_NEVER_DEPLOYED, "its digest");
    author_log_free(l);
}

static void a_grant_that_is_not_used_leaves_what_ran(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t old = glass_request(l, "Release 1", NULL);
    (void)glass_break(l, old);
    glass_use(l, old);
    (void)glass_break(l, old);
    expect(author_log_expire(l, old), REASON_NOT_DUE, "not yet");
    author_log_advance(l, 1800000);
    expect(author_log_redeem(l, old, false), REASON_LAPSED, "too late");
    expect(author_log_expire(l, old), REASON_OK, "runs out");
    assert_int_equal(status(l, old), STATUS_SUCCEEDED);
    receipt_holds(l, old);
    replays(l);
    author_log_free(l);
}

static void only_the_last_eight_are_kept(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t first = 0;
    uint64_t id = 0;
    (void)state;
    for (int i = 0; i <= STATE_RAN_KEPT; i++) {
        char title[16];
        (void)snprintf(title, sizeof(title), "Release %d", i);
        const uint64_t q = glass_request(l, title, NULL);
        first = i == 0 ? q : first;
        expect(author_log_decide(l, "tom", q, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
        expect(author_log_decide(l, "bill", q, "production/business", DECISION_APPROVE, NULL, NULL), REASON_OK, "bill");
        glass_use(l, q);
    }
    expect(glass_open(l, &(struct glass_ask){.request = first}, &id), REASON_NEVER_DEPLOYED, "the ninth");
    expect(glass_open(l, &(struct glass_ask){.request = glass_request(l, "Back", "Release 0")}, &id),
           REASON_NEVER_DEPLOYED, "its digest");
    expect(glass_open(l, &(struct glass_ask){.request = glass_request(l, "Back 1", "Release 1")}, &id), REASON_OK,
           "the eighth");
    replays(l);
    author_log_free(l);
}

/* --- vouchers --- */

static void a_voucher_stands_in_once(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t m = 0;
    (void)state;
    const uint64_t v = glass_voucher_signed(l, &(struct glass_voucher){0});
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    expect(glass_open(l, &(struct glass_ask){.request = q, .voucher = v}, &m), REASON_OK, "open");
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_ALREADY_SIGNED, "she has signed: the voucher");
    expect(glass_sign(l, "bill", m, "emergency/endorse", "1-2"), REASON_SEAT_FULL, "the voucher sits there");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    assert_int_equal(status(l, v), STATUS_APPLIED);
    glass_use(l, q);
    receipt_holds(l, q);
    expect(glass_open(l, &(struct glass_ask){.request = glass_request(l, "Next", NULL), .voucher = v}, &m),
           REASON_VOUCHER_USED, "twice");
    replays(l);
    author_log_free(l);
}

static void a_voucher_is_for_what_it_says(void **state)
{
    static const struct {
        const char *what;
        struct glass_voucher how;
    } rows[] = {
        {"another kind", {.kind = "patch"}},
        {"another environment", {.environment = "staging"}},
        {"another person", {.person = "tom"}},
        {"another service", {.service = "shop"}},
    };
    struct author_log *l = begin(&plain);
    uint64_t id = 0;
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint64_t v = glass_voucher_signed(l, &rows[i].how);
        expect(glass_open(l, &(struct glass_ask){.request = q, .voucher = v}, &id), REASON_VOUCHER_SCOPE, rows[i].what);
    }
    expect(glass_voucher(l, &(struct glass_voucher){.life_s = 604801}, &id), REASON_VOUCHER_SCOPE, "too long");
    expect(glass_voucher(l, &(struct glass_voucher){.seat = "operator"}, &id), REASON_VOUCHER_SCOPE, "takes none");
    expect(glass_voucher(l, &(struct glass_voucher){.kind = "boredom"}, &id), REASON_VOUCHER_SCOPE, "no such kind");
    expect(glass_voucher(l, &(struct glass_voucher){.environment = "moon"}, &id), REASON_UNKNOWN_ENVIRONMENT, "moon");
    expect(glass_voucher(l, &(struct glass_voucher){.person = "nemo"}, &id), REASON_VOUCHER_SCOPE, "for nobody");
    expect(glass_voucher(l, &(struct glass_voucher){.initiator = "tina"}, &id), REASON_EMERGENCY_PERSON,
           "not hers to give");
    expect(glass_voucher(l, &(struct glass_voucher){0}, &id), REASON_OK, "open");
    expect(author_log_decide(l, "bill", id, "voucher/endorse", DECISION_APPROVE, NULL, NULL), REASON_VOUCHER_PERSON,
           "signed by another");
    expect(glass_open(l, &(struct glass_ask){.request = q, .voucher = id}, &id), REASON_VOUCHER_UNKNOWN, "not signed");
    author_log_free(l);
}

static void a_voucher_ends(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t m = 0;
    uint64_t id = 0;
    (void)state;
    const uint64_t v = glass_voucher_signed(l, &(struct glass_voucher){.life_s = 60});
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    expect(glass_open(l, &(struct glass_ask){.request = q, .voucher = v}, &m), REASON_OK, "open");
    author_log_advance(l, 60000);
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_VOUCHER_EXPIRED, "too late");
    expect(author_log_expire(l, v), REASON_OK, "runs out");
    expect(glass_open(l, &(struct glass_ask){.request = q, .voucher = v, .anchor = "INC-2"}, &id),
           REASON_VOUCHER_EXPIRED, "run out");

    const uint64_t taken = glass_voucher_signed(l, &(struct glass_voucher){0});
    expect(glass_open(l, &(struct glass_ask){.request = q, .voucher = taken, .anchor = "INC-3"}, &m), REASON_OK,
           "open");
    struct roster_change off = {.op = CHANGE_REVOKE_CREDENTIAL};
    const struct state_request *given = state_request_find(state_of(l), taken);
    off.credential_sha256 = given->decisions[0].credential->id_sha256;
    const struct roster_content change = {.changes = {.item = &off, .count = 1},
                                          .initiator = SPAN_LIT("system:operator"),
                                          .reason = SPAN_LIT("lost"),
                                          .title = SPAN_LIT("Lost key")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&change, &text).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_OK, "propose");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "olga");
    expect(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "omar");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "effect");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_VOUCHER_REVOKED, "her key is off");
    replays(l);
    author_log_free(l);
}

/* --- budget and debt --- */

static void over_budget_takes_one_more(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t first = glass_request(l, "One", NULL);
    const uint64_t one = glass_break(l, first);
    glass_use(l, first);
    const uint64_t second = glass_request(l, "Two", NULL);
    const uint64_t two = glass_break(l, second);
    glass_use(l, second);
    const uint64_t q = glass_request(l, "Three", NULL);
    const uint64_t m = opened_about(l, q);
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_OK, "endorse");
    assert_int_equal(status(l, m), STATUS_ELIGIBLE);
    expect(author_log_grant(l, m, NULL), REASON_NOT_APPROVED, "two are not enough now");
    expect(glass_sign(l, "bill", m, "emergency/second", "1-3"), REASON_NO_ROLE, "not of the role");
    expect(glass_sign(l, "olga", m, "emergency/second", "1-3"), REASON_OK, "second");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    assert_true(contains(author_log_last_leaf(l), "\"over_budget\":true"));
    glass_use(l, q);
    receipt_holds(l, q);
    glass_pay(l, one);
    glass_pay(l, two);
    glass_pay(l, author_log_size(l) > 0 ? state_of(l)->emergencies[2]->index : 0);
    author_log_advance(l, 2592000ULL * 1000); /* a month later two suffice again */
    (void)glass_break(l, glass_request(l, "Four", NULL));
    assert_true(contains(author_log_last_leaf(l), "\"over_budget\":false"));
    assert_true(contains(author_log_last_leaf(l), "\"used\":1"));
    replays(l);
    author_log_free(l);
}

static void an_overdue_review_blocks_its_service(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t id = 0;
    (void)state;
    const uint64_t owed = glass_break(l, glass_request(l, "One", NULL));
    expect(author_log_overdue(l, owed), REASON_NOT_DUE, "not yet");
    const uint64_t m = opened_about(l, glass_request(l, "Two", NULL));
    author_log_advance(l, 86400ULL * 1000);
    const uint64_t q = glass_request(l, "Three", NULL);
    expect(glass_open(l, &(struct glass_ask){.request = q}, &id), REASON_REVIEW_OVERDUE, "before the log says so");
    expect(author_log_overdue(l, owed), REASON_OK, "overdue");
    expect(author_log_overdue(l, owed), REASON_REVIEW_NOT_OWED, "said once");
    expect(author_log_overdue(l, 3), REASON_REVIEW_NOT_OWED, "no emergency");
    expect(glass_open(l, &(struct glass_ask){.request = q}, &id), REASON_REVIEW_OVERDUE, "after");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_EXPIRED, "an older one has run out");
    uint64_t shop = 0;
    expect(author_log_request(l, &(struct author_request){.title = "S", .service = "shop"}, &shop), REASON_OK, "shop");
    expect(glass_open(l, &(struct glass_ask){.request = shop}, &id), REASON_OK, "another service");
    glass_pay(l, owed);
    expect(glass_open(l, &(struct glass_ask){.request = q}, &id), REASON_OK, "paid");
    replays(l);
    author_log_free(l);
}

static void a_review_is_whole_and_signed_by_two(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t id = 0;
    uint64_t twin = 0;
    (void)state;
    const uint64_t q = glass_request(l, "One", NULL);
    const uint64_t owed = glass_break(l, q);
    glass_use(l, q);
    expect(glass_review(l, 3, NULL, &id), REASON_REVIEW_NOT_OWED, "of no emergency");
    expect(glass_review(l, owed, "{\"impact\":\"none\"}", &id), REASON_MISSING_FIELD, "half");
    expect(glass_review(l, owed, NULL, &id), REASON_OK, "open");
    expect(glass_review(l, owed, "{\"impact\":\"x\",\"what_happened\":\"y\"}", &twin), REASON_OK, "another");
    expect(author_log_decide(l, "tina", id, "review/author", DECISION_APPROVE, NULL, NULL), REASON_OK, "author");
    expect(author_log_paid(l, id, owed), REASON_NOT_APPROVED, "half signed");
    expect(author_log_decide(l, "tina", id, "review/board", DECISION_APPROVE, NULL, NULL), REASON_NO_ROLE,
           "both seats");
    expect(author_log_decide(l, "omar", id, "review/board", DECISION_APPROVE, NULL, NULL), REASON_OK, "board");
    expect(author_log_paid(l, id, owed + 1), REASON_WRONG_EFFECT, "of another");
    expect(author_log_paid(l, id, owed), REASON_OK, "paid");
    expect(author_log_decide(l, "tina", twin, "review/author", DECISION_APPROVE, NULL, NULL), REASON_OK, "twin");
    expect(author_log_decide(l, "omar", twin, "review/board", DECISION_APPROVE, NULL, NULL), REASON_OK, "twin");
    expect(author_log_paid(l, twin, owed), REASON_REVIEW_NOT_OWED, "paid twice");
    replays(l);
    author_log_free(l);
}

/* --- the clock --- */

static void an_untrusted_clock_needs_the_policys_leave(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    uint64_t m = opened_about(l, glass_request(l, "Hotfix", NULL));
    expect(author_log_clock(l, 5000), REASON_OK, "back");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_CLOCK, "no leave");
    author_log_free(l);

    l = begin(&(struct glass_policy){.version = 3, .untrusted_clock = true});
    const uint64_t other = glass_request(l, "Ordinary", NULL);
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    expect(author_log_clock(l, 5000), REASON_OK, "back");
    expect(author_log_decide(l, "tom", other, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_CLOCK,
           "ordinary");
    (void)glass_break(l, q);
    assert_true(contains(author_log_last_leaf(l), "\"clock_trusted\":false"));
    glass_use(l, q);
    receipt_holds(l, q);
    expect(author_log_clock(l, 0), REASON_OK, "past it again");
    replays(l);
    author_log_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_people_together_grant_it_once),
        cmocka_unit_test(a_grant_says_what_was_signed),
        cmocka_unit_test(what_is_not_listed_is_refused),
        cmocka_unit_test(it_begins_at_the_kiosk),
        cmocka_unit_test(presence_is_each_their_own_port),
        cmocka_unit_test(a_stale_first_signature_is_none),
        cmocka_unit_test(the_window_ends_on_its_millisecond),
        cmocka_unit_test(what_changes_between_empties_the_seat),
        cmocka_unit_test(only_listed_people),
        cmocka_unit_test(a_policy_whose_people_are_not_there_does_not_load),
        cmocka_unit_test(a_rollback_goes_to_what_ran_there),
        cmocka_unit_test(what_failed_is_nothing_to_go_back_to),
        cmocka_unit_test(a_grant_that_is_not_used_leaves_what_ran),
        cmocka_unit_test(only_the_last_eight_are_kept),
        cmocka_unit_test(a_voucher_stands_in_once),
        cmocka_unit_test(a_voucher_is_for_what_it_says),
        cmocka_unit_test(a_voucher_ends),
        cmocka_unit_test(over_budget_takes_one_more),
        cmocka_unit_test(an_overdue_review_blocks_its_service),
        cmocka_unit_test(a_review_is_whole_and_signed_by_two),
        cmocka_unit_test(an_untrusted_clock_needs_the_policys_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
