/* SPDX-License-Identifier: Apache-2.0 */
/* How artifacts fared where they ran. Pure. Source: docs/policy.md, "Stages". */
#ifndef POLICY_GATES_H
#define POLICY_GATES_H

#include "policy/policy_sheet.h"

/* Exactly these artifacts of one service, in one environment. */
struct policy_stage {
    struct span service;
    struct span environment;
    const struct named_digest *items;
    size_t count;
};

enum policy_fared_word {
    FARED_NOT,     /* no outcome that is good is known, nor a bad one */
    FARED_BADLY,   /* they failed or were rolled back, and did not succeed since */
    FARED_LEFT,    /* they succeeded, and others took their place before the time was over */
    FARED_SOAKING, /* they succeeded, and have not been there for long enough */
    FARED_WELL,
};
struct policy_fared {
    enum policy_fared_word word;
    const struct state_run *run; /* which of them says so; NULL for FARED_NOT */
    uint64_t until_ms;           /* of FARED_SOAKING: when it is over */
};

/* Did they succeed there, after any failure, and stay for soak_s from the outcome on? */
struct policy_fared policy_fared(const struct state *s, const struct policy_stage *stage, uint64_t soak_s,
                                 uint64_t now_ms);
/* Is what the deployment would go back to something that ran there, and did not fail there since? */
bool policy_goes_back(const struct state *s, const struct deploy_content *d);

#endif
