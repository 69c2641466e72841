/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_BYTES = 65536 };

static CS_RESULT open_failed(void)
{
    return CS_FAIL(errno == ENOENT || errno == ENOTDIR ? CS_E_MISSING : CS_E_IO, "file");
}

static CS_RESULT read_all(int fd, struct writer *w)
{
    uint8_t *piece = malloc(PIECE_BYTES);
    ssize_t n = 1;

    ENSURE(piece != NULL, CS_E_NOMEM, "file");
    while (n > 0) {
        n = read(fd, piece, PIECE_BYTES);
        if (n > 0) {
            wr_bytes(w, span_make(piece, (size_t)n));
        } else if (n < 0 && errno == EINTR) {
            n = 1;
        }
        if (w->fail != CS_OK) {
            break;
        }
    }
    free(piece);
    ENSURE(n >= 0, CS_E_IO, "file");
    return wr_end(w, "file");
}

CS_RESULT audit_file_read(int dir, const char *path, struct writer *w)
{
    const int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        return open_failed();
    }
    const struct cs_result r = read_all(fd, w);
    (void)close(fd);
    return r;
}

CS_RESULT audit_dir_open(const char *path, int *ret_fd)
{
    struct stat st;

    if (stat(path, &st) != 0) {
        return open_failed();
    }
    if (!S_ISDIR(st.st_mode)) {
        *ret_fd = -1;
        return CS_SUCCESS;
    }
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return open_failed();
    }
    *ret_fd = fd;
    return CS_SUCCESS;
}
