/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk_run.h"

#include "judge/judge_facts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum {
    TICK_MS = 250,
    HEARD_MS = 15000, /* the core says something every 5 s */
    BEHIND_MS = 3000, /* how long a batch may be on its way before we are out of service */
    CTRL_C = 3,
};

static uint64_t now_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return ((uint64_t)t.tv_sec * 1000U) + ((uint64_t)t.tv_nsec / 1000000U);
}

/* ---- the world of the moment */

static bool is_live(struct kiosk *k, uint64_t now)
{
    const bool heard = now - k->follow.heard_ms < HEARD_MS;
    if (k->follow.state == FOLLOW_LIVE && heard) {
        k->live_ms = now;
        return true;
    }
    return k->follow.state == FOLLOW_BEHIND && heard && k->live_ms != 0 && now - k->live_ms < BEHIND_MS;
}

/* Between the first leaf of a batch and its checkpoint nothing is shown or signed: the fold is ahead of what is proven.
 */
static bool half_way(struct kiosk *k)
{
    return k->follow.state == FOLLOW_BEHIND && is_live(k, now_ms());
}

static CS_RESULT look_around(struct kiosk *k)
{
    struct flow_world *w = &k->world;
    const uint64_t now = now_ms();
    w->state = &k->follow.judge.state;
    w->root = judge_root(&k->follow.judge);
    w->now_ms = now;
    w->clock_ms = k->follow.heard_ms != 0 ? follow_core_time_ms(&k->follow, now) : 0;
    w->broken = k->follow.state == FOLLOW_BROKEN;
    w->live = is_live(k, now);
    w->sealed = k->follow.sealed;
    w->token_up = kiosk_token_up(&k->token);
    w->presence_switch = k->presence.state;
    w->facts = judge_change_facts;
    ENSURE(getrandom(w->random, sizeof(w->random), 0) == (ssize_t)sizeof(w->random), CS_E_IO, "random");
    return CS_SUCCESS;
}

/* ---- what the flow asks */

static void fill_command(const struct kiosk *k, const struct flow_ask *a, struct wire_command *c)
{
    c->kiosk = flow_text(&k->flow.kiosk);
    if (a->kind == ASK_DECISION) {
        c->cmd = WIRE_DECISION;
        c->port = a->port;
        c->presence_switch = a->presence_switch ? SPAN_LIT("on") : SPAN_NONE;
        c->decision = (struct decision){.auth_data = a->auth_data, .sig = a->sig, .statement = a->statement};
    } else if (a->kind == ASK_PROPOSE) {
        c->cmd = WIRE_PROPOSE;
        c->propose = (struct wire_propose){.kind = a->request_kind, .content = a->content};
    } else if (a->kind == ASK_FREEZE) {
        c->cmd = WIRE_FREEZE;
        c->freeze = (struct wire_freeze){.content = a->content};
    } else if (a->kind == ASK_GENESIS) {
        c->cmd = WIRE_GENESIS;
        c->genesis = *a->genesis;
    } else if (a->kind == ASK_ACCESS) {
        c->cmd = WIRE_ACCESS;
        c->kiosk = SPAN_NONE;
        c->access = (struct wire_access){.actor = a->actor, .note = a->access};
    } else if (a->kind == ASK_WITHDRAW) {
        c->cmd = WIRE_WITHDRAW;
        c->withdraw = (struct withdraw){.reason = a->reason, .request = a->request};
    } else {
        c->cmd = a->kind == ASK_BEGIN ? WIRE_BEGIN : WIRE_PROPOSAL;
        c->kiosk = SPAN_NONE;
    }
}

static void ask_core(struct kiosk *k, const struct flow_ask *a)
{
    static struct wire_command c; /* large, and there is one thread */
    uint64_t id = 0;
    memset(&c, 0, sizeof(c));
    fill_command(k, a, &c);
    if (follow_send(&k->follow, &c, &id).code == CS_OK) {
        k->sent[k->sent_next] = (struct kiosk_sent){.follow_id = id, .flow_id = a->id};
        k->sent_next = (k->sent_next + 1) % KIOSK_SENT_MAX;
    }
}

static bool is_for_token(enum ask_kind kind)
{
    return kind <= ASK_CANCEL;
}

static void step(struct kiosk *k, const struct flow_input *in);

static void lose_token(struct kiosk *k)
{
    const struct flow_input gone = {.kind = INPUT_DEVICES};
    kiosk_token_lose(&k->token, now_ms());
    k->world.token_up = false;
    k->flow.token.op = 0;
    step(k, &gone);
}

static void send_asks(struct kiosk *k)
{
    bool lost = false;
    for (size_t i = 0; i < k->flow.asks.count; i++) {
        const struct flow_ask *a = &k->flow.asks.item[i];
        if (!is_for_token(a->kind)) {
            ask_core(k, a);
        } else if (kiosk_token_up(&k->token) && !lost) {
            lost = kiosk_token_send(&k->token, a).code != CS_OK;
        }
    }
    flow_sent(&k->flow);
    if (lost) {
        kiosk_token_lose(&k->token, now_ms()); /* the loop notices, and tells the flow */
    }
}

static void step(struct kiosk *k, const struct flow_input *in)
{
    if (look_around(k).code != CS_OK) {
        k->stop = true;
        return;
    }
    flow_step(&k->flow, &k->world, in);
    send_asks(k);
}

/* ---- the core */

static void on_verified(void *user)
{
    struct kiosk *k = user;
    k->folded = true;
}

static void on_lost(void *user)
{
    struct kiosk *k = user;
    memset(k->sent, 0, sizeof(k->sent));
    k->folded = true;
}

static void on_answer(void *user, const struct wire_answer *a)
{
    struct kiosk *k = user;
    for (size_t i = 0; i < KIOSK_SENT_MAX; i++) {
        if (k->sent[i].follow_id != a->id || k->sent[i].flow_id == 0) {
            continue;
        }
        struct flow_answer answer = {.id = k->sent[i].flow_id,
                                     .code = a->code,
                                     .index = a->index,
                                     .expires_ms = a->expires_ms,
                                     .time_ms = a->time_ms,
                                     .log_key = a->log_key,
                                     .outcome_key = a->outcome_key,
                                     .proposal = a->proposal};
        memcpy(answer.nonce, a->nonce, sizeof(answer.nonce));
        k->sent[i] = (struct kiosk_sent){0};
        const struct flow_input in = {.kind = INPUT_ANSWER, .answer = &answer};
        step(k, &in);
        return;
    }
}

struct follow_hooks kiosk_hooks(struct kiosk *k)
{
    return (struct follow_hooks){.verified = on_verified, .answer = on_answer, .lost = on_lost, .user = k};
}

static void turn_core(struct kiosk *k)
{
    const enum follow_state before = k->follow.state;
    follow_step(&k->follow, now_ms());
    if ((k->folded || before != k->follow.state) && k->follow.state != FOLLOW_BEHIND) {
        const struct flow_input in = {.kind = INPUT_FOLD};
        k->folded = false;
        step(k, &in);
    }
}

/* ---- the token agent */

static void turn_token(struct kiosk *k, short events)
{
    struct kiosk_token_event e;
    if (!kiosk_token_up(&k->token)) {
        (void)kiosk_token_connect(&k->token, now_ms());
        return;
    }
    if (events == 0) {
        return;
    }
    bool good = kiosk_token_fill(&k->token);
    while (good) {
        const struct cs_result r = kiosk_token_next(&k->token, &e);
        if (r.code != CS_OK) {
            good = r.code == CS_E_SHORT;
            break;
        }
        step(k, &e.input);
        good = kiosk_token_up(&k->token);
    }
    if (!good) {
        lose_token(k);
    }
}

/* ---- the terminal */

static void press(struct kiosk *k, const struct key_press *p)
{
    const struct flow_input in = {.kind = INPUT_PRESS, .press = p->press, .point = p->point};
    step(k, &in);
}

static CS_RESULT turn_keys(struct kiosk *k)
{
    uint8_t b[64];
    struct key_press p;
    const ssize_t n = read(k->tty.fd, b, sizeof(b));
    ENSURE(n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)), CS_E_GONE, "terminal");
    for (ssize_t i = 0; i < n; i++) {
        k->stop = k->stop || (k->may_quit && b[i] == CTRL_C);
        if (screen_keys_byte(&k->tty.keys, b[i], now_ms(), &p)) {
            press(k, &p);
        }
    }
    explicit_bzero(b, sizeof(b)); /* it may have been a PIN */
    return CS_SUCCESS;
}

static void resize(struct kiosk *k)
{
    struct flow_input in = {.kind = INPUT_SIZE};
    kiosk_tty_size(&k->tty, &in.cols, &in.rows);
    kiosk_tty_forget(&k->tty);
    step(k, &in);
}

static void turn_signal(struct kiosk *k)
{
    struct signalfd_siginfo info = {0};
    while (read(k->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGWINCH) {
            resize(k);
        } else {
            k->stop = true;
        }
    }
}

/* ---- the loop */

static void turn_time(struct kiosk *k)
{
    struct key_press p;
    const uint64_t now = now_ms();
    if (screen_keys_late(&k->tty.keys, now, &p)) {
        press(k, &p);
    }
    if (now >= k->tick_ms) {
        const struct flow_input in = {.kind = INPUT_TICK};
        k->tick_ms = now + TICK_MS;
        step(k, &in);
    }
}

static int wait_for(const struct kiosk *k)
{
    const uint64_t now = now_ms();
    uint64_t until = k->tick_ms;
    const uint64_t wake = follow_wake_ms(&k->follow);
    until = wake < until ? wake : until;
    if (screen_keys_wait(&k->tty.keys) && now + KEYS_ESC_MS < until) {
        until = now + KEYS_ESC_MS;
    }
    return until > now ? (int)(until - now) : 0;
}

static CS_RESULT turn(struct kiosk *k)
{
    enum { CORE, TOKEN, KEYS, SIGNALS, PRESENCE, COUNT };
    struct pollfd fds[COUNT] = {
        [CORE] = {.fd = follow_fd(&k->follow), .events = follow_events(&k->follow)},
        [TOKEN] = {.fd = kiosk_token_up(&k->token) ? k->token.conn.fd : -1, .events = POLLIN},
        [KEYS] = {.fd = half_way(k) ? -1 : k->tty.fd, .events = POLLIN},
        [SIGNALS] = {.fd = k->signal_fd, .events = POLLIN},
        [PRESENCE] = {.fd = k->presence.fd, .events = POLLIN},
    };
    const bool had_token = kiosk_token_up(&k->token);
    const int n = poll(fds, COUNT, wait_for(k));
    ENSURE(n >= 0 || errno == EINTR, CS_E_IO, "poll");
    if (fds[SIGNALS].revents != 0) {
        turn_signal(k);
    }
    if (fds[PRESENCE].revents != 0) {
        kiosk_switch_read(&k->presence);
    }
    turn_core(k);
    if (half_way(k)) {
        return CS_SUCCESS;
    }
    turn_token(k, fds[TOKEN].revents);
    if (fds[KEYS].revents != 0) {
        TRY(turn_keys(k));
    }
    turn_time(k);
    if (had_token && !kiosk_token_up(&k->token) && k->flow.token.devices > 0) {
        lose_token(k);
    }
    if ((follow_events(&k->follow) & POLLOUT) != 0) {
        turn_core(k); /* what is asked of the core is on its way while we draw */
        if (half_way(k)) {
            return CS_SUCCESS;
        }
    }
    return kiosk_tty_show(&k->tty, &k->flow, &k->world);
}

CS_RESULT kiosk_run(struct kiosk *k)
{
    TRY(look_around(k));
    resize(k);
    while (!k->stop) {
        TRY(turn(k));
    }
    return CS_SUCCESS;
}
