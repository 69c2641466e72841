/* SPDX-License-Identifier: Apache-2.0 */
/* Break-glass over the core's sockets, from asking to the grant with the kiosk's alone: no HTTP front runs. Only the
 * request and its use come over the HTTP front's socket, which the test holds itself. Requirements
 * D4, 6.2, 6.3, 6.4, 6.5, 6.6 */
#include "core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <signal.h>

#include "model/model_emergency.h"

struct glass {
    unsigned window_s;
    unsigned due_s;
    bool untrusted_clock;
};

static int setup(void **state)
{
    static struct rig r;
    rig_init(&r);
    rig_start(&r);
    rig_genesis(&r);
    *state = &r;
    return 0;
}

static int setup_clock(void **state)
{
    static struct rig r;
    rig_init(&r);
    r.clock = "+0";
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

#define SEAT(id, role, more) "{\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"," more "}"

static void write_number(struct writer *w, const char *before, unsigned n)
{
    wr_text(w, before);
    wr_dec(w, n);
}

static void write_policy(const struct glass *g, struct writer *w)
{
    wr_text(w, "{\"change_types\":[\"normal\",\"rollback\"],\"emergency\":{\"budget\":{\"count\":1,\"over\":[" SEAT(
                   "second", "officer",
                   "\"self\":false") "],\"per_s\":86400},\"justification_min\":10,\"kinds\":[{\"anchor\":"
                                     "\"incident\",\"change_types\":[\"normal\",\"rollback\"],\"environments\":["
                                     "\"production\"],"
                                     "\"id\":\"outage\"}],\"presence\":{\"ports\":[\"1-1\",\"1-2\",\"1-3\"],\"switch\":"
                                     "false,\"tokens\":2,");
    write_number(w, "\"window_s\":", g->window_s);
    write_number(w, "},\"review\":{\"due_s\":", g->due_s);
    wr_text(w, ",\"fields\":[\"impact\"],\"seats\":[" SEAT("author", "tech", "\"self\":true") "," SEAT(
                   "board", "officer",
                   "\"self\":false") "]},\"seats\":[" SEAT("operator", "tech",
                                                           "\"self\":true,\"voucher\":false") "," SEAT("endorse",
                                                                                                       "business",
                                                                                                       "\"self\":false,"
                                                                                                       "\"voucher\":"
                                                                                                       "true") "],"
                                                                                                               "\"sign_"
                                                                                                               "by_s\":"
                                                                                                               "3600,"
                                                                                                               "\"untru"
                                                                                                               "sted_"
                                                                                                               "clock\""
                                                                                                               ":");
    wr_text(w, g->untrusted_clock ? "true" : "false");
    wr_text(
        w,
        ",\"use_by_s\":600,\"voucher_life_s\":3600},\"environments\":[\"lab\",\"production\",\"staging\"],"
        "\"name\":\"glass\",\"officers\":{\"sign_by_s\":3600,\"threshold\":2},\"roles\":[\"business\",\"officer\","
        "\"security\",\"tech\"],\"rules\":[{\"id\":\"production\",\"require\":{\"bind\":[\"artifacts\"],\"seats\":["
        "{\"count\":1,\"id\":\"business\",\"role\":\"business\"},{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]}}],"
        "\"v\":1,\"version\":2}");
}

static struct rig_answer propose(struct rig *r, enum rig_who who, enum request_kind kind, struct span content)
{
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = kind, .content = content}};
    const struct rig_answer a = rig_ask(r, who, &c);
    if (a.has_index) {
        rig_sync(r, RIG_KIOSK, a.index + 1);
    }
    return a;
}

static void adopt(struct rig *r, const struct glass *g)
{
    AUTO_WRITER policy = wr_heap(CAST_TEXT_MAX);
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);

    write_policy(g, &policy);
    const struct policy_content p = {
        .initiator = SPAN_LIT("ada"), .policy = wr_span(&policy), .title = SPAN_LIT("Emergencies")};
    assert_int_equal(model_policy_content_encode(&p, &content).code, CS_OK);
    const struct rig_answer a = propose(r, RIG_OPERATOR, KIND_POLICY, wr_span(&content));
    if (strcmp(a.code, "ok") != 0) {
        fail_msg("policy: %s", a.detail);
    }
    rig_approve(r, "bob", a.index, "officers/officers");
    rig_approve(r, "cyd", a.index, "officers/officers");
    rig_sync(r, RIG_KIOSK, a.index + 4);
    assert_int_equal(r->peer[RIG_KIOSK].f.judge.state.policy->doc.version, 2);
}

static struct rig_answer ask(struct rig *r, uint64_t request, const char *anchor, uint64_t voucher)
{
    AUTO_WRITER w = wr_heap(CAST_TEXT_MAX);
    const struct emergency_content c = {.anchor = span_str(anchor),
                                        .initiator = SPAN_LIT("dan"),
                                        .justification = SPAN_LIT("Payments are down."),
                                        .kind = SPAN_LIT("outage"),
                                        .request = request,
                                        .has_voucher = voucher != 0,
                                        .voucher = voucher};
    assert_int_equal(model_emergency_content_encode(&c, &w).code, CS_OK);
    return propose(r, RIG_KIOSK, KIND_EMERGENCY, wr_span(&w));
}

static uint64_t opened(struct rig *r, uint64_t request, const char *anchor)
{
    const struct rig_answer a = ask(r, request, anchor, 0);
    assert_string_equal(a.code, "ok");
    return a.index;
}

static struct rig_answer sign(struct rig *r, const char *person, uint64_t request, const char *seat, const char *port)
{
    const struct cast_visit v = {
        .person = person, .request = request, .seat = seat, .word = DECISION_APPROVE, .port = port};
    return rig_visit(r, &v);
}

static const struct state *fold(const struct rig *r)
{
    return &r->peer[RIG_KIOSK].f.judge.state;
}

/* Both sign; the emergency's entry. */
static uint64_t broken(struct rig *r, uint64_t emergency)
{
    assert_string_equal(sign(r, "dan", emergency, "emergency/operator", "1-1").code, "ok");
    const struct rig_answer a = sign(r, "fay", emergency, "emergency/endorse", "1-2");
    assert_string_equal(a.code, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 2);
    return a.index + 1;
}

static void the_whole_way(void **state)
{
    struct rig *r = *state;
    struct entry e;
    adopt(r, &(struct glass){.window_s = 120, .due_s = 86400});
    const uint64_t q = rig_request(r, "production");
    const uint64_t m = opened(r, q, "INC-1");
    assert_string_equal(ask(r, q, "INC-1", 0).code, "same_request");
    const uint64_t grant = broken(r, m);
    rig_entry(r, grant, &e);
    assert_int_equal(e.type, ENTRY_EMERGENCY);
    assert_true(span_is(e.actor, "system:core"));
    assert_int_equal(rig_state(r, m)->status, STATUS_APPLIED);
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
    assert_int_equal(fold(r)->emergency_count, 1);
    assert_string_equal(rig_redeem(r, q, 1, false).code, "ok");
    assert_string_equal(rig_redeem(r, q, 1, false).code, "redeemed");
}

static void nobody_else_begins_one(void **state)
{
    struct rig *r = *state;
    static const enum request_kind kinds[] = {KIND_EMERGENCY, KIND_REVIEW, KIND_VOUCHER};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = kinds[i], .content = SPAN_LIT("{}")}};
        (void)rig_expect(r, RIG_KIOSK, &c, "invalid_request");
        const unsigned lost = r->peer[RIG_OPERATOR].lost;
        (void)rig_send(r, RIG_OPERATOR, &c);
        rig_wait_lost(r, RIG_OPERATOR, lost + 1);
        rig_disconnect(r);
        rig_connect(r);
    }
}

static void refusals_are_answers(void **state)
{
    struct rig *r = *state;
    const uint64_t early = rig_request(r, "production");
    assert_string_equal(ask(r, early, "INC-1", 0).code, "no_emergencies");
    adopt(r, &(struct glass){.window_s = 120, .due_s = 86400});
    assert_string_equal(ask(r, rig_request(r, "staging"), "INC-1", 0).code, "emergency_environment");
    assert_string_equal(ask(r, 99999, "INC-1", 0).code, "unknown_request");
    const uint64_t m = opened(r, rig_request(r, "production"), "INC-1");
    assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-1.2").code, "presence_port");
    assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-1").code, "ok");
    assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-2").code, "already_signed");
    assert_string_equal(sign(r, "fay", m, "emergency/endorse", "1-1").code, "presence_port");
    assert_string_equal(sign(r, "eve", m, "emergency/endorse", "1-2").code, "no_role");
    assert_int_equal(rig_state(r, m)->status, STATUS_ELIGIBLE);
    assert_true(rig_has_access(r, m, "presence_port", m));
}

/* The power is cut between the two signatures. */
static void killed_between_the_signatures(void **state)
{
    struct rig *r = *state;
    adopt(r, &(struct glass){.window_s = 3600, .due_s = 86400});
    const uint64_t q = rig_request(r, "production");
    const uint64_t m = opened(r, q, "INC-1");
    assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-1").code, "ok");
    (void)rig_end(r, SIGKILL);
    rig_start(r);
    assert_int_equal(rig_state(r, m)->status, STATUS_ELIGIBLE);
    assert_int_equal(rig_state(r, q)->status, STATUS_ELIGIBLE);
    assert_int_equal(fold(r)->emergency_count, 0);
    const struct rig_answer a = sign(r, "fay", m, "emergency/endorse", "1-2");
    assert_string_equal(a.code, "ok");
    (void)rig_end(r, SIGKILL); /* what was answered is there, and all of it */
    rig_start(r);
    assert_int_equal(rig_state(r, m)->status, STATUS_APPLIED);
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
    assert_int_equal(fold(r)->emergency_count, 1);
    assert_string_equal(rig_redeem(r, q, 1, false).code, "ok");
}

static void the_first_signature_goes_stale(void **state)
{
    struct rig *r = *state;
    adopt(r, &(struct glass){.window_s = 1, .due_s = 86400});
    const uint64_t q = rig_request(r, "production");
    const uint64_t m = opened(r, q, "INC-1");
    assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-1").code, "ok");
    const uint64_t signed_ms = fold(r)->time_ms;
    while (rig_begin(r).time_ms <= signed_ms + 1000) {
        rig_pump(r, 50);
    }
    assert_string_equal(sign(r, "fay", m, "emergency/endorse", "1-2").code, "ok");
    assert_int_equal(rig_state(r, m)->status, STATUS_ELIGIBLE);
    assert_int_equal(rig_state(r, q)->status, STATUS_ELIGIBLE);
    assert_int_equal(fold(r)->emergency_count, 0);
}

static void a_debt_blocks_until_it_is_paid(void **state)
{
    struct rig *r = *state;
    AUTO_WRITER w = wr_heap(CAST_TEXT_MAX);
    adopt(r, &(struct glass){.window_s = 120, .due_s = 2});
    const uint64_t grant = broken(r, opened(r, rig_request(r, "production"), "INC-1"));
    while (fold(r)->emergencies[0]->overdue_index == 0) { /* the core says so by itself */
        rig_pump(r, 100);
    }
    const uint64_t next = rig_request(r, "production");
    assert_string_equal(ask(r, next, "INC-2", 0).code, "review_overdue");
    wr_text(&w, "{\"emergency\":");
    wr_dec(&w, grant);
    wr_text(&w, ",\"fields\":{\"impact\":\"40 minutes\"},\"initiator\":\"dan\"}");
    const struct rig_answer review = propose(r, RIG_KIOSK, KIND_REVIEW, wr_span(&w));
    assert_string_equal(review.code, "ok");
    assert_string_equal(sign(r, "dan", review.index, "review/author", "5-5").code, "ok");
    const struct rig_answer last = sign(r, "cyd", review.index, "review/board", "5-5");
    assert_string_equal(last.code, "ok");
    rig_sync(r, RIG_KIOSK, last.index + 2);
    assert_true(fold(r)->emergencies[0]->review_index == last.index + 1);
    /* the budget of one is used, so the next takes a third person */
    const uint64_t m = opened(r, next, "INC-2");
    assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-1").code, "ok");
    assert_string_equal(sign(r, "fay", m, "emergency/endorse", "1-2").code, "ok");
    assert_int_equal(rig_state(r, m)->status, STATUS_ELIGIBLE);
    const struct rig_answer third = sign(r, "cyd", m, "emergency/second", "1-3");
    assert_string_equal(third.code, "ok");
    rig_sync(r, RIG_KIOSK, third.index + 2);
    assert_int_equal(rig_state(r, next)->status, STATUS_APPROVED);
    assert_true(fold(r)->emergencies[1]->over_budget);
}

static void a_voucher_is_used_once(void **state)
{
    struct rig *r = *state;
    struct span production = SPAN_LIT("production");
    struct span outage = SPAN_LIT("outage");
    AUTO_WRITER w = wr_heap(CAST_TEXT_MAX);
    adopt(r, &(struct glass){.window_s = 120, .due_s = 86400});
    const struct voucher_content c = {.environments = &production,
                                      .environment_count = 1,
                                      .initiator = SPAN_LIT("fay"),
                                      .kinds = &outage,
                                      .kind_count = 1,
                                      .life_s = 3600,
                                      .reason = SPAN_LIT("On a plane."),
                                      .role = SPAN_LIT("tech"),
                                      .seat = SPAN_LIT("endorse")};
    assert_int_equal(model_voucher_content_encode(&c, &w).code, CS_OK);
    const struct rig_answer v = propose(r, RIG_KIOSK, KIND_VOUCHER, wr_span(&w));
    assert_string_equal(v.code, "ok");
    const uint64_t q = rig_request(r, "production");
    assert_string_equal(ask(r, q, "INC-1", v.index).code, "voucher_unknown");
    assert_string_equal(sign(r, "bob", v.index, "voucher/endorse", "1-1").code, "voucher_person");
    assert_string_equal(sign(r, "fay", v.index, "voucher/endorse", "1-1").code, "ok");
    const struct rig_answer m = ask(r, q, "INC-1", v.index);
    assert_string_equal(m.code, "ok");
    const struct rig_answer a = sign(r, "dan", m.index, "emergency/operator", "1-1");
    assert_string_equal(a.code, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 2);
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
    assert_int_equal(rig_state(r, v.index)->status, STATUS_APPLIED);
    assert_string_equal(ask(r, rig_request(r, "production"), "INC-2", v.index).code, "voucher_used");
}

/* Mistaken emergencies and vouchers are taken back at the kiosk; deployments are not. */
static void the_kiosk_takes_back_its_own(void **state)
{
    struct rig *r = *state;
    adopt(r, &(struct glass){.window_s = 120, .due_s = 86400});
    const uint64_t q = rig_request(r, "production");
    const uint64_t m = opened(r, q, "INC-1");
    struct wire_command c = {.cmd = WIRE_WITHDRAW,
                             .kiosk = SPAN_LIT(CAST_KIOSK),
                             .withdraw = {.request = m, .reason = SPAN_LIT("The wrong release.")}};
    const struct rig_answer a = rig_expect(r, RIG_KIOSK, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    assert_int_equal(rig_state(r, m)->status, STATUS_WITHDRAWN);
    struct entry e;
    rig_entry(r, a.index, &e);
    assert_true(span_is(e.actor, "system:kiosk"));
    c.withdraw.request = q;
    (void)rig_expect(r, RIG_KIOSK, &c, "unknown_client");
    assert_int_equal(rig_state(r, q)->status, STATUS_ELIGIBLE);
}

static void what_ran_before_runs_again(void **state)
{
    struct rig *r = *state;
    adopt(r, &(struct glass){.window_s = 120, .due_s = 86400});
    const uint64_t q = rig_approved(r);
    assert_string_equal(rig_redeem(r, q, 1, false).code, "ok");
    const uint64_t now_ms = rig_begin(r).time_ms;
    const struct wire_command outcome = {
        .cmd = WIRE_OUTCOME,
        .client = SPAN_LIT("ci"),
        .ip = SPAN_LIT("192.0.2.7"),
        .outcome = {.finished_ms = now_ms, .request = q, .result = STATUS_SUCCEEDED, .started_ms = now_ms}};
    const struct rig_answer done = rig_expect(r, RIG_HTTP, &outcome, "ok");
    rig_sync(r, RIG_KIOSK, done.index + 1);
    (void)broken(r, opened(r, q, "INC-1"));
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
    assert_string_equal(rig_redeem(r, q, 1, true).code, "drifted"); /* and nothing else than that */
}

static void time_goes_on_under_a_clock_that_is_back(void **state)
{
    struct rig *r = *state;
    adopt(r, &(struct glass){.window_s = 2, .due_s = 86400, .untrusted_clock = true});
    const uint64_t q = rig_request(r, "production");
    const uint64_t m = opened(r, q, "INC-1");
    const uint64_t size = fold(r)->size;
    rig_set_clock(r, "-10m");
    rig_sync(r, RIG_KIOSK, size + 1);
    assert_true(fold(r)->clock_back);
    const uint64_t before_ms = rig_begin(r).time_ms;
    while (rig_begin(r).time_ms < before_ms + 100) {
        rig_pump(r, 50);
    }
    assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-1").code, "ok");
    const struct rig_answer a = sign(r, "fay", m, "emergency/endorse", "1-2");
    assert_string_equal(a.code, "ok");
    if (rig_state(r, m)->status == STATUS_ELIGIBLE) { /* a slow machine: they were not together */
        assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-1").code, "ok");
    }
    while (rig_state(r, m)->status != STATUS_APPLIED) {
        rig_pump(r, 50);
    }
    struct entry e;
    struct emergency_grant g;
    rig_entry(r, fold(r)->emergencies[0]->index, &e);
    assert_int_equal(model_grant_decode(e.body, &r->cast.arena, &g).code, CS_OK);
    assert_false(g.clock_trusted);
    assert_string_equal(rig_redeem(r, q, 1, false).code, "ok");
}

/* The first signature is older than the window, and the clock steps back before the second. */
static uint64_t stepped_back(struct rig *r, const char *to, bool untrusted)
{
    struct entry e;
    adopt(r, &(struct glass){.window_s = 2, .due_s = 86400, .untrusted_clock = untrusted});
    const uint64_t m = opened(r, rig_request(r, "production"), "INC-1");
    assert_string_equal(sign(r, "dan", m, "emergency/operator", "1-1").code, "ok");
    const uint64_t size = fold(r)->size;
    const uint64_t signed_ms = fold(r)->time_ms;
    while (rig_begin(r).time_ms < signed_ms + 5000) {
        rig_pump(r, 50);
    }
    rig_set_clock(r, to);
    rig_sync(r, RIG_KIOSK, size + 1);
    rig_entry(r, size, &e);
    assert_int_equal(e.type, ENTRY_CLOCK);
    assert_true(e.time_ms >= signed_ms + 5000); /* what has passed has passed */
    return m;
}

static void not_together(struct rig *r, uint64_t emergency)
{
    assert_int_equal(rig_state(r, emergency)->status, STATUS_ELIGIBLE);
    assert_int_equal(fold(r)->emergency_count, 0);
}

static void a_small_step_back_does_not_stretch_the_window(void **state)
{
    struct rig *r = *state;
    const uint64_t m = stepped_back(r, "-4.5", false);
    while (fold(r)->clock_back) {
        rig_pump(r, 50);
    }
    assert_string_equal(sign(r, "fay", m, "emergency/endorse", "1-2").code, "ok");
    not_together(r, m);
}

static void a_large_step_back_does_not_stretch_the_window(void **state)
{
    struct rig *r = *state;
    const uint64_t m = stepped_back(r, "-10m", true);
    assert_true(fold(r)->clock_back);
    assert_string_equal(sign(r, "fay", m, "emergency/endorse", "1-2").code, "ok");
    not_together(r, m);
}

#define TEST(fn)  cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define CLOCK(fn) cmocka_unit_test_setup_teardown(fn, setup_clock, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_whole_way),
        TEST(nobody_else_begins_one),
        TEST(refusals_are_answers),
        TEST(killed_between_the_signatures),
        TEST(the_first_signature_goes_stale),
        TEST(a_debt_blocks_until_it_is_paid),
        TEST(a_voucher_is_used_once),
        TEST(the_kiosk_takes_back_its_own),
        TEST(what_ran_before_runs_again),
    };
    const struct CMUnitTest clock[] = {CLOCK(a_small_step_back_does_not_stretch_the_window),
                                       CLOCK(a_large_step_back_does_not_stretch_the_window),
                                       CLOCK(time_goes_on_under_a_clock_that_is_back)};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (RIG_SANITIZED) {
        print_message("a sanitizer cannot be preloaded with another clock: clock test skipped\n");
    } else {
        failed += cmocka_run_group_tests(clock, NULL, NULL);
    }
    return failed;
}
