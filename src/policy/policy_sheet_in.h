/* SPDX-License-Identifier: Apache-2.0 */
/* How a sheet's lines are collected; private to this room. Pure. */
#ifndef POLICY_SHEET_IN_H
#define POLICY_SHEET_IN_H

#include "policy/policy_sheet.h"

/* Collects lines; a line that both policies ask for is kept once, at its stricter value: more people, a shorter clock,
 * neither `self` nor `voucher` unless both say so. */
struct builder {
    struct arena *arena;
    struct sheet_line *lines;
    size_t count;
    size_t cap;
    uint32_t *next;  /* of each line the one before it of the same bucket, its place + 1; 0: none */
    uint32_t *first; /* of each bucket */
    uint32_t mask;
    struct sheet *sheet;
};

/* Room for so many. CS_E_NOMEM. */
CS_RESULT policy_lines_make(struct builder *b, size_t cap);
/* After lines were renamed or taken away. */
void policy_lines_again(struct builder *b);
/* The line of this name, in constant time; NULL when there is none. */
const struct sheet_line *policy_line_named(const struct builder *b, enum sheet_kind kind, struct span rule,
                                           struct span id);
/* Once every rule has had its say: numbers get their text; then the fixed order; then the digest of what people sign.
 */
CS_RESULT policy_lines_limits(struct builder *b);
void policy_lines_sort(struct sheet *s);
CS_RESULT policy_sheet_digest(struct sheet *s);
CS_RESULT policy_line_add(struct builder *b, const struct sheet_line *line);
/* Every rule of the document that matches the deployment. */
CS_RESULT policy_rules_add(struct builder *b, const struct policy_doc *doc);
/* Its seats, under names of their own where another policy means something else by the same ones. */
CS_RESULT policy_seats_add(struct builder *b, struct span rule, const struct policy_seats *seats, uint64_t version);
/* All seats of the document's rules that match, likewise. */
CS_RESULT policy_rule_seats_add(struct builder *b, const struct policy_doc *doc);
/* What the line that is there takes over from the one that another policy has. */
CS_RESULT policy_seat_merge(struct builder *b, struct sheet_line *have, const struct sheet_line *line);
/* Once all lines are there: a seat waits for no seat that is not on the sheet; who may stand in by now. */
CS_RESULT policy_seats_order(struct builder *b);
/* Members of a seat's line, in the order of the alphabet up to `have`; and the last. */
void policy_seat_write(const struct sheet_line *l, struct json_out *o, bool to_sign);
void policy_veto_write(const struct sheet_line *l, struct json_out *o);
/* Lines that the document can add at most. */
size_t policy_rules_lines(const struct policy_doc *doc);

/* What the request must say of its source and its ticket; at most six lines a rule. */
enum { POLICY_SOURCE_LINES = 6 };
CS_RESULT policy_source_add(struct builder *b, const struct policy_rule *rule, uint64_t version);
/* What must have run before where the document says so: the line, and, once every policy has had its say, how it is. */
CS_RESULT policy_promotion_add(struct builder *b, const struct policy_doc *doc);
CS_RESULT policy_promotion_look(struct builder *b);
/* The rule's lines of evidence. */
CS_RESULT policy_evidence_add(struct builder *b, const struct policy_rule *rule, uint64_t version);
/* For kind waiver: its one seat, or what keeps it from having one. */
CS_RESULT policy_waiver_lines(struct builder *b);
/* Of each item of the calendar that is for the deployment's environment, one line. */
CS_RESULT policy_windows_add(struct builder *b, const struct policy_doc *doc);
/* One line if a policy has freezes: of a deployment, of an emergency about this incident (or none). */
CS_RESULT policy_freeze_add(struct builder *b);
CS_RESULT policy_freeze_emergency(struct builder *b, struct span incident);
CS_RESULT policy_thaw_add(struct builder *b);

/* For kind delegate. */
CS_RESULT policy_delegate_lines(struct builder *b);
/* For kind emergency, review and voucher. */
CS_RESULT policy_emergency_lines(struct builder *b);
size_t policy_emergency_lines_most(const struct sheet_input *in);
/* Sets since when signatures count: those of people who are together, on what is still so. */
void policy_emergency_fresh(struct sheet *s);

#endif
