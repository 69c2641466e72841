/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_pcsc.h"

#include <errno.h>
#include <reader.h>
#include <sys/socket.h>
#include <unistd.h>
#include <winscard.h>

#include "ipc/ipc_conn.h"

enum {
    ARENA_BYTES = 128 << 10,
    SEND_MS = 5000,
    SETTLE_MS = 600, /* for the card service to see what happened; it looks every 400 ms */
    SETTLES_MAX = 2, /* that the card went, and that another came */
    RESETS_MAX = 3,  /* by others, before the transaction is ours */
    INSERTION_SHIFT = 16,
};

struct work {
    const struct token_pcsc_job *job;
    struct ipc_conn conn;
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    enum token_stage stage;
};

void token_pcsc_init(void)
{
    /* one thread; nobody else reads the environment. With it APDUs would be printed, and a PIN is one. */
    (void)unsetenv("PCSCLITE_DEBUG");       /* NOLINT(concurrency-mt-unsafe) */
    (void)unsetenv("PCSCLITE_NO_BLOCKING"); /* NOLINT(concurrency-mt-unsafe) */
}

static void tell(struct work *w, struct cs_result encoded, const struct writer *report)
{
    if (encoded.code != CS_OK || ipc_send(&w->conn, wr_span(report), SEND_MS).code != CS_OK) {
        _exit(1); /* the agent is gone, or takes it as `failed` */
    }
}

static void on_stage(void *ctx, enum token_stage stage)
{
    struct work *w = ctx;
    AUTO_WRITER report = wr_heap(TOKEN_REPORT_MAX);

    w->stage = stage;
    tell(w, token_report_stage(stage, &report), &report);
}

/* --- what the card service says --- */

/* The reader as the card service sees it now, or after at most wait_ms if that is not what it was. */
static LONG reader_state(const struct work *w, DWORD was, DWORD wait_ms, DWORD *ret_state)
{
    SCARD_READERSTATE s = {.szReader = w->job->reader, .dwCurrentState = was};

    const LONG r = SCardGetStatusChange(w->context, wait_ms, &s, 1);
    *ret_state = s.dwEventState;
    return r == SCARD_E_TIMEOUT ? SCARD_S_SUCCESS : r;
}

static enum token_code judge_state(const struct work *w, LONG r, DWORD state)
{
    if (r != SCARD_S_SUCCESS || (state & (SCARD_STATE_UNKNOWN | SCARD_STATE_IGNORE | SCARD_STATE_UNAVAILABLE)) != 0) {
        return TOKEN_READER;
    }
    if ((state & SCARD_STATE_PRESENT) == 0) {
        return TOKEN_REMOVED;
    }
    if ((uint16_t)(state >> INSERTION_SHIFT) != w->job->insertion) {
        return w->stage >= TOKEN_STAGE_PIN ? TOKEN_CARD_CHANGED : TOKEN_REMOVED;
    }
    return TOKEN_OK;
}

static enum token_code on_same(void *ctx)
{
    const struct work *w = ctx;
    DWORD state = 0;

    const LONG r = reader_state(w, SCARD_STATE_UNAWARE, 0, &state);
    return judge_state(w, r, state);
}

/*
 * Something did not work: because the card is not there any more? Waits a moment until the card service has seen that,
 * and after a PIN was given also for another card that is put in its place.
 */
static enum token_code after_failure(const struct work *w, enum token_code code)
{
    DWORD state = 0;

    LONG r = reader_state(w, SCARD_STATE_UNAWARE, 0, &state);
    enum token_code why = judge_state(w, r, state);
    for (unsigned i = 0; i < SETTLES_MAX && (why == TOKEN_OK || (why == TOKEN_REMOVED && w->stage >= TOKEN_STAGE_PIN));
         i++) {
        r = reader_state(w, state & ~(DWORD)SCARD_STATE_CHANGED, SETTLE_MS, &state);
        why = judge_state(w, r, state);
    }
    return why == TOKEN_OK ? code : why;
}

static enum token_code code_of(LONG r)
{
    switch (r) {
    case SCARD_S_SUCCESS:
        return TOKEN_OK;
    case SCARD_E_SHARING_VIOLATION:
        return TOKEN_BUSY;
    case SCARD_W_REMOVED_CARD:
    case SCARD_E_NO_SMARTCARD:
        return TOKEN_REMOVED;
    case SCARD_E_NO_SERVICE:
    case SCARD_E_SERVICE_STOPPED:
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_NO_READERS_AVAILABLE:
    case SCARD_E_INVALID_HANDLE:
        return TOKEN_READER;
    default: /* the rest of an open list */
        return TOKEN_FAILED;
    }
}

/* --- the card --- */

static enum token_code on_transmit(void *ctx, struct span command, uint8_t *answer, size_t cap, size_t *ret_n)
{
    const struct work *w = ctx;
    const SCARD_IO_REQUEST *head = w->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    DWORD n = (DWORD)cap;

    const LONG r = SCardTransmit(w->card, head, command.p, (DWORD)command.left, NULL, answer, &n);
    *ret_n = n <= cap ? (size_t)n : 0;
    return code_of(r);
}

uint32_t token_pcsc_channel(long card)
{
    uint32_t channel = 0;
    uint8_t room[sizeof(DWORD)] = {0};
    DWORD n = sizeof(room);

    /* a driver writes 32 bits or a DWORD, in the order of this machine */
    if (SCardGetAttrib((SCARDHANDLE)card, SCARD_ATTR_CHANNEL_ID, room, &n) == SCARD_S_SUCCESS && n >= sizeof(channel)) {
        memcpy(&channel, room, sizeof(channel));
    }
    return channel;
}

/* One transaction, exclusive; another process may have reset the card before. */
static enum token_code begin(struct work *w)
{
    LONG r = SCardConnect(w->context, w->job->reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                          &w->card, &w->protocol);
    if (r != SCARD_S_SUCCESS) {
        return code_of(r);
    }
    r = SCardBeginTransaction(w->card);
    for (unsigned i = 0; r == SCARD_W_RESET_CARD && i < RESETS_MAX; i++) {
        r = SCardReconnect(w->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_LEAVE_CARD,
                           &w->protocol);
        if (r == SCARD_S_SUCCESS) {
            r = SCardBeginTransaction(w->card);
        }
    }
    return code_of(r);
}

static void no_stage(void *ctx, enum token_stage stage)
{
    (void)ctx;
    (void)stage;
}

/*
 * A card was given its PIN and then would not talk, and the card service has noticed nothing: one that was put in its
 * place at once has no power. Given it, does it hold what the first one held?
 */
static bool is_another(struct work *w, const struct token_card *card, struct arena *arena)
{
    const struct token_secret none = {{0}};
    struct token_command look = *w->job->cmd;
    struct token_card now = *card;
    struct token_outcome out;
    bool denied = false;

    if (look.cmd != TOKEN_CMD_SIGN || SCardReconnect(w->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                                     SCARD_RESET_CARD, &w->protocol) != SCARD_S_SUCCESS) {
        return false;
    }
    look.cmd = TOKEN_CMD_IDENTIFY;
    now.stage = no_stage;
    now.link.t0 = w->protocol == SCARD_PROTOCOL_T0;
    token_piv_run(&look, &none, &now, arena, &out, &denied);
    return out.code == TOKEN_WRONG_KEY || out.code == TOKEN_UNSUPPORTED || out.code == TOKEN_WEAK_KEY;
}

static void run_in_transaction(struct work *w, const struct token_secret *pin, struct arena *arena,
                               struct token_outcome *out, bool *denied)
{
    const struct token_card card = {.link = {.transmit = on_transmit, .ctx = w, .t0 = w->protocol == SCARD_PROTOCOL_T0},
                                    .same = on_same,
                                    .stage = on_stage,
                                    .ctx = w};

    const enum token_code code = on_same(w); /* the insertion that was asked for, not the next */
    if (code != TOKEN_OK) {
        out->code = code;
        return;
    }
    token_piv_run(w->job->cmd, pin, &card, arena, out, denied);
    if (out->code == TOKEN_FAILED || out->code == TOKEN_REMOVED) {
        out->code = after_failure(w, out->code);
        *denied = *denied && out->code == TOKEN_FAILED;
    }
    if (out->code == TOKEN_FAILED && w->stage == TOKEN_STAGE_SIGN && is_another(w, &card, arena)) {
        out->code = TOKEN_CARD_CHANGED;
    }
}

static void run(struct work *w, const struct token_secret *pin)
{
    struct token_outcome out = {.code = TOKEN_READER, .kind = TOKEN_KIND_PIV};
    AUTO_WRITER report = wr_heap(TOKEN_REPORT_MAX);
    struct arena arena;
    uint32_t channel = 0;
    bool denied = false;

    arena_init(&arena, ARENA_BYTES);
    on_stage(w, TOKEN_STAGE_OPEN);
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &w->context) == SCARD_S_SUCCESS) {
        out.code = begin(w);
        if (out.code == TOKEN_OK) {
            channel = token_pcsc_channel(w->card);
            run_in_transaction(w, pin, &arena, &out, &denied);
            (void)SCardEndTransaction(w->card, SCARD_RESET_CARD); /* what the PIN opened is closed */
            (void)SCardDisconnect(w->card, SCARD_LEAVE_CARD);
        } else if (out.code == TOKEN_FAILED) {
            out.code = after_failure(w, TOKEN_FAILED);
        }
        (void)SCardReleaseContext(w->context);
    }
    tell(w, token_report_done(&out, denied, channel, &report), &report);
    arena_release(&arena);
}

static bool receive_pin(int fd, struct token_secret *pin)
{
    ssize_t n = 0;

    do {
        n = recv(fd, pin, sizeof(*pin), MSG_WAITALL);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof(*pin) && memchr(pin->text, '\0', sizeof(pin->text)) != NULL;
}

void token_pcsc_run(int fd, const void *arg)
{
    static const struct ipc_limits limits = {.frame_max_bytes = TOKEN_REPORT_MAX};
    struct work w = {.job = arg};
    struct token_vault *vault = NULL;

    if (token_vault_new(&vault).code != CS_OK) {
        return; /* no PIN without a page that stays in memory */
    }
    if (receive_pin(fd, &vault->running) && ipc_adopt(fd, &limits, &w.conn).code == CS_OK) {
        run(&w, &vault->running);
        ipc_close(&w.conn);
    }
    token_vault_free(vault);
}
