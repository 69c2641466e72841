/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_args.h"

/* The listed option that arg names, as --name or --name=value. */
static const char *known_option(const char *arg, const char *const *known)
{
    const char *equals = strchr(arg, '=');
    const size_t n = equals != NULL ? (size_t)(equals - arg) : strlen(arg);

    for (; *known != NULL; known++) {
        if (strlen(*known) == n && memcmp(*known, arg, n) == 0) {
            return *known;
        }
    }
    return NULL;
}

static CS_RESULT add_word(struct audit_args *a, const char *word)
{
    ENSURE(a->word_count < AUDIT_WORDS_MAX, CS_E_FULL, "argument");
    a->word[a->word_count++] = word;
    return CS_SUCCESS;
}

static CS_RESULT add_option(struct audit_args *a, const char *name, const char *value)
{
    ENSURE(value != NULL, CS_E_MISSING, "option");
    ENSURE(a->option_count < AUDIT_OPTIONS_MAX, CS_E_FULL, "option");
    a->option[a->option_count++] = (struct audit_option){.name = name, .value = value};
    return CS_SUCCESS;
}

/* One argument, and its value if that is the next one; *i moves on over both. */
static CS_RESULT take(int argc, char *const *argv, const char *const *known, int *i, struct audit_args *a)
{
    const char *arg = argv[*i];

    (*i)++;
    if (arg[0] != '-' || arg[1] == 0) { /* "-" is standard input */
        return add_word(a, arg);
    }
    const char *name = known_option(arg, known);
    ENSURE(name != NULL, CS_E_UNKNOWN, "option");
    const char *equals = strchr(arg, '=');
    if (equals != NULL) {
        return add_option(a, name, equals + 1);
    }
    const char *value = *i < argc ? argv[*i] : NULL;
    (*i)++;
    return add_option(a, name, value);
}

CS_RESULT audit_args_parse(int argc, char *const *argv, const char *const *known, struct audit_args *ret_args,
                           const char **ret_word)
{
    int i = 0;

    *ret_args = (struct audit_args){.word_count = 0};
    while (i < argc && strcmp(argv[i], "--") != 0) {
        *ret_word = argv[i];
        TRY(take(argc, argv, known, &i, ret_args));
    }
    for (i++; i < argc; i++) {
        *ret_word = argv[i];
        TRY(add_word(ret_args, argv[i]));
    }
    return CS_SUCCESS;
}

const char *audit_option_once(const struct audit_args *a, const char *name)
{
    const char *value = NULL;

    for (size_t i = 0; i < a->option_count; i++) {
        if (strcmp(a->option[i].name, name) == 0) {
            if (value != NULL) {
                return NULL;
            }
            value = a->option[i].value;
        }
    }
    return value;
}

bool audit_option_given(const struct audit_args *a, const char *name)
{
    for (size_t i = 0; i < a->option_count; i++) {
        if (strcmp(a->option[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}
