/* SPDX-License-Identifier: Apache-2.0 */
/* A sheet as JSON: for people and programs, and what people sign of it. */
#include "policy/policy_sheet_in.h"

const char *policy_sheet_word(enum sheet_kind k)
{
    static const char *const text[] = {"field",    "bind",      "separate", "source",    "ticket",
                                       "evidence", "promotion", "window",   "freeze",    "reason",
                                       "token",    "clock",     "seat",     "emergency", "skipped"};
    return (unsigned)k < sizeof(text) / sizeof(text[0]) ? text[k] : "none";
}

static const char *state_text(const struct sheet_line *l)
{
    if (l->kind == SHEET_SKIPPED) {
        return "skipped";
    }
    static const char *const text[] = {"missing", "met", "failed", "waived", "blocked"};
    return text[l->state];
}

static bool is_seat(const struct sheet_line *l)
{
    return l->kind == SHEET_SEAT || (l->kind == SHEET_SKIPPED && l->role.left > 0);
}

/* What is asked. */
static void write_asked(const struct sheet_line *l, struct json_out *o, bool to_sign)
{
    const bool seat = is_seat(l);

    if (seat) {
        policy_seat_write(l, o, to_sign);
    }
    if (!to_sign && l->at_ms > 0) {
        json_put_time(o, "at", l->at_ms);
    }
    json_put_str(o, "id", l->id);
    json_put_text(o, "kind", policy_sheet_word(l->kind));
    if (!seat) {
        json_put_str(o, "limit", l->limit);
    }
    if (l->quorum != QUORUM_NONE) {
        json_put_uint(o, "of", l->of);
        json_put_text(o, "quorum", policy_quorum_text(l->quorum));
    }
    if (!to_sign && l->duty.left > 0) {
        json_put_uint(o, "on_duty", l->on_duty);
    }
    if (!to_sign) {
        json_put_text(o, "reason", policy_reason_code(l->reason));
    }
    if (seat) {
        json_put_str(o, "role", l->role);
    }
    json_put_str(o, "rule", l->rule);
}

/* to_sign: only what people sign, so neither progress nor clocks. */
static void write_line(const struct sheet_line *l, struct json_out *o, bool to_sign)
{
    const bool seat = is_seat(l);
    const bool as_it_is = !to_sign || (!seat && !l->passing);

    json_put_object(o, NULL);
    write_asked(l, o, to_sign);
    if (l->self) {
        json_put_bool(o, "self", true);
    }
    if (as_it_is && l->has_says) {
        json_put_hex(o, "sha256", sha256_span(&l->says));
    }
    if (!to_sign && l->source.left > 0) {
        json_put_str(o, "source", l->source);
    }
    if (as_it_is) {
        json_put_text(o, "state", state_text(l));
    }
    if (!seat && as_it_is) {
        json_put_str(o, "value", l->value);
    }
    policy_veto_write(l, o);
    if (l->voucher) {
        json_put_bool(o, "voucher", true);
    }
    json_put_close(o);
}

void policy_sheet_write(const struct sheet *sheet, struct json_out *o, const char *key)
{
    json_put_array(o, key);
    for (size_t i = 0; i < sheet->count; i++) {
        write_line(&sheet->lines[i], o, false);
    }
    json_put_close(o);
}

CS_RESULT policy_sheet_digest(struct sheet *s)
{
    AUTO_WRITER w = wr_heap(POLICY_SHEET_TEXT_MAX);
    struct json_out o = json_out_make(&w);

    json_put_array(&o, NULL);
    for (size_t i = 0; i < s->count; i++) {
        if (s->lines[i].kind != SHEET_CLOCK) {
            write_line(&s->lines[i], &o, true);
        }
    }
    json_put_close(&o);
    TRY(json_out_end(&o, "sheet"));
    s->digest = digest_sha256(wr_span(&w));
    return CS_SUCCESS;
}
