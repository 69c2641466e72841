/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_evidence.h"

#include <fcntl.h>
#include <unistd.h>

enum { PART_BYTES = 65536 };

static CS_RESULT feed_file(int fd, struct evidence *e, const struct evidence_summary **ret_summary)
{
    uint8_t *part = malloc(PART_BYTES);
    ENSURE(part != NULL, CS_E_NOMEM, "file");
    struct cs_result r = CS_SUCCESS;
    ssize_t n = 0;

    while (r.code == CS_OK && (n = read(fd, part, PART_BYTES)) > 0) {
        r = evidence_feed(e, span_make(part, (size_t)n));
    }
    free(part);
    TRY(r);
    ENSURE(n == 0, CS_E_IO, "file");
    return evidence_end(e, ret_summary);
}

CS_RESULT client_evidence(struct evidence *e, const char *path, const struct evidence_summary **ret_summary)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ENSURE(fd >= 0, CS_E_MISSING, "file");
    const struct cs_result r = feed_file(fd, e, ret_summary);
    (void)close(fd);
    return r;
}
