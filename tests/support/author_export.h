/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves an author_log: checkpoints, the trust file, receipts. For tests. Anything that fails aborts. */
#ifndef SUPPORT_AUTHOR_EXPORT_H
#define SUPPORT_AUTHOR_EXPORT_H

#include "judge/judge_receipt.h"
#include "support/author_log.h"

struct author_export;

/* Of the log as it stands; borrows it. */
struct author_export *author_export_new(const struct author_log *l);
/* Of these leaves, signed with the log's key whether they hold or not; borrows both. */
struct author_export *author_export_of(const struct author_log *l, const struct span *leaves, size_t count);
void author_export_free(struct author_export *x);

/* The signed checkpoint of the tree of this size. */
void author_export_note(const struct author_export *x, uint64_t size, struct writer *w);
/* Borrows the export. */
struct trust author_export_trust(const struct author_export *x);
struct receipt_source author_export_source(const struct author_export *x);

/* Canonical text of the receipt of a request, or of a range, under the newest checkpoint. */
void author_export_receipt(struct author_export *x, const struct state *s, uint64_t request, struct writer *w);
void author_export_range(struct author_export *x, const struct state *s, struct receipt_range range, struct writer *w);

/* Calls `put` with the path and bytes of every file of the whole log: checkpoint, tiles, trust.json. */
void author_export_files(const struct author_export *x, void (*put)(void *ctx, const char *path, struct span bytes),
                         void *ctx);
/* Writes such a file under the directory at ctx (const char *), with the directories it needs. */
void author_export_put(void *ctx, const char *path, struct span bytes);

#endif
