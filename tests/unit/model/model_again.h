/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a text of the model and writes it again: what every decoder must give back byte for byte. For tests. */
#ifndef MODEL_AGAIN_H
#define MODEL_AGAIN_H

#include "model/model_body.h"

/* Types of entry stand for their bodies; what is no body of an entry comes after them. */
enum again_kind {
    AGAIN_ENTRY = 32, /* behind all entry types, so that a new one does not move the corpus */
    AGAIN_STATEMENT,
    AGAIN_GENESIS_STATEMENT,
    AGAIN_DEPLOY,
    AGAIN_POLICY_CONTENT,
    AGAIN_ROSTER_CONTENT,
    AGAIN_POLICY, /* has no encoder: its text is written as it came */
    AGAIN_EMERGENCY_CONTENT,
    AGAIN_VOUCHER_CONTENT,
    AGAIN_REVIEW_CONTENT,
    AGAIN_REPORT,
    AGAIN_WAIVER_CONTENT,
    AGAIN_THAW_CONTENT,
    AGAIN_DELEGATE_CONTENT,
    AGAIN_ACCESS_CONTENT,
    AGAIN_COUNT
};

/* The decoder's answer; w has the encoder's text when it is CS_OK. An encoder that fails is CS_E_STATE. */
struct cs_result model_again(unsigned kind, struct span text, struct arena *arena, struct writer *w);

#endif
