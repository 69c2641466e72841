/* SPDX-License-Identifier: Apache-2.0 */
/* tile: does a tile's file fit its path, and the tiles around it? docs/formats/tree.md §3. */
#include "audit_spot.h"

#include "base/base_text.h"
#include "merkle/merkle_tile.h"

static CS_RESULT check_size(const struct audit_args *args, const struct merkle_tile *t)
{
    const char *text = audit_option_once(args, "--size");
    uint64_t size = 0;

    if (text == NULL) {
        return CS_SUCCESS;
    }
    TRY(text_dec_decode(span_str(text), &size, "size"));
    ENSURE(merkle_tile_width(t, size) == t->width, CS_E_MISMATCH, "tile.width");
    return CS_SUCCESS;
}

/* The level-0 tile at the same place, which may be wider, has these hashes. */
static CS_RESULT check_hashes(const struct merkle_tile *t, const struct merkle_tile_hashes *h, struct span tile)
{
    const size_t want = h->count * SHA256_BYTES;

    ENSURE(t->entries, CS_E_TYPE, "tile");
    ENSURE(tile.left % SHA256_BYTES == 0 && tile.left <= MERKLE_TILE_BYTES, CS_E_RANGE, "hashes");
    ENSURE(tile.left >= want, CS_E_SHORT, "hashes");
    ENSURE(span_eq(span_make(tile.p, want), span_make(h->hash, want)), CS_E_MISMATCH, "bundle.entry");
    return CS_SUCCESS;
}

/* The tile one level up has this tile's root at its place. */
static CS_RESULT check_above(const struct merkle_tile *t, const struct merkle_tile_hashes *h, struct span tile)
{
    const size_t at = (size_t)(t->index % MERKLE_TILE_WIDTH) * SHA256_BYTES;
    const struct sha256 root = merkle_tile_root(h);

    ENSURE(!t->entries && t->width == MERKLE_TILE_WIDTH, CS_E_TYPE, "tile");
    ENSURE(tile.left % SHA256_BYTES == 0 && tile.left <= MERKLE_TILE_BYTES, CS_E_RANGE, "above");
    ENSURE(tile.left >= at + SHA256_BYTES, CS_E_SHORT, "above");
    const struct span there = span_make(span_from(tile, at).p, SHA256_BYTES);
    ENSURE(span_eq(there, sha256_span(&root)), CS_E_MISMATCH, "tile.root");
    return CS_SUCCESS;
}

struct neighbours {
    struct writer hashes;
    struct writer above;
};

static enum audit_exit answer(const struct merkle_tile *t, const struct merkle_tile_hashes *h)
{
    const struct sha256 root = merkle_tile_root(h);
    return AUDIT_OK("%u %s from %llu on, root %s", t->width, t->entries ? "entries" : "hashes",
                    (unsigned long long)t->index * MERKLE_TILE_WIDTH, audit_hex(&root).text);
}

static CS_RESULT check(const struct audit_args *args, struct span file, const struct neighbours *n,
                       struct merkle_tile *ret_tile, struct merkle_tile_hashes *ret_hashes)
{
    TRY(merkle_tile_decode(span_str(args->word[0]), ret_tile));
    TRY(check_size(args, ret_tile));
    if (ret_tile->entries) {
        TRY(merkle_bundle_hashes(ret_tile, file, ret_hashes));
    } else {
        TRY(merkle_tile_hashes_decode(ret_tile, file, ret_hashes));
    }
    if (audit_option_given(args, "--hashes")) {
        TRY(check_hashes(ret_tile, ret_hashes, wr_span(&n->hashes)));
    }
    if (audit_option_given(args, "--above")) {
        TRY(check_above(ret_tile, ret_hashes, wr_span(&n->above)));
    }
    return CS_SUCCESS;
}

static enum audit_exit load_neighbours(const struct audit_args *args, struct neighbours *n)
{
    if (audit_option_given(args, "--hashes")) {
        AUDIT_TRY(audit_load_option(args, "--hashes", &n->hashes));
    }
    if (audit_option_given(args, "--above")) {
        AUDIT_TRY(audit_load_option(args, "--above", &n->above));
    }
    return AUDIT_HOLDS;
}

static void release(struct neighbours *n)
{
    wr_release(&n->hashes);
    wr_release(&n->above);
}

static enum audit_exit run(const struct audit_args *args)
{
    AUTO_WRITER file = wr_heap(AUDIT_FILE_MAX);
    __attribute__((cleanup(release))) struct neighbours near = {.hashes = wr_heap(AUDIT_FILE_MAX),
                                                                .above = wr_heap(AUDIT_FILE_MAX)};
    struct merkle_tile t;

    AUDIT_TRY(audit_load(args->word[1], &file));
    AUDIT_TRY(load_neighbours(args, &near));
    if (audit_option_given(args, "--size") && audit_option_once(args, "--size") == NULL) {
        return AUDIT_MISUSE("--size must stand exactly once");
    }
    struct merkle_tile_hashes *hashes = calloc(1, sizeof(*hashes));
    if (hashes == NULL) {
        return audit_refuse_result(CS_FAIL(CS_E_NOMEM, "tile"));
    }
    const struct cs_result r = check(args, wr_span(&file), &near, &t, hashes);
    const enum audit_exit e = r.code == CS_OK ? answer(&t, hashes) : audit_refuse_result(r);
    free(hashes);
    return e;
}

static const char *const options[] = {"--size", "--hashes", "--above", NULL};
const struct audit_command audit_tile = {.name = "tile",
                                         .synopsis = "[--size TREE-SIZE] [--hashes TILE] [--above TILE] PATH FILE",
                                         .options = options,
                                         .words_min = 2,
                                         .words_max = 2,
                                         .run = run};
