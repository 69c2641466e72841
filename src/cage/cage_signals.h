/* SPDX-License-Identifier: Apache-2.0 */
/* The signals that a daemon answers become a descriptor of its loop. */
#ifndef CAGE_SIGNALS_H
#define CAGE_SIGNALS_H

#include "base/base_result.h"

/* Blocks `signals` (n of them) in this thread and those that it will start, ignores SIGPIPE, and gives a signalfd that
 * does not block and is closed on exec; the caller closes it. CS_E_IO. */
CS_RESULT cage_signals(const int *signals, size_t n, int *ret_fd);

#endif
