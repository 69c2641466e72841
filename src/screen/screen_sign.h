/* SPDX-License-Identifier: Apache-2.0 */
/* The signing pages: the statement, drawn from the very struct that is encoded and signed. Pure. */
#ifndef SCREEN_SIGN_H
#define SCREEN_SIGN_H

#include "model/model_events.h"
#include "screen/screen_doc.h"

struct sign_input {
    const struct statement *statement;
    struct sha256 digest;  /* of its encoded bytes */
    struct span title;     /* of the request */
    struct span delegator; /* in whose place it is signed; empty: nobody's */
    struct span key_name;  /* from the roster */
    bool refreshed;        /* made again since it was last shown */
};

/* "APPROVE"; "NOTHING" for what is no word. */
const char *screen_decision_word(enum decision_word word);
/* Every member of the statement stands on it. */
void screen_sign(struct doc *d, const struct sign_input *in);

#endif
