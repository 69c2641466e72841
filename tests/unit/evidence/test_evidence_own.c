/* SPDX-License-Identifier: Apache-2.0 */
/* migrations and canaries in our own schemas; the numbers and times that all readers share. */
#include "evidence_bed.h"

#include "evidence/evidence_in.h"

#define MIGRATION(rest)                                                                                                \
    "{\"v\":1,\"schema\":{\"from\":\"41\",\"to\":\"42\"},\"backup\":{\"id\":\"b-7\",\"taken\":\"2026-11-26T18:00:"     \
    "00Z\",\"bytes\":10}" rest "}"
#define MIGRATED(reversible, more)                                                                                     \
    "{\"format\":\"migration\",\"numbers\":{\"backup_bytes\":10,\"backup_ms\":1795716000000," more                     \
    "\"reversible\":" #reversible                                                                                      \
    "},\"texts\":{\"backup_id\":\"b-7\",\"schema_from\":\"41\",\"schema_to\":\"42\"},\"total\":0}"

static const struct bed_row migration[] = {
    {"reversible", MIGRATION(",\"reversible\":true"), CS_OK, MIGRATED(1, "")},
    {"not, but tested", MIGRATION(",\"restore_tested\":\"2026-11-01T00:00:00+01:00\",\"reversible\":false"), CS_OK,
     MIGRATED(0, "\"restore_ms\":1793487600000,")},
    {"not said", MIGRATION(""), CS_E_MISSING, "migration"},
    {"neither yes nor no", MIGRATION(",\"reversible\":1"), CS_E_TYPE, "migration"},
    {"nobody knows", MIGRATION(",\"reversible\":null"), CS_E_TYPE, "migration"},
    {"another member", MIGRATION(",\"reversible\":true,\"approved\":true"), CS_E_UNKNOWN, "migration"},
    {"twice", MIGRATION(",\"reversible\":false,\"reversible\":true"), CS_E_DUPLICATE, "migration"},
    {"another version", "{\"v\":2}", CS_E_UNKNOWN, "migration.v"},
    {"a version that is nearly one", "{\"v\":1.0}", CS_E_UNKNOWN, "migration.v"},
    {"no backup", "{\"v\":1,\"schema\":{\"from\":\"41\",\"to\":\"42\"},\"reversible\":true}", CS_E_MISSING,
     "migration"},
    {"an empty backup",
     "{\"v\":1,\"schema\":{\"from\":\"41\",\"to\":\"42\"},\"reversible\":true,\"backup\":{\"id\":\"b\",\"taken\":"
     "\"2026-11-26T18:00:00Z\",\"bytes\":0}}",
     CS_E_MISSING, "migration.backup"},
    {"a size with a fraction", "{\"backup\":{\"bytes\":1.5}}", CS_E_SYNTAX, "migration"},
    {"a time that is none", "{\"backup\":{\"taken\":\"2026-02-29T00:00:00Z\"}}", CS_E_RANGE, "migration"},
    {"a time without a zone", "{\"backup\":{\"taken\":\"2026-02-28T00:00:00\"}}", CS_E_SYNTAX, "migration"},
    {"an empty version of the schema", "{\"schema\":{\"from\":\"\"}}", CS_E_RANGE, "migration"},
    {"one that cannot be shown", "{\"schema\":{\"from\":\"4\\u00a01\"}}", CS_E_RANGE, "migration"},
    {"a list", "[]", CS_E_TYPE, "migration"},
};

static void migration_rows(void **state)
{
    (void)state;
    BED_ROWS(EVIDENCE_MIGRATION, migration);
}

#define CANARY(readings) "{\"v\":1,\"environment\":\"staging\",\"readings\":[" readings "]}"
#define AT(minute, metric, value)                                                                                      \
    "{\"at\":\"2026-11-26T18:" minute ":00Z\",\"metric\":\"" metric "\",\"value\":" value "}"
#define READ(from, to, readings)                                                                                       \
    "{\"format\":\"canary\",\"numbers\":{\"from_ms\":" from ",\"to_ms\":" to                                           \
    "},\"produced\":\"2026-11-26T18:30:00.000Z\",\"readings\":[" readings                                              \
    "],\"texts\":{\"environment\":\"staging\"},\"total\":0}"

static const struct bed_row canary[] = {
    {"two metrics",
     CANARY(AT("00", "p99_ms", "312.5") "," AT("10", "error_rate", "\"0.0033333333\"") "," AT(
         "10", "p99_ms", "2e2") "," AT("30", "p99_ms", "-0.0000001")),
     CS_OK,
     READ("1795716000000", "1795717800000",
          "{\"from\":\"2026-11-26T18:10:00.000Z\",\"gap_ms\":0,\"greatest\":3334,\"least\":3333,\"metric\":\"error_"
          "rate\",\"samples\":1,"
          "\"to\":\"2026-11-26T18:10:00.000Z\"},"
          "{\"from\":\"2026-11-26T18:00:00.000Z\",\"gap_ms\":1200000,\"greatest\":312500000,\"least\":-1,\"metric\":"
          "\"p99_ms\",\"samples\":3,"
          "\"to\":\"2026-11-26T18:30:00.000Z\"}")},
    {"NaN", CANARY(AT("00", "a", "NaN")), CS_E_SYNTAX, "canary"},
    {"NaN as Prometheus spells it", CANARY(AT("00", "a", "\"NaN\"")), CS_E_SYNTAX, "canary.value"},
    {"Infinity", CANARY(AT("00", "a", "Infinity")), CS_E_SYNTAX, "canary"},
    {"Infinity as Prometheus spells it", CANARY(AT("00", "a", "\"+Inf\"")), CS_E_SYNTAX, "canary.value"},
    {"and the other one", CANARY(AT("00", "a", "\"-Inf\"")), CS_E_SYNTAX, "canary.value"},
    {"a number that no double holds", CANARY(AT("00", "a", "1e999")), CS_E_RANGE, "canary.value"},
    {"hexadecimal", CANARY(AT("00", "a", "\"0x10\"")), CS_E_SYNTAX, "canary.value"},
    {"empty", CANARY(AT("00", "a", "\"\"")), CS_E_SYNTAX, "canary.value"},
    {"nothing measured", CANARY(AT("00", "a", "null")), CS_E_TYPE, "canary"},
    {"no readings", CANARY(""), CS_E_MISSING, "canary.readings"},
    {"no environment", "{\"v\":1,\"readings\":[" AT("00", "a", "1") "]}", CS_E_MISSING, "canary"},
    {"no version", "{\"environment\":\"a\",\"readings\":[" AT("00", "a", "1") "]}", CS_E_MISSING, "canary"},
    {"a reading without value", CANARY("{\"at\":\"2026-11-26T18:00:00Z\",\"metric\":\"a\"}"), CS_E_MISSING,
     "canary.readings"},
    {"which does not take the value of the one before",
     CANARY(AT("00", "a", "1") ",{\"at\":\"2026-11-26T18:00:01Z\",\"metric\":\"a\"}"), CS_E_MISSING, "canary.readings"},
    {"backwards in time", CANARY(AT("10", "a", "1") "," AT("09", "a", "1")), CS_E_ORDER, "canary.at"},
    {"one time twice", CANARY(AT("10", "a", "1") "," AT("10", "a", "9")), CS_E_ORDER, "canary.at"},
    {"a metric that is no name", CANARY(AT("00", "a b", "1")), CS_E_RANGE, "canary.metric"},
    {"one in capitals", CANARY(AT("00", "A", "1")), CS_E_RANGE, "canary.metric"},
    {"one that begins with a digit", CANARY(AT("00", "9a", "1")), CS_E_RANGE, "canary.metric"},
    {"a long one", CANARY(AT("00", "a23456789012345678901234567890123456789012", "-0")), CS_OK,
     "{\"format\":\"canary\",\"numbers\":{\"from_ms\":1795716000000,\"to_ms\":1795716000000},\"produced\":\"2026-11-"
     "26T18:00:00.000Z\",\"readings\":[{\"from\":"
     "\"2026-11-26T18:00:00.000Z\",\"gap_ms\":0,\"greatest\":0,\"least\":0,\"metric\":"
     "\"a23456789012345678901234567890123456789012\",\"samples\":1,\"to\":"
     "\"2026-11-26T18:00:00.000Z\"}],\"texts\":{\"environment\":\"staging\"},\"total\":0}"},
    {"one too long", CANARY(AT("00", "a234567890123456789012345678901234567890123", "1")), CS_E_RANGE, "canary.metric"},
    {"an environment that is no name", "{\"environment\":\"a b\"}", CS_E_RANGE, "canary.environment"},
    {"another member", CANARY("{\"unit\":\"ms\"}"), CS_E_UNKNOWN, "canary"},
    {"an artifact that is no digest", "{\"artifacts\":[\"abc\"]}", CS_E_SYNTAX, "canary.artifacts"},
};

static void canary_rows(void **state)
{
    (void)state;
    BED_ROWS(EVIDENCE_CANARY, canary);
}

static void too_many_metrics(void **state)
{
    static char text[8192];
    static struct bed_answer a;
    const struct evidence_options o = {.format = EVIDENCE_CANARY};

    (void)state;
    for (unsigned n = EVIDENCE_READINGS_MAX; n <= EVIDENCE_READINGS_MAX + 1; n++) {
        size_t at = (size_t)snprintf(text, sizeof(text), "{\"v\":1,\"environment\":\"a\",\"readings\":[");
        for (unsigned i = n; i > 0; i--) {
            at += (size_t)snprintf(text + at, sizeof(text) - at,
                                   "{\"at\":\"2026-11-26T18:00:00Z\",\"metric\":\"m%02u\",\"value\":%u}%s", i, i,
                                   i > 1 ? "," : "]}");
        }
        bed_read(&o, span_make(text, at), SIZE_MAX, &a);
        assert_int_equal(a.r.code, n > EVIDENCE_READINGS_MAX ? CS_E_FULL : CS_OK);
    }
}

#define AAAA "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define BBBB "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* Of the artifacts that a file names, only those that the request has are listed; sorted, each once. */
static void wanted_artifacts(void **state)
{
    static struct bed_answer a;
    uint8_t want[64];
    struct evidence_options o = {.format = EVIDENCE_CANARY};
    const struct span text =
        SPAN_LIT("{\"v\":1,\"environment\":\"a\",\"artifacts\":[\"" BBBB "\",\"" AAAA "\",\"" BBBB
                 "\"],\"readings\":[{\"at\":\"2026-11-26T18:00:00Z\",\"metric\":\"m\",\"value\":1}]}");

    (void)state;
    bed_read(&o, text, SIZE_MAX, &a);
    assert_non_null(strstr(a.json, "{\"artifacts\":[\"" AAAA "\",\"" BBBB "\"],"));
    memset(want, 0xbb, 32);
    memset(want + 32, 0xcc, 32);
    o.artifacts = SPAN_OF(want);
    bed_read(&o, text, SIZE_MAX, &a);
    assert_non_null(strstr(a.json, "{\"artifacts\":[\"" BBBB "\"],"));
    o.artifacts = span_make(want, 33);
    AUTO_EVIDENCE *e = NULL;
    assert_int_equal(evidence_begin(&o, &e).code, CS_E_RANGE);
    assert_null(e);
}

static void decimals(void **state)
{
    static const struct {
        const char *text;
        enum cs_code code;
        int64_t down;
        int64_t up;
    } rows[] = {
        {"0", CS_OK, 0, 0},
        {"-0", CS_OK, 0, 0},
        {"1", CS_OK, 1000000, 1000000},
        {"0.000001", CS_OK, 1, 1},
        {"0.0000001", CS_OK, 0, 1},
        {"-0.0000001", CS_OK, -1, 0},
        {"-1.5", CS_OK, -1500000, -1500000},
        {"0.0099999999", CS_OK, 9999, 10000},
        {"1e-3", CS_OK, 1000, 1000},
        {"1E+3", CS_OK, 1000000000, 1000000000},
        {"0e999999999999", CS_OK, 0, 0},
        {"1e-999999999999", CS_OK, 0, 1},
        {"0.333333333333333333333333333333333333", CS_OK, 333333, 333334},
        {"9007199254.740991", CS_OK, JSON_INT_MAX, JSON_INT_MAX},
        {"9007199254.740992", CS_E_RANGE, 0, 0},
        {"-9007199254.740992", CS_E_RANGE, 0, 0},
        {"1e10", CS_E_RANGE, 0, 0},
        {"123456789012345678901234567890", CS_E_RANGE, 0, 0},
        {"1e400", CS_E_RANGE, 0, 0},
        {"", CS_E_SYNTAX, 0, 0},
        {"-", CS_E_SYNTAX, 0, 0},
        {"+1", CS_E_SYNTAX, 0, 0},
        {"01", CS_E_SYNTAX, 0, 0},
        {"1.", CS_E_SYNTAX, 0, 0},
        {".5", CS_E_SYNTAX, 0, 0},
        {"1e", CS_E_SYNTAX, 0, 0},
        {"1e+", CS_E_SYNTAX, 0, 0},
        {"1 ", CS_E_SYNTAX, 0, 0},
        {"nan", CS_E_SYNTAX, 0, 0},
        {"inf", CS_E_SYNTAX, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t down = 77;
        int64_t up = 78;
        const struct cs_result d = evidence_millionths(span_str(rows[i].text), EVIDENCE_DOWN, &down, "n");
        const struct cs_result u = evidence_millionths(span_str(rows[i].text), EVIDENCE_UP, &up, "n");
        const bool fine = rows[i].code == CS_OK;
        if (u.code != rows[i].code || up != (fine ? rows[i].up : 78) ||
            (fine && (d.code != CS_OK || down != rows[i].down))) {
            fail_msg("%s: %s %ld, %s %ld", rows[i].text, cs_code_name(d.code), (long)down, cs_code_name(u.code),
                     (long)up);
        }
    }
}

static void times(void **state)
{
    static const struct {
        const char *text;
        enum cs_code code;
        uint64_t ms;
    } rows[] = {
        {"1970-01-01T00:00:00Z", CS_OK, 0},
        {"2026-11-26T18:00:00Z", CS_OK, 1795716000000},
        {"2026-11-26t18:00:00z", CS_OK, 1795716000000},
        {"2026-11-26T18:00:00.1Z", CS_OK, 1795716000100},
        {"2026-11-26T18:00:00.123999999Z", CS_OK, 1795716000123},
        {"2026-11-26T19:30:00+01:30", CS_OK, 1795716000000},
        {"2026-11-26T13:00:00.000-05:00", CS_OK, 1795716000000},
        {"2016-12-31T23:59:60Z", CS_OK, 1483228799000},
        {"2024-02-29T00:00:00Z", CS_OK, 1709164800000},
        {"2023-02-29T00:00:00Z", CS_E_RANGE, 0},
        {"1970-01-01T00:00:00+00:01", CS_E_RANGE, 0},
        {"2026-11-26T18:00:00+24:00", CS_E_RANGE, 0},
        {"2026-11-26T18:00:00", CS_E_SYNTAX, 0},
        {"2026-11-26 18:00:00Z", CS_E_SYNTAX, 0},
        {"2026-11-26T18:00:00+0100", CS_E_SYNTAX, 0},
        {"2026-11-26T18:00:00ZZ", CS_E_SYNTAX, 0},
        {"2026-11-26T18:00Z", CS_E_SYNTAX, 0},
        {"", CS_E_SYNTAX, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t ms = 77;
        const struct cs_result r = evidence_time(span_str(rows[i].text), &ms, "t");
        if (r.code != rows[i].code || ms != (r.code == CS_OK ? rows[i].ms : 77)) {
            fail_msg("%s: %s %lu", rows[i].text, cs_code_name(r.code), (unsigned long)ms);
        }
    }
}

/* Names are written and read, and those of entries stand in sorted order: json_out refuses any other. */
static void names(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVIDENCE_FORMAT_COUNT; i++) {
        enum evidence_format f = EVIDENCE_FORMAT_COUNT;
        assert_int_equal(evidence_format_decode(span_str(evidence_format_name((enum evidence_format)i)), &f).code,
                         CS_OK);
        assert_int_equal(f, i);
    }
    enum evidence_format f = EVIDENCE_FORMAT_COUNT;
    assert_int_equal(evidence_format_decode(SPAN_LIT("yaml"), &f).code, CS_E_UNKNOWN);
    for (size_t i = 1; i < EVIDENCE_NUMBER_COUNT; i++) {
        assert_true(strcmp(evidence_number_name((enum evidence_number)(i - 1)),
                           evidence_number_name((enum evidence_number)i)) < 0);
    }
    for (size_t i = 1; i < EVIDENCE_TEXT_COUNT; i++) {
        assert_true(strcmp(evidence_text_name((enum evidence_text)(i - 1)), evidence_text_name((enum evidence_text)i)) <
                    0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(migration_rows),
        cmocka_unit_test(canary_rows),
        cmocka_unit_test(too_many_metrics),
        cmocka_unit_test(wanted_artifacts),
        cmocka_unit_test(decimals),
        cmocka_unit_test(times),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
