/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a time zone's file: refused, or shifts that a policy's decoder takes. */
#include "draft/draft_zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct draft_zone z = {.count = 0};

    if (draft_zone_decode(span_make(data, size), &z).code != CS_OK) {
        return 0;
    }
    bool good = z.count >= 1 && z.count <= ZONE_SHIFTS_MAX && z.shift[0].from_s == CALENDAR_FROM_S;
    for (size_t i = 1; good && i < z.count; i++) {
        good = z.shift[i].from_s > z.shift[i - 1].from_s && z.shift[i].from_s < CALENDAR_UNTIL_S &&
               z.shift[i].offset_s != z.shift[i - 1].offset_s;
    }
    if (!good) {
        abort();
    }
    return 0;
}
