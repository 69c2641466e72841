/* SPDX-License-Identifier: Apache-2.0 */
/* What files say about a deployment: findings with their severity and place, whether what runs there now has them too,
 * and which of its findings are fixed. */
#include "http/http_dash_in.h"

#include "policy/policy_evidence.h"

struct part {
    struct html *h;
    const struct dash_world *x;
    const struct state_open *open;
    struct span rule; /* of the line */
    struct span id;
    const struct waiver_content *waivers; /* of the line, those that still hold */
    size_t waiver_count;
};

/* ---- findings ---- */

/* The worst first; a level that no list knows comes after the errors. */
static unsigned rank(struct span level)
{
    static const char *const order[] = {"critical", "high",    "unrated", "error", "failed", "",
                                        "medium",   "warning", "low",     "note",  "info"};
    enum { COUNT = sizeof(order) / sizeof(order[0]), UNKNOWN = 5 };
    for (unsigned i = 0; i < COUNT; i++) {
        if (span_is(level, order[i])) {
            return i;
        }
    }
    return UNKNOWN;
}

static const char *severity(struct span level)
{
    const unsigned r = rank(level);
    if (r <= 5) {
        return r <= 1 ? "bad\"><span aria-hidden=\"true\">\u25b2\u25b2 </span>"
                      : "bad\"><span aria-hidden=\"true\">\u25b2 </span>";
    }
    return r <= 7 ? "warn\"><span aria-hidden=\"true\">\u25c6 </span>"
                  : "plain\"><span aria-hidden=\"true\">\u25aa </span>";
}

struct found {
    const struct report_finding *f;
    size_t place; /* in the report */
    bool known;
};

/* New before known, then the worst first, then by id. */
static int found_cmp(const void *va, const void *vb)
{
    const struct found *a = va;
    const struct found *b = vb;
    const unsigned ra = rank(a->f->level);
    const unsigned rb = rank(b->f->level);
    if (a->known != b->known) {
        return a->known ? 1 : -1;
    }
    return ra != rb ? (ra < rb ? -1 : 1) : span_cmp(a->f->id, b->f->id);
}

static bool is_waived(const struct part *p, const struct report_finding *f)
{
    bool waived = false;
    for (size_t i = 0; i < p->waiver_count; i++) {
        waived = waived || model_waiver_covers(&p->waivers[i], f);
    }
    return waived;
}

static CS_RESULT read_waivers(struct part *p)
{
    struct waiver_content *c = arena_array(p->x->arena, p->open->evidence_count, sizeof(*c));
    size_t count = 0;
    ENSURE(c != NULL, CS_E_NOMEM, "dash.waivers");
    for (size_t i = 0; i < p->open->evidence_count; i++) {
        const struct state_evidence *e = &p->open->evidence[i];
        if (e->waiver && policy_evidence_is_of(p->rule, p->id, e->line)) {
            TRY(model_waiver_content_decode(e->body, p->x->arena, &c[count]));
            count += c[count].expires_ms > p->x->now_ms ? 1 : 0;
        }
    }
    p->waivers = c;
    p->waiver_count = count;
    return CS_SUCCESS;
}

static void finding(struct html *h, const struct report_finding *f, const char *against, bool waived)
{
    html_ours(h, "<tr role=\"row\"><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Severity</span>"
                 "<span class=\"pill ");
    html_ours(h, severity(f->level));
    html_text(h, f->level);
    html_ours(h, "</span></td><th role=\"rowheader\" scope=\"row\">");
    html_text(h, f->text.left > 0 ? f->text : f->id);
    html_ours(h, "</th><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Finding</span><code>");
    html_text(h, f->id);
    html_ours(h, "</code></td><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Against</span><span>");
    html_ours(h, against);
    html_ours(h, waived ? "<span class=\"sub\">waived</span>" : "");
    html_ours(h, "</span></td></tr>\n");
}

static void findings_begin(struct html *h, const char *caption)
{
    html_ours(h, "<table role=\"table\" class=\"stack findings\">\n<caption>");
    html_word(h, caption);
    html_ours(h, "</caption>\n<thead role=\"rowgroup\"><tr role=\"row\">"
                 "<th role=\"columnheader\" scope=\"col\">Severity</th>"
                 "<th role=\"columnheader\" scope=\"col\">What and where</th>"
                 "<th role=\"columnheader\" scope=\"col\">Finding</th>"
                 "<th role=\"columnheader\" scope=\"col\">Against what runs</th></tr></thead>\n"
                 "<tbody role=\"rowgroup\">\n");
}

/* Sets each one's place and sorts. NULL without memory. */
static struct found *sorted(const struct part *p, const struct evidence_note *e)
{
    struct found *all = arena_array(p->x->arena, e->report.finding_count, sizeof(*all));
    for (size_t i = 0; all != NULL && i < e->report.finding_count; i++) {
        all[i] = (struct found){.f = &e->report.findings[i], .known = model_evidence_known(e, i)};
    }
    if (all != NULL) {
        qsort(all, e->report.finding_count, sizeof(*all), found_cmp);
    }
    return all;
}

static CS_RESULT found_now(const struct part *p, const struct evidence_note *e)
{
    const struct found *all = sorted(p, e);
    ENSURE(all != NULL, CS_E_NOMEM, "dash.findings");
    findings_begin(p->h, "Findings of this file");
    for (size_t i = 0; i < e->report.finding_count; i++) {
        const char *against = all[i].known ? "known" : "<strong>new</strong>";
        finding(p->h, all[i].f, e->baseline.present ? against : "not compared", is_waived(p, all[i].f));
    }
    html_ours(p->h, "</tbody></table>\n");
    return CS_SUCCESS;
}

static CS_RESULT found_before(const struct part *p, const struct evidence_note *e)
{
    const struct report_finding **gone = NULL;
    size_t count = 0;
    TRY(policy_evidence_fixed(p->x->state, e, p->x->arena, &gone, &count));
    if (count == 0) {
        return CS_SUCCESS;
    }
    findings_begin(p->h,
                   e->report.more
                       ? "Perhaps fixed: what runs there has these, and they are not among those that are listed here"
                       : "Fixed: what runs there has these, and this file has not");
    for (size_t i = 0; i < count; i++) {
        finding(p->h, gone[i],
                e->report.more ? "not listed"
                               : "<span class=\"mark ok\"><span aria-hidden=\"true\">\u2713</span> fixed</span>",
                false);
    }
    html_ours(p->h, "</tbody></table>\n");
    return CS_SUCCESS;
}

/* ---- one file ---- */

static void compared(struct html *h, const struct evidence_note *e)
{
    const struct report_baseline *b = &e->baseline;
    html_ours(h, "<p class=\"compared\">Compared with <a href=\"/requests/");
    html_dec(h, b->request);
    html_ours(h, "\">request ");
    html_dec(h, b->request);
    html_ours(h, "</a>, which ran there when the file came: <strong>");
    html_dec(h, e->report.finding_count - b->known_count);
    html_ours(h, " new</strong>, ");
    html_dec(h, b->known_count);
    html_ours(h, e->report.more ? " known, <strong>at most " : " known, <strong>");
    html_dec(h, b->fixed);
    html_ours(h, " fixed</strong>.</p>\n");
}

/* What it counts, on one line: most of it is nothing. */
static void numbers(struct html *h, const struct report *r)
{
    size_t said = 0;
    html_ours(h, "<dt>Numbers</dt><dd>");
    for (size_t i = 0; i < r->number_count; i++) {
        if (r->numbers[i].value > 0) {
            html_ours(h, said++ > 0 ? ", " : "");
            html_text(h, r->numbers[i].name);
            html_ours(h, "\u00a0");
            html_dec(h, r->numbers[i].value);
        }
    }
    html_ours(h, said < r->number_count ? (said > 0 ? "; all others 0" : "all 0") : "");
    html_ours(h, "</dd>\n");
    for (size_t i = 0; i < r->text_count; i++) {
        html_ours(h, "<dt>");
        html_text(h, r->texts[i].key);
        html_ours(h, "</dt><dd>");
        html_text(h, r->texts[i].value);
        html_ours(h, "</dd>\n");
    }
}

static void about(struct html *h, const struct state_evidence *kept, const struct evidence_note *e)
{
    html_ours(h, "<dl>\n<dt>File</dt><dd>");
    html_word(h, report_kind_text(e->report.kind));
    html_ours(h, ", sent by ");
    html_text(h, kept->source);
    html_ours(h, "</dd>\n<dt>Came</dt><dd>");
    html_time(h, kept->time_ms);
    html_ours(h, "</dd>\n<dt>Made</dt><dd>");
    html_time(h, e->report.produced_ms);
    html_ours(h, "</dd>\n");
    numbers(h, &e->report);
    html_ours(h, "<dt>File sha256</dt><dd>");
    html_digest(h, &e->sha256);
    html_ours(h, "</dd>\n</dl>\n");
}

static CS_RESULT put_file(const struct part *p, const struct state_evidence *kept)
{
    struct evidence_note *e = arena_alloc(p->x->arena, sizeof(*e));

    ENSURE(e != NULL, CS_E_NOMEM, "dash.evidence");
    TRY(model_evidence_decode(kept->body, p->x->arena, e));
    about(p->h, kept, e);
    if (e->baseline.present) {
        compared(p->h, e);
    }
    if (p->h->w->len > DASH_FULL_BYTES) {
        html_ours(
            p->h,
            "<p class=\"notice warn\">This page is full. The findings of this file are not on it; they count.</p>\n");
        return CS_SUCCESS;
    }
    TRY(e->report.finding_count > 0 ? found_now(p, e) : CS_SUCCESS);
    html_ours(p->h, e->report.more
                        ? "<p class=\"note\">There are more findings than can be shown here. They count.</p>\n"
                        : "");
    return e->baseline.present ? found_before(p, e) : CS_SUCCESS;
}

static CS_RESULT put_waiver(const struct part *p, const struct state_evidence *kept)
{
    struct waiver_content c = {0};
    struct html *h = p->h;
    TRY(model_waiver_content_decode(kept->body, p->x->arena, &c));
    html_ours(h, "<dl>\n<dt>Waived by</dt><dd>");
    html_text(h, c.initiator);
    html_ours(h, ", <a href=\"/requests/");
    html_dec(h, kept->of);
    html_ours(h, "\">request ");
    html_dec(h, kept->of);
    html_ours(h, "</a></dd>\n<dt>Until</dt><dd>");
    html_time(h, c.expires_ms);
    html_ours(h, c.expires_ms <= p->x->now_ms ? ": no longer" : "");
    html_ours(h, "</dd>\n<dt>Waives</dt>");
    html_ours(h, c.finding_count == 0 ? "<dd>all that the files say</dd>\n" : "");
    for (size_t i = 0; i < c.finding_count; i++) {
        html_ours(h, "<dd><code>");
        html_text(h, c.findings[i].id);
        html_ours(h, "</code>, ");
        html_text(h, c.findings[i].level);
        html_ours(h, "</dd>\n");
    }
    html_ours(h, "<dt>Why</dt><dd>");
    html_lines(h, c.reason);
    html_ours(h, "</dd>\n</dl>\n");
    return CS_SUCCESS;
}

/* ---- the lines ---- */

static void line_head(struct html *h, const struct json_value *line, bool open)
{
    const struct span state = dash_text(line, "state");
    const bool passes = span_is(state, "met") || span_is(state, "waived");
    html_ours(h, "<h3>");
    html_text(h, dash_text(line, "rule"));
    html_ours(h, "/");
    html_text(h, dash_text(line, "id"));
    html_ours(h, passes ? " <span class=\"pill ok\"><span aria-hidden=\"true\">\u2713 </span>"
                        : " <span class=\"pill bad\"><span aria-hidden=\"true\">\u2715 </span>");
    html_text(h, state);
    html_ours(h, open && !passes ? ", blocks" : "");
    html_ours(h, "</span></h3>\n<dl>\n<dt>Asked</dt><dd>");
    html_text(h, dash_text(line, "limit"));
    html_ours(h, "</dd>\n<dt>Says</dt><dd>");
    html_text(h, dash_text(line, "value"));
    html_ours(h, "</dd>\n</dl>\n");
}

static CS_RESULT put_line(struct part *p)
{
    TRY(p->open != NULL ? read_waivers(p) : CS_SUCCESS);
    for (size_t i = 0; p->open != NULL && i < p->open->evidence_count; i++) {
        const struct state_evidence *e = &p->open->evidence[i];
        if (policy_evidence_is_of(p->rule, p->id, e->line)) {
            TRY(e->waiver ? put_waiver(p, e) : put_file(p, e));
        }
    }
    return CS_SUCCESS;
}

static bool is_line(const struct json_value *line)
{
    return span_is(dash_text(line, "kind"), policy_sheet_word(SHEET_EVIDENCE));
}

static const struct json_value *next_line(const struct json_value *line)
{
    while (line != NULL && !is_line(line)) {
        line = line->next;
    }
    return line;
}

bool dash_has_evidence(const struct json_value *sheet)
{
    return next_line(sheet->child) != NULL;
}

CS_RESULT dash_evidence(struct html *h, const struct dash_world *x, const struct state_request *q,
                        const struct json_value *sheet)
{
    if (!dash_has_evidence(sheet)) {
        return CS_SUCCESS;
    }
    struct part p = {.h = h, .x = x, .open = state_words(q)};
    html_ours(h, "<section aria-labelledby=\"evidence\">\n<h2 id=\"evidence\">What files say about it</h2>\n");
    if (p.open == NULL) {
        html_ours(
            h, "<p class=\"note\">This request is closed: its files are in the log, and no longer on this page.</p>\n");
    }
    for (const struct json_value *l = next_line(sheet->child); l != NULL; l = next_line(l->next)) {
        p.rule = dash_text(l, "rule");
        p.id = dash_text(l, "id");
        line_head(h, l, q->open != NULL);
        TRY(put_line(&p));
    }
    html_ours(h, "</section>\n");
    return CS_SUCCESS;
}
