/* SPDX-License-Identifier: Apache-2.0 */
/* What a directory has, compared with what is listed; and what may be asked of it. Requirement 2.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "directory/directory_listing.h"

#define GROUP(role)  "{\"role\":\"" role "\",\"base\":\"dc=x\",\"filter\":\"(a=b)\",\"attribute\":\"uid\"}"
#define CONFIG(rest) "{\"source\":\"ldap\",\"uri\":\"ldaps://h\"," rest "}"
#define BOTH         "\"groups\":[" GROUP("business") "," GROUP("tech") "]"
#define PAGE(rest)   "{" rest ",\"prev\":7,\"silent\":false,\"source\":\"ldap\",\"total\":1}"
#define ONE(id, more)                                                                                                  \
    "{\"accounts\":[" more "],\"listed\":[\"tech\"],\"person\":\"" id "\",\"roles\":[\"business\",\"tech\"]}"

static const struct row {
    const char *name;
    const char *text;
    enum cs_code want;
} configs[] = {
    {"good", CONFIG(BOTH), CS_OK},
    {"StartTLS", "{\"source\":\"ldap\",\"uri\":\"ldap://h\"," BOTH "}", CS_OK},
    {"local", "{\"source\":\"ldap\",\"uri\":\"ldapi://%2Frun%2Fx\"," BOTH "}", CS_OK},
    {"in the clear", "{\"source\":\"ldap\",\"uri\":\"http://h\"," BOTH "}", CS_E_RANGE},
    {"two servers", "{\"source\":\"ldap\",\"uri\":\"ldaps://h ldap://h\"," BOTH "}", CS_E_RANGE},
    {"a whole URL", "{\"source\":\"ldap\",\"uri\":\"ldaps://h/dc=x?uid\"," BOTH "}", CS_E_RANGE},
    {"no groups", CONFIG("\"groups\":[]"), CS_E_RANGE},
    {"a word more", CONFIG(BOTH ",\"tls\":false"), CS_E_UNKNOWN},
    {"a group without a filter", CONFIG("\"groups\":[{\"role\":\"tech\",\"base\":\"dc=x\",\"attribute\":\"uid\"}]"),
     CS_E_MISSING},
    {"a name without a password", CONFIG(BOTH ",\"bind_dn\":\"cn=r\""), CS_E_MISSING},
    {"a password without a name", CONFIG(BOTH ",\"password_file\":\"p\""), CS_E_MISSING},
    {"no entries", CONFIG(BOTH ",\"most\":0"), CS_E_RANGE},
    {"too many", CONFIG(BOTH ",\"most\":100001"), CS_E_RANGE},
    {"an empty base", CONFIG("\"groups\":[{\"role\":\"t\",\"base\":\"\",\"filter\":\"(a=b)\",\"attribute\":\"uid\"}]"),
     CS_E_RANGE},
    {"no source", "{\"uri\":\"ldaps://h\"," BOTH "}", CS_E_MISSING},
    {"no JSON", "source: ldap", CS_E_SYNTAX},
};

static void configs_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
        struct directory_config c;
        struct directory_config before;
        struct arena a;
        arena_init(&a, 1 << 20);
        memset(&c, 0x5a, sizeof(c));
        memcpy(&before, &c, sizeof(c));
        const struct cs_result r = directory_config_decode(span_str(configs[i].text), &a, &c);
        if (r.code != configs[i].want) {
            fail_msg("%s: %s %s", configs[i].name, cs_code_name(r.code), r.msg);
        }
        if (r.code != CS_OK) {
            assert_memory_equal(&c, &before, sizeof(c));
        }
        arena_release(&a);
    }
}

static const struct row pages[] = {
    {"good", PAGE("\"items\":[" ONE("a", "") "]"), CS_OK},
    {"no items", "{\"prev\":7,\"source\":\"ldap\"}", CS_E_TYPE},
    {"no prev", "{\"items\":[],\"source\":\"ldap\"}", CS_E_TYPE},
    {"a page that does not go on", PAGE("\"items\":[],\"next\":0"), CS_E_RANGE},
    {"roles out of order",
     PAGE("\"items\":[{\"accounts\":[],\"listed\":[],\"person\":\"a\",\"roles\":[\"tech\",\"business\"]}]"),
     CS_E_ORDER},
    {"a person that is none", PAGE("\"items\":[{\"accounts\":[],\"listed\":[],\"person\":\"a b\",\"roles\":[]}]"),
     CS_E_SYNTAX},
    {"no JSON", "<html>", CS_E_SYNTAX},
};

static void pages_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        struct directory_listing l = {.person = NULL};
        struct arena a;
        arena_init(&a, 1 << 20);
        const struct cs_result r = directory_listing_add(&l, span_str(pages[i].text), &a);
        if (r.code != pages[i].want) {
            fail_msg("%s: %s %s", pages[i].name, cs_code_name(r.code), r.msg);
        }
        arena_release(&a);
    }
}

struct bed {
    struct arena a;
    struct directory_config c;
    struct directory_names n;
    struct directory_listing l;
};

static void begin(struct bed *b, const char *config, const char *page)
{
    memset(b, 0, sizeof(*b));
    arena_init(&b->a, 64 << 20);
    b->n.arena = &b->a;
    assert_int_equal(directory_config_decode(span_str(config), &b->a, &b->c).code, CS_OK);
    assert_int_equal(directory_listing_add(&b->l, span_str(page), &b->a).code, CS_OK);
}

static void add(struct bed *b, const char *role, const char *name)
{
    assert_int_equal(directory_names_add(&b->n, span_str(role), span_str(name)).code, CS_OK);
}

/* By id or account, in any letter case; names that are none are left out. */
static void people_are_found_by_name(void **state)
{
    struct bed b;
    struct directory_note x;
    size_t at = 0;
    (void)state;

    begin(&b, CONFIG(BOTH ",\"prefix\":\"ad:\""),
          PAGE("\"items\":[" ONE("zoe", "\"ad:z.lee\"") "," ONE("anna", "\"git:anna2\"") "," ONE("tom", "") "]"));
    add(&b, "business", "Z.Lee");
    add(&b, "tech", "ANNA");
    add(&b, "tech", "anna2"); /* not by an account of something else */
    add(&b, "business", "anna2");
    add(&b, "tech", "t o m");
    add(&b, "tech", "");
    directory_names_finish(&b.n);
    assert_int_equal(directory_listing_next(&b.l, &b.c, &b.n, &b.a, &at, &x).code, CS_OK);
    assert_int_equal(x.count, 2); /* of anna it is what is listed */
    assert_true(span_is(x.item[0].person, "tom") && x.item[0].role_count == 0);
    assert_true(span_is(x.item[1].person, "zoe") && x.item[1].role_count == 1);
    assert_true(span_is(x.item[1].roles[0], "business"));
    assert_true(x.total_set && x.total == 2 && x.prev == 7 && span_is(x.source, "ldap"));
    assert_int_equal(directory_listing_unsaid(&b.l, &b.c).left, 0);
    arena_release(&b.a);
}

static void a_role_that_no_search_finds_is_said(void **state)
{
    struct bed b;
    (void)state;
    begin(&b, CONFIG("\"groups\":[" GROUP("tech") "]"), PAGE("\"items\":[" ONE("a", "") "]"));
    assert_true(span_is(directory_listing_unsaid(&b.l, &b.c), "business"));
    arena_release(&b.a);
}

/* Of many people, only the last entry has the sum. */
static void many_go_in_several_entries(void **state)
{
    AUTO_WRITER page = wr_heap(1 << 20);
    struct bed b;
    struct directory_note x = {0};
    size_t at = 0;
    size_t people = 0;
    size_t entries = 0;
    (void)state;

    wr_text(&page, "{\"items\":[");
    for (unsigned i = 0; i < 600; i++) {
        char text[160];
        (void)snprintf(text, sizeof(text), "%s" ONE("p%u", ""), i > 0 ? "," : "", i);
        wr_text(&page, text);
    }
    wr_text(&page, "],\"prev\":7,\"source\":\"ldap\"}");
    wr_u8(&page, 0);
    begin(&b, CONFIG(BOTH), (const char *)page.p);
    add(&b, "tech", "p599");
    directory_names_finish(&b.n);
    while (!x.total_set) {
        AUTO_WRITER body = wr_heap(MODEL_CONTENT_MAX);
        assert_int_equal(directory_listing_next(&b.l, &b.c, &b.n, &b.a, &at, &x).code, CS_OK);
        assert_int_equal(model_directory_encode(&x, &body).code, CS_OK);
        people += x.count;
        entries++;
    }
    assert_int_equal(people, 599);
    assert_true(entries >= 3 && x.total == 1);
    arena_release(&b.a);
}

static void pages_of_two_moments_do_not_belong_together(void **state)
{
    struct bed b;
    (void)state;
    begin(&b, CONFIG(BOTH), "{\"items\":[" ONE("a", "") "],\"next\":9,\"prev\":7,\"source\":\"ldap\"}");
    assert_true(b.l.more && b.l.next == 9);
    assert_int_equal(directory_listing_add(&b.l, SPAN_LIT("{\"items\":[],\"prev\":8,\"source\":\"ldap\"}"), &b.a).code,
                     CS_E_STATE);
    assert_int_equal(directory_listing_add(&b.l, SPAN_LIT("{\"items\":[],\"prev\":7,\"source\":\"ldap\"}"), &b.a).code,
                     CS_OK);
    assert_false(b.l.more);
    arena_release(&b.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configs_by_row),
        cmocka_unit_test(pages_by_row),
        cmocka_unit_test(people_are_found_by_name),
        cmocka_unit_test(a_role_that_no_search_finds_is_said),
        cmocka_unit_test(many_go_in_several_entries),
        cmocka_unit_test(pages_of_two_moments_do_not_belong_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
