/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_trust.h"
#include "file/file_read.h"

#include <fcntl.h>

enum { TRUST_BYTES_MAX = 65536 };

struct finding audit_trust_read(const char *path, struct arena *a, struct trust *ret_trust)
{
    AUTO_WRITER w = wr_heap(TRUST_BYTES_MAX);
    struct span text = SPAN_NONE;

    struct cs_result r = file_read(AT_FDCWD, path, 0, &w);
    if (r.code == CS_OK) {
        r = arena_copy(a, wr_span(&w), &text);
    }
    if (r.code == CS_OK) {
        r = judge_trust_decode(text, a, ret_trust);
    }
    return r.code == CS_OK ? FINDING_OK : judge_finding_of(FINDING_CANNOT_TELL, CS_FAIL(r.code, "trust"));
}
