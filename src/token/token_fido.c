/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_fido.h"

#include "base/base_digest.h"
#include "token/token_attestation.h"
#include "token/token_cbor.h"

enum {
    SILENT_MAX_MS = 10000, /* a look-up over many ids, without a person */
    CHUNK_DEFAULT = 8,     /* ids in one request to a key that names no limit: CTAP 2.0 */
    CHUNK_MAX = 64,
    FLAGS_NEEDED = CTAP_AUTHDATA_USER_PRESENT | CTAP_AUTHDATA_USER_VERIFIED,
};

static inline void free_dev(fido_dev_t *d)
{
    (void)fido_dev_close(d); /* closing twice is refused, not harmful */
    fido_dev_free(&d);
}
static inline void free_assert(fido_assert_t *a)
{
    fido_assert_free(&a);
}
static inline void free_cred(fido_cred_t *c)
{
    fido_cred_free(&c);
}
static inline void free_info(fido_cbor_info_t *i)
{
    fido_cbor_info_free(&i);
}
CS_AUTO_DEFINE(fido_dev_t, free_dev);
CS_AUTO_DEFINE(fido_assert_t, free_assert);
CS_AUTO_DEFINE(fido_cred_t, free_cred);
CS_AUTO_DEFINE(fido_cbor_info_t, free_info);

/* One operation on one open key. */
struct session {
    const struct token_command *cmd;
    const char *pin;
    fido_dev_t *dev;
    struct token_hid hid;
    size_t chunk; /* ids in one request */
    struct arena *arena;
    struct token_outcome *out;
};

void token_fido_init(void)
{
    /* libfido2 would print every frame, the PIN's hash among them. No other thread reads the environment. */
    (void)unsetenv("FIDO_DEBUG"); /* NOLINT(concurrency-mt-unsafe) */
    fido_init(FIDO_DISABLE_U2F_FALLBACK);
}

enum token_code token_fido_code(int fido_error)
{
    switch (fido_error) {
    case FIDO_OK:
        return TOKEN_OK;
    case FIDO_ERR_NO_CREDENTIALS:
    case FIDO_ERR_INVALID_CREDENTIAL:
        return TOKEN_WRONG_KEY;
    case FIDO_ERR_PIN_INVALID:
    case FIDO_ERR_PIN_AUTH_INVALID:
        return TOKEN_PIN_WRONG;
    case FIDO_ERR_PIN_AUTH_BLOCKED:
        return TOKEN_PIN_AUTH_BLOCKED;
    case FIDO_ERR_PIN_BLOCKED:
        return TOKEN_PIN_BLOCKED;
    case FIDO_ERR_PIN_NOT_SET:
    case FIDO_ERR_PIN_REQUIRED:
    case FIDO_ERR_PIN_POLICY_VIOLATION: /* the key wants a new PIN before it goes on */
        return TOKEN_PIN_NOT_SET;
    case FIDO_ERR_UV_BLOCKED:
    case FIDO_ERR_UV_INVALID:
        return TOKEN_UV_BLOCKED;
    case FIDO_ERR_TIMEOUT:
    case FIDO_ERR_USER_ACTION_TIMEOUT:
    case FIDO_ERR_ACTION_TIMEOUT:
    case FIDO_ERR_OPERATION_DENIED: /* what a key without a timeout code says when nobody touched it */
        return TOKEN_TIMEOUT;
    case FIDO_ERR_KEEPALIVE_CANCEL:
        return TOKEN_CANCELLED;
    case FIDO_ERR_CHANNEL_BUSY:
        return TOKEN_BUSY;
    case FIDO_ERR_CREDENTIAL_EXCLUDED:
        return TOKEN_EXCLUDED;
    case FIDO_ERR_UNSUPPORTED_ALGORITHM:
    case FIDO_ERR_UNSUPPORTED_OPTION:
    case FIDO_ERR_UNSUPPORTED_EXTENSION:
    case FIDO_ERR_INVALID_COMMAND:
    case FIDO_ERR_KEY_STORE_FULL:
        return TOKEN_UNSUPPORTED;
    default: /* the rest of an open list: garbage, and what should not happen */
        return TOKEN_FAILED;
    }
}

/* Why I/O stopped outranks the code libfido2 made of it. */
static enum token_code code_of(const struct session *s, int r)
{
    switch (s->hid.end) {
    case TOKEN_END_NONE:
        return token_fido_code(r);
    case TOKEN_END_TIME:
        return TOKEN_TIMEOUT;
    case TOKEN_END_CANCEL:
        return TOKEN_CANCELLED;
    case TOKEN_END_REMOVED:
        return TOKEN_REMOVED;
    case TOKEN_END_HELD:
        return TOKEN_BUSY;
    case TOKEN_END_MUTE:
        return TOKEN_FAILED;
    }
    return TOKEN_FAILED;
}

static enum token_code open_key(struct session *s, const char *path)
{
    AUTO(fido_cbor_info_t) *info = fido_cbor_info_new();

    if (info == NULL) {
        return TOKEN_FAILED;
    }
    int r = token_hid_open(&s->hid, s->dev, path);
    if (r != FIDO_OK) {
        return code_of(s, r);
    }
    if (!fido_dev_is_fido2(s->dev)) {
        return TOKEN_UNSUPPORTED;
    }
    r = fido_dev_get_cbor_info(s->dev, info);
    if (r != FIDO_OK) {
        return code_of(s, r);
    }
    const uint64_t max = fido_cbor_info_maxcredcntlst(info);
    s->chunk = max == 0 ? CHUNK_DEFAULT : max > CHUNK_MAX ? CHUNK_MAX : (size_t)max;
    return TOKEN_OK;
}

/* --- assertions --- */

static int assert_setup(const struct session *s, fido_assert_t *a, const struct span *ids, size_t count)
{
    int r = fido_assert_set_rp(a, s->cmd->rp_id);

    for (size_t i = 0; i < count && r == FIDO_OK; i++) {
        r = fido_assert_allow_cred(a, ids[i].p, ids[i].left);
    }
    return r;
}

/* The id that the key answered with: one of those asked for, or nothing. A key may leave it out if there was one. */
static const struct span *answered(const fido_assert_t *a, const struct span *ids, size_t count)
{
    const struct span id = span_make(fido_assert_id_ptr(a, 0), fido_assert_id_len(a, 0));

    if (id.p == NULL || id.left == 0) {
        return count == 1 ? ids : NULL;
    }
    for (size_t i = 0; i < count; i++) {
        if (span_eq(id, ids[i])) {
            return &ids[i];
        }
    }
    return NULL;
}

/* One silent request: the id found, or NULL and why; TOKEN_WRONG_KEY when the key knows none of these. */
static const struct span *look_up_chunk(struct session *s, const struct span *ids, size_t count,
                                        enum token_code *ret_why)
{
    static const uint8_t nothing[SHA256_BYTES] = {0}; /* what is not to be used needs no challenge */
    AUTO(fido_assert_t) *a = fido_assert_new();

    *ret_why = TOKEN_FAILED;
    if (a == NULL) {
        return NULL;
    }
    int r = assert_setup(s, a, ids, count);
    if (r == FIDO_OK) {
        r = fido_assert_set_clientdata_hash(a, nothing, sizeof(nothing));
    }
    if (r == FIDO_OK) {
        r = fido_assert_set_up(a, FIDO_OPT_FALSE);
    }
    if (r == FIDO_OK) {
        r = fido_dev_get_assert(s->dev, a, NULL);
    }
    if (r != FIDO_OK) {
        *ret_why = code_of(s, r);
        return NULL;
    }
    return fido_assert_count(a) > 0 ? answered(a, ids, count) : NULL; /* an id nobody asked for: failed */
}

/* Which of the command's ids the key holds: that id, or NULL and why. */
static const struct span *look_up(struct session *s, enum token_code *ret_why)
{
    const uint64_t deadline_ms = s->hid.deadline_ms;
    const uint64_t silent_ms = token_clock_ms() + SILENT_MAX_MS;
    const struct span *found = NULL;
    enum token_code why = TOKEN_WRONG_KEY;

    s->hid.silent = true;
    s->hid.deadline_ms = silent_ms < deadline_ms ? silent_ms : deadline_ms;
    for (size_t at = 0; at < s->cmd->id_count && found == NULL && why == TOKEN_WRONG_KEY; at += s->chunk) {
        const size_t left = s->cmd->id_count - at;
        found = look_up_chunk(s, s->cmd->ids + at, left < s->chunk ? left : s->chunk, &why);
    }
    s->hid.silent = false;
    s->hid.deadline_ms = deadline_ms;
    *ret_why = why;
    return found;
}

/* After a refused PIN: how many are left. The key counts, we only ask. */
static enum token_code refused(struct session *s, int r)
{
    const enum token_code code = code_of(s, r);
    int tries = 0;

    if (code == TOKEN_PIN_BLOCKED) {
        s->out->has_tries = true;
    } else if (code == TOKEN_PIN_WRONG || code == TOKEN_PIN_AUTH_BLOCKED) {
        if (fido_dev_get_retry_count(s->dev, &tries) == FIDO_OK && tries >= 0) {
            s->out->has_tries = true;
            s->out->tries = (uint32_t)tries;
        }
    }
    return code;
}

/* libfido2 keeps authenticator data as the CBOR byte string it came in. */
static bool strip_head(struct span cbor, struct span *ret_bytes)
{
    struct reader r = rd_make(cbor);

    return token_cbor_string(&r, TOKEN_CBOR_BYTES, cbor.left, ret_bytes, "auth_data").code == CS_OK &&
           rd_end(&r, "auth_data").code == CS_OK;
}

static bool keep(struct session *s, const void *p, size_t n, struct span *ret_copy)
{
    return p != NULL && n > 0 && arena_copy(s->arena, span_make(p, n), ret_copy).code == CS_OK;
}

static enum token_code take_assertion(struct session *s, const fido_assert_t *a, const struct span *id)
{
    struct span raw;

    if (fido_assert_count(a) == 0 || answered(a, id, 1) == NULL ||
        !strip_head(span_make(fido_assert_authdata_ptr(a, 0), fido_assert_authdata_len(a, 0)), &raw)) {
        return TOKEN_FAILED;
    }
    if ((fido_assert_flags(a, 0) & FLAGS_NEEDED) != FLAGS_NEEDED) {
        return TOKEN_FAILED; /* a signature without a person does not leave here */
    }
    if (!keep(s, raw.p, raw.left, &s->out->auth_data) || !keep(s, id->p, id->left, &s->out->credential) ||
        !keep(s, fido_assert_sig_ptr(a, 0), fido_assert_sig_len(a, 0), &s->out->sig)) {
        return TOKEN_FAILED;
    }
    s->out->counter = fido_assert_sigcount(a, 0);
    return TOKEN_OK;
}

static enum token_code sign(struct session *s)
{
    enum token_code why = TOKEN_FAILED;

    const struct span *id = look_up(s, &why);
    if (id == NULL) {
        return why;
    }
    AUTO(fido_assert_t) *a = fido_assert_new();
    if (a == NULL) {
        return TOKEN_FAILED;
    }
    int r = assert_setup(s, a, id, 1);
    if (r == FIDO_OK) {
        r = fido_assert_set_clientdata(a, s->cmd->client_data.p, s->cmd->client_data.left);
    }
    if (r == FIDO_OK) {
        r = fido_dev_get_assert(s->dev, a, s->pin);
    }
    return r == FIDO_OK && s->hid.end == TOKEN_END_NONE ? take_assertion(s, a, id) : refused(s, r);
}

static enum token_code identify(struct session *s)
{
    enum token_code why = TOKEN_FAILED;

    const struct span *id = look_up(s, &why);
    if (id == NULL) {
        return why;
    }
    return keep(s, id->p, id->left, &s->out->credential) ? TOKEN_OK : TOKEN_FAILED;
}

/* --- enrolment --- */

static int cred_setup(const struct session *s, fido_cred_t *c)
{
    const struct token_command *cmd = s->cmd;

    int r = fido_cred_set_type(c, COSE_ES256);
    if (r == FIDO_OK) {
        r = fido_cred_set_rp(c, cmd->rp_id, cmd->rp_id);
    }
    if (r == FIDO_OK) {
        r = fido_cred_set_user(c, cmd->user_id.p, cmd->user_id.left, cmd->user_name, cmd->user_name, NULL);
    }
    if (r == FIDO_OK) {
        r = fido_cred_set_clientdata(c, cmd->client_data.p, cmd->client_data.left);
    }
    if (r == FIDO_OK && fido_dev_supports_cred_prot(s->dev)) {
        r = fido_cred_set_prot(c, FIDO_CRED_PROT_UV_OPTIONAL_WITH_ID);
    }
    /* the silent look-up was over all ids; the key itself checks as many as it takes, also those it hides */
    for (size_t i = 0; i < cmd->id_count && i < s->chunk && r == FIDO_OK; i++) {
        r = fido_cred_exclude(c, cmd->ids[i].p, cmd->ids[i].left);
    }
    return r;
}

/* SubjectPublicKeyInfo of a P-256 point. Source: RFC 5480 §2. */
static bool take_key(struct session *s, const fido_cred_t *c)
{
    enum { SPKI_BYTES = 91 };
    static const uint8_t head[27] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                     0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    const uint8_t *xy = fido_cred_pubkey_ptr(c);

    uint8_t spki[SPKI_BYTES];

    if (fido_cred_type(c) != COSE_ES256 || xy == NULL || fido_cred_pubkey_len(c) != sizeof(spki) - sizeof(head)) {
        return false;
    }
    memcpy(spki, head, sizeof(head));
    memcpy(spki + sizeof(head), xy, sizeof(spki) - sizeof(head));
    return keep(s, spki, sizeof(spki), &s->out->key);
}

static enum token_code take_credential(struct session *s, const fido_cred_t *c)
{
    struct token_outcome *out = s->out;
    const char *format = fido_cred_fmt(c);
    const uint8_t *aaguid = fido_cred_aaguid_ptr(c);
    const struct span raw = span_make(fido_cred_authdata_raw_ptr(c), fido_cred_authdata_raw_len(c));
    uint64_t protection = 0;

    if (raw.p == NULL || token_protection_decode(raw, &protection).code != CS_OK) {
        return TOKEN_FAILED;
    }
    if (protection >= FIDO_CRED_PROT_UV_REQUIRED) {
        return TOKEN_UNSUPPORTED; /* could never be found again without a PIN */
    }
    if (format == NULL || strcmp(format, "packed") != 0 || fido_cred_x5c_len(c) == 0) {
        return TOKEN_NO_ATTESTATION; /* none, or by the credential's own key: says nothing about the maker */
    }
    if ((fido_cred_flags(c) & FLAGS_NEEDED) != FLAGS_NEEDED || aaguid == NULL ||
        fido_cred_aaguid_len(c) != sizeof(out->aaguid) || !take_key(s, c)) {
        return TOKEN_FAILED;
    }
    memcpy(out->aaguid, aaguid, sizeof(out->aaguid));
    if (!keep(s, raw.p, raw.left, &out->auth_data) ||
        !keep(s, fido_cred_id_ptr(c), fido_cred_id_len(c), &out->credential)) {
        return TOKEN_FAILED;
    }
    const struct span statement = span_make(fido_cred_attstmt_ptr(c), fido_cred_attstmt_len(c));
    return token_attestation_decode(statement, s->arena, out).code == CS_OK ? TOKEN_OK : TOKEN_NO_ATTESTATION;
}

static enum token_code enrol(struct session *s)
{
    enum token_code why = TOKEN_FAILED;

    if (look_up(s, &why) != NULL) {
        return TOKEN_EXCLUDED;
    }
    if (why != TOKEN_WRONG_KEY) {
        return why;
    }
    AUTO(fido_cred_t) *c = fido_cred_new();
    if (c == NULL) {
        return TOKEN_FAILED;
    }
    int r = cred_setup(s, c);
    if (r == FIDO_OK) {
        r = fido_dev_make_cred(s->dev, c, s->pin);
    }
    return r == FIDO_OK && s->hid.end == TOKEN_END_NONE ? take_credential(s, c) : refused(s, r);
}

static enum token_code run(struct session *s, const char *path)
{
    const enum token_code opened = open_key(s, path);

    if (opened != TOKEN_OK) {
        return opened;
    }
    switch (s->cmd->cmd) {
    case TOKEN_CMD_IDENTIFY:
        return identify(s);
    case TOKEN_CMD_ENROL:
        return enrol(s);
    case TOKEN_CMD_SIGN:
        return sign(s);
    case TOKEN_CMD_LIST:
    case TOKEN_CMD_SELECT:
    case TOKEN_CMD_CANCEL:
    case TOKEN_CMD_COUNT:
        break;
    }
    return TOKEN_FAILED;
}

void token_fido_run(const struct token_command *cmd, const struct token_secret *pin, const struct token_device *device,
                    const struct token_wait *wait, struct arena *arena, struct token_outcome *ret_outcome)
{
    struct session s = {.cmd = cmd, .pin = pin->text, .arena = arena, .out = ret_outcome};
    AUTO(fido_dev_t) *dev = fido_dev_new(); /* after s: its closing still uses s.hid */
    const uint32_t budget_ms = cmd->timeout_ms > 0 ? cmd->timeout_ms : SILENT_MAX_MS;

    *ret_outcome = (struct token_outcome){.device = device->number, .kind = TOKEN_KIND_FIDO2, .port = device->port};
    if (dev == NULL) {
        return;
    }
    s.dev = dev;
    token_hid_init(&s.hid, wait, token_clock_ms() + budget_ms);
    ret_outcome->code = run(&s, device->path);
}
