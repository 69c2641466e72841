/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was written and what was compiled give the same answer, missing values included. Conditions are generated, from
 * tests upward, each with its answers for a set of requests by Kleene's three values; the compiled rule must apply
 * exactly where the answer is not "no". Requirement 4.1. `test_draft_when SEED` repeats a run.
 */
#include <sys/random.h>

#include "draft_bed.h"

/* History of one window: what the request says, and 30 days of it asked. */
enum { WINDOW_S = 30 * 86400 };

enum { ROUNDS = 400, REQUESTS = 24, LEAVES = 10, NODES = 34, TEXT_MAX = 3000 };

static uint64_t seed;
static uint64_t random_state;

struct formula {
    uint8_t room[TEXT_MAX];
    struct writer text;   /* YAML */
    int answer[REQUESTS]; /* -1 no, 0 untold, 1 yes */
};

struct world {
    struct deploy_content request[REQUESTS];
    struct history_window history[REQUESTS];
    struct formula node[NODES];
    size_t count;
};

static uint64_t draw(uint64_t below)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (random_state * UINT64_C(2685821657736338717) >> 33) % below;
}

static const char *const keys[] = {"a", "b", "n"};
static const char *const values[] = {"-3", "7", "axb", "cab"};

static void make_requests(struct world *w)
{
    for (size_t i = 0; i < REQUESTS; i++) {
        struct deploy_content *d = &w->request[i];
        memset(d, 0, sizeof(*d));
        for (size_t k = 0; k < 3; k++) {
            if (draw(4) > 0) {
                d->attributes[d->attribute_count++] =
                    (struct text_pair){.key = span_str(keys[k]), .value = span_str(values[draw(4)])};
            }
        }
        struct history_window *h = &w->history[i];
        *h = (struct history_window){.deployments = draw(4), .recovery_s = draw(4), .window_s = WINDOW_S};
        h->failed = draw(h->deployments + 1);
        d->history = h;
        d->history_count = draw(4) > 0 ? 1 : 0;
    }
}

static const char *value_of(const struct deploy_content *d, const char *key)
{
    for (size_t i = 0; i < d->attribute_count; i++) {
        if (span_is(d->attributes[i].key, key)) {
            return (const char *)d->attributes[i].value.p;
        }
    }
    return NULL;
}

static int yes_if(bool holds)
{
    return holds ? 1 : -1;
}

/* One of ten comparisons, by number; the reference is written without the room's code. */
static int compare(uint64_t form, const char *value, const char *other, long bound)
{
    const bool number = value != NULL && (value[0] == '-' || value[0] == '7');
    const long n = number ? strtol(value, NULL, 10) : 0;

    if (value == NULL || (form >= 2 && form <= 5 && !number)) {
        return 0;
    }
    switch (form) {
    case 0:
        return yes_if(strcmp(value, other) == 0);
    case 1:
        return yes_if(strcmp(value, other) == 0 || strcmp(value, "axb") == 0);
    case 2:
        return yes_if(n >= bound);
    case 3:
        return yes_if(n > bound);
    case 4:
        return yes_if(n <= bound);
    case 5:
        return yes_if(n < bound);
    default:
        return yes_if(strchr(value, 'a') != NULL);
    }
}

static struct formula *begin(struct world *w)
{
    struct formula *f = &w->node[w->count];
    f->text = wr_fixed(f->room, sizeof(f->room));
    return f;
}

static void make_leaf(struct world *w)
{
    static const char *const forms[] = {"ge", "gt", "le", "lt"};
    struct formula *f = begin(w);
    const char *key = keys[draw(3)];
    const char *other = values[draw(4)];
    const uint64_t form = draw(7);
    const long bound = (long)draw(12) - 5;
    char value[64] = "{ glob: \"*a*\" }";

    if (form == 0) {
        (void)snprintf(value, sizeof(value), "%s", other);
    } else if (form == 1) {
        (void)snprintf(value, sizeof(value), "[ %s%s ]", other, strcmp(other, "axb") == 0 ? "" : ", axb");
    } else if (form < 6) {
        (void)snprintf(value, sizeof(value), "{ %s: %ld }", forms[form - 2], bound);
    }
    wr_text(&f->text, "{ attributes.");
    wr_text(&f->text, key);
    wr_text(&f->text, ": ");
    wr_text(&f->text, value);
    wr_text(&f->text, " }");
    for (size_t i = 0; i < REQUESTS; i++) {
        f->answer[i] = compare(form, value_of(&w->request[i], key), other, bound);
    }
    w->count++;
}

static int ask_history(const struct deploy_content *d, uint64_t metric, uint64_t form, uint64_t bound)
{
    const struct history_window *h = d->history;
    const uint64_t have[] = {h->failed * 4, h->deployments, h->recovery_s};
    const uint64_t want = metric == 0 ? bound * h->deployments : bound; /* of a share in quarters */

    if (d->history_count == 0 || (metric != 1 && h->deployments == 0)) {
        return 0;
    }
    switch (form) {
    case 0:
        return yes_if(have[metric] >= want);
    case 1:
        return yes_if(have[metric] > want);
    case 2:
        return yes_if(have[metric] <= want);
    default:
        return yes_if(have[metric] < want);
    }
}

/* Two measures in one: both must hold. Shares are quarters, which rounding up leaves on the right side of their bounds.
 */
static void make_history(struct world *w)
{
    static const char *const metrics[] = {"change_fail_rate", "deployments", "recovery"};
    static const char *const forms[] = {"ge", "gt", "le", "lt"};
    static const char *const shares[] = {"0.0", "0.25", "0.5", "0.75"};
    struct formula *f = begin(w);
    const uint64_t first = draw(3);

    wr_text(&f->text, "{ history: { window: 30d");
    for (size_t i = 0; i < REQUESTS; i++) {
        f->answer[i] = 1;
    }
    for (uint64_t k = 0; k < 2; k++) {
        const uint64_t metric = (first + k) % 3;
        const uint64_t form = draw(4);
        const uint64_t bound = draw(4);
        char text[80];
        (void)snprintf(text, sizeof(text), ", %s: { %s: %s%s }", metrics[metric], forms[form],
                       metric == 0 ? shares[bound] : (const char *const[]){"0", "1", "2", "3"}[bound],
                       metric == 2 ? "s" : "");
        wr_text(&f->text, text);
        for (size_t i = 0; i < REQUESTS; i++) {
            const int answer = ask_history(&w->request[i], metric, form, bound);
            f->answer[i] = answer < f->answer[i] ? answer : f->answer[i];
        }
    }
    wr_text(&f->text, " } }");
    w->count++;
}

static void make_not(struct world *w, const struct formula *of)
{
    struct formula *f = begin(w);

    wr_text(&f->text, "{ not: ");
    wr_bytes(&f->text, wr_span(&of->text));
    wr_text(&f->text, " }");
    for (size_t i = 0; i < REQUESTS; i++) {
        f->answer[i] = -of->answer[i];
    }
}

static void make_list(struct world *w, bool any, const struct formula *a, const struct formula *b)
{
    struct formula *f = begin(w);

    wr_text(&f->text, any ? "{ any: [ " : "{ all: [ ");
    wr_bytes(&f->text, wr_span(&a->text));
    wr_text(&f->text, ", ");
    wr_bytes(&f->text, wr_span(&b->text));
    wr_text(&f->text, " ] }");
    for (size_t i = 0; i < REQUESTS; i++) {
        const bool first = any ? a->answer[i] > b->answer[i] : a->answer[i] < b->answer[i];
        f->answer[i] = first ? a->answer[i] : b->answer[i];
    }
}

/* Later ones are made of earlier ones, so they nest. */
static void make_world(struct world *w)
{
    w->count = 0;
    make_requests(w);
    while (w->count < LEAVES) {
        if (draw(4) == 0) {
            make_history(w);
        } else {
            make_leaf(w);
        }
    }
    while (w->count < NODES) {
        const struct formula *a = &w->node[draw(w->count)];
        const struct formula *b = &w->node[draw(w->count)];
        if (draw(3) == 0) {
            make_not(w, a);
        } else {
            make_list(w, draw(2) == 0, a, b);
        }
        w->count += wr_end(&w->node[w->count].text, "text").code == CS_OK ? 1U : 0U; /* or it is too long */
    }
}

/* False when it was refused for its size. */
static bool agrees(const struct world *w, const struct formula *f)
{
    AUTO_WRITER text = wr_heap(TEXT_MAX + 1024);
    struct bed b = {.result = CS_SUCCESS};

    wr_text(&text, BED_HEAD "  - id: r\n    when: ");
    wr_bytes(&text, wr_span(&f->text));
    wr_text(&text, "\n    require: {}\n");
    wr_u8(&text, 0);
    bed_compile(&b, (const char *)text.p, NULL);
    if (b.result.code != CS_OK) {
        const char *why = b.draft.fault[0].sentence;
        if (strstr(why, "multiplied out") == NULL && strstr(why, "nested more") == NULL) {
            fail_msg("seed %llu: %s: %s", (unsigned long long)seed, (const char *)text.p, why);
        }
        bed_release(&b);
        return false;
    }
    for (size_t i = 0; i < REQUESTS; i++) {
        if (policy_matches(&b.doc.rules[0], &w->request[i]) != (f->answer[i] >= 0)) {
            fail_msg("seed %llu: %s: another answer: %.*s", (unsigned long long)seed, (const char *)text.p,
                     (int)b.out.len, (const char *)b.out.p);
        }
    }
    bed_release(&b);
    return true;
}

static void what_was_written_is_what_is_judged(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    size_t compiled = 0;
    (void)state;

    assert_non_null(w);
    random_state = seed | 1U;
    for (size_t round = 0; round < ROUNDS; round++) {
        make_world(w);
        for (size_t i = 0; i < w->count; i++) {
            compiled += agrees(w, &w->node[i]) ? 1U : 0U;
        }
    }
    free(w);
    assert_true(compiled > (size_t)ROUNDS * LEAVES * 2); /* or most are refused */
}

/* a or (a and b) is a; an alternative twice is one. */
static void what_follows_is_left_out(void **state)
{
    static const char *const same[] = {
        "{ any: [ { service: a }, { service: a, attributes.x: b } ] }",
        "{ all: [ { service: a }, { any: [ { service: a }, { attributes.x: b } ] } ] }",
        "{ not: { not: { service: a } } }",
        "{ any: [ { service: a }, { all: [ { service: a } ] } ] }",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        char text[1024];
        struct bed b = {.result = CS_SUCCESS};
        (void)snprintf(text, sizeof(text), BED_HEAD "  - id: r\n    when: %s\n    require: {}\n", same[i]);
        bed_compile(&b, text, NULL);
        assert_int_equal(b.result.code, CS_OK);
        assert_int_equal(b.doc.rules[0].when_count, 1);
        assert_int_equal(b.doc.rules[0].when[0].any_count, 1);
        assert_int_equal(b.doc.rules[0].when[0].any[0].kind, TEST_IS);
        bed_release(&b);
    }
}

/* Six times two: 64 conditions of six alternatives. */
static void what_grows_too_far_is_refused(void **state)
{
    static const char text[] =
        BED_HEAD "  - id: r\n    when:\n      any:\n"
                 "        - { attributes.a: x, attributes.b: x }\n        - { attributes.c: x, attributes.d: x }\n"
                 "        - { attributes.e: x, attributes.f: x }\n        - { attributes.g: x, attributes.h: x }\n"
                 "        - { attributes.i: x, attributes.j: x }\n        - { attributes.k: x, attributes.l: x }\n"
                 "    require: {}\n";
    struct bed b = {.result = CS_SUCCESS};
    (void)state;
    bed_compile(&b, text, NULL);
    assert_int_equal(b.result.code, CS_E_REFUSED);
    assert_non_null(strstr(b.draft.fault[0].sentence, "multiplied out"));
    bed_release(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_what_is_judged),
        cmocka_unit_test(what_follows_is_left_out),
        cmocka_unit_test(what_grows_too_far_is_refused),
    };
    if (argc == 2) {
        seed = strtoull(argv[1], NULL, 10);
    } else if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return 1;
    }
    (void)printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
