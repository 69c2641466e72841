/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files, in calls that give less than was asked for, are interrupted, or fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file/file_read.h"
#include "file/file_write.h"

ssize_t __real_read(int fd, void *p, size_t n);
ssize_t __wrap_read(int fd, void *p, size_t n);
ssize_t __real_write(int fd, const void *p, size_t n);
ssize_t __wrap_write(int fd, const void *p, size_t n);

/* What the next calls do; then they work as they are. */
static enum { WORKS, ONE_BYTE, INTERRUPTED, FAILS } script[4];
static size_t step;

static bool bend(size_t *n)
{
    const size_t at = step++;
    const unsigned what = at < 4 ? (unsigned)script[at] : (unsigned)WORKS;
    if (what == ONE_BYTE && *n > 0) {
        *n = 1;
    }
    errno = what == INTERRUPTED ? EINTR : EIO;
    return what == INTERRUPTED || what == FAILS;
}

ssize_t __wrap_read(int fd, void *p, size_t n)
{
    return bend(&n) ? -1 : __real_read(fd, p, n);
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    return bend(&n) ? -1 : __real_write(fd, p, n);
}

static void play(unsigned first, unsigned second)
{
    memset(script, 0, sizeof(script));
    script[0] = first;
    script[1] = second;
    step = 0;
}

static int file_with(size_t n)
{
    const int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    for (size_t i = 0; i < n; i++) {
        const uint8_t byte = (uint8_t)i;
        assert_int_equal(__real_write(fd, &byte, 1), 1);
    }
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static void reads_to_the_end(void **state)
{
    (void)state;
    static const struct {
        size_t n;
        size_t max;
        unsigned first;
        unsigned second;
        enum cs_code want;
    } rows[] = {
        {0, 16, WORKS, WORKS, CS_OK},
        {16, 16, WORKS, WORKS, CS_OK},
        {17, 16, WORKS, WORKS, CS_E_FULL},
        {4096, 65536, WORKS, WORKS, CS_OK},
        {9000, 65536, ONE_BYTE, INTERRUPTED, CS_OK},
        {9000, 65536, INTERRUPTED, ONE_BYTE, CS_OK},
        {9000, 65536, WORKS, FAILS, CS_E_IO},
        {9000, 4096, WORKS, WORKS, CS_E_FULL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_WRITER w = wr_heap(rows[i].max);
        const int fd = file_with(rows[i].n);
        play(rows[i].first, rows[i].second);
        assert_int_equal(file_read_all(fd, &w).code, rows[i].want);
        if (rows[i].want == CS_OK) {
            assert_int_equal(w.len, rows[i].n);
            for (size_t k = 0; k < w.len; k++) {
                assert_int_equal(w.p[k], (uint8_t)k);
            }
        }
        (void)close(fd);
    }
}

static void an_endless_file_ends_at_the_bound(void **state)
{
    (void)state;
    AUTO_WRITER w = wr_heap(65536);
    play(WORKS, WORKS);
    assert_int_equal(file_read(AT_FDCWD, "/dev/zero", 0, &w).code, CS_E_FULL);
    assert_true(step <= 17);
}

static void what_is_not_there_is_missing(void **state)
{
    (void)state;
    AUTO_WRITER w = wr_heap(16);
    assert_int_equal(file_read(AT_FDCWD, "/dev/null", 0, &w).code, CS_OK);
    assert_int_equal(file_read(AT_FDCWD, "/dev/null/x", 0, &w).code, CS_E_MISSING);
    assert_int_equal(file_read(AT_FDCWD, "/dev/no such file", 0, &w).code, CS_E_MISSING);
    assert_int_equal(file_read(AT_FDCWD, "/proc/self/exe", O_NOFOLLOW, &w).code, CS_E_IO);
    assert_int_equal(file_read(AT_FDCWD, "/dev", 0, &w).code, CS_E_IO);
}

static void writes_all(void **state)
{
    (void)state;
    static const struct {
        unsigned first;
        unsigned second;
        enum cs_code want;
    } rows[] = {
        {WORKS, WORKS, CS_OK}, {ONE_BYTE, ONE_BYTE, CS_OK}, {INTERRUPTED, ONE_BYTE, CS_OK}, {ONE_BYTE, FAILS, CS_E_IO}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const int fd = file_with(0);
        uint8_t back[8] = {0};
        play(rows[i].first, rows[i].second);
        assert_int_equal(file_write_all(fd, SPAN_LIT("written")).code, rows[i].want);
        if (rows[i].want == CS_OK) {
            assert_int_equal(pread(fd, back, sizeof(back), 0), 7);
            assert_memory_equal(back, "written", 7);
        }
        (void)close(fd);
    }
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    play(WORKS, WORKS);
    assert_int_equal(file_write_all(full, SPAN_LIT("x")).code, CS_E_IO);
    assert_int_equal(file_write_all(full, SPAN_NONE).code, CS_OK);
    (void)close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_to_the_end),
        cmocka_unit_test(an_endless_file_ends_at_the_bound),
        cmocka_unit_test(what_is_not_there_is_missing),
        cmocka_unit_test(writes_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
