/* SPDX-License-Identifier: Apache-2.0 */
/* Two policies, rule by rule. */
#include "draft/draft_try.h"

enum way { WAY_STRICTER, WAY_LOOSER, WAY_OTHER };

struct diff {
    struct writer *w;
    const struct policy_rule *rule; /* NULL: of the whole policy */
    struct draft_change change;
};

struct word_list {
    const struct span *item;
    size_t count;
};

static void begin(struct diff *d, enum way way)
{
    static const char *const words[] = {"stricter: ", "looser: ", "changed: "};

    d->change.more += way == WAY_LOOSER ? 0U : 1U;
    d->change.less += way == WAY_STRICTER ? 0U : 1U;
    wr_text(d->w, words[way]);
    if (d->rule != NULL) {
        wr_text(d->w, "rule ");
        wr_text(d->w, draft_show(d->rule->id).text);
        wr_text(d->w, ": ");
    }
}

static void say(struct diff *d, enum way way, const char *before, struct span word, const char *after)
{
    begin(d, way);
    wr_text(d->w, before);
    wr_text(d->w, draft_show(word).text);
    wr_text(d->w, after);
    wr_text(d->w, "\n");
}

static void say_number(struct diff *d, bool stricter, const char *what, uint64_t a, uint64_t b)
{
    begin(d, stricter ? WAY_STRICTER : WAY_LOOSER);
    wr_text(d->w, what);
    wr_text(d->w, " ");
    wr_dec(d->w, b);
    wr_text(d->w, ", was ");
    wr_dec(d->w, a);
    wr_text(d->w, "\n");
}

static enum way opposite(enum way way)
{
    return way == WAY_OTHER ? WAY_OTHER : (way == WAY_STRICTER ? WAY_LOOSER : WAY_STRICTER);
}

static bool among(struct span word, struct word_list l)
{
    size_t i = 0;
    while (i < l.count && !span_eq(l.item[i], word)) {
        i++;
    }
    return i < l.count;
}

/* What is new goes `way`, what is gone goes the other. */
static void compare_words(struct diff *d, struct word_list a, struct word_list b, enum way way, const char *what)
{
    for (size_t i = 0; i < b.count; i++) {
        if (!among(b.item[i], a)) {
            say(d, way, what, b.item[i], " is new");
        }
    }
    for (size_t i = 0; i < a.count; i++) {
        if (!among(a.item[i], b)) {
            say(d, opposite(way), what, a.item[i], " is gone");
        }
    }
}

static void compare_bits(struct diff *d, uint32_t a, uint32_t b, const char *const *words, const char *what)
{
    for (uint32_t i = 0; words[i] != NULL; i++) {
        const bool had = (a >> i & 1U) != 0;
        const bool has = (b >> i & 1U) != 0;
        if (had != has) {
            say(d, has ? WAY_STRICTER : WAY_LOOSER, what, span_str(words[i]), has ? " is new" : " is gone");
        }
    }
}

/* Zero says nothing; the shortest counts. */
static void compare_clock(struct diff *d, uint64_t a, uint64_t b, const char *what)
{
    if (a != b) {
        say_number(d, a == 0 || (b != 0 && b < a), what, a, b);
    }
}

static void compare_least(struct diff *d, uint64_t a, uint64_t b, const char *what)
{
    if (a != b) {
        say_number(d, b > a, what, a, b);
    }
}

/* --- conditions --- */

static bool same_test(const struct policy_test *a, const struct policy_test *b)
{
    bool same =
        a->kind == b->kind && a->bound == b->bound && a->value_count == b->value_count && span_eq(a->name, b->name);
    for (size_t i = 0; same && i < a->value_count; i++) {
        same = span_eq(a->values[i], b->values[i]);
    }
    return same;
}

static bool same_condition(const struct policy_when *a, const struct policy_when *b)
{
    bool same = a->any_count == b->any_count;
    for (size_t i = 0; same && i < a->any_count; i++) {
        same = same_test(&a->any[i], &b->any[i]);
    }
    return same;
}

/* Does each condition of a stand in b? Then whatever b applies to, a applies to. */
static bool within(const struct policy_rule *a, const struct policy_rule *b)
{
    for (size_t i = 0; i < a->when_count; i++) {
        size_t k = 0;
        while (k < b->when_count && !same_condition(&a->when[i], &b->when[k])) {
            k++;
        }
        if (k == b->when_count) {
            return false;
        }
    }
    return true;
}

static void compare_when(struct diff *d, const struct policy_rule *a, const struct policy_rule *b)
{
    const bool wider = within(b, a);
    const bool narrower = within(a, b);

    if (wider && narrower) {
        return;
    }
    begin(d, wider ? WAY_STRICTER : (narrower ? WAY_LOOSER : WAY_OTHER));
    wr_text(d->w, wider ? "applies to more, " : (narrower ? "applies to less, " : "applies to others, "));
    draft_rule_words(b, d->w);
    wr_text(d->w, ", was ");
    draft_rule_words(a, d->w);
    wr_text(d->w, "\n");
}

/* --- seats --- */

static const struct policy_seat *seat_of(const struct policy_rule *r, struct span id)
{
    size_t i = 0;
    while (i < r->seat_count && !span_eq(r->seats[i].id, id)) {
        i++;
    }
    return i < r->seat_count ? &r->seats[i] : NULL;
}

static void say_seat(struct diff *d, enum way way, const struct policy_seat *s, const char *after)
{
    begin(d, way);
    wr_text(d->w, "seat ");
    wr_text(d->w, draft_show(s->id).text);
    wr_text(d->w, ", ");
    wr_dec(d->w, s->count);
    wr_text(d->w, " of role ");
    wr_text(d->w, draft_show(s->role).text);
    wr_text(d->w, after);
    wr_text(d->w, "\n");
}

static void compare_seat(struct diff *d, const struct policy_seat *a, const struct policy_seat *b)
{
    if (!span_eq(a->role, b->role)) {
        say_seat(d, WAY_OTHER, b, ", was of another role");
    }
    if (a->count != b->count) {
        say_seat(d, b->count > a->count ? WAY_STRICTER : WAY_LOOSER, b,
                 b->count > a->count ? ", were fewer" : ", were more");
    }
    if (!span_eq(a->after, b->after)) {
        const enum way way = a->after.left == 0 ? WAY_STRICTER : (b->after.left == 0 ? WAY_LOOSER : WAY_OTHER);
        say_seat(d, way, b, way == WAY_LOOSER ? ", no longer waits" : ", waits for another seat");
    }
}

static void compare_seats(struct diff *d, const struct policy_rule *a, const struct policy_rule *b)
{
    for (size_t i = 0; i < b->seat_count; i++) {
        const struct policy_seat *had = seat_of(a, b->seats[i].id);
        if (had == NULL) {
            say_seat(d, WAY_STRICTER, &b->seats[i], " is new");
        } else {
            compare_seat(d, had, &b->seats[i]);
        }
    }
    for (size_t i = 0; i < a->seat_count; i++) {
        if (seat_of(b, a->seats[i].id) == NULL) {
            say_seat(d, WAY_LOOSER, &a->seats[i], " is gone");
        }
    }
}

/* --- rules --- */

static void compare_rule(struct diff *d, const struct policy_rule *a, const struct policy_rule *b)
{
    static const char *const separate[] = {"authors", "initiator", "policy_editor", "trigger", NULL};
    static const char *const bind[] = {"artifacts", "config", "plan", NULL};
    _Static_assert(SEPARATE_AUTHORS == 1 && SEPARATE_TRIGGER == 8 && BIND_ARTIFACTS == 1 && BIND_PLAN == 4, "in order");

    d->rule = b;
    compare_when(d, a, b);
    compare_words(d, (struct word_list){a->fields, a->field_count}, (struct word_list){b->fields, b->field_count},
                  WAY_STRICTER, "field ");
    compare_bits(d, a->bind, b->bind, bind, "binding of ");
    compare_bits(d, a->separate, b->separate, separate, "separation of ");
    compare_seats(d, a, b);
    compare_least(d, a->reason_approve_min, b->reason_approve_min, "characters of a reason to approve:");
    compare_least(d, a->reason_reject_min, b->reason_reject_min, "characters of a reason to reject:");
    compare_clock(d, a->sign_by_s, b->sign_by_s, "seconds to sign:");
    compare_clock(d, a->use_by_s, b->use_by_s, "seconds to use it:");
    d->rule = NULL;
}

static const struct policy_rule *rule_of(const struct policy_doc *doc, struct span id)
{
    size_t i = 0;
    while (i < doc->rule_count && !span_eq(doc->rules[i].id, id)) {
        i++;
    }
    return i < doc->rule_count ? &doc->rules[i] : NULL;
}

static void say_rule(struct diff *d, enum way way, const struct policy_rule *r, const char *what)
{
    const struct policy_rule nothing = {.id = r->id, .when = r->when, .when_count = r->when_count};

    d->rule = r;
    begin(d, way);
    wr_text(d->w, what);
    draft_rule_words(r, d->w);
    wr_text(d->w, "\n");
    compare_rule(d, way == WAY_STRICTER ? &nothing : r, way == WAY_STRICTER ? r : &nothing);
}

struct draft_change draft_diff(const struct policy_doc *a, const struct policy_doc *b, struct writer *w)
{
    struct diff d = {.w = w};

    compare_least(&d, a->officers_threshold, b->officers_threshold, "officers who sign changes of policy and people:");
    compare_clock(&d, a->officers_sign_by_s, b->officers_sign_by_s, "seconds for officers to sign:");
    compare_words(&d, (struct word_list){a->roles, a->role_count}, (struct word_list){b->roles, b->role_count},
                  WAY_OTHER, "role ");
    compare_words(&d, (struct word_list){a->environments, a->environment_count},
                  (struct word_list){b->environments, b->environment_count}, WAY_LOOSER, "environment ");
    compare_words(&d, (struct word_list){a->change_types, a->change_type_count},
                  (struct word_list){b->change_types, b->change_type_count}, WAY_LOOSER, "change type ");
    for (size_t i = 0; i < b->rule_count; i++) {
        const struct policy_rule *had = rule_of(a, b->rules[i].id);
        if (had == NULL) {
            say_rule(&d, WAY_STRICTER, &b->rules[i], "is new, ");
        } else {
            compare_rule(&d, had, &b->rules[i]);
        }
    }
    for (size_t i = 0; i < a->rule_count; i++) {
        if (rule_of(b, a->rules[i].id) == NULL) {
            say_rule(&d, WAY_LOOSER, &a->rules[i], "is gone, ");
        }
    }
    return d.change;
}
