/* SPDX-License-Identifier: Apache-2.0 */
/* Any frame of the token agent: refused, or an event whose spans lie in bounds. */
#include "../../src/prog/kiosk/kiosk_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum(struct span s)
{
    unsigned n = 0;
    for (size_t i = 0; i < s.left; i++) {
        n += s.p[i];
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct kiosk_token_event e;
    volatile unsigned seen = 0;
    arena_init(&arena, 1 << 22);
    if (kiosk_token_decode(span_make(data, size), &arena, &e).code == CS_OK && e.input.kind == INPUT_DONE) {
        const struct flow_done *d = &e.done;
        if (d->x5c_count > MODEL_X5C_MAX || d->code.left == 0) {
            abort();
        }
        seen = sum(d->code) + sum(d->credential) + sum(d->auth_data) + sum(d->sig) + sum(d->key) + sum(d->aaguid);
        for (size_t i = 0; i < d->x5c_count; i++) {
            seen += sum(d->x5c[i]);
        }
    }
    (void)seen;
    arena_release(&arena);
    return 0;
}
