/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_select.h"

#include <sys/epoll.h>
#include <unistd.h>

enum {
    OPEN_MAX_MS = 1000, /* for a key to open: a mute one does not keep the others waiting */
    POLL_MS = 100,      /* libfido2 wants a time; token_hid does not wait while it peeks */
};

struct candidate {
    uint64_t number;
    fido_dev_t *dev; /* NULL: not asked, or left out */
    struct token_hid hid;
};

struct selection {
    const struct token_devices *devices;
    const struct token_wait *wait;
    uint64_t deadline_ms;
    int ready;           /* epoll: any key has something to say */
    enum token_code why; /* the last one left out */
    size_t count;
    struct candidate *keys;
};

static enum token_code code_of(enum token_end end)
{
    switch (end) {
    case TOKEN_END_CANCEL:
        return TOKEN_CANCELLED;
    case TOKEN_END_REMOVED:
        return TOKEN_REMOVED;
    case TOKEN_END_HELD:
        return TOKEN_BUSY;
    case TOKEN_END_NONE: /* it is no FIDO2 key */
        return TOKEN_UNSUPPORTED;
    case TOKEN_END_TIME:
    case TOKEN_END_MUTE:
        break;
    }
    return TOKEN_FAILED;
}

/* Tells the key to stop if it blinks, and closes it. */
static void leave_out(struct selection *s, struct candidate *c)
{
    if (c->dev != NULL) {
        s->why = code_of(c->hid.end);
        token_hid_withdraw(&c->hid);
        (void)fido_dev_close(c->dev);
        fido_dev_free(&c->dev);
    }
}

/* Opens a key and has it blink. */
static void ask_key(struct selection *s, struct candidate *c, const char *path)
{
    struct epoll_event on = {.events = EPOLLIN, .data = {.u32 = 0}};
    const uint64_t open_ms = token_clock_ms() + OPEN_MAX_MS;

    token_hid_init(&c->hid, s->wait, open_ms < s->deadline_ms ? open_ms : s->deadline_ms);
    c->hid.touch_told = true; /* it is told once, for all of them */
    c->dev = fido_dev_new();
    if (c->dev == NULL) {
        return;
    }
    const bool opened = token_hid_open(&c->hid, c->dev, path) == FIDO_OK && fido_dev_is_fido2(c->dev);
    c->hid.deadline_ms = s->deadline_ms;
    if (!opened || fido_dev_get_touch_begin(c->dev) != FIDO_OK ||
        epoll_ctl(s->ready, EPOLL_CTL_ADD, c->hid.fd, &on) != 0) {
        leave_out(s, c);
    }
}

static void ask_all(struct selection *s)
{
    bool go_on = true;

    for (size_t i = 0; i < s->devices->count && s->count < TOKEN_KEYS_MAX && go_on; i++) {
        const struct token_device d = s->devices->list[i]; /* a copy: the list may change meanwhile */
        if (d.kind == TOKEN_KIND_FIDO2) {
            struct candidate *c = &s->keys[s->count];
            c->number = d.number;
            s->count++;
            ask_key(s, c, d.path);
            go_on = c->hid.end != TOKEN_END_CANCEL;
        }
    }
}

static size_t left(const struct selection *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->count; i++) {
        n += s->keys[i].dev != NULL ? 1u : 0u;
    }
    return n;
}

/* Looks at every key once, in the order they came: the first that was touched, or NULL. */
static const struct candidate *look(struct selection *s)
{
    for (size_t i = 0; i < s->count; i++) {
        struct candidate *c = &s->keys[i];
        int touched = 0;
        if (c->dev == NULL) {
            continue;
        }
        if (token_devices_find(s->devices, c->number) == NULL) {
            c->hid.end = TOKEN_END_REMOVED;
            leave_out(s, c);
            continue;
        }
        c->hid.peek = true;
        c->hid.taken = 0;
        const int r = fido_dev_get_touch_status(c->dev, &touched, POLL_MS);
        if (r == FIDO_OK && touched != 0) {
            return c;
        }
        if (r != FIDO_OK || c->hid.end != TOKEN_END_NONE) {
            leave_out(s, c);
        }
    }
    return NULL;
}

static enum token_code await_touch(struct selection *s, uint64_t *ret_device)
{
    while (left(s) > 0) {
        switch (s->wait->wait(s->wait->ctx, s->ready, s->deadline_ms)) {
        case TOKEN_WAKE_READY: {
            const struct candidate *c = look(s);
            if (c != NULL) {
                *ret_device = c->number;
                return TOKEN_OK;
            }
            break;
        }
        case TOKEN_WAKE_TIME:
            return TOKEN_TIMEOUT;
        case TOKEN_WAKE_CANCEL:
            return TOKEN_CANCELLED;
        case TOKEN_WAKE_REMOVED:
            return TOKEN_REMOVED;
        }
    }
    return s->why;
}

static enum token_code run(struct selection *s, uint64_t *ret_device)
{
    ask_all(s);
    if (left(s) == 0) {
        return s->why;
    }
    s->wait->touch(s->wait->ctx);
    return await_touch(s, ret_device);
}

void token_select_run(const struct token_devices *devices, uint32_t timeout_ms, const struct token_wait *wait,
                      struct token_outcome *ret_outcome)
{
    struct selection s = {.devices = devices,
                          .wait = wait,
                          .deadline_ms = token_clock_ms() + timeout_ms,
                          .ready = epoll_create1(EPOLL_CLOEXEC),
                          .why = TOKEN_NO_TOKEN};

    *ret_outcome = (struct token_outcome){.kind = TOKEN_KIND_FIDO2};
    s.keys = calloc(TOKEN_KEYS_MAX, sizeof(*s.keys));
    if (s.keys != NULL && s.ready >= 0) {
        ret_outcome->code = run(&s, &ret_outcome->device);
        for (size_t i = 0; i < s.count; i++) {
            leave_out(&s, &s.keys[i]);
        }
    }
    if (s.ready >= 0) {
        (void)close(s.ready);
    }
    free(s.keys);
}
