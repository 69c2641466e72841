/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_in.h"

#include "base/base_text.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool next_is(struct span t, const char *any)
{
    return t.left > 0 && t.p[0] != '\0' && strchr(any, t.p[0]) != NULL;
}

/* A decimal number taken apart: sign, up to 19 significant digits, and the power of ten of the last of them. */
struct decimal {
    bool minus;
    bool more; /* digits that are not zero stand behind those that are kept */
    uint64_t digits;
    int64_t exponent;
};

enum { DIGITS_MAX = 18, EXPONENT_MAX = 400 };

static void take_digit(struct decimal *d, uint8_t c, bool fraction)
{
    const uint64_t v = (uint64_t)(c - '0');

    if (d->digits < 100000000000000000ULL) {
        d->digits = d->digits * 10 + v;
        d->exponent -= fraction ? 1 : 0;
    } else {
        d->more = d->more || v != 0;
        d->exponent += fraction ? 0 : 1;
    }
}

/* Digits at the start of t, into d; how many there were. */
static size_t take_digits(struct span *t, struct decimal *d, bool fraction)
{
    size_t n = 0;

    while (t->left > 0 && is_digit(t->p[0])) {
        take_digit(d, t->p[0], fraction);
        *t = span_from(*t, 1);
        n++;
    }
    return n;
}

static CS_RESULT take_exponent(struct span *t, int64_t *ret_exponent, const char *what)
{
    int64_t v = 0;

    *t = span_from(*t, 1);
    const bool minus = next_is(*t, "-");
    *t = span_from(*t, next_is(*t, "+-") ? 1 : 0);
    ENSURE(t->left > 0 && is_digit(t->p[0]), CS_E_SYNTAX, what);
    while (t->left > 0 && is_digit(t->p[0])) {
        v = v < EXPONENT_MAX ? v * 10 + (t->p[0] - '0') : v;
        *t = span_from(*t, 1);
    }
    *ret_exponent = minus ? -v : v;
    return CS_SUCCESS;
}

static CS_RESULT decimal_of(struct span t, struct decimal *ret_decimal, const char *what)
{
    struct decimal d = {.minus = next_is(t, "-")};
    int64_t exponent = 0;

    t = span_from(t, d.minus ? 1 : 0);
    const bool zero = next_is(t, "0");
    const size_t whole = take_digits(&t, &d, false);
    ENSURE(whole > 0 && (!zero || whole == 1), CS_E_SYNTAX, what);
    if (next_is(t, ".")) {
        t = span_from(t, 1);
        ENSURE(take_digits(&t, &d, true) > 0, CS_E_SYNTAX, what);
    }
    if (next_is(t, "eE")) {
        TRY(take_exponent(&t, &exponent, what));
    }
    ENSURE(t.left == 0, CS_E_SYNTAX, what);
    d.exponent += exponent;
    *ret_decimal = d;
    return CS_SUCCESS;
}

CS_RESULT evidence_millionths(struct span text, enum evidence_round round, int64_t *ret_value, const char *what)
{
    struct decimal d = {0};

    ENSURE(text.left <= 64, CS_E_RANGE, what);
    TRY(decimal_of(text, &d, what));
    int64_t shift = d.exponent + 6;
    bool rest = d.more;
    while (shift < 0 && d.digits > 0) {
        rest = rest || d.digits % 10 != 0;
        d.digits /= 10;
        shift++;
    }
    while (shift > 0 && d.digits > 0) {
        ENSURE(d.digits <= (uint64_t)JSON_INT_MAX, CS_E_RANGE, what);
        d.digits *= 10;
        shift--;
    }
    d.digits += rest && (round == EVIDENCE_UP) != d.minus ? 1U : 0U;
    ENSURE(d.digits <= (uint64_t)JSON_INT_MAX, CS_E_RANGE, what);
    *ret_value = d.minus ? -(int64_t)d.digits : (int64_t)d.digits;
    return CS_SUCCESS;
}

enum evidence_severity evidence_of_score(int64_t millionths)
{
    static const struct {
        int64_t least;
        enum evidence_severity severity;
    } steps[] = {{9000000, EVIDENCE_IS_CRITICAL},
                 {7000000, EVIDENCE_IS_HIGH},
                 {4000000, EVIDENCE_IS_MEDIUM},
                 {1, EVIDENCE_IS_LOW}};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (millionths >= steps[i].least) {
            return steps[i].severity;
        }
    }
    return EVIDENCE_IS_INFO;
}

CS_RESULT evidence_natural(struct span text, uint64_t *ret_value, const char *what)
{
    uint64_t v = 0;

    TRY(text_dec_decode(text, &v, what));
    ENSURE(v <= (uint64_t)JSON_INT_MAX, CS_E_RANGE, what);
    *ret_value = v;
    return CS_SUCCESS;
}

/* "+hh:mm" or "-hh:mm" in minutes east. */
static CS_RESULT offset_of(struct span t, int64_t *ret_minutes, const char *what)
{
    ENSURE(t.left == 6 && next_is(t, "+-") && t.p[3] == ':', CS_E_SYNTAX, what);
    ENSURE(is_digit(t.p[1]) && is_digit(t.p[2]) && is_digit(t.p[4]) && is_digit(t.p[5]), CS_E_SYNTAX, what);
    const int64_t hours = (t.p[1] - '0') * 10 + (t.p[2] - '0');
    const int64_t minutes = (t.p[4] - '0') * 10 + (t.p[5] - '0');
    ENSURE(hours <= 23 && minutes <= 59, CS_E_RANGE, what);
    *ret_minutes = (hours * 60 + minutes) * (t.p[0] == '-' ? -1 : 1);
    return CS_SUCCESS;
}

/* Our own spelling of a time without zone; the fraction's digits are taken from t. */
static void spell(struct span date, struct span *t, uint8_t ret_text[TEXT_TIME_LEN])
{
    size_t n = 0;

    memcpy(ret_text, date.p, 19);
    ret_text[10] = ret_text[10] == 't' ? 'T' : ret_text[10];
    memcpy(ret_text + 19, ".000Z", 5);
    if (memcmp(ret_text + 17, "60", 2) == 0) {
        memcpy(ret_text + 17, "59", 2);
    }
    if (next_is(*t, ".")) {
        *t = span_from(*t, 1);
        for (; t->left > 0 && is_digit(t->p[0]); n++) {
            if (n < 3) {
                ret_text[20 + n] = t->p[0];
            }
            *t = span_from(*t, 1);
        }
    }
}

CS_RESULT evidence_time(struct span text, uint64_t *ret_ms, const char *what)
{
    uint8_t ours[TEXT_TIME_LEN];
    struct span rest = span_from(text, 19);
    int64_t east = 0;
    uint64_t ms = 0;

    ENSURE(text.left >= 20 && text.left <= 64, CS_E_SYNTAX, what);
    spell(text, &rest, ours);
    TRY(text_time_decode(SPAN_OF(ours), &ms, what));
    if (!span_is(rest, "Z") && !span_is(rest, "z")) {
        TRY(offset_of(rest, &east, what));
    }
    const int64_t utc = (int64_t)ms - east * 60000;
    ENSURE(utc >= 0, CS_E_RANGE, what);
    *ret_ms = (uint64_t)utc;
    return CS_SUCCESS;
}
