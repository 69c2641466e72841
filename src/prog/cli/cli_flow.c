/* SPDX-License-Identifier: Apache-2.0 */
/* What a pipeline does after it has asked: wait, report, withdraw; and look. */
#include "cli_pipe.h"

#include <time.h>
#include <unistd.h>

#include "base/base_text.h"

enum {
    LONG_POLL_S = 30,
    BACK_OFF_MAX_S = 15,
};

static uint64_t steady_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec;
}

/* ---- wait ---- */

struct waiting {
    struct client *c;
    const char *id;
    bool all;
    char etag[CLIENT_ETAG_MAX];
    uint64_t end_s;
    unsigned back_off_s;
    int status;  /* CLI_PENDING until it is final */
    bool paused; /* as far as was seen last */
};

static void progress(const struct pipe_options *o, const struct json_value *top)
{
    const struct span text = pipe_text(top, "progress");
    if (!o->quiet && text.left > 0 && isatty(STDERR_FILENO) == 1) {
        (void)fputs("\r\033[K", stderr);
        file_show(stderr, text);
    }
}

static void end_progress(const struct pipe_options *o)
{
    if (!o->quiet && isatty(STDERR_FILENO) == 1) {
        (void)fputc('\n', stderr);
    }
}

/* "approved: 2 of 2 signatures" */
static void print_state(const struct json_value *top)
{
    file_show(stdout, pipe_text(top, "status"));
    (void)fputs(": ", stdout);
    file_show(stdout, pipe_text(top, "progress"));
    (void)fputc('\n', stdout);
}

static void say_final(const struct pipe_options *o, const struct client_reply *reply, const struct json_value *top)
{
    end_progress(o);
    if (o->json) {
        pipe_print(reply);
    } else {
        print_state(top);
    }
}

static void back_off(struct waiting *w)
{
    w->back_off_s = w->back_off_s == 0 ? 1 : (w->back_off_s < BACK_OFF_MAX_S ? w->back_off_s * 2 : BACK_OFF_MAX_S);
}

/* The server says yes: its receipt has to. A server that is away now is asked again from the start. */
static int prove(const struct pipe_options *o, struct waiting *w)
{
    char path[PIPE_PATH_MAX];
    const struct client_ask ask = {.method = "GET",
                                   .path = pipe_path(w->id, "/receipt", path),
                                   .timeout_s = PIPE_CALL_S,
                                   .max_bytes = PIPE_ANSWER_MAX};
    struct client_reply reply;

    if (client_call(w->c, &ask, &reply).code != CS_OK) {
        w->status = CLI_PENDING;
        back_off(w);
        return CLI_OK;
    }
    int status = CLI_OK;
    if (reply.status == 200) {
        status = pipe_prove(o, w->id, wr_span(&reply.body), &(struct pipe_want){.unused = true, .all = w->all});
        status = status == CLI_PENDING ? CLI_VERIFY : status; /* the server said otherwise */
    } else if (reply.status == 503 || reply.status == 429) {
        w->status = CLI_PENDING;
        back_off(w);
    } else {
        status = pipe_refused(o, &reply);
    }
    wr_release(&reply.body);
    return status;
}

/* What a good answer says; w->status is set when the request is final. */
static int take_state(const struct pipe_options *o, struct waiting *w, const struct client_reply *reply,
                      const struct json_value *top)
{
    int status = CLI_OK;

    w->status = pipe_status_exit(pipe_text(top, "status"));
    w->paused = w->status == CLI_FROZEN;
    w->status = w->paused ? CLI_PENDING : w->status; /* it may go on */
    progress(o, top);
    if (w->status == CLI_OK) {
        end_progress(o);
        status = prove(o, w);
    }
    if (w->status == CLI_PENDING) {
        (void)snprintf(w->etag, sizeof(w->etag), "%s", w->back_off_s == 0 ? reply->etag : "");
    } else if (status == CLI_OK) {
        say_final(o, reply, top);
    }
    return status;
}

static int take_answer(const struct pipe_options *o, struct waiting *w, const struct client_reply *reply)
{
    struct arena arena;
    const struct json_value *top = NULL;
    int status = CLI_OK;

    w->back_off_s = 0;
    if (reply->status == 304) {
        return CLI_OK;
    }
    arena_init(&arena, PIPE_ARENA);
    if (json_tree_parse(wr_span(&reply->body), &arena, &top).code != CS_OK) {
        status = cli_fail(CLI_VERIFY, o->name, "the server's answer is not what it should be");
    } else {
        status = take_state(o, w, reply, top);
    }
    arena_release(&arena);
    return status;
}

/* A server that is away may come back: only a refusal ends the wait. */
static int poll_once(const struct pipe_options *o, const char *path, struct waiting *w)
{
    const struct client_ask ask = {.method = "GET",
                                   .path = path,
                                   .etag = w->etag[0] != '\0' ? w->etag : NULL,
                                   .timeout_s = LONG_POLL_S * 2,
                                   .max_bytes = PIPE_ANSWER_MAX};
    struct client_reply reply;
    const struct cs_result r = client_call(w->c, &ask, &reply);

    if (r.code == CS_E_BADSIG) {
        return cli_fail(CLI_REACH, o->name, "%s: %s", o->server.url, r.msg);
    }
    if (r.code != CS_OK) {
        back_off(w);
        return CLI_OK;
    }
    int status = CLI_OK;
    if (reply.status == 200 || reply.status == 304) {
        status = take_answer(o, w, &reply);
    } else if (reply.status == 503 || reply.status == 429) {
        w->back_off_s = w->back_off_s < BACK_OFF_MAX_S ? w->back_off_s + 1 : BACK_OFF_MAX_S;
    } else {
        status = pipe_refused(o, &reply);
    }
    wr_release(&reply.body);
    return status;
}

/* Time is up: not decided, or nobody there to say so. */
static int gave_up(const struct pipe_options *o, const struct waiting *w, const char *id)
{
    end_progress(o);
    if (w->back_off_s > 0) {
        return cli_fail(CLI_REACH, o->name, "%s cannot be reached", o->server.url);
    }
    return w->paused ? cli_fail(CLI_FROZEN, o->name, "%s: paused", id)
                     : cli_fail(CLI_PENDING, o->name, "%s: not decided yet", id);
}

static void rest_a_while(unsigned seconds)
{
    const struct timespec t = {.tv_sec = (time_t)seconds};
    (void)nanosleep(&t, NULL);
}

int pipe_wait(const struct pipe_options *o, struct client *c, const char *id, bool all)
{
    struct waiting w = {.c = c, .id = id, .all = all, .end_s = steady_s() + o->timeout_s, .status = CLI_PENDING};
    char path[PIPE_PATH_MAX];
    char rest[32];
    uint64_t left = o->timeout_s;

    do {
        (void)snprintf(rest, sizeof(rest), "?wait=%u", (unsigned)(left < LONG_POLL_S ? left : (uint64_t)LONG_POLL_S));
        const int status = poll_once(o, pipe_path(id, rest, path), &w);
        if (status != CLI_OK || w.status != CLI_PENDING) {
            return status != CLI_OK ? status : w.status;
        }
        rest_a_while(w.back_off_s);
        const uint64_t at = steady_s();
        left = at >= w.end_s ? 0 : w.end_s - at;
    } while (left > 0);
    return gave_up(o, &w, id);
}

/* ---- commands of one call ---- */

int cli_wait(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign wait ID --trust FILE --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
        "  --trust FILE       what you pin; exit status 0 only if the receipt proves that people approved\n"
        "  --environment NAME the approval must be for this environment, as --service\n"
        "  --service NAME     for this service\n"
        "  --artifact NAME=FILE and name this file; it may name others\n"
        "  --timeout SECONDS  how long (3600); then exit status 10\n"
        "  --json             the last answer on stdout\n"
        "  --quiet            no progress\n"
        "  --help\n";
    struct pipe_options o;
    struct client *c = NULL;
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    if (o.id == NULL) {
        return cli_fail(CLI_USAGE, o.name, "the request's ID is missing");
    }
    status = pipe_may_prove(&o);
    status = status == CLI_OK ? pipe_open(&o, &c) : status;
    if (status == CLI_OK) {
        status = pipe_wait(&o, c, o.id, false);
    }
    client_close(c);
    return status;
}

static void print_status(const struct json_value *top)
{
    const struct span title = pipe_text(json_tree_member(top, "request"), "title");

    print_state(top);
    if (title.left > 0) {
        (void)fputs("title: ", stdout);
        file_show(stdout, title);
        (void)fputc('\n', stdout);
    }
}

/* Asks the server, and shows what it says of the request. */
static int look(int argc, char **argv, const char *usage, const char *rest,
                int (*show)(const struct json_value *top, bool print))
{
    struct pipe_options o;
    struct client_reply reply;
    struct arena arena;
    const struct json_value *top = NULL;
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    status = pipe_ask(&o, &(struct pipe_ask){.method = "GET", .rest = rest}, &reply);
    if (status != CLI_OK) {
        return status;
    }
    arena_init(&arena, PIPE_ARENA);
    if (json_tree_parse(wr_span(&reply.body), &arena, &top).code != CS_OK) {
        status = cli_fail(CLI_VERIFY, o.name, "the server's answer is not what it should be");
    } else {
        status = show(top, !o.json);
        if (o.json) {
            pipe_print(&reply);
        }
    }
    arena_release(&arena);
    wr_release(&reply.body);
    return status;
}

static int show_status(const struct json_value *top, bool print)
{
    if (print) {
        print_status(top);
    }
    return pipe_status_exit(pipe_text(top, "status"));
}

int cli_status(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign status ID --server URL --token-file FILE [options]\n"
        "       countersign status --local --help\n"
        "  What the server says, unproved: before a deployment, `countersign redeem` proves.\n" PIPE_SERVER_USAGE
        "  --json             the server's answer on stdout\n"
        "  --help\n";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--local") == 0) {
            return cli_local_status(argc, argv);
        }
    }
    return look(argc, argv, usage, "", show_status);
}

static void print_number(const struct json_value *line, const char *member, const char *before)
{
    const struct json_value *v = json_tree_member(line, member);
    if (v != NULL && v->kind == JSON_INT) {
        (void)printf("%s%lld", before, (long long)v->number);
    }
}

/* Filled up with spaces to this width, as far as the text itself is shorter. */
static void print_column(struct span text, size_t width)
{
    file_show(stdout, text);
    (void)printf("%*s", text.left < width ? (int)(width - text.left) : 1, "");
}

/* Its value says more than that it is there or not. */
static bool is_measured(struct span kind)
{
    static const char *const kinds[] = {"emergency", "evidence", "freeze", "promotion", "source", "ticket", "window"};
    size_t i = 0;
    while (i < sizeof(kinds) / sizeof(kinds[0]) && !span_is(kind, kinds[i])) {
        i++;
    }
    return i < sizeof(kinds) / sizeof(kinds[0]);
}

static void print_line(const struct json_value *line)
{
    const struct span limit = pipe_text(line, "limit");
    const struct span role = pipe_text(line, "role");

    print_column(pipe_text(line, "state"), 8);
    print_column(pipe_text(line, "kind"), 10);
    file_show(stdout, pipe_text(line, "rule"));
    (void)fputc('/', stdout);
    file_show(stdout, pipe_text(line, "id"));
    if (role.left > 0) {
        const bool votes = pipe_text(line, "quorum").left > 0;
        print_number(line, "have", "  ");
        print_number(line, votes ? "of" : "count", " of ");
        if (votes) {
            print_number(line, "count", ", needs ");
        }
        (void)fputs(" of role ", stdout);
        file_show(stdout, role);
    } else if (limit.left > 0) {
        (void)fputs("  ", stdout);
        file_show(stdout, limit);
    }
    if (is_measured(pipe_text(line, "kind")) && pipe_text(line, "value").left > 0) {
        (void)fputs("  is ", stdout);
        file_show(stdout, pipe_text(line, "value"));
    }
    (void)fputc('\n', stdout);
}

static void print_earned(struct span rule, const struct json_value *earned)
{
    (void)fputs("earned  ", stdout);
    print_number(earned, "count", "");
    (void)fputs(" are enough in ", stdout);
    file_show(stdout, rule);
    (void)fputc('/', stdout);
    file_show(stdout, pipe_text(earned, "seat"));
    (void)fputs(": ", stdout);
    file_show(stdout, pipe_text(earned, "because"));
    (void)fputc('\n', stdout);
}

static void print_rule(const struct json_value *rule)
{
    const struct json_value *earned = json_tree_member(rule, "earned");

    (void)fputs("applies ", stdout);
    file_show(stdout, pipe_text(rule, "rule"));
    (void)fputs(": ", stdout);
    file_show(stdout, pipe_text(rule, "because"));
    (void)fputc('\n', stdout);
    for (const struct json_value *v = earned != NULL ? earned->child : NULL; v != NULL; v = v->next) {
        print_earned(pipe_text(rule, "rule"), v);
    }
}

static void print_each(const struct json_value *top, const char *member, void (*print)(const struct json_value *))
{
    const struct json_value *list = json_tree_member(top, member);
    for (const struct json_value *v = list != NULL ? list->child : NULL; v != NULL; v = v->next) {
        print(v);
    }
}

static int show_sheet(const struct json_value *top, bool print)
{
    if (print) {
        print_each(top, "rules", print_rule);
        print_each(top, "sheet", print_line);
    }
    return CLI_OK;
}

int cli_explain(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign explain ID --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
        "  --json             the server's answer on stdout\n"
        "  --help\n";
    return look(argc, argv, usage, "/explain", show_sheet);
}

/* A command's answer is the request as it stands now. It must at least be JSON to be passed on as such. */
static int done(const struct pipe_options *o, struct client_reply *reply, const char *what)
{
    struct arena arena;
    const struct json_value *top = NULL;
    int status = CLI_OK;

    arena_init(&arena, PIPE_ARENA);
    if (!o->json) {
        (void)printf("request %s: %s is recorded\n", o->id, what);
    } else if (json_tree_parse(wr_span(&reply->body), &arena, &top).code == CS_OK) {
        pipe_print(reply);
    } else {
        status = cli_fail(CLI_VERIFY, o->name, "the server's answer is not what it should be");
    }
    arena_release(&arena);
    wr_release(&reply->body);
    return status;
}

int cli_withdraw(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign withdraw ID --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
        "  --reason TEXT      why\n"
        "  --json             the server's answer on stdout\n"
        "  --help\n";
    struct pipe_options o;
    struct client_reply reply;
    AUTO_WRITER body = wr_heap(PIPE_BODY_MAX);
    struct json_out out = json_out_make(&body);
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    json_put_object(&out, NULL);
    if (o.reason != NULL) {
        json_put_text(&out, "reason", o.reason);
    }
    json_put_close(&out);
    if (json_out_end(&out, "withdraw").code != CS_OK) {
        return cli_fail(CLI_USAGE, o.name, "--reason cannot be sent");
    }
    status = pipe_ask(&o, &(struct pipe_ask){.method = "POST", .rest = "/withdraw", .body = wr_span(&body)}, &reply);
    return status == CLI_OK ? done(&o, &reply, "withdrawn") : status;
}

static bool time_of(const char *text, uint64_t otherwise, uint64_t *ret_ms)
{
    *ret_ms = otherwise;
    return text == NULL || text_time_decode(span_str(text), ret_ms, "time").code == CS_OK;
}

int cli_report(int argc, char **argv)
{
    static const char usage[] = "usage: countersign report ID --result succeeded|failed|rolled_back --server URL\n"
                                "                          --token-file FILE [options]\n" PIPE_SERVER_USAGE
                                "  --result WORD      how the deployment went\n"
                                "  --incident ID      what it caused\n"
                                "  --trigger-met NAME of what failed: which of the rollback's triggers\n"
                                "  --started TIME     2026-01-05T09:00:00.000Z (now)\n"
                                "  --finished TIME    (now)\n"
                                "  --json             the server's answer on stdout\n"
                                "  --help\n";
    struct pipe_options o;
    struct client_reply reply;
    uint64_t started = 0;
    uint64_t finished = 0;
    AUTO_WRITER body = wr_heap(PIPE_BODY_MAX);
    struct json_out out = json_out_make(&body);
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    const uint64_t now = cli_now_ms();
    if (o.result == NULL || !time_of(o.started, now, &started) || !time_of(o.finished, now, &finished)) {
        return cli_fail(CLI_USAGE, o.name, "--result is missing, or a time is not like 2026-01-05T09:00:00.000Z");
    }
    json_put_object(&out, NULL);
    json_put_time(&out, "finished", finished);
    if (o.incident != NULL) {
        json_put_text(&out, "incident", o.incident);
    }
    json_put_text(&out, "result", o.result);
    json_put_time(&out, "started", started);
    if (o.met != NULL) {
        json_put_text(&out, "trigger", o.met);
    }
    json_put_close(&out);
    if (json_out_end(&out, "report").code != CS_OK) {
        return cli_fail(CLI_USAGE, o.name, "the report cannot be sent");
    }
    status = pipe_ask(&o, &(struct pipe_ask){.method = "POST", .rest = "/outcome", .body = wr_span(&body)}, &reply);
    return status == CLI_OK ? done(&o, &reply, o.result) : status;
}
