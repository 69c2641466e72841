/* SPDX-License-Identifier: Apache-2.0 */
/* Commands with the k-th allocation failing, until one passes: the core says that it cannot go on, or it is done
 * right. Each try is a process of its own, because a core that could not go on ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/core_inside.h"

enum { STATE_BYTES = 64 << 20, TRIES_MAX = 3000, TEXT_MAX = 4096 };
enum found { DONE, GAVE_UP, WRONG };

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t count, size_t size);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t count, size_t size);

static bool armed;
static unsigned left; /* allocations until the one that fails */

static bool fails_now(void)
{
    if (!armed || left == 0) {
        return false;
    }
    left--;
    return left == 0;
}

void *__wrap_malloc(size_t n)
{
    return fails_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails_now() ? NULL : __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
    return fails_now() ? NULL : __real_reallocarray(p, count, size);
}

static struct inside w;
static char dir[] = "core-memory-XXXXXX";

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    inside_init(&w, dir, STATE_BYTES);
    inside_genesis(&w);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    inside_release(&w);
    DIR *d = opendir(dir);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char path[512];
        (void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        (void)unlink(path);
    }
    (void)closedir(d);
    return rmdir(dir);
}

/* The state after an answer is what the answer says. */
static bool consistent(const struct wire_answer *a, uint64_t size_before)
{
    const struct state *s = &w.core.judge.state;

    if (span_is(a->code, "ok")) {
        return a->has_index && a->index == size_before && s->size > size_before;
    }
    return s->size == size_before; /* refused: nothing happened */
}

static enum found attempt(enum core_peer_kind peer, const struct wire_command *c, unsigned k)
{
    const struct core_call call = {.peer = peer, .c = c};
    const uint64_t size = w.core.judge.state.size;
    struct wire_answer a;

    left = k;
    armed = true;
    const struct cs_result r = core_act(&w.core, &call, &a);
    armed = false;
    if (r.code != CS_OK) {
        return GAVE_UP;
    }
    if (!consistent(&a, size)) {
        return WRONG;
    }
    return left > 0 && span_is(a.code, "ok") ? DONE : GAVE_UP;
}

static void sweep(enum core_peer_kind peer, const struct wire_command *c)
{
    unsigned gave_up = 0;

    for (unsigned k = 1; k < TRIES_MAX; k++) {
        int status = 0;
        const pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            const enum found found = attempt(peer, c, k); /* nothing of it is committed */
            _exit((int)found);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == WRONG) {
            fail_msg("%s: allocation %u fails, and the answer is wrong", wire_cmd_text(c->cmd), k);
        }
        if (WEXITSTATUS(status) == DONE) {
            assert_true(gave_up > 0);
            return;
        }
        gave_up++;
    }
    fail_msg("%s never passes", wire_cmd_text(c->cmd));
}

static void a_request(void **state)
{
    (void)state;
    AUTO_WRITER body = wr_heap(TEXT_MAX);
    struct sha256 artifact;

    inside_body(&w, &body, &artifact);
    const struct wire_command c = {.cmd = WIRE_REQUEST,
                                   .client = SPAN_LIT("ci"),
                                   .ip = SPAN_LIT("192.0.2.7"),
                                   .request = {.body = wr_span(&body), .key = SPAN_LIT("swept")}};
    sweep(CORE_HTTP, &c);
}

static void a_decision_and_a_redeem(void **state)
{
    (void)state;
    struct sha256 artifact;
    struct wire_command c;
    const uint64_t q = inside_request(&w, &artifact);

    inside_decision(&w, q, &c);
    sweep(CORE_KIOSK, &c);
    (void)inside_act(&w, CORE_KIOSK, &c, "ok");
    inside_redeem(q, &artifact, &c);
    sweep(CORE_HTTP, &c);
    cast_forget(&w.cast);
}

static void a_proposal(void **state)
{
    (void)state;
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);

    cast_enrol(&w.cast, "gus", "tech", "ada", &content);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_ROSTER, .content = wr_span(&content)}};
    sweep(CORE_OPERATOR, &c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request),
        cmocka_unit_test(a_decision_and_a_redeem),
        cmocka_unit_test(a_proposal),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
