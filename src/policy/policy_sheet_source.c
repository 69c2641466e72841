/* SPDX-License-Identifier: Apache-2.0 */
/* What a request must say of where its artifacts come from, and of its ticket. Pure. */
#include "policy/policy_sheet_in.h"

enum { LIST_MAX = 32 * 1024 };

/* One rule of one policy, and what it asks of the request. */
struct asks {
    struct builder *b;
    const struct deploy_content *d;
    struct span rule;
    uint64_t version;
};

/* Words with a comma between them. */
static CS_RESULT join(struct arena *arena, const struct span *items, size_t count, struct span *ret_text)
{
    AUTO_WRITER w = wr_heap(LIST_MAX);

    for (size_t i = 0; i < count; i++) {
        wr_text(&w, i > 0 ? ", " : "");
        wr_bytes(&w, items[i]);
    }
    TRY(wr_end(&w, "sheet"));
    return arena_copy(arena, wr_span(&w), ret_text);
}

/* A line that another policy has under the same name for something else is needed beside it: as seats are, it is named
 * by the version that asks. */
static CS_RESULT name_line(const struct asks *a, struct sheet_line *line)
{
    const struct sheet_line *have = policy_line_named(a->b, line->kind, line->rule, line->id);

    if (have == NULL || span_eq(have->limit, line->limit)) {
        return CS_SUCCESS;
    }
    AUTO_WRITER w = wr_heap(MODEL_SEAT_MAX);
    wr_bytes(&w, line->id);
    wr_text(&w, "/v");
    wr_dec(&w, a->version);
    TRY(wr_end(&w, "sheet"));
    return arena_copy(a->b->arena, wr_span(&w), &line->id);
}

/* What was said, and whether that is what must be; nothing said is never enough. */
static CS_RESULT add(const struct asks *a, struct sheet_line line, bool fits)
{
    const bool said = line.value.left > 0;
    const bool met = said && fits;

    line.rule = a->rule;
    line.state = met ? SHEET_MET : (said ? SHEET_FAILED : SHEET_MISSING);
    line.reason = met ? REASON_OK : line.reason;
    line.value = said ? line.value : SPAN_LIT("missing");
    TRY(name_line(a, &line));
    return policy_line_add(a->b, &line);
}

static bool is_like(struct span text, const struct span *items, size_t count)
{
    size_t i = 0;
    while (i < count && !model_glob(items[i], text)) {
        i++;
    }
    return i < count;
}

static CS_RESULT add_refs(const struct asks *a, const struct policy_source *s)
{
    const struct span ref = a->d->source.ref;
    struct sheet_line line = {.kind = SHEET_SOURCE, .id = SPAN_LIT("refs"), .value = ref, .reason = REASON_SOURCE_REF};

    TRY(join(a->b->arena, s->refs, s->ref_count, &line.limit));
    return add(a, line, is_like(ref, s->refs, s->ref_count));
}

static CS_RESULT add_protected(const struct asks *a)
{
    const struct request_source *s = &a->d->source;
    struct sheet_line line = {.kind = SHEET_SOURCE,
                              .id = SPAN_LIT("protected"),
                              .limit = SPAN_LIT("true"),
                              .reason = REASON_SOURCE_PROTECTED};

    if (s->has_protected) {
        line.value = s->is_protected ? SPAN_LIT("true") : SPAN_LIT("false");
    }
    return add(a, line, s->is_protected);
}

static CS_RESULT add_merged(const struct asks *a)
{
    const struct request_source *s = &a->d->source;
    struct sheet_line line = {.kind = SHEET_SOURCE,
                              .id = SPAN_LIT("pull_request"),
                              .limit = SPAN_LIT("merged"),
                              .reason = REASON_SOURCE_PULL_REQUEST};
    AUTO_WRITER w = wr_heap(64);

    if (s->pull_request_state.left > 0) {
        wr_bytes(&w, s->pull_request_state);
        wr_text(&w, ", number ");
        wr_dec(&w, s->pull_request);
        TRY(wr_end(&w, "sheet"));
        TRY(arena_copy(a->b->arena, wr_span(&w), &line.value));
    }
    return add(a, line, span_is(s->pull_request_state, "merged"));
}

/* Who wrote it, asks for it or started it does not review it. */
static bool reviews(const struct deploy_content *d, struct span account)
{
    bool other = !state_same_name(account, d->initiator) && !state_same_name(account, d->trigger);
    for (size_t i = 0; i < d->source.author_count; i++) {
        other = other && !state_same_name(account, d->source.authors[i]);
    }
    return other;
}

/* Accounts that differ in letter case only are one. */
static bool is_first(const struct span *items, size_t count, struct span account)
{
    size_t i = 0;
    while (i < count && !state_same_name(items[i], account)) {
        i++;
    }
    return i == count;
}

static CS_RESULT add_reviewers(const struct asks *a, const struct policy_source *s)
{
    const struct request_source *from = &a->d->source;
    struct span who[MODEL_AUTHORS_MAX];
    struct sheet_line line = {.kind = SHEET_SOURCE, .id = SPAN_LIT("reviewers"), .reason = REASON_SOURCE_REVIEWERS};
    uint8_t digits[20];
    struct writer w = wr_fixed(digits, sizeof(digits));
    size_t n = 0;

    for (size_t i = 0; i < from->reviewer_count; i++) {
        if (reviews(a->d, from->reviewers[i]) && is_first(who, n, from->reviewers[i])) {
            who[n++] = from->reviewers[i];
        }
    }
    wr_dec(&w, s->reviewers);
    TRY(arena_copy(a->b->arena, wr_span(&w), &line.limit));
    TRY(join(a->b->arena, who, n, &line.value));
    return add(a, line, n >= s->reviewers);
}

static CS_RESULT add_source(const struct asks *a, const struct policy_source *s)
{
    if (s->is_protected) {
        TRY(add_protected(a));
    }
    if (s->merged) {
        TRY(add_merged(a));
    }
    if (s->ref_count > 0) {
        TRY(add_refs(a, s));
    }
    return s->reviewers > 0 ? add_reviewers(a, s) : CS_SUCCESS;
}

static CS_RESULT add_ticket(const struct asks *a, const struct policy_ticket *t)
{
    const struct deploy_content *d = a->d;
    const bool any = span_is(t->tracker, "any");
    struct sheet_line tracker = {.kind = SHEET_TICKET,
                                 .id = SPAN_LIT("system"),
                                 .limit = t->tracker,
                                 .value = any ? d->ticket : d->ticket_system,
                                 .reason = REASON_TICKET_SYSTEM};
    struct sheet_line state = {
        .kind = SHEET_TICKET, .id = SPAN_LIT("state"), .value = d->ticket_state, .reason = REASON_TICKET_STATE};

    TRY(add(a, tracker, d->ticket.left > 0 && (any || span_eq(d->ticket_system, t->tracker))));
    if (t->state_count == 0) {
        return CS_SUCCESS;
    }
    TRY(join(a->b->arena, t->states, t->state_count, &state.limit));
    return add(a, state, d->ticket.left > 0 && is_like(d->ticket_state, t->states, t->state_count));
}

CS_RESULT policy_source_add(struct builder *b, const struct policy_rule *rule, uint64_t version)
{
    const struct asks a = {b, b->sheet->in.deploy, rule->id, version};

    if (rule->source != NULL) {
        TRY(add_source(&a, rule->source));
    }
    return rule->ticket != NULL ? add_ticket(&a, rule->ticket) : CS_SUCCESS;
}
