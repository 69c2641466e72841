/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_reason.h"

static const struct reason_words {
    const char *code;
    const char *sentence;
} words[REASON_COUNT] = {
#define WORDS(name, c, s) [name] = {(c), (s)},
    POLICY_REASONS(WORDS)
#undef WORDS
};

static const struct reason_words *words_of(enum policy_reason r)
{
    return &words[(unsigned)r < REASON_COUNT ? r : REASON_NOT_EVALUATED];
}

const char *policy_reason_code(enum policy_reason r)
{
    return words_of(r)->code;
}

const char *policy_reason_sentence(enum policy_reason r)
{
    return words_of(r)->sentence;
}

enum policy_reason policy_reason_of(struct span code)
{
    for (unsigned r = 0; r < REASON_COUNT; r++) {
        if (span_is(code, words[r].code)) {
            return (enum policy_reason)r;
        }
    }
    return REASON_NOT_EVALUATED;
}
