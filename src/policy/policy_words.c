/* SPDX-License-Identifier: Apache-2.0 */
/* Rules in words: what they ask about, and why one applies. */
#include "policy/policy_match.h"

static void put_window(const struct policy_test *t, struct writer *w)
{
    wr_text(w, " over ");
    wr_dec(w, t->window_s);
    wr_text(w, " s");
}

static void put_test(const struct policy_test *t, struct writer *w)
{
    static const char *const words[] = {
        [TEST_NONE] = " is anything",      [TEST_GE] = " is at least ", [TEST_GLOB] = " is like ",
        [TEST_GLOB_NOT] = " is not like ", [TEST_IS] = " is ",          [TEST_IS_NOT] = " is not ",
        [TEST_LE] = " is at most ",
    };
    wr_bytes(w, t->name);
    wr_text(w, words[t->kind]);
    if (t->window_s != 0) {
        model_history_words(w, t->name, t->bound);
        put_window(t, w);
    } else if (t->kind == TEST_GE || t->kind == TEST_LE) {
        wr_text(w, t->bound < 0 ? "-" : "");
        wr_dec(w, (uint64_t)(t->bound < 0 ? -t->bound : t->bound));
    }
    for (size_t i = 0; i < t->value_count; i++) {
        wr_text(w, i == 0 ? "" : " or ");
        wr_bytes(w, t->values[i]);
    }
}

void policy_condition_words(const struct policy_when *when, struct writer *w)
{
    for (size_t i = 0; i < when->any_count; i++) {
        wr_text(w, i == 0 ? "" : ", or ");
        put_test(&when->any[i], w);
    }
}

void policy_rule_words(const struct policy_rule *rule, struct writer *w)
{
    for (size_t i = 0; i < rule->when_count; i++) {
        wr_text(w, i == 0 ? "when " : "; and ");
        policy_condition_words(&rule->when[i], w);
    }
    wr_text(w, rule->when_count == 0 ? "always" : "");
}

/* The alternative that holds; the first that cannot be told if none does. */
static const struct policy_test *holding(const struct policy_when *when, const struct deploy_content *d)
{
    const struct policy_test *untold = NULL;
    for (size_t i = 0; i < when->any_count; i++) {
        const enum policy_answer a = policy_test_answer(&when->any[i], d);
        if (a == POLICY_YES) {
            return &when->any[i];
        }
        untold = a == POLICY_UNTOLD && untold == NULL ? &when->any[i] : untold;
    }
    return untold;
}

static void put_value(const struct policy_test *t, const struct deploy_content *d, struct writer *w)
{
    const struct span value = policy_value(d, t->name);
    int64_t n = 0;

    wr_bytes(w, t->name);
    if (t->window_s != 0) {
        const bool told = model_history_value(d->history, d->history_count, t->name, t->window_s, &n);
        wr_text(w, told ? " is " : " cannot be told");
        if (told) {
            model_history_words(w, t->name, n);
        }
        put_window(t, w);
        return;
    }
    if (value.left == 0) {
        wr_text(w, " is not given");
        return;
    }
    wr_text(w, " is ");
    wr_bytes(w, value);
    wr_text(w, policy_test_answer(t, d) == POLICY_UNTOLD ? ", which is no number" : "");
}

static void put_holding(const struct policy_when *when, size_t count, const struct deploy_content *d, struct writer *w)
{
    for (size_t i = 0; i < count; i++) {
        const struct policy_test *t = holding(&when[i], d);
        wr_text(w, i == 0 ? "" : ", ");
        if (t != NULL) {
            put_value(t, d, w);
        }
    }
}

void policy_why(const struct policy_rule *rule, const struct deploy_content *d, struct writer *w)
{
    for (size_t i = 0; i < rule->when_count; i++) {
        if (!policy_condition_holds(&rule->when[i], d)) {
            put_value(&rule->when[i].any[0], d, w);
            wr_text(w, "; it needs that ");
            policy_condition_words(&rule->when[i], w);
            return;
        }
    }
    put_holding(rule->when, rule->when_count, d, w);
    wr_text(w, rule->when_count == 0 ? "always" : "");
}

void policy_earned_why(const struct policy_earned *e, const struct deploy_content *d, struct writer *w)
{
    put_holding(e->when, e->when_count, d, w);
}
