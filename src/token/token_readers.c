/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_readers.h"

#include "token/token_pcsc.h"

enum {
    RETRY_MS = 1000,
    ARENA_BYTES = 32 << 10,
    REPORTS_AT_ONCE = 64, /* the rest waits: nobody keeps us here by flapping */
};

int token_readers_fd(const struct token_readers *r)
{
    return r->child.conn.open ? r->child.conn.fd : -1;
}

uint64_t token_readers_until_ms(const struct token_readers *r)
{
    return r->child.conn.open ? UINT64_MAX : r->retry_ms;
}

static void start(struct token_readers *r, uint64_t now_ms)
{
    const struct token_child_body body = {.run = token_pcsc_watch, .confine = r->confine};

    r->retry_ms = now_ms + RETRY_MS; /* also when it ends at once */
    if (token_child_start(&body, &r->child).code != CS_OK) {
        r->child = (struct token_child){.pid = 0};
    }
}

static CS_RESULT take_report(struct token_readers *r, struct arena *arena)
{
    struct token_report report;
    struct span frame;

    TRY(ipc_next(&r->child.conn, &frame));
    TRY(token_report_decode(frame, arena, &report));
    ENSURE(report.kind == TOKEN_REPORT_READERS, CS_E_UNKNOWN, "readers.report");
    r->epoch = report.epoch;
    r->count = report.reader_count;
    memcpy(r->list, report.readers, report.reader_count * sizeof(r->list[0]));
    return CS_SUCCESS;
}

static CS_RESULT take_reports(struct token_readers *r)
{
    struct arena arena;
    struct cs_result res = ipc_fill(&r->child.conn);

    arena_init(&arena, ARENA_BYTES);
    for (unsigned i = 0; res.code == CS_OK && i < REPORTS_AT_ONCE; i++) {
        arena_reset(&arena);
        res = take_report(r, &arena);
    }
    arena_release(&arena);
    return res;
}

bool token_readers_update(struct token_readers *r, uint64_t now_ms)
{
    if (!r->child.conn.open) {
        if (now_ms >= r->retry_ms) {
            start(r, now_ms);
        }
        return false;
    }
    const struct cs_result res = take_reports(r);
    if (res.code != CS_OK &&
        res.code != CS_E_SHORT) { /* it has ended, or talks nonsense: what it said before is void */
        token_child_end(&r->child);
        r->count = 0;
    }
    return true;
}

void token_readers_close(struct token_readers *r)
{
    token_child_end(&r->child);
    *r = (struct token_readers){.count = 0};
}
