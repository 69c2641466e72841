/* SPDX-License-Identifier: Apache-2.0 */
/* What the card service can say, one by one: libpcsclite's functions are those of this file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <reader.h>
#include <winscard.h>

#include "fake_card.h"
#include "ipc/ipc_conn.h"
#include "token/token_pcsc.h"

enum { INSERTION = 7, WAIT_MS = 10000 };
#define STATE(insertion, flags) ((DWORD)(insertion) << 16 | (flags))

const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardRawPci = {SCARD_PROTOCOL_RAW, sizeof(SCARD_IO_REQUEST)};

/* --- the card service --- */

static struct {
    struct fake_card card;
    LONG establish;
    LONG connect;
    LONG begin;
    unsigned resets; /* BeginTransaction fails so often for somebody's reset */
    LONG transmit;   /* from the transmit_at-th command on */
    unsigned transmit_at;
    LONG status;        /* of GetStatusChange ... */
    DWORD state;        /* ... and what it says of the reader, until ... */
    unsigned change_at; /* ... the how many-th question; 0: for good */
    DWORD changed;
    unsigned asked;
    unsigned sent;
    unsigned ended; /* transactions, with a reset */
    DWORD protocol;
    /* for the watcher: a list of readers for each listing; NULL: the service ends */
    const char *const *lists;
    size_t list_bytes[8];
    const DWORD *states;
    unsigned turn;
} svc;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name,readability-function-size): they are libpcsclite's */

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT ret_context)
{
    (void)scope;
    (void)a;
    (void)b;
    *ret_context = 1;
    return svc.establish;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
    (void)context;
    return SCARD_S_SUCCESS;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD mode, DWORD protocols, LPSCARDHANDLE ret_card,
                  LPDWORD ret_protocol)
{
    (void)context;
    (void)reader;
    (void)mode;
    (void)protocols;
    *ret_card = 2;
    *ret_protocol = svc.protocol;
    return svc.connect;
}

LONG SCardReconnect(SCARDHANDLE card, DWORD mode, DWORD protocols, DWORD how, LPDWORD ret_protocol)
{
    (void)card;
    (void)mode;
    (void)protocols;
    (void)how;
    *ret_protocol = svc.protocol;
    return SCARD_S_SUCCESS;
}

LONG SCardBeginTransaction(SCARDHANDLE card)
{
    (void)card;
    if (svc.resets > 0) {
        svc.resets--;
        return SCARD_W_RESET_CARD;
    }
    return svc.begin;
}

LONG SCardEndTransaction(SCARDHANDLE card, DWORD how)
{
    (void)card;
    svc.ended += how == SCARD_RESET_CARD ? 1u : 0u;
    return SCARD_S_SUCCESS;
}

LONG SCardDisconnect(SCARDHANDLE card, DWORD how)
{
    (void)card;
    (void)how;
    return SCARD_S_SUCCESS;
}

LONG SCardGetAttrib(SCARDHANDLE card, DWORD id, LPBYTE to, LPDWORD n)
{
    static const uint32_t channel = 0x00200105;

    (void)card;
    assert_int_equal(id, SCARD_ATTR_CHANNEL_ID);
    memcpy(to, &channel, sizeof(channel));
    *n = sizeof(channel);
    return SCARD_S_SUCCESS;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *head, LPCBYTE command, DWORD n, SCARD_IO_REQUEST *back,
                   LPBYTE answer, LPDWORD ret_n)
{
    const struct token_card face = fake_card_face(&svc.card);
    size_t got = 0;

    (void)card;
    (void)back;
    assert_int_equal(head->dwProtocol, svc.protocol);
    svc.sent++;
    if (svc.transmit_at != 0 && svc.sent >= svc.transmit_at) {
        return svc.transmit;
    }
    assert_int_equal(face.link.transmit(face.link.ctx, span_make(command, n), answer, *ret_n, &got), TOKEN_OK);
    *ret_n = got;
    return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR to, LPDWORD n)
{
    (void)context;
    (void)groups;
    if (svc.lists[svc.turn] == NULL) {
        return SCARD_E_NO_SERVICE;
    }
    if (svc.list_bytes[svc.turn] == 0) {
        return SCARD_E_NO_READERS_AVAILABLE;
    }
    assert_true(svc.list_bytes[svc.turn] <= *n);
    memcpy(to, svc.lists[svc.turn], svc.list_bytes[svc.turn]);
    *n = svc.list_bytes[svc.turn];
    return SCARD_S_SUCCESS;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD ms, SCARD_READERSTATE *states, DWORD n)
{
    (void)context;
    (void)ms;
    if (svc.lists != NULL) { /* the watcher asks */
        assert_true(n <= TOKEN_READERS_MAX);
        for (DWORD i = 0; i < n; i++) {
            states[i].dwEventState = svc.states[svc.turn] | SCARD_STATE_CHANGED;
        }
        svc.turn++;
        return SCARD_S_SUCCESS;
    }
    svc.asked++;
    const bool later = svc.change_at != 0 && svc.asked >= svc.change_at;
    assert_int_equal(n, 1);
    states[0].dwEventState = later ? svc.changed : svc.state;
    return svc.status;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name,readability-function-size) */

/* --- one operation --- */

static void reset_service(void)
{
    memset(&svc, 0, sizeof(svc));
    fake_card_init(&svc.card, fake_key("p256"));
    svc.state = STATE(INSERTION, SCARD_STATE_PRESENT);
    svc.protocol = SCARD_PROTOCOL_T1;
}

struct ended {
    struct arena arena;
    struct token_report report;
    unsigned stages;
};

/* Reads what an operation has said, until its end. */
static void take_reports(int fd, struct ended *ret)
{
    static const struct ipc_limits limits = {.frame_max_bytes = TOKEN_REPORT_MAX};
    struct ipc_conn conn = {0};
    struct span frame;

    *ret = (struct ended){.stages = 0};
    arena_init(&ret->arena, 1 << 17);
    assert_int_equal(ipc_adopt(fd, &limits, &conn).code, CS_OK);
    do {
        assert_int_equal(ipc_receive(&conn, WAIT_MS, &frame).code, CS_OK);
        assert_int_equal(token_report_decode(frame, &ret->arena, &ret->report).code, CS_OK);
        ret->stages |= ret->report.kind == TOKEN_REPORT_STAGE ? 1u << ret->report.stage : 0u;
    } while (ret->report.kind != TOKEN_REPORT_DONE);
    assert_int_equal(ipc_receive(&conn, WAIT_MS, &frame).code, CS_E_GONE); /* and nothing more */
    ipc_close(&conn);
}

static void run(const char *pin, struct ended *ret)
{
    const struct sha256 id = fake_id(fake_key("p256"));
    const struct span ids[] = {sha256_span(&id)};
    const struct token_command cmd = {
        .cmd = TOKEN_CMD_SIGN, .message = SPAN_LIT("message"), .ids = ids, .id_count = 1, .timeout_ms = 1000};
    const struct token_pcsc_job job = {.cmd = &cmd, .reader = "Reader", .insertion = INSERTION};
    struct token_secret secret = {{0}};
    int ends[2];

    memcpy(secret.text, pin, strlen(pin));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(send(ends[0], &secret, sizeof(secret), 0), sizeof(secret));
    token_pcsc_run(ends[1], &job); /* closes its end */
    take_reports(ends[0], ret);
}

static void it_signs(void **state)
{
    struct ended e;
    (void)state;

    for (unsigned i = 0; i < 2; i++) {
        reset_service();
        svc.protocol = i == 0 ? SCARD_PROTOCOL_T1 : SCARD_PROTOCOL_T0;
        svc.resets = 3; /* others may reset the card until it is ours */
        run("123456", &e);
        assert_int_equal(e.report.outcome.code, TOKEN_OK);
        assert_int_equal(e.report.channel, 0x00200105);
        assert_true(e.report.outcome.sig.left > 0);
        assert_int_equal(e.stages, (1u << TOKEN_STAGE_COUNT) - 1);
        assert_int_equal(svc.ended, 1);
        arena_release(&e.arena);
    }
}

static void r_no_service(void)
{
    svc.establish = SCARD_E_NO_SERVICE;
}
static void r_no_reader(void)
{
    svc.connect = SCARD_E_UNKNOWN_READER;
}
static void r_no_card(void)
{
    svc.connect = SCARD_E_NO_SMARTCARD;
}
static void r_exclusive(void)
{
    svc.connect = SCARD_E_SHARING_VIOLATION;
}
static void r_mute_at_power(void)
{
    svc.connect = SCARD_W_UNRESPONSIVE_CARD;
}
static void r_mute_at_power_and_gone(void)
{
    svc.connect = SCARD_W_UNPOWERED_CARD;
    svc.state = STATE(INSERTION + 1, SCARD_STATE_EMPTY);
}
static void r_resets_for_ever(void)
{
    svc.resets = 100;
}
static void r_other_insertion(void)
{
    svc.state = STATE(INSERTION + 2, SCARD_STATE_PRESENT);
}
static void r_empty(void)
{
    svc.state = STATE(INSERTION + 1, SCARD_STATE_EMPTY);
}
static void r_reader_unknown(void)
{
    svc.state = SCARD_STATE_UNKNOWN;
}
static void r_service_gone(void)
{
    svc.status = SCARD_E_NO_SERVICE;
}
static void r_changed_after_pin(void)
{
    svc.change_at = 2; /* the first question is before the PIN, the second after it */
    svc.changed = STATE(INSERTION + 2, SCARD_STATE_PRESENT);
}
static void r_removed_after_pin(void)
{
    svc.change_at = 2;
    svc.changed = STATE(INSERTION + 1, SCARD_STATE_EMPTY);
}
static void r_reader_gone_after_pin(void)
{
    svc.change_at = 2;
    svc.changed = SCARD_STATE_UNAVAILABLE;
}
static void r_transmit_removed(void)
{
    svc.transmit_at = 2;
    svc.transmit = SCARD_W_REMOVED_CARD;
    svc.change_at = 2;
    svc.changed = STATE(INSERTION + 1, SCARD_STATE_EMPTY);
}
static void r_transmit_nonsense(void)
{
    svc.transmit_at = 2;
    svc.transmit = SCARD_E_NOT_TRANSACTED;
}
static void r_transmit_nonsense_then_gone(void)
{
    svc.transmit_at = 2;
    svc.transmit = SCARD_E_NOT_TRANSACTED;
    svc.change_at = 3; /* the card service needs a moment to see it */
    svc.changed = STATE(INSERTION + 1, SCARD_STATE_EMPTY);
}
static void r_transmit_service(void)
{
    svc.transmit_at = 2;
    svc.transmit = SCARD_F_COMM_ERROR;
    svc.change_at = 2;
    svc.changed = SCARD_STATE_UNKNOWN;
}
static void r_transmit_handle(void)
{
    svc.transmit_at = 2;
    svc.transmit = SCARD_E_INVALID_HANDLE;
}

static const struct row {
    const char *name;
    void (*set)(void);
    enum token_code want;
} rows[] = {
    {"no service", r_no_service, TOKEN_READER},
    {"no such reader", r_no_reader, TOKEN_READER},
    {"no card", r_no_card, TOKEN_REMOVED},
    {"exclusively another's", r_exclusive, TOKEN_BUSY},
    {"mute at power-up", r_mute_at_power, TOKEN_FAILED},
    {"gone at power-up", r_mute_at_power_and_gone, TOKEN_REMOVED},
    {"reset by others again and again", r_resets_for_ever, TOKEN_FAILED},
    {"another insertion than the one meant", r_other_insertion, TOKEN_REMOVED},
    {"taken out meanwhile", r_empty, TOKEN_REMOVED},
    {"the reader is gone", r_reader_unknown, TOKEN_READER},
    {"the service is gone", r_service_gone, TOKEN_READER},
    {"another card after the PIN", r_changed_after_pin, TOKEN_CARD_CHANGED},
    {"no card after the PIN", r_removed_after_pin, TOKEN_REMOVED},
    {"no reader after the PIN", r_reader_gone_after_pin, TOKEN_READER},
    {"removed while it works", r_transmit_removed, TOKEN_REMOVED},
    {"nonsense", r_transmit_nonsense, TOKEN_FAILED},
    {"nonsense because it went", r_transmit_nonsense_then_gone, TOKEN_REMOVED},
    {"reader pulled out while it works", r_transmit_service, TOKEN_READER},
    {"service ends while it works", r_transmit_handle, TOKEN_READER},
};

static void service_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ended e;
        reset_service();
        rows[i].set();
        run("123456", &e);
        if (e.report.outcome.code != rows[i].want) {
            fail_msg("%s: %s", rows[i].name, token_code_word(e.report.outcome.code));
        }
        assert_int_equal(e.report.outcome.sig.left, 0);
        assert_int_equal(svc.card.signatures, 0);
        arena_release(&e.arena);
    }
}

/* An operation that was not given a whole PIN does nothing. */
static void no_pin_no_card(void **state)
{
    const struct token_command cmd = {.cmd = TOKEN_CMD_SIGN};
    const struct token_pcsc_job job = {.cmd = &cmd, .reader = "Reader", .insertion = INSERTION};
    int ends[2];
    char c = 0;
    (void)state;

    reset_service();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(send(ends[0], "1234", 4, 0), 4);
    assert_int_equal(shutdown(ends[0], SHUT_WR), 0);
    token_pcsc_run(ends[1], &job);
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &c, 1), 0);
    assert_int_equal(svc.sent, 0);
    (void)close(ends[0]);
}

/* --- the watcher --- */

static void expect(struct ipc_conn *conn, uint32_t epoch, size_t count, const char *name, unsigned insertion)
{
    struct token_report r;
    struct span frame;
    struct arena arena;

    arena_init(&arena, 1 << 17);
    assert_int_equal(ipc_receive(conn, WAIT_MS, &frame).code, CS_OK);
    assert_int_equal(token_report_decode(frame, &arena, &r).code, CS_OK);
    assert_int_equal(r.kind, TOKEN_REPORT_READERS);
    assert_int_equal(r.epoch, epoch);
    assert_int_equal(r.reader_count, count);
    if (count > 0) {
        assert_string_equal(r.readers[0].name, name);
        assert_int_equal(r.readers[0].insertion, insertion);
        assert_int_equal(r.readers[0].channel, 0x00200105);
    }
    arena_release(&arena);
}

static void *watch(void *arg)
{
    const int *fd = arg;

    token_pcsc_watch(*fd, NULL);
    return NULL;
}

#define ONE "Reader A\0"
static const char too_long[] =
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "01234567890123456789012345678901\0Reader A\0";

/* A card comes, is another one, its reader goes; one comes back with a name that is too long beside it; the service
 * ends. */
static void what_the_watcher_says(void **state)
{
    static const struct ipc_limits limits = {.frame_max_bytes = TOKEN_REPORT_MAX};
    static const char *const lists[] = {ONE, ONE, ONE, "", too_long, NULL};
    static const DWORD states[] = {STATE(0, SCARD_STATE_EMPTY), STATE(1, SCARD_STATE_PRESENT),
                                   STATE(3, SCARD_STATE_PRESENT), 0, STATE(1, SCARD_STATE_PRESENT)};
    struct ipc_conn conn = {0};
    pthread_t thread;
    int ends[2];
    (void)state;

    reset_service();
    svc.lists = lists;
    svc.states = states;
    svc.list_bytes[0] = svc.list_bytes[1] = svc.list_bytes[2] = sizeof(ONE);
    svc.list_bytes[4] = sizeof(too_long);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(ipc_adopt(ends[0], &limits, &conn).code, CS_OK);
    assert_int_equal(pthread_create(&thread, NULL, watch, &ends[1]), 0);
    expect(&conn, 1, 1, "Reader A", 1);
    expect(&conn, 1, 1, "Reader A", 3); /* out and in, faster than it was asked */
    expect(&conn, 1, 0, NULL, 0);
    expect(&conn, 1, 1, "Reader A", 1);
    expect(&conn, 1, 0, NULL, 0); /* the service ended; it is asked again, and says the same */
    ipc_close(&conn);             /* the watcher's end: nobody listens */
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static int free_keys(void **state)
{
    (void)state;
    fake_keys_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_signs),
        cmocka_unit_test(service_rows),
        cmocka_unit_test(no_pin_no_card),
        cmocka_unit_test(what_the_watcher_says),
    };
    return cmocka_run_group_tests(tests, NULL, free_keys);
}
