/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is signed is drawn: every member of the statement, walked in its own encoding, stands on the signing pages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base_text.h"
#include "json/json_tree.h"
#include "screen/screen_pages.h"
#include "screen/screen_sign.h"

enum { ARENA_BYTES = 16 << 20 };

static struct sha256 digest_of(uint8_t n)
{
    return digest_sha256(span_make(&n, 1));
}

/* No two members have the same value, so that none can stand for another. */
static struct statement whole(void)
{
    struct statement s = {.anchor_size = 1001,
                          .anchor_root = digest_of(1),
                          .credential_sha256 = digest_of(2),
                          .decision = DECISION_APPROVE,
                          .environment = SPAN_LIT("production"),
                          .expires_at_ms = 1767603720000,
                          .issued_at_ms = 1767603600000,
                          .kind = KIND_DEPLOY,
                          .kiosk = SPAN_LIT("kiosk-7"),
                          .origin = SPAN_LIT("approval.example/log1"),
                          .person = SPAN_LIT("tom"),
                          .policy_index = 1002,
                          .policy_sha256 = digest_of(3),
                          .has_previous = true,
                          .previous = digest_of(4),
                          .reason = SPAN_LIT("graphs are quiet"),
                          .request_index = 1003,
                          .request_leaf_sha256 = digest_of(5),
                          .request_revision = 1004,
                          .roster_index = 1005,
                          .seat = SPAN_LIT("prod/tech"),
                          .sheet_sha256 = digest_of(6),
                          .subject_count = 2};
    for (size_t i = 0; i < MODEL_NONCE_BYTES; i++) {
        s.nonce[i] = (uint8_t)(0xA0 + i);
    }
    s.subject[0] = (struct named_digest){.name = SPAN_LIT("api"), .sha256 = digest_of(7)};
    s.subject[1] = (struct named_digest){.name = SPAN_LIT("worker"), .sha256 = digest_of(8)};
    return s;
}

/* All pages as one text, without the spaces that only lay it out. */
static void draw(const struct statement *s, struct arena *arena, struct writer *w)
{
    const struct sign_input in = {.statement = s, .digest = digest_of(9), .title = SPAN_LIT("Payments 4.18.2")};
    struct doc d;
    struct pages p;
    doc_init(&d, arena, REPERTOIRE_CELLS);
    screen_sign(&d, &in);
    assert_false(d.unshown || d.hidden);
    assert_int_equal(screen_pages(&d, 48, 18, arena, &p).code, CS_OK);
    assert_false(p.too_long);
    for (size_t i = 0; i < p.line_count; i++) {
        for (size_t k = 0; k < p.lines[i].count; k++) {
            for (size_t n = 0; n < p.lines[i].pieces[k].text.left; n++) {
                if (p.lines[i].pieces[k].text.p[n] != ' ') {
                    wr_u8(w, p.lines[i].pieces[k].text.p[n]);
                }
            }
        }
    }
}

static bool has(struct span text, struct span part)
{
    return part.left > 0 && memmem(text.p, text.left, part.p, part.left) != NULL;
}

static void squeeze(struct span text, struct writer *w)
{
    for (size_t i = 0; i < text.left; i++) {
        if (text.p[i] != ' ') {
            wr_u8(w, text.p[i]);
        }
    }
}

/* How a value of the encoding looks on a page. */
static void shown_form(const struct json_value *v, struct writer *w)
{
    uint8_t bytes[64];
    if (v->kind == JSON_INT) {
        wr_dec(w, (uint64_t)v->number);
    } else if (span_is(v->key, "decision")) {
        wr_text(w, span_is(v->text, "approve") ? "APPROVE" : "REJECT");
    } else if (span_is(v->key, "nonce") || span_is(v->key, "root")) {
        struct writer b = wr_fixed(bytes, sizeof(bytes));
        assert_int_equal(text_base64url_decode(v->text, &b, "value").code, CS_OK);
        wr_hex(w, wr_span(&b));
    } else if (span_is(v->key, "issued_at") || span_is(v->key, "expires_at")) {
        wr_bytes(w, span_make(v->text.p, 10)); /* 2026-01-05T09:00:00.000Z is drawn as a date and a time */
        wr_bytes(w, span_make(v->text.p + 11, 8));
    } else {
        squeeze(v->text, w);
    }
}

static size_t check_value(const struct json_value *v, struct span pages)
{
    AUTO_WRITER w = wr_heap(4096);
    shown_form(v, &w);
    if (!has(pages, wr_span(&w))) {
        fail_msg("%.*s is signed but not drawn", (int)v->key.left, (const char *)v->key.p);
    }
    return 1;
}

/* Depth first without recursion: the statement is at most three levels deep. */
static size_t check_members(const struct json_value *top, struct span pages)
{
    size_t n = 0;
    for (const struct json_value *a = top->child; a != NULL; a = a->next) {
        n += a->child == NULL && !span_is(a->key, "v") ? check_value(a, pages) : 0;
        for (const struct json_value *b = a->child; b != NULL; b = b->next) {
            n += b->child == NULL ? check_value(b, pages) : 0;
            for (const struct json_value *c = b->child; c != NULL; c = c->next) {
                assert_null(c->child);
                n += check_value(c, pages);
            }
        }
    }
    return n;
}

static void every_member_of_the_statement_is_drawn(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    static struct statement s;
    s = whole();
    AUTO_WRITER text = wr_heap(1 << 16);
    AUTO_WRITER pages = wr_heap(1 << 20);
    const struct json_value *top = NULL;
    assert_int_equal(model_statement_encode(&s, &text).code, CS_OK);
    assert_int_equal(json_tree_parse(wr_span(&text), &arena, &top).code, CS_OK);
    draw(&s, &arena, &pages);
    /* 26 values: a statement that gets a new member must say how it is drawn, and this number goes up */
    assert_int_equal(check_members(top, wr_span(&pages)), 26);
    arena_release(&arena);
}

/* And the other way round: what is drawn follows what is signed. */
static void a_changed_member_changes_a_page(void **state)
{
    (void)state;
    struct arena arena;
    static struct statement s;
    arena_init(&arena, ARENA_BYTES);
    AUTO_WRITER first = wr_heap(1 << 20);
    s = whole();
    draw(&s, &arena, &first);
    for (unsigned n = 0; n < 8; n++) {
        AUTO_WRITER other = wr_heap(1 << 20);
        s = whole();
        struct sha256 *const digests[] = {&s.anchor_root,       &s.credential_sha256,   &s.policy_sha256,
                                          &s.previous,          &s.request_leaf_sha256, &s.sheet_sha256,
                                          &s.subject[0].sha256, &s.subject[1].sha256};
        digests[n]->b[31] ^= 1U; /* one bit of one digest */
        draw(&s, &arena, &other);
        assert_false(span_eq(wr_span(&first), wr_span(&other)));
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_of_the_statement_is_drawn),
        cmocka_unit_test(a_changed_member_changes_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
