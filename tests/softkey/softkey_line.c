/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_line.h"

#include <ctype.h>
#include <stdarg.h>

void softkey_line_say(char *answer, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    const int n = vsnprintf(answer, SOFTKEY_LINE_MAX - 1, format, args);
    va_end(args);
    const size_t len = n < 0 ? 0 : strlen(answer);
    answer[len] = '\n';
    answer[len + 1] = '\0';
}

bool softkey_line_read(const char *line, char answer[SOFTKEY_LINE_MAX], struct softkey_line *ret_line)
{
    char *save = NULL;

    *ret_line = (struct softkey_line){.answer = answer};
    (void)snprintf(ret_line->text, sizeof(ret_line->text), "%s", line);
    for (char *word = strtok_r(ret_line->text, " \r\n", &save); word != NULL; word = strtok_r(NULL, " \r\n", &save)) {
        if (ret_line->count == SOFTKEY_WORDS_MAX) {
            softkey_line_say(answer, "error too many words");
            return false;
        }
        ret_line->words[ret_line->count++] = word;
    }
    return true;
}

bool softkey_line_number(const char *word, int base, unsigned long most, unsigned long *ret_n)
{
    char *end = NULL;

    if (isxdigit((unsigned char)word[0]) == 0) {
        return false;
    }
    *ret_n = strtoul(word, &end, base);
    return *end == '\0' && *ret_n <= most;
}
