/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which members of a JSON file are read, as a table: at each place the keys that lead on, and of what types their
 * values may be. Everything else is skipped. Private to this room.
 */
#ifndef EVIDENCE_WALK_H
#define EVIDENCE_WALK_H

#include "evidence/evidence_in.h"
#include "json/json_stream.h"

enum {
    WALK_SKIP = 0,  /* nothing below is read */
    WALK_START = 1, /* the place of the one value's row */
    WALK_OBJECT = 1 << JSON_TOKEN_OBJECT,
    WALK_ARRAY = 1 << JSON_TOKEN_ARRAY,
    WALK_STRING = 1 << JSON_TOKEN_STRING,
    WALK_NUMBER = 1 << JSON_TOKEN_NUMBER,
    WALK_BOOL = 1 << JSON_TOKEN_BOOL,
    WALK_NULL = 1 << JSON_TOKEN_NULL, /* as if the member were not there: no call */
    WALK_PLACES_MAX = 64
};

/* A step from one place to another, both below WALK_PLACES_MAX; rows of one `from` stand together, in rising order. A
 * key of NULL stands for each item of an array, "*" for each member that no other row names. */
struct walk_row {
    uint8_t from;
    uint8_t to;
    uint8_t kinds;
    const char *key;
};

struct walk_plan {
    const struct walk_row *rows;
    size_t row_count;
    bool strict;      /* a member without a row is CS_E_UNKNOWN */
    const char *what; /* "sarif": names the file in errors */
    /* A scalar at a place; key is of the member (for "*"). */
    struct cs_result (*value)(struct evidence *e, unsigned place, const struct json_token *token);
    struct cs_result (*open)(struct evidence *e, unsigned place);  /* may be NULL */
    struct cs_result (*close)(struct evidence *e, unsigned place); /* may be NULL */
};

/* First in the own bytes of a reader that walks. */
struct walk {
    const struct walk_plan *plan;
    struct json_stream stream;
    unsigned depth;
    uint8_t next;                             /* place of the value that comes, in an object */
    uint8_t kinds;                            /* likewise */
    uint8_t place[JSON_STREAM_DEPTH_MAX + 1]; /* of the containers that are open */
    bool array[JSON_STREAM_DEPTH_MAX + 1];    /* likewise: is it one? */
    uint64_t seen[JSON_STREAM_DEPTH_MAX + 1]; /* bit n: the member that leads to place n stood there */
    uint64_t ever;                            /* bit n: place n was reached at all */
    uint8_t first_byte;                       /* of the file */
    bool begun;                               /* there was one */
    uint8_t first[WALK_PLACES_MAX];           /* row of each place, or row_count */
    char key[EVIDENCE_WORD_MAX + 1];          /* of the member that comes, if it is a "*" */
};

void walk_begin(struct evidence *e, struct walk *w, const struct walk_plan *plan);
CS_RESULT walk_feed(struct evidence *e, struct walk *w, struct span bytes);
CS_RESULT walk_end(struct evidence *e, struct walk *w);
/* Did anything stand at this place? */
static inline bool walk_reached(const struct walk *w, unsigned place)
{
    return (w->ever >> place & 1U) != 0;
}

/* For readers whose own bytes begin with the walk. */
CS_RESULT walk_feed_own(struct evidence *e, struct span bytes);
uint64_t walk_line_own(const struct evidence *e);
void walk_release_own(struct evidence *e); /* nothing */

#endif
