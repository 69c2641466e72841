/* SPDX-License-Identifier: Apache-2.0 */
/* Documents in tests. */
#ifndef DRAFT_BED_H
#define DRAFT_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "draft/draft_try.h"

/* Ten lines, then the rules from line 11 on. */
#define BED_HEAD                                                                                                       \
    "version: 3\n"                                                                                                     \
    "name: bed\n"                                                                                                      \
    "officers: { threshold: 2 }\n"                                                                                     \
    "roles: [officer, tech, business]\n"                                                                               \
    "environments:\n"                                                                                                  \
    "  staging: {}\n"                                                                                                  \
    "  production:\n"                                                                                                  \
    "change_types: [normal, standard]\n"                                                                               \
    "# rules\n"                                                                                                        \
    "rules:\n"

struct bed {
    struct arena arena;
    struct draft draft;
    struct writer out; /* what was compiled */
    struct policy_doc doc;
    struct cs_result result;
};

/* Reads, compiles and decodes; b->result is the compiler's. */
static inline void bed_compile_with(struct bed *b, const char *text, const struct draft_roster *roster,
                                    struct cs_result (*zone)(struct span name, struct writer *w))
{
    const struct draft_node *top = NULL;

    arena_init(&b->arena, 64U << 20);
    draft_init(&b->draft, &b->arena);
    b->draft.zone = zone;
    b->out = wr_heap(1U << 20);
    assert_int_equal(draft_load(&b->draft, span_str(text), &top).code, CS_OK);
    b->result = draft_policy(&b->draft, top, roster, &b->out);
    if (b->result.code == CS_OK) {
        const struct cs_result r = model_policy_decode(wr_span(&b->out), &b->arena, &b->doc);
        if (r.code != CS_OK) {
            fail_msg("%s %s: %.*s", r.msg, cs_code_text(r.code), (int)b->out.len, (const char *)b->out.p);
        }
    }
    draft_sort_faults(&b->draft);
}

static inline void bed_compile(struct bed *b, const char *text, const struct draft_roster *roster)
{
    bed_compile_with(b, text, roster, NULL);
}

static inline void bed_release(struct bed *b)
{
    wr_release(&b->out);
    arena_release(&b->arena);
}

#endif
