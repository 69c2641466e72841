/* SPDX-License-Identifier: Apache-2.0 */
/* Order over rules, groups that vote, escalation, and what a rule asks of keys. */
#include "base/base_text.h"
#include "draft/draft_parts.h"

/* --- after --- */

/* A seat, and the rule that it is of. */
struct place {
    const struct draft_node *rule;
    const struct draft_node *seat; /* NULL: none, or several */
    size_t count;
};

enum { CHAIN_MAX = 256 }; /* of a longer circle the core's own decoder tells */

static bool has_id(const struct draft_node *m, struct span id)
{
    const struct draft_node *have = draft_member(m, "id");
    return have != NULL && have->kind == DRAFT_SCALAR && span_eq(have->text, id);
}

static const struct draft_node *seat_of(const struct draft_node *rule, struct span id)
{
    const struct draft_node *seats = draft_member(draft_member(rule, "require"), "seats");
    const struct draft_node *m = seats != NULL ? seats->child : NULL;

    while (m != NULL && !has_id(m, id)) {
        m = m->next;
    }
    return m;
}

/* "tech" is the rule's own seat before it is another's; "production/tech" is that rule's. */
static struct place find(const struct draft_ctx *c, const struct draft_node *rule, struct span after)
{
    const struct draft_node *rules = draft_member(c->top, "rules");
    const struct policy_seat_ref ref = model_policy_after(SPAN_NONE, after);
    const bool named = ref.rule.left > 0;
    struct place p = {.rule = rule, .seat = named ? NULL : seat_of(rule, after), .count = 1};

    if (p.seat != NULL) {
        return p;
    }
    p.count = 0;
    for (const struct draft_node *r = rules != NULL ? rules->child : NULL; r != NULL; r = r->next) {
        const struct draft_node *seat = !named || has_id(r, ref.rule) ? seat_of(r, ref.seat) : NULL;
        if (seat != NULL) {
            p = (struct place){.rule = r, .seat = seat, .count = p.count + 1};
        }
    }
    return p;
}

static struct place before(const struct draft_ctx *c, const struct place *p)
{
    const struct draft_node *after = p->seat != NULL ? draft_member(p->seat, "after") : NULL;
    const bool there = after != NULL && after->kind == DRAFT_SCALAR;
    return there ? find(c, p->rule, after->text) : (struct place){.count = 0};
}

/* Following `after` ends: else nobody could ever sit there. */
static void check_circle(struct draft_ctx *c, const struct draft_node *v)
{
    const struct place own = {.rule = c->rule, .seat = c->seat, .count = 1};
    struct place at = before(c, &own);

    for (size_t steps = 0; at.count == 1 && steps < CHAIN_MAX; steps++) {
        if (at.seat == own.seat) {
            draft_fault(c->d, v->at, "seats that wait for each other in a circle: nobody could ever sign");
            return;
        }
        at = before(c, &at);
    }
}

void draft_put_after(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_SCALAR, "the seat that comes before belongs here: SEAT or RULE/SEAT")) {
        return;
    }
    const struct place p = find(c, c->rule, v->text);
    if (p.count == 0) {
        draft_fault(c->d, v->at, "no rule has a seat `%s`", draft_show(v->text).text);
        return;
    }
    if (p.count > 1) {
        draft_fault(c->d, v->at, "%zu rules have a seat `%s`; say which: RULE/SEAT", p.count, draft_show(v->text).text);
        return;
    }
    uint8_t name[MODEL_SEAT_MAX]; /* an id that is too long is a fault of its own */
    struct writer w = wr_fixed(name, sizeof(name));
    const struct draft_node *rule = draft_member(p.rule, "id");
    if (p.rule != c->rule && rule != NULL) {
        wr_bytes(&w, rule->text);
        wr_u8(&w, '/');
    }
    wr_bytes(&w, draft_member(p.seat, "id")->text);
    json_put_str(c->o, row->member, wr_span(&w));
    check_circle(c, v);
}

/* --- groups --- */

static const char *const quorums[] = {"majority", "two_thirds"};

/* A number of people says how many are needed, as `count` does. */
static bool quorum_is_number(const struct draft_node *quorum, int64_t *ret_n)
{
    return quorum != NULL && draft_integer(quorum, ret_n);
}

void draft_put_count(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *quorum = draft_member(c->seat, "quorum");
    int64_t n = 0;

    if (!quorum_is_number(quorum, &n)) {
        draft_put_int(c, row, v);
    } else if (v != NULL) {
        draft_fault(c->d, v->at, "`quorum` says how many already");
    } else {
        const struct draft_row said = {.key = "quorum", .member = row->member, .min = row->min, .max = row->max};
        draft_put_int(c, &said, quorum);
    }
}

void draft_put_quorum(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    int64_t n = 0;

    if (quorum_is_number(v, &n)) {
        json_put_text(c->o, row->member, policy_quorum_text(QUORUM_COUNT));
        return;
    }
    for (size_t i = 0; v->kind == DRAFT_SCALAR && i < sizeof(quorums) / sizeof(quorums[0]); i++) {
        if (span_is(v->text, quorums[i])) {
            json_put_str(c->o, row->member, v->text);
            return;
        }
    }
    draft_fault(c->d, v->at, "`quorum` is majority, two_thirds, or a number of people%s",
                draft_hint_words(v->kind == DRAFT_SCALAR ? v->text : SPAN_NONE, quorums, 2).text);
}

static void check_roles(struct draft_ctx *c, const struct draft_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct draft_node *role = set->item[i].node;
        if (!draft_has(c->roles, role->text)) {
            draft_fault(c->d, role->at, "`roles` does not have `%s`%s", draft_show(role->text).text,
                        draft_hint_names(role->text, c->roles).text);
        }
    }
}

void draft_put_veto(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, (size_t)row->max, row->key);

    if (draft_member(c->seat, "quorum") == NULL) {
        draft_fault(c->d, v->at, "only where there is a `quorum` is a `veto` more than any rejection");
    }
    check_roles(c, &set);
    draft_put_set(c, row->member, &set);
}

uint64_t draft_seat_need(const struct draft_node *seat, size_t of)
{
    const struct draft_node *quorum = draft_member(seat, "quorum");
    const uint64_t least = draft_seat_count(seat);
    int64_t n = 0;

    if (quorum == NULL || quorum->kind != DRAFT_SCALAR) {
        return least;
    }
    if (quorum_is_number(quorum, &n)) {
        return n > 0 ? (uint64_t)n : 0;
    }
    const uint64_t share = span_is(quorum->text, "majority") ? of / 2 + 1 : (of * 2 + 2) / 3;
    return share > least ? share : least;
}

/* --- escalation --- */

static void put_to(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    draft_put_role(c, row, v);
    if (v->kind == DRAFT_SCALAR && c->roster != NULL && draft_has(c->roles, v->text) &&
        draft_holders(c->roster, v->text) == 0) {
        draft_fault(c->d, v->at, "nobody on the roster has the role `%s`", draft_show(v->text).text);
    }
}

static const struct draft_row step_rows[] = {
    {"after", DRAFT_MUST, draft_put_duration, "after_s", 0, 0, 0},
    {"to", DRAFT_MUST, put_to, "to", 0, 0, 0},
    {"when", DRAFT_MAY, draft_put_when, "when", 0, 0, DRAFT_WHEN_WIDENS},
};

static int by_time(const void *va, const void *vb)
{
    const struct draft_node *a = ((const struct draft_item *)va)->node;
    const struct draft_node *b = ((const struct draft_item *)vb)->node;
    const struct draft_node *after[] = {draft_member(a, "after"), draft_member(b, "after")};
    const struct draft_node *to[] = {draft_member(a, "to"), draft_member(b, "to")};
    uint64_t s[2] = {0};

    for (size_t i = 0; i < 2; i++) {
        if (after[i] == NULL || to[i] == NULL || !draft_seconds(after[i], &s[i])) {
            return 0; /* a fault of its own */
        }
    }
    if (s[0] != s[1]) {
        return s[0] < s[1] ? -1 : 1;
    }
    return span_cmp(to[0]->text, to[1]->text);
}

static bool take_steps(struct draft_ctx *c, const struct draft_node *v, struct draft_set *ret_set)
{
    struct draft_set set = {.item = arena_array(c->d->arena, v->count + 1, sizeof(*set.item))};

    if (set.item == NULL) {
        c->d->no_room = true;
        return false;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        if (draft_is(c, m, DRAFT_MAP, "a step is a map with `after` and `to`")) {
            set.item[set.count++].node = m;
        }
    }
    if (set.count > 1) {
        qsort(set.item, set.count, sizeof(set.item[0]), by_time);
    }
    *ret_set = set;
    return true;
}

void draft_put_escalate(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    struct draft_set set = {.count = 0};

    if (!draft_is(c, v, DRAFT_LIST, "`escalate` is a list of maps with `after` and `to`") || !take_steps(c, v, &set)) {
        return;
    }
    if (v->count < 1 || v->count > POLICY_STEPS_MAX) {
        draft_fault(c->d, v->at, "from 1 to %d steps in one rule", POLICY_STEPS_MAX);
    }
    if (draft_member(draft_member(c->rule, "require"), "seats") == NULL) {
        draft_fault(c->d, v->at, "this rule has no `seats` that somebody else could fill");
    }
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < set.count; i++) {
        const struct draft_node *m = set.item[i].node;
        json_put_object(c->o, NULL);
        draft_rows(c, m, step_rows, sizeof(step_rows) / sizeof(step_rows[0]), "a step");
        json_put_close(c->o);
        if (i > 0 && draft_good(c->d) && by_time(&set.item[i - 1], &set.item[i]) == 0) {
            draft_fault(c->d, m->at, "two steps to the same role at the same time; join their conditions with `any`");
        }
    }
    json_put_close(c->o);
}

/* --- what a rule asks of keys --- */

static void put_attested(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    bool yes = false;

    if (draft_take_bool(c, v, row->key, &yes)) {
        if (!yes) {
            draft_fault(c->d, v->at, "leave out what is not asked");
        }
        json_put_bool(c->o, row->member, true);
    }
}

/* Every key shows its PIN or fingerprint; there is no other word. */
static void put_verification(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (v->kind != DRAFT_SCALAR || !span_is(v->text, "required")) {
        draft_fault(c->d, v->at, "`verification` is `required`");
        return;
    }
    json_put_bool(c->o, row->member, true);
}

static const struct draft_row token_rows[] = {
    {"attested", DRAFT_MAY, put_attested, "attested", 0, 0, 0},
    {"verification", DRAFT_MAY, put_verification, "verification", 0, 0, 0},
};

void draft_put_rule_token(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_MAP, "`token` is a map, such as { verification: required, attested: true }")) {
        return;
    }
    if (v->count == 0) {
        draft_fault(c->d, v->at, "`token` asks for nothing");
    }
    json_put_object(c->o, row->member);
    draft_rows(c, v, token_rows, sizeof(token_rows) / sizeof(token_rows[0]), "`token` of a rule");
    json_put_close(c->o);
}
