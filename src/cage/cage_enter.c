/* SPDX-License-Identifier: Apache-2.0 */
#include "cage/cage_enter.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include "cage/cage_sanitized.h"
#include "cage/cage_user.h"

static CS_RESULT set_limits(unsigned nofile)
{
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    const struct rlimit files = {.rlim_cur = nofile, .rlim_max = nofile};

    ENSURE(setrlimit(RLIMIT_CORE, &none) == 0, CS_E_IO, "cage.limit.core");
    ENSURE(nofile == 0 || setrlimit(RLIMIT_NOFILE, &files) == 0, CS_E_IO, "cage.limit.nofile");
    return CS_SUCCESS;
}

CS_RESULT cage_enter(const struct cage_plan *plan, struct cage_report *ret_report)
{
    struct cage_report report = {0};

    ENSURE((unsigned)plan->profile < CAGE_PROFILE_COUNT, CS_E_RANGE, "cage.profile");
    TRY(set_limits(plan->nofile));
    if (plan->user != NULL) {
        TRY(cage_user_become(plan->user, &report.user_changed));
    }
#if !CAGE_SANITIZED
    ENSURE(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, CS_E_IO, "cage.dumpable"); /* a change of user sets it anew */
#endif
    ENSURE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, CS_E_IO, "cage.no_new_privs");
    TRY(cage_paths_apply(plan->paths, plan->path_count, plan->profile == CAGE_RELAY, &report.landlock_abi));
    TRY(cage_calls_apply(plan->profile, &report.seccomp));
    *ret_report = report;
    return CS_SUCCESS;
}
