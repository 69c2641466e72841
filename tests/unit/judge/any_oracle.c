/* SPDX-License-Identifier: Apache-2.0 */
#include "any_oracle.h"

enum { WORDS_BYTES = 160, WINDOW_MS = 120000 };

static char words[WORDS_BYTES];

static const struct any_policy *policy_of(const struct any_log *l, size_t at)
{
    return &l->policies[at];
}

/* For sure: a value that the request does not say makes every condition about it hold. */
bool oracle_applies(const struct any_rule *rule, const struct any_request *r)
{
    const bool here = (rule->environments & 1U << r->environment) != 0;
    const bool type = rule->change_type == NULL || (strcmp(rule->change_type, r->change_type) == 0) != rule->other_type;
    const bool data = rule->data == NULL || r->data == NULL || strcmp(rule->data, r->data) == 0;

    return here && type && data && !rule->history;
}

static uint32_t people_needed(const struct any_seat *seat, const struct any_request *r)
{
    uint32_t of = 0;
    uint32_t need = seat->count;

    for (unsigned k = 0; k < ANY_ROLES; k++) {
        of = strcmp(any_roles[k], seat->role) == 0 ? r->group[k] : of;
    }
    if (seat->quorum == QUORUM_MAJORITY) {
        need = of / 2 + 1;
    } else if (seat->quorum == QUORUM_TWO_THIRDS) {
        need = (2 * of + 2) / 3;
    }
    return seat->earned > 0 && seat->earned < need && r->ran ? seat->earned : need;
}

static bool took_part(const struct any_said *x, size_t person)
{
    return x->person == person || x->by == person;
}

/* Has neither of the two said anything about it since? */
static bool newest(const struct any_log *l, size_t k)
{
    const struct any_said *x = &l->said[k];

    for (size_t i = k + 1; i < l->said_count; i++) {
        const struct any_said *y = &l->said[i];
        if (y->request == x->request && (took_part(y, x->person) || (x->by != ANY_NOBODY && took_part(y, x->by)))) {
            return false;
        }
    }
    return true;
}

static bool is_seat(const char *name, const char *rule, const char *seat)
{
    const size_t r = strlen(rule);
    const size_t s = strlen(seat);

    return strncmp(name, rule, r) == 0 && name[r] == '/' && strncmp(name + r + 1, seat, s) == 0 &&
           (name[r + 1 + s] == '\0' || name[r + 1 + s] == '/');
}

/* Of the seat, or of those who may come later in either policy; whoever lends it has it. */
static bool has_right(const struct any_log *l, const struct any_request *r, const struct any_rule *rule,
                      const struct any_seat *seat, const struct any_said *x)
{
    unsigned bits = any_role_bit(seat->role);
    const size_t of[] = {r->policy, l->policy_count - 1};

    for (size_t i = 0; i < 2; i++) {
        const struct any_policy *p = policy_of(l, of[i]);
        for (size_t k = 0; k < p->rule_count; k++) {
            for (size_t n = 0; strcmp(p->rules[k].id, rule->id) == 0 && n < p->rules[k].to_count; n++) {
                bits |= any_role_bit(p->rules[k].to[n]);
            }
        }
    }
    const struct any_person *signer = &l->people[x->person];
    const struct any_person *holder = x->by != ANY_NOBODY ? &l->people[x->by] : signer;
    return (holder->roles & bits) != 0 && !holder->suspended && !holder->removed && !signer->suspended &&
           !signer->removed && !signer->keyless;
}

static uint32_t separate_of(const struct any_log *l, const struct any_request *r)
{
    const size_t of[] = {r->policy, l->policy_count - 1};
    uint32_t bits = SEPARATE_INITIATOR;

    for (size_t i = 0; i < 2; i++) {
        const struct any_policy *p = policy_of(l, of[i]);
        for (size_t k = 0; k < p->rule_count; k++) {
            bits |= oracle_applies(&p->rules[k], r) ? p->rules[k].separate : 0U;
        }
    }
    return bits;
}

static bool kept_apart(const struct any_log *l, const struct any_request *r, size_t person)
{
    const uint32_t bits = separate_of(l, r);
    const bool edited = l->editors[r->policy] == person || l->editors[l->policy_count - 1] == person;

    return person != ANY_NOBODY && (((bits & SEPARATE_INITIATOR) != 0 && r->initiator == person) ||
                                    ((bits & SEPARATE_TRIGGER) != 0 && r->trigger == person) ||
                                    ((bits & SEPARATE_AUTHORS) != 0 && r->author == person) ||
                                    ((bits & SEPARATE_POLICY_EDITOR) != 0 && edited));
}

/* Under either policy: on duty where no other role could sit there, and in the time of the delegation. */
static bool was_let(const struct any_log *l, const struct any_request *r, const struct any_rule *rule,
                    const struct any_seat *seat, const struct any_said *x)
{
    const struct any_policy *then = policy_of(l, r->policy);
    const bool duty = (then->duty && any_role_bit(seat->role) & (any_role_bit("duty") | any_role_bit("security"))) &&
                      rule->to_count == 0;

    return !(duty && x->off_duty) && !x->not_lent && !oracle_changed_since(l, r, then, x->index);
}

/* Distinct people, because only the newest word of each counts, and it is about one seat. */
static uint32_t people_there(const struct any_log *l, const struct any_request *r, const struct any_rule *rule,
                             const struct any_seat *seat)
{
    uint32_t n = 0;

    for (size_t k = 0; k < l->said_count; k++) {
        const struct any_said *x = &l->said[k];
        n += x->request == r->index && x->word == DECISION_APPROVE && is_seat(x->seat, rule->id, seat->id) &&
                     newest(l, k) && has_right(l, r, rule, seat, x) && !kept_apart(l, r, x->person) &&
                     !kept_apart(l, r, x->by) && was_let(l, r, rule, seat, x)
                 ? 1U
                 : 0U;
    }
    return n;
}

static const char *too_few(struct any_log *l, const struct any_request *r, const struct any_policy *p)
{
    for (size_t k = 0; k < p->rule_count; k++) {
        const struct any_rule *rule = &p->rules[k];
        for (size_t n = 0; oracle_applies(rule, r) && n < rule->seat_count; n++) {
            const uint32_t need = people_needed(&rule->seats[n], r);
            const uint32_t have = people_there(l, r, rule, &rule->seats[n]);
            if (have < need) {
                (void)snprintf(words, sizeof(words), "request %llu: policy %u asks for %u in %s/%s, and %u are there",
                               (unsigned long long)r->index, p->version, need, rule->id, rule->seats[n].id, have);
                return words;
            }
        }
    }
    return NULL;
}

const char *oracle_objects(struct any_log *l, const struct any_request *r, enum oracle_about about)
{
    const size_t of[] = {r->policy, l->policy_count - 1};
    const char *wrong = NULL;

    for (size_t i = 0; i < 2 && wrong == NULL; i++) {
        const struct any_policy *p = policy_of(l, of[i]);
        wrong = too_few(l, r, p);
        if (wrong == NULL && about != ORACLE_WENT_BACK) {
            wrong = oracle_lines(l, r, p, about == ORACLE_USED);
        }
    }
    return wrong;
}

/* --- emergencies --- */

static const struct any_said *signed_by_role(const struct any_log *l, uint64_t request, const char *seat,
                                             const char *role)
{
    for (size_t k = l->said_count; k > 0; k--) {
        const struct any_said *x = &l->said[k - 1];
        if (x->request == request && x->word == DECISION_APPROVE && strcmp(x->seat, seat) == 0 &&
            (l->people[x->person].roles & any_role_bit(role)) != 0) {
            return x;
        }
    }
    return NULL;
}

const char *oracle_objects_to_grant(struct any_log *l, uint64_t emergency, uint64_t voucher)
{
    const struct any_said *operator= signed_by_role(l, emergency, "emergency/operator", "tech");
    const struct any_said *given = voucher != 0 ? signed_by_role(l, voucher, "voucher/endorse", "business") : NULL;
    const struct any_said *there = signed_by_role(l, emergency, "emergency/endorse", "business");
    const struct any_said *second = given != NULL ? given : there;

    if (operator== NULL || second == NULL || operator->person == second->person) {
        return "an emergency without two people";
    }
    const uint64_t apart =
    operator->time_ms> second->time_ms ? operator->time_ms - second->time_ms : second->time_ms - operator->time_ms;
    if (given == NULL && (apart > WINDOW_MS || strcmp(operator->port, second->port) == 0)) {
        return "an emergency whose people were not there together";
    }
    return NULL;
}
