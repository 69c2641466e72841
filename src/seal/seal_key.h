/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: one private key in one file, PEM PKCS#8. */
#ifndef SEAL_KEY_H
#define SEAL_KEY_H

#include <openssl/evp.h>

#include "base/base_result.h"

enum seal_kind { SEAL_ED25519, SEAL_P256 };

/* CS_E_REFUSED unless dir is ours and not writable for group or others; CS_E_IO. */
CS_RESULT seal_dir_check(const char *dir);
/* Errors as seal_open says. The caller frees the key. */
CS_RESULT seal_key_load(const char *dir, const char *name, enum seal_kind kind, EVP_PKEY **ret_key);
/* Makes a key and its file, durable before this returns; never replaces a file. CS_E_IO, CS_E_CRYPTO, CS_E_NOMEM. */
CS_RESULT seal_key_create(const char *dir, const char *name, enum seal_kind kind);

#endif
