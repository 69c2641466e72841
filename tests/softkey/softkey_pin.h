/* SPDX-License-Identifier: Apache-2.0 */
/* authenticatorClientPIN with PIN/UV auth protocols 1 and 2. Source: CTAP 2.1 §6.5. */
#ifndef SOFTKEY_PIN_H
#define SOFTKEY_PIN_H

#include "softkey_cbor.h"
#include "softkey_ctap.h"
#include "softkey_store.h"

enum { SOFTKEY_PIN_TOKEN_BYTES = 32, SOFTKEY_PIN_PROTOCOLS = 2 };

/** What of the PIN lives only while the key has power. */
struct softkey_pin {
    struct softkey_ec *agreement[SOFTKEY_PIN_PROTOCOLS];
    uint8_t token[SOFTKEY_PIN_PROTOCOLS][SOFTKEY_PIN_TOKEN_BYTES];
    uint8_t permissions;               /* of the token last given */
    char rp_id[SOFTKEY_RP_ID_MAX + 1]; /* that the token is bound to; empty: none yet */
    uint8_t misses;                    /* wrong PINs in a row since power-up */
};

/** As at power-up: new keys, new tokens, no misses. Releases what was there; zero memory is fine. */
void softkey_pin_power(struct softkey_pin *pin);
void softkey_pin_release(struct softkey_pin *pin);

/** One authenticatorClientPIN request: `params` is checked CBOR, `allowed` a bit set of protocols (1 << number). */
enum softkey_status softkey_pin_request(struct softkey_pin *pin, struct softkey_store *store,
                                        struct softkey_span params, unsigned allowed, struct softkey_cbor *out);

/** A pinUvAuthParam over a client data hash, and for what. */
struct softkey_pin_claim {
    int64_t protocol;
    struct softkey_span param;
    struct softkey_span message;
    uint8_t permission;
    const char *rp_id;
};

/** CTAP_OK when the token given last signs the claim and covers it; binds the token to the RP id if it had none. */
enum softkey_status softkey_pin_verify(struct softkey_pin *pin, const struct softkey_pin_claim *claim);

/** After a touch was used with the token, it permits nothing more. */
void softkey_pin_used(struct softkey_pin *pin);

#endif
