/* SPDX-License-Identifier: Apache-2.0 */
/* Using an approval, and the receipt: the server is not believed, everything is verified here. */
#include "cli_pipe.h"

#include "client/client_file.h"
#include "judge/judge_receipt.h"

enum { TRUST_MAX = 65536, MIB = 1 << 20 };

struct proof {
    const char *id; /* of the request it must be about */
    struct arena arena;
    struct judge judge;
    bool judging;
};

/* Is NAME=FILE one of the approved artifacts? */
static bool has_artifact(const struct deploy_content *d, const char *arg)
{
    const char *eq = strchr(arg, '=');
    struct sha256 have;
    uint64_t bytes = 0;

    if (eq == NULL || client_file_sha256(eq + 1, &have, &bytes).code != CS_OK) {
        return false;
    }
    const struct span name = span_make(arg, (size_t)(eq - arg));
    for (size_t i = 0; i < d->artifact_count; i++) {
        if (span_eq(d->artifacts[i].name, name) && sha256_eq(&d->artifacts[i].sha256, &have)) {
            return true;
        }
    }
    return false;
}

/* A file that is not given is not asked about, unless everything that was approved has to be there. */
static bool has_digest(const char *path, bool all, bool bound, const struct sha256 *approved)
{
    struct sha256 have;
    uint64_t bytes = 0;

    if (path == NULL) {
        return !all || !bound;
    }
    return bound && client_file_sha256(path, &have, &bytes).code == CS_OK && sha256_eq(&have, approved);
}

/* Whoever redeems is about to deploy, so what stands on the command line must be all that was approved. */
static bool is_what_was_approved(const struct pipe_options *o, const struct deploy_content *d, bool all)
{
    if (d == NULL || (all && o->artifact_count != d->artifact_count)) {
        return d == NULL && o->artifact_count == 0 && !all;
    }
    for (size_t i = 0; i < o->artifact_count; i++) {
        if (!has_artifact(d, o->artifacts[i])) {
            return false;
        }
    }
    return has_digest(o->config, all, d->has_config, &d->config_sha256) &&
           has_digest(o->plan, all, d->has_plan, &d->plan_sha256);
}

static struct finding check_all(const struct pipe_options *o, const struct receipt *r, const struct trust *t,
                                const struct pipe_want *want, struct proof *p)
{
    const struct receipt_ask ask = {.environment = o->environment != NULL ? span_str(o->environment) : SPAN_NONE,
                                    .service = o->service != NULL ? span_str(o->service) : SPAN_NONE,
                                    .now_ms = want->in_time ? cli_now_ms() : 0,
                                    .redeemed = want->redeemed};
    const struct deploy_content *d = NULL;

    const struct finding f = judge_receipt_verify(r, t, &ask, &p->judge);
    if (f.class != FINDING_HOLDS) {
        return f;
    }
    const struct cs_result got = judge_receipt_content(r, r->request, &p->arena, &d);
    if (got.code != CS_OK) {
        return judge_finding_of(FINDING_FORMAT, got);
    }
    const struct state_request *q = state_request_find(&p->judge.state, r->request);
    const bool went = q != NULL && judge_went_back(q);
    if (want->back && want->redeemed && !went) {
        return (struct finding){.class = FINDING_NOT_REDEEMED};
    }
    if (d != NULL && (went || want->back)) {
        d = judge_receipt_back(d, &p->arena);
    }
    return is_what_was_approved(o, d, want->all) ? f : (struct finding){.class = FINDING_SUBJECT};
}

static bool is_about(const struct receipt *r, const char *id)
{
    char named[24] = {0};
    struct writer w = wr_fixed(named, sizeof(named) - 1);

    wr_dec(&w, r->request);
    return strcmp(named, id) == 0;
}

static void say_signed(const struct state_request *q)
{
    for (size_t i = 0; q != NULL && i < q->decision_count; i++) {
        const struct state_decision *d = &q->decisions[i];
        (void)fputs("signed by ", stdout);
        file_show(stdout, d->person->id);
        (void)fputs(" for ", stdout);
        file_show(stdout, d->seat);
        (void)fputc('\n', stdout);
    }
}

static void say_who(const struct state *s, const struct receipt *r)
{
    const struct state_request *q = state_request_find(s, r->request);

    say_signed(q);
    if (q != NULL && q->grant != NULL) {
        (void)printf("granted by emergency %llu\n", (unsigned long long)q->grant->emergency->index);
        say_signed(q->grant->emergency);
        say_signed(q->grant->voucher);
    }
}

static int broken(const struct pipe_options *o, const struct finding *f)
{
    return cli_fail(CLI_VERIFY, o->name, "the receipt does not hold. %s %s", judge_finding_sentence(f->class),
                    f->class == FINDING_ENTRY ? policy_reason_sentence(f->reason) : "");
}

/* Why this approval cannot be used for what is on the command line: what was proved, not the server's word. */
static int not_usable(const struct pipe_options *o, const char *id, const struct finding *f, enum request_status stands)
{
    const char *word = request_status_text(stands);
    const int status = pipe_status_exit(span_str(word));

    switch (f->class) {
    case FINDING_HOLDS:
    case FINDING_NOT_APPROVED:
        return cli_fail(status != CLI_OK ? status : CLI_VERIFY, o->name, "request %s is %s%s", id, word,
                        status == CLI_USED ? ": its approval was used before" : "");
    case FINDING_EXPIRED:
        return cli_fail(CLI_EXPIRED, o->name, "request %s: %s", id, judge_finding_sentence(f->class));
    case FINDING_SUBJECT:
    case FINDING_ENVIRONMENT:
    case FINDING_SERVICE:
        return cli_fail(CLI_DRIFTED, o->name, "request %s was approved for something else. %s", id,
                        judge_finding_sentence(f->class));
    case FINDING_CANNOT_TELL:
    case FINDING_FORMAT:
    case FINDING_CHECKPOINT:
    case FINDING_PINNED:
    case FINDING_INCLUSION:
    case FINDING_GENESIS:
    case FINDING_ENTRY:
    case FINDING_ANCHOR:
    case FINDING_INCOMPLETE:
    case FINDING_ENVELOPE:
    case FINDING_NOT_REDEEMED:
    case FINDING_COUNT:
        break;
    }
    return broken(o, f);
}

/* What is in force has been used in the only way there is, and does not run out. */
static bool is_usable(const struct state_request *q, struct finding *f)
{
    if (f->class != FINDING_HOLDS || q == NULL) {
        return false;
    }
    if (q->status == STATUS_APPROVED && cli_now_ms() > q->use_by_ms) {
        f->class = FINDING_EXPIRED;
    }
    return f->class == FINDING_HOLDS && (q->status == STATUS_APPROVED || q->status == STATUS_APPLIED);
}

/* It failed as its rollback's trigger says, and nothing was used since. */
static bool is_armed(const struct state_request *q, struct finding *f)
{
    if (f->class != FINDING_HOLDS || q == NULL || q->status != STATUS_FAILED || judge_went_back(q) ||
        q->fallback == NULL) {
        return false;
    }
    if (cli_now_ms() > q->fallback->until_ms) {
        f->class = FINDING_EXPIRED;
    }
    return f->class == FINDING_HOLDS;
}

static int verify_decoded(const struct pipe_options *o, const struct receipt *r, const struct trust *t,
                          const struct pipe_want *want, struct proof *p)
{
    p->judging = judge_init(&p->judge, JUDGE_PROVE, (size_t)256 * MIB).code == CS_OK;
    if (!p->judging) {
        return cli_fail(CLI_VERIFY, o->name, "not enough memory to verify the receipt");
    }
    struct finding f = check_all(o, r, t, want, p);
    const struct state_request *q = state_request_find(&p->judge.state, r->request);

    if (want->unused && !(want->back ? is_armed(q, &f) : is_usable(q, &f))) {
        return not_usable(o, p->id, &f, q != NULL ? q->status : STATUS_NONE);
    }
    if (f.class != FINDING_HOLDS) {
        return broken(o, &f);
    }
    if (!o->json && !o->quiet) {
        say_who(&p->judge.state, r);
    }
    return CLI_OK;
}

static int verify_with(const struct pipe_options *o, struct span text, struct span trust_text,
                       const struct pipe_want *want, struct proof *p)
{
    struct trust t;
    struct receipt r;

    struct cs_result c = judge_trust_decode(trust_text, &p->arena, &t);
    if (c.code != CS_OK) {
        return cli_fail(CLI_VERIFY, o->name, "%s: its %s %s", o->trust, c.msg, cs_code_text(c.code));
    }
    c = judge_receipt_decode(text, &p->arena, &r);
    if (c.code != CS_OK || r.is_range) {
        return cli_fail(CLI_VERIFY, o->name, "the server sent no receipt: %s %s", c.msg, cs_code_text(c.code));
    }
    if (!is_about(&r, p->id)) {
        return cli_fail(CLI_VERIFY, o->name, "the receipt is about another request");
    }
    return verify_decoded(o, &r, &t, want, p);
}

int pipe_prove(const struct pipe_options *o, const char *id, struct span text, const struct pipe_want *want)
{
    struct proof p = {.id = id};
    AUTO_WRITER trust = wr_heap(TRUST_MAX);

    if (cli_read(o->name, o->trust, &trust).code != CS_OK) {
        return CLI_VERIFY;
    }
    arena_init(&p.arena, RECEIPT_ARENA_BYTES);
    const int status = verify_with(o, text, wr_span(&trust), want, &p);
    if (p.judging) {
        judge_release(&p.judge);
    }
    arena_release(&p.arena);
    return status;
}

static bool is_empty(const char *option)
{
    return option != NULL && option[0] == '\0';
}

/* An empty name would be compared with nothing: what a pipeline gets from a variable that is not set. */
int pipe_may_prove(const struct pipe_options *o)
{
    if (o->trust == NULL) {
        return cli_fail(CLI_USAGE, o->name,
                        "--trust FILE is needed: `countersign status --local --trust` on the "
                        "appliance prints what to pin");
    }
    if (is_empty(o->environment) || is_empty(o->service)) {
        return cli_fail(CLI_USAGE, o->name,
                        "--environment and --service must not be empty: name where this is about "
                        "to be deployed, and what");
    }
    return CLI_OK;
}

/* Verified first, written then: a receipt that does not hold is never left behind as if it did. */
static int keep_receipt(const struct pipe_options *o, const struct client_reply *reply)
{
    if (o->out != NULL && client_file_write(o->out, wr_span(&reply->body)).code != CS_OK) {
        return cli_fail(CLI_FAILED, o->name, "%s cannot be written; `countersign receipt %s` gets the receipt again",
                        o->out, o->id);
    }
    if (o->json) {
        pipe_print(reply);
    } else {
        (void)printf("request %s: the receipt holds\n", o->id);
    }
    return CLI_OK;
}

#define RECEIPT_USAGE                                                                                                  \
    "  --trust FILE       what you pin: origin, log key, genesis (countersign status --local --trust)\n"               \
    "  --environment NAME the approval must be for this environment\n"                                                 \
    "  --service NAME     and for this service\n"                                                                      \
    "  --out FILE         keep the receipt there\n"                                                                    \
    "  --json             the receipt on stdout, once it is verified\n"                                                \
    "  --quiet            do not name who signed\n"

/* {"artifacts":[…],"config_sha256"?,"plan_sha256"?,"rollback"?}: what is about to be deployed. */
static int put_presented(const struct pipe_options *o, struct writer *w)
{
    struct json_out out = json_out_make(w);

    json_put_object(&out, NULL);
    int status = pipe_put_artifacts(o, &out);
    status = status == CLI_OK ? pipe_put_digest(o, &out, "config_sha256", o->config) : status;
    status = status == CLI_OK ? pipe_put_digest(o, &out, "plan_sha256", o->plan) : status;
    if (o->rollback) {
        json_put_bool(&out, "rollback", true);
    }
    json_put_close(&out);
    if (status == CLI_OK && json_out_end(&out, "redeem").code != CS_OK) {
        status = cli_fail(CLI_USAGE, o->name, "a name cannot be sent");
    }
    return status;
}

/* One call, and what it answers is a receipt that shows what is wanted. */
static int take(const struct pipe_options *o, const struct pipe_ask *ask, const struct pipe_want *want, bool last)
{
    struct pipe_options as = *o;
    struct client_reply reply;

    as.quiet = o->quiet || !last;
    int status = pipe_ask(o, ask, &reply);
    if (status == CLI_OK) {
        status = pipe_prove(&as, o->id, wr_span(&reply.body), want);
        status = status == CLI_OK && last ? keep_receipt(o, &reply) : status;
        wr_release(&reply.body);
    }
    return status;
}

/* Whoever redeems is about to deploy, so all that is about to happen must stand on the command line. */
static int names_all(const struct pipe_options *o)
{
    if (o->artifact_count == 0 || o->environment == NULL || o->service == NULL) {
        return cli_fail(CLI_USAGE, o->name,
                        "say what is about to be deployed and where: --artifact NAME=FILE, "
                        "--environment NAME and --service NAME are all needed");
    }
    return pipe_may_prove(o);
}

/*
 * What is presented uses the approval up or ends it, so nothing is presented before a receipt of the approval has
 * proved that it is for exactly this; and what comes back is verified again, for a receipt of an earlier moment is not
 * an answer.
 */
static int redeem(const struct pipe_options *o, struct span body)
{
    const struct pipe_want before = {.unused = true, .all = true, .back = o->rollback};
    const struct pipe_want after = {.redeemed = true, .in_time = true, .all = true, .back = o->rollback};

    const int status = take(o, &(struct pipe_ask){.method = "GET", .rest = "/receipt"}, &before, false);
    if (status != CLI_OK) {
        return status;
    }
    return take(o, &(struct pipe_ask){.method = "POST", .rest = "/redeem", .body = body}, &after, true);
}

int cli_redeem(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign redeem ID --artifact NAME=FILE ... --environment NAME --service NAME --trust FILE\n"
        "                          --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
        "  --artifact NAME=FILE what is about to be deployed; as it was submitted\n"
        "  --config FILE      the configuration, if one was submitted\n"
        "  --plan FILE        the plan, if one was submitted\n"
        "  --rollback         use the rollback that was signed with it, once its trigger was met\n" RECEIPT_USAGE
        "  --help\n";
    struct pipe_options o;
    AUTO_WRITER body = wr_heap(PIPE_BODY_MAX);
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    status = names_all(&o);
    status = status == CLI_OK ? put_presented(&o, &body) : status;
    return status == CLI_OK ? redeem(&o, wr_span(&body)) : status;
}

int cli_receipt(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign receipt ID --trust FILE --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
            RECEIPT_USAGE "  --artifact NAME=FILE must be named by the receipt\n"
        "  --redeemed         the approval must have been used; ask for it before you deploy\n"
        "  --help\n";
    struct pipe_options o;
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    status = pipe_may_prove(&o);
    if (status != CLI_OK) {
        return status;
    }
    const struct pipe_want want = {.redeemed = o.redeemed};
    return take(&o, &(struct pipe_ask){.method = "GET", .rest = "/receipt"}, &want, true);
}
