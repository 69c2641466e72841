/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "core_bed.h"

int core_bed_set_up(void **state)
{
    struct core_bed *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    (void)snprintf(p->dir, sizeof(p->dir), "core-bed-XXXXXX");
    assert_non_null(mkdtemp(p->dir));
    inside_init(&p->w, p->dir, CORE_BED_STATE_BYTES);
    *state = p;
    return 0;
}

int core_bed_begun(void **state)
{
    const int r = core_bed_set_up(state);
    inside_genesis(bed_core(state));
    return r;
}

int core_bed_tear_down(void **state)
{
    struct core_bed *p = *state;
    inside_release(&p->w);
    DIR *d = opendir(p->dir);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char path[512];
        (void)snprintf(path, sizeof(path), "%s/%s", p->dir, e->d_name);
        (void)unlink(path);
    }
    (void)closedir(d);
    const int r = rmdir(p->dir);
    free(p);
    return r;
}
