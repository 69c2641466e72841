/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_report.h"

/* --- out --- */

CS_RESULT token_report_stage(enum token_stage stage, struct writer *w)
{
    wr_u8(w, TOKEN_REPORT_STAGE);
    wr_u8(w, (uint8_t)stage);
    return wr_end(w, "report.stage");
}

static void put(struct writer *w, struct span s)
{
    if (s.left > UINT16_MAX) {
        w->fail = CS_E_RANGE;
        return;
    }
    wr_u16(w, (uint16_t)s.left);
    wr_bytes(w, s);
}

CS_RESULT token_report_done(const struct token_outcome *out, bool denied, uint32_t channel, struct writer *w)
{
    wr_u8(w, TOKEN_REPORT_DONE);
    wr_u8(w, (uint8_t)out->code);
    wr_u8(w, out->has_tries ? 1 : 0);
    wr_u8(w, (uint8_t)out->tries);
    wr_u8(w, denied ? 1 : 0);
    wr_u8(w, (uint8_t)out->pin_policy);
    wr_u8(w, (uint8_t)out->touch_policy);
    wr_u32(w, channel);
    put(w, out->credential);
    put(w, out->sig);
    put(w, out->key);
    put(w, out->certificate);
    wr_u8(w, (uint8_t)out->x5c_count);
    for (size_t i = 0; i < out->x5c_count; i++) {
        put(w, out->x5c[i]);
    }
    return wr_end(w, "report.done");
}

CS_RESULT token_report_readers(uint32_t epoch, const struct token_reader *readers, size_t count, struct writer *w)
{
    ENSURE(count <= TOKEN_READERS_MAX, CS_E_RANGE, "report.readers");
    wr_u8(w, TOKEN_REPORT_READERS);
    wr_u32(w, epoch);
    wr_u8(w, (uint8_t)count);
    for (size_t i = 0; i < count; i++) {
        const size_t n = strnlen(readers[i].name, TOKEN_PLACE_MAX);
        wr_u8(w, (uint8_t)n);
        wr_bytes(w, span_make(readers[i].name, n));
        wr_u16(w, readers[i].insertion);
        wr_u32(w, readers[i].channel);
    }
    return wr_end(w, "report.readers");
}

/* --- in --- */

static CS_RESULT read_below(struct reader *r, unsigned end, uint8_t *ret_value, const char *what)
{
    uint8_t v = 0;

    TRY(rd_u8(r, &v, what));
    ENSURE(v < end, CS_E_RANGE, what);
    *ret_value = v;
    return CS_SUCCESS;
}

static CS_RESULT read_bytes(struct reader *r, struct arena *arena, size_t max, struct span *ret_bytes, const char *what)
{
    struct span bytes;
    uint16_t n = 0;

    TRY(rd_u16(r, &n, what));
    ENSURE(n <= max, CS_E_RANGE, what);
    TRY(rd_take(r, n, &bytes, what));
    return arena_copy(arena, bytes, ret_bytes);
}

static CS_RESULT read_head(struct reader *r, struct token_report *report)
{
    struct token_outcome *out = &report->outcome;
    uint8_t v = 0;

    out->kind = TOKEN_KIND_PIV;
    TRY(read_below(r, TOKEN_CODE_COUNT, &v, "report.code"));
    out->code = (enum token_code)v;
    TRY(read_below(r, 2, &v, "report.has_tries"));
    out->has_tries = v == 1;
    TRY(rd_u8(r, &v, "report.tries"));
    out->tries = v;
    TRY(read_below(r, 2, &v, "report.denied"));
    report->denied = v == 1;
    TRY(read_below(r, TOKEN_ASKING_COUNT, &v, "report.pin"));
    out->pin_policy = (enum token_asking)v;
    TRY(read_below(r, TOKEN_ASKING_COUNT, &v, "report.touch"));
    out->touch_policy = (enum token_asking)v;
    return rd_u32(r, &report->channel, "report.channel");
}

static CS_RESULT read_done(struct reader *r, struct arena *arena, struct token_report *report)
{
    struct token_outcome *out = &report->outcome;
    uint8_t count = 0;

    TRY(read_head(r, report));
    TRY(read_bytes(r, arena, SHA256_BYTES, &out->credential, "report.credential"));
    TRY(read_bytes(r, arena, TOKEN_BLOCK_MAX, &out->sig, "report.sig"));
    TRY(read_bytes(r, arena, TOKEN_SPKI_MAX, &out->key, "report.key"));
    TRY(read_bytes(r, arena, TOKEN_CERT_MAX, &out->certificate, "report.certificate"));
    TRY(read_below(r, TOKEN_CHAIN_MAX + 1, &count, "report.x5c"));
    for (size_t i = 0; i < count; i++) {
        TRY(read_bytes(r, arena, TOKEN_CERT_MAX, &out->x5c[i], "report.x5c"));
        ENSURE(out->x5c[i].left > 0, CS_E_RANGE, "report.x5c");
    }
    out->x5c_count = count;
    ENSURE(out->code != TOKEN_OK || out->credential.left == SHA256_BYTES, CS_E_MISSING, "report.credential");
    return CS_SUCCESS;
}

static CS_RESULT read_reader(struct reader *r, struct token_reader *to)
{
    struct span name;
    uint8_t n = 0;

    TRY(rd_u8(r, &n, "report.name"));
    ENSURE(n > 0 && n <= TOKEN_PLACE_MAX, CS_E_RANGE, "report.name");
    TRY(rd_take(r, n, &name, "report.name"));
    ENSURE(memchr(name.p, 0, name.left) == NULL, CS_E_RANGE, "report.name");
    memcpy(to->name, name.p, name.left);
    TRY(rd_u16(r, &to->insertion, "report.insertion"));
    return rd_u32(r, &to->channel, "report.channel");
}

static CS_RESULT read_readers(struct reader *r, struct arena *arena, struct token_report *report)
{
    uint8_t count = 0;

    TRY(rd_u32(r, &report->epoch, "report.epoch"));
    TRY(read_below(r, TOKEN_READERS_MAX + 1, &count, "report.readers"));
    struct token_reader *list = arena_array(arena, count, sizeof(*list));
    ENSURE(list != NULL, CS_E_NOMEM, "report.readers");
    for (size_t i = 0; i < count; i++) {
        TRY(read_reader(r, &list[i]));
    }
    report->readers = list;
    report->reader_count = count;
    return CS_SUCCESS;
}

CS_RESULT token_report_decode(struct span in, struct arena *arena, struct token_report *ret_report)
{
    struct reader r = rd_make(in);
    struct token_report report = {.kind = TOKEN_REPORT_NONE};
    uint8_t v = 0;

    TRY(rd_u8(&r, &v, "report.kind"));
    switch (v) {
    case TOKEN_REPORT_STAGE:
        TRY(read_below(&r, TOKEN_STAGE_COUNT, &v, "report.stage"));
        report.kind = TOKEN_REPORT_STAGE;
        report.stage = (enum token_stage)v;
        break;
    case TOKEN_REPORT_DONE:
        report.kind = TOKEN_REPORT_DONE;
        TRY(read_done(&r, arena, &report));
        break;
    case TOKEN_REPORT_READERS:
        report.kind = TOKEN_REPORT_READERS;
        TRY(read_readers(&r, arena, &report));
        break;
    default:
        return CS_FAIL(CS_E_UNKNOWN, "report.kind");
    }
    TRY(rd_end(&r, "report"));
    *ret_report = report;
    return CS_SUCCESS;
}
