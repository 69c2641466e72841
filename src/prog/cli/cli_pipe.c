/* SPDX-License-Identifier: Apache-2.0 */
#include "cli_pipe.h"

#include <getopt.h>
#include <time.h>

#include "base/base_text.h"

enum { WAIT_DEFAULT_S = 3600, SECONDS_MAX = 31 * 86400 };

/* One row an option: where its value goes. */
enum place { PLACE_TEXT, PLACE_FLAG, PLACE_MANY, PLACE_NUMBER };

struct option_row {
    const char *name;
    enum place place;
    size_t offset;
    size_t count_offset; /* of PLACE_MANY */
};

#define TEXT_ROW(n, m)                                                                                                 \
    {                                                                                                                  \
        n, PLACE_TEXT, offsetof(struct pipe_options, m), 0                                                             \
    }
#define FLAG_ROW(n, m)                                                                                                 \
    {                                                                                                                  \
        n, PLACE_FLAG, offsetof(struct pipe_options, m), 0                                                             \
    }
#define NUMBER_ROW(n, m)                                                                                               \
    {                                                                                                                  \
        n, PLACE_NUMBER, offsetof(struct pipe_options, m), 0                                                           \
    }
#define MANY_ROW(n, m, k)                                                                                              \
    {                                                                                                                  \
        n, PLACE_MANY, offsetof(struct pipe_options, m), offsetof(struct pipe_options, k)                              \
    }

static const struct option_row rows[] = {
    TEXT_ROW("server", server.url),
    TEXT_ROW("ca", server.ca),
    TEXT_ROW("cert", server.cert),
    TEXT_ROW("key", server.key),
    TEXT_ROW("token-file", server.token_file),
    FLAG_ROW("json", json),
    FLAG_ROW("quiet", quiet),
    FLAG_ROW("from-git", from_git),
    FLAG_ROW("protected", is_protected),
    FLAG_ROW("wait", wait),
    FLAG_ROW("redeemed", redeemed),
    FLAG_ROW("rollback", rollback),
    FLAG_ROW("dry-run", dry_run),
    TEXT_ROW("repo", repo),
    TEXT_ROW("title", title),
    TEXT_ROW("environment", environment),
    TEXT_ROW("service", service),
    TEXT_ROW("change-type", change_type),
    TEXT_ROW("initiator", initiator),
    TEXT_ROW("trigger", trigger),
    TEXT_ROW("ticket", ticket),
    TEXT_ROW("ticket-state", ticket_state),
    TEXT_ROW("ticket-system", ticket_system),
    TEXT_ROW("pull-request", pull_request),
    TEXT_ROW("idempotency-key", key),
    TEXT_ROW("revises", revises),
    TEXT_ROW("config", config),
    TEXT_ROW("plan", plan),
    TEXT_ROW("reason", reason),
    TEXT_ROW("trust", trust),
    TEXT_ROW("out", out),
    TEXT_ROW("format", format),
    TEXT_ROW("receipt", receipt),
    TEXT_ROW("key-file", key_file),
    TEXT_ROW("result", result),
    TEXT_ROW("incident", incident),
    TEXT_ROW("trigger-met", met),
    TEXT_ROW("rollback-config", back_config),
    TEXT_ROW("rollback-plan", back_plan),
    TEXT_ROW("started", started),
    TEXT_ROW("finished", finished),
    MANY_ROW("artifact", artifacts, artifact_count),
    MANY_ROW("rollback-artifact", back_artifacts, back_artifact_count),
    MANY_ROW("rollback-trigger", back_triggers, back_trigger_count),
    MANY_ROW("junit", junit, junit_count),
    MANY_ROW("reviewer", reviewers, reviewer_count),
    MANY_ROW("doc", docs, doc_count),
    MANY_ROW("attribute", attributes, attribute_count),
    NUMBER_ROW("timeout", timeout_s),
    NUMBER_ROW("from", from),
    NUMBER_ROW("to", to),
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]), HELP = ROWS + 1 };

/* A command takes only the options that its usage names. */
static bool offered(const char *usage, const char *option)
{
    char word[64];
    (void)snprintf(word, sizeof(word), "--%s", option);
    const size_t n = strlen(word);
    for (const char *at = strstr(usage, word); at != NULL; at = strstr(at + 1, word)) {
        if (strchr(" \n]|", at[n]) != NULL) {
            return true;
        }
    }
    return false;
}

static bool put(const struct option_row *row, const char *value, struct pipe_options *o)
{
    uint8_t *at = (uint8_t *)o + row->offset;
    const bool yes = true;
    uint64_t number = 0;
    size_t count = 0;

    switch (row->place) {
    case PLACE_TEXT:
        memcpy(at, &value, sizeof(value));
        return true;
    case PLACE_FLAG:
        memcpy(at, &yes, sizeof(yes));
        return true;
    case PLACE_NUMBER:
        if (text_dec_decode(span_str(value), &number, row->name).code != CS_OK || number > (uint64_t)JSON_INT_MAX) {
            return false;
        }
        memcpy(at, &number, sizeof(number));
        o->has_to = o->has_to || strcmp(row->name, "to") == 0;
        return true;
    case PLACE_MANY:
        memcpy(&count, (uint8_t *)o + row->count_offset, sizeof(count));
        if (count == PIPE_MANY) {
            return false;
        }
        memcpy(at + count * sizeof(value), &value, sizeof(value));
        count++;
        memcpy((uint8_t *)o + row->count_offset, &count, sizeof(count));
        return true;
    }
    return false;
}

static size_t known_options(const char *usage, struct option list[ROWS + 2])
{
    size_t n = 0;
    for (int i = 0; i < ROWS; i++) {
        if (offered(usage, rows[i].name)) {
            const int takes = rows[i].place == PLACE_FLAG ? no_argument : required_argument;
            list[n++] = (struct option){rows[i].name, takes, NULL, i + 1};
        }
    }
    list[n++] = (struct option){"help", no_argument, NULL, HELP};
    list[n] = (struct option){0};
    return n;
}

/* What stands beside the options: the request, and for some commands a line and a file, or a file alone. */
static bool take_words(int argc, char **argv, const char *usage, struct pipe_options *o)
{
    const bool id = strstr(usage, " ID") != NULL;
    const bool line = strstr(usage, " RULE/LINE FILE ") != NULL;
    const bool file = line || strstr(usage, " RECEIPT FILE\n") != NULL;
    const int most = (id ? 1 : 0) + (line ? 1 : 0) + (file ? 1 : 0);
    const int left = argc - optind;
    uint64_t number = 0;

    if (left == 0) {
        return true;
    }
    if (left != most) {
        return false;
    }
    o->id = id ? argv[optind] : NULL;
    o->line = line ? argv[optind + 1] : NULL;
    o->file = file ? argv[argc - 1] : NULL;
    return o->id == NULL || text_dec_decode(span_str(o->id), &number, "id").code == CS_OK;
}

int pipe_read(int argc, char **argv, const char *usage, struct pipe_options *ret_options)
{
    struct option list[ROWS + 2];
    struct pipe_options o = {.name = argv[0], .timeout_s = WAIT_DEFAULT_S, .repo = "."};
    int id = 0;

    (void)known_options(usage, list);
    while ((id = getopt_long(argc, argv, "", list, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (id == HELP) {
            (void)fputs(usage, stdout);
            return CLI_OK;
        }
        if (id < 1 || id > ROWS) {
            (void)fputs(usage, stderr);
            return CLI_USAGE;
        }
        if (!put(&rows[id - 1], optarg, &o)) {
            return cli_fail(CLI_USAGE, o.name, "--%s: not a number, or given too often", rows[id - 1].name);
        }
    }
    if (!take_words(argc, argv, usage, &o) || o.timeout_s > SECONDS_MAX) {
        (void)fputs(usage, stderr);
        return CLI_USAGE;
    }
    *ret_options = o;
    return -1;
}

int pipe_open(const struct pipe_options *o, struct client **ret_client)
{
    if (o->server.url == NULL) {
        return cli_fail(CLI_USAGE, o->name, "--server https://HOST[:PORT] is missing");
    }
    if ((o->server.cert == NULL) != (o->server.key == NULL)) {
        return cli_fail(CLI_USAGE, o->name, "--cert and --key go together");
    }
    const struct cs_result r = client_open(&o->server, ret_client);
    if (r.code == CS_OK) {
        return CLI_OK;
    }
    if (strcmp(r.msg, "server") == 0) {
        return cli_fail(CLI_USAGE, o->name, "--server must begin with https://");
    }
    return cli_fail(CLI_USAGE, o->name, "the %s %s", r.msg, cs_code_text(r.code));
}

struct span pipe_text(const struct json_value *top, const char *member)
{
    const struct json_value *v = json_tree_member(top, member);
    return v != NULL && v->kind == JSON_STRING ? v->text : SPAN_NONE;
}

void pipe_print(const struct client_reply *reply)
{
    const struct span s = wr_span(&reply->body);
    (void)printf("%.*s\n", (int)s.left, s.left > 0 ? (const char *)s.p : "");
}

/* What may change by itself, or by others, leaves the approval as it is: the status of such a one is `paused`. */
static int refused_exit(struct span code)
{
    static const struct {
        const char *code;
        int status;
    } known[] = {
        {"rejected", CLI_REJECTED},     {"withdrawn", CLI_REJECTED},     {"superseded", CLI_REJECTED},
        {"redeemed", CLI_USED},         {"expired", CLI_EXPIRED},        {"lapsed", CLI_EXPIRED},
        {"drifted", CLI_DRIFTED},       {"void", CLI_DRIFTED},           {"paused", CLI_FROZEN},
        {"not_approved", CLI_PENDING},  {"unavailable", CLI_REACH},      {"catching_up", CLI_REACH},
        {"not_open", CLI_REJECTED},     {"frozen", CLI_FROZEN},          {"not_responder", CLI_FROZEN},
        {"closed_now", CLI_FROZEN},     {"soaking", CLI_FROZEN},         {"soak_cut", CLI_FROZEN},
        {"stage_failed", CLI_FROZEN},   {"not_promoted", CLI_FROZEN},    {"evidence_missing", CLI_FROZEN},
        {"evidence_old", CLI_FROZEN},   {"evidence_limit", CLI_FROZEN},  {"evidence_baseline", CLI_FROZEN},
        {"too_few_signed", CLI_FROZEN}, {"evidence_source", CLI_FROZEN},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (span_is(code, known[i].code)) {
            return known[i].status;
        }
    }
    return CLI_FAILED;
}

static void say_faults(const struct json_value *top)
{
    const struct json_value *faults = json_tree_member(top, "faults");
    for (const struct json_value *f = faults != NULL ? faults->child : NULL; f != NULL; f = f->next) {
        (void)fputs("  ", stderr);
        file_show(stderr, pipe_text(f, "pointer"));
        (void)fputs(": ", stderr);
        file_show(stderr, pipe_text(f, "detail"));
        (void)fputc('\n', stderr);
    }
}

static void say_refusal(const struct pipe_options *o, const struct json_value *top)
{
    const struct span title = pipe_text(top, "title");
    const struct span detail = pipe_text(top, "detail");

    (void)fprintf(stderr, "countersign %s: ", o->name);
    file_show(stderr, title);
    if (detail.left > 0 && !span_eq(detail, title)) {
        (void)fputc(' ', stderr);
        file_show(stderr, detail);
    }
    (void)fputs(" (", stderr);
    file_show(stderr, pipe_text(top, "code"));
    (void)fputs(")\n", stderr);
    say_faults(top);
}

int pipe_refused(const struct pipe_options *o, const struct client_reply *reply)
{
    struct arena arena;
    const struct json_value *top = NULL;
    int status = CLI_FAILED;

    arena_init(&arena, PIPE_ARENA);
    if (json_tree_parse(wr_span(&reply->body), &arena, &top).code == CS_OK) {
        status = refused_exit(pipe_text(top, "code"));
        say_refusal(o, top);
    } else {
        status = cli_fail(CLI_FAILED, o->name, "the server answered %ld", reply->status);
    }
    arena_release(&arena);
    return status;
}

/* What a call gave; the reply is released here unless it is good. */
static int take_reply(const struct pipe_options *o, struct cs_result r, struct client_reply *reply,
                      struct client_reply *ret_reply)
{
    if (r.code != CS_OK) {
        return cli_fail(CLI_REACH, o->name, "%s: %s", o->server.url, r.msg);
    }
    if (reply->status < 200 || (reply->status > 299 && reply->status != 304)) {
        const int status = pipe_refused(o, reply);
        wr_release(&reply->body);
        return status;
    }
    *ret_reply = *reply;
    return CLI_OK;
}

int pipe_call(const struct pipe_options *o, struct client *c, const struct client_ask *ask,
              struct client_reply *ret_reply)
{
    struct client_reply reply;
    const struct cs_result r = client_call(c, ask, &reply);

    return take_reply(o, r, &reply, ret_reply);
}

int pipe_status_exit(struct span word)
{
    static const struct {
        const char *word;
        int status;
    } known[] = {
        {"approved", CLI_OK},       {"applied", CLI_OK},         {"redeemed", CLI_USED},
        {"succeeded", CLI_USED},    {"failed", CLI_USED},        {"rolled_back", CLI_USED},
        {"rejected", CLI_REJECTED}, {"withdrawn", CLI_REJECTED}, {"superseded", CLI_REJECTED},
        {"expired", CLI_EXPIRED},   {"lapsed", CLI_EXPIRED},     {"void", CLI_DRIFTED},
        {"paused", CLI_FROZEN},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (span_is(word, known[i].word)) {
            return known[i].status;
        }
    }
    return CLI_PENDING;
}

const char *pipe_path(const char *id, const char *rest, char into[PIPE_PATH_MAX])
{
    (void)snprintf(into, PIPE_PATH_MAX, "/v1/requests/%s%s", id, rest);
    return into;
}

/* Busy is over soon: another file of this client is on its way in. */
static int ask_until(const struct pipe_options *o, struct client *c, const struct client_ask *ask, unsigned busy_s,
                     struct client_reply *ret_reply)
{
    for (unsigned waited_s = 0;; waited_s++) {
        struct client_reply reply;
        const struct cs_result r = client_call(c, ask, &reply);
        if (r.code != CS_OK || reply.status != 503 || waited_s >= busy_s) {
            return take_reply(o, r, &reply, ret_reply);
        }
        wr_release(&reply.body);
        (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    }
}

int pipe_ask(const struct pipe_options *o, const struct pipe_ask *a, struct client_reply *ret_reply)
{
    struct client *c = NULL;
    char path[PIPE_PATH_MAX];

    if (o->id == NULL) {
        return cli_fail(CLI_USAGE, o->name, "the request's ID is missing");
    }
    int status = pipe_open(o, &c);
    if (status == CLI_OK) {
        const struct client_ask ask = {.method = a->method,
                                       .path = pipe_path(o->id, a->rest, path),
                                       .body = a->body,
                                       .artifacts = a->artifacts,
                                       .timeout_s = a->timeout_s != 0 ? a->timeout_s : (unsigned)PIPE_CALL_S,
                                       .max_bytes = PIPE_ANSWER_MAX};
        status = ask_until(o, c, &ask, a->busy_s, ret_reply);
    }
    client_close(c);
    return status;
}
