/* SPDX-License-Identifier: Apache-2.0 */
/* Pages over a real log: what is shown, when, and with which tag (6.4 among them: reviews that are owed). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/http_event.h"
#include "http/http_status.h"
#include "http/http_view.h"
#include "json/json_in.h"
#include "base/base_text.h"
#include "policy/policy_access.h"
#include "support/author_evidence.h"
#include "support/author_freeze.h"
#include "support/author_glass.h"
#include "support/author_route.h"

enum { CAP_BYTES = 64 << 20 };

struct bed {
    struct author_log *log;
    struct http_view view;
    struct judge follower;
    uint64_t taken;
    unsigned touched;
};

static void touched(void *ctx, struct http_record *r)
{
    struct bed *t = ctx;
    (void)r;
    t->touched++;
}

/* As a follower does: entry by entry into a fold of its own, then into the view. */
static void take(struct bed *t)
{
    while (t->taken < author_log_size(t->log)) {
        struct entry e;
        assert_true(judge_entry(&t->follower, author_log_leaf(t->log, t->taken), &e).allow);
        assert_int_equal(http_view_apply(&t->view, &t->follower.state, &e).code, CS_OK);
        t->taken++;
    }
}

static void publish(struct bed *t)
{
    take(t);
    assert_int_equal(http_view_publish(&t->view, &t->follower.state).code, CS_OK);
}

static int begin_empty(void **state)
{
    struct bed *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    t->log = author_log_new(JUDGE_FOLD, CAP_BYTES);
    assert_non_null(t->log);
    assert_int_equal(judge_init(&t->follower, JUDGE_FOLD, CAP_BYTES).code, CS_OK);
    assert_int_equal(http_view_init(&t->view).code, CS_OK);
    t->view.touched = touched;
    t->view.ctx = t;
    *state = t;
    return 0;
}

static int begin(void **state)
{
    (void)begin_empty(state);
    struct bed *t = *state;
    author_log_standard(t->log);
    publish(t);
    return 0;
}

static int end(void **state)
{
    struct bed *t = *state;
    http_view_release(&t->view);
    judge_release(&t->follower);
    author_log_free(t->log);
    free(t);
    return 0;
}

static uint64_t opened(struct bed *t, const char *environment)
{
    uint64_t id = 0;
    assert_true(
        author_log_request(t->log, &(struct author_request){.title = "Release", .environment = environment}, &id)
            .allow);
    return id;
}

static void decide(struct bed *t, const char *person, uint64_t id, const char *seat, enum decision_word word)
{
    assert_true(author_log_decide(t->log, person, id, seat, word, "because it is not ready yet", NULL).allow);
}

static bool says(const struct http_page *p, const char *text)
{
    return memmem(p->bytes, p->len, text, strlen(text)) != NULL;
}

static void nothing_is_shown_before_it_is_verified(void **state)
{
    struct bed *t = *state;
    const uint64_t id = opened(t, NULL);
    take(t);
    assert_null(http_view_find(&t->view, id));
    assert_int_equal(http_view_after(&t->view, id), STATUS_NONE);
    publish(t);
    const struct http_record *r = http_view_find(&t->view, id);
    assert_non_null(r);
    const unsigned before = t->touched;
    decide(t, "tom", id, "production/tech", DECISION_APPROVE);
    take(t);
    assert_true(says(r->status_page, "\"progress\":\"0 of 2 signatures; waiting for business, tech\""));
    publish(t);
    assert_true(says(r->status_page, "\"progress\":\"1 of 2 signatures; waiting for business\""));
    assert_int_equal(t->touched, before + 1);
}

/* The first 16 bytes of SHA-256 over the page. */
static void tag_of(const struct http_page *p, char ret_tag[HTTP_TAG_MAX])
{
    const struct sha256 d = digest_sha256(span_make(p->bytes, p->len));

    for (size_t i = 0; i < 16; i++) {
        (void)snprintf(&ret_tag[2 * i], 3, "%02x", d.b[i]);
    }
}

static void each_status_with_its_words_and_tag(void **state)
{
    struct bed *t = *state;
    char tag[HTTP_TAG_MAX];
    const uint64_t id = opened(t, NULL);
    publish(t);
    const struct http_record *r = http_view_find(&t->view, id);
    tag_of(r->status_page, tag);
    assert_string_equal(r->status_page->tag, tag);
    assert_string_not_equal(r->sheet_page->tag, tag);
    decide(t, "tom", id, "production/tech", DECISION_APPROVE);
    decide(t, "bea", id, "production/business", DECISION_APPROVE);
    publish(t);
    assert_int_equal(r->status, STATUS_APPROVED);
    assert_true(says(r->status_page, "\"status\":\"approved\""));
    assert_true(says(r->status_page, "\"use_by\":\""));
    assert_string_not_equal(r->status_page->tag, tag);
    tag_of(r->status_page, tag);
    assert_string_equal(r->status_page->tag, tag);
    assert_true(author_log_redeem(t->log, id, false).allow);
    publish(t);
    assert_int_equal(r->status, STATUS_REDEEMED);
    assert_int_equal(r->redeem_index, id + 3);
    assert_true(says(r->sheet_page, "\"state\":\"met\""));
    assert_true(author_log_outcome(t->log, id, STATUS_FAILED).allow);
    publish(t);
    assert_true(says(r->status_page, "\"status\":\"failed\""));
    assert_true(says(r->status_page, "\"seat\":\"production/tech\"")); /* kept after the request is final */
}

static void a_rejection_says_who_and_why(void **state)
{
    struct bed *t = *state;
    const uint64_t id = opened(t, NULL);
    decide(t, "bea", id, "production/business", DECISION_REJECT);
    publish(t); /* opened and decided in one batch */
    const struct http_record *r = http_view_find(&t->view, id);
    assert_true(says(r->status_page, "\"progress\":\"rejected by bea: because it is not ready yet\""));
    assert_true(says(r->status_page, "\"person\":\"bea\",\"reason\":\"because it is not ready yet\",\"seat\""));
    assert_int_equal(http_view_after(&t->view, id), STATUS_ELIGIBLE);
    assert_int_equal(http_view_after(&t->view, id + 1), STATUS_REJECTED);
}

static void a_revision_closes_the_old_one(void **state)
{
    struct bed *t = *state;
    const uint64_t old = opened(t, NULL);
    uint64_t id = 0;
    publish(t);
    assert_true(author_log_request(
                    t->log, &(struct author_request){.title = "Better", .revises_set = true, .revises = old}, &id)
                    .allow);
    publish(t);
    const struct http_record *r = http_view_find(&t->view, old);
    assert_int_equal(r->status, STATUS_SUPERSEDED);
    assert_int_equal(r->index, id);
    assert_true(says(r->status_page, "replaced by request"));
}

/* A page being sent stays as it was when another takes its place. */
static void an_old_page_lives_while_it_is_held(void **state)
{
    struct bed *t = *state;
    const uint64_t id = opened(t, NULL);
    publish(t);
    struct http_page *held = http_page_hold(http_view_find(&t->view, id)->status_page);
    decide(t, "tom", id, "production/tech", DECISION_APPROVE);
    publish(t);
    assert_ptr_not_equal(http_view_find(&t->view, id)->status_page, held);
    assert_true(says(held, "0 of 2 signatures"));
    assert_int_equal(held->holders, 1);
    http_page_drop(held);
}

static uint64_t count_items(const struct writer *w)
{
    uint64_t n = 0;
    for (size_t i = 0; i + 14 < w->len; i++) {
        n += memcmp(w->p + i, "{\"approved\":", 12) == 0 || memcmp(w->p + i, "{\"decisions\":", 13) == 0 ? 1 : 0;
    }
    return n;
}

static void lists_by_page_and_filter(void **state)
{
    struct bed *t = *state;
    (void)opened(t, NULL);
    const uint64_t second = opened(t, "staging");
    const uint64_t third = opened(t, NULL);
    publish(t);
    AUTO_WRITER a = wr_heap(1 << 20);
    AUTO_WRITER b = wr_heap(1 << 20);
    AUTO_WRITER c = wr_heap(1 << 20);
    assert_int_equal(http_view_list(&t->view, &(struct http_list){.before = UINT64_MAX, .limit = 2}, &a).code, CS_OK);
    assert_int_equal(count_items(&a), 2);
    char next[48];
    (void)snprintf(next, sizeof(next), "\"next\":\"%llu\"", (unsigned long long)second);
    assert_non_null(memmem(a.p, a.len, next, strlen(next)));
    assert_int_equal(http_view_list(&t->view, &(struct http_list){.before = third, .limit = 100}, &b).code, CS_OK);
    assert_null(memmem(b.p, b.len, "\"next\"", 6));
    const struct http_list staging = {
        .before = UINT64_MAX, .limit = 100, .status = STATUS_ELIGIBLE, .environment = SPAN_LIT("staging")};
    assert_int_equal(http_view_list(&t->view, &staging, &c).code, CS_OK);
    assert_int_equal(count_items(&c), 1);
}

static void entries_in_order_only(void **state)
{
    struct bed *t = *state;
    struct entry e = {.seq = 0};
    assert_int_equal(http_view_apply(&t->view, &t->follower.state, &e).code, CS_E_ORDER);
}

/* 6.4: a granted deployment is shown to who waits for it, and the debt to everybody. */
static void an_emergency_and_what_it_owes(void **state)
{
    struct bed *t = *state;
    glass_policy(t->log, &(struct glass_policy){.version = 3});
    publish(t);
    assert_true(says(t->view.reviews, "{\"items\":[],\"more\":false}"));
    const uint64_t q = glass_request(t->log, "Hotfix", NULL);
    const uint64_t v = glass_voucher_signed(t->log, &(struct glass_voucher){0});
    uint64_t m = 0;
    assert_true(glass_open(t->log, &(struct glass_ask){.request = q, .voucher = v}, &m).allow);
    publish(t);
    assert_true(says(http_view_find(&t->view, v)->status_page, "\"progress\":\"signed; may be used before "));
    assert_true(says(http_view_find(&t->view, m)->status_page, "\"title\":\"INC-4711\""));
    assert_true(says(http_view_find(&t->view, m)->sheet_page, "\"state\":\"skipped\""));
    assert_true(glass_sign(t->log, "tina", m, "emergency/operator", "1-1").allow);
    assert_true(author_log_grant(t->log, m, NULL).allow);
    const uint64_t grant = author_log_size(t->log) - 1;
    publish(t);
    assert_int_equal(http_view_after(&t->view, grant), STATUS_APPROVED);
    assert_int_equal(http_view_find(&t->view, q)->status, STATUS_APPROVED);
    assert_true(says(http_view_find(&t->view, q)->status_page, "\"emergency\":{\"index\":"));
    assert_true(says(http_view_find(&t->view, q)->status_page, "granted in an emergency; redeem before "));
    assert_int_equal(http_view_find(&t->view, m)->status, STATUS_APPLIED);
    assert_int_equal(http_view_find(&t->view, v)->status, STATUS_APPLIED);
    assert_true(says(t->view.reviews, "\"status\":\"owed\""));
    assert_int_equal(t->view.reviews_owed, 1);
    assert_int_equal(t->view.reviews_overdue, 0);
    glass_use(t->log, q);
    author_log_advance(t->log, 86400ULL * 1000);
    assert_true(author_log_overdue(t->log, grant).allow);
    publish(t);
    assert_true(says(t->view.reviews, "\"status\":\"overdue\""));
    assert_int_equal(t->view.reviews_overdue, 1);
    glass_pay(t->log, grant);
    publish(t);
    assert_true(says(t->view.reviews, "\"status\":\"paid\""));
    assert_int_equal(t->view.reviews_owed, 0);
}

/* Given once more and not used, it is shown as what it was. */
static void a_grant_that_was_not_used_is_not_shown(void **state)
{
    struct bed *t = *state;
    glass_policy(t->log, &(struct glass_policy){.version = 3});
    const uint64_t q = glass_request(t->log, "Hotfix", NULL);
    const uint64_t first = glass_break(t->log, q);
    glass_use(t->log, q);
    publish(t);
    AUTO_WRITER before = wr_heap(256);
    const struct state_request *x = state_request_find(&author_log_judge(t->log)->state, q);
    wr_text(&before, "\"use_by\":\"");
    text_time_write(&before, x->use_by_ms);
    wr_u8(&before, 0);
    assert_true(says(http_view_find(&t->view, q)->status_page, (const char *)before.p));
    (void)glass_break(t->log, q);
    publish(t);
    assert_false(says(http_view_find(&t->view, q)->status_page, (const char *)before.p));
    author_log_advance(t->log, 1800000);
    assert_true(author_log_expire(t->log, q).allow);
    publish(t);
    assert_true(says(http_view_find(&t->view, q)->status_page, (const char *)before.p));
    AUTO_WRITER emergency = wr_heap(64);
    wr_text(&emergency, "\"emergency\":{\"index\":");
    wr_dec(&emergency, first);
    wr_u8(&emergency, 0);
    assert_true(says(http_view_find(&t->view, q)->status_page, (const char *)emergency.p));
}

/* The one that is owed comes first, however many are paid. */
static void what_is_owed_comes_first(void **state)
{
    struct bed *t = *state;
    glass_policy(t->log, &(struct glass_policy){.version = 3});
    const uint64_t one = glass_request(t->log, "One", NULL);
    (void)glass_break(t->log, one);
    const uint64_t two = glass_request(t->log, "Two", NULL);
    const uint64_t paid = glass_break(t->log, two);
    glass_use(t->log, two);
    glass_pay(t->log, paid);
    publish(t);
    assert_true(says(t->view.reviews, "\"status\":\"owed\"},{"));
    assert_true(says(t->view.reviews, "\"status\":\"paid\"}],\"more\":false}"));
}

/* Its deployment is gone, and then the policy has no emergencies any more: still it can be shown. */
static void an_emergency_about_nothing(void **state)
{
    struct bed *t = *state;
    uint64_t m = 0;
    glass_policy(t->log, &(struct glass_policy){.version = 3});
    const uint64_t q = glass_request(t->log, "Hotfix", NULL);
    assert_true(glass_open(t->log, &(struct glass_ask){.request = q}, &m).allow);
    assert_true(author_log_withdraw(t->log, q, "client:ci").allow);
    glass_policy(t->log, &(struct glass_policy){.version = 4, .none = true});
    publish(t);
    assert_true(says(http_view_find(&t->view, m)->sheet_page, "no_emergencies"));
    glass_policy(t->log, &(struct glass_policy){.version = 5});
    publish(t);
    assert_true(says(http_view_find(&t->view, m)->sheet_page, "not_open"));
}

/* The largest policies there are, one after the other, over one request. */
static void many_rules(struct bed *t, char c)
{
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    for (unsigned i = 0; i < 190; i++) {
        char rule[256];
        (void)snprintf(rule, sizeof(rule),
                       "%s{\"id\":\"%c%03u\",\"require\":{\"fields\":[\"initiator\",\"service\",\"title\"],\"seats\":["
                       "{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}],\"separate\":[\"authors\",\"trigger\"]}}",
                       i > 0 ? "," : "", c, i);
        wr_text(&w, rule);
    }
    wr_u8(&w, 0);
    route_rules(t->log, (const char *)wr_span(&w).p);
}

static void a_long_sheet_is_shown_whole(void **state)
{
    struct bed *t = *state;
    route_begin(t->log, "");
    many_rules(t, 'r');
    const uint64_t id = opened(t, "production");
    publish(t);
    const size_t once = http_view_find(&t->view, id)->body->sheet.left;
    many_rules(t, 's');
    publish(t);
    const struct span sheet = http_view_find(&t->view, id)->body->sheet;
    assert_true(sheet.left > once && memmem(sheet.p, sheet.left, "\"s189\"", 6) != NULL);
}

/* The standard policy, in which roles that nobody uses for two months lapse. */
static void ask_for_reviews(struct author_log *l)
{
    const struct span now = author_log_judge(l)->state.policy->text;
    const uint8_t *types = memmem(now.p, now.left, "\"change_types\":", 15);
    const uint8_t *version = memmem(now.p, now.left, "\"version\":", 10);
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    assert_true(types != NULL && version != NULL);
    wr_text(&w, "{\"access_review\":{\"every_s\":7776000,\"unused_s\":5184000},");
    wr_bytes(&w, span_make(types, (size_t)(version + 10 - types)));
    wr_dec(&w, author_log_judge(l)->state.policy->doc.version + 1);
    wr_text(&w, "}");
    author_log_adopt(l, wr_span(&w));
}

static void a_lapse_empties_the_seat_on_the_page(void **state)
{
    struct bed *t = *state;
    const struct state *s = &author_log_judge(t->log)->state;
    const uint64_t day = 86400000;
    uint64_t id = 0;
    ask_for_reviews(t->log);
    author_log_advance(t->log, s->review_from_ms + 59 * day - author_log_now(t->log));
    assert_true(author_log_request(t->log, &(struct author_request){.title = "Before"}, &id).allow);
    assert_true(author_log_decide(t->log, "bea", id, "production/business", DECISION_APPROVE, NULL, NULL).allow);
    author_log_advance(t->log, 31 * day - 60000);
    struct lapse *x = calloc(1, sizeof(*x));
    assert_non_null(x);
    assert_true(author_log_request(t->log, &(struct author_request){.title = "Release"}, &id).allow);
    assert_true(author_log_decide(t->log, "bea", id, "production/business", DECISION_APPROVE, NULL, NULL).allow);
    publish(t);
    const struct http_page *before = http_view_find(&t->view, id)->status_page;
    const uint64_t roster = s->roster_index;
    author_log_advance(t->log, 120000);
    while (policy_lapses(s, author_log_now(t->log), x)) {
        AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
        assert_int_equal(model_lapse_encode(x, &body).code, CS_OK);
        assert_true(author_log_append(t->log, ENTRY_LAPSE, "system:core", wr_span(&body)).allow);
    }
    assert_true(s->roster_index != roster);
    free(x);
    char tag[HTTP_TAG_MAX];
    memcpy(tag, before->tag, sizeof(tag));
    publish(t);
    assert_string_not_equal(tag, http_view_find(&t->view, id)->status_page->tag);
}

/* A key that is switched off, or a role taken away, empties the seat of an approval: it is held, and says by what. */
static void an_emptied_seat_holds_an_approval(void **state)
{
    struct bed *t = *state;
    const uint64_t id = opened(t, NULL);
    decide(t, "tom", id, "production/tech", DECISION_APPROVE);
    decide(t, "bea", id, "production/business", DECISION_APPROVE);
    publish(t);
    assert_int_equal(http_view_find(&t->view, id)->status, STATUS_APPROVED);
    assert_true(author_change_revoke(t->log, "tom").allow);
    publish(t);
    assert_int_equal(http_view_find(&t->view, id)->status, STATUS_PAUSED);
    assert_true(
        says(http_view_find(&t->view, id)->status_page, "\"progress\":\"paused; waits for seat production/tech\""));
    assert_true(author_change_roles(t->log, "bea", "officer").allow);
    publish(t);
    assert_true(says(http_view_find(&t->view, id)->status_page, "seat production/business, seat production/tech\""));
}

/* An emergency's approval stands on the emergency's signatures. */
static void a_grant_without_its_signatures_is_held(void **state)
{
    struct bed *t = *state;
    glass_policy(t->log, &(struct glass_policy){.version = 3});
    const uint64_t q = glass_request(t->log, "Hotfix", NULL);
    (void)glass_break(t->log, q);
    publish(t);
    assert_int_equal(http_view_find(&t->view, q)->status, STATUS_APPROVED);
    assert_true(author_change_revoke(t->log, "tina").allow);
    publish(t);
    assert_int_equal(http_view_find(&t->view, q)->status, STATUS_PAUSED);
    assert_true(says(http_view_find(&t->view, q)->status_page, "paused; waits for signatures of the emergency"));
}

static void covered(struct bed *t, uint64_t id, uint64_t ppm)
{
    const struct author_evidence e = {.request = id,
                                      .line = "production/coverage",
                                      .kind = REPORT_COVERAGE,
                                      .numbers = {{SPAN_LIT("line_ppm"), ppm}}};
    assert_true(author_evidence_send(t->log, &e, NULL).allow);
}

/* What runs there is what a file is held against, so the use of one request changes what another one lacks. */
static void what_others_use_changes_a_line(void **state)
{
    struct bed *t = *state;
    author_evidence_begin(t->log, "{\"id\":\"coverage\",\"kind\":\"coverage\",\"limits\":["
                                  "{\"drop\":10000,\"name\":\"line_ppm\"},{\"ge\":800000,\"name\":\"line_ppm\"}]}");
    const uint64_t first = opened(t, NULL);
    const uint64_t second = opened(t, NULL);
    covered(t, first, 900000);
    covered(t, second, 880000);
    publish(t);
    assert_int_equal(http_view_find(&t->view, second)->status, STATUS_ELIGIBLE);
    decide(t, "tom", first, "production/tech", DECISION_APPROVE);
    decide(t, "bea", first, "production/business", DECISION_APPROVE);
    assert_true(author_log_redeem(t->log, first, false).allow);
    assert_true(author_log_outcome(t->log, first, STATUS_SUCCEEDED).allow);
    publish(t);
    assert_int_equal(http_view_find(&t->view, second)->status, STATUS_BLOCKED);
    assert_true(says(http_view_find(&t->view, second)->status_page, "blocked; waits for evidence production/coverage"));
}

/* Closed by one calendar until ten, and by another from then to eleven. */
#define CLOSED(id, hours)                                                                                              \
    "{\"deny\":[{\"hours\":[\"" hours "\"],\"zone\":\"UTC\"}],\"environments\":[\"production\"],\"id\":\"" id "\"}"
#define TWO_CALENDARS "\"calendar\":[" CLOSED("a", "00:00-10:00") "," CLOSED("b", "10:00-11:00") "],"

static void turn(struct bed *t, uint64_t now_ms)
{
    assert_int_equal(http_view_turn(&t->view, &t->follower.state, now_ms).code, CS_OK);
    publish(t);
}

/* A front that was started anew has seen fewer turns, and gives each page the tag that the other one gives it. */
static void a_tag_is_of_the_same_bytes_in_every_front(void **state)
{
    enum { TURNS = 3, PAGES = 2 * TURNS };
    const uint64_t hour_ms = 3600000;
    const uint64_t day_ms = 24 * hour_ms;
    struct bed *t = *state;
    struct http_page *pages[PAGES];
    freeze_policy(t->log, 3, TWO_CALENDARS, "");
    const uint64_t id = opened(t, NULL);
    decide(t, "tom", id, "production/tech", DECISION_APPROVE);
    decide(t, "bea", id, "production/business", DECISION_APPROVE);
    publish(t);
    const uint64_t midnight_ms = author_log_now(t->log) - author_log_now(t->log) % day_ms;
    for (size_t i = 0; i < TURNS; i++) {
        turn(t, midnight_ms + (i + 9) * hour_ms + hour_ms / 2);
        pages[i] = http_page_hold(http_view_find(&t->view, id)->status_page);
        assert_int_equal(http_view_find(&t->view, id)->status, i < 2 ? STATUS_PAUSED : STATUS_APPROVED);
        struct bed anew = {.log = t->log};
        assert_int_equal(judge_init(&anew.follower, JUDGE_FOLD, CAP_BYTES).code, CS_OK);
        assert_int_equal(http_view_init(&anew.view).code, CS_OK);
        take(&anew);
        turn(&anew, midnight_ms + (i + 9) * hour_ms + hour_ms / 2);
        pages[TURNS + i] = http_page_hold(http_view_find(&anew.view, id)->status_page);
        http_view_release(&anew.view);
        judge_release(&anew.follower);
    }
    for (size_t i = 0; i < PAGES; i++) {
        for (size_t k = 0; k < PAGES; k++) {
            const bool same =
                pages[i]->len == pages[k]->len && memcmp(pages[i]->bytes, pages[k]->bytes, pages[k]->len) == 0;
            assert_int_equal(same, strcmp(pages[i]->tag, pages[k]->tag) == 0);
            assert_true(same || i % TURNS != k % TURNS);
        }
    }
    for (size_t i = 0; i < PAGES; i++) {
        http_page_drop(pages[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_is_shown_before_it_is_verified, begin, end),
        cmocka_unit_test_setup_teardown(each_status_with_its_words_and_tag, begin, end),
        cmocka_unit_test_setup_teardown(a_tag_is_of_the_same_bytes_in_every_front, begin, end),
        cmocka_unit_test_setup_teardown(an_emptied_seat_holds_an_approval, begin, end),
        cmocka_unit_test_setup_teardown(what_others_use_changes_a_line, begin, end),
        cmocka_unit_test_setup_teardown(a_grant_without_its_signatures_is_held, begin, end),
        cmocka_unit_test_setup_teardown(a_rejection_says_who_and_why, begin, end),
        cmocka_unit_test_setup_teardown(a_revision_closes_the_old_one, begin, end),
        cmocka_unit_test_setup_teardown(an_old_page_lives_while_it_is_held, begin, end),
        cmocka_unit_test_setup_teardown(lists_by_page_and_filter, begin, end),
        cmocka_unit_test_setup_teardown(entries_in_order_only, begin, end),
        cmocka_unit_test_setup_teardown(an_emergency_and_what_it_owes, begin, end),
        cmocka_unit_test_setup_teardown(an_emergency_about_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_grant_that_was_not_used_is_not_shown, begin, end),
        cmocka_unit_test_setup_teardown(what_is_owed_comes_first, begin, end),
        cmocka_unit_test_setup_teardown(a_long_sheet_is_shown_whole, begin_empty, end),
        cmocka_unit_test_setup_teardown(a_lapse_empties_the_seat_on_the_page, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
