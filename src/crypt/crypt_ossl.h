/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanups for libcrypto's handles; private to this room. */
#ifndef CRYPT_OSSL_H
#define CRYPT_OSSL_H

#include "base/base_result.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

CS_AUTO_DEFINE(EVP_PKEY, EVP_PKEY_free);
CS_AUTO_DEFINE(EVP_PKEY_CTX, EVP_PKEY_CTX_free);
CS_AUTO_DEFINE(X509, X509_free);
CS_AUTO_DEFINE(X509_STORE_CTX, X509_STORE_CTX_free);
CS_AUTO_DEFINE(ASN1_OBJECT, ASN1_OBJECT_free);
CS_AUTO_DEFINE(BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free);

#endif
