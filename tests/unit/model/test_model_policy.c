/* SPDX-License-Identifier: Apache-2.0 */
/* Policy documents: what is read, in its one spelling, and what is refused. Requirements 1.1, 1.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "json/json_tree.h"
#include "model/model_policy.h"
#include "model_samples.h"

#define RULE(require)  "{\"id\":\"r\",\"require\":{" require "}}"
#define DOC(rules)     POLICY_HEAD POLICY_OFFICERS rules POLICY_TAIL
#define SEAT(id)       "{\"count\":1,\"id\":\"" id "\",\"role\":\"tech\"}"
#define AFTER(id, to)  "{\"after\":\"" to "\",\"count\":1,\"id\":\"" id "\",\"role\":\"tech\"}"
#define WHEN(name, is) "{\"id\":\"r\",\"require\":{},\"when\":[{\"is\":[" is "],\"name\":\"" name "\"}]}"

#define TEST(test)  "{\"id\":\"r\",\"require\":{},\"when\":[{" test "}]}"
#define ON(name)    ",\"name\":\"" name "\""
#define ANY(tests)  TEST("\"any\":[" tests "]")
#define LINES(form) TEST(form ON("attributes.lines"))
#define IS(v, name) "{\"is\":[\"" v "\"],\"name\":\"" name "\"}"

#define GLASS       EMERGENCY_OF
#define PORTS3      PRESENCE("\"1-1\",\"1-2\",\"1-3\"", "2", "120")
#define VOUCHED(id) "{\"count\":1,\"id\":\"" id "\",\"role\":\"officer\",\"self\":false,\"voucher\":true}"
#define SELF(id)    "{\"count\":1,\"id\":\"" id "\",\"role\":\"officer\",\"self\":true,\"voucher\":false}"
#define PLAIN(id)   "{\"count\":1,\"id\":\"" id "\",\"role\":\"officer\",\"self\":false,\"voucher\":false}"
#define KIND_OF(anchor, type, where)                                                                                   \
    "\"kinds\":[{\"anchor\":\"" anchor "\",\"change_types\":[\"" type "\"],\"environments\":[\"" where                 \
    "\"],\"id\":\"outage\"}]"

#define DELEGATIONS(items)                                                                                             \
    "{\"change_types\":[\"normal\"],\"delegation\":[" items                                                            \
    "],\"environments\":[\"test\"],\"name\":\"main\"," POLICY_OFFICERS POLICY_TAIL
#define EARNS(count, seat, tests) "{\"count\":" count ",\"rule\":\"r\",\"seat\":\"" seat "\",\"when\":[" tests "]}"
#define WENT(rest)                "{\"ge\":5,\"name\":\"history.deployments\"" rest "}"
#define EARNED(items)                                                                                                  \
    "{\"change_types\":[\"normal\"],\"earned\":[" items                                                                \
    "],\"environments\":[\"test\"],\"name\":\"main\"," POLICY_OFFICERS RULE(                                           \
        "\"seats\":[{\"count\":2,\"id\":\"s\",\"role\":\"tech\"}]") POLICY_TAIL
#define DUTIES(items)                                                                                                  \
    "{\"change_types\":[\"normal\"],\"duty\":[" items                                                                  \
    "],\"environments\":[\"test\"],\"name\":\"main\"," POLICY_OFFICERS POLICY_TAIL
#define DIRECTORY(members)                                                                                             \
    "{\"change_types\":[\"normal\"],\"directory\":{" members                                                           \
    "},\"environments\":[\"test\"],\"name\":\"main\"," POLICY_OFFICERS POLICY_TAIL
#define TOKENS(items) POLICY_HEAD POLICY_OFFICERS "],\"tokens\":[" items "],\"v\":1,\"version\":1}"
#define TOKEN(asks)   "{" asks "\"role\":\"tech\"}"

#define STAGES(items)                                                                                                  \
    POLICY_HEAD "\"officers\":{\"sign_by_s\":86400,\"threshold\":2},\"promotion\":[" items                             \
                "],\"roles\":[\"officer\",\"tech\"],\"rules\":[" POLICY_TAIL
#define STAGE(after, where, soak) "{\"after\":\"" after "\",\"environment\":\"" where "\"" soak "}"

#define LIMIT(form, bound, on) "{\"" form "\":" bound ",\"name\":\"" on "\"}"
#define LIMITS(items)          ",\"limits\":[" items "]"
#define EVID(id, kind, rest)   "{\"id\":\"" id "\",\"kind\":\"" kind "\"" rest "}"
#define TESTS                  EVID("tests", "junit", LIMITS(LIMIT("ge", "1000000", "pass_ppm")) ",\"max_age_s\":86400")
#define SAST                                                                                                           \
    "{\"baseline\":\"deployed\",\"id\":\"sast\",\"kind\":\"sarif\"" LIMITS(                                            \
        LIMIT("le", "0", "critical") "," LIMIT("le", "0", "high")) ",\"waivable_by\":\"tech\"}"
#define CANARY                                                                                                         \
    "{\"from\":\"test\",\"id\":\"a\",\"kind\":\"canary\"" LIMITS(                                                      \
        LIMIT("le", "9999", "most_error_rate") "," LIMIT("ge", "1800", "window_s")) ",\"max_age_s\":1800}"
#define MIGRATION(id)                                                                                                  \
    "{\"backup_max_age_s\":21600," id                                                                                  \
    ",\"kind\":\"migration\",\"restore_max_age_s\":2592000,\"schema_from\":\"deployed\"}"
#define PROVENANCE(key) "{\"id\":\"g\"," key "\"kind\":\"provenance\"}"

#define ROW(name, lit, code)                                                                                           \
    {                                                                                                                  \
        name, {(const uint8_t *)(lit), sizeof(lit) - 1}, code                                                          \
    }
static const struct row {
    const char *name;
    struct span text;
    enum cs_code want;
} rows[] = {
    ROW("whole", POLICY, CS_OK),
    /* 6.1, 6.5, 6.6: an emergency's part is whole and cannot be empty */
    ROW("emergency", POLICY_EMERGENCY(EMERGENCY), CS_OK),
    ROW("emergency without budget", POLICY_EMERGENCY(GLASS("", KINDS, PORTS3, SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_OK),
    ROW("emergency of one", POLICY_EMERGENCY(GLASS("", KINDS, PORTS3, SEAT_ENDORSE, LIFE)), CS_E_RANGE),
    ROW("emergency by vouchers alone", POLICY_EMERGENCY(GLASS("", KINDS, PORTS3, SEAT_ENDORSE "," VOUCHED("b"), LIFE)),
        CS_E_RANGE),
    ROW("emergency of who asks alone", POLICY_EMERGENCY(GLASS("", KINDS, PORTS3, SEAT_OPERATOR "," SELF("b"), "")),
        CS_E_RANGE),
    ROW("emergency, more people than ports",
        POLICY_EMERGENCY(
            GLASS(BUDGET, KINDS, PRESENCE("\"1-1\",\"1-2\"", "2", "120"), SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_E_RANGE),
    ROW("emergency at one port",
        POLICY_EMERGENCY(GLASS("", KINDS, PRESENCE("\"1-1\"", "2", "120"), SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_E_RANGE),
    ROW("emergency with one token",
        POLICY_EMERGENCY(
            GLASS("", KINDS, PRESENCE("\"1-1\",\"1-2\"", "1", "120"), SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_E_RANGE),
    ROW("emergency, three tokens for two people",
        POLICY_EMERGENCY(
            GLASS("", KINDS, PRESENCE("\"1-1\",\"1-2\"", "3", "120"), SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_E_RANGE),
    ROW("emergency, a day together",
        POLICY_EMERGENCY(
            GLASS("", KINDS, PRESENCE("\"1-1\",\"1-2\"", "2", "3601"), SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_E_RANGE),
    ROW("emergency, vouchers without end",
        POLICY_EMERGENCY(GLASS("", KINDS, PORTS3, SEAT_OPERATOR "," SEAT_ENDORSE, "")), CS_E_MISSING),
    ROW("emergency, a life for no voucher",
        POLICY_EMERGENCY(GLASS("", KINDS, PORTS3, SEAT_OPERATOR "," PLAIN("b"), LIFE)), CS_E_MISSING),
    ROW("emergency, seat of an unknown role",
        POLICY_EMERGENCY(
            GLASS("", KINDS, PORTS3,
                  SEAT_OPERATOR ",{\"count\":1,\"id\":\"b\",\"role\":\"boss\",\"self\":false,\"voucher\":false}", "")),
        CS_E_UNKNOWN),
    ROW("emergency, two seats of one id",
        POLICY_EMERGENCY(GLASS("", KINDS, PORTS3, SEAT_OPERATOR "," PLAIN("operator"), "")), CS_E_DUPLICATE),
    ROW("emergency somewhere else",
        POLICY_EMERGENCY(
            GLASS("", KIND_OF("incident", "normal", "moon"), PORTS3, SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_E_UNKNOWN),
    ROW("emergency of an unknown change type",
        POLICY_EMERGENCY(
            GLASS("", KIND_OF("incident", "hotfix", "test"), PORTS3, SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_E_UNKNOWN),
    ROW("emergency without an anchor",
        POLICY_EMERGENCY(GLASS("", KIND_OF("feeling", "normal", "test"), PORTS3, SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)),
        CS_E_UNKNOWN),
    ROW("emergency of no kind",
        POLICY_EMERGENCY(GLASS("", "\"kinds\":[]", PORTS3, SEAT_OPERATOR "," SEAT_ENDORSE, LIFE)), CS_E_RANGE),
    ROW("tokens",
        TOKENS("{\"certification\":\"fips\",\"role\":\"officer\",\"touch\":true}," TOKEN(
            "\"attested\":true,\"issuers\":[\"a\",\"b\"],\"models\":[\"" GUID "\"],")),
        CS_OK),
    ROW("no tokens", TOKENS(""), CS_E_RANGE),
    ROW("a token that asks for nothing", TOKENS(TOKEN("")), CS_E_MISSING),
    ROW("a token not attested", TOKENS(TOKEN("\"attested\":false,")), CS_E_RANGE),
    ROW("a token not touched", TOKENS("{\"role\":\"tech\",\"touch\":false}"), CS_E_RANGE),
    ROW("a token of an unknown role", TOKENS("{\"attested\":true,\"role\":\"cab\"}"), CS_E_UNKNOWN),
    ROW("a token of no issuer", TOKENS(TOKEN("\"issuers\":[],")), CS_E_RANGE),
    ROW("a token of a short model", TOKENS(TOKEN("\"models\":[\"0011\"],")), CS_E_RANGE),
    ROW("a token of no hex", TOKENS(TOKEN("\"models\":[\"0011223344556677889900112233445G\"],")), CS_E_SYNTAX),
    ROW("issuers unsorted", TOKENS(TOKEN("\"issuers\":[\"b\",\"a\"],")), CS_E_ORDER),
    ROW("two tokens of one role", TOKENS(TOKEN("\"attested\":true,") "," TOKEN("\"attested\":true,")), CS_E_DUPLICATE),
    ROW("tokens unsorted", TOKENS(TOKEN("\"attested\":true,") ",{\"attested\":true,\"role\":\"officer\"}"), CS_E_ORDER),
    ROW("a token that asks for more", TOKENS(TOKEN("\"attested\":true,\"fips\":true,")), CS_E_UNKNOWN),
    /* 1.4 */
    ROW("source",
        DOC(RULE("\"source\":{\"protected\":true,\"pull_request\":\"merged\",\"refs\":[\"refs/heads/main\",\"refs/tags/"
                 "v*\"],"
                 "\"reviewers\":16}")),
        CS_OK),
    ROW("source of nothing", DOC(RULE("\"source\":{}")), CS_E_MISSING),
    ROW("source not protected", DOC(RULE("\"source\":{\"protected\":false}")), CS_E_RANGE),
    ROW("source of an open pull request", DOC(RULE("\"source\":{\"pull_request\":\"open\"}")), CS_E_UNKNOWN),
    ROW("source of no ref", DOC(RULE("\"source\":{\"refs\":[]}")), CS_E_RANGE),
    ROW("source of an empty ref", DOC(RULE("\"source\":{\"refs\":[\"\"]}")), CS_E_SYNTAX),
    ROW("source of a ref with a comma", DOC(RULE("\"source\":{\"refs\":[\"a*, b\"]}")), CS_E_SYNTAX),
    ROW("source of a ref with two stars", DOC(RULE("\"source\":{\"refs\":[\"a**\"]}")), CS_E_SYNTAX),
    ROW("refs unsorted", DOC(RULE("\"source\":{\"refs\":[\"b\",\"a\"]}")), CS_E_ORDER),
    ROW("a ref twice", DOC(RULE("\"source\":{\"refs\":[\"a\",\"a\"]}")), CS_E_DUPLICATE),
    ROW("source of no reviewer", DOC(RULE("\"source\":{\"reviewers\":0}")), CS_E_RANGE),
    ROW("source of seventeen reviewers", DOC(RULE("\"source\":{\"reviewers\":17}")), CS_E_RANGE),
    ROW("source that asks for more", DOC(RULE("\"source\":{\"protected\":true,\"signed\":true}")), CS_E_UNKNOWN),
    ROW("ticket", DOC(RULE("\"ticket\":{\"state\":[\"a\",\"b\"],\"system\":\"any\"}")), CS_OK),
    ROW("ticket of no system", DOC(RULE("\"ticket\":{\"state\":[\"a\"]}")), CS_E_MISSING),
    ROW("ticket of no state", DOC(RULE("\"ticket\":{\"state\":[],\"system\":\"any\"}")), CS_E_RANGE),
    ROW("ticket that asks for more", DOC(RULE("\"ticket\":{\"system\":\"any\",\"type\":\"normal\"}")), CS_E_UNKNOWN),
    /* 1.1 */
    ROW("a stage", STAGES(STAGE("test", "production", ",\"soak_s\":1")), CS_OK),
    ROW("a stage without a soak", STAGES(STAGE("test", "production", "")), CS_OK),
    ROW("no stage", STAGES(""), CS_E_RANGE),
    ROW("a soak of no time", STAGES(STAGE("test", "production", ",\"soak_s\":0")), CS_E_RANGE),
    ROW("a soak of eleven years", STAGES(STAGE("test", "production", ",\"soak_s\":347133600")), CS_E_RANGE),
    ROW("a stage after nothing known", STAGES(STAGE("lab", "production", "")), CS_E_UNKNOWN),
    ROW("an unknown stage", STAGES(STAGE("test", "lab", "")), CS_E_UNKNOWN),
    ROW("a stage after itself", STAGES(STAGE("test", "test", "")), CS_E_ORDER),
    ROW("a circle of stages", STAGES(STAGE("test", "production", "") "," STAGE("production", "test", "")), CS_E_ORDER),
    ROW("a stage twice", STAGES(STAGE("test", "production", "") "," STAGE("test", "production", "")), CS_E_DUPLICATE),
    ROW("stages unsorted", STAGES(STAGE("production", "test", "") "," STAGE("test", "production", "")), CS_E_ORDER),
    ROW("a stage that says more", STAGES(STAGE("test", "production", ",\"speed\":1")), CS_E_UNKNOWN),
    ROW("a rule that asks for nothing", DOC(RULE("")), CS_OK),
    ROW("no rule", DOC(""), CS_OK),
    ROW("two rules of one id", DOC(RULE("") "," RULE("")), CS_E_DUPLICATE),
    ROW("slash in a rule id", DOC("{\"id\":\"a/b\",\"require\":{}}"), CS_E_SYNTAX),
    ROW("slash in a seat id", DOC(RULE("\"seats\":[" SEAT("a/b") "]")), CS_E_SYNTAX),
    ROW("no seats", DOC(RULE("\"seats\":[]")), CS_E_RANGE),
    ROW("seat of an unknown role", DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"cab\"}]")), CS_E_UNKNOWN),
    ROW("seat for nobody", DOC(RULE("\"seats\":[{\"count\":0,\"id\":\"a\",\"role\":\"tech\"}]")), CS_E_RANGE),
    ROW("seat for 17", DOC(RULE("\"seats\":[{\"count\":17,\"id\":\"a\",\"role\":\"tech\"}]")), CS_E_RANGE),
    ROW("two seats of one id", DOC(RULE("\"seats\":[" SEAT("a") "," SEAT("a") "]")), CS_E_DUPLICATE),
    ROW("after a seat that is not there", DOC(RULE("\"seats\":[" AFTER("a", "b") "]")), CS_E_UNKNOWN),
    ROW("after itself", DOC(RULE("\"seats\":[" AFTER("a", "a") "]")), CS_E_ORDER),
    ROW("in a ring", DOC(RULE("\"seats\":[" AFTER("a", "b") "," AFTER("b", "a") "]")), CS_E_ORDER),
    ROW("in a row", DOC(RULE("\"seats\":[" AFTER("a", "b") "," AFTER("b", "c") "," SEAT("c") "]")), CS_OK),
    ROW("after a seat of another rule",
        DOC("{\"id\":\"r\",\"require\":{\"seats\":[{\"after\":\"s/"
            "b\",\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]}},{\"id\":\"s\",\"require\":{\"seats\":[{\"count\":1,"
            "\"id\":\"b\",\"role\":\"tech\"}]}}"),
        CS_OK),
    ROW("after a seat of a rule that is not there",
        DOC("{\"id\":\"r\",\"require\":{\"seats\":[{\"after\":\"t/"
            "b\",\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]}},{\"id\":\"s\",\"require\":{\"seats\":[{\"count\":1,"
            "\"id\":\"b\",\"role\":\"tech\"}]}}"),
        CS_E_UNKNOWN),
    ROW("after a seat that the other rule has not",
        DOC("{\"id\":\"r\",\"require\":{\"seats\":[{\"after\":\"s/"
            "c\",\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]}},{\"id\":\"s\",\"require\":{\"seats\":[{\"count\":1,"
            "\"id\":\"b\",\"role\":\"tech\"}]}}"),
        CS_E_UNKNOWN),
    ROW("after a seat of its own rule, with the rule",
        DOC("{\"id\":\"r\",\"require\":{\"seats\":[{\"after\":\"r/"
            "b\",\"count\":1,\"id\":\"a\",\"role\":\"tech\"},{\"count\":1,\"id\":\"b\",\"role\":\"tech\"}]}},{\"id\":"
            "\"s\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"b\",\"role\":\"tech\"}]}}"),
        CS_E_SYNTAX),
    ROW("in a ring over rules",
        DOC("{\"id\":\"r\",\"require\":{\"seats\":[{\"after\":\"s/"
            "b\",\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]}},{\"id\":\"s\",\"require\":{\"seats\":[{\"after\":\"r/"
            "a\",\"count\":1,\"id\":\"b\",\"role\":\"tech\"}]}}"),
        CS_E_ORDER),
    ROW("after a rule",
        DOC("{\"id\":\"r\",\"require\":{\"seats\":[{\"after\":\"s/"
            "\",\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]}},{\"id\":\"s\",\"require\":{\"seats\":[{\"count\":1,"
            "\"id\":\"b\",\"role\":\"tech\"}]}}"),
        CS_E_RANGE),
    ROW("after a part of a seat",
        DOC("{\"id\":\"r\",\"require\":{\"seats\":[{\"after\":\"s/b/"
            "c\",\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]}},{\"id\":\"s\",\"require\":{\"seats\":[{\"count\":1,"
            "\"id\":\"b\",\"role\":\"tech\"}]}}"),
        CS_E_SYNTAX),
    ROW("quorum, count", DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"count\",\"role\":\"tech\"}]")),
        CS_OK),
    ROW("quorum, majority",
        DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"majority\",\"role\":\"tech\"}]")), CS_OK),
    ROW("quorum, two_thirds",
        DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"two_thirds\",\"role\":\"tech\"}]")), CS_OK),
    ROW("quorum, none", DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"none\",\"role\":\"tech\"}]")),
        CS_E_UNKNOWN),
    ROW("quorum, half", DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"half\",\"role\":\"tech\"}]")),
        CS_E_UNKNOWN),
    ROW("veto",
        DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"majority\",\"role\":\"tech\",\"veto\":[\"officer\","
                 "\"tech\"]}]")),
        CS_OK),
    ROW("veto of nobody",
        DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"majority\",\"role\":\"tech\",\"veto\":[]}]")),
        CS_E_RANGE),
    ROW("veto of an unknown role",
        DOC(RULE(
            "\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"majority\",\"role\":\"tech\",\"veto\":[\"cab\"]}]")),
        CS_E_UNKNOWN),
    ROW("veto unsorted",
        DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"quorum\":\"majority\",\"role\":\"tech\",\"veto\":[\"tech\","
                 "\"officer\"]}]")),
        CS_E_ORDER),
    ROW("veto without a quorum",
        DOC(RULE("\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\",\"veto\":[\"tech\"]}]")), CS_E_MISSING),
    ROW("escalation",
        DOC(RULE("\"escalate\":[{\"after_s\":60,\"to\":\"officer\"},{\"after_s\":60,\"to\":\"tech\"},{\"after_s\":61,"
                 "\"to\":\"officer\"}],\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_OK),
    ROW("escalation when",
        DOC(RULE("\"escalate\":[{\"after_s\":60,\"to\":\"tech\",\"when\":[{\"is\":[\"test\"],\"name\":\"environment\"}]"
                 "}],\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_OK),
    ROW("escalation when in no environment",
        DOC(RULE("\"escalate\":[{\"after_s\":60,\"to\":\"tech\",\"when\":[{\"is\":[\"moon\"],\"name\":\"environment\"}]"
                 "}],\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_E_UNKNOWN),
    ROW("escalation unsorted",
        DOC(RULE("\"escalate\":[{\"after_s\":61,\"to\":\"officer\"},{\"after_s\":60,\"to\":\"tech\"}],\"seats\":[{"
                 "\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_E_ORDER),
    ROW("escalation twice",
        DOC(RULE("\"escalate\":[{\"after_s\":60,\"to\":\"tech\"},{\"after_s\":60,\"to\":\"tech\"}],\"seats\":[{"
                 "\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_E_DUPLICATE),
    ROW("escalation at once",
        DOC(RULE(
            "\"escalate\":[{\"after_s\":0,\"to\":\"tech\"}],\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_E_RANGE),
    ROW("escalation to an unknown role",
        DOC(RULE(
            "\"escalate\":[{\"after_s\":60,\"to\":\"cab\"}],\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_E_UNKNOWN),
    ROW("escalation by no steps", DOC(RULE("\"escalate\":[],\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_E_RANGE),
    ROW("escalation by nine steps",
        DOC(RULE("\"escalate\":[{\"after_s\":60,\"to\":\"tech\"},{\"after_s\":61,\"to\":\"tech\"},{\"after_s\":62,"
                 "\"to\":\"tech\"},{\"after_s\":63,\"to\":\"tech\"},{\"after_s\":64,\"to\":\"tech\"},{\"after_s\":65,"
                 "\"to\":\"tech\"},{\"after_s\":66,\"to\":\"tech\"},{\"after_s\":67,\"to\":\"tech\"},{\"after_s\":68,"
                 "\"to\":\"tech\"}],\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]")),
        CS_E_RANGE),
    ROW("escalation of no seats", DOC(RULE("\"escalate\":[{\"after_s\":60,\"to\":\"tech\"}]")), CS_E_MISSING),
    ROW("keys of a rule", DOC(RULE("\"token\":{\"attested\":true,\"verification\":true}")), CS_OK),
    ROW("keys of a rule, any", DOC(RULE("\"token\":{}")), CS_E_MISSING),
    ROW("keys of a rule, not attested", DOC(RULE("\"token\":{\"attested\":false}")), CS_E_RANGE),
    ROW("keys of a rule, more", DOC(RULE("\"token\":{\"attested\":true,\"touch\":true}")), CS_E_UNKNOWN),
    ROW("unknown field", DOC(RULE("\"fields\":[\"titel\"]")), CS_E_UNKNOWN),
    ROW("field without key", DOC(RULE("\"fields\":[\"documentation.\"]")), CS_E_UNKNOWN),
    ROW("field with a bad key", DOC(RULE("\"fields\":[\"attributes.Big\"]")), CS_E_UNKNOWN),
    ROW("fields unsorted", DOC(RULE("\"fields\":[\"title\",\"service\"]")), CS_E_ORDER),
    ROW("unknown separation", DOC(RULE("\"separate\":[\"author\"]")), CS_E_UNKNOWN),
    ROW("unknown bind", DOC(RULE("\"bind\":[\"artifact\"]")), CS_E_UNKNOWN),
    ROW("no time to sign", DOC(RULE("\"sign_by_s\":0")), CS_E_RANGE),
    ROW("ten years and a second", DOC(RULE("\"use_by_s\":315576001")), CS_E_RANGE),
    ROW("reason of 4001", DOC(RULE("\"reason\":{\"approve\":4001,\"reject\":0}")), CS_E_RANGE),
    ROW("unknown requirement", DOC(RULE("\"wishes\":[]")), CS_E_UNKNOWN),
    /* 3.1 to 3.6: lines of evidence */
    ROW("evidence", DOC(RULE("\"evidence\":[" SAST "," TESTS "]")), CS_OK),
    ROW("evidence of every kind",
        DOC(RULE("\"evidence\":[" CANARY "," EVID("b", "coverage", LIMITS(LIMIT("drop", "10000", "line_ppm"))) "," EVID(
            "c", "cyclonedx",
            LIMITS(LIMIT(
                "le", "0",
                "critical"))) "," MIGRATION("\"id\":\"d\"") "," EVID("e", "iac",
                                                                     LIMITS(LIMIT("le", "0", "drift") "," LIMIT(
                                                                         "le", "0",
                                                                         "error"))) "," EVID("f", "plan",
                                                                                             LIMITS(LIMIT(
                                                                                                 "le", "0",
                                                                                                 "delete"))) "," PROVENANCE("\"key\":\"" B91
                                                                                                                            "\",") "]")),
        CS_OK),
    ROW("no evidence", DOC(RULE("\"evidence\":[]")), CS_E_RANGE),
    ROW("evidence unsorted", DOC(RULE("\"evidence\":[" TESTS "," SAST "]")), CS_E_ORDER),
    ROW("evidence twice", DOC(RULE("\"evidence\":[" SAST "," SAST "]")), CS_E_DUPLICATE),
    ROW("evidence that asks for nothing", DOC(RULE("\"evidence\":[" EVID("a", "junit", "") "]")), CS_E_MISSING),
    ROW("evidence of no kind", DOC(RULE("\"evidence\":[" EVID("a", "wish", "") "]")), CS_E_UNKNOWN),
    ROW("a number that no such file says",
        DOC(RULE("\"evidence\":[" EVID("a", "junit", LIMITS(LIMIT("le", "0", "critical"))) "]")), CS_E_UNKNOWN),
    ROW("limits unsorted",
        DOC(RULE("\"evidence\":[" EVID("a", "sarif",
                                       LIMITS(LIMIT("le", "0", "high") "," LIMIT("le", "0", "critical"))) "]")),
        CS_E_ORDER),
    ROW("a limit twice",
        DOC(RULE(
            "\"evidence\":[" EVID("a", "sarif", LIMITS(LIMIT("le", "0", "high") "," LIMIT("le", "1", "high"))) "]")),
        CS_E_DUPLICATE),
    ROW("both ends of a number",
        DOC(RULE(
            "\"evidence\":[" EVID("a", "sarif", LIMITS(LIMIT("ge", "0", "high") "," LIMIT("le", "1", "high"))) "]")),
        CS_OK),
    ROW("a limit below zero", DOC(RULE("\"evidence\":[" EVID("a", "sarif", LIMITS(LIMIT("le", "-1", "high"))) "]")),
        CS_E_RANGE),
    ROW("a limit that is no whole number",
        DOC(RULE("\"evidence\":[" EVID("a", "sarif", LIMITS(LIMIT("le", "0.5", "high"))) "]")), CS_E_TYPE),
    ROW("waivable by nobody known",
        DOC(RULE("\"evidence\":[{\"id\":\"a\",\"kind\":\"sarif\"" LIMITS(
            LIMIT("le", "0", "high")) ",\"waivable_by\":\"wizard\"}]")),
        CS_E_UNKNOWN),
    ROW("a canary from anywhere",
        DOC(RULE("\"evidence\":[" EVID("a", "canary",
                                       LIMITS(LIMIT("le", "9999", "most_error_rate")) ",\"max_age_s\":60") "]")),
        CS_E_MISSING),
    ROW("a canary from nowhere",
        DOC(RULE("\"evidence\":[{\"from\":\"moon\",\"id\":\"a\",\"kind\":\"canary\"" LIMITS(
            LIMIT("le", "9999", "most_error_rate")) ",\"max_age_s\":60}]")),
        CS_E_UNKNOWN),
    ROW("a canary of any age",
        DOC(RULE("\"evidence\":[{\"from\":\"test\",\"id\":\"a\",\"kind\":\"canary\"" LIMITS(
            LIMIT("le", "9999", "most_error_rate")) "}]")),
        CS_E_MISSING),
    ROW("a canary that somebody may waive",
        DOC(RULE("\"evidence\":[{\"from\":\"test\",\"id\":\"a\",\"kind\":\"canary\"" LIMITS(
            LIMIT("le", "9999", "most_error_rate")) ",\"max_age_s\":60,\"waivable_by\":\"tech\"}]")),
        CS_E_UNKNOWN),
    ROW("provenance by whoever", DOC(RULE("\"evidence\":[" PROVENANCE("") "]")), CS_E_MISSING),
    ROW("provenance by a short key", DOC(RULE("\"evidence\":[" PROVENANCE("\"key\":\"" B32 "\",") "]")), CS_E_RANGE),
    ROW("tests against what runs",
        DOC(RULE("\"evidence\":[{\"baseline\":\"deployed\",\"id\":\"a\",\"kind\":\"junit\"" LIMITS(
            LIMIT("le", "0", "failed")) "}]")),
        CS_E_UNKNOWN),
    ROW("against something else",
        DOC(RULE("\"evidence\":[{\"baseline\":\"master\",\"id\":\"a\",\"kind\":\"sarif\"" LIMITS(
            LIMIT("le", "0", "high")) "}]")),
        CS_E_UNKNOWN),
    ROW("a backup of tests",
        DOC(RULE("\"evidence\":[{\"backup_max_age_s\":60,\"id\":\"a\",\"kind\":\"junit\"" LIMITS(
            LIMIT("le", "0", "failed")) "}]")),
        CS_E_UNKNOWN),
    ROW("unknown environment", DOC(WHEN("environment", "\"prod\"")), CS_E_UNKNOWN),
    ROW("unknown change type", DOC(WHEN("change_type", "\"urgent\"")), CS_E_UNKNOWN),
    ROW("condition on a free attribute", DOC(WHEN("attributes.region", "\"eu\",\"us east\"")), CS_OK),
    ROW("condition unsorted", DOC(WHEN("attributes.region", "\"us\",\"eu\"")), CS_E_ORDER),
    ROW("condition of nothing", DOC(WHEN("environment", "")), CS_E_RANGE),
    ROW("condition on an unknown name", DOC(WHEN("phase", "\"x\"")), CS_E_UNKNOWN),
    ROW("at least", DOC(LINES("\"ge\":2000")), CS_OK),
    ROW("at most, below zero", DOC(LINES("\"le\":-1")), CS_OK),
    ROW("at least a text", DOC(LINES("\"ge\":\"2000\"")), CS_E_TYPE),
    ROW("past 2^53", DOC(LINES("\"ge\":9007199254740992")), CS_E_RANGE),
    ROW("two forms in one test", DOC(LINES("\"ge\":1,\"le\":2")), CS_E_UNKNOWN),
    ROW("no form", DOC(TEST("\"name\":\"service\"")), CS_E_MISSING),
    ROW("a number of environments", DOC(TEST("\"ge\":1" ON("environment"))), CS_E_TYPE),
    ROW("pattern", DOC(TEST("\"glob\":[\"refs/tags/v*\"]" ON("source.ref"))), CS_OK),
    ROW("pattern without a star", DOC(TEST("\"glob\":[\"refs\"]" ON("source.ref"))), CS_E_SYNTAX),
    ROW("pattern with two together", DOC(TEST("\"glob_not\":[\"r**\"]" ON("source.ref"))), CS_E_SYNTAX),
    ROW("pattern of environments", DOC(TEST("\"glob\":[\"pro*\"]" ON("environment"))), CS_OK),
    ROW("pattern of no environment", DOC(TEST("\"glob\":[\"dev*\"]" ON("environment"))), CS_E_UNKNOWN),
    ROW("none of", DOC(TEST("\"is_not\":[\"a\",\"b\"]" ON("service"))), CS_OK),
    ROW("not an unknown environment", DOC(TEST("\"is_not\":[\"prod\"]" ON("environment"))), CS_E_UNKNOWN),
    ROW("alternatives", DOC(ANY(IS("a", "attributes.x") "," IS("b", "attributes.x"))), CS_OK),
    ROW("one alternative", DOC(ANY(IS("a", "attributes.x"))), CS_E_RANGE),
    ROW("alternatives unsorted", DOC(ANY(IS("b", "attributes.x") "," IS("a", "attributes.x"))), CS_E_ORDER),
    ROW("an alternative twice", DOC(ANY(IS("a", "attributes.x") "," IS("a", "attributes.x"))), CS_E_DUPLICATE),
    ROW("alternatives in alternatives", DOC(ANY("{\"any\":[]}," IS("a", "attributes.x"))), CS_E_MISSING),
    ROW("an alternative of an unknown environment", DOC(ANY(IS("a", "attributes.x") "," IS("b", "environment"))),
        CS_E_UNKNOWN),
    ROW("one officer",
        POLICY_HEAD "\"officers\":{\"sign_by_s\":1,\"threshold\":1},\"roles\":[\"officer\"],\"rules\":[" RULE("")
            POLICY_TAIL,
        CS_E_RANGE),
    ROW("no role officer",
        POLICY_HEAD "\"officers\":{\"sign_by_s\":1,\"threshold\":2},\"roles\":[\"tech\"],\"rules\":[" RULE("")
            POLICY_TAIL,
        CS_E_MISSING),
    ROW("version 0", POLICY_HEAD POLICY_OFFICERS RULE("") "],\"v\":1,\"version\":0}", CS_E_RANGE),
    ROW("format 2", POLICY_HEAD POLICY_OFFICERS RULE("") "],\"v\":2,\"version\":1}", CS_E_RANGE),
    ROW("delegation", DELEGATIONS("{\"most_s\":60,\"role\":\"tech\",\"to\":[\"officer\"]}"), CS_OK),
    ROW("delegation of officers", DELEGATIONS("{\"most_s\":60,\"role\":\"officer\",\"to\":[\"tech\"]}"), CS_E_RANGE),
    ROW("delegation to a role that is not there", DELEGATIONS("{\"most_s\":60,\"role\":\"tech\",\"to\":[\"cab\"]}"),
        CS_E_UNKNOWN),
    ROW("delegation for no time", DELEGATIONS("{\"most_s\":0,\"role\":\"tech\",\"to\":[\"tech\"]}"), CS_E_RANGE),
    ROW("delegation to nobody", DELEGATIONS("{\"most_s\":60,\"role\":\"tech\",\"to\":[]}"), CS_E_RANGE),
    ROW("earned", EARNED(EARNS("1", "s", WENT(",\"window_s\":60"))), CS_OK),
    ROW("earned by as many", EARNED(EARNS("2", "s", WENT(",\"window_s\":60"))), CS_E_RANGE),
    ROW("earned by nobody", EARNED(EARNS("0", "s", WENT(",\"window_s\":60"))), CS_E_RANGE),
    ROW("earned by an attribute", EARNED(EARNS("1", "s", "{\"ge\":5,\"name\":\"attributes.deployments\"}")), CS_E_TYPE),
    ROW("earned by history, or an attribute",
        EARNED(EARNS("1", "s", "{\"any\":[{\"ge\":5,\"name\":\"attributes.n\"}," WENT(",\"window_s\":60") "]}")),
        CS_E_TYPE),
    ROW("earned by nothing", EARNED(EARNS("1", "s", "")), CS_E_RANGE),
    ROW("earned for no seat", EARNED(EARNS("1", "t", WENT(",\"window_s\":60"))), CS_E_UNKNOWN),
    ROW("earned twice", EARNED(EARNS("1", "s", WENT(",\"window_s\":60")) "," EARNS("1", "s", WENT(",\"window_s\":70"))),
        CS_E_DUPLICATE),
    ROW("duty", DUTIES("{\"role\":\"tech\",\"roster\":\"ops\"}"), CS_OK),
    ROW("duty of nobody", DUTIES(""), CS_E_RANGE),
    ROW("duty of a role that is not there", DUTIES("{\"role\":\"cab\",\"roster\":\"ops\"}"), CS_E_UNKNOWN),
    ROW("duty of officers", DUTIES("{\"role\":\"officer\",\"roster\":\"ops\"}"), CS_E_RANGE),
    ROW("duty twice", DUTIES("{\"role\":\"tech\",\"roster\":\"a\"},{\"role\":\"tech\",\"roster\":\"b\"}"),
        CS_E_DUPLICATE),
    ROW("duty without a roster", DUTIES("{\"role\":\"tech\"}"), CS_E_MISSING),
    ROW("directory", DIRECTORY("\"max_stale_s\":60,\"roles\":[\"officer\",\"tech\"],\"source\":\"ldap\""), CS_OK),
    ROW("directory of no role", DIRECTORY("\"max_stale_s\":60,\"roles\":[],\"source\":\"ldap\""), CS_E_RANGE),
    ROW("directory of a role that is not there",
        DIRECTORY("\"max_stale_s\":60,\"roles\":[\"cab\"],\"source\":\"ldap\""), CS_E_UNKNOWN),
    ROW("directory that is always old", DIRECTORY("\"max_stale_s\":0,\"roles\":[\"tech\"],\"source\":\"ldap\""),
        CS_E_RANGE),
    ROW("directory without a source", DIRECTORY("\"max_stale_s\":60,\"roles\":[\"tech\"]"), CS_E_MISSING),
};

static void each_row_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        struct policy_doc doc;
        struct policy_doc before;

        memset(&doc, 0x5a, sizeof(doc));
        memcpy(&before, &doc, sizeof(doc));
        arena_init(&arena, 1U << 20);
        const struct cs_result got = model_policy_decode(rows[i].text, &arena, &doc);
        if (got.code != rows[i].want) {
            fail_msg("%s: %s (%s at %u)", rows[i].name, cs_code_name(got.code), got.msg, got.at);
        }
        if (got.code != CS_OK) {
            assert_memory_equal(&doc, &before, sizeof(doc));
        }
        arena_release(&arena);
    }
}

static void everything_is_read(void **state)
{
    struct arena arena;
    struct policy_doc doc;
    (void)state;

    arena_init(&arena, 1U << 20);
    assert_int_equal(model_policy_decode(SPAN_LIT(POLICY), &arena, &doc).code, CS_OK);
    assert_true(span_is(doc.name, "main"));
    assert_int_equal(doc.version, 1);
    assert_int_equal(doc.officers_threshold, 2);
    assert_int_equal(doc.officers_sign_by_s, 86400);
    assert_true(model_policy_has_role(&doc, SPAN_LIT("tech")));
    assert_false(model_policy_has_role(&doc, SPAN_LIT("tec")));
    assert_true(model_policy_has_environment(&doc, SPAN_LIT("test")));
    assert_false(model_policy_has_environment(&doc, SPAN_LIT("")));
    assert_true(model_policy_has_change_type(&doc, SPAN_LIT("normal")));
    assert_int_equal(doc.rule_count, 1);
    const struct policy_rule *r = &doc.rules[0];
    assert_int_equal(r->bind, BIND_ARTIFACTS | BIND_PLAN);
    assert_int_equal(r->separate, SEPARATE_AUTHORS | SEPARATE_INITIATOR);
    assert_int_equal(r->field_count, 2);
    assert_int_equal(r->reason_approve_min, 0);
    assert_int_equal(r->reason_reject_min, 15);
    assert_int_equal(r->sign_by_s, 3600);
    assert_int_equal(r->use_by_s, 600);
    assert_int_equal(r->seat_count, 2);
    assert_true(span_is(r->seats[1].after, "tech"));
    assert_int_equal(r->seats[1].count, 2);
    assert_int_equal(r->when_count, 1);
    assert_true(span_is(r->when[0].any[0].values[0], "production"));
    arena_release(&arena);
}

/* 6.1: the example that people start from is one that loads. */
static void the_example_is_read(void **state)
{
    enum { FILE_MAX = 32768 };
    static char text[FILE_MAX];
    struct arena arena;
    struct policy_doc doc;
    const struct json_value *top = NULL;
    AUTO_WRITER w = wr_heap(FILE_MAX);
    struct json_out o = json_out_make(&w);
    FILE *f = fopen(EXAMPLES "/policy-emergency.json", "re");
    (void)state;

    assert_non_null(f);
    const size_t n = fread(text, 1, sizeof(text), f);
    assert_int_equal(fclose(f), 0);
    arena_init(&arena, 1U << 20);
    assert_int_equal(json_tree_parse(span_make(text, n), &arena, &top).code, CS_OK);
    json_tree_write(top, &o, NULL);
    assert_int_equal(json_out_end(&o, "policy").code, CS_OK);
    assert_int_equal(model_policy_decode(wr_span(&w), &arena, &doc).code, CS_OK);
    assert_non_null(doc.emergency);
    assert_int_equal(doc.emergency->kind_count, 3);
    assert_int_equal(doc.emergency->kinds[0].anchor, ANCHOR_DATE);
    assert_true(doc.emergency->seats.item[1].voucher);
    assert_int_equal(doc.emergency->budget_per_s, 2592000);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_row_holds), cmocka_unit_test(everything_is_read),
                                       cmocka_unit_test(the_example_is_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
