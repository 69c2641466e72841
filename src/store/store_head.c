/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_head.h"

#include <fcntl.h>
#include <unistd.h>

#include "file/file_read.h"
#include "file/file_write.h"
#include "store/store_sql.h"

struct head_path {
    char text[STORE_PATH_MAX_BYTES + STORE_HEAD_SUFFIX_BYTES + 1];
};

static struct head_path head_path(const char *db_path, const char *suffix)
{
    struct head_path p;
    (void)snprintf(p.text, sizeof(p.text), "%s%s", db_path, suffix);
    return p;
}

static CS_RESULT sync_directory(const char *path)
{
    struct head_path dir = head_path(path, "");
    char *slash = strrchr(dir.text, '/');
    const char *name = dir.text;

    if (slash == NULL) {
        name = ".";
    } else if (slash == dir.text) {
        name = "/";
    } else {
        *slash = '\0';
    }
    const int fd = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(fd >= 0, CS_E_IO, "store.directory");
    const int synced = fsync(fd);
    const int closed = close(fd);
    ENSURE(synced == 0 && closed == 0, CS_E_IO, "store.directory");
    return CS_SUCCESS;
}

CS_RESULT store_head_write(const char *db_path, struct span note)
{
    const struct head_path final = head_path(db_path, ".head");
    const struct head_path fresh = head_path(db_path, ".head.new");

    const int fd = open(fresh.text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    ENSURE(fd >= 0, CS_E_IO, "store.head");
    const bool written = file_write_all(fd, note).code == CS_OK && fsync(fd) == 0;
    const bool closed = close(fd) == 0;
    ENSURE(written && closed, CS_E_IO, "store.head");
    ENSURE(rename(fresh.text, final.text) == 0, CS_E_IO, "store.head");
    return sync_directory(db_path);
}

CS_RESULT store_head_read(const char *db_path, struct writer *w)
{
    const struct head_path path = head_path(db_path, ".head");
    const struct cs_result r = file_read(AT_FDCWD, path.text, O_NOFOLLOW, w);
    ENSURE(r.code == CS_OK, r.code, "store.head");
    return CS_SUCCESS;
}
