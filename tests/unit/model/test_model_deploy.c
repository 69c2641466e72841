/* SPDX-License-Identifier: Apache-2.0 */
/* What pipelines send: every fault is listed, what is unknown is refused, what is left is canonical.
 * Requirements 1.4, 1.6, 8.4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/model_request.h"
#include "model_samples.h"

/* DEPLOY_SMALL with more members before and one of its own replaced. */
#define BODY(artifacts, more)                                                                                          \
    "{\"artifacts\":" artifacts ",\"change_type\":\"normal\",\"environment\":\"test\"," more                           \
    "\"initiator\":\"git:ab\",\"service\":\"shop\",\"title\":\"Roll out\"}"
#define APP "[{\"name\":\"app\",\"sha256\":\"" HEX "\"}]"
#define SOURCE(authors, commit)                                                                                        \
    "\"source\":{\"authors\":[" authors "],\"commit\":\"" commit "\",\"commits\":2,\"files_changed\":3,"               \
    "\"lines_added\":4,\"lines_removed\":5,\"ref\":\"refs/heads/main\",\"repository\":\"r\",\"since\":\"root\"},"

#define FROM(more)                                                                                                     \
    "\"source\":{\"authors\":[\"git:aa\"],\"commit\":\"" H10 H10 H10 H10 "\",\"commits\":2,\"files_changed\":3,"       \
    "\"lines_added\":4,\"lines_removed\":5," more ",\"ref\":\"r\",\"repository\":\"r\",\"since\":\"root\"},"

#define OLD                             "[{\"name\":\"app\",\"sha256\":\"" HEX2 "\"}]"
#define BACK(artifacts, triggers, more) "\"rollback\":{\"artifacts\":" artifacts more ",\"triggers\":" triggers "},"

/* faults: "pointer code", one a line, in order. */
static const struct row {
    const char *name;
    const char *body;
    const char *faults;
} rows[] = {
    {"nothing", "{}",
     "/artifacts missing\n/change_type missing\n/environment missing\n/initiator missing\n/service missing\n"
     "/title missing\n"},
    {"no object", "[]", " type\n"},
    {"everything of a wrong type",
     "{\"artifacts\":1,\"change_type\":1,\"environment\":[],\"initiator\":{},"
     "\"service\":null,\"title\":true}",
     "/artifacts type\n/change_type type\n/environment type\n/initiator type\n/service type\n/title type\n"},
    {"no artifacts", BODY("[]", ""), "/artifacts range\n"},
    {"artifact no object", BODY("[\"app\"]", ""), "/artifacts/0 type\n"},
    {"artifact without digest", BODY("[{\"name\":\"app\"}]", ""), "/artifacts/0/sha256 missing\n"},
    {"artifact digest cut", BODY("[{\"name\":\"app\",\"sha256\":\"00\"}]", ""), "/artifacts/0/sha256 range\n"},
    {"artifact name spaced", BODY("[{\"name\":\"a b\",\"sha256\":\"" HEX "\"}]", ""), "/artifacts/0/name syntax\n"},
    {"artifact name look-alike", BODY("[{\"name\":\"\xd0\xb0pp\",\"sha256\":\"" HEX "\"}]", ""),
     "/artifacts/0/name syntax\n"},
    {"artifact twice",
     BODY("[{\"name\":\"a\",\"sha256\":\"" HEX "\"},{\"name\":\"b\",\"sha256\":\"" HEX
          "\"},{\"name\":\"a\",\"sha256\":\"" HEX2 "\"}]",
          ""),
     "/artifacts/2 duplicate\n"},
    {"unknown member", BODY(APP, "\"titel\":\"x\","), "/titel unknown\n"},
    {"environment with a space",
     "{\"artifacts\":" APP ",\"change_type\":\"normal\",\"environment\":\"the test\","
     "\"initiator\":\"git:ab\",\"service\":\"shop\",\"title\":\"x\"}",
     "/environment syntax\n"},
    {"empty ticket", BODY(APP, "\"ticket\":\"\","), "/ticket range\n"},
    {"attribute list", BODY(APP, "\"attributes\":{\"a\":[]},"), "/attributes/a type\n"},
    {"attribute empty", BODY(APP, "\"attributes\":{\"a\":\"\"},"), "/attributes/a range\n"},
    {"documentation number", BODY(APP, "\"documentation\":{\"plan\":1},"), "/documentation/plan type\n"},
    {"evidence half", BODY(APP, "\"evidence\":[{\"kind\":\"junit\",\"name\":\"unit\",\"passed\":-1}],"),
     "/evidence/0/passed range\n/evidence/0/failed missing\n/evidence/0/sha256 missing\n/evidence/0/size missing\n"
     "/evidence/0/skipped missing\n"},
    /* 1.6 */
    {"rollback to nothing", BODY(APP, BACK("[]", "[\"a\"]", "")), "/rollback/artifacts range\n"},
    {"rollback by nothing", BODY(APP, BACK(OLD, "[]", "")), "/rollback/triggers range\n"},
    {"rollback without either", BODY(APP, "\"rollback\":{},"),
     "/rollback/artifacts missing\n/rollback/triggers missing\n"},
    {"rollback to the same", BODY(APP, BACK(APP, "[\"a\"]", "")), "/rollback duplicate\n"},
    {"rollback by one twice", BODY(APP, BACK(OLD, "[\"a\",\"a\"]", "")), "/rollback/triggers/1 duplicate\n"},
    {"rollback by a sentence", BODY(APP, BACK(OLD, "[\"a b\"]", "")), "/rollback/triggers/0 syntax\n"},
    {"rollback that says more", BODY(APP, BACK(OLD, "[\"a\"]", ",\"when\":1")), "/rollback/when unknown\n"},
    {"rollback beside an artifact named like one",
     BODY("[{\"name\":\"rollback/app\",\"sha256\":\"" HEX "\"}]", BACK(OLD, "[\"a\"]", "")), "/rollback range\n"},
    /* 1.4 */
    {"pull request of no state", BODY(APP, FROM("\"pull_request\":{\"number\":1}")),
     "/source/pull_request/state missing\n"},
    {"pull request of another state", BODY(APP, FROM("\"pull_request\":{\"number\":1,\"state\":\"Merged\"}")),
     "/source/pull_request/state unknown\n"},
    {"pull request by number", BODY(APP, FROM("\"pull_request\":1")), "/source/pull_request type\n"},
    {"protected in words", BODY(APP, FROM("\"protected\":\"yes\"")), "/source/protected type\n"},
    {"no reviewers", BODY(APP, FROM("\"reviewers\":[]")), "/source/reviewers range\n"},
    {"reviewer twice", BODY(APP, FROM("\"reviewers\":[\"a\",\"a\"]")), "/source/reviewers/1 duplicate\n"},
    {"reviewer spaced", BODY(APP, FROM("\"reviewers\":[\"a b\"]")), "/source/reviewers/0 syntax\n"},
    {"ticket's state empty", BODY(APP, "\"ticket_state\":\"\","), "/ticket_state range\n"},
    {"ticket's system a list", BODY(APP, "\"ticket_system\":[],"), "/ticket_system type\n"},
    {"commit short", BODY(APP, SOURCE("\"git:aa\"", "abc123")), "/source/commit range\n"},
    {"commit in capitals", BODY(APP, SOURCE("\"git:aa\"", "ABCDEFABCDEFABCDEFABCDEFABCDEFABCDEFABCD")),
     "/source/commit syntax\n"},
    {"author twice", BODY(APP, SOURCE("\"git:b\",\"git:a\",\"git:b\"", H10 H10 H10 H10)),
     "/source/authors/2 duplicate\n"},
    {"author spaced", BODY(APP, SOURCE("\"A B\",1", H10 H10 H10 H10)),
     "/source/authors/0 syntax\n/source/authors/1 type\n"},
    {"no author", BODY(APP, SOURCE("", H10 H10 H10 H10)), "/source/authors range\n"},
    {"remediates twice", BODY(APP, "\"remediates\":[\"INC-2\",\"INC-1\",\"INC-2\"],"), "/remediates/2 duplicate\n"},
    {"remediates nothing", BODY(APP, "\"remediates\":[],"), "/remediates range\n"},
    {"remediates one", BODY(APP, "\"remediates\":\"INC-1\","), "/remediates type\n"},
    {"remediates in words", BODY(APP, "\"remediates\":[\"it broke\",1],"),
     "/remediates/0 syntax\n/remediates/1 type\n"},
    {"revises a name", BODY(APP, "\"revises\":\"1\","), "/revises type\n"},
    {"revises before the first", BODY(APP, "\"revises\":-1,"), "/revises range\n"},
};

static void faults_are_listed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        struct content_faults faults;
        struct span content = SPAN_LIT("before");
        bool set = false;
        uint64_t revises = 0;
        AUTO_WRITER w = wr_heap(4096);

        arena_init(&arena, 1U << 20);
        const struct cs_result got =
            model_deploy_from_body(span_str(rows[i].body), &arena, &content, &set, &revises, &faults);
        assert_int_equal(got.code, CS_E_REFUSED);
        assert_true(span_is(content, "before"));
        for (size_t k = 0; k < faults.count; k++) {
            wr_text(&w, faults.item[k].pointer);
            wr_u8(&w, ' ');
            wr_text(&w, faults.item[k].code);
            wr_u8(&w, '\n');
            assert_true(strlen(faults.item[k].detail) > 10);
        }
        if (!span_is(wr_span(&w), rows[i].faults)) {
            fail_msg("%s:\n%.*s", rows[i].name, (int)w.len, (const char *)w.p);
        }
        arena_release(&arena);
    }
}

static const struct {
    const char *name;
    const char *body;
    const char *code;
    enum cs_code result;
} unread[] = {
    {"cut", "{\"a\":", "syntax", CS_E_SHORT},
    {"capital", "{\"Title\":1}", "unknown", CS_E_UNKNOWN},
    {"twice", "{\"a\":1,\"a\":1}", "duplicate", CS_E_DUPLICATE},
    {"fraction", "{\"a\":1.5}", "type", CS_E_TYPE},
    {"bytes", "{\"a\":\"\xff\"}", "utf8", CS_E_UTF8},
    {"more", "{} {}", "syntax", CS_E_TRAILING},
};

static void what_is_no_json_has_one_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++) {
        struct arena arena;
        struct content_faults faults;
        struct span content = SPAN_NONE;
        bool set = false;
        uint64_t revises = 0;

        arena_init(&arena, 1U << 20);
        const struct cs_result got =
            model_deploy_from_body(span_str(unread[i].body), &arena, &content, &set, &revises, &faults);
        if (got.code != unread[i].result || faults.count != 1 || strcmp(faults.item[0].code, unread[i].code) != 0) {
            fail_msg("%s: %s, %zu faults", unread[i].name, cs_code_name(got.code), faults.count);
        }
        arena_release(&arena);
    }
}

static const struct {
    const char *body;
    const char *detail;
} nearest[] = {
    {BODY(APP, "\"titel\":\"x\","), "No such member is known here. Did you mean title?"},
    {BODY(APP, "\"plan_sha\":\"x\","), "No such member is known here. Did you mean plan_sha256?"},
    {BODY(APP, "\"zzzzzzzzzzzz\":\"x\","), "No such member is known here. Leave it out."},
    {BODY("[{\"digest\":\"\",\"name\":\"app\",\"sha256\":\"" HEX "\"}]", ""),
     "No such member is known here. Leave it out."},
    {BODY("[{\"nmae\":\"\",\"name\":\"app\",\"sha256\":\"" HEX "\"}]", ""),
     "No such member is known here. Did you mean name?"},
};

static void the_nearest_member_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(nearest) / sizeof(nearest[0]); i++) {
        struct arena arena;
        struct content_faults faults;
        struct span content = SPAN_NONE;
        bool set = false;
        uint64_t revises = 0;

        arena_init(&arena, 1U << 20);
        assert_int_equal(
            model_deploy_from_body(span_str(nearest[i].body), &arena, &content, &set, &revises, &faults).code,
            CS_E_REFUSED);
        assert_int_equal(faults.count, 1);
        assert_string_equal(faults.item[0].detail, nearest[i].detail);
        arena_release(&arena);
    }
}

static void a_body_becomes_canonical(void **state)
{
    static const char sent[] =
        " { \"title\" : \"Roll \\u00fc out\", \"service\":\"shop\", \"initiator\":\"git:ab\", "
        "\"environment\":\"test\",\n"
        "\"revises\": 12, \"ticket\":\"OPS-1\", \"trigger\":\"bob\", \"plan_sha256\":\"" HEX "\","
        "\"change_type\":\"normal\",\"config_sha256\":\"" HEX "\",\"documentation\":{\"backout\":\"undo\\n\"},"
        "\"evidence\":[{\"skipped\":1,\"failed\":0,\"kind\":\"junit\",\"name\":\"unit "
        "tests\",\"passed\":9,\"sha256\":\"" HEX
        "\",\"size\":10}],\"attributes\":{\"region\":\"true\",\"count\":3,\"on\":true}," SOURCE(
            "\"git:ab\",\"git:aa\"", H10 H10 H10 H10) "\"artifacts\":[{\"sha256\":\"" HEX2
                                                      "\",\"name\":\"db\"},{\"name\":\"app\",\"sha256\":\"" HEX "\"}]}";
    struct arena arena;
    struct content_faults faults;
    static struct deploy_content c; /* large */
    struct span content = SPAN_NONE;
    bool set = false;
    uint64_t revises = 0;
    (void)state;

    arena_init(&arena, 1U << 20);
    assert_int_equal(model_deploy_from_body(SPAN_LIT(sent), &arena, &content, &set, &revises, &faults).code, CS_OK);
    assert_true(set);
    assert_int_equal(revises, 12);
    assert_int_equal(model_deploy_decode(content, &arena, &c).code, CS_OK);
    assert_int_equal(c.artifact_count, 2);
    assert_true(span_is(c.artifacts[0].name, "app"));
    assert_int_equal(c.attribute_count, 3);
    assert_true(c.attributes[0].bare);
    assert_true(span_is(c.attributes[0].value, "3"));
    assert_false(c.attributes[2].bare);
    assert_int_equal(c.source.author_count, 2);
    assert_true(span_is(c.source.authors[0], "git:aa"));
    assert_true(c.has_config && c.has_plan && c.source.present);
    arena_release(&arena);
}

/* Many members, each wrong: the list ends at its limit, and so does the body at its size. */
static void limits_hold(void **state)
{
    struct arena arena;
    struct content_faults faults;
    struct span content = SPAN_NONE;
    bool set = false;
    uint64_t revises = 0;
    AUTO_WRITER w = wr_heap(1U << 20);
    (void)state;

    arena_init(&arena, 1U << 22);
    wr_text(&w, "{");
    for (unsigned i = 0; i < 200; i++) {
        char member[32];
        (void)snprintf(member, sizeof(member), "\"q%u\":1,", i);
        wr_text(&w, member);
    }
    wr_text(&w, "\"z\":1}");
    assert_int_equal(model_deploy_from_body(wr_span(&w), &arena, &content, &set, &revises, &faults).code, CS_E_REFUSED);
    assert_int_equal(faults.count, CONTENT_FAULTS_MAX);

    w.len = 0;
    wr_text(&w, "{\"documentation\":{");
    for (unsigned i = 0; i < 8; i++) {
        char member[32];
        (void)snprintf(member, sizeof(member), "%s\"q%u\":\"", i > 0 ? "," : "", i);
        wr_text(&w, member);
        memset(wr_room(&w, MODEL_FIELD_MAX), 'x', MODEL_FIELD_MAX);
        wr_text(&w, "\"");
    }
    wr_text(&w, "},");
    wr_bytes(&w, span_from(SPAN_LIT(DEPLOY_SMALL), 1));
    assert_int_equal(model_deploy_from_body(wr_span(&w), &arena, &content, &set, &revises, &faults).code, CS_E_REFUSED);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.item[0].code, "too_large");
    assert_string_equal(faults.item[0].pointer, "");
    arena_release(&arena);
}

static void a_title_ends_at_200_letters(void **state)
{
    (void)state;
    for (size_t n = 199; n <= 201; n++) {
        struct arena arena;
        struct content_faults faults;
        struct span content = SPAN_NONE;
        bool set = false;
        uint64_t revises = 0;
        AUTO_WRITER w = wr_heap(1U << 16);

        wr_text(&w,
                "{\"artifacts\":" APP ",\"change_type\":\"normal\",\"environment\":\"test\",\"initiator\":\"git:ab\","
                "\"service\":\"shop\",\"title\":\"");
        for (size_t i = 0; i < n; i++) {
            wr_text(&w, "\xf0\x9f\x98\x80");
        }
        wr_text(&w, "\"}");
        arena_init(&arena, 1U << 20);
        assert_int_equal(model_deploy_from_body(wr_span(&w), &arena, &content, &set, &revises, &faults).code,
                         n <= 200 ? CS_OK : CS_E_REFUSED);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_listed),
        cmocka_unit_test(what_is_no_json_has_one_fault),
        cmocka_unit_test(the_nearest_member_is_named),
        cmocka_unit_test(a_body_becomes_canonical),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(a_title_ends_at_200_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
