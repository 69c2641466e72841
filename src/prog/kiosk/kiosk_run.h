/* SPDX-License-Identifier: Apache-2.0 */
/* One loop over the core's stream, the token agent and the terminal; everything that is decided, the flow decides. */
#ifndef KIOSK_RUN_H
#define KIOSK_RUN_H

#include "follow/follow.h"
#include "kiosk_switch.h"
#include "kiosk_token.h"
#include "kiosk_tty.h"

enum { KIOSK_SENT_MAX = 16 };

struct kiosk {
    struct flow flow;
    struct flow_world world;
    struct follow follow;
    struct kiosk_token token;
    struct kiosk_tty tty;
    struct kiosk_switch presence;
    int signal_fd; /* SIGWINCH, and the signals that end us */
    bool may_quit; /* Ctrl-C ends us, where a person runs the kiosk by hand */
    bool stop;
    bool folded;      /* since the flow was last told */
    uint64_t live_ms; /* when the fold was last known to be whole */
    uint64_t tick_ms;
    /* the core's answers name the follower's ids; the flow has its own */
    struct kiosk_sent {
        uint64_t follow_id;
        uint64_t flow_id;
    } sent[KIOSK_SENT_MAX];
    size_t sent_next;
};

/* Hooks of k->follow are set by kiosk_hooks before follow_init. */
struct follow_hooks kiosk_hooks(struct kiosk *k);
/* Until a signal, or the terminal goes. */
CS_RESULT kiosk_run(struct kiosk *k);

#endif
