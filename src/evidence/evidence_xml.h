/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML in bounded memory, by expat: no entities, no document type with declarations, no tag of more than 256 KiB, and
 * 4 MiB for all that expat keeps: it never forgets the name of an element or attribute. Private to this room.
 */
#ifndef EVIDENCE_XML_H
#define EVIDENCE_XML_H

#include "evidence/evidence_in.h"

enum {
    XML_DEPTH_MAX = 64,
    XML_ATTRIBUTES_MAX = 64,
    XML_TAG_BYTES_MAX = 256 * 1024,
    XML_MEMORY_MAX = 4 * 1024 * 1024,
    XML_PART_BYTES = 64 * 1024 /* what expat gets at once: small pieces would make it read a tag again and again */
};

struct xml_plan {
    const char *what; /* "junit": names the file in errors */
    bool doctype;     /* may there be one, without declarations? It is never loaded. */
    /* depth counts the open elements, this one included; attributes are name, value, ..., NULL. */
    struct cs_result (*open)(struct evidence *e, unsigned depth, const char *name, const char **attributes);
    struct cs_result (*close)(struct evidence *e, unsigned depth, const char *name);
};

struct XML_ParserStruct;

/* First in the own bytes of a reader of XML. */
struct xml {
    const struct xml_plan *plan;
    struct XML_ParserStruct *parser;
    uint8_t *part; /* expat's own, XML_PART_BYTES, or NULL */
    size_t part_len;
    uint64_t parsed;         /* bytes that expat has got */
    size_t held;             /* bytes that expat has asked for and not given back */
    bool full;               /* it asked for more than XML_MEMORY_MAX */
    struct cs_result failed; /* in a call from expat */
    unsigned depth;
};

CS_RESULT xml_begin(struct evidence *e, const struct xml_plan *plan);
CS_RESULT xml_feed(struct evidence *e, struct span bytes);
CS_RESULT xml_end(struct evidence *e);
void xml_release(struct evidence *e);
uint64_t xml_line(const struct evidence *e);
/* The value of an attribute, or SPAN_NONE. */
struct span xml_attribute(const char **attributes, const char *name);

#endif
