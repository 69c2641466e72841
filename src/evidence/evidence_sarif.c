/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF 2.1.0. docs/formats/evidence-files.md. */
#include "evidence/evidence_sarif_in.h"

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
    {INVOCATION, OVERRIDES, WALK_ARRAY | WALK_NULL, "ruleConfigurationOverrides"},
    {OVERRIDES, OVERRIDE, WALK_OBJECT, NULL},
    {OVERRIDE, OVERRIDE_OF, WALK_OBJECT, "descriptor"},
    {OVERRIDE, OVERRIDE_CONFIGURATION, WALK_OBJECT, "configuration"},
    {OVERRIDE_OF, OVERRIDE_ID, WALK_STRING, "id"},
    {OVERRIDE_CONFIGURATION, OVERRIDE_LEVEL, WALK_STRING, "level"},
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

struct sarif {
    struct walk walk; /* first */
    struct sarif_rules rules;
    struct sarif_rule rule;
    size_t run_first; /* finding */
    bool run_results;
    bool in_driver;
    size_t runs;
    struct sarif_result result;
};

static struct sarif *sarif_of(struct evidence *e)
{
    return (struct sarif *)(void *)e->own;
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
    case OVERRIDE_ID:
        rule->key = sarif_rule_key(t->text);
        return CS_SUCCESS;
    case RULE_LEVEL:
    case OVERRIDE_LEVEL:
        return sarif_level_of(e, t->text, &rule->level);
    case RULE_SECURITY:
        sarif_score_of(t->text, &rule->rated, &rule->severity);
        return CS_SUCCESS;
    default:
        return CS_SUCCESS;
    }
}

static struct cs_result value(struct evidence *e, unsigned place, const struct json_token *t)
{
    if (place < RESULT) {
        return run_value(e, place, t);
    }
    return sarif_result_value(e, &sarif_of(e)->result, place, t);
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
    case OVERRIDE: /* as one more rule of the id */
        s->rule = (struct sarif_rule){.level = SARIF_UNSET};
        break;
    case RESULT:
        sarif_result_begin(&s->result);
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

static CS_RESULT close_run(struct evidence *e)
{
    struct sarif *s = sarif_of(e);

    if (!s->run_results) {
        return evidence_fail(e, CS_E_MISSING, "sarif.results",
                             "A run without results has not looked: run the tool again.");
    }
    return sarif_resolve(e, &s->rules, s->run_first);
}

static struct cs_result close(struct evidence *e, unsigned place)
{
    struct sarif *s = sarif_of(e);

    if (place == RULE) {
        s->rules.driver_count += s->in_driver ? 1U : 0U;
        return sarif_rule_add(e, &s->rules, &s->rule);
    }
    if (place == OVERRIDE) {
        return s->rule.key != 0 ? sarif_rule_add(e, &s->rules, &s->rule)
                                : evidence_fail(e, CS_E_REFUSED, "sarif.overrides", "Overrides must name rules by id.");
    }
    if (place == RESULT) {
        return sarif_result_end(e, &s->result);
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
