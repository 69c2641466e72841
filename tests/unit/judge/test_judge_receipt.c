/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt holds, and every way in which it does not has its own answer. Requirements D5, D7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "judge/judge_replay.h"
#include "support/author_export.h"

enum { CAP_BYTES = 64 << 20 };

/* One log for all tests; nobody changes it after it was made. */
struct shop {
    struct author_log *l;
    struct author_export *x;
    const struct state *state;
    struct trust trust;
    uint64_t used;     /* approved, redeemed, succeeded */
    uint64_t approved; /* not used yet; opened under the first policy, signed after a roster change */
    uint64_t rejected;
    uint64_t revised; /* supersedes another */
    uint64_t policy;  /* an officers' request */
    struct writer receipt;
    struct arena arena;
};

static void allow(struct verdict v)
{
    if (!v.allow) {
        fail_msg("refused: %s %s", policy_reason_code(v.reason), v.cause.msg);
    }
}

static uint64_t opened(struct author_log *l, const char *title)
{
    uint64_t id = 0;
    allow(author_log_request(l, &(struct author_request){.title = title}, &id));
    return id;
}

static void sign_both(struct author_log *l, uint64_t id)
{
    allow(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL));
    allow(author_log_decide(l, "bea", id, "production/business", DECISION_APPROVE, "go", NULL));
}

static int begin(void **state)
{
    static struct shop s;
    s.l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    assert_non_null(s.l);
    author_log_standard(s.l);
    s.used = opened(s.l, "Release 4.18.2");
    const uint64_t noise = opened(s.l, "Noise");
    sign_both(s.l, s.used);
    allow(author_log_redeem(s.l, s.used, false));
    allow(author_log_withdraw(s.l, noise, "client:ci"));
    allow(author_log_outcome(s.l, s.used, STATUS_SUCCEEDED));
    s.rejected = opened(s.l, "Risky");
    allow(author_log_decide(s.l, "tina", s.rejected, "production/tech", DECISION_REJECT, "too much at once", NULL));
    const uint64_t old = opened(s.l, "First try");
    allow(author_log_request(s.l, &(struct author_request){.title = "Second try", .revises_set = true, .revises = old},
                             &s.revised));
    sign_both(s.l, s.revised);
    s.approved = opened(s.l, "Waits");
    sign_both(s.l, s.approved);
    s.state = &author_log_judge(s.l)->state;
    s.policy = 0;
    for (size_t i = 0; i < s.state->request_count; i++) {
        s.policy = s.state->requests[i]->kind == KIND_POLICY ? s.state->requests[i]->index : s.policy;
    }
    s.x = author_export_new(s.l);
    s.trust = author_export_trust(s.x);
    s.receipt = wr_heap(RECEIPT_MAX_BYTES);
    author_export_receipt(s.x, s.state, s.used, &s.receipt);
    arena_init(&s.arena, RECEIPT_ARENA_BYTES);
    *state = &s;
    return 0;
}

static int end(void **state)
{
    struct shop *s = *state;
    wr_release(&s->receipt);
    arena_release(&s->arena);
    author_export_free(s->x);
    author_log_free(s->l);
    return 0;
}

static struct finding verify(const struct receipt *r, const struct trust *t, const struct receipt_ask *ask)
{
    static const struct receipt_ask nothing = {0};
    struct judge j;
    assert_int_equal(judge_init(&j, JUDGE_PROVE, CAP_BYTES).code, CS_OK);
    const struct finding f = judge_receipt_verify(r, t, ask != NULL ? ask : &nothing, &j);
    judge_release(&j);
    return f;
}

static void expect(struct finding f, enum finding_class want, const char *what)
{
    if (f.class != want) {
        fail_msg("%s: %s at %llu (%s, %s)", what, judge_finding_word(f.class), (unsigned long long)f.index,
                 policy_reason_code(f.reason), f.cause.msg != NULL ? f.cause.msg : "");
    }
}

/* A copy whose arrays may be changed. */
static struct receipt decoded(struct shop *s, struct span text)
{
    struct receipt r;
    assert_int_equal(judge_receipt_decode(text, &s->arena, &r).code, CS_OK);
    return r;
}

static void every_kind_of_receipt_holds(void **state)
{
    struct shop *s = *state;
    const struct {
        const char *name;
        uint64_t request;
        enum finding_class want;
    } rows[] = {
        {"used", s->used, FINDING_HOLDS},
        {"approved", s->approved, FINDING_HOLDS},
        {"revised", s->revised, FINDING_HOLDS},
        {"policy", s->policy, FINDING_HOLDS},
        {"rejected", s->rejected, FINDING_NOT_APPROVED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_WRITER w = wr_heap(RECEIPT_MAX_BYTES);
        AUTO_WRITER again = wr_heap(RECEIPT_MAX_BYTES);
        author_export_receipt(s->x, s->state, rows[i].request, &w);
        const struct receipt r = decoded(s, wr_span(&w));
        assert_int_equal(judge_receipt_encode(&r, &again).code, CS_OK);
        assert_true(span_eq(wr_span(&w), wr_span(&again)));
        expect(verify(&r, &s->trust, NULL), rows[i].want, rows[i].name);
    }
}

static void a_receipt_leaves_out_what_does_not_bear_on_it(void **state)
{
    struct shop *s = *state;
    const struct receipt r = decoded(s, wr_span(&s->receipt));
    assert_true(r.entry_count < author_log_size(s->l));
    for (size_t i = 0; i < r.entry_count; i++) {
        assert_true(r.entries[i].index <= s->used + 6);
    }
}

static void what_was_asked_is_answered(void **state)
{
    struct shop *s = *state;
    const struct receipt r = decoded(s, wr_span(&s->receipt));
    const struct state_request *q = state_request_find(s->state, s->used);
    const struct receipt_ask good = {.has_subject = true,
                                     .subject = digest_sha256(SPAN_LIT("Release 4.18.2")),
                                     .environment = SPAN_LIT("production"),
                                     .service = SPAN_LIT("payments"),
                                     .now_ms = q->use_by_ms};
    struct receipt_ask ask = good;
    expect(verify(&r, &s->trust, &ask), FINDING_HOLDS, "all right");
    ask.subject.b[31] ^= 1;
    expect(verify(&r, &s->trust, &ask), FINDING_SUBJECT, "other artifact");
    ask = good;
    ask.environment = SPAN_LIT("staging");
    expect(verify(&r, &s->trust, &ask), FINDING_ENVIRONMENT, "other environment");
    ask = good;
    ask.service = SPAN_LIT("ledger");
    expect(verify(&r, &s->trust, &ask), FINDING_SERVICE, "other service");
    ask = good;
    ask.now_ms++;
    expect(verify(&r, &s->trust, &ask), FINDING_EXPIRED, "a millisecond late");

    AUTO_WRITER w = wr_heap(RECEIPT_MAX_BYTES);
    author_export_receipt(s->x, s->state, s->policy, &w);
    const struct receipt policy = decoded(s, wr_span(&w));
    ask = (struct receipt_ask){.environment = SPAN_LIT("production")};
    expect(verify(&policy, &s->trust, &ask), FINDING_ENVIRONMENT, "a policy is for no environment");
    ask = (struct receipt_ask){.service = SPAN_LIT("payments")};
    expect(verify(&policy, &s->trust, &ask), FINDING_SERVICE, "nor for a service");
}

static size_t place_of(const struct receipt *r, uint64_t index)
{
    size_t i = 0;
    while (i < r->entry_count && r->entries[i].index != index) {
        i++;
    }
    assert_true(i < r->entry_count);
    return i;
}

/* A receipt from before the redeem holds for ever, so whoever deploys asks for one from after it. */
static void an_approval_that_is_not_used_is_no_proof_of_use(void **state)
{
    struct shop *s = *state;
    const struct receipt_ask redeemed = {.redeemed = true};
    const struct {
        const char *name;
        uint64_t request;
        enum finding_class want;
    } rows[] = {
        {"used", s->used, FINDING_HOLDS},
        {"approved", s->approved, FINDING_NOT_REDEEMED},
        {"policy", s->policy, FINDING_NOT_REDEEMED},
        {"rejected", s->rejected, FINDING_NOT_APPROVED},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_WRITER w = wr_heap(RECEIPT_MAX_BYTES);
        author_export_receipt(s->x, s->state, rows[i].request, &w);
        const struct receipt r = decoded(s, wr_span(&w));
        const struct finding f = verify(&r, &s->trust, &redeemed);
        expect(f, rows[i].want, rows[i].name);
        assert_int_equal(f.at_entry, rows[i].want != FINDING_HOLDS);
    }
}

/* The same request, seen before and after it was used: what was left out then is what is asked for. */
static void a_receipt_cannot_leave_the_redeem_out(void **state)
{
    struct shop *s = *state;
    const struct receipt_ask redeemed = {.redeemed = true};
    const struct state_request *q = state_request_find(s->state, s->used);
    struct receipt r = decoded(s, wr_span(&s->receipt));

    r.entry_count = place_of(&r, q->redeem_index); /* and the outcome after it */
    r.envelope = SPAN_NONE;
    expect(verify(&r, &s->trust, NULL), FINDING_HOLDS, "approved, as far as it shows");
    expect(verify(&r, &s->trust, &redeemed), FINDING_NOT_REDEEMED, "not shown to be used");
}

static void another_trust_is_refused(void **state)
{
    struct shop *s = *state;
    const struct receipt r = decoded(s, wr_span(&s->receipt));
    struct trust t = s->trust;

    t.genesis_sha256.b[0] ^= 1;
    expect(verify(&r, &t, NULL), FINDING_GENESIS, "other genesis");
    t = s->trust;
    t.origin = SPAN_LIT("approval.example/log2");
    expect(verify(&r, &t, NULL), FINDING_CANNOT_TELL, "a trust file that contradicts itself");
    t = s->trust;
    t.log = SPAN_LIT("approval.example/log1+20324abe+AQmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X");
    assert_int_not_equal(verify(&r, &t, NULL).class, FINDING_HOLDS);
    t = s->trust;
    t.has_checkpoint = true;
    t.checkpoint_size = author_log_size(s->l);
    t.checkpoint_root = judge_root(author_log_judge(s->l));
    expect(verify(&r, &t, NULL), FINDING_HOLDS, "same head as before");
    t.checkpoint_root.b[0] ^= 1;
    expect(verify(&r, &t, NULL), FINDING_PINNED, "another head of this size was seen");
    t.checkpoint_size++;
    expect(verify(&r, &t, NULL), FINDING_PINNED, "a larger log was seen");
    t.checkpoint_size = 1;
    expect(verify(&r, &t, NULL), FINDING_HOLDS, "a smaller one");
}

static struct span flipped(struct shop *s, struct span bytes, size_t at)
{
    uint8_t *p = arena_alloc(&s->arena, bytes.left);
    assert_non_null(p);
    memcpy(p, bytes.p, bytes.left);
    p[at] ^= 1;
    return span_make(p, bytes.left);
}

static void drop_entry(struct receipt *r, size_t at)
{
    memmove(&r->entries[at], &r->entries[at + 1], (r->entry_count - at - 1) * sizeof(*r->entries));
    r->entry_count--;
}

static void what_is_changed_is_found(void **state)
{
    struct shop *s = *state;
    const struct state_request *q = state_request_find(s->state, s->used);
    struct receipt r = decoded(s, wr_span(&s->receipt));

    for (size_t i = 0; i < r.entry_count; i++) {
        const struct receipt_entry good = r.entries[i];
        r.entries[i].leaf = flipped(s, good.leaf, good.leaf.left / 2);
        expect(verify(&r, &s->trust, NULL), FINDING_INCLUSION, "leaf");
        r.entries[i] = good;
        r.entries[i].proof = flipped(s, good.proof, good.proof.left - 1);
        expect(verify(&r, &s->trust, NULL), FINDING_INCLUSION, "proof");
        r.entries[i].proof = span_make(good.proof.p, good.proof.left - SHA256_BYTES);
        expect(verify(&r, &s->trust, NULL), FINDING_INCLUSION, "proof cut");
        r.entries[i] = good;
    }
    for (size_t i = 0; i < r.anchor_count; i++) {
        const struct receipt_anchor good = r.anchors[i];
        r.anchors[i].proof = flipped(s, good.proof, 0);
        expect(verify(&r, &s->trust, NULL), FINDING_ANCHOR, "anchor");
        r.anchors[i] = good;
        r.anchors[i].size = 1000000 + i;
        expect(verify(&r, &s->trust, NULL), FINDING_ANCHOR, "anchor missing");
        r.anchors[i] = good;
    }
    r.envelope = flipped(s, r.envelope, 30);
    expect(verify(&r, &s->trust, NULL), FINDING_ENVELOPE, "envelope");
    r.envelope = SPAN_NONE;
    expect(verify(&r, &s->trust, NULL), FINDING_ENVELOPE, "envelope left out");

    r = decoded(s, wr_span(&s->receipt));
    r.request = s->rejected;
    expect(verify(&r, &s->trust, NULL), FINDING_FORMAT, "a request that is not there");
    r = decoded(s, wr_span(&s->receipt));
    drop_entry(&r, place_of(&r, q->decisions[0].index));
    struct finding f = verify(&r, &s->trust, NULL);
    expect(f, FINDING_ENTRY, "a decision left out");
    assert_int_equal(f.reason, REASON_NOT_APPROVED);
    assert_int_equal(f.index, q->redeem_index);
    r = decoded(s, wr_span(&s->receipt));
    drop_entry(&r, place_of(&r, s->state->policy_index));
    expect(verify(&r, &s->trust, NULL), FINDING_ENTRY, "the policy left out");
    r = decoded(s, wr_span(&s->receipt));
    drop_entry(&r, 0);
    expect(verify(&r, &s->trust, NULL), FINDING_GENESIS, "genesis left out");
    r = decoded(s, wr_span(&s->receipt));
    r.checkpoint = flipped(s, r.checkpoint, 3);
    expect(verify(&r, &s->trust, NULL), FINDING_CHECKPOINT, "checkpoint");
}

/* An older checkpoint does not cover the request; a receipt under it cannot be made. */
static void a_receipt_waits_for_its_checkpoint(void **state)
{
    struct shop *s = *state;
    const struct receipt_source src = author_export_source(s->x);
    AUTO_WRITER note = wr_heap(RECEIPT_NOTE_MAX);
    struct receipt r = {0};

    author_export_note(s->x, s->used, &note);
    const struct receipt_note old = {.text = wr_span(&note), .size = s->used};
    assert_int_equal(judge_receipt_build(&src, s->state, s->used, &old, &s->arena, &r).code, CS_E_STATE);
    assert_int_equal(judge_receipt_build(&src, s->state, s->used + 1, &old, &s->arena, &r).code, CS_E_STATE);
    const struct receipt_note future = {.text = wr_span(&note), .size = author_log_size(s->l) + 1};
    assert_int_equal(judge_receipt_build(&src, s->state, s->used, &future, &s->arena, &r).code, CS_E_STATE);
    const struct receipt_note now = {.text = wr_span(&note), .size = author_log_size(s->l)};
    assert_int_equal(judge_receipt_build(&src, s->state, 1, &now, &s->arena, &r).code, CS_OK);
    assert_int_equal(judge_receipt_build(&src, s->state, 2, &now, &s->arena, &r).code, CS_E_UNKNOWN);
}

static void a_range_is_whole(void **state)
{
    struct shop *s = *state;
    const uint64_t size = author_log_size(s->l);
    const struct receipt_range rows[] = {{0, size}, {0, 1}, {size - 1, 1}, {s->used, 5}, {s->used + 2, 9}};
    const struct receipt_ask asks[] = {{.has_subject = true, .subject = digest_sha256(SPAN_LIT("Release 4.18.2"))},
                                       {.environment = SPAN_LIT("production")},
                                       {.service = SPAN_LIT("payments")},
                                       {.now_ms = 1},
                                       {.redeemed = true}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_WRITER w = wr_heap(RECEIPT_MAX_BYTES);
        author_export_range(s->x, s->state, rows[i], &w);
        struct receipt r = decoded(s, wr_span(&w));
        expect(verify(&r, &s->trust, NULL), FINDING_HOLDS, "range");
        for (size_t k = 0; k < sizeof(asks) / sizeof(asks[0]); k++) {
            expect(verify(&r, &s->trust, &asks[k]), FINDING_NOT_APPROVED, "a range approves nothing");
        }
        if (rows[i].first == 0) {
            continue; /* without genesis it is another answer */
        }
        drop_entry(&r, place_of(&r, rows[i].first + rows[i].count - 1));
        expect(verify(&r, &s->trust, NULL), FINDING_INCOMPLETE, "entry left out");
    }
    struct receipt none;
    const struct receipt_source src = author_export_source(s->x);
    const struct receipt_note note = {.text = SPAN_LIT("x"), .size = size};
    const struct receipt_range past = {.first = size, .count = 1};
    const struct receipt_range empty = {.first = 0, .count = 0};
    assert_int_equal(judge_range_build(&src, s->state, &past, &note, &s->arena, &none).code, CS_E_RANGE);
    assert_int_equal(judge_range_build(&src, s->state, &empty, &note, &s->arena, &none).code, CS_E_RANGE);
}

/* Every byte of the file, one bit flipped: whatever it was, the answer is not "holds". */
static void no_byte_can_change(void **state)
{
    struct shop *s = *state;
    const struct span text = wr_span(&s->receipt);
    uint8_t *copy = malloc(text.left);
    struct arena a;

    assert_non_null(copy);
    memcpy(copy, text.p, text.left);
    for (size_t i = 0; i < text.left; i += 29) { /* the golden logs sweep every byte */
        struct receipt r;
        copy[i] ^= 1;
        arena_init(&a, RECEIPT_ARENA_BYTES);
        if (judge_receipt_decode(span_make(copy, text.left), &a, &r).code == CS_OK &&
            verify(&r, &s->trust, NULL).class == FINDING_HOLDS) {
            fail_msg("byte %zu", i);
        }
        arena_release(&a);
        copy[i] ^= 1;
    }
    free(copy);
}

static struct finding replay(struct shop *s, struct span note, const struct trust *t, uint64_t count)
{
    struct replay r;
    struct finding f = judge_replay_begin(note, t, CAP_BYTES, &r);
    if (f.class != FINDING_HOLDS) {
        return f;
    }
    for (uint64_t i = 0; i < count && f.class == FINDING_HOLDS; i++) {
        f = judge_replay_entry(&r, author_log_leaf(s->l, i), NULL);
    }
    if (f.class == FINDING_HOLDS) {
        f = judge_replay_end(&r);
    }
    judge_replay_release(&r);
    return f;
}

static void a_whole_log_is_replayed(void **state)
{
    struct shop *s = *state;
    const uint64_t size = author_log_size(s->l);
    struct trust t = s->trust;
    AUTO_WRITER note = wr_heap(RECEIPT_NOTE_MAX);
    AUTO_WRITER old = wr_heap(RECEIPT_NOTE_MAX);

    author_export_note(s->x, size, &note);
    expect(replay(s, wr_span(&note), &t, size), FINDING_HOLDS, "whole");
    expect(replay(s, wr_span(&note), &t, size - 1), FINDING_CANNOT_TELL, "the last entry is not there");
    author_export_note(s->x, size - 1, &old);
    expect(replay(s, wr_span(&old), &t, size), FINDING_FORMAT, "an entry too many");
    expect(replay(s, wr_span(&old), &t, size - 1), FINDING_HOLDS, "up to an older checkpoint");
    t.has_checkpoint = true;
    t.checkpoint_size = size - 1;
    t.checkpoint_root = judge_root(author_log_judge(s->l));
    expect(replay(s, wr_span(&note), &t, size), FINDING_PINNED, "a fork");
    t = s->trust;
    t.genesis_sha256.b[0] ^= 1;
    expect(replay(s, wr_span(&note), &t, size), FINDING_GENESIS, "genesis");
}

static void a_trust_file_is_read_in_any_spelling(void **state)
{
    struct shop *s = *state;
    struct trust t = s->trust;
    struct trust again;
    AUTO_WRITER w = wr_heap(4096);
    static const struct {
        const char *text;
        enum cs_code want;
    } rows[] = {
        {"{", CS_E_SHORT},
        {"[]", CS_E_TYPE},
        {"{\"v\":2}", CS_E_RANGE},
        {"{\"v\":1}", CS_E_MISSING},
        {"{\"v\":1,\"origin\":\"o\",\"log\":\"k\",\"genesis_sha256\":\"00\"}", CS_E_RANGE},
        {"{ \"v\":1, \"origin\":\"o\",\"log\":\"k\", \"genesis_sha256\":"
         "\"000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\" }",
         CS_OK},
        {"{\"v\":1,\"origin\":\"o\",\"log\":\"k\",\"x\":1,\"genesis_sha256\":"
         "\"000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\"}",
         CS_E_UNKNOWN},
        {"{\"v\":1,\"origin\":\"o\",\"log\":\"k\",\"checkpoint\":{\"size\":-1,\"root\":\"x\"},\"genesis_sha256\":"
         "\"000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\"}",
         CS_E_RANGE},
    };

    t.has_checkpoint = true;
    t.checkpoint_size = 7;
    t.checkpoint_root = digest_sha256(SPAN_LIT("root"));
    assert_int_equal(judge_trust_encode(&t, &w).code, CS_OK);
    assert_int_equal(judge_trust_decode(wr_span(&w), &s->arena, &again).code, CS_OK);
    assert_true(span_eq(again.log, t.log) && again.checkpoint_size == 7);
    assert_true(sha256_eq(&again.checkpoint_root, &t.checkpoint_root));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct cs_result r = judge_trust_decode(span_str(rows[i].text), &s->arena, &again);
        if (r.code != rows[i].want) {
            fail_msg("%s: %s", rows[i].text, cs_code_name(r.code));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_receipt_holds),
        cmocka_unit_test(a_receipt_leaves_out_what_does_not_bear_on_it),
        cmocka_unit_test(what_was_asked_is_answered),
        cmocka_unit_test(an_approval_that_is_not_used_is_no_proof_of_use),
        cmocka_unit_test(a_receipt_cannot_leave_the_redeem_out),
        cmocka_unit_test(another_trust_is_refused),
        cmocka_unit_test(what_is_changed_is_found),
        cmocka_unit_test(a_receipt_waits_for_its_checkpoint),
        cmocka_unit_test(a_range_is_whole),
        cmocka_unit_test(no_byte_can_change),
        cmocka_unit_test(a_whole_log_is_replayed),
        cmocka_unit_test(a_trust_file_is_read_in_any_spelling),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
