/* SPDX-License-Identifier: Apache-2.0 */
/* Files about deployments in a generated log, and waivers of what they say. */
#include "support/any_log_in.h"

enum { ARENA_BYTES = 64 << 20, HOUR_MS = 3600000, MILLION = 1000000 };

#define N(n, v)                                                                                                        \
    {                                                                                                                  \
        {(const uint8_t *)(n), sizeof(n) - 1}, (v)                                                                     \
    }

/* Files of each kind; the second of each is one that no line of a generated policy lets pass. */
static const struct {
    enum report_kind kind;
    struct author_evidence good;
    struct author_evidence bad;
} files[] = {
    {REPORT_JUNIT,
     {.numbers = {N("failed", 0), N("pass_ppm", MILLION), N("passed", 10), N("skipped", 0)}},
     {.numbers = {N("failed", 2), N("pass_ppm", 800000), N("passed", 8), N("skipped", 0)}}},
    {REPORT_COVERAGE,
     {.numbers = {N("branch_ppm", 700000), N("line_ppm", 900000)}},
     {.numbers = {N("branch_ppm", 100000), N("line_ppm", 200000)}}},
    {REPORT_SARIF,
     {.numbers = {N("critical", 0), N("error", 0), N("high", 0), N("low", 1)}, .findings = {{"f-low", "low"}}},
     {.numbers = {N("critical", 1), N("error", 1), N("high", 1)},
      .findings = {{"f-1", "critical"}, {"f-2", "high"}, {"f-3", "error"}}}},
    {REPORT_CYCLONEDX,
     {.numbers = {N("critical", 0), N("high", 0)}},
     {.numbers = {N("critical", 1), N("high", 0)}, .findings = {{"f-1", "critical"}}}},
    {REPORT_PLAN,
     {.numbers = {N("create", 1), N("delete", 0), N("drift", 0), N("replace", 0)}},
     {.numbers = {N("create", 1), N("delete", 1), N("drift", 0), N("replace", 0)}}},
    {REPORT_CANARY,
     {.numbers = {N("gap_s", 10), N("least_error_rate", 1000), N("most_error_rate", 2000), N("window_s", 3600)},
      .text_key = "environment",
      .text = "staging"},
     {.numbers = {N("gap_s", 10), N("least_error_rate", 1000), N("most_error_rate", 20000), N("window_s", 3600)},
      .text_key = "environment",
      .text = "staging"}},
    {REPORT_MIGRATION,
     {.numbers = {N("backup_ms", 0), N("restore_ms", 0), N("reversible", 1)},
      .text_key = "schema_from",
      .text = "41",
      .more_key = "schema_to",
      .more_text = "41"},
     {.numbers = {N("backup_ms", 1), N("restore_ms", 1), N("reversible", 1)},
      .text_key = "schema_from",
      .text = "40",
      .more_key = "schema_to",
      .more_text = "41"}},
    {REPORT_PROVENANCE, {.text_key = "key_sha256"}, {.text_key = "key_sha256", .text = "00"}},
};

static const struct sheet_line *any_line(struct any_log *l, const struct sheet *s)
{
    const size_t first = chance(&l->chance, s->count);

    for (size_t i = 0; i < s->count; i++) {
        const struct sheet_line *line = &s->lines[(first + i) % s->count];
        if (line->kind == SHEET_EVIDENCE && (!policy_line_passes(line) || chance_once(&l->chance, 6))) {
            return line;
        }
    }
    return NULL;
}

/* "RULE/ID", without the version that tells it from another policy's. */
static void name_line(const struct sheet_line *line, char name[ANY_LINE_BYTES])
{
    size_t n = 0;
    while (n < line->id.left && line->id.p[n] != '/') {
        n++;
    }
    struct writer w = wr_fixed(name, ANY_LINE_BYTES - 1);
    wr_bytes(&w, line->rule);
    wr_u8(&w, '/');
    wr_bytes(&w, span_make(line->id.p, n));
    name[w.len] = '\0';
}

static enum report_kind kind_of(struct any_log *l, const char *line)
{
    static const struct {
        const char *id;
        enum report_kind kind;
    } ids[] = {{"/canary", REPORT_CANARY}, {"/coverage", REPORT_COVERAGE}, {"/parts", REPORT_CYCLONEDX},
               {"/junit", REPORT_JUNIT},   {"/db", REPORT_MIGRATION},      {"/plan", REPORT_PLAN},
               {"/sast", REPORT_SARIF},    {"/built", REPORT_PROVENANCE}};

    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (strstr(line, ids[i].id) != NULL && !chance_once(&l->chance, 20)) {
            return ids[i].kind;
        }
    }
    return chance_once(&l->chance, 2) ? REPORT_SARIF : REPORT_PLAN; /* a line of kind iac takes two */
}

/* What only this moment and this log know. */
static void fill_in(struct any_log *l, struct author_evidence *e, bool good, char hex[2 * SHA256_BYTES + 1])
{
    const uint64_t lately = author_log_now(l->log) - HOUR_MS;

    if (e->kind == REPORT_MIGRATION && good) {
        e->numbers[0].value = lately;
        e->numbers[1].value = lately;
    }
    if (e->kind == REPORT_PROVENANCE && good) {
        const struct sha256 d = digest_sha256(SPAN_OF(l->builder));
        struct writer w = wr_fixed(hex, (size_t)2 * SHA256_BYTES);
        wr_hex(&w, sha256_span(&d));
        e->text = hex;
    }
    e->age_ms = chance_once(&l->chance, 8) ? (uint64_t)30 * HOUR_MS : 0;
    e->other_artifact = chance_once(&l->chance, 20);
    e->out_of_chain = chance_once(&l->chance, 30);
    e->without_baseline = chance_once(&l->chance, 30);
    e->actor = chance_once(&l->chance, 20) ? "client:ci" : NULL;
}

static void keep(struct any_log *l, struct any_file x, const char *line)
{
    (void)snprintf(x.line, sizeof(x.line), "%.*s", ANY_LINE_BYTES - 1, line);
    l->files[l->file_count++] = x;
}

static void send(struct any_log *l, uint64_t request, const char *line)
{
    const uint64_t now_ms = author_log_now(l->log);
    const enum report_kind kind = kind_of(l, line);
    const bool good = !chance_once(&l->chance, 6);
    char hex[2 * SHA256_BYTES + 1] = "";
    struct author_evidence e = {0};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        e = files[i].kind == kind ? (good ? files[i].good : files[i].bad) : e;
    }
    e.kind = kind;
    e.request = request;
    e.line = line;
    fill_in(l, &e, good, hex);
    const struct verdict v = author_evidence_send(l->log, &e, NULL);
    (void)any_did(l, v, "a %s file (%s) for %s of %llu", report_kind_text(kind), good ? "good" : "bad", line,
                  (unsigned long long)request);
    const struct any_file x = {.request = request,
                               .index = author_log_size(l->log) - 1,
                               .made_ms = now_ms - e.age_ms,
                               .kind = kind,
                               .good = good};
    if (v.allow) {
        keep(l, x, line);
    }
}

static void waive(struct any_log *l, uint64_t request, const char *line)
{
    const size_t owner = any_holder(l, "owner");
    struct author_waiver w = {.request = request, .line = line, .owner = l->people[owner].id};
    uint64_t id = 0;

    w.life_ms = (1 + chance(&l->chance, 30)) * HOUR_MS;
    const struct any_file kept = {.request = request, .until_ms = author_log_now(l->log) + w.life_ms};
    if (chance_once(&l->chance, 2)) {
        w.findings[0] = "f-1";
        w.findings[1] = chance_once(&l->chance, 2) ? "f-2" : NULL;
    }
    struct verdict v = author_waiver_ask(l->log, &w, &id);
    (void)any_did(l, v, "%s asks to waive %s of %llu", w.owner, line, (unsigned long long)request);
    if (!v.allow) {
        return;
    }
    const struct any_said x = {.request = id,
                               .person = chance_once(&l->chance, 8) ? any_holder(l, "owner") : owner,
                               .by = ANY_NOBODY,
                               .word = DECISION_APPROVE,
                               .seat = "waiver/owner"};
    if (any_say(l, x, NULL).allow && state_request_find(any_state(l), id)->status == STATUS_APPROVED) {
        v = author_waiver_effect(l->log, id);
        (void)any_did(l, v, "it is waived");
        if (v.allow) {
            keep(l, kept, line);
        }
    }
}

/* For some line of files of some request. */
static void about_a_line(struct any_log *l, void (*act)(struct any_log *l, uint64_t request, const char *line))
{
    const struct state_request *q = any_live(l, KIND_DEPLOY);
    struct arena a;
    char name[ANY_LINE_BYTES];

    if (q == NULL) {
        return;
    }
    arena_init(&a, ARENA_BYTES);
    const struct sheet s = any_sheet(l, q, &a);
    const struct sheet_line *line = any_line(l, &s);
    if (line != NULL) {
        name_line(line, name);
        act(l, q->index, name);
    }
    arena_release(&a);
}

void any_evidence(struct any_log *l)
{
    about_a_line(l, send);
}

void any_waiver(struct any_log *l)
{
    about_a_line(l, waive);
}
