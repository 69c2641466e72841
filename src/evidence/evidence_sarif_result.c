/* SPDX-License-Identifier: Apache-2.0 */
/* One result of SARIF: its words, what tells it from another, its finding. */
#include "evidence/evidence_sarif_in.h"

/* The first stays. */
static void keep(struct sarif_text *t, struct span text)
{
    if (!t->set) {
        memcpy(t->b, text.p, text.left);
        t->len = text.left;
        t->set = true;
    }
}

static struct span text_span(const struct sarif_text *t)
{
    return span_make(t->b, t->len);
}

CS_RESULT sarif_level_of(struct evidence *e, struct span word, uint8_t *ret_level)
{
    static const char *const words[] = {
        [SARIF_ERROR] = "error", [SARIF_WARNING] = "warning", [SARIF_NOTE] = "note", [SARIF_NONE] = "none"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_is(word, words[i])) {
            *ret_level = (uint8_t)i;
            return CS_SUCCESS;
        }
    }
    return evidence_fail(e, CS_E_UNKNOWN, "sarif.level", "A level is error, warning, note or none.");
}

void sarif_score_of(struct span text, uint8_t *ret_rated, uint8_t *ret_severity)
{
    int64_t v = 0;
    const bool fine = evidence_millionths(text, EVIDENCE_UP, &v, "sarif").code == CS_OK && v >= 0 && v <= 10000000;

    if (fine && v == 0) {
        return; /* how scanners say that they do not know: then the level says */
    }
    *ret_rated = fine ? SARIF_RATED : SARIF_ODD;
    *ret_severity = (uint8_t)(fine ? evidence_of_score(v) : EVIDENCE_IS_HIGH);
}

static CS_RESULT kind_of(struct evidence *e, struct span word, struct sarif_result *r)
{
    static const struct {
        const char *word;
        bool counted;
        bool undecided;
    } kinds[] = {{"fail", true, false},           {"open", true, true},   {"review", true, true},
                 {"informational", false, false}, {"pass", false, false}, {"notApplicable", false, false}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (span_is(word, kinds[i].word)) {
            r->counted = kinds[i].counted;
            r->finding.undecided = kinds[i].undecided;
            return CS_SUCCESS;
        }
    }
    return evidence_fail(e, CS_E_UNKNOWN, "sarif.kind", NULL);
}

static CS_RESULT baseline_of(struct evidence *e, struct span word, struct sarif_result *r)
{
    r->absent = span_is(word, "absent");
    if (!r->absent && !span_is(word, "new") && !span_is(word, "unchanged") && !span_is(word, "updated")) {
        return evidence_fail(e, CS_E_UNKNOWN, "sarif.baseline_state", NULL);
    }
    return CS_SUCCESS;
}

static CS_RESULT index_of(struct evidence *e, struct span text, struct sarif_result *r)
{
    uint64_t v = 0;

    if (span_is(text, "-1")) {
        return CS_SUCCESS; /* SARIF's own way to say that there is none */
    }
    if (evidence_natural(text, &v, "sarif.rule_index").code != CS_OK) {
        return evidence_fail(e, CS_E_RANGE, "sarif.rule_index", NULL);
    }
    r->indexed = true;
    r->finding.index = v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;
    return CS_SUCCESS;
}

/* What tells this result from another; of its locations the first. */
static void telling_value(struct sarif_result *r, unsigned place, struct span text)
{
    if (place >= LOCATIONS && r->locations > 1) {
        return;
    }
    switch (place) {
    case R_FINGERPRINT:
        keep(&r->telling[BY_FINGERPRINT], text);
        break;
    case R_PARTIAL:
        keep(&r->telling[BY_PARTIAL], text);
        break;
    case SNIPPET_TEXT:
        keep(&r->telling[BY_SNIPPET], text);
        break;
    case R_MESSAGE_TEXT:
        keep(&r->telling[BY_MESSAGE], text);
        break;
    case R_MESSAGE_ID:
        keep(&r->telling[BY_MESSAGE_ID], text);
        break;
    case URI:
        keep(&r->uri, text);
        break;
    case LINE:
        keep(&r->line, text);
        break;
    default:
        break;
    }
}

CS_RESULT sarif_result_value(struct evidence *e, struct sarif_result *r, unsigned place, const struct json_token *t)
{
    telling_value(r, place, t->text);
    switch (place) {
    case R_RULE_ID:
        keep(&r->rule, t->text);
        return CS_SUCCESS;
    case R_RULE_INDEX:
        return index_of(e, t->text, r);
    case R_LEVEL:
        return sarif_level_of(e, t->text, &r->finding.level);
    case R_KIND:
        return kind_of(e, t->text, r);
    case R_BASELINE:
        return baseline_of(e, t->text, r);
    case R_SECURITY:
        sarif_score_of(t->text, &r->finding.rated, &r->finding.severity);
        return CS_SUCCESS;
    default:
        return CS_SUCCESS;
    }
}

void sarif_result_begin(struct sarif_result *r)
{
    /* the texts are only as long as they say: no need to wipe them */
    r->rule.set = false;
    r->rule.len = 0;
    r->uri.set = false;
    r->uri.len = 0;
    r->line.set = false;
    r->line.len = 0;
    for (size_t i = 0; i < TELLINGS; i++) {
        r->telling[i].set = false;
        r->telling[i].len = 0;
    }
    r->locations = 0;
    r->indexed = false;
    r->elsewhere = false;
    r->suppressed = false;
    r->absent = false;
    r->counted = true;
    memset(&r->finding, 0, sizeof(r->finding));
    r->finding.level = SARIF_UNSET;
}

static void id_of(const struct evidence *e, const struct sarif_result *r, uint8_t ret_id[EVIDENCE_ID_BYTES])
{
    static const char *const names[TELLINGS] = {"fingerprints", "partialFingerprints", "snippet", "message", "message"};
    size_t i = 0;

    while (i < TELLINGS - 1 && !r->telling[i].set) {
        i++;
    }
    const struct span parts[4] = {text_span(&r->rule), text_span(&r->uri), span_str(names[i]),
                                  text_span(&r->telling[i])};
    evidence_id(e, parts, 4, ret_id);
}

/* "CA2101/1" is a case of rule "CA2101", if no rule is named so. */
static uint64_t parent_key(struct span id)
{
    size_t n = id.left;

    while (n > 0 && id.p[n - 1] != '/') {
        n--;
    }
    return n > 0 ? sarif_rule_key(span_make(id.p, n - 1)) : 0;
}

CS_RESULT sarif_result_end(struct evidence *e, const struct sarif_result *r)
{
    uint8_t place[EVIDENCE_LINE_MAX * 2];
    struct writer w = wr_fixed(place, sizeof(place));
    uint8_t id[EVIDENCE_ID_BYTES];
    struct evidence_pending *f = NULL;

    if (r->absent || (!r->counted && r->finding.level >= SARIF_NONE)) {
        return CS_SUCCESS; /* "pass" and "error" do not go together: then it counts */
    }
    wr_bytes(&w, span_make(r->uri.b, r->uri.len < EVIDENCE_LINE_MAX ? r->uri.len : EVIDENCE_LINE_MAX));
    if (r->line.set) {
        wr_u8(&w, ':');
        wr_bytes(&w, text_span(&r->line));
    }
    id_of(e, r, id);
    TRY(evidence_found(e, id, text_span(&r->rule), wr_span(&w), &f));
    f->severity = r->finding.severity;
    f->level = r->finding.level;
    f->rated = r->finding.rated;
    f->undecided = r->finding.undecided;
    f->by = (uint8_t)((r->rule.set ? SARIF_BY_ID : 0) | (r->indexed ? SARIF_BY_INDEX : 0));
    f->index = r->elsewhere ? UINT32_MAX : r->finding.index;
    f->rule = sarif_rule_key(text_span(&r->rule));
    f->parent = parent_key(text_span(&r->rule));
    if (r->suppressed) {
        evidence_count(e, EVIDENCE_SUPPRESSED);
    }
    return CS_SUCCESS;
}
