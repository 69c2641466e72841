/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parser for JSON that people and pipelines send: any white space, any member order, any legal escape, but only values
 * of the log's profile (docs/formats/json.md). The tree can be written canonically; that is what enters the log. Pure.
 */
#ifndef JSON_TREE_H
#define JSON_TREE_H

#include "json/json_out.h"

struct json_value {
    enum json_kind kind;
    struct span text;         /* JSON_STRING: decoded UTF-8, borrowed from the input or in the arena */
    int64_t number;           /* JSON_INT */
    bool flag;                /* JSON_BOOL */
    struct span key;          /* when a member of an object */
    struct json_value *child; /* first item, or first member in sorted order */
    struct json_value *next;
    size_t count; /* children */
};

/*
 * CS_E_SYNTAX, CS_E_UTF8 (also lone surrogate escapes), CS_E_DUPLICATE, CS_E_DEPTH (> JSON_DEPTH_MAX), CS_E_RANGE
 * (number too large), CS_E_TYPE (a fraction or exponent), CS_E_SHORT, CS_E_TRAILING, CS_E_NOMEM; `at` is the byte
 * offset. Keys must match [a-z][a-z0-9_]*, without escapes, at most JSON_KEY_MAX bytes, else CS_E_UNKNOWN.
 */
CS_RESULT json_tree_parse(struct span text, struct arena *arena, const struct json_value **ret_top);
/* For other people's formats (DSSE, in-toto): the same, but a key may be any text. Such a tree is read, never written.
 */
CS_RESULT json_tree_parse_foreign(struct span text, struct arena *arena, const struct json_value **ret_top);
/* Appends the canonical spelling. */
void json_tree_write(const struct json_value *v, struct json_out *o, const char *key);
/* NULL when v is no object or has no such member. */
const struct json_value *json_tree_member(const struct json_value *v, const char *key);

#endif
