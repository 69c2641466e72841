/* SPDX-License-Identifier: Apache-2.0 */
/* Outside text for people: on a terminal, and in a log that a CI system reads line by line. */
#ifndef FILE_SHOW_H
#define FILE_SHOW_H

#include "base/base_span.h"

/*
 * Writes the text on one line. Shown as their code points, [U+001B]: controls and line ends, bidirectional marks,
 * invisible and private letters, for a terminal must not act on them nor hide them; a colon that the text begins with
 * and the first of two hashes, for ::COMMAND:: at the start of a line and ##[COMMAND] anywhere are orders to a CI
 * runner. A byte that is not UTF-8 is shown as the code point of its value.
 */
void file_show(FILE *to, struct span text);

#endif
