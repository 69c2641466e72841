/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_proto.h"

#include "base/base_text.h"
#include "json/json_out.h"

enum {
    HAS_CLIENT_DATA = 1 << 0,
    HAS_CREDENTIALS = 1 << 1,
    HAS_EXCLUDE = 1 << 2,
    HAS_PIN = 1 << 3,
    HAS_RP_ID = 1 << 4,
    HAS_TIMEOUT = 1 << 5,
    HAS_USER = 1 << 6,
    HAS_DEVICE = 1 << 7,
    HAS_MESSAGE = 1 << 8,
};

#define TOKEN_CMD_WORD(name, word) [name] = (word),
static const char *const cmd_words[] = {TOKEN_CMDS(TOKEN_CMD_WORD)};
#undef TOKEN_CMD_WORD
#define TOKEN_CODE_WORD(name, word) [name] = (word),
static const char *const code_words[] = {TOKEN_CODES(TOKEN_CODE_WORD)};
#undef TOKEN_CODE_WORD
#define TOKEN_KIND_WORD(name, word) [name] = (word),
static const char *const kind_words[] = {TOKEN_KINDS(TOKEN_KIND_WORD)};
#undef TOKEN_KIND_WORD
#define TOKEN_ASKING_WORD(name, word) [name] = (word),
static const char *const asking_words[] = {TOKEN_ASKINGS(TOKEN_ASKING_WORD)};
#undef TOKEN_ASKING_WORD

/* The members of each command besides cmd and op: all of them, no others. */
static const unsigned members[] = {
    [TOKEN_CMD_LIST] = 0,
    [TOKEN_CMD_IDENTIFY] = HAS_CREDENTIALS | HAS_DEVICE | HAS_RP_ID,
    [TOKEN_CMD_ENROL] =
        HAS_CLIENT_DATA | HAS_DEVICE | HAS_EXCLUDE | HAS_MESSAGE | HAS_PIN | HAS_RP_ID | HAS_TIMEOUT | HAS_USER,
    [TOKEN_CMD_SIGN] = HAS_CLIENT_DATA | HAS_CREDENTIALS | HAS_DEVICE | HAS_MESSAGE | HAS_PIN | HAS_RP_ID | HAS_TIMEOUT,
    [TOKEN_CMD_SELECT] = HAS_TIMEOUT,
    [TOKEN_CMD_CANCEL] = 0,
};
_Static_assert(sizeof(members) / sizeof(members[0]) == TOKEN_CMD_COUNT, "each command has its members");

const char *token_code_word(enum token_code code)
{
    return code < TOKEN_CODE_COUNT ? code_words[code] : code_words[TOKEN_FAILED];
}

const char *token_cmd_word(enum token_cmd cmd)
{
    return cmd < TOKEN_CMD_COUNT ? cmd_words[cmd] : "";
}

const char *token_kind_word(enum token_kind kind)
{
    return kind < TOKEN_KIND_COUNT ? kind_words[kind] : kind_words[TOKEN_KIND_NONE];
}

const char *token_asking_word(enum token_asking asking)
{
    return asking < TOKEN_ASKING_COUNT ? asking_words[asking] : asking_words[TOKEN_ASKS_UNKNOWN];
}

static CS_RESULT cmd_of(struct span word, enum token_cmd *ret_cmd)
{
    for (unsigned i = 0; i < TOKEN_CMD_COUNT; i++) {
        if (span_is(word, cmd_words[i])) {
            *ret_cmd = (enum token_cmd)i;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_UNKNOWN, "token.cmd");
}

/* A copy with a NUL behind it, for libraries that want one; a NUL inside is refused. */
static CS_RESULT c_string(struct arena *a, struct span s, const char *what, const char **ret_s)
{
    ENSURE(s.left > 0 && memchr(s.p, 0, s.left) == NULL, CS_E_RANGE, what);
    char *copy = arena_alloc(a, s.left + 1);
    ENSURE(copy != NULL, CS_E_NOMEM, what);
    memcpy(copy, s.p, s.left);
    copy[s.left] = '\0';
    *ret_s = copy;
    return CS_SUCCESS;
}

static CS_RESULT one_id(struct json_in *in, struct arena *a, const char *what, struct span *ret_id)
{
    uint8_t room[TOKEN_ID_MAX];
    struct writer w = wr_fixed(room, sizeof(room));
    struct span text;

    TRY(json_item_str(in, what, (TOKEN_ID_MAX * 4 + 2) / 3, &text));
    TRY(text_base64url_decode(text, &w, what));
    TRY(wr_end(&w, what));
    ENSURE(w.len > 0, CS_E_RANGE, what);
    return arena_copy(a, wr_span(&w), ret_id);
}

static CS_RESULT id_list(struct json_in *in, struct arena *a, const char *what, struct token_command *c)
{
    struct span *ids = arena_array(a, TOKEN_IDS_MAX, sizeof(*ids));

    ENSURE(ids != NULL, CS_E_NOMEM, what);
    TRY(json_get_array(in, what));
    while (json_more(in)) {
        ENSURE(c->id_count < TOKEN_IDS_MAX, CS_E_RANGE, what);
        TRY(one_id(in, a, what, &ids[c->id_count]));
        c->id_count++;
    }
    c->ids = ids;
    return json_close_array(in, what);
}

/* What stands before and at "cmd" in sorted order. */
static CS_RESULT read_front(struct json_in *in, struct arena *a, struct token_command *c, unsigned *has)
{
    struct span word;

    if (json_next_is(in, "token.client_data")) {
        *has |= HAS_CLIENT_DATA;
        TRY(json_get_str(in, "token.client_data", TOKEN_CLIENT_DATA_MAX, &word));
        ENSURE(word.left > 0, CS_E_RANGE, "token.client_data");
        TRY(arena_copy(a, word, &c->client_data));
    }
    TRY(json_get_str(in, "token.cmd", 16, &word));
    return cmd_of(word, &c->cmd);
}

/* From behind "cmd" to "op". */
static CS_RESULT read_middle(struct json_in *in, struct arena *a, struct token_command *c, unsigned *has)
{
    struct span message;

    if (json_next_is(in, "token.credentials")) {
        *has |= HAS_CREDENTIALS;
        TRY(id_list(in, a, "token.credentials", c));
        ENSURE(c->id_count > 0, CS_E_RANGE, "token.credentials");
    }
    if (json_next_is(in, "token.device")) {
        *has |= HAS_DEVICE;
        TRY(json_get_uint(in, "token.device", (uint64_t)JSON_INT_MAX, &c->device));
    }
    if (json_next_is(in, "token.exclude")) {
        ENSURE(c->ids == NULL, CS_E_UNKNOWN, "token.exclude");
        *has |= HAS_EXCLUDE;
        TRY(id_list(in, a, "token.exclude", c));
    }
    if (json_next_is(in, "token.message")) {
        *has |= HAS_MESSAGE;
        TRY(json_get_bytes(in, "token.message", TOKEN_MESSAGE_MAX, &message));
        TRY(arena_copy(a, message, &c->message));
    }
    return json_get_uint(in, "token.op", (uint64_t)JSON_INT_MAX, &c->op);
}

static CS_RESULT read_pin(struct json_in *in, struct token_secret *pin, struct token_command *c)
{
    struct span quoted;

    TRY(json_get_raw(in, "token.pin", &quoted));
    ENSURE(quoted.left >= 2 && quoted.p[0] == '"', CS_E_TYPE, "token.pin");
    c->pin_unusable = token_secret_take(quoted, pin).code != CS_OK;
    return CS_SUCCESS;
}

static CS_RESULT read_rest(struct json_in *in, struct arena *a, struct token_command *c, unsigned *has)
{
    struct span text;
    uint64_t ms = 0;

    if (json_next_is(in, "token.rp_id")) {
        *has |= HAS_RP_ID;
        TRY(json_get_id(in, "token.rp_id", TOKEN_RP_ID_MAX, &text));
        TRY(c_string(a, text, "token.rp_id", &c->rp_id));
    }
    if (json_next_is(in, "token.timeout_ms")) {
        *has |= HAS_TIMEOUT;
        TRY(json_get_uint(in, "token.timeout_ms", TOKEN_TIMEOUT_MAX_MS, &ms));
        ENSURE(ms >= TOKEN_TIMEOUT_MIN_MS, CS_E_RANGE, "token.timeout_ms");
        c->timeout_ms = (uint32_t)ms;
    }
    if (json_next_is(in, "token.user_id")) {
        *has |= HAS_USER;
        TRY(json_get_bytes(in, "token.user_id", TOKEN_USER_ID_MAX, &c->user_id));
        ENSURE(c->user_id.left > 0, CS_E_RANGE, "token.user_id");
        TRY(json_get_str(in, "token.user_name", TOKEN_USER_NAME_MAX, &text));
        TRY(c_string(a, text, "token.user_name", &c->user_name));
    }
    return CS_SUCCESS;
}

static CS_RESULT decode(struct span frame, struct arena *arena, struct token_secret *pin, struct token_command *c)
{
    struct json_in in = json_in_make(frame, arena);
    unsigned has = 0;

    TRY(json_open(&in, "token"));
    TRY(read_front(&in, arena, c, &has));
    TRY(read_middle(&in, arena, c, &has));
    if (json_next_is(&in, "token.pin")) {
        has |= HAS_PIN;
        TRY(read_pin(&in, pin, c));
    }
    TRY(read_rest(&in, arena, c, &has));
    TRY(json_close(&in, "token"));
    TRY(json_end(&in, "token"));
    ENSURE((members[c->cmd] & ~has) == 0, CS_E_MISSING, "token.members");
    ENSURE((has & ~members[c->cmd]) == 0, CS_E_UNKNOWN, "token.members");
    return CS_SUCCESS;
}

CS_RESULT token_command_decode(struct span frame, struct arena *arena, struct token_secret *pin,
                               struct token_command *ret_command)
{
    struct token_command c = {.cmd = TOKEN_CMD_LIST};

    token_secret_wipe(pin);
    const struct cs_result res = decode(frame, arena, pin, &c);
    if (res.code != CS_OK) {
        token_secret_wipe(pin);
        return res;
    }
    *ret_command = c;
    return CS_SUCCESS;
}

CS_RESULT token_event_devices(const struct token_device *devices, size_t count, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_array(&o, "devices");
    for (size_t i = 0; i < count; i++) {
        json_put_object(&o, NULL);
        json_put_uint(&o, "device", devices[i].number);
        json_put_text(&o, "kind", token_kind_word(devices[i].kind));
        json_put_text(&o, "port", devices[i].port);
        json_put_text(&o, "product", devices[i].product);
        json_put_text(&o, "vendor", devices[i].vendor);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_text(&o, "event", "devices");
    json_put_close(&o);
    return json_out_end(&o, "token.devices");
}

CS_RESULT token_event_touch(uint64_t op, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_text(&o, "event", "touch");
    json_put_uint(&o, "op", op);
    json_put_close(&o);
    return json_out_end(&o, "token.touch");
}

static void put_attestation(struct json_out *o, const struct token_outcome *out)
{
    json_put_object(o, "attestation");
    if (out->kind == TOKEN_KIND_FIDO2) {
        json_put_bytes(o, "auth_data", out->auth_data);
        json_put_bytes(o, "sig", out->sig);
    }
    json_put_array(o, "x5c");
    for (size_t i = 0; i < out->x5c_count; i++) {
        json_put_bytes(o, NULL, out->x5c[i]);
    }
    json_put_close(o);
    json_put_close(o);
}

/* The members of a refusal: none but the tries left. */
static void put_refusal(struct json_out *o, uint64_t op, const struct token_outcome *out)
{
    json_put_text(o, "code", token_code_word(out->code));
    json_put_text(o, "event", "done");
    json_put_uint(o, "op", op);
    if (out->has_tries) {
        json_put_uint(o, "tries", out->tries);
    }
}

/* What an operation on a card gave, in the order of the names. */
static void put_card_result(struct json_out *o, enum token_cmd cmd, uint64_t op, const struct token_outcome *out)
{
    const bool enrolled = cmd == TOKEN_CMD_ENROL;
    const bool found = cmd == TOKEN_CMD_IDENTIFY;

    if (enrolled) {
        put_attestation(o, out);
        json_put_bytes(o, "certificate", out->certificate);
    }
    json_put_text(o, "code", token_code_word(out->code));
    json_put_bytes(o, "credential", out->credential);
    json_put_uint(o, "device", out->device);
    json_put_text(o, "event", "done");
    if (enrolled) {
        json_put_bytes(o, "key", out->key);
    }
    json_put_text(o, "kind", token_kind_word(out->kind));
    json_put_uint(o, "op", op);
    if (enrolled) {
        json_put_text(o, "pin_policy", token_asking_word(out->pin_policy));
    }
    if (!found) {
        json_put_text(o, "port", out->port);
        json_put_bytes(o, "sig", out->sig);
    }
    if (enrolled) {
        json_put_text(o, "touch_policy", token_asking_word(out->touch_policy));
    }
}

/* The same with a FIDO2 key. */
static void put_key_result(struct json_out *o, enum token_cmd cmd, uint64_t op, const struct token_outcome *out)
{
    const bool enrolled = cmd == TOKEN_CMD_ENROL;
    const bool is_signed = cmd == TOKEN_CMD_SIGN;

    if (enrolled) {
        json_put_hex(o, "aaguid", SPAN_OF(out->aaguid));
        put_attestation(o, out);
    }
    if (is_signed) {
        json_put_bytes(o, "auth_data", out->auth_data);
    }
    json_put_text(o, "code", token_code_word(out->code));
    if (is_signed) {
        json_put_uint(o, "counter", out->counter);
    }
    if (cmd != TOKEN_CMD_SELECT) {
        json_put_bytes(o, "credential", out->credential);
    }
    json_put_uint(o, "device", out->device);
    json_put_text(o, "event", "done");
    if (enrolled) {
        json_put_bytes(o, "key", out->key);
    }
    json_put_text(o, "kind", token_kind_word(out->kind));
    json_put_uint(o, "op", op);
    if (enrolled || is_signed) {
        json_put_text(o, "port", out->port);
    }
    if (is_signed) {
        json_put_bytes(o, "sig", out->sig);
    }
}

CS_RESULT token_event_done(enum token_cmd cmd, uint64_t op, const struct token_outcome *out, struct writer *w)
{
    struct json_out o = json_out_make(w);
    const bool has_result = out->code == TOKEN_OK && cmd != TOKEN_CMD_LIST && cmd != TOKEN_CMD_CANCEL;

    json_put_object(&o, NULL);
    if (has_result && out->kind == TOKEN_KIND_PIV) {
        put_card_result(&o, cmd, op, out);
    } else if (has_result) {
        put_key_result(&o, cmd, op, out);
    } else {
        put_refusal(&o, op, out);
    }
    json_put_close(&o);
    return json_out_end(&o, "token.done");
}
