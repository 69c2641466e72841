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

/* --- rows --- */

struct bed_row {
    const char *name;
    const char *text;
    unsigned line; /* 0: no fault */
    unsigned column;
    const char *sentence; /* how it begins */
};

/* A fault at the row's place that begins with its sentence; nothing is written after one. */
static inline bool bed_row_holds(const struct bed_row *row,
                                 struct cs_result (*zone)(struct span name, struct writer *w))
{
    struct bed b = {.result = CS_SUCCESS};
    bool found = row->line == 0;

    bed_compile_with(&b, row->text, NULL, zone);
    for (size_t k = 0; k < b.draft.fault_count; k++) {
        const struct draft_fault *f = &b.draft.fault[k];
        found = found || (f->at.line == row->line && f->at.column == row->column &&
                          strncmp(f->sentence, row->sentence, strlen(row->sentence)) == 0);
    }
    const bool holds = found && (row->line == 0) == (b.result.code == CS_OK) && (row->line == 0 || b.out.len == 0);
    for (size_t k = 0; !holds && k < b.draft.fault_count; k++) {
        const struct draft_fault *f = &b.draft.fault[k];
        print_error("%s: %u:%u: %s\n", row->name, f->at.line, f->at.column, f->sentence);
    }
    bed_release(&b);
    return holds;
}

/* Every row is tried, and each that does not hold is named. */
static inline void bed_rows_hold(const struct bed_row *rows, size_t count,
                                 struct cs_result (*zone)(struct span name, struct writer *w))
{
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        if (!bed_row_holds(&rows[i], zone)) {
            print_error("%s does not hold\n", rows[i].name);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

#endif
