/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge_finding.h"

static const struct {
    int exit_code;
    const char *word;
    const char *sentence;
} findings[] = {
#define JUDGE_FINDING_ROW(name, exit_code, word, sentence) {exit_code, word, sentence},
    JUDGE_FINDINGS(JUDGE_FINDING_ROW)
#undef JUDGE_FINDING_ROW
};

static size_t row(enum finding_class c)
{
    return c < FINDING_COUNT ? (size_t)c : 0;
}

int judge_finding_exit(enum finding_class c)
{
    return findings[row(c)].exit_code;
}

const char *judge_finding_word(enum finding_class c)
{
    return findings[row(c)].word;
}

const char *judge_finding_sentence(enum finding_class c)
{
    return findings[row(c)].sentence;
}

struct finding judge_finding_of(enum finding_class otherwise, struct cs_result cause)
{
    return (struct finding){.class = cause.code == CS_E_NOMEM ? FINDING_CANNOT_TELL : otherwise, .cause = cause};
}

struct finding judge_finding_at(struct finding f, uint64_t index)
{
    f.at_entry = true;
    f.index = index;
    return f;
}
