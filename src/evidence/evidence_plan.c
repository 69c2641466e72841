/* SPDX-License-Identifier: Apache-2.0 */
/* A Terraform or OpenTofu plan as JSON. Of it only words of a closed list are read; nothing of it is kept. */
#include "evidence/evidence_walk.h"

enum place {
    TOP = WALK_START + 1,
    VERSION,
    TOOL_VERSION,
    PLANNED,
    ERRORED,
    COMPLETE,
    TIMESTAMP,
    DEFERRED_LIST,
    CHANGES,
    CHANGE,
    CHANGE_OF,
    CHANGE_ACTIONS,
    CHANGE_ACTION,
    DEFERRED,
    DRIFTS,
    DRIFT,
    DRIFT_OF,
    DRIFT_ACTIONS,
    DRIFT_ACTION
};

static const struct walk_row rows[] = {
    {WALK_START, TOP, WALK_OBJECT, NULL},
    {TOP, VERSION, WALK_STRING, "format_version"},
    {TOP, TOOL_VERSION, WALK_STRING, "terraform_version"},
    {TOP, PLANNED, WALK_OBJECT, "planned_values"},
    {TOP, ERRORED, WALK_BOOL, "errored"},
    {TOP, COMPLETE, WALK_BOOL, "complete"},
    {TOP, TIMESTAMP, WALK_STRING, "timestamp"},
    {TOP, DEFERRED_LIST, WALK_ARRAY | WALK_NULL, "deferred_changes"},
    {TOP, CHANGES, WALK_ARRAY | WALK_NULL, "resource_changes"},
    {TOP, DRIFTS, WALK_ARRAY | WALK_NULL, "resource_drift"},
    {DEFERRED_LIST, DEFERRED, WALK_OBJECT, NULL},
    {CHANGES, CHANGE, WALK_OBJECT, NULL},
    {CHANGE, CHANGE_OF, WALK_OBJECT, "change"},
    {CHANGE_OF, CHANGE_ACTIONS, WALK_ARRAY, "actions"},
    {CHANGE_ACTIONS, CHANGE_ACTION, WALK_STRING, NULL},
    {DEFERRED, CHANGE, WALK_OBJECT, "resource_change"},
    {DRIFTS, DRIFT, WALK_OBJECT, NULL},
    {DRIFT, DRIFT_OF, WALK_OBJECT, "change"},
    {DRIFT_OF, DRIFT_ACTIONS, WALK_ARRAY, "actions"},
    {DRIFT_ACTIONS, DRIFT_ACTION, WALK_STRING, NULL},
};

enum action { CREATE = 1, DELETE = 2, UPDATE = 4, FORGET = 8, NO_OP = 16, READ = 32 };

struct tf_plan {
    struct walk walk; /* first */
    unsigned actions; /* of the change that is open */
};

static struct tf_plan *plan_of(struct evidence *e)
{
    return (struct tf_plan *)(void *)e->own;
}

static CS_RESULT take_action(struct evidence *e, struct span word)
{
    static const struct {
        const char *word;
        unsigned action;
    } words[] = {{"create", CREATE}, {"delete", DELETE}, {"update", UPDATE},
                 {"forget", FORGET}, {"no-op", NO_OP},   {"read", READ}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_is(word, words[i].word)) {
            plan_of(e)->actions |= words[i].action;
            return CS_SUCCESS;
        }
    }
    return evidence_fail(e, CS_E_UNKNOWN, "plan.actions", "A resource has an action that is not known here.");
}

static struct cs_result value(struct evidence *e, unsigned place, const struct json_token *token)
{
    uint64_t ms = 0;

    switch (place) {
    case VERSION:
        return span_starts(token->text, SPAN_LIT("1."))
                   ? CS_SUCCESS
                   : evidence_fail(e, CS_E_UNKNOWN, "plan.format_version", "This reads format version 1.");
    case TOOL_VERSION:
        evidence_put_text(e, EVIDENCE_TOOL, token->text);
        return CS_SUCCESS;
    case ERRORED:
        return token->flag ? evidence_fail(e, CS_E_REFUSED, "plan.errored", "The plan failed; make it again.")
                           : CS_SUCCESS;
    case COMPLETE: /* changes were put off, or left out by -target */
        return token->flag ? CS_SUCCESS
                           : evidence_fail(e, CS_E_REFUSED, "plan.complete",
                                           "The plan does not say all that is to change; make it whole.");
    case TIMESTAMP:
        if (evidence_time(token->text, &ms, "plan.timestamp").code != CS_OK) {
            return evidence_fail(e, CS_E_SYNTAX, "plan.timestamp", NULL);
        }
        evidence_produced(e, ms);
        return CS_SUCCESS;
    default:
        return take_action(e, token->text);
    }
}

static struct cs_result open(struct evidence *e, unsigned place)
{
    if (place == CHANGE || place == DRIFT) {
        plan_of(e)->actions = 0;
    }
    return CS_SUCCESS;
}

static CS_RESULT count_change(struct evidence *e, unsigned actions)
{
    switch (actions) {
    case CREATE:
        evidence_count(e, EVIDENCE_CREATE);
        return CS_SUCCESS;
    case DELETE:
        evidence_count(e, EVIDENCE_DELETE);
        return CS_SUCCESS;
    case UPDATE:
        evidence_count(e, EVIDENCE_UPDATE);
        return CS_SUCCESS;
    case CREATE | DELETE:
    case CREATE | FORGET: /* OpenTofu and Terraform 1.9: the old one is left behind */
        evidence_count(e, EVIDENCE_REPLACE);
        return CS_SUCCESS;
    case FORGET:
        evidence_count(e, EVIDENCE_FORGET);
        return CS_SUCCESS;
    case NO_OP:
    case READ:
        return CS_SUCCESS;
    default:
        return evidence_fail(e, CS_E_UNKNOWN, "plan.actions", "A resource has actions that do not go together.");
    }
}

static struct cs_result close(struct evidence *e, unsigned place)
{
    const unsigned actions = plan_of(e)->actions;

    if (place != CHANGE && place != DRIFT) {
        return CS_SUCCESS;
    }
    if (actions == 0) {
        return evidence_fail(e, CS_E_MISSING, "plan.actions", "Each change says its actions.");
    }
    if (place == CHANGE) {
        return count_change(e, actions);
    }
    if (actions != NO_OP) {
        evidence_count(e, EVIDENCE_DRIFT);
    }
    return CS_SUCCESS;
}

static const struct walk_plan plan = {.rows = rows,
                                      .row_count = sizeof(rows) / sizeof(rows[0]),
                                      .strict = false,
                                      .what = "plan",
                                      .value = value,
                                      .open = open,
                                      .close = close};

static struct cs_result begin(struct evidence *e)
{
    static const enum evidence_number all[] = {EVIDENCE_CREATE, EVIDENCE_DELETE,  EVIDENCE_DRIFT,
                                               EVIDENCE_FORGET, EVIDENCE_REPLACE, EVIDENCE_UPDATE};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        evidence_set(e, all[i], 0);
    }
    walk_begin(e, &plan_of(e)->walk, &plan);
    return CS_SUCCESS;
}

static struct cs_result end(struct evidence *e)
{
    struct walk *w = &plan_of(e)->walk;

    TRY(walk_end(e, w));
    if (!walk_reached(w, VERSION) || (!walk_reached(w, PLANNED) && !walk_reached(w, CHANGES))) {
        return evidence_fail(e, CS_E_MISSING, "plan", "Send what `terraform show -json PLANFILE` writes.");
    }
    return CS_SUCCESS;
}

const struct evidence_reader evidence_plan = {.own_bytes = sizeof(struct tf_plan),
                                              .begin = begin,
                                              .feed = walk_feed_own,
                                              .end = end,
                                              .release = walk_release_own,
                                              .line = walk_line_own};
