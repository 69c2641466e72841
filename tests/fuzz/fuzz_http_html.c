/* SPDX-License-Identifier: Apache-2.0 */
/* Texts on the dashboard: whatever comes in, what comes out is text, with no markup but the chips' and breaks of ours.
 */
#include "base/base_text.h"
#include "http/http_html.h"

enum { ARENA_BYTES = 4 << 20, OUT_BYTES = 4 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every tag is one of these, and every other byte is no control, quote or bracket. */
static void check(struct span out, bool markup)
{
    static const char *const ours[] = {"<bdi dir=\"ltr\">",
                                       "</bdi>",
                                       "<span class=\"chip\">",
                                       "<span class=\"vh\">",
                                       "</span>",
                                       "</span>",
                                       "<br>",
                                       "<em>",
                                       "</em>"};
    while (out.left > 0) {
        size_t skip = 0;
        for (size_t i = 0; markup && out.p[0] == '<' && i < sizeof(ours) / sizeof(ours[0]); i++) {
            skip = span_starts(out, span_str(ours[i])) ? strlen(ours[i]) : skip;
        }
        if (skip == 0 && (out.p[0] < 0x20 || out.p[0] == 0x7f || strchr("<>\"'", out.p[0]) != NULL)) {
            abort();
        }
        out = span_from(out, skip > 0 ? skip : 1);
    }
}

static void one(void (*put)(struct html *h, struct span text), struct span in, bool markup)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    AUTO_WRITER w = wr_heap(OUT_BYTES);
    struct html h = {.w = &w, .arena = &arena};
    put(&h, in);
    if (w.fail != CS_OK || text_utf8_check(wr_span(&w), "page").code != CS_OK) {
        abort();
    }
    check(wr_span(&w), markup);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = span_make(data, size);
    one(html_text, in, true);
    one(html_lines, in, true);
    one(html_bare, in, false);
    one(html_query, in, false);
    return 0;
}
