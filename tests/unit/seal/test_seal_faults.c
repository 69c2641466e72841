/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th call to the disk or to an allocator fails, for every k until a run passes. A first start that failed must
 * leave nothing that a second one stumbles over, and a failed signature must not move the head. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <unistd.h>

#include "crypt/crypt_note.h"
#include "seal/seal.h"

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_fsync(int fd);
int __real_close(int fd);
int __real_renameat2(int a, const char *from, int b, const char *to, unsigned flags);
void *__real_calloc(size_t n, size_t size);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_fsync(int fd);
int __wrap_close(int fd);
int __wrap_renameat2(int a, const char *from, int b, const char *to, unsigned flags);
void *__wrap_calloc(size_t n, size_t size);

static unsigned fail_at; /* 0: off */
static unsigned calls;
static bool memory_too; /* libcrypto's calls count and fail, not only ours */

static bool fails_now(void)
{
    if (fail_at == 0) {
        return false;
    }
    calls++;
    errno = calls == fail_at ? EIO : errno;
    return calls == fail_at;
}

int __wrap_open(const char *path, int flags, ...)
{
    return fails_now() ? -1 : __real_open(path, flags, 0600);
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    if (!fails_now()) {
        return __real_write(fd, p, n);
    }
    (void)__real_write(fd, p, n / 2); /* torn */
    errno = EIO;
    return -1;
}

int __wrap_fsync(int fd)
{
    return fails_now() ? -1 : __real_fsync(fd);
}

int __wrap_close(int fd)
{
    const bool fails = fails_now();
    const int r = __real_close(fd);
    return fails ? -1 : r;
}

int __wrap_renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
    return fails_now() ? -1 : __real_renameat2(a, from, b, to, flags);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return memory_too && fails_now() ? NULL : malloc(n);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return memory_too && fails_now() ? NULL : realloc(p, n);
}

static void crypto_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static int install(void **state)
{
    (void)state;
    return CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) == 1 ? 0 : -1;
}

struct place {
    char dir[40];
};

static void clear_place(const struct place *p)
{
    static const char *const names[] = {"log.key", "log.key.new", "outcome.key", "outcome.key.new"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[64];
        (void)snprintf(path, sizeof(path), "%s/%s", p->dir, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(p->dir), 0);
}

static void first_start(void **state)
{
    (void)state;
    for (unsigned k = 1; k < 100000; k++) {
        struct place p = {.dir = "/tmp/cs-seal-XXXXXX"};
        struct seal *s = NULL;
        assert_non_null(mkdtemp(p.dir));
        calls = 0;
        fail_at = k;
        const struct cs_result r = seal_open(p.dir, SPAN_LIT("log.example"), true, &s);
        fail_at = 0;
        ERR_clear_error();
        assert_true((s != NULL) == (r.code == CS_OK));
        const bool passed = calls < k;
        assert_true(!passed || r.code == CS_OK);
        seal_close(s);
        s = NULL;
        const struct cs_result again = seal_open(p.dir, SPAN_LIT("log.example"), true, &s);
        if (again.code != CS_OK) {
            fail_msg("k=%u: after %s %s: %s %s", k, cs_code_name(r.code), r.msg, cs_code_name(again.code), again.msg);
        }
        seal_close(s);
        clear_place(&p);
        if (passed) {
            assert_true(k > 20);
            return;
        }
    }
    fail_msg("the sweep never ended");
}

static void signing(void **state)
{
    (void)state;
    struct place p = {.dir = "/tmp/cs-seal-XXXXXX"};
    struct seal *s = NULL;
    const struct merkle_frontier empty = {0};
    const struct sha256 leaf = merkle_leaf(SPAN_LIT("entry-0"));
    bool passed = false;

    memory_too = true;
    assert_non_null(mkdtemp(p.dir));
    assert_int_equal(seal_open(p.dir, SPAN_LIT("log.example"), true, &s).code, CS_OK);
    assert_int_equal(seal_resume(s, &empty).code, CS_OK);
    for (unsigned k = 1; !passed; k++) {
        char buf[1024];
        struct writer w = wr_fixed(buf, sizeof(buf));
        calls = 0;
        fail_at = k;
        const struct cs_result signed_head = seal_checkpoint(s, &leaf, 1, 1, &leaf, &w);
        fail_at = 0;
        ERR_clear_error();
        passed = calls < k;
        assert_true(!passed || signed_head.code == CS_OK);
        if (signed_head.code == CS_OK && !passed) {
            /* libcrypto got by without that memory: the head has moved, so begin again */
            seal_close(s);
            s = NULL;
            assert_int_equal(seal_open(p.dir, SPAN_LIT("log.example"), false, &s).code, CS_OK);
            assert_int_equal(seal_resume(s, &empty).code, CS_OK);
        }
        assert_true(k < 1000);
    }
    passed = false;
    for (unsigned k = 1; !passed; k++) {
        char buf[1024];
        struct writer w = wr_fixed(buf, sizeof(buf));
        calls = 0;
        fail_at = k;
        const struct cs_result r = seal_outcome(s, SPAN_LIT("text/plain"), SPAN_LIT("body"), &w);
        fail_at = 0;
        ERR_clear_error();
        passed = calls < k;
        assert_true(!passed || r.code == CS_OK);
        assert_true(r.code == CS_OK || r.code == CS_E_CRYPTO || r.code == CS_E_NOMEM);
        assert_true(k < 1000);
    }
    seal_close(s);
    clear_place(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_start),
        cmocka_unit_test(signing),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
