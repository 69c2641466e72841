/* SPDX-License-Identifier: Apache-2.0 */
#include "cage/cage_user.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

enum { PASSWD_BUF_BYTES = 4096 };

CS_RESULT cage_user_find(const char *name, uid_t *ret_uid, gid_t *ret_gid)
{
    char buf[PASSWD_BUF_BYTES];
    struct passwd pw;
    struct passwd *found = NULL;

    ENSURE(getpwnam_r(name, &pw, buf, sizeof(buf), &found) == 0, CS_E_IO, "cage.user");
    ENSURE(found != NULL, CS_E_MISSING, "cage.user");
    *ret_uid = pw.pw_uid;
    *ret_gid = pw.pw_gid;
    return CS_SUCCESS;
}

CS_RESULT cage_user_become(const char *name, bool *ret_changed)
{
    uid_t uid = 0;
    gid_t gid = 0;

    TRY(cage_user_find(name, &uid, &gid));
    ENSURE(uid != 0 && gid != 0, CS_E_REFUSED, "cage.user.root");
    if (geteuid() != 0) {
        ENSURE(geteuid() == uid && getuid() == uid, CS_E_REFUSED, "cage.user");
        *ret_changed = false;
        return CS_SUCCESS;
    }
    ENSURE(initgroups(name, gid) == 0, CS_E_IO, "cage.groups");
    ENSURE(setresgid(gid, gid, gid) == 0, CS_E_IO, "cage.gid");
    ENSURE(setresuid(uid, uid, uid) == 0, CS_E_IO, "cage.uid");
    ENSURE(setresuid(0, 0, 0) != 0 && setresgid(0, 0, 0) != 0, CS_E_REFUSED, "cage.uid.back");
    *ret_changed = true;
    return CS_SUCCESS;
}
