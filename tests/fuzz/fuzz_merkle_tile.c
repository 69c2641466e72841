/* SPDX-License-Identifier: Apache-2.0 */
/* A tile's path up to the first line feed, then its file. A path that is read is written back the same. */
#include "merkle/merkle_tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_file(const struct merkle_tile *t, struct span file)
{
    struct merkle_tile_hashes *h = calloc(1, sizeof(*h));
    if (h == NULL) {
        return;
    }
    const struct cs_result r = t->entries ? merkle_bundle_hashes(t, file, h) : merkle_tile_hashes_decode(t, file, h);
    if (r.code == CS_OK && h->count != t->width) {
        abort();
    }
    if (r.code == CS_OK) {
        (void)merkle_tile_root(h);
    }
    free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_make(span_make(data, size));
    struct span path = SPAN_NONE;
    struct merkle_tile t;
    uint8_t buf[128];
    struct writer w = wr_fixed(buf, sizeof(buf));

    if (rd_until(&r, '\n', &path, "path").code != CS_OK || merkle_tile_decode(path, &t).code != CS_OK) {
        return 0;
    }
    merkle_tile_path(&w, &t);
    if (!span_eq(wr_span(&w), path)) {
        abort();
    }
    read_file(&t, r.rest);
    return 0;
}
