/* SPDX-License-Identifier: Apache-2.0 */
/* Force-included into every file of the project: calls that the house does not use do not compile. */
#ifndef CS_BANNED_H
#define CS_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat strtok sprintf vsprintf atoi atol atoll gmtime localtime ctime
#pragma GCC poison asctime mktemp tmpnam getenv system popen

#endif
