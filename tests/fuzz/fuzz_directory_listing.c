/* SPDX-License-Identifier: Apache-2.0 */
/* What a server lists, and names that a directory gives: what is sent of it is an entry, whatever they are. */
#include <stdlib.h>

#include "directory/directory_listing.h"

enum { ARENA_BYTES = 32 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char config[] = "{\"groups\":[{\"attribute\":\"uid\",\"base\":\"dc=x\",\"filter\":\"(a=b)\",\"role\":"
                                 "\"tech\"}],\"source\":\"ldap\","
                                 "\"uri\":\"ldaps://h\"}";
    struct directory_config c;
    struct directory_names n = {.arena = NULL};
    struct directory_listing l = {.person = NULL};
    struct arena a;
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    const size_t name = end != NULL ? (size_t)(end - data) : 0;

    arena_init(&a, ARENA_BYTES);
    n.arena = &a;
    must(directory_config_decode(span_str(config), &a, &c).code == CS_OK);
    must(directory_names_add(&n, SPAN_LIT("tech"), span_make(data, name)).code == CS_OK);
    directory_names_finish(&n);
    const size_t skip = end != NULL ? name + 1 : 0;
    if (directory_listing_add(&l, span_make(data + skip, size - skip), &a).code == CS_OK) {
        size_t at = 0;
        struct directory_note x = {0};
        while (!x.total_set) {
            must(directory_listing_next(&l, &c, &n, &a, &at, &x).code == CS_OK);
            must(x.count <= MODEL_LISTED_MAX);
        }
        must(x.total <= l.count); /* one role at most */
    }
    arena_release(&a);
    return 0;
}
