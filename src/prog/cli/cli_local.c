/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign status --local`: what the core on this machine says of itself. */
#include <getopt.h>
#include <inttypes.h>

#include "base/base_text.h"
#include "cli.h"
#include "ipc/ipc_socket.h"
#include "wire/wire_batch.h"

enum { WAIT_MS = 5000, ARENA_BYTES = 1 << 20, PATH_MAX_BYTES = 512 };

static const char *const name = "status";

struct wanted {
    const char *run;
    bool local;
    bool json;
};

static int usage(FILE *to, int status)
{
    (void)fputs("usage: countersign status --local [--run DIR] [--json]\n"
                "  --run DIR  where the core's operator.sock is (/run/countersign)\n"
                "  --json     one JSON object instead of words\n",
                to);
    return status;
}

static void print_words(const struct wire_batch *b)
{
    char time[TEXT_TIME_LEN + 1] = {0};
    struct writer w = wr_fixed(time, TEXT_TIME_LEN);

    text_time_write(&w, b->time_ms);
    (void)printf("entries: %" PRIu64 "\ntime:    %s\nstate:   %s\n", b->first, time,
                 b->sealed ? "sealed, read-only" : (b->first == 0 ? "waiting for the genesis ceremony" : "writing"));
    if (b->why.left > 0) {
        (void)printf("why:     %.*s\n", (int)b->why.left, (const char *)b->why.p);
    }
    if (b->note.left > 0) {
        (void)printf("\n%.*s", (int)b->note.left, (const char *)b->note.p);
    }
}

static int print_json(const struct wire_batch *b)
{
    AUTO_WRITER w = wr_heap(4 * (size_t)WIRE_NOTE_MAX);
    struct json_out o = json_out_make(&w);

    json_put_object(&o, NULL);
    json_put_str(&o, "checkpoint", b->note);
    json_put_bool(&o, "sealed", b->sealed);
    json_put_uint(&o, "size", b->first);
    json_put_time(&o, "time", b->time_ms);
    json_put_str(&o, "why", b->why);
    json_put_close(&o);
    if (json_out_end(&o, "status").code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "the answer cannot be written");
    }
    (void)printf("%.*s\n", (int)w.len, (const char *)w.p);
    return CLI_OK;
}

/* Following from past the end: the core says where its end is, and nothing else. */
static CS_RESULT ask(const char *path, struct ipc_conn *c, struct arena *arena, struct wire_batch *ret_batch)
{
    const struct ipc_limits limits = {0};
    const struct wire_command cmd = {.cmd = WIRE_FOLLOW, .from = (uint64_t)JSON_INT_MAX};
    struct span frame = SPAN_NONE;
    AUTO_WRITER w = wr_heap(1024);

    TRY(wire_command_encode(&cmd, &w));
    TRY(ipc_connect(path, &limits, c));
    TRY(ipc_call(c, wr_span(&w), WAIT_MS, &frame));
    return wire_batch_decode(frame, arena, ret_batch);
}

static int show(const struct wanted *o)
{
    char path[PATH_MAX_BYTES];
    struct arena arena;
    AUTO_IPC_CONN c = {0};
    struct wire_batch b = {0};
    int status = CLI_OK;

    arena_init(&arena, ARENA_BYTES);
    (void)snprintf(path, sizeof(path), "%s/operator.sock", o->run);
    const struct cs_result r = ask(path, &c, &arena, &b);
    if (r.code != CS_OK) {
        status = cli_fail(CLI_REACH, name, "the core at %s does not answer: it %s", path, cs_code_text(r.code));
    } else if (o->json) {
        status = print_json(&b);
    } else {
        print_words(&b);
    }
    arena_release(&arena);
    return status;
}

int cli_local_status(int argc, char **argv)
{
    static const struct option known[] = {{"run", required_argument, NULL, 'r'},
                                          {"local", no_argument, NULL, 'l'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    struct wanted o = {.run = "/run/countersign"};
    int id = 0;

    while ((id = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        switch (id) {
        case 'r':
            o.run = optarg;
            break;
        case 'l':
            o.local = true;
            break;
        case 'j':
            o.json = true;
            break;
        case 'h':
            return usage(stdout, CLI_OK);
        default:
            return usage(stderr, CLI_USAGE);
        }
    }
    return o.local && optind == argc ? show(&o) : usage(stderr, CLI_USAGE);
}
