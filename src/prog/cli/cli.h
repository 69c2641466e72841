/* SPDX-License-Identifier: Apache-2.0 */
/* What the subcommands of `countersign` share: exit codes, messages, files. */
#ifndef CLI_H
#define CLI_H

#include "base/base_arena.h"
#include "base/base_writer.h"

/* Stable; docs/man/countersign.1. */
enum cli_exit {
    CLI_OK = 0,        /* done, or approved */
    CLI_FAILED = 1,    /* refused, or something here could not be read or written */
    CLI_USAGE = 2,     /* a wrong command line */
    CLI_REACH = 3,     /* the core or the server cannot be reached */
    CLI_VERIFY = 4,    /* an answer does not verify */
    CLI_PENDING = 10,  /* not decided yet */
    CLI_REJECTED = 11, /* somebody said no, or it was withdrawn or superseded */
    CLI_EXPIRED = 12,  /* time ran out before or after the decision */
    CLI_FROZEN = 13,
    CLI_DRIFTED = 14, /* what is deployed is not what was approved */
    CLI_USED = 15,    /* the approval was used before */
};

/* One subcommand: argv[0] is its name. */
struct cli_command {
    const char *name;
    const char *summary; /* for `countersign help` */
    int (*run)(int argc, char **argv);
};

/* "countersign NAME: TEXT" on stderr; returns status. */
int cli_fail(int status, const char *name, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The whole file ("-": standard input) into w. CS_E_MISSING, CS_E_IO, CS_E_FULL; then cli_fail was called. */
CS_RESULT cli_read(const char *name, const char *path, struct writer *w);
/* A file that people write: JSON in any spelling, to the canonical one in `arena`. On a fault cli_fail was called, with
 * line and column. */
CS_RESULT cli_read_json(const char *name, const char *path, struct arena *arena, struct span *ret_canonical);
/* The same of text that was read from `path`. */
CS_RESULT cli_parse_json(const char *name, const char *path, struct span text, struct arena *arena,
                         struct span *ret_canonical);

/* What a PEM file holds between the first lines of this label, or the file itself when it is DER. CS_E_TYPE, CS_E_SHORT
 * when it is neither; the errors of base64; CS_E_FULL, CS_E_NOMEM. */
CS_RESULT cli_der(const char *label, struct span file, struct arena *arena, struct span *ret_der);

/* Of the wall clock, since 1970. */
uint64_t cli_now_ms(void);

int cli_init(int argc, char **argv);
int cli_propose(int argc, char **argv);
int cli_policy(int argc, char **argv);
int cli_local_status(int argc, char **argv);

#endif
