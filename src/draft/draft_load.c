/* SPDX-License-Identifier: Apache-2.0 */
/* The events of libyaml, made into a tree under this room's rules and maxima. */
#include <yaml.h>

#include "base/base_text.h"
#include "draft/draft.h"

struct level {
    struct draft_node *node;
    struct draft_node *last; /* child */
    const struct draft_node *key;
};

struct load {
    struct draft *d;
    struct level level[DRAFT_DEPTH_MAX];
    size_t depth;
    size_t nodes;
    struct draft_node *top;
    bool stop; /* a fault after which the rest means nothing */
    bool done;
};

static struct draft_place place(yaml_mark_t m)
{
    return (struct draft_place){.line = (uint32_t)m.line + 1, .column = (uint32_t)m.column + 1};
}

static void stop(struct load *l, struct draft_place at, const char *sentence)
{
    draft_fault(l->d, at, "%s", sentence);
    l->stop = true;
}

/* Where tabs indent, what belongs to what depends on the reader's idea of a tab. */
static void find_tabs(struct draft *d, struct span text)
{
    struct draft_place at = {.line = 1, .column = 1};
    bool indent = true;

    for (size_t i = 0; i < text.left; i++) {
        const uint8_t c = text.p[i];
        if (c == '\t' && indent) {
            draft_fault(d, at, "a tab indents here; indent with spaces");
        }
        indent = c == '\n' || (indent && c == ' ');
        at.column = c == '\n' ? 1 : at.column + 1;
        at.line += c == '\n' ? 1 : 0;
    }
}

static struct draft_place place_of_byte(struct span text, size_t byte)
{
    struct draft_place at = {.line = 1, .column = 1};
    for (size_t i = 0; i < byte && i < text.left; i++) {
        at.column = text.p[i] == '\n' ? 1 : at.column + 1;
        at.line += text.p[i] == '\n' ? 1 : 0;
    }
    return at;
}

static void add_member(struct load *l, struct level *up, struct draft_node *n)
{
    for (const struct draft_node *m = up->node->child; m != NULL; m = m->next) {
        if (span_eq(m->key->text, up->key->text)) {
            draft_fault(l->d, up->key->at, "`%s` stands twice here; first in line %u", draft_show(up->key->text).text,
                        m->key->at.line);
        }
    }
    n->key = up->key;
    up->key = NULL;
}

/* A key waits for its value; anything else is linked in. */
static void add(struct load *l, struct draft_node *n)
{
    if (l->depth == 0) {
        l->top = n;
        return;
    }
    struct level *up = &l->level[l->depth - 1];
    if (up->node->kind == DRAFT_MAP && up->key == NULL) {
        if (n->kind != DRAFT_SCALAR) {
            stop(l, n->at, "a key is one word, not a list or map");
        }
        if (n->plain && span_is(n->text, "<<")) {
            draft_fault(l->d, n->at, "merge keys are not allowed; write it out");
        }
        up->key = n;
        return;
    }
    if (up->node->kind == DRAFT_MAP) {
        add_member(l, up, n);
    }
    if (up->last != NULL) {
        up->last->next = n;
    } else {
        up->node->child = n;
    }
    up->last = n;
    up->node->count++;
    if (up->node->count > DRAFT_ITEMS_MAX) {
        stop(l, n->at, "more than 2048 items in one list or map");
    }
}

static struct draft_node *node(struct load *l, enum draft_kind kind, yaml_mark_t mark)
{
    struct draft_node *n = arena_alloc(l->d->arena, sizeof(*n));

    if (n == NULL) {
        l->d->no_room = true;
        l->stop = true;
        return NULL;
    }
    n->kind = kind;
    n->at = place(mark);
    if (++l->nodes > DRAFT_NODES_MAX) {
        stop(l, n->at, "more than 65536 items in one document");
    }
    return n;
}

static void refuse_properties(struct load *l, const yaml_event_t *e, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL) {
        draft_fault(l->d, place(e->start_mark), "anchors and aliases are not allowed; write it out");
    }
    if (tag != NULL) {
        draft_fault(l->d, place(e->start_mark), "tags (`!`) are not allowed");
    }
}

static void take_scalar(struct load *l, const yaml_event_t *e)
{
    struct draft_node *n = node(l, DRAFT_SCALAR, e->start_mark);

    if (n == NULL) {
        return;
    }
    refuse_properties(l, e, e->data.scalar.anchor, e->data.scalar.tag);
    n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (arena_copy(l->d->arena, span_make(e->data.scalar.value, e->data.scalar.length), &n->text).code != CS_OK) {
        l->d->no_room = true;
        l->stop = true;
        return;
    }
    add(l, n);
}

static void open_level(struct load *l, const yaml_event_t *e, enum draft_kind kind)
{
    struct draft_node *n = node(l, kind, e->start_mark);

    if (n == NULL) {
        return;
    }
    add(l, n);
    if (l->depth == DRAFT_DEPTH_MAX) {
        stop(l, n->at, "nested more than 16 deep");
        return;
    }
    l->level[l->depth++] = (struct level){.node = n};
}

static void take_event(struct load *l, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        take_scalar(l, e);
        break;
    case YAML_SEQUENCE_START_EVENT:
        refuse_properties(l, e, e->data.sequence_start.anchor, e->data.sequence_start.tag);
        open_level(l, e, DRAFT_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        refuse_properties(l, e, e->data.mapping_start.anchor, e->data.mapping_start.tag);
        open_level(l, e, DRAFT_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        l->depth--;
        break;
    case YAML_ALIAS_EVENT:
        stop(l, place(e->start_mark), "anchors and aliases are not allowed; write it out");
        break;
    case YAML_DOCUMENT_START_EVENT:
        if (l->top != NULL) {
            stop(l, place(e->start_mark), "a second document begins here; a file has one");
        }
        break;
    case YAML_STREAM_END_EVENT:
        l->done = true;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
}

static void say_problem(struct load *l, const yaml_parser_t *p)
{
    if (p->error == YAML_MEMORY_ERROR) {
        l->d->no_room = true;
    } else {
        draft_fault(l->d, place(p->problem_mark), "not YAML: %s", p->problem != NULL ? p->problem : "cannot be read");
    }
    l->stop = true;
}

static void run(struct load *l, yaml_parser_t *p)
{
    while (!l->stop && !l->done) {
        yaml_event_t e;
        if (yaml_parser_parse(p, &e) != 1) {
            say_problem(l, p);
        } else {
            take_event(l, &e);
            yaml_event_delete(&e);
        }
    }
}

/* What libyaml would take otherwise, or say less well. */
static bool readable(struct draft *d, struct span text)
{
    const struct cs_result utf8 = text_utf8_check(text, "document");

    if (text.left > DRAFT_TEXT_MAX) {
        draft_fault(d, (struct draft_place){1, 1}, "larger than 1 MiB");
    } else if (utf8.code != CS_OK) {
        draft_fault(d, place_of_byte(text, utf8.at), "not UTF-8");
    } else {
        find_tabs(d, text);
    }
    return draft_good(d);
}

CS_RESULT draft_load(struct draft *d, struct span text, const struct draft_node **ret_top)
{
    struct load *l = arena_alloc(d->arena, sizeof(*l));
    yaml_parser_t p;

    ENSURE(l != NULL, CS_E_NOMEM, "document");
    *ret_top = NULL;
    if (!readable(d, text)) {
        return d->no_room ? CS_FAIL(CS_E_NOMEM, "document") : CS_SUCCESS;
    }
    ENSURE(yaml_parser_initialize(&p) == 1, CS_E_NOMEM, "document");
    yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&p, text.p, text.left);
    l->d = d;
    run(l, &p);
    yaml_parser_delete(&p);
    ENSURE(!d->no_room, CS_E_NOMEM, "document");
    if (!l->stop && l->top == NULL) {
        draft_fault(d, (struct draft_place){1, 1}, "nothing is in this document");
    }
    *ret_top = l->stop ? NULL : l->top;
    return CS_SUCCESS;
}
