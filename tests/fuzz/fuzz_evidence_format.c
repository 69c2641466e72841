/* SPDX-License-Identifier: Apache-2.0 */
/* One target for each format that needs no key; evidence.cmake says which. */
#include "fuzz_evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct evidence_options o = {.format = FUZZ_FORMAT};

    fuzz_evidence(&o, span_make(data, size));
    return 0;
}
