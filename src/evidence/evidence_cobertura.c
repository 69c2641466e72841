/* SPDX-License-Identifier: Apache-2.0 */
/* Cobertura XML. docs/formats/evidence-files.md. */
#include "evidence/evidence_xml.h"

enum { BRANCHES_OF_LINE_MAX = 4096 };
/* From this on a timestamp is of milliseconds: as seconds it would be in the year 5138. */
#define LEAST_MS ((uint64_t)100000000000)
#define TIME_MAX ((uint64_t)253402300799999) /* the year 9999 */

struct tally {
    uint64_t lines;
    uint64_t covered;
    uint64_t branches;
    uint64_t taken;
};

struct cobertura {
    struct xml xml;       /* first */
    unsigned in_class;    /* depth of the open `class`, or 0 */
    unsigned in_method;   /* likewise of a `method` in it */
    struct tally own;     /* lines of the open class */
    struct tally methods; /* and of its methods: the same once more, or all that there is */
    struct tally all;
};

static struct cobertura *cobertura_of(struct evidence *e)
{
    return (struct cobertura *)(void *)e->own;
}

/* "P% (a/b)" */
static CS_RESULT branches_of(struct span text, uint64_t *ret_taken, uint64_t *ret_all)
{
    struct reader r = rd_make(text);
    struct span part = SPAN_NONE;
    uint64_t taken = 0;
    uint64_t all = 0;

    TRY(rd_until(&r, '(', &part, "cobertura.condition_coverage"));
    TRY(rd_until(&r, '/', &part, "cobertura.condition_coverage"));
    TRY(evidence_natural(part, &taken, "cobertura.condition_coverage"));
    TRY(rd_until(&r, ')', &part, "cobertura.condition_coverage"));
    TRY(evidence_natural(part, &all, "cobertura.condition_coverage"));
    TRY(rd_end(&r, "cobertura.condition_coverage"));
    ENSURE(taken <= all && all <= BRANCHES_OF_LINE_MAX, CS_E_RANGE, "cobertura.condition_coverage");
    *ret_taken = taken;
    *ret_all = all;
    return CS_SUCCESS;
}

static CS_RESULT count_line(struct evidence *e, const char **attributes)
{
    struct cobertura *c = cobertura_of(e);
    struct tally *t = c->in_method != 0 ? &c->methods : &c->own;
    const struct span conditions = xml_attribute(attributes, "condition-coverage");
    uint64_t hits = 0;
    uint64_t taken = 0;
    uint64_t all = 0;

    if (evidence_natural(xml_attribute(attributes, "hits"), &hits, "cobertura.hits").code != CS_OK) {
        return evidence_fail(e, CS_E_SYNTAX, "cobertura.hits", "Each line has hits, a number.");
    }
    t->lines++;
    t->covered += hits > 0 ? 1U : 0U;
    if (conditions.left == 0) {
        return CS_SUCCESS;
    }
    if (branches_of(conditions, &taken, &all).code != CS_OK) {
        return evidence_fail(e, CS_E_SYNTAX, "cobertura.condition_coverage", "Branches are written as 50% (1/2).");
    }
    t->branches += all;
    t->taken += taken;
    return CS_SUCCESS;
}

/* Seconds or milliseconds since 1970, with or without a fraction. */
static CS_RESULT take_time(struct evidence *e, struct span text)
{
    struct reader r = rd_make(text);
    struct span whole = text;
    struct span fraction = SPAN_NONE;
    uint64_t v = 0;

    if (text.left == 0) {
        return CS_SUCCESS;
    }
    if (rd_until(&r, '.', &whole, "cobertura.timestamp").code == CS_OK) {
        fraction = r.rest;
    } else {
        whole = text;
    }
    bool fine = evidence_natural(whole, &v, "cobertura.timestamp").code == CS_OK && v <= TIME_MAX;
    for (size_t i = 0; i < fraction.left; i++) {
        fine = fine && fraction.p[i] >= '0' && fraction.p[i] <= '9';
    }
    if (!fine) {
        return evidence_fail(e, CS_E_SYNTAX, "cobertura.timestamp",
                             "The timestamp is in seconds or milliseconds since 1970.");
    }
    evidence_produced(e, v < LEAST_MS ? v * 1000 : v);
    return CS_SUCCESS;
}

/* A class lists the lines of its methods once more, or only there, or only itself: what lists more lines is all of it,
 * and of as many what has fewer hits. */
static void close_class(struct cobertura *c)
{
    const struct tally *t = &c->own;

    if (c->methods.lines > t->lines || (c->methods.lines == t->lines && c->methods.covered < t->covered)) {
        t = &c->methods;
    }
    c->all.lines += t->lines;
    c->all.covered += t->covered;
    c->all.branches += t->branches;
    c->all.taken += t->taken;
    c->own = (struct tally){0};
    c->methods = (struct tally){0};
}

static struct cs_result on_open(struct evidence *e, unsigned depth, const char *name, const char **attributes)
{
    struct cobertura *c = cobertura_of(e);

    if (depth == 1 && strcmp(name, "coverage") != 0) {
        return evidence_fail(e, CS_E_SYNTAX, "cobertura", NULL);
    }
    if (depth == 1) {
        return take_time(e, xml_attribute(attributes, "timestamp"));
    }
    if (c->in_class == 0 && strcmp(name, "class") == 0) {
        c->in_class = depth;
    } else if (c->in_class != 0 && c->in_method == 0 && strcmp(name, "method") == 0) {
        c->in_method = depth;
    } else if (c->in_class != 0 && strcmp(name, "line") == 0) {
        return count_line(e, attributes);
    }
    return CS_SUCCESS;
}

static struct cs_result on_close(struct evidence *e, unsigned depth, const char *name)
{
    struct cobertura *c = cobertura_of(e);

    (void)name;
    if (depth == c->in_class) {
        close_class(c);
        c->in_class = 0;
    }
    c->in_method = depth == c->in_method ? 0 : c->in_method;
    return CS_SUCCESS;
}

static struct cs_result begin(struct evidence *e)
{
    /* its own tool writes a document type that names a file on the web */
    static const struct xml_plan plan = {.what = "cobertura", .doctype = true, .open = on_open, .close = on_close};

    return xml_begin(e, &plan);
}

static struct cs_result end(struct evidence *e)
{
    const struct tally *c = &cobertura_of(e)->all;

    TRY(xml_end(e));
    if (c->lines == 0) {
        return evidence_fail(e, CS_E_MISSING, "cobertura.line", "The report has no line, so it shows nothing.");
    }
    evidence_set(e, EVIDENCE_LINE_PPM, evidence_ppm(c->covered, c->lines));
    evidence_set(e, EVIDENCE_LINES_COVERED, c->covered);
    evidence_set(e, EVIDENCE_LINES_VALID, c->lines);
    if (c->branches > 0) {
        evidence_set(e, EVIDENCE_BRANCH_PPM, evidence_ppm(c->taken, c->branches));
        evidence_set(e, EVIDENCE_BRANCHES_COVERED, c->taken);
        evidence_set(e, EVIDENCE_BRANCHES_VALID, c->branches);
    }
    return CS_SUCCESS;
}

const struct evidence_reader evidence_cobertura = {.own_bytes = sizeof(struct cobertura),
                                                   .begin = begin,
                                                   .feed = xml_feed,
                                                   .end = end,
                                                   .release = xml_release,
                                                   .line = xml_line};
