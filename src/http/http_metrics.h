/* SPDX-License-Identifier: Apache-2.0 */
/* What the front counts, and its Prometheus text. Pure. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include "base/base_writer.h"

enum { HTTP_CLASSES = 6 }; /* status / 100 */

struct http_metrics {
    uint64_t replies[HTTP_CLASSES];
    uint64_t connections; /* accepted ever */
    uint64_t connections_open;
    uint64_t connections_refused;
    uint64_t handshakes_resumed;
    uint64_t parked; /* suspended now */
    uint64_t streams;
    uint64_t commands;
    uint64_t commands_late; /* not answered in time, or lost with the core */
    uint64_t rate_limited;
};

/* One look at the rest of the front. */
struct http_gauges {
    uint64_t log_size;
    uint64_t verified_size;
    uint64_t denied;
    uint64_t core_silent_ms;
    bool live;
    bool sealed;
    uint64_t reviews_owed; /* by emergencies; the overdue ones included */
    uint64_t reviews_overdue;
    uint64_t frozen;           /* freezes that hold */
    uint64_t alarms;           /* seats and roles that nobody, or too few, can sign in */
    const uint64_t *by_status; /* one per request_status */
};

/* Text exposition format 0.0.4. */
void http_metrics_write(const struct http_metrics *m, const struct http_gauges *g, struct writer *w);

#endif
