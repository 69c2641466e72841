/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_answer.h"

enum { DETAIL_MAX = 1024, LOG_KEY_BYTES = 32, OUTCOME_KEY_MAX = 256 };

static CS_RESULT get_opt(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_text)
{
    struct span text = SPAN_NONE;

    if (json_next_is(in, what)) {
        TRY(json_get_str(in, what, max_bytes, &text));
        ENSURE(text.left > 0, CS_E_RANGE, what); /* nothing is said by leaving it out */
    }
    *ret_text = text;
    return CS_SUCCESS;
}

static void put_opt(struct json_out *o, const char *key, struct span s)
{
    if (s.left > 0) {
        json_put_str(o, key, s);
    }
}

static CS_RESULT get_faults(struct json_in *in, struct wire_answer *a)
{
    if (!json_next_is(in, "answer.faults")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "answer.faults"));
    while (json_more(in)) {
        ENSURE(a->fault_count < CONTENT_FAULTS_MAX, CS_E_FULL, "answer.faults");
        struct wire_fault *f = &a->faults[a->fault_count++];
        TRY(json_item_object(in, "fault"));
        TRY(json_get_id(in, "fault.code", MODEL_ID_MAX, &f->code));
        TRY(json_get_str(in, "fault.detail", DETAIL_MAX, &f->detail));
        TRY(json_get_str(in, "fault.pointer", DETAIL_MAX, &f->pointer));
        TRY(json_close(in, "fault"));
    }
    ENSURE(a->fault_count > 0, CS_E_RANGE, "answer.faults");
    return json_close_array(in, "answer.faults");
}

static void put_faults(struct json_out *o, const struct wire_answer *a)
{
    if (a->fault_count == 0) {
        return;
    }
    json_put_array(o, "faults");
    for (size_t i = 0; i < a->fault_count; i++) {
        json_put_object(o, NULL);
        json_put_str(o, "code", a->faults[i].code);
        json_put_str(o, "detail", a->faults[i].detail);
        json_put_str(o, "pointer", a->faults[i].pointer);
        json_put_close(o);
    }
    json_put_close(o);
}

/* What begin and proposal are answered with besides the code, in the order of all members. */
static CS_RESULT get_extras(struct json_in *in, struct wire_answer *a)
{
    a->has_begin = json_next_is(in, "answer.expires");
    if (a->has_begin) {
        TRY(json_get_time(in, "answer.expires", &a->expires_ms));
    }
    TRY(get_faults(in, a));
    a->has_index = json_next_is(in, "answer.index");
    if (a->has_index) {
        TRY(json_get_uint(in, "answer.index", (uint64_t)JSON_INT_MAX, &a->index));
    }
    if (json_next_is(in, "answer.log_key")) {
        TRY(json_get_bytes(in, "answer.log_key", LOG_KEY_BYTES, &a->log_key));
        ENSURE(a->log_key.left == LOG_KEY_BYTES, CS_E_RANGE, "answer.log_key");
    }
    if (a->has_begin) {
        struct span nonce = SPAN_NONE;
        TRY(json_get_bytes(in, "answer.nonce", MODEL_NONCE_BYTES, &nonce));
        ENSURE(nonce.left == MODEL_NONCE_BYTES, CS_E_RANGE, "answer.nonce");
        memcpy(a->nonce, nonce.p, MODEL_NONCE_BYTES);
    }
    if (json_next_is(in, "answer.outcome_key")) {
        TRY(json_get_bytes(in, "answer.outcome_key", OUTCOME_KEY_MAX, &a->outcome_key));
        ENSURE(a->outcome_key.left > 0, CS_E_RANGE, "answer.outcome_key");
    }
    return CS_SUCCESS;
}

static CS_RESULT get_piece(struct json_in *in, struct wire_answer *a)
{
    if (json_next_is(in, "answer.piece")) {
        TRY(json_get_bytes(in, "answer.piece", WIRE_PIECE_MAX, &a->piece));
        ENSURE(a->piece.left > 0, CS_E_RANGE, "answer.piece");
    }
    return CS_SUCCESS;
}

/* answer code detail? expires? faults? index? log_key? nonce? outcome_key? piece? proposal? size? time? */
CS_RESULT wire_answer_decode(struct span frame, struct arena *arena, struct wire_answer *ret_answer)
{
    struct wire_answer a = {0};
    struct json_in in = json_in_make(frame, arena);

    TRY(json_open(&in, "answer"));
    TRY(json_get_uint(&in, "answer.answer", (uint64_t)JSON_INT_MAX, &a.id));
    TRY(json_get_id(&in, "answer.code", MODEL_ID_MAX, &a.code));
    TRY(get_opt(&in, "answer.detail", DETAIL_MAX, &a.detail));
    TRY(get_extras(&in, &a));
    TRY(get_piece(&in, &a));
    TRY(get_opt(&in, "answer.proposal", WIRE_CONTENT_MAX, &a.proposal));
    if (a.piece.left > 0) {
        TRY(json_get_uint(&in, "answer.size", REPORT_BLOB_MAX_BYTES, &a.size));
    }
    if (a.has_begin) {
        TRY(json_get_time(&in, "answer.time", &a.time_ms));
    }
    TRY(json_close(&in, "answer"));
    TRY(json_end(&in, "answer"));
    *ret_answer = a;
    return CS_SUCCESS;
}

CS_RESULT wire_answer_encode(const struct wire_answer *a, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "answer", a->id);
    json_put_str(&o, "code", a->code);
    put_opt(&o, "detail", a->detail);
    if (a->has_begin) {
        json_put_time(&o, "expires", a->expires_ms);
    }
    put_faults(&o, a);
    if (a->has_index) {
        json_put_uint(&o, "index", a->index);
    }
    if (a->log_key.left > 0) {
        json_put_bytes(&o, "log_key", a->log_key);
    }
    if (a->has_begin) {
        json_put_bytes(&o, "nonce", span_make(a->nonce, MODEL_NONCE_BYTES));
    }
    if (a->outcome_key.left > 0) {
        json_put_bytes(&o, "outcome_key", a->outcome_key);
    }
    if (a->piece.left > 0) {
        json_put_bytes(&o, "piece", a->piece);
    }
    put_opt(&o, "proposal", a->proposal);
    if (a->piece.left > 0) {
        json_put_uint(&o, "size", a->size);
    }
    if (a->has_begin) {
        json_put_time(&o, "time", a->time_ms);
    }
    json_put_close(&o);
    return json_out_end(&o, "answer");
}
