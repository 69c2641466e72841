/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_head.h"
#include "store/store_sql.h"

struct mark {
    uint64_t size;
    struct sha256 root;
};

/* One pass over the entries, with the checkpoints beside it in the same order. */
struct pass {
    struct store *s;
    const struct store_visitor *visitor;
    struct merkle_frontier tree;
    struct store_use checkpoints;
    struct mark next; /* the checkpoint that comes next */
    bool has_next;
    uint64_t last; /* size of the last checkpoint passed */
    uint64_t passed;
    struct mark head;
    bool has_head;
    bool head_met;
    bool stopped;                 /* by the visitor */
    struct store_verdict verdict; /* filled when the pass stops at damage */
};

/* Stops the pass with a verdict; `why` is what tells it from an error. */
static struct cs_result corrupt(struct pass *p, uint64_t at, const char *why)
{
    p->verdict = (struct store_verdict){.condition = STORE_CORRUPT, .at = at, .why = why};
    return CS_FAIL(CS_E_MISMATCH, why);
}

static struct cs_result next_checkpoint(struct pass *p)
{
    const int rc = store_step(&p->checkpoints);
    p->has_next = rc == SQLITE_ROW;
    if (rc == SQLITE_DONE) {
        return CS_SUCCESS;
    }
    if (rc != SQLITE_ROW) {
        const struct cs_result r = store_read_error(rc, "store.checkpoint");
        return r.code == CS_E_MISMATCH ? corrupt(p, p->last, "a checkpoint cannot be read") : r;
    }
    uint64_t size = 0;
    if (!store_column_u64(&p->checkpoints, 0, &size) || size <= p->last) {
        return corrupt(p, p->last, "the checkpoints are not in order");
    }
    const struct span note = store_column_span(&p->checkpoints, 1);
    if (p->visitor->checkpoint(p->visitor->ctx, note, &p->next.size, &p->next.root).code != CS_OK) {
        return corrupt(p, size, "a checkpoint is malformed or not signed by the log's key");
    }
    return p->next.size == size ? CS_SUCCESS : corrupt(p, size, "a checkpoint stands under another size");
}

/* The tree has grown: does anything signed cover exactly this size? */
static struct cs_result compare_roots(struct pass *p)
{
    const uint64_t size = p->tree.size;
    const bool at_head = p->has_head && p->head.size == size;
    const bool at_checkpoint = p->has_next && p->next.size == size;

    if (!at_head && !at_checkpoint) {
        return CS_SUCCESS;
    }
    const struct sha256 root = merkle_root(&p->tree);
    if (at_head && !sha256_eq(&root, &p->head.root)) {
        return corrupt(p, size, "the head file holds another root for this size");
    }
    p->head_met = p->head_met || at_head;
    if (!at_checkpoint) {
        return CS_SUCCESS;
    }
    if (!sha256_eq(&root, &p->next.root)) {
        return corrupt(p, size, "the entries do not give the root that was signed");
    }
    p->last = size;
    p->passed++;
    return next_checkpoint(p);
}

static struct cs_result take_entry(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    struct pass *p = ctx;
    const struct sha256 computed = merkle_leaf(leaf);

    if (!sha256_eq(&computed, hash)) {
        return corrupt(p, idx, "an entry does not have the hash that was stored with it");
    }
    TRY(merkle_append(&p->tree, hash));
    if (p->visitor->entry != NULL) {
        const struct cs_result r = p->visitor->entry(p->visitor->ctx, idx, leaf, hash);
        p->stopped = r.code != CS_OK;
        TRY(r);
    }
    return compare_roots(p);
}

static struct cs_result read_head(struct pass *p)
{
    AUTO_WRITER w = wr_heap(STORE_NOTE_MAX_BYTES);
    const struct cs_result r = store_head_read(p->s->path, &w);
    if (r.code == CS_E_MISSING) {
        return CS_SUCCESS;
    }
    if (r.code == CS_E_FULL) {
        return corrupt(p, 0, "the head file is malformed");
    }
    TRY(r);
    const struct store_visitor *v = p->visitor;
    if (v->checkpoint(v->ctx, wr_span(&w), &p->head.size, &p->head.root).code != CS_OK) {
        return corrupt(p, 0, "the head file is malformed or not signed by the log's key");
    }
    p->has_head = true;
    return CS_SUCCESS;
}

static struct cs_result walk(struct pass *p)
{
    TRY(read_head(p));
    TRY(next_checkpoint(p));
    const struct cs_result r = store_each_entry(p->s, 0, UINT64_MAX, take_entry, p);
    if (r.code == CS_E_MISMATCH && p->verdict.why == NULL && !p->stopped) {
        return corrupt(p, p->tree.size, "an entry is missing or cannot be read");
    }
    return r;
}

/* The whole log is sound in itself; is it the latest we know of? */
static struct store_verdict judge_end(const struct pass *p)
{
    struct store_verdict v = {.condition = STORE_CORRUPT, .at = p->tree.size, .head_size = p->head.size};

    if (p->has_next) {
        v.condition = STORE_BEHIND;
        v.why = "a checkpoint covers entries that are not there";
    } else if (p->has_head && p->head.size > p->tree.size) {
        v.condition = STORE_BEHIND;
        v.why = "the head file covers entries that are not there: an older copy, or the end of the journal is lost";
    } else if (p->last != p->tree.size) {
        v.at = p->last;
        v.why = "the last entries are covered by no checkpoint";
    } else if (!p->has_head && p->passed > 1) {
        v.condition = STORE_BEHIND;
        v.why = "the head file is missing, so nothing says that these are all entries";
    } else if (p->has_head && !p->head_met) {
        v.why = "the head file does not belong to this log";
    } else {
        v.condition = STORE_SOUND;
        v.why = "";
    }
    return v;
}

/* A crash came between the commit and the head file: the commit counts. */
static CS_RESULT refresh_head(struct store *s)
{
    uint64_t size = 0;
    AUTO_WRITER w = wr_heap(STORE_NOTE_MAX_BYTES);
    TRY(store_last_checkpoint(s, &size, &w));
    return store_head_write(s->path, wr_span(&w));
}

static CS_RESULT conclude(struct store *s, struct pass *p, struct cs_result walked, struct store_verdict *ret_verdict)
{
    struct store_verdict v = p->verdict;
    if (v.why == NULL) {
        TRY(walked);
        v = judge_end(p);
    }
    v.head_size = p->head.size;
    if (v.condition == STORE_SOUND) {
        if (p->last > 0 && p->head.size != p->last) {
            TRY(refresh_head(s));
        }
        s->verified = true;
    } else {
        s->sealed = true;
    }
    *ret_verdict = v;
    return CS_SUCCESS;
}

CS_RESULT store_verify(struct store *s, const struct store_visitor *visitor, struct merkle_frontier *ret_frontier,
                       struct store_verdict *ret_verdict)
{
    struct pass p = {.s = s, .visitor = visitor, .checkpoints = store_use(s, SQL_CHECKPOINTS)};
    ENSURE(!s->batch.open, CS_E_STATE, "store.batch");

    s->verified = false;
    store_bind_u64(&p.checkpoints, 1, 0);
    const struct cs_result walked = walk(&p);
    store_use_end(&p.checkpoints);
    TRY(conclude(s, &p, walked, ret_verdict));
    *ret_frontier = p.tree;
    return CS_SUCCESS;
}
