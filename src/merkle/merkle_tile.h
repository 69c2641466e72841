/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles and entry bundles: the static form of the log for mirrors and monitors. C2SP tlog-tiles; docs/formats/tree.md
 * §3. Pure. */
#ifndef MERKLE_TILE_H
#define MERKLE_TILE_H

#include "base/base_writer.h"
#include "merkle/merkle_proof.h"

enum {
    MERKLE_TILE_WIDTH = 256,
    MERKLE_TILE_BYTES = MERKLE_TILE_WIDTH * SHA256_BYTES,
    MERKLE_TILE_LEVEL_MAX = 63, /* of a path; a log below 2^63 leaves fills at most level 7 */
    MERKLE_ENTRY_MAX = 65535,
};

struct merkle_tile {
    bool entries;   /* an entry bundle; level is then 0 */
    unsigned level; /* its hashes are those of 256^level leaves each */
    uint64_t index; /* at most MERKLE_SIZE_MAX */
    unsigned width; /* 1..256; below 256 the tile is partial */
};

/* "tile/0/x001/x234/067", "tile/entries/000.p/7": one spelling only, no slash before. CS_E_SYNTAX, CS_E_RANGE. */
CS_RESULT merkle_tile_decode(struct span path, struct merkle_tile *ret_tile);
void merkle_tile_path(struct writer *w, const struct merkle_tile *t);

/* How wide this tile is in a tree of this size: 0 (it does not exist), 1..255 (partial) or 256. */
unsigned merkle_tile_width(const struct merkle_tile *t, uint64_t tree_size);

/* Appends a hash tile's bytes. CS_E_TYPE for an entry bundle; the source's error; the writer's. */
CS_RESULT merkle_tile_write(const struct merkle_source *s, const struct merkle_tile *t, struct writer *w);

/* Hashes of a tile as they stand in its file: 8 KiB, so not for the stack. CS_E_SHORT or CS_E_TRAILING unless there
 * are exactly t->width. */
struct merkle_tile_hashes {
    size_t count;
    struct sha256 hash[MERKLE_TILE_WIDTH];
};
CS_RESULT merkle_tile_hashes_decode(const struct merkle_tile *t, struct span bytes,
                                    struct merkle_tile_hashes *ret_hashes);
/* Root over the hashes as if they were leaves: of a full tile it is the hash that stands in the level above. */
struct sha256 merkle_tile_root(const struct merkle_tile_hashes *h);

/* Entry bundle = (length:u16 entry)*. CS_E_RANGE above MERKLE_ENTRY_MAX. */
CS_RESULT merkle_bundle_put(struct writer *w, struct span entry);
/* The next entry; the caller counts, and calls rd_end at last. CS_E_SHORT. */
CS_RESULT merkle_bundle_next(struct reader *r, struct span *ret_entry);
/* Leaf hashes of a whole bundle: CS_E_SHORT or CS_E_TRAILING unless it holds exactly t->width entries. */
CS_RESULT merkle_bundle_hashes(const struct merkle_tile *t, struct span bytes, struct merkle_tile_hashes *ret_hashes);

#endif
