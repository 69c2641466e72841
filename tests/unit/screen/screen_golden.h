/* SPDX-License-Identifier: Apache-2.0 */
/* Screens as text, compared byte for byte with tests/golden/screens. */
#ifndef SCREEN_GOLDEN_H
#define SCREEN_GOLDEN_H

#include "screen_bed.h"

/* The arguments of a test program: with "write" the screens are written anew, to be looked at before they are
 * committed. */
void golden_begin(int argc, char **argv);
/* The screen is the one of this name; the test fails, with what it is, if not. */
void golden(struct bed *b, const char *name);

#endif
