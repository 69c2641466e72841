/* SPDX-License-Identifier: Apache-2.0 */
/* countersign-token: docs/man/countersign-token.8. */
#include <getopt.h>
#include <signal.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "cage/cage_enter.h"
#include "cage/cage_signals.h"
#include "cage/cage_user.h"
#include "ipc/ipc_socket.h"
#include "token/token_agent.h"

enum { SOCKET_MODE = 0660, DESCRIPTORS_MAX = 64 };

static const int signals[] = {SIGTERM, SIGINT};

struct options {
    const char *socket;
    const char *user; /* NULL: stay who we are */
    const char *peer; /* NULL: whoever may open the socket */
};

static void note(const char *what, struct cs_result why)
{
    if (why.code == CS_OK) {
        (void)fprintf(stderr, SD_INFO "%s\n", what);
    } else {
        (void)fprintf(stderr, SD_WARNING "%s: %s %s\n", what, why.msg, cs_code_text(why.code));
    }
}

static int usage(FILE *to, int status)
{
    (void)fprintf(to, "usage: countersign-token --socket PATH [--user NAME] [--peer NAME]\n"
                      "  --socket PATH  where the kiosk connects\n"
                      "  --user NAME    become this user\n"
                      "  --peer NAME    serve this user only\n"
                      "  --help, --version\n");
    return status;
}

/* An exit status, or -1: go on. */
static int read_options(int argc, char **argv, struct options *ret_options)
{
    static const struct option known[] = {
        {"socket", required_argument, NULL, 's'}, {"user", required_argument, NULL, 'u'},
        {"peer", required_argument, NULL, 'p'},   {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},      {NULL, 0, NULL, 0}};
    struct options o = {0};
    int c = 0;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        switch (c) {
        case 's':
            o.socket = optarg;
            break;
        case 'u':
            o.user = optarg;
            break;
        case 'p':
            o.peer = optarg;
            break;
        case 'h':
            return usage(stdout, 0);
        case 'V':
            (void)printf("countersign-token %s\n", COUNTERSIGN_VERSION);
            return 0;
        default:
            return usage(stderr, 2);
        }
    }
    *ret_options = o;
    return o.socket != NULL && optind == argc ? -1 : usage(stderr, 2);
}

/* In a process for cards: within the cage of the agent, whose paths it has too. */
static CS_RESULT confine_cards(void)
{
    bool active = false;

    return cage_calls_apply(CAGE_CARDS, &active);
}

/* The signals that end us become a descriptor. */
static CS_RESULT enter_cage(const char *user)
{
    static const struct cage_path paths[] = {
        {.path = "/dev", .access = CAGE_DEVICE, .optional = false},
        {.path = "/dev/pts", .access = CAGE_DEVICE, .optional = true}, /* docs/adr/0020-cage.md says why */
        {.path = "/sys", .access = CAGE_READ, .optional = false},
        {.path = "/run/udev", .access = CAGE_READ, .optional = true},
    };
    const struct cage_plan plan = {.profile = CAGE_TOKEN,
                                   .user = user,
                                   .paths = paths,
                                   .path_count = sizeof(paths) / sizeof(paths[0]),
                                   .nofile = DESCRIPTORS_MAX};
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

static CS_RESULT serve(const struct options *o)
{
    struct token_agent_setup setup = {
        .listen_fd = -1, .stop_fd = -1, .check_peer = o->peer != NULL, .confine_cards = confine_cards, .note = note};
    struct token_agent *agent = NULL;
    gid_t peer_gid = 0;

    if (o->peer != NULL) {
        TRY(cage_user_find(o->peer, &setup.peer_uid, &peer_gid));
    }
    TRY(cage_signals(signals, sizeof(signals) / sizeof(signals[0]), &setup.stop_fd));
    TRY(ipc_listen(o->socket, SOCKET_MODE, &setup.listen_fd));
    TRY(token_agent_new(&setup, &agent)); /* the hotplug monitor and the locked page, before the cage */
    struct cs_result res = enter_cage(o->user);
    if (res.code == CS_OK) {
        (void)sd_notify(0, "READY=1");
        res = token_agent_run(agent);
        (void)sd_notify(0, "STOPPING=1");
    }
    token_agent_free(agent);
    return res;
}

int main(int argc, char **argv)
{
    struct options o = {0};

    const int status = read_options(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    const struct cs_result res = serve(&o);
    if (res.code != CS_OK) {
        note("ends", res);
        return 1;
    }
    return 0;
}
