/* SPDX-License-Identifier: Apache-2.0 */
/* Plain scalars that one reader of YAML takes for a text and another one for something else. */
#include "draft/draft_rows.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(struct span t)
{
    static const char *const words[] = {"yes",   "no",   "on",   "off", "y",   "n",   "True", "False", "TRUE",
                                        "FALSE", "Yes",  "No",   "On",  "Off", "YES", "NO",   "ON",    "OFF",
                                        "null",  "Null", "NULL", "~",   "Y",   "N",   ".nan", ".NaN",  ".NAN"};
    static const char *const endless[] = {".inf", ".Inf", ".INF"};
    const size_t sign = t.left > 0 && (t.p[0] == '+' || t.p[0] == '-') ? 1 : 0;
    bool same = t.left == 0;

    for (size_t i = 0; i < COUNT(words); i++) {
        same = same || span_is(t, words[i]);
    }
    for (size_t i = 0; i < COUNT(endless); i++) {
        same = same || span_is(span_from(t, sign), endless[i]);
    }
    return same;
}

/* How far digits, underscores and dots go; how many of them are digits and dots. */
struct digits {
    size_t end;
    size_t digits;
    size_t dots;
};

static struct digits scan_digits(struct span t, size_t from)
{
    struct digits d = {.end = from};
    while (d.end < t.left && (is_digit(t.p[d.end]) || t.p[d.end] == '_' || t.p[d.end] == '.')) {
        d.dots += t.p[d.end] == '.' ? 1U : 0U;
        d.digits += is_digit(t.p[d.end]) ? 1U : 0U;
        d.end++;
    }
    return d;
}

static bool is_hex(uint8_t c)
{
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* 0x1f, 0o17, 0b101 */
static bool has_base(struct span t)
{
    size_t i = 2;

    if (t.left < 3 || t.p[0] != '0' || (t.p[1] != 'x' && t.p[1] != 'o' && t.p[1] != 'b')) {
        return false;
    }
    while (i < t.left && is_hex(t.p[i])) {
        i++;
    }
    return i == t.left;
}

/* 1:30, 1:30:45.5: to YAML 1.1 a number of the base sixty. */
static bool is_sixties(struct span t)
{
    size_t colons = 0;
    size_t i = 0;

    while (i < t.left && (is_digit(t.p[i]) || (i > 0 && (t.p[i] == ':' || t.p[i] == '.' || t.p[i] == '_')))) {
        colons += t.p[i] == ':' ? 1U : 0U;
        i++;
    }
    return colons > 0 && i == t.left && t.p[t.left - 1] != ':';
}

/* 2026-11-26, with or without a time behind it. */
static bool is_date(struct span t)
{
    static const char shape[] = "0000-00-00";
    size_t i = 0;

    while (i < t.left && i < sizeof(shape) - 1 && (shape[i] == '0' ? is_digit(t.p[i]) : t.p[i] == '-')) {
        i++;
    }
    return i == sizeof(shape) - 1 && (i == t.left || t.p[i] == 'T' || t.p[i] == 't' || t.p[i] == ' ');
}

/* 007, 0x1f, 1_000, +5, 1.50, 1e3: numbers in another spelling than JSON's, or none of its integers. */
static bool is_number(struct span t)
{
    const size_t from = t.left > 0 && (t.p[0] == '+' || t.p[0] == '-') ? 1 : 0;
    const struct digits d = scan_digits(t, from);
    const struct draft_node as = {.kind = DRAFT_SCALAR, .plain = true, .text = t};
    int64_t ignored = 0;

    if (has_base(span_from(t, from)) || is_sixties(span_from(t, from))) {
        return true;
    }
    if (draft_integer(&as, &ignored) || d.digits == 0 || d.dots > 1) {
        return false;
    }
    const bool exponent = d.end + 1 < t.left && (t.p[d.end] == 'e' || t.p[d.end] == 'E') && is_digit(t.p[t.left - 1]);
    return exponent || d.end == t.left;
}

bool draft_is_odd(const struct draft_node *v)
{
    return v->plain && (is_word(v->text) || is_number(v->text) || is_date(v->text));
}

bool draft_is_text(const struct draft_node *v)
{
    int64_t ignored = 0;
    return !draft_is_odd(v) && !draft_integer(v, &ignored) &&
           !(v->plain && (span_is(v->text, "true") || span_is(v->text, "false")));
}
