/* SPDX-License-Identifier: Apache-2.0 */
/* The content of requests that were judged a moment ago, decoded once instead of once for each signature. Inside the
 * room only. */
#ifndef JUDGE_RECENT_H
#define JUDGE_RECENT_H

#include "model/model_state.h"

enum { JUDGE_RECENT_SLOTS = 64 };

struct judge_recent;

/* NULL without memory. */
struct judge_recent *judge_recent_new(void);
void judge_recent_free(struct judge_recent *recent);
/* As state_load, valid until the next call that changes the state or loads another request. */
CS_RESULT judge_recent_load(struct judge_recent *recent, const struct state_request *q,
                            const struct state_loaded **ret_loaded);

#endif
