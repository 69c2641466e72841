/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_report.h"

#include "base/base_text.h"
#include "file/file_show.h"

static void put(FILE *to, struct span ascii)
{
    (void)fwrite(ascii.p, 1, ascii.left, to);
}

static void put_time(FILE *to, uint64_t ms)
{
    uint8_t text[TEXT_TIME_LEN];
    struct writer w = wr_fixed(text, sizeof(text));

    text_time_write(&w, ms);
    put(to, wr_span(&w));
}

static void put_hex(FILE *to, struct span bytes)
{
    for (size_t i = 0; i < bytes.left; i++) {
        (void)fprintf(to, "%02x", bytes.p[i]);
    }
}

/* Broken is the log or the file; a request that is not approved is only the answer no. */
static const char *lead(enum finding_class c)
{
    switch (c) {
    case FINDING_CANNOT_TELL:
    case FINDING_HOLDS:
    case FINDING_COUNT:
        return "";
    case FINDING_NOT_APPROVED:
    case FINDING_SUBJECT:
    case FINDING_ENVIRONMENT:
    case FINDING_SERVICE:
    case FINDING_EXPIRED:
    case FINDING_NOT_REDEEMED:
        return "No. ";
    case FINDING_FORMAT:
    case FINDING_CHECKPOINT:
    case FINDING_PINNED:
    case FINDING_INCLUSION:
    case FINDING_GENESIS:
    case FINDING_ENTRY:
    case FINDING_ANCHOR:
    case FINDING_INCOMPLETE:
    case FINDING_ENVELOPE:
        break;
    }
    return "Broken. ";
}

void audit_report_finding(FILE *to, const struct finding *f)
{
    if (f->class == FINDING_HOLDS) {
        (void)fprintf(to, "Holds.\n");
        return;
    }
    (void)fprintf(to, "%s%s (%s)\n", lead(f->class), judge_finding_sentence(f->class), judge_finding_word(f->class));
    if (f->at_entry) {
        (void)fprintf(to, "  at entry %llu\n", (unsigned long long)f->index);
    }
    if (f->class == FINDING_ENTRY) {
        (void)fprintf(to, "  %s (%s)\n", policy_reason_sentence(f->reason), policy_reason_code(f->reason));
    }
    if (f->cause.code != CS_OK) {
        (void)fprintf(to, "  %s %s\n", f->cause.msg, cs_code_text(f->cause.code));
    }
}

void audit_report_log(FILE *to, const struct state *s)
{
    (void)fprintf(to, "log ");
    put(to, s->origin);
    (void)fprintf(to, " up to entry %llu of ", (unsigned long long)(s->size - 1));
    put_time(to, s->time_ms);
    (void)fprintf(to, "\npolicy ");
    put(to, s->policy->doc.name);
    (void)fprintf(to, " version %llu of entry %llu, roster of entry %llu\n", (unsigned long long)s->policy->doc.version,
                  (unsigned long long)s->policy_index, (unsigned long long)s->roster_index);
}

static void put_decision(FILE *to, const struct state_decision *d)
{
    (void)fprintf(to, "  ");
    put(to, d->person->id);
    static const char *const words[DECISION_COUNT] = {[DECISION_NONE] = "",
                                                      [DECISION_APPROVE] = "approved",
                                                      [DECISION_REJECT] = "rejected",
                                                      [DECISION_ABSTAIN] = "abstained"};
    (void)fprintf(to, " %s as ", words[d->word]);
    put(to, d->seat);
    (void)fprintf(to, " on ");
    put_time(to, d->time_ms);
    (void)fprintf(to, " (entry %llu, key ", (unsigned long long)d->index);
    put_hex(to, span_make(d->credential->id_sha256.b, 4));
    (void)fprintf(to, ")\n");
}

static void put_artifacts(FILE *to, const char *before, const struct named_digest *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(to, span_str(before));
        put(to, items[i].name);
        (void)fprintf(to, " sha256 ");
        put_hex(to, sha256_span(&items[i].sha256));
        (void)fprintf(to, "\n");
    }
}

static void put_content(FILE *to, const struct deploy_content *c, bool back)
{
    (void)fprintf(to, ": ");
    put(to, c->service);
    (void)fprintf(to, " to ");
    put(to, c->environment);
    (void)fprintf(to, ", \"");
    file_show(to, c->title);
    (void)fprintf(to, "\"\n");
    put_artifacts(to, "  artifact ", c->artifacts, c->artifact_count);
    if (c->rollback != NULL) {
        put_artifacts(to, back ? "  went back to " : "  may go back to ", c->rollback->artifacts,
                      c->rollback->artifact_count);
    }
}

/* Who broke the glass stands beside who signed in the ordinary way, and is told apart. */
static void put_grant(FILE *to, const struct state_grant *g)
{
    if (g == NULL) {
        return;
    }
    (void)fprintf(to, "  granted by emergency %llu (entry %llu), signed by\n", (unsigned long long)g->emergency->index,
                  (unsigned long long)g->index);
    const struct state_request *from[] = {g->emergency, g->voucher};
    for (size_t k = 0; k < sizeof(from) / sizeof(from[0]); k++) {
        for (size_t i = 0; from[k] != NULL && i < from[k]->decision_count; i++) {
            if (from[k]->decisions[i].counted) {
                put_decision(to, &from[k]->decisions[i]);
            }
        }
    }
}

void audit_report_request(FILE *to, const struct state_request *q, const struct deploy_content *content)
{
    (void)fprintf(to, "request %llu (%s, revision %llu), %s", (unsigned long long)q->index, request_kind_text(q->kind),
                  (unsigned long long)q->revision, request_status_text(q->status));
    if (content != NULL) {
        put_content(to, content, judge_went_back(q));
    } else {
        (void)fprintf(to, "\n");
    }
    for (size_t i = 0; i < q->decision_count; i++) {
        put_decision(to, &q->decisions[i]);
    }
    put_grant(to, q->grant);
}
