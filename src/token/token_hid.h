/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I/O functions under libfido2 (fido_dev_set_io_functions): one hidraw node, one operation, one deadline.
 *
 * libfido2 blocks in its read function, and reports an unplugged key, a mute key and nonsense with one code. Here every
 * wait goes back to the caller's own poll loop, which stays alive meanwhile, and the reason why an operation stopped is
 * kept. After a cancel or at the deadline the key is told to stop (CTAPHID_CANCEL), so it does not blink on and the
 * next open finds it free. Source: CTAP 2.1 §11.2; docs/adr/0011-token-one-thread.md.
 */
#ifndef TOKEN_HID_H
#define TOKEN_HID_H

#include "base/base_span.h"

#include <fido.h>

enum { TOKEN_REPORT_BYTES = 64 };

/* What ended a wait. */
enum token_wake { TOKEN_WAKE_READY, TOKEN_WAKE_TIME, TOKEN_WAKE_CANCEL, TOKEN_WAKE_REMOVED };

/* The caller's side of a wait. */
struct token_wait {
    /* Until fd is readable or hung up, until_ms (monotonic) has come, or the operation shall end. */
    enum token_wake (*wait)(void *ctx, int fd, uint64_t until_ms);
    /* The key asks for a touch. At most once an operation. */
    void (*touch)(void *ctx);
    void *ctx;
};

/* Why the I/O of an operation stopped; zero: it did not. */
enum token_end { TOKEN_END_NONE, TOKEN_END_TIME, TOKEN_END_MUTE, TOKEN_END_CANCEL, TOKEN_END_REMOVED, TOKEN_END_HELD };

struct token_hid {
    int fd; /* -1: closed */
    struct token_wait wait;
    uint64_t deadline_ms; /* of the whole operation, monotonic */
    uint64_t asked_ms;    /* when the last request went out */
    uint64_t heard_ms;    /* when the key last said something, or was asked */
    bool silent;          /* no touch belongs to what is asked now */
    bool touch_told;
    bool peek;      /* a read takes what is there and does not wait for the start of an answer */
    unsigned taken; /* reports since the caller last waited: a key that floods us is left for the others' sake */
    bool pending;   /* a request is out, its answer is not in */
    uint8_t cid[4]; /* channel of the last request */
    uint8_t asked;  /* CTAP command byte of the last request, 0 if it had none */
    enum token_end end;
};

void token_hid_init(struct token_hid *h, const struct token_wait *wait, uint64_t deadline_ms);
uint64_t token_clock_ms(void);

/*
 * Opens the node at path through libfido2, with these functions underneath. h must outlive dev's closing.
 * Returns libfido2's code; h->end says more if I/O was the cause (TOKEN_END_HELD: another process holds the key).
 */
int token_hid_open(struct token_hid *h, fido_dev_t *dev, const char *path);

/* Tells the key to drop what it works at, if it does, and waits a moment for its last word, so that nobody else reads
 * it. */
void token_hid_withdraw(struct token_hid *h);

#endif
