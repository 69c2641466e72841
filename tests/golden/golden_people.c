/* SPDX-License-Identifier: Apache-2.0 */
/* A log of people who are suspended, off duty, stood in for, reviewed or not, and what is said when nobody is left. */
#include "golden_life.h"
#include "policy/policy_access.h"
#include "policy/policy_alarm.h"
#include "support/author_change.h"

enum { HOUR_MS = 3600000 };

#define DAY_MS ((uint64_t)24 * HOUR_MS)

static const char tech[] = "production/tech";
static const char business[] = "production/business";

static const struct state *state_of(struct golden_life *g)
{
    return &author_log_judge(g->l)->state;
}

static struct verdict approve(struct golden_life *g, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(g->l, who, id, seat, DECISION_APPROVE, NULL, NULL);
}

static struct verdict approve_by(struct golden_life *g, const char *who, uint64_t id, uint64_t by)
{
    return author_log_decide(g->l, who, id, tech, DECISION_APPROVE, NULL, &(struct author_wrong){.delegation = by});
}

static uint64_t opened(struct golden_life *g, const char *title, const char *initiator)
{
    const struct author_request q = {.title = title, .initiator = initiator};
    uint64_t id = 0;
    golden_allow(title, author_log_request(g->l, &q, &id));
    return id;
}

/* The policy in force with another role, and what it says of people before `environments`. */
static void adopt(struct golden_life *g, const char *first, const char *people)
{
    const struct span now = state_of(g)->policy->text;
    const uint8_t *types = memmem(now.p, now.left, "\"change_types\":", 15);
    const uint8_t *environments = memmem(now.p, now.left, "\"environments\":", 15);
    const uint8_t *roles = memmem(now.p, now.left, "\"roles\":", 8);
    const uint8_t *rules = memmem(now.p, now.left, "\"rules\":", 8);
    const uint8_t *version = memmem(now.p, now.left, "\"version\":", 10);
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    if (types == NULL || environments == NULL || roles == NULL || rules == NULL || version == NULL) {
        abort();
    }
    const uint8_t *after = memchr(types, ']', (size_t)(environments - types)); /* of the change types */
    wr_text(&w, "{");
    wr_text(&w, first);
    wr_bytes(&w, span_make(types, (size_t)(after + 2 - types)));
    wr_text(&w, people);
    wr_bytes(&w, span_make(environments, (size_t)(roles - environments)));
    wr_text(&w, "\"roles\":[\"business\",\"deputy\",\"officer\",\"tech\"],");
    wr_bytes(&w, span_make(rules, (size_t)(version + 10 - rules)));
    wr_dec(&w, state_of(g)->policy->doc.version + 1);
    wr_text(&w, "}");
    author_log_adopt(g->l, wr_span(&w));
}

static void suspended(struct golden_life *g)
{
    struct roster_change tom = {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("tom")};
    const uint64_t done = opened(g, "Approved", NULL);
    golden_allow("tom", approve(g, "tom", done, tech));
    golden_allow("bea", approve(g, "bea", done, business));
    golden_allow("suspend", author_change_roster(g->l, &tom, 1));
    golden_refuse(g, "suspended", REASON_SUSPENDED, approve(g, "tom", opened(g, "Next", NULL), tech));
    golden_refuse(g, "stands_on_the_suspended", REASON_TOO_FEW_SIGNED, author_log_redeem(g->l, done, false));
    tom.op = CHANGE_RESTORE_PERSON;
    golden_allow("restore", author_change_roster(g->l, &tom, 1));
    golden_allow("redeem", author_log_redeem(g->l, done, false));
    golden_keep(g, "restored", done, FINDING_HOLDS);
}

static void on_duty(struct golden_life *g)
{
    const uint64_t now = author_log_now(g->l);
    struct duty_shift shifts[] = {
        {.from_ms = now, .until_ms = now + 8 * HOUR_MS, .people = {SPAN_LIT("tom")}, .person_count = 1},
        {.from_ms = now + 8 * HOUR_MS,
         .until_ms = now + 16 * HOUR_MS,
         .people = {SPAN_LIT("tina")},
         .person_count = 1}};
    const struct duty_roster duty = {.id = SPAN_LIT("ops"),
                                     .hand_over_s = 900,
                                     .shifts = shifts,
                                     .shift_count = 2,
                                     .zone = SPAN_LIT("Europe/Berlin")};
    struct roster_change put = {.op = CHANGE_PUT_DUTY, .id = duty.id, .duty = &duty};
    golden_allow("duty", author_change_roster(g->l, &put, 1));
    adopt(g, "",
          "\"delegation\":[{\"most_s\":864000,\"role\":\"tech\",\"to\":[\"deputy\"]}],"
          "\"duty\":[{\"role\":\"tech\",\"roster\":\"ops\"}],");
    const uint64_t id = opened(g, "On duty", NULL);
    golden_refuse(g, "off_duty", REASON_OFF_DUTY, approve(g, "tina", id, tech));
    golden_allow("tom", approve(g, "tom", id, tech));
    author_log_advance(g->l, 9 * (uint64_t)HOUR_MS);
    golden_allow("bea", approve(g, "bea", id, business));
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "signed_on_duty", id, FINDING_HOLDS);
}

static struct verdict delegate(struct golden_life *g, const struct delegate_content *c, uint64_t *ret_id)
{
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    if (model_delegate_content_encode(c, &text).code != CS_OK) {
        abort();
    }
    return author_log_propose(g->l, KIND_DELEGATE, wr_span(&text), ret_id);
}

static void stood_in_for(struct golden_life *g)
{
    struct delegate_content c = {.from_ms = author_log_now(g->l),
                                 .initiator = SPAN_LIT("tina"),
                                 .reason = SPAN_LIT("at the dentist"),
                                 .role = SPAN_LIT("tech"),
                                 .to = SPAN_LIT("bill"),
                                 .until_ms = author_log_now(g->l) + DAY_MS};
    uint64_t by = 0;
    uint64_t back = 0;
    golden_allow("bill", author_change_roles(g->l, "bill", "business deputy"));
    golden_allow("delegate", delegate(g, &c, &by));
    golden_refuse(g, "delegation_signed_by_the_delegate", REASON_NO_ROLE,
                  approve(g, "bill", by, "delegation/delegator"));
    golden_allow("tina", approve(g, "tina", by, "delegation/delegator"));
    golden_allow("in force", author_log_effect(g->l, ENTRY_ROSTER, by));

    golden_refuse(g, "delegator_asked_for_it", REASON_IS_REQUESTER,
                  approve_by(g, "bill", opened(g, "Tina's", "tina"), by));
    const uint64_t id = opened(g, "Stood in for", NULL);
    golden_refuse(g, "without_the_delegation", REASON_NO_ROLE, approve(g, "bill", id, tech));
    golden_refuse(g, "somebody_elses_delegation", REASON_DELEGATION_SCOPE, approve_by(g, "bea", id, by));
    golden_allow("bill", approve_by(g, "bill", id, by));
    golden_refuse(g, "two_seats_by_a_delegation", REASON_ALREADY_SIGNED, approve(g, "bill", id, business));
    golden_refuse(g, "signed_for_and_signs", REASON_ALREADY_SIGNED, approve(g, "tina", id, tech));
    golden_allow("bea", approve(g, "bea", id, business));
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "by_a_delegate", id, FINDING_HOLDS);

    const uint64_t left = opened(g, "Left over", NULL);
    golden_allow("bill", approve_by(g, "bill", left, by));
    golden_allow("bea", approve(g, "bea", left, business));
    c = (struct delegate_content){
        .initiator = SPAN_LIT("tina"), .reason = SPAN_LIT("back"), .revokes_set = true, .revokes = by};
    golden_allow("revoke", delegate(g, &c, &back));
    golden_allow("tina", approve(g, "tina", back, "delegation/delegator"));
    golden_allow("taken back", author_log_effect(g->l, ENTRY_ROSTER, back));
    golden_refuse(g, "stands_on_a_delegation_taken_back", REASON_TOO_FEW_SIGNED, author_log_redeem(g->l, left, false));
}

static struct verdict append_lapse(struct golden_life *g, const struct lapse *x)
{
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    if (model_lapse_encode(x, &body).code != CS_OK) {
        abort();
    }
    return author_log_append(g->l, ENTRY_LAPSE, "system:core", wr_span(&body));
}

static struct verdict append_alarm(struct golden_life *g, const struct alarms *x)
{
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    if (model_alarm_encode(x, &body).code != CS_OK) {
        abort();
    }
    return author_log_append(g->l, ENTRY_ALARM, "system:core", wr_span(&body));
}

static void reviewed(struct golden_life *g)
{
    struct lapse *x = arena_alloc(&g->arena, sizeof(*x));
    struct alarms *a = arena_alloc(&g->arena, sizeof(*a));
    struct entitlement *keep = arena_array(&g->arena, 2, sizeof(*keep));
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;
    if (x == NULL || a == NULL || keep == NULL) {
        abort();
    }
    adopt(g, "\"access_review\":{\"every_s\":7776000,\"unused_s\":5184000},", "");
    author_log_advance(g->l, 61 * DAY_MS);
    if (!policy_lapses(state_of(g), author_log_now(g->l), x)) {
        abort();
    }
    x->item[0].unused = !x->item[0].unused;
    golden_refuse(g, "lapse_for_another_cause", REASON_NOT_DUE, append_lapse(g, x));
    x->item[0].unused = !x->item[0].unused;
    golden_allow("lapse", append_lapse(g, x));
    policy_alarms(state_of(g), author_log_now(g->l), a);
    a->count--;
    golden_refuse(g, "alarm_that_leaves_one_out", REASON_WRONG_EFFECT, append_alarm(g, a));
    a->count++;
    golden_allow("alarm", append_alarm(g, a));
    golden_refuse(g, "alarm_twice", REASON_WRONG_EFFECT, append_alarm(g, a));
    const uint64_t late = opened(g, "Late", NULL);
    golden_refuse(g, "role_lapsed", REASON_ROLE_LAPSED, approve(g, "tom", late, tech));

    keep[0] = (struct entitlement){.person = SPAN_LIT("bea"), .roles = {SPAN_LIT("business")}, .role_count = 1};
    keep[1] = (struct entitlement){.person = SPAN_LIT("tom"), .roles = {SPAN_LIT("tech")}, .role_count = 1};
    const struct access_review_content c = {
        .item = keep, .count = 2, .initiator = SPAN_LIT("system:kiosk"), .reason = SPAN_LIT("looked at")};
    if (model_access_review_content_encode(&c, &text).code != CS_OK) {
        abort();
    }
    golden_allow("review", author_log_propose(g->l, KIND_ACCESS_REVIEW, wr_span(&text), &id));
    golden_refuse(g, "reviewed_by_no_officer", REASON_NO_ROLE, approve(g, "tina", id, "officers/officers"));
    golden_allow("olga", approve(g, "olga", id, "officers/officers"));
    golden_allow("omar", approve(g, "omar", id, "officers/officers"));
    golden_allow("in force", author_log_effect(g->l, ENTRY_ROSTER, id));
    policy_alarms(state_of(g), author_log_now(g->l), a);
    golden_allow("over", append_alarm(g, a));
    golden_allow("tom", approve(g, "tom", late, tech));
    golden_allow("bea", approve(g, "bea", late, business));
    golden_allow("redeem", author_log_redeem(g->l, late, false));
    golden_keep(g, "reviewed", late, FINDING_HOLDS);
    g->range_first = late;
    g->range_count = 6;
}

void golden_people_make(struct golden_life *g)
{
    golden_begin(g);
    author_log_standard(g->l);
    suspended(g);
    on_duty(g);
    stood_in_for(g);
    reviewed(g);
}
