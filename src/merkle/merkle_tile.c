/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/merkle_tile.h"

#include "base/base_text.h"

enum { GROUPS_MAX = 7 }; /* 2^63 has 19 digits */

static CS_RESULT group(struct span s, uint64_t *ret_value)
{
    uint64_t v = 0;

    ENSURE(s.left == 3, CS_E_SYNTAX, "tile.index");
    for (size_t i = 0; i < 3; i++) {
        ENSURE(s.p[i] >= '0' && s.p[i] <= '9', CS_E_SYNTAX, "tile.index");
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret_value = v;
    return CS_SUCCESS;
}

/* x001/x234/067: an "x" says that more groups follow; a first group of zeros would be a second spelling. */
static CS_RESULT read_index(struct reader *r, uint64_t *ret_index)
{
    uint64_t index = 0;
    uint64_t v = 0;
    struct span s = SPAN_NONE;

    for (unsigned n = 0; r->rest.left > 0 && r->rest.p[0] == 'x'; n++) {
        ENSURE(n + 1 < GROUPS_MAX, CS_E_RANGE, "tile.index");
        TRY(rd_until(r, '/', &s, "tile.index"));
        TRY(group(span_from(s, 1), &v));
        ENSURE(n > 0 || v > 0, CS_E_SYNTAX, "tile.index");
        index = index * 1000 + v;
    }
    TRY(rd_take(r, 3, &s, "tile.index"));
    TRY(group(s, &v));
    ENSURE(index <= (MERKLE_SIZE_MAX - v) / 1000, CS_E_RANGE, "tile.index");
    *ret_index = index * 1000 + v;
    return CS_SUCCESS;
}

static CS_RESULT read_width(struct reader *r, unsigned *ret_width)
{
    uint64_t v = MERKLE_TILE_WIDTH;

    if (r->rest.left > 0) {
        ENSURE(span_starts(r->rest, SPAN_LIT(".p/")), CS_E_SYNTAX, "tile.width");
        TRY(text_dec_decode(span_from(r->rest, 3), &v, "tile.width"));
        ENSURE(v >= 1 && v < MERKLE_TILE_WIDTH, CS_E_RANGE, "tile.width");
    }
    *ret_width = (unsigned)v;
    return CS_SUCCESS;
}

CS_RESULT merkle_tile_decode(struct span path, struct merkle_tile *ret_tile)
{
    struct reader r = rd_make(path);
    struct merkle_tile t = {.entries = false};
    struct span s = SPAN_NONE;
    uint64_t level = 0;

    TRY(rd_until(&r, '/', &s, "tile"));
    ENSURE(span_is(s, "tile"), CS_E_SYNTAX, "tile");
    TRY(rd_until(&r, '/', &s, "tile.level"));
    t.entries = span_is(s, "entries");
    if (!t.entries) {
        TRY(text_dec_decode(s, &level, "tile.level"));
        ENSURE(level <= MERKLE_TILE_LEVEL_MAX, CS_E_RANGE, "tile.level");
    }
    t.level = (unsigned)level;
    TRY(read_index(&r, &t.index));
    TRY(read_width(&r, &t.width));
    *ret_tile = t;
    return CS_SUCCESS;
}

void merkle_tile_path(struct writer *w, const struct merkle_tile *t)
{
    uint64_t power = 1;

    wr_text(w, "tile/");
    if (t->entries) {
        wr_text(w, "entries");
    } else {
        wr_dec(w, t->level);
    }
    while (t->index / power >= 1000) {
        power *= 1000;
    }
    for (; power > 0; power /= 1000) {
        const uint64_t v = t->index / power % 1000;
        wr_text(w, power > 1 ? "/x" : "/");
        wr_u8(w, (uint8_t)('0' + v / 100));
        wr_u8(w, (uint8_t)('0' + v / 10 % 10));
        wr_u8(w, (uint8_t)('0' + v % 10));
    }
    if (t->width < MERKLE_TILE_WIDTH) {
        wr_text(w, ".p/");
        wr_dec(w, t->width);
    }
}

unsigned merkle_tile_width(const struct merkle_tile *t, uint64_t tree_size)
{
    const uint64_t hashes = t->level < 8 ? tree_size >> (8 * t->level) : 0;
    const uint64_t full = hashes / MERKLE_TILE_WIDTH;

    if (t->index < full) {
        return MERKLE_TILE_WIDTH;
    }
    return t->index == full ? (unsigned)(hashes % MERKLE_TILE_WIDTH) : 0;
}

CS_RESULT merkle_tile_write(const struct merkle_source *s, const struct merkle_tile *t, struct writer *w)
{
    ENSURE(!t->entries, CS_E_TYPE, "tile");
    ENSURE(t->level < 8 && t->index <= MERKLE_SIZE_MAX / MERKLE_TILE_WIDTH, CS_E_RANGE, "tile.index");
    for (unsigned i = 0; i < t->width; i++) {
        struct sha256 h;
        TRY(s->node(s->ctx, 8 * t->level, t->index * MERKLE_TILE_WIDTH + i, &h));
        wr_bytes(w, sha256_span(&h));
    }
    return wr_end(w, "tile");
}

CS_RESULT merkle_tile_hashes_decode(const struct merkle_tile *t, struct span bytes,
                                    struct merkle_tile_hashes *ret_hashes)
{
    const size_t want = (size_t)t->width * SHA256_BYTES;

    ENSURE(!t->entries, CS_E_TYPE, "tile");
    ENSURE(t->width >= 1 && t->width <= MERKLE_TILE_WIDTH, CS_E_RANGE, "tile.width");
    ENSURE(bytes.left >= want, CS_E_SHORT, "tile.hashes");
    ENSURE(bytes.left == want, CS_E_TRAILING, "tile.hashes");
    ret_hashes->count = t->width;
    memcpy(ret_hashes->hash, bytes.p, want);
    return CS_SUCCESS;
}

struct sha256 merkle_tile_root(const struct merkle_tile_hashes *h)
{
    struct merkle_frontier f = {.size = 0};

    for (size_t i = 0; i < h->count; i++) {
        if (merkle_append(&f, &h->hash[i]).code != CS_OK) {
            break; /* 256 is far below the tree's limit */
        }
    }
    return merkle_root(&f);
}

CS_RESULT merkle_bundle_put(struct writer *w, struct span entry)
{
    ENSURE(entry.left <= MERKLE_ENTRY_MAX, CS_E_RANGE, "bundle.entry");
    wr_u16(w, (uint16_t)entry.left);
    wr_bytes(w, entry);
    return wr_end(w, "bundle");
}

CS_RESULT merkle_bundle_next(struct reader *r, struct span *ret_entry)
{
    uint16_t n = 0;

    TRY(rd_u16(r, &n, "bundle.length"));
    return rd_take(r, n, ret_entry, "bundle.entry");
}

/* The entries of a bundle in order; their leaf hashes into `hash` unless it is NULL. */
static CS_RESULT bundle_walk(struct span bytes, unsigned width, struct sha256 *hash)
{
    struct reader r = rd_make(bytes);

    for (unsigned i = 0; i < width; i++) {
        struct span entry = SPAN_NONE;
        TRY(merkle_bundle_next(&r, &entry));
        if (hash != NULL) {
            hash[i] = merkle_leaf(entry);
        }
    }
    return rd_end(&r, "bundle");
}

CS_RESULT merkle_bundle_hashes(const struct merkle_tile *t, struct span bytes, struct merkle_tile_hashes *ret_hashes)
{
    ENSURE(t->entries, CS_E_TYPE, "tile");
    ENSURE(t->width >= 1 && t->width <= MERKLE_TILE_WIDTH, CS_E_RANGE, "tile.width");
    TRY(bundle_walk(bytes, t->width, NULL));
    TRY(bundle_walk(bytes, t->width, ret_hashes->hash));
    ret_hashes->count = t->width;
    return CS_SUCCESS;
}
