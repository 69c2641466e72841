/* SPDX-License-Identifier: Apache-2.0 */
/* What git printed: one file a line, whatever stands in it. */
#include "client/client_git.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request_source s = {0};
    uint64_t lines = size > 0 && data[size - 1] != '\n' ? 1 : 0;

    for (size_t i = 0; i < size; i++) {
        lines += data[i] == '\n' ? 1U : 0U;
    }
    if (client_git_numstat(span_make(data, size), &s).code == CS_OK && s.files_changed != lines) {
        abort();
    }
    return 0;
}
