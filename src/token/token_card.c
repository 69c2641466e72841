/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_card.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "token/token_child.h"
#include "token/token_pcsc.h"
#include "token/token_port.h"

enum {
    IDENTIFY_MS = 10000,
    HELD_MAX_MS = 5000,     /* for another process to end its transaction */
    TOUCH_GUESS_MS = 1000,  /* a card that has not signed by now is believed to wait for a touch */
    LAST_WORD_MAX_MS = 500, /* for what an operation says that is about to be ended */
    REMOVED_MAX_MS = 1500,  /* for it to see whether another card came, or the reader went */
};

/* One operation in its process. */
struct run {
    struct token_child child;
    const struct token_wait *wait;
    struct arena *arena;
    uint64_t deadline_ms;
    enum token_stage stage;
    uint64_t stage_ms; /* since when */
    bool touch_told;
    bool done; /* the report of its end is in */
    struct token_report report;
};

/* CS_E_SHORT: nothing more now. Any other failure: it has ended, or talks nonsense. */
static CS_RESULT take_reports(struct run *r)
{
    struct token_report report;
    struct span frame;

    while (!r->done) {
        TRY(ipc_next(&r->child.conn, &frame));
        TRY(token_report_decode(frame, r->arena, &report));
        ENSURE(report.kind != TOKEN_REPORT_READERS, CS_E_UNKNOWN, "card.report");
        if (report.kind == TOKEN_REPORT_STAGE) {
            r->stage = report.stage;
            r->stage_ms = token_clock_ms();
        } else {
            r->report = report;
            r->done = true;
        }
    }
    return CS_SUCCESS;
}

static CS_RESULT read_reports(struct run *r)
{
    TRY(ipc_fill(&r->child.conn));
    return take_reports(r);
}

/* It is to be ended. What it has to say within a moment may tell more. */
static void await_last_word(struct run *r, uint32_t max_ms)
{
    const uint64_t until_ms = token_clock_ms() + max_ms;
    struct cs_result res = CS_FAIL(CS_E_SHORT, "card");

    for (uint64_t now_ms = token_clock_ms(); res.code == CS_E_SHORT && now_ms < until_ms; now_ms = token_clock_ms()) {
        struct pollfd p = {.fd = r->child.conn.fd, .events = POLLIN};
        if (poll(&p, 1, (int)(until_ms - now_ms)) < 0 && errno != EINTR) {
            return;
        }
        res = read_reports(r);
    }
}

static enum token_code on_cancel(struct run *r)
{
    if (r->stage == TOKEN_STAGE_PIN) { /* a try may be used up: the person is told */
        await_last_word(r, LAST_WORD_MAX_MS);
    }
    const bool refused = r->done && r->report.outcome.has_tries;
    return refused ? r->report.outcome.code : TOKEN_CANCELLED;
}

/* The card is not in any more. Where another came, or the reader went with it, the operation finds that out itself. */
static enum token_code on_removed(struct run *r)
{
    await_last_word(r, REMOVED_MAX_MS);
    const enum token_code code = r->done ? r->report.outcome.code : TOKEN_REMOVED;
    return code == TOKEN_CARD_CHANGED || code == TOKEN_READER ? code : TOKEN_REMOVED;
}

/* TOKEN_OK: go on. */
static enum token_code on_time(struct run *r)
{
    const uint64_t now_ms = token_clock_ms();

    if (r->stage == TOKEN_STAGE_OPEN && (now_ms >= r->stage_ms + HELD_MAX_MS || now_ms >= r->deadline_ms)) {
        return TOKEN_BUSY;
    }
    if (now_ms >= r->deadline_ms) {
        return TOKEN_TIMEOUT;
    }
    if (r->stage == TOKEN_STAGE_SIGN && !r->touch_told && now_ms >= r->stage_ms + TOUCH_GUESS_MS) {
        r->touch_told = true;
        r->wait->touch(r->wait->ctx);
    }
    return TOKEN_OK;
}

static uint64_t wait_until_ms(const struct run *r)
{
    uint64_t until_ms = r->deadline_ms;

    if (r->stage == TOKEN_STAGE_OPEN) {
        until_ms = r->stage_ms + HELD_MAX_MS;
    } else if (r->stage == TOKEN_STAGE_SIGN && !r->touch_told) {
        until_ms = r->stage_ms + TOUCH_GUESS_MS;
    }
    return until_ms < r->deadline_ms ? until_ms : r->deadline_ms;
}

/* What the operation said at its end. A card that did not sign, having had the time of a touch, was not touched. */
static enum token_code said(const struct run *r)
{
    const struct token_report *report = &r->report;
    const bool untouched = report->denied && r->touch_told && report->outcome.code == TOKEN_FAILED;

    return untouched ? TOKEN_TIMEOUT : report->outcome.code;
}

static enum token_code await_end(struct run *r)
{
    for (;;) {
        enum token_code code = TOKEN_OK;
        switch (r->wait->wait(r->wait->ctx, r->child.conn.fd, wait_until_ms(r))) {
        case TOKEN_WAKE_READY: {
            const struct cs_result res = read_reports(r);
            if (r->done) {
                return said(r);
            }
            code =
                res.code == CS_OK || res.code == CS_E_SHORT ? on_time(r) : TOKEN_FAILED; /* it may talk without end */
            break;
        }
        case TOKEN_WAKE_TIME:
            code = on_time(r);
            break;
        case TOKEN_WAKE_CANCEL:
            return on_cancel(r);
        case TOKEN_WAKE_REMOVED:
            return on_removed(r);
        }
        if (code != TOKEN_OK) {
            return code;
        }
    }
}

/* The socket is new and empty: all of it fits. */
static bool send_pin(const struct run *r, const struct token_secret *pin)
{
    return send(r->child.conn.fd, pin, sizeof(*pin), MSG_NOSIGNAL) == (ssize_t)sizeof(*pin);
}

/* The reader's port as the operation saw it, which held the card. */
static const char *port_of(const struct run *r, struct udev *udev)
{
    char *port = arena_alloc(r->arena, TOKEN_TEXT_MAX + 1);

    if (port == NULL) {
        return "";
    }
    token_port_of_channel(udev, r->report.channel, port);
    return port;
}

void token_card_run(const struct token_command *cmd, const struct token_secret *pin, const struct token_device *device,
                    const struct token_card_setup *setup, struct arena *arena, struct token_outcome *ret_outcome)
{
    const struct token_pcsc_job job = {.cmd = cmd, .reader = device->path, .insertion = device->insertion};
    const struct token_child_body body = {.run = token_pcsc_run, .arg = &job, .confine = setup->confine};
    const uint64_t now_ms = token_clock_ms();
    struct run r = {.wait = &setup->wait,
                    .arena = arena,
                    .deadline_ms = now_ms + (cmd->timeout_ms > 0 ? cmd->timeout_ms : IDENTIFY_MS),
                    .stage_ms = now_ms};

    *ret_outcome = (struct token_outcome){.device = device->number, .kind = TOKEN_KIND_PIV, .port = ""};
    if (token_child_start(&body, &r.child).code != CS_OK) {
        return;
    }
    const enum token_code code = send_pin(&r, pin) ? await_end(&r) : TOKEN_FAILED;
    token_child_end(&r.child);
    if (code == TOKEN_OK || (r.done && r.report.outcome.has_tries && code == r.report.outcome.code)) {
        *ret_outcome = r.report.outcome;
        ret_outcome->device = device->number;
        ret_outcome->port = port_of(&r, setup->udev);
    }
    ret_outcome->code = code;
}
