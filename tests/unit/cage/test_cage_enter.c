/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way in: user, limits, files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "cage/cage_enter.h"
#include "cage/cage_sanitized.h"
#include "cage/cage_user.h"

#include "cage_child.h"

struct place {
    char dir[40];
    char open_dir[64];
    char read_dir[64];
    char shut_dir[64];
};

static int make_place(void **state)
{
    static struct place p;
    p = (struct place){.dir = "/tmp/cs-cage-XXXXXX"};
    if (mkdtemp(p.dir) == NULL) {
        return -1;
    }
    (void)snprintf(p.open_dir, sizeof(p.open_dir), "%s/open", p.dir);
    (void)snprintf(p.read_dir, sizeof(p.read_dir), "%s/read", p.dir);
    (void)snprintf(p.shut_dir, sizeof(p.shut_dir), "%s/shut", p.dir);
    *state = &p;
    return mkdir(p.open_dir, 0700) | mkdir(p.read_dir, 0700) | mkdir(p.shut_dir, 0700);
}

static int drop_place(void **state)
{
    const struct place *p = *state;
    return rmdir(p->open_dir) | rmdir(p->read_dir) | rmdir(p->shut_dir) | rmdir(p->dir);
}

/* 0, or the line that did not hold: an assertion of cmocka does not reach the parent. */
#define HOLDS(cond)                                                                                                    \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            return (__LINE__ % 250) + 1;                                                                               \
        }                                                                                                              \
    } while (0)

static bool can_create(const char *dir)
{
    char path[96];
    (void)snprintf(path, sizeof(path), "%s/x", dir);
    const int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    return fd >= 0 && close(fd) == 0 && unlink(path) == 0;
}

static bool can_list(const char *dir)
{
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && close(fd) == 0;
}

static int files(const void *arg)
{
    const struct place *p = arg;
    const struct cage_path paths[] = {
        {.path = p->open_dir, .access = CAGE_WRITE},
        {.path = p->read_dir, .access = CAGE_READ},
        {.path = "/dev/null", .access = CAGE_DEVICE},
        {.path = "/nonexistent/countersign", .access = CAGE_READ, .optional = true},
    };
    const struct cage_plan plan = {
        .profile = CAGE_CORE, .paths = paths, .path_count = sizeof(paths) / sizeof(paths[0]), .nofile = 64};
    struct cage_report report = {0};
    struct rlimit limit;

    HOLDS(can_create(p->shut_dir)); /* before: the place itself is not the reason */
    HOLDS(cage_enter(&plan, &report).code == CS_OK);
    HOLDS(report.seccomp == (CAGE_SANITIZED == 0) && !report.user_changed);
    HOLDS(can_create(p->open_dir) && can_list(p->open_dir));
    HOLDS(can_list(p->read_dir));
    HOLDS(open("/dev/null", O_RDWR | O_CLOEXEC) >= 0);
    if (report.landlock_abi > 0) {
        HOLDS(!can_create(p->read_dir) && errno == EACCES);
        HOLDS(!can_create(p->shut_dir) && !can_list(p->shut_dir) && errno == EACCES);
        HOLDS(open("/etc/passwd", O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
    }
    HOLDS(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0);
    HOLDS(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max == 64);
    return 0;
}

static void only_named_files_stay(void **state)
{
    assert_int_equal(in_child(files, *state), 0);
}

static int missing_path(const void *arg)
{
    const struct cage_path path = {.path = "/nonexistent/countersign", .access = CAGE_READ};
    const struct cage_plan plan = {.profile = CAGE_CORE, .paths = &path, .path_count = 1};
    struct cage_report report = {.landlock_abi = -7};
    (void)arg;
    const struct cs_result r = cage_enter(&plan, &report);
    HOLDS(r.code == CS_E_MISSING || (r.code == CS_OK && report.landlock_abi == 0));
    HOLDS(r.code == CS_OK || report.landlock_abi == -7);
    return 0;
}

static void a_missing_path_is_told(void **state)
{
    assert_int_equal(in_child(missing_path, *state), 0);
}

static int become_nobody(const void *arg)
{
    bool changed = false;
    uid_t uid = 0;
    gid_t gid = 0;
    gid_t groups[64];
    (void)arg;
    HOLDS(cage_user_find("nobody", &uid, &gid).code == CS_OK && uid != 0);
    HOLDS(cage_user_become("nobody", &changed).code == CS_OK && changed);
    HOLDS(getuid() == uid && geteuid() == uid && getgid() == gid && getegid() == gid);
    const int n = getgroups(64, groups);
    for (int i = 0; i < n; i++) {
        HOLDS(groups[i] != 0);
    }
    HOLDS(setuid(0) != 0);
    changed = true;
    HOLDS(cage_user_become("nobody", &changed).code == CS_OK && !changed); /* already there */
    HOLDS(cage_user_become("daemon", &changed).code == CS_E_REFUSED);
    return 0;
}

static void root_is_left_for_good(void **state)
{
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(in_child(become_nobody, *state), 0);
}

static int bad_users(const void *arg)
{
    bool changed = true;
    uid_t uid = 77;
    gid_t gid = 77;
    (void)arg;
    HOLDS(cage_user_find("countersign-no-such-user", &uid, &gid).code == CS_E_MISSING && uid == 77 && gid == 77);
    HOLDS(cage_user_become("countersign-no-such-user", &changed).code == CS_E_MISSING && changed);
    HOLDS(cage_user_become("root", &changed).code == CS_E_REFUSED && changed);
    return 0;
}

static void bad_users_are_refused(void **state)
{
    assert_int_equal(in_child(bad_users, *state), 0);
}

static int not_dumpable(const void *arg)
{
    const struct cage_plan plan = {.profile = CAGE_TOKEN};
    struct cage_report report;
    struct stat st;
    char path[64];
    (void)arg;
    (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)getpid());
    HOLDS(cage_user_become("nobody", &report.user_changed).code == CS_OK);
    HOLDS(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
    HOLDS(stat(path, &st) == 0 && st.st_uid == getuid());
    HOLDS(cage_enter(&plan, &report).code == CS_OK);
    HOLDS(stat(path, &st) == 0 && st.st_uid == 0); /* the kernel keeps it for root now */
    return 0;
}

static void memory_is_closed_to_its_own_user(void **state)
{
    if (geteuid() != 0 || CAGE_SANITIZED != 0) {
        skip();
    }
    assert_int_equal(in_child(not_dumpable, *state), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_named_files_stay, make_place, drop_place),
        cmocka_unit_test(a_missing_path_is_told),
        cmocka_unit_test(root_is_left_for_good),
        cmocka_unit_test(bad_users_are_refused),
        cmocka_unit_test(memory_is_closed_to_its_own_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
