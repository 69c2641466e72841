/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

enum { AUTH_DATA_MAX = 1024, CHECK_ARENA_BYTES = 2 << 20 };

#define WIRE_COMMAND_TEXT(name, text, kind) [name] = (text),
static const char *const cmd_text[WIRE_CMD_COUNT] = {[WIRE_NONE] = "none", WIRE_COMMANDS(WIRE_COMMAND_TEXT)};

struct kind {
    struct cs_result (*get)(struct json_in *in, struct wire_command *c);
    void (*put)(struct json_out *o, const struct wire_command *c);
};
#define WIRE_COMMAND_KIND(name, text, kind) [name] = {wire_##kind##_get, wire_##kind##_put},
static const struct kind kinds[WIRE_CMD_COUNT] = {WIRE_COMMANDS(WIRE_COMMAND_KIND)};

const char *wire_cmd_text(enum wire_cmd cmd)
{
    return (size_t)cmd < WIRE_CMD_COUNT ? cmd_text[cmd] : cmd_text[WIRE_NONE];
}

/* --- members that several kinds share --- */

CS_RESULT wire_get_cmd(struct json_in *in)
{
    struct span text = SPAN_NONE;
    return json_get_str(in, "command.cmd", MODEL_ID_MAX, &text);
}

CS_RESULT wire_get_id(struct json_in *in, struct wire_command *c)
{
    return json_get_uint(in, "command.id", (uint64_t)JSON_INT_MAX, &c->id);
}

CS_RESULT wire_get_word(struct json_in *in, const char *what, size_t min, struct span *ret_word)
{
    struct span s = SPAN_NONE;
    TRY(json_get_str(in, what, WIRE_WORD_MAX, &s));
    ENSURE(s.left >= min, CS_E_RANGE, what);
    for (size_t i = 0; i < s.left; i++) {
        ENSURE(s.p[i] >= 0x20 && s.p[i] < 0x7f, CS_E_RANGE, what);
    }
    *ret_word = s;
    return CS_SUCCESS;
}

CS_RESULT wire_get_word_opt(struct json_in *in, const char *what, struct span *ret_word)
{
    if (!json_next_is(in, what)) {
        *ret_word = SPAN_NONE;
        return CS_SUCCESS;
    }
    return wire_get_word(in, what, 1, ret_word);
}

CS_RESULT wire_get_index(struct json_in *in, const char *what, uint64_t *ret_index)
{
    return json_get_uint(in, what, (uint64_t)JSON_INT_MAX, ret_index);
}

CS_RESULT wire_get_auth_data(struct json_in *in, const char *what, struct span *ret_data)
{
    struct span data = SPAN_NONE;

    if (json_next_is(in, what)) {
        TRY(json_get_bytes(in, what, AUTH_DATA_MAX, &data));
        ENSURE(data.left > 0, CS_E_RANGE, what);
    }
    *ret_data = data;
    return CS_SUCCESS;
}

void wire_put_auth_data(struct json_out *o, struct span data)
{
    if (data.left > 0) {
        json_put_bytes(o, "auth_data", data);
    }
}

void wire_put_cmd(struct json_out *o, const struct wire_command *c)
{
    json_put_text(o, "cmd", wire_cmd_text(c->cmd));
}

void wire_put_id(struct json_out *o, const struct wire_command *c)
{
    json_put_uint(o, "id", c->id);
}

void wire_put_opt(struct json_out *o, const char *key, struct span s)
{
    if (s.left > 0) {
        json_put_str(o, key, s);
    }
}

/* --- the whole --- */

static enum wire_cmd cmd_of(struct span text)
{
    for (enum wire_cmd c = WIRE_FOLLOW; c < WIRE_CMD_COUNT; c++) {
        if (span_is(text, cmd_text[c])) {
            return c;
        }
    }
    return WIRE_NONE;
}

/* Members stand in sorted order, so some of them come before the cmd that says what they are: look it up first. */
static CS_RESULT find_cmd(struct span frame, struct arena *arena, enum wire_cmd *ret_cmd)
{
    struct json_in in = json_in_make(frame, arena);
    struct span key = SPAN_NONE;
    struct span value = SPAN_NONE;
    bool more = false;

    TRY(json_open(&in, "command"));
    TRY(json_next_key(&in, "command", &more, &key));
    while (more && !span_is(key, "cmd")) {
        TRY(json_item_raw(&in, "command", &value));
        TRY(json_next_key(&in, "command", &more, &key));
    }
    ENSURE(more, CS_E_MISSING, "command.cmd");
    TRY(json_item_str(&in, "command.cmd", MODEL_ID_MAX, &value));
    const enum wire_cmd cmd = cmd_of(value);
    ENSURE(cmd != WIRE_NONE, CS_E_UNKNOWN, "command.cmd");
    *ret_cmd = cmd;
    return CS_SUCCESS;
}

CS_RESULT wire_command_decode(struct span frame, struct arena *arena, struct wire_command *ret_command)
{
    struct wire_command c = {0};
    struct json_in in = json_in_make(frame, arena);

    TRY(find_cmd(frame, arena, &c.cmd));
    TRY(json_open(&in, "command"));
    TRY(kinds[c.cmd].get(&in, &c));
    TRY(json_close(&in, "command"));
    TRY(json_end(&in, "command"));
    *ret_command = c;
    return CS_SUCCESS;
}

/* What is written must be what the other side takes: its limits are then the sender's, who can still say no. */
static CS_RESULT check_written(struct span frame)
{
    struct arena arena;
    struct wire_command again;

    arena_init(&arena, CHECK_ARENA_BYTES);
    const struct cs_result r = wire_command_decode(frame, &arena, &again);
    arena_release(&arena);
    return r;
}

CS_RESULT wire_command_encode(const struct wire_command *c, struct writer *w)
{
    const size_t start = w->len;
    struct json_out o = json_out_make(w);

    ENSURE(c->cmd > WIRE_NONE && c->cmd < WIRE_CMD_COUNT, CS_E_UNKNOWN, "command.cmd");
    json_put_object(&o, NULL);
    kinds[c->cmd].put(&o, c);
    json_put_close(&o);
    TRY(json_out_end(&o, "command"));
    return check_written(span_make(w->p + start, w->len - start));
}
