/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_JANSSON_H
#define BENCH_JANSSON_H

#include <stdbool.h>
#include <stddef.h>

/* Parses and writes again, sorted: what others do for a canonical text. */
bool bench_jansson(const char *text, size_t len);

#endif
