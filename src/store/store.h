/* SPDX-License-Identifier: Apache-2.0 */
/* The log on disk: one SQLite file, one connection, one writer, append only. docs/formats/store.md
 *
 * Rules for every call:
 * - CS_E_IO from a call that writes (begin to commit, erase) means that the outcome is unknown: the store is broken,
 * every later write is refused with CS_E_STATE, and the process must end without answering. A restart finds out what is
 * there.
 * - Not thread-safe. Spans given to callbacks are valid during the callback only. */
#ifndef STORE_H
#define STORE_H

#include "base/base_writer.h"
#include "merkle/merkle_tree.h"

enum { STORE_LEAF_MAX_BYTES = 32 << 10, STORE_NOTE_MAX_BYTES = 128 << 10, STORE_BLOB_MAX_BYTES = 64 << 20 };

struct store;

/**
 * Open the log at path, or make an empty one (mode 0600) where nothing stands or a file of zero bytes. The file stays
 * locked by this process until store_close. The head file is path with ".head" after it.
 *
 * Errors: CS_E_RANGE     path empty or too long
 *         CS_E_STATE     another process holds it
 *         CS_E_TYPE      not a database of ours, or not a plain file
 *         CS_E_UNKNOWN   made by a version with another schema
 *         CS_E_MISMATCH  tables or triggers are not the ones we make, or the file is damaged
 *         CS_E_IO        cannot be opened, read or made
 *         CS_E_NOMEM     no memory
 */
CS_RESULT store_open(const char *path, struct store **ret_store);
/* Rolls back what is not committed. NULL is allowed. */
void store_close(struct store *s);
static inline void cs_auto_store(struct store **s)
{
    store_close(*s);
}
#define AUTO_STORE __attribute__((cleanup(cs_auto_store))) struct store

/* How many entries there are, those of the open transaction included. */
uint64_t store_size(const struct store *s);

/* --- the start --- */

enum store_condition {
    STORE_CORRUPT, /* an entry, its hash or a checkpoint is not what it was */
    STORE_BEHIND, /* sound as far as it goes, but a later state was signed: this is an older copy, or its end is missing
                   */
    STORE_SOUND
};

struct store_verdict {
    enum store_condition condition;
    uint64_t at;        /* index of the entry, or size of the checkpoint, where it went wrong; else the size */
    uint64_t head_size; /* what the head file says; 0 without one */
    const char *why;    /* in words, a literal; "" when sound */
};

struct store_visitor {
    void *ctx;
    /* Take a checkpoint apart and check its signature. Anything but CS_OK makes the log CORRUPT. */
    struct cs_result (*checkpoint)(void *ctx, struct span note, uint64_t *ret_size, struct sha256 *ret_root);
    /* NULL, or called for every entry in order, after its hash was checked and before the checkpoint that covers it. An
     * error ends the verification and is returned. */
    struct cs_result (*entry)(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash);
};

/**
 * Recompute the tree from the leaves and hold it against every checkpoint and the head file. If the head file is older
 * than the last checkpoint (a crash between the two), it is brought up to date. Unless SOUND, the store refuses writes
 * from then on.
 *
 * Errors: CS_E_IO  the disk cannot be read, or the head file cannot be written; or what visitor->entry returned
 *         A verdict, even a bad one, is CS_OK.
 */
CS_RESULT store_verify(struct store *s, const struct store_visitor *visitor, struct merkle_frontier *ret_frontier,
                       struct store_verdict *ret_verdict);

/* Refuse writes from now on, for a reason the store cannot see (a TPM counter, a witness). */
void store_seal(struct store *s);

/* --- writing: begin, put entries and blobs, put the checkpoint that covers them, commit --- */

/* CS_E_STATE if sealed, broken, or not verified; or a transaction is open. */
CS_RESULT store_begin(struct store *s);
/**
 * @idx   store_size.
 * @leaf  1..STORE_LEAF_MAX_BYTES.
 * @hash  merkle_leaf of leaf.
 *
 * Errors: CS_E_STATE  no transaction
 *         CS_E_ORDER  not the next index
 *         CS_E_RANGE  leaf empty or too long
 *         CS_E_IO
 */
CS_RESULT store_put_entry(struct store *s, uint64_t idx, struct span leaf, const struct sha256 *hash);
/* size must be store_size and above the last checkpoint's. Errors: CS_E_STATE, CS_E_ORDER, CS_E_RANGE (note), CS_E_IO.
 */
CS_RESULT store_put_checkpoint(struct store *s, uint64_t size, struct span note, uint64_t made_at_ms);
/* Kept under its SHA-256; a blob that is there already stays. Errors: CS_E_STATE, CS_E_RANGE above
 * STORE_BLOB_MAX_BYTES, CS_E_IO. */
CS_RESULT store_put_blob(struct store *s, struct span data, struct sha256 *ret_sha256);
/* A cosignature line, or an RFC 3161 token, for a checkpoint that is there. Errors: CS_E_STATE, CS_E_MISSING,
 * CS_E_DUPLICATE, CS_E_RANGE, CS_E_IO. */
CS_RESULT store_put_cosig(struct store *s, uint64_t size, struct span line);
CS_RESULT store_put_stamp(struct store *s, uint64_t size, struct span token);
/* Call right after putting the `erase` entry that names the blob; the database refuses anything else. The bytes are
 * overwritten, and gone from the journal when the next transaction has begun. Errors: CS_E_STATE, CS_E_MISSING,
 * CS_E_IO. */
CS_RESULT store_erase_blob(struct store *s, const struct sha256 *sha256);
/**
 * Make it durable, then the head file. Nothing may be answered before this returns CS_OK.
 *
 * Errors: CS_E_STATE  no transaction, or entries without a checkpoint that covers them all
 *         CS_E_IO
 */
CS_RESULT store_commit(struct store *s);
/* For a reason that is not the disk's. CS_E_STATE without a transaction, CS_E_IO. */
CS_RESULT store_rollback(struct store *s);

/* --- reading --- */

/* Calls fn for the entries first..first+count-1, or up to the end. Errors: CS_E_IO, CS_E_MISMATCH (a gap), fn's own. */
CS_RESULT store_each_entry(struct store *s, uint64_t first, uint64_t count,
                           struct cs_result (*fn)(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash),
                           void *ctx);
/* Appends the leaf to w. Errors: CS_E_MISSING, CS_E_IO, w's. */
CS_RESULT store_entry(struct store *s, uint64_t idx, struct writer *w);
/* Appends the first checkpoint of a size above `above` to w. Errors: CS_E_MISSING, CS_E_IO, w's. */
CS_RESULT store_checkpoint_after(struct store *s, uint64_t above, uint64_t *ret_size, struct writer *w);
/* Appends the last checkpoint to w. Errors: CS_E_MISSING while there is none, CS_E_IO, w's. */
CS_RESULT store_last_checkpoint(struct store *s, uint64_t *ret_size, struct writer *w);
/* Calls fn for every checkpoint of a size above `above`, in order. Errors: CS_E_IO, fn's own. */
CS_RESULT store_each_checkpoint(struct store *s, uint64_t above,
                                struct cs_result (*fn)(void *ctx, uint64_t size, struct span note, uint64_t made_at_ms),
                                void *ctx);
/* Calls fn for every cosignature line, or every stamp, of the checkpoint of this size. Errors: CS_E_IO, fn's own. */
CS_RESULT store_each_cosig(struct store *s, uint64_t size, struct cs_result (*fn)(void *ctx, struct span line),
                           void *ctx);
CS_RESULT store_each_stamp(struct store *s, uint64_t size, struct cs_result (*fn)(void *ctx, struct span token),
                           void *ctx);
/* Errors: CS_E_IO. */
CS_RESULT store_has_blob(struct store *s, const struct sha256 *sha256, bool *ret_there);
/* Bytes of the file system that the log is on: those that we may still write, and all. Errors: CS_E_IO. */
CS_RESULT store_space(const struct store *s, uint64_t *ret_free, uint64_t *ret_all);
/* Appends the blob to w. Errors: CS_E_MISSING, CS_E_MISMATCH (not what its name says), CS_E_IO, w's. */
CS_RESULT store_blob(struct store *s, const struct sha256 *sha256, struct writer *w);

#endif
