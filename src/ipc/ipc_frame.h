/* SPDX-License-Identifier: Apache-2.0 */
/* The framing between our processes: u32 big-endian length, then that many bytes. Pure. docs/formats/ipc.md §1 */
#ifndef IPC_FRAME_H
#define IPC_FRAME_H

#include "base/base_span.h"

enum { IPC_HEAD_BYTES = 4, IPC_FRAME_MAX_BYTES = 1 << 20 };

/**
 * The length that the next frame of a stream announces.
 *
 * @in         the stream from the start of a frame on; may be cut anywhere; borrowed.
 * @max_bytes  longest payload accepted, at most IPC_FRAME_MAX_BYTES.
 *
 * Errors: CS_E_SHORT  fewer than four bytes yet: come back with more
 *         CS_E_RANGE  zero, or above max_bytes: the peer is broken, end it
 */
CS_RESULT ipc_frame_length(struct span in, size_t max_bytes, size_t *ret_bytes);

/**
 * The next frame of a stream. *ret_frame borrows from `in`; the stream goes on at *ret_used.
 *
 * Errors: as ipc_frame_length; CS_E_SHORT also while the payload is not all there
 */
CS_RESULT ipc_frame_split(struct span in, size_t max_bytes, struct span *ret_frame, size_t *ret_used);

/* The four bytes that announce a payload of payload_bytes, 1..IPC_FRAME_MAX_BYTES, else CS_E_RANGE. */
CS_RESULT ipc_frame_head(size_t payload_bytes, uint8_t ret_head[IPC_HEAD_BYTES]);

#endif
