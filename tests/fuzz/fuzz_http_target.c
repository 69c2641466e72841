/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets: whatever is accepted stays inside its limits. */
#include "http/http_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_target t;
    if (http_target_parse(span_make(data, size), &t).code != CS_OK) {
        return 0;
    }
    if ((unsigned)t.path >= PATH_COUNT || t.query.wait_s > HTTP_WAIT_MAX_S || t.query.limit > HTTP_LIMIT_MAX ||
        t.name.len > HTTP_NAME_MAX || t.query.environment.len > HTTP_NAME_MAX || t.tile.width > MERKLE_TILE_WIDTH) {
        abort();
    }
    return 0;
}
