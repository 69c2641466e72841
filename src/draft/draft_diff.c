/* SPDX-License-Identifier: Apache-2.0 */
/* Two policies, rule by rule. */
#include "draft/draft_diff.h"

#include "policy/policy_evidence.h"

void draft_diff_begin(struct draft_diff *d, enum draft_way way)
{
    static const char *const words[] = {"stricter: ", "looser: ", "changed: "};

    d->change.more += way == WAY_LOOSER ? 0U : 1U;
    d->change.less += way == WAY_STRICTER ? 0U : 1U;
    wr_text(d->w, words[way]);
    if (d->about != NULL) {
        wr_text(d->w, d->about);
        wr_text(d->w, draft_show(d->name).text);
        wr_text(d->w, d->name.left > 0 ? ": " : "");
    }
}

void draft_diff_say(struct draft_diff *d, enum draft_way way, const char *before, struct span word, const char *after)
{
    draft_diff_begin(d, way);
    wr_text(d->w, before);
    wr_text(d->w, draft_show(word).text);
    wr_text(d->w, after);
    wr_text(d->w, "\n");
}

static void say_number(struct draft_diff *d, bool stricter, const char *what, uint64_t a, uint64_t b)
{
    draft_diff_begin(d, stricter ? WAY_STRICTER : WAY_LOOSER);
    wr_text(d->w, what);
    wr_text(d->w, " ");
    wr_dec(d->w, b);
    wr_text(d->w, ", was ");
    wr_dec(d->w, a);
    wr_text(d->w, "\n");
}

static enum draft_way opposite(enum draft_way way)
{
    return way == WAY_OTHER ? WAY_OTHER : (way == WAY_STRICTER ? WAY_LOOSER : WAY_STRICTER);
}

static bool among(struct span word, struct draft_words l)
{
    size_t i = 0;
    while (i < l.count && !span_eq(l.item[i], word)) {
        i++;
    }
    return i < l.count;
}

void draft_diff_words(struct draft_diff *d, struct draft_words a, struct draft_words b, enum draft_way way,
                      const char *what)
{
    for (size_t i = 0; i < b.count; i++) {
        if (!among(b.item[i], a)) {
            draft_diff_say(d, way, what, b.item[i], " is new");
        }
    }
    for (size_t i = 0; i < a.count; i++) {
        if (!among(a.item[i], b)) {
            draft_diff_say(d, opposite(way), what, a.item[i], " is gone");
        }
    }
}

static void compare_bits(struct draft_diff *d, uint32_t a, uint32_t b, const char *const *words, const char *what)
{
    for (uint32_t i = 0; words[i] != NULL; i++) {
        const bool had = (a >> i & 1U) != 0;
        const bool has = (b >> i & 1U) != 0;
        if (had != has) {
            draft_diff_say(d, has ? WAY_STRICTER : WAY_LOOSER, what, span_str(words[i]), has ? " is new" : " is gone");
        }
    }
}

void draft_diff_clock(struct draft_diff *d, uint64_t a, uint64_t b, const char *what)
{
    if (a != b) {
        say_number(d, a == 0 || (b != 0 && b < a), what, a, b);
    }
}

void draft_diff_least(struct draft_diff *d, uint64_t a, uint64_t b, const char *what)
{
    if (a != b) {
        say_number(d, b > a, what, a, b);
    }
}

void draft_diff_most(struct draft_diff *d, uint64_t a, uint64_t b, const char *what)
{
    if (a != b) {
        say_number(d, b < a, what, a, b);
    }
}

void draft_diff_flag(struct draft_diff *d, bool a, bool b, enum draft_way way, const char *what)
{
    if (a != b) {
        draft_diff_begin(d, b ? way : opposite(way));
        wr_text(d->w, what);
        wr_text(d->w, b ? " is new\n" : " is gone\n");
    }
}

/* --- conditions --- */

static bool same_test(const struct policy_test *a, const struct policy_test *b)
{
    bool same = a->kind == b->kind && a->bound == b->bound && a->window_s == b->window_s &&
                a->value_count == b->value_count && span_eq(a->name, b->name);
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

bool draft_diff_within(const struct policy_rule *a, const struct policy_rule *b)
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

static void compare_when(struct draft_diff *d, const struct policy_rule *a, const struct policy_rule *b)
{
    const bool wider = draft_diff_within(b, a);
    const bool narrower = draft_diff_within(a, b);

    if (wider && narrower) {
        return;
    }
    draft_diff_begin(d, wider ? WAY_STRICTER : (narrower ? WAY_LOOSER : WAY_OTHER));
    wr_text(d->w, wider ? "applies to more, " : (narrower ? "applies to less, " : "applies to others, "));
    policy_rule_words(b, d->w);
    wr_text(d->w, ", was ");
    policy_rule_words(a, d->w);
    wr_text(d->w, "\n");
}

/* --- seats --- */

static const struct policy_seat *seat_of(struct policy_seats seats, struct span id)
{
    size_t i = 0;
    while (i < seats.count && !span_eq(seats.item[i].id, id)) {
        i++;
    }
    return i < seats.count ? &seats.item[i] : NULL;
}

static void say_seat(struct draft_diff *d, enum draft_way way, const struct policy_seat *s, const char *after)
{
    draft_diff_begin(d, way);
    wr_text(d->w, "seat ");
    wr_text(d->w, draft_show(s->id).text);
    wr_text(d->w, ", ");
    wr_dec(d->w, s->count);
    wr_text(d->w, " of role ");
    wr_text(d->w, draft_show(s->role).text);
    wr_text(d->w, after);
    wr_text(d->w, "\n");
}

static void compare_after(struct draft_diff *d, const struct policy_seat *a, const struct policy_seat *b)
{
    const bool waited = a->after.left > 0;
    const bool waits = b->after.left > 0;

    if (!span_eq(a->after, b->after)) {
        say_seat(d, !waited ? WAY_STRICTER : (waits ? WAY_OTHER : WAY_LOOSER), b,
                 waits ? ", waits for another seat" : ", no longer waits");
    }
}

static void compare_seat(struct draft_diff *d, const struct policy_seat *a, const struct policy_seat *b)
{
    if (!span_eq(a->role, b->role)) {
        say_seat(d, WAY_OTHER, b, ", was of another role");
    }
    if (b->count > a->count) {
        say_seat(d, WAY_STRICTER, b, ", were fewer");
    }
    if (b->count < a->count) {
        say_seat(d, WAY_LOOSER, b, ", were more");
    }
    compare_after(d, a, b);
    draft_diff_quorum(d, a, b);
    draft_diff_veto(d, a, b);
    if (a->self != b->self) {
        say_seat(d, b->self ? WAY_LOOSER : WAY_STRICTER, b, b->self ? ", also for who asks" : ", not for who asks");
    }
    if (a->voucher != b->voucher) {
        say_seat(d, b->voucher ? WAY_LOOSER : WAY_STRICTER, b, b->voucher ? ", takes a voucher" : ", takes no voucher");
    }
}

void draft_diff_seats(struct draft_diff *d, struct policy_seats a, struct policy_seats b)
{
    for (size_t i = 0; i < b.count; i++) {
        const struct policy_seat *had = seat_of(a, b.item[i].id);
        if (had == NULL) {
            say_seat(d, WAY_STRICTER, &b.item[i], b.item[i].quorum == QUORUM_NONE ? " is new" : " is new and votes");
        } else {
            compare_seat(d, had, &b.item[i]);
        }
    }
    for (size_t i = 0; i < a.count; i++) {
        if (seat_of(b, a.item[i].id) == NULL) {
            say_seat(d, WAY_LOOSER, &a.item[i], " is gone");
        }
    }
}

/* --- rules --- */

static const struct policy_evidence *line_of(const struct policy_rule *r, struct span id)
{
    for (size_t i = 0; i < r->evidence_count; i++) {
        if (span_eq(r->evidence[i].id, id)) {
            return &r->evidence[i];
        }
    }
    return NULL;
}

static void put_line(struct draft_diff *d, enum draft_way way, const struct policy_evidence *e, const char *after)
{
    AUTO_WRITER w = wr_heap(EVIDENCE_WORDS_MAX);
    wr_bytes(&w, e->id);
    wr_text(&w, after);
    policy_evidence_words(e, &w);
    draft_diff_say(d, way, "evidence ", wr_span(&w), "");
}

/* Two lines of one name are said both: which of them is stricter depends on the file. */
static void compare_evidence(struct draft_diff *d, const struct policy_rule *a, const struct policy_rule *b)
{
    for (size_t i = 0; i < b->evidence_count; i++) {
        const struct policy_evidence *had = line_of(a, b->evidence[i].id);
        AUTO_WRITER was = wr_heap(EVIDENCE_WORDS_MAX);
        AUTO_WRITER is = wr_heap(EVIDENCE_WORDS_MAX);
        policy_evidence_words(&b->evidence[i], &is);
        if (had != NULL) {
            policy_evidence_words(had, &was);
        }
        if (had == NULL || !span_eq(wr_span(&was), wr_span(&is))) {
            put_line(d, had == NULL ? WAY_STRICTER : WAY_OTHER, &b->evidence[i],
                     had == NULL ? " is new: " : " is now: ");
        }
    }
    for (size_t i = 0; i < a->evidence_count; i++) {
        if (line_of(b, a->evidence[i].id) == NULL) {
            put_line(d, WAY_LOOSER, &a->evidence[i], " is gone: ");
        }
    }
}

static void compare_rule(struct draft_diff *d, const struct policy_rule *a, const struct policy_rule *b)
{
    static const char *const separate[] = {"authors", "initiator", "policy_editor", "trigger", NULL};
    static const char *const bind[] = {"artifacts", "config", "plan", NULL};
    _Static_assert(SEPARATE_AUTHORS == 1 && SEPARATE_TRIGGER == 8 && BIND_ARTIFACTS == 1 && BIND_PLAN == 4, "in order");

    d->about = "rule ";
    d->name = b->id;
    compare_when(d, a, b);
    draft_diff_words(d, (struct draft_words){a->fields, a->field_count},
                     (struct draft_words){b->fields, b->field_count}, WAY_STRICTER, "field ");
    compare_evidence(d, a, b);
    compare_bits(d, a->bind, b->bind, bind, "binding of ");
    /* who asks never signs, whether a rule says so or not */
    compare_bits(d, a->separate | SEPARATE_INITIATOR, b->separate | SEPARATE_INITIATOR, separate, "separation of ");
    draft_diff_source(d, a->source, b->source);
    draft_diff_ticket(d, a->ticket, b->ticket);
    draft_diff_seats(d, (struct policy_seats){a->seats, a->seat_count}, (struct policy_seats){b->seats, b->seat_count});
    draft_diff_least(d, a->reason_approve_min, b->reason_approve_min, "characters of a reason to approve:");
    draft_diff_least(d, a->reason_reject_min, b->reason_reject_min, "characters of a reason to reject:");
    draft_diff_clock(d, a->sign_by_s, b->sign_by_s, "seconds to sign:");
    draft_diff_clock(d, a->use_by_s, b->use_by_s, "seconds to use it:");
    draft_diff_flag(d, a->token_attested, b->token_attested, WAY_STRICTER, "attestation of every key");
    draft_diff_steps(d, a, b);
    d->about = NULL;
}

static const struct policy_rule *rule_of(const struct policy_doc *doc, struct span id)
{
    size_t i = 0;
    while (i < doc->rule_count && !span_eq(doc->rules[i].id, id)) {
        i++;
    }
    return i < doc->rule_count ? &doc->rules[i] : NULL;
}

static void say_rule(struct draft_diff *d, enum draft_way way, const struct policy_rule *r, const char *what)
{
    const struct policy_rule nothing = {.id = r->id, .when = r->when, .when_count = r->when_count};

    d->about = "rule ";
    d->name = r->id;
    draft_diff_begin(d, way);
    wr_text(d->w, what);
    policy_rule_words(r, d->w);
    wr_text(d->w, "\n");
    compare_rule(d, way == WAY_STRICTER ? &nothing : r, way == WAY_STRICTER ? r : &nothing);
}

struct draft_change draft_diff(const struct policy_doc *a, const struct policy_doc *b, struct writer *w)
{
    struct draft_diff d = {.w = w};

    draft_diff_least(&d, a->officers_threshold, b->officers_threshold,
                     "officers who sign changes of policy and people:");
    draft_diff_clock(&d, a->officers_sign_by_s, b->officers_sign_by_s, "seconds for officers to sign:");
    draft_diff_words(&d, (struct draft_words){a->roles, a->role_count}, (struct draft_words){b->roles, b->role_count},
                     WAY_OTHER, "role ");
    draft_diff_words(&d, (struct draft_words){a->environments, a->environment_count},
                     (struct draft_words){b->environments, b->environment_count}, WAY_LOOSER, "environment ");
    draft_diff_words(&d, (struct draft_words){a->change_types, a->change_type_count},
                     (struct draft_words){b->change_types, b->change_type_count}, WAY_LOOSER, "change type ");
    draft_diff_promotions(&d, a, b);
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
    draft_diff_calendar(&d, a, b);
    draft_diff_tokens(&d, a, b);
    draft_diff_duty(&d, a, b);
    draft_diff_delegation(&d, a, b);
    draft_diff_reviews(&d, &a->access_review, &b->access_review);
    draft_diff_directory(&d, a, b);
    draft_diff_emergency(&d, a->emergency, b->emergency);
    draft_diff_earned(&d, a, b);
    draft_diff_retention(&d, &a->retention, &b->retention);
    return d.change;
}
