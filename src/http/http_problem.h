/* SPDX-License-Identifier: Apache-2.0 */
/* Refusals as RFC 9457 problems: every public code of this room with its HTTP status, and those of the policy. Pure. */
#ifndef HTTP_PROBLEM_H
#define HTTP_PROBLEM_H

#include "model/model_request.h"
#include "policy/policy_reason.h"

/* Codes of the transport; what the core refuses comes with a reason code of policy_reason.h. Append only. */
#define HTTP_PROBLEMS(X)                                                                                               \
    X(PROBLEM_BAD_TARGET, 400, "bad_target", "The request target or its query is not valid.")                          \
    X(PROBLEM_BAD_FRAMING, 400, "bad_framing", "The message is framed ambiguously.")                                   \
    X(PROBLEM_BAD_KEY, 400, "bad_idempotency_key", "The Idempotency-Key is not valid.")                                \
    X(PROBLEM_MALFORMED, 400, "malformed_json", "The body is not JSON of the allowed profile.")                        \
    X(PROBLEM_NO_CREDENTIALS, 401, "no_credentials", "Name yourself with a bearer token or a client certificate.")     \
    X(PROBLEM_BAD_TOKEN, 401, "bad_token", "The bearer token is not known here.")                                      \
    X(PROBLEM_BAD_CERTIFICATE, 401, "bad_certificate", "The client certificate is not acceptable here.")               \
    X(PROBLEM_NO_SCOPE, 403, "no_scope", "This client may not do that.")                                               \
    X(PROBLEM_NOT_FOUND, 404, "not_found", "Nothing stands at this address.")                                          \
    X(PROBLEM_METHOD, 405, "method_not_allowed", "This address does not take that method.")                            \
    X(PROBLEM_IN_PROGRESS, 409, "in_progress", "The first request with this key is still running.")                    \
    X(PROBLEM_TOO_LARGE, 413, "too_large", "The body is larger than is accepted.")                                     \
    X(PROBLEM_TARGET_LONG, 414, "target_too_long", "The request target is longer than is accepted.")                   \
    X(PROBLEM_MEDIA_TYPE, 415, "media_type", "The body must be application/json.")                                     \
    X(PROBLEM_INVALID, 422, "invalid_body", "The body has faults.")                                                    \
    X(PROBLEM_RATE, 429, "rate_limited", "Too many calls. Try again later.")                                           \
    X(PROBLEM_INTERNAL, 500, "internal", "The server could not answer.")                                               \
    X(PROBLEM_UNAVAILABLE, 503, "unavailable", "The core cannot be reached. Nothing is known to be done; try again.")  \
    X(PROBLEM_BEHIND, 503, "catching_up", "This server is still reading the log. Try again shortly.")                  \
    X(PROBLEM_FROM_PAGE, 403, "from_page", "Commands do not come from web pages.")

#define HTTP_PROBLEM_ENUM(name, status, code, title) name,
enum http_problem { HTTP_PROBLEMS(HTTP_PROBLEM_ENUM) HTTP_PROBLEM_COUNT };
#undef HTTP_PROBLEM_ENUM

struct http_fault {
    struct span pointer;
    struct span code;
    struct span detail;
};

/* Everything a problem document says; spans borrow. */
struct http_refusal {
    unsigned status;
    struct span code;
    struct span title;
    struct span detail; /* may be empty */
    const struct http_fault *faults;
    size_t fault_count;
};

struct http_refusal http_refusal_of(enum http_problem p);
/* For a reason code of the core; an unknown one is answered 409 as it stands. */
struct http_refusal http_refusal_reason(struct span code);
/* HTTP status for a reason the core can give to a client's command. */
unsigned http_reason_status(enum policy_reason r);

/* The document: code, detail?, faults?, missing?, status, title, type. `missing` lists the pointers of the faults that
 * say so. CS_E_FULL, CS_E_UTF8. */
CS_RESULT http_refusal_write(const struct http_refusal *r, struct writer *w);

#endif
