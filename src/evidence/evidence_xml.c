/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_xml.h"

#include <expat.h>
#include <stddef.h>

static struct xml *xml_of(struct evidence *e)
{
    return (struct xml *)(void *)e->own;
}

/* --- what expat may keep --- */

/* Before each of its blocks; as large as the strictest alignment. */
struct block {
    _Alignas(max_align_t) struct xml *owner;
    size_t bytes;
};

/* Whose parser is running: expat does not say it when it asks for memory. Set only around calls of it. */
static _Thread_local struct xml *running;

static bool may_hold(struct xml *x, size_t bytes)
{
    const bool may = bytes <= XML_MEMORY_MAX - x->held;
    x->full = x->full || !may;
    return may;
}

static void *take(size_t bytes)
{
    struct xml *x = running;
    struct block *b = x != NULL && may_hold(x, bytes) ? malloc(sizeof(*b) + bytes) : NULL;

    if (b == NULL) {
        return NULL;
    }
    b->owner = x;
    b->bytes = bytes;
    x->held += bytes;
    return b + 1;
}

static void give_back(void *p)
{
    if (p != NULL) {
        struct block *b = (struct block *)p - 1;
        b->owner->held -= b->bytes;
        free(b);
    }
}

static void *resize(void *p, size_t bytes)
{
    if (p == NULL) {
        return take(bytes);
    }
    struct block *b = (struct block *)p - 1;
    struct xml *x = b->owner;
    const size_t had = b->bytes;
    if (bytes > had && !may_hold(x, bytes - had)) {
        return NULL;
    }
    b = realloc(b, sizeof(*b) + bytes);
    if (b == NULL) {
        return NULL;
    }
    b->bytes = bytes;
    x->held = x->held - had + bytes;
    return b + 1;
}

/* --- what it tells --- */

static void stop(struct evidence *e, struct cs_result r)
{
    struct xml *x = xml_of(e);

    if (x->failed.code == CS_OK && r.code != CS_OK) {
        x->failed = r;
        (void)XML_StopParser(x->parser, XML_FALSE);
    }
}

static bool too_many(const XML_Char **attributes)
{
    size_t n = 0;

    while (attributes[n] != NULL) {
        n += 2;
    }
    return n / 2 > XML_ATTRIBUTES_MAX;
}

static void XMLCALL on_open(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct evidence *e = user;
    struct xml *x = xml_of(e);

    x->depth++;
    if (x->failed.code != CS_OK) {
        return; /* expat may still tell what it has read when it is stopped */
    }
    if (x->depth > XML_DEPTH_MAX) {
        stop(e, evidence_fail(e, CS_E_DEPTH, x->plan->what, NULL));
    } else if (too_many(attributes)) {
        stop(e, evidence_fail(e, CS_E_RANGE, x->plan->what, "An element may have 64 attributes."));
    } else {
        stop(e, x->plan->open(e, x->depth, name, attributes));
    }
}

static void XMLCALL on_close(void *user, const XML_Char *name)
{
    struct evidence *e = user;
    struct xml *x = xml_of(e);

    if (x->failed.code == CS_OK) {
        stop(e, x->plan->close(e, x->depth, name));
    }
    x->depth--;
}

/* Entities are declared in an internal subset, or in a file that is never loaded. */
static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid,
                               int has_internal)
{
    struct evidence *e = user;
    const struct xml *x = xml_of(e);

    (void)name;
    (void)sysid;
    (void)pubid;
    if (has_internal != 0 || !x->plan->doctype) {
        stop(e, evidence_fail(e, CS_E_SYNTAX, x->plan->what, "Leave the document type out: entities are not read."));
    }
}

/* One that only the file which is not loaded could declare. */
static void XMLCALL on_skipped(void *user, const XML_Char *name, int is_parameter)
{
    struct evidence *e = user;

    (void)name;
    (void)is_parameter;
    stop(e,
         evidence_fail(e, CS_E_SYNTAX, xml_of(e)->plan->what, "Leave the document type out: entities are not read."));
}

CS_RESULT xml_begin(struct evidence *e, const struct xml_plan *plan)
{
    static const XML_Memory_Handling_Suite memory = {.malloc_fcn = take, .realloc_fcn = resize, .free_fcn = give_back};
    struct xml *x = xml_of(e);

    x->plan = plan;
    x->failed = CS_SUCCESS;
    running = x;
    x->parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    running = NULL;
    ENSURE(x->parser != NULL, CS_E_NOMEM, plan->what);
    XML_SetUserData(x->parser, e);
    XML_SetElementHandler(x->parser, on_open, on_close);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    XML_SetSkippedEntityHandler(x->parser, on_skipped);
    return CS_SUCCESS;
}

static enum cs_code code_of(enum XML_Error error)
{
    if (error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN ||
        error == XML_ERROR_UNCLOSED_CDATA_SECTION || error == XML_ERROR_PARTIAL_CHAR) {
        return CS_E_SHORT;
    }
    return error == XML_ERROR_UNKNOWN_ENCODING || error == XML_ERROR_INCORRECT_ENCODING ? CS_E_UTF8 : CS_E_SYNTAX;
}

static CS_RESULT out_of_memory(struct evidence *e)
{
    const struct xml *x = xml_of(e);

    return x->full ? evidence_fail(
                         e, CS_E_FULL, x->plan->what,
                         "Its elements and attributes have too many different names; write it as the format does.")
                   : evidence_fail(e, CS_E_NOMEM, x->plan->what, NULL);
}

/* Gives expat what it has not got yet. */
static CS_RESULT flush(struct evidence *e, bool last)
{
    struct xml *x = xml_of(e);

    if (x->part == NULL && !last) {
        return CS_SUCCESS;
    }
    running = x;
    const enum XML_Status s =
        x->part != NULL ? XML_ParseBuffer(x->parser, (int)x->part_len, last ? 1 : 0) : XML_Parse(x->parser, "", 0, 1);
    running = NULL;
    x->parsed += x->part_len;
    x->part = NULL;
    x->part_len = 0;
    if (x->failed.code != CS_OK) {
        return CS_FAIL_AT(x->failed.code, x->failed.msg, (uint32_t)XML_GetCurrentByteIndex(x->parser));
    }
    if (s != XML_STATUS_OK && XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY) {
        return out_of_memory(e);
    }
    if (s != XML_STATUS_OK) {
        return evidence_fail(e, code_of(XML_GetErrorCode(x->parser)), x->plan->what, NULL);
    }
    /* expat keeps what it cannot tell yet: a tag that is not whole */
    const XML_Index at = XML_GetCurrentByteIndex(x->parser);
    if (!last && x->parsed - (at > 0 ? (uint64_t)at : 0) > XML_TAG_BYTES_MAX + XML_PART_BYTES) {
        return evidence_fail(e, CS_E_RANGE, x->plan->what, "A tag or comment may have 256 KiB.");
    }
    return CS_SUCCESS;
}

CS_RESULT xml_feed(struct evidence *e, struct span bytes)
{
    struct xml *x = xml_of(e);

    while (bytes.left > 0) {
        if (x->part == NULL) {
            running = x;
            x->part = XML_GetBuffer(x->parser, XML_PART_BYTES);
            running = NULL;
        }
        if (x->part == NULL) {
            return out_of_memory(e);
        }
        const size_t room = XML_PART_BYTES - x->part_len;
        const size_t n = bytes.left < room ? bytes.left : room;
        memcpy(x->part + x->part_len, bytes.p, n);
        x->part_len += n;
        bytes = span_from(bytes, n);
        if (x->part_len == XML_PART_BYTES) {
            TRY(flush(e, false));
        }
    }
    return CS_SUCCESS;
}

CS_RESULT xml_end(struct evidence *e)
{
    return flush(e, true);
}

void xml_release(struct evidence *e)
{
    const struct xml *x = xml_of(e);

    if (x->parser != NULL) {
        XML_ParserFree(x->parser);
    }
}

uint64_t xml_line(const struct evidence *e)
{
    return XML_GetCurrentLineNumber(((const struct xml *)(const void *)e->own)->parser);
}

struct span xml_attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(attributes[i], name) == 0) {
            return span_str(attributes[i + 1]);
        }
    }
    return SPAN_NONE;
}
