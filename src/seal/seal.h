/* SPDX-License-Identifier: Apache-2.0 */
/* The two keys of the appliance: the log key signs heads of the log, the outcome key signs envelopes.
 * docs/formats/seal.md
 *
 * A head is signed only if it extends the last one: the seal keeps the tree's frontier itself and is told leaves, so
 * another history cannot even be put to it. One thread. */
#ifndef SEAL_H
#define SEAL_H

#include "merkle/merkle_tree.h"
#include "note/note_spki.h"
#include "note/note_vkey.h"

enum { SEAL_OUTCOME_SPKI_BYTES = NOTE_SPKI_P256_BYTES };

struct seal;

/**
 * Read both keys from the state directory, DIR/log.key and DIR/outcome.key, or, where may_create says that this log has
 * no history yet, make the ones that are missing.
 *
 * @dir     not writable for group or others; the files belong to us and are closed to group and others.
 * @origin  the log's name, which is the log key's name too; copied.
 *
 * Errors: CS_E_RANGE, CS_E_SYNTAX, CS_E_UTF8  origin is no name, or dir is too long
 *         CS_E_MISSING  a key is not there and may not be made
 *         CS_E_REFUSED  directory or file is open to somebody else, or not ours, or no plain file
 *         CS_E_TYPE     a file does not hold the kind of key it must
 *         CS_E_CRYPTO   libcrypto cannot make or use a key
 *         CS_E_IO, CS_E_NOMEM
 */
CS_RESULT seal_open(const char *dir, struct span origin, bool may_create, struct seal **ret_seal);
/* Wipes and frees. NULL is allowed. */
void seal_close(struct seal *s);
static inline void cs_auto_seal(struct seal **s)
{
    seal_close(*s);
}
#define AUTO_SEAL __attribute__((cleanup(cs_auto_seal))) struct seal

/* Borrowed from s: the key that verifies the checkpoints, and the outcome key, DER. */
struct note_key seal_log_key(const struct seal *s);
struct span seal_outcome_spki(const struct seal *s);

/* Where the log stands, as recomputed from its leaves and held against what was signed before (store_verify). Once,
 * before the first checkpoint: CS_E_STATE the second time. */
CS_RESULT seal_resume(struct seal *s, const struct merkle_frontier *verified);

/**
 * Append a signed checkpoint to w.
 *
 * @leaves      hashes of the leaves that came since the last checkpoint, in order.
 * @size, root  the head as the caller computed it: both computations must agree.
 *
 * After CS_OK this head is the last one signed: the caller makes it durable or ends the process. After an error nothing
 * changed, but w may hold a part.
 *
 * Errors: CS_E_STATE     seal_resume was not called
 *         CS_E_MISMATCH  another size or another root than the leaves give: a fork, or a bug
 *         CS_E_CRYPTO, CS_E_NOMEM, and w's
 * Source: C2SP tlog-checkpoint, signed-note; RFC 8032.
 */
CS_RESULT seal_checkpoint(struct seal *s, const struct sha256 *leaves, size_t count, uint64_t size,
                          const struct sha256 *root, struct writer *w);

/**
 * Append a DSSE envelope over payload to w.
 *
 * Errors: CS_E_SYNTAX  payload_type is not printable ASCII, or w's
 *         CS_E_CRYPTO, CS_E_NOMEM
 * Source: DSSE v1.0.2; FIPS 186-5.
 */
CS_RESULT seal_outcome(struct seal *s, struct span payload_type, struct span payload, struct writer *w);

#endif
