/* SPDX-License-Identifier: Apache-2.0 */
/* Every way in which a decision does not count: its code, and its trace in the log. R-D2 */
#include "core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int setup(void **state)
{
    static struct rig r;
    rig_init(&r);
    rig_start(&r);
    rig_genesis(&r);
    *state = &r;
    return 0;
}

static int teardown(void **state)
{
    rig_release(*state);
    return 0;
}

/* --- what is bent before it is signed --- */

static void other_anchor(struct statement *st)
{
    st->anchor_root.b[0] ^= 1;
}

static void future_anchor(struct statement *st)
{
    st->anchor_size += 1000;
}

static void other_sheet(struct statement *st)
{
    st->sheet_sha256.b[0] ^= 1;
}

static void other_policy(struct statement *st)
{
    st->policy_sha256.b[0] ^= 1;
}

static void other_roster(struct statement *st)
{
    st->roster_index++;
}

static void other_subject(struct statement *st)
{
    st->subject[0].sha256.b[0] ^= 1;
}

static void other_environment(struct statement *st)
{
    st->environment = SPAN_LIT("staging");
}

static void other_origin(struct statement *st)
{
    st->origin = SPAN_LIT("elsewhere.example/log1");
}

static void other_kiosk(struct statement *st)
{
    st->kiosk = SPAN_LIT("kiosk-9");
}

static void other_leaf(struct statement *st)
{
    st->request_leaf_sha256.b[0] ^= 1;
}

static void other_revision(struct statement *st)
{
    st->request_revision++;
}

static void no_such_request(struct statement *st)
{
    st->request_index = 0; /* the genesis */
}

static void foreign_previous(struct statement *st)
{
    st->has_previous = true;
}

#define NONCE_OWN NULL
#define NONCE_BAD ((const uint8_t *)"0123456789abcdef")
#define SEAT      "production/tech"
#define PERSON    .person = "dan", .seat = SEAT, .word = DECISION_APPROVE

static const struct row {
    const char *name;
    const char *code;
    struct cast_visit visit;
} rows[] = {
    {"wrong rp id", "rp_id", {PERSON, .faults = SOFTKEY_BIT(WRONG_RP)}},
    {"another site's signature", "rp_id", {PERSON, .rp_id = "evil.example"}},
    {"no touch", "no_presence", {PERSON, .faults = SOFTKEY_BIT(NO_UP)}},
    {"no PIN", "no_verification", {PERSON, .faults = SOFTKEY_BIT(NO_UV)}},
    {"copyable key", "backup", {PERSON, .faults = SOFTKEY_BIT(BACKUP)}},
    {"counter stands still", "counter", {PERSON, .same_counter = true}},
    {"bad signature", "signature", {PERSON, .faults = SOFTKEY_BIT(BAD_SIG)}},
    {"signed by a key nobody has", "signature", {PERSON, .faults = SOFTKEY_BIT(OTHER_KEY)}},
    {"signed by a colleague's key", "signature", {PERSON, .key_of = "eve"}},
    {"a byte too many", "signature", {PERSON, .faults = SOFTKEY_BIT(TRAILING)}},
    {"a colleague's key under one's own name", "wrong_person", {PERSON, .credential_of = "eve"}},
    {"a key that was never enrolled", "unknown_credential", {PERSON, .credential_of = "gus"}},
    {"a nonce of one's own", "nonce_unknown", {PERSON, .nonce = NONCE_BAD}},
    {"another head", "anchor", {PERSON, .bend = other_anchor}},
    {"a head that is not there yet", "anchor", {PERSON, .bend = future_anchor}},
    {"another sheet", "sheet_changed", {PERSON, .bend = other_sheet}},
    {"another policy", "policy_changed", {PERSON, .bend = other_policy}},
    {"another roster", "policy_changed", {PERSON, .bend = other_roster}},
    {"another artifact", "statement", {PERSON, .bend = other_subject}},
    {"another environment", "statement", {PERSON, .bend = other_environment}},
    {"another log", "statement", {PERSON, .bend = other_origin}},
    {"another kiosk", "statement", {PERSON, .bend = other_kiosk}},
    {"another request text", "statement", {PERSON, .bend = other_leaf}},
    {"another revision", "statement", {PERSON, .bend = other_revision}},
    {"no request at all", "unknown_request", {PERSON, .bend = no_such_request}},
    {"a previous signature out of sequence", "previous", {PERSON, .bend = foreign_previous}},
    {"no role for the seat", "no_role", {.person = "fay", .seat = SEAT, .word = DECISION_APPROVE}},
    {"no such seat", "unknown_seat", {.person = "dan", .seat = "production/moon", .word = DECISION_APPROVE}},
    {"too short a reason", "reason_short", {.person = "dan", .seat = SEAT, .word = DECISION_REJECT, .reason = "No."}},
};

static void every_wrong_decision(void **state)
{
    struct rig *r = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint64_t q = rig_request(r, "production");
        struct cast_visit v = rows[i].visit;
        if (v.same_counter) {
            rig_approve(r, "dan", rig_request(r, "production"), SEAT); /* the log has a counter to compare with */
        }
        v.request = q;
        const struct rig_answer a = rig_visit(r, &v);
        if (strcmp(a.code, rows[i].code) != 0 || a.has_index) {
            fail_msg("%s: %s, not %s: %s", rows[i].name, a.code, rows[i].code, a.detail);
        }
        assert_true(a.detail[0] != '\0');
        rig_pump(r, 20);
        assert_int_equal(rig_state(r, q)->decision_count, 0);
        if (!rig_has_access(r, q, rows[i].code, strcmp(a.code, "unknown_request") != 0 ? q : 0)) {
            fail_msg("%s: nothing in the log", rows[i].name);
        }
        rig_approve(r, "eve", q, SEAT); /* and nothing is spoiled for the next one */
    }
}

static void a_decision_counts_once(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    const struct rig_answer begun = rig_begin(r);
    const struct cast_visit v = {PERSON, .request = q, .nonce = begun.nonce, .issued_ms = begun.time_ms};
    struct wire_command c = {.cmd = WIRE_DECISION, .kiosk = SPAN_LIT(CAST_KIOSK), .port = SPAN_LIT("1-1")};

    cast_decide(&r->cast, &r->peer[RIG_KIOSK].f.judge, &v, &c.decision);
    const struct rig_answer a = rig_expect(r, RIG_KIOSK, &c, "ok");
    (void)rig_expect(r, RIG_KIOSK, &c, "nonce_used"); /* the very same bytes */
    rig_sync(r, RIG_KIOSK, a.index + 1);
    assert_int_equal(rig_state(r, q)->decision_count, 1);

    /* the same nonce under another request */
    const uint64_t other = rig_request(r, "production");
    const struct cast_visit again = {PERSON, .request = other, .nonce = begun.nonce};
    assert_string_equal(rig_visit(r, &again).code, "nonce_used");
}

static void an_old_statement_does_not_count(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    const struct rig_answer begun = rig_begin(r);
    const struct cast_visit v = {PERSON, .request = q, .issued_ms = begun.time_ms - MODEL_STATEMENT_LIFE_MS - 1};

    assert_string_equal(rig_visit(r, &v).code, "statement_expired");
}

static void a_person_has_one_seat(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    const struct cast_visit twice = {.person = "ada", .request = q, .seat = SEAT, .word = DECISION_APPROVE};
    const struct cast_visit full = {.person = "eve", .request = q, .seat = SEAT, .word = DECISION_APPROVE};

    rig_approve(r, "ada", q, SEAT);
    assert_string_equal(rig_visit(r, &twice).code, "already_signed");
    assert_string_equal(rig_visit(r, &full).code, "seat_full");
}

static uint64_t request_by(struct rig *r, const char *member, const char *who)
{
    AUTO_WRITER body = wr_heap(4096);
    char key[64];

    r->request_number++;
    wr_text(&body, "{ \"title\": \"By somebody\", \"service\": \"s\", \"environment\": \"production\", "
                   "\"change_type\": \"normal\", \"documentation\": {\"backout_plan\": \"Roll back.\"}, "
                   "\"artifacts\": [{\"name\": \"api\", \"sha256\": \"");
    const struct sha256 d = digest_sha256(span_str(who));
    wr_hex(&body, sha256_span(&d));
    wr_text(&body, "\"}], ");
    if (strcmp(member, "authors") == 0) {
        wr_text(&body,
                "\"initiator\": \"gitlab:7\", \"source\": {\"repository\": \"payments/api\", \"commit\": "
                "\"0123456789abcdef0123456789abcdef01234567\", \"ref\": \"refs/heads/main\", \"since\": \"root\", "
                "\"commits\": 1, \"files_changed\": 1, \"lines_added\": 1, \"lines_removed\": 0, \"authors\": [\"");
        wr_text(&body, who);
        wr_text(&body, "\"]} }");
    } else {
        const bool initiator = strcmp(member, "initiator") == 0;
        wr_text(&body, "\"initiator\": \"");
        wr_text(&body, initiator ? who : "gitlab:7");
        wr_text(&body, "\", \"trigger\": \"");
        wr_text(&body, initiator ? "gitlab:7" : who);
        wr_text(&body, "\" }");
    }
    (void)snprintf(key, sizeof(key), "by-%llu", (unsigned long long)r->request_number);
    const struct wire_command c = {.cmd = WIRE_REQUEST,
                                   .client = SPAN_LIT("ci"),
                                   .ip = SPAN_LIT("192.0.2.7"),
                                   .request = {.body = wr_span(&body), .key = span_str(key)}};
    const struct rig_answer a = rig_expect(r, RIG_HTTP, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    return a.index;
}

static void nobody_decides_what_is_their_own(void **state)
{
    static const struct {
        const char *member;
        const char *code;
    } own[] = {{"initiator", "is_requester"}, {"trigger", "is_trigger"}, {"authors", "is_author"}};
    struct rig *r = *state;

    for (size_t i = 0; i < 3; i++) {
        const uint64_t q = request_by(r, own[i].member, "dan");
        const struct cast_visit v = {PERSON, .request = q};
        assert_string_equal(rig_visit(r, &v).code, own[i].code);
        rig_sync(r, RIG_KIOSK, q + 2);
        assert_true(rig_has_access(r, q, own[i].code, q));
        rig_approve(r, "eve", q, SEAT);
    }
}

static void nobody_decides_about_themselves(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);

    cast_enrol(&r->cast, "gus", "tech", "mallory", &content);
    const struct wire_command unknown = {.cmd = WIRE_PROPOSE,
                                         .propose = {.kind = KIND_ROSTER, .content = wr_span(&content)}};
    (void)rig_expect(r, RIG_KIOSK, &unknown, "unknown_initiator");

    AUTO_WRITER asked = wr_heap(CAST_TEXT_MAX);
    cast_enrol(&r->cast, "gus", "tech", "bob", &asked);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_ROSTER, .content = wr_span(&asked)}};
    const struct rig_answer a = rig_expect(r, RIG_KIOSK, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    const struct cast_visit v = {
        .person = "bob", .request = a.index, .seat = "officers/officers", .word = DECISION_APPROVE};
    assert_string_equal(rig_visit(r, &v).code, "is_requester");
    const struct cast_visit no_officer = {
        .person = "dan", .request = a.index, .seat = "officers/officers", .word = DECISION_APPROVE};
    assert_string_equal(rig_visit(r, &no_officer).code, "no_role");
}

static uint64_t closed_index;

static void closed_request(struct statement *st)
{
    st->request_index = closed_index;
}

static void what_is_closed_stays_closed(void **state)
{
    struct rig *r = *state;
    const uint64_t open = rig_request(r, "production");
    const struct cast_visit late = {PERSON, .request = open, .bend = closed_request};
    struct cast_visit no = {PERSON, .reason = "The tests of the ledger were skipped."};

    closed_index = rig_request(r, "production");
    no.request = closed_index;
    no.word = DECISION_REJECT;
    assert_string_equal(rig_visit(r, &no).code, "ok");
    assert_string_equal(rig_visit(r, &late).code, "not_open");
    closed_index = rig_approved(r);
    assert_string_equal(rig_visit(r, &late).code, "quorum_met");
    assert_string_equal(rig_redeem(r, closed_index, r->request_number, false).code, "ok");
    assert_string_equal(rig_visit(r, &late).code, "redeemed");
}

static void alike_refusals_are_counted_not_repeated(void **state)
{
    enum { TIMES = 40 };
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    const struct cast_visit v = {PERSON, .request = q, .faults = SOFTKEY_BIT(NO_UV)};

    for (unsigned i = 0; i < TIMES; i++) {
        assert_string_equal(rig_visit(r, &v).code, "no_verification");
    }
    rig_sync(r, RIG_KIOSK, q + 2);
    rig_pump(r, 100);
    assert_int_equal(r->peer[RIG_KIOSK].f.judge.state.size, q + 2); /* the request and one entry for the first */
}

static void a_malformed_statement_is_logged_too(void **state)
{
    struct rig *r = *state;
    uint8_t bytes[37] = {0};
    const struct wire_command c = {.cmd = WIRE_DECISION,
                                   .kiosk = SPAN_LIT(CAST_KIOSK),
                                   .port = SPAN_LIT("1-1"),
                                   .decision = {.auth_data = SPAN_OF(bytes),
                                                .sig = SPAN_OF(bytes),
                                                .statement = SPAN_LIT("{ \"not\": \"canonical\" }")}};
    const uint64_t size = r->peer[RIG_KIOSK].f.judge.state.size;

    (void)rig_expect(r, RIG_KIOSK, &c, "statement");
    rig_sync(r, RIG_KIOSK, size + 1);
    assert_true(rig_has_access(r, size, "statement", 0));
}

static void a_revoked_key_is_off(void **state)
{
    struct rig *r = *state;
    const struct sha256 id =
        digest_sha256(span_make(softkey_author_id(cast_person(&r->cast, "dan")->key), SOFTKEY_ID_BYTES));
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    struct roster_change change = {.op = CHANGE_REVOKE_CREDENTIAL, .credential_sha256 = id};
    const struct roster_content roster = {.changes = {.item = &change, .count = 1},
                                          .initiator = SPAN_LIT("system:operator"),
                                          .reason = SPAN_LIT("The key was lost."),
                                          .title = SPAN_LIT("Switch a key off")};

    assert_int_equal(model_roster_content_encode(&roster, &content).code, CS_OK);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_ROSTER, .content = wr_span(&content)}};
    const struct rig_answer a = rig_expect(r, RIG_OPERATOR, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    rig_approve(r, "ada", a.index, "officers/officers");
    rig_approve(r, "bob", a.index, "officers/officers");
    const uint64_t q = rig_request(r, "production");
    const struct cast_visit v = {PERSON, .request = q};
    assert_string_equal(rig_visit(r, &v).code, "revoked");
    rig_approve(r, "eve", q, SEAT);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_wrong_decision),
        TEST(a_decision_counts_once),
        TEST(an_old_statement_does_not_count),
        TEST(a_person_has_one_seat),
        TEST(nobody_decides_what_is_their_own),
        TEST(nobody_decides_about_themselves),
        TEST(what_is_closed_stays_closed),
        TEST(alike_refusals_are_counted_not_repeated),
        TEST(a_malformed_statement_is_logged_too),
        TEST(a_revoked_key_is_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
