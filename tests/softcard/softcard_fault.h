/* SPDX-License-Identifier: Apache-2.0 */
/* What a soft card can be told to do wrong, and with which APDU. Pure. */
#ifndef SOFTCARD_FAULT_H
#define SOFTCARD_FAULT_H

#include "softcard_core.h"

/* name of the constant, name on the control socket, what its word is (0 none, n a number, h four hex digits, c a card),
 * what goes wrong */
#define SOFTCARD_FAULTS(X)                                                                                             \
    X(SW, "sw", 'h', "the command is not obeyed; this status word is the answer")                                      \
    X(LATE_SW, "late-sw", 'h', "the command is obeyed; this status word is all of the answer")                         \
    X(DELAY, "delay", 'n', "the answer waits so many ms")                                                              \
    X(MUTE, "mute", 0, "the card never answers again, until it is taken out")                                          \
    X(GONE, "gone", 0, "the card is taken out in place of an answer")                                                  \
    X(GONE_AFTER, "gone-after", 0, "the card is taken out once it has answered")                                       \
    X(SWAP, "swap", 'c', "the card is taken out once it has answered, and a second later another one is there")        \
    X(SWITCH, "switch", 'c', "another card is there once it has answered; who talks on, talks to that one")            \
    X(TRUNCATE, "truncate", 'n', "the whole answer ends after so many bytes, its status word good")                    \
    X(CHOP, "chop", 'n', "the whole answer is so many bytes too short, its status word good")                          \
    X(OVERSIZE, "oversize", 'n', "zeros make the whole answer so many bytes long; pieces follow by 61xx as ever")      \
    X(FLIP, "flip", 0, "one bit of the whole answer's last byte is another")                                           \
    X(CUT, "cut", 'n', "the answer APDU, status word and all, has so many bytes only")                                 \
    X(FLOOD, "flood", 'n', "the answer APDU has so many bytes before its status word, whatever was asked for")         \
    X(ENDLESS, "endless", 0, "the answer is 256 bytes and 61FF, and so is that to every GET RESPONSE after it")        \
    X(WRONG_LE, "wrong-le", 0, "6Cxx first; the answer comes when the command is repeated")                            \
    X(ANY_PIN, "any-pin", 0, "every PIN is right, from now on")

enum softcard_fault_kind {
#define X(id, name, word, what) SOFTCARD_FAULT_##id,
    SOFTCARD_FAULTS(X)
#undef X
        SOFTCARD_FAULT_COUNT
};

enum { SOFTCARD_NAME_MAX = 31, SOFTCARD_FAULTS_MAX = 8, SOFTCARD_ANY_INS = -1 };

/* A fault that waits for its APDU. */
struct softcard_fault {
    enum softcard_fault_kind kind;
    int ins;      /* SOFTCARD_ANY_INS: any */
    uint32_t nth; /* the how many-th of these, from 1; 0: each */
    uint32_t seen;
    uint32_t value;
    char card[SOFTCARD_NAME_MAX + 1];
};

struct softcard_faults {
    struct softcard_fault all[SOFTCARD_FAULTS_MAX];
    size_t count;
};

/* The faults that fire with one APDU, by kind. */
struct softcard_plan {
    bool on[SOFTCARD_FAULT_COUNT];
    struct softcard_fault what[SOFTCARD_FAULT_COUNT];
};

extern const char *const softcard_fault_names[SOFTCARD_FAULT_COUNT];
extern const char softcard_fault_words[SOFTCARD_FAULT_COUNT];

/* False without room. */
SOFTKEY_MUST bool softcard_faults_add(struct softcard_faults *faults, const struct softcard_fault *fault);

/* Which fire with an APDU of this instruction. Those that were for one APDU are gone then. */
void softcard_faults_fire(struct softcard_faults *faults, uint8_t ins, struct softcard_plan *ret_plan);

/* What of the plan is about the whole answer. */
struct softcard_spoil softcard_plan_spoil(const struct softcard_plan *plan);

/* What of it is about the answer APDU: late-sw, cut, flood, endless. */
void softcard_plan_apply(const struct softcard_plan *plan, struct softcard_reply *reply);

#endif
