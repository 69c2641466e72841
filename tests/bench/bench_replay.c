/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `countersign policy replay`, the program that ships, over an export of 100,000 requests: against folding the same
 * entries and nothing else, and against itself over a tenth of them. Goals P4 and P5.
 *
 * usage: bench_replay DIRECTORY      about 200 MB go there
 */
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "support/author_export.h"

enum { REQUESTS = 100000, TENTH = REQUESTS / 10, ROUNDS = 3, PATH_BYTES = 512 };
#define STATE_BYTES ((size_t)8 << 30)

/* What a policy of today may ask for: more people, a share, files, and how it went before. */
static const char policy[] =
    "version: 9\nname: next\nofficers: { threshold: 2 }\nroles: [business, officer, tech]\n"
    "environments: { production: {}, staging: {} }\nchange_types: [normal]\nrules:\n"
    "  - { id: every, require: { fields: [title, ticket], bind: [artifacts], sign_by: 2h } }\n"
    "  - id: production\n    when: { environment: production, attributes.lines: { ge: 10 } }\n    require:\n"
    "      seats: [ { id: tech, role: tech, quorum: majority }, { id: business, role: business, count: 2 } ]\n"
    "      evidence: [ { id: tests, kind: junit, min_pass: 1.0 } ]\n"
    "  - id: shaky\n    when: { history: { window: 30d, change_fail_rate: { gt: 0.1 } } }\n"
    "    require: { seats: [ { id: lead, role: tech } ] }\n";

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "bench_replay: %s\n", what);
        _exit(1);
    }
}

static void author(struct author_log *l)
{
    author_log_standard(l);
    for (unsigned i = 0; i < REQUESTS; i++) {
        char title[32];
        uint64_t id = 0;
        (void)snprintf(title, sizeof(title), "Release %u", i);
        author_log_advance(l, 1000);
        must(author_log_request(l, &(struct author_request){.title = title}, &id).allow, "request");
        must(author_log_withdraw(l, id, "client:ci").allow, "withdraw");
    }
}

/* The log up to where it had so many requests, in a directory of its own. */
static uint64_t export(const struct author_log *l, unsigned requests, char *directory)
{
    const uint64_t size = author_log_size(l) - 2 * (uint64_t)(REQUESTS - requests);
    struct span *leaves = calloc(size, sizeof(*leaves));

    must(leaves != NULL && mkdir(directory, 0755) == 0, directory);
    for (uint64_t i = 0; i < size; i++) {
        leaves[i] = author_log_leaf(l, i);
    }
    struct author_export *x = author_export_of(l, leaves, size);
    author_export_files(x, author_export_put, directory);
    author_export_free(x);
    free(leaves);
    return size;
}

/* CPU seconds of the program. */
static double replay_s(char *yaml, char *log)
{
    char *const argv[] = {(char[]){COUNTERSIGN}, (char[]){"policy"},
                          (char[]){"replay"},    yaml,
                          (char[]){"--log"},     log,
                          (char[]){"--quiet"},   NULL};
    char *const no_env[] = {NULL};
    posix_spawn_file_actions_t to;
    struct rusage used = {0};
    pid_t pid = 0;
    int status = 0;

    must(posix_spawn_file_actions_init(&to) == 0 &&
             posix_spawn_file_actions_addopen(&to, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0,
         "spawn");
    must(posix_spawn(&pid, COUNTERSIGN, &to, NULL, argv, no_env) == 0, "spawn");
    (void)posix_spawn_file_actions_destroy(&to);
    must(wait4(pid, &status, 0, &used) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0, "policy replay");
    return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* What every reader of a log does at least: hash it, decode it, follow it. No signature is checked here or there. */
static double fold_s(const struct author_log *l)
{
    const double start = bench_cpu_s();
    struct judge j;

    must(judge_init(&j, JUDGE_FOLD, STATE_BYTES).code == CS_OK, "memory");
    for (uint64_t i = 0; i < author_log_size(l); i++) {
        must(judge_entry(&j, author_log_leaf(l, i), NULL).allow, "fold");
    }
    judge_release(&j);
    return bench_cpu_s() - start;
}

static void path(char ret_path[PATH_BYTES], const char *directory, const char *name)
{
    must(snprintf(ret_path, PATH_BYTES, "%s/%s", directory, name) < PATH_BYTES, "path");
}

int main(int argc, char **argv)
{
    static const struct bench_goal goals[] = {
        {"P4", "replaying a policy over 100000 requests / folding their log, CPU", BENCH_AT_MOST, 3.0,
         "two sheets for each request, and what differs between them"},
        {"P5", "100000 requests / ten times 10000 of them", BENCH_AT_MOST, 1.2, "each request is looked at once"},
    };
    char all[PATH_BYTES];
    char few[PATH_BYTES];
    char yaml[PATH_BYTES];
    double ratio[2][ROUNDS];
    double us[ROUNDS];

    must(argc == 2, "usage: bench_replay DIRECTORY");
    path(all, argv[1], "all");
    path(few, argv[1], "few");
    path(yaml, argv[1], "next.yaml");
    author_export_put(argv[1], "next.yaml", SPAN_LIT(policy));
    struct author_log *l = author_log_new(JUDGE_FOLD, STATE_BYTES);
    must(l != NULL, "memory");
    author(l);
    (void)export(l, TENTH, few);
    (void)printf("%llu entries, %d requests\n", (unsigned long long)export(l, REQUESTS, all), REQUESTS);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const double tenth = replay_s(yaml, few);
        const double whole = replay_s(yaml, all);
        ratio[0][i] = whole / fold_s(l);
        ratio[1][i] = whole / (10 * tenth);
        us[i] = whole * 1e6 / REQUESTS;
    }
    author_log_free(l);
    bool met = bench_report(&goals[0], ratio[0], ROUNDS);
    met = bench_report(&goals[1], ratio[1], ROUNDS) && met;
    bench_note("all of it, for each request", "us", us, ROUNDS);
    return met ? 0 : 1;
}
