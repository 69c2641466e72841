/* SPDX-License-Identifier: Apache-2.0 */
/* countersign-audit verify: a receipt, a range, or the whole log. */
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

enum { MIB = 1024 * 1024, STATE_MIB = 4096, STATE_MIB_MAX = 1048576 };

struct options {
    const char *path;
    const char *trust;
    struct receipt_ask ask;
    size_t state_cap_bytes;
    bool quiet;
};

static int usage(FILE *to, int status)
{
    (void)fprintf(to,
                  "usage: countersign-audit verify PATH --trust FILE [--subject SHA256] [--environment NAME]\n"
                  "                                [--service NAME] [--at TIME] [--redeemed] [--memory MIB] [--quiet]\n"
                  "  PATH               a receipt or range (a file), or a whole log (a directory of tiles)\n"
                  "  --trust FILE       origin, log key and genesis digest that you have from elsewhere\n"
                  "  --subject SHA256   the artifact about to be deployed must be approved\n"
                  "  --environment NAME for this environment\n"
                  "  --service NAME     and this service\n"
                  "  --at TIME          and still at this time, such as 2026-01-05T09:00:00.000Z\n"
                  "  --redeemed         and used: one that is not may have been taken back since\n"
                  "  --memory MIB       what the log may make this program keep (4096)\n"
                  "  --quiet            say only whether it holds\n"
                  "  --help\n"
                  "exit status: 0 holds, 2 wrong command line, 3 cannot tell, 10 and above broken\n");
    return status;
}

static bool take_memory(const char *text, size_t *ret_bytes)
{
    uint64_t mib = 0;
    const bool good = text_dec_decode(span_str(text), &mib, "memory").code == CS_OK && mib >= 1 && mib <= STATE_MIB_MAX;
    *ret_bytes = good ? (size_t)mib * MIB : *ret_bytes;
    return good;
}

/* False for a value that is none. */
static bool take_option(int c, const char *value, struct options *o)
{
    switch (c) {
    case 't':
        o->trust = value;
        return true;
    case 's':
        o->ask.has_subject = true;
        return text_hex_decode(span_str(value), o->ask.subject.b, SHA256_BYTES, "subject").code == CS_OK;
    case 'e':
        o->ask.environment = span_str(value);
        return text_id_check(o->ask.environment, MODEL_ID_MAX, "environment").code == CS_OK;
    case 'v':
        o->ask.service = span_str(value);
        return text_id_check(o->ask.service, MODEL_ID_MAX, "service").code == CS_OK;
    case 'a':
        return text_time_decode(span_str(value), &o->ask.now_ms, "at").code == CS_OK;
    case 'r':
        o->ask.redeemed = true;
        return true;
    case 'm':
        return take_memory(value, &o->state_cap_bytes);
    case 'q':
        o->quiet = true;
        return true;
    default:
        return false;
    }
}

/* An exit status, or -1: go on. */
static int read_options(int argc, char **argv, struct options *ret_options)
{
    static const struct option known[] = {{"trust", required_argument, NULL, 't'},
                                          {"subject", required_argument, NULL, 's'},
                                          {"environment", required_argument, NULL, 'e'},
                                          {"service", required_argument, NULL, 'v'},
                                          {"at", required_argument, NULL, 'a'},
                                          {"redeemed", no_argument, NULL, 'r'},
                                          {"memory", required_argument, NULL, 'm'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    struct options o = {.state_cap_bytes = (size_t)STATE_MIB * MIB};
    int c = 0;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (c == 'h') {
            return usage(stdout, 0);
        }
        if (!take_option(c, optarg, &o)) {
            return usage(stderr, AUDIT_USAGE);
        }
    }
    if (o.trust == NULL || optind + 1 != argc) {
        return usage(stderr, AUDIT_USAGE);
    }
    o.path = argv[optind];
    *ret_options = o;
    return -1;
}

static void report_receipt(const struct receipt *r, const struct state *s, struct arena *a)
{
    for (size_t i = 0; i < s->request_count; i++) {
        const struct state_request *q = s->requests[i];
        const struct deploy_content *d = NULL;
        const bool about = r->is_range || q->index == r->request;
        if (about && judge_receipt_content(r, q->index, a, &d).code == CS_OK) {
            audit_report_request(stdout, q, d);
        }
    }
}

static struct finding check_receipt(const struct options *o, const struct receipt *r, const struct trust *t,
                                    struct arena *a)
{
    struct judge j;

    const struct cs_result made = judge_init(&j, JUDGE_PROVE, o->state_cap_bytes);
    if (made.code != CS_OK) {
        return judge_finding_of(FINDING_CANNOT_TELL, made);
    }
    const struct finding f = judge_receipt_verify(r, t, &o->ask, &j);
    audit_report_finding(stdout, &f);
    if (f.class == FINDING_HOLDS && !o->quiet) {
        audit_report_log(stdout, &j.state);
        report_receipt(r, &j.state, a);
    }
    judge_release(&j);
    return f;
}

static struct finding verify_file(const struct options *o, const struct trust *t, struct arena *a)
{
    AUTO_WRITER w = wr_heap(RECEIPT_MAX_BYTES);
    struct receipt r = {0};
    struct finding f = FINDING_OK;

    const struct cs_result got = file_read(AT_FDCWD, o->path, 0, &w);
    if (got.code != CS_OK) {
        f = judge_finding_of(got.code == CS_E_FULL ? FINDING_FORMAT : FINDING_CANNOT_TELL, got);
    } else {
        const struct cs_result parsed = judge_receipt_decode(wr_span(&w), a, &r);
        /* a level or version of later times says nothing about the log */
        const enum finding_class c = parsed.code == CS_E_STATE ? FINDING_CANNOT_TELL : FINDING_FORMAT;
        f = parsed.code == CS_OK ? f : judge_finding_of(c, parsed);
    }
    if (f.class != FINDING_HOLDS) {
        audit_report_finding(stdout, &f);
        return f;
    }
    return check_receipt(o, &r, t, a);
}

static struct finding verify_directory(const struct options *o, const struct trust *t, int dir)
{
    static struct audit_export x; /* too large for the stack */

    const struct audit_wish wish = {.trust = t, .ask = &o->ask, .state_cap_bytes = o->state_cap_bytes};

    const struct finding f = audit_export_verify(dir, &wish, &x);
    audit_report_finding(stdout, &f);
    if (f.class == FINDING_HOLDS && !o->quiet) {
        const struct state *s = &x.replay.judge.state;
        audit_report_log(stdout, s);
        for (size_t i = 0; i < s->request_count; i++) {
            audit_report_request(stdout, s->requests[i], NULL);
        }
    }
    audit_export_release(&x);
    return f;
}

static struct finding verify(const struct options *o, struct arena *a)
{
    struct trust t = {0};
    int dir = -1;

    struct finding f = audit_trust_read(o->trust, a, &t);
    if (f.class == FINDING_HOLDS) {
        const struct cs_result opened = audit_dir_open(o->path, &dir);
        f = opened.code == CS_OK ? f : judge_finding_of(FINDING_CANNOT_TELL, CS_FAIL(opened.code, "PATH"));
    }
    if (f.class != FINDING_HOLDS) {
        audit_report_finding(stdout, &f);
        return f;
    }
    if (dir < 0) {
        return verify_file(o, &t, a);
    }
    f = verify_directory(o, &t, dir);
    (void)close(dir);
    return f;
}

int audit_verify(int argc, char **argv)
{
    struct options o = {0};
    struct arena a;

    const int status = read_options(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    arena_init(&a, RECEIPT_ARENA_BYTES);
    const struct finding f = verify(&o, &a);
    arena_release(&a);
    return judge_finding_exit(f.class);
}
