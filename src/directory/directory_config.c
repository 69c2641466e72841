/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/directory_config.h"

#include "base/base_text.h"
#include "model/model_names.h"

/* A member that is a text: NUL-terminated in the arena. Nothing when it may be left out and is. */
static CS_RESULT take_text(const struct json_value *v, const char *what, bool must, struct arena *arena,
                           char **ret_text)
{
    const char *dot = strrchr(what, '.');
    const struct json_value *m = json_tree_member(v, dot + 1);

    ENSURE(m != NULL || !must, CS_E_MISSING, what);
    if (m == NULL) {
        return CS_SUCCESS;
    }
    ENSURE(m->kind == JSON_STRING, CS_E_TYPE, what);
    ENSURE(m->text.left >= 1 && m->text.left <= DIRECTORY_TEXT_MAX, CS_E_RANGE, what);
    ENSURE(memchr(m->text.p, '\0', m->text.left) == NULL, CS_E_SYNTAX, what);
    char *text = arena_alloc(arena, m->text.left + 1);
    ENSURE(text != NULL, CS_E_NOMEM, what);
    memcpy(text, m->text.p, m->text.left);
    *ret_text = text;
    return CS_SUCCESS;
}

static CS_RESULT take_id(const struct json_value *v, const char *what, struct span *ret_id)
{
    const char *dot = strrchr(what, '.');
    const struct json_value *m = json_tree_member(v, dot + 1);

    ENSURE(m != NULL, CS_E_MISSING, what);
    ENSURE(m->kind == JSON_STRING, CS_E_TYPE, what);
    TRY(text_id_check(m->text, MODEL_ID_MAX, what));
    *ret_id = m->text;
    return CS_SUCCESS;
}

static CS_RESULT only(const struct json_value *v, const char *const *known, size_t count, const char *what)
{
    ENSURE(v->kind == JSON_OBJECT, CS_E_TYPE, what);
    for (const struct json_value *m = v->child; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < count && !span_is(m->key, known[i])) {
            i++;
        }
        ENSURE(i < count, CS_E_UNKNOWN, what);
    }
    return CS_SUCCESS;
}

static CS_RESULT take_group(const struct json_value *v, struct arena *arena, struct directory_group *g)
{
    static const char *const known[] = {"attribute", "base", "filter", "role"};

    TRY(only(v, known, sizeof(known) / sizeof(known[0]), "config.groups"));
    TRY(take_id(v, "groups.role", &g->role));
    TRY(take_text(v, "groups.base", true, arena, &g->base));
    TRY(take_text(v, "groups.filter", true, arena, &g->filter));
    return take_text(v, "groups.attribute", true, arena, &g->attribute);
}

static CS_RESULT take_groups(const struct json_value *top, struct arena *arena, struct directory_config *c)
{
    const struct json_value *list = json_tree_member(top, "groups");

    ENSURE(list != NULL, CS_E_MISSING, "config.groups");
    ENSURE(list->kind == JSON_ARRAY, CS_E_TYPE, "config.groups");
    ENSURE(list->count >= 1 && list->count <= DIRECTORY_GROUPS_MAX, CS_E_RANGE, "config.groups");
    c->groups = arena_array(arena, list->count, sizeof(*c->groups));
    ENSURE(c->groups != NULL, CS_E_NOMEM, "config.groups");
    for (const struct json_value *m = list->child; m != NULL; m = m->next) {
        TRY(take_group(m, arena, &c->groups[c->group_count++]));
    }
    return CS_SUCCESS;
}

/* Nothing goes over a wire in the clear: ldap:// is asked for TLS before anything is said. */
static CS_RESULT check_uri(const struct directory_config *c)
{
    static const char *const schemes[] = {"ldaps://", "ldap://", "ldapi://"};
    size_t i = 0;

    while (i < sizeof(schemes) / sizeof(schemes[0]) && strncmp(c->uri, schemes[i], strlen(schemes[i])) != 0) {
        i++;
    }
    ENSURE(i < sizeof(schemes) / sizeof(schemes[0]), CS_E_RANGE, "config.uri");
    ENSURE(strpbrk(c->uri, " ?,") == NULL, CS_E_RANGE, "config.uri"); /* one server, and no more than its address */
    return CS_SUCCESS;
}

static CS_RESULT take_most(const struct json_value *top, uint64_t *ret_most)
{
    const struct json_value *m = json_tree_member(top, "most");

    *ret_most = DIRECTORY_ENTRIES_USUAL;
    if (m != NULL) {
        ENSURE(m->kind == JSON_INT && m->number >= 1 && m->number <= DIRECTORY_ENTRIES_MAX, CS_E_RANGE, "config.most");
        *ret_most = (uint64_t)m->number;
    }
    return CS_SUCCESS;
}

static CS_RESULT take_prefix(const struct json_value *top, struct span *ret_prefix)
{
    const struct json_value *m = json_tree_member(top, "prefix");

    if (m != NULL) {
        ENSURE(m->kind == JSON_STRING, CS_E_TYPE, "config.prefix");
        TRY(text_id_check(m->text, MODEL_ID_MAX, "config.prefix"));
        *ret_prefix = m->text;
    }
    return CS_SUCCESS;
}

CS_RESULT directory_config_decode(struct span text, struct arena *arena, struct directory_config *ret_config)
{
    static const char *const known[] = {"bind_dn", "ca", "groups", "most", "password_file", "prefix", "source", "uri"};
    const struct json_value *top = NULL;
    struct directory_config c = {.uri = NULL};

    TRY(json_tree_parse(text, arena, &top));
    TRY(only(top, known, sizeof(known) / sizeof(known[0]), "config"));
    TRY(take_id(top, "config.source", &c.source));
    TRY(take_text(top, "config.uri", true, arena, &c.uri));
    TRY(take_text(top, "config.ca", false, arena, &c.ca));
    TRY(take_text(top, "config.bind_dn", false, arena, &c.bind_dn));
    TRY(take_text(top, "config.password_file", false, arena, &c.password_file));
    TRY(take_prefix(top, &c.prefix));
    TRY(take_most(top, &c.most));
    TRY(take_groups(top, arena, &c));
    TRY(check_uri(&c));
    ENSURE((c.bind_dn == NULL) == (c.password_file == NULL), CS_E_MISSING, "config.password_file");
    *ret_config = c;
    return CS_SUCCESS;
}

bool directory_config_has(const struct directory_config *c, struct span role)
{
    size_t i = 0;
    while (i < c->group_count && !span_eq(c->groups[i].role, role)) {
        i++;
    }
    return i < c->group_count;
}
