/* SPDX-License-Identifier: Apache-2.0 */
/* The key: in, out, whose it is, and how its operations end. */
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

void flow_note_access(const struct turn *t, struct span code)
{
    struct flow *f = t->f;
    struct flow_ask *a = t->w->state->begun ? flow_ask(f, ASK_ACCESS) : NULL;
    if (a == NULL) {
        return;
    }
    a->actor = SPAN_LIT("system:kiosk");
    a->access = (struct access_note){.code = flow_keep(f, code), .count = 1};
    if (f->token.known) {
        a->access.has_credential = true;
        a->access.credential_sha256 = f->token.credential;
        a->access.person = flow_keep(f, flow_text(&f->token.person));
    }
    if (f->reading.open) {
        a->access.has_request = true;
        a->access.request = f->reading.request.index;
    }
}

/* ---- whose key is it */

/* All ids from identify_from on, at most FLOW_IDS_MAX; revoked ones too, so that their holders are told. */
static size_t collect_ids(const struct turn *t, struct span *ids)
{
    size_t at = 0;
    size_t seen = 0;
    size_t n = 0;
    for (const struct state_credential *k = map_next(&t->w->state->credentials, &at); k != NULL && n < FLOW_IDS_MAX;
         k = map_next(&t->w->state->credentials, &at)) {
        if (seen++ >= t->f->token.identify_from) {
            ids[n++] = k->id;
        }
    }
    return n;
}

static bool ask_identify(const struct turn *t)
{
    struct flow *f = t->f;
    struct span *ids = arena_array(&f->step, FLOW_IDS_MAX, sizeof(*ids));
    const size_t n = ids != NULL ? collect_ids(t, ids) : 0;
    struct flow_ask *a = n > 0 ? flow_ask_token(f, ASK_IDENTIFY) : NULL;
    if (a == NULL) {
        return false;
    }
    a->ids = ids;
    a->id_count = n;
    a->rp_id = t->w->state->rp_id;
    return true;
}

void flow_identify(const struct turn *t)
{
    struct flow *f = t->f;
    const bool wanted = f->state == FLOW_QUEUE || f->state == FLOW_READ || f->state == FLOW_IDENTIFY;
    if (!wanted || f->token.devices != 1 || f->token.known || f->token.op != 0 || !t->w->token_up) {
        return;
    }
    f->token.identify_from = 0;
    (void)ask_identify(t);
}

static void forget_key(struct flow *f)
{
    f->token.known = false;
    f->token.person.len = 0;
    f->token.port.len = 0;
}

static void identified(const struct turn *t)
{
    struct flow *f = t->f;
    const struct sha256 id = digest_sha256(t->in->done->credential);
    const struct state_credential *k = state_credential_find(t->w->state, &id);
    f->token.known = k != NULL;
    f->token.credential = id;
    if (k != NULL) {
        flow_short_set(&f->token.person, k->person->id);
    }
    if (k == NULL || !state_credential_counts(k)) {
        flow_say(f, k == NULL ? WORD_NOT_ENROLLED : WORD_KEY_OFF);
        flow_note_access(t, k == NULL ? SPAN_LIT("not_enrolled") : SPAN_LIT("revoked"));
        forget_key(f);
        (void)flow_go(t, FLOW_EV_BACK);
        return;
    }
    if (f->state == FLOW_IDENTIFY) {
        flow_try_decide(t);
    }
}

static void not_identified(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_done *d = t->in->done;
    f->token.identify_from += FLOW_IDS_MAX;
    if (span_is(d->code, "wrong_key") && f->token.identify_from < t->w->state->credentials.count && ask_identify(t)) {
        return;
    }
    if (span_is(d->code, "wrong_key")) {
        flow_say(f, WORD_NOT_ENROLLED);
        flow_note_access(t, SPAN_LIT("not_enrolled"));
    } else {
        flow_say_token(f, d);
    }
    if (f->state == FLOW_IDENTIFY) {
        (void)flow_go(t, FLOW_EV_BACK);
    }
}

/* ---- in and out */

static bool enrolling(enum flow_state s)
{
    return s == FLOW_KEY || s == FLOW_KEY_PIN || s == FLOW_KEY_TOUCH || s == FLOW_KEY_OUT;
}

/* Needs its key until the signature is there. */
static bool deciding(enum flow_state s)
{
    return s == FLOW_DECIDE || s == FLOW_PIN || s == FLOW_SIGN;
}

static void went_out(const struct turn *t)
{
    struct flow *f = t->f;
    const bool was_deciding = deciding(f->state);
    forget_key(f);
    if (f->state == FLOW_STILL && deciding(f->back)) {
        f->back = FLOW_READ; /* who comes back finds the pages, and no key */
    }
    if (f->token.op != 0 && !enrolling(f->state)) {
        flow_cancel(f);
    }
    if (enrolling(f->state)) {
        flow_key_gone(t);
    } else if (was_deciding) {
        (void)flow_go(t, FLOW_EV_BACK);
        flow_say(f, WORD_REMOVED);
    } else if (f->state == FLOW_RECEIPT) {
        (void)flow_go(t, FLOW_EV_LEAVE);
    }
}

static void several(const struct turn *t)
{
    struct flow *f = t->f;
    const bool stop = deciding(f->state) || f->state == FLOW_KEY_PIN || f->state == FLOW_KEY_TOUCH;
    forget_key(f);
    flow_cancel(f);
    if (stop) {
        (void)flow_go(t, FLOW_EV_BACK);
    }
    flow_say(f, WORD_SEVERAL);
}

void flow_token_devices(const struct turn *t)
{
    struct flow *f = t->f;
    const unsigned before = f->token.devices;
    const uint64_t device = f->token.device;
    f->token.devices = t->in->devices;
    f->token.device = t->in->devices == 1 ? t->in->device : 0;
    f->input_ms = t->w->now_ms;
    if (before == 1 && (f->token.devices == 0 || (f->token.devices == 1 && device != f->token.device))) {
        went_out(t);
    }
    if (f->token.devices > 1) {
        several(t);
        return;
    }
    if (f->token.devices == 0 || (before == 1 && device == f->token.device)) {
        return;
    }
    if (f->message.word == WORD_SEVERAL) {
        flow_say(f, WORD_NONE);
    }
    if (f->state == FLOW_STILL || f->state == FLOW_HELP) {
        (void)flow_go(t, FLOW_EV_AWAKE);
    }
    if (enrolling(f->state)) {
        flow_key_in(t);
    } else {
        flow_identify(t);
    }
}

/* ---- how an operation ended */

void flow_say_token(struct flow *f, const struct flow_done *d)
{
    const struct word_args args = {.has_tries = d->has_tries, .tries = d->tries};
    flow_say_args(f, screen_word_of_token(d->code), &args);
}

void flow_token_done(const struct turn *t)
{
    struct flow *f = t->f;
    const bool ok = span_is(t->in->done->code, "ok");
    f->token.touch = false;
    flow_short_set(&f->token.port, ok && t->in->done->port.left > 0 ? t->in->done->port : flow_text(&f->token.port));
    if (enrolling(f->state)) {
        flow_key_done(t);
    } else if (f->token.op_kind == ASK_IDENTIFY) {
        if (ok) {
            identified(t);
        } else {
            not_identified(t);
        }
    } else if (f->state == FLOW_SIGN) {
        flow_sign_done(t);
    }
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
    case PRESS_F12:
        break;
    }
    return false;
}
