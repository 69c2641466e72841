/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_policy_when.h"

#include "model/model_policy_in.h"
#include "model/model_take.h"

bool model_is_among(struct span name, const char *const *words, size_t count)
{
    size_t i = 0;
    while (i < count && !span_is(name, words[i])) {
        i++;
    }
    return i < count;
}

bool model_policy_is_condition(struct span name)
{
    static const char *const names[] = {"change_type", "environment",       "initiator", "service",
                                        "source.ref",  "source.repository", "trigger"};
    return model_is_free_member(name, SPAN_LIT("attributes.")) || model_history_is_name(name) ||
           model_is_among(name, names, sizeof(names) / sizeof(names[0]));
}

/* After a mismatch only the last star can take more: what an earlier one would take, the last one can as well. */
bool model_glob(struct span pattern, struct span text)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX;
    size_t from = 0;

    while (t < text.left) {
        if (p < pattern.left && pattern.p[p] == '*') {
            star = p++;
            from = t;
        } else if (p < pattern.left && pattern.p[p] == text.p[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.left && pattern.p[p] == '*') {
        p++;
    }
    return p == pattern.left;
}

/* Without a star it would be an equality, and two stars together are one: each pattern has one spelling. */
bool model_policy_is_pattern(struct span text)
{
    bool star = false;
    for (size_t i = 0; i < text.left; i++) {
        star = star || text.p[i] == '*';
        if (i > 0 && text.p[i] == '*' && text.p[i - 1] == '*') {
            return false;
        }
    }
    return star;
}

/* Values are texts of the request, which for attributes are not identifiers. */
static CS_RESULT take_values(struct json_in *in, const char *what, bool glob, struct policy_test *test)
{
    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &test->value_count));
    ENSURE(test->value_count >= 1 && test->value_count <= POLICY_NAMES_MAX, CS_E_RANGE, what);
    test->values = arena_array(in->arena, test->value_count, sizeof(*test->values));
    ENSURE(test->values != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < test->value_count; i++) {
        TRY(json_item_str(in, what, (size_t)MODEL_TITLE_MAX * 4, &test->values[i]));
        const int order = i > 0 ? span_cmp(test->values[i - 1], test->values[i]) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, what);
        ENSURE(!glob || model_policy_is_pattern(test->values[i]), CS_E_SYNTAX, what);
    }
    return json_close_array(in, what);
}

static CS_RESULT take_bound(struct json_in *in, const char *what, struct policy_test *test)
{
    return json_get_int(in, what, -JSON_INT_MAX, JSON_INT_MAX, &test->bound);
}

static const struct test_form {
    const char *what;
    enum policy_test_kind kind;
} forms[] = {
    {"when.ge", TEST_GE}, {"when.glob", TEST_GLOB},     {"when.glob_not", TEST_GLOB_NOT},
    {"when.is", TEST_IS}, {"when.is_not", TEST_IS_NOT}, {"when.le", TEST_LE},
};

/* What stands in a test's object: one form, and the name. */
static CS_RESULT take_test(struct json_in *in, struct policy_test *test)
{
    size_t i = 0;
    while (i < sizeof(forms) / sizeof(forms[0]) && !json_next_is(in, forms[i].what)) {
        i++;
    }
    ENSURE(i < sizeof(forms) / sizeof(forms[0]), CS_E_MISSING, "when.is");
    test->kind = forms[i].kind;
    if (test->kind == TEST_GE || test->kind == TEST_LE) {
        TRY(take_bound(in, forms[i].what, test));
    } else {
        TRY(take_values(in, forms[i].what, test->kind == TEST_GLOB || test->kind == TEST_GLOB_NOT, test));
    }
    TRY(json_get_id(in, "when.name", MODEL_ACCOUNT_MAX, &test->name));
    ENSURE(model_policy_is_condition(test->name), CS_E_UNKNOWN, "when.name");
    if (model_history_is_name(test->name)) {
        ENSURE(test->kind == TEST_GE || test->kind == TEST_LE, CS_E_TYPE, "when.name");
        TRY(model_policy_seconds(in, "when.window_s", &test->window_s));
    }
    return CS_SUCCESS;
}

/* Two or more, in the order of their spelling, so that a condition has one. */
static CS_RESULT take_any(struct json_in *in, struct policy_when *when)
{
    struct span before = SPAN_NONE;

    TRY(json_get_array(in, "when.any"));
    TRY(model_count_items(in, "when.any", &when->any_count));
    ENSURE(when->any_count >= 2 && when->any_count <= POLICY_FIELDS_MAX, CS_E_RANGE, "when.any");
    when->any = arena_array(in->arena, when->any_count, sizeof(*when->any));
    ENSURE(when->any != NULL, CS_E_NOMEM, "when.any");
    for (size_t i = 0; i < when->any_count; i++) {
        struct json_in ahead = *in;
        struct span text = SPAN_NONE;
        TRY(json_item_raw(&ahead, "when.any", &text));
        const int order = i > 0 ? span_cmp(before, text) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "when.any");
        before = text;
        TRY(json_item_object(in, "when.any"));
        TRY(take_test(in, &when->any[i]));
        TRY(json_close(in, "when.any"));
    }
    return json_close_array(in, "when.any");
}

static CS_RESULT take_one(struct json_in *in, struct policy_when *when)
{
    if (json_next_is(in, "when.any")) {
        return take_any(in, when);
    }
    when->any = arena_array(in->arena, 1, sizeof(*when->any));
    ENSURE(when->any != NULL, CS_E_NOMEM, "rule.when");
    when->any_count = 1;
    return take_test(in, when->any);
}

CS_RESULT model_when_take(struct json_in *in, const char *what, struct policy_when **ret_when, size_t *ret_count)
{
    size_t n = 0;

    if (!json_next_is(in, what)) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &n));
    ENSURE(n >= 1 && n <= POLICY_FIELDS_MAX, CS_E_RANGE, what);
    struct policy_when *when = arena_array(in->arena, n, sizeof(*when));
    ENSURE(when != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < n; i++) {
        TRY(json_item_object(in, what));
        TRY(take_one(in, &when[i]));
        TRY(json_close(in, what));
    }
    *ret_when = when;
    *ret_count = n;
    return json_close_array(in, what);
}

static bool declared(const struct span *names, size_t count, struct span value, bool glob)
{
    size_t i = 0;
    while (i < count && !(glob ? model_glob(value, names[i]) : span_eq(value, names[i]))) {
        i++;
    }
    return i < count;
}

/* A misspelt environment would make a rule that never applies, and so ask for less: it does not load. */
static CS_RESULT check_test(const struct policy_doc *doc, const struct policy_test *test)
{
    const bool environment = span_is(test->name, "environment");
    const bool change_type = span_is(test->name, "change_type");
    const bool glob = test->kind == TEST_GLOB || test->kind == TEST_GLOB_NOT;

    ENSURE(!(environment || change_type) || (test->kind != TEST_GE && test->kind != TEST_LE), CS_E_TYPE, "when.name");
    for (size_t i = 0; i < test->value_count; i++) {
        ENSURE(!environment || declared(doc->environments, doc->environment_count, test->values[i], glob), CS_E_UNKNOWN,
               "when.is");
        ENSURE(!change_type || declared(doc->change_types, doc->change_type_count, test->values[i], glob), CS_E_UNKNOWN,
               "when.is");
    }
    return CS_SUCCESS;
}

/* In its place among the windows, once. */
static CS_RESULT note_window(struct policy_doc *doc, uint64_t window_s)
{
    size_t at = doc->window_count;

    while (at > 0 && doc->windows[at - 1] > window_s) {
        at--;
    }
    if (at > 0 && doc->windows[at - 1] == window_s) {
        return CS_SUCCESS;
    }
    ENSURE(doc->window_count < HISTORY_WINDOWS_MAX, CS_E_RANGE, "when.window_s");
    memmove(&doc->windows[at + 1], &doc->windows[at], (doc->window_count - at) * sizeof(doc->windows[0]));
    doc->windows[at] = window_s;
    doc->window_count++;
    return CS_SUCCESS;
}

CS_RESULT model_when_windows(struct policy_doc *doc, const struct policy_when *when, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < when[i].any_count; k++) {
            const uint64_t window_s = when[i].any[k].window_s;
            TRY(window_s != 0 ? note_window(doc, window_s) : CS_SUCCESS);
        }
    }
    return CS_SUCCESS;
}

CS_RESULT model_when_check(const struct policy_doc *doc, const struct policy_when *when)
{
    for (size_t i = 0; i < when->any_count; i++) {
        TRY(check_test(doc, &when->any[i]));
    }
    return CS_SUCCESS;
}
