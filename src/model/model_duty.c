/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_duty.h"

#include "model/model_take.h"

static CS_RESULT take_shift(struct json_in *in, struct duty_shift *s)
{
    const struct model_set people = {.min = 1, .max = MODEL_SHIFT_PEOPLE_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_item_object(in, "duty.shifts"));
    TRY(json_get_time(in, "shift.from", &s->from_ms));
    TRY(model_take_set(in, "shift.people", people, s->people, &s->person_count));
    TRY(json_get_time(in, "shift.until", &s->until_ms));
    ENSURE(s->from_ms < s->until_ms, CS_E_RANGE, "shift.until");
    return json_close(in, "duty.shifts");
}

static CS_RESULT take_shifts(struct json_in *in, struct duty_roster *d)
{
    TRY(json_get_array(in, "duty.shifts"));
    TRY(model_count_items(in, "duty.shifts", &d->shift_count));
    ENSURE(d->shift_count <= MODEL_SHIFTS_MAX, CS_E_RANGE, "duty.shifts");
    d->shifts = arena_array(in->arena, d->shift_count, sizeof(*d->shifts));
    ENSURE(d->shift_count == 0 || d->shifts != NULL, CS_E_NOMEM, "duty.shifts");
    for (size_t i = 0; i < d->shift_count; i++) {
        struct duty_shift *s = &d->shifts[i];
        TRY(take_shift(in, s));
        const bool later =
            i == 0 || s[-1].from_ms < s->from_ms || (s[-1].from_ms == s->from_ms && s[-1].until_ms < s->until_ms);
        ENSURE(later, CS_E_ORDER, "duty.shifts");
    }
    return json_close_array(in, "duty.shifts");
}

CS_RESULT model_duty_get(struct json_in *in, struct duty_roster *ret_duty)
{
    struct duty_roster d = {.hand_over_s = 0};

    TRY(json_get_object(in, "change.duty"));
    TRY(json_get_uint(in, "duty.hand_over_s", MODEL_HAND_OVER_MAX_S, &d.hand_over_s));
    TRY(json_get_id(in, "duty.id", MODEL_ID_MAX, &d.id));
    TRY(take_shifts(in, &d));
    TRY(json_get_id(in, "duty.zone", MODEL_ID_MAX, &d.zone));
    TRY(json_close(in, "change.duty"));
    *ret_duty = d;
    return CS_SUCCESS;
}

void model_duty_put(struct json_out *o, const struct duty_roster *d)
{
    json_put_object(o, "duty");
    json_put_uint(o, "hand_over_s", d->hand_over_s);
    json_put_str(o, "id", d->id);
    json_put_array(o, "shifts");
    for (size_t i = 0; i < d->shift_count; i++) {
        const struct duty_shift *s = &d->shifts[i];
        json_put_object(o, NULL);
        json_put_time(o, "from", s->from_ms);
        model_put_set(o, "people", s->people, s->person_count);
        json_put_time(o, "until", s->until_ms);
        json_put_close(o);
    }
    json_put_close(o);
    json_put_str(o, "zone", d->zone);
    json_put_close(o);
}
