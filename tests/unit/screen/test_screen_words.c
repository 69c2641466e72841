/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every failure that a person can meet, from the code that says it to the words that they read. The rows are those of
 * docs/kiosk.md, section 8. Requirement 2.6.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "screen_bed.h"
#include "token/token_proto.h"

#define TIME_MS UINT64_C(1794492000000) /* 2026-11-12T14:00:00Z */
#define LIT(s)                                                                                                         \
    {                                                                                                                  \
        (const uint8_t *)(s), sizeof(s) - 1                                                                            \
    }
#define TOKEN(c)  .code = (c)
#define REASON(r) .reason = (r)
#define SAYS(w)   .word = (w)
#define NOW(s)    .standing = (s)
#define LEFT(n)   .args.has_tries = true, .args.tries = (n)
#define CARD      .args.card = true
#define AT        .args.when_ms = TIME_MS

/* Exactly one of code, reason, word and standing. */
static const struct row {
    const char *name;
    const char *want;
    const char *code;          /* of the token agent */
    enum policy_reason reason; /* of policy and core */
    enum screen_word word;     /* what the flow itself finds */
    enum credential_standing standing;
    struct word_args args;
} rows[] = {
    {"wrong key", "This is not the key we asked for. Nothing was signed. Use key 7C 41, or press Esc.",
     TOKEN("wrong_key"), .args.key = LIT("key 7C 41")},
    {"not enrolled", "This key is not known here. Nothing was signed. Ask security to enrol it.",
     REASON(REASON_UNKNOWN_CREDENTIAL)},
    {"not enrolled, card", "This card is not known here. Nothing was signed. Ask security to enrol it.",
     REASON(REASON_UNKNOWN_CREDENTIAL), CARD},
    {"revoked", "This key was switched off on 12 Nov. Nothing was signed. Ask security.", REASON(REASON_REVOKED), AT},
    {"revoked, by its standing", "This key was switched off on 12 Nov. Nothing was signed. Ask security.",
     NOW(STANDING_REVOKED), AT},
    {"its person is gone",
     "This key is of somebody who was taken off the list of people. Nothing was signed. Ask security.",
     NOW(STANDING_PERSON_REMOVED)},
    {"its model is gone",
     "Keys of this model are no longer allowed here. Nothing was signed. Ask security for another.",
     NOW(STANDING_MODEL_REMOVED)},
    {"its issuer is gone",
     "Cards of this issuer are no longer allowed here. Nothing was signed. Ask security for another.",
     NOW(STANDING_ISSUER_REMOVED), CARD},
    {"its root is gone",
     "The authority behind this card is no longer trusted here. Nothing was signed. Ask security to renew it.",
     NOW(STANDING_ROOT_REMOVED), CARD},
    {"on a list", "This card's issuer has revoked it. Nothing was signed. Ask security for another card.",
     NOW(STANDING_CERT_REVOKED), CARD},
    {"PIN wrong", "That PIN was wrong. Nothing was signed. 2 tries left, then the key locks.", TOKEN("pin_wrong"),
     LEFT(2)},
    {"PIN wrong, card", "That PIN was wrong. Nothing was signed. 1 try left, then the card locks.", TOKEN("pin_wrong"),
     LEFT(1), CARD},
    {"PIN wrong, untold", "That PIN was wrong. Nothing was signed. A few tries are left, then the key locks.",
     TOKEN("pin_wrong")},
    {"replug needed, untold",
     "Too many wrong PINs in a row. Nothing was signed. Take the key out, put it back, and try again.",
     TOKEN("pin_auth_blocked")},
    {"replug needed",
     "Too many wrong PINs in a row. Nothing was signed. Take the key out, put it back, and try again. 5 tries left.",
     TOKEN("pin_auth_blocked"), LEFT(5)},
    {"PIN blocked",
     "The PIN is locked. Nothing was signed. This key cannot sign until security resets it. Use your other one.",
     TOKEN("pin_blocked"), LEFT(0)},
    {"PIN blocked, card",
     "The PIN is locked. Nothing was signed. This card cannot sign until security resets it. Use your other one.",
     TOKEN("pin_blocked"), LEFT(0), CARD},
    {"last try", "Only one try is left, so the PIN was not sent. Nothing was signed. Ask security to reset the card.",
     TOKEN("pin_last_try"), LEFT(1), CARD},
    {"not a PIN", "That cannot be the PIN of this card. Nothing was signed, and no try was used. Type it again.",
     TOKEN("bad_request"), CARD},
    {"fingerprint locked", "Fingerprint did not match. Nothing was signed. Use your PIN instead.", TOKEN("uv_blocked")},
    {"no PIN set", "This key has no PIN yet. Nothing was signed. Security must set one.", TOKEN("pin_not_set")},
    {"touched too late", "No touch in 30 seconds. Nothing was signed. Press F12 to try again.", TOKEN("timeout")},
    {"touched too late, reject", "No touch in 30 seconds. Nothing was signed. Press F4 to try again.", TOKEN("timeout"),
     .args.reject = true},
    {"key removed", "The key was taken out. Nothing was signed. Put it back to go on.", TOKEN("removed")},
    {"card removed", "The card was taken out. Nothing was signed. Put it back to go on.", TOKEN("removed"), CARD},
    {"card swapped",
     "The card was changed between PIN and signature. Nothing was signed. Leave your card in, and try again.",
     TOKEN("card_changed"), CARD},
    {"reader gone", "The card reader went away. Nothing was signed. Wait a moment, then put the card in.",
     TOKEN("reader"), CARD},
    {"weak key",
     "This card's key is too weak, or of a kind not used here. Nothing was signed. Ask security for another.",
     TOKEN("weak_key"), CARD},
    {"certificate", "The certificate on this card does not fit its key. Nothing was signed. Ask security.",
     TOKEN("cert_mismatch"), CARD},
    {"certificate run out",
     "This card's certificate is not valid now. Nothing was signed. Ask security for another card.",
     REASON(REASON_CERT_EXPIRED), CARD},
    {"certificate not valid yet",
     "This card's certificate is not valid now. Nothing was signed. Ask security for another card.",
     REASON(REASON_CERT_NOT_YET), CARD},
    {"certificate revoked", "This card's issuer has revoked it. Nothing was signed. Ask security for another card.",
     REASON(REASON_CERT_REVOKED), CARD},
    {"another kind of key",
     "The policy asks for another kind of key in this role. Nothing was signed. Use another one.",
     REASON(REASON_TOKEN_NOT_ALLOWED)},
    {"a card without PIN",
     "A card that signs without its PIN proves nobody. It cannot be enrolled. Use another one, or press Esc.",
     REASON(REASON_CARD_PIN), CARD},
    {"several keys in", "More than one is in. Nothing was signed. Leave in only the one that this is about.",
     TOKEN("several")},
    {"none in", "No key or card is in. Nothing was signed. Put yours in.", TOKEN("no_token")},
    {"stopped", "Stopped. Nothing was signed.", TOKEN("cancelled")},
    {"busy", "The key is still busy. Nothing was signed. Take it out and put it back.", TOKEN("busy")},
    {"nonsense", "The key did not answer as it should. Nothing was signed. Try again.", TOKEN("failed")},
    {"a code of tomorrow", "The key did not answer as it should. Nothing was signed. Try again.", TOKEN("flux")},
    {"unfit", "This key cannot do what is needed here. Nothing was signed. Use another one.", TOKEN("unsupported")},
    {"the same key again",
     "This key is enrolled already, and it can stand for one person only. Nothing was signed. Use another one.",
     TOKEN("excluded")},
    {"no attestation", "This key cannot prove its model, so it cannot be enrolled. Use another one.",
     TOKEN("no_attestation")},
    {"same person as requester", "You asked for this change, so someone else must decide.",
     REASON(REASON_IS_REQUESTER)},
    {"author of a commit", "You wrote part of this change, so someone else must decide.", REASON(REASON_IS_AUTHOR)},
    {"already signed", "You already signed this request at 14:00 for prod/security. Once is enough.",
     REASON(REASON_ALREADY_SIGNED), AT, .args.seat = LIT("prod/security")},
    {"already signed, untold", "You already signed this request. Once is enough.", REASON(REASON_ALREADY_SIGNED)},
    {"no role", "You can read this, but none of your roles is needed.", REASON(REASON_NO_ROLE)},
    {"suspended", "You are suspended. Nothing was signed. Ask the officers.", REASON(REASON_SUSPENDED)},
    {"off duty", "You are not on duty now. Nothing was signed. Whoever is on duty decides this.",
     REASON(REASON_OFF_DUTY)},
    {"stands in, not this one", "The policy does not let this person sign for you. Choose somebody else.",
     REASON(REASON_DELEGATE_TO)},
    {"stands in, not then",
     "It ends later than it begins and than now, and lasts no longer than the policy lets. Write another time.",
     REASON(REASON_DELEGATION_TIME)},
    {"no reviews of roles", "The policy asks for no access reviews.", REASON(REASON_NO_ACCESS_REVIEW)},
    {"too long to be signed",
     "This is longer than the 20 pages that can be signed at a kiosk. Nothing was asked. Ask for less of it.",
     SAYS(WORD_TOO_LONG)},
    {"the roster moved while it was answered",
     "The policy or the roster changed meanwhile. Nothing was asked. Answer once more, from the first question.",
     SAYS(WORD_FORM_AGAIN)},
    {"blocked", "No file has come for a line of evidence. Nothing was signed. For now it can only be rejected.",
     SAYS(WORD_BLOCKED), .args.of_core = "No file has come for a line of evidence."},
    {"role lapsed", "Your role was not reviewed or used in time. Nothing was signed. Ask the officers to review it.",
     REASON(REASON_ROLE_LAPSED)},
    {"not in the directory",
     "The directory does not have you in this role. Nothing was signed. Ask who keeps the directory.",
     REASON(REASON_NOT_IN_DIRECTORY)},
    {"directory stale",
     "The directory was not read in time, so your role does not count. Nothing was signed. Ask your operator.",
     REASON(REASON_DIRECTORY_STALE)},
    {"quorum met", "Enough people have signed. Your signature is not needed. It was approved at 14:00.",
     REASON(REASON_QUORUM_MET), AT},
    {"already rejected", "marta rejected this at 14:00. Nothing more can be signed. The reason is on page 1.",
     SAYS(WORD_WAS_REJECTED), AT, .args.person = LIT("marta")},
    {"request changed", "This request changed while you were reading. Nothing was signed.", SAYS(WORD_CHANGED)},
    {"expired", "Time to decide ran out at 14:00. Nothing more can be signed.", REASON(REASON_EXPIRED), AT},
    {"clock not trusted", "The clock cannot be trusted, so nobody can sign here now. You can still read.",
     REASON(REASON_CLOCK)},
    {"log not writable", "This could not be recorded, so it does not count. Nothing will be deployed.",
     REASON(REASON_BUSY)},
    {"log sealed", "The log is sealed: its keeper must look at it before anybody can sign.", REASON(REASON_SEALED)},
    {"no answer, not there",
     "What was signed here last is not in the log so far. Look at the list before you sign it again.",
     SAYS(WORD_NOT_THERE)},
    {"no answer, and there", "What was signed here last stands in the log after all, as entry 20. It counts.",
     SAYS(WORD_RECORDED_LATE), .args.count = 20},
    {"hidden text", "This text hides something. You can only reject it.", SAYS(WORD_HIDDEN)},
    {"cannot show text", "Part of this text cannot be shown here, so it cannot be signed here.", SAYS(WORD_UNSHOWN)},
    {"two in, none may", "Nobody whose key or card is in may sign this. Nothing was signed.", SAYS(WORD_NONE_MAY)},
    {"another one answered", "Another key answered than the one asked. Nothing was signed. Try again.",
     SAYS(WORD_OTHER_KEY)},
    {"the reader's program", "The key reader does not answer, so nobody can sign now. You can still read.",
     SAYS(WORD_NO_READER)},
    {"a refusal of the core", "The key's counter went back. It may have been copied. This does not count.",
     REASON(REASON_COUNTER), .args.of_core = "The key's counter went back. It may have been copied."},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]), LINE_CELLS = 76 };

static enum screen_word word_of(const struct row *r)
{
    if (r->code != NULL) {
        return screen_word_of_token(span_str(r->code));
    }
    if (r->word != WORD_NONE) {
        return r->word;
    }
    if (r->standing != STANDING_NONE) {
        return screen_word_of_standing(r->standing);
    }
    const enum screen_word w = screen_word_of_reason(r->reason);
    return w == WORD_NONE ? WORD_REFUSED : w;
}

static void every_row_has_its_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        uint8_t room[256];
        struct writer w = wr_fixed(room, sizeof(room));
        screen_words(word_of(&rows[i]), &rows[i].args, &w);
        assert_int_equal(w.fail, CS_OK);
        if (!span_is(wr_span(&w), rows[i].want)) {
            fail_msg("%s: %.*s", rows[i].name, (int)w.len, (const char *)room);
        }
    }
}

static void every_code_of_the_token_agent_is_a_row(void **state)
{
    (void)state;
#define CODE_TEXT(name, text) text,
    static const char *const codes[] = {TOKEN_CODES(CODE_TEXT)};
#undef CODE_TEXT
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        bool found = strcmp(codes[i], "ok") == 0;
        for (size_t k = 0; k < ROWS; k++) {
            found = found || (rows[k].code != NULL && strcmp(rows[k].code, codes[i]) == 0);
        }
        if (!found) {
            fail_msg("%s has no words", codes[i]);
        }
    }
}

/* The least face has two lines for words: what does not fit there would be lost. */
static void assert_fits(struct span text)
{
    struct arena arena;
    struct pages p;
    arena_init(&arena, 1 << 20);
    assert_int_equal(screen_wrap(text, INK_FRAME, LINE_CELLS, 8, &arena, &p).code, CS_OK);
    if (p.line_count > 2) {
        fail_msg("too long: %.*s", (int)text.left, (const char *)text.p);
    }
    arena_release(&arena);
}

/* A brace that nothing fills would be read as it stands, or as a hole. */
static void every_brace_is_filled_and_fits(void **state)
{
    (void)state;
    const struct word_args args = {.person = SPAN_LIT("alexandra.example"),
                                   .key = SPAN_LIT("key 7C 41"),
                                   .seat = SPAN_LIT("production/business"),
                                   .has_tries = true,
                                   .tries = 3,
                                   .count = 4000,
                                   .when_ms = TIME_MS,
                                   .of_core = "Core says no."};
    for (unsigned i = 1; i < WORD_COUNT; i++) {
        const char *text = screen_word_text((enum screen_word)i);
        struct reader r = rd_make(span_str(text));
        struct span part = SPAN_NONE;
        uint8_t room[256];
        size_t least = 0;
        struct writer w = wr_fixed(room, sizeof(room));
        screen_words((enum screen_word)i, &args, &w);
        while (rd_until(&r, '{', &part, "word").code == CS_OK) {
            least += part.left + 1; /* each brace becomes one letter at least */
            assert_int_equal(rd_until(&r, '}', &part, "word").code, CS_OK);
        }
        if (w.fail != CS_OK || w.len < least + r.rest.left || memchr(room, '{', w.len) != NULL) {
            fail_msg("%s", text);
        }
        /* a sentence for people: it ends, and blames nobody */
        assert_true(room[w.len - 1] == '.');
        assert_null(memmem(room, w.len, "error", 5));
        assert_fits(wr_span(&w));
    }
}

static void every_reason_has_words_that_fit(void **state)
{
    (void)state;
    for (unsigned i = REASON_OK + 1; i < REASON_COUNT; i++) {
        const enum policy_reason reason = (enum policy_reason)i;
        const enum screen_word word = screen_word_of_reason(reason);
        const struct word_args args = {.of_core = policy_reason_sentence(reason)};
        uint8_t room[256];
        struct writer w = wr_fixed(room, sizeof(room));
        screen_words(word == WORD_NONE ? WORD_REFUSED : word, &args, &w);
        assert_true(w.fail == CS_OK && w.len > 20);
        assert_fits(wr_span(&w));
        struct writer held = wr_fixed(room, sizeof(room));
        screen_words(word == WORD_NONE ? WORD_BLOCKED : word, &args, &held); /* the same while it only waits */
        assert_true(held.fail == CS_OK);
        assert_fits(wr_span(&held));
    }
}

/* Whatever the key says after it was asked: told in its own words, noted in the log, and nothing goes to the core. */
static void each_failure_is_told_and_noted_and_signs_nothing(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].code == NULL) {
            continue;
        }
        bed_forget(b);
        bed_to_sign(b);
        bed_done(b, rows[i].code, -1);
        assert_int_not_equal(b->flow.state, FLOW_SIGN);
        assert_int_equal(b->flow.message.word, word_of(&rows[i]));
        assert_int_equal(bed_count(b, ASK_DECISION), 0);
        assert_int_equal(bed_count(b, ASK_ACCESS), 1);
        assert_true(bed_noted(b, rows[i].code));
        bed_devices(b, 0);
        bed_press(b, PRESS_ESC);
        bed_press(b, PRESS_ESC);
        assert_int_equal(b->flow.state, FLOW_QUEUE);
    }
}

/* From wherever one is with a key, Esc goes back one step and nothing was signed. */
static void esc_is_always_safe(void **state)
{
    static const enum flow_state path[] = {FLOW_SIGN, FLOW_PIN, FLOW_DECIDE, FLOW_IDENTIFY, FLOW_READ};
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
        bed_forget(b);
        if (path[i] == FLOW_SIGN) {
            bed_to_sign(b);
        } else if (path[i] == FLOW_PIN) {
            bed_to_pin(b);
        } else if (path[i] == FLOW_DECIDE) {
            bed_to_decide(b, "tom");
        } else {
            bed_to_read(b);
        }
        if (path[i] == FLOW_IDENTIFY) {
            bed_press(b, PRESS_F12);
        }
        assert_int_equal(b->flow.state, path[i]);
        bed_press(b, PRESS_ESC);
        assert_int_equal(b->flow.state, path[i] == FLOW_READ ? FLOW_QUEUE : FLOW_READ);
        assert_int_equal(bed_count(b, ASK_DECISION), 0);
        assert_int_equal(bed_count(b, ASK_CANCEL), path[i] == FLOW_SIGN ? 1 : 0);
        assert_int_equal(bed_noted(b, "cancelled"), path[i] == FLOW_SIGN);
        bed_devices(b, 0);
        bed_press(b, PRESS_ESC);
        assert_int_equal(b->flow.state, FLOW_QUEUE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_its_words),
        cmocka_unit_test(every_code_of_the_token_agent_is_a_row),
        cmocka_unit_test(every_brace_is_filled_and_fits),
        cmocka_unit_test(every_reason_has_words_that_fit),
        BED_VISIT(each_failure_is_told_and_noted_and_signs_nothing),
        BED_VISIT(esc_is_always_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
