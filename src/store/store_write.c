/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_head.h"
#include "store/store_sql.h"

/* The journal goes back into the database between two batches, once it has this many pages (8 MiB). */
enum { JOURNAL_PAGES = 1024 };

/* Runs a statement that answers with no row. */
static CS_RESULT finish(struct store_use *u, const char *what)
{
    return store_step(u) == SQLITE_DONE ? CS_SUCCESS : store_write_error(u->s, what);
}

static CS_RESULT run(struct store *s, enum store_sql which, const char *what)
{
    USE u = store_use(s, which);
    return finish(&u, what);
}

static void end_batch(struct store *s)
{
    wr_release(&s->batch.note);
    s->batch = (struct store_batch){0};
}

static CS_RESULT tidy_journal(struct store *s)
{
    if (!s->flush_journal && s->wal_pages < JOURNAL_PAGES) {
        return CS_SUCCESS;
    }
    const int mode = s->flush_journal ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    const int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, mode, NULL, NULL);
    if (rc == SQLITE_LOCKED || rc == SQLITE_BUSY) {
        return CS_SUCCESS; /* a read is under way: next time */
    }
    if (rc != SQLITE_OK) {
        return store_write_error(s, "store.journal");
    }
    s->wal_pages = 0;
    s->flush_journal = false;
    return CS_SUCCESS;
}

CS_RESULT store_begin(struct store *s)
{
    ENSURE(s->verified && !s->sealed && !s->broken, CS_E_STATE, "store.read_only");
    ENSURE(!s->batch.open, CS_E_STATE, "store.batch");
    TRY(tidy_journal(s));
    TRY(run(s, SQL_BEGIN, "store.begin"));
    s->batch = (struct store_batch){.open = true, .first = s->size, .note = wr_heap(STORE_NOTE_MAX_BYTES)};
    return CS_SUCCESS;
}

static CS_RESULT in_batch(const struct store *s)
{
    ENSURE(s->batch.open && !s->broken, CS_E_STATE, "store.batch");
    return CS_SUCCESS;
}

CS_RESULT store_put_entry(struct store *s, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    TRY(in_batch(s));
    ENSURE(idx == s->size, CS_E_ORDER, "store.entry");
    ENSURE(leaf.left >= 1 && leaf.left <= STORE_LEAF_MAX_BYTES, CS_E_RANGE, "store.entry");

    USE u = store_use(s, SQL_PUT_ENTRY);
    store_bind_u64(&u, 1, idx);
    store_bind_span(&u, 2, leaf);
    store_bind_span(&u, 3, sha256_span(hash));
    TRY(finish(&u, "store.entry"));
    s->size++;
    return CS_SUCCESS;
}

CS_RESULT store_put_checkpoint(struct store *s, uint64_t size, struct span note, uint64_t made_at_ms)
{
    TRY(in_batch(s));
    ENSURE(size == s->size && size > s->last_checkpoint && !s->batch.has_note, CS_E_ORDER, "store.checkpoint");
    ENSURE(note.left >= 1 && note.left <= STORE_NOTE_MAX_BYTES, CS_E_RANGE, "store.checkpoint");
    wr_bytes(&s->batch.note, note);
    TRY(wr_end(&s->batch.note, "store.checkpoint"));

    USE u = store_use(s, SQL_PUT_CHECKPOINT);
    store_bind_u64(&u, 1, size);
    store_bind_span(&u, 2, note);
    store_bind_u64(&u, 3, made_at_ms);
    TRY(finish(&u, "store.checkpoint"));
    s->batch.has_note = true;
    s->batch.noted = size;
    return CS_SUCCESS;
}

/* Is there a row? */
static CS_RESULT exists(struct store_use *u, const char *what, bool *ret_there)
{
    const int rc = store_step(u);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        return store_write_error(u->s, what);
    }
    *ret_there = rc == SQLITE_ROW;
    return CS_SUCCESS;
}

static CS_RESULT blob_exists(struct store *s, const struct sha256 *sha256, bool *ret_there)
{
    USE u = store_use(s, SQL_BLOB);
    store_bind_span(&u, 1, sha256_span(sha256));
    return exists(&u, "store.blob", ret_there);
}

CS_RESULT store_put_blob(struct store *s, struct span data, struct sha256 *ret_sha256)
{
    TRY(in_batch(s));
    ENSURE(data.left <= STORE_BLOB_MAX_BYTES, CS_E_RANGE, "store.blob");
    const struct sha256 name = digest_sha256(data);
    bool there = false;
    TRY(blob_exists(s, &name, &there));
    if (!there) {
        USE u = store_use(s, SQL_PUT_BLOB);
        store_bind_span(&u, 1, sha256_span(&name));
        store_bind_span(&u, 2, data);
        TRY(finish(&u, "store.blob"));
    }
    *ret_sha256 = name;
    return CS_SUCCESS;
}

/* What is attached to a checkpoint may come from outside twice, or too late: that must not break the store. */
static CS_RESULT check_attachment(struct store *s, enum store_sql list, uint64_t size, struct span item)
{
    bool there = false;
    USE checkpoint = store_use(s, SQL_HAS_CHECKPOINT);
    store_bind_u64(&checkpoint, 1, size);
    TRY(exists(&checkpoint, "store.checkpoint", &there));
    ENSURE(there, CS_E_MISSING, "store.checkpoint");

    USE u = store_use(s, list);
    store_bind_u64(&u, 1, size);
    int rc = store_step(&u);
    while (rc == SQLITE_ROW) {
        ENSURE(!span_eq(store_column_span(&u, 0), item), CS_E_DUPLICATE, "store.attachment");
        rc = store_step(&u);
    }
    return rc == SQLITE_DONE ? CS_SUCCESS : store_write_error(s, "store.attachment");
}

static CS_RESULT attach(struct store *s, enum store_sql put, enum store_sql list, uint64_t size, struct span item)
{
    TRY(in_batch(s));
    ENSURE(item.left >= 1 && item.left <= STORE_NOTE_MAX_BYTES, CS_E_RANGE, "store.attachment");
    TRY(check_attachment(s, list, size, item));

    USE u = store_use(s, put);
    store_bind_u64(&u, 1, size);
    store_bind_span(&u, 2, item);
    return finish(&u, "store.attachment");
}

CS_RESULT store_put_cosig(struct store *s, uint64_t size, struct span line)
{
    return attach(s, SQL_PUT_COSIG, SQL_COSIGS, size, line);
}

CS_RESULT store_put_stamp(struct store *s, uint64_t size, struct span token)
{
    return attach(s, SQL_PUT_STAMP, SQL_STAMPS, size, token);
}

CS_RESULT store_erase_blob(struct store *s, const struct sha256 *sha256)
{
    bool there = false;
    TRY(in_batch(s));
    TRY(blob_exists(s, sha256, &there));
    ENSURE(there, CS_E_MISSING, "store.blob");

    USE u = store_use(s, SQL_ERASE_BLOB);
    store_bind_span(&u, 1, sha256_span(sha256));
    TRY(finish(&u, "store.erase"));
    s->batch.erased = true;
    return CS_SUCCESS;
}

CS_RESULT store_commit(struct store *s)
{
    TRY(in_batch(s));
    const bool covered = s->batch.has_note ? s->batch.noted == s->size : s->batch.first == s->size;
    ENSURE(covered, CS_E_STATE, "store.uncovered");
    TRY(run(s, SQL_COMMIT, "store.commit"));
    if (s->batch.has_note) {
        if (store_head_write(s->path, wr_span(&s->batch.note)).code != CS_OK) {
            return store_write_error(s, "store.head");
        }
        s->last_checkpoint = s->batch.noted;
    }
    s->flush_journal = s->flush_journal || s->batch.erased;
    end_batch(s);
    return CS_SUCCESS;
}

CS_RESULT store_rollback(struct store *s)
{
    TRY(in_batch(s));
    TRY(run(s, SQL_ROLLBACK, "store.rollback"));
    s->size = s->batch.first;
    end_batch(s);
    return CS_SUCCESS;
}
