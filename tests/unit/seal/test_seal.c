/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base_text.h"
#include "crypt/crypt_note.h"
#include "crypt/crypt_verify.h"
#include "note/note_dsse.h"
#include "seal/seal.h"

#define ORIGIN SPAN_LIT("approval.example/log1")

struct place {
    char dir[40];
    char log[64];
    char outcome[64];
};

static int make_place(void **state)
{
    static struct place p;
    p = (struct place){.dir = "/tmp/cs-seal-XXXXXX"};
    if (mkdtemp(p.dir) == NULL) {
        return -1;
    }
    (void)snprintf(p.log, sizeof(p.log), "%s/log.key", p.dir);
    (void)snprintf(p.outcome, sizeof(p.outcome), "%s/outcome.key", p.dir);
    *state = &p;
    return 0;
}

static int drop_place(void **state)
{
    const struct place *p = *state;
    char path[80];
    (void)unlink(p->log);
    (void)unlink(p->outcome);
    (void)snprintf(path, sizeof(path), "%s.new", p->log);
    (void)unlink(path);
    (void)chmod(p->dir, 0700);
    return rmdir(p->dir);
}

static struct seal *open_seal(const struct place *p, bool may_create)
{
    struct seal *s = NULL;
    const struct cs_result r = seal_open(p->dir, ORIGIN, may_create, &s);
    if (r.code != CS_OK) {
        fail_msg("%s %s", cs_code_name(r.code), r.msg);
    }
    return s;
}

static enum cs_code open_code(const struct place *p, bool may_create)
{
    struct seal *s = NULL;
    const struct cs_result r = seal_open(p->dir, ORIGIN, may_create, &s);
    assert_true((s != NULL) == (r.code == CS_OK));
    seal_close(s);
    return r.code;
}

static struct sha256 leaf(uint64_t i)
{
    char buf[32];
    return merkle_leaf(span_make(buf, (size_t)snprintf(buf, sizeof(buf), "entry-%llu", (unsigned long long)i)));
}

/* The seed 00 01 .. 1f of the test vectors, in place of a random key. */
static void write_known_key(const struct place *p)
{
    uint8_t seed[32];
    for (unsigned i = 0; i < sizeof(seed); i++) {
        seed[i] = (uint8_t)i;
    }
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
    FILE *f = fopen(p->log, "we");
    assert_non_null(key);
    assert_non_null(f);
    assert_int_equal(fchmod(fileno(f), 0600), 0);
    assert_int_equal(PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(f), 0);
    EVP_PKEY_free(key);
}

static void first_start_makes_keys_and_later_ones_keep_them(void **state)
{
    const struct place *p = *state;
    struct stat st;
    assert_int_equal(open_code(p, false), CS_E_MISSING);
    struct seal *s = open_seal(p, true);
    const struct note_key first = seal_log_key(s);
    uint8_t spki[SEAL_OUTCOME_SPKI_BYTES];
    assert_int_equal(seal_outcome_spki(s).left, sizeof(spki));
    memcpy(spki, seal_outcome_spki(s).p, sizeof(spki));
    struct note_spki decoded;
    assert_int_equal(note_spki_decode(SPAN_OF(spki), &decoded).code, CS_OK);
    assert_int_equal(decoded.kind, NOTE_SPKI_P256);
    seal_close(s);

    assert_int_equal(stat(p->log, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(p->outcome, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);

    s = open_seal(p, true);
    const struct note_key again = seal_log_key(s);
    assert_memory_equal(first.key, again.key, sizeof(first.key));
    assert_memory_equal(seal_outcome_spki(s).p, spki, sizeof(spki));
    assert_true(span_eq(again.name, ORIGIN));
    seal_close(s);
    assert_int_equal(unlink(p->outcome), 0);
    assert_int_equal(open_code(p, false), CS_E_MISSING); /* a lost key is not made anew for a log with a history */
}

static void another_log_has_another_key(void **state)
{
    const struct place *p = *state;
    struct seal *s = open_seal(p, true);
    const struct note_key first = seal_log_key(s);
    uint8_t key[NOTE_KEY_BYTES];
    memcpy(key, first.key, sizeof(key));
    seal_close(s);
    assert_int_equal(unlink(p->log), 0);
    s = open_seal(p, true);
    assert_memory_not_equal(seal_log_key(s).key, key, sizeof(key));
    seal_close(s);
}

static void only_private_files(void **state)
{
    const struct place *p = *state;
    static const struct {
        const char *which;
        mode_t mode;
        enum cs_code want;
    } rows[] = {
        {"log", 0640, CS_E_REFUSED},
        {"log", 0604, CS_E_REFUSED},
        {"log", 0620, CS_E_REFUSED},
        {"log", 0600, CS_OK},
        {"log", 0400, CS_OK},
        {"outcome", 0640, CS_E_REFUSED},
        {"outcome", 0601, CS_E_REFUSED},
        {"outcome", 0600, CS_OK},
        {"dir", 0720, CS_E_REFUSED},
        {"dir", 0702, CS_E_REFUSED},
        {"dir", 0755, CS_OK},
        {"dir", 0700, CS_OK},
    };
    assert_int_equal(open_code(p, true), CS_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *path = rows[i].which[0] == 'l' ? p->log : rows[i].which[0] == 'o' ? p->outcome : p->dir;
        assert_int_equal(chmod(path, rows[i].mode), 0);
        if (open_code(p, true) != rows[i].want) {
            fail_msg("%s %o", rows[i].which, (unsigned)rows[i].mode);
        }
        assert_int_equal(chmod(path, rows[i].mode | 0600), 0);
    }
}

static void only_our_kind_of_key(void **state)
{
    const struct place *p = *state;
    char saved[80];
    (void)snprintf(saved, sizeof(saved), "%s.saved", p->log);
    assert_int_equal(open_code(p, true), CS_OK);

    assert_int_equal(rename(p->log, saved), 0);
    assert_int_equal(rename(p->outcome, p->log), 0); /* P-256 where Ed25519 belongs */
    assert_int_equal(open_code(p, true), CS_E_TYPE);
    assert_int_equal(rename(p->log, p->outcome), 0);

    int fd = open(p->log, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_int_equal(open_code(p, true), CS_E_TYPE); /* empty: never replaced */
    assert_int_equal(write(fd, "-----BEGIN PRIVATE KEY-----\ngarbage\n-----END PRIVATE KEY-----\n", 62), 62);
    assert_int_equal(open_code(p, true), CS_E_TYPE);
    assert_int_equal(ftruncate(fd, 100000), 0);
    assert_int_equal(open_code(p, true), CS_E_TYPE);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(p->log), 0);

    assert_int_equal(symlink(saved, p->log), 0);
    assert_int_equal(open_code(p, true), CS_E_REFUSED);
    assert_int_equal(unlink(p->log), 0);
    assert_int_equal(mkfifo(p->log, 0600), 0);
    assert_int_equal(open_code(p, true), CS_E_REFUSED);
    assert_int_equal(unlink(p->log), 0);

    /* what a start left behind that did not finish is replaced */
    char fresh[80];
    (void)snprintf(fresh, sizeof(fresh), "%s.new", p->log);
    fd = open(fresh, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_int_equal(close(fd), 0);
    assert_int_equal(open_code(p, true), CS_OK);
    assert_int_equal(access(fresh, F_OK), -1);
    assert_int_equal(unlink(saved), 0);

    struct seal *s = NULL;
    assert_int_equal(seal_open(p->dir, SPAN_LIT("a+b"), true, &s).code, CS_E_SYNTAX);
    assert_int_equal(seal_open("/nonexistent", ORIGIN, true, &s).code, CS_E_IO);
    assert_null(s);
}

static void the_test_vector(void **state)
{
    const struct place *p = *state;
    const struct merkle_frontier empty = {0};
    struct merkle_frontier tree = {0};
    struct sha256 leaves[7];
    char buf[512];
    struct writer w = wr_fixed(buf, sizeof(buf));

    write_known_key(p);
    struct seal *s = open_seal(p, true);
    for (unsigned i = 0; i < 7; i++) {
        leaves[i] = leaf(i);
        assert_int_equal(merkle_append(&tree, &leaves[i]).code, CS_OK);
    }
    const struct sha256 root = merkle_root(&tree);
    assert_int_equal(seal_resume(s, &empty).code, CS_OK);
    assert_int_equal(seal_checkpoint(s, leaves, 7, 7, &root, &w).code, CS_OK);
    assert_true(span_is(
        wr_span(&w), "approval.example/log1\n7\nkTlgHMHKirKnoMLBNMBIRfKxulSag9bIRc/NpDnMWF0=\n\n"
                     "\xe2\x80\x94 approval.example/log1 "
                     "KwEEBZGpHyDO8bNncPLeD4ceygourbT+JeQhuyQGn6SI5CLW7EBoZa623b+OY0Jql0dlRG1Ac7eyWgTHYdi8GaLI+A4=\n"));
    const struct note_key key = seal_log_key(s);
    w.len = 0;
    note_vkey_write(&w, &key);
    assert_true(span_is(wr_span(&w), "approval.example/log1+2b010405+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"));
    seal_close(s);
}

static void a_fork_is_not_signed(void **state)
{
    const struct place *p = *state;
    const struct merkle_frontier empty = {0};
    struct merkle_frontier tree = {0};
    struct merkle_frontier other = {0};
    struct sha256 leaves[8];
    struct sha256 others[8];
    char buf[1024];
    struct writer w = wr_fixed(buf, sizeof(buf));
    struct note_checkpoint c;

    struct seal *s = open_seal(p, true);
    const struct note_key key = seal_log_key(s);
    for (unsigned i = 0; i < 4; i++) {
        leaves[i] = leaf(i);
        others[i] = leaf(100 + i);
        assert_int_equal(merkle_append(&tree, &leaves[i]).code, CS_OK);
        assert_int_equal(merkle_append(&other, &others[i]).code, CS_OK);
    }
    const struct sha256 root = merkle_root(&tree);
    const struct sha256 other_root = merkle_root(&other);

    assert_int_equal(seal_checkpoint(s, leaves, 4, 4, &root, &w).code, CS_E_STATE); /* not resumed */
    assert_int_equal(seal_resume(s, &empty).code, CS_OK);
    assert_int_equal(seal_resume(s, &other).code, CS_E_STATE); /* there is no second beginning */
    assert_int_equal(seal_checkpoint(s, leaves, 4, 4, &other_root, &w).code, CS_E_MISMATCH);
    assert_int_equal(seal_checkpoint(s, others, 4, 4, &root, &w).code, CS_E_MISMATCH);
    assert_int_equal(seal_checkpoint(s, leaves, 4, 5, &root, &w).code, CS_E_MISMATCH);
    assert_int_equal(seal_checkpoint(s, leaves, 3, 4, &root, &w).code, CS_E_MISMATCH);
    assert_int_equal(w.len, 0);
    assert_int_equal(seal_checkpoint(s, leaves, 4, 4, &root, &w).code, CS_OK); /* refusals moved nothing */
    assert_int_equal(crypt_checkpoint_verify(wr_span(&w), &key, &c).code, CS_OK);
    assert_int_equal(c.size, 4);
    assert_true(sha256_eq(&c.root, &root));

    w.len = 0;
    assert_int_equal(seal_checkpoint(s, NULL, 0, 4, &other_root, &w).code, CS_E_MISMATCH);  /* same size, other root */
    assert_int_equal(seal_checkpoint(s, leaves, 1, 1, &leaves[0], &w).code, CS_E_MISMATCH); /* size going back */
    assert_int_equal(seal_checkpoint(s, others, 4, 4, &other_root, &w).code, CS_E_MISMATCH);
    assert_int_equal(w.len, 0);
    assert_int_equal(seal_checkpoint(s, NULL, 0, 4, &root, &w).code, CS_OK); /* the same head again is no fork */

    leaves[4] = leaf(4);
    assert_int_equal(merkle_append(&tree, &leaves[4]).code, CS_OK);
    const struct sha256 next = merkle_root(&tree);
    w.len = 0;
    assert_int_equal(seal_checkpoint(s, &leaves[4], 1, 5, &next, &w).code, CS_OK);
    assert_int_equal(crypt_checkpoint_verify(wr_span(&w), &key, &c).code, CS_OK);
    assert_int_equal(c.size, 5);
    seal_close(s);

    /* a restart goes on where the verified log stands, and from there only */
    s = open_seal(p, false);
    assert_int_equal(seal_resume(s, &tree).code, CS_OK);
    w.len = 0;
    assert_int_equal(seal_checkpoint(s, leaves, 4, 4, &root, &w).code, CS_E_MISMATCH);
    assert_int_equal(seal_checkpoint(s, NULL, 0, 5, &next, &w).code, CS_OK);
    seal_close(s);
}

static void no_room_signs_nothing(void **state)
{
    const struct place *p = *state;
    const struct merkle_frontier empty = {0};
    const struct sha256 one = leaf(0);
    const struct sha256 two = leaf(1);
    char buf[100];
    char big[512];
    struct writer small = wr_fixed(buf, sizeof(buf));
    struct writer w = wr_fixed(big, sizeof(big));
    struct seal *s = open_seal(p, true);
    assert_int_equal(seal_resume(s, &empty).code, CS_OK);
    assert_int_equal(seal_checkpoint(s, &one, 1, 1, &one, &small).code, CS_E_FULL);
    assert_int_equal(seal_checkpoint(s, &two, 1, 1, &two, &w).code, CS_OK); /* the first one never was */
    seal_close(s);
}

static void envelopes_verify(void **state)
{
    const struct place *p = *state;
    const struct span type = SPAN_LIT("application/vnd.in-toto+json");
    const struct span body = SPAN_LIT("{\"_type\":\"https://in-toto.io/Statement/v1\"}");
    AUTO_WRITER w = wr_heap(4096);
    AUTO_WRITER pae = wr_heap(4096);
    AUTO_WRITER sig = wr_heap(4096);
    AUTO_CRYPT_KEY *key = NULL;

    struct seal *s = open_seal(p, true);
    assert_int_equal(seal_outcome(s, type, body, &w).code, CS_OK);
    assert_int_equal(crypt_key_open(seal_outcome_spki(s), &key).code, CS_OK);
    assert_int_equal(note_dsse_pae(type, body, &pae).code, CS_OK);
    const uint8_t *at = memmem(w.p, w.len, "\"sig\":\"", 7);
    assert_non_null(at);
    const uint8_t *end = memchr(at + 7, '"', w.len - (size_t)(at + 7 - w.p));
    assert_non_null(end);
    assert_int_equal(text_base64_decode(span_make(at + 7, (size_t)(end - at - 7)), &sig, "sig").code, CS_OK);
    assert_int_equal(crypt_verify(key, CRYPT_ES256, wr_span(&pae), wr_span(&sig)).code, CS_OK);
    sig.p[sig.len - 1] ^= 1;
    assert_int_equal(crypt_verify(key, CRYPT_ES256, wr_span(&pae), wr_span(&sig)).code, CS_E_BADSIG);

    w.len = 0;
    assert_int_equal(seal_outcome(s, SPAN_LIT("a\"b"), body, &w).code, CS_E_SYNTAX);
    seal_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(first_start_makes_keys_and_later_ones_keep_them, make_place, drop_place),
        cmocka_unit_test_setup_teardown(another_log_has_another_key, make_place, drop_place),
        cmocka_unit_test_setup_teardown(only_private_files, make_place, drop_place),
        cmocka_unit_test_setup_teardown(only_our_kind_of_key, make_place, drop_place),
        cmocka_unit_test_setup_teardown(the_test_vector, make_place, drop_place),
        cmocka_unit_test_setup_teardown(a_fork_is_not_signed, make_place, drop_place),
        cmocka_unit_test_setup_teardown(no_room_signs_nothing, make_place, drop_place),
        cmocka_unit_test_setup_teardown(envelopes_verify, make_place, drop_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
