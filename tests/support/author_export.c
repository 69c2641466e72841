/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_export.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "merkle/merkle_nodes.h"
#include "merkle/merkle_tile.h"
#include "note/note_signed.h"

enum { PATH_BYTES_MAX = 512 };

struct author_export {
    const struct author_log *log; /* for its key */
    struct span *leaf;
    size_t count;
    struct merkle_nodes nodes;
    struct note_key key;
    uint8_t vkey[NOTE_VKEY_MAX];
    size_t vkey_len;
};

static void must(const char *what, struct cs_result r)
{
    if (r.code != CS_OK) {
        (void)fprintf(stderr, "author_export: %s: %s %s\n", what, r.msg, cs_code_name(r.code));
        abort();
    }
}

static void take_leaf(struct author_export *x, struct span leaf)
{
    const struct sha256 hash = merkle_leaf(leaf);
    must("node", merkle_nodes_append(&x->nodes, &hash));
    x->leaf[x->count++] = leaf;
}

static struct author_export *make(const struct author_log *l, size_t room)
{
    struct author_export *x = calloc(1, sizeof(*x));
    struct span *leaf = calloc(room + 1, sizeof(*leaf));
    if (x == NULL || leaf == NULL) {
        abort();
    }
    x->log = l;
    x->leaf = leaf;
    merkle_nodes_init(&x->nodes, room);
    x->key = note_key_make(SPAN_LIT(AUTHOR_ORIGIN), NOTE_KEY_ED25519, author_log_key(l).p);
    struct writer w = wr_fixed(x->vkey, sizeof(x->vkey));
    note_vkey_write(&w, &x->key);
    must("vkey", wr_end(&w, "vkey"));
    x->vkey_len = w.len;
    return x;
}

struct author_export *author_export_new(const struct author_log *l)
{
    struct author_export *x = make(l, author_log_size(l));
    for (uint64_t i = 0; i < author_log_size(l); i++) {
        take_leaf(x, author_log_leaf(l, i));
    }
    return x;
}

struct author_export *author_export_of(const struct author_log *l, const struct span *leaves, size_t count)
{
    struct author_export *x = make(l, count);
    for (size_t i = 0; i < count; i++) {
        take_leaf(x, leaves[i]);
    }
    return x;
}

void author_export_free(struct author_export *x)
{
    if (x != NULL) {
        merkle_nodes_release(&x->nodes);
        free(x->leaf);
        free(x);
    }
}

void author_export_note(const struct author_export *x, uint64_t size, struct writer *w)
{
    struct note_checkpoint c = {.origin = SPAN_LIT(AUTHOR_ORIGIN), .size = size};
    uint8_t sig[NOTE_ED25519_SIG_BYTES];
    AUTO_WRITER text = wr_heap(4096);

    must("root", merkle_nodes_root(&x->nodes, size, &c.root));
    note_checkpoint_write(&text, &c);
    must("sign", author_log_sign(x->log, wr_span(&text), sig));
    note_write_text(w, wr_span(&text));
    note_write_signature(w, &x->key, SPAN_OF(sig));
    must("note", wr_end(w, "note"));
}

struct trust author_export_trust(const struct author_export *x)
{
    return (struct trust){.origin = SPAN_LIT(AUTHOR_ORIGIN),
                          .log = span_make(x->vkey, x->vkey_len),
                          .genesis_sha256 = digest_sha256(x->leaf[0])};
}

static struct cs_result leaf_at(const void *ctx, uint64_t index, struct arena *arena, struct span *ret_leaf)
{
    const struct author_export *x = ctx;
    (void)arena; /* the log keeps every leaf */
    ENSURE(index < x->count, CS_E_RANGE, "leaf");
    *ret_leaf = x->leaf[index];
    return CS_SUCCESS;
}

struct receipt_source author_export_source(const struct author_export *x)
{
    return (struct receipt_source){.leaf = leaf_at, .ctx = x, .tree = merkle_nodes_source(&x->nodes)};
}

void author_export_receipt(struct author_export *x, const struct state *s, uint64_t request, struct writer *w)
{
    const struct receipt_source src = author_export_source(x);
    struct arena a;
    struct receipt r = {0};
    AUTO_WRITER note = wr_heap(RECEIPT_NOTE_MAX);

    arena_init(&a, RECEIPT_ARENA_BYTES);
    author_export_note(x, x->count, &note);
    const struct receipt_note at = {.text = wr_span(&note), .size = x->count};
    must("receipt", judge_receipt_build(&src, s, request, &at, &a, &r));
    must("receipt", judge_receipt_encode(&r, w));
    arena_release(&a);
}

void author_export_range(struct author_export *x, const struct state *s, struct receipt_range range, struct writer *w)
{
    const struct receipt_source src = author_export_source(x);
    struct arena a;
    struct receipt r = {0};
    AUTO_WRITER note = wr_heap(RECEIPT_NOTE_MAX);

    arena_init(&a, RECEIPT_ARENA_BYTES);
    author_export_note(x, x->count, &note);
    const struct receipt_note at = {.text = wr_span(&note), .size = x->count};
    must("range", judge_range_build(&src, s, &range, &at, &a, &r));
    must("range", judge_receipt_encode(&r, w));
    arena_release(&a);
}

static void put_tile(const struct author_export *x, struct merkle_tile t,
                     void (*put)(void *ctx, const char *path, struct span bytes), void *ctx)
{
    const struct merkle_source src = merkle_nodes_source(&x->nodes);
    char path[PATH_BYTES_MAX];
    struct writer name = wr_fixed(path, sizeof(path) - 1);
    AUTO_WRITER bytes = wr_heap((size_t)MERKLE_TILE_WIDTH * (MERKLE_ENTRY_MAX + 2));

    merkle_tile_path(&name, &t);
    must("path", wr_end(&name, "path"));
    path[name.len] = '\0';
    if (t.entries) {
        for (size_t i = 0; i < t.width; i++) {
            must("bundle", merkle_bundle_put(&bytes, x->leaf[t.index * MERKLE_TILE_WIDTH + i]));
        }
    } else {
        must("tile", merkle_tile_write(&src, &t, &bytes));
    }
    put(ctx, path, wr_span(&bytes));
}

void author_export_files(const struct author_export *x, void (*put)(void *ctx, const char *path, struct span bytes),
                         void *ctx)
{
    const struct trust t = author_export_trust(x);
    AUTO_WRITER note = wr_heap(RECEIPT_NOTE_MAX);
    AUTO_WRITER trust = wr_heap(4096);

    author_export_note(x, x->count, &note);
    put(ctx, "checkpoint", wr_span(&note));
    must("trust", judge_trust_encode(&t, &trust));
    put(ctx, "trust.json", wr_span(&trust));
    for (struct merkle_tile tile = {.level = 0};; tile.index++) {
        tile.width = merkle_tile_width(&tile, x->count);
        if (tile.width == 0) {
            break;
        }
        put_tile(x, tile, put, ctx);
        struct merkle_tile entries = tile;
        entries.entries = true;
        put_tile(x, entries, put, ctx);
    }
}

void author_export_put(void *ctx, const char *path, struct span bytes)
{
    char full[PATH_BYTES_MAX];

    if (snprintf(full, sizeof(full), "%s/%s", (const char *)ctx, path) >= (int)sizeof(full)) {
        abort();
    }
    for (char *slash = strchr(full + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(full, 0755); /* it may be there */
        *slash = '/';
    }
    const int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const ssize_t n = fd >= 0 ? write(fd, bytes.p, bytes.left) : -1;
    if (n < 0 || (size_t)n != bytes.left || close(fd) != 0) {
        (void)fprintf(stderr, "author_export: cannot write %s\n", full);
        abort();
    }
}
