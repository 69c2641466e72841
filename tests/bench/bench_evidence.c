/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence files: reading them, hashed, into a summary, against what jq and libxml2's streaming reader take only to
 * parse the same files; and the memory that a gigabyte needs. Goals G19, G20, G21. */
#include "bench.h"

#include "evidence/evidence.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 5, PART_BYTES = 65536, RESULTS = 100000, CASES = 400000 };
#define GIGABYTE ((uint64_t)1 << 30)

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench: %s\n", what);
        abort();
    }
}

static const struct evidence_summary *read_file(const char *path, enum evidence_format format, struct evidence **ret_e)
{
    static uint8_t part[PART_BYTES];
    const struct evidence_options o = {.format = format};
    const struct evidence_summary *s = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 0;

    must(fd >= 0 && evidence_begin(&o, ret_e).code == CS_OK, path);
    while ((n = read(fd, part, sizeof(part))) > 0) {
        must(evidence_feed(*ret_e, span_make(part, (size_t)n)).code == CS_OK, path);
    }
    (void)close(fd);
    must(n == 0 && evidence_end(*ret_e, &s).code == CS_OK, path);
    return s;
}

static double ours(const char *path, enum evidence_format format, uint64_t total)
{
    const double start = bench_cpu_s();
    AUTO_EVIDENCE *e = NULL;

    must(read_file(path, format, &e)->total == total, "findings");
    return bench_cpu_s() - start;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* CPU seconds of another program over a file. */
static double theirs(char *const *argv)
{
    posix_spawn_file_actions_t quiet;
    struct rusage usage;
    pid_t pid = 0;
    int status = 0;

    must(posix_spawn_file_actions_init(&quiet) == 0 &&
             posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0,
         "actions");
    must(posix_spawnp(&pid, argv[0], &quiet, NULL, argv, environ) == 0, argv[0]);
    (void)posix_spawn_file_actions_destroy(&quiet);
    must(wait4(pid, &status, 0, &usage) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0, argv[0]);
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

static void write_sarif(const char *path)
{
    FILE *f = fopen(path, "we");

    must(f != NULL, path);
    (void)fprintf(f, "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"bench\",\"rules\":[");
    for (unsigned i = 0; i < 100; i++) {
        (void)fprintf(f, "%s{\"id\":\"rule%u\",\"properties\":{\"security-severity\":\"%u.%u\"}}", i > 0 ? "," : "", i,
                      i / 10, i % 10);
    }
    (void)fprintf(f, "]}},\"results\":[");
    for (unsigned i = 0; i < RESULTS; i++) {
        (void)fprintf(
            f,
            "%s\n  {\"ruleId\": \"rule%u\", \"ruleIndex\": %u, \"level\": \"warning\", \"message\": {\"text\": \"A "
            "value "
            "from outside reaches a query here; bind it as a parameter instead (%u).\"}, \"locations\": "
            "[{\"physicalLocation\": {\"artifactLocation\": {\"uri\": \"src/module%u/file%u.c\", \"uriBaseId\": "
            "\"%%SRCROOT%%\"}, \"region\": {\"startLine\": %u, \"startColumn\": 5, \"endColumn\": 31}}}], "
            "\"partialFingerprints\": {\"primaryLocationLineHash\": \"%08x:1\"}}",
            i > 0 ? "," : "", i % 100, i % 100, i, i % 50, i % 997, i % 2000 + 1, i * 2654435761U);
    }
    (void)fprintf(f, "]}]}\n");
    must(fclose(f) == 0, path);
}

static int one_case(char *text, size_t cap, unsigned i)
{
    return snprintf(
        text, cap,
        "  <testcase classname=\"com.example.module%u.SomethingTest\" name=\"does what it says (%u)\" time=\"0.0%u\">%s"
        "</testcase>\n",
        i % 300, i, i % 97,
        i % 10000 == 0 ? "<failure message=\"expected 1\">at com.example.Something.java:7</failure>"
                       : "<system-out>ready &amp; done</system-out>");
}

static void write_junit(const char *path)
{
    FILE *f = fopen(path, "we");
    char text[512];

    must(f != NULL, path);
    (void)fprintf(f, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"bench\">\n");
    for (unsigned i = 0; i < CASES; i++) {
        const int n = one_case(text, sizeof(text), i);
        must(fwrite(text, 1, (size_t)n, f) == (size_t)n, path);
    }
    (void)fprintf(f, "</testsuite>\n</testsuites>\n");
    must(fclose(f) == 0, path);
}

static bool compare(const struct bench_goal *goal, const char *path, enum evidence_format format, uint64_t total,
                    char *const *argv)
{
    double ratios[ROUNDS];
    double mine[ROUNDS];

    (void)ours(path, format, total); /* and the file is in memory */
    for (unsigned i = 0; i < ROUNDS; i++) {
        mine[i] = ours(path, format, total);
        ratios[i] = mine[i] / theirs(argv);
    }
    bench_note(path, "s CPU", mine, ROUNDS);
    return bench_report(goal, ratios, ROUNDS);
}

static double peak_mib(void)
{
    struct rusage usage;

    must(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
    return (double)usage.ru_maxrss / 1024;
}

/* A report in which no two elements have one name, until it is refused: expat never forgets one. */
static bool distinct_names(void)
{
    static const struct bench_goal goal = {"G21", "MiB that a JUnit report of distinct names takes until it is refused",
                                           BENCH_AT_MOST, 6, "expat's names, 4 MiB at most"};
    const struct evidence_options o = {.format = EVIDENCE_JUNIT};
    AUTO_EVIDENCE *e = NULL;
    char text[64];
    const double before = peak_mib();

    must(evidence_begin(&o, &e).code == CS_OK, "begin");
    struct cs_result r = evidence_feed(e, SPAN_LIT("<t><testcase/>"));
    for (unsigned i = 0; r.code == CS_OK; i++) {
        const int n = snprintf(text, sizeof(text), "<a%u b%u=''/>", i, i);
        r = evidence_feed(e, span_make(text, (size_t)n));
    }
    must(r.code == CS_E_FULL, "names without end");
    double grown = peak_mib() - before;
    return bench_report(&goal, &grown, 1);
}

/* A report of a gigabyte, made as it is read. */
static bool gigabyte(void)
{
    static const struct bench_goal goal = {"G21", "MiB that a JUnit report of 1 GiB takes at its peak", BENCH_AT_MOST,
                                           4, "expat's buffer and the findings"};
    const struct evidence_options o = {.format = EVIDENCE_JUNIT};
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;
    char text[512];
    const double before = peak_mib();
    const double start = bench_cpu_s();
    uint64_t bytes = 0;

    must(evidence_begin(&o, &e).code == CS_OK && evidence_feed(e, SPAN_LIT("<t>")).code == CS_OK, "begin");
    for (unsigned i = 0; bytes < GIGABYTE; i++) {
        const int n = one_case(text, sizeof(text), i);
        must(evidence_feed(e, span_make(text, (size_t)n)).code == CS_OK, "feed");
        bytes += (uint64_t)n;
    }
    must(evidence_feed(e, SPAN_LIT("</t>")).code == CS_OK && evidence_end(e, &s).code == CS_OK, "end");
    double rate = (double)s->bytes / 1e6 / (bench_cpu_s() - start);
    double grown = peak_mib() - before;
    bench_note("JUnit of 1 GiB, made and read", "MB/s CPU", &rate, 1);
    return bench_report(&goal, &grown, 1);
}

int main(int argc, char **argv)
{
    static const struct bench_goal sarif = {"G19", "SARIF of 100,000 results into a summary / jq parsing it, CPU",
                                            BENCH_AT_MOST, 0.5, "the ids: a SHA-256 or two for each result"};
    static const struct bench_goal junit = {"G20", "JUnit of 400,000 cases into a summary / xmllint --stream, CPU",
                                            BENCH_AT_MOST, 1.3, "expat, and the SHA-256 of the file"};
    static char jq_name[] = "jq";
    static char jq_program[] = "empty";
    static char xmllint_name[] = "xmllint";
    static char stream[] = "--stream";
    static char noout[] = "--noout";
    static char sarif_path[512];
    static char junit_path[512];

    must(argc == 2, "usage: bench_evidence DIRECTORY");
    (void)snprintf(sarif_path, sizeof(sarif_path), "%s/bench.sarif", argv[1]);
    (void)snprintf(junit_path, sizeof(junit_path), "%s/junit.xml", argv[1]);
    write_sarif(sarif_path);
    write_junit(junit_path);
    char *const jq[] = {jq_name, jq_program, sarif_path, NULL};
    char *const xmllint[] = {xmllint_name, stream, noout, junit_path, NULL};
    bool met = gigabyte();
    met = distinct_names() && met;
    met = compare(&sarif, sarif_path, EVIDENCE_SARIF, RESULTS, jq) && met;
    met = compare(&junit, junit_path, EVIDENCE_JUNIT, CASES / 10000, xmllint) && met;
    (void)unlink(sarif_path);
    (void)unlink(junit_path);
    return met ? 0 : 1;
}
