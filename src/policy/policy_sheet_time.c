/* SPDX-License-Identifier: Apache-2.0 */
/* What holds a deployment for a time: calendars and freezes. Their lines' values come and go by themselves. */
#include "base/base_text.h"
#include "policy/policy_freeze.h"
#include "policy/policy_sheet_in.h"

enum { LIMIT_MAX = 64 * 1024, AHEAD_DAYS = 400 };

static const struct span freeze_rule = {(const uint8_t *)"freeze", 6};

/* --- calendars --- */

/* "open", "closed", "closed until 2026-11-30T00:00:00.000Z" */
static CS_RESULT calendar_words(struct builder *b, const struct policy_calendar *c, bool open, struct span *ret_value)
{
    uint8_t text[64];
    struct writer w = wr_fixed(text, sizeof(text));
    const uint64_t now_ms = b->sheet->in.now_ms;
    const uint64_t ahead_ms = (uint64_t)AHEAD_DAYS * CALENDAR_DAY_S * 1000;

    wr_text(&w, open ? "open" : "closed");
    if (!open) {
        const uint64_t at_ms = model_calendar_opens(c, 1, c->environments[0], now_ms, now_ms + ahead_ms);
        wr_text(&w, at_ms != UINT64_MAX ? " until " : "");
        if (at_ms != UINT64_MAX) {
            text_time_write(&w, at_ms);
        }
    }
    TRY(wr_end(&w, "sheet.window"));
    return arena_copy(b->arena, wr_span(&w), ret_value);
}

static CS_RESULT add_window(struct builder *b, const struct policy_calendar *c)
{
    AUTO_WRITER limit = wr_heap(LIMIT_MAX);
    struct sheet *s = b->sheet;
    const bool open = model_calendar_open(c, s->in.now_ms);
    const uint64_t until_ms = model_calendar_until(c, s->in.now_ms);
    struct sheet_line line = {.kind = SHEET_WINDOW,
                              .rule = SPAN_LIT("calendar"),
                              .id = c->id,
                              .state = open ? SHEET_MET : SHEET_BLOCKED,
                              .reason = open ? REASON_OK : REASON_CLOSED_NOW,
                              .passing = true};

    model_calendar_write(c, &limit);
    TRY(wr_end(&limit, "sheet.window"));
    TRY(arena_copy(b->arena, wr_span(&limit), &line.limit));
    TRY(calendar_words(b, c, open, &line.value));
    s->until_ms = until_ms < s->until_ms ? until_ms : s->until_ms;
    return policy_line_add(b, &line);
}

CS_RESULT policy_windows_add(struct builder *b, const struct policy_doc *doc)
{
    const struct deploy_content *d = b->sheet->in.deploy;

    for (size_t i = 0; i < doc->calendar_count; i++) {
        if (model_calendar_is_for(&doc->calendar[i], d->environment)) {
            TRY(add_window(b, &doc->calendar[i]));
        }
    }
    return CS_SUCCESS;
}

/* --- freezes --- */

/* What remediates passes only where every policy that has freezes lets it. */
static bool lets_pass(const struct sheet_input *in)
{
    const struct policy_freeze *then = in->opened_under->doc.freeze;
    const struct policy_freeze *now = in->in_force->doc.freeze;

    return (then == NULL || then->remediates) && (now == NULL || now->remediates);
}

static CS_RESULT freeze_words(struct builder *b, enum policy_reason reason, const struct state_freeze *by,
                              struct span *ret_value)
{
    uint8_t text[MODEL_ACCOUNT_MAX + 16];
    struct writer w = wr_fixed(text, sizeof(text));

    if (by == NULL) {
        wr_text(&w, "none");
    } else {
        wr_text(&w, reason == REASON_OK ? "remediates " : "");
        wr_bytes(&w, by->incident);
    }
    TRY(wr_end(&w, "sheet.freeze"));
    return arena_copy(b->arena, wr_span(&w), ret_value);
}

CS_RESULT policy_freeze_add(struct builder *b)
{
    const struct sheet_input *in = &b->sheet->in;
    const struct state_freeze *by = NULL;
    enum policy_reason reason = REASON_NOT_EVALUATED;
    struct sheet_line line = {.kind = SHEET_FREEZE, .rule = freeze_rule, .id = SPAN_LIT("incident"), .passing = true};

    if (in->opened_under->doc.freeze == NULL && in->in_force->doc.freeze == NULL) {
        return CS_SUCCESS;
    }
    if (in->state != NULL) {
        reason = policy_frozen(in->state, in->deploy, lets_pass(in), &by);
    }
    line.limit = lets_pass(in) ? SPAN_LIT("none, or remediated by a responder") : SPAN_LIT("none");
    line.state = reason == REASON_OK ? SHEET_MET : SHEET_BLOCKED;
    line.reason = reason;
    TRY(freeze_words(b, reason, by, &line.value));
    return policy_line_add(b, &line);
}

/* An emergency is held by incidents that it is not about. */
CS_RESULT policy_freeze_emergency(struct builder *b, struct span incident)
{
    const struct sheet_input *in = &b->sheet->in;
    const struct state_freeze *by = NULL;

    if (in->in_force->doc.freeze == NULL) {
        return CS_SUCCESS;
    }
    const enum policy_reason reason = policy_frozen_emergency(in->state, in->deploy, incident, &by);
    struct sheet_line line = {.kind = SHEET_FREEZE,
                              .rule = freeze_rule,
                              .id = SPAN_LIT("emergency"),
                              .limit = SPAN_LIT("none, or the one that it is about"),
                              .state = reason == REASON_OK ? SHEET_MET : SHEET_BLOCKED,
                              .reason = reason,
                              .passing = true};
    TRY(freeze_words(b, reason, by, &line.value));
    return policy_line_add(b, &line);
}

/* --- ending one --- */

/* What is ended must still be frozen; one of the role that the policy names signs, who asks included. */
CS_RESULT policy_thaw_add(struct builder *b)
{
    const struct sheet_input *in = &b->sheet->in;
    const struct state_freeze *f = in->state != NULL ? state_freeze_find(in->state, in->thaw->freeze) : NULL;
    const struct policy_doc *docs[] = {&in->opened_under->doc, &in->in_force->doc};
    struct sheet_line line = {.kind = SHEET_FREEZE,
                              .rule = SPAN_LIT("thaw"),
                              .id = SPAN_LIT("incident"),
                              .limit = SPAN_LIT("frozen"),
                              .state = f != NULL ? SHEET_MET : SHEET_FAILED,
                              .reason = f != NULL ? REASON_OK : REASON_NOT_FROZEN,
                              .passing = true};

    TRY(freeze_words(b, REASON_FROZEN, f, &line.value));
    TRY(policy_line_add(b, &line));
    for (size_t i = in->opened_under == in->in_force ? 1 : 0; i < 2; i++) {
        if (docs[i]->freeze != NULL) {
            struct policy_seat seat = {
                .id = SPAN_LIT("commander"), .role = docs[i]->freeze->thaw_by, .count = 1, .self = true};
            TRY(policy_seats_add(b, SPAN_LIT("thaw"), &(struct policy_seats){&seat, 1}, docs[i]->version));
        }
    }
    return CS_SUCCESS;
}
