/* SPDX-License-Identifier: Apache-2.0 */
/* Policies as people write them: what each becomes, and every fault with its place.
 * Requirements 1.4, 2.4, 3.1, 4.1, 4.4. */
#include "draft_bed.h"

#define RULE(require) BED_HEAD "  - id: r\n    require: " require "\n"
#define WHEN(when)    BED_HEAD "  - id: r\n    when: " when "\n    require: {}\n"
#define EVID(lines)   RULE("{ evidence: [" lines "] }")
#define SPKI                                                                                                           \
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZ" \
    "aVtszggXIw=="
/* `earned` stands in line 13, after one rule whose seat asks for this. */
#define EARNED(seat, items) RULE("{ seats: [ { id: s, role: tech, " seat " } ] }") "earned: [ " items " ]\n"
#define ONCE(to, when)      "{ rule: r, seat: s, to: { count: " to " }, when: " when " }"
#define GOOD                "{ history: { window: 30d, deployments: { ge: 5 } } }"
#define SEATS(seats)        RULE("{ seats: [ " seats " ] }")
#define TOP(line)           BED_HEAD "  []\n" line "\n"
#define WITHOUT(lines)      lines "rules: []\n"

/* A line each from line 12 on, in the place of the last word. */
#define EMERGENCY(kinds, seats, presence, rest)                                                                        \
    TOP("emergency:\n  kinds: " kinds "\n  seats: " seats "\n  presence: " presence                                    \
        "\n  review: { due: 24h, fields: [cause], seats: [ { id: tech, role: tech } ] }\n  use_by: 30m\n" rest)
#define KINDS    "{ outage: { anchor: incident, environments: [production], change_types: [normal] } }"
#define TWO      "[ { id: a, role: tech }, { id: b, role: business } ]"
#define PRESENCE "{ kiosk: true, ports: [\"1-1\", \"1-2\"], switch: false, tokens: 2, window: 2m }"

static const struct bed_row rows[] = {
    {"good", RULE("{ seats: [ { id: a, role: tech, count: 2 }, { id: b, role: business, after: a } ] }"), 0, 0, ""},
    {"no rule", TOP(""), 0, 0, ""},
    {"JSON",
     "{\"version\": 1, \"name\": \"j\", \"officers\": {\"threshold\": 2}, \"roles\": [\"officer\"],\n"
     "\"environments\": {\"p\": {}}, \"change_types\": [\"normal\"], \"rules\": []}",
     0, 0, ""},
    /* the text itself */
    {"empty", "", 1, 1, "nothing is in this document"},
    {"only a comment", "# nothing\n", 1, 1, "nothing is in this document"},
    {"a list", "- a\n", 1, 1, "a policy is a map"},
    {"a word", "policy\n", 1, 1, "a policy is a map"},
    {"tab", "version: 1\nofficers:\n\tthreshold: 2\n", 3, 1, "a tab indents here"},
    {"tab after spaces", "officers:\n  \tthreshold: 2\n", 2, 3, "a tab indents here"},
    {"not UTF-8", "version: 1\nname: a\xff\n", 2, 8, "not UTF-8"},
    {"anchor", "version: &a 1\n", 1, 10, "anchors and aliases are not allowed"},
    {"alias", "a: &x [1]\nb: *x\n", 2, 4, "anchors and aliases are not allowed"},
    {"bomb", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", 2, 8, "anchors and aliases are not allowed"},
    {"tag", "version: !!int 1\n", 1, 10, "tags (`!`) are not allowed"},
    {"merge key", "<<: { a: b }\n", 1, 1, "merge keys are not allowed"},
    {"two documents", "a: b\n---\nc: d\n", 2, 1, "a second document begins here"},
    {"key twice", TOP("name: again"), 12, 1, "`name` stands twice here; first in line 2"},
    {"key that is a list", "[a]: b\n", 1, 1, "a key is one word"},
    {"too deep", "a: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]\n", 1, 19, "nested more than 16 deep"},
    {"unclosed", "a: [b\nc: d\n", 2, 2, "not YAML: "},
    /* its members */
    {"unknown member", TOP("rulez: []"), 12, 1, "`rulez` is not known in a policy; did you mean `rules`?"},
    {"unknown, nothing near", TOP("colour: red"), 12, 1, "`colour` is not known in a policy"},
    /* 2.4 */
    {"directory", TOP("directory: { source: ldap, max_stale: 24h }"), 0, 0, ""},
    {"directory of some roles", TOP("directory: { source: ldap, max_stale: 24h, roles: [tech] }"), 0, 0, ""},
    {"directory without a limit", TOP("directory: { source: ldap }"), 12, 12, "`max_stale` is missing in `directory`"},
    {"directory without a source", TOP("directory: { max_stale: 24h }"), 12, 12, "`source` is missing in `directory`"},
    {"directory of a role that is not there", TOP("directory: { source: ldap, max_stale: 24h, roles: [teck] }"), 12, 52,
     "`roles` does not have `teck`; did you mean `tech`?"},
    {"a name for a directory", TOP("directory: ldap"), 12, 12, "`directory` is a map"},
    /* 3.1 to 3.6 */
    {"evidence of every kind",
     EVID("{ id: tests, kind: junit, min_pass: 1.0, max_age: 24h },\n"
          "{ id: coverage, kind: coverage, min_line: 0.80, min_branch: 0.7, max_drop: 0.01 },\n"
          "{ id: sast, kind: sarif, max: { critical: 0, high: 0 }, waivable_by: tech, baseline: deployed },\n"
          "{ id: iac, kind: iac, max: { error: 0 }, drift: none },\n"
          "{ id: canary, kind: canary, from: staging, window: 30m, bounds: { error_rate: \"<0.01\", p99_ms: [\"<400\", "
          "\">=1\"] } },\n"
          "{ id: db, kind: migration, backup_max_age: 6h, restore_tested: 30d, schema_from: deployed, reversible: true "
          "},\n"
          "{ id: built, kind: provenance, key: \"" SPKI "\" },\n"
          "{ id: parts, kind: cyclonedx, max: { critical: 0 } }, { id: plan, kind: plan, max: { delete: 0 } }"),
     0, 0, ""},
    {"no evidence", EVID(""), 12, 26, "from 1 to 16 lines of evidence in one rule"},
    {"evidence that is none", RULE("{ evidence: yes }"), 12, 26, "`evidence` is a list of maps"},
    {"evidence of no kind", EVID("{ id: a, kind: junt, min_pass: 1 }"), 12, 42,
     "there is no evidence of kind `junt`; did you mean `junit`?"},
    {"evidence without a kind", EVID("{ id: a, max: { high: 0 } }"), 12, 27, "`kind` is missing in a line of evidence"},
    {"evidence that asks for nothing", EVID("{ id: a, kind: sarif }"), 12, 27, "this line asks nothing of its file"},
    {"evidence, unknown word", EVID("{ id: a, kind: junit, min_pas: 1 }"), 12, 49,
     "`min_pas` is not known in a line of evidence; did you mean `min_pass`?"},
    {"evidence, a number that it does not say", EVID("{ id: a, kind: junit, max: { high: 0 } }"), 12, 62,
     "a file of kind `junit` does not say `high`"},
    {"evidence, more than all", EVID("{ id: a, kind: junit, min_pass: 1.5 }"), 12, 59, "`min_pass` is from 0 to 1"},
    {"evidence, percent", EVID("{ id: a, kind: coverage, min_line: 80% }"), 12, 62, "`min_line` is from 0 to 1"},
    {"evidence, too fine", EVID("{ id: a, kind: coverage, min_line: 0.1234567 }"), 12, 62,
     "`min_line` is from 0 to 1, such as 0.80, with at most six places"},
    {"evidence, NaN", EVID("{ id: a, kind: coverage, min_line: NaN }"), 12, 62, "`min_line` is from 0 to 1"},
    {"evidence, half a finding", EVID("{ id: a, kind: sarif, max: { high: 0.5 } }"), 12, 62,
     "a whole number belongs here"},
    {"evidence, drift", EVID("{ id: a, kind: plan, drift: some }"), 12, 55, "`drift` is `none`, or left out"},
    {"evidence, baseline", EVID("{ id: a, kind: sarif, max: { high: 0 }, baseline: main }"), 12, 77,
     "`baseline` is `deployed`, or left out"},
    {"evidence, waivable by nobody", EVID("{ id: a, kind: sarif, max: { high: 0 }, waivable_by: techs }"), 12, 80,
     "`roles` does not have `techs`; did you mean `tech`?"},
    {"canary from nowhere", EVID("{ id: a, kind: canary, bounds: { e: \"<1\" } }"), 12, 27, "`from` is missing"},
    {"canary from elsewhere", EVID("{ id: a, kind: canary, from: q, bounds: { e: \"<1\" } }"), 12, 56,
     "`environments` does not have `q`"},
    {"canary within no bounds", EVID("{ id: a, kind: canary, from: staging, window: 5m }"), 12, 27,
     "`bounds` is missing"},
    {"canary, a bound without a sign", EVID("{ id: a, kind: canary, from: staging, bounds: { e: 1 } }"), 12, 78,
     "a bound is a sign and a number"},
    {"canary, below nothing", EVID("{ id: a, kind: canary, from: staging, bounds: { e: \"<0\" } }"), 12, 78,
     "a bound is a sign and a number"},
    {"canary of any age", EVID("{ id: a, kind: canary, from: staging, bounds: { e: \"<1\" } }"), 12, 27,
     "`max_age` or `window` is missing"},
    {"canary of some age", EVID("{ id: a, kind: canary, from: staging, max_age: 1h, bounds: { e: \"<1\" } }"), 0, 0,
     ""},
    {"canary that somebody may waive",
     EVID("{ id: a, kind: canary, from: staging, window: 5m, bounds: { e: \"<1\" }, waivable_by: tech }"), 12, 111,
     "`waivable_by` is not for kind `canary`"},
    {"compared by no severity", EVID("{ id: a, kind: sarif, max: { error: 0 }, baseline: deployed }"), 12, 78,
     "`baseline` is for limits on severities"},
    {"a backup of tests", EVID("{ id: a, kind: junit, min_pass: 1, backup_max_age: 6h }"), 12, 78,
     "`backup_max_age` is for kind `migration`"},
    {"provenance by anybody", EVID("{ id: a, kind: provenance }"), 12, 27, "`key` is missing"},
    {"provenance by no key", EVID("{ id: a, kind: provenance, key: abc }"), 12, 59, "a P-256 public key belongs here"},
    {"evidence twice", EVID("{ id: a, kind: junit, min_pass: 1 }, { id: a, kind: junit, min_pass: 1 }"), 12, 70,
     "another line of evidence in line 12 has the id `a`"},
    {"history of nothing", WHEN("{ history: { window: 30d } }"), 12, 22, "`history` compares change_fail_rate"},
    {"history without a window", WHEN("{ history: { deployments: { ge: 5 } } }"), 12, 22, "`history` has a `window`"},
    {"history, a share", WHEN("{ history: { window: 30d, change_fail_rate: { gt: 15 } } }"), 12, 61,
     "`change_fail_rate` is a share from 0 to 1"},
    {"history, a time", WHEN("{ history: { window: 30d, recovery: { gt: 15 } } }"), 12, 53, "`recovery` is a time"},
    {"history, a word", WHEN("{ history: { window: 30d, deploymnts: { gt: 15 } } }"), 12, 37,
     "`deploymnts` is not known in `history`; did you mean `deployments`?"},
    {"history, is", WHEN("{ history: { window: 30d, deployments: 5 } }"), 12, 50, "`deployments` has one comparison"},
    {"history over no time", WHEN("{ history: { window: 0s, deployments: { ge: 5 } } }"), 12, 32,
     "`window` is from 1s to 3652d"},
    {"earned", EARNED("count: 2", ONCE("1", GOOD)), 0, 0, ""},
    {"earned of a share", EARNED("quorum: majority", ONCE("1", GOOD)), 0, 0, ""},
    {"earned: as many", EARNED("count: 2", ONCE("2", GOOD)), 13, 44, "the seat asks for 2: fewer"},
    {"earned: of one", EARNED("count: 1", ONCE("1", GOOD)), 13, 44, "the seat asks for 1: fewer"},
    {"earned: of a vote", EARNED("quorum: 3", ONCE("3", GOOD)), 13, 44, "the seat asks for 3: fewer"},
    {"earned twice", EARNED("count: 3", ONCE("1", GOOD) ", " ONCE("2", GOOD)), 13, 111,
     "seat `s` of rule `r` stands twice in `earned`"},
    {"earned by a word", EARNED("count: 2", ONCE("1", "{ service: a }")), 13, 57, "only `history` earns anything"},
    {"earned by a word, deep down", EARNED("count: 2", ONCE("1", "{ any: [ " GOOD ", { not: { service: a } } ] }")), 13,
     127, "only `history` earns anything"},
    {"junit against what runs", EVID("{ id: a, kind: junit, min_pass: 1, baseline: deployed }"), 12, 72,
     "`baseline` is for kinds that have findings"},
    {"canary, a bound twice", EVID("{ id: a, kind: canary, from: staging, bounds: { e: [\"<1\", \"<2\"] } }"), 12, 85,
     "there is such a limit already"},
    /* what YAML reads otherwise */
    {"a binary number", WHEN("{ service: 0b101 }"), 12, 22, "`0b101` means different things"},
    {"in sixties", WHEN("{ service: 1:30 }"), 12, 22, "`1:30` means different things"},
    {"in sixties twice", WHEN("{ service: 1:30:45 }"), 12, 22, "`1:30:45` means different things"},
    {"endless", WHEN("{ service: -.Inf }"), 12, 22, "`-.Inf` means different things"},
    {"no number", WHEN("{ service: .NaN }"), 12, 22, "`.NaN` means different things"},
    {"a date", WHEN("{ service: 2026-11-26 }"), 12, 22, "`2026-11-26` means different things"},
    {"a date with a time", WHEN("{ service: 2026-11-26T09:00:00Z }"), 12, 22,
     "`2026-11-26T09:00:00Z` means different things"},
    {"like them, but texts", WHEN("{ service: [0beta, 1-30, 2026-11, 2026-11-26b, .infinite, \"1:30\"] }"), 0, 0, ""},
    {"a name that is nothing", "name: null\n", 1, 7, "`null` is no text to every reader"},
    {"a name that is true", "name: true\n", 1, 7, "`true` is no text to every reader"},
    {"a change type that is a number", "change_types: 1\n", 1, 15, "`1` is no text to every reader"},
    {"a rule that is a date", BED_HEAD "  - { id: 2026-11-26, require: {} }\n", 11, 11, "`2026-11-26` is no text"},
    {"names in quotes", BED_HEAD "  - { id: \"2026-11-26\", require: {} }\n", 0, 0, ""},
    {"missing", "version: 1\nname: a\n", 1, 1, "`officers` is missing in a policy"},
    {"version in words", "version: one\n", 1, 10, "`version` is a whole number from 1"},
    {"version 0", "version: 0\n", 1, 10, "`version` is a whole number from 1"},
    {"version in quotes", "version: \"1\"\n", 1, 10, "`version` is a whole number from 1"},
    {"version 007", "version: 007\n", 1, 10, "`version` is a whole number from 1"},
    {"name with a slash", "name: a/b\n", 1, 7, "`a/b` is no name"},
    {"one officer", "officers: { threshold: 1 }\n", 1, 24, "`threshold` is a whole number from 2 to 16"},
    {"no role officer", "roles: [tech]\n", 1, 8, "the role `officer` is missing"},
    {"role twice", "roles: [officer, tech, tech]\n", 1, 24, "`tech` stands twice in roles"},
    {"no role", "roles: []\n", 1, 8, "roles is a list with at least one item"},
    {"role that is a map", "roles: [officer, { a: b }]\n", 1, 18, "a single word or text belongs here"},
    {"environments as a list", "environments: [a]\n", 1, 15, "`environments` is a map"},
    {"circle of environments", "environments: { a: { after: b }, b: { after: a } }\n", 1, 17,
     "environment `a` comes after itself"},
    {"circle of one", "environments: { a: { after: a } }\n", 1, 17, "environment `a` comes after itself"},
    {"soak after nothing", "environments: { a: { soak: 1h } }\n", 1, 28,
     "`soak` is how long it ran in another environment: `after` must say which"},
    {"soak in words", "environments: { a: {}, b: { after: a, soak: long } }\n", 1, 45, "`soak` is a time such as 30m"},
    {"soak of no time", "environments: { a: {}, b: { after: a, soak: 0h } }\n", 1, 45,
     "`soak` is a time such as 30m, 24h or 90d, from 1s"},
    {"after two", "environments: { a: {}, b: { after: [a, a] } }\n", 1, 36, "`after` names one environment"},
    {"after no environment", "environments: { staging: {}, b: { after: stagin } }\n", 1, 42,
     "there is no environment `stagin`; did you mean `staging`?"},
    /* rules */
    {"rules as a map", BED_HEAD "  a: b\n", 11, 3, "`rules` is a list"},
    {"rule without require", BED_HEAD "  - id: r\n", 11, 5, "`require` is missing in a rule"},
    {"two rules of one id", BED_HEAD "  - { id: r, require: {} }\n  - { id: r, require: {} }\n", 12, 11,
     "another rule in line 11 has the id `r`"},
    {"unknown requirement", RULE("{ seat: [] }"), 12, 16, "`seat` is not known in `require`; did you mean `seats`?"},
    {"unknown field", RULE("{ fields: [titel] }"), 12, 25, "no request has a field `titel`; did you mean `title`?"},
    {"unknown separation", RULE("{ separate: author }"), 12, 26,
     "`author` is not known in `separate`; did you mean `authors`?"},
    {"time without unit", RULE("{ sign_by: 24 }"), 12, 25, "`sign_by` is a time such as 30m, 24h or 90d"},
    {"kept", TOP("retention: { default: 7y, classes: { hipaa: 6y, sox: 7y } }"), 0, 0, ""},
    {"kept for ever", TOP("retention: { default: 70y }"), 12, 23, "`default` is from 1s to 3652d"},
    {"kept by nothing", TOP("retention: { classes: { hipaa: 6y } }"), 12, 12, "`default` is missing in `retention`"},
    {"no time", RULE("{ sign_by: 0h }"), 12, 25, "`sign_by` is from 1s to 3652d"},
    {"eleven years", RULE("{ use_by: 4016d }"), 12, 24, "`use_by` is from 1s to 3652d"},
    {"reason", RULE("{ reason: { approve: required, reject: { min: 15 } } }"), 0, 0, ""},
    {"reason of another kind", RULE("{ reason: { approve: maybe } }"), 12, 35, "a reason is `optional`, `required`"},
    {"reason that is too long", RULE("{ reason: { reject: { min: 4001 } } }"), 12, 34, "a reason is `optional`"},
    /* sources and tickets, 1.4 */
    {"source", RULE("{ source: { refs: [refs/heads/main, \"refs/tags/v*\"], pull_request: merged, reviewers: 1 } }"), 0,
     0, ""},
    {"source that is protected", RULE("{ source: { protected: true } }"), 0, 0, ""},
    {"source of nothing", RULE("{ source: {} }"), 12, 24, "nothing is asked of the source"},
    {"source that need not be protected", RULE("{ source: { protected: false } }"), 12, 24,
     "nothing is asked of the source"},
    {"source as a list", RULE("{ source: [main] }"), 12, 24, "`source` is a map"},
    {"a pull request that is open", RULE("{ source: { pull_request: open } }"), 12, 40, "`pull_request` is merged"},
    {"no reviewer", RULE("{ source: { reviewers: 0 } }"), 12, 37, "`reviewers` is a whole number from 1 to 16"},
    {"a ref with a space", RULE("{ source: { refs: [\"the main\"] } }"), 12, 33, "`the main` is no ref"},
    {"ticket", RULE("{ ticket: { state: [scheduled, implement] } }"), 0, 0, ""},
    {"ticket of a system", RULE("{ ticket: { system: servicenow } }"), 0, 0, ""},
    {"ticket, unknown word", RULE("{ ticket: { states: [a] } }"), 12, 26,
     "`states` is not known in `ticket`; did you mean `state`?"},
    {"ticket of no state", RULE("{ ticket: { state: [] } }"), 12, 33, "state is a list with at least one item"},
    {"ticket of two systems", RULE("{ ticket: { system: [a, b] } }"), 12, 34, "`system` is the name of one, or any"},
    /* seats */
    {"unknown role", SEATS("{ id: a, role: techh }"), 12, 40, "`roles` does not have `techh`; did you mean `tech`?"},
    {"nobody", SEATS("{ id: a, role: tech, count: 0 }"), 12, 53, "`count` is a whole number from 1 to 16"},
    {"seventeen", SEATS("{ id: a, role: tech, count: 17 }"), 12, 53, "`count` is a whole number from 1 to 16"},
    {"seat twice", SEATS("{ id: a, role: tech }, { id: a, role: tech }"), 12, 54, "another seat in line 12 has the id"},
    {"after nobody", SEATS("{ id: a, role: tech, after: b }"), 12, 53, "no rule has a seat `b`"},
    {"after itself", SEATS("{ id: a, role: tech, after: a }"), 12, 53, "seats that wait for each other in a circle"},
    {"circle of seats", SEATS("{ id: a, role: tech, after: b }, { id: b, role: tech, after: a }"), 12, 53,
     "seats that wait for each other in a circle"},
    {"after a seat of another rule",
     BED_HEAD "  - { id: r, require: { seats: [ { id: a, role: tech } ] } }\n"
              "  - { id: s, require: { seats: [ { id: b, role: tech, after: a } ] } }\n",
     0, 0, ""},
    {"after a seat, with its rule",
     BED_HEAD "  - { id: r, require: { seats: [ { id: a, role: tech } ] } }\n"
              "  - { id: s, require: { seats: [ { id: a, role: tech, after: r/a } ] } }\n",
     0, 0, ""},
    {"after a seat of no such rule",
     BED_HEAD "  - { id: r, require: { seats: [ { id: a, role: tech } ] } }\n"
              "  - { id: s, require: { seats: [ { id: b, role: tech, after: q/a } ] } }\n",
     12, 62, "no rule has a seat `q/a`"},
    {"after a seat of two rules",
     BED_HEAD "  - { id: r, require: { seats: [ { id: a, role: tech } ] } }\n"
              "  - { id: s, require: { seats: [ { id: a, role: tech } ] } }\n"
              "  - { id: t, require: { seats: [ { id: b, role: tech, after: a } ] } }\n",
     13, 62, "2 rules have a seat `a`; say which: RULE/SEAT"},
    {"circle over rules",
     BED_HEAD "  - { id: r, require: { seats: [ { id: a, role: tech, after: b } ] } }\n"
              "  - { id: s, require: { seats: [ { id: b, role: tech, after: a } ] } }\n",
     11, 62, "seats that wait for each other in a circle"},
    {"after a list", SEATS("{ id: a, role: tech, after: [b] }"), 12, 53, "the seat that comes before belongs here"},
    /* groups */
    {"majority", SEATS("{ id: a, role: tech, quorum: majority, veto: [business] }"), 0, 0, ""},
    {"two thirds, and no fewer than", SEATS("{ id: a, role: tech, quorum: two_thirds, count: 3 }"), 0, 0, ""},
    {"three of a group", SEATS("{ id: a, role: tech, quorum: 3 }"), 0, 0, ""},
    {"said twice", SEATS("{ id: a, role: tech, quorum: 3, count: 2 }"), 12, 64, "`quorum` says how many already"},
    {"share", SEATS("{ id: a, role: tech, quorum: majorty }"), 12, 54,
     "`quorum` is majority, two_thirds, or a number of people; did you mean `majority`?"},
    {"nobody of a group", SEATS("{ id: a, role: tech, quorum: 0 }"), 12, 54, "`quorum` is a whole number from 1 to 16"},
    {"veto of a role that is none", SEATS("{ id: a, role: tech, quorum: 2, veto: [techh] }"), 12, 64,
     "`roles` does not have `techh`; did you mean `tech`?"},
    {"veto without a group", SEATS("{ id: a, role: tech, veto: tech }"), 12, 52, "only where there is a `quorum`"},
    /* escalation */
    {"escalation",
     RULE("{ seats: [ { id: a, role: tech } ], escalate: [ { after: 4h, to: business }, { after: 1h, when: "
          "{ attributes.criticality: critical }, to: business } ] }"),
     0, 0, ""},
    {"escalation of no seats", RULE("{ escalate: [ { after: 4h, to: tech } ] }"), 12, 26, "this rule has no `seats`"},
    {"escalation to nobody", RULE("{ seats: [ { id: a, role: tech } ], escalate: [ { after: 4h, to: tehc } ] }"), 12,
     79, "`roles` does not have `tehc`; did you mean `tech`?"},
    {"escalation twice",
     RULE("{ seats: [ { id: a, role: tech } ], escalate: [ { after: 4h, to: tech }, { after: 4h, to: tech } ] }"), 12,
     87, "two steps to the same role at the same time"},
    {"escalation at no time", RULE("{ seats: [ { id: a, role: tech } ], escalate: [ { to: tech } ] }"), 12, 62,
     "`after` is missing in a step"},
    {"escalation as a map", RULE("{ escalate: { after: 4h, to: tech } }"), 12, 26, "`escalate` is a list of maps"},
    /* keys of a rule */
    {"keys of a rule", RULE("{ token: { verification: required, attested: true } }"), 0, 0, ""},
    {"keys of a rule that are anything", RULE("{ token: {} }"), 12, 23, "`token` asks for nothing"},
    {"verification otherwise", RULE("{ token: { verification: preferred } }"), 12, 39, "`verification` is `required`"},
    {"attested otherwise", RULE("{ token: { attested: false } }"), 12, 35, "leave out what is not asked"},
    /* keys */
    {"keys",
     TOP("tokens: { tech: { touch: true, attested: true }, officer: { models: [\"2fc0579f811347eab116bb5a8db9202a\"] } "
         "}"),
     0, 0, ""},
    {"keys of no role", TOP("tokens: { tehc: { touch: true } }"), 12, 11,
     "`roles` does not have `tehc`; did you mean `tech`?"},
    {"keys that are anything", TOP("tokens: { tech: { touch: false } }"), 12, 17, "nothing is asked of these keys"},
    {"touch: yes", TOP("tokens: { tech: { touch: yes } }"), 12, 26, "`touch` is true or false"},
    {"model by name", TOP("tokens: { tech: { models: [blue] } }"), 12, 28, "a model is its AAGUID"},
    /* emergencies */
    {"emergency", EMERGENCY(KINDS, TWO, PRESENCE, ""), 0, 0, ""},
    {"emergency with everything",
     EMERGENCY(KINDS, "[ { id: a, role: tech, self: true }, { id: b, role: business, voucher: true } ]",
               "{ ports: [\"1-1\", \"1-2\", \"1-3\"], switch: true, tokens: 2, window: 1h }",
               "  justification: { min: 50 }\n  sign_by: 30m\n  untrusted_clock: true\n  voucher_life: 30d\n"
               "  people: [ann, bob]\n  budget: { count: 2, per: 30d, over: { add: { id: c, role: tech } } }\n"),
     0, 0, ""},
    {"emergency: no ports", EMERGENCY(KINDS, TWO, "{ kiosk: true, tokens: 2, window: 2m }", ""), 0, 0, ""},
    {"emergency: more people than ports have names",
     EMERGENCY(KINDS, "[ { id: a, role: tech, count: 10 } ]", "{ tokens: 2, window: 2m }", ""), 1, 1,
     "10 people sign an emergency; `ports` must name as many"},
    {"emergency: away from the kiosk", EMERGENCY(KINDS, TWO, "{ kiosk: false }", ""), 15, 22,
     "an emergency is signed at the kiosk only"},
    {"emergency: a window of two hours",
     EMERGENCY(KINDS, TWO, "{ ports: [\"1-1\", \"1-2\"], switch: false, tokens: 2, window: 2h }", ""), 15, 72,
     "`window` is from 1s to 1h"},
    {"emergency: more tokens than people",
     EMERGENCY(KINDS, TWO, "{ ports: [\"1-1\", \"1-2\"], switch: false, tokens: 3, window: 2m }", ""), 15, 61,
     "3 tokens are asked for, and the seats have 2 people"},
    {"emergency: too few ports",
     EMERGENCY(KINDS, "[ { id: a, role: tech, count: 2 }, { id: b, role: business } ]", PRESENCE, ""), 15, 35,
     "3 people sign, those of `over` included"},
    {"emergency: vouchers without a life",
     EMERGENCY(KINDS, "[ { id: a, role: tech }, { id: b, role: business, voucher: true } ]", PRESENCE, ""), 0, 0, ""},
    {"emergency: a life without vouchers", EMERGENCY(KINDS, TWO, PRESENCE, "  voucher_life: 3d\n"), 18, 3,
     "no seat takes a voucher"},
    {"emergency: vouchers only",
     EMERGENCY(KINDS, "[ { id: a, role: tech, count: 2, voucher: true } ]", PRESENCE, "  voucher_life: 3d\n"), 14, 10,
     "at least one seat takes no voucher"},
    {"emergency: who asks only", EMERGENCY(KINDS, "[ { id: a, role: tech, count: 2, self: true } ]", PRESENCE, ""), 14,
     10, "at least one seat takes no voucher, and at least one is not for who asks"},
    {"emergency: unknown environment",
     EMERGENCY("{ o: { anchor: incident, environments: [prod], change_types: [normal] } }", TWO, PRESENCE, ""), 13, 50,
     "`environments` does not have `prod`"},
    {"emergency: unknown anchor",
     EMERGENCY("{ o: { anchor: incidnt, environments: [production], change_types: [normal] } }", TWO, PRESENCE, ""), 13,
     25, "an anchor is `cve`, `date` or `incident`; did you mean `incident`?"},
    {"emergency: a seat of a review takes no voucher",
     EMERGENCY(KINDS, TWO, PRESENCE,
               "  budget: { count: 1, per: 1d, over: { add: { id: c, role: tech, voucher: true } } }\n"),
     18, 66, "`voucher` is not known in a seat"},
    {"emergency: what is overdue", TOP("emergency: { review: { overdue: forgive } }"), 12, 33,
     "`overdue` is block_emergency"},
    /* conditions */
    {"unknown environment", WHEN("{ environment: prodution }"), 12, 26,
     "`environments` does not have `prodution`; did you mean `production`?"},
    {"unknown name", WHEN("{ enviroment: production }"), 12, 13,
     "no condition can ask for `enviroment`; did you mean `environment`?"},
    {"nothing", WHEN("{}"), 12, 11, "a condition belongs here"},
    {"yes", WHEN("{ attributes.database: yes }"), 12, 34, "`yes` means different things to different readers"},
    {"\"yes\"", WHEN("{ attributes.database: \"yes\" }"), 0, 0, ""},
    {"a fraction", WHEN("{ attributes.risk: 0.5 }"), 12, 30, "`0.5` means different things"},
    {"1e3", WHEN("{ attributes.lines: 1e3 }"), 12, 31, "`1e3` means different things"},
    {"1_000", WHEN("{ attributes.lines: 1_000 }"), 12, 31, "`1_000` means different things"},
    {"0x10", WHEN("{ attributes.lines: 0x10 }"), 12, 31, "`0x10` means different things"},
    {"a version number", WHEN("{ attributes.release: 1.2.3 }"), 0, 0, ""},
    {"unknown comparison", WHEN("{ attributes.lines: { gte: 5 } }"), 12, 33, "`gte` is no comparison"},
    {"two comparisons", WHEN("{ attributes.lines: { ge: 5, lt: 9 } }"), 12, 31, "one comparison belongs here"},
    {"a comparison with a text", WHEN("{ attributes.lines: { ge: many } }"), 12, 37, "`ge` is a whole number"},
    {"number of a name", WHEN("{ service: { ge: 5 } }"), 12, 28, "only attributes have numbers"},
    {"pattern without a star", WHEN("{ service: { glob: pay } }"), 12, 30, "a pattern has a star"},
    {"pattern of no environment", WHEN("{ environment: { glob: \"dev*\" } }"), 12, 34,
     "`environments` does not have `dev*`"},
    {"any of a map", WHEN("{ any: { service: a } }"), 12, 18, "a list of conditions belongs here"},
    {"not of a list", WHEN("{ not: [ { service: a } ] }"), 12, 18, "one condition belongs here"},
    {"nine deep", WHEN("{not: {not: {not: {not: {not: {not: {not: {not: {service: a}}}}}}}}}"), 12, 59,
     "conditions nested more than 8 deep"},
};

static void each_row_holds(void **state)
{
    (void)state;
    bed_rows_hold(rows, sizeof(rows) / sizeof(rows[0]), NULL);
}

/* All faults of a document at once, in their order. */
static void every_fault_is_named(void **state)
{
    static const char text[] = "version: 0\n"
                               "name: a/b\n"
                               "officers: { threshold: 1, treshold: 2 }\n"
                               "roles: [officer, tech]\n"
                               "environments: { a: {} }\n"
                               "change_types: [normal]\n"
                               "rules:\n"
                               "  - id: r\n"
                               "    when: { environment: b }\n"
                               "    require: { seats: [ { id: s, role: teck } ], sing_by: 4h }\n";
    static const unsigned lines[] = {1, 2, 3, 3, 9, 10, 10};
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    bed_compile(&b, text, NULL);
    assert_int_equal(b.draft.fault_count, sizeof(lines) / sizeof(lines[0]));
    for (size_t i = 0; i < b.draft.fault_count; i++) {
        assert_int_equal(b.draft.fault[i].at.line, lines[i]);
    }
    assert_int_equal(b.result.code, CS_E_REFUSED);
    bed_release(&b);
}

/* Whatever order the document has, the log's form is one; and it is what was meant. */
static void one_meaning_has_one_spelling(void **state)
{
    static const char one[] = BED_HEAD "  - id: r\n"
                                       "    when: { environment: production, attributes.x: [b, a] }\n"
                                       "    require:\n"
                                       "      use_by: 90m\n"
                                       "      sign_by: 2d\n"
                                       "      separate: [trigger, authors]\n"
                                       "      bind: artifacts\n"
                                       "      reason: { reject: { min: 15 } }\n"
                                       "      seats: [ { role: tech, id: a } ]\n";
    static const char two[] = BED_HEAD "  - require: { bind: [artifacts], seats: [ { count: 1, id: a, role: tech } ],\n"
                                       "      reason: { approve: optional, reject: { min: 15 } },\n"
                                       "      separate: [authors, trigger], sign_by: 48h, use_by: 5400s }\n"
                                       "    when: { all: [ { attributes.x: [a, b] }, { environment: production } ] }\n"
                                       "    id: r\n";
    static const char want[] =
        "{\"change_types\":[\"normal\",\"standard\"],\"environments\":[\"production\",\"staging\"],\"name\":\"bed\","
        "\"officers\":{\"sign_by_s\":86400,\"threshold\":2},\"roles\":[\"business\",\"officer\",\"tech\"],\"rules\":[{"
        "\"id\":\"r\",\"require\":{\"bind\":[\"artifacts\"],\"reason\":{\"approve\":0,\"reject\":15},\"seats\":[{"
        "\"count\":1,\"id\":\"a\",\"role\":\"tech\"}],\"separate\":[\"authors\",\"trigger\"],\"sign_by_s\":172800,"
        "\"use_by_s\":5400},\"when\":[{\"is\":[\"a\",\"b\"],\"name\":\"attributes.x\"},{\"is\":[\"production\"],"
        "\"name\":\"environment\"}]}],\"v\":1,\"version\":3}";
    struct bed a = {.result = CS_SUCCESS};
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    bed_compile(&a, one, NULL);
    bed_compile(&b, two, NULL);
    assert_int_equal(a.result.code, CS_OK);
    assert_int_equal(b.result.code, CS_OK);
    assert_true(span_is(wr_span(&a.out), want));
    assert_true(span_is(wr_span(&b.out), want));
    bed_release(&a);
    bed_release(&b);
}

/* What only an emergency calls a change avoids no rule, but for one that names it; and lets nobody in. */
static void a_change_type_of_emergencies_avoids_no_rule(void **state)
{
    static const char text[] =
        BED_HEAD "  - id: a\n    when: { change_type: normal }\n    require:\n"
                 "      seats: [ { id: s, role: tech } ]\n"
                 "      escalate: [ { after: 1h, when: { change_type: normal }, to: business } ]\n"
                 "  - id: b\n    when: { not: { change_type: standard } }\n    require: {}\n"
                 "  - id: c\n    when: { change_type: [hotfix, standard] }\n    require: {}\n"
                 "  - id: d\n    when: { change_type: { glob: \"nor*\" } }\n    require: {}\n"
                 "emergency:\n"
                 "  kinds: { outage: { anchor: incident, environments: production, change_types: [rollback, hotfix, "
                 "normal] } }\n"
                 "  seats: [ { id: a, role: tech }, { id: b, role: business } ]\n"
                 "  presence: { tokens: 2, window: 2m }\n"
                 "  review: { due: 24h, seats: [ { id: tech, role: tech } ] }\n"
                 "  use_by: 30m\n";
    static const char *const want[] = {
        "\"change_types\":[\"hotfix\",\"normal\",\"rollback\",\"standard\"]",
        "\"when\":[{\"any\":[{\"is\":[\"hotfix\",\"rollback\"],\"name\":\"change_type\"},{\"is\":[\"normal\"],"
        "\"name\":\"change_type\"}]}]",
        "\"when\":[{\"is_not\":[\"standard\"],\"name\":\"change_type\"}]",
        "\"when\":[{\"is\":[\"hotfix\",\"standard\"],\"name\":\"change_type\"}]",
        "\"when\":[{\"any\":[{\"glob\":[\"nor*\"],\"name\":\"change_type\"},{\"is\":[\"hotfix\",\"rollback\"],"
        "\"name\":\"change_type\"}]}]",
        "\"to\":\"business\",\"when\":[{\"is\":[\"normal\"],\"name\":\"change_type\"}]",
        "\"presence\":{\"ports\":[\"1-1\",\"1-2\"],\"switch\":true,\"tokens\":2,\"window_s\":120}",
        "\"fields\":[\"cause\",\"impact\",\"prevention\"]",
    };
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    bed_compile(&b, text, NULL);
    assert_int_equal(b.result.code, CS_OK);
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        if (memmem(b.out.p, b.out.len, want[i], strlen(want[i])) == NULL) {
            fail_msg("%s is not in %.*s", want[i], (int)b.out.len, (const char *)b.out.p);
        }
    }
    bed_release(&b);
}

/* Stages that no rule gives seats have those of what comes after them, and only they. */
static void a_stage_has_the_seats_of_what_follows(void **state)
{
    static const char head[] =
        "version: 3\nname: bed\nofficers: { threshold: 2 }\nroles: [officer, tech, business]\n"
        "environments: { test: {}, staging: { after: test }, production: { after: staging }, lab: {} }\n"
        "change_types: [normal]\nrules:\n"
        "  - { id: p, when: { environment: production }, require: { sign_by: 1h, seats: [ { id: a, role: tech } ] } "
        "}\n";
    static const char own[] =
        "  - { id: s, when: { environment: staging }, require: { seats: [ { id: a, role: tech } ] } }\n";
    static const char all[] = "  - { id: e, require: { seats: [ { id: a, role: tech } ] } }\n";
    static const char taken[] = "  - { id: stage-p, require: {} }\n";
    static const char seat[] =
        "{\"id\":\"stage-p\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"a\",\"role\":\"tech\"}]},"
        "\"when\":[{\"is\":[";
    static const struct {
        const char *more;
        const char *stages; /* NULL: no rule more */
    } cases[] = {{"", "\"staging\",\"test\"]"}, {own, "\"test\"]"}, {all, NULL}};
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bed b = {.result = CS_SUCCESS};
        char text[2048];
        (void)snprintf(text, sizeof(text), "%s%s", head, cases[i].more);
        bed_compile(&b, text, NULL);
        assert_int_equal(b.result.code, CS_OK);
        const uint8_t *at = memmem(b.out.p, b.out.len, seat, strlen(seat));
        assert_int_equal(at != NULL, cases[i].stages != NULL);
        assert_true(at == NULL ||
                    strncmp((const char *)at + strlen(seat), cases[i].stages, strlen(cases[i].stages)) == 0);
        bed_release(&b);
    }
    struct bed b = {.result = CS_SUCCESS};
    char text[2048];
    (void)snprintf(text, sizeof(text), "%s%s", head, taken);
    bed_compile(&b, text, NULL);
    assert_int_equal(b.result.code, CS_E_REFUSED);
    bed_release(&b);
}

static void a_roster_must_fill_the_seats(void **state)
{
    static const char people[] =
        "anna: [officer, tech]\nben: [officer, tech]\ncarl: { roles: [officer], accounts: [git:c] }\n";
    static const char good[] = SEATS("{ id: a, role: tech, count: 2 }");
    static const char bad[] =
        "version: 3\nname: bed\nofficers: { threshold: 3 }\nroles: [officer, tech]\n"
        "environments: { p: {} }\nchange_types: [normal]\nrules:\n"
        "  - { id: r, require: { seats: [ { id: a, role: tech, count: 2 }, { id: b, role: tech } ] } }\n";
    struct arena arena;
    struct draft d;
    struct draft_roster roster = {.count = 0};
    const struct draft_node *top = NULL;
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    arena_init(&arena, 1U << 20);
    draft_init(&d, &arena);
    assert_int_equal(draft_load(&d, SPAN_LIT(people), &top).code, CS_OK);
    assert_int_equal(draft_roster(&d, top, &roster).code, CS_OK);
    assert_true(draft_good(&d));
    assert_int_equal(roster.count, 3);
    assert_int_equal(draft_holders(&roster, SPAN_LIT("tech")), 2);
    bed_compile(&b, good, &roster);
    assert_int_equal(b.result.code, CS_OK);
    bed_release(&b);
    bed_compile(&b, bad, &roster);
    assert_int_equal(b.draft.fault_count, 3);
    assert_string_equal(b.draft.fault[0].sentence, "the roster has 3 officers; 3 must sign, and one more must exist");
    assert_string_equal(b.draft.fault[1].sentence, "these seats need 3 people of role `tech`; the roster has 2");
    bed_release(&b);
    arena_release(&arena);
}

/* Past the bound they are counted, and the document stays refused. */
static void faults_are_bounded(void **state)
{
    AUTO_WRITER w = wr_heap(1U << 20);
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    for (unsigned i = 0; i < 2 * DRAFT_FAULTS_MAX; i++) {
        wr_text(&w, "x");
        wr_dec(&w, i);
        wr_text(&w, ": 1\n");
    }
    wr_u8(&w, 0);
    bed_compile(&b, (const char *)w.p, NULL);
    assert_int_equal(b.draft.fault_count, DRAFT_FAULTS_MAX);
    assert_true(b.draft.faults_left_out >= DRAFT_FAULTS_MAX);
    assert_int_equal(b.result.code, CS_E_REFUSED);
    bed_release(&b);
}

/* What a document says goes to a terminal: nothing but printable ASCII does. */
static void sentences_cannot_drive_a_terminal(void **state)
{
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    bed_compile(&b, "\"\\e[31m\\u202e\\a\": 1\n", NULL);
    assert_true(b.draft.fault_count > 0);
    for (size_t i = 0; i < b.draft.fault_count; i++) {
        for (const char *p = b.draft.fault[i].sentence; *p != '\0'; p++) {
            assert_true(*p >= 0x20 && *p < 0x7f);
        }
    }
    bed_release(&b);
}

static void too_much_is_refused(void **state)
{
    AUTO_WRITER rules = wr_heap(4U << 20);
    AUTO_WRITER large = wr_heap(4U << 20);
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    wr_text(&rules, BED_HEAD);
    for (unsigned i = 0; i < 700; i++) { /* each some 50 bytes in the log */
        wr_text(&rules, "  - { id: r");
        wr_dec(&rules, i);
        wr_text(&rules, ", require: { sign_by: 24h } }\n");
    }
    wr_u8(&rules, 0);
    bed_compile(&b, (const char *)rules.p, NULL);
    assert_int_equal(b.draft.fault_count, 1);
    assert_non_null(strstr(b.draft.fault[0].sentence, "an entry of the log takes"));
    bed_release(&b);
    for (unsigned i = 0; i < DRAFT_TEXT_MAX; i++) {
        wr_u8(&large, '#');
    }
    wr_text(&large, "#");
    wr_u8(&large, 0);
    bed_compile(&b, (const char *)large.p, NULL);
    assert_string_equal(b.draft.fault[0].sentence, "larger than 1 MiB");
    bed_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_holds),
        cmocka_unit_test(every_fault_is_named),
        cmocka_unit_test(one_meaning_has_one_spelling),
        cmocka_unit_test(a_change_type_of_emergencies_avoids_no_rule),
        cmocka_unit_test(a_stage_has_the_seats_of_what_follows),
        cmocka_unit_test(a_roster_must_fill_the_seats),
        cmocka_unit_test(faults_are_bounded),
        cmocka_unit_test(sentences_cannot_drive_a_terminal),
        cmocka_unit_test(too_much_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
