/* SPDX-License-Identifier: Apache-2.0 */
/* Who a credential belongs to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/http_auth.h"
#include "support/author_log.h"

enum { CAP_BYTES = 64 << 20 };

struct bed {
    struct state state;
    struct http_auth auth;
    struct state_client a;
    struct state_client b;
    struct sha256 tokens[3];
    struct span names[2];
};

static void add(struct bed *t, struct state_client *c, const char *id)
{
    c->id = span_str(id);
    const struct sha256 key = digest_sha256(c->id);
    assert_int_equal(map_put(&t->state.clients, &t->state.pool, &key, c).code, CS_OK);
}

static int begin(void **state)
{
    struct bed *t = calloc(1, sizeof(*t));
    assert_non_null(t);
    assert_int_equal(state_init(&t->state, CAP_BYTES).code, CS_OK);
    t->state.begun = true;
    t->state.roster_index = 7;
    t->tokens[0] = digest_sha256(SPAN_LIT("alpha"));
    t->tokens[1] = digest_sha256(SPAN_LIT("shared"));
    t->tokens[2] = digest_sha256(SPAN_LIT("shared"));
    t->names[0] = SPAN_LIT("spiffe://x/ci");
    t->names[1] = SPAN_LIT("cn:ci");
    t->a = (struct state_client){.tokens = &t->tokens[0], .token_count = 2, .scopes = 1u << SCOPE_READ};
    t->b = (struct state_client){.tokens = &t->tokens[2], .token_count = 1, .tls = t->names, .tls_count = 2};
    add(t, &t->a, "a");
    add(t, &t->b, "b");
    *state = t;
    return 0;
}

static int end(void **state)
{
    struct bed *t = *state;
    http_auth_release(&t->auth);
    state_release(&t->state);
    free(t);
    return 0;
}

static void tokens_and_names(void **state)
{
    struct bed *t = *state;
    assert_null(http_auth_token(&t->auth, SPAN_LIT("alpha"))); /* nothing built yet: nobody */
    assert_int_equal(http_auth_refresh(&t->auth, &t->state).code, CS_OK);
    assert_ptr_equal(http_auth_token(&t->auth, SPAN_LIT("alpha")), &t->a);
    assert_null(http_auth_token(&t->auth, SPAN_LIT("alpha ")));
    assert_null(http_auth_token(&t->auth, SPAN_NONE));
    assert_null(http_auth_token(&t->auth, SPAN_LIT("shared"))); /* two claim it: neither has it */
    assert_ptr_equal(http_auth_name(&t->auth, SPAN_LIT("spiffe://x/ci")), &t->b);
    assert_ptr_equal(http_auth_name(&t->auth, SPAN_LIT("cn:ci")), &t->b);
    assert_null(http_auth_name(&t->auth, SPAN_LIT("ci")));
}

static void removed_clients_are_nobody_at_once(void **state)
{
    struct bed *t = *state;
    assert_int_equal(http_auth_refresh(&t->auth, &t->state).code, CS_OK);
    t->a.removed = true; /* as the fold does, before any rebuild */
    assert_null(http_auth_token(&t->auth, SPAN_LIT("alpha")));
    t->state.roster_index = 8;
    assert_int_equal(http_auth_refresh(&t->auth, &t->state).code, CS_OK);
    assert_ptr_equal(http_auth_token(&t->auth, SPAN_LIT("shared")), &t->b); /* only one claims it now */
}

static void scopes(void **state)
{
    struct bed *t = *state;
    assert_true(http_auth_may(&t->a, 1u << SCOPE_READ | 1u << SCOPE_AUDIT));
    assert_false(http_auth_may(&t->a, 1u << SCOPE_REDEEM));
    assert_false(http_auth_may(&t->b, 1u << SCOPE_READ));
    assert_false(http_auth_may(NULL, UINT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tokens_and_names, begin, end),
        cmocka_unit_test_setup_teardown(removed_clients_are_nobody_at_once, begin, end),
        cmocka_unit_test_setup_teardown(scopes, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
