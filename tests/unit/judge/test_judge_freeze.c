/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents and calendars: what they hold, what passes, how it ends, and that receipts show it. 1.3, 4.5 */
#include "judge_bed_receipt.h"

#include "policy/policy_freeze.h"
#include "support/author_change.h"
#include "support/author_freeze.h"

enum { POLICY_BYTES = 32768, HOUR_MS = 3600000, DAY_MS = 86400000, ROUNDS = 400 };

static struct span production = {(const uint8_t *)"production", 10};
static struct span payments = {(const uint8_t *)"payments", 8};

static struct author_log *begin(const char *calendar, const char *freeze)
{
    struct author_log *l = standard_log();
    freeze_policy(l, 3, calendar, freeze);
    return l;
}

static uint64_t request(struct author_log *l, const struct author_request *r)
{
    uint64_t id = 0;
    expect(author_log_request(l, r, &id), REASON_OK, r->title);
    return id;
}

static struct verdict tech(struct author_log *l, uint64_t q)
{
    return author_log_decide(l, "tom", q, "production/tech", DECISION_APPROVE, "", NULL);
}

static struct verdict business(struct author_log *l, uint64_t q)
{
    return author_log_decide(l, "bea", q, "production/business", DECISION_APPROVE, "", NULL);
}

static uint64_t approved(struct author_log *l, const char *title)
{
    const uint64_t q = request(l, &(struct author_request){.title = title});
    expect(tech(l, q), REASON_OK, "tech");
    expect(business(l, q), REASON_OK, "business");
    return q;
}

static enum request_status seen(struct author_log *l, uint64_t q)
{
    struct arena a;
    struct sheet sheet;
    arena_init(&a, 16U << 20);
    const struct state_request *r = state_request_find(state_of(l), q);
    assert_int_equal(policy_sheet_of(state_of(l), r, &a, &sheet).code, CS_OK);
    const enum request_status s = policy_status(r, &sheet);
    arena_release(&a);
    return s;
}

/* What the judge would say of such a policy now. */
static struct verdict loads(struct author_log *l, const char *calendar, const char *freeze)
{
    AUTO_WRITER w = wr_heap(POLICY_BYTES);
    struct policy_doc doc;
    struct arena a;

    arena_init(&a, 1U << 20);
    freeze_policy_write(4, calendar, freeze, &w);
    assert_int_equal(model_policy_decode(wr_span(&w), &a, &doc).code, CS_OK);
    const struct verdict v = policy_loads(&doc, state_of(l));
    arena_release(&a);
    return v;
}

/* --- who may freeze what --- */

static void a_policy_without_freezes_has_none(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    const struct freeze f = freeze_incident("INC-1");
    uint64_t id = 0;
    (void)state;

    author_log_standard(l);
    expect(author_log_freeze(l, &f, "system:kiosk"), REASON_NO_FREEZES, "freeze");
    expect(freeze_ask(l, 3, &id), REASON_NO_FREEZES, "thaw");
    ends(l);
}

static void only_some_may_freeze(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    struct freeze f = freeze_incident("INC-1");
    struct span nowhere = SPAN_LIT("nowhere");
    (void)state;

    expect(author_log_freeze(l, &f, "client:ci"), REASON_NO_SCOPE, "without the scope");
    expect(author_log_freeze(l, &f, "client:nobody"), REASON_UNKNOWN_CLIENT, "nobody");
    expect(author_log_freeze(l, &f, "system:core"), REASON_UNKNOWN_CLIENT, "the core by itself");
    expect(author_log_freeze(l, &f, "person:tom"), REASON_UNKNOWN_CLIENT, "a person");
    f.environments = &nowhere;
    expect(author_log_freeze(l, &f, "system:kiosk"), REASON_UNKNOWN_ENVIRONMENT, "nowhere");
    f = freeze_incident("INC-1");
    f.prev = 1;
    expect(author_log_freeze(l, &f, "system:kiosk"), REASON_WRONG_EFFECT, "in no chain");
    f.prev = 0;
    expect(author_log_freeze(l, &f, "system:kiosk"), REASON_OK, "freeze");
    expect(author_log_freeze(l, &f, "system:kiosk"), REASON_ALREADY_FROZEN, "again");
    f.responder_count = 0;
    expect(author_log_freeze(l, &f, "system:kiosk"), REASON_OK, "the same incident, otherwise");
    ends(l);
}

/* --- what it holds --- */

static void open_and_approved_requests_are_paused(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    const uint64_t ready = approved(l, "Ready");
    const uint64_t half = request(l, &(struct author_request){.title = "Half"});
    const uint64_t elsewhere = request(l, &(struct author_request){.title = "Else", .environment = "staging"});
    (void)state;

    expect(tech(l, half), REASON_OK, "before");
    assert_int_equal(seen(l, ready), STATUS_APPROVED);
    assert_int_equal(seen(l, half), STATUS_ELIGIBLE);
    const struct freeze f = freeze_incident("INC-1");
    const uint64_t index = freeze_begin(l, &f);
    assert_int_equal(seen(l, ready), STATUS_PAUSED);
    assert_int_equal(seen(l, half), STATUS_PAUSED);
    assert_int_equal(seen(l, elsewhere), STATUS_ELIGIBLE);
    expect(author_log_redeem(l, ready, false), REASON_FROZEN, "use");
    expect(author_log_redeem(l, ready, true), REASON_FROZEN, "drift");
    expect(business(l, half), REASON_FROZEN, "sign");
    const uint64_t later = request(l, &(struct author_request){.title = "Later"});
    expect(tech(l, later), REASON_FROZEN, "sign what came later");
    expect(author_log_decide(l, "tom", later, "production/tech", DECISION_REJECT, "not during an incident", NULL),
           REASON_OK, "reject");
    expect(author_log_decide(l, "tom", elsewhere, "staging/tech", DECISION_APPROVE, "", NULL), REASON_OK, "elsewhere");
    freeze_end(l, index);
    expect(business(l, half), REASON_OK, "the first signature still holds");
    expect(author_log_redeem(l, half, false), REASON_OK, "use");
    expect(author_log_redeem(l, ready, false), REASON_OK, "use");
    ends(l);
}

static void only_the_services_that_are_named(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    struct freeze f = freeze_incident("INC-1");
    (void)state;

    f.services = &payments;
    f.service_count = 1;
    (void)freeze_begin(l, &f);
    const uint64_t held = request(l, &(struct author_request){.title = "Held", .service = "Payments"});
    const uint64_t free = request(l, &(struct author_request){.title = "Free", .service = "ledger"});
    expect(tech(l, held), REASON_FROZEN, "held, in whatever letters");
    expect(tech(l, free), REASON_OK, "free");
    ends(l);
}

/* --- what passes --- */

static void what_remediates_passes_by_a_responder(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    const struct freeze f = freeze_incident("INC-1");
    struct freeze more = freeze_incident("INC-1");
    struct span both[] = {SPAN_LIT("bill"), SPAN_LIT("tina")};
    (void)state;

    const uint64_t first = freeze_begin(l, &f);
    const uint64_t other =
        request(l, &(struct author_request){.title = "A", .initiator = "tina", .remediates = "INC-2"});
    const uint64_t stranger = request(l, &(struct author_request){.title = "B", .remediates = "INC-1"});
    const uint64_t fix = request(l, &(struct author_request){.title = "C", .initiator = "TINA", .remediates = "INC-1"});
    const uint64_t second =
        request(l, &(struct author_request){.title = "D", .initiator = "bill", .remediates = "INC-1"});
    expect(tech(l, other), REASON_FROZEN, "another incident");
    expect(tech(l, stranger), REASON_NOT_RESPONDER, "not one of them");
    expect(tech(l, second), REASON_NOT_RESPONDER, "not one of them yet");
    assert_int_equal(seen(l, stranger), STATUS_PAUSED);
    assert_int_equal(seen(l, fix), STATUS_ELIGIBLE);
    expect(tech(l, fix), REASON_OK, "tech");
    expect(author_log_redeem(l, fix, false), REASON_NOT_APPROVED, "a freeze gives nothing");
    expect(business(l, fix), REASON_OK, "business");
    expect(author_log_redeem(l, fix, false), REASON_OK, "use");
    /* the same incident again, with bill: what holds already says who passes, until it is ended */
    more.responders = both;
    more.responder_count = 2;
    (void)freeze_begin(l, &more);
    expect(tech(l, second), REASON_NOT_RESPONDER, "not one of the first freeze's");
    freeze_end(l, first);
    expect(tech(l, second), REASON_OK, "now one of them");
    /* a second incident holds it as well */
    const struct freeze apart = freeze_incident("INC-3");
    (void)freeze_begin(l, &apart);
    expect(business(l, second), REASON_FROZEN, "held by the other one");
    ends(l);
}

/* Whoever rings the alarm does not switch it off: naming oneself somewhere else lets nobody pass here. */
static void only_the_freeze_that_holds_says_who_responds(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    const struct freeze f = freeze_incident("INC-1");
    struct freeze mine = freeze_incident("INC-1");
    struct span staging = SPAN_LIT("staging");
    struct span bill = SPAN_LIT("bill");
    (void)state;

    mine.environments = &staging;
    mine.responders = &bill;
    (void)freeze_begin(l, &f);
    (void)freeze_begin(l, &mine);
    const uint64_t here =
        request(l, &(struct author_request){.title = "A", .initiator = "bill", .remediates = "INC-1"});
    const uint64_t there = request(
        l,
        &(struct author_request){.title = "B", .initiator = "bill", .remediates = "INC-1", .environment = "staging"});
    expect(tech(l, here), REASON_NOT_RESPONDER, "named for staging");
    expect(author_log_decide(l, "tom", there, "staging/tech", DECISION_APPROVE, "", NULL), REASON_OK, "in staging");
    ends(l);
}

/* Accounts of who was removed respond to nothing, under another name of theirs either. */
static void who_was_removed_does_not_respond(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    struct freeze f = freeze_incident("INC-1");
    struct span account = SPAN_LIT("github:tina");
    struct roster_change change = {.op = CHANGE_PUT_PERSON, .id = SPAN_LIT("tina")};
    (void)state;

    change.person = (struct person){
        .id = change.id, .roles = {SPAN_LIT("tech")}, .role_count = 1, .accounts = {account}, .account_count = 1};
    expect(author_change_roster(l, &change, 1), REASON_OK, "an account");
    f.responders = &account;
    (void)freeze_begin(l, &f);
    const uint64_t fix = request(l, &(struct author_request){.title = "A", .initiator = "tina", .remediates = "INC-1"});
    expect(tech(l, fix), REASON_OK, "by the other account");
    change = (struct roster_change){.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("tina")};
    expect(author_change_roster(l, &change, 1), REASON_OK, "removed");
    expect(business(l, fix), REASON_NOT_RESPONDER, "nobody's account");
    ends(l);
}

static unsigned freezes_until_busy(struct author_log *l, const char *actor, unsigned *serial)
{
    unsigned n = 0;
    for (;;) {
        char name[16];
        (void)snprintf(name, sizeof(name), "INC-%u", (*serial)++);
        const struct freeze f = freeze_incident(name);
        const struct verdict v = author_log_freeze(l, &f, actor);
        if (!v.allow) {
            expect(v, REASON_BUSY, actor);
            return n;
        }
        n++;
    }
}

/* One that freezes whatever it can think of leaves room for others, and all of them for who stands at the kiosk. */
static void clients_do_not_fill_the_room(void **state)
{
    enum { OF_ONE = 32, CLIENTS = 8 };
    struct author_log *l = begin("", FREEZES_PASS);
    unsigned serial = 0;
    (void)state;

    for (uint8_t i = 0; i < CLIENTS; i++) {
        char id[16];
        char actor[32];
        (void)snprintf(id, sizeof(id), "pager-%u", i);
        (void)snprintf(actor, sizeof(actor), "client:%s", id);
        struct roster_change change = {.op = CHANGE_PUT_CLIENT, .id = span_str(id)};
        change.client = (struct client){
            .id = change.id, .scopes = 1U << SCOPE_INCIDENT, .tokens = {{{(uint8_t)(i + 1)}}}, .token_count = 1};
        expect(author_change_roster(l, &change, 1), REASON_OK, "a client");
        assert_int_equal(freezes_until_busy(l, actor, &serial), i < CLIENTS - 1 ? OF_ONE : 0);
    }
    assert_int_equal(freezes_until_busy(l, "system:kiosk", &serial), OF_ONE);
    ends(l);
}

static void nothing_passes_where_the_policy_says_so(void **state)
{
    struct author_log *l = begin("", FREEZES_NOTHING);
    const struct freeze f = freeze_incident("INC-1");
    (void)state;

    (void)freeze_begin(l, &f);
    const uint64_t fix = request(l, &(struct author_request){.title = "C", .initiator = "tina", .remediates = "INC-1"});
    expect(tech(l, fix), REASON_FROZEN, "fix");
    /* a later policy that lets it pass does not reach what was opened under this one */
    freeze_policy(l, 4, "", FREEZES_PASS);
    expect(tech(l, fix), REASON_FROZEN, "fix, under both");
    const uint64_t again =
        request(l, &(struct author_request){.title = "E", .initiator = "tina", .remediates = "INC-1"});
    expect(tech(l, again), REASON_OK, "fix, under the new one");
    ends(l);
}

static void without_responders_nothing_passes(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    struct freeze f = freeze_incident("INC-1");
    (void)state;

    f.responder_count = 0;
    (void)freeze_begin(l, &f);
    const uint64_t fix = request(l, &(struct author_request){.title = "C", .initiator = "tina", .remediates = "INC-1"});
    expect(tech(l, fix), REASON_NOT_RESPONDER, "nobody was named");
    ends(l);
}

/* --- how it ends --- */

static void one_of_the_role_ends_it(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    const struct freeze f = freeze_incident("INC-1");
    struct freeze wide = freeze_incident("INC-1");
    const struct freeze other = freeze_incident("INC-2");
    uint64_t id = 0;
    uint64_t twice = 0;
    (void)state;

    const uint64_t first = freeze_begin(l, &f);
    wide.responder_count = 0;
    const uint64_t second = freeze_begin(l, &wide);
    const uint64_t apart = freeze_begin(l, &other);
    expect(freeze_ask(l, 2, &id), REASON_NOT_FROZEN, "of no freeze");
    expect(freeze_ask(l, second, &id), REASON_OK, "ask");
    expect(freeze_ask(l, first, &twice), REASON_OK, "ask for the first alone");
    expect(author_log_decide(l, "bea", id, "thaw/commander", DECISION_APPROVE, "", NULL), REASON_NO_ROLE, "business");
    expect(author_log_thaw(l, id, second), REASON_NOT_APPROVED, "unsigned");
    expect(author_log_decide(l, "tom", id, "thaw/commander", DECISION_APPROVE, "", NULL), REASON_OK, "who asked");
    expect(author_log_thaw(l, id, first), REASON_WRONG_EFFECT, "of another");
    expect(author_log_thaw(l, id, second), REASON_OK, "thaw");
    assert_int_equal(state_of(l)->freeze_count, 1);
    assert_ptr_equal(state_freeze_find(state_of(l), apart), state_of(l)->freezes[0]);
    expect(author_log_thaw(l, id, second), REASON_NOT_APPROVED, "once more");
    expect(author_log_decide(l, "tina", twice, "thaw/commander", DECISION_APPROVE, "", NULL), REASON_NOT_FROZEN,
           "what has ended");
    const uint64_t q = request(l, &(struct author_request){.title = "Q"});
    expect(tech(l, q), REASON_FROZEN, "by the other incident");
    freeze_end(l, apart);
    expect(tech(l, q), REASON_OK, "at last");
    ends(l);
}

/* Whoever signed the end of one freeze has not read a later one. */
static void a_thaw_ends_what_was_there_when_it_was_named(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    const struct freeze f = freeze_incident("INC-1");
    struct freeze more = freeze_incident("INC-1");
    uint64_t id = 0;
    (void)state;

    const uint64_t first = freeze_begin(l, &f);
    expect(freeze_ask(l, first, &id), REASON_OK, "ask");
    expect(author_log_decide(l, "tom", id, "thaw/commander", DECISION_APPROVE, "", NULL), REASON_OK, "sign");
    more.responder_count = 0;
    const uint64_t second = freeze_begin(l, &more);
    expect(author_log_thaw(l, id, first), REASON_OK, "thaw");
    assert_null(state_freeze_find(state_of(l), first));
    assert_non_null(state_freeze_find(state_of(l), second));
    const uint64_t q = request(l, &(struct author_request){.title = "Q"});
    expect(tech(l, q), REASON_FROZEN, "by the later one");
    ends(l);
}

static void a_policy_keeps_what_is_frozen(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    const struct freeze f = freeze_incident("INC-1");
    (void)state;

    const uint64_t index = freeze_begin(l, &f);
    expect(loads(l, "", ""), REASON_FROZEN, "a policy without freezes");
    expect(loads(l, "", FREEZES_NOTHING), REASON_OK, "one with others");
    freeze_end(l, index);
    expect(loads(l, "", ""), REASON_OK, "now it may");
    ends(l);
}

/* --- calendars --- */

/* The log begins on Monday, 5 January 2026, at 9. */
#define TUESDAYS                                                                                                       \
    "\"calendar\":[{\"allow\":[{\"days\":[\"tue\"],\"hours\":[\"10:00-12:00\"],\"zone\":\"UTC\"}],\"environments\":["  \
    "\"production\"],\"id\":\"tuesdays\"}],"
#define NEVER                                                                                                          \
    "\"calendar\":[{\"allow\":[{\"dates\":[\"2025-12-24\"],\"zone\":\"UTC\"}],\"environments\":[\"production\"],"      \
    "\"id\":\"never\"}],"

static void people_sign_before_the_window_opens(void **state)
{
    struct author_log *l = begin(TUESDAYS, "");
    const uint64_t q = request(l, &(struct author_request){.title = "Window"});
    (void)state;

    assert_int_equal(seen(l, q), STATUS_ELIGIBLE);
    author_log_advance(l, (uint64_t)23 * HOUR_MS - HOUR_MS / 2);
    expect(tech(l, q), REASON_OK, "tech, before it opens");
    expect(business(l, q), REASON_OK, "business, before it opens");
    assert_int_equal(seen(l, q), STATUS_PAUSED);
    expect(author_log_redeem(l, q, false), REASON_CLOSED_NOW, "before it opens");
    author_log_advance(l, (uint64_t)2 * HOUR_MS + HOUR_MS / 2);
    expect(author_log_redeem(l, q, false), REASON_OK, "while it is open");
    ends(l);
}

static void a_new_calendar_reaches_what_is_approved(void **state)
{
    struct author_log *l = begin("", "");
    const uint64_t q = approved(l, "Q");
    (void)state;

    freeze_policy(l, 4, TUESDAYS, "");
    expect(author_log_redeem(l, q, false), REASON_CLOSED_NOW, "closed since");
    assert_int_equal(seen(l, q), STATUS_PAUSED);
    ends(l);
}

static void what_would_never_open_does_not_load(void **state)
{
    struct author_log *l = begin("", "");
    (void)state;

    expect(loads(l, NEVER, ""), REASON_NEVER_OPENS, "never");
    expect(loads(l, TUESDAYS, ""), REASON_OK, "tuesdays");
    ends(l);
}

/* --- receipts --- */

static bool of_freezes(const struct entry *e, uint64_t which)
{
    (void)which;
    return e->type == ENTRY_FREEZE || e->type == ENTRY_THAW;
}

static void receipts_have_the_chain(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    const struct freeze f = freeze_incident("INC-1");
    const struct freeze other = freeze_incident("INC-2");
    (void)state;

    const uint64_t before = freeze_begin(l, &f);
    const uint64_t fix =
        request(l, &(struct author_request){.title = "Fix", .initiator = "tina", .remediates = "INC-1"});
    expect(tech(l, fix), REASON_OK, "tech");
    expect(business(l, fix), REASON_OK, "business");
    expect(author_log_redeem(l, fix, false), REASON_OK, "use");
    expect(author_log_outcome(l, fix, STATUS_SUCCEEDED), REASON_OK, "outcome");
    freeze_end(l, before);
    const uint64_t q = approved(l, "After");
    const uint64_t again = freeze_begin(l, &other);
    expect(author_log_redeem(l, q, false), REASON_FROZEN, "held");
    freeze_end(l, again);
    expect(author_log_redeem(l, q, false), REASON_OK, "use");
    assert_int_equal(receipt_says(l, &(struct bed_receipt){.request = fix}).class, FINDING_HOLDS);
    assert_int_equal(receipt_says(l, &(struct bed_receipt){.request = q}).class, FINDING_HOLDS);
    assert_int_not_equal(receipt_says(l, &(struct bed_receipt){.request = fix, .without = of_freezes}).class,
                         FINDING_HOLDS);
    assert_int_not_equal(receipt_says(l, &(struct bed_receipt){.request = q, .without = of_freezes}).class,
                         FINDING_HOLDS);
    ends(l);
}

/* --- emergencies --- */

static void an_emergency_is_held_by_other_incidents(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    const struct freeze f = freeze_incident("INC-1");
    const struct freeze later = freeze_incident("INC-2");
    const struct state_freeze *by = NULL;
    static struct deploy_content d;
    static struct deploy_content fix;
    (void)state;

    d.environment = production;
    d.service = payments;
    d.initiator = SPAN_LIT("ops");
    fix = d;
    fix.remediates[0] = SPAN_LIT("INC-1");
    fix.remediates[1] = SPAN_LIT("INC-2");
    fix.remediates_count = 2;
    assert_int_equal(policy_frozen_emergency(state_of(l), &d, SPAN_NONE, &by), REASON_OK);
    assert_null(by);
    const uint64_t at = freeze_begin(l, &f);
    assert_int_equal(policy_frozen_emergency(state_of(l), &d, SPAN_LIT("INC-1"), &by), REASON_OK);
    assert_int_equal(policy_frozen_emergency(state_of(l), &d, SPAN_LIT("INC-9"), &by), REASON_FROZEN);
    assert_int_equal(policy_frozen_emergency(state_of(l), &d, SPAN_NONE, &by), REASON_FROZEN);
    assert_int_equal(policy_frozen_emergency(state_of(l), &fix, SPAN_NONE, &by), REASON_OK);
    const struct state_grant g = {.index = at + 1};
    assert_int_equal(policy_frozen_granted(state_of(l), &d, &g), REASON_OK);
    expect(author_log_clock(l, 5), REASON_OK, "an entry where the grant's would be");
    (void)freeze_begin(l, &later);
    assert_int_equal(policy_frozen_granted(state_of(l), &d, &g), REASON_FROZEN);
    assert_int_equal(policy_frozen_granted(state_of(l), &fix, &g), REASON_OK);
    author_log_free(l);
}

/* --- whatever happens --- */

static uint64_t seed;
static uint64_t draw(uint64_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % below;
}

struct round {
    uint64_t request[ROUNDS];
    bool fixes[ROUNDS];
    size_t count;
    uint64_t freeze[2]; /* of INC-0 and INC-1; 0: none */
    unsigned answers[2];
};

/* Signs or uses the request, which passes if nothing holds it, or it remediates all that does. */
static void attempt(struct author_log *l, struct round *r, uint64_t way, size_t i)
{
    const bool held = r->freeze[0] != 0 || r->freeze[1] != 0;
    const bool passes = !held || (r->fixes[i] && r->freeze[1] == 0);
    const struct verdict v = way == 3   ? tech(l, r->request[i])
                             : way == 4 ? business(l, r->request[i])
                                        : author_log_redeem(l, r->request[i], false);
    r->answers[passes]++;
    assert_true(passes || !v.allow);
    assert_true(!passes || v.reason != REASON_FROZEN);
}

/* Nothing that does not remediate every incident that holds is signed or used. */
static void act(struct author_log *l, struct round *r)
{
    static const char *const names[] = {"INC-0", "INC-1"};
    const uint64_t way = draw(6);
    const size_t k = draw(2);
    const size_t i = r->count > 0 ? draw(r->count) : 0;

    if (way == 0 || r->count == 0) {
        const bool fix = draw(2) == 0;
        r->fixes[r->count] = fix;
        r->request[r->count] =
            request(l, &(struct author_request){
                           .title = "R", .artifact = "R", .initiator = "tina", .remediates = fix ? names[0] : NULL});
        r->count++;
    } else if (way == 1 && r->freeze[k] == 0) {
        const struct freeze f = freeze_incident(names[k]);
        r->freeze[k] = freeze_begin(l, &f);
    } else if (way == 2 && r->freeze[k] != 0) {
        freeze_end(l, r->freeze[k]);
        r->freeze[k] = 0;
    } else if (way >= 3) {
        attempt(l, r, way, i);
    }
}

static void nothing_else_passes_whatever_happens(void **state)
{
    struct author_log *l = begin("", FREEZES_PASS);
    static struct round r;
    (void)state;

    seed = 0x9e3779b97f4a7c15;
    for (size_t i = 0; i < ROUNDS; i++) {
        act(l, &r);
    }
    assert_true(r.answers[false] > ROUNDS / 10 && r.answers[true] > ROUNDS / 10);
    ends(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_without_freezes_has_none),
        cmocka_unit_test(only_some_may_freeze),
        cmocka_unit_test(open_and_approved_requests_are_paused),
        cmocka_unit_test(only_the_services_that_are_named),
        cmocka_unit_test(what_remediates_passes_by_a_responder),
        cmocka_unit_test(only_the_freeze_that_holds_says_who_responds),
        cmocka_unit_test(who_was_removed_does_not_respond),
        cmocka_unit_test(clients_do_not_fill_the_room),
        cmocka_unit_test(nothing_passes_where_the_policy_says_so),
        cmocka_unit_test(a_thaw_ends_what_was_there_when_it_was_named),
        cmocka_unit_test(without_responders_nothing_passes),
        cmocka_unit_test(one_of_the_role_ends_it),
        cmocka_unit_test(a_policy_keeps_what_is_frozen),
        cmocka_unit_test(people_sign_before_the_window_opens),
        cmocka_unit_test(a_new_calendar_reaches_what_is_approved),
        cmocka_unit_test(what_would_never_open_does_not_load),
        cmocka_unit_test(receipts_have_the_chain),
        cmocka_unit_test(an_emergency_is_held_by_other_incidents),
        cmocka_unit_test(nothing_else_passes_whatever_happens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
