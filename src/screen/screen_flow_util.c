/* SPDX-License-Identifier: Apache-2.0 */
/* What every part of the flow uses: words, asks, typed texts, pages. */
#include "screen/screen_flow_in.h"

#include "base/base_text.h"

enum { FACE_LEAST_COLS = 80, FACE_LEAST_ROWS = 24, FACE_RAIL_COLS = 28, FACE_PAGE_COLS_MAX = 100 };

void flow_short_set(struct flow_short *s, struct span text)
{
    s->len = text.left < sizeof(s->b) ? text.left : sizeof(s->b);
    if (s->len > 0) {
        memcpy(s->b, text.p, s->len);
    }
}

/* ---- words */

void flow_say_args(struct flow *f, enum screen_word word, const struct word_args *args)
{
    struct flow_message *m = &f->message;
    m->word = word;
    m->args = *args;
    flow_short_set(&m->person, args->person);
    flow_short_set(&m->key, args->key);
    flow_short_set(&m->seat, args->seat);
    m->args.person = flow_text(&m->person);
    m->args.key = flow_text(&m->key);
    m->args.seat = flow_text(&m->seat);
    m->args.card = args->card || f->token.card;
    m->args.reject = f->reading.word == DECISION_REJECT;
    m->args.abstain = f->reading.word == DECISION_ABSTAIN;
}

void flow_say(struct flow *f, enum screen_word word)
{
    const struct word_args none = {0};
    flow_say_args(f, word, &none);
}

void flow_say_count(struct flow *f, enum screen_word word, uint64_t count)
{
    const struct word_args args = {.count = count};
    flow_say_args(f, word, &args);
}

void flow_say_reason(struct flow *f, enum policy_reason reason)
{
    const enum screen_word word = screen_word_of_reason(reason);
    const struct word_args args = {.of_core = policy_reason_sentence(reason)};
    flow_say_args(f, word == WORD_NONE ? WORD_REFUSED : word, &args);
}

/* ---- asks */

struct flow_ask *flow_ask(struct flow *f, enum ask_kind kind)
{
    if (f->asks.count == FLOW_ASKS_MAX) {
        return NULL;
    }
    struct flow_ask *a = &f->asks.item[f->asks.count++];
    *a = (struct flow_ask){.kind = kind, .id = ++f->next_id};
    return a;
}

struct flow_ask *flow_ask_token(struct flow *f, enum ask_kind kind, uint64_t device)
{
    struct flow_ask *a = flow_ask(f, kind);
    if (a != NULL) {
        f->token.op = a->id;
        f->token.op_ms = f->now_ms;
        f->token.op_kind = kind;
        f->token.op_device = device;
        a->device = device;
        f->token.touch = false;
    }
    return a;
}

void flow_unask(struct flow *f, const struct flow_ask *a)
{
    if (f->asks.count > 0 && a == &f->asks.item[f->asks.count - 1]) {
        f->asks.count--;
        f->token.op = f->token.op == a->id ? 0 : f->token.op;
    }
    flow_say(f, WORD_NO_MEMORY);
}

struct span flow_keep(struct flow *f, struct span s)
{
    struct span copy = SPAN_NONE;
    return arena_copy(&f->step, s, &copy).code == CS_OK ? copy : SPAN_NONE;
}

/* ---- typed texts */

static size_t encode(uint32_t point, uint8_t ret_bytes[4])
{
    if (point < 0x80) {
        ret_bytes[0] = (uint8_t)point;
        return 1;
    }
    if (point < 0x800) {
        ret_bytes[0] = (uint8_t)(0xC0U | (point >> 6));
        ret_bytes[1] = (uint8_t)(0x80U | (point & 0x3FU));
        return 2;
    }
    if (point < 0x10000) {
        ret_bytes[0] = (uint8_t)(0xE0U | (point >> 12));
        ret_bytes[1] = (uint8_t)(0x80U | ((point >> 6) & 0x3FU));
        ret_bytes[2] = (uint8_t)(0x80U | (point & 0x3FU));
        return 3;
    }
    ret_bytes[0] = (uint8_t)(0xF0U | ((point >> 18) & 0x07U));
    ret_bytes[1] = (uint8_t)(0x80U | ((point >> 12) & 0x3FU));
    ret_bytes[2] = (uint8_t)(0x80U | ((point >> 6) & 0x3FU));
    ret_bytes[3] = (uint8_t)(0x80U | (point & 0x3FU));
    return 4;
}

bool flow_type(uint8_t *b, size_t *len, size_t max, uint32_t point)
{
    uint8_t bytes[4];
    if (screen_code_class(point) != CODE_PLAIN) {
        return false;
    }
    const size_t n = encode(point, bytes);
    if (n > max - *len) {
        return false;
    }
    memcpy(b + *len, bytes, n);
    *len += n;
    return true;
}

void flow_erase(const uint8_t *b, size_t *len)
{
    while (*len > 0) {
        (*len)--;
        if ((b[*len] & 0xC0U) != 0x80U) {
            return;
        }
    }
}

size_t flow_points(struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.left; i++) {
        n += (text.p[i] & 0xC0U) != 0x80U ? 1U : 0U;
    }
    return n;
}

struct span flow_trim(struct span text)
{
    while (text.left > 0 && text.p[0] == ' ') {
        text = span_from(text, 1);
    }
    while (text.left > 0 && text.p[text.left - 1] == ' ') {
        text.left--;
    }
    return text;
}

/* ---- pages */

unsigned flow_page_cols(unsigned cols, unsigned rows)
{
    if (cols < FACE_LEAST_COLS || rows < FACE_LEAST_ROWS) {
        return 0;
    }
    const unsigned page = cols - FACE_RAIL_COLS - 4; /* a border and a space on either side */
    return page < FACE_PAGE_COLS_MAX ? page : FACE_PAGE_COLS_MAX;
}

unsigned flow_page_rows(unsigned cols, unsigned rows)
{
    return flow_page_cols(cols, rows) > 0 ? rows - 6 : 0; /* bar, two borders, two lines of words, buttons */
}

void flow_set_pages(struct flow *f, struct flow_pages *p, struct arena *arena, uint64_t now_ms)
{
    const struct cs_result r =
        screen_pages(&p->doc, flow_page_cols(f->cols, f->rows), flow_page_rows(f->cols, f->rows), arena, &p->pages);
    if (r.code != CS_OK) { /* too small, or no memory: nothing is shown, so nothing can be signed */
        p->pages = (struct pages){.count = 1, .too_long = true};
    }
    p->at = 0;
    p->shown_ms = now_ms;
    memset(p->seen, 0, sizeof(p->seen));
}

void flow_look(struct flow_pages *p, uint64_t now_ms)
{
    if (now_ms - p->shown_ms >= FLOW_PAGE_MS) {
        p->seen[p->at] = true;
    }
}

bool flow_all_read(const struct flow_pages *p, uint64_t now_ms)
{
    for (size_t i = 0; i < p->pages.count; i++) {
        const bool now = i == p->at && now_ms - p->shown_ms >= FLOW_PAGE_MS;
        if (!p->seen[i] && !now) {
            return false;
        }
    }
    return true;
}

bool flow_turn_page(const struct turn *t, struct flow_pages *p, bool letters)
{
    const enum press press = t->in->press;
    const uint32_t point = letters && press == PRESS_CHAR ? t->in->point : 0;
    const bool on = press == PRESS_PAGE_DOWN || press == PRESS_DOWN || point == 'n' || point == ' ';
    const bool off = press == PRESS_PAGE_UP || press == PRESS_UP || point == 'p';
    flow_look(p, t->w->now_ms);
    if (on && p->at + 1 < p->pages.count) {
        p->at++;
        p->shown_ms = t->w->now_ms;
    } else if (off && p->at > 0) {
        p->at--;
        p->shown_ms = t->w->now_ms;
    }
    return on || off;
}

/* ---- names from the fold */

const struct state_person *flow_person(const struct flow *f, const struct state *s)
{
    const struct state_credential *k = f->token.known ? state_credential_find(s, &f->token.credential) : NULL;
    return k != NULL && state_credential_counts(k) ? k->person : NULL;
}

void flow_key_name(const struct state *s, const struct sha256 *credential, struct flow_short *ret_name)
{
    const struct state_credential *k = s != NULL ? state_credential_find(s, credential) : NULL;
    if (k != NULL && k->nickname.left > 0) {
        flow_short_set(ret_name, k->nickname);
        return;
    }
    char name[16];
    (void)snprintf(name, sizeof(name), "key %02X %02X", credential->b[0], credential->b[1]);
    flow_short_set(ret_name, span_str(name));
}

CS_RESULT flow_sheet(const struct flow_world *w, const struct state_request *q, struct arena *arena,
                     struct sheet *ret_sheet)
{
    struct state_loaded l = {0};
    TRY(state_load(q, arena, &l));
    return policy_sheet_at(w->state, q, &l, w->clock_ms, arena, ret_sheet);
}

const struct change_facts *flow_facts(const struct flow_world *w, const struct roster_changes *changes,
                                      struct arena *arena)
{
    return w->facts != NULL ? w->facts(changes, arena) : NULL;
}
