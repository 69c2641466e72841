/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the deployments of one service in one environment went, by the log's own outcomes. The fold keeps what is needed
 * (struct state_place); a request carries what it was when it was opened, so that it stays the same while people
 * decide and in a receipt. Pure. Source: docs/formats/entry.md, docs/adr/0069-history.md.
 */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include "json/json_in.h"
#include "json/json_out.h"

enum {
    HISTORY_WINDOWS_MAX = 16,  /* that one policy asks about */
    HISTORY_SILENT_S = 86400,  /* a use without an outcome for so long counts as failed */
    HISTORY_MILLION = 1000000, /* ratios are whole numbers of this */
};

/* Over the last window_s seconds before the request was opened. */
struct history_window {
    uint64_t deployments; /* with an outcome, or silent for too long */
    uint64_t failed;      /* of them: failed, rolled back, silent */
    uint64_t recovery_s;  /* the longest from a failure to the next success of what came after it; one that goes on
                             counts until then */
    uint64_t window_s;
};

/* "history.change_fail_rate" (of a million), "history.deployments", "history.recovery" (seconds). */
bool model_history_is_name(struct span name);
/* The value under the name of the window; false when the request does not have it, or there were no deployments that a
 * rate or a recovery could be told of. */
bool model_history_value(const struct history_window *windows, size_t count, struct span name, uint64_t window_s,
                         int64_t *ret_value);

/* A value under the name, for people: "0.150001", "4", "14400 s". */
void model_history_words(struct writer *w, struct span name, int64_t value);

/* Member `history`, if it is there: windows ascending, distinct. */
CS_RESULT model_history_take(struct json_in *in, struct history_window **ret_windows, size_t *ret_count);
void model_history_put(struct json_out *o, const char *key, const struct history_window *windows, size_t count);

#endif
