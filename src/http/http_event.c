/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_event.h"

uint64_t http_event_request(const struct entry *e, const struct entry_body *b)
{
    switch (b->type) {
    case ENTRY_REQUEST:
        return e->seq;
    case ENTRY_DECISION:
        return b->statement.request_index;
    case ENTRY_WITHDRAW:
        return b->withdraw.request;
    case ENTRY_EXPIRE:
        return b->expire.request;
    case ENTRY_REDEEM:
        return b->redeem.request;
    case ENTRY_OUTCOME:
        return b->outcome.request;
    case ENTRY_POLICY:
    case ENTRY_ROSTER:
        return b->effect.request;
    case ENTRY_EMERGENCY:
        return b->emergency.grants; /* what pipelines wait for */
    case ENTRY_REVIEW:
        return b->review.request;
    case ENTRY_EVIDENCE:
        return b->evidence.request;
    case ENTRY_WAIVER:
        return b->waiver.waives; /* what it lets pass */
    case ENTRY_ESCALATE:
        return b->escalate.request;
    case ENTRY_THAW:
        return b->thaw.request;
    case ENTRY_FREEZE:
    case ENTRY_OVERDUE:
    case ENTRY_LAPSE:
    case ENTRY_DIRECTORY:
    case ENTRY_ALARM:
    case ENTRY_NONE:
    case ENTRY_GENESIS:
    case ENTRY_ACCESS:
    case ENTRY_BOOT:
    case ENTRY_CLOCK:
    case ENTRY_TYPE_COUNT:
        return UINT64_MAX;
    }
    return UINT64_MAX;
}

static const char *decided(const struct http_event *e)
{
    switch (e->body->statement.decision) {
    case DECISION_APPROVE:
        return "signed";
    case DECISION_ABSTAIN:
        return "abstained";
    case DECISION_REJECT:
    case DECISION_NONE:
    case DECISION_COUNT:
        break;
    }
    return e->status == STATUS_REJECTED ? "rejected" : "objected"; /* one vote of a group */
}

static const char *predicate(const struct http_event *e)
{
    switch (e->body->type) {
    case ENTRY_REQUEST:
        return "requested";
    case ENTRY_DECISION:
        return decided(e);
    case ENTRY_WITHDRAW:
        return "withdrawn";
    case ENTRY_EXPIRE:
        return e->status == STATUS_LAPSED ? "lapsed" : "expired";
    case ENTRY_REDEEM:
        return e->status == STATUS_REDEEMED ? "redeemed" : "drifted";
    case ENTRY_OUTCOME:
        return "finished";
    case ENTRY_POLICY:
    case ENTRY_ROSTER:
    case ENTRY_REVIEW:
        return "applied";
    case ENTRY_EMERGENCY:
        return "granted";
    case ENTRY_EVIDENCE:
        return "evidenced";
    case ENTRY_WAIVER:
        return "waived";
    case ENTRY_ESCALATE:
        return "escalated";
    case ENTRY_FREEZE:
        return "frozen";
    case ENTRY_THAW:
        return "thawed";
    case ENTRY_OVERDUE:
    case ENTRY_LAPSE:
    case ENTRY_DIRECTORY:
    case ENTRY_ALARM:
    case ENTRY_NONE:
    case ENTRY_GENESIS:
    case ENTRY_ACCESS:
    case ENTRY_BOOT:
    case ENTRY_CLOCK:
    case ENTRY_TYPE_COUNT:
        return "noted";
    }
    return "noted";
}

static CS_RESULT put_context(const struct http_event *e, struct writer *w)
{
    uint8_t id[512];
    uint8_t type[96];
    struct writer i = wr_fixed(id, sizeof(id));
    struct writer t = wr_fixed(type, sizeof(type));
    struct json_out o = json_out_make(w);

    wr_bytes(&i, e->origin);
    wr_text(&i, "/");
    wr_dec(&i, e->entry->seq);
    wr_text(&t, "dev.cdeventsx.countersign-approval.");
    wr_text(&t, predicate(e));
    wr_text(&t, ".0.1.0");
    TRY(wr_end(&i, "event.id"));
    json_put_object(&o, NULL);
    json_put_str(&o, "id", wr_span(&i));
    json_put_str(&o, "source", e->origin);
    json_put_time(&o, "timestamp", e->entry->time_ms);
    json_put_str(&o, "type", wr_span(&t));
    json_put_text(&o, "version", "0.4.1");
    json_put_close(&o);
    return json_out_end(&o, "event.context");
}

static void put_text(struct json_out *o, const char *key, struct span text)
{
    if (text.left > 0) {
        json_put_str(o, key, text);
    }
}

static CS_RESULT put_custom(const struct http_event *e, struct writer *w)
{
    struct json_out o = json_out_make(w);
    json_put_object(&o, NULL);
    json_put_str(&o, "actor", e->entry->actor);
    json_put_text(&o, "entry", entry_type_text(e->entry->type));
    json_put_uint(&o, "index", e->entry->seq);
    if (e->body->type == ENTRY_OUTCOME) {
        put_text(&o, "outcome", span_str(request_status_text(e->body->outcome.result)));
    }
    json_put_uint(&o, "request", e->request);
    if (e->body->type == ENTRY_DECISION) {
        json_put_str(&o, "seat", e->body->statement.seat);
    }
    json_put_text(&o, "status", request_status_text(e->status));
    json_put_close(&o);
    return json_out_end(&o, "event.custom");
}

static CS_RESULT put_subject(const struct http_event *e, struct writer *w)
{
    uint8_t id[HTTP_EVENT_MAX / 64];
    struct writer i = wr_fixed(id, sizeof(id));
    struct json_out o = json_out_make(w);

    wr_dec(&i, e->request);
    json_put_object(&o, NULL);
    json_put_object(&o, "content");
    put_text(&o, "environment", e->environment);
    put_text(&o, "service", e->service);
    json_put_text(&o, "status", request_status_text(e->status));
    json_put_close(&o);
    json_put_str(&o, "id", wr_span(&i));
    json_put_str(&o, "source", e->origin);
    json_put_text(&o, "type", "approval");
    json_put_close(&o);
    return json_out_end(&o, "event.subject");
}

CS_RESULT http_event_write(const struct http_event *e, struct writer *w)
{
    /* CDEvents' own key names are not of the log's profile, so the outer object is put together here */
    wr_text(w, "{\"context\":");
    TRY(put_context(e, w));
    wr_text(w, ",\"customData\":");
    TRY(put_custom(e, w));
    wr_text(w, ",\"customDataContentType\":\"application/json\",\"subject\":");
    TRY(put_subject(e, w));
    wr_text(w, "}");
    return wr_end(w, "event");
}
