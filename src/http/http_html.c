/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_html.h"

#include "base/base_text.h"

void html_ours(struct html *h, const char *markup)
{
    wr_text(h->w, markup);
}

static const char *reference(uint8_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* The one place that lets bytes from outside into a page. */
static void escape(struct html *h, struct span s)
{
    size_t from = 0;
    for (size_t i = 0; i < s.left; i++) {
        const char *ref = reference(s.p[i]);
        if (ref != NULL) {
            wr_bytes(h->w, span_make(s.p + from, i - from));
            wr_text(h->w, ref);
            from = i + 1;
        }
    }
    wr_bytes(h->w, span_from(s, from));
}

void html_word(struct html *h, const char *words)
{
    escape(h, span_str(words));
}

/* ---- runs ---- */

static void chip(struct html *h, const struct text_run *run)
{
    char text[TEXT_CHIP_MAX];
    screen_chip_text(run, text);
    html_ours(h, "<span class=\"chip\">");
    html_word(h, text);
    html_ours(h, "<span class=\"vh\">, ");
    html_word(h, screen_chip_meaning(run));
    html_ours(h, "</span></span>");
}

void html_runs(struct html *h, const struct safe_text *t)
{
    html_ours(h, "<bdi dir=\"ltr\">");
    for (size_t i = 0; i < t->count; i++) {
        switch (t->runs[i].kind) {
        case RUN_TEXT:
            escape(h, t->runs[i].text);
            break;
        case RUN_BREAK:
            html_ours(h, "<br>");
            break;
        case RUN_CHIP:
        case RUN_BYTE:
        case RUN_UNSHOWN:
            chip(h, &t->runs[i]);
            break;
        }
    }
    html_ours(h, "</bdi>");
}

/* False, and nothing written, when it cannot be shown. */
static bool split(struct html *h, struct span text, enum text_form form, struct safe_text *ret_text)
{
    const struct text_rule rule = {.form = form, .repertoire = REPERTOIRE_SHAPED, .max_points = HTML_POINTS_MAX};
    const struct cs_result r = screen_text(text, &rule, h->arena, ret_text);
    if (r.code != CS_OK && r.code != CS_E_RANGE) {
        h->w->fail = CS_E_NOMEM;
    }
    return r.code == CS_OK;
}

static void put_text(struct html *h, struct span text, enum text_form form)
{
    struct safe_text t = {0};
    if (split(h, text, form, &t)) {
        html_runs(h, &t);
    } else {
        html_ours(h, "<em>(too long to show)</em>");
    }
}

void html_text(struct html *h, struct span text)
{
    put_text(h, text, TEXT_LINE);
}

void html_lines(struct html *h, struct span text)
{
    put_text(h, text, TEXT_LINES);
}

void html_bare(struct html *h, struct span text)
{
    struct safe_text t = {0};
    if (!split(h, text, TEXT_LINE, &t)) {
        html_ours(h, "(too long to show)");
        return;
    }
    for (size_t i = 0; i < t.count; i++) {
        char code[TEXT_CHIP_MAX];
        if (t.runs[i].kind == RUN_TEXT) {
            escape(h, t.runs[i].text);
            continue;
        }
        screen_chip_text(&t.runs[i], code);
        html_ours(h, "\u27e6");
        html_word(h, code);
        html_ours(h, "\u27e7");
    }
}

/* ---- typed values ---- */

void html_dec(struct html *h, uint64_t n)
{
    wr_dec(h->w, n);
}

void html_count(struct html *h, uint64_t n, const char *one, const char *many)
{
    html_dec(h, n);
    html_ours(h, " ");
    html_word(h, n == 1 ? one : many);
}

void html_time(struct html *h, uint64_t ms)
{
    html_ours(h, "<time datetime=\"");
    text_time_write(h->w, ms);
    html_ours(h, "\">");
    screen_write_date(h->w, ms);
    html_ours(h, "</time>");
}

void html_digest(struct html *h, const struct sha256 *d)
{
    html_ours(h, "<code class=\"digest\">");
    for (size_t i = 0; i < SHA256_BYTES; i += 2) {
        html_ours(h, i % 4 == 0 ? "<span>" : "<span class=\"odd\">");
        wr_hex(h->w, span_make(d->b + i, 2));
        html_ours(h, "</span>");
    }
    html_ours(h, "</code>");
}

static bool unreserved(uint8_t c)
{
    const uint8_t low = c | 0x20;
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

void html_query(struct html *h, struct span text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.left; i++) {
        const uint8_t c = text.p[i];
        if (unreserved(c)) {
            wr_u8(h->w, c);
        } else {
            wr_u8(h->w, '%');
            wr_u8(h->w, (uint8_t)digits[c >> 4]);
            wr_u8(h->w, (uint8_t)digits[c & 15]);
        }
    }
}
