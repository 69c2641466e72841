/* SPDX-License-Identifier: Apache-2.0 */
/* The file. */
#include "judge/judge_receipt.h"

#include "base/base_text.h"

#define INDEX_MAX ((uint64_t)JSON_INT_MAX)

enum { HASH_TEXT_BYTES = 43 };

/* Items of the array that was just opened. */
static CS_RESULT count_items(const struct json_in *in, const char *what, size_t *ret_count)
{
    struct json_in ahead = *in;
    struct span item = SPAN_NONE;
    size_t n = 0;

    while (json_more(&ahead)) {
        TRY(json_item_raw(&ahead, what, &item));
        n++;
    }
    *ret_count = n;
    return CS_SUCCESS;
}

static CS_RESULT take_proof(struct json_in *in, struct span *ret_proof)
{
    static const char what[] = "receipt.proof";
    size_t n = 0;

    TRY(json_get_array(in, what));
    TRY(count_items(in, what, &n));
    ENSURE(n <= MERKLE_LEVELS, CS_E_RANGE, what);
    uint8_t *p = arena_alloc(in->arena, n * SHA256_BYTES);
    ENSURE(p != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < n; i++) {
        struct span text = SPAN_NONE;
        TRY(json_item_str(in, what, HASH_TEXT_BYTES, &text));
        TRY(text_base64url_exact(text, p + i * SHA256_BYTES, SHA256_BYTES, what));
    }
    *ret_proof = span_make(p, n * SHA256_BYTES);
    return json_close_array(in, what);
}

static CS_RESULT take_anchors(struct json_in *in, struct receipt *r)
{
    TRY(json_get_array(in, "receipt.anchors"));
    TRY(count_items(in, "receipt.anchors", &r->anchor_count));
    ENSURE(r->anchor_count <= RECEIPT_ENTRIES_MAX, CS_E_RANGE, "receipt.anchors");
    r->anchors = arena_array(in->arena, r->anchor_count, sizeof(*r->anchors));
    ENSURE(r->anchors != NULL, CS_E_NOMEM, "receipt.anchors");
    for (size_t i = 0; i < r->anchor_count; i++) {
        struct receipt_anchor *a = &r->anchors[i];
        TRY(json_item_object(in, "receipt.anchors"));
        TRY(take_proof(in, &a->proof));
        TRY(json_get_uint(in, "anchor.size", INDEX_MAX, &a->size));
        TRY(json_close(in, "receipt.anchors"));
        ENSURE(i == 0 ? a->size > 0 : a->size > a[-1].size, CS_E_ORDER, "anchor.size");
    }
    return json_close_array(in, "receipt.anchors");
}

static CS_RESULT take_entries(struct json_in *in, struct receipt *r)
{
    TRY(json_get_array(in, "receipt.entries"));
    TRY(count_items(in, "receipt.entries", &r->entry_count));
    ENSURE(r->entry_count >= 1 && r->entry_count <= RECEIPT_ENTRIES_MAX, CS_E_RANGE, "receipt.entries");
    r->entries = arena_array(in->arena, r->entry_count, sizeof(*r->entries));
    ENSURE(r->entries != NULL, CS_E_NOMEM, "receipt.entries");
    for (size_t i = 0; i < r->entry_count; i++) {
        struct receipt_entry *e = &r->entries[i];
        TRY(json_item_object(in, "receipt.entries"));
        TRY(json_get_uint(in, "entry.index", INDEX_MAX, &e->index));
        TRY(json_get_str(in, "entry.leaf", MODEL_LEAF_MAX, &e->leaf));
        TRY(take_proof(in, &e->proof));
        TRY(json_close(in, "receipt.entries"));
        ENSURE(i == 0 ? e->index == 0 : e->index > e[-1].index, CS_E_ORDER, "entry.index");
    }
    return json_close_array(in, "receipt.entries");
}

/* The first members, up to the level, which says whether the rest is understood. */
static CS_RESULT take_proofs(struct json_in *in, struct receipt *r)
{
    struct span level = SPAN_NONE;

    TRY(take_anchors(in, r));
    TRY(json_get_str(in, "receipt.checkpoint", RECEIPT_NOTE_MAX, &r->checkpoint));
    TRY(take_entries(in, r));
    if (json_next_is(in, "receipt.envelope")) {
        TRY(json_get_str(in, "receipt.envelope", MODEL_ENVELOPE_MAX, &r->envelope));
        ENSURE(r->envelope.left > 0, CS_E_RANGE, "receipt.envelope");
    }
    TRY(json_get_str(in, "receipt.level", MODEL_ID_MAX, &level));
    ENSURE(span_is(level, "R0"), CS_E_STATE, "receipt.level");
    return CS_SUCCESS;
}

static CS_RESULT take_scope(struct json_in *in, struct receipt *r)
{
    r->is_range = json_next_is(in, "receipt.range");
    if (!r->is_range) {
        return json_get_uint(in, "receipt.request", INDEX_MAX, &r->request);
    }
    TRY(json_get_object(in, "receipt.range"));
    TRY(json_get_uint(in, "range.count", RECEIPT_ENTRIES_MAX, &r->count));
    TRY(json_get_uint(in, "range.first", INDEX_MAX, &r->first));
    ENSURE(r->count >= 1 && r->envelope.left == 0, CS_E_RANGE, "receipt.range");
    return json_close(in, "receipt.range");
}

CS_RESULT judge_receipt_decode(struct span text, struct arena *arena, struct receipt *ret_receipt)
{
    struct json_in in = json_in_make(text, arena);
    struct receipt r = {0};
    uint64_t version = 0;

    ENSURE(text.left <= RECEIPT_MAX_BYTES, CS_E_FULL, "receipt");
    TRY(json_open(&in, "receipt"));
    TRY(take_proofs(&in, &r));
    TRY(take_scope(&in, &r));
    TRY(json_get_uint(&in, "receipt.v", INDEX_MAX, &version));
    ENSURE(version == 1, CS_E_STATE, "receipt.v");
    TRY(json_close(&in, "receipt"));
    TRY(json_end(&in, "receipt"));
    *ret_receipt = r;
    return CS_SUCCESS;
}

static void put_proof(struct json_out *o, struct span proof)
{
    json_put_array(o, "proof");
    for (size_t at = 0; at < proof.left; at += SHA256_BYTES) {
        json_put_bytes(o, NULL, span_make(proof.p + at, SHA256_BYTES));
    }
    json_put_close(o);
}

CS_RESULT judge_receipt_encode(const struct receipt *r, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_array(&o, "anchors");
    for (size_t i = 0; i < r->anchor_count; i++) {
        json_put_object(&o, NULL);
        put_proof(&o, r->anchors[i].proof);
        json_put_uint(&o, "size", r->anchors[i].size);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_str(&o, "checkpoint", r->checkpoint);
    json_put_array(&o, "entries");
    for (size_t i = 0; i < r->entry_count; i++) {
        json_put_object(&o, NULL);
        json_put_uint(&o, "index", r->entries[i].index);
        json_put_str(&o, "leaf", r->entries[i].leaf);
        put_proof(&o, r->entries[i].proof);
        json_put_close(&o);
    }
    json_put_close(&o);
    if (r->envelope.left > 0) {
        json_put_str(&o, "envelope", r->envelope);
    }
    json_put_text(&o, "level", "R0");
    if (r->is_range) {
        json_put_object(&o, "range");
        json_put_uint(&o, "count", r->count);
        json_put_uint(&o, "first", r->first);
        json_put_close(&o);
    } else {
        json_put_uint(&o, "request", r->request);
    }
    json_put_int(&o, "v", 1);
    json_put_close(&o);
    return json_out_end(&o, "receipt");
}
