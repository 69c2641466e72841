/* SPDX-License-Identifier: Apache-2.0 */
/* Duty rosters and delegations in words: what is signed for, and what a policy asks of who signs. */
#include "model/model_state_duty.h"
#include "model/model_state_review.h"
#include "screen/screen_read.h"

static void put_digits(struct writer *w, uint64_t n, uint64_t unit)
{
    for (; unit > 0; unit /= 10) {
        wr_u8(w, (uint8_t)('0' + n / unit % 10));
    }
}

/* Nothing of it is left out: of a time between two minutes, "09:00:01.500". */
static void put_moment(struct writer *w, uint64_t ms)
{
    enum { MINUTE_MS = 60000, SECOND_MS = 1000 };
    screen_write_minute(w, ms);
    if (ms % MINUTE_MS != 0) {
        wr_u8(w, ':');
        put_digits(w, ms % MINUTE_MS / SECOND_MS, 10);
    }
    if (ms % SECOND_MS != 0) {
        wr_u8(w, '.');
        put_digits(w, ms % SECOND_MS, 100);
    }
}

/* "2026-01-05 09:00 to 2026-01-06 09:00: tina, tom"; of many people, several lines. */
static void put_times(struct doc_line *l, struct doc *d, uint64_t from_ms, uint64_t until_ms)
{
    doc_line(l, d);
    put_moment(&l->w, from_ms);
    wr_text(&l->w, " to ");
    put_moment(&l->w, until_ms);
}

static void put_shift(struct doc *d, enum item_mark mark, const struct duty_shift *s)
{
    struct doc_line l;
    const char *before = ": ";
    put_times(&l, d, s->from_ms, s->until_ms);
    for (size_t i = 0; i < s->person_count; i++) {
        if (l.w.len + MODEL_ID_MAX + 2 > DOC_LINE_MAX) {
            doc_point(d, mark, doc_line_end(&l));
            put_times(&l, d, s->from_ms, s->until_ms);
            before = ": ";
        }
        wr_text(&l.w, before);
        wr_bytes(&l.w, s->people[i]);
        before = ", ";
    }
    doc_point(d, mark, doc_line_end(&l));
}

static bool same_shift(const struct state_duty *d, const struct state_shift *x, const struct duty_shift *s)
{
    bool same = x->from_ms == s->from_ms && x->until_ms == s->until_ms + d->hand_over_s * 1000 &&
                x->person_count == s->person_count;
    for (size_t i = 0; same && i < s->person_count; i++) {
        same = span_eq(x->people[i]->id, s->people[i]);
    }
    return same;
}

static bool was_there(const struct state_duty *old, const struct duty_shift *s)
{
    size_t i = 0;
    while (i < old->shift_count && !same_shift(old, &old->shifts[i], s)) {
        i++;
    }
    return i < old->shift_count;
}

static bool stays(const struct duty_roster *r, const struct state_duty *old, const struct state_shift *x)
{
    size_t i = 0;
    while (i < r->shift_count && !same_shift(old, x, &r->shifts[i])) {
        i++;
    }
    return i < r->shift_count;
}

/* Those of the roster before that begin by `until_ms`, from *at on, and stay no more. What is over ends by itself. */
static void put_ending(struct doc *d, const struct duty_roster *r, const struct state *state, uint64_t until_ms,
                       size_t *at)
{
    const struct state_duty *old = state != NULL ? state_duty_find(state, r->id) : NULL;
    for (; old != NULL && *at < old->shift_count && old->shifts[*at].from_ms <= until_ms; (*at)++) {
        const struct state_shift *x = &old->shifts[*at];
        struct duty_shift s = {.from_ms = x->from_ms, .until_ms = x->until_ms - old->hand_over_s * 1000};
        if (x->until_ms <= state->time_ms || stays(r, old, x)) {
            continue;
        }
        for (size_t k = 0; k < x->person_count && k < MODEL_SHIFT_PEOPLE_MAX; k++) {
            s.people[s.person_count++] = x->people[k]->id;
        }
        put_shift(d, MARK_GONE, &s);
    }
}

void screen_read_duty(struct doc *d, const struct duty_roster *r, const struct state *state)
{
    const struct state_duty *old = state != NULL ? state_duty_find(state, r->id) : NULL;
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "Duty roster ");
    wr_bytes(&l.w, r->id);
    doc_point(d, MARK_NEW, doc_line_end(&l));
    doc_field(d, "Written for", r->zone, DOC_PLAIN);
    doc_line(&l, d);
    screen_write_exact(&l.w, r->hand_over_s);
    doc_field(d, "Hand-over", doc_line_end(&l), DOC_FREE);
    doc_note(d, old != NULL ? "It takes the place of the whole roster of this name: [x] as before, [+] new, [-] no "
                              "more. All times are UTC."
                            : "It takes the place of the whole roster of this name. All times are UTC.");
    if (r->shift_count == 0) {
        doc_point(d, MARK_WARN, SPAN_LIT("no shifts: nobody will be on duty"));
    }
    size_t at = 0;
    for (size_t i = 0; i < r->shift_count; i++) {
        put_ending(d, r, state, r->shifts[i].from_ms, &at);
        const bool as_before = old != NULL && was_there(old, &r->shifts[i]);
        put_shift(d, as_before ? MARK_OK : MARK_NEW, &r->shifts[i]);
    }
    put_ending(d, r, state, UINT64_MAX, &at);
}

static void put_duty_of(struct doc *d, enum item_mark mark, const struct policy_duty *x, const char *after)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_bytes(&l.w, x->role);
    wr_text(&l.w, " must be on duty in ");
    wr_bytes(&l.w, x->roster);
    wr_text(&l.w, after);
    doc_point(d, mark, doc_line_end(&l));
}

void screen_read_duties(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    if (policy->duty_count > 0 || (old != NULL && old->duty_count > 0)) {
        doc_heading(d, "Who must be on duty to sign");
    }
    for (size_t i = 0; i < policy->duty_count; i++) {
        const struct policy_duty *x = &policy->duties[i];
        const bool as_before = old == NULL || span_eq(model_policy_duty(old, x->role), x->roster);
        put_duty_of(d, as_before ? MARK_OK : MARK_NEW, x, as_before && old != NULL ? ", as before" : "");
    }
    for (size_t i = 0; old != NULL && i < old->duty_count; i++) {
        const struct policy_duty *x = &old->duties[i];
        if (!span_eq(model_policy_duty(policy, x->role), x->roster)) {
            put_duty_of(d, MARK_GONE, x, ", no longer");
        }
    }
}

static void put_scope(struct doc *d, const char *label, const char *any, const struct span *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        doc_field(d, i == 0 ? label : "", items[i], DOC_PLAIN);
    }
    if (count == 0) {
        doc_literal(d, label, any);
    }
}

/* What is taken back is said as it was given. */
static void put_ended(struct doc *d, const struct state_delegation *g)
{
    if (g == NULL) {
        d->unshown = true;
        return;
    }
    doc_field(d, "Role", g->role, DOC_PLAIN);
    doc_field(d, "Given by", g->by->id, DOC_PLAIN);
    doc_field(d, "Given to", g->to->id, DOC_PLAIN);
    doc_time(d, "It was until", g->until_ms);
    doc_note(d, "What was signed by it, and is not used yet, no longer counts.");
}

void screen_read_delegate(struct doc *d, const struct delegate_content *c, const struct state *state)
{
    doc_title(d, c->revokes_set ? SPAN_LIT("Take a delegation back") : SPAN_LIT("Let somebody sign for you"));
    doc_field(d, "Asked by", c->initiator, DOC_PLAIN);
    if (c->revokes_set) {
        doc_number(d, "Delegation", c->revokes);
        put_ended(d, state_delegation_find(state, c->revokes));
    } else {
        doc_field(d, "Role", c->role, DOC_PLAIN);
        doc_field(d, "Signs for you", c->to, DOC_PLAIN);
        doc_time(d, "From", c->from_ms);
        doc_time(d, "Until", c->until_ms);
        put_scope(d, "Environments", "any", c->environments, c->environment_count);
        put_scope(d, "Services", "any", c->services, c->service_count);
        doc_note(d, "Only deployments. Neither of you may then be kept apart from them, and of you two one signs.");
    }
    doc_text(d, SPAN_LIT("Reason"), c->reason, DOC_FREE);
}

static void put_delegation_of(struct doc *d, enum item_mark mark, const struct policy_delegation *x, const char *after)
{
    for (size_t i = 0; i < x->to_count; i++) {
        struct doc_line l;
        doc_line(&l, d);
        wr_bytes(&l.w, x->role);
        wr_text(&l.w, " to ");
        wr_bytes(&l.w, x->to[i]);
        wr_text(&l.w, ", at most ");
        screen_write_exact(&l.w, x->most_s);
        wr_text(&l.w, after);
        doc_point(d, mark, doc_line_end(&l));
    }
}

static bool same_delegation(const struct policy_delegation *a, const struct policy_delegation *b)
{
    if (a == NULL || b == NULL || a->most_s != b->most_s || a->to_count != b->to_count) {
        return false;
    }
    for (size_t i = 0; i < a->to_count; i++) {
        if (!span_eq(a->to[i], b->to[i])) {
            return false;
        }
    }
    return true;
}

void screen_read_delegations(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    if (policy->delegation_count > 0 || (old != NULL && old->delegation_count > 0)) {
        doc_heading(d, "Who may let whom sign for them");
    }
    for (size_t i = 0; i < policy->delegation_count; i++) {
        const struct policy_delegation *x = &policy->delegations[i];
        const bool as_before = old == NULL || same_delegation(x, model_policy_delegation(old, x->role));
        put_delegation_of(d, as_before ? MARK_OK : MARK_NEW, x, as_before && old != NULL ? ", as before" : "");
    }
    for (size_t i = 0; old != NULL && i < old->delegation_count; i++) {
        const struct policy_delegation *x = &old->delegations[i];
        if (!same_delegation(x, model_policy_delegation(policy, x->role))) {
            put_delegation_of(d, MARK_GONE, x, ", no longer");
        }
    }
}

/* --- access reviews --- */

static void put_kept(struct doc *d, const struct entitlement *e, const struct state *state)
{
    const struct state_person *p = state != NULL ? state_person_find(state, e->person) : NULL;

    doc_field(d, "Person", e->person, DOC_PLAIN);
    for (size_t i = 0; i < e->role_count; i++) {
        const struct state_entitlement *now = p != NULL ? state_entitlement_find(p, e->roles[i]) : NULL;
        doc_field(d, "keeps the role", e->roles[i], DOC_PLAIN);
        if (now == NULL) {
            d->unshown = true;
            doc_literal(d, "used last", "not known");
            continue;
        }
        if (now->used_ms != 0) {
            doc_time(d, "used last", now->used_ms);
        } else {
            doc_literal(d, "used last", "never");
        }
        if (now->lapsed_index != 0) {
            doc_point(d, MARK_WARN, SPAN_LIT("has lapsed, and comes back with this"));
        }
    }
}

void screen_read_access_review(struct doc *d, const struct access_review_content *c, const struct state *state)
{
    doc_title(d, SPAN_LIT("Access review"));
    doc_field(d, "Asked by", c->initiator, DOC_PLAIN);
    doc_note(d, "You say that each of these people should go on having these roles. What is not here lapses in time.");
    for (size_t i = 0; i < c->count; i++) {
        put_kept(d, &c->item[i], state);
    }
    doc_text(d, SPAN_LIT("Reason"), c->reason, DOC_FREE);
}

static void put_span_of(struct doc *d, const char *label, uint64_t now_s, uint64_t was_s, bool has_old)
{
    struct doc_line l;
    doc_line(&l, d);
    if (now_s == 0) {
        wr_text(&l.w, "never");
    } else {
        screen_write_exact(&l.w, now_s);
    }
    if (has_old && now_s != was_s) {
        wr_text(&l.w, ", was ");
        if (was_s == 0) {
            wr_text(&l.w, "never");
        } else {
            screen_write_exact(&l.w, was_s);
        }
    }
    doc_field(d, label, doc_line_end(&l), DOC_FREE);
}

void screen_read_reviews(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    static const struct policy_review none = {0};
    const struct policy_review *was = old != NULL ? &old->access_review : &none;
    if (policy->access_review.every_s == 0 && was->every_s == 0) {
        return;
    }
    doc_heading(d, "When roles lapse");
    put_span_of(d, "Not reviewed", policy->access_review.every_s, was->every_s, old != NULL);
    put_span_of(d, "Not used", policy->access_review.unused_s, was->unused_s, old != NULL);
}

static void put_role_of(struct doc *d, enum item_mark mark, struct span role, const char *after)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_bytes(&l.w, role);
    wr_text(&l.w, after);
    doc_point(d, mark, doc_line_end(&l));
}

static void put_governed(struct doc *d, const struct policy_directory *now, const struct policy_doc *old)
{
    for (size_t i = 0; i < now->role_count; i++) {
        const bool before = old != NULL && model_policy_directory_governs(old, now->roles[i]);
        put_role_of(d, old == NULL || before ? MARK_OK : MARK_NEW, now->roles[i], before ? ", as before" : "");
    }
}

static void put_governed_no_longer(struct doc *d, const struct policy_directory *was, const struct policy_doc *policy)
{
    for (size_t i = 0; i < was->role_count; i++) {
        if (!model_policy_directory_governs(policy, was->roles[i])) {
            put_role_of(d, MARK_GONE, was->roles[i], ", no longer");
        }
    }
}

void screen_read_directory(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    static const struct policy_directory none = {0};
    const struct policy_directory *now = &policy->directory;
    const struct policy_directory *was = old != NULL ? &old->directory : &none;

    if (now->max_stale_s == 0 && was->max_stale_s == 0) {
        return;
    }
    doc_heading(d, "Roles only for who is in the directory");
    if (now->max_stale_s != 0) {
        doc_field(d, "Directory", now->source, DOC_PLAIN);
        put_span_of(d, "None count, if last read before", now->max_stale_s, was->max_stale_s, old != NULL);
    }
    put_governed(d, now, old);
    put_governed_no_longer(d, was, policy);
}
