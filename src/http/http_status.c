/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_status.h"

#include "base/base_text.h"
#include "model/model_state_delegate.h"
#include "policy/policy_alarm.h"
#include "policy/policy_match.h"

enum {
    PROGRESS_MAX = 512 + 4 * MODEL_FIELD_MAX,
    SEATS_MAX = POLICY_SHEET_TEXT_MAX,
    SHEET_MAX = 2 * POLICY_SHEET_TEXT_MAX, /* what is not signed comes to it */
    RULES_MAX = 64 << 10,
    RULE_MAX = 8 << 10,
    WAITING_MAX = 512,
    PAID_MAX = 500,
    REVIEW_MAX = 2048
};

/* ---- what only an open request can tell ---- */

static void put_seat(const struct sheet_line *line, struct span name, struct json_out *o)
{
    const bool votes = line->quorum != QUORUM_NONE;

    json_put_object(o, NULL);
    if (votes) {
        json_put_uint(o, "abstained", line->abstained);
        json_put_uint(o, "against", line->against);
    }
    json_put_uint(o, "count", line->count);
    json_put_uint(o, "have", line->have);
    if (votes) {
        json_put_uint(o, "of", line->of);
        json_put_bool(o, "reachable", line->state != SHEET_FAILED);
    }
    json_put_str(o, "role", line->role);
    json_put_str(o, "seat", name);
    json_put_close(o);
}

static CS_RESULT put_seats(const struct sheet *sheet, struct http_body *b, struct writer *w)
{
    struct json_out o = json_out_make(w);
    json_put_array(&o, NULL);
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *line = &sheet->lines[i];
        if (line->kind != SHEET_SEAT) {
            continue;
        }
        uint8_t name[MODEL_SEAT_MAX];
        struct writer n = wr_fixed(name, sizeof(name));
        policy_seat_name(line, &n);
        put_seat(line, wr_span(&n), &o);
        b->need += line->count;
        b->have += line->have < line->count ? line->have : line->count;
    }
    json_put_close(&o);
    return json_out_end(&o, "status.seats");
}

/* Seats of the rule that take fewer people because it went well before. */
static void put_earned(const struct policy_doc *doc, const struct policy_rule *rule, const struct deploy_content *d,
                       struct json_out *o)
{
    bool any = false;
    for (size_t i = 0; i < rule->seat_count; i++) {
        const struct policy_earned *e = policy_earned(doc, rule->id, rule->seats[i].id, d);
        AUTO_WRITER why = wr_heap(RULE_MAX);
        if (e == NULL) {
            continue;
        }
        policy_earned_why(e, d, &why);
        if (!any) {
            json_put_array(o, "earned");
            any = true;
        }
        json_put_object(o, NULL);
        json_put_str(o, "because", why.fail == CS_OK ? wr_span(&why) : SPAN_NONE);
        json_put_uint(o, "count", e->count);
        json_put_str(o, "seat", e->seat);
        json_put_close(o);
    }
    if (any) {
        json_put_close(o);
    }
}

static void put_rule(const struct state_policy *p, const struct policy_rule *rule, const struct deploy_content *d,
                     struct json_out *o)
{
    AUTO_WRITER why = wr_heap(RULE_MAX);

    policy_why(rule, d, &why);
    json_put_object(o, NULL);
    if (why.fail == CS_OK) {
        json_put_str(o, "because", wr_span(&why));
    }
    put_earned(&p->doc, rule, d, o);
    json_put_uint(o, "policy", p->index);
    json_put_str(o, "rule", rule->id);
    json_put_close(o);
}

/* Which rules apply and why, of both policies that it is under; what does not fit is left out, its lines are not. */
static CS_RESULT put_rules(const struct sheet *sheet, struct writer *w)
{
    const struct state_policy *of[] = {sheet->in.opened_under, sheet->in.in_force};
    const struct deploy_content *d = sheet->in.kind == KIND_DEPLOY ? sheet->in.deploy : NULL;
    struct json_out o = json_out_make(w);

    json_put_array(&o, NULL);
    for (size_t k = 0; d != NULL && k < (of[0] == of[1] ? 1U : 2U); k++) {
        for (size_t i = 0; i < of[k]->doc.rule_count && w->len + RULE_MAX < RULES_MAX; i++) {
            if (policy_matches(&of[k]->doc.rules[i], d)) {
                put_rule(of[k], &of[k]->doc.rules[i], d, &o);
            }
        }
    }
    json_put_close(&o);
    return json_out_end(&o, "status.rules");
}

static CS_RESULT put_sheet(const struct sheet *sheet, struct writer *w)
{
    struct json_out o = json_out_make(w);
    policy_sheet_write(sheet, &o, NULL);
    return json_out_end(&o, "status.sheet");
}

/* Each role once, in the sheet's order; what does not fit is left out. */
static void put_waiting(const struct sheet *sheet, struct writer *w)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *line = &sheet->lines[i];
        bool named = false;
        for (size_t k = 0; k < i; k++) {
            const struct sheet_line *before = &sheet->lines[k];
            named |= before->kind == SHEET_SEAT && before->state != SHEET_MET && span_eq(before->role, line->role);
        }
        if (line->kind != SHEET_SEAT || line->state == SHEET_MET || named ||
            w->len + line->role.left + 2 > WAITING_MAX) {
            continue;
        }
        wr_text(w, w->len == 0 ? "" : ", ");
        wr_bytes(w, line->role);
    }
}

/* What else is not there, in the sheet's order; what does not fit is left out. */
/* Lines that hold it; of an approval also seats that are empty again, because a key or a role is gone. */
static void put_missing(const struct state_request *q, const struct sheet *sheet, struct writer *w)
{
    const bool approved = q->status == STATUS_APPROVED && q->grant == NULL;

    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        const size_t n = strlen(policy_sheet_word(l->kind)) + l->rule.left + l->id.left + 4;
        const bool holds = l->kind == SHEET_SEAT ? approved && l->have < l->count : !policy_line_passes(l);
        if (!holds || w->len + n > WAITING_MAX) {
            continue;
        }
        wr_text(w, w->len == 0 ? "" : ", ");
        wr_text(w, policy_sheet_word(l->kind));
        wr_text(w, " ");
        wr_bytes(w, l->rule);
        wr_text(w, "/");
        wr_bytes(w, l->id);
    }
}

static bool varies(const struct sheet *sheet)
{
    size_t i = 0;
    while (i < sheet->count && !sheet->lines[i].moves && !sheet->lines[i].passing) {
        i++;
    }
    return i < sheet->count;
}

static struct span loaded_title(const struct state_loaded *l)
{
    if (l->deploy != NULL) {
        return l->deploy->title;
    }
    if (l->policy != NULL) {
        return l->policy->title;
    }
    if (l->emergency != NULL) {
        return l->emergency->anchor;
    }
    if (l->roster != NULL) {
        return l->roster->title;
    }
    return span_str(request_kind_text(l->request.kind));
}

CS_RESULT http_body_read(const struct state *s, const struct state_request *q, uint64_t now_ms, struct arena *arena,
                         struct http_body *ret_body)
{
    struct state_loaded l;
    struct sheet sheet;
    struct http_body b = {.need = 0};
    AUTO_WRITER seats = wr_heap(SEATS_MAX);
    AUTO_WRITER lines = wr_heap(SHEET_MAX);
    AUTO_WRITER rules = wr_heap(RULES_MAX);
    AUTO_WRITER waiting = wr_heap(WAITING_MAX);
    AUTO_WRITER missing = wr_heap(WAITING_MAX);

    TRY(state_load(q, arena, &l));
    TRY(policy_sheet_at(s, q, &l, now_ms, arena, &sheet));
    TRY(put_seats(&sheet, &b, &seats));
    TRY(put_sheet(&sheet, &lines));
    TRY(put_rules(&sheet, &rules));
    put_waiting(&sheet, &waiting);
    put_missing(q, &sheet, &missing);
    if (q->grant != NULL && missing.len == 0) {
        wr_text(&missing, "signatures of the emergency"); /* said while it is paused: nothing else is missing then */
    }
    TRY(arena_copy(arena, wr_span(&seats), &b.seats));
    TRY(arena_copy(arena, wr_span(&waiting), &b.waiting));
    TRY(arena_copy(arena, wr_span(&missing), &b.missing));
    TRY(arena_copy(arena, wr_span(&lines), &b.sheet));
    TRY(arena_copy(arena, wr_span(&rules), &b.rules));
    b.seen = policy_status(q, &sheet);
    b.varies = varies(&sheet);
    b.until_ms = sheet.until_ms;
    b.content = l.deploy != NULL ? l.request.content : SPAN_LIT("{}");
    b.title = loaded_title(&l);
    b.policy_index = q->open->opened_under->index;
    b.sheet_sha256 = sheet.digest;
    *ret_body = b;
    return CS_SUCCESS;
}

static struct span move(uint8_t **to, struct span s)
{
    const struct span moved = span_make(*to, s.left);
    if (s.left > 0) {
        memcpy(*to, s.p, s.left);
    }
    *to += s.left;
    return moved;
}

struct http_body *http_body_copy(const struct http_body *b)
{
    const size_t n = b->content.left + b->seats.left + b->sheet.left + b->rules.left + b->title.left + b->waiting.left +
                     b->missing.left;
    struct http_body *c = malloc(sizeof(*c) + n);
    if (c == NULL) {
        return NULL;
    }
    uint8_t *to = (uint8_t *)(c + 1);
    *c = *b;
    c->content = move(&to, b->content);
    c->seats = move(&to, b->seats);
    c->sheet = move(&to, b->sheet);
    c->rules = move(&to, b->rules);
    c->title = move(&to, b->title);
    c->waiting = move(&to, b->waiting);
    c->missing = move(&to, b->missing);
    return c;
}

/* ---- words ---- */

enum request_status http_seen(const struct state_request *q, const struct http_body *b)
{
    return q->open != NULL ? b->seen : q->status;
}

static void put_eligible(const struct http_body *b, struct writer *w)
{
    wr_dec(w, b->have);
    wr_text(w, " of ");
    wr_dec(w, b->need);
    wr_text(w, b->need == 1 ? " signature" : " signatures");
    if (b->waiting.left > 0) {
        wr_text(w, "; waiting for ");
        wr_bytes(w, b->waiting);
    }
}

static void put_rejected(const struct state_request *q, struct writer *w)
{
    wr_text(w, "rejected");
    for (size_t i = 0; i < q->decision_count; i++) {
        const struct state_decision *d = &q->decisions[i];
        if (d->word == DECISION_REJECT) {
            wr_text(w, " by ");
            wr_bytes(w, d->person->id);
            wr_text(w, d->reason.left > 0 ? ": " : "");
            wr_bytes(w, d->reason);
        }
    }
}

static const char *approved_words(const struct state_request *q)
{
    if (q->kind == KIND_VOUCHER) {
        return "signed; may be used before ";
    }
    return q->grant != NULL ? "granted in an emergency; redeem before " : "approved; redeem before ";
}

static const char *applied_words(enum request_kind kind)
{
    switch (kind) {
    case KIND_EMERGENCY:
        return "granted";
    case KIND_THAW:
        return "thawed";
    case KIND_VOUCHER:
        return "used";
    case KIND_REVIEW:
        return "done; nothing is owed any more";
    case KIND_WAIVER:
        return "signed; the line is waived";
    case KIND_NONE:
    case KIND_DEPLOY:
    case KIND_POLICY:
    case KIND_ROSTER:
    case KIND_DELEGATE:
    case KIND_ACCESS_REVIEW:
    case KIND_COUNT:
        break;
    }
    return "in force";
}

static void put_waits(const char *how, const struct http_body *b, struct writer *w)
{
    wr_text(w, how);
    wr_bytes(w, b->missing);
}

void http_progress_write(const struct state_request *q, const struct http_body *b, struct writer *w)
{
    switch (http_seen(q, b)) {
    case STATUS_BLOCKED:
        put_waits("blocked; waits for ", b, w);
        return;
    case STATUS_PAUSED:
        put_waits("paused; waits for ", b, w);
        return;
    case STATUS_ELIGIBLE:
        put_eligible(b, w);
        return;
    case STATUS_APPROVED:
        wr_text(w, approved_words(q));
        text_time_write(w, q->use_by_ms);
        return;
    case STATUS_REJECTED:
        put_rejected(q, w);
        return;
    case STATUS_SUPERSEDED:
        wr_text(w, "replaced by request ");
        wr_dec(w, q->successor);
        return;
    case STATUS_EXPIRED:
        wr_text(w, "not signed in time");
        return;
    case STATUS_LAPSED:
        wr_text(w, "approved, but not used in time");
        return;
    case STATUS_WITHDRAWN:
        wr_text(w, "withdrawn");
        return;
    case STATUS_REDEEMED:
        wr_text(w, "in use; no outcome reported yet");
        return;
    case STATUS_VOID:
        wr_text(w, "void: what was to be deployed was not what was approved");
        return;
    case STATUS_APPLIED:
        wr_text(w, applied_words(q->kind));
        return;
    case STATUS_SUCCEEDED:
        wr_text(w, "deployed");
        return;
    case STATUS_FAILED:
        wr_text(w, q->fallback != NULL && q->fallback->open != NULL ? "the deployment failed; its rollback may be used"
                                                                    : "the deployment failed");
        return;
    case STATUS_ROLLED_BACK:
        wr_text(w, "the deployment was rolled back");
        return;
    case STATUS_NONE:
    case STATUS_COUNT:
        return;
    }
}

/* ---- JSON ---- */

static void put_decisions(const struct state_request *q, struct json_out *o)
{
    json_put_array(o, "decisions");
    for (size_t i = 0; i < q->decision_count; i++) {
        const struct state_decision *d = &q->decisions[i];
        json_put_object(o, NULL);
        json_put_text(o, "decision", decision_word_text(d->word));
        if (d->delegation != NULL) {
            json_put_str(o, "delegator", d->delegation->by->id);
        }
        json_put_uint(o, "index", d->index);
        json_put_str(o, "person", d->person->id);
        if (d->word == DECISION_REJECT) {
            json_put_str(o, "reason", d->reason);
        }
        json_put_str(o, "seat", d->seat);
        json_put_time(o, "time", d->time_ms);
        json_put_close(o);
    }
    json_put_close(o);
}

static void put_word(struct json_out *o, const char *key, const struct http_word *word)
{
    if (word != NULL) {
        json_put_str(o, key, span_make(word->p, word->len));
    }
}

static void put_when(struct json_out *o, const char *key, uint64_t ms)
{
    if (ms != 0) {
        json_put_time(o, key, ms);
    }
}

/* The rollback that was signed with it, once its trigger was met. */
static void put_rollback(const struct state_request *q, struct json_out *o)
{
    const struct state_fallback *f = q->fallback;

    if (f != NULL) {
        json_put_object(o, "rollback");
        json_put_uint(o, "outcome", f->outcome_index);
        if (f->redeem_index != 0) {
            json_put_uint(o, "redeem", f->redeem_index);
        }
        json_put_time(o, "use_by", f->until_ms);
        json_put_close(o);
    }
}

CS_RESULT http_status_write(const struct state_request *q, const struct http_record *r, const struct http_body *b,
                            struct writer *w)
{
    struct json_out o = json_out_make(w);
    AUTO_WRITER progress = wr_heap(PROGRESS_MAX);

    http_progress_write(q, b, &progress);
    json_put_object(&o, NULL);
    put_when(&o, "approved", q->approved_ms);
    put_decisions(q, &o);
    if (q->grant != NULL) {
        json_put_object(&o, "emergency");
        json_put_uint(&o, "index", q->grant->index);
        json_put_uint(&o, "request", q->grant->emergency->index);
        json_put_close(&o);
    }
    put_word(&o, "environment", r->environment);
    json_put_uint(&o, "id", q->index);
    json_put_uint(&o, "index", r->index);
    json_put_text(&o, "kind", request_kind_text(q->kind));
    json_put_hex(&o, "leaf_sha256", sha256_span(&q->leaf_sha256));
    json_put_time(&o, "opened", q->opened_ms);
    json_put_uint(&o, "policy", b->policy_index);
    json_put_str(&o, "progress", wr_span(&progress));
    json_put_raw(&o, "request", b->content);
    json_put_uint(&o, "revision", q->revision);
    put_rollback(q, &o);
    json_put_raw(&o, "seats", b->seats);
    put_word(&o, "service", r->service);
    json_put_hex(&o, "sheet_sha256", sha256_span(&b->sheet_sha256));
    json_put_time(&o, "sign_by", q->sign_by_ms);
    json_put_text(&o, "status", request_status_text(http_seen(q, b)));
    if (q->successor != 0) {
        json_put_uint(&o, "successor", q->successor);
    }
    json_put_str(&o, "title", b->title);
    put_when(&o, "use_by", q->use_by_ms);
    json_put_close(&o);
    return json_out_end(&o, "status");
}

static const char *review_status(const struct state_emergency *x)
{
    if (x->review_index != 0) {
        return "paid";
    }
    return x->overdue_index != 0 ? "overdue" : "owed";
}

static void put_review(struct json_out *o, const struct state_emergency *x)
{
    json_put_object(o, NULL);
    json_put_time(o, "due", x->due_ms);
    json_put_uint(o, "emergency", x->index);
    json_put_time(o, "granted", x->granted_ms);
    json_put_uint(o, "grants", x->grants);
    json_put_str(o, "kind", x->kind);
    json_put_bool(o, "over_budget", x->over_budget);
    json_put_uint(o, "request", x->request);
    if (x->review_index != 0) {
        json_put_uint(o, "review", x->review);
    }
    json_put_str(o, "service", x->service);
    json_put_text(o, "status", review_status(x));
    json_put_close(o);
}

/* Those that are owed, or those that are paid, newest first; false when there is no room for all of them. */
static bool put_reviews(const struct state *s, struct json_out *o, bool owed, size_t most)
{
    size_t n = 0;
    for (size_t i = s->emergency_count; i > 0; i--) {
        const struct state_emergency *x = s->emergencies[i - 1];
        if ((x->review_index == 0) != owed) {
            continue;
        }
        if (n == most || o->w->len + REVIEW_MAX > HTTP_PAGE_MAX) {
            return false;
        }
        put_review(o, x);
        n++;
    }
    return true;
}

/* What is owed comes first; of what is paid the newest. */
CS_RESULT http_reviews_write(const struct state *s, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_array(&o, "items");
    const bool owed = put_reviews(s, &o, true, SIZE_MAX);
    const bool paid = put_reviews(s, &o, false, PAID_MAX);
    json_put_close(&o);
    json_put_bool(&o, "more", !owed || !paid);
    json_put_close(&o);
    return json_out_end(&o, "reviews");
}

static void put_names(struct json_out *o, const char *key, const struct span *items, size_t count)
{
    json_put_array(o, key);
    for (size_t i = 0; i < count; i++) {
        json_put_str(o, NULL, items[i]);
    }
    json_put_close(o);
}

static size_t freeze_bytes(const struct state_freeze *x)
{
    enum { OWN = 256, EACH = 4 };
    size_t n = OWN + x->incident.left;
    for (size_t i = 0; i < x->environment_count; i++) {
        n += x->environments[i].left + EACH;
    }
    for (size_t i = 0; i < x->responder_count; i++) {
        n += x->responders[i].left + EACH;
    }
    for (size_t i = 0; i < x->service_count; i++) {
        n += x->services[i].left + EACH;
    }
    return n;
}

CS_RESULT http_incidents_write(const struct state *s, struct writer *w)
{
    struct json_out o = json_out_make(w);
    bool more = false;

    json_put_object(&o, NULL);
    json_put_array(&o, "items");
    for (size_t i = s->freeze_count; i > 0; i--) {
        const struct state_freeze *x = s->freezes[i - 1];
        if (w->len + freeze_bytes(x) > HTTP_PAGE_MAX) {
            more = true;
            break;
        }
        json_put_object(&o, NULL);
        put_names(&o, "environments", x->environments, x->environment_count);
        json_put_uint(&o, "freeze", x->index);
        json_put_str(&o, "incident", x->incident);
        put_names(&o, "responders", x->responders, x->responder_count);
        put_names(&o, "services", x->services, x->service_count);
        json_put_time(&o, "since", x->since_ms);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_bool(&o, "more", more);
    json_put_close(&o);
    return json_out_end(&o, "incidents");
}

CS_RESULT http_sheet_write(const struct state_request *q, const struct http_record *r, const struct http_body *b,
                           struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "id", q->index);
    json_put_uint(&o, "index", r->index);
    json_put_uint(&o, "policy", b->policy_index);
    json_put_raw(&o, "rules", b->rules);
    json_put_raw(&o, "sheet", b->sheet);
    json_put_hex(&o, "sheet_sha256", sha256_span(&b->sheet_sha256));
    json_put_text(&o, "status", request_status_text(http_seen(q, b)));
    json_put_close(&o);
    return json_out_end(&o, "sheet");
}

CS_RESULT http_alarms_write(const struct state *s, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "index", s->alarm_index);
    json_put_array(&o, "items");
    for (size_t i = 0; i < s->alarm_count; i++) {
        json_put_object(&o, NULL);
        json_put_str(&o, "code", s->alarms[i].code);
        json_put_text(&o, "detail", policy_alarm_text(s->alarms[i].code));
        json_put_str(&o, "role", s->alarms[i].role);
        json_put_str(&o, "subject", s->alarms[i].subject);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_close(&o);
    return json_out_end(&o, "alarms");
}
