/* SPDX-License-Identifier: Apache-2.0 */
/* Errors are values: every call that can fail returns a cs_result that cannot be ignored. */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Append only: the numbers may stand in files and exit codes. */
#define CS_CODES(X)                                                                                                    \
    X(CS_OK, "ok")                                                                                                     \
    X(CS_E_SHORT, "ends too early")                                                                                    \
    X(CS_E_TRAILING, "has bytes left over")                                                                            \
    X(CS_E_RANGE, "is out of range")                                                                                   \
    X(CS_E_SYNTAX, "is malformed")                                                                                     \
    X(CS_E_UTF8, "is not valid UTF-8")                                                                                 \
    X(CS_E_DUPLICATE, "stands twice")                                                                                  \
    X(CS_E_DEPTH, "is nested too deeply")                                                                              \
    X(CS_E_ORDER, "is not in canonical order")                                                                         \
    X(CS_E_UNKNOWN, "is not known here")                                                                               \
    X(CS_E_MISSING, "is missing")                                                                                      \
    X(CS_E_TYPE, "has the wrong type")                                                                                 \
    X(CS_E_NOMEM, "needs more memory than is allowed")                                                                 \
    X(CS_E_CRYPTO, "cannot be used by the cryptographic library")                                                      \
    X(CS_E_BADSIG, "does not verify")                                                                                  \
    X(CS_E_MISMATCH, "does not match")                                                                                 \
    X(CS_E_IO, "could not be read or written")                                                                         \
    X(CS_E_FULL, "does not fit")                                                                                       \
    X(CS_E_STATE, "is not possible in this state")                                                                     \
    X(CS_E_REFUSED, "is refused")                                                                                      \
    X(CS_E_TIMEOUT, "took too long")                                                                                   \
    X(CS_E_CANCELLED, "was cancelled")                                                                                 \
    X(CS_E_GONE, "is gone")

#define CS_CODE_ENUM(name, text) name,
enum cs_code { CS_CODES(CS_CODE_ENUM) CS_CODE_COUNT };
#undef CS_CODE_ENUM

/* msg names the thing ("request.digest"), a literal, never input bytes; at is the input offset where one exists. */
struct cs_result {
    enum cs_code code;
    uint32_t at;
    const char *msg;
};
_Static_assert(sizeof(struct cs_result) == 16, "a result travels in two registers");

#define CS_RESULT __attribute__((warn_unused_result)) struct cs_result

#define CS_SUCCESS              ((struct cs_result){.code = CS_OK, .at = 0, .msg = ""})
#define CS_FAIL(c, m)           ((struct cs_result){.code = (c), .at = 0, .msg = (m)})
#define CS_FAIL_AT(c, m, where) ((struct cs_result){.code = (c), .at = (uint32_t)(where), .msg = (m)})

/* The only two macros that return. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        const struct cs_result try_result_ = (call);                                                                   \
        if (try_result_.code != CS_OK) {                                                                               \
            return try_result_;                                                                                        \
        }                                                                                                              \
    } while (0)
#define ENSURE(cond, c, m)                                                                                             \
    do {                                                                                                               \
        if (!(cond)) {                                                                                                 \
            return CS_FAIL((c), (m));                                                                                  \
        }                                                                                                              \
    } while (0)

/* AUTO(T) *x: released by T's cleanup when the scope ends; CS_AUTO_DEFINE(T, free_fn) defines that cleanup. */
#define AUTO(T) __attribute__((cleanup(cs_auto_##T))) T
#define CS_AUTO_DEFINE(T, free_fn)                                                                                     \
    static inline void cs_auto_##T(T **p)                                                                              \
    {                                                                                                                  \
        if (*p != NULL) {                                                                                              \
            free_fn(*p);                                                                                               \
        }                                                                                                              \
    }                                                                                                                  \
    _Static_assert(sizeof(T *) != 0, #T)

/* The enumerator's name ("CS_E_SHORT") and its words ("ends too early"); "unknown" outside the list. */
const char *cs_code_name(enum cs_code code);
const char *cs_code_text(enum cs_code code);

#endif
