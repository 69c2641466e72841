/* SPDX-License-Identifier: Apache-2.0 */
/* Cobertura XML. docs/formats/evidence-files.md. */
#include "evidence/evidence_xml.h"

enum { BRANCHES_OF_LINE_MAX = 4096 };

struct cobertura {
    struct xml xml;     /* first */
    unsigned in_class;  /* depth of the open `class`, or 0 */
    unsigned in_method; /* likewise of a `method` in it */
    uint64_t lines;
    uint64_t covered;
    uint64_t branches;
    uint64_t taken;
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
    const struct span conditions = xml_attribute(attributes, "condition-coverage");
    uint64_t hits = 0;
    uint64_t taken = 0;
    uint64_t all = 0;

    if (evidence_natural(xml_attribute(attributes, "hits"), &hits, "cobertura.hits").code != CS_OK) {
        return evidence_fail(e, CS_E_SYNTAX, "cobertura.hits", "Each line has hits, a number.");
    }
    c->lines++;
    c->covered += hits > 0 ? 1U : 0U;
    if (conditions.left == 0) {
        return CS_SUCCESS;
    }
    if (branches_of(conditions, &taken, &all).code != CS_OK) {
        return evidence_fail(e, CS_E_SYNTAX, "cobertura.condition_coverage", "Branches are written as 50% (1/2).");
    }
    c->branches += all;
    c->taken += taken;
    return CS_SUCCESS;
}

static struct cs_result on_open(struct evidence *e, unsigned depth, const char *name, const char **attributes)
{
    struct cobertura *c = cobertura_of(e);

    if (depth == 1 && strcmp(name, "coverage") != 0) {
        return evidence_fail(e, CS_E_SYNTAX, "cobertura", NULL);
    }
    if (c->in_class == 0 && strcmp(name, "class") == 0) {
        c->in_class = depth;
    } else if (c->in_class != 0 && c->in_method == 0 && strcmp(name, "method") == 0) {
        c->in_method = depth;
    } else if (c->in_class != 0 && c->in_method == 0 && strcmp(name, "line") == 0) {
        return count_line(e, attributes);
    }
    return CS_SUCCESS;
}

static struct cs_result on_close(struct evidence *e, unsigned depth, const char *name)
{
    struct cobertura *c = cobertura_of(e);

    (void)name;
    c->in_class = depth == c->in_class ? 0 : c->in_class;
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
    const struct cobertura *c = cobertura_of(e);

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
