/* SPDX-License-Identifier: Apache-2.0 */
/* The command line after the command's name: options in any place, `--` ends them. */
#ifndef AUDIT_ARGS_H
#define AUDIT_ARGS_H

#include "base/base_span.h"

enum { AUDIT_WORDS_MAX = 512, AUDIT_OPTIONS_MAX = 64 };

/* Borrows argv. */
struct audit_args {
    const char *word[AUDIT_WORDS_MAX]; /* what is no option, in order */
    size_t word_count;
    struct audit_option {
        const char *name; /* "--key" */
        const char *value;
    } option[AUDIT_OPTIONS_MAX];
    size_t option_count;
};

/*
 * `known` lists the options that take a value, NULL at the end. CS_E_UNKNOWN another option, CS_E_MISSING no value,
 * CS_E_FULL too many; the offending word in ret_word (never NULL then).
 */
CS_RESULT audit_args_parse(int argc, char *const *argv, const char *const *known, struct audit_args *ret_args,
                           const char **ret_word);
/* NULL when it is absent or stands twice. */
const char *audit_option_once(const struct audit_args *a, const char *name);
bool audit_option_given(const struct audit_args *a, const char *name);

#endif
