/* SPDX-License-Identifier: Apache-2.0 */
/* Rates, and denied calls added up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/http_denied.h"
#include "http/http_limit.h"

static struct sha256 who(unsigned n)
{
    return digest_sha256(span_make(&n, sizeof(n)));
}

static struct http_limit *limit_new(uint32_t burst, uint32_t window_s)
{
    struct http_limit *l = calloc(1, sizeof(*l));
    assert_non_null(l);
    l->burst = burst;
    l->window_s = window_s;
    return l;
}

static void a_burst_and_then_a_trickle(void **state)
{
    struct http_limit *l = limit_new(3, 60);
    const struct sha256 a = who(1);
    const struct sha256 b = who(2);
    uint64_t now_ms = 1000;
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        const struct http_allowance x = http_limit_take(l, &a, now_ms);
        assert_true(x.allowed);
        assert_int_equal(x.left, 2 - i);
    }
    const struct http_allowance full = http_limit_take(l, &a, now_ms);
    assert_false(full.allowed);
    assert_in_range(full.retry_s, 20, 21);
    assert_true(http_limit_take(l, &b, now_ms).allowed); /* another client has its own */
    for (unsigned i = 0; i < 200; i++) {                 /* asking often gains nothing, and loses nothing */
        now_ms += 99;
        assert_false(http_limit_take(l, &a, now_ms).allowed);
    }
    assert_true(http_limit_take(l, &a, now_ms + 300).allowed);
    assert_true(http_limit_take(l, &a, now_ms + 10000000).allowed);
    assert_int_equal(http_limit_take(l, &a, now_ms + 10000000).left, 1); /* never more than the burst */
    free(l);
}

static void nothing_set_allows_nothing(void **state)
{
    struct http_limit *l = limit_new(0, 0);
    const struct sha256 a = who(1);
    (void)state;
    assert_false(http_limit_take(l, &a, 1).allowed);
    free(l);
}

/* More clients than places: nobody is refused for others' sake. */
static void many_clients_find_a_place(void **state)
{
    struct http_limit *l = limit_new(2, 60);
    (void)state;
    for (unsigned i = 0; i < 3 * HTTP_LIMIT_SLOTS; i++) {
        const struct sha256 a = who(i);
        assert_true(http_limit_take(l, &a, 1000 + i).allowed);
    }
    free(l);
}

static void denials_are_added_up(void **state)
{
    struct http_denied d;
    struct http_denial x;
    (void)state;
    memset(&d, 0, sizeof(d));
    assert_false(http_denied_take(&d, &x));
    for (unsigned i = 0; i < 5; i++) {
        http_denied_add(&d, "system:http", "10.0.0.1", "bad_token");
    }
    http_denied_add(&d, "client:ci", "10.0.0.1", "no_scope");
    assert_true(http_denied_take(&d, &x));
    assert_string_equal(x.code, "bad_token");
    assert_int_equal(x.count, 5);
    assert_true(http_denied_take(&d, &x));
    assert_string_equal(x.actor, "client:ci");
    assert_false(http_denied_take(&d, &x));
    assert_int_equal(d.total, 6);
}

/* A flood from everywhere is bounded, and not one call of it is lost. */
static void a_flood_is_bounded(void **state)
{
    struct http_denied d;
    struct http_denial x;
    uint64_t sum = 0;
    unsigned kinds = 0;
    (void)state;
    memset(&d, 0, sizeof(d));
    for (unsigned i = 0; i < 100000; i++) {
        char ip[32];
        char code[32];
        (void)snprintf(ip, sizeof(ip), "10.0.%u.%u", i / 256 % 256, i % 256);
        (void)snprintf(code, sizeof(code), "code%u", i % 97);
        http_denied_add(&d, "system:http", ip, code);
    }
    while (http_denied_take(&d, &x)) {
        sum += x.count;
        kinds++;
    }
    assert_int_equal(sum, 100000);
    assert_in_range(kinds, 1, HTTP_DENIED_KINDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_burst_and_then_a_trickle), cmocka_unit_test(nothing_set_allows_nothing),
        cmocka_unit_test(many_clients_find_a_place),  cmocka_unit_test(denials_are_added_up),
        cmocka_unit_test(a_flood_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
