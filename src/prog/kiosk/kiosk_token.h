/* SPDX-License-Identifier: Apache-2.0 */
/* The kiosk's end of docs/formats/token-agent.md. */
#ifndef KIOSK_TOKEN_H
#define KIOSK_TOKEN_H

#include "ipc/ipc_socket.h"
#include "screen/screen_flow.h"

struct kiosk_token {
    const char *path; /* borrowed */
    struct ipc_conn conn;
    uint64_t retry_ms;
    uint8_t *room; /* for commands: wiped after each, because a PIN may have been in it */
    struct arena arena;
};

CS_RESULT kiosk_token_init(struct kiosk_token *k, const char *path);
void kiosk_token_release(struct kiosk_token *k);

static inline bool kiosk_token_up(const struct kiosk_token *k)
{
    return k->conn.open;
}
/* Connects if it is time to. True when that made a connection. */
bool kiosk_token_connect(struct kiosk_token *k, uint64_t now_ms);
/* Sends one ask; the PIN stays nowhere. Errors end the connection. */
CS_RESULT kiosk_token_send(struct kiosk_token *k, const struct flow_ask *a);

/* One event of the agent, as the flow takes it; borrows from the arena until the next. */
struct kiosk_token_event {
    struct flow_input input;
    struct flow_done done;
};
/* Pure. Errors: those of json_tree.h and base_text.h; CS_E_MISSING, CS_E_RANGE, CS_E_UNKNOWN for what the protocol has
 * not. */
CS_RESULT kiosk_token_decode(struct span frame, struct arena *arena, struct kiosk_token_event *ret_event);
/* CS_E_SHORT: nothing more now. Anything else ends the connection. */
CS_RESULT kiosk_token_next(struct kiosk_token *k, struct kiosk_token_event *ret_event);
/* Reads what is there; false when the agent is gone. */
bool kiosk_token_fill(struct kiosk_token *k);
void kiosk_token_lose(struct kiosk_token *k, uint64_t now_ms);

#endif
