/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a policy that have a file of their own. Inside the room only. */
#ifndef DRAFT_PARTS_H
#define DRAFT_PARTS_H

#include "draft/draft_rows.h"

void draft_put_seats(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
void draft_put_when(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
/* Ids of a list's items are distinct. */
void draft_check_ids(struct draft_ctx *c, const struct draft_node *list, const char *what);

#endif
