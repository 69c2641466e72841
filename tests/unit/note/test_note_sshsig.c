/* SPDX-License-Identifier: Apache-2.0 */
/* D2: every human signature verifies with stock `ssh-keygen -Y verify`, which is what these tests run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "note/note_client_data.h"
#include "note/note_spki.h"
#include "note/note_sshsig.h"
#include "softkey/softkey_author.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#define RP        "approval.example"
#define STATEMENT "{\"decision\":\"approve\",\"v\":1}"

struct scratch {
    char dir[64];
};

static int set_up(void **state)
{
    struct scratch *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        return -1;
    }
    (void)snprintf(s->dir, sizeof(s->dir), "/tmp/note-sshsig-XXXXXX");
    *state = s;
    return mkdtemp(s->dir) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    struct scratch *s = *state;
    static const char *const names[] = {"signers", "sig", "statement"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[128];
        (void)snprintf(path, sizeof(path), "%s/%s", s->dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(s->dir);
    free(s);
    return 0;
}

static void put_file(const struct scratch *s, const char *name, struct span content, char ret_path[128])
{
    (void)snprintf(ret_path, 128, "%s/%s", s->dir, name);
    FILE *f = fopen(ret_path, "we");
    assert_non_null(f);
    assert_int_equal(fwrite(content.p, 1, content.left, f), content.left);
    assert_int_equal(fclose(f), 0);
}

/* Exit code of ssh-keygen -Y verify over this statement. */
static int ssh_keygen(const struct scratch *s, struct span signers, struct span sig, struct span statement)
{
    char signers_path[128];
    char sig_path[128];
    char statement_path[128];
    put_file(s, "signers", signers, signers_path);
    put_file(s, "sig", sig, sig_path);
    put_file(s, "statement", statement, statement_path);
    char *const argv[] = {(char[]){"ssh-keygen"},
                          (char[]){"-Y"},
                          (char[]){"verify"},
                          (char[]){"-n"},
                          (char[]){"countersign"},
                          (char[]){"-I"},
                          (char[]){"alice"},
                          (char[]){"-f"},
                          signers_path,
                          (char[]){"-s"},
                          sig_path,
                          NULL};
    posix_spawn_file_actions_t fa;
    pid_t pid = 0;
    int status = 0;
    char *const env[] = {NULL};
    assert_int_equal(posix_spawn_file_actions_init(&fa), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&fa, 0, statement_path, O_RDONLY, 0), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&fa, 1, "/dev/null", O_WRONLY, 0), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0), 0);
    assert_int_equal(posix_spawnp(&pid, "ssh-keygen", &fa, NULL, argv, env), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)posix_spawn_file_actions_destroy(&fa);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* The good one verifies; another statement and a changed file do not. */
static void assert_ssh_keygen_agrees(const struct scratch *s, const struct note_ssh_key *key,
                                     const struct note_ssh_signature *sig)
{
    AUTO_WRITER signers = wr_heap(8192);
    AUTO_WRITER file = wr_heap(16384);

    assert_int_equal(note_allowed_signer_write(&signers, SPAN_LIT("alice"), key).code, CS_OK);
    assert_int_equal(note_sshsig_write(&file, key, sig).code, CS_OK);
    assert_int_equal(ssh_keygen(s, wr_span(&signers), wr_span(&file), SPAN_LIT(STATEMENT)), 0);
    assert_int_not_equal(ssh_keygen(s, wr_span(&signers), wr_span(&file), SPAN_LIT(STATEMENT "\n")), 0);
    file.p[file.len - 60] ^= 1; /* inside the armoured signature */
    assert_int_not_equal(ssh_keygen(s, wr_span(&signers), wr_span(&file), SPAN_LIT(STATEMENT)), 0);
}

static void tosign_is_sshsig(void **state)
{
    const struct note_tosign t = note_sshsig_tosign(SPAN_LIT(STATEMENT));
    uint8_t digest[SHA512_BYTES];
    (void)state;

    digest_sha512(SPAN_LIT(STATEMENT), digest);
    assert_memory_equal(t.b,
                        "SSHSIG\0\0\0\x0b"
                        "countersign\0\0\0\0\0\0\0\x06"
                        "sha512\0\0\0\x40",
                        39);
    assert_memory_equal(t.b + 39, digest, sizeof(digest));
    assert_int_equal(sizeof(t.b), 39 + sizeof(digest));
}

static void a_fido2_signature_verifies(void **state)
{
    const struct note_tosign t = note_sshsig_tosign(SPAN_LIT(STATEMENT));
    struct softkey_author *author = softkey_author_new("alice");
    const struct softkey_frame frame = {.rp_id = RP, .counter = 258, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV};
    AUTO_WRITER client = wr_heap(NOTE_CLIENT_DATA_MAX);
    struct softkey_auth_data data;
    struct softkey_sig sig;
    struct note_ssh_key key;

    assert_non_null(author);
    assert_int_equal(note_client_data_write(&client, NOTE_WEBAUTHN_GET, SPAN_OF(t.b), SPAN_LIT(RP)).code, CS_OK);
    const struct sha256 hash = digest_sha256(wr_span(&client));
    assert_true(softkey_author_assert(author, &frame, hash.b, &data, &sig));
    const struct span spki = span_make(softkey_author_spki(author), SOFTKEY_SPKI_BYTES);
    assert_int_equal(note_ssh_key_decode(spki, SPAN_LIT(RP), &key).code, CS_OK);
    assert_int_equal(key.kind, NOTE_SSH_WEBAUTHN);
    struct note_ssh_signature s = {
        .sig = span_make(sig.der, sig.len),
        .auth_data = span_make(data.bytes, data.len),
        .client_data = wr_span(&client),
        .origin = SPAN_LIT("https://" RP),
    };
    assert_ssh_keygen_agrees(*state, &key, &s);
    AUTO_WRITER w = wr_heap(16384);
    s.auth_data.left = 36;
    assert_int_equal(note_sshsig_write(&w, &key, &s).code, CS_E_RANGE);
    s.auth_data.left = 37;
    s.sig.left--;
    assert_int_equal(note_sshsig_write(&w, &key, &s).code, CS_E_SHORT);
    softkey_author_free(author);
}

static struct span sign(EVP_PKEY *pkey, const char *md, uint8_t *buf, size_t cap)
{
    const struct note_tosign t = note_sshsig_tosign(SPAN_LIT(STATEMENT));
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n = cap;
    assert_non_null(ctx);
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_get_digestbyname(md), NULL, pkey), 1);
    assert_int_equal(EVP_DigestSign(ctx, buf, &n, t.b, sizeof(t.b)), 1);
    EVP_MD_CTX_free(ctx);
    return span_make(buf, n);
}

static void assert_card_signature(const struct scratch *scratch, EVP_PKEY *pkey, const char *md,
                                  enum note_ssh_kind kind)
{
    uint8_t sig[1024];
    uint8_t spki[1024];
    uint8_t *p = spki;
    struct note_ssh_key key;
    const int n = i2d_PUBKEY(pkey, NULL);

    assert_non_null(pkey);
    assert_in_range(n, 1, (int)sizeof(spki));
    assert_int_equal(i2d_PUBKEY(pkey, &p), n);
    assert_int_equal(note_ssh_key_decode(span_make(spki, (size_t)n), SPAN_NONE, &key).code, CS_OK);
    assert_int_equal(key.kind, kind);
    const struct note_ssh_signature s = {.sig = sign(pkey, md, sig, sizeof(sig))};
    assert_ssh_keygen_agrees(scratch, &key, &s);
    if (kind != NOTE_SSH_P256) {
        assert_int_equal(note_ssh_key_decode(span_make(spki, (size_t)n), SPAN_LIT(RP), &key).code, CS_E_TYPE);
    }
    EVP_PKEY_free(pkey);
}

static void card_signatures_verify(void **state)
{
    assert_card_signature(*state, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), "SHA256", NOTE_SSH_P256);
    assert_card_signature(*state, EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384"), "SHA384", NOTE_SSH_P384);
    assert_card_signature(*state, EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), "SHA512", NOTE_SSH_RSA);
    assert_card_signature(*state, EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)4096), "SHA512", NOTE_SSH_RSA);
}

static void other_inputs_are_refused(void **state)
{
    struct softkey_author *author = softkey_author_new("alice");
    const struct span spki = span_make(softkey_author_spki(author), SOFTKEY_SPKI_BYTES);
    AUTO_WRITER w = wr_heap(8192);
    struct note_ssh_key key;
    uint8_t ed25519[44] = {0};
    struct writer e = wr_fixed(ed25519, sizeof(ed25519));
    static const uint8_t raw[32] = {1};
    (void)state;

    note_spki_write_ed25519(&e, SPAN_OF(raw));
    assert_int_equal(note_ssh_key_decode(SPAN_OF(ed25519), SPAN_NONE, &key).code, CS_E_TYPE);
    assert_int_equal(note_ssh_key_decode(span_make(spki.p, spki.left - 1), SPAN_NONE, &key).code, CS_E_SHORT);
    assert_int_equal(note_ssh_key_decode(spki, SPAN_NONE, &key).code, CS_OK);
    assert_int_equal(note_allowed_signer_write(&w, SPAN_LIT("al ice"), &key).code, CS_E_SYNTAX);
    assert_int_equal(note_allowed_signer_write(&w, SPAN_NONE, &key).code, CS_E_RANGE);
    assert_int_equal(w.len, 0);
    softkey_author_free(author);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tosign_is_sshsig),
        cmocka_unit_test(a_fido2_signature_verifies),
        cmocka_unit_test(card_signatures_verify),
        cmocka_unit_test(other_inputs_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
