/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_batch.h"

bool wire_is_answer(struct span frame)
{
    return span_starts(frame, SPAN_LIT("{\"answer\":"));
}

/* {"batch":{"count","first","note"},"sealed","time","why"?} */
CS_RESULT wire_batch_decode(struct span frame, struct arena *arena, struct wire_batch *ret_batch)
{
    struct wire_batch b = {0};
    struct json_in in = json_in_make(frame, arena);

    TRY(json_open(&in, "stream"));
    TRY(json_get_object(&in, "stream.batch"));
    TRY(json_get_uint(&in, "batch.count", WIRE_BATCH_MAX, &b.count));
    TRY(json_get_uint(&in, "batch.first", (uint64_t)JSON_INT_MAX, &b.first));
    TRY(json_get_str(&in, "batch.note", WIRE_NOTE_MAX, &b.note));
    TRY(json_close(&in, "stream.batch"));
    TRY(json_get_bool(&in, "stream.sealed", &b.sealed));
    TRY(json_get_time(&in, "stream.time", &b.time_ms));
    if (json_next_is(&in, "stream.why")) {
        TRY(json_get_str(&in, "stream.why", WIRE_WHY_MAX, &b.why));
        ENSURE(b.sealed && b.why.left > 0, CS_E_RANGE, "stream.why");
    }
    TRY(json_close(&in, "stream"));
    TRY(json_end(&in, "stream"));
    *ret_batch = b;
    return CS_SUCCESS;
}

CS_RESULT wire_batch_encode(const struct wire_batch *b, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_object(&o, "batch");
    json_put_uint(&o, "count", b->count);
    json_put_uint(&o, "first", b->first);
    json_put_str(&o, "note", b->note);
    json_put_close(&o);
    json_put_bool(&o, "sealed", b->sealed);
    json_put_time(&o, "time", b->time_ms);
    if (b->sealed && b->why.left > 0) {
        json_put_str(&o, "why", b->why);
    }
    json_put_close(&o);
    return json_out_end(&o, "stream");
}
