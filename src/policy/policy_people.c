/* SPDX-License-Identifier: Apache-2.0 */
/* Who may sign: roles, separation of duties, one seat a person, order. */
#include "model/model_state_directory.h"
#include "model/model_state_review.h"
#include "policy/policy_access.h"
#include "policy/policy_delegate.h"
#include "policy/policy_directory.h"
#include "policy/policy_duty.h"
#include "policy/policy_emergency.h"
#include "policy/policy_grant.h"
#include "policy/policy_match.h"
#include "policy/policy_route.h"
#include "policy/policy_tokens.h"

static bool is_author(const struct deploy_content *d, const struct state_person *p)
{
    for (size_t i = 0; d != NULL && i < d->source.author_count; i++) {
        if (state_person_is(p, d->source.authors[i])) {
            return true;
        }
    }
    return false;
}

/* Switching one's own key off is no decision about oneself: it only takes away, and must not wait for others. */
static bool is_subject(const struct sheet_input *in, const struct state_person *p)
{
    for (size_t i = 0; in->access_review != NULL && i < in->access_review->count; i++) {
        if (span_eq(in->access_review->item[i].person, p->id)) {
            return true;
        }
    }
    if (in->kind != KIND_ROSTER) {
        return false;
    }
    for (size_t i = 0; i < in->roster->changes.count; i++) {
        const struct roster_change *c = &in->roster->changes.item[i];
        const bool about_person = c->op == CHANGE_ADD_CREDENTIAL || c->op == CHANGE_ADD_CARD ||
                                  c->op == CHANGE_PUT_PERSON || c->op == CHANGE_REMOVE_PERSON ||
                                  c->op == CHANGE_RESTORE_PERSON || c->op == CHANGE_SUSPEND_PERSON;
        if (about_person && span_eq(c->id, p->id)) {
            return true;
        }
    }
    return false;
}

/* Of the deployment, where there is one; an emergency has one of its own besides. */
static struct span initiator_of(const struct sheet_input *in)
{
    if (in->deploy != NULL) {
        return in->deploy->initiator;
    }
    if (in->review != NULL) {
        return in->review->initiator;
    }
    if (in->policy != NULL) {
        return in->policy->initiator;
    }
    if (in->access_review != NULL) {
        return in->access_review->initiator;
    }
    return in->roster != NULL ? in->roster->initiator : SPAN_NONE;
}

/* A voucher is for people who are there, not for a name in the request: one of those whom it is for signs first. */
static enum policy_reason vouched_for(const struct sheet *s, const struct state_person *p)
{
    const struct emergency_case *x = s->in.emergency;

    if (x == NULL || !x->content->has_voucher) {
        return REASON_OK;
    }
    const enum policy_reason r = policy_voucher_holds(s->in.state, x, s->in.now_ms);
    bool here = r == REASON_OK && policy_voucher_is_for(x->scope, p);
    for (size_t k = 0; r == REASON_OK && !here && k < s->in.decision_count; k++) {
        here = s->held[k] && policy_voucher_is_for(x->scope, s->in.decisions[k].person);
    }
    return r != REASON_OK || here ? r : REASON_VOUCHER_SCOPE;
}

/* Who may sit here at all, besides having the role. */
static enum policy_reason listed(const struct sheet *s, const struct state_person *p)
{
    const struct policy_emergency *e = s->in.in_force->doc.emergency;

    if (s->in.voucher != NULL && !span_eq(s->in.voucher->initiator, p->id)) {
        return REASON_VOUCHER_PERSON;
    }
    if (s->in.waiver != NULL && !span_eq(s->in.waiver->initiator, p->id)) {
        return REASON_WAIVER_PERSON;
    }
    if (s->in.delegate != NULL && !span_eq(s->in.delegate->initiator, p->id)) {
        return REASON_DELEGATION_PERSON;
    }
    const bool bound = s->in.kind == KIND_EMERGENCY || s->in.kind == KIND_VOUCHER;
    return bound && (e == NULL || !policy_emergency_lists(e, p->id)) ? REASON_EMERGENCY_PERSON : REASON_OK;
}

enum policy_reason policy_separated(const struct sheet *s, const struct state_person *p)
{
    const struct sheet_input *in = &s->in;

    if (in->emergency != NULL && span_eq(in->emergency->content->initiator, p->id)) {
        return REASON_IS_REQUESTER;
    }
    if (state_person_is(p, initiator_of(in))) { /* whether a rule says so or not */
        return REASON_IS_REQUESTER;
    }
    if ((s->separate & SEPARATE_TRIGGER) != 0 && in->deploy != NULL && state_person_is(p, in->deploy->trigger)) {
        return REASON_IS_TRIGGER;
    }
    if ((s->separate & SEPARATE_AUTHORS) != 0 && is_author(in->deploy, p)) {
        return REASON_IS_AUTHOR;
    }
    if ((s->separate & SEPARATE_POLICY_EDITOR) != 0 &&
        (state_person_is(p, in->in_force->editor) || state_person_is(p, in->opened_under->editor))) {
        return REASON_IS_POLICY_EDITOR;
    }
    if (in->debt != NULL && policy_grant_signed(in->debt, p)) {
        return REASON_IS_GRANTER;
    }
    return is_subject(in, p) ? REASON_IS_SUBJECT : REASON_OK;
}

bool policy_key_may(const struct sheet *s, const struct state_credential *c, struct span role)
{
    const struct policy_key key = policy_key_of(c);
    return (!s->attested || key.attested) && policy_key_fits(&s->in.in_force->doc, role, &key) &&
           policy_key_fits(&s->in.opened_under->doc, role, &key);
}

/* Somebody, the key in their hand (NULL: whichever they have), in whose place they sign (NULL: in their own), and what
 * they say (DECISION_NONE: anything). */
struct signer {
    const struct state_person *person;
    const struct state_credential *key;
    const struct state_delegation *by;
    enum decision_word word;
};

/* Whose role it is. */
static const struct state_person *holder_of(const struct signer *who)
{
    return who->by != NULL ? who->by->by : who->person;
}

static bool key_may(const struct sheet *s, const struct signer *who, struct span role)
{
    return who->key == NULL || policy_key_may(s, who->key, role);
}

/* Why somebody has no role that fits. */
static enum policy_reason why_no_role(const struct state_person *p, struct span role)
{
    const enum state_bar bar = state_directory_bar(p, role);

    if (state_entitlement_lapsed(p, role)) {
        return REASON_ROLE_LAPSED;
    }
    return bar != BAR_NONE ? policy_bar_reason(bar) : REASON_NO_ROLE;
}

/* Is time over for this role, though no entry says so yet? */
static enum policy_reason why_late(const struct sheet *s, const struct state_person *p, struct span role)
{
    const struct state *now = s->in.state;

    if (now != NULL && policy_role_overdue(now, p, role, s->in.now_ms)) {
        return REASON_ROLE_LAPSED;
    }
    return now != NULL && policy_directory_late(now, role, s->in.now_ms) ? REASON_DIRECTORY_STALE : REASON_OK;
}

/* Is this role theirs to sign in, now? role == NULL: they have none that fits. */
static enum policy_reason has_role(const struct sheet *s, const struct signer *who, const struct sheet_line *line,
                                   const struct span *role)
{
    if (who->by != NULL && !policy_delegation_covers(s, who->by, who->person, role != NULL ? *role : line->role)) {
        return REASON_DELEGATION_SCOPE;
    }
    if (role == NULL) {
        return why_no_role(holder_of(who), line->role);
    }
    const enum policy_reason late = why_late(s, holder_of(who), *role);
    if (late != REASON_OK) {
        return late;
    }
    return policy_on_duty(s, holder_of(who), *role) ? REASON_OK : REASON_OFF_DUTY;
}

/* Is it theirs to sign in this seat, now, with this key? */
static enum policy_reason has_right(const struct sheet *s, const struct signer *who, const struct sheet_line *line)
{
    const struct span *role = policy_sits_as(line, holder_of(who));

    if (who->person->suspended) {
        return REASON_SUSPENDED;
    }
    if (who->by != NULL && line->quorum != QUORUM_NONE) {
        return REASON_DELEGATION_SCOPE; /* a vote is one's own */
    }
    const enum policy_reason r = has_role(s, who, line, role);
    if (r != REASON_OK) {
        return r;
    }
    /* who stands in for a role has a key for it, too */
    if (!key_may(s, who, line->role) || !key_may(s, who, *role)) {
        return REASON_TOKEN_NOT_ALLOWED;
    }
    if (!policy_in_group(s, line, who->person)) {
        return REASON_NOT_IN_GROUP;
    }
    return who->word == DECISION_ABSTAIN && line->quorum == QUORUM_NONE ? REASON_NO_ABSTENTION : REASON_OK;
}

/* Whoever is kept apart lends nothing either: both must be free to decide. And both have one word. */
static enum policy_reason may_speak(const struct sheet *s, const struct signer *who, const struct sheet_line *line)
{
    const struct state_person *holder = holder_of(who);
    enum policy_reason apart = listed(s, who->person);
    apart = apart == REASON_OK && !line->self ? policy_separated(s, who->person) : apart;
    apart = apart == REASON_OK && !line->self && who->by != NULL ? policy_separated(s, who->by->by) : apart;
    if (apart != REASON_OK) {
        return apart;
    }
    const bool spoken = policy_has_seat(s, who->person) || policy_has_seat(s, holder) ||
                        policy_has_spoken(s, who->person) || policy_has_spoken(s, holder);
    return spoken ? REASON_ALREADY_SIGNED : REASON_OK;
}

/* Ends the request at any time while it is open: in no turn, whether the seat is full or not. */
static struct verdict may_veto(const struct sheet *s, const struct signer *who, const struct sheet_line *line)
{
    const struct span *role = policy_sits_as(line, who->person);
    bool key = role != NULL && key_may(s, who, line->role) && key_may(s, who, *role);

    for (size_t i = 0; !key && i < line->veto_count; i++) {
        key = state_person_has_role(who->person, line->veto[i]) && key_may(s, who, line->veto[i]);
    }
    const enum policy_reason r = key ? may_speak(s, who, line) : REASON_TOKEN_NOT_ALLOWED;
    return r == REASON_OK ? VERDICT_ALLOW : VERDICT_DENY(r);
}

static struct verdict may_fill(const struct sheet *s, const struct signer *who, const struct sheet_line *line)
{
    enum policy_reason r = has_right(s, who, line);

    r = r == REASON_OK ? may_speak(s, who, line) : r;
    if (r != REASON_OK) {
        return VERDICT_DENY(r);
    }
    if (line->have >= line->count) {
        return VERDICT_DENY(REASON_SEAT_FULL);
    }
    const struct sheet_line *first = policy_seat_before(s, line);
    if (line->after.left > 0 && (first == NULL || first->have < first->count)) {
        return VERDICT_DENY(REASON_SEAT_ORDER);
    }
    r = vouched_for(s, who->person);
    return r == REASON_OK ? VERDICT_ALLOW : VERDICT_DENY(r);
}

static struct verdict may_say(const struct sheet *s, const struct signer *who, const struct sheet_line *line)
{
    const bool rejects = who->word == DECISION_REJECT || who->word == DECISION_NONE;

    if (rejects && who->by == NULL && policy_vetoes(who->person, line)) {
        const struct verdict v = may_veto(s, who, line);
        return v.allow || who->word == DECISION_REJECT ? v : may_fill(s, who, line);
    }
    return may_fill(s, who, line);
}

/* Of several seats the first; to reject, the first where it ends the request. */
static bool is_better(const struct signer *who, const struct sheet_line *have, const struct sheet_line *line)
{
    return have == NULL || (who->word == DECISION_REJECT && policy_outvotable(who->person, have) &&
                            !policy_outvotable(who->person, line));
}

static struct verdict may_say_here(const struct sheet *sheet, const struct signer *who, const struct sheet_line *line,
                                   const struct sheet_line **ret_line)
{
    const struct sheet_line *found = NULL;
    struct verdict best = VERDICT_DENY(REASON_NO_ROLE);

    if (line != NULL) {
        return may_say(sheet, who, line);
    }
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        const struct verdict v = l->kind == SHEET_SEAT ? may_say(sheet, who, l) : VERDICT_DENY(REASON_NO_ROLE);
        found = v.allow && is_better(who, found, l) ? l : found;
        /* of several refusals the first that is not about the role tells the person most */
        best = best.reason == REASON_NO_ROLE ? v : best;
    }
    if (found == NULL) {
        return best;
    }
    if (ret_line != NULL) {
        *ret_line = found;
    }
    return VERDICT_ALLOW;
}

struct verdict policy_may_say(const struct sheet *sheet, const struct state_person *person, enum decision_word word,
                              const struct sheet_line *line, const struct sheet_line **ret_line)
{
    const struct signer who = {.person = person, .word = word};
    return may_say_here(sheet, &who, line, ret_line);
}

struct verdict policy_may_say_with(const struct sheet *sheet, const struct state_credential *key,
                                   enum decision_word word, const struct sheet_line *line,
                                   const struct sheet_line **ret_line)
{
    const struct state *s = sheet->in.state;
    struct signer who = {.person = key->person, .key = key, .word = word};
    const struct verdict own = may_say_here(sheet, &who, line, ret_line);

    for (size_t i = 0; !own.allow && s != NULL && i < s->delegation_count; i++) {
        who.by = s->delegations[i];
        const struct verdict v = may_say_here(sheet, &who, line, ret_line);
        if (v.allow) {
            return v;
        }
    }
    return own;
}

struct verdict policy_may_say_as(const struct sheet *sheet, const struct state_credential *key,
                                 const struct state_delegation *by, enum decision_word word,
                                 const struct sheet_line *line)
{
    const struct signer who = {.person = key->person, .key = key, .by = by, .word = word};
    return may_say_here(sheet, &who, line, NULL);
}

const struct state_delegation *policy_stands_in(const struct sheet *sheet, const struct state_credential *key,
                                                enum decision_word word, const struct sheet_line *line)
{
    const struct state *s = sheet->in.state;

    if (policy_may_say_as(sheet, key, NULL, word, line).allow) {
        return NULL;
    }
    for (size_t i = 0; s != NULL && i < s->delegation_count; i++) {
        if (policy_may_say_as(sheet, key, s->delegations[i], word, line).allow) {
            return s->delegations[i];
        }
    }
    return NULL;
}

/* What is deployed, and under a name of its own what it goes back to: sorted, as names are in a statement. */
static size_t deploy_subjects(const struct deploy_content *d, bool both, struct arena *arena,
                              struct named_digest ret_subjects[MODEL_ARTIFACTS_MAX])
{
    const size_t back = both && d->rollback != NULL ? d->rollback->artifact_count : 0;
    size_t n = d->artifact_count;

    memcpy(ret_subjects, d->artifacts, n * sizeof(ret_subjects[0]));
    for (size_t i = 0; i < back; i++) {
        AUTO_WRITER w = wr_heap(MODEL_NAME_MAX);
        struct named_digest added = {.sha256 = d->rollback->artifacts[i].sha256};
        wr_text(&w, MODEL_ROLLBACK_PREFIX);
        wr_bytes(&w, d->rollback->artifacts[i].name);
        if (n == MODEL_ARTIFACTS_MAX || wr_end(&w, "subject").code != CS_OK ||
            arena_copy(arena, wr_span(&w), &added.name).code != CS_OK) {
            return 0; /* nothing that is signed describes half of it */
        }
        size_t at = n++;
        while (at > 0 && span_cmp(ret_subjects[at - 1].name, added.name) > 0) {
            ret_subjects[at] = ret_subjects[at - 1];
            at--;
        }
        ret_subjects[at] = added;
    }
    return n;
}

size_t policy_subjects(const struct sheet_input *in, struct arena *arena,
                       struct named_digest ret_subjects[MODEL_ARTIFACTS_MAX])
{
    if (in->kind == KIND_REVIEW || in->kind == KIND_VOUCHER || in->kind == KIND_WAIVER || in->kind == KIND_THAW ||
        in->kind == KIND_DELEGATE || in->kind == KIND_ACCESS_REVIEW) {
        ret_subjects[0] =
            (struct named_digest){.name = span_str(request_kind_text(in->kind)), .sha256 = digest_sha256(in->content)};
        return 1;
    }
    if (in->deploy != NULL) {
        /* an emergency grants the deployment alone */
        return deploy_subjects(in->deploy, in->kind == KIND_DEPLOY, arena, ret_subjects);
    }
    if (in->kind == KIND_POLICY) {
        ret_subjects[0] =
            (struct named_digest){.name = SPAN_LIT("policy"), .sha256 = digest_sha256(in->policy->policy)};
        return 1;
    }
    if (in->roster == NULL) {
        return 0;
    }
    struct sha256 d;
    if (model_changes_digest(&in->roster->changes, arena, &d).code != CS_OK) {
        return 0;
    }
    ret_subjects[0] = (struct named_digest){.name = SPAN_LIT("roster"), .sha256 = d};
    return 1;
}
