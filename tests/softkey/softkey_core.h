/* SPDX-License-Identifier: Apache-2.0 */
/* The authenticator: CTAP 2.1 requests in, answers out. No clock and no descriptor: time and touch are arguments. */
#ifndef SOFTKEY_CORE_H
#define SOFTKEY_CORE_H

#include "softkey_pin.h"

enum {
    SOFTKEY_MESSAGE_MAX = 7609, /* CTAP 2.1 §11.2.4: 64 - 7 + 128 * (64 - 5) */
    SOFTKEY_TOUCH_TIMEOUT_MS = 30000,
    SOFTKEY_RESET_WINDOW_MS = 10000,
    SOFTKEY_NEXT_WINDOW_MS = 30000,
};

/** What getNextAssertion goes on with. */
struct softkey_pending {
    size_t left; /* 0: nothing */
    size_t matches[SOFTKEY_CREDENTIALS_MAX];
    size_t at;
    uint64_t until_ms;
    uint8_t flags;
    uint8_t client_data_hash[SOFTKEY_HASH_BYTES];
};

struct softkey_core {
    struct softkey_store store;
    const struct softkey_ca *ca; /* borrowed */
    struct softkey_pin pin;
    struct softkey_pending pending;
    unsigned protocols; /* the PIN protocols it speaks: 1 << 1 and 1 << 2 */
    uint32_t faults;
    uint64_t power_ms; /* when power came */
};

/** One request: command byte and parameters, when it is answered, and whether the key was touched for it. */
struct softkey_request {
    struct softkey_span message;
    uint64_t now_ms;
    bool touched;
};

struct softkey_reply {
    size_t len;
    uint8_t bytes[SOFTKEY_MESSAGE_MAX]; /* status, then CBOR */
};

/** Power comes (again) at `now_ms`: RAM is new. The caller has filled in store, ca and protocols. */
void softkey_core_power(struct softkey_core *core, uint64_t now_ms);
void softkey_core_release(struct softkey_core *core);

/**
 * Answer a request. CTAP_WANTS_TOUCH: nothing happened yet and `ret_reply` is untouched; ask again with the same
 * message and `touched` set once the key is touched. Otherwise the status, which is also the reply's first byte.
 */
enum softkey_status softkey_core_answer(struct softkey_core *core, const struct softkey_request *request,
                                        struct softkey_reply *ret_reply);

#endif
