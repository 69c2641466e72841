/* SPDX-License-Identifier: Apache-2.0 */
#include "softcard_fault.h"

const char *const softcard_fault_names[SOFTCARD_FAULT_COUNT] = {
#define X(id, name, word, what) name,
    SOFTCARD_FAULTS(X)
#undef X
};

const char softcard_fault_words[SOFTCARD_FAULT_COUNT] = {
#define X(id, name, word, what) word,
    SOFTCARD_FAULTS(X)
#undef X
};

bool softcard_faults_add(struct softcard_faults *faults, const struct softcard_fault *fault)
{
    if (faults->count == SOFTCARD_FAULTS_MAX) {
        return false;
    }
    faults->all[faults->count++] = *fault;
    return true;
}

void softcard_faults_fire(struct softcard_faults *faults, uint8_t ins, struct softcard_plan *ret_plan)
{
    size_t kept = 0;

    memset(ret_plan, 0, sizeof(*ret_plan));
    for (size_t i = 0; i < faults->count; i++) {
        struct softcard_fault *f = &faults->all[i];
        const bool meant = f->ins == SOFTCARD_ANY_INS || f->ins == ins;
        f->seen += meant ? 1u : 0u;
        const bool fires = meant && (f->nth == 0 || f->seen == f->nth);
        if (fires) {
            ret_plan->on[f->kind] = true;
            ret_plan->what[f->kind] = *f;
        }
        if (!fires || f->nth == 0) {
            faults->all[kept++] = *f;
        }
    }
    faults->count = kept;
}

struct softcard_spoil softcard_plan_spoil(const struct softcard_plan *plan)
{
    return (struct softcard_spoil){
        .flip = plan->on[SOFTCARD_FAULT_FLIP],
        .truncate = plan->on[SOFTCARD_FAULT_TRUNCATE],
        .keep = plan->what[SOFTCARD_FAULT_TRUNCATE].value,
        .chop = plan->what[SOFTCARD_FAULT_CHOP].value,
        .pad_to = plan->what[SOFTCARD_FAULT_OVERSIZE].value,
    };
}

static void only_sw(struct softcard_reply *reply, uint32_t sw)
{
    reply->bytes[0] = (uint8_t)(sw >> 8);
    reply->bytes[1] = (uint8_t)sw;
    reply->len = 2;
}

/* `n` bytes before the status word, zeros where there were none. */
static void stretch(struct softcard_reply *reply, size_t n)
{
    const size_t data = reply->len - 2;
    const uint8_t sw[2] = {reply->bytes[data], reply->bytes[data + 1]};

    if (n > data && n <= sizeof(reply->bytes) - 2) {
        memset(reply->bytes + data, 0, n - data);
        memcpy(reply->bytes + n, sw, sizeof(sw));
        reply->len = n + 2;
    }
}

void softcard_plan_apply(const struct softcard_plan *plan, struct softcard_reply *reply)
{
    if (plan->on[SOFTCARD_FAULT_LATE_SW]) {
        only_sw(reply, plan->what[SOFTCARD_FAULT_LATE_SW].value);
    }
    if (plan->on[SOFTCARD_FAULT_FLOOD]) {
        stretch(reply, plan->what[SOFTCARD_FAULT_FLOOD].value);
    }
    if (plan->on[SOFTCARD_FAULT_ENDLESS]) {
        only_sw(reply, SW_MORE | 0xffu);
        stretch(reply, 256);
    }
    if (plan->on[SOFTCARD_FAULT_CUT] && plan->what[SOFTCARD_FAULT_CUT].value < reply->len) {
        reply->len = plan->what[SOFTCARD_FAULT_CUT].value;
    }
}
