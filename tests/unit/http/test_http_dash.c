/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the dashboard over a real log. 3.4: findings with their severity and place, new, known and fixed against
 * what runs now; what fails blocks, and the page says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/http_dash.h"
#include "support/author_evidence.h"
#include "support/author_glass.h"

enum { CAP_BYTES = 64 << 20, ARENA_BYTES = 8 << 20, TAGS_MAX = 64, NAME_MAX_BYTES = 16, OUTLINE_MAX = 4096 };

#define SAST                                                                                                           \
    "{\"baseline\":\"deployed\",\"id\":\"sast\",\"kind\":\"sarif\",\"limits\":[{\"le\":0,\"name\":\"critical\"},"      \
    "{\"le\":0,\"name\":\"high\"}],\"waivable_by\":\"owner\"}"

#define N(n, v)                                                                                                        \
    {                                                                                                                  \
        SPAN_LIT(n), (v)                                                                                               \
    }

struct bed {
    struct author_log *log;
    struct http_view view;
    struct judge follower;
    struct arena arena;
    struct writer page;
    uint64_t taken;
    uint64_t now_ms; /* 0: the log's own */
    bool gone;       /* the core is not there */
};

static void publish(struct bed *b)
{
    while (b->taken < author_log_size(b->log)) {
        struct entry e;
        assert_true(judge_entry(&b->follower, author_log_leaf(b->log, b->taken), &e).allow);
        assert_int_equal(http_view_apply(&b->view, &b->follower.state, &e).code, CS_OK);
        b->taken++;
    }
    assert_int_equal(http_view_publish(&b->view, &b->follower.state).code, CS_OK);
}

static int begin(void **state)
{
    struct bed *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    b->log = author_log_new(JUDGE_FOLD, CAP_BYTES);
    assert_non_null(b->log);
    assert_int_equal(judge_init(&b->follower, JUDGE_FOLD, CAP_BYTES).code, CS_OK);
    assert_int_equal(http_view_init(&b->view).code, CS_OK);
    arena_init(&b->arena, ARENA_BYTES);
    author_log_standard(b->log);
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bed *b = *state;
    wr_release(&b->page);
    arena_release(&b->arena);
    http_view_release(&b->view);
    judge_release(&b->follower);
    author_log_free(b->log);
    free(b);
    return 0;
}

static struct dash_world world(struct bed *b)
{
    publish(b);
    arena_reset(&b->arena);
    wr_release(&b->page);
    b->page = wr_heap(DASH_PAGE_MAX);
    return (struct dash_world){.state = &b->follower.state,
                               .view = &b->view,
                               .head = judge_root(&b->follower),
                               .now_ms = b->now_ms != 0 ? b->now_ms : b->follower.state.time_ms,
                               .live = !b->gone,
                               .arena = &b->arena};
}

static bool says(const struct bed *b, const char *text)
{
    return memmem(b->page.p, b->page.len, text, strlen(text)) != NULL;
}

static void must_say(const struct bed *b, const char *text)
{
    if (!says(b, text)) {
        fail_msg("the page does not say %s:\n%.*s", text, (int)b->page.len, (const char *)b->page.p);
    }
}

/* ---- structure: every element is closed in its order, every attribute quoted, and there is nothing that runs ---- */

struct reader_of_tags {
    char open[TAGS_MAX][NAME_MAX_BYTES];
    size_t depth;
    struct writer outline; /* of what people find their way by */
};

static bool is_one_of(const char *name, const char *list)
{
    char word[NAME_MAX_BYTES + 3];
    (void)snprintf(word, sizeof(word), " %s ", name);
    return strstr(list, word) != NULL;
}

static const char *tag_name(const char *p, char ret_name[NAME_MAX_BYTES])
{
    size_t n = 0;
    while (n + 1 < NAME_MAX_BYTES && ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '!')) {
        ret_name[n++] = *p++;
    }
    ret_name[n] = '\0';
    return p;
}

/* From after the name to after the `>`. */
static const char *attributes(const char *p, const char *end)
{
    while (p < end && *p != '>') {
        assert_int_equal(*p, ' ');
        p++;
        const char *name = p;
        while (p < end && ((*p >= 'a' && *p <= 'z') || *p == '-')) {
            p++;
        }
        assert_true(p > name);
        assert_false(p - name >= 2 && memcmp(name, "on", 2) == 0); /* onclick and its like */
        assert_false(p - name == 5 && memcmp(name, "style", 5) == 0);
        if (*p == '=') {
            assert_int_equal(p[1], '"');
            p = memchr(p + 2, '"', (size_t)(end - p - 2));
            assert_non_null(p);
            p++;
        }
    }
    return p + 1;
}

static void opened(struct reader_of_tags *t, const char *name)
{
    assert_false(is_one_of(name, " script style iframe object embed base img svg frame "));
    if (is_one_of(name, " !doctype meta link br ")) {
        return;
    }
    assert_true(t->depth < TAGS_MAX);
    memcpy(t->open[t->depth++], name, NAME_MAX_BYTES);
    if (is_one_of(name, " header nav main form section footer h1 h2 h3 table caption ")) {
        wr_text(&t->outline, name);
        wr_text(&t->outline, " ");
    }
}

static void outline(const struct bed *b, struct reader_of_tags *t)
{
    const char *p = (const char *)b->page.p;
    const char *end = p + b->page.len;
    *t = (struct reader_of_tags){.outline = wr_heap(OUTLINE_MAX)};
    while ((p = memchr(p, '<', (size_t)(end - p))) != NULL) {
        char name[NAME_MAX_BYTES] = "";
        const bool closes = p[1] == '/';
        p = tag_name(p + (closes ? 2 : 1), name);
        assert_true(name[0] != '\0');
        if (closes) {
            assert_true(t->depth > 0);
            assert_string_equal(t->open[--t->depth], name);
            assert_int_equal(*p++, '>');
        } else {
            p = attributes(p, end);
            opened(t, name);
        }
    }
    assert_int_equal(t->depth, 0);
}

static void has_outline(const struct bed *b, const char *want)
{
    struct reader_of_tags *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    outline(b, t);
    if (!span_is(wr_span(&t->outline), want)) {
        fail_msg("%.*s, wanted %s", (int)t->outline.len, (const char *)t->outline.p, want);
    }
    wr_release(&t->outline);
    free(t);
}

/* ---- pages ---- */

static void waiting(struct bed *b, struct http_query q)
{
    const struct dash_world x = world(b);
    assert_int_equal(http_dash_waiting(&x, &q, &b->page).code, CS_OK);
}

static void request(struct bed *b, uint64_t id)
{
    const struct dash_world x = world(b);
    const struct http_record *r = http_view_find(&b->view, id);
    assert_non_null(r);
    const struct cs_result got = http_dash_request(&x, r, &b->page);
    if (got.code != CS_OK) {
        fail_msg("%s %s", got.msg, cs_code_text(got.code));
    }
}

static uint64_t asked(struct bed *b, struct author_request q)
{
    uint64_t id = 0;
    assert_true(author_log_request(b->log, &q, &id).allow);
    return id;
}

static struct http_name name(const char *text)
{
    struct http_name n = {.len = (uint8_t)strlen(text)};
    memcpy(n.p, text, n.len);
    return n;
}

static void what_waits_by_its_deadline(void **state)
{
    struct bed *b = *state;
    waiting(b, (struct http_query){0});
    has_outline(b, "header nav main h1 form footer ");
    must_say(b, "0 requests wait");
    must_say(b, "Nothing waits here.");
    const uint64_t first = asked(b, (struct author_request){.title = "One & <two>"});
    (void)asked(b, (struct author_request){.title = "Other place", .environment = "staging"});
    const uint64_t over = asked(b, (struct author_request){.title = "Taken back"});
    assert_true(author_log_withdraw(b->log, over, "client:ci").allow);
    waiting(b, (struct http_query){0});
    has_outline(b, "header nav main h1 form table caption footer ");
    must_say(b, "2 requests wait");
    must_say(b, "One &amp; &lt;two&gt;");
    must_say(b, "1\u00a0\u00d7\u00a0<bdi dir=\"ltr\">business</bdi>, 1\u00a0\u00d7\u00a0<bdi dir=\"ltr\">tech</bdi>");
    must_say(b, "decided at a kiosk");
    assert_false(says(b, "Taken back"));
    waiting(b, (struct http_query){.environment = name("staging")});
    must_say(b, "Other place");
    must_say(b, "<option value=\"staging\" selected>");
    assert_false(says(b, "One &amp;"));
    waiting(b, (struct http_query){.status = STATUS_PAUSED});
    must_say(b, "Nothing waits here.");
    waiting(b, (struct http_query){.environment = name("\"><b>")});
    must_say(b, "<option value=\"&quot;&gt;&lt;b&gt;\" selected>&quot;&gt;&lt;b&gt;</option>");
    b->now_ms = b->follower.state.time_ms + 365ULL * 86400 * 1000;
    waiting(b, (struct http_query){0});
    must_say(b, "time is up");
    assert_non_null(state_request_find(&b->follower.state, first));
}

static size_t count(const struct bed *b, const char *text)
{
    size_t n = 0;
    for (size_t i = 0; i + strlen(text) <= b->page.len; i++) {
        n += memcmp(b->page.p + i, text, strlen(text)) == 0 ? 1 : 0;
    }
    return n;
}

static void many_are_paged(void **state)
{
    enum { MANY = 2 * DASH_ROWS + 7 };
    struct bed *b = *state;
    uint64_t id[MANY];
    char next[64];
    for (size_t i = 0; i < MANY; i++) {
        id[i] = asked(b, (struct author_request){.title = "Release"});
    }
    waiting(b, (struct http_query){0});
    assert_int_equal(count(b, "<a href=\"/requests/"), DASH_ROWS);
    must_say(b, "1 to 50 of 107");
    (void)snprintf(next, sizeof(next), "cursor=%llu\">Next", (unsigned long long)id[DASH_ROWS - 1]);
    must_say(b, next);
    waiting(b, (struct http_query){.has_cursor = true, .cursor = id[DASH_ROWS - 1]});
    must_say(b, "51 to 100 of 107");
    must_say(b, "First page");
    (void)snprintf(next, sizeof(next), "<a href=\"/requests/%llu\">", (unsigned long long)id[DASH_ROWS]);
    must_say(b, next);
    waiting(b, (struct http_query){.has_cursor = true, .cursor = id[2 * DASH_ROWS - 1]});
    must_say(b, "101 to 107 of 107");
    assert_int_equal(count(b, "<a href=\"/requests/"), 7);
    assert_false(says(b, "Next</a>"));
    waiting(b, (struct http_query){.has_cursor = true, .cursor = id[MANY - 1]});
    must_say(b, "Nothing waits here.");
    const struct dash_world x = world(b);
    const struct http_query nowhere = {.has_cursor = true, .cursor = 999999};
    assert_int_equal(http_dash_waiting(&x, &nowhere, &b->page).code, CS_E_UNKNOWN);
}

static void a_request_with_its_seats_and_digests(void **state)
{
    struct bed *b = *state;
    const uint64_t id = asked(b, (struct author_request){.title = "Ship \u202eit", .backout = "<b>back</b>\nnow"});
    assert_true(author_log_decide(b->log, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    request(b, id);
    has_outline(b,
                "header nav main h1 nav section h2 section h2 table caption section h2 table caption section h2 h3 h3 "
                "section h2 section h2 footer ");
    must_say(b, "turns text around");
    must_say(b, "This text hides something. You can only reject it."); /* the kiosk's own words */
    must_say(b, "&lt;b&gt;back&lt;/b&gt;<br>now");
    must_say(b, "<strong>at a kiosk</strong>");
    must_say(b, "<bdi dir=\"ltr\">tom</bdi> <strong>approved</strong>");
    must_say(b, "<code><bdi dir=\"ltr\">too_few_signed</bdi></code>");
    AUTO_WRITER digest = wr_heap(2048);
    struct html h = {.w = &digest, .arena = &b->arena};
    html_digest(&h, &http_view_find(&b->view, id)->sheet_sha256);
    wr_u8(&digest, 0);
    must_say(b, (const char *)digest.p);
    assert_true(
        author_log_decide(b->log, "bea", id, "production/business", DECISION_REJECT, "not <i>today</i>, please", NULL)
            .allow);
    request(b, id); /* closed, and still there */
    must_say(b, "not &lt;i&gt;today&lt;/i&gt;, please");
    must_say(b, "The kiosk showed the same digests");
    b->gone = true;
    request(b, id);
    must_say(b, "This may be old.");
}

static void send(struct bed *b, struct author_evidence e)
{
    const struct verdict v = author_evidence_send(b->log, &e, NULL);
    if (!v.allow) {
        fail_msg("%s %s", policy_reason_code(v.reason), v.cause.msg);
    }
}

static uint64_t ran(struct bed *b)
{
    const uint64_t id = asked(b, (struct author_request){.title = "Before"});
    send(b,
         (struct author_evidence){.request = id,
                                  .kind = REPORT_SARIF,
                                  .numbers = {N("critical", 0), N("high", 0), N("low", 1), N("medium", 2)},
                                  .findings = {{"gone/xss", "medium"}, {"kept/weak", "medium"}, {"kept/zeal", "low"}}});
    assert_true(author_log_decide(b->log, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_decide(b->log, "bea", id, "production/business", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_redeem(b->log, id, false).allow);
    return id;
}

/* 3.4 */
static void findings_new_known_and_fixed(void **state)
{
    struct bed *b = *state;
    author_evidence_begin(b->log, SAST);
    const uint64_t before = ran(b);
    const uint64_t id = asked(b, (struct author_request){.title = "After"});
    request(b, id);
    must_say(b, "missing</bdi>, blocks");
    send(b, (struct author_evidence){
                .request = id,
                .kind = REPORT_SARIF,
                .numbers = {N("critical", 1), N("high", 0), N("low", 1), N("medium", 1)},
                .findings = {{"fresh/sqli", "critical"}, {"kept/weak", "medium"}, {"kept/zeal", "low"}}});
    request(b, id);
    must_say(b, "failed</bdi>, blocks");
    must_say(b, "<code><bdi dir=\"ltr\">evidence_limit</bdi></code>");
    must_say(b, "<strong>1 new</strong>, 2 known, <strong>1 fixed</strong>");
    must_say(b, "Fixed: what runs there has these, and this file has not");
    must_say(b, "<bdi dir=\"ltr\">gone/xss</bdi>");
    const uint8_t *critical = memmem(b->page.p, b->page.len, "fresh/sqli", 10);
    const uint8_t *medium = memmem(b->page.p, b->page.len, "kept/weak", 9);
    assert_true(critical != NULL && medium != NULL && critical < medium); /* the worst and new first */
    char link[64];
    (void)snprintf(link, sizeof(link), "Compared with <a href=\"/requests/%llu\">", (unsigned long long)before);
    must_say(b, link);
    waiting(b, (struct http_query){0});
    must_say(b, "evidence production/sast");
    assert_true(author_waiver(b->log, &(struct author_waiver){.request = id, .findings = {"fresh/sqli"}}).allow);
    request(b, id);
    must_say(b, "<span class=\"sub\">waived</span>");
    must_say(b, "<bdi dir=\"ltr\">carol</bdi>");
    assert_false(says(b, ", blocks"));
    assert_true(author_log_withdraw(b->log, id, "client:ci").allow);
    request(b, id);
    must_say(b, "This request is closed: its files are in the log");
    struct reader_of_tags *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    outline(b, t);
    wr_release(&t->outline);
    free(t);
}

/* What is not listed may be there all the same: then nothing is called fixed. */
static void fixed_only_where_all_is_listed(void **state)
{
    struct bed *b = *state;
    author_evidence_begin(b->log, SAST);
    (void)ran(b);
    const uint64_t id = asked(b, (struct author_request){.title = "After"});
    send(b, (struct author_evidence){.request = id,
                                     .kind = REPORT_SARIF,
                                     .numbers = {N("critical", 0), N("high", 0), N("medium", 9)},
                                     .findings = {{"kept/weak", "medium"}},
                                     .more = true});
    request(b, id);
    must_say(b, "<strong>at most 2 fixed</strong>");
    must_say(b, "Perhaps fixed");
    must_say(b, "There are more findings than can be shown here. They count.");
    assert_false(says(b, "</span> fixed</span>"));
}

/* On a page that is full already a file's findings are left out, and the page says that they are. */
static void a_full_page_says_so(void **state)
{
    struct bed *b = *state;
    author_evidence_begin(b->log, SAST);
    const uint64_t id = asked(b, (struct author_request){.title = "Many"});
    send(b, (struct author_evidence){.request = id,
                                     .kind = REPORT_SARIF,
                                     .numbers = {N("critical", 1), N("high", 0)},
                                     .findings = {{"fresh/sqli", "critical"}}});
    const struct dash_world x = world(b);
    uint8_t *room = wr_room(&b->page, DASH_FULL_BYTES);
    assert_non_null(room);
    memset(room, ' ', DASH_FULL_BYTES);
    assert_int_equal(http_dash_request(&x, http_view_find(&b->view, id), &b->page).code, CS_OK);
    must_say(b, "This page is full. The findings of this file are not on it; they count.");
    assert_false(says(b, "fresh/sqli"));
    must_say(b, "critical 1"); /* the line and its numbers stay */
}

/* Emergencies, vouchers, people's changes: title, sheet, seats and digests, and no content. */
static void other_kinds_say_no_content(void **state)
{
    struct bed *b = *state;
    glass_policy(b->log, &(struct glass_policy){.version = 3});
    const uint64_t q = glass_request(b->log, "Hotfix", NULL);
    uint64_t m = 0;
    assert_true(glass_open(b->log, &(struct glass_ask){.request = q}, &m).allow);
    request(b, m);
    must_say(b, "EMERGENCY");
    must_say(b, "What it changes is read at the kiosk");
    must_say(b, "skipped");
    waiting(b, (struct http_query){0});
    must_say(b, "EMERGENCY");
    has_outline(b, "header nav main h1 form table caption footer ");
    for (size_t i = 0; i < b->view.count; i++) { /* whatever there is has a page */
        request(b, b->view.record[i]->id);
        struct reader_of_tags *t = calloc(1, sizeof(*t));
        assert_non_null(t);
        outline(b, t);
        wr_release(&t->outline);
        free(t);
    }
}

/* The k-th allocation of the page's arena fails for every k until it is whole: then the page fails. */
static void without_room_the_page_fails(void **state)
{
    struct bed *b = *state;
    author_evidence_begin(b->log, SAST);
    (void)ran(b);
    const uint64_t id = asked(b, (struct author_request){.title = "After"});
    send(b, (struct author_evidence){.request = id,
                                     .kind = REPORT_SARIF,
                                     .numbers = {N("critical", 0), N("high", 0), N("low", 0), N("medium", 1)},
                                     .findings = {{"kept/weak", "medium"}}});
    publish(b);
    bool whole = false;
    unsigned failed = 0;
    for (size_t cap = 0; !whole; cap += 4096) {
        assert_true(cap < ARENA_BYTES);
        arena_release(&b->arena);
        arena_init(&b->arena, cap);
        const struct dash_world x = world(b);
        const struct cs_result r = http_dash_request(&x, http_view_find(&b->view, id), &b->page);
        whole = r.code == CS_OK;
        failed += whole ? 0 : 1;
        assert_true(whole || r.code == CS_E_NOMEM);
    }
    assert_true(failed > 3);
    struct writer small = wr_heap(1000);
    const struct dash_world x = world(b);
    assert_int_equal(http_dash_request(&x, http_view_find(&b->view, id), &small).code, CS_E_FULL);
    wr_release(&small);
}

static void refusals_are_pages(void **state)
{
    struct bed *b = *state;
    struct http_refusal r = http_refusal_of(PROBLEM_NO_SCOPE);
    r.detail = SPAN_LIT("<b>");
    (void)world(b);
    assert_int_equal(http_dash_refusal(&r, &b->arena, &b->page).code, CS_OK);
    has_outline(b, "header nav main h1 footer ");
    must_say(b, "no_scope");
    must_say(b, "&lt;b&gt;");
    must_say(b, "client certificate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_waits_by_its_deadline, begin, end),
        cmocka_unit_test_setup_teardown(many_are_paged, begin, end),
        cmocka_unit_test_setup_teardown(a_request_with_its_seats_and_digests, begin, end),
        cmocka_unit_test_setup_teardown(findings_new_known_and_fixed, begin, end),
        cmocka_unit_test_setup_teardown(fixed_only_where_all_is_listed, begin, end),
        cmocka_unit_test_setup_teardown(a_full_page_says_so, begin, end),
        cmocka_unit_test_setup_teardown(other_kinds_say_no_content, begin, end),
        cmocka_unit_test_setup_teardown(without_room_the_page_fails, begin, end),
        cmocka_unit_test_setup_teardown(refusals_are_pages, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
