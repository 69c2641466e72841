/* SPDX-License-Identifier: Apache-2.0 */
/* softkey --state DIR --control SOCK [--vpcd ADDRESS:PORT] [-- command args...]: soft keys under umockdev, see
 * README.md. */
#include <errno.h>
#include <unistd.h>

#include "softcard/softcard_rack.h"
#include "softkey_rack.h"

struct program {
    struct softkey_rack rack;
    struct softcard_rack cards; /* used with a vpcd */
    struct softkey_bed *bed;
    struct softkey_control control;
};

static const char preload[] = "libumockdev-preload.so.0";

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
/* glib's and umockdev's own locks are not compiled for the thread sanitizer, which then sees races between them */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "ignore_noninstrumented_modules=1";
}
#endif
#endif

static int usage(void)
{
    (void)fprintf(stderr, "usage: softkey --state DIR --control SOCK [--vpcd ADDRESS:PORT] [-- command args...]\n");
    return 2;
}

static void obey(void *ctx, const char *line, uint64_t now_ms, char ret_answer[SOFTKEY_LINE_MAX])
{
    softkey_rack_command(ctx, line, now_ms, ret_answer);
}

enum { FDS_MAX = SOFTKEY_CONTROL_FDS + SOFTKEY_KEYS_MAX + SOFTCARD_CARDS_MAX };

static nfds_t fill(const struct program *p, struct pollfd ret_fds[FDS_MAX])
{
    nfds_t n = SOFTKEY_CONTROL_FDS;

    softkey_control_fill(&p->control, ret_fds);
    for (size_t i = 0; i < p->rack.count; i++) {
        const struct softkey_key *key = p->rack.keys[i];
        ret_fds[n++] = (struct pollfd){key->inserted ? key->plug.key_fd : -1, POLLIN, 0};
    }
    return n;
}

/* What is due; how long until something is again, -1 never. */
static int tick(struct program *p)
{
    const int keys = softkey_rack_tick(&p->rack, softkey_now_ms());
    const int cards = p->rack.cards == NULL ? -1 : softcard_rack_tick(p->rack.cards, softkey_now_ms());

    return cards < 0 || (keys >= 0 && keys < cards) ? keys : cards;
}

/* Keys and cards before clients: a command may take out whose descriptor was polled. */
static void read_devices(struct program *p, const struct pollfd *fds, size_t keys)
{
    for (size_t i = 0; i < keys; i++) {
        if (fds[i].revents != 0) {
            softkey_rack_read(p->rack.keys[i], softkey_now_ms());
        }
    }
    if (p->rack.cards != NULL) {
        softcard_rack_read(p->rack.cards, softkey_now_ms());
    }
}

static void run(struct program *p)
{
    while (!p->rack.quit) {
        struct pollfd fds[FDS_MAX];
        const size_t keys = p->rack.count;
        nfds_t n = fill(p, fds);
        if (p->rack.cards != NULL) {
            n += softcard_rack_fill(p->rack.cards, fds + n);
        }
        if (poll(fds, n, tick(p)) < 0) {
            if (errno != EINTR) {
                return;
            }
            continue;
        }
        read_devices(p, fds + SOFTKEY_CONTROL_FDS, keys);
        if (!softkey_control_serve(&p->control, fds)) {
            return;
        }
    }
}

/* umockdev works by a preloaded library; without it, start this program again with it. 0 when it is there. */
static int ensure_preload(char **argv)
{
    const char *old = secure_getenv("LD_PRELOAD");
    char value[SOFTKEY_PATH_MAX];

    if (old != NULL && strstr(old, preload) != NULL) {
        return 0;
    }
    (void)snprintf(value, sizeof(value), "%s%s%s", preload, old == NULL ? "" : ":", old == NULL ? "" : old);
    if (setenv("LD_PRELOAD", value, 1) == 0) { /* NOLINT(concurrency-mt-unsafe): no other thread runs yet */
        (void)execv("/proc/self/exe", argv);
    }
    (void)fprintf(stderr, "softkey: cannot start again under %s\n", preload);
    return 1;
}

struct options {
    const char *state;
    const char *control;
    const char *vpcd; /* NULL: none */
    char **command;   /* its first NULL: none */
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
    return o.state != NULL && o.control != NULL && (i >= argc || strcmp(argv[i], "--") == 0);
}

/* Keys in their bed and, with a vpcd, cards in its readers. */
static bool open_devices(struct program *p, const struct options *o)
{
    p->bed = softkey_bed_new();
    if (p->bed == NULL || !softkey_rack_init(&p->rack, o->state, p->bed)) {
        (void)fprintf(stderr, "softkey: %s: cannot be used\n", o->state);
        return false;
    }
    if (o->vpcd == NULL) {
        return true;
    }
    if (!softcard_rack_init(&p->cards, o->state, o->vpcd)) {
        (void)fprintf(stderr, "softkey: %s: cannot be used\n", o->vpcd);
        return false;
    }
    p->rack.cards = &p->cards;
    return true;
}

static void close_devices(struct program *p)
{
    softkey_rack_release(&p->rack);
    if (p->rack.cards != NULL) {
        softcard_rack_release(p->rack.cards);
    }
}

static int start(struct program *p, const struct options *o)
{
    /* umockdev's thread starts with the bed and must find the signals blocked, else they end up there */
    if (!softkey_control_init(&p->control, obey, &p->rack)) {
        (void)fprintf(stderr, "softkey: no signals\n");
        return 1;
    }
    if (!open_devices(p, o)) {
        return 1;
    }
    if (!softkey_control_listen(&p->control, o->control)) {
        (void)fprintf(stderr, "softkey: %s: cannot listen\n", o->control);
        return 1;
    }
    if (o->command[0] != NULL && !softkey_control_child(&p->control, o->command)) {
        (void)fprintf(stderr, "softkey: cannot fork\n");
        return 1;
    }
    if (o->command[0] == NULL) {
        (void)printf("UMOCKDEV_DIR=%s\nLD_PRELOAD=%s\nready\n", softkey_bed_dir(p->bed), preload);
        (void)fflush(stdout);
    }
    run(p);
    softkey_control_end(&p->control, o->control);
    close_devices(p);
    return p->control.status;
}

int main(int argc, char **argv)
{
    static struct program p;
    struct options o;

    if (!read_options(argc, argv, &o)) {
        return usage();
    }
    if (ensure_preload(argv) != 0) {
        return 1;
    }
    const int status = start(&p, &o);
    softkey_bed_free(p.bed);
    return status;
}
