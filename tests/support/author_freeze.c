/* SPDX-License-Identifier: Apache-2.0 */
#include "support/author_freeze.h"

enum { POLICY_BYTES = 32768, CONTENT_BYTES = 4096 };

static struct span production = {(const uint8_t *)"production", 10};
static struct span tina = {(const uint8_t *)"tina", 4};

static void allow(const char *what, struct verdict v)
{
    if (!v.allow) {
        (void)fprintf(stderr, "freeze: %s: %s\n", what, policy_reason_code(v.reason));
        abort();
    }
}

static void must(const char *what, struct cs_result r)
{
    allow(what, r.code == CS_OK ? VERDICT_ALLOW : VERDICT_CAUSE(REASON_MALFORMED, r));
}

void freeze_policy_write(uint64_t version, const char *calendar, const char *freeze, struct writer *w)
{
    struct arena a;
    struct span text = SPAN_NONE;
    size_t at = 0;

    arena_init(&a, 1U << 20);
    must("policy", author_log_policy(&a, NULL, version, &text));
    while (at < text.left && !span_starts(span_from(text, at), SPAN_LIT("\"name\":"))) {
        at++;
    }
    wr_text(w, "{");
    wr_text(w, calendar);
    wr_bytes(w, span_make(text.p + 1, at - 1));
    wr_text(w, freeze);
    wr_bytes(w, span_from(text, at));
    must("policy", wr_end(w, "policy"));
    arena_release(&a);
}

void freeze_policy(struct author_log *l, uint64_t version, const char *calendar, const char *freeze)
{
    AUTO_WRITER w = wr_heap(POLICY_BYTES);
    freeze_policy_write(version, calendar, freeze, &w);
    author_log_adopt(l, wr_span(&w));
}

struct freeze freeze_incident(const char *name)
{
    return (struct freeze){.environments = &production,
                           .environment_count = 1,
                           .incident = span_str(name),
                           .responders = &tina,
                           .responder_count = 1};
}

uint64_t freeze_begin(struct author_log *l, const struct freeze *f)
{
    const uint64_t index = author_log_size(l);
    allow("freeze", author_log_freeze(l, f, "system:kiosk"));
    return index;
}

struct verdict freeze_ask(struct author_log *l, uint64_t freeze, uint64_t *ret_id)
{
    const struct thaw_content c = {.freeze = freeze, .initiator = SPAN_LIT("tom"), .reason = SPAN_LIT("over")};
    AUTO_WRITER w = wr_heap(CONTENT_BYTES);
    must("thaw", model_thaw_content_encode(&c, &w));
    return author_log_propose(l, KIND_THAW, wr_span(&w), ret_id);
}

void freeze_end(struct author_log *l, uint64_t freeze)
{
    uint64_t id = 0;
    allow("ask", freeze_ask(l, freeze, &id));
    allow("sign", author_log_decide(l, "tom", id, "thaw/commander", DECISION_APPROVE, "", NULL));
    allow("thaw", author_log_thaw(l, id, freeze));
}
