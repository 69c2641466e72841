/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every allocation of a visit fails once: for k = 0, 1, 2… the k-th fails, until the visit runs through. Whatever
 * fails, the flow stays in a state, its screens can be drawn or say that there is no memory, and nothing is signed that
 * was not on a page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/model_emergency.h"
#include "model/model_people.h"
#include "screen_bed.h"
#include "support/author_glass.h"

static bool armed;
static size_t left;

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);

/* Fails once and then no more. */
static bool fails(void)
{
    if (!armed) {
        return false;
    }
    if (left > 0) {
        left--;
        return false;
    }
    armed = false;
    return true;
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return fails() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails() ? NULL : __real_realloc(p, n);
}

static void draw(struct bed *b)
{
    struct arena arena;
    static struct scene scene;
    struct grid g;
    arena_init(&arena, 64 << 20);
    struct cs_result r = screen_grid_init(&g, b->flow.cols, b->flow.rows, &arena);
    if (r.code == CS_OK) {
        r = screen_scene(&b->flow, &b->world, &arena, &scene);
    }
    if (r.code == CS_OK) {
        r = screen_grid_draw(&g, &scene, &arena);
    }
    assert_true(r.code == CS_OK || r.code == CS_E_NOMEM);
    arena_release(&arena);
}

static void press(struct bed *b, const char *text, enum press press)
{
    bed_type(b, text);
    bed_press(b, press);
    draw(b);
    const enum flow_state s = b->flow.state;
    assert_true(s > FLOW_NONE && s < FLOW_STATE_COUNT);
}

/* True when the key was asked for a signature: then whole pages of a whole statement were there. */
static bool visit(struct bed *b)
{
    press(b, "1", PRESS_NONE);
    for (size_t i = 0; i < b->flow.reading.page.pages.count; i++) {
        bed_wait(b, FLOW_PAGE_MS);
        press(b, "", PRESS_PAGE_DOWN);
    }
    bed_devices(b, 1);
    if (b->flow.token.op != 0) {
        bed_done_as(b, "tom");
    }
    press(b, "", PRESS_F12);
    press(b, "", PRESS_ENTER);
    if (b->flow.state == FLOW_PIN) {
        bed_answer(b, ASK_BEGIN, "ok", 0);
    }
    const bool ready = b->flow.sign.ready;
    if (ready) {
        bed_look(b);
    }
    press(b, "1234", PRESS_ENTER);
    const bool asked = bed_count(b, ASK_SIGN) > 0;
    if (asked) {
        const struct sha256 d = digest_sha256(b->flow.sign.text);
        assert_true(ready && sha256_eq(&d, &b->flow.sign.digest));
        assert_false(b->flow.sign.page.pages.too_long || b->flow.sign.page.doc.unshown);
    }
    return asked;
}

static void a_visit_survives_every_failed_allocation(void **state)
{
    (void)state;
    static struct bed b;
    uint64_t request = 0;
    struct author_log *l = author_log_new(JUDGE_FOLD, 64 << 20);
    const struct author_request q = {.title = "Payments API 4.18.2", .author = "gitlab:8"};
    author_log_standard(l);
    assert_true(author_log_request(l, &q, &request).allow);
    size_t refused = 0;
    bool through = false;
    for (size_t k = 0; !through; k++) {
        assert_true(k < 2000);
        bed_init(&b, l);
        left = k;
        armed = true;
        const bool asked = visit(&b);
        through = armed; /* nothing was left to fail */
        armed = false;
        assert_true(asked || !through);
        refused += asked ? 0 : 1;
        bed_release(&b);
    }
    assert_true(refused > 3); /* or the sweep does not reach what it is for */
    author_log_free(l);
}

/* The questions of an emergency, up to what is sent. True when it was sent: then it says what was answered. */
static bool ask(struct bed *b)
{
    bed_devices(b, 1);
    if (b->flow.token.op != 0) {
        bed_done_as(b, "tom");
    }
    press(b, "", PRESS_F8);
    press(b, "1", PRESS_NONE);
    press(b, "1", PRESS_NONE);
    press(b, "INC0098123", PRESS_ENTER);
    press(b, "Settles twice since 14:05.", PRESS_ENTER);
    if (b->flow.state == FLOW_PROPOSING) {
        const bool still = armed;
        struct emergency_content c;
        struct arena arena;
        armed = false; /* what follows is the test's own */
        arena_init(&arena, 1 << 20);
        assert_int_equal(model_emergency_content_decode(span_make(b->content, b->content_len), &arena, &c).code, CS_OK);
        assert_true(span_is(c.justification, "Settles twice since 14:05."));
        assert_true(span_is(c.initiator, "tom"));
        arena_release(&arena);
        armed = still;
    }
    return b->flow.state == FLOW_PROPOSING;
}

static void asking_for_an_emergency_survives_them_too(void **state)
{
    (void)state;
    static struct bed b;
    uint64_t request = 0;
    struct author_log *l = author_log_new(JUDGE_FOLD, 64 << 20);
    const struct author_request q = {.title = "Payments API 4.18.2"};
    author_log_standard(l);
    (void)bed_emergencies(l);
    assert_true(author_log_request(l, &q, &request).allow);
    bool through = false;
    for (size_t k = 0; !through; k++) {
        assert_true(k < 2000);
        bed_init(&b, l);
        left = k;
        armed = true;
        const bool sent = ask(&b);
        through = armed;
        armed = false;
        assert_true(sent || !through);
        bed_release(&b);
    }
    author_log_free(l);
}

/* From the list of vouchers that were given to what is sent. True when it was sent: then it says who and why. */
static bool take_back(struct bed *b)
{
    bed_devices(b, 1);
    if (b->flow.token.op != 0) {
        bed_done_as(b, "bea");
    }
    press(b, "v", PRESS_NONE);
    press(b, "2", PRESS_NONE);
    press(b, "w", PRESS_NONE);
    press(b, "I am back before noon.", PRESS_ENTER);
    if (b->flow.state == FLOW_TAKING) {
        assert_int_equal(bed_count(b, ASK_WITHDRAW), 1);
        assert_true(span_is(span_make(b->content, b->content_len), "bea: I am back before noon."));
    }
    return b->flow.state == FLOW_TAKING;
}

static void taking_back_survives_them_too(void **state)
{
    (void)state;
    static struct bed b;
    struct author_log *l = author_log_new(JUDGE_FOLD, 64 << 20);
    const struct glass_policy emergencies = {.version = 3};
    const struct glass_voucher voucher = {.life_s = 86400};
    author_log_standard(l);
    glass_policy(l, &emergencies);
    (void)glass_voucher_signed(l, &voucher);
    size_t kept = 0;
    bool through = false;
    for (size_t k = 0; !through; k++) {
        assert_true(k < 2000);
        bed_init(&b, l);
        left = k;
        armed = true;
        const bool sent = take_back(&b);
        through = armed;
        armed = false;
        assert_true(sent || !through);
        kept += sent ? 0 : 1;
        bed_release(&b);
    }
    assert_true(kept > 3);
    author_log_free(l);
}

/* A delegation for one environment. True when it was sent: then it is to whom and where it was answered, whatever
 * failed on the way. */
static bool lend(struct bed *b)
{
    bed_devices(b, 1);
    if (b->flow.token.op != 0) {
        bed_done_as(b, "tom");
    }
    press(b, "d", PRESS_NONE);
    press(b, "1", PRESS_NONE);
    press(b, "1", PRESS_NONE);
    press(b, "", PRESS_ENTER);
    press(b, "", PRESS_ENTER);
    press(b, "2", PRESS_NONE);
    press(b, "1", PRESS_ENTER);
    press(b, "payments", PRESS_ENTER);
    press(b, "Away.", PRESS_ENTER);
    if (b->flow.state == FLOW_PROPOSING) {
        const bool still = armed;
        struct delegate_content c;
        struct arena arena;
        armed = false;
        arena_init(&arena, 1 << 20);
        assert_int_equal(model_delegate_content_decode(span_make(b->content, b->content_len), &arena, &c).code, CS_OK);
        assert_true(span_is(c.initiator, "tom") && span_is(c.to, "bea") && span_is(c.role, "tech"));
        assert_int_equal(c.until_ms - c.from_ms, 86400000);
        assert_true(c.environment_count == 1 && span_is(c.environments[0], "production"));
        assert_true(c.service_count == 1 && span_is(c.services[0], "payments"));
        arena_release(&arena);
        armed = still;
    }
    return b->flow.state == FLOW_PROPOSING;
}

static void lending_a_role_survives_them_too(void **state)
{
    (void)state;
    static struct bed b;
    static struct span to = {(const uint8_t *)"business", 8};
    static struct policy_delegation lends = {.most_s = 864000, .role = {(const uint8_t *)"tech", 4}, .to_count = 1};
    struct author_log *l = author_log_new(JUDGE_FOLD, 64 << 20);
    author_log_standard(l);
    lends.to = &to;
    author_log_judge(l)->state.policy->doc.delegations = &lends;
    author_log_judge(l)->state.policy->doc.delegation_count = 1;
    size_t kept = 0;
    bool through = false;
    for (size_t k = 0; !through; k++) {
        assert_true(k < 2000);
        bed_init(&b, l);
        left = k;
        armed = true;
        const bool sent = lend(&b);
        through = armed;
        armed = false;
        assert_true(sent || !through);
        kept += sent ? 0 : 1;
        bed_release(&b);
    }
    assert_true(kept > 0); /* or the sweep does not reach what it is for */
    author_log_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_survives_every_failed_allocation),
        cmocka_unit_test(asking_for_an_emergency_survives_them_too),
        cmocka_unit_test(taking_back_survives_them_too),
        cmocka_unit_test(lending_a_role_survives_them_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
