/* SPDX-License-Identifier: Apache-2.0 */
/* countersign-http: docs/man/countersign-http.8. */
#include <limits.h>
#include <signal.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "cage/cage_enter.h"
#include "cage/cage_signals.h"
#include "options.h"

enum { DESCRIPTORS_SPARE = 64 };

static const int signals[] = {SIGTERM, SIGINT};

static void note(const char *what, struct cs_result why)
{
    if (why.code == CS_OK) {
        (void)fprintf(stderr, SD_INFO "%s\n", what);
    } else {
        (void)fprintf(stderr, SD_ERR "%s: %s %s\n", what, why.msg, cs_code_text(why.code));
    }
}

/* The signals that end us become a descriptor. */
static CS_RESULT enter_cage(const struct options *o)
{
    char socket_dir[PATH_MAX];
    const char *slash = strrchr(o->config.core_socket, '/');
    ENSURE(slash != NULL, CS_E_RANGE, "core socket"); /* a full path, please */
    struct writer w = wr_fixed(socket_dir, sizeof(socket_dir) - 1);
    wr_bytes(&w, span_make(o->config.core_socket, (size_t)(slash - o->config.core_socket)));
    wr_text(&w, "/.");
    TRY(wr_end(&w, "core socket"));
    socket_dir[w.len] = '\0';
    const struct cage_path paths[] = {
        {.path = socket_dir, .access = CAGE_DEVICE, .optional = false}, /* the core may start after us */
    };
    const struct cage_plan plan = {.profile = CAGE_HTTP,
                                   .user = o->user,
                                   .paths = paths,
                                   .path_count = sizeof(paths) / sizeof(paths[0]),
                                   .nofile = o->config.connections_max + DESCRIPTORS_SPARE};
    struct cage_report report;

    TRY(cage_enter(&plan, &report));
    if (report.landlock_abi == 0) {
        note("this kernel has no Landlock", CS_SUCCESS);
    }
    if (!report.seccomp) {
        note("sanitizer build without seccomp", CS_SUCCESS);
    }
    return CS_SUCCESS;
}

static CS_RESULT serve(struct options *o, struct http_front *front, struct http_serve *s)
{
    int stop_fd = -1;
    TRY(cage_signals(signals, sizeof(signals) / sizeof(signals[0]), &stop_fd));
    TRY(options_load(o));
    TRY(http_front_init(front, &o->config));
    TRY(http_serve_open(s, front));
    options_release(o); /* the library has its own copy of the key */
    TRY(enter_cage(o));
    (void)fprintf(stderr, SD_INFO "listening at port %u\n", (unsigned)http_serve_port(s));
    (void)sd_notify(0, "READY=1");
    const struct cs_result r = http_serve_run(s, stop_fd);
    (void)sd_notify(0, "STOPPING=1");
    return r;
}

int main(int argc, char **argv)
{
    struct options o = {.user = NULL};
    struct http_serve s = {.listen_fd = -1};

    const int status = options_read(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    struct http_front *front = calloc(1, sizeof(*front));
    if (front == NULL) {
        return 1;
    }
    const struct cs_result r = serve(&o, front, &s);
    http_serve_close(&s);
    http_front_release(front);
    options_release(&o);
    free(front);
    if (r.code != CS_OK) {
        note("countersign-http stops", r);
        return 1;
    }
    return 0;
}
