/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attempts that did not count, on their way into the log: the first of a kind is written at once, alike ones within a
 * minute are counted and written as one entry when the minute ends. So nobody can fill the log with refusals: at most
 * CORE_ACCESS_KINDS + 1 kinds a minute are told apart, what goes past that is counted without its details. Pure.
 */
#ifndef CORE_ACCESS_H
#define CORE_ACCESS_H

#include "model/model_events.h"

enum { CORE_ACCESS_KINDS = 64, CORE_ACCESS_WINDOW_MS = 60000, CORE_ACCESS_TEXT_MAX = 128 };

/* One attempt; spans borrowed. */
struct core_attempt {
    struct span actor;
    struct entry_origin origin;
    struct access_note note;
};

struct core_access_kind {
    bool used;
    uint64_t since_ms;           /* monotonic: when its window began */
    uint64_t count;              /* not yet written */
    struct core_attempt attempt; /* spans into text */
    char text[8][CORE_ACCESS_TEXT_MAX];
};

struct core_access {
    struct core_access_kind kind[CORE_ACCESS_KINDS];
    struct core_access_kind rest; /* what found no place above */
};

/* Takes the attempt in. True when it is to be written now, as it is. */
bool core_access_add(struct core_access *a, const struct core_attempt *t, uint64_t mono_ms);
/**
 * The next kind whose minute is over (with `all`, any) and that has attempts to be written; its window is closed then.
 * False when there is none. Borrows from a until the next call of this file.
 */
bool core_access_due(struct core_access *a, uint64_t mono_ms, bool all, struct core_attempt *ret_attempt);
/* When core_access_due will have something: monotonic ms, UINT64_MAX when nothing waits. */
uint64_t core_access_wake_ms(const struct core_access *a);

#endif
