/* SPDX-License-Identifier: Apache-2.0 */
/* The decoded body of any entry. Pure. */
#ifndef MODEL_BODY_H
#define MODEL_BODY_H

#include "model/model_directory.h"
#include "model/model_events.h"
#include "model/model_evidence.h"
#include "model/model_freeze.h"

/* Which member holds is told by type; the two statements are decoded along with what carries them. */
struct entry_body {
    enum entry_type type;
    union {
        struct genesis genesis;
        struct effect effect; /* policy, roster */
        struct request request;
        struct decision decision;
        struct withdraw withdraw;
        struct expire expire;
        struct redeem redeem;
        struct outcome outcome;
        struct access_note access;
        struct boot boot;
        struct clock_note clock;
        struct emergency_grant emergency;
        struct overdue overdue;
        struct review_effect review;
        struct evidence_note evidence;
        struct waiver_effect waiver;
        struct freeze freeze;
        struct thaw thaw;
        struct lapse lapse;
        struct alarms alarms;
        struct escalate escalate;
        struct directory_note directory;
    };
    struct genesis_statement genesis_statement; /* type genesis */
    struct statement statement;                 /* type decision */
};

/* Everything borrows from e->body or lives in the arena. Errors are those of the type's decoder. */
CS_RESULT model_body_decode(const struct entry *e, struct arena *arena, struct entry_body *ret_body);

#endif
