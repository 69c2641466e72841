/* SPDX-License-Identifier: Apache-2.0 */
/* Making and meeting UNIX stream sockets. */
#ifndef IPC_SOCKET_H
#define IPC_SOCKET_H

#include "ipc/ipc_conn.h"

/**
 * Listen at a path of the file system; the descriptor is non-blocking and close-on-exec, and the caller closes it.
 *
 * A socket nobody listens at any more is removed first; anything else that stands there is left alone. The mode is set
 * before listening starts, so there is no moment with another one. The directory must be writable by us only.
 *
 * Errors: CS_E_RANGE    path empty or too long for a socket address
 *         CS_E_REFUSED  something that is not a socket stands at path
 *         CS_E_STATE    another process listens there
 *         CS_E_IO       the kernel refused
 */
CS_RESULT ipc_listen(const char *path, mode_t mode, int *ret_fd);

/**
 * Take one waiting connection.
 *
 * Errors: CS_E_SHORT  none waits, or it left before it was taken
 *         CS_E_FULL   out of descriptors or memory: stop polling the listener until a connection ends
 *         CS_E_IO     the listener is broken
 */
CS_RESULT ipc_accept(int listen_fd, const struct ipc_limits *limits, struct ipc_conn *ret_conn);

/**
 * Connect to a path. Connecting to a UNIX socket does not wait for the other side to accept.
 *
 * Errors: CS_E_RANGE    path empty or too long
 *         CS_E_MISSING  nothing at path, or nobody listens there
 *         CS_E_REFUSED  no permission
 *         CS_E_FULL     the listener's backlog is full: try later
 *         CS_E_IO       anything else
 */
CS_RESULT ipc_connect(const char *path, const struct ipc_limits *limits, struct ipc_conn *ret_conn);

#endif
