/* SPDX-License-Identifier: Apache-2.0 */
/* The sheets of emergencies, their reviews and vouchers: what is skipped, what still holds, who signs. */
#include "policy/policy_emergency.h"
#include "policy/policy_match.h"
#include "policy/policy_sheet_in.h"

static const struct span emergency = {(const uint8_t *)"emergency", 9};

static CS_RESULT number(struct builder *b, uint64_t v, struct span *ret_text)
{
    uint8_t digits[20];
    struct writer w = wr_fixed(digits, sizeof(digits));
    wr_dec(&w, v);
    return arena_copy(b->arena, wr_span(&w), ret_text);
}

static CS_RESULT add_text(struct builder *b, struct span id, struct span value, struct span limit)
{
    return policy_line_add(b, &(struct sheet_line){.kind = SHEET_EMERGENCY,
                                                   .rule = emergency,
                                                   .id = id,
                                                   .value = value,
                                                   .limit = limit,
                                                   .state = SHEET_MET,
                                                   .reason = REASON_OK});
}

static CS_RESULT add_number(struct builder *b, struct span id, struct span value, uint64_t limit)
{
    struct span text = SPAN_NONE;
    TRY(number(b, limit, &text));
    return add_text(b, id, value, text);
}

/* --- what is skipped --- */

static uint32_t ordinary_have(const struct state_request *q, const struct sheet_line *line)
{
    uint32_t n = 0;
    for (size_t i = 0; i < q->decision_count; i++) {
        const struct state_decision *d = &q->decisions[i];
        n += d->word == DECISION_APPROVE && state_credential_counts(d->credential) && policy_seat_is(line, d->seat)
                 ? 1U
                 : 0U;
    }
    return n;
}

/* A seat that nobody needs to fill for it, or something that might never come in an emergency. */
static void skip(const struct emergency_case *x, struct sheet_line *line)
{
    if (line->kind == SHEET_SEAT) {
        line->have = ordinary_have(x->of, line);
    } else {
        line->value = span_str(policy_sheet_word(line->kind));
    }
    line->passing = false;
    line->has_says = false;
    line->moves = false;
    line->kind = SHEET_SKIPPED;
    line->state = SHEET_MET;
    line->reason = REASON_OK;
}

static bool is_skipped(const struct sheet_line *line)
{
    return line->kind == SHEET_SEAT || (line->kind >= SHEET_SOURCE && line->kind <= SHEET_FREEZE);
}

/* The ordinary sheet's lines: its seats and what may come later are skipped, its clocks give way to the grant's, all
 * else holds. What ran before cannot be asked to say or bind more than it did then; whom today's rules keep apart is
 * kept apart all the same. */
static CS_RESULT add_ordinary(struct builder *b, const struct emergency_case *x)
{
    const bool open = x->of->status == STATUS_ELIGIBLE || x->of->status == STATUS_APPROVED;
    size_t kept = 0;

    TRY(policy_rules_add(b, &x->under->doc));
    const size_t own = b->count;
    if (b->sheet->in.in_force != x->under) {
        TRY(policy_rules_add(b, &b->sheet->in.in_force->doc));
    }
    for (size_t i = 0; i < b->count; i++) {
        struct sheet_line line = b->lines[i];
        const bool too_late = !open && i >= own && (line.kind == SHEET_FIELD || line.kind == SHEET_BIND);
        if (line.kind == SHEET_CLOCK || too_late) {
            continue;
        }
        if (is_skipped(&line)) {
            skip(x, &line);
        }
        b->lines[kept++] = line;
    }
    b->count = kept;
    policy_lines_again(b);
    return CS_SUCCESS;
}

/* --- what it stands on --- */

static CS_RESULT add_presence(struct builder *b, const struct policy_emergency *e)
{
    TRY(add_number(b, SPAN_LIT("presence.window"), SPAN_NONE, e->window_s));
    return e->presence_switch ? add_text(b, SPAN_LIT("presence.switch"), SPAN_NONE, SPAN_LIT("on")) : CS_SUCCESS;
}

/* Past the budget it takes more people. */
static CS_RESULT add_budget(struct builder *b, const struct policy_emergency *e)
{
    const struct sheet_input *in = &b->sheet->in;
    struct span value = SPAN_NONE;

    if (!e->has_budget) {
        return CS_SUCCESS;
    }
    const uint64_t used = state_emergencies_since(in->state, e->budget_per_s, in->now_ms);
    TRY(number(b, used, &value));
    TRY(add_number(b, SPAN_LIT("budget"), value, e->budget_count));
    return used >= e->budget_count ? policy_seats_add(b, emergency, &e->over, in->in_force->doc.version) : CS_SUCCESS;
}

static CS_RESULT add_grounds(struct builder *b, const struct policy_emergency *e, const struct emergency_case *x)
{
    struct span value = SPAN_NONE;

    TRY(add_text(b, SPAN_LIT("anchor"), x->content->anchor, SPAN_NONE));
    TRY(add_text(b, SPAN_LIT("kind"), x->content->kind, SPAN_NONE));
    TRY(add_number(b, SPAN_LIT("justification"), SPAN_LIT("given"), e->justification_min));
    TRY(number(b, x->content->request, &value));
    TRY(add_text(b, SPAN_LIT("request"), value, SPAN_NONE));
    TRY(add_number(b, SPAN_LIT("review"), SPAN_NONE, e->review_due_s));
    TRY(add_number(b, SPAN_LIT("use_by"), SPAN_NONE, e->use_by_s));
    if (x->content->has_voucher) {
        TRY(number(b, x->content->voucher, &value));
        TRY(add_text(b, SPAN_LIT("voucher"), value, x->scope != NULL ? x->scope->seat : SPAN_NONE));
    }
    return b->sheet->in.state->clock_back ? add_text(b, SPAN_LIT("clock"), SPAN_LIT("untrusted"), SPAN_LIT("allowed"))
                                          : CS_SUCCESS;
}

/* Without its deployment, or the policy's leave, there is one line that says so, and nothing that could be signed. */
static CS_RESULT add_gone(struct builder *b, enum policy_reason why)
{
    return policy_line_add(
        b, &(struct sheet_line){.kind = SHEET_EMERGENCY,
                                .rule = emergency,
                                .id = SPAN_LIT("request"),
                                .value = SPAN_LIT("missing"),
                                .limit = why == REASON_NOT_OPEN ? SPAN_LIT("open") : SPAN_LIT("allowed"),
                                .reason = why});
}

static CS_RESULT add_emergency(struct builder *b)
{
    struct sheet *s = b->sheet;
    const struct emergency_case *x = s->in.emergency;
    const struct policy_emergency *e = s->in.in_force->doc.emergency;

    if (e == NULL || x->deploy == NULL) {
        return add_gone(b, e == NULL ? REASON_NO_EMERGENCIES : REASON_NOT_OPEN);
    }
    TRY(add_ordinary(b, x));
    TRY(policy_freeze_emergency(b, policy_emergency_incident(e, x->content)));
    s->sign_by_s = e->sign_by_s;
    s->use_by_s = e->use_by_s;
    TRY(add_grounds(b, e, x));
    TRY(add_presence(b, e));
    TRY(policy_seats_add(b, emergency, &e->seats, s->in.in_force->doc.version));
    return add_budget(b, e);
}

/* --- review and voucher --- */

static bool has_field(const struct review_content *r, struct span key)
{
    size_t i = 0;
    while (i < r->field_count && !span_eq(r->fields[i].key, key)) {
        i++;
    }
    return i < r->field_count;
}

static CS_RESULT add_review(struct builder *b, const struct policy_doc *doc)
{
    const struct policy_emergency *e = doc->emergency;
    struct sheet *s = b->sheet;

    if (e == NULL) {
        return CS_SUCCESS;
    }
    for (size_t i = 0; i < e->review_field_count; i++) {
        const bool met = has_field(s->in.review, e->review_fields[i]);
        TRY(policy_line_add(b, &(struct sheet_line){.kind = SHEET_FIELD,
                                                    .rule = SPAN_LIT("review"),
                                                    .id = e->review_fields[i],
                                                    .value = met ? SPAN_LIT("given") : SPAN_LIT("missing"),
                                                    .limit = SPAN_LIT("required"),
                                                    .state = met ? SHEET_MET : SHEET_MISSING,
                                                    .reason = met ? REASON_OK : REASON_MISSING_FIELD}));
    }
    s->sign_by_s = s->sign_by_s > e->review_due_s ? s->sign_by_s : e->review_due_s;
    s->separate = SEPARATE_INITIATOR;
    return policy_seats_add(b, SPAN_LIT("review"), &e->review, doc->version);
}

/* Its one seat is the one that it will fill, for who gives it. */
static CS_RESULT add_voucher(struct builder *b)
{
    struct sheet *s = b->sheet;
    const struct policy_emergency *e = s->in.in_force->doc.emergency;

    s->use_by_s = s->in.voucher->life_s;
    for (size_t i = 0; e != NULL && i < e->seats.count; i++) {
        const struct policy_seat *seat = &e->seats.item[i];
        s->sign_by_s = e->sign_by_s;
        if (seat->voucher && span_eq(seat->id, s->in.voucher->seat)) {
            TRY(policy_line_add(b, &(struct sheet_line){.kind = SHEET_SEAT,
                                                        .rule = SPAN_LIT("voucher"),
                                                        .id = seat->id,
                                                        .role = seat->role,
                                                        .count = 1,
                                                        .self = true}));
        }
    }
    return CS_SUCCESS;
}

CS_RESULT policy_emergency_lines(struct builder *b)
{
    const struct sheet_input *in = &b->sheet->in;

    if (in->kind == KIND_EMERGENCY) {
        return add_emergency(b);
    }
    if (in->kind == KIND_VOUCHER) {
        return add_voucher(b);
    }
    if (in->debt != NULL && in->debt->under != in->in_force) {
        TRY(add_review(b, &in->debt->under->doc));
    }
    return add_review(b, &in->in_force->doc);
}

size_t policy_emergency_lines_most(const struct sheet_input *in)
{
    enum { OWN = 16 + 3 * POLICY_SEATS_MAX + 2 * MODEL_DOCS_MAX };
    const bool under = in->emergency != NULL && in->emergency->under != NULL;
    return OWN + (under ? policy_rules_lines(&in->emergency->under->doc) : 0);
}

/* Whoever signed is here no longer than the window says; and no signature outlives what may change the sheet, or the
 * clock that the window is measured by. policy_is_fresh asks besides whether these very lines were signed. */
void policy_emergency_fresh(struct sheet *s)
{
    const struct policy_emergency *e = s->in.in_force->doc.emergency;
    const struct state *state = s->in.state;

    if (s->in.kind != KIND_EMERGENCY || e == NULL) {
        return;
    }
    const uint64_t window_ms = e->window_s * 1000;
    s->fresh_ms = s->in.now_ms > window_ms ? s->in.now_ms - window_ms : 0;
    s->fresh_index = state->policy_index > state->roster_index ? state->policy_index : state->roster_index;
    s->fresh_index = state->emergency_index > s->fresh_index ? state->emergency_index : s->fresh_index;
    const uint64_t clock = state->clock_count > 0 ? state->clocks[state->clock_count - 1] : 0;
    s->fresh_index = clock > s->fresh_index ? clock : s->fresh_index;
}
