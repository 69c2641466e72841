/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever stands in a request is read: every value of its content is drawn on some page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "json/json_tree.h"
#include "screen/screen_pages.h"
#include "screen/screen_read.h"

enum { ARENA_BYTES = 32 << 20 };

#define D(c) c c c c c c c c "00000000000000000000000000000000" /* 64 hex digits that begin with four of these */

static const char deploy[] =
    "{\"artifacts\":[{\"name\":\"payments-api\",\"sha256\":\"" D("a1b2") "\"},{\"name\":\"worker\",\"sha256\":\"" D(
        "a2b3") "\"}],"
                "\"attributes\":{\"canary\":true,\"cost\":417,\"region\":\"eu-west\"},\"change_type\":\"normal\","
                "\"config_sha256\":\"" D(
                    "a3b4") "\",\"documentation\":{\"backout_plan\":\"Roll back by flag.\","
                            "\"customer_impact\":\"None at "
                            "all.\"},\"environment\":\"production\",\"evidence\":[{\"failed\":311,\"kind\":"
                            "\"junit\","
                            "\"name\":\"unit tests\",\"passed\":4812,\"sha256\":\"" D(
                                "a4b5") "\",\"size\":90210,\"skipped\":27}],"
                                        "\"initiator\":\"gitlab:7\",\"plan_sha256\":\"" D(
                                            "a5b6") "\",\"remediates\":[\"INC-7\"],\"rollback\":"
                                                    "{\"artifacts\":["
                                                    "{\"name\":"
                                                    "\"payments-"
                                                    "old\","
                                                    "\"sha256\":\"" D("a6b7") "\"}],\"config_sha256\":\"" D(
                                                        "a7b8") "\",\"plan_sha256\":\"" D("a8b9") "\","
                                                                                                  "\"tr"
                                                                                                  "igge"
                                                                                                  "rs\""
                                                                                                  ":["
                                                                                                  "\"er"
                                                                                                  "ror_"
                                                                                                  "rate"
                                                                                                  "\","
                                                                                                  "\"p9"
                                                                                                  "9_"
                                                                                                  "ms\""
                                                                                                  "]},"
                                                                                                  "\"se"
                                                                                                  "rvic"
                                                                                                  "e\":"
                                                                                                  "\"pa"
                                                                                                  "ymen"
                                                                                                  "ts\""
                                                                                                  ",\"s"
                                                                                                  "ourc"
                                                                                                  "e\":"
                                                                                                  "{\"a"
                                                                                                  "utho"
                                                                                                  "rs\""
                                                                                                  ":["
                                                                                                  "\"gi"
                                                                                                  "tlab"
                                                                                                  ":8\""
                                                                                                  ","
                                                                                                  "\"gi"
                                                                                                  "tlab"
                                                                                                  ":9\""
                                                                                                  "],"
                                                                                                  "\"co"
                                                                                                  "mmit"
                                                                                                  "\":"
                                                                                                  "\"01"
                                                                                                  "2345"
                                                                                                  "6789"
                                                                                                  "abcd"
                                                                                                  "ef01"
                                                                                                  "2345"
                                                                                                  "6789"
                                                                                                  "abcd"
                                                                                                  "ef01"
                                                                                                  "2345"
                                                                                                  "67\""
                                                                                                  ",\"c"
                                                                                                  "ommi"
                                                                                                  "ts\""
                                                                                                  ":12,"
                                                                                                  "\"fi"
                                                                                                  "les_"
                                                                                                  "chan"
                                                                                                  "ged"
                                                                                                  "\":"
                                                                                                  "34,"
                                                                                                  "\"li"
                                                                                                  "nes_"
                                                                                                  "adde"
                                                                                                  "d\":"
                                                                                                  "567,"
                                                                                                  "\"li"
                                                                                                  "nes_"
                                                                                                  "remo"
                                                                                                  "ved"
                                                                                                  "\":"
                                                                                                  "89,"
                                                                                                  "\"pr"
                                                                                                  "otec"
                                                                                                  "ted"
                                                                                                  "\":"
                                                                                                  "true"
                                                                                                  ",\"p"
                                                                                                  "ull_"
                                                                                                  "requ"
                                                                                                  "est"
                                                                                                  "\":{"
                                                                                                  "\"nu"
                                                                                                  "mber"
                                                                                                  "\":"
                                                                                                  "9041"
                                                                                                  "7,"
                                                                                                  "\"st"
                                                                                                  "ate"
                                                                                                  "\":"
                                                                                                  "\"me"
                                                                                                  "rged"
                                                                                                  "\"},"
                                                                                                  "\"re"
                                                                                                  "f\":"
                                                                                                  "\"re"
                                                                                                  "fs/"
                                                                                                  "head"
                                                                                                  "s/"
                                                                                                  "main"
                                                                                                  "\","
                                                                                                  "\"re"
                                                                                                  "posi"
                                                                                                  "tory"
                                                                                                  "\":"
                                                                                                  "\"pa"
                                                                                                  "ymen"
                                                                                                  "ts/"
                                                                                                  "api"
                                                                                                  "\","
                                                                                                  "\"re"
                                                                                                  "view"
                                                                                                  "ers"
                                                                                                  "\":["
                                                                                                  "\"gi"
                                                                                                  "tlab"
                                                                                                  ":77"
                                                                                                  "\","
                                                                                                  "\"gi"
                                                                                                  "tlab"
                                                                                                  ":78"
                                                                                                  "\"],"
                                                                                                  "\"si"
                                                                                                  "nce"
                                                                                                  "\":"
                                                                                                  "\"v4"
                                                                                                  ".18."
                                                                                                  "1\"}"
                                                                                                  ",\"t"
                                                                                                  "icke"
                                                                                                  "t\":"
                                                                                                  "\"CH"
                                                                                                  "G003"
                                                                                                  "1207"
                                                                                                  "\","
                                                                                                  "\"ti"
                                                                                                  "cket"
                                                                                                  "_sta"
                                                                                                  "te\""
                                                                                                  ":\"i"
                                                                                                  "mple"
                                                                                                  "ment"
                                                                                                  "\","
                                                                                                  "\"ti"
                                                                                                  "cket"
                                                                                                  "_sys"
                                                                                                  "tem"
                                                                                                  "\":"
                                                                                                  "\"sn"
                                                                                                  "ow\""
                                                                                                  ","
                                                                                                  "\"ti"
                                                                                                  "tle"
                                                                                                  "\":"
                                                                                                  "\"Pa"
                                                                                                  "ymen"
                                                                                                  "ts "
                                                                                                  "API "
                                                                                                  "4."
                                                                                                  "18."
                                                                                                  "2\","
                                                                                                  "\"tr"
                                                                                                  "igge"
                                                                                                  "r\":"
                                                                                                  "\"gi"
                                                                                                  "tlab"
                                                                                                  ":10"
                                                                                                  "\"}";

static const char policy[] =
    "{\"change_types\":[\"emergency\",\"normal\"],\"environments\":[\"production\",\"staging\"],\"name\":\"two-"
    "people\","
    "\"officers\":{\"sign_by_s\":86401,\"threshold\":3},\"promotion\":[{\"after\":\"staging\",\"environment\":"
    "\"production\",\"soak_s\":3607}],\"roles\":[\"business\",\"officer\",\"tech\"],\"rules\":[{"
    "\"id\":"
    "\"every-change\",\"require\":{\"bind\":[\"artifacts\",\"config\",\"plan\"],\"fields\":[\"documentation.backout_"
    "plan\","
    "\"title\"],\"reason\":{\"approve\":11,\"reject\":15},\"seats\":[{\"after\":\"business\",\"count\":2,\"id\":"
    "\"ops\","
    "\"role\":\"tech\"},{\"count\":1,\"id\":\"business\",\"role\":\"business\"}],\"separate\":[\"authors\","
    "\"initiator\","
    "\"policy_editor\",\"trigger\"],\"sign_by_s\":7201,\"source\":{\"protected\":true,\"pull_request\":\"merged\","
    "\"refs\":["
    "\"refs/heads/trunk\",\"refs/tags/v*\"],\"reviewers\":13},\"ticket\":{\"state\":[\"implement\",\"scheduled\"],"
    "\"system\":\"servicenow\"},\"use_by_s\":3601},\"when\":[{\"is\":[\"production\"],\"name\":"
    "\"environment\"}]}],\"v\":1,\"version\":6}";

static void pages_text(const struct doc *d, struct arena *arena, struct writer *w)
{
    struct pages p;
    assert_int_equal(screen_pages(d, 48, 18, arena, &p).code, CS_OK);
    assert_false(p.too_long);
    assert_false(d->unshown || d->hidden);
    for (size_t i = 0; i < p.line_count; i++) {
        for (size_t k = 0; k < p.lines[i].count; k++) {
            const struct span t = p.lines[i].pieces[k].text;
            for (size_t n = 0; n < t.left; n++) {
                if (t.p[n] != ' ') {
                    wr_u8(w, t.p[n]);
                }
            }
        }
        wr_text(w, "");
    }
}

static void value_text(const struct json_value *v, struct writer *w)
{
    if (v->kind == JSON_INT) {
        wr_dec(w, (uint64_t)v->number);
        return;
    }
    if (v->kind == JSON_BOOL) {
        wr_text(w, v->flag ? "true" : "false");
        return;
    }
    for (size_t i = 0; i < v->text.left; i++) {
        if (v->text.p[i] != ' ') {
            wr_u8(w, v->text.p[i]);
        }
    }
}

/* Said in words of ours, not as they stand: "bind", "separate" and "protected"; and v, which is the format's own. */
static bool in_words(struct span key)
{
    return span_is(key, "bind") || span_is(key, "separate") || span_is(key, "protected") || span_is(key, "v");
}

enum { DEPTH = 16 };

/* Every leaf of the tree, without recursion. */
static size_t check_leaves(const struct json_value *top, struct span pages)
{
    const struct json_value *stack[DEPTH];
    size_t depth = 0;
    size_t n = 0;
    stack[depth++] = top;
    while (depth > 0) {
        const struct json_value *v = stack[--depth];
        if (v->next != NULL) {
            stack[depth++] = v->next;
        }
        if (in_words(v->key)) {
            continue;
        }
        if (v->child != NULL) {
            assert_true(depth + 2 < DEPTH);
            stack[depth++] = v->child;
            continue;
        }
        AUTO_WRITER w = wr_heap(4096);
        value_text(v, &w);
        const struct span want = wr_span(&w);
        if (memmem(pages.p, pages.left, want.p, want.left) == NULL) {
            fail_msg("%.*s is not drawn: %.*s", (int)v->key.left, (const char *)v->key.p, (int)want.left,
                     (const char *)want.p);
        }
        n++;
    }
    return n;
}

static size_t check_all(const char *text, const struct doc *d, struct arena *arena)
{
    AUTO_WRITER w = wr_heap(1 << 20);
    const struct json_value *top = NULL;
    assert_int_equal(json_tree_parse(span_str(text), arena, &top).code, CS_OK);
    pages_text(d, arena, &w);
    return check_leaves(top, wr_span(&w));
}

static void every_value_of_a_deployment_is_drawn(void **state)
{
    (void)state;
    static struct deploy_content content;
    static struct state s;
    static struct state_policy none;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(model_deploy_decode(span_str(deploy), &arena, &content).code, CS_OK);
    const struct sheet sheet = {.in = {.kind = KIND_DEPLOY, .deploy = &content, .in_force = &none}};
    const struct state_request q = {.index = 77, .revision = 3};
    const struct read_input in = {.state = &s, .request = &q, .sheet = &sheet};
    struct doc d;
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_request(&d, &in);
    assert_int_equal(check_all(deploy, &d, &arena), 48);
    arena_release(&arena);
}

static void every_value_of_a_policy_is_drawn(void **state)
{
    (void)state;
    struct policy_doc p;
    struct arena arena;
    struct doc d;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(model_policy_decode(span_str(policy), &arena, &p).code, CS_OK);
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &p, NULL);
    assert_int_equal(check_all(policy, &d, &arena), 37);
    arena_release(&arena);
}

static bool says(const struct doc *d, struct arena *arena, const char *text)
{
    AUTO_WRITER w = wr_heap(1 << 20);
    pages_text(d, arena, &w);
    return memmem(wr_span(&w).p, wr_span(&w).left, text, strlen(text)) != NULL;
}

static void what_a_new_policy_changes_is_marked(void **state)
{
    (void)state;
    struct policy_doc was;
    struct policy_doc now;
    struct arena arena;
    struct doc d;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(model_policy_decode(span_str(policy), &arena, &was).code, CS_OK);
    now = was;
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &now, &was);
    assert_true(says(&d, &arena, "[x]Ruleevery-change,asbefore"));
    struct policy_rule rule = was.rules[0];
    rule.use_by_s = 60;
    now.rules = &rule;
    now.version = 7;
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &now, &was);
    assert_true(says(&d, &arena, "[+]Ruleevery-change,changed,now"));
    assert_true(says(&d, &arena, "[-]Ruleevery-change,asitwas"));
    assert_true(says(&d, &arena, "7,was6"));
    rule.id = SPAN_LIT("another");
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &now, &was);
    assert_true(says(&d, &arena, "[+]Ruleanother,new"));
    assert_true(says(&d, &arena, "[-]Ruleevery-change,takenaway"));
    arena_release(&arena);
}

static struct policy_when went_well(struct policy_test *test, uint64_t window_s)
{
    *test = (struct policy_test){
        .kind = TEST_GE, .name = SPAN_LIT("history.deployments"), .bound = 5, .window_s = window_s};
    return (struct policy_when){.any = test, .any_count = 1};
}

/* Fewer people for some history: what is signed is the window to the second, and what it was before. */
static void what_is_earned_is_marked(void **state)
{
    (void)state;
    struct policy_doc was;
    struct policy_doc now;
    struct policy_test tests[2];
    struct arena arena;
    struct doc d;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(model_policy_decode(span_str(policy), &arena, &was).code, CS_OK);
    struct policy_when before = went_well(&tests[0], 90ULL * 86400);
    struct policy_when after = went_well(&tests[1], 90ULL * 86400 + 3541);
    struct policy_earned one = {
        .rule = SPAN_LIT("every-change"), .seat = SPAN_LIT("ops"), .count = 1, .when = &before, .when_count = 1};
    struct policy_earned two = one;
    two.when = &after;
    now = was;
    now.earned = &one;
    now.earned_count = 1;
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &now, &was);
    assert_true(says(&d, &arena, "[+]1enoughforevery-change/ops,new"));
    assert_true(says(&d, &arena, "over90d"));
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &now, &now);
    assert_true(says(&d, &arena, "[x]1enoughforevery-change/ops,asbefore"));
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &was, &now);
    assert_true(says(&d, &arena, "[-]1enoughforevery-change/ops,takenaway"));
    was.earned = &two;
    was.earned_count = 1;
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &was, &now);
    assert_true(says(&d, &arena, "[+]1enoughforevery-change/ops,changed,now"));
    assert_true(says(&d, &arena, "over90d59min1s"));
    assert_true(says(&d, &arena, "[-]1enoughforevery-change/ops,asitwas"));
    arena_release(&arena);
}

static void what_a_directory_governs_is_drawn(void **state)
{
    (void)state;
    struct policy_doc was;
    struct policy_doc now;
    struct arena arena;
    struct doc d;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(model_policy_decode(span_str(policy), &arena, &was).code, CS_OK);
    now = was;
    struct span governed[] = {SPAN_LIT("business"), SPAN_LIT("tech")};
    struct span fewer[] = {SPAN_LIT("tech")};
    now.directory =
        (struct policy_directory){.max_stale_s = 86400, .roles = governed, .role_count = 2, .source = SPAN_LIT("ldap")};
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &now, &was);
    assert_true(says(&d, &arena, "Rolesonlyforwhoisinthedirectory"));
    assert_true(says(&d, &arena, "ldap") && says(&d, &arena, "[+]business") && says(&d, &arena, "[+]tech"));
    was.directory = now.directory;
    now.directory.roles = fewer;
    now.directory.role_count = 1;
    now.directory.max_stale_s = 3600;
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &now, &was);
    assert_true(says(&d, &arena, "[-]business,nolonger") && says(&d, &arena, "[x]tech,asbefore"));
    assert_true(says(&d, &arena, ",was1d"));
    now.directory = (struct policy_directory){.max_stale_s = 0};
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, &now, &was);
    assert_true(says(&d, &arena, "[-]business,nolonger") && says(&d, &arena, "[-]tech,nolonger"));
    arena_release(&arena);
}

/* One member of the request after another is changed; what was and what is stand on the page. */
static void every_change_of_a_revision_is_drawn(void **state)
{
    (void)state;
    static const struct row {
        const char *was;
        const char *now;
    } rows[] = {
        {D("a1b2"), D("b1b2")},
        {D("a3b4"), D("b3b4")},
        {D("a4b5"), D("b4b5")},
        {D("a5b6"), D("b5b6")},
        {"payments-api", "payments-app"},
        {"eu-west", "eu-east"},
        {"normal", "urgent"},
        {"Roll back by flag.", "Roll back by hand."},
        {"production", "elsewhere0"},
        {"unit tests", "unit texts"},
        {"311", "312"},
        {"4812", "4813"},
        {"90210", "90211"},
        {":27}", ":28}"},
        {"gitlab:7", "gitlab:6"},
        {"INC-7", "INC-8"},
        {"[\"INC-7\"]", "[\"INC-7\",\"INC-8\"]"},
        {"\"payments\"", "\"shipping\""},
        {"gitlab:9", "gitlab:99"},
        {"0123456789abcdef0123456789abcdef01234567", "1123456789abcdef0123456789abcdef01234567"},
        {"refs/heads/main", "refs/heads/side"},
        {"payments/api", "payments/app"},
        {"v4.18.1", "v4.18.0"},
        {"CHG0031207", "CHG0031208"},
        {"Payments API 4.18.2", "Payments API 4.18.3"},
        {"gitlab:10", "gitlab:11"},
        {"gitlab:78", "gitlab:79"},
        {"90417", "90418"},
        {"merged", "closed"},
        {"\"protected\":true", "\"protected\":false"},
        {"\"protected\":true,", ""},
        {"implement", "scheduled"},
        {"payments-old", "payments-odd"},
        {D("a6b7"), D("b6b7")},
        {D("a7b8"), D("b7b8")},
        {D("a8b9"), D("b8b9")},
        {"p99_ms", "p98_ms"},
        {"snow", "jira"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static struct deploy_content was;
        static struct deploy_content now;
        static char text[sizeof(deploy) + 64];
        struct arena arena;
        struct doc d;
        const char *at = strstr(deploy, rows[i].was);
        assert_non_null(at);
        (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - deploy), deploy, rows[i].now,
                       at + strlen(rows[i].was));
        arena_init(&arena, ARENA_BYTES);
        assert_int_equal(model_deploy_decode(span_str(deploy), &arena, &was).code, CS_OK);
        assert_int_equal(model_deploy_decode(span_str(text), &arena, &now).code, CS_OK);
        doc_init(&d, &arena, REPERTOIRE_CELLS);
        screen_read_difference(&d, &was, &now);
        if (says(&d, &arena, "Onlycounts")) {
            fail_msg("%s to %s: nothing is said of it", rows[i].was, rows[i].now);
        }
        doc_init(&d, &arena, REPERTOIRE_CELLS);
        screen_read_difference(&d, &was, &was);
        assert_true(says(&d, &arena, "Onlycounts"));
        arena_release(&arena);
    }
}

static void a_change_that_nobody_knows_cannot_be_signed(void **state)
{
    (void)state;
    struct arena arena;
    struct doc d;
    static struct roster_change odd = {.op = CHANGE_NONE};
    const struct roster_changes changes = {.item = &odd, .count = 1};
    arena_init(&arena, ARENA_BYTES);
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_changes(&d, &changes, NULL, NULL);
    assert_true(d.unshown);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_of_a_deployment_is_drawn),
        cmocka_unit_test(every_value_of_a_policy_is_drawn),
        cmocka_unit_test(what_a_new_policy_changes_is_marked),
        cmocka_unit_test(what_a_directory_governs_is_drawn),
        cmocka_unit_test(what_is_earned_is_marked),
        cmocka_unit_test(every_change_of_a_revision_is_drawn),
        cmocka_unit_test(a_change_that_nobody_knows_cannot_be_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
