/* SPDX-License-Identifier: Apache-2.0 */
/* Another policy over the requests of a log: an export that `countersign export` wrote, or any mirror of it. */
#include <fcntl.h>
#include <unistd.h>

#include "base/base_text.h"
#include "cli_policy.h"
#include "file/file_read.h"
#include "file/file_show.h"
#include "judge/judge.h"
#include "merkle/merkle_tile.h"
#include "note/note_signed.h"

static const char *const name = "policy";

enum {
    PATH_BYTES_MAX = 128,
    BUNDLE_BYTES_MAX = 256 * (MODEL_LEAF_MAX + 2),
    REQUEST_ARENA_BYTES = 64 << 20,
    WORDS_MAX = 1 << 20,
    TALLY_MAX = 256,
};
#define STATE_BYTES ((size_t)8 << 30)

/* A line that was said, and of how many requests. */
struct tally {
    struct span line;
    size_t count;
};

struct replay {
    int dir;
    struct note_checkpoint head;
    uint64_t from_ms;
    const struct policy_doc *a; /* NULL: the one that was in force */
    const struct policy_doc *b;
    struct judge judge;
    struct arena *arena; /* the tally's lines */
    struct arena once;   /* one request */
    bool quiet;
    size_t requests;
    size_t more;
    size_t less;
    size_t both;
    struct tally tally[TALLY_MAX];
    size_t tally_count;
};

/* --- the log --- */

/* Of a partial bundle a larger log has the full one instead. */
static CS_RESULT read_bundle(const struct replay *r, uint64_t index, struct writer *w, unsigned *ret_width)
{
    struct merkle_tile t = {.entries = true, .index = index};
    char path[PATH_BYTES_MAX];
    struct cs_result got = CS_FAIL(CS_E_MISSING, "log.bundle");

    *ret_width = merkle_tile_width(&t, r->head.size);
    const unsigned widths[] = {*ret_width, MERKLE_TILE_WIDTH};
    for (size_t i = 0; i < 2 && got.code == CS_E_MISSING; i++) {
        struct writer at = wr_fixed(path, sizeof(path) - 1);
        t.width = widths[i];
        merkle_tile_path(&at, &t);
        TRY(wr_end(&at, "log.bundle"));
        path[at.len] = '\0';
        w->len = 0;
        got = file_read(r->dir, path, 0, w);
    }
    return got;
}

static CS_RESULT read_head(struct replay *r)
{
    AUTO_WRITER text = wr_heap(NOTE_BYTES_MAX);
    struct note note;

    TRY(file_read(r->dir, "checkpoint", 0, &text));
    TRY(note_decode(wr_span(&text), &note));
    TRY(note_checkpoint_decode(note.text, &r->head));
    r->head.origin = SPAN_NONE; /* it borrowed */
    return CS_SUCCESS;
}

/* The time of the last entry: the period ends there, so the same export gives the same answer on any day. */
static CS_RESULT last_time(struct replay *r, uint64_t *ret_ms)
{
    AUTO_WRITER w = wr_heap(BUNDLE_BYTES_MAX);
    struct span leaf = SPAN_NONE;
    struct entry e;
    unsigned width = 0;

    ENSURE(r->head.size > 0, CS_E_SHORT, "log");
    TRY(read_bundle(r, (r->head.size - 1) / MERKLE_TILE_WIDTH, &w, &width));
    struct reader in = rd_make(wr_span(&w));
    for (unsigned i = 0; i < width; i++) {
        TRY(merkle_bundle_next(&in, &leaf));
    }
    arena_reset(&r->once);
    TRY(model_entry_decode(leaf, &r->once, &e));
    *ret_ms = e.time_ms;
    return CS_SUCCESS;
}

/* --- one request --- */

static CS_RESULT tell(struct replay *r, struct span line)
{
    size_t i = 0;
    while (i < r->tally_count && !span_eq(r->tally[i].line, line)) {
        i++;
    }
    if (i == r->tally_count && i < TALLY_MAX) {
        TRY(arena_copy(r->arena, line, &r->tally[i].line));
        r->tally_count++;
    }
    if (i < r->tally_count) {
        r->tally[i].count++;
    }
    return CS_SUCCESS;
}

static CS_RESULT tell_all(struct replay *r, struct span lines)
{
    struct reader in = rd_make(lines);
    struct span line = SPAN_NONE;

    while (rd_until(&in, '\n', &line, "line").code == CS_OK) {
        TRY(tell(r, line));
    }
    return CS_SUCCESS;
}

static void say(const struct entry *e, const struct deploy_content *d, const struct writer *lines)
{
    AUTO_WRITER w = wr_heap(WORDS_MAX);

    wr_text(&w, "request ");
    wr_dec(&w, e->seq);
    wr_text(&w, ", ");
    text_time_write(&w, e->time_ms);
    wr_text(&w, ", ");
    wr_bytes(&w, d->environment);
    wr_text(&w, ", ");
    wr_bytes(&w, d->title);
    file_show(stdout, wr_span(&w));
    (void)fputc('\n', stdout);
    (void)policy_print_lines(lines, "  ");
}

static CS_RESULT weigh(struct replay *r, const struct entry *e)
{
    AUTO_WRITER w = wr_heap(WORDS_MAX);
    struct request q;
    struct draft_trial a;
    struct draft_trial b;

    arena_reset(&r->once);
    struct deploy_content *d = arena_alloc(&r->once, sizeof(*d));
    ENSURE(d != NULL, CS_E_NOMEM, "request");
    TRY(model_request_decode(e->body, &r->once, &q));
    if (q.kind != KIND_DEPLOY) {
        return CS_SUCCESS;
    }
    TRY(model_deploy_decode(q.content, &r->once, d));
    const struct state *s = &r->judge.state;
    TRY(draft_try(r->a != NULL ? r->a : &s->policy->doc, d, s, 0, &r->once, &a));
    TRY(draft_try(r->b, d, s, 0, &r->once, &b));
    const struct draft_change c = draft_compare(&a, &b, &w);
    TRY(wr_end(&w, "request"));
    r->requests++;
    r->both += c.more > 0 && c.less > 0 ? 1U : 0U;
    r->more += c.more > 0 && c.less == 0 ? 1U : 0U;
    r->less += c.less > 0 && c.more == 0 ? 1U : 0U;
    if (c.more + c.less > 0 && !r->quiet) {
        say(e, d, &w);
    }
    return tell_all(r, wr_span(&w));
}

/* A revision's request is weighed under the policy of its own moment, which no request changes. */
static int take_leaf(struct replay *r, struct span leaf)
{
    struct entry e;
    const struct verdict v = judge_entry(&r->judge, leaf, &e);

    if (!v.allow) {
        return cli_fail(CLI_VERIFY, name, "entry %llu: %s", (unsigned long long)r->judge.state.size,
                        policy_reason_sentence(v.reason));
    }
    if (e.type != ENTRY_REQUEST || e.time_ms < r->from_ms) {
        return CLI_OK;
    }
    const struct cs_result got = weigh(r, &e);
    return got.code == CS_OK ? CLI_OK
                             : cli_fail(CLI_FAILED, name, "entry %llu: %s %s", (unsigned long long)e.seq, got.msg,
                                        cs_code_text(got.code));
}

static int take_bundle(struct replay *r, uint64_t index, struct writer *w)
{
    unsigned width = 0;
    struct cs_result got = read_bundle(r, index, w, &width);
    struct reader in = rd_make(wr_span(w));
    int status = CLI_OK;

    for (unsigned i = 0; got.code == CS_OK && status == CLI_OK && i < width; i++) {
        struct span leaf = SPAN_NONE;
        got = merkle_bundle_next(&in, &leaf);
        status = got.code == CS_OK ? take_leaf(r, leaf) : status;
    }
    return got.code == CS_OK ? status : cli_fail(CLI_FAILED, name, "the log: %s %s", got.msg, cs_code_text(got.code));
}

static int take_all(struct replay *r)
{
    AUTO_WRITER w = wr_heap(BUNDLE_BYTES_MAX);
    int status = CLI_OK;

    for (uint64_t i = 0; status == CLI_OK && i * MERKLE_TILE_WIDTH < r->head.size; i++) {
        status = take_bundle(r, i, &w);
    }
    if (status != CLI_OK) {
        return status;
    }
    const struct sha256 root = judge_root(&r->judge);
    return sha256_eq(&root, &r->head.root) ? CLI_OK
                                           : cli_fail(CLI_VERIFY, name, "the entries are not those of the checkpoint");
}

/* --- the summary --- */

static int by_count(const void *va, const void *vb)
{
    const struct tally *a = va;
    const struct tally *b = vb;

    if (a->count != b->count) {
        return a->count > b->count ? -1 : 1;
    }
    return span_cmp(a->line, b->line);
}

static void summary(struct replay *r)
{
    (void)printf("%zu requests: %zu would be asked more, %zu less, %zu both, %zu the same\n", r->requests, r->more,
                 r->less, r->both, r->requests - r->more - r->less - r->both);
    if (r->tally_count > 1) {
        qsort(r->tally, r->tally_count, sizeof(r->tally[0]), by_count);
    }
    for (size_t i = 0; i < r->tally_count; i++) {
        (void)printf("%6zu x ", r->tally[i].count);
        file_show(stdout, r->tally[i].line);
        (void)fputc('\n', stdout);
    }
    if (r->tally_count == TALLY_MAX) {
        (void)puts("and other kinds of change");
    }
}

static int run(struct replay *r, uint64_t since_s)
{
    uint64_t last_ms = 0;
    struct cs_result got = read_head(r);

    got = got.code == CS_OK ? last_time(r, &last_ms) : got;
    if (got.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "the log: %s %s", got.msg, cs_code_text(got.code));
    }
    r->from_ms = since_s != 0 && since_s * 1000 < last_ms ? last_ms - since_s * 1000 : 0;
    if (judge_init(&r->judge, JUDGE_FOLD, STATE_BYTES).code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    const int status = take_all(r);
    judge_release(&r->judge);
    if (status == CLI_OK) {
        summary(r);
    }
    return status;
}

int policy_over_log(const struct policy_options *o, const struct policy_doc *a, const struct policy_doc *b,
                    struct arena *arena)
{
    struct replay *r = arena_alloc(arena, sizeof(*r)); /* too large for the stack */

    if (r == NULL) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    r->dir = open(o->log, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->dir < 0) {
        return cli_fail(CLI_FAILED, name, "%s is no directory that can be read", o->log);
    }
    r->a = a;
    r->b = b;
    r->arena = arena;
    r->quiet = o->quiet;
    arena_init(&r->once, REQUEST_ARENA_BYTES);
    const int status = run(r, o->since_s);
    arena_release(&r->once);
    (void)close(r->dir);
    return status;
}

int policy_replay(const struct policy_options *o, struct arena *arena)
{
    struct policy_file p = {.text = SPAN_NONE};

    if (o->log == NULL) {
        return cli_fail(CLI_USAGE, name, "--log DIR is missing");
    }
    const int status = policy_read(name, o->file[0], NULL, arena, &p);
    return status == CLI_OK ? policy_over_log(o, NULL, &p.doc, arena) : status;
}
