/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file/file_write.h"

enum { PATH_BYTES_MAX = 4096 };

static CS_RESULT hash_descriptor(int fd, struct sha256 *ret_digest, uint64_t *ret_bytes)
{
    struct stat st;

    ENSURE(fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0, CS_E_IO, "file");
    const size_t n = (size_t)st.st_size;
    void *p = n > 0 ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    ENSURE(p != MAP_FAILED, CS_E_IO, "file");
    *ret_digest = digest_sha256(span_make(p, n));
    *ret_bytes = n;
    if (p != NULL) {
        (void)munmap(p, n);
    }
    return CS_SUCCESS;
}

CS_RESULT client_file_sha256(const char *path, struct sha256 *ret_digest, uint64_t *ret_bytes)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ENSURE(fd >= 0, errno == ENOENT ? CS_E_MISSING : CS_E_IO, "file");
    const struct cs_result r = hash_descriptor(fd, ret_digest, ret_bytes);
    (void)close(fd);
    return r;
}

CS_RESULT client_file_write(const char *path, struct span bytes)
{
    char beside[PATH_BYTES_MAX];
    const int n = snprintf(beside, sizeof(beside), "%s.part", path);
    ENSURE(n > 0 && (size_t)n < sizeof(beside), CS_E_RANGE, "file");

    const int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    ENSURE(fd >= 0, CS_E_IO, "file");
    const bool whole = file_write_all(fd, bytes).code == CS_OK && fsync(fd) == 0;
    if (close(fd) != 0 || !whole || rename(beside, path) != 0) {
        (void)unlink(beside);
        return CS_FAIL(CS_E_IO, "file");
    }
    return CS_SUCCESS;
}

CS_RESULT client_file_directory(const char *path)
{
    char part[PATH_BYTES_MAX];
    const int n = snprintf(part, sizeof(part), "%s", path);
    ENSURE(n > 0 && (size_t)n < sizeof(part), CS_E_RANGE, "directory");

    for (size_t i = 1; i <= (size_t)n; i++) {
        const char c = part[i];
        if (c != '/' && c != '\0') {
            continue;
        }
        part[i] = '\0';
        ENSURE(mkdir(part, 0777) == 0 || errno == EEXIST, CS_E_IO, "directory");
        part[i] = c;
    }
    return CS_SUCCESS;
}
