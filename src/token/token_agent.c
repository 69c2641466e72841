/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_agent.h"

#include "ipc/ipc_socket.h"
#include "token/token_card.h"
#include "token/token_devices.h"
#include "token/token_fido.h"
#include "token/token_pcsc.h"
#include "token/token_select.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

enum {
    ARENA_MAX_BYTES = 2 * TOKEN_FRAME_MAX + 65536, /* one command decoded, or one result */
    OUT_MAX_BYTES = 4 * TOKEN_FRAME_MAX,
    IDENTIFY_MS = 10000,
};

struct token_agent {
    struct token_agent_setup setup;
    struct ipc_conn peer; /* all-zero: none */
    uint64_t last_op;     /* of this connection */
    struct token_devices devices;
    struct token_readers readers;
    struct token_vault *vault;
    struct arena arenas[2]; /* one for the operation that runs, one for what comes in meanwhile */
    struct arena *incoming;
    struct arena *work;
    struct token_command next; /* waits to be started if has_next */
    bool has_next;
    const struct token_command *running; /* NULL: none */
    struct token_device device;          /* the token it runs on; number 0: on all */
    bool changed;                        /* a token came or went since this was last cleared */
    bool cancelled;                      /* the running one shall end; nothing more is read before it has */
    bool stopping;
    struct cs_result broken;
};

/* --- to the kiosk --- */

static void drop_peer(struct token_agent *a, const char *what, struct cs_result why)
{
    ipc_close(&a->peer);
    a->has_next = false;
    token_secret_wipe(&a->vault->incoming);
    a->cancelled = a->running != NULL;
    a->setup.note(what, why);
}

static void flush_peer(struct token_agent *a)
{
    if (a->peer.open && ipc_wants_write(&a->peer)) {
        const struct cs_result res = ipc_flush(&a->peer);
        if (res.code != CS_OK && res.code != CS_E_SHORT) {
            drop_peer(a, "kiosk left", res);
        }
    }
}

/* Queues one message that an encoder wrote; a message that cannot be sent ends the peer, it is never left out. */
static void send_message(struct token_agent *a, struct cs_result encoded, const struct writer *w)
{
    if (!a->peer.open) {
        return;
    }
    const struct cs_result res = encoded.code == CS_OK ? ipc_queue(&a->peer, wr_span(w)) : encoded;
    if (res.code != CS_OK) {
        drop_peer(a, "kiosk dropped: message not sent", res);
        return;
    }
    flush_peer(a);
}

static void send_devices(struct token_agent *a)
{
    AUTO_WRITER w = wr_heap(TOKEN_FRAME_MAX);

    send_message(a, token_event_devices(a->devices.list, a->devices.count, &w), &w);
}

static void send_done(struct token_agent *a, enum token_cmd cmd, uint64_t op, const struct token_outcome *out)
{
    AUTO_WRITER w = wr_heap(TOKEN_FRAME_MAX);

    send_message(a, token_event_done(cmd, op, out, &w), &w);
}

static void send_code(struct token_agent *a, const struct token_command *cmd, enum token_code code)
{
    const struct token_outcome out = {.code = code};

    send_done(a, cmd->cmd, cmd->op, &out);
}

static void on_touch(void *ctx)
{
    struct token_agent *a = ctx;
    AUTO_WRITER w = wr_heap(TOKEN_FRAME_MAX);

    send_message(a, token_event_touch(a->running->op, &w), &w);
}

/* --- from the kiosk --- */

static void take_operation(struct token_agent *a, const struct token_command *cmd)
{
    if (a->running != NULL) {
        token_secret_wipe(&a->vault->incoming);
        send_code(a, cmd, TOKEN_BUSY);
        return;
    }
    a->next = *cmd;
    a->has_next = true;
}

static void take_command(struct token_agent *a, const struct token_command *cmd)
{
    switch (cmd->cmd) {
    case TOKEN_CMD_LIST:
        send_devices(a);
        send_code(a, cmd, TOKEN_OK);
        break;
    case TOKEN_CMD_CANCEL:
        a->cancelled = a->running != NULL;
        send_code(a, cmd, TOKEN_OK);
        break;
    case TOKEN_CMD_IDENTIFY:
    case TOKEN_CMD_ENROL:
    case TOKEN_CMD_SIGN:
    case TOKEN_CMD_SELECT:
        take_operation(a, cmd);
        break;
    case TOKEN_CMD_COUNT:
        break;
    }
}

static CS_RESULT take_frame(struct token_agent *a)
{
    struct token_command cmd;
    struct span frame;

    TRY(ipc_next(&a->peer, &frame));
    arena_reset(a->incoming);
    const struct cs_result res = token_command_decode(frame, a->incoming, &a->vault->incoming, &cmd);
    ipc_forget(&a->peer); /* there may be a PIN in it */
    TRY(res);
    ENSURE(cmd.op > a->last_op, CS_E_ORDER, "token.op");
    a->last_op = cmd.op;
    take_command(a, &cmd);
    return CS_SUCCESS;
}

/* Not while something has to happen first: the start of an operation, or the end of a cancelled one. */
static bool may_read(const struct token_agent *a)
{
    return a->peer.open && !a->has_next && !a->cancelled;
}

/* Everything that is there and may be read. */
static void take_frames(struct token_agent *a)
{
    struct cs_result res = CS_SUCCESS;

    while (res.code == CS_OK && may_read(a)) {
        res = take_frame(a);
    }
    if (res.code != CS_OK && res.code != CS_E_SHORT && a->peer.open) {
        drop_peer(a, "kiosk dropped: malformed command", res);
    }
}

static void read_peer(struct token_agent *a)
{
    const struct cs_result res = ipc_fill(&a->peer);

    if (res.code == CS_OK) {
        take_frames(a);
    } else if (res.code != CS_E_SHORT) {
        drop_peer(a, "kiosk left", res);
    }
}

static void accept_peer(struct token_agent *a)
{
    const struct ipc_limits limits = {.frame_max_bytes = TOKEN_FRAME_MAX, .out_max_bytes = OUT_MAX_BYTES};
    struct ipc_conn conn = {0};
    struct cs_result res = ipc_accept(a->setup.listen_fd, &limits, &conn);

    if (res.code == CS_E_IO) {
        a->broken = res;
        a->stopping = true;
    }
    if (res.code != CS_OK) {
        return;
    }
    if (a->setup.check_peer) {
        res = ipc_peer_require(&conn, a->setup.peer_uid);
    }
    if (res.code == CS_OK && a->peer.open) {
        res = CS_FAIL(CS_E_STATE, "a kiosk is here already");
    }
    if (res.code != CS_OK) {
        ipc_close(&conn);
        a->setup.note("connection refused", res);
        return;
    }
    a->peer = conn;
    a->last_op = 0;
    a->setup.note("kiosk connected", CS_SUCCESS);
    send_devices(a);
}

/* --- the loop --- */

enum { ON_STOP, ON_UDEV, ON_READERS, ON_LISTEN, ON_PEER, ON_KEY, ON_COUNT };

static int timeout_ms(uint64_t until_ms)
{
    const uint64_t now_ms = token_clock_ms();

    if (until_ms == UINT64_MAX) {
        return -1;
    }
    if (until_ms <= now_ms) {
        return 0;
    }
    return until_ms - now_ms > INT_MAX ? INT_MAX : (int)(until_ms - now_ms);
}

static void update_readers(struct token_agent *a)
{
    if (token_readers_update(&a->readers, token_clock_ms()) && token_devices_cards(&a->devices, &a->readers)) {
        a->changed = true;
        send_devices(a);
    }
}

static void serve(struct token_agent *a, const struct pollfd *fds)
{
    if (fds[ON_STOP].revents != 0) {
        a->stopping = true;
    }
    if (fds[ON_UDEV].revents != 0 && token_devices_update(&a->devices)) {
        a->changed = true;
        send_devices(a);
    }
    if (fds[ON_READERS].revents != 0) {
        update_readers(a);
    }
    if (fds[ON_PEER].revents != 0 && a->peer.open) {
        flush_peer(a);
        if (may_read(a)) {
            read_peer(a);
        }
    }
    if (fds[ON_LISTEN].revents != 0) {
        accept_peer(a);
    }
}

/* Waits once for anything and deals with all of it but the key. True if key_fd (or -1) can be read or is gone. */
static bool turn(struct token_agent *a, int key_fd, uint64_t until_ms)
{
    if (token_clock_ms() >= token_readers_until_ms(&a->readers)) {
        update_readers(a);
    }
    take_frames(a); /* what was left unread while something had to happen first */
    const bool ask = may_read(a);
    const bool tell = a->peer.open && ipc_wants_write(&a->peer);
    const short events = (short)((ask ? POLLIN : 0) | (tell ? POLLOUT : 0));
    struct pollfd fds[ON_COUNT] = {
        [ON_STOP] = {.fd = a->setup.stop_fd, .events = POLLIN},
        [ON_UDEV] = {.fd = token_devices_fd(&a->devices), .events = POLLIN},
        [ON_READERS] = {.fd = token_readers_fd(&a->readers), .events = POLLIN},
        [ON_LISTEN] = {.fd = a->setup.listen_fd, .events = POLLIN},
        [ON_PEER] = {.fd = ask || tell ? a->peer.fd : -1, .events = events},
        [ON_KEY] = {.fd = key_fd, .events = POLLIN},
    };
    const bool urgent = a->stopping || a->cancelled || a->has_next;
    const uint64_t readers_ms = token_readers_until_ms(&a->readers);

    if (poll(fds, ON_COUNT, urgent ? 0 : timeout_ms(until_ms < readers_ms ? until_ms : readers_ms)) > 0) {
        serve(a, fds);
        return fds[ON_KEY].revents != 0;
    }
    return false; /* time, or a signal: the caller looks at the clock */
}

static enum token_wake on_wait(void *ctx, int fd, uint64_t until_ms)
{
    struct token_agent *a = ctx;
    bool ready = false;

    for (;;) {
        if (a->stopping || a->cancelled) {
            return TOKEN_WAKE_CANCEL;
        }
        if (a->device.number != 0 && token_devices_find(&a->devices, a->device.number) == NULL) {
            return TOKEN_WAKE_REMOVED;
        }
        if (a->device.number == 0 && a->changed) { /* whoever waits for all looks at the list */
            a->changed = false;
            return TOKEN_WAKE_READY;
        }
        if (ready) { /* only after the reasons to end: an answer that comes with them is too late */
            return TOKEN_WAKE_READY;
        }
        if (token_clock_ms() >= until_ms) {
            return TOKEN_WAKE_TIME;
        }
        ready = turn(a, fd, until_ms);
    }
}

static void run_on(struct token_agent *a, const struct token_command *cmd, const struct token_device *d,
                   struct token_outcome *ret_outcome)
{
    const struct token_wait wait = {.wait = on_wait, .touch = on_touch, .ctx = a};
    const struct token_card_setup cards = {.confine = a->setup.confine_cards, .udev = a->devices.udev, .wait = wait};
    const struct token_secret *pin = &a->vault->running;

    a->device = *d; /* a copy: the list may change meanwhile */
    if (a->device.kind == TOKEN_KIND_PIV) {
        token_card_run(cmd, pin, &a->device, &cards, a->work, ret_outcome);
    } else {
        token_fido_run(cmd, pin, &a->device, &wait, a->work, ret_outcome);
    }
}

/* The faces of the one token that is in, its FIDO2 one first: the next is asked when one does not know of the
 * credential. */
static void run_on_only(struct token_agent *a, const struct token_command *cmd, struct token_outcome *ret_outcome)
{
    const uint32_t budget_ms = cmd->timeout_ms > 0 ? cmd->timeout_ms : IDENTIFY_MS;
    const uint64_t deadline_ms = token_clock_ms() + budget_ms;
    uint64_t faces[TOKEN_DEVICES_MAX];
    const size_t count = token_devices_faces(&a->devices, faces);
    struct token_outcome out = {.code = TOKEN_REMOVED};

    for (size_t i = 0; i < count; i++) {
        const struct token_device *d = token_devices_find(&a->devices, faces[i]);
        const uint64_t now_ms = token_clock_ms();
        struct token_command face = *cmd;
        if (d == NULL || now_ms >= deadline_ms) {
            out.code = d == NULL ? TOKEN_REMOVED : TOKEN_TIMEOUT;
            break;
        }
        face.timeout_ms = (uint32_t)(deadline_ms - now_ms);
        const bool knew = out.code == TOKEN_WRONG_KEY;
        run_on(a, &face, d, &out);
        if (out.code != TOKEN_WRONG_KEY && out.code != TOKEN_UNSUPPORTED) {
            break;
        }
        out.code = knew ? TOKEN_WRONG_KEY : out.code; /* says more than that the other face is of no use */
    }
    *ret_outcome = out;
}

static void run_operation(struct token_agent *a, const struct token_command *cmd, struct token_outcome *ret_outcome)
{
    const struct token_wait wait = {.wait = on_wait, .touch = on_touch, .ctx = a};

    if (cmd->cmd == TOKEN_CMD_SELECT) {
        a->device = (struct token_device){.number = 0};
        a->changed = false;
        token_select_run(&a->devices, cmd->timeout_ms, &wait, ret_outcome);
    } else if (cmd->device != 0) {
        run_on(a, cmd, token_devices_find(&a->devices, cmd->device), ret_outcome);
    } else {
        run_on_only(a, cmd, ret_outcome);
    }
}

/* What can be said without a token; TOKEN_OK: nothing, ask. */
static enum token_code answer_without_token(const struct token_agent *a, const struct token_command *cmd)
{
    if (cmd->cmd == TOKEN_CMD_SELECT) {
        return TOKEN_OK;
    }
    if (cmd->pin_unusable) {
        return TOKEN_BAD_REQUEST;
    }
    if (cmd->device != 0) {
        return token_devices_find(&a->devices, cmd->device) != NULL ? TOKEN_OK : TOKEN_REMOVED;
    }
    if (a->devices.count == 0) {
        return TOKEN_NO_TOKEN;
    }
    return token_devices_are_one(&a->devices) ? TOKEN_OK : TOKEN_SEVERAL;
}

static void run_next(struct token_agent *a)
{
    const struct token_command cmd = a->next;
    struct arena *const freed = a->work;
    struct token_outcome out = {.code = answer_without_token(a, &cmd)};

    a->has_next = false;
    a->work = a->incoming; /* the command's bytes live there */
    a->incoming = freed;
    token_vault_start(a->vault);
    if (out.code == TOKEN_OK) {
        a->running = &cmd;
        run_operation(a, &cmd, &out);
        a->running = NULL;
    }
    token_secret_wipe(&a->vault->running); /* before anyone hears that it has ended */
    a->cancelled = false;
    send_done(a, cmd.cmd, cmd.op, &out);
    arena_reset(a->work);
}

CS_RESULT token_agent_new(const struct token_agent_setup *setup, struct token_agent **ret_agent)
{
    struct token_agent *a = calloc(1, sizeof(*a));

    ENSURE(a != NULL, CS_E_NOMEM, "agent");
    a->setup = *setup;
    a->broken = CS_SUCCESS;
    arena_init(&a->arenas[0], ARENA_MAX_BYTES);
    arena_init(&a->arenas[1], ARENA_MAX_BYTES);
    a->incoming = &a->arenas[0];
    a->work = &a->arenas[1];
    a->readers.confine = setup->confine_cards;
    token_cardkey_init();
    token_fido_init();
    token_pcsc_init();
    struct cs_result res = token_vault_new(&a->vault);
    if (res.code == CS_OK) {
        res = token_devices_open(&a->devices);
    }
    if (res.code != CS_OK) {
        token_agent_free(a);
        return res;
    }
    *ret_agent = a;
    return CS_SUCCESS;
}

void token_agent_free(struct token_agent *a)
{
    if (a != NULL) {
        ipc_close(&a->peer);
        token_readers_close(&a->readers);
        token_devices_close(&a->devices);
        token_vault_free(a->vault);
        arena_release(&a->arenas[0]);
        arena_release(&a->arenas[1]);
        free(a);
    }
}

CS_RESULT token_agent_run(struct token_agent *a)
{
    while (!a->stopping) {
        (void)turn(a, -1, UINT64_MAX);
        if (a->has_next && !a->stopping) {
            run_next(a);
        }
    }
    return a->broken;
}
