/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PIV cards, who issues them, and lists of revoked ones, as the roster's changes carry them. Certificates and lists are
 * bytes here: what they say is read by the judge and comes into the fold as facts. Pure. Source: docs/formats/entry.md.
 */
#ifndef MODEL_CARD_H
#define MODEL_CARD_H

#include "model/model_entry.h"

/* "add_card". Bytes, borrowed. */
struct card {
    struct span certificate;        /* DER, of the slot that signs */
    struct span issuer;             /* id of the issuer whose roots the certificate leads to */
    struct span key;                /* SubjectPublicKeyInfo DER */
    struct span nickname;           /* printable ASCII, may be empty */
    struct span nonce;              /* MODEL_NONCE_BYTES, of what the card signed to be enrolled */
    struct span sig;                /* by the key, over model_register_message */
    struct span x5c[MODEL_X5C_MAX]; /* attestation: of the slot, of who attests, and up; none when count is 0 */
    size_t x5c_count;
    enum card_use pin;   /* as the officers declared it; an attestation must say the same */
    enum card_use touch; /* as above */
};

/* "put_issuer": replaces one of the same id; its lists of revoked cards stay. Cards whose root it leaves out stop
 * counting. */
struct card_issuer {
    struct span id;
    struct span name;
    struct span certification;                 /* identifier; empty when there is none */
    struct span roots[MODEL_ISSUER_ROOTS_MAX]; /* DER: who may sign certificates of cards, and lists of revoked ones */
    size_t root_count;
    struct span attestation_roots[MODEL_ISSUER_ROOTS_MAX]; /* DER: who may end an attestation's chain */
    size_t attestation_root_count;                         /* 0: cards of this issuer cannot attest */
};

/* A serial or a CRL's number: big-endian, zeros first. */
struct card_number {
    uint8_t b[MODEL_NUMBER_BYTES];
};

/* What the certificates of a card say. */
struct card_facts {
    struct sha256 authority; /* SHA-256 of the certificate's issuer, a Name in DER */
    struct sha256
        root_sha256; /* of the root, in DER, that the certificate led to when it was enrolled; zero: to none */
    struct card_number serial;
    uint64_t not_before_ms;
    uint64_t not_after_ms; /* valid before it */
    bool attested;         /* pin, touch and the device are from an attestation */
    enum card_use pin;
    enum card_use touch;
    bool has_device;
    struct sha256 device_sha256; /* of the device's serial, in decimal */
};

/* What a list of revoked certificates says. */
struct crl_facts {
    struct sha256 authority; /* SHA-256 of the list's issuer, a Name in DER */
    struct card_number number;
    uint64_t this_update_ms;
    const struct card_number *serial; /* sorted, distinct */
    size_t serial_count;
};

/* What a certificate says for people to read, in the form of RFC 4514; from outside, and nothing is judged by it. */
struct cert_words {
    struct span subject;
    struct span issuer;
    uint64_t not_before_ms; /* 0 with not_after_ms: a list's, which says neither */
    uint64_t not_after_ms;
};

/* Of one change of a list of changes, at the same place in an array; all NULL for other ops. */
struct change_facts {
    const struct card_facts *card;
    const struct crl_facts *crl;
    /* For a screen: of a card its certificate; of an issuer its roots, then those of attestations; of a list who made
     * it. NULL in a fold, and where one of them cannot be read. */
    const struct cert_words *words;
};

int card_number_cmp(const struct card_number *a, const struct card_number *b);

/* Members `card` of add_card, `issuer` of put_issuer; in the room only. */
CS_RESULT model_card_get(struct json_in *in, struct card *ret_card);
void model_card_put(struct json_out *o, const struct card *c);
CS_RESULT model_issuer_get(struct json_in *in, struct card_issuer *ret_issuer);
void model_issuer_put(struct json_out *o, const struct card_issuer *x);

/* A card's credential id: SHA-256 of its key. The log names the credential by SHA-256 of that, as any other. */
struct sha256 model_card_id(struct span key);

/*
 * What a card signs when it is enrolled: the SSHSIG frame of docs/formats/statement.md with namespace
 * "countersign-register" over "countersign-register-v1" ‖ 00 ‖ origin ‖ 00 ‖ person ‖ 00 ‖ nonce. The kiosk and the
 * judge build the same bytes. CS_E_FULL.
 */
enum { MODEL_REGISTER_MESSAGE_BYTES = 6 + 4 + 20 + 4 + 4 + 6 + 4 + SHA512_BYTES };
CS_RESULT model_register_message(struct span origin, struct span person, struct span nonce, struct writer *w);

#endif
