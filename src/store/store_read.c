/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_sql.h"

#include <sys/statvfs.h>

CS_RESULT store_each_entry(struct store *s, uint64_t first, uint64_t count,
                           struct cs_result (*fn)(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash),
                           void *ctx)
{
    USE u = store_use(s, SQL_ENTRIES);
    store_bind_u64(&u, 1, first);
    for (uint64_t done = 0; done < count; done++) {
        const int rc = store_step(&u);
        if (rc == SQLITE_DONE) {
            return CS_SUCCESS;
        }
        if (rc != SQLITE_ROW) {
            return store_read_error(rc, "store.entries");
        }
        uint64_t idx = 0;
        struct sha256 hash;
        const struct span stored = store_column_span(&u, 2);
        ENSURE(store_column_u64(&u, 0, &idx) && idx == first + done, CS_E_MISMATCH, "store.gap");
        ENSURE(stored.left == SHA256_BYTES, CS_E_MISMATCH, "store.leaf_hash");
        memcpy(hash.b, stored.p, SHA256_BYTES);
        TRY(fn(ctx, idx, store_column_span(&u, 1), &hash));
    }
    return CS_SUCCESS;
}

/* The step that must give a row; CS_E_MISSING if there is none. */
static CS_RESULT one_row(struct store_use *u, const char *what)
{
    const int rc = store_step(u);
    if (rc == SQLITE_ROW) {
        return CS_SUCCESS;
    }
    return rc == SQLITE_DONE ? CS_FAIL(CS_E_MISSING, what) : store_read_error(rc, what);
}

CS_RESULT store_entry(struct store *s, uint64_t idx, struct writer *w)
{
    USE u = store_use(s, SQL_ENTRY);
    store_bind_u64(&u, 1, idx);
    TRY(one_row(&u, "store.entry"));
    wr_bytes(w, store_column_span(&u, 0));
    return wr_end(w, "store.entry");
}

static CS_RESULT take_checkpoint(struct store_use *u, uint64_t *ret_size, struct writer *w)
{
    uint64_t size = 0;
    TRY(one_row(u, "store.checkpoint"));
    ENSURE(store_column_u64(u, 0, &size), CS_E_MISMATCH, "store.checkpoint");
    wr_bytes(w, store_column_span(u, 1));
    TRY(wr_end(w, "store.checkpoint"));
    *ret_size = size;
    return CS_SUCCESS;
}

CS_RESULT store_checkpoint_after(struct store *s, uint64_t above, uint64_t *ret_size, struct writer *w)
{
    USE u = store_use(s, SQL_CHECKPOINTS);
    store_bind_u64(&u, 1, above);
    return take_checkpoint(&u, ret_size, w);
}

CS_RESULT store_last_checkpoint(struct store *s, uint64_t *ret_size, struct writer *w)
{
    USE u = store_use(s, SQL_LAST_CHECKPOINT);
    return take_checkpoint(&u, ret_size, w);
}

CS_RESULT store_each_checkpoint(struct store *s, uint64_t above,
                                struct cs_result (*fn)(void *ctx, uint64_t size, struct span note, uint64_t made_at_ms),
                                void *ctx)
{
    USE u = store_use(s, SQL_CHECKPOINTS);
    store_bind_u64(&u, 1, above);
    int rc = store_step(&u);
    while (rc == SQLITE_ROW) {
        uint64_t size = 0;
        uint64_t made_at_ms = 0;
        ENSURE(store_column_u64(&u, 0, &size) && store_column_u64(&u, 2, &made_at_ms), CS_E_MISMATCH,
               "store.checkpoint");
        TRY(fn(ctx, size, store_column_span(&u, 1), made_at_ms));
        rc = store_step(&u);
    }
    return rc == SQLITE_DONE ? CS_SUCCESS : store_read_error(rc, "store.checkpoint");
}

static CS_RESULT each_attachment(struct store *s, enum store_sql list, uint64_t size,
                                 struct cs_result (*fn)(void *ctx, struct span item), void *ctx)
{
    USE u = store_use(s, list);
    store_bind_u64(&u, 1, size);
    int rc = store_step(&u);
    while (rc == SQLITE_ROW) {
        TRY(fn(ctx, store_column_span(&u, 0)));
        rc = store_step(&u);
    }
    return rc == SQLITE_DONE ? CS_SUCCESS : store_read_error(rc, "store.attachment");
}

CS_RESULT store_each_cosig(struct store *s, uint64_t size, struct cs_result (*fn)(void *ctx, struct span line),
                           void *ctx)
{
    return each_attachment(s, SQL_COSIGS, size, fn, ctx);
}

CS_RESULT store_each_stamp(struct store *s, uint64_t size, struct cs_result (*fn)(void *ctx, struct span token),
                           void *ctx)
{
    return each_attachment(s, SQL_STAMPS, size, fn, ctx);
}

CS_RESULT store_blob(struct store *s, const struct sha256 *sha256, struct writer *w)
{
    USE u = store_use(s, SQL_BLOB);
    store_bind_span(&u, 1, sha256_span(sha256));
    TRY(one_row(&u, "store.blob"));
    const struct span data = store_column_span(&u, 0);
    const struct sha256 name = digest_sha256(data);
    ENSURE(sha256_eq(&name, sha256), CS_E_MISMATCH, "store.blob");
    wr_bytes(w, data);
    return wr_end(w, "store.blob");
}

CS_RESULT store_has_blob(struct store *s, const struct sha256 *sha256, bool *ret_there)
{
    USE u = store_use(s, SQL_BLOB);
    store_bind_span(&u, 1, sha256_span(sha256));
    const int rc = store_step(&u);
    ENSURE(rc == SQLITE_ROW || rc == SQLITE_DONE, store_read_error(rc, "store.blob").code, "store.blob");
    *ret_there = rc == SQLITE_ROW;
    return CS_SUCCESS;
}

CS_RESULT store_space(const struct store *s, uint64_t *ret_free, uint64_t *ret_all)
{
    struct statvfs v;

    ENSURE(statvfs(s->path, &v) == 0, CS_E_IO, "store.space");
    *ret_free = (uint64_t)v.f_bavail * v.f_frsize;
    *ret_all = (uint64_t)v.f_blocks * v.f_frsize;
    return CS_SUCCESS;
}
