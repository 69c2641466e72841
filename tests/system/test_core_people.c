/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may sign now, by the operator's command, a real core and keys: duty, standing in, separation, reviews.
 *
 */
#include "core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base_text.h"
#include "model/model_state_delegate.h"
#include "model/model_state_duty.h"
#include "model/model_state_review.h"

enum { SAID_BYTES = 1024 };

static int setup(void **state)
{
    static struct rig r;
    rig_init(&r);
    r.clock = "+0";
    rig_start(&r);
    rig_genesis(&r);
    *state = &r;
    return 0;
}

static int teardown(void **state)
{
    rig_release(*state);
    return 0;
}

static const struct state *fold(const struct rig *r)
{
    return &r->peer[RIG_KIOSK].f.judge.state;
}

/* --- the operator's command --- */

static void write_text(const char *path, const char *text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
}

/* countersign propose WHAT FILE --as WHO …; what it prints, both streams. Its exit status. */
static int run_propose(const struct rig *r, const char *what, const char *text, const char *as,
                       char ret_said[SAID_BYTES])
{
    static const char program[] = COUNTERSIGN;
    char *const no_env[] = {NULL};
    char file[RIG_PATH_MAX];
    char out[RIG_PATH_MAX];
    posix_spawn_file_actions_t to;
    pid_t pid = 0;
    int status = 0;

    rig_path(r, "plan.yaml", file);
    rig_path(r, "said", out);
    write_text(file, text);
    const char *const argv[] = {program,    "propose", what,    file,   "--as", as,
                                "--reason", "agreed",  "--run", r->run, NULL};
    assert_int_equal(posix_spawn_file_actions_init(&to), 0);
    assert_int_equal(posix_spawn_file_actions_addopen(&to, STDOUT_FILENO, out, O_WRONLY | O_CREAT | O_TRUNC, 0600), 0);
    assert_int_equal(posix_spawn_file_actions_adddup2(&to, STDOUT_FILENO, STDERR_FILENO), 0);
    assert_int_equal(posix_spawn(&pid, program, &to, NULL, (char *const *)(uintptr_t)argv, no_env), 0);
    (void)posix_spawn_file_actions_destroy(&to);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    const int fd = open(out, O_RDONLY | O_CLOEXEC);
    const ssize_t n = read(fd, ret_said, SAID_BYTES - 1);
    (void)close(fd);
    assert_true(fd >= 0 && n >= 0 && WIFEXITED(status));
    ret_said[n] = '\0';
    return WEXITSTATUS(status);
}

/* The request's index. */
__attribute__((noinline)) static uint64_t proposed(struct rig *r, const char *what, const char *text, const char *as)
{
    char said[SAID_BYTES];
    if (run_propose(r, what, text, as, said) != 0) {
        fail_msg("propose %s: %s", what, said);
    }
    const uint64_t index = strtoull(said, NULL, 10);
    rig_sync(r, RIG_KIOSK, index + 1);
    return index;
}

/* Both signatures and what they bring about. */
static void officers_sign(struct rig *r, uint64_t request, const char *first, const char *second)
{
    rig_approve(r, first, request, "officers/officers");
    rig_approve(r, second, request, "officers/officers");
    while (rig_state(r, request)->status != STATUS_APPLIED) {
        rig_pump(r, 20);
    }
}

/* The cast's policy with more about people: before `change_types`, and before `environments`. */
__attribute__((noinline)) static void adopt(struct rig *r, const char *first, const char *people)
{
    AUTO_WRITER plain = wr_heap(CAST_TEXT_MAX);
    AUTO_WRITER policy = wr_heap(CAST_TEXT_MAX);
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    cast_policy(fold(r)->policy->doc.version + 1, false, &plain);
    const struct span text = wr_span(&plain);
    const uint8_t *environments = memmem(text.p, text.left, "\"environments\":", 15);
    assert_non_null(environments);
    wr_text(&policy, "{");
    wr_text(&policy, first);
    wr_bytes(&policy, span_make(text.p + 1, (size_t)(environments - text.p) - 1));
    wr_text(&policy, people);
    wr_bytes(&policy, span_make(environments, (size_t)(text.p + text.left - environments)));
    const struct policy_content p = {
        .initiator = SPAN_LIT("ada"), .policy = wr_span(&policy), .title = SPAN_LIT("People")};
    assert_int_equal(model_policy_content_encode(&p, &content).code, CS_OK);
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_POLICY, .content = wr_span(&content)}};
    const struct rig_answer a = rig_ask(r, RIG_OPERATOR, &c);
    if (strcmp(a.code, "ok") != 0) {
        fail_msg("policy: %s", a.detail);
    }
    rig_sync(r, RIG_KIOSK, a.index + 1);
    officers_sign(r, a.index, "bob", "cyd");
}

static uint64_t by; /* the delegation that the next statement names */

static void for_somebody(struct statement *st)
{
    st->has_delegation = true;
    st->delegation = by;
}

/* Answers are large: the frames of those who ask many times stay small. */
__attribute__((noinline)) static struct rig_answer sign(struct rig *r, const char *person, uint64_t request,
                                                        const char *seat, uint64_t delegation)
{
    by = delegation;
    const struct cast_visit v = {.person = person,
                                 .request = request,
                                 .seat = seat,
                                 .word = DECISION_APPROVE,
                                 .bend = delegation != 0 ? for_somebody : NULL};
    const struct rig_answer a = rig_visit(r, &v);
    if (a.has_index) {
        rig_sync(r, RIG_KIOSK, a.index + 1);
    }
    return a;
}

/* What comes of it, in one word. */
__attribute__((noinline)) static void signs(struct rig *r, const char *person, uint64_t request, const char *seat,
                                            const char *want)
{
    assert_string_equal(sign(r, person, request, seat, 0).code, want);
}

__attribute__((noinline)) static void signs_for(struct rig *r, const char *person, uint64_t request,
                                                uint64_t delegation, const char *want)
{
    assert_string_equal(sign(r, person, request, "production/tech", delegation).code, want);
}

/* A request of somebody, through the front, its index. */
__attribute__((noinline)) static uint64_t request_of(struct rig *r, const char *initiator, const char *trigger,
                                                     const char *author)
{
    char body[2048];
    char key[32];
    const unsigned long long n = ++r->request_number;
    const struct sha256 d = digest_sha256(span_make(&n, sizeof(n)));
    char hex[65];
    struct writer w = wr_fixed(hex, sizeof(hex));
    wr_hex(&w, sha256_span(&d));
    hex[64] = '\0';
    (void)snprintf(key, sizeof(key), "key-%llu", n);
    (void)snprintf(
        body, sizeof(body),
        "{\"title\":\"Release %llu\",\"service\":\"payments\",\"environment\":\"production\",\"change_type\":"
        "\"normal\",\"initiator\":\"%s\",\"trigger\":\"%s\",\"source\":{\"authors\":[\"%s\"],\"commit\":"
        "\"0123456789abcdef0123456789abcdef01234567\",\"commits\":1,\"files_changed\":1,\"lines_added\":1,"
        "\"lines_removed\":1,\"ref\":\"refs/heads/main\",\"repository\":\"payments/api\",\"since\":\"root\"},"
        "\"artifacts\":[{\"name\":\"api\",\"sha256\":\"%s\"}],\"documentation\":{\"backout_plan\":\"Roll "
        "back.\"}}",
        n, initiator, trigger, author, hex);
    const struct wire_command c = {.cmd = WIRE_REQUEST,
                                   .client = SPAN_LIT("ci"),
                                   .ip = SPAN_LIT("192.0.2.7"),
                                   .request = {.body = span_str(body), .key = span_str(key)}};
    const struct rig_answer a = rig_expect(r, RIG_HTTP, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    return a.index;
}

/* --- 2.1 --- */

static void write_plan(const struct rig *r, const char *people, char ret_text[SAID_BYTES])
{
    const uint64_t day = fold(r)->time_ms / 86400000 * 86400000;
    uint8_t from[TEXT_TIME_LEN];
    uint8_t until[TEXT_TIME_LEN];
    struct writer f = wr_fixed(from, sizeof(from));
    struct writer u = wr_fixed(until, sizeof(until));
    text_time_write(&f, day - 86400000);
    text_time_write(&u, day + 3 * (uint64_t)86400000);
    (void)snprintf(ret_text, SAID_BYTES,
                   "roster: ops\nzone: Europe/Berlin\nhand_over: 15m\nfrom: %.10s\nuntil: %.10s\n"
                   "shifts: [ { from: \"00:00\", until: \"24:00\", people: [%s] } ]\n",
                   (const char *)from, (const char *)until, people);
}

static void only_who_is_on_duty_signs(void **state)
{
    struct rig *r = *state;
    char plan[SAID_BYTES];
    char said[SAID_BYTES];
    write_plan(r, "dan", plan);
    assert_int_equal(run_propose(r, "duty", "roster: ops\nzone: Europe/Nowhere\nfrom: 2026-01-01\n", "ada", said), 1);
    assert_non_null(strstr(said, "no time zone Europe/Nowhere"));
    officers_sign(r, proposed(r, "duty", plan, "ada"), "bob", "cyd");
    assert_non_null(state_duty_find(fold(r), SPAN_LIT("ops")));
    adopt(r, "", "\"duty\":[{\"role\":\"tech\",\"roster\":\"ops\"}],");

    const uint64_t q = rig_request(r, "production");
    signs(r, "eve", q, "production/tech", "off_duty");
    assert_true(rig_has_access(r, q, "off_duty", q));
    signs(r, "dan", q, "production/tech", "ok");
    rig_set_clock(r, "+6d"); /* past the last shift: the log says that nobody is left */
    while (fold(r)->alarm_count == 0) {
        rig_pump(r, 50);
    }
    assert_true(span_is(fold(r)->alarms[0].code, "nobody_on_duty"));
    const uint64_t next = rig_request(r, "production");
    signs(r, "dan", next, "production/tech", "off_duty");
    write_plan(r, "dan, eve", plan);
    officers_sign(r, proposed(r, "duty", plan, "ada"), "bob", "cyd");
    while (fold(r)->alarm_count > 0) {
        rig_pump(r, 50);
    }
    signs(r, "eve", next, "production/tech", "ok");
}

/* --- 2.3 --- */

static void who_asked_triggered_wrote_or_edited_does_not_decide(void **state)
{
    struct rig *r = *state;
    static const struct row {
        const char *initiator;
        const char *trigger;
        const char *author;
        const char *code;
    } rows[] = {
        {"dan", "gitlab:8", "gitlab:9", "is_requester"},
        {"gitlab:7", "dan", "gitlab:9", "is_trigger"},
        {"gitlab:7", "gitlab:8", "DAN", "is_author"}, /* in any letter case */
        {"person:dan", "gitlab:8", "gitlab:9", "is_requester"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const uint64_t q = request_of(r, rows[i].initiator, rows[i].trigger, rows[i].author);
        signs(r, "dan", q, "production/tech", rows[i].code);
        assert_true(rig_has_access(r, q, rows[i].code, q));
        signs(r, "eve", q, "production/tech", "ok");
    }
    adopt(r, "", ""); /* asked for by ada, who is tech as well */
    const uint64_t q = request_of(r, "gitlab:7", "gitlab:8", "gitlab:9");
    const bool separated = (fold(r)->policy->doc.rules[0].separate & SEPARATE_POLICY_EDITOR) != 0;
    signs(r, "ada", q, "production/tech", separated ? "is_policy_editor" : "ok");
}

/* --- 2.5 --- */

static void somebody_signs_for_somebody(void **state)
{
    struct rig *r = *state;
    char said[SAID_BYTES];
    char text[SAID_BYTES];
    uint8_t from[TEXT_TIME_LEN];
    uint8_t until[TEXT_TIME_LEN];
    struct writer f = wr_fixed(from, sizeof(from));
    struct writer u = wr_fixed(until, sizeof(until));
    text_time_write(&f, fold(r)->time_ms);
    text_time_write(&u, fold(r)->time_ms + 86400000);
    (void)snprintf(text, sizeof(text), "role: tech\nto: cyd\nfrom: %.19sZ\nuntil: %.19sZ\nenvironments: [production]\n",
                   (const char *)from, (const char *)until);
    assert_int_equal(run_propose(r, "delegation", text, "dan", said), 1); /* the policy does not let it */
    assert_non_null(strstr(said, "not_delegable"));
    adopt(r, "", "\"delegation\":[{\"most_s\":864000,\"role\":\"tech\",\"to\":[\"security\"]}],");
    const uint64_t g = proposed(r, "delegation", text, "dan");
    signs(r, "eve", g, "delegation/delegator", "delegation_person");
    signs(r, "cyd", g, "delegation/delegator", "no_role");
    signs(r, "dan", g, "delegation/delegator", "ok");
    while (state_delegation_find(fold(r), g) == NULL) {
        rig_pump(r, 20);
    }

    const uint64_t q = request_of(r, "gitlab:7", "gitlab:8", "gitlab:9");
    signs(r, "cyd", q, "production/tech", "no_role");
    signs_for(r, "cyd", request_of(r, "gitlab:7", "gitlab:8", "dan"), g, "is_author");
    signs_for(r, "cyd", q, g, "ok");
    signs(r, "dan", q, "production/tech", "already_signed");
    signs(r, "fay", q, "production/business", "ok");
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);

    (void)snprintf(text, sizeof(text), "revokes: %llu\n", (unsigned long long)g);
    signs(r, "dan", proposed(r, "delegation", text, "dan"), "delegation/delegator", "ok");
    while (state_delegation_find(fold(r), g)->ended_index == 0) {
        rig_pump(r, 20);
    }
    const uint64_t next = request_of(r, "gitlab:7", "gitlab:8", "gitlab:9");
    signs_for(r, "cyd", next, g, "delegation_scope");
    assert_true(rig_has_access(r, next, "delegation_scope", next));
}

/* --- 5.6 --- */

static bool has_lapsed(const struct rig *r, const char *person, const char *role)
{
    return state_entitlement_lapsed(state_person_find(fold(r), span_str(person)), span_str(role));
}

static void what_nobody_reviews_lapses(void **state)
{
    struct rig *r = *state;
    char said[SAID_BYTES];
    assert_int_equal(run_propose(r, "access", "dan: [tech]\n", "ada", said), 1);
    assert_non_null(strstr(said, "no_access_review"));
    adopt(r, "\"access_review\":{\"every_s\":3456000,\"unused_s\":2592000},", "");
    rig_set_clock(r, "+31d");
    while (!has_lapsed(r, "dan", "tech") || fold(r)->alarm_count == 0) {
        rig_pump(r, 50); /* the core says so by itself */
    }
    const uint64_t q = rig_request(r, "production");
    signs(r, "dan", q, "production/tech", "role_lapsed");
    assert_true(rig_has_access(r, q, "role_lapsed", q));
    assert_false(has_lapsed(r, "ada", "officer")); /* or the house would be shut */

    const uint64_t a = proposed(r, "access", "dan: [tech]\nfay: [business]\n", "ada");
    signs(r, "ada", a, "officers/officers", "is_requester");
    officers_sign(r, a, "bob", "cyd");
    assert_false(has_lapsed(r, "dan", "tech"));
    assert_true(has_lapsed(r, "eve", "tech"));
    signs(r, "dan", q, "production/tech", "ok");
    signs(r, "fay", q, "production/business", "ok");
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_who_is_on_duty_signs, setup, teardown),
        cmocka_unit_test_setup_teardown(who_asked_triggered_wrote_or_edited_does_not_decide, setup, teardown),
        cmocka_unit_test_setup_teardown(somebody_signs_for_somebody, setup, teardown),
        cmocka_unit_test_setup_teardown(what_nobody_reviews_lapses, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
