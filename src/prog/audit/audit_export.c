/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_export.h"

#include <unistd.h>

#include "merkle/merkle_tile.h"
#include "file/file_read.h"

enum {
    PATH_BYTES_MAX = 128,
    CONTENT_BYTES_MAX = 4 * 1024 * 1024,
    SAY_EVERY_MS = 250,
};

static uint64_t clock_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void say_progress(struct audit_export *x)
{
    const uint64_t now = x->progress ? clock_ms() : 0;

    if (x->progress && now - x->said_ms >= SAY_EVERY_MS) {
        x->said_ms = now;
        (void)fprintf(stderr, "\r%llu of %llu entries", (unsigned long long)x->replay.judge.state.size,
                      (unsigned long long)x->replay.head.size);
    }
}

static void end_progress(const struct audit_export *x)
{
    if (x->said_ms > 0) {
        (void)fprintf(stderr, "\r\033[K");
    }
}

/* The tile's file, or, of a partial tile, that of the full one which a larger log has instead. */
static CS_RESULT read_tile(int dir, const struct merkle_tile *t, struct merkle_tile *ret_found, struct writer *w)
{
    char path[PATH_BYTES_MAX];
    struct merkle_tile found = *t;
    struct cs_result r = CS_FAIL(CS_E_MISSING, "export.tile");

    while (r.code == CS_E_MISSING) {
        struct writer name = wr_fixed(path, sizeof(path) - 1);
        merkle_tile_path(&name, &found);
        TRY(wr_end(&name, "export.tile"));
        path[name.len] = '\0';
        r = file_read(dir, path, 0, w);
        if (found.width == MERKLE_TILE_WIDTH) {
            break;
        }
        found.width = r.code == CS_E_MISSING ? (unsigned)MERKLE_TILE_WIDTH : found.width;
    }
    TRY(r);
    *ret_found = found;
    return CS_SUCCESS;
}

static bool is_asked_for(const struct receipt_ask *ask, const struct deploy_content *d)
{
    bool named = !ask->has_subject;

    for (size_t i = 0; !named && i < d->artifact_count; i++) {
        named = sha256_eq(&d->artifacts[i].sha256, &ask->subject);
    }
    return named && (ask->environment.left == 0 || span_eq(d->environment, ask->environment)) &&
           (ask->service.left == 0 || span_eq(d->service, ask->service));
}

static CS_RESULT keep_match(struct audit_export *x, uint64_t index)
{
    if (x->match_count == x->match_cap) {
        const size_t cap = x->match_cap == 0 ? 16 : x->match_cap * 2;
        uint64_t *more = reallocarray(x->matches, cap, sizeof(*more));
        ENSURE(more != NULL, CS_E_NOMEM, "export.matches");
        x->matches = more;
        x->match_cap = cap;
    }
    x->matches[x->match_count++] = index;
    return CS_SUCCESS;
}

static CS_RESULT note_match(struct audit_export *x, const struct entry *e, struct arena *a)
{
    struct request q = {0};
    struct deploy_content *d = arena_alloc(a, sizeof(*d));

    ENSURE(d != NULL, CS_E_NOMEM, "export.request");
    TRY(model_request_decode(e->body, a, &q));
    if (q.kind != KIND_DEPLOY) {
        return CS_SUCCESS;
    }
    TRY(model_deploy_decode(q.content, a, d));
    return is_asked_for(x->ask, d) ? keep_match(x, e->seq) : CS_SUCCESS;
}

static struct finding entry_holds(struct audit_export *x, struct span leaf)
{
    struct entry e = {0};
    struct arena a;

    const struct finding f = judge_replay_entry(&x->replay, leaf, &e);
    if (f.class == FINDING_HOLDS && x->nodes != NULL) {
        const struct sha256 hash = merkle_leaf(leaf);
        const struct cs_result kept = merkle_nodes_append(x->nodes, &hash);
        if (kept.code != CS_OK) {
            return judge_finding_of(FINDING_CANNOT_TELL, kept);
        }
    }
    if (f.class != FINDING_HOLDS || !x->asked || e.type != ENTRY_REQUEST) {
        return f;
    }
    arena_init(&a, CONTENT_BYTES_MAX);
    const struct cs_result r = note_match(x, &e, &a);
    arena_release(&a);
    return r.code == CS_OK ? f : judge_finding_of(FINDING_CANNOT_TELL, r);
}

/* Hash tiles are for mirrors; where they are there, they must be those of the entries. */
static struct finding hashes_hold(int dir, const struct merkle_tile *entries, struct span bundle)
{
    struct merkle_tile t = {.index = entries->index, .width = entries->width};
    struct merkle_tile found = t;
    struct merkle_tile_hashes *want = malloc(sizeof(*want));
    struct merkle_tile_hashes *have = malloc(sizeof(*have));
    AUTO_WRITER w = wr_heap(MERKLE_TILE_BYTES);
    struct cs_result r = CS_FAIL(CS_E_NOMEM, "export.hashes");

    if (want != NULL && have != NULL) {
        r = merkle_bundle_hashes(entries, bundle, want);
        r = r.code == CS_OK ? read_tile(dir, &t, &found, &w) : r;
        r = r.code == CS_OK ? merkle_tile_hashes_decode(&found, wr_span(&w), have) : r;
        if (r.code == CS_OK && memcmp(want->hash, have->hash, t.width * sizeof(have->hash[0])) != 0) {
            r = CS_FAIL(CS_E_MISMATCH, "export.hashes");
        }
    }
    free(want);
    free(have);
    if (r.code == CS_OK || r.code == CS_E_MISSING) {
        return FINDING_OK;
    }
    const enum finding_class c = r.code == CS_E_IO ? FINDING_CANNOT_TELL : FINDING_INCLUSION;
    return judge_finding_at(judge_finding_of(c, r), t.index * MERKLE_TILE_WIDTH);
}

static struct finding bundle_entries_hold(struct audit_export *x, unsigned width, struct reader *r)
{
    struct finding f = FINDING_OK;

    for (unsigned i = 0; i < width && f.class == FINDING_HOLDS; i++) {
        struct span leaf = SPAN_NONE;
        const struct cs_result got = merkle_bundle_next(r, &leaf);
        f = got.code == CS_OK ? entry_holds(x, leaf)
                              : judge_finding_at(judge_finding_of(FINDING_FORMAT, got), x->replay.judge.state.size);
        say_progress(x);
    }
    return f;
}

static struct finding bundle_holds(struct audit_export *x, int dir, uint64_t index, struct writer *w)
{
    struct merkle_tile t = {.entries = true, .index = index};
    struct merkle_tile found = t;

    t.width = merkle_tile_width(&t, x->replay.head.size);
    w->len = 0;
    const struct cs_result got = read_tile(dir, &t, &found, w);
    if (got.code != CS_OK) {
        const enum finding_class c = got.code == CS_E_FULL ? FINDING_FORMAT : FINDING_CANNOT_TELL;
        return judge_finding_at(judge_finding_of(c, got), index * MERKLE_TILE_WIDTH);
    }
    struct reader r = rd_make(wr_span(w));
    const struct finding f = bundle_entries_hold(x, t.width, &r);
    if (f.class != FINDING_HOLDS || found.width != t.width) {
        return f;
    }
    const struct cs_result end = rd_end(&r, "export.bundle");
    if (end.code != CS_OK) {
        return judge_finding_at(judge_finding_of(FINDING_FORMAT, end), x->replay.judge.state.size);
    }
    return hashes_hold(dir, &t, wr_span(w));
}

static struct finding entries_hold(struct audit_export *x, int dir)
{
    const uint64_t size = x->replay.head.size;
    AUTO_WRITER w = wr_heap(AUDIT_BUNDLE_BYTES_MAX);

    for (uint64_t i = 0; i < size / MERKLE_TILE_WIDTH + (size % MERKLE_TILE_WIDTH > 0 ? 1 : 0); i++) {
        const struct finding f = bundle_holds(x, dir, i, &w);
        if (f.class != FINDING_HOLDS) {
            return f;
        }
    }
    return judge_replay_end(&x->replay);
}

/* The answer for a request that names what was asked for. */
static enum finding_class answer(const struct receipt_ask *ask, const struct state_request *q)
{
    if (q == NULL || !judge_is_approved(q->status)) {
        return FINDING_NOT_APPROVED;
    }
    if (ask->redeemed && q->redeem_index == 0) {
        return FINDING_NOT_REDEEMED;
    }
    return ask->now_ms > q->use_by_ms ? FINDING_EXPIRED : FINDING_HOLDS;
}

/* When no request names what was asked for. */
static enum finding_class none_named(const struct receipt_ask *ask)
{
    if (ask->has_subject) {
        return FINDING_SUBJECT;
    }
    if (ask->environment.left > 0) {
        return FINDING_ENVIRONMENT;
    }
    return ask->service.left > 0 ? FINDING_SERVICE : FINDING_NOT_APPROVED;
}

/* One such request is enough. */
static struct finding answers(const struct audit_export *x)
{
    struct finding f = {.class = none_named(x->ask)};

    for (size_t i = 0; x->asked && i < x->match_count; i++) {
        const struct state_request *q = state_request_find(&x->replay.judge.state, x->matches[i]);
        const enum finding_class c = answer(x->ask, q);
        if (c == FINDING_HOLDS) {
            return FINDING_OK;
        }
        f = judge_finding_at((struct finding){.class = c}, x->matches[i]);
    }
    return x->asked ? f : FINDING_OK;
}

struct finding audit_export_verify(int dir, const struct audit_wish *wish, struct audit_export *ret_export)
{
    struct audit_export *x = ret_export;
    AUTO_WRITER note = wr_heap(RECEIPT_NOTE_MAX);

    memset(x, 0, sizeof(*x));
    x->ask = wish->ask;
    x->nodes = wish->nodes;
    x->asked = judge_receipt_asks(wish->ask);
    x->progress = isatty(STDERR_FILENO) == 1;
    const struct cs_result got = file_read(dir, "checkpoint", 0, &note);
    if (got.code != CS_OK) {
        return judge_finding_of(got.code == CS_E_FULL ? FINDING_FORMAT : FINDING_CANNOT_TELL, got);
    }
    const struct finding f = judge_replay_begin(wr_span(&note), wish->trust, wish->state_cap_bytes, &x->replay);
    if (f.class != FINDING_HOLDS) {
        return f;
    }
    x->begun = true;
    const struct finding entries = entries_hold(x, dir);
    end_progress(x);
    return entries.class == FINDING_HOLDS ? answers(x) : entries;
}

void audit_export_release(struct audit_export *x)
{
    if (x->begun) {
        judge_replay_release(&x->replay);
    }
    free(x->matches);
    memset(x, 0, sizeof(*x));
}

static CS_RESULT shelve(struct audit_shelf *s, uint64_t index)
{
    struct merkle_tile t = {.entries = true, .index = index / MERKLE_TILE_WIDTH};
    struct merkle_tile found = t;

    if (s->last == t.index) {
        return CS_SUCCESS;
    }
    t.width = merkle_tile_width(&t, s->size);
    s->last = UINT64_MAX;
    s->w->len = 0;
    TRY(read_tile(s->dir, &t, &found, s->w));
    s->last = t.index;
    return CS_SUCCESS;
}

CS_RESULT audit_export_leaf(struct audit_shelf *s, uint64_t index, struct arena *arena, struct span *ret_leaf)
{
    struct span leaf = SPAN_NONE;

    ENSURE(index < s->size, CS_E_RANGE, "export.entries");
    TRY(shelve(s, index));
    struct reader r = rd_make(wr_span(s->w));
    for (uint64_t i = 0; i <= index % MERKLE_TILE_WIDTH; i++) {
        TRY(merkle_bundle_next(&r, &leaf));
    }
    return arena_copy(arena, leaf, ret_leaf);
}
