/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte says which command, the rest is its body as a pipeline sends it. What comes out of it must be a body
 * that the log can hold; what is refused must say why. */
#include "model/model_events.h"
#include "model/model_directory.h"
#include "model/model_freeze.h"

static CS_RESULT directory(struct span body, struct arena *a, struct writer *w, struct content_faults *faults)
{
    struct directory_note x;

    TRY(model_directory_from_body(body, a, &x, faults));
    if (model_directory_encode(&x, w).code != CS_OK || model_directory_decode(wr_span(w), a, &x).code != CS_OK) {
        abort();
    }
    return CS_SUCCESS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 1 << 22, BODY_BYTES = 65536 };

static bool faults_are_whole(const struct content_faults *f)
{
    bool good = f->count >= 1 && f->count <= CONTENT_FAULTS_MAX;
    for (size_t i = 0; good && i < f->count; i++) {
        good = f->item[i].code != NULL && f->item[i].detail != NULL &&
               memchr(f->item[i].pointer, 0, sizeof(f->item[i].pointer)) != NULL;
    }
    return good;
}

static CS_RESULT redeem(struct span body, struct arena *a, struct writer *w, struct content_faults *faults)
{
    static struct redeem x;
    static struct redeem again;

    TRY(model_redeem_from_body(body, a, &x, faults));
    if (model_redeem_encode(&x, w).code != CS_OK || model_redeem_decode(wr_span(w), a, &again).code != CS_OK) {
        abort();
    }
    return CS_SUCCESS;
}

static CS_RESULT outcome(struct span body, struct arena *a, struct writer *w, struct content_faults *faults)
{
    struct outcome x;

    TRY(model_outcome_from_body(body, a, &x, faults));
    if (model_outcome_encode(&x, w).code != CS_OK || model_outcome_decode(wr_span(w), a, &x).code != CS_OK) {
        abort();
    }
    return CS_SUCCESS;
}

static CS_RESULT withdraw(struct span body, struct arena *a, struct writer *w, struct content_faults *faults)
{
    struct withdraw x;

    TRY(model_withdraw_from_body(body, a, &x, faults));
    if (model_withdraw_encode(&x, w).code != CS_OK || model_withdraw_decode(wr_span(w), a, &x).code != CS_OK) {
        abort();
    }
    return CS_SUCCESS;
}

static CS_RESULT freeze(struct span body, struct arena *a, struct writer *w, struct content_faults *faults)
{
    struct freeze x;

    TRY(model_freeze_from_body(body, a, &x, faults));
    if (model_freeze_content_encode(&x, w).code != CS_OK ||
        model_freeze_content_decode(wr_span(w), a, &x).code != CS_OK) {
        abort();
    }
    return CS_SUCCESS;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct cs_result (*const commands[])(struct span, struct arena *, struct writer *,
                                                struct content_faults *) = {redeem, outcome, withdraw, freeze,
                                                                            directory};
    static struct content_faults faults;
    struct arena arena;

    if (size == 0) {
        return 0;
    }
    AUTO_WRITER w = wr_heap(BODY_BYTES);
    arena_init(&arena, ARENA_BYTES);
    const struct cs_result r = commands[data[0] % (sizeof(commands) / sizeof(commands[0]))](
        span_make(data + 1, size - 1), &arena, &w, &faults);
    if (r.code != CS_OK && r.code != CS_E_NOMEM && !faults_are_whole(&faults)) {
        abort();
    }
    arena_release(&arena);
    return 0;
}
