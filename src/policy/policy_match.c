/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_match.h"

#include <stddef.h>

#include "base/base_text.h"

static struct span pair_value(const struct text_pair *pairs, size_t n, struct span key)
{
    for (size_t i = 0; i < n; i++) {
        if (span_eq(pairs[i].key, key)) {
            return pairs[i].value;
        }
    }
    return SPAN_NONE;
}

struct span policy_value(const struct deploy_content *d, struct span name)
{
    static const struct {
        const char *name;
        size_t offset;
    } plain[] = {
        {"change_type", offsetof(struct deploy_content, change_type)},
        {"environment", offsetof(struct deploy_content, environment)},
        {"initiator", offsetof(struct deploy_content, initiator)},
        {"service", offsetof(struct deploy_content, service)},
        {"source.commit", offsetof(struct deploy_content, source.commit)},
        {"source.ref", offsetof(struct deploy_content, source.ref)},
        {"source.repository", offsetof(struct deploy_content, source.repository)},
        {"ticket", offsetof(struct deploy_content, ticket)},
        {"title", offsetof(struct deploy_content, title)},
        {"trigger", offsetof(struct deploy_content, trigger)},
    };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (span_is(name, plain[i].name)) {
            struct span value = SPAN_NONE;
            memcpy(&value, (const uint8_t *)d + plain[i].offset, sizeof(value));
            return value;
        }
    }
    if (span_is(name, "rollback")) {
        return d->rollback != NULL ? SPAN_LIT("given") : SPAN_NONE;
    }
    const struct span attributes = SPAN_LIT("attributes.");
    if (span_starts(name, attributes)) {
        return pair_value(d->attributes, d->attribute_count, span_from(name, attributes.left));
    }
    const struct span documentation = SPAN_LIT("documentation.");
    if (span_starts(name, documentation)) {
        return pair_value(d->documentation, d->documentation_count, span_from(name, documentation.left));
    }
    return SPAN_NONE;
}

static bool is_among(const struct policy_test *test, struct span value, bool glob)
{
    size_t i = 0;
    while (i < test->value_count && !(glob ? model_glob(test->values[i], value) : span_eq(test->values[i], value))) {
        i++;
    }
    return i < test->value_count;
}

static enum policy_answer yes_if(bool holds)
{
    return holds ? POLICY_YES : POLICY_NO;
}

/* An integer of the log's JSON, in its one spelling: also what was sent as a text. */
static bool integer_of(struct span text, int64_t *ret_value)
{
    const bool minus = text.left > 0 && text.p[0] == '-';
    uint64_t n = 0;

    if (text_dec_decode(span_from(text, minus ? 1 : 0), &n, "attribute").code != CS_OK || n > (uint64_t)JSON_INT_MAX ||
        (minus && n == 0)) {
        return false;
    }
    *ret_value = minus ? -(int64_t)n : (int64_t)n;
    return true;
}

static enum policy_answer compare(const struct policy_test *test, int64_t n)
{
    return yes_if(test->kind == TEST_GE ? n >= test->bound : n <= test->bound);
}

static enum policy_answer ask_history(const struct policy_test *test, const struct deploy_content *d)
{
    int64_t n = 0;
    const bool told = model_history_value(d->history, d->history_count, test->name, test->window_s, &n);
    return told ? compare(test, n) : POLICY_UNTOLD;
}

enum policy_answer policy_test_answer(const struct policy_test *test, const struct deploy_content *d)
{
    const struct span value = policy_value(d, test->name);
    int64_t n = 0;

    if (test->window_s != 0) {
        return ask_history(test, d);
    }
    if (value.left == 0) {
        return POLICY_UNTOLD;
    }
    switch (test->kind) {
    case TEST_IS:
        return yes_if(is_among(test, value, false));
    case TEST_IS_NOT:
        return yes_if(!is_among(test, value, false));
    case TEST_GLOB:
        return yes_if(is_among(test, value, true));
    case TEST_GLOB_NOT:
        return yes_if(!is_among(test, value, true));
    case TEST_GE:
    case TEST_LE:
        return integer_of(value, &n) ? compare(test, n) : POLICY_UNTOLD;
    case TEST_NONE:
        break;
    }
    return POLICY_UNTOLD;
}

bool policy_condition_holds(const struct policy_when *when, const struct deploy_content *d)
{
    bool holds = when->any_count == 0;
    for (size_t i = 0; i < when->any_count; i++) {
        holds = holds || policy_test_answer(&when->any[i], d) != POLICY_NO;
    }
    return holds;
}

bool policy_matches(const struct policy_rule *rule, const struct deploy_content *d)
{
    for (size_t i = 0; i < rule->when_count; i++) {
        if (!policy_condition_holds(&rule->when[i], d)) {
            return false;
        }
    }
    return true;
}

bool policy_surely(const struct policy_when *when, size_t count, const struct deploy_content *d)
{
    bool all = true;
    for (size_t i = 0; all && i < count; i++) {
        bool any = false;
        for (size_t k = 0; !any && k < when[i].any_count; k++) {
            any = policy_test_answer(&when[i].any[k], d) == POLICY_YES;
        }
        all = any;
    }
    return all;
}

const struct policy_earned *policy_earned(const struct policy_doc *doc, struct span rule, struct span seat,
                                          const struct deploy_content *d)
{
    for (size_t i = 0; i < doc->earned_count; i++) {
        const struct policy_earned *e = &doc->earned[i]; /* one a seat at most */
        if (span_eq(e->rule, rule) && span_eq(e->seat, seat)) {
            return policy_surely(e->when, e->when_count, d) ? e : NULL;
        }
    }
    return NULL;
}
