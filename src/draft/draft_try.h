/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a policy would ask of a request, with a log or without: for `explain`, `test`, `replay` and `diff`. The sheet is
 * the core's own. Pure.
 */
#ifndef DRAFT_TRY_H
#define DRAFT_TRY_H

#include "draft/draft_policy.h"
#include "policy/policy_match.h"

struct draft_trial {
    const struct policy_doc *doc;
    const struct deploy_content *deploy;
    struct state_policy *policy; /* as if it were in force; nobody's edit */
    enum policy_reason reason;   /* REASON_OK: it would be opened; else why it would be refused */
    bool has_sheet;              /* not for an unknown environment or change type */
    struct sheet sheet;
};
/*
 * `state` is the log when the request was opened: how large groups are, and how deployments of its service went, over
 * the windows of this policy. NULL: there is none; groups have no size (draft_groups) and history cannot be told.
 * now_ms is when it is asked, for calendars; with a state at least the state's time. All are borrowed. CS_E_NOMEM.
 */
CS_RESULT draft_try(const struct policy_doc *doc, const struct deploy_content *deploy, const struct state *state,
                    uint64_t now_ms, struct arena *arena, struct draft_trial *ret_trial);

/* How large its groups are by this roster, and how many of them must agree. */
void draft_groups(struct draft_trial *t, const struct draft_roster *r);

/* May this person fill this seat, if nobody has signed but the seat's turn has come? */
struct verdict draft_may_sign(const struct draft_trial *t, const struct draft_person *p, const struct sheet_line *line);

/*
 * What `b` asks of a request more or less than `a`, a line each: "more: …", "less: …". Names of rules do not matter,
 * what is asked does. Nothing when it is the same.
 */
struct draft_change {
    size_t more;
    size_t less;
};
struct draft_change draft_compare(const struct draft_trial *a, const struct draft_trial *b, struct writer *w);

/* What becomes stricter or looser from one policy to another, a line each: "stricter: …", "looser: …", "changed: …".
 * Rules are known by their ids. */
struct draft_change draft_diff(const struct policy_doc *a, const struct policy_doc *b, struct writer *w);

#endif
