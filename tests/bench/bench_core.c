/* SPDX-License-Identifier: Apache-2.0 */
/* The core's start over a long log, its commands, and what open requests cost. C1 to C3.
 *
 * usage: bench_core DIRECTORY [ENTRIES]      200,000 entries without it: requests, decisions, redeems, outcomes */
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "support/core_inside.h"

enum { ROUNDS = 5, LONG_LOG = 500000, OPEN_REQUESTS = 10000, STATE_MIB = 2048 };
#define STATE_CAP      ((size_t)STATE_MIB << 20U)
#define FOLD_EMPTY_MIB 2.5 /* the ring of heads, people and policy */

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

/* What the fold has taken; the log's own pages are mapped and the kernel's to drop. */
static double fold_mib(void)
{
    return (double)w.core.judge.state.arena.used_bytes / (1 << 20);
}

static bool measure_start(uint64_t entries)
{
    const struct bench_goal goal = {.id = "C1",
                                    .what = "start over the log / bare SQLite scan of the same rows",
                                    .kind = BENCH_AT_MOST,
                                    .bound = 80,
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

static bool measure_memory(uint64_t entries)
{
    const struct bench_goal open = {.id = "C2",
                                    .what = "memory of 10,000 open requests, in MiB",
                                    .kind = BENCH_AT_MOST,
                                    .bound = 32,
                                    .limit = "an open request keeps its own leaf"};
    const struct bench_goal closed = {.id = "C3",
                                      .what = "memory of a million entries, all closed, in MiB",
                                      .kind = BENCH_AT_MOST,
                                      .bound = 450,
                                      .limit = "a closed request keeps who signed, its clocks and its idempotency key"};
    struct sha256 artifact;
    double grown[1];
    double loaded[1];

    inside_start(&w, STATE_CAP);
    const double before = fold_mib();
    loaded[0] = (before - FOLD_EMPTY_MIB) / (double)entries * 1e6;
    for (unsigned i = 0; i < OPEN_REQUESTS; i++) {
        (void)inside_request(&w, &artifact);
    }
    inside_commit(&w);
    grown[0] = fold_mib() - before;
    const bool open_met = bench_report(&open, grown, 1);
    return bench_report(&closed, loaded, 1) && open_met;
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
    const uint64_t entries = argc > 2 ? strtoull(argv[2], NULL, 10) : 200000;
    char state[400];
    must(snprintf(state, sizeof(state), "%s/core", argv[1]) < (int)sizeof(state), "directory");
    inside_init(&w, state, STATE_CAP);
    inside_genesis(&w);
    fill(entries);
    inside_stop(&w);
    const bool start_met = measure_start(entries);
    const bool memory_met = measure_memory(entries);
    inside_release(&w);
    return start_met && memory_met ? 0 : 1;
}
