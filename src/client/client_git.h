/* SPDX-License-Identifier: Apache-2.0 */
/* What a git repository says about the change that is to be deployed. Runs git, without a shell. */
#ifndef CLIENT_GIT_H
#define CLIENT_GIT_H

#include "base/base_arena.h"
#include "model/model_request.h"

/*
 * HEAD of the repository at `repo`: commit, ref, who wrote what is new since the last tag (or ever), how much it is.
 * Authors are accounts "git:" + 32 hex digits of SHA-256 of the lower-case address, distinct. Texts live in the arena.
 *
 * CS_E_MISSING  no git, no repository, or no commit
 * CS_E_STATE    a shallow clone: what is new cannot be told from it
 * CS_E_FULL     more than MODEL_AUTHORS_MAX authors
 * CS_E_NOMEM, CS_E_IO, CS_E_SYNTAX (git said something else than expected)
 */
CS_RESULT client_git_read(const char *repo, struct arena *arena, struct request_source *ret_source);

/* The pieces, for tests: sums of `git diff --numstat`; the account of an address. */
CS_RESULT client_git_numstat(struct span text, struct request_source *s);
CS_RESULT client_git_account(struct span address, struct arena *arena, struct span *ret_account);

#endif
