/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which keys and cards are in, whose they are, and which of them is used. Several may be in, of several people: each is
 * asked whose it is; the one that may sign is used, and of several that may, the person at the kiosk says which.
 * From then on that one counts and no other.
 */
#include "screen/screen_flow_in.h"

/* ---- the one that is used */

static struct flow_device *find(struct flow *f, uint64_t number)
{
    for (size_t i = 0; number != 0 && i < f->token.devices; i++) {
        if (f->token.device[i].number == number) {
            return &f->token.device[i];
        }
    }
    return NULL;
}

void flow_use(struct flow *f, const struct flow_device *d)
{
    struct flow_token *k = &f->token;
    k->number = d != NULL ? d->number : 0;
    k->card = d != NULL && d->card;
    k->known = d != NULL && d->known;
    k->person.len = 0;
    k->port.len = 0;
    if (d != NULL) {
        k->credential = d->credential;
        k->person = d->person;
        k->port = d->port;
    }
}

const struct state_person *flow_device_person(const struct flow_device *d, const struct state *s)
{
    const struct state_credential *k = d->known ? state_credential_find(s, &d->credential) : NULL;
    return k != NULL && state_credential_counts(k) ? k->person : NULL;
}

struct verdict flow_device_may(const struct flow_device *d, const struct state *s, const struct sheet *sheet,
                               enum decision_word word)
{
    const struct state_credential *k = d->known ? state_credential_find(s, &d->credential) : NULL;
    return k != NULL && state_credential_counts(k) ? policy_may_say_with(sheet, k, word, NULL, NULL)
                                                   : VERDICT_DENY(REASON_REVOKED);
}

/* ---- whose is it */

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

static bool ask_identify(const struct turn *t, uint64_t device)
{
    struct flow *f = t->f;
    struct span *ids = arena_array(&f->step, FLOW_IDS_MAX, sizeof(*ids));
    const size_t n = ids != NULL ? collect_ids(t, ids) : 0;
    struct flow_ask *a = n > 0 ? flow_ask_token(f, ASK_IDENTIFY, device) : NULL;
    if (a == NULL) {
        return false;
    }
    a->ids = ids;
    a->id_count = n;
    a->rp_id = t->w->state->rp_id;
    return true;
}

static struct flow_device *next_unasked(struct flow *f)
{
    for (size_t i = 0; i < f->token.devices; i++) {
        if (!f->token.device[i].asked) {
            return &f->token.device[i];
        }
    }
    return NULL;
}

static bool may_sign(const struct turn *t, const struct flow_device *d, const struct sheet *sheet)
{
    return flow_device_may(d, t->w->state, sheet, t->f->reading.word).allow;
}

static void find_choices(const struct turn *t)
{
    struct flow *f = t->f;
    const struct state_request *q = flow_request(t);
    struct sheet sheet;
    f->token.choices = 0;
    if (q == NULL || q->status != STATUS_ELIGIBLE || flow_sheet(t->w, q, &f->step, &sheet).code != CS_OK) {
        return;
    }
    for (size_t i = 0; i < f->token.devices; i++) {
        if (may_sign(t, &f->token.device[i], &sheet)) {
            f->token.choice[f->token.choices++] = i;
        }
    }
}

static size_t count_known(const struct flow *f, size_t *ret_last)
{
    size_t n = 0;
    for (size_t i = 0; i < f->token.devices; i++) {
        if (f->token.device[i].known) {
            *ret_last = i;
            n++;
        }
    }
    return n;
}

/* Somebody wants to decide, and everything that is in was asked: who is it? */
static void pick(const struct turn *t)
{
    struct flow *f = t->f;
    size_t at = 0;
    const size_t known = count_known(f, &at);
    find_choices(t);
    if (f->token.choices > 1) {
        (void)flow_go(t, FLOW_EV_SEVERAL);
    } else if (f->token.choices == 1 || known == 1) {
        flow_use(f, &f->token.device[f->token.choices == 1 ? f->token.choice[0] : at]);
        flow_try_decide(t); /* says why, if not */
    } else {
        if (known > 1) {
            flow_note_access(t, SPAN_LIT("no_role"));
            flow_say(f, WORD_NONE_MAY);
        }
        (void)flow_go(t, FLOW_EV_BACK);
    }
}

/* One token can be a key and a card at the same port: it is strange only when both faces are. */
static bool other_face_known(const struct flow *f, const struct flow_device *d)
{
    for (size_t i = 0; i < f->token.devices; i++) {
        const struct flow_device *o = &f->token.device[i];
        if (o->known && d->port.len > 0 && span_eq(flow_text(&o->port), flow_text(&d->port))) {
            return true;
        }
    }
    return false;
}

static void tell_strange(const struct turn *t, struct flow_device *d)
{
    const struct word_args args = {.card = d->card, .when_ms = d->off_ms};
    if (d->why_not == WORD_NONE) {
        return;
    }
    if (d->standing != STANDING_NONE) {
        flow_note_of(t, span_str(policy_reason_code(policy_standing_reason(d->standing))), &d->credential,
                     flow_text(&d->person));
        flow_say_args(t->f, d->why_not, &args);
    } else if (!other_face_known(t->f, d)) {
        flow_note_of(t, span_str(screen_word_code(d->why_not)), NULL, SPAN_NONE);
        flow_say_args(t->f, d->why_not, &args);
    }
    d->why_not = WORD_NONE;
}

static void settle(const struct turn *t)
{
    struct flow *f = t->f;
    size_t at = 0;
    for (size_t i = 0; i < f->token.devices; i++) {
        tell_strange(t, &f->token.device[i]);
    }
    if (f->state == FLOW_IDENTIFY && f->token.devices > 0) {
        pick(t);
    } else if (f->state != FLOW_IDENTIFY) {
        flow_use(f, count_known(f, &at) == 1 ? &f->token.device[at] : NULL);
    }
}

void flow_identify(const struct turn *t)
{
    struct flow *f = t->f;
    const bool wanted = f->state == FLOW_QUEUE || f->state == FLOW_READ || f->state == FLOW_IDENTIFY;
    if (!wanted || f->token.op != 0 || !t->w->token_up) {
        return;
    }
    for (struct flow_device *d = next_unasked(f); d != NULL; d = next_unasked(f)) {
        d->asked = true;
        f->token.identify_from = 0;
        if (ask_identify(t, d->number)) {
            return;
        }
    }
    settle(t);
}

/* What did not answer, or was strange, is asked once more when somebody wants to decide with it. */
void flow_identify_enter(const struct turn *t)
{
    struct flow *f = t->f;
    for (size_t i = 0; i < f->token.devices; i++) {
        f->token.device[i].asked = f->token.device[i].known;
    }
    flow_use(f, NULL);
    flow_identify(t);
}

static void found(const struct turn *t, struct flow_device *d)
{
    const struct sha256 id = digest_sha256(t->in->done->credential);
    const struct state_credential *k = state_credential_find(t->w->state, &id);
    if (k == NULL) {
        d->why_not = WORD_NOT_ENROLLED;
        return;
    }
    d->standing = state_credential_standing(k);
    d->known = d->standing == STANDING_COUNTS;
    d->credential = id;
    flow_short_set(&d->person, k->person->id);
    d->why_not = screen_word_of_standing(d->standing);
    d->off_ms = k->revoked_ms;
}

static enum screen_word word_of(struct span code)
{
    return span_is(code, "wrong_key") ? WORD_NOT_ENROLLED : screen_word_of_token(code);
}

void flow_identified(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_done *done = t->in->done;
    struct flow_device *d = find(f, f->token.op_device);
    f->token.identify_from += FLOW_IDS_MAX;
    const bool more = span_is(done->code, "wrong_key") && f->token.identify_from < t->w->state->credentials.count;
    if (d != NULL && more && ask_identify(t, d->number)) {
        return;
    }
    if (d != NULL) {
        d->standing = STANDING_NONE;
    }
    if (d != NULL && span_is(done->code, "ok")) {
        found(t, d);
    } else if (d != NULL) {
        d->why_not = word_of(done->code);
    }
    flow_identify(t);
}

/* ---- in and out */

bool flow_enrolling(enum flow_state s)
{
    return s == FLOW_KEY || s == FLOW_KEY_PIN || s == FLOW_KEY_TOUCH || s == FLOW_KEY_OUT;
}

/* Needs its key until the signature is there. */
static bool deciding(enum flow_state s)
{
    return s == FLOW_DECIDE || s == FLOW_PIN || s == FLOW_SIGN;
}

static bool is_in(const struct flow_input *in, uint64_t number)
{
    for (size_t i = 0; i < in->plugs; i++) {
        if (in->plug[i].number == number) {
            return true;
        }
    }
    return false;
}

static void drop_gone(struct flow *f, const struct flow_input *in)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->token.devices; i++) {
        if (is_in(in, f->token.device[i].number)) {
            f->token.device[kept++] = f->token.device[i];
        }
    }
    f->token.devices = kept;
}

static bool add_new(struct flow *f, const struct flow_input *in)
{
    bool came = false;
    for (size_t i = 0; i < in->plugs && f->token.devices < FLOW_DEVICES_MAX; i++) {
        const struct flow_plug *p = &in->plug[i];
        if (p->number != 0 && find(f, p->number) == NULL) {
            struct flow_device *d = &f->token.device[f->token.devices++];
            *d = (struct flow_device){.number = p->number, .card = p->card};
            flow_short_set(&d->port, p->port);
            came = true;
        }
    }
    return came;
}

static void used_is_gone(const struct turn *t)
{
    struct flow *f = t->f;
    const struct word_args args = {.card = f->token.card};
    const bool asked = f->state == FLOW_SIGN || f->state == FLOW_KEY_TOUCH;
    if (asked) {
        flow_note_access(t, SPAN_LIT("removed"));
    }
    flow_use(f, NULL);
    if (f->state == FLOW_STILL && deciding(f->back)) {
        f->back = FLOW_READ; /* who comes back finds the pages, and no key */
    }
    if (flow_enrolling(f->state)) {
        flow_key_gone(t, &args);
    } else if (deciding(f->state)) {
        (void)flow_go(t, FLOW_EV_BACK);
        flow_say_args(f, WORD_REMOVED, &args);
    } else if (f->state == FLOW_RECEIPT) {
        flow_receipt_leave(t);
    }
}

/* What was said about the lack of a key, or about the one before, is over. */
static bool over(enum screen_word w)
{
    static const enum screen_word words[] = {WORD_KEY_LATE,     WORD_REMOVED,      WORD_NOT_ASKER,   WORD_NO_TOKEN,
                                             WORD_NOT_ENROLLED, WORD_KEY_OFF,      WORD_PERSON_GONE, WORD_MODEL_GONE,
                                             WORD_ISSUER_GONE,  WORD_CERT_REVOKED, WORD_ROOT_GONE};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i] == w) {
            return true;
        }
    }
    return false;
}

static void next_is_in(const struct turn *t)
{
    if (over(t->f->message.word)) {
        flow_say(t->f, WORD_NONE);
    }
    if (t->f->state == FLOW_STILL || t->f->state == FLOW_HELP) {
        (void)flow_go(t, FLOW_EV_AWAKE);
    }
    if (flow_enrolling(t->f->state)) {
        flow_key_in(t);
    }
}

void flow_devices(const struct turn *t)
{
    struct flow *f = t->f;
    const size_t before = f->token.devices;
    f->input_ms = t->w->now_ms;
    drop_gone(f, t->in);
    const bool went = f->token.devices < before;
    const bool came = add_new(f, t->in);
    if (f->token.op_device != 0 && find(f, f->token.op_device) == NULL) {
        flow_cancel(f);
    }
    if (f->token.number != 0 && find(f, f->token.number) == NULL) {
        used_is_gone(t);
    }
    if (came) {
        next_is_in(t);
    }
    if ((came || went) && f->state == FLOW_CHOOSE) {
        (void)flow_go(t, FLOW_EV_ASK_KEY); /* there is another choice now */
    } else {
        flow_identify(t);
    }
}

/* ---- which of several */

static void ask_select(const struct turn *t)
{
    struct flow *f = t->f;
    bool touchable = false;
    for (size_t i = 0; i < f->token.choices; i++) {
        touchable = touchable || !f->token.device[f->token.choice[i]].card;
    }
    struct flow_ask *a = touchable ? flow_ask_token(f, ASK_SELECT, 0) : NULL;
    if (a != NULL) {
        a->timeout_ms = FLOW_KEY_MS;
    }
}

void flow_choose_enter(const struct turn *t)
{
    flow_say(t->f, WORD_NONE);
    ask_select(t);
}

static void choose(const struct turn *t, size_t row)
{
    struct flow *f = t->f;
    flow_cancel(f);
    flow_use(f, &f->token.device[f->token.choice[row]]);
    flow_try_decide(t);
}

void flow_choose_press(const struct turn *t)
{
    const uint32_t point = t->in->press == PRESS_CHAR ? t->in->point : 0;
    if (t->in->press == PRESS_ESC) {
        (void)flow_go(t, FLOW_EV_BACK);
        flow_say(t->f, WORD_CANCELLED);
    } else if (point >= '1' && point < '1' + FLOW_QUEUE_ROWS && point - '1' < t->f->token.choices) {
        choose(t, point - '1');
    }
}

/* The first touch decides; the agent has stopped the others. Without an answer the digits still choose. */
void flow_choose_done(const struct turn *t)
{
    struct flow *f = t->f;
    if (!span_is(t->in->done->code, "ok")) {
        return;
    }
    for (size_t i = 0; i < f->token.choices; i++) {
        if (f->token.device[f->token.choice[i]].number == t->in->done->device) {
            choose(t, i);
            return;
        }
    }
    const struct flow_device *d = find(f, t->in->done->device);
    const bool known = d != NULL && d->known;
    flow_note_of(t, SPAN_LIT("not_offered"), known ? &d->credential : NULL, known ? flow_text(&d->person) : SPAN_NONE);
    flow_say(f, WORD_NOT_OFFERED);
    ask_select(t);
}
