/* SPDX-License-Identifier: Apache-2.0 */
/* One line of a control socket, cut into words, and one line to answer it with. */
#ifndef SOFTKEY_LINE_H
#define SOFTKEY_LINE_H

#include "softkey_control.h"

enum { SOFTKEY_WORDS_MAX = 8 };

struct softkey_line {
    char text[SOFTKEY_LINE_MAX];
    char *words[SOFTKEY_WORDS_MAX]; /* into text */
    size_t count;
    char *answer; /* SOFTKEY_LINE_MAX bytes of the caller */
};

/** False, and answered so, when there are too many words. */
bool softkey_line_read(const char *line, char answer[SOFTKEY_LINE_MAX], struct softkey_line *ret_line);

/** The answer, ended by a line feed; cut where it does not fit. */
__attribute__((format(printf, 2, 3))) void softkey_line_say(char *answer, const char *format, ...);

/** A whole word, digits of this base and nothing else, up to most. */
bool softkey_line_number(const char *word, int base, unsigned long most, unsigned long *ret_n);

#endif
