/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a policy that have a file of their own. Inside the room only. */
#ifndef DRAFT_PARTS_H
#define DRAFT_PARTS_H

#include "draft/draft_rows.h"

void draft_put_seats(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_earned(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_when(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_tokens(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_emergency(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
/* A map, of which the compiled form keeps the names; and what comes after what, if anything does. */
void draft_put_environments(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_promotion(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_calendar(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_freeze(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
/* All that draft_use_zone was told of, when it is known. */
void draft_put_zones(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_use_zone(struct draft_ctx *c, const struct draft_node *v);
/* Of what was compiled from this list: windows that never occur, environments that never open. */
void draft_check_calendar(struct draft *d, const struct policy_doc *doc, const struct draft_node *list);
/* Declared environments. */
void draft_put_places(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_access_review(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_delegation(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_directory(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_duty(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
/* What a rule asks of a request's source and ticket. */
void draft_put_source(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_ticket(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_escalate(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_rule_token(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
/* Rules for stages without seats, behind the others of the list. */
void draft_put_stage_rules(struct draft_ctx *c, const struct draft_node *rules);
/* Rows of a seat. */
void draft_put_after(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_count(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_quorum(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_veto(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
/* How many people of a group of so many the seat needs; without a quorum its count. 0 when that cannot be read. */
uint64_t draft_seat_need(const struct draft_node *seat, size_t of);
void draft_put_evidence(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
/* A declared role. */
void draft_put_role(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
/* How many people a seat is for; 0 when that cannot be read. */
uint64_t draft_seat_count(const struct draft_node *seat);
/* Against the roster, if there is one: the people of the seat's role over all seats of the list. */
void draft_check_fillable(struct draft_ctx *c, const struct draft_node *list, const struct draft_node *seat);
/* Ids of a list's items are distinct. */
void draft_check_ids(struct draft_ctx *c, const struct draft_node *list, const char *what);

/* What `history` asks: all of it. */
struct draft_measure {
    struct span name;
    bool least; /* a bound from below */
    int64_t bound;
};
struct draft_history {
    uint64_t window_s;
    struct draft_measure item[3];
    size_t count;
};
struct draft_history draft_history_read(struct draft_ctx *c, const struct draft_node *v);

#endif
