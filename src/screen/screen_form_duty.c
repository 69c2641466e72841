/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A shift that somebody else takes, and perhaps one that they give for it. It is a change of the whole roster, of which
 * what is over is left out, and officers sign it like every other. Whole plans are the command line's: they need the
 * table of time zones.
 */
#include "screen/screen_form_in.h"

#include "base/base_text.h"
#include "model/model_state_duty.h"

enum { SWAP_WHO, SWAP_ROSTER, SWAP_SHIFT, SWAP_LEAVES, SWAP_TAKES, SWAP_NAME, SWAP_BACK, SWAP_WHY, SWAP_COUNT };
enum { IDS_MAX = MODEL_SHIFT_PEOPLE_MAX };

/* ---- which roster, which shift, who */

static bool has_to_come(const struct state_duty *d, uint64_t now_ms)
{
    size_t i = 0;
    while (d != NULL && i < d->shift_count && d->shifts[i].until_ms <= now_ms) {
        i++;
    }
    return d != NULL && i < d->shift_count;
}

/* Rosters that the policy asks of some role, and that have shifts to come; each once, by its first role's place. */
static size_t rosters(const struct flow_world *w, uint64_t ret_places[FORM_OPTIONS_MAX])
{
    const struct policy_doc *doc = &w->state->policy->doc;
    size_t n = 0;

    for (size_t i = 0; i < doc->duty_count && n < FORM_OPTIONS_MAX; i++) {
        size_t k = 0;
        while (k < i && !span_eq(doc->duties[k].roster, doc->duties[i].roster)) {
            k++;
        }
        if (k == i && has_to_come(state_duty_find(w->state, doc->duties[i].roster), w->clock_ms)) {
            ret_places[n++] = i;
        }
    }
    return n;
}

bool flow_has_shifts(const struct flow_world *w)
{
    uint64_t places[FORM_OPTIONS_MAX];
    return rosters(w, places) > 0;
}

/* What was answered so far; what was not, or is not there any more, is NULL. */
struct swap {
    const struct state_duty *duty;
    const struct state_shift *shift;
    const struct state_person *leaves;
    const struct state_person *takes;
    const struct state_shift *back; /* given for it; NULL: none is */
    struct span roles[POLICY_NAMES_MAX];
    size_t role_count;
    struct span among[IDS_MAX]; /* who has the shift already */
    struct form_pick pick;
};

static const struct state_shift *shift_at(const struct state_duty *d, uint64_t at)
{
    return d != NULL && at < d->shift_count ? &d->shifts[at] : NULL;
}

static void look_people(const struct flow *f, const struct flow_world *w, struct swap *x)
{
    const struct policy_doc *doc = &w->state->policy->doc;
    const struct form_answer *a = f->form.answer;

    for (size_t i = 0; i < doc->duty_count && x->role_count < POLICY_NAMES_MAX; i++) {
        if (x->duty != NULL && span_eq(doc->duties[i].roster, x->duty->id)) {
            x->roles[x->role_count++] = doc->duties[i].role;
        }
    }
    for (size_t i = 0; i < x->shift->person_count && i < IDS_MAX; i++) {
        x->among[x->pick.among_count++] = x->shift->people[i]->id;
    }
    x->pick.roles = x->roles;
    x->pick.role_count = x->role_count;
    x->pick.among = x->among;
    const size_t leaves = a[SWAP_LEAVES].chosen;
    x->leaves = leaves > 0 && leaves <= x->shift->person_count ? x->shift->people[leaves - 1] : NULL;
    x->takes = form_picked_person(w->state, &x->pick, &a[SWAP_TAKES], &a[SWAP_NAME]);
}

static void look(const struct flow *f, const struct flow_world *w, struct swap *x)
{
    const struct policy_doc *doc = &w->state->policy->doc;
    const struct form_answer *a = f->form.answer;

    *x = (struct swap){.duty = NULL};
    if (a[SWAP_ROSTER].chosen > 0 && a[SWAP_ROSTER].number < doc->duty_count) {
        x->duty = state_duty_find(w->state, doc->duties[a[SWAP_ROSTER].number].roster);
    }
    x->shift = a[SWAP_SHIFT].chosen > 0 ? shift_at(x->duty, a[SWAP_SHIFT].number) : NULL;
    if (x->shift != NULL) {
        look_people(f, w, x);
    }
    x->back = a[SWAP_BACK].number > 0 ? shift_at(x->duty, a[SWAP_BACK].number - 1) : NULL;
}

static bool is_in(const struct state_shift *s, const struct state_person *p)
{
    size_t i = 0;
    while (i < s->person_count && s->people[i] != p) {
        i++;
    }
    return i < s->person_count;
}

static void find_shifts(const struct turn *t, const struct swap *x)
{
    struct flow_form *m = &t->f->form;
    for (size_t i = 0; x->duty != NULL && i < x->duty->shift_count && m->found_count < FORM_OPTIONS_MAX; i++) {
        if (x->duty->shifts[i].until_ms > t->w->clock_ms) {
            m->found[m->found_count++] = i;
        }
    }
}

/* None, or one of those of who takes it that who leaves is not in. */
static void find_back(const struct turn *t, const struct swap *x)
{
    struct flow_form *m = &t->f->form;
    m->found[m->found_count++] = 0;
    for (size_t i = 0; x->takes != NULL && i < x->duty->shift_count && m->found_count < FORM_OPTIONS_MAX; i++) {
        const struct state_shift *s = &x->duty->shifts[i];
        if (s->until_ms > t->w->clock_ms && s != x->shift && is_in(s, x->takes) && !is_in(s, x->leaves)) {
            m->found[m->found_count++] = i + 1;
        }
    }
}

static void find(const struct turn *t, size_t at)
{
    struct flow_form *m = &t->f->form;
    struct swap x;

    look(t->f, t->w, &x);
    if (at == SWAP_WHO) {
        form_find_people(t);
    } else if (at == SWAP_ROSTER) {
        m->found_count = rosters(t->w, m->found);
    } else if (at == SWAP_SHIFT) {
        find_shifts(t, &x);
    } else if (at == SWAP_BACK) {
        find_back(t, &x);
    }
}

/* ---- questions */

static const char *const titles[SWAP_COUNT] = {
    [SWAP_WHO] = "Who asks?",
    [SWAP_ROSTER] = "Which duty roster?",
    [SWAP_SHIFT] = "Which shift? In UTC",
    [SWAP_LEAVES] = "Who leaves it?",
    [SWAP_TAKES] = "Who takes it?",
    [SWAP_NAME] = "Who takes it? Write their name",
    [SWAP_BACK] = "Do they give one for it?",
    [SWAP_WHY] = "Why?",
};
static const char *const hints[SWAP_COUNT] = {
    [SWAP_WHO] = "Whose key or card is in. They cannot sign it: officers do.",
    [SWAP_ROSTER] = "Those that have shifts to come.",
    [SWAP_SHIFT] = "The next ones first.",
    [SWAP_LEAVES] = "The others stay on it.",
    [SWAP_TAKES] = "Who has a role of this duty, and is not on it already.",
    [SWAP_NAME] = "As the roster has it. They need a role of this duty.",
    [SWAP_BACK] = "Then who leaves takes that one.",
    [SWAP_WHY] = "The officers read it, and it is signed.",
};

static size_t takers(const struct flow_world *w, const struct swap *x)
{
    const struct state_person *people[FORM_OPTIONS_MAX];
    return form_people(w->state, &x->pick, people);
}

static bool question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    struct swap x;
    if (at >= SWAP_COUNT) {
        return false;
    }
    look(f, w, &x);
    *q = (struct question){.kind = QUESTION_ONE, .title = titles[at], .hint = hints[at]};
    if (at == SWAP_TAKES || at == SWAP_NAME) {
        const size_t n = takers(w, &x);
        q->options = n;
        q->always = true;
        q->kind = at == SWAP_NAME ? QUESTION_TEXT : QUESTION_ONE;
        q->least = 1;
        if ((n > FORM_OPTIONS_MAX) != (at == SWAP_NAME)) {
            form_skip(q);
        }
    } else if (at == SWAP_LEAVES) {
        q->options = x.shift != NULL ? x.shift->person_count : 0;
    } else if (at == SWAP_WHY) {
        q->kind = QUESTION_TEXT;
        q->least = 1;
    } else {
        q->options = f->form.found_count;
        q->always = at == SWAP_SHIFT;
    }
    return true;
}

static void write_shift(const struct state_duty *d, const struct state_shift *s, struct form_choice *o)
{
    screen_write_minute(&o->title, s->from_ms);
    wr_text(&o->title, " to ");
    screen_write_minute(&o->title, s->until_ms - d->hand_over_s * 1000);
    for (size_t i = 0; i < s->person_count; i++) {
        wr_text(&o->below, i > 0 ? ", " : "");
        wr_bytes(&o->below, s->people[i]->id);
    }
}

static void write_roster(const struct flow_world *w, uint64_t at, struct form_choice *o)
{
    const struct policy_doc *doc = &w->state->policy->doc;
    if (at < doc->duty_count) {
        wr_bytes(&o->title, doc->duties[at].roster);
        wr_text(&o->below, "for ");
        wr_bytes(&o->below, doc->duties[at].role);
    }
}

/* Options whose numbers were found. */
static void write_found(const struct flow_world *w, const struct swap *x, size_t at, uint64_t number,
                        struct form_choice *o)
{
    const struct state_shift *s = at == SWAP_BACK && number > 0 ? shift_at(x->duty, number - 1) : NULL;
    s = at == SWAP_SHIFT ? shift_at(x->duty, number) : s;
    if (at == SWAP_ROSTER) {
        write_roster(w, number, o);
    } else if (s != NULL) {
        write_shift(x->duty, s, o);
    } else {
        wr_text(&o->title, "No");
    }
}

static void option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    const struct state_person *people[FORM_OPTIONS_MAX];
    struct swap x;
    look(f, w, &x);
    if (at == SWAP_WHO) {
        form_write_person(f, i, o);
    } else if (at == SWAP_LEAVES && x.shift != NULL && i < x.shift->person_count) {
        wr_bytes(&o->title, x.shift->people[i]->id);
    } else if (at == SWAP_TAKES && i < form_people(w->state, &x.pick, people)) {
        wr_bytes(&o->title, people[i]->id);
    } else if (i < f->form.found_count) {
        write_found(w, &x, at, f->form.found[i], o);
    }
}

static enum screen_word refuse(const struct flow *f, const struct flow_world *w, size_t at)
{
    struct swap x;
    look(f, w, &x);
    return at == SWAP_NAME && x.takes == NULL ? WORD_NOT_ON_SHIFT : WORD_NONE;
}

/* ---- what it comes to */

/* The shift as it was, but that `off` leaves and `on` comes (NULL: nobody does). */
static void copy_shift(const struct swap *x, const struct state_shift *s, struct duty_shift *ret_shift)
{
    const bool given = s == x->shift || s == x->back;
    const struct state_person *off = s == x->shift ? x->leaves : x->takes;
    const struct state_person *on = s == x->shift ? x->takes : x->leaves;

    *ret_shift = (struct duty_shift){.from_ms = s->from_ms, .until_ms = s->until_ms - x->duty->hand_over_s * 1000};
    for (size_t i = 0; i < s->person_count && i < MODEL_SHIFT_PEOPLE_MAX; i++) {
        ret_shift->people[ret_shift->person_count++] = given && s->people[i] == off ? on->id : s->people[i]->id;
    }
    form_sort(ret_shift->people, ret_shift->person_count);
}

/* What is over is left out: it decides nothing any more, and nobody has to read it. */
static void copy_roster(const struct swap *x, uint64_t now_ms, struct duty_roster *r)
{
    for (size_t i = 0; i < x->duty->shift_count; i++) {
        if (x->duty->shifts[i].until_ms > now_ms) {
            copy_shift(x, &x->duty->shifts[i], &r->shifts[r->shift_count++]);
        }
    }
}

static bool write_title(const struct swap *x, char *room, size_t size)
{
    struct writer w = wr_fixed((uint8_t *)room, size - 1);
    wr_text(&w, x->back != NULL ? "Swap shifts of " : "Shift of ");
    wr_bytes(&w, x->leaves->id);
    wr_text(&w, x->back != NULL ? " and " : " goes to ");
    wr_bytes(&w, x->takes->id);
    room[w.len < size ? w.len : size - 1] = '\0';
    return w.fail == CS_OK;
}

static void propose(const struct turn *t, const struct swap *x, struct roster_change *put, struct duty_roster *duty)
{
    struct flow *f = t->f;
    char title[(2 * MODEL_ID_MAX) + 32];
    bool fits = false;

    copy_roster(x, t->w->clock_ms, duty);
    *put = (struct roster_change){.op = CHANGE_PUT_DUTY, .id = duty->id, .duty = duty};
    const bool named = write_title(x, title, sizeof(title));
    const struct roster_content c = {.changes = {.item = put, .count = 1},
                                     .initiator = f->form.answer[SWAP_WHO].text,
                                     .reason = f->form.answer[SWAP_WHY].text,
                                     .title = span_str(title)};
    if (!named || screen_roster_fits(&c, NULL, t->w->state, 0, &f->step, &fits).code != CS_OK) {
        flow_say(f, WORD_NO_MEMORY);
    } else if (!fits) {
        flow_say(f, WORD_TOO_LONG);
    } else {
        AUTO_WRITER w = wr_heap(FORM_CONTENT_BYTES);
        form_propose(t, KIND_ROSTER, model_roster_content_encode(&c, &w), &w);
    }
}

static void end(const struct turn *t)
{
    struct flow *f = t->f;
    struct swap x;
    look(f, t->w, &x);
    if (x.shift == NULL || x.leaves == NULL || x.takes == NULL || x.shift->until_ms <= t->w->clock_ms) {
        flow_say(f, WORD_FORM_BAD); /* it ended while this was answered */
        return;
    }
    struct roster_change *put = arena_alloc(&f->step, sizeof(*put));
    struct duty_roster *duty = arena_alloc(&f->step, sizeof(*duty));
    struct duty_shift *shifts = arena_array(&f->step, x.duty->shift_count, sizeof(*shifts));
    if (put == NULL || duty == NULL || shifts == NULL) {
        flow_say(f, WORD_NO_MEMORY);
        return;
    }
    *duty = (struct duty_roster){
        .id = x.duty->id, .hand_over_s = x.duty->hand_over_s, .shifts = shifts, .zone = x.duty->zone};
    propose(t, &x, put, duty);
}

const struct form_script form_duty = {
    .find = find, .question = question, .option = option, .refuse = refuse, .end = end, .of_roster = true};
