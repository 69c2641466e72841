/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct evidence_options o = {.format = EVIDENCE_JUNIT};

    fuzz_evidence(&o, span_make(data, size));
    return 0;
}
