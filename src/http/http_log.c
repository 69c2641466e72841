/* SPDX-License-Identifier: Apache-2.0 */
/* The log itself, for mirrors and monitors: C2SP tlog-tiles. */
#include "http/http_front.h"
#include "http/http_route.h"

enum { BUNDLE_MAX = MERKLE_TILE_WIDTH * (MODEL_LEAF_MAX + 2) };

#define FULL_TILE    "public, max-age=31536000, immutable"
#define OCTET_STREAM "application/octet-stream"

void http_serve_checkpoint(struct http_call *c)
{
    const struct follow *f = &c->front->follow;
    AUTO_WRITER w = wr_heap(WIRE_NOTE_MAX);
    if (f->note_len == 0) {
        http_reply_problem(c, PROBLEM_BEHIND);
        return;
    }
    wr_bytes(&w, span_make(f->note, f->note_len));
    http_reply_own(c, 200, "text/plain; charset=utf-8", &w);
}

/* A tile may be asked for as wide as it is or narrower, never beyond what a checkpoint covers. */
static bool tile_exists(struct http_call *c)
{
    if (merkle_tile_width(&c->target.tile, c->front->follow.verified) >= c->target.tile.width) {
        return true;
    }
    http_reply_problem(c, PROBLEM_NOT_FOUND);
    return false;
}

static void reply_tile(struct http_call *c, const char *type, struct writer *w)
{
    http_reply_own(c, 200, type, w);
    if (c->reply.status == 200 && !c->reply.kept) {
        (void)MHD_del_response_header(c->reply.response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
        http_reply_header(c, MHD_HTTP_HEADER_CACHE_CONTROL, FULL_TILE); /* even a partial tile never changes */
    }
}

void http_serve_tile(struct http_call *c)
{
    AUTO_WRITER w = wr_heap(MERKLE_TILE_BYTES);
    const struct merkle_source source = merkle_nodes_source(&c->front->follow.nodes);
    if (!tile_exists(c)) {
        return;
    }
    if (merkle_tile_write(&source, &c->target.tile, &w).code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    reply_tile(c, OCTET_STREAM, &w);
}

static CS_RESULT write_bundle(struct http_front *f, const struct merkle_tile *t, struct writer *w)
{
    uint8_t *leaf_bytes = arena_alloc(&f->scratch, MODEL_LEAF_MAX);
    ENSURE(leaf_bytes != NULL, CS_E_NOMEM, "entries");
    const uint64_t first = t->index * MERKLE_TILE_WIDTH;
    for (uint64_t i = 0; i < t->width; i++) {
        struct span leaf = SPAN_NONE;
        TRY(follow_spool_read(&f->follow.spool, first + i, leaf_bytes, MODEL_LEAF_MAX, &leaf));
        TRY(merkle_bundle_put(w, leaf));
    }
    return CS_SUCCESS;
}

void http_serve_entries(struct http_call *c)
{
    AUTO_WRITER w = wr_heap(BUNDLE_MAX);
    if (!tile_exists(c)) {
        return;
    }
    arena_reset(&c->front->scratch);
    if (write_bundle(c->front, &c->target.tile, &w).code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    reply_tile(c, OCTET_STREAM, &w);
    if (c->reply.status == 200) {
        (void)MHD_del_response_header(c->reply.response, MHD_HTTP_HEADER_CACHE_CONTROL, FULL_TILE);
        http_reply_header(c, MHD_HTTP_HEADER_CACHE_CONTROL, "private, max-age=31536000, immutable");
    }
}
