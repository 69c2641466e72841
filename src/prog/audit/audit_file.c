/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { PIECE_BYTES = 65536 };

static CS_RESULT open_failed(void)
{
    return CS_FAIL(errno == ENOENT || errno == ENOTDIR ? CS_E_MISSING : CS_E_IO, "file");
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
