/* SPDX-License-Identifier: Apache-2.0 */
/* What git says of a repository that this test makes, and what is refused instead of guessed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/client_git.h"

enum { PATH_BYTES = 256, WORDS_MAX = 16 };

/* The first 32 hex digits of SHA-256 of each address, by sha256sum. */
#define ANN "git:71d4f55f72fa128dfb468a1a3901507c"
#define BOB "git:5ff860bf1190596c7188ab851db691f0"

struct bed {
    char dir[PATH_BYTES];
    char repo[PATH_BYTES + 16];
    struct arena arena;
};

static int spawned(const char *const *argv)
{
    char *words[WORDS_MAX + 1] = {0};
    int status = -1;

    for (size_t i = 0; argv[i] != NULL && i < WORDS_MAX; i++) {
        memcpy(&words[i], &argv[i], sizeof(words[0])); /* exec does not write to them */
    }
    const pid_t pid = fork();
    if (pid == 0) {
        const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(null, STDOUT_FILENO);
        (void)dup2(null, STDERR_FILENO);
        (void)execvp(words[0], words);
        _exit(127);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define RUN(...) assert_int_equal(spawned((const char *const[]){__VA_ARGS__, NULL}), 0)
#define GIT(b, ...)                                                                                                    \
    RUN("git", "-C", (b)->repo, "-c", "user.name=c", "-c", "user.email=committer@example.com", __VA_ARGS__)

static void put(const struct bed *b, const char *name, const char *text)
{
    char path[2 * PATH_BYTES];
    (void)snprintf(path, sizeof(path), "%s/%s", b->repo, name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void)close(fd);
}

static void commit(const struct bed *b, const char *author)
{
    GIT(b, "add", "-A");
    GIT(b, "commit", "-q", "-m", "x", "--author", author);
}

static bool set(const char *name, const char *value)
{
    return setenv(name, value, 1) == 0; /* NOLINT(concurrency-mt-unsafe): one thread */
}

static int set_up(void **state)
{
    struct bed *b = calloc(1, sizeof(*b));
    if (b == NULL) {
        return -1;
    }
    (void)snprintf(b->dir, sizeof(b->dir), "/tmp/test-client-git-XXXXXX");
    *state = b;
    arena_init(&b->arena, 1U << 24);
    if (mkdtemp(b->dir) == NULL || !set("GIT_CONFIG_GLOBAL", "/dev/null") || !set("GIT_CONFIG_NOSYSTEM", "1")) {
        return -1;
    }
    (void)snprintf(b->repo, sizeof(b->repo), "%s/shop", b->dir);
    return spawned((const char *const[]){"git", "init", "-q", "-b", "main", b->repo, NULL});
}

static int clean_up(void **state)
{
    struct bed *b = *state;
    const int r = spawned((const char *const[]){"rm", "-rf", b->dir, NULL});
    arena_release(&b->arena);
    free(b);
    return r;
}

static void expect_text(struct span got, const char *want)
{
    if (!span_is(got, want)) {
        fail_msg("%.*s, not %s", (int)got.left, (const char *)got.p, want);
    }
}

static void since_the_beginning(void **state)
{
    struct bed *b = *state;
    struct request_source s = {0};

    put(b, "a", "1\n2\n3\n");
    commit(b, "Ann <Ann@Example.com>");
    assert_int_equal(client_git_read(b->repo, &b->arena, &s).code, CS_OK);
    assert_true(s.present);
    expect_text(s.since, "root");
    expect_text(s.ref, "refs/heads/main");
    expect_text(s.repository, "shop");
    assert_int_equal(s.commit.left, 40);
    assert_int_equal(s.commits, 1);
    assert_int_equal(s.files_changed, 1);
    assert_int_equal(s.lines_added, 3);
    assert_int_equal(s.lines_removed, 0);
    assert_int_equal(s.author_count, 1);
    expect_text(s.authors[0], ANN);
}

static void since_the_tag(void **state)
{
    struct bed *b = *state;
    struct request_source s = {0};

    put(b, "a", "1\n2\n3\n");
    commit(b, "Ann <ann@example.com>");
    GIT(b, "tag", "v1");
    GIT(b, "branch", "v1"); /* a branch of the same name changes nothing */
    put(b, "a", "1\n3\n4\n5\n");
    put(b, "HEAD", "a file that could be taken for a commit\n");
    commit(b, "Bob <bob@example.com>");
    put(b, "c", "6\n");
    commit(b, "Bob <BOB@example.com>");
    GIT(b, "tag", "v2"); /* at HEAD: what is released, not what was */
    GIT(b, "checkout", "-q", "--detach");
    assert_int_equal(client_git_read(b->repo, &b->arena, &s).code, CS_OK);
    expect_text(s.since, "v1");
    expect_text(s.ref, "HEAD");
    assert_int_equal(s.commits, 2);
    assert_int_equal(s.files_changed, 3);
    assert_int_equal(s.lines_added, 4);
    assert_int_equal(s.lines_removed, 1);
    assert_int_equal(s.author_count, 1);
    expect_text(s.authors[0], BOB);
}

static void two_authors(void **state)
{
    struct bed *b = *state;
    struct request_source s = {0};

    put(b, "a", "1\n");
    commit(b, "Ann <ann@example.com>");
    put(b, "a", "2\n");
    commit(b, "Bob <bob@example.com>");
    put(b, "a", "3\n");
    commit(b, "Ann <ann@example.com>");
    assert_int_equal(client_git_read(b->repo, &b->arena, &s).code, CS_OK);
    assert_int_equal(s.commits, 3);
    assert_int_equal(s.author_count, 2);
    assert_true(span_cmp(s.authors[0], s.authors[1]) < 0);
    assert_true(span_is(s.authors[0], ANN) || span_is(s.authors[1], ANN));
    assert_true(span_is(s.authors[0], BOB) || span_is(s.authors[1], BOB));
}

/* A repository may come from anywhere; none of its names may become an option of git. */
static void a_tag_like_an_option(void **state)
{
    struct bed *b = *state;
    struct request_source s = {0};
    char tag[2 * PATH_BYTES];
    char victim[2 * PATH_BYTES];

    put(b, "a", "1\n");
    commit(b, "Ann <ann@example.com>");
    (void)snprintf(victim, sizeof(victim), "%s/victim", b->repo);
    (void)snprintf(tag, sizeof(tag), "refs/tags/--output=victim");
    GIT(b, "update-ref", tag, "HEAD");
    put(b, "a", "2\n");
    commit(b, "Bob <bob@example.com>");
    assert_int_equal(client_git_read(b->repo, &b->arena, &s).code, CS_OK);
    expect_text(s.since, "--output=victim");
    assert_int_equal(s.commits, 1);
    assert_int_equal(s.lines_added, 1);
    assert_int_not_equal(access(victim, F_OK), 0);
    (void)snprintf(victim, sizeof(victim), "%s/victim..HEAD", b->repo);
    assert_int_not_equal(access(victim, F_OK), 0);
}

static void refused(struct bed *b, const char *repo, enum cs_code code)
{
    struct request_source s;
    struct request_source before;

    memset(&s, 0x5a, sizeof(s));
    memcpy(&before, &s, sizeof(s));
    const struct cs_result r = client_git_read(repo, &b->arena, &s);
    if (r.code != code) {
        fail_msg("%s: %s %s, not %s", repo, r.msg, cs_code_name(r.code), cs_code_name(code));
    }
    assert_memory_equal(&s, &before, sizeof(s));
}

static void no_repository(void **state)
{
    struct bed *b = *state;

    refused(b, b->dir, CS_E_MISSING);
    refused(b, "/nonexistent", CS_E_MISSING);
    refused(b, b->repo, CS_E_MISSING); /* without a commit */
}

static void no_git(void **state)
{
    struct bed *b = *state;

    put(b, "a", "1\n");
    commit(b, "Ann <ann@example.com>");
    char *before = secure_getenv("PATH"); /* NOLINT(concurrency-mt-unsafe): one thread */
    assert_non_null(before);
    char *kept = strdup(before);
    assert_non_null(kept);
    assert_true(set("PATH", "/nonexistent"));
    refused(b, b->repo, CS_E_MISSING);
    assert_true(set("PATH", kept));
    free(kept);
}

static void a_shallow_clone(void **state)
{
    struct bed *b = *state;
    char url[2 * PATH_BYTES];
    char copy[2 * PATH_BYTES];

    put(b, "a", "1\n");
    commit(b, "Ann <ann@example.com>");
    put(b, "a", "2\n");
    commit(b, "Bob <bob@example.com>");
    (void)snprintf(url, sizeof(url), "file://%s", b->repo);
    (void)snprintf(copy, sizeof(copy), "%s/copy", b->dir);
    RUN("git", "clone", "-q", "--depth", "1", url, copy);
    refused(b, copy, CS_E_STATE);
}

static void a_name_that_cannot_be_sent(void **state)
{
    struct bed *b = *state;
    char other[2 * PATH_BYTES];

    put(b, "a", "1\n");
    commit(b, "Ann <ann@example.com>");
    (void)snprintf(other, sizeof(other), "%s/a shop", b->dir);
    RUN("mv", b->repo, other);
    refused(b, other, CS_E_SYNTAX);
}

static const struct row {
    const char *name;
    const char *text;
    uint64_t files;
    uint64_t added;
    uint64_t removed;
    enum cs_code code;
} rows[] = {
    {"nothing", "", 0, 0, 0, CS_OK},
    {"one", "3\t1\ta.c", 1, 3, 1, CS_OK},
    {"two", "3\t1\ta.c\n10\t20\tb c", 2, 13, 21, CS_OK},
    {"a line feed at the end", "3\t1\ta.c\n", 1, 3, 1, CS_OK},
    {"binary", "-\t-\tlogo.png\n1\t0\ta", 2, 1, 0, CS_OK},
    {"a tab in the name", "1\t2\ta\tb", 1, 1, 2, CS_OK},
    {"half binary", "-\t1\ta", 0, 0, 0, CS_E_SYNTAX},
    {"no number", "x\t1\ta", 0, 0, 0, CS_E_SYNTAX},
    {"negative", "-1\t1\ta", 0, 0, 0, CS_E_SYNTAX},
    {"no name", "1\t2", 0, 0, 0, CS_E_SHORT},
    {"an empty line", "1\t2\ta\n\n1\t2\tb", 0, 0, 0, CS_E_SHORT},
};

static void numstat(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct request_source s = {0};
        const struct cs_result r = client_git_numstat(span_str(row->text), &s);
        const bool counts =
            s.files_changed == row->files && s.lines_added == row->added && s.lines_removed == row->removed;
        if (r.code != row->code || (r.code == CS_OK && !counts)) {
            fail_msg("%s: %s, %lu files, +%lu -%lu", row->name, cs_code_name(r.code), (unsigned long)s.files_changed,
                     (unsigned long)s.lines_added, (unsigned long)s.lines_removed);
        }
    }
}

static void accounts(void **state)
{
    struct bed *b = *state;
    struct span account = SPAN_NONE;
    uint8_t address[321];

    memset(address, 'a', sizeof(address));
    assert_int_equal(client_git_account(SPAN_LIT("ann@example.com"), &b->arena, &account).code, CS_OK);
    expect_text(account, ANN);
    assert_int_equal(client_git_account(SPAN_LIT("ANN@EXAMPLE.COM"), &b->arena, &account).code, CS_OK);
    expect_text(account, ANN);
    assert_int_equal(client_git_account(SPAN_NONE, &b->arena, &account).code, CS_E_RANGE);
    assert_int_equal(client_git_account(span_make(address, 321), &b->arena, &account).code, CS_E_RANGE);
    expect_text(account, ANN);
    assert_int_equal(client_git_account(span_make(address, 320), &b->arena, &account).code, CS_OK);
}

#define IN_BED(t) cmocka_unit_test_setup_teardown(t, set_up, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BED(since_the_beginning), IN_BED(since_the_tag), IN_BED(two_authors),     IN_BED(a_tag_like_an_option),
        IN_BED(no_repository),       IN_BED(no_git),        IN_BED(a_shallow_clone), IN_BED(a_name_that_cannot_be_sent),
        cmocka_unit_test(numstat),   IN_BED(accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
