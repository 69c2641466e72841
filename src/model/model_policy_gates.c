/* SPDX-License-Identifier: Apache-2.0 */
/* The order of environments of a policy document, and what its rules ask of sources and tickets. Source:
 * docs/formats/policy.md. */
#include "base/base_text.h"
#include "model/model_policy_in.h"
#include "model/model_take.h"

const struct policy_promotion *model_policy_promotion(const struct policy_doc *doc, struct span environment)
{
    for (size_t i = 0; i < doc->promotion_count; i++) {
        if (span_eq(doc->promotions[i].environment, environment)) {
            return &doc->promotions[i];
        }
    }
    return NULL;
}

/* A pattern is made of what names are made of, so that a list of them reads one way only. */
bool model_policy_is_ref(struct span text)
{
    static const uint8_t signs[] = {'*', '.', '_', '@', '+', ':', '/', '-'};
    bool star = false;

    for (size_t i = 0; i < text.left; i++) {
        const struct span one = span_make(text.p + i, 1);
        const bool letter = text_id_check(one, 1, "source.refs").code == CS_OK;
        star = star || text.p[i] == '*';
        if (!letter && memchr(signs, text.p[i], sizeof(signs)) == NULL) {
            return false;
        }
    }
    return star ? model_policy_is_pattern(text) : text_id_check(text, MODEL_NAME_MAX, "source.refs").code == CS_OK;
}

static CS_RESULT take_promotion(struct json_in *in, struct policy_promotion *ret_promotion)
{
    struct policy_promotion p = {0};

    TRY(json_item_object(in, "policy.promotion"));
    TRY(json_get_id(in, "promotion.after", MODEL_ID_MAX, &p.after));
    TRY(json_get_id(in, "promotion.environment", MODEL_ID_MAX, &p.environment));
    if (json_next_is(in, "promotion.soak_s")) {
        TRY(model_policy_seconds(in, "promotion.soak_s", &p.soak_s));
    }
    TRY(json_close(in, "policy.promotion"));
    *ret_promotion = p;
    return CS_SUCCESS;
}

/* Following `after` from each of them comes to an end. */
static CS_RESULT check_order(const struct policy_doc *doc)
{
    for (size_t i = 0; i < doc->promotion_count; i++) {
        const struct policy_promotion *at = &doc->promotions[i];
        for (size_t steps = 0; at != NULL; steps++) {
            ENSURE(steps < doc->promotion_count, CS_E_ORDER, "promotion.after");
            at = model_policy_promotion(doc, at->after);
        }
    }
    return CS_SUCCESS;
}

CS_RESULT model_policy_promotion_if(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.promotion")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "policy.promotion"));
    TRY(model_count_items(in, "policy.promotion", &doc->promotion_count));
    ENSURE(doc->promotion_count >= 1 && doc->promotion_count <= POLICY_NAMES_MAX, CS_E_RANGE, "policy.promotion");
    doc->promotions = arena_array(in->arena, doc->promotion_count, sizeof(*doc->promotions));
    ENSURE(doc->promotions != NULL, CS_E_NOMEM, "policy.promotion");
    for (size_t i = 0; i < doc->promotion_count; i++) {
        struct policy_promotion *p = &doc->promotions[i];
        TRY(take_promotion(in, p));
        ENSURE(model_policy_has_environment(doc, p->environment), CS_E_UNKNOWN, "promotion.environment");
        ENSURE(model_policy_has_environment(doc, p->after), CS_E_UNKNOWN, "promotion.after");
        const int order = i > 0 ? span_cmp(p[-1].environment, p->environment) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "promotion.environment");
    }
    TRY(json_close_array(in, "policy.promotion"));
    return check_order(doc);
}

/* --- rules --- */

/* Sorted, distinct; each is a name, or a pattern with a star. */
static CS_RESULT take_refs(struct json_in *in, struct policy_source *s)
{
    static const char what[] = "source.refs";

    if (!json_next_is(in, what)) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &s->ref_count));
    ENSURE(s->ref_count >= 1 && s->ref_count <= POLICY_FIELDS_MAX, CS_E_RANGE, what);
    s->refs = arena_array(in->arena, s->ref_count, sizeof(*s->refs));
    ENSURE(s->refs != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < s->ref_count; i++) {
        TRY(json_item_str(in, what, MODEL_NAME_MAX, &s->refs[i]));
        const int order = i > 0 ? span_cmp(s->refs[i - 1], s->refs[i]) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, what);
        ENSURE(model_policy_is_ref(s->refs[i]), CS_E_SYNTAX, what);
    }
    return json_close_array(in, what);
}

static CS_RESULT take_merged(struct json_in *in, struct policy_source *s)
{
    struct span word = SPAN_NONE;

    if (!json_next_is(in, "source.pull_request")) {
        return CS_SUCCESS;
    }
    TRY(json_get_id(in, "source.pull_request", MODEL_ID_MAX, &word));
    ENSURE(span_is(word, "merged"), CS_E_UNKNOWN, "source.pull_request");
    s->merged = true;
    return CS_SUCCESS;
}

static CS_RESULT take_reviewers(struct json_in *in, struct policy_source *s)
{
    uint64_t n = 0;

    if (!json_next_is(in, "source.reviewers")) {
        return CS_SUCCESS;
    }
    TRY(json_get_uint(in, "source.reviewers", POLICY_COUNT_MAX, &n));
    ENSURE(n >= 1, CS_E_RANGE, "source.reviewers");
    s->reviewers = (uint32_t)n;
    return CS_SUCCESS;
}

CS_RESULT model_policy_source_if(struct json_in *in, struct policy_rule *rule)
{
    if (!json_next_is(in, "require.source")) {
        return CS_SUCCESS;
    }
    struct policy_source *s = arena_alloc(in->arena, sizeof(*s));
    ENSURE(s != NULL, CS_E_NOMEM, "require.source");
    TRY(json_get_object(in, "require.source"));
    TRY(model_policy_true_if(in, "source.protected", &s->is_protected));
    TRY(take_merged(in, s));
    TRY(take_refs(in, s));
    TRY(take_reviewers(in, s));
    TRY(json_close(in, "require.source"));
    ENSURE(s->ref_count > 0 || s->reviewers > 0 || s->is_protected || s->merged, CS_E_MISSING, "require.source");
    rule->source = s;
    return CS_SUCCESS;
}

CS_RESULT model_policy_ticket_if(struct json_in *in, struct policy_rule *rule)
{
    const struct model_set states = {.min = 1, .max = POLICY_FIELDS_MAX, .id_max = MODEL_ID_MAX};

    if (!json_next_is(in, "require.ticket")) {
        return CS_SUCCESS;
    }
    struct policy_ticket *t = arena_alloc(in->arena, sizeof(*t));
    ENSURE(t != NULL, CS_E_NOMEM, "require.ticket");
    TRY(json_get_object(in, "require.ticket"));
    if (json_next_is(in, "ticket.state")) {
        TRY(model_take_set_arena(in, "ticket.state", states, &t->states, &t->state_count));
    }
    TRY(json_get_id(in, "ticket.system", MODEL_ID_MAX, &t->tracker));
    TRY(json_close(in, "require.ticket"));
    rule->ticket = t;
    return CS_SUCCESS;
}
