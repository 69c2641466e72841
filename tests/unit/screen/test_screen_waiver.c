/* SPDX-License-Identifier: Apache-2.0 */
/* Files and waivers at the kiosk. 3.2, 3.4: what files say is read before anything is signed, and a waiver is asked for
 * by who owns the risk, of findings that they chose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "screen/screen_read.h"
#include "screen_bed.h"
#include "support/author_evidence.h"

#define LINES                                                                                                          \
    "{\"id\":\"sast\",\"kind\":\"sarif\",\"limits\":[{\"le\":0,\"name\":\"high\"}],\"waivable_by\":\"owner\"},"        \
    "{\"id\":\"tests\",\"kind\":\"junit\",\"limits\":[{\"ge\":1000000,\"name\":\"pass_ppm\"}]}"

static uint64_t blocked;

static int set_up(void **state)
{
    bed_set_up(state);
    struct bed_visit *v = *state;
    author_evidence_begin(v->log, LINES);
    assert_true(author_log_request(v->log, &(struct author_request){.title = "With findings"}, &blocked).allow);
    const struct author_evidence e = {.request = blocked,
                                      .kind = REPORT_SARIF,
                                      .numbers = {{SPAN_LIT("high"), 3}},
                                      .findings = {{"a1", "high"}, {"b2", "high"}, {"c3", "high"}}};
    assert_true(author_evidence_send(v->log, &e, NULL).allow);
    return 0;
}

static void carol_is_in(struct bed *b)
{
    bed_devices(b, 1);
    bed_done_as(b, "carol");
}

static void findings_are_chosen_one_by_one(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct waiver_content c;
    struct arena arena;

    carol_is_in(b);
    bed_type(b, "x");
    assert_int_equal(b->flow.state, FLOW_FORM);
    assert_true(bed_shows(b, "What is to pass?"));
    assert_true(bed_shows(b, "production/sast of request"));
    assert_false(bed_shows(b, "production/tests")); /* nobody may waive that */
    bed_type(b, "1");
    assert_true(bed_shows(b, "How much of it?"));
    bed_type(b, "2");
    assert_true(bed_shows(b, "Which findings?"));
    bed_type(b, "13");
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "For how long?"));
    bed_type(b, "2");
    assert_true(bed_shows(b, "Why may it pass?"));
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_FORM_EMPTY);
    bed_type(b, "Test code.");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_waiver_content_decode(span_make(b->content, b->content_len), &arena, &c).code, CS_OK);
    assert_true(span_is(c.initiator, "carol") && span_is(c.line, "production/sast") && span_is(c.reason, "Test code."));
    assert_int_equal(c.request, blocked);
    assert_int_equal(c.finding_count, 2);
    assert_true(span_is(c.findings[0].id, "a1") && span_is(c.findings[1].id, "c3"));
    arena_release(&arena);
}

static void the_whole_line_asks_for_no_findings(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct waiver_content c;
    struct arena arena;

    carol_is_in(b);
    bed_type(b, "x");
    bed_type(b, "1");
    bed_type(b, "1");
    assert_true(bed_shows(b, "For how long?"));
    bed_type(b, "1");
    bed_type(b, "Known.");
    bed_press(b, PRESS_ENTER);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_waiver_content_decode(span_make(b->content, b->content_len), &arena, &c).code, CS_OK);
    assert_int_equal(c.finding_count, 0);
    arena_release(&arena);
}

static void nothing_waivable_no_question(void **state)
{
    struct bed_visit *v = *state;
    for (size_t i = 0; i < author_log_judge(v->log)->state.policy->doc.rules[0].evidence_count; i++) {
        author_log_judge(v->log)->state.policy->doc.rules[0].evidence[i].waivable_by = SPAN_NONE;
    }
    carol_is_in(&v->bed);
    bed_type(&v->bed, "x");
    assert_int_equal(v->bed.flow.state, FLOW_QUEUE);
    assert_int_equal(v->bed.flow.message.word, WORD_NO_WAIVER);
}

/* The pages of the request, as text. */
static void pages_of(struct bed_visit *v, uint64_t id, struct writer *w)
{
    const struct state *s = &author_log_judge(v->log)->state;
    struct arena arena;
    struct sheet sheet;
    struct doc d;
    struct pages p;

    arena_init(&arena, 16 << 20);
    const struct state_request *q = state_request_find(s, id);
    assert_int_equal(policy_sheet_of(s, q, &arena, &sheet).code, CS_OK);
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    const struct read_input in = {.state = s, .request = q, .sheet = &sheet};
    screen_read_request(&d, &in);
    assert_false(d.unshown);
    assert_int_equal(screen_pages(&d, 100, 400, &arena, &p).code, CS_OK);
    for (size_t i = 0; i < p.line_count; i++) {
        for (size_t k = 0; k < p.lines[i].count; k++) {
            wr_bytes(w, p.lines[i].pieces[k].text);
            wr_text(w, " ");
        }
        wr_u8(w, '\n');
    }
    arena_release(&arena);
}

static void must_say(struct bed_visit *v, uint64_t id, const char *const *words, size_t count)
{
    AUTO_WRITER w = wr_heap(1 << 20);
    pages_of(v, id, &w);
    const struct span text = wr_span(&w);
    for (size_t i = 0; i < count; i++) {
        if (memmem(text.p, text.left, words[i], strlen(words[i])) == NULL) {
            fail_msg("the pages do not say: %s in %.*s", words[i], (int)text.left, (const char *)text.p);
        }
    }
}

/* Every word that the line's digest covers stands on the pages. */
static void the_pages_say_what_the_files_say(void **state)
{
    static const char *const words[] = {"What files say about it",
                                        "production: sast",
                                        "high 3",
                                        "high: a1", /* nothing ran there: neither known nor new */
                                        "high: b2",
                                        "high: c3",
                                        "scanner",
                                        "Waived by",
                                        "carol",
                                        "a false alarm",
                                        "evidence: sast",
                                        "production: tests",
                                        "missing"};
    struct bed_visit *v = *state;
    assert_true(author_waiver(v->log, &(struct author_waiver){.request = blocked, .findings = {"a1"}}).allow);
    must_say(v, blocked, words, sizeof(words) / sizeof(words[0]));
}

static int set_up_compared(void **state)
{
    bed_set_up(state);
    struct bed_visit *v = *state;
    author_evidence_begin(v->log, "{\"baseline\":\"deployed\",\"id\":\"sast\",\"kind\":\"sarif\",\"limits\":[{\"le\":0,"
                                  "\"name\":\"high\"}],\"waivable_by\":\"owner\"}");
    return 0;
}

/* 3.4: against what runs there, each finding is new or known, and the page says how many are fixed. */
static void what_is_new_and_what_is_fixed(void **state)
{
    static const char *const words[] = {"Ran there request 2", "Fixed since 2", "high, known: b2", "high, new: d4"};
    struct bed_visit *v = *state;
    struct author_evidence e = {.kind = REPORT_SARIF,
                                .numbers = {{SPAN_LIT("high"), 3}},
                                .findings = {{"a1", "high"}, {"b2", "high"}, {"c3", "high"}}};
    uint64_t now = 0;

    assert_true(author_log_request(v->log, &(struct author_request){.title = "Before"}, &e.request).allow);
    assert_true(author_evidence_send(v->log, &e, NULL).allow);
    assert_true(author_waiver(v->log, &(struct author_waiver){.request = e.request}).allow);
    assert_true(author_log_decide(v->log, "tom", e.request, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_decide(v->log, "bea", e.request, "production/business", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_redeem(v->log, e.request, false).allow);
    assert_true(author_log_request(v->log, &(struct author_request){.title = "Now"}, &now).allow);
    e = (struct author_evidence){.request = now,
                                 .kind = REPORT_SARIF,
                                 .numbers = {{SPAN_LIT("high"), 2}},
                                 .findings = {{"b2", "high"}, {"d4", "high"}}};
    assert_true(author_evidence_send(v->log, &e, NULL).allow);
    must_say(v, now, words, sizeof(words) / sizeof(words[0]));
    static const char *const unsure[] = {"Fixed since at most 2"};
    e.numbers[0].value = 9;
    e.more = true;
    assert_true(author_evidence_send(v->log, &e, NULL).allow);
    must_say(v, now, unsure, 1);
}

/* Whoever signs a waiver signs what is shown: another file is read before anything goes on. */
static void a_file_that_comes_is_read(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    uint64_t w = 0;
    struct author_evidence e = {.request = blocked,
                                .kind = REPORT_SARIF,
                                .numbers = {{SPAN_LIT("high"), 3}},
                                .findings = {{"a1", "high"}, {"b2", "high"}, {"c3", "high"}}};

    assert_true(author_waiver_ask(v->log, &(struct author_waiver){.request = blocked, .findings = {"a1"}}, &w).allow);
    bed_fold(b);
    const struct state *s = &author_log_judge(v->log)->state;
    const struct state_request *rows[FLOW_QUEUE_ROWS];
    size_t at = 0;
    const size_t n = flow_queue(s, 0, rows);
    while (at < n && rows[at]->index != w) {
        at++;
    }
    assert_true(at < n);
    const char row[] = {(char)('1' + (int)at), '\0'};
    bed_type(b, row);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.reading.request.index, w);
    const struct sha256 before = b->flow.reading.sheet.digest;
    assert_true(author_evidence_send(v->log, &e, NULL).allow);
    bed_fold(b);
    assert_int_equal(b->flow.message.word, WORD_NONE); /* it says the same */
    e.numbers[0].value = 1;
    e.findings[1].id = NULL;
    assert_true(author_evidence_send(v->log, &e, NULL).allow);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_FILES_CHANGED);
    assert_false(sha256_eq(&before, &b->flow.reading.sheet.digest));
}

#define VISIT(f) cmocka_unit_test_setup_teardown(f, set_up, bed_tear_down)

/* Another file comes while the form is filled in: what was chosen was chosen of the file before. */
static void another_file_comes(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    const struct author_evidence e = {
        .request = blocked,
        .kind = REPORT_SARIF,
        .numbers = {{SPAN_LIT("critical"), 2}, {SPAN_LIT("high"), 3}},
        .findings = {{"a0", "critical"}, {"a1", "high"}, {"a2", "critical"}, {"b2", "high"}, {"c3", "high"}}};

    carol_is_in(b);
    bed_type(b, "x");
    bed_type(b, "1");
    bed_type(b, "2");
    assert_true(bed_shows(b, "Which findings?"));
    bed_type(b, "13"); /* a1 and c3 */
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "For how long?"));
    assert_true(author_evidence_send(v->log, &e, NULL).allow);
    bed_type(b, "2");
    bed_type(b, "Test code.");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_RULES_CHANGED);
    assert_int_equal(b->content_len, 0); /* nothing was proposed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VISIT(findings_are_chosen_one_by_one),
        VISIT(the_whole_line_asks_for_no_findings),
        VISIT(nothing_waivable_no_question),
        VISIT(the_pages_say_what_the_files_say),
        VISIT(a_file_that_comes_is_read),
        cmocka_unit_test_setup_teardown(what_is_new_and_what_is_fixed, set_up_compared, bed_tear_down),
        cmocka_unit_test_setup_teardown(another_file_comes, set_up, bed_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
