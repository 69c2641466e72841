/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF 2.1.0. docs/formats/evidence-files.md. */
#include "evidence/evidence_sarif_in.h"
#include "evidence/evidence_walk.h"

enum place {
    TOP = WALK_START + 1,
    VERSION,
    INLINE,
    RUNS,
    RUN,
    EXTERNAL,
    INVOCATIONS,
    INVOCATION,
    SUCCESSFUL,
    ENDED,
    RESULTS,
    TOOL,
    DRIVER,
    DRIVER_NAME,
    DRIVER_RULES,
    EXTENSIONS,
    EXTENSION,
    EXTENSION_RULES,
    RULE,
    RULE_ID,
    RULE_CONFIGURATION,
    RULE_LEVEL,
    RULE_PROPERTIES,
    RULE_SECURITY,
    RESULT,
    R_RULE_ID,
    R_RULE_INDEX,
    R_RULE,
    R_RULE_OF,
    R_LEVEL,
    R_KIND,
    R_BASELINE,
    R_SUPPRESSIONS,
    R_SUPPRESSION,
    R_MESSAGE,
    R_MESSAGE_TEXT,
    R_MESSAGE_ID,
    R_FINGERPRINTS,
    R_FINGERPRINT,
    R_PARTIALS,
    R_PARTIAL,
    R_PROPERTIES,
    R_SECURITY,
    LOCATIONS,
    LOCATION,
    PHYSICAL,
    ARTIFACT,
    URI,
    REGION,
    LINE,
    SNIPPET,
    SNIPPET_TEXT
};

static const struct walk_row rows[] = {
    {WALK_START, TOP, WALK_OBJECT, NULL},
    {TOP, VERSION, WALK_STRING, "version"},
    {TOP, INLINE, WALK_ARRAY, "inlineExternalProperties"},
    {TOP, RUNS, WALK_ARRAY, "runs"},
    {RUNS, RUN, WALK_OBJECT, NULL},
    {RUN, EXTERNAL, WALK_OBJECT, "externalPropertyFileReferences"},
    {RUN, INVOCATIONS, WALK_ARRAY, "invocations"},
    {RUN, RESULTS, WALK_ARRAY | WALK_NULL, "results"},
    {RUN, TOOL, WALK_OBJECT, "tool"},
    {INVOCATIONS, INVOCATION, WALK_OBJECT, NULL},
    {INVOCATION, SUCCESSFUL, WALK_BOOL, "executionSuccessful"},
    {INVOCATION, ENDED, WALK_STRING, "endTimeUtc"},
    {RESULTS, RESULT, WALK_OBJECT, NULL},
    {TOOL, DRIVER, WALK_OBJECT, "driver"},
    {TOOL, EXTENSIONS, WALK_ARRAY, "extensions"},
    {DRIVER, DRIVER_NAME, WALK_STRING, "name"},
    {DRIVER, DRIVER_RULES, WALK_ARRAY | WALK_NULL, "rules"},
    {DRIVER_RULES, RULE, WALK_OBJECT, NULL},
    {EXTENSIONS, EXTENSION, WALK_OBJECT, NULL},
    {EXTENSION, EXTENSION_RULES, WALK_ARRAY | WALK_NULL, "rules"},
    {EXTENSION_RULES, RULE, WALK_OBJECT, NULL},
    {RULE, RULE_ID, WALK_STRING, "id"},
    {RULE, RULE_CONFIGURATION, WALK_OBJECT, "defaultConfiguration"},
    {RULE, RULE_PROPERTIES, WALK_OBJECT | WALK_NULL, "properties"},
    {RULE_CONFIGURATION, RULE_LEVEL, WALK_STRING, "level"},
    {RULE_PROPERTIES, RULE_SECURITY, WALK_STRING | WALK_NUMBER, "security-severity"},
    {RESULT, R_RULE_ID, WALK_STRING, "ruleId"},
    {RESULT, R_RULE_INDEX, WALK_NUMBER, "ruleIndex"},
    {RESULT, R_RULE, WALK_OBJECT, "rule"},
    {RESULT, R_LEVEL, WALK_STRING, "level"},
    {RESULT, R_KIND, WALK_STRING, "kind"},
    {RESULT, R_BASELINE, WALK_STRING, "baselineState"},
    {RESULT, R_SUPPRESSIONS, WALK_ARRAY | WALK_NULL, "suppressions"},
    {RESULT, R_MESSAGE, WALK_OBJECT, "message"},
    {RESULT, R_FINGERPRINTS, WALK_OBJECT | WALK_NULL, "fingerprints"},
    {RESULT, R_PARTIALS, WALK_OBJECT | WALK_NULL, "partialFingerprints"},
    {RESULT, R_PROPERTIES, WALK_OBJECT | WALK_NULL, "properties"},
    {RESULT, LOCATIONS, WALK_ARRAY | WALK_NULL, "locations"},
    {R_RULE, R_RULE_ID, WALK_STRING, "id"},
    {R_RULE, R_RULE_INDEX, WALK_NUMBER, "index"},
    {R_RULE, R_RULE_OF, WALK_OBJECT, "toolComponent"},
    {R_SUPPRESSIONS, R_SUPPRESSION, WALK_OBJECT, NULL},
    {R_MESSAGE, R_MESSAGE_TEXT, WALK_STRING, "text"},
    {R_MESSAGE, R_MESSAGE_ID, WALK_STRING, "id"},
    {R_FINGERPRINTS, R_FINGERPRINT, WALK_STRING, "*"},
    {R_PARTIALS, R_PARTIAL, WALK_STRING, "*"},
    {R_PROPERTIES, R_SECURITY, WALK_STRING | WALK_NUMBER, "security-severity"},
    {LOCATIONS, LOCATION, WALK_OBJECT, NULL},
    {LOCATION, PHYSICAL, WALK_OBJECT, "physicalLocation"},
    {PHYSICAL, ARTIFACT, WALK_OBJECT, "artifactLocation"},
    {PHYSICAL, REGION, WALK_OBJECT, "region"},
    {ARTIFACT, URI, WALK_STRING, "uri"},
    {REGION, LINE, WALK_NUMBER, "startLine"},
    {REGION, SNIPPET, WALK_OBJECT, "snippet"},
    {SNIPPET, SNIPPET_TEXT, WALK_STRING, "text"},
};

/* A text of a result, kept until the result is whole. */
struct text {
    size_t len;
    bool set;
    uint8_t b[JSON_STREAM_TEXT_MAX];
};

/* What tells one result from another beside rule and place, the best first. */
enum telling { BY_FINGERPRINT, BY_PARTIAL, BY_SNIPPET, BY_MESSAGE, BY_MESSAGE_ID, TELLINGS };

struct result {
    struct text rule;
    struct text uri;
    struct text line; /* digits */
    struct text telling[TELLINGS];
    size_t locations;
    bool indexed;
    bool elsewhere; /* its rule is in another component than the driver */
    bool suppressed;
    bool absent;
    bool counted;
    struct evidence_pending finding;
};

struct sarif {
    struct walk walk; /* first */
    struct sarif_rules rules;
    struct sarif_rule rule;
    size_t run_first; /* finding */
    bool run_results;
    bool in_driver;
    size_t runs;
    struct result result;
};

static struct sarif *sarif_of(struct evidence *e)
{
    return (struct sarif *)(void *)e->own;
}

/* The first stays. */
static void keep(struct text *t, struct span text)
{
    if (!t->set) {
        memcpy(t->b, text.p, text.left);
        t->len = text.left;
        t->set = true;
    }
}

static struct span text_span(const struct text *t)
{
    return span_make(t->b, t->len);
}

static CS_RESULT level_of(struct evidence *e, struct span word, uint8_t *ret_level)
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

static void score_of(struct span text, uint8_t *ret_rated, uint8_t *ret_severity)
{
    int64_t v = 0;
    const bool fine = evidence_millionths(text, EVIDENCE_UP, &v, "sarif").code == CS_OK && v >= 0 && v <= 10000000;

    *ret_rated = fine ? SARIF_RATED : SARIF_ODD;
    *ret_severity = (uint8_t)(fine ? evidence_of_score(v) : EVIDENCE_IS_HIGH);
}

static CS_RESULT kind_of(struct evidence *e, struct span word, struct result *r)
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

static CS_RESULT baseline_of(struct evidence *e, struct span word, struct result *r)
{
    r->absent = span_is(word, "absent");
    if (!r->absent && !span_is(word, "new") && !span_is(word, "unchanged") && !span_is(word, "updated")) {
        return evidence_fail(e, CS_E_UNKNOWN, "sarif.baseline_state", NULL);
    }
    return CS_SUCCESS;
}

static CS_RESULT index_of(struct evidence *e, struct span text, struct result *r)
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

static CS_RESULT run_value(struct evidence *e, unsigned place, const struct json_token *t)
{
    struct sarif_rule *rule = &sarif_of(e)->rule;
    uint64_t ms = 0;

    switch (place) {
    case VERSION:
        return span_is(t->text, "2.1.0") ? CS_SUCCESS
                                         : evidence_fail(e, CS_E_UNKNOWN, "sarif.version", "This reads version 2.1.0.");
    case SUCCESSFUL:
        return t->flag
                   ? CS_SUCCESS
                   : evidence_fail(e, CS_E_REFUSED, "sarif.invocation", "The tool says that it failed; run it again.");
    case ENDED:
        if (evidence_time(t->text, &ms, "sarif.end_time").code != CS_OK) {
            return evidence_fail(e, CS_E_SYNTAX, "sarif.end_time", NULL);
        }
        evidence_produced(e, ms);
        return CS_SUCCESS;
    case DRIVER_NAME:
        evidence_put_text(e, EVIDENCE_TOOL, t->text);
        return CS_SUCCESS;
    case RULE_ID:
        rule->key = sarif_rule_key(t->text);
        return CS_SUCCESS;
    case RULE_LEVEL:
        return level_of(e, t->text, &rule->level);
    case RULE_SECURITY:
        score_of(t->text, &rule->rated, &rule->severity);
        return CS_SUCCESS;
    default:
        return CS_SUCCESS;
    }
}

static CS_RESULT result_value(struct evidence *e, unsigned place, const struct json_token *t)
{
    struct result *r = &sarif_of(e)->result;

    switch (place) {
    case R_RULE_ID:
        keep(&r->rule, t->text);
        return CS_SUCCESS;
    case R_RULE_INDEX:
        return index_of(e, t->text, r);
    case R_LEVEL:
        return level_of(e, t->text, &r->finding.level);
    case R_KIND:
        return kind_of(e, t->text, r);
    case R_BASELINE:
        return baseline_of(e, t->text, r);
    case R_SECURITY:
        score_of(t->text, &r->finding.rated, &r->finding.severity);
        return CS_SUCCESS;
    default:
        return CS_SUCCESS;
    }
}

/* What tells this result from another; of its locations the first. */
static void telling_value(struct result *r, unsigned place, struct span text)
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

static struct cs_result value(struct evidence *e, unsigned place, const struct json_token *t)
{
    if (place < RESULT) {
        return run_value(e, place, t);
    }
    telling_value(&sarif_of(e)->result, place, t->text);
    return result_value(e, place, t);
}

static void new_result(struct result *r)
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

static void new_run(struct sarif *s, size_t first)
{
    s->rules.count = 0;
    s->rules.driver_count = 0;
    s->run_first = first;
    s->run_results = false;
    s->runs++;
}

static struct cs_result open(struct evidence *e, unsigned place)
{
    struct sarif *s = sarif_of(e);

    switch (place) {
    case INLINE:
    case EXTERNAL:
        return evidence_fail(e, CS_E_REFUSED, "sarif", "Results must stand in the file, not beside it.");
    case RUN:
        new_run(s, e->list.count);
        break;
    case RESULTS:
        s->run_results = true;
        break;
    case DRIVER_RULES:
    case EXTENSION_RULES:
        s->in_driver = place == DRIVER_RULES;
        s->rules.driver_first = s->in_driver ? s->rules.count : s->rules.driver_first;
        break;
    case RULE:
        s->rule = (struct sarif_rule){.level = SARIF_UNSET};
        break;
    case RESULT:
        new_result(&s->result);
        break;
    case R_SUPPRESSION:
        s->result.suppressed = true;
        break;
    case R_RULE_OF:
        s->result.elsewhere = true;
        break;
    case LOCATION:
        s->result.locations++;
        break;
    default:
        break;
    }
    return CS_SUCCESS;
}

static void id_of(const struct evidence *e, const struct result *r, uint8_t ret_id[EVIDENCE_ID_BYTES])
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

static CS_RESULT take_result(struct evidence *e)
{
    struct result *r = &sarif_of(e)->result;
    uint8_t place[EVIDENCE_LINE_MAX * 2];
    struct writer w = wr_fixed(place, sizeof(place));
    uint8_t id[EVIDENCE_ID_BYTES];
    struct evidence_pending *f = NULL;

    if (r->absent || !r->counted) {
        return CS_SUCCESS;
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
    f->by_index = !r->rule.set && r->indexed;
    f->index = r->elsewhere ? UINT32_MAX : r->finding.index;
    f->rule = sarif_rule_key(text_span(&r->rule));
    if (r->suppressed) {
        evidence_count(e, EVIDENCE_SUPPRESSED);
    }
    return CS_SUCCESS;
}

static CS_RESULT close_run(struct evidence *e)
{
    struct sarif *s = sarif_of(e);

    if (!s->run_results) {
        return evidence_fail(e, CS_E_MISSING, "sarif.results",
                             "A run without results has not looked: run the tool again.");
    }
    sarif_resolve(e, &s->rules, s->run_first);
    return CS_SUCCESS;
}

static struct cs_result close(struct evidence *e, unsigned place)
{
    struct sarif *s = sarif_of(e);

    if (place == RULE) {
        s->rules.driver_count += s->in_driver ? 1U : 0U;
        return sarif_rule_add(e, &s->rules, &s->rule);
    }
    if (place == RESULT) {
        return take_result(e);
    }
    return place == RUN ? close_run(e) : CS_SUCCESS;
}

static const struct walk_plan plan = {.rows = rows,
                                      .row_count = sizeof(rows) / sizeof(rows[0]),
                                      .strict = false,
                                      .what = "sarif",
                                      .value = value,
                                      .open = open,
                                      .close = close};

static struct cs_result begin(struct evidence *e)
{
    static const enum evidence_number all[] = {EVIDENCE_CRITICAL, EVIDENCE_HIGH,      EVIDENCE_MEDIUM,  EVIDENCE_LOW,
                                               EVIDENCE_INFO,     EVIDENCE_ERROR,     EVIDENCE_WARNING, EVIDENCE_NOTE,
                                               EVIDENCE_UNRATED,  EVIDENCE_SUPPRESSED};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        evidence_set(e, all[i], 0);
    }
    walk_begin(e, &sarif_of(e)->walk, &plan);
    return CS_SUCCESS;
}

static struct cs_result end(struct evidence *e)
{
    struct sarif *s = sarif_of(e);

    TRY(walk_end(e, &s->walk));
    if (!walk_reached(&s->walk, VERSION) || s->runs == 0) {
        return evidence_fail(e, CS_E_MISSING, "sarif.runs", "It must say its version and have a run.");
    }
    return CS_SUCCESS;
}

static void release(struct evidence *e)
{
    free(sarif_of(e)->rules.rule);
}

const struct evidence_reader evidence_sarif = {.own_bytes = sizeof(struct sarif),
                                               .begin = begin,
                                               .feed = walk_feed_own,
                                               .end = end,
                                               .release = release,
                                               .line = walk_line_own};
