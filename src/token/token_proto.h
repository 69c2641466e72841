/* SPDX-License-Identifier: Apache-2.0 */
/* The messages between kiosk and token agent: docs/formats/token-agent.md. Pure. */
#ifndef TOKEN_PROTO_H
#define TOKEN_PROTO_H

#include "base/base_arena.h"
#include "base/base_writer.h"
#include "token/token_secret.h"

enum {
    TOKEN_FRAME_MAX = 262144, /* bytes of one message, either way */
    TOKEN_IDS_MAX = 512,      /* credential ids in one command */
    TOKEN_ID_MAX = 1023,      /* bytes of one id, as CTAP 2.1 §6.1 */
    TOKEN_CLIENT_DATA_MAX = 4096,
    TOKEN_MESSAGE_MAX = 1024, /* what a card signs */
    TOKEN_RP_ID_MAX = 253,
    TOKEN_USER_ID_MAX = 64,
    TOKEN_USER_NAME_MAX = 64,
    TOKEN_TIMEOUT_MIN_MS = 100,
    TOKEN_TIMEOUT_MAX_MS = 120000,
    TOKEN_CHAIN_MAX = 4,    /* certificates, as many as an enrolment in the log may have */
    TOKEN_CERT_MAX = 8192,  /* bytes of one */
    TOKEN_KEYS_MAX = 16,    /* FIDO2 keys seen at once */
    TOKEN_READERS_MAX = 16, /* card readers, as many as pcscd has */
    TOKEN_DEVICES_MAX = TOKEN_KEYS_MAX + TOKEN_READERS_MAX,
    TOKEN_TEXT_MAX = 64,   /* bytes of a vendor, product or port text */
    TOKEN_PLACE_MAX = 128, /* bytes of a device node or a reader's name */
    TOKEN_AAGUID_BYTES = 16,
    TOKEN_SPKI_MAX = 600, /* bytes of a SubjectPublicKeyInfo: RSA-4096 has 550 */
};

#define TOKEN_CMDS(X)                                                                                                  \
    X(TOKEN_CMD_LIST, "list")                                                                                          \
    X(TOKEN_CMD_IDENTIFY, "identify")                                                                                  \
    X(TOKEN_CMD_ENROL, "enrol")                                                                                        \
    X(TOKEN_CMD_SIGN, "sign")                                                                                          \
    X(TOKEN_CMD_SELECT, "select")                                                                                      \
    X(TOKEN_CMD_CANCEL, "cancel")
#define TOKEN_CMD_ENUM(name, word) name,
enum token_cmd { TOKEN_CMDS(TOKEN_CMD_ENUM) TOKEN_CMD_COUNT };
#undef TOKEN_CMD_ENUM

/* What a token is. */
#define TOKEN_KINDS(X)                                                                                                 \
    X(TOKEN_KIND_NONE, "")                                                                                             \
    X(TOKEN_KIND_FIDO2, "fido2")                                                                                       \
    X(TOKEN_KIND_PIV, "piv")
#define TOKEN_KIND_ENUM(name, word) name,
enum token_kind { TOKEN_KINDS(TOKEN_KIND_ENUM) TOKEN_KIND_COUNT };
#undef TOKEN_KIND_ENUM

/* When a card asks for its PIN or a touch, as its attestation says. Zero: it does not say. */
#define TOKEN_ASKINGS(X)                                                                                               \
    X(TOKEN_ASKS_UNKNOWN, "unknown")                                                                                   \
    X(TOKEN_ASKS_NEVER, "never")                                                                                       \
    X(TOKEN_ASKS_ONCE, "once")                                                                                         \
    X(TOKEN_ASKS_ALWAYS, "always")                                                                                     \
    X(TOKEN_ASKS_CACHED, "cached")
#define TOKEN_ASKING_ENUM(name, word) name,
enum token_asking { TOKEN_ASKINGS(TOKEN_ASKING_ENUM) TOKEN_ASKING_COUNT };
#undef TOKEN_ASKING_ENUM

/* How an operation ended. The words are the protocol's; zero is failure. */
#define TOKEN_CODES(X)                                                                                                 \
    X(TOKEN_FAILED, "failed")                                                                                          \
    X(TOKEN_OK, "ok")                                                                                                  \
    X(TOKEN_NO_TOKEN, "no_token")                                                                                      \
    X(TOKEN_SEVERAL, "several")                                                                                        \
    X(TOKEN_WRONG_KEY, "wrong_key")                                                                                    \
    X(TOKEN_PIN_WRONG, "pin_wrong")                                                                                    \
    X(TOKEN_PIN_AUTH_BLOCKED, "pin_auth_blocked")                                                                      \
    X(TOKEN_PIN_BLOCKED, "pin_blocked")                                                                                \
    X(TOKEN_PIN_NOT_SET, "pin_not_set")                                                                                \
    X(TOKEN_UV_BLOCKED, "uv_blocked")                                                                                  \
    X(TOKEN_TIMEOUT, "timeout")                                                                                        \
    X(TOKEN_REMOVED, "removed")                                                                                        \
    X(TOKEN_CANCELLED, "cancelled")                                                                                    \
    X(TOKEN_BUSY, "busy")                                                                                              \
    X(TOKEN_EXCLUDED, "excluded")                                                                                      \
    X(TOKEN_NO_ATTESTATION, "no_attestation")                                                                          \
    X(TOKEN_UNSUPPORTED, "unsupported")                                                                                \
    X(TOKEN_BAD_REQUEST, "bad_request")                                                                                \
    X(TOKEN_CARD_CHANGED, "card_changed")                                                                              \
    X(TOKEN_PIN_LAST_TRY, "pin_last_try")                                                                              \
    X(TOKEN_READER, "reader")                                                                                          \
    X(TOKEN_WEAK_KEY, "weak_key")                                                                                      \
    X(TOKEN_CERT_MISMATCH, "cert_mismatch")
#define TOKEN_CODE_ENUM(name, word) name,
enum token_code { TOKEN_CODES(TOKEN_CODE_ENUM) TOKEN_CODE_COUNT };
#undef TOKEN_CODE_ENUM

const char *token_code_word(enum token_code code);
const char *token_cmd_word(enum token_cmd cmd);
const char *token_kind_word(enum token_kind kind);
const char *token_asking_word(enum token_asking asking);

/* One command. Members that its kind does not have are zero. */
struct token_command {
    enum token_cmd cmd;
    uint64_t op;
    uint64_t device;         /* which token; 0: the only one that is in */
    struct span client_data; /* a FIDO2 key signs over this */
    struct span message;     /* a card signs this; empty: no card can be asked */
    const struct span *ids;  /* identify, sign: the candidates; enrol: those already enrolled */
    size_t id_count;
    const char *rp_id; /* NUL-terminated, as user_name */
    uint32_t timeout_ms;
    struct span user_id;
    const char *user_name;
    bool pin_unusable; /* a PIN came that no key can have; pin is empty */
};

/*
 * Reads one frame. Everything kept is copied: the PIN into *pin and nowhere else, the rest into the arena, so that the
 * frame can be wiped as soon as this returns.
 *
 * Errors: those of json_in.h; CS_E_UNKNOWN for an unknown command, CS_E_MISSING / CS_E_UNKNOWN when the members are not
 * exactly those of the command, CS_E_RANGE past a named maximum. On failure *pin is wiped, *ret_command untouched.
 */
CS_RESULT token_command_decode(struct span frame, struct arena *arena, struct token_secret *pin,
                               struct token_command *ret_command);

/* One inserted token. The texts come from the token and are cut to printable ASCII. */
struct token_device {
    uint64_t number; /* never used twice while the agent runs: a swapped token has another */
    enum token_kind kind;
    char path[TOKEN_PLACE_MAX + 1]; /* device node, or name of the reader; never leaves the agent, as the next two */
    uint32_t epoch;                 /* of a card: connection to the card service, and its count of insertions */
    uint16_t insertion;
    char port[TOKEN_TEXT_MAX + 1];
    char vendor[TOKEN_TEXT_MAX + 1];
    char product[TOKEN_TEXT_MAX + 1];
};

/* What an operation gave; spans live in the operation's arena. */
struct token_outcome {
    enum token_code code;
    bool has_tries;
    uint32_t tries; /* PIN tries that are left */
    uint64_t device;
    enum token_kind kind;
    const char *port;
    struct span credential;
    struct span sig;
    struct span auth_data;              /* FIDO2, as the next two */
    uint32_t counter;                   /* sign */
    uint8_t aaguid[TOKEN_AAGUID_BYTES]; /* enrol */
    struct span key;                    /* enrol, as the rest: SubjectPublicKeyInfo, DER */
    struct span x5c[TOKEN_CHAIN_MAX];   /* leaf first; none: a card without attestation */
    size_t x5c_count;
    struct span certificate; /* of a card, as the next two */
    enum token_asking pin_policy;
    enum token_asking touch_policy;
};

/* Each appends one whole message to w. CS_E_FULL, CS_E_NOMEM. */
CS_RESULT token_event_devices(const struct token_device *devices, size_t count, struct writer *w);
CS_RESULT token_event_touch(uint64_t op, struct writer *w);
/* cmd says which result members an ok has. */
CS_RESULT token_event_done(enum token_cmd cmd, uint64_t op, const struct token_outcome *out, struct writer *w);

#endif
