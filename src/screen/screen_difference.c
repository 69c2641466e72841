/* SPDX-License-Identifier: Apache-2.0 */
/* What a new revision of a request changed, member by member. */
#include "screen/screen_read.h"

/* Before and now of one text; nothing when they are alike. */
static size_t differ_text(struct doc *d, struct span label, struct span before, struct span now)
{
    if (span_eq(before, now)) {
        return 0;
    }
    doc_section(d, label);
    doc_lines(d, MARK_GONE, before.left > 0 ? before : SPAN_LIT("(nothing)"));
    doc_lines(d, MARK_NEW, now.left > 0 ? now : SPAN_LIT("(nothing)"));
    return 1;
}

static bool same_artifact(const struct named_digest *a, const struct deploy_content *in)
{
    for (size_t i = 0; i < in->artifact_count; i++) {
        if (span_eq(a->name, in->artifacts[i].name) && sha256_eq(&a->sha256, &in->artifacts[i].sha256)) {
            return true;
        }
    }
    return false;
}

static size_t differ_artifacts(struct doc *d, const struct deploy_content *here, const struct deploy_content *there,
                               enum item_mark mark)
{
    size_t n = 0;
    for (size_t i = 0; i < here->artifact_count; i++) {
        if (!same_artifact(&here->artifacts[i], there)) {
            doc_point(d, mark, here->artifacts[i].name);
            doc_digest(d, mark == MARK_NEW ? "now" : "before", &here->artifacts[i].sha256);
            n++;
        }
    }
    return n;
}

static struct span pair_value(const struct text_pair *pairs, size_t count, struct span key)
{
    for (size_t i = 0; i < count; i++) {
        if (span_eq(pairs[i].key, key)) {
            return pairs[i].value;
        }
    }
    return SPAN_NONE;
}

static size_t differ_pairs(struct doc *d, const struct text_pair *a, size_t a_count, const struct text_pair *b,
                           size_t b_count)
{
    size_t n = 0;
    for (size_t i = 0; i < a_count; i++) {
        n += differ_text(d, a[i].key, a[i].value, pair_value(b, b_count, a[i].key));
    }
    for (size_t i = 0; i < b_count; i++) {
        if (pair_value(a, a_count, b[i].key).p == NULL) {
            n += differ_text(d, b[i].key, SPAN_NONE, b[i].value);
        }
    }
    return n;
}

static void one_digest(struct doc *d, const char *label, bool has, const struct sha256 *digest)
{
    if (has) {
        doc_digest(d, label, digest);
    } else {
        doc_literal(d, label, "(nothing)");
    }
}

/* Digests that may be absent. */
struct differ_digest {
    const char *label;
    bool had;
    bool has;
    const struct sha256 *before;
    const struct sha256 *now;
};

static size_t differ_digest(struct doc *d, const struct differ_digest *x)
{
    if (x->had == x->has && (!x->has || sha256_eq(x->before, x->now))) {
        return 0;
    }
    doc_section(d, span_str(x->label));
    one_digest(d, "before", x->had, x->before);
    one_digest(d, "now", x->has, x->now);
    return 1;
}

static size_t differ_bound(struct doc *d, const struct deploy_content *before, const struct deploy_content *now)
{
    const struct differ_digest config = {.label = "Configuration",
                                         .had = before->has_config,
                                         .has = now->has_config,
                                         .before = &before->config_sha256,
                                         .now = &now->config_sha256};
    const struct differ_digest plan = {.label = "Plan",
                                       .had = before->has_plan,
                                       .has = now->has_plan,
                                       .before = &before->plan_sha256,
                                       .now = &now->plan_sha256};
    return differ_digest(d, &config) + differ_digest(d, &plan);
}

struct accounts {
    const struct span *items;
    size_t count;
};

/* Those of `here` that `there` does not have. */
static size_t differ_accounts(struct doc *d, struct accounts here, struct accounts there, const char *label)
{
    size_t n = 0;
    for (size_t i = 0; i < here.count; i++) {
        if (!span_among(here.items[i], there.items, there.count)) {
            doc_field(d, label, here.items[i], DOC_PLAIN);
            n++;
        }
    }
    return n;
}

static size_t differ_people(struct doc *d, const struct request_source *before, const struct request_source *now)
{
    const struct accounts wrote = {before->authors, before->author_count};
    const struct accounts write = {now->authors, now->author_count};
    const struct accounts reviewed = {before->reviewers, before->reviewer_count};
    const struct accounts review = {now->reviewers, now->reviewer_count};
    size_t n = differ_accounts(d, wrote, write, "No longer by");
    n += differ_accounts(d, write, wrote, "Now written by");
    n += differ_accounts(d, reviewed, review, "Not reviewed by");
    return n + differ_accounts(d, review, reviewed, "Now reviewed by");
}

/* Which freezes it passes. */
static size_t differ_remediates(struct doc *d, const struct deploy_content *before, const struct deploy_content *now)
{
    const struct accounts was = {before->remediates, before->remediates_count};
    const struct accounts is = {now->remediates, now->remediates_count};
    const size_t n = differ_accounts(d, was, is, "No longer for");
    return n + differ_accounts(d, is, was, "Now puts right");
}

/* --- what it may go back to --- */

static const struct deploy_rollback *rollback_of(const struct deploy_content *c)
{
    static const struct deploy_rollback none;
    return c->rollback != NULL ? c->rollback : &none;
}

/* Artifacts of `here` that `there` does not have. */
static size_t differ_back(struct doc *d, const struct deploy_rollback *here, const struct deploy_rollback *there,
                          const char *label)
{
    size_t n = 0;
    for (size_t i = 0; i < here->artifact_count; i++) {
        const struct named_digest *a = &here->artifacts[i];
        size_t k = 0;
        while (k < there->artifact_count &&
               !(span_eq(there->artifacts[k].name, a->name) && sha256_eq(&there->artifacts[k].sha256, &a->sha256))) {
            k++;
        }
        if (k == there->artifact_count) {
            doc_field(d, label, a->name, DOC_PLAIN);
            doc_digest(d, "sha256", &a->sha256);
            n++;
        }
    }
    return n;
}

static size_t differ_rollback(struct doc *d, const struct deploy_content *before, const struct deploy_content *now)
{
    const struct deploy_rollback *was = rollback_of(before);
    const struct deploy_rollback *is = rollback_of(now);
    const struct differ_digest config = {.label = "Configuration to go back to",
                                         .had = was->has_config,
                                         .has = is->has_config,
                                         .before = &was->config_sha256,
                                         .now = &is->config_sha256};
    const struct differ_digest plan = {.label = "Plan of going back",
                                       .had = was->has_plan,
                                       .has = is->has_plan,
                                       .before = &was->plan_sha256,
                                       .now = &is->plan_sha256};
    const struct accounts old = {was->triggers, was->trigger_count};
    const struct accounts new = {is->triggers, is->trigger_count};
    size_t n = differ_back(d, was, is, "No longer back to");
    n += differ_back(d, is, was, "Now back to");
    n += differ_digest(d, &config) + differ_digest(d, &plan);
    n += differ_accounts(d, old, new, "No longer if it fails by");
    return n + differ_accounts(d, new, old, "Now if it fails by");
}

static struct span protected_word(const struct request_source *s)
{
    if (!s->has_protected) {
        return SPAN_NONE;
    }
    return s->is_protected ? SPAN_LIT("yes") : SPAN_LIT("no");
}

static size_t differ_pull_request(struct doc *d, const struct request_source *before, const struct request_source *now)
{
    const size_t n = differ_text(d, SPAN_LIT("Pull request is"), before->pull_request_state, now->pull_request_state);
    if (before->pull_request == now->pull_request) {
        return n;
    }
    doc_number(d, "Pull request", now->pull_request);
    return n + 1;
}

static size_t differ_source(struct doc *d, const struct request_source *before, const struct request_source *now)
{
    size_t n = differ_text(d, SPAN_LIT("Repository"), before->repository, now->repository);
    n += differ_text(d, SPAN_LIT("Branch or tag"), before->ref, now->ref);
    n += differ_text(d, SPAN_LIT("Commit"), before->commit, now->commit);
    n += differ_text(d, SPAN_LIT("Since"), before->since, now->since);
    n += differ_text(d, SPAN_LIT("Protected branch"), protected_word(before), protected_word(now));
    n += differ_pull_request(d, before, now);
    return n + differ_people(d, before, now);
}

static bool same_evidence(const struct evidence_item *a, const struct deploy_content *in)
{
    for (size_t i = 0; i < in->evidence_count; i++) {
        const struct evidence_item *b = &in->evidence[i];
        if (span_eq(a->kind, b->kind) && span_eq(a->name, b->name)) {
            return sha256_eq(&a->sha256, &b->sha256) && a->size_bytes == b->size_bytes && a->passed == b->passed &&
                   a->failed == b->failed && a->skipped == b->skipped;
        }
    }
    return false;
}

static size_t differ_evidence(struct doc *d, const struct deploy_content *here, const struct deploy_content *there,
                              enum item_mark mark)
{
    size_t n = 0;
    for (size_t i = 0; i < here->evidence_count; i++) {
        if (!same_evidence(&here->evidence[i], there)) {
            screen_read_evidence(d, mark, &here->evidence[i]);
            n++;
        }
    }
    return n;
}

void screen_read_difference(struct doc *d, const struct deploy_content *before, const struct deploy_content *now)
{
    size_t n = differ_artifacts(d, before, now, MARK_GONE);
    n += differ_artifacts(d, now, before, MARK_NEW);
    n += differ_bound(d, before, now);
    n += differ_rollback(d, before, now);
    n += differ_text(d, SPAN_LIT("Title"), before->title, now->title);
    n += differ_text(d, SPAN_LIT("Environment"), before->environment, now->environment);
    n += differ_text(d, SPAN_LIT("Service"), before->service, now->service);
    n += differ_text(d, SPAN_LIT("Change type"), before->change_type, now->change_type);
    n += differ_text(d, SPAN_LIT("Asked for by"), before->initiator, now->initiator);
    n += differ_text(d, SPAN_LIT("Triggered by"), before->trigger, now->trigger);
    n += differ_text(d, SPAN_LIT("Ticket"), before->ticket, now->ticket);
    n += differ_text(d, SPAN_LIT("Ticket's state"), before->ticket_state, now->ticket_state);
    n += differ_text(d, SPAN_LIT("Ticket's system"), before->ticket_system, now->ticket_system);
    n += differ_remediates(d, before, now);
    n += differ_source(d, &before->source, &now->source);
    n += differ_pairs(d, before->documentation, before->documentation_count, now->documentation,
                      now->documentation_count);
    n += differ_pairs(d, before->attributes, before->attribute_count, now->attributes, now->attribute_count);
    n += differ_evidence(d, before, now, MARK_GONE);
    n += differ_evidence(d, now, before, MARK_NEW);
    if (n == 0) {
        doc_note(d, "Only counts of commits, files or lines differ. Read the pages again.");
    }
}
