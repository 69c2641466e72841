/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzer of the log's texts begins with is what the log holds: each file of its corpus is taken by the decoder
 * that its first byte names, but for those whose names begin with "wrong". A seed that fell behind would try nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "file/file_read.h"
#include "model_again.h"

enum { ARENA_BYTES = 1 << 22, TEXT_BYTES = 1 << 20 };

static bool seen[AGAIN_COUNT];

static bool is_taken(struct span file)
{
    struct arena arena;
    AUTO_WRITER w = wr_heap(TEXT_BYTES);
    const unsigned kind = file.left > 0 ? file.p[0] - (unsigned)'A' : AGAIN_COUNT;

    arena_init(&arena, ARENA_BYTES);
    const bool taken = file.left > 0 && model_again(kind, span_from(file, 1), &arena, &w).code == CS_OK;
    seen[taken ? kind : 0] = taken;
    arena_release(&arena);
    return taken;
}

static void every_seed_is_taken(void **state)
{
    const int at = open(MODEL_CORPUS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = at >= 0 ? fdopendir(at) : NULL;
    (void)state;
    assert_non_null(d);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        AUTO_WRITER file = wr_heap(TEXT_BYTES);
        if (e->d_name[0] == '.') {
            continue;
        }
        assert_int_equal(file_read(at, e->d_name, 0, &file).code, CS_OK);
        if (is_taken(wr_span(&file)) == (strncmp(e->d_name, "wrong", 5) == 0)) {
            fail_msg("%s", e->d_name);
        }
    }
    (void)closedir(d);
}

/* Of every type of entry and every content there is one. */
static void every_decoder_has_a_seed(void **state)
{
    (void)state;
    for (unsigned k = 1; k < AGAIN_COUNT; k++) {
        const bool is_one = k < ENTRY_TYPE_COUNT || k >= AGAIN_ENTRY;
        if (is_one && !seen[k] && k != ENTRY_POLICY && k != ENTRY_ROSTER) { /* one decoder, either will do */
            fail_msg("kind %u (%s) has no seed", k,
                     k < ENTRY_TYPE_COUNT ? entry_type_text((enum entry_type)k) : "content");
        }
    }
    assert_true(seen[ENTRY_POLICY] || seen[ENTRY_ROSTER]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_seed_is_taken),
        cmocka_unit_test(every_decoder_has_a_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
