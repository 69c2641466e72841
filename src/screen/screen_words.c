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

/* "2026-01-05T09:00:00Z" of the time; false when there is none. */
static bool time_of(const struct word_args *args, uint8_t room[TEXT_TIME_LEN])
{
    struct writer t = wr_fixed(room, TEXT_TIME_LEN);
    text_time_write(&t, args->when_ms);
    return args->when_ms != 0 && t.fail == CS_OK;
}

static void put_at(const struct word_args *args, const char *before, const char *after, struct writer *w)
{
    uint8_t room[TEXT_TIME_LEN];
    if (time_of(args, room)) {
        wr_text(w, before);
        wr_bytes(w, span_make(room + 11, 5)); /* HH:MM */
        wr_text(w, after);
    }
}

/* " on 12 Nov" */
static void put_on(const struct word_args *args, struct writer *w)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uint8_t room[TEXT_TIME_LEN];
    if (!time_of(args, room)) {
        return;
    }
    const unsigned month = (unsigned)((room[5] - '0') * 10 + (room[6] - '0'));
    wr_text(w, " on ");
    wr_bytes(w, room[8] == '0' ? span_make(room + 9, 1) : span_make(room + 8, 2));
    wr_u8(w, ' ');
    wr_bytes(w, span_make((const uint8_t *)months + ((size_t)(month - 1) * 3U), 3));
}

static void put_left(const struct word_args *args, struct writer *w)
{
    if (args->has_tries) {
        wr_u8(w, ' ');
        put_tries(args, w);
        wr_text(w, " left.");
    }
}

static void put_person(const struct word_args *args, struct writer *w)
{
    wr_bytes(w, args->person);
}

static void put_key(const struct word_args *args, struct writer *w)
{
    wr_bytes(w, args->key);
}

static void put_thing(const struct word_args *args, struct writer *w)
{
    wr_text(w, args->card ? "card" : "key");
}

static void put_again(const struct word_args *args, struct writer *w)
{
    wr_text(w, args->abstain ? "F8" : (args->reject ? "F4" : "F12"));
}

static void put_count(const struct word_args *args, struct writer *w)
{
    wr_dec(w, args->count);
}

static void put_for(const struct word_args *args, struct writer *w)
{
    if (args->seat.left > 0) {
        wr_text(w, " for ");
        wr_bytes(w, args->seat);
    }
}

static void put_when(const struct word_args *args, struct writer *w)
{
    put_at(args, " at ", "", w);
}

static void put_approved(const struct word_args *args, struct writer *w)
{
    put_at(args, " It was approved at ", ".", w);
}

static void put_core(const struct word_args *args, struct writer *w)
{
    wr_text(w, args->of_core != NULL ? args->of_core : "The approval service refused it.");
}

/* A brace that is not here is a mistake in the table of words; test_screen_words walks it. */
static void put_brace(struct span name, const struct word_args *args, struct writer *w)
{
    static const struct brace {
        const char *name;
        void (*put)(const struct word_args *args, struct writer *w);
    } braces[] = {
        {"person", put_person}, {"key", put_key},   {"thing", put_thing}, {"again", put_again},
        {"tries", put_tries},   {"left", put_left}, {"count", put_count}, {"for", put_for},
        {"when", put_when},     {"on", put_on},     {"core", put_core},   {"approved", put_approved},
    };
    for (size_t i = 0; i < sizeof(braces) / sizeof(braces[0]); i++) {
        if (span_is(name, braces[i].name)) {
            braces[i].put(args, w);
        }
    }
}

void screen_words(enum screen_word word, const struct word_args *args, struct writer *w)
{
    struct reader r = rd_make(span_str(screen_word_text(word)));
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
        WORD_WRONG_KEY,      WORD_PIN_WRONG,  WORD_REPLUG,       WORD_PIN_BLOCKED,     WORD_PIN_NOT_SET,
        WORD_UV_BLOCKED,     WORD_TOUCH_LATE, WORD_REMOVED,      WORD_CANCELLED,       WORD_SEVERAL,
        WORD_NO_TOKEN,       WORD_KEY_BUSY,   WORD_KEY_FAILED,   WORD_KEY_UNSUPPORTED, WORD_KEY_TAKEN,
        WORD_NO_ATTESTATION, WORD_PIN_LAST,   WORD_CARD_CHANGED, WORD_READER,          WORD_WEAK_KEY,
        WORD_CERT_MISMATCH,  WORD_PIN_FORM,
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_is(code, screen_word_code(words[i]))) {
            return words[i];
        }
    }
    return WORD_KEY_FAILED;
}

enum screen_word screen_word_of_standing(enum credential_standing s)
{
    switch (s) {
    case STANDING_COUNTS:
        return WORD_NONE;
    case STANDING_PERSON_REMOVED:
        return WORD_PERSON_GONE;
    case STANDING_MODEL_REMOVED:
        return WORD_MODEL_GONE;
    case STANDING_ISSUER_REMOVED:
        return WORD_ISSUER_GONE;
    case STANDING_CERT_REVOKED:
        return WORD_CERT_REVOKED;
    case STANDING_ROOT_REMOVED:
        return WORD_ROOT_GONE;
    case STANDING_NONE:
    case STANDING_REVOKED:
        break;
    }
    return WORD_KEY_OFF;
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
        {REASON_SUSPENDED, WORD_SUSPENDED},
        {REASON_OFF_DUTY, WORD_OFF_DUTY},
        {REASON_ROLE_LAPSED, WORD_ROLE_LAPSED},
        {REASON_NOT_IN_DIRECTORY, WORD_NOT_IN_DIRECTORY},
        {REASON_DIRECTORY_STALE, WORD_DIRECTORY_STALE},
        {REASON_SEAT_ORDER, WORD_SEAT_ORDER},
        {REASON_NOT_IN_GROUP, WORD_NOT_IN_GROUP},
        {REASON_NO_ABSTENTION, WORD_NO_ABSTENTION},
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
        {REASON_CARD_PIN, WORD_CARD_PIN},
        {REASON_PRESENCE_PORT, WORD_PORT},
        {REASON_PRESENCE_SWITCH, WORD_SWITCH_OFF},
        {REASON_PRESENCE_WINDOW, WORD_WINDOW},
        {REASON_EMERGENCY_PERSON, WORD_NOT_LISTED},
        {REASON_REVIEW_OVERDUE, WORD_OVERDUE},
        {REASON_FROZEN, WORD_HELD},
        {REASON_NOT_RESPONDER, WORD_HELD},
        {REASON_DELEGATE_TO, WORD_DELEGATE_TO},
        {REASON_DELEGATION_TIME, WORD_DELEGATE_TIME},
        {REASON_NO_ACCESS_REVIEW, WORD_NO_ACCESS_REVIEW},
        {REASON_NO_FREEZES, WORD_NO_FREEZES},
        {REASON_NOT_FROZEN, WORD_NOTHING_FROZEN},
        {REASON_CERT_EXPIRED, WORD_CERT_EXPIRED},
        {REASON_CERT_NOT_YET, WORD_CERT_EXPIRED},
        {REASON_CERT_REVOKED, WORD_CERT_REVOKED},
        {REASON_TOKEN_NOT_ALLOWED, WORD_NOT_ALLOWED},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i].reason == reason) {
            return pairs[i].word;
        }
    }
    return WORD_NONE;
}

/* ---- kinds ---- */

const char *screen_kind_words(enum request_kind kind)
{
    static const char *const words[KIND_COUNT] = {[KIND_POLICY] = "POLICY, officers decide",
                                                  [KIND_ROSTER] = "PEOPLE AND KEYS, officers decide",
                                                  [KIND_EMERGENCY] = "EMERGENCY",
                                                  [KIND_REVIEW] = "REVIEW of an emergency",
                                                  [KIND_VOUCHER] = "VOUCHER",
                                                  [KIND_WAIVER] = "WAIVER of a finding",
                                                  [KIND_THAW] = "END OF A FREEZE",
                                                  [KIND_DELEGATE] = "DELEGATION",
                                                  [KIND_ACCESS_REVIEW] = "ACCESS REVIEW, officers decide"};
    return (size_t)kind < KIND_COUNT && words[kind] != NULL ? words[kind] : "";
}

const char *screen_need_words(enum sheet_kind kind)
{
    switch (kind) {
    case SHEET_FIELD:
        return "must be given: ";
    case SHEET_BIND:
        return "must be the same when it is deployed: ";
    case SHEET_SEPARATE:
        return "may not decide: ";
    case SHEET_SOURCE:
        return "source: ";
    case SHEET_TICKET:
        return "ticket: ";
    case SHEET_EVIDENCE:
        return "evidence: ";
    case SHEET_PROMOTION:
        return "the stage before: ";
    case SHEET_WINDOW:
        return "calendar: ";
    case SHEET_FREEZE:
        return "no freeze: ";
    case SHEET_REASON:
        return "least length of a reason to ";
    case SHEET_TOKEN:
        return "of every key that signs: ";
    case SHEET_CLOCK:
        return "time limit, ";
    case SHEET_EMERGENCY:
        return "emergency, ";
    case SHEET_SKIPPED:
        return "does not need to sign: ";
    case SHEET_SEAT:
        break;
    }
    return "must sign: ";
}
