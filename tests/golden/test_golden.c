/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The golden log, its receipts, and every wrong leaf: the judge as the daemon calls it, and the auditor's program, must
 * both say what the verdict file says. Requirements D5, D7.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base_text.h"
#include "judge/judge_replay.h"
#include "merkle/merkle_tile.h"
#include "support/author_export.h"

enum { FILE_BYTES_MAX = 16 << 20, STATE_BYTES = 64 << 20, LEAVES_MAX = 256, PATH_BYTES = 512, OUTPUT_BYTES = 65536 };

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define EVERY 61 /* sanitized, a full sweep takes minutes */
#endif
#endif
#ifndef EVERY
#define EVERY 1
#endif

/* CMakeLists.txt says what the log has: at least so many wrong leaves and receipts (WRONG_LEAST, RECEIPTS_LEAST); a
 * receipt to change byte by byte (SWEEP), and how many at once (SWEEP_STEP); the request, its decisions and its redeem
 * (LEAF_FIRST to before LEAF_END). */

struct golden {
    struct arena arena;
    struct span leaf[LEAVES_MAX];
    size_t count;
    struct trust trust;
    struct author_log *signer; /* for its key */
    char scratch[PATH_BYTES];  /* a directory of our own */
};

static struct span read_file(struct arena *a, const char *directory, const char *name)
{
    char path[PATH_BYTES];
    uint8_t *buf = malloc(FILE_BYTES_MAX);
    struct span kept = SPAN_NONE;

    (void)snprintf(path, sizeof(path), "%s/%s", directory, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = buf != NULL && fd >= 0 ? read(fd, buf, FILE_BYTES_MAX) : -1;
    if (n < 0) {
        fail_msg("cannot read %s", path);
    }
    (void)close(fd);
    assert_int_equal(arena_copy(a, span_make(buf, (size_t)n), &kept).code, CS_OK);
    free(buf);
    return kept;
}

/* The value of a line "WORD VALUE". */
static struct span line_of(struct span verdict, const char *word)
{
    struct reader r = rd_make(verdict);
    struct span line = SPAN_NONE;

    while (rd_until(&r, '\n', &line, "line").code == CS_OK) {
        if (span_starts(line, span_str(word)) && line.left > strlen(word) && line.p[strlen(word)] == ' ') {
            return span_from(line, strlen(word) + 1);
        }
    }
    fail_msg("no %s in the verdict", word);
    return SPAN_NONE;
}

static enum finding_class class_of(struct span word)
{
    for (unsigned c = 0; c < FINDING_COUNT; c++) {
        if (span_is(word, judge_finding_word((enum finding_class)c))) {
            return (enum finding_class)c;
        }
    }
    fail_msg("unknown finding %.*s", (int)word.left, (const char *)word.p);
    return FINDING_COUNT;
}

static uint64_t number(struct span text)
{
    uint64_t n = 0;
    assert_int_equal(text_dec_decode(text, &n, "number").code, CS_OK);
    return n;
}

static int begin(void **state)
{
    static struct golden g;
    arena_init(&g.arena, (size_t)1 << 30);
    g.count = number(line_of(read_file(&g.arena, GOLDEN, "log.verdict"), "size"));
    char name[64];
    (void)snprintf(name, sizeof(name), "tile/entries/000.p/%zu", g.count);
    struct reader r = rd_make(read_file(&g.arena, GOLDEN, name));
    for (size_t i = 0; i < g.count; i++) {
        assert_int_equal(merkle_bundle_next(&r, &g.leaf[i]).code, CS_OK);
    }
    assert_int_equal(rd_end(&r, "bundle").code, CS_OK);
    assert_int_equal(judge_trust_decode(read_file(&g.arena, GOLDEN, "trust.json"), &g.arena, &g.trust).code, CS_OK);
    g.signer = author_log_new(JUDGE_FOLD, STATE_BYTES);
    assert_non_null(g.signer);
    (void)snprintf(g.scratch, sizeof(g.scratch), "%s", "/tmp/golden-XXXXXX");
    assert_non_null(mkdtemp(g.scratch));
    *state = &g;
    return 0;
}

/* The scratch directory holds what author_export_files wrote for up to LEAVES_MAX leaves. */
static void clear_scratch(const struct golden *g)
{
    static const char *const directories[] = {"tile/0/000.p", "tile/entries/000.p"};
    char path[PATH_BYTES * 2];

    for (size_t d = 0; d < 2; d++) {
        for (unsigned w = 1; w < LEAVES_MAX; w++) {
            (void)snprintf(path, sizeof(path), "%s/%s/%u", g->scratch, directories[d], w);
            (void)unlink(path);
        }
    }
    static const char *const rest[] = {"checkpoint", "trust.json",   "tile/0/000.p", "tile/entries/000.p",
                                       "tile/0",     "tile/entries", "tile",         ""};
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", g->scratch, rest[i]);
        (void)remove(path);
    }
}

static int end(void **state)
{
    struct golden *g = *state;
    clear_scratch(g);
    author_log_free(g->signer);
    arena_release(&g->arena);
    return 0;
}

/* Runs the auditor; returns its exit status, and what it said in output (NUL-terminated). */
static int audit(const char *path, const char *trust, char output[OUTPUT_BYTES])
{
    char *const argv[] = {(char[]){"countersign-audit"}, (char[]){"verify"}, strdup(path),
                          (char[]){"--trust"},           strdup(trust),      NULL};
    char *const envp[] = {NULL};
    posix_spawn_file_actions_t actions;
    int out[2];
    pid_t pid = 0;
    int status = 0;
    size_t n = 0;

    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO), 0);
    assert_int_equal(posix_spawn(&pid, AUDIT, &actions, NULL, argv, envp), 0);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)close(out[1]);
    for (ssize_t got = 1; got > 0 && n<OUTPUT_BYTES - 1; n += got> 0 ? (size_t)got : 0) {
        got = read(out[0], output + n, OUTPUT_BYTES - 1 - n);
    }
    output[n] = '\0';
    (void)close(out[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    free(argv[2]);
    free(argv[4]);
    return WEXITSTATUS(status);
}

static void the_log_holds(void **state)
{
    struct golden *g = *state;
    static char output[OUTPUT_BYTES];
    const struct span verdict = read_file(&g->arena, GOLDEN, "log.verdict");
    struct sha256 want;
    struct replay r;

    assert_int_equal(text_hex_decode(line_of(verdict, "state"), want.b, SHA256_BYTES, "state").code, CS_OK);
    struct finding f = judge_replay_begin(read_file(&g->arena, GOLDEN, "checkpoint"), &g->trust, STATE_BYTES, &r);
    for (size_t i = 0; i < g->count && f.class == FINDING_HOLDS; i++) {
        f = judge_replay_entry(&r, g->leaf[i], NULL);
    }
    assert_int_equal(f.class, FINDING_HOLDS);
    assert_int_equal(judge_replay_end(&r).class, FINDING_HOLDS);
    const struct sha256 got = state_digest(&r.judge.state);
    assert_true(sha256_eq(&got, &want));
    judge_replay_release(&r);
    assert_int_equal(audit(GOLDEN, GOLDEN "/trust.json", output), 0);
    assert_true(strncmp(output, "Holds.\n", 7) == 0);
}

/* What the daemon does: would this leaf be let in here? */
static struct verdict judged(const struct golden *g, uint64_t at, struct span leaf, enum judge_depth depth)
{
    struct judge j;
    struct verdict v = VERDICT_ALLOW;
    assert_int_equal(judge_init(&j, depth, STATE_BYTES).code, CS_OK);
    for (uint64_t i = 0; i < at && v.allow; i++) {
        v = judge_entry(&j, g->leaf[i], NULL);
    }
    assert_true(v.allow);
    v = judge_would(&j, leaf);
    judge_release(&j);
    return v;
}

static void check_wrong(struct golden *g, const char *name)
{
    static char output[OUTPUT_BYTES];
    static struct span leaves[LEAVES_MAX];
    char path[PATH_BYTES * 2];
    char file[PATH_BYTES];

    (void)snprintf(file, sizeof(file), "%s.leaf", name);
    const struct span leaf = read_file(&g->arena, GOLDEN "/wrong", file);
    (void)snprintf(file, sizeof(file), "%s.verdict", name);
    const struct span verdict = read_file(&g->arena, GOLDEN "/wrong", file);
    const uint64_t at = number(line_of(verdict, "at"));
    const enum policy_reason reason = policy_reason_of(line_of(verdict, "reason"));
    assert_true(at < g->count + 1);

    const struct verdict v = judged(g, at, leaf, JUDGE_PROVE);
    if (v.allow || v.reason != reason) {
        fail_msg("%s: %s", name, policy_reason_code(v.reason));
    }
    memcpy(leaves, g->leaf, at * sizeof(leaves[0]));
    leaves[at] = leaf;
    struct author_export *x = author_export_of(g->signer, leaves, at + 1);
    author_export_files(x, author_export_put, g->scratch);
    author_export_free(x);
    (void)snprintf(path, sizeof(path), "%s/trust.json", g->scratch);
    const int status = audit(g->scratch, path, output);
    if (status != judge_finding_exit(class_of(line_of(verdict, "finding")))) {
        fail_msg("%s: the auditor says %d %s", name, status, output);
    }
    (void)snprintf(path, sizeof(path), "(%s)", policy_reason_code(reason));
    assert_non_null(strstr(output, path));
    (void)snprintf(path, sizeof(path), "at entry %llu\n", (unsigned long long)at);
    assert_non_null(strstr(output, path));
}

/* Calls `check` with the name of every NAME.verdict in the directory; at least `least` of them. */
static void each_verdict(struct golden *g, const char *directory, unsigned least,
                         void (*check)(struct golden *g, const char *name))
{
    DIR *dir = opendir(directory);
    unsigned seen = 0;

    assert_non_null(dir);
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) { /* NOLINT(concurrency-mt-unsafe) */
        char name[PATH_BYTES];
        (void)snprintf(name, sizeof(name), "%s", e->d_name);
        char *dot = strstr(name, ".verdict");
        if (dot != NULL) {
            *dot = '\0';
            check(g, name);
            seen++;
        }
    }
    (void)closedir(dir);
    assert_true(seen >= least);
}

static void daemon_and_auditor_refuse_every_wrong_leaf(void **state)
{
    each_verdict(*state, GOLDEN "/wrong", WRONG_LEAST, check_wrong);
}

static struct finding verify(const struct golden *g, struct span text)
{
    static const struct receipt_ask nothing = {0};
    struct arena a;
    struct judge j;
    struct receipt r;
    struct finding f = {.class = FINDING_FORMAT};

    arena_init(&a, RECEIPT_ARENA_BYTES);
    const struct cs_result parsed = judge_receipt_decode(text, &a, &r);
    if (parsed.code == CS_OK) {
        assert_int_equal(judge_init(&j, JUDGE_PROVE, STATE_BYTES).code, CS_OK);
        f = judge_receipt_verify(&r, &g->trust, &nothing, &j);
        judge_release(&j);
    }
    arena_release(&a);
    return f;
}

static void check_receipt(struct golden *g, const char *name)
{
    static char output[OUTPUT_BYTES];
    char file[PATH_BYTES];
    char path[PATH_BYTES * 2];

    (void)snprintf(file, sizeof(file), "%s.verdict", name);
    const enum finding_class want = class_of(line_of(read_file(&g->arena, GOLDEN "/receipts", file), "finding"));
    (void)snprintf(file, sizeof(file), "%s.countersign.json", name);
    const struct finding f = verify(g, read_file(&g->arena, GOLDEN "/receipts", file));
    if (f.class != want) {
        fail_msg("%s: %s", name, judge_finding_word(f.class));
    }
    (void)snprintf(path, sizeof(path), "%s/receipts/%s", GOLDEN, file);
    assert_int_equal(audit(path, GOLDEN "/trust.json", output), judge_finding_exit(want));
}

static void every_receipt_has_its_verdict(void **state)
{
    each_verdict(*state, GOLDEN "/receipts", RECEIPTS_LEAST, check_receipt);
}

static void sweep(struct golden *g, const char *name, size_t step)
{
    const struct span text = read_file(&g->arena, GOLDEN "/receipts", name);
    uint8_t *copy = malloc(text.left);

    assert_non_null(copy);
    memcpy(copy, text.p, text.left);
    for (size_t i = 0; i < text.left; i += step) {
        copy[i] ^= 1;
        if (verify(g, span_make(copy, text.left)).class == FINDING_HOLDS) {
            fail_msg("%s: byte %zu", name, i);
        }
        copy[i] ^= 1;
    }
    free(copy);
}

static void no_byte_of_a_receipt_can_change(void **state)
{
    sweep(*state, SWEEP, (size_t)EVERY * SWEEP_STEP);
}

/* With an envelope; a minute of signatures, so a run of its own. */
static void no_byte_of_a_used_receipt_can_change(void **state)
{
    sweep(*state, "used.countersign.json", EVERY);
}

static void no_byte_of_the_checkpoint_can_change(void **state)
{
    struct golden *g = *state;
    const struct span note = read_file(&g->arena, GOLDEN, "checkpoint");
    uint8_t copy[1024];

    assert_true(note.left <= sizeof(copy));
    memcpy(copy, note.p, note.left);
    for (size_t i = 0; i < note.left; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct checkpoint head;
            copy[i] ^= (uint8_t)(1U << bit);
            if (judge_checkpoint_open(span_make(copy, note.left), &g->trust, &head).class == FINDING_HOLDS) {
                fail_msg("byte %zu bit %u", i, bit);
            }
            copy[i] ^= (uint8_t)(1U << bit);
        }
    }
}

/* Changed in any byte, a leaf is refused at once, or has another hash and so leads to another root. */
static void no_byte_of_a_leaf_can_change(void **state)
{
    struct golden *g = *state;
    static uint8_t copy[MODEL_LEAF_MAX];
    struct judge j;
    unsigned refused = 0;

    assert_int_equal(judge_init(&j, JUDGE_PROVE, STATE_BYTES).code, CS_OK);
    for (size_t at = 0; at < LEAF_END; at++) {
        const struct span leaf = g->leaf[at];
        const struct sha256 hash = merkle_leaf(leaf);
        memcpy(copy, leaf.p, leaf.left);
        for (size_t i = 0; at >= LEAF_FIRST && i < leaf.left;
             i += EVERY) { /* a request, its two decisions, its redeem */
            copy[i] ^= 1;
            const struct sha256 other = merkle_leaf(span_make(copy, leaf.left));
            assert_false(sha256_eq(&hash, &other));
            refused += judge_would(&j, span_make(copy, leaf.left)).allow ? 0U : 1U;
            copy[i] ^= 1;
        }
        assert_true(judge_entry(&j, leaf, NULL).allow);
    }
    assert_true(refused > 4000 / EVERY);
    judge_release(&j);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest long_ones[] = {cmocka_unit_test(no_byte_of_a_used_receipt_can_change)};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_holds),
        cmocka_unit_test(daemon_and_auditor_refuse_every_wrong_leaf),
        cmocka_unit_test(every_receipt_has_its_verdict),
        cmocka_unit_test(no_byte_of_a_receipt_can_change),
        cmocka_unit_test(no_byte_of_the_checkpoint_can_change),
        cmocka_unit_test(no_byte_of_a_leaf_can_change),
    };
    if (argc == 2 && strcmp(argv[1], "used") == 0) {
        return cmocka_run_group_tests(long_ones, begin, end);
    }
    return cmocka_run_group_tests(tests, begin, end);
}
