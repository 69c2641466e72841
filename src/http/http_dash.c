/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of every page, and the page of what waits. */
#include "http/http_dash_in.h"

#include "screen/screen_words.h"

/* ---- the frame ---- */

static const char head_before[] = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                                  "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                                  "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";
static const char head_after[] = " - Countersign</title>\n<link rel=\"stylesheet\" href=\"/dashboard.css\">\n"
                                 "<link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\n</head>\n<body>\n"
                                 "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header class=\"bar\">\n"
                                 "<p class=\"brand\">Countersign</p>\n<nav aria-label=\"Pages\"><ul><li><a href=\"/\"";
static const char nav_after[] =
    ">Waiting</a></li></ul></nav>\n<p class=\"rule\">Read only. People decide at a kiosk.</p>\n"
    "</header>\n<main id=\"main\" tabindex=\"-1\">\n";

void dash_begin(struct html *h, enum dash_page page, struct span name, const struct dash_world *x)
{
    html_ours(h, head_before);
    html_bare(h, name);
    html_ours(h, head_after);
    html_ours(h, page == DASH_WAITING ? " aria-current=\"page\"" : "");
    html_ours(h, nav_after);
    if (x != NULL && !x->live) {
        html_ours(
            h, "<p class=\"notice bad\"><strong>This may be old.</strong> The core cannot be reached, or this server "
               "is still reading the log.</p>\n");
    }
}

static void foot(struct html *h, const struct dash_world *x)
{
    html_ours(h, "<p>As of ");
    screen_write_minute(h->w, x->now_ms); /* no finer: the page's tag follows from its bytes */
    html_ours(h, " UTC. Log <code>");
    html_text(h, x->state->origin);
    html_ours(h, "</code> of ");
    html_count(h, x->state->size, "entry", "entries");
    html_ours(h, ", and its head, which the kiosk shows too:</p>\n");
    html_digest(h, &x->head);
}

void dash_end(struct html *h, const struct dash_world *x)
{
    html_ours(h, "</main>\n<footer>\n");
    if (x != NULL) {
        foot(h, x);
    }
    html_ours(h, "\n</footer>\n</body>\n</html>\n");
}

/* ---- small parts ---- */

bool http_dash_waits(enum request_status s)
{
    return s == STATUS_ELIGIBLE || s == STATUS_BLOCKED || s == STATUS_PAUSED;
}

static const char *tone(enum request_status s)
{
    switch (s) {
    case STATUS_ELIGIBLE:
        return "info\"><span aria-hidden=\"true\">\u25cb ";
    case STATUS_BLOCKED:
        return "warn\"><span aria-hidden=\"true\">\u25b2 ";
    case STATUS_PAUSED:
        return "warn\"><span aria-hidden=\"true\">\u2016 ";
    case STATUS_APPROVED:
    case STATUS_APPLIED:
    case STATUS_SUCCEEDED:
        return "ok\"><span aria-hidden=\"true\">\u2713 ";
    case STATUS_REJECTED:
    case STATUS_VOID:
    case STATUS_FAILED:
        return "bad\"><span aria-hidden=\"true\">\u2715 ";
    case STATUS_NONE:
    case STATUS_EXPIRED:
    case STATUS_LAPSED:
    case STATUS_WITHDRAWN:
    case STATUS_SUPERSEDED:
    case STATUS_REDEEMED:
    case STATUS_ROLLED_BACK:
    case STATUS_COUNT:
        break;
    }
    return "plain\"><span aria-hidden=\"true\">\u2013 ";
}

void dash_status(struct html *h, enum request_status s)
{
    html_ours(h, "<span class=\"pill ");
    html_ours(h, tone(s));
    html_ours(h, "</span>");
    html_word(h, request_status_text(s));
    html_ours(h, "</span>");
}

void dash_left(struct html *h, const struct dash_world *x, uint64_t until_ms)
{
    if (until_ms == 0) {
        return;
    }
    if (until_ms <= x->now_ms) {
        html_ours(h, "time is up");
        return;
    }
    screen_write_span(h->w, until_ms - x->now_ms);
    html_ours(h, " left");
}

uint64_t dash_due(const struct state_request *q, enum request_status seen)
{
    if (q->status == STATUS_APPROVED) {
        return q->use_by_ms;
    }
    return http_dash_waits(seen) ? q->sign_by_ms : 0;
}

const char *dash_kind(enum request_kind kind)
{
    return kind == KIND_DEPLOY ? "Deployment" : screen_kind_words(kind);
}

struct span dash_text(const struct json_value *v, const char *key)
{
    const struct json_value *m = json_tree_member(v, key);
    return m != NULL && m->kind == JSON_STRING ? m->text : SPAN_NONE;
}

uint64_t dash_uint(const struct json_value *v, const char *key)
{
    const struct json_value *m = json_tree_member(v, key);
    return m != NULL && m->kind == JSON_INT && m->number > 0 ? (uint64_t)m->number : 0;
}

bool dash_flag(const struct json_value *v, const char *key)
{
    const struct json_value *m = json_tree_member(v, key);
    return m != NULL && m->kind == JSON_BOOL && m->flag;
}

/* How many of the role are wanted over all seats, counted at the first seat that names it; 0 at the others. */
static uint64_t wanted(const struct json_value *seats, const struct json_value *at)
{
    const struct span role = dash_text(at, "role");
    uint64_t n = 0;
    bool before = true;
    if (dash_uint(at, "have") >= dash_uint(at, "count")) {
        return 0;
    }
    for (const struct json_value *s = seats->child; s != NULL; s = s->next) {
        const uint64_t count = dash_uint(s, "count");
        const uint64_t have = dash_uint(s, "have");
        before = before && s != at;
        if (!span_eq(dash_text(s, "role"), role) || have >= count) {
            continue;
        }
        if (before) {
            return 0; /* it was said there */
        }
        n += count - have;
    }
    return n;
}

uint64_t dash_empty_seats(struct html *h, const struct json_value *seats)
{
    uint64_t all = 0;
    for (const struct json_value *s = seats->child; s != NULL; s = s->next) {
        const uint64_t n = wanted(seats, s);
        if (n > 0) {
            html_ours(h, all > 0 ? ", " : "");
            html_dec(h, n);
            html_ours(h, "\u00a0\u00d7\u00a0");
            html_text(h, dash_text(s, "role"));
            all += n;
        }
    }
    return all;
}

/* ---- what waits ---- */

struct row {
    uint64_t due_ms;
    const struct http_record *r;
    const struct state_request *q;
};

struct queue {
    const struct dash_world *x;
    const struct http_query *filter;
    const struct state_request *after; /* NULL: from the start */
    uint64_t after_due_ms;
    struct row row[DASH_ROWS + 1]; /* sorted; the last only says that there are more */
    size_t count;
    size_t matches; /* over all pages, */
    size_t before;  /* and those up to the cursor */
};

static bool earlier(uint64_t due_a, uint64_t a, uint64_t due_b, uint64_t b)
{
    return due_a != due_b ? due_a < due_b : a < b;
}

static bool is_name(const struct http_word *w, const struct http_name *name)
{
    return name->len == 0 || (w != NULL && span_eq(span_make(w->p, w->len), http_name_span(name)));
}

static void insert(struct queue *k, const struct row *row)
{
    size_t at = k->count;
    while (at > 0 && earlier(row->due_ms, row->q->index, k->row[at - 1].due_ms, k->row[at - 1].q->index)) {
        at--;
    }
    if (at > DASH_ROWS) {
        return;
    }
    const size_t kept = k->count <= DASH_ROWS ? k->count : DASH_ROWS;
    memmove(&k->row[at + 1], &k->row[at], (kept - at) * sizeof(k->row[0]));
    k->row[at] = *row;
    k->count = kept + 1;
}

static void look_at(struct queue *k, const struct state_request *q)
{
    const struct http_record *r = http_view_find(k->x->view, q->index);
    const struct http_query *f = k->filter;
    if (r == NULL || r->body == NULL || !http_dash_waits(r->status) ||
        (f->status != STATUS_NONE && f->status != r->status) || !is_name(r->environment, &f->environment)) {
        return;
    }
    const struct row row = {.due_ms = dash_due(q, r->status), .r = r, .q = q};
    k->matches++;
    if (k->after != NULL && !earlier(k->after_due_ms, k->after->index, row.due_ms, q->index)) {
        k->before++;
        return;
    }
    insert(k, &row);
}

static void option(struct html *h, struct span value, struct span chosen, const char *words)
{
    html_ours(h, "<option value=\"");
    html_bare(h, value);
    html_ours(h, span_eq(value, chosen) ? "\" selected>" : "\">");
    if (words != NULL) {
        html_word(h, words);
    } else {
        html_bare(h, value);
    }
    html_ours(h, "</option>");
}

/* Those of the policy in force; and the one that is asked for, which another policy may have had. */
static void environments(struct html *h, const struct dash_world *x, struct span chosen)
{
    const struct policy_doc *p = x->state->policy != NULL ? &x->state->policy->doc : NULL;
    const size_t count = p != NULL ? p->environment_count : 0;
    option(h, SPAN_NONE, chosen, "All");
    for (size_t i = 0; i < count; i++) {
        option(h, p->environments[i], chosen, NULL);
    }
    if (chosen.left > 0 && (count == 0 || !span_among(chosen, p->environments, count))) {
        option(h, chosen, chosen, NULL);
    }
}

static void form(struct html *h, const struct queue *k)
{
    static const enum request_status offered[] = {STATUS_ELIGIBLE, STATUS_BLOCKED, STATUS_PAUSED};
    const struct span status =
        k->filter->status != STATUS_NONE ? span_str(request_status_text(k->filter->status)) : SPAN_NONE;
    html_ours(h,
              "<form class=\"filters\" method=\"get\" action=\"/\">\n<p><label for=\"environment\">Environment</label>"
              "<select id=\"environment\" name=\"environment\">");
    environments(h, k->x, http_name_span(&k->filter->environment));
    html_ours(h, "</select></p>\n<p><label for=\"status\">Status</label><select id=\"status\" name=\"status\">");
    option(h, SPAN_NONE, status, "All");
    for (size_t i = 0; i < sizeof(offered) / sizeof(offered[0]); i++) {
        option(h, span_str(request_status_text(offered[i])), status, NULL);
    }
    html_ours(h, "</select></p>\n<p><button type=\"submit\">Show</button></p>\n</form>\n");
}

static void where(struct html *h, const struct http_record *r)
{
    html_ours(h, "<td role=\"cell\" class=\"where\"><span class=\"cap\" aria-hidden=\"true\">Where</span><span>");
    if (r->environment != NULL && r->service != NULL) {
        html_text(h, span_make(r->environment->p, r->environment->len));
        html_ours(h, "<span class=\"sub\">");
        html_text(h, span_make(r->service->p, r->service->len));
        html_ours(h, "</span>");
    } else {
        html_word(h, dash_kind(r->kind));
    }
    html_ours(h, "</span></td>");
}

static CS_RESULT waits_for(struct html *h, const struct http_record *r)
{
    const struct json_value *seats = NULL;
    TRY(json_tree_parse(r->body->seats, h->arena, &seats));
    html_ours(h, "<td role=\"cell\" class=\"needs\"><span class=\"cap\" aria-hidden=\"true\">Waits for</span><span>");
    if (r->status != STATUS_ELIGIBLE && r->body->missing.left > 0) {
        html_ours(h, "<span class=\"lacks\">");
        html_text(h, r->body->missing);
        html_ours(h, "</span>");
    }
    if (dash_empty_seats(h, seats) == 0) {
        html_ours(h, "no more signatures");
    }
    html_ours(h, "</span></td>");
    return CS_SUCCESS;
}

static CS_RESULT put_row(struct html *h, const struct queue *k, const struct row *row)
{
    const struct http_record *r = row->r;
    html_ours(h, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><a href=\"/requests/");
    html_dec(h, r->id);
    html_ours(h, "\">");
    html_text(h, r->body->title);
    html_ours(h, "</a><span class=\"sub\">Request ");
    html_dec(h, r->id);
    if (r->revision > 1) {
        html_ours(h, ", revision ");
        html_dec(h, r->revision);
    }
    html_ours(h, "</span></th>");
    where(h, r);
    html_ours(h, "<td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Status</span><span>");
    dash_status(h, r->status);
    html_ours(h, "</span></td>");
    TRY(waits_for(h, r));
    html_ours(h, "<td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">");
    html_ours(h, row->q->status == STATUS_APPROVED ? "Use by" : "Closes");
    html_ours(h, "</span><span><strong>");
    dash_left(h, k->x, row->due_ms);
    html_ours(h, "</strong><span class=\"sub\">");
    html_ours(h, row->q->status == STATUS_APPROVED ? "use by " : "sign by ");
    html_time(h, row->due_ms);
    html_ours(h, "</span></span></td></tr>\n");
    return CS_SUCCESS;
}

static void page_link(struct html *h, const struct queue *k, bool next)
{
    const struct http_query *f = k->filter;
    html_ours(h, "<a href=\"/?environment=");
    html_query(h, http_name_span(&f->environment));
    html_ours(h, "&amp;status=");
    html_query(h, f->status != STATUS_NONE ? span_str(request_status_text(f->status)) : SPAN_NONE);
    if (next) {
        html_ours(h, "&amp;cursor=");
        html_dec(h, k->row[DASH_ROWS - 1].q->index);
    }
    html_ours(h, next ? "\">Next</a>" : "\">First page</a>");
}

static void paging(struct html *h, const struct queue *k, size_t shown)
{
    if (k->count <= DASH_ROWS && k->after == NULL) {
        return;
    }
    html_ours(h, "<nav class=\"paging\" aria-label=\"Pages of this list\"><p>");
    if (shown > 0) {
        html_dec(h, k->before + 1);
        html_ours(h, " to ");
        html_dec(h, k->before + shown);
        html_ours(h, " of ");
        html_dec(h, k->matches);
    }
    html_ours(h, "</p>");
    if (k->after != NULL) {
        page_link(h, k, false);
    }
    if (k->count > DASH_ROWS) {
        page_link(h, k, true);
    }
    html_ours(h, "</nav>\n");
}

static CS_RESULT table(struct html *h, const struct queue *k)
{
    const size_t shown = k->count < DASH_ROWS ? k->count : (size_t)DASH_ROWS;
    if (shown == 0) {
        html_ours(h, "<p class=\"empty\">Nothing waits here.</p>\n");
    } else {
        html_ours(
            h, "<table role=\"table\" class=\"stack queue\">\n<caption class=\"vh\">Requests that wait, the nearest "
               "deadline first</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">"
               "<th role=\"columnheader\" scope=\"col\">Request</th><th role=\"columnheader\" scope=\"col\">Where</th>"
               "<th role=\"columnheader\" scope=\"col\">Status</th><th role=\"columnheader\" scope=\"col\">Waits for"
               "</th><th role=\"columnheader\" scope=\"col\">Time</th></tr></thead>\n<tbody role=\"rowgroup\">\n");
        for (size_t i = 0; i < shown; i++) {
            TRY(put_row(h, k, &k->row[i]));
        }
        html_ours(h, "</tbody></table>\n");
    }
    paging(h, k, shown);
    return CS_SUCCESS;
}

/* What holds for everything; nothing when nothing does. */
static void notices(struct html *h, const struct http_view *v)
{
    const struct {
        uint64_t n;
        const char *one;
        const char *many;
    } said[] = {
        {v->frozen, "freeze holds", "freezes hold"},
        {v->reviews_owed, "review of an emergency is owed", "reviews of emergencies are owed"},
        {v->reviews_overdue, "of them is overdue", "of them are overdue"},
        {v->alarm_count, "alarm: too few people can sign something", "alarms: too few people can sign something"}};
    bool begun = false;
    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        if (said[i].n > 0) {
            html_ours(h, begun ? "<li>" : "<ul class=\"notice warn\">\n<li>");
            html_count(h, said[i].n, said[i].one, said[i].many);
            html_ours(h, ".</li>\n");
            begun = true;
        }
    }
    html_ours(h, begun ? "</ul>\n" : "");
}

CS_RESULT http_dash_waiting(const struct dash_world *x, const struct http_query *q, struct writer *w)
{
    struct html h = {.w = w, .arena = x->arena};
    struct queue *k = arena_alloc(x->arena, sizeof(*k));

    ENSURE(k != NULL, CS_E_NOMEM, "dash.queue");
    *k = (struct queue){.x = x, .filter = q};
    if (q->has_cursor) {
        k->after = state_request_find(x->state, q->cursor);
        const struct http_record *r = http_view_find(x->view, q->cursor);
        ENSURE(k->after != NULL && r != NULL, CS_E_UNKNOWN, "cursor");
        k->after_due_ms = k->after->status == STATUS_APPROVED ? k->after->use_by_ms : k->after->sign_by_ms;
    }
    for (size_t i = 0; i < x->state->live_count; i++) {
        look_at(k, x->state->live[i]);
    }
    dash_begin(&h, DASH_WAITING, SPAN_LIT("Waiting"), x);
    html_ours(&h, "<h1>Waiting</h1>\n<p class=\"lede\">");
    html_count(&h, k->matches, "request waits", "requests wait");
    html_ours(&h, k->matches == 1 ? ". It is" : ". They are");
    html_ours(&h, " decided at a kiosk, with the keys that people hold; nothing can be decided here.</p>\n");
    notices(&h, x->view);
    form(&h, k);
    TRY(table(&h, k));
    dash_end(&h, x);
    return wr_end(w, "dash");
}

/* ---- refusals ---- */

CS_RESULT http_dash_refusal(const struct http_refusal *r, struct arena *arena, struct writer *w)
{
    struct html h = {.w = w, .arena = arena};
    dash_begin(&h, DASH_NO_PAGE, SPAN_LIT("Refused"), NULL);
    html_ours(&h, "<h1>");
    html_text(&h, r->title);
    html_ours(&h, "</h1>\n");
    if (r->detail.left > 0) {
        html_ours(&h, "<p>");
        html_text(&h, r->detail);
        html_ours(&h, "</p>\n");
    }
    html_ours(&h, "<p>The code of this refusal is <code>");
    html_text(&h, r->code);
    html_ours(&h, "</code>, HTTP status ");
    html_dec(&h, r->status);
    html_ours(&h, ".</p>\n");
    if (r->status == 401 || r->status == 403) {
        html_ours(
            &h, "<p>This dashboard is for clients of the roster that may read. A browser names itself with its client "
                "certificate.</p>\n");
    }
    dash_end(&h, NULL);
    return wr_end(w, "dash");
}
