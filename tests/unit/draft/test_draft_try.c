/* SPDX-License-Identifier: Apache-2.0 */
/* Policies tried on a request, and compared: what is said, word for word. Requirements 1.1, 1.4. */
#include "draft_bed.h"
#include "draft/draft_json.h"

#define RULE(id, when, require) "  - { id: " id ", " when "require: { " require " } }\n"
#define PROD                    "when: { environment: production }, "
#define TECH(n)                 "seats: [ { id: tech, role: tech, count: " n " } ]"

struct pair {
    struct bed a;
    struct bed b;
};

static void compile(struct bed *b, const char *text)
{
    *b = (struct bed){.result = CS_SUCCESS};
    bed_compile(b, text, NULL);
    if (b->result.code != CS_OK) {
        fail_msg("%s: %s", text, b->draft.fault[0].sentence);
    }
}

struct row {
    const char *name;
    const char *a; /* rules */
    const char *b;
    const char *diff;
    const char *compare; /* for the request below */
};

static const struct row rows[] = {
    {"nothing", RULE("r", PROD, TECH("1")), RULE("r", PROD, TECH("1")), "", ""},
    {"more people", RULE("r", PROD, TECH("1")), RULE("r", PROD, TECH("2")),
     "stricter: rule r: seat tech, 2 of role tech, were fewer\n", "more: 2 people of role tech, was 1\n"},
    {"another name, the same", RULE("r", PROD, TECH("1")), RULE("s", PROD, TECH("1")),
     "stricter: rule s: is new, when environment is production\nstricter: rule s: seat tech, 1 of role tech is new\n"
     "looser: rule r: is gone, when environment is production\nlooser: rule r: seat tech, 1 of role tech is gone\n",
     ""},
    {"applies to more", RULE("r", PROD, TECH("1")), RULE("r", "", TECH("1")),
     "stricter: rule r: applies to more, always, was when environment is production\n", ""},
    {"applies to less", RULE("r", "", TECH("1")),
     RULE("r", "when: { service: search, attributes.n: { ge: 5 } }, ", TECH("1")),
     "looser: rule r: applies to less, when attributes.n is at least 5; and service is search, was always\n",
     "more: it is refused, no_seats\nless: 0 people of role tech, was 1\n"},
    {"applies to others", RULE("r", "when: { service: shop }, ", TECH("1")),
     RULE("r", "when: { not: { service: { glob: \"s*\" } } }, ", TECH("1")),
     "changed: rule r: applies to others, when service is not like s*, was when service is shop\n",
     "more: it is refused, no_seats\nless: 0 people of role tech, was 1\n"},
    {"clocks", RULE("r", "", TECH("1") ", sign_by: 2h, use_by: 1h"), RULE("r", "", TECH("1") ", sign_by: 1h"),
     "stricter: rule r: seconds to sign: 3600, was 7200\nlooser: rule r: seconds to use it: 0, was 3600\n",
     "more: seconds to sign: 3600, was 7200\nless: seconds to use it: 14400, was 3600\n"},
    {"words", RULE("r", "", TECH("1") ", fields: title, separate: trigger"),
     RULE("r", "", TECH("1") ", fields: ticket, bind: config"),
     "stricter: rule r: field ticket is new\nlooser: rule r: field title is gone\n"
     "stricter: rule r: binding of config is new\nlooser: rule r: separation of trigger is gone\n",
     "more: it is refused, missing_field\nmore: the field ticket\nmore: the same config at redeem\n"
     "less: the field title\nless: kept from signing: trigger\n"},
    {"reasons", RULE("r", "", TECH("1") ", reason: { reject: { min: 5 } }"),
     RULE("r", "", TECH("1") ", reason: { approve: required }"),
     "stricter: rule r: characters of a reason to approve: 1, was 0\n"
     "looser: rule r: characters of a reason to reject: 0, was 5\n",
     "more: characters of a reason to approve: 1, was 0\nless: characters of a reason to reject: 0, was 5\n"},
    {"order", RULE("r", "", "seats: [ { id: a, role: tech }, { id: b, role: business } ]"),
     RULE("r", "", "seats: [ { id: a, role: tech, after: b }, { id: b, role: business } ]"),
     "stricter: rule r: seat a, 1 of role tech, waits for another seat\n",
     "more: seats that wait for another: 1, was 0\n"},
    {"a vote", RULE("r", "", TECH("1")),
     RULE("r", "", "seats: [ { id: tech, role: tech, quorum: majority, veto: business } ]"),
     "changed: rule r: seat tech, votes: majority\nstricter: rule r: veto of role business is new\n",
     "more: a no of role business ends it\n"},
    {"another window", RULE("r", "when: { history: { window: 90d, deployments: { ge: 5 } } }, ", TECH("1")),
     RULE("r", "when: { history: { window: 1d, deployments: { ge: 5 } } }, ", TECH("1")),
     "changed: rule r: applies to others, when history.deployments is at least 5 over 86400 s, was when "
     "history.deployments is at least 5 over 7776000 s\n",
     ""},
    {"another share", RULE("r", "", "seats: [ { id: tech, role: tech, quorum: two_thirds } ]"),
     RULE("r", "", "seats: [ { id: tech, role: tech, quorum: 2 } ]"),
     "stricter: rule r: seat tech, 2 of role tech, were fewer\nlooser: rule r: seat tech, votes otherwise: count\n",
     "more: 2 people of role tech, was 1\n"},
    {"escalation", RULE("r", "", TECH("1") ", escalate: [ { after: 1m, to: business } ]"),
     RULE("r", "", TECH("1") ", escalate: [ { after: 1m, to: business, when: { service: shop } } ]"),
     "looser: rule r: escalation to role business after seconds: 60 is new\n"
     "stricter: rule r: escalation to role business after seconds: 60 is gone\n",
     ""},
    {"keys of a rule", RULE("r", "", TECH("1")), RULE("r", "", TECH("1") ", token: { attested: true }"),
     "stricter: rule r: attestation of every key is new\n", "more: every key: attested, required\n"},
    {"another role", RULE("r", "", TECH("1")), RULE("r", "", "seats: [ { id: tech, role: business } ]"),
     "changed: rule r: seat tech, 1 of role business, was of another role\n",
     "more: 1 person of role business, was 0\nless: 0 people of role tech, was 1\n"},
};

#define EMERGENCY(kinds, seats, presence, rest)                                                                        \
    "  []\nemergency:\n  kinds: { " kinds " }\n  seats: [ " seats " ]\n  presence: { " presence                        \
    ", tokens: 2, window: 2m }\n"                                                                                      \
    "  review: { due: 24h, fields: [cause], seats: [ { id: tech, role: tech } ] }\n  use_by: 30m\n" rest
#define OUTAGE "outage: { anchor: incident, environments: [production], change_types: [normal] }"
#define PATCH  "patch: { anchor: cve, environments: [production], change_types: [normal] }"
#define A_B    "{ id: a, role: tech }, { id: b, role: business }"
#define PORTS  "ports: [p1, p2, p3], switch: "

#define EARNS(to, days)                                                                                                \
    RULE("r", "", TECH("4"))                                                                                           \
    "earned: [ { rule: r, seat: tech, to: { count: " to " }, when: { history: { window: " days                         \
    ", deployments: { ge: 5 } } } } ]\n"
#define OPEN "calendar: [ { id: work, environments: production, allow: { days: [mon, tue] } } ]\n"

static const struct row parts[] = {
    {"fewer earned", EARNS("3", "1d"), EARNS("1", "1d"),
     "looser: earned r: is now: 1 enough for tech when history.deployments is at least 5 over 86400 s\n", ""},
    {"more earned", EARNS("1", "1d"), EARNS("3", "1d"),
     "stricter: earned r: is now: 3 enough for tech when history.deployments is at least 5 over 86400 s\n", ""},
    {"earned over less", EARNS("3", "2d"), EARNS("3", "1d"),
     "changed: earned r: is now: 3 enough for tech when history.deployments is at least 5 over 86400 s\n", ""},
    {"kept", "  []\nretention: { default: 1y }\n", "  []\nretention: { default: 1h }\n",
     "looser: retention: seconds that everything is kept: 3600, was 31536000\n", ""},
    {"freezes", RULE("r", "", TECH("1")) "freeze: { thaw_by: tech, pass: remediates }\n",
     RULE("r", "", TECH("1")) "freeze: { thaw_by: tech }\n",
     "stricter: passing a freeze with what remediates is gone\n",
     "more: held by an incident, none\nless: held by an incident, none, or remediated by a responder\n"},
    {"a calendar", RULE("r", "", TECH("1")), RULE("r", "", TECH("1")) OPEN,
     "stricter: calendar work: is new, open only mon tue UTC for production\n",
     "more: window: work, open only mon tue UTC\n"},
    {"keys", "  []\ntokens: { tech: { touch: true } }\n",
     "  []\ntokens: { tech: { attested: true, issuers: [one] }, officer: { touch: true } }\n",
     "stricter: keys of role officer: touch is new\nstricter: keys of role tech: attestation is new\n"
     "looser: keys of role tech: touch is gone\nstricter: keys of role tech: issuers are named\n",
     ""},
    {"keys no longer", "  []\ntokens: { tech: { certification: fips-140-3-2 } }\n", "  []\n",
     "looser: keys of role tech: certification fips-140-3-2 is gone\n", ""},
    {"a way around", "  []\n", EMERGENCY(OUTAGE, A_B, PORTS "false", ""),
     "looser: emergency a way around the rules is new\n", ""},
    {"no way around", EMERGENCY(OUTAGE, A_B, PORTS "false", ""), "  []\n",
     "stricter: emergency a way around the rules is gone\n", ""},
    {"an emergency changes", EMERGENCY(OUTAGE, A_B, PORTS "false", ""),
     EMERGENCY(OUTAGE ", " PATCH, "{ id: a, role: tech, self: true }, { id: b, role: business, voucher: true }",
               PORTS "true",
               "  voucher_life: 1d\n  budget: { count: 1, per: 1d, over: { add: { id: c, role: tech } } }\n"),
     "looser: emergency kind patch is new\nlooser: emergency seat a, 1 of role tech, also for who asks\n"
     "looser: emergency seat b, 1 of role business, takes a voucher\n"
     "looser: emergency seconds that a voucher holds: 86400, was 0\n"
     "stricter: emergency the presence switch is new\nstricter: emergency a budget is new\n",
     ""},
    /* 1.4 */
    {"source", RULE("r", "", TECH("1")),
     RULE("r", "", TECH("1") ", source: { refs: [refs/heads/main], pull_request: merged, reviewers: 2 }"),
     "stricter: rule r: a merged pull request is new\n"
     "stricter: rule r: ref refs/heads/main must be, or another that is named\nstricter: rule r: reviewers: 2, was 0\n",
     "more: source: pull_request, merged\nmore: source: refs, refs/heads/main\nmore: source: reviewers, 2\n"},
    {"one ref more", RULE("r", "", TECH("1") ", source: { refs: [a], protected: true }"),
     RULE("r", "", TECH("1") ", source: { refs: [a, b] }"),
     "looser: rule r: a protected branch is gone\nlooser: rule r: ref b is new\n",
     "more: source: refs, a, b\nless: source: protected, true\nless: source: refs, a\n"},
    {"evidence", RULE("r", "", TECH("1")),
     RULE("r", "", TECH("1") ", evidence: [ { id: tests, kind: junit, min_pass: 1.0 } ]"),
     "stricter: rule r: evidence tests is new: junit, pass_ppm >= 1\n",
     "more: evidence: tests, junit, pass_ppm >= 1\n"},
    {"ticket", RULE("r", "", TECH("1") ", ticket: { state: [a] }"),
     RULE("r", "", TECH("1") ", ticket: { system: snow }"),
     "stricter: rule r: ticket of system snow\nlooser: rule r: ticket state a need not be\n",
     "more: ticket: system, snow\nless: ticket: state, a\nless: ticket: system, any\n"},
};

static void request(struct deploy_content *d)
{
    memset(d, 0, sizeof(*d));
    d->artifact_count = 1;
    d->environment = SPAN_LIT("production");
    d->change_type = SPAN_LIT("normal");
    d->service = SPAN_LIT("shop");
    d->title = SPAN_LIT("Release");
    d->initiator = SPAN_LIT("gitlab:7");
    d->attributes[0] = (struct text_pair){.key = SPAN_LIT("n"), .value = SPAN_LIT("3")};
    d->attribute_count = 1;
}

static void lines_are(const char *name, const char *want, const struct writer *w)
{
    assert_int_equal(w->fail, CS_OK);
    if (!span_is(span_make(w->p, w->len), want)) {
        fail_msg("%s: %.*s", name, (int)w->len, (const char *)w->p);
    }
}

static void pairs_of(const struct row *pairs, size_t count, const char *head)
{
    struct deploy_content *d = calloc(1, sizeof(*d));
    assert_non_null(d);
    request(d);
    for (size_t i = 0; i < count; i++) {
        AUTO_WRITER texts = wr_heap(1U << 16);
        AUTO_WRITER diff = wr_heap(1U << 16);
        AUTO_WRITER compare = wr_heap(1U << 16);
        struct pair p;
        struct draft_trial a;
        struct draft_trial b;
        wr_text(&texts, head);
        wr_text(&texts, pairs[i].a);
        wr_u8(&texts, 0);
        compile(&p.a, (const char *)texts.p);
        texts.len = 0;
        wr_text(&texts, head);
        wr_text(&texts, pairs[i].b);
        wr_u8(&texts, 0);
        compile(&p.b, (const char *)texts.p);
        (void)draft_diff(&p.a.doc, &p.b.doc, &diff);
        lines_are(pairs[i].name, pairs[i].diff, &diff);
        assert_int_equal(draft_try(&p.a.doc, d, NULL, 0, &p.a.arena, &a).code, CS_OK);
        assert_int_equal(draft_try(&p.b.doc, d, NULL, 0, &p.b.arena, &b).code, CS_OK);
        const struct draft_change c = draft_compare(&a, &b, &compare);
        lines_are(pairs[i].name, pairs[i].compare, &compare);
        assert_true((c.more + c.less > 0) == (compare.len > 0));
        bed_release(&p.a);
        bed_release(&p.b);
    }
    free(d);
}

static void each_pair_is_said(void **state)
{
    (void)state;
    pairs_of(rows, sizeof(rows) / sizeof(rows[0]), BED_HEAD);
    pairs_of(parts, sizeof(parts) / sizeof(parts[0]), BED_HEAD);
}

struct why_row {
    const char *when;
    const char *why;
};

static void each_rule_says_why(void **state)
{
    static const struct why_row whys[] = {
        {"", "always"},
        {PROD, "environment is production"},
        {"when: { environment: staging }, ", "environment is production; it needs that environment is staging"},
        {"when: { attributes.data: pii }, ", "attributes.data is not given"},
        {"when: { attributes.n: { lt: 5 } }, ", "attributes.n is 3"},
        {"when: { any: [ { service: x }, { attributes.n: { ge: 9 } } ] }, ",
         "attributes.n is 3; it needs that attributes.n is at least 9, or service is x"},
        {"when: { history: { window: 1h, deployments: { ge: 3 } } }, ",
         "history.deployments cannot be told over 3600 s"},
        {"when: { service: { glob: \"s*\" }, environment: production }, ",
         "service is shop, environment is production"},
    };
    struct deploy_content *d = calloc(1, sizeof(*d));
    (void)state;
    assert_non_null(d);
    request(d);
    for (size_t i = 0; i < sizeof(whys) / sizeof(whys[0]); i++) {
        AUTO_WRITER text = wr_heap(1U << 16);
        AUTO_WRITER why = wr_heap(1U << 16);
        struct bed b;
        wr_text(&text, BED_HEAD "  - { id: r, ");
        wr_text(&text, whys[i].when);
        wr_text(&text, "require: {} }\n");
        wr_u8(&text, 0);
        compile(&b, (const char *)text.p);
        policy_why(&b.doc.rules[0], d, &why);
        lines_are(whys[i].when, whys[i].why, &why);
        bed_release(&b);
    }
    free(d);
}

/* By the roster that is given: how large a group is, how many of it must agree, and who may. */
static void a_group_is_counted_by_the_roster(void **state)
{
    static struct span cab[] = {{(const uint8_t *)"tech", 4}};
    struct draft_person people[5];
    const struct draft_roster roster = {.item = people, .count = 5};
    struct deploy_content *d = calloc(1, sizeof(*d));
    struct bed b;
    struct draft_trial t;
    (void)state;
    assert_non_null(d);
    for (size_t i = 0; i < 5; i++) {
        people[i] = (struct draft_person){.id = SPAN_LIT("somebody"), .roles = cab, .role_count = 1};
    }
    compile(&b, BED_HEAD RULE("r", "", "seats: [ { id: cab, role: tech, quorum: two_thirds } ]"));
    request(d);
    assert_int_equal(draft_try(&b.doc, d, NULL, 0, &b.arena, &t).code, CS_OK);
    draft_groups(&t, &roster);
    const struct sheet_line *line = policy_sheet_seat(&t.sheet, SPAN_LIT("r/cab"));
    assert_int_equal(line->of, 5);
    assert_int_equal(line->count, 4);
    assert_true(draft_may_sign(&t, &people[0], line).allow);
    bed_release(&b);
    free(d);
}

static void what_would_be_refused_says_so(void **state)
{
    struct deploy_content *d = calloc(1, sizeof(*d));
    struct bed b;
    struct draft_trial t;
    (void)state;
    assert_non_null(d);
    compile(&b, BED_HEAD RULE("r", "", TECH("1") ", fields: ticket"));
    request(d);
    assert_int_equal(draft_try(&b.doc, d, NULL, 0, &b.arena, &t).code, CS_OK);
    assert_int_equal(t.reason, REASON_MISSING_FIELD);
    d->ticket = SPAN_LIT("CHG-1");
    assert_int_equal(draft_try(&b.doc, d, NULL, 0, &b.arena, &t).code, CS_OK);
    assert_int_equal(t.reason, REASON_OK);
    d->environment = SPAN_LIT("moon");
    assert_int_equal(draft_try(&b.doc, d, NULL, 0, &b.arena, &t).code, CS_OK);
    assert_int_equal(t.reason, REASON_UNKNOWN_ENVIRONMENT);
    assert_false(t.has_sheet);
    d->environment = SPAN_LIT("production");
    d->change_type = SPAN_LIT("magic");
    assert_int_equal(draft_try(&b.doc, d, NULL, 0, &b.arena, &t).code, CS_OK);
    assert_int_equal(t.reason, REASON_UNKNOWN_CHANGE_TYPE);
    bed_release(&b);
    free(d);
}

struct json_row {
    const char *yaml;
    const char *json; /* NULL: refused */
};

static void a_request_becomes_json(void **state)
{
    static const struct json_row jsons[] = {
        {"b: 1\na: x\n", "{\"a\":\"x\",\"b\":1}"},
        {"a: \"1\"\nb: true\nc: \"true\"\nd: -5\n", "{\"a\":\"1\",\"b\":true,\"c\":\"true\",\"d\":-5}"},
        {"a: [1, b, { c: [] }]\nd: {}\n", "{\"a\":[1,\"b\",{\"c\":[]}],\"d\":{}}"},
        {"a: 1.5\nb: 007\nc: yes\n", "{\"a\":\"1.5\",\"b\":\"007\",\"c\":\"yes\"}"},
        {"Big: 1\n", NULL},
        {"a b: 1\n", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(jsons) / sizeof(jsons[0]); i++) {
        struct arena arena;
        struct draft d;
        const struct draft_node *top = NULL;
        AUTO_WRITER w = wr_heap(1U << 16);
        arena_init(&arena, 1U << 20);
        draft_init(&d, &arena);
        assert_int_equal(draft_load(&d, span_str(jsons[i].yaml), &top).code, CS_OK);
        assert_non_null(top);
        const struct cs_result r = draft_json(&d, top, &w);
        assert_int_equal(r.code, jsons[i].json != NULL ? CS_OK : CS_E_REFUSED);
        if (jsons[i].json != NULL) {
            lines_are(jsons[i].yaml, jsons[i].json, &w);
        }
        arena_release(&arena);
    }
}

#define STAGES(production)                                                                                             \
    "version: 3\nname: bed\nofficers: { threshold: 2 }\nroles: [officer, tech]\nchange_types: [normal]\nrules: []\n"   \
    "environments: { staging: {}, test: {}, production: " production " }\n"

/* 1.1 */
static void stages_are_said(void **state)
{
    static const struct row stages[] = {
        {"none", STAGES("{}"), STAGES("{ after: staging }"), "stricter: environment production: after staging is new\n",
         "more: the stage before: staging, succeeded\n"},
        {"another", STAGES("{ after: test }"), STAGES("{ after: staging, soak: 1h }"),
         "changed: environment production: after staging instead of another\n"
         "stricter: environment production: seconds to soak: 3600, was 0\n",
         "more: the stage before: staging, succeeded, and stayed 3600 s\nless: the stage before: test, succeeded\n"},
        {"shorter", STAGES("{ after: test, soak: 2h }"), STAGES("{ after: test, soak: 1h }"),
         "looser: environment production: seconds to soak: 3600, was 7200\n",
         "more: the stage before: test, succeeded, and stayed 3600 s\n"
         "less: the stage before: test, succeeded, and stayed 7200 s\n"},
        {"no more", STAGES("{ after: test, soak: 2h }"), STAGES("{}"),
         "looser: environment production: after test is gone\n"
         "looser: environment production: seconds to soak: 0, was 7200\n",
         "less: the stage before: test, succeeded, and stayed 7200 s\n"},
    };
    (void)state;
    pairs_of(stages, sizeof(stages) / sizeof(stages[0]), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_is_said),
        cmocka_unit_test(each_rule_says_why),
        cmocka_unit_test(stages_are_said),
        cmocka_unit_test(a_group_is_counted_by_the_roster),
        cmocka_unit_test(what_would_be_refused_says_so),
        cmocka_unit_test(a_request_becomes_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
