/* SPDX-License-Identifier: Apache-2.0 */
/* countersign-audit extract: a receipt, or a range, out of a whole log that holds. */
#include <fcntl.h>
#include <getopt.h>
#include <unistd.h>

#include "audit.h"
#include "audit_export.h"
#include "audit_file.h"
#include "audit_report.h"
#include "audit_trust.h"
#include "base/base_text.h"
#include "file/file_read.h"

enum { STATE_MIB = 4096, MIB = 1024 * 1024 };

struct options {
    const char *path;
    const char *trust;
    bool has_request;
    uint64_t request;
    bool has_range;
    struct receipt_range range;
};

static int usage(FILE *to, int status)
{
    (void)fprintf(to, "usage: countersign-audit extract DIRECTORY --trust FILE (--request N | --range FIRST,COUNT)\n"
                      "  DIRECTORY           a whole log, in tiles; it is verified first\n"
                      "  --trust FILE        origin, log key and genesis digest that you have from elsewhere\n"
                      "  --request N         write the receipt of this request\n"
                      "  --range FIRST,COUNT write what shows that these entries are all, and right\n"
                      "  --help\n"
                      "The file goes to standard output. exit status: as verify; 0 only when it was written\n");
    return status;
}

static bool take_range(const char *text, struct receipt_range *ret_range)
{
    struct reader r = rd_make(span_str(text));
    struct span first = SPAN_NONE;
    struct receipt_range range = {0};

    const bool good = rd_until(&r, ',', &first, "range").code == CS_OK &&
                      text_dec_decode(first, &range.first, "range").code == CS_OK &&
                      text_dec_decode(r.rest, &range.count, "range").code == CS_OK;
    *ret_range = range;
    return good;
}

/* False for a value that is none. */
static bool take_option(int c, const char *value, struct options *o)
{
    switch (c) {
    case 't':
        o->trust = value;
        return true;
    case 'r':
        o->has_request = true;
        return text_dec_decode(span_str(value), &o->request, "request").code == CS_OK;
    case 'g':
        o->has_range = true;
        return take_range(value, &o->range);
    default:
        return false;
    }
}

/* An exit status, or -1: go on. */
static int read_options(int argc, char **argv, struct options *ret_options)
{
    static const struct option known[] = {{"trust", required_argument, NULL, 't'},
                                          {"request", required_argument, NULL, 'r'},
                                          {"range", required_argument, NULL, 'g'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    struct options o = {0};
    int c = 0;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (c == 'h') {
            return usage(stdout, 0);
        }
        if (!take_option(c, optarg, &o)) {
            return usage(stderr, AUDIT_USAGE);
        }
    }
    if (o.trust == NULL || o.has_request == o.has_range || optind + 1 != argc) {
        return usage(stderr, AUDIT_USAGE);
    }
    o.path = argv[optind];
    *ret_options = o;
    return -1;
}

/* The source's context is const, and the shelf keeps the bundle that was read last. */
struct shelf_ref {
    struct audit_shelf *shelf;
};

static struct cs_result leaf_of(const void *ctx, uint64_t index, struct arena *arena, struct span *ret_leaf)
{
    const struct shelf_ref *ref = ctx;
    return audit_export_leaf(ref->shelf, index, arena, ret_leaf);
}

static CS_RESULT build(const struct options *o, int dir, const struct audit_export *x, struct arena *a,
                       struct writer *w)
{
    const struct state *s = &x->replay.judge.state;
    AUTO_WRITER bundle = wr_heap(AUDIT_BUNDLE_BYTES_MAX);
    AUTO_WRITER note = wr_heap(RECEIPT_NOTE_MAX);
    struct audit_shelf shelf = {.dir = dir, .size = s->size, .w = &bundle, .last = UINT64_MAX};
    const struct shelf_ref ref = {.shelf = &shelf};
    const struct receipt_source src = {.leaf = leaf_of, .ctx = &ref, .tree = merkle_nodes_source(x->nodes)};
    struct receipt r = {0};

    TRY(file_read(dir, "checkpoint", 0, &note));
    const struct receipt_note at = {.text = wr_span(&note), .size = s->size};
    TRY(o->has_range ? judge_range_build(&src, s, &o->range, &at, a, &r)
                     : judge_receipt_build(&src, s, o->request, &at, a, &r));
    return judge_receipt_encode(&r, w);
}

static struct finding write_out(const struct options *o, int dir, const struct audit_export *x)
{
    AUTO_WRITER w = wr_heap(RECEIPT_MAX_BYTES);
    struct arena a;

    arena_init(&a, RECEIPT_ARENA_BYTES);
    const struct cs_result r = build(o, dir, x, &a, &w);
    arena_release(&a);
    if (r.code != CS_OK) {
        return judge_finding_of(FINDING_CANNOT_TELL, r);
    }
    const bool written = fwrite(w.p, 1, w.len, stdout) == w.len;
    return written ? FINDING_OK : judge_finding_of(FINDING_CANNOT_TELL, CS_FAIL(CS_E_IO, "output"));
}

static struct finding extract_from(const struct options *o, const struct trust *t, int dir)
{
    static struct audit_export x; /* too large for the stack */
    const struct receipt_ask nothing = {0};
    struct merkle_nodes nodes;
    const struct audit_wish wish = {
        .trust = t, .ask = &nothing, .state_cap_bytes = (size_t)STATE_MIB * MIB, .nodes = &nodes};

    merkle_nodes_init(&nodes, MERKLE_SIZE_MAX);
    struct finding f = audit_export_verify(dir, &wish, &x);
    if (f.class == FINDING_HOLDS) {
        f = write_out(o, dir, &x);
    }
    audit_export_release(&x);
    merkle_nodes_release(&nodes);
    return f;
}

static struct finding extract(const struct options *o, struct arena *a)
{
    struct trust t = {0};
    int dir = -1;

    struct finding f = audit_trust_read(o->trust, a, &t);
    if (f.class != FINDING_HOLDS) {
        return f;
    }
    const struct cs_result opened = audit_dir_open(o->path, &dir);
    if (opened.code != CS_OK || dir < 0) {
        const enum cs_code code = opened.code != CS_OK ? opened.code : CS_E_TYPE;
        return judge_finding_of(FINDING_CANNOT_TELL, CS_FAIL(code, "DIRECTORY"));
    }
    f = extract_from(o, &t, dir);
    (void)close(dir);
    return f;
}

int audit_extract(int argc, char **argv)
{
    struct options o = {0};
    struct arena a;

    const int status = read_options(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    arena_init(&a, MIB);
    const struct finding f = extract(&o, &a);
    arena_release(&a);
    if (f.class != FINDING_HOLDS) {
        audit_report_finding(stderr, &f);
    }
    return judge_finding_exit(f.class);
}
