/* SPDX-License-Identifier: Apache-2.0 */
/* softcard --state DIR --control SOCK --vpcd ADDRESS:PORT [-- command args...]: soft PIV cards, see README.md. */
#include <errno.h>

#include "softcard_rack.h"

static int usage(void)
{
    (void)fprintf(stderr, "usage: softcard --state DIR --control SOCK --vpcd ADDRESS:PORT [-- command args...]\n");
    return 2;
}

static void obey(void *ctx, const char *line, uint64_t now_ms, char ret_answer[SOFTKEY_LINE_MAX])
{
    softcard_rack_command(ctx, line, now_ms, ret_answer);
}

static void run(struct softcard_rack *rack, struct softkey_control *control)
{
    while (!rack->quit) {
        struct pollfd fds[SOFTKEY_CONTROL_FDS + SOFTCARD_CARDS_MAX];
        softkey_control_fill(control, fds);
        const nfds_t cards = softcard_rack_fill(rack, fds + SOFTKEY_CONTROL_FDS);
        const int wait = softcard_rack_tick(rack, softkey_now_ms());
        if (poll(fds, SOFTKEY_CONTROL_FDS + cards, wait) < 0) {
            if (errno != EINTR) {
                return;
            }
            continue;
        }
        softcard_rack_read(rack, softkey_now_ms());
        if (!softkey_control_serve(control, fds)) {
            return;
        }
    }
}

struct options {
    const char *state;
    const char *control;
    const char *vpcd;
    char **command; /* its first NULL: none */
};

static bool read_options(int argc, char **argv, struct options *ret_options)
{
    struct options o = {0};
    int i = 1;

    for (; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
        if (strcmp(argv[i], "--state") == 0) {
            o.state = argv[i + 1];
        } else if (strcmp(argv[i], "--control") == 0) {
            o.control = argv[i + 1];
        } else if (strcmp(argv[i], "--vpcd") == 0) {
            o.vpcd = argv[i + 1];
        } else {
            return false;
        }
    }
    o.command = i < argc ? argv + i + 1 : argv + argc;
    *ret_options = o;
    return o.state != NULL && o.control != NULL && o.vpcd != NULL && (i >= argc || strcmp(argv[i], "--") == 0);
}

static int start(struct softcard_rack *rack, const struct options *o)
{
    static struct softkey_control control;

    if (!softkey_control_init(&control, obey, rack)) {
        (void)fprintf(stderr, "softcard: no signals\n");
        return 1;
    }
    if (!softcard_rack_init(rack, o->state, o->vpcd)) {
        (void)fprintf(stderr, "softcard: %s or %s: cannot be used\n", o->state, o->vpcd);
        return 1;
    }
    if (!softkey_control_listen(&control, o->control)) {
        (void)fprintf(stderr, "softcard: %s: cannot listen\n", o->control);
        return 1;
    }
    if (o->command[0] != NULL && !softkey_control_child(&control, o->command)) {
        (void)fprintf(stderr, "softcard: cannot fork\n");
        return 1;
    }
    if (o->command[0] == NULL) {
        (void)puts("ready");
        (void)fflush(stdout);
    }
    run(rack, &control);
    softkey_control_end(&control, o->control);
    softcard_rack_release(rack);
    return control.status;
}

int main(int argc, char **argv)
{
    static struct softcard_rack rack;
    struct options o;

    return read_options(argc, argv, &o) ? start(&rack, &o) : usage();
}
