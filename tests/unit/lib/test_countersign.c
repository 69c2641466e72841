/* SPDX-License-Identifier: Apache-2.0 */
/* The library as a stranger uses it: only the public header, only the golden files. Requirement D7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <countersign/countersign.h>

enum { FILE_BYTES_MAX = 4 << 20, LEAVES_MAX = 256 };

#define ARTIFACT "715bc84c39f01463551e1202e876bbeb6353f756fd759b4cc6465a1608136acf"

struct file {
    uint8_t *p;
    size_t n;
};

static struct file read_file(const char *path)
{
    struct file f = {.p = malloc(FILE_BYTES_MAX), .n = 0};
    FILE *in = fopen(path, "rbe");
    if (f.p == NULL || in == NULL) {
        fail_msg("cannot read %s", path);
    }
    f.n = fread(f.p, 1, FILE_BYTES_MAX, in);
    (void)fclose(in);
    return f;
}

static const struct row {
    const char *receipt;
    struct countersign_ask ask;
    enum countersign_class want;
} rows[] = {
    {"used", {0}, COUNTERSIGN_HOLDS},
    {"used", {.subject_sha256 = ARTIFACT, .environment = "production"}, COUNTERSIGN_HOLDS},
    {"used", {.environment = "staging"}, COUNTERSIGN_ENVIRONMENT},
    {"used", {.service = "payments"}, COUNTERSIGN_HOLDS},
    {"used", {.service = "ledger"}, COUNTERSIGN_SERVICE},
    {"used", {.service = ""}, COUNTERSIGN_CANNOT_TELL},
    {"revised", {.subject_sha256 = ARTIFACT}, COUNTERSIGN_SUBJECT},
    {"used", {.now_ms = 1767603600000 + 14400000 + 1000}, COUNTERSIGN_EXPIRED},
    {"used", {.now_ms = 1767603600000}, COUNTERSIGN_HOLDS},
    {"used", {.subject_sha256 = "beef"}, COUNTERSIGN_CANNOT_TELL},
    {"used", {.environment = ""}, COUNTERSIGN_CANNOT_TELL},
    {"used", {.memory_bytes = 4096}, COUNTERSIGN_CANNOT_TELL},
    {"used", {.subject_sha256 = ARTIFACT, .environment = "production", .redeemed = 1}, COUNTERSIGN_HOLDS},
    {"approved", {0}, COUNTERSIGN_HOLDS},
    {"approved", {.redeemed = 1}, COUNTERSIGN_NOT_REDEEMED},
    {"rejected", {0}, COUNTERSIGN_NOT_APPROVED},
    {"rejected", {.redeemed = 1}, COUNTERSIGN_NOT_APPROVED},
    {"range", {0}, COUNTERSIGN_HOLDS},
    {"range", {.redeemed = 1}, COUNTERSIGN_NOT_APPROVED},
};

static void receipts_have_their_class(void **state)
{
    const struct file trust = read_file(GOLDEN "/trust.json");
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[512];
        (void)snprintf(path, sizeof(path), "%s/receipts/%s.countersign.json", GOLDEN, rows[i].receipt);
        const struct file receipt = read_file(path);
        struct countersign_verdict *v =
            countersign_verify_receipt(receipt.p, receipt.n, trust.p, trust.n, &rows[i].ask);
        assert_non_null(v);
        if (countersign_verdict_class(v) != rows[i].want) {
            fail_msg("row %zu: %s", i, countersign_verdict_sentence(v));
        }
        assert_true(strlen(countersign_verdict_sentence(v)) > 5);
        countersign_verdict_free(v);
        free(receipt.p);
    }
    free(trust.p);
}

/* The same of people who signed with PIV cards. */
static void receipts_of_cards_have_their_class(void **state)
{
    static const struct row cards[] = {
        {"used", {.environment = "production", .redeemed = 1}, COUNTERSIGN_HOLDS},
        {"approved", {0}, COUNTERSIGN_HOLDS},
        {"rejected", {0}, COUNTERSIGN_NOT_APPROVED},
        {"seat_empty_again", {0}, COUNTERSIGN_NOT_APPROVED},
    };
    const struct file trust = read_file(GOLDEN_CARDS "/trust.json");
    (void)state;
    for (size_t i = 0; i < sizeof(cards) / sizeof(cards[0]); i++) {
        char path[512];
        (void)snprintf(path, sizeof(path), "%s/receipts/%s.countersign.json", GOLDEN_CARDS, cards[i].receipt);
        const struct file receipt = read_file(path);
        struct countersign_verdict *v =
            countersign_verify_receipt(receipt.p, receipt.n, trust.p, trust.n, &cards[i].ask);
        assert_non_null(v);
        if (countersign_verdict_class(v) != cards[i].want) {
            fail_msg("%s: %s", cards[i].receipt, countersign_verdict_sentence(v));
        }
        countersign_verdict_free(v);
        free(receipt.p);
    }
    free(trust.p);
}

static void a_good_receipt_tells_who_and_what(void **state)
{
    const struct file trust = read_file(GOLDEN "/trust.json");
    const struct file receipt = read_file(GOLDEN "/receipts/used.countersign.json");
    const struct countersign_decision *d = NULL;
    const struct countersign_artifact *a = NULL;
    uint64_t entry = 99;
    (void)state;

    struct countersign_verdict *v = countersign_verify_receipt(receipt.p, receipt.n, trust.p, trust.n, NULL);
    assert_non_null(v);
    const struct countersign_request *q = countersign_verdict_request(v);
    assert_int_equal(q->index, 14);
    assert_string_equal(q->kind, "deploy");
    assert_string_equal(q->status, "succeeded");
    assert_string_equal(q->environment, "production");
    assert_string_equal(q->title, "Release 4.18.2");
    assert_int_equal(countersign_verdict_artifacts(v, &a), 1);
    assert_string_equal(a[0].sha256, ARTIFACT);
    assert_int_equal(countersign_verdict_decisions(v, &d), 2);
    assert_string_equal(d[0].person, "tom");
    assert_string_equal(d[1].seat, "production/business");
    assert_int_equal(d[1].approved, 1);
    assert_int_equal(countersign_verdict_entry(v, &entry), 0);
    assert_int_equal(entry, 99);
    assert_string_equal(countersign_verdict_reason(v), "");
    countersign_verdict_free(v);
    free(receipt.p);
    free(trust.p);
}

/* With every smaller amount of memory the answer is "cannot tell"; from some amount on it holds, and then always. */
static void too_little_memory_is_never_an_answer(void **state)
{
    const struct file trust = read_file(GOLDEN "/trust.json");
    const struct file receipt = read_file(GOLDEN "/receipts/used.countersign.json");
    unsigned held = 0;
    unsigned could_not = 0;
    (void)state;

    for (size_t memory = 1; memory < (size_t)8 << 20; memory += memory / 16 + 1) {
        const struct countersign_ask ask = {.memory_bytes = memory};
        struct countersign_verdict *v = countersign_verify_receipt(receipt.p, receipt.n, trust.p, trust.n, &ask);
        assert_non_null(v);
        const enum countersign_class c = countersign_verdict_class(v);
        assert_true(c == COUNTERSIGN_HOLDS || (c == COUNTERSIGN_CANNOT_TELL && held == 0));
        held += c == COUNTERSIGN_HOLDS ? 1U : 0U;
        could_not += c == COUNTERSIGN_CANNOT_TELL ? 1U : 0U;
        countersign_verdict_free(v);
    }
    assert_true(held > 0 && could_not > 0);
    free(receipt.p);
    free(trust.p);
}

struct log {
    struct file bundle;
    const uint8_t *leaf[LEAVES_MAX];
    size_t len[LEAVES_MAX];
    size_t count;
    uint8_t *changed; /* given instead of leaf `at` */
    size_t at;
};

static int leaf(void *ctx, uint64_t index, const void **ret_bytes, size_t *ret_len)
{
    const struct log *l = ctx;
    if (index >= l->count) {
        return -1;
    }
    *ret_bytes = l->changed != NULL && index == l->at ? l->changed : l->leaf[index];
    *ret_len = l->len[index];
    return 0;
}

/* Nobody signed the request itself: who broke the glass for it is told instead, and the voucher with them. */
static void a_broken_glass_tells_who_broke_it(void **state)
{
    const struct file trust = read_file(GOLDEN_GLASS "/trust.json");
    const struct file receipt = read_file(GOLDEN_GLASS "/receipts/voucher.countersign.json");
    const struct countersign_ask ask = {.environment = "production", .redeemed = 1};
    const struct countersign_decision *d = NULL;
    (void)state;

    struct countersign_verdict *v = countersign_verify_receipt(receipt.p, receipt.n, trust.p, trust.n, &ask);
    assert_non_null(v);
    assert_int_equal(countersign_verdict_class(v), COUNTERSIGN_HOLDS);
    assert_int_equal(countersign_verdict_decisions(v, &d), 2);
    assert_string_equal(d[0].person, "tom");
    assert_string_equal(d[0].seat, "emergency/operator");
    assert_string_equal(d[1].person, "bea");
    assert_string_equal(d[1].seat, "voucher/endorse");
    countersign_verdict_free(v);
    free(receipt.p);
    free(trust.p);
}

static void a_whole_log_is_replayed(void **state)
{
    const struct file trust = read_file(GOLDEN "/trust.json");
    const struct file note = read_file(GOLDEN "/checkpoint");
    struct log l = {.bundle = read_file(GOLDEN "/tile/entries/000.p/66"), .at = 15};
    const struct countersign_source source = {.leaf = leaf, .ctx = &l};
    uint64_t entry = 0;
    (void)state;

    for (size_t at = 0; at < l.bundle.n; l.count++) {
        l.len[l.count] = (size_t)(l.bundle.p[at] << 8 | l.bundle.p[at + 1]);
        l.leaf[l.count] = l.bundle.p + at + 2;
        at += 2 + l.len[l.count];
    }
    struct countersign_verdict *v = countersign_replay(note.p, note.n, trust.p, trust.n, &source);
    assert_int_equal(countersign_verdict_class(v), COUNTERSIGN_HOLDS);
    countersign_verdict_free(v);

    l.count--;
    v = countersign_replay(note.p, note.n, trust.p, trust.n, &source);
    assert_int_equal(countersign_verdict_class(v), COUNTERSIGN_CANNOT_TELL);
    assert_int_equal(countersign_verdict_entry(v, &entry), 1);
    assert_int_equal(entry, l.count);
    countersign_verdict_free(v);

    l.count++;
    l.changed = malloc(l.len[l.at]);
    assert_non_null(l.changed);
    memcpy(l.changed, l.leaf[l.at], l.len[l.at]);
    memcpy(l.changed, "{\"actor\":\"person:tim\"", 21);
    v = countersign_replay(note.p, note.n, trust.p, trust.n, &source);
    assert_int_equal(countersign_verdict_class(v), COUNTERSIGN_ENTRY);
    assert_string_equal(countersign_verdict_reason(v), "wrong_person");
    countersign_verdict_free(v);
    free(l.changed);
    free(l.bundle.p);
    free(note.p);
    free(trust.p);
}

static void garbage_is_answered(void **state)
{
    static const struct {
        const char *receipt;
        const char *trust;
        enum countersign_class want;
    } garbage[] = {
        {"", "", COUNTERSIGN_CANNOT_TELL},
        {"{}", "{}", COUNTERSIGN_CANNOT_TELL},
        {"{\"anchors\":[]}",
         "{\"v\":1,\"origin\":\"o\",\"log\":\"k\",\"genesis_sha256\":"
         "\"000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\"}",
         COUNTERSIGN_FORMAT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        struct countersign_verdict *v = countersign_verify_receipt(garbage[i].receipt, strlen(garbage[i].receipt),
                                                                   garbage[i].trust, strlen(garbage[i].trust), NULL);
        assert_non_null(v);
        assert_int_equal(countersign_verdict_class(v), garbage[i].want);
        countersign_verdict_free(v);
    }
    countersign_verdict_free(NULL);
    assert_int_equal(countersign_version()[1], '.');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipts_have_their_class),
        cmocka_unit_test(receipts_of_cards_have_their_class),
        cmocka_unit_test(a_good_receipt_tells_who_and_what),
        cmocka_unit_test(a_broken_glass_tells_who_broke_it),
        cmocka_unit_test(a_whole_log_is_replayed),
        cmocka_unit_test(garbage_is_answered),
        cmocka_unit_test(too_little_memory_is_never_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
