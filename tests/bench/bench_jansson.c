/* SPDX-License-Identifier: Apache-2.0 */
/* In a file of its own: jansson's names and ours are the same in places. */
#include "bench_jansson.h"

#include <jansson.h>

bool bench_jansson(const char *text, size_t len)
{
    json_error_t e;
    json_t *top = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
    char *out = top != NULL ? json_dumps(top, JSON_COMPACT | JSON_SORT_KEYS) : NULL;

    const bool ok = out != NULL;

    json_decref(top);
    free(out);
    return ok;
}
