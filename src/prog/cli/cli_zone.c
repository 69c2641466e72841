/* SPDX-License-Identifier: Apache-2.0 */
/* Time zones, from where Debian's tzdata keeps them. */
#include <fcntl.h>

#include "cli_policy.h"
#include "draft/draft_zone.h"
#include "file/file_read.h"

struct cs_result policy_zone_file(struct span name, struct writer *w)
{
    static const char root[] = "/usr/share/zoneinfo/";
    char path[sizeof(root) + MODEL_ID_MAX];

    ENSURE(name.left <= MODEL_ID_MAX && memchr(name.p, '.', name.left) == NULL, CS_E_MISSING, "zone");
    (void)snprintf(path, sizeof(path), "%s%.*s", root, (int)name.left, (const char *)name.p);
    return file_read(AT_FDCWD, path, O_NOCTTY, w);
}
