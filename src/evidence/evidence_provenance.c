/* SPDX-License-Identifier: Apache-2.0 */
/* SLSA provenance: a DSSE envelope by a pinned key around an in-toto statement. docs/formats/evidence-files.md. */
#include "evidence/evidence_walk.h"

#include "base/base_arena.h"
#include "base/base_text.h"
#include "crypt/crypt_dsse.h"

enum place {
    TOP = WALK_START + 1,
    TYPE,
    PREDICATE_TYPE,
    SUBJECTS,
    SUBJECT,
    SUBJECT_DIGEST,
    SUBJECT_SHA256,
    PREDICATE,
    V0_BUILD_TYPE,
    V0_BUILDER,
    V0_BUILDER_ID,
    V0_METADATA,
    V0_FINISHED,
    V0_MATERIALS,
    V1_DEFINITION,
    V1_BUILD_TYPE,
    V1_DEPENDENCIES,
    V1_RUN,
    V1_BUILDER,
    V1_BUILDER_ID,
    V1_METADATA,
    V1_FINISHED,
    SOURCE,
    SOURCE_URI,
    SOURCE_DIGEST,
    SOURCE_COMMIT
};

/* Version 0.2 and version 1 have no member in common, so both are read, and the type says which counts. */
static const struct walk_row rows[] = {
    {WALK_START, TOP, WALK_OBJECT, NULL},
    {TOP, TYPE, WALK_STRING, "_type"},
    {TOP, PREDICATE_TYPE, WALK_STRING, "predicateType"},
    {TOP, SUBJECTS, WALK_ARRAY, "subject"},
    {TOP, PREDICATE, WALK_OBJECT, "predicate"},
    {SUBJECTS, SUBJECT, WALK_OBJECT, NULL},
    {SUBJECT, SUBJECT_DIGEST, WALK_OBJECT, "digest"},
    {SUBJECT_DIGEST, SUBJECT_SHA256, WALK_STRING, "sha256"},
    {PREDICATE, V0_BUILD_TYPE, WALK_STRING, "buildType"},
    {PREDICATE, V0_BUILDER, WALK_OBJECT, "builder"},
    {PREDICATE, V0_METADATA, WALK_OBJECT | WALK_NULL, "metadata"},
    {PREDICATE, V0_MATERIALS, WALK_ARRAY | WALK_NULL, "materials"},
    {PREDICATE, V1_DEFINITION, WALK_OBJECT, "buildDefinition"},
    {PREDICATE, V1_RUN, WALK_OBJECT, "runDetails"},
    {V0_BUILDER, V0_BUILDER_ID, WALK_STRING, "id"},
    {V0_METADATA, V0_FINISHED, WALK_STRING, "buildFinishedOn"},
    {V0_MATERIALS, SOURCE, WALK_OBJECT, NULL},
    {V1_DEFINITION, V1_BUILD_TYPE, WALK_STRING, "buildType"},
    {V1_DEFINITION, V1_DEPENDENCIES, WALK_ARRAY | WALK_NULL, "resolvedDependencies"},
    {V1_DEPENDENCIES, SOURCE, WALK_OBJECT, NULL},
    {V1_RUN, V1_BUILDER, WALK_OBJECT, "builder"},
    {V1_RUN, V1_METADATA, WALK_OBJECT | WALK_NULL, "metadata"},
    {V1_BUILDER, V1_BUILDER_ID, WALK_STRING, "id"},
    {V1_METADATA, V1_FINISHED, WALK_STRING, "finishedOn"},
    {SOURCE, SOURCE_URI, WALK_STRING, "uri"},
    {SOURCE, SOURCE_DIGEST, WALK_OBJECT, "digest"},
    {SOURCE_DIGEST, SOURCE_COMMIT, WALK_STRING, "gitCommit"},
    {SOURCE_DIGEST, SOURCE_COMMIT, WALK_STRING, "sha1"},
};

enum { ARENA_BYTES_MAX = 16 * 1024 * 1024 };

struct provenance {
    struct walk walk; /* first */
    struct crypt_key *key;
    struct writer envelope;
    bool subject; /* the open one has a digest */
    size_t subjects;
    int version;                     /* of the predicate: 0 (0.2) or 1; -1 another */
    char uri[EVIDENCE_LINE_MAX + 1]; /* of the open dependency, and its commit */
    char commit[EVIDENCE_LINE_MAX + 1];
};

static struct provenance *provenance_of(struct evidence *e)
{
    return (struct provenance *)(void *)e->own;
}

static CS_RESULT subject_of(struct evidence *e, struct span hex)
{
    struct sha256 d;

    if (text_hex_decode(hex, d.b, SHA256_BYTES, "provenance.subject").code != CS_OK) {
        return evidence_fail(e, CS_E_SYNTAX, "provenance.subject", "A SHA-256 has 64 digits in lower case.");
    }
    provenance_of(e)->subject = true;
    return evidence_artifact(e, &d);
}

static CS_RESULT finished_of(struct evidence *e, struct span text)
{
    uint64_t ms = 0;

    if (evidence_time(text, &ms, "provenance.finished").code != CS_OK) {
        return evidence_fail(e, CS_E_SYNTAX, "provenance.finished", NULL);
    }
    evidence_produced(e, ms);
    return CS_SUCCESS;
}

static CS_RESULT type_of(struct evidence *e, struct span text)
{
    return span_is(text, "https://in-toto.io/Statement/v0.1") || span_is(text, "https://in-toto.io/Statement/v1")
               ? CS_SUCCESS
               : evidence_fail(e, CS_E_UNKNOWN, "provenance.type", "The payload is no in-toto statement.");
}

static CS_RESULT predicate_type_of(struct evidence *e, struct span text)
{
    struct provenance *p = provenance_of(e);

    p->version = span_is(text, "https://slsa.dev/provenance/v0.2") ? 0 : -1;
    p->version = span_is(text, "https://slsa.dev/provenance/v1") ? 1 : p->version;
    evidence_put_text(e, EVIDENCE_PREDICATE_TYPE, text);
    return p->version >= 0
               ? CS_SUCCESS
               : evidence_fail(e, CS_E_UNKNOWN, "provenance.predicate_type", "This reads SLSA provenance 0.2 and 1.");
}

static struct cs_result value(struct evidence *e, unsigned place, const struct json_token *t)
{
    struct provenance *p = provenance_of(e);

    switch (place) {
    case TYPE:
        return type_of(e, t->text);
    case PREDICATE_TYPE:
        return predicate_type_of(e, t->text);
    case SUBJECT_SHA256:
        return subject_of(e, t->text);
    case V0_BUILDER_ID:
    case V1_BUILDER_ID:
        evidence_put_text(e, EVIDENCE_BUILDER, t->text);
        return CS_SUCCESS;
    case V0_BUILD_TYPE:
    case V1_BUILD_TYPE:
        evidence_put_text(e, EVIDENCE_BUILD_TYPE, t->text);
        return CS_SUCCESS;
    case V0_FINISHED:
    case V1_FINISHED:
        return finished_of(e, t->text);
    case SOURCE_URI:
        evidence_clean(t->text, p->uri, sizeof(p->uri));
        return CS_SUCCESS;
    default: /* SOURCE_COMMIT */
        evidence_clean(t->text, p->commit, sizeof(p->commit));
        return CS_SUCCESS;
    }
}

static struct cs_result open(struct evidence *e, unsigned place)
{
    struct provenance *p = provenance_of(e);

    if (place == SUBJECT) {
        p->subject = false;
        p->subjects++;
    } else if (place == SOURCE) {
        p->uri[0] = '\0';
        p->commit[0] = '\0';
    }
    return CS_SUCCESS;
}

static struct cs_result close(struct evidence *e, unsigned place)
{
    const struct provenance *p = provenance_of(e);

    if (place == SUBJECT && !p->subject) {
        return evidence_fail(e, CS_E_MISSING, "provenance.subject", "Each subject has a sha256 digest.");
    }
    if (place == SOURCE && p->commit[0] != '\0' && e->summary.text[EVIDENCE_SOURCE_COMMIT][0] == '\0') {
        evidence_put_text(e, EVIDENCE_SOURCE, span_str(p->uri));
        evidence_put_text(e, EVIDENCE_SOURCE_COMMIT, span_str(p->commit));
    }
    return CS_SUCCESS;
}

static const struct walk_plan plan = {.rows = rows,
                                      .row_count = sizeof(rows) / sizeof(rows[0]),
                                      .strict = false,
                                      .what = "provenance",
                                      .value = value,
                                      .open = open,
                                      .close = close};

static void release(struct evidence *e)
{
    struct provenance *p = provenance_of(e);

    crypt_key_free(p->key);
    wr_release(&p->envelope);
}

static struct cs_result begin(struct evidence *e)
{
    struct provenance *p = provenance_of(e);

    ENSURE(e->options.key.left > 0, CS_E_MISSING, "evidence.key");
    TRY(crypt_key_open(e->options.key, &p->key));
    const enum note_spki_kind kind = crypt_key_kind(p->key);
    ENSURE(kind == NOTE_SPKI_P256 || kind == NOTE_SPKI_ED25519, CS_E_TYPE, "evidence.key");
    p->envelope = wr_heap(NOTE_DSSE_BYTES_MAX);
    p->version = -1;
    walk_begin(e, &p->walk, &plan);
    return CS_SUCCESS;
}

static struct cs_result feed(struct evidence *e, struct span bytes)
{
    struct writer *w = &provenance_of(e)->envelope;

    if (bytes.left > NOTE_DSSE_BYTES_MAX - w->len) {
        return evidence_fail(e, CS_E_FULL, "provenance", "An envelope may have 1 MiB.");
    }
    wr_bytes(w, bytes);
    return wr_end(w, "provenance").code == CS_OK ? CS_SUCCESS : evidence_fail(e, CS_E_NOMEM, "provenance", NULL);
}

static CS_RESULT check_signature(struct evidence *e, const struct note_dsse *envelope)
{
    const struct cs_result r = crypt_dsse_verify(provenance_of(e)->key, envelope);

    if (r.code == CS_E_BADSIG) {
        return evidence_fail(e, CS_E_BADSIG, "provenance", "The key that the policy pins has not signed this.");
    }
    if (r.code == CS_OK && !span_is(envelope->type, "application/vnd.in-toto+json")) {
        return evidence_fail(e, CS_E_UNKNOWN, "provenance.payload_type", "The payload is no in-toto statement.");
    }
    return r;
}

/* Nothing of the statement is read before its signature holds. */
static CS_RESULT read_envelope(struct evidence *e, struct arena *arena)
{
    struct provenance *p = provenance_of(e);
    struct note_dsse envelope;

    TRY(note_dsse_decode(wr_span(&p->envelope), arena, &envelope));
    TRY(check_signature(e, &envelope));
    TRY(walk_feed(e, &p->walk, envelope.payload));
    return walk_end(e, &p->walk);
}

static struct cs_result end(struct evidence *e)
{
    struct provenance *p = provenance_of(e);
    struct walk *w = &p->walk;
    struct arena arena;
    char hex[2 * SHA256_BYTES];
    struct writer text = wr_fixed(hex, sizeof(hex));

    arena_init(&arena, ARENA_BYTES_MAX);
    const struct cs_result r = read_envelope(e, &arena);
    arena_release(&arena);
    TRY(r);
    if (p->subjects == 0 || !walk_reached(w, TYPE) || !walk_reached(w, PREDICATE_TYPE)) {
        return evidence_fail(e, CS_E_MISSING, "provenance",
                             "The statement has a type, a predicate type and a subject.");
    }
    if (!walk_reached(w, p->version == 0 ? V0_BUILDER_ID : V1_BUILDER_ID) ||
        walk_reached(w, p->version == 0 ? V1_BUILDER_ID : V0_BUILDER_ID)) {
        return evidence_fail(e, CS_E_MISSING, "provenance.builder", "The predicate names its builder.");
    }
    const struct sha256 d = digest_sha256(e->options.key);
    wr_hex(&text, sha256_span(&d));
    evidence_put_text(e, EVIDENCE_KEY_SHA256, wr_span(&text));
    return CS_SUCCESS;
}

const struct evidence_reader evidence_provenance = {.own_bytes = sizeof(struct provenance),
                                                    .begin = begin,
                                                    .feed = feed,
                                                    .end = end,
                                                    .release = release,
                                                    .line = walk_line_own};
