/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One screen as a list of parts: what the frame says, what stands on the sheet, the rail beside it, the buttons. Text
 * twin and faces are drawn from it, so they say the same. Pure.
 */
#ifndef SCREEN_SCENE_H
#define SCREEN_SCENE_H

#include "screen/screen_flow.h"

enum card_kind {
    CARD_PLAIN,
    CARD_ACT, /* your body is needed now: insert, touch */
    CARD_BAD, /* something hides, something is broken */
    CARD_PIN,
};

enum { SCENE_CARDS_MAX = 6, SCENE_CARD_LINES_MAX = 20, SCENE_BUTTONS_MAX = 7 };

struct card_line {
    enum ink ink;
    struct span text; /* ours, or from roster and fold: plain letters */
};

struct scene_card {
    enum card_kind kind;
    const char *heading;
    struct card_line line[SCENE_CARD_LINES_MAX];
    size_t count;
};

/* One row of a list on the sheet. Rows may be cut at their end; nothing can be signed from a list. */
struct scene_row {
    char digit;
    struct safe_text title;
    struct span below; /* under the title */
    struct span right;
    struct span right_below;
    bool mine; /* whoever's key is in can sign it */
};

struct scene_button {
    const char *key;   /* "F12" */
    const char *plain; /* the letter that does the same; "" for none */
    const char *label;
    bool on;
};

struct scene {
    enum flow_state state;
    struct span kiosk;
    bool emergency; /* stripes above and below, which stand for nothing else */
    unsigned step;  /* 1 read, 2 decide, 3 sign, 4 receipt; 0 none of them */
    struct span clock;
    bool clock_trusted;
    struct span heading;            /* of the sheet, ours */
    struct span foot;               /* of the sheet, ours: "Page 1 of 2" */
    const struct flow_pages *sheet; /* NULL when it is a list */
    struct scene_row row[FLOW_QUEUE_ROWS];
    size_t row_count;
    const char *empty; /* said when the list has no rows */
    struct scene_card card[SCENE_CARDS_MAX];
    size_t card_count;
    struct span words; /* what the frame has to say now */
    struct scene_button button[SCENE_BUTTONS_MAX];
    size_t button_count;
};

/* Everything lives in the arena or borrows from the flow. CS_E_NOMEM; CS_E_RANGE when the face is too small. */
CS_RESULT screen_scene(const struct flow *f, const struct flow_world *w, struct arena *arena, struct scene *ret_scene);

#endif
