/* SPDX-License-Identifier: Apache-2.0 */
/* Roles that nobody reviewed or nobody used lapse by themselves; officers bring them back. Requirements 2.5, 5.6. */
#include "judge_bed.h"

#include "model/model_state_review.h"
#include "policy/policy_access.h"
#include "policy/policy_alarm.h"
#include "support/author_change.h"

#define DAY_MS  ((uint64_t)86400000)
#define REVIEWS "\"access_review\":{\"every_s\":7776000,\"unused_s\":5184000},"
#define SHORTER "\"access_review\":{\"every_s\":864000,\"unused_s\":5184000},"

static const char tech[] = "production/tech";
static const char business[] = "production/business";

/* The policy in force, with this for what stands before `change_types`, or, if that is in it, before `environments`. */
static void adopt(struct author_log *l, const char *reviews)
{
    const struct span now = author_log_judge(l)->state.policy->text;
    const uint8_t *types = memmem(now.p, now.left, "\"change_types\":", 15);
    const uint8_t *version = memmem(now.p, now.left, "\"version\":", 10);
    const uint8_t *environments = memmem(now.p, now.left, "\"environments\":", 15);
    const uint8_t *rest = strstr(reviews, "change_types") != NULL ? environments : types;
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    assert_true(types != NULL && version != NULL && environments != NULL);
    wr_text(&w, "{");
    wr_text(&w, reviews);
    wr_bytes(&w, span_make(rest, (size_t)(version + 10 - rest)));
    wr_dec(&w, author_log_judge(l)->state.policy->doc.version + 1);
    wr_text(&w, "}");
    author_log_adopt(l, wr_span(&w));
}

static int begin(void **state)
{
    struct author_log *l = standard_log();
    adopt(l, REVIEWS);
    *state = l;
    return 0;
}

static struct verdict append_lapse(struct author_log *l, const struct lapse *x)
{
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_lapse_encode(x, &body).code, CS_OK);
    return author_log_append(l, ENTRY_LAPSE, "system:core", wr_span(&body));
}

/* As the core does when the time has come. How many. */
static size_t lapse_now(struct author_log *l)
{
    struct lapse *x = calloc(1, sizeof(*x));
    assert_non_null(x);
    size_t n = 0;
    while (policy_lapses(state_of(l), author_log_now(l), x)) {
        expect(append_lapse(l, x), REASON_OK, "lapse");
        n += x->count;
    }
    free(x);
    return n;
}

static struct lapse one(struct author_log *l, const char *person, const char *role, bool unused)
{
    return (struct lapse){.item = {{.person = span_str(person), .role = span_str(role), .unused = unused}},
                          .count = 1,
                          .prev = state_of(l)->roster_index};
}

static bool lapsed(struct author_log *l, const char *person, const char *role)
{
    return state_entitlement_lapsed(state_person_find(state_of(l), span_str(person)), span_str(role));
}

/* "anna:tech tom:business,tech" */
static struct verdict asked(struct author_log *l, const char *list, const char *by, uint64_t *ret_id)
{
    struct entitlement *items = calloc(MODEL_ENTITLEMENTS_MAX, sizeof(*items));
    struct access_review_content c = {.item = items, .initiator = span_str(by), .reason = SPAN_LIT("looked at")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_non_null(items);
    for (const char *at = list; *at != '\0';) {
        struct entitlement *e = &items[c.count++];
        const size_t person = strcspn(at, ":");
        e->person = span_make(at, person);
        at += person + 1;
        for (size_t n = strcspn(at, ", "); n > 0; n = strcspn(at, ", ")) {
            e->roles[e->role_count++] = span_make(at, n);
            at += n;
            if (*at != ',') {
                break;
            }
            at++;
        }
        at += *at == ' ' ? 1 : 0;
    }
    assert_int_equal(model_access_review_content_encode(&c, &text).code, CS_OK);
    free(items);
    return author_log_propose(l, KIND_ACCESS_REVIEW, wr_span(&text), ret_id);
}

/* By two officers who are not in it. */
static void reviewed(struct author_log *l, const char *list, const char *first, const char *second)
{
    uint64_t id = 0;
    expect(asked(l, list, "system:kiosk", &id), REASON_OK, list);
    expect(approve(l, first, id, "officers/officers"), REASON_OK, first);
    expect(approve(l, second, id, "officers/officers"), REASON_OK, second);
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "in force");
}

static void what_nobody_reviewed_or_used_lapses(void **state)
{
    struct author_log *l = *state;
    const uint64_t start = state_of(l)->review_from_ms;
    author_log_advance(l, start + 60 * DAY_MS - 100 - author_log_now(l));
    expect(approve(l, "tom", opened(l, "Used"), tech), REASON_OK, "tom uses his role in time");
    assert_int_equal(lapse_now(l), 0);
    author_log_advance(l, 100);
    /* tina, bea and bill never signed; olga and omar did, odette did not and would leave two officers */
    assert_int_equal(lapse_now(l), 3);
    assert_true(lapsed(l, "tina", "tech") && lapsed(l, "bea", "business") && lapsed(l, "bill", "business"));
    assert_false(lapsed(l, "tom", "tech"));
    assert_false(lapsed(l, "odette", "officer"));
    expect(approve(l, "tina", opened(l, "Next"), tech), REASON_ROLE_LAPSED, "tina");
    expect(approve(l, "tom", opened(l, "Next one"), tech), REASON_OK, "tom");
    author_log_advance(l, start + 90 * DAY_MS - author_log_now(l));
    assert_int_equal(lapse_now(l), 1); /* used, but never reviewed */
    assert_true(lapsed(l, "tom", "tech"));
}

/* The entry comes a moment later, or not at all: whoever's time is over signs nothing all the same. */
static void nobody_signs_between_their_time_and_its_entry(void **state)
{
    struct author_log *l = *state;
    author_log_advance(l, state_of(l)->review_from_ms + 60 * DAY_MS - 1 - author_log_now(l));
    const uint64_t id = opened(l, "Release"); /* at the last moment: the clock goes on 1 ms with each entry */
    expect(approve(l, "tina", id, tech), REASON_ROLE_LAPSED, "tina");
    assert_false(lapsed(l, "tina", "tech"));
}

static void officers_bring_it_back(void **state)
{
    struct author_log *l = *state;
    uint64_t id = 0;
    author_log_advance(l, state_of(l)->review_from_ms + 61 * DAY_MS - author_log_now(l));
    (void)lapse_now(l);
    expect(asked(l, "mallory:tech", "system:kiosk", &id), REASON_ROSTER_INVALID, "nobody");
    expect(asked(l, "tina:business", "system:kiosk", &id), REASON_ROSTER_INVALID, "a role that she was not given");
    expect(asked(l, "tina:tech", "mallory", &id), REASON_UNKNOWN_INITIATOR, "asked by nobody");
    expect(asked(l, "olga:officer tina:tech", "odette", &id), REASON_OK, "with an officer in it");
    expect(approve(l, "olga", id, "officers/officers"), REASON_IS_SUBJECT, "her own");
    expect(approve(l, "odette", id, "officers/officers"), REASON_IS_REQUESTER, "what she asked for");
    expect(approve(l, "tom", id, "officers/officers"), REASON_NO_ROLE, "no officer");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_NOT_APPROVED, "unsigned");
    reviewed(l, "bea:business tina:tech", "olga", "omar");
    assert_false(lapsed(l, "tina", "tech"));
    assert_true(lapsed(l, "bill", "business"));
    const uint64_t next = opened(l, "Release");
    expect(approve(l, "tina", next, tech), REASON_OK, "tina");
    expect(approve(l, "bill", next, business), REASON_ROLE_LAPSED, "bill");
    expect(approve(l, "bea", next, business), REASON_OK, "bea");
    expect(author_log_redeem(l, next, false), REASON_OK, "used");
}

/* A review in time moves the time; putting the person anew does not. */
static void only_a_review_moves_the_time(void **state)
{
    struct author_log *l = *state;
    author_log_advance(l, 50 * DAY_MS);
    reviewed(l, "bea:business tina:tech", "olga", "omar");
    expect(author_change_roles(l, "bill", "business"), REASON_OK, "bill is put anew");
    author_log_advance(l, 15 * DAY_MS);
    (void)lapse_now(l);
    assert_false(lapsed(l, "tina", "tech"));
    assert_true(lapsed(l, "bill", "business"));
    expect(author_change_roles(l, "bill", "business tech"), REASON_OK, "and with another role");
    assert_true(lapsed(l, "bill", "business"));
    assert_false(lapsed(l, "bill", "tech")); /* granted now */
}

/* What was signed and is not used yet stands on the role as well. */
static void a_lapse_empties_the_seat(void **state)
{
    struct author_log *l = *state;
    const uint64_t start = state_of(l)->review_from_ms;
    author_log_advance(l, start + 90 * DAY_MS - 60000 - author_log_now(l));
    reviewed(l, "bea:business bill:business", "olga", "omar");
    const uint64_t id = opened(l, "Release");
    expect(author_change_roles(l, "tina", "business tech"), REASON_OK, "a new role, an old one");
    struct lapse early = one(l, "tina", "business", true);
    expect(append_lapse(l, &early), REASON_NOT_DUE, "not hers yet");
    expect(approve(l, "bea", id, business), REASON_OK, "bea");
    author_log_advance(l, start + 90 * DAY_MS - author_log_now(l));
    (void)lapse_now(l);
    expect(approve(l, "tom", id, tech), REASON_ROLE_LAPSED, "tom, by now");
    expect(author_log_redeem(l, id, false), REASON_NOT_APPROVED, "half");
}

/* Enough officers stay, whatever nobody reviewed; and nothing but reviews brings the others' time back. */
static void officers_stay_enough(void **state)
{
    struct author_log *l = *state;
    author_log_advance(l, state_of(l)->review_from_ms + 91 * DAY_MS - author_log_now(l));
    (void)lapse_now(l);
    assert_false(lapsed(l, "olga", "officer") || lapsed(l, "omar", "officer") || lapsed(l, "odette", "officer"));
    assert_int_equal(policy_officers_overdue(state_of(l), author_log_now(l)), 3);
    struct lapse x = one(l, "olga", "officer", true);
    expect(append_lapse(l, &x), REASON_TOO_FEW_OFFICERS, "one of three, by hand");
    reviewed(l, "olga:officer", "omar", "odette"); /* the way out: they review each other */
    reviewed(l, "omar:officer", "olga", "odette");
    reviewed(l, "odette:officer", "olga", "omar");
    assert_int_equal(policy_officers_overdue(state_of(l), author_log_now(l)), 0);

    static const char *const roles[] = {"officer"};
    struct arena a;
    arena_init(&a, 16 << 20);
    struct roster_change *otto = arena_array(&a, 2, sizeof(*otto));
    assert_non_null(otto);
    assert_int_equal(author_log_person(l, "otto", roles, 1, &a, otto).code, CS_OK);
    expect(author_change_roster(l, otto, 2), REASON_OK, "otto");
    arena_release(&a);
    author_log_advance(l, 61 * DAY_MS);
    assert_int_equal(lapse_now(l), 1); /* of four, one may go: the first in order whose time is over */
    assert_int_equal(policy_role_overdue(state_of(l), state_person_find(state_of(l), SPAN_LIT("olga")),
                                         SPAN_LIT("officer"), author_log_now(l)),
                     false);
}

/* An entry says only what is so. */
static void a_lapse_that_is_not_so_is_refused(void **state)
{
    struct author_log *l = *state;
    author_log_advance(l, state_of(l)->review_from_ms + 61 * DAY_MS - author_log_now(l));
    struct lapse x = one(l, "tina", "tech", false);
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    expect(append_lapse(l, &x), REASON_NOT_DUE, "for another cause");
    x = one(l, "tina", "business", true);
    expect(append_lapse(l, &x), REASON_WRONG_EFFECT, "of a role that she does not have");
    x = one(l, "mallory", "tech", true);
    expect(append_lapse(l, &x), REASON_WRONG_EFFECT, "of nobody");
    x = one(l, "tina", "tech", true);
    x.prev--;
    expect(append_lapse(l, &x), REASON_WRONG_EFFECT, "out of its chain");
    x.prev++;
    assert_int_equal(model_lapse_encode(&x, &body).code, CS_OK);
    expect(author_log_append(l, ENTRY_LAPSE, "system:kiosk", wr_span(&body)), REASON_WRONG_ACTOR, "by the kiosk");
    expect(append_lapse(l, &x), REASON_OK, "as it is");
    x.prev = state_of(l)->roster_index;
    expect(append_lapse(l, &x), REASON_WRONG_EFFECT, "twice");
}

static struct verdict person(struct author_log *l, const char *id, const char *role)
{
    const char *const roles[] = {role};
    struct arena a;
    arena_init(&a, 16 << 20);
    struct roster_change *c = arena_array(&a, 2, sizeof(*c));
    assert_non_null(c);
    assert_int_equal(author_log_person(l, id, roles, 1, &a, c).code, CS_OK);
    const struct verdict v = author_change_roster(l, c, 2);
    arena_release(&a);
    return v;
}

/* An officer whom the log ought to have let lapse, and did not, signs nothing either. */
static void an_officer_whose_lapse_is_left_out_signs_nothing(void **state)
{
    struct author_log *l = *state;
    expect(person(l, "otto", "officer"), REASON_OK, "a fourth one");
    author_log_advance(l, 200 * DAY_MS);
    struct lapse *x = calloc(1, sizeof(*x));
    assert_non_null(x);
    assert_true(policy_lapses(state_of(l), author_log_now(l), x));
    const struct state_person *who = NULL;
    for (size_t i = 0; i < x->count; i++) {
        who = span_is(x->item[i].role, "officer") ? state_person_find(state_of(l), x->item[i].person) : who;
    }
    assert_non_null(who);
    assert_true(policy_role_overdue(state_of(l), who, SPAN_LIT("officer"), author_log_now(l)));
    char name[64] = {0};
    assert_true(who->id.left < sizeof(name));
    memcpy(name, who->id.p, who->id.left);
    uint64_t id = 0;
    expect(asked(l, "tina:tech", strcmp(name, "omar") == 0 ? "olga" : "omar", &id), REASON_OK, "a review");
    expect(approve(l, name, id, "officers/officers"), REASON_ROLE_LAPSED, name);
    free(x);
}

/* Both signed in time, and the entry that ends their roles is missing: nothing is used. */
static void a_lapse_that_is_left_out_empties_the_seat_all_the_same(void **state)
{
    struct author_log *l = *state;
    author_log_advance(l, 59 * DAY_MS);
    const uint64_t before = opened(l, "Before");
    expect(approve(l, "tom", before, tech), REASON_OK, "tom uses his role");
    expect(approve(l, "bea", before, business), REASON_OK, "bea uses hers");
    author_log_advance(l, state_of(l)->review_from_ms + 90 * DAY_MS - 60000 - author_log_now(l));
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "tom", id, tech), REASON_OK, "tom");
    expect(approve(l, "bea", id, business), REASON_OK, "bea");
    author_log_advance(l, 120000);
    expect(author_log_redeem(l, id, false), REASON_TOO_FEW_SIGNED, "after their time");
}

/* Two officers of five lapsed: the keys of the three others are all that the threshold of two can spare one of. */
static void who_lapsed_is_no_officer_who_is_left(void **state)
{
    static const char *const all[] = {"odette", "olga", "omar", "oscar", "otto"};
    struct author_log *l = *state;
    const char *live[5];
    size_t n = 0;
    expect(person(l, "otto", "officer"), REASON_OK, "otto");
    expect(person(l, "oscar", "officer"), REASON_OK, "oscar");
    author_log_advance(l, 91 * DAY_MS);
    (void)lapse_now(l);
    for (size_t i = 0; i < 5; i++) {
        if (!lapsed(l, all[i], "officer")) {
            live[n++] = all[i];
        }
    }
    assert_int_equal(n, 3);
    struct roster_change off = {.op = CHANGE_SUSPEND_PERSON, .id = span_str(live[0])};
    struct roster_change both[2] = {off, off};
    both[1].id = span_str(live[1]);
    expect(author_change_roster(l, both, 2), REASON_TOO_FEW_OFFICERS, "two of three");
}

/* Who is hired again begins anew: neither an old grant nor an old lapse is about the role given now. */
static void who_comes_back_has_the_whole_time(void **state)
{
    struct author_log *l = *state;
    struct roster_change gone = {.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("tina")};
    struct roster_change put = {.op = CHANGE_PUT_PERSON, .id = SPAN_LIT("tina")};
    put.person = (struct person){.id = put.id, .roles = {SPAN_LIT("tech")}, .role_count = 1};
    author_log_advance(l, 59 * DAY_MS);
    expect(author_change_roster(l, &gone, 1), REASON_OK, "tina goes");
    author_log_advance(l, 2 * DAY_MS);
    expect(author_change_roster(l, &put, 1), REASON_OK, "and comes back");
    const struct state_person *tina = state_person_find(state_of(l), SPAN_LIT("tina"));
    assert_false(policy_role_overdue(state_of(l), tina, SPAN_LIT("tech"), author_log_now(l)));
    assert_true(state_person_has_role(tina, SPAN_LIT("tech")));
}

/* A policy that asks sooner gives everybody its whole time; one that asks no sooner moves nothing; none at all ends it.
 */
static void time_begins_with_a_stricter_policy(void **state)
{
    struct author_log *l = *state;
    const uint64_t start = state_of(l)->review_from_ms;
    uint64_t id = 0;
    author_log_advance(l, 20 * DAY_MS);
    adopt(l, REVIEWS);
    assert_true(state_of(l)->review_from_ms == start);
    adopt(l, SHORTER);
    assert_true(state_of(l)->review_from_ms > start);
    assert_int_equal(lapse_now(l), 0);
    author_log_advance(l, 10 * DAY_MS);
    assert_true(lapse_now(l) > 0);
    reviewed(l, "bea:business tom:tech", "olga", "omar"); /* or no policy would load */
    adopt(l, "");
    assert_true(state_of(l)->review_from_ms == 0);
    expect(asked(l, "tina:tech", "system:kiosk", &id), REASON_NO_ACCESS_REVIEW, "nothing to review");
    assert_true(
        lapsed(l, "tina", "tech")); /* what is gone stays gone until somebody looks at it, or puts it out and in */
    expect(author_change_roles(l, "tina", "business"), REASON_OK, "out");
    expect(author_change_roles(l, "tina", "tech"), REASON_OK, "in");
    expect(approve(l, "tina", opened(l, "Release"), tech), REASON_OK, "tina");
}

/* --- alarms --- */

static struct verdict append_alarms(struct author_log *l, const struct alarms *x)
{
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_alarm_encode(x, &body).code, CS_OK);
    return author_log_append(l, ENTRY_ALARM, "system:core", wr_span(&body));
}

static bool has(const struct alarms *x, const char *code, const char *subject, const char *role)
{
    for (size_t i = 0; i < x->count; i++) {
        const struct alarm *a = &x->item[i];
        if (span_is(a->code, code) && span_is(a->subject, subject) && span_is(a->role, role)) {
            return true;
        }
    }
    return false;
}

/* As the core does; false when the log says it already. */
static bool say_alarms(struct author_log *l, struct alarms *x)
{
    policy_alarms(state_of(l), author_log_now(l), x);
    const bool known = policy_alarms_known(state_of(l), x);
    expect(append_alarms(l, x), known ? REASON_WRONG_EFFECT : REASON_OK, "alarm");
    return !known;
}

static void what_becomes_unfillable_is_said_at_once(void **state)
{
    struct author_log *l = *state;
    struct alarms *x = calloc(1, sizeof(*x));
    assert_non_null(x);
    assert_false(say_alarms(l, x)); /* nothing is wrong, and nothing was said */
    struct roster_change off[2] = {{.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("bea")},
                                   {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("bill")}};
    expect(author_change_roster(l, off, 1), REASON_OK, "one of two");
    assert_false(say_alarms(l, x));
    expect(author_change_roster(l, &off[1], 1), REASON_OK, "two of two");
    assert_true(say_alarms(l, x));
    assert_true(has(x, "unfillable_seat", "production", "business"));
    assert_true(x->count > 0 && state_of(l)->alarm_count == x->count);
    assert_false(say_alarms(l, x)); /* once */
    off[0].op = CHANGE_RESTORE_PERSON;
    expect(author_change_roster(l, off, 1), REASON_OK, "bea is back");
    assert_true(say_alarms(l, x));
    assert_int_equal(state_of(l)->alarm_count, 0);
    free(x);
}

static void officers_who_stay_past_their_time_are_an_alarm(void **state)
{
    struct author_log *l = *state;
    struct alarms *x = calloc(1, sizeof(*x));
    assert_non_null(x);
    author_log_advance(l, state_of(l)->review_from_ms + 91 * DAY_MS - author_log_now(l));
    (void)lapse_now(l);
    assert_true(say_alarms(l, x));
    assert_true(has(x, "officers_unreviewed", "officer", "officer"));
    assert_true(has(x, "unfillable_seat", "production", "tech"));
    assert_true(has(x, "unfillable_seat", "staging", "tech"));
    x->count--; /* an alarm that leaves one out */
    expect(append_alarms(l, x), REASON_WRONG_EFFECT, "not all of it");
    free(x);
}

static void a_shift_that_ends_with_nobody_after_it_is_an_alarm(void **state)
{
    struct author_log *l = *state;
    struct alarms *x = calloc(1, sizeof(*x));
    const uint64_t now = author_log_now(l);
    struct duty_shift shift = {
        .from_ms = now, .until_ms = now + DAY_MS, .people = {SPAN_LIT("tom")}, .person_count = 1};
    const struct duty_roster duty = {
        .id = SPAN_LIT("ops"), .shifts = &shift, .shift_count = 1, .zone = SPAN_LIT("UTC")};
    struct roster_change put = {.op = CHANGE_PUT_DUTY, .id = duty.id, .duty = &duty};
    assert_non_null(x);
    adopt(
        l,
        "\"change_types\":[\"emergency\",\"normal\",\"standard\"],\"duty\":[{\"role\":\"tech\",\"roster\":\"ops\"}],");
    assert_true(say_alarms(l, x));
    assert_true(has(x, "nobody_on_duty", "ops", "tech")); /* there is no such roster */
    expect(author_change_roster(l, &put, 1), REASON_OK, "duty");
    assert_true(say_alarms(l, x));
    assert_int_equal(x->count, 0);
    assert_true(policy_alarm_next(state_of(l), author_log_now(l)) == now + DAY_MS);
    author_log_advance(l, DAY_MS);
    assert_true(say_alarms(l, x));
    assert_true(has(x, "nobody_on_duty", "ops", "tech"));
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_nobody_reviewed_or_used_lapses, begin, end),
        cmocka_unit_test_setup_teardown(nobody_signs_between_their_time_and_its_entry, begin, end),
        cmocka_unit_test_setup_teardown(officers_bring_it_back, begin, end),
        cmocka_unit_test_setup_teardown(only_a_review_moves_the_time, begin, end),
        cmocka_unit_test_setup_teardown(a_lapse_empties_the_seat, begin, end),
        cmocka_unit_test_setup_teardown(officers_stay_enough, begin, end),
        cmocka_unit_test_setup_teardown(a_lapse_that_is_not_so_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(an_officer_whose_lapse_is_left_out_signs_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_lapse_that_is_left_out_empties_the_seat_all_the_same, begin, end),
        cmocka_unit_test_setup_teardown(who_lapsed_is_no_officer_who_is_left, begin, end),
        cmocka_unit_test_setup_teardown(who_comes_back_has_the_whole_time, begin, end),
        cmocka_unit_test_setup_teardown(time_begins_with_a_stricter_policy, begin, end),
        cmocka_unit_test_setup_teardown(what_becomes_unfillable_is_said_at_once, begin, end),
        cmocka_unit_test_setup_teardown(officers_who_stay_past_their_time_are_an_alarm, begin, end),
        cmocka_unit_test_setup_teardown(a_shift_that_ends_with_nobody_after_it_is_an_alarm, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
