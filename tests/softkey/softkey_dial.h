/* SPDX-License-Identifier: Apache-2.0 */
/* The other side of the control socket, for programs that drive soft keys. */
#ifndef SOFTKEY_DIAL_H
#define SOFTKEY_DIAL_H

#include <stdbool.h>
#include <stddef.h>

enum { SOFTKEY_DIAL_LINE_MAX = 512 };

/**
 * Send one command line (its line feed is added) to the socket at `path` and take the one line that answers, without
 * its line feed. False when there is no answer. Thread-safe: each call is a connection of its own.
 */
bool softkey_dial(const char *path, const char *command, char ret_answer[SOFTKEY_DIAL_LINE_MAX]);

#endif
