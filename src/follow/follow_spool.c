/* SPDX-License-Identifier: Apache-2.0 */
#include "follow/follow_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file/file_write.h"

enum { SPOOL_START = 1024 };

CS_RESULT follow_spool_open(struct follow_spool *s, const char *dir)
{
    const int fd =
        dir != NULL ? open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : memfd_create("countersign-leaves", MFD_CLOEXEC);
    ENSURE(fd >= 0, CS_E_IO, "spool.open");
    *s = (struct follow_spool){.open = true, .fd = fd};
    return CS_SUCCESS;
}

void follow_spool_close(struct follow_spool *s)
{
    if (s->open) {
        (void)close(s->fd);
    }
    free(s->end);
    *s = (struct follow_spool){0};
}

static uint64_t start_of(const struct follow_spool *s, uint64_t index)
{
    return index > 0 ? s->end[index - 1] : 0;
}

static CS_RESULT reserve(struct follow_spool *s)
{
    if (s->count < s->cap) {
        return CS_SUCCESS;
    }
    const size_t cap = s->cap > 0 ? s->cap * 2 : SPOOL_START;
    uint64_t *end = reallocarray(s->end, cap, sizeof(*end));
    ENSURE(end != NULL, CS_E_NOMEM, "spool");
    s->end = end;
    s->cap = cap;
    return CS_SUCCESS;
}

CS_RESULT follow_spool_append(struct follow_spool *s, struct span leaf)
{
    ENSURE(s->open, CS_E_STATE, "spool.closed");
    TRY(reserve(s));
    /* at the end, where the file stands; after a failure the spool is not written on */
    TRY(file_write_all(s->fd, leaf));
    s->end[s->count] = start_of(s, s->count) + leaf.left;
    s->count++;
    return CS_SUCCESS;
}

CS_RESULT follow_spool_read(const struct follow_spool *s, uint64_t index, uint8_t *buf, size_t cap,
                            struct span *ret_leaf)
{
    ENSURE(s->open, CS_E_STATE, "spool.closed");
    ENSURE(index < s->count, CS_E_RANGE, "spool.index");
    const uint64_t at = start_of(s, index);
    const uint64_t n = s->end[index] - at;
    ENSURE(n <= cap, CS_E_RANGE, "spool.leaf");
    size_t done = 0;
    while (done < n) {
        const ssize_t got = pread(s->fd, buf + done, (size_t)n - done, (off_t)(at + done));
        ENSURE(got > 0 || (got < 0 && errno == EINTR), CS_E_IO, "spool.read");
        done += got > 0 ? (size_t)got : 0;
    }
    *ret_leaf = span_make(buf, (size_t)n);
    return CS_SUCCESS;
}
