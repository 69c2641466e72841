/* SPDX-License-Identifier: Apache-2.0 */
#include "file/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PART_BYTES = 4096 };

CS_RESULT file_read_all(int fd, struct writer *w)
{
    uint8_t part[PART_BYTES];
    ssize_t n = 0;

    while ((n = read(fd, part, sizeof(part))) != 0) {
        ENSURE(n > 0 || errno == EINTR, CS_E_IO, "file");
        wr_bytes(w, span_make(part, n > 0 ? (size_t)n : 0));
        TRY(wr_end(w, "file")); /* what has no end is not read on */
    }
    return wr_end(w, "file");
}

CS_RESULT file_read(int dir, const char *path, int flags, struct writer *w)
{
    const int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | flags);
    ENSURE(fd >= 0, errno == ENOENT || errno == ENOTDIR ? CS_E_MISSING : CS_E_IO, "file");
    const struct cs_result r = file_read_all(fd, w);
    (void)close(fd);
    return r;
}
