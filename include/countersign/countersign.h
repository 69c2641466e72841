/* SPDX-License-Identifier: Apache-2.0 */
/**
 * libcountersign: check an approval before you act on it.
 *
 * A receipt (`NAME.countersign.json`) and a trust file (`trust.json`) go in as bytes; out comes one verdict: it holds,
 * it does not for one named reason, or it cannot be told. No network, no file, no clock, no global state: times are
 * arguments, and calls from several threads do not meet. Needs libcrypto 3 only.
 *
 * Formats: docs/formats/receipt.md. Classes: docs/formats/verify.md.
 */
#ifndef COUNTERSIGN_COUNTERSIGN_H
#define COUNTERSIGN_COUNTERSIGN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COUNTERSIGN_PUBLIC __attribute__((visibility("default")))

/** What a verdict says. The numbers are also the exit statuses of countersign-audit, and never change. */
enum countersign_class {
    COUNTERSIGN_HOLDS = 0,
    COUNTERSIGN_CANNOT_TELL = 3, /**< something is missing or unreadable; says nothing about the log */
    COUNTERSIGN_FORMAT = 10,
    COUNTERSIGN_CHECKPOINT = 11,
    COUNTERSIGN_PINNED = 12,
    COUNTERSIGN_INCLUSION = 13,
    COUNTERSIGN_GENESIS = 14,
    COUNTERSIGN_ENTRY = 15, /**< countersign_verdict_reason says which rule */
    COUNTERSIGN_ANCHOR = 16,
    COUNTERSIGN_INCOMPLETE = 17,
    COUNTERSIGN_NOT_APPROVED = 18,
    COUNTERSIGN_ENVELOPE = 19,
    COUNTERSIGN_SUBJECT = 20,
    COUNTERSIGN_ENVIRONMENT = 21,
    COUNTERSIGN_EXPIRED = 22,
    COUNTERSIGN_NOT_REDEEMED = 23,
    COUNTERSIGN_SERVICE = 24,
};

/** What must hold besides. All-zero asks for nothing more. A range export approves nothing: any ask of one is
 *  COUNTERSIGN_NOT_APPROVED. */
struct countersign_ask {
    const char *subject_sha256; /**< 64 lower-case hex digits of what is about to be deployed, or NULL */
    const char *environment;    /**< where, or NULL */
    uint64_t now_ms;     /**< milliseconds since 1970: the approval must not have run out by then; 0: not asked */
    size_t memory_bytes; /**< what the input may make the library keep; 0: 256 MiB */
    /**
     * Not 0: the approval must have been used. Ask for it before you deploy: a receipt from before the redeem holds for
     * ever, also when the request was withdrawn or ran out a moment later; after the redeem neither can happen.
     */
    int redeemed;
    const char *service; /**< what is about to be deployed, or NULL */
};

struct countersign_verdict;

/** "0.1.0" */
COUNTERSIGN_PUBLIC const char *countersign_version(void);

/**
 * Check one receipt, or one range export.
 *
 * All bytes are borrowed for the call. ask may be NULL. Returns a verdict that the caller frees, or NULL when there is
 * no memory even for that: treat NULL like COUNTERSIGN_CANNOT_TELL.
 */
COUNTERSIGN_PUBLIC struct countersign_verdict *countersign_verify_receipt(const void *receipt, size_t receipt_bytes,
                                                                          const void *trust, size_t trust_bytes,
                                                                          const struct countersign_ask *ask);

/** Where a whole log is read from. */
struct countersign_source {
    /**
     * Gives the entry at index; its bytes must stay until the next call. Any value but 0 ends the check with
     * COUNTERSIGN_CANNOT_TELL. Entries are asked for in order, each once.
     */
    int (*leaf)(void *ctx, uint64_t index, const void **ret_bytes, size_t *ret_len);
    void *ctx;
    size_t memory_bytes; /**< what the log may make the library keep; 0: 256 MiB */
};

/** Check a whole log, from its first entry to a checkpoint, every signature verified. As above. */
COUNTERSIGN_PUBLIC struct countersign_verdict *countersign_replay(const void *checkpoint, size_t checkpoint_bytes,
                                                                  const void *trust, size_t trust_bytes,
                                                                  const struct countersign_source *source);

/** NULL is allowed. */
COUNTERSIGN_PUBLIC void countersign_verdict_free(struct countersign_verdict *v);

/* Of a verdict; texts are UTF-8, end with NUL, and live as long as the verdict. */

COUNTERSIGN_PUBLIC enum countersign_class countersign_verdict_class(const struct countersign_verdict *v);
/** One plain sentence, for people. */
COUNTERSIGN_PUBLIC const char *countersign_verdict_sentence(const struct countersign_verdict *v);
/** Of COUNTERSIGN_ENTRY the reason code of docs/policy.md, else "". */
COUNTERSIGN_PUBLIC const char *countersign_verdict_reason(const struct countersign_verdict *v);
/** 1 and the entry's index when the verdict is about one entry, else 0. */
COUNTERSIGN_PUBLIC int countersign_verdict_entry(const struct countersign_verdict *v, uint64_t *ret_index);

/** What a receipt is about; "" and 0 of a range or a whole log, or when the receipt does not hold. */
struct countersign_request {
    uint64_t index;
    const char *kind;   /**< "deploy", "policy" or "roster" */
    const char *status; /**< "approved", "redeemed", "succeeded" … */
    const char *service;
    const char *environment;
    const char *title;  /**< as it was sent: may hold anything but NUL; not for a terminal as it is */
    uint64_t use_by_ms; /**< the approval runs out */
};
COUNTERSIGN_PUBLIC const struct countersign_request *countersign_verdict_request(const struct countersign_verdict *v);

struct countersign_artifact {
    const char *name;
    const char *sha256; /**< hex */
};
COUNTERSIGN_PUBLIC size_t countersign_verdict_artifacts(const struct countersign_verdict *v,
                                                        const struct countersign_artifact **ret_artifacts);

struct countersign_decision {
    const char *person;
    const char *seat;
    int approved; /**< 0: rejected */
    uint64_t time_ms;
    uint64_t entry;
};
COUNTERSIGN_PUBLIC size_t countersign_verdict_decisions(const struct countersign_verdict *v,
                                                        const struct countersign_decision **ret_decisions);

#ifdef __cplusplus
}
#endif

#endif
