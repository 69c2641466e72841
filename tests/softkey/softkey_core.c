/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_core.h"

enum {
    MAKE_CLIENT_DATA_HASH = 1,
    MAKE_RP = 2,
    MAKE_USER = 3,
    MAKE_ALGORITHMS = 4,
    MAKE_EXCLUDE = 5,
    MAKE_EXTENSIONS = 6,
    MAKE_OPTIONS = 7,
    MAKE_PIN_PARAM = 8,
    MAKE_PIN_PROTOCOL = 9,

    ASSERT_RP_ID = 1,
    ASSERT_CLIENT_DATA_HASH = 2,
    ASSERT_ALLOW = 3,
    ASSERT_OPTIONS = 5,
    ASSERT_PIN_PARAM = 6,
    ASSERT_PIN_PROTOCOL = 7,

    ALG_ES256 = -7,
    PROTECT_ANYONE = 1,    /* userVerificationOptional */
    PROTECT_ID_OR_PIN = 2, /* userVerificationOptionalWithCredentialIDList */
    PROTECT_PIN = 3,       /* userVerificationRequired */
    LIST_MAX = 16,
};

/* What every command handler is given. */
struct call {
    struct softkey_core *core;
    const struct softkey_request *request;
    struct softkey_span params; /* a checked map, or empty where the command takes none */
    struct softkey_cbor *out;
};

void softkey_core_power(struct softkey_core *core, uint64_t now_ms)
{
    softkey_pin_power(&core->pin);
    memset(&core->pending, 0, sizeof(core->pending));
    core->power_ms = now_ms;
}

void softkey_core_release(struct softkey_core *core)
{
    softkey_pin_release(&core->pin);
}

static enum softkey_status get_info(const struct call *c)
{
    const unsigned protocols = c->core->protocols;
    struct softkey_cbor *w = c->out;

    softkey_cbor_put_map(w, 11); /* keys 1 to 10 and 14 */
    softkey_cbor_put_int(w, 1);
    softkey_cbor_put_array(w, 2);
    softkey_cbor_put_text(w, "FIDO_2_0");
    softkey_cbor_put_text(w, "FIDO_2_1");
    softkey_cbor_put_int(w, 2);
    softkey_cbor_put_array(w, 1);
    softkey_cbor_put_text(w, "credProtect");
    softkey_cbor_put_int(w, 3);
    softkey_cbor_put_bytes(w, softkey_aaguid, sizeof(softkey_aaguid));
    softkey_cbor_put_int(w, 4);
    softkey_cbor_put_map(w, 5);
    softkey_cbor_put_text(w, "rk");
    softkey_cbor_put_bool(w, true);
    softkey_cbor_put_text(w, "up");
    softkey_cbor_put_bool(w, true);
    softkey_cbor_put_text(w, "plat");
    softkey_cbor_put_bool(w, false);
    softkey_cbor_put_text(w, "clientPin");
    softkey_cbor_put_bool(w, c->core->store.pin_set);
    softkey_cbor_put_text(w, "pinUvAuthToken");
    softkey_cbor_put_bool(w, true);
    softkey_cbor_put_int(w, 5);
    softkey_cbor_put_int(w, SOFTKEY_MESSAGE_MAX);
    softkey_cbor_put_int(w, 6);
    softkey_cbor_put_array(w, (protocols >> 1 & 1u) + (protocols >> 2 & 1u));
    if ((protocols >> 2 & 1u) != 0) { /* the better one first */
        softkey_cbor_put_int(w, 2);
    }
    if ((protocols >> 1 & 1u) != 0) {
        softkey_cbor_put_int(w, 1);
    }
    softkey_cbor_put_int(w, 7);
    softkey_cbor_put_int(w, LIST_MAX);
    softkey_cbor_put_int(w, 8);
    softkey_cbor_put_int(w, SOFTKEY_ID_BYTES);
    softkey_cbor_put_int(w, 9);
    softkey_cbor_put_array(w, 1);
    softkey_cbor_put_text(w, "usb");
    softkey_cbor_put_int(w, 10);
    softkey_cbor_put_array(w, 1);
    softkey_cbor_put_map(w, 2);
    softkey_cbor_put_text(w, "alg");
    softkey_cbor_put_int(w, ALG_ES256);
    softkey_cbor_put_text(w, "type");
    softkey_cbor_put_text(w, "public-key");
    softkey_cbor_put_int(w, 14);
    softkey_cbor_put_int(w, 1);
    return CTAP_OK;
}

/* --- reading parameters --- */

static enum softkey_status take_hash(struct softkey_span params, int64_t key, const uint8_t **ret_hash)
{
    struct softkey_span item;
    struct softkey_span hash;

    if (!softkey_cbor_by_int(params, key, &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    if (!softkey_cbor_bytes(item, &hash)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    if (hash.len != SOFTKEY_HASH_BYTES) {
        return CTAP_INVALID_LENGTH;
    }
    *ret_hash = hash.p;
    return CTAP_OK;
}

/* Text of at most `cap` bytes without NUL. */
static enum softkey_status take_text(struct softkey_span item, size_t cap, char *ret_text)
{
    struct softkey_span text;

    if (!softkey_cbor_text(item, &text)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    if (text.len > cap) {
        return CTAP_INVALID_LENGTH;
    }
    if (memchr(text.p, 0, text.len) != NULL) {
        return CTAP_INVALID_PARAMETER;
    }
    memcpy(ret_text, text.p, text.len);
    ret_text[text.len] = '\0';
    return CTAP_OK;
}

static bool text_is(struct softkey_span item, const char *want)
{
    struct softkey_span text;

    return softkey_cbor_text(item, &text) && text.len == strlen(want) && memcmp(text.p, want, text.len) == 0;
}

/* An option: `ret_value` keeps its default when the option is not there. */
static enum softkey_status take_option(struct softkey_span params, int64_t key, const char *name, bool *ret_value)
{
    struct softkey_span options;
    struct softkey_span item;
    uint64_t pairs = 0;

    if (!softkey_cbor_by_int(params, key, &options)) {
        return CTAP_OK;
    }
    if (!softkey_cbor_map(options, &pairs)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    if (!softkey_cbor_by_text(options, name, &item)) {
        return CTAP_OK;
    }
    return softkey_cbor_bool(item, ret_value) ? CTAP_OK : CTAP_CBOR_UNEXPECTED_TYPE;
}

static enum softkey_status take_algorithms(struct softkey_span params)
{
    struct softkey_span list;
    struct softkey_span entry;
    struct softkey_span item;
    uint64_t items = 0;

    if (!softkey_cbor_by_int(params, MAKE_ALGORITHMS, &list)) {
        return CTAP_MISSING_PARAMETER;
    }
    if (!softkey_cbor_array(list, &items)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    for (uint64_t i = 0; i < items; i++) {
        int64_t alg = 0;
        if (!softkey_cbor_at(list, i, &entry) || !softkey_cbor_by_text(entry, "alg", &item) ||
            !softkey_cbor_int(item, &alg) || !softkey_cbor_by_text(entry, "type", &item)) {
            return CTAP_CBOR_UNEXPECTED_TYPE;
        }
        if (alg == ALG_ES256 && text_is(item, "public-key")) {
            return CTAP_OK;
        }
    }
    return CTAP_UNSUPPORTED_ALGORITHM;
}

static enum softkey_status take_user(struct softkey_span params, struct softkey_credential *ret_like)
{
    struct softkey_span user;
    struct softkey_span item;
    struct softkey_span id;
    char name[SOFTKEY_USER_NAME_MAX + 1] = "";

    if (!softkey_cbor_by_int(params, MAKE_USER, &user) || !softkey_cbor_by_text(user, "id", &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    if (!softkey_cbor_bytes(item, &id)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    if (id.len > SOFTKEY_USER_ID_MAX) {
        return CTAP_INVALID_LENGTH;
    }
    if (softkey_cbor_by_text(user, "name", &item) && take_text(item, SOFTKEY_USER_NAME_MAX, name) != CTAP_OK) {
        name[0] = '\0'; /* a key may shorten names; this one drops what does not fit */
    }
    memcpy(ret_like->user_id, id.p, id.len);
    ret_like->user_id_len = id.len;
    memcpy(ret_like->user_name, name, sizeof(name));
    return CTAP_OK;
}

static enum softkey_status take_protect(struct softkey_span params, uint8_t *ret_level)
{
    struct softkey_span extensions;
    struct softkey_span item;
    int64_t level = 0;

    if (!softkey_cbor_by_int(params, MAKE_EXTENSIONS, &extensions) ||
        !softkey_cbor_by_text(extensions, "credProtect", &item)) {
        return CTAP_OK;
    }
    if (!softkey_cbor_int(item, &level)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    if (level < PROTECT_ANYONE || level > PROTECT_PIN) {
        return CTAP_INVALID_OPTION;
    }
    *ret_level = (uint8_t)level;
    return CTAP_OK;
}

/* --- PIN and touch, the same for both operations --- */

struct gate {
    int64_t param_key;
    int64_t protocol_key;
    const uint8_t *client_data_hash;
    const char *rp_id;
    uint8_t permission;
    bool pin_needed; /* when a PIN is set and none is given, refuse */
};

static enum softkey_status take_protocol(const struct call *c, int64_t key, int64_t *ret_protocol)
{
    struct softkey_span item;

    if (!softkey_cbor_by_int(c->params, key, &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    if (!softkey_cbor_int(item, ret_protocol)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    return *ret_protocol >= 1 && *ret_protocol <= SOFTKEY_PIN_PROTOCOLS &&
                   (c->core->protocols >> *ret_protocol & 1u) != 0
               ? CTAP_OK
               : CTAP_INVALID_PARAMETER;
}

static enum softkey_status check_pin(const struct call *c, const struct gate *gate, bool *ret_verified)
{
    struct softkey_pin_claim claim = {
        .message = {gate->client_data_hash, SOFTKEY_HASH_BYTES}, .permission = gate->permission, .rp_id = gate->rp_id};
    struct softkey_span item;

    if (!softkey_cbor_by_int(c->params, gate->param_key, &item)) {
        return gate->pin_needed && c->core->store.pin_set ? CTAP_PUAT_REQUIRED : CTAP_OK;
    }
    if (!softkey_cbor_bytes(item, &claim.param)) {
        return CTAP_CBOR_UNEXPECTED_TYPE;
    }
    if (claim.param.len == 0) { /* "touch the key you mean": CTAP 2.1 §6.1.2 step 1 */
        if (!c->request->touched) {
            return CTAP_WANTS_TOUCH;
        }
        return c->core->store.pin_set ? CTAP_PIN_INVALID : CTAP_PIN_NOT_SET;
    }
    enum softkey_status status = take_protocol(c, gate->protocol_key, &claim.protocol);
    if (status == CTAP_OK && !c->core->store.pin_set) {
        status = CTAP_PIN_NOT_SET;
    }
    if (status == CTAP_OK) {
        status = softkey_pin_verify(&c->core->pin, &claim);
    }
    if (status == CTAP_OK) {
        *ret_verified = true;
    }
    return status;
}

/* --- credentials --- */

static bool visible(const struct softkey_credential *credential, bool verified, bool by_id)
{
    return verified || credential->protect == PROTECT_ANYONE || (credential->protect == PROTECT_ID_OR_PIN && by_id);
}

/* The first credential of a list of descriptors that this key holds and may show. */
static const struct softkey_credential *first_listed(const struct call *c, struct softkey_span list, const char *rp_id,
                                                     bool verified)
{
    uint64_t items = 0;

    if (!softkey_cbor_array(list, &items)) {
        return NULL;
    }
    for (uint64_t i = 0; i < items; i++) {
        struct softkey_span entry;
        struct softkey_span item;
        struct softkey_span id;
        if (!softkey_cbor_at(list, i, &entry) || !softkey_cbor_by_text(entry, "id", &item) ||
            !softkey_cbor_bytes(item, &id)) {
            return NULL;
        }
        const struct softkey_credential *found = softkey_store_find(&c->core->store, rp_id, id.p, id.len);
        if (found != NULL && visible(found, verified, true)) {
            return found;
        }
    }
    return NULL;
}

/* --- authenticatorMakeCredential --- */

struct make {
    const uint8_t *client_data_hash;
    struct softkey_credential like;
    uint8_t protect; /* 0: not asked for */
    bool verified;
};

static enum softkey_status read_make(const struct call *c, struct make *ret_make)
{
    struct softkey_span rp;
    struct softkey_span item;
    bool up = true;
    bool uv = false;

    memset(ret_make, 0, sizeof(*ret_make));
    enum softkey_status status = take_hash(c->params, MAKE_CLIENT_DATA_HASH, &ret_make->client_data_hash);
    if (status != CTAP_OK) {
        return status;
    }
    if (!softkey_cbor_by_int(c->params, MAKE_RP, &rp) || !softkey_cbor_by_text(rp, "id", &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    status = take_text(item, SOFTKEY_RP_ID_MAX, ret_make->like.rp_id);
    if (status == CTAP_OK) {
        status = take_user(c->params, &ret_make->like);
    }
    if (status == CTAP_OK) {
        status = take_algorithms(c->params);
    }
    if (status == CTAP_OK) {
        status = take_protect(c->params, &ret_make->protect);
    }
    if (status == CTAP_OK) {
        status = take_option(c->params, MAKE_OPTIONS, "rk", &ret_make->like.resident);
    }
    if (status == CTAP_OK) {
        status = take_option(c->params, MAKE_OPTIONS, "up", &up);
    }
    if (status == CTAP_OK) {
        status = take_option(c->params, MAKE_OPTIONS, "uv", &uv);
    }
    if (status == CTAP_OK && (!up || uv)) {
        status = CTAP_INVALID_OPTION; /* no fingerprint here, and a registration is never silent */
    }
    return status;
}

static enum softkey_status put_credential(const struct call *c, const struct make *make, const struct softkey_ec *key,
                                          const struct softkey_credential *credential)
{
    struct softkey_core *core = c->core;
    const struct softkey_frame frame = {
        .rp_id = credential->rp_id,
        .counter = core->store.counter,
        .flags = (uint8_t)(SOFTKEY_FLAG_UP | (make->verified ? SOFTKEY_FLAG_UV : 0)),
        .faults = core->faults,
    };
    struct softkey_auth_data data;
    struct softkey_attestation att;

    softkey_make_cred_data(&frame, credential->id, key, make->protect, &data);
    if (!softkey_make_attestation(core->ca, key, &data, make->client_data_hash, core->faults, &att)) {
        return CTAP_OTHER;
    }
    softkey_cbor_put_map(c->out, 3);
    softkey_cbor_put_int(c->out, 1);
    softkey_cbor_put_text(c->out, att.format);
    softkey_cbor_put_int(c->out, 2);
    softkey_cbor_put_bytes(c->out, data.bytes, data.len);
    softkey_cbor_put_int(c->out, 3);
    softkey_cbor_put_raw(c->out, att.stmt, att.stmt_len);
    return CTAP_OK;
}

static enum softkey_status make_now(const struct call *c, struct make *make)
{
    struct softkey_store *store = &c->core->store;

    make->like.protect = make->protect == 0 ? PROTECT_ANYONE : make->protect;
    const struct softkey_credential *credential = softkey_store_add(store, &make->like);
    if (credential == NULL) {
        return CTAP_KEY_STORE_FULL;
    }
    store->counter++;
    struct softkey_ec *key = softkey_store_key(store, credential);
    if (key == NULL || !softkey_store_save(store)) {
        softkey_ec_free(key);
        return CTAP_OTHER;
    }
    const enum softkey_status status = put_credential(c, make, key, credential);
    softkey_ec_free(key);
    return status;
}

static enum softkey_status make_credential(const struct call *c)
{
    struct make make;
    struct softkey_span list;

    enum softkey_status status = read_make(c, &make);
    if (status != CTAP_OK) {
        return status;
    }
    const struct gate gate = {
        .param_key = MAKE_PIN_PARAM,
        .protocol_key = MAKE_PIN_PROTOCOL,
        .client_data_hash = make.client_data_hash,
        .rp_id = make.like.rp_id,
        .permission = CTAP_PERMIT_MAKE,
        .pin_needed = true,
    };
    status = check_pin(c, &gate, &make.verified);
    if (status != CTAP_OK) {
        return status;
    }
    if (!c->request->touched) {
        return CTAP_WANTS_TOUCH;
    }
    softkey_pin_used(&c->core->pin);
    if (softkey_cbor_by_int(c->params, MAKE_EXCLUDE, &list) &&
        first_listed(c, list, make.like.rp_id, make.verified) != NULL) {
        return CTAP_CREDENTIAL_EXCLUDED;
    }
    return make_now(c, &make);
}

/* --- authenticatorGetAssertion and authenticatorGetNextAssertion --- */

struct ask {
    char rp_id[SOFTKEY_RP_ID_MAX + 1];
    const uint8_t *client_data_hash;
    bool up;
    bool verified;
};

static enum softkey_status read_ask(const struct call *c, struct ask *ret_ask)
{
    struct softkey_span item;
    bool uv = false;
    bool rk = false;

    memset(ret_ask, 0, sizeof(*ret_ask));
    ret_ask->up = true;
    if (!softkey_cbor_by_int(c->params, ASSERT_RP_ID, &item)) {
        return CTAP_MISSING_PARAMETER;
    }
    enum softkey_status status = take_text(item, SOFTKEY_RP_ID_MAX, ret_ask->rp_id);
    if (status == CTAP_OK) {
        status = take_hash(c->params, ASSERT_CLIENT_DATA_HASH, &ret_ask->client_data_hash);
    }
    if (status == CTAP_OK) {
        status = take_option(c->params, ASSERT_OPTIONS, "up", &ret_ask->up);
    }
    if (status == CTAP_OK) {
        status = take_option(c->params, ASSERT_OPTIONS, "uv", &uv);
    }
    if (status == CTAP_OK) {
        status = take_option(c->params, ASSERT_OPTIONS, "rk", &rk);
    }
    if (status == CTAP_OK && rk) {
        status = CTAP_UNSUPPORTED_OPTION;
    }
    return status == CTAP_OK && uv ? CTAP_INVALID_OPTION : status;
}

/* One assertion with the credential at `index`; `total` is told when there are several. */
static enum softkey_status put_assertion(const struct call *c, size_t index, const uint8_t *client_data_hash,
                                         uint8_t flags, size_t total)
{
    struct softkey_core *core = c->core;
    const struct softkey_credential *credential = &core->store.credentials[index];
    struct softkey_auth_data data;
    struct softkey_sig sig;
    uint8_t id[SOFTKEY_ID_BYTES];

    core->store.counter++;
    struct softkey_ec *key = softkey_store_key(&core->store, credential);
    const struct softkey_frame frame = {credential->rp_id, core->store.counter, flags, core->faults};
    softkey_make_assert_data(&frame, &data);
    const bool ok = key != NULL && softkey_store_save(&core->store) &&
                    softkey_make_signature(key, &data, client_data_hash, core->faults, &sig);
    softkey_ec_free(key);
    if (!ok) {
        return CTAP_OTHER;
    }
    memcpy(id, credential->id, sizeof(id));
    if (softkey_has(core->faults, SOFTKEY_FAULT_OTHER_ID)) {
        id[0] ^= 0xffu;
    }
    softkey_cbor_put_map(c->out, 3u + (credential->resident ? 1u : 0u) + (total > 1 ? 1u : 0u));
    softkey_cbor_put_int(c->out, 1);
    softkey_cbor_put_map(c->out, 2);
    softkey_cbor_put_text(c->out, "id");
    softkey_cbor_put_bytes(c->out, id, sizeof(id));
    softkey_cbor_put_text(c->out, "type");
    softkey_cbor_put_text(c->out, "public-key");
    softkey_cbor_put_int(c->out, 2);
    softkey_cbor_put_bytes(c->out, data.bytes, data.len);
    softkey_cbor_put_int(c->out, 3);
    softkey_cbor_put_bytes(c->out, sig.der, sig.len);
    if (credential->resident) {
        const bool named = total > 1 && (flags & SOFTKEY_FLAG_UV) != 0 && credential->user_name[0] != '\0';
        softkey_cbor_put_int(c->out, 4);
        softkey_cbor_put_map(c->out, named ? 2 : 1);
        softkey_cbor_put_text(c->out, "id");
        softkey_cbor_put_bytes(c->out, credential->user_id, credential->user_id_len);
        if (named) {
            softkey_cbor_put_text(c->out, "name");
            softkey_cbor_put_text(c->out, credential->user_name);
        }
    }
    if (total > 1) {
        softkey_cbor_put_int(c->out, 5);
        softkey_cbor_put_int(c->out, (int64_t)total);
    }
    return CTAP_OK;
}

/* The credentials that may answer: the first of the list, or all resident ones of this RP, newest first. */
static size_t find_matches(const struct call *c, const struct ask *ask, size_t ret_matches[SOFTKEY_CREDENTIALS_MAX])
{
    const struct softkey_store *store = &c->core->store;
    struct softkey_span list;
    size_t n = 0;

    if (softkey_cbor_by_int(c->params, ASSERT_ALLOW, &list)) {
        const struct softkey_credential *one = first_listed(c, list, ask->rp_id, ask->verified);
        if (one == NULL) {
            return 0;
        }
        ret_matches[0] = (size_t)(one - store->credentials);
        return 1;
    }
    for (size_t i = store->count; i > 0; i--) {
        const struct softkey_credential *one = &store->credentials[i - 1];
        if (one->resident && strcmp(one->rp_id, ask->rp_id) == 0 && visible(one, ask->verified, false)) {
            ret_matches[n++] = i - 1;
        }
    }
    return n;
}

static enum softkey_status get_assertion(const struct call *c)
{
    struct softkey_core *core = c->core;
    struct softkey_pending found = {.left = 0};
    struct ask ask;

    enum softkey_status status = read_ask(c, &ask);
    if (status != CTAP_OK) {
        return status;
    }
    const struct gate gate = {
        .param_key = ASSERT_PIN_PARAM,
        .protocol_key = ASSERT_PIN_PROTOCOL,
        .client_data_hash = ask.client_data_hash,
        .rp_id = ask.rp_id,
        .permission = CTAP_PERMIT_ASSERT,
    };
    status = check_pin(c, &gate, &ask.verified);
    if (status != CTAP_OK) {
        return status;
    }
    const size_t total = find_matches(c, &ask, found.matches);
    if (total == 0) {
        return CTAP_NO_CREDENTIALS;
    }
    if (ask.up && !c->request->touched) {
        return CTAP_WANTS_TOUCH;
    }
    if (ask.up) {
        softkey_pin_used(&core->pin);
    }
    found.left = total - 1;
    found.at = 1;
    found.until_ms = c->request->now_ms + SOFTKEY_NEXT_WINDOW_MS;
    found.flags = (uint8_t)((ask.up ? SOFTKEY_FLAG_UP : 0) | (ask.verified ? SOFTKEY_FLAG_UV : 0));
    memcpy(found.client_data_hash, ask.client_data_hash, SOFTKEY_HASH_BYTES);
    core->pending = found;
    return put_assertion(c, found.matches[0], ask.client_data_hash, found.flags, total);
}

static enum softkey_status get_next_assertion(const struct call *c)
{
    struct softkey_pending *pending = &c->core->pending;

    if (pending->left == 0 || c->request->now_ms > pending->until_ms) {
        pending->left = 0;
        return CTAP_NOT_ALLOWED;
    }
    pending->left--;
    pending->until_ms = c->request->now_ms + SOFTKEY_NEXT_WINDOW_MS;
    return put_assertion(c, pending->matches[pending->at++], pending->client_data_hash, pending->flags, 1);
}

/* --- the rest --- */

static enum softkey_status reset(const struct call *c)
{
    struct softkey_core *core = c->core;

    if (!c->request->touched) {
        return c->request->now_ms - core->power_ms <= SOFTKEY_RESET_WINDOW_MS ? CTAP_WANTS_TOUCH : CTAP_NOT_ALLOWED;
    }
    softkey_store_reset(&core->store);
    softkey_pin_power(&core->pin);
    return softkey_store_save(&core->store) ? CTAP_OK : CTAP_OTHER;
}

static enum softkey_status with_params(struct call *c, enum softkey_status (*command)(const struct call *))
{
    uint64_t pairs = 0;

    if (!softkey_cbor_check(c->params)) {
        return CTAP_INVALID_CBOR;
    }
    return softkey_cbor_map(c->params, &pairs) ? command(c) : CTAP_CBOR_UNEXPECTED_TYPE;
}

static enum softkey_status client_pin(const struct call *c)
{
    return softkey_pin_request(&c->core->pin, &c->core->store, c->params, c->core->protocols, c->out);
}

static enum softkey_status without_params(const struct call *c, enum softkey_status (*command)(const struct call *))
{
    return c->params.len == 0 ? command(c) : CTAP_INVALID_LENGTH;
}

static enum softkey_status selection(const struct call *c)
{
    return c->request->touched ? CTAP_OK : CTAP_WANTS_TOUCH;
}

static enum softkey_status dispatch(struct call *c, uint8_t command)
{
    if (command != CTAP_GET_NEXT_ASSERTION) {
        c->core->pending.left = 0;
    }
    switch (command) {
    case CTAP_MAKE_CREDENTIAL:
        return with_params(c, make_credential);
    case CTAP_GET_ASSERTION:
        return with_params(c, get_assertion);
    case CTAP_CLIENT_PIN:
        return with_params(c, client_pin);
    case CTAP_GET_INFO:
        return without_params(c, get_info);
    case CTAP_GET_NEXT_ASSERTION:
        return without_params(c, get_next_assertion);
    case CTAP_RESET:
        return without_params(c, reset);
    case CTAP_SELECTION:
        return without_params(c, selection);
    default: /* a number of the wire */
        return CTAP_INVALID_COMMAND;
    }
}

enum softkey_status softkey_core_answer(struct softkey_core *core, const struct softkey_request *request,
                                        struct softkey_reply *ret_reply)
{
    uint8_t body[SOFTKEY_ATT_STMT_MAX + SOFTKEY_AUTH_DATA_MAX + 256];
    struct softkey_cbor out = {.p = body, .cap = sizeof(body)};
    enum softkey_status status = CTAP_INVALID_LENGTH;

    if (request->message.len > 0) {
        struct call c = {
            .core = core,
            .request = request,
            .params = {request->message.p + 1, request->message.len - 1},
            .out = &out,
        };
        status = dispatch(&c, request->message.p[0]);
    }
    if (status == CTAP_WANTS_TOUCH) {
        return status;
    }
    if (status == CTAP_OK && out.full) {
        status = CTAP_OTHER;
    }
    ret_reply->bytes[0] = (uint8_t)status;
    ret_reply->len = 1;
    if (status == CTAP_OK) {
        memcpy(ret_reply->bytes + 1, body, out.len);
        ret_reply->len += out.len;
    }
    return status;
}
