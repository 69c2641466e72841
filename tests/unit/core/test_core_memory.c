/* SPDX-License-Identifier: Apache-2.0 */
/* Commands with the k-th allocation failing, until one passes: the core says that it cannot go on, or it is done
 * right. Each try is a process of its own, because a core that could not go on ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
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

/* --- evidence, freezes, and what is due --- */

/* Asked for by cyd, signed by the two other officers. */
static void adopt(enum request_kind kind, struct span content)
{
    static const char *const officers[] = {"ada", "bob"};
    const struct wire_command ask = {.cmd = WIRE_PROPOSE, .propose = {.kind = kind, .content = content}};
    const uint64_t id = inside_act(&w, CORE_OPERATOR, &ask, "ok").index;

    for (size_t i = 0; i < 2; i++) {
        const struct wire_command begin = {.cmd = WIRE_BEGIN};
        const struct wire_answer b = inside_act(&w, CORE_KIOSK, &begin, "ok");
        const struct cast_visit visit = {.person = officers[i],
                                         .request = id,
                                         .seat = "officers/officers",
                                         .word = DECISION_APPROVE,
                                         .nonce = b.nonce,
                                         .issued_ms = b.time_ms};
        static struct wire_command c; /* too large for the stack */
        c = (struct wire_command){.cmd = WIRE_DECISION, .kiosk = SPAN_LIT(CAST_KIOSK), .port = SPAN_LIT("1-1")};
        cast_decide(&w.cast, &w.core.judge, &visit, &c.decision);
        (void)inside_act(&w, CORE_KIOSK, &c, "ok");
    }
    assert_int_equal(state_request_find(&w.core.judge.state, id)->status, STATUS_APPLIED);
}

static void adopt_policy(void)
{
    static const char document[] =
        "{\"access_review\":{\"every_s\":86400},\"change_types\":[\"normal\"],\"duty\":[{\"role\":\"security\","
        "\"roster\":"
        "\"ops\"}],\"environments\":[\"lab\",\"production\",\"staging\"],\"freeze\":{\"pass\":\"nothing\",\"thaw_by\":"
        "\"tech\"},\"name\":\"cast\",\"officers\":{\"sign_by_s\":864000,\"threshold\":2},\"roles\":[\"business\","
        "\"officer\",\"security\",\"tech\"],\"rules\":[{\"id\":\"every\",\"require\":{\"escalate\":[{\"after_s\":60,"
        "\"to\":"
        "\"security\"}],\"evidence\":[{\"id\":\"tests\",\"kind\":\"junit\",\"limits\":[{\"ge\":1000000,\"name\":"
        "\"pass_ppm\"}]}],\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}],\"sign_by_s\":864000}}],\"v\":1,"
        "\"version\":2}";
    struct roster_change *item = calloc(1, sizeof(*item));
    const struct policy_content policy = {.initiator = SPAN_LIT("cyd"),
                                          .policy = SPAN_LIT(document),
                                          .reason = SPAN_LIT("as agreed"),
                                          .title = SPAN_LIT("Policy")};
    const struct roster_content roster = {.changes = {.item = item, .count = 1},
                                          .initiator = SPAN_LIT("cyd"),
                                          .reason = SPAN_LIT("as agreed"),
                                          .title = SPAN_LIT("A scanner")};
    AUTO_WRITER text = wr_heap(CAST_TEXT_MAX);

    assert_non_null(item);
    item->op = CHANGE_PUT_CLIENT;
    item->id = SPAN_LIT("scanner");
    item->client = (struct client){
        .id = item->id, .scopes = 1U << SCOPE_EVIDENCE_JUNIT, .tokens = {digest_sha256(item->id)}, .token_count = 1};
    assert_int_equal(model_policy_content_encode(&policy, &text).code, CS_OK);
    adopt(KIND_POLICY, wr_span(&text));
    text.len = 0;
    assert_int_equal(model_roster_content_encode(&roster, &text).code, CS_OK);
    adopt(KIND_ROSTER, wr_span(&text));
    free(item);
}

static void a_file(void **state)
{
    static const char report[] =
        "{\"findings\":[],\"kind\":\"junit\",\"more\":false,\"numbers\":[{\"name\":\"pass_ppm\","
        "\"value\":1000000}],\"produced\":\"2027-01-15T08:00:00.000Z\",\"texts\":{}}";
    const struct span file = SPAN_LIT("<testsuite/>");
    static struct wire_command c; /* too large for the stack */
    struct sha256 artifact;
    (void)state;
    adopt_policy();
    const uint64_t id = inside_request(&w, &artifact);
    c.cmd = WIRE_BLOB;
    c.blob = (struct wire_blob){.bytes = file, .sha256 = digest_sha256(file), .size = file.left};
    (void)inside_act(&w, CORE_HTTP, &c, "ok");
    c.cmd = WIRE_EVIDENCE;
    c.client = SPAN_LIT("scanner");
    c.ip = SPAN_LIT("192.0.2.7");
    c.evidence = (struct wire_evidence){.artifacts = {artifact},
                                        .artifact_count = 1,
                                        .line = SPAN_LIT("every/tests"),
                                        .report = SPAN_LIT(report),
                                        .request = id,
                                        .sha256 = digest_sha256(file),
                                        .size = file.left};
    sweep(CORE_HTTP, &c);
}

static void a_freeze(void **state)
{
    (void)state;
    const struct wire_command c = {
        .cmd = WIRE_FREEZE,
        .kiosk = SPAN_LIT(CAST_KIOSK),
        .freeze = {.content = SPAN_LIT("{\"environments\":[\"production\"],\"incident\":\"INC-1\"}")}};
    sweep(CORE_KIOSK, &c);
}

/* How long the log is when all that is due was written; 0: it gave up. */
static uint64_t tick(unsigned k)
{
    left = k;
    armed = true;
    const struct cs_result r = core_tick(&w.core);
    armed = false;
    return r.code == CS_OK ? w.core.judge.state.size : 0;
}

/* In a process of its own. */
static uint64_t tick_apart(unsigned k, bool *ret_failed)
{
    uint64_t said[2] = {0};
    int ends[2];
    int status = 0;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        said[0] = tick(k);
        said[1] = left;
        _exit(write(ends[1], said, sizeof(said)) == (ssize_t)sizeof(said) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], said, sizeof(said)), (ssize_t)sizeof(said));
    (void)close(ends[0]);
    (void)close(ends[1]);
    *ret_failed = said[1] == 0;
    return said[0];
}

/* An escalation, roles that lapse, an alarm: written whole, or the core ends. */
static void what_is_due(void **state)
{
    enum { DAYS_MS = 90000000 };
    struct sha256 artifact;
    bool failed = false;
    unsigned gave_up = 0;
    (void)state;
    inside_commit(&w);
    (void)inside_request(&w, &artifact);
    w.core.real_ms += DAYS_MS;
    w.core.mono_ms += DAYS_MS;
    const uint64_t whole = tick_apart(TRIES_MAX * 10U, &failed);
    assert_false(failed);
    assert_true(whole >= w.core.judge.state.size + 3);
    for (unsigned k = 1;; k++) {
        const uint64_t size = tick_apart(k, &failed);
        if (!failed) {
            assert_int_equal(size, whole);
            break;
        }
        assert_true(k < TRIES_MAX * 10U && (size == 0 || size == whole));
        gave_up += size == 0 ? 1U : 0U;
    }
    assert_true(gave_up > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request),  cmocka_unit_test(a_decision_and_a_redeem),
        cmocka_unit_test(a_proposal), cmocka_unit_test(a_file),
        cmocka_unit_test(a_freeze),   cmocka_unit_test(what_is_due),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
