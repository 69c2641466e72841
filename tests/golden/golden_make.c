/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the golden log that a directory is called after under it, or, with --check, says what there differs from what
 * would be written now. A difference means that a format changed: then old logs are judged otherwise than before.
 */
#include <fcntl.h>
#include <unistd.h>

#include "golden_life.h"
#include "support/author_export.h"

enum { PATH_BYTES = 512, FILE_BYTES_MAX = 16 << 20 };

struct target {
    const char *directory;
    bool check;
    unsigned files;
    unsigned differ;
};

static bool same_as_file(const char *path, struct span bytes)
{
    uint8_t *have = malloc(bytes.left + 1);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = have != NULL && fd >= 0 ? read(fd, have, bytes.left + 1) : -1;
    const bool same = n >= 0 && (size_t)n == bytes.left && memcmp(have, bytes.p, bytes.left) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    free(have);
    return same;
}

static void put(void *ctx, const char *path, struct span bytes)
{
    struct target *t = ctx;
    char full[PATH_BYTES];
    char directory[PATH_BYTES];

    t->files++;
    (void)snprintf(directory, sizeof(directory), "%s", t->directory);
    (void)snprintf(full, sizeof(full), "%s/%s", t->directory, path);
    if (!t->check) {
        author_export_put(directory, path, bytes);
    } else if (!same_as_file(full, bytes)) {
        t->differ++;
        (void)fprintf(stderr, "golden: %s differs\n", full);
    }
}

/* "finding CLASS", then more lines of a word and its value. */
static void put_verdict(struct target *t, const char *path, enum finding_class c, const char *word, const char *value)
{
    char text[256];
    const int n = snprintf(text, sizeof(text), "finding %s\n%s %s\n", judge_finding_word(c), word, value);
    put(t, path, span_make(text, (size_t)n));
}

static void put_log(struct target *t, const struct golden_life *g, const struct author_export *x)
{
    const struct sha256 d = state_digest(&author_log_judge(g->l)->state);
    AUTO_WRITER w = wr_heap(4096);

    author_export_files(x, put, t);
    wr_text(&w, "finding holds\nsize ");
    wr_dec(&w, author_log_size(g->l));
    wr_text(&w, "\nstate ");
    wr_hex(&w, sha256_span(&d));
    wr_text(&w, "\n");
    put(t, "log.verdict", wr_span(&w));
}

static void put_wrong(struct target *t, const struct golden_life *g)
{
    char path[PATH_BYTES];

    for (size_t i = 0; i < g->wrong_count; i++) {
        const struct golden_wrong *w = &g->wrong[i];
        (void)snprintf(path, sizeof(path), "wrong/%s.leaf", w->name);
        put(t, path, w->leaf);
        (void)snprintf(path, sizeof(path), "wrong/%s.verdict", w->name);
        char more[128];
        (void)snprintf(more, sizeof(more), "%s\nat %llu", policy_reason_code(w->reason), (unsigned long long)w->at);
        put_verdict(t, path, FINDING_ENTRY, "reason", more);
    }
}

static void put_receipts(struct target *t, const struct golden_life *g, struct author_export *x)
{
    const struct state *s = &author_log_judge(g->l)->state;
    char path[PATH_BYTES];

    for (size_t i = 0; i < g->receipt_count; i++) {
        const struct golden_receipt *r = &g->receipt[i];
        AUTO_WRITER w = wr_heap(FILE_BYTES_MAX);
        author_export_receipt(x, s, r->request, &w);
        (void)snprintf(path, sizeof(path), "receipts/%s.countersign.json", r->name);
        put(t, path, wr_span(&w));
        (void)snprintf(path, sizeof(path), "receipts/%s.verdict", r->name);
        char request[24];
        (void)snprintf(request, sizeof(request), "%llu", (unsigned long long)r->request);
        put_verdict(t, path, r->want, "request", request);
    }
    AUTO_WRITER w = wr_heap(FILE_BYTES_MAX);
    author_export_range(x, s, (struct receipt_range){.first = g->range_first, .count = g->range_count}, &w);
    put(t, "receipts/range.countersign.json", wr_span(&w));
    char range[64];
    (void)snprintf(range, sizeof(range), "%llu %llu", (unsigned long long)g->range_first,
                   (unsigned long long)g->range_count);
    put_verdict(t, "receipts/range.verdict", FINDING_HOLDS, "range", range);
}

static bool make(const char *name, struct golden_life *g)
{
#define MAKE(log) {#log, golden_##log##_make},
    static const struct {
        const char *name;
        void (*make)(struct golden_life *g);
    } logs[] = {GOLDEN_LOGS(MAKE)};
#undef MAKE
    for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
        if (strcmp(logs[i].name, name) == 0) {
            logs[i].make(g);
            return true;
        }
    }
    return false;
}

int main(int argc, char **argv)
{
    static struct golden_life g;
    struct target t = {.check = argc == 3 && strcmp(argv[1], "--check") == 0};

    if (argc != 2 && !t.check) {
        (void)fprintf(stderr, "usage: %s [--check] DIRECTORY\n", argv[0]);
        return 2;
    }
    t.directory = argv[argc - 1];
    const char *name = strrchr(t.directory, '/');
    name = name != NULL ? name + 1 : t.directory;
    if (!make(name, &g)) {
        (void)fprintf(stderr, "golden: there is no log %s\n", name);
        return 2;
    }
    struct author_export *x = author_export_new(g.l);
    put_log(&t, &g, x);
    put_wrong(&t, &g);
    put_receipts(&t, &g, x);
    author_export_free(x);
    golden_release(&g);
    (void)printf("%u files, %u differ\n", t.files, t.differ);
    return t.differ == 0 ? 0 : 1;
}
