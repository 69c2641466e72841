/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <winscard.h>

#include "ipc/ipc_conn.h"
#include "token/token_pcsc.h"

enum {
    LOOK_MS = 2000,  /* a reader that came between listing and waiting is seen after this */
    RETRY_MS = 1000, /* until the card service is asked again whether it is there */
    SEND_MS = 5000,
    INSERTION_SHIFT = 16,
    NAMES_MAX = TOKEN_READERS_MAX * (TOKEN_PLACE_MAX + 1) + 1,
};

/* A reader that is known, with a card or without. */
struct seen {
    struct token_reader reader;
    DWORD state;
    bool listed; /* by the last listing */
};

struct watch {
    struct ipc_conn conn;
    SCARDCONTEXT context;
    uint32_t epoch;
    size_t count;
    struct seen seen[TOKEN_READERS_MAX];
};

/* False: the agent is gone. */
static bool tell(struct watch *w)
{
    AUTO_WRITER report = wr_heap(TOKEN_REPORT_MAX);
    struct token_reader cards[TOKEN_READERS_MAX];
    size_t n = 0;

    for (size_t i = 0; i < w->count; i++) {
        if ((w->seen[i].state & SCARD_STATE_PRESENT) != 0) {
            cards[n] = w->seen[i].reader;
            n++;
        }
    }
    return token_report_readers(w->epoch, cards, n, &report).code == CS_OK &&
           ipc_send(&w->conn, wr_span(&report), SEND_MS).code == CS_OK;
}

/* The reader's place on the bus, asked without touching its card. */
static uint32_t find_channel(const struct watch *w, const char *name)
{
    SCARDHANDLE card = 0;
    DWORD protocol = 0;
    uint32_t channel = 0;

    if (SCardConnect(w->context, name, SCARD_SHARE_DIRECT, 0, &card, &protocol) == SCARD_S_SUCCESS) {
        channel = token_pcsc_channel(card);
        (void)SCardDisconnect(card, SCARD_LEAVE_CARD);
    }
    return channel;
}

static void note_reader(struct watch *w, const char *name, size_t n)
{
    for (size_t i = 0; i < w->count; i++) {
        if (strcmp(w->seen[i].reader.name, name) == 0) {
            w->seen[i].listed = true;
            return;
        }
    }
    if (w->count < TOKEN_READERS_MAX) {
        struct seen *s = &w->seen[w->count];
        *s = (struct seen){.state = SCARD_STATE_UNAWARE, .listed = true};
        memcpy(s->reader.name, name, n + 1);
        s->reader.channel = find_channel(w, name);
        w->count++;
    }
}

/* True if a reader with a card went. */
static bool drop_unlisted(struct watch *w)
{
    bool changed = false;
    size_t kept = 0;

    for (size_t i = 0; i < w->count; i++) {
        if (w->seen[i].listed) {
            w->seen[kept] = w->seen[i];
            kept++;
        } else {
            changed = changed || (w->seen[i].state & SCARD_STATE_PRESENT) != 0;
        }
    }
    w->count = kept;
    return changed;
}

/* False: the card service is gone. */
static bool list_readers(struct watch *w, bool *ret_changed)
{
    char names[NAMES_MAX];
    DWORD n = sizeof(names);

    const LONG r = SCardListReaders(w->context, NULL, names, &n);
    if (r != SCARD_S_SUCCESS && r != SCARD_E_NO_READERS_AVAILABLE) {
        return false;
    }
    for (size_t i = 0; i < w->count; i++) {
        w->seen[i].listed = false;
    }
    const size_t end = r == SCARD_S_SUCCESS && n <= sizeof(names) ? (size_t)n : 0;
    for (size_t at = 0; at < end && names[at] != '\0';) {
        const size_t len = strnlen(names + at, end - at);
        if (len < end - at && len <= TOKEN_PLACE_MAX) {
            note_reader(w, names + at, len);
        }
        at += len + 1;
    }
    *ret_changed = drop_unlisted(w);
    return true;
}

/* Takes what the card service says of one reader. True if its card is another one now, or came, or went. */
static bool take_state(struct seen *s, DWORD event)
{
    const DWORD old = s->state;

    if ((event & SCARD_STATE_UNKNOWN) != 0) {
        event = SCARD_STATE_UNAWARE; /* it went; the next listing says so too */
    }
    s->state = event & ~(DWORD)SCARD_STATE_CHANGED;
    s->reader.insertion = (uint16_t)(event >> INSERTION_SHIFT);
    return ((old ^ s->state) & SCARD_STATE_PRESENT) != 0 ||
           ((s->state & SCARD_STATE_PRESENT) != 0 && old >> INSERTION_SHIFT != s->state >> INSERTION_SHIFT);
}

/* Waits for a change; false: the card service is gone. */
static bool wait_for_change(struct watch *w, bool *changed)
{
    SCARD_READERSTATE states[TOKEN_READERS_MAX] = {{.szReader = NULL}};
    DWORD n = 0;

    for (; n < w->count; n++) {
        states[n].szReader = w->seen[n].reader.name;
        states[n].dwCurrentState = w->seen[n].state;
    }
    if (n < TOKEN_READERS_MAX) { /* no more can be waited for, but no more readers can come either */
        states[n].szReader = "\\\\?PnP?\\Notification";
        n++;
    }
    const LONG r = SCardGetStatusChange(w->context, *changed ? 0 : LOOK_MS, states, n);
    if (r == SCARD_E_UNKNOWN_READER) {
        return true; /* one went in between: list them again */
    }
    if (r != SCARD_S_SUCCESS && r != SCARD_E_TIMEOUT) {
        return false;
    }
    for (size_t i = 0; i < w->count && r == SCARD_S_SUCCESS; i++) {
        *changed = take_state(&w->seen[i], states[i].dwEventState) || *changed;
    }
    return true;
}

/* One connection to the card service. False: the agent is gone. */
static bool follow(struct watch *w)
{
    bool service = true;
    bool agent = true;

    w->epoch++;
    while (service && agent) {
        bool changed = false;
        service = list_readers(w, &changed) && wait_for_change(w, &changed);
        if (service && changed) {
            agent = tell(w);
        }
    }
    w->count = 0;
    return agent && tell(w); /* no service, no cards */
}

/* Waits a while; false: the agent has closed its end. */
static bool rest(const struct watch *w)
{
    struct pollfd p = {.fd = w->conn.fd, .events = POLLIN};

    return poll(&p, 1, RETRY_MS) == 0 || errno == EINTR;
}

void token_pcsc_watch(int fd, const void *arg)
{
    static const struct ipc_limits limits = {.frame_max_bytes = TOKEN_REPORT_MAX};
    struct watch w = {.epoch = 0};
    bool agent = ipc_adopt(fd, &limits, &w.conn).code == CS_OK;

    (void)arg;
    while (agent) {
        if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &w.context) == SCARD_S_SUCCESS) {
            agent = follow(&w);
            (void)SCardReleaseContext(w.context);
        }
        agent = agent && rest(&w);
    }
    ipc_close(&w.conn);
}
