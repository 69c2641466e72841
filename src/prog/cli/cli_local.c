/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign status --local`: what the core on this machine says of itself. */
#include <getopt.h>
#include <inttypes.h>

#include "base/base_text.h"
#include "cli.h"
#include "file/file_show.h"
#include "ipc/ipc_socket.h"
#include "judge/judge_trust.h"
#include "model/model_events.h"
#include "note/note_vkey.h"
#include "wire/wire_batch.h"

enum { WAIT_MS = 5000, ARENA_BYTES = 1 << 20, PATH_MAX_BYTES = 512 };

static const char *const name = "status";

struct wanted {
    const char *run;
    bool local;
    bool json;
    bool trust;
};

static int usage(FILE *to, int status)
{
    (void)fputs("usage: countersign status --local [--run DIR] [--json] [--trust]\n"
                "  --run DIR  where the core's operator.sock is (/run/countersign)\n"
                "  --json     one JSON object instead of words\n"
                "  --trust    the trust file that auditors and pipelines pin: origin, log key, genesis\n",
                to);
    return status;
}

/* A checkpoint is lines; each is shown as one. */
static void print_note(struct span note)
{
    struct reader r = rd_make(note);
    struct span line = SPAN_NONE;

    (void)fputs(note.left > 0 ? "\n" : "", stdout);
    while (rd_until(&r, '\n', &line, "note").code == CS_OK) {
        file_show(stdout, line);
        (void)fputc('\n', stdout);
    }
}

static void print_words(const struct wire_batch *b)
{
    char time[TEXT_TIME_LEN + 1] = {0};
    struct writer w = wr_fixed(time, TEXT_TIME_LEN);

    text_time_write(&w, b->time_ms);
    (void)printf("entries: %" PRIu64 "\ntime:    %s\nstate:   %s\n", b->first, time,
                 b->sealed ? "sealed, read-only" : (b->first == 0 ? "waiting for the genesis ceremony" : "writing"));
    if (b->why.left > 0) {
        (void)fputs("why:     ", stdout);
        file_show(stdout, b->why);
        (void)fputc('\n', stdout);
    }
    print_note(b->note);
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

/* The genesis says the origin and the log's key; its digest pins all of it. */
static CS_RESULT trust_text(struct span leaf, struct arena *arena, struct writer *w)
{
    struct entry e;
    struct genesis g;
    struct genesis_statement st;
    AUTO_WRITER vkey = wr_heap(NOTE_VKEY_MAX);

    TRY(model_entry_decode(leaf, arena, &e));
    ENSURE(e.type == ENTRY_GENESIS, CS_E_TYPE, "genesis");
    TRY(model_genesis_decode(e.body, arena, &g));
    TRY(model_genesis_statement_decode(g.statement, arena, &st));
    const struct note_key key = note_key_make(st.origin, NOTE_KEY_ED25519, st.log_key.p);
    note_vkey_write(&vkey, &key);
    TRY(wr_end(&vkey, "genesis.log_key"));
    const struct trust t = {.origin = st.origin, .log = wr_span(&vkey), .genesis_sha256 = digest_sha256(leaf)};
    return judge_trust_encode(&t, w);
}

/* The first frame after the batch's head is entry 0. */
static int print_trust(struct ipc_conn *c, const struct wire_batch *b, struct arena *arena)
{
    struct span leaf = SPAN_NONE;
    AUTO_WRITER w = wr_heap(WIRE_NOTE_MAX);

    if (b->count == 0) {
        return cli_fail(CLI_FAILED, name, "the log is empty; hold the genesis ceremony at the kiosk first");
    }
    ipc_forget(c);
    struct cs_result r = ipc_receive(c, WAIT_MS, &leaf);
    r = r.code == CS_OK ? trust_text(leaf, arena, &w) : r;
    if (r.code != CS_OK) {
        return cli_fail(CLI_VERIFY, name, "the genesis: %s %s", r.msg, cs_code_text(r.code));
    }
    (void)printf("%.*s\n", (int)w.len, (const char *)w.p);
    return CLI_OK;
}

/* Following from past the end: the core says where its end is, and nothing else. */
static CS_RESULT ask(const char *path, uint64_t from, struct ipc_conn *c, struct arena *arena,
                     struct wire_batch *ret_batch)
{
    const struct ipc_limits limits = {0};
    const struct wire_command cmd = {.cmd = WIRE_FOLLOW, .from = from};
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
    const struct cs_result r = ask(path, o->trust ? 0 : (uint64_t)JSON_INT_MAX, &c, &arena, &b);
    if (r.code != CS_OK) {
        status = cli_fail(CLI_REACH, name, "the core at %s does not answer: it %s", path, cs_code_text(r.code));
    } else if (o->trust) {
        status = print_trust(&c, &b, &arena);
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
    static const struct option known[] = {{"run", required_argument, NULL, 'r'}, {"local", no_argument, NULL, 'l'},
                                          {"json", no_argument, NULL, 'j'},      {"trust", no_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},      {NULL, 0, NULL, 0}};
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
        case 't':
            o.trust = true;
            break;
        case 'h':
            return usage(stdout, CLI_OK);
        default:
            return usage(stderr, CLI_USAGE);
        }
    }
    return o.local && optind == argc ? show(&o) : usage(stderr, CLI_USAGE);
}
