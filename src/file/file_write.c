/* SPDX-License-Identifier: Apache-2.0 */
#include "file/file_write.h"

#include <errno.h>
#include <unistd.h>

CS_RESULT file_write_all(int fd, struct span bytes)
{
    while (bytes.left > 0) {
        const ssize_t n = write(fd, bytes.p, bytes.left);
        ENSURE(n > 0 || (n < 0 && errno == EINTR), CS_E_IO, "file");
        bytes = span_from(bytes, n > 0 ? (size_t)n : 0);
    }
    return CS_SUCCESS;
}
