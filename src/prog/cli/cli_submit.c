/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign submit`: asks for approval of one change. */
#include "cli_pipe.h"

#include "base/base_text.h"
#include "client/client_evidence.h"
#include "client/client_file.h"
#include "client/client_git.h"

enum { BODY_MAX = 128 * 1024, SMALL = 4096 };

static const char usage[] =
    "usage: countersign submit --server URL --token-file FILE --title TEXT --environment NAME --service NAME\n"
    "                          --initiator ACCOUNT --artifact NAME=FILE ... [options]\n"
    "  --server URL         https://HOST[:PORT]\n"
    "  --ca FILE            certificates that may sign the server's, PEM\n"
    "  --token-file FILE    holds the bearer token; or --cert FILE --key FILE for mutual TLS\n"
    "  --title TEXT         what people read first\n"
    "  --environment NAME   where it is to be deployed\n"
    "  --service NAME\n"
    "  --initiator ACCOUNT  who asks, such as gitlab:1234\n"
    "  --trigger ACCOUNT    who started the pipeline\n"
    "  --change-type NAME   one that the policy names (normal)\n"
    "  --artifact NAME=FILE its SHA-256 is what people sign; up to 16\n"
    "  --config FILE        the SHA-256 of the configuration; presented again at redeem\n"
    "  --plan FILE          the same for a plan\n"
    "  --rollback-artifact NAME=FILE what ran there before, and may be gone back to; also NAME=sha256:HEX\n"
    "  --rollback-trigger NAME that happens only if the deployment failed by this; up to 16\n"
    "  --rollback-config FILE --rollback-plan FILE the configuration and plan of going back\n"
    "  --junit FILE         test report; its counts and digest go along\n"
    "  --from-git           commit, authors and size of the change since the last tag\n"
    "  --repo DIR           of this repository (.)\n"
    "  --protected          the branch of --from-git is a protected one\n"
    "  --pull-request N=STATE the pull request that it came by: closed, merged or open\n"
    "  --reviewer ACCOUNT   who approved that\n"
    "  --doc KEY=TEXT       documentation that the policy asks for, such as backout_plan\n"
    "  --attribute KEY=TEXT an attribute that rules look at\n"
    "  --ticket ID\n"
    "  --ticket-state WORD  how it stands, such as implement\n"
    "  --ticket-system NAME where it is kept, such as servicenow\n"
    "  --revises ID         replaces this open request of yours\n"
    "  --idempotency-key K  names this submission (the digest of what is sent)\n"
    "  --wait               then wait, as `countersign wait` does; --timeout SECONDS\n"
    "  --trust FILE         what you pin: --wait says yes only to a receipt that proves it, for exactly this\n"
    "  --json               the server's answer on stdout\n"
    "  --quiet              no progress\n"
    "  --help\n";

/* NAME=VALUE, sorted by name: members and artifacts go out in order. */
struct pair {
    struct span name;
    const char *value;
};

static int pair_order(const void *a, const void *b)
{
    const struct pair *x = a;
    const struct pair *y = b;
    return span_cmp(x->name, y->name);
}

static int pairs_of(const struct pipe_options *o, const char *const *texts, size_t n, struct pair *ret_pairs)
{
    for (size_t i = 0; i < n; i++) {
        const char *eq = strchr(texts[i], '=');
        if (eq == NULL || eq == texts[i]) {
            return cli_fail(CLI_USAGE, o->name, "%s: NAME=VALUE is wanted", texts[i]);
        }
        ret_pairs[i] = (struct pair){.name = span_make(texts[i], (size_t)(eq - texts[i])), .value = eq + 1};
    }
    if (n > 1) {
        qsort(ret_pairs, n, sizeof(*ret_pairs), pair_order);
    }
    for (size_t i = 1; i < n; i++) {
        if (span_eq(ret_pairs[i].name, ret_pairs[i - 1].name)) {
            return cli_fail(CLI_USAGE, o->name, "%.*s is given twice", (int)ret_pairs[i].name.left,
                            (const char *)ret_pairs[i].name.p);
        }
    }
    return CLI_OK;
}

static int digest_of(const struct pipe_options *o, const char *path, struct sha256 *ret_digest, uint64_t *ret_bytes)
{
    const struct cs_result r = client_file_sha256(path, ret_digest, ret_bytes);
    return r.code == CS_OK ? CLI_OK : cli_fail(CLI_FAILED, o->name, "%s %s", path, cs_code_text(r.code));
}

/* Of a file, or as it is written: "sha256:" and 64 hex digits. */
static int digest_said(const struct pipe_options *o, const char *value, struct sha256 *ret_digest)
{
    const struct span prefix = SPAN_LIT("sha256:");
    const struct span text = span_str(value);
    uint64_t bytes = 0;

    if (!span_starts(text, prefix)) {
        return digest_of(o, value, ret_digest, &bytes);
    }
    return text_hex_decode(span_from(text, prefix.left), ret_digest->b, SHA256_BYTES, "digest").code == CS_OK
               ? CLI_OK
               : cli_fail(CLI_USAGE, o->name, "%s: sha256: and 64 lower-case hex digits are wanted", value);
}

static int put_artifacts(const struct pipe_options *o, struct json_out *out, const char *const *texts, size_t n,
                         bool said)
{
    struct pair pairs[PIPE_MANY] = {{{0}, NULL}};
    int status = pairs_of(o, texts, n, pairs);

    json_put_array(out, "artifacts");
    for (size_t i = 0; status == CLI_OK && i < n; i++) {
        struct sha256 d = {{0}};
        uint64_t bytes = 0;
        status = said ? digest_said(o, pairs[i].value, &d) : digest_of(o, pairs[i].value, &d, &bytes);
        json_put_object(out, NULL);
        json_put_str(out, "name", pairs[i].name);
        json_put_hex(out, "sha256", sha256_span(&d));
        json_put_close(out);
    }
    json_put_close(out);
    return status;
}

int pipe_artifact_header(const struct pipe_options *o, char *into, size_t cap)
{
    struct pair pairs[PIPE_MANY] = {{{0}, NULL}};
    struct writer w = wr_fixed(into, cap - 1);
    int status = pairs_of(o, o->artifacts, o->artifact_count, pairs);

    for (size_t i = 0; status == CLI_OK && i < o->artifact_count; i++) {
        struct sha256 d = {{0}};
        uint64_t bytes = 0;
        status = digest_of(o, pairs[i].value, &d, &bytes);
        wr_text(&w, i > 0 ? ", sha256=" : "sha256=");
        wr_hex(&w, sha256_span(&d));
    }
    into[w.len] = '\0';
    if (status == CLI_OK && wr_end(&w, "artifacts").code != CS_OK) {
        status = cli_fail(CLI_USAGE, o->name, "--artifact is given too often");
    }
    return status;
}

int pipe_put_artifacts(const struct pipe_options *o, struct json_out *out)
{
    return put_artifacts(o, out, o->artifacts, o->artifact_count, false);
}

int pipe_put_digest(const struct pipe_options *o, struct json_out *out, const char *key, const char *path)
{
    struct sha256 d;
    uint64_t bytes = 0;

    if (path == NULL) {
        return CLI_OK;
    }
    const int status = digest_of(o, path, &d, &bytes);
    if (status == CLI_OK) {
        json_put_hex(out, key, sha256_span(&d));
    }
    return status;
}

static int put_pairs(const struct pipe_options *o, struct json_out *out, const char *key, const char *const *texts,
                     size_t n)
{
    struct pair pairs[PIPE_MANY] = {{{0}, NULL}};
    const int status = n > 0 ? pairs_of(o, texts, n, pairs) : CLI_OK;

    if (n == 0 || status != CLI_OK) {
        return status;
    }
    json_put_object(out, key);
    for (size_t i = 0; i < n; i++) {
        json_put_key(out, pairs[i].name);
        json_put_text(out, NULL, pairs[i].value);
    }
    json_put_close(out);
    return CLI_OK;
}

/* The last part of a path. */
static struct span file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return span_str(slash != NULL ? slash + 1 : path);
}

static int put_report(const struct pipe_options *o, const char *path, struct json_out *out)
{
    const struct evidence_options options = {.format = EVIDENCE_JUNIT};
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;
    struct cs_result r = evidence_begin(&options, &e);

    r = r.code == CS_OK ? client_evidence(e, path, &s) : r;
    if (r.code == CS_E_MISSING && strcmp(r.msg, "file") == 0) {
        return cli_fail(CLI_FAILED, o->name, "%s %s", path, cs_code_text(r.code));
    }
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, o->name, "%s is no JUnit report: line %llu: its %s %s. %s", path,
                        e != NULL ? (unsigned long long)evidence_line(e) : 0ULL, r.msg, cs_code_text(r.code),
                        e != NULL ? evidence_advice(e) : "");
    }
    json_put_object(out, NULL);
    json_put_uint(out, "failed", s->number[EVIDENCE_FAILED]);
    json_put_text(out, "kind", "junit");
    json_put_str(out, "name", file_name(path));
    json_put_uint(out, "passed", s->number[EVIDENCE_PASSED]);
    json_put_hex(out, "sha256", sha256_span(&s->sha256));
    json_put_uint(out, "size", s->bytes);
    json_put_uint(out, "skipped", s->number[EVIDENCE_SKIPPED]);
    json_put_close(out);
    return CLI_OK;
}

static int put_evidence(const struct pipe_options *o, struct json_out *out)
{
    int status = CLI_OK;

    if (o->junit_count == 0) {
        return CLI_OK;
    }
    json_put_array(out, "evidence");
    for (size_t i = 0; status == CLI_OK && i < o->junit_count; i++) {
        status = put_report(o, o->junit[i], out);
    }
    json_put_close(out);
    return status;
}

static int git_failed(const struct pipe_options *o, struct cs_result r)
{
    if (r.code == CS_E_STATE) {
        return cli_fail(CLI_FAILED, o->name, "%s is a shallow clone; fetch the whole history first", o->repo);
    }
    if (r.code == CS_E_MISSING) {
        return cli_fail(CLI_FAILED, o->name, "%s: git is not there, or this is no repository with a commit", o->repo);
    }
    return cli_fail(CLI_FAILED, o->name, "%s: the %s %s", o->repo, r.msg, cs_code_text(r.code));
}

/* "12=merged" */
static int put_pull_request(const struct pipe_options *o, struct json_out *out)
{
    const char *eq = o->pull_request != NULL ? strchr(o->pull_request, '=') : NULL;
    uint64_t number = 0;

    if (o->pull_request == NULL) {
        return CLI_OK;
    }
    if (eq == NULL ||
        text_dec_decode(span_make(o->pull_request, (size_t)(eq - o->pull_request)), &number, "pull_request").code !=
            CS_OK) {
        return cli_fail(CLI_USAGE, o->name, "--pull-request: %s: NUMBER=STATE is wanted", o->pull_request);
    }
    json_put_object(out, "pull_request");
    json_put_uint(out, "number", number);
    json_put_text(out, "state", eq + 1);
    json_put_close(out);
    return CLI_OK;
}

static void put_reviewers(const struct pipe_options *o, struct json_out *out)
{
    if (o->reviewer_count == 0) {
        return;
    }
    json_put_array(out, "reviewers");
    for (size_t i = 0; i < o->reviewer_count; i++) {
        json_put_text(out, NULL, o->reviewers[i]);
    }
    json_put_close(out);
}

static int put_source(const struct pipe_options *o, struct json_out *out, const struct request_source *s)
{
    const bool asks = o->is_protected || o->pull_request != NULL || o->reviewer_count > 0;

    if (!s->present) {
        return asks ? cli_fail(CLI_USAGE, o->name, "--protected, --pull-request and --reviewer go with --from-git")
                    : CLI_OK;
    }
    json_put_object(out, "source");
    json_put_array(out, "authors");
    for (size_t i = 0; i < s->author_count; i++) {
        json_put_str(out, NULL, s->authors[i]);
    }
    json_put_close(out);
    json_put_str(out, "commit", s->commit);
    json_put_uint(out, "commits", s->commits);
    json_put_uint(out, "files_changed", s->files_changed);
    json_put_uint(out, "lines_added", s->lines_added);
    json_put_uint(out, "lines_removed", s->lines_removed);
    if (o->is_protected) {
        json_put_bool(out, "protected", true);
    }
    const int status = put_pull_request(o, out);
    json_put_str(out, "ref", s->ref);
    json_put_str(out, "repository", s->repository);
    put_reviewers(o, out);
    json_put_str(out, "since", s->since);
    json_put_close(out);
    return status;
}

/* What was said of going back, whole or not at all. */
static int put_rollback(const struct pipe_options *o, struct json_out *out)
{
    const bool any =
        o->back_artifact_count > 0 || o->back_trigger_count > 0 || o->back_config != NULL || o->back_plan != NULL;
    if (!any) {
        return CLI_OK;
    }
    if (o->back_artifact_count == 0 || o->back_trigger_count == 0) {
        return cli_fail(CLI_USAGE, o->name, "--rollback-artifact and --rollback-trigger go together");
    }
    json_put_object(out, "rollback");
    int status = put_artifacts(o, out, o->back_artifacts, o->back_artifact_count, true);
    status = status == CLI_OK ? pipe_put_digest(o, out, "config_sha256", o->back_config) : status;
    status = status == CLI_OK ? pipe_put_digest(o, out, "plan_sha256", o->back_plan) : status;
    json_put_array(out, "triggers");
    for (size_t i = 0; i < o->back_trigger_count; i++) {
        json_put_text(out, NULL, o->back_triggers[i]);
    }
    json_put_close(out);
    json_put_close(out);
    return status;
}

static void put_text(struct json_out *out, const char *key, const char *text)
{
    if (text != NULL) {
        json_put_text(out, key, text);
    }
}

/* Members in sorted order, as everywhere. */
static int put_body(const struct pipe_options *o, struct arena *arena, struct json_out *out)
{
    struct request_source source = {0};
    uint64_t revises = 0;

    if (o->from_git) {
        const struct cs_result r = client_git_read(o->repo, arena, &source);
        if (r.code != CS_OK) {
            return git_failed(o, r);
        }
    }
    if (o->revises != NULL && text_dec_decode(span_str(o->revises), &revises, "revises").code != CS_OK) {
        return cli_fail(CLI_USAGE, o->name, "--revises: %s is no request", o->revises);
    }
    json_put_object(out, NULL);
    int status = pipe_put_artifacts(o, out);
    status = status == CLI_OK ? put_pairs(o, out, "attributes", o->attributes, o->attribute_count) : status;
    json_put_text(out, "change_type", o->change_type != NULL ? o->change_type : "normal");
    status = status == CLI_OK ? pipe_put_digest(o, out, "config_sha256", o->config) : status;
    status = status == CLI_OK ? put_pairs(o, out, "documentation", o->docs, o->doc_count) : status;
    put_text(out, "environment", o->environment);
    status = status == CLI_OK ? put_evidence(o, out) : status;
    put_text(out, "initiator", o->initiator);
    status = status == CLI_OK ? pipe_put_digest(o, out, "plan_sha256", o->plan) : status;
    if (o->revises != NULL) {
        json_put_uint(out, "revises", revises);
    }
    status = status == CLI_OK ? put_rollback(o, out) : status;
    put_text(out, "service", o->service);
    status = status == CLI_OK ? put_source(o, out, &source) : status;
    put_text(out, "ticket", o->ticket);
    put_text(out, "ticket_state", o->ticket_state);
    put_text(out, "ticket_system", o->ticket_system);
    put_text(out, "title", o->title);
    put_text(out, "trigger", o->trigger);
    json_put_close(out);
    return status;
}

static int submitted(const struct pipe_options *o, struct client *c, const struct client_reply *reply)
{
    struct arena arena;
    const struct json_value *top = NULL;
    char id[24] = {0};
    struct writer w = wr_fixed(id, sizeof(id) - 1);
    int status = CLI_OK;

    arena_init(&arena, PIPE_ARENA);
    const struct json_value *v =
        json_tree_parse(wr_span(&reply->body), &arena, &top).code == CS_OK ? json_tree_member(top, "id") : NULL;
    if (v == NULL || v->kind != JSON_INT || v->number < 0) {
        status = cli_fail(CLI_VERIFY, o->name, "the server's answer names no request");
    } else {
        wr_dec(&w, (uint64_t)v->number);
        if (o->json) {
            pipe_print(reply);
        } else {
            (void)printf("request %s %s\n", id, reply->status == 201 ? "opened" : "was opened before");
            file_show(stdout, pipe_text(top, "url"));
            (void)fputc('\n', stdout);
        }
        (void)fflush(stdout);
        status = o->wait ? pipe_wait(o, c, id, true) : CLI_OK;
    }
    arena_release(&arena);
    return status;
}

static int submit(const struct pipe_options *o)
{
    struct arena arena;
    struct client *c = NULL;
    struct client_reply reply;
    AUTO_WRITER body = wr_heap(BODY_MAX);
    struct json_out out = json_out_make(&body);

    arena_init(&arena, PIPE_ARENA);
    int status = put_body(o, &arena, &out);
    arena_release(&arena);
    if (status == CLI_OK && json_out_end(&out, "request").code != CS_OK) {
        status = cli_fail(CLI_USAGE, o->name, "the request is too long, or has a name or text that cannot be sent");
    }
    status = status == CLI_OK ? pipe_open(o, &c) : status;
    if (status == CLI_OK) {
        const struct client_ask ask = {.method = "POST",
                                       .path = "/v1/requests",
                                       .body = wr_span(&body),
                                       .key = o->key,
                                       .timeout_s = PIPE_CALL_S,
                                       .max_bytes = PIPE_ANSWER_MAX};
        status = pipe_call(o, c, &ask, &reply);
        if (status == CLI_OK) {
            status = submitted(o, c, &reply);
            wr_release(&reply.body);
        }
    }
    client_close(c);
    return status;
}

int cli_submit(int argc, char **argv)
{
    struct pipe_options o;
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    status = o.wait ? pipe_may_prove(&o) : CLI_OK; /* before anything is asked for */
    return status == CLI_OK ? submit(&o) : status;
}
