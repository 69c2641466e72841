/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_route.h"

#include "support/author_change.h"

enum { TEXT_MAX = 32768, ARENA_BYTES = 16 << 20 };

static void must(struct verdict v, const char *what)
{
    if (!v.allow) {
        (void)fprintf(stderr, "author_route: %s: %s (%s)\n", what, policy_reason_code(v.reason),
                      v.cause.msg != NULL ? v.cause.msg : "");
        abort();
    }
}

void route_rules(struct author_log *l, const char *rules)
{
    AUTO_WRITER w = wr_heap(TEXT_MAX);

    wr_text(&w, "{\"change_types\":[\"emergency\",\"normal\"],\"environments\":[\"production\",\"staging\"],"
                "\"name\":\"route\",\"officers\":{\"sign_by_s\":86400,\"threshold\":2},\"roles\":[\"business\","
                "\"cab\",\"duty\",\"officer\",\"security\",\"tech\"],\"rules\":[");
    wr_text(&w, rules);
    wr_text(&w, "],\"v\":1,\"version\":");
    wr_dec(&w, author_log_judge(l)->state.policy->doc.version + 1);
    wr_text(&w, "}");
    author_log_adopt(l, wr_span(&w));
}

void route_person(struct author_log *l, const char *id, const char *role)
{
    struct arena a;
    struct roster_change changes[2];
    const char *const roles[] = {role};

    arena_init(&a, ARENA_BYTES);
    const struct cs_result r = author_log_person(l, id, roles, 1, &a, changes);
    must(r.code == CS_OK ? author_change_roster(l, changes, 2) : VERDICT_CAUSE(REASON_MALFORMED, r), id);
    arena_release(&a);
}

void route_begin(struct author_log *l, const char *rules)
{
    static const struct {
        const char *id;
        const char *roles;
    } members[] = {{"tom", "cab tech"}, {"tina", "cab tech"}, {"bea", "business cab"}, {"bill", "business cab"}};

    author_log_standard(l);
    route_rules(l, "");
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        must(author_change_roles(l, members[i].id, members[i].roles), members[i].id);
    }
    route_person(l, "cleo", "cab");
    route_person(l, "sam", "security");
    route_person(l, "dora", "duty");
    route_rules(l, rules);
}

uint64_t route_open(struct author_log *l, const char *title)
{
    uint64_t id = 0;
    must(author_log_request(l, &(struct author_request){.title = title}, &id), title);
    return id;
}

struct verdict route_say(struct author_log *l, const char *who, uint64_t request, const char *seat,
                         enum decision_word word)
{
    return author_log_decide(l, who, request, seat, word, "said at the kiosk", NULL);
}

struct verdict route_escalate(struct author_log *l, const char *actor, uint64_t request, const char *rule,
                              const char *to)
{
    const struct escalate x = {.request = request, .rule = span_str(rule), .to = span_str(to)};
    AUTO_WRITER body = wr_heap(4096);
    const struct cs_result r = model_escalate_encode(&x, &body);

    return r.code == CS_OK ? author_log_append(l, ENTRY_ESCALATE, actor, wr_span(&body))
                           : VERDICT_CAUSE(REASON_MALFORMED, r);
}
