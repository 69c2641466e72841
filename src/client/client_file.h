/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the pipeline client. */
#ifndef CLIENT_FILE_H
#define CLIENT_FILE_H

#include "base/base_digest.h"

/* Of a file of any size, without holding it. CS_E_MISSING, CS_E_IO. */
CS_RESULT client_file_sha256(const char *path, struct sha256 *ret_digest, uint64_t *ret_bytes);
/* Whole or not at all: a file beside it, synced, then renamed over it. CS_E_IO; then nothing stands at path that did
 * not before. */
CS_RESULT client_file_write(const char *path, struct span bytes);
/* The directory and those above it. CS_E_IO. */
CS_RESULT client_file_directory(const char *path);

#endif
