/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_match.h"

#include <stddef.h>

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

static bool condition_holds(const struct policy_when *when, const struct deploy_content *d)
{
    const struct span value = policy_value(d, when->name);

    if (value.left == 0) {
        return true;
    }
    for (size_t i = 0; i < when->value_count; i++) {
        if (span_eq(when->values[i], value)) {
            return true;
        }
    }
    return false;
}

bool policy_matches(const struct policy_rule *rule, const struct deploy_content *d)
{
    for (size_t i = 0; i < rule->when_count; i++) {
        if (!condition_holds(&rule->when[i], d)) {
            return false;
        }
    }
    return true;
}
