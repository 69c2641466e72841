/* SPDX-License-Identifier: Apache-2.0 */
/* The page of one request. */
#include "http/http_dash_in.h"

#include "screen/screen_read.h"
#include "screen/screen_words.h"

enum { PROGRESS_BYTES = 64 << 10 };

/* The view's own JSON of what only an open request can give. */
struct kept {
    const struct json_value *seats;
    const struct json_value *sheet;
    const struct json_value *rules;
};

static CS_RESULT read_kept(const struct http_body *b, struct arena *arena, struct kept *ret_kept)
{
    struct kept k = {0};
    TRY(json_tree_parse(b->seats, arena, &k.seats));
    TRY(json_tree_parse(b->sheet, arena, &k.sheet));
    TRY(json_tree_parse(b->rules, arena, &k.rules));
    *ret_kept = k;
    return CS_SUCCESS;
}

static void when(struct html *h, const char *label, uint64_t ms)
{
    if (ms > 0) {
        html_ours(h, "<div><dt>");
        html_word(h, label);
        html_ours(h, "</dt><dd>");
        html_time(h, ms);
        html_ours(h, "</dd></div>\n");
    }
}

static void fact(struct html *h, const char *label, const struct http_word *word)
{
    if (word != NULL) {
        html_ours(h, "<div><dt>");
        html_word(h, label);
        html_ours(h, "</dt><dd>");
        html_text(h, span_make(word->p, word->len));
        html_ours(h, "</dd></div>\n");
    }
}

static void clocks(struct html *h, const struct dash_world *x, const struct state_request *q,
                   const struct http_record *r)
{
    const uint64_t due_ms = dash_due(q, r->status);
    html_ours(h, "<dl class=\"facts\">\n");
    fact(h, "Environment", r->environment);
    fact(h, "Service", r->service);
    html_ours(h, "<div><dt>Kind</dt><dd>");
    html_word(h, dash_kind(r->kind));
    html_ours(h, "</dd></div>\n");
    when(h, "Opened", q->opened_ms);
    when(h, "Sign by", q->sign_by_ms);
    when(h, "Approved", q->approved_ms);
    when(h, "Use by", q->use_by_ms);
    if (due_ms > 0) {
        html_ours(h, "<div><dt>Time</dt><dd><strong>");
        dash_left(h, x, due_ms);
        html_ours(h, "</strong></dd></div>\n");
    }
    html_ours(h, "</dl>\n");
}

/* The API's words, but for the status that stands before them already. */
static void progress(struct html *h, const struct state_request *q, const struct http_record *r)
{
    AUTO_WRITER words = wr_heap(PROGRESS_BYTES);
    http_progress_write(q, r->body, &words);
    struct span rest = wr_span(&words);
    const struct span status = span_str(request_status_text(r->status));
    rest = span_starts(rest, status) ? span_from(rest, status.left) : rest;
    while (rest.left > 0 && (rest.p[0] == ';' || rest.p[0] == ' ')) {
        rest = span_from(rest, 1);
    }
    html_text(h, rest);
}

static void top(struct html *h, const struct dash_world *x, const struct state_request *q, const struct http_record *r)
{
    html_ours(h, "<p class=\"crumb\"><a href=\"/\">Waiting</a> / Request ");
    html_dec(h, r->id);
    html_ours(h, r->revision > 1 ? ", revision " : "");
    if (r->revision > 1) {
        html_dec(h, r->revision);
    }
    html_ours(h, "</p>\n<h1>");
    html_text(h, r->body->title);
    html_ours(h, "</h1>\n<p class=\"stand\">");
    dash_status(h, r->status);
    html_ours(h, " ");
    progress(h, q, r);
    if (r->successor != 0) {
        html_ours(h, " <a href=\"/requests/");
        html_dec(h, r->successor);
        html_ours(h, "\">To that request</a>");
    }
    html_ours(h, "</p>\n");
    clocks(h, x, q, r);
}

/* What there is on the page; evidence only where the sheet asks for any. */
static void jumps(struct html *h, bool evidence, bool rules)
{
    html_ours(h, "<nav class=\"jump\" aria-label=\"On this page\"><ul><li><a href=\"#compare\">Digests</a></li>"
                 "<li><a href=\"#seats\">Who must sign</a></li><li><a href=\"#sheet\">What the policy asks</a></li>");
    html_ours(h, evidence ? "<li><a href=\"#evidence\">What files say</a></li>" : "");
    html_ours(h, "<li><a href=\"#asked\">What is asked for</a></li>");
    html_ours(h, rules ? "<li><a href=\"#rules\">Rules</a></li>" : "");
    html_ours(h, "</ul></nav>\n");
}

static void digests(struct html *h, const struct http_record *r)
{
    html_ours(
        h, "<section class=\"compare\" aria-labelledby=\"compare\">\n<h2 id=\"compare\">Compare with the kiosk</h2>\n");
    html_ours(
        h,
        http_dash_waits(r->status)
            ? "<p>This is decided <strong>at a kiosk</strong>, with the keys that people hold. Nothing can be decided "
              "here. Whoever signs can look here on a second device: the kiosk shows the same digests.</p>\n"
            : "<p>Nothing can be decided here. The kiosk showed the same digests when people decided.</p>\n");
    html_ours(h, "<dl>\n<dt>Request sha256</dt><dd>");
    html_digest(h, &r->leaf_sha256);
    html_ours(h, "</dd>\n<dt>Sheet sha256</dt><dd>");
    html_digest(h, &r->sheet_sha256);
    html_ours(h, "</dd>\n</dl>\n</section>\n");
}

/* What it asks for, as the kiosk writes it: of a deployment every member, of anything else nothing (ADR 0074). */
static CS_RESULT content(struct html *h, const struct http_record *r, struct doc *d)
{
    struct deploy_content *c = arena_alloc(h->arena, sizeof(*c));

    ENSURE(c != NULL, CS_E_NOMEM, "dash.content");
    doc_init(d, h->arena, REPERTOIRE_SHAPED);
    if (r->kind == KIND_DEPLOY) {
        TRY(model_deploy_decode(r->body->content, h->arena, c));
        screen_read_deploy(d, c);
    }
    return doc_end(d);
}

static void hidden(struct html *h, const struct doc *d)
{
    if (d->unshown || d->hidden) {
        html_ours(h, "<p class=\"notice bad\"><strong>");
        html_word(h, screen_word_text(d->unshown ? WORD_UNSHOWN : WORD_HIDDEN));
        html_ours(h, "</strong></p>\n");
    } else if (d->chipped) {
        html_ours(h, "<p class=\"notice warn\">Some of this text hides something; it is marked where it stands.</p>\n");
    }
}

static void asked(struct html *h, const struct http_record *r, const struct doc *d)
{
    html_ours(h, "<section aria-labelledby=\"asked\">\n<h2 id=\"asked\">What is asked for</h2>\n");
    if (r->kind != KIND_DEPLOY) {
        html_ours(h, "<p class=\"note\">What it changes is read at the kiosk, and in the log by auditors.</p>\n");
    }
    dash_doc(h, d);
    html_ours(h, "</section>\n");
}

static void place(struct html *h, const struct state_request *q, const struct http_record *r)
{
    html_ours(
        h,
        "<section aria-labelledby=\"place\">\n<h2 id=\"place\">Its place in the log</h2>\n<dl>\n<dt>Request</dt><dd>");
    html_dec(h, r->id);
    html_ours(h, "</dd>\n<dt>Newest entry about it</dt><dd>");
    html_dec(h, r->index);
    html_ours(h, "</dd>\n<dt>Opened under policy entry</dt><dd>");
    html_dec(h, r->body->policy_index);
    html_ours(h, "</dd>\n");
    if (q->client != NULL) {
        html_ours(h, "<dt>Sent by</dt><dd>");
        html_text(h, q->client->id);
        html_ours(h, "</dd>\n");
    }
    html_ours(h, "</dl>\n</section>\n");
}

CS_RESULT http_dash_request(const struct dash_world *x, const struct http_record *r, struct writer *w)
{
    struct html h = {.w = w, .arena = x->arena};
    const struct state_request *q = state_request_find(x->state, r->id);
    struct kept k;
    struct doc d;
    uint8_t room[64];
    struct writer name = wr_fixed(room, sizeof(room));

    ENSURE(q != NULL && r->body != NULL, CS_E_STATE, "dash.request");
    TRY(read_kept(r->body, x->arena, &k));
    TRY(content(&h, r, &d));
    wr_text(&name, "Request ");
    wr_dec(&name, r->id);
    dash_begin(&h, DASH_REQUEST, wr_span(&name), x);
    top(&h, x, q, r);
    hidden(&h, &d);
    jumps(&h, dash_has_evidence(k.sheet), k.rules->child != NULL);
    digests(&h, r);
    dash_seats(&h, q, k.seats);
    dash_sheet(&h, x, k.sheet);
    TRY(dash_evidence(&h, x, q, k.sheet));
    asked(&h, r, &d);
    dash_rules(&h, k.rules);
    place(&h, q, r);
    dash_end(&h, x);
    return wr_end(w, "dash");
}
