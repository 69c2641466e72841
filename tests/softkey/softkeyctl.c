/* SPDX-License-Identifier: Apache-2.0 */
/* softkeyctl SOCK word...: one command to the control socket of soft keys, and as softcardctl, of soft cards. Prints
 * the answer; exits 0 on "ok", 1 on "error", 2 when there is no answer. */
#include "softkey_dial.h"

static bool join(int argc, char **argv, char ret_line[SOFTKEY_DIAL_LINE_MAX])
{
    size_t at = 0;

    for (int i = 2; i < argc; i++) {
        const size_t left = SOFTKEY_DIAL_LINE_MAX - at;
        const int n = snprintf(ret_line + at, left, "%s%s", i == 2 ? "" : " ", argv[i]);
        if (n < 0 || (size_t)n >= left) {
            return false;
        }
        at += (size_t)n;
    }
    return at > 0;
}

int main(int argc, char **argv)
{
    char line[SOFTKEY_DIAL_LINE_MAX];
    char answer[SOFTKEY_DIAL_LINE_MAX];

    if (argc < 3 || !join(argc, argv, line)) {
        (void)fprintf(stderr, "usage: %s SOCK command [word...]\n", argv[0]);
        return 2;
    }
    if (!softkey_dial(argv[1], line, answer)) {
        (void)fprintf(stderr, "%s: no answer\n", argv[1]);
        return 2;
    }
    (void)puts(answer);
    return strncmp(answer, "ok", 2) == 0 ? 0 : 1;
}
