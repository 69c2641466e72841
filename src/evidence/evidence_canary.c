/* SPDX-License-Identifier: Apache-2.0 */
/* Readings of metrics: docs/evidence/canary.schema.json. */
#include "evidence/evidence_walk.h"

#include "base/base_text.h"

enum place {
    TOP = WALK_START + 1,
    ARTIFACTS,
    ARTIFACT,
    ENVIRONMENT,
    READINGS,
    READING,
    AT,
    METRIC,
    VALUE,
    TOOL,
    VERSION
};

static const struct walk_row rows[] = {
    {WALK_START, TOP, WALK_OBJECT, NULL},
    {TOP, ARTIFACTS, WALK_ARRAY, "artifacts"},
    {TOP, ENVIRONMENT, WALK_STRING, "environment"},
    {TOP, READINGS, WALK_ARRAY, "readings"},
    {TOP, TOOL, WALK_STRING, "tool"},
    {TOP, VERSION, WALK_NUMBER, "v"},
    {ARTIFACTS, ARTIFACT, WALK_STRING, NULL},
    {READINGS, READING, WALK_OBJECT, NULL},
    {READING, AT, WALK_STRING, "at"},
    {READING, METRIC, WALK_STRING, "metric"},
    {READING, VALUE, WALK_NUMBER | WALK_STRING, "value"},
};

struct canary {
    struct walk walk; /* first */
    char metric[EVIDENCE_METRIC_MAX + 1];
    uint64_t at_ms;
    int64_t least;
    int64_t greatest;
    uint8_t have; /* of the open reading: 1 at, 2 metric, 4 value */
};

enum { HAVE_AT = 1, HAVE_METRIC = 2, HAVE_VALUE = 4, HAVE_ALL = 7 };

static struct canary *canary_of(struct evidence *e)
{
    return (struct canary *)(void *)e->own;
}

/* Policies name metrics in their limits. */
static CS_RESULT take_metric(struct evidence *e, struct span text)
{
    struct canary *c = canary_of(e);
    bool fine = text.left >= 1 && text.left <= EVIDENCE_METRIC_MAX && text.p[0] >= 'a' && text.p[0] <= 'z';

    for (size_t i = 0; fine && i < text.left; i++) {
        const uint8_t b = text.p[i];
        fine = (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '_';
    }
    if (!fine) {
        return evidence_fail(
            e, CS_E_RANGE, "canary.metric",
            "A metric's name begins with a letter and has lower-case letters, digits and _, 42 at most.");
    }
    evidence_clean(text, c->metric, sizeof(c->metric));
    c->have |= HAVE_METRIC;
    return CS_SUCCESS;
}

static CS_RESULT take_environment(struct evidence *e, struct span text)
{
    if (text_id_check(text, EVIDENCE_WORD_MAX, "canary.environment").code != CS_OK) {
        return evidence_fail(e, CS_E_RANGE, "canary.environment", "Name the environment as the policy does.");
    }
    evidence_put_text(e, EVIDENCE_ENVIRONMENT, text);
    return CS_SUCCESS;
}

static CS_RESULT take_time(struct evidence *e, const struct json_token *token)
{
    struct canary *c = canary_of(e);
    const struct cs_result r = evidence_time(token->text, &c->at_ms, "canary.at");

    c->have |= HAVE_AT;
    return r.code == CS_OK ? r : evidence_fail(e, r.code, "canary.at", "Times are written as 2026-03-29T01:30:00Z.");
}

static CS_RESULT take_number(struct evidence *e, const struct json_token *token)
{
    struct canary *c = canary_of(e);
    struct cs_result r = evidence_millionths(token->text, EVIDENCE_DOWN, &c->least, "canary.value");

    r = r.code == CS_OK ? evidence_millionths(token->text, EVIDENCE_UP, &c->greatest, "canary.value") : r;
    c->have |= HAVE_VALUE;
    return r.code == CS_OK ? r
                           : evidence_fail(e, r.code, "canary.value",
                                           "A value is a finite decimal number; leave out what could not be measured.");
}

static CS_RESULT take_artifact(struct evidence *e, const struct json_token *token)
{
    struct sha256 d;

    if (text_hex_decode(token->text, d.b, SHA256_BYTES, "canary.artifacts").code != CS_OK) {
        return evidence_fail(e, CS_E_SYNTAX, "canary.artifacts", "An artifact is a SHA-256, 64 digits in lower case.");
    }
    return evidence_artifact(e, &d);
}

static struct cs_result value(struct evidence *e, unsigned place, const struct json_token *token)
{
    switch (place) {
    case ARTIFACT:
        return take_artifact(e, token);
    case ENVIRONMENT:
        return take_environment(e, token->text);
    case AT:
        return take_time(e, token);
    case METRIC:
        return take_metric(e, token->text);
    case VALUE:
        return take_number(e, token);
    case TOOL:
        evidence_put_text(e, EVIDENCE_TOOL, token->text);
        return CS_SUCCESS;
    default:
        return span_is(token->text, "1") ? CS_SUCCESS
                                         : evidence_fail(e, CS_E_UNKNOWN, "canary.v", "This reads version 1.");
    }
}

/* Of the open reading's metric; a new one in its place of the order, NULL if there is no room for one. */
static struct evidence_reading *reading_of(struct evidence *e)
{
    const struct canary *c = canary_of(e);
    struct evidence_summary *s = &e->summary;
    size_t at = 0;

    while (at < s->reading_count && strcmp(s->reading[at].metric, c->metric) < 0) {
        at++;
    }
    struct evidence_reading *r = &s->reading[at];
    if (at < s->reading_count && strcmp(r->metric, c->metric) == 0) {
        return r;
    }
    if (s->reading_count == EVIDENCE_READINGS_MAX) {
        return NULL;
    }
    memmove(r + 1, r, (s->reading_count - at) * sizeof(*r));
    memset(r, 0, sizeof(*r));
    memcpy(r->metric, c->metric, sizeof(r->metric));
    r->from_ms = c->at_ms;
    r->to_ms = c->at_ms;
    r->least_millionths = c->least;
    r->greatest_millionths = c->greatest;
    s->reading_count++;
    return r;
}

static void span_times(struct evidence *e, uint64_t at_ms)
{
    const bool none = (e->summary.has >> EVIDENCE_FROM_MS & 1U) == 0;

    if (none || at_ms < e->summary.number[EVIDENCE_FROM_MS]) {
        evidence_set(e, EVIDENCE_FROM_MS, at_ms);
    }
    if (none || at_ms > e->summary.number[EVIDENCE_TO_MS]) {
        evidence_set(e, EVIDENCE_TO_MS, at_ms);
    }
}

static struct cs_result close(struct evidence *e, unsigned place)
{
    struct canary *c = canary_of(e);

    if (place != READING) {
        return CS_SUCCESS;
    }
    if (c->have != HAVE_ALL) {
        return evidence_fail(e, CS_E_MISSING, "canary.readings", "Each reading has at, metric and value.");
    }
    c->have = 0;
    struct evidence_reading *r = reading_of(e);
    if (r == NULL) {
        return evidence_fail(e, CS_E_FULL, "canary.readings", "A file may have 14 metrics.");
    }
    if (r->samples > 0 && c->at_ms <= r->to_ms) {
        return evidence_fail(e, CS_E_ORDER, "canary.at", "The readings of a metric stand in the order of their times.");
    }
    r->gap_ms = c->at_ms - r->to_ms > r->gap_ms ? c->at_ms - r->to_ms : r->gap_ms;
    r->to_ms = c->at_ms;
    r->least_millionths = c->least < r->least_millionths ? c->least : r->least_millionths;
    r->greatest_millionths = c->greatest > r->greatest_millionths ? c->greatest : r->greatest_millionths;
    r->samples++;
    span_times(e, c->at_ms);
    return CS_SUCCESS;
}

static const struct walk_plan plan = {.rows = rows,
                                      .row_count = sizeof(rows) / sizeof(rows[0]),
                                      .strict = true,
                                      .what = "canary",
                                      .value = value,
                                      .close = close};

static struct cs_result begin(struct evidence *e)
{
    walk_begin(e, &canary_of(e)->walk, &plan);
    return CS_SUCCESS;
}

static struct cs_result end(struct evidence *e)
{
    struct walk *w = &canary_of(e)->walk;

    TRY(walk_end(e, w));
    if (!walk_reached(w, VERSION) || !walk_reached(w, ENVIRONMENT)) {
        return evidence_fail(e, CS_E_MISSING, "canary", "It must say v, environment and readings.");
    }
    if (e->summary.reading_count == 0) {
        return evidence_fail(e, CS_E_MISSING, "canary.readings", "It has no reading, so it shows nothing.");
    }
    evidence_produced(e, e->summary.number[EVIDENCE_TO_MS]);
    return CS_SUCCESS;
}

const struct evidence_reader evidence_canary = {.own_bytes = sizeof(struct canary),
                                                .begin = begin,
                                                .feed = walk_feed_own,
                                                .end = end,
                                                .release = walk_release_own,
                                                .line = walk_line_own};
