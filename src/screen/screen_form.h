/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions that a person answers one by one, each a screen of its own: what the officers declare of a card, an
 * emergency, a voucher, a review. What is asked, and what can be chosen, follows from the fold. Pure.
 */
#ifndef SCREEN_FORM_H
#define SCREEN_FORM_H

#include "base/base_writer.h"

enum form_kind {
    FORM_NONE,
    FORM_CARD,
    FORM_EMERGENCY,
    FORM_REVIEW,
    FORM_VOUCHER,
    FORM_FREEZE,
    FORM_THAW,
    FORM_WAIVER,
    FORM_ASK, /* which of the others */
    FORM_DELEGATE,
    FORM_ACCESS,
    FORM_DUTY,
    FORM_KIND_COUNT
};

enum question_kind {
    QUESTION_NONE,
    QUESTION_ONE,  /* choose one; a question with one option only is answered by itself */
    QUESTION_SET,  /* choose some, at least one */
    QUESTION_TEXT, /* write, at least `least` letters */
};

enum { FORM_QUESTIONS_MAX = 24, FORM_OPTIONS_MAX = 64, FORM_TEXT_MAX = 1200 /* bytes */ };

struct question {
    const char *title;
    const char *hint;
    struct span about; /* after the title: a name of the policy's; may be empty */
    size_t options;    /* at most FORM_OPTIONS_MAX */
    uint64_t least;
    enum question_kind kind;
    bool always; /* asked even if there is one option */
};

/* One option: to writers of the caller. title is what is chosen, below says more. */
struct form_choice {
    struct writer title;
    struct writer below;
};

struct form_answer {
    size_t chosen;    /* QUESTION_ONE: from 1 on; 0: none yet */
    uint64_t set;     /* QUESTION_SET: bits */
    uint64_t number;  /* what was found at the place that was chosen */
    struct span text; /* written; or the person that was chosen */
};

struct flow_form {
    enum form_kind what;
    uint64_t policy_index; /* in force when it began; as the roster's */
    uint64_t roster_index;
    size_t at;
    size_t page;                      /* of options */
    uint64_t found[FORM_OPTIONS_MAX]; /* of the question that is asked: what can be chosen, by index or number */
    size_t found_count;
    struct form_answer answer[FORM_QUESTIONS_MAX];
    uint8_t typed[FORM_TEXT_MAX];
    size_t typed_len;
};

struct flow;
struct flow_world;
/* The question at this place; false: there is none, the form is whole. */
bool form_question(const struct flow *f, const struct flow_world *w, size_t at, struct question *ret_question);
/* Writes option `i` of it. */
void form_option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o);

#endif
