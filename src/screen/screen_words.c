/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_words.h"

#include "base/base_text.h"

const char *screen_word_code(enum screen_word w)
{
#define SCREEN_WORD_CODE(name, code, text) [name] = (code),
    static const char *const codes[WORD_COUNT] = {SCREEN_WORDS(SCREEN_WORD_CODE)};
#undef SCREEN_WORD_CODE
    return (size_t)w < WORD_COUNT ? codes[w] : "none";
}

const char *screen_word_text(enum screen_word w)
{
#define SCREEN_WORD_TEXT(name, code, text) [name] = (text),
    static const char *const texts[WORD_COUNT] = {SCREEN_WORDS(SCREEN_WORD_TEXT)};
#undef SCREEN_WORD_TEXT
    return (size_t)w < WORD_COUNT ? texts[w] : "";
}

static void put_tries(const struct word_args *args, struct writer *w)
{
    if (!args->has_tries) {
        wr_text(w, "A few tries are");
        return;
    }
    wr_dec(w, args->tries);
    wr_text(w, args->tries == 1 ? " try" : " tries");
}

static void put_when(const struct word_args *args, struct writer *w)
{
    if (args->when_ms == 0) {
        return;
    }
    uint8_t room[TEXT_TIME_LEN];
    struct writer t = wr_fixed(room, sizeof(room));
    text_time_write(&t, args->when_ms);
    if (t.fail == CS_OK) {
        wr_text(w, " at ");
        wr_bytes(w, span_make(room + 11, 5)); /* HH:MM */
    }
}

static void put_left(const struct word_args *args, struct writer *w)
{
    if (args->has_tries) {
        wr_u8(w, ' ');
        put_tries(args, w);
        wr_text(w, " left.");
    }
}

static void put_brace(struct span name, const struct word_args *args, struct writer *w)
{
    if (span_is(name, "person")) {
        wr_bytes(w, args->person);
    } else if (span_is(name, "key")) {
        wr_bytes(w, args->key);
    } else if (span_is(name, "tries")) {
        put_tries(args, w);
    } else if (span_is(name, "left")) {
        put_left(args, w);
    } else if (span_is(name, "count")) {
        wr_dec(w, args->count);
    } else if (span_is(name, "when")) {
        put_when(args, w);
    }
}

void screen_words(enum screen_word word, const struct word_args *args, struct writer *w)
{
    struct reader r = rd_make(span_str(args->of_core != NULL ? args->of_core : screen_word_text(word)));
    struct span part = SPAN_NONE;
    while (rd_until(&r, '{', &part, "word").code == CS_OK) {
        wr_bytes(w, part);
        if (rd_until(&r, '}', &part, "word").code == CS_OK) {
            put_brace(part, args, w);
        }
    }
    wr_bytes(w, r.rest);
}

enum screen_word screen_word_of_token(struct span code)
{
    static const enum screen_word words[] = {
        WORD_WRONG_KEY,  WORD_PIN_WRONG,       WORD_REPLUG,    WORD_PIN_BLOCKED,    WORD_PIN_NOT_SET, WORD_UV_BLOCKED,
        WORD_TOUCH_LATE, WORD_REMOVED,         WORD_CANCELLED, WORD_SEVERAL,        WORD_NO_TOKEN,    WORD_KEY_BUSY,
        WORD_KEY_FAILED, WORD_KEY_UNSUPPORTED, WORD_KEY_TAKEN, WORD_NO_ATTESTATION,
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_is(code, screen_word_code(words[i]))) {
            return words[i];
        }
    }
    return WORD_KEY_FAILED;
}

enum screen_word screen_word_of_reason(enum policy_reason reason)
{
    static const struct pair {
        enum policy_reason reason;
        enum screen_word word;
    } pairs[] = {
        {REASON_IS_REQUESTER, WORD_IS_REQUESTER},
        {REASON_IS_AUTHOR, WORD_IS_AUTHOR},
        {REASON_IS_TRIGGER, WORD_IS_TRIGGER},
        {REASON_IS_SUBJECT, WORD_IS_SUBJECT},
        {REASON_IS_POLICY_EDITOR, WORD_IS_EDITOR},
        {REASON_ALREADY_SIGNED, WORD_ALREADY_SIGNED},
        {REASON_NO_ROLE, WORD_NO_ROLE},
        {REASON_SEAT_ORDER, WORD_SEAT_ORDER},
        {REASON_SEAT_FULL, WORD_QUORUM_MET},
        {REASON_QUORUM_MET, WORD_QUORUM_MET},
        {REASON_NOT_OPEN, WORD_NOT_OPEN},
        {REASON_EXPIRED, WORD_EXPIRED},
        {REASON_CLOCK, WORD_CLOCK},
        {REASON_SHEET_CHANGED, WORD_RULES_CHANGED},
        {REASON_POLICY_CHANGED, WORD_RULES_CHANGED},
        {REASON_REVOKED, WORD_KEY_OFF},
        {REASON_UNKNOWN_CREDENTIAL, WORD_NOT_ENROLLED},
        {REASON_SEALED, WORD_SEALED},
        {REASON_BUSY, WORD_NOT_RECORDED},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i].reason == reason) {
            return pairs[i].word;
        }
    }
    return WORD_NONE;
}
