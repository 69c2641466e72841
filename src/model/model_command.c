/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of the commands that follow a submission, as clients send them. */
#include <stddef.h>

#include "base/base_text.h"
#include "model/model_events.h"
#include "model/model_walk.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* ---- redeem ---- */

static void take_artifacts(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct redeem *x = into;
    x->artifact_count = walk_artifacts(w, v, m, x->artifacts);
}

static void take_config(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    walk_digest(w, v, m, into);
    ((struct redeem *)into)->has_config = true;
}

static void take_plan(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    walk_digest(w, v, m, into);
    ((struct redeem *)into)->has_plan = true;
}

static void take_rollback(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    if (walk_is(w, v, JSON_BOOL, m->hint)) {
        ((struct redeem *)into)->rollback = v->flag;
    }
}

static const struct walk_member redeem_members[] = {
    {"artifacts", true, take_artifacts, 0, 1, MODEL_ARTIFACTS_MAX,
     "Send 1 to 16 artifacts, each an object with name and sha256."},
    {"config_sha256", false, take_config, offsetof(struct redeem, config_sha256), 0, 0,
     "Send the SHA-256 of the configuration as 64 lower-case hex digits."},
    {"plan_sha256", false, take_plan, offsetof(struct redeem, plan_sha256), 0, 0,
     "Send the SHA-256 of the plan as 64 lower-case hex digits."},
    {"rollback", false, take_rollback, 0, 0, 0,
     "Send true to use the rollback that was signed with the approval, or leave it out."},
};

CS_RESULT model_redeem_from_body(struct span body, struct arena *arena, struct redeem *ret_redeem,
                                 struct content_faults *ret_faults)
{
    struct walk w = walk_make(arena, ret_faults);
    struct redeem *x = arena_alloc(arena, sizeof(*x));

    ENSURE(x != NULL, CS_E_NOMEM, "redeem");
    memset(x, 0, sizeof(*x));
    TRY(walk_document(body, &w, redeem_members, COUNT(redeem_members), x));
    ENSURE(ret_faults->count == 0, CS_E_REFUSED, "redeem");
    *ret_redeem = *x;
    return CS_SUCCESS;
}

/* ---- outcome ---- */

static void take_time(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    uint64_t ms = 0;

    if (!walk_is(w, v, JSON_STRING, m->hint)) {
        return;
    }
    const struct cs_result r = text_time_decode(v->text, &ms, m->name);
    if (r.code != CS_OK) {
        walk_fault(w, r.code, m->hint);
        return;
    }
    memcpy((uint8_t *)into + m->offset, &ms, sizeof(ms));
}

static void take_result(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    enum request_status s = STATUS_NONE;

    if (!walk_is(w, v, JSON_STRING, m->hint)) {
        return;
    }
    const struct cs_result r = request_status_decode(v->text, &s, m->name);
    if (r.code != CS_OK || (s != STATUS_SUCCEEDED && s != STATUS_FAILED && s != STATUS_ROLLED_BACK)) {
        walk_fault(w, CS_E_RANGE, m->hint);
        return;
    }
    ((struct outcome *)into)->result = s;
}

static const struct walk_member outcome_members[] = {
    {"finished", true, take_time, offsetof(struct outcome, finished_ms), 0, 0,
     "Send when the deployment ended, such as 2026-01-05T09:00:00.000Z."},
    {"incident", false, walk_id, offsetof(struct outcome, incident), 1, MODEL_ACCOUNT_MAX,
     "Send the incident's number: letters, digits and ._@+:/- only, at most 128 bytes, or leave it out."},
    {"result", true, take_result, 0, 0, 0, "Send succeeded, failed or rolled_back."},
    {"started", true, take_time, offsetof(struct outcome, started_ms), 0, 0,
     "Send when the deployment began, such as 2026-01-05T09:00:00.000Z."},
    {"trigger", false, walk_id, offsetof(struct outcome, trigger), 1, MODEL_ID_MAX,
     "Send which of the rollback's triggers the failure met, or leave it out."},
};

static void check_trigger(struct walk *w, const struct outcome *x)
{
    if (w->faults->count == 0 && x->trigger.left > 0 && x->result != STATUS_FAILED) {
        const size_t mark = walk_enter(w, SPAN_LIT("trigger"));
        walk_fault(w, CS_E_RANGE, "Only what failed meets a trigger: leave it out.");
        walk_leave(w, mark);
    }
}

static void check_order(struct walk *w, const struct outcome *x)
{
    if (w->faults->count == 0 && x->finished_ms < x->started_ms) {
        const size_t mark = walk_enter(w, SPAN_LIT("finished"));
        walk_fault(w, CS_E_RANGE, "A deployment does not end before it begins.");
        walk_leave(w, mark);
    }
}

CS_RESULT model_outcome_from_body(struct span body, struct arena *arena, struct outcome *ret_outcome,
                                  struct content_faults *ret_faults)
{
    struct walk w = walk_make(arena, ret_faults);
    struct outcome x = {0};

    TRY(walk_document(body, &w, outcome_members, COUNT(outcome_members), &x));
    check_order(&w, &x);
    check_trigger(&w, &x);
    ENSURE(ret_faults->count == 0, CS_E_REFUSED, "outcome");
    *ret_outcome = x;
    return CS_SUCCESS;
}

/* ---- withdraw ---- */

static const struct walk_member withdraw_members[] = {
    {"reason", false, walk_text, offsetof(struct withdraw, reason), 0, MODEL_FIELD_MAX,
     "Send a text of at most 4000 characters, or leave it out."},
};

CS_RESULT model_withdraw_from_body(struct span body, struct arena *arena, struct withdraw *ret_withdraw,
                                   struct content_faults *ret_faults)
{
    struct walk w = walk_make(arena, ret_faults);
    struct withdraw x = {0};

    TRY(walk_document(body, &w, withdraw_members, COUNT(withdraw_members), &x));
    ENSURE(ret_faults->count == 0, CS_E_REFUSED, "withdraw");
    *ret_withdraw = x;
    return CS_SUCCESS;
}
