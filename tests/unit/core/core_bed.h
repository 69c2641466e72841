/* SPDX-License-Identifier: Apache-2.0 */
/* A core inside each test, in a directory of its own that goes with it. */
#ifndef CORE_BED_H
#define CORE_BED_H

#include "support/core_inside.h"

enum { CORE_BED_STATE_BYTES = 64 << 20 };

struct core_bed {
    struct inside w;
    char dir[32];
};

int core_bed_set_up(void **state);
/* And its log has begun. */
int core_bed_begun(void **state);
int core_bed_tear_down(void **state);

static inline struct inside *bed_core(void **state)
{
    return &((struct core_bed *)*state)->w;
}

#define CORE_EMPTY(fn) cmocka_unit_test_setup_teardown(fn, core_bed_set_up, core_bed_tear_down)
#define CORE_BEGUN(fn) cmocka_unit_test_setup_teardown(fn, core_bed_begun, core_bed_tear_down)

#endif
