/* SPDX-License-Identifier: Apache-2.0 */
/* countersign-kiosk: docs/man/countersign-kiosk.8, docs/kiosk.md. */
#include <getopt.h>
#include <signal.h>
#include <sys/mman.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "cage/cage_enter.h"
#include "cage/cage_signals.h"
#include "kiosk_run.h"

enum { DESCRIPTORS_MAX = 64, STATE_BYTES = 1 << 30 };

static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGWINCH};

struct options {
    const char *core;
    const char *token;
    const char *id;
    const char *presence; /* NULL: no switch */
    const char *user;     /* NULL: stay who we are */
    bool terminal;
    bool colour;
    bool may_quit;
};

static int usage(FILE *to, int status)
{
    (void)fprintf(to, "usage: countersign-kiosk --terminal --core PATH --token PATH --kiosk-id ID [OPTION]...\n"
                      "  --terminal       the face on this terminal\n"
                      "  --core PATH      kiosk.sock of the core\n"
                      "  --token PATH     socket of the token agent\n"
                      "  --kiosk-id ID    name of this kiosk, in every statement\n"
                      "  --color=WHEN     auto or never\n"
                      "  --presence-switch PATH  input device of the emergency switch\n"
                      "  --may-quit       Ctrl-C ends it\n"
                      "  --user NAME      become this user\n"
                      "  --help, --version\n");
    return status;
}

/* An exit status, or -1: go on. */
static int read_options(int argc, char **argv, struct options *ret_options)
{
    static const struct option known[] = {{"terminal", no_argument, NULL, 't'},
                                          {"core", required_argument, NULL, 'c'},
                                          {"token", required_argument, NULL, 'k'},
                                          {"kiosk-id", required_argument, NULL, 'i'},
                                          {"color", required_argument, NULL, 'C'},
                                          {"may-quit", no_argument, NULL, 'q'},
                                          {"user", required_argument, NULL, 'u'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'V'},
                                          {"presence-switch", required_argument, NULL, 'p'},
                                          {NULL, 0, NULL, 0}};
    struct options o = {.colour = true};
    int c = 0;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        switch (c) {
        case 't':
            o.terminal = true;
            break;
        case 'c':
            o.core = optarg;
            break;
        case 'k':
            o.token = optarg;
            break;
        case 'i':
            o.id = optarg;
            break;
        case 'C':
            if (strcmp(optarg, "auto") != 0 && strcmp(optarg, "never") != 0) {
                return usage(stderr, 2);
            }
            o.colour = strcmp(optarg, "auto") == 0;
            break;
        case 'p':
            o.presence = optarg;
            break;
        case 'q':
            o.may_quit = true;
            break;
        case 'u':
            o.user = optarg;
            break;
        case 'h':
            return usage(stdout, 0);
        case 'V':
            (void)printf("countersign-kiosk %s\n", COUNTERSIGN_VERSION);
            return 0;
        default:
            return usage(stderr, 2);
        }
    }
    *ret_options = o;
    const bool whole = o.terminal && o.core != NULL && o.token != NULL && o.id != NULL && optind == argc;
    return whole ? -1 : usage(stderr, 2);
}

/* The sockets' directories, to connect again; the terminal is open already. */
static CS_RESULT enter_cage(const struct options *o)
{
    const struct cage_path paths[] = {{.path = o->core, .access = CAGE_DEVICE, .optional = true},
                                      {.path = o->token, .access = CAGE_DEVICE, .optional = true}};
    const struct cage_plan plan = {
        .profile = CAGE_KIOSK, .user = o->user, .paths = paths, .path_count = 2, .nofile = DESCRIPTORS_MAX};
    struct cage_report report;
    return cage_enter(&plan, &report);
}

static CS_RESULT start(struct kiosk *k, const struct options *o)
{
    const struct follow_config config = {.path = o->core, .state_cap_bytes = STATE_BYTES, .hooks = kiosk_hooks(k)};
    k->may_quit = o->may_quit;
    k->world.version = SPAN_LIT(COUNTERSIGN_VERSION);
    (void)mlock(k, sizeof(*k)); /* the PIN is in it while it is typed; without the right to lock, it may swap */
    TRY(cage_signals(signals, sizeof(signals) / sizeof(signals[0]), &k->signal_fd));
    TRY(flow_init(&k->flow, span_str(o->id), 80, 24));
    TRY(kiosk_token_init(&k->token, o->token));
    TRY(follow_init(&k->follow, &config));
    TRY(kiosk_switch_open(&k->presence, o->presence));
    TRY(kiosk_tty_open(&k->tty, STDIN_FILENO, o->colour));
    TRY(enter_cage(o));
    (void)sd_notify(0, "READY=1");
    return kiosk_run(k);
}

int main(int argc, char **argv)
{
    static struct kiosk kiosk = {.presence = {.fd = -1}};
    struct options o = {0};
    const int status = read_options(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    const struct cs_result r = start(&kiosk, &o);
    kiosk_tty_close(&kiosk.tty);
    flow_release(&kiosk.flow);
    kiosk_token_release(&kiosk.token);
    kiosk_switch_close(&kiosk.presence);
    if (r.code != CS_OK) {
        (void)fprintf(stderr, SD_ERR "countersign-kiosk: %s %s\n", r.msg, cs_code_text(r.code));
        return 1;
    }
    return 0;
}
