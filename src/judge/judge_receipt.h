/* SPDX-License-Identifier: Apache-2.0 */
/* Receipts and range exports: the file, how it is made from a log, how it is verified. Pure.
 * Source: docs/formats/receipt.md. */
#ifndef JUDGE_RECEIPT_H
#define JUDGE_RECEIPT_H

#include "judge/judge.h"
#include "judge/judge_finding.h"
#include "judge/judge_trust.h"
#include "merkle/merkle_proof.h"

enum {
    RECEIPT_MAX_BYTES = 64 * 1024 * 1024,
    RECEIPT_ENTRIES_MAX = 65536,
    RECEIPT_NOTE_MAX = 131072,
    RECEIPT_ARENA_BYTES = 512 * 1024 * 1024, /* enough to decode or build the largest */
};

struct receipt_entry {
    uint64_t index;
    struct span leaf;
    struct span proof; /* hashes of 32 bytes, one after the other */
};

struct receipt_anchor {
    uint64_t size;
    struct span proof;
};

struct receipt {
    struct span checkpoint; /* signed note */
    struct receipt_entry *entries;
    size_t entry_count;
    struct receipt_anchor *anchors;
    size_t anchor_count;
    struct span envelope; /* empty when the request was not redeemed */
    bool is_range;
    uint64_t request; /* unless is_range */
    uint64_t first;   /* if is_range: entries first .. first + count - 1 */
    uint64_t count;
};

/* Spans borrow from text or live in the arena. CS_E_STATE for a level or version that is not known here. */
CS_RESULT judge_receipt_decode(struct span text, struct arena *arena, struct receipt *ret_receipt);
CS_RESULT judge_receipt_encode(const struct receipt *r, struct writer *w);

/* Where a receipt is made from. */
struct receipt_source {
    /* The leaf at index; its bytes must last as long as the arena. */
    struct cs_result (*leaf)(const void *ctx, uint64_t index, struct arena *arena, struct span *ret_leaf);
    const void *ctx;
    struct merkle_source tree;
};

/* A checkpoint of the log. */
struct receipt_note {
    struct span text; /* signed */
    uint64_t size;
};

struct receipt_range {
    uint64_t first;
    uint64_t count;
};

/*
 * s is a fold of the log, of note_size entries or more. The receipt lives in the arena and borrows note.
 * CS_E_UNKNOWN: no such request; CS_E_STATE: the checkpoint does not cover all of it yet; CS_E_RANGE: an empty range,
 * one past the checkpoint, or more entries than a receipt holds; CS_E_NOMEM; the source's errors.
 */
CS_RESULT judge_receipt_build(const struct receipt_source *src, const struct state *s, uint64_t request,
                              const struct receipt_note *note, struct arena *arena, struct receipt *ret_receipt);
CS_RESULT judge_range_build(const struct receipt_source *src, const struct state *s, const struct receipt_range *range,
                            const struct receipt_note *note, struct arena *arena, struct receipt *ret_receipt);

/* What the verifier wants to know, besides: does it hold? All-zero asks for nothing more. A range approves nothing, so
 * whoever asks more of one is told FINDING_NOT_APPROVED. */
struct receipt_ask {
    bool redeemed; /* the approval must have been used: an unused one may be taken back or run out */
    bool has_subject;
    struct sha256 subject;   /* one of the artifacts must have this digest */
    struct span environment; /* empty: any */
    struct span service;     /* empty: any */
    uint64_t now_ms;         /* 0: not asked; else the approval must not have run out */
};

/* Whether anything more is asked for. */
bool judge_receipt_asks(const struct receipt_ask *ask);

/*
 * j must be fresh from judge_init with depth JUDGE_PROVE; afterwards its state holds what the receipt adds up to: who
 * signed which seat, the policy, the roster. Must be released by the caller in every case.
 */
struct finding judge_receipt_verify(const struct receipt *r, const struct trust *t, const struct receipt_ask *ask,
                                    struct judge *j);

/* An approval that was given and not taken back: it may be used, or was. */
bool judge_is_approved(enum request_status s);

/* Was the rollback used that was signed with it? Then the request's redeem is of what it went back to. */
bool judge_went_back(const struct state_request *q);
/* The content with what it goes back to in the place of what it deploys; in the arena. NULL without a rollback, or
 * without memory. */
const struct deploy_content *judge_receipt_back(const struct deploy_content *d, struct arena *arena);

/* The deploy content of a request that the receipt holds, NULL for another kind; in the arena. CS_E_UNKNOWN when the
 * receipt does not hold it. */
CS_RESULT judge_receipt_content(const struct receipt *r, uint64_t request, struct arena *arena,
                                const struct deploy_content **ret_content);

#endif
