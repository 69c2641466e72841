/* SPDX-License-Identifier: Apache-2.0 */
/* note, proof: signed notes and what is proven against them. docs/formats/note.md. */
#include "audit_spot.h"

#include "crypt/crypt_note.h"
#include "note/note_proof.h"

struct signers {
    struct crypt_signer s[AUDIT_OPTIONS_MAX];
    size_t count;
};

static void release(struct signers *s)
{
    crypt_signers_release(s->s, s->count);
}
#define SIGNERS __attribute__((cleanup(release))) struct signers

static CS_RESULT take_keys(const struct audit_args *args, struct signers *s)
{
    for (size_t i = 0; i < args->option_count; i++) {
        if (strcmp(args->option[i].name, "--vkey") == 0) {
            TRY(note_vkey_decode(span_str(args->option[i].value), &s->s[s->count].key));
            s->count++;
        }
    }
    return CS_SUCCESS;
}

static size_t verified(const struct signers *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        n += s->s[i].verified ? 1 : 0;
    }
    return n;
}

static enum audit_exit run_note(const struct audit_args *args)
{
    AUTO_WRITER file = wr_heap(AUDIT_FILE_MAX);
    SIGNERS signers = {.count = 0};
    struct note note;
    struct note_checkpoint c;

    if (!audit_option_given(args, "--vkey")) {
        return AUDIT_MISUSE("--vkey is missing");
    }
    AUDIT_TRY(audit_load(args->word[0], &file));
    struct cs_result r = take_keys(args, &signers);
    r = r.code == CS_OK ? crypt_note_verify(wr_span(&file), signers.s, signers.count, &note) : r;
    if (r.code != CS_OK) {
        return audit_refuse_result(r);
    }
    if (note_checkpoint_decode(note.text, &c).code != CS_OK) {
        return AUDIT_OK("signed by %zu of %zu keys given", verified(&signers), signers.count);
    }
    return AUDIT_OK("signed by %zu of %zu keys given; checkpoint of size %llu, root %s", verified(&signers),
                    signers.count, (unsigned long long)c.size, audit_hex(&c.root).text);
}

static CS_RESULT check_proof(struct signers *s, struct span proof, struct span entry, struct note_proof *ret_proof,
                             struct note_checkpoint *ret_checkpoint)
{
    struct note note;

    TRY(note_proof_decode(proof, ret_proof));
    TRY(crypt_note_verify(ret_proof->checkpoint, s->s, s->count, &note));
    ENSURE(verified(s) == s->count, CS_E_MISSING, "proof.signature");
    TRY(note_checkpoint_decode(note.text, ret_checkpoint));
    ENSURE(span_eq(ret_checkpoint->origin, s->s[0].key.name), CS_E_MISMATCH, "checkpoint.origin");
    const struct sha256 leaf = merkle_leaf(entry);
    return merkle_check_inclusion(ret_proof->index, ret_checkpoint->size, &leaf, &ret_proof->proof,
                                  &ret_checkpoint->root);
}

static enum audit_exit run_proof(const struct audit_args *args)
{
    AUTO_WRITER entry = wr_heap(AUDIT_FILE_MAX);
    AUTO_WRITER file = wr_heap(AUDIT_FILE_MAX);
    SIGNERS signers = {.count = 0};
    struct note_proof proof;
    struct note_checkpoint c;

    if (!audit_option_given(args, "--vkey")) {
        return AUDIT_MISUSE("--vkey is missing");
    }
    AUDIT_TRY(audit_load_option(args, "--entry", &entry));
    AUDIT_TRY(audit_load(args->word[0], &file));
    struct cs_result r = take_keys(args, &signers);
    r = r.code == CS_OK ? check_proof(&signers, wr_span(&file), wr_span(&entry), &proof, &c) : r;
    if (r.code != CS_OK) {
        return audit_refuse_result(r);
    }
    return AUDIT_OK("entry %llu of a log of size %llu, root %s", (unsigned long long)proof.index,
                    (unsigned long long)c.size, audit_hex(&c.root).text);
}

static const char *const note_options[] = {"--vkey", NULL};
const struct audit_command audit_note = {.name = "note",
                                         .synopsis = "--vkey KEY [--vkey KEY ...] FILE",
                                         .options = note_options,
                                         .words_min = 1,
                                         .words_max = 1,
                                         .run = run_note};

static const char *const proof_options[] = {"--vkey", "--entry", NULL};
const struct audit_command audit_proof = {.name = "proof",
                                          .synopsis = "--vkey LOG-KEY [--vkey KEY ...] --entry FILE PROOF",
                                          .options = proof_options,
                                          .words_min = 1,
                                          .words_max = 1,
                                          .run = run_proof};
