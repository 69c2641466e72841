/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator proposes as the start of a log: what is read is written again as the same bytes. */
#include <stdlib.h>

#include "model/model_proposal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct proposal p;
    AUTO_WRITER again = wr_heap(1U << 20);

    arena_init(&arena, 1U << 24);
    if (model_proposal_decode(span_make(data, size), &arena, &p).code == CS_OK &&
        (model_proposal_encode(&p, &again).code != CS_OK || !span_eq(wr_span(&again), span_make(data, size)))) {
        abort();
    }
    arena_release(&arena);
    return 0;
}
