/* SPDX-License-Identifier: Apache-2.0 */
/* People, credentials, clients and token models, and the changes to them. Pure. Source: docs/formats/entry.md. */
#ifndef MODEL_ROSTER_H
#define MODEL_ROSTER_H

#include "model/model_card.h"
#include "model/model_duty.h"

/* What the token said at registration; checked again by every replay. Bytes, borrowed. */
struct attestation {
    struct span auth_data;
    struct span sig;                /* DER, by x5c[0] over auth_data ‖ SHA-256(client data) */
    struct span x5c[MODEL_X5C_MAX]; /* DER certificates, leaf first */
    size_t x5c_count;
    struct span nonce; /* of the registration statement that the client data names, MODEL_NONCE_BYTES */
};

struct credential {
    struct span id;       /* raw credential id, at most 1023 bytes */
    struct span key;      /* SubjectPublicKeyInfo DER, P-256 */
    struct span aaguid;   /* 16 bytes */
    struct span nickname; /* printable ASCII, may be empty: "blue key" */
    struct attestation attestation;
};

struct person {
    struct span id;
    struct span roles[MODEL_ROLES_MAX];
    size_t role_count;
    struct span accounts[MODEL_ROLES_MAX]; /* who this person is in forges: compared with initiator, trigger, authors */
    size_t account_count;
};

struct client {
    struct span id;
    uint32_t scopes;    /* bit 1 << enum client_scope */
    struct span tls[4]; /* SPIFFE ids or "cn:NAME" accepted on mutual TLS */
    size_t tls_count;
    struct sha256 tokens[4]; /* SHA-256 of bearer tokens */
    size_t token_count;
};

struct token_model {
    struct span aaguid; /* 16 bytes */
    struct span name;
    struct span certification; /* identifier; empty when there is none */
    struct span roots[2];      /* DER certificates that may end the attestation chain of this model */
    size_t root_count;
};

enum change_op {
    CHANGE_NONE,
    CHANGE_ADD_CREDENTIAL,    /* "add_credential": person, credential */
    CHANGE_PUT_CLIENT,        /* "put_client": client, replaces one of the same id */
    CHANGE_PUT_MODEL,         /* "put_model" */
    CHANGE_PUT_PERSON,        /* "put_person": replaces roles and accounts; keeps credentials */
    CHANGE_REMOVE_CLIENT,     /* "remove_client": id */
    CHANGE_REMOVE_MODEL,      /* "remove_model": aaguid; credentials of it stop counting */
    CHANGE_REMOVE_PERSON,     /* "remove_person": id, with every credential */
    CHANGE_REVOKE_CREDENTIAL, /* "revoke_credential": SHA-256 of the credential id */
    CHANGE_ADD_CARD,          /* "add_card": person, card */
    CHANGE_PUT_CRL,           /* "put_crl": issuer, crl; cards on it stop counting, for good */
    CHANGE_PUT_ISSUER,        /* "put_issuer" */
    CHANGE_REMOVE_ISSUER,     /* "remove_issuer": id; cards of it stop counting */
    CHANGE_RESTORE_PERSON,    /* "restore_person": id; ends a suspension */
    CHANGE_PUT_DUTY,          /* "put_duty": duty, replaces the roster of the same id */
    CHANGE_SUSPEND_PERSON,    /* "suspend_person": id; keeps roles and keys, which count for nothing until restored */
};

struct roster_change {
    enum change_op op;
    struct span id; /* person, client, issuer or duty roster the change is about; raw 16-byte aaguid for models */
    struct person person;
    struct credential credential;
    struct sha256 credential_sha256; /* for revoke */
    struct client client;
    struct token_model model;
    struct card card;
    struct card_issuer issuer;
    const struct duty_roster *duty; /* in the arena */
    struct span crl;                /* DER CertificateList, at most MODEL_CRL_MAX bytes */
};

struct roster_changes {
    struct roster_change *item; /* in the arena */
    size_t count;               /* 1..MODEL_CHANGES_MAX */
};

/* `in` stands before the member named by what (an array of changes). Items live in in->arena. */
CS_RESULT model_changes_get(struct json_in *in, const char *what, struct roster_changes *ret_changes);
void model_changes_put(struct json_out *o, const char *key, const struct roster_changes *changes);

/* SHA-256 of the canonical array of changes. scratch is used for the text. */
CS_RESULT model_changes_digest(const struct roster_changes *changes, struct arena *scratch, struct sha256 *ret_digest);

/*
 * What a token signs when it is registered: client data of type webauthn.create whose challenge is
 * SHA-256("countersign-register-v1" ‖ 00 ‖ origin ‖ 00 ‖ person ‖ 00 ‖ nonce). The kiosk and the judge build the same
 * bytes.
 */
CS_RESULT model_register_client_data(struct span origin, struct span rp_id, struct span person, struct span nonce,
                                     struct writer *w);

#endif
