/* SPDX-License-Identifier: Apache-2.0 */
/* What a form is made of; inside the room only. */
#ifndef SCREEN_FORM_IN_H
#define SCREEN_FORM_IN_H

#include "screen/screen_flow_in.h"

struct form_script {
    bool (*question)(const struct flow *f, const struct flow_world *w, size_t at, struct question *q);
    void (*option)(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o);
    /* Why the choice that was just made cannot stand; WORD_NONE: it can. */
    enum screen_word (*refuse)(const struct flow *f, const struct flow_world *w, size_t at);
    void (*end)(const struct turn *t); /* every question is answered */
};
enum screen_word form_accepts(const struct flow *f, const struct flow_world *w, size_t at);

extern const struct form_script form_card;

#endif
