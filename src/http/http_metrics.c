/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_metrics.h"

#include "model/model_names.h"

static void family(struct writer *w, const char *name, const char *type, const char *help)
{
    wr_text(w, "# HELP ");
    wr_text(w, name);
    wr_text(w, " ");
    wr_text(w, help);
    wr_text(w, "\n# TYPE ");
    wr_text(w, name);
    wr_text(w, " ");
    wr_text(w, type);
    wr_text(w, "\n");
}

static void sample(struct writer *w, const char *name, const char *label, const char *value, uint64_t n)
{
    wr_text(w, name);
    if (label != NULL) {
        wr_text(w, "{");
        wr_text(w, label);
        wr_text(w, "=\"");
        wr_text(w, value);
        wr_text(w, "\"}");
    }
    wr_text(w, " ");
    wr_dec(w, n);
    wr_text(w, "\n");
}

static void single(struct writer *w, const char *name, const char *type, const char *help, uint64_t n)
{
    family(w, name, type, help);
    sample(w, name, NULL, NULL, n);
}

static void write_log(const struct http_gauges *g, struct writer *w)
{
    single(w, "countersign_log_entries", "gauge", "Entries folded.", g->log_size);
    single(w, "countersign_log_verified_entries", "gauge", "Entries covered by a verified checkpoint.",
           g->verified_size);
    single(w, "countersign_core_silent_milliseconds", "gauge", "Since the core was last heard.", g->core_silent_ms);
    single(w, "countersign_core_live", "gauge", "1 while the core is there and everything it signed is shown.",
           g->live ? 1 : 0);
    single(w, "countersign_core_sealed", "gauge", "1 while the core is read-only.", g->sealed ? 1 : 0);
    single(w, "countersign_reviews_owed", "gauge", "Emergencies that owe a review, the overdue ones included.",
           g->reviews_owed);
    single(w, "countersign_reviews_overdue", "gauge", "Emergencies whose review is overdue.", g->reviews_overdue);
    single(w, "countersign_frozen", "gauge", "Freezes that hold.", g->frozen);
    single(w, "countersign_alarms", "gauge", "What too few people can sign; /v1/alarms says what.", g->alarms);
    family(w, "countersign_requests", "gauge", "Requests by status.");
    for (unsigned s = 1; s < STATUS_COUNT; s++) {
        sample(w, "countersign_requests", "status", request_status_text((enum request_status)s), g->by_status[s]);
    }
}

void http_metrics_write(const struct http_metrics *m, const struct http_gauges *g, struct writer *w)
{
    static const char *const classes[HTTP_CLASSES] = {"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"};

    write_log(g, w);
    family(w, "countersign_http_replies_total", "counter", "Answers by class of status.");
    for (unsigned i = 2; i < HTTP_CLASSES; i++) {
        sample(w, "countersign_http_replies_total", "class", classes[i], m->replies[i]);
    }
    single(w, "countersign_http_connections_total", "counter", "Connections accepted.", m->connections);
    single(w, "countersign_http_connections_open", "gauge", "Connections open now.", m->connections_open);
    single(w, "countersign_http_waiting", "gauge", "Calls that wait for a change or for the core.", m->parked);
    single(w, "countersign_http_streams", "gauge", "Event streams open now.", m->streams);
    single(w, "countersign_http_commands_total", "counter", "Commands passed to the core.", m->commands);
    single(w, "countersign_http_commands_late_total", "counter", "Commands without an answer in time.",
           m->commands_late);
    single(w, "countersign_http_denied_total", "counter", "Calls denied for who made them.", g->denied);
    single(w, "countersign_http_rate_limited_total", "counter", "Calls refused for their rate.", m->rate_limited);
}
