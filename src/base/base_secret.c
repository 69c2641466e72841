/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_secret.h"

#include <sys/mman.h>

void secret_wipe(void *p, size_t n)
{
    explicit_bzero(p, n);
}

void secret_init(struct secret *s)
{
    (void)mlock(s, sizeof(*s)); /* best effort, as the header says */
    memset(s, 0, sizeof(*s));
}

void secret_release(struct secret *s)
{
    secret_wipe(s, sizeof(*s));
}

CS_RESULT secret_set(struct secret *s, struct span value)
{
    ENSURE(value.left <= SECRET_MAX_BYTES, CS_E_FULL, "secret");
    secret_wipe(s->b, s->len);
    s->len = 0;
    return secret_append(s, value);
}

CS_RESULT secret_append(struct secret *s, struct span more)
{
    ENSURE(more.left <= SECRET_MAX_BYTES - s->len, CS_E_FULL, "secret");
    if (more.left > 0) {
        memcpy(s->b + s->len, more.p, more.left);
        s->len += more.left;
    }
    return CS_SUCCESS;
}

void secret_cut(struct secret *s, size_t n)
{
    const size_t cut = n < s->len ? n : s->len;
    s->len -= cut;
    secret_wipe(s->b + s->len, cut);
}
