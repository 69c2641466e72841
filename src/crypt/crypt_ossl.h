/* SPDX-License-Identifier: Apache-2.0 */
/* Cleanups for libcrypto's handles, and what its failures mean; private to this room. */
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
CS_AUTO_DEFINE(X509_CRL, X509_CRL_free);
CS_AUTO_DEFINE(BIO, BIO_free_all);
CS_AUTO_DEFINE(ASN1_TIME, ASN1_TIME_free);
CS_AUTO_DEFINE(ASN1_INTEGER, ASN1_INTEGER_free);

/* After a failure: was it memory, or the input? Empties the thread's error queue, so nothing is left for the next. */
static inline bool crypt_ossl_no_room(void)
{
    bool memory = false;

    for (unsigned long e = ERR_get_error(); e != 0; e = ERR_get_error()) {
        memory = memory || ERR_GET_REASON(e) == ERR_R_MALLOC_FAILURE;
    }
    return memory;
}

#endif
