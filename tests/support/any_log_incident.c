/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents and emergencies in a generated log, and what the core writes when it is due. */
#include "support/any_log_in.h"

#include "policy/policy_access.h"
#include "policy/policy_alarm.h"
#include "policy/policy_emergency.h"
#include "policy/policy_route.h"
#include "support/author_glass.h"
#include "support/author_route.h"

enum { ARENA_BYTES = 64 << 20, DUE_MOST = 40, WORD_BYTES = 80 };

static void must(struct cs_result r, const char *what)
{
    if (r.code != CS_OK) {
        (void)fprintf(stderr, "any_log: %s: %s\n", what, r.msg);
        abort();
    }
}

/* --- freezes --- */

void any_freeze(struct any_log *l)
{
    const unsigned at = (unsigned)chance(&l->chance, ANY_ENVIRONMENTS);
    const unsigned incident = 1 + (unsigned)chance(&l->chance, 2);
    struct span environment = span_str(any_environments[at]);
    struct span responders[2] = {SPAN_LIT("gitlab:7"), SPAN_LIT("tina")};
    const char *by = chance_once(&l->chance, 6) ? "client:ci" : "client:monitor";
    const struct freeze f = {.environments = &environment,
                             .environment_count = 1,
                             .incident = incident == 1 ? SPAN_LIT("INC-1") : SPAN_LIT("INC-2"),
                             .responders = responders,
                             .responder_count = chance(&l->chance, 3)};
    const struct verdict v = author_log_freeze(l->log, &f, chance_once(&l->chance, 2) ? "system:kiosk" : by);

    (void)any_did(l, v, "%.*s is frozen", (int)environment.left, (const char *)environment.p);
    if (v.allow) {
        l->frozen[l->frozen_count++] =
            (struct any_frozen){.index = author_log_size(l->log) - 1, .environment = at, .incident = incident};
    }
}

/* All of the incident, up to this one. */
static void thawed(struct any_log *l, uint64_t freeze)
{
    unsigned incident = 0;

    for (size_t i = 0; i < l->frozen_count; i++) {
        incident = l->frozen[i].index == freeze ? l->frozen[i].incident : incident;
    }
    for (size_t i = 0; i < l->frozen_count; i++) {
        struct any_frozen *x = &l->frozen[i];
        x->ended = x->ended || (x->incident == incident && x->index <= freeze);
    }
}

void any_thaw(struct any_log *l)
{
    const struct state *s = any_state(l);
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    if (s->freeze_count == 0) {
        return;
    }
    const uint64_t freeze = s->freezes[chance(&l->chance, s->freeze_count)]->index;
    const size_t who = any_holder(l, "owner");
    const struct thaw_content c = {
        .freeze = freeze, .initiator = span_str(l->people[who].id), .reason = SPAN_LIT("over")};
    must(model_thaw_content_encode(&c, &content), "thaw");
    struct verdict v = author_log_propose(l->log, KIND_THAW, wr_span(&content), &id);
    (void)any_did(l, v, "%s asks to thaw %llu", l->people[who].id, (unsigned long long)freeze);
    const struct any_said x = {
        .request = id, .person = who, .by = ANY_NOBODY, .word = DECISION_APPROVE, .seat = "thaw/commander"};
    if (v.allow && any_say(l, x, NULL).allow) {
        v = author_log_thaw(l->log, id, freeze);
        (void)any_did(l, v, "it is thawed");
        if (v.allow) {
            thawed(l, freeze);
        }
    }
}

/* --- emergencies --- */

static void sign(struct any_log *l, uint64_t emergency, const char *seat, const char *role)
{
    static const char *const ports[] = {"1-1", "1-2", "1-3"};
    struct any_said x = {
        .request = emergency, .person = any_holder(l, role), .by = ANY_NOBODY, .word = DECISION_APPROVE};

    (void)snprintf(x.seat, sizeof(x.seat), "emergency/%s", seat);
    (void)snprintf(x.port, sizeof(x.port), "%s", CHANCE_WORD(&l->chance, ports));
    if (chance_once(&l->chance, 30)) {
        author_log_advance(l->log, 150000);
    }
    (void)any_say(l, x, "Payments are down.");
}

static uint64_t a_voucher(struct any_log *l)
{
    const struct state_request *q = chance_once(&l->chance, 2) ? any_live(l, KIND_VOUCHER) : NULL;
    return q != NULL ? q->index : 0;
}

void any_emergency(struct any_log *l)
{
    const struct state_request *q = any_live(l, KIND_DEPLOY);
    uint64_t id = 0;

    if (q == NULL || q->status == STATUS_APPROVED) {
        return;
    }
    const char *by = l->people[any_holder(l, "tech")].id;
    const struct glass_ask ask = {.request = q->index, .initiator = by, .anchor = "INC-1", .voucher = a_voucher(l)};
    struct verdict v = glass_open(l->log, &ask, &id);
    (void)any_did(l, v, "%s asks for an emergency about %llu", by, (unsigned long long)q->index);
    for (size_t i = 0; v.allow && i < 6 && state_request_find(any_state(l), id)->status == STATUS_ELIGIBLE; i++) {
        static const char *const seats[][2] = {{"operator", "tech"}, {"endorse", "business"}, {"second", "owner"}};
        sign(l, id, seats[i % 3][0], seats[i % 3][1]);
    }
    if (v.allow && state_request_find(any_state(l), id)->status == STATUS_APPROVED) {
        v = author_log_grant(l->log, id, NULL);
        (void)any_did(l, v, "emergency %llu is granted", (unsigned long long)id);
    }
}

void any_voucher(struct any_log *l)
{
    const size_t giver = any_holder(l, "business");
    const struct glass_voucher how = {.initiator = l->people[giver].id,
                                      .service = chance_once(&l->chance, 3) ? "payments" : NULL};
    uint64_t id = 0;
    const struct verdict v = glass_voucher(l->log, &how, &id);

    (void)any_did(l, v, "%s gives a voucher", l->people[giver].id);
    if (v.allow) {
        const struct any_said x = {
            .request = id, .person = giver, .by = ANY_NOBODY, .word = DECISION_APPROVE, .seat = "voucher/endorse"};
        (void)any_say(l, x, NULL);
    }
}

/* The review that an emergency owes. */
void any_pay(struct any_log *l)
{
    const struct state *s = any_state(l);
    uint64_t id = 0;

    if (s->emergency_count == 0) {
        return;
    }
    const struct state_emergency *m = s->emergencies[chance(&l->chance, s->emergency_count)];
    struct verdict v = glass_review(l->log, m->index, "{\"impact\":\"40 minutes\"}", &id);
    (void)any_did(l, v, "a review of emergency %llu", (unsigned long long)m->index);
    for (size_t i = 0; v.allow && i < 4 && state_request_find(s, id)->status == STATUS_ELIGIBLE; i++) {
        const bool board = i % 2 == 1;
        struct any_said x = {.request = id,
                             .person = any_holder(l, board ? "owner" : "tech"),
                             .by = ANY_NOBODY,
                             .word = DECISION_APPROVE};
        (void)snprintf(x.seat, sizeof(x.seat), "review/%s", board ? "board" : "author");
        (void)any_say(l, x, NULL);
    }
    if (v.allow && state_request_find(s, id)->status == STATUS_APPROVED) {
        v = author_log_paid(l->log, id, m->index);
        (void)any_did(l, v, "it is paid");
    }
}

/* --- what is due --- */

static bool lapses(struct any_log *l)
{
    struct lapse *x = calloc(1, sizeof(*x));
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    const bool any = x != NULL && policy_lapses(any_state(l), author_log_now(l->log), x);

    if (any) {
        must(model_lapse_encode(x, &body), "lapse");
        (void)any_did(l, author_log_append(l->log, ENTRY_LAPSE, "system:core", wr_span(&body)), "roles lapse");
    }
    free(x);
    return any;
}

static void alarms(struct any_log *l)
{
    struct alarms *x = calloc(1, sizeof(*x));
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);

    if (x != NULL) {
        policy_alarms(any_state(l), author_log_now(l->log), x);
    }
    if (x != NULL && !policy_alarms_known(any_state(l), x)) {
        must(model_alarm_encode(x, &body), "alarm");
        (void)any_did(l, author_log_append(l->log, ENTRY_ALARM, "system:core", wr_span(&body)), "%zu alarms", x->count);
    }
    free(x);
}

static bool expires(struct any_log *l)
{
    uint64_t due_ms = 0;
    const struct state_request *q = state_next_due(any_state(l), &due_ms);

    if (q == NULL || due_ms > author_log_now(l->log)) {
        return false;
    }
    const uint64_t index = q->index;
    return any_did(l, author_log_expire(l->log, index), "%llu is over", (unsigned long long)index).allow;
}

static void copy_word(struct span word, char text[WORD_BYTES])
{
    struct writer w = wr_fixed(text, WORD_BYTES - 1);
    wr_bytes(&w, word);
    text[w.len] = '\0';
}

static void escalates(struct any_log *l)
{
    const struct state_request *q = any_live(l, KIND_DEPLOY);
    struct policy_escalation next;
    struct state_loaded *loaded = NULL;
    struct arena a;
    char words[2][WORD_BYTES];

    if (q == NULL) {
        return;
    }
    arena_init(&a, ARENA_BYTES);
    loaded = arena_alloc(&a, sizeof(*loaded));
    must(loaded != NULL ? state_load(q, &a, loaded) : CS_FAIL(CS_E_NOMEM, "arena"), "request");
    if (policy_next_escalation(any_state(l), q, loaded->deploy, &next) &&
        (next.due_ms <= author_log_now(l->log) || chance_once(&l->chance, 10))) {
        copy_word(next.rule, words[0]);
        copy_word(next.to, words[1]);
        const uint64_t index = q->index;
        (void)any_did(l, route_escalate(l->log, "system:core", index, words[0], words[1]), "%s of %llu goes to %s",
                      words[0], (unsigned long long)index, words[1]);
    }
    arena_release(&a);
}

void any_due(struct any_log *l)
{
    uint64_t due_ms = 0;
    const struct state_emergency *late = state_next_overdue(any_state(l), &due_ms);

    for (size_t i = 0; i < DUE_MOST && (lapses(l) || expires(l)); i++) {
    }
    if (late != NULL && due_ms <= author_log_now(l->log)) {
        (void)any_did(l, author_log_overdue(l->log, late->index), "a review is overdue");
    }
    alarms(l);
    escalates(l);
}
