/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables by which a document is compiled: a row a member. Rows stand in the order of the compiled form's members,
 * so walking the table writes canonical JSON; the document's own order does not matter. Inside the room only.
 */
#ifndef DRAFT_ROWS_H
#define DRAFT_ROWS_H

#include "draft/draft_policy.h"
#include "json/json_out.h"

/* Words of one kind that the document declares, or that are fixed. */
struct draft_names {
    const struct span *item;
    size_t count;
};

struct draft_room; /* in which conditions are multiplied out */

/* One policy while it is compiled. */
struct draft_ctx {
    struct draft *d;
    struct json_out *o;
    const struct draft_node *top;      /* the whole document */
    const struct draft_roster *roster; /* NULL: not checked against one */
    struct draft_names roles;          /* as declared, in the document's order */
    struct draft_names environments;
    struct draft_names change_types; /* those of emergencies behind the others */
    size_t declared_types;           /* how many of them `change_types` declares */
    const struct draft_node *key;    /* of the map's member whose rows are walked, for rows that write it */
    const struct draft_node *item;   /* the line of evidence whose rows are walked, for the row of its limits */
    struct draft_room *room;         /* made when the first condition is met */
    const struct draft_node *zone[ZONES_MAX]; /* time zones that something names, distinct */
    size_t zone_count;
    const struct draft_node *rule; /* whose rows are walked */
    const struct draft_node *seat; /* likewise */
};

/* draft_put_when, for `otherwise`: the condition must hold for sure; and only history counts. */
enum { DRAFT_WHEN_WIDENS = 1, DRAFT_WHEN_EARNS = 2 };

enum draft_need { DRAFT_MAY, DRAFT_MUST, DRAFT_ALWAYS /* put is called with NULL when it is not there */ };

struct draft_row {
    const char *key; /* in the document; "" for what only the compiled form has */
    enum draft_need need;
    /* Writes the member. */
    void (*put)(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);
    const char *member; /* in the compiled form */
    uint64_t min;
    uint64_t max;
    uint64_t otherwise; /* when it is not there, for DRAFT_ALWAYS */
};

/* The members of v by these rows; `what` names it in sentences ("a seat"). */
void draft_rows(struct draft_ctx *c, const struct draft_node *v, const struct draft_row *rows, size_t count,
                const char *what);

/* Is it of this kind? A fault if not. */
bool draft_is(struct draft_ctx *c, const struct draft_node *v, enum draft_kind kind, const char *hint);
/* The nearest of the words if half of its letters agree; NULL otherwise. */
const char *draft_nearest(struct span word, const char *const *words, size_t count);
/* " Did you mean `x`?" or "", of declared names. */
struct draft_hint {
    char text[DRAFT_SHOWN_MAX + 32];
};
struct draft_hint draft_hint_names(struct span word, struct draft_names names);
struct draft_hint draft_hint_words(struct span word, const char *const *words, size_t count);
bool draft_has(struct draft_names names, struct span word);

/* A list of scalars, or one scalar. Sorted, distinct, in the arena; each in turn for the check. Empty after a fault. */
struct draft_item {
    const struct draft_node *node;
};
struct draft_set {
    struct draft_item *item; /* sorted */
    size_t count;
};
struct draft_set draft_take_set(struct draft_ctx *c, const struct draft_node *v, size_t max, const char *what);
void draft_put_set(struct draft_ctx *c, const char *member, const struct draft_set *set);

/* The members of a map, sorted by key; at most max, at least one. */
struct draft_set draft_members(struct draft_ctx *c, const struct draft_node *v, size_t max);
/* Plain true or false. False, with a fault, for anything else. */
bool draft_take_bool(struct draft_ctx *c, const struct draft_node *v, const char *key, bool *ret_said);

/* A fault unless it is a name, and the same one to every reader. */
void draft_check_name(struct draft_ctx *c, const struct draft_node *v);

/* For rows. */
void draft_put_names(struct draft_ctx *c, const struct draft_row *row,
                     const struct draft_node *v); /* a set; at most max or 256 */
void draft_put_id(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);       /* no slash */
void draft_put_int(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v);      /* min..max */
void draft_put_duration(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v); /* in seconds */

/* A decimal with at most six places, such as 0.80, as millionths. False, without a fault, for anything else. */
bool draft_millionths(struct span text, uint64_t *ret_value);

/* A plain scalar that YAML 1.1 or 1.2 reads as something else than this text, true, false or a whole number; and one
 * that every reader takes for this text. */
bool draft_is_odd(const struct draft_node *v);
bool draft_is_text(const struct draft_node *v);

/* Whole numbers in their one spelling. False, without a fault, for anything else. */
bool draft_integer(const struct draft_node *v, int64_t *ret_value);

#endif
