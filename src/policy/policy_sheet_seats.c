/* SPDX-License-Identifier: Apache-2.0 */
/* The seats of a sheet: how many of whom, in which order, and who may stand in by now. */
#include "policy/policy_match.h"
#include "policy/policy_route.h"
#include "policy/policy_sheet_in.h"

/* A seat that a document asks for, on its way to the sheet. */
struct asked {
    struct span rule;
    struct policy_seat seat;
    struct policy_seat_ref after; /* empty seat: none */
    uint32_t earned;              /* so many people are enough; 0: nothing is earned */
};
struct asked_list {
    struct asked *item;
    size_t count;
};

static CS_RESULT list_make(struct builder *b, size_t count, struct asked_list *ret_list)
{
    *ret_list = (struct asked_list){.item = arena_array(b->arena, count, sizeof(struct asked))};
    ENSURE(count == 0 || ret_list->item != NULL, CS_E_NOMEM, "sheet.seats");
    return CS_SUCCESS;
}

static void list_add(struct asked_list *list, struct span rule, const struct policy_seats *seats)
{
    for (size_t i = 0; i < seats->count; i++) {
        list->item[list->count++] = (struct asked){
            .rule = rule, .seat = seats->item[i], .after = model_policy_after(rule, seats->item[i].after)};
    }
}

/* --- names --- */

static bool same_after(const struct sheet_line *l, const struct asked *a)
{
    const struct span rule = l->after_rule.left > 0 ? l->after_rule : l->rule;
    return span_eq(l->after, a->after.seat) && (l->after.left == 0 || span_eq(rule, a->after.rule));
}

/* Is there a seat of this name already that means something else? */
static bool means_other(const struct builder *b, const struct asked *a)
{
    const struct sheet_line *l = policy_line_named(b, SHEET_SEAT, a->rule, a->seat.id);
    return l != NULL && (!span_eq(l->role, a->seat.role) || !same_after(l, a) ||
                         (l->quorum != QUORUM_NONE) != (a->seat.quorum != QUORUM_NONE));
}

/* "tech/v3": unlike the id of any seat in a policy it has a slash, and versions only rise. */
static CS_RESULT rename_seat(struct builder *b, struct asked_list *list, struct asked *at, uint64_t version)
{
    AUTO_WRITER w = wr_heap(MODEL_SEAT_MAX);
    const struct span old = at->seat.id;

    wr_bytes(&w, old);
    wr_text(&w, "/v");
    wr_dec(&w, version);
    TRY(arena_copy(b->arena, wr_span(&w), &at->seat.id));
    for (size_t i = 0; i < list->count; i++) {
        struct policy_seat_ref *after = &list->item[i].after;
        if (span_eq(after->rule, at->rule) && span_eq(after->seat, old)) {
            after->seat = at->seat.id;
        }
    }
    return wr_end(&w, "seat");
}

/*
 * A seat that another policy has under the same name for another role, or in another turn, or as no vote, is needed
 * beside it: it gets its policy's version into its name, and so does every seat whose turn comes after it.
 */
static CS_RESULT name_seats(struct builder *b, struct asked_list *list, uint64_t version)
{
    bool again = list->count > 0 && b->count > 0;

    while (again) { /* each round but the last renames one at least, and what is renamed fits */
        again = false;
        for (size_t i = 0; i < list->count; i++) {
            if (means_other(b, &list->item[i])) {
                TRY(rename_seat(b, list, &list->item[i], version));
                again = true;
            }
        }
    }
    return CS_SUCCESS;
}

/* --- lines --- */

static uint32_t group_size(const struct builder *b, struct span role)
{
    const struct sheet_input *in = &b->sheet->in;
    return in->state != NULL ? (uint32_t)state_had_role_count(in->state, role, policy_opened_at(in)) : 0;
}

static CS_RESULT add_seat(struct builder *b, const struct asked *a)
{
    const struct policy_seat *seat = &a->seat;
    struct sheet_line line = {.kind = SHEET_SEAT,
                              .rule = a->rule,
                              .id = seat->id,
                              .role = seat->role,
                              .after = a->after.seat,
                              .count = seat->count,
                              .self = seat->self,
                              .voucher = seat->voucher,
                              .quorum = seat->quorum,
                              .veto = seat->veto,
                              .veto_count = seat->veto_count};
    line.after_rule = line.after.left > 0 && !span_eq(a->after.rule, a->rule) ? a->after.rule : SPAN_NONE;
    if (seat->quorum != QUORUM_NONE) {
        line.of = group_size(b, seat->role);
        line.count = policy_quorum_need(seat, line.of);
    }
    line.count = a->earned != 0 && a->earned < line.count ? a->earned : line.count;
    return policy_line_add(b, &line);
}

static CS_RESULT add_seats(struct builder *b, struct asked_list *list, uint64_t version)
{
    TRY(name_seats(b, list, version));
    for (size_t i = 0; i < list->count; i++) {
        TRY(add_seat(b, &list->item[i]));
    }
    return CS_SUCCESS;
}

CS_RESULT policy_seats_add(struct builder *b, struct span rule, const struct policy_seats *seats, uint64_t version)
{
    struct asked_list list;

    TRY(list_make(b, seats->count, &list));
    list_add(&list, rule, seats);
    return add_seats(b, &list, version);
}

/* What a document lets its own seats earn; those of another policy on the sheet ask for as many as they do. */
static void let_earn(const struct policy_doc *doc, const struct deploy_content *d, struct asked_list *list)
{
    for (size_t i = 0; doc->earned_count > 0 && i < list->count; i++) {
        const struct policy_earned *e = policy_earned(doc, list->item[i].rule, list->item[i].seat.id, d);
        list->item[i].earned = e != NULL ? e->count : 0;
    }
}

CS_RESULT policy_rule_seats_add(struct builder *b, const struct policy_doc *doc)
{
    const struct deploy_content *d = b->sheet->in.deploy;
    struct asked_list list;
    size_t count = 0;

    for (size_t i = 0; i < doc->rule_count; i++) {
        count += doc->rules[i].seat_count;
    }
    TRY(list_make(b, count, &list));
    for (size_t i = 0; i < doc->rule_count; i++) {
        const struct policy_rule *rule = &doc->rules[i];
        if (rule->seat_count > 0 && policy_matches(rule, d)) {
            list_add(&list, rule->id, &(struct policy_seats){rule->seats, rule->seat_count});
        }
    }
    let_earn(doc, d, &list);
    return add_seats(b, &list, doc->version);
}

static int by_text(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Whoever may stop it under one of the policies may stop it. */
CS_RESULT policy_seat_merge(struct builder *b, struct sheet_line *have, const struct sheet_line *line)
{
    have->quorum = line->quorum > have->quorum ? line->quorum : have->quorum;
    if (line->veto_count == 0) {
        return CS_SUCCESS;
    }
    struct span *all = arena_array(b->arena, have->veto_count + line->veto_count, sizeof(*all));
    size_t n = have->veto_count;
    ENSURE(all != NULL, CS_E_NOMEM, "sheet.veto");
    for (size_t i = 0; i < n; i++) {
        all[i] = have->veto[i];
    }
    for (size_t i = 0; i < line->veto_count; i++) {
        if (!span_among(line->veto[i], all, n)) {
            all[n++] = line->veto[i];
        }
    }
    qsort(all, n, sizeof(*all), by_text);
    have->veto = all;
    have->veto_count = n;
    return CS_SUCCESS;
}

/* --- once every line is there --- */

/* By escalations that every policy of the sheet with such a rule wants. */
static CS_RESULT let_stand_in(struct builder *b, struct sheet_line *line)
{
    const struct sheet_input *in = &b->sheet->in;
    struct span *also = arena_array(b->arena, in->step_count, sizeof(*also));
    size_t n = 0;

    ENSURE(also != NULL, CS_E_NOMEM, "sheet.also");
    for (size_t i = 0; i < in->step_count; i++) {
        const struct state_step *step = &in->steps[i];
        uint64_t due_ms = 0;
        if (!span_eq(step->rule, line->rule) || span_eq(step->to, line->role) || span_among(step->to, also, n) ||
            !policy_step_due(in, step->rule, step->to, &due_ms)) {
            continue;
        }
        if (due_ms <= in->now_ms) {
            also[n++] = step->to;
        } else { /* another policy lets them wait longer than the one that wrote it */
            b->sheet->until_ms = due_ms < b->sheet->until_ms ? due_ms : b->sheet->until_ms;
        }
    }
    if (n > 1) {
        qsort(also, n, sizeof(*also), by_text);
    }
    line->also = also;
    line->also_count = n;
    line->moves = true;
    return CS_SUCCESS;
}

CS_RESULT policy_seats_order(struct builder *b)
{
    struct sheet now = {.lines = b->lines, .count = b->count};

    for (size_t i = 0; i < b->count; i++) {
        struct sheet_line *line = &b->lines[i];
        if (line->kind != SHEET_SEAT) {
            continue;
        }
        if (line->after_rule.left > 0 && policy_seat_before(&now, line) == NULL) {
            line->after = SPAN_NONE; /* of a rule that does not apply: there is nobody to wait for */
            line->after_rule = SPAN_NONE;
        }
        if (b->sheet->in.step_count > 0 && b->sheet->in.kind == KIND_DEPLOY) {
            TRY(let_stand_in(b, line));
        }
    }
    return CS_SUCCESS;
}

/* --- as JSON --- */

static void put_roles(struct json_out *o, const char *key, const struct span *roles, size_t count)
{
    if (count == 0) {
        return;
    }
    json_put_array(o, key);
    for (size_t i = 0; i < count; i++) {
        json_put_str(o, NULL, roles[i]);
    }
    json_put_close(o);
}

void policy_seat_write(const struct sheet_line *l, struct json_out *o, bool to_sign)
{
    const bool votes = l->quorum != QUORUM_NONE;

    if (votes && !to_sign) {
        json_put_uint(o, "abstained", l->abstained);
    }
    json_put_str(o, "after", l->after);
    if (l->after_rule.left > 0) {
        json_put_str(o, "after_rule", l->after_rule);
    }
    if (votes && !to_sign) {
        json_put_uint(o, "against", l->against);
    }
    put_roles(o, "also", l->also, l->also_count);
    json_put_uint(o, "count", l->count);
    if (!to_sign && l->duty.left > 0) {
        json_put_str(o, "duty", l->duty);
    }
    if (!to_sign) {
        json_put_uint(o, "have", l->have);
    }
}

void policy_veto_write(const struct sheet_line *l, struct json_out *o)
{
    put_roles(o, "veto", l->veto, l->veto_count);
}
