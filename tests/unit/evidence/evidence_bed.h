/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a text as evidence, in pieces of any size, and gives the summary as a text. */
#ifndef EVIDENCE_BED_H
#define EVIDENCE_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "evidence_show.h"

struct bed_answer {
    struct cs_result r;
    uint64_t line;
    char advice[160];
    char json[EVIDENCE_SHOW_MAX + 1]; /* empty after a failure */
};

void bed_read(const struct evidence_options *o, struct span text, size_t piece, struct bed_answer *ret_answer);

/* code: CS_OK and want is the summary; else want is what the error names. */
struct bed_row {
    const char *name;
    const char *text;
    enum cs_code code;
    const char *want;
};
/* Each row, whole and in pieces of 1 and 7 bytes: always the same answer, and every failure says what to do. */
void bed_rows(enum evidence_format format, const struct bed_row *rows, size_t count);
#define BED_ROWS(format, rows) bed_rows((format), (rows), sizeof(rows) / sizeof((rows)[0]))

#endif
