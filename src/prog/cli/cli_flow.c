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
    char etag[CLIENT_ETAG_MAX];
    uint64_t end_s;
    unsigned back_off_s;
    int status; /* CLI_PENDING until it is final */
};

static void progress(const struct pipe_options *o, const struct json_value *top)
{
    const struct span text = pipe_text(top, "progress");
    if (!o->quiet && text.left > 0 && isatty(STDERR_FILENO) == 1) {
        (void)fprintf(stderr, "\r\033[K%.*s", (int)text.left, (const char *)text.p);
    }
}

static void end_progress(const struct pipe_options *o)
{
    if (!o->quiet && isatty(STDERR_FILENO) == 1) {
        (void)fputc('\n', stderr);
    }
}

static void say_final(const struct pipe_options *o, const struct client_reply *reply, const struct json_value *top)
{
    const struct span word = pipe_text(top, "status");
    const struct span text = pipe_text(top, "progress");
    end_progress(o);
    if (o->json) {
        pipe_print(reply);
    } else {
        (void)printf("%.*s: %.*s\n", (int)word.left, (const char *)word.p, (int)text.left,
                     text.left > 0 ? (const char *)text.p : "");
    }
}

/* One answer of the server; w->status is set when the request is final. */
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
        (void)snprintf(w->etag, sizeof(w->etag), "%s", reply->etag);
        w->status = pipe_status_exit(pipe_text(top, "status"));
        progress(o, top);
        if (w->status != CLI_PENDING) {
            say_final(o, reply, top);
        }
    }
    arena_release(&arena);
    return status;
}

/* A server that is away may come back: only a refusal ends the wait. */
static int poll_once(const struct pipe_options *o, struct client *c, const char *path, struct waiting *w)
{
    const struct client_ask ask = {.method = "GET",
                                   .path = path,
                                   .etag = w->etag[0] != '\0' ? w->etag : NULL,
                                   .timeout_s = LONG_POLL_S * 2,
                                   .max_bytes = PIPE_ANSWER_MAX};
    struct client_reply reply;
    const struct cs_result r = client_call(c, &ask, &reply);

    if (r.code == CS_E_BADSIG) {
        return cli_fail(CLI_REACH, o->name, "%s: %s", o->server.url, r.msg);
    }
    if (r.code != CS_OK) {
        w->back_off_s = w->back_off_s == 0 ? 1 : (w->back_off_s < BACK_OFF_MAX_S ? w->back_off_s * 2 : BACK_OFF_MAX_S);
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
    return cli_fail(CLI_PENDING, o->name, "%s: not decided yet", id);
}

static void rest_a_while(unsigned seconds)
{
    const struct timespec t = {.tv_sec = (time_t)seconds};
    (void)nanosleep(&t, NULL);
}

int pipe_wait(const struct pipe_options *o, struct client *c, const char *id)
{
    struct waiting w = {.end_s = steady_s() + o->timeout_s, .status = CLI_PENDING};
    char path[PIPE_PATH_MAX];
    char rest[32];
    uint64_t left = o->timeout_s;

    do {
        (void)snprintf(rest, sizeof(rest), "?wait=%u", (unsigned)(left < LONG_POLL_S ? left : (uint64_t)LONG_POLL_S));
        const int status = poll_once(o, c, pipe_path(id, rest, path), &w);
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
        "usage: countersign wait ID --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
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
    status = pipe_open(&o, &c);
    if (status == CLI_OK) {
        status = pipe_wait(&o, c, o.id);
    }
    client_close(c);
    return status;
}

static void print_status(const struct json_value *top)
{
    const struct span word = pipe_text(top, "status");
    const struct span text = pipe_text(top, "progress");
    const struct span title = pipe_text(json_tree_member(top, "request"), "title");
    (void)printf("%.*s: %.*s\n", (int)word.left, (const char *)word.p, (int)text.left, (const char *)text.p);
    if (title.left > 0) {
        (void)printf("title: %.*s\n", (int)title.left, (const char *)title.p);
    }
}

int cli_status(int argc, char **argv)
{
    static const char usage[] = "usage: countersign status ID --server URL --token-file FILE [options]\n"
                                "       countersign status --local --help\n" PIPE_SERVER_USAGE
                                "  --json             the server's answer on stdout\n"
                                "  --help\n";
    struct pipe_options o;
    struct client_reply reply;
    struct arena arena;
    const struct json_value *top = NULL;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--local") == 0) {
            return cli_local_status(argc, argv);
        }
    }
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    status = pipe_ask(&o, &(struct pipe_ask){.method = "GET", .rest = ""}, &reply);
    if (status != CLI_OK) {
        return status;
    }
    arena_init(&arena, PIPE_ARENA);
    if (json_tree_parse(wr_span(&reply.body), &arena, &top).code != CS_OK) {
        status = cli_fail(CLI_VERIFY, o.name, "the server's answer is not what it should be");
    } else {
        status = pipe_status_exit(pipe_text(top, "status"));
        if (o.json) {
            pipe_print(&reply);
        } else {
            print_status(top);
        }
    }
    arena_release(&arena);
    wr_release(&reply.body);
    return status;
}

static void print_number(const struct json_value *line, const char *member, const char *before)
{
    const struct json_value *v = json_tree_member(line, member);
    if (v != NULL && v->kind == JSON_INT) {
        (void)printf("%s%lld", before, (long long)v->number);
    }
}

static void print_line(const struct json_value *line)
{
    const struct span state = pipe_text(line, "state");
    const struct span kind = pipe_text(line, "kind");
    const struct span rule = pipe_text(line, "rule");
    const struct span id = pipe_text(line, "id");
    const struct span limit = pipe_text(line, "limit");
    const struct span role = pipe_text(line, "role");
    (void)printf("%-8.*s%-10.*s%.*s/%.*s", (int)state.left, (const char *)state.p, (int)kind.left, (const char *)kind.p,
                 (int)rule.left, (const char *)rule.p, (int)id.left, (const char *)id.p);
    if (role.left > 0) {
        print_number(line, "have", "  ");
        print_number(line, "count", " of ");
        (void)printf(" of role %.*s", (int)role.left, (const char *)role.p);
    } else if (limit.left > 0) {
        (void)printf("  %.*s", (int)limit.left, (const char *)limit.p);
    }
    (void)fputc('\n', stdout);
}

int cli_explain(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign explain ID --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
        "  --json             the server's answer on stdout\n"
        "  --help\n";
    struct pipe_options o;
    struct client_reply reply;
    struct arena arena;
    const struct json_value *top = NULL;
    int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    status = pipe_ask(&o, &(struct pipe_ask){.method = "GET", .rest = "/explain"}, &reply);
    if (status != CLI_OK) {
        return status;
    }
    arena_init(&arena, PIPE_ARENA);
    if (o.json) {
        pipe_print(&reply);
    } else if (json_tree_parse(wr_span(&reply.body), &arena, &top).code == CS_OK) {
        const struct json_value *lines = json_tree_member(top, "sheet");
        for (const struct json_value *l = lines != NULL ? lines->child : NULL; l != NULL; l = l->next) {
            print_line(l);
        }
    } else {
        status = cli_fail(CLI_VERIFY, o.name, "the server's answer is not what it should be");
    }
    arena_release(&arena);
    wr_release(&reply.body);
    return status;
}

int cli_withdraw(int argc, char **argv)
{
    static const char usage[] =
        "usage: countersign withdraw ID --server URL --token-file FILE [options]\n" PIPE_SERVER_USAGE
        "  --reason TEXT      why\n"
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
    if (status == CLI_OK) {
        (void)printf("request %s is withdrawn\n", o.id);
        wr_release(&reply.body);
    }
    return status;
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
                                "  --started TIME     2026-01-05T09:00:00.000Z (now)\n"
                                "  --finished TIME    (now)\n"
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
    json_put_close(&out);
    if (json_out_end(&out, "report").code != CS_OK) {
        return cli_fail(CLI_USAGE, o.name, "the report cannot be sent");
    }
    status = pipe_ask(&o, &(struct pipe_ask){.method = "POST", .rest = "/outcome", .body = wr_span(&body)}, &reply);
    if (status == CLI_OK) {
        (void)printf("recorded: %s\n", o.result);
        wr_release(&reply.body);
    }
    return status;
}
