/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_sarif_in.h"

enum { RULES_MAX = 1 << 16 };

CS_RESULT sarif_rule_add(struct evidence *e, struct sarif_rules *rules, const struct sarif_rule *rule)
{
    if (rules->count == RULES_MAX) {
        return evidence_fail(e, CS_E_FULL, "sarif.rules", "A run may have 65536 rules.");
    }
    if (rules->count == rules->cap) {
        const size_t cap = rules->cap == 0 ? 64 : rules->cap * 2;
        struct sarif_rule *p = realloc(rules->rule, cap * sizeof(*p));
        if (p == NULL) {
            return evidence_fail(e, CS_E_NOMEM, "sarif.rules", NULL);
        }
        rules->rule = p;
        rules->cap = cap;
    }
    rules->rule[rules->count] = *rule;
    rules->count++;
    return CS_SUCCESS;
}

uint64_t sarif_rule_key(struct span id)
{
    const struct sha256 d = digest_sha256(id);
    uint64_t key = 0;

    memcpy(&key, d.b, sizeof(key));
    return key;
}

static int by_key(const void *a, const void *b)
{
    const struct sarif_rule *x = a;
    const struct sarif_rule *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* The first with this key in sorted rules; count if there is none. */
static size_t find(const struct sarif_rules *rules, uint64_t key)
{
    size_t low = 0;
    size_t high = rules->count;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (rules->rule[mid].key < key) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    return low < rules->count && rules->rule[low].key == key ? low : rules->count;
}

static uint8_t of_level(enum sarif_level level)
{
    static const uint8_t severities[] = {[SARIF_ERROR] = EVIDENCE_IS_HIGH,
                                         [SARIF_WARNING] = EVIDENCE_IS_MEDIUM,
                                         [SARIF_NOTE] = EVIDENCE_IS_LOW,
                                         [SARIF_NONE] = EVIDENCE_IS_INFO,
                                         [SARIF_UNSET] = EVIDENCE_IS_MEDIUM};
    return severities[level];
}

/* What a finding is by this rule, or (NULL) by none. */
static void judge(struct evidence_pending *f, const struct sarif_rule *rule)
{
    if (f->level == SARIF_UNSET) {
        f->level = rule != NULL && rule->level != SARIF_UNSET ? rule->level : (uint8_t)SARIF_WARNING;
    }
    if (f->rated == SARIF_UNRATED && rule != NULL && rule->rated != SARIF_UNRATED) {
        f->rated = rule->rated;
        f->severity = rule->severity;
    } else if (f->rated == SARIF_UNRATED) {
        f->severity = of_level((enum sarif_level)f->level);
    }
    if (f->rated == SARIF_ODD) {
        f->severity = EVIDENCE_IS_HIGH;
    }
}

static bool is_worse(const struct evidence_pending *a, const struct evidence_pending *b)
{
    return a->severity < b->severity;
}

/* Of several rules with its id, the most severe. */
static void judge_by_id(struct evidence_pending *f, const struct sarif_rules *rules)
{
    const size_t first = find(rules, f->rule);
    struct evidence_pending worst = *f;

    judge(&worst, first < rules->count ? &rules->rule[first] : NULL);
    for (size_t i = first + 1; i < rules->count && rules->rule[i].key == f->rule; i++) {
        struct evidence_pending other = *f;
        judge(&other, &rules->rule[i]);
        worst = is_worse(&other, &worst) ? other : worst;
    }
    *f = worst;
}

static void judge_by_index(struct evidence_pending *f, const struct sarif_rules *rules)
{
    const bool known = f->index < rules->driver_count;

    if (!known && f->rated == SARIF_UNRATED) {
        f->rated = SARIF_ODD;
    }
    judge(f, known ? &rules->rule[rules->driver_first + f->index] : NULL);
}

static void count(struct evidence *e, struct evidence_pending *f)
{
    static const enum evidence_number levels[] = {
        [SARIF_ERROR] = EVIDENCE_ERROR, [SARIF_WARNING] = EVIDENCE_WARNING, [SARIF_NOTE] = EVIDENCE_NOTE};

    if (f->undecided && f->severity > EVIDENCE_IS_MEDIUM) {
        f->severity = EVIDENCE_IS_MEDIUM; /* a person should look at it: it is not nothing */
    }
    if (f->level <= SARIF_NOTE) {
        evidence_count(e, levels[f->level]);
    }
    if (f->rated == SARIF_ODD) {
        evidence_count(e, EVIDENCE_UNRATED);
    }
}

void sarif_resolve(struct evidence *e, struct sarif_rules *rules, size_t first)
{
    struct evidence_list *l = &e->list;

    for (size_t i = first; i < l->count; i++) {
        if (l->item[i].by_index) {
            judge_by_index(&l->item[i], rules);
        }
    }
    if (rules->count > 1) {
        qsort(rules->rule, rules->count, sizeof(rules->rule[0]), by_key);
    }
    for (size_t i = first; i < l->count; i++) {
        if (!l->item[i].by_index) {
            judge_by_id(&l->item[i], rules);
        }
        count(e, &l->item[i]);
    }
}
