/* SPDX-License-Identifier: Apache-2.0 */
/* The files of docs/api/, and what the dashboard loads, as they were at build time; made by cmake/embed.cmake. */
#ifndef HTTP_FILES_H
#define HTTP_FILES_H

#include <stddef.h>
#include <stdint.h>

struct http_file {
    const char *name;
    const uint8_t *bytes;
    size_t len;
};

extern const struct http_file http_files[];
extern const size_t http_file_count;

#endif
