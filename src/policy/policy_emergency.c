/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_emergency.h"

#include "policy/policy_match.h"
#include "policy/policy_tokens.h"

static CS_RESULT load(const struct state_request *q, struct arena *arena, struct state_loaded *ret_loaded)
{
    const bool there = q != NULL && (q->open != NULL || q->kept != NULL);
    return there ? state_load(q, arena, ret_loaded) : CS_SUCCESS;
}

CS_RESULT policy_emergency_look(const struct state *s, const struct emergency_content *content, struct arena *arena,
                                struct emergency_case *ret_case)
{
    struct emergency_case x = {.content = content, .of = state_request_find(s, content->request)};
    struct state_loaded of = {0};
    struct state_loaded voucher = {0};

    TRY(load(x.of, arena, &of));
    x.deploy = of.deploy;
    if (x.deploy != NULL) {
        x.under = x.of->open != NULL ? x.of->open->opened_under : x.of->kept->opened_under;
    }
    if (content->has_voucher) {
        x.voucher = state_request_find(s, content->voucher);
        TRY(load(x.voucher, arena, &voucher));
        x.scope = voucher.voucher;
    }
    *ret_case = x;
    return CS_SUCCESS;
}

bool policy_emergency_lists(const struct policy_emergency *e, struct span person)
{
    return e->person_count == 0 || span_among(person, e->people, e->person_count);
}

static const struct policy_emergency_kind *find_kind(const struct policy_emergency *e, struct span id)
{
    for (size_t i = 0; i < e->kind_count; i++) {
        if (span_eq(e->kinds[i].id, id)) {
            return &e->kinds[i];
        }
    }
    return NULL;
}

struct span policy_emergency_incident(const struct policy_emergency *e, const struct emergency_content *content)
{
    const struct policy_emergency_kind *k = find_kind(e, content->kind);
    return k != NULL && k->anchor == ANCHOR_INCIDENT ? content->anchor : SPAN_NONE;
}

static const struct policy_seat *find_seat(const struct policy_emergency *e, struct span id)
{
    for (size_t i = 0; i < e->seats.count; i++) {
        if (span_eq(e->seats.item[i].id, id)) {
            return &e->seats.item[i];
        }
    }
    return NULL;
}

static const struct state_person *present_person(const struct state *s, struct span id)
{
    const struct state_person *p = state_person_find(s, id);
    return p != NULL && state_person_counts(p) ? p : NULL;
}

static size_t code_points(struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.left; i++) {
        n += (text.p[i] & 0xc0U) != 0x80U ? 1U : 0U;
    }
    return n;
}

/* --- what ran before --- */

static bool same_artifacts(const struct deploy_content *a, const struct deploy_content *b)
{
    if (a->artifact_count != b->artifact_count) {
        return false;
    }
    for (size_t i = 0; i < a->artifact_count; i++) {
        if (!span_eq(a->artifacts[i].name, b->artifacts[i].name) ||
            !sha256_eq(&a->artifacts[i].sha256, &b->artifacts[i].sha256)) {
            return false;
        }
    }
    return true;
}

const struct state_request *policy_ran_before(const struct state *s, const struct deploy_content *d,
                                              struct arena *arena)
{
    const struct state_place *p = state_place_find(s, d->service, d->environment);

    for (size_t i = p != NULL ? p->count : 0; i > 0; i--) {
        const struct state_request *q = p->ran[i - 1];
        struct state_loaded l = {0};
        if (q->status == STATUS_SUCCEEDED && state_load(q, arena, &l).code == CS_OK && l.deploy != NULL &&
            same_artifacts(l.deploy, d)) {
            return q;
        }
    }
    return NULL;
}

/* --- the checks --- */

static enum policy_reason deployment_fits(const struct state *s, const struct emergency_case *x, bool sparse)
{
    struct arena scratch;

    if (x->of == NULL || x->of->kind != KIND_DEPLOY) {
        return REASON_UNKNOWN_REQUEST;
    }
    if (x->of->status == STATUS_SUCCEEDED) {
        return x->deploy != NULL ? REASON_OK : REASON_NEVER_DEPLOYED; /* it ran, but too long ago to go back to */
    }
    if (x->of->status == STATUS_APPROVED) {
        return REASON_QUORUM_MET; /* there is nothing to go around */
    }
    if (x->of->status != STATUS_ELIGIBLE || x->deploy == NULL) {
        return REASON_NOT_OPEN;
    }
    if (sparse || !span_is(x->deploy->change_type, POLICY_ROLLBACK)) {
        return REASON_OK;
    }
    arena_init(&scratch, (size_t)MODEL_LEAF_MAX * 16 * STATE_RAN_KEPT);
    const bool ran = policy_ran_before(s, x->deploy, &scratch) != NULL;
    arena_release(&scratch);
    return ran ? REASON_OK : REASON_NEVER_DEPLOYED;
}

/* Going back to what succeeded is a rollback, whatever that deployment called itself. */
static struct span change_type_of(const struct emergency_case *x)
{
    return x->of->status == STATUS_SUCCEEDED ? SPAN_LIT(POLICY_ROLLBACK) : x->deploy->change_type;
}

static enum policy_reason kind_fits(const struct policy_emergency *e, const struct emergency_case *x, uint64_t now_ms)
{
    const struct policy_emergency_kind *k = find_kind(e, x->content->kind);

    if (k == NULL) {
        return REASON_EMERGENCY_KIND;
    }
    if (!span_among(x->deploy->environment, k->environments, k->environment_count)) {
        return REASON_EMERGENCY_ENVIRONMENT;
    }
    if (!span_among(change_type_of(x), k->change_types, k->change_type_count)) {
        return REASON_EMERGENCY_CHANGE_TYPE;
    }
    return model_anchor_fits(k->anchor, x->content->anchor, now_ms) ? REASON_OK : REASON_EMERGENCY_ANCHOR;
}

/* Who asks holds one of the seats' roles, and is on the list where there is one. */
static enum policy_reason initiator_fits(const struct state *s, const struct policy_emergency *e, struct span initiator)
{
    const struct state_person *p = present_person(s, initiator);
    bool holds = false;

    if (p == NULL) {
        return REASON_UNKNOWN_INITIATOR;
    }
    for (size_t i = 0; i < e->seats.count; i++) {
        holds = holds || state_person_has_role(p, e->seats.item[i].role);
    }
    return holds && policy_emergency_lists(e, p->id) ? REASON_OK : REASON_EMERGENCY_PERSON;
}

static uint32_t separate_of(const struct policy_doc *doc, const struct deploy_content *d)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < doc->rule_count; i++) {
        bits |= policy_matches(&doc->rules[i], d) ? doc->rules[i].separate : 0U;
    }
    return bits;
}

/* Who is kept apart from a deployment cannot sit there by a voucher either. */
static enum policy_reason giver_fits(const struct state *s, const struct emergency_case *x)
{
    const struct policy_seat *seat = find_seat(s->policy->doc.emergency, x->scope->seat);
    const struct sheet asked = {.in = {.kind = KIND_EMERGENCY,
                                       .deploy = x->deploy,
                                       .emergency = x,
                                       .opened_under = x->under,
                                       .in_force = s->policy},
                                .separate =
                                    separate_of(&x->under->doc, x->deploy) | separate_of(&s->policy->doc, x->deploy)};
    const bool fits = seat->self || policy_separated(&asked, policy_voucher_decision(x->voucher)->person) == REASON_OK;
    return fits ? REASON_OK : REASON_VOUCHER_SCOPE;
}

struct verdict policy_emergency_may(const struct state *s, const struct emergency_case *x, uint64_t now_ms, bool sparse)
{
    const struct policy_emergency *e = s->policy->doc.emergency;

    if (e == NULL) {
        return VERDICT_DENY(REASON_NO_EMERGENCIES);
    }
    enum policy_reason r = deployment_fits(s, x, sparse);
    r = r == REASON_OK ? kind_fits(e, x, now_ms) : r;
    r = r == REASON_OK ? initiator_fits(s, e, x->content->initiator) : r;
    if (r == REASON_OK && code_points(x->content->justification) < e->justification_min) {
        r = REASON_REASON_SHORT;
    }
    if (r == REASON_OK && state_review_overdue(s, x->deploy->service, now_ms)) {
        r = REASON_REVIEW_OVERDUE;
    }
    if (r == REASON_OK && x->content->has_voucher) {
        r = policy_voucher_holds(s, x, now_ms);
        r = r == REASON_OK ? giver_fits(s, x) : r;
    }
    return r == REASON_OK ? VERDICT_ALLOW : VERDICT_DENY(r);
}

/* --- vouchers --- */

const struct state_decision *policy_voucher_decision(const struct state_request *voucher)
{
    for (size_t i = 0; voucher != NULL && i < voucher->decision_count; i++) {
        if (voucher->decisions[i].counted) {
            return &voucher->decisions[i];
        }
    }
    return NULL;
}

bool policy_voucher_is_for(const struct voucher_content *v, const struct state_person *p)
{
    if (p == NULL || !state_person_counts(p)) {
        return false;
    }
    return v->person.left > 0 ? span_eq(v->person, p->id) : state_person_has_role(p, v->role);
}

static bool in_scope(const struct state *s, const struct emergency_case *x)
{
    const struct voucher_content *v = x->scope;
    return span_among(x->content->kind, v->kinds, v->kind_count) &&
           span_among(x->deploy->environment, v->environments, v->environment_count) &&
           (v->service_count == 0 || span_among(x->deploy->service, v->services, v->service_count)) &&
           policy_voucher_is_for(v, present_person(s, x->content->initiator));
}

enum policy_reason policy_voucher_holds(const struct state *s, const struct emergency_case *x, uint64_t now_ms)
{
    const struct policy_emergency *e = s->policy->doc.emergency;
    const struct state_request *q = x->voucher;

    if (q == NULL || q->kind != KIND_VOUCHER || q->status == STATUS_ELIGIBLE) {
        return REASON_VOUCHER_UNKNOWN;
    }
    if (q->status == STATUS_APPLIED) {
        return REASON_VOUCHER_USED;
    }
    if (q->status == STATUS_LAPSED || (q->status == STATUS_APPROVED && now_ms >= q->use_by_ms)) {
        return REASON_VOUCHER_EXPIRED;
    }
    const struct state_decision *d = policy_voucher_decision(q);
    if (q->status != STATUS_APPROVED || x->scope == NULL || x->deploy == NULL || d == NULL || e == NULL) {
        return REASON_VOUCHER_UNKNOWN;
    }
    const struct policy_seat *seat = find_seat(e, x->scope->seat);
    if (seat == NULL || !seat->voucher || !in_scope(s, x)) {
        return REASON_VOUCHER_SCOPE;
    }
    const struct policy_key key = policy_key_of(d->credential);
    const bool stands = state_credential_counts_at(d->credential, now_ms) &&
                        state_person_has_role(d->person, seat->role) && policy_emergency_lists(e, d->person->id) &&
                        policy_key_fits(&s->policy->doc, seat->role, &key);
    return stands ? REASON_OK : REASON_VOUCHER_REVOKED;
}

struct verdict policy_voucher_may(const struct state *s, const struct voucher_content *v)
{
    const struct policy_emergency *e = s->policy->doc.emergency;
    const struct policy_seat *seat = e != NULL ? find_seat(e, v->seat) : NULL;
    const struct state_person *p = present_person(s, v->initiator);

    if (e == NULL) {
        return VERDICT_DENY(REASON_NO_EMERGENCIES);
    }
    if (p == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_INITIATOR);
    }
    if (seat == NULL || !seat->voucher || v->life_s > e->voucher_life_s) {
        return VERDICT_DENY(REASON_VOUCHER_SCOPE);
    }
    for (size_t i = 0; i < v->kind_count; i++) {
        if (find_kind(e, v->kinds[i]) == NULL) {
            return VERDICT_DENY(REASON_VOUCHER_SCOPE);
        }
    }
    for (size_t i = 0; i < v->environment_count; i++) {
        if (!model_policy_has_environment(&s->policy->doc, v->environments[i])) {
            return VERDICT_DENY(REASON_UNKNOWN_ENVIRONMENT);
        }
    }
    const bool known =
        v->person.left > 0 ? present_person(s, v->person) != NULL : model_policy_has_role(&s->policy->doc, v->role);
    if (!known) {
        return VERDICT_DENY(REASON_VOUCHER_SCOPE);
    }
    const bool may = state_person_has_role(p, seat->role) && policy_emergency_lists(e, p->id);
    return may ? VERDICT_ALLOW : VERDICT_DENY(REASON_EMERGENCY_PERSON);
}

/* --- reviews --- */

struct verdict policy_review_may(const struct state *s, const struct review_content *r)
{
    const struct state_emergency *m = state_emergency_find(s, r->emergency);

    if (present_person(s, r->initiator) == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_INITIATOR);
    }
    return m != NULL && m->review_index == 0 ? VERDICT_ALLOW : VERDICT_DENY(REASON_REVIEW_NOT_OWED);
}

/* --- the grant --- */

/* One item a role, sorted. */
static CS_RESULT bypass(const struct state *s, struct emergency_grant *g, const struct sheet_line *line)
{
    size_t at = 0;

    while (at < g->bypassed_count && span_cmp(g->bypassed[at].role, line->role) < 0) {
        at++;
    }
    if (at < g->bypassed_count && span_eq(g->bypassed[at].role, line->role)) {
        g->bypassed[at].seats += line->count;
        return CS_SUCCESS;
    }
    ENSURE(g->bypassed_count < MODEL_BYPASSED_MAX, CS_E_FULL, "emergency.bypassed");
    memmove(&g->bypassed[at + 1], &g->bypassed[at], (g->bypassed_count - at) * sizeof(g->bypassed[0]));
    g->bypassed[at] = (struct bypassed){
        .holders = policy_role_holders(&s->policy->doc, s, line->role), .role = line->role, .seats = line->count};
    g->bypassed_count++;
    return CS_SUCCESS;
}

static CS_RESULT tell_bypassed(const struct state *s, const struct sheet *sheet, struct arena *arena,
                               struct emergency_grant *g)
{
    g->bypassed = arena_array(arena, MODEL_BYPASSED_MAX, sizeof(*g->bypassed));
    ENSURE(g->bypassed != NULL, CS_E_NOMEM, "emergency.bypassed");
    for (size_t i = 0; i < sheet->count; i++) {
        if (sheet->lines[i].kind == SHEET_SKIPPED && sheet->lines[i].role.left > 0) {
            TRY(bypass(s, g, &sheet->lines[i]));
        }
    }
    return CS_SUCCESS;
}

static uint64_t later(uint64_t from_ms, uint64_t seconds)
{
    return from_ms + seconds * 1000; /* a policy's seconds are few, and entries' times end in the year 9999 */
}

CS_RESULT policy_emergency_grant(const struct state *s, const struct state_request *q, const struct sheet *sheet,
                                 struct arena *arena, struct emergency_grant *ret_grant)
{
    const struct emergency_case *x = sheet->in.emergency;
    const struct policy_emergency *e = s->policy->doc.emergency;
    const uint64_t now_ms = sheet->in.now_ms;
    struct emergency_grant g = {0};

    ENSURE(x != NULL && x->deploy != NULL && e != NULL, CS_E_STATE, "emergency");
    while (g.artifact_count < x->deploy->artifact_count && g.artifact_count < MODEL_ARTIFACTS_MAX) {
        g.artifacts[g.artifact_count] = x->deploy->artifacts[g.artifact_count];
        g.artifact_count++;
    }
    TRY(tell_bypassed(s, sheet, arena, &g));
    g.clock_trusted = !s->clock_back;
    g.due_ms = later(now_ms, e->review_due_s);
    g.environment = x->deploy->environment;
    g.grants = x->of->index;
    g.kind = x->content->kind;
    if (e->has_budget) {
        g.used = state_emergencies_since(s, e->budget_per_s, now_ms) + 1;
        g.over_budget = g.used > e->budget_count;
    }
    g.prev = s->emergency_index;
    g.request = q->index;
    if (x->of->status == STATUS_ELIGIBLE && span_is(x->deploy->change_type, POLICY_ROLLBACK)) {
        const struct state_request *ran = policy_ran_before(s, x->deploy, arena);
        ENSURE(ran != NULL, CS_E_STATE, "emergency.ran");
        g.has_ran = true;
        g.ran = ran->index;
    }
    g.service = x->deploy->service;
    g.use_by_ms = later(now_ms, e->use_by_s);
    g.has_voucher = x->content->has_voucher;
    g.voucher = x->content->voucher;
    *ret_grant = g;
    return CS_SUCCESS;
}
