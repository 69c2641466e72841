/* SPDX-License-Identifier: Apache-2.0 */
/* What time brings about among people: roles that lapse, and seats that nobody can fill. */
#include "core/core_watch.h"

#include "core/core_make.h"
#include "policy/policy_access.h"
#include "policy/policy_alarm.h"
#include "policy/policy_directory.h"

static CS_RESULT write_lapse(struct core *c, const struct lapse *x, bool *ret_done)
{
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    TRY(core_body_writer(c, &body));
    TRY(model_lapse_encode(x, &body));
    const struct core_draft d = {.type = ENTRY_LAPSE,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body)};
    TRY(core_append(c, &d, &v, &index));
    *ret_done = !v.allow;
    return CS_SUCCESS;
}

/* The directory was silent for too long. */
static CS_RESULT watch_directory(struct core *c)
{
    const struct directory_note x = {.stale = true, .prev = c->judge.state.roster_index};
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    if (!policy_directory_stale_due(&c->judge.state, core_time_ms(c)) || core_log_full(&c->log)) {
        return CS_SUCCESS;
    }
    TRY(core_body_writer(c, &body));
    TRY(model_directory_encode(&x, &body));
    const struct core_draft d = {.type = ENTRY_DIRECTORY,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body)};
    return core_append(c, &d, &v, &index);
}

/* What was seen still holds until policy, roster or directory change, or the moment comes: being used only puts it off.
 */
static bool seen(const struct core *c)
{
    const struct state *s = &c->judge.state;
    return c->lapse_seen && c->lapse_policy == s->policy_index && c->lapse_roster == s->roster_index &&
           c->lapse_read_ms == s->directory.read_ms && core_time_ms(c) < c->lapse_ms;
}

static void see(struct core *c)
{
    const struct state *s = &c->judge.state;
    c->lapse_seen = true;
    c->lapse_policy = s->policy_index;
    c->lapse_roster = s->roster_index;
    c->lapse_read_ms = s->directory.read_ms;
    c->lapse_ms = policy_lapse_next(s, core_time_ms(c));
}

CS_RESULT core_watch_roles(struct core *c)
{
    bool done = seen(c) || c->judge.state.clock_back;

    TRY(c->judge.state.clock_back ? CS_SUCCESS : watch_directory(c));
    while (!done && !core_log_full(&c->log)) {
        arena_reset(&c->scratch);
        struct lapse *x = arena_alloc(&c->scratch, sizeof(*x));
        ENSURE(x != NULL, CS_E_NOMEM, "core.scratch");
        if (policy_lapses(&c->judge.state, core_time_ms(c), x)) {
            TRY(write_lapse(c, x, &done));
        } else {
            see(c);
            done = true;
        }
    }
    return CS_SUCCESS;
}

static CS_RESULT write_alarm(struct core *c, const struct alarms *x)
{
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    TRY(core_body_writer(c, &body));
    TRY(model_alarm_encode(x, &body));
    const struct core_draft d = {.type = ENTRY_ALARM,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body)};
    return core_append(c, &d, &v, &index); /* one that is not so any more is written with the next turn */
}

CS_RESULT core_watch_alarms(struct core *c)
{
    const struct state *s = &c->judge.state;
    const bool seen = c->alarm_seen && c->alarm_policy == s->policy_index && c->alarm_roster == s->roster_index &&
                      c->alarm_read_ms == s->directory.read_ms && core_time_ms(c) < c->alarm_ms;

    if (seen || s->clock_back || core_log_full(&c->log)) {
        return CS_SUCCESS;
    }
    arena_reset(&c->scratch);
    struct alarms *x = arena_alloc(&c->scratch, sizeof(*x));
    ENSURE(x != NULL, CS_E_NOMEM, "core.scratch");
    policy_alarms(s, core_time_ms(c), x);
    c->alarm_seen = true;
    c->alarm_policy = s->policy_index;
    c->alarm_roster = s->roster_index;
    c->alarm_read_ms = s->directory.read_ms;
    c->alarm_ms = policy_alarm_next(s, core_time_ms(c));
    return policy_alarms_known(s, x) ? CS_SUCCESS : write_alarm(c, x);
}

uint64_t core_watch_next(const struct core *c)
{
    const uint64_t lapse = c->lapse_seen ? c->lapse_ms : UINT64_MAX;
    const uint64_t alarm = c->alarm_seen ? c->alarm_ms : UINT64_MAX;
    const uint64_t silent = policy_directory_next(&c->judge.state);
    const uint64_t first = lapse < alarm ? lapse : alarm;
    return c->judge.state.clock_back ? UINT64_MAX : (first < silent ? first : silent);
}
