/* SPDX-License-Identifier: Apache-2.0 */
/* People who change in a generated log, and what they may do for each other. */
#include "support/any_log_in.h"

enum { MINUTE_MS = 60000, HOUR_MS = 3600000, HAND_OVER_S = 900 };

static void must(struct cs_result r, const char *what)
{
    if (r.code != CS_OK) {
        (void)fprintf(stderr, "any_log: %s: %s\n", what, r.msg);
        abort();
    }
}

void any_change_policy(struct any_log *l)
{
    if (l->policy_count < ANY_POLICIES) {
        (void)any_adopt(l);
    }
}

static struct verdict change(struct any_log *l, struct roster_change *item)
{
    const struct roster_content c = {.changes = {.item = item, .count = 1},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Roster")};
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    must(model_roster_content_encode(&c, &content), "roster");
    const struct verdict v = author_log_propose(l->log, KIND_ROSTER, wr_span(&content), &id);
    (void)any_did(l, v, "a change of people: %u of %.*s", (unsigned)item->op, (int)item->id.left,
                  (const char *)item->id.p);
    return v.allow ? any_officers(l, id, ENTRY_ROSTER) : v;
}

static void switch_off(struct any_log *l, struct any_person *p)
{
    struct roster_change item = {.op = CHANGE_REVOKE_CREDENTIAL,
                                 .credential_sha256 = author_log_credential(l->log, p->id)};

    p->keyless = change(l, &item).allow || p->keyless;
}

/* Their roles, or one of them less; the accounts as they were. */
static void put(struct any_log *l, struct any_person *p)
{
    struct roster_change item = {.op = CHANGE_PUT_PERSON, .id = span_str(p->id)};
    const unsigned first = p->roles & (0U - p->roles);
    const unsigned roles = chance_once(&l->chance, 2) && p->roles != first ? p->roles & ~first : p->roles | 2U;
    char account[16];

    (void)snprintf(account, sizeof(account), "gitlab:%s", p->id);
    item.person.id = item.id;
    item.person.accounts[item.person.account_count++] = span_str(account);
    for (unsigned k = 0; k < ANY_ROLES; k++) {
        static const unsigned sorted[ANY_ROLES] = {2, 5, 0, 4, 3, 1}; /* business, duty, officer … */
        if ((roles & 1U << sorted[k]) != 0) {
            item.person.roles[item.person.role_count++] = span_str(any_roles[sorted[k]]);
        }
    }
    if (change(l, &item).allow) {
        p->roles = roles;
        p->keyless = p->keyless || p->removed;
        p->removed = false;
    }
}

/* Not of the officers: somebody must be left to change things. */
void any_change_person(struct any_log *l)
{
    struct any_person *p = &l->people[ANY_OFFICERS + chance(&l->chance, ANY_PEOPLE - ANY_OFFICERS)];
    struct roster_change item = {.op = p->suspended ? CHANGE_RESTORE_PERSON : CHANGE_SUSPEND_PERSON,
                                 .id = span_str(p->id)};

    switch (chance(&l->chance, 10)) {
    case 0:
        item.op = CHANGE_REMOVE_PERSON;
        p->removed = change(l, &item).allow || p->removed;
        break;
    case 1:
    case 2:
        switch_off(l, p);
        break;
    case 3:
    case 4:
    case 5:
        put(l, p);
        break;
    default:
        if (change(l, &item).allow) {
            p->suspended = item.op == CHANGE_SUSPEND_PERSON;
        }
        break;
    }
}

void any_duty(struct any_log *l)
{
    static const char *const on_duty[] = {"dora", "sam", "sue", "dirk", "tess"}; /* in no order */
    struct duty_shift shifts[ANY_SHIFTS];
    const struct duty_roster duty = {.id = SPAN_LIT("ops"),
                                     .hand_over_s = HAND_OVER_S,
                                     .shifts = shifts,
                                     .shift_count = ANY_SHIFTS,
                                     .zone = SPAN_LIT("Europe/Berlin")};
    struct roster_change item = {.op = CHANGE_PUT_DUTY, .id = duty.id, .duty = &duty};
    struct any_shift kept[ANY_SHIFTS];
    uint64_t at = author_log_now(l->log);

    memset(shifts, 0, sizeof(shifts));
    for (size_t i = 0; i < ANY_SHIFTS; i++) {
        shifts[i].from_ms = at;
        at += (1 + chance(&l->chance, 72)) * HOUR_MS;
        shifts[i].until_ms = at;
        kept[i] = (struct any_shift){.from_ms = shifts[i].from_ms, .until_ms = at + (uint64_t)HAND_OVER_S * 1000};
        const size_t one = chance(&l->chance, 4);
        static const size_t sorted[] = {3, 0, 1, 2, 4}; /* dirk, dora, sam, sue, tess */
        for (size_t k = one; k < one + 2; k++) {
            kept[i].people[k - one] = on_duty[sorted[k]];
            shifts[i].people[shifts[i].person_count++] = span_str(on_duty[sorted[k]]);
        }
    }
    if (change(l, &item).allow) {
        memcpy(l->shifts, kept, sizeof(kept));
    }
}

/* --- standing in --- */

static void take_back(struct any_log *l)
{
    struct any_lent *g = &l->lent[chance(&l->chance, l->lent_count)];
    const struct delegate_content c = {.initiator = span_str(l->people[g->by].id),
                                       .reason = SPAN_LIT("back"),
                                       .revokes_set = true,
                                       .revokes = g->request};
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    must(model_delegate_content_encode(&c, &content), "delegate");
    const struct verdict v = author_log_propose(l->log, KIND_DELEGATE, wr_span(&content), &id);
    (void)any_did(l, v, "%s wants back %llu", l->people[g->by].id, (unsigned long long)g->request);
    const struct any_said x = {
        .request = id, .person = g->by, .by = ANY_NOBODY, .word = DECISION_APPROVE, .seat = "delegation/delegator"};
    if (v.allow && any_say(l, x, NULL).allow) {
        g->ended = any_did(l, author_log_effect(l->log, ENTRY_ROSTER, id), "it is back").allow || g->ended;
    }
}

/* Half of them end soon. */
static void lend(struct any_log *l)
{
    const uint64_t life_ms = (1 + chance(&l->chance, 60)) * (chance_once(&l->chance, 2) ? MINUTE_MS : HOUR_MS);
    const bool tech = chance_once(&l->chance, 2);
    const size_t by = any_holder(l, tech ? "tech" : "business");
    const size_t to = any_holder(l, tech ? "duty" : "owner");
    const struct delegate_content c = {.from_ms = author_log_now(l->log),
                                       .initiator = span_str(l->people[by].id),
                                       .reason = SPAN_LIT("away"),
                                       .role = tech ? SPAN_LIT("tech") : SPAN_LIT("business"),
                                       .to = span_str(l->people[to].id),
                                       .until_ms = author_log_now(l->log) + life_ms};
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    must(model_delegate_content_encode(&c, &content), "delegate");
    const struct verdict v = author_log_propose(l->log, KIND_DELEGATE, wr_span(&content), &id);
    (void)any_did(l, v, "%s asks to lend a role to %s", l->people[by].id, l->people[to].id);
    const struct any_said x = {
        .request = id, .person = by, .by = ANY_NOBODY, .word = DECISION_APPROVE, .seat = "delegation/delegator"};
    if (v.allow && any_say(l, x, NULL).allow) {
        l->lent[l->lent_count++] =
            (struct any_lent){.request = id, .by = by, .to = to, .from_ms = c.from_ms, .until_ms = c.until_ms};
        (void)any_did(l, author_log_effect(l->log, ENTRY_ROSTER, id), "it is lent");
    }
}

void any_delegate(struct any_log *l)
{
    if (l->lent_count > 0 && chance_once(&l->chance, 4)) {
        take_back(l);
    } else {
        lend(l);
    }
}

/* --- access reviews --- */

void any_review_access(struct any_log *l)
{
    struct entitlement items[1] = {{.role_count = 1}};
    const struct any_person *p = &l->people[chance(&l->chance, ANY_PEOPLE)];
    struct access_review_content c = {
        .item = items, .count = 1, .initiator = SPAN_LIT("system:operator"), .reason = SPAN_LIT("looked at")};
    AUTO_WRITER content = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    items[0].person = span_str(p->id);
    items[0].roles[0] = span_str(CHANCE_WORD(&l->chance, any_roles));
    must(model_access_review_content_encode(&c, &content), "access review");
    const struct verdict v = author_log_propose(l->log, KIND_ACCESS_REVIEW, wr_span(&content), &id);
    (void)any_did(l, v, "a review of %s", p->id);
    if (v.allow) {
        (void)any_officers(l, id, ENTRY_ROSTER);
    }
}
