/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what is about to be asked for can be read, and so signed, at every kiosk: on the least face there is. */
#include "screen/screen_flow.h"

/* What the policy asks and the place in the log: what stands beside the content of a roster change. */
enum { LEAST_COLS = 80, LEAST_ROWS = 24, BESIDE_PAGES = 2 };

static CS_RESULT fits(const struct doc *d, size_t spare_pages, bool *ret_fits)
{
    struct pages p;

    TRY(doc_end(d));
    TRY(screen_pages(d, flow_page_cols(LEAST_COLS, LEAST_ROWS), flow_page_rows(LEAST_COLS, LEAST_ROWS), d->arena, &p));
    *ret_fits = !p.too_long && p.count + BESIDE_PAGES + spare_pages <= PAGES_MAX;
    return CS_SUCCESS;
}

CS_RESULT screen_roster_fits(const struct roster_content *c, const struct change_facts *facts,
                             const struct state *state, size_t spare_pages, struct arena *arena, bool *ret_fits)
{
    struct doc d;

    doc_init(&d, arena, REPERTOIRE_CELLS);
    screen_read_roster(&d, c, facts, state);
    return fits(&d, spare_pages, ret_fits);
}

CS_RESULT screen_access_review_fits(const struct access_review_content *c, const struct state *state,
                                    struct arena *arena, bool *ret_fits)
{
    struct doc d;

    doc_init(&d, arena, REPERTOIRE_CELLS);
    screen_read_access_review(&d, c, state);
    return fits(&d, 0, ret_fits);
}
