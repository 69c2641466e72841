/* SPDX-License-Identifier: Apache-2.0 */
/* The spot checks: one file, one answer, one line. docs/man/countersign-audit.1. Inside the program only. */
#ifndef AUDIT_SPOT_H
#define AUDIT_SPOT_H

#include "audit.h"
#include "audit_args.h"
#include "base/base_writer.h"
#include "base/base_digest.h"

/* Exit codes; the last two are those of every command. */
enum audit_exit { AUDIT_HOLDS, AUDIT_REFUSED, AUDIT_WRONG_USE, AUDIT_CANNOT_TELL };

struct audit_command {
    const char *name;
    const char *synopsis;
    const char *const *options; /* those with a value, NULL at the end */
    size_t words_min;           /* of arguments that are no options */
    size_t words_max;
    enum audit_exit (*run)(const struct audit_args *args);
};

extern const struct audit_command audit_json;
extern const struct audit_command audit_note;
extern const struct audit_command audit_proof;
extern const struct audit_command audit_inclusion;
extern const struct audit_command audit_consistency;
extern const struct audit_command audit_tile;
extern const struct audit_command audit_signature;
extern const struct audit_command audit_assertion;
extern const struct audit_command audit_dsse;

/* The one line on standard output, and the exit code that belongs to it; the format must be a literal. */
#define AUDIT_OK(...)     ((void)printf("ok: " __VA_ARGS__), (void)putchar('\n'), AUDIT_HOLDS)
#define AUDIT_REFUSE(...) ((void)printf("refused: " __VA_ARGS__), (void)putchar('\n'), AUDIT_REFUSED)
/* Nothing was checked: one line on standard error. */
#define AUDIT_SAY(...)    ((void)fprintf(stderr, "countersign-audit: " __VA_ARGS__), (void)fputc('\n', stderr))
#define AUDIT_MISUSE(...) (AUDIT_SAY(__VA_ARGS__), AUDIT_WRONG_USE)
/* "refused: note.signature does not verify", with the byte where one is known. */
enum audit_exit audit_refuse_result(struct cs_result why);

/* Room for one file. */
#define AUDIT_FILE_MAX ((size_t)1 << 28)
/* The whole file, "-" for standard input; AUDIT_HOLDS, or why not, said. */
__attribute__((warn_unused_result)) enum audit_exit audit_load(const char *path, struct writer *file);
/* The same for the file that an option names; the option must stand exactly once. */
__attribute__((warn_unused_result)) enum audit_exit audit_load_option(const struct audit_args *args, const char *option,
                                                                      struct writer *file);
/* The value of an option that must stand exactly once. */
__attribute__((warn_unused_result)) enum audit_exit audit_need(const struct audit_args *args, const char *option,
                                                               const char **ret_value);
/* Passes on what is not AUDIT_HOLDS. */
#define AUDIT_TRY(call)                                                                                                \
    do {                                                                                                               \
        const enum audit_exit audit_try_ = (call);                                                                     \
        if (audit_try_ != AUDIT_HOLDS) {                                                                               \
            return audit_try_;                                                                                         \
        }                                                                                                              \
    } while (0)

/* Lower-case hex, NUL at the end. */
struct audit_hex {
    char text[2 * SHA256_BYTES + 1];
};
struct audit_hex audit_hex(const struct sha256 *d);

#endif
