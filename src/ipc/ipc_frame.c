/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/ipc_frame.h"

CS_RESULT ipc_frame_length(struct span in, size_t max_bytes, size_t *ret_bytes)
{
    struct reader r = rd_make(in);
    uint32_t length = 0;

    TRY(rd_u32(&r, &length, "ipc.length"));
    ENSURE(length >= 1 && length <= IPC_FRAME_MAX_BYTES && length <= max_bytes, CS_E_RANGE, "ipc.length");
    *ret_bytes = length;
    return CS_SUCCESS;
}

CS_RESULT ipc_frame_split(struct span in, size_t max_bytes, struct span *ret_frame, size_t *ret_used)
{
    size_t length = 0;

    TRY(ipc_frame_length(in, max_bytes, &length));
    ENSURE(length <= in.left - IPC_HEAD_BYTES, CS_E_SHORT, "ipc.payload");
    *ret_frame = span_make(in.p + IPC_HEAD_BYTES, length);
    *ret_used = IPC_HEAD_BYTES + length;
    return CS_SUCCESS;
}

CS_RESULT ipc_frame_head(size_t payload_bytes, uint8_t ret_head[IPC_HEAD_BYTES])
{
    ENSURE(payload_bytes >= 1 && payload_bytes <= IPC_FRAME_MAX_BYTES, CS_E_RANGE, "ipc.payload");
    for (unsigned i = 0; i < IPC_HEAD_BYTES; i++) {
        ret_head[i] = (uint8_t)(payload_bytes >> (8U * (IPC_HEAD_BYTES - 1U - i)));
    }
    return CS_SUCCESS;
}
