/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_access.h"

#define CORE_OVERFLOW "too_many_attempts"

/* The texts that tell one kind of attempt from another. */
enum { T_ACTOR, T_CODE, T_PERSON, T_IP, T_KIOSK, T_PEER, T_PORT, T_SWITCH, T_COUNT };
_Static_assert(sizeof(((struct core_access_kind *)0)->text) == (size_t)T_COUNT * CORE_ACCESS_TEXT_MAX, "one a text");

static void texts_of(struct core_attempt *t, struct span *ret_text[T_COUNT])
{
    ret_text[T_ACTOR] = &t->actor;
    ret_text[T_CODE] = &t->note.code;
    ret_text[T_PERSON] = &t->note.person;
    ret_text[T_IP] = &t->origin.ip;
    ret_text[T_KIOSK] = &t->origin.kiosk;
    ret_text[T_PEER] = &t->origin.peer;
    ret_text[T_PORT] = &t->origin.port;
    ret_text[T_SWITCH] = &t->origin.presence_switch;
}

static bool alike(const struct core_attempt *a, const struct core_attempt *b)
{
    struct core_attempt x = *a;
    struct core_attempt y = *b;
    struct span *xs[T_COUNT];
    struct span *ys[T_COUNT];

    texts_of(&x, xs);
    texts_of(&y, ys);
    for (size_t i = 0; i < T_COUNT; i++) {
        if (!span_eq(*xs[i], *ys[i])) {
            return false;
        }
    }
    return x.note.has_credential == y.note.has_credential && x.note.has_request == y.note.has_request &&
           (!x.note.has_credential || sha256_eq(&x.note.credential_sha256, &y.note.credential_sha256)) &&
           (!x.note.has_request || x.note.request == y.note.request);
}

/* Copies what the attempt borrows. False when a text is too long for its place. */
static bool keep(struct core_access_kind *k, const struct core_attempt *t, uint64_t mono_ms)
{
    struct core_attempt mine = *t;
    struct span *texts[T_COUNT];

    texts_of(&mine, texts);
    for (size_t i = 0; i < T_COUNT; i++) {
        if (texts[i]->left > CORE_ACCESS_TEXT_MAX) {
            return false;
        }
        if (texts[i]->left > 0) {
            memcpy(k->text[i], texts[i]->p, texts[i]->left);
        }
        *texts[i] = span_make(k->text[i], texts[i]->left);
    }
    k->used = true;
    k->since_ms = mono_ms;
    k->count = 0;
    k->attempt = mine;
    return true;
}

static void count_rest(struct core_access *a, uint64_t count, uint64_t mono_ms)
{
    const struct core_attempt t = {.actor = SPAN_LIT("system:core"), .note = {.code = SPAN_LIT(CORE_OVERFLOW)}};

    if (!a->rest.used) {
        (void)keep(&a->rest, &t, mono_ms);
    }
    a->rest.count += count;
}

bool core_access_add(struct core_access *a, const struct core_attempt *t, uint64_t mono_ms)
{
    struct core_access_kind *room = NULL;

    for (size_t i = 0; i < CORE_ACCESS_KINDS; i++) {
        struct core_access_kind *k = &a->kind[i];
        if (k->used && alike(&k->attempt, t)) {
            k->count += t->note.count;
            return false;
        }
        room = room == NULL && !k->used ? k : room;
    }
    if (room != NULL && keep(room, t, mono_ms)) {
        return true;
    }
    count_rest(a, t->note.count, mono_ms);
    return false;
}

static bool take(struct core_access_kind *k, uint64_t mono_ms, bool all, struct core_attempt *ret_attempt)
{
    if (!k->used || (!all && mono_ms < k->since_ms + CORE_ACCESS_WINDOW_MS)) {
        return false;
    }
    k->used = false;
    if (k->count == 0) {
        return false;
    }
    *ret_attempt = k->attempt;
    ret_attempt->note.count = k->count;
    return true;
}

bool core_access_due(struct core_access *a, uint64_t mono_ms, bool all, struct core_attempt *ret_attempt)
{
    for (size_t i = 0; i < CORE_ACCESS_KINDS; i++) {
        if (take(&a->kind[i], mono_ms, all, ret_attempt)) {
            return true;
        }
    }
    return take(&a->rest, mono_ms, all, ret_attempt);
}

static uint64_t end_of(const struct core_access_kind *k)
{
    return k->used ? k->since_ms + CORE_ACCESS_WINDOW_MS : UINT64_MAX;
}

uint64_t core_access_wake_ms(const struct core_access *a)
{
    uint64_t least = end_of(&a->rest);
    for (size_t i = 0; i < CORE_ACCESS_KINDS; i++) {
        const uint64_t at = end_of(&a->kind[i]);
        least = at < least ? at : least;
    }
    return least;
}
