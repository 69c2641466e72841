/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a decoder accepts, its encoder writes byte for byte; what it refuses, it names. Requirement 6.1 among them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model_again.h"
#include "model_samples.h"

#define ROW(name, kind, lit, code)                                                                                     \
    {                                                                                                                  \
        name, {(const uint8_t *)(lit), sizeof(lit) - 1}, kind, code                                                    \
    }

#define DELEGATE_HEAD                                                                                                  \
    "\"from\":\"2024-05-01T00:00:00.000Z\",\"initiator\":\"tom\",\"reason\":\"away\",\"role\":\"tech\""
#define DELEGATE_TAIL              ",\"to\":\"dora\",\"until\":\"2024-05-02T00:00:00.000Z\""
#define KEEPS(items)               "{\"entitlements\":[" items "],\"initiator\":\"olga\",\"reason\":\"looked at\"}"
#define LAPSE(cause, person, role) "{\"cause\":\"" cause "\",\"person\":\"" person "\",\"role\":\"" role "\"}"
#define LAPSED(items)              "{\"entitlements\":[" items "],\"prev\":4}"
#define LISTS(people, total)       "{\"age_ms\":120,\"people\":[" people "],\"prev\":4,\"source\":\"ldap\"" total "}"
#define IN(person, roles)          "{\"person\":\"" person "\",\"roles\":[" roles "]}"
#define SHIFT(from, until, people)                                                                                     \
    "{\"from\":\"" from "T00:00:00.000Z\",\"people\":[" people "],\"until\":\"" until "T00:00:00.000Z\"}"
#define DUTY(shifts)                                                                                                   \
    "{\"duty\":{\"hand_over_s\":900,\"id\":\"ops\",\"shifts\":[" shifts                                                \
    "],\"zone\":\"Europe/Berlin\"},\"op\":\"put_duty\"}"
#define ROSTER(changes) "{\"changes\":" changes ",\"initiator\":\"alice\",\"reason\":\"joins\",\"title\":\"Cards\"}"

#define FINDING(id)      "{\"id\":\"" id "\",\"level\":\"critical\",\"text\":\"app.c:12 strcpy\"}"
#define FOUND            FINDING("a") ",{\"id\":\"b\",\"level\":\"critical\"}"
#define CRITICALS(value) "{\"name\":\"critical\",\"value\":" value "}"
#define REPORT_AS(more, findings, texts, numbers)                                                                      \
    "{\"findings\":[" findings "],\"kind\":\"sarif\",\"more\":" more ",\"numbers\":[" numbers "],\"produced\":\"" T0   \
    "\",\"texts\":{" texts "}}"
#define REPORT(findings, texts, numbers) REPORT_AS("false", findings, texts, numbers)
#define REPORT_MORE(findings, numbers)   REPORT_AS("true", findings, "", numbers)
#define BASELINE(known)                                                                                                \
    "\"baseline\":{\"fixed\":1,\"known\":[" known "],\"numbers\":[" CRITICALS("3") "],\"request\":3,\"texts\":{}},"
#define EVIDENCE(artifacts, baseline, findings, size)                                                                  \
    "{\"artifacts\":[" artifacts "]," baseline "\"line\":\"production/sast\",\"prev\":0,\"report\":" REPORT(           \
        findings, "", CRITICALS("2")) ",\"request\":5,\"sha256\":\"" HEX "\",\"size\":" size "}"
#define WAIVED(id) "{\"id\":\"" id "\",\"level\":\"high\"}"
#define WAIVER(evidence, findings, reason)                                                                             \
    "{" evidence "\"expires\":\"" T1 "\",\"findings\":[" findings                                                      \
    "],\"initiator\":\"carol\",\"line\":\"production/sast\",\"reason\":\"" reason "\",\"request\":5}"

static const struct row {
    const char *name;
    struct span text;
    unsigned kind;
    enum cs_code want;
} rows[] = {
    ROW("entry", AGAIN_ENTRY, ENTRY_WITH("client:ci", "{}", "boot"), CS_OK),
    ROW("entry of a system", AGAIN_ENTRY, ENTRY_WITH("system:core", "{}", "clock"), CS_OK),
    ROW("entry without actor kind", AGAIN_ENTRY, ENTRY_WITH("alice", "{}", "boot"), CS_E_UNKNOWN),
    ROW("entry with an empty actor", AGAIN_ENTRY, ENTRY_WITH("person:", "{}", "boot"), CS_E_RANGE),
    ROW("entry with a spaced actor", AGAIN_ENTRY, ENTRY_WITH("person:a b", "{}", "boot"), CS_E_SYNTAX),
    ROW("entry of an unknown type", AGAIN_ENTRY, ENTRY_WITH("client:ci", "{}", "bott"), CS_E_UNKNOWN),
    ROW("entry of type none", AGAIN_ENTRY, ENTRY_WITH("client:ci", "{}", "none"), CS_E_UNKNOWN),
    ROW("entry whose body is no object", AGAIN_ENTRY, ENTRY_WITH("client:ci", "[]", "boot"), CS_E_TYPE),
    ROW("entry whose body is not canonical", AGAIN_ENTRY, ENTRY_WITH("client:ci", "{ }", "boot"), CS_E_SYNTAX),
    ROW("entry of version 2", AGAIN_ENTRY,
        "{\"actor\":\"client:ci\",\"body\":{},\"head\":\"" B32 "\",\"origin\":{},\"seq\":5,\"time\":\"" T0
        "\",\"type\":\"boot\",\"v\":2}",
        CS_E_RANGE),
    ROW("entry with a short head", AGAIN_ENTRY,
        "{\"actor\":\"client:ci\",\"body\":{},\"head\":\"" A40 "\",\"origin\":{},\"seq\":5,\"time\":\"" T0
        "\",\"type\":\"boot\",\"v\":1}",
        CS_E_RANGE),
    ROW("entry with an empty origin part", AGAIN_ENTRY,
        "{\"actor\":\"client:ci\",\"body\":{},\"head\":\"" B32 "\",\"origin\":{\"ip\":\"\"},\"seq\":5,\"time\":\"" T0
        "\",\"type\":\"boot\",\"v\":1}",
        CS_E_RANGE),
    ROW("entry, trailing byte", AGAIN_ENTRY, ENTRY_WITH("client:ci", "{}", "boot") " ", CS_E_TRAILING),

    ROW("genesis", ENTRY_GENESIS, GENESIS, CS_OK),
    ROW("genesis unsigned", ENTRY_GENESIS, "{\"signatures\":[],\"statement\":\"{}\"}", CS_OK),
    ROW("genesis signed by a card", ENTRY_GENESIS,
        "{\"signatures\":[{\"credential\":\"" HEX "\",\"person\":\"alice\",\"sig\":\"" SIG "\"}],\"statement\":\"{}\"}",
        CS_OK),
    ROW("genesis statement", AGAIN_GENESIS_STATEMENT, GENESIS_STATEMENT, CS_OK),
    ROW("genesis origin with a plus", AGAIN_GENESIS_STATEMENT,
        "{\"changes\":" CHANGES ",\"created\":\"" T0 "\",\"log_key\":\"" B32 "\",\"origin\":\"a+b\"}", CS_E_SYNTAX),
    ROW("genesis log key short", AGAIN_GENESIS_STATEMENT,
        "{\"changes\":" CHANGES ",\"created\":\"" T0 "\",\"log_key\":\"" B16 "\"}", CS_E_RANGE),
    ROW("suspend and restore", AGAIN_ROSTER_CONTENT,
        ROSTER("[{\"id\":\"tom\",\"op\":\"suspend_person\"},{\"id\":\"tina\",\"op\":\"restore_person\"}]"), CS_OK),
    ROW("suspend nobody", AGAIN_ROSTER_CONTENT, ROSTER("[{\"op\":\"suspend_person\"}]"), CS_E_MISSING),
    ROW("duty", AGAIN_ROSTER_CONTENT, ROSTER("[" DUTY(SHIFT("2024-05-01", "2024-05-02", "\"anna\",\"tom\"")) "]"),
        CS_OK),
    ROW("duty without shifts", AGAIN_ROSTER_CONTENT, ROSTER("[" DUTY("") "]"), CS_OK),
    ROW("duty, shifts that overlap", AGAIN_ROSTER_CONTENT,
        ROSTER("[" DUTY(SHIFT("2024-05-01", "2024-05-02", "\"a\"") "," SHIFT("2024-05-01", "2024-05-03", "\"a\"")) "]"),
        CS_OK),
    ROW("duty, shifts out of order", AGAIN_ROSTER_CONTENT,
        ROSTER("[" DUTY(SHIFT("2024-05-02", "2024-05-03", "\"a\"") "," SHIFT("2024-05-01", "2024-05-02", "\"a\"")) "]"),
        CS_E_ORDER),
    ROW("duty, the same shift twice", AGAIN_ROSTER_CONTENT,
        ROSTER("[" DUTY(SHIFT("2024-05-01", "2024-05-02", "\"a\"") "," SHIFT("2024-05-01", "2024-05-02", "\"b\"")) "]"),
        CS_E_ORDER),
    ROW("duty, a shift of no time", AGAIN_ROSTER_CONTENT,
        ROSTER("[" DUTY(SHIFT("2024-05-01", "2024-05-01", "\"a\"")) "]"), CS_E_RANGE),
    ROW("duty of nobody", AGAIN_ROSTER_CONTENT, ROSTER("[" DUTY(SHIFT("2024-05-01", "2024-05-02", "")) "]"),
        CS_E_RANGE),
    ROW("duty, people unsorted", AGAIN_ROSTER_CONTENT,
        ROSTER("[" DUTY(SHIFT("2024-05-01", "2024-05-02", "\"tom\",\"anna\"")) "]"), CS_E_ORDER),
    ROW("no changes", AGAIN_GENESIS_STATEMENT, "{\"changes\":[],\"created\":\"" T0 "\"}", CS_E_RANGE),

    ROW("effect", ENTRY_POLICY, "{\"prev\":0,\"request\":5,\"sha256\":\"" HEX "\"}", CS_OK),
    ROW("effect without prev", ENTRY_ROSTER, "{\"request\":5,\"sha256\":\"" HEX "\"}", CS_E_MISSING),
    ROW("effect with more", ENTRY_POLICY, "{\"prev\":0,\"request\":5,\"sha256\":\"" HEX "\",\"x\":1}", CS_E_UNKNOWN),

    ROW("request", ENTRY_REQUEST, REQUEST, CS_OK),
    ROW("request, revision 2", ENTRY_REQUEST,
        REQUEST_HEAD "\"policy\":0,\"revises\":3,\"revision\":2,\"roster\":0,\"sheet_sha256\":\"" HEX "\"}", CS_OK),
    ROW("request, revision 2 of nothing", ENTRY_REQUEST,
        REQUEST_HEAD "\"policy\":0,\"revision\":2,\"roster\":0,\"sheet_sha256\":\"" HEX "\"}", CS_E_RANGE),
    ROW("request, revises with revision 1", ENTRY_REQUEST,
        REQUEST_HEAD "\"policy\":0,\"revises\":3,\"revision\":1,\"roster\":0,\"sheet_sha256\":\"" HEX "\"}",
        CS_E_RANGE),
    ROW("request, no key", ENTRY_REQUEST,
        "{\"body_sha256\":\"" HEX "\",\"content\":{},\"idempotency_key\":\"\",\"kind\":\"deploy\"}", CS_E_RANGE),
    ROW("request, key not ASCII", ENTRY_REQUEST,
        "{\"body_sha256\":\"" HEX "\",\"content\":{},\"idempotency_key\":\"\xc3\xbc\",\"kind\":\"deploy\"}",
        CS_E_SYNTAX),
    ROW("request of an unknown kind", ENTRY_REQUEST,
        "{\"body_sha256\":\"" HEX "\",\"content\":{},\"idempotency_key\":\"k\",\"kind\":\"wish\"}", CS_E_UNKNOWN),

    ROW("decision", ENTRY_DECISION, "{\"auth_data\":\"" B37 "\",\"sig\":\"" SIG "\",\"statement\":\"{\\\"v\\\":1}\"}",
        CS_OK),
    ROW("decision of a card", ENTRY_DECISION, "{\"sig\":\"" SIG "\",\"statement\":\"{\\\"v\\\":1}\"}", CS_OK),
    ROW("decision, no bytes of data", ENTRY_DECISION, "{\"auth_data\":\"\",\"sig\":\"" SIG "\",\"statement\":\"\"}",
        CS_E_RANGE),
    ROW("decision, 36 bytes of data", ENTRY_DECISION,
        "{\"auth_data\":\"" A40 "AAAAAAAA\",\"sig\":\"" SIG "\",\"statement\":\"\"}", CS_E_RANGE),
    ROW("decision, padded", ENTRY_DECISION, "{\"auth_data\":\"" B37 "==\",\"sig\":\"" SIG "\",\"statement\":\"\"}",
        CS_E_SYNTAX),
    ROW("decision, spare bits", ENTRY_DECISION,
        "{\"auth_data\":\"" A40 "AAAAAAAAAB\",\"sig\":\"" SIG "\",\"statement\":\"\"}", CS_E_ORDER),

    ROW("withdraw", ENTRY_WITHDRAW, "{\"reason\":\"\",\"request\":5}", CS_OK),
    ROW("withdraw, why missing", ENTRY_WITHDRAW, "{\"request\":5}", CS_E_MISSING),
    ROW("expire", ENTRY_EXPIRE, "{\"request\":5}", CS_OK),
    ROW("expire, negative", ENTRY_EXPIRE, "{\"request\":-5}", CS_E_RANGE),

    ROW("redeem", ENTRY_REDEEM,
        "{\"artifacts\":[{\"name\":\"app\",\"sha256\":\"" HEX "\"}],\"config_sha256\":\"" HEX
        "\",\"envelope\":\"{}\",\"plan_sha256\":\"" HEX "\",\"request\":5}",
        CS_OK),
    ROW("redeem, drifted", ENTRY_REDEEM, "{\"artifacts\":[],\"envelope\":\"\",\"request\":5}", CS_OK),
    ROW("redeem, unsorted", ENTRY_REDEEM,
        "{\"artifacts\":[{\"name\":\"b\",\"sha256\":\"" HEX "\"},{\"name\":\"a\",\"sha256\":\"" HEX
        "\"}],\"envelope\":\"\",\"request\":5}",
        CS_E_ORDER),
    ROW("redeem, twice", ENTRY_REDEEM,
        "{\"artifacts\":[{\"name\":\"a\",\"sha256\":\"" HEX "\"},{\"name\":\"a\",\"sha256\":\"" HEX2
        "\"}],\"envelope\":\"\",\"request\":5}",
        CS_E_DUPLICATE),
    ROW("redeem, capital hex", ENTRY_REDEEM,
        "{\"artifacts\":[],\"config_sha256\":\"" H10 H10 H10 H10 H10 H10 "ABCD\",\"envelope\":\"\",\"request\":5}",
        CS_E_SYNTAX),

    ROW("outcome", ENTRY_OUTCOME,
        "{\"finished\":\"" T1 "\",\"incident\":\"\",\"request\":5,\"result\":\"rolled_back\",\"started\":\"" T0 "\"}",
        CS_OK),
    ROW("outcome, ends before it starts", ENTRY_OUTCOME,
        "{\"finished\":\"" T0 "\",\"incident\":\"\",\"request\":5,\"result\":\"failed\",\"started\":\"" T1 "\"}",
        CS_E_RANGE),
    ROW("outcome, a status that is no result", ENTRY_OUTCOME,
        "{\"finished\":\"" T1 "\",\"incident\":\"\",\"request\":5,\"result\":\"approved\",\"started\":\"" T0 "\"}",
        CS_E_UNKNOWN),
    ROW("outcome, incident in words", ENTRY_OUTCOME,
        "{\"finished\":\"" T1 "\",\"incident\":\"it broke\",\"request\":5,\"result\":\"failed\",\"started\":\"" T0
        "\"}",
        CS_E_SYNTAX),

    ROW("access", ENTRY_ACCESS, "{\"code\":\"no_role\",\"count\":1,\"person\":\"\"}", CS_OK),
    ROW("access, all", ENTRY_ACCESS,
        "{\"code\":\"no_role\",\"count\":3,\"credential\":\"" HEX "\",\"person\":\"bob\",\"request\":5}", CS_OK),
    ROW("access, of nothing", ENTRY_ACCESS, "{\"code\":\"no_role\",\"count\":0,\"person\":\"\"}", CS_E_RANGE),
    ROW("boot", ENTRY_BOOT, "{\"version\":\"0.1.0\"}", CS_OK),
    ROW("boot, no version", ENTRY_BOOT, "{\"version\":\"\"}", CS_E_RANGE),
    ROW("clock", ENTRY_CLOCK, "{\"back_ms\":0}", CS_OK),
    ROW("clock, true", ENTRY_CLOCK, "{\"back_ms\":true}", CS_E_TYPE),

    ROW("emergency", ENTRY_EMERGENCY, GRANT_HEAD GRANT_TAIL "}", CS_OK),
    ROW("emergency, by voucher", ENTRY_EMERGENCY, GRANT_HEAD GRANT_TAIL ",\"voucher\":3}", CS_OK),
    ROW("emergency, nothing to deploy", ENTRY_EMERGENCY, "{\"artifacts\":[]" GRANT_TAIL "}", CS_E_RANGE),
    ROW("emergency, roles unsorted", ENTRY_EMERGENCY,
        "{\"artifacts\":[{\"name\":\"app\",\"sha256\":\"" HEX
        "\"}],\"bypassed\":[{\"holders\":1,\"role\":\"tech\",\"seats\":1},{\"holders\":1,\"role\":\"cab\","
        "\"seats\":1}]" GRANT_TAIL "}",
        CS_E_ORDER),
    ROW("overdue", ENTRY_OVERDUE, "{\"emergency\":9,\"prev\":9}", CS_OK),
    ROW("escalate", ENTRY_ESCALATE, "{\"request\":9,\"rule\":\"production\",\"to\":\"duty\"}", CS_OK),
    ROW("escalate, to nobody", ENTRY_ESCALATE, "{\"request\":9,\"rule\":\"production\",\"to\":\"\"}", CS_E_RANGE),
    ROW("escalate, of no rule", ENTRY_ESCALATE, "{\"request\":9,\"to\":\"duty\"}", CS_E_MISSING),
    ROW("overdue, of nothing", ENTRY_OVERDUE, "{\"prev\":9}", CS_E_MISSING),
    ROW("review", ENTRY_REVIEW, "{\"emergency\":9,\"prev\":9,\"request\":12}", CS_OK),
    ROW("freeze", ENTRY_FREEZE, "{\"environments\":[\"production\"],\"incident\":\"INC-1\",\"prev\":0}", CS_OK),
    ROW("freeze, all", ENTRY_FREEZE,
        "{\"environments\":[\"production\",\"test\"],\"incident\":\"INC-1\",\"prev\":7,\"responders\":[\"bob\",\"git:"
        "aa\"],"
        "\"services\":[\"shop\"]}",
        CS_OK),
    ROW("freeze of nothing", ENTRY_FREEZE, "{\"environments\":[],\"incident\":\"INC-1\",\"prev\":0}", CS_E_RANGE),
    ROW("freeze for nothing", ENTRY_FREEZE, "{\"environments\":[\"a\"],\"incident\":\"\",\"prev\":0}", CS_E_RANGE),
    ROW("freeze, no responders said twice", ENTRY_FREEZE,
        "{\"environments\":[\"a\"],\"incident\":\"INC-1\",\"prev\":0,\"responders\":[]}", CS_E_RANGE),
    ROW("freeze, unsorted", ENTRY_FREEZE, "{\"environments\":[\"b\",\"a\"],\"incident\":\"INC-1\",\"prev\":0}",
        CS_E_ORDER),
    ROW("freeze, in no chain", ENTRY_FREEZE, "{\"environments\":[\"a\"],\"incident\":\"INC-1\"}", CS_E_MISSING),
    ROW("thaw", ENTRY_THAW, "{\"freeze\":9,\"prev\":9,\"request\":12}", CS_OK),
    ROW("thaw, of nothing", ENTRY_THAW, "{\"prev\":9,\"request\":12}", CS_E_MISSING),
    ROW("thaw content", AGAIN_THAW_CONTENT, "{\"freeze\":9,\"initiator\":\"alice\",\"reason\":\"over\"}", CS_OK),
    ROW("thaw content, without a reason", AGAIN_THAW_CONTENT, "{\"freeze\":9,\"initiator\":\"alice\",\"reason\":\"\"}",
        CS_E_RANGE),
    ROW("thaw content, of a machine", AGAIN_THAW_CONTENT, "{\"freeze\":9,\"initiator\":\"\",\"reason\":\"over\"}",
        CS_E_RANGE),
    ROW("review, with more", ENTRY_REVIEW, "{\"emergency\":9,\"prev\":9,\"request\":12,\"x\":1}", CS_E_UNKNOWN),

    ROW("report", AGAIN_REPORT, REPORT(FOUND, "", CRITICALS("2")), CS_OK),
    ROW("report of nothing", AGAIN_REPORT, REPORT("", "", ""), CS_OK),
    ROW("report, more than it lists", AGAIN_REPORT, REPORT_MORE(FOUND, CRITICALS("3")), CS_OK),
    ROW("report that lists less than it counts", AGAIN_REPORT, REPORT(FOUND, "", CRITICALS("3")), CS_E_MISMATCH),
    ROW("report that lists more than it counts", AGAIN_REPORT, REPORT_MORE(FOUND, CRITICALS("1")), CS_E_MISMATCH),
    ROW("report that does not count what it lists", AGAIN_REPORT, REPORT(FOUND, "", ""), CS_E_UNKNOWN),
    ROW("report, findings unsorted", AGAIN_REPORT, REPORT(FINDING("b") "," FINDING("a"), "", CRITICALS("2")),
        CS_E_ORDER),
    ROW("report, a finding twice", AGAIN_REPORT, REPORT(FINDING("a") "," FINDING("a"), "", CRITICALS("2")),
        CS_E_DUPLICATE),
    ROW("report, a number below zero", AGAIN_REPORT, REPORT("", "", CRITICALS("-1")), CS_E_RANGE),
    ROW("report, half a number", AGAIN_REPORT, REPORT("", "", CRITICALS("0.5")), CS_E_TYPE),
    ROW("report, no number", AGAIN_REPORT, REPORT("", "", CRITICALS("NaN")), CS_E_SYNTAX),
    ROW("report, an endless number", AGAIN_REPORT, REPORT("", "", CRITICALS("1e999")), CS_E_TYPE),
    ROW("report, a number twice", AGAIN_REPORT, REPORT("", "", CRITICALS("1") "," CRITICALS("1")), CS_E_DUPLICATE),
    ROW("report of a line", AGAIN_REPORT,
        "{\"findings\":[],\"kind\":\"iac\",\"more\":false,\"numbers\":[],\"produced\":\"" T0 "\",\"texts\":{}}",
        CS_E_UNKNOWN),
    ROW("report, a text", AGAIN_REPORT, REPORT("", "\"environment\":\"staging\"", ""), CS_OK),
    ROW("report, an empty text", AGAIN_REPORT, REPORT("", "\"environment\":\"\"", ""), CS_E_RANGE),
    ROW("evidence", ENTRY_EVIDENCE, EVIDENCE("\"" HEX "\"", "", FOUND, "33554432"), CS_OK),
    ROW("evidence against what ran", ENTRY_EVIDENCE, EVIDENCE("\"" HEX "\"", BASELINE("0,1"), FOUND, "9"), CS_OK),
    ROW("evidence that knows what it has not", ENTRY_EVIDENCE, EVIDENCE("\"" HEX "\"", BASELINE("0,2"), FOUND, "9"),
        CS_E_RANGE),
    ROW("evidence that knows one thing twice", ENTRY_EVIDENCE, EVIDENCE("\"" HEX "\"", BASELINE("1,1"), FOUND, "9"),
        CS_E_ORDER),
    ROW("evidence of too much", ENTRY_EVIDENCE, EVIDENCE("\"" HEX "\"", "", FOUND, "33554433"), CS_E_RANGE),
    ROW("evidence about one artifact twice", ENTRY_EVIDENCE, EVIDENCE("\"" HEX "\",\"" HEX "\"", "", FOUND, "9"),
        CS_E_DUPLICATE),
    ROW("waiver", ENTRY_WAIVER, "{\"evidence\":7,\"prev\":7,\"request\":8,\"waives\":5}", CS_OK),
    ROW("waiver of nothing", ENTRY_WAIVER, "{\"evidence\":7,\"prev\":7,\"request\":8}", CS_E_MISSING),
    ROW("waiver content", AGAIN_WAIVER_CONTENT, WAIVER("", WAIVED("a") "," WAIVED("b"), "false alarm"), CS_OK),
    ROW("waiver content, the whole line", AGAIN_WAIVER_CONTENT, WAIVER("\"evidence\":7,", "", "false alarm"), CS_OK),
    ROW("waiver content, the whole line of no file", AGAIN_WAIVER_CONTENT, WAIVER("", "", "false alarm"), CS_E_MISSING),
    ROW("waiver content, of entry 0", AGAIN_WAIVER_CONTENT, WAIVER("\"evidence\":0,", "", "false alarm"), CS_E_RANGE),
    ROW("waiver content, findings of one file", AGAIN_WAIVER_CONTENT,
        WAIVER("\"evidence\":7,", WAIVED("a"), "false alarm"), CS_E_UNKNOWN),
    ROW("waiver content, a finding twice", AGAIN_WAIVER_CONTENT, WAIVER("", WAIVED("a") "," WAIVED("a"), "false alarm"),
        CS_E_DUPLICATE),
    ROW("waiver content, no level", AGAIN_WAIVER_CONTENT, WAIVER("", "{\"id\":\"a\"}", "false alarm"), CS_E_MISSING),
    ROW("waiver content without a reason", AGAIN_WAIVER_CONTENT, WAIVER("", WAIVED("a"), ""), CS_E_RANGE),
    ROW("waiver content, unsorted", AGAIN_WAIVER_CONTENT, WAIVER("", WAIVED("b") "," WAIVED("a"), "false alarm"),
        CS_E_ORDER),

    ROW("emergency content", AGAIN_EMERGENCY_CONTENT, EMERGENCY_HEAD "}", CS_OK),
    ROW("emergency content, voucher", AGAIN_EMERGENCY_CONTENT, EMERGENCY_HEAD ",\"voucher\":3}", CS_OK),
    ROW("emergency content, two vouchers", AGAIN_EMERGENCY_CONTENT, EMERGENCY_HEAD ",\"voucher\":[3,4]}", CS_E_TYPE),
    ROW("emergency content, no justification", AGAIN_EMERGENCY_CONTENT,
        "{\"anchor\":\"INC-1\",\"initiator\":\"alice\",\"justification\":\"\",\"kind\":\"outage\",\"request\":5}",
        CS_E_RANGE),
    ROW("voucher content", AGAIN_VOUCHER_CONTENT, VOUCHER_HEAD "\"reason\":\"away\",\"role\":\"tech\"" VOUCHER_TAIL "}",
        CS_OK),
    ROW("voucher content, for one", AGAIN_VOUCHER_CONTENT,
        VOUCHER_HEAD "\"person\":\"bob\",\"reason\":\"away\"" VOUCHER_TAIL ",\"services\":[\"shop\"]}", CS_OK),
    ROW("voucher content, for both", AGAIN_VOUCHER_CONTENT,
        VOUCHER_HEAD "\"person\":\"bob\",\"reason\":\"away\",\"role\":\"tech\"" VOUCHER_TAIL "}", CS_E_MISSING),
    ROW("voucher content, for anybody", AGAIN_VOUCHER_CONTENT, VOUCHER_HEAD "\"reason\":\"away\"" VOUCHER_TAIL "}",
        CS_E_MISSING),
    ROW("voucher content, for no time", AGAIN_VOUCHER_CONTENT,
        "{\"environments\":[\"production\"],\"initiator\":\"eve\",\"kinds\":[\"outage\"],\"life_s\":0,"
        "\"reason\":\"away\",\"role\":\"tech\"" VOUCHER_TAIL "}",
        CS_E_RANGE),
    ROW("access review", AGAIN_ACCESS_CONTENT, KEEPS("{\"person\":\"anna\",\"roles\":[\"officer\",\"tech\"]}"), CS_OK),
    ROW("access review of nobody", AGAIN_ACCESS_CONTENT, KEEPS(""), CS_E_RANGE),
    ROW("access review of no role", AGAIN_ACCESS_CONTENT, KEEPS("{\"person\":\"anna\",\"roles\":[]}"), CS_E_RANGE),
    ROW("access review, one twice", AGAIN_ACCESS_CONTENT,
        KEEPS("{\"person\":\"anna\",\"roles\":[\"a\"]},{\"person\":\"anna\",\"roles\":[\"b\"]}"), CS_E_DUPLICATE),
    ROW("access review, unsorted", AGAIN_ACCESS_CONTENT,
        KEEPS("{\"person\":\"b\",\"roles\":[\"a\"]},{\"person\":\"a\",\"roles\":[\"b\"]}"), CS_E_ORDER),
    ROW("lapse", ENTRY_LAPSE, LAPSED(LAPSE("unused", "anna", "tech") "," LAPSE("unreviewed", "bea", "tech")), CS_OK),
    ROW("lapse of nothing", ENTRY_LAPSE, LAPSED(""), CS_E_RANGE),
    ROW("lapse for another cause", ENTRY_LAPSE, LAPSED(LAPSE("late", "anna", "tech")), CS_E_UNKNOWN),
    ROW("lapse, one twice", ENTRY_LAPSE, LAPSED(LAPSE("unused", "a", "t") "," LAPSE("unreviewed", "a", "t")),
        CS_E_DUPLICATE),
    ROW("lapse, unsorted", ENTRY_LAPSE, LAPSED(LAPSE("unused", "b", "t") "," LAPSE("unused", "a", "t")), CS_E_ORDER),
    ROW("lapse of an officer", ENTRY_LAPSE, LAPSED(LAPSE("unlisted", "olga", "officer")), CS_OK),
    ROW("directory", ENTRY_DIRECTORY, LISTS(IN("anna", "\"a\",\"b\"") "," IN("bea", ""), ",\"total\":2"), CS_OK),
    ROW("directory, more follow", ENTRY_DIRECTORY, LISTS(IN("anna", "\"a\""), ""), CS_OK),
    ROW("directory, nothing new", ENTRY_DIRECTORY, LISTS("", ",\"total\":2"), CS_OK),
    ROW("directory, one twice", ENTRY_DIRECTORY, LISTS(IN("a", "") "," IN("a", "\"t\""), ""), CS_E_DUPLICATE),
    ROW("directory, unsorted", ENTRY_DIRECTORY, LISTS(IN("b", "") "," IN("a", ""), ""), CS_E_ORDER),
    ROW("directory, roles unsorted", ENTRY_DIRECTORY, LISTS(IN("b", "\"t\",\"a\""), ""), CS_E_ORDER),
    ROW("directory, no roles said", ENTRY_DIRECTORY, LISTS("{\"person\":\"b\"}", ""), CS_E_MISSING),
    ROW("directory without a source", ENTRY_DIRECTORY, "{\"age_ms\":1,\"people\":[],\"prev\":4}", CS_E_MISSING),
    ROW("directory, silent", ENTRY_DIRECTORY, "{\"prev\":4,\"stale\":true}", CS_OK),
    ROW("directory, not silent", ENTRY_DIRECTORY, "{\"prev\":4,\"stale\":false}", CS_E_RANGE),
    ROW("directory, silent and not", ENTRY_DIRECTORY, LISTS("", ",\"stale\":true"), CS_E_UNKNOWN),
    ROW("alarm", ENTRY_ALARM, "{\"alarms\":[{\"code\":\"unfillable_seat\",\"role\":\"tech\",\"subject\":\"r\"}]}",
        CS_OK),
    ROW("alarm that is over", ENTRY_ALARM, "{\"alarms\":[]}", CS_OK),
    ROW("alarm, unsorted", ENTRY_ALARM,
        "{\"alarms\":[{\"code\":\"b\",\"role\":\"t\",\"subject\":\"r\"},{\"code\":\"a\",\"role\":\"t\",\"subject\":"
        "\"r\"}]}",
        CS_E_ORDER),
    ROW("delegate content", AGAIN_DELEGATE_CONTENT, "{" DELEGATE_HEAD DELEGATE_TAIL "}", CS_OK),
    ROW("delegate content, scoped", AGAIN_DELEGATE_CONTENT,
        "{\"environments\":[\"production\"]," DELEGATE_HEAD ",\"services\":[\"a\",\"b\"]" DELEGATE_TAIL "}", CS_OK),
    ROW("delegate content, scope unsorted", AGAIN_DELEGATE_CONTENT,
        "{" DELEGATE_HEAD ",\"services\":[\"b\",\"a\"]" DELEGATE_TAIL "}", CS_E_ORDER),
    ROW("delegate content, for no time", AGAIN_DELEGATE_CONTENT,
        "{\"from\":\"2024-05-02T00:00:00.000Z\",\"initiator\":\"tom\",\"reason\":\"away\",\"role\":"
        "\"tech\"" DELEGATE_TAIL "}",
        CS_E_RANGE),
    ROW("delegate content, taken back", AGAIN_DELEGATE_CONTENT,
        "{\"initiator\":\"tom\",\"reason\":\"back\",\"revokes\":7}", CS_OK),
    ROW("delegate content, both", AGAIN_DELEGATE_CONTENT,
        "{\"initiator\":\"tom\",\"reason\":\"back\",\"revokes\":7,\"role\":\"tech\"}", CS_E_UNKNOWN),
    ROW("delegate content, neither", AGAIN_DELEGATE_CONTENT, "{\"initiator\":\"tom\",\"reason\":\"back\"}",
        CS_E_MISSING),
    ROW("delegate content, without a reason", AGAIN_DELEGATE_CONTENT,
        "{\"initiator\":\"tom\",\"reason\":\"\",\"revokes\":7}", CS_E_RANGE),
    ROW("review content", AGAIN_REVIEW_CONTENT,
        "{\"emergency\":9,\"fields\":{\"impact\":\"none\",\"what_happened\":\"it broke\"},\"initiator\":\"alice\"}",
        CS_OK),
    ROW("review content, an empty field", AGAIN_REVIEW_CONTENT,
        "{\"emergency\":9,\"fields\":{\"impact\":\"\"},\"initiator\":\"alice\"}", CS_E_RANGE),
    ROW("review content, unsorted", AGAIN_REVIEW_CONTENT,
        "{\"emergency\":9,\"fields\":{\"what\":\"a\",\"impact\":\"b\"},\"initiator\":\"alice\"}", CS_E_ORDER),

    ROW("statement", AGAIN_STATEMENT, STATEMENT, CS_OK),
    ROW("statement about an emergency", AGAIN_STATEMENT,
        STATEMENT_HEAD "\"environment\":\"production\"," STATEMENT_TIMES
                       "\"kind\":\"emergency\"," STATEMENT_MID STATEMENT_TAIL,
        CS_OK),
    ROW("statement about an emergency nowhere", AGAIN_STATEMENT,
        STATEMENT_HEAD STATEMENT_TIMES "\"kind\":\"emergency\"," STATEMENT_MID STATEMENT_TAIL, CS_E_MISSING),
    ROW("statement of an officer", AGAIN_STATEMENT,
        STATEMENT_HEAD STATEMENT_TIMES "\"kind\":\"policy\"," STATEMENT_MID STATEMENT_TAIL, CS_OK),
    ROW("statement, deploy nowhere", AGAIN_STATEMENT,
        STATEMENT_HEAD STATEMENT_TIMES "\"kind\":\"deploy\"," STATEMENT_MID STATEMENT_TAIL, CS_E_MISSING),
    ROW("statement, policy somewhere", AGAIN_STATEMENT,
        STATEMENT_HEAD "\"environment\":\"test\"," STATEMENT_TIMES "\"kind\":\"policy\"," STATEMENT_MID STATEMENT_TAIL,
        CS_E_MISSING),
    ROW("statement, lives one millisecond too long", AGAIN_STATEMENT,
        STATEMENT_HEAD "\"expires_at\":\"2024-05-01T10:02:00.001Z\",\"issued_at\":\"" T0
                       "\",\"kind\":\"policy\"," STATEMENT_MID STATEMENT_TAIL,
        CS_E_RANGE),
    ROW("statement, never alive", AGAIN_STATEMENT,
        STATEMENT_HEAD "\"expires_at\":\"" T0 "\",\"issued_at\":\"" T0
                       "\",\"kind\":\"policy\"," STATEMENT_MID STATEMENT_TAIL,
        CS_E_RANGE),
    ROW("statement cut", AGAIN_STATEMENT, STATEMENT_HEAD, CS_E_SHORT),

    ROW("deploy, small", AGAIN_DEPLOY, DEPLOY_SMALL, CS_OK),
    ROW("deploy, full", AGAIN_DEPLOY, DEPLOY_FULL, CS_OK),
    ROW("deploy, white space", AGAIN_DEPLOY, " " DEPLOY_SMALL, CS_E_ORDER),
    ROW("deploy, nothing", AGAIN_DEPLOY, "{}", CS_E_SYNTAX),
    ROW("deploy, no JSON", AGAIN_DEPLOY, "{", CS_E_SHORT),
    ROW("deploy, unsorted", AGAIN_DEPLOY,
        "{\"artifacts\":[{\"name\":\"b\",\"sha256\":\"" HEX "\"},{\"name\":\"a\",\"sha256\":\"" HEX
        "\"}],\"change_type\":\"normal\",\"environment\":\"test\",\"initiator\":\"git:ab\",\"service\":\"shop\","
        "\"title\":\"Roll out\"}",
        CS_E_ORDER),
    ROW("deploy, empty documentation", AGAIN_DEPLOY,
        "{\"artifacts\":[{\"name\":\"app\",\"sha256\":\"" HEX
        "\"}],\"change_type\":\"normal\",\"documentation\":{},\"environment\":\"test\",\"initiator\":\"git:ab\","
        "\"service\":\"shop\",\"title\":\"Roll out\"}",
        CS_E_ORDER),
    ROW("policy content", AGAIN_POLICY_CONTENT,
        "{\"initiator\":\"alice\",\"policy\":{},\"reason\":\"\",\"title\":\"More\"}", CS_OK),
    ROW("policy content, no title", AGAIN_POLICY_CONTENT,
        "{\"initiator\":\"alice\",\"policy\":{},\"reason\":\"\",\"title\":\"\"}", CS_E_RANGE),
    ROW("roster content", AGAIN_ROSTER_CONTENT,
        "{\"changes\":" CHANGES ",\"initiator\":\"alice\",\"reason\":\"joins\",\"title\":\"Carol\"}", CS_OK),
    ROW("roster of cards", AGAIN_ROSTER_CONTENT, ROSTER(CARDS), CS_OK),
    ROW("card whose PIN is cached", AGAIN_ROSTER_CONTENT,
        ROSTER("[" CARD_WITH("", DECLARED("cached", "never"), B91) "]"), CS_E_UNKNOWN),
    ROW("card touched once", AGAIN_ROSTER_CONTENT, ROSTER("[" CARD_WITH("", DECLARED("always", "once"), B91) "]"),
        CS_E_UNKNOWN),
    ROW("card with an unknown policy", AGAIN_ROSTER_CONTENT,
        ROSTER("[" CARD_WITH("", DECLARED("sometimes", "never"), B91) "]"), CS_E_UNKNOWN),
    ROW("card of policy none", AGAIN_ROSTER_CONTENT, ROSTER("[" CARD_WITH("", DECLARED("none", "never"), B91) "]"),
        CS_E_UNKNOWN),
    ROW("card with a short key", AGAIN_ROSTER_CONTENT, ROSTER("[" CARD_WITH("", DECLARED("always", "never"), B37) "]"),
        CS_E_RANGE),
    ROW("card with an empty attestation", AGAIN_ROSTER_CONTENT,
        ROSTER("[" CARD_WITH(ATTESTED(""), DECLARED("always", "never"), B91) "]"), CS_E_RANGE),
    ROW("card with five certificates", AGAIN_ROSTER_CONTENT,
        ROSTER("[" CARD_WITH(ATTESTED("\"AA\",\"AA\",\"AA\",\"AA\",\"AA\""), DECLARED("always", "never"), B91) "]"),
        CS_E_RANGE),
    ROW("issuer with five roots", AGAIN_ROSTER_CONTENT,
        ROSTER("[{\"issuer\":{\"id\":\"corp\",\"name\":\"Corp\",\"roots\":[\"AA\",\"AA\",\"AA\",\"AA\",\"AA\"]},"
               "\"op\":\"put_issuer\"}]"),
        CS_E_RANGE),
    ROW("issuer without a root", AGAIN_ROSTER_CONTENT,
        ROSTER("[{\"issuer\":{\"id\":\"corp\",\"name\":\"Corp\",\"roots\":[]},\"op\":\"put_issuer\"}]"), CS_E_RANGE),
    ROW("model with a certification", AGAIN_ROSTER_CONTENT,
        ROSTER("[{\"model\":{\"aaguid\":\"" GUID "\",\"certification\":\"fips-140-2-1\",\"name\":\"Key\",\"roots\":["
               "\"AA\"]},\"op\":\"put_model\"}]"),
        CS_OK),
    ROW("model with an empty certification", AGAIN_ROSTER_CONTENT,
        ROSTER("[{\"model\":{\"aaguid\":\"" GUID "\",\"certification\":\"\",\"name\":\"Key\",\"roots\":["
               "\"AA\"]},\"op\":\"put_model\"}]"),
        CS_E_RANGE),
    ROW("list of nothing", AGAIN_ROSTER_CONTENT, ROSTER("[{\"crl\":\"\",\"issuer\":\"corp\",\"op\":\"put_crl\"}]"),
        CS_E_RANGE),
    ROW("change without op", AGAIN_ROSTER_CONTENT, "{\"changes\":[{\"id\":\"a\"}]}", CS_E_MISSING),
    ROW("change of an unknown op", AGAIN_ROSTER_CONTENT, "{\"changes\":[{\"id\":\"a\",\"op\":\"rename\"}]}",
        CS_E_UNKNOWN),
    ROW("change with another op's member", AGAIN_ROSTER_CONTENT,
        "{\"changes\":[{\"id\":\"a\",\"op\":\"remove_person\",\"person\":\"a\"}]}", CS_E_UNKNOWN),
    ROW("person, roles unsorted", AGAIN_ROSTER_CONTENT,
        "{\"changes\":[{\"op\":\"put_person\",\"person\":{\"accounts\":[],\"id\":\"a\",\"roles\":[\"b\",\"a\"]}}]}",
        CS_E_ORDER),
    ROW("person, role twice", AGAIN_ROSTER_CONTENT,
        "{\"changes\":[{\"op\":\"put_person\",\"person\":{\"accounts\":[],\"id\":\"a\",\"roles\":[\"b\",\"b\"]}}]}",
        CS_E_DUPLICATE),
    ROW("client, unknown scope", AGAIN_ROSTER_CONTENT,
        "{\"changes\":[{\"client\":{\"id\":\"a\",\"scopes\":[\"approve\"],\"tls\":[],\"tokens\":[]},"
        "\"op\":\"put_client\"}]}",
        CS_E_UNKNOWN),
    ROW("client, tokens unsorted", AGAIN_ROSTER_CONTENT,
        "{\"changes\":[{\"client\":{\"id\":\"a\",\"scopes\":[\"read\"],\"tls\":[],\"tokens\":[\"" HEX2 "\",\"" HEX
        "\"]},\"op\":\"put_client\"}]}",
        CS_E_ORDER),
    ROW("model, short aaguid", AGAIN_ROSTER_CONTENT, "{\"changes\":[{\"aaguid\":\"00\",\"op\":\"remove_model\"}]}",
        CS_E_RANGE),
    ROW("model, three roots", AGAIN_ROSTER_CONTENT,
        "{\"changes\":[{\"model\":{\"aaguid\":\"" GUID "\",\"name\":\"x\",\"roots\":[\"AA\",\"AA\",\"AA\"]},"
        "\"op\":\"put_model\"}]}",
        CS_E_RANGE),
};

static void each_row_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        AUTO_WRITER w = wr_heap(65536);

        arena_init(&arena, 1U << 20);
        const struct cs_result got = model_again(rows[i].kind, rows[i].text, &arena, &w);
        if (got.code != rows[i].want) {
            fail_msg("%s: %s (%s at %u)", rows[i].name, cs_code_name(got.code), got.msg, got.at);
        }
        if (got.code == CS_OK && !span_eq(wr_span(&w), rows[i].text)) {
            fail_msg("%s: wrote %.*s", rows[i].name, (int)w.len, (const char *)w.p);
        }
        arena_release(&arena);
    }
}

/* Every good text, cut at every byte, is refused. */
static void a_cut_text_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t n = 0; rows[i].want == CS_OK && n < rows[i].text.left; n++) {
            struct arena arena;
            AUTO_WRITER w = wr_heap(65536);

            arena_init(&arena, 1U << 20);
            if (model_again(rows[i].kind, span_make(rows[i].text.p, n), &arena, &w).code == CS_OK) {
                fail_msg("%s: accepted %zu bytes", rows[i].name, n);
            }
            arena_release(&arena);
        }
    }
}

/* With each smaller arena the decoder says so or succeeds; it never does anything else. */
static void a_small_arena_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t cap = 0; rows[i].want == CS_OK && cap < 100000; cap += 9001) {
            struct arena arena;
            AUTO_WRITER w = wr_heap(65536);

            arena_init(&arena, cap);
            const struct cs_result got = model_again(rows[i].kind, rows[i].text, &arena, &w);
            assert_true(got.code == CS_OK || got.code == CS_E_NOMEM);
            assert_true(cap > 0 || got.code == CS_E_NOMEM);
            arena_release(&arena);
        }
    }
}

static void an_entry_ends_at_its_largest(void **state)
{
    struct arena arena;
    AUTO_WRITER w = wr_heap(1U << 20);
    AUTO_WRITER body = wr_heap(1U << 20);
    struct entry e = {.type = ENTRY_WITHDRAW, .actor = SPAN_LIT("client:ci"), .time_ms = 1};
    struct entry again;
    (void)state;

    e.body = SPAN_LIT("{}");
    assert_int_equal(model_entry_encode(&e, &w).code, CS_OK);
    const size_t frame = w.len - 2;
    wr_text(&body, "{\"x\":\"");
    while (body.len < MODEL_LEAF_MAX - frame - 2) {
        wr_u8(&body, 'x');
    }
    wr_text(&body, "\"}");
    e.body = wr_span(&body);
    w.len = 0;
    assert_int_equal(model_entry_encode(&e, &w).code, CS_OK);
    assert_int_equal(w.len, MODEL_LEAF_MAX);
    arena_init(&arena, 1U << 20);
    assert_int_equal(model_entry_decode(wr_span(&w), &arena, &again).code, CS_OK);
    assert_true(span_eq(again.body, e.body));
    body.p[body.len - 2] = 'x';
    body.len -= 1;
    wr_text(&body, "\"}");
    e.body = wr_span(&body);
    w.len = 0;
    assert_int_equal(model_entry_encode(&e, &w).code, CS_E_FULL);
    assert_int_equal(model_entry_decode(wr_span(&w), &arena, &again).code, CS_E_FULL);
    arena_release(&arena);
}

/* 6.1: what an emergency points to can be looked up. */
static void an_anchor_has_a_form(void **state)
{
    (void)state;
    static const uint64_t now_ms = 1714557600000; /* 2024-05-01T10:00:00Z */
    static const struct {
        enum policy_anchor kind;
        const char *anchor;
        bool fits;
    } anchors[] = {
        {ANCHOR_INCIDENT, "INC-4711", true},    {ANCHOR_INCIDENT, "it broke", false},
        {ANCHOR_INCIDENT, "", false},           {ANCHOR_CVE, "CVE-2024-1234", true},
        {ANCHOR_CVE, "CVE-2024-1234567", true}, {ANCHOR_CVE, "CVE-2024-123", false},
        {ANCHOR_CVE, "CVE-24-12345", false},    {ANCHOR_CVE, "cve-2024-1234", false},
        {ANCHOR_CVE, "CVE-2024-12x4", false},   {ANCHOR_CVE, "CVE-2024-123456789012", false},
        {ANCHOR_CVE, "CVE-20241-2345", false},  {ANCHOR_DATE, "2024-05-01", true},
        {ANCHOR_DATE, "2024-05-02", true},      {ANCHOR_DATE, "2024-04-30", false},
        {ANCHOR_DATE, "2024-13-01", false},     {ANCHOR_DATE, "2024-5-1", false},
        {ANCHOR_DATE, "2024-05-01T10", false},  {ANCHOR_NONE, "INC-4711", false},
    };
    for (size_t i = 0; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
        if (model_anchor_fits(anchors[i].kind, span_str(anchors[i].anchor), now_ms) != anchors[i].fits) {
            fail_msg("%s: %s", policy_anchor_text(anchors[i].kind), anchors[i].anchor);
        }
    }
    /* the last millisecond of the day, and the first of the next */
    assert_true(model_anchor_fits(ANCHOR_DATE, SPAN_LIT("2024-05-01"), 1714607999999));
    assert_false(model_anchor_fits(ANCHOR_DATE, SPAN_LIT("2024-05-01"), 1714608000000));
}

static void actors_are_told_apart(void **state)
{
    (void)state;
    assert_true(span_is(model_actor_person(SPAN_LIT("person:alice")), "alice"));
    assert_int_equal(model_actor_person(SPAN_LIT("client:alice")).left, 0);
    assert_true(span_is(model_actor_client(SPAN_LIT("client:ci")), "ci"));
    assert_int_equal(model_actor_client(SPAN_LIT("system:core")).left, 0);
}

static void words_are_inverse(void **state)
{
    (void)state;
    for (unsigned i = 1; i < ENTRY_TYPE_COUNT; i++) {
        enum entry_type t = ENTRY_NONE;
        assert_int_equal(entry_type_decode(span_str(entry_type_text((enum entry_type)i)), &t, "x").code, CS_OK);
        assert_int_equal(t, i);
    }
    for (unsigned i = 1; i < STATUS_COUNT; i++) {
        enum request_status s = STATUS_NONE;
        assert_int_equal(request_status_decode(span_str(request_status_text((enum request_status)i)), &s, "x").code,
                         CS_OK);
        assert_int_equal(s, i);
    }
    assert_string_equal(entry_type_text(ENTRY_NONE), "none");
    assert_string_equal(entry_type_text(ENTRY_TYPE_COUNT), "none");
}

static void a_registration_signs_what_it_is_for(void **state)
{
    uint8_t buf[512];
    struct writer w = wr_fixed(buf, sizeof(buf));
    (void)state;

    assert_int_equal(model_register_client_data(SPAN_LIT("approval.example/log1"), SPAN_LIT("approval.example"),
                                                SPAN_LIT("alice"), SPAN_LIT("0123456789abcdef"), &w)
                         .code,
                     CS_OK);
    assert_true(span_is(wr_span(&w), "{\"type\":\"webauthn.create\",\"challenge\":"
                                     "\"QM8c1IGhitNwQNnbAyyiZK3VcFbKV_498ugSrVP60Ik\",\"origin\":\"https://"
                                     "approval.example\",\"crossOrigin\":false}"));
}

static void a_change_list_has_one_digest(void **state)
{
    struct arena arena;
    struct roster_content c;
    struct sha256 got;
    (void)state;

    arena_init(&arena, 1U << 20);
    assert_int_equal(
        model_roster_content_decode(
            SPAN_LIT("{\"changes\":" CHANGES ",\"initiator\":\"a\",\"reason\":\"\",\"title\":\"t\"}"), &arena, &c)
            .code,
        CS_OK);
    assert_int_equal(c.changes.count, 8);
    assert_int_equal(model_changes_digest(&c.changes, &arena, &got).code, CS_OK);
    const struct sha256 want = digest_sha256(SPAN_LIT(CHANGES));
    assert_true(sha256_eq(&got, &want));
    arena_release(&arena);
}

/* Spelled out: a card's registration says this, and nothing that a statement could say. */
static void a_card_registers_over_origin_person_and_nonce(void **state)
{
    (void)state;
    const struct span nonce = SPAN_LIT("0123456789abcdef");
    uint8_t digest[SHA512_BYTES];
    uint8_t want[256];
    uint8_t got[MODEL_REGISTER_MESSAGE_BYTES];
    struct writer w = wr_fixed(want, sizeof(want));
    struct writer r = wr_fixed(got, sizeof(got));
    struct writer cut = wr_fixed(got, sizeof(got) - 1);

    digest_sha512(SPAN_LIT("countersign-register-v1\0approval.example/log1\0alice\0"
                           "0123456789abcdef"),
                  digest);
    wr_bytes(&w, SPAN_LIT("SSHSIG\0\0\0\x14"
                          "countersign-register\0\0\0\0\0\0\0\x06"
                          "sha512\0\0\0\x40"));
    wr_bytes(&w, SPAN_OF(digest));
    assert_int_equal(model_register_message(SPAN_LIT("approval.example/log1"), SPAN_LIT("alice"), nonce, &r).code,
                     CS_OK);
    assert_int_equal(r.len, MODEL_REGISTER_MESSAGE_BYTES);
    assert_true(span_eq(wr_span(&w), wr_span(&r)));
    assert_int_not_equal(model_register_message(SPAN_LIT("approval.example/log1"), SPAN_LIT("alice"), nonce, &cut).code,
                         CS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_registers_over_origin_person_and_nonce),
        cmocka_unit_test(each_row_holds),
        cmocka_unit_test(a_cut_text_is_refused),
        cmocka_unit_test(a_small_arena_is_said),
        cmocka_unit_test(an_entry_ends_at_its_largest),
        cmocka_unit_test(an_anchor_has_a_form),
        cmocka_unit_test(actors_are_told_apart),
        cmocka_unit_test(words_are_inverse),
        cmocka_unit_test(a_registration_signs_what_it_is_for),
        cmocka_unit_test(a_change_list_has_one_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
