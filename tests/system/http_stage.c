/* SPDX-License-Identifier: Apache-2.0 */
/* A state directory whose log has its genesis, for tests and measurements of the HTTP front that need no kiosk. Prints
 * the directory; the caller starts its own core on it, and removes it. Clients: tests/support/cast.h. */
#include "core_rig.h"

#include <signal.h>

int main(void)
{
    static struct rig r;

    rig_init(&r);
    rig_start(&r);
    rig_genesis(&r);
    const int status = rig_end(&r, SIGTERM);
    cast_release(&r.cast);
    (void)printf("%s\n", r.dir);
    return status == 0 ? 0 : 1;
}
