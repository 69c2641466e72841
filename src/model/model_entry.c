/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_entry.h"

#include "base/base_text.h"
#include "model/model_take.h"

static const char person_prefix[] = "person:";
static const char client_prefix[] = "client:";
static const char system_prefix[] = "system:";

/* What stands after the prefix; empty when text does not start with it. */
static struct span after(struct span text, const char *prefix)
{
    const struct span p = span_str(prefix);
    return span_starts(text, p) ? span_from(text, p.left) : SPAN_NONE;
}

struct span model_actor_person(struct span actor)
{
    return after(actor, person_prefix);
}

struct span model_actor_client(struct span actor)
{
    return after(actor, client_prefix);
}

/* The three prefixes are of one length. */
static CS_RESULT check_actor(struct span actor)
{
    const bool known = span_starts(actor, span_str(person_prefix)) || span_starts(actor, span_str(client_prefix)) ||
                       span_starts(actor, span_str(system_prefix));
    ENSURE(known, CS_E_UNKNOWN, "entry.actor");
    return text_id_check(span_from(actor, sizeof(person_prefix) - 1), MODEL_ID_MAX, "entry.actor");
}

static CS_RESULT take_origin_part(struct json_in *in, const char *what, struct span *ret_part)
{
    if (!json_next_is(in, what)) {
        return CS_SUCCESS;
    }
    return model_take_printable(in, what, 1, MODEL_ID_MAX, ret_part);
}

static CS_RESULT take_origin(struct json_in *in, struct entry_origin *ret_origin)
{
    struct entry_origin origin = {0};

    TRY(json_get_object(in, "entry.origin"));
    TRY(take_origin_part(in, "entry.origin.ip", &origin.ip));
    TRY(take_origin_part(in, "entry.origin.kiosk", &origin.kiosk));
    TRY(take_origin_part(in, "entry.origin.peer", &origin.peer));
    TRY(take_origin_part(in, "entry.origin.port", &origin.port));
    TRY(take_origin_part(in, "entry.origin.switch", &origin.presence_switch));
    TRY(json_close(in, "entry.origin"));
    *ret_origin = origin;
    return CS_SUCCESS;
}

CS_RESULT model_entry_decode(struct span leaf, struct arena *arena, struct entry *ret_entry)
{
    struct json_in in = json_in_make(leaf, arena);
    struct entry e = {0};
    struct span type = SPAN_NONE;

    ENSURE(leaf.left <= MODEL_LEAF_MAX, CS_E_FULL, "entry");
    TRY(json_open(&in, "entry"));
    TRY(json_get_str(&in, "entry.actor", sizeof(person_prefix) - 1 + MODEL_ID_MAX, &e.actor));
    TRY(check_actor(e.actor));
    TRY(model_take_raw_object(&in, "entry.body", &e.body));
    TRY(model_take_root(&in, "entry.head", &e.head));
    TRY(take_origin(&in, &e.origin));
    TRY(json_get_uint(&in, "entry.seq", (uint64_t)JSON_INT_MAX, &e.seq));
    TRY(json_get_time(&in, "entry.time", &e.time_ms));
    TRY(json_get_str(&in, "entry.type", MODEL_ID_MAX, &type));
    TRY(entry_type_decode(type, &e.type, "entry.type"));
    TRY(model_take_version(&in, "entry.v"));
    TRY(json_close(&in, "entry"));
    TRY(json_end(&in, "entry"));
    *ret_entry = e;
    return CS_SUCCESS;
}

static void put_if(struct json_out *o, const char *key, struct span text)
{
    if (text.left > 0) {
        json_put_str(o, key, text);
    }
}

CS_RESULT model_entry_encode(const struct entry *e, struct writer *w)
{
    struct json_out o = json_out_make(w);
    const size_t start = w->len;

    json_put_object(&o, NULL);
    json_put_str(&o, "actor", e->actor);
    json_put_raw(&o, "body", e->body);
    json_put_bytes(&o, "head", sha256_span(&e->head));
    json_put_object(&o, "origin");
    put_if(&o, "ip", e->origin.ip);
    put_if(&o, "kiosk", e->origin.kiosk);
    put_if(&o, "peer", e->origin.peer);
    put_if(&o, "port", e->origin.port);
    put_if(&o, "switch", e->origin.presence_switch);
    json_put_close(&o);
    json_put_uint(&o, "seq", e->seq);
    json_put_time(&o, "time", e->time_ms);
    json_put_text(&o, "type", entry_type_text(e->type));
    json_put_int(&o, "v", 1);
    json_put_close(&o);
    TRY(json_out_end(&o, "entry"));
    ENSURE(w->len - start <= MODEL_LEAF_MAX, CS_E_FULL, "entry");
    return CS_SUCCESS;
}
