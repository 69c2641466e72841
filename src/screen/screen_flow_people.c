/* SPDX-License-Identifier: Apache-2.0 */
/* Changes to the roster that the officers will decide: who, which roles, which keys, why. */
#include "screen/screen_flow_in.h"

#include "base/base_text.h"

enum { PROPOSE_BYTES = 64 << 10 };

void flow_people_open(const struct turn *t)
{
    struct flow *f = t->f;
    flow_making_drop(f);
    f->making.what = MAKING_PERSON;
    (void)flow_go(t, FLOW_EV_PEOPLE);
}

static void start_form(struct flow *f)
{
    struct flow_making *m = &f->making;
    m->field = FLOW_FORM_ID;
    m->role = 0;
    m->roles = 0;
    m->id.len = 0;
    m->accounts.len = 0;
    m->nickname.len = 0;
}

/* The changes so far, for the officers; false without memory. */
static bool take_content(const struct turn *t, struct span reason, struct roster_content *ret_content)
{
    const struct flow_making *m = &t->f->making;
    struct roster_change *items = arena_array(&t->f->step, m->count + 1, sizeof(*items));
    if (items == NULL) {
        return false;
    }
    memcpy(items, m->item, m->count * sizeof(*items));
    *ret_content = (struct roster_content){.changes = {.item = items, .count = m->count},
                                           .initiator = SPAN_LIT("system:kiosk"),
                                           .reason = reason,
                                           .title = SPAN_LIT("Change the roster")};
    return true;
}

static bool has_room(const struct turn *t, const struct roster_content *c, size_t spare_pages, bool *ret_fits)
{
    struct arena *arena = &t->f->step;
    const struct change_facts *facts = flow_facts(t->w, &c->changes, arena);
    return screen_roster_fits(c, facts, t->w->state, spare_pages, arena, ret_fits).code == CS_OK;
}

/* Room for one person more with a card, and for the reason: what could not be signed is not even begun. */
static bool takes_more(const struct turn *t)
{
    enum { MORE_PAGES = 5 };
    struct roster_content c;
    bool fits = false;
    const bool known = take_content(t, SPAN_NONE, &c) && has_room(t, &c, MORE_PAGES, &fits);
    if (!known || !fits) {
        flow_say(t->f, known ? WORD_LIST_FULL : WORD_NO_MEMORY);
    }
    return known && fits;
}

void flow_people_press(const struct turn *t)
{
    struct flow *f = t->f;
    const uint32_t point = t->in->press == PRESS_CHAR ? t->in->point : 0;
    if (flow_turn_page(t, &f->making.page, true)) {
        return;
    }
    flow_say(f, WORD_NONE);
    if ((point == '1' || point == '2') && !takes_more(t)) {
        return;
    }
    if (point == '1') {
        start_form(f);
        (void)flow_go(t, FLOW_EV_ADD);
    } else if (point == '2') {
        f->making.list_page = 0;
        f->making.suspends = false;
        (void)flow_go(t, FLOW_EV_SWITCH_OFF);
    } else if (point == '3' && f->making.count == 0) {
        flow_say(f, WORD_LIST_EMPTY);
    } else if (point == '3') {
        f->reading.reason_len = 0;
        (void)flow_go(t, FLOW_EV_WRITE);
    } else if (t->in->press == PRESS_ESC) {
        (void)flow_go(t, FLOW_EV_LEAVE);
    }
}

/* ---- the form */

static const struct policy_doc *doc_of(const struct turn *t)
{
    return &t->w->state->policy->doc;
}

static size_t role_count(const struct turn *t)
{
    const size_t n = doc_of(t)->role_count;
    return n < MODEL_ROLES_MAX ? n : MODEL_ROLES_MAX;
}

/* Somebody who is on the roster already: their roles and accounts are what the form starts from. */
static void prefill(const struct turn *t)
{
    struct flow_making *m = &t->f->making;
    const struct state_person *p = m->id.len > 0 ? state_person_find(t->w->state, flow_text(&m->id)) : NULL;
    if (p == NULL || p->removed || m->roles != 0 || m->accounts.len > 0) {
        return;
    }
    for (size_t i = 0; i < role_count(t); i++) {
        m->roles |= state_person_given_role(p, doc_of(t)->roles[i]) ? 1U << i : 0U;
    }
    struct writer w = wr_fixed(m->accounts.b, sizeof(m->accounts.b));
    for (size_t i = 0; i < p->account_count; i++) {
        wr_text(&w, i > 0 ? " " : "");
        wr_bytes(&w, p->accounts[i]);
    }
    m->accounts.len = w.fail == CS_OK ? w.len : 0;
}

static void move_field(const struct turn *t, bool on)
{
    struct flow_making *m = &t->f->making;
    if (m->field == FLOW_FORM_ID) {
        prefill(t);
    }
    m->field = (m->field + (on ? 1U : FLOW_FORM_FIELDS - 1U)) % FLOW_FORM_FIELDS;
}

static void type_field(const struct turn *t)
{
    struct flow_making *m = &t->f->making;
    const uint32_t point = t->in->point;
    if (m->field == FLOW_FORM_ROLES) {
        if (point == ' ' && m->role < role_count(t)) {
            m->roles ^= 1U << m->role;
        } else if (point >= '1' && point <= '9' && point - '1' < role_count(t)) {
            m->roles ^= 1U << (point - '1');
        }
    } else if (m->field == FLOW_FORM_ID) {
        if (point != ' ') {
            (void)flow_type(m->id.b, &m->id.len, MODEL_ID_MAX, point);
        }
    } else if (m->field == FLOW_FORM_ACCOUNTS) {
        (void)flow_type(m->accounts.b, &m->accounts.len, sizeof(m->accounts.b), point);
    } else if (point < 0x7f) { /* nicknames are plain ASCII */
        (void)flow_type(m->nickname.b, &m->nickname.len, MODEL_ID_MAX, point);
    }
}

static void erase_field(struct flow_making *m)
{
    if (m->field == FLOW_FORM_ID) {
        flow_erase(m->id.b, &m->id.len);
    } else if (m->field == FLOW_FORM_ACCOUNTS) {
        flow_erase(m->accounts.b, &m->accounts.len);
    } else if (m->field == FLOW_FORM_NICKNAME) {
        flow_erase(m->nickname.b, &m->nickname.len);
    }
}

static int span_order(const void *a, const void *b)
{
    const struct span *x = a;
    const struct span *y = b;
    return span_cmp(*x, *y);
}

static void sort_once(struct person *p)
{
    size_t kept = p->account_count > 0 ? 1 : 0;
    qsort(p->accounts, p->account_count, sizeof(p->accounts[0]), span_order);
    for (size_t i = 1; i < p->account_count; i++) {
        if (!span_eq(p->accounts[i], p->accounts[kept - 1])) {
            p->accounts[kept++] = p->accounts[i];
        }
    }
    p->account_count = kept;
}

static size_t word_length(struct span text)
{
    size_t n = 0;
    while (n < text.left && text.p[n] != ' ') {
        n++;
    }
    return n;
}

/* Words between spaces, sorted, each once. False when one is no identifier or there are too many. */
static bool split_accounts(struct span text, struct person *p)
{
    for (text = flow_trim(text); text.left > 0; text = flow_trim(text)) {
        const struct span word = span_make(text.p, word_length(text));
        if (p->account_count == MODEL_ROLES_MAX || text_id_check(word, MODEL_ACCOUNT_MAX, "account").code != CS_OK) {
            return false;
        }
        p->accounts[p->account_count++] = word;
        text = span_from(text, word.left);
    }
    sort_once(p);
    return true;
}

static bool same_as_now(const struct turn *t, const struct person *p)
{
    const struct state_person *was = state_person_find(t->w->state, p->id);
    if (was == NULL || was->removed || was->role_count != p->role_count || was->account_count != p->account_count) {
        return false;
    }
    for (size_t i = 0; i < p->role_count; i++) {
        if (!state_person_given_role(was, p->roles[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < p->account_count; i++) {
        if (!state_person_is(was, p->accounts[i])) {
            return false;
        }
    }
    return true;
}

static bool put_person(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    struct roster_change c = {.op = CHANGE_PUT_PERSON};
    struct span accounts = SPAN_NONE;
    if (arena_copy(&f->people, flow_text(&m->id), &c.id).code != CS_OK ||
        arena_copy(&f->people, flow_text(&m->accounts), &accounts).code != CS_OK) {
        flow_say(f, WORD_NO_MEMORY);
        return false;
    }
    c.person.id = c.id;
    for (size_t i = 0; i < role_count(t); i++) {
        struct span role = SPAN_NONE;
        if ((m->roles & 1U << i) != 0 && arena_copy(&f->people, doc_of(t)->roles[i], &role).code == CS_OK) {
            c.person.roles[c.person.role_count++] = role;
        }
    }
    if (!split_accounts(accounts, &c.person)) {
        flow_say(f, WORD_BAD_ID);
        return false;
    }
    return same_as_now(t, &c.person) || flow_change_add(f, &c);
}

static void accept_form(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    prefill(t);
    if (text_id_check(flow_text(&m->id), MODEL_ID_MAX, "person").code != CS_OK) {
        flow_say(f, WORD_BAD_ID);
    } else if (m->roles == 0) {
        flow_say(f, WORD_NEEDS_ROLE);
    } else if (put_person(t)) {
        flow_say(f, WORD_NONE);
        (void)flow_go(t, FLOW_EV_NEXT);
    }
}

void flow_person_press(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_making *m = &f->making;
    const enum press press = t->in->press;
    const bool among_roles = m->field == FLOW_FORM_ROLES;
    flow_say(f, WORD_NONE);
    if (press == PRESS_CHAR) {
        type_field(t);
    } else if (press == PRESS_ERASE) {
        erase_field(m);
    } else if (press == PRESS_DOWN && among_roles && m->role + 1 < role_count(t)) {
        m->role++;
    } else if (press == PRESS_UP && among_roles && m->role > 0) {
        m->role--;
    } else if (press == PRESS_TAB || press == PRESS_DOWN || press == PRESS_UP) {
        move_field(t, press != PRESS_UP);
    } else if (press == PRESS_ENTER) {
        accept_form(t);
    } else if (press == PRESS_ESC) {
        (void)flow_go(t, FLOW_EV_PEOPLE);
    }
}

/* ---- keys to switch off */

static bool key_before(const struct state_credential *a, const struct state_credential *b)
{
    const int c = span_cmp(a->person->id, b->person->id);
    return c != 0 ? c < 0 : memcmp(a->id_sha256.b, b->id_sha256.b, SHA256_BYTES) < 0;
}

static const struct state_credential *key_after(const struct state *s, const struct state_credential *last)
{
    const struct state_credential *best = NULL;
    size_t at = 0;
    for (const struct state_credential *k = map_next(&s->credentials, &at); k != NULL;
         k = map_next(&s->credentials, &at)) {
        const bool after = last == NULL || key_before(last, k);
        if (after && state_credential_counts(k) && (best == NULL || key_before(k, best))) {
            best = k;
        }
    }
    return best;
}

size_t flow_keys(const struct state *s, size_t page, const struct state_credential *ret_rows[FLOW_QUEUE_ROWS])
{
    const struct state_credential *k = NULL;
    size_t n = 0;
    for (size_t skip = 0; skip < page * FLOW_QUEUE_ROWS; skip++) {
        k = key_after(s, k);
        if (k == NULL) {
            return 0;
        }
    }
    for (k = key_after(s, k); k != NULL && n < FLOW_QUEUE_ROWS; k = key_after(s, k)) {
        ret_rows[n++] = k;
    }
    return n;
}

/* The key, or the person whose key it is. */
static struct roster_change chosen(const struct flow *f, const struct state_credential *k)
{
    if (!f->making.suspends) {
        return (struct roster_change){.op = CHANGE_REVOKE_CREDENTIAL, .credential_sha256 = k->id_sha256};
    }
    return (struct roster_change){.op = k->person->suspended ? CHANGE_RESTORE_PERSON : CHANGE_SUSPEND_PERSON,
                                  .id = k->person->id};
}

void flow_keys_press(const struct turn *t)
{
    struct flow *f = t->f;
    const struct state_credential *rows[FLOW_QUEUE_ROWS];
    const size_t n = flow_keys(t->w->state, f->making.list_page, rows);
    const uint32_t point = t->in->press == PRESS_CHAR ? t->in->point : 0;
    if (point >= '1' && point <= '8' && point - '1' < n) {
        const struct roster_change c = chosen(f, rows[point - '1']);
        if (flow_change_add(f, &c)) {
            (void)flow_go(t, FLOW_EV_PEOPLE);
        }
    } else if ((t->in->press == PRESS_PAGE_DOWN || point == 'n' || point == ' ') && n == FLOW_QUEUE_ROWS) {
        f->making.list_page++;
    } else if ((t->in->press == PRESS_PAGE_UP || point == 'p') && f->making.list_page > 0) {
        f->making.list_page--;
    } else if (t->in->press == PRESS_TAB) {
        f->making.suspends = !f->making.suspends;
    } else if (t->in->press == PRESS_ESC) {
        (void)flow_go(t, FLOW_EV_PEOPLE);
    }
}

/* ---- why, and off to the officers */

static void propose(const struct turn *t, struct span reason)
{
    struct flow *f = t->f;
    char title[64];
    struct roster_content c;
    bool fits = false;
    AUTO_WRITER w = wr_heap(PROPOSE_BYTES);
    (void)snprintf(title, sizeof(title), "Change the roster: %zu %s", f->making.count,
                   f->making.count == 1 ? "change" : "changes");
    if (!take_content(t, reason, &c) || !has_room(t, &c, 0, &fits)) {
        flow_say(f, WORD_NO_MEMORY);
        return;
    }
    c.title = span_str(title);
    if (!fits || model_roster_content_encode(&c, &w).code != CS_OK || w.len > MODEL_CONTENT_MAX) {
        flow_say(f, fits && w.fail == CS_E_NOMEM ? WORD_NO_MEMORY : WORD_TOO_LONG);
        return;
    }
    struct flow_ask *a = flow_ask(f, ASK_PROPOSE);
    if (a == NULL) {
        return;
    }
    a->request_kind = KIND_ROSTER;
    a->content = flow_keep(f, wr_span(&w));
    if (a->content.left == 0) {
        flow_unask(f, a);
        return;
    }
    f->making.send_id = a->id;
    (void)flow_go(t, FLOW_EV_SENT);
}

void flow_propose_press(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_reading *r = &f->reading;
    flow_say(f, WORD_NONE);
    if (t->in->press == PRESS_CHAR) {
        (void)flow_type(r->reason, &r->reason_len, sizeof(r->reason), t->in->point);
    } else if (t->in->press == PRESS_ERASE) {
        flow_erase(r->reason, &r->reason_len);
    } else if (t->in->press == PRESS_ESC) {
        (void)flow_go(t, FLOW_EV_PEOPLE);
    } else if (t->in->press == PRESS_ENTER) {
        const struct span reason = flow_trim(span_make(r->reason, r->reason_len));
        if (flow_points(reason) < FLOW_REJECT_LEAST) {
            flow_say_count(f, WORD_REASON_PROPOSE, FLOW_REJECT_LEAST);
        } else {
            propose(t, reason);
        }
    }
}

void flow_proposing_answer(const struct turn *t)
{
    struct flow *f = t->f;
    const struct span code = t->in->answer->code;
    if (span_is(code, "ok") || span_is(code, "same_request") || span_is(code, "already_frozen")) {
        f->making.proposed = t->in->answer->index;
        flow_proposing_fold(t);
    } else {
        (void)flow_go(t, f->form.what != FORM_NONE ? FLOW_EV_FORM : FLOW_EV_BACK);
        flow_say_reason(f, policy_reason_of(code));
    }
}

/* It stands in our own fold: those who are here sign it in the same visit, one after the other. */
void flow_proposing_fold(const struct turn *t)
{
    struct flow *f = t->f;
    const uint64_t index = f->making.proposed;
    if (index == 0 || t->w->state->size <= index) {
        return;
    }
    const bool freeze = f->form.what == FORM_FREEZE; /* no request: nothing is left to do */
    flow_making_drop(f);
    flow_form_drop(f);
    if (freeze) {
        (void)flow_go(t, FLOW_EV_LEAVE);
        flow_say(f, WORD_FROZEN_NOW);
        return;
    }
    flow_read_open(t, index);
    if (f->state == FLOW_READ) {
        f->ceremony = index;
        flow_say(f, WORD_PROPOSED);
    } else {
        (void)flow_go(t, FLOW_EV_LEAVE);
        flow_say(f, WORD_NOT_OPEN);
    }
}
