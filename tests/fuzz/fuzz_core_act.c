/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of peers against a core that has begun: nothing that a peer may ask for ends the process, every answer can be
 * written, and what is refused leaves no entry but an attempt's. */
#include <stdlib.h>
#include <unistd.h>

#include "ipc/ipc_frame.h"
#include "support/core_inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STATE_BYTES = 256 << 20, ARENA_BYTES = 4 << 20, FRAME_MAX = 1 << 16, ANSWER_MAX = 1 << 20 };

static struct inside w;

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static char dir[] = "fuzz-core-XXXXXX";

static void clean_up(void)
{
    static const char *const files[] = {"log.db", "log.db-wal", "log.db.head", "log.key", "outcome.key"};
    char path[64];

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
        (void)unlink(path);
    }
    (void)rmdir(dir);
}

static void begin_once(void)
{
    if (w.core.version == NULL) {
        must(mkdtemp(dir) != NULL && atexit(clean_up) == 0);
        inside_init(&w, dir, STATE_BYTES);
        inside_genesis(&w);
    }
}

static void act(enum core_peer_kind peer, const struct wire_command *c)
{
    const struct core_call call = {.peer = peer, .c = c};
    AUTO_WRITER text = wr_heap(ANSWER_MAX);
    struct wire_answer a;
    const uint64_t size = w.core.judge.state.size;

    must(core_act(&w.core, &call, &a).code == CS_OK);
    must(a.id == c->id && a.code.left > 0);
    must(wire_answer_encode(&a, &text).code == CS_OK);
    if (!span_is(a.code, "ok") && !span_is(a.code, "drifted")) {
        must(w.core.judge.state.size <= size + 1); /* the attempt */
    }
    must(core_tick(&w.core).code == CS_OK);
    if (core_log_full(&w.core.log)) {
        inside_commit(&w);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_make(data, size);
    struct span frame = SPAN_NONE;
    struct arena arena;
    size_t used = 0;

    begin_once();
    arena_init(&arena, ARENA_BYTES);
    while (ipc_frame_split(rest, FRAME_MAX, &frame, &used).code == CS_OK) {
        struct wire_command c = {0};
        arena_reset(&arena);
        w.core.real_ms += 1000;
        w.core.mono_ms += 1000;
        if (wire_command_decode(frame, &arena, &c).code == CS_OK && c.cmd != WIRE_FOLLOW) {
            for (enum core_peer_kind p = CORE_HTTP; p < CORE_PEER_COUNT; p++) {
                const bool may =
                    core_permits(p, c.cmd) && (c.cmd != WIRE_ACCESS || core_permits_actor(p, c.access.actor));
                if (may) {
                    act(p, &c);
                }
            }
        }
        rest = span_from(rest, used);
    }
    arena_release(&arena);
    return 0;
}
