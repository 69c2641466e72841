/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_export.h"

#include "merkle/merkle_nodes.h"
#include "note/note_signed.h"

struct author_export {
    const struct author_log *log;
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

struct author_export *author_export_new(const struct author_log *l)
{
    struct author_export *x = calloc(1, sizeof(*x));
    if (x == NULL) {
        abort();
    }
    x->log = l;
    merkle_nodes_init(&x->nodes, author_log_size(l));
    for (uint64_t i = 0; i < author_log_size(l); i++) {
        const struct sha256 hash = merkle_leaf(author_log_leaf(l, i));
        must("node", merkle_nodes_append(&x->nodes, &hash));
    }
    x->key = note_key_make(SPAN_LIT(AUTHOR_ORIGIN), NOTE_KEY_ED25519, author_log_key(l).p);
    struct writer w = wr_fixed(x->vkey, sizeof(x->vkey));
    note_vkey_write(&w, &x->key);
    must("vkey", wr_end(&w, "vkey"));
    x->vkey_len = w.len;
    return x;
}

void author_export_free(struct author_export *x)
{
    if (x != NULL) {
        merkle_nodes_release(&x->nodes);
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
                          .genesis_sha256 = digest_sha256(author_log_leaf(x->log, 0))};
}

static struct cs_result leaf_at(const void *ctx, uint64_t index, struct arena *arena, struct span *ret_leaf)
{
    const struct author_export *x = ctx;
    (void)arena; /* the log keeps every leaf */
    ENSURE(index < author_log_size(x->log), CS_E_RANGE, "leaf");
    *ret_leaf = author_log_leaf(x->log, index);
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
    author_export_note(x, author_log_size(x->log), &note);
    const struct receipt_note at = {.text = wr_span(&note), .size = author_log_size(x->log)};
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
    author_export_note(x, author_log_size(x->log), &note);
    const struct receipt_note at = {.text = wr_span(&note), .size = author_log_size(x->log)};
    must("range", judge_range_build(&src, s, &range, &at, &a, &r));
    must("range", judge_receipt_encode(&r, w));
    arena_release(&a);
}
