/* SPDX-License-Identifier: Apache-2.0 */
/* What pipelines send after a submission: every fault is listed at once, at a place that is in the body. Requirement
 * 8.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/model_events.h"
#include "model_samples.h"

enum { ARENA_MAX = 1 << 20, TEXT_MAX = 4096 };
enum command { REDEEM, OUTCOME, WITHDRAW };

#define ITEM(name) "{\"name\":\"" name "\",\"sha256\":\"" HEX "\"}"
#define TIME_1     "2026-01-05T09:00:00.000Z"
#define TIME_2     "2026-01-05T09:00:00.001Z"
#define TRIGGER(result)                                                                                                \
    "{\"started\":\"" TIME_1 "\",\"result\":\"" result "\",\"finished\":\"" TIME_1 "\",\"trigger\":\"error_rate\"}"
#define DONE(first, last, result) "{\"started\":\"" first "\",\"result\":" result ",\"finished\":\"" last "\"}"

/* faults: "pointer code", one a line, in order; NULL: a good body. */
static const struct row {
    const char *name;
    enum command command;
    const char *body;
    const char *faults;
} rows[] = {
    {"redeem nothing", REDEEM, "{}", "/artifacts missing\n"},
    {"redeem no object", REDEEM, "[]", " type\n"},
    {"redeem none", REDEEM, "{\"artifacts\":[]}", "/artifacts range\n"},
    {"redeem one", REDEEM, " { \"artifacts\" : [ " ITEM("a") " ] } ", NULL},
    {"redeem all", REDEEM,
     "{\"plan_sha256\":\"" HEX "\",\"artifacts\":[" ITEM("b") "," ITEM("a") "],\"config_sha256\":\"" HEX "\"}", NULL},
    {"redeem the same name twice", REDEEM, "{\"artifacts\":[" ITEM("a") "," ITEM("b") "," ITEM("a") "]}",
     "/artifacts/2 duplicate\n"},
    {"redeem everything wrong", REDEEM,
     "{\"artifacts\":[{\"name\":\"a b\",\"sha\":1},7],\"config_sha256\":\"00\",\"plan_sha256\":1,\"request\":5}",
     "/artifacts/0/name syntax\n/artifacts/0/sha unknown\n/artifacts/0/sha256 missing\n/artifacts/1 type\n"
     "/config_sha256 range\n/plan_sha256 type\n/request unknown\n"},
    {"redeem with an envelope", REDEEM, "{\"artifacts\":[" ITEM("a") "],\"envelope\":\"{}\"}", "/envelope unknown\n"},
    /* 1.6 */
    {"redeem a rollback", REDEEM, "{\"artifacts\":[" ITEM("a") "],\"rollback\":true}", NULL},
    {"redeem a rollback in words", REDEEM, "{\"artifacts\":[" ITEM("a") "],\"rollback\":\"yes\"}", "/rollback type\n"},
    {"redeem cut", REDEEM, "{\"artifacts\":[", " syntax\n"},
    {"redeem a member twice", REDEEM, "{\"artifacts\":[" ITEM("a") "],\"artifacts\":[]}", " duplicate\n"},
    {"outcome nothing", OUTCOME, "{}", "/finished missing\n/result missing\n/started missing\n"},
    {"outcome", OUTCOME, DONE(TIME_1, TIME_2, "\"rolled_back\""), NULL},
    {"outcome at once", OUTCOME, DONE(TIME_1, TIME_1, "\"succeeded\""), NULL},
    {"outcome ends before it begins", OUTCOME, DONE(TIME_2, TIME_1, "\"failed\""), "/finished range\n"},
    {"outcome of another word", OUTCOME, DONE(TIME_1, TIME_1, "\"approved\""), "/result range\n"},
    {"outcome of no status", OUTCOME, DONE(TIME_1, TIME_1, "\"fine\""), "/result range\n"},
    {"outcome everything wrong", OUTCOME,
     "{\"finished\":1,\"incident\":\"a b\",\"result\":true,\"started\":\"yesterday\",\"status\":\"x\"}",
     "/finished type\n/incident syntax\n/result type\n/started range\n/status unknown\n"},
    {"outcome by a trigger", OUTCOME, TRIGGER("failed"), NULL},
    {"outcome that succeeded by a trigger", OUTCOME, TRIGGER("succeeded"), "/trigger range\n"},
    {"outcome that was rolled back by a trigger", OUTCOME, TRIGGER("rolled_back"), "/trigger range\n"},
    {"withdraw", WITHDRAW, "{}", NULL},
    {"withdraw why", WITHDRAW, "{\"reason\":\"\"}", NULL},
    {"withdraw everything wrong", WITHDRAW, "{\"id\":1,\"reason\":1}", "/id unknown\n/reason type\n"},
};

static CS_RESULT read(const struct row *row, struct arena *a, struct redeem *r, struct content_faults *faults)
{
    struct outcome o;
    struct withdraw w;

    if (row->command == REDEEM) {
        return model_redeem_from_body(span_str(row->body), a, r, faults);
    }
    return row->command == OUTCOME ? model_outcome_from_body(span_str(row->body), a, &o, faults)
                                   : model_withdraw_from_body(span_str(row->body), a, &w, faults);
}

static void rows_say_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static struct content_faults faults;
        static struct redeem redeem;
        struct arena a;
        char got[TEXT_MAX];
        struct writer w = wr_fixed(got, sizeof(got) - 1);

        arena_init(&a, ARENA_MAX);
        const struct cs_result r = read(&rows[i], &a, &redeem, &faults);
        for (size_t k = 0; k < faults.count; k++) {
            wr_text(&w, faults.item[k].pointer);
            wr_u8(&w, ' ');
            wr_text(&w, faults.item[k].code);
            wr_u8(&w, '\n');
        }
        got[w.len] = '\0';
        if (strcmp(got, rows[i].faults != NULL ? rows[i].faults : "") != 0 ||
            (r.code == CS_OK) != (rows[i].faults == NULL)) {
            fail_msg("%s: %s %s", rows[i].name, cs_code_name(r.code), got);
        }
        arena_release(&a);
    }
}

/* What is read is what the log's own decoder takes: sorted, and nothing set that was not sent. */
static void a_redeem_is_sorted(void **state)
{
    struct arena a;
    struct content_faults faults;
    struct redeem r = {0};
    (void)state;

    arena_init(&a, ARENA_MAX);
    assert_int_equal(read(&rows[4], &a, &r, &faults).code, CS_OK);
    assert_int_equal(r.artifact_count, 2);
    assert_true(span_is(r.artifacts[0].name, "a") && span_is(r.artifacts[1].name, "b"));
    assert_true(r.has_config && r.has_plan);
    assert_int_equal(r.request, 0);
    assert_int_equal(r.envelope.left, 0);
    arena_release(&a);
}

/* On a failure the output is as it was. */
static void a_fault_leaves_the_output_alone(void **state)
{
    struct arena a;
    struct content_faults faults;
    struct redeem r;
    struct redeem before;
    (void)state;

    arena_init(&a, ARENA_MAX);
    memset(&r, 0x5a, sizeof(r));
    memcpy(&before, &r, sizeof(r));
    assert_int_equal(read(&rows[6], &a, &r, &faults).code, CS_E_REFUSED);
    assert_memory_equal(&r, &before, sizeof(r));
    arena_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_say_what_is_wrong), cmocka_unit_test(a_redeem_is_sorted),
                                       cmocka_unit_test(a_fault_leaves_the_output_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
