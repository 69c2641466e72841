/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_directory.h"

#include <stddef.h>

#include "model/model_take.h"
#include "model/model_walk.h"

#define INDEX_MAX ((uint64_t)JSON_INT_MAX)

static CS_RESULT take_person(struct json_in *in, struct entitlement *e)
{
    const struct model_set roles = {.min = 0, .max = MODEL_ROLES_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_item_object(in, "directory.people"));
    TRY(json_get_id(in, "listed.person", MODEL_ID_MAX, &e->person));
    TRY(model_take_set(in, "listed.roles", roles, e->roles, &e->role_count));
    return json_close(in, "directory.people");
}

static CS_RESULT take_people(struct json_in *in, struct directory_note *x)
{
    TRY(json_get_array(in, "directory.people"));
    TRY(model_count_items(in, "directory.people", &x->count));
    ENSURE(x->count <= MODEL_LISTED_MAX, CS_E_RANGE, "directory.people");
    x->item = arena_array(in->arena, x->count, sizeof(*x->item));
    ENSURE(x->count == 0 || x->item != NULL, CS_E_NOMEM, "directory.people");
    for (size_t i = 0; i < x->count; i++) {
        TRY(take_person(in, &x->item[i]));
        const int order = i > 0 ? span_cmp(x->item[i - 1].person, x->item[i].person) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "listed.person");
    }
    return json_close_array(in, "directory.people");
}

static CS_RESULT take_said(struct json_in *in, struct directory_note *x)
{
    TRY(json_get_uint(in, "directory.age_ms", INDEX_MAX, &x->age_ms));
    TRY(take_people(in, x));
    TRY(json_get_uint(in, "directory.prev", INDEX_MAX, &x->prev));
    TRY(json_get_id(in, "directory.source", MODEL_ID_MAX, &x->source));
    x->total_set = json_next_is(in, "directory.total");
    return x->total_set ? json_get_uint(in, "directory.total", INDEX_MAX, &x->total) : CS_SUCCESS;
}

static CS_RESULT take_stale(struct json_in *in, struct directory_note *x)
{
    TRY(json_get_uint(in, "directory.prev", INDEX_MAX, &x->prev));
    TRY(json_get_bool(in, "directory.stale", &x->stale));
    ENSURE(x->stale, CS_E_RANGE, "directory.stale");
    return CS_SUCCESS;
}

CS_RESULT model_directory_decode(struct span body, struct arena *arena, struct directory_note *ret_note)
{
    struct json_in in = json_in_make(body, arena);
    struct directory_note x = {0};

    TRY(json_open(&in, "directory"));
    TRY(json_next_is(&in, "directory.prev") ? take_stale(&in, &x) : take_said(&in, &x));
    TRY(json_close(&in, "directory"));
    TRY(json_end(&in, "directory"));
    *ret_note = x;
    return CS_SUCCESS;
}

static void put_said(struct json_out *o, const struct directory_note *x)
{
    json_put_uint(o, "age_ms", x->age_ms);
    json_put_array(o, "people");
    for (size_t i = 0; i < x->count; i++) {
        json_put_object(o, NULL);
        json_put_str(o, "person", x->item[i].person);
        model_put_set(o, "roles", x->item[i].roles, x->item[i].role_count);
        json_put_close(o);
    }
    json_put_close(o);
    json_put_uint(o, "prev", x->prev);
    json_put_str(o, "source", x->source);
    if (x->total_set) {
        json_put_uint(o, "total", x->total);
    }
}

CS_RESULT model_directory_encode(const struct directory_note *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    if (x->stale) {
        json_put_uint(&o, "prev", x->prev);
        json_put_bool(&o, "stale", true);
    } else {
        put_said(&o, x);
    }
    json_put_close(&o);
    return json_out_end(&o, "directory");
}

/* --- as clients send it --- */

static void walk_roles(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct entitlement *e = into;
    struct span *roles = NULL;

    e->role_count = walk_ids(w, v, m, MODEL_ID_MAX, &roles);
    if (e->role_count > 0) {
        memcpy(e->roles, roles, e->role_count * sizeof(*roles));
    }
}

static const struct walk_member person_members[] = {
    {"person", true, walk_id, offsetof(struct entitlement, person), 1, MODEL_ID_MAX,
     "Send the id that the person has on the roster."},
    {"roles", true, walk_roles, 0, 0, MODEL_ROLES_MAX,
     "Send the roles that the directory has this person in, each once; none of them is [ ]."},
};

/* Puts items[count] in its place among those before it; false if the person is there already. */
static bool insert_person(struct entitlement *items, size_t count)
{
    const struct entitlement added = items[count];
    size_t i = count;

    while (i > 0 && span_cmp(items[i - 1].person, added.person) > 0) {
        i--;
    }
    const bool fresh = i == 0 || !span_eq(items[i - 1].person, added.person);
    memmove(&items[i + 1], &items[i], (count - i) * sizeof(*items));
    items[i] = added;
    return fresh;
}

static void walk_people(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct directory_note *x = into;
    size_t index = 0;

    if (!walk_array_fits(w, v, m)) {
        return;
    }
    x->item = arena_array(w->arena, v->count, sizeof(*x->item));
    if (v->count > 0 && x->item == NULL) {
        w->no_room = true;
        return;
    }
    for (const struct json_value *item = v->child; item != NULL; item = item->next) {
        const size_t mark = walk_enter_item(w, index++);
        struct entitlement *e = &x->item[x->count];
        if (walk_is(w, item, JSON_OBJECT, m->hint)) {
            walk_object(w, item, person_members, sizeof(person_members) / sizeof(person_members[0]), e);
        }
        if (e->person.left > 0 && !insert_person(x->item, x->count)) {
            walk_fault(w, CS_E_DUPLICATE, "Name each person once.");
        }
        x->count++;
        walk_leave(w, mark);
    }
}

static void walk_total(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct directory_note *x = into;
    walk_count(w, v, m, into);
    x->total_set = true;
}

static const struct walk_member members[] = {
    {"age_ms", true, walk_count, offsetof(struct directory_note, age_ms), 0, 0,
     "Send how many milliseconds ago reading the directory began."},
    {"people", true, walk_people, 0, 0, MODEL_LISTED_MAX,
     "Send at most 256 people, each with the roles that the directory has them in; more of them in the next call."},
    {"prev", true, walk_count, offsetof(struct directory_note, prev), 0, 0,
     "Send the index that GET /v1/directory gave as prev."},
    {"source", true, walk_id, offsetof(struct directory_note, source), 1, MODEL_ID_MAX,
     "Send the source that the policy names."},
    {"total", false, walk_total, offsetof(struct directory_note, total), 0, 0,
     "Send how many roles of people the directory lists in all, with the last call; leave it out while more follow."},
};

CS_RESULT model_directory_from_body(struct span body, struct arena *arena, struct directory_note *ret_note,
                                    struct content_faults *ret_faults)
{
    struct walk w = walk_make(arena, ret_faults);
    struct directory_note x = {0};

    TRY(walk_document(body, &w, members, sizeof(members) / sizeof(members[0]), &x));
    ENSURE(ret_faults->count == 0, CS_E_REFUSED, "directory");
    *ret_note = x;
    return CS_SUCCESS;
}
