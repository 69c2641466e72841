/* SPDX-License-Identifier: Apache-2.0 */
/* Using an approval, and the receipt: the server is not believed, everything is verified here. */
#include "cli_pipe.h"

#include "client/client_file.h"
#include "judge/judge_receipt.h"

enum { TRUST_MAX = 65536, MIB = 1 << 20 };

struct proof {
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

/* The server is not believed: a receipt of an earlier moment is not an answer to a redeem. */
static struct finding check_all(const struct pipe_options *o, const struct receipt *r, const struct trust *t,
                                struct proof *p)
{
    const bool redeem = strcmp(o->name, "redeem") == 0;
    const struct receipt_ask ask = {.environment = o->environment != NULL ? span_str(o->environment) : SPAN_NONE,
                                    .now_ms = redeem ? cli_now_ms() : 0,
                                    .redeemed = redeem || o->redeemed};
    const struct deploy_content *d = NULL;

    const struct finding f = judge_receipt_verify(r, t, &ask, &p->judge);
    if (f.class != FINDING_HOLDS) {
        return f;
    }
    const struct cs_result got = judge_receipt_content(r, r->request, &p->arena, &d);
    if (got.code != CS_OK) {
        return judge_finding_of(FINDING_FORMAT, got);
    }
    return is_what_was_approved(o, d, redeem) ? f : (struct finding){.class = FINDING_SUBJECT};
}

static bool is_about(const struct receipt *r, const char *id)
{
    char named[24] = {0};
    struct writer w = wr_fixed(named, sizeof(named) - 1);

    wr_dec(&w, r->request);
    return strcmp(named, id) == 0;
}

static void say_who(const struct state *s, const struct receipt *r)
{
    const struct state_request *q = state_request_find(s, r->request);

    for (size_t i = 0; q != NULL && i < q->decision_count; i++) {
        const struct state_decision *d = &q->decisions[i];
        (void)printf("signed by %.*s for %.*s\n", (int)d->person->id.left, (const char *)d->person->id.p,
                     (int)d->seat.left, (const char *)d->seat.p);
    }
}

static int verify_decoded(const struct pipe_options *o, const struct receipt *r, const struct trust *t, struct proof *p)
{
    p->judging = judge_init(&p->judge, JUDGE_PROVE, (size_t)256 * MIB).code == CS_OK;
    if (!p->judging) {
        return cli_fail(CLI_VERIFY, o->name, "not enough memory to verify the receipt");
    }
    const struct finding f = check_all(o, r, t, p);
    if (f.class != FINDING_HOLDS) {
        return cli_fail(CLI_VERIFY, o->name, "the receipt does not hold. %s %s", judge_finding_sentence(f.class),
                        f.class == FINDING_ENTRY ? policy_reason_sentence(f.reason) : "");
    }
    say_who(&p->judge.state, r);
    return CLI_OK;
}

static int verify_with(const struct pipe_options *o, struct span text, struct span trust_text, const char *id,
                       struct proof *p)
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
    if (!is_about(&r, id)) {
        return cli_fail(CLI_VERIFY, o->name, "the receipt is about another request");
    }
    return verify_decoded(o, &r, &t, p);
}

/* The receipt in `text` against the trust file: CLI_OK and words on stdout, or CLI_VERIFY. */
static int verify(const struct pipe_options *o, struct span text, const char *id)
{
    struct proof p = {.judging = false};
    AUTO_WRITER trust = wr_heap(TRUST_MAX);

    if (cli_read(o->name, o->trust, &trust).code != CS_OK) {
        return CLI_VERIFY;
    }
    arena_init(&p.arena, RECEIPT_ARENA_BYTES);
    const int status = verify_with(o, text, wr_span(&trust), id, &p);
    if (p.judging) {
        judge_release(&p.judge);
    }
    arena_release(&p.arena);
    return status;
}

/* Verified first, written then: a receipt that does not hold is never left behind as if it did. */
static int take_receipt(const struct pipe_options *o, const struct client_reply *reply)
{
    const int status = verify(o, wr_span(&reply->body), o->id);
    if (status != CLI_OK) {
        return status;
    }
    if (o->out != NULL && client_file_write(o->out, wr_span(&reply->body)).code != CS_OK) {
        return cli_fail(CLI_FAILED, o->name, "%s cannot be written; `countersign receipt %s` gets the receipt again",
                        o->out, o->id);
    }
    (void)printf("request %s: the receipt holds\n", o->id);
    return CLI_OK;
}

#define RECEIPT_USAGE                                                                                                  \
    "  --trust FILE       what you pin: origin, log key, genesis (countersign status --local --trust)\n"               \
    "  --out FILE         keep the receipt there\n"                                                                    \
    "  --environment NAME the approval must be for this environment\n"

/* {"artifacts":[…],"config_sha256"?,"plan_sha256"?}: what is about to be deployed. */
static int put_presented(const struct pipe_options *o, struct writer *w)
{
    struct json_out out = json_out_make(w);

    json_put_object(&out, NULL);
    int status = pipe_put_artifacts(o, &out);
    status = status == CLI_OK ? pipe_put_digest(o, &out, "config_sha256", o->config) : status;
    status = status == CLI_OK ? pipe_put_digest(o, &out, "plan_sha256", o->plan) : status;
    json_put_close(&out);
    if (status == CLI_OK && json_out_end(&out, "redeem").code != CS_OK) {
        status = cli_fail(CLI_USAGE, o->name, "a name cannot be sent");
    }
    return status;
}

/* One call, and what it answers is a receipt. */
static int fetch(const struct pipe_options *o, const struct pipe_ask *ask)
{
    struct client_reply reply;

    int status = pipe_ask(o, ask, &reply);
    if (status == CLI_OK) {
        status = take_receipt(o, &reply);
        wr_release(&reply.body);
    }
    return status;
}

int cli_redeem(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign redeem ID --artifact NAME=FILE ... --trust FILE --server URL --token-file FILE "
        "[options]\n" PIPE_SERVER_USAGE "  --artifact NAME=FILE what is about to be deployed; as it was submitted\n"
        "  --config FILE      the configuration, if one was submitted\n"
        "  --plan FILE        the plan, if one was submitted\n" RECEIPT_USAGE "  --help\n";
    struct pipe_options o;
    AUTO_WRITER body = wr_heap(PIPE_BODY_MAX);
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    if (o.trust == NULL || o.artifact_count == 0) {
        return cli_fail(CLI_USAGE, o.name, "--trust and at least one --artifact are needed");
    }
    status = put_presented(&o, &body);
    if (status == CLI_OK) {
        status = fetch(&o, &(struct pipe_ask){.method = "POST", .rest = "/redeem", .body = wr_span(&body)});
    }
    return status;
}

int cli_receipt(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign receipt ID --trust FILE --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
            RECEIPT_USAGE "  --artifact NAME=FILE must be named by the receipt\n"
        "  --redeemed         the approval must have been used; ask for it before you deploy\n"
        "  --help\n";
    struct pipe_options o;
    const int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    if (o.trust == NULL) {
        return cli_fail(CLI_USAGE, o.name, "--trust is needed");
    }
    return fetch(&o, &(struct pipe_ask){.method = "GET", .rest = "/receipt"});
}
