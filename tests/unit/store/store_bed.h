/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the store share: a place on disk, notes of a toy form ("SIZE ROOT-IN-HEX\n"), batches of entries.
 */
#ifndef STORE_BED_H
#define STORE_BED_H

#include <sqlite3.h>

#include "store/store.h"

struct bed {
    char dir[40];
    char db[64];
    char head[72];
    char wal[72];
    struct store *s;
    struct merkle_frontier tree;
    unsigned entries_seen; /* by the visitor of the last open */
    bool stops;            /* the visitor fails with CS_E_MISMATCH at stop_at */
    uint64_t stop_at;
};

/* cmocka set-up and tear-down; the state is the bed. */
int bed_make(void **state);
int bed_drop(void **state);
/* The same without cmocka. */
bool bed_init(struct bed *b);
void bed_clear(struct bed *b);

/* Opens and verifies; asserts the condition. */
void bed_open(struct bed *b, enum store_condition want);
/* Opens and verifies; any failure is returned. */
struct cs_result bed_try_open(struct bed *b, struct store_verdict *ret_verdict);
void bed_close(struct bed *b);

/* "entry N" and so on, as in docs/formats/tree.md. */
struct span bed_leaf(uint64_t idx, char buf[32]);
/* A note for the bed's tree. */
struct span bed_note(const struct bed *b, char buf[128]);
/* Adds one entry to the open batch and to the bed's tree. */
struct cs_result bed_put(struct bed *b);
/* begin, n entries, checkpoint, commit. */
struct cs_result bed_batch(struct bed *b, unsigned n);
/* bed_batch that must succeed. */
void bed_append(struct bed *b, unsigned n);

/* SQL on the closed database, with its triggers taken away before and put back after. */
void bed_tamper(const struct bed *b, const char *sql);
/* SQL on the closed database as it is; SQLite's answer. */
int bed_sql(const struct bed *b, const char *sql);

/* Whole files, for the tests that break them. */
size_t bed_read_file(const char *path, uint8_t *buf, size_t room);
void bed_write_file(const char *path, const void *bytes, size_t n);

#endif
