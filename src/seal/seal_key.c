/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/seal_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base_secret.h"
#include "file/file_write.h"

enum { PATH_BYTES = 1024 };

CS_AUTO_DEFINE(BIO, (void)BIO_free);
CS_AUTO_DEFINE(EVP_PKEY, EVP_PKEY_free);

struct key_path {
    char text[PATH_BYTES];
};

static CS_RESULT key_path(const char *dir, const char *name, const char *suffix, struct key_path *ret_path)
{
    struct key_path p;
    const int n = snprintf(p.text, sizeof(p.text), "%s/%s%s", dir, name, suffix);
    ENSURE(n > 0 && (size_t)n < sizeof(p.text), CS_E_RANGE, "seal.dir");
    *ret_path = p;
    return CS_SUCCESS;
}

CS_RESULT seal_dir_check(const char *dir)
{
    struct stat st;
    ENSURE(stat(dir, &st) == 0, CS_E_IO, "seal.dir");
    ENSURE(S_ISDIR(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0, CS_E_REFUSED,
           "seal.dir");
    return CS_SUCCESS;
}

/* --- reading --- */

static CS_RESULT check_file(int fd)
{
    struct stat st;
    ENSURE(fstat(fd, &st) == 0, CS_E_IO, "seal.key");
    ENSURE(S_ISREG(st.st_mode) && st.st_uid == geteuid() && (st.st_mode & (S_IRWXG | S_IRWXO)) == 0, CS_E_REFUSED,
           "seal.key");
    ENSURE(st.st_size > 0 && st.st_size <= SECRET_MAX_BYTES, CS_E_TYPE, "seal.key");
    return CS_SUCCESS;
}

static CS_RESULT read_secret(int fd, struct secret *s)
{
    TRY(check_file(fd));
    while (s->len < SECRET_MAX_BYTES) {
        const ssize_t n = read(fd, s->b + s->len, SECRET_MAX_BYTES - s->len);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        ENSURE(n >= 0, CS_E_IO, "seal.key");
        if (n == 0) {
            break;
        }
        s->len += (size_t)n;
    }
    return CS_SUCCESS;
}

static bool is_kind(const EVP_PKEY *key, enum seal_kind kind)
{
    char group[32] = {0};
    size_t n = 0;

    if (kind == SEAL_ED25519) {
        return EVP_PKEY_is_a(key, "ED25519") == 1;
    }
    return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, group, sizeof(group), &n) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static CS_RESULT decode(const struct secret *text, enum seal_kind kind, EVP_PKEY **ret_key)
{
    AUTO(BIO) *bio = BIO_new_mem_buf(text->b, (int)text->len);
    ENSURE(bio != NULL, CS_E_NOMEM, "seal.key");
    char passphrase[] = ""; /* without one, libcrypto would ask the terminal */
    AUTO(EVP_PKEY) *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, passphrase);
    ENSURE(key != NULL && is_kind(key, kind), CS_E_TYPE, "seal.key");
    *ret_key = key;
    key = NULL;
    return CS_SUCCESS;
}

CS_RESULT seal_key_load(const char *dir, const char *name, enum seal_kind kind, EVP_PKEY **ret_key)
{
    struct key_path path;
    AUTO_SECRET text;
    secret_init(&text);

    TRY(key_path(dir, name, "", &path));
    const int fd = open(path.text, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        ENSURE(errno != ENOENT, CS_E_MISSING, "seal.key");
        return CS_FAIL(errno == ELOOP ? CS_E_REFUSED : CS_E_IO, "seal.key");
    }
    const struct cs_result r = read_secret(fd, &text);
    (void)close(fd);
    TRY(r);
    return decode(&text, kind, ret_key);
}

/* --- making --- */

static CS_RESULT generate(enum seal_kind kind, struct secret *ret_text)
{
    AUTO(EVP_PKEY) *key = kind == SEAL_ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") : EVP_EC_gen("P-256");
    ENSURE(key != NULL, CS_E_CRYPTO, "seal.generate");
    AUTO(BIO) *bio = BIO_new(BIO_s_secmem());
    ENSURE(bio != NULL, CS_E_NOMEM, "seal.generate");
    ENSURE(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1, CS_E_CRYPTO, "seal.generate");
    char *p = NULL;
    const long n = BIO_get_mem_data(bio, &p);
    ENSURE(n > 0, CS_E_CRYPTO, "seal.generate");
    return secret_set(ret_text, span_make(p, (size_t)n));
}

static CS_RESULT write_and_sync(int fd, struct span s)
{
    TRY(file_write_all(fd, s));
    ENSURE(fsync(fd) == 0, CS_E_IO, "seal.write");
    return CS_SUCCESS;
}

static CS_RESULT sync_dir(const char *dir)
{
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ENSURE(fd >= 0, CS_E_IO, "seal.dir");
    const bool synced = fsync(fd) == 0;
    (void)close(fd);
    ENSURE(synced, CS_E_IO, "seal.dir");
    return CS_SUCCESS;
}

/* The final name appears only with the whole key behind it, and only where nothing stands. */
static CS_RESULT publish(const char *dir, const struct key_path *fresh, const struct key_path *final, struct span text)
{
    ENSURE(unlink(fresh->text) == 0 || errno == ENOENT, CS_E_IO, "seal.write"); /* of a start that did not finish */
    const int fd = open(fresh->text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    ENSURE(fd >= 0, CS_E_IO, "seal.write");
    const struct cs_result r = write_and_sync(fd, text);
    const bool closed = close(fd) == 0;
    TRY(r);
    ENSURE(closed, CS_E_IO, "seal.write");
    ENSURE(renameat2(AT_FDCWD, fresh->text, AT_FDCWD, final->text, RENAME_NOREPLACE) == 0, CS_E_IO, "seal.write");
    return sync_dir(dir);
}

CS_RESULT seal_key_create(const char *dir, const char *name, enum seal_kind kind)
{
    struct key_path fresh;
    struct key_path final;
    AUTO_SECRET text;
    secret_init(&text);

    TRY(key_path(dir, name, ".new", &fresh));
    TRY(key_path(dir, name, "", &final));
    TRY(generate(kind, &text));
    return publish(dir, &fresh, &final, secret_span(&text));
}
