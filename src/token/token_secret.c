/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_secret.h"

#include <sys/mman.h>

CS_RESULT token_vault_new(struct token_vault **ret_vault)
{
    struct token_vault *v = mmap(NULL, sizeof(*v), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ENSURE(v != MAP_FAILED, CS_E_NOMEM, "vault.page");
    if (mlock(v, sizeof(*v)) != 0 || madvise(v, sizeof(*v), MADV_DONTDUMP) != 0 ||
        madvise(v, sizeof(*v), MADV_WIPEONFORK) != 0) {
        (void)munmap(v, sizeof(*v));
        return CS_FAIL(CS_E_IO, "vault.mlock");
    }
    *ret_vault = v;
    return CS_SUCCESS;
}

void token_vault_free(struct token_vault *v)
{
    if (v != NULL) {
        explicit_bzero(v, sizeof(*v));
        (void)munmap(v, sizeof(*v));
    }
}

void token_secret_wipe(struct token_secret *s)
{
    explicit_bzero(s, sizeof(*s));
}

void token_vault_start(struct token_vault *v)
{
    v->running = v->incoming;
    token_secret_wipe(&v->incoming);
}

/* One character of the string body at q[*at]; false for what a PIN cannot hold. */
static bool unescape(struct span q, size_t *at, char *ret_c)
{
    uint8_t c = q.p[*at];

    if (c == '\\') {
        if (*at + 1 >= q.left) {
            return false;
        }
        *at += 1;
        c = q.p[*at];
        if (c != '\\' && c != '"') {
            return false;
        }
    }
    *at += 1;
    *ret_c = (char)c;
    return c >= 0x20 && c != 0x7f;
}

static CS_RESULT take_body(struct span body, struct token_secret *pin)
{
    size_t n = 0;
    unsigned points = 0;

    for (size_t at = 0; at < body.left; n++) {
        ENSURE(n < TOKEN_PIN_MAX_BYTES, CS_E_RANGE, "token.pin");
        ENSURE(unescape(body, &at, &pin->text[n]), CS_E_RANGE, "token.pin");
        points += ((uint8_t)pin->text[n] & 0xc0u) != 0x80u ? 1u : 0u;
    }
    pin->text[n] = '\0';
    ENSURE(points >= TOKEN_PIN_MIN_POINTS, CS_E_RANGE, "token.pin");
    return CS_SUCCESS;
}

CS_RESULT token_secret_take(struct span quoted, struct token_secret *ret_pin)
{
    struct cs_result res = CS_FAIL(CS_E_RANGE, "token.pin");

    token_secret_wipe(ret_pin);
    if (quoted.left >= 2 && quoted.p[0] == '"' && quoted.p[quoted.left - 1] == '"') {
        res = take_body(span_make(quoted.p + 1, quoted.left - 2), ret_pin);
    }
    if (res.code != CS_OK) {
        token_secret_wipe(ret_pin);
    }
    return res;
}
