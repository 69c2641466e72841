/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_flow_in.h"

enum {
    VISIT_BYTES = 16 << 20,
    SIGNING_BYTES = 8 << 20,
    PEOPLE_BYTES = 16 << 20,
    STEP_BYTES = 4 << 20,
};

const char *flow_state_text(enum flow_state s)
{
#define FLOW_STATE_TEXT(name, text) [name] = (text),
    static const char *const texts[FLOW_STATE_COUNT] = {[FLOW_NONE] = "none", FLOW_STATES(FLOW_STATE_TEXT)};
#undef FLOW_STATE_TEXT
    return (size_t)s < FLOW_STATE_COUNT ? texts[s] : "none";
}

/* clang-format off */
static const uint8_t table[FLOW_STATE_COUNT][FLOW_EVENT_COUNT] = {
    [FLOW_OUT] = {
        [FLOW_EV_READY] = FLOW_QUEUE, [FLOW_EV_EMPTY] = FLOW_CEREMONY },
    [FLOW_QUEUE] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_OPEN] = FLOW_READ, [FLOW_EV_PEOPLE] = FLOW_PEOPLE, [FLOW_EV_FORM] = FLOW_FORM,
        [FLOW_EV_HELP] = FLOW_HELP },
    [FLOW_READ] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_ASK_KEY] = FLOW_IDENTIFY,
        [FLOW_EV_CHANGED] = FLOW_CHANGED, [FLOW_EV_IDLE] = FLOW_STILL, [FLOW_EV_TAKE] = FLOW_BACK },
    [FLOW_IDENTIFY] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_KNOWN] = FLOW_DECIDE,
        [FLOW_EV_SEVERAL] = FLOW_CHOOSE, [FLOW_EV_BACK] = FLOW_READ, [FLOW_EV_CHANGED] = FLOW_CHANGED },
    [FLOW_CHOOSE] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_KNOWN] = FLOW_DECIDE,
        [FLOW_EV_ASK_KEY] = FLOW_IDENTIFY, [FLOW_EV_BACK] = FLOW_READ, [FLOW_EV_CHANGED] = FLOW_CHANGED },
    [FLOW_DECIDE] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_BACK] = FLOW_READ,
        [FLOW_EV_REASONED] = FLOW_PIN, [FLOW_EV_CHANGED] = FLOW_CHANGED, [FLOW_EV_IDLE] = FLOW_STILL },
    [FLOW_PIN] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_BACK] = FLOW_READ,
        [FLOW_EV_PINNED] = FLOW_SIGN, [FLOW_EV_CHANGED] = FLOW_CHANGED },
    [FLOW_SIGN] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_BACK] = FLOW_READ,
        [FLOW_EV_AGAIN] = FLOW_PIN, [FLOW_EV_SIGNED] = FLOW_VERIFY, [FLOW_EV_CHANGED] = FLOW_CHANGED },
    [FLOW_VERIFY] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_BACK] = FLOW_READ,
        [FLOW_EV_RECORDED] = FLOW_RECEIPT, [FLOW_EV_CHANGED] = FLOW_CHANGED },
    [FLOW_RECEIPT] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_OPEN] = FLOW_READ },
    [FLOW_CHANGED] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_OPEN] = FLOW_READ,
        [FLOW_EV_CHANGED] = FLOW_CHANGED, [FLOW_EV_IDLE] = FLOW_STILL },
    [FLOW_STILL] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_AWAKE] = FLOW_STILL,
        [FLOW_EV_CHANGED] = FLOW_CHANGED },
    [FLOW_HELP] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_AWAKE] = FLOW_HELP },
    [FLOW_CEREMONY] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_BEGIN] = FLOW_KEY, [FLOW_EV_READY] = FLOW_QUEUE },
    [FLOW_KEY] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_INSERTED] = FLOW_KEY_PIN, [FLOW_EV_BACK] = FLOW_CEREMONY,
        [FLOW_EV_PEOPLE] = FLOW_PEOPLE, [FLOW_EV_NEXT] = FLOW_KEY },
    [FLOW_KEY_PIN] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_PINNED] = FLOW_KEY_TOUCH, [FLOW_EV_BACK] = FLOW_KEY },
    [FLOW_KEY_TOUCH] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_MADE] = FLOW_KEY_OUT, [FLOW_EV_AGAIN] = FLOW_KEY_PIN,
        [FLOW_EV_BACK] = FLOW_KEY, [FLOW_EV_ALL] = FLOW_SEAL, [FLOW_EV_DECLARE] = FLOW_DECLARE },
    [FLOW_DECLARE] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_MADE] = FLOW_KEY_OUT, [FLOW_EV_BACK] = FLOW_KEY },
    [FLOW_KEY_OUT] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_NEXT] = FLOW_KEY, [FLOW_EV_PEOPLE] = FLOW_PEOPLE },
    [FLOW_SEAL] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_RECORDED] = FLOW_RECEIPT, [FLOW_EV_BACK] = FLOW_CEREMONY },
    [FLOW_PEOPLE] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_ADD] = FLOW_PERSON,
        [FLOW_EV_SWITCH_OFF] = FLOW_KEYS, [FLOW_EV_WRITE] = FLOW_PROPOSE, [FLOW_EV_IDLE] = FLOW_STILL },
    [FLOW_PERSON] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_PEOPLE] = FLOW_PEOPLE,
        [FLOW_EV_NEXT] = FLOW_KEY, [FLOW_EV_IDLE] = FLOW_STILL },
    [FLOW_KEYS] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_PEOPLE] = FLOW_PEOPLE,
        [FLOW_EV_IDLE] = FLOW_STILL },
    [FLOW_PROPOSE] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_PEOPLE] = FLOW_PEOPLE,
        [FLOW_EV_SENT] = FLOW_PROPOSING, [FLOW_EV_IDLE] = FLOW_STILL },
    [FLOW_PROPOSING] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_BACK] = FLOW_PROPOSE,
        [FLOW_EV_OPEN] = FLOW_READ, [FLOW_EV_FORM] = FLOW_FORM },
    [FLOW_FORM] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_SENT] = FLOW_PROPOSING,
        [FLOW_EV_OPEN] = FLOW_READ, [FLOW_EV_IDLE] = FLOW_STILL, [FLOW_EV_FORM] = FLOW_FORM },
    [FLOW_BACK] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_BACK] = FLOW_READ,
        [FLOW_EV_SENT] = FLOW_TAKING, [FLOW_EV_IDLE] = FLOW_STILL },
    [FLOW_TAKING] = {
        [FLOW_EV_LOST] = FLOW_OUT, [FLOW_EV_LEAVE] = FLOW_QUEUE, [FLOW_EV_BACK] = FLOW_READ },
};
/* clang-format on */
_Static_assert(FLOW_STATE_COUNT <= UINT8_MAX, "a state fits a cell");

enum flow_state flow_next(enum flow_state state, enum flow_event event)
{
    const bool inside = (size_t)state < FLOW_STATE_COUNT && (size_t)event < FLOW_EVENT_COUNT;
    return inside ? (enum flow_state)table[state][event] : FLOW_NONE;
}

CS_RESULT flow_init(struct flow *f, struct span kiosk, unsigned cols, unsigned rows)
{
    ENSURE(kiosk.left > 0 && kiosk.left <= MODEL_ID_MAX, CS_E_RANGE, "flow.kiosk");
    memset(f, 0, sizeof(*f));
    f->state = FLOW_OUT;
    f->out = WORD_CATCHING_UP;
    f->cols = cols;
    f->rows = rows;
    flow_short_set(&f->kiosk, kiosk);
    arena_init(&f->visit, VISIT_BYTES);
    arena_init(&f->signing, SIGNING_BYTES);
    arena_init(&f->people, PEOPLE_BYTES);
    arena_init(&f->step, STEP_BYTES);
    return CS_SUCCESS;
}

void flow_release(struct flow *f)
{
    flow_wipe_pin(f);
    arena_release(&f->visit);
    arena_release(&f->signing);
    arena_release(&f->people);
    arena_release(&f->step);
    f->state = FLOW_NONE;
}

void flow_sent(struct flow *f)
{
    for (size_t i = 0; i < f->asks.count; i++) {
        if (f->asks.item[i].pin.left > 0) {
            flow_wipe_pin(f);
        }
    }
    f->asks.count = 0;
}

/* ---- moving */

static bool ends_visit(enum flow_state s)
{
    return s == FLOW_QUEUE || s == FLOW_OUT;
}

static bool uses_pin(enum flow_state s)
{
    return s == FLOW_PIN || s == FLOW_SIGN || s == FLOW_KEY_PIN || s == FLOW_KEY_TOUCH;
}

static bool waits_for_key(enum flow_state s)
{
    return s == FLOW_SIGN || s == FLOW_KEY_TOUCH;
}

/* What was asked of a key there is of no use anywhere else. */
static bool ends_asking(enum flow_state s)
{
    return waits_for_key(s) || s == FLOW_CHOOSE;
}

static void leave(const struct turn *t, enum flow_state to)
{
    struct flow *f = t->f;
    const bool lent = waits_for_key(to); /* the PIN goes out with the ask that entering makes */
    if (uses_pin(f->state) && !lent) {
        flow_wipe_pin(f);
    }
    if (ends_asking(f->state)) {
        flow_cancel(f);
    }
    f->token.touch = false;
    if (ends_visit(to)) {
        flow_read_leave(f);
        if (to == FLOW_OUT || f->making.what != MAKING_NONE || f->making.count > 0) {
            flow_making_drop(f);
        }
        f->visit_ms = 0;
        f->ceremony = 0;
        flow_form_drop(f);
        if (to == FLOW_OUT) {
            flow_say(f, WORD_NONE);
        }
    } else if (f->visit_ms == 0) {
        f->visit_ms = t->w->now_ms;
    }
}

static void (*const entering[FLOW_STATE_COUNT])(const struct turn *t) = {
    /* what came in meanwhile was not asked yet */
    [FLOW_QUEUE] = flow_identify,        [FLOW_READ] = flow_identify,       [FLOW_IDENTIFY] = flow_identify_enter,
    [FLOW_CHOOSE] = flow_choose_enter,   [FLOW_PIN] = flow_pin_enter,       [FLOW_RECEIPT] = flow_receipt_set,
    [FLOW_CHANGED] = flow_changed_enter, [FLOW_CEREMONY] = flow_making_set, [FLOW_KEY] = flow_key_enter,
    [FLOW_KEY_OUT] = flow_key_out_enter, [FLOW_SEAL] = flow_seal_enter,     [FLOW_PEOPLE] = flow_making_set,
};

bool flow_go(const struct turn *t, enum flow_event event)
{
    struct flow *f = t->f;
    enum flow_state to = flow_next(f->state, event);
    if (to == FLOW_NONE) {
        return false;
    }
    if (event == FLOW_EV_AWAKE) {
        f->state = f->back; /* as it was: nothing is entered anew */
        f->entered_ms = t->w->now_ms;
        return true;
    }
    if (to == FLOW_STILL || to == FLOW_HELP) {
        f->back = f->state;
        f->state = to;
        f->entered_ms = t->w->now_ms;
        return true;
    }
    leave(t, to);
    f->state = to;
    f->entered_ms = t->w->now_ms;
    /* one step back to a key that is still in: it waits for Enter, or for another key */
    const bool again = to == FLOW_KEY && event == FLOW_EV_BACK;
    if (entering[to] != NULL && !again) {
        entering[to](t);
    }
    return true;
}

/* ---- time */

static const struct limit {
    enum flow_state state;
    uint64_t ms;
    enum flow_event event;
    enum screen_word word;
} limits[] = {
    {FLOW_IDENTIFY, FLOW_KEY_MS, FLOW_EV_BACK, WORD_KEY_LATE},
    {FLOW_CHOOSE, FLOW_KEY_MS, FLOW_EV_BACK, WORD_CHOICE_LATE},
    {FLOW_PIN, FLOW_PIN_MS, FLOW_EV_BACK, WORD_PIN_LATE},
    {FLOW_SIGN, FLOW_TOKEN_MS, FLOW_EV_BACK, WORD_TOUCH_LATE},
    {FLOW_VERIFY, FLOW_VERIFY_MS, FLOW_EV_LEAVE, WORD_NO_ANSWER},
    {FLOW_RECEIPT, FLOW_RECEIPT_MS, FLOW_EV_LEAVE, WORD_NONE},
    {FLOW_STILL, FLOW_STILL_MS, FLOW_EV_LEAVE, WORD_IDLE_OVER},
    {FLOW_HELP, FLOW_IDLE_MS, FLOW_EV_AWAKE, WORD_NONE},
    {FLOW_KEY_PIN, FLOW_PIN_MS, FLOW_EV_BACK, WORD_PIN_LATE},
    {FLOW_KEY_TOUCH, FLOW_TOKEN_MS, FLOW_EV_BACK, WORD_TOUCH_LATE},
    {FLOW_SEAL, FLOW_VERIFY_MS, FLOW_EV_BACK, WORD_NO_ANSWER},
    {FLOW_PROPOSING, FLOW_VERIFY_MS, FLOW_EV_LEAVE, WORD_NO_ANSWER},
    {FLOW_TAKING, FLOW_VERIFY_MS, FLOW_EV_LEAVE, WORD_NO_ANSWER},
};

static bool state_late(const struct turn *t)
{
    struct flow *f = t->f;
    const uint64_t here = t->w->now_ms - f->entered_ms;
    const bool touch = waits_for_key(f->state) && f->token.touch && t->w->now_ms - f->token.touch_ms >= FLOW_TOUCH_MS;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (limits[i].state == f->state && (touch || here >= limits[i].ms)) {
            if (waits_for_key(f->state)) {
                flow_note_access(t, SPAN_LIT("timeout"));
            }
            (void)flow_go(t, limits[i].event);
            if (limits[i].word != WORD_NONE) {
                flow_say(f, limits[i].word);
            }
            return true;
        }
    }
    return false;
}

/* A genesis ceremony takes as long as it takes. */
static bool visit_late(const struct turn *t)
{
    struct flow *f = t->f;
    const bool reading = f->reading.open && f->state != FLOW_RECEIPT && f->state != FLOW_VERIFY;
    if (reading && t->w->now_ms - f->visit_ms >= FLOW_VISIT_MS) {
        (void)flow_go(t, FLOW_EV_LEAVE);
        flow_say(f, WORD_VISIT_OVER);
        return true;
    }
    if (t->w->now_ms - f->input_ms >= FLOW_IDLE_MS) {
        return flow_go(t, FLOW_EV_IDLE);
    }
    return false;
}

/* What was said about unread pages is over with the last of them. */
static void look_at(const struct turn *t, struct flow_pages *p)
{
    flow_look(p, t->w->now_ms);
    if (t->f->message.word == WORD_READ_ALL && flow_all_read(p, t->w->now_ms)) {
        flow_say(t->f, WORD_NONE);
    }
}

static void on_tick(const struct turn *t)
{
    struct flow *f = t->f;
    if (state_late(t) || visit_late(t) || flow_emergency_tick(t) || flow_hold_look(t)) {
        return;
    }
    flow_token_tick(t);
    flow_sent_look(t);
    if (f->state == FLOW_READ) {
        look_at(t, &f->reading.page);
    } else if (f->state == FLOW_CEREMONY) {
        look_at(t, &f->making.page);
    } else if (f->state == FLOW_PIN) {
        flow_pin_tick(t);
    }
}

/* ---- dispatch */

static void press_any(const struct turn *t)
{
    (void)flow_go(t, FLOW_EV_AWAKE);
}

static void press_stop(const struct turn *t)
{
    if (t->in->press == PRESS_ESC) {
        flow_stop(t);
    } else if (t->f->state == FLOW_SIGN) {
        (void)flow_turn_page(t, &t->f->sign.page, false);
    }
}

static void press_receipt(const struct turn *t)
{
    if (t->in->press == PRESS_ENTER || t->in->press == PRESS_ESC) {
        flow_receipt_leave(t);
    } else {
        (void)flow_turn_page(t, &t->f->receipt.page, true);
    }
}

/* No entry: keys do nothing there. */
static void (*const pressed[FLOW_STATE_COUNT])(const struct turn *t) = {
    [FLOW_QUEUE] = flow_queue_press,
    [FLOW_READ] = flow_read_press,
    [FLOW_IDENTIFY] = press_stop,
    [FLOW_CHOOSE] = flow_choose_press,
    [FLOW_DECIDE] = flow_decide_press,
    [FLOW_PIN] = flow_pin_press,
    [FLOW_SIGN] = press_stop,
    [FLOW_RECEIPT] = press_receipt,
    [FLOW_CHANGED] = flow_changed_press,
    [FLOW_STILL] = press_any,
    [FLOW_HELP] = press_any,
    [FLOW_CEREMONY] = flow_ceremony_press,
    [FLOW_KEY] = flow_key_press,
    [FLOW_KEY_PIN] = flow_key_pin_press,
    [FLOW_KEY_TOUCH] = flow_key_pin_press,
    [FLOW_DECLARE] = flow_form_press,
    [FLOW_KEY_OUT] = flow_key_press,
    [FLOW_PEOPLE] = flow_people_press,
    [FLOW_PERSON] = flow_person_press,
    [FLOW_KEYS] = flow_keys_press,
    [FLOW_PROPOSE] = flow_propose_press,
    [FLOW_FORM] = flow_form_press,
    [FLOW_BACK] = flow_back_press,
};

static void on_press(const struct turn *t)
{
    t->f->input_ms = t->w->now_ms;
    if (pressed[t->f->state] != NULL) {
        pressed[t->f->state](t);
    }
}

static void on_answer(const struct turn *t)
{
    struct flow *f = t->f;
    const uint64_t id = t->in->answer->id;
    if (id == 0) {
        return;
    }
    if (id == f->making.proposal_id) {
        flow_proposal_answer(t);
    } else if (f->state == FLOW_PIN && id == f->sign.begin_id) {
        flow_pin_answer(t);
    } else if (f->state == FLOW_VERIFY && id == f->sign.decision_id) {
        flow_verify_answer(t);
    } else if (f->state == FLOW_SEAL && id == f->making.send_id) {
        flow_seal_answer(t);
    } else if (f->state == FLOW_PROPOSING && id == f->making.send_id) {
        flow_proposing_answer(t);
    } else if (f->state == FLOW_TAKING && id == f->reading.take_id) {
        flow_taking_answer(t);
    }
}

static void on_fold(const struct turn *t)
{
    if (flow_health(t)) {
        return;
    }
    flow_sent_look(t);
    if (t->f->state == FLOW_VERIFY) {
        flow_verify_fold(t);
    } else if (t->f->state == FLOW_SEAL) {
        flow_seal_answer(t);
    } else if (t->f->state == FLOW_PROPOSING) {
        flow_proposing_fold(t);
    } else if (t->f->state == FLOW_TAKING) {
        flow_taking_fold(t);
    } else if (t->f->state == FLOW_FORM) {
        (void)flow_form_fold(t);
    } else {
        flow_read_fold(t);
    }
}

/* The same page number need not hold the same words: everything is shown, and read, anew. */
static void on_size(const struct turn *t)
{
    struct flow *f = t->f;
    f->cols = t->in->cols;
    f->rows = t->in->rows;
    if (f->reading.open) {
        flow_read_set(t);
    }
    if (f->sign.ready) {
        flow_sign_set(t);
    }
    if (f->state == FLOW_RECEIPT) {
        flow_receipt_set(t);
    }
    flow_making_set(t);
}

void flow_step(struct flow *f, const struct flow_world *w, const struct flow_input *in)
{
    const struct turn t = {.f = f, .w = w, .in = in};
    arena_reset(&f->step);
    f->asks.count = 0;
    f->now_ms = w->now_ms;
    switch (in->kind) {
    case INPUT_TICK:
        if (!flow_health(&t)) {
            on_tick(&t);
        }
        break;
    case INPUT_PRESS:
        if (!flow_health(&t)) {
            on_press(&t);
        }
        break;
    case INPUT_SIZE:
        on_size(&t);
        break;
    case INPUT_DEVICES:
        flow_devices(&t);
        break;
    case INPUT_TOUCH:
        if (in->op == f->token.op && in->op != 0) {
            f->token.touch = true;
            f->token.touch_ms = w->now_ms;
        }
        break;
    case INPUT_DONE:
        if (in->done->op == f->token.op && in->done->op != 0) {
            f->token.op = 0;
            flow_token_done(&t);
        }
        break;
    case INPUT_ANSWER:
        on_answer(&t);
        break;
    case INPUT_FOLD:
        on_fold(&t);
        break;
    }
}
