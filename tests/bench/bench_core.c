/* SPDX-License-Identifier: Apache-2.0 */
/* The core's start over a long log, its commands, and what open requests cost. C1 to C3.
 *
 * usage: bench_core DIRECTORY [ENTRIES]      200,000 entries without it: requests, decisions, redeems, outcomes */
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "core/core_start.h"
#include "support/cast.h"

enum { ROUNDS = 5, LONG_LOG = 500000, OPEN_REQUESTS = 10000, STATE_MIB = 2048, TEXT_MAX = 4096 };
#define FOLD_EMPTY_MIB 2.5 /* the ring of heads, people and policy */

static struct {
    struct core core;
    struct cast cast;
    char log[512];
    char state[400];
    struct writer proposal;
    uint64_t flows;
    uint64_t bytes; /* of all leaves */
} w;

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

static struct cs_result nonce_bytes(uint8_t *bytes, size_t n)
{
    static uint64_t count;

    memset(bytes, 0, n);
    count++;
    memcpy(bytes, &count, sizeof(count));
    return CS_SUCCESS;
}

/* --- the core in this process --- */

static void start(void)
{
    const struct core_files files = {.log = w.log, .keys = w.state};

    ok(core_init(&w.core, (size_t)STATE_MIB << 20U));
    w.core.version = "bench";
    w.core.random = nonce_bytes;
    w.core.real_ms = w.core.real_ms > 0 ? w.core.real_ms : 1800000000000U;
    w.core.proposal = wr_span(&w.proposal);
    ok(core_open(&w.core, &files));
    ok(core_load(&w.core, false));
    must(!w.core.log.sealed, w.core.log.why);
    if (w.core.judge.state.begun) {
        w.core.real_ms = w.core.judge.state.time_ms;
    }
}

static void commit(void)
{
    ok(core_log_commit(&w.core.log, &w.core.judge.tree, core_time_ms(&w.core)));
}

static struct wire_answer act(enum core_peer_kind peer, const struct wire_command *c, const char *code)
{
    const struct core_call call = {.peer = peer, .c = c};
    struct wire_answer a;

    if (core_log_full(&w.core.log)) {
        commit();
    }
    ok(core_act(&w.core, &call, &a));
    if (!span_is(a.code, code)) {
        (void)fprintf(stderr, "%s: %.*s: %.*s\n", wire_cmd_text(c->cmd), (int)a.code.left, (const char *)a.code.p,
                      (int)a.detail.left, (const char *)a.detail.p);
        _exit(1);
    }
    return a;
}

static void genesis(void)
{
    const struct note_key key = seal_log_key(w.core.log.seal);
    const struct cast_ceremony how = {.proposal = wr_span(&w.proposal),
                                      .log_key = SPAN_OF(key.key),
                                      .outcome_key = seal_outcome_spki(w.core.log.seal),
                                      .now_ms = w.core.real_ms,
                                      .signers = 2};
    struct wire_command c = {.cmd = WIRE_GENESIS, .kiosk = SPAN_LIT(CAST_KIOSK)};

    cast_genesis(&w.cast, &how, &c.genesis);
    (void)act(CORE_KIOSK, &c, "ok");
    commit();
}

/* --- flows --- */

static uint64_t open_request(struct sha256 *ret_artifact)
{
    AUTO_WRITER body = wr_heap(TEXT_MAX);
    char title[64];

    w.flows++;
    (void)snprintf(title, sizeof(title), "Release %llu of the payments service", (unsigned long long)w.flows);
    *ret_artifact = digest_sha256(span_str(title));
    wr_text(&body, "{\"title\":\"");
    wr_text(&body, title);
    wr_text(&body, "\",\"service\":\"payments\",\"environment\":\"staging\",\"change_type\":\"normal\","
                   "\"initiator\":\"gitlab:7\",\"artifacts\":[{\"name\":\"api\",\"sha256\":\"");
    wr_hex(&body, sha256_span(ret_artifact));
    wr_text(&body, "\"}],\"documentation\":{\"backout_plan\":\"Deploy the version before; no migration is involved.\","
                   "\"customer_impact\":\"None.\"},\"ticket\":\"OPS-4711\"}");
    const struct wire_command c = {.cmd = WIRE_REQUEST,
                                   .client = SPAN_LIT("ci"),
                                   .ip = SPAN_LIT("192.0.2.7"),
                                   .request = {.body = wr_span(&body), .key = span_str(title)}};
    return act(CORE_HTTP, &c, "ok").index;
}

static void decide(uint64_t request)
{
    const struct wire_command begin = {.cmd = WIRE_BEGIN};
    const struct wire_answer b = act(CORE_KIOSK, &begin, "ok");
    const struct cast_visit visit = {.person = "dan",
                                     .request = request,
                                     .seat = "staging/tech",
                                     .word = DECISION_APPROVE,
                                     .nonce = b.nonce,
                                     .issued_ms = b.time_ms};
    struct wire_command c = {.cmd = WIRE_DECISION, .kiosk = SPAN_LIT(CAST_KIOSK), .port = SPAN_LIT("1-1")};

    cast_decide(&w.cast, &w.core.judge, &visit, &c.decision);
    (void)act(CORE_KIOSK, &c, "ok");
    cast_forget(&w.cast);
}

static void use(uint64_t request, const struct sha256 *artifact)
{
    struct wire_command redeem = {.cmd = WIRE_REDEEM, .client = SPAN_LIT("ci"), .ip = SPAN_LIT("192.0.2.7")};
    const struct wire_command outcome = {
        .cmd = WIRE_OUTCOME,
        .client = SPAN_LIT("ci"),
        .ip = SPAN_LIT("192.0.2.7"),
        .outcome = {.request = request, .result = STATUS_SUCCEEDED, .started_ms = 1000, .finished_ms = 2000}};

    redeem.redeem.request = request;
    redeem.redeem.artifact_count = 1;
    redeem.redeem.artifacts[0] = (struct named_digest){.name = SPAN_LIT("api"), .sha256 = *artifact};
    (void)act(CORE_HTTP, &redeem, "ok");
    (void)act(CORE_HTTP, &outcome, "ok");
}

static void flow(void)
{
    struct sha256 artifact;

    w.core.real_ms += 1500; /* one deployment every 1.5 s: a busy site */
    const uint64_t q = open_request(&artifact);
    decide(q);
    use(q, &artifact);
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
    w.bytes = 0;
    ok(store_each_entry(s, 0, UINT64_MAX, add_bytes, &w.bytes));
    const double took = bench_now_s() - from;
    store_close(s);
    return took;
}

static double start_again(void)
{
    const double from = bench_now_s();

    start();
    const double took = bench_now_s() - from;
    core_release(&w.core);
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

    start();
    const double before = fold_mib();
    loaded[0] = (before - FOLD_EMPTY_MIB) / (double)entries * 1e6;
    for (unsigned i = 0; i < OPEN_REQUESTS; i++) {
        (void)open_request(&artifact);
    }
    commit();
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
    commit();
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
    must(snprintf(w.state, sizeof(w.state), "%s/core", argv[1]) < (int)sizeof(w.state), "directory");
    (void)snprintf(w.log, sizeof(w.log), "%s/log.db", w.state);
    must(mkdir(w.state, 0700) == 0, "mkdir");
    w.proposal = wr_heap(CAST_TEXT_MAX);
    cast_init(&w.cast);
    cast_proposal(&w.cast, &w.proposal);
    start();
    genesis();
    fill(entries);
    core_release(&w.core);
    const bool start_met = measure_start(entries);
    const bool memory_met = measure_memory(entries);
    core_release(&w.core);
    cast_release(&w.cast);
    wr_release(&w.proposal);
    return start_met && memory_met ? 0 : 1;
}
