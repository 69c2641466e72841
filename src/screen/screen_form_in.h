/* SPDX-License-Identifier: Apache-2.0 */
/* What a form is made of; inside the room only. */
#ifndef SCREEN_FORM_IN_H
#define SCREEN_FORM_IN_H

#include "screen/screen_flow_in.h"

enum { FORM_SCRATCH_BYTES = 4 << 20, FORM_CONTENT_BYTES = 64 << 10, FORM_NAMES_MAX = 64 };

struct form_script {
    /* Fills form.found with what can be chosen; NULL: nothing is looked for. */
    void (*find)(const struct turn *t, size_t at);
    bool (*question)(const struct flow *f, const struct flow_world *w, size_t at, struct question *q);
    void (*option)(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o);
    /* Why the answer that was just given cannot stand; WORD_NONE: it can. */
    enum screen_word (*refuse)(const struct flow *f, const struct flow_world *w, size_t at);
    void (*end)(const struct turn *t); /* every question is answered */
    bool of_roster; /* what can be chosen is of the roster: when that changes it begins anew, as with any policy */
};
enum screen_word form_accepts(const struct flow *f, const struct flow_world *w, size_t at);

/* People whose keys or cards are in: found has the numbers of their devices. */
void form_find_people(const struct turn *t);
void form_write_person(const struct flow *f, size_t i, struct form_choice *o);
/* Names with spaces or commas between, sorted, each once; SIZE_MAX when there are too many. They borrow from it. */
size_t form_take_names(struct span text, struct span ret_names[FORM_NAMES_MAX]);
/* Why these cannot stand; WORD_NONE: they can, and so can none. */
enum screen_word form_names_word(struct span text, size_t most_bytes);
/* Those whose bit is set, sorted. */
size_t form_picked(uint64_t set, const struct span *from, size_t count, struct span ret_items[FORM_OPTIONS_MAX]);
/* "2026-12-24 08:00", in UTC. */
bool form_take_time(struct span text, uint64_t *ret_ms);
/* This stands there to be changed, unless something was answered before. */
void form_suggest_time(const struct turn *t, size_t at, uint64_t ms);

/* Who has one of these roles now, and is not one of those. */
struct form_pick {
    const struct span *roles;
    size_t role_count;
    const struct state_person *except; /* NULL: nobody */
    const struct span *among;          /* nor one of these ids, sorted */
    size_t among_count;
};
/* In the order of their names; how many there are, of whom the first FORM_OPTIONS_MAX (any, where there are more) are
 * written. Where there are more, one is asked for by name. */
size_t form_people(const struct state *s, const struct form_pick *pick,
                   const struct state_person *ret_people[FORM_OPTIONS_MAX]);
/* Whom the answers mean: one of the list, or where there is none the name that was written; NULL: nobody. */
const struct state_person *form_picked_person(const struct state *s, const struct form_pick *pick,
                                              const struct form_answer *listed, const struct form_answer *written);
/* There is nothing to ask: it answers itself. */
void form_skip(struct question *q);
/* A voucher that was given: whose, and until when. */
void form_write_voucher(const struct flow_world *w, uint64_t index, struct form_choice *o);
extern const char form_who_hint[];
void form_sort(struct span *items, size_t count);
/* Asks the core to open a request of this kind with what was written; with words when it could not be. */
void form_propose(const struct turn *t, enum request_kind kind, struct cs_result written, const struct writer *w);
/* The same of anything else that the core makes of such a text. */
void form_send(const struct turn *t, enum ask_kind ask, enum request_kind kind, struct cs_result written,
               const struct writer *w);

extern const struct form_script form_card;
extern const struct form_script form_emergency;
extern const struct form_script form_review;
extern const struct form_script form_voucher;
extern const struct form_script form_freeze;
extern const struct form_script form_thaw;
extern const struct form_script form_waiver;
extern const struct form_script form_ask;
extern const struct form_script form_delegate;
extern const struct form_script form_access;
extern const struct form_script form_duty;

#endif
