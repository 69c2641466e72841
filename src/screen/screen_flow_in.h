/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files of the flow; inside the room only. */
#ifndef SCREEN_FLOW_IN_H
#define SCREEN_FLOW_IN_H

#include "screen/screen_flow.h"

/* One step's view: the machine, the world, and what came. */
struct turn {
    struct flow *f;
    const struct flow_world *w;
    const struct flow_input *in;
};

/* Moves along the table and does what leaving and entering ask for. False: the table has no such cell, nothing moved.
 */
bool flow_go(const struct turn *t, enum flow_event event);

void flow_say(struct flow *f, enum screen_word word);
void flow_say_count(struct flow *f, enum screen_word word, uint64_t count);
void flow_say_args(struct flow *f, enum screen_word word, const struct word_args *args);
/* A reason of policy or core, in the reader's own terms. */
void flow_say_reason(struct flow *f, enum policy_reason reason);

/* Appends an ask with a fresh id; NULL when the list is full. */
struct flow_ask *flow_ask(struct flow *f, enum ask_kind kind);
/* The same for an operation of the token agent, whose end we then wait for; device 0: of no one key. */
struct flow_ask *flow_ask_token(struct flow *f, enum ask_kind kind, uint64_t device);
/* Takes the newest ask back, with words: there was no room for what it should carry. */
void flow_unask(struct flow *f, const struct flow_ask *a);
/* A copy in the arena of this step; empty when there is no room. */
struct span flow_keep(struct flow *f, struct span s);

void flow_short_set(struct flow_short *s, struct span text);
/* Types one letter into a text of ours: plain letters only. */
bool flow_type(uint8_t *b, size_t *len, size_t max, uint32_t point);
void flow_erase(const uint8_t *b, size_t *len);
size_t flow_points(struct span text);
/* Without spaces at both ends. */
struct span flow_trim(struct span text);

/* Lays the document out for the face; an error makes it unsignable. */
void flow_set_pages(struct flow *f, struct flow_pages *p, struct arena *arena, uint64_t now_ms);
/* A page key; true if it was one. */
bool flow_turn_page(const struct turn *t, struct flow_pages *p, bool letters);
void flow_look(struct flow_pages *p, uint64_t now_ms);
/* What the certificates and lists in these changes say; NULL when nobody here can read them. */
const struct change_facts *flow_facts(const struct flow_world *w, const struct roster_changes *changes,
                                      struct arena *arena);

/* screen_flow_health.c */
bool flow_health(const struct turn *t); /* true when the kiosk is, or just went, out of service */
/* A decision went to the core with this signature; from then on, at the list: what became of it, where nobody said. */
void flow_sent_wait(const struct turn *t, struct span sig);
void flow_sent_look(const struct turn *t);

/* screen_flow_token.c */
/* Stops what runs; its end will not count. */
void flow_cancel(struct flow *f);
void flow_wipe_pin(struct flow *f);
/* An operation that never ends is ended here. */
void flow_token_tick(const struct turn *t);
/* An attempt that did not count, for the log. */
void flow_note_access(const struct turn *t, struct span code);
void flow_note_of(const struct turn *t, struct span code, const struct sha256 *credential, struct span person);
void flow_token_done(const struct turn *t);
/* Esc: one step back; a key that was asked already is noted. */
void flow_stop(const struct turn *t);
/* A letter, erase, or Enter of a PIN; true when it stands and may be sent. */
bool flow_pin_typed(const struct turn *t);
/* The words for an operation that failed. */
void flow_say_token(struct flow *f, const struct flow_done *d);

/* screen_flow_devices.c */
void flow_devices(const struct turn *t);
/* Asks of each that is in whose it is, one after the other, over the credentials of the fold; then settles which one
 * is used. */
void flow_identify(const struct turn *t);
void flow_identify_enter(const struct turn *t);
void flow_identified(const struct turn *t); /* such an ask ended */
/* From now on this one's answers count, and no other's; NULL: nobody's. */
void flow_use(struct flow *f, const struct flow_device *d);
bool flow_enrolling(enum flow_state s);
/* FLOW_CHOOSE */
void flow_choose_enter(const struct turn *t);
void flow_choose_press(const struct turn *t);
void flow_choose_done(const struct turn *t);

/* screen_flow_read.c */
void flow_read_open(const struct turn *t, uint64_t index);
void flow_read_set(const struct turn *t); /* the pages, again */
void flow_read_fold(const struct turn *t);
void flow_read_press(const struct turn *t);
void flow_queue_press(const struct turn *t);
void flow_changed_press(const struct turn *t);
void flow_changed_enter(const struct turn *t);
void flow_read_leave(struct flow *f);
const struct state_request *flow_request(const struct turn *t);
/* Why this person may not sign what is open, with what the fold knows of it. */
void flow_say_refused(const struct turn *t, struct span person, enum policy_reason reason);
/* The person is known: may they fill a seat now? Moves on to FLOW_DECIDE or back, with words. */
void flow_try_decide(const struct turn *t);

/* screen_flow_sign.c */
void flow_decide_press(const struct turn *t);
void flow_pin_enter(const struct turn *t);
void flow_pin_press(const struct turn *t);
void flow_pin_tick(const struct turn *t);
void flow_pin_answer(const struct turn *t);
void flow_sign_set(const struct turn *t);
void flow_sign_done(const struct turn *t);
struct flow_sign_ask {
    struct span statement;
    struct span rp_id;
    struct span credential; /* id of the key */
};
/* Asks the key to sign; with words and false when that cannot be asked. */
bool flow_ask_sign(const struct turn *t, const struct flow_sign_ask *what);
void flow_verify_answer(const struct turn *t);
void flow_verify_fold(const struct turn *t);
void flow_receipt_set(const struct turn *t);
/* To the list; or, of what was proposed in this visit, to its pages for the next one who signs. */
void flow_receipt_leave(const struct turn *t);

/* screen_flow_keys.c */
void flow_proposal_ask(const struct turn *t);
void flow_proposal_answer(const struct turn *t);
void flow_ceremony_press(const struct turn *t);
void flow_key_enter(const struct turn *t);
void flow_key_press(const struct turn *t);
void flow_key_pin_press(const struct turn *t);
void flow_key_in(const struct turn *t);
void flow_key_gone(const struct turn *t, const struct word_args *removed);
void flow_key_out_enter(const struct turn *t);
void flow_key_done(const struct turn *t);
void flow_making_set(const struct turn *t); /* the pages, again */
void flow_making_drop(struct flow *f);
/* Adds a change; replaces one about the same person. False with words when the list is full. */
bool flow_change_add(struct flow *f, const struct roster_change *c);

/* The pending one is whole: into the list, and on to who is next. */
void flow_key_made(const struct turn *t);
/* Ids of the keys and cards made so far, and of all on the roster but a card of the same person, which may be renewed;
 * at most max. */
size_t flow_collect_made(const struct turn *t, struct span *ids, size_t max);

/* screen_flow_seal.c */
bool flow_is_officer(const struct person *p);
CS_RESULT flow_seal_write(const struct turn *t); /* the statement that they sign; CS_E_NOMEM, CS_E_FULL */
void flow_seal_identify(const struct turn *t);   /* asks whose key is in */
void flow_seal_known(const struct turn *t);      /* it said so */
bool flow_seal_ask(const struct turn *t);        /* asks it to sign */
void flow_seal_signed(const struct turn *t);     /* it did */
void flow_seal_enter(const struct turn *t);
void flow_seal_answer(const struct turn *t);

/* screen_flow_hold.c */
/* With words, when something holds the request so that it cannot be approved. */
bool flow_hold_bars(const struct turn *t, enum decision_word word);
bool flow_hold_look(const struct turn *t); /* true: it began to hold while somebody was about to approve */

/* screen_flow_emergency.c */
/* An emergency, a voucher or a review begins; with words when it cannot. */
void flow_emergency_open(const struct turn *t, enum form_kind what);
/* Why nothing can be signed about the emergency that is open; WORD_NONE, also when none is. */
enum screen_word flow_emergency_bars(const struct turn *t);
bool flow_port_fits(const struct turn *t);      /* is the key that is used where an emergency needs it? */
bool flow_emergency_tick(const struct turn *t); /* true: the switch stopped it */

/* screen_flow_back.c: what somebody asked for here, they take back */
void flow_back_open(const struct turn *t);
void flow_back_press(const struct turn *t);
void flow_taking_answer(const struct turn *t);
void flow_taking_fold(const struct turn *t);

/* screen_form_duty.c: is there a duty roster with shifts that are not over? */
bool flow_has_shifts(const struct flow_world *w);
/* screen_form_ask.c: what can be asked for with this key on the list; FORM_NONE: nothing */
enum form_kind flow_form_of_key(uint32_t point);

/* screen_flow_form.c */
void flow_form_start(const struct turn *t, enum form_kind what);
void flow_form_press(const struct turn *t);
bool flow_form_fold(const struct turn *t); /* true: it began anew, for what can be chosen has changed */
void flow_form_drop(struct flow *f);
/* Issuers of cards that are allowed, at most FORM_OPTIONS_MAX. */
size_t flow_issuers(const struct flow *f, const struct flow_world *w);

/* screen_flow_people.c */
void flow_people_open(const struct turn *t);
void flow_people_press(const struct turn *t);
void flow_person_press(const struct turn *t);
void flow_keys_press(const struct turn *t);
void flow_propose_press(const struct turn *t);
void flow_proposing_answer(const struct turn *t);
void flow_proposing_fold(const struct turn *t);

#endif
