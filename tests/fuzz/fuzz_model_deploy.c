/* SPDX-License-Identifier: Apache-2.0 */
/* A body as a pipeline sends it. What comes out of it must be content that every fold accepts; what is refused must say
 * why. */
#include "model/model_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool faults_are_whole(const struct content_faults *f)
{
    bool good = f->count >= 1 && f->count <= CONTENT_FAULTS_MAX;
    for (size_t i = 0; good && i < f->count; i++) {
        good = f->item[i].code != NULL && f->item[i].detail != NULL &&
               memchr(f->item[i].pointer, 0, sizeof(f->item[i].pointer)) != NULL;
    }
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct content_faults faults;
    static struct deploy_content content;
    struct arena arena;
    struct span text = SPAN_NONE;
    bool set = false;
    uint64_t revises = 0;

    arena_init(&arena, 1U << 22);
    const struct cs_result r = model_deploy_from_body(span_make(data, size), &arena, &text, &set, &revises, &faults);
    const bool good =
        r.code == CS_E_NOMEM ||
        (r.code == CS_OK ? model_deploy_decode(text, &arena, &content).code == CS_OK : faults_are_whole(&faults));
    if (!good) {
        abort();
    }
    arena_release(&arena);
    return 0;
}
