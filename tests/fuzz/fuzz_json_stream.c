/* SPDX-License-Identifier: Apache-2.0 */
/* The tokens do not depend on the pieces; containers close as they open; and what the parser of other people's small
 * documents takes, the stream takes too. */
#include "base/base_digest.h"
#include "json/json_stream.h"
#include "json/json_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* A digest of all tokens, and how deep they are. */
struct told {
    struct sha256_run run;
    int depth;
};

static struct cs_result tell(void *user, const struct json_token *t)
{
    struct told *told = user;
    const uint8_t head[4] = {(uint8_t)t->kind, t->cut ? 1 : 0, t->flag ? 1 : 0, (uint8_t)t->text.left};

    told->depth += t->kind == JSON_TOKEN_OBJECT || t->kind == JSON_TOKEN_ARRAY ? 1 : 0;
    told->depth -= t->kind == JSON_TOKEN_CLOSE ? 1 : 0;
    must(told->depth >= 0 && told->depth <= JSON_STREAM_DEPTH_MAX && t->text.left <= JSON_STREAM_TEXT_MAX);
    sha256_add(&told->run, SPAN_OF(head));
    sha256_add(&told->run, t->text);
    return CS_SUCCESS;
}

static struct cs_result read_all(struct span text, size_t piece, struct sha256 *ret_digest)
{
    static struct json_stream s;
    struct told told = {.depth = 0};
    struct cs_result r = CS_SUCCESS;

    sha256_begin(&told.run);
    json_stream_begin(&s, (struct json_sink){.take = tell, .user = &told});
    while (r.code == CS_OK && text.left > 0) {
        const size_t n = text.left < piece ? text.left : piece;
        r = json_stream_feed(&s, span_make(text.p, n));
        text = span_from(text, n);
    }
    r = r.code == CS_OK ? json_stream_end(&s) : r;
    must(r.code != CS_OK || told.depth == 0);
    *ret_digest = sha256_end(&told.run);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = span_make(data, size);
    const struct json_value *tree = NULL;
    struct sha256 whole;
    struct sha256 bytes;
    struct arena arena;

    const struct cs_result a = read_all(text, SIZE_MAX, &whole);
    const struct cs_result b = read_all(text, 1, &bytes);
    must(a.code == b.code && a.at == b.at && sha256_eq(&whole, &bytes));
    arena_init(&arena, (size_t)16 << 20);
    if (json_tree_parse_foreign(text, &arena, &tree).code == CS_OK) {
        must(a.code == CS_OK);
    }
    arena_release(&arena);
    return 0;
}
