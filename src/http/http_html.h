/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only way in which anything gets into a page of the dashboard. What is not a literal of ours goes through
 * html_text, html_lines or html_bare: those split it into safe runs as the kiosk does (screen_text.h), so that what
 * could mislead stands there as a marked chip, and write &, <, >, " and ' as references. Failure is the writer's,
 * sticky. Pure. Source: docs/adr/0074-dashboard.md.
 */
#ifndef HTTP_HTML_H
#define HTTP_HTML_H

#include "screen/screen_doc.h"

enum { HTML_POINTS_MAX = 4096 }; /* a longer text is not shown, and the page says so */

struct html {
    struct writer *w;
    struct arena *arena; /* scratch */
};

/* Our own markup, a literal. */
void html_ours(struct html *h, const char *markup);
/* Our own words, or one of the log's identifiers: escaped like any text. */
void html_word(struct html *h, const char *words);
/* A text of one line, isolated from the direction of what is around it. */
void html_text(struct html *h, struct span text);
/* The same; a newline breaks the line. */
void html_lines(struct html *h, struct span text);
/* For attributes in double quotes and for <title>, where no markup can stand: chips are ⟦U+202E⟧. */
void html_bare(struct html *h, struct span text);
/* What a document of the kiosk has already split. */
void html_runs(struct html *h, const struct safe_text *t);
void html_dec(struct html *h, uint64_t n);
/* "1 request", "2 requests" */
void html_count(struct html *h, uint64_t n, const char *one, const char *many);
/* <time>2026-11-24 14:32:07 UTC</time> */
void html_time(struct html *h, uint64_t ms);
/* 64 hex digits in sixteen groups of four, as the kiosk writes them; copied, they are one word. */
void html_digest(struct html *h, const struct sha256 *d);
/* As part of a query: percent-encoded but for what RFC 3986 leaves unreserved. */
void html_query(struct html *h, struct span text);

#endif
