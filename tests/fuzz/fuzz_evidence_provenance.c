/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes as an envelope, which the key has not signed; and as a statement in an envelope that it has. */
#include "fuzz_evidence.h"

#include "../unit/crypt/crypt_signer.h"
#include "note/note_dsse.h"

enum { PAYLOAD_MAX = 16384 };

static void signed_statement(EVP_PKEY *key, const struct evidence_options *o, struct span payload)
{
    const struct span type = SPAN_LIT("application/vnd.in-toto+json");
    AUTO_WRITER pae = wr_heap((size_t)2 * PAYLOAD_MAX);
    AUTO_WRITER envelope = wr_heap((size_t)4 * PAYLOAD_MAX);

    if (note_dsse_pae(type, payload, &pae).code != CS_OK) {
        abort();
    }
    const struct bytes sig = signer_sign(key, NULL, wr_span(&pae));
    if (note_dsse_write(type, payload, o->key, bytes_span(&sig), &envelope).code != CS_OK) {
        abort();
    }
    fuzz_evidence(o, wr_span(&envelope));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static EVP_PKEY *key;
    static struct bytes spki;

    if (key == NULL) {
        key = signer_ed25519();
        spki = signer_spki(key);
    }
    const struct evidence_options o = {.format = EVIDENCE_PROVENANCE, .key = bytes_span(&spki)};
    fuzz_evidence(&o, span_make(data, size));
    if (size <= PAYLOAD_MAX) {
        signed_statement(key, &o, span_make(data, size));
    }
    return 0;
}
