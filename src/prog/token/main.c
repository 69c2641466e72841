/* SPDX-License-Identifier: Apache-2.0 */
/* countersign-token: see docs/man/countersign-token.8. */
#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "ipc/ipc_socket.h"
#include "token/token_agent.h"

#define VERSION "0.1.0"

struct options {
    const char *socket;
    const char *peer; /* NULL: whoever may open the socket */
};

static void note(const char *what, struct cs_result why)
{
    const char *level = why.code == CS_OK ? SD_INFO : SD_NOTICE;

    if (why.code == CS_OK) {
        (void)fprintf(stderr, "%s%s\n", level, what);
    } else {
        (void)fprintf(stderr, "%s%s: %s %s\n", level, what, why.msg, cs_code_text(why.code));
    }
}

static int usage(FILE *to, int status)
{
    (void)fprintf(to, "usage: countersign-token --socket PATH [--peer NAME]\n"
                      "  --socket PATH  where the kiosk connects\n"
                      "  --peer NAME    the user that the kiosk runs as; others are turned away\n"
                      "  --help, --version\n");
    return status;
}

/* -1: go on. */
static int read_options(int argc, char **argv, struct options *ret_o)
{
    static const struct option known[] = {{"socket", required_argument, NULL, 's'},
                                          {"peer", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {NULL, 0, NULL, 0}};
    int c = 0;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe) */
        switch (c) {
        case 's':
            ret_o->socket = optarg;
            break;
        case 'p':
            ret_o->peer = optarg;
            break;
        case 'h':
            return usage(stdout, 0);
        case 'V':
            (void)printf("countersign-token " VERSION "\n");
            return 0;
        default:
            return usage(stderr, 2);
        }
    }
    return optind == argc && ret_o->socket != NULL ? -1 : usage(stderr, 2);
}
