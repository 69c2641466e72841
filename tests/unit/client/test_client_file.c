/* SPDX-License-Identifier: Apache-2.0 */
/* Files are whole or not there; what stood at a path before a failure stands there after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/client_file.h"

enum { PATH_BYTES = 256, LIMIT_BYTES = 4096 };

struct place {
    char dir[PATH_BYTES];
    char file[PATH_BYTES + 8];
};

static int set_up(void **state)
{
    struct place *p = calloc(1, sizeof(*p));
    if (p == NULL) {
        return -1;
    }
    (void)snprintf(p->dir, sizeof(p->dir), "/tmp/test-client-file-XXXXXX");
    *state = p;
    if (mkdtemp(p->dir) == NULL) {
        return -1;
    }
    (void)snprintf(p->file, sizeof(p->file), "%s/file", p->dir);
    return 0;
}

static int clean_up(void **state)
{
    struct place *p = *state;
    (void)unlink(p->file);
    (void)rmdir(p->file);
    const int r = rmdir(p->dir); /* fails if a part of a file was left behind */
    free(p);
    return r;
}

static unsigned names_in(const char *dir)
{
    unsigned n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    while (readdir(d) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
        n++;
    }
    (void)closedir(d);
    return n - 2; /* . and .. */
}

static void expect_content(const char *path, const char *want)
{
    char got[64] = {0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(read(fd, got, sizeof(got) - 1) >= 0);
    assert_string_equal(got, want);
    (void)close(fd);
}

static void replaced(void **state)
{
    const struct place *p = *state;
    assert_int_equal(client_file_write(p->file, SPAN_LIT("one")).code, CS_OK);
    expect_content(p->file, "one");
    assert_int_equal(client_file_write(p->file, SPAN_LIT("2")).code, CS_OK);
    expect_content(p->file, "2");
    assert_int_equal(client_file_write(p->file, SPAN_NONE).code, CS_OK);
    expect_content(p->file, "");
    assert_int_equal(names_in(p->dir), 1);
}

/* A disk that is full in the middle: the old file stays, and no part of the new one does. */
static void cut_in_the_middle(void **state)
{
    const struct place *p = *state;
    static const uint8_t large[4 * LIMIT_BYTES] = {1};
    struct rlimit before;

    assert_int_equal(client_file_write(p->file, SPAN_LIT("old")).code, CS_OK);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit small = {.rlim_cur = LIMIT_BYTES, .rlim_max = before.rlim_max};
    assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const struct cs_result r = client_file_write(p->file, SPAN_OF(large));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(r.code, CS_E_IO);
    expect_content(p->file, "old");
    assert_int_equal(names_in(p->dir), 1);
}

static void a_directory_in_the_way(void **state)
{
    const struct place *p = *state;
    assert_int_equal(mkdir(p->file, 0700), 0);
    assert_int_equal(client_file_write(p->file, SPAN_LIT("x")).code, CS_E_IO);
    assert_int_equal(names_in(p->dir), 1);
}

static void no_directory(void **state)
{
    const struct place *p = *state;
    char path[2 * PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/none/file", p->dir);
    assert_int_equal(client_file_write(path, SPAN_LIT("x")).code, CS_E_IO);
    assert_int_equal(names_in(p->dir), 0);
}

static void directories(void **state)
{
    const struct place *p = *state;
    char path[2 * PATH_BYTES];
    struct stat st;

    (void)snprintf(path, sizeof(path), "%s/file/b", p->dir);
    assert_int_equal(client_file_directory(path).code, CS_OK);
    assert_int_equal(client_file_directory(path).code, CS_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(client_file_write(path, SPAN_LIT("x")).code, CS_OK);
    (void)snprintf(path, sizeof(path), "%s/file/b/c", p->dir); /* below a file */
    assert_int_equal(client_file_directory(path).code, CS_E_IO);
    (void)snprintf(path, sizeof(path), "%s/file/b", p->dir);
    assert_int_equal(unlink(path), 0);
}

static void digests(void **state)
{
    const struct place *p = *state;
    struct sha256 d = {{0}};
    uint64_t n = 99;

    assert_int_equal(client_file_sha256(p->file, &d, &n).code, CS_E_MISSING);
    assert_int_equal(n, 99);
    assert_int_equal(client_file_sha256(p->dir, &d, &n).code, CS_E_IO);
    assert_int_equal(client_file_write(p->file, SPAN_NONE).code, CS_OK);
    assert_int_equal(client_file_sha256(p->file, &d, &n).code, CS_OK);
    assert_int_equal(n, 0);
    assert_memory_equal(d.b, "\xe3\xb0\xc4\x42", 4); /* SHA-256 of nothing */
    assert_int_equal(client_file_write(p->file, SPAN_LIT("abc")).code, CS_OK);
    assert_int_equal(client_file_sha256(p->file, &d, &n).code, CS_OK);
    assert_int_equal(n, 3);
    assert_memory_equal(d.b, "\xba\x78\x16\xbf", 4); /* FIPS 180-4, example B.1 */
}

#define IN_PLACE(t) cmocka_unit_test_setup_teardown(t, set_up, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(replaced),     IN_PLACE(cut_in_the_middle), IN_PLACE(a_directory_in_the_way),
        IN_PLACE(no_directory), IN_PLACE(directories),       IN_PLACE(digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
