/* SPDX-License-Identifier: Apache-2.0 */
/* inclusion, consistency: proofs written out on the command line. docs/formats/tree.md §2. */
#include "audit_spot.h"

#include "base/base_text.h"
#include "merkle/merkle_proof.h"

/* Hashes from word `from` on. */
static CS_RESULT take_hashes(const struct audit_args *args, size_t from, struct merkle_proof *proof)
{
    ENSURE(args->word_count - from <= MERKLE_LEVELS, CS_E_RANGE, "proof");
    for (size_t i = from; i < args->word_count; i++) {
        TRY(text_hex_decode(span_str(args->word[i]), proof->hash[proof->count].b, SHA256_BYTES, "proof.hash"));
        proof->count++;
    }
    return CS_SUCCESS;
}

static CS_RESULT inclusion(const struct audit_args *args, struct span entry, bool hashed)
{
    struct merkle_proof proof = {.count = 0};
    struct sha256 leaf = merkle_leaf(entry);
    struct sha256 root;
    uint64_t index = 0;
    uint64_t size = 0;

    TRY(text_dec_decode(span_str(args->word[0]), &index, "index"));
    TRY(text_dec_decode(span_str(args->word[1]), &size, "size"));
    if (!hashed) {
        TRY(text_hex_decode(span_str(args->word[2]), leaf.b, SHA256_BYTES, "leaf hash"));
    }
    TRY(text_hex_decode(span_str(args->word[3]), root.b, SHA256_BYTES, "root"));
    TRY(take_hashes(args, 4, &proof));
    return merkle_check_inclusion(index, size, &leaf, &proof, &root);
}

static enum audit_exit run_inclusion(const struct audit_args *args)
{
    AUTO_WRITER entry = wr_heap(AUDIT_FILE_MAX);
    const bool hashed = args->word[2][0] == '@';

    if (hashed) {
        AUDIT_TRY(audit_load(args->word[2] + 1, &entry));
    }
    const struct cs_result r = inclusion(args, wr_span(&entry), hashed);
    if (r.code != CS_OK) {
        return audit_refuse_result(r);
    }
    return AUDIT_OK("leaf %s is in the tree of size %s", args->word[0], args->word[1]);
}

static CS_RESULT consistency(const struct audit_args *args)
{
    struct merkle_proof proof = {.count = 0};
    struct sha256 old_root;
    struct sha256 new_root;
    uint64_t old_size = 0;
    uint64_t new_size = 0;

    TRY(text_dec_decode(span_str(args->word[0]), &old_size, "old size"));
    TRY(text_dec_decode(span_str(args->word[1]), &new_size, "new size"));
    TRY(text_hex_decode(span_str(args->word[2]), old_root.b, SHA256_BYTES, "old root"));
    TRY(text_hex_decode(span_str(args->word[3]), new_root.b, SHA256_BYTES, "new root"));
    TRY(take_hashes(args, 4, &proof));
    return merkle_check_consistency(old_size, new_size, &old_root, &new_root, &proof);
}

static enum audit_exit run_consistency(const struct audit_args *args)
{
    const struct cs_result r = consistency(args);
    if (r.code != CS_OK) {
        return audit_refuse_result(r);
    }
    return AUDIT_OK("the tree of size %s is the beginning of the tree of size %s", args->word[0], args->word[1]);
}

static const char *const options[] = {NULL};
const struct audit_command audit_inclusion = {.name = "inclusion",
                                              .synopsis = "INDEX SIZE LEAF-HASH|@ENTRY-FILE ROOT [HASH ...]",
                                              .options = options,
                                              .words_min = 4,
                                              .words_max = AUDIT_WORDS_MAX,
                                              .run = run_inclusion};
const struct audit_command audit_consistency = {.name = "consistency",
                                                .synopsis = "OLD-SIZE NEW-SIZE OLD-ROOT NEW-ROOT [HASH ...]",
                                                .options = options,
                                                .words_min = 4,
                                                .words_max = AUDIT_WORDS_MAX,
                                                .run = run_consistency};
