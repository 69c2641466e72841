/* SPDX-License-Identifier: Apache-2.0 */
/* From an empty log to a reported deployment, over the core's sockets. R-D2 R-D3      */
#include "core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/model_events.h"

static int setup(void **state)
{
    static struct rig r;
    rig_init(&r);
    rig_start(&r);
    *state = &r;
    return 0;
}

static int setup_begun(void **state)
{
    (void)setup(state);
    rig_genesis(*state);
    return 0;
}

static int teardown(void **state)
{
    rig_release(*state);
    return 0;
}

static struct wire_command request_of(const char *client, struct span body, const char *key)
{
    return (struct wire_command){.cmd = WIRE_REQUEST,
                                 .client = span_str(client),
                                 .ip = SPAN_LIT("192.0.2.7"),
                                 .request = {.body = body, .key = span_str(key)}};
}

/* --- the beginning --- */

static void nothing_before_the_genesis(void **state)
{
    struct rig *r = *state;
    const struct wire_command q = request_of("ci", SPAN_LIT("{}"), "k");
    const struct wire_command begin = {.cmd = WIRE_BEGIN};
    const struct wire_command roster = {.cmd = WIRE_PROPOSE,
                                        .propose = {.kind = KIND_ROSTER, .content = SPAN_LIT("{}")}};

    (void)rig_expect(r, RIG_HTTP, &q, "no_genesis");
    (void)rig_expect(r, RIG_KIOSK, &begin, "no_genesis");
    (void)rig_expect(r, RIG_OPERATOR, &roster, "no_genesis");
    assert_int_equal(r->peer[RIG_KIOSK].f.judge.state.size, 0);
    rig_genesis(r);
    const struct wire_command proposal = {.cmd = WIRE_PROPOSAL};
    (void)rig_expect(r, RIG_KIOSK, &proposal, "not_first");
}

static void a_genesis_needs_its_signers(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER proposal = wr_heap(CAST_TEXT_MAX);
    uint8_t key[32] = {0};
    uint8_t spki[91] = {0};
    struct wire_command c = {.cmd = WIRE_GENESIS, .kiosk = SPAN_LIT(CAST_KIOSK)};

    cast_proposal(&r->cast, &proposal);
    struct cast_ceremony how = {.proposal = wr_span(&proposal),
                                .log_key = SPAN_OF(key),
                                .outcome_key = SPAN_OF(spki),
                                .now_ms = (uint64_t)time(NULL) * 1000,
                                .signers = 2};
    cast_genesis(&r->cast, &how, &c.genesis);
    (void)rig_expect(r, RIG_KIOSK, &c, "genesis_keys");
    assert_int_equal(r->peer[RIG_KIOSK].f.judge.state.size, 0);
    how.signers = 1;
    rig_keys(r, &how);
    cast_genesis(&r->cast, &how, &c.genesis);
    (void)rig_expect(r, RIG_KIOSK, &c, "too_few_signed");
    assert_int_equal(r->peer[RIG_KIOSK].f.judge.state.size, 0);
    how.signers = 2;
    cast_genesis(&r->cast, &how, &c.genesis);
    (void)rig_expect(r, RIG_KIOSK, &c, "ok");
    (void)rig_expect(r, RIG_KIOSK, &c, "not_first");
}

/* --- requests --- */

static void a_request_goes_all_the_way(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    struct entry e;
    struct redeem redeem;

    assert_int_equal(rig_state(r, q)->status, STATUS_ELIGIBLE);
    rig_approve(r, "dan", q, "production/tech");
    assert_int_equal(rig_state(r, q)->status, STATUS_ELIGIBLE);
    assert_string_equal(rig_redeem(r, q, 1, false).code, "not_approved");
    rig_approve(r, "fay", q, "production/business");
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);

    const struct rig_answer used = rig_redeem(r, q, 1, false);
    assert_string_equal(used.code, "ok");
    assert_int_equal(rig_state(r, q)->status, STATUS_REDEEMED);
    rig_entry(r, used.index, &e);
    assert_int_equal(e.type, ENTRY_REDEEM);
    assert_true(span_is(e.actor, "client:ci"));
    assert_true(span_is(e.origin.ip, "192.0.2.7"));
    assert_true(span_is(e.origin.peer, "http"));
    assert_int_equal(model_redeem_decode(e.body, &r->cast.arena, &redeem).code, CS_OK);
    assert_true(redeem.envelope.left > 0);
    assert_string_equal(rig_redeem(r, q, 1, false).code, "redeemed");

    const struct wire_command outcome = {
        .cmd = WIRE_OUTCOME,
        .client = SPAN_LIT("ci"),
        .ip = SPAN_LIT("192.0.2.7"),
        .outcome = {.request = q, .result = STATUS_SUCCEEDED, .started_ms = 1000, .finished_ms = 2000}};
    const struct rig_answer done = rig_expect(r, RIG_HTTP, &outcome, "ok");
    rig_sync(r, RIG_KIOSK, done.index + 1);
    assert_int_equal(rig_state(r, q)->status, STATUS_SUCCEEDED);
    (void)rig_expect(r, RIG_HTTP, &outcome, "no_outcome");
}

static void a_decision_says_where_it_was_made(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "staging");
    struct entry e;

    rig_approve(r, "eve", q, "staging/tech");
    rig_entry(r, rig_state(r, q)->last_index, &e);
    assert_int_equal(e.type, ENTRY_DECISION);
    assert_true(span_is(e.actor, "person:eve"));
    assert_true(span_is(e.origin.kiosk, CAST_KIOSK));
    assert_true(span_is(e.origin.port, "1-1.2"));
    assert_true(span_is(e.origin.peer, "kiosk"));
}

static void what_differs_voids_the_approval(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_approved(r);
    struct entry e;
    struct redeem redeem;

    const struct rig_answer a = rig_redeem(r, q, r->request_number, true);
    assert_string_equal(a.code, "drifted");
    assert_true(a.has_index);
    assert_int_equal(rig_state(r, q)->status, STATUS_VOID);
    rig_entry(r, a.index, &e);
    assert_int_equal(model_redeem_decode(e.body, &r->cast.arena, &redeem).code, CS_OK);
    assert_int_equal(redeem.envelope.left, 0);
    assert_string_not_equal(rig_redeem(r, q, r->request_number, false).code, "ok");
}

static void one_answer_names_all_faults(void **state)
{
    struct rig *r = *state;
    const struct wire_command c = request_of("ci", SPAN_LIT("{\"title\": 5, \"colour\": \"red\"}"), "k");
    const struct wire_command none = request_of("ci", SPAN_LIT("not json"), "k");

    const struct rig_answer a = rig_expect(r, RIG_HTTP, &c, "invalid_request");
    assert_true(a.fault_count >= 5); /* title, colour, and what is missing */
    const struct rig_answer b = rig_expect(r, RIG_HTTP, &none, "invalid_request");
    assert_int_equal(b.fault_count, 1);
}

static void what_the_policy_asks_is_named(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER body = wr_heap(4096);
    AUTO_WRITER elsewhere = wr_heap(4096);

    rig_body("production", 1, &body);
    uint8_t *at = memmem(body.p, body.len, "backout_plan", 12);
    assert_non_null(at);
    at[0] = 'x'; /* another document: the one that is asked for is missing */
    const struct wire_command c = request_of("ci", wr_span(&body), "k");
    const struct rig_answer a = rig_expect(r, RIG_HTTP, &c, "missing_field");
    assert_int_equal(a.fault_count, 1);
    assert_string_equal(a.pointer[0], "/documentation/backout_plan");

    rig_body("moon", 1, &elsewhere);
    const struct wire_command e = request_of("ci", wr_span(&elsewhere), "k");
    const struct rig_answer b = rig_expect(r, RIG_HTTP, &e, "unknown_environment");
    assert_string_equal(b.pointer[0], "/environment");
}

static void a_key_is_one_request(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER body = wr_heap(4096);
    AUTO_WRITER other = wr_heap(4096);

    rig_body("staging", 1, &body);
    rig_body("staging", 2, &other);
    const struct wire_command c = request_of("ci", wr_span(&body), "k");
    const struct wire_command d = request_of("ci", wr_span(&other), "k");
    const struct wire_command e = request_of("ci", wr_span(&other), "another");
    const struct rig_answer first = rig_expect(r, RIG_HTTP, &c, "ok");
    const struct rig_answer again = rig_expect(r, RIG_HTTP, &c, "same_request");
    assert_int_equal(first.index, again.index);
    (void)rig_expect(r, RIG_HTTP, &d, "idempotency_mismatch");
    assert_true(rig_expect(r, RIG_HTTP, &e, "ok").index > first.index);
}

static void two_posts_at_once_are_one_request(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER body = wr_heap(4096);

    rig_body("staging", 1, &body);
    const struct wire_command c = request_of("ci", wr_span(&body), "k");
    const uint64_t a = rig_send(r, RIG_HTTP, &c); /* both are on their way before either is answered */
    const uint64_t b = rig_send(r, RIG_HTTP, &c);
    const struct rig_answer first = rig_wait(r, RIG_HTTP, a);
    const struct rig_answer second = rig_wait(r, RIG_HTTP, b);
    assert_string_equal(first.code, "ok");
    assert_string_equal(second.code, "same_request");
    assert_int_equal(first.index, second.index);
}

static void a_revision_replaces_what_is_open(void **state)
{
    struct rig *r = *state;
    const uint64_t old = rig_request(r, "staging");
    AUTO_WRITER body = wr_heap(4096);
    char revises[64];

    rig_body("staging", 77, &body);
    (void)snprintf(revises, sizeof(revises), ", \"revises\": %llu }", (unsigned long long)old);
    body.len--; /* the closing brace */
    wr_text(&body, revises);
    const struct wire_command c = request_of("ci", wr_span(&body), "revision");
    const struct rig_answer a = rig_expect(r, RIG_HTTP, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    assert_int_equal(rig_state(r, old)->status, STATUS_SUPERSEDED);
    assert_int_equal(rig_state(r, a.index)->revision, 2);
}

static void only_the_asker_withdraws(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "staging");
    struct wire_command c = {.cmd = WIRE_WITHDRAW,
                             .client = SPAN_LIT("watch"),
                             .ip = SPAN_LIT("192.0.2.8"),
                             .withdraw = {.request = q, .reason = SPAN_LIT("Not needed.")}};

    (void)rig_expect(r, RIG_HTTP, &c, "no_scope");
    c.client = SPAN_LIT("nobody");
    (void)rig_expect(r, RIG_HTTP, &c, "unknown_client");
    c.client = SPAN_LIT("ci");
    const struct rig_answer a = rig_expect(r, RIG_HTTP, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    assert_int_equal(rig_state(r, q)->status, STATUS_WITHDRAWN);
    assert_true(rig_has_access(r, 0, "no_scope", 0));
    assert_true(rig_has_access(r, 0, "unknown_client", 0));
}

static void a_rejection_ends_it(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    struct cast_visit v = {
        .person = "dan", .request = q, .seat = "production/tech", .word = DECISION_REJECT, .reason = "No."};

    assert_string_equal(rig_visit(r, &v).code, "reason_short");
    v.reason = "The tests of the ledger were skipped.";
    assert_string_equal(rig_visit(r, &v).code, "ok");
    assert_int_equal(rig_state(r, q)->status, STATUS_REJECTED);
}

static void a_sequence_signs_over_what_came_before(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "lab");
    const struct cast_visit early = {.person = "cyd", .request = q, .seat = "lab/security", .word = DECISION_APPROVE};

    assert_string_equal(rig_visit(r, &early).code, "seat_order");
    rig_approve(r, "eve", q, "lab/tech");
    rig_approve(r, "cyd", q, "lab/security");
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
}

/* --- people and policy --- */

static void officers_enrol_a_person(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    struct entry e;

    cast_enrol(&r->cast, "gus", "tech", "bob", &content);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_ROSTER, .content = wr_span(&content)}};
    const struct rig_answer a = rig_expect(r, RIG_OPERATOR, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    assert_int_equal(rig_expect(r, RIG_OPERATOR, &c, "same_request").index, a.index);
    rig_approve(r, "ada", a.index, "officers/officers");
    rig_approve(r, "cyd", a.index, "officers/officers");
    const uint64_t last = rig_state(r, a.index)->last_index;
    rig_sync(r, RIG_KIOSK, last + 1);
    /* the decision and what it brings about are one commit */
    assert_int_equal(rig_state(r, a.index)->status, STATUS_APPLIED);
    rig_entry(r, r->peer[RIG_KIOSK].f.judge.state.size - 1, &e);
    assert_int_equal(e.type, ENTRY_ROSTER);

    const uint64_t q = rig_request(r, "staging");
    rig_approve(r, "gus", q, "staging/tech");
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
}

/* countersign propose crl ISSUER FILE; what it prints, both streams. Its exit status. */
static int propose_crl(const struct rig *r, const char *issuer, const char *path, char *ret_said, size_t size)
{
    static const char program[] = COUNTERSIGN;
    const char *const argv[] = {program, "propose",  "crl",    issuer,  path,   "--as",
                                "bob",   "--reason", "weekly", "--run", r->run, NULL};
    char *const no_env[] = {NULL};
    char out[RIG_PATH_MAX];
    posix_spawn_file_actions_t to;
    pid_t pid = 0;
    int status = 0;

    rig_path(r, "said", out);
    assert_int_equal(posix_spawn_file_actions_init(&to), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&to, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0600), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&to, STDOUT_FILENO, STDERR_FILENO), 0);
    assert_int_equal(posix_spawn(&pid, program, &to, NULL, (char *const *)(uintptr_t)argv, no_env), 0);
    (void)posix_spawn_file_actions_destroy(&to);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    const int fd = open(out, O_RDONLY | O_CLOEXEC);
    const ssize_t n = read(fd, ret_said, size - 1);
    (void)close(fd);
    assert_true(fd >= 0 && n >= 0 && WIFEXITED(status));
    ret_said[n] = '\0';
    return WEXITSTATUS(status);
}

static void write_list(const struct rig *r, uint64_t number, const char *name, char ret_path[RIG_PATH_MAX])
{
    static const uint64_t serial = 4711; /* of every card here */
    const struct cardpki_list list = {.number = number, .serials = &serial, .count = 1};
    struct cardpki pki;
    struct cardpki_der der;

    rig_path(r, name, ret_path);
    assert_true(cardpki_init(&pki) && cardpki_crl(&pki, &list, &der));
    const int fd = open(ret_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, der.p, der.len), (ssize_t)der.len);
    (void)close(fd);
    cardpki_der_release(&der);
    cardpki_release(&pki);
}

/* From the issuer's file to a card that counts no more: the operator's command, two officers, a real core. */
static void a_list_of_revoked_cards_is_brought(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    char path[RIG_PATH_MAX];
    char said[512];

    cast_enrol_card(&r->cast, "eve", CARDPKI_P256, "bob", &content);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_ROSTER, .content = wr_span(&content)}};
    const struct rig_answer a = rig_expect(r, RIG_OPERATOR, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    rig_approve(r, "ada", a.index, "officers/officers");
    rig_approve(r, "cyd", a.index, "officers/officers");

    write_list(r, 7, "list.crl", path);
    assert_int_equal(propose_crl(r, "nobody", path, said, sizeof(said)), 1);
    assert_non_null(strstr(said, "issuer_unknown"));
    assert_int_equal(propose_crl(r, "corp", path, said, sizeof(said)), 0);
    const uint64_t q = strtoull(said, NULL, 10);
    assert_true(q > a.index);
    rig_sync(r, RIG_KIOSK, q + 1);
    rig_approve(r, "ada", q, "officers/officers");
    rig_approve(r, "cyd", q, "officers/officers");
    rig_sync(r, RIG_KIOSK, rig_state(r, q)->last_index + 1);
    assert_int_equal(rig_state(r, q)->status, STATUS_APPLIED);

    const uint64_t staging = rig_request(r, "staging");
    const struct cast_visit visit = {
        .person = "eve", .request = staging, .seat = "staging/tech", .word = DECISION_APPROVE};
    assert_string_equal(rig_visit(r, &visit).code, "cert_revoked");
    write_list(r, 6, "list.crl", path);
    assert_int_equal(propose_crl(r, "corp", path, said, sizeof(said)), 1);
    assert_non_null(strstr(said, "crl_old"));
}

/* A real core takes what a card signs, without authenticator data, and nothing else of it. */
static void a_card_is_enrolled_and_decides(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    struct decision d;
    struct entry e;

    cast_enrol_card(&r->cast, "eve", CARDPKI_P384, "bob", &content);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_ROSTER, .content = wr_span(&content)}};
    const struct rig_answer a = rig_expect(r, RIG_OPERATOR, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    rig_approve(r, "ada", a.index, "officers/officers");
    rig_approve(r, "cyd", a.index, "officers/officers");
    rig_sync(r, RIG_KIOSK, rig_state(r, a.index)->last_index + 1);
    assert_int_equal(rig_state(r, a.index)->status, STATUS_APPLIED);

    const uint64_t q = rig_request(r, "staging");
    const struct cast_visit other = {
        .person = "eve", .request = q, .seat = "staging/tech", .word = DECISION_APPROVE, .key_of = "dan"};
    assert_string_equal(rig_visit(r, &other).code, "signature");
    rig_approve(r, "eve", q, "staging/tech");
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
    rig_entry(r, rig_state(r, q)->last_index, &e);
    assert_int_equal(e.type, ENTRY_DECISION);
    assert_int_equal(model_decision_decode(e.body, &r->cast.arena, &d).code, CS_OK);
    assert_int_equal(d.auth_data.left, 0);
}

static void officers_change_the_policy(void **state)
{
    struct rig *r = *state;
    const uint64_t open = rig_request(r, "production");
    AUTO_WRITER policy = wr_heap(CAST_TEXT_MAX);
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);

    cast_policy(2, true, &policy);
    const struct policy_content p = {.initiator = SPAN_LIT("ada"),
                                     .policy = wr_span(&policy),
                                     .reason = SPAN_LIT("Security looks at production too."),
                                     .title = SPAN_LIT("A third seat")};
    assert_int_equal(model_policy_content_encode(&p, &content).code, CS_OK);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_POLICY, .content = wr_span(&content)}};
    const struct rig_answer a = rig_expect(r, RIG_OPERATOR, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    rig_approve(r, "bob", a.index, "officers/officers");
    rig_approve(r, "cyd", a.index, "officers/officers");
    rig_sync(r, RIG_KIOSK, rig_state(r, a.index)->last_index + 1);
    assert_int_equal(rig_state(r, a.index)->status, STATUS_APPLIED);
    assert_int_equal(r->peer[RIG_KIOSK].f.judge.state.policy->doc.version, 2);

    /* what was open before now needs the third seat too */
    rig_approve(r, "dan", open, "production/tech");
    rig_approve(r, "fay", open, "production/business");
    assert_int_equal(rig_state(r, open)->status, STATUS_ELIGIBLE);
    rig_approve(r, "cyd", open, "production/security");
    assert_int_equal(rig_state(r, open)->status, STATUS_APPROVED);

    (void)rig_expect(r, RIG_OPERATOR, &c, "policy_version"); /* once more: a new request, and too late */
}

static void a_policy_that_cannot_work_is_refused(void **state)
{
    struct rig *r = *state;
    const struct wire_command broken = {.cmd = WIRE_PROPOSE,
                                        .propose = {.kind = KIND_POLICY, .content = SPAN_LIT("{\"policy\":{}}")}};

    (void)rig_expect(r, RIG_OPERATOR, &broken, "invalid_request");
    (void)rig_expect(r, RIG_KIOSK, &broken, "invalid_request");
}

#define TEST(fn)  cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define BEGUN(fn) cmocka_unit_test_setup_teardown(fn, setup_begun, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_before_the_genesis),
        TEST(a_genesis_needs_its_signers),
        BEGUN(a_request_goes_all_the_way),
        BEGUN(a_decision_says_where_it_was_made),
        BEGUN(what_differs_voids_the_approval),
        BEGUN(one_answer_names_all_faults),
        BEGUN(what_the_policy_asks_is_named),
        BEGUN(a_key_is_one_request),
        BEGUN(two_posts_at_once_are_one_request),
        BEGUN(a_revision_replaces_what_is_open),
        BEGUN(only_the_asker_withdraws),
        BEGUN(a_rejection_ends_it),
        BEGUN(a_sequence_signs_over_what_came_before),
        BEGUN(officers_enrol_a_person),
        BEGUN(a_card_is_enrolled_and_decides),
        BEGUN(a_list_of_revoked_cards_is_brought),
        BEGUN(officers_change_the_policy),
        BEGUN(a_policy_that_cannot_work_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
