/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of the policy language. A word that the compiled form gets is a row and a function here. */
#include "base/base_text.h"
#include "draft/draft_parts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { OFFICERS_SIGN_BY_S = 86400 };

/* --- names --- */

static void put_roles(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    draft_put_names(c, row, v);
    if (!draft_has(c->roles, SPAN_LIT("officer"))) {
        draft_fault(c->d, v->at, "the role `officer` is missing: officers change policy and people");
    }
}

/* --- officers --- */

static const struct draft_row officer_rows[] = {
    {"sign_by", DRAFT_ALWAYS, draft_put_duration, "sign_by_s", 0, 0, OFFICERS_SIGN_BY_S},
    {"threshold", DRAFT_MUST, draft_put_int, "threshold", 2, POLICY_COUNT_MAX, 0},
};

static void put_officers(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *threshold = draft_member(v, "threshold");
    int64_t n = 0;

    if (!draft_is(c, v, DRAFT_MAP, "`officers` is a map, such as { threshold: 2 }")) {
        return;
    }
    json_put_object(c->o, row->member);
    draft_rows(c, v, officer_rows, COUNT(officer_rows), "`officers`");
    json_put_close(c->o);
    if (c->roster != NULL && threshold != NULL && draft_integer(threshold, &n) && n > 0) {
        const size_t have = draft_holders(c->roster, SPAN_LIT("officer"));
        if (have < (size_t)n + 1) {
            draft_fault(c->d, threshold->at, "the roster has %zu officers; %lld must sign, and one more must exist",
                        have, (long long)n);
        }
    }
}

/* --- what a rule requires --- */

/* Words of a closed list, sorted. */
static void put_words(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v,
                      const char *const *words, size_t count)
{
    const struct draft_set set = draft_take_set(c, v, count, row->key);

    for (size_t i = 0; i < set.count; i++) {
        size_t k = 0;
        while (k < count && !span_is(set.item[i].node->text, words[k])) {
            k++;
        }
        if (k == count) {
            draft_fault(c->d, set.item[i].node->at, "`%s` is not known in `%s`%s",
                        draft_show(set.item[i].node->text).text, row->key,
                        draft_hint_words(set.item[i].node->text, words, count).text);
        }
    }
    draft_put_set(c, row->member, &set);
}

static void put_bind(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const char *const words[] = {"artifacts", "config", "plan"};
    put_words(c, row, v, words, COUNT(words));
}

static void put_separate(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const char *const words[] = {"authors", "initiator", "policy_editor", "trigger"};
    put_words(c, row, v, words, COUNT(words));
}

static void put_fields(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const char *const words[] = {"documentation.affected_systems",
                                        "documentation.backout_plan",
                                        "documentation.customer_impact",
                                        "documentation.rollback_plan",
                                        "documentation.rollback_triggers",
                                        "initiator",
                                        "rollback",
                                        "service",
                                        "source.commit",
                                        "source.ref",
                                        "source.repository",
                                        "ticket",
                                        "title",
                                        "trigger"};
    const struct draft_set set = draft_take_set(c, v, POLICY_FIELDS_MAX, row->key);

    for (size_t i = 0; i < set.count; i++) {
        if (!model_policy_is_field(set.item[i].node->text) || set.item[i].node->text.left > MODEL_ACCOUNT_MAX) {
            draft_fault(c->d, set.item[i].node->at, "no request has a field `%s`%s",
                        draft_show(set.item[i].node->text).text,
                        draft_hint_words(set.item[i].node->text, words, COUNT(words)).text);
        }
    }
    draft_put_set(c, row->member, &set);
}

/* `optional`, `required`, or a map with `min`, in characters. */
static void put_reason_word(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *min = draft_member(v, "min");
    int64_t n = 0;

    if (v == NULL || (v->kind == DRAFT_SCALAR && span_is(v->text, "optional"))) {
        json_put_uint(c->o, row->member, 0);
    } else if (v->kind == DRAFT_SCALAR && span_is(v->text, "required")) {
        json_put_uint(c->o, row->member, 1);
    } else if (min != NULL && v->count == 1 && draft_integer(min, &n) && n >= 0 && (uint64_t)n <= row->max) {
        json_put_int(c->o, row->member, n);
    } else {
        draft_fault(c->d, v->at, "a reason is `optional`, `required` or { min: N } with at most %llu characters",
                    (unsigned long long)row->max);
    }
}

static const struct draft_row reason_rows[] = {
    {"approve", DRAFT_ALWAYS, put_reason_word, "approve", 0, MODEL_FIELD_MAX, 0},
    {"reject", DRAFT_ALWAYS, put_reason_word, "reject", 0, MODEL_FIELD_MAX, 0},
};

static void put_reason(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (draft_is(c, v, DRAFT_MAP, "`reason` is a map, such as { reject: { min: 15 } }")) {
        json_put_object(c->o, row->member);
        draft_rows(c, v, reason_rows, COUNT(reason_rows), "`reason`");
        json_put_close(c->o);
    }
}

static const struct draft_row require_rows[] = {
    {"bind", DRAFT_MAY, put_bind, "bind", 0, 0, 0},
    {"escalate", DRAFT_MAY, draft_put_escalate, "escalate", 0, 0, 0},
    {"evidence", DRAFT_MAY, draft_put_evidence, "evidence", 0, 0, 0},
    {"fields", DRAFT_MAY, put_fields, "fields", 0, 0, 0},
    {"reason", DRAFT_MAY, put_reason, "reason", 0, 0, 0},
    {"seats", DRAFT_MAY, draft_put_seats, "seats", 0, 0, 0},
    {"separate", DRAFT_MAY, put_separate, "separate", 0, 0, 0},
    {"sign_by", DRAFT_MAY, draft_put_duration, "sign_by_s", 0, 0, 0},
    {"source", DRAFT_MAY, draft_put_source, "source", 0, 0, 0},
    {"ticket", DRAFT_MAY, draft_put_ticket, "ticket", 0, 0, 0},
    {"token", DRAFT_MAY, draft_put_rule_token, "token", 0, 0, 0},
    {"use_by", DRAFT_MAY, draft_put_duration, "use_by_s", 0, 0, 0},
};

static void put_require(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (draft_is(c, v, DRAFT_MAP, "`require` is a map of what the rule asks for")) {
        json_put_object(c->o, row->member);
        draft_rows(c, v, require_rows, COUNT(require_rows), "`require`");
        json_put_close(c->o);
    }
}

/* --- rules --- */

static const struct draft_row rule_rows[] = {
    {"id", DRAFT_MUST, draft_put_id, "id", 0, 0, 0},
    {"require", DRAFT_MUST, put_require, "require", 0, 0, 0},
    {"when", DRAFT_MAY, draft_put_when, "when", 0, 0, 0},
};

void draft_check_ids(struct draft_ctx *c, const struct draft_node *list, const char *what)
{
    for (const struct draft_node *m = list->child; m != NULL; m = m->next) {
        const struct draft_node *id = draft_member(m, "id");
        const struct draft_node *k = list->child;
        while (id != NULL && k != m) {
            const struct draft_node *other = draft_member(k, "id");
            if (other != NULL && span_eq(other->text, id->text)) {
                draft_fault(c->d, id->at, "another %s in line %u has the id `%s`", what, other->at.line,
                            draft_show(id->text).text);
                break;
            }
            k = k->next;
        }
    }
}

static void put_rules(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_LIST, "`rules` is a list; [] for none")) {
        return;
    }
    if (v->count > POLICY_RULES_MAX) {
        draft_fault(c->d, v->at, "more than %d rules", POLICY_RULES_MAX);
        return;
    }
    json_put_array(c->o, row->member);
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        if (draft_is(c, m, DRAFT_MAP, "a rule is a map with `id` and `require`")) {
            c->rule = m;
            json_put_object(c->o, NULL);
            draft_rows(c, m, rule_rows, COUNT(rule_rows), "a rule");
            json_put_close(c->o);
        }
    }
    draft_check_ids(c, v, "rule");
    draft_put_stage_rules(c, v);
    json_put_close(c->o);
}

/* --- the document --- */

static void put_format(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    (void)v;
    json_put_uint(c->o, row->member, row->otherwise);
}

/* --- retention --- */

static void put_classes(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct draft_row keep = {"classes", DRAFT_MUST, draft_put_duration, "keep_s", 0, 0, 0};

    if (!draft_is(c, v, DRAFT_MAP, "`classes` is a map, such as { hipaa: 6y }")) {
        return;
    }
    const struct draft_set set = draft_members(c, v, POLICY_FIELDS_MAX);
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < set.count; i++) {
        const struct draft_node *m = set.item[i].node;
        json_put_object(c->o, NULL);
        draft_put_id(c, &(struct draft_row){.key = "classes", .member = "id"}, m->key);
        draft_put_duration(c, &keep, m);
        json_put_close(c->o);
    }
    json_put_close(c->o);
}

static void put_retention(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct draft_row rows[] = {
        {"classes", DRAFT_MAY, put_classes, "classes", 0, 0, 0},
        {"default", DRAFT_MUST, draft_put_duration, "default_s", 0, 0, 0},
    };

    if (draft_is(c, v, DRAFT_MAP, "`retention` is a map, such as { default: 7y, classes: { hipaa: 6y } }")) {
        json_put_object(c->o, row->member);
        draft_rows(c, v, rows, COUNT(rows), "`retention`");
        json_put_close(c->o);
    }
}

/* Those that are declared, and those that only emergencies name. */
static void put_change_types(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, POLICY_NAMES_MAX, row->key);
    const struct draft_names more = {.item = c->change_types.item + c->declared_types,
                                     .count = c->change_types.count - c->declared_types};
    struct span *all = arena_array(c->d->arena, set.count + more.count + 1, sizeof(*all));
    size_t n = 0;

    if (all == NULL) {
        c->d->no_room = true;
        return;
    }
    for (size_t i = 0; i < set.count; i++) {
        draft_check_name(c, set.item[i].node);
    }
    for (size_t i = 0; i < set.count + more.count; i++) {
        const struct span word = i < set.count ? set.item[i].node->text : more.item[i - set.count];
        size_t at = n++;
        for (; at > 0 && span_cmp(all[at - 1], word) > 0; at--) {
            all[at] = all[at - 1];
        }
        all[at] = word;
    }
    if (n > POLICY_NAMES_MAX) {
        draft_fault(c->d, v->at, "at most %d change types, those of emergencies included", POLICY_NAMES_MAX);
    }
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < n; i++) {
        json_put_str(c->o, NULL, all[i]);
    }
    json_put_close(c->o);
}

static const struct draft_row policy_rows[] = {
    {"access_review", DRAFT_MAY, draft_put_access_review, "access_review", 0, 0, 0},
    {"calendar", DRAFT_MAY, draft_put_calendar, "calendar", 0, 0, 0},
    {"change_types", DRAFT_MUST, put_change_types, "change_types", 0, 0, 0},
    {"delegation", DRAFT_MAY, draft_put_delegation, "delegation", 0, 0, 0},
    {"directory", DRAFT_MAY, draft_put_directory, "directory", 0, 0, 0},
    {"duty", DRAFT_MAY, draft_put_duty, "duty", 0, 0, 0},
    {"earned", DRAFT_MAY, draft_put_earned, "earned", 0, 0, 0},
    {"emergency", DRAFT_MAY, draft_put_emergency, "emergency", 0, 0, 0},
    {"environments", DRAFT_MUST, draft_put_environments, "environments", 0, 0, 0},
    {"freeze", DRAFT_MAY, draft_put_freeze, "freeze", 0, 0, 0},
    {"name", DRAFT_MUST, draft_put_id, "name", 0, 0, 0},
    {"officers", DRAFT_MUST, put_officers, "officers", 0, 0, 0},
    {"", DRAFT_ALWAYS, draft_put_promotion, "promotion", 0, 0, 0},
    {"retention", DRAFT_MAY, put_retention, "retention", 0, 0, 0},
    {"roles", DRAFT_MUST, put_roles, "roles", 0, 0, 0},
    {"rules", DRAFT_MUST, put_rules, "rules", 0, 0, 0},
    {"tokens", DRAFT_MAY, draft_put_tokens, "tokens", 0, 0, 0},
    {"", DRAFT_ALWAYS, put_format, "v", 0, 0, 1},
    {"version", DRAFT_MUST, draft_put_int, "version", 1, (uint64_t)JSON_INT_MAX, 0},
    {"", DRAFT_ALWAYS, draft_put_zones, "zones", 0, 0, 0},
};

/* What a member lists, or its keys, for those who name it; faults are its own row's. */
static CS_RESULT declared(struct draft_ctx *c, const struct draft_node *v, struct draft_names *ret_names)
{
    if (v == NULL) {
        return CS_SUCCESS;
    }
    struct span *item = arena_array(c->d->arena, v->count + 1, sizeof(*item));
    size_t n = 0;
    ENSURE(item != NULL, CS_E_NOMEM, "names");
    if (v->kind == DRAFT_SCALAR) {
        item[n++] = v->text;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        item[n++] = v->kind == DRAFT_MAP ? m->key->text : m->text;
    }
    *ret_names = (struct draft_names){.item = item, .count = n};
    return CS_SUCCESS;
}

/* Words of one kind of emergency that are no change types yet; item has room. Returns how many there are then. */
static size_t add_types(const struct draft_ctx *c, const struct draft_node *types, struct span *item, size_t n)
{
    const struct draft_node *m = types != NULL && types->kind == DRAFT_LIST ? types->child : types;
    const size_t most = c->change_types.count + POLICY_NAMES_MAX;

    for (; m != NULL && n < most; m = m == types ? NULL : m->next) {
        const bool word = m->kind == DRAFT_SCALAR && text_id_check(m->text, MODEL_ID_MAX, "change_types").code == CS_OK;
        if (word && !span_among(m->text, item, n) && draft_hint_names(m->text, c->change_types).text[0] == '\0') {
            item[n++] = m->text;
        }
    }
    return n;
}

/* Change types that only kinds of emergency name are change types, too: behind those that are declared. A word that is
 * nearly one of the others is not: the kind's own row says so. */
static CS_RESULT declared_by_kinds(struct draft_ctx *c, const struct draft_node *top)
{
    const struct draft_node *kinds = draft_member(draft_member(top, "emergency"), "kinds");
    const size_t declared_count = c->change_types.count;
    struct span *item = arena_array(c->d->arena, declared_count + POLICY_NAMES_MAX, sizeof(*item));
    size_t n = declared_count;

    ENSURE(item != NULL, CS_E_NOMEM, "names");
    if (declared_count > 0) {
        memcpy(item, c->change_types.item, declared_count * sizeof(*item));
    }
    for (const struct draft_node *k = kinds != NULL ? kinds->child : NULL; k != NULL; k = k->next) {
        n = add_types(c, draft_member(k, "change_types"), item, n);
    }
    c->declared_types = declared_count;
    c->change_types = (struct draft_names){.item = item, .count = n};
    return CS_SUCCESS;
}

/* The core's own decoder has the last word on what was written. */
static void try_out(struct draft *d, const struct draft_node *top, struct span text)
{
    struct policy_doc doc;

    if (text.left > MODEL_CONTENT_MAX) {
        draft_fault(d, (struct draft_place){1, 1}, "the compiled policy has %zu bytes; an entry of the log takes %d",
                    text.left, MODEL_CONTENT_MAX);
        return;
    }
    const struct cs_result r = model_policy_decode(text, d->arena, &doc);
    if (r.code == CS_E_NOMEM) {
        d->no_room = true;
    } else if (r.code != CS_OK) {
        draft_fault(d, (struct draft_place){1, 1}, "the compiled policy is refused: %s %s", r.msg,
                    cs_code_text(r.code));
    } else {
        draft_check_calendar(d, &doc, draft_member(top, "calendar"));
    }
}

static CS_RESULT compile(struct draft_ctx *c, const struct draft_node *top)
{
    TRY(declared(c, draft_member(top, "roles"), &c->roles));
    TRY(declared(c, draft_member(top, "environments"), &c->environments));
    TRY(declared(c, draft_member(top, "change_types"), &c->change_types));
    TRY(declared_by_kinds(c, top));
    json_put_object(c->o, NULL);
    draft_rows(c, top, policy_rows, COUNT(policy_rows), "a policy");
    json_put_close(c->o);
    ENSURE(!c->d->no_room, CS_E_NOMEM, "policy");
    ENSURE(draft_good(c->d), CS_E_REFUSED, "policy");
    return json_out_end(c->o, "policy");
}

CS_RESULT draft_policy(struct draft *d, const struct draft_node *top, const struct draft_roster *roster,
                       struct writer *w)
{
    AUTO_WRITER text = wr_heap((size_t)DRAFT_TEXT_MAX * 2);
    struct json_out o = json_out_make(&text);
    struct draft_ctx c = {.d = d, .o = &o, .top = top, .roster = roster};

    if (top != NULL && draft_is(&c, top, DRAFT_MAP, "a policy is a map with `version`, `name`, `officers` and so on")) {
        TRY(compile(&c, top));
        try_out(d, top, wr_span(&text));
    }
    ENSURE(!d->no_room, CS_E_NOMEM, "policy");
    ENSURE(top != NULL && draft_good(d), CS_E_REFUSED, "policy");
    wr_bytes(w, wr_span(&text));
    return wr_end(w, "policy");
}
