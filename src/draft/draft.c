/* SPDX-License-Identifier: Apache-2.0 */
#include "draft/draft.h"

#include <stdarg.h>

void draft_init(struct draft *d, struct arena *arena)
{
    memset(d, 0, sizeof(*d));
    d->arena = arena;
}

void draft_fault(struct draft *d, struct draft_place at, const char *format, ...)
{
    char *sentence = d->fault_count < DRAFT_FAULTS_MAX ? arena_alloc(d->arena, DRAFT_SENTENCE_MAX) : NULL;
    va_list args;

    if (sentence == NULL) {
        d->no_room = d->no_room || d->fault_count < DRAFT_FAULTS_MAX;
        d->faults_left_out++;
        return;
    }
    va_start(args, format);
    (void)vsnprintf(sentence, DRAFT_SENTENCE_MAX, format, args);
    va_end(args);
    d->fault[d->fault_count++] = (struct draft_fault){.at = at, .sentence = sentence};
}

/* What people wrote may hold what a terminal obeys. */
struct draft_shown draft_show(struct span word)
{
    struct draft_shown s = {{0}};
    const size_t n = word.left < DRAFT_SHOWN_MAX ? word.left : (size_t)DRAFT_SHOWN_MAX;

    for (size_t i = 0; i < n; i++) {
        s.text[i] = '?';
        if (word.p[i] >= 0x20 && word.p[i] < 0x7f) {
            memcpy(&s.text[i], &word.p[i], 1);
        }
    }
    if (n < word.left) {
        memcpy(s.text + n, "...", 3);
    }
    return s;
}

static int by_place(const void *va, const void *vb)
{
    const struct draft_fault *a = va;
    const struct draft_fault *b = vb;

    if (a->at.line != b->at.line) {
        return a->at.line < b->at.line ? -1 : 1;
    }
    if (a->at.column != b->at.column) {
        return a->at.column < b->at.column ? -1 : 1;
    }
    return strcmp(a->sentence, b->sentence);
}

void draft_sort_faults(struct draft *d)
{
    if (d->fault_count > 1) {
        qsort(d->fault, d->fault_count, sizeof(d->fault[0]), by_place);
    }
}

bool draft_good(const struct draft *d)
{
    return d->fault_count == 0 && d->faults_left_out == 0 && !d->no_room;
}

const struct draft_node *draft_member(const struct draft_node *v, const char *key)
{
    const struct draft_node *m = v != NULL && v->kind == DRAFT_MAP ? v->child : NULL;
    while (m != NULL && !span_is(m->key->text, key)) {
        m = m->next;
    }
    return m;
}

bool draft_is_empty(const struct draft_node *v)
{
    return v->kind == DRAFT_SCALAR && v->plain &&
           (v->text.left == 0 || span_is(v->text, "~") || span_is(v->text, "null"));
}
