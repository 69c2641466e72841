/* SPDX-License-Identifier: Apache-2.0 */
#include "cage/cage_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cage/cage_sanitized.h"

/* The headers of Debian 12 stop at ABI 2; the appliance may run a newer kernel. Values from the kernel's uapi. */
#define FS_TRUNCATE     (1ULL << 14) /* ABI 3 */
#define FS_IOCTL_DEV    (1ULL << 15) /* ABI 5 */
#define NET_BIND_TCP    (1ULL << 0)  /* ABI 4 */
#define NET_CONNECT_TCP (1ULL << 1)  /* ABI 4 */
#define SCOPE_ABSTRACT  (1ULL << 0)  /* ABI 6: abstract UNIX sockets of others */
#define SCOPE_SIGNAL    (1ULL << 1)  /* ABI 6: signals to others */

struct ruleset {
    uint64_t fs;
    uint64_t net;
    uint64_t scoped;
};

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_EDIT                                                                                                        \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                    \
     LANDLOCK_ACCESS_FS_MAKE_SOCK | FS_TRUNCATE)
#define FS_OTHER                                                                                                       \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR |                       \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                      \
     LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)
/* What a rule on a single file may name. */
#define FS_OF_FILE                                                                                                     \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE |         \
     FS_IOCTL_DEV)

static const uint64_t allowed[] = {
    [CAGE_READ] = FS_READ,
    [CAGE_DEVICE] = FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_IOCTL_DEV,
    [CAGE_WRITE] = FS_READ | FS_EDIT,
};

/* What this kernel can refuse; the size of the struct it knows follows the same steps. */
static struct ruleset known_to(int abi, bool may_tcp, size_t *ret_bytes)
{
    struct ruleset r = {.fs = FS_READ | FS_EDIT | FS_OTHER};
    size_t bytes = sizeof(r.fs);

    if (abi < 2) {
        r.fs &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
    }
    if (abi < 3) {
        r.fs &= ~(uint64_t)FS_TRUNCATE;
    }
    if (abi >= 4) {
        r.net = may_tcp ? 0 : NET_BIND_TCP | NET_CONNECT_TCP;
        bytes += sizeof(r.net);
    }
    if (abi >= 5) {
        r.fs |= FS_IOCTL_DEV;
    }
    if (abi >= 6) {
        r.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
        bytes += sizeof(r.scoped);
    }
    *ret_bytes = bytes;
    return r;
}

static CS_RESULT allow_one(int ruleset, const struct cage_path *p, uint64_t handled)
{
    const int fd = open(p->path, O_PATH | O_CLOEXEC);
    if (fd < 0) {
        ENSURE(p->optional && errno == ENOENT, CS_E_MISSING, "cage.path");
        return CS_SUCCESS;
    }
    struct stat st;
    struct landlock_path_beneath_attr rule = {.allowed_access = allowed[p->access] & handled, .parent_fd = fd};
    if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode)) {
        rule.allowed_access &= FS_OF_FILE;
    }
    const long added = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    (void)close(fd);
    ENSURE(added == 0, CS_E_IO, "cage.rule");
    return CS_SUCCESS;
}

static CS_RESULT fill_and_enter(int ruleset, const struct cage_path *paths, size_t count, uint64_t handled)
{
    for (size_t i = 0; i < count; i++) {
        TRY(allow_one(ruleset, &paths[i], handled));
    }
#if CAGE_SANITIZED
    const struct cage_path own = {.path = "/proc/self", .access = CAGE_READ}; /* its leak check lists its own threads */
    TRY(allow_one(ruleset, &own, handled));
#endif
    ENSURE(syscall(SYS_landlock_restrict_self, ruleset, 0) == 0, CS_E_IO, "cage.landlock");
    return CS_SUCCESS;
}

CS_RESULT cage_paths_apply(const struct cage_path *paths, size_t count, bool may_tcp, int *ret_abi)
{
    const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1) {
        ENSURE(errno == ENOSYS || errno == EOPNOTSUPP, CS_E_IO, "cage.landlock");
        *ret_abi = 0;
        return CS_SUCCESS;
    }
    size_t bytes = 0;
    const struct ruleset r = known_to((int)abi, may_tcp, &bytes);
    const long ruleset = syscall(SYS_landlock_create_ruleset, &r, bytes, 0);
    ENSURE(ruleset >= 0, CS_E_IO, "cage.landlock");

    const struct cs_result entered = fill_and_enter((int)ruleset, paths, count, r.fs);
    (void)close((int)ruleset);
    TRY(entered);
    *ret_abi = (int)abi;
    return CS_SUCCESS;
}
