/* SPDX-License-Identifier: Apache-2.0 */
#include "draft/draft_try.h"

#include "model/model_history.h"
#include "policy/policy_route.h"

/* The request, with how its service did until then. */
static CS_RESULT look_back(const struct policy_doc *doc, const struct state *state, struct arena *arena,
                           struct draft_trial *t)
{
    if (state == NULL || doc->window_count == 0) {
        return CS_SUCCESS;
    }
    struct deploy_content *d = arena_alloc(arena, sizeof(*d));
    struct history_window *windows = arena_array(arena, doc->window_count, sizeof(*windows));
    ENSURE(d != NULL && windows != NULL, CS_E_NOMEM, "policy");
    for (size_t i = 0; i < doc->window_count; i++) {
        windows[i] = state_history(state, t->deploy, doc->windows[i], state->time_ms);
    }
    *d = *t->deploy;
    d->history = windows;
    d->history_count = doc->window_count;
    t->deploy = d;
    return CS_SUCCESS;
}

static bool has_seat(const struct sheet *s)
{
    size_t i = 0;
    while (i < s->count && s->lines[i].kind != SHEET_SEAT) {
        i++;
    }
    return i < s->count;
}

CS_RESULT draft_try(const struct policy_doc *doc, const struct deploy_content *deploy, const struct state *state,
                    uint64_t now_ms, struct arena *arena, struct draft_trial *ret_trial)
{
    struct draft_trial t = {.doc = doc, .deploy = deploy, .reason = REASON_OK};

    t.policy = arena_alloc(arena, sizeof(*t.policy));
    ENSURE(t.policy != NULL, CS_E_NOMEM, "policy");
    t.policy->doc = *doc;
    t.policy->doc.duty_count = 0; /* who may sit there once they are on duty */
    TRY(look_back(doc, state, arena, &t));
    if (!model_policy_has_environment(doc, deploy->environment)) {
        t.reason = REASON_UNKNOWN_ENVIRONMENT;
    } else if (!model_policy_has_change_type(doc, deploy->change_type)) {
        t.reason = REASON_UNKNOWN_CHANGE_TYPE;
    } else {
        const struct sheet_input in = {.kind = KIND_DEPLOY,
                                       .deploy = t.deploy,
                                       .state = state,
                                       .now_ms = state != NULL && state->time_ms > now_ms ? state->time_ms : now_ms,
                                       .opened_under = t.policy,
                                       .in_force = t.policy};
        TRY(policy_sheet(&in, arena, &t.sheet));
        t.has_sheet = true;
        const struct verdict said = policy_sheet_said(&t.sheet);
        t.reason = !said.allow ? said.reason : (!has_seat(&t.sheet) ? REASON_NO_SEATS : REASON_OK);
    }
    *ret_trial = t;
    return CS_SUCCESS;
}

void draft_groups(struct draft_trial *t, const struct draft_roster *r)
{
    for (size_t i = 0; t->has_sheet && i < t->sheet.count; i++) {
        struct sheet_line *l = &t->sheet.lines[i];
        if (l->quorum != QUORUM_NONE) {
            const struct policy_seat seat = {.quorum = l->quorum, .count = l->count};
            l->of = (uint32_t)draft_holders(r, l->role);
            l->count = policy_quorum_need(&seat, l->of);
            const struct policy_earned *e = policy_earned(t->doc, l->rule, l->id, t->deploy);
            l->count = e != NULL && e->count < l->count ? e->count : l->count;
        }
    }
}

/* The seat without the one before it, its turn being come; and the group is who is on the roster. */
struct verdict draft_may_sign(const struct draft_trial *t, const struct draft_person *p, const struct sheet_line *line)
{
    struct sheet_line now = *line;
    const struct state_person person = {.id = p->id,
                                        .roles = p->roles,
                                        .role_count = p->role_count,
                                        .accounts = p->accounts,
                                        .account_count = p->account_count};

    now.after = SPAN_NONE;
    now.quorum = QUORUM_NONE;
    return policy_may_say(&t->sheet, &person, DECISION_APPROVE, &now, NULL);
}
