/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation fails once, ours and libyaml's: for k = 0, 1, 2… the k-th fails, until a document runs through.
 * Whatever fails is said to be memory, nothing is written, and nothing leaks (the sanitizer build looks).
 */
#include "draft_bed.h"

#include "support/any_policy.h"

static bool armed;
static size_t left;
static size_t yaml_failed;

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);

/* libyaml asks these by name, so the program's come before its own. */
#define SEEN __attribute__((visibility("default")))
SEEN void *yaml_malloc(size_t n);
SEEN void *yaml_realloc(void *p, size_t n);
SEEN unsigned char *yaml_strdup(const unsigned char *text);

/* Fails once and then no more. */
static bool fails(void)
{
    if (!armed) {
        return false;
    }
    if (left > 0) {
        left--;
        return false;
    }
    armed = false;
    return true;
}

static bool yaml_fails(void)
{
    const bool now = fails();
    yaml_failed += now ? 1U : 0U;
    return now;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return fails() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

void *yaml_malloc(size_t n)
{
    return yaml_fails() ? NULL : __real_malloc(n > 0 ? n : 1);
}

void *yaml_realloc(void *p, size_t n)
{
    return yaml_fails() ? NULL : (p != NULL ? __real_realloc(p, n > 0 ? n : 1) : __real_malloc(n > 0 ? n : 1));
}

unsigned char *yaml_strdup(const unsigned char *text)
{
    const size_t n = text != NULL ? strlen((const char *)text) + 1 : 0;
    unsigned char *copy = text != NULL && !yaml_fails() ? __real_malloc(n) : NULL;
    if (copy != NULL) {
        memcpy(copy, text, n);
    }
    return copy;
}

#define NONE "\0\0\0\0"
#define BLOCK                                                                                                          \
    "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" NONE NONE NONE NONE "\0\0\0\1"                                               \
    "\0\0\0\1"                                                                                                         \
    "\0\0\0\0\0\0"                                                                                                     \
    "\0"
#define BERLIN BLOCK BLOCK "\nCET-1CEST,M3.5.0,M10.5.0/3\n"

/* Every zone is like this one. */
static struct cs_result zone(struct span name, struct writer *w)
{
    static const char file[] = BERLIN;
    (void)name;
    wr_bytes(w, span_make(file, sizeof(file) - 1));
    return wr_end(w, "zone");
}

/* CS_OK or CS_E_NOMEM; out is written only when all is well. */
static CS_RESULT once(const char *text, struct writer *out)
{
    struct arena arena;
    struct draft *d = NULL;
    const struct draft_node *top = NULL;
    struct cs_result r = CS_FAIL(CS_E_NOMEM, "draft");

    arena_init(&arena, 64U << 20);
    d = arena_alloc(&arena, sizeof(*d));
    if (d != NULL) {
        draft_init(d, &arena);
        d->zone = zone;
        r = draft_load(d, span_str(text), &top);
    }
    if (r.code == CS_OK) {
        r = draft_policy(d, top, NULL, out);
    }
    arena_release(&arena);
    return r;
}

static void survives(const char *text)
{
    bool through = false;
    size_t refused = 0;
    yaml_failed = 0;
    for (size_t k = 0; !through; k++) {
        AUTO_WRITER out = wr_heap(1U << 20);
        assert_true(k < 50000);
        left = k;
        armed = true;
        const struct cs_result r = once(text, &out);
        through = armed; /* nothing was left to fail */
        armed = false;
        if (through) {
            assert_int_equal(r.code, CS_OK);
        } else if (r.code != CS_OK) {
            if (r.code != CS_E_NOMEM)
                fail_msg("%s %s at %zu", cs_code_name(r.code), r.msg, k);
            assert_int_equal(out.len, 0);
            refused++;
        } else {
            assert_true(out.len > 0); /* what failed was not needed */
        }
    }
    assert_true(refused > 20 && yaml_failed > 20); /* or the sweep does not reach what it is for */
}

static void a_document_survives_every_failed_allocation(void **state)
{
    (void)state;
    survives(BED_HEAD "  - id: r\n    when: { any: [ { environment: production, attributes.x: [b, a] "
                      "}, { not: { service: \"s\" } } ] }\n"
                      "    require:\n      fields: [title]\n      separate: [trigger, authors]\n"
                      "      seats: [ { role: tech, id: a }, { role: business, id: b, after: a } ]\n");
}

static bool has_all(const char *text)
{
    static const char *const words[] = {
        "zone: ",     "history: ", "earned:",        "emergency:", "duty:",   "delegation:", "freeze:",
        "escalate: ", "evidence:", "access_review:", "after: ",    "tokens:", "retention:"};
    size_t i = 0;
    while (i < sizeof(words) / sizeof(words[0]) && strstr(text, words[i]) != NULL) {
        i++;
    }
    return i == sizeof(words) / sizeof(words[0]);
}

/* The first generated one that has them. */
static void every_word_survives_as_well(void **state)
{
    static const uint8_t key[MODEL_SPKI_BYTES] = {0};
    struct any_policy *p = calloc(1, sizeof(*p));
    AUTO_WRITER text = wr_heap(1U << 16);
    (void)state;
    assert_non_null(p);
    for (uint64_t round = 0; text.len == 0 || !has_all((const char *)text.p); round++) {
        struct chance c = chance_of(1, round);
        text.len = 0;
        any_policy_make(&c, 1, SPAN_OF(key), p);
        any_policy_write(p, false, &text);
        wr_u8(&text, 0);
        assert_true(round < 100000);
    }
    free(p);
    survives((const char *)text.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_document_survives_every_failed_allocation),
                                       cmocka_unit_test(every_word_survives_as_well)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
