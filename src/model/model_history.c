/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_history.h"

#include "model/model_policy.h"
#include "model/model_take.h"

static const char change_fail_rate[] = "history.change_fail_rate";
static const char deployments[] = "history.deployments";
static const char recovery[] = "history.recovery";

bool model_history_is_name(struct span name)
{
    return span_is(name, change_fail_rate) || span_is(name, deployments) || span_is(name, recovery);
}

bool model_history_value(const struct history_window *windows, size_t count, struct span name, uint64_t window_s,
                         int64_t *ret_value)
{
    size_t i = 0;
    while (i < count && windows[i].window_s != window_s) {
        i++;
    }
    if (i == count) {
        return false;
    }
    const struct history_window *w = &windows[i];
    if (span_is(name, deployments)) {
        *ret_value = (int64_t)w->deployments;
        return true;
    }
    const bool rate = span_is(name, change_fail_rate);
    if (w->deployments == 0 || (!rate && !span_is(name, recovery))) {
        return false; /* how none went cannot be told */
    }
    /* rounded up: neither a bound from above nor one from below is met by rounding */
    *ret_value =
        rate ? (int64_t)((w->failed * HISTORY_MILLION + w->deployments - 1) / w->deployments) : (int64_t)w->recovery_s;
    return true;
}

void model_history_words(struct writer *w, struct span name, int64_t value)
{
    const uint64_t n = value > 0 ? (uint64_t)value : 0;

    if (!span_is(name, change_fail_rate)) {
        wr_dec(w, n);
        wr_text(w, span_is(name, recovery) ? " s" : "");
        return;
    }
    wr_millionths(w, n);
}

static CS_RESULT take_window(struct json_in *in, struct history_window *w)
{
    enum { COUNT_MAX = 1000000000 };
    TRY(json_item_object(in, "request.history"));
    TRY(json_get_uint(in, "history.deployments", COUNT_MAX, &w->deployments));
    TRY(json_get_uint(in, "history.failed", COUNT_MAX, &w->failed));
    ENSURE(w->failed <= w->deployments, CS_E_RANGE, "history.failed");
    TRY(json_get_uint(in, "history.recovery_s", (uint64_t)JSON_INT_MAX, &w->recovery_s));
    TRY(json_get_uint(in, "history.window_s", POLICY_SECONDS_MAX, &w->window_s));
    ENSURE(w->window_s >= 1, CS_E_RANGE, "history.window_s");
    return json_close(in, "request.history");
}

CS_RESULT model_history_take(struct json_in *in, struct history_window **ret_windows, size_t *ret_count)
{
    size_t count = 0;

    if (!json_next_is(in, "request.history")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "request.history"));
    TRY(model_count_items(in, "request.history", &count));
    ENSURE(count >= 1 && count <= HISTORY_WINDOWS_MAX, CS_E_RANGE, "request.history");
    struct history_window *w = arena_array(in->arena, count, sizeof(*w));
    ENSURE(w != NULL, CS_E_NOMEM, "request.history");
    for (size_t i = 0; i < count; i++) {
        TRY(take_window(in, &w[i]));
        ENSURE(i == 0 || w[i - 1].window_s < w[i].window_s, CS_E_ORDER, "history.window_s");
    }
    *ret_windows = w;
    *ret_count = count;
    return json_close_array(in, "request.history");
}

void model_history_put(struct json_out *o, const char *key, const struct history_window *windows, size_t count)
{
    if (count == 0) {
        return;
    }
    json_put_array(o, key);
    for (size_t i = 0; i < count; i++) {
        json_put_object(o, NULL);
        json_put_uint(o, "deployments", windows[i].deployments);
        json_put_uint(o, "failed", windows[i].failed);
        json_put_uint(o, "recovery_s", windows[i].recovery_s);
        json_put_uint(o, "window_s", windows[i].window_s);
        json_put_close(o);
    }
    json_put_close(o);
}
