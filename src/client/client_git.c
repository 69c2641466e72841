/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_git.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base_digest.h"
#include "base/base_text.h"

enum { OUTPUT_MAX = 64 * 1024 * 1024, ACCOUNT_DIGEST_BYTES = 16, ADDRESS_MAX = 320, WORDS_MAX = 12, RANGE_MAX = 256 };

/* git's name for the tree that holds nothing. */
#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

static CS_RESULT collect(int fd, struct writer *w)
{
    uint8_t part[4096];
    ssize_t n = 0;

    while ((n = read(fd, part, sizeof(part))) != 0) {
        ENSURE(n > 0 || errno == EINTR, CS_E_IO, "git");
        wr_bytes(w, span_make(part, n > 0 ? (size_t)n : 0));
    }
    return wr_end(w, "git");
}

static CS_RESULT start(char *const argv[], int out, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    ENSURE(posix_spawn_file_actions_init(&actions) == 0, CS_E_NOMEM, "git");
    int bad = posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    bad |= posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    bad |= posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (bad == 0) {
        bad = posix_spawnp(ret_pid, "git", &actions, NULL, argv, environ);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return bad == 0 ? CS_SUCCESS : CS_FAIL(CS_E_MISSING, "git");
}

/* Standard output of `git -C repo words…`, without its last line feed. CS_E_MISSING when git is not there or exits
 * non-zero. */
static CS_RESULT git(const char *repo, const char *const *words, struct arena *arena, struct span *ret_text)
{
    char *argv[WORDS_MAX + 4] = {0};
    size_t n = 0;
    int pipes[2];
    pid_t pid = 0;
    int status = 0;
    AUTO_WRITER w = wr_heap(OUTPUT_MAX);

    const char *const head[] = {"git", "-C", repo};
    memcpy(argv, head, sizeof(head)); /* argv's strings are never written to */
    for (n = 0; words[n] != NULL && n < WORDS_MAX; n++) {
        memcpy(&argv[3 + n], &words[n], sizeof(argv[0]));
    }
    ENSURE(pipe2(pipes, O_CLOEXEC) == 0, CS_E_IO, "git");
    struct cs_result r = start(argv, pipes[1], &pid);
    (void)close(pipes[1]);
    if (r.code == CS_OK) {
        r = collect(pipes[0], &w);
        const pid_t ended = waitpid(pid, &status, 0);
        if (r.code == CS_OK && (ended != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
            r = CS_FAIL(CS_E_MISSING, "git");
        }
    }
    (void)close(pipes[0]);
    TRY(r);
    struct span text = wr_span(&w);
    text.left -= text.left > 0 && text.p[text.left - 1] == '\n' ? 1U : 0U;
    return arena_copy(arena, text, ret_text);
}

#define GIT(repo, arena, ret, ...) git((repo), (const char *const[]){__VA_ARGS__, NULL}, (arena), (ret))

static CS_RESULT next_line(struct reader *r, struct span *ret_line)
{
    if (memchr(r->rest.p, '\n', r->rest.left) == NULL) {
        return rd_take(r, r->rest.left, ret_line, "git");
    }
    return rd_until(r, '\n', ret_line, "git");
}

/* added TAB removed TAB name; "-" for both of a binary file. */
CS_RESULT client_git_numstat(struct span text, struct request_source *s)
{
    struct reader r = rd_make(text);
    struct span line = SPAN_NONE;
    uint64_t v = 0;

    while (r.rest.left > 0) {
        TRY(next_line(&r, &line));
        struct reader l = rd_make(line);
        struct span added = SPAN_NONE;
        struct span removed = SPAN_NONE;
        TRY(rd_until(&l, '\t', &added, "git.numstat"));
        TRY(rd_until(&l, '\t', &removed, "git.numstat"));
        s->files_changed++;
        if (span_is(added, "-") && span_is(removed, "-")) {
            continue;
        }
        TRY(text_dec_decode(added, &v, "git.numstat"));
        s->lines_added += v;
        TRY(text_dec_decode(removed, &v, "git.numstat"));
        s->lines_removed += v;
    }
    return CS_SUCCESS;
}

CS_RESULT client_git_account(struct span address, struct arena *arena, struct span *ret_account)
{
    uint8_t low[ADDRESS_MAX];
    uint8_t text[4 + 2 * ACCOUNT_DIGEST_BYTES];
    struct writer w = wr_fixed(text, sizeof(text));

    ENSURE(address.left > 0 && address.left <= sizeof(low), CS_E_RANGE, "git.author");
    for (size_t i = 0; i < address.left; i++) {
        const uint8_t c = address.p[i];
        low[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
    }
    const struct sha256 d = digest_sha256(span_make(low, address.left));
    wr_text(&w, "git:");
    wr_hex(&w, span_make(d.b, ACCOUNT_DIGEST_BYTES));
    TRY(wr_end(&w, "git.author"));
    return arena_copy(arena, wr_span(&w), ret_account);
}

static bool known(const struct request_source *s, struct span account)
{
    for (size_t i = 0; i < s->author_count; i++) {
        if (span_eq(s->authors[i], account)) {
            return true;
        }
    }
    return false;
}

static int span_order(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    return span_cmp(*x, *y);
}

static CS_RESULT take_authors(struct span text, struct arena *arena, struct request_source *s)
{
    struct reader r = rd_make(text);
    struct span line = SPAN_NONE;

    while (r.rest.left > 0) {
        struct span account = SPAN_NONE;
        TRY(next_line(&r, &line));
        TRY(client_git_account(line, arena, &account));
        if (!known(s, account)) {
            ENSURE(s->author_count < MODEL_AUTHORS_MAX, CS_E_FULL, "git.authors");
            s->authors[s->author_count++] = account;
        }
    }
    if (s->author_count > 1) {
        qsort(s->authors, s->author_count, sizeof(s->authors[0]), span_order);
    }
    return CS_SUCCESS;
}

/* The name of the top directory: a remote's address may hold a password. */
static CS_RESULT take_name(const char *repo, struct arena *arena, struct request_source *s)
{
    struct span top = SPAN_NONE;

    TRY(GIT(repo, arena, &top, "rev-parse", "--show-toplevel"));
    size_t from = top.left;
    while (from > 0 && top.p[from - 1] != '/') {
        from--;
    }
    s->repository = span_from(top, from);
    return text_id_check(s->repository, MODEL_ID_MAX, "git.repository");
}

static CS_RESULT take_place(const char *repo, struct arena *arena, struct request_source *s)
{
    struct span shallow = SPAN_NONE;

    TRY(GIT(repo, arena, &shallow, "rev-parse", "--is-shallow-repository"));
    ENSURE(span_is(shallow, "false"), CS_E_STATE, "git.shallow");
    TRY(GIT(repo, arena, &s->commit, "rev-parse", "--verify", "HEAD^{commit}"));
    if (GIT(repo, arena, &s->ref, "symbolic-ref", "--quiet", "HEAD").code != CS_OK) {
        s->ref = SPAN_LIT("HEAD"); /* detached, as pipelines check out */
    }
    if (GIT(repo, arena, &s->since, "describe", "--tags", "--abbrev=0", "HEAD^").code != CS_OK) {
        s->since = SPAN_LIT("root");
    }
    return take_name(repo, arena, s);
}

static CS_RESULT take_change(const char *repo, struct arena *arena, struct request_source *s)
{
    char tag[RANGE_MAX];
    char range[RANGE_MAX + 8];
    struct span text = SPAN_NONE;
    const bool root = span_is(s->since, "root");

    ENSURE(s->since.left < RANGE_MAX / 2, CS_E_RANGE, "git.tag");
    /* in full: a repository may have a branch of the same name, or a tag that looks like an option */
    (void)snprintf(tag, sizeof(tag), "refs/tags/%.*s", (int)s->since.left, (const char *)s->since.p);
    (void)snprintf(range, sizeof(range), "%s%s", root ? "" : tag, root ? "HEAD" : "..HEAD");
    TRY(GIT(repo, arena, &text, "log", "--no-show-signature", "--format=%ae", range, "--"));
    TRY(take_authors(text, arena, s));
    TRY(GIT(repo, arena, &text, "rev-list", "--count", range, "--"));
    TRY(text_dec_decode(text, &s->commits, "git.commits"));
    TRY(GIT(repo, arena, &text, "diff", "--no-ext-diff", "--no-renames", "--numstat", root ? EMPTY_TREE : tag, "HEAD",
            "--"));
    return client_git_numstat(text, s);
}

CS_RESULT client_git_read(const char *repo, struct arena *arena, struct request_source *ret_source)
{
    struct request_source s = {.present = true};

    TRY(take_place(repo, arena, &s));
    TRY(take_change(repo, arena, &s));
    *ret_source = s;
    return CS_SUCCESS;
}
