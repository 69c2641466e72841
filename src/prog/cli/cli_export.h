/* SPDX-License-Identifier: Apache-2.0 */
/* A log that was fetched whole and compared with its checkpoint. */
#ifndef CLI_EXPORT_H
#define CLI_EXPORT_H

#include "cli_pipe.h"
#include "judge/judge.h"
#include "merkle/merkle_nodes.h"

#define EXPORT_STATE_BYTES ((size_t)8 << 30)

struct export
{
    struct arena arena; /* note and leaves */
    struct span note;
    uint64_t size;
    struct sha256 root;
    struct span *leaves;
    struct merkle_nodes nodes;
    struct judge judge; /* after export_fold */
    bool judging;
};

/* Folds all entries, to know people, keys and requests. CLI_OK or said. */
int export_fold(const struct pipe_options *o, struct export *x);
/* DIR/NAME, with the directories above it. CLI_OK or said. */
int export_put(const struct pipe_options *o, const char *dir, const char *name, struct span bytes);
/* Each human decision as files for ssh-keygen or a WebAuthn library. CLI_OK or said. */
int export_people(const struct pipe_options *o, struct export *x);

#endif
