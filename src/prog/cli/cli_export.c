/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign export`: the log as a mirror (docs/adr/0006), a range of it, or its human signatures for the tools of
 * others. The entries are fetched; every hash is computed here and compared with the checkpoint before anything is
 * written. */
#include "cli_export.h"

#include <unistd.h>

#include "base/base_text.h"
#include "client/client_file.h"
#include "judge/judge_checkpoint.h"
#include "judge/judge_receipt.h"
#include "merkle/merkle_nodes.h"
#include "merkle/merkle_tile.h"
#include "note/note_signed.h"

enum { PATH_MAX_BYTES = 4096, NOTE_MAX = 131072, TRUST_MAX = 65536 };

static const char usage[] =
    "usage: countersign export --out DIR --server URL --token-file FILE [options]\n"
    "  --out DIR          checkpoint and tiles (C2SP tlog-tiles); countersign-audit verify reads it\n"
    "  --from N --to M    only entries N to M with what proves them, as one file at --out\n"
    "  --format WORD      ssh: each human signature for ssh-keygen -Y verify; webauthn: for a WebAuthn library\n"
    "  --server URL       https://HOST[:PORT]\n"
    "  --ca FILE          certificates that may sign the server's, PEM\n"
    "  --token-file FILE  of a client with scope audit or mirror; or --cert FILE --key FILE\n"
    "  --trust FILE       check the checkpoint's signature, too\n"
    "  --quiet            no progress\n"
    "  --help\n";

static int failed(const struct pipe_options *o, const char *what, struct cs_result r)
{
    return cli_fail(CLI_VERIFY, o->name, "%s: %s %s", what, r.msg, cs_code_text(r.code));
}

static int fetch(const struct pipe_options *o, struct client *c, const char *path, struct client_reply *ret_reply)
{
    const struct client_ask ask = {
        .method = "GET", .path = path, .timeout_s = PIPE_CALL_S, .max_bytes = PIPE_ANSWER_MAX};
    return pipe_call(o, c, &ask, ret_reply);
}

static int check_trust(const struct pipe_options *o, struct span note, struct arena *arena)
{
    AUTO_WRITER text = wr_heap(TRUST_MAX);
    struct trust t;
    struct checkpoint head;

    if (o->trust == NULL) {
        return CLI_OK;
    }
    if (cli_read(o->name, o->trust, &text).code != CS_OK) {
        return CLI_FAILED;
    }
    const struct cs_result r = judge_trust_decode(wr_span(&text), arena, &t);
    if (r.code != CS_OK) {
        return failed(o, o->trust, r);
    }
    const struct finding f = judge_checkpoint_open(note, &t, &head);
    return f.class == FINDING_HOLDS ? CLI_OK : cli_fail(CLI_VERIFY, o->name, "%s", judge_finding_sentence(f.class));
}

static int take_checkpoint(const struct pipe_options *o, struct client *c, struct export *x)
{
    struct client_reply reply;
    struct note note;
    struct note_checkpoint head;

    int status = fetch(o, c, "/checkpoint", &reply);
    if (status != CLI_OK) {
        return status;
    }
    struct cs_result r = arena_copy(&x->arena, wr_span(&reply.body), &x->note);
    wr_release(&reply.body);
    r = r.code == CS_OK ? note_decode(x->note, &note) : r;
    r = r.code == CS_OK ? note_checkpoint_decode(note.text, &head) : r;
    if (r.code != CS_OK) {
        return failed(o, "the checkpoint", r);
    }
    x->size = head.size;
    x->root = head.root;
    x->leaves = arena_array(&x->arena, head.size, sizeof(*x->leaves));
    if (x->leaves == NULL) {
        return cli_fail(CLI_FAILED, o->name, "the log is too large for this program's memory");
    }
    return check_trust(o, x->note, &x->arena);
}

static CS_RESULT take_bundle(struct export *x, const struct merkle_tile *t, struct span bytes)
{
    struct span kept = SPAN_NONE;

    TRY(arena_copy(&x->arena, bytes, &kept));
    struct reader r = rd_make(kept);
    for (unsigned i = 0; i < t->width; i++) {
        struct span *leaf = &x->leaves[t->index * MERKLE_TILE_WIDTH + i];
        TRY(merkle_bundle_next(&r, leaf));
        const struct sha256 hash = merkle_leaf(*leaf);
        TRY(merkle_nodes_append(&x->nodes, &hash));
    }
    return rd_end(&r, "bundle");
}

static void progress(const struct pipe_options *o, const struct export *x)
{
    if (!o->quiet && isatty(STDERR_FILENO) == 1) {
        (void)fprintf(stderr, "\r\033[K%llu of %llu entries%s", (unsigned long long)x->nodes.size,
                      (unsigned long long)x->size, x->nodes.size == x->size ? "\n" : "");
    }
}

static int take_entries(const struct pipe_options *o, struct client *c, struct export *x)
{
    struct sha256 root;

    for (uint64_t n = 0; n * MERKLE_TILE_WIDTH < x->size; n++) {
        struct merkle_tile t = {.entries = true, .index = n};
        char path[PATH_MAX_BYTES];
        struct writer w = wr_fixed(path, sizeof(path));
        struct client_reply reply;
        t.width = merkle_tile_width(&t, x->size);
        wr_u8(&w, '/');
        merkle_tile_path(&w, &t);
        wr_u8(&w, 0);
        const int status = fetch(o, c, path, &reply);
        if (status != CLI_OK) {
            return status;
        }
        const struct cs_result r = take_bundle(x, &t, wr_span(&reply.body));
        wr_release(&reply.body);
        if (r.code != CS_OK) {
            return failed(o, path, r);
        }
        progress(o, x);
    }
    const struct cs_result r = merkle_nodes_root(&x->nodes, x->size, &root);
    if (r.code != CS_OK || !sha256_eq(&root, &x->root)) {
        return cli_fail(CLI_VERIFY, o->name, "the entries that the server sent are not those of its checkpoint");
    }
    return CLI_OK;
}

/* ---- the mirror ---- */

static int put_file(const struct pipe_options *o, const char *dir, struct span name, struct span bytes)
{
    char path[PATH_MAX_BYTES];
    struct writer w = wr_fixed(path, sizeof(path));

    wr_text(&w, dir);
    wr_u8(&w, '/');
    wr_bytes(&w, name);
    wr_u8(&w, 0);
    if (wr_end(&w, "path").code != CS_OK) {
        return cli_fail(CLI_FAILED, o->name, "%s is too long", dir);
    }
    char *slash = strrchr(path, '/');
    *slash = '\0';
    const bool made = client_file_directory(path).code == CS_OK;
    *slash = '/';
    if (!made || client_file_write(path, bytes).code != CS_OK) {
        return cli_fail(CLI_FAILED, o->name, "%s cannot be written", path);
    }
    return CLI_OK;
}

int export_put(const struct pipe_options *o, const char *dir, const char *name, struct span bytes)
{
    return put_file(o, dir, span_str(name), bytes);
}

static CS_RESULT tile_bytes(const struct export *x, const struct merkle_tile *t, struct writer *w)
{
    if (!t->entries) {
        const struct merkle_source source = merkle_nodes_source(&x->nodes);
        return merkle_tile_write(&source, t, w);
    }
    for (unsigned i = 0; i < t->width; i++) {
        TRY(merkle_bundle_put(w, x->leaves[t->index * MERKLE_TILE_WIDTH + i]));
    }
    return wr_end(w, "bundle");
}

static int put_tile(const struct pipe_options *o, const struct export *x, const struct merkle_tile *t)
{
    uint8_t name[128];
    struct writer path = wr_fixed(name, sizeof(name));
    AUTO_WRITER bytes = wr_heap(PIPE_ANSWER_MAX);

    merkle_tile_path(&path, t);
    const struct cs_result r = tile_bytes(x, t, &bytes);
    return r.code == CS_OK ? put_file(o, o->out, wr_span(&path), wr_span(&bytes)) : failed(o, "a tile", r);
}

/* The checkpoint is written last: a directory without one is not whole. */
static int put_mirror(const struct pipe_options *o, const struct export *x)
{
    for (unsigned level = 0; level < 8; level++) {
        for (uint64_t n = 0;; n++) {
            struct merkle_tile t = {.level = level, .index = n};
            t.width = merkle_tile_width(&t, x->size);
            if (t.width == 0) {
                break;
            }
            int status = put_tile(o, x, &t);
            t.entries = true;
            status = status == CLI_OK && level == 0 ? put_tile(o, x, &t) : status;
            if (status != CLI_OK) {
                return status;
            }
        }
    }
    return export_put(o, o->out, "checkpoint", x->note);
}

/* ---- a range ---- */

static struct cs_result leaf_at(const void *ctx, uint64_t index, struct arena *arena, struct span *ret_leaf)
{
    const struct export *x = ctx;
    (void)arena;
    if (index >= x->size) {
        return CS_FAIL(CS_E_RANGE, "leaf");
    }
    *ret_leaf = x->leaves[index];
    return CS_SUCCESS;
}

static CS_RESULT build_range(const struct pipe_options *o, const struct export *x, struct arena *arena,
                             struct writer *w)
{
    const struct receipt_source source = {.leaf = leaf_at, .ctx = x, .tree = merkle_nodes_source(&x->nodes)};
    const struct receipt_range range = {.first = o->from, .count = o->to - o->from + 1};
    const struct receipt_note note = {.text = x->note, .size = x->size};
    struct receipt r;

    TRY(judge_range_build(&source, &x->judge.state, &range, &note, arena, &r));
    return judge_receipt_encode(&r, w);
}

static int put_range(const struct pipe_options *o, struct export *x)
{
    struct arena arena;
    AUTO_WRITER w = wr_heap(RECEIPT_MAX_BYTES);

    if (o->from > o->to || o->to >= x->size) {
        return cli_fail(CLI_USAGE, o->name, "--from and --to must be entries of the log, which has %llu",
                        (unsigned long long)x->size);
    }
    int status = export_fold(o, x);
    if (status != CLI_OK) {
        return status;
    }
    arena_init(&arena, RECEIPT_ARENA_BYTES);
    const struct cs_result r = build_range(o, x, &arena, &w);
    arena_release(&arena);
    if (r.code != CS_OK) {
        return failed(o, "the range", r);
    }
    return client_file_write(o->out, wr_span(&w)).code == CS_OK
               ? CLI_OK
               : cli_fail(CLI_FAILED, o->name, "%s cannot be written", o->out);
}

int export_fold(const struct pipe_options *o, struct export *x)
{
    if (judge_init(&x->judge, JUDGE_FOLD, EXPORT_STATE_BYTES).code != CS_OK) {
        return cli_fail(CLI_FAILED, o->name, "not enough memory");
    }
    x->judging = true;
    for (uint64_t i = 0; i < x->size; i++) {
        const struct verdict v = judge_entry(&x->judge, x->leaves[i], NULL);
        if (!v.allow) {
            return cli_fail(CLI_VERIFY, o->name, "entry %llu: %s", (unsigned long long)i,
                            policy_reason_sentence(v.reason));
        }
    }
    return CLI_OK;
}

/* ---- */

static int write_out(const struct pipe_options *o, struct export *x)
{
    if (o->has_to) {
        return put_range(o, x);
    }
    if (o->format == NULL) {
        return put_mirror(o, x);
    }
    return export_people(o, x);
}

static int fetch_all(const struct pipe_options *o, struct export *x)
{
    struct client *c = NULL;
    int status = pipe_open(o, &c);

    status = status == CLI_OK ? take_checkpoint(o, c, x) : status;
    status = status == CLI_OK ? take_entries(o, c, x) : status;
    client_close(c);
    return status;
}

static int export(const struct pipe_options *o)
{
    struct export *x = calloc(1, sizeof(*x)); /* too large for the stack */

    if (x == NULL) {
        return cli_fail(CLI_FAILED, o->name, "not enough memory");
    }
    arena_init(&x->arena, SIZE_MAX / 2);
    merkle_nodes_init(&x->nodes, MERKLE_SIZE_MAX);
    int status = fetch_all(o, x);
    status = status == CLI_OK ? write_out(o, x) : status;
    if (status == CLI_OK && !o->quiet) {
        (void)printf("%llu entries, written to %s\n", (unsigned long long)x->size, o->out);
    }
    if (x->judging) {
        judge_release(&x->judge);
    }
    merkle_nodes_release(&x->nodes);
    arena_release(&x->arena);
    free(x);
    return status;
}

int cli_export(int argc, char **argv)
{
    struct pipe_options o;
    const int status = pipe_read(argc, argv, usage, &o);
    if (status >= 0) {
        return status;
    }
    const bool known = o.format == NULL || strcmp(o.format, "ssh") == 0 || strcmp(o.format, "webauthn") == 0;
    if (o.out == NULL || !known || (o.format != NULL && o.has_to)) {
        (void)fputs(usage, stderr);
        return CLI_USAGE;
    }
    return export(&o);
}
