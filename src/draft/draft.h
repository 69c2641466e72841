/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents as people write them: YAML, of which JSON is a part. They are read by the command line only, never by a
 * daemon. Every fault is listed with its place; what has one is refused. Source: docs/policy.md, docs/adr/0060.
 */
#ifndef DRAFT_DRAFT_H
#define DRAFT_DRAFT_H

#include "base/base_arena.h"
#include "base/base_writer.h"

enum {
    DRAFT_TEXT_MAX = 1 << 20, /* bytes of a document */
    DRAFT_DEPTH_MAX = 16,
    DRAFT_ITEMS_MAX = 2048, /* of one map or list */
    DRAFT_NODES_MAX = 65536,
    DRAFT_FAULTS_MAX = 100,
    DRAFT_SENTENCE_MAX = 320,
    DRAFT_SHOWN_MAX = 48, /* bytes of a word in a sentence */
};

/* Counted from one; a column is a character. */
struct draft_place {
    uint32_t line;
    uint32_t column;
};

struct draft_fault {
    struct draft_place at;
    const char *sentence; /* printable ASCII, in the arena */
};

/* One document while it is read. */
struct draft {
    struct arena *arena;
    struct draft_fault fault[DRAFT_FAULTS_MAX];
    size_t fault_count;
    size_t faults_left_out; /* past DRAFT_FAULTS_MAX */
    bool no_room;           /* the arena is full: what was read is not whole */
    /* Appends the file of a time zone, whose name has letters, digits and +-_/ only. CS_E_MISSING when there is none.
     * NULL: there is none at all. */
    struct cs_result (*zone)(struct span name, struct writer *w);
};

enum draft_kind { DRAFT_NONE, DRAFT_SCALAR, DRAFT_LIST, DRAFT_MAP };

struct draft_node {
    enum draft_kind kind;
    bool plain; /* a scalar without quotes */
    struct draft_place at;
    struct span text;             /* of a scalar, UTF-8, in the arena */
    const struct draft_node *key; /* of a member of a map */
    const struct draft_node *child;
    const struct draft_node *next;
    size_t count; /* children */
};

void draft_init(struct draft *d, struct arena *arena);
/* Lists a fault; the sentence is cut at DRAFT_SENTENCE_MAX. */
void draft_fault(struct draft *d, struct draft_place at, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A word of the document for a sentence: only printable ASCII, short. */
struct draft_shown {
    char text[DRAFT_SHOWN_MAX + 4];
};
struct draft_shown draft_show(struct span word);
/* By place. */
void draft_sort_faults(struct draft *d);
/* Nothing is wrong so far. */
bool draft_good(const struct draft *d);

/*
 * Reads a whole document. *ret_top is NULL when a fault is so bad that nothing can be looked at. Refused, as faults:
 * what is not YAML or not UTF-8, more than one document, a tab that indents, an anchor, an alias, a tag, a key that is
 * no scalar or stands twice in its map, and anything past the maxima above.
 *
 * Errors: CS_E_NOMEM
 */
CS_RESULT draft_load(struct draft *d, struct span text, const struct draft_node **ret_top);

/* NULL when v is no map or has no such member. */
const struct draft_node *draft_member(const struct draft_node *v, const char *key);
/* An empty plain scalar, `~` or `null`: a member that was named and left empty. */
bool draft_is_empty(const struct draft_node *v);
/* "30m", "24h", "90d", "45s", at most ten years; zero too. False for anything else. */
bool draft_seconds(const struct draft_node *v, uint64_t *ret_seconds);

#endif
