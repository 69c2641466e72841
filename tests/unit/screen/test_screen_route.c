/* SPDX-License-Identifier: Apache-2.0 */
/* Groups that vote at the kiosk: the third word, who may only stop it, and what the rail says. Requirements 4.2, 4.4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "screen_bed.h"
#include "support/author_route.h"

enum { HOUR_MS = 3600000 };

#define BIG                                                                                                            \
    "{\"id\":\"big\",\"require\":{\"escalate\":[{\"after_s\":60,\"to\":\"duty\"}],\"seats\":[{\"count\":1,\"id\":"     \
    "\"cab\",\"quorum\":\"majority\",\"role\":\"cab\",\"veto\":[\"security\"]}],\"token\":{\"verification\":true}}}"
#define PLAIN "{\"id\":\"plain\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]}}"

struct hall {
    struct author_log *log;
    struct bed bed;
    uint64_t request;
};

static struct hall *opened(void **state, const char *rules)
{
    struct hall *h = calloc(1, sizeof(*h));
    assert_non_null(h);
    *state = h;
    h->log = author_log_new(JUDGE_FOLD, BED_STATE_BYTES);
    route_begin(h->log, rules);
    h->request = route_open(h->log, "Payments API 4.18.2");
    bed_init(&h->bed, h->log);
    return h;
}

static int end(void **state)
{
    struct hall *h = *state;
    bed_release(&h->bed);
    author_log_free(h->log);
    free(h);
    return 0;
}

static void come(struct hall *h, const char *person, const char *key)
{
    bed_to_read(&h->bed);
    bed_devices(&h->bed, 1);
    bed_done_as(&h->bed, person);
    bed_type(&h->bed, key);
}

/* From the reason on: the statement is made, shown and signed, and stands in the log. */
static void sign(struct hall *h, const char *person, const char *seat, enum decision_word word, const char *reason)
{
    struct bed *b = &h->bed;
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    bed_type(b, reason);
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PIN);
    bed_answer(b, ASK_BEGIN, "ok", 0);
    assert_int_equal(b->flow.sign.statement.decision, word);
    assert_true(span_is(b->flow.sign.statement.seat, seat));
    bed_pin(b, "1234");
    bed_done_as(b, person);
    assert_true(author_log_decide(h->log, person, h->request, seat, word, reason, NULL).allow);
    bed_answer(b, ASK_DECISION, "ok", author_log_size(h->log) - 1);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_RECEIPT);
}

static void somebody_abstains(void **state)
{
    struct hall *h = opened(state, BIG);
    come(h, "tina", "b");
    assert_true(bed_shows(&h->bed, "ABSTAIN for big/cab"));
    sign(h, "tina", "big/cab", DECISION_ABSTAIN, "");
    assert_true(bed_shows(&h->bed, "Abstained and recorded"));
    assert_true(bed_shows(&h->bed, "It counts for nobody."));
    bed_devices(&h->bed, 0);
    bed_press(&h->bed, PRESS_ESC);
    come(h, "tina", "a");
    assert_int_equal(h->bed.flow.message.word, WORD_ALREADY_SIGNED);
    assert_int_equal(h->bed.flow.state, FLOW_READ);
}

static void a_vote_against_is_said_to_be_one(void **state)
{
    struct hall *h = opened(state, BIG);
    come(h, "bea", "r");
    sign(h, "bea", "big/cab", DECISION_REJECT, "not in this week, please");
    assert_true(bed_shows(&h->bed, "It is one vote against it."));
}

static void the_rail_counts_the_group(void **state)
{
    struct hall *h = opened(state, BIG);
    assert_true(route_say(h->log, "tom", h->request, "big/cab", DECISION_APPROVE).allow);
    assert_true(route_say(h->log, "tina", h->request, "big/cab", DECISION_ABSTAIN).allow);
    assert_true(route_say(h->log, "bea", h->request, "big/cab", DECISION_REJECT).allow);
    bed_fold(&h->bed);
    bed_type(&h->bed, "1");
    assert_true(bed_shows(&h->bed, "cab 1 of 5, needs 3"));
    assert_true(bed_shows(&h->bed, "-- tina"));
    assert_true(bed_shows(&h->bed, "NO bea"));
    assert_false(bed_shows(&h->bed, "too few left to agree"));
    assert_true(route_say(h->log, "bill", h->request, "big/cab", DECISION_ABSTAIN).allow);
    author_log_advance(h->log, HOUR_MS);
    assert_true(route_escalate(h->log, "system:core", h->request, "big", "duty").allow);
    h->bed.world.clock_ms = author_log_now(h->log); /* a step lets in by the time that it is due */
    bed_fold(&h->bed);
    assert_true(bed_shows(&h->bed, "or duty"));
}

static void the_pages_say_who_votes(void **state)
{
    struct hall *h = opened(state, BIG);
    bed_type(&h->bed, "1");
    bool group = false;
    bool keys = false;
    for (size_t i = 0; i < 12; i++) {
        group = group || bed_shows(&h->bed, "3 of the 5 x cab");
        keys = keys || bed_shows(&h->bed, "every key that signs");
        bed_press(&h->bed, PRESS_PAGE_DOWN);
    }
    assert_true(group && keys);
}

/* They have no seat, and one word. */
static void who_has_a_veto_can_only_reject(void **state)
{
    struct hall *h = opened(state, BIG);
    come(h, "sam", "a");
    assert_int_equal(h->bed.flow.message.word, WORD_NO_ROLE);
    bed_type(&h->bed, "b");
    assert_int_equal(h->bed.flow.message.word, WORD_NO_ROLE);
    bed_type(&h->bed, "r");
    sign(h, "sam", "big/cab", DECISION_REJECT, "this leaks customer data");
    assert_true(bed_shows(&h->bed, "Rejected and recorded"));
    assert_true(bed_shows(&h->bed, "Nothing will be deployed from this request."));
}

/* Where nobody votes there is no such key. */
static void no_group_no_abstention(void **state)
{
    struct hall *h = opened(state, PLAIN);
    come(h, "tom", "b");
    assert_int_equal(h->bed.flow.state, FLOW_READ);
    assert_false(bed_shows(&h->bed, "Abstain"));
}

static void a_newcomer_is_told(void **state)
{
    struct hall *h = opened(state, BIG);
    route_person(h->log, "ned", "cab");
    bed_fold(&h->bed);
    come(h, "ned", "a");
    assert_int_equal(h->bed.flow.message.word, WORD_NOT_IN_GROUP);
}

/* Two rules let them say no: where it ends the request, not where it is one vote. */
static void a_rejection_is_where_it_ends_it(void **state)
{
    struct hall *h = opened(state, BIG "," PLAIN);
    come(h, "tom", "r");
    sign(h, "tom", "plain/tech", DECISION_REJECT, "the canary is red in eu");
    assert_true(bed_shows(&h->bed, "Rejected and recorded"));
}

int main(void)
{
#define HOLDS(test) cmocka_unit_test_teardown(test, end)
    const struct CMUnitTest tests[] = {
        HOLDS(somebody_abstains),       HOLDS(a_vote_against_is_said_to_be_one), HOLDS(the_rail_counts_the_group),
        HOLDS(the_pages_say_who_votes), HOLDS(who_has_a_veto_can_only_reject),   HOLDS(no_group_no_abstention),
        HOLDS(a_newcomer_is_told),      HOLDS(a_rejection_is_where_it_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
