/* SPDX-License-Identifier: Apache-2.0 */
/* What a form is made of; inside the room only. */
#ifndef SCREEN_FORM_IN_H
#define SCREEN_FORM_IN_H

#include "screen/screen_flow_in.h"

enum { FORM_SCRATCH_BYTES = 4 << 20, FORM_CONTENT_BYTES = 64 << 10 };

struct form_script {
    /* Fills form.found with what can be chosen; NULL: nothing is looked for. */
    void (*find)(const struct turn *t, size_t at);
    bool (*question)(const struct flow *f, const struct flow_world *w, size_t at, struct question *q);
    void (*option)(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o);
    /* Why the answer that was just given cannot stand; WORD_NONE: it can. */
    enum screen_word (*refuse)(const struct flow *f, const struct flow_world *w, size_t at);
    void (*end)(const struct turn *t); /* every question is answered */
};
enum screen_word form_accepts(const struct flow *f, const struct flow_world *w, size_t at);

/* People whose keys or cards are in: found has the numbers of their devices. */
void form_find_people(const struct turn *t);
void form_write_person(const struct flow *f, size_t i, struct form_choice *o);
/* A voucher that was given: whose, and until when. */
void form_write_voucher(const struct flow_world *w, uint64_t index, struct form_choice *o);
extern const char form_who_hint[];
void form_sort(struct span *items, size_t count);
/* Asks the core to open a request of this kind with what was written; with words when it could not be. */
/* The same of anything else that the core makes of such a text. */
void form_send(const struct turn *t, enum ask_kind ask, enum request_kind kind, struct cs_result written,
               const struct writer *w);
void form_propose(const struct turn *t, enum request_kind kind, struct cs_result written, const struct writer *w);

extern const struct form_script form_card;
extern const struct form_script form_emergency;
extern const struct form_script form_review;
extern const struct form_script form_voucher;
extern const struct form_script form_freeze;
extern const struct form_script form_thaw;
extern const struct form_script form_waiver;

#endif
