/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_glass.h"

enum { TEXT_MAX = 32768 };

static void must(struct verdict v, const char *what)
{
    if (!v.allow) {
        (void)fprintf(stderr, "author_glass: %s: %s (%s)\n", what, policy_reason_code(v.reason),
                      v.cause.msg != NULL ? v.cause.msg : "");
        abort();
    }
}

static const char * or (const char *given, const char *otherwise)
{
    return given != NULL ? given : otherwise;
}

#define SEAT(id, role, self) "{\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\",\"self\":" self
#define KIND(id, anchor, types)                                                                                        \
    "{\"anchor\":\"" anchor "\",\"change_types\":[" types "],\"environments\":[\"production\"],\"id\":\"" id "\"}"

static void write_emergency(const struct glass_policy *how, struct writer *w)
{
    wr_text(
        w,
        "\"emergency\":{\"budget\":{\"count\":2,\"over\":[" SEAT(
            "second", "officer",
            "false") "}],\"per_s\":2592000},\"justification_min\":20,\"kinds\":[" KIND("deadline", "date",
                                                                                       "\"normal\"") "," KIND("outage",
                                                                                                              "inciden"
                                                                                                              "t",
                                                                                                              "\"normal"
                                                                                                              "\","
                                                                                                              "\"rollba"
                                                                                                              "ck\"") "," KIND("patch",
                                                                                                                               "cve",
                                                                                                                               "\"normal\"") "],");
    if (how->people != NULL) {
        wr_text(w, "\"people\":");
        wr_text(w, how->people);
        wr_text(w, ",");
    }
    wr_text(w, "\"presence\":{\"ports\":[\"1-1\",\"1-2\",\"1-3\"],\"switch\":");
    wr_text(w, how->presence_switch ? "true" : "false");
    wr_text(
        w,
        ",\"tokens\":2,\"window_s\":120},\"review\":{\"due_s\":86400,\"fields\":[\"impact\",\"what_happened\"],"
        "\"seats\":[" SEAT("author", "tech", "true") "}," SEAT("board", "officer", "false") "}]},\"seats\":[" SEAT(
            "operator", "tech",
            "true") ",\"voucher\":false}," SEAT("endorse", "business",
                                                "false") ",\"voucher\":true}],\"sign_by_s\":3600,\"untrusted_clock\":");
    wr_text(w, how->untrusted_clock ? "true" : "false");
    wr_text(w, ",\"use_by_s\":1800,\"voucher_life_s\":604800},");
}

void glass_policy_text(const struct glass_policy *how, struct writer *w)
{
    wr_text(w, "{\"change_types\":[\"emergency\",\"normal\",\"rollback\"],");
    if (!how->none) {
        write_emergency(how, w);
    }
    wr_text(w,
            "\"environments\":[\"production\",\"staging\"],\"name\":\"glass\",\"officers\":{\"sign_by_s\":86400,"
            "\"threshold\":2},\"roles\":[\"business\",\"officer\",\"tech\"],\"rules\":[{\"id\":\"every-change\","
            "\"require\":{\"bind\":[\"artifacts\"],\"fields\":[\"title\"],\"separate\":[\"authors\",\"initiator\"]}},"
            "{\"id\":\"production\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"business\",\"role\":\"business\"},"
            "{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]}}],\"v\":1,\"version\":");
    wr_dec(w, how->version);
    wr_text(w, "}");
}

void glass_policy(struct author_log *l, const struct glass_policy *how)
{
    AUTO_WRITER w = wr_heap(TEXT_MAX);

    glass_policy_text(how, &w);
    author_log_adopt(l, wr_span(&w));
}

static struct verdict propose(struct author_log *l, enum request_kind kind, struct cs_result encoded, struct writer *w,
                              uint64_t *ret_index)
{
    must(encoded.code == CS_OK ? VERDICT_ALLOW : VERDICT_CAUSE(REASON_MALFORMED, encoded), "content");
    return author_log_propose(l, kind, wr_span(w), ret_index);
}

struct verdict glass_open(struct author_log *l, const struct glass_ask *ask, uint64_t *ret_index)
{
    AUTO_WRITER w = wr_heap(TEXT_MAX);
    const struct emergency_content c = {.anchor = span_str(or (ask->anchor, "INC-4711")),
                                        .initiator = span_str(or (ask->initiator, "tina")),
                                        .justification =
                                            span_str(or (ask->justification, "Payments are down since 09:00.")),
                                        .kind = span_str(or (ask->kind, "outage")),
                                        .request = ask->request,
                                        .has_voucher = ask->voucher != 0,
                                        .voucher = ask->voucher};
    const struct cs_result r = model_emergency_content_encode(&c, &w);
    return propose(l, KIND_EMERGENCY, r, &w, ret_index);
}

struct verdict glass_voucher(struct author_log *l, const struct glass_voucher *how, uint64_t *ret_index)
{
    enum { DAY_S = 86400 };
    AUTO_WRITER w = wr_heap(TEXT_MAX);
    struct span environment = span_str(or (how->environment, "production"));
    struct span kind = span_str(or (how->kind, "outage"));
    struct span service = span_str(or (how->service, ""));
    const struct voucher_content c = {.environments = &environment,
                                      .environment_count = 1,
                                      .initiator = span_str(or (how->initiator, "bea")),
                                      .kinds = &kind,
                                      .kind_count = 1,
                                      .life_s = how->life_s != 0 ? how->life_s : DAY_S,
                                      .person = how->person != NULL ? span_str(how->person) : SPAN_NONE,
                                      .reason = SPAN_LIT("On a plane tonight."),
                                      .role = how->person != NULL ? SPAN_NONE : SPAN_LIT("tech"),
                                      .seat = span_str(or (how->seat, "endorse")),
                                      .services = how->service != NULL ? &service : NULL,
                                      .service_count = how->service != NULL ? 1 : 0};
    const struct cs_result r = model_voucher_content_encode(&c, &w);
    return propose(l, KIND_VOUCHER, r, &w, ret_index);
}

uint64_t glass_voucher_signed(struct author_log *l, const struct glass_voucher *how)
{
    uint64_t id = 0;
    must(glass_voucher(l, how, &id), "voucher");
    must(author_log_decide(l, or (how->initiator, "bea"), id, "voucher/endorse", DECISION_APPROVE, NULL, NULL),
         "voucher's signature");
    return id;
}

struct verdict glass_sign(struct author_log *l, const char *person, uint64_t emergency, const char *seat,
                          const char *port)
{
    const struct author_wrong at = {.port = port};
    return author_log_decide(l, person, emergency, seat, DECISION_APPROVE, NULL, &at);
}

uint64_t glass_break(struct author_log *l, uint64_t request)
{
    uint64_t id = 0;
    must(glass_open(l, &(struct glass_ask){.request = request}, &id), "emergency");
    must(glass_sign(l, "tina", id, "emergency/operator", "1-1"), "operator");
    must(glass_sign(l, "bea", id, "emergency/endorse", "1-2"), "endorse");
    if (state_request_find(&author_log_judge(l)->state, id)->status == STATUS_ELIGIBLE) {
        must(glass_sign(l, "olga", id, "emergency/second", "1-3"), "second");
    }
    must(author_log_grant(l, id, NULL), "grant");
    return author_log_size(l) - 1;
}

void glass_use(struct author_log *l, uint64_t request)
{
    must(author_log_redeem(l, request, false), "redeem");
    must(author_log_outcome(l, request, STATUS_SUCCEEDED), "outcome");
}

struct verdict glass_review(struct author_log *l, uint64_t emergency, const char *fields, uint64_t *ret_index)
{
    AUTO_WRITER w = wr_heap(TEXT_MAX);
    wr_text(&w, "{\"emergency\":");
    wr_dec(&w, emergency);
    wr_text(&w, ",\"fields\":");
    wr_text(&w, or (fields, "{\"impact\":\"40 minutes\",\"what_happened\":\"A bad index.\"}"));
    wr_text(&w, ",\"initiator\":\"tina\"}");
    return author_log_propose(l, KIND_REVIEW, wr_span(&w), ret_index);
}

void glass_pay(struct author_log *l, uint64_t emergency)
{
    uint64_t id = 0;
    must(glass_review(l, emergency, NULL, &id), "review");
    must(author_log_decide(l, "tina", id, "review/author", DECISION_APPROVE, NULL, NULL), "author");
    const struct verdict v = author_log_decide(l, "olga", id, "review/board", DECISION_APPROVE, NULL, NULL);
    const char *board = v.reason == REASON_IS_GRANTER ? "omar" : NULL; /* she signed the emergency herself */
    must(board != NULL ? author_log_decide(l, board, id, "review/board", DECISION_APPROVE, NULL, NULL) : v, "board");
    must(author_log_paid(l, id, emergency), "paid");
}

uint64_t glass_request(struct author_log *l, const char *title, const char *artifact)
{
    uint64_t id = 0;
    const struct author_request q = {
        .title = title, .artifact = artifact, .change_type = artifact != NULL ? "rollback" : "normal"};
    must(author_log_request(l, &q, &id), "request");
    return id;
}
