/* SPDX-License-Identifier: Apache-2.0 */
/* Does a rule apply, and what does a request say under a name? Pure. */
#ifndef POLICY_MATCH_H
#define POLICY_MATCH_H

#include "policy/policy_sheet.h"

/* The text of "environment", "title", "attributes.KEY", "documentation.KEY", "source.ref" …; empty when the request has
 * none. */
struct span policy_value(const struct deploy_content *d, struct span name);
/* Zero is "cannot be told": a value that the request does not have, or a number that is none. */
enum policy_answer { POLICY_UNTOLD, POLICY_NO, POLICY_YES };
enum policy_answer policy_test_answer(const struct policy_test *test, const struct deploy_content *d);
/* At least one test of the condition is not answered no (fail closed): leaving a value out never avoids a rule. */
bool policy_condition_holds(const struct policy_when *when, const struct deploy_content *d);
/* Every condition holds for sure: where it is about asking for less, what is missing does not do. */
bool policy_surely(const struct policy_when *when, size_t count, const struct deploy_content *d);
/* What the document lets this seat earn by how it went before; NULL: nothing. */
const struct policy_earned *policy_earned(const struct policy_doc *doc, struct span rule, struct span seat,
                                          const struct deploy_content *d);
/* Every condition holds. */
bool policy_matches(const struct policy_rule *rule, const struct deploy_content *d);
/* "environment is production or attributes.lines is at least 2000" */
void policy_condition_words(const struct policy_when *when, struct writer *w);
/* All of them: "always", or conditions joined by "and". */
void policy_rule_words(const struct policy_rule *rule, struct writer *w);
/* Why it applies or not: "environment is production", "attributes.data is not given", … */
void policy_why(const struct policy_rule *rule, const struct deploy_content *d, struct writer *w);
/* Why it is earned: "history.deployments is 51 over 7776000 s, history.change_fail_rate is 0.02 over 7776000 s" */
void policy_earned_why(const struct policy_earned *e, const struct deploy_content *d, struct writer *w);
/* Is `seat` the full name of this line's seat? */
bool policy_seat_is(const struct sheet_line *line, struct span seat);
/* The seat that must be full before this one; NULL when there is none. */
const struct sheet_line *policy_seat_before(const struct sheet *s, const struct sheet_line *line);
/* Fills in who holds a seat: `have`, `state` and `reason` of seat lines, held, seats_full. CS_E_NOMEM. */
CS_RESULT policy_seats_fill(struct sheet *s, struct arena *arena);
/* What keeps this person from every seat that is not `self`; REASON_OK when nothing does. Asks for s->in and
 * s->separate. */
enum policy_reason policy_separated(const struct sheet *s, const struct state_person *p);
/* Does this person hold a seat now? */
bool policy_has_seat(const struct sheet *s, const struct state_person *p);

/* Do the policies of the sheet let this key sign in this role? */
bool policy_key_may(const struct sheet *s, const struct state_credential *c, struct span role);

#endif
