/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk_token.h"

#include "base/base_text.h"
#include "json/json_tree.h"

enum {
    ROOM_BYTES = 1 << 20,
    FRAME_MAX = 262144,
    ARENA_BYTES = 4 << 20,
    RETRY_MS = 1000,
    SEND_MS = 2000,
    AAGUID_BYTES = 16,
};

CS_RESULT kiosk_token_init(struct kiosk_token *k, const char *path)
{
    *k = (struct kiosk_token){.path = path};
    k->room = malloc(ROOM_BYTES);
    ENSURE(k->room != NULL, CS_E_NOMEM, "token");
    arena_init(&k->arena, ARENA_BYTES);
    return CS_SUCCESS;
}

void kiosk_token_release(struct kiosk_token *k)
{
    ipc_close(&k->conn);
    free(k->room);
    arena_release(&k->arena);
    *k = (struct kiosk_token){.path = NULL};
}

bool kiosk_token_connect(struct kiosk_token *k, uint64_t now_ms)
{
    static const struct ipc_limits limits = {.frame_max_bytes = FRAME_MAX};
    if (k->conn.open || now_ms < k->retry_ms) {
        return false;
    }
    k->retry_ms = now_ms + RETRY_MS;
    return ipc_connect(k->path, &limits, &k->conn).code == CS_OK;
}

void kiosk_token_lose(struct kiosk_token *k, uint64_t now_ms)
{
    ipc_close(&k->conn);
    k->retry_ms = now_ms + RETRY_MS;
}

/* ---- commands */

static void put_ids(struct json_out *o, const char *key, const struct flow_ask *a)
{
    json_put_array(o, key);
    for (size_t i = 0; i < a->id_count; i++) {
        json_put_bytes(o, NULL, a->ids[i]);
    }
    json_put_close(o);
}

static void put_enrol(struct json_out *o, const struct flow_ask *a)
{
    json_put_str(o, "client_data", a->client_data);
    json_put_text(o, "cmd", "enrol");
    json_put_uint(o, "device", a->device);
    put_ids(o, "exclude", a);
    json_put_bytes(o, "message", a->message);
    json_put_uint(o, "op", a->id);
    json_put_str(o, "pin", a->pin);
    json_put_str(o, "rp_id", a->rp_id);
    json_put_uint(o, "timeout_ms", a->timeout_ms);
    json_put_bytes(o, "user_id", a->user_id);
    json_put_str(o, "user_name", a->user_name);
}

static void put_sign(struct json_out *o, const struct flow_ask *a)
{
    json_put_str(o, "client_data", a->client_data);
    json_put_text(o, "cmd", "sign");
    put_ids(o, "credentials", a);
    json_put_uint(o, "device", a->device);
    json_put_bytes(o, "message", a->message);
    json_put_uint(o, "op", a->id);
    json_put_str(o, "pin", a->pin);
    json_put_str(o, "rp_id", a->rp_id);
    json_put_uint(o, "timeout_ms", a->timeout_ms);
}

static void put_identify(struct json_out *o, const struct flow_ask *a)
{
    json_put_text(o, "cmd", "identify");
    put_ids(o, "credentials", a);
    json_put_uint(o, "device", a->device);
    json_put_uint(o, "op", a->id);
    json_put_str(o, "rp_id", a->rp_id);
}

static void put_select(struct json_out *o, const struct flow_ask *a)
{
    json_put_text(o, "cmd", "select");
    json_put_uint(o, "op", a->id);
    json_put_uint(o, "timeout_ms", a->timeout_ms);
}

static void put_cancel(struct json_out *o, const struct flow_ask *a)
{
    json_put_text(o, "cmd", "cancel");
    json_put_uint(o, "op", a->id);
}

static CS_RESULT write_command(const struct flow_ask *a, struct writer *w)
{
    struct json_out o = json_out_make(w);
    json_put_object(&o, NULL);
    if (a->kind == ASK_ENROL) {
        put_enrol(&o, a);
    } else if (a->kind == ASK_SIGN) {
        put_sign(&o, a);
    } else if (a->kind == ASK_IDENTIFY) {
        put_identify(&o, a);
    } else if (a->kind == ASK_SELECT) {
        put_select(&o, a);
    } else {
        put_cancel(&o, a);
    }
    json_put_close(&o);
    return json_out_end(&o, "token.command");
}

/* What was sent is no longer needed here, and may hold a PIN. */
static void wipe_sent(struct kiosk_token *k)
{
    if (k->conn.out.p != NULL && k->conn.out.len == 0) {
        explicit_bzero(k->conn.out.p, k->conn.out.cap);
    }
}

CS_RESULT kiosk_token_send(struct kiosk_token *k, const struct flow_ask *a)
{
    struct writer w = wr_fixed(k->room, ROOM_BYTES);
    struct cs_result r = write_command(a, &w);
    if (r.code == CS_OK) {
        r = ipc_send(&k->conn, wr_span(&w), SEND_MS);
    }
    explicit_bzero(k->room, w.len);
    wipe_sent(k);
    return r;
}

/* ---- events */

static struct span text_of(const struct json_value *v, const char *key)
{
    const struct json_value *m = json_tree_member(v, key);
    return m != NULL && m->kind == JSON_STRING ? m->text : SPAN_NONE;
}

static uint64_t number_of(const struct json_value *v, const char *key)
{
    const struct json_value *m = json_tree_member(v, key);
    return m != NULL && m->kind == JSON_INT && m->number >= 0 ? (uint64_t)m->number : 0;
}

static CS_RESULT bytes_of(struct span text, struct arena *arena, struct span *ret_bytes)
{
    uint8_t *room = arena_alloc(arena, text.left);
    ENSURE(room != NULL, CS_E_NOMEM, "token.event");
    struct writer w = wr_fixed(room, text.left);
    TRY(text_base64url_decode(text, &w, "token.event"));
    *ret_bytes = wr_span(&w);
    return CS_SUCCESS;
}

static CS_RESULT take_chain(const struct json_value *x5c, struct arena *arena, struct flow_done *d)
{
    ENSURE(x5c != NULL && x5c->kind == JSON_ARRAY && x5c->count <= MODEL_X5C_MAX, CS_E_RANGE, "token.x5c");
    for (const struct json_value *c = x5c->child; c != NULL; c = c->next) {
        TRY(bytes_of(c->text, arena, &d->x5c[d->x5c_count]));
        d->x5c_count++;
    }
    return CS_SUCCESS;
}

static CS_RESULT take_card(const struct json_value *v, struct arena *arena, struct flow_done *d)
{
    TRY(bytes_of(text_of(v, "certificate"), arena, &d->certificate));
    TRY(bytes_of(text_of(v, "key"), arena, &d->key));
    TRY(bytes_of(text_of(v, "sig"), arena, &d->sig));
    d->pin_policy = text_of(v, "pin_policy");
    d->touch_policy = text_of(v, "touch_policy");
    return take_chain(json_tree_member(json_tree_member(v, "attestation"), "x5c"), arena, d);
}

static CS_RESULT take_key(const struct json_value *v, struct arena *arena, struct flow_done *d)
{
    const struct json_value *att = json_tree_member(v, "attestation");
    uint8_t *aaguid = arena_alloc(arena, AAGUID_BYTES);
    ENSURE(att != NULL && aaguid != NULL, CS_E_MISSING, "token.attestation");
    TRY(text_hex_decode(text_of(v, "aaguid"), aaguid, AAGUID_BYTES, "token.aaguid"));
    d->aaguid = span_make(aaguid, AAGUID_BYTES);
    TRY(bytes_of(text_of(v, "key"), arena, &d->key));
    TRY(bytes_of(text_of(att, "auth_data"), arena, &d->auth_data));
    TRY(bytes_of(text_of(att, "sig"), arena, &d->sig));
    return take_chain(json_tree_member(att, "x5c"), arena, d);
}

static CS_RESULT take_done(const struct json_value *v, struct arena *arena, struct flow_done *ret_done)
{
    struct flow_done d = {.op = number_of(v, "op"),
                          .code = text_of(v, "code"),
                          .port = text_of(v, "port"),
                          .device = number_of(v, "device")};
    d.has_tries = json_tree_member(v, "tries") != NULL;
    d.tries = number_of(v, "tries");
    ENSURE(d.code.left > 0, CS_E_MISSING, "token.code");
    TRY(bytes_of(text_of(v, "credential"), arena, &d.credential));
    if (json_tree_member(v, "attestation") != NULL) {
        TRY(span_is(text_of(v, "kind"), "piv") ? take_card(v, arena, &d) : take_key(v, arena, &d));
    } else {
        TRY(bytes_of(text_of(v, "auth_data"), arena, &d.auth_data));
        TRY(bytes_of(text_of(v, "sig"), arena, &d.sig));
    }
    *ret_done = d;
    return CS_SUCCESS;
}

static CS_RESULT take_devices(const struct json_value *v, struct arena *arena, struct flow_input *ret_input)
{
    const struct json_value *list = json_tree_member(v, "devices");
    ENSURE(list != NULL && list->kind == JSON_ARRAY, CS_E_MISSING, "token.devices");
    struct flow_plug *plug = arena_array(arena, list->count + 1, sizeof(*plug));
    ENSURE(plug != NULL, CS_E_NOMEM, "token.devices");
    size_t n = 0;
    for (const struct json_value *d = list->child; d != NULL; d = d->next) {
        plug[n++] = (struct flow_plug){
            .number = number_of(d, "device"), .card = span_is(text_of(d, "kind"), "piv"), .port = text_of(d, "port")};
    }
    *ret_input = (struct flow_input){.kind = INPUT_DEVICES, .plug = plug, .plugs = n};
    return CS_SUCCESS;
}

CS_RESULT kiosk_token_decode(struct span frame, struct arena *arena, struct kiosk_token_event *ret_event)
{
    const struct json_value *v = NULL;
    struct kiosk_token_event e = {.input = {.kind = INPUT_DONE}};
    TRY(json_check(frame, "token.event"));
    TRY(json_tree_parse(frame, arena, &v));
    const struct span event = text_of(v, "event");
    if (span_is(event, "devices")) {
        TRY(take_devices(v, arena, &e.input));
    } else if (span_is(event, "touch")) {
        e.input = (struct flow_input){.kind = INPUT_TOUCH, .op = number_of(v, "op")};
    } else {
        ENSURE(span_is(event, "done"), CS_E_UNKNOWN, "token.event");
        TRY(take_done(v, arena, &e.done));
    }
    *ret_event = e;
    return CS_SUCCESS;
}

CS_RESULT kiosk_token_next(struct kiosk_token *k, struct kiosk_token_event *ret_event)
{
    struct span frame = SPAN_NONE;
    TRY(ipc_next(&k->conn, &frame));
    arena_reset(&k->arena);
    TRY(kiosk_token_decode(frame, &k->arena, ret_event));
    ret_event->input.done = &ret_event->done;
    return CS_SUCCESS;
}

bool kiosk_token_fill(struct kiosk_token *k)
{
    const struct cs_result r = ipc_fill(&k->conn);
    return r.code == CS_OK || r.code == CS_E_SHORT;
}
