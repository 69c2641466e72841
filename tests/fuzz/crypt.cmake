# SPDX-License-Identifier: Apache-2.0
cs_fuzz(fuzz_crypt_attest SOURCES fuzz_crypt_attest.c DEPS crypt)
cs_fuzz(fuzz_crypt_assertion SOURCES fuzz_crypt_assertion.c DEPS crypt)
cs_fuzz(fuzz_crypt_key SOURCES fuzz_crypt_key.c DEPS crypt)
cs_fuzz(fuzz_crypt_card SOURCES fuzz_crypt_card.c DEPS crypt)
cs_fuzz(fuzz_crypt_crl SOURCES fuzz_crypt_crl.c DEPS crypt)
