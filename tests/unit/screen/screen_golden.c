/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "screen_golden.h"

static bool write_anew;

static void path_of(const char *name, char ret_path[512])
{
    (void)snprintf(ret_path, 512, "%s/%s.txt", GOLDEN_DIR, name);
}

static void store(const char *name, struct span text)
{
    char path[512];
    path_of(name, path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.left), (ssize_t)text.left);
    (void)close(fd);
}

static void compare(const char *name, struct span text)
{
    static uint8_t want[1 << 16];
    char path[512];
    path_of(name, path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        fail_msg("no golden screen %s; it would be:\n%.*s", name, (int)text.left, (const char *)text.p);
    }
    const ssize_t n = read(fd, want, sizeof(want));
    (void)close(fd);
    if (n < 0 || !span_eq(span_make(want, (size_t)n), text)) {
        fail_msg("screen %s is not as written down; it is now:\n%.*s", name, (int)text.left, (const char *)text.p);
    }
}

void golden(struct bed *b, const char *name)
{
    AUTO_WRITER w = wr_heap(1 << 20);
    bed_twin(b, &w);
    if (write_anew) {
        store(name, wr_span(&w));
    } else {
        compare(name, wr_span(&w));
    }
}

void golden_begin(int argc, char **argv)
{
    write_anew = argc == 2 && strcmp(argv[1], "write") == 0;
}
