/* SPDX-License-Identifier: Apache-2.0 */
/* A kiosk without devices, core or clock: the flow over a log of author_log, its asks kept, its screens as text. */
#ifndef SCREEN_BED_H
#define SCREEN_BED_H

#include "screen/screen_grid.h"
#include "support/author_log.h"

enum { BED_ASKS_MAX = 64, BED_STATE_BYTES = 64 << 20 };

struct bed {
    struct author_log *log; /* borrowed */
    struct flow flow;
    struct flow_world world;
    struct state empty; /* the fold of a log that has not begun */
    struct {
        enum ask_kind kind;
        uint64_t id;
        size_t ids;    /* that it names */
        char code[32]; /* of an access note */
    } asked[BED_ASKS_MAX];
    size_t asked_count;
    uint8_t content[32 << 10]; /* of what was proposed last, or the reason of taking back */
    size_t content_len;
    uint64_t device;
    uint64_t nonce;
};

/* log NULL: an empty one. The core is there and the clock stands at the log's. */
void bed_init(struct bed *b, struct author_log *log);
void bed_release(struct bed *b);

void bed_step(struct bed *b, const struct flow_input *in);
void bed_press(struct bed *b, enum press press);
void bed_type(struct bed *b, const char *text);
/* Time goes by, tick by tick. */
void bed_wait(struct bed *b, uint64_t ms);
void bed_fold(struct bed *b);
void bed_size(struct bed *b, unsigned cols, unsigned rows);
/* A key goes in or out; each insertion is another device. */
void bed_devices(struct bed *b, unsigned count);
/* Exactly these are in. */
void bed_plugs(struct bed *b, const struct flow_plug *plug, size_t count);
void bed_touch(struct bed *b);
/* The running operation ends with this code, or well: with this person's credential of the fold. */
void bed_done(struct bed *b, const char *code, int tries);
void bed_done_as(struct bed *b, const char *person);
/* The running enrolment ends with a credential made from this name. */
void bed_made(struct bed *b, const char *name);
/* The running signature ends with the credential made from this name. */
void bed_found(struct bed *b, const char *name);
/* The core answers the newest ask of this kind. */
void bed_answer(struct bed *b, enum ask_kind kind, const char *code, uint64_t index);
/* The core takes what was proposed: it stands in the log, and the core says where. */
uint64_t bed_takes_proposal(struct bed *b, enum request_kind kind);
void bed_answer_proposal(struct bed *b, struct span proposal);

size_t bed_count(const struct bed *b, enum ask_kind kind);
/* Was an access entry with this code asked for? */
bool bed_noted(const struct bed *b, const char *code);
void bed_forget(struct bed *b);
/* Shows each page long enough. */
void bed_read_all(struct bed *b);
/* Every page that will be signed, in the same way. */
void bed_look(struct bed *b);
/* That, when there is something to sign; then the PIN and Enter. */
void bed_pin(struct bed *b, const char *pin);

/* From now on the policy in force has emergencies of kind outage and patch; returns its rules, to be changed. */
struct policy_emergency *bed_emergencies(struct author_log *l);

/* A visit to a kiosk where one request waits, "Payments API 4.18.2"; tests over it are BED_VISIT(name). */
struct bed_visit {
    struct author_log *log;
    struct bed bed;
    uint64_t request;
};
int bed_set_up(void **state);
int bed_tear_down(void **state);
#define BED_VISIT(f) cmocka_unit_test_setup_teardown(f, bed_set_up, bed_tear_down)
/* From the list to the end of the pages; to the reason, with this person's key; tom's PIN; his touch. */
void bed_to_read(struct bed *b);
void bed_to_decide(struct bed *b, const char *person);
void bed_to_pin(struct bed *b);
void bed_to_sign(struct bed *b);

/* The text twin. */
void bed_twin(struct bed *b, struct writer *w);
bool bed_shows(struct bed *b, const char *text);

#endif
