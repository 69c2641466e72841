/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_problem.h"

#include "json/json_out.h"

static const struct {
    unsigned status;
    const char *code;
    const char *title;
} problems[HTTP_PROBLEM_COUNT] = {
#define HTTP_PROBLEM_ROW(name, http_status, text, sentence)                                                            \
    [name] = {.status = (http_status), .code = (text), .title = (sentence)},
    HTTP_PROBLEMS(HTTP_PROBLEM_ROW)
#undef HTTP_PROBLEM_ROW
};

struct http_refusal http_refusal_of(enum http_problem p)
{
    return (struct http_refusal){
        .status = problems[p].status,
        .code = span_str(problems[p].code),
        .title = span_str(problems[p].title),
    };
}

static const struct {
    enum policy_reason reason;
    unsigned status;
} statuses[] = {
    {REASON_UNKNOWN_CLIENT, 403},
    {REASON_NO_SCOPE, 403},
    {REASON_NOT_YOURS, 403},
    {REASON_UNKNOWN_REQUEST, 404},
    {REASON_INVALID_REQUEST, 422},
    {REASON_UNKNOWN_ENVIRONMENT, 422},
    {REASON_UNKNOWN_CHANGE_TYPE, 422},
    {REASON_MISSING_FIELD, 422},
    {REASON_NO_SEATS, 422},
    {REASON_FROZEN, 423},
    {REASON_NOT_RESPONDER, 423},
    {REASON_CLOSED_NOW, 423},
    {REASON_IDEMPOTENCY_MISMATCH, 422},
    {REASON_SEALED, 503},
    {REASON_BUSY, 503},
    {REASON_EVIDENCE_LINE, 422},
    {REASON_EVIDENCE_KIND, 422},
    {REASON_EVIDENCE_ARTIFACT, 422},
    {REASON_EVIDENCE_TIME, 422},
    {REASON_EVIDENCE_UNKNOWN, 404},
    {REASON_DIRECTORY_PERSON, 422},
    {REASON_DIRECTORY_TOTAL, 422},
    {REASON_NO_GENESIS, 503},
    {REASON_CLOCK, 503},
    {REASON_NO_ROOM, 503},
};

unsigned http_reason_status(enum policy_reason r)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        if (statuses[i].reason == r) {
            return statuses[i].status;
        }
    }
    return 409;
}

struct http_refusal http_refusal_reason(struct span code)
{
    const enum policy_reason r = policy_reason_of(code);
    struct http_refusal refusal = {.status = http_reason_status(r), .code = code};
    refusal.title = r == REASON_NOT_EVALUATED ? SPAN_LIT("Refused.") : span_str(policy_reason_sentence(r));
    return refusal;
}

static bool says_missing(const struct http_fault *f)
{
    return span_is(f->code, "missing") || span_is(f->code, policy_reason_code(REASON_MISSING_FIELD));
}

static void put_faults(const struct http_refusal *r, struct json_out *o)
{
    json_put_array(o, "faults");
    for (size_t i = 0; i < r->fault_count; i++) {
        json_put_object(o, NULL);
        json_put_str(o, "code", r->faults[i].code);
        json_put_str(o, "detail", r->faults[i].detail);
        json_put_str(o, "pointer", r->faults[i].pointer);
        json_put_close(o);
    }
    json_put_close(o);
    json_put_array(o, "missing");
    for (size_t i = 0; i < r->fault_count; i++) {
        if (says_missing(&r->faults[i])) {
            json_put_str(o, NULL, r->faults[i].pointer);
        }
    }
    json_put_close(o);
}

CS_RESULT http_refusal_write(const struct http_refusal *r, struct writer *w)
{
    uint8_t type[96];
    struct writer t = wr_fixed(type, sizeof(type));
    struct json_out o = json_out_make(w);

    wr_text(&t, "urn:countersign:problem:");
    wr_bytes(&t, r->code);
    json_put_object(&o, NULL);
    json_put_str(&o, "code", r->code);
    if (r->detail.left > 0) {
        json_put_str(&o, "detail", r->detail);
    }
    if (r->fault_count > 0) {
        put_faults(r, &o);
    }
    json_put_uint(&o, "status", r->status);
    json_put_str(&o, "title", r->title);
    json_put_str(&o, "type", wr_span(&t));
    json_put_close(&o);
    return json_out_end(&o, "problem");
}
