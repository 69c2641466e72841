/* SPDX-License-Identifier: Apache-2.0 */
/* Can the seats of emergencies be filled at all: distinct people, each with the role, a key for it and on the list. */
#include "policy/policy_emergency.h"
#include "policy/policy_tokens.h"

/* One person in a seat, and the way by which a place for them was looked for. */
struct place {
    struct span role;
    const struct state_person *person; /* NULL: nobody yet */
    size_t from;                       /* whose person could come here, once this one has gone elsewhere */
    bool tried;
};
enum { PLACES_MAX = 64 }; /* those who sign together have a port each, so they are fewer; a review of more cannot be */

struct seating {
    const struct policy_doc *doc;
    const struct state *s;
    bool listed; /* only who is on the list, where there is one */
    struct place place[PLACES_MAX];
    size_t count;
};

static bool can_sit(const struct seating *t, const struct state_person *p, struct span role)
{
    return policy_role_holder(t->doc, t->s, p, role) &&
           (!t->listed || policy_emergency_lists(t->doc->emergency, p->id));
}

static size_t place_of(const struct seating *t, const struct state_person *p)
{
    size_t i = 0;
    while (i < t->count && t->place[i].person != p) {
        i++;
    }
    return i;
}

/* p sits down at `at`; whoever sat there moves to where they could go, and so on up to the place that was empty. */
static void move_up(struct seating *t, const struct state_person *p, size_t at)
{
    while (p != NULL) {
        const struct state_person *was = t->place[at].person;
        t->place[at].person = p;
        p = was;
        at = t->place[at].from;
    }
}

/* Looks, place by place, for somebody who is free; who could sit here but sits elsewhere has that place tried next. */
static bool seat_one(struct seating *t, size_t empty)
{
    size_t queue[PLACES_MAX] = {empty};
    size_t queued = 1;

    for (size_t i = 0; i < t->count; i++) {
        t->place[i].tried = i == empty;
    }
    for (size_t k = 0; k < queued; k++) {
        const struct state_person *p = NULL;
        size_t at = 0;
        while ((p = map_next(&t->s->people, &at)) != NULL) {
            if (!can_sit(t, p, t->place[queue[k]].role)) {
                continue;
            }
            const size_t has = place_of(t, p);
            if (has == t->count) {
                move_up(t, p, queue[k]);
                return true;
            }
            if (!t->place[has].tried) {
                t->place[has].tried = true;
                t->place[has].from = queue[k];
                queue[queued++] = has;
            }
        }
    }
    return false;
}

static bool add_places(struct seating *t, const struct policy_seats *seats)
{
    for (size_t i = 0; i < seats->count; i++) {
        for (uint32_t k = 0; k < seats->item[i].count; k++) {
            if (t->count == PLACES_MAX) {
                return false;
            }
            t->place[t->count++] = (struct place){.role = seats->item[i].role};
        }
    }
    return true;
}

/* Is there a distinct person for every place of these seats? */
static bool seats_fillable(struct seating *t, const struct policy_seats *a, const struct policy_seats *b)
{
    bool all = add_places(t, a) && add_places(t, b);
    for (size_t i = 0; all && i < t->count; i++) {
        all = seat_one(t, i);
    }
    return all;
}

bool policy_emergency_fillable(const struct policy_doc *doc, const struct state *s)
{
    const struct policy_emergency *e = doc->emergency;
    const struct policy_seats none = {0};
    struct seating together = {.doc = doc, .s = s, .listed = true};
    struct seating after = {.doc = doc, .s = s};

    for (size_t i = 0; e != NULL && i < e->person_count; i++) {
        const struct state_person *p = state_person_find(s, e->people[i]);
        if (p == NULL || p->removed) {
            return false;
        }
    }
    return e == NULL || (seats_fillable(&together, &e->seats, &e->over) && seats_fillable(&after, &e->review, &none));
}
