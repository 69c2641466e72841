/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that make scenes; inside the room only. */
#ifndef SCREEN_SCENE_IN_H
#define SCREEN_SCENE_IN_H

#include "model/model_state_delegate.h"
#include "screen/screen_scene.h"

struct stage {
    const struct flow *f;
    const struct flow_world *w;
    struct arena *arena;
    struct scene *s;
    enum cs_code fail; /* sticky */
};

/* A text made of parts; like doc_line. */
struct scene_text {
    struct stage *g;
    uint8_t room[256];
    struct writer w;
};
void scene_text(struct scene_text *x, struct stage *g);
struct span scene_text_end(struct scene_text *x);

/* NULL when there is no room for another: the caller may write to a spare one then. */
struct scene_card *scene_card(struct stage *g, enum card_kind kind, const char *heading);
void scene_say(struct scene_card *c, enum ink ink, struct span text);
void scene_say_text(struct scene_card *c, enum ink ink, const char *text);
void scene_button(struct stage *g, const char *key, const char *plain, const char *label, bool on);
/* Pages that exist only for this picture. */
struct flow_pages *scene_sheet(struct stage *g);
void scene_sheet_end(struct stage *g, struct flow_pages *p);

/* screen_scene_visit.c: by state */
void scene_queue(struct stage *g);
void scene_read(struct stage *g);
void scene_identify(struct stage *g);
void scene_choose(struct stage *g);
void scene_decide(struct stage *g);
void scene_pin(struct stage *g);
void scene_sign(struct stage *g);
void scene_verify(struct stage *g);
void scene_receipt(struct stage *g);
void scene_changed(struct stage *g);

/* screen_scene_people.c */
void scene_ceremony(struct stage *g);
void scene_key(struct stage *g);
void scene_seal(struct stage *g);
void scene_people(struct stage *g);
void scene_person(struct stage *g);
void scene_keys(struct stage *g);
void scene_propose(struct stage *g);

/* screen_scene_keys.c: whose keys and cards are in; more is what they can do */
void scene_card_several(struct stage *g, const char *more);
/* screen_scene_seats.c: who must sign, and who sits there */
void scene_card_seats(struct stage *g);
/* screen_scene_visit.c: that, and how long */
void scene_rail(struct stage *g);

/* screen_scene_emergency.c */
void scene_card_held(struct stage *g);                                  /* nothing when it can be approved now */
void scene_card_frozen(struct stage *g);                                /* nothing when nothing is frozen */
void scene_card_debts(struct stage *g);                                 /* nothing when none is owed */
void scene_card_window(struct stage *g, const struct state_request *q); /* nothing when it is no emergency */
bool scene_is_emergency(const struct flow *f);

/* screen_scene_back.c */
void scene_card_asker(struct stage *g); /* nothing when it cannot be taken back, or not by who is here */
void scene_back(struct stage *g);

/* screen_scene_form.c */
void scene_form(struct stage *g);

/* What was typed so far, with a mark where the next letter goes. */
struct span scene_typed(struct stage *g, struct span text);
/* Seconds until `limit_ms` after the state was entered. */
uint64_t scene_seconds_left(const struct stage *g, uint64_t since_ms, uint64_t limit_ms);
/* "[####....]" for a PIN: dots, never letters. */
void scene_pin_card(struct stage *g);
void scene_touch_card(struct stage *g);
/* Draws the flow's own pages: foot and page buttons. */
void scene_pages(struct stage *g, const struct flow_pages *p, bool letters);

#endif
