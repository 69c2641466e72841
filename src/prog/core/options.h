/* SPDX-License-Identifier: Apache-2.0 */
/* What countersignd was told: the command line, over countersign.json in the state directory. */
#ifndef PROG_CORE_OPTIONS_H
#define PROG_CORE_OPTIONS_H

#include "core/core_permit.h"

enum { OPTIONS_PATH_MAX = 400, OPTIONS_NAME_MAX = 64, OPTIONS_STATE_MIB = 1024 };

struct options {
    char state[OPTIONS_PATH_MAX];
    char run[OPTIONS_PATH_MAX];
    char users[CORE_PEER_COUNT][OPTIONS_NAME_MAX]; /* whom each socket is for; empty: who we are */
    char user[OPTIONS_NAME_MAX];                   /* whom to become; empty: stay */
    uint64_t state_mib;                            /* bound of the fold */
    bool prove;                                    /* verify every signature again at the start */
};

/* An exit status when there is nothing to go on with (help, version, a wrong command line), or -1. */
int options_read(int argc, char **argv, struct options *ret_options);

/* A file of the state directory, whole, into w. CS_E_MISSING, CS_E_IO, CS_E_FULL. */
CS_RESULT options_file(const struct options *o, const char *name, struct writer *w);
/* "DIR/NAME" into a buffer of OPTIONS_PATH_MAX + 64. CS_E_RANGE. */
CS_RESULT options_path(const char *dir, const char *name, char *ret_path, size_t cap);

#endif
