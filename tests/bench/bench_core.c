/* SPDX-License-Identifier: Apache-2.0 */
/* The core's start over a long log, its commands, and what open requests cost. G17, G18.
 *
 * usage: bench_core DIRECTORY [ENTRIES]      1,000,000 entries without it: requests, decisions, redeems, outcomes */
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "support/core_inside.h"

enum { ROUNDS = 5, LONG_LOG = 500000, OPEN_REQUESTS = 10000, STATE_MIB = 2048 };
#define STATE_CAP ((size_t)STATE_MIB << 20U)

static struct inside w;
static uint64_t all_bytes; /* of all leaves */

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "bench_core: %s\n", what);
        _exit(1);
    }
}

static void ok(struct cs_result r)
{
    must(r.code == CS_OK, r.msg);
}

static void flow(void)
{
    struct sha256 artifact;
    struct wire_command c;

    w.core.real_ms += 1500; /* one deployment every 1.5 s: a busy site */
    const uint64_t q = inside_request(&w, &artifact);
    inside_decision(&w, q, &c);
    (void)inside_act(&w, CORE_KIOSK, &c, "ok");
    cast_forget(&w.cast);
    inside_redeem(q, &artifact, &c);
    (void)inside_act(&w, CORE_HTTP, &c, "ok");
    const struct wire_command outcome = {
        .cmd = WIRE_OUTCOME,
        .client = SPAN_LIT("ci"),
        .ip = SPAN_LIT("192.0.2.7"),
        .outcome = {.request = q, .result = STATUS_SUCCEEDED, .started_ms = 1000, .finished_ms = 2000}};
    (void)inside_act(&w, CORE_HTTP, &outcome, "ok");
}

/* --- measurements --- */

static struct cs_result add_bytes(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    (void)idx;
    (void)hash;
    *(uint64_t *)ctx += leaf.left;
    return CS_SUCCESS;
}

/* The rows that a start must read, read by nothing but SQLite. */
static double scan(void)
{
    struct store *s = NULL;
    const double from = bench_now_s();

    ok(store_open(w.log, &s));
    all_bytes = 0;
    ok(store_each_entry(s, 0, UINT64_MAX, add_bytes, &all_bytes));
    const double took = bench_now_s() - from;
    store_close(s);
    return took;
}

static double start_again(void)
{
    const double from = bench_now_s();

    inside_start(&w, STATE_CAP);
    const double took = bench_now_s() - from;
    inside_stop(&w);
    return took;
}

/* A line of /proc/self/status: VmRSS is what the process has in memory, RssAnon that without the mapped log, whose
 * pages are the kernel's to drop. */
static double status_mib(const char *name)
{
    char line[256];
    unsigned long long kib = 0;
    const size_t n = strlen(name);
    FILE *f = fopen("/proc/self/status", "re");

    must(f != NULL, "status");
    while (kib == 0 && fgets(line, sizeof(line), f) != NULL) {
        kib = strncmp(line, name, n) == 0 ? strtoull(line + n, NULL, 10) : 0;
    }
    (void)fclose(f);
    return (double)kib / 1024;
}

static bool measure_start(uint64_t entries)
{
    const struct bench_goal goal = {.id = "G17",
                                    .what = "start over the log / bare SQLite scan of the same rows",
                                    .kind = BENCH_AT_MOST,
                                    .bound = 1.2,
                                    .limit =
                                        "each leaf is parsed, judged and hashed again: nothing derived is trusted"};
    double ratios[ROUNDS];
    double per_entry[ROUNDS];

    const size_t rounds = entries > LONG_LOG ? 1 : ROUNDS; /* a minute each */

    for (size_t i = 0; i < rounds; i++) {
        const double bare = scan();
        const double whole = start_again();
        ratios[i] = whole / bare;
        per_entry[i] = whole / (double)entries * 1e6;
    }
    const bool met = bench_report(&goal, ratios, rounds);
    bench_note("start, for one entry", "us", per_entry, rounds);
    return met;
}

static bool measure_memory(void)
{
    const struct bench_goal loaded = {.id = "G18",
                                      .what = "RSS of a core with the whole log loaded, in MB",
                                      .kind = BENCH_AT_MOST,
                                      .bound = 120,
                                      .limit = "a closed request keeps who signed, its clocks and its idempotency key"};
    struct sha256 artifact;

    inside_start(&w, STATE_CAP);
    double rss[1] = {status_mib("VmRSS:") * 1.048576};
    double anonymous[1] = {status_mib("RssAnon:")};
    const double before = status_mib("VmRSS:");
    for (unsigned i = 0; i < OPEN_REQUESTS; i++) {
        (void)inside_request(&w, &artifact);
    }
    inside_commit(&w);
    double grown[1] = {status_mib("VmRSS:") - before};
    const bool met = bench_report(&loaded, rss, 1);
    bench_note("of that without the mapped log", "MiB", anonymous, 1);
    bench_note("RSS of 10,000 open requests", "MiB", grown, 1);
    return met;
}

static void fill(uint64_t entries)
{
    const double cpu = bench_cpu_s();
    const double from = bench_now_s();

    while (w.core.judge.state.size < entries) {
        flow();
    }
    inside_commit(&w);
    double cpu_us[1] = {(bench_cpu_s() - cpu) / (double)entries * 1e6};
    double rate[1] = {(double)entries / (bench_now_s() - from)};
    bench_note("CPU of one entry, its signatures made and verified", "us", cpu_us, 1);
    bench_note("entries", "/s", rate, 1);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: %s DIRECTORY [ENTRIES]\n", argv[0]);
        return 2;
    }
    const uint64_t entries = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000000;
    char state[400];
    must(snprintf(state, sizeof(state), "%s/core", argv[1]) < (int)sizeof(state), "directory");
    inside_init(&w, state, STATE_CAP);
    inside_genesis(&w);
    fill(entries);
    inside_stop(&w);
    const bool start_met = measure_start(entries);
    const bool memory_met = measure_memory();
    inside_release(&w);
    return start_met && memory_met ? 0 : 1;
}
