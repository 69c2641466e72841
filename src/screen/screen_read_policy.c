/* SPDX-License-Identifier: Apache-2.0 */
/* Policies and roster changes in words. */
#include "screen/screen_read.h"

#include "policy/policy_evidence.h"

static void put_list(struct doc *d, const char *label, const struct span *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        doc_field(d, i == 0 ? label : "", items[i], DOC_PLAIN);
    }
    if (count == 0) {
        doc_literal(d, label, "none");
    }
}

struct test_words {
    const char *first; /* before the first value */
    const char *next;  /* before the others */
    const char *end;   /* after the first: what also holds */
};

static void put_value(struct writer *w, const struct policy_test *t, size_t i)
{
    if (t->value_count > 0) {
        wr_bytes(w, t->values[i]);
    } else if (t->window_s != 0) {
        model_history_words(w, t->name, t->bound);
        wr_text(w, " over ");
        screen_write_exact(w, t->window_s);
    } else if (t->kind != TEST_NONE) {
        wr_text(w, t->bound < 0 ? "-" : "");
        wr_dec(w, (uint64_t)(t->bound < 0 ? -t->bound : t->bound));
    }
}

static const char *joint(const struct policy_test *t, bool first, size_t i)
{
    const bool both = t->kind == TEST_GLOB_NOT || t->kind == TEST_IS_NOT;
    if (i > 0 && both) {
        return "and ";
    }
    return first && i == 0 ? "if " : "or ";
}

/* One line a value: what was there before the first alternative is "if", before the others "or". */
static void put_test(struct doc *d, const struct policy_test *t, bool first, bool surely)
{
    static const struct test_words words[] = {
        [TEST_NONE] = {" is anything", "", ""},
        [TEST_GE] = {" is at least ", "", " or no number"},
        [TEST_GLOB] = {" is like ", " is like ", " or not given"},
        [TEST_GLOB_NOT] = {" is not like ", " is also not like ", " or not given"},
        [TEST_IS] = {" is ", " is ", " or not given"},
        [TEST_IS_NOT] = {" is not ", " is also not ", " or not given"},
        [TEST_LE] = {" is at most ", "", " or no number"},
    };
    const struct test_words *w = &words[t->kind];
    const size_t lines = t->value_count > 0 ? t->value_count : 1;

    for (size_t i = 0; i < lines; i++) {
        struct doc_line l;
        doc_line(&l, d);
        wr_text(&l.w, joint(t, first, i));
        wr_bytes(&l.w, t->name);
        wr_text(&l.w, i == 0 ? w->first : w->next);
        put_value(&l.w, t, i);
        wr_text(&l.w, i == 0 && !surely ? w->end : "");
        doc_point(d, MARK_NONE, doc_line_end(&l));
    }
}

/* surely: what is not given does not make it hold. */
static void put_when(struct doc *d, const struct policy_when *w, bool surely)
{
    for (size_t i = 0; i < w->any_count; i++) {
        put_test(d, &w->any[i], i == 0, surely);
    }
}

static const char *quorum_words(enum policy_quorum q)
{
    static const char *const words[QUORUM_KINDS] = {
        [QUORUM_NONE] = " x ",
        [QUORUM_COUNT] = " votes of ",
        [QUORUM_MAJORITY] = " votes, and more than half, of ",
        [QUORUM_TWO_THIRDS] = " votes, and two thirds, of ",
    };
    return words[(size_t)q < QUORUM_KINDS ? q : QUORUM_NONE];
}

static void put_seat(struct doc *d, const struct policy_seat *seat)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_dec(&l.w, seat->count);
    wr_text(&l.w, quorum_words(seat->quorum));
    wr_bytes(&l.w, seat->role);
    wr_text(&l.w, " must sign for ");
    wr_bytes(&l.w, seat->id);
    if (seat->after.left > 0) {
        wr_text(&l.w, ", after ");
        wr_bytes(&l.w, seat->after);
    }
    doc_point(d, MARK_NONE, doc_line_end(&l));
    for (size_t i = 0; i < seat->veto_count; i++) {
        doc_line(&l, d);
        wr_text(&l.w, "a no of ");
        wr_bytes(&l.w, seat->veto[i]);
        wr_text(&l.w, " ends it");
        doc_point(d, MARK_NONE, doc_line_end(&l));
    }
}

/* Widening is said with its conditions, which must hold for sure. */
static void put_step(struct doc *d, const struct policy_step *step)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "after ");
    wr_dec(&l.w, step->after_s);
    wr_text(&l.w, " seconds ");
    wr_bytes(&l.w, step->to);
    wr_text(&l.w, step->when_count > 0 ? " may sign these too, for sure" : " may sign these too");
    doc_point(d, MARK_NONE, doc_line_end(&l));
    for (size_t i = 0; i < step->when_count; i++) {
        put_when(d, &step->when[i], true);
    }
}

struct bit_word {
    uint32_t bit;
    const char *words;
};

static void put_bits(struct doc *d, const struct bit_word *words, size_t count, uint32_t bits)
{
    for (size_t i = 0; i < count; i++) {
        if ((bits & words[i].bit) != 0) {
            doc_point(d, MARK_NONE, span_str(words[i].words));
        }
    }
}

static void put_number(struct doc *d, const char *before, uint64_t n, const char *after)
{
    if (n == 0) {
        return;
    }
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, before);
    wr_dec(&l.w, n);
    wr_text(&l.w, after);
    doc_point(d, MARK_NONE, doc_line_end(&l));
}

static void put_require(struct doc *d, const struct policy_rule *r)
{
    static const struct bit_word separate[] = {
        {SEPARATE_AUTHORS, "who wrote part of it may not decide"},
        {SEPARATE_INITIATOR, "who asked for it may not decide"},
        {SEPARATE_POLICY_EDITOR, "who last changed the policy may not decide"},
        {SEPARATE_TRIGGER, "who started the pipeline may not decide"},
    };
    static const struct bit_word bind[] = {
        {BIND_ARTIFACTS, "the artifacts must be the same when it is deployed"},
        {BIND_CONFIG, "the configuration must be the same when it is deployed"},
        {BIND_PLAN, "the plan must be the same when it is deployed"},
    };
    for (size_t i = 0; i < r->field_count; i++) {
        struct doc_line l;
        doc_line(&l, d);
        wr_bytes(&l.w, r->fields[i]);
        wr_text(&l.w, " must be given");
        doc_point(d, MARK_NONE, doc_line_end(&l));
    }
    screen_read_source(d, r);
    put_bits(d, bind, sizeof(bind) / sizeof(bind[0]), r->bind);
    put_bits(d, separate, sizeof(separate) / sizeof(separate[0]), r->separate);
    if (r->token_attested) {
        doc_point(d, MARK_NONE, SPAN_LIT("every key that signs must have attested where it is"));
    }
    if (r->token_verification) {
        doc_point(d, MARK_NONE, SPAN_LIT("every signature needs the PIN or a fingerprint"));
    }
    put_number(d, "to approve, a reason of at least ", r->reason_approve_min, " characters");
    put_number(d, "to reject, a reason of at least ", r->reason_reject_min, " characters");
    put_number(d, "signed within ", r->sign_by_s, " seconds");
    put_number(d, "used within ", r->use_by_s, " seconds of the last signature");
}

/* A file that must come: all that it must keep to, in the words of the sheet. */
static void put_evidence(struct doc *d, const struct policy_evidence *e)
{
    uint8_t *p = arena_alloc(d->arena, EVIDENCE_WORDS_MAX);
    struct writer w = wr_fixed(p, p != NULL ? (size_t)EVIDENCE_WORDS_MAX : 0);
    struct doc_line l;

    doc_line(&l, d);
    wr_text(&l.w, "a file must come: ");
    wr_bytes(&l.w, e->id);
    doc_point(d, MARK_NONE, doc_line_end(&l));
    policy_evidence_words(e, &w);
    if (wr_end(&w, "policy.evidence").code != CS_OK) {
        d->unshown = true;
    }
    doc_field(d, "It keeps to", wr_span(&w), DOC_PLAIN);
}

/* The lines of one rule as text, to see whether two rules say the same. */
static void put_rule(struct doc *d, const struct policy_rule *r)
{
    for (size_t i = 0; i < r->when_count; i++) {
        put_when(d, &r->when[i], false);
    }
    if (r->when_count == 0) {
        doc_point(d, MARK_NONE, SPAN_LIT("always"));
    }
    for (size_t i = 0; i < r->seat_count; i++) {
        put_seat(d, &r->seats[i]);
    }
    for (size_t i = 0; i < r->step_count; i++) {
        put_step(d, &r->steps[i]);
    }
    for (size_t i = 0; i < r->evidence_count; i++) {
        put_evidence(d, &r->evidence[i]);
    }
    put_require(d, r);
}

static bool same_text(const struct safe_text *a, const struct safe_text *b)
{
    if (a->count != b->count || a->points != b->points) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (a->runs[i].kind != b->runs[i].kind || a->runs[i].code != b->runs[i].code ||
            !span_eq(a->runs[i].text, b->runs[i].text)) {
            return false;
        }
    }
    return true;
}

static bool same_items(const struct doc *a, const struct doc *b)
{
    if (a->fail != CS_OK || b->fail != CS_OK || a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!same_text(&a->items[i].value, &b->items[i].value)) {
            return false;
        }
    }
    return true;
}

/* Two rules are alike if they are alike in words: everything that a rule can say is said. */
static bool same_rule(struct doc *d, const struct policy_rule *a, const struct policy_rule *b)
{
    struct doc da;
    struct doc db;
    doc_init(&da, d->arena, d->repertoire);
    doc_init(&db, d->arena, d->repertoire);
    put_rule(&da, a);
    put_rule(&db, b);
    return same_items(&da, &db);
}

static const struct policy_rule *find_rule(const struct policy_doc *doc, struct span id)
{
    for (size_t i = 0; doc != NULL && i < doc->rule_count; i++) {
        if (span_eq(doc->rules[i].id, id)) {
            return &doc->rules[i];
        }
    }
    return NULL;
}

static void put_rule_head(struct doc *d, enum item_mark mark, struct span id, const char *after)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "Rule ");
    wr_bytes(&l.w, id);
    wr_text(&l.w, after);
    doc_point(d, mark, doc_line_end(&l));
}

/* One rule of the new policy beside its old self, if there is an old policy. */
static void put_rule_beside(struct doc *d, const struct policy_rule *r, const struct policy_doc *old)
{
    const struct policy_rule *was = find_rule(old, r->id);
    if (old == NULL || (was != NULL && same_rule(d, r, was))) {
        put_rule_head(d, MARK_OK, r->id, old == NULL ? "" : ", as before");
        put_rule(d, r);
        return;
    }
    put_rule_head(d, MARK_NEW, r->id, was == NULL ? ", new" : ", changed, now");
    put_rule(d, r);
    if (was != NULL) {
        put_rule_head(d, MARK_GONE, r->id, ", as it was");
        put_rule(d, was);
    }
}

static void put_rules(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        put_rule_beside(d, &policy->rules[i], old);
    }
    for (size_t i = 0; old != NULL && i < old->rule_count; i++) {
        if (find_rule(policy, old->rules[i].id) == NULL) {
            put_rule_head(d, MARK_GONE, old->rules[i].id, ", taken away");
            put_rule(d, &old->rules[i]);
        }
    }
}

static void put_change_of(struct doc *d, const char *label, uint64_t was, uint64_t now, bool has_old)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_dec(&l.w, now);
    if (has_old && was != now) {
        wr_text(&l.w, ", was ");
        wr_dec(&l.w, was);
    }
    doc_field(d, label, doc_line_end(&l), DOC_FREE);
}

static void put_earned(struct doc *d, enum item_mark mark, const struct policy_earned *e, const char *after)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_dec(&l.w, e->count);
    wr_text(&l.w, " enough for ");
    wr_bytes(&l.w, e->rule);
    wr_text(&l.w, "/");
    wr_bytes(&l.w, e->seat);
    wr_text(&l.w, after);
    doc_point(d, mark, doc_line_end(&l));
    for (size_t k = 0; k < e->when_count; k++) {
        put_when(d, &e->when[k], true);
    }
}

static const struct policy_earned *find_earned(const struct policy_doc *doc, const struct policy_earned *like)
{
    for (size_t i = 0; doc != NULL && i < doc->earned_count; i++) {
        if (span_eq(doc->earned[i].rule, like->rule) && span_eq(doc->earned[i].seat, like->seat)) {
            return &doc->earned[i];
        }
    }
    return NULL;
}

static bool same_earned(struct doc *d, const struct policy_earned *a, const struct policy_earned *b)
{
    struct doc da;
    struct doc db;
    doc_init(&da, d->arena, d->repertoire);
    doc_init(&db, d->arena, d->repertoire);
    put_earned(&da, MARK_NONE, a, "");
    put_earned(&db, MARK_NONE, b, "");
    return same_items(&da, &db);
}

/* One item of the new policy beside its old self, if there is an old policy. */
static void put_earned_beside(struct doc *d, const struct policy_earned *e, const struct policy_doc *old)
{
    const struct policy_earned *was = find_earned(old, e);

    if (old == NULL || (was != NULL && same_earned(d, e, was))) {
        put_earned(d, old == NULL ? MARK_WARN : MARK_OK, e, old == NULL ? "" : ", as before");
        return;
    }
    put_earned(d, MARK_NEW, e, was == NULL ? ", new" : ", changed, now");
    if (was != NULL) {
        put_earned(d, MARK_GONE, was, ", as it was");
    }
}

static void read_earned(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    if (policy->earned_count > 0 || (old != NULL && old->earned_count > 0)) {
        doc_heading(d, "Fewer people, once things went well");
    }
    for (size_t i = 0; i < policy->earned_count; i++) {
        put_earned_beside(d, &policy->earned[i], old);
    }
    for (size_t i = 0; old != NULL && i < old->earned_count; i++) {
        if (find_earned(policy, &old->earned[i]) == NULL) {
            put_earned(d, MARK_GONE, &old->earned[i], ", taken away");
        }
    }
}

static void read_retention(struct doc *d, const struct policy_retention *r)
{
    if (r->default_s > 0) {
        doc_heading(d, "What is kept, in seconds");
        doc_number(d, "Everything", r->default_s);
    }
    for (size_t i = 0; i < r->class_count; i++) {
        struct doc_line l;
        doc_line(&l, d);
        wr_dec(&l.w, r->classes[i].keep_s);
        doc_named(d, r->classes[i].id, doc_line_end(&l));
    }
}

void screen_read_policy(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    const bool has = old != NULL;
    doc_heading(d, has ? "The policy that would be in force" : "The policy");
    doc_field(d, "Name", policy->name, DOC_PLAIN);
    put_change_of(d, "Version", has ? old->version : 0, policy->version, has);
    put_change_of(d, "Officers sign", has ? old->officers_threshold : 0, policy->officers_threshold, has);
    put_change_of(d, "within seconds", has ? old->officers_sign_by_s : 0, policy->officers_sign_by_s, has);
    put_list(d, "Roles", policy->roles, policy->role_count);
    put_list(d, "Environments", policy->environments, policy->environment_count);
    put_list(d, "Change types", policy->change_types, policy->change_type_count);
    screen_read_promotions(d, policy, old);
    doc_heading(d, "Rules");
    put_rules(d, policy, old);
    screen_read_calendar(d, policy, old);
    screen_read_tokens(d, policy);
    screen_read_duties(d, policy, old);
    screen_read_delegations(d, policy, old);
    screen_read_reviews(d, policy, old);
    screen_read_directory(d, policy, old);
    screen_read_emergencies(d, policy, old);
    read_earned(d, policy, old);
    read_retention(d, &policy->retention);
}

static void put_person(struct doc *d, const struct roster_change *c, const struct state *state)
{
    const bool known = state != NULL && state_person_find(state, c->id) != NULL;
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, known ? "Change person " : "Add person ");
    wr_bytes(&l.w, c->id);
    doc_point(d, MARK_NEW, doc_line_end(&l));
    put_list(d, "Roles", c->person.roles, c->person.role_count);
    for (size_t i = 0; i < c->person.account_count; i++) {
        doc_field(d, i == 0 ? "Also known as" : "", c->person.accounts[i], DOC_PLAIN);
    }
}

static void put_credential(struct doc *d, const struct roster_change *c, const struct state *state)
{
    const struct state_model *m = state != NULL ? state_model_find(state, c->credential.aaguid) : NULL;
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "New key for ");
    wr_bytes(&l.w, c->id);
    doc_point(d, MARK_NEW, doc_line_end(&l));
    if (c->credential.nickname.left > 0) {
        doc_field(d, "Named", c->credential.nickname, DOC_PLAIN);
    }
    if (m != NULL) {
        doc_field(d, "Model name", m->name, DOC_PLAIN);
    }
    doc_bytes(d, "Model", c->credential.aaguid);
    doc_literal(d, "Attested", c->credential.attestation.x5c_count > 0 ? "yes, by its maker" : "no");
    const struct sha256 id = digest_sha256(c->credential.id);
    doc_digest(d, "Key sha256", &id);
}

static void put_client(struct doc *d, const struct roster_change *c)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "Pipeline ");
    wr_bytes(&l.w, c->id);
    doc_point(d, MARK_NEW, doc_line_end(&l));
    for (enum client_scope s = SCOPE_REQUEST; s < SCOPE_COUNT; s++) {
        if ((c->client.scopes & 1U << (unsigned)s) != 0) {
            doc_literal(d, "May", client_scope_text(s));
        }
    }
    for (size_t i = 0; i < c->client.tls_count; i++) {
        doc_field(d, "Certificate", c->client.tls[i], DOC_PLAIN);
    }
    for (size_t i = 0; i < c->client.token_count; i++) {
        doc_digest(d, "Token sha256", &c->client.tokens[i]);
    }
}

static void put_roots(struct doc *d, const char *words, const struct span *roots, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sha256 root = digest_sha256(roots[i]);
        doc_digest(d, words, &root);
    }
}

/* With what they say of themselves. */
static void put_named_roots(struct doc *d, const char *words, const struct span *roots, size_t count,
                            const struct cert_words *said)
{
    for (size_t i = 0; i < count; i++) {
        screen_read_name(d, words, said[i].subject);
        doc_time(d, "Valid before", said[i].not_after_ms);
        put_roots(d, "Its sha256", &roots[i], 1);
    }
}

static void put_model(struct doc *d, const struct roster_change *c)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "Allow keys of model ");
    wr_bytes(&l.w, c->model.name);
    doc_point(d, MARK_NEW, doc_line_end(&l));
    doc_bytes(d, "Model", c->model.aaguid);
    if (c->model.certification.left > 0) {
        doc_field(d, "Certified", c->model.certification, DOC_PLAIN);
    }
    put_roots(d, "Root sha256", c->model.roots, c->model.root_count);
}

static void put_issuer(struct doc *d, const struct card_issuer *x, const struct cert_words *said)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "Allow cards of issuer ");
    wr_bytes(&l.w, x->name);
    doc_point(d, MARK_NEW, doc_line_end(&l));
    doc_field(d, "Issuer", x->id, DOC_PLAIN);
    if (x->certification.left > 0) {
        doc_field(d, "Certified", x->certification, DOC_PLAIN);
    }
    if (said == NULL) { /* and then it is not signed for here */
        doc_point(d, MARK_WARN, SPAN_LIT("its certificates cannot be read here"));
        d->unshown = true;
        return;
    }
    put_named_roots(d, "Root", x->roots, x->root_count, said);
    put_named_roots(d, "Attesting root", x->attestation_roots, x->attestation_root_count, said + x->root_count);
}

static void put_removal(struct doc *d, const char *words, struct span id)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, words);
    wr_bytes(&l.w, id);
    doc_point(d, MARK_GONE, doc_line_end(&l));
}

static void put_revocation(struct doc *d, const struct roster_change *c, const struct state *state)
{
    const struct state_credential *k = state != NULL ? state_credential_find(state, &c->credential_sha256) : NULL;
    put_removal(d, "Switch off a key of ", k != NULL ? k->person->id : SPAN_LIT("nobody known here"));
    if (k != NULL && k->nickname.left > 0) {
        doc_field(d, "Named", k->nickname, DOC_PLAIN);
    }
    doc_digest(d, "Key sha256", &c->credential_sha256);
    if (k != NULL && k->kind == CREDENTIAL_PIV && k->card->facts.has_device) {
        doc_digest(d, "Serial sha256", &k->card->facts.device_sha256);
    }
    if (k != NULL) {
        screen_read_decided(d, k, state);
    }
}

/* What is taken away, and whose keys and cards with it. */
static void put_gone(struct doc *d, const char *words, const struct roster_change *c, const struct state *state)
{
    put_removal(d, words, c->op == CHANGE_REMOVE_MODEL ? SPAN_NONE : c->id);
    if (c->op == CHANGE_REMOVE_MODEL) {
        doc_bytes(d, "Model", c->id);
    }
    screen_read_dark(d, c, NULL, state);
}

static void put_change(struct doc *d, const struct roster_change *c, const struct change_facts *facts,
                       const struct state *state)
{
    switch (c->op) {
    case CHANGE_ADD_CREDENTIAL:
        put_credential(d, c, state);
        break;
    case CHANGE_PUT_CLIENT:
        put_client(d, c);
        break;
    case CHANGE_PUT_MODEL:
        put_model(d, c);
        break;
    case CHANGE_PUT_PERSON:
        put_person(d, c, state);
        break;
    case CHANGE_ADD_CARD:
        screen_read_card(d, c, facts, state);
        break;
    case CHANGE_PUT_CRL:
        screen_read_crl(d, c, facts, state);
        break;
    case CHANGE_PUT_ISSUER:
        put_issuer(d, &c->issuer, facts != NULL ? facts->words : NULL);
        if (state != NULL && state_issuer_find(state, c->issuer.id) != NULL) {
            screen_read_dark(d, c, NULL, state);
        }
        break;
    case CHANGE_REMOVE_ISSUER:
        put_gone(d, "No longer allow cards of issuer ", c, state);
        break;
    case CHANGE_REMOVE_CLIENT:
        put_removal(d, "Remove pipeline ", c->id);
        break;
    case CHANGE_REMOVE_MODEL:
        put_gone(d, "No longer allow keys of a model", c, state);
        break;
    case CHANGE_REMOVE_PERSON:
        put_gone(d, "Remove, with every key, person ", c, state);
        break;
    case CHANGE_PUT_DUTY:
        screen_read_duty(d, c->duty, state);
        break;
    case CHANGE_RESTORE_PERSON:
        put_removal(d, "End the suspension of ", c->id);
        break;
    case CHANGE_SUSPEND_PERSON:
        put_gone(d, "Suspend, until restored, person ", c, state);
        break;
    case CHANGE_REVOKE_CREDENTIAL:
        put_revocation(d, c, state);
        break;
    case CHANGE_NONE:
        d->unshown = true;
        break;
    }
}

void screen_read_changes(struct doc *d, const struct roster_changes *changes, const struct change_facts *facts,
                         const struct state *state)
{
    doc_heading(d, "People, keys and pipelines");
    for (size_t i = 0; i < changes->count; i++) {
        put_change(d, &changes->item[i], facts != NULL ? &facts[i] : NULL, state);
    }
}
