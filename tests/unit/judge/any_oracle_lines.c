/* SPDX-License-Identifier: Apache-2.0 */
#include "any_oracle.h"

#include <string.h>

enum { WORDS_BYTES = 160, HOUR_MS = 3600000, DAY_MS = 86400000 };

static char words[WORDS_BYTES];

static const char *object(const struct any_request *r, const struct any_policy *p, const char *what, const char *name)
{
    (void)snprintf(words, sizeof(words), "request %llu: policy %u: %s %s", (unsigned long long)r->index, p->version,
                   what, name);
    return words;
}

/* --- files --- */

static bool is_line(const char *name, const struct any_rule *rule, const struct any_line *line)
{
    const size_t n = strlen(rule->id);
    return strncmp(name, rule->id, n) == 0 && name[n] == '/' && strcmp(name + n + 1, line->id) == 0;
}

/* Before this entry. */
static const struct any_file *newest(const struct any_log *l, const struct any_request *r, const char *line,
                                     enum report_kind kind, uint64_t before)
{
    for (size_t i = l->file_count; i > 0; i--) {
        const struct any_file *x = &l->files[i - 1];
        if (x->request == r->index && x->until_ms == 0 && x->kind == kind && x->index < before &&
            strcmp(x->line, line) == 0) {
            return x;
        }
    }
    return NULL;
}

static bool is_waived(const struct any_log *l, const struct any_request *r, const char *line)
{
    for (size_t i = 0; i < l->file_count; i++) {
        const struct any_file *x = &l->files[i];
        if (x->request == r->index && x->until_ms > author_log_now(l->log) - 1 && strcmp(x->line, line) == 0) {
            return true;
        }
    }
    return false;
}

static bool file_holds(const struct any_log *l, const struct any_request *r, const struct any_line *line,
                       const char *name, enum report_kind kind)
{
    const struct any_file *x = newest(l, r, name, kind, UINT64_MAX);
    const uint64_t now_ms = author_log_now(l->log) - 1; /* of the entry that is looked at */

    return x != NULL && (x->good || line->baseline) &&
           (line->max_age_ms == 0 || now_ms - x->made_ms <= line->max_age_ms);
}

static bool line_holds(const struct any_log *l, const struct any_request *r, const struct any_line *line,
                       const char *name)
{
    const bool two = line->kind == REPORT_IAC;
    const bool first = file_holds(l, r, line, name, two ? REPORT_SARIF : line->kind);

    return (first && (!two || file_holds(l, r, line, name, REPORT_PLAN))) || is_waived(l, r, name);
}

static const char *files_wrong(const struct any_log *l, const struct any_request *r, const struct any_policy *p)
{
    static char name[ANY_LINE_BYTES];

    for (size_t i = 0; i < p->rule_count; i++) {
        for (size_t k = 0; oracle_applies(&p->rules[i], r) && k < p->rules[i].line_count; k++) {
            const struct any_line *line = &p->rules[i].lines[k];
            (void)snprintf(name, sizeof(name), "%s/%s", p->rules[i].id, line->id);
            if (!line_holds(l, r, line, name)) {
                return object(r, p, "no file holds for", name);
            }
        }
    }
    return NULL;
}

static bool is_signed(const struct any_request *r, const struct any_policy *p, const struct any_file *x)
{
    for (size_t i = 0; i < p->rule_count; i++) {
        for (size_t k = 0; oracle_applies(&p->rules[i], r) && k < p->rules[i].line_count; k++) {
            const struct any_line *line = &p->rules[i].lines[k];
            const bool takes = line->kind == x->kind ||
                               (line->kind == REPORT_IAC && (x->kind == REPORT_SARIF || x->kind == REPORT_PLAN));
            if (takes && line->kind != REPORT_CANARY && is_line(x->line, &p->rules[i], line)) {
                return true;
            }
        }
    }
    return false;
}

bool oracle_changed_since(const struct any_log *l, const struct any_request *r, const struct any_policy *p,
                          uint64_t index)
{
    for (size_t i = 0; i < l->file_count; i++) {
        const struct any_file *x = &l->files[i];
        if (x->request != r->index || x->index < index || x->until_ms != 0 || x->good || !is_signed(r, p, x)) {
            continue;
        }
        const struct any_file *before = newest(l, r, x->line, x->kind, x->index);
        if (before != NULL && before->good) {
            return true;
        }
    }
    return false;
}

/* --- places and times --- */

static const char *stage_wrong(const struct any_log *l, const struct any_request *r, const struct any_policy *p)
{
    const uint64_t soak_ms = r->environment == ANY_ENVIRONMENTS - 1 ? p->soak_ms : 0;
    bool ran = !p->after[r->environment];

    for (size_t i = 0; i < l->run_count && !ran; i++) {
        const struct any_run *x = &l->runs[i];
        ran = x->good_ms > 0 && x->of->environment + 1 == r->environment && strcmp(x->of->service, r->service) == 0 &&
              strcmp(x->of->artifact, r->artifact) == 0 && author_log_now(l->log) - x->good_ms >= soak_ms;
    }
    return ran ? NULL : object(r, p, "nothing ran before", any_environments[r->environment]);
}

static const char *frozen_wrong(const struct any_log *l, const struct any_request *r, const struct any_policy *p)
{
    for (size_t i = 0; i < l->frozen_count; i++) {
        const struct any_frozen *x = &l->frozen[i];
        if (!x->ended && x->environment == r->environment && !(x->incident == 1 && r->remediates)) {
            return object(r, p, "an incident holds", any_environments[r->environment]);
        }
    }
    return NULL;
}

/* In winter, which these logs do not leave. 1970-01-01 was a Thursday. */
static const char *window_wrong(const struct any_log *l, const struct any_request *r, const struct any_policy *p)
{
    const uint64_t day = (author_log_now(l->log) - 1 + HOUR_MS) / DAY_MS % 7;
    const bool weekend = day == 2 || day == 3;

    return p->weekend && weekend && r->environment == ANY_ENVIRONMENTS - 1 ? object(r, p, "weekend in", "production")
                                                                           : NULL;
}

const char *oracle_lines(struct any_log *l, const struct any_request *r, const struct any_policy *p, bool used)
{
    const char *wrong = files_wrong(l, r, p);

    wrong = wrong != NULL ? wrong : stage_wrong(l, r, p);
    wrong = wrong != NULL ? wrong : frozen_wrong(l, r, p);
    return wrong != NULL || !used ? wrong : window_wrong(l, r, p);
}
