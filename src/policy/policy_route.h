/* SPDX-License-Identifier: Apache-2.0 */
/* Groups that vote, and who may stand in when nobody comes. Pure. Source: docs/policy.md, "Groups" and "Escalation". */
#ifndef POLICY_ROUTE_H
#define POLICY_ROUTE_H

#include "policy/policy_sheet.h"

/* Of so many, how many must agree: never fewer than the seat's own count. */
uint32_t policy_quorum_need(const struct policy_seat *seat, uint32_t of);
/* Groups are as they were just before this entry: the request's, or the next one while it is opened. Asks for
 * in->state.
 */
uint64_t policy_opened_at(const struct sheet_input *in);

/*
 * From when on people of the role `to` may fill the seats of the rule. False when they never may: a policy of the sheet
 * that has the rule for this request has no such step for it. Under two policies that have the rule it is the later of
 * both, whatever was written before there were two.
 */
bool policy_step_due(const struct sheet_input *in, struct span rule, struct span to, uint64_t *ret_due_ms);

struct policy_escalation {
    struct span rule;
    struct span to;
    uint64_t due_ms;
};
/* The escalation of an open deployment that comes next, the earliest and of those the first by rule and role. False:
 * none. `d` is what it is; the spans are of the policies in the state. */
bool policy_next_escalation(const struct state *s, const struct state_request *q, const struct deploy_content *d,
                            struct policy_escalation *ret_next);
/* REASON_OK when it may be written now. */
enum policy_reason policy_escalates(const struct state *s, const struct state_request *q,
                                    const struct deploy_content *d, const struct escalate *x, uint64_t now_ms);

/* The role in which the person sits here: the seat's own, or the first of those who may stand in. NULL: none. */
const struct span *policy_sits_as(const struct sheet_line *line, const struct state_person *p);
/* Was the person one of the group? True for a seat that is no vote. */
bool policy_in_group(const struct sheet *s, const struct sheet_line *line, const struct state_person *p);
/* Did the person say something that holds no seat: vote no, or abstain? */
bool policy_has_spoken(const struct sheet *s, const struct state_person *p);
/* Counts the votes of a group, and who is left to agree. */
void policy_count_votes(const struct sheet *s, struct sheet_line *line);

#endif
