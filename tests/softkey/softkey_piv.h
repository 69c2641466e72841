/* SPDX-License-Identifier: Apache-2.0 */
/* The other face of a soft key: with a vpcd, each key is also a soft PIV card of its name (tests/softcard), in a reader
 * while the key is in its port. Without one (`cards` is NULL) everything here is nothing, and well. */
#ifndef SOFTKEY_PIV_H
#define SOFTKEY_PIV_H

#include "softkey_control.h"

struct softcard_rack;

/* The key's card, into the first free reader. False when there is none, or the card's file cannot be read. */
__attribute__((warn_unused_result)) bool softkey_piv_insert(struct softcard_rack *cards, const char *name,
                                                            uint64_t now_ms);

/* The key's card, out. */
void softkey_piv_remove(struct softcard_rack *cards, const char *name, uint64_t now_ms);

/* A finger on the key, for its card. False when that does not ask for it. */
__attribute__((warn_unused_result)) bool softkey_piv_touch(struct softcard_rack *cards, const char *name,
                                                           uint64_t now_ms);

/* The key's card is touched whenever it asks, or is not. */
void softkey_piv_touch_auto(struct softcard_rack *cards, const char *name, bool on, uint64_t now_ms);

/* A command of tests/softcard/README.md. A key's card goes in and out with the key only. */
void softkey_piv_command(struct softcard_rack *cards, const char *line, uint64_t now_ms,
                         char ret_answer[SOFTKEY_LINE_MAX]);

#endif
