/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the token agent and how they end; the PIN. Which keys are in: screen_flow_devices.c. */
#include "screen/screen_flow_in.h"

void flow_wipe_pin(struct flow *f)
{
    explicit_bzero(f->token.pin, sizeof(f->token.pin));
    f->token.pin_len = 0;
    f->token.pin_points = 0;
}

void flow_cancel(struct flow *f)
{
    if (f->token.op != 0) {
        f->token.op = 0;
        f->token.touch = false;
        (void)flow_ask(f, ASK_CANCEL);
    }
}

void flow_note_of(const struct turn *t, struct span code, const struct sha256 *credential, struct span person)
{
    struct flow *f = t->f;
    struct flow_ask *a = t->w->state->begun ? flow_ask(f, ASK_ACCESS) : NULL;
    if (a == NULL) {
        return;
    }
    a->actor = SPAN_LIT("system:kiosk");
    a->access = (struct access_note){.code = flow_keep(f, code), .count = 1};
    if (credential != NULL) {
        a->access.has_credential = true;
        a->access.credential_sha256 = *credential;
        a->access.person = flow_keep(f, person);
    }
    if (f->reading.open) {
        a->access.has_request = true;
        a->access.request = f->reading.request.index;
    }
}

void flow_note_access(const struct turn *t, struct span code)
{
    const struct flow_token *k = &t->f->token;
    flow_note_of(t, code, k->known ? &k->credential : NULL, flow_text(&k->person));
}

void flow_stop(const struct turn *t)
{
    const bool asked = t->f->state == FLOW_SIGN || t->f->state == FLOW_KEY_TOUCH;
    if (flow_go(t, FLOW_EV_BACK)) {
        if (asked) {
            flow_note_access(t, SPAN_LIT("cancelled"));
        }
        flow_say(t->f, WORD_CANCELLED);
    }
}

/* ---- how an operation ended */

void flow_say_token(struct flow *f, const struct flow_done *d)
{
    const struct word_args args = {.has_tries = d->has_tries, .tries = d->tries};
    flow_say_args(f, screen_word_of_token(d->code), &args);
}

/* A key that was not asked answers for nobody. */
static bool of_the_one_asked(const struct turn *t)
{
    const struct flow_token *k = &t->f->token;
    const struct flow_done *d = t->in->done;
    return !span_is(d->code, "ok") || k->op_device == 0 || d->device == k->op_device;
}

void flow_token_done(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_done *d = t->in->done;
    const struct flow_done other = {.op = d->op, .code = SPAN_LIT("failed"), .device = d->device};
    const struct flow_input changed = {.kind = INPUT_DONE, .done = &other};
    const struct turn instead = {.f = f, .w = t->w, .in = &changed};
    const struct turn *u = of_the_one_asked(t) ? t : &instead;

    f->token.touch = false;
    if (d->port.left > 0) {
        flow_short_set(&f->token.port, d->port);
    }
    if (f->state == FLOW_CHOOSE) {
        flow_choose_done(u);
    } else if (flow_enrolling(f->state)) {
        flow_key_done(u);
    } else if (f->token.op_kind == ASK_IDENTIFY) {
        flow_identified(u);
    } else if (f->state == FLOW_SIGN) {
        flow_sign_done(u);
    }
}

/* Whatever the agent does, or does not do: no operation is waited for longer, and its end will not count. */
void flow_token_tick(const struct turn *t)
{
    struct flow *f = t->f;
    if (f->token.op == 0 || t->w->now_ms - f->token.op_ms < FLOW_OP_MS) {
        return;
    }
    const struct flow_done late = {.op = f->token.op, .code = SPAN_LIT("failed")};
    const struct flow_input in = {.kind = INPUT_DONE, .done = &late};
    const struct turn u = {.f = f, .w = t->w, .in = &in};
    flow_cancel(f);
    flow_token_done(&u);
}

/* ---- the PIN */

bool flow_pin_typed(const struct turn *t)
{
    struct flow_token *k = &t->f->token;
    switch (t->in->press) {
    case PRESS_CHAR:
        if (t->in->point >= 0x20 && flow_type(k->pin, &k->pin_len, FLOW_PIN_MAX, t->in->point)) {
            k->pin_points++;
        }
        return false;
    case PRESS_ERASE:
        flow_erase(k->pin, &k->pin_len);
        k->pin_points -= k->pin_points > 0 ? 1U : 0U;
        return false;
    case PRESS_ENTER:
        if (k->pin_points < FLOW_PIN_LEAST) {
            flow_say(t->f, WORD_PIN_SHORT);
            return false;
        }
        return true;
    case PRESS_NONE:
    case PRESS_ESC:
    case PRESS_TAB:
    case PRESS_UP:
    case PRESS_DOWN:
    case PRESS_PAGE_UP:
    case PRESS_PAGE_DOWN:
    case PRESS_F1:
    case PRESS_F4:
    case PRESS_F7:
    case PRESS_F8:
    case PRESS_F12:
        break;
    }
    return false;
}
