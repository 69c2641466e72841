/* SPDX-License-Identifier: Apache-2.0 */
/* `emergency`: what may be granted without the ordinary seats, and what is owed for it. */
#include "base/base_text.h"
#include "draft/draft_parts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { SIGN_BY_S = 3600, JUSTIFICATION_MIN = 30, BUDGET_MAX = POLICY_NAMES_MAX, PORTS_LEAST = 2, PORTS_NAMED = 9 };

/* --- values --- */

static void put_bool(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    bool said = row->otherwise != 0;
    if (v == NULL || draft_take_bool(c, v, row->key, &said)) {
        json_put_bool(c->o, row->member, said);
    }
}

static void put_anchor(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const char *const words[] = {"cve", "date", "incident"};

    for (size_t i = 0; i < COUNT(words); i++) {
        if (v->kind == DRAFT_SCALAR && span_is(v->text, words[i])) {
            json_put_str(c->o, row->member, v->text);
            return;
        }
    }
    draft_fault(c->d, v->at, "an anchor is `cve`, `date` or `incident`%s",
                draft_hint_words(v->text, words, COUNT(words)).text);
}

/* Names that the policy declares. */
static void put_declared(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v,
                         struct draft_names names)
{
    const struct draft_set set = draft_take_set(c, v, POLICY_NAMES_MAX, row->key);

    for (size_t i = 0; i < set.count; i++) {
        if (!draft_has(names, set.item[i].node->text)) {
            draft_fault(c->d, set.item[i].node->at, "`%s` does not have `%s`%s", row->key,
                        draft_show(set.item[i].node->text).text, draft_hint_names(set.item[i].node->text, names).text);
        }
    }
    draft_put_set(c, row->member, &set);
}

static void put_change_types(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    put_declared(c, row, v, c->change_types);
}

void draft_put_places(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    put_declared(c, row, v, c->environments);
}

/* --- kinds --- */

static void put_kind_id(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    (void)v;
    if (text_id_check(c->key->text, MODEL_ID_MAX, row->member).code != CS_OK) {
        draft_fault(c->d, c->key->at, "`%s` is no name", draft_show(c->key->text).text);
    }
    json_put_str(c->o, row->member, c->key->text);
}

static const struct draft_row kind_rows[] = {
    {"anchor", DRAFT_MUST, put_anchor, "anchor", 0, 0, 0},
    {"change_types", DRAFT_MUST, put_change_types, "change_types", 0, 0, 0},
    {"environments", DRAFT_MUST, draft_put_places, "environments", 0, 0, 0},
    {"", DRAFT_ALWAYS, put_kind_id, "id", 0, 0, 0},
};

static void put_kinds(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_MAP, "`kinds` is a map of kinds of emergency")) {
        return;
    }
    const struct draft_set kinds = draft_members(c, v, POLICY_KINDS_MAX);
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < kinds.count; i++) {
        const struct draft_node *m = kinds.item[i].node;
        if (draft_is(c, m, DRAFT_MAP, "a kind of emergency is a map with anchor, environments and change_types")) {
            c->key = m->key;
            json_put_object(c->o, NULL);
            draft_rows(c, m, kind_rows, COUNT(kind_rows), "a kind of emergency");
            json_put_close(c->o);
        }
    }
    json_put_close(c->o);
}

/* --- seats --- */

static const struct draft_row seat_rows[] = {
    {"count", DRAFT_ALWAYS, draft_put_int, "count", 1, POLICY_COUNT_MAX, 1},
    {"id", DRAFT_MUST, draft_put_id, "id", 0, 0, 0},
    {"role", DRAFT_MUST, draft_put_role, "role", 0, 0, 0},
    {"self", DRAFT_ALWAYS, put_bool, "self", 0, 0, 0},
    {"voucher", DRAFT_ALWAYS, put_bool, "voucher", 0, 0, 0},
};

/* One map, or a list of them. Seats of reviews and of an overdrawn budget take no voucher, which is the last row. */
static void put_seats(struct draft_ctx *c, const char *member, const struct draft_node *v, bool vouchers)
{
    const bool one = v->kind == DRAFT_MAP;
    const struct draft_node *m = one ? v : v->child;

    if (!one && (v->kind != DRAFT_LIST || v->count < 1 || v->count > POLICY_SEATS_MAX)) {
        draft_fault(c->d, v->at, "from 1 to %d seats, each a map with `id` and `role`", POLICY_SEATS_MAX);
        return;
    }
    json_put_array(c->o, member);
    while (m != NULL) {
        if (draft_is(c, m, DRAFT_MAP, "a seat is a map with `id` and `role`")) {
            json_put_object(c->o, NULL);
            draft_rows(c, m, seat_rows, vouchers ? COUNT(seat_rows) : COUNT(seat_rows) - 1, "a seat");
            json_put_close(c->o);
            draft_check_fillable(c, v, m);
        }
        m = one ? NULL : m->next;
    }
    json_put_close(c->o);
    if (!one) {
        draft_check_ids(c, v, "seat");
    }
}

static void put_own_seats(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    put_seats(c, row->member, v, true);
}

static void put_other_seats(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    put_seats(c, row->member, v, false);
}

/* `over: { add: … }` */
static void put_over(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct draft_row rows[] = {{"add", DRAFT_MUST, put_other_seats, "over", 0, 0, 0}};
    (void)row;
    if (draft_is(c, v, DRAFT_MAP, "`over` is a map, such as { add: { id: second, role: executive } }")) {
        draft_rows(c, v, rows, COUNT(rows), "`over`");
    }
}

/* --- people over all seats --- */

struct people {
    uint64_t all;
    uint64_t here;   /* in seats that take no voucher */
    uint64_t others; /* in seats that who asks cannot fill */
    bool vouchers;
};

static void count_seat(const struct draft_node *seat, struct people *p)
{
    const struct draft_node *self = draft_member(seat, "self");
    const struct draft_node *voucher = draft_member(seat, "voucher");
    const uint64_t n = draft_seat_count(seat);
    const bool takes = voucher != NULL && span_is(voucher->text, "true");

    p->all += n;
    p->here += takes ? 0U : n;
    p->others += self != NULL && span_is(self->text, "true") ? 0U : n;
    p->vouchers = p->vouchers || takes;
}

static struct people count_people(const struct draft_node *seats)
{
    struct people p = {.all = 0};
    if (seats != NULL && seats->kind == DRAFT_MAP) {
        count_seat(seats, &p);
    }
    for (const struct draft_node *m = seats != NULL && seats->kind == DRAFT_LIST ? seats->child : NULL; m != NULL;
         m = m->next) {
        count_seat(m, &p);
    }
    return p;
}

/* Of `emergency`: how many people sign when the budget is overdrawn. */
static uint64_t count_everybody(const struct draft_node *emergency)
{
    const struct people own = count_people(draft_member(emergency, "seats"));
    const struct people over =
        count_people(draft_member(draft_member(draft_member(emergency, "budget"), "over"), "add"));
    return own.all + over.all;
}

/* --- the parts --- */

static const struct draft_row budget_rows[] = {
    {"count", DRAFT_MUST, draft_put_int, "count", 0, BUDGET_MAX, 0},
    {"over", DRAFT_MUST, put_over, "over", 0, 0, 0},
    {"per", DRAFT_MUST, draft_put_duration, "per_s", 0, 0, 0},
};

/* What an overdue review does cannot be chosen: no other emergency of the service until it is paid. */
static void check_overdue(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (v->kind != DRAFT_SCALAR || !span_is(v->text, "block_emergency")) {
        draft_fault(c->d, v->at, "`%s` is block_emergency; nothing else can be chosen", row->key);
    }
}

/* What a review without `fields` answers. */
static void put_fields(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const char *const usual[] = {"cause", "impact", "prevention"};

    if (v != NULL) {
        draft_put_names(c, row, v);
        return;
    }
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < COUNT(usual); i++) {
        json_put_text(c->o, NULL, usual[i]);
    }
    json_put_close(c->o);
}

static const struct draft_row review_rows[] = {
    {"due", DRAFT_MUST, draft_put_duration, "due_s", 0, 0, 0},
    {"fields", DRAFT_ALWAYS, put_fields, "fields", 0, MODEL_DOCS_MAX, 0},
    {"overdue", DRAFT_MAY, check_overdue, NULL, 0, 0, 0},
    {"seats", DRAFT_MUST, put_other_seats, "seats", 0, 0, 0},
};

/* The first ports of the first bus, no more than people sign: on a machine that calls its ports otherwise nobody can.
 */
static void put_first_ports(struct draft_ctx *c, const struct draft_row *row)
{
    const uint64_t people = count_everybody(draft_member(c->top, "emergency"));
    const uint64_t n = people > PORTS_LEAST ? people : PORTS_LEAST;

    if (n > PORTS_NAMED) {
        draft_fault(c->d, c->top->at, "%llu people sign an emergency; `ports` must name as many",
                    (unsigned long long)n);
        return;
    }
    json_put_array(c->o, row->member);
    for (uint64_t i = 1; i <= n; i++) {
        char name[] = "1-0";
        name[2] = (char)('0' + i);
        json_put_text(c->o, NULL, name);
    }
    json_put_close(c->o);
}

static void put_ports(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (v == NULL) {
        put_first_ports(c, row);
        return;
    }
    draft_put_names(c, row, v);
    if (v->count < 2) {
        draft_fault(c->d, v->at, "at least two ports: two people put their tokens in at the same time");
    }
}

/* It is what an emergency is; it cannot be switched off. */
static void check_kiosk(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    bool said = false;
    if (draft_take_bool(c, v, row->key, &said) && !said) {
        draft_fault(c->d, v->at, "an emergency is signed at the kiosk only");
    }
}

static const struct draft_row presence_rows[] = {
    {"kiosk", DRAFT_MAY, check_kiosk, NULL, 0, 0, 0},
    {"ports", DRAFT_ALWAYS, put_ports, "ports", 0, POLICY_PORTS_MAX, 0},
    {"switch", DRAFT_ALWAYS, put_bool, "switch", 0, 0, 1},
    {"tokens", DRAFT_MUST, draft_put_int, "tokens", 2, POLICY_COUNT_MAX, 0},
    {"window", DRAFT_MUST, draft_put_duration, "window_s", 0, POLICY_WINDOW_MAX, 0},
};

static const struct draft_part {
    const char *key;
    const struct draft_row *rows;
    size_t count;
} parts[] = {
    {"budget", budget_rows, COUNT(budget_rows)},
    {"presence", presence_rows, COUNT(presence_rows)},
    {"review", review_rows, COUNT(review_rows)},
};

static void put_part(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    size_t i = 0;
    while (i + 1 < COUNT(parts) && strcmp(parts[i].key, row->key) != 0) {
        i++;
    }
    if (draft_is(c, v, DRAFT_MAP, "a map belongs here")) {
        json_put_object(c->o, row->member);
        draft_rows(c, v, parts[i].rows, parts[i].count, row->key);
        json_put_close(c->o);
    }
}

static void put_justification(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *min = v != NULL ? draft_member(v, "min") : NULL;
    int64_t n = JUSTIFICATION_MIN;

    if (v != NULL && (min == NULL || v->count != 1 || !draft_integer(min, &n) || n < 1 || n > MODEL_FIELD_MAX)) {
        draft_fault(c->d, v->at, "`justification` is { min: N } with 1 to %d characters", MODEL_FIELD_MAX);
    }
    json_put_int(c->o, row->member, n);
}

/* A voucher is given for an emergency that is about to come: without a word for no longer than what that grants. */
static void put_life(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *emergency = draft_member(c->top, "emergency");

    if (v == NULL && count_people(draft_member(emergency, "seats")).vouchers) {
        v = draft_member(emergency, "use_by");
    }
    if (v != NULL) {
        draft_put_duration(c, row, v);
    }
}

static const struct draft_row rows[] = {
    {"budget", DRAFT_MAY, put_part, "budget", 0, 0, 0},
    {"justification", DRAFT_ALWAYS, put_justification, "justification_min", 0, 0, 0},
    {"kinds", DRAFT_MUST, put_kinds, "kinds", 0, 0, 0},
    {"people", DRAFT_MAY, draft_put_names, "people", 0, 0, 0},
    {"presence", DRAFT_MUST, put_part, "presence", 0, 0, 0},
    {"review", DRAFT_MUST, put_part, "review", 0, 0, 0},
    {"seats", DRAFT_MUST, put_own_seats, "seats", 0, 0, 0},
    {"sign_by", DRAFT_ALWAYS, draft_put_duration, "sign_by_s", 0, 0, SIGN_BY_S},
    {"untrusted_clock", DRAFT_ALWAYS, put_bool, "untrusted_clock", 0, 0, 0},
    {"use_by", DRAFT_MUST, draft_put_duration, "use_by_s", 0, 0, 0},
    {"voucher_life", DRAFT_ALWAYS, put_life, "voucher_life_s", 0, 0, 0},
};

/* --- what must hold over all seats --- */

static void check_people(struct draft_ctx *c, const struct draft_node *v)
{
    const struct draft_node *seats = draft_member(v, "seats");
    const struct draft_node *presence = draft_member(v, "presence");
    const struct draft_node *tokens = draft_member(presence, "tokens");
    const struct draft_node *ports = draft_member(presence, "ports");
    const struct draft_node *life = draft_member(v, "voucher_life");
    const struct people own = count_people(seats);
    int64_t least = 0;

    if (seats == NULL) {
        return;
    }
    if (own.here == 0 || own.others == 0) {
        draft_fault(c->d, seats->at, "at least one seat takes no voucher, and at least one is not for who asks");
    }
    if (tokens != NULL && draft_integer(tokens, &least) && least > 0 && own.all < (uint64_t)least) {
        draft_fault(c->d, tokens->at, "%lld tokens are asked for, and the seats have %llu people", (long long)least,
                    (unsigned long long)own.all);
    }
    const uint64_t everybody = count_everybody(v);
    if (ports != NULL && everybody > ports->count) {
        draft_fault(c->d, ports->at, "%llu people sign, those of `over` included; each needs a port",
                    (unsigned long long)everybody);
    }
    if (!own.vouchers && life != NULL) {
        draft_fault(c->d, life->key->at, "no seat takes a voucher");
    }
}

void draft_put_emergency(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (draft_is(c, v, DRAFT_MAP, "`emergency` is a map")) {
        json_put_object(c->o, row->member);
        draft_rows(c, v, rows, COUNT(rows), "`emergency`");
        json_put_close(c->o);
        check_people(c, v);
    }
}
