/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_gates.h"

enum { TEXT_MAX = 32768, HOUR_S = 3600 };

static void must(struct verdict v, const char *what)
{
    if (!v.allow) {
        (void)fprintf(stderr, "author_gates: %s: %s (%s)\n", what, policy_reason_code(v.reason),
                      v.cause.msg != NULL ? v.cause.msg : "");
        abort();
    }
}

void gates_policy_text(const struct gates_policy *how, struct writer *w)
{
    wr_text(w, "{\"change_types\":[\"emergency\",\"normal\",\"rollback\"],"
               "\"environments\":[\"production\",\"staging\",\"test\"],\"name\":\"gates\","
               "\"officers\":{\"sign_by_s\":86400,\"threshold\":2},");
    if (!how->none) {
        wr_text(w, "\"promotion\":[{\"after\":\"staging\",\"environment\":\"production\",\"soak_s\":");
        wr_dec(w, how->soak_s != 0 ? how->soak_s : HOUR_S);
        wr_text(w, "},{\"after\":\"test\",\"environment\":\"staging\"}],");
    }
    wr_text(w, "\"roles\":[\"business\",\"officer\",\"tech\"],\"rules\":[{\"id\":\"every\",\"require\":{"
               "\"bind\":[\"artifacts\"],\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}],"
               "\"use_by_s\":14400}}");
    if (how->require != NULL) {
        wr_text(w, ",{\"id\":\"more\",\"require\":{");
        wr_text(w, how->require);
        wr_text(w, "}}");
    }
    wr_text(w, "],\"v\":1,\"version\":");
    wr_dec(w, how->version);
    wr_text(w, "}");
}

void gates_policy(struct author_log *l, const struct gates_policy *how)
{
    AUTO_WRITER w = wr_heap(TEXT_MAX);

    gates_policy_text(how, &w);
    author_log_adopt(l, wr_span(&w));
}

uint64_t gates_open(struct author_log *l, const char *environment, const char *artifact)
{
    const struct author_request q = {.title = artifact, .environment = environment};
    uint64_t id = 0;

    must(author_log_request(l, &q, &id), artifact);
    return id;
}

struct verdict gates_sign(struct author_log *l, uint64_t request)
{
    return author_log_decide(l, "tom", request, "every/tech", DECISION_APPROVE, NULL, NULL);
}

void gates_use(struct author_log *l, uint64_t request)
{
    must(gates_sign(l, request), "sign");
    must(author_log_redeem(l, request, false), "redeem");
}

void gates_end(struct author_log *l, uint64_t request, enum request_status result)
{
    must(author_log_outcome(l, request, result), "outcome");
}

uint64_t gates_run(struct author_log *l, const char *environment, const char *artifact, enum request_status result)
{
    const uint64_t id = gates_open(l, environment, artifact);

    gates_use(l, id);
    gates_end(l, id, result);
    return id;
}
